//! What visitors are offered differently after a plan, for people: text, Markdown and HTML.

use std::fmt::Write as _;

use serde_json::Value;

use super::html::markup::Html;
use crate::kinds::Given;
use crate::plan::{ExampleVisit, Impact, Shift, Shifted};
use crate::text::safe::{code, line, prose};

/// `Impact: 1 engagement now offered, 2 may change.`, or that nothing is different.
#[must_use]
pub fn impact_line(impact: &Impact) -> String {
    let counts = impact.counts();
    if counts.is_empty() {
        return "Impact: visitors are offered the same as before.".to_owned();
    }
    let said = counts
        .iter()
        .map(|(shift, count)| format!("{count} {}", shift.words()));
    let said: Vec<String> = said.collect();
    format!("Impact: {}.", said.join(", "))
}

/// A difference in words, without its example.
fn told(shifted: &Shifted) -> String {
    let name = shifted.engagement.name.as_str();
    let values = match (&shifted.before, &shifted.after) {
        (Value::Null, Value::Null) => String::new(),
        (before, after) => format!(": {} -> {}", short(before), short(after)),
    };
    let with: Vec<&str> = shifted.with.iter().map(|it| it.name.as_str()).collect();
    let with = if with.is_empty() {
        String::new()
    } else {
        format!(", in competition with {}", with.join(", "))
    };
    format!("{name}{values}{with}")
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(map) if map.len() == 1 => map.values().map(short).collect(),
        other => other.to_string(),
    }
}

/// A visit in a phrase.
#[must_use]
pub fn visit_phrase(visit: &ExampleVisit) -> String {
    let ExampleVisit {
        app,
        at,
        given,
        closed,
        when,
    } = visit;
    let mut said = vec![match app {
        Some(name) => format!("in the app {name}"),
        None => "on web pages".to_owned(),
    }];
    let fields = |value: Value, said: &mut Vec<String>| {
        for (key, value) in value.as_object().into_iter().flatten() {
            said.push(match value {
                Value::Array(list) if list.is_empty() => format!("no {key}"),
                Value::Array(list) => {
                    let all: Vec<String> = list.iter().map(short).collect();
                    format!("{key} {}", all.join(", "))
                }
                value => format!("{key} {}", short(value)),
            });
        }
    };
    fields(serde_json::to_value(when).unwrap_or_default(), &mut said);
    let given = given.clone().unwrap_or_default();
    // The rule needs no words.
    let usual = [
        ("agents", "available"),
        ("controlGroup", "outside"),
        ("conversation", "none"),
    ];
    let mut given = serde_json::to_value::<Given>(given).unwrap_or_default();
    if let Value::Object(given) = &mut given {
        given.retain(|key, value| {
            !usual
                .iter()
                .any(|(name, word)| key == name && value == word)
        });
    }
    fields(given, &mut said);
    if !closed.is_empty() {
        said.push(format!("closed {}", closed.join(", ")));
    }
    said.extend(at.iter().map(|at| format!("at {at}")));
    said.join("; ")
}

/// The example of a difference and what it rests on, for the cell of a table.
fn example_cell(shifted: &Shifted) -> String {
    let visit = shifted.visit.as_ref().map(visit_phrase);
    let rests = &shifted.rests_on;
    let assumed = (!rests.is_empty()).then(|| format!("assuming {}", rests.join(", ")));
    let said: Vec<String> = visit.into_iter().chain(assumed).collect();
    said.join("; ")
}

/// As people read it at the end of a plan; nothing where it was not asked for.
#[must_use]
pub fn render_impact(impact: Option<&Impact>) -> String {
    let Some(impact) = impact else {
        return String::new();
    };
    let mut out = String::new();
    if !impact.differences.is_empty() {
        out.push_str("What visitors are offered differently:\n");
    }
    for shifted in &impact.differences {
        let _ = writeln!(
            out,
            "  {:<18} {}",
            shifted.shift.words(),
            line(&told(shifted))
        );
        for why in &shifted.reasons {
            let _ = writeln!(out, "      because {}", line(why));
        }
        if let Some(visit) = &shifted.visit {
            let _ = writeln!(out, "      for example {}", line(&visit_phrase(visit)));
        }
        if !shifted.rests_on.is_empty() {
            let _ = writeln!(out, "      assuming {}", line(&shifted.rests_on.join(", ")));
        }
    }
    let _ = writeln!(out, "{}", impact_line(impact));
    out
}

/// A table for a pull request, of so many rows at most.
#[must_use]
pub fn render_impact_markdown(impact: Option<&Impact>, rows: usize) -> String {
    let Some(impact) = impact else {
        return String::new();
    };
    let mut out = format!("\n**{}**\n", impact_line(impact));
    if impact.differences.is_empty() || rows == 0 {
        return out;
    }
    out.push_str("\n| visitors | engagement | for example |\n|---|---|---|\n");
    for shifted in impact.differences.iter().take(rows) {
        let example = example_cell(shifted);
        let why = match (shifted.shift, shifted.reasons.first()) {
            (Shift::MayChange, Some(why)) => format!(" ({why})"),
            _ => String::new(),
        };
        let cell = |text: &str| prose(text).replace('|', "\\|");
        let _ = writeln!(
            out,
            "| {} | {}{} | {} |",
            shifted.shift.words(),
            cell(&told(shifted)),
            cell(&why),
            cell(&example)
        );
    }
    let more = impact.differences.len().saturating_sub(rows);
    if more > 0 {
        let _ = writeln!(
            out,
            "\n{more} more in {}.",
            code("campaignctl plan --impact")
        );
    }
    out
}

/// A section of the page of a plan.
#[must_use]
pub(super) fn render_impact_html(impact: Option<&Impact>) -> Html {
    let Some(impact) = impact else {
        return Html::default();
    };
    let title = impact_line(impact);
    let mut out = Html::of("<section class=\"notice impact\"><h2>{}</h2>", &[&title]);
    if !impact.differences.is_empty() {
        out.say("<table><thead><tr><th>Visitors</th><th>Engagement</th><th>For example</th></tr></thead><tbody>");
    }
    for shifted in &impact.differences {
        let example = example_cell(shifted);
        let reasons = shifted.reasons.join("; ");
        let why = (!reasons.is_empty()).then(|| Html::of("<br>{}", &[&reasons]));
        out.put(
            "<tr><td>{}</td><td><bdi>{}</bdi>{}</td><td>{}</td></tr>",
            &[&shifted.shift.words(), &told(shifted), &why, &example],
        );
    }
    if !impact.differences.is_empty() {
        out.say("</tbody></table>");
    }
    out.say("</section>\n");
    out
}
