//! Results of scenarios as a `JUnit` report: a suite per scenario, a test case per case.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Tested;
use crate::diag::Diagnostic;
use crate::offers::{CaseResult, Unasked, Verdict};
use crate::report::XmlWriter;
use crate::text::safe::{line, xml as plain};

/// The report. A case that cannot be decided is skipped where the run allows it, and fails otherwise.
#[must_use]
pub fn render_junit(tested: &Tested<'_>, path: &dyn Fn(&str) -> String) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| suites(&mut writer, tested, path));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

/// `unasked` are the cases of a proof that the platform was not asked.
fn counts(
    results: &[&CaseResult],
    allows_undecided: bool,
    unasked: usize,
) -> [(&'static str, String); 3] {
    let of = |verdict: Verdict| results.iter().filter(|it| it.verdict() == verdict).count();
    let (failed, open) = (of(Verdict::Failed), of(Verdict::Undecided));
    let (failures, skipped) = if allows_undecided {
        (failed, open)
    } else {
        (failed + open, 0)
    };
    [
        ("tests", (results.len() + unasked).to_string()),
        ("failures", failures.to_string()),
        ("skipped", (skipped + unasked).to_string()),
    ]
}

fn suites(
    writer: &mut XmlWriter,
    tested: &Tested<'_>,
    path: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let all: Vec<&CaseResult> = tested.results.iter().collect();
    let unasked = tested.proof.map_or(&[][..], |proof| &proof.unasked);
    let totals = counts(&all, tested.allows_undecided, unasked.len());
    let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
    let element = writer.create_element("testsuites");
    let element =
        element.with_attributes(std::iter::once(("name", "campaignctl test")).chain(attributes));
    element.write_inner_content(|writer| {
        for (key, results) in tested.by_scenario() {
            let totals = counts(&results, tested.allows_undecided, 0);
            let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
            let element = writer.create_element("testsuite");
            let name = [("name", key.name.as_str())];
            let element = element.with_attributes(name.into_iter().chain(attributes));
            element.write_inner_content(|writer| {
                for result in results {
                    case(writer, tested, result, path)?;
                }
                Ok(())
            })?;
        }
        not_asked(writer, unasked)
    })?;
    Ok(())
}

/// The cases that the platform was not asked, each skipped with the reason: they are not proved.
fn not_asked(writer: &mut XmlWriter, unasked: &[Unasked]) -> io::Result<()> {
    if unasked.is_empty() {
        return Ok(());
    }
    let totals = counts(&[], false, unasked.len());
    let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
    let element = writer.create_element("testsuite");
    let element = element.with_attributes(std::iter::once(("name", "not asked")).chain(attributes));
    element.write_inner_content(|writer| {
        for it in unasked {
            let (class, name) = (line(it.scenario.name.as_str()), line(&it.name));
            let why = plain(&it.why);
            let element = writer
                .create_element("testcase")
                .with_attributes([("classname", &*class), ("name", &*name)]);
            element.write_inner_content(|writer| {
                let skipped = writer.create_element("skipped");
                skipped
                    .with_attribute(("message", why.as_str()))
                    .write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn case(
    writer: &mut XmlWriter,
    tested: &Tested<'_>,
    result: &CaseResult,
    path: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let position = tested.position_of(result);
    let file = position
        .as_ref()
        .map(|it| path(&it.file))
        .unwrap_or_default();
    let number = position.map(|it| it.line.to_string()).unwrap_or_default();
    let (class, name) = (line(result.scenario.name.as_str()), line(&result.name));
    let element = writer.create_element("testcase").with_attributes([
        ("classname", &*class),
        ("name", &*name),
        ("file", file.as_str()),
        ("line", number.as_str()),
    ]);
    let complaints = tested.of_case(result);
    let Some(first) = complaints.first() else {
        element.write_empty()?;
        return Ok(());
    };
    let is_skipped = result.verdict() == Verdict::Undecided && tested.allows_undecided;
    element.write_inner_content(|writer| {
        let message = plain(&first.message);
        if is_skipped {
            let skipped = writer.create_element("skipped");
            skipped
                .with_attribute(("message", message.as_str()))
                .write_empty()?;
            return Ok(());
        }
        let lines: Vec<String> = complaints.iter().map(told).collect();
        let text = plain(&lines.join("\n\n"));
        let failure = writer.create_element("failure");
        let failure =
            failure.with_attributes([("type", first.code.name), ("message", message.as_str())]);
        failure.write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

fn told(diagnostic: &Diagnostic) -> String {
    let labels = diagnostic
        .labels
        .iter()
        .map(|(_, text)| format!("\n  {text}"));
    let help = diagnostic.help.iter().map(|help| format!("\nhelp: {help}"));
    let rest: String = labels.chain(help).collect();
    format!("{}{rest}", diagnostic.message)
}
