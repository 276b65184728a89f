//! The pages' files and the documents: embedded in the binary, found by their path, checked by their ETag, compressed where asked.
//! What is named by its content is kept by browsers for ever.

use std::collections::HashMap;

use bytes::Bytes;
use doorward_core::secret::sha256;
use doorward_web::{Head, Reply};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};

/// Name and content of a file, its compressed form where that is smaller, and whether its name says what is in it.
type Embedded = (&'static str, &'static [u8], Option<&'static [u8]>, bool);

/// Every file.
const FILES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
/// The page that every address of the console shows.
const INDEX: &str = "index.html";
/// Below which the files are found.
const BELOW: &str = "/assets/";

/// The files.
pub struct Pages(HashMap<&'static str, File>);

struct File {
    plain: Form,
    packed: Option<Form>,
    kind: &'static str,
    /// How long browsers may keep it.
    keep: &'static str,
}

/// A file as it is sent, with a mark of its own: a strong ETag names the very bytes.
struct Form {
    content: Bytes,
    mark: String,
}

impl Pages {
    /// Reads what is embedded.
    #[must_use]
    pub fn load() -> Self {
        let form = |content: &'static [u8]| Form {
            content: Bytes::from_static(content),
            mark: format!("\"{}\"", &data_encoding::HEXLOWER.encode(&sha256(content))[..20]),
        };
        let file = |(name, plain, packed, kept): &Embedded| {
            let keep = if *kept { "public, max-age=31536000, immutable" } else { "no-cache" };
            (*name, File { plain: form(plain), packed: packed.map(form), kind: kind_of(name), keep })
        };
        Self(FILES.iter().map(file).collect())
    }

    /// The file at a path below `/assets/`, or the one page for any other address without a file's ending. `None` if there is no such file.
    #[must_use]
    pub fn find(&self, head: &Head) -> Option<Reply> {
        let path = head.target.path.as_str();
        let file = match path.strip_prefix(BELOW) {
            Some(name) => self.0.get(name),
            None if path.rsplit('/').next().unwrap_or_default().contains('.') => None,
            None => self.0.get(INDEX),
        }?;
        let packed = file.packed.as_ref().filter(|_| takes_gzip(head));
        let form = packed.unwrap_or(&file.plain);
        let seen =
            head.header(&IF_NONE_MATCH).is_some_and(|seen| seen.split(',').any(|mark| mark.trim().trim_start_matches("W/") == form.mark));
        let reply = if seen { Reply::empty(304) } else { Reply::raw(200, file.kind, form.content.clone()) };
        let reply = reply.with(CACHE_CONTROL, file.keep).with(ETAG, &form.mark).with(VARY, "Accept-Encoding");
        Some(if packed.is_some() && !seen { reply.with(CONTENT_ENCODING, "gzip") } else { reply })
    }
}

/// Whether the client takes gzip; `gzip;q=0` says no.
fn takes_gzip(head: &Head) -> bool {
    let refused = |weight: &str| weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
    head.header(&ACCEPT_ENCODING).is_some_and(|said| {
        said.split(',').any(|one| {
            let mut parts = one.split(';');
            parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip")) && !parts.any(refused)
        })
    })
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}
