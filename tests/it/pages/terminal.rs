//! A terminal of a certain size, as a page may ask for one.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr as _;

use super::visitor::Said;

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
