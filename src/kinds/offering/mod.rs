//! What each kind says about who is offered what: its *reading*, in one vocabulary for all kinds.
//!
//! A kind reads its own spec into requirements, each with its place in the spec. The evaluator puts the readings of all
//! manifests together and asks them about a visit; it knows nothing of kinds, and a kind nothing of visits. What the
//! platform's own numbers and payloads ask for is read where it is known, or where `means` says it; everything else
//! stays open.
//!
//! ```text
//! - type: 9                                  Is(Text { fact: CustomerType, any: [club], .. })
//!   data: { include: [..] }
//!   means: { customerType: club }
//! ```

mod fact;
pub(super) mod never;
mod question;
pub(super) mod read;
mod switch;

use std::collections::BTreeSet;

use serde_json::Value;

pub use fact::{Datum, Fact, FactAnswer};
pub use question::{LetterCase, Question};
pub use switch::{Assumed, SWITCHES, Switch, SwitchPosition};

use crate::text::Pointer;

/// What an object says about who is offered what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What must hold, all of it.
    pub requires: Vec<Requirement>,
    /// The object around this one, whose requirements must hold as well.
    pub around: Option<ReferredObject>,
    /// What a visitor gets, for kinds that are offered.
    pub offer: Option<Offering>,
    /// What its offers count in a contest.
    pub rank: Option<Rank>,
    /// The payloads of conditions that say what they mean: only the platform reads them.
    pub payloads: Vec<(Pointer, String)>,
    /// The fields of which it is not known whether they have a say, each with what is written in it.
    pub unread: Vec<(Pointer, String)>,
    /// Those of these that only permit something: whatever else they do, they keep no visitor out.
    pub permits: Vec<Pointer>,
}

/// Something that must hold, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// What it is about.
    pub aspect: Aspect,
    /// What must hold.
    pub clause: Clause,
}

/// A test, and the place below `spec` that states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The place below `spec`.
    pub at: Pointer,
    /// What is tested.
    pub test: Test,
}

impl Clause {
    /// A test with its place.
    #[must_use]
    pub fn new(at: Pointer, test: Test) -> Self {
        Self { at, test }
    }
}

/// A reference to another object.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferredObject {
    /// The kind of the object.
    pub kind: &'static str,
    /// The reference as written.
    pub reference: Value,
}

/// What is tested about a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Decided by the manifest alone: whether it holds, why, and the change that makes it hold.
    Known(bool, String, String),
    /// Open whatever the visit is, and why.
    Open(Unclear),
    /// Asks for a fact of the visit.
    Is(Question),
    /// All of them hold.
    All(Vec<Clause>),
    /// One of them holds.
    Any(Vec<Clause>),
    /// It does not hold.
    Not(Box<Clause>),
    /// What holds depends on a fact of the platform that is only inferred: the first test in the first position, the
    /// second in the second.
    Either(Switch, Box<Clause>, Box<Clause>),
    /// A condition that only web pages can decide.
    WebOnly(Box<Clause>),
    /// The requirements of another object hold.
    Object(ReferredObject),
    /// It held at a page or section where the visitor was in this session.
    Earlier(Vec<Clause>),
    /// The first step of a flow, which the visitor must have taken at least; how the rest is counted is not known.
    Flow(Vec<Clause>),
    /// The time lies in a schedule.
    Within(ScheduleSpan),
    /// The visit is in this place.
    In(Place),
}

impl Test {
    /// The tests inside, one after the other.
    pub fn inner<'t>(&'t self, work: &mut impl FnMut(&'t Clause)) {
        match self {
            Self::All(list) | Self::Any(list) | Self::Earlier(list) | Self::Flow(list) => {
                list.iter().for_each(work);
            }
            Self::Not(inner) | Self::WebOnly(inner) => work(inner),
            Self::Either(_, first, second) => {
                work(first);
                work(second);
            }
            Self::Known(..)
            | Self::Open(_)
            | Self::Is(_)
            | Self::Object(_)
            | Self::Within(_)
            | Self::In(_) => {}
        }
    }

    /// The tests inside, one after the other, to change them.
    pub fn each_inside(&mut self, work: &mut impl FnMut(&mut Clause)) {
        match self {
            Self::All(list) | Self::Any(list) | Self::Earlier(list) | Self::Flow(list) => {
                list.iter_mut().for_each(work);
            }
            Self::Not(inner) | Self::WebOnly(inner) => work(inner),
            Self::Either(_, first, second) => {
                work(first);
                work(second);
            }
            Self::Known(..)
            | Self::Open(_)
            | Self::Is(_)
            | Self::Object(_)
            | Self::Within(_)
            | Self::In(_) => {}
        }
    }
}

/// When something runs, as the spec says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleSpan {
    /// The IANA time zone of both.
    pub time_zone: Option<String>,
    /// The local start.
    pub start: Option<jiff::civil::DateTime>,
    /// The local end.
    pub end: Option<jiff::civil::DateTime>,
}

/// Where a visit is, and where an engagement is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An app, by the live name of its installation.
    App(String),
    /// Web pages.
    Web,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::App(name) => write!(f, "the app {name}"),
            Self::Web => f.write_str("web pages"),
        }
    }
}

