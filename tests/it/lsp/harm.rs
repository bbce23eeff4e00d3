//! Nothing that an editor sends ends the server.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{Editor, told};

#[test]
fn the_order_of_things_is_kept() {
    let mut editor = Editor::silent(tempfile::tempdir().unwrap());
    assert_snapshot!(editor.refused("textDocument/hover", json!({})), @"`initialize` comes first");
    editor.request("initialize", json!({ "capabilities": 7 }));
    assert_snapshot!(editor.refused("initialize", json!({})), @"the server is running already");
    assert_snapshot!(editor.refused("workspace/unheardOf", Value::Null), @"there is no method `workspace/unheardOf`");
    editor.request("shutdown", Value::Null);
    assert_snapshot!(editor.refused("textDocument/hover", json!({})), @"the server is shutting down");
    editor.notify("exit", Value::Null);
}

#[test]
fn whoever_leaves_without_a_word_is_told_so() {
    let mut editor = Editor::on_retail();
    editor.notify("exit", Value::Null);
    assert_eq!(editor.wait(), Some(1));
    let mut editor = Editor::on_retail();
    editor.hang_up();
    assert_eq!(editor.wait(), Some(0));
}

#[test]
fn garbage_is_refused_and_the_server_goes_on() {
    let mut editor = Editor::on_retail();
    editor.raw(b"hello?\r\n\r\nContent-Length: 3\r\n\r\n{]}");
    let refusal = editor.until(|message| message["id"].is_null() && message.get("error").is_some());
    assert_eq!(refusal["error"]["code"], -32700);
    editor.send(&json!([1, 2]));
    let refusal = editor.until(|message| message["id"].is_null() && message.get("error").is_some());
    assert_eq!(refusal["error"]["code"], -32600);
    editor.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    editor.notify("textDocument/didChange", json!(["?"]));
    editor.notify("$/cancelRequest", json!({ "id": "nobody" }));
    editor.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": "?", "type": 9 }] }),
    );
    editor.open("goals/shop.yaml");
    let params = json!({ "textDocument": { "uri": editor.uri("goals/shop.yaml") } });
    let why = editor.refused("textDocument/hover", params);
    assert_snapshot!(why, @"the parameters cannot be read: missing field `position`");
    let nobody = json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": 0, "character": 0 } });
    for method in [
        "definition",
        "hover",
        "completion",
        "documentSymbol",
        "foldingRange",
        "formatting",
    ] {
        assert_eq!(
            editor.request(&format!("textDocument/{method}"), nobody.clone()),
            Value::Null
        );
    }
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn any_place_and_any_text_will_do() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let far = json!({ "line": u32::MAX, "character": u32::MAX });
    let near = json!({ "line": 0, "character": 1 });
    let text = "\u{feff}📦\r\n\r: [\0{&a *a\n--- !!x\n- - - ? |\n";
    for (start, end, text) in [
        (&far, &near, "x"),
        (&near, &far, text),
        (&far, &far, "\n...\n"),
    ] {
        editor.edit(
            file,
            json!([{ "range": { "start": start, "end": end }, "text": text }]),
        );
    }
    for line in 0..6 {
        for character in 0..8 {
            let position = json!({ "line": line, "character": character });
            let params =
                json!({ "textDocument": { "uri": editor.uri(file) }, "position": position });
            for method in ["definition", "hover", "completion"] {
                editor.request(&format!("textDocument/{method}"), params.clone());
            }
        }
    }
    let params = json!({ "textDocument": { "uri": editor.uri(file) } });
    editor.request("textDocument/documentSymbol", params.clone());
    editor.request("textDocument/foldingRange", params);
    let huge = "a: [x]\n".repeat(1_000_000);
    editor.type_in(file, json!([{ "text": huge }])); // too large to be checked while typing
    let params = json!({ "textDocument": { "uri": editor.uri(file) } });
    let why = editor.refused("textDocument/documentSymbol", params);
    assert!(why.contains("the file is large"), "{why}");
    let params = json!({ "textDocument": { "uri": editor.uri(file) } });
    editor.notify("textDocument/didSave", params);
    let found = editor.diagnostics(file);
    assert_snapshot!(told(&found), @"1:1 yaml-limit the file is larger than the limit of 4194304 bytes | help: split the file: all files of a folder are read together");
    let found = editor.edit(file, json!([{ "text": "kind: Gaol\n" }]));
    assert!(
        told(&found).contains("did you mean `Goal`?"),
        "{}",
        told(&found)
    );
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn two_editors_on_one_project_do_not_mind_each_other() {
    let mut one = Editor::on_retail();
    let mut other = Editor::beside(&one);
    let file = "campaigns/autumn-sale.yaml";
    one.open(file);
    other.open(file);
    let questions: Vec<i64> = (0..200)
        .map(|_| {
            let mut params = one.behind(file, "goal: sale");
            params["context"] = json!({ "includeDeclaration": true });
            one.ask("textDocument/references", params)
        })
        .collect();
    let found = other.edit(file, json!([{ "text": "kind: Gaol\n" }]));
    assert_snapshot!(told(&found), @"
    1:1 unknown-api-version `apiVersion` is missing | help: write `apiVersion: campaignctl.dev/v1`
    1:7 unknown-kind `Gaol` is not a kind of manifest | help: did you mean `Goal`?
    ");
    for id in questions {
        assert_eq!(one.answer(id)["result"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn secrets_in_a_project_file_come_into_no_complaint() {
    let mut editor = Editor::on_files(&[("campaignctl.yaml", "project: p\n")]);
    editor.open("campaignctl.yaml");
    for wrong in [
        "{ bearer: *hunter2secret }",
        "{ bearer: !hunter2secret x }",
        "{ bearer: !<hunter2secret> { env: A } }",
        "{ hunter2secret: { env: A } }",
        "{ bearer: { env: A, hunter2secret } }",
    ] {
        let text = format!(
            "project: p\nenvironments:\n  a:\n    account: \"1\"\n    credentials: {wrong}\n"
        );
        let found = editor.edit("campaignctl.yaml", json!([{ "text": text }]));
        assert!(!found.is_empty(), "{wrong}");
        assert!(
            !json!(found).to_string().contains("hunter2secret"),
            "{wrong}: {found:?}"
        );
    }
    assert_eq!(editor.leave(), Some(0));
}
