//! Ids of one account inside a spec: what must not reach another account.
//!
//! Objects of a kind are referred to by name. Beside them, bodies hold ids of rows that have no kind here, such as
//! surveys and forms, and ids that no field of ours takes. Where an id may be is known by its key alone: open JSON
//! has no types.

use serde_json::Value;

use super::field::{Codec, Field};
use super::mapping::{EXTRA, REF_KEY, get_path};
use crate::text::Pointer;

/// The wire keys that hold ids of an account, and what the ids are of (platform.md#references).
const KEYS: &[(&str, &str)] = &[
    ("agentGroupId", "agent group"),
    ("agentSurveyForMsgId", "survey"),
    ("agentSurveyId", "survey"),
    ("appInstallationId", "app installation"),
    ("campaignId", "campaign"),
    ("connectorId", "connector"),
    ("connectorIds", "connector"),
    ("defaultAgentSurveyId", "survey"),
    ("defaultOfflineSurveyId", "survey"),
    ("defaultPostChatSurveyId", "survey"),
    ("engagementId", "engagement"),
    ("engagementIds", "engagement"),
    ("entryPointId", "entry point"),
    ("entryPointIds", "entry point"),
    ("fallbackSkill", "skill"),
    ("fallbackSkillId", "skill"),
    ("flowId", "flow"),
    ("goalId", "goal"),
    ("lobId", "line of business"),
    ("lobIds", "line of business"),
    ("locationId", "entry point"),
    ("locationIds", "entry point"),
    ("offlineSurveyId", "survey"),
    ("offlineWindowId", "engagement window"),
    ("onsiteLocation", "entry point"),
    ("onsiteLocationId", "entry point"),
    ("onsiteLocationIds", "entry point"),
    ("onsiteLocations", "entry point"),
    ("postChatSurveyId", "survey"),
    ("postConversationSurveyAppInstallAssociationId", "survey"),
    ("preChatSurveyId", "survey"),
    ("skillId", "skill"),
    ("skillIds", "skill"),
    ("skillTransferList", "skill"),
    ("smsPreFormId", "form"),
    ("specialOccasionId", "special occasion"),
    ("surveyAgentChatId", "survey"),
    ("surveyId", "survey"),
    ("surveyIds", "survey"),
    ("surveyOfflineId", "survey"),
    ("surveyPostChatId", "survey"),
    ("surveyPreChatId", "survey"),
    ("visitorBehaviors", "behavior"),
    ("visitorProfiles", "target audience"),
    ("windowId", "engagement window"),
    ("windowIds", "engagement window"),
    ("workingHoursId", "working hours"),
    ("zoneId", "zone"),
    ("zones", "zone"),
];

/// An id of one account in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountId {
    /// The id, or the list of ids, below `spec`.
    pub pointer: Pointer,
    /// The smallest node around it that can be left out while the rest keeps its meaning.
    pub cut: Pointer,
    /// What it is the id of.
    pub what: What,
}

/// What an id is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An object of a kind, in a reference `{ id: .. }`.
    Reference(&'static str),
    /// Something that is known by its key, in words: a survey. The field that refers to it by name, if there is one.
    Key(&'static str, Option<&'static str>),
}

/// Every id of one account in a spec, in the order of the table, `extra` last.
#[must_use]
pub fn account_ids(fields: &'static [Field], spec: &Value) -> Vec<AccountId> {
    let mut search = Search {
        fields,
        found: Vec::new(),
    };
    search.object(fields, spec, &Pointer::root());
    search.found
}

struct Search {
    /// The table of the kind, for the fields that refer by name.
    fields: &'static [Field],
    found: Vec<AccountId>,
}

impl Search {
    fn object(&mut self, fields: &'static [Field], spec: &Value, at: &Pointer) {
        for field in fields {
            let Some(value) = get_path(spec, field.spec) else {
                continue;
            };
            let steps = field.spec.split('.');
            let here = steps.fold(at.clone(), |pointer, step| pointer.key(step));
            self.field(field, value, &here);
        }
        if let Some(extra) = spec.get(EXTRA) {
            self.open(extra, &at.key(EXTRA), None);
        }
    }

