//! The translators, one folder per wire language. None decides anything: read, ask a flow, write.
//!
//! Every folder has the same five words: `mod` (the routes), `present` (where the language shows its credentials),
//! `claims` (how it writes and reads its JWT), `envelope` (how it wraps answers), `refusals` (how it says no: one table).

pub mod config;
pub mod jwt_auth;
pub mod simple_jwt_login;
pub mod wapka;
pub mod wncms;

mod wordpress;
pub mod wporchestrix;

use std::sync::Arc;

use doorward_web::Dialect;

/// Every language of this build, in the order in which they are documented.
#[must_use]
pub fn all() -> Vec<Arc<dyn Dialect>> {
    vec![
        Arc::new(wporchestrix::Wporchestrix),
        Arc::new(simple_jwt_login::SimpleJwtLogin),
        Arc::new(wncms::Wncms),
        Arc::new(wapka::Wapka),
        Arc::new(jwt_auth::JwtAuth),
    ]
}

#[cfg(test)]
mod tests;
