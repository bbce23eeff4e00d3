//! The benchmarks: `cargo bench`, or `cargo bench -- plan` for some of them.
//!
//! Each of them prints its goals beside the figures. Figures are CPU time and peak memory of whole processes
//! where a command is measured, and CPU time of one thread where a pass is measured: both stay the same on a
//! busy machine, which the clock on the wall does not; `lsp` is measured by the wall, because somebody waits for it. What must hold on every machine (how many requests
//! are made, that nothing is written) is asserted; speed is only reported. Linux only: figures come from
//! `/proc`.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(clippy::print_stdout, reason = "figures are the output")]

mod account;
mod figures;
mod fleet;
mod launch;
mod lsp;
mod manifests;
mod offers;
mod passes;
mod plan;
mod process;
mod rate;
mod sandbox;
mod shops;
mod start;
mod terraform;
mod validate;

/// The allocator of the program: passes and the impact are measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A benchmark: its name, and what prints its figures.
type Benchmark = (&'static str, fn());

const BENCHMARKS: [Benchmark; 11] = [
    ("start", start::run),
    ("validate", validate::run),
    ("lsp", lsp::run),
    ("plan", plan::run),
    ("huge", plan::run_huge),
    ("fleet", fleet::run),
    ("passes", passes::run),
    ("offers", offers::run),
    ("pace", rate::run_quickly),
    ("rate", rate::run),
    ("launch", launch::run),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, probe, folder] = arguments.as_slice()
        && flag == validate::PROBE
    {
        return validate::probe(probe, folder.as_ref());
    }
    if let [flag, before, after] = arguments.as_slice()
        && flag == offers::PROBE
    {
        return offers::probe(before.as_ref(), after.as_ref());
    }
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    println!("{}", figures::HEADER);
    for (name, run) in BENCHMARKS {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            run();
        }
    }
}
