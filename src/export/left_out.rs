//! What an export leaves out: ids of the account, which would mean something else on another one.
//!
//! The field goes, since what is not declared stays as it is on its own account and is absent on a new one. A comment
//! at its place says so.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kinds::{KindDef, What, account_ids};
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
}

/// Takes the ids of the account out of a spec.
pub(super) fn take_ids(def: &KindDef, spec: &mut Value) -> Vec<LeftOut> {
    let mut left_out: Vec<LeftOut> = Vec::new();
    for id in account_ids(def.fields, spec) {
        let Some(around) = id.cut.parent() else {
            continue;
        };
        let taken = around.get(spec).is_some() && take(spec, &around, &id.cut);
        if taken {
            let key = id.cut.steps().last().unwrap_or_default();
            let what = id.what;
            left_out.push(LeftOut { around, key, what });
        }
    }
    for one in &mut left_out {
        while let Some(above) = one.around.parent()
            && is_empty(spec, &one.around)
        {
            let step = one.around.steps().last().unwrap_or_default();
            take(spec, &above, &one.around);
            one.key = format!("{step}.{}", one.key);
            one.around = above;
        }
    }
    left_out
}

/// What there is to say about everything that was left out.
pub(super) fn note(left_out: usize) -> Option<String> {
    let (count, are) = match left_out {
        0 => return None,
        1 => ("1 id of this account".to_owned(), "is"),
        count => (format!("{count} ids of this account"), "are"),
    };
    Some(format!(
        "{count} {are} left out; comments in the files say where, and what to do about other accounts"
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

/// The text of a file with a comment for everything that was left out of its documents.
pub(super) fn with_comments(text: String, left_out: &[Vec<LeftOut>]) -> String {
    if left_out.iter().all(Vec::is_empty) {
        return text;
    }
    let documents = parsed(&text);
    let mut comments: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (document, left_out) in documents.iter().zip(left_out) {
        for (around, lines) in explained(left_out) {
            let line = anchor(document, &text, &around);
            let indent = &text[line..];
            let indent = &indent[..indent.len() - indent.trim_start_matches(' ').len()];
            let lines = lines.into_iter().map(|it| format!("{indent}# {it}\n"));
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
fn explained(left_out: &[LeftOut]) -> BTreeMap<Pointer, Vec<String>> {
    let mut keys: BTreeMap<(&Pointer, &str, bool), Vec<&str>> = BTreeMap::new();
    for one in left_out {
        let (what, refers) = match one.what {
            What::Reference(kind) => (kind, true),
            What::Key(what, _) => (what, false),
        };
        let keys = keys.entry((&one.around, what, refers)).or_default();
        if !keys.contains(&one.key.as_str()) {
            keys.push(&one.key);
        }
    }
    let mut comments: BTreeMap<Pointer, Vec<String>> = BTreeMap::new();
    for ((around, what, refers), keys) in keys {
        let (ids, it) = match keys.len() {
            1 => ("id", "it"),
            _ => ("ids", "them"),
        };
        let keys = keys.join(", ");
        let keys = line(&keys);
        let comment = if refers {
            format!("{keys}: left out (an id of this account: no name means this {what})")
        } else {
            format!(
                "{keys}: left out ({what} {ids} of this account); set {it} in an overlay or by a variable"
            )
        };
        comments.entry(around.clone()).or_default().push(comment);
    }
    comments
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
        let left_out = take_ids(KindId::known(kind).def(), &mut spec);
        let text = super::super::emit(&json!({ "kind": kind, "spec": spec }));
        let text = format(FileId(0), &text).unwrap_or(text);
        with_comments(text, &[left_out])
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
    fn what_is_emptied_goes_and_lists_keep_their_items() {
        let spec = json!({
            "displayName": "a", "survey": 5, "entryPoints": ["x", { "id": 7 }],
            "displayInstances": [{ "extra": { "flowId": 3 } }, { "type": "online", "presentation": { "flowId": 3 } }],
        });
        assert_snapshot!(shown("Engagement", spec), @r"
        kind: Engagement
        spec:
          # entryPoints: left out (an id of this account: no name means this EntryPoint)
          # survey: left out (survey id of this account); set it in an overlay or by a variable
          # extra.flowId: left out (flow id of this account); set it in an overlay or by a variable
          displayName: a
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
