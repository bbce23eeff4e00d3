//! What happens to live objects that no manifest defines.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::kinds::{KindId, Role};

/// What happens to live objects that no manifest defines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Prune {
    /// Owned objects whose manifest has gone are deleted. Objects that people made in the console never are.
    #[default]
    Owned,
    /// Nothing is deleted.
    None,
    /// As `owned`; and of these kinds, every object that no manifest defines is deleted, also those that colleagues made in the console.
    /// The vendor's own rows stay.
    Exclusive(Vec<KindId>),
}

impl Prune {
    /// Whether owned objects without a manifest are deleted.
    #[must_use]
    pub fn deletes_owned(&self) -> bool {
        *self != Self::None
    }

    /// The kinds of which foreign objects are deleted, too.
    #[must_use]
    pub fn exclusive(&self) -> &[KindId] {
        match self {
            Self::Exclusive(kinds) => kinds,
            Self::Owned | Self::None => &[],
        }
    }
}

/// Written by hand: the words in one enumeration give a better complaint than a union of constants.
impl JsonSchema for Prune {
    fn schema_name() -> Cow<'static, str> {
        "Prune".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kinds: Vec<_> = KindId::manifests()
            .filter(|kind| kind.def().role != Role::Local)
            .map(KindId::name)
            .collect();
        schemars::json_schema!({
            "description": "What happens to live objects that no manifest defines: `owned` deletes those whose manifest has gone and never what people made in the console, `none` deletes nothing, `{exclusive: [Kind, ..]}` also deletes foreign objects of the kinds that it names.",
            "anyOf": [
                {
                    "type": "string",
                    "enum": ["owned", "none"],
                    "enumDescriptions": [
                        "Owned objects whose manifest has gone are deleted. Objects that people made in the console never are.",
                        "Nothing is deleted."
                    ]
                },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["exclusive"],
                    "properties": {
                        "exclusive": {
                            "description": "Kinds whose objects are deleted unless a manifest defines them. The vendor's own rows are kept.",
                            "type": "array",
                            "minItems": 1,
                            "uniqueItems": true,
                            "items": { "type": "string", "enum": kinds }
                        }
                    }
                }
            ]
        })
    }
}
