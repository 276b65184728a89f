//! Its routes: who may knock, and what is answered. A site with a namespace of its own has them there.

use doorward_core::refusal::{No, Refusal};
use doorward_web::route::Access;
use doorward_web::{Answer, Ask, Doc, Field, Kind, Reply, Route};

use super::original::{self, Door, Verb};
use super::{Settings, auth, refresh, revoke, validate};

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

const REGISTER: &[Field] = &[
    Field { name: "email", kind: Kind::Text, required: true, about: "E-mail address; the login name as well, unless user_login is sent" },
    Field { name: "password", kind: Kind::Secret, required: false, about: "Password, unless the site draws one" },
    Field { name: "user_login", kind: Kind::Text, required: false, about: "Login name" },
    Field { name: "user_meta", kind: Kind::Text, required: false, about: "A JSON object; only what the site allows is kept" },
    CODE,
];

const RESET: &[Field] = &[
    Field { name: "email", kind: Kind::Text, required: true, about: "E-mail address of the account" },
    Field { name: "code", kind: Kind::Secret, required: false, about: "The code that was sent (PUT)" },
    Field { name: "new_password", kind: Kind::Secret, required: false, about: "The new password (PUT)" },
    CODE,
];

const OAUTH: &[Field] = &[
    Field { name: "provider", kind: Kind::Text, required: true, about: "google, auth0, facebook or github" },
    Field { name: "code", kind: Kind::Secret, required: false, about: "The provider's code" },
    Field { name: "id_token", kind: Kind::Secret, required: false, about: "The provider's ID token (google)" },
    Field { name: "access_token", kind: Kind::Secret, required: false, about: "The provider's access token (the others)" },
    Field { name: "nonce", kind: Kind::Secret, required: false, about: "What the sign-in at the provider was begun with" },
];

const API_KEY: &[Field] = &[
    Field { name: "name", kind: Kind::Text, required: true, about: "A name for people" },
    Field { name: "permissions", kind: Kind::Text, required: true, about: "read, create, update, delete: a list, or with commas" },
    Field { name: "expires_at", kind: Kind::Text, required: false, about: "When it stops working" },
];

/// What the endpoints of the recorded editions answer.
const DONE: &[Answer] = &[
    Answer(200, "Done"),
    Answer(400, "Refused, with number and reason"),
    Answer(401, "No token, or one that is no good"),
    Answer(403, "Not allowed"),
    Answer(404, "The edition of the site has no such endpoint"),
];

const VALIDATE: Doc = Doc {
    summary: "Check a JWT, and tell whose it is",
    fields: TOKEN,
    answers: &[Answer(200, "The token is good"), Answer(400, "No token, or one that is broken, forged, expired or revoked")],
};

/// Answers in the words of the site's edition. What the document does not have is no route in its edition.
async fn answer(ask: Ask, door: Door) -> Result<Reply, No> {
    if Settings::of(&ask.view)?.original.is_some() {
        return original::answer(ask, door).await;
    }
    match door {
        Door::Auth => auth::answer(ask).await,
        Door::Validate => validate::answer(ask).await,
        Door::Refresh => refresh::answer(ask).await,
        Door::Revoke => revoke::answer(ask).await,
        Door::Register
        | Door::Remove
        | Door::Reset
        | Door::Autologin
        | Door::Oauth
        | Door::TwoFactor
        | Door::ApiKeys(_)
        | Door::RevokedTokens
        | Door::Unrevoke => Err(Refusal::NoRoute.into()),
    }
}

