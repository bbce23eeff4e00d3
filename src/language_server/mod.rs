//! The language server: a conversation with an editor, whatever carries its messages.
//!
//! A [`Server`] takes what an editor says ([`Incoming`]) and puts into its [`Outbox`] what goes back ([`Outgoing`]). It knows
//! the protocol: what is asked for, how places and complaints are written, in which order things are done. What there is to
//! say about a file is the business of [`crate::editor`], and keeping a project up to date that of
//! [`crate::run::editing`]. Frames, standard input and standard output are the transport, which stays with
//! [`crate::cli`]; a test, or an editor in the same process, talks to the server without them.
//!
//! ```text
//! Incoming -> Server -> Projects -> Snapshot -> requests, on the threads of the pool -> Outgoing
//!                                -> diagnostics after every edit                     -> Outgoing
//! ```
//!
//! Each request has exactly one answer, and none of them holds up an edit.

mod capabilities;
mod convert;
mod outbox;
mod pool;
mod projects;
mod requests;
mod server;
#[cfg(test)]
mod tests;
mod uri;

use lsp_server::Message;

pub use outbox::Outbox;
pub use server::Server;

/// What came from an editor.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something else, with the error code of JSON-RPC and what is wrong with it.
    Wrong(i32, String),
}

/// What goes to an editor.
#[derive(Debug)]
pub enum Outgoing {
    /// A message.
    Message(Message),
    /// The answer to something that was no message, and so has no id: the error code of JSON-RPC, and what is wrong.
    Refusal(i32, String),
}
