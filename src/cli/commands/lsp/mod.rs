//! `lsp`: the language server on standard input and output.

mod frames;

use std::io::{self, BufReader};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use clap::Args;

use crate::cli::exit;
use crate::language_server::{Incoming, Outbox, Server};
use crate::run::Run;

/// Serve an editor. It speaks the language server protocol on stdin and stdout.
///
/// As you type: every problem that `validate` finds, with code actions where the remedy is certain;
/// completion of names, fields and words; definition, references, and rename across files, overlays and variables
/// (a renamed manifest keeps its live object by `lifecycle.previousName`); hovers with what a reference points to,
/// who uses it, and what a local ledger or saved plan knows about its live state, or with what `explain` says about a
/// field; outline, folding, and manifests by name; color boxes for windows; formatting as by `fmt`.
///
/// A file belongs to the project around it; without a `campaignctl.yaml`, to the manifests of its folder. Nothing is
/// read from the network.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct LspArgs {
    /// Taken for editors that give it to every server; it is the only way there is.
    #[arg(long, hide = true)]
    stdio: bool,
}

const AFTER_HELP: &str = "\
Examples:
  campaignctl lsp   what an editor runs; nothing to type yourself

Neovim 0.11, in init.lua:
  vim.lsp.config('campaignctl', {
    cmd = { 'campaignctl', 'lsp' },
    filetypes = { 'yaml' },
    root_markers = { 'campaignctl.yaml' },
    workspace_required = true,
  })
  vim.lsp.enable('campaignctl')

VS Code: install the extension of the release, campaignctl-VERSION.vsix.

Helix, in languages.toml:
  [language-server.campaignctl]
  command = \"campaignctl\"
  args = [\"lsp\"]
  [[language]]
  name = \"yaml\"
  language-servers = [\"campaignctl\", \"yaml-language-server\"]

Any other editor: run `campaignctl lsp` for YAML files. It works beside yaml-language-server.";

/// How many messages may wait for the server.
const WAITING: usize = 256;

/// Runs the command.
pub(in crate::cli) fn run(run: &Run, _: &LspArgs) -> u8 {
    let (outbox, messages) = Outbox::new();
    let (sender, incoming) = sync_channel(WAITING);
    thread::spawn(move || read(&sender));
    let writer = thread::spawn(move || frames::deliver(&messages, io::stdout().lock()));
    let threads = thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 4);
    let is_proper = Server::new(outbox, threads, Arc::clone(run.machine())).run(&incoming);
    // The outboxes are gone with the server and its threads; what was said is delivered before the end.
    let _ = writer.join();
    if is_proper { exit::DONE } else { exit::ERROR }
}

fn read(sender: &SyncSender<Incoming>) {
    let mut input = BufReader::new(io::stdin().lock());
    while let Ok(Some(incoming)) = frames::read(&mut input) {
        if sender.send(incoming).is_err() {
            return;
        }
    }
}
