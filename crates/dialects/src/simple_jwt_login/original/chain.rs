//! What a JWT is worth: the plugin's checks in the plugin's order, over the house's own proof of the signature.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::verify::find_account;
use doorward_core::policy::Scopes;
use doorward_core::refusal::{Forgery, Refusal};
use doorward_core::site::{Claims, SiteView, Subject, TokenKind};
use doorward_core::token::{MAX_TOKEN_BYTES, Scratch, TimeClaims, TokenId, VerifyingKey, verify_with};
use serde_json::Value;

use super::key::{Key, Public, supported};
use super::plugin::{By, Owner};
use super::words::{Stop, Word, word};
use super::{Case, Generation, Plugin, issuers, php};
use crate::simple_jwt_login::NAME;
use crate::wordpress;
use crate::wordpress::php::JsonError;

/// Seconds by which clocks may differ.
pub(super) const LEEWAY: i64 = 60;

/// A token whose signature and times hold.
#[derive(Debug)]
pub(super) struct Opened {
    /// The token itself.
    pub(super) token: String,
    /// Its id.
    pub(super) id: TokenId,
    /// Its header.
    pub(super) header: Value,
    /// Its payload.
    pub(super) payload: Value,
}

impl Opened {
    /// A date of the payload, in seconds.
    pub(super) fn date(&self, name: &str) -> Option<f64> {
        self.payload.get(name).and_then(php::seconds)
    }

    /// When it ends, the leeway included; `None` = never.
    pub(super) fn ends(&self) -> Option<Time> {
        self.date("exp").map(|exp| whole(exp).plus(LEEWAY))
    }
}

/// A float as whole seconds.
#[expect(clippy::cast_possible_truncation, reason = "a date beyond the end of time is the end of time")]
pub(super) fn whole(seconds: f64) -> Time {
    Time(seconds as i64)
}

/// Opens a token: segments, JSON, key, algorithm, signature, and its times (the end only if `ends`).
pub(super) fn open(view: &SiteView, plugin: &Plugin, token: &str, now: Time, ends: bool) -> Result<Opened, Word> {
    if token.is_empty() && plugin.generation == Generation::V4 {
        return Err(word(0, "explode(): Argument #2 ($string) must be of type string, array given"));
    }
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(word(2, "Wrong number of segments"));
    }
    let mut segments = token.split('.');
    let header = json(segments.next().unwrap_or_default(), 3, "Invalid header encoding")?;
    let payload = match plugin.generation {
        Generation::V3 => json(segments.next().unwrap_or_default(), 4, "Invalid claims encoding")?,
        Generation::V4 => json_of(&with_big_numbers(&octets(segments.next().unwrap_or_default())), 4, "Invalid claims encoding")?,
    };
    let id = prove(view, plugin, token, &header, &payload)?;
    let opened = Opened { token: token.to_owned(), id, header, payload };
    times(&opened, now, ends)?;
    Ok(opened)
}

fn prove(view: &SiteView, plugin: &Plugin, token: &str, header: &Value, payload: &Value) -> Result<TokenId, Word> {
    let issuer = issuers::of(&plugin.issuers, header, payload);
    if plugin.key == Key::Empty && issuer.is_none() {
        return Err(word(1, "Key may not be empty"));
    }
    let name = header.get("alg").filter(|v| !php::is_empty(v)).ok_or_else(|| word(6, "Empty algorithm"))?;
    let algorithm = name.as_str().and_then(supported).ok_or_else(|| word(7, "Algorithm not supported"))?;
    let (refused, another) = (|| word(11, "Signature verification failed"), || word(8, "Algorithm not allowed"));
    let mut scratch = Scratch::new();
    let verified = if let Some(issuer) = issuer {
        verify_with(&issuer.keys, token, &mut scratch)
    } else {
        let ring = &view.dialect(NAME).ok_or_else(refused)?.ring;
        if plugin.key == Key::Unsupported || algorithm != ring.active().algorithm() {
            return Err(another());
        }
        match &plugin.public {
            Public::Own => ring.verify(token, &mut scratch),
            Public::Keys(keys) => verify_with(keys, token, &mut scratch),
            Public::Unreadable => return Err(word(19, "OpenSSL error: error:1E08010C:DECODER routines::unsupported")),
        }
    };
    match verified {
        Ok(verified) => Ok(verified.token_id),
        Err(Forgery::Algorithm) => Err(another()),
        Err(Forgery::Malformed | Forgery::Signature | Forgery::Claims | Forgery::Issuer) => Err(refused()),
    }
}

