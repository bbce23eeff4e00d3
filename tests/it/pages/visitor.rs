//! Somebody who follows a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::curl::curl;
use super::names::Names;
use super::page::Item;
use super::shell::{Step, lines_match, steps, words};
use super::terminal::Terminal;
use crate::help::offered;
use crate::program::{Server, command, copy_folder, package, run};
use crate::selection::since::git;

/// User, password, client and secret of every sandbox.
const CREDENTIAL: &str = "sandbox";

/// What a command ends with where a shell is asked what may follow.
const TAB: &str = "[Tab]";

/// How a command begins that is ours.
const OURS: [&[&str]; 2] = [&["campaignctl"], &["cargo", "run", "-q", "--"]];

pub(super) struct Visitor {
    page: PathBuf,
    home: TempDir,
    folder: PathBuf,
    /// What was exported.
    variables: BTreeMap<String, String>,
    names: Names,
    /// Where commands run; a pipe without one.
    terminal: Option<Terminal>,
    /// What the next question is answered.
    typed: Option<String>,
}

/// What a command says, both outputs as they come to a terminal, and how it ends.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) code: i32,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, code: 0 }
    }
}

impl Visitor {
    pub(super) fn new(page: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            page: page.to_owned(),
            folder: home.path().to_owned(),
            home,
            variables: BTreeMap::new(),
            names: Names::default(),
            terminal: None,
            typed: None,
        }
    }

    /// Does what an item of the page says.
    pub(super) async fn meet(&mut self, item: &Item) {
        match item {
            Item::Start(folder) => self.start(folder),
            Item::Served {
                folder,
                environment,
            } => self.serve(folder, environment),
            Item::Terminal { columns, rows } => {
                let (columns, rows) = (*columns, *rows);
                self.terminal = Some(Terminal { columns, rows });
            }
            Item::Typed(answer) => self.typed = Some(answer.clone()),
            Item::Setup(text) | Item::Console(text) => {
                for step in steps(text) {
                    self.step(&step).await;
                }
            }
            Item::Commands(text) => {
                for words in text
                    .lines()
                    .filter_map(words)
                    .filter(|words| !words.is_empty())
                {
                    self.step(&Step::of(words)).await;
                }
            }
            Item::Edit(diff) => self.edit(diff),
            Item::File { path, text } => {
                let path = self.folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, self.names.in_file(text)).unwrap();
            }
            Item::Passed { text, .. } => self.flags_exist(text),
        }
    }

    /// Begins anew in a folder.
    fn start(&mut self, folder: &str) {
        let page = self.page.clone();
        *self = Self::new(&page);
        let home = self.home.path();
        copy_folder(&package().join("examples"), &home.join("examples"));
        let folder = home.join(folder);
        fs::create_dir_all(&folder).unwrap();
        self.folder = folder.canonicalize().unwrap();
    }

    /// Serves an account for an environment: the sandbox of a copy of a folder.
    fn serve(&mut self, folder: &str, environment: &str) {
        let account = self.home.path().join("accounts").join(environment);
        copy_folder(&self.home.path().join(folder), &account);
        let server = Server::start(&account, &[]);
        self.names.accounts.insert(environment.to_owned(), server);
    }

    async fn step(&mut self, step: &Step) {
        let page = self.page.display().to_string();
        let words = step.words.iter().map(|word| self.names.really(word));
        let words: Vec<String> = words.collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = self.does(&words, step).await;
        assert_eq!(
            said.code, step.code,
            "{page}: {:?} ends otherwise\n{}",
            step.words, said.text
        );
        let want: Vec<&str> = step.output.iter().map(String::as_str).collect();
        if words.ends_with(&["ledger", "list"]) {
            self.names.learn_ids(&want, &said.text);
        }
        let text = self.names.as_told(&said.text);
        assert!(
            want.is_empty() || lines_match(&want, &text.lines().collect::<Vec<_>>()),
            "{page}: {:?} does not say\n{}\nbut\n{text}",
            step.words,
            want.join("\n"),
        );
    }

    async fn does(&mut self, words: &[&str], step: &Step) -> Said {
        let (variable, typed) = match words {
            [first, rest @ ..] if first.starts_with("CAMPAIGNCTL_") => {
                (first.split_once('='), rest)
            }
            all => (None, all),
        };
        let ours = OURS.iter().find_map(|ours| typed.strip_prefix(*ours));
        match (ours, typed) {
            (Some([before @ .., last]), _) if last.ends_with(TAB) => {
                let begun = last.strip_suffix(TAB).unwrap();
                let offers = offered(&self.folder, &[before, &[begun]].concat());
                (offers.join("\n") + "\n").into()
            }
            (Some(["sandbox", "start", rest @ .., "--port", "8787"]), _) => {
                let server = Server::start(&self.folder, rest);
                let said = format!("{}\n", server.address);
                self.names.server = Some(server);
                said.into()
            }
            (Some(arguments), _) => self.program(variable, arguments),
            (None, ["curl", arguments @ ..]) => {
                let (is_success, said) = curl(arguments).await;
                assert!(
                    is_success || !step.output.is_empty(),
                    "{words:?} says {said}"
                );
                said.into()
            }
            (None, typed) => self.shell(typed),
        }
    }

    /// What every shell can do.
    fn shell(&mut self, typed: &[&str]) -> Said {
        let path = |path: &str| self.folder.join(path);
        match typed {
            ["export", settings @ ..] => {
                for (name, value) in settings.iter().map(|it| it.split_once('=').unwrap()) {
                    let value = if value == "…" { CREDENTIAL } else { value };
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
            }
            ["cd", to] => self.folder = path(to).canonicalize().unwrap(),
            ["cat", file] => return fs::read_to_string(path(file)).unwrap().into(),
            ["git", arguments @ ..] => return git(&self.folder, arguments).into(),
            other => panic!("{}: {other:?} cannot be run", self.page.display()),
        }
        Said::default()
    }

    /// Runs the program with both of its outputs on one terminal.
    fn program(&mut self, variable: Option<(&str, &str)>, arguments: &[&str]) -> Said {
        let mut program = command(&self.folder, arguments);
        program.envs(&self.variables).envs(variable);
        if let Some(terminal) = self.terminal {
            return terminal.run(&program, &self.folder, self.typed.take().as_deref());
        }
        let (mut reader, writer) = std::io::pipe().unwrap();
        program.stderr(writer.try_clone().unwrap()).stdout(writer);
        let mut process = program.spawn().unwrap();
        drop(program); // and with it this side's ends of the pipe
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let code = process.wait().unwrap().code().unwrap();
        Said { text, code }
    }

    /// Replaces lines of a file, with those around them: they must stand there once.
    fn edit(&self, diff: &str) {
        let (head, lines) = diff.split_once('\n').unwrap();
        let file = self.folder.join(head.strip_prefix("--- a/").unwrap());
        let (mut old, mut new) = (String::from("\n"), String::from("\n"));
        for line in lines.lines() {
            let (mark, line) = line.split_at(1);
            for (side, other) in [(&mut old, "+"), (&mut new, "-")] {
                if mark != other {
                    let _ = writeln!(side, "{line}");
                }
            }
        }
        let text = fs::read_to_string(&file).unwrap();
        let page = self.page.display();
        assert_eq!(text.matches(&old).count(), 1, "{page}: {diff}");
        fs::write(&file, text.replace(&old, &new)).unwrap();
    }

    /// The commands of a block that is not run are commands all the same, down to their flags.
    fn flags_exist(&self, text: &str) {
        let lines = text.lines().map(str::trim_start);
        let lines = lines.map(|line| line.strip_prefix("$ ").unwrap_or(line));
        for line in lines.filter(|line| line.starts_with("campaignctl ")) {
            let words = words(line).expect("a command on one line");
            let arguments = words[1..].iter().map(String::as_str);
            let arguments: Vec<_> = arguments.chain(["--help"]).collect();
            run(&self.folder, &arguments).expect(0);
        }
    }
}
