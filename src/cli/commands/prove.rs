//! `prove`: who is offered what, asked of the platform itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::complaints::{in_repository, rendered};
use crate::cli::global::time;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::report::scenarios::{
    proof_line, render_junit, render_markdown, render_tests, render_tests_json, summary,
};
use crate::run::account::Account;
use crate::run::manifests::Manifests;
use crate::run::proving::{AskedScenarios, Manner, Proven, Questions};
use crate::run::scenarios::{Assumption, ChosenScenarios, Scenarios, assumption};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};

/// Ask the platform what the scenarios say. Each case is one call of the Monitoring API of the account, at the
/// present time.
///
/// The calls are those of an app, on behalf of a visitor that the account has never seen: one visitor and one session for
/// each case. Nothing is sent that counts in the brand's reports. Where something else or nothing is offered, the platform's own
/// information about the visit says why. Cases on web pages, journeys, and cases that need another time cannot be asked.
/// Exits 2 when a case fails or stays open, 3 when manifests are invalid.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl prove -e staging                          every case that can be asked
  campaignctl prove -e production --select orders-*     some scenarios
  campaignctl prove -e staging --format junit > proof.xml   for a pipeline; `json`, `github`, `markdown`, too
  campaignctl apply -e staging --prove                  right after an apply")]
pub(in crate::cli) struct ProveArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only scenarios with this name; a `*` at its end matches any rest. Can be repeated.
    #[arg(long, value_name = "NAME")]
    select: Vec<String>,
    /// Pass although the platform gave a reason that is no mistake, such as a lottery or a control group.
    #[arg(long)]
    allow_undecided: bool,
    #[command(flatten)]
    asked: AskedArgs,
    /// Assume a fact of the platform that is only inferred. Can be repeated.
    #[arg(long = "assume", value_name = "FACT=POSITION", value_parser = assumption)]
    assumed: Vec<Assumption>,
}

/// How the platform is asked.
#[derive(Debug, Args)]
struct AskedArgs {
    /// How many cases are asked, at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    cases: u16,
    /// How many sessions are opened per second, at most.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    rate: f64,
    /// For how long after an apply a change may not be served yet: `90s`, `15m`.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "15m")]
    settle: Duration,
    /// Send purchases, leads and services of the cases, too. They count in the reports of the brand.
    #[arg(long)]
    send_counted: bool,
}

impl AskedArgs {
    fn manner(&self) -> Manner {
        Manner {
            cases: self.cases,
            rate: self.rate,
            settles: self.settle,
            sends_counted: self.send_counted,
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ProveArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let chosen = ChosenScenarios {
        select: &args.select,
        assumed: &args.assumed,
    };
    let scenarios = Scenarios::find(run, &workspace, chosen)?;
    scenarios.note_ignored(run);
    let manner = args.asked.manner();
    let asked = AskedScenarios {
        desired: &scenarios.manifests.desired,
        texts: &scenarios.manifests.texts,
        broken: &scenarios.broken,
    };
    let questions = Questions::of(run, asked, chosen, (&manner, &scenarios.assumed));
    questions.check()?;
    let pace = manner.pace()?;
    let proven = runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let proven = questions.put(run, &account, pace).await;
        account.close().await;
        proven
    })?;
    let proven = Proven {
        allows_undecided: args.allow_undecided,
        ..proven
    };
    Ok(show(ui, ui.format(), &scenarios.manifests, &proven))
}

/// Shows what came of it.
pub(in crate::cli) fn show(ui: &Ui, format: Format, manifests: &Manifests, proven: &Proven) -> u8 {
    let tested = proven.tested(manifests);
    let text = match format {
        Format::Json => render_tests_json(&tested),
        Format::Junit => render_junit(&tested, &in_repository()),
        Format::Markdown => render_markdown(&tested),
        Format::Github => {
            let complaints = rendered(ui, format, &tested.complaints(), tested.texts);
            format!(
                "{}{complaints}{}\n",
                proof_line(&tested),
                summary(&tested.counts())
            )
        }
        _ => render_tests(&tested, ui.color()),
    };
    ui.formatted(format, &text);
    if proven.has_condition_of_sandbox() {
        ui.note("The sandbox decides conditions by `environments.sandbox.conditions` of the project file; one that is not explained there admits no visitor.");
    }
    if tested.has_passed() && !proven.is_proved(&tested) {
        ui.note("Cases were not asked, and so not proved: raise `--cases`, or choose fewer with `--select`.");
    }
    if proven.is_proved(&tested) {
        exit::DONE
    } else {
        exit::CHANGES
    }
}

/// Tells what came of it after an apply: people all of it, and programs in a line, as it is in their document.
pub(in crate::cli) fn tell(ui: &Ui, manifests: &Manifests, proven: &Proven) -> u8 {
    if ui.format() == Format::Text {
        return show(ui, Format::Text, manifests, proven);
    }
    let failing = proven.failing();
    let sessions = proven.proof.sessions;
    ui.note(&format!(
        "proof on {}: {failing} of {sessions} cases failed or stay open; the document says which",
        proven.proof.environment
    ));
    if proven.is_whole() {
        exit::DONE
    } else {
        exit::CHANGES
    }
}
