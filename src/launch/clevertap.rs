//! The request that makes a campaign of CleverTap, and what its answers say (platform.md#clevertap).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::kinds::{Clevertap, ClevertapMode};
use crate::name::RemoteId;
use crate::text::number::natural;

/// The keys of an answer whose numbers count no users.
const NO_COUNTS: [&str; 3] = ["id", "code", "status"];

/// The key of a number that is the sum of the others.
const TOTAL: &str = "total";

/// How many different counts of an answer are kept.
const COUNTS: usize = 50;

/// The body of the request, but for the name.
#[must_use]
pub fn request(section: &Clevertap) -> Value {
    let mut body = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    set("target_mode", section.target_mode().map(Value::from));
    set("where", section.audience.clone().map(Value::Object));
    set("segment", section.segment.map(Value::from));
    set("content", Some(Value::Object(section.content.clone())));
    set("when", Some(section.when.clone().unwrap_or("now".into())));
    set("labels", section.labels.clone().map(Value::from));
    let caps = section.respect_frequency_caps.unwrap_or(true);
    set("respect_frequency_caps", Some(caps.into()));
    set(
        "provider_nick_name",
        section.provider.clone().map(Value::from),
    );
    set("devices", section.devices.clone().map(Value::from));
    set(
        "send_to_all_devices",
        section.send_to_all_devices.map(Value::from),
    );
    set(
        "conversion_goal",
        section.conversion_goal.clone().map(Value::Object),
    );
    set("ttl", section.time_to_live.clone().map(Value::Object));
    if section.mode() == ClevertapMode::Draft {
        set("draft", Some(json!(true)));
    }
    Value::Object(body)
}

/// How many users a campaign would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Estimate {
    /// What the answer counts, by its words, those of inner objects with a dot between.
    pub counts: BTreeMap<String, u64>,
}

impl Estimate {
    /// The estimate in an answer. Its shape is not documented, so every count in it is taken; `None` where there is none.
    #[must_use]
    pub fn of(answer: &Value) -> Option<Self> {
        let mut counts = BTreeMap::new();
        collect(answer.get("estimates").unwrap_or(answer), "", &mut counts);
        (!counts.is_empty()).then_some(Self { counts })
    }

    /// The most users that it can mean: the total where one is given, else the sum, in which who has two devices counts twice.
    #[must_use]
    pub fn most(&self) -> u32 {
        let total = self.counts.get(TOTAL).copied();
        let sum = || {
            let parts = self.counts.values();
            parts.fold(0_u64, |sum, count| sum.saturating_add(*count))
        };
        let largest = self.counts.values().copied().max().unwrap_or_default();
        let most = total.map_or_else(sum, |total| total.max(largest));
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// Whether an audience is another one by now. Audiences breathe: it moved when it grew or shrank by more than a tenth,
    /// and by more than ten users.
    #[must_use]
    pub fn has_moved(&self, now: &Self) -> bool {
        let (before, now) = (self.most(), now.most());
        before.abs_diff(now) > (before / 10).max(10)
    }
}

fn collect(value: &Value, path: &str, counts: &mut BTreeMap<String, u64>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if path.is_empty() && NO_COUNTS.contains(&key.as_str()) {
                    continue;
                }
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(value, &path, counts);
            }
        }
        Value::Number(number) if counts.len() < COUNTS => {
            // What is no natural number is no count to rely on: it lets nothing through.
            let odd = || number.as_f64().filter(|it| *it > 0.0).map(|_| u64::MAX);
            if let Some(count) = natural(value).or_else(odd) {
                let name = if path.is_empty() { TOTAL } else { path };
                counts.insert(name.to_owned(), count);
            }
        }
        _ => {}
    }
}

/// A campaign that CleverTap made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its id.
    pub id: String,
}

impl Created {
    /// What an answer says; nothing where it has not the documented shape.
    #[must_use]
    pub fn of(answer: &Value) -> Option<Self> {
        if answer.get("status")?.as_str()? != "success" {
            return None;
        }
        Self::with_id_of(answer)
    }

    /// The one campaign of a list that has a name, by its id. Several are none: which of them it is cannot be told.
    #[must_use]
    pub fn in_list(answer: &Value, name: &str) -> Option<Self> {
        let targets = answer.get("targets")?.as_array()?;
        let mut found = targets.iter().filter(|it| it["name"] == name);
        let one = found.next()?;
        if found.next().is_some() {
            return None;
        }
        Self::with_id_of(one)
    }

    fn with_id_of(row: &Value) -> Option<Self> {
        let id = RemoteId::from_wire(row.get("id")?)?.to_string();
        Some(Self { id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_found_in_every_shape() {
        let most = |answer: Value| Estimate::of(&answer).map(|it| it.most());
        assert_eq!(
            most(json!({ "status": "success", "estimates": { "total": 250 } })),
            Some(250)
        );
        assert_eq!(
            most(json!({ "estimates": { "android": 20, "ios": 30 } })),
            Some(50)
        );
        assert_eq!(
            most(json!({ "estimates": { "total": 40, "push": { "ios": 30.0 } } })),
            Some(40)
        );
        assert_eq!(
            most(json!({ "estimates": { "total": 1, "email": 9 } })),
            Some(9),
            "the larger one"
        );
        assert_eq!(
            most(json!({ "status": "success", "estimates": 7 })),
            Some(7)
        );
        assert_eq!(
            most(json!({ "status": "success", "id": 12, "count": 7 })),
            Some(7)
        );
        assert_eq!(most(json!({ "status": "success", "id": 12 })), None);
        assert_eq!(
            most(json!({ "estimates": { "total": 1e300 } })),
            Some(u32::MAX)
        );
        assert_eq!(most(json!([])), None);
    }

    #[test]
    fn audiences_breathe() {
        let of = |count: u64| Estimate {
            counts: [("total".to_owned(), count)].into(),
        };
        for (before, now, moved) in [
            (5, 15, false),
            (5, 16, true),
            (1000, 1100, false),
            (1000, 1101, true),
            (1000, 0, true),
        ] {
            assert_eq!(of(before).has_moved(&of(now)), moved, "{before} {now}");
        }
    }

    #[test]
    fn a_campaign_is_known_by_its_id_alone() {
        let of = |answer: Value| Created::of(&answer).map(|it| it.id);
        assert_eq!(
            of(json!({ "status": "success", "id": 1_629_904_249 })),
            Some("1629904249".to_owned())
        );
        assert_eq!(of(json!({ "status": "success" })), None);
        assert_eq!(of(json!({ "status": "partial", "id": 1 })), None);
        let list = json!({ "targets": [{ "id": 1, "name": "a" }, { "id": 2, "name": "b" }, { "id": 3, "name": "b" }] });
        assert_eq!(
            Created::in_list(&list, "a").map(|it| it.id),
            Some("1".to_owned())
        );
        assert_eq!(Created::in_list(&list, "b"), None);
    }
}
