//! `/api/live`: what is being decided: one event a second, made once for all who watch.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::unfold;

use doorward_core::flow::console::{Visitor, visit};

use super::audit::scope;
use crate::answer::{Answer, Pieces};
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[Route::new("GET", "/api/live", "console.live", Access::Admin, |ask| Box::pin(live(ask))).quiet()];

/// Events between two looks at whether whoever watches still may.
const LOOK: u32 = 5;

async fn live(ask: Ask) -> Result<Answer, No> {
    let site = scope(&ask)?;
    let visitor = ask.visitor()?.clone();
    let events: Pieces = ask.console.behind.live(site);
    let watch = Arc::new((ask, visitor));
    let pieces = unfold((events, 0_u32), move |(mut events, count)| {
        let watch = Arc::clone(&watch);
        async move {
            let event = events.next().await?;
            if count % LOOK == LOOK - 1 && !still(&watch.0, &watch.1).await {
                return None;
            }
            Some((event, (events, count.wrapping_add(1))))
        }
    });
    Ok(Answer::stream("text/event-stream", pieces))
}

/// Whether somebody to whom an answer is still being written may go on hearing it. If it cannot be known, they may not.
pub(super) async fn still(ask: &Ask, visitor: &Visitor) -> bool {
    let console = &ask.console;
    visit::stands(&console.house, visitor, console.house.done(&ask.call), &console.terms.lifetimes).await.unwrap_or(false)
}
