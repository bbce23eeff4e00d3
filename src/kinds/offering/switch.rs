//! The facts of the platform that are only inferred, one switch each. A verdict that depends on one is not decided
//! unless the position is assumed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::diag::did_you_mean;

/// A position that a switch can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchPosition {
    /// The word in manifests and flags.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
struct SwitchRow {
    word: &'static str,
    about: &'static str,
    section: &'static str,
    positions: [SwitchPosition; 2],
}

macro_rules! switches {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $section:literal, $first:literal: $first_doc:literal, $second:literal: $second_doc:literal;)*) => {
        /// A fact of the platform that is only inferred. The rows cite the section of platform.md that is about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Switch {
            $($(#[doc = $doc])* $name,)*
        }

        /// Every switch, in the order of the table.
        pub const SWITCHES: &[Switch] = &[$(Switch::$name),*];

        impl Switch {
            const fn row(self) -> SwitchRow {
                match self {
                    $(Self::$name => SwitchRow {
                        word: $word,
                        about: concat!($($doc),*),
                        section: $section,
                        positions: [
                            SwitchPosition { word: $first, doc: $first_doc },
                            SwitchPosition { word: $second, doc: $second_doc },
                        ],
                    },)*
                }
            }
        }
    };
}

switches! {
    /// Whether upper and lower case of a section's name are the same.
    SectionCase = "section-case", "entry-point", "exact": "They differ.", "ignored": "They are the same.";
    /// Whether upper and lower case of an address are the same.
    UrlCase = "url-case", "entry-point", "exact": "They differ.", "ignored": "They are the same.";
    /// Whether upper and lower case of other texts are the same, such as the name of a city.
    TextCase = "text-case", "target-audience", "exact": "They differ.", "ignored": "They are the same.";
    /// What several entry points, behaviors or audiences of one object mean.
    Alternatives = "alternatives", "monitoring-rules", "any": "One of them is enough.", "all": "All of them must hold.";
    /// What several conditions of one audience or entry point mean.
    Conditions = "conditions", "monitoring-rules", "all": "All of them must hold.", "any": "One of them is enough.";
    /// What a list of entry points, behaviors or audiences means that a manifest leaves out or keeps empty.
    Undeclared = "undeclared", "monitoring-rules", "unrestricted": "No restriction.", "nothing": "Nothing is offered.";
    /// What an empty list of sections to include means.
    EmptyInclude = "empty-include", "entry-point", "everywhere": "Every section.", "nowhere": "No section.";
    /// Whether an entry point of another app can hold.
    EntryPointApp = "entry-point-app", "entry-point", "must-match": "It never holds.", "ignored": "It holds wherever its sections are.";
    /// Whether an entry point without `appInstallation`, which is a place on the web, can hold in an app.
    EntryPointWithoutApp = "entry-point-without-app", "entry-point", "web-only": "It never holds in an app.", "anywhere": "It holds wherever its sections are, in apps as well.";
    /// What a condition on an attribute means that was not reported, where the condition excludes values.
    AbsentAttribute = "absent-attribute", "monitoring-rules", "not-excluded": "The visitor is not excluded.", "fails": "The condition does not hold.";
    /// What a cart means that is reported again.
    Cart = "cart", "monitoring", "replaces": "It replaces the earlier one.", "adds": "It is added to the earlier one.";
    /// What a cart with products is worth, and how many items it has, where it leaves out `total` or `numItems`.
    CartTotals = "cart-totals", "engagement-attributes", "left-out": "They are not reported.", "of-products": "They follow from the prices and quantities of the products.";
    /// What a condition on the value of a cart, or on a balance, means whose payload names a currency.
    Currency = "currency", "behavior", "ignored": "The number alone counts.", "must-match": "An amount in another currency, or in none that is reported, does not meet it.";
    /// Whether a product that is viewed again counts again.
    ProductViews = "product-views", "behavior", "each-view": "It does.", "each-product": "Each product counts once.";
    /// Whether an error counts that is reported with `resolved`.
    ResolvedErrors = "resolved-errors", "behavior", "count": "It does.", "ignored": "It does not, nor do earlier ones with its code.";
    /// Whether a new session still has the attributes of the one before.
    NewSession = "new-session", "monitoring-rules", "starts-empty": "It has none.", "keeps-attributes": "It has them.";
    /// What a session of exactly 30 idle minutes, or of exactly 6 hours, is.
    SessionEnd = "session-end", "monitoring", "over": "It is over.", "still-running": "It still runs.";
    /// Whether being at a place counts as having visited it.
    VisitedNow = "visited-now", "behavior", "counts": "It counts.", "earlier-only": "Only places before this one count.";
    /// What a condition that only web pages can decide means in an app.
    WebOnly = "web-only", "target-audience", "never": "It never holds.", "ignored": "It is ignored.";
    /// Whether `availability: always` offers an engagement while no agent is available.
    Availability = "availability", "engagement", "as-named": "It does.", "agents-needed": "An agent is always needed.";
    /// Which of `availability` and `availabilityForMessaging` counts, where the two differ.
    AvailabilityField = "availability-field", "engagement", "by-conversation": "The one of the `conversationType`.", "either": "`always` in one of them is enough.";
    /// What a field means of which nothing is documented, such as one in `extra`.
    UndocumentedFields = "undocumented-fields", "monitoring-rules", "no-say": "It has no say in who is offered what.", "may-exclude": "It may keep anybody out, so no offer is certain.";
    /// The instant at which a schedule ends.
    ScheduleEnd = "schedule-end", "campaign", "over": "The campaign is over.", "still-running": "The campaign still runs.";
    /// What a schedule means that starts or ends in the hour that clocks skip or repeat.
    Changeover = "changeover", "campaign", "earlier": "The earlier instant.", "later": "The later instant.";
    /// Whether an app is offered an engagement again that the visitor closed in the same session.
    ClosedInApp = "closed-in-app", "monitoring-rules", "not-again": "It is not, as on the web.", "again": "It is.";
    /// How one of several eligible engagements of an app is chosen.
    Contest = "contest", "monitoring-rules", "lottery": "By lottery, weighted by the campaigns' `weight`.", "priority": "By the campaigns' `priority`; equal ones by lottery.";
    /// Whether the `weight` of an engagement counts in a lottery.
    EngagementWeight = "engagement-weight", "monitoring-rules", "ignored": "The campaigns' `weight` alone counts.", "counts": "The `weight` of the campaign is multiplied with it; an engagement without one has 0.5.";
}

