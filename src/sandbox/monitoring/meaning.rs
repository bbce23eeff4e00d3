//! What raw conditions mean in this sandbox: `conditions` of the environment `sandbox`.
//!
//! The platform knows what its numbers and payloads ask of a visitor; their meaning is not public. So a project says it
//! once more for the sandbox, by kind, number and payload. It is read here and nowhere else.

use std::fmt;
use std::net::IpAddr;

use serde_json::{Map, Value};

use super::decide::VisitorDecider;
use super::facts::VisitorFacts;
use crate::kinds::{ALL, Conduct, Meanings};
use crate::text::number::integer;

/// The facts that conditions may ask for. Those of web pages hold in no app.
const FACTS: [&str; 26] = [
    "section",
    "url",
    "referral",
    "searchKeywords",
    "ip",
    "platform",
    "marketingSource",
    "geo",
    "returning",
    "customerType",
    "customerStatus",
    "age",
    "registeredDaysAgo",
    "companySize",
    "balance",
    "customerId",
    "storeZipCode",
    "storeNumber",
    "gender",
    "timeOnPage",
    "visited",
    "aboutToAbandon",
    "cart",
    "viewedProducts",
    "visitorError",
    "serviceActivity",
];

/// A fact besides these: what happened in the session.
const ENGAGED: &str = "engagedInSession";

/// Only pages of the web meet them.
const WEB_ONLY: [&str; 5] = [
    "url",
    "referral",
    "returning",
    "timeOnPage",
    "aboutToAbandon",
];

/// What a condition means.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedCondition {
    kind: &'static str,
    number: i64,
    data: Option<Value>,
    meaning: Meaning,
}

#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// Whatever the visitor is.
    Fixed(bool),
    /// These facts hold, and those do not all hold.
    Facts(Map<String, Value>, Option<Map<String, Value>>),
}

/// Whether a fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FactState {
    Holds,
    Fails,
    /// The attribute was not reported.
    Absent,
}

impl From<bool> for FactState {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl FactState {
    fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::Holds;
        for part in parts {
            whole = match (whole, part) {
                (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
                (Self::Absent, _) | (_, Self::Absent) => Self::Absent,
                _ => Self::Holds,
            };
        }
        whole
    }
}

impl ServedCondition {
    /// Reads `{ kind, type, data, means }`, or `holds` in the place of `means`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(
        (kind, number, data): (&str, i64, Option<&Value>),
        means: Option<&Value>,
        holds: Option<bool>,
    ) -> Result<Self, String> {
        let def = ALL.iter().filter(|def| def.visit_word.is_some());
        let names: Vec<&str> = def.map(|def| def.name).collect();
        let Some(kind) = names.iter().find(|name| **name == kind) else {
            return Err(format!(
                "`{kind}` has no conditions; they are of {}",
                names.join(", ")
            ));
        };
        let meaning = match (means, holds) {
            (None, Some(holds)) => Meaning::Fixed(holds),
            (Some(Value::Object(means)), None) => {
                let mut facts = means.clone();
                let except = match facts.shift_remove("except") {
                    None => None,
                    Some(Value::Object(except)) => Some(except),
                    Some(_) => return Err("`except` is a mapping of facts".to_owned()),
                };
                for name in facts.keys().chain(except.iter().flat_map(Map::keys)) {
                    if name != ENGAGED && !FACTS.contains(&name.as_str()) {
                        return Err(format!("the sandbox cannot decide `{name}`"));
                    }
                }
                Meaning::Facts(facts, except)
            }
            _ => return Err("a condition needs `means` with facts, or `holds`".to_owned()),
        };
        Ok(Self {
            kind,
            number,
            data: data.cloned(),
            meaning,
        })
    }

    fn is_of(&self, kind: &str, condition: &Value) -> bool {
        let data = condition.get("data").unwrap_or(&Value::Null);
        self.kind == kind
            && condition.get("type").and_then(integer) == Some(self.number)
            && self.data.as_ref().is_none_or(|it| it == data)
    }
}

impl fmt::Debug for VisitorDecider<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decider").finish_non_exhaustive()
    }
}

