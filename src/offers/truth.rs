//! Three values after Kleene, with the reasons of what is unknown and the places that decided.

use std::collections::BTreeSet;
use std::fmt;

use super::plain::PlainParts;
use crate::kinds::offering::{Assumed, Fact, Switch, Unclear};
use crate::manifest::Key;
use crate::text::Pointer;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be decided.
    Unknown,
}

impl Truth {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// A place in a manifest: the object, and the place below its `spec`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The object.
    pub key: Key,
    /// The place below `spec`.
    pub at: Pointer,
}

/// Why something cannot be decided: what would decide it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The visit does not say a fact.
    Missing(Fact),
    /// It depends on a fact of the platform that is only inferred.
    Inferred(Switch),
    /// It is open whatever the visit is.
    Unclear(Unclear, Spot),
    /// Two engagements may or may not be in one zone of the page.
    Zone,
    /// There are too many visits to look at.
    TooMany,
    /// A fact has too many values to try all of them.
    Untried(Fact),
    /// At several sections at once it competes with more engagements than are looked at.
    Several,
    /// Another share of the visitors is in the control group of the campaign of a rival.
    Withheld(Key),
    /// The platform was asked, and did something else for a reason of its own.
    Platform(Observation),
}

/// Why the platform offers something else than a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observation {
    /// Another engagement was drawn.
    Lottery,
    /// The visitor was drawn into a control group.
    ControlGroup,
    /// No audience is active.
    Audience,
    /// No behavior is active.
    Behavior,
    /// No entry point is active.
    EntryPoint,
    /// An older revision is served.
    Revision,
    /// The visitor has an open conversation.
    Conversation,
    /// No agent may be available.
    Agents,
    /// The change is not served yet.
    Propagation,
    /// The conversation is routed to another skill.
    Skill,
    /// The texts are in another language.
    Language,
    /// The conversation has another window.
    Window,
    /// The visitor signs in in another way.
    Connector,
    /// The platform does not say what is asserted.
    Unsaid,
    /// The platform does not take the call.
    Refused,
    /// Nothing is offered, and nothing that the platform says explains it.
    Unexplained,
    /// The answer of the platform was lost, or it failed.
    Unanswered,
    /// The account holds something else than the manifests.
    Differs,
}

/// What to do about an offer that leads elsewhere.
const OTHER: &str = "run `campaignctl plan`: a colleague may have changed the engagement by hand";

impl Observation {
    /// Whether it is about a condition that the platform decided.
    #[must_use]
    pub const fn is_of_condition(self) -> bool {
        matches!(self, Self::Audience | Self::Behavior | Self::EntryPoint)
    }

    /// The word in data, and what to do.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Lottery => ("lottery", "ask again, or expect `oneOf`"),
            Self::ControlGroup => ("control-group", "ask again, or lower the control group"),
            Self::Audience => (
                "audience-not-active",
                "compare the conditions of the audience with what the case reports",
            ),
            Self::Behavior => (
                "behavior-not-active",
                "compare the conditions of the behavior with what the case reports",
            ),
            Self::EntryPoint => (
                "entry-point-not-active",
                "compare the sections of the entry point with those of the case",
            ),
            Self::Revision => ("old-revision", "ask again in some minutes"),
            Self::Conversation => ("open-conversation", "ask again as another visitor"),
            Self::Agents => (
                "agents",
                "ask again while agents of the skill are signed in",
            ),
            Self::Propagation => (
                "not-propagated",
                "apply what is not applied yet, and ask again in some minutes",
            ),
            Self::Skill => ("other-skill", OTHER),
            Self::Language => ("other-language", OTHER),
            Self::Window => ("other-window", OTHER),
            Self::Connector => ("other-connector", OTHER),
            Self::Unsaid => (
                "not-said",
                "ask again, look at the engagement in the console, or take the assertion out of what is asked",
            ),
            Self::Refused => (
                "refused",
                "correct what the case reports: an app that reports it is refused alike",
            ),
            Self::Unexplained => (
                "not-explained",
                "run `campaignctl plan` for changes that were made by hand, and ask again while agents are signed in",
            ),
            Self::Unanswered => ("no-answer", "prove it again"),
            Self::Differs => (
                "account-differs",
                "run `campaignctl plan`: it shows how the account differs from the manifests",
            ),
        }
    }

    /// The word in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().0
    }
}

