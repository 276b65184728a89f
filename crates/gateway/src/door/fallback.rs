//! The credential where `Authorization` does not get through: Apache does not tell it to CGI programs unless told to, and
//! some hosts remove it. A trusted proxy may say it in a header of ours.

use doorward_web::target::Ambiguous;
use http::HeaderName;
use http::header::{AUTHORIZATION, HeaderMap};

/// The header, believed from trusted proxies alone. Like all of ours it never reaches an upstream.
pub const AUTHORIZATION_TOO: HeaderName = HeaderName::from_static("x-doorward-authorization");

/// Moves the fallback to where it belongs. Call it for trusted peers only.
///
/// # Errors
/// [`Ambiguous`] if it is there twice, or says another thing than `Authorization`.
pub fn settle(headers: &mut HeaderMap) -> Result<(), Ambiguous> {
    let mut values = headers.get_all(&AUTHORIZATION_TOO).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(()),
        (Some(value), None) => value.clone(),
        (Some(_), Some(_)) => return Err(Ambiguous),
    };
    headers.remove(&AUTHORIZATION_TOO);
    if value.is_empty() {
        return Ok(());
    }
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    match (shown.next(), shown.next()) {
        (None, _) => {
            headers.insert(AUTHORIZATION, value);
            Ok(())
        }
        (Some(same), None) if *same == value => Ok(()),
        (Some(_), _) => Err(Ambiguous),
    }
}
