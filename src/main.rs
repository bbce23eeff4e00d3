//! The `campaignctl` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    campaignctl::cli::main(std::env::args_os())
}
