//! Medians, and the lines that show them.

use std::time::Duration;

/// The head of the table that every benchmark adds lines to.
pub(crate) const HEADER: &str = "| what | goal | measured | |\n|---|---|---|---|";

/// The middle one of some figures.
pub(crate) fn median<T: PartialOrd + Copy>(mut figures: Vec<T>) -> T {
    figures.sort_by(|a, b| a.partial_cmp(b).expect("figures are numbers"));
    figures[figures.len() / 2]
}

/// Prints a figure that must stay at or below its goal.
pub(crate) fn at_most(what: &str, goal: f64, measured: f64, unit: &str) {
    let verdict = if measured <= goal { "ok" } else { "**missed**" };
    println!(
        "| {what} | at most {} | {} | {verdict} |",
        shown(goal, unit),
        shown(measured, unit)
    );
}

/// Prints a figure without a goal.
pub(crate) fn figure(what: &str, measured: f64, unit: &str) {
    println!("| {what} | | {} | |", shown(measured, unit));
}

/// Says why a figure is not there.
pub(crate) fn missing(what: &str, why: &str) {
    println!("| {what} | | not measured: {why} | |");
}

/// Prints a count that must be exactly this.
///
/// # Panics
/// When it is not.
pub(crate) fn exactly(what: &str, goal: u64, measured: u64) {
    assert_eq!(measured, goal, "{what}");
    println!("| {what} | exactly {goal} | {measured} | ok |");
}

/// A duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn shown(figure: f64, unit: &str) -> String {
    let digits = match figure {
        _ if figure.fract() == 0.0 || figure >= 100.0 => 0,
        _ if figure >= 10.0 => 1,
        _ => 2,
    };
    let gap = if unit == "x" { "" } else { " " };
    format!("{figure:.digits$}{gap}{unit}")
}
