//! The server: messages in their order, diagnostics after every edit, and requests handed to the pool.
//!
//! One thread takes messages and owns the projects. An edit is applied to its text at once; what follows from it is
//! worked out when no message waits, or a request is there that has to see it. Requests run on snapshots elsewhere, so
//! none of them holds up an edit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Incoming;
use super::capabilities::{capabilities, encoding, folders, registration, watches_files};
use super::convert::{Convert, spot};
use super::outbox::Outbox;
use super::pool::{RequestRefusal, ThreadPool, response};
use super::projects::{Projects, TextChange};
use super::requests::{Ground, file_of, symbols_of_all, work};
use super::uri::{path_of, uri_of};
use crate::editor::{Encoding, TouchedFiles};
use crate::run::Machine;

/// How far a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The editor has not said what it can.
    New,
    Running,
    /// The editor is about to say goodbye.
    ShutDown,
}

/// One conversation with an editor.
pub struct Server {
    stage: Stage,
    encoding: Encoding,
    watches: bool,
    projects: Projects,
    pub(super) pool: ThreadPool,
    outbox: Outbox,
}

/// The questions whose answers edit files: they are about the texts as they are now, however large.
const EDITING: [&str; 4] = [
    "textDocument/formatting",
    "textDocument/rename",
    "textDocument/prepareRename",
    "textDocument/codeAction",
];

/// How long no message comes in a pause: people who type take up to 0.2 s from one key to the next.
const PAUSE: Duration = Duration::from_millis(300);

/// How many messages are taken before what follows from them is worked out.
const AT_ONCE: usize = 64;

impl Server {
    /// A server that has heard nothing yet, with so many threads for answers.
    #[must_use]
    pub fn new(outbox: Outbox, threads: usize, machine: Arc<Machine>) -> Self {
        Self {
            stage: Stage::New,
            encoding: Encoding::default(),
            watches: false,
            projects: Projects::new(machine),
            pool: ThreadPool::new(threads, outbox.clone()),
            outbox,
        }
    }

    /// Talks until the editor says goodbye or is gone. Returns whether it took its leave properly.
    pub fn run(&mut self, messages: &Receiver<Incoming>) -> bool {
        while let Some(incoming) = self.next(messages) {
            let mut next = Some(incoming);
            for _ in 0..AT_ONCE {
                let Some(incoming) = next.take() else {
                    break;
                };
                if self.take(incoming) {
                    return self.stage == Stage::ShutDown;
                }
                match messages.try_recv() {
                    Ok(incoming) => next = Some(incoming),
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                }
            }
            if let Some(incoming) = next
                && self.take(incoming)
            {
                return self.stage == Stage::ShutDown;
            }
            self.flush();
        }
        true
    }

