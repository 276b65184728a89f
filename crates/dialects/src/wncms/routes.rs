//! Its routes: the token buttons, answered here, and every guarded endpoint, answered by the application.

use doorward_web::route::Access;
use doorward_web::{Answer, Doc, Field, Kind, Route};

use super::endpoints::{ENDPOINTS, Endpoint, Habit, Needs};
use super::token;

const API_TOKEN: Field = Field {
    name: "api_token",
    kind: Kind::Secret,
    required: false,
    about: "API token, in body or query; or HTTP Basic with e-mail and password",
};
const NAME: Field = Field { name: "name", kind: Kind::Text, required: true, about: "What the token is for, 1 to 100 characters" };
const NEW_NAME: Field = Field { required: false, about: "What the token is for; absent = as the replaced one", ..NAME };
const EXPIRES: Field = Field { name: "expires_at", kind: Kind::Text, required: false, about: "ISO 8601, in the future; absent = never" };
const ID: Field = Field { name: "id", kind: Kind::Number, required: false, about: "Which of your tokens; absent = the one shown" };

const TOKEN: Access = Access::Credential("api_token, Basic");
const ADMIN: Access = Access::Credential("api_token, Basic: role admin");
const OPEN: Access = Access::Credential("anybody, or api_token or Basic if its mode says so");
const MEMBERS: Access = Access::Credential("api_token, or anybody or Basic if its mode says so");

const MADE: &[Answer] = &[
    Answer(200, "The new token, in full this once"),
    Answer(401, "Invalid token"),
    Answer(403, "API access is disabled"),
    Answer(422, "Validation failed"),
];
const GUARDED: &[Answer] = &[
    Answer(200, "What the application answers"),
    Answer(401, "Invalid token"),
    Answer(403, "API access is disabled, or admin access required"),
];

/// The routes.
pub(super) const ROUTES: &[Route] = &listed();

const BUTTONS: usize = 3;

/// How many there are: a route for each method of each endpoint.
const fn count() -> usize {
    let (mut total, mut at) = (BUTTONS, 0);
    while at < ENDPOINTS.len() {
        total += ENDPOINTS[at].methods.len();
        at += 1;
    }
    total
}

const fn listed() -> [Route; count()] {
    let mut routes = [const { generate() }; count()];
    routes[1] = regenerate();
    routes[2] = revoke();
    let (mut next, mut at) = (BUTTONS, 0);
    while at < ENDPOINTS.len() {
        let mut method = 0;
        while method < ENDPOINTS[at].methods.len() {
            routes[next] = guarded(&ENDPOINTS[at], ENDPOINTS[at].methods[method]);
            next += 1;
            method += 1;
        }
        at += 1;
    }
    routes
}

const fn generate() -> Route {
    Route {
        method: "POST",
        path: "/api/v1/token/generate",
        action: "wncms.token.generate",
        access: TOKEN,
        doc: Doc { summary: "A further token of yours", fields: &[API_TOKEN, NAME, EXPIRES], answers: MADE },
        handler: Some(|ask| Box::pin(token::generate::answer(ask))),
    }
}

const fn regenerate() -> Route {
    Route {
        method: "POST",
        path: "/api/v1/token/regenerate",
        action: "wncms.token.regenerate",
        access: TOKEN,
        doc: Doc { summary: "A new token in place of all of yours", fields: &[API_TOKEN, NEW_NAME, EXPIRES], answers: MADE },
        handler: Some(|ask| Box::pin(token::regenerate::answer(ask))),
    }
}

const fn revoke() -> Route {
    Route {
        method: "POST",
        path: "/api/v1/token/revoke",
        action: "wncms.token.revoke",
        access: TOKEN,
        doc: Doc {
            summary: "A token of yours stops working",
            fields: &[API_TOKEN, ID],
            answers: &[
                Answer(200, "Revoked"),
                Answer(401, "Invalid token"),
                Answer(403, "API access is disabled"),
                Answer(404, "No such token of yours"),
                Answer(422, "With Basic, the token's id must be named"),
            ],
        },
        handler: Some(|ask| Box::pin(token::revoke::answer(ask))),
    }
}

const fn guarded(endpoint: &'static Endpoint, method: &'static str) -> Route {
    let access = match (endpoint.needs, endpoint.habit) {
        (Needs::Admin, _) => ADMIN,
        (Needs::User, _) => TOKEN,
        (Needs::Nobody, Habit::Open) => OPEN,
        (Needs::Nobody, Habit::Token) => MEMBERS,
    };
    Route {
        method,
        path: endpoint.path,
        action: endpoint.action,
        access,
        doc: Doc { summary: endpoint.summary, fields: &[API_TOKEN], answers: GUARDED },
        handler: None,
    }
}

#[cfg(test)]
mod tests {
    use doorward_web::Found;
    use doorward_web::route::find_as_spelled;

    use super::*;

    #[test]
    fn a_path_finds_its_endpoint_as_the_original_router_would() {
        for (method, path, expected) in [
            ("GET", "/api/v1/posts", "wncms.post.index"),
            ("HEAD", "/api/v1/posts/", "wncms.post.index"),
            ("POST", "/api/v1/posts/store", "wncms.post.store"),
            ("GET", "/api/v1/posts/store", "wncms.post.show"),
            ("POST", "/api/v1/posts/update", "wncms.post.show"),
            ("POST", "/api/v1/posts/update/7", "wncms.post.update"),
            ("GET", "/api/v1/posts/update/7", "POST, OPTIONS"),
            ("DELETE", "/api/v1/posts/7", "GET, HEAD, POST, OPTIONS"),
            ("GET", "/api/v1/tags", "POST, OPTIONS"),
            ("POST", "/api/v1/websites/add-domain", "wncms.website.add_domain"),
            ("GET", "/api/v1/websites/add-domain", "wncms.website.show"),
            ("POST", "/api/v1/token/revoke", "wncms.token.revoke"),
            ("GET", "/api/v1/token/revoke", "POST, OPTIONS"),
            ("GET", "/api/v1/posts/7/comments", "miss"),
            ("POST", "/api/v1/POSTS", "miss"),
            ("POST", "/API/v1/token/revoke", "lookalike"),
            ("GET", "/api/v1/Token/Revoke", "lookalike"),
        ] {
            let found = match find_as_spelled(ROUTES, method, path) {
                Found::Hit(route, _) => route.action,
                Found::WrongMethod(allow) => allow,
                Found::Lookalike => "lookalike",
                Found::Miss => "miss",
            };
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
