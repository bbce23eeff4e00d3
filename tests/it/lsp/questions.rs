//! Questions about a place in a file.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::Editor;
use crate::support::{Run, binary, without_ids};

fn hovered(editor: &mut Editor, file: &str, needle: &str) -> String {
    let params = editor.behind(file, needle);
    let found = editor.request("textDocument/hover", params);
    found["contents"]["value"]
        .as_str()
        .unwrap_or("nothing")
        .to_owned()
}

#[test]
fn a_reference_leads_to_its_manifest() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let params = editor.behind(file, "goal: sale");
    let found = editor.request("textDocument/definition", params);
    assert_snapshot!(editor.all_shown(&found), @"goals/shop.yaml:42:9-21");
    // A skill is no manifest.
    let params = editor.behind(file, "skill: Sty");
    assert_eq!(editor.request("textDocument/definition", params), json!([]));
}

#[test]
fn a_manifest_knows_who_refers_to_it() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let mut params = editor.behind(file, "template: sale-b");
    params["context"] = json!({ "includeDeclaration": true });
    let found = editor.request("textDocument/references", params);
    assert_snapshot!(editor.all_shown(&found), @"
    campaigns/autumn-sale.yaml:31:13-24
    campaigns/autumn-sale.yaml:58:13-24
    templates/web.yaml:54:9-20
    ");
    let mut params = editor.behind(file, "skill: Sty");
    params["context"] = json!({ "includeDeclaration": false });
    let found = editor.request("textDocument/references", params);
    assert_snapshot!(editor.all_shown(&found), @"
    campaigns/autumn-sale.yaml:33:10-17
    campaigns/autumn-sale.yaml:47:10-17
    campaigns/autumn-sale.yaml:61:10-17
    campaigns/checkout-rescue.yaml:56:10-17
    campaigns/checkout-rescue.yaml:69:10-17
    campaigns/loyalty-club.yaml:43:10-17
    ");
}

#[test]
fn overlays_and_variables_are_found_too() {
    let mut editor = Editor::on_example("environments");
    let file = "base/campaigns.yaml";
    editor.open(file);
    let params = editor.behind(file, "name: checkout-h");
    let found = editor.request("textDocument/definition", params);
    assert_snapshot!(editor.all_shown(&found), @"
    base/campaigns.yaml:5:9-22
    overlays/production/changes.yaml:3:19-32
    ");
    let params = editor.behind(file, "${var.br");
    let found = editor.request("textDocument/definition", params.clone());
    assert_snapshot!(editor.all_shown(&found), @"
    campaignctl.yaml:20:7-12
    campaignctl.yaml:6:3-8
    ");
    let mut params = params;
    params["context"] = json!({ "includeDeclaration": false });
    let found = editor.request("textDocument/references", params);
    assert_snapshot!(editor.all_shown(&found), @"
    base/campaigns.yaml:7:17-29
    base/handoffs.yaml:13:12-24
    ");
    assert_snapshot!(hovered(&mut editor, file, "${var.br"), @r#"
    **variable** `brand`

    - production: `"Shoply"`
    - sandbox: `"Shoply"`
    - staging: `"Shoply (staging)"`
    "#);
}

#[test]
fn a_hover_tells_what_stands_behind() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    assert_snapshot!(hovered(&mut editor, file, "goal: sale"), @r#"
    **Goal** `sale-browsed`: Sale browsed

    `goals/shop.yaml:42`

    A visitor looks at three pages of the sale

    Used by 1 campaign, 3 engagements (none live).

    ```text
    └─ Campaign/autumn-sale "Autumn sale 2026"  not live (it is not published)
       ├─ Engagement/sale-help "Sale help"  not live
       ├─ Engagement/sale-hint "Sale hint"  not live
       └─ Engagement/sale-last-days "Sale, last days"  not live (it is disabled)
    ```
    "#);
    assert_snapshot!(hovered(&mut editor, file, "skill: Sty"), @r#"
    **Skill** of the account, named “Styling”

    No manifest describes it; a plan looks it up.

    Used by 6 engagements (3 live).

    ```text
    ├─ Engagement/club-style-advice "Club style advice" in Campaign/loyalty-club  LIVE
    ├─ Engagement/basket-full "Full basket" in Campaign/checkout-rescue  LIVE
    ├─ Engagement/sale-help "Sale help" in Campaign/autumn-sale  not live (Campaign: it is not published)
    ├─ Engagement/sale-hint "Sale hint" in Campaign/autumn-sale  not live (Campaign: it is not published)
    ├─ Engagement/sale-last-days "Sale, last days" in Campaign/autumn-sale  not live (it is disabled)
    └─ Engagement/size-advice "Size advice" in Campaign/checkout-rescue  LIVE
    ```
    "#);
    assert_snapshot!(hovered(&mut editor, file, "  time"), @"
    ```text
    Campaign.schedule.timeZone  <string>

    The IANA time zone of start and end, `Europe/Paris`.

    ON THE WIRE  timeZone
    SINCE        0.1.0

    EXAMPLE

      spec:
        schedule:
          timeZone: Europe/Paris
    ```
    ");
    assert_snapshot!(hovered(&mut editor, file, "meta"), @"
    ```text
    manifest.metadata  <mapping>  required

    What identifies the manifest. Nothing of it is sent to the account.

    SINCE        0.1.0

    FIELDS
      name  <string> required
          A name such as `checkout-done`, unique per kind; the stable key of the
          manifest.
      labels  <mapping of string>
          Key and value pairs to select manifests by.
      annotations  <mapping of string>
          Notes for people and other tools.

    EXAMPLE

      metadata:
        name: checkout-done
        labels:
          team: retail
          season: autumn
        annotations:
          owner: '#retail-messaging'
    ```
    ");
    editor.open("campaignctl.yaml");
    assert_snapshot!(hovered(&mut editor, "campaignctl.yaml", "    pru"), @"
    ```text
    project.environments.prune  <word or mapping>

    What happens to live objects that no manifest defines. Default: `owned`.

    VALUES
      owned
          Owned objects whose manifest has gone are deleted. Objects that people
          made in the console never are.
      none
          Nothing is deleted.

    SINCE        0.1.0

    FIELDS
      exclusive  <list of word> required
          Kinds whose objects are deleted unless a manifest defines them. The
          vendor's own rows are kept.

    EXAMPLE

      environments:
        production:
          prune:
            exclusive:
            - Goal
    ```
    ");
}

#[test]
fn a_hover_tells_the_live_state_that_is_known_here() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let run = |editor: &Editor, arguments: &[&str]| {
        Run::from(
            binary(editor.folder.path())
                .args(arguments)
                .output()
                .unwrap(),
        )
        .expect(0)
    };
    let before = hovered(&mut editor, file, "goal: sale");
    assert!(!before.contains("Live"), "{before}");
    run(&editor, &["apply", "--auto-approve"]);
    let goals = editor
        .text("goals/shop.yaml")
        .replace("Sale browsed", "Sale seen");
    editor.write("goals/shop.yaml", &goals);
    run(&editor, &["plan", "--out", ".campaignctl/next.json"]);
    let hover = hovered(&mut editor, file, "goal: sale");
    let (_, live) = hover
        .split_once("Live")
        .unwrap_or_else(|| panic!("{hover}"));
    assert_snapshot!(without_ids(live), @"
    , as far as is known here:

    - sandbox: live object <id>, “Sale browsed”
    - plan `next.json` for sandbox: update
    ");
}

#[test]
fn a_file_has_an_outline() {
    let mut editor = Editor::on_retail();
    let file = "goals/service.yaml";
    editor.open(file);
    let params = json!({ "textDocument": { "uri": editor.uri(file) } });
    let found = editor.request("textDocument/documentSymbol", params);
    let shown = found.as_array().unwrap().iter().map(|symbol| {
        let children = symbol["children"].as_array().unwrap().iter();
        let children: Vec<String> = children
            .map(|it| format!("{} {}", it["name"], it["detail"]))
            .collect();
        let (start, end) = (
            &symbol["range"]["start"]["line"],
            &symbol["range"]["end"]["line"],
        );
        format!(
            "{start}-{end} {} ({}): {}",
            symbol["name"],
            symbol["detail"],
            children.join(", ")
        )
    });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    2-10 "return-registered" ("Goal, Return registered"): "displayName" "Return registered", "type" "service", "indicator" ""
    12-21 "store-visit-planned" ("Goal, Store visit planned"): "displayName" "Store visit planned", "description" "A visitor asks for the way to a store", "type" "service", "indicator" ""
    23-31 "loyalty-joined" ("Goal, Loyalty club joined"): "displayName" "Loyalty club joined", "type" "lead", "indicator" ""
    "#);
}

#[test]
fn long_blocks_fold() {
    let mut editor = Editor::on_retail();
    let file = "templates/app.yaml";
    editor.open(file);
    let fold = |editor: &mut Editor, file: &str| {
        let params = json!({ "textDocument": { "uri": editor.uri(file) } });
        let found = editor.request("textDocument/foldingRange", params);
        let lines: Vec<String> = editor.text(file).lines().map(str::to_owned).collect();
        let shown = found.as_array().unwrap().iter().map(|fold| {
            let line = |name: &str| usize::try_from(fold[name].as_u64().unwrap()).unwrap();
            format!("{} .. {}", lines[line("startLine")], lines[line("endLine")])
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(fold(&mut editor, file), @"
    apiVersion: campaignctl.dev/v1 ..   language: en-US
    metadata: ..   name: app-entry
    spec: ..   language: en-US
    ");
    editor.open("windows/special.yaml");
    assert_snapshot!(fold(&mut editor, "windows/special.yaml"), @r##"
    apiVersion: campaignctl.dev/v1 ..         sendButton: { style: { background-color: "#1f3d36" } }
    metadata: ..   labels: { season: autumn }
    spec: ..         sendButton: { style: { background-color: "#1f3d36" } }
      style: ..         sendButton: { style: { background-color: "#1f3d36" } }
        welcomeMessage: ..       text: Up to half the price, as long as there is stock. What can we find for you?
        customStyle: ..         sendButton: { style: { background-color: "#1f3d36" } }
          config: ..         sendButton: { style: { background-color: "#1f3d36" } }
    apiVersion: campaignctl.dev/v1 ..         header: { style: { background-color: "#2b2a33", color: "#c9a227" } }
    metadata: ..   name: club-window
    spec: ..         header: { style: { background-color: "#2b2a33", color: "#c9a227" } }
      style: ..         header: { style: { background-color: "#2b2a33", color: "#c9a227" } }
        customStyle: ..         header: { style: { background-color: "#2b2a33", color: "#c9a227" } }
          config: ..         header: { style: { background-color: "#2b2a33", color: "#c9a227" } }
    apiVersion: campaignctl.dev/v1 ..       text: We are back at eight. Leave your question here, and the answer will wait for you.
    metadata: ..   name: out-of-hours-window
    spec: ..       text: We are back at eight. Leave your question here, and the answer will wait for you.
      style: ..       text: We are back at eight. Leave your question here, and the answer will wait for you.
        welcomeMessage: ..       text: We are back at eight. Leave your question here, and the answer will wait for you.
    "##);
}

#[test]
fn a_place_without_meaning_has_no_answer() {
    let mut editor = Editor::on_retail();
    let file = "campaigns/autumn-sale.yaml";
    editor.open(file);
    let nowhere = json!({ "textDocument": { "uri": editor.uri(file) }, "position": { "line": 99999, "character": 7 } });
    for (method, empty) in [
        ("definition", json!([])),
        ("completion", json!({ "isIncomplete": false, "items": [] })),
    ] {
        let found = editor.request(&format!("textDocument/{method}"), nowhere.clone());
        assert!(
            found == empty || !found["items"].is_null(),
            "{method}: {found}"
        );
    }
    let comment = editor.behind(file, "# The aut");
    assert_eq!(editor.request("textDocument/hover", comment), Value::Null);
}

#[test]
fn a_file_is_formatted_as_fmt_does_it_and_one_with_mistakes_is_left_alone() {
    let mut editor = Editor::on_retail();
    let file = "goals/shop.yaml";
    let canonical = editor.text(file);
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let params = json!({ "textDocument": { "uri": editor.uri(file) }, "options": options });
    editor.open(file);
    let found = editor.request("textDocument/formatting", params.clone());
    assert_eq!(found, json!([]));
    let untidy = canonical.replacen("  name: ", "  name:   ", 1);
    assert_ne!(untidy, canonical);
    editor.edit(file, json!([{ "text": untidy }]));
    let edits = editor.request("textDocument/formatting", params.clone());
    assert_eq!(edits.as_array().unwrap().len(), 1);
    assert!(edits[0]["newText"].as_str().unwrap().len() < 100, "{edits}");
    editor.write(file, &untidy);
    let uri = editor.uri(file);
    editor
        .apply(&json!({ "documentChanges": [{ "textDocument": { "uri": uri }, "edits": edits }] }));
    assert_eq!(editor.text(file), canonical);
    editor.edit(
        file,
        json!([{ "text": untidy.replacen("kind: ", "kind: [", 1) }]),
    );
    let found = editor.request("textDocument/formatting", params);
    assert_eq!(found, json!([]));
}

/// What a query finds, a line each.
fn symbols(editor: &mut Editor, query: &str) -> String {
    let found = editor.request("workspace/symbol", json!({ "query": query }));
    let shown = found.as_array().unwrap().iter().map(|it| {
        let place = editor.shown(&it["location"]);
        format!("{} ({}) {place}", it["name"], it["containerName"]).replace('"', "")
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn manifests_are_found_by_name_in_every_file() {
    let mut editor = Editor::on_retail();
    editor.open("goals/service.yaml");
    // By the beginning of its name, by kind and name, by what people see, and by letters in their order.
    assert_snapshot!(symbols(&mut editor, "sale-"), @"
    sale-browsed (Goal, Sale browsed) goals/shop.yaml:42:9-21
    sale-button (EngagementTemplate) templates/web.yaml:54:9-20
    sale-help (Engagement, Sale help) campaigns/autumn-sale.yaml:26:9-18
    sale-hint (Engagement, Sale hint) campaigns/autumn-sale.yaml:39:9-18
    sale-last-days (Engagement, Sale, last days) campaigns/autumn-sale.yaml:53:9-23
    sale-pages (EntryPoint, Sale pages) entry-points/web.yaml:108:9-19
    sale-toaster (EngagementTemplate) templates/web.yaml:122:9-21
    sale-window (EngagementWindow, Autumn sale window) windows/special.yaml:6:9-20
    autumn-sale-hours (SpecialOccasion, Autumn sale hours) occasions/occasions.yaml:61:9-26
    autumn-sale-in-the-app (Launch, Autumn sale in the app) launches/autumn-sale.yaml:6:9-31
    from-sale-advertising (TargetAudience, From sale advertising) audiences/audiences.yaml:73:9-30
    nothing-of-the-sale-before-it-is-published (Scenario) scenarios/web.yaml:111:9-51
    ");
    assert_snapshot!(symbols(&mut editor, "Campaign/a"), @"
    app-care (Campaign, App care) campaigns/app-care.yaml:6:9-17
    autumn-sale (Campaign, Autumn sale 2026) campaigns/autumn-sale.yaml:7:9-20
    ");
    assert_snapshot!(symbols(&mut editor, "LOYALTY club"), @"
    loyalty-club (Campaign, Loyalty club) campaigns/loyalty-club.yaml:6:9-21
    loyalty-club (EntryPoint, Loyalty club) entry-points/web.yaml:139:9-21
    loyalty-joined (Goal, Loyalty club joined) goals/service.yaml:27:9-23
    loyalty-members (TargetAudience, Loyalty club members) audiences/audiences.yaml:29:9-24
    ");
    assert_snapshot!(symbols(&mut editor, "gstvp"), @"store-visit-planned (Goal, Store visit planned) goals/service.yaml:16:9-28");
    assert_eq!(symbols(&mut editor, "no such thing"), "");
    let all = symbols(&mut editor, "").lines().count();
    let manifests = editor
        .text("campaigns/autumn-sale.yaml")
        .matches("\nkind: ")
        .count();
    assert!(all > 60 && all > manifests, "{all}");
    // As it is being typed.
    let goals = editor.text("goals/service.yaml");
    editor.edit(
        "goals/service.yaml",
        json!([{ "text": goals.replace("store-visit-planned", "way-to-store") }]),
    );
    assert_snapshot!(symbols(&mut editor, "way-"), @"way-to-store (Goal, Store visit planned) goals/service.yaml:16:9-21");
    assert_eq!(symbols(&mut editor, "store-visit"), "");
}

#[test]
fn manifests_of_the_editors_folder_are_found_before_any_file_is_open() {
    let files = Editor::on_example("environments");
    let mut editor = Editor::silent(tempfile::tempdir().unwrap());
    let folder = json!({ "uri": files.uri(""), "name": "environments" });
    editor.request(
        "initialize",
        json!({ "capabilities": {}, "workspaceFolders": [folder] }),
    );
    let found = editor.request("workspace/symbol", json!({ "query": "checkout-help" }));
    let shown = found.as_array().unwrap().iter();
    let shown: Vec<String> = shown
        .map(|it| format!("{}: {}", it["containerName"], files.shown(&it["location"])))
        .collect();
    assert_snapshot!(shown.join("\n"), @r#"
    "Campaign, ${var.brand}: help at the checkout": base/campaigns.yaml:5:9-22
    "Campaign, overlay": overlays/production/changes.yaml:3:19-32
    "#);
    assert_eq!(
        Editor::on_files(&[]).request("workspace/symbol", json!({ "query": "" })),
        json!([])
    );
}

#[test]
fn colors_of_windows_have_boxes_and_are_written_back() {
    let mut editor = Editor::on_retail();
    let file = "windows/storefront.yaml";
    editor.open(file);
    let document = json!({ "uri": editor.uri(file) });
    let found = editor.request(
        "textDocument/documentColor",
        json!({ "textDocument": document }),
    );
    let channel = |it: &Value, name: &str| (it["color"][name].as_f64().unwrap() * 255.0).round();
    let shown = found.as_array().unwrap().iter().map(|it| {
        let place = editor.shown(&json!({ "uri": editor.uri(file), "range": it["range"] }));
        let channels = ["red", "green", "blue", "alpha"].map(|name| channel(it, name).to_string());
        format!("{place} {}", channels.join(" "))
    });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @"
    windows/storefront.yaml:45:19-26 31 61 54 255
    windows/storefront.yaml:45:30-37 244 239 230 255
    windows/storefront.yaml:45:41-48 181 83 43 255
    windows/storefront.yaml:48:39-46 31 61 54 255
    windows/storefront.yaml:48:57-64 244 239 230 255
    windows/storefront.yaml:50:39-46 244 239 230 255
    windows/storefront.yaml:50:57-64 31 61 54 255
    windows/storefront.yaml:52:39-46 181 83 43 255
    windows/storefront.yaml:52:57-64 255 255 255 255
    windows/storefront.yaml:54:39-46 181 83 43 255
    ");
    // The person picks another one.
    let color = json!({ "red": 0.0, "green": 0.5, "blue": 1.0, "alpha": 1.0 });
    let offers = editor.request(
        "textDocument/colorPresentation",
        json!({ "textDocument": document, "color": color, "range": found[0]["range"] }),
    );
    let labels: Vec<&str> = offers
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["label"].as_str())
        .collect();
    assert_eq!(labels, ["#0080ff", "rgb(0, 128, 255)"]);
    for offer in offers.as_array().unwrap() {
        let edit = json!({ "documentChanges": [
            { "textDocument": document, "edits": [offer["textEdit"]] }
        ]});
        editor.apply(&edit);
        let label = offer["label"].as_str().unwrap();
        assert!(
            editor
                .text(file)
                .contains(&format!("colors: [\"{label}\",")),
            "{label}"
        );
        let first = editor.text(file).replacen(label, "#1f3d36", 1);
        editor.write(file, &first);
    }
    // Looks of engagements have colors too; names and labels have none.
    editor.open("templates/web.yaml");
    let document = json!({ "uri": editor.uri("templates/web.yaml") });
    let found = editor.request(
        "textDocument/documentColor",
        json!({ "textDocument": document }),
    );
    assert!(found.as_array().unwrap().len() > 3, "{found}");
    editor.open("campaignctl.yaml");
    let document = json!({ "uri": editor.uri("campaignctl.yaml") });
    assert_eq!(
        editor.request(
            "textDocument/documentColor",
            json!({ "textDocument": document })
        ),
        json!([])
    );
}

#[test]
fn a_hover_tells_who_is_behind_a_user_and_what_consumers_see() {
    let mut editor = Editor::on_retail();
    editor.open("goals/service.yaml");
    editor.open("templates/web.yaml");
    editor.open("goals/shop.yaml");
    let hover = hovered(&mut editor, "templates/web.yaml", "name: sale-b");
    let (_, used) = hover.split_once("Used by").unwrap();
    assert_snapshot!(used, @r#"
     2 engagements (none live).

    ```text
    ├─ Engagement/sale-help "Sale help" in Campaign/autumn-sale  not live (Campaign: it is not published)
    └─ Engagement/sale-last-days "Sale, last days" in Campaign/autumn-sale  not live (it is disabled)
    ```
    "#);
    // What is being typed counts, and a mistake elsewhere does not matter.
    let goals = editor.text("goals/shop.yaml");
    editor.edit("goals/shop.yaml", json!([{ "text": format!("{goals}---\nkind: Goal\nmetadata: {{ name: new }}\nspec: {{ typ: 1 }}\n") }]));
    let campaign = editor.text("campaigns/lyon-opening.yaml");
    editor.open("campaigns/lyon-opening.yaml");
    let goal = campaign
        .lines()
        .find(|line| line.starts_with("  goal:"))
        .unwrap();
    editor.edit(
        "campaigns/lyon-opening.yaml",
        json!([{ "text": campaign.replace(goal, "  goal: return-registered") }]),
    );
    let hover = hovered(&mut editor, "goals/service.yaml", "name: return-r");
    let (_, used) = hover.split_once("Used by").unwrap();
    assert_snapshot!(used, @r#"
     2 campaigns, 7 engagements (7 live).

    ```text
    ├─ Campaign/app-care "App care"  LIVE
    │  └─ 6 engagements inside, 6 LIVE
    └─ Campaign/lyon-opening "Lyon opening"  not live (it is not published)
       └─ Engagement/lyon-invitation "Lyon invitation"  not live
    ```
    "#);
}

#[test]
fn schemas_of_an_older_program_are_replaced_when_the_editor_opens_the_project() {
    let files = [
        (
            "campaignctl.yaml",
            "# yaml-language-server: $schema=.campaignctl/schemas/campaignctl.schema.json\nproject: shop\n",
        ),
        (
            ".campaignctl/schemas/README.md",
            "Written by campaignctl 0.0.1.\n",
        ),
        (".campaignctl/schemas/manifest.schema.json", "{}"),
        (
            "goal.yaml",
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: {}\n",
        ),
    ];
    let mut editor = Editor::on_files(&files);
    editor.open("goal.yaml");
    let shown = editor.until(|message| message["method"] == "window/showMessage");
    assert_snapshot!(shown["params"]["message"].as_str().unwrap(), @"the schemas in `.campaignctl/schemas` are now those of campaignctl 0.1.0 (they were of 0.0.1): commit them");
    assert!(
        editor
            .text(".campaignctl/schemas/manifest.schema.json")
            .len()
            > 10_000
    );
}