/// The keys of the issuer that a token says it is from, by the site's own rules.
pub(in super::super) fn keys_for<'p>(plugin: &'p Plugin, token: &str) -> Option<&'p [VerifyingKey]> {
    let own = match &plugin.public {
        Public::Own => None,
        Public::Keys(keys) => Some(keys.as_slice()),
        // A key that cannot be read proves nobody.
        Public::Unreadable => Some(&[][..]),
    };
    if plugin.issuers.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return own;
    }
    let header = json(token.split('.').next()?, 3, "").ok()?;
    issuers::of(&plugin.issuers, &header, &peek(token)?).map(|issuer| issuer.keys.as_slice()).or(own)
}

/// The times, with the plugin's leeway. A date that is no number is no date: the original reads it as "never", until PHP is asked to
/// reckon with it.
fn times(opened: &Opened, now: Time, ends: bool) -> Result<(), Word> {
    let claim = |name: &str| opened.payload.get(name).filter(|v| !v.is_null());
    let date = |name: &str| match claim(name) {
        None => Ok(None),
        // Only beginnings are written out as dates; of a truth value PHP makes 0 or 1.
        Some(Value::Bool(on)) => Ok(Some(f64::from(u8::from(*on)))),
        // An object is 1 where PHP compares it with a number.
        Some(Value::Object(_)) => Ok(Some(1.0)),
        Some(value) => php::seconds(value).map(Some).ok_or_else(|| {
            let kind = php::kind(value);
            word(
                0,
                match name {
                    "exp" => format!("Unsupported operand types: {kind} - int"),
                    _ => format!("date(): Argument #2 ($timestamp) must be of type ?int, {kind} given"),
                },
            )
        }),
    };
    #[expect(clippy::cast_precision_loss, reason = "the seconds of this age are exact in a float")]
    let now = now.0 as f64;
    #[expect(clippy::cast_precision_loss, reason = "a minute is exact in a float")]
    let leeway = LEEWAY as f64;
    for (name, code) in [("nbf", 12), ("iat", 13)] {
        if let Some(from) = date(name)?.filter(|from| *from > now + leeway) {
            let text = whole(from).iso().trim_end_matches('Z').to_owned();
            return Err(word(code, format!("Cannot handle token prior to {text}+0000")));
        }
    }
    let is_empty = claim("exp").and_then(Value::as_str).is_some_and(str::is_empty);
    if ends && (is_empty || date("exp")?.is_some_and(|exp| now - leeway >= exp)) {
        return Err(word(14, "Expired token"));
    }
    Ok(())
}

/// The owner that a token names, in the words for a claim that is not there.
pub(super) fn subject(owner: &Owner, payload: &Value) -> Result<Subject, Word> {
    let claim = owner.claim.as_str();
    let value = if claim.contains('.') {
        let mut value = payload;
        for part in claim.split('.') {
            let missing = || word(29, format!("Unable to find user {part} property in JWT.( Settings: {claim} )"));
            value = value.get(part).filter(|v| !v.is_null()).ok_or_else(missing)?;
        }
        value
    } else {
        let missing = || word(30, format!("Unable to find user {claim} property in JWT."));
        payload.get(claim).filter(|v| !v.is_null()).ok_or_else(missing)?
    };
    let text = || match (php::text(value), claim.contains('.'), value) {
        (Some(text), _, _) => Ok(text),
        // At the end of a path PHP writes a list as this word, and cannot write an object.
        (None, true, Value::Array(_)) => Ok("Array".to_owned()),
        (None, true, _) => Err(word(0, "Object of class stdClass could not be converted to string")),
        (None, false, value) => {
            let kind = if value.is_object() { "stdClass" } else { "array" };
            Err(word(0, format!("trim(): Argument #1 ($string) must be of type string, {kind} given")))
        }
    };
    Ok(match owner.by {
        By::Email => Subject::Email(text()?.trim().to_owned()),
        By::Login => Subject::Login(text()?),
        By::Id if value.is_object() => Subject::Number(1),
        By::Id => Subject::Number(php::int(value)),
        // No account has this number.
        By::Nobody => Subject::Number(0),
    })
}

impl Case {
    /// Opens the request's JWT and finds its owner: chain, 24, and 55 if it was revoked.
    pub(super) async fn open(&self, token: &str) -> Result<(Opened, Arc<Account>), Stop> {
        let (opened, account) = self.open_unrevoked(token).await?;
        if self.is_revoked(&opened, &account) {
            return Err(word(55, "This JWT is invalid.").into());
        }
        Ok((opened, account))
    }

