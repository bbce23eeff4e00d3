//! `launch`: messages that are sent once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use crate::cli::auditing::AuditArgs;
use crate::cli::global::time;
use crate::cli::signals::stop;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit, runtime};
use crate::launch::{LaunchPlan, text};
use crate::report::launch::{
    FORMAT, LaunchStatus, SentLaunches, render_launch, render_launch_plan, render_launches,
};
use crate::run::launching::{
    self, Approval, EndedLaunch, LaunchConnection, LaunchPlanning, SendingLaunch, SettlementWord,
    Settling, approved, find,
};
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run, outputs};
use crate::text::safe::json;

/// Plan, send and look at launches: messages that go out once. `plan` and `apply` never send anything.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LaunchCommand {
    Plan(LaunchPlanArgs),
    Send(SendArgs),
    Status(LaunchStatusArgs),
    List(LaunchListArgs),
    Stop(StopArgs),
    Settle(SettleArgs),
}

/// Show what a launch would send, and to how many. Nothing is sent.
///
/// Recipients are checked first: one that is missing, there twice or malformed is named with its line. No recipient is in
/// the output, nor in the plan. Exit 6 where the launch cannot be sent as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl launch plan launches/orders.yaml -e production
  campaignctl launch plan orders -e production --out orders.json   save the plan for `launch send`
  campaignctl launch plan orders -e production --requests orders.jsonl   to send them yourself")]
pub(in crate::cli) struct LaunchPlanArgs {
    /// The file of the launch, or its name.
    #[arg(value_name = "FILE|NAME")]
    launch: String,
    /// Write the plan to a file.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the requests to a file, for those who send them without campaignctl: one JSON body a line. The file holds the
    /// recipients and their values, and only you can read it. The ledger does not know what you send yourself.
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    /// How long the plan can be sent: `30m`, `4h`, `2d`. At most 7 days.
    #[arg(long, value_name = "TIME", value_parser = days, default_value = "24h")]
    valid_for: Duration,
}

/// Send a plan of a launch, once. This cannot be undone.
///
/// Refused with exit 7, and nothing is sent, when the plan was sent before, has expired or was edited, or when its
/// manifest, recipients or handoff were changed. A person types the name of the account; in a pipeline, the environment
/// needs `launches: allowed`, and `--approved-by` says who approved it.
///
/// Requests of 100 recipients go out one after the other. Ctrl-C stops after the one on its way, and the same command sends
/// what is left. A batch whose answer is lost is named, and never sent again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl launch send orders.json
  campaignctl launch send orders.json --approved-by ann@shop.example   in a pipeline")]
pub(in crate::cli) struct SendArgs {
    /// The file that `launch plan --out` wrote.
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Who approved it, where there is no terminal.
    #[arg(
        long,
        value_name = "NAME",
        hide_env_values = true,
        env = "CAMPAIGNCTL_APPROVED_BY"
    )]
    approved_by: Option<String>,
    /// How long to wait for another run that holds the ledger: `90s`, `5m`. Without it, the run ends at once,
    /// but for a lock whose term is over: that it watches for up to 30 seconds, and takes it if nobody renews it.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s", hide_default_value = true, hide_env_values = true, env = "CAMPAIGNCTL_LOCK_TIMEOUT")]
    lock_timeout: Duration,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Show what was sent of a launch, and what became of it. The platform is asked for the state of the messages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl launch status orders -e production
  campaignctl launch status orders -e production --offline   what the ledger says")]
pub(in crate::cli) struct LaunchStatusArgs {
    /// The name of the launch.
    #[arg(value_name = "NAME")]
    launch: String,
    /// Do not ask the platform.
    #[arg(long)]
    offline: bool,
}

/// List the launches of which something was sent. Only the ledger is read.
#[derive(Debug, Args)]
pub(in crate::cli) struct LaunchListArgs {}

/// Stop a launch for good: no further batch is sent. What went out is not recalled.
///
/// A launch that is being sent is stopped with Ctrl-C where it runs; this keeps it from being continued.
#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// The name of the launch.
    #[arg(value_name = "NAME")]
    launch: String,
}

