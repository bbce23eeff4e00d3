//! One visit: each engagement, the condition that decided, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{ReasonRow, SourcePlace};
use super::locate;
use crate::check::schema::schema_of;
use crate::diag::Texts;
use crate::kinds::offering::{Fact, Switch, Unclear};
use crate::manifest::Key;
use crate::offers::{
    Adviser, Contest, Eligibility, Judgement, Reason, Spot, Truth, VisitAdvice, VisitOutcome, World,
};
use crate::resolve::Desired;
use crate::text::safe::{json, line};
use crate::text::{Position, some_of};

/// A visit that was asked for, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct AskedVisit<'a> {
    /// What was asked, in lines of a name and a value.
    pub said: &'a [(&'static str, String)],
    /// The outcome.
    pub outcome: &'a VisitOutcome,
    /// What says of an engagement that is not offered what would make it be.
    pub adviser: &'a Adviser<'a>,
    /// What the manifests say.
    pub world: &'a World,
    /// The manifests.
    pub desired: &'a Desired,
    /// Their files.
    pub texts: &'a Texts,
    /// The fields of unknown effect that it assumes to have no say.
    pub unproven: &'a BTreeSet<Spot>,
    /// Whether engagements of other places are listed.
    pub lists_all: bool,
}

impl AskedVisit<'_> {
    fn position(&self, spot: &Spot) -> Option<Position> {
        let at = locate(self.desired, self.texts, &spot.key, &spot.at);
        self.texts.position(&at)
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

    /// The assumptions without which something of it would be otherwise.
    fn rests(&self) -> BTreeSet<Switch> {
        let all = self.outcome.eligibilities.values();
        let all = all.filter(|it| !is_elsewhere(it));
        let own = all.flat_map(|it| it.whole.rests.iter().copied());
        let contests = self.outcome.contests.iter();
        own.chain(contests.flat_map(|it| it.rests.iter().copied()))
            .collect()
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
pub fn render_visit(asked: &AskedVisit<'_>) -> String {
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
    let _ = writeln!(out, "\n{}", summary(asked));
    out
}

fn engagement(asked: &AskedVisit<'_>, found: &Eligibility, out: &mut String) {
    let word = found.whole.truth.word();
    let name = found.engagement.name.as_str();
    let _ = writeln!(
        out,
        "{word:<8} {name}{}",
        line(&route(asked.world, &found.engagement))
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
                line(&because.why)
            );
        }
    }
    if found.whole.truth == Truth::Unknown {
        let _ = writeln!(
            out,
            "         to decide it: {}",
            remedies(&found.whole.reasons)
        );
    }
    if found.whole.truth == Truth::No {
        advice(&asked.adviser.advise(found), out);
    }
}

/// What would make an engagement be offered.
fn advice(advice: &VisitAdvice, out: &mut String) {
    if advice.is_never {
        out.push_str("         no visit of this place meets all that it requires\n");
    }
    if advice.changes.is_empty() {
        return;
    }
    // All of them are needed.
    let changes = advice.changes.join(", and ");
    let changes = line(&changes);
    let _ = if !advice.then.is_empty() {
        let then = remedies(&advice.then);
        writeln!(
            out,
            "         may be offered with: {changes}; then, to decide it: {then}"
        )
    } else if !advice.behind.is_empty() {
        let ahead = match advice.behind.len() {
            1 => names(&advice.behind),
            _ => format!("one of {}", names(&advice.behind)),
        };
        writeln!(
            out,
            "         would meet its requirements with: {changes}; {ahead} is offered there, by priority"
        )
    } else {
        writeln!(out, "         would be offered with: {changes}")
    };
}

/// What decides something: the remedies of its reasons, each once.
fn remedies(reasons: &BTreeSet<Reason>) -> String {
    let mut remedies: Vec<String> = Vec::new();
    // That a field is not documented is decided by what is assumed of such fields.
    let by_assumption = |reason: &&Reason| {
        matches!(reason, Reason::Unclear(Unclear::Field | Unclear::Extra, _))
            && reasons.contains(&Reason::Inferred(Switch::UndocumentedFields))
    };
    for remedy in reasons.iter().filter(|it| !by_assumption(it)).map(remedy) {
        if !remedies.contains(&remedy) {
            remedies.push(remedy);
        }
    }
    line(&remedies.join(", ")).into_owned()
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
        format!("  ({})", line(&parts.join(", ")))
    }
}

