//! The answers of a platform, as bytes: a server on this computer says them, and the client reads them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use campaignctl::api::{
    Address, ClientSettings, Rate, Reader as _, RetryPolicy, Secret, SignInSecrets, Timeouts,
    Writer as _, connect,
};
use campaignctl::kinds::KindId;
use campaignctl::name::{RemoteId, Revision};
use serde_json::json;

use super::ACCOUNT;

/// The answer to everything, byte for byte: to the look-up, to each way of signing in, and to every list, item and
/// write of every kind.
pub(crate) fn answers(bytes: &[u8]) {
    let server = Server::get();
    server.say(bytes);
    runtime().block_on(async {
        let settings = |credentials| ClientSettings {
            domain_api: server.base.clone(),
            handoff_writes: true,
            timeouts: Timeouts {
                connect: Duration::from_secs(1),
                total: Duration::from_secs(2),
            },
            rate: Rate::default(),
            retry: RetryPolicy {
                second: Duration::from_secs(1),
                budget: Duration::ZERO, // no second try, unless the answer asks for one at once
                jitter: || 0.0,
            },
            ..ClientSettings::new(ACCOUNT, credentials)
        };
        let [first, ..] = credentials();
        let _ = connect(settings(first)).await; // the look-up answers what the input says
        let hosts = [
            "accountConfigReadWrite",
            "sentinel",
            "agentVep",
            "smt",
            "handoff",
        ];
        let hosts = hosts.map(|service| (service.to_owned(), server.base.clone()));
        let [.., bearer] = credentials();
        let way = &credentials()[bytes.len() % 3];
        for credentials in [way.clone(), bearer] {
            let settings = ClientSettings {
                hosts: hosts.clone().into(),
                ..settings(credentials)
            };
            if let Ok(client) = connect(settings).await {
                read_all(&client).await;
                return;
            }
        }
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn credentials() -> [SignInSecrets; 3] {
    let secret = || Secret::new("secret-of-the-run");
    [
        SignInSecrets::ClientCredentials {
            id: "client".to_owned(),
            secret: secret(),
        },
        SignInSecrets::Login {
            username: "user".to_owned(),
            password: secret(),
        },
        SignInSecrets::Bearer(secret()),
    ]
}

async fn read_all(client: &campaignctl::api::Client) {
    let id = RemoteId::from("4100000001");
    let revision = Revision("1".to_owned());
    for kind in KindId::all() {
        let parent = kind.def().parent.as_ref().map(|_| id.clone());
        let address = Address {
            kind,
            parent: parent.clone(),
            id: id.clone(),
        };
        let body = json!({ "name": "x" });
        let failures = [
            client.list(kind, parent.as_ref()).await.err(),
            client.get(&address).await.err(),
            client.create(kind, parent.as_ref(), &body).await.err(),
            client.update(&address, &revision, &body).await.err(),
            client.delete(&address, &revision).await.err(),
        ];
        for failure in failures.into_iter().flatten() {
            let told = failure.to_string();
            assert!(!told.contains("secret-of-the-run"), "{told}");
            assert!(told.len() < 1 << 16, "a message of {} bytes", told.len());
        }
    }
    let _ = client.engagements_for(&id, &json!({})).await;
}

/// A server that gives every request the same answer and closes the connection behind it.
struct Server {
    base: String,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// The server of this process.
    fn get() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let answer = shared.lock().unwrap().clone();
                let _ = stream.and_then(|stream| reply(stream, &answer)); // the client may hang up
            }
        });
        Self { base, answer }
    }

    fn say(&self, bytes: &[u8]) {
        bytes.clone_into(&mut self.answer.lock().unwrap());
    }
}

/// Reads a request and answers it.
fn reply(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut chunk)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&chunk[..read]),
        }
    }
    stream.write_all(answer)
}

/// Whether a request has come with its body, so that closing the connection is no reset.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}
