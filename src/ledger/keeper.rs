//! Keeps the lock of a remote ledger while a run lives, and the journal of the run beside the ledger.
//!
//! A thread of its own renews the lock, so that a run that computes for long, or waits for an answer, does not lose it.
//! The same thread writes the journal: both are one write, and only one may be under way at a time.
//!
//! - What is recorded goes to the store when it is asked to be [durable](Keeper::durable), which is before each write to
//!   the account, and with each renewal. All that was recorded until then goes in one write, however many steps wait
//!   for it.
//! - What a run recorded behind its last durable event is lost with it. That costs nothing: an account is only written
//!   behind a durable event that says so, and what became of that write is found out by asking the account.
//! - A lock that is lost is never taken back: from then on nothing becomes durable.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::LedgerError;
use super::backend::{Backend, Grant, StoreAnswer, StoredWrite};
use super::term::{Terms, watch};

/// The pause before a write is tried again that failed; it doubles with each try.
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps a lock until it is [ended](Keeper::end). Dropped, it leaves the lock behind, as a crash does.
#[derive(Debug)]
pub(super) struct Keeper {
    asks: UnboundedSender<KeeperRequest>,
    lease: Lease,
}

/// What is asked of the thread, in order.
enum KeeperRequest {
    Append(Vec<u8>),
    Durable(oneshot::Sender<bool>),
    End(oneshot::Sender<Grant>),
}

/// What a run knows of its lock at any time, without asking the store.
#[derive(Clone, Debug)]
struct Lease(Arc<Inner>);

/// A moment by the steady clock and by the wall clock.
pub(super) type KeeperMoment = (Instant, jiff::Timestamp);

#[derive(Debug)]
struct Inner {
    length: Duration,
    ledger: String,
    /// When the last renewal began that the store confirmed, by the steady clock and by the wall clock. The first one
    /// stands still while some computers sleep.
    renewed: Mutex<KeeperMoment>,
    clock: fn() -> jiff::Timestamp,
    is_lost: AtomicBool,
    why: Mutex<String>,
}

impl Lease {
    fn new(ledger: String, terms: Terms, taken: KeeperMoment) -> Self {
        Self(Arc::new(Inner {
            length: terms.length(),
            ledger,
            renewed: Mutex::new(taken),
            clock: terms.clock,
            is_lost: AtomicBool::new(false),
            why: Mutex::default(),
        }))
    }

    /// Whether no other run can have taken the lock: it is not lost, and was renewed within the time for which at
    /// least everybody else [watches](watch) it. A process that stood still finds out here that it has to ask.
    fn is_sure(&self) -> bool {
        let (steady, wall) = *self
            .0
            .renewed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let by_wall = (self.0.clock)().duration_since(wall).unsigned_abs();
        let is_fresh = steady.elapsed().max(by_wall) < watch(self.0.length);
        is_fresh && !self.0.is_lost.load(Ordering::SeqCst)
    }

    fn renew(&self, began: KeeperMoment) {
        *self
            .0
            .renewed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = began;
    }

    fn lose(&self, why: String) {
        *self.0.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        self.0.is_lost.store(true, Ordering::SeqCst);
    }

    /// The error of a run that lost its lock.
    fn error(&self) -> LedgerError {
        let why = self.0.why.lock().unwrap_or_else(PoisonError::into_inner);
        LedgerError::Lost {
            ledger: self.0.ledger.clone(),
            why: why.clone(),
        }
    }
}

impl Keeper {
    /// Begins to keep a lock that was asked for at the moment `taken`.
    ///
    /// # Errors
    /// A thread that cannot be started.
    pub(super) fn start(
        backend: Arc<dyn Backend>,
        grant: Grant,
        terms: Terms,
        taken: KeeperMoment,
    ) -> Result<Self, LedgerError> {
        let (asks, asked) = unbounded_channel();
        let lease = Lease::new(backend.place(), terms, taken);
        let keeping = Keeping {
            lease: lease.clone(),
            backend,
            grant,
            terms,
            pending: Vec::new(),
            due: taken.0 + terms.pause(),
        };
        let place = PathBuf::from(keeping.backend.place());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(LedgerError::io("keep the lock of", &place))?;
        let thread = std::thread::Builder::new().name("lock".to_owned());
        thread
            .spawn(move || runtime.block_on(keeping.keep(asked)))
            .map_err(LedgerError::io("keep the lock of", &place))?;
        Ok(Self { asks, lease })
    }

    /// Adds a line to the journal, which is durable once [`Keeper::durable`] says so.
    pub(super) fn append(&self, line: Vec<u8>) {
        let _ = self.asks.send(KeeperRequest::Append(line)); // without the thread, nothing becomes durable
    }

    /// Waits until all that was added is stored, under a lock that is still held.
    pub(super) fn durable(&self) -> StoreAnswer<'static, ()> {
        durable(&self.asks, &self.lease)
    }

    /// What keeps a write from the account once the lock is lost. To be asked right before it is sent, because it may
    /// have waited for its turn for longer than a term.
    pub(super) fn fence(&self) -> Fence {
        let (asks, lease) = (self.asks.clone(), self.lease.clone());
        Fence(Arc::new(move || {
            if lease.is_sure() {
                return Box::pin(std::future::ready(Ok(())));
            }
            durable(&asks, &lease)
        }))
    }

    /// Ends it, and returns what is held.
    pub(super) async fn end(self) -> Result<Grant, LedgerError> {
        let (done, answer) = oneshot::channel();
        let _ = self.asks.send(KeeperRequest::End(done)); // answered with an error without the thread
        answer.await.map_err(|_| self.lease.error())
    }
}

