//! What happens when things go wrong in the middle of an apply: the process dies, answers get lost, the platform
//! fails, people edit. All over HTTP.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the counts, and the seed of a failing case"
)]

mod cached;
mod draw;
mod editor;
mod elsewhere;
mod ends;
mod insides;
mod kill;
mod less;
mod lost;
mod occasions;
mod random;
mod retail;
mod tamper;
mod wanted;
mod world;

/// Whether everything is to be tried, and not only some of it.
#[expect(
    clippy::disallowed_methods,
    reason = "how much is tried is for people to say"
)]
pub(crate) fn all() -> bool {
    std::env::var("CHAOS").is_ok_and(|text| text == "all")
}

/// A number from the tester's environment.
#[expect(
    clippy::disallowed_methods,
    reason = "how much is tried is for people to say"
)]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
