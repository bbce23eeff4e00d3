//! `help`, and how much of it `-h` shows: what fits a screen. `--help` and `help COMMAND` show all.

use clap::builder::{StyledStr, Styles};
use clap::{Arg, Args, Command};

use super::ui::Ui;
use super::{caching, command, exit, global, guards, selecting};
use crate::diag::did_you_mean;
use crate::report::examples::set_examples;
use crate::report::other_tools::for_command;
use crate::report::topics::topic;
use crate::run::Error;
use crate::run::explaining::explained;

/// Show the help of a command, or explain a topic.
///
/// Without an argument, all commands are listed. `help options` lists the flags that every command takes, those that
/// select objects, and the guards. Any other word is a topic of `explain`: a kind, a field, a code, a guard.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl help               all commands
  campaignctl help plan          everything about a command
  campaignctl help ledger bind   about a command below another
  campaignctl help options       the flags of every command
  campaignctl help mass-delete   a topic, as `explain` has it")]
pub(super) struct HelpArgs {
    /// A command with those below it, `options`, or a topic.
    #[arg(value_name = "COMMAND|TOPIC", add = super::completing::help_words())]
    words: Vec<String>,
}

/// The commands in groups, as people meet them.
const GROUPS: [(&str, &[&str]); 7] = [
    ("Write manifests", &["init", "validate", "fmt", "explain"]),
    ("Test who is offered what", &["test", "visit", "prove"]),
    ("Change an account", &["plan", "apply", "show", "undo"]),
    (
        "See an account",
        &["status", "uses", "ids", "drift", "doctor"],
    ),
    ("Send messages once", &["launch", "report"]),
    ("Take over console changes", &["pull", "export", "ledger"]),
    (
        "Others",
        &[
            "resolve",
            "graph",
            "schema",
            "sandbox",
            "login",
            "logout",
            "lsp",
            "completion",
            "version",
            "help",
        ],
    ),
];

/// The commands that a screen has room for with a line each.
const FIRST: [&str; 11] = [
    "init", "validate", "plan", "apply", "undo", "status", "drift", "pull", "export", "explain",
    "sandbox",
];

/// What `-h` ends with at every command.
const MORE: &str = "`campaignctl help options` lists the flags that other commands have, too.";

/// The same at a command with guards that has no room for their flags.
const MORE_WITH_GUARDS: &str =
    "`campaignctl help options` lists shared flags, and `--allow-..` of the guards.";

/// How many flags `-h` lists at most where the guards are among them.
const MOST_FLAGS: usize = 11;

/// Whether a command has this name.
pub(super) fn is_command(name: &str) -> bool {
    let mut names = GROUPS.iter().flat_map(|(_, names)| *names);
    names.any(|known| *known == name)
}

/// Runs the command.
pub(super) fn run(ui: &Ui, args: &HelpArgs) -> Result<u8, Error> {
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    ui.data(&text(ui, &words)?);
    Ok(exit::DONE)
}

fn text(ui: &Ui, words: &[&str]) -> Result<String, Error> {
    let shown = |text: StyledStr| {
        if ui.color() {
            text.ansi().to_string()
        } else {
            text.to_string()
        }
    };
    let mut top = command();
    top.build();
    if words == ["options"] {
        return Ok(shown(options().render_long_help()));
    }
    if let Some(found) = below(&mut top, words) {
        let name = words.join(" ");
        let about = topic(&name).map_or_else(String::new, |_| {
            format!("\n`campaignctl explain {name}` explains this word.\n")
        });
        return Ok(shown(found.render_long_help()) + &about);
    }
    let [word] = words else {
        let why = format!("there is no command `{}`", words.join(" "));
        return Err(Error::invalid(why).help("`campaignctl help` lists all commands"));
    };
    explained(word, ui.color(), is_command).map_err(|error| {
        if let Some(hint) = for_command(word) {
            return Error::invalid(format!("there is no command `{word}`")).help(hint);
        }
        let commands = top.get_subcommands().map(Command::get_name);
        match did_you_mean(word, commands.chain(["options"])) {
            Some(near) => {
                Error::invalid(format!("there is no command or topic `{word}`")).help(near)
            }
            None => error,
        }
    })
}

