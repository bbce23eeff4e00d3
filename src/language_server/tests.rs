//! Who waits for whom: nobody for a slow answer.

use std::sync::mpsc::{Receiver, channel};

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

use super::uri::uri_of;
use super::{Incoming, Outbox, Outgoing, Server};

fn machine() -> std::sync::Arc<crate::run::Machine> {
    let here = std::path::PathBuf::from("/");
    std::sync::Arc::new(crate::run::Machine::new(here, jiff::Timestamp::now))
}

fn notify(server: &mut Server, method: &str, params: Value) {
    let method = method.to_owned();
    server.take(Incoming::Message(Message::Notification(Notification {
        method,
        params,
    })));
}

fn ask(server: &mut Server, id: i32, method: &str, params: Value) {
    let (id, method) = (id.into(), method.to_owned());
    server.take(Incoming::Message(Message::Request(Request {
        id,
        method,
        params,
    })));
}

fn next(messages: &Receiver<Outgoing>) -> Value {
    match messages.recv().unwrap() {
        Outgoing::Message(message) => serde_json::to_value(message).unwrap(),
        Outgoing::Refusal(code, why) => json!({ "code": code, "message": why }),
    }
}

#[test]
fn a_slow_answer_holds_up_neither_diagnostics_nor_a_cancellation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    let (outbox, messages) = Outbox::new();
    let mut server = Server::new(outbox, 2, machine());
    ask(&mut server, 1, "initialize", json!({}));
    assert_eq!(next(&messages)["id"], 1);
    // Both threads are busy until they are told to go on.
    let (go_on, waiting) = channel::<()>();
    let waiting = std::sync::Arc::new(std::sync::Mutex::new(waiting));
    for id in [2, 3] {
        let waiting = std::sync::Arc::clone(&waiting);
        let work = move |_: &crate::editor::AnswerStop| {
            let _ = waiting.lock().unwrap().recv();
            Ok(Value::from("slow"))
        };
        server.pool.answer(id.into(), Box::new(work));
    }
    let text = "apiVersion: campaignctl.dev/v1\nkind: Gaol\n";
    let document =
        json!({ "uri": uri_of(&path), "languageId": "yaml", "version": 1, "text": text });
    notify(
        &mut server,
        "textDocument/didOpen",
        json!({ "textDocument": document }),
    );
    server.flush();
    let told = next(&messages);
    assert_eq!(told["params"]["diagnostics"][0]["code"], "unknown-kind");
    // A question waits behind the slow ones, and is not needed any more.
    let params = json!({ "textDocument": { "uri": uri_of(&path) } });
    ask(
        &mut server,
        4,
        "textDocument/documentSymbol",
        params.clone(),
    );
    ask(&mut server, 5, "textDocument/documentSymbol", params);
    notify(&mut server, "$/cancelRequest", json!({ "id": 4 }));
    let told = next(&messages);
    assert_eq!(
        (&told["id"], &told["error"]["code"]),
        (&json!(4), &json!(-32800))
    );
    // A slow one is cancelled while it runs.
    notify(&mut server, "$/cancelRequest", json!({ "id": 2 }));
    assert_eq!(next(&messages)["id"], 2);
    drop(go_on);
    let mut ids: Vec<i64> = (0..2)
        .map(|_| next(&messages)["id"].as_i64().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 5]);
    drop(server);
    assert!(messages.recv().is_err(), "each request has one answer");
}

#[test]
fn an_answer_that_fails_is_an_answer() {
    let (outbox, messages) = Outbox::new();
    let server = Server::new(outbox, 1, machine());
    server
        .pool
        .answer(1.into(), Box::new(|_| panic!("on purpose")));
    assert_eq!(next(&messages)["error"]["code"], -32603);
    server.pool.answer(2.into(), Box::new(|_| Ok(Value::Null)));
    assert_eq!(next(&messages)["id"], 2);
}

#[test]
fn what_takes_longer_is_told_in_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("campaignctl.yaml"), "").unwrap();
    let goals = (0..1_001).map(|number| {
        format!("---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: g{number} }}\nspec: {{ type: lead }}\n")
    });
    std::fs::write(folder.path().join("goals.yaml"), goals.collect::<String>()).unwrap();
    let path = folder.path().canonicalize().unwrap().join("never.yaml");
    let (outbox, messages) = Outbox::new();
    let mut server = Server::new(outbox, 1, machine());
    ask(&mut server, 1, "initialize", json!({}));
    assert_eq!(next(&messages)["id"], 1);
    let text = include_str!("../../examples/invalid/never-offered.yaml");
    let document =
        json!({ "uri": uri_of(&path), "languageId": "yaml", "version": 1, "text": text });
    let opened = Notification {
        method: "textDocument/didOpen".to_owned(),
        params: json!({ "textDocument": document }),
    };
    let (send, frames) = channel();
    send.send(Incoming::Message(Message::Notification(opened)))
        .unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || server.run(&frames));
        let of_file = |told: &Value| told["params"]["uri"] == uri_of(&path).to_string();
        let mut told = std::iter::repeat_with(|| next(&messages)).filter(of_file);
        assert_eq!(told.next().unwrap()["params"]["diagnostics"], json!([]));
        let late = told.next().unwrap();
        assert_eq!(late["params"]["diagnostics"][0]["code"], "never-offered");
        drop(send);
    });
}
