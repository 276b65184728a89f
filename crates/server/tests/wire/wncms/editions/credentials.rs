//! The credentials: how each is sent, and what is heard of it in mode `simple` and in mode `basic`.

use super::super::{ANN, EVE, ROOT, SUE, basic};
use super::words::Word;
use crate::support::{Ask, PASSWORD};

/// Ann's token that has expired, and the one that she replaced.
pub(super) const EXPIRED: &str = "expiredtokenexpiredtokenexpiredtoken";
pub(super) const REVOKED: &str = "revokedtokenrevokedtokenrevokedtoken";
/// Tokens of Ann's that are good elsewhere alone: from another network, at another site.
pub(super) const FAR: &str = "fartokenfartokenfartokenfartokenfart";
pub(super) const FOREIGN: &str = "foreigntokenforeigntokenforeigntoken";
/// The token of Del, who is gone.
pub(super) const DEL: &str = "deltokendeltokendeltokendeltokendelt";

/// A way of sending something that is or is no credential.
pub(super) struct Credential {
    pub(super) name: &'static str,
    /// Adds it to a request.
    pub(super) send: fn(Ask) -> Ask,
    /// What it adds to the query.
    pub(super) query: &'static str,
    /// True if it is in the body, of which a check before the request knows nothing.
    pub(super) in_body: bool,
    pub(super) simple: Word,
    pub(super) basic: Word,
}

use Word::{InvalidBasic, InvalidToken, MissingBasic, MissingToken, Through, Unlisted};

const fn head(name: &'static str, send: fn(Ask) -> Ask, simple: Word, basic: Word) -> Credential {
    Credential { name, send, query: "", in_body: false, simple, basic }
}

const fn body(name: &'static str, send: fn(Ask) -> Ask, simple: Word) -> Credential {
    Credential { name, send, query: "", in_body: true, simple, basic: MissingBasic }
}

const fn query(name: &'static str, query: &'static str, simple: Word) -> Credential {
    Credential { name, send: |ask| ask, query, in_body: false, simple, basic: MissingBasic }
}

