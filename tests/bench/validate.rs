//! `validate` of 10,000 files, beside the least that reading them can cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use granit_parser::Parser;
use serde_json::Value;

use crate::figures::{at_most, figure, median};
use crate::manifests;
use crate::process::{self, Cost};

/// The flag that makes this program a probe.
pub(crate) const PROBE: &str = "--probe";

const RUNS: usize = 5;
const FILES: usize = 10_000;

/// Prints the figures.
pub(crate) fn run() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = manifests::generate(FILES);
    manifests::write(folder.path(), &manifests);
    let bytes: usize = manifests.iter().map(|manifest| manifest.text.len()).sum();
    let validate = measure(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command.arg("validate").arg(folder.path());
        command
    });
    let probe = |name: &'static str| measure(|| probing(name, folder.path()));
    let (values, events) = (probe("values"), probe("events"));
    let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu.as_secs_f64()).collect());
    let wall = |costs: &[Cost]| median(costs.iter().map(|cost| cost.wall.as_secs_f64()).collect());
    let peak = median(validate.iter().map(|cost| cost.peak).collect());
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    figure("validate: mean file", bytes as f64 / FILES as f64, "bytes");
    figure("validate: CPU, 10,000 files", cpu(&validate), "s");
    at_most(
        "validate: CPU to a bare parse into JSON values",
        1.6,
        cpu(&validate) / cpu(&values),
        "x",
    );
    figure("validate: bare parse, JSON values", cpu(&values), "s");
    figure("validate: bare parse, events only", cpu(&events), "s");
    figure("validate: time", wall(&validate), "s");
    at_most(
        "validate: time to CPU, on two cores",
        0.6,
        wall(&validate) / cpu(&validate),
        "x",
    );
    at_most("validate: peak memory", 100.0, peak, "MiB");
}

/// The probe of this name, in a process of its own.
fn probing(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([PROBE, name]).arg(folder);
    command
}

/// The CPU time of a bare parse into JSON values, in seconds.
pub(crate) fn bare_parse(folder: &Path) -> f64 {
    let costs = measure(|| probing("values", folder)).into_iter();
    median(costs.map(|cost| cost.cpu.as_secs_f64()).collect())
}

fn measure(command: impl Fn() -> Command) -> Vec<Cost> {
    (0..RUNS)
        .map(|_| process::run(&mut command(), Duration::from_millis(2)))
        .collect()
}

/// Reads every file below a folder, and parses it as far as the name of the probe says.
pub(crate) fn probe(name: &str, folder: &Path) {
    let parse = match name {
        "values" => into_value,
        "events" => into_events,
        other => panic!("there is no probe `{other}`"),
    };
    let nodes: usize = files(folder)
        .iter()
        .map(|file| parse(&fs::read_to_string(file).unwrap()))
        .sum();
    assert!(nodes > 0);
}

fn into_value(text: &str) -> usize {
    let value: Value = serde_yaml::from_str(text).unwrap();
    value.as_object().unwrap().len()
}

fn into_events(text: &str) -> usize {
    Parser::new_from_str(text).map(Result::unwrap).count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
