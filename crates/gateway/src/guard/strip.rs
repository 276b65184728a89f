//! What the upstream does not see, where a rule says so: the credentials of every language of the site.

use std::borrow::Cow;

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{Head, Places, strip};
use http::header::{CONTENT_LENGTH, COOKIE, HeaderName, HeaderValue};

use super::Guard;
use crate::identity;

impl Guard {
    /// A request without its credentials: the headers, cookies and query fields of the site's languages, and the fields of
    /// the body if it was read. A body that streams past was not asked for one, and stays.
    ///
    /// # Errors
    /// [`Refusal::MalformedBody`] for a query or body of which it is not certain what is in it.
    pub fn without_credentials(&self, view: &SiteView, head: &Head, whole: Option<Bytes>) -> Result<(Head, Option<Bytes>), Refusal> {
        let mut places = Places::default();
        for dialect in view.dialects().filter_map(|d| self.by_name(d.profile.name())) {
            places.add(dialect.places(view));
        }
        let mut stripped = head.clone();
        headers(&mut stripped, &places);
        let fields: Vec<&str> = places.fields.iter().map(String::as_str).collect();
        query(&mut stripped, &fields).map_err(|strip::Uncertain| Refusal::MalformedBody)?;
        let Some(body) = whole else { return Ok((stripped, None)) };
        if body.is_empty() {
            return Ok((stripped, Some(body)));
        }
        let cut = strip::body(head.content_type(), head.content_encoding(), &body, &fields);
        let left = match cut.map_err(|strip::Uncertain| Refusal::MalformedBody)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(left) => Some(Bytes::from(left)),
        };
        let left = left.unwrap_or(body);
        stripped.headers.insert(CONTENT_LENGTH, HeaderValue::from(left.len()));
        Ok((stripped, Some(left)))
    }
}

/// The headers that a stripped head has not, by name; `None` if it differs in more than whole headers: a proxy that only asks can
/// be told no more.
#[must_use]
pub fn hidden(head: &Head, stripped: &Head) -> Option<Vec<String>> {
    let gone = head.headers.keys().filter(|name| !stripped.headers.contains_key(*name)).map(|name| name.as_str().to_owned()).collect();
    let same = |name: &HeaderName| head.headers.get_all(name).iter().eq(stripped.headers.get_all(name).iter());
    (head.target.raw == stripped.target.raw && stripped.headers.keys().all(same)).then_some(gone)
}

fn headers(head: &mut Head, places: &Places) {
    let is_named = |name: &HeaderName| places.headers.iter().any(|place| identity::folds_to(name.as_str(), place.as_str()));
    let gone: Vec<HeaderName> = head.headers.keys().filter(|name| is_named(name)).cloned().collect();
    for name in gone {
        head.headers.remove(name);
    }
    if places.cookies.is_empty() || !head.headers.contains_key(COOKIE) {
        return;
    }
    let lines: Vec<HeaderValue> = head.headers.get_all(COOKIE).iter().cloned().collect();
    head.headers.remove(COOKIE);
    for line in lines {
        // What is no text cannot be searched, and no language reads a credential in it.
        let Ok(text) = line.to_str() else { continue };
        let stays = |pair: &&str| !pair.is_empty() && !places.has_cookie(pair.split('=').next().unwrap_or_default().trim());
        let left: Vec<&str> = text.split(';').map(str::trim).filter(stays).collect();
        if let Ok(value) = HeaderValue::from_str(&left.join("; "))
            && !left.is_empty()
        {
            head.headers.append(COOKIE, value);
        }
    }
}

fn query(head: &mut Head, fields: &[&str]) -> Result<(), strip::Uncertain> {
    // What is left may be a part of what was there: whether it is borrowed says nothing.
    let left = strip::target(&head.target.raw, fields)?;
    if *left != *head.target.raw {
        let left = left.into_owned();
        head.target.query = left.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned());
        head.target.raw = left;
    }
    Ok(())
}
