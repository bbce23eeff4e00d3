//! `doctor`: checks everything that a plan or an apply needs, and tells what the account offers. Writes nothing.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit};
use crate::run::examining::examine;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run, outputs};

/// Check credentials, services, ledger and every collection. Nothing is written.
///
/// It reads a list of campaigns first, because not all credentials are allowed to, and says which collections these
/// credentials can read. It also lists what the account offers: how many objects of each kind, and the names that
/// manifests can refer to.
///
/// Something that the manifests need and the credentials cannot read is a failure; anything else is a warning.
/// Whether the credentials are allowed to write is only known after the first write.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl doctor -e production
  campaignctl doctor --format json
  campaignctl doctor --capture shapes.json

Exits 4 when the credentials are refused, 5 when the account is throttled for too long, 3 for mistakes in
the project, and 1 for anything else that fails.")]
pub(in crate::cli) struct DoctorArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write the shapes of all collections to a file that can be shared: keys and types, no values.
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &DoctorArgs) -> Result<u8, Error> {
    if let Some(file) = &args.capture {
        outputs::allowed(run.outputs(), file, outputs::OutputFlag::CAPTURE)?;
    }
    let workspace = Workspace::find(run, &args.paths)?;
    let environment = workspace.environment(run.environment())?;
    let examining = run
        .news()
        .waiting(&format!("reading {}", run.environment()));
    let capture = args.capture.as_deref();
    let examined = block_on(async { Ok(examine(run, &workspace, &environment, capture).await) });
    drop(examining);
    let (examination, failure) = examined?;
    ui.formatted(
        ui.format(),
        &match ui.format() {
            Format::Text => examination.to_text(ui.color(), ui.width()),
            _ => examination.to_json(),
        },
    );
    Ok(failure.map_or(exit::DONE, exit::of))
}
