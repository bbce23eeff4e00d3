//! Where ids of an account are found, and where not.

use serde_json::json;

use super::keys::{NOUNS, OTHERS};
use super::spelling::row_of;
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
            IdSubject::Reference(kind) => format!("{}{cut}: {kind} by id", id.pointer),
            IdSubject::Likely => format!("{}{cut}: likely", id.pointer),
            IdSubject::Key(what, None) => format!("{}{cut}: {what}", id.pointer),
            IdSubject::Key(what, Some(ByName::Field(by))) => {
                format!("{}{cut}: {what}, {by}", id.pointer)
            }
            IdSubject::Key(what, Some(by)) => format!("{}{cut}: {what}, {by:?}", id.pointer),
        }
    });
    lines.collect()
}

#[test]
fn the_keys_are_sorted() {
    assert!(STEMS.is_sorted() && NOUNS.is_sorted() && OTHERS.is_sorted() && NAMED.is_sorted());
    assert!(NOUNS.iter().all(|noun| row_of(STEMS, noun).is_some()));
}

/// A telephone number has the digits of an id; an account number, or an id of a phone, may be one.
#[test]
fn telephone_numbers_are_no_ids() {
    let likely = |key: &str| {
        let mut extra = serde_json::Map::new();
        extra.insert(key.to_owned(), "15550100301".into());
        !found("Goal", &json!({ "extra": { "open": extra } })).is_empty()
    };
    for key in [
        "outboundNumber",
        "outbound_number",
        "phone",
        "supportPhone",
        "customerPhoneNumber",
    ] {
        assert!(!likely(key), "{key}");
    }
    for key in ["number", "accountNumber", "phoneId", "anything"] {
        assert!(likely(key), "{key}");
    }
}

