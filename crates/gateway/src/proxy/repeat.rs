//! What may be asked twice: nothing whose repetition could do something twice (RFC 9110 §9.2.2).

use http::Method;

/// The largest body that is kept for a repetition, in bytes.
pub(super) const REPLAYED: usize = 64 * 1024;

/// True for methods that do the same whether asked once or twice. POST, PATCH and whatever we do not know are asked once.
pub(super) fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE].contains(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_something_each_time_is_asked_once() {
        for (method, twice) in [
            ("GET", true),
            ("HEAD", true),
            ("OPTIONS", true),
            ("PUT", true),
            ("DELETE", true),
            ("POST", false),
            ("PATCH", false),
            ("get", false),
            ("LOCK", false),
        ] {
            assert_eq!(is_idempotent(&Method::from_bytes(method.as_bytes()).unwrap()), twice, "{method}");
        }
    }
}