    /// The same without a look at the list of revoked tokens.
    pub(super) async fn open_unrevoked(&self, token: &str) -> Result<(Opened, Arc<Account>), Stop> {
        let (opened, subject) = self.owned(token, &self.plugin.owner).await?;
        let account = self.account(&subject).await?.ok_or_else(|| word(24, "User not found."))?;
        Ok((opened, account))
    }

    /// Opens a JWT of the site's own, or of a provider whose tokens it takes, and finds whom it names.
    pub(super) async fn owned(&self, token: &str, owner: &Owner) -> Result<(Opened, Subject), Stop> {
        if let Some(foreign) = self.foreign(token).await? {
            return Ok(foreign);
        }
        let opened = open(&self.view, &self.plugin, token, self.call.now, true)?;
        if is_interim(&opened.payload) {
            return Err(interim(owner, &opened.payload).into());
        }
        let subject = subject(owner, &opened.payload)?;
        Ok((opened, subject))
    }

    /// An account that may come in.
    pub(super) async fn account(&self, subject: &Subject) -> Result<Option<Arc<Account>>, Stop> {
        let is_blank = matches!(subject, Subject::Email(name) | Subject::Login(name) if name.is_empty());
        if is_blank {
            return Ok(None);
        }
        let found = find_account(&self.house, &self.view, subject).await?;
        let found = match (found, unaccented(subject)) {
            (None, Some(plain)) => find_account(&self.house, &self.view, &plain).await?,
            (found, _) => found,
        };
        Ok(found.filter(|a| a.is_active()))
    }

    /// True if a token was revoked, or has outlived a change of its account.
    pub(super) fn is_revoked(&self, opened: &Opened, account: &Account) -> bool {
        let issued = opened.date("iat").map_or(Time(1), whole);
        self.house.memory().is_revoked(&opened.id) || account.outlived(issued)
    }
}

/// WordPress's user table compares without accents: a name that is nobody's as it is may be somebody's without them.
fn unaccented(subject: &Subject) -> Option<Subject> {
    match subject {
        Subject::Email(name) if !name.is_ascii() => Some(Subject::Email(wordpress::text::collated(name))),
        Subject::Login(name) if !name.is_ascii() => Some(Subject::Login(wordpress::text::collated(name))),
        Subject::Email(_) | Subject::Login(_) | Subject::Number(_) | Subject::Guest => None,
    }
}

/// The payload of a token that nobody has proven: to find out what it claims, never for a decision in its favour.
pub(super) fn peek(token: &str) -> Option<Value> {
    json(token.split('.').nth(1)?, 4, "").ok()
}

/// The header of a token, likewise.
pub(super) fn header(token: &str) -> Option<Value> {
    json(token.split('.').next()?, 3, "").ok()
}

/// True for a token that only buys the second step of a login.
pub(super) fn is_interim(payload: &Value) -> bool {
    payload.get("tfa_pending").is_some_and(|v| !php::is_empty(v))
}

/// The word for such a token elsewhere. With a path for its login claim the plugin looks for that instead, and takes a token that has both:
/// not here.
pub(super) fn interim(owner: &Owner, payload: &Value) -> Word {
    let missing = subject(owner, payload).err().filter(|_| owner.claim.contains('.'));
    missing.unwrap_or_else(|| word(110, "This JWT requires two-factor verification before it can be used."))
}

/// A segment as JSON, decoded as leniently as PHP decodes it; `null` has a word of its own.
fn json(segment: &str, code: u16, what: &str) -> Result<Value, Word> {
    json_of(&octets(segment), code, what)
}

fn octets(segment: &str) -> Vec<u8> {
    decode(&segment.replace('-', "+").replace('_', "/"))
}

/// `JSON_BIGINT_AS_STRING`: a whole number beyond 64 bits is read as its digits.
fn with_big_numbers(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut quoted, mut escaped, mut at) = (false, false, 0);
    while at < text.len() {
        let byte = text[at];
        if !quoted && (byte == b'-' || byte.is_ascii_digit()) {
            let end =
                text[at..].iter().position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).map_or(text.len(), |n| at + n);
            let number = &text[at..end];
            let is_whole = number.iter().enumerate().all(|(i, b)| b.is_ascii_digit() || (i == 0 && *b == b'-'));
            let is_big = is_whole && number.len() > 18 && std::str::from_utf8(number).is_ok_and(|n| n.parse::<i64>().is_err());
            if is_big {
                out.push(b'"');
            }
            out.extend_from_slice(number);
            if is_big {
                out.push(b'"');
            }
            at = end;
            continue;
        }
        match byte {
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && byte == b'\\' && !escaped;
        out.push(byte);
        at += 1;
    }
    out
}

