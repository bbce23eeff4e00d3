//! Requests to stop: Ctrl-C, the end of a terminal, and the request that a cancelled pipeline sends.

use crate::run::{Error, StopRequests};

/// Begins to listen. To be called inside of the runtime, before a lock is taken.
///
/// # Errors
/// A system on which signals cannot be listened to.
pub(super) fn stop() -> Result<StopRequests, Error> {
    let (stopper, stop) = StopRequests::pair();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // A closed terminal or a lost connection to a remote shell, unless the run is to outlive them.
        if !is_ignored(SignalKind::hangup().as_raw_value()) {
            kinds.push(SignalKind::hangup());
        }
        for kind in kinds {
            let (mut signals, stopper) = (signal(kind)?, stopper.clone());
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    stopper.stop();
                }
            });
        }
    }
    #[cfg(windows)]
    {
        let mut signals = tokio::signal::windows::ctrl_c()?;
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                stopper.stop();
            }
        });
    }
    Ok(stop)
}

/// Whether this process was started with a signal ignored, as `nohup` does with HUP: who listens to it takes that back. Linux
/// tells (`proc_pid_status(5)`, `SigIgn`); elsewhere it is not known.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|it| u64::from_str_radix(it.trim(), 16).ok());
    ignored.is_some_and(|it| it >> (signal - 1) & 1 == 1)
}