/// Of every stem, in every form and spelling, one id, several, and as text.
#[test]
fn singular_and_plural_keys_hold_ids_alike() {
    let words = [
        "accountId",
        "agentGroupIds",
        "appInstallationIds",
        "audienceIds",
        "behaviorIds",
        "campaignIds",
        "connectorIds",
        "engagementIds",
        "entryPointIds",
        "flowIds",
        "goalIds",
        "lineOfBusinessIds",
        "lobIds",
        "skillIds",
        "surveyIds",
        "targetAudienceIds",
        "visitorBehaviorIds",
        "visitorProfileIds",
        "windowIds",
        "workingHoursIds",
        "zoneIds",
    ];
    let stems = STEMS.iter().flat_map(|(stem, noun)| {
        [
            format!("{stem}id"),
            format!("{stem}Ids"),
            format!("{stem}_id"),
        ]
        .map(|key| (key, Some(*noun)))
    });
    let words = words.iter().flat_map(|key| {
        [
            ((*key).to_owned(), None),
            (key.trim_end_matches('s').to_owned(), None),
        ]
    });
    let values = [
        json!(6_100_000_101_i64),
        json!("6100000101"),
        json!([6_100_000_101_i64, "6100000102"]),
        json!([7]),
    ];
    let mut count = 0;
    for (key, noun) in stems.chain(words) {
        for value in &values {
            let ids = account_ids(
                KindId::known("EngagementWindow").def().fields,
                &json!({ "style": { &key: value } }),
            );
            let [id] = ids.as_slice() else {
                panic!("{key}: {value} is {ids:?}");
            };
            let IdSubject::Key(what, _) = id.what else {
                panic!("{key}: {value} is {ids:?}");
            };
            assert!(noun.is_none_or(|noun| noun == what), "{key}: {what}");
            count += 1;
        }
    }
    assert!(count > 600, "{count}");
    for (noun, value) in NOUNS
        .iter()
        .flat_map(|noun| values[..3].iter().map(move |value| (noun, value)))
    {
        for key in [(*noun).to_owned(), format!("{noun}s")] {
            let style = json!({ "style": { &key: value } });
            let ids = account_ids(KindId::known("EngagementWindow").def().fields, &style);
            assert_eq!(ids.len(), 1, "{key}: {value}");
            let style = json!({ "style": { &key: "a name" } });
            let ids = account_ids(KindId::known("EngagementWindow").def().fields, &style);
            assert_eq!(
                ids.len(),
                usize::from(OTHERS.iter().any(|(other, _)| *other == key)),
                "{key}"
            );
        }
    }
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
fn keys_of_any_spelling_and_lists_hold_ids() {
    let style = json!({ "survey_pre_chat_id": "17", "theme-id": "harmony", "themeId": 6_100_000_101_i64,
        "pageId": "6100000102", "quickReplies": [{ "text": "a", "skillId": "6100000103" }],
        "skillIds": [{ "$ref": "Orders", "kind": "Skill" }, 6_100_000_104_i64], "siteId": "12345678",
        "guid": "6100000105", "keep": { "surveyId": { "$keep": "survey" } } });
    assert_eq!(
        found("EngagementWindow", &json!({ "style": style })),
        [
            "/style/survey_pre_chat_id: survey",
            "/style/themeId: theme",
            "/style/pageId: likely",
            "/style/quickReplies/0/skillId in /style/quickReplies: skill, Here(\"Skill\")",
            "/style/skillIds/1 in /style/skillIds: skill, Here(\"Skill\")",
            "/style/siteId: account",
            "/style/guid: likely",
        ]
    );
    let data = json!({ "list": [6_100_000_101_i64], "seconds": 1_700_000_000, "cart": 99_999,
        "zone": 6_100_000_103_i64, "onsiteLocations": [{ "id": "6100000104", "name": "a" }],
        "onsiteLocation": "6100000105" });
    let spec = json!({ "conditions": [{ "type": 9, "data": data }] });
    assert_eq!(
        found("Behavior", &spec),
        [
            "/conditions/0/data/list/0: likely",
            "/conditions/0/data/zone: zone, Here(\"Zone\")",
            "/conditions/0/data/onsiteLocations/0/id in /conditions/0/data/onsiteLocations: entry point, Inside(\"EntryPoint\")",
            "/conditions/0/data/onsiteLocation: entry point, Inside(\"EntryPoint\")",
        ]
    );
}

/// Words in front of what the tables know, and UUIDs.
#[test]
fn the_last_words_of_a_key_say_what_it_holds() {
    const UUID: &str = "0a1b2c3d-0000-4000-8000-000000000001";
    let spec = json!({
        "style": { "surveys": UUID, "preChat": { "surveys": [UUID] }, "deviceId": UUID, "surveysOn": true, "preferredSkill": "Orders",
            "defaultSkill": "6100000101", "after_hours_skill_ids": [6_100_000_102_i64], "windowHeight": 610_000 },
        "extra": { "preferredAgentGroup": 6_100_000_103_i64, "backgroundSkills": 3, "timeZone": 6_100_000_105_i64, "myID": "6100000104" },
    });
    assert_eq!(
        found("EngagementWindow", &spec),
        [
            "/style/surveys: survey",
            "/style/preChat/surveys: survey",
            "/style/deviceId: likely",
            "/style/defaultSkill: skill, Here(\"Skill\")",
            "/style/after_hours_skill_ids: skill, Here(\"Skill\")",
            "/extra/preferredAgentGroup: agent group",
            "/extra/myID: likely",
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

/// The word is whole, in each way to write keys of several words.
#[test]
fn a_key_of_ids_ends_with_the_word() {
    for key in [
        "pageId",
        "pageID",
        "page_id",
        "page-id",
        "PAGE_ID",
        "pageIds",
        "pageIDs",
        "page_ids",
        "form-ids",
        "formIdList",
        "form_id_list",
        "URLId",
        "page2Id",
        "a.id",
    ] {
        assert!(is_id_key(key), "{key}");
    }
    for key in [
        "paid",
        "grid",
        "valid",
        "android",
        "ANDROID",
        "kids",
        "KIDS",
        "GRID",
        "prePaid",
        "is_valid",
        "hybrid",
        "bid",
        "avoid",
        "userGrid",
        "gridList",
        "paidList",
        "id",
        "ids",
        "_id",
        "void",
        "idle",
        "ideas",
        "",
        "Android",
        "isPaid",
        "covid",
        "fluidGrids",
        "pageid",
    ] {
        assert!(!is_id_key(key), "{key}");
        let spec = json!({ "extra": { key: 4_930_123_456_i64 } });
        let found = account_ids(KindId::known("Goal").def().fields, &spec);
        let named = found
            .iter()
            .filter(|id| matches!(id.what, IdSubject::Key(..)));
        assert_eq!(named.count(), 0, "{key}: {found:?}");
    }
}
