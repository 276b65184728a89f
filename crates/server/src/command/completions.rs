//! `doorward completions`: what a shell needs to complete commands.

use clap_complete::Shell;

use super::out;

/// Print completions for a shell, to be put where it looks for them.
///
/// bash: doorward completions bash > ~/.local/share/bash-completion/completions/doorward
/// zsh:  doorward completions zsh > "${fpath[1]}/_doorward"
/// fish: doorward completions fish > ~/.config/fish/completions/doorward.fish
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, command: &mut clap::Command) {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, command, "doorward", &mut text);
        out::raw(&text);
    }
}
