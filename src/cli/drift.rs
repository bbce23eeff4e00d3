//! `drift`: what changed on the account behind our back.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::environments::{Came, side_by_side, tell, worst};
use super::error::CliError;
use super::json_into::JsonIntoArgs;
use super::notifying::NotifyArgs;
use super::planning::planned;
use super::selecting::SelectionArgs;
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global, exit};
use crate::plan::Failure;
use crate::report::drift::{Drift, Drifts, EnvironmentDrift, drift};
use crate::report::notice::Notice;
use crate::text::safe::json;

/// Show what changed on the account since it was last applied. For a nightly job: exits 2 when there is any.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl drift -e production
  campaignctl drift --format json
  campaignctl drift --all-environments

What the manifests changed meanwhile is not shown; `campaignctl plan` shows both.")]
pub(super) struct DriftArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at every environment of `campaignctl.yaml`, side by side. The exit code is that of the worst: 1, 3, 4, 5,
    /// 2, 0.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    all_environments: bool,
    #[command(flatten)]
    pub(super) json_into: JsonIntoArgs,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
}

/// Runs the command, and tells what came of it.
pub(super) fn run(ui: &Ui, global: &Global, args: &DriftArgs) -> Result<u8, CliError> {
    let result = look(ui, global, args);
    args.notify.tell(ui, global, &result);
    result
}

fn look(ui: &Ui, global: &Global, args: &DriftArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, global, &args.paths)?;
    let found = |ui: &Ui, global: &Global| {
        args.notify.about(&workspace, global.environment());
        let plan = planned(
            ui,
            global,
            &workspace,
            &args.selecting,
            false,
            (false, false),
        )?;
        let found = drift(&plan);
        if !found.is_empty() {
            args.notify.saw(Notice::of_drift(&found));
        }
        Ok(found)
    };
    if args.all_environments {
        let results = side_by_side(ui, global, &workspace, found)?;
        args.notify.tell_of_each(ui, &ends(&results));
        return Ok(of_all(ui, global, results));
    }
    let found: Drift = found(ui, global)?;
    ui.document(&json(&found));
    let text = match global.format {
        Format::Text => found.to_string(),
        _ => json(&found),
    };
    ui.formatted(global.format, &text);
    Ok(exit_code(&found))
}

fn exit_code(found: &Drift) -> u8 {
    if found.is_empty() {
        exit::DONE
    } else {
        exit::CHANGES
    }
}

/// How each environment ended, and why it failed.
fn ends(results: &[Came<Drift>]) -> Vec<(String, u8, Option<String>)> {
    let ends = results.iter().map(|(environment, result)| match result {
        Ok(found) => (environment.clone(), exit_code(found), None),
        Err(error) => (environment.clone(), error.exit, Some(error.message.clone())),
    });
    ends.collect()
}

/// Shows the drift of all environments.
fn of_all(ui: &Ui, global: &Global, results: Vec<Came<Drift>>) -> u8 {
    let codes: Vec<u8> = results
        .iter()
        .map(|(_, result)| result.as_ref().map_or_else(|error| error.exit, exit_code))
        .collect();
    let environments = results.into_iter().zip(&codes);
    let drifts = Drifts::new(environments.map(|((environment, result), exit)| {
        let (drift, error) = match result {
            Ok(drift) => (Some(drift), None),
            Err(CliError { message, help, .. }) => (None, Some(Failure { message, help })),
        };
        EnvironmentDrift {
            environment,
            exit: *exit,
            drift,
            error,
        }
    }));
    if global.format != Format::Text {
        let errors = drifts.environments.iter();
        tell(
            ui,
            errors.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
        );
    }
    ui.document(&json(&drifts));
    ui.formatted(
        global.format,
        &match global.format {
            Format::Text => drifts.to_string(),
            _ => json(&drifts),
        },
    );
    worst(codes)
}
