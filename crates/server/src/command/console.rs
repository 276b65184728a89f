//! `doorward console`: the way back in for whoever runs this machine.

use doorward_core::flow::console::setup;

use super::room::{Room, block};
use super::{Common, Failed, out};

#[derive(clap::Subcommand)]
pub(super) enum Console {
    /// Print a one-time link that makes an owner, or gives an existing login a new password; good for a day
    Link,
}

impl Console {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let settings = common.settings()?;
        match self {
            Self::Link => block(async {
                let room = Room::open(common).await?;
                let url = settings.console.address(settings.console.listen);
                let url = url.ok_or_else(|| Failed::said("there is no console: set console.listen or console.url"))?;
                let token = setup::link(room.house(), &mut room.call()).await?;
                out::line(url.page(&format!("/setup#{}", token.reveal_text().unwrap_or_default())));
                Ok(())
            }),
        }
    }
}
