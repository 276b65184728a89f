//! The admin API: rules and explanations, on the listener of the metrics, from this machine alone, for an API token that was
//! made for it.
//!
//! | request | does |
//! |---|---|
//! | `GET /admin/v1/sites/{site}/rules` | the rules, with their `ETag`; with `?all`, those of the site's languages beside |
//! | `PUT /admin/v1/sites/{site}/rules` | replaces them; `If-Match` says which ones the editor has seen |
//! | `POST /admin/v1/explain` | what would be decided of a request, and why |

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_core::account::Account;
use doorward_core::call::Call;
use doorward_core::credential::api_token::digest_of;
use doorward_core::house::{House, entry};
use doorward_core::policy::Scopes;
use doorward_core::refusal::{Fault, Refusal};
use doorward_web::body::collect;
use doorward_web::client_addr::TrustedProxies;
use doorward_web::json::Style;
use doorward_web::{Reply, Source, incoming};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, ETAG, HOST, IF_MATCH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Editor, Rules, Stopped, edit, read, translated};
use crate::reception::{Question, Reception};

/// The scope that a token must name.
pub const SCOPE: &str = "doorward:admin";
/// Where the API is.
const HERE: &str = "/admin/v1/";
/// The largest body, in bytes.
const LIMIT: usize = 64 * 1024 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(60);

/// The API.
pub struct Admin {
    house: Arc<House>,
    reception: Arc<Reception>,
    source: Arc<dyn Source>,
}

/// A request that nobody sends, as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    site: String,
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    address: Option<IpAddr>,
    #[serde(default)]
    host: Option<String>,
    #[serde(default)]
    weigh: bool,
}

fn get() -> String {
    "GET".into()
}

/// A no of the API.
struct No(u16, &'static str, String);

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "fault");
        Self(503, "unavailable", "Service unavailable".into())
    }
}

impl From<Stopped> for No {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Changed => Self(412, "changed", stopped.to_string()),
            Stopped::Problem(problem) => Self(422, "bad_rules", problem.to_string()),
            Stopped::NoSite(_) => Self(404, "not_found", stopped.to_string()),
            Stopped::Fault(fault) => fault.into(),
        }
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::BodyTooLarge {
            return Self(413, "body_too_large", "The body is too large".into());
        }
        if refusal == Refusal::BodyTooSlow {
            return Self(408, "body_too_slow", "The body took too long".into());
        }
        Self(400, refusal.reason(), "The body cannot be read".into())
    }
}

fn bad(text: impl Into<String>) -> No {
    No(400, "bad_request", text.into())
}

impl Admin {
    /// The API of a server.
    #[must_use]
    pub fn new(house: Arc<House>, reception: Arc<Reception>, source: Arc<dyn Source>) -> Self {
        Self { house, reception, source }
    }

    /// True for its paths.
    #[must_use]
    pub fn is_here(path: &str) -> bool {
        path.starts_with(HERE)
    }

    /// Answers.
    pub async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Reply {
        self.answered(request, peer).await.unwrap_or_else(|No(status, code, message)| {
            let reply = Reply::json(status, Style::Plain, &json!({"error": {"code": code, "message": message}}));
            match status {
                401 => reply.with(WWW_AUTHENTICATE, "Bearer"),
                405 => reply.with(ALLOW, "GET, PUT, POST"),
                _ => reply,
            }
        })
    }

    async fn answered(&self, request: Request<Incoming>, peer: IpAddr) -> Result<Reply, No> {
        let (parts, body) = request.into_parts();
        // Metrics may be read from elsewhere; this may not, whatever the listener's address.
        if !peer.to_canonical().is_loopback() {
            return Err(No(404, "not_found", "only /metrics is here".into()));
        }
        let call = incoming::call(self.source.as_ref(), &TrustedProxies::default(), peer, &parts.headers);
        let path = parts.uri.path().strip_prefix(HERE).unwrap_or_default().to_owned();
        if path == "explain" {
            self.known(&call, &parts.headers, None).await?;
            return match parts.method {
                Method::POST => self.explain(&call, &parts.headers, collect(body, LIMIT, BODY_TIME).await?).await,
                _ => Err(No(405, "method_not_allowed", "Method not allowed".into())),
            };
        }
        let site = path.strip_prefix("sites/").and_then(|rest| rest.strip_suffix("/rules")).filter(|name| !name.contains('/'));
        let site = match site {
            Some(site) => site,
            // Nobody learns without a token what is here and what is not.
            None => {
                self.known(&call, &parts.headers, None).await?;
                return Err(No(404, "not_found", "Not found".into()));
            }
        };
        let account = self.known(&call, &parts.headers, Some(site)).await?;
        match parts.method {
            Method::GET => {
                let name = site.to_owned();
                let row = self.house.look(move |desk| Ok(desk.sites()?.into_iter().find(|row| row.name == name))).await?;
                let row = row.ok_or_else(|| No::from(Stopped::NoSite(site.to_owned())))?;
                let mut reply = Rules::warned(&row).json();
                let wants_all =
                    parts.uri.query().is_some_and(|query| query.split('&').any(|field| matches!(field, "all" | "all=true" | "all=1")));
                if wants_all && let Some(view) = self.house.directory().by_name(&row.name) {
                    reply["dialects"] = translated(view);
                }
                Ok(marked(&reply, &Rules::of(&row).mark()))
            }
            Method::PUT => {
                let seen = seen(&parts.headers)?;
                let body = collect(body, LIMIT, BODY_TIME).await?;
                let text = std::str::from_utf8(&body).map_err(|_| bad("The body is no UTF-8"))?;
                let wanted = read(text).map_err(Stopped::Problem)?;
                let editor = Editor { call: &call, account: Some(account.number), action: "admin.rules", seen };
                let replaced = edit(&self.house, site, editor, move |endpoints| {
                    *endpoints = wanted;
                    Ok(())
                });
                Ok(shown(&replaced.await?))
            }
            _ => Err(No(405, "method_not_allowed", "Method not allowed".into())),
        }
    }

