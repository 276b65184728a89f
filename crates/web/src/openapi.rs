//! The `OpenAPI` 3.1 document, made of the same routes that requests are answered by.

use serde_json::{Map, Value, json};

use crate::route::{Access, Kind, Route};

/// Answers that any endpoint with a body may give.
const COMMON: &[(u16, &str)] = &[
    (400, "The request cannot be read, or its path could mean two things"),
    (408, "The body did not arrive in time"),
    (413, "The body is larger than 1 MiB"),
    (415, "The body is compressed"),
    (429, "Too many wrong tries from this address; see Retry-After"),
    (503, "The hashing queue is full, or the store does not answer; see Retry-After"),
];

/// The document of all routes: `(language, its routes)`.
#[must_use]
pub fn document(version: &str, languages: &[(&str, &[Route])]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut tags = Vec::new();
    for (language, routes) in languages {
        tags.push(json!({"name": language}));
        for route in *routes {
            let entry = paths.entry(documented_path(route.path)).or_insert_with(|| json!({}));
            if let Value::Object(methods) = entry {
                methods.insert(route.method.to_ascii_lowercase(), operation(language, route));
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": version,
            "description": "The endpoints of every dialect, and those of the server itself. Which of them answer depends on the site that the Host header selects.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "tags": tags,
        "paths": paths,
        "components": {"securitySchemes": {
            "authorization": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Bearer <jwt>`, `token <api token>`, `Basic …` or a bare API key, as the dialect's page says"}
        }}
    })
}

/// The query of a path in the table (`/?rest_route=…`) is no part of a documented path.
fn documented_path(path: &str) -> String {
    path.to_owned()
}

fn operation(language: &str, route: &Route) -> Value {
    let mut answers = Map::new();
    let mut add = |status: u16, about: &str| {
        answers.entry(status.to_string()).or_insert_with(|| {
            if status == 204 {
                json!({"description": about})
            } else {
                json!({"description": about, "content": {"application/json": {"schema": {}}}})
            }
        });
    };
    for answer in route.doc.answers {
        add(answer.0, answer.1);
    }
    for (status, about) in COMMON {
        add(*status, about);
    }
    if route.handler.is_none() {
        answers.insert("default".into(), json!({"description": "Whatever the site's upstream answers"}));
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [language],
        "summary": route.doc.summary,
        "x-doorward-action": route.action,
        "responses": answers,
    });
    let values: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
        .collect();
    if let Value::Object(map) = &mut operation {
        if !values.is_empty() {
            map.insert("parameters".into(), Value::Array(values));
        }
        if !route.doc.fields.is_empty() && route.method != "GET" {
            map.insert("requestBody".into(), body(route));
        }
        if route.access != Access::Public {
            map.insert("security".into(), json!([{"authorization": []}, {}]));
        }
    }
    operation
}

fn operation_id(route: &Route) -> String {
    format!("{}_{}", route.method.to_ascii_lowercase(), route.action.replace('.', "_"))
}

fn body(route: &Route) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in route.doc.fields {
        let mut schema = match field.kind {
            Kind::Text => json!({"type": "string"}),
            Kind::Secret => json!({"type": "string", "format": "password"}),
            Kind::Number => json!({"type": "integer"}),
        };
        if let Value::Object(map) = &mut schema {
            map.insert("description".into(), json!(field.about));
        }
        properties.insert(field.name.into(), schema);
        if field.required {
            required.push(field.name);
        }
    }
    let schema = json!({"type": "object", "properties": properties, "required": required});
    json!({"content": {
        "application/json": {"schema": schema},
        "application/x-www-form-urlencoded": {"schema": schema}
    }})
}
