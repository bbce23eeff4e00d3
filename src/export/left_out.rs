//! What an export leaves out: ids of the account, which would mean something else on another one.
//!
//! The field goes, since what is not declared stays as it is on its own account and is absent on a new one. Where the
//! object would become wider by that, or a list would lose more than the id, `{ $keep: .. }` takes the place of the id:
//! it is as good as not declared, but nothing is created with it. A comment at its place says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kinds::mapping::{counterpart, keep};
use crate::kinds::{AccountId, KindDef, What, account_ids_among};
use crate::text::safe::line;
use crate::text::{Document, FileId, Limits, Part, Pointer, yaml};

/// Something that was left out of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// The mapping that it was in, below `spec`; the nearest one that is still there.
    around: Pointer,
    /// Its key, with the keys of what went with it.
    key: String,
    what: What,
    /// Whether `{ $keep: .. }` is in its place.
    is_kept: bool,
}

/// Takes the ids of the account out of a spec. `row` is the kind of the row that has an id. What `applied` has as well was
/// set by us: left out, it would be let go of, so it is kept.
pub(super) fn take_ids(
    def: &KindDef,
    spec: &mut Value,
    row: &dyn Fn(&str) -> Option<&'static str>,
    applied: Option<&Value>,
) -> Vec<LeftOut> {
    let mut left_out: Vec<LeftOut> = Vec::new();
    let whole = spec.clone();
    let is_ours = |at: &Pointer| {
        let set = applied.and_then(|applied| counterpart(def.fields, &whole, applied, at));
        set.is_some_and(|set| !set.is_null())
    };
    let found = account_ids_among(def.fields, spec, row).into_iter();
    for id in found.filter(|id| id.what != What::Likely) {
        let is_kept = id.is_essential || is_ours(&id.pointer);
        let place = if is_kept { &id.pointer } else { &id.cut };
        let Some(around) = mapping_around(spec, place) else {
            continue;
        };
        let taken = if is_kept {
            put_keep(spec, &id)
        } else {
            take(spec, &around, place)
        };
        if taken {
            let depth = around.steps().count();
            let key: Vec<String> = place.steps().skip(depth).take(1).collect();
            let (key, what) = (told(&key.concat(), row), id.what);
            left_out.push(LeftOut {
                around,
                key,
                what,
                is_kept,
            });
        }
    }
    for one in left_out.iter_mut().filter(|one| !one.is_kept) {
        while let Some(above) = one.around.parent()
            && is_empty(spec, &one.around)
        {
            let step = one.around.steps().last().unwrap_or_default();
            take(spec, &above, &one.around);
            one.key = format!("{}.{}", told(&step, row), one.key);
            one.around = above;
        }
    }
    left_out
}

/// What there is to say about the values of a spec that are likely ids of the account: they stay, since they may be
/// something else.
pub(super) fn likely_ids(
    def: &KindDef,
    spec: &Value,
    row: &dyn Fn(&str) -> Option<&'static str>,
    comments: &mut Comments,
) {
    let found = account_ids_among(def.fields, spec, row).into_iter();
    for id in found.filter(|id| id.what == What::Likely) {
        let Some(around) = mapping_around(spec, &id.pointer) else {
            continue;
        };
        let depth = around.steps().count();
        let key: Vec<String> = id.pointer.steps().skip(depth).take(1).collect();
        let key = told(&key.concat(), row);
        let comment = format!(
            "{}: may be an id of this account, and is kept; if it is one, set it in an overlay or by a variable",
            line(&key)
        );
        let lines: &mut Vec<String> = comments.entry(around).or_default();
        if !lines.contains(&comment) {
            lines.push(comment);
        }
    }
}

/// A key as a comment names it: one that is an id itself is not repeated.
fn told(key: &str, row: &dyn Fn(&str) -> Option<&'static str>) -> String {
    match row(key) {
        Some(kind) => format!("({kind} id)"),
        None => key.to_owned(),
    }
}

