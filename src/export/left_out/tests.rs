//! What goes, what stays with a comment, and where the comment is.

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::format::format;
use crate::kinds::KindId;

fn shown(kind: &'static str, mut spec: Value) -> String {
    let mut told = Comments::new();
    let left_out = take_ids(KindId::known(kind).def(), &mut spec, &|_| None, None);
    let text = super::super::emit(&json!({ "kind": kind, "spec": spec }));
    let text = format(FileId(0), &text).unwrap_or(text);
    likely_ids(KindId::known(kind).def(), &spec, &|_| None, &mut told);
    with_comments(text, &[comments(&left_out, &[], &told)])
}

/// Whatever the shape around an id is, it is left out or told, never silent.
#[test]
fn no_id_is_written_without_a_word() {
    let id = "0a1b2c3d-0000-4000-8000-000000000001";
    for (text, number) in [
        (id.to_owned(), json!(6_100_000_101_i64)),
        ("6100000101".to_owned(), json!(id)),
    ] {
        for style in [
            json!({ "surveys": { "pre": text, "post": number } }),
            json!({ "surveyRef": { "preChat": { "id": text } } }),
            json!({ "preChatSurvey": { "id": number } }),
            json!({ "surveyIds": { "pre": text } }),
            json!({ "surveyIds": [number] }),
            json!({ "surveyPre": text }),
            json!({ "skills": { "main": number } }),
            json!({ "skillIds": { "main": number } }),
            json!({ "skillIdList": [text, number] }),
            json!({ "skillIdList": number }),
            json!({ "assignedAgentIds": [number] }),
            json!({ "assignedAgents": [[text]] }),
            json!({ "group": number }),
            json!({ "ownerGroup": text }),
            json!({ "by": { &text: "a" } }),
            json!({ "link": format!("https://x.example/survey/{text}?a=b") }),
            json!({ "link": format!("/survey?of={text}") }),
            json!({ "anything": { "at": { "all": [{ "x": number }] } } }),
        ] {
            for place in ["style", "extra"] {
                let written = shown("EngagementWindow", json!({ "sound": 1, place: style }));
                let is_told = written.contains("of this account");
                assert!(is_told, "{style}:\n{written}");
            }
        }
    }
    for style in [
        json!({ "skills": { "timeout": 600 }, "at": 1_600_000_000_i64, "ms": 1_600_000_000_000_i64, "text": "call 6100000101" }),
        json!({ "path": "/orders/2024", "group": "vip", "color": "#00ff00", "skills": ["Orders"] }),
    ] {
        let written = shown("EngagementWindow", json!({ "style": style }));
        assert!(
            !written.contains('#') || written.contains("#00ff00"),
            "{written}"
        );
        assert!(!written.contains("of this account"), "{written}");
    }
}

