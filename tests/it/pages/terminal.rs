//! A terminal of a certain size, as a page may ask for one.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr as _;

use super::visitor::Said;
use crate::program::{command, examples_copy, run};

/// How a question of the program ends.
const QUESTION: &str = "[y/N] ";

/// A terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Terminal {
    /// Runs a program on it, with all three of its streams, and answers what it asks.
    ///
    /// `script` of util-linux and of the BSDs makes the terminal. It shows nothing of what is typed, because that would stand
    /// before the question, and it is `dumb`, so that nothing on it moves.
    pub(super) fn run(self, program: &Command, folder: &Path, answer: Option<&str>) -> Said {
        let Self { columns, rows } = self;
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let words: Vec<String> = words.map(|word| quoted(word.to_str().unwrap())).collect();
        let line = format!(
            "stty -echo cols {columns} rows {rows}; exec {}",
            words.join(" ")
        );
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script.current_dir(folder).env_clear().env("TERM", "dumb");
        script.env("PATH", std::env::var_os("PATH").unwrap());
        for (name, value) in program.get_envs() {
            script.env(name, value.unwrap());
        }
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = script.spawn().expect("`script` is installed");
        let mut keyboard = process.stdin.take().unwrap();
        if let Some(answer) = answer {
            writeln!(keyboard, "{answer}").unwrap();
        }
        let output = process.wait_with_output().unwrap();
        drop(keyboard);
        let text = String::from_utf8(output.stdout)
            .unwrap()
            .replace("\r\n", "\n");
        // The terminal may echo the answer before `stty` has its say.
        let echo = format!("{}\n", answer.unwrap_or_default());
        let text = text.strip_prefix(&echo).unwrap_or(&text);
        let typed = format!("{QUESTION}{}\n", answer.unwrap_or_default());
        let text = text.replace(QUESTION, &typed);
        let wide = text.lines().find(|line| line.width() > columns);
        assert_eq!(wide, None, "wider than {columns} columns");
        Said {
            text,
            code: output.status.code().unwrap(),
        }
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What people read is broken at words where a terminal ends: the width is asserted by [`Terminal::run`]. Lines of files and
/// diffs stay as they are, so the files here are narrow.
#[test]
fn every_text_fits_a_narrow_terminal() {
    let copy = examples_copy();
    let retail = copy.path().join("examples/retail");
    run(&retail, &["apply", "--auto-approve", "--quiet"]).expect(0);
    let terminal = Terminal {
        columns: 80,
        rows: 24,
    };
    let shown = |folder: &Path, line: &[&str]| {
        let words = terminal.run(&command(folder, line), folder, None).text;
        assert!(!words.is_empty(), "{line:?}");
        words
    };
    for line in [
        &["doctor"] as &[&str],
        &["doctor", "-e", "production"],
        &["status"],
        &["uses", "Goal/purchase-completed"],
        &["uses", "Skill/Orders"],
        &["drift"],
        &["pull"],
        &["ids"],
        &["ledger", "list"],
        &["plan", "-e", "production"],
        &["test"],
        &["launch", "list"],
        &["explain", "project"],
        &["explain", "project.variables"],
        &["explain", "codes"],
        &["explain", "section"],
        &[
            "init",
            "--yes",
            "--dir",
            "a-new-project-with-a-long-name-of-many-words-that-is-longer-than-that",
        ],
    ] {
        shown(&retail, line);
    }
    // Doctor says what it found in a column of its own.
    let doctor = shown(&retail, &["doctor", "-e", "production"]);
    let column = doctor
        .lines()
        .find_map(|line| line.find("the project"))
        .unwrap_or(16);
    let hung = doctor
        .lines()
        .filter(|line| line.starts_with(&" ".repeat(column)));
    assert!(hung.count() > 1, "{doctor}");

    let folder = tempfile::tempdir().unwrap();
    let engagements = (0..4).map(|number| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: e{number} }}\nspec:\n  campaign: {{ live: Sale }}\n  survey: 5200001770\n  offlineSurvey: 5200001771\n"
        )
    });
    let file = "engagements-with-the-surveys-of-one-account.yaml";
    std::fs::write(folder.path().join(file), engagements.collect::<String>()).unwrap();
    let alike = shown(folder.path(), &["validate"]);
    assert!(alike.contains("more with the same help"), "{alike}");
    shown(folder.path(), &["plan"]);
}