fn summary(asked: &AskedVisit<'_>) -> String {
    let contests = asked.outcome.contests.iter();
    let mut lines: Vec<String> = contests.map(|it| of_contest(asked, it)).collect();
    if lines.is_empty() {
        lines.push("Nothing is offered.".to_owned());
    }
    if !asked.unproven.is_empty() {
        let fields = some_of(asked.unproven.iter().map(field), NAMED);
        lines.push(format!(
            "This assumes that fields of unknown effect have no say: {}.",
            line(&fields)
        ));
    }
    let rests: Vec<&str> = asked.rests().into_iter().map(Switch::word).collect();
    if !rests.is_empty() {
        lines.push(format!("This assumes {}.", rests.join(", ")));
    }
    lines.join("\n")
}

fn names<'k>(keys: impl IntoIterator<Item = &'k Key>) -> String {
    let names: Vec<&str> = keys.into_iter().map(|key| key.name.as_str()).collect();
    names.join(", ")
}

fn shared(shares: &BTreeMap<Key, f64>) -> String {
    let all = shares.iter();
    let all = all.map(|(key, share)| format!("{} about {:.0} %", key.name, share * 100.0));
    let all: Vec<String> = all.collect();
    match all.as_slice() {
        [_] => names(shares.keys()),
        all => all.join(", "),
    }
}

/// A field, as the impact of a plan names it.
fn field(spot: &Spot) -> String {
    format!("{}{}", spot.key, spot.at)
}

/// So many engagements are named that may be in the same zone, and so many fields.
const NAMED: usize = 5;

/// What is not decided since another engagement may be in the same zone of the page.
fn of_open_zone(asked: &AskedVisit<'_>, contest: &Contest) -> String {
    let own: Vec<&Key> = contest.sure.iter().chain(&contest.maybe).collect();
    let beside = asked.outcome.perhaps_beside(asked.world, contest);
    let mut others = names(beside.iter().take(NAMED));
    if beside.len() > NAMED {
        let _ = write!(others, " and {} more", beside.len() - NAMED);
    }
    let they = if own.len() == 1 {
        "it shares"
    } else {
        "they share"
    };
    format!(
        "Not decided: {} may be offered: whether {they} a zone of the page with {others} is not known.",
        names(own)
    )
}

fn of_contest(asked: &AskedVisit<'_>, contest: &Contest) -> String {
    let world = asked.world;
    if contest.is_zone_open {
        return of_open_zone(asked, contest);
    }
    if let Some(switch) = contest.depends {
        let words = switch.positions().map(|it| it.word);
        let each = contest.both(world).into_iter().zip(words);
        let each = each.map(|(shares, word)| {
            let drawn = shares.map_or_else(|| "not decided".to_owned(), |it| shared(&it));
            match switch {
                Switch::Contest => format!("by {word} {drawn}"),
                _ => format!("`{word}`: {drawn}"),
            }
        });
        let each: Vec<String> = each.collect();
        return format!(
            "Not decided: it depends on the inferred fact `{switch}`: {}. `--assume {switch}={}` decides it.",
            each.join("; "),
            words[0]
        );
    }
    match (contest.shares.len(), contest.maybe.is_empty()) {
        (0, _) if contest.sure.is_empty() => {
            format!("Not decided: {} may be offered.", names(&contest.maybe))
        }
        (0, _) => format!(
            "Not decided: {}, or {}.",
            names(&contest.sure),
            names(&contest.maybe)
        ),
        (1, _) => format!("{} is offered.", names(contest.shares.keys())),
        (several, _) => format!(
            "One of {several} is offered, by lottery: {}.",
            shared(&contest.shares)
        ),
    }
}

/// The name and version of the JSON form.
const FORMAT: &str = "campaignctl.visit/v1";

/// A visit and what it is offered.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VisitDocument {
    /// The format of the document.
    format: &'static str,
    /// What was asked, as `visit` prints it.
    visit: BTreeMap<String, String>,
    /// The engagements: those that meet their requirements, those that may, those that do not.
    engagements: Vec<EngagementRow>,
    /// What is offered, by zone of the page; an app has one.
    offers: Vec<Offers>,
    /// The assumed facts of the platform without which it would be otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rests_on: Vec<&'static str>,
    /// The fields of unknown effect that this assumes to have no say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unproven: Vec<String>,
}