/// Say what became of a batch whose answer was lost. The ledger keeps who said so, and when.
///
/// Look for the batch in the proactive web tool, by the name that `launch status` prints. With `--not-sent`, the next
/// `launch send` sends the batch: if it did go out, its recipients get the message twice. To correct a word, settle the
/// batch again.
#[derive(Debug, Args)]
#[command(
    group(clap::ArgGroup::new("word").required(true).args(["sent", "not_sent"])),
    override_usage = "campaignctl launch settle <NAME> --batch <N> <--sent|--not-sent>",
    after_help = "\
Examples:
  campaignctl launch settle orders --batch 3 --sent -e production
  campaignctl launch settle orders --batch 3 --not-sent -e production   the next send sends it"
)]
pub(in crate::cli) struct SettleArgs {
    /// The name of the launch.
    #[arg(value_name = "NAME")]
    launch: String,
    /// The number of the batch. Can be repeated.
    #[arg(
        long = "batch",
        value_name = "N",
        required = true,
        value_delimiter = ','
    )]
    batches: Vec<u32>,
    /// It went out.
    #[arg(long)]
    sent: bool,
    /// Nothing of it went out.
    #[arg(long)]
    not_sent: bool,
    /// The id of the proactive campaign that it became, so that `launch status` and `report` count its messages. The platform
    /// is asked for it.
    #[arg(long, value_name = "ID", requires = "sent")]
    campaign: Option<String>,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, command: &LaunchCommand) -> Result<u8, Error> {
    match command {
        LaunchCommand::Plan(args) => plan(ui, run, args),
        LaunchCommand::Send(args) => send(ui, run, args),
        LaunchCommand::Status(args) => status(ui, run, args),
        LaunchCommand::List(_) => list(ui, run),
        LaunchCommand::Stop(args) => stop_for_good(ui, run, args),
        LaunchCommand::Settle(args) => settle(ui, run, args),
    }
}

/// A time that may be in days.
fn days(text: &str) -> Result<Duration, String> {
    const DAY: u64 = 24 * 60 * 60;
    let days = text.strip_suffix('d').and_then(|it| it.parse().ok());
    match days {
        Some(days) => Ok(Duration::from_secs(DAY.saturating_mul(days))),
        None => time(text).map_err(|_| "it is not a time such as `30m`, `4h` or `2d`".to_owned()),
    }
}

/// The longest that a plan can be sent.
const LONGEST: Duration = Duration::from_hours(7 * 24);

fn plan(ui: &Ui, run: &Run, args: &LaunchPlanArgs) -> Result<u8, Error> {
    if args.valid_for.is_zero() {
        return Err(
            Error::invalid("a plan that is valid for no time cannot be sent").about("--valid-for"),
        );
    }
    if args.valid_for > LONGEST {
        return Err(Error::invalid("a plan is valid for 7 days at most").about("--valid-for"));
    }
    if let Some(file) = &args.out {
        outputs::allowed(run.outputs(), file, outputs::OutputFlag::LAUNCH)?;
    }
    if let Some(file) = &args.requests {
        outputs::is_free(run.outputs(), file, "--requests")?;
    }
    let workspace = launching::workspace_of(run, &args.launch)?;
    let manifests = workspace.sound_manifests(run)?;
    let planning = LaunchPlanning {
        run,
        workspace: &workspace,
        manifests: &manifests,
        resource: find(&workspace, &manifests, &args.launch)?,
        valid_for: SignedDuration::try_from(args.valid_for).unwrap_or(SignedDuration::ZERO),
    };
    let plan = planning.offline()?;
    let plan = runtime()?.block_on(async {
        let connection = LaunchConnection::open(run, &workspace, &plan).await?;
        let plan = planning.online(plan, &connection).await;
        connection.close().await;
        plan
    })?;
    if let Some(file) = &args.out {
        outputs::write(file, &text(&plan), outputs::OutputFlag::LAUNCH)?;
    }
    match ui.format() {
        Format::Json => ui.raw(&text(&plan)),
        _ => ui.data(&render_launch_plan(&plan)),
    }
    if let Some(file) = &args.requests {
        hand_over(ui, run, &workspace, (&plan, file))?;
    }
    if let (Some(file), true) = (&args.out, plan.refusals.is_empty()) {
        ui.note(&format!(
            "To send it: campaignctl launch send {}",
            file.display()
        ));
    }
    Ok(if plan.refusals.is_empty() {
        exit::DONE
    } else {
        exit::BLOCKED
    })
}

/// Writes the requests for those who send them themselves, and says what that means.
fn hand_over(
    ui: &Ui,
    run: &Run,
    workspace: &Workspace,
    (plan, file): (&LaunchPlan, &Path),
) -> Result<(), Error> {
    let handing_over = launching::hand_over(run, workspace, plan, file);
    let count = runtime()?.block_on(handing_over)?;
    let plural = if count == 1 { "request" } else { "requests" };
    let shown = file.display();
    ui.note(&format!(
        "{count} {plural} in {shown}. The file holds recipients and their values in the clear: keep it out of git, and remove it after the send.\nThe ledger does not know what you send yourself: `launch send` would send it again."
    ));
    Ok(())
}