    /// What comes next; none when the editor is gone. What takes longer is worked out in a pause.
    fn next(&mut self, messages: &Receiver<Incoming>) -> Option<Incoming> {
        if self.projects.owes() {
            match messages.recv_timeout(PAUSE) {
                Ok(incoming) => return Some(incoming),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            for (root, changed) in self.projects.settle() {
                self.publish(&root, &changed);
            }
        }
        messages.recv().ok()
    }

    /// Takes one message. Returns whether it is the last one.
    pub(super) fn take(&mut self, incoming: Incoming) -> bool {
        match incoming {
            Incoming::Wrong(code, why) => self.outbox.refuse(code, why),
            Incoming::Message(Message::Notification(it)) if it.method == "exit" => return true,
            Incoming::Message(Message::Notification(it)) => self.notified(it),
            Incoming::Message(Message::Request(it)) => self.requested(it),
            Incoming::Message(Message::Response(_)) => {} // our own requests need no answer
        }
        false
    }

    fn requested(&mut self, Request { id, method, params }: Request) {
        let refuse = |code: ErrorCode, why: String| Err(RequestRefusal(code as i32, why));
        let answer = match (self.stage, method.as_str()) {
            (Stage::New, "initialize") => Ok(self.initialize(&params)),
            (Stage::New, _) => refuse(
                ErrorCode::ServerNotInitialized,
                "`initialize` comes first".to_owned(),
            ),
            (Stage::ShutDown, _) => refuse(
                ErrorCode::InvalidRequest,
                "the server is shutting down".to_owned(),
            ),
            (Stage::Running, "initialize") => refuse(
                ErrorCode::InvalidRequest,
                "the server is running already".to_owned(),
            ),
            (Stage::Running, "shutdown") => {
                self.stage = Stage::ShutDown;
                Ok(Value::Null)
            }
            (Stage::Running, _) => return self.question(id, &method, params),
        };
        self.outbox.send(response(id, answer));
    }

    /// Has a question answered from the files as they are now.
    fn question(&mut self, id: RequestId, method: &str, params: Value) {
        if EDITING.contains(&method) {
            self.projects.take_waiting_in();
        }
        self.flush();
        let path = file_of(&params).and_then(|uri| path_of(&uri));
        if path.is_some_and(|path| self.projects.waits(&path)) {
            let why = "the file is large, and was edited since it was saved".to_owned();
            let refusal = RequestRefusal(ErrorCode::ContentModified as i32, why);
            return self.outbox.send(response(id, Err(refusal)));
        }
        if method == "workspace/symbol" {
            let work = symbols_of_all(params, self.projects.every_snapshot(), self.convert());
            return self.pool.answer(id, work);
        }
        let ground = file_of(&params).and_then(|uri| self.ground(&uri));
        let Some(work) = work(method, params, ground) else {
            let why = format!("there is no method `{method}`");
            let refusal = RequestRefusal(ErrorCode::MethodNotFound as i32, why);
            return self.outbox.send(response(id, Err(refusal)));
        };
        self.pool.answer(id, work);
    }

    fn ground(&self, uri: &lsp::Uri) -> Option<Ground> {
        let (snapshot, file, live) = self.projects.around(uri)?;
        Some(Ground {
            snapshot,
            file,
            convert: self.convert(),
            live,
        })
    }

    fn convert(&self) -> Convert {
        Convert {
            encoding: self.encoding,
            open: self.projects.addresses(),
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.stage = Stage::Running;
        self.encoding = encoding(params);
        self.watches = watches_files(params);
        self.projects.folders = folders(params);
        json!({
            "capabilities": capabilities(self.encoding),
            "serverInfo": { "name": "campaignctl", "version": env!("CARGO_PKG_VERSION") },
        })
    }

    fn notified(&mut self, Notification { method, params }: Notification) {
        if self.stage != Stage::Running {
            return;
        }
        match method.as_str() {
            "initialized" if self.watches => {
                let method = "client/registerCapability";
                self.outbox.request("watched-files", method, registration());
            }
            "textDocument/didOpen" => self.opened(params),
            "textDocument/didChange" => self.changed(params),
            "textDocument/didSave" => {
                if let Some(uri) = file_of(&params) {
                    self.projects.save(&uri);
                }
            }
            "textDocument/didClose" => {
                if let Some(uri) = file_of(&params) {
                    self.projects.close(&uri);
                }
            }
            "workspace/didChangeWatchedFiles" => self.happened(params),
            "$/cancelRequest" => {
                let id = params.get("id").cloned().unwrap_or_default();
                if let Ok(id) = serde_json::from_value::<RequestId>(id) {
                    self.pool.cancel(&id);
                }
            }
            _ => {} // the protocol says to pass over what is not known
        }
    }

    fn opened(&mut self, params: Value) {
        if let Some(params) = self.read::<lsp::DidOpenTextDocumentParams>(params) {
            let lsp::TextDocumentItem {
                uri, version, text, ..
            } = params.text_document;
            self.projects.open(uri, version, text);
        }
    }

    fn changed(&mut self, params: Value) {
        let Some(params) = self.read::<lsp::DidChangeTextDocumentParams>(params) else {
            return;
        };
        let file = params.text_document;
        let changes = params
            .content_changes
            .into_iter()
            .map(text_change)
            .collect();
        let uri = &file.text_document_identifier.uri;
        let notice = self
            .projects
            .change(uri, file.version, changes, self.encoding);
        if let Some(message) = notice {
            self.show(&message);
        }
    }

    /// Tells the person at the editor.
    fn show(&self, message: &str) {
        let params = json!({ "type": 3, "message": message });
        self.outbox.notify("window/showMessage", params);
    }

    fn happened(&mut self, params: Value) {
        if let Some(params) = self.read::<lsp::DidChangeWatchedFilesParams>(params) {
            for event in params.changes {
                self.projects.happened(&event.uri);
            }
        }
    }

    /// The parameters of a notification; what is wrong with them goes into the log of the editor.
    fn read<T: DeserializeOwned>(&self, params: Value) -> Option<T> {
        let read = serde_json::from_value(params);
        read.map_err(|error| {
            let message = format!("a notification cannot be read: {error}");
            self.outbox.notify(
                "window/logMessage",
                json!({ "type": 2, "message": message }),
            );
        })
        .ok()
    }

    /// Works out what follows from the edits so far, and tells the editor.
    pub(super) fn flush(&mut self) {
        for (root, changed) in self.projects.flush() {
            self.publish(&root, &changed);
        }
        for note in std::mem::take(&mut self.projects.notes) {
            self.show(note.trim_start_matches("note: "));
        }
        let gone = self
            .projects
            .told
            .iter()
            .filter(|path| !self.projects.is_held(path));
        for path in gone.cloned().collect::<Vec<_>>() {
            self.projects.told.remove(&path);
            let params = json!({ "uri": uri_of(&path), "diagnostics": [] });
            self.outbox
                .notify("textDocument/publishDiagnostics", params);
        }
    }

    fn publish(&mut self, root: &std::path::Path, changed: &TouchedFiles) {
        let Some(snapshot) = self.projects.snapshot(root) else {
            return;
        };
        let convert = self.convert();
        for file in changed {
            let Some(path) = snapshot
                .path(*file)
                .filter(|path| self.projects.belongs(path, root) && !self.projects.waits(path))
            else {
                continue;
            };
            let Some((uri, version)) = convert.address(&snapshot, *file) else {
                continue;
            };
            let diagnostics = convert.diagnostics(&snapshot, *file);
            let was_told = self.projects.told.remove(path);
            if !diagnostics.is_empty() {
                self.projects.told.insert(path.to_path_buf());
            }
            if was_told || version.is_some() || !diagnostics.is_empty() {
                let params = lsp::PublishDiagnosticsParams {
                    uri,
                    version,
                    diagnostics,
                };
                self.outbox
                    .notify("textDocument/publishDiagnostics", params);
            }
        }
    }
}

fn text_change(change: lsp::TextDocumentContentChangeEvent) -> TextChange {
    use lsp::TextDocumentContentChangeEvent as Event;
    match change {
        Event::TextDocumentContentChangePartial(part) => {
            let lsp::Range { start, end } = part.range;
            (Some((spot(start), spot(end))), part.text)
        }
        Event::TextDocumentContentChangeWholeDocument(whole) => (None, whole.text),
    }
}
