//! The demo's upstream: sites, posts and contacts in each platform's shape, and who Doorward says is asking.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What Doorward tells of the caller.
const CALLER: &str = "x-doorward-user-id";
/// What the upstream tells of it.
const ECHO: HeaderName = HeaderName::from_static("x-demo-caller");

/// Serves for ever.
pub(super) async fn serve(listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(async move {
            let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
            // A toy's connections may end as they like.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let caller = request.headers().get(CALLER).cloned().unwrap_or_else(|| HeaderValue::from_static("nobody"));
    let (status, body) = match body(request.uri().path()) {
        Some(body) => (http::StatusCode::OK, body),
        None => (http::StatusCode::NOT_FOUND, json!({"error": "the demo's upstream has nothing here", "path": request.uri().path()})),
    };
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.headers_mut().insert(ECHO, caller);
    answer
}

/// What is at a path.
fn body(path: &str) -> Option<Value> {
    const DAY: &str = "2026-01-02T03:04:05Z";
    Some(match path.strip_suffix('/').unwrap_or(path) {
        "/api/v1/sites" => {
            let site = |id: &str, name: &str| json!({"id": id, "name": name, "url": format!("https://{id}.example"), "status": "active", "wp_version": "6.8", "php_version": "8.2", "created_at": DAY});
            json!([site("site_a1b2c3", "A demo site"), site("site_d4e5f6", "Another demo site")])
        }
        "/api/v1/posts" => {
            let post = |id: i64, slug: &str, title: &str| json!({"id": id, "slug": slug, "title": title, "excerpt": "From the demo", "content": "A demo post.", "thumbnail": null, "published_at": "2026-01-02 03:04:05", "tags": [], "category": [], "url": format!("https://demo.example/post/{slug}")});
            json!({
                "code": 200,
                "status": "success",
                "message": "Successfully fetched posts",
                "data": [post(1, "hello", "Hello"), post(2, "again", "Hello again")],
                "extra": {"total": 2, "count": 2, "page_size": 10, "current_page": 1, "last_page": 1, "has_more": false, "next": null, "previous": null},
            })
        }
        "/v1/posts" => {
            let post = |id: i64, title: &str| json!({"id": id, "title": title, "content": "A demo post.", "created_at": DAY});
            json!({
                "data": [post(1, "Hello"), post(2, "Hello again")],
                "pagination": {"page": 1, "limit": 20, "totalItems": 2, "totalPages": 1, "hasNext": false, "hasPrev": false},
                "meta": {"requestId": "req_demo", "timestamp": DAY},
            })
        }
        "/wp-json/dt-posts/v2/contacts" => {
            let contact =
                |id: i64, name: &str| json!({"ID": id, "post_type": "contacts", "post_title": name, "name": name, "status": "publish"});
            json!({"posts": [contact(1, "Demo Contact"), contact(2, "Another Demo Contact")], "total": 2})
        }
        "/wp-json/wp/v2/posts" => {
            let post = |id: i64, slug: &str, title: &str| json!({"id": id, "date": "2026-01-02T03:04:05", "slug": slug, "status": "publish", "type": "post", "title": {"rendered": title}, "content": {"rendered": "<p>A demo post.</p>", "protected": false}});
            json!([post(1, "hello", "Hello"), post(2, "again", "Hello again")])
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn every_platform_finds_its_shape_and_nothing_else_is_there() {
        for (path, pointer) in [
            ("/api/v1/sites", "/1/id"),
            ("/api/v1/posts", "/data/1/slug"),
            ("/v1/posts", "/data/1/id"),
            ("/wp-json/dt-posts/v2/contacts/", "/posts/1/ID"),
            ("/wp-json/wp/v2/posts", "/1/title/rendered"),
        ] {
            assert!(body(path).unwrap().pointer(pointer).is_some(), "{path}");
        }
        assert!(body("/").is_none() && body("/api/v1/users").is_none());
    }
}