fn durable(asks: &UnboundedSender<KeeperRequest>, lease: &Lease) -> StoreAnswer<'static, ()> {
    let (done, answer) = oneshot::channel();
    let asked = asks.send(KeeperRequest::Durable(done));
    let lease = lease.clone();
    Box::pin(async move {
        // Without the thread, there is no answer.
        let is_done = asked.is_ok() && answer.await.unwrap_or(false);
        is_done.then_some(()).ok_or_else(|| lease.error())
    })
}

/// Asks whether a run still has its lock, as far as that must be known for one more write to the account.
#[derive(Clone)]
pub struct Fence(Arc<dyn Fn() -> StoreAnswer<'static, ()> + Send + Sync>);

impl Fence {
    /// Waits until it is known.
    ///
    /// # Errors
    /// [`LedgerError::Lost`]: nothing may be written any more.
    pub async fn pass(&self) -> Result<(), LedgerError> {
        (self.0)().await
    }
}

impl fmt::Debug for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }
}

/// The state of the thread.
struct Keeping {
    backend: Arc<dyn Backend>,
    grant: Grant,
    terms: Terms,
    lease: Lease,
    /// Lines that are not stored yet.
    pending: Vec<u8>,
    /// When the lock is to be renewed.
    due: Instant,
}

impl Keeping {
    async fn keep(mut self, mut asked: UnboundedReceiver<KeeperRequest>) {
        loop {
            let due = tokio::time::Instant::from_std(self.due);
            let first = match tokio::time::timeout_at(due, asked.recv()).await {
                Ok(None) => return, // the run ended without a word, as in a crash
                Ok(Some(ask)) => Some(ask),
                Err(_) => None,
            };
            let (mut waiting, mut end) = (Vec::new(), None);
            let more = std::iter::from_fn(|| asked.try_recv().ok());
            for ask in first.into_iter().chain(more) {
                match ask {
                    KeeperRequest::Append(line) => self.pending.extend(line),
                    KeeperRequest::Durable(done) => waiting.push(done),
                    KeeperRequest::End(done) => end = Some(done),
                }
            }
            if !waiting.is_empty() || self.due <= Instant::now() {
                self.write(waiting).await;
            }
            if let Some(done) = end {
                let _ = done.send(self.grant); // a run that was dropped waits for no grant
                return;
            }
        }
    }

    /// Renews the lock with all that is pending, and tells those who wait for it.
    async fn write(&mut self, waiting: Vec<oneshot::Sender<bool>>) {
        let is_done = self.renew().await;
        for done in waiting {
            let _ = done.send(is_done); // a step that was dropped does not wait any more
        }
    }

    /// Tries until a term is over since the last renewal. Then another run may have the lock, and it is given up.
    async fn renew(&mut self) -> bool {
        let mut pause = PAUSE;
        while !self.lease.0.is_lost.load(Ordering::SeqCst) {
            let began = (Instant::now(), (self.terms.clock)());
            let Some(why) = self.try_once().await else {
                self.lease.renew(began);
                self.due = began.0 + self.terms.pause();
                return true;
            };
            if self.since_renewal() >= self.terms.length() {
                let seconds = self.terms.seconds;
                self.lease
                    .lose(format!("it could not be renewed for {seconds} s: {why}"));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.terms.pause());
        }
        self.due = Instant::now() + self.terms.pause();
        false
    }

    /// One try; why it failed, if it did.
    async fn try_once(&mut self) -> Option<String> {
        let renewals = self.grant.ticket.term.as_ref().map_or(0, |it| it.renewals);
        self.grant.ticket.term = Some(Box::new(self.terms.after(renewals + 1)));
        let left = self.terms.length().saturating_sub(self.since_renewal());
        // A process that stood still for longer than a term asks the store, too: maybe no run took the lock.
        let patience = left.max(self.terms.pause());
        let keeping = self.backend.keep(&mut self.grant, &self.pending);
        match tokio::time::timeout(patience, keeping).await {
            Ok(Ok(StoredWrite::Done)) => {
                self.pending.clear();
                None
            }
            Ok(Ok(StoredWrite::Stale)) => {
                let why = self.taken_by().await;
                self.lease.lose(why.clone());
                Some(why)
            }
            Ok(Err(error)) => {
                let why = error.to_string();
                // Only what passes by itself is tried again.
                if !matches!(error, LedgerError::Unavailable { .. }) {
                    self.lease.lose(why.clone());
                }
                Some(why)
            }
            Err(_) => Some("the store did not answer in time".to_owned()),
        }
    }

    fn since_renewal(&self) -> Duration {
        let renewed = self.lease.0.renewed.lock();
        renewed.unwrap_or_else(PoisonError::into_inner).0.elapsed()
    }

    /// Who has the lock instead.
    async fn taken_by(&self) -> String {
        let holder = self.backend.holder().await.ok().flatten();
        match holder {
            Some(ticket) => format!("it was taken by {}", ticket.holder),
            None => "it was removed".to_owned(),
        }
    }
}
