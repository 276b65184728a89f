//! Its routes: who may knock, and what is answered.

use doorward_web::route::Access;
use doorward_web::{Answer, Doc, Field, Kind, Route};

use super::{api_keys, guest, login, me};

/// One's own profile.
pub(super) const ME: &str = "/v1/users/me";

const CREDENTIAL: Access = Access::Credential("Bearer, API key");
const SUPERADMIN: Access = Access::Credential("Bearer, API key: level 10");

const SITE: Field = Field { name: "site", kind: Kind::Text, required: true, about: "The site's short name" };

/// The routes.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/v1/auth/token",
        action: "wapka.guest",
        access: Access::Public,
        doc: Doc {
            summary: "A guest's token, for reading what a site shows everybody",
            fields: &[SITE],
            answers: &[Answer(200, "The token, for 24 hours"), Answer(404, "No such site"), Answer(422, "The site is missing or no text")],
        },
        handler: Some(|ask| Box::pin(guest::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/v1/auth/login",
        action: "wapka.login",
        access: Access::Public,
        doc: Doc {
            summary: "Log in for a token",
            fields: &[
                SITE,
                Field { name: "username", kind: Kind::Text, required: false, about: "Login name, or e-mail address; this or email" },
                Field { name: "email", kind: Kind::Text, required: false, about: "E-mail address; this or username" },
                Field { name: "password", kind: Kind::Secret, required: true, about: "Password" },
                Field {
                    name: "otp_attempt",
                    kind: Kind::Text,
                    required: false,
                    about: "TOTP or recovery code, for accounts with a second factor (Doorward's addition)",
                },
            ],
            answers: &[
                Answer(200, "The token, for 24 hours, and the user"),
                Answer(401, "Wrong credentials or code, or a code is due (second_factor_required)"),
                Answer(403, "The account is banned"),
                Answer(404, "No such site"),
                Answer(422, "A field is missing or no text"),
            ],
        },
        handler: Some(|ask| Box::pin(login::answer(ask))),
    },
    Route {
        method: "GET",
        path: ME,
        action: "wapka.me",
        access: CREDENTIAL,
        doc: Doc {
            summary: "Your own profile",
            fields: &[],
            answers: &[Answer(200, "The user"), Answer(401, "Not signed in"), Answer(403, "A guest, or a key for what is public")],
        },
        handler: Some(|ask| Box::pin(me::answer(ask))),
    },
    Route {
        method: "POST",
        path: "/v1/api-keys",
        action: "wapka.api_key.create",
        access: SUPERADMIN,
        doc: Doc {
            summary: "Make an API key for yourself",
            fields: &[
                Field { name: "name", kind: Kind::Text, required: true, about: "1 to 100 characters" },
                Field { name: "scope", kind: Kind::Text, required: false, about: "* (all that you may) or public:read" },
                Field { name: "expires_at", kind: Kind::Text, required: false, about: "ISO 8601, in the future; absent = never" },
            ],
            answers: &[
                Answer(201, "The key, in full this once"),
                Answer(401, "Not signed in"),
                Answer(403, "Below level 10"),
                Answer(422, "A field is missing or not valid"),
            ],
        },
        handler: Some(|ask| Box::pin(api_keys::create::answer(ask))),
    },
    Route {
        method: "GET",
        path: "/v1/api-keys",
        action: "wapka.api_key.list",
        access: SUPERADMIN,
        doc: Doc {
            summary: "Your API keys, masked; ?page from 1, ?limit up to 100",
            fields: &[],
            answers: &[
                Answer(200, "A page of keys"),
                Answer(401, "Not signed in"),
                Answer(403, "Below level 10"),
                Answer(422, "No such page"),
            ],
        },
        handler: Some(|ask| Box::pin(api_keys::list::answer(ask))),
    },
    Route {
        method: "DELETE",
        path: "/v1/api-keys/{id}",
        action: "wapka.api_key.delete",
        access: SUPERADMIN,
        doc: Doc {
            summary: "Delete one of your API keys",
            fields: &[],
            answers: &[
                Answer(204, "Deleted"),
                Answer(401, "Not signed in"),
                Answer(403, "Below level 10"),
                Answer(404, "No such key of yours"),
            ],
        },
        handler: Some(|ask| Box::pin(api_keys::delete::answer(ask))),
    },
];