fn send(ui: &Ui, run: &Run, args: &SendArgs) -> Result<u8, Error> {
    let plan = launching::read(run, &args.plan)?;
    let workspace = Workspace::of_plan(run, &plan.project, &args.plan)?;
    let run = &run.or_environment(&plan.environment);
    let manifests = workspace.sound_manifests(run)?;
    let resource = find(&workspace, &manifests, &plan.launch).map_err(|error| Error {
        meaning: Meaning::Stale,
        ..error
    })?;
    let key = launching::key(&workspace)?;
    let sending = SendingLaunch {
        run,
        workspace: &workspace,
        plan: &plan,
        file: &args.plan,
        resource,
        key: &key,
        audit: args.audit.file(),
        lock_timeout: args.lock_timeout,
    };
    sending.check_files()?;
    let ended = block_on(async {
        let stop = stop()?;
        let account = sending.connect().await?;
        let ended = async {
            sending.check_account(&account).await?;
            if ui.format() == Format::Text {
                ui.data(&render_launch_plan(&plan));
            }
            match approved(run, &workspace, &plan, args.approved_by.as_deref()).await? {
                Approval::Declined => Ok(None),
                approval => sending.send(&account, &approval, stop).await.map(Some),
            }
        };
        let ended = ended.await;
        account.close().await;
        ended
    })?;
    let Some(ended) = ended else {
        ui.note("Nothing was sent.");
        return Ok(exit::ERROR);
    };
    Ok(told(ui, run, &plan.launch, ended))
}

/// Tells what came of a send.
fn told(ui: &Ui, run: &Run, launch: &str, ended: EndedLaunch) -> u8 {
    let status = LaunchStatus::of(ended.record, None);
    let code = match &ended.why {
        None if status.is_whole() => exit::DONE,
        Some((meaning, _)) if status.accepted == 0 && status.unknown == 0 => exit::of(*meaning),
        _ => exit::PARTIAL,
    };
    show(ui, run, launch, status);
    if let Some((_, why)) = ended.why {
        ui.note(&format!("It ended before the last batch: {why}."));
    }
    code
}

fn show(ui: &Ui, run: &Run, launch: &str, status: LaunchStatus) {
    match ui.format() {
        Format::Json => ui.raw(&json(&document(run, [(launch.to_owned(), status)].into()))),
        _ => ui.data(&render_launch(launch, &status)),
    }
}

fn document(run: &Run, launches: BTreeMap<String, LaunchStatus>) -> SentLaunches {
    SentLaunches {
        format: FORMAT,
        environment: run.environment().to_owned(),
        launches,
    }
}

fn status(ui: &Ui, run: &Run, args: &LaunchStatusArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let asks = !args.offline;
    let (record, asked) =
        runtime()?.block_on(launching::look(run, &workspace, &args.launch, asks))?;
    let (messages, failed) = match asked {
        Ok(messages) => (messages, None),
        Err(error) => (None, Some(error)),
    };
    let status = LaunchStatus::of(record, messages);
    // What the ledger says is known all the same.
    show(ui, run, &args.launch, status);
    failed.map_or(Ok(exit::DONE), Err)
}

fn list(ui: &Ui, run: &Run) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let launches = runtime()?.block_on(launching::recorded(run, &workspace))?;
    let launches = launches.into_iter();
    let launches = launches.map(|(name, record)| (name, LaunchStatus::of(record, None)));
    let document = document(run, launches.collect());
    match ui.format() {
        Format::Json => ui.raw(&json(&document)),
        _ => ui.data(&render_launches(&document)),
    }
    Ok(exit::DONE)
}

fn stop_for_good(ui: &Ui, run: &Run, args: &StopArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let record = runtime()?.block_on(launching::stop(run, &workspace, &args.launch))?;
    let status = LaunchStatus::of(record, None);
    ui.note(&format!(
        "No further batch is sent. {} recipients were sent to, and nothing is recalled.",
        status.accepted + status.unknown
    ));
    show(ui, run, &args.launch, status);
    Ok(exit::DONE)
}

fn settle(ui: &Ui, run: &Run, args: &SettleArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let word = if args.sent {
        SettlementWord::Sent(args.campaign.clone())
    } else {
        SettlementWord::NotSent
    };
    let settling = Settling {
        run,
        workspace: &workspace,
        launch: &args.launch,
        batches: &args.batches,
        word: &word,
        audit: args.audit.file(),
    };
    let outcome = runtime()?.block_on(settling.settle())?;
    if let Some(why) = outcome.unchecked {
        let why = why.trim_end_matches('.');
        ui.note(&format!(
            "The platform could not be asked for the campaign: {why}."
        ));
    }
    let status = LaunchStatus::of(outcome.record, None);
    show(ui, run, &args.launch, status);
    Ok(exit::DONE)
}
