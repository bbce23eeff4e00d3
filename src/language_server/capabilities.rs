//! What the server can, and what the editor says that it can.

use std::path::PathBuf;

use gen_lsp_types::Uri;
use serde_json::{Value, json};

use super::uri::path_of;
use crate::editor::Encoding;

/// What the server can.
pub(super) fn capabilities(encoding: Encoding) -> Value {
    let encoding = match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Utf32 => "utf-32",
    };
    json!({
        "positionEncoding": encoding,
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": { "prepareProvider": true },
        "hoverProvider": true,
        "completionProvider": { "triggerCharacters": [":", " ", "[", "-", "{"] },
        "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "colorProvider": true,
        "foldingRangeProvider": true,
        "documentFormattingProvider": true,
    })
}

/// The best encoding that the editor offers: bytes need no counting.
pub(super) fn encoding(params: &Value) -> Encoding {
    let offered = params.pointer("/capabilities/general/positionEncodings");
    let offered = offered.and_then(Value::as_array);
    let offers = |name: &str| offered.is_some_and(|all| all.iter().any(|it| it == name));
    if offers("utf-8") {
        Encoding::Utf8
    } else if offers("utf-32") && !offers("utf-16") {
        Encoding::Utf32
    } else {
        Encoding::Utf16
    }
}

/// The folders that the editor was opened with.
pub(super) fn folders(params: &Value) -> Vec<PathBuf> {
    let folders = params.get("workspaceFolders").and_then(Value::as_array);
    let folders = folders.into_iter().flatten();
    let uris: Vec<&Value> = folders.filter_map(|folder| folder.get("uri")).collect();
    let root = params.get("rootUri").filter(|_| uris.is_empty());
    let uris = uris.into_iter().chain(root).filter_map(Value::as_str);
    uris.filter_map(|uri| path_of(&Uri(uri.to_owned())))
        .collect()
}

/// Whether the editor tells what happens on the disk, if it is asked to.
pub(super) fn watches_files(params: &Value) -> bool {
    let place = "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration";
    params.pointer(place) == Some(&Value::Bool(true))
}

/// Asks the editor to tell what happens on the disk.
pub(super) fn registration() -> Value {
    json!({ "registrations": [{
        "id": "watched-files",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": { "watchers": [{ "globPattern": "**/*.{yaml,yml}" }] },
    }] })
}
