//! What is offered at a place.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::Editor;

/// What is offered at the `|` of a text, a line each.
fn offered(editor: &mut Editor, text: &str) -> String {
    let file = ["new.yaml", "base/new.yaml"][usize::from(editor.path("base").exists())];
    let at = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    if editor.path(file).exists() {
        editor.edit(file, json!([{ "text": text }]));
    } else {
        editor.write(file, "");
        editor.open_with(file, &text);
    }
    let line = text[..at].matches('\n').count();
    let character = at - text[..at].rfind('\n').map_or(0, |at| at + 1);
    let params = json!({
        "textDocument": { "uri": editor.uri(file) },
        "position": { "line": line, "character": character },
    });
    let found = editor.request("textDocument/completion", params);
    let mut items = found["items"].as_array().unwrap().clone();
    items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
    let shown = items.iter().take(12).map(|item| {
        let detail = item["detail"].as_str().unwrap_or_default();
        let text = item["documentation"]["value"].as_str().unwrap_or_default();
        let text: String = text.chars().take(40).collect();
        format!(
            "{} [{detail}] {text}",
            item["textEdit"]["newText"].as_str().unwrap()
        )
    });
    shown.collect::<Vec<_>>().join("\n")
}

const HEAD: &str =
    "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: new }\nspec:\n";

#[test]
fn names_are_offered_where_something_is_referred_to() {
    let mut editor = Editor::on_retail();
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  goal: |\n")), @"
    loyalty-joined [Goal: Loyalty club joined] 
    newsletter-joined [Goal: Newsletter joined] 
    purchase-completed [Goal: Purchase completed] A visitor reaches the page behind the ch
    return-registered [Goal: Return registered] 
    sale-browsed [Goal: Sale browsed] A visitor looks at three pages of the sa
    store-visit-planned [Goal: Store visit planned] A visitor asks for the way to a store
    style-advice-booked [Goal: Style advice booked] A visitor books half an hour with a styl
    { system: true } [Goal: the vendor's own] The row that the vendor made in every ac
    ");
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  targetAudiences: [returning-customers, fr|\n  goal: x\n")), @"
    all-shoppers [TargetAudience: All shoppers] Everybody, known or not
    around-lyon [TargetAudience: Around Lyon] Visitors near the new store
    from-sale-advertising [TargetAudience: From sale advertising] Visitors who follow an advertisement for
    loyalty-members [TargetAudience: Loyalty club members] Customers whose type says that they are 
    on-a-phone [TargetAudience: On a phone] 
    returning-customers [TargetAudience: Returning customers] Visitors who have been here before
    { system: true } [TargetAudience: the vendor's own] The row that the vendor made in every ac
    ");
    assert_snapshot!(offered(&mut editor, "apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: new }\nspec:\n  skill: |\n"), @r#"
    "General care" [Skill of the account] References to it in this project: 5.
    "Loyalty club" [Skill of the account] References to it in this project: 1.
    Orders [Skill of the account] References to it in this project: 9.
    Returns [Skill of the account] References to it in this project: 6.
    "Store team" [Skill of the account] References to it in this project: 1.
    Styling [Skill of the account] References to it in this project: 6.
    "#);
}

#[test]
fn fields_and_words_are_offered_from_the_schema() {
    let mut editor = Editor::on_retail();
    assert_snapshot!(offered(&mut editor, "|"), @"
    apiVersion:  [required] The version of the manifest format.
    kind:  [required] The kind of the object.
    metadata:  [required] What identifies the manifest. Nothing of
    spec:  [required] The object itself; its fields depend on 
    lifecycle:  [] How the program may treat the live objec
    ");
    assert_snapshot!(offered(&mut editor, "apiVersion: campaignctl.dev/v1\nkind: |\n"), @"
    ApiHandoff [] What a proactive send says, over which c
    Behavior [] What a visitor must do before an engagem
    Campaign [] Who is engaged, when and to which end; i
    Engagement [] What a visitor sees: a button, an overla
    EngagementTemplate [] A look that several engagements share. A
    EngagementWindow [] How a conversation looks on a web page: 
    EntryPoint [] Where in an app or web site an engagemen
    Goal [] What a campaign is measured by: a page t
    Launch [] A message that `launch send` sends once,
    Persona [] What an app or page reports of a visitor
    Scenario [] A test of who is offered what, decided b
    SpecialOccasion [] Days with working hours of their own: ho
    ");
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  |\n")), @"
    controlGroup:  [] The share of matching visitors who are s
    description:  [] What the campaign is for, in a sentence.
    displayName:  [] What people see in the console. Defaults
    engagements:  [] The campaign's engagements in their orde
    extra:  [] Wire keys without a field, kept unchange
    goal:  [] What the campaign is measured by: a `Goa
    lineOfBusiness:  [] The line of business that the campaign c
    operationHours:  [] Operation hours; the platform's own numb
    priority:  [] The priority among campaigns that compet
    schedule:  [] When the campaign runs. A published camp
    state:  [] Whether consumers see the campaign. An a
    targetAudiences:  [] Who is engaged: `TargetAudience` manifes
    ");
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  goal: a\n  state: pub|\n")), @"
    published [] Consumers see it within its schedule.
    scheduled [] It waits for its start. Unconfirmed: no 
    unpublished [] Consumers see nothing of it.
    ");
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  schedule: {{ timeZone: Europe/Paris, |\n")), @"
    end:  [] When the campaign ends, on the clocks of
    start:  [] When the campaign starts, on the clocks
    ");
    assert_snapshot!(offered(&mut editor, &format!("{HEAD}  goal: a\nlifecycle:\n  mode: |\n")), @"
    createOnly [] Create it when it is missing, then leave
    enforce [] Create it and keep it as declared.
    observe [] Never write; show differences only. From
    ");
}

#[test]
fn settings_and_variables_are_offered() {
    let mut editor = Editor::on_example("environments");
    assert_snapshot!(offered(&mut editor, "brand: ${|}\n"), @r#"
    var.apps [["com.example.shop.ios","com.example.shop.android"]] 
    var.brand ["Shoply"] 
    var.controlGroup ["10%"]
    "#);
    editor.open("campaignctl.yaml");
    let text = "environments:\n  staging:\n    \n";
    editor.edit("campaignctl.yaml", json!([{ "text": text }]));
    let params = json!({
        "textDocument": { "uri": editor.uri("campaignctl.yaml") },
        "position": { "line": 2, "character": 4 },
    });
    let found = editor.request("textDocument/completion", params);
    let labels: Vec<&Value> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["label"])
        .collect();
    assert_snapshot!(json!(labels), @r#"["account","labels","domainApi","hosts","handoffs","credentials","rate","writeRate","retryBudget","ledger","auditLog","notify","overlays","variables","ledgerCredentials","ledgerLock","prune","guards","launches","clevertap","rules","seed","skills","linesOfBusiness","appInstallations","connectors","zones","conditions","switches","faults"]"#);
}
