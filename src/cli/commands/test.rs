//! `test`: who is offered what, decided against the manifests.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::complaints::{in_repository, rendered};
use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::report::scenarios::{
    Tested, coverage_line, noticing, render_cobertura, render_junit, render_lcov, render_markdown,
    render_mutants, render_tests, render_tests_json, summary,
};
use crate::run::scenarios::{Assumption, ChosenScenarios, Scenarios, assumption};
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run, outputs};

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
  campaignctl test --min-coverage 80          fail when the tests look at less than 80 %
  campaignctl test --coverage-out lcov.info   for an editor or a pipeline; `.xml` is Cobertura
  campaignctl test --format junit > tests.xml   for a pipeline; `json`, `github`, `markdown`, too")]
pub(in crate::cli) struct TestArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only scenarios with this name; a `*` at its end matches any rest. Can be repeated.
    #[arg(long, value_name = "NAME")]
    select: Vec<String>,
    /// Let cases pass that cannot be decided.
    #[arg(long)]
    allow_undecided: bool,
    /// Show what the tests look at and what they miss. Counted over every enabled engagement of a published campaign,
    /// whatever the tests name.
    #[arg(long)]
    coverage: bool,
    /// Exit 2 below this coverage, in percent.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    min_coverage: Option<u8>,
    /// Write what the tests look at, by file and line. Cobertura for a name that ends in `.xml`, else LCOV.
    #[arg(long, value_name = "FILE")]
    coverage_out: Option<PathBuf>,
    /// Make small changes of the manifests, and list those that no test notices. Conditions are dropped and negated, dates
    /// moved by a second, and so on; changes that no visitor sees are counted apart.
    #[arg(long)]
    mutants: bool,
    /// Write scenarios that notice what `--mutants` found to be unnoticed.
    #[arg(long, value_name = "FILE", requires = "mutants")]
    write_scenarios: Option<PathBuf>,
    /// Assume a fact of the platform that is only inferred. Can be repeated.
    #[arg(long = "assume", value_name = "FACT=POSITION", value_parser = assumption)]
    assumed: Vec<Assumption>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &TestArgs) -> Result<u8, Error> {
    if let Some(file) = &args.write_scenarios {
        outputs::is_new(run.outputs(), file, "--write-scenarios")?;
    }
    if let Some(file) = &args.coverage_out {
        outputs::allowed(run.outputs(), file, outputs::OutputFlag::COVERAGE)?;
    }
    let workspace = Workspace::find(run, &args.paths)?;
    let chosen = ChosenScenarios {
        select: &args.select,
        assumed: &args.assumed,
    };
    let scenarios = Scenarios::find(run, &workspace, chosen)?;
    scenarios.note_ignored(run);
    let (results, needs_clock) = scenarios.results(args.write_scenarios.is_some())?;
    scenarios.note_partial(run, &workspace, &results);
    let wants = args.coverage || args.min_coverage.is_some() || args.coverage_out.is_some();
    let coverage = wants.then(|| scenarios.covered(&results));
    let tested = Tested {
        desired: &scenarios.manifests.desired,
        texts: &scenarios.manifests.texts,
        results: &results,
        allows_undecided: args.allow_undecided,
        clock: needs_clock.then(|| scenarios.now()),
        coverage: coverage.as_ref(),
        proof: None,
    };
    shown(ui, ui.format(), &tested);
    let is_covered = covers(ui, args, &tested)?;
    if args.mutants {
        let mutants = scenarios.mutants();
        let text = render_mutants(&tested, &mutants, &scenarios.assumed);
        match ui.format() {
            Format::Text | Format::Github => ui.formatted(ui.format(), &text),
            Format::Markdown => ui.formatted(ui.format(), &format!("\n```text{text}```\n")),
            _ => ui.note(
                "note: this format has no mutants: `text`, `markdown` and `github` list them",
            ),
        }
        if let Some(file) = &args.write_scenarios {
            let texts = noticing(&mutants, tested.desired);
            write_scenarios(
                ui,
                file,
                &texts,
                "the tests notice every change that a visitor sees",
            )?;
        }
    }
    Ok(if tested.has_passed() && is_covered {
        exit::DONE
    } else {
        exit::CHANGES
    })
}

/// Makes a file of scenarios, or says why there are none to write.
pub(in crate::cli) fn write_scenarios(
    ui: &Ui,
    file: &Path,
    texts: &str,
    nothing: &str,
) -> Result<(), Error> {
    if texts.is_empty() {
        ui.note(&format!("note: no scenario was written: {nothing}"));
        return Ok(());
    }
    outputs::create(file, texts, "--write-scenarios")
}

/// Writes what the tests look at, and says whether it is enough.
fn covers(ui: &Ui, args: &TestArgs, tested: &Tested<'_>) -> Result<bool, Error> {
    let Some(coverage) = tested.coverage else {
        return Ok(true);
    };
    if let Some(file) = &args.coverage_out {
        let is_xml = file
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("xml"));
        let render = if is_xml {
            render_cobertura
        } else {
            render_lcov
        };
        let text = render(tested, coverage, &in_repository());
        outputs::write(file, &text, outputs::OutputFlag::COVERAGE)?;
    }
    let least = args.min_coverage.map_or(0.0, f64::from);
    if args.min_coverage.is_some() && coverage.count(None).1 == 0 {
        let why = "no engagement is enabled in a published campaign: there is nothing that tests could look at";
        let help = "publish a campaign, or leave out `--min-coverage`";
        ui.error(&Error::new(Meaning::Failed, why).help(help));
        return Ok(false);
    }
    if coverage.percent() < least {
        let why = format!("the tests look at less than {least} % of what there is");
        let help = "add scenarios for what `--coverage` lists, or lower `--min-coverage`";
        ui.error(&Error::new(Meaning::Failed, why).help(help));
        return Ok(false);
    }
    Ok(true)
}

fn shown(ui: &Ui, format: Format, tested: &Tested<'_>) {
    let text = match format {
        Format::Json => render_tests_json(tested),
        Format::Junit => render_junit(tested, &in_repository()),
        Format::Markdown => render_markdown(tested),
        Format::Github => {
            let complaints = rendered(ui, format, &tested.complaints(), tested.texts);
            let coverage = coverage_line(tested);
            format!("{complaints}{coverage}{}\n", summary(&tested.counts()))
        }
        _ => render_tests(tested, ui.color()),
    };
    ui.formatted(format, &text);
}
