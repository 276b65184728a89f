//! Its routes: who may knock, and what is answered. A site with a namespace of its own has them there.

use doorward_web::route::Access;
use doorward_web::{Answer, Doc, Field, Kind, Route};

use super::{auth, refresh, revoke, validate};

const CODE: Field = Field { name: "AUTH_CODE", kind: Kind::Secret, required: false, about: "Auth code, where the site asks for one" };

const LOGIN: &[Field] = &[
    Field { name: "email", kind: Kind::Text, required: false, about: "E-mail address; or give username or login" },
    Field { name: "username", kind: Kind::Text, required: false, about: "Login name; or give email or login" },
    Field { name: "login", kind: Kind::Text, required: false, about: "Login name or e-mail address; or give email or username" },
    Field { name: "password", kind: Kind::Secret, required: false, about: "Password" },
    Field {
        name: "password_hash",
        kind: Kind::Secret,
        required: false,
        about: "The stored hash instead of the password (pass-the-hash): off unless the site turns it on",
    },
    Field { name: "otp_attempt", kind: Kind::Text, required: false, about: "TOTP or recovery code, for accounts with a second factor" },
    CODE,
];

const TOKEN: &[Field] =
    &[Field { name: "JWT", kind: Kind::Secret, required: false, about: "The JWT, if it is not in the Authorization header" }, CODE];

const VALIDATE: Doc = Doc {
    summary: "Check a JWT, and tell whose it is",
    fields: TOKEN,
    answers: &[Answer(200, "The token is good"), Answer(400, "No token, or one that is broken, forged, expired or revoked")],
};

/// The routes.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth",
        action: "simple_jwt_login.login",
        access: Access::Public,
        doc: Doc {
            summary: "Log in for a JWT",
            fields: LOGIN,
            answers: &[Answer(200, "Logged in"), Answer(400, "Refused, with the reason in words")],
        },
        handler: Some(|ask| Box::pin(auth::answer(ask))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/auth/validate",
        action: "simple_jwt_login.validate",
        access: Access::Credential("Bearer, JWT"),
        doc: VALIDATE,
        handler: Some(|ask| Box::pin(validate::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth/validate",
        action: "simple_jwt_login.validate",
        access: Access::Credential("Bearer, JWT"),
        doc: VALIDATE,
        handler: Some(|ask| Box::pin(validate::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth/refresh",
        action: "simple_jwt_login.refresh",
        access: Access::Credential("Bearer, JWT"),
        doc: Doc {
            summary: "A new JWT for one that is good, or expired not too long ago",
            fields: TOKEN,
            answers: &[Answer(200, "A new token"), Answer(400, "No token, or one that is broken, forged, revoked or too old")],
        },
        handler: Some(|ask| Box::pin(refresh::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth/revoke",
        action: "simple_jwt_login.revoke",
        access: Access::Credential("Bearer, JWT"),
        doc: Doc {
            summary: "Revoke a JWT",
            fields: TOKEN,
            answers: &[Answer(200, "Revoked"), Answer(400, "No token, or one that is broken, forged, expired or revoked already")],
        },
        handler: Some(|ask| Box::pin(revoke::answer(ask))),
    },
];
