//! `completion`: what a shell needs to complete commands and flags.

use clap::Args;
use clap_complete::Shell;

use super::ui::Ui;
use super::{command, exit};

/// Print the script that completes commands and flags in a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl completion bash > /etc/bash_completion.d/campaignctl
  campaignctl completion zsh > \"${fpath[1]}/_campaignctl\"
  campaignctl completion fish > ~/.config/fish/completions/campaignctl.fish")]
pub(super) struct CompletionArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, args: &CompletionArgs) -> u8 {
    let mut script = Vec::new();
    let mut command = command();
    clap_complete::generate(args.shell, &mut command, "campaignctl", &mut script);
    ui.raw(&String::from_utf8_lossy(&script));
    exit::DONE
}
