//! A scripted editor: the language server as a process, spoken to over its standard input and output.

#![expect(
    clippy::needless_pass_by_value,
    reason = "scripts read better without a borrow in front of every literal"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::package;
use crate::support::binary;

/// An editor with a folder of its own.
pub(crate) struct Editor {
    pub(crate) folder: TempDir,
    root: PathBuf,
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: i64,
    versions: std::collections::BTreeMap<String, i64>,
    /// What came while something else was waited for.
    waiting: Vec<Value>,
    said: std::collections::BTreeMap<String, Vec<Value>>,
}

impl Editor {
    /// An editor on a copy of the retail example.
    pub(crate) fn on_retail() -> Self {
        Self::on_example("retail")
    }

    /// An editor on some files.
    pub(crate) fn on_files(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write(&folder.path().join(path), text);
        }
        Self::on(folder)
    }

    fn on(folder: TempDir) -> Self {
        Self::with(folder, &json!({}))
    }

    /// A second editor on the files of another one.
    pub(crate) fn beside(other: &Self) -> Self {
        let mut editor = Self::on(tempfile::tempdir().unwrap());
        editor.root.clone_from(&other.root);
        editor
    }

    /// An editor that can some things.
    pub(crate) fn with(folder: TempDir, capabilities: &Value) -> Self {
        let mut editor = Self::silent(folder);
        editor.request("initialize", json!({ "capabilities": capabilities }));
        editor.notify("initialized", json!({}));
        editor
    }

    /// An editor on a copy of an example.
    pub(crate) fn on_example(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&package().join("examples").join(name), folder.path());
        Self::on(folder)
    }

    /// Tells the server that a file was written, or removed, by somebody else.
    pub(crate) fn happened(&mut self, file: &str) {
        let change = json!({ "uri": self.uri(file), "type": 2 });
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": [change] }),
        );
    }

    /// All that was said of each file, when everything that was sent has been worked out.
    pub(crate) fn all_diagnostics(&mut self) -> std::collections::BTreeMap<String, Vec<Value>> {
        let id = self.ask(
            "textDocument/documentSymbol",
            json!({ "textDocument": { "uri": "file:///none" } }),
        );
        let answer = self.answer(id);
        assert_eq!(answer["result"], Value::Null);
        for message in std::mem::take(&mut self.waiting) {
            if message["method"] == "textDocument/publishDiagnostics" {
                let params = &message["params"];
                let uri = params["uri"].as_str().unwrap();
                let file = uri.strip_prefix(&self.uri("")).unwrap().to_owned();
                self.said
                    .insert(file, params["diagnostics"].as_array().unwrap().clone());
            }
        }
        self.said.clone()
    }

    /// An editor that has said nothing yet.
    pub(crate) fn silent(folder: TempDir) -> Self {
        let mut command = binary(folder.path());
        command
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        Self {
            root: folder.path().canonicalize().unwrap(),
            folder,
            input: server.stdin.take(),
            output: BufReader::new(server.stdout.take().unwrap()),
            server,
            next: 0,
            versions: std::collections::BTreeMap::new(),
            waiting: Vec::new(),
            said: std::collections::BTreeMap::new(),
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    pub(crate) fn uri(&self, file: &str) -> String {
        format!("file://{}", self.path(file).display())
    }

    pub(crate) fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        write(&self.path(file), text);
    }

    /// Bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and leaves the answer for [`Editor::answer`].
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a question, whole.
    #[track_caller]
    pub(crate) fn answer(&mut self, id: i64) -> Value {
        self.until(|message| message["id"] == id && message.get("method").is_none())
    }

    /// Asks, and returns the result.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks, and returns why it was refused.
    #[track_caller]
    pub(crate) fn refused(&mut self, method: &str, params: Value) -> String {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        answer["error"]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// The next message that is wanted; the others are kept.
    #[track_caller]
    pub(crate) fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&is_wanted) {
            return self.waiting.remove(at);
        }
        loop {
            let message = self.read();
            if is_wanted(&message) {
                return message;
            }
            self.waiting.push(message);
        }
    }

    #[track_caller]
    fn read(&mut self) -> Value {
        let (mut line, mut length) = (String::new(), None);
        while line.trim_end() != "" || length.is_none() {
            line.clear();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the server is gone"
            );
            let value = line.trim_end().strip_prefix("Content-Length: ");
            length = value.map_or(length, |value| Some(value.parse().unwrap()));
        }
        let mut body = vec![0; length.unwrap()];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Opens a file as it is on the disk, and returns its diagnostics.
    #[track_caller]
    pub(crate) fn open(&mut self, file: &str) -> Vec<Value> {
        let text = self.text(file);
        self.open_with(file, &text)
    }

    /// Opens a file with a text of its own, and returns its diagnostics.
    #[track_caller]
    pub(crate) fn open_with(&mut self, file: &str, text: &str) -> Vec<Value> {
        let uri = self.uri(file);
        self.versions.insert(file.to_owned(), 1);
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.diagnostics(file)
    }

    /// Changes a part of a file, and returns its diagnostics.
    #[track_caller]
    pub(crate) fn edit(&mut self, file: &str, changes: Value) -> Vec<Value> {
        self.type_in(file, changes);
        self.diagnostics(file)
    }

    /// Changes a part of a file.
    pub(crate) fn type_in(&mut self, file: &str, changes: Value) {
        let uri = self.uri(file);
        let version = self.versions.get_mut(file).unwrap();
        *version += 1;
        let document = json!({ "uri": uri, "version": *version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// The diagnostics of the newest version of a file.
    #[track_caller]
    pub(crate) fn diagnostics(&mut self, file: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(file), self.versions.get(file).copied());
        let message = self.until(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
                && version.is_none_or(|version| message["params"]["version"] == version)
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Parameters about a place in a file: the first character of the needle in its text on the disk.
    #[track_caller]
    pub(crate) fn at(&self, file: &str, needle: &str) -> Value {
        let text = self.text(file);
        let at = text
            .find(needle)
            .unwrap_or_else(|| panic!("no {needle} in {file}"));
        let line = text[..at].matches('\n').count();
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let character = text[start..at].encode_utf16().count();
        json!({
            "textDocument": { "uri": self.uri(file) },
            "position": { "line": line, "character": character },
        })
    }

    /// The same some characters further on.
    #[track_caller]
    pub(crate) fn behind(&self, file: &str, needle: &str) -> Value {
        let mut params = self.at(file, needle);
        let characters = needle.encode_utf16().count() as u64;
        let character = params["position"]["character"].as_u64().unwrap() + characters;
        params["position"]["character"] = json!(character);
        params
    }

    /// A place as a line of text.
    pub(crate) fn shown(&self, location: &Value) -> String {
        let uri = location["uri"].as_str().unwrap();
        let file = uri.strip_prefix(&self.uri("")).unwrap_or(uri);
        let start = &location["range"]["start"];
        let end = &location["range"]["end"];
        format!(
            "{file}:{}:{}-{}",
            start["line"].as_u64().unwrap() + 1,
            start["character"].as_u64().unwrap() + 1,
            end["character"].as_u64().unwrap() + 1
        )
    }

    /// Places, a line each.
    pub(crate) fn all_shown(&self, locations: &Value) -> String {
        let shown = locations
            .as_array()
            .unwrap()
            .iter()
            .map(|it| self.shown(it));
        shown.collect::<Vec<_>>().join("\n")
    }

    /// Carries edits out on the disk, as an editor does on files that it saves.
    #[track_caller]
    pub(crate) fn apply(&self, edit: &Value) {
        for change in edit["documentChanges"].as_array().unwrap() {
            let uri = change["textDocument"]["uri"].as_str().unwrap();
            let file = uri.strip_prefix(&self.uri("")).unwrap();
            let mut text = self.text(file);
            let mut edits = change["edits"].as_array().unwrap().clone();
            edits.sort_by_key(|edit| {
                let start = &edit["range"]["start"];
                (start["line"].as_u64(), start["character"].as_u64())
            });
            for edit in edits.iter().rev() {
                let (start, end) = (
                    offset(&text, &edit["range"]["start"]),
                    offset(&text, &edit["range"]["end"]),
                );
                text.replace_range(start..end, edit["newText"].as_str().unwrap());
            }
            self.write(file, &text);
        }
    }

    /// Says goodbye and returns the exit code.
    pub(crate) fn leave(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.wait()
    }

    /// Is gone without a word.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// The exit code of the server, which is about to end.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.server.wait().unwrap().code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.server.kill(); // a test that failed leaves no server behind
        let _ = self.server.wait();
    }
}

fn offset(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut left = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    let mut at = start;
    for ch in text[start..].chars().take_while(|ch| *ch != '\n') {
        if left == 0 {
            break;
        }
        left -= ch.len_utf16();
        at += ch.len_utf8();
    }
    at
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue; // what runs by hand left behind
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// Diagnostics, a line each.
pub(crate) fn told(diagnostics: &[Value]) -> String {
    let line = |it: &Value| {
        let start = &it["range"]["start"];
        format!(
            "{}:{} {} {}",
            start["line"].as_u64().unwrap() + 1,
            start["character"].as_u64().unwrap() + 1,
            it["code"].as_str().unwrap(),
            it["message"].as_str().unwrap().replace('\n', " | ")
        )
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}