impl Reason {
    /// The name in `undecided`, and in data.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing(fact) | Self::Untried(fact) => fact.name(),
            Self::Inferred(switch) => switch.word(),
            Self::Unclear(Unclear::NoMeaning, _) => "means",
            Self::Unclear(Unclear::ControlGroup, _) | Self::Withheld(_) => {
                Fact::ControlGroup.name()
            }
            Self::Unclear(..) => "platform",
            Self::Zone => "zone",
            Self::TooMany | Self::Several => "visits",
            Self::Platform(observation) => observation.word(),
        }
    }

    /// What has to be done to decide it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Missing(
                fact @ (Fact::Agents | Fact::ControlGroup | Fact::Conversation | Fact::SignedIn),
            ) => {
                format!("say `{}` in `given`", fact.name())
            }
            Self::Missing(Fact::Pages) => "write it as a `journey`".to_owned(),
            Self::Missing(fact) => format!("say `{}` in `when`", fact.name()),
            Self::Untried(fact) => format!(
                "say `{}` in the `if` of an `always`, one for each value that matters",
                fact.name()
            ),
            Self::Inferred(switch) => {
                let [one, other] = switch.positions().map(|it| it.word);
                format!("assume `{switch}: {one}` or `{switch}: {other}`")
            }
            Self::Unclear(Unclear::NoMeaning, spot) => {
                format!("write `means` at {} {}", spot.key, spot.at)
            }
            Self::Unclear(Unclear::ControlGroup, _) => {
                "say `controlGroup: outside` in `given`".to_owned()
            }
            Self::Platform(observation) => observation.row().1.to_owned(),
            Self::Unclear(..) | Self::Zone | Self::TooMany | Self::Several | Self::Withheld(_) => {
                "no fact of a visit decides it".to_owned()
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(fact) => write!(f, "`{}` is not given", fact.name()),
            Self::Inferred(switch) => write!(f, "it depends on the inferred fact `{switch}`"),
            Self::Unclear(unclear, spot) => {
                write!(f, "{} ({}{})", unclear.why(), spot.key, spot.at)
            }
            Self::Zone => {
                f.write_str("whether two engagements share a zone of the page is not known")
            }
            Self::TooMany => f.write_str("there are too many visits to check"),
            Self::Untried(fact) => write!(
                f,
                "`{}` has too many values to try them all, alone and together",
                fact.name()
            ),
            Self::Several => f.write_str(
                "who is at several sections at once may be offered others more or less often for it, and these are too many to check",
            ),
            Self::Withheld(rival) => write!(
                f,
                "another share of the visitors is in the control group of {}, and may be offered this instead",
                rival.name
            ),
            Self::Platform(observation) => f.write_str(observation.word()),
        }
    }
}

/// What a place contributed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// The place.
    pub spot: Spot,
    /// What is the case there.
    pub why: String,
    /// What would make it hold; empty where it holds.
    pub change: String,
}

/// Whether something holds, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it holds.
    pub truth: Truth,
    /// What would decide it, where it is unknown.
    pub reasons: BTreeSet<Reason>,
    /// The places that decided.
    pub because: Vec<Because>,
    /// The assumptions without which it would be another.
    pub rests: BTreeSet<Switch>,
    /// Where it does not hold: what would make it, all of it.
    pub nearest: Vec<Because>,
    /// Where it does not hold: what would still be undecided after that.
    pub then: BTreeSet<Reason>,
    /// Whether it does not hold because an attribute was not reported.
    pub(super) is_absent: bool,
}

impl Judged {
    pub(super) fn of(truth: Truth) -> Self {
        Self {
            truth,
            reasons: BTreeSet::new(),
            because: Vec::new(),
            rests: BTreeSet::new(),
            nearest: Vec::new(),
            then: BTreeSet::new(),
            is_absent: false,
        }
    }

    pub(super) fn unknown(reason: Reason) -> Self {
        Self {
            reasons: BTreeSet::from([reason]),
            ..Self::of(Truth::Unknown)
        }
    }

    pub(super) fn because(mut self, because: Because) -> Self {
        if self.truth == Truth::No && !because.change.is_empty() {
            self.nearest = vec![because.clone()];
        }
        self.because.push(because);
        self
    }

    /// Whether it fails whatever else is known or assumed.
    pub(super) fn is_final(&self) -> bool {
        self.truth == Truth::No && self.rests.is_empty()
    }

    /// Whether it decides what it is a part of, whatever the other parts are, but for what they would say of it.
    pub(super) fn settles(&self, decides: Truth) -> bool {
        self.truth == decides && self.rests.is_empty() && !self.is_absent
    }

    /// The same with what a place contributed, where that is wanted: its sentences cost more than the verdict.
    pub(super) fn because_if(self, explains: bool, because: impl FnOnce() -> Because) -> Self {
        if explains {
            self.because(because())
        } else {
            self
        }
    }

    pub(super) fn not(mut self) -> Self {
        self.truth = match self.truth {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        };
        self.nearest.clear();
        self.then.clear();
        self.is_absent = false;
        self
    }

