//! The commands: what `doorward` does from a shell. Each calls flows, never SQL.
//!
//! Reading order:
//! - this file: the command line, and how a command ends;
//! - `out`: the one place that prints; `room`: what a command works with;
//! - one file per command.

mod acme;
mod also;
mod audit;
mod completions;
mod console;
mod demo;
mod explain;
mod export;
mod first_run;
mod import;
mod keys;
mod log;
mod openapi;
mod out;
mod power;
mod room;
mod rules;
mod rules_list;
mod serve;
mod settings;
mod site;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod version;
mod webhooks;

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use doorward_core::refusal::{Fault, No, Refusal};

use crate::bundle::Stopped;
use crate::config::{Problem, Settings, Sources};

/// One login server that speaks the API authentication of five platforms.
#[derive(Parser)]
#[command(
    name = "doorward",
    version,
    about = "Doorward: one authentication server that speaks the languages of five platforms",
    long_about = "Doorward: one authentication server that speaks the languages of five platforms.\n\n\
        It logs people in, issues and revokes tokens, and checks requests for the API behind it, with the words that \
        clients of WPOrchestrix, Simple JWT Login, WNCMS, Wapka and JWT Authentication for WP REST API know.",
    after_help = "To try it:        doorward demo\n\
        To run it:        doorward serve            (makes what it needs at its first start)\n\
        To add a user:    doorward user add alice --email alice@example.com --generate-password\n\
        To know why:      doorward settings list, doorward audit list",
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Default)]
struct Common {
    /// The data directory [default: ./data]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Common options")]
    data: Option<String>,
    /// A PostgreSQL database instead of the SQLite file in the data directory
    #[arg(long, global = true, value_name = "URL", help_heading = "Common options")]
    database: Option<String>,
    /// The configuration file [default: doorward.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Common options")]
    config: Option<std::path::PathBuf>,
    /// Any setting, such as limits.per_account=20; can be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", help_heading = "Common options")]
    set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Try it: a server in a temporary directory, with sites, users, tokens and an upstream to play with
    Demo(demo::Demo),
    /// Sites: list, show, add, set, remove
    #[command(subcommand)]
    Site(site::Site),
    /// Rules of a site: list, add, set, remove, move, enable, disable, check, replace
    #[command(subcommand)]
    Rules(Box<rules::Rules>),
    /// Users: list, show, add, set, ban, unban, delete, password, second-factor, power, sign-out
    #[command(subcommand)]
    User(user::User),
    /// The console: a link for an operator who is locked out
    #[command(subcommand)]
    Console(console::Console),
    /// API tokens: list, create, regenerate, revoke, check
    #[command(subcommand)]
    Token(token::Token),
    /// Settings: list, explain, reference
    #[command(subcommand)]
    Settings(settings::Settings),
    /// Signing keys: list, rotate, retire, remove, import, jwks
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Move in: read a bundle
    #[command(subcommand)]
    Import(import::Import),
    /// Move out: write a bundle
    #[command(subcommand)]
    Export(export::Export),
    /// Certificates of a certificate authority: list, renew
    #[command(subcommand)]
    Acme(acme::Acme),
    /// What would be decided of a request, and why
    Explain(explain::Explain),
    /// What was decided, for whom, and why
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Webhooks: list, secret
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Print the OpenAPI document of every endpoint
    Openapi,
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the version
    Version(version::Version),
}

/// Why a command did not do what it was asked for: one sentence, and an exit code.
#[derive(Debug)]
enum Failed {
    /// Refused or broken: exit code 1.
    Said(String),
    /// Asked in a way that makes no sense: exit code 2.
    Usage(String),
}

impl Failed {
    fn said(sentence: impl Into<String>) -> Self {
        Self::Said(sentence.into())
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Said(fault.to_string())
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Said(problem.to_string())
    }
}

impl From<Stopped> for Failed {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Problem(problem) => Self::Said(problem.to_string()),
            Stopped::Kept(reason) => Self::Said(format!("refused: {reason}")),
            Stopped::Fault(fault) => fault.into(),
        }
    }
}

impl From<No> for Failed {
    fn from(no: No) -> Self {
        match no {
            No::Broken(fault) => fault.into(),
            No::Refused(Refusal::NotFound) => Self::said("there is no such thing"),
            No::Refused(Refusal::Invalid(field)) => Self::Said(format!("another account of the site has this {field}")),
            No::Refused(refusal) => Self::Said(format!("refused: {}", refusal.reason())),
        }
    }
}

/// Reads the command line, does what it says, and returns the exit code: 0 done, 1 refused or broken, 2 asked wrongly.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and versions are answers, too; a pipe that was closed is not our concern.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2));
        }
    };
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed::Said(sentence)) => {
            out::complain(&sentence);
            ExitCode::from(1)
        }
        Err(Failed::Usage(sentence)) => {
            out::complain(&sentence);
            ExitCode::from(2)
        }
    }
}

fn execute(cli: Cli) -> Result<(), Failed> {
    let common = cli.common;
    match cli.command {
        Command::Serve(command) => command.run(&common),
        Command::Demo(command) => command.run(),
        Command::Site(command) => command.run(&common),
        Command::Rules(command) => command.run(&common),
        Command::User(command) => command.run(&common),
        Command::Console(command) => command.run(&common),
        Command::Token(command) => command.run(&common),
        Command::Settings(command) => command.run(&common),
        Command::Keys(command) => command.run(&common),
        Command::Import(command) => command.run(&common),
        Command::Export(command) => command.run(&common),
        Command::Acme(command) => command.run(&common),
        Command::Explain(command) => command.run(&common),
        Command::Audit(command) => command.run(&common),
        Command::Webhooks(command) => command.run(&common),
        Command::Openapi => openapi::run(),
        Command::Completions(command) => {
            command.run(&mut Cli::command());
            Ok(())
        }
        Command::Version(command) => {
            command.run();
            Ok(())
        }
    }
}

impl Common {
    /// The sources of settings, these flags among them.
    fn sources(&self) -> Result<Sources, Problem> {
        let mut sources = Sources { config: self.config.clone(), ..Sources::process() };
        for pair in &self.set {
            sources.set(pair)?;
        }
        for (key, value) in [("data.dir", &self.data), ("data.database", &self.database)] {
            add_flag(&mut sources, key, value.as_ref());
        }
        Ok(sources)
    }

    /// The settings; what looks like a mistake in them is told.
    fn settings(&self) -> Result<Settings, Problem> {
        told(Settings::load(&self.sources()?)?)
    }
}

/// Adds a flag's value under its key.
fn add_flag(sources: &mut Sources, key: &'static str, value: Option<&String>) {
    if let (Some(value), Some(flag)) = (value, crate::config::key(key).and_then(|k| k.flag)) {
        sources.flags.push((key, value.clone(), flag.to_owned()));
    }
}

fn told(settings: Settings) -> Result<Settings, Problem> {
    for warning in &settings.warnings {
        out::warn(warning);
    }
    Ok(settings)
}
