//! Renaming: everywhere, with the old name noted, or not at all.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::Editor;
use crate::support::{Run, binary};

fn rename(editor: &mut Editor, file: &str, needle: &str, new: &str) -> Value {
    let mut params = editor.behind(file, needle);
    params["newName"] = json!(new);
    editor.request("textDocument/rename", params)
}

fn refused(editor: &mut Editor, file: &str, needle: &str, new: &str) -> String {
    let mut params = editor.behind(file, needle);
    params["newName"] = json!(new);
    editor.refused("textDocument/rename", params)
}

/// The edits as people see them.
fn shown(editor: &Editor, edit: &Value) -> String {
    let mut lines = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        for edit in change["edits"].as_array().unwrap() {
            let place = json!({ "uri": change["textDocument"]["uri"], "range": edit["range"] });
            lines.push(format!("{} {}", editor.shown(&place), edit["newText"]));
        }
    }
    lines.join("\n")
}

#[test]
fn a_manifest_is_renamed_everywhere_and_keeps_its_live_object() {
    let mut editor = Editor::on_retail();
    let run = |editor: &Editor, arguments: &[&str]| {
        Run::from(
            binary(editor.folder.path())
                .args(arguments)
                .output()
                .unwrap(),
        )
        .expect(0)
    };
    run(&editor, &["apply", "--auto-approve"]);
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let edit = rename(&mut editor, file, "campaign: autumn", "fall-sale");
    assert_snapshot!(shown(&editor, &edit), @r#"
    campaigns/autumn-sale.yaml:7:9-20 "fall-sale"
    campaigns/autumn-sale.yaml:30:13-24 "fall-sale"
    campaigns/autumn-sale.yaml:43:13-24 "fall-sale"
    campaigns/autumn-sale.yaml:57:13-24 "fall-sale"
    campaigns/autumn-sale.yaml:21:15-15 "\nlifecycle:\n  previousName: autumn-sale"
    "#);
    editor.apply(&edit);
    // The live object stays: nothing is deleted and nothing is created.
    let plan = run(&editor, &["plan"]);
    assert_snapshot!(plan.data(), @r#"
      ~ update Campaign/fall-sale "Autumn sale 2026" (<id>)  campaigns/autumn-sale.yaml:4
          metadata.name: autumn-sale -> fall-sale  (edit)
          12 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    // Once more, before and after the first one was applied.
    let text = editor.text(file);
    editor.edit(file, json!([{ "text": text }]));
    let again = rename(&mut editor, file, "name: fall", "harvest-sale");
    assert_eq!(
        again["documentChanges"][0]["edits"]
            .as_array()
            .unwrap()
            .len(),
        4,
        "{again}"
    );
    run(&editor, &["apply", "--auto-approve"]);
    let edit = rename(&mut editor, file, "name: fall", "harvest-sale");
    assert_snapshot!(shown(&editor, &edit), @r#"
    campaigns/autumn-sale.yaml:7:9-18 "harvest-sale"
    campaigns/autumn-sale.yaml:32:13-22 "harvest-sale"
    campaigns/autumn-sale.yaml:45:13-22 "harvest-sale"
    campaigns/autumn-sale.yaml:59:13-22 "harvest-sale"
    campaigns/autumn-sale.yaml:23:17-28 "fall-sale"
    "#);
    editor.apply(&edit);
    let plan = run(&editor, &["plan"]).stdout;
    let counts = "Plan: 0 to create, 1 to update, 0 to replace, 0 to delete";
    assert!(plan.contains(counts), "{plan}");
    assert!(
        plan.contains("metadata.name: fall-sale -> harvest-sale"),
        "{plan}"
    );
    // And back, which was not applied either.
    let text = editor.text(file);
    editor.edit(file, json!([{ "text": text }]));
    let edit = rename(&mut editor, file, "name: harvest", "fall-sale");
    assert_snapshot!(shown(&editor, &edit), @r#"
    campaigns/autumn-sale.yaml:7:9-21 "fall-sale"
    campaigns/autumn-sale.yaml:32:13-25 "fall-sale"
    campaigns/autumn-sale.yaml:45:13-25 "fall-sale"
    campaigns/autumn-sale.yaml:59:13-25 "fall-sale"
    campaigns/autumn-sale.yaml:22:1-1 ""
    "#);
}

#[test]
fn overlays_and_the_project_file_are_renamed_too() {
    let base = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: done }\nspec: {}\n---\n{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: \"sale\"}, spec: {goal: '${var.goal}'}}\n";
    let mut editor = Editor::on_files(&[
        (
            "campaignctl.yaml",
            "manifests: [base]\nvariables: { goal: done }\nenvironments:\n  staging: { account: '1', credentials: { bearer: { env: T } }, overlays: [over], variables: { goal: \"done\" } }\n",
        ),
        ("base/a.yaml", base),
        (
            "over/a.yaml",
            "kind: Goal\nmetadata: { name: done }\nspec: { description: Staging }\n---\nkind: Campaign\nmetadata: { name: sale }\nspec: { goal: done }\n",
        ),
    ]);
    editor.open("base/a.yaml");
    let edit = rename(&mut editor, "base/a.yaml", "name: do", "no");
    assert_snapshot!(shown(&editor, &edit), @r#"
    campaignctl.yaml:2:20-24 "\"no\""
    campaignctl.yaml:4:102-108 "\"no\""
    base/a.yaml:3:19-23 "\"no\""
    base/a.yaml:4:9-9 "\nlifecycle:\n  previousName: done"
    over/a.yaml:2:19-23 "\"no\""
    over/a.yaml:7:15-19 "\"no\""
    "#);
    let edit = rename(&mut editor, "base/a.yaml", "name: \"sa", "spring");
    assert_snapshot!(shown(&editor, &edit), @r#"
    base/a.yaml:6:67-73 "\"spring\""
    base/a.yaml:6:103-103 ", lifecycle: { previousName: sale }"
    over/a.yaml:6:19-23 "spring"
    "#);
    let edit = rename(&mut editor, "base/a.yaml", "${var.go", "target");
    assert_snapshot!(shown(&editor, &edit), @r#"
    campaignctl.yaml:4:96-100 "target"
    campaignctl.yaml:2:14-18 "target"
    base/a.yaml:6:90-101 "${var.target}"
    "#);
}

#[test]
fn what_cannot_be_renamed_says_why() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let live = refused(&mut editor, file, "skill: Sty", "x");
    assert_snapshot!(live, @"this refers to a live Skill, which no manifest defines: rename it in the console, and then here");
    let params = editor.behind(file, "skill: Sty");
    assert_eq!(editor.refused("textDocument/prepareRename", params), live);
    assert_snapshot!(refused(&mut editor, file, "goal: sale", "Bad Name"), @"`Bad Name` is not a name: use lower-case letters, digits, `-` and `.`, at most 63 of them, starting and ending with a letter or digit");
    assert_snapshot!(refused(&mut editor, file, "goal: sale", "newsletter-joined"), @"there is Goal/newsletter-joined already");
    assert_snapshot!(refused(&mut editor, file, "weight: hi", "x"), @"only names of manifests and variables can be renamed");
    let mut editor = Editor::on_files(&[
        ("campaignctl.yaml", "variables: { goal: done }\n"),
        (
            "a.yaml",
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: done }\nspec: { description: \"${var.goal}\" }\n---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: a }\nspec: { goal: \"${var.goal}\" }\n---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: &n other }\nspec: {}\n---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: b, annotations: { x: &n other } }\nspec: { goal: *n }\n",
        ),
    ]);
    editor.open("a.yaml");
    assert_snapshot!(refused(&mut editor, "a.yaml", "name: do", "x"), @"the variable `goal` is used for the name and in other places: write the name out first");
    assert_snapshot!(refused(&mut editor, "a.yaml", "name: &n ot", "x"), @"`a.yaml:19` writes the name in a way that cannot be edited: write it out first");
}

#[test]
fn scenarios_follow_a_rename() {
    let engagement = "apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: help }\nspec: { type: app }\n";
    let scenario = "\
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: s }
spec:
  app: Shop
  cases:
    - when: { sections: [orders], persona: member }
      then: { offered: help, oneOf: [help, other] }
    - when: { sections: [returns] }
      then: { nothing: { because: { help: entryPoints, other: audiences } } }
    - when: { sections: [returns] }
      then:
        nothing:
          because:
            \"help\": entryPoints
    - matrix: { personas: [member], sections: [help] }
      then: { notOffered: [help] }
    - journey: [{ closes: [help] }, { when: { persona: member }, then: { eligible: [help], mayBeOffered: [help] } }]
  always: [{ if: { persona: member }, then: { offered: help } }]
  never: [{ offered: help, unless: { persona: member } }]
";
    let persona = "apiVersion: campaignctl.dev/v1\nkind: Persona\nmetadata: { name: member }\nspec: { attributes: [] }\n";
    let files = [
        ("campaignctl.yaml", ""),
        ("help.yaml", engagement),
        ("scenario.yaml", scenario),
        ("persona.yaml", persona),
    ];
    let mut editor = Editor::on_files(&files);
    editor.open("scenario.yaml");
    // From the key of a `because`, too.
    let edit = rename(&mut editor, "scenario.yaml", "because: { he", "order-help");
    editor.apply(&edit);
    let expected = scenario.replace("help", "order-help");
    let expected = expected.replace("sections: [order-help]", "sections: [help]");
    assert_eq!(editor.text("scenario.yaml"), expected);
    editor.edit(
        "scenario.yaml",
        json!([{ "text": editor.text("scenario.yaml") }]),
    );
    let edit = rename(&mut editor, "persona.yaml", "name: mem", "club-member");
    editor.apply(&edit);
    let expected = expected.replace("member", "club-member");
    assert_eq!(editor.text("scenario.yaml"), expected);
}
