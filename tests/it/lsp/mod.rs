//! `campaignctl lsp`, spoken to over stdio by a scripted editor.

mod client;
mod completion;
mod corpus;
mod harm;
mod questions;
mod random;
mod rename;
mod typing;
