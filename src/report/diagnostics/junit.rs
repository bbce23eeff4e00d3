//! Complaints as a `JUnit` report: a test case per file, which fails when the file holds an error.
//!
//! A file keeps its test case from run to run, so that pipelines can tell what is newly broken and what was mended.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::finding::{ReportedFinding, ReportedFindings};
use crate::report::XmlWriter;
use crate::text::safe::{line, xml as plain};

/// The report. Warnings are in the output of the test case.
#[must_use]
pub fn render_junit(findings: &ReportedFindings) -> String {
    let mut by_file: BTreeMap<&str, Vec<&ReportedFinding>> = BTreeMap::new();
    for file in &findings.files {
        by_file.insert(file, Vec::new());
    }
    for finding in &findings.list {
        by_file
            .entry(findings.file(finding))
            .or_default()
            .push(finding);
    }
    let failing = |list: &&Vec<&ReportedFinding>| list.iter().any(|finding| finding.is_error());
    let totals = Totals {
        tests: by_file.len(),
        failures: by_file.values().filter(failing).count(),
        errors: 0,
    };
    document(&totals, |writer| {
        for (file, list) in &by_file {
            case(writer, file, list)?;
        }
        Ok(())
    })
}

/// A run that failed before it could look at anything.
#[must_use]
pub fn render_junit_failure(message: &str) -> String {
    let totals = Totals {
        tests: 1,
        failures: 0,
        errors: 1,
    };
    document(&totals, |writer| {
        let case = writer.create_element("testcase");
        let case = case.with_attributes([("classname", NAME), ("name", "run")]);
        case.write_inner_content(|writer| told(writer, "error", "failure", message, message))?;
        Ok(())
    })
}

const NAME: &str = "campaignctl validate";

struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
}

fn document(totals: &Totals, cases: impl FnOnce(&mut XmlWriter) -> io::Result<()>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let [tests, failures, errors] =
        [totals.tests, totals.failures, totals.errors].map(|it| it.to_string());
    let counts = [
        ("name", NAME),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("errors", errors.as_str()),
    ];
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            let suites = writer.create_element("testsuites").with_attributes(counts);
            suites.write_inner_content(|writer| {
                let suite = writer.create_element("testsuite").with_attributes(counts);
                suite.write_inner_content(cases)?;
                Ok(())
            })?;
            Ok(())
        });
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

/// The test case of one file.
fn case(writer: &mut XmlWriter, file: &str, list: &[&ReportedFinding]) -> io::Result<()> {
    let file = &*line(file);
    let case = writer.create_element("testcase");
    let case = case.with_attributes([("classname", NAME), ("name", file), ("file", file)]);
    let (errors, warnings): (Vec<&ReportedFinding>, Vec<&ReportedFinding>) =
        list.iter().partition(|finding| finding.is_error());
    if list.is_empty() {
        case.write_empty()?;
        return Ok(());
    }
    case.write_inner_content(|writer| {
        if let Some(first) = errors.first() {
            let message = match errors.len() {
                1 => first.message.to_owned(),
                more => format!("{more} errors, the first one: {}", first.message),
            };
            told(
                writer,
                "failure",
                first.code.name,
                &message,
                &lines(file, &errors),
            )?;
        }
        if !warnings.is_empty() {
            let text = plain(&lines(file, &warnings));
            let output = writer.create_element("system-out");
            output.write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn told(
    writer: &mut XmlWriter,
    element: &str,
    code: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    let (message, text) = (plain(message), plain(text));
    let element = writer.create_element(element);
    let element = element.with_attributes([("type", code), ("message", message.as_str())]);
    element.write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// The complaints of a file, a paragraph each.
fn lines(file: &str, list: &[&ReportedFinding]) -> String {
    let line = |finding: &&ReportedFinding| {
        let place = match finding.region() {
            Some(region) => format!("{file}:{}:{}", region.line, region.column),
            None => file.to_owned(),
        };
        let (severity, code) = (finding.severity.as_str(), finding.code.name);
        format!("{place}: {severity}[{code}]: {}", finding.told())
    };
    let lines: Vec<String> = list.iter().map(line).collect();
    lines.join("\n\n")
}
