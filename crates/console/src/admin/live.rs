//! `/api/live`: what is being decided: one event a second, made once for all who watch.

use futures_util::StreamExt;
use futures_util::stream::unfold;

use doorward_core::flow::console::visit;

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
    let console = ask.console.clone();
    let events: Pieces = console.behind.live(site);
    let pieces = unfold((events, 0_u32), move |(mut events, count)| {
        let (console, visitor) = (console.clone(), visitor.clone());
        async move {
            let event = events.next().await?;
            if count % LOOK == LOOK - 1 && !visit::stands(&console.house, &visitor).await.unwrap_or(false) {
                return None;
            }
            Some((event, (events, count.wrapping_add(1))))
        }
    });
    Ok(Answer::stream("text/event-stream", pieces))
}
