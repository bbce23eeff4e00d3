//! `status`: what an account contains, or what all of them do.

use std::path::PathBuf;

use clap::Args;

use crate::cli::at_a_time::AtATimeArgs;
use crate::cli::caching::CacheArgs;
use crate::cli::exit::worst;
use crate::cli::failing::tell;
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::kinds::KindId;
use crate::report::status::{EnvironmentStatus, FORMAT, Status, render_status, render_status_csv};
use crate::run::contents::{Contents, WantedObjects, of_account};
use crate::run::environments::{Came, side_by_side};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::select::Selector;
use crate::status;
use crate::text::safe::json;

/// Show what an account contains. Campaigns and engagements with their state, schedule and audience; then everything
/// else, with how many objects use it. Nothing is written, and no manifest is needed.
///
/// `LIVE` marks campaigns and engagements that consumers see now, and everything that one of them uses.
/// Owned objects are bound to a manifest in the ledger; all others are foreign. A field of an owned object has
/// drifted if it differs from the value last applied. Launches are those that the ledger knows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl status -e production
  campaignctl status --all-environments --state running
  campaignctl status --foreign --kind Campaign
  campaignctl status --state unused --owned   library objects that nothing uses
  campaignctl status -l season=autumn --format csv
  campaignctl status --at 2026-12-24T18:00:00Z")]
pub(in crate::cli) struct StatusArgs {
    /// Files or folders of the project, for labels.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check every environment of the project. They are read in parallel. The exit code is that of the worst.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    all_environments: bool,
    #[command(flatten)]
    at_a_time: AtATimeArgs,
    /// Only objects whose manifest has these labels. `key=value`, `key!=value`, `key`, `!key`; commas mean "and". Can
    /// be repeated; an object must match all.
    #[arg(short = 'l', long = "selector", value_name = "LABELS")]
    labels: Vec<Selector>,
    /// Only objects in this state. `live`, `unused`; `published`, `unpublished`, `scheduled`, `enabled`, `disabled`; by
    /// their schedule `not-begun`, `running` (published, and within it), `over`. Can be repeated; one match is enough.
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = STATES)]
    states: Vec<String>,
    /// Only objects of this kind. Can be repeated.
    #[arg(long = "kind", value_name = "KIND", add = crate::cli::completing::status_kinds(), value_delimiter = ',', value_parser = kind)]
    kinds: Vec<KindId>,
    /// Only what the ledger binds.
    #[arg(long, conflicts_with = "foreign")]
    owned: bool,
    /// Only what the ledger does not bind.
    #[arg(long)]
    foreign: bool,
    /// Only what drifted.
    #[arg(long)]
    drifted: bool,
    /// Judge schedules at this moment instead of now.
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    #[command(flatten)]
    caching: CacheArgs,
}

/// The words of `--state`.
const STATES: [&str; 10] = [
    "live",
    "unused",
    "published",
    "unpublished",
    "scheduled",
    "enabled",
    "disabled",
    "not-begun",
    "running",
    "over",
];

/// A kind that an account holds.
pub(in crate::cli) fn kind(text: &str) -> Result<KindId, String> {
    let launches = KindId::manifests().filter(|kind| kind.def().is_launch);
    let mut kinds = status::kinds().chain(launches);
    let found = kinds.find(|kind| kind.name().eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let names: Vec<&str> = status::kinds().map(KindId::name).collect();
        format!("use one of {}", names.join(", "))
    })
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &StatusArgs) -> Result<u8, Error> {
    let run = &args.caching.of(run);
    refuse_missing(run, &args.paths)?;
    let workspace = Workspace::find(run, &args.paths)?;
    let at = args.at.unwrap_or_else(|| run.machine().now());
    let wanted = args.wanted();
    let look = |run: &Run| runtime()?.block_on(of_account(run, &workspace, &wanted, at));
    let environments = if args.all_environments {
        let results = side_by_side(run, &workspace, args.at_a_time.at_a_time, look)?;
        results.into_iter().map(of_result).collect()
    } else {
        vec![of_result((run.environment().to_owned(), Ok(look(run)?)))]
    };
    let status = Status {
        format: FORMAT,
        at: at.to_string(),
        environments,
    };
    show(ui, &status);
    Ok(worst(status.environments.iter().map(|it| it.exit)))
}

/// Refuses a path that leads nowhere: it may be meant as a kind or an object.
fn refuse_missing(run: &Run, paths: &[PathBuf]) -> Result<(), Error> {
    let here = run.machine().here();
    let is_there = |path: &&PathBuf| path.as_os_str() == "-" || here.join(path).exists();
    let Some(gone) = paths.iter().find(|path| !is_there(path)) else {
        return Ok(());
    };
    let why = format!("there is no file or folder `{}`", gone.display());
    let help = "arguments are files and folders of the project; `--kind KIND` shows the objects of one kind";
    Err(Error::invalid(why).help(help))
}

fn show(ui: &Ui, status: &Status) {
    if ui.format() != Format::Text {
        let errors = status.environments.iter();
        tell(
            ui,
            errors.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
        );
    }
    ui.document(&json(status));
    ui.formatted(
        ui.format(),
        &match ui.format() {
            Format::Csv => render_status_csv(status),
            Format::Json => json(status),
            _ => render_status(status, ui.width()),
        },
    );
}

fn of_result((environment, result): Came<Contents>) -> EnvironmentStatus {
    let nothing = EnvironmentStatus {
        environment,
        account: None,
        exit: exit::DONE,
        unsettled: Vec::new(),
        omitted: 0,
        objects: Vec::new(),
        launches: Vec::new(),
        error: None,
    };
    match result {
        Ok(contents) => EnvironmentStatus {
            account: Some(contents.account),
            unsettled: contents.unsettled,
            omitted: contents.omitted,
            objects: contents.objects,
            launches: contents.launches,
            ..nothing
        },
        Err(error) => EnvironmentStatus {
            exit: exit::of(error.meaning),
            error: Some((&error).into()),
            ..nothing
        },
    }
}

impl StatusArgs {
    fn wanted(&self) -> WantedObjects<'_> {
        WantedObjects {
            labels: &self.labels,
            states: &self.states,
            kinds: &self.kinds,
            owned: self.owned,
            foreign: self.foreign,
            drifted: self.drifted,
        }
    }
}
