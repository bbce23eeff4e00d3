//! `prove`: who is offered what, asked of the platform itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::complaints::{in_repository, rendered};
use crate::cli::global::time;
use crate::cli::test::{assumption, assumptions, is_selected, note_ignored};
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::kinds::offering::Assumed;
use crate::offers::{Asking, CaseResult, Suite, Unasked, Verdict, World};
use crate::report::scenarios::{
    Proof, Tested, proof_line, render_junit, render_markdown, render_tests, render_tests_json,
    summary,
};
use crate::resolve::Desired;
use crate::run::account::Account;
use crate::run::manifests::{Manifests, tests_apart};
use crate::run::proving::{Pace, proved};
use crate::run::workspace::{UNUSABLE, Workspace, refuse};
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
    assumed: Vec<(String, String)>,
}

/// How the platform is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct AskedArgs {
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
    /// What an apply asks.
    pub(in crate::cli) const USUAL: Self = Self {
        cases: 50,
        rate: 1.0,
        settle: Duration::from_mins(15),
        send_counted: false,
    };

    fn pace(&self) -> Result<Pace, Error> {
        let every = Duration::try_from_secs_f64(1.0 / self.rate);
        let every = every.map_err(|_| {
            Error::invalid(format!(
                "`{}` is not a number of sessions per second",
                self.rate
            ))
            .help("write a number above 0, such as `--rate 0.5`")
        })?;
        Ok(Pace {
            every,
            settles: self.settle,
        })
    }
}

/// What the platform was asked, and what came of it.
pub(in crate::cli) struct Proven {
    proof: Proof,
    results: Vec<CaseResult>,
    /// Whether `--cases` left cases out that could be asked.
    is_cut: bool,
    allows_undecided: bool,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ProveArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let mut manifests = workspace.readable_manifests(run)?;
    let broken = tests_apart(&mut manifests);
    refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
    if let Some((_, why)) = broken.first() {
        return Err(Error::invalid(format!("a scenario is invalid: {why}"))
            .help("run `campaignctl validate`"));
    }
    let assumed = assumptions(&workspace, &args.assumed);
    note_ignored(ui, &manifests.desired, &args.select, &args.assumed);
    let (world, asking, is_cut) =
        asked(run, &manifests.desired, &args.select, &args.asked, &assumed);
    if asking.queries.is_empty() && asking.flawed.is_empty() {
        return Err(nothing_to_ask(&asking));
    }
    let pace = args.asked.pace()?;
    let proven = runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let proven = prove(run, &account, &world, asking, pace).await;
        account.close().await;
        proven
    })?;
    let proven = Proven {
        is_cut,
        allows_undecided: args.allow_undecided,
        ..proven
    };
    Ok(show(ui, ui.format(), &manifests, &proven))
}

/// What an apply just wrote, asked of the platform.
pub(in crate::cli) async fn after_apply(
    run: &Run,
    account: &Account,
    workspace: &Workspace,
    desired: &Desired,
) -> Result<Proven, Error> {
    let usual = AskedArgs::USUAL;
    let assumed = assumptions(workspace, &[]);
    let (world, asking, is_cut) = asked(run, desired, &[], &usual, &assumed);
    let proven = prove(run, account, &world, asking, usual.pace()?).await?;
    Ok(Proven { is_cut, ..proven })
}

/// What can be asked of the scenarios of the manifests, and whether there is more than is asked.
fn asked(
    run: &Run,
    desired: &Desired,
    select: &[String],
    args: &AskedArgs,
    assumed: &Assumed,
) -> (World, Asking, bool) {
    let world = World::of(desired);
    let mut asking = Asking::default();
    for resource in desired.iter() {
        let scenario = (resource.key.kind.def().scenario)(&resource.spec);
        let Some(scenario) = scenario.filter(|_| is_selected(select, resource.key.name.as_str()))
        else {
            continue;
        };
        let suite = Suite {
            world: &world,
            key: &resource.key,
            scenario: &scenario,
            now: run.machine().now(),
            assumed,
        };
        let Asking {
            queries,
            unasked,
            flawed,
        } = suite.asking(args.send_counted);
        asking.queries.extend(queries);
        asking.unasked.extend(unasked);
        asking.flawed.extend(flawed);
    }
    let most = usize::from(args.cases);
    let rest = asking.queries.split_off(most.min(asking.queries.len()));
    let is_cut = !rest.is_empty();
    asking.unasked.extend(rest.into_iter().map(|query| Unasked {
        scenario: query.scenario,
        name: query.name,
        why: format!("only {most} cases are asked; `--cases` raises that"),
    }));
    (world, asking, is_cut)
}

async fn prove(
    run: &Run,
    account: &Account,
    world: &World,
    asking: Asking,
    pace: Pace,
) -> Result<Proven, Error> {
    let Asking {
        queries,
        unasked,
        flawed,
    } = asking;
    let waiting = run
        .news()
        .waiting(&format!("asking {}", account.environment));
    let results = proved(run, account, (world, &queries), pace).await;
    drop(waiting);
    let mut results = results?;
    results.extend(flawed);
    Ok(Proven {
        proof: Proof {
            environment: account.environment.clone(),
            account: account.id.clone(),
            sessions: queries.len(),
            unasked,
        },
        results,
        is_cut: false,
        allows_undecided: false,
    })
}

fn nothing_to_ask(asking: &Asking) -> Error {
    let first = asking.unasked.first();
    let why = first.map_or_else(
        || "there is no scenario to ask".to_owned(),
        |it| {
            let rest = asking.unasked.len() - 1;
            format!(
                "no case can be asked; {}, {}: {} ({rest} more)",
                it.scenario.name, it.name, it.why
            )
        },
    );
    Error::invalid(why)
        .help("write a case about an app that holds now, or check the names of `--select`")
}

/// Shows what came of it.
pub(in crate::cli) fn show(ui: &Ui, format: Format, manifests: &Manifests, proven: &Proven) -> u8 {
    let tested = Tested {
        desired: &manifests.desired,
        texts: &manifests.texts,
        results: &proven.results,
        allows_undecided: proven.allows_undecided,
        clock: None,
        coverage: None,
        proof: Some(&proven.proof),
    };
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
    // What was not asked is not proved, whatever came of the others.
    if tested.has_passed() && (!proven.is_cut || proven.allows_undecided) {
        exit::DONE
    } else {
        exit::CHANGES
    }
}

/// Tells what came of it after an apply, whose own document stays the only one on stdout.
pub(in crate::cli) fn tell(ui: &Ui, manifests: &Manifests, proven: &Proven) -> u8 {
    if ui.format() == Format::Text {
        return show(ui, Format::Text, manifests, proven);
    }
    let failing = proven
        .results
        .iter()
        .filter(|it| it.verdict() != Verdict::Passed);
    let failing = failing.count();
    let sessions = proven.proof.sessions;
    ui.note(&format!(
        "proof on {}: {failing} of {sessions} cases failed or stay open; `campaignctl prove` lists them",
        proven.proof.environment
    ));
    if failing == 0 && !proven.is_cut {
        exit::DONE
    } else {
        exit::CHANGES
    }
}
