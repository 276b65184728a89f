//! What the upstream does not see, where a rule says so: the credentials of every language of the site.

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{Head, Places, cut};
use http::header::{CONTENT_LENGTH, COOKIE, HeaderName, HeaderValue};

use super::Guard;
use crate::identity;

impl Guard {
    /// A request without its credentials: the headers, cookies and query fields of the site's languages, and the fields of
    /// the body if it was read. A body that streams past was not asked for one, and stays.
    ///
    /// # Errors
    /// For a body that cannot be read, so that nobody knows what is in it.
    pub async fn without_credentials(&self, view: &SiteView, head: &Head, whole: Option<Bytes>) -> Result<(Head, Option<Bytes>), Refusal> {
        let mut places = Places::default();
        for dialect in view.dialects().filter_map(|d| self.by_name(d.profile.name())) {
            places.add(dialect.places(view));
        }
        let mut stripped = head.clone();
        headers(&mut stripped, &places);
        query(&mut stripped, &places);
        let Some(body) = whole else { return Ok((stripped, None)) };
        if body.is_empty() {
            return Ok((stripped, Some(body)));
        }
        let left = cut::without(head.content_type(), head.content_encoding(), body, |name| places.has_field(name)).await?;
        stripped.headers.insert(CONTENT_LENGTH, HeaderValue::from(left.len()));
        Ok((stripped, Some(left)))
    }
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

fn query(head: &mut Head, places: &Places) {
    if places.fields.is_empty() || head.target.query.is_empty() {
        return;
    }
    let left = cut::pairs(head.target.query.as_bytes(), &|name| places.has_field(name));
    if left.len() == head.target.query.len() {
        return;
    }
    let left = String::from_utf8_lossy(&left).into_owned();
    let path = head.target.raw.split('?').next().unwrap_or("/");
    let mark = if left.is_empty() { "" } else { "?" };
    head.target.raw = format!("{path}{mark}{left}");
    head.target.query = left;
}
