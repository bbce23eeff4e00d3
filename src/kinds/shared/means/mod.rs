//! What a raw condition means, in words of our own: the facts that an evaluator decides on.
//!
//! The numbers and payloads of many conditions are not public, so a manifest carries them as they are. `means` beside
//! the payload says what they ask of a visitor. It is a closed vocabulary of facts, typed and checked like any field;
//! it is never sent, and never compared with the account.
//!
//! How facts are decided:
//! - A condition holds when all facts of `means` hold and those of `except`, where it is given, do not all hold.
//! - Several values of one fact are alternatives: `customerType: [club, club-gold]` is one or the other.
//! - A [`Range`] includes its bounds. Words of customers compare without regard to case (platform.md#target-audience).

mod values;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::diag::Code;
use crate::kinds::Findings;
use crate::kinds::strict::Strict;
use crate::text::Pointer;

pub use values::{AnyOf, Range, TextMatch};
pub(crate) use values::{Flaw, Sound};

/// The key of the facts that must not hold.
const EXCEPT: &str = "except";

/// What a condition means: facts of the vocabulary `F`, and exceptions.
#[derive(Clone, Debug, PartialEq)]
pub struct Means<F> {
    /// The facts that hold, all of them.
    pub facts: F,
    /// The facts that do not all hold.
    pub except: Option<F>,
}

/// A vocabulary of facts. The macro [`facts!`] makes them.
pub(crate) trait Facts: Serialize {
    /// The names of the facts that are given.
    fn given(&self) -> Vec<&'static str>;
    /// What cannot be decided about them.
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>);
}

/// Declares a vocabulary: each fact with its text and the type of its data.
macro_rules! facts {
    ($(#[doc = $about:literal])* pub struct $name:ident { $($(#[doc = $doc:literal])* $fact:ident as $key:literal : $data:ty,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[doc = $doc])*
                #[serde(default, rename = $key, skip_serializing_if = "Option::is_none")]
                pub $fact: Option<$data>,
            )*
        }

        impl $crate::kinds::shared::means::Facts for $name {
            fn given(&self) -> Vec<&'static str> {
                let all = [$((self.$fact.is_some(), $key)),*];
                all.into_iter().filter(|(given, _)| *given).map(|(_, key)| key).collect()
            }

            fn flaws(&self, at: &$crate::text::Pointer, out: &mut Vec<$crate::kinds::shared::means::Flaw>) {
                $(
                    if let Some(data) = &self.$fact {
                        $crate::kinds::shared::means::Sound::flaws(data, &at.key($key), out);
                    }
                )*
            }
        }
    };
}

pub(crate) use facts;

/// The codes that a kind raises about `means`.
pub(crate) struct MeansCodes {
    /// Facts that cannot be decided.
    pub(crate) unclear: &'static Code,
    /// Facts that contradict the condition beside them.
    pub(crate) contradicts: &'static Code,
}

/// Complains about facts that cannot be decided.
pub(crate) fn check_means<F: Facts>(
    means: &Means<F>,
    whole: &Pointer,
    codes: &MeansCodes,
    out: &mut Findings,
) {
    let mut flaws = Vec::new();
    let except = means.except.iter();
    let except = except.map(|except| (whole.key(EXCEPT), except));
    let own = (whole.clone(), &means.facts);
    for (at, facts) in std::iter::once(own).chain(except) {
        // Everybody but those who are excepted is a fact.
        let is_whole = at == *whole && means.except.is_some();
        if facts.given().is_empty() && !is_whole {
            flaws.push(Flaw {
                at: at.clone(),
                message: "no fact is given".to_owned(),
                help: "name a fact, or leave it out; `campaignctl explain` lists them".to_owned(),
            });
        }
        facts.flaws(&at, &mut flaws);
        below_zero(facts, &at, &mut flaws);
    }
    for Flaw { at, message, help } in flaws {
        out.push(codes.unclear, at, message, help);
    }
}

/// What is counted or measured, and never below zero. A balance may be.
const COUNTS: [&str; 6] = [
    "age",
    "registeredDaysAgo",
    "companySize",
    "viewedProducts",
    "cart.items",
    "cart.value",
];

/// Bounds that no visitor is beyond.
fn below_zero<F: Facts>(facts: &F, at: &Pointer, out: &mut Vec<Flaw>) {
    let facts = serde_json::to_value(facts).unwrap_or_default();
    for (path, bound) in COUNTS
        .iter()
        .flat_map(|path| ["atLeast", "atMost"].map(|bound| (path, bound)))
    {
        let range = path
            .split('.')
            .try_fold(&facts, |value, key| value.get(key));
        let number = range.and_then(|range| range.get(bound)?.as_f64());
        if let Some(number) = number.filter(|number| *number < 0.0) {
            let at = path.split('.').fold(at.clone(), |at, key| at.key(key));
            out.push(Flaw {
                at: at.key(bound),
                message: format!("{number} is below 0, and `{path}` never is"),
                help: "write 0 or more, or leave the bound out".to_owned(),
            });
        }
    }
}

impl<'de, F: DeserializeOwned> Deserialize<'de> for Means<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut facts = Value::deserialize(deserializer)?;
        let except = match &mut facts {
            Value::Object(map) => map.shift_remove(EXCEPT),
            _ => return Err(D::Error::custom("facts are a mapping")),
        };
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        if is_empty(&facts) && except.is_none() || except.as_ref().is_some_and(is_empty) {
            return Err(D::Error::custom("no fact is given"));
        }
        let read = |value: &Value| F::deserialize(Strict(value)).map_err(D::Error::custom);
        Ok(Self {
            facts: read(&facts)?,
            except: match except {
                None | Some(Value::Null) => None,
                Some(except) => Some(read(&except)?),
            },
        })
    }
}

impl<F: Serialize> Serialize for Means<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let value = |facts: &F| serde_json::to_value(facts).map_err(S::Error::custom);
        let mut all = match value(&self.facts)? {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        if let Some(except) = &self.except {
            all.insert(EXCEPT.to_owned(), value(except)?);
        }
        all.serialize(serializer)
    }
}

impl<F: JsonSchema> JsonSchema for Means<F> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Means", F::schema_name().trim_end_matches("Facts")).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = F::json_schema(generator);
        schema.insert("minProperties".to_owned(), Value::from(1));
        let except = Option::<F>::json_schema(generator);
        let mut except = except.to_value();
        except["minProperties"] = Value::from(1);
        except["description"] = Value::from(
            "Facts that must not hold: a visitor for whom all of them hold is excluded.",
        );
        if let Some(Value::Object(fields)) = schema.get_mut("properties") {
            fields.insert(EXCEPT.to_owned(), except);
        }
        schema
    }
}
