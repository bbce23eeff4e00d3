//! What a shell offers behind a command: environments, manifests, labels and topics, beside commands and flags.
//!
//! The script of `completion` asks this program, with the variable [`VARIABLE`], for what can stand at the cursor. What
//! is offered comes out of the files alone: no account is asked, and a project that cannot be read offers nothing.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser as _;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};

use super::bash::QuotingBash;
use super::{Cli, command, machine};
use crate::kinds::KindId;
use crate::manifest::Manifest;
use crate::run::completing::{self as words, CompletionWord};
use crate::run::workspace::Workspace;
use crate::run::{Run, Silent, explaining};

/// The variable that makes a run answer a shell instead of doing anything.
pub(super) const VARIABLE: &str = "CAMPAIGNCTL_COMPLETE";

/// Answers a shell that asks what can stand at its cursor; `false` where this is a run as any other.
///
/// # Errors
/// A shell that is not known.
pub(super) fn answer(arguments: &[OsString]) -> Result<bool, clap::Error> {
    let here = std::env::current_dir().ok();
    // The engine offers a command once, by the first of its names: an alias would take the place of the name.
    let named = || {
        let named =
            command().mut_subcommands(|it| it.visible_alias(clap::builder::Resettable::Reset));
        named.mut_subcommand("plan", |plan| plan.alias("diff"))
    };
    clap_complete::CompleteEnv::with_factory(named)
        .var(VARIABLE)
        .shells(Shells(&[&QuotingBash, &Elvish, &Fish, &Powershell, &Zsh]))
        .try_complete(arguments.iter().cloned(), here.as_deref())
}

/// Environments of the project.
pub(super) fn environment_names() -> ArgValueCompleter {
    offering(|| words::environments(workspace().as_ref()))
}

/// Manifests of the project as `KIND/NAME`, of kinds that accounts hold.
pub(super) fn manifest_keys() -> ArgValueCompleter {
    offering(|| filtered(words::keys(&manifests()), words::is_in_accounts))
}

/// The fields of the object that `sandbox edit` is about, `indicator.url=`.
pub(super) fn edited_fields() -> ArgValueCompleter {
    offering(|| {
        let words = std::env::args_os().skip_while(|word| word != "edit");
        let mut words = words.map(|word| word.to_string_lossy().into_owned());
        let kind = words.find_map(|word| KindId::named(word.split_once('/')?.0));
        kind.map_or_else(Vec::new, words::edited_fields)
    })
}

/// Kinds, and the manifests of the project as `KIND/NAME`.
pub(super) fn kinds_and_keys() -> ArgValueCompleter {
    offering(|| {
        let all = words::kinds().into_iter().chain(words::keys(&manifests()));
        all.filter(words::is_in_accounts).collect()
    })
}

/// What the users of can be asked for: manifests, and the skills and others that these refer to.
pub(super) fn used_keys() -> ArgValueCompleter {
    offering(|| words::used_keys(&manifests()))
}

/// Kinds of manifests.
pub(super) fn kind_names() -> ArgValueCompleter {
    offering(words::kinds)
}

/// Kinds that accounts hold.
pub(super) fn account_kinds() -> ArgValueCompleter {
    offering(|| filtered(words::kinds(), words::is_in_accounts))
}

/// Kinds that accounts hold, and those that are sent.
pub(super) fn status_kinds() -> ArgValueCompleter {
    offering(|| {
        let is_shown = |it: &CompletionWord| words::is_in_accounts(it) || words::is_launch(it);
        filtered(words::kinds(), is_shown)
    })
}

/// Labels of the project's manifests: `key` and `key=value`.
pub(super) fn labels() -> ArgValueCompleter {
    offering(|| words::labels(&manifests()))
}

fn filtered(
    words: Vec<CompletionWord>,
    is_wanted: impl Fn(&CompletionWord) -> bool,
) -> Vec<CompletionWord> {
    words.into_iter().filter(is_wanted).collect()
}

/// The manifests of the project; none where it cannot be read.
fn manifests() -> Vec<Manifest> {
    workspace().map_or_else(Vec::new, |workspace| words::manifests(&workspace))
}

/// What `explain` takes, fields included.
pub(super) fn topics() -> ArgValueCompleter {
    offering(explaining::offers)
}

/// What `help` takes: commands, and what `explain` takes.
pub(super) fn help_words() -> ArgValueCompleter {
    offering(|| {
        let top = command();
        let visible = top.get_subcommands().filter(|it| !it.is_hide_set());
        let commands = visible.map(|it| {
            let about = it.get_about().map(ToString::to_string);
            (it.get_name().to_owned(), about.unwrap_or_default())
        });
        let options = (
            "options".to_owned(),
            "The flags of every command".to_owned(),
        );
        commands
            .chain([options])
            .chain(explaining::offers())
            .collect()
    })
}

/// A completer of words with what they are. In a list with commas, the last item is completed.
fn offering(words: fn() -> Vec<CompletionWord>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        candidates(words(), current)
    })
}

fn candidates(words: Vec<CompletionWord>, current: &str) -> Vec<CompletionCandidate> {
    let mut known = BTreeSet::new();
    let fitting = words
        .into_iter()
        .filter(|(word, _)| word.starts_with(current) && known.insert(word.clone()));
    fitting
        .map(|(word, help)| {
            let help = (!help.is_empty()).then(|| help.into());
            CompletionCandidate::new(word).help(help)
        })
        .collect()
}

/// The project of the command line that is being written, as far as it can be read.
fn workspace() -> Option<Workspace> {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let behind = words.iter().position(|word| word == "--")?;
    let mut global = Cli::try_parse_from(["campaignctl", "version"]).ok()?.global;
    global.project = project_of(&words[behind..]);
    let run = Run::new(
        global.options(),
        machine(global.trust()).ok()?,
        Arc::new(Silent),
    );
    Workspace::find(&run, &[]).ok()
}

/// What `--project` says in a command line that need not be whole.
fn project_of(words: &[String]) -> Option<PathBuf> {
    let joined = words
        .iter()
        .find_map(|word| word.strip_prefix("--project="));
    let apart = words.iter().position(|word| word == "--project");
    let apart = apart.and_then(|at| words.get(at + 1)).map(String::as_str);
    joined.or(apart).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_offered_with_what_it_is() {
        let words = vec![
            ("production".to_owned(), "account 12345678".to_owned()),
            ("staging".to_owned(), String::new()),
        ];
        let found = candidates(words, "pro");
        let shown: Vec<_> = found
            .iter()
            .map(|it| {
                (
                    it.get_value().to_string_lossy().into_owned(),
                    it.get_help().map(ToString::to_string),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("production".to_owned(), Some("account 12345678".to_owned()))]
        );
        let twice = ["drift", "drift"].map(|word| (word.to_owned(), String::new()));
        assert_eq!(candidates(twice.to_vec(), "dri").len(), 1);
    }

    #[test]
    fn the_project_is_taken_from_the_words_before_the_cursor() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let found = |text| project_of(&words(text)).map(|path| path.display().to_string());
        assert_eq!(found("-- campaignctl plan"), None);
        assert_eq!(found("-- campaignctl plan --project"), None);
        assert_eq!(
            found("-- campaignctl --project brand plan").as_deref(),
            Some("brand")
        );
        assert_eq!(
            found("-- campaignctl plan --project=brand").as_deref(),
            Some("brand")
        );
    }
}
