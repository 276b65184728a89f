//! `doorward openapi`: the document of every endpoint.

use super::{Failed, out};

pub(super) fn run() -> Result<(), Failed> {
    out::json(&crate::reception::openapi(&doorward_dialects::all()));
    Ok(())
}
