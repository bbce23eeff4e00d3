//! Whether a row of the wire admits a visitor, for an emulator that decides as the platform would
//! (platform.md#monitoring-rules).
//!
//! A kind looks at its own row and at nothing else; the emulator puts the answers together. What is only inferred of the
//! platform is a position of [`Conduct`]. The evaluator of scenarios uses nothing of this, and this nothing of the
//! evaluator: each finds the mistakes of the other.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::text::number::integer;

/// A visit to an app that asks what it is to show (platform.md#monitoring).
#[derive(Clone, Copy, Debug)]
pub struct AppVisit<'a> {
    /// The id of the app installation.
    pub app_installation: &'a str,
    /// Where in the app the visitor is: `sec://orders`, `https://shop.example/`.
    pub entry_points: &'a [String],
    /// The moment.
    pub now: Timestamp,
    /// Whether agents are available.
    pub has_agents: bool,
    /// The positions of what is only inferred.
    pub conduct: &'a Conduct,
    /// What the conditions mean whose numbers and payloads are not public.
    pub meanings: &'a dyn Meanings,
}

/// What raw conditions mean.
pub trait Meanings: fmt::Debug {
    /// Whether a condition of a kind holds for the visitor; `None` where nothing says what it means.
    fn holds(&self, kind: &str, condition: &Value) -> Option<bool>;
}

/// What a kind is called where the platform says which objects are active in a visit: `VPs` in `revActiveVPs`
/// (platform.md#visit-information).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitWord {
    /// The word.
    pub word: &'static str,
    /// Whether it counts for the page and not for the whole session.
    pub is_of_page: bool,
}

/// Where an emulator decides what is only inferred of the platform. Each is off in the position that is most likely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Upper and lower case of sections are the same.
    pub ignores_section_case: bool,
    /// Upper and lower case of other texts are the same.
    pub ignores_text_case: bool,
    /// Of several audiences, behaviors or entry points, all must hold.
    pub needs_all: bool,
    /// Of several conditions of an audience or entry point, one is enough.
    pub needs_any_condition: bool,
    /// An engagement without an audience, a behavior or an entry point is offered to no visitor.
    pub undeclared_is_nothing: bool,
    /// Without a section to include, no section is included.
    pub empty_include_is_nowhere: bool,
    /// The app of an entry point does not count.
    pub ignores_entry_point_app: bool,
    /// An entry point without an app counts in apps as well.
    pub web_entry_points_are_of_apps: bool,
    /// An exclusion fails for a visitor of whom the attribute was not reported.
    pub absent_attribute_fails: bool,
    /// A cart that is reported again is added.
    pub adds_carts: bool,
    /// What a cart leaves out follows from its products.
    pub totals_carts: bool,
    /// An amount has to be in the currency that the payload of its condition names.
    pub needs_currency: bool,
    /// A product that is viewed again does not count again.
    pub counts_products_once: bool,
    /// An error that is reported as resolved does not count, nor do earlier ones with its code.
    pub forgets_resolved: bool,
    /// A new session has the attributes of the one before.
    pub keeps_attributes: bool,
    /// On the very second of its end, a session goes on.
    pub sessions_run_at_end: bool,
    /// The place where the visitor is does not count as visited.
    pub visited_is_earlier: bool,
    /// Conditions for web pages are ignored in apps.
    pub ignores_web_only: bool,
    /// Agents are always needed.
    pub always_needs_agents: bool,
    /// One of the two policies of availability is enough, whichever the conversation is.
    pub takes_either_availability: bool,
    /// An engagement or a campaign with a field of which nothing is documented is not offered.
    pub keeps_undocumented: bool,
    /// At the instant of its end, a campaign still runs.
    pub runs_at_end: bool,
    /// A time that clocks skip or repeat is the later instant.
    pub later_changeover: bool,
    /// Whether an engagement is shown again that the visitor closed in the same session.
    pub offers_closed: bool,
    /// The highest priority is chosen.
    pub by_priority: bool,
    /// The weights of engagements count in a lottery.
    pub weighs_engagements: bool,
    /// A condition that nothing says the meaning of admits every visitor.
    pub admits_unknown: bool,
}

/// Whether a row is kept back for one of its fields of which nothing is documented.
pub(super) fn keeps_back(body: &Value, visit: &AppVisit<'_>, keys: &[&str]) -> bool {
    let is_written = |key: &&str| match body.get(*key) {
        None | Some(Value::Null) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(value) => *value != 0,
    };
    visit.conduct.keeps_undocumented && keys.iter().any(is_written)
}

/// Whether the conditions of a row hold: what settings say of one, else what its kind knows, else the position of the
/// switch.
pub(super) fn conditions(
    (kind, body): (&str, &Value),
    visit: &AppVisit<'_>,
    is_any: bool,
    known: impl Fn(&Value) -> Option<bool>,
) -> bool {
    let unknown = visit.conduct.admits_unknown;
    let boxes = body.get("conditionBoxes").and_then(Value::as_array);
    let Some(boxes) = boxes.filter(|boxes| !boxes.is_empty()) else {
        return unknown;
    };
    let mut holds = boxes.iter().map(|condition| {
        if condition.get("type").and_then(integer) == Some(0) {
            return true;
        }
        let said = visit.meanings.holds(kind, condition);
        said.or_else(|| known(condition)).unwrap_or(unknown)
    });
    if is_any {
        holds.any(|it| it)
    } else {
        holds.all(|it| it)
    }
}
