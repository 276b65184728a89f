//! nginx asks first: `auth_request` with the original method and URI in headers; 204 with identity headers lets it pass.

use http::request::Parts;
use http::{HeaderName, Method};

use doorward_web::target::Ambiguous;
use doorward_web::{Head, Target};

/// The path that nginx asks at.
pub const PATH: &str = "/_doorward/check/nginx";
const METHOD: HeaderName = HeaderName::from_static("x-original-method");
const URI: HeaderName = HeaderName::from_static("x-original-uri");

/// The head of the request that nginx asks about.
///
/// # Errors
/// [`Ambiguous`] if the headers are missing, double or unreadable: then the door stays shut.
pub fn original(asked: Parts) -> Result<Head, Ambiguous> {
    let one = |name: &HeaderName| {
        let mut values = asked.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().map_err(|_| Ambiguous),
            (_, _) => Err(Ambiguous),
        }
    };
    let target = Target::parse(one(&URI)?)?;
    let method = Method::from_bytes(one(&METHOD)?.as_bytes()).map_err(|_| Ambiguous)?;
    Head::about(asked, method, target)
}
