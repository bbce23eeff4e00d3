//! Diagnostics as text in the look of rustc, as JSON, and in the formats of pipelines.
//!
//! Both list the complaints by file, line and column. Only the lines around a complaint go to the renderer,
//! and long lines are cut around the place: a file of megabytes on one line costs no more than a short one.

mod alike;
mod code_quality;
mod excerpt;
mod finding;
mod fingerprint;
#[cfg(test)]
mod formats_tests;
mod github;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use serde::Serialize;

use crate::diag::{Diagnostic, Diags, Location, Severity, Texts};
use crate::report::prose::{bare, broken_at};
use crate::text::safe::{self, line};
use crate::text::{FileId, Source, Span};
use excerpt::{Excerpt, ExcerptSecrets, excerpts};

pub use code_quality::{render_code_quality, render_code_quality_failure};
pub use finding::ReportedFindings;
pub use github::{render_github, render_github_failure};
pub use junit::{render_junit, render_junit_failure};
pub use sarif::{render_sarif, render_sarif_failure};

/// The name and version of the JSON form.
pub const FORMAT: &str = "campaignctl.diagnostics/v1";

/// The complaints as people read them, with a line that counts them; nothing where there are none. Many that are alike
/// are one with a count.
#[must_use]
pub fn render_text(diags: &Diags, texts: &Texts, color: bool) -> String {
    rendered_text(diags, texts, color, false)
}

/// The complaints as people read them, each on its own.
#[must_use]
pub fn render_text_in_full(diags: &Diags, texts: &Texts, color: bool) -> String {
    rendered_text(diags, texts, color, true)
}

fn rendered_text(diags: &Diags, texts: &Texts, color: bool, full: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    let mut files = BTreeSet::new();
    let mut secrets = ExcerptSecrets::new();
    let located = diags.located(texts);
    for (diagnostic, _) in &located {
        files.extend(texts.span(&diagnostic.at).map(|(file, _)| file));
    }
    for block in alike::blocks(&located, full) {
        let [(first, _), others @ ..] = block.as_slice() else {
            continue;
        };
        out.push_str(&render(&renderer, first, texts, &mut secrets));
        out.push_str("\n\n");
        if !others.is_empty() {
            alike::others(first, others, &mut out);
        }
    }
    if !located.is_empty() {
        let warnings = located
            .iter()
            .filter(|(d, _)| d.severity == Severity::Warning)
            .count();
        out.push_str(&count_line(located.len() - warnings, warnings, files.len()));
        out.push('\n');
    }
    out
}

