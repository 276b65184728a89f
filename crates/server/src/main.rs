//! The binary: hands the command line to the commands.

/// Runs a command.
fn main() -> std::process::ExitCode {
    doorward_server::command::run()
}
