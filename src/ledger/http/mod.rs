//! A ledger behind the Terraform HTTP state protocol, which GitLab and Gitea speak.
//!
//! GET reads (204 or 404: there is nothing yet), POST writes with `?ID=` of the lock, LOCK and UNLOCK carry
//! the lock as JSON; 423 or 409 answers with the lock that is held. The protocol has no conditional write,
//! so the ledger is compared once more before it is written.

mod address;
mod lock_info;

use std::time::Duration;

use reqwest::{Client, Method, Url};

use self::address::{is_loopback, lock_url, parse, without_query};
use super::Error;
use super::backend::{Answer, Backend, Grant, Stored, Version, Write};
use super::content::{LONGEST, too_long};
use super::lock::{Holder, Ticket};
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
}

/// An answer, whatever its status.
struct Reply {
    status: u16,
    bytes: Vec<u8>,
}

impl HttpLedger {
    /// A ledger behind HTTP. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Address`] for settings that cannot work.
    pub fn new(settings: HttpSettings) -> Result<Self, Error> {
        let url = parse(&settings.address)?;
        let lock_url = match &settings.lock_address {
            Some(address) => parse(address)?,
            None => lock_url(&url),
        };
        let place = without_query(&url);
        let refuse = |why: &str| Error::address(&place, why);
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
        })
    }

    /// Sends a request, again when that can do no harm and the server could not take it.
    async fn send(
        &self,
        doing: &'static str,
        method: &Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Error> {
        let tries = if *method == Method::POST && *url != self.lock_url {
            1
        } else {
            TRIES
        };
        for attempt in 1..tries {
            match self.send_once(doing, method, url, body.clone()).await {
                Ok(reply) if !matches!(reply.status, 429 | 500 | 502..=504) => return Ok(reply),
                Ok(_) | Err(Error::Unavailable { .. }) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
        }
        self.send_once(doing, method, url, body).await
    }

    async fn send_once(
        &self,
        doing: &'static str,
        method: &Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Error> {
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
            return Err(Error::Page {
                ledger: self.place.clone(),
                doing,
            });
        }
        Ok(Reply { status, bytes })
    }

    async fn read(&self) -> Result<Option<Stored>, Error> {
        let reply = self.send("read", &Method::GET, &self.url, None).await?;
        match reply.status {
            200 if reply.bytes.is_empty() => Ok(None),
            200 => Ok(Some(Stored {
                version: Version::digest(&reply.bytes),
                bytes: reply.bytes,
            })),
            204 | 404 => Ok(None),
            _ => Err(self.meaning("read", &reply)),
        }
    }

    async fn write(
        &self,
        bytes: Vec<u8>,
        expected: Option<&Version>,
        grant: &Grant,
    ) -> Result<Write, Error> {
        let found = self.read().await?.map(|stored| stored.version);
        if found.as_ref() != expected {
            return Ok(Write::Stale);
        }
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("ID", &grant.ticket.id);
        let sent = self.send("write", &Method::POST, &url, Some(bytes.clone()));
        let reply = sent.await?;
        match reply.status {
            200..=299 => self.confirm(&bytes).await,
            409 | 423 => Ok(Write::Stale),
            _ => Err(self.meaning("write", &reply)),
        }
    }

    /// Reads back what a server says it stored: some say so to anything.
    async fn confirm(&self, bytes: &[u8]) -> Result<Write, Error> {
        let stored = self.read().await?;
        if stored.is_some_and(|stored| is_same(&stored.bytes, bytes)) {
            return Ok(Write::Done);
        }
        Err(self.unavailable("write", "the server took it, and holds something else"))
    }

    async fn acquire(&self, ticket: &Ticket) -> Result<Grant, Error> {
        let body = Some(lock_info::write(ticket, &self.place));
        let sent = self.send("lock", &self.lock_method, &self.lock_url, body);
        let reply = sent.await?;
        let grant = Grant {
            ticket: ticket.clone(),
            file: None,
        };
        match reply.status {
            200..=299 => Ok(grant),
            409 | 423 => {
                let held = lock_info::read(&reply.bytes);
                // Ours, when the answer to our first try was lost.
                if held.id == ticket.id {
                    return Ok(grant);
                }
                Err(self.locked(held))
            }
            404 | 405 | 501 => Err(Error::Unsupported {
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

    async fn release(&self, ticket: &Ticket) -> Result<(), Error> {
        let body = Some(lock_info::write(ticket, &self.place));
        let sent = self.send("unlock", &self.unlock_method, &self.lock_url, body);
        let reply = sent.await?;
        match reply.status {
            200..=299 | 404 => Ok(()),
            409 | 423 => Err(self.locked(lock_info::read(&reply.bytes))),
            _ => Err(self.meaning("unlock", &reply)),
        }
    }

    /// The protocol cannot ask who holds the lock: taking it tells.
    async fn find_holder(&self) -> Result<Option<Ticket>, Error> {
        let asking = Ticket::new(&Holder {
            who: "a check for a lock".to_owned(),
            since: String::new(),
        });
        match self.acquire(&asking).await {
            Ok(grant) => self.release(&grant.ticket).await.map(|()| None),
            Err(Error::Locked { ticket, .. }) => Ok(Some(ticket)),
            Err(error) => Err(error),
        }
    }

    fn locked(&self, ticket: Ticket) -> Error {
        Error::Locked {
            ledger: self.place.clone(),
            ticket,
        }
    }

    fn unavailable(&self, doing: &'static str, why: &str) -> Error {
        Error::Unavailable {
            ledger: self.place.clone(),
            doing,
            why: why.to_owned(),
        }
    }

    /// The only place where a status gets its meaning.
    fn meaning(&self, doing: &'static str, reply: &Reply) -> Error {
        let secrets: Vec<_> = self.credentials.iter().map(|it| it.1.clone()).collect();
        let text = String::from_utf8_lossy(&reply.bytes);
        let said = bounded(&text, &secrets);
        let why = format!("the server answered {} {said}", reply.status);
        match reply.status {
            401 | 403 => Error::Denied {
                ledger: self.place.clone(),
                doing,
                why,
            },
            _ => self.unavailable(doing, why.trim_end()),
        }
    }
}

/// Whether two texts hold the same: a server may lay JSON out in its own way.
fn is_same(stored: &[u8], sent: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    stored == sent || value(stored).is_some_and(|stored| Some(stored) == value(sent))
}

fn says_page(response: &reqwest::Response) -> bool {
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn client(is_local: bool) -> Result<Client, reqwest::Error> {
    super::install_crypto();
    let mut builder = Client::builder()
        .user_agent(concat!("campaignctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_mins(2))
        .redirect(reqwest::redirect::Policy::none());
    if is_local {
        builder = builder.no_proxy(); // what is meant for this computer stays on it
    }
    builder.build()
}

impl Backend for HttpLedger {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn load(&self) -> Answer<'_, Option<Stored>> {
        Box::pin(self.read())
    }

    fn store<'a>(
        &'a self,
        bytes: Vec<u8>,
        expected: Option<&'a Version>,
        grant: &'a Grant,
    ) -> Answer<'a, Write> {
        Box::pin(self.write(bytes, expected, grant))
    }

    fn lock<'a>(&'a self, ticket: &'a Ticket) -> Answer<'a, Grant> {
        Box::pin(self.acquire(ticket))
    }

    fn unlock(&self, grant: Grant) -> Answer<'_, ()> {
        Box::pin(async move {
            match self.release(&grant.ticket).await {
                Err(Error::Locked { .. }) => Ok(()), // broken, and taken by somebody else
                result => result,
            }
        })
    }

    fn holder(&self) -> Answer<'_, Option<Ticket>> {
        Box::pin(self.find_holder())
    }

    fn break_lock<'a>(&'a self, held: &'a Ticket) -> Answer<'a, ()> {
        Box::pin(self.release(held))
    }
}
