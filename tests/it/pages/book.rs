//! The book holds together: every page is listed, every link and every include leads somewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::pages;
use crate::program::package;

fn read(path: &Path) -> String {
    let text = std::fs::read_to_string(package().join(path));
    text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands behind each of these marks, up to an end.
fn behind<'t>(text: &'t str, mark: &'t str, end: &'t [char]) -> impl Iterator<Item = &'t str> {
    let rest = text.split(mark).skip(1);
    rest.map(move |rest| rest.split(end).next().unwrap_or_default())
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out", path.display()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// A page with what it includes in place, whole files only.
fn expanded(path: &Path) -> String {
    let text = read(path);
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("{{#include ") {
            Some(rest) if !rest.contains(':') => {
                out += &read(&plain(&path.with_file_name(rest.trim_end_matches('}'))));
            }
            _ => out += line,
        }
        out.push('\n');
    }
    out
}

/// The anchors of a page, as `mdbook` and GitHub name headings.
fn anchors(path: &Path) -> BTreeSet<String> {
    let text = expanded(path);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let kept = |ch: char| ch.is_alphanumeric() || matches!(ch, ' ' | '-' | '_');
        let heading = heading.trim_start_matches('#').trim();
        let letters = heading.chars().filter(|ch| kept(*ch));
        letters.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn the_summary_lists_every_page_once() {
    let summary = read(Path::new("docs/src/SUMMARY.md"));
    let mut listed: Vec<_> = behind(&summary, "](", &[')'])
        .map(|path| plain(&Path::new("docs/src").join(path)))
        .collect();
    listed.sort();
    let mut pages = pages();
    pages.retain(|path| !path.ends_with("SUMMARY.md"));
    assert_eq!(listed, pages);
}

#[test]
fn every_link_and_include_leads_somewhere() {
    let mut wrong = String::new();
    let others = [
        "README.md",
        ".github/CONTRIBUTING.md",
        "examples/pipelines/README.md",
    ];
    let mut seen = 0;
    for page in pages().into_iter().chain(others.map(PathBuf::from)) {
        let text = read(&page);
        let links = behind(&text, "](", &[')', ' ']).filter(|link| !link.contains("://"));
        for link in links {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => plain(&page.with_file_name(path)),
            };
            let in_book = !page.starts_with("docs") || target.starts_with("docs/src");
            if !package().join(&target).exists() {
                let _ = writeln!(wrong, "{}: there is no `{link}`", page.display());
            } else if !in_book {
                let _ = writeln!(wrong, "{}: `{link}` is not in the book", page.display());
            } else if !anchor.is_empty() && !anchors(&target).contains(anchor) {
                let _ = writeln!(wrong, "{}: no heading for `{link}`", page.display());
            }
        }
        for include in behind(&text, "{{#include ", &['}', ':']) {
            seen += 1;
            let target = plain(&page.with_file_name(include));
            if !package().join(&target).is_file() {
                let _ = writeln!(wrong, "{}: cannot include `{include}`", page.display());
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(wrong.is_empty(), "{wrong}");
}