impl Switch {
    /// The word in manifests and flags.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().word
    }

    /// What it is about.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.row().about.trim()
    }

    /// The section of the page of platform facts.
    #[must_use]
    pub const fn section(self) -> &'static str {
        self.row().section
    }

    /// Its two positions.
    #[must_use]
    pub const fn positions(self) -> [SwitchPosition; 2] {
        self.row().positions
    }

    /// The switch with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        SWITCHES.iter().copied().find(|it| it.word() == word)
    }

    /// The position with this word.
    #[must_use]
    pub fn position(self, word: &str) -> Option<usize> {
        self.positions().iter().position(|it| it.word == word)
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Positions that are taken for granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumed(pub BTreeMap<Switch, usize>);

impl Assumed {
    /// The position of a switch, where one is assumed.
    #[must_use]
    pub fn of(&self, switch: Switch) -> Option<usize> {
        self.0.get(&switch).copied()
    }

    /// Takes a position for granted, as `SWITCH=POSITION` or as two words.
    ///
    /// # Errors
    /// A switch or a position that does not exist, with the nearest.
    pub fn add(&mut self, switch: &str, position: &str) -> Result<(), String> {
        let found = Switch::named(switch).ok_or_else(|| {
            let near = did_you_mean(switch, SWITCHES.iter().map(|it| it.word()));
            let near = near.unwrap_or_else(|| "the reference of scenarios lists them".to_owned());
            format!("`{switch}` is not an inferred fact; {near}")
        })?;
        let words = found.positions().map(|it| it.word);
        let at = found.position(position).ok_or_else(|| {
            format!(
                "`{switch}` is `{}` or `{}`, not `{position}`",
                words[0], words[1]
            )
        })?;
        self.0.insert(found, at);
        Ok(())
    }
}

impl Serialize for Assumed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.iter();
        serializer.collect_map(pairs.map(|(it, at)| (it.word(), it.positions()[*at].word)))
    }
}

impl<'de> Deserialize<'de> for Assumed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(map) = Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("assumptions are a mapping"));
        };
        let mut assumed = Self::default();
        for (switch, position) in &map {
            let word = position
                .as_str()
                .ok_or_else(|| D::Error::custom(format!("`{switch}` takes a word")))?;
            assumed.add(switch, word).map_err(D::Error::custom)?;
        }
        Ok(assumed)
    }
}

impl JsonSchema for Assumed {
    fn schema_name() -> Cow<'static, str> {
        "Assumed".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let rows = SWITCHES.iter().map(|switch| {
            let positions = switch.positions();
            let row = serde_json::json!({
                "description": switch.about(),
                "enum": positions.map(|it| it.word),
                "enumDescriptions": positions.map(|it| it.doc),
            });
            (switch.word().to_owned(), row)
        });
        json_schema!({
            "description": "Facts of the platform that are only inferred, and the position to take for each.",
            "type": "object",
            "properties": rows.collect::<Map<_, _>>(),
            "additionalProperties": false
        })
    }
}
