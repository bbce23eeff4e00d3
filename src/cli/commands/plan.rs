//! `plan`: what differs from the live account. Never writes to the account or the ledger.

use std::path::{Path, PathBuf};

use clap::Args;

use super::test::write_scenarios;
use crate::cli::at_a_time::AtATimeArgs;
use crate::cli::caching::CacheArgs;
use crate::cli::exit::worst;
use crate::cli::failing::tell;
use crate::cli::guards::{GuardArgs, shown};
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::selecting::SelectionArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit, file_names};
use crate::plan::{EnvironmentPlan, Plan, Plans, differences};
use crate::report::environments::{gitlab_report_of_all, render_plans, render_plans_markdown};
use crate::report::plan::render_stale;
use crate::report::scenarios::scenarios_of;
use crate::run::environments::{Came, side_by_side};
use crate::run::planning::{How, PreviewedPlan, plan_json, planned};
use crate::run::rollout::folder;
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run};
use crate::run::{outputs, saved};
use crate::text::safe::json;

/// Show what differs between the manifests and the live account. Nothing is written to either.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl plan                             the project, against the sandbox
  campaignctl plan -e production               against an environment of campaignctl.yaml
  campaignctl plan --out plan.json             keep the plan, to apply exactly that
  campaignctl plan --detailed-exitcode         exit 2 when the account differs
  campaignctl plan --expect reviewed.json      exit 7 unless it is the plan that was reviewed
  campaignctl plan --impact                    and what visitors are offered differently
  campaignctl plan --format json               the plan for a program
  campaignctl plan --format html > plan.html   a page to search and filter, works offline
  campaignctl plan --all-environments          every environment, and a table of all
  campaignctl plan --target Campaign/sale      one object, and what it refers to
  campaignctl plan --changed-since origin/main  what this branch touched, and what depends on it

Marks: + create, ~ update, -/+ replace, - delete, → adopt, ! manual step.
Causes: edit (the manifest changed), drift (the account changed), edit and drift, template and
variable with their names.")]
pub(in crate::cli) struct PlanArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Exit 2 when the account differs from the manifests.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    /// Plan for every environment of the project. They are read in parallel, with one summary. The exit code is that
    /// of the worst: 1, 3, 4, 5, 6, 2, 0.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    all_environments: bool,
    #[command(flatten)]
    at_a_time: AtATimeArgs,
    /// Write the plan to a file. It is for `show` and `apply`; of all environments, a file each to a folder, and an index of
    /// them, `index.json`, for `apply DIR`.
    #[arg(short, long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    /// Exit 7 unless this is the plan that was reviewed. It says what differs from the one in the file.
    #[arg(long, value_name = "PLAN", conflicts_with = "all_environments")]
    expect: Option<PathBuf>,
    /// Say what visitors are offered differently. That is after the plan; each difference has an example visit. What cannot be
    /// decided and may be different is said, too.
    #[arg(long)]
    impact: bool,
    /// Write the examples of `--impact` as scenarios. They hold after the plan.
    #[arg(long, value_name = "FILE", conflicts_with = "all_environments")]
    write_scenarios: Option<PathBuf>,
    /// Leave fields alone that only the account changed.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_IGNORE_DRIFT")]
    ignore_drift: bool,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    #[command(flatten)]
    pub(in crate::cli) selecting: SelectionArgs,
    #[command(flatten)]
    guards: GuardArgs,
    #[command(flatten)]
    caching: CacheArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &PlanArgs) -> Result<u8, Error> {
    let run = &args.caching.of(run);
    file_names::warn_of_format(ui, args.out.as_deref());
    let file = args.out.as_ref().filter(|_| !args.all_environments); // else a folder
    file_names::warn_of_page(ui, file.map(PathBuf::as_path));
    if let Some(file) = file {
        outputs::allowed(run.outputs(), file, outputs::OutputFlag::PLAN)?;
    }
    if let Some(file) = &args.write_scenarios {
        outputs::is_new(run.outputs(), file, "--write-scenarios")?;
    }
    let workspace = Workspace::find(run, &args.paths)?;
    let (subset, how) = (
        args.selecting.subset(),
        How {
            ignores_drift: args.ignore_drift,
            is_shown: true,
            tells_impact: args.impact || args.write_scenarios.is_some(),
        },
    );
    let planned = |run: &Run| block_on(planned(run, &workspace, &subset, how));
    if args.all_environments {
        if ui.format() == Format::Html {
            let why = "a page shows the plan of one environment";
            let help = "add `--out DIR` for a plan each, then `show FILE --format html`, with another format here";
            return Err(Error::invalid(why).help(help));
        }
        let folder = args.out.as_deref();
        folder.map_or(Ok(()), |it| folder::make(run, &workspace, it))?;
        let came = side_by_side(run, &workspace, args.at_a_time.at_a_time, |run: &Run| {
            planned(run).map(|it| it.plan)
        })?;
        let plans = Plans::new(
            came.into_iter()
                .map(|it| environment_plan(args, it))
                .collect(),
        );
        if let Some(folder) = folder {
            // Where no plan was made at all, those of an earlier run stay.
            if plans.environments.iter().any(|it| it.plan.is_some()) {
                folder::write(run, &workspace, folder, &plans)?;
            }
        }
        return Ok(of_all(ui, args, &plans));
    }
    let reviewed = args.expect.as_deref();
    let reviewed = reviewed.map(|file| saved::read_in(run, file)).transpose()?;
    let PreviewedPlan { plan, begun } = planned(run)?;
    if let Some(file) = &args.out {
        outputs::write(file, &plan_json(&plan), outputs::OutputFlag::PLAN)?;
    }
    if let (Some(file), Some(impact)) = (&args.write_scenarios, &plan.impact) {
        let assumed = workspace.project.assume.clone().unwrap_or_default();
        let desired = workspace.readable_manifests(run)?.desired;
        let after = (&assumed, run.machine().now());
        let (texts, left) = scenarios_of(impact, after, &desired, "impact in");
        write_scenarios(
            ui,
            file,
            &texts,
            "the impact has no example that a test could hold",
        )?;
        if left > 0 {
            ui.note(&format!(
                "note: left out of {}, as no test of the manifests can hold there: {left} of the differences",
                file.display()
            ));
        }
    }
    ui.document(&plan_json(&plan));
    ui.formatted(
        ui.format(),
        &shown(ui, ui.format(), args.guards, &plan, args.full),
    );
    if let (Some(file), Some(reviewed)) = (&args.expect, &reviewed) {
        let differences = differences(reviewed, &plan, begun.of(&reviewed.id));
        if !differences.is_empty() {
            ui.error(&unexpected(file, &render_stale(&differences)));
            return Ok(exit::STALE);
        }
    }
    Ok(exit_code(args, &plan))
}