    /// Holds where all of them do.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::combined(parts, Truth::No)
    }

    /// Holds where one of them does.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::combined(parts, Truth::Yes)
    }

    /// One of the value that decides makes the whole; then an unknown one; else all have the other value.
    pub(super) fn combined(parts: impl IntoIterator<Item = Self>, decides: Truth) -> Self {
        let mut plain = PlainParts::default();
        let mut parts = parts.into_iter();
        let more = parts.by_ref().find(|part| !plain.takes(part));
        let Some(more) = more else {
            return plain.combined(decides);
        };
        let mut parts: Vec<Self> = plain.parts().chain([more]).chain(parts).collect();
        if parts.len() == 1 {
            let only = parts.remove(0);
            let is_absent = only.is_absent && only.truth == Truth::No;
            return Self { is_absent, ..only };
        }
        let has = |truth: Truth| parts.iter().any(|part| part.truth == truth);
        let truth = if has(decides) {
            decides
        } else if has(Truth::Unknown) {
            Truth::Unknown
        } else {
            Self::other(decides)
        };
        let of_truth = || parts.iter().filter(|part| part.truth == truth);
        // One that decides is enough: the one that assumes least.
        let rests = if truth == decides {
            let least = of_truth().map(|part| &part.rests).min_by_key(|it| it.len());
            least.cloned().unwrap_or_default()
        } else {
            parts
                .iter()
                .flat_map(|part| part.rests.iter().copied())
                .collect()
        };
        let is_absent = truth == Truth::No && of_truth().all(|part| part.is_absent);
        let (nearest, then) = Self::needed(&parts, truth, decides);
        let mut whole = Self {
            rests,
            nearest,
            then,
            is_absent,
            ..Self::of(truth)
        };
        for part in parts.into_iter().filter(|part| part.truth == truth) {
            whole.reasons.extend(part.reasons);
            whole.because.extend(part.because);
        }
        whole
    }

    /// What would make the whole hold that does not, and what would still be undecided after that.
    fn needed(parts: &[Self], truth: Truth, decides: Truth) -> (Vec<Because>, BTreeSet<Reason>) {
        let failing = || parts.iter().filter(|part| part.truth == Truth::No);
        match (truth, decides) {
            (Truth::No, Truth::No) => {
                let nearest: Vec<Because> = failing().flat_map(|it| it.nearest.clone()).collect();
                if nearest.is_empty() {
                    return Default::default();
                }
                let unknown = parts.iter().filter(|part| part.truth == Truth::Unknown);
                let open = unknown.flat_map(|part| &part.reasons);
                let open = open.chain(failing().flat_map(|part| &part.then));
                (nearest, open.cloned().collect())
            }
            // One alternative is enough: the one that takes the fewest changes.
            (Truth::No, _) => {
                let known = failing().filter(|it| !it.nearest.is_empty());
                let least = known.min_by_key(|it| it.nearest.len() + it.then.len());
                least.map_or_else(Default::default, |it| (it.nearest.clone(), it.then.clone()))
            }
            _ => Default::default(),
        }
    }

    fn other(truth: Truth) -> Truth {
        match truth {
            Truth::Yes => Truth::No,
            _ => Truth::Yes,
        }
    }

    /// What depends on a fact of the platform: the same in both positions, or that of the assumed one, or unknown.
    pub(super) fn depending(switch: Switch, assumed: &Assumed, first: Self, second: Self) -> Self {
        let is_same = first.truth == second.truth;
        match assumed.of(switch) {
            Some(at) => {
                let mut taken = if at == 0 { first } else { second };
                if !is_same {
                    taken.rests.insert(switch);
                }
                taken
            }
            None if is_same => {
                let mut both = first;
                both.reasons.extend(second.reasons);
                both.rests.extend(second.rests);
                both.then.extend(second.then);
                both.is_absent &= second.is_absent;
                both
            }
            None => {
                let mut both = Self::unknown(Reason::Inferred(switch));
                for part in [first, second] {
                    both.reasons.extend(part.reasons);
                    both.rests.extend(part.rests);
                    if part.truth != Truth::Yes {
                        both.because.extend(part.because);
                    }
                }
                both
            }
        }
    }

    /// The switches that it would take to decide it.
    #[must_use]
    pub fn switches(&self) -> Vec<Switch> {
        let switches = self.reasons.iter().filter_map(|reason| match reason {
            Reason::Inferred(switch) => Some(*switch),
            _ => None,
        });
        switches.collect()
    }
}

/// What is open whatever the visit is.
pub(super) fn unclear(why: Unclear, spot: Spot) -> Judged {
    let told = match why {
        Unclear::Field => format!("whether `{}` has a say is not known", spot.at.path()),
        why => why.why().to_owned(),
    };
    Judged::unknown(Reason::Unclear(why, spot.clone())).because(Because {
        spot,
        why: told,
        change: String::new(),
    })
}
