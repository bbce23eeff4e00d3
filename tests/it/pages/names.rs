//! What a page calls things, and what they are in one visit: the address of the sandbox, accounts, ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::program::Server;

/// The address that pages give the sandbox.
const ADDRESS: &str = "http://127.0.0.1:8787";

/// The account of every sandbox.
const ACCOUNT: &str = "10000001";

#[derive(Default)]
pub(super) struct Names {
    /// The sandbox of the page.
    pub(super) server: Option<Server>,
    /// The accounts of environments.
    pub(super) accounts: BTreeMap<String, Server>,
    /// The ids that the page gives objects, and those that they have: side by side they are created in any order.
    ids: BTreeMap<String, String>,
}

impl Names {
    /// What the page says, with the names of this visit.
    pub(super) fn really(&self, word: &str) -> String {
        let mut word = word.to_owned();
        if let Some(server) = &self.server {
            word = word.replace(ADDRESS, &server.address);
        }
        let ids = self.ids.iter();
        ids.fold(word, |word, (told, id)| word.replace(told, id))
    }

    /// What a command says, with the names of the page.
    pub(super) fn as_told(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(server) = &self.server {
            text = text.replace(&server.address, ADDRESS);
        }
        let ids = self.ids.iter();
        ids.fold(text, |text, (told, id)| text.replace(id, told))
    }

    /// Takes ids from lists of the ledger, the page's and the real one.
    pub(super) fn learn_ids(&mut self, want: &[&str], got: &str) {
        let row = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        let got: BTreeMap<_, _> = got.lines().filter_map(row).collect();
        for (object, told) in want.iter().filter_map(|line| row(line)) {
            if let Some(id) = got.get(&object) {
                self.ids.insert(told, id.clone());
            }
        }
    }

    /// A file of the page, with the accounts that are served in place of real ones.
    pub(super) fn in_file(&self, text: &str) -> String {
        let mut out = String::new();
        let mut environment = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("  ").and_then(|it| it.strip_suffix(':'))
                && !name.starts_with(' ')
            {
                environment = name;
            }
            // Writing to a string cannot fail.
            let _ = match self.accounts.get(environment) {
                Some(server) if line.starts_with("    account: ") => writeln!(
                    out,
                    "    account: \"{ACCOUNT}\"\n    domainApi: {}",
                    server.address
                ),
                _ => writeln!(out, "{line}"),
            };
        }
        out
    }
}
