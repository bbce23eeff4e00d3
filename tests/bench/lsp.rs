//! `lsp`: from a keystroke to the diagnostics that follow from it, over stdio, as an editor waits for them.

use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

use crate::figures::{at_most, figure, median, milliseconds};
use crate::manifests;

const KEYSTROKES: usize = 50;

/// What is typed into: a file, and the text in front of the place.
const PLACES: [(&str, &str, &str); 4] = [
    (
        "a description",
        "Campaign/campaign-0-of-shop-0.yaml",
        "displayName: C",
    ),
    (
        "a reference",
        "Campaign/campaign-0-of-shop-0.yaml",
        "goal: goal-0",
    ),
    (
        "a name that others refer to",
        "Campaign/campaign-0-of-shop-0.yaml",
        "name: campaign-0",
    ),
    (
        "a template",
        "EngagementTemplate/look-0-of-shop-0.yaml",
        "text: Chat",
    ),
];

/// Prints the figures.
pub(crate) fn run() {
    for size in [1_000, 10_000] {
        let folder = tempfile::tempdir().unwrap();
        manifests::write(folder.path(), &manifests::generate(size));
        std::fs::write(folder.path().join("campaignctl.yaml"), "").unwrap();
        let mut editor = Editor::new(folder.path());
        let started = Instant::now();
        editor.open(PLACES[0].1);
        figure(
            &format!("lsp: opening the first file, {size} documents"),
            milliseconds(started.elapsed()),
            "ms",
        );
        for (what, file, before) in PLACES {
            editor.open(file);
            let times = (0..KEYSTROKES).map(|index| editor.keystroke(file, before, index));
            let time = median(times.collect());
            let what = format!("lsp: keystroke to diagnostics in {what}, {size} documents");
            at_most(&what, 50.0, milliseconds(time), "ms");
        }
    }
}

struct Editor<'f> {
    folder: &'f Path,
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    version: i32,
}

impl<'f> Editor<'f> {
    fn new(folder: &'f Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut editor = Self {
            folder,
            input: server.stdin.take().unwrap(),
            output: BufReader::new(server.stdout.take().unwrap()),
            server,
            version: 0,
        };
        let params = json!({ "capabilities": {} });
        let method = "initialize".to_owned();
        let id = 1.into();
        editor.send(&Message::from(Request { id, method, params }));
        editor.until(|message| matches!(message, Message::Response(_)));
        editor
    }

    fn uri(&self, file: &str) -> String {
        format!(
            "file://{}",
            self.folder.canonicalize().unwrap().join(file).display()
        )
    }

    fn send(&mut self, message: &Message) {
        message.write(&mut self.input).unwrap();
        self.input.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: Value) {
        let method = method.to_owned();
        self.send(&Message::from(Notification { method, params }));
    }

    fn until(&mut self, is_wanted: impl Fn(&Message) -> bool) {
        while !is_wanted(&Message::read(&mut self.output).unwrap().unwrap()) {}
    }

    /// Waits for the diagnostics of a file in its newest version.
    fn diagnostics(&mut self, file: &str) {
        let (uri, version) = (self.uri(file), self.version);
        self.until(|message| match message {
            Message::Notification(it) => {
                it.params["uri"] == uri.as_str() && it.params["version"] == version
            }
            _ => false,
        });
    }

    fn open(&mut self, file: &str) {
        self.version += 1;
        let text = std::fs::read_to_string(self.folder.join(file)).unwrap();
        let document = json!({ "uri": self.uri(file), "languageId": "yaml", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.diagnostics(file);
    }

    /// Types a letter, or takes it back.
    fn keystroke(&mut self, file: &str, before: &str, index: usize) -> Duration {
        let text = std::fs::read_to_string(self.folder.join(file)).unwrap();
        let at = text.find(before).unwrap() + before.len();
        let line = text[..at].matches('\n').count();
        let character = at - text[..at].rfind('\n').map_or(0, |at| at + 1);
        let start = json!({ "line": line, "character": character });
        let is_back = index % 2 == 1;
        let end = json!({ "line": line, "character": character + usize::from(is_back) });
        let change = json!({ "range": { "start": start, "end": end }, "text": if is_back { "" } else { "x" } });
        self.version += 1;
        let document = json!({ "uri": self.uri(file), "version": self.version });
        let started = Instant::now();
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        );
        self.diagnostics(file);
        started.elapsed()
    }
}

impl Drop for Editor<'_> {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
