//! What of a scenario can be asked of the platform itself, now: each case is one call of a visitor that the platform has
//! never seen.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::assertion::{DecidedAssertion, assertions};
use super::decider::decide;
use super::matrix::combinations;
use super::suite::{CaseResult, Suite};
use super::truth::Truth;
use super::visit::Visit;
use crate::kinds::offering::{Assumed, Datum, Fact, FactAnswer, Place};
use crate::kinds::{Agents, ControlGroup, Conversation, Device, Then, When};
use crate::manifest::Key;
use crate::text::Pointer;

/// Attributes that count in the reports of the brand (platform.md#monitoring-reports).
const COUNTED: [&str; 3] = ["purchase", "lead", "service"];

/// A case to ask of the platform.
#[derive(Clone, Debug)]
pub struct Query {
    /// The scenario.
    pub scenario: Key,
    /// The case.
    pub name: String,
    /// Its place below `spec`.
    pub at: Pointer,
    /// The app, by the live name of its installation.
    pub app: String,
    /// The visit, at the time of the run.
    pub visit: Visit,
    /// What is assumed at it.
    pub assumed: Assumed,
    pub(super) then: Then,
    is_signed_in: bool,
    when: When,
    attributes: Vec<Value>,
}

/// A case that the platform cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// The scenario.
    pub scenario: Key,
    /// The case.
    pub name: String,
    /// Why not, in a phrase.
    pub why: String,
}

/// What can be asked of a scenario, and what cannot.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// What can.
    pub queries: Vec<Query>,
    /// What cannot.
    pub unasked: Vec<Unasked>,
    /// What tests nothing, and fails.
    pub flawed: Vec<CaseResult>,
}

impl Query {
    /// What came of the case, by its checks.
    pub(super) fn result(&self, checks: Vec<DecidedAssertion>) -> CaseResult {
        CaseResult {
            scenario: self.scenario.clone(),
            name: self.name.clone(),
            at: self.at.clone(),
            flaws: Vec::new(),
            faults: Vec::new(),
            checks,
            trace: Vec::new(),
            visits: vec![(self.visit.clone(), self.assumed.clone())],
        }
    }

    /// The body of the call, of a visitor whom the brand knows by this name (platform.md#monitoring).
    #[must_use]
    pub fn body(&self, subject: &str) -> Value {
        let level = if self.is_signed_in { "loa1" } else { "0" };
        let sections = self.when.sections.iter().flatten();
        let sections: Vec<String> = sections.map(|it| format!("sec://{it}")).collect();
        let mut body = json!({
            "identities": [{ "acr": level, "sub": subject }],
            "entryPoints": sections,
        });
        let device = self.when.device.map(|it: Device| it.word().to_uppercase());
        let properties = [
            ("deviceFamily", device),
            ("ipAddress", self.when.ip.clone()),
        ];
        for (key, value) in properties {
            if let Some(value) = value {
                body["clientProperties"][key] = value.into();
            }
        }
        if !self.attributes.is_empty() {
            body["engagementAttributes"] = self.attributes.clone().into();
        }
        body
    }
}

