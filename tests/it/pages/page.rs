//! A page as a list of what its reader does.

use std::path::{Path, PathBuf};

use crate::program::package;

/// What a reader meets on a page.
#[derive(Debug)]
pub(super) enum Item {
    /// Begin anew in this folder.
    Start(String),
    /// An environment whose account is the sandbox of a folder.
    Served { folder: String, environment: String },
    /// From here on commands run on a terminal of so many columns and rows.
    Terminal { columns: usize, rows: usize },
    /// What the next command that asks is answered.
    Typed(String),
    /// Commands that readers don't see.
    Setup(String),
    /// Commands with their output.
    Console(String),
    /// Commands, one a line.
    Commands(String),
    /// Lines of a file to replace.
    Edit(String),
    /// A file to write.
    File { path: String, text: String },
    /// A block that is not run, and why.
    Passed { reason: String, text: String },
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its path in the package.
    pub(super) path: PathBuf,
    pub(super) items: Vec<Item>,
}

/// What a mark says of the block below it.
enum Mark {
    File(String),
    NotRun(String),
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(package().join(path)).unwrap();
        let text = text.replace("\r\n", "\n");
        let items = items(&text).unwrap_or_else(|what| panic!("{}: {what}", path.display()));
        Self {
            path: path.to_owned(),
            items,
        }
    }
}

/// What stands on a page.
fn items(text: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut lines = text.lines();
    let mut mark = None;
    while let Some(line) = lines.next() {
        if let Some(said) = comment(line) {
            match said.split_once(": ") {
                Some(("start", folder)) => items.push(Item::Start(folder.to_owned())),
                Some(("served", said)) => {
                    let (folder, environment) = said.split_once(" as ").ok_or(said)?;
                    items.push(Item::Served {
                        folder: folder.to_owned(),
                        environment: environment.to_owned(),
                    });
                }
                Some(("terminal", size)) => items.push(terminal(size).ok_or(size)?),
                Some(("typed", answer)) => items.push(Item::Typed(answer.to_owned())),
                Some(("file", path)) => mark = Some(Mark::File(path.to_owned())),
                Some(("not run", reason)) => mark = Some(Mark::NotRun(reason.to_owned())),
                Some(("kinds", _)) | None => {}
                Some((other, _)) => return Err(format!("there is no mark `{other}`")),
            }
        } else if line == "<!-- setup" {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "-->").collect();
            items.push(Item::Setup(text.join("\n")));
        } else if let Some(language) = line.trim_start().strip_prefix("```") {
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = format!("{indent}```");
            let inside = lines.by_ref().take_while(|line| *line != end);
            let inside = inside.map(|line| line.strip_prefix(indent).unwrap_or(line));
            let text: Vec<_> = inside.collect();
            let text = text.join("\n") + "\n";
            items.extend(block(language, text, mark.take())?);
        } else if !line.is_empty() && mark.is_some() {
            return Err(format!("a mark stands above no block but `{line}`"));
        }
    }
    Ok(items)
}

fn terminal(size: &str) -> Option<Item> {
    let (columns, rows) = size.split_once('x')?;
    Some(Item::Terminal {
        columns: columns.parse().ok()?,
        rows: rows.parse().ok()?,
    })
}

/// What a comment of one line says.
fn comment(line: &str) -> Option<&str> {
    line.trim_start()
        .strip_prefix("<!-- ")?
        .strip_suffix(" -->")
}

fn block(language: &str, text: String, mark: Option<Mark>) -> Result<Option<Item>, String> {
    let is_included = text.trim_start().starts_with("{{#include ");
    Ok(Some(match (mark, language) {
        (Some(Mark::NotRun(reason)), _) => Item::Passed { reason, text },
        (Some(Mark::File(path)), _) => Item::File { path, text },
        (None, "console") => Item::Console(text),
        (None, "sh") => Item::Commands(text),
        (None, "diff") => Item::Edit(text),
        (None, "text" | "mermaid") => return Ok(None),
        (None, _) if is_included => return Ok(None),
        (None, other) => {
            return Err(format!(
                "a block of {other} has no mark: name its file, or why it is not used\n{text}"
            ));
        }
    }))
}
