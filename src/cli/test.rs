//! `test`: who is offered what, decided against the manifests.

use std::path::PathBuf;

use clap::Args;

use super::complaints::{in_repository, rendered};
use super::ui::Ui;
use super::{Format, exit};
use crate::kinds::offering::Assumed;
use crate::offers::{CaseResult, Suite, World};
use crate::report::scenarios::{
    Tested, render_junit, render_markdown, render_tests, render_tests_json, summary,
};
use crate::run::manifests::{Manifests, tests_apart};
use crate::run::workspace::{UNUSABLE, Workspace, refuse};
use crate::run::{Error, Run};
use crate::text::Pointer;

/// Run the scenarios: tests of who is offered what. Needs no account and no credentials.
///
/// Every case is decided against the manifests, with the overlay and the variables of `-e`. A case that cannot be
/// decided names the fact that would decide it, and fails unless `--allow-undecided` is given. Exits 2 when a case fails
/// or is undecided, 3 when manifests are invalid.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl test                            every scenario of the project
  campaignctl test -e production              with the overlay of an environment
  campaignctl test --select orders-in-the-app one scenario
  campaignctl test --assume contest=lottery   assume an inferred fact
  campaignctl test --format junit > tests.xml   for a pipeline; `json`, `github`, `markdown`, too")]
pub(super) struct TestArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only scenarios with this name; a `*` at its end matches any rest. Can be repeated.
    #[arg(long, value_name = "NAME")]
    select: Vec<String>,
    /// Let cases pass that cannot be decided.
    #[arg(long)]
    allow_undecided: bool,
    /// Assume a fact of the platform that is only inferred. Can be repeated.
    #[arg(long = "assume", value_name = "FACT=POSITION", value_parser = assumption)]
    assumed: Vec<(String, String)>,
}

/// An inferred fact and a position of it.
pub(super) fn assumption(text: &str) -> Result<(String, String), String> {
    let (switch, position) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not of the form FACT=POSITION"))?;
    Assumed::default().add(switch, position)?;
    Ok((switch.to_owned(), position.to_owned()))
}

/// Several of them.
pub(super) fn assumptions(given: &[(String, String)]) -> Assumed {
    let mut assumed = Assumed::default();
    for (switch, position) in given {
        let added = assumed.add(switch, position);
        debug_assert!(added.is_ok(), "the flag was parsed");
    }
    assumed
}

/// Runs the command.
pub(super) fn run(ui: &Ui, run: &Run, args: &TestArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let mut manifests = workspace.readable_manifests(run)?;
    let broken = tests_apart(&mut manifests);
    refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
    let Manifests { texts, desired, .. } = manifests;
    let world = World::of(&desired);
    let (assumed, now) = (assumptions(&args.assumed), run.machine().now());
    let mut results = Vec::new();
    let mut needs_clock = false;
    for resource in desired
        .iter()
        .filter(|it| is_selected(&args.select, it.key.name.as_str()))
    {
        let def = resource.key.kind.def();
        let flaws = broken.iter().filter(|(doc, _)| *doc == resource.doc);
        let flaws: Vec<(Pointer, String)> = flaws
            .map(|(_, why)| (Pointer::root(), why.clone()))
            .collect();
        if def.is_test && !flaws.is_empty() {
            results.push(CaseResult::broken(resource.key.clone(), flaws));
            continue;
        }
        let Some(scenario) = (def.scenario)(&resource.spec) else {
            continue;
        };
        needs_clock |= Suite::needs_clock(&scenario);
        let suite = Suite {
            world: &world,
            key: &resource.key,
            scenario: &scenario,
            now,
            assumed: &assumed,
        };
        results.extend(suite.run());
    }
    if results.is_empty() {
        let why = "there is no scenario to run";
        return Err(Error::invalid(why).help(
            "write one, as `campaignctl explain Scenario` shows, or check the names of `--select`",
        ));
    }
    let tested = Tested {
        desired: &desired,
        texts: &texts,
        results: &results,
        allows_undecided: args.allow_undecided,
        clock: needs_clock.then_some(now),
    };
    shown(ui, ui.format(), &tested);
    Ok(if tested.has_passed() {
        exit::DONE
    } else {
        exit::CHANGES
    })
}

fn is_selected(select: &[String], name: &str) -> bool {
    let fits = |wanted: &String| match wanted.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == wanted,
    };
    select.is_empty() || select.iter().any(fits)
}

fn shown(ui: &Ui, format: Format, tested: &Tested<'_>) {
    let text = match format {
        Format::Json => render_tests_json(tested),
        Format::Junit => render_junit(tested, &in_repository()),
        Format::Markdown => render_markdown(tested),
        Format::Github => {
            let complaints = rendered(ui, format, &tested.complaints(), tested.texts);
            format!("{complaints}{}\n", summary(&tested.counts()))
        }
        _ => render_tests(tested, ui.color()),
    };
    ui.formatted(format, &text);
}
