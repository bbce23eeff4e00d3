//! The threads that answer questions, so that a slow one holds up neither diagnostics nor the other ones.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use lsp_server::{ErrorCode, Message, RequestId, Response};
use serde_json::Value;

use super::outbox::Outbox;
use crate::editor::AnswerStop;

/// How many requests may wait; the next one is refused.
const WAITING: usize = 1000;

/// Why a request has no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestRefusal(pub(super) ErrorCodeNumber, pub(super) String);

/// The number of an error code.
type ErrorCodeNumber = i32;

impl RequestRefusal {
    /// A request that was understood and cannot be fulfilled.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self(ErrorCode::RequestFailed as i32, why.into())
    }
}

/// What answers a request.
pub(super) type RequestWork = Box<dyn FnOnce(&AnswerStop) -> Result<Value, RequestRefusal> + Send>;

/// The requests that have no answer yet. Whoever takes one out answers it.
type Pending = Arc<Mutex<BTreeMap<RequestId, AnswerStop>>>;

/// The threads.
pub(super) struct ThreadPool {
    jobs: SyncSender<(RequestId, AnswerStop, RequestWork)>,
    pending: Pending,
    outbox: Outbox,
}

impl ThreadPool {
    /// Starts some threads, which end when the pool goes.
    pub(super) fn new(threads: usize, outbox: Outbox) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let pending = Pending::default();
        for _ in 0..threads {
            let (waiting, pending) = (Arc::clone(&waiting), Arc::clone(&pending));
            let outbox = outbox.clone();
            std::thread::spawn(move || work(&waiting, &pending, &outbox));
        }
        Self {
            jobs,
            pending,
            outbox,
        }
    }

    /// Has a request answered.
    pub(super) fn answer(&self, id: RequestId, work: RequestWork) {
        let stop = AnswerStop::default();
        lock(&self.pending).insert(id.clone(), stop.clone());
        let refused = self.jobs.try_send((id, stop, work));
        if let Err(TrySendError::Full((id, ..)) | TrySendError::Disconnected((id, ..))) = refused {
            let why = format!("{WAITING} requests are waiting already");
            self.refuse(&id, RequestRefusal(ErrorCode::ServerCancelled as i32, why));
        }
    }

    /// Answers a request at once that nobody waits for any more.
    pub(super) fn cancel(&self, id: &RequestId) {
        let why = "the request was cancelled".to_owned();
        self.refuse(id, RequestRefusal(ErrorCode::RequestCanceled as i32, why));
    }

    fn refuse(&self, id: &RequestId, refusal: RequestRefusal) {
        let stop = lock(&self.pending).remove(id);
        if let Some(stop) = stop {
            stop.stop();
            self.outbox.send(response(id.clone(), Err(refusal)));
        }
    }
}

impl Drop for ThreadPool {
    /// Nobody waits for an answer any more.
    fn drop(&mut self) {
        for stop in lock(&self.pending).values() {
            stop.stop();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(
    waiting: &Mutex<Receiver<(RequestId, AnswerStop, RequestWork)>>,
    pending: &Pending,
    outbox: &Outbox,
) {
    loop {
        let next = lock(waiting).recv();
        let Ok((id, stop, work)) = next else {
            return;
        };
        if stop.is_set() {
            continue; // answered already
        }
        let result = catch_unwind(AssertUnwindSafe(|| work(&stop)));
        let result = result.unwrap_or_else(|_| {
            let why = "the request failed inside the server".to_owned();
            Err(RequestRefusal(ErrorCode::InternalError as i32, why))
        });
        let is_awaited = lock(pending).remove(&id).is_some();
        if is_awaited {
            outbox.send(response(id, result));
        }
    }
}

/// An answer as a message.
pub(super) fn response(id: RequestId, result: Result<Value, RequestRefusal>) -> Message {
    Message::Response(match result {
        Ok(value) => Response {
            id,
            response_result: Ok(value),
        },
        Err(RequestRefusal(code, why)) => Response::new_err(id, code, why),
    })
}
