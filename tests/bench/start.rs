//! How fast the program is there: `campaignctl --version`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::figures::{at_most, figure, median, milliseconds};
use crate::process;

const RUNS: u32 = 50;

/// Prints the figures.
pub(crate) fn run() {
    let version = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command.arg("--version");
        command
    };
    let before = process::cpu_of_children();
    let walls = (0..RUNS).map(|_| {
        let started = Instant::now();
        let status = version().stdout(Stdio::null()).status().unwrap();
        assert!(status.success());
        started.elapsed()
    });
    let wall = median(walls.collect());
    let cpu = process::cpu_of_children().saturating_sub(before) / RUNS;
    // A run is short: it is looked at without a pause, and the run that was looked at latest counts.
    let peaks = (0..RUNS).map(|_| process::run(&mut version(), Duration::ZERO).peak);
    let peak = peaks.fold(0.0, f64::max);
    at_most("start: time", 5.0, milliseconds(wall), "ms");
    figure("start: CPU", milliseconds(cpu), "ms");
    at_most("start: peak memory", 8.0, peak, "MiB");
}
