//! Tests of the command line itself.

use clap::CommandFactory;

use super::*;

#[test]
fn the_command_line_is_well_formed_and_common_flags_go_anywhere() {
    Cli::command().debug_assert();
    for line in [
        &["doorward", "--data", "/d", "serve", "--listen", "127.0.0.1:0"][..],
        &["doorward", "serve", "--data", "/d", "--listen", "127.0.0.1:0"],
        &["doorward", "import", "bundle", "file.json", "--data", "/d"],
        &["doorward", "import", "--data", "/d", "bundle", "file.json"],
        &["doorward", "user", "second-factor", "enrol", "ada", "--data", "/d"],
    ] {
        let cli = Cli::try_parse_from(line.iter()).unwrap();
        assert_eq!(cli.common.data.as_deref(), Some("/d"), "{line:?}");
    }
}

#[test]
fn no_command_takes_a_password_as_argument() {
    fn walk(command: &clap::Command, path: &str) {
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let takes_value = argument.get_action().takes_values();
            assert!(!(takes_value && (id.contains("password") || id.contains("secret"))), "{path} {id}");
        }
        for inner in command.get_subcommands() {
            walk(inner, &format!("{path} {}", inner.get_name()));
        }
    }
    walk(&Cli::command(), "doorward");
}

#[test]
fn every_listing_speaks_json() {
    fn walk(command: &clap::Command, path: &str) {
        if ["list", "show", "check"].contains(&command.get_name()) {
            assert!(command.get_arguments().any(|a| a.get_id() == "json"), "{path}");
        }
        for inner in command.get_subcommands() {
            walk(inner, &format!("{path} {}", inner.get_name()));
        }
    }
    walk(&Cli::command(), "doorward");
}

#[test]
fn every_command_and_flag_says_what_it_is() {
    fn walk(command: &clap::Command, path: &str) {
        assert!(command.get_about().is_some(), "{path}");
        for argument in command.get_arguments().filter(|a| !["help", "version"].contains(&a.get_id().as_str())) {
            assert!(argument.get_help().is_some(), "{path} {}", argument.get_id());
        }
        for inner in command.get_subcommands() {
            walk(inner, &format!("{path} {}", inner.get_name()));
        }
    }
    walk(&Cli::command(), "doorward");
}
