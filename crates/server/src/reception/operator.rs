//! The server's own paths, the same on every host: health, readiness, the document, public keys.

use std::sync::Arc;

use doorward_gateway::door::DOORS;
use doorward_web::json::Style;
use doorward_web::{Answer, Dialect, Reply, openapi as document};
use http::request::Parts;
use serde_json::{Value, json};

use super::Reception;

/// The server's own paths: what they are, and what else than 200 they answer.
const PATHS: &[(&str, &str, &[Answer])] = &[
    ("/healthz", "The process is alive", &[]),
    ("/readyz", "The store answers", &[Answer(503, "The store does not answer")]),
    ("/openapi.json", "This document", &[]),
    ("/.well-known/jwks.json", "The public keys of the site that the Host selects (RFC 7517)", &[]),
];

/// What a proxy that asks first may hear.
const ASKED: &[Answer] = &[
    Answer(401, "A credential is missing or wrong"),
    Answer(403, "May not pass, or the question cannot be read"),
    Answer(404, "The question comes from another machine, or the path is nobody's"),
];
const PASS: &str = "May pass: X-Doorward-* say who it is";

/// True for the server's own paths, but those of the doors: they are asked on behalf of a site.
pub(super) fn is_own(path: &str) -> bool {
    PATHS.iter().any(|(own, _, _)| *own == path)
}

impl Reception {
    /// Answers one of the server's own paths.
    pub(super) async fn operator(&self, parts: &Parts) -> Reply {
        if parts.method != http::Method::GET && parts.method != http::Method::HEAD {
            let reply = super::plain(405, "method_not_allowed", "Method not allowed");
            return reply.with(http::header::ALLOW, "GET, HEAD");
        }
        match parts.uri.path() {
            "/healthz" => Reply::json(200, Style::Plain, &json!({"status": "ok"})),
            "/readyz" => self.ready().await,
            "/openapi.json" => Reply::raw(200, "application/json; charset=utf-8", self.openapi.clone()),
            _ => self.jwks(parts),
        }
    }

    /// Ready = the store answers.
    async fn ready(&self) -> Reply {
        let engine = self.house.terms().store.engine();
        match self.house.look(|desk| desk.last_change()).await {
            Ok(_) => Reply::json(200, Style::Plain, &json!({"status": "ready", "store": engine})),
            Err(fault) => {
                tracing::error!(%fault, "not ready");
                Reply::json(503, Style::Plain, &json!({"status": "not ready", "store": engine}))
            }
        }
    }

    /// The public keys of the site that the Host selects (RFC 7517): of asymmetric keys only.
    fn jwks(&self, parts: &Parts) -> Reply {
        let host = parts.headers.get(http::header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let directory = self.house.directory();
        let view = directory.by_host(host).or_else(|| directory.sites().first());
        let mut keys = Vec::new();
        for spoken in view.iter().flat_map(|v| v.dialects()) {
            if let Some(Value::Array(list)) = spoken.ring.jwks().get("keys") {
                keys.extend(list.iter().cloned());
            }
        }
        let mut reply = Reply::json(200, Style::Plain, &json!({"keys": keys}));
        reply.headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("public, max-age=300"));
        reply
    }
}

/// The document of every language's routes.
#[must_use]
pub fn openapi(dialects: &[Arc<dyn Dialect>]) -> Value {
    let languages: Vec<_> = dialects.iter().map(|d| (d.name(), d.routes())).collect();
    let mut whole = document::document(env!("CARGO_PKG_VERSION"), &languages);
    let mut tell = |path: &str, summary: &str, fine: (u16, Value), others: &[Answer]| {
        let mut answers = serde_json::Map::from_iter([(fine.0.to_string(), fine.1)]);
        for Answer(status, about) in others {
            answers.insert(status.to_string(), json!({"description": about}));
        }
        let id = path.trim_matches('/').replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        whole["paths"][path] = json!({"get": {"operationId": id, "tags": ["server"], "summary": summary, "responses": answers}});
    };
    for (path, summary, others) in PATHS {
        tell(path, summary, (200, json!({"description": summary, "content": {"application/json": {"schema": {}}}})), others);
    }
    for (path, door, summary) in DOORS {
        tell(path, summary, (door.yes().as_u16(), json!({"description": PASS})), ASKED);
    }
    whole
}