/// Why a plan is not the one that was reviewed. It is shown all the same.
fn unexpected(file: &Path, differences: &str) -> Error {
    let message = format!("this is not the plan of `{}`", file.display());
    let error = Error::new(Meaning::Stale, message).list(differences);
    error.help("review this one, or find out who changed what")
}

/// The exit code of one plan.
fn exit_code(args: &PlanArgs, plan: &Plan) -> u8 {
    if args.guards.block(&plan.refusals) {
        exit::BLOCKED
    } else if args.detailed_exitcode && plan.changes_account() {
        exit::CHANGES
    } else {
        exit::DONE
    }
}

/// Shows the plans of all environments.
fn of_all(ui: &Ui, args: &PlanArgs, plans: &Plans) -> u8 {
    ui.document(&json(plans));
    if ui.format() != Format::Text {
        let errors = plans.environments.iter();
        tell(
            ui,
            errors.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
        );
    }
    let overrides = args.guards.overrides();
    ui.formatted(
        ui.format(),
        &match ui.format() {
            Format::Json => json(plans),
            Format::Markdown => {
                render_plans_markdown(plans, overrides, args.full, ui.markdown_budget())
            }
            Format::Gitlab => gitlab_report_of_all(plans),
            _ => ui.broken(&render_plans(plans, overrides, args.full, ui.color())),
        },
    );
    worst(plans.environments.iter().map(|it| it.exit))
}

fn environment_plan(args: &PlanArgs, (environment, result): Came<Plan>) -> EnvironmentPlan {
    match result {
        Ok(plan) => EnvironmentPlan {
            environment,
            exit: exit_code(args, &plan),
            plan: Some(plan),
            error: None,
        },
        Err(error) => EnvironmentPlan {
            environment,
            exit: exit::of(error.meaning),
            plan: None,
            error: Some((&error).into()),
        },
    }
}
