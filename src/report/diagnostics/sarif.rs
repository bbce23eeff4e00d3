//! Complaints as SARIF 2.1.0, which code scanning on GitHub, GitLab and Azure reads.
//!
//! One run, one rule per code that occurs, paths below the top of the repository.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::finding::{ComplaintPlace, ReportedFinding, ReportedFindings};
use super::fingerprint::Fingerprints;
use crate::diag::{Code, Severity};
use crate::text::safe;

/// How many results GitHub takes of a run.
const RESULTS: usize = 25_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log. Errors come first when there are more complaints than GitHub takes, and a note counts the rest.
#[must_use]
pub fn render_sarif(findings: &ReportedFindings) -> String {
    let mut list: Vec<&ReportedFinding> = findings.list.iter().collect();
    let left_out = list.len().saturating_sub(RESULTS);
    if left_out > 0 {
        list.sort_by_key(|finding| !finding.is_error());
        list.truncate(RESULTS);
    }
    let rules = rules(&list);
    let mut fingerprints = Fingerprints::default();
    let results = list.iter().map(|finding| {
        let fingerprint = fingerprints.of(findings.file(finding), finding);
        result(findings, finding, &rules, &fingerprint)
    });
    let results: Vec<Value> = results.collect();
    let notes = (left_out > 0).then(|| note("warning", &format!("{left_out} more are left out")));
    let rules: Vec<Value> = rules.values().map(|(_, code)| rule(code)).collect();
    log(&rules, &results, &Vec::from_iter(notes), true)
}

/// A run that failed before it could look at anything.
#[must_use]
pub fn render_sarif_failure(message: &str) -> String {
    log(&[], &[], &[note("error", message)], false)
}

fn log(rules: &[Value], results: &[Value], notes: &[Value], is_whole: bool) -> String {
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://campaignctl.dev",
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": is_whole,
                "toolExecutionNotifications": notes,
            }],
            "results": results,
        }],
    });
    safe::json(&log)
}

/// The codes that occur, by name, each with its place in the list.
fn rules(list: &[&ReportedFinding]) -> BTreeMap<&'static str, (usize, &'static Code)> {
    let codes = list
        .iter()
        .map(|finding| (finding.code.name, (0, finding.code)));
    let mut rules: BTreeMap<_, _> = codes.collect();
    for (index, rule) in rules.values_mut().enumerate() {
        rule.0 = index;
    }
    rules
}

fn rule(code: &Code) -> Value {
    let Code {
        name,
        title,
        why,
        wrong,
        right,
        ..
    } = code;
    let (wrong, right) = (wrong.trim_end(), right.trim_end());
    json!({
        "id": name,
        "shortDescription": { "text": title },
        "fullDescription": { "text": why },
        "defaultConfiguration": { "level": code.severity.as_str() },
        "help": {
            "text": format!("{why}\n\nWrong:\n\n{wrong}\n\nRight:\n\n{right}"),
            "markdown": format!("{why}\n\nWrong:\n\n```yaml\n{wrong}\n```\n\nRight:\n\n```yaml\n{right}\n```"),
        },
        "properties": { "tags": ["configuration"], "problem.severity": problem(code.severity) },
    })
}

/// The word that GitHub sorts by.
fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(
    findings: &ReportedFindings,
    finding: &ReportedFinding,
    rules: &BTreeMap<&'static str, (usize, &'static Code)>,
    fingerprint: &str,
) -> Value {
    let name = finding.code.name;
    let stand_in = ComplaintPlace {
        file: findings.stand_in.clone(),
        region: None,
    };
    let place = finding.place.as_ref().unwrap_or(&stand_in);
    let mut result = json!({
        "ruleId": name,
        "ruleIndex": rules.get(name).map_or(0, |(index, _)| *index),
        "level": finding.severity.as_str(),
        "message": { "text": finding.told() },
        "locations": [{ "physicalLocation": physical(place) }],
        "partialFingerprints": { "campaignctl/v1": fingerprint },
    });
    if !finding.labels.is_empty() {
        let related = finding.labels.iter().enumerate();
        let related = related.map(|(id, (place, text))| {
            json!({ "id": id, "message": { "text": text }, "physicalLocation": physical(place) })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(place: &ComplaintPlace) -> Value {
    let uri = uri(&place.file);
    // A path from the root, as of a file outside of the repository, is below nothing.
    let artifact = if uri.starts_with("file:") {
        json!({ "uri": uri })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    };
    let mut physical = json!({ "artifactLocation": artifact });
    // Code scanning shows nothing without a line.
    physical["region"] = match &place.region {
        None => json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 }),
        Some(region) => json!({
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        }),
    };
    physical
}

/// A path as a URI: what is no plain character of a path is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            b'\\' => uri.push('/'),
            _ => {
                let _ = write!(uri, "%{byte:02X}"); // writing to a string cannot fail
            }
        }
    }
    uri
}

fn note(level: &str, text: &str) -> Value {
    json!({ "level": level, "message": { "text": text } })
}