impl Suite<'_> {
    /// What can be asked now; attributes that count in the brand's reports only where that is allowed.
    #[must_use]
    pub fn asking(&self, sends_counted: bool) -> Asking {
        let mut asking = Asking::default();
        let cases = self.scenario.cases.iter().flatten().enumerate();
        for (index, case) in cases {
            let at = Pointer::root().key("cases").index(index);
            let name = case.name.clone();
            let name = name.unwrap_or_else(|| format!("case {}", index + 1));
            if case.journey.is_some() {
                asking
                    .unasked
                    .push(self.unasked(name, "a journey takes its time"));
                continue;
            }
            let (when, then) = (case.when.clone().unwrap_or_default(), case.then.clone());
            let combined = combinations(&when, case.matrix.as_ref());
            let several = combined.len() > 1;
            for (when, values) in combined {
                let name = if several {
                    format!("{name} [{values}]")
                } else {
                    name.clone()
                };
                let then = then.clone().unwrap_or_default();
                self.ask((name, &at), when, then, sends_counted, &mut asking);
            }
        }
        let rules = [
            ("always", self.scenario.always.iter().flatten().count()),
            ("never", self.scenario.never.iter().flatten().count()),
        ];
        for (word, count) in rules {
            let names = (1..=count).map(|number| format!("{word} {number}"));
            let why = "a rule about every visit is no single call";
            asking
                .unasked
                .extend(names.map(|name| self.unasked(name, why)));
        }
        asking
    }

    fn unasked(&self, name: String, why: &str) -> Unasked {
        Unasked {
            scenario: self.key.clone(),
            name,
            why: why.to_owned(),
        }
    }

    fn ask(
        &self,
        (name, at): (String, &Pointer),
        when: When,
        then: Then,
        sends_counted: bool,
        asking: &mut Asking,
    ) {
        let mut result = self.result(name.clone(), at.clone());
        self.flaws(&when, &then, at, &mut result);
        if !result.flaws.is_empty() {
            asking.flawed.push(result);
            return;
        }
        let Place::App(app) = self.place() else {
            let why = "a call can only be made for apps";
            asking.unasked.push(self.unasked(name, why));
            return;
        };
        let attributes = self.attributes(&when);
        let reason = self.needs_another_state().or_else(|| unsayable(&when));
        let reason = reason.or_else(|| reports(&attributes, sends_counted));
        let mut visit = self.visit_at(&when, &attributes, self.now);
        let then_visit = self.visit_at(&when, &attributes, self.time(when.at.as_deref()));
        let reason = reason.or_else(|| {
            let differs = self.says(&visit, &then) != self.says(&then_visit, &then);
            differs.then(|| {
                "the manifests say something else now than at the time of the case".to_owned()
            })
        });
        if let Some(why) = reason.or_else(|| {
            then.undecided
                .as_ref()
                .map(|_| "it asserts that something is undecided".to_owned())
        }) {
            asking.unasked.push(self.unasked(name, &why));
            return;
        }
        let given = self.scenario.given.as_ref();
        let is_signed_in = given.and_then(|it| it.signed_in) == Some(true);
        let known = FactAnswer::Known(vec![Datum::Flag(is_signed_in)]);
        visit.facts.insert(Fact::SignedIn, known);
        asking.queries.push(Query {
            scenario: self.key.clone(),
            name,
            at: at.clone(),
            app,
            visit,
            assumed: self.assumed(),
            then,
            is_signed_in,
            when,
            attributes,
        });
    }

    fn visit_at(&self, when: &When, attributes: &[Value], at: Timestamp) -> Visit {
        let mut visit = self.base();
        visit.at = Some(at);
        visit.say(when);
        visit.report(attributes, &[]);
        visit
    }

    /// What comes of the assertions at a visit.
    fn says(&self, visit: &Visit, then: &Then) -> Vec<Truth> {
        let assumed = self.assumed();
        let all = assertions(self.world, then, &Pointer::root());
        let all = all.iter().map(|it| decide(self.world, visit, &assumed, it));
        all.map(|check| check.judged.truth).collect()
    }

    /// What is given that a visitor whom the platform has never seen is not.
    fn needs_another_state(&self) -> Option<String> {
        let given = self.scenario.given.as_ref()?;
        let needs = [
            (given.agents == Some(Agents::Away), "agents: none"),
            (
                given.control_group == Some(ControlGroup::Inside),
                "controlGroup: inside",
            ),
            (
                given.conversation == Some(Conversation::Open),
                "conversation: open",
            ),
        ];
        let (_, what) = needs.into_iter().find(|(is, _)| *is)?;
        Some(format!("it needs `{what}`"))
    }
}

/// A fact of the visit that no call says.
fn unsayable(when: &When) -> Option<String> {
    let said = [
        ("url", when.url.is_some()),
        ("geo", when.geo.is_some()),
        ("companySize", when.company_size.is_some()),
        ("returning", when.returning == Some(true)),
        ("referral", when.referral.is_some()),
        ("searchKeywords", when.search_keywords.is_some()),
        ("channel", when.channel.is_some()),
        ("secondsOnPage", when.seconds_on_page.is_some()),
        ("aboutToAbandon", when.about_to_abandon.is_some()),
        (
            "engaged",
            when.engaged.as_ref().is_some_and(|it| !it.is_empty()),
        ),
    ];
    let (name, _) = said.into_iter().find(|(_, is)| *is)?;
    Some(format!("a call cannot say `{name}`"))
}

fn reports(attributes: &[Value], sends_counted: bool) -> Option<String> {
    let kinds = attributes.iter().filter_map(|it| it.get("type")?.as_str());
    let mut counted = kinds.filter(|it| COUNTED.contains(it) || it.starts_with("imp"));
    let found = counted.next().filter(|_| !sends_counted)?;
    Some(format!(
        "`{found}` counts in the brand's reports; `--send-counted` sends it"
    ))
}
