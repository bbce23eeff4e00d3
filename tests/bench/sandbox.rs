//! A sandbox in a process of its own, as the program itself serves it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running sandbox.
pub(crate) struct Sandbox {
    process: Child,
    /// Where it listens, `http://127.0.0.1:40000`.
    pub(crate) base_url: String,
}

impl Sandbox {
    /// Starts the sandbox of an empty folder, and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with some switches in other positions.
    pub(crate) fn start_with(folder: &Path, switches: &[&str]) -> Self {
        let switches = switches.iter().flat_map(|switch| ["--set", switch]);
        let mut process = Command::new(env!("CARGO_BIN_EXE_campaignctl"))
            .args(["sandbox", "start", "--quiet"])
            .args(switches)
            .current_dir(folder) // without a project file, the data are kept in the current folder
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base_url = line.trim().to_owned();
        assert!(base_url.starts_with("http://"), "the sandbox said `{line}`");
        Self { process, base_url }
    }

    /// The requests since the start or since they were last forgotten.
    pub(crate) fn stats(&self) -> Value {
        serde_json::from_str(&self.call("GET", "/_sandbox/stats")).unwrap()
    }

    /// Restarts the counts.
    pub(crate) fn forget_stats(&self) {
        self.call("DELETE", "/_sandbox/stats");
    }

    /// What it answers to a read.
    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.call("GET", path)).unwrap()
    }

    /// Posts a body.
    pub(crate) fn post(&self, path: &str, body: &Value) {
        self.call_with("POST", path, &body.to_string());
    }

    fn call(&self, method: &str, path: &str) -> String {
        self.call_with(method, path, "")
    }

    fn call_with(&self, method: &str, path: &str, body: &str) -> String {
        let host = self.base_url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer sandbox\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        body.to_owned()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill().and_then(|()| self.process.wait()); // it may have ended by itself
    }
}
