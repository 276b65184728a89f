//! Its routes: who may knock, and what is answered.

use doorward_web::route::Access;
use doorward_web::{Answer, Doc, Field, Kind, Route};

use super::{token, validate};

const LOGIN: &[Field] = &[
    Field { name: "username", kind: Kind::Text, required: true, about: "Login name or e-mail address" },
    Field { name: "password", kind: Kind::Secret, required: true, about: "Password" },
    Field { name: "otp_attempt", kind: Kind::Text, required: false, about: "TOTP or recovery code, for accounts with a second factor" },
];

/// The routes.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/wp-json/jwt-auth/v1/token",
        action: "jwt_auth.login",
        access: Access::Public,
        doc: Doc {
            summary: "Log in for a JWT of seven days",
            fields: LOGIN,
            answers: &[Answer(200, "Logged in"), Answer(403, "Wrong credentials or code, or a second factor is due")],
        },
        handler: Some(|ask| Box::pin(token::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/wp-json/jwt-auth/v1/token/validate",
        action: "jwt_auth.validate",
        access: Access::Credential("Bearer"),
        doc: Doc {
            summary: "Check a JWT",
            fields: &[],
            answers: &[Answer(200, "The token is good"), Answer(403, "No token, or one that is broken, forged, expired or revoked")],
        },
        handler: Some(|ask| Box::pin(validate::answer(ask))),
    },
];
