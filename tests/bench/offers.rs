//! `test`, its coverage, and the impact of a plan, on a project with many engagements and cases.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::figures::{at_most, figure, median};
use crate::process::{self, Cost};
use crate::shops::{self, CASES, ENGAGEMENTS};

const RUNS: usize = 5;

/// The brands of a tenth of the project, and of all of it.
const SIZES: [usize; 2] = [4, 40];

/// The argument with which the program of benchmarks computes an impact itself.
pub(crate) const PROBE: &str = "--impact-of";

/// Prints the figures.
pub(crate) fn run() {
    let [small, large] = SIZES.map(measure);
    let size = format!(
        "{} engagements, {} cases",
        SIZES[1] * ENGAGEMENTS,
        SIZES[1] * CASES
    );
    let kinds = ["test", "test --coverage", "impact of a change of 2 in 100"];
    for ((name, small), large) in kinds.iter().zip(small).zip(large) {
        let cpu = |cost: &Cost| cost.cpu.as_secs_f64();
        at_most(&format!("{name}: CPU, {size}"), 5.0, cpu(&large), "s");
        at_most(
            &format!("{name}: peak memory, {size}"),
            300.0,
            large.peak,
            "MiB",
        );
        figure(&format!("{name}: CPU, a tenth of it"), cpu(&small), "s");
        let growth = cpu(&large) / cpu(&small);
        at_most(&format!("{name}: CPU, all to a tenth"), 12.0, growth, "x");
    }
}

/// Medians of test, coverage and impact of a project of so many brands.
fn measure(brands: usize) -> [Cost; 3] {
    let project = tempfile::tempdir().unwrap();
    shops::write(project.path(), brands);
    let changed = tempfile::tempdir().unwrap();
    shops::write(changed.path(), brands);
    for number in 0..brands {
        change(
            &changed
                .path()
                .join(format!("manifests/brand-{number}.yaml")),
        );
    }
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command
            .args(arguments)
            .arg("--quiet")
            .current_dir(project.path());
        command
    };
    let probe = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(PROBE).args([project.path(), changed.path()]);
        command
    };
    let middle = |make: &dyn Fn() -> Command| {
        let costs: Vec<Cost> = (0..RUNS)
            .map(|_| process::run(&mut make(), Duration::from_millis(2)))
            .collect();
        Cost {
            cpu: median(costs.iter().map(|it| it.cpu).collect()),
            wall: median(costs.iter().map(|it| it.wall).collect()),
            peak: median(costs.iter().map(|it| it.peak).collect()),
        }
    };
    [
        middle(&|| program(&["test"])),
        middle(&|| program(&["test", "--coverage"])),
        middle(&probe),
    ]
}

/// What a person changes of a brand: an entry point that 10 engagements refer to, the audience and the dates of a
/// campaign of 10, and its weight.
fn change(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let text = text
        .replacen("/section-3\"'", "/section-three\"'", 1)
        .replacen("2026-09-02T00:00:00", "2026-09-02T08:00:00", 1)
        .replacen("weight: low", "weight: high", 1);
    fs::write(file, text).unwrap();
}

/// Computes the impact of one project's manifests in the place of the other's.
pub(crate) fn probe(before: &Path, after: &Path) {
    let [before, after] = [before, after].map(|folder| {
        let mut texts = campaignctl::diag::Texts::default();
        let mut files: Vec<_> = fs::read_dir(folder.join("manifests")).unwrap().collect();
        files.sort_by_key(|it| it.as_ref().unwrap().file_name());
        for file in files {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let id = texts.sources.push(campaignctl::text::Source {
                path: path.display().to_string(),
                text: text.clone(),
            });
            let limits = campaignctl::text::Limits::default();
            let documents = campaignctl::text::yaml::parse(id, &text, &limits).0;
            texts.documents.extend(documents);
        }
        let manifests = campaignctl::manifest::parse(&texts).0;
        campaignctl::offers::World::of(&campaignctl::resolve::resolve(manifests).0)
    });
    let assumed = campaignctl::kinds::offering::Assumed::default();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let impact = campaignctl::offers::impact(&before, &after, &assumed, now);
    assert!(!impact.differences.is_empty());
    assert!(json!(impact).is_object());
}
