//! Its routes: who may knock, and what is answered.

use doorward_web::route::Access;
use doorward_web::{Answer, Doc, Field, Kind, Route};

use super::{auth, jwt, refresh, revoke};

const LOGIN: &[Field] = &[
    Field { name: "email", kind: Kind::Text, required: true, about: "E-mail address" },
    Field { name: "password", kind: Kind::Secret, required: true, about: "Password" },
    Field { name: "otp_attempt", kind: Kind::Text, required: false, about: "TOTP or recovery code, for accounts with a second factor" },
];

const LOGIN_ANSWERS: &[Answer] = &[
    Answer(200, "Logged in"),
    Answer(401, "Wrong credentials, wrong code, or the account is locked"),
    Answer(422, "A second factor is due: send otp_attempt"),
];

/// The routes.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/api/v1/jwt",
        action: "wporchestrix.login",
        access: Access::Public,
        doc: Doc { summary: "Log in for a JWT pair", fields: LOGIN, answers: LOGIN_ANSWERS },
        handler: Some(|ask| Box::pin(jwt::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/api/v1/jwt/refresh",
        action: "wporchestrix.refresh",
        access: Access::Public,
        doc: Doc {
            summary: "A new pair for a refresh token",
            fields: &[Field { name: "refresh_token", kind: Kind::Secret, required: true, about: "The refresh token of the last pair" }],
            answers: &[Answer(200, "A new pair"), Answer(401, "The refresh token is missing, wrong, expired, spent or revoked")],
        },
        handler: Some(|ask| Box::pin(refresh::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/api/v1/jwt/revoke",
        action: "wporchestrix.revoke",
        access: Access::Credential("Bearer, token"),
        doc: Doc {
            summary: "Revoke one of your tokens",
            fields: &[Field { name: "token", kind: Kind::Secret, required: true, about: "An access or refresh token" }],
            answers: &[
                Answer(200, "Revoked, or it was not live any more"),
                Answer(401, "Not signed in"),
                Answer(403, "Somebody else's token"),
                Answer(422, "The token is missing, or is an API token"),
            ],
        },
        handler: Some(|ask| Box::pin(revoke::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/api/v1/auth",
        action: "wporchestrix.auth",
        access: Access::Public,
        doc: Doc { summary: "Log in for the account's default API token", fields: LOGIN, answers: LOGIN_ANSWERS },
        handler: Some(|ask| Box::pin(auth::sign_in(ask))),
    },
    Route {
        method: "DELETE",
        path: "/api/v1/auth",
        action: "wporchestrix.sign_out",
        access: Access::Credential("Bearer, token"),
        doc: Doc { summary: "Sign out", fields: &[], answers: &[Answer(200, "Signed out"), Answer(401, "Not signed in")] },
        handler: Some(|ask| Box::pin(auth::sign_out(ask))),
    },
];
