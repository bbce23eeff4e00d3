//! The README tells the truth: its blocks behind `<!-- test -->` run in their order in a copy of the examples.
//!
//! - A `console` block has commands behind `$ `, each with the output that it must have. `…` stands for
//!   anything: alone on a line for any number of lines, inside of a line for any text.
//! - A `diff` block replaces lines of a file.
//! - `cargo run --` is the built program, and `curl` a few lines of this file: bare machines have none.
//! - The sandbox is served on a free port, whatever the page says.

use std::fmt::Write as _;
use std::path::PathBuf;

use reqwest::Method;

use crate::program::{Server, command, examples_copy, package, ran, run};

/// The address that the page gives the sandbox.
const ADDRESS: &str = "http://127.0.0.1:8787";

const ANYTHING: &str = "…";

#[tokio::test]
async fn the_tour_goes_as_the_page_says() {
    let copy = examples_copy();
    let mut tour = Tour {
        folder: copy.path().to_owned(),
        server: None,
    };
    let blocks = blocks("test");
    assert!(blocks.len() > 5, "the page has lost its tour");
    for block in blocks {
        match block.language.as_str() {
            "console" => {
                for step in steps(&block.text) {
                    tour.step(&step).await;
                }
            }
            "diff" => tour.edit(&block.text),
            other => panic!("a block of {other} cannot be run"),
        }
    }
}

#[test]
fn the_project_file_of_the_page_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks("test: project");
    assert_eq!(blocks.len(), 1);
    std::fs::write(folder.path().join("campaignctl.yaml"), &blocks[0].text).unwrap();
    let goal = package().join("examples/quickstart/goal.yaml");
    std::fs::copy(goal, folder.path().join("goal.yaml")).unwrap();
    run(folder.path(), &["validate"]).expect(0);
    let plan = run(folder.path(), &["plan", "-e", "production"]).expect(4);
    assert!(
        plan.stderr.contains("`LP_CLIENT_ID` is not set"),
        "{}",
        plan.stderr
    );
}

/// A fenced block.
struct Block {
    language: String,
    text: String,
}

/// The blocks behind this mark.
fn blocks(mark: &str) -> Vec<Block> {
    let page = std::fs::read_to_string(package().join("README.md")).unwrap();
    let mark = format!("<!-- {mark} -->");
    let mut lines = page.lines();
    let mut blocks = Vec::new();
    while lines.any(|line| line == mark) {
        let language = lines
            .next()
            .unwrap()
            .strip_prefix("```")
            .unwrap()
            .to_owned();
        let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            language,
            text: text.join("\n") + "\n",
        });
    }
    blocks
}

/// A command and the output that it must have.
#[derive(Debug)]
struct Step {
    words: Vec<String>,
    output: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut typed = line
            .strip_prefix("$ ")
            .unwrap_or_else(|| panic!("`{line}` belongs to no command"))
            .to_owned();
        let words = loop {
            match words(&typed) {
                Some(words) => break words,
                None => typed = format!("{typed}\n{}", lines.next().unwrap()),
            }
        };
        let mut output = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            output.push(line.to_owned());
        }
        steps.push(Step { words, output });
    }
    steps
}

/// The words of a command line as a shell sees them; `None` where it waits for another line.
fn words(typed: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = typed.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        quoted => word.push(quoted),
                    }
                }
            }
            '\\' => assert_eq!(letters.next()?, '\n', "`\\` ends a line"),
            ' ' | '\n' => words.extend(word.take()),
            '"' | '$' | '|' | '>' | '&' | ';' => panic!("`{letter}` in `{typed}` needs a shell"),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// Somebody who follows the page.
struct Tour {
    folder: PathBuf,
    server: Option<Server>,
}