/// Rendered complaints with long messages broken at words. Lines of files, with their marks, stay as they are.
#[must_use]
pub fn broken_messages(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| {
        if is_of_file(&bare(line)) {
            line.to_owned()
        } else {
            broken_at(line, width)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a line of a rendered complaint is a place, or a line of a file with its number or its marks.
fn is_of_file(line: &str) -> bool {
    let line = line.trim_start();
    let behind_number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let marks = ["-->", ":::", "|", "..."];
    marks.iter().any(|mark| line.starts_with(mark)) || behind_number.trim_start().starts_with('|')
}

fn render(
    renderer: &Renderer,
    diagnostic: &Diagnostic,
    texts: &Texts,
    secrets: &mut ExcerptSecrets,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(&diagnostic.message)
        .id(diagnostic.code.name);
    let mut group = Group::with_title(title);
    let has_place =
        matches!(diagnostic.at, Location::File(_)) || texts.span(&diagnostic.at).is_some();
    let mut missing = Vec::new();
    group = match (&diagnostic.at, texts.span(&diagnostic.at)) {
        (Location::File(file), _) => {
            group.element(Origin::path(line(&texts.sources.get(*file).path)))
        }
        (_, Some((file, span))) => {
            let excerpts = excerpts(texts, secrets, (file, span), labels(diagnostic, texts));
            excerpts.into_iter().fold(group, |group, mut excerpt| {
                let cut = std::mem::take(&mut excerpt.missing);
                let mark = if cut.is_empty() { "" } else { PLACE };
                missing.extend((!cut.is_empty()).then_some(cut));
                group.element(snippet(excerpt, mark))
            })
        }
        (_, None) => group,
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    let rendered = placed(renderer.render(&[group]), &missing);
    if has_place {
        return rendered;
    }
    // Without a place, the renderer leaves the bar of one.
    let lines = rendered.lines().filter(|line| bare(line).trim() != "|");
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands behind the path of an excerpt whose columns the renderer does not know: no character of a text.
const PLACE: &str = "\u{fdd0}";

/// A rendered complaint with its columns counted from where its lines start: what is missing of the lines, excerpt by
/// excerpt.
fn placed(rendered: String, missing: &[BTreeMap<usize, usize>]) -> String {
    if missing.is_empty() {
        return rendered;
    }
    let mut parts = rendered.split(PLACE);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        let place = part.trim_start_matches(|it: char| it == ':' || it.is_ascii_digit());
        let (numbers, rest) = part.split_at(part.len() - place.len());
        let shifted = missing.get(index).and_then(|cut| {
            let (line, column) = numbers.strip_prefix(':')?.split_once(':')?;
            let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
            let more = cut.get(&line).copied().unwrap_or_default();
            Some(format!(":{line}:{}", column + more))
        });
        out.push_str(shifted.as_deref().unwrap_or(numbers));
        out.push_str(rest);
    }
    out
}

/// The other places of a complaint.
fn labels<'a>(
    diagnostic: &'a Diagnostic,
    texts: &'a Texts,
) -> impl Iterator<Item = (FileId, Span, &'a str)> {
    diagnostic.labels.iter().filter_map(|(at, text)| {
        let (file, span) = texts.span(at)?;
        Some((file, span, text.as_str()))
    })
}

/// The source lines of an excerpt, with its marks.
fn snippet<'a>(excerpt: Excerpt<'a>, place: &str) -> Snippet<'a, Annotation<'a>> {
    let path = format!("{}{place}", line(&excerpt.path));
    let marks = excerpt.marks.into_iter().map(|mark| {
        let kind = if mark.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let label = mark.label.map(normalize_untrusted_str);
        kind.span(mark.range).label(label)
    });
    Snippet::source(excerpt.source)
        .line_start(excerpt.line_start)
        .path(path)
        .annotations(marks)
}

/// `3 errors and 1 warning in 2 files`.
fn count_line(errors: usize, warnings: usize, files: usize) -> String {
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    let mut line = match (errors, warnings) {
        (_, 0) => count(errors, "error"),
        (0, _) => count(warnings, "warning"),
        _ => format!(
            "{} and {}",
            count(errors, "error"),
            count(warnings, "warning")
        ),
    };
    if files > 0 {
        // Writing to a string cannot fail.
        let _ = write!(line, " in {}", count(files, "file"));
    }
    line
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiagnosticsReport<'a> {
    format: &'static str,
    diagnostics: Vec<DiagnosticEntry<'a>>,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiagnosticEntry<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: DiagnosticPlace<'a>,
    help: Option<&'a str>,
    labels: Vec<DiagnosticLabel<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiagnosticLabel<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: DiagnosticPlace<'a>,
}

/// Every key is always there; null means that the complaint is about the whole run or the whole file.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct DiagnosticPlace<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

/// The complaints as JSON, the same bytes for the same input.
#[must_use]
pub fn render_json(diags: &Diags, texts: &Texts) -> String {
    let located = diags.located(texts);
    let warnings = located
        .iter()
        .filter(|(d, _)| d.severity == Severity::Warning)
        .count();
    let report = DiagnosticsReport {
        format: FORMAT,
        errors: located.len() - warnings,
        warnings,
        diagnostics: located
            .iter()
            .map(|(diagnostic, _)| entry(diagnostic, texts))
            .collect(),
    };
    safe::json(&report)
}

fn entry<'a>(diagnostic: &'a Diagnostic, texts: &'a Texts) -> DiagnosticEntry<'a> {
    DiagnosticEntry {
        code: diagnostic.code.name,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: place(&diagnostic.at, texts),
        help: diagnostic.help.as_deref(),
        labels: diagnostic
            .labels
            .iter()
            .map(|(at, message)| DiagnosticLabel {
                message,
                place: place(at, texts),
            })
            .collect(),
    }
}

fn place<'a>(at: &Location, texts: &'a Texts) -> DiagnosticPlace<'a> {
    let Some((file, span)) = texts.span(at) else {
        return DiagnosticPlace::default();
    };
    let source: &Source = texts.sources.get(file);
    if let Location::File(_) = at {
        return DiagnosticPlace {
            file: Some(&source.path),
            ..DiagnosticPlace::default()
        };
    }
    let position = |offset| texts.sources.position(file, offset);
    let (start, end) = (position(span.start), position(span.end));
    DiagnosticPlace {
        file: Some(&source.path),
        line: Some(start.line),
        column: Some(start.column),
        end_line: Some(end.line),
        end_column: Some(end.column),
    }
}
