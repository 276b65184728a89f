//! The gate: from a request to a handler. Host, origin, session, CSRF token, a password of their own, power, freshness: in this order, for every endpoint alike.

use std::sync::Arc;

use bytes::Bytes;
use doorward_core::audit::Actor;
use doorward_core::call::Call;
use doorward_core::flow::console::{Visitor, visit};
use doorward_core::house::entry;
use doorward_core::secret::same;
use doorward_core::site::SiteView;
use doorward_web::body::{collect, decode};
use doorward_web::{Fields, Head, Reply};
use http::header::{HeaderName, HeaderValue, LOCATION, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Method};
use serde_json::Map;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Found, Route, find};
use crate::{Console, cookies, routes};

/// The header that carries the CSRF token.
pub const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What every answer says to the browser. Nothing is loaded from elsewhere, nothing inline runs, nobody frames us.
const SAFE: [(HeaderName, HeaderValue); 6] = [
    (
        http::header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    ),
];
const YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

impl Console {
    /// Answers a request. `None` for the head: it could mean two things.
    pub async fn answer<B>(self: Arc<Self>, head: Option<Head>, body: B, call: Call) -> Answer
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let id = call.request_id;
        let Some(head) = head else {
            let no = No::said(400, "ambiguous_target", "The path or the Host header could mean two things");
            return self.finished(no.reply(id.as_str(), "console").into());
        };
        let mut action = "console";
        let answered = Arc::clone(&self).routed(head, body, call, &mut action).await;
        let answer = answered.unwrap_or_else(|no| no.reply(id.as_str(), action).into());
        self.finished(answer)
    }

    async fn routed<B>(self: Arc<Self>, head: Head, body: B, call: Call, action: &mut &'static str) -> Result<Answer, No>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        // A name that somebody else lets point here is not the console: neither its pages nor its API are shown there.
        if !self.terms.url.is_host(&head.host) {
            return self.elsewhere(&head);
        }
        let path = head.target.path.clone();
        if path != "/api" && !path.starts_with("/api/") {
            return match head.method {
                Method::GET | Method::HEAD => self.pages.find(&head).map(Answer::from).ok_or_else(No::not_found),
                _ => Err(No::method("GET, HEAD".into())),
            };
        }
        let (route, values) = match find(routes::TABLES, head.method.as_str(), &path) {
            Found::Hit(route, values) => (route, values),
            Found::WrongMethod(allow) => return Err(No::method(allow)),
            Found::Miss => return Err(No::not_found()),
        };
        *action = route.action;
        let writes = !matches!(head.method, Method::GET | Method::HEAD);
        if writes && !self.is_ours(&head.headers) {
            return Err(No::csrf());
        }
        let visitor = self.visitor(&head.headers, &call, route.quiet).await?;
        if writes && !self.has_token(&head.headers, visitor.as_ref()) {
            return Err(No::csrf());
        }
        let site = self.admit(route, &values, visitor.as_ref(), &call)?;
        let call = Call { actor: acting(route, visitor.as_ref()), ..call };
        let raw = collect(body, route.body, self.terms.body_time).await?;
        let body = fields(&head, &raw).await?;
        let ask = Ask { console: self, call, head, body, raw, values, visitor, site };
        (route.handler)(ask).await
    }

    /// Who is signed in, if anybody is.
    async fn visitor(&self, headers: &HeaderMap, call: &Call, quiet: bool) -> Result<Option<Visitor>, No> {
        match cookies::session(&self.house.terms().vault, headers) {
            None => Ok(None),
            Some(id) if quiet => Ok(visit::glance(&self.house, id, call.now, &self.terms.lifetimes).await?),
            Some(id) => Ok(visit::find(&self.house, id, call.now, &self.terms.lifetimes).await?),
        }
    }

    /// True if a write comes from our own pages, as far as the browser tells; tools that are no browser tell the origin themselves.
    fn is_ours(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (Some(origin), None) => origin.as_bytes() == self.terms.url.origin().as_bytes(),
            (None, _) => headers.contains_key(&FETCH_SITE),
            (Some(_), Some(_)) => false,
        };
        origin && headers.get_all(&FETCH_SITE).iter().all(|site| site == "same-origin")
    }

    fn has_token(&self, headers: &HeaderMap, visitor: Option<&Visitor>) -> bool {
        let vault = &self.house.terms().vault;
        let due = match visitor {
            Some(visitor) => Some(cookies::token_of_session(vault, visitor.session().id)),
            None => cookies::guest(headers).map(|guest| cookies::token_of_guest(vault, &guest)),
        };
        let mut shown = headers.get_all(&CSRF).iter();
        match (due, shown.next(), shown.next()) {
            (Some(due), Some(shown), None) => same(due.as_bytes(), shown.as_bytes()),
            (_, _, _) => false,
        }
    }

    /// Whether somebody may knock at a route; the site that its path names, where it is a site's.
    fn admit(&self, route: &Route, values: &[String], visitor: Option<&Visitor>, call: &Call) -> Result<Option<Arc<SiteView>>, No> {
        if route.access == Access::Anybody {
            return Ok(None);
        }
        let visitor = visitor.ok_or_else(No::no_session)?;
        let account = visitor.account();
        let refused = |no: No, reason: &str| {
            self.house.memory().gather(entry(call, Some(account.site), Some(account.number), route.action, Err(reason), ""));
            no
        };
        if visitor.must_choose() && !route.early {
            return Err(refused(No::own_password_due(), "own_password_due"));
        }
        let mut site = None;
        let may = match route.access {
            Access::Anybody | Access::User => true,
            Access::Owner => visitor.is_owner(),
            Access::Admin => visitor.is_owner() || visitor.runs(account.site),
            Access::Site => {
                let directory = self.house.directory();
                site = values.first().and_then(|name| directory.by_name(name)).filter(|view| visitor.runs(view.site.id)).cloned();
                // Only who runs the server may know which sites there are: to others, none and another's are alike.
                if site.is_none() && visitor.is_owner() {
                    return Err(No::not_found());
                }
                site.is_some()
            }
        };
        if !may {
            return Err(refused(No::not_yours(), "not_yours"));
        }
        if route.fresh && !visitor.is_fresh(call.now, &self.terms.lifetimes) {
            return Err(refused(No::reauth_due(), "reauth_due"));
        }
        Ok(site)
    }

    /// The answer at another name than our own: to pages, the way to it.
    fn elsewhere(&self, head: &Head) -> Result<Answer, No> {
        let path = head.target.path.as_str();
        let is_page = matches!(head.method, Method::GET | Method::HEAD) && !path.starts_with("/api");
        if !is_page {
            return Err(No::said(421, "another_host", format!("The console is at {}", self.terms.url.origin())));
        }
        Ok(Reply::empty(307).with(LOCATION, &self.terms.url.page(path)).into())
    }

    fn finished(&self, mut answer: Answer) -> Answer {
        for (name, value) in SAFE {
            answer.reply.headers.insert(name, value);
        }
        if self.terms.url.is_secure() {
            answer.reply.headers.insert(http::header::STRICT_TRANSPORT_SECURITY, YEAR);
        }
        answer
    }
}

/// Who acts on what is not their own: every entry of the call says so.
fn acting(route: &Route, visitor: Option<&Visitor>) -> Option<Actor> {
    match route.access {
        Access::Anybody | Access::User => None,
        Access::Site | Access::Admin | Access::Owner => {
            visitor.map(|visitor| Actor { site: visitor.account().site, account: visitor.account().number })
        }
    }
}

/// The fields of a body: JSON alone. A form, or text that no browser asks about before it sends it, is none.
async fn fields(head: &Head, raw: &Bytes) -> Result<Fields, No> {
    if raw.is_empty() {
        return Ok(Fields::of(Map::new(), Map::new()));
    }
    let kind = head.content_type().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" {
        return Err(doorward_core::refusal::Refusal::UnsupportedMediaType.into());
    }
    Ok(Fields::of(decode(Some(&kind), head.content_encoding(), raw.clone()).await?, Map::new()))
}