/// The routes of the documented edition.
pub(super) const DOCUMENTED: &[Route] = ROUTES.split_at(5).0;
/// The routes of both recorded editions.
pub(super) const COMMON: &[Route] = ROUTES.split_at(12).0;
/// The route that only 3.x has.
pub(super) const V3: &[Route] = ROUTES.split_at(12).1.split_at(1).0;
/// The routes that only 4.x has.
pub(super) const V4: &[Route] = ROUTES.split_at(13).1;

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
        handler: Some(|ask| Box::pin(answer(ask, Door::Auth))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/auth/validate",
        action: "simple_jwt_login.validate",
        access: Access::Credential("Bearer, JWT"),
        doc: VALIDATE,
        handler: Some(|ask| Box::pin(answer(ask, Door::Validate))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth/validate",
        action: "simple_jwt_login.validate",
        access: Access::Credential("Bearer, JWT"),
        doc: VALIDATE,
        handler: Some(|ask| Box::pin(answer(ask, Door::Validate))),
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
        handler: Some(|ask| Box::pin(answer(ask, Door::Refresh))),
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
        handler: Some(|ask| Box::pin(answer(ask, Door::Revoke))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/users",
        action: "simple_jwt_login.register",
        access: Access::Public,
        doc: Doc { summary: "Register (editions v3, v4)", fields: REGISTER, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Register))),
    },
    Route {
        method: "DELETE",
        path: "/wp-json/simple-jwt-login/v1/users",
        action: "simple_jwt_login.delete",
        access: Access::Credential("Bearer, JWT"),
        doc: Doc { summary: "Remove the own account (editions v3, v4)", fields: TOKEN, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Remove))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/user/reset_password",
        action: "simple_jwt_login.reset",
        access: Access::Public,
        doc: Doc { summary: "Ask for a code to reset a password (editions v3, v4)", fields: RESET, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Reset))),
    },
    Route {
        method: "PUT",
        path: "/wp-json/simple-jwt-login/v1/user/reset_password",
        action: "simple_jwt_login.reset",
        access: Access::Public,
        doc: Doc { summary: "Change a password for a code or a JWT (editions v3, v4)", fields: RESET, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Reset))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/autologin",
        action: "simple_jwt_login.autologin",
        access: Access::Credential("Bearer, JWT"),
        doc: Doc {
            summary: "Turn a JWT into a browser session (editions v3, v4)",
            fields: TOKEN,
            answers: &[
                Answer(200, "Logged in, and not sent anywhere"),
                Answer(302, "Logged in, and sent on"),
                Answer(400, "Refused, with number and reason"),
                Answer(403, "Refused by the site's rules"),
                Answer(404, "The edition of the site has no such endpoint"),
            ],
        },
        handler: Some(|ask| Box::pin(answer(ask, Door::Autologin))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/oauth/token",
        action: "simple_jwt_login.oauth",
        access: Access::Public,
        doc: Doc {
            summary: "A browser that comes back from an OAuth provider (editions v3, v4)",
            fields: OAUTH,
            answers: &[
                Answer(302, "To the dashboard with a session, or to the login page with what was wrong"),
                Answer(400, "Refused, with number and reason"),
                Answer(403, "The provider is not available"),
                Answer(404, "The edition of the site has no such endpoint"),
            ],
        },
        handler: Some(|ask| Box::pin(answer(ask, Door::Oauth))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/oauth/token",
        action: "simple_jwt_login.oauth",
        access: Access::Public,
        doc: Doc { summary: "Exchange a code or token of an OAuth provider (editions v3, v4)", fields: OAUTH, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Oauth))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/register",
        action: "simple_jwt_login.register_alias",
        access: Access::Public,
        doc: Doc { summary: "Register (edition v3)", fields: REGISTER, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Register))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/auth/2fa",
        action: "simple_jwt_login.two_factor",
        access: Access::Public,
        doc: Doc { summary: "The second step of a login (edition v4)", fields: TOKEN, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::TwoFactor))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/api-keys",
        action: "simple_jwt_login.api_keys",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "List API keys (edition v4)", fields: &[], answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::ApiKeys(Verb::List)))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/api-keys",
        action: "simple_jwt_login.api_keys",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "Make an API key (edition v4)", fields: API_KEY, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::ApiKeys(Verb::Create)))),
    },
    Route {
        method: "PUT",
        path: "/wp-json/simple-jwt-login/v1/api-keys/{id}",
        action: "simple_jwt_login.api_keys",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "Change an API key (edition v4)", fields: API_KEY, answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::ApiKeys(Verb::Update)))),
    },
    Route {
        method: "DELETE",
        path: "/wp-json/simple-jwt-login/v1/api-keys/{id}",
        action: "simple_jwt_login.api_keys",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "Delete an API key (edition v4)", fields: &[], answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::ApiKeys(Verb::Delete)))),
    },
    Route {
        method: "POST",
        path: "/wp-json/simple-jwt-login/v1/api-keys/{id}/revoke",
        action: "simple_jwt_login.api_key_revoke",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "Revoke an API key (edition v4)", fields: &[], answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::ApiKeys(Verb::Revoke)))),
    },
    Route {
        method: "GET",
        path: "/wp-json/simple-jwt-login/v1/revoked-tokens",
        action: "simple_jwt_login.revoked_tokens",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "List revoked tokens (edition v4)", fields: &[], answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::RevokedTokens))),
    },
    Route {
        method: "DELETE",
        path: "/wp-json/simple-jwt-login/v1/revoked-tokens/{id}",
        action: "simple_jwt_login.revoked_tokens",
        access: Access::Credential("Bearer, JWT, cookie"),
        doc: Doc { summary: "Take a revocation back (edition v4)", fields: &[], answers: DONE },
        handler: Some(|ask| Box::pin(answer(ask, Door::Unrevoke))),
    },
];
