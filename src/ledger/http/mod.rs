//! A ledger behind the Terraform HTTP state protocol, which GitLab and Gitea speak.
//!
//! GET reads (204 or 404: there is nothing yet), POST writes with `?ID=` of the lock, LOCK and UNLOCK carry
//! the lock as JSON; 423 or 409 answers with the lock that is held.
//!
//! - The protocol has no conditional write, so what is stored is compared once more before it is written. What keeps a
//!   run out that lost its lock is the server: it refuses a write with the `?ID=` of another lock than the one it holds.
//! - The protocol has no term: the lock says its own in its `Info`, and renewals are written into the [state].
//! - A lock whose term is over is taken by unlocking it with the identity that it says, and locking. Of two that do so,
//!   the server lets one lock, and refuses to unlock that one with the old identity.

mod address;
mod client;
mod holder;
mod lock_info;
mod state;

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, Method, Url};

use self::address::{is_loopback, lock_url, parse, without_query};
use self::client::{client, says_page};
use self::state::{is_same, is_same_document};
use super::LedgerError;
use super::backend::{
    Backend, Grant, KeptJournal, LedgerDocument, StoreAnswer, Stored, StoredLedger, StoredWrite,
    Version,
};
use super::content::{LONGEST, too_long};
use super::lock::Ticket;
use super::message::{bounded, shown};
use crate::name::Secret;

/// How often a request that may be repeated is tried.
const TRIES: u32 = 3;

/// The pause before the second try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(300);

/// The longest message that is read from an answer that is not a ledger.
const MESSAGE_MAX: u64 = 64 * 1024;

/// What is needed to reach such a server.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The address of the ledger.
    pub address: String,
    /// A user and a password, sent with every request.
    pub credentials: Option<(String, Secret)>,
    /// The address of the lock. Default: the address of the ledger followed by `/lock`.
    pub lock_address: Option<String>,
    /// The method that locks.
    pub lock_method: String,
    /// The method that unlocks.
    pub unlock_method: String,
    /// Who asks whether there is a lock, for the run that finds that question in the way.
    pub who: String,
    /// The time.
    pub clock: fn() -> Timestamp,
}

/// A ledger behind the Terraform HTTP state protocol.
#[derive(Debug)]
pub struct HttpLedger {
    client: Client,
    url: Url,
    lock_url: Url,
    lock_method: Method,
    unlock_method: Method,
    credentials: Option<(String, Secret)>,
    place: String,
    who: String,
    clock: fn() -> Timestamp,
}

/// An answer, whatever its status.
struct Reply {
    status: u16,
    bytes: Vec<u8>,
    /// Whether it answers a request that was sent before, and whose answer was lost.
    is_repeated: bool,
}

impl HttpLedger {
    /// A ledger behind HTTP. Nothing is sent yet.
    ///
    /// # Errors
    /// [`LedgerError::Address`] for settings that cannot work.
    pub fn new(settings: HttpSettings) -> Result<Self, LedgerError> {
        let url = parse(&settings.address)?;
        let lock_url = match &settings.lock_address {
            Some(address) => parse(address)?,
            None => lock_url(&url),
        };
        let place = without_query(&url);
        let refuse = |why: &str| LedgerError::address(&place, why);
        let is_local = [&url, &lock_url].into_iter().all(is_loopback);
        let is_open = [&url, &lock_url].iter().any(|url| url.scheme() == "http");
        if settings.credentials.is_some() && is_open && !is_local {
            return Err(refuse("credentials are sent over `https://` only"));
        }
        let method = |text: &str| {
            Method::from_bytes(text.as_bytes()).map_err(|_| refuse("its lock method is none"))
        };
        Ok(Self {
            client: client(is_local).map_err(|error| refuse(&shown(&error, &[])))?,
            lock_method: method(&settings.lock_method)?,
            unlock_method: method(&settings.unlock_method)?,
            credentials: settings.credentials,
            url,
            lock_url,
            place,
            who: settings.who,
            clock: settings.clock,
        })
    }