impl Meanings for VisitorDecider<'_> {
    fn holds(&self, kind: &str, condition: &Value) -> Option<bool> {
        let mut all = self.emulator.settings.conditions.iter();
        let found = all.find(|it| it.is_of(kind, condition))?;
        Some(match &found.meaning {
            Meaning::Fixed(holds) => *holds,
            Meaning::Facts(facts, except) => {
                let holds = |facts: &Map<String, Value>| {
                    FactState::all(facts.iter().map(|(name, wanted)| {
                        let is_other = !self.is_in_currency(name, wanted, condition);
                        if is_other {
                            FactState::Fails
                        } else {
                            self.fact(name, wanted)
                        }
                    }))
                };
                let is_excluded = except.as_ref().is_some_and(|it| match holds(it) {
                    FactState::Holds => true,
                    FactState::Fails => false,
                    FactState::Absent => self.conduct().absent_attribute_fails,
                });
                holds(facts) == FactState::Holds && !is_excluded
            }
        })
    }
}

impl VisitorDecider<'_> {
    fn conduct(&self) -> &Conduct {
        &self.emulator.settings.conduct
    }

    /// Whether an amount is in the currency that the payload names.
    fn is_in_currency(&self, name: &str, wanted: &Value, condition: &Value) -> bool {
        let said = match name {
            "cart" if wanted.get("value").is_some() => {
                self.facts.last("cart", "/currency", self.conduct())
            }
            "balance" => self
                .facts
                .last("ctmrinfo", "/info/currency", self.conduct()),
            _ => return true,
        };
        let mut named = Vec::new();
        every_currency(condition.get("data").unwrap_or(&Value::Null), &mut named);
        let is_named = |said: &str| named.iter().any(|it| it.eq_ignore_ascii_case(said));
        !self.conduct().needs_currency
            || named.is_empty()
            || said.as_ref().and_then(Value::as_str).is_some_and(is_named)
    }

    fn fact(&self, name: &str, wanted: &Value) -> FactState {
        let conduct = self.conduct();
        let facts = self.facts;
        if WEB_ONLY.contains(&name) {
            return conduct.ignores_web_only.into();
        }
        let folds = conduct.ignores_text_case;
        let info = |key: &str| facts.last("ctmrinfo", &format!("/info/{key}"), conduct);
        let number = |value: Option<Value>| value.as_ref().and_then(Value::as_f64);
        match name {
            "customerType" => one_of(info("ctype"), wanted, true),
            "customerStatus" => one_of(info("cstatus"), wanted, true),
            "customerId" | "storeZipCode" | "storeNumber" => one_of(info(name), wanted, folds),
            "balance" => within(number(info(name)), wanted),
            "age" => within(age(facts, conduct), wanted),
            "gender" => one_of(
                facts.last("personal", "/personal/gender", conduct),
                wanted,
                true,
            ),
            "registeredDaysAgo" => within(facts.registered_days_ago(self.now, conduct), wanted),
            "platform" => {
                let device = facts.device.clone().map(Value::from);
                one_of(device, wanted, true).known()
            }
            "ip" => facts
                .ip
                .as_deref()
                .is_some_and(|ip| is_in(ip, wanted))
                .into(),
            "section" => self.is_in_section(wanted).into(),
            "marketingSource" => self.marketing(wanted),
            "cart" => FactState::all(
                [("value", "total"), ("items", "numItems")]
                    .into_iter()
                    .filter_map(|(word, key)| {
                        Some(within(facts.cart(key, conduct), wanted.get(word)?))
                    }),
            ),
            "viewedProducts" => within(facts.products(conduct), wanted),
            "visitorError" => self.error(wanted),
            "serviceActivity" => one_of(
                facts.last("service", "/service/status", conduct),
                wanted,
                folds,
            ),
            ENGAGED => {
                let has_exposed = alternatives(wanted).iter().any(|it| **it == "exposed");
                (facts.has_seen && has_exposed).into()
            }
            "visited" => self.has_been(wanted).into(),
            // Geography, search keywords, company data: what the platform knows and this sandbox does not.
            _ => FactState::Fails,
        }
    }

    fn is_in_section(&self, wanted: &Value) -> bool {
        let places = self.facts.places.iter();
        let folds = self.conduct().ignores_section_case;
        let mut sections = places.filter_map(|it| it.strip_prefix("sec://"));
        sections.any(|section| {
            alternatives(wanted)
                .iter()
                .any(|it| matches(it, section, folds))
        })
    }

    fn marketing(&self, wanted: &Value) -> FactState {
        let folds = self.conduct().ignores_text_case;
        let said = |key: &str| {
            let pointer = format!("/info/{key}");
            self.facts.last("mrktInfo", &pointer, self.conduct())
        };
        let parts = [("affiliate", "affiliate"), ("campaign", "campaignId")];
        let parts = parts
            .into_iter()
            .filter_map(|(word, key)| Some(one_of(said(key), wanted.get(word)?, folds)));
        // Which number is which channel is not known.
        let channel = wanted.get("channel").map(|_| FactState::Fails);
        FactState::all(parts.chain(channel))
    }

    fn error(&self, wanted: &Value) -> FactState {
        let folds = self.conduct().ignores_text_case;
        let errors = self.facts.errors(self.conduct());
        if errors.is_empty() {
            return FactState::Absent;
        }
        let fits = |error: &Value, key: &str| {
            let Some(any) = wanted.get(key) else {
                return true;
            };
            let Some(met) = error.pointer(&format!("/error/{key}")).and_then(plain) else {
                return false;
            };
            alternatives(any).iter().any(|it| matches(it, &met, folds))
        };
        errors
            .into_iter()
            .any(|error| fits(error, "code") && fits(error, "message"))
            .into()
    }

    /// Whether the visitor was at one of these places in this session.
    fn has_been(&self, wanted: &Value) -> bool {
        let names: Vec<&str> = alternatives(wanted)
            .into_iter()
            .filter_map(Value::as_str)
            .collect();
        let now = (!self.conduct().visited_is_earlier).then_some(&self.facts.places);
        let mut pages = self.facts.pages.iter().chain(now);
        pages.any(|places| self.is_at_one_of(&names, places))
    }
}

