//! Words that people bring along from other tools, and what is meant by them here.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::command;
use crate::diag::question;
use crate::run::Error;
use crate::text::safe::line;

/// A word of other tools, and what to type instead.
type Hint = (&'static str, &'static str);

/// Commands of other tools.
const COMMANDS: &[Hint] = &[
    (
        "import",
        "no import is needed: `campaignctl pull KIND/NAME --write` writes the manifest of an object that was made in the console, `campaignctl export` those of a whole account, and `apply` adopts an object of the same name",
    ),
    ("preview", "`campaignctl plan` shows what would change"),
    (
        "refresh",
        "each `plan` reads the account; `campaignctl drift` shows what changed on it",
    ),
    (
        "up",
        "`campaignctl apply` makes the account match the manifests",
    ),
    (
        "push",
        "`campaignctl apply` makes the account match the manifests",
    ),
    (
        "sync",
        "`campaignctl apply` makes the account match the manifests, `campaignctl pull` the other way round",
    ),
    (
        "deploy",
        "`campaignctl apply` makes the account match the manifests",
    ),
    (
        "create",
        "write a manifest, then `campaignctl apply`; `campaignctl explain KIND` has an example to start with",
    ),
    (
        "new",
        "`campaignctl init` creates a project; `campaignctl explain KIND` has an example of a manifest",
    ),
    (
        "edit",
        "edit the manifest, then `campaignctl apply`; `campaignctl sandbox edit` changes an object as the console would",
    ),
    (
        "destroy",
        "remove the manifests and `campaignctl apply`: what was created by them is deleted, and nothing else",
    ),
    ("delete", "remove the manifest and `campaignctl apply`"),
    (
        "rm",
        "remove the manifest and `campaignctl apply`; `campaignctl ledger forget` leaves the live object alone",
    ),
    ("rollback", "`campaignctl undo` undoes the last apply"),
    (
        "revert",
        "`campaignctl undo` undoes the last apply; an older state is in git",
    ),
    (
        "restore",
        "`campaignctl undo` undoes the last apply; an older state is in git",
    ),
    (
        "get",
        "`campaignctl status` lists what is in an account, `campaignctl export KIND` shows it as manifests",
    ),
    (
        "list",
        "`campaignctl status` lists what is in an account, `campaignctl ledger list` what is bound to manifests",
    ),
    (
        "ls",
        "`campaignctl status` lists what is in an account, `campaignctl ledger list` what is bound to manifests",
    ),
    (
        "describe",
        "`campaignctl export KIND/NAME` shows an object as a manifest, `campaignctl explain KIND` a kind",
    ),
    (
        "state",
        "`campaignctl ledger` shows which live object each manifest is bound to",
    ),
    (
        "unlock",
        "`campaignctl ledger unlock` removes the lock of a dead run",
    ),
    (
        "force-unlock",
        "`campaignctl ledger unlock` removes the lock of a dead run",
    ),
    (
        "taint",
        "an object cannot be marked for replacement: use `campaignctl ledger forget` and a new name",
    ),
    (
        "check",
        "`campaignctl validate` checks manifests, `campaignctl doctor` the account",
    ),
    ("lint", "`campaignctl validate` checks manifests"),
    ("format", "`campaignctl fmt` formats manifests"),
    (
        "dump",
        "`campaignctl export` writes an account as manifests",
    ),
    (
        "download",
        "`campaignctl export` writes an account as manifests",
    ),
    ("serve", "`campaignctl sandbox serve` serves the sandbox"),
    (
        "config",
        "`campaignctl explain project` describes the project file",
    ),
    (
        "env",
        "`campaignctl explain environments` describes environments; `-e NAME` chooses one",
    ),
    (
        "workspace",
        "`campaignctl explain environments` describes environments; `-e NAME` chooses one",
    ),
    (
        "auth",
        "`campaignctl login` signs in, `campaignctl explain credentials` describes the other ways",
    ),
    (
        "history",
        "`campaignctl explain audit` says where each write is recorded; `git log` has the history of the manifests",
    ),
    (
        "log",
        "`campaignctl explain audit` says where each write is recorded; `-v` logs them while they happen",
    ),
    (
        "logs",
        "`campaignctl explain audit` says where each write is recorded; `-v` logs them while they happen",
    ),
    (
        "output",
        "`campaignctl ids` writes the ids of objects for other programs, `campaignctl status --format json` what an account contains",
    ),
    (
        "outputs",
        "`campaignctl ids` writes the ids of objects for other programs, `campaignctl status --format json` what an account contains",
    ),
    (
        "completions",
        "`campaignctl completion SHELL` prints the script of a shell",
    ),
    (
        "autocomplete",
        "`campaignctl completion SHELL` prints the script of a shell",
    ),
];

/// What is typed instead of a flag for files.
const PATHS: &str = "paths need no flag: write them behind the command. They select files, and what other files define is unknown then; `--target KIND/NAME` selects objects";

