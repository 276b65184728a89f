//! What a handler is given.

use std::sync::Arc;

use bytes::Bytes;
use doorward_core::call::{Call, Time};
use doorward_core::flow::console::Visitor;
use doorward_core::port::passkeys::Passkeys;
use doorward_core::site::SiteView;
use doorward_web::{Fields, Head};
use serde_json::{Map, Value};

use crate::Console;
use crate::refusals::No;

/// The longest list that is given at once.
pub const PAGE: u32 = 200;

/// Everything a handler is given.
pub struct Ask {
    /// The console.
    pub console: Arc<Console>,
    /// The request as the law sees it.
    pub call: Call,
    /// The head of the request.
    pub head: Head,
    /// The fields of its body.
    pub body: Fields,
    /// The body as it came.
    pub raw: Bytes,
    /// The values of the path's braces.
    pub values: Vec<String>,
    /// Who is signed in. There is somebody wherever the route asks for more than anybody.
    pub visitor: Option<Visitor>,
    /// The site that the path names, where the route is a site's.
    pub site: Option<Arc<SiteView>>,
}

impl Ask {
    /// Who is signed in.
    ///
    /// # Errors
    /// If nobody is.
    pub fn visitor(&self) -> Result<&Visitor, No> {
        self.visitor.as_ref().ok_or_else(No::no_session)
    }

    /// Who checks passkeys.
    ///
    /// # Errors
    /// If they cannot be used here.
    pub fn passkeys(&self) -> Result<Arc<dyn Passkeys>, No> {
        self.console.passkeys.clone().ok_or_else(|| No::said(403, "switched_off", "Passkeys need a host name: set console.url"))
    }

    /// The site that the path names.
    ///
    /// # Errors
    /// If the route is no site's.
    pub fn site(&self) -> Result<&Arc<SiteView>, No> {
        self.site.as_ref().ok_or_else(No::not_found)
    }

    /// The value of a brace of the path; empty if there is none.
    #[must_use]
    pub fn value(&self, at: usize) -> &str {
        self.values.get(at).map_or("", String::as_str)
    }

    /// A brace of the path that is a number.
    ///
    /// # Errors
    /// [`No::not_found`]: there is no such thing.
    pub fn number(&self, at: usize) -> Result<i64, No> {
        self.value(at).parse().map_err(|_| No::not_found())
    }

    /// A value of the query; the last of several.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.head.target.query.as_bytes()).filter(|(n, _)| n == name).last().map(|(_, v)| v.into_owned())
    }

    /// How many rows a list may have.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.query("limit").and_then(|text| text.parse().ok()).unwrap_or(50).clamp(1, PAGE)
    }

    /// A text of the body that must be there and not blank.
    ///
    /// # Errors
    /// As [`Fields::required`].
    pub fn text(&self, name: &'static str) -> Result<&str, No> {
        Ok(self.body.required(name)?)
    }

    /// A text of the body, if it is there.
    ///
    /// # Errors
    /// As [`Fields::text`].
    pub fn maybe(&self, name: &'static str) -> Result<Option<&str>, No> {
        Ok(self.body.text(name)?)
    }

    /// A time of the body: RFC 3339.
    ///
    /// # Errors
    /// If it is there and none.
    pub fn time(&self, name: &'static str) -> Result<Option<Time>, No> {
        let Some(text) = self.maybe(name)?.filter(|t| !t.is_empty()) else { return Ok(None) };
        Time::parse(text).map(Some).ok_or_else(|| No::invalid(name, "A time such as 2027-01-01T00:00:00Z is asked for"))
    }

    /// A list of texts of the body.
    ///
    /// # Errors
    /// If it is there and anything else.
    pub fn list(&self, name: &'static str) -> Result<Option<Vec<String>>, No> {
        let wrong = || No::invalid(name, "A list of texts is asked for");
        match self.body.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                items.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => Err(wrong()),
        }
    }

    /// A yes or no of the body.
    ///
    /// # Errors
    /// If it is there and neither.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, No> {
        match self.body.value(name) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| No::invalid(name, "true or false is asked for")),
        }
    }
}

/// A time as answers write it.
#[must_use]
pub fn when(time: Option<Time>) -> Value {
    time.map_or(Value::Null, |t| Value::String(t.iso()))
}

/// No fields at all.
#[must_use]
pub fn no_fields() -> Fields {
    Fields::of(Map::new(), Map::new())
}
