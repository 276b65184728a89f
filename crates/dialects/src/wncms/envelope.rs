//! How it wraps answers, as PHP writes JSON: the envelope of its current versions for successes and for
//! what its recorded editions refuse, two members for documented failures.

use doorward_web::Reply;
use doorward_web::json::{Style, write};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Success<'a, T> {
    code: u16,
    status: &'static str,
    message: &'a str,
    data: &'a T,
    extra: [u8; 0],
}

/// Which status an answer of the recorded editions has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The body's `code` (`v6.3`, and what a framework says before the application is asked).
    OfCode,
    /// 200, whatever the body's `code` (`v6`).
    Always200,
}

#[derive(Serialize)]
struct Failure<'a> {
    code: u16,
    status: &'static str,
    message: &'a str,
    data: [u8; 0],
    extra: [u8; 0],
}

/// A failure in the envelope of the recorded editions.
pub(super) fn said(status: Status, code: u16, message: &str) -> Reply {
    let status = match status {
        Status::OfCode => code,
        Status::Always200 => 200,
    };
    reply(status, &Failure { code, status: "fail", message, data: [], extra: [] })
}

/// A failure of a field as the framework writes it, in the recorded editions.
pub(super) fn unprocessable(field: &str, problem: &str) -> Reply {
    reply(422, &json!({"message": problem, "errors": {field: [problem]}}))
}

/// A success.
pub(super) fn ok(message: &str, data: &impl Serialize) -> Reply {
    reply(200, &Success { code: 200, status: "success", message, data, extra: [] })
}

/// A failure.
pub(super) fn fail(status: u16, message: &str) -> Reply {
    reply(status, &json!({"status": "fail", "message": message}))
}

/// The failure whose `status` is a number: clients tell a switched-off endpoint from a bad token by it.
pub(super) fn off() -> Reply {
    reply(403, &json!({"status": 403, "message": "API access is disabled"}))
}

/// A failure of a field, in the documented shape.
pub(super) fn invalid(field: &str, problem: &str) -> Reply {
    let data = json!({"errors": {field: [problem]}});
    reply(422, &json!({"code": 422, "status": "fail", "message": "Validation failed", "data": data}))
}

fn reply(status: u16, value: &impl Serialize) -> Reply {
    Reply::raw(status, "application/json", write(Style::Php, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_the_documented_ones_byte_for_byte() {
        for (reply, expected) in [
            (fail(401, "Invalid token"), r#"{"status":"fail","message":"Invalid token"}"#),
            (off(), r#"{"status":403,"message":"API access is disabled"}"#),
            (ok("Successfully Deleted", &()), r#"{"code":200,"status":"success","message":"Successfully Deleted","data":null,"extra":[]}"#),
            (
                invalid("name", "The name field is required."),
                r#"{"code":422,"status":"fail","message":"Validation failed","data":{"errors":{"name":["The name field is required."]}}}"#,
            ),
            (
                said(Status::Always200, 401, "Missing api_token"),
                r#"{"code":401,"status":"fail","message":"Missing api_token","data":[],"extra":[]}"#,
            ),
            (
                unprocessable("name", "The name field is required."),
                r#"{"message":"The name field is required.","errors":{"name":["The name field is required."]}}"#,
            ),
            (fail(403, "Unsupported auth mode: é/"), r#"{"status":"fail","message":"Unsupported auth mode: \u00e9\/"}"#),
        ] {
            assert_eq!(reply.body, expected);
        }
    }

    #[test]
    fn the_status_is_the_code_or_always_200() {
        let of = |status| said(status, 403, "x").status.as_u16();
        assert_eq!((of(Status::OfCode), of(Status::Always200)), (403, 200));
    }
}
