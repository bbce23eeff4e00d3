//! Complaints about a command line with words that people bring along from other tools.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::command;
use crate::diag::{did_you_mean, nearest, question};
use crate::report::other_tools::{for_command, for_flag, for_flag_with_one_dash};
use crate::run::Error;
use crate::text::safe::line;

/// A complaint about a long flag with one dash, as other tools write theirs. It would be read as a short flag with a
/// value: `-out=plan.json` as `-o ut=plan.json`.
pub(super) fn one_dash(command: &clap::Command, arguments: &[OsString]) -> Option<Error> {
    let texts = arguments.iter().skip(1).filter_map(|it| it.to_str());
    let names = texts.take_while(|text| *text != "--").filter_map(|text| {
        let name = text.strip_prefix('-')?.split('=').next()?;
        (name.len() > 2 && !name.starts_with('-')).then_some(name)
    });
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return None; // every start comes by here
    }
    let subcommands = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments);
    let longs: BTreeSet<&str> = command
        .get_arguments()
        .chain(subcommands)
        .filter_map(clap::Arg::get_long)
        .collect();
    names.into_iter().find_map(|name| {
        let help = match for_flag_with_one_dash(name) {
            Some(help) => help.to_owned(),
            None if longs.contains(name) => format!("long flags have two dashes: `--{name}`"),
            None => return None,
        };
        Some(Error::invalid(format!("there is no flag `-{name}`")).help(help))
    })
}

/// A complaint of our own about a command line that holds a word of another tool.
pub(super) fn foreign_word(error: &clap::Error, arguments: &[OsString]) -> Option<Error> {
    if let Some(error) = one_dash(&command(), arguments) {
        return Some(error);
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        Some(ContextValue::Strings(texts)) => texts.first().map(String::as_str),
        _ => None,
    };
    let (hint, given, what): (fn(&str) -> _, _, _) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            (for_command, text(ContextKind::InvalidSubcommand), "command")
        }
        ErrorKind::UnknownArgument => (for_flag, text(ContextKind::InvalidArg), "flag"),
        ErrorKind::MissingRequiredArgument => {
            let missing = text(ContextKind::InvalidArg)?;
            let is_shell = missing.contains("SHELL");
            return is_shell.then(|| {
                Error::invalid("the shell is missing")
                    .help("name one of bash, elvish, fish, powershell, zsh")
            });
        }
        _ => return None,
    };
    let word = given?.split('=').next()?;
    let is_flag = word.starts_with('-');
    let top = command();
    let (named, names) = named_command(&top, arguments);
    let near = if is_flag {
        near_flag(word, &[&top, named])
    } else if what == "command" {
        let commands = named.get_subcommands().filter(|it| !it.is_hide_set());
        did_you_mean(
            word,
            commands.flat_map(clap::Command::get_name_and_visible_aliases),
        )
    } else {
        None // a word too many
    };
    let help = match (hint(word), near) {
        (Some(help), _) => help.to_owned(),
        (None, Some(near)) => near,
        (None, None) if what == "command" => "`campaignctl help` lists all commands".to_owned(),
        (None, None) if is_flag => format!("`campaignctl help{names}` lists the flags"),
        (None, None) => return None, // a word too many: the usage line says more
    };
    let shown = line(word);
    let what = if is_flag { "flag" } else { what };
    Some(Error::invalid(format!("there is no {what} `{shown}`")).help(help))
}

/// The command that a command line names, and the way to it: each name behind a blank.
fn named_command<'c>(
    top: &'c clap::Command,
    arguments: &[OsString],
) -> (&'c clap::Command, String) {
    let (mut command, mut names) = (top, String::new());
    for word in arguments.iter().skip(1).filter_map(|it| it.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            (command, names) = (found, format!("{names} {word}"));
        }
    }
    (command, names)
}

