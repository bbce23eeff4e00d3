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
use crate::kinds::{KindId, Role, uses};
use crate::manifest::{self, Manifest};
use crate::project::SANDBOX;
use crate::report::fields::{Root, field_paths};
use crate::run::workspace::Workspace;
use crate::run::{Run, Silent, explaining};
use crate::text::Limits;

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
    offering(|| {
        let Some(workspace) = workspace() else {
            return vec![(SANDBOX.to_owned(), String::new())];
        };
        let mut names: BTreeSet<String> =
            workspace.project.every_environment().into_iter().collect();
        names.insert(SANDBOX.to_owned());
        let account = |name: &str| {
            let settings = workspace.project.environments.get(name)?;
            settings.account.clone()
        };
        let named = names.into_iter();
        named
            .map(|name| (name.clone(), account(&name).unwrap_or_default()))
            .collect()
    })
}

/// Manifests of the project as `KIND/NAME`, of kinds that accounts hold.
pub(super) fn manifest_keys() -> ArgValueCompleter {
    offering(|| keys().into_iter().filter(is_in_accounts).collect())
}

/// The fields of the object that `sandbox edit` is about, `indicator.url=`.
pub(super) fn edited_fields() -> ArgValueCompleter {
    offering(|| {
        let words = std::env::args_os().skip_while(|word| word != "edit");
        let mut words = words.map(|word| word.to_string_lossy().into_owned());
        let kind = words.find_map(|word| KindId::named(word.split_once('/')?.0));
        let Some(kind) = kind else {
            return Vec::new();
        };
        let fields = kind.def().fields.iter().map(|field| field.spec);
        let is_own = |path: &str| {
            let mut fields = fields.clone();
            fields.any(|field| path == field || path.starts_with(&format!("{field}.")))
        };
        let paths = field_paths(Root::Kind(kind)).into_iter();
        let paths = paths.filter_map(|path| path.split_once('.').map(|(_, path)| path.to_owned()));
        let paths = paths.filter(|path| is_own(path));
        paths
            .map(|path| (format!("{path}="), String::new()))
            .collect()
    })
}

/// Kinds, and the manifests of the project as `KIND/NAME`.
pub(super) fn kinds_and_keys() -> ArgValueCompleter {
    offering(|| {
        let all = kinds().into_iter().chain(keys());
        all.filter(is_in_accounts).collect()
    })
}

/// Whether a word names a kind that accounts hold, or one of its manifests.
fn is_in_accounts((word, _): &(String, String)) -> bool {
    let kind = word.split('/').next().unwrap_or_default();
    KindId::named(kind).is_some_and(|kind| kind.def().collection.is_some())
}

/// What the users of can be asked for: manifests, and the skills and others that these refer to.
pub(super) fn used_keys() -> ArgValueCompleter {
    offering(|| {
        let manifests = manifests();
        let used = manifests.iter().flat_map(|manifest| {
            let found = uses(manifest.key.kind.def().fields, &manifest.spec).into_iter();
            let found = found.filter(|it| KindId::known(it.kind).def().role == Role::Reference);
            found.filter_map(|it| Some(format!("{}/{}", it.kind, it.reference.as_str()?)))
        });
        let keys = manifests.iter().map(|it| it.key.to_string());
        let keys: BTreeSet<String> = keys.chain(used).collect();
        keys.into_iter().map(|key| (key, String::new())).collect()
    })
}

/// Kinds of manifests.
pub(super) fn kind_names() -> ArgValueCompleter {
    offering(kinds)
}

/// Kinds that accounts hold.
pub(super) fn account_kinds() -> ArgValueCompleter {
    offering(|| kinds().into_iter().filter(is_in_accounts).collect())
}

/// Kinds that accounts hold, and those that are sent.
pub(super) fn status_kinds() -> ArgValueCompleter {
    offering(|| {
        let is_launch = |word: &str| KindId::named(word).is_some_and(|kind| kind.def().is_launch);
        let is_shown = |it: &(String, String)| is_in_accounts(it) || is_launch(&it.0);
        kinds().into_iter().filter(is_shown).collect()
    })
}

/// Labels of the project's manifests: `key` and `key=value`.
pub(super) fn labels() -> ArgValueCompleter {
    offering(|| {
        let manifests = manifests();
        let labels = manifests.iter().flat_map(|manifest| &manifest.labels);
        let labels = labels.flat_map(|(key, value)| [key.clone(), format!("{key}={value}")]);
        let labels: BTreeSet<String> = labels.collect();
        labels.into_iter().map(|it| (it, String::new())).collect()
    })
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

fn kinds() -> Vec<(String, String)> {
    KindId::manifests()
        .map(|kind| (kind.name().to_owned(), String::new()))
        .collect()
}

fn keys() -> Vec<(String, String)> {
    let keys: BTreeSet<String> = manifests().iter().map(|it| it.key.to_string()).collect();
    keys.into_iter().map(|key| (key, String::new())).collect()
}

/// A completer of words with what they are. In a list with commas, the last item is completed.
fn offering(words: fn() -> Vec<(String, String)>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        candidates(words(), current)
    })
}

fn candidates(words: Vec<(String, String)>, current: &str) -> Vec<CompletionCandidate> {
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

fn manifests() -> Vec<Manifest> {
    let Some(workspace) = workspace() else {
        return Vec::new();
    };
    let mut nothing: &[u8] = &[];
    let (texts, _) = crate::load::load(
        &crate::load::Group::of(workspace.here(), &workspace.paths),
        &mut nothing,
        &Limits::default(),
    );
    manifest::parse(&texts).0
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