/// The command that words name, from the top down.
fn below<'c>(command: &'c mut Command, words: &[&str]) -> Option<&'c mut Command> {
    match words.split_first() {
        None => Some(command),
        Some((first, rest)) => below(command.find_subcommand_mut(first)?, rest),
    }
}

/// The flags that are not one command's own.
fn options() -> Command {
    let flags = Command::new("options")
        .disable_help_flag(true)
        .max_term_width(100)
        .help_template("{all-args}");
    let flags = guards::GuardArgs::augment_args(flags);
    let flags = caching::CacheArgs::augment_args(flags);
    let flags = selecting::SelectionArgs::augment_args(flags);
    told(global::Global::augment_args(flags), true)
}

/// The flags that are not one command's own, as text of a fixed width.
#[must_use]
pub(super) fn options_text() -> String {
    options().term_width(100).render_long_help().to_string()
}

/// A text without styles. Showing one looks at every byte for them, which was half of the start of a run, as the texts of
/// all commands are read; ours have none, which is found out sooner.
fn text_of(text: &StyledStr) -> String {
    let bare = text.ansi().to_string();
    if bare.contains('\u{1b}') {
        text.to_string()
    } else {
        bare
    }
}

/// The command line with a short help for `-h` and a whole one for `--help`.
pub(super) fn with_both(command: Command) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|found| found.get_name().to_owned())
        .collect();
    let examples = command.get_after_help().map(text_of);
    let short = short_list(&command);
    let long = whole_list(&command, examples.as_deref().unwrap_or_default());
    let command = names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, both));
    told(command, false)
        .help_template("{about-with-newline}\n{usage-heading} {usage}{after-help}")
        .after_help(short)
        .after_long_help(long)
}

/// One command below the top: `-h` leaves out what is not its own.
fn both(command: Command) -> Command {
    let about = command.get_about().map(text_of);
    let long_about = command.get_long_about().map(text_of);
    let examples = command.get_after_help().map(text_of);
    let about = about.unwrap_or_default();
    let long_about = long_about.unwrap_or_else(|| about.clone());
    let flags = command.get_arguments();
    let own = flags.filter(|arg| !is_shared(arg) && !arg.is_hide_short_help_set());
    let has_room = own.count() + guard_flags(&command).len() <= MOST_FLAGS;
    let end = match guard_flags(&command).as_slice() {
        [] => MORE.to_owned(),
        _ if has_room => MORE.to_owned(),
        _ => MORE_WITH_GUARDS.to_owned(),
    };
    let command = told(command, has_room)
        .about(first_sentence(&about))
        .long_about(long_about)
        .after_help(end)
        .mut_subcommands(both);
    command.after_long_help(set_examples(&examples.unwrap_or_default()))
}

/// The flags of the guards that a command has.
fn guard_flags(command: &Command) -> Vec<String> {
    let guards = command.get_arguments().filter(|arg| is_guard(arg));
    let names = guards.filter_map(|arg| arg.get_long());
    names.map(|name| format!("--{name}")).collect()
}

/// Flags whose first sentence is for `-h`, the whole of it for `--help`, with the variable of the environment. `-h` has the
/// guards where there is room for them.
fn told(command: Command, has_room: bool) -> Command {
    command.mut_args(|arg| {
        let short = arg.get_help().map(text_of).unwrap_or_default();
        let long = arg.get_long_help().map(text_of);
        let mut long = long.unwrap_or_else(|| short.clone());
        if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
            long = format!("{long} [env: {}]", variable.display());
        }
        let is_left_out = is_shared(&arg) && !(has_room && is_guard(&arg));
        let is_long_only = is_left_out || arg.is_hide_short_help_set();
        arg.help(first_sentence(&short))
            .long_help(long)
            .hide_env(true)
            .hide_short_help(is_long_only)
    })
}

/// Whether a flag is not of one command alone: it is listed by `help options`.
fn is_shared(arg: &Arg) -> bool {
    let shared = ["Global options", "Selection", "Guards", "Cache"];
    arg.get_help_heading()
        .is_some_and(|heading| shared.contains(&heading))
}