/// The flag of some commands that a misspelt one most likely meant.
fn near_flag(word: &str, commands: &[&clap::Command]) -> Option<String> {
    let flags = commands.iter().flat_map(|it| it.get_arguments());
    let flags = flags.filter(|flag| !flag.is_hide_set());
    let longs = flags.filter_map(clap::Arg::get_long);
    let meant = nearest(word.trim_start_matches('-'), longs)?;
    Some(question(&format!("--{meant}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse;
    use crate::report::other_tools::{COMMANDS, FLAGS};

    #[test]
    fn a_word_that_became_a_command_or_flag_is_no_foreign_one() {
        let top = command();
        for (word, _) in COMMANDS {
            assert!(top.find_subcommand(word).is_none(), "{word}");
        }
        for (word, _) in FLAGS {
            let arguments: [OsString; 3] = ["campaignctl", "apply", word].map(Into::into);
            let error = parse(arguments.clone()).expect_err(word);
            let foreign = foreign_word(&error, &arguments);
            assert!(foreign.is_some(), "{word}: {error}");
        }
    }

    /// What is wrong with a command line that a text gives; nothing where it is one, as far as it has no place for a value.
    fn fault(top: &clap::Command, words: &[&str]) -> Option<String> {
        let (mut command, mut is_path) = (top, true);
        for word in words {
            let flag = word.strip_prefix("--").and_then(|it| it.split('=').next());
            if let Some(flag) = flag.filter(|it| !it.is_empty()) {
                let mut known = command.get_arguments().chain(top.get_arguments());
                let is_known = known.any(|it| it.get_long() == Some(flag));
                if !is_known && flag.chars().all(|it| it.is_ascii_lowercase() || it == '-') {
                    return Some(format!("there is no flag --{flag}"));
                }
                is_path = false;
            } else if is_path && command.has_subcommands() {
                match command.find_subcommand(word) {
                    Some(found) => command = found,
                    None if word.chars().all(|it| it.is_ascii_lowercase() || it == '-') => {
                        return Some(format!("there is no command {word}"));
                    }
                    None => return None,
                }
            }
        }
        None
    }

    /// The texts between ticks of the sources that begin with the name of the program.
    fn command_lines(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                command_lines(&path, found);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            // A text goes on behind a break of the line.
            let text = text.replace("\\\n", " ");
            let lines = text.split("`campaignctl ").skip(1);
            let lines = lines.filter_map(|it| it.split_once('`'));
            let lines = lines.filter(|(line, _)| !line.contains('\n') && line.len() < 200);
            let file = path.display().to_string();
            found.extend(lines.map(|(line, _)| (file.clone(), line.to_owned())));
        }
    }

    #[test]
    fn every_command_line_that_a_text_gives_is_one() {
        let mut top = command();
        top.build();
        let mut found = Vec::new();
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        command_lines(&sources, &mut found);
        assert!(found.len() > 150, "{}", found.len());
        let faults: Vec<String> = found
            .iter()
            .filter_map(|(file, line)| {
                let words: Vec<&str> = line.split_whitespace().collect();
                let fault = fault(&top, &words)?;
                Some(format!("{file}: campaignctl {line}: {fault}"))
            })
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn a_misspelt_word_is_answered_by_the_nearest_one() {
        let told = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(Into::into).collect();
            let error = parse(arguments.clone()).expect_err(line);
            let foreign = foreign_word(&error, &arguments).expect(line);
            foreign.help.unwrap_or_default()
        };
        for (line, meant) in [
            ("plann", "plan"),
            ("planx", "plan"),
            ("plam", "plan"),
            ("exprot", "export"),
            ("pul", "pull"),
            ("aply", "apply"),
            ("validat", "validate"),
            ("statu", "status"),
            ("use", "uses"),
            ("difff", "diff"),
            ("ledger lsit", "list"),
            ("plan --taregt Goal/a", "--target"),
            ("plan --enviroment test", "--environment"),
            ("export --outt x", "--out"),
        ] {
            let told = told(&format!("campaignctl {line}"));
            assert_eq!(told, format!("did you mean `{meant}`?"), "{line}");
        }
        for line in ["frobnicate", "blah", "xyz", "plan --frobnicate"] {
            let told = told(&format!("campaignctl {line}"));
            assert!(told.starts_with("`campaignctl help"), "{line}: {told}");
        }
    }

    #[test]
    fn a_long_flag_with_one_dash_is_not_read_as_a_short_one() {
        let told = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(Into::into).collect();
            one_dash(&command(), &arguments).map(|error| error.message)
        };
        for (line, flag) in [
            ("campaignctl plan -out=tfplan", Some("-out")),
            ("campaignctl plan -out tfplan", Some("-out")),
            ("campaignctl plan -lock=false", Some("-lock")),
            ("campaignctl plan -full", Some("-full")),
            ("campaignctl plan -target=Goal/a", Some("-target")),
            (
                "campaignctl plan -environment=production",
                Some("-environment"),
            ),
            ("campaignctl plan -eproduction -oplan.json -vv", None),
            ("campaignctl plan -e production -l team=care", None),
            ("campaignctl plan - -- -out=tfplan", None),
        ] {
            let expected = flag.map(|flag| format!("there is no flag `{flag}`"));
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
