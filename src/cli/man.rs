//! `man`: the manual pages, one per command, for those who make packages.

use std::path::PathBuf;

use clap::Args;

use super::{command, exit, without_values};
use crate::run::{Error, Meaning};

/// Write the manual pages of all commands to a folder.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The folder, which is made when it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &ManArgs) -> Result<u8, Error> {
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
