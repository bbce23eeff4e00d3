//! Diagnostics while somebody types, and their fixes.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{Editor, told};

/// The fixes that are offered for the whole of a file.
fn fixes(editor: &mut Editor, file: &str) -> Vec<Value> {
    let end = json!({ "line": 9999, "character": 0 });
    let params = json!({
        "textDocument": { "uri": editor.uri(file) },
        "range": { "start": { "line": 0, "character": 0 }, "end": end },
        "context": { "diagnostics": [] },
    });
    let actions = editor.request("textDocument/codeAction", params);
    actions.as_array().unwrap().clone()
}

/// Carries the fixes out one after the other, last place first, until there are none.
fn mended(editor: &mut Editor, file: &str, text: &str) -> (String, Vec<Value>) {
    editor.write(file, text);
    editor.open(file);
    let mut titles = Vec::new();
    for _ in 0..20 {
        let mut offered = fixes(editor, file);
        let Some(last) = offered.pop() else {
            break;
        };
        titles.push(last["title"].clone());
        editor.apply(&last["edit"]);
        let text = editor.text(file);
        editor.edit(file, json!([{ "text": text }]));
    }
    (editor.text(file), titles)
}

#[test]
fn a_misspelt_reference_is_told_and_mended() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    assert_eq!(told(&editor.open(file)), "");
    let at = editor.at(file, "sale-browsed")["position"].clone();
    let end = json!({ "line": at["line"], "character": at["character"].as_u64().unwrap() + 1 });
    let range = json!({ "start": at, "end": end });
    let found = editor.edit(file, json!([{ "range": range, "text": "" }]));
    assert_snapshot!(told(&found), @"17:9 unknown-reference no Goal manifest is named `ale-browsed` | help: did you mean `sale-browsed`?");
    let actions = fixes(&mut editor, file);
    assert_eq!(actions[0]["title"], "Replace with `sale-browsed`");
    let edit = actions[0]["edit"]["documentChanges"][0]["edits"][0].clone();
    let mended = editor.edit(
        file,
        json!([{ "range": edit["range"], "text": edit["newText"] }]),
    );
    assert_eq!(told(&mended), "");
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn an_edit_is_told_wherever_it_matters() {
    let mut editor = Editor::on_retail();
    editor.open("goals/shop.yaml");
    // The campaign is not open, and loses its goal.
    let at = editor.at("goals/shop.yaml", "sale-browsed")["position"].clone();
    let range = json!({ "start": at, "end": at });
    editor.edit("goals/shop.yaml", json!([{ "range": range, "text": "x" }]));
    let found = told(&editor.diagnostics("campaigns/autumn-sale.yaml"));
    assert_snapshot!(found, @"17:9 unknown-reference no Goal manifest is named `sale-browsed` | help: did you mean `xsale-browsed`?");
    // Somebody else removes a file; another one is closed without being saved.
    std::fs::remove_file(editor.path("behaviors/behaviors.yaml")).unwrap();
    editor.happened("behaviors/behaviors.yaml");
    let uri = editor.uri("goals/shop.yaml");
    editor.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    );
    let all = editor.all_diagnostics();
    assert_snapshot!(told(&all["campaigns/autumn-sale.yaml"]), @"46:15 unknown-reference no Behavior manifest is named `looks-around` | help: define it in a manifest, or refer to an existing object with `{ live: <display name of the Behavior> }`");
}

