//! The document and the routes agree: every route is in it, nothing else is, and each says what it may answer.

use std::collections::BTreeSet;

use serde_json::Value;

/// The server's own paths, which no dialect has.
const OWN: &[&str] = &[
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/.well-known/jwks.json",
    "/_doorward/check/nginx",
    "/_doorward/check/caddy",
    "/_doorward/check/traefik",
    "/_doorward/check/haproxy",
    "/_doorward/check/envoy",
];

#[test]
fn routes_and_document_agree() {
    let dialects = doorward_dialects::all();
    let document = doorward_server::reception::openapi(&dialects);
    let mut routes: BTreeSet<(String, String)> = OWN.iter().map(|path| ("get".into(), (*path).into())).collect();
    for dialect in &dialects {
        routes.extend(dialect.routes().iter().map(|r| (r.method.to_ascii_lowercase(), r.path.to_owned())));
    }
    let mut documented = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            documented.insert((method.clone(), path.clone()));
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} names two operations");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.values().all(|a| !a["description"].as_str().unwrap().is_empty()), "{id}");
            let fine = answers.keys().any(|status| status.starts_with(['2', '3']) || status == "default");
            assert!(fine, "{id} never succeeds");
        }
    }
    assert_eq!(documented, routes);
}

#[test]
fn every_brace_of_a_path_is_a_parameter() {
    let document = doorward_server::reception::openapi(&doorward_dialects::all());
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let named = operation["parameters"].as_array().map_or(0, Vec::len);
            assert_eq!(named, path.matches('{').count(), "{path}");
            let declared = operation["parameters"].as_array().into_iter().flatten().all(|p| p["required"] == Value::Bool(true));
            assert!(declared, "{path}");
        }
    }
}
