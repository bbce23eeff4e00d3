//! Requests to stop: Ctrl-C, the end of a terminal, and the request that a cancelled pipeline sends.

/// Begins to listen. To be called inside of the runtime, before a lock is taken.
///
/// # Errors
/// A system on which signals cannot be listened to.
use crate::run::{Error, StopRequests};

pub(super) fn stop() -> Result<StopRequests, Error> {
    let (stopper, stop) = StopRequests::pair();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The last one: a closed terminal or a lost connection to a remote shell.
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
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