/// Flags of other tools.
const FLAGS: &[Hint] = &[
    (
        "--dry-run",
        "`campaignctl plan` shows what `apply` would do, and `pull` without `--write` and `fmt --check` only show changes",
    ),
    ("--dryrun", "`campaignctl plan` shows what `apply` would do"),
    ("--diff", "`campaignctl plan` shows what differs"),
    ("-n", "`campaignctl plan` shows what `apply` would do"),
    ("-f", PATHS),
    ("--file", PATHS),
    ("--filename", PATHS),
    ("-y", "`--auto-approve` applies without a question"),
    ("--yes", "`--auto-approve` applies without a question"),
    ("--approve", "`--auto-approve` applies without a question"),
    (
        "--env",
        "`-e NAME` or `--environment NAME` chooses an environment",
    ),
    (
        "--workspace",
        "`-e NAME` or `--environment NAME` chooses an environment",
    ),
    (
        "--context",
        "`-e NAME` or `--environment NAME` chooses an environment",
    ),
    (
        "--output",
        "`--format` says how data is written, `plan --out FILE` where a plan is saved",
    ),
    ("--json", "`--format json` writes JSON"),
    (
        "--state",
        "`ledger:` of an environment in `campaignctl.yaml` says where its ledger is",
    ),
    (
        "--var-file",
        "`variables:` of an environment in `campaignctl.yaml` holds its variables",
    ),
    (
        "--prune",
        "objects without a manifest are deleted already; see `campaignctl explain prune`",
    ),
    (
        "--refresh-only",
        "`campaignctl drift` shows what changed on the account, `campaignctl pull` takes it over",
    ),
    ("--destroy", "remove the manifests and `campaignctl apply`"),
    (
        "--force",
        "nothing needs force: each guard has its own flag, which the plan names (`campaignctl explain guards`); `--auto-approve` applies without a question",
    ),
    ("--no-color", "`--color never`, or the variable `NO_COLOR`"),
    (
        "-target",
        "long flags have two dashes: `--target KIND/NAME`",
    ),
    ("-out", "long flags have two dashes: `--out FILE`"),
    ("-var", "long flags have two dashes: `--var NAME=VALUE`"),
    (
        "-auto-approve",
        "long flags have two dashes: `--auto-approve`",
    ),
    ("-json", "`--format json` writes JSON"),
    (
        "-refresh",
        "each `plan` reads the account; `campaignctl drift` shows what changed on it",
    ),
    (
        "-input",
        "a run without a terminal asks nothing; `--auto-approve` applies without a question",
    ),
    ("--debug", "use `-v`, or `-vv` for every request"),
];

/// The one that is a short flag with a value here.
const LOCK: Hint = (
    "-lock",
    "each apply locks the ledger; `--lock-timeout TIME` waits for another run",
);

/// What is typed here instead of a command of another tool.
pub(super) fn for_command(word: &str) -> Option<&'static str> {
    let mut commands = COMMANDS.iter();
    commands
        .find(|(name, _)| *name == word)
        .map(|(_, help)| *help)
}

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
    let foreign = |name: &str| {
        let known = |word: &str| {
            let mut all = FLAGS.iter().chain([&LOCK]);
            all.find(|(flag, _)| *flag == word)
        };
        known(&format!("-{name}")).or_else(|| known(&format!("--{name}")))
    };
    names.into_iter().find_map(|name| {
        let help = match foreign(name) {
            Some((_, help)) => (*help).to_owned(),
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
    let (words, given, near, what) = match error.kind() {
        ErrorKind::InvalidSubcommand => (
            COMMANDS,
            text(ContextKind::InvalidSubcommand),
            text(ContextKind::SuggestedSubcommand),
            "command",
        ),
        ErrorKind::UnknownArgument => (
            FLAGS,
            text(ContextKind::InvalidArg),
            text(ContextKind::SuggestedArg),
            "flag",
        ),
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
    let hint = words.iter().find(|(name, _)| *name == word);
    let help = match (hint, near) {
        (Some((_, help)), _) => (*help).to_owned(),
        (None, Some(near)) => question(near),
        (None, None) if what == "command" => "`campaignctl help` lists all commands".to_owned(),
        (None, None) if is_flag => {
            let name = named_command(&command(), arguments).unwrap_or_default();
            format!("`campaignctl help{name}` lists the flags")
        }
        (None, None) => return None, // a word too many: the usage line says more
    };
    let shown = line(word);
    let what = if is_flag { "flag" } else { what };
    Some(Error::invalid(format!("there is no {what} `{shown}`")).help(help))
}

/// The commands that a command line names, each behind a blank.
fn named_command(top: &clap::Command, arguments: &[OsString]) -> Option<String> {
    let (mut command, mut names) = (top, String::new());
    for word in arguments.iter().skip(1).filter_map(|it| it.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            (command, names) = (found, format!("{names} {word}"));
        }
    }
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::parse;

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

    #[test]
    fn hints_name_commands_that_exist() {
        let top = command();
        for (word, help) in COMMANDS.iter().chain(FLAGS) {
            for (at, name) in help.match_indices("`campaignctl ") {
                let rest = &help[at + name.len()..];
                let named = rest.split([' ', '`']).next().unwrap();
                assert!(top.find_subcommand(named).is_some(), "{word}: {named}");
            }
        }
    }
}
