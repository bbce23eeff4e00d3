//! `sandbox`: the built-in emulator of the platform's APIs.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::ui::Ui;
use crate::cli::{block_on, exit, runtime, sandbox_edit, signals};
use crate::project::SANDBOX;
use crate::run::account::{sandbox_options, start_sandbox};
use crate::run::sandboxes::{self, project_of};
use crate::run::{Error, Run};
use crate::text::safe::line;

/// Serve, empty or fill the sandbox. It is the built-in emulator of the platform's APIs.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SandboxCommand {
    Start(StartArgs),
    Reset(ResetArgs),
    Seed(SeedArgs),
    Edit(sandbox_edit::EditArgs),
}

/// Serve the sandbox over HTTP until Ctrl-C.
///
/// It serves the data that `plan` and `apply` use, so that what you change with `curl` shows up as drift.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl sandbox start --port 8787
  campaignctl sandbox start examples/retail --port 8787
  campaignctl sandbox start --fault 'PUT */engagements/* 503 x3' --fault '* * 429 every 3'
  campaignctl sandbox start --rate 10 --set stale=409 --set token-lifetime=30s

  campaignctl explain sandbox-faults        what can go wrong, and how it is written
  campaignctl explain sandbox-switches      what can be set

  curl -H 'Authorization: Bearer sandbox' \\
    http://127.0.0.1:8787/api/account/10000001/configuration/le-goals/goals?v=3.0")]
pub(in crate::cli) struct StartArgs {
    /// A path of the project whose sandbox is served, which has a `campaignctl.yaml`. Default: the current folder.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// The port on the loopback address; 0 chooses a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A fault to inject: `METHOD PATH ACTION [WHEN]`, for example `PUT */goals/* lost after-commit once`. Can be
    /// repeated.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<String>,
    /// How the sandbox behaves where the platform's behavior is not proven, for example `deleted=404`. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    switches: Vec<String>,
    /// How many requests are served per second; the others are answered with 429.
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,
}

/// Start over with a new account. It holds the vendor's own rows and the seed of the project. The sandbox's ledger
/// forgets the objects of the old account.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl sandbox reset
  campaignctl sandbox reset examples/retail")]
pub(in crate::cli) struct ResetArgs {
    /// A path of the project whose sandbox is emptied; default: the current folder.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Load raw wire JSON into the sandbox. It may be a captured account, or parts of one.
#[derive(Debug, Args)]
#[command(after_help = "\
A seed is a folder with one `<plural>.json` per kind (skills.json, campaigns.json, engagements.json ..),
each an array of wire bodies, or one file with an object of such arrays.

Examples:
  campaignctl sandbox seed captured/
  campaignctl sandbox seed account.json examples/retail")]
pub(in crate::cli) struct SeedArgs {
    /// The folder or file to load.
    #[arg(value_name = "FILE|DIR")]
    source: PathBuf,
    /// A path of the project whose sandbox is filled; default: the current folder.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, command: &SandboxCommand) -> Result<u8, Error> {
    if let Some(name) = run.given_environment().filter(|name| *name != SANDBOX) {
        let why = format!(
            "`campaignctl sandbox` works on the sandbox, not on `{}`",
            line(name)
        );
        return Err(Error::invalid(why).help("leave `-e` out, and CAMPAIGNCTL_ENVIRONMENT unset"));
    }
    match command {
        SandboxCommand::Start(args) => start(ui, run, args),
        SandboxCommand::Reset(args) => reset(ui, run, args),
        SandboxCommand::Seed(args) => seed(ui, run, args),
        SandboxCommand::Edit(args) => sandbox_edit::run(ui, run, args),
    }
}

fn start(ui: &Ui, run: &Run, args: &StartArgs) -> Result<u8, Error> {
    let workspace = project_of(run, args.path.as_ref())?;
    let environment = workspace.environment(SANDBOX)?;
    runtime()?.block_on(async {
        let mut options = sandbox_options(&workspace, &environment, args.port)?;
        for fault in &args.faults {
            options.settings.faults.push(fault.parse()?);
        }
        for switch in &args.switches {
            options.settings.set(switch)?;
        }
        options.settings.rate = args.rate.or(options.settings.rate);
        let account = options.account.clone();
        // Before the address is printed: whoever reads it may ask at once to stop.
        let mut stop = signals::stop()?;
        let handle = start_sandbox(&workspace, &environment, options).await?;
        ui.data(&format!("{}\n", handle.base_url()));
        ui.note(&format!(
            "The sandbox serves account {account} from `{}`. Bearer token, user, password and client are all `sandbox`. Ctrl-C ends it.",
            workspace.state("sandbox.sqlite").display()
        ));
        stop.wanted().await;
        handle.shutdown().await;
        Ok(exit::DONE)
    })
}

fn reset(ui: &Ui, run: &Run, args: &ResetArgs) -> Result<u8, Error> {
    let workspace = project_of(run, args.path.as_ref())?;
    let forgotten = block_on(sandboxes::reset(run, &workspace))?;
    let ledger = match forgotten {
        0 => String::new(),
        1 => " Removed 1 object of the old account from the ledger.".to_owned(),
        many => format!(" Removed {many} objects of the old account from the ledger."),
    };
    ui.note(&format!("The sandbox holds a new account.{ledger}"));
    Ok(exit::DONE)
}

fn seed(ui: &Ui, run: &Run, args: &SeedArgs) -> Result<u8, Error> {
    let workspace = project_of(run, args.path.as_ref())?;
    let seeded = sandboxes::open(&workspace)?.seed(&args.source)?;
    let counts: Vec<_> = seeded
        .0
        .iter()
        .map(|(plural, count)| format!("{count} {plural}"))
        .collect();
    ui.note(&format!("Loaded {}.", counts.join(", ")));
    Ok(exit::DONE)
}
