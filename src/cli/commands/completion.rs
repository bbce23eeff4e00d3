//! `completion`: what a shell needs to complete commands, flags, and the names of a project.

use clap::{Args, ValueEnum};
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::cli::bash::QuotingBash;
use crate::cli::completing::VARIABLE;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::run::Error;

/// Print the completion script of a shell, for commands and names.
///
/// Environments, `KIND/NAME`, labels and topics are completed from the project of the current folder; no account is
/// read. The script runs `campaignctl` from the `PATH`, so a new version needs no new script.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl completion bash > /etc/bash_completion.d/campaignctl
  campaignctl completion zsh > \"${fpath[1]}/_campaignctl\"
  campaignctl completion fish > ~/.config/fish/completions/campaignctl.fish
  campaignctl completion elvish >> ~/.config/elvish/rc.elv
  campaignctl completion powershell >> $PROFILE")]
pub(in crate::cli) struct CompletionArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// The shells.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Self::Bash => &QuotingBash,
            Self::Elvish => &Elvish,
            Self::Fish => &Fish,
            Self::Powershell => &Powershell,
            Self::Zsh => &Zsh,
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, args: &CompletionArgs) -> Result<u8, Error> {
    const NAME: &str = "campaignctl";
    let mut script = Vec::new();
    let shell = args.shell.completer();
    shell.write_registration(VARIABLE, NAME, NAME, NAME, &mut script)?;
    ui.raw(&String::from_utf8_lossy(&script));
    Ok(exit::DONE)
}
