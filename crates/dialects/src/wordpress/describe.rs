//! What a namespace says of itself: its index, and the answer to `OPTIONS` on its routes.

use doorward_core::site::SiteView;
use doorward_web::{Head, Reply};
use http::header::ALLOW;
use serde_json::{Map, Value, json};

use super::{answer, route};

/// A route of a namespace: its path below it, and the methods of each endpoint that was registered for it, in order.
pub(crate) type Row = (&'static str, &'static [&'static [&'static str]]);

/// The answer to `OPTIONS` below a namespace (`jwt-auth/v1`), and to `GET` on the namespace itself; `None` for what is no
/// description. A path that is no route has nothing to say: an empty list.
pub(crate) fn describe(view: &SiteView, namespace: &str, rows: &[Row], head: &Head) -> Option<Reply> {
    let rest = route::below(&head.target.path, &format!("/wp-json/{namespace}"))?;
    let namespace = Namespace { url: &view.site.url, name: namespace };
    match (&*route::method(head), rest) {
        ("GET" | "HEAD", "") => Some(answer::json(200, &namespace.index(rows)).with(ALLOW, "GET")),
        ("OPTIONS", "") => Some(answer::json(200, &namespace.root()).with(ALLOW, "GET")),
        ("OPTIONS", rest) => Some(match rows.iter().find(|(row, _)| fits(row, rest)) {
            Some((path, endpoints)) => answer::json(200, &namespace.route(path, endpoints, None)).with(ALLOW, &union(endpoints).join(", ")),
            None => answer::json(200, &json!([])),
        }),
        _ => None,
    }
}

struct Namespace<'a> {
    url: &'a str,
    name: &'a str,
}

impl Namespace<'_> {
    fn index(&self, rows: &[Row]) -> Value {
        let mut routes = Map::new();
        routes.insert(format!("/{}", self.name), self.root());
        for (path, endpoints) in rows {
            routes.insert(format!("/{}{path}", self.name), self.route(path, endpoints, None));
        }
        json!({"namespace": self.name, "routes": routes, "_links": {"up": [{"href": format!("{}/wp-json/", self.url)}]}})
    }

    fn root(&self) -> Value {
        let args = json!({"namespace": {"default": self.name, "required": false}, "context": {"default": "view", "required": false}});
        self.route("", &[&["GET"]], Some(&args))
    }

    fn route(&self, path: &str, endpoints: &[&[&str]], args: Option<&Value>) -> Value {
        let none = json!([]);
        let list: Vec<Value> = endpoints.iter().map(|methods| json!({"methods": methods, "args": args.unwrap_or(&none)})).collect();
        let href = format!("{}/wp-json/{}{path}", self.url, self.name);
        let mut data = json!({"namespace": self.name, "methods": union(endpoints), "endpoints": list});
        // A route with a pattern in it has no address of its own.
        if let (Value::Object(data), false) = (&mut data, path.contains('(')) {
            data.insert("_links".into(), json!({"self": [{"href": href}]}));
        }
        data
    }
}

/// True if a path is that of a row: letter by letter in any case, with a number where the row has a pattern.
pub(crate) fn fits(row: &str, path: &str) -> bool {
    let is_number = |segment: &str| !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
    let mut segments = path.split('/');
    let fits = row.split('/').all(|wanted| {
        segments.next().is_some_and(|s| if wanted.starts_with("(?P<") { is_number(s) } else { s.eq_ignore_ascii_case(wanted) })
    });
    fits && segments.next().is_none()
}

fn union<'m>(endpoints: &[&[&'m str]]) -> Vec<&'m str> {
    let mut all = Vec::new();
    for method in endpoints.iter().flat_map(|methods| methods.iter()) {
        if !all.contains(method) {
            all.push(*method);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_takes_numbers_and_nothing_else() {
        let row = "/api-keys/(?P<id>\\d+)/revoke";
        for (path, expected) in [
            ("/api-keys/5/revoke", true),
            ("/API-Keys/12345678901234567890/Revoke", true),
            ("/api-keys/x/revoke", false),
            ("/api-keys//revoke", false),
            ("/api-keys/5", false),
            ("/api-keys/5/revoke/x", false),
            (row, false),
        ] {
            assert_eq!(fits(row, path), expected, "{path}");
        }
        assert!(fits("", "") && !fits("", "/"));
    }
}
