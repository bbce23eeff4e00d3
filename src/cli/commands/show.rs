//! `show`: a saved plan, or reports of a rollout, rendered again.

use std::path::PathBuf;

use clap::Args;

use crate::cli::guards::{GuardArgs, shown};
use crate::cli::rolling_out::exit_code;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::kinds::words::VOCABULARY;
use crate::report::html::render_rollout_html;
use crate::report::rollout::{
    RolloutReport, render_rollout, render_rollout_junit, render_rollout_markdown,
};
use crate::run::Error;
use crate::run::planning::for_whom;
use crate::run::rollout::reports;
use crate::run::saved;
use crate::text::safe::json;

/// Show a saved plan, or put the reports of a rollout together. Only the files are read.
///
/// Reports are what `apply --all-environments --json-into FILE` writes, one for each shard or wave. Together they are one
/// report, which says which environments are missing, come twice, or belong to another rollout. The exit code is then
/// that of the worst environment, and 1 where the report is not the whole.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl show plan.json
  campaignctl show plan.json --format json
  campaignctl show plan.json --format html > plan.html   a page to search and filter
  campaignctl show report-*.json                         the reports of all shards as one
  campaignctl show report-*.json --format junit          the same for a pipeline")]
pub(in crate::cli) struct ShowArgs {
    /// The file that `plan --out` wrote, or the reports of a rollout.
    #[arg(value_name = "PLAN|REPORT", required = true)]
    files: Vec<PathBuf>,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Show guards that these flags override as allowed, as they were given to `plan`.
    #[command(flatten)]
    guards: GuardArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, args: &ShowArgs) -> Result<u8, Error> {
    if let Some(report) = reports::read(&args.files)? {
        return rollout(ui, report);
    }
    let [file] = args.files.as_slice() else {
        let help = "only the reports of a rollout can be put together";
        return Err(Error::invalid("one plan at a time").help(help));
    };
    if ui.format() == Format::Junit {
        let why = "a plan has no JUnit form";
        return Err(Error::invalid(why).help("give the reports of a rollout, or another format"));
    }
    let plan = saved::read(file)?;
    let project = plan.project_shown();
    ui.note(&for_whom(
        &plan.environment,
        &plan.account,
        project.as_deref(),
    ));
    if plan.vocabulary != VOCABULARY {
        ui.note(&format!(
            "warning: `{}` was made by version {} of campaignctl, which maps words to other numbers of the platform: it cannot be applied, plan again",
            file.display(),
            plan.tool_version
        ));
    }
    ui.formatted(
        ui.format(),
        &shown(ui, ui.format(), args.guards, &plan, args.full),
    );
    Ok(exit::DONE)
}

/// Shows the reports of a rollout as one.
fn rollout(ui: &Ui, mut report: RolloutReport) -> Result<u8, Error> {
    report.exit = exit_code(&report);
    let text = match ui.format() {
        Format::Json => json(&report),
        Format::Markdown => render_rollout_markdown(&report, ui.markdown_budget()),
        Format::Html => render_rollout_html(&report),
        Format::Junit => render_rollout_junit(&report),
        Format::Gitlab => {
            let why = "the report of a rollout has no form for GitLab's widget";
            return Err(Error::invalid(why).help("use `--format junit`, which GitLab shows, too"));
        }
        _ => ui.broken(&render_rollout(&report)),
    };
    ui.formatted(ui.format(), &text);
    Ok(report.exit)
}