/// What there is to say about the texts of a spec that have an id of the account among other things. They stay: what they
/// are for is not known.
#[must_use]
pub fn ids_in_texts(spec: &Value, row: &dyn Fn(&str) -> Option<&'static str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    texts(spec, &mut String::new(), &mut |path, text| {
        let is_part = |it: char| it.is_ascii_hexdigit() || it == '-';
        let words = text.split(|it| !is_part(it)).flat_map(|word| {
            let digits = word.split(|it: char| !it.is_ascii_digit());
            std::iter::once(word).chain(digits)
        });
        let ids = words.filter(|word| word.len() >= SHORTEST_ID && *word != text);
        for kind in ids.filter_map(row) {
            found.insert(format!(
                "{path}: its text has an id of this account ({kind}), which means nothing in another one"
            ));
        }
    });
    found.into_iter().collect()
}

/// Shorter numbers are too likely to be something else.
const SHORTEST_ID: usize = 6;

/// Every text of a value, with its path.
fn texts(value: &Value, path: &mut String, tell: &mut dyn FnMut(&str, &str)) {
    let length = path.len();
    match value {
        Value::String(text) => tell(path, text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, path, tell)),
        Value::Object(map) => {
            for (key, value) in map {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                texts(value, path, tell);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The mapping that a place is in; what is an item of a list is in the one around the list.
fn mapping_around(spec: &Value, place: &Pointer) -> Option<Pointer> {
    let mut around = place.parent()?;
    while !around.get(spec)?.is_object() {
        around = around.parent()?;
    }
    Some(around)
}

/// Puts `{ $keep: .. }` in the place of an id; once in a list of references, whose order means nothing.
fn put_keep(spec: &mut Value, id: &AccountId) -> bool {
    let kept = keep(&id.what.noun());
    match spec.pointer_mut(id.pointer.as_str()) {
        Some(place) => {
            *place = kept;
            true
        }
        None => false,
    }
}

/// What there is to say about everything that was left out.
pub(super) fn note(left_out: usize) -> Option<String> {
    let (count, are) = match left_out {
        0 => return None,
        1 => ("1 id of this account".to_owned(), "is"),
        count => (format!("{count} ids of this account"), "are"),
    };
    Some(format!(
        "{count} {are} left out or kept by `$keep`; comments in the files say where, and what to do about other accounts"
    ))
}

/// Whether a mapping has nothing in it, or is gone. Items of lists stay: others are counted by them.
fn is_empty(spec: &Value, at: &Pointer) -> bool {
    let is_item = at
        .parent()
        .and_then(|above| above.get(spec).map(Value::is_array));
    match at.get(spec) {
        None => true,
        Some(Value::Object(map)) => map.is_empty() && is_item != Some(true),
        Some(_) => false,
    }
}

fn take(spec: &mut Value, around: &Pointer, at: &Pointer) -> bool {
    let key = at.steps().last().unwrap_or_default();
    let map = spec.pointer_mut(around.as_str());
    let map = map.and_then(Value::as_object_mut);
    map.is_some_and(|map| map.shift_remove(&key).is_some())
}

/// The comments of a document, by the mapping that each is about: on what it lacks, on what was left out of it, and on
/// what is likely an id.
pub(super) fn comments(left_out: &[LeftOut], lacks: &[String], likely: &Comments) -> Comments {
    let mut comments = explained(left_out);
    for (around, lines) in likely {
        let of_mapping = comments.entry(around.clone()).or_default();
        of_mapping.extend(lines.iter().cloned());
    }
    if !lacks.is_empty() {
        let lacks = lacks.iter().map(|it| line(it).into_owned());
        let of_spec = comments.entry(Pointer::root()).or_default();
        of_spec.splice(0..0, lacks);
    }
    comments
}

/// Comments by the mapping that each is about.
pub(super) type Comments = BTreeMap<Pointer, Vec<String>>;

/// The text of a file with the comments of its documents.
pub(super) fn with_comments(text: String, all: &[Comments]) -> String {
    if all.iter().all(BTreeMap::is_empty) {
        return text;
    }
    let documents = parsed(&text);
    let mut comments: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (document, of_document) in documents.iter().zip(all) {
        for (around, lines) in of_document {
            let line = anchor(document, &text, around);
            let indent = &text[line..];
            let indent = &indent[..indent.len() - indent.trim_start_matches(' ').len()];
            let lines = lines.iter().map(|it| format!("{indent}# {it}\n"));
            comments.entry(line).or_default().extend(lines);
        }
    }
    let mut commented = text.clone();
    for (line, lines) in comments.into_iter().rev() {
        commented.insert_str(line, &lines.concat());
    }
    // A comment must not change what is read.
    let values = |documents: Vec<Document>| -> Vec<_> {
        let values = documents.into_iter().map(|document| document.value);
        values.collect()
    };
    if values(parsed(&commented)) == values(documents) {
        commented
    } else {
        text
    }
}

fn parsed(text: &str) -> Vec<Document> {
    let all = Limits {
        bytes: text.len(),
        documents: usize::MAX,
        nodes: usize::MAX,
        ..Limits::default()
    };
    yaml::parse(FileId(0), text, &all).0
}

/// The comments of a document, by the mapping that they are about.
fn explained(left_out: &[LeftOut]) -> Comments {
    let mut keys: BTreeMap<(&Pointer, String, bool, bool), Vec<&str>> = BTreeMap::new();
    for one in left_out {
        let refers = matches!(one.what, What::Reference(_));
        let of = (&one.around, one.what.noun(), refers, one.is_kept);
        let keys = keys.entry(of).or_default();
        if !keys.contains(&one.key.as_str()) {
            keys.push(&one.key);
        }
    }
    let mut comments = Comments::new();
    for ((around, what, refers, is_kept), keys) in keys {
        let comment = comment(&keys, &what, refers, is_kept);
        comments.entry(around.clone()).or_default().push(comment);
    }
    comments
}

/// What there is to say of some ids in one mapping.
fn comment(keys: &[&str], what: &str, refers: bool, is_kept: bool) -> String {
    let (ids, it) = match keys.len() {
        1 => ("id", "it"),
        _ => ("ids", "them"),
    };
    let keys = keys.join(", ");
    let keys = line(&keys);
    let done = if is_kept { "$keep" } else { "left out" };
    match (refers, is_kept) {
        (true, false) => {
            format!("{keys}: {done} (an id of this account: no name means this {what})")
        }
        (true, true) => {
            format!(
                "{keys}: {done} (an id of this account: no name means this {what}); remove it to create this on another account"
            )
        }
        (false, false) => {
            format!(
                "{keys}: {done} ({what} {ids} of this account); set {it} in an overlay or by a variable"
            )
        }
        (false, true) => {
            format!(
                "{keys}: {done} ({what} {ids} of this account); set {it} to create this on another account"
            )
        }
    }
}

/// The start of the line that a comment about a mapping goes above: its first key, where that begins a line.
fn anchor(document: &Document, text: &str, around: &Pointer) -> usize {
    let spec = Pointer::from("/spec");
    let mut at = Some(around.clone());
    while let Some(place) = at {
        let map = place
            .get(&document.value["spec"])
            .and_then(Value::as_object);
        if let Some(first) = map.and_then(|map| map.keys().next()) {
            let key = spec.join(&place).key(first);
            let (line, before) = line_of(document, text, &key);
            if before.trim_matches([' ', '-']).is_empty() {
                return line;
            }
        }
        at = place.parent();
    }
    line_of(document, text, &spec).0
}

/// The start of the line of a key, and what is in front of the key.
fn line_of<'t>(document: &Document, text: &'t str, key: &Pointer) -> (usize, &'t str) {
    let start = document.span(key, Part::Key).start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    (line, &text[line..start])
}

#[cfg(test)]
mod tests {
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
}