fn json_of(octets: &[u8], code: u16, what: &str) -> Result<Value, Word> {
    match wordpress::php::json(octets) {
        Ok(Value::Null) => Err(word(code, what)),
        Ok(value) => Ok(value),
        Err(JsonError(number, _)) => Err(match number {
            1 => word(22, "Maximum stack depth exceeded"),
            3 => word(22, "Unexpected control character found"),
            4 => word(22, "Syntax error, malformed JSON"),
            5 => word(22, "Malformed UTF-8 characters"),
            other => word(22, format!("Unknown JSON error: {other}")),
        }),
    }
}

/// `base64_decode`: letters of another alphabet are skipped, padding is free.
fn decode(text: &str) -> Vec<u8> {
    super::super::settings::base64(text)
}

/// The payload as `validate` shows it: 3.x reads it with the plain alphabet, and finds nothing where the URL-safe one differs.
pub(super) fn shown_payload(generation: Generation, opened: &Opened) -> Value {
    let segment = opened.token.split('.').nth(1).unwrap_or_default();
    let is_misread = generation == Generation::V3 && segment.contains(['-', '_']);
    if is_misread { serde_json::from_slice(&decode(segment)).unwrap_or(Value::Null) } else { opened.payload.clone() }
}

/// What the law reads of a token whose signature holds: its owner, and its times with the plugin's leeway.
pub(in super::super) fn claims(plugin: &Plugin, payload: &[u8]) -> Result<Claims, Refusal> {
    let wrong = || Refusal::ForgedToken(Forgery::Claims);
    let payload: Value = serde_json::from_slice(payload).map_err(|_| wrong())?;
    if is_interim(&payload) {
        return Err(Refusal::WrongKind);
    }
    let date = |name: &str| match payload.get(name).filter(|v| !v.is_null()) {
        None => Ok(None),
        Some(Value::Object(_)) => Ok(Some(1)),
        Some(value) => php::seconds(value).map(|s| Some(whole(s).0)).ok_or_else(wrong),
    };
    let (iat, nbf, exp) = (date("iat")?, date("nbf")?, date("exp")?);
    let times = TimeClaims {
        iat,
        // No token counts before it was issued.
        nbf: nbf.max(iat).map(|from| from.saturating_sub(LEEWAY)),
        exp: exp.map(|end| end.saturating_add(LEEWAY)),
    };
    let subject = subject(&plugin.owner, &payload).map_err(|_| wrong())?;
    Ok(Claims { subject, kind: TokenKind::Access, times, scopes: Scopes::All, level: None, family: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_64_bits_are_their_digits() {
        for (text, expected) in [
            (r#"{"a":99999999999999999999,"b":-99999999999999999999}"#, r#"{"a":"99999999999999999999","b":"-99999999999999999999"}"#),
            (r#"{"a":9223372036854775807,"b":1.5e30}"#, r#"{"a":9223372036854775807,"b":1.5e30}"#),
            (r#"{"a":"99999999999999999999 \" 99999999999999999999"}"#, r#"{"a":"99999999999999999999 \" 99999999999999999999"}"#),
        ] {
            assert_eq!(String::from_utf8(with_big_numbers(text.as_bytes())).unwrap(), expected);
        }
    }

    #[test]
    fn a_claim_that_is_not_there_is_told_by_its_name() {
        let owner = |claim: &str| Owner { by: By::Email, claim: claim.to_owned() };
        for (claim, payload, code, text) in [
            ("email", serde_json::json!({}), 30, "Unable to find user email property in JWT."),
            ("", serde_json::json!({"email": "a@b"}), 30, "Unable to find user  property in JWT."),
            (
                "data.user.mail",
                serde_json::json!({"data": "x"}),
                29,
                "Unable to find user user property in JWT.( Settings: data.user.mail )",
            ),
            ("email", serde_json::json!({"email": []}), 0, "trim(): Argument #1 ($string) must be of type string, array given"),
            ("email", serde_json::json!({"email": {"a": 1}}), 0, "trim(): Argument #1 ($string) must be of type string, stdClass given"),
        ] {
            assert_eq!(subject(&owner(claim), &payload).unwrap_err(), word(code, text));
        }
        let by_id = Owner { by: By::Id, claim: "id".into() };
        for (id, number) in [(serde_json::json!("4abc"), 4), (serde_json::json!({}), 1), (serde_json::json!([]), 0)] {
            assert_eq!(subject(&by_id, &serde_json::json!({ "id": id })).unwrap(), Subject::Number(number));
        }
    }
}
