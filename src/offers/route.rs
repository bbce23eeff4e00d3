//! Where an offer leads: the fields of an engagement that say it.

use serde_json::Value;

use super::truth::Observation;
use crate::kinds::field::Codec;
use crate::kinds::offering::Offering;
use crate::manifest::Key;

/// A field of an engagement that says where an offer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The skill that conversations are routed to.
    Skill,
    /// The language of the texts.
    Language,
    /// The window of the conversation.
    Window,
    /// How the visitor signs in.
    Connector,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Skill, Self::Language, Self::Window, Self::Connector];

    /// The field of the manifest.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Skill => "skill",
            Self::Language => "language",
            Self::Window => "window",
            Self::Connector => "connector",
        }
    }

    /// That the platform says another one.
    pub(super) const fn otherwise(self) -> Observation {
        match self {
            Self::Skill => Observation::Skill,
            Self::Language => Observation::Language,
            Self::Window => Observation::Window,
            Self::Connector => Observation::Connector,
        }
    }

    /// The kind of what it leads to.
    pub(super) fn kind(self, of: &Key) -> Option<&'static str> {
        let mut fields = of.kind.def().fields.iter();
        let field = fields.find(|it| it.spec == self.field())?;
        match field.codec {
            Codec::Ref(kind) => Some(kind),
            _ => None,
        }
    }

    /// Where an offer leads.
    #[must_use]
    pub fn of(self, offering: &Offering) -> Option<Value> {
        match self {
            Self::Skill => offering.skill.clone(),
            Self::Language => offering.language.clone().map(Value::from),
            Self::Window => offering.window.clone(),
            Self::Connector => offering.connector.clone(),
        }
    }
}
