//! As much of a shell as pages need: commands of words, and the output that they must have.

/// What stands for anything.
const ANYTHING: &str = "…";

/// A command and the output that it must have.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) words: Vec<String>,
    pub(super) output: Vec<String>,
    /// The code that it must end with.
    pub(super) code: i32,
}

impl Step {
    /// A command that may say anything.
    pub(super) fn of(words: Vec<String>) -> Self {
        Self {
            words,
            output: Vec::new(),
            code: 0,
        }
    }
}

/// The commands of a block, each behind `$ `.
pub(super) fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::<Step>::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut typed = line
            .strip_prefix("$ ")
            .unwrap_or_else(|| panic!("`{line}` belongs to no command"))
            .to_owned();
        if typed == "echo $?" {
            let last = steps.last_mut().expect("a command that ended");
            last.code = lines.next().expect("a code").parse().unwrap();
            continue;
        }
        let words = loop {
            match words(&typed) {
                Some(words) => break words,
                None => typed = format!("{typed}\n{}", lines.next().unwrap()),
            }
        };
        let mut step = Step::of(words);
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            step.output.push(line.to_owned());
        }
        steps.push(step);
    }
    steps
}

/// The words of a command line as a shell sees them; `None` where it waits for another line.
pub(super) fn words(typed: &str) -> Option<Vec<String>> {
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
            '#' if word.is_none() => break,
            ' ' | '\n' => words.extend(word.take()),
            '"' | '$' | '|' | '>' | '&' | ';' => panic!("`{letter}` in `{typed}` needs a shell"),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// Whether an output is as the page says.
pub(super) fn lines_match(want: &[&str], got: &[&str]) -> bool {
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
        None => want == got.trim_end(),
        Some((start, rest)) => got.strip_prefix(start).is_some_and(|got| {
            got.char_indices()
                .map(|(at, _)| at)
                .chain([got.len()])
                .any(|at| line_matches(rest, &got[at..]))
        }),
    }
}
