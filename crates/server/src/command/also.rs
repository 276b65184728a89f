//! What ends besides, when a user's sessions end.

use doorward_core::flow::accounts::Ends;

#[derive(clap::Args)]
pub(super) struct Also {
    /// End every API token as well, also those that were made for programs (after a compromise)
    #[arg(long)]
    api_tokens: bool,
}

impl Also {
    pub(super) fn ends(&self) -> Ends {
        if self.api_tokens { Ends::EveryToken } else { Ends::SignIns }
    }

    pub(super) fn told(&self) -> &'static str {
        if self.api_tokens { ", every API token is dead" } else { "" }
    }
}
