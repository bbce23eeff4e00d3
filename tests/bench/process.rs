//! What a process costs: CPU time of all its threads, and its peak memory.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Linux counts CPU time in hundredths of a second for everybody who reads `/proc`.
const TICK: Duration = Duration::from_millis(10);

/// What one run of a process cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// User and system time of all threads.
    pub(crate) cpu: Duration,
    /// Time on the wall.
    pub(crate) wall: Duration,
    /// The largest resident set in MiB, as far as looking every so often can tell.
    pub(crate) peak: f64,
}

/// Runs a command to its end, and looks at its memory once per `interval`.
///
/// # Panics
/// When the command fails.
pub(crate) fn run(command: &mut Command, interval: Duration) -> Cost {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0.0_f64;
    // A zombie has given its memory back, and its CPU time is whole: the moment to read that.
    let cpu = loop {
        peak = peak.max(peak_of(&child).unwrap_or_default());
        let (state, cpu) = state_of(child.id());
        if state == 'Z' {
            break cpu;
        }
        std::thread::sleep(interval);
    };
    let wall = started.elapsed();
    let status = child.wait().unwrap();
    assert!(status.success(), "{command:?}: {status}");
    Cost { cpu, wall, peak }
}

/// User and system time of all children that have ended, to the tick.
pub(crate) fn cpu_of_children() -> Duration {
    let fields = stat("self");
    ticks(&fields, 13) + ticks(&fields, 14)
}

/// CPU time of this thread, to the nanosecond.
pub(crate) fn cpu_of_thread() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// How much memory of this process is resident now, in MiB.
pub(crate) fn resident() -> f64 {
    memory("self", "VmRSS:").unwrap()
}

fn state_of(id: u32) -> (char, Duration) {
    let fields = stat(&id.to_string());
    let state = fields[0].chars().next().unwrap();
    (state, ticks(&fields, 11) + ticks(&fields, 12))
}

/// The fields behind the name of the program, which may hold anything.
fn stat(process: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = text.rsplit_once(") ").unwrap();
    fields.split(' ').map(str::to_owned).collect()
}

fn ticks(fields: &[String], index: usize) -> Duration {
    TICK * fields[index].parse::<u32>().unwrap()
}

fn peak_of(child: &Child) -> Option<f64> {
    memory(&child.id().to_string(), "VmHWM:")
}

/// A figure of memory that the system keeps of a process, in MiB.
fn memory(process: &str, figure: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(figure))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes / 1024.0)
}
