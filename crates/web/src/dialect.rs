//! What a language brings to the porch: its routes, where it shows its credentials, and its words.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::call::{Call, Client, Time};
use doorward_core::flow::verify::{Pass, Shown, verify};
use doorward_core::house::House;
use doorward_core::policy::Way;
use doorward_core::port::fetcher::Question;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::store::Errand;
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::{Profile, SiteView};
use http::HeaderValue;

use crate::body::decode;
use crate::fields::Fields;
use crate::guise::Folds;
use crate::incoming::Head;
use crate::reply::Reply;
use crate::route::{Found, Route};
use crate::target::{Target, folds_to_in_any_case};

/// A function that answers an endpoint.
pub type Handler = fn(Ask) -> BoxFuture<'static, Result<Reply, No>>;

/// Everything a handler is given.
pub struct Ask {
    /// The house.
    pub house: Arc<House>,
    /// The site that was asked.
    pub view: Arc<SiteView>,
    /// The request as the law sees it.
    pub call: Call,
    /// The head of the request.
    pub head: Arc<Head>,
    /// Its fields, from body and query.
    pub fields: Fields,
    /// The values of the path's braces.
    pub values: Vec<String>,
    /// The body as it came, for endpoints that need it.
    pub raw_body: Bytes,
}

impl Ask {
    /// Verifies a credential that the request shows.
    ///
    /// # Errors
    /// [`Refusal::NoCredential`] if nothing is shown; see [`verify`].
    pub async fn verify(&self, dialect: &'static str, shown: Option<Shown<'_>>) -> Result<Arc<Pass>, No> {
        let shown = shown.ok_or(Refusal::NoCredential)?;
        verify(&self.house, &self.view, dialect, shown, self.call.now, &self.call.client).await
    }
}

/// What a refusal is about, for the languages whose words depend on it.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The head of the request, if it could be read.
    pub head: Option<&'a Head>,
    /// Its fields, where a decision had to look into its body.
    pub fields: Option<&'a Fields>,
    /// The path of the endpoint, canonical.
    pub path: &'a str,
    /// True on the language's own endpoints, false on what it guards.
    pub own: bool,
    /// The request's id.
    pub request_id: &'a str,
    /// Now, for envelopes.
    pub now: Time,
}

/// A call as a language sees it that looks at every call of its site.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The house.
    pub house: &'a House,
    /// The site.
    pub view: &'a Arc<SiteView>,
    /// The head of the request.
    pub head: &'a Head,
    /// Now.
    pub now: Time,
    /// Who asks.
    pub client: &'a Client,
    /// True if the call is for something that is guarded, not for an endpoint of one of the site's languages.
    pub guarded: bool,
    /// True for somebody who only asks what would be decided: then nothing is noted of it.
    pub asks: bool,
}

/// Why the fields of a request were not read.
#[derive(Debug)]
pub enum Unread {
    /// The body is refused.
    Refused(Refusal),
    /// It is answered already.
    Answered(Box<Reply>),
}

/// Which paths of a site are a language's, from `No` to the most certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Territory {
    /// Not this language's.
    No,
    /// Its, if nobody else claims it more surely.
    Shared,
    /// Its own.
    Own,
}

/// Where a language's credentials are in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Headers.
    pub headers: Vec<http::HeaderName>,
    /// Cookies.
    pub cookies: Vec<String>,
    /// Fields of the query and the body.
    pub fields: Vec<String>,
}

impl Places {
    /// `Authorization` alone.
    #[must_use]
    pub fn header() -> Self {
        Self { headers: vec![http::header::AUTHORIZATION], ..Self::default() }
    }

    /// These, and those.
    pub fn add(&mut self, other: Self) {
        self.headers.extend(other.headers);
        self.cookies.extend(other.cookies);
        self.fields.extend(other.fields);
    }

    /// True if a cookie has one of the names, as PHP would fold it and in any letter case.
    #[must_use]
    pub fn has_cookie(&self, key: &str) -> bool {
        self.cookies.iter().any(|name| folds_to_in_any_case(key, name))
    }
}