impl FactState {
    /// A fact that is no attribute: not known is not reported.
    fn known(self) -> Self {
        if self == Self::Absent {
            Self::Fails
        } else {
            self
        }
    }
}

fn every_currency<'d>(data: &'d Value, found: &mut Vec<&'d str>) {
    let inner: Vec<&Value> = match data {
        Value::Object(map) => {
            let is_it = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case("currency");
            found.extend(map.iter().filter(is_it).filter_map(|(_, it)| it.as_str()));
            map.values().collect()
        }
        Value::Array(list) => list.iter().collect(),
        _ => return,
    };
    for value in inner {
        every_currency(value, found);
    }
}

fn alternatives(wanted: &Value) -> Vec<&Value> {
    match wanted {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// A text or a number as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text is the wanted one: a whole text, or `is` or `contains`.
fn matches(wanted: &Value, text: &str, folds: bool) -> bool {
    let fold = |text: &str| {
        if folds {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let part = wanted.get("contains").and_then(Value::as_str);
    if let Some(part) = part {
        return fold(text).contains(&fold(part));
    }
    let whole = wanted.get("is").unwrap_or(wanted);
    plain(whole).is_some_and(|whole| fold(&whole) == fold(text))
}

fn one_of(said: Option<Value>, wanted: &Value, folds: bool) -> FactState {
    let Some(said) = said else {
        return FactState::Absent;
    };
    let text = plain(&said).unwrap_or_default();
    alternatives(wanted)
        .iter()
        .any(|it| matches(it, &text, folds))
        .into()
}

fn within(said: Option<f64>, range: &Value) -> FactState {
    let Some(number) = said else {
        return FactState::Absent;
    };
    let bound = |key: &str| range.get(key).and_then(Value::as_f64);
    let is_enough = bound("atLeast").is_none_or(|least| number >= least);
    (is_enough && bound("atMost").is_none_or(|most| number <= most)).into()
}

fn age(facts: &VisitorFacts, conduct: &Conduct) -> Option<f64> {
    let age = facts.last("personal", "/personal/age", conduct)?;
    age.get("age").unwrap_or(&age).as_f64()
}

/// Whether an address is one of these, in one of these networks, or between two.
fn is_in(address: &str, wanted: &Value) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let number = |address: IpAddr| match address {
        IpAddr::V4(it) => u128::from(u32::from(it)),
        IpAddr::V6(it) => u128::from(it),
    };
    let read = |text: &str| text.trim().parse::<IpAddr>().ok();
    let fits = |text: &str| -> Option<bool> {
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (read(first)?, read(last)?);
            let between = (number(first)..=number(last)).contains(&number(address));
            return Some(first.is_ipv4() == address.is_ipv4() && between);
        }
        let (network, bits) = text
            .split_once('/')
            .map_or((text, None), |(it, bits)| (it, Some(bits)));
        let network = read(network)?;
        let width: u32 = if network.is_ipv4() { 32 } else { 128 };
        let rest = width.checked_sub(bits.map_or(Some(width), |it| it.parse().ok())?)?;
        let shifted = |it: IpAddr| number(it).checked_shr(rest).unwrap_or(0);
        Some(network.is_ipv4() == address.is_ipv4() && shifted(network) == shifted(address))
    };
    let mut all = alternatives(wanted).into_iter().filter_map(Value::as_str);
    all.any(|text| fits(text) == Some(true))
}
