//! One visit: each engagement, the condition that decided, and what comes of it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Place, ReasonRow, first};
use crate::diag::Texts;
use crate::manifest::Key;
use crate::offers::{Eligibility, Outcome, Spot, Truth, World};
use crate::resolve::Desired;
use crate::text::Position;
use crate::text::safe::{json, line};

/// A visit that was asked for, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What was asked, in lines of a name and a value.
    pub said: &'a [(&'static str, String)],
    /// The outcome.
    pub outcome: &'a Outcome,
    /// What the manifests say.
    pub world: &'a World,
    /// The manifests.
    pub desired: &'a Desired,
    /// Their files.
    pub texts: &'a Texts,
    /// Whether engagements of other places are listed.
    pub lists_all: bool,
}

impl Asked<'_> {
    fn position(&self, spot: &Spot) -> Option<Position> {
        let resource = self.desired.get(&spot.key)?;
        let mut at = spot.at.clone();
        while at.get(&resource.spec).is_none() {
            at = at.parent()?;
        }
        self.texts.position(&resource.locate(self.texts, &at))
    }

    /// The engagements in the order yes, unknown, no; those of other places last.
    fn listed(&self) -> Vec<&Eligibility> {
        let mut all: Vec<&Eligibility> = self.outcome.eligibilities.values().collect();
        all.retain(|it| self.lists_all || !is_elsewhere(it));
        // Those that need the fewest changes come first.
        all.sort_by_key(|it| match it.whole.truth {
            Truth::Yes => (0, 0),
            Truth::Unknown => (1, it.whole.reasons.len()),
            Truth::No => (2, it.failing().count()),
        });
        all
    }

    fn elsewhere(&self) -> usize {
        let all = self.outcome.eligibilities.values();
        all.filter(|it| !self.lists_all && is_elsewhere(it)).count()
    }
}

fn is_elsewhere(found: &Eligibility) -> bool {
    let mut failing = found.failing();
    failing.any(|it| it.aspect == crate::kinds::offering::Aspect::Place)
}

/// The visit as people read it.
#[must_use]
pub fn render_visit(asked: &Asked<'_>) -> String {
    let mut out = String::new();
    for (name, value) in asked.said {
        let _ = writeln!(out, "{name}: {}", line(value));
    }
    out.push('\n');
    for found in asked.listed() {
        engagement(asked, found, &mut out);
    }
    match asked.elsewhere() {
        0 => {}
        1 => out.push_str("1 engagement belongs to another place; `--all` lists it.\n"),
        count => {
            let _ = writeln!(
                out,
                "{count} engagements belong to other places; `--all` lists them."
            );
        }
    }
    let _ = writeln!(out, "\n{}", summary(asked.outcome));
    out
}

fn engagement(asked: &Asked<'_>, found: &Eligibility, out: &mut String) {
    let word = found.whole.truth.word();
    let name = found.engagement.name.as_str();
    let _ = writeln!(
        out,
        "{word:<8} {name}{}",
        route(asked.world, &found.engagement)
    );
    if found.whole.truth == Truth::Yes {
        return;
    }
    let of_truth = found
        .requirements
        .iter()
        .filter(|it| it.judged.truth == found.whole.truth);
    for deciding in of_truth {
        for because in deciding.judged.because.iter().take(2) {
            let place = asked.position(&because.spot);
            let place = place
                .map(|it| format!("  {}:{}", it.file, it.line))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "         {}: {}{place}",
                deciding.aspect.word(),
                because.why
            );
        }
    }
    if let Some(reason) = first(found.whole.reasons.iter()) {
        let _ = writeln!(out, "         to decide it: {}", reason.remedy());
    }
    let changes: Vec<&str> = found.changes().map(|it| it.change.as_str()).collect();
    if found.whole.truth == Truth::No && !changes.is_empty() {
        let _ = writeln!(
            out,
            "         would be offered with: {}",
            changes.join("; ")
        );
    }
}

/// What a visitor gets, behind the name.
fn route(world: &World, key: &Key) -> String {
    let Some(offering) = world.offering(key) else {
        return String::new();
    };
    let skill = offering.skill.as_ref().map(|skill| match skill.as_str() {
        Some(name) => format!("skill {name}"),
        None => format!("skill {skill}"),
    });
    let language = offering
        .language
        .as_ref()
        .map(|it| format!("language {it}"));
    let parts: Vec<String> = skill.into_iter().chain(language).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("  ({})", parts.join(", "))
    }
}

fn summary(outcome: &Outcome) -> String {
    let contests: Vec<String> = outcome
        .contests
        .iter()
        .map(|contest| {
            let (sure, maybe): (Vec<_>, Vec<_>) = (
                contest.sure.iter().map(|key| key.name.as_str()).collect(),
                contest.maybe.iter().map(|key| key.name.as_str()).collect(),
            );
            match (sure.as_slice(), maybe.as_slice()) {
                ([only], []) => format!("{only} is offered."),
                (several, []) => {
                    let shares = contest.shares.iter();
                    let shares = shares
                        .map(|(key, share)| format!("{} about {:.0} %", key.name, share * 100.0));
                    let shares: Vec<String> = shares.collect();
                    format!(
                        "One of {} is offered, by lottery: {}.",
                        several.len(),
                        shares.join(", ")
                    )
                }
                ([], maybe) => format!("Not decided: {} may be offered.", maybe.join(", ")),
                (sure, maybe) => {
                    format!("Not decided: {}, or {}.", sure.join(", "), maybe.join(", "))
                }
            }
        })
        .collect();
    if contests.is_empty() {
        return "Nothing is offered.".to_owned();
    }
    contests.join("\n")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    visit: serde_json::Map<String, serde_json::Value>,
    engagements: Vec<Row<'a>>,
    offers: Vec<Offers<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    name: &'a str,
    eligible: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<ReasonRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<Requirement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Requirement<'a> {
    about: &'static str,
    holds: &'static str,
    object: String,
    because: Vec<&'a str>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Offers<'a> {
    sure: Vec<&'a str>,
    maybe: Vec<&'a str>,
    shares: std::collections::BTreeMap<&'a str, f64>,
}

/// The visit for programs.
#[must_use]
pub fn render_visit_json(asked: &Asked<'_>) -> String {
    let engagements = asked.listed().into_iter().map(|found| Row {
        name: found.engagement.name.as_str(),
        eligible: found.whole.truth.word(),
        undecided: found.whole.reasons.iter().map(ReasonRow::from).collect(),
        requirements: found
            .requirements
            .iter()
            .map(|it| Requirement {
                about: it.aspect.word(),
                holds: it.judged.truth.word(),
                object: it.spot.key.to_string(),
                because: it.judged.because.iter().map(|it| it.why.as_str()).collect(),
                place: asked.position(&it.spot).into(),
            })
            .collect(),
    });
    let offers = asked.outcome.contests.iter().map(|contest| Offers {
        sure: contest.sure.iter().map(|key| key.name.as_str()).collect(),
        maybe: contest.maybe.iter().map(|key| key.name.as_str()).collect(),
        shares: contest
            .shares
            .iter()
            .map(|(key, share)| (key.name.as_str(), *share))
            .collect(),
    });
    let said = asked.said.iter();
    json(&Document {
        format: "campaignctl.visit/v1",
        visit: said
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect(),
        engagements: engagements.collect(),
        offers: offers.collect(),
    })
}
