//! `POST /v1/auth/token`: a token for nobody in particular, to read what a site shows everybody.

use doorward_core::refusal::No;
use doorward_web::{Ask, Reply};
use serde::Serialize;

use super::{claims, envelope, named_site};

#[derive(Serialize)]
struct Answer<'a> {
    token: &'a str,
    site_id: i64,
}

/// Answers with the token. Nothing is stored: a guest has no session, and a second asked for in the same second is the same.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let site = named_site(&ask.house, &ask.fields)?;
    let signed = claims::guest(&site, ask.call.now)?;
    Ok(envelope::one(200, &ask.call, &Answer { token: &signed.token, site_id: site.site.id.0 }))
}