/// All of them. Accounts: 1 is an admin, 4 is Ann, 7 is a superadmin, which is no admin.
#[rustfmt::skip]
pub(super) const CREDENTIALS: &[Credential] = &[
    head("nothing",                   |ask| ask,                                                    MissingToken, MissingBasic),
    body("a token in JSON",           |ask| json(ask, &text(ANN)),                                  Through(Some(4))),
    body("an admin's token",          |ask| json(ask, &text(ROOT)),                                 Through(Some(1))),
    body("a superadmin's token",      |ask| json(ask, &text(SUE)),                                  Through(Some(7))),
    body("a padded token",            |ask| json(ask, &format!("\" {ANN}\\n\"")),                   Through(Some(4))),
    body("JSON as text/plain",        |ask| ask.body("text/plain;charset=UTF-8", member(&text(ANN)).as_bytes()), Through(Some(4))),
    body("JSON without a type",       |ask| ask.body("", member(&text(ANN)).as_bytes()),            Through(Some(4))),
    body("a token in a form",         |ask| ask.form(&format!("a=b&api_token={ANN}")),              Through(Some(4))),
    body("a token in multipart",      |ask| ask.body("multipart/form-data; boundary=X", multipart(ANN).as_bytes()), Through(Some(4))),
    query("a token in the query",     "api_token=abc123def456ghi789jkl012mno345pqr678stu",          Through(Some(4))),
    query("a wrong one in the query", "api_token=wrong",                                            InvalidToken),
    query("a list in the query",      "api_token[]=abc123def456ghi789jkl012mno345pqr678stu",        InvalidToken),
    query("an object in the query",   "api_token%5Ba%5D=abc123def456ghi789jkl012mno345pqr678stu",   InvalidToken),
    body("a wrong token",             |ask| json(ask, &text("wrong")),                              InvalidToken),
    body("a token in capitals",       |ask| json(ask, &text(&ANN.to_uppercase())),                  InvalidToken),
    body("a wrong token in a form",   |ask| ask.form("api_token=wrong"),                            InvalidToken),
    body("a wrong token, multipart",  |ask| ask.body("multipart/form-data; boundary=X", multipart("wrong").as_bytes()), InvalidToken),
    body("an expired token",          |ask| json(ask, &text(EXPIRED)),                              InvalidToken),
    body("a replaced token",          |ask| json(ask, &text(REVOKED)),                              InvalidToken),
    body("a token of elsewhere",      |ask| json(ask, &text(FAR)),                                  Unlisted),
    body("another site's token",      |ask| json(ask, &text(FOREIGN)),                              InvalidToken),
    body("a gone user's token",       |ask| json(ask, &text(DEL)),                                  InvalidToken),
    body("a banned user's token",     |ask| json(ask, &text(EVE)),                                  InvalidToken),
    body("a blank token",             |ask| json(ask, &text("  ")),                                 MissingToken),
    body("a token of 16 KiB",         |ask| json(ask, &text(&"x".repeat(16 * 1024))),               InvalidToken),
    body("a token of 17 KiB",         |ask| json(ask, &text(&"x".repeat(17 * 1024))),               InvalidToken),
    body("a token and more",          |ask| json(ask, &text(&format!("{ANN}x"))),                   InvalidToken),
    body("a token and nothing",       |ask| json(ask, &text(&format!("{ANN}\\u0000"))),             InvalidToken),
    body("a JSON type of its own",    |ask| ask.body("application/vnd.api+json", member(&text(ANN)).as_bytes()), Through(Some(4))),
    body("a list in a form",          |ask| ask.form(&format!("api_token[]={ANN}")),                InvalidToken),
    body("two in a form",             |ask| ask.form(&format!("api_token=wrong&api_token={ANN}")),  Through(Some(4))),
    body("a file in multipart",       |ask| ask.body("multipart/form-data; boundary=X", file(ANN).as_bytes()), MissingToken),
    body("multipart without an end",  |ask| ask.body("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\nx"), MissingToken),
    body("null",                      |ask| json(ask, "null"),                                      MissingToken),
    body("true",                      |ask| json(ask, "true"),                                      InvalidToken),
    body("false",                     |ask| json(ask, "false"),                                     InvalidToken),
    body("a number",                  |ask| json(ask, "1"),                                         InvalidToken),
    body("nought",                    |ask| json(ask, "0"),                                         InvalidToken),
    body("a number with a point",     |ask| json(ask, "1.5e300"),                                   InvalidToken),
    body("an empty list",             |ask| json(ask, "[]"),                                        InvalidToken),
    body("a list",                    |ask| json(ask, &format!("[{}]", text(ANN))),                 InvalidToken),
    body("an object",                 |ask| json(ask, &format!("{{\"0\":{}}}", text(ANN))),         InvalidToken),
    body("broken JSON",               |ask| ask.json("{"),                                          MissingToken),
    body("a JSON list",               |ask| ask.json("[]"),                                         MissingToken),
    head("a bearer",                  |ask| ask.auth(&format!("Bearer {ANN}")),                     MissingToken, MissingBasic),
    head("a token as a scheme",       |ask| ask.auth(&format!("token {ANN}")),                      MissingToken, MissingBasic),
    head("a header of its own",       |ask| ask.header("Api-Token", ANN).header("X-Api-Token", ANN), MissingToken, MissingBasic),
    head("a cookie",                  |ask| ask.header("Cookie", &format!("api_token={ANN}")),      MissingToken, MissingBasic),
    head("Basic",                     |ask| ask.auth(&basic("ann@example.com", PASSWORD)),          MissingToken, Through(Some(4))),
    head("an admin's Basic",          |ask| ask.auth(&basic(" Root@Example.COM", PASSWORD)),        MissingToken, Through(Some(1))),
    head("a superadmin's Basic",      |ask| ask.auth(&basic("sue@example.com", PASSWORD)),          MissingToken, Through(Some(7))),
    head("a wrong password",          |ask| ask.auth(&basic("wes@example.com", "wrong")),           MissingToken, InvalidBasic),
    head("a locked account",          |ask| ask.auth(&basic("lou@example.com", PASSWORD)),          MissingToken, InvalidBasic),
    head("an account with a code",    |ask| ask.auth(&basic("bob@example.com", PASSWORD)),          MissingToken, InvalidBasic),
    head("a banned account",          |ask| ask.auth(&basic("eve@example.com", PASSWORD)),          MissingToken, InvalidBasic),
    head("a gone account",            |ask| ask.auth(&basic("del@example.com", PASSWORD)),          MissingToken, InvalidBasic),
    head("an address elsewhere",      |ask| ask.auth(&basic("far@example.com", PASSWORD)),          MissingToken, InvalidBasic),
    head("a token as the password",   |ask| ask.auth(&basic("wes@example.com", ANN)),               MissingToken, InvalidBasic),
    head("a password of 5 KiB",       |ask| ask.auth(&basic("wes@example.com", &"x".repeat(5 * 1024))), MissingToken, InvalidBasic),
    head("nobody's address",          |ask| ask.auth(&basic("nobody@example.com", PASSWORD)),       MissingToken, InvalidBasic),
    head("a name for an address",     |ask| ask.auth(&basic("ann", PASSWORD)),                      MissingToken, InvalidBasic),
    head("a padded password",         |ask| ask.auth(&basic("wes@example.com", " correct horse")),  MissingToken, InvalidBasic),
    head("a blank password",          |ask| ask.auth(&basic("ann@example.com", "")),                MissingToken, MissingBasic),
    head("the password 0",            |ask| ask.auth(&basic("ann@example.com", "0")),               MissingToken, MissingBasic),
    head("a blank name",              |ask| ask.auth(&basic(" ", PASSWORD)),                        MissingToken, MissingBasic),
    head("Basic without a colon",     |ask| ask.auth("Basic YW5u"),                                 MissingToken, MissingBasic),
    head("Basic that is no base64",   |ask| ask.auth("Basic ***"),                                  MissingToken, MissingBasic),
    head("two headers",               |ask| ask.auth(&basic("ann@example.com", PASSWORD)).auth("Basic x"), MissingToken, MissingBasic),
    Credential { name: "a token in body and query", send: |ask| json(ask, &text("wrong")),
        query: "api_token=abc123def456ghi789jkl012mno345pqr678stu", in_body: true, simple: InvalidToken, basic: MissingBasic },
    Credential { name: "Basic and a token", send: |ask| ask.auth(&basic("ann@example.com", PASSWORD)),
        query: "api_token=wrong", in_body: false, simple: InvalidToken, basic: Through(Some(4)) },
];

fn json(ask: Ask, value: &str) -> Ask {
    ask.json(&member(value))
}

fn member(value: &str) -> String {
    format!("{{\"title\":\"x\",\"api_token\":{value}}}")
}

fn text(token: &str) -> String {
    format!("\"{token}\"")
}

fn multipart(token: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\n{token}\r\n--X--\r\n")
}

fn file(token: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"api_token\"; filename=\"t\"\r\n\r\n{token}\r\n--X--\r\n")
}