/// An engagement.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct EngagementRow {
    /// The name.
    name: String,
    /// Whether it meets its requirements: `yes`, `no` or `unknown`.
    eligible: &'static str,
    /// What would decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<ReasonRow>,
    /// The assumed facts of the platform without which it would be otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rests_on: Vec<&'static str>,
    /// What would make it meet its requirements, all of it, where it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<String>,
    /// What would still be undecided after these changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    then: Vec<ReasonRow>,
    /// The engagements of higher priority that would be offered in its place after these changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    behind: Vec<String>,
    /// Whether no visit of the place meets all that it requires.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    never: bool,
    /// Its requirements.
    requirements: Vec<RequirementRow>,
}

/// A requirement of an engagement.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RequirementRow {
    /// What it is about, in the words of `because`.
    about: &'static str,
    /// Whether it holds: `yes`, `no` or `unknown`.
    holds: &'static str,
    /// The object that states it.
    object: String,
    /// Why.
    because: Vec<String>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<SourcePlace>,
}

/// The offers of a zone.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Offers {
    /// Engagements that meet their requirements.
    sure: Vec<String>,
    /// Engagements that are undecided.
    maybe: Vec<String>,
    /// The share of each that can be drawn, from 0 to 1; empty where that is not decided.
    shares: BTreeMap<String, f64>,
    /// What would decide who is drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<ReasonRow>,
}

/// The JSON Schema of the document.
#[must_use]
pub fn visit_schema() -> Value {
    let mut schema = schema_of::<VisitDocument>("What a visit is offered");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The visit for programs.
#[must_use]
pub fn render_visit_json(asked: &AskedVisit<'_>) -> String {
    let requirement = |it: &Judgement| RequirementRow {
        about: it.aspect.word(),
        holds: it.judged.truth.word(),
        object: it.spot.key.to_string(),
        because: it.judged.because.iter().map(|it| it.why.clone()).collect(),
        place: asked.position(&it.spot).map(SourcePlace::from),
    };
    let name = |key: &Key| key.name.to_string();
    let engagements = asked.listed().into_iter().map(|found| {
        let is_out = found.whole.truth == Truth::No;
        let advice = is_out.then(|| asked.adviser.advise(found));
        let advice = advice.unwrap_or_default();
        EngagementRow {
            name: found.engagement.name.to_string(),
            eligible: found.whole.truth.word(),
            undecided: found.whole.reasons.iter().map(ReasonRow::from).collect(),
            rests_on: found.whole.rests.iter().map(|it| it.word()).collect(),
            changes: advice.changes,
            then: advice.then.iter().map(ReasonRow::from).collect(),
            behind: advice.behind.iter().map(name).collect(),
            never: advice.is_never,
            requirements: found.requirements.iter().map(requirement).collect(),
        }
    });
    let offers = asked.outcome.contests.iter().map(|contest| Offers {
        sure: contest.sure.iter().map(name).collect(),
        maybe: contest.maybe.iter().map(name).collect(),
        shares: contest
            .shares
            .iter()
            .map(|(key, share)| (name(key), *share))
            .collect(),
        undecided: contest.reasons().map(|it| ReasonRow::from(&it)).collect(),
    });
    let said = asked.said.iter();
    json(&VisitDocument {
        format: FORMAT,
        visit: said
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        engagements: engagements.collect(),
        offers: offers.collect(),
        rests_on: asked.rests().into_iter().map(Switch::word).collect(),
        unproven: asked.unproven.iter().map(field).collect(),
    })
}

/// What has to be given to decide it: a flag of the command, where there is one.
fn remedy(reason: &Reason) -> String {
    let flag = match reason {
        Reason::Missing(fact) => match fact {
            Fact::Sections => "--section",
            Fact::Url => "--url",
            Fact::Device => "--device",
            Fact::Agents => "--agents",
            Fact::ControlGroup => "--control-group",
            Fact::Conversation => "--conversation",
            Fact::SignedIn => "--signed-in",
            Fact::Ip => "--ip",
            Fact::Country => "--country",
            Fact::State => "--state",
            Fact::City => "--city",
            Fact::CompanySize => "--company-size",
            Fact::Returning => "--returning",
            Fact::Referral => "--referral",
            Fact::SearchKeywords => "--search-keyword",
            Fact::Channel => "--channel",
            Fact::SecondsOnPage => "--seconds-on-page",
            Fact::AboutToAbandon => "--about-to-abandon",
            Fact::Engaged => "--engaged",
            _ => return format!("{}, in a scenario", reason.remedy()),
        },
        _ => return reason.remedy(),
    };
    format!("give `{flag}`")
}