    /// Whose token it is: a service account's, live, made for this API, and of this site.
    async fn known(&self, call: &Call, headers: &HeaderMap, site: Option<&str>) -> Result<Account, No> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let text = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            (_, _) => None,
        };
        let token = text.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else { return Err(No(401, "no_credential", "An API token is asked for".into())) };
        let digest = *digest_of(token.trim()).as_bytes();
        let found = self
            .house
            .look(move |desk| {
                let Some(row) = desk.api_token(&digest)? else { return Ok(None) };
                let account = desk.account(row.site, row.account)?;
                let name = desk.sites()?.into_iter().find(|site| site.id == row.site).map(|site| site.name);
                Ok(account.map(|account| (row, account, name)))
            })
            .await?;
        let live = found.filter(|(row, account, _)| row.is_live(call.now) && account.is_active());
        let Some((row, account, name)) = live else {
            self.mark(call, None, Refusal::UnknownToken.reason());
            return Err(No(401, "unknown_token", "The token is unknown".into()));
        };
        // A token that may do everything its owner may was not made for this.
        let made_for_it = matches!(&row.scopes, Scopes::Only(list) if list.iter().any(|scope| scope == SCOPE));
        let refusal = if !row.welcomes(call.client.address) {
            Some((Refusal::AddressNotAllowed, "The token is not for this address"))
        } else if !made_for_it || !account.service {
            Some((Refusal::ScopeMissing, "A service account's token with the scope doorward:admin is asked for"))
        } else if site.is_some_and(|site| name.as_deref() != Some(site)) {
            Some((Refusal::NotYours, "The token is another site's"))
        } else {
            None
        };
        match refusal {
            None => Ok(account),
            Some((refusal, message)) => {
                self.mark(call, Some(&account), refusal.reason());
                Err(No(403, refusal.reason(), message.into()))
            }
        }
    }

    fn mark(&self, call: &Call, account: Option<&Account>, reason: &str) {
        let site = account.map(|account| account.site);
        self.house.memory().gather(entry(call, site, account.map(|account| account.number), "admin", Err(reason), ""));
    }

    async fn explain(&self, call: &Call, headers: &HeaderMap, body: Bytes) -> Result<Reply, No> {
        let asked: Asked = serde_json::from_slice(&body).map_err(|e| bad(format!("The body is no question: line {}", e.line())))?;
        self.known(call, headers, Some(&asked.site)).await?;
        let told = explained(&self.house, &self.reception, asked).await;
        Ok(Reply::json(200, Style::Plain, &told.map_err(|told| told.map_or_else(|| No::from(Stopped::NoSite(String::new())), bad))?))
    }
}

/// What would be decided of a request to a site; why it cannot be told, `None` if there is no such site.
pub(crate) async fn explained(house: &House, reception: &Reception, asked: Asked) -> Result<Value, Option<&'static str>> {
    let host = {
        let directory = house.directory();
        let view = directory.by_name(&asked.site).ok_or(None)?;
        asked.host.clone().or_else(|| view.site.hosts.first().cloned())
    };
    let site = asked.site.clone();
    let told = reception.explain(question(asked, host.as_deref()).map_err(Some)?).await;
    if told.site.as_ref().is_some_and(|name| *name != site) {
        // Another site's rules are none of theirs who ask.
        return Err(Some("The request is for another site: name a host of this one"));
    }
    Ok(told.json())
}

fn question(asked: Asked, host: Option<&str>) -> Result<Question, &'static str> {
    let mut headers = HeaderMap::new();
    for (name, value) in &asked.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "A header's name cannot be sent")?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| "A header's value cannot be sent")?);
    }
    if let Some(host) = host.filter(|_| !headers.contains_key(HOST)) {
        headers.insert(HOST, HeaderValue::from_str(host).map_err(|_| "The host cannot be sent")?);
    }
    if let Some(body) = &asked.body {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Ok(Question {
        method: Method::from_bytes(asked.method.as_bytes()).map_err(|_| "The method cannot be sent")?,
        target: asked.path.parse::<Uri>().map_err(|_| "The path cannot be sent")?,
        headers,
        body: asked.body.unwrap_or_default().into(),
        address: asked.address.unwrap_or(IpAddr::from([127, 0, 0, 1])),
        weighs: asked.weigh,
    })
}

/// The mark in `If-Match`; `*` is whatever is there.
fn seen(headers: &HeaderMap) -> Result<Option<String>, No> {
    let Some(value) = headers.get(IF_MATCH).and_then(|value| value.to_str().ok()) else {
        return Err(No(428, "if_match_missing", "If-Match must say which rules are replaced: their ETag, or *".into()));
    };
    Ok(match value.trim() {
        "*" => None,
        mark => Some(mark.trim_matches('"').to_owned()),
    })
}

fn shown(rules: &Rules) -> Reply {
    marked(&rules.json(), &rules.mark())
}

fn marked(value: &Value, mark: &str) -> Reply {
    Reply::json(200, Style::Plain, value).with(ETAG, &format!("\"{mark}\""))
}