#[test]
fn every_certain_remedy_is_a_fix() {
    let mut editor = Editor::on_files(&[("campaignctl.yaml", "variables: { brand: Shoply }\n")]);
    let text = "\
kind: Goall
metadata: { name: One Goal }
spec:
  type: purchas
  displyName: \"${var.brnd} sale\"
---
kind: Campaign
metadata: {}
spec:
  displayName: 5
  schedule: { timeZone: Europe/Pairs, start: 2026-09-01T00:00:00 }
  targetAudiences: some
  status: 1
---
apiVersion: campaignctl.dev/v0
kind: Goal
metadata: { name: two, labels: { open: no } }
spec: { type: lead }
";
    let (text, titles) = mended(&mut editor, "a.yaml", text);
    assert_snapshot!(text, @r#"
    apiVersion: campaignctl.dev/v1
    kind: Goal
    metadata: { name: one-goal }
    spec:
      type: purchase
      displayName: "${var.brand} sale"
    ---
    apiVersion: campaignctl.dev/v1
    kind: Campaign
    metadata: { name: }
    spec:
      displayName: "5"
      schedule: { timeZone: Europe/Pairs, start: 2026-09-01T00:00:00 }
      targetAudiences: ["some"]
      state: 1
    ---
    apiVersion: campaignctl.dev/v1
    kind: Goal
    metadata: { name: two, labels: { open: "no" } }
    spec: { type: lead }
    "#);
    assert_snapshot!(json!(titles), @r#"["Put it in quotes","Replace with `campaignctl.dev/v1`","Replace with `state`","Replace with `[\"some\"]`","Put it in quotes","Add `name`","Add `apiVersion`","Replace with `${var.brand}`","Replace with `one-goal`","Replace with `Goal`","Replace with `displayName`","Replace with `purchase`","Add `apiVersion`"]"#);
}

/// What is meant by typographic quotes is one edit away, in quotes of YAML where it needs them.
#[test]
fn typographic_quotes_are_replaced_by_what_was_meant() {
    let mut editor = Editor::on_files(&[("campaignctl.yaml", "project: a\n")]);
    let text = "apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: quoted }
spec:
  displayName: “Sale”
  description: “no”
  indicator: { type: url, url: ‘/paid’ }
";
    let (text, titles) = mended(&mut editor, "a.yaml", text);
    assert!(
        text.ends_with(
            "  displayName: Sale\n  description: \"no\"\n  indicator: { type: url, url: /paid }\n"
        ),
        "{text}"
    );
    assert_eq!(titles.len(), 3, "{titles:?}");
}

#[test]
fn the_project_file_is_checked_and_its_variables_count() {
    let mut editor = Editor::on_example("environments");
    assert_eq!(told(&editor.open("campaignctl.yaml")), "");
    editor.open("base/campaigns.yaml");
    let text = editor
        .text("campaignctl.yaml")
        .replace("brand: Shoply\n", "brnd: Shoply\n");
    let found = editor.edit("campaignctl.yaml", json!([{ "text": text }]));
    assert_snapshot!(told(&found), @"6:3 unused-variable no manifest refers to the variable `brnd` | help: remove it, or write `${var.brnd}` where it belongs");
    let found = editor.diagnostics("base/campaigns.yaml");
    assert_snapshot!(told(&found), @"7:17 unknown-variable there is no variable `brand` (in production and sandbox) | help: did you mean `brnd`?");
    let found = editor.edit("campaignctl.yaml", json!([{ "text": "environmnts: {}\n" }]));
    assert_snapshot!(told(&found), @"1:1 unknown-field there is no field `environmnts` here | help: did you mean `environments`?");
}

#[test]
fn bytes_are_counted_where_the_editor_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("campaignctl.yaml"), "").unwrap();
    let encodings = json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } });
    let text = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: { displayName: 📦é, tipe: lead }\n";
    let mut editor = Editor::with(folder, &encodings);
    assert_snapshot!(told(&editor.open_with("a.yaml", text)), @"4:30 unknown-field there is no field `tipe` here | help: did you mean `type`?");
    let at = json!({ "line": 3, "character": 30 });
    let end = json!({ "line": 3, "character": 31 });
    let range = json!({ "start": at, "end": end });
    assert_eq!(
        told(&editor.edit("a.yaml", json!([{ "range": range, "text": "y" }]))),
        ""
    );
    let mut other = Editor::on_files(&[("campaignctl.yaml", "")]);
    assert_snapshot!(told(&other.open_with("a.yaml", text)), @"4:27 unknown-field there is no field `tipe` here | help: did you mean `type`?");
}

#[test]
fn without_a_project_file_only_our_files_are_looked_at() {
    let mut editor = Editor::on_files(&[
        ("other.yaml", "kind: Deployment\n"),
        (
            "ours.yaml",
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: {}\n",
        ),
    ]);
    editor.open("ours.yaml");
    let all = editor.all_diagnostics();
    assert_eq!(all.keys().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_large_file_is_checked_when_it_is_saved() {
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: { indicator: { url: /a } }\n";
    let text = format!("{goal}{}", "# a line of a large file\n".repeat(12_000));
    let mut editor = Editor::on_files(&[("campaignctl.yaml", "project: x\n"), ("a.yaml", &text)]);
    assert_eq!(told(&editor.open("a.yaml")), "");
    let uri = editor.uri("a.yaml");
    let at = json!({ "line": 3, "character": 21 });
    let range = json!({ "start": at, "end": at });
    let document = json!({ "uri": uri, "version": 2 });
    let changes = json!([{ "range": range, "text": "x" }]);
    let params = json!({ "textDocument": document, "contentChanges": changes });
    editor.notify("textDocument/didChange", params.clone());
    let notice = editor.until(|message| message["method"] == "window/showMessage");
    assert_eq!(
        notice["params"]["message"],
        "a.yaml is large (293 KiB): it is checked when you save it, not while you type"
    );
    let place = json!({ "textDocument": { "uri": uri }, "position": at });
    assert_eq!(
        editor.refused("textDocument/hover", place.clone()),
        "the file is large, and was edited since it was saved"
    );
    editor.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri } }),
    );
    let found = editor.all_diagnostics()["a.yaml"].clone();
    assert_eq!(
        told(&found),
        "4:22 unknown-field there is no field `xurl` here | help: did you mean `url`?"
    );
    editor.request("textDocument/hover", place);
    // What edits the file sees its text as it is, saved or not.
    editor.notify("textDocument/didChange", params);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let formatting = json!({ "textDocument": { "uri": uri }, "options": options });
    editor.request("textDocument/formatting", formatting);
    let found = editor.all_diagnostics()["a.yaml"].clone();
    assert!(told(&found).contains("`xxurl`"), "{found:?}");
    assert_eq!(editor.leave(), Some(0));
}

/// A form of an earlier version is written as it is now, on one line or on several.
#[test]
fn zones_of_an_earlier_version_are_mended() {
    let mut editor = Editor::on_retail();
    let text = "apiVersion: campaignctl.dev/v1\nkind: EngagementTemplate\nmetadata: { name: old }\nspec:\n  zones:\n    - zone: Right\n      type: 0\n    - { zone: \"2\" } # there\n  channel: web\n";
    let (text, titles) = mended(&mut editor, "templates/old.yaml", text);
    assert_eq!(titles, ["Replace with `2`", "Replace with `Right`"]);
    let zones = "  zones:\n    - Right\n    - \"2\" # there\n  channel: web\n";
    assert!(text.ends_with(zones), "{text}");
    assert_eq!(editor.leave(), Some(0));
}
