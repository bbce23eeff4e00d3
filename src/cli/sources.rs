//! Flags whose values come from environment variables, so that an error about one names what a person can change.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::builder::{BoolishValueParser, Resettable};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches};

use crate::run::Error;
use crate::text::looks::{looks_secret, without_secrets};
use crate::text::safe::{has_hidden, line, lines};

/// A flag that is set by an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FlagSource {
    flag: String,
    variable: String,
}

impl FlagSource {
    fn note(&self) -> String {
        let Self { flag, variable } = self;
        format!("`{flag}` is set by the environment variable {variable}")
    }
}

/// The flags of a run that are set by environment variables.
#[derive(Clone, Debug, Default)]
pub(super) struct FlagSources(Vec<FlagSource>);

impl FlagSources {
    /// Those of a command line that could be read.
    pub(super) fn of(command: &clap::Command, matches: &ArgMatches) -> Self {
        let mut found = Vec::new();
        collect(command, matches, &mut found);
        found.sort();
        found.dedup();
        Self(found)
    }

    /// Which of the flags that an error is about, or names, are set by variables.
    pub(super) fn notes(&self, error: &Error) -> Vec<String> {
        let is_about = |source: &&FlagSource| {
            error.about == Some(source.flag.as_str())
                || error.texts().any(|text| names(text, &source.flag))
        };
        self.0
            .iter()
            .filter(is_about)
            .map(FlagSource::note)
            .collect()
    }
}

/// Whether a text has a flag as a whole word.
fn names(text: &str, flag: &str) -> bool {
    text.match_indices(flag).any(|(at, _)| {
        let behind = text[at + flag.len()..].chars().next();
        behind.is_none_or(|it| !it.is_alphanumeric() && it != '-')
    })
}

fn collect(command: &clap::Command, matches: &ArgMatches, found: &mut Vec<FlagSource>) {
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        let is_known = matches.try_contains_id(id).is_ok();
        if let (Some(long), Some(variable)) = (arg.get_long(), arg.get_env())
            && is_known
            && matches.value_source(id) == Some(ValueSource::EnvVariable)
        {
            found.push(FlagSource {
                flag: format!("--{long}"),
                variable: variable.to_string_lossy().into_owned(),
            });
        }
    }
    if let Some((name, inside)) = matches.subcommand()
        && let Some(command) = command.find_subcommand(name)
    {
        collect(command, inside, found);
    }
}

/// The command with the rules of environment variables: those that are set to nothing are as if they were not set, and a flag
/// is set by a yes or a no. Nothing else is taken for a yes: `CAMPAIGNCTL_AUTO_APPROVE=never` approves nothing.
pub(super) fn from_environment(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &clap::Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.is_empty())
    };
    command
        .mut_args(|arg| {
            if is_empty(&arg) {
                return arg.env(Resettable::Reset);
            }
            let is_flag = matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse);
            if is_flag && arg.get_env().is_some() {
                arg.value_parser(BoolishValueParser::new())
            } else {
                arg
            }
        })
        .mut_subcommands(from_environment)
}

/// Which of the arguments that a complaint of the parser is about come from the environment. It has no matches to ask.
pub(super) fn of_complaint(
    command: &clap::Command,
    complaint: &str,
    texts: &[impl AsRef<str>],
) -> Vec<String> {
    let arguments = command.get_arguments().filter_map(|arg| {
        let (flag, variable) = (format!("--{}", arg.get_long()?), arg.get_env()?);
        let is_set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        let is_given = texts
            .iter()
            .any(|text| text.as_ref() == flag || text.as_ref().starts_with(&format!("{flag}=")));
        let is_named = names(complaint, &format!("'{flag}"));
        let variable = variable.to_string_lossy().into_owned();
        (is_set && !is_given && is_named).then(|| FlagSource { flag, variable }.note())
    });
    let inner = command.get_subcommands();
    let inner = inner.flat_map(|inner| of_complaint(inner, complaint, texts));
    let mut notes: Vec<String> = arguments.chain(inner).collect();
    notes.sort();
    notes.dedup();
    notes
}

/// A complaint of the parser with the variables that it quotes on one line each, and without secrets; none where nothing in it
/// has to be changed. Arguments are [shown on one line](quotable) before.
pub(super) fn without_hidden(complaint: &str) -> Option<String> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let is_ours = name.to_string_lossy().starts_with("CAMPAIGNCTL_");
        is_ours.then(|| value.to_string_lossy().into_owned())
    });
    let odd = variables.filter(|value| has_hidden(value));
    let shown = odd.fold(complaint.to_owned(), |shown, value| {
        shown.replace(&value, &line(&value))
    });
    let shown = lines(&shown);
    (shown != complaint).then_some(shown)
}

/// The arguments as they may be quoted, on one line and without what looks like a secret; none where nothing is to be
/// changed in them.
pub(super) fn quotable(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let texts: Vec<_> = arguments.iter().map(|it| it.to_string_lossy()).collect();
    let is_odd = |text: &&Cow<'_, str>| has_hidden(text) || looks_secret(text);
    texts.iter().find(is_odd)?;
    let quoted = texts
        .iter()
        .map(|text| without_secrets(&line(text)).into_owned().into());
    Some(quoted.collect())
}
