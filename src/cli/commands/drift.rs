//! `drift`: what changed on the account behind our back.

use std::path::PathBuf;

use clap::Args;

use crate::cli::at_a_time::AtATimeArgs;
use crate::cli::caching::CacheArgs;
use crate::cli::exit::worst;
use crate::cli::failing::tell;
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::notifying::{self, NotifyArgs};
use crate::cli::selecting::SelectionArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit};
use crate::report::drift::{Drift, Drifts, EnvironmentDrift, drift};
use crate::report::notice::Notice;
use crate::run::environments::{Came, side_by_side};
use crate::run::notifying::{EndedRun, Messenger};
use crate::run::planning::{How, planned};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Show what changed on the account since it was last applied. For a nightly job: exits 2 if there is drift, if another
/// run holds the ledger, or if an earlier run did not finish.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl drift -e production
  campaignctl drift --format json
  campaignctl drift --all-environments

Changes of the manifests are not shown; `campaignctl plan` shows both.")]
pub(in crate::cli) struct DriftArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check every environment of `campaignctl.yaml`, in parallel. The exit code is that of the worst: 1, 3, 4, 5,
    /// 2, 0.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    all_environments: bool,
    #[command(flatten)]
    at_a_time: AtATimeArgs,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    pub(in crate::cli) selecting: SelectionArgs,
    #[command(flatten)]
    caching: CacheArgs,
}

/// Runs the command, and tells what came of it.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &DriftArgs) -> Result<u8, Error> {
    let run = &args.caching.of(run);
    let messenger = args.notify.messenger(run);
    let result = look(ui, run, args, &messenger);
    notifying::tell(run, &messenger, &result);
    result
}

fn look(ui: &Ui, run: &Run, args: &DriftArgs, messenger: &Messenger) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let subset = args.selecting.subset();
    let found = |run: &Run| {
        messenger.about(&workspace, run.environment());
        let planned = block_on(planned(run, &workspace, &subset, How::default()))?;
        let found = drift(&planned.plan);
        if !found.is_empty() {
            messenger.saw(Notice::of_drift(&found));
        }
        Ok(found)
    };
    if args.all_environments {
        let results = side_by_side(run, &workspace, args.at_a_time.at_a_time, found)?;
        notifying::tell_of_each(run, messenger, &ends(&results));
        return Ok(of_all(ui, results));
    }
    let found: Drift = found(run)?;
    ui.document(&json(&found));
    let text = match ui.format() {
        Format::Text => found.to_string(),
        _ => json(&found),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit_code(&found))
}

fn exit_code(found: &Drift) -> u8 {
    if found.is_empty() && found.unsettled.is_empty() {
        exit::DONE
    } else {
        exit::CHANGES
    }
}

/// How each environment ended, and why it failed.
fn ends(results: &[Came<Drift>]) -> Vec<EndedRun> {
    let ends = results.iter().map(|(environment, result)| EndedRun {
        environment: environment.clone(),
        code: code_of(result),
        failed: result.as_ref().err().map(|error| error.message.clone()),
    });
    ends.collect()
}

fn code_of(result: &Result<Drift, Error>) -> u8 {
    result
        .as_ref()
        .map_or_else(|error| exit::of(error.meaning), exit_code)
}

/// Shows the drift of all environments.
fn of_all(ui: &Ui, results: Vec<Came<Drift>>) -> u8 {
    let codes: Vec<u8> = results.iter().map(|(_, result)| code_of(result)).collect();
    let environments = results.into_iter().zip(&codes);
    let drifts = Drifts::new(environments.map(|((environment, result), exit)| {
        let (drift, error) = match result {
            Ok(drift) => (Some(drift), None),
            Err(error) => (None, Some((&error).into())),
        };
        EnvironmentDrift {
            environment,
            exit: *exit,
            drift,
            error,
        }
    }));
    if ui.format() != Format::Text {
        let errors = drifts.environments.iter();
        tell(
            ui,
            errors.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
        );
    }
    ui.document(&json(&drifts));
    ui.formatted(
        ui.format(),
        &match ui.format() {
            Format::Text => drifts.to_string(),
            _ => json(&drifts),
        },
    );
    worst(codes)
}