    /// Sends a request, again when that can do no harm and the server could not take it.
    async fn send(
        &self,
        doing: &'static str,
        method: &Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, LedgerError> {
        let tries = if *method == Method::POST && *url != self.lock_url {
            1
        } else {
            TRIES
        };
        for attempt in 1..tries {
            match self.send_once(doing, method, url, body.clone()).await {
                Ok(reply) if !matches!(reply.status, 429 | 500 | 502..=504) => {
                    let is_repeated = attempt > 1;
                    return Ok(Reply {
                        is_repeated,
                        ..reply
                    });
                }
                Ok(_) | Err(LedgerError::Unavailable { .. }) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
        }
        let last = self.send_once(doing, method, url, body).await?;
        Ok(Reply {
            is_repeated: tries > 1,
            ..last
        })
    }

    async fn send_once(
        &self,
        doing: &'static str,
        method: &Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, LedgerError> {
        let mut request = self.client.request(method.clone(), url.clone());
        if let Some((user, password)) = &self.credentials {
            request = request.basic_auth(user, Some(password.expose()));
        }
        if let Some(body) = body {
            request = request
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body);
        }
        let failed =
            |error: reqwest::Error| self.unavailable(doing, &shown(&error.without_url(), &[]));
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let says_page = says_page(&response);
        let most = if status == 200 { LONGEST } else { MESSAGE_MAX };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if (bytes.len() + chunk.len()) as u64 > most {
                return Err(too_long(&self.place));
            }
            bytes.extend_from_slice(&chunk);
        }
        // Where a session is over, a server may send its sign-in page, and call that a success.
        if (200..300).contains(&status) && (says_page || bytes.trim_ascii_start().starts_with(b"<"))
        {
            return Err(LedgerError::Page {
                ledger: self.place.clone(),
                doing,
            });
        }
        Ok(Reply {
            status,
            bytes,
            is_repeated: false,
        })
    }

    /// The document, `None` when there is none.
    async fn document(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        let reply = self.send("read", &Method::GET, &self.url, None).await?;
        match reply.status {
            200 if reply.bytes.is_empty() => Ok(None),
            200 => Ok(Some(reply.bytes)),
            204 | 404 => Ok(None),
            _ => Err(self.meaning("read", &reply)),
        }
    }

    async fn read_both(&self) -> Result<StoredLedger, LedgerError> {
        let Some(bytes) = self.document().await? else {
            let kept = KeptJournal {
                document: Some(LedgerDocument::default()),
                ..KeptJournal::default()
            };
            return Ok(StoredLedger {
                kept: Some(kept),
                ..StoredLedger::default()
            });
        };
        let version = Version::digest(&bytes);
        let state = state::read(&bytes);
        let kept = KeptJournal {
            tail: state.journal.clone(),
            document: Some(LedgerDocument {
                bytes: Some(bytes),
                serial: state.serial,
                ledger: state.ledger.clone(),
                is_ours: false,
            }),
            ..KeptJournal::default()
        };
        Ok(StoredLedger {
            stored: state.ledger.map(|bytes| Stored { bytes, version }),
            journal: state.journal,
            kept: Some(kept),
        })
    }

    /// Writes a ledger in the place of the document.
    async fn write(
        &self,
        bytes: Vec<u8>,
        expected: Option<&Version>,
        grant: &Grant,
    ) -> Result<StoredWrite, LedgerError> {
        let found = self.document().await?;
        let is_expected = match &grant.kept.document {
            Some(document) => is_same_document(found.as_deref(), document.bytes.as_deref()),
            None => found.as_deref().map(Version::digest).as_ref() == expected,
        };
        if !is_expected {
            return Ok(StoredWrite::Stale);
        }
        match self.post(&bytes, &grant.ticket).await? {
            StoredWrite::Done => self.confirm(&bytes).await,
            StoredWrite::Stale => Ok(StoredWrite::Stale),
        }
    }

    async fn post(&self, bytes: &[u8], ticket: &Ticket) -> Result<StoredWrite, LedgerError> {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("ID", &ticket.id);
        let sent = self.send("write", &Method::POST, &url, Some(bytes.to_vec()));
        let reply = sent.await?;
        match reply.status {
            200..=299 => Ok(StoredWrite::Done),
            409 | 423 => Ok(StoredWrite::Stale),
            _ => Err(self.meaning("write", &reply)),
        }
    }

    /// Reads back what a server says it stored: some say so to anything.
    async fn confirm(&self, bytes: &[u8]) -> Result<StoredWrite, LedgerError> {
        let stored = self.document().await?;
        if stored.is_some_and(|stored| is_same(&stored, bytes)) {
            return Ok(StoredWrite::Done);
        }
        Err(LedgerError::Unsupported {
            ledger: self.place.clone(),
            why: "the server took it, and holds something else".to_owned(),
        })
    }

    /// Writes the document with a renewed lock and more lines.
    async fn append(&self, grant: &mut Grant, lines: &[u8]) -> Result<StoredWrite, LedgerError> {
        let found = self.document().await?;
        let mut document = grant.kept.document.clone().unwrap_or_default();
        if !is_same_document(found.as_deref(), document.bytes.as_deref()) {
            // Under our lock, it is an earlier try of ours, whose answer was lost: a part of what is written now.
            let state = found.as_deref().map(state::read).unwrap_or_default();
            if state.lock.is_none_or(|lock| lock.id != grant.ticket.id) {
                return Ok(StoredWrite::Stale);
            }
            document.serial = state.serial;
        }
        let journal = [&grant.kept.tail, lines].concat();
        let serial = document.serial + 1;
        let ledger = document.ledger.as_deref();
        let bytes = state::write(&grant.ticket, serial, &journal, ledger);
        let written = self.post(&bytes, &grant.ticket).await?;
        if written == StoredWrite::Done {
            if !document.is_ours {
                self.confirm(&bytes).await?;
            }
            grant.kept.tail = journal;
            grant.kept.document = Some(LedgerDocument {
                bytes: Some(bytes),
                serial,
                is_ours: true,
                ..document
            });
        }
        Ok(written)
    }

    async fn acquire(&self, ticket: &Ticket, over: Option<&Ticket>) -> Result<Grant, LedgerError> {
        match self.acquire_free(ticket).await {
            Err(LedgerError::Locked { ticket: held, .. }) if Some(&held) == over => {
                self.release(&held).await?;
                let grant = self.acquire_free(ticket).await?;
                self.let_late_write_arrive(&held).await?;
                Ok(grant)
            }
            result => result,
        }
    }

    /// Waits where a run renewed its lock in the moment in which it lost it. From now on the server refuses what it
    /// writes, but it may be about to send what it was allowed to.
    async fn let_late_write_arrive(&self, taken: &Ticket) -> Result<(), LedgerError> {
        let now = self.renewed(taken.clone()).await?;
        if let Some(term) = now.term.as_ref().filter(|_| now != *taken) {
            tokio::time::sleep(term.watch()).await;
        }
        Ok(())
    }

    /// Takes the lock if no run has it. One that is held for a moment only is waited for.
    async fn acquire_free(&self, ticket: &Ticket) -> Result<Grant, LedgerError> {
        for attempt in 1..TRIES {
            match self.acquire_once(ticket).await {
                Err(LedgerError::Locked { ticket: held, .. }) if held.is_check() => {
                    tokio::time::sleep(PAUSE * attempt).await;
                }
                result => return result,
            }
        }
        self.acquire_once(ticket).await
    }

    async fn acquire_once(&self, ticket: &Ticket) -> Result<Grant, LedgerError> {
        let body = Some(lock_info::write(ticket, &self.place));
        let sent = self.send("lock", &self.lock_method, &self.lock_url, body);
        let reply = sent.await?;
        let grant = Grant {
            ticket: ticket.clone(),
            file: None,
            kept: KeptJournal::default(),
        };
        match reply.status {
            200..=299 => Ok(grant),
            409 | 423 => {
                let held = lock_info::read(&reply.bytes);
                // Ours, when the answer to our first try was lost.
                if held.id == ticket.id {
                    return Ok(grant);
                }
                Err(self.locked(self.renewed(held).await?))
            }
            404 | 405 | 501 => Err(LedgerError::Unsupported {
                ledger: self.place.clone(),
                why: format!(
                    "it offers no lock with {} at `{}` ({})",
                    self.lock_method,
                    without_query(&self.lock_url),
                    reply.status
                ),
            }),
            _ => Err(self.meaning("lock", &reply)),
        }
    }

    /// A lock with its renewals, of which the server knows nothing.
    async fn renewed(&self, mut held: Ticket) -> Result<Ticket, LedgerError> {
        if held.term.is_none() {
            return Ok(held); // no run renews it
        }
        let document = self.document().await?;
        let lock = document.and_then(|bytes| state::read(&bytes).lock);
        if let Some(lock) = lock.filter(|lock| lock.id == held.id) {
            held.term = lock.term;
        }
        Ok(held)
    }

    async fn release(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        let body = Some(lock_info::write(ticket, &self.place));
        let sent = self.send("unlock", &self.unlock_method, &self.lock_url, body);
        let reply = sent.await?;
        match reply.status {
            200..=299 | 404 => Ok(()),
            409 | 423 => {
                let held = lock_info::read(&reply.bytes);
                // An earlier try removed it, whose answer was lost: there is no lock that could be named.
                if reply.is_repeated && held.id.is_empty() {
                    return Ok(());
                }
                Err(self.locked(held))
            }
            _ => Err(self.meaning("unlock", &reply)),
        }
    }

    fn locked(&self, ticket: Ticket) -> LedgerError {
        LedgerError::Locked {
            ledger: self.place.clone(),
            ticket,
        }
    }

    fn unavailable(&self, doing: &'static str, why: &str) -> LedgerError {
        LedgerError::Unavailable {
            ledger: self.place.clone(),
            doing,
            why: why.to_owned(),
        }
    }

    /// The only place where a status gets its meaning.
    fn meaning(&self, doing: &'static str, reply: &Reply) -> LedgerError {
        let secrets: Vec<_> = self.credentials.iter().map(|it| it.1.clone()).collect();
        let text = String::from_utf8_lossy(&reply.bytes);
        let said = bounded(&text, &secrets);
        let why = format!("the server answered {} {said}", reply.status);
        match reply.status {
            401 | 403 => LedgerError::Denied {
                ledger: self.place.clone(),
                doing,
                why,
            },
            _ => self.unavailable(doing, why.trim_end()),
        }
    }
}

impl Backend for HttpLedger {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn load(&self) -> StoreAnswer<'_, Option<Stored>> {
        Box::pin(async { Ok(self.read_both().await?.stored) })
    }

    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        grant: &'a Grant,
    ) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(self.write(bytes, expected, grant))
    }

    fn keeps_journal(&self) -> bool {
        true
    }

    fn read(&self) -> StoreAnswer<'_, StoredLedger> {
        Box::pin(self.read_both())
    }

    fn lock<'a>(&'a self, ticket: &'a Ticket, over: Option<&'a Ticket>) -> StoreAnswer<'a, Grant> {
        Box::pin(self.acquire(ticket, over))
    }

    fn keep<'a>(&'a self, grant: &'a mut Grant, lines: &'a [u8]) -> StoreAnswer<'a, StoredWrite> {
        Box::pin(self.append(grant, lines))
    }

    fn unlock(&self, grant: Grant, _folded: bool) -> StoreAnswer<'_, ()> {
        Box::pin(async move {
            match self.release(&grant.ticket).await {
                Err(LedgerError::Locked { .. }) => Ok(()), // broken, and taken by another run
                result => result,
            }
        })
    }

    fn holder(&self) -> StoreAnswer<'_, Option<Ticket>> {
        Box::pin(self.find_holder())
    }

    fn break_lock<'a>(&'a self, held: &'a Ticket) -> StoreAnswer<'a, ()> {
        Box::pin(self.release(held))
    }
}