#[test]
fn what_is_left_out_has_a_comment_at_its_place() {
    let spec = json!({
        "displayName": "Shop",
        "style": { "surveyPreChatId": "31", "sound": true, "smsPreFormId": "f-1", "surveyOfflineId": "32" },
        "extra": { "windowId": 5 },
    });
    assert_snapshot!(shown("EngagementWindow", spec), @r"
    kind: EngagementWindow
    spec:
      # extra.windowId: left out (engagement window id of this account); set it in an overlay or by a variable
      displayName: Shop
      style:
        # smsPreFormId: left out (form id of this account); set it in an overlay or by a variable
        # surveyPreChatId, surveyOfflineId: left out (survey ids of this account); set them in an overlay or by a variable
        sound: true
    ");
}

#[test]
fn what_is_likely_an_id_stays_with_a_comment() {
    let spec = json!({
        "style": { "deviceId": "0a1b2c3d-0000-4000-8000-000000000001", "pages": [{ "pageId": 6_100_000_101_i64, "at": 1 }] },
        "extra": { "preferredAgentGroup": 6_100_000_102_i64, "partnerId": "6100000103" },
    });
    assert_snapshot!(shown("EngagementWindow", spec), @r#"
    kind: EngagementWindow
    spec:
      style:
        # deviceId: may be an id of this account, and is kept; if it is one, set it in an overlay or by a variable
        deviceId: 0a1b2c3d-0000-4000-8000-000000000001
        pages:
          # pageId: may be an id of this account, and is kept; if it is one, set it in an overlay or by a variable
          - pageId: 6100000101
            at: 1
      extra:
        # preferredAgentGroup: left out (agent group id of this account); set it in an overlay or by a variable
        # partnerId: may be an id of this account, and is kept; if it is one, set it in an overlay or by a variable
        partnerId: "6100000103"
    "#);
}

#[test]
fn an_id_among_other_text_is_told() {
    let row = |id: &str| {
        let rows = ["4100000101", "0a1b2c3d-0000-4000-8000-000000000001"];
        rows.contains(&id).then_some("Goal")
    };
    let spec = json!({
        "displayName": "Order 4100000101",
        "extra": {
            "list": ["x", "goal:4100000101,7"],
            "uuid": "app/0a1b2c3d-0000-4000-8000-000000000001?e=1",
            "longer": "14100000101", "whole": "4100000101", "number": 4_100_000_101_u64,
        },
    });
    assert_snapshot!(ids_in_texts(&spec, &row).join("\n"), @r"
    displayName: its text has an id of this account (Goal), which means nothing in another one
    extra.list: its text has an id of this account (Goal), which means nothing in another one
    extra.uuid: its text has an id of this account (Goal), which means nothing in another one
    ");
    assert_eq!(told("4100000101", &row), "(Goal id)");
    assert_eq!(told("skill", &row), "skill");
}

#[test]
fn what_is_the_id_of_a_row_is_left_out_whatever_its_key() {
    let spec = || {
        json!({
            "displayName": "6100000901",
            "conditions": [{ "type": 7, "data": { "engaged": [6_100_000_901_u64, 5], "at": 6_100_000_902_u64 } }],
            "extra": { "goalRef": "6100000901", "other": [6_100_000_901_u64], "count": 610_000 },
        })
    };
    let row = |id: &str| (id == "6100000901").then_some("Campaign");
    let mut known = spec();
    let found = take_ids(KindId::known("Behavior").def(), &mut known, &row, None);
    assert_eq!(found.len(), 3, "{found:#?}");
    let text = known.to_string();
    assert_eq!(text.matches("6100000901").count(), 1, "{text}");
    let mut unknown = spec();
    let found = take_ids(
        KindId::known("Behavior").def(),
        &mut unknown,
        &|_| None,
        None,
    );
    // Nothing but its key says that one of them is an id.
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].key, "goalRef");
}

#[test]
fn keys_and_texts_that_are_ids_of_rows_go_too() {
    let row = |id: &str| match id {
        "6100000901" => Some("Skill"),
        "0f3a1c5e-2b64-4d1e-9a57-6a1d5c0e7b02" => Some("AppInstallation"),
        _ => None,
    };
    let mut window = json!({ "style": { "bySkill": { "6100000901": "orders", "default": "care" } },
        "extra": { "app": "0F3A1C5E-2B64-4D1E-9A57-6A1D5C0E7B02", "other": "0f3a1c5e-2b64-4d1e-9a57-6a1d5c0e7b03" } });
    let found = take_ids(
        KindId::known("EngagementWindow").def(),
        &mut window,
        &row,
        None,
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        window,
        json!({ "style": { "bySkill": { "default": "care" } },
            "extra": { "other": "0f3a1c5e-2b64-4d1e-9a57-6a1d5c0e7b03" } })
    );
    // Without its key a condition would mean something else: what is around it is kept.
    let mut audience = json!({ "conditions": [{ "type": 7, "data": { "weights": { "6100000901": 1, "rest": 2 } } }] });
    let found = take_ids(
        KindId::known("TargetAudience").def(),
        &mut audience,
        &row,
        None,
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    let text = audience.to_string();
    assert!(
        text.contains("$keep") && !text.contains("6100000901"),
        "{text}"
    );
}

#[test]
fn what_is_emptied_goes_and_lists_keep_their_items() {
    let spec = json!({
        "displayName": "a", "survey": 5, "entryPoints": ["x", { "id": 7 }],
        "displayInstances": [{ "extra": { "flowId": 3 } }, { "type": "online", "presentation": { "flowId": 3 } }],
    });
    assert_snapshot!(shown("Engagement", spec), @"
    kind: Engagement
    spec:
      # entryPoints: $keep (an id of this account: no name means this entry point); remove it to create this on another account
      # survey: left out (survey id of this account); set it in an overlay or by a variable
      # extra.flowId: left out (flow id of this account); set it in an overlay or by a variable
      displayName: a
      entryPoints:
        - x
        - $keep: entry point
      displayInstances:
        - {}
        # presentation.flowId: left out (flow id of this account); set it in an overlay or by a variable
        - type: online
    ");
    assert_snapshot!(shown("Engagement", json!({ "survey": 5 })), @r"
    kind: Engagement
    # survey: left out (survey id of this account); set it in an overlay or by a variable
    spec: {}
    ");
}
