//! `report`: what became of messages that were sent.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::cli::at_a_time::AtATimeArgs;
use crate::cli::exit::worst;
use crate::cli::failing::tell;
use crate::cli::json_into::JsonIntoArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::plan::Failure;
use crate::report::html::render_sends_html;
use crate::report::sends::{EnvironmentReport, FORMAT, Report, render_sends, render_sends_csv};
use crate::run::environments::{Came, side_by_side};
use crate::run::reporting::{Reported, Reporting};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::select::Selector;
use crate::sends::{Counts, LAG, Wanted, by_label};
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
    #[arg(long, value_name = "TIME", value_parser = moment, default_value = "30d")]
    since: Moment,
    /// Only messages before this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
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

/// How long the platform keeps reports: 13 months, as days.
const KEPT: SignedDuration = SignedDuration::from_hours(396 * 24);

/// A moment, as people give it.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    Ago(SignedDuration),
}

impl Moment {
    fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(time) => now.checked_sub(time).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u16>().ok());
    let ago = days.map(|days| SignedDuration::from_hours(i64::from(days) * 24));
    let ago = ago.or_else(|| SignedDuration::try_from(crate::cli::global::time(text).ok()?).ok());
    if let Some(ago) = ago {
        return Ok(Moment::Ago(ago));
    }
    let day: Option<Date> = text
        .parse()
        .ok()
        .filter(|_| text.len() == "2026-11-01".len());
    let day = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let at = day.map(|day| day.timestamp()).or_else(|| text.parse().ok());
    at.map(Moment::At).ok_or_else(|| {
        "it is not a time such as `30d`, `12h`, `2026-11-01` or `2026-11-01T08:00:00Z`".to_owned()
    })
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ReportArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let (since, until) = time(run, args)?;
    let wanted = Wanted {
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

/// The time that is reported.
fn time(run: &Run, args: &ReportArgs) -> Result<(Timestamp, Timestamp), Error> {
    let now = run.machine().now();
    let until = args.until.map_or(now, |until| until.at(now)).min(now);
    let since = args.since.at(now);
    if since >= until {
        let why = "the time ends before it begins: `--since` has to be before `--until`";
        return Err(Error::invalid(why));
    }
    let oldest = now.checked_sub(KEPT).unwrap_or(since);
    if since < oldest {
        run.note("note: the platform keeps reports for 13 months; older messages are not in it");
    }
    let since = since.max(oldest);
    if since >= until {
        return Err(Error::invalid(
            "the time is over for more than 13 months, and the platform keeps no older reports",
        ));
    }
    Ok((since, until))
}

fn of_result((environment, result): Came<Reported>) -> EnvironmentReport {
    let nothing = |exit: u8| EnvironmentReport {
        environment,
        account: None,
        exit,
        sends: Vec::new(),
        omitted: 0,
        listed: Counts::default(),
        counted: Counts::default(),
        notes: Vec::new(),
        error: None,
    };
    let failing = |error: Option<Error>| match error {
        None => nothing(exit::DONE),
        Some(error) => EnvironmentReport {
            error: Some(Failure {
                message: error.message,
                help: error.help,
            }),
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
