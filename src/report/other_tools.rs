//! Words that people bring along from other tools, commands and flags, and what is typed here instead.

/// A word of other tools, and what to type instead.
pub type Hint = (&'static str, &'static str);

/// Commands of other tools.
pub const COMMANDS: &[Hint] = &[
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
    ("serve", "`campaignctl sandbox start` serves the sandbox"),
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
const PATHS: &str = "paths need no flag: write them after the command. They select files, and what other files define is unknown then; `--target KIND/NAME` selects objects";

/// Flags of other tools.
pub const FLAGS: &[Hint] = &[
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
#[must_use]
pub fn for_command(word: &str) -> Option<&'static str> {
    of(COMMANDS, word)
}

/// What is typed here instead of a flag of another tool, with its dashes.
#[must_use]
pub fn for_flag(word: &str) -> Option<&'static str> {
    of(FLAGS, word)
}

/// The same for a long flag that is written with one dash, given without it.
#[must_use]
pub fn for_flag_with_one_dash(name: &str) -> Option<&'static str> {
    let (one, two) = (format!("-{name}"), format!("--{name}"));
    let help = |word: &str| for_flag(word).or_else(|| of(&[LOCK], word));
    help(&one).or_else(|| help(&two))
}

fn of(hints: &[Hint], word: &str) -> Option<&'static str> {
    let mut hints = hints.iter();
    hints
        .find(|(known, _)| *known == word)
        .map(|(_, help)| *help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_hint() {
        for table in [COMMANDS, FLAGS] {
            let mut words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
            words.sort_unstable();
            assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
        }
    }

    #[test]
    fn one_dash_is_as_good_as_two_and_a_short_flag_is_none_of_them() {
        assert_eq!(for_flag_with_one_dash("json"), for_flag("--json"));
        assert_eq!(for_flag_with_one_dash("no-color"), for_flag("--no-color"));
        assert!(for_flag_with_one_dash("lock").is_some() && for_flag("-lock").is_none());
        assert_eq!(for_flag_with_one_dash("own"), None);
    }
}
