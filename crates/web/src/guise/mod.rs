//! What a posted body may make an application take the request for: another method (`_method`), another route (`rest_route`).
//!
//! Frameworks read these names from a posted form in place of the request line. Here the body is read as each of them would
//! read it; what only some would find is found too. A body that cannot be read that way is refused: somebody else may
//! read it. A form too large to be read whole is looked through on its way ([`Scanner`]).

mod pairs;
mod part;
mod parts;
mod scan;
#[cfg(test)]
mod tests;

pub use scan::{BrokenOff, Scanner};

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use serde_json::Value;

use crate::target::folds_to;

const METHOD: &str = "_method";
const ROUTE: &str = "rest_route";

/// What the application behind a language reads from posted fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// `_method` of a form (Laravel, Rails).
    pub method: bool,
    /// `_method` of a JSON body (Laravel).
    pub json_method: bool,
    /// `rest_route` of a form, on every path that is no script of its own (WordPress).
    pub route: bool,
}

impl Folds {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { method: self.method || other.method, json_method: self.json_method || other.json_method, route: self.route || other.route }
    }
}

/// What a body may be read as, going by its type. Both, where readers look at different parts of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// As a form: also what has no type (Rack reads that as a form), and every multipart.
    pub form: bool,
    /// As JSON.
    pub json: bool,
}

impl Posted {
    /// What a body of this type may be read as.
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Self {
        let kind = content_type.unwrap_or_default().trim().to_ascii_lowercase();
        Self {
            form: kind.is_empty() || kind.contains("form") || kind.contains("multipart/"),
            json: kind.contains("/json") || kind.contains("+json"),
        }
    }
}

/// What a body says that the request line does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guises {
    /// Methods, in upper case.
    pub methods: Vec<String>,
    /// Routes, as sent.
    pub routes: Vec<String>,
}

/// Reads a whole body.
///
/// # Errors
/// [`Refusal::MalformedBody`] for a multipart or JSON body that cannot be read, [`Refusal::UnsupportedMediaType`] if it is compressed.
pub async fn read(content_type: Option<&str>, encoding: Option<&str>, body: &Bytes) -> Result<Guises, Refusal> {
    if encoding.is_some_and(|e| !e.trim().is_empty() && !e.trim().eq_ignore_ascii_case("identity")) {
        return Err(Refusal::UnsupportedMediaType);
    }
    let mut found = Guises::default();
    let posted = Posted::of(content_type);
    if posted.json {
        json(body, &mut found)?;
    }
    match content_type.filter(|kind| kind.to_ascii_lowercase().contains("multipart/")) {
        Some(kind) => multipart(kind, body, &mut found).await?,
        None if posted.form => form(body, &mut found),
        None => {}
    }
    Ok(found)
}

impl Guises {
    fn note(&mut self, name: &str, value: &str) {
        if spells(name, METHOD) {
            self.methods.push(value.trim().to_ascii_uppercase());
        } else if spells(name, ROUTE) {
            self.routes.push(value.to_owned());
        }
    }
}

/// A key without what PHP or Rack drop in front of a name.
fn bare(key: &str) -> &str {
    key.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']'))
}

/// True if PHP or Rack make `name` of this key: Rack drops brackets around it.
fn spells(key: &str, name: &str) -> bool {
    let rest = bare(key).strip_prefix(name);
    folds_to(key, name) || folds_to(bare(key), name) || rest.is_some_and(|rest| rest.starts_with(']'))
}

/// Fields are parted by `&`, for older readers by `;` too.
fn form(body: &[u8], found: &mut Guises) {
    for (name, value) in form_urlencoded::parse(body) {
        found.note(&name, &value);
    }
    if memchr::memchr(b';', body).is_some() {
        for (name, value) in body.split(|b| matches!(b, b'&' | b';')).flat_map(form_urlencoded::parse) {
            found.note(&name, &value);
        }
    }
}

fn json(body: &[u8], found: &mut Guises) -> Result<(), Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| Refusal::MalformedBody)?;
    if let Some(method) = value.get("_method").and_then(Value::as_str) {
        found.note("_method", method);
    }
    Ok(())
}

async fn multipart(kind: &str, body: &Bytes, found: &mut Guises) -> Result<(), Refusal> {
    // Every multipart is read as the one kind that the parser knows: Rack reads `mixed` and `related` alike.
    let (_, rest) = kind.split_once(';').ok_or(Refusal::MalformedBody)?;
    let boundary = multer::parse_boundary(format!("multipart/form-data;{rest}")).map_err(|_| Refusal::MalformedBody)?;
    let whole = body.clone();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(whole) });
    let mut parts = multer::Multipart::new(stream, boundary);
    while let Some(part) = parts.next_field().await.map_err(|_| Refusal::MalformedBody)? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let wanted = spells(&name, METHOD) || spells(&name, ROUTE);
        let data = part.bytes().await.map_err(|_| Refusal::MalformedBody)?;
        if wanted {
            found.note(&name, &String::from_utf8_lossy(&data));
        }
    }
    Ok(())
}
