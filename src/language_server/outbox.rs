//! What goes to the editor.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use lsp_server::{Message, Notification, Request};
use serde::Serialize;

use super::Outgoing;

/// How many messages may wait for an editor that does not read; then the server waits for it.
const WAITING: usize = 4096;

/// Where messages are put. Copies lead to the same editor.
#[derive(Clone, Debug)]
pub struct Outbox(SyncSender<Outgoing>);

impl Outbox {
    /// An outbox, and its other end.
    #[must_use]
    pub fn new() -> (Self, Receiver<Outgoing>) {
        let (sender, receiver) = sync_channel(WAITING);
        (Self(sender), receiver)
    }

    /// Sends a message. When the editor is gone, the input ends as well, and with it the server.
    pub(super) fn send(&self, message: Message) {
        let _ = self.0.send(Outgoing::Message(message));
    }

    /// Tells the editor something.
    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        let method = method.to_owned();
        self.send(Message::Notification(Notification { method, params }));
    }

    /// Asks the editor something; the answer is not needed.
    pub(super) fn request(&self, id: &str, method: &str, params: impl Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        let (id, method) = (id.to_owned().into(), method.to_owned());
        self.send(Message::Request(Request { id, method, params }));
    }

    /// Answers something that was no message.
    pub(super) fn refuse(&self, code: i32, why: String) {
        let _ = self.0.send(Outgoing::Refusal(code, why));
    }
}