/// A language.
pub trait Dialect: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What the law must know of it.
    fn profile(&self) -> Arc<dyn Profile>;
    /// Its endpoints, for look-ups, the access matrix and the `OpenAPI` document.
    fn routes(&self) -> &'static [Route];
    /// Finds the endpoint of a request.
    fn find(&self, view: &SiteView, method: &str, target: &Target) -> Found;
    /// Whether a path that is no endpoint of ours is this language's to guard and to refuse.
    fn territory(&self, view: &SiteView, path: &str) -> Territory;
    /// True where the language is one plugin among others of an application, and others of them guard the path: it looks at its own
    /// credentials beside them, lets in by a good one and refuses a bad one. What they guard holds for its own endpoints as well.
    fn joins(&self, view: &SiteView, path: &str) -> bool {
        let _ = (view, path);
        false
    }
    /// True if a credential of this way that was refused ends the request, whatever else it shows.
    fn insists(&self, view: &SiteView, way: Way) -> bool {
        let _ = (view, way);
        false
    }
    /// Another path under which the application behind answers the same as under this one: its rules hold too.
    fn also<'p>(&self, path: &'p str) -> Option<&'p str> {
        let _ = path;
        None
    }
    /// What the application behind reads from posted fields in place of the request line.
    fn folds(&self) -> Folds {
        Folds::default()
    }
    /// The request headers in which credentials come: answers differ by them.
    fn varies(&self, view: &SiteView) -> HeaderValue {
        let _ = view;
        HeaderValue::from_static("Authorization")
    }
    /// True where the site's framework answers around this language's endpoints (WordPress does): it answers `OPTIONS` itself,
    /// and takes `rest_route` from a form that is posted to its front page.
    fn framed(&self, view: &SiteView) -> bool {
        let _ = view;
        false
    }
    /// The method by which a request to the language's endpoints is routed: its own, unless the framework lets it name another.
    fn method<'h>(&self, view: &SiteView, head: &'h Head) -> Cow<'h, str> {
        let _ = view;
        Cow::Borrowed(head.method.as_str())
    }
    /// The answer of the framework itself below the language's base: to `OPTIONS`, and to who asks what is there.
    fn describe(&self, view: &SiteView, head: &Head) -> Option<Reply> {
        let _ = (view, head);
        None
    }
    /// Looks at a call of the site before anybody answers it: what it refuses is refused, whoever the endpoint belongs to.
    fn watch<'a>(&'a self, seen: Seen<'a>) -> Option<BoxFuture<'a, Result<(), No>>> {
        let _ = seen;
        None
    }
    /// Reads the fields of a request to one of the language's endpoints.
    fn read<'a>(&'a self, view: &'a SiteView, head: &'a Head, body: Bytes) -> BoxFuture<'a, Result<Fields, Unread>> {
        let _ = view;
        Box::pin(async move {
            let map = decode(head.content_type(), head.content_encoding(), body).await.map_err(Unread::Refused)?;
            Ok(Fields::new(map, &head.target.query))
        })
    }
    /// The last touch on every answer to a request for the language's endpoints, and on its refusals of what it guards.
    fn finish(&self, view: &SiteView, head: &Head, reply: Reply) -> Reply {
        let _ = (view, head);
        reply
    }
    /// True if the language takes a credential that was refused for none at all: the caller is nobody then, not refused.
    fn overlooks(&self, view: &SiteView, head: &Head, now: Time, refusal: &Refusal) -> bool {
        let _ = (view, head, now, refusal);
        false
    }
    /// An errand of the language's as the question that tells it; `None` = its site no longer wants it told.
    fn errand(&self, house: &House, view: &SiteView, errand: &Errand, now: Time) -> Option<Question> {
        let _ = (house, view, errand, now);
        None
    }
    /// Seconds that a site's errands are remembered after they have ended.
    fn keeps_errands(&self, view: &SiteView) -> i64 {
        let _ = view;
        0
    }
    /// Seconds that a site wants its remembered decisions of this language kept; `None` = as long as the server keeps any.
    fn keeps_audit(&self, view: &SiteView) -> Option<i64> {
        let _ = view;
        None
    }
    /// What a request shows for one of a rule's ways: `None` = nothing of that way is there.
    fn shown<'r>(&self, view: &SiteView, head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>>;
    /// All of a path that [`shown`](Self::shown) looks at: two requests that differ in their paths alone show the same where this is
    /// the same for both. Nothing of it, for most languages.
    fn side(&self, view: &SiteView, target: &Target) -> bool {
        let _ = (view, target);
        false
    }
    /// True if credentials of this way may be in the body of a request, which must then be read (with a cap) before the decision.
    fn in_body(&self, view: &SiteView, head: &Head, way: Way) -> bool {
        let _ = (view, head, way);
        false
    }
    /// Where its credentials are on a site, for what must not reach the upstream.
    fn places(&self, view: &SiteView) -> Places {
        let _ = view;
        Places::header()
    }
    /// How it says no. Exhaustive: every refusal has a word.
    fn refuse(&self, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply;
    /// How it says that something broke in us. Tells nothing.
    fn broken(&self, about: &About<'_>) -> Reply;
}
