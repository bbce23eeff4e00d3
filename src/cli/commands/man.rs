//! `man`: the manual pages, one per command, for those who make packages.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{command, exit, without_values};
use crate::run::{Error, Meaning};

/// Write the manual pages of all commands to a folder.
#[derive(Debug, Args)]
pub(in crate::cli) struct ManArgs {
    /// The folder; it is created if it does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs the command.
pub(in crate::cli) fn run(args: &ManArgs) -> Result<u8, Error> {
    let error = |error: std::io::Error| {
        let folder = args.folder.display();
        Error::new(
            Meaning::Failed,
            format!("cannot write to `{folder}`: {error}"),
        )
    };
    std::fs::create_dir_all(&args.folder).map_err(error)?;
    clap_mangen::generate_to(without_values(command()), &args.folder).map_err(error)?;
    Ok(exit::DONE)
}