impl Tour {
    async fn step(&mut self, step: &Step) {
        let words: Vec<&str> = step.words.iter().map(String::as_str).collect();
        let (variable, typed) = match words.as_slice() {
            [first, rest @ ..] if first.starts_with("CAMPAIGNCTL_") => {
                (first.split_once('='), rest)
            }
            all => (None, all),
        };
        let output = match typed {
            [
                "cargo",
                "run",
                "-q",
                "--",
                "sandbox",
                "start",
                path,
                "--port",
                "8787",
            ] => {
                let server = Server::start(&self.folder, &[path]);
                let output = format!("{}\n", server.address);
                self.server = Some(server);
                output
            }
            ["cargo", "run", "-q", "--", arguments @ ..] => self.program(variable, arguments),
            ["cd", path] => {
                self.folder = self.folder.join(path).canonicalize().unwrap();
                String::new()
            }
            ["curl", arguments @ ..] => {
                let address = &self.server.as_ref().expect("a sandbox is served").address;
                let (is_success, output) = curl(address, arguments).await;
                assert!(
                    is_success || !step.output.is_empty(),
                    "{words:?} says {output}"
                );
                output
            }
            other => panic!("{other:?} cannot be run"),
        };
        let output = match &self.server {
            Some(server) => output.replace(&server.address, ADDRESS),
            None => output,
        };
        let got: Vec<&str> = output.lines().collect();
        let want: Vec<&str> = step.output.iter().map(String::as_str).collect();
        assert!(
            want.is_empty() || lines_match(&want, &got),
            "{words:?} does not say\n{}\nbut\n{output}",
            want.join("\n")
        );
    }

    fn program(&self, variable: Option<(&str, &str)>, arguments: &[&str]) -> String {
        let mut program = command(&self.folder, arguments);
        let ran = ran(program.envs(variable));
        let code = match arguments {
            ["validate", "examples/invalid"] => 3,
            ["plan", .., "--detailed-exitcode"] => 2,
            _ => 0,
        };
        let ran = ran.expect(code);
        if ran.stdout.is_empty() {
            ran.stderr
        } else {
            ran.stdout
        }
    }

    /// Replaces lines of a file, each of which stands there once.
    fn edit(&self, diff: &str) {
        let mut lines = diff.lines();
        let file = lines.next().unwrap().strip_prefix("--- a/").unwrap();
        let file = self.folder.join(file);
        let line = |lines: &mut std::str::Lines<'_>, mark| {
            Some(format!("\n{}\n", lines.next()?.strip_prefix(mark).unwrap()))
        };
        while let Some(old) = line(&mut lines, '-') {
            let new = line(&mut lines, '+').unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(text.matches(&old).count(), 1, "{old}");
            std::fs::write(&file, text.replace(&old, &new)).unwrap();
        }
    }
}

/// As much of `curl` as the page needs: `-i`, `-X`, `-H`, `-d` and an address. Also whether the answer is a
/// success.
async fn curl(address: &str, arguments: &[&str]) -> (bool, String) {
    // Fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (mut method, mut url, mut body, mut with_head) = (Method::GET, None, None, false);
    let mut headers = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value").to_owned();
        match *argument {
            "-i" => with_head = true,
            "-X" => method = value().parse().unwrap(),
            "-H" => headers.push(value().split_once(": ").unwrap()),
            "-d" => body = Some(value()),
            other => url = Some(other.replace(ADDRESS, address)),
        }
    }
    let mut request = reqwest::Client::new().request(method, url.unwrap());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(body) = body {
        request = request.body(body.to_owned());
    }
    let answer = request.send().await.unwrap();
    let mut output = String::new();
    if with_head {
        output = format!("{:?} {}\n", answer.version(), answer.status());
        for (name, value) in answer.headers() {
            let _ = writeln!(output, "{name}: {}", value.to_str().unwrap());
        }
        output.push('\n');
    }
    let is_success = answer.status().is_success();
    (is_success, output + &answer.text().await.unwrap())
}

fn lines_match(want: &[&str], got: &[&str]) -> bool {
    match want {
        [] => got.is_empty(),
        [ANYTHING, rest @ ..] => (0..=got.len()).any(|skipped| lines_match(rest, &got[skipped..])),
        [line, rest @ ..] => got
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(want: &str, got: &str) -> bool {
    match want.split_once(ANYTHING) {
        None => want == got,
        Some((start, rest)) => got.strip_prefix(start).is_some_and(|got| {
            got.char_indices()
                .map(|(at, _)| at)
                .chain([got.len()])
                .any(|at| line_matches(rest, &got[at..]))
        }),
    }
}
