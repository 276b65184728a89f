//! The pages' files: embedded in the binary, found by their path, checked by their ETag.

use std::collections::HashMap;

use bytes::Bytes;
use doorward_core::secret::sha256;
use doorward_web::{Head, Reply};
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};

/// Name and content of every file.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
/// The page that every address of the console shows.
const INDEX: &str = "index.html";

/// The files.
pub struct Pages(HashMap<&'static str, File>);

struct File {
    content: Bytes,
    kind: &'static str,
    mark: String,
}

impl Pages {
    /// Reads what is embedded.
    #[must_use]
    pub fn load() -> Self {
        let file = |(name, content): &(&'static str, &'static [u8])| {
            let mark = format!("\"{}\"", &data_encoding::HEXLOWER.encode(&sha256(content))[..20]);
            (*name, File { content: Bytes::from_static(content), kind: kind_of(name), mark })
        };
        Self(FILES.iter().map(file).collect())
    }

    /// The file at a path, or the one page for an address that has no file's ending. `None` if there is no such file.
    #[must_use]
    pub fn find(&self, head: &Head) -> Option<Reply> {
        let path = head.target.path.trim_start_matches('/');
        let is_address = !path.rsplit('/').next().unwrap_or_default().contains('.');
        let file = if is_address { self.0.get(INDEX) } else { self.0.get(path) }?;
        let seen =
            head.header(&IF_NONE_MATCH).is_some_and(|seen| seen.split(',').any(|mark| mark.trim().trim_start_matches("W/") == file.mark));
        let reply = if seen { Reply::empty(304) } else { Reply::raw(200, file.kind, file.content.clone()) };
        Some(reply.with(CACHE_CONTROL, "no-cache").with(ETAG, &file.mark))
    }
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