/// Whether a flag overrides a guard.
fn is_guard(arg: &Arg) -> bool {
    arg.get_help_heading() == Some("Guards")
}

/// A text up to the end of its first sentence.
fn first_sentence(text: &str) -> String {
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

/// A line for each of some commands.
fn lines<'n>(command: &Command, names: impl IntoIterator<Item = &'n str>) -> String {
    let literal = Styles::styled().get_literal().to_owned();
    let line = |name: &str| {
        let about = command.find_subcommand(name)?.get_about()?.to_string();
        let about = first_sentence(&about);
        Some(format!("  {literal}{name:<11}{literal:#} {about}\n"))
    };
    names.into_iter().filter_map(line).collect()
}

fn heading(text: &str) -> String {
    let style = *Styles::styled().get_header();
    format!("{style}{text}:{style:#}\n")
}

/// What a screen has room for: the commands that a day is made of, and the names of the others.
fn short_list(command: &Command) -> StyledStr {
    let others = GROUPS.iter().flat_map(|(_, names)| *names).copied();
    let others: Vec<&str> = others.filter(|name| !FIRST.contains(name)).collect();
    let (heading, first) = (heading("Commands"), lines(command, FIRST));
    let (most, rest) = others.split_at(others.len() / 2);
    let others = format!("{},\n     {}", most.join(", "), rest.join(", "));
    StyledStr::from(format!(
        "{heading}{first}\nAnd: {others}\n\n\
         More: `campaignctl help`, `help COMMAND`, `help options` (all shared flags)."
    ))
}

/// Every command, in groups, and what else there is to know.
fn whole_list(command: &Command, rest: &str) -> StyledStr {
    let group = |(title, names): &(&str, &[&str])| {
        let lines = lines(command, names.iter().copied());
        format!("{}{lines}\n", heading(title))
    };
    let groups: Vec<String> = GROUPS.iter().map(group).collect();
    let groups = groups.concat();
    StyledStr::from(format!(
        "{groups}`campaignctl help COMMAND` shows everything about a command, `help\noptions` lists the flags \
         of every command, `campaignctl explain` all topics.\n\n{}",
        set_examples(rest)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::examples::NARROWEST;

    fn all<'c>(command: &'c Command, path: &str, found: &mut Vec<(String, &'c Command)>) {
        let path = format!("{path} {}", command.get_name());
        for inner in command.get_subcommands().filter(|it| !it.is_hide_set()) {
            all(inner, &path, found);
        }
        found.push((path.trim().to_owned(), command));
    }

    #[test]
    fn the_short_help_of_every_command_fits_a_screen() {
        let mut top = command().term_width(80);
        top.build();
        let mut found = Vec::new();
        all(&top, "", &mut found);
        for (path, command) in found {
            let text = command.clone().render_help().to_string();
            let wide = text.lines().filter(|line| line.chars().count() > 80);
            assert_eq!(wide.count(), 0, "{path}:\n{text}");
            assert!(text.lines().count() <= 24, "{path}:\n{text}");
        }
    }

    #[test]
    fn examples_do_not_wrap() {
        let mut top = command();
        top.build();
        let mut found = Vec::new();
        all(&top, "", &mut found);
        let mut wide = Vec::new();
        for (path, command) in found {
            let text = command.get_after_long_help().map(text_of);
            let text = text.unwrap_or_default();
            // A command that is long by itself is not parted, nor is an address.
            let is_one = |line: &&str| !line.trim_start().contains("  ") || line.contains("://");
            let lines = text
                .lines()
                .filter(|line| line.starts_with(' ') && !is_one(line));
            let lines = lines.filter(|line| line.chars().count() > NARROWEST);
            wide.extend(lines.map(|line| format!("{path}: {line}")));
        }
        assert!(wide.is_empty(), "{}", wide.join("\n"));
    }

    #[test]
    fn every_command_is_in_one_group() {
        let top = command();
        let visible = top.get_subcommands().filter(|it| !it.is_hide_set());
        let mut names: Vec<_> = visible.map(Command::get_name).collect();
        let mut grouped: Vec<_> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        names.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(names, grouped);
    }
}
