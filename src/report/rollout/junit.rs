//! A rollout as a `JUnit` report: a suite per wave, a test case per environment. What was not started is skipped.

use std::io;

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{EnvironmentRollout, Landing, RolloutReport};
use crate::report::XmlWriter;
use crate::text::safe::{line, xml as plain};

/// The name of the report, and of the class of what is wrong with it as a whole.
const NAME: &str = "campaignctl apply";

/// The report. An environment that no report has is an error of the whole.
#[must_use]
pub fn render_rollout_junit(report: &RolloutReport) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| suites(&mut writer, report));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

/// The counts of a suite, as its attributes.
fn counts(environments: &[&EnvironmentRollout], errors: usize) -> [(&'static str, String); 4] {
    let of = |wanted: fn(Landing) -> bool| {
        let landings = environments.iter().map(|it| it.result);
        landings.filter(|it| wanted(*it)).count()
    };
    let failures = of(|it| !it.is_good() && it != Landing::NotStarted);
    [
        ("tests", (environments.len() + errors).to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("skipped", of(|it| it == Landing::NotStarted).to_string()),
    ]
}

fn suites(writer: &mut XmlWriter, report: &RolloutReport) -> io::Result<()> {
    let all: Vec<&EnvironmentRollout> = report.environments.iter().collect();
    let totals = counts(&all, report.problems.len());
    let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
    let element = writer.create_element("testsuites");
    let element = element.with_attributes(std::iter::once(("name", NAME)).chain(attributes));
    element.write_inner_content(|writer| {
        for wave in all.chunk_by(|a, b| a.wave == b.wave) {
            let name = format!("wave {}", wave[0].wave);
            let totals = counts(wave, 0);
            let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
            let attributes = std::iter::once(("name", name.as_str())).chain(attributes);
            let element = writer
                .create_element("testsuite")
                .with_attributes(attributes);
            element.write_inner_content(|writer| {
                wave.iter().try_for_each(|it| case(writer, &name, it))
            })?;
        }
        problems(writer, report)
    })?;
    Ok(())
}

/// What is wrong with the report as a whole.
fn problems(writer: &mut XmlWriter, report: &RolloutReport) -> io::Result<()> {
    if report.problems.is_empty() {
        return Ok(());
    }
    let totals = counts(&[], report.problems.len());
    let attributes = totals.iter().map(|(key, value)| (*key, value.as_str()));
    let element = writer.create_element("testsuite");
    let element = element.with_attributes(std::iter::once(("name", "report")).chain(attributes));
    element.write_inner_content(|writer| {
        for problem in &report.problems {
            let about = plain(&problem.about.join(", "));
            let message = plain(&problem.message);
            let element = writer.create_element("testcase");
            let element = element.with_attributes([("classname", NAME), ("name", about.as_str())]);
            element.write_inner_content(|writer| {
                let error = writer.create_element("error");
                error
                    .with_attribute(("message", message.as_str()))
                    .write_empty()?;
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut XmlWriter, wave: &str, environment: &EnvironmentRollout) -> io::Result<()> {
    let name = line(&environment.environment);
    let time = seconds(environment).map(|it| format!("{it:.3}"));
    let time = time.iter().map(|it| ("time", it.as_str()));
    let attributes = [("classname", wave), ("name", &*name)];
    let element = writer.create_element("testcase");
    let element = element.with_attributes(attributes.into_iter().chain(time));
    let result = environment.result;
    if result.is_good() {
        element.write_empty()?;
        return Ok(());
    }
    let why = environment.why();
    let message = plain(why.as_deref().unwrap_or(result.word()));
    element.write_inner_content(|writer| {
        if result == Landing::NotStarted {
            let skipped = writer.create_element("skipped");
            skipped
                .with_attribute(("message", message.as_str()))
                .write_empty()?;
            return Ok(());
        }
        let failure = writer.create_element("failure");
        let failure =
            failure.with_attributes([("type", result.word()), ("message", message.as_str())]);
        failure.write_text_content(BytesText::new(&plain(&told(environment))))?;
        Ok(())
    })?;
    Ok(())
}

/// How long it took.
fn seconds(environment: &EnvironmentRollout) -> Option<f64> {
    let time = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    let (started, ended) = (time(&environment.started)?, time(&environment.ended)?);
    Some(ended.duration_since(started).as_secs_f64())
}

/// All that there is to say of what is not done.
fn told(environment: &EnvironmentRollout) -> String {
    let steps = environment.open.iter();
    let steps = steps.map(|step| format!("{}: {}", step.object, step.message));
    let error = environment.error.iter().map(|error| match &error.help {
        Some(help) => format!("{}\nhelp: {help}", error.message),
        None => error.message.clone(),
    });
    steps.chain(error).collect::<Vec<_>>().join("\n")
}