    fn field(&mut self, field: &Field, value: &Value, at: &Pointer) {
        match &field.codec {
            Codec::Ref(kind) => self.reference(kind, value, at, at),
            Codec::RefSet(kind) | Codec::RefList(kind) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.reference(kind, item, &at.index(index), at);
                }
            }
            Codec::Object(fields) => self.object(fields, value, at),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.object(fields, item, &at.index(index));
                }
            }
            Codec::Json | Codec::JsonObject | Codec::Hook => self.open(value, at, None),
            Codec::JsonWithRefs(kind) => self.open_with(Some(kind), value, at, None),
            _ => {
                let key = field.wire.rsplit('.').next().unwrap_or_default();
                self.key(key, value, at, at);
            }
        }
    }

    fn reference(&mut self, kind: &'static str, value: &Value, at: &Pointer, cut: &Pointer) {
        if value.get("id").is_some() {
            self.found.push(AccountId {
                pointer: at.clone(),
                cut: cut.clone(),
                what: What::Reference(kind),
            });
        }
    }

    fn open(&mut self, value: &Value, at: &Pointer, list: Option<&Pointer>) {
        self.open_with(None, value, at, list);
    }

    /// Open JSON, which is compared whole inside its lists: `list` is the outermost one.
    fn open_with(
        &mut self,
        refers: Option<&'static str>,
        value: &Value,
        at: &Pointer,
        list: Option<&Pointer>,
    ) {
        match value {
            Value::Object(map) if map.len() == 1 && map.contains_key(REF_KEY) => {
                if let Some(kind) = refers {
                    self.reference(kind, &map[REF_KEY], &at.key(REF_KEY), list.unwrap_or(at));
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    let here = at.key(key);
                    if !self.key(key, value, &here, list.unwrap_or(&here)) {
                        self.open_with(refers, value, &here, list);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.open_with(refers, item, &at.index(index), Some(list.unwrap_or(at)));
                }
            }
            _ => {}
        }
    }

    /// Notes the value of a key that holds ids; says whether it does.
    fn key(&mut self, key: &str, value: &Value, at: &Pointer, cut: &Pointer) -> bool {
        let Ok(row) = KEYS.binary_search_by_key(&key, |(known, _)| known) else {
            return false;
        };
        if !holds_ids(value) {
            return false;
        }
        self.found.push(AccountId {
            pointer: at.clone(),
            cut: cut.clone(),
            what: What::Key(KEYS[row].1, self.named_by(key)),
        });
        true
    }

    /// The field that refers by name to what a wire key holds the id of.
    fn named_by(&self, key: &str) -> Option<&'static str> {
        let mut fields = self.fields.iter();
        let field = fields.find(|field| field.wire == key && field.codec.refers())?;
        Some(field.spec)
    }
}

/// Whether a value is an id or a list with one: a text, or a number that the platform counts with.
fn holds_ids(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number >= 1.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(holds_ids),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    fn found(kind: &'static str, spec: &Value) -> Vec<String> {
        let ids = account_ids(KindId::known(kind).def().fields, spec);
        let lines = ids.into_iter().map(|id| {
            let cut = if id.cut == id.pointer {
                String::new()
            } else {
                format!(" in {}", id.cut)
            };
            match id.what {
                What::Reference(kind) => format!("{}{cut}: {kind} by id", id.pointer),
                What::Key(what, None) => format!("{}{cut}: {what}", id.pointer),
                What::Key(what, Some(field)) => format!("{}{cut}: {what}, {field}", id.pointer),
            }
        });
        lines.collect()
    }

    #[test]
    fn the_keys_are_sorted() {
        assert!(KEYS.is_sorted());
    }

    #[test]
    fn references_by_name_hold_no_id() {
        let spec = json!({ "campaign": "sale", "skill": "Orders", "zones": ["Left"],
            "entryPoints": [{ "system": true }, "checkout"], "window": { "live": "Slim" } });
        assert_eq!(found("Engagement", &spec), [""; 0]);
    }

    #[test]
    fn ids_are_found_in_fields_references_and_extra() {
        let spec = json!({ "survey": 5, "entryPoints": ["a", { "id": 7 }], "skill": { "id": 8 },
            "timeInQueue": 4, "extra": { "zones": [9], "windowId": "x", "odd": { "flowId": 3 } } });
        assert_eq!(
            found("Engagement", &spec),
            [
                "/entryPoints/1 in /entryPoints: EntryPoint by id",
                "/skill: Skill by id",
                "/survey: survey",
                "/extra/zones: zone, zones",
                "/extra/windowId: engagement window, window",
                "/extra/odd/flowId: flow",
            ]
        );
    }

    #[test]
    fn nothing_is_cut_out_of_a_list_of_open_json() {
        let style = json!({ "surveyPreChatId": "17", "surveyPostChatId": "", "smsPreFormId": null,
            "parts": [[{ "smsPreFormId": "f" }, 1]] });
        assert_eq!(
            found("EngagementWindow", &json!({ "style": style })),
            [
                "/style/surveyPreChatId: survey",
                "/style/parts/0/0/smsPreFormId in /style/parts: form",
            ]
        );
        let data = json!({ "a": { "$ref": { "id": 5 } }, "b": [{ "$ref": { "id": 6 } }],
            "c": { "$ref": "checkout" } });
        let spec = json!({ "conditions": [{ "type": 6, "data": data }] });
        assert_eq!(
            found("Behavior", &spec),
            [
                "/conditions/0/data/a/$ref in /conditions/0/data/a: EntryPoint by id",
                "/conditions/0/data/b/0/$ref in /conditions/0/data/b: EntryPoint by id",
            ]
        );
    }
}
