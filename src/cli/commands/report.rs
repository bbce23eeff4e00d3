//! `report`: what became of messages that were sent.

use std::str::FromStr as _;

use clap::Args;

use crate::cli::at_a_time::AtATimeArgs;
use crate::cli::exit::worst;
use crate::cli::failing::tell;
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::report::html::render_sends_html;
use crate::report::sends::{EnvironmentReport, FORMAT, Report, render_sends, render_sends_csv};
use crate::run::environments::{Came, side_by_side};
use crate::run::reporting::{Moment, Reported, Reporting, period};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::select::Selector;
use crate::sends::{LAG, MessageCounts, WantedSends, by_label};
use crate::text::safe::json;

/// Show what became of the messages that were sent. Nothing is written.
///
/// One table: name, sender, channel, labels, state, and how many messages were sent, delivered, read, clicked, answered and
/// failed, with the reasons. Launches are known by the ledger; what others sent is under the name of its handoff. A message counts at
/// every stage that it reached. No recipient is in the output.
///
/// The platform reports up to 20 minutes late and keeps 13 months. It is asked day by day, and its own counts are compared
/// with what it lists. Campaigns of CleverTap are in the table where the environment names its account; those of the
/// dashboard too, and their figures are up to 4 hours old.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl report -e production
  campaignctl report --all-environments --since 7d
  campaignctl report --since 2026-11-01 --until 2026-12-01 --format csv > november.csv
  campaignctl report -l team=care --format html > report.html   a chart per label, works offline")]
pub(in crate::cli) struct ReportArgs {
    /// Report every environment of the project. They are read in parallel. The exit code is that of the worst.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_ALL_ENVIRONMENTS")]
    all_environments: bool,
    #[command(flatten)]
    at_a_time: AtATimeArgs,
    /// Only messages from this time on: `30d` or `12h` ago, `2026-11-01` (UTC), `2026-11-01T08:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = Moment::from_str, default_value = "30d")]
    since: Moment,
    /// Only messages before this time.
    #[arg(long, value_name = "TIME", value_parser = Moment::from_str)]
    until: Option<Moment>,
    /// Only launches whose manifest has these labels. `key=value`, `key!=value`, `key`, `!key`; commas mean "and". Can be
    /// repeated; a launch must match all. What others sent has no labels.
    #[arg(short = 'l', long = "selector", value_name = "LABELS")]
    labels: Vec<Selector>,
    /// Only this channel. Can be repeated.
    #[arg(long = "channel", value_name = "CHANNEL", value_delimiter = ',', ignore_case = true, value_parser = CHANNELS)]
    channels: Vec<String>,
    /// Only sends in this state. Can be repeated.
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = STATES)]
    states: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
}

/// The words of `--channel`.
const CHANNELS: [&str; 10] = [
    "inApp",
    "sms",
    "whatsApp",
    "appleMessages",
    "rcs",
    "push",
    "email",
    "webPush",
    "webhook",
    "appInbox",
];

/// The words of `--state`.
const STATES: [&str; 6] = ["sending", "sent", "partly", "stopped", "draft", "scheduled"];

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ReportArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let (since, until) = period(run, args.since, args.until)?;
    let wanted = WantedSends {
        labels: args.labels.clone(),
        channels: args.channels.clone(),
        states: args.states.clone(),
    };
    let look = |run: &Run| {
        let reporting = Reporting {
            run,
            workspace: &workspace,
            since,
            until,
            wanted: &wanted,
        };
        runtime()?.block_on(reporting.reported())
    };
    let came = if args.all_environments {
        side_by_side(run, &workspace, args.at_a_time.at_a_time, look)?
    } else {
        vec![(run.environment().to_owned(), Ok(look(run)?))]
    };
    let environments: Vec<EnvironmentReport> = came.into_iter().map(of_result).collect();
    let now = run.machine().now();
    let complete = now
        .checked_sub(LAG)
        .map_or(until, |settled| settled.min(until));
    let report = Report {
        format: FORMAT,
        since: format!("{since:.0}"),
        until: format!("{until:.0}"),
        complete_until: format!("{complete:.0}"),
        labels: by_label(environments.iter().flat_map(|it| &it.sends)),
        environments,
    };
    show(ui, &report);
    Ok(worst(report.environments.iter().map(|it| it.exit)))
}

fn of_result((environment, result): Came<Reported>) -> EnvironmentReport {
    let nothing = |exit: u8| EnvironmentReport {
        environment,
        account: None,
        exit,
        sends: Vec::new(),
        omitted: 0,
        listed: MessageCounts::default(),
        counted: MessageCounts::default(),
        notes: Vec::new(),
        error: None,
    };
    let failing = |error: Option<Error>| match error {
        None => nothing(exit::DONE),
        Some(error) => EnvironmentReport {
            error: Some((&error).into()),
            ..nothing(exit::of(error.meaning))
        },
    };
    match result {
        Ok(reported) => EnvironmentReport {
            account: Some(reported.account),
            sends: reported.sends,
            omitted: reported.omitted,
            listed: reported.listed,
            counted: reported.counted,
            notes: reported.notes,
            ..failing(reported.failure)
        },
        Err(error) => failing(Some(error)),
    }
}

fn show(ui: &Ui, report: &Report) {
    if ui.format() != Format::Text {
        let errors = report.environments.iter();
        tell(
            ui,
            errors.filter_map(|it| Some((it.environment.as_str(), it.error.as_ref()?))),
        );
    }
    ui.document(&json(report));
    ui.formatted(
        ui.format(),
        &match ui.format() {
            Format::Csv => render_sends_csv(report),
            Format::Json => json(report),
            Format::Html => render_sends_html(report),
            _ => render_sends(report),
        },
    );
}