/// Why a test is open whatever the visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclear {
    /// A condition whose number or payload is not public, without `means`.
    NoMeaning,
    /// An `extra` of a condition without `means`.
    Extra,
    /// An object that no manifest defines.
    NotInManifests,
    /// A number that has no word.
    NoWord,
    /// A regular expression: the platform reads it in a dialect of its own.
    Expression,
    /// What counts as leaving a flow, or going back in it.
    Flow,
    /// A condition whose payload is another, and whose `means` says the same.
    Payload,
    /// A field of which it is not known whether it has a say.
    Field,
    /// Whether the control group that the visitor is in is that of the campaign.
    ControlGroup,
    /// In which time zone the platform counts days.
    Days,
    /// A value that cannot be read.
    Unreadable,
}

impl Unclear {
    /// Why, in a phrase.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::NoMeaning => "the condition has no `means`, and its payload is not public",
            Self::Extra => "what the `extra` of the condition asks is not known",
            Self::NotInManifests => "no manifest defines the object",
            Self::NoWord => "the number has no known meaning",
            Self::Expression => "the platform reads regular expressions in its own dialect",
            Self::Flow => "what the platform counts as leaving a flow is not known",
            Self::Payload => {
                "the payload of the condition is another, and its `means` says the same"
            }
            Self::Field => "whether the field has a say in who is offered what is not known",
            Self::ControlGroup => "the visitor is in a control group, perhaps of another campaign",
            Self::Days => "the time zone in which the platform counts days is not known",
            Self::Unreadable => "the value cannot be read",
        }
    }
}

/// What a requirement is about: the words of `because`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Aspect {
    /// The engagement lies in a campaign.
    Campaign,
    /// The campaign is published.
    State,
    /// The campaign is one that people make.
    Type,
    /// The campaign is within its dates.
    Schedule,
    /// The engagement is enabled.
    Enabled,
    /// The engagement is of this app, or of web pages.
    Place,
    /// The visitor is at an entry point.
    EntryPoints,
    /// The visitor behaves as asked.
    Behaviors,
    /// The visitor belongs to an audience.
    Audiences,
    /// An agent is available.
    Agents,
    /// The visitor is in no control group.
    ControlGroup,
    /// The visitor has no open conversation.
    Conversation,
    /// The visitor did not close the engagement in this session.
    Closed,
    /// The platform takes the call of the app: it refuses the `customerId` of a visitor who has not signed in.
    Call,
}

impl Aspect {
    /// The word in manifests.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::State => "state",
            Self::Type => "type",
            Self::Schedule => "schedule",
            Self::Enabled => "enabled",
            Self::Place => "place",
            Self::EntryPoints => "entryPoints",
            Self::Behaviors => "behaviors",
            Self::Audiences => "audiences",
            Self::Agents => "agents",
            Self::ControlGroup => "controlGroup",
            Self::Conversation => "conversation",
            Self::Closed => "closed",
            Self::Call => "call",
        }
    }
}

/// What a visitor gets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offering {
    /// The skill that conversations are routed to.
    pub skill: Option<Value>,
    /// The language of the texts.
    pub language: Option<String>,
    /// The window of the conversation.
    pub window: Option<Value>,
    /// How the visitor signs in.
    pub connector: Option<Value>,
    /// The zone of the page: engagements of one zone compete.
    pub zone: Zone,
    /// Its own weight, besides that of the object around it.
    pub weight: Option<f64>,
}

/// Where on a page an engagement competes with others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// In apps, all engagements compete.
    #[default]
    App,
    /// A zone of the page, by its name on the account.
    Named(String),
    /// The zone of the page that a format is shown in: what it is called on the account is not known.
    OfFormat(String),
    /// An element of its own.
    Own {
        /// The zones that it names.
        names: BTreeSet<String>,
        /// The ids of zones whose names are not known.
        ids: BTreeSet<String>,
    },
    /// Not known.
    Unknown,
}

impl Zone {
    /// The names that it has on the account, as far as they are known.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (named, own) = match self {
            Self::Named(name) => (Some(name), None),
            Self::Own { names, .. } => (None, Some(names)),
            Self::App | Self::OfFormat(_) | Self::Unknown => (None, None),
        };
        let all = named.into_iter().chain(own.into_iter().flatten());
        all.map(String::as_str)
    }

    /// The ids of zones whose names are not known.
    fn ids(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        match self {
            Self::Own { ids, .. } => ids,
            Self::App | Self::Named(_) | Self::OfFormat(_) | Self::Unknown => &NONE,
        }
    }

    /// Whether it is a zone of the page whose name is not known.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        matches!(self, Self::OfFormat(_) | Self::Unknown) || !self.ids().is_empty()
    }

    /// Whether only one of two engagements with these zones can be shown at a time, where that is known.
    #[must_use]
    pub fn is_shared_with(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            // An element of its own is beside all else, unless another engagement names its zone.
            (Self::Own { names, ids }, other) | (other, Self::Own { names, ids }) => {
                let is_named = other.names().any(|name| names.contains(name));
                let [has_names, has_ids] =
                    [other.names().next().is_some(), !other.ids().is_empty()];
                let may_be_one =
                    (!ids.is_empty() && (has_names || has_ids)) || (!names.is_empty() && has_ids);
                (!is_named && !may_be_one).then_some(false)
            }
            (Self::Unknown, _)
            | (_, Self::Unknown)
            | (Self::Named(_), Self::OfFormat(_))
            | (Self::OfFormat(_), Self::Named(_)) => None,
            (one, other) => Some(one == other),
        }
    }
}

/// What an object's offers count in a contest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// The weight of the lottery.
    pub weight: f64,
    /// The priority.
    pub priority: f64,
    /// The share of visitors who are in the control group, 0 to 100.
    pub control_group: f64,
}
