//! `/api/imports`, `/api/settings`: moving in, and what the server is set to.

use serde_json::json;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// A bundle, in bytes: a hundred thousand users.
const BUNDLE: usize = 64 * 1024 * 1024;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/api/imports", "console.import", Access::Owner, |ask| Box::pin(import(ask))).body(BUNDLE).fresh(),
    Route::new("GET", "/api/imports", "console.import.list", Access::Owner, |ask| Box::pin(imports(ask))),
    Route::new("GET", "/api/imports/{id}", "console.import.show", Access::Owner, |ask| Box::pin(imported(ask))),
    Route::new("GET", "/api/settings", "console.settings", Access::Owner, |ask| Box::pin(settings(ask))),
];

async fn import(ask: Ask) -> Result<Answer, No> {
    let only_tried = match ask.query("dry_run").as_deref() {
        None | Some("" | "false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(No::invalid("dry_run", "true or false is asked for")),
    };
    Ok(Answer::ok(&ask.console.behind.import(&ask.call, &ask.raw, only_tried).await?))
}

async fn imports(ask: Ask) -> Result<Answer, No> {
    Ok(Answer::ok(&json!({"items": ask.console.behind.imports().await?, "next": null})))
}

async fn imported(ask: Ask) -> Result<Answer, No> {
    let report = ask.console.behind.imported(ask.value(0)).await?.ok_or_else(No::not_found)?;
    Ok(Answer::ok(&report))
}

async fn settings(ask: Ask) -> Result<Answer, No> {
    Ok(Answer::ok(&json!({"items": ask.console.behind.settings(), "next": null})))
}
