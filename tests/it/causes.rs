//! Who changed a field: told the same way in text, JSON and Markdown, and which template or variable it was.

use serde_json::{Value, json};

use crate::support::{Account, CAMPAIGNS, GOALS, Project};

/// The causes of the first change of a plan, by field.
#[track_caller]
fn causes(project: &Project) -> Vec<Value> {
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    let change = &plan["changes"][0];
    let told = |field: &Value| {
        let place = format!(
            "{}:{}",
            plain(&field["source"]["file"]),
            field["source"]["line"]
        );
        json!([field["pointer"], field["cause"], field["by"], place])
    };
    change["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(told)
        .collect()
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: first }
spec: { displayName: First, description: one, indicator: { url: /first, count: 1 } }
";

#[test]
fn three_edits_are_three_causes_in_every_form() {
    let project = Project::with(GOAL);
    project.apply();
    let path = project.account.item_path(GOALS, "First");
    // In the console only, on both sides, in the file only.
    project.account.edit(&path, |body| {
        body["description"] = "by somebody".into();
        body["indicatorValue"]["url"] = "/elsewhere".into();
    });
    let edited = GOAL
        .replace("count: 1", "count: 2")
        .replace("url: /first", "url: /mine");
    project.write("manifests.yaml", &edited);
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/first "First" (<id>)  manifests.yaml:1
          description: by somebody -> one  (drift)
          indicator.url: /elsewhere -> /mine  (edit and drift)
          indicator.count: 1 -> 2  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    insta::assert_snapshot!(json!(causes(&project)), @r#"[["/spec/description","drift",null,"manifests.yaml:4"],["/spec/indicator/url","both",null,"manifests.yaml:4"],["/spec/indicator/count","edit",null,"manifests.yaml:4"]]"#);
    let markdown = project
        .run(&["plan", "--format", "markdown"])
        .expect(0)
        .data();
    let rows: Vec<_> = markdown
        .lines()
        .filter(|line| line.starts_with("| "))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    | field | before | after | cause |
    | `description` | `by somebody` | `one` | drift |
    | `indicator.url` | `/elsewhere` | `/mine` | edit and drift |
    | `indicator.count` | `1` | `2` | edit |
    ");
    let drift = project.run(&["drift", "--format", "json"]).expect(2).json();
    let fields = drift["objects"][0]["fields"].as_array().unwrap();
    let conflicts = fields
        .iter()
        .map(|field| (plain(&field["pointer"]), field["conflict"] == true));
    assert_eq!(
        conflicts.collect::<Vec<_>>(),
        [("/spec/description", false), ("/spec/indicator/url", true)]
    );
}

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, goal: { system: true }, schedule: { timeZone: Europe/Paris } }
";

const TEMPLATES: &str = "\
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: house }
spec: { type: stickyButton, language: en-US, window: { system: true }, followMePages: 1 }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: button }
spec:
  extends: house
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Chat } }
    - { type: offline, enabled: true, presentation: { label: Later } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  template: button
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  displayInstances:
    - { type: offline, presentation: { label: Leave a message } }
";

#[test]
fn the_template_that_changed_a_field_is_named() {
    let project = Project::with(CAMPAIGN);
    project.write("look.yaml", TEMPLATES);
    project.apply();
    // The engagement writes the label of its second state itself, as its first.
    let edited = TEMPLATES
        .replace("language: en-US", "language: fr-FR")
        .replace("label: Chat", "label: Parlons")
        .replace("Leave a message", "Laisser un message");
    project.write("look.yaml", &edited);
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/home (<id>)  look.yaml:15
          language: en-US -> fr-FR  (template EngagementTemplate/house)
          displayInstances[online].presentation.label: Chat -> Parlons  (template EngagementTemplate/button)
          displayInstances[offline].presentation.label: Leave a message -> Laisser un message  (edit)
          11 unchanged fields

      ~ template EngagementTemplate/button
          used by 1 campaign, 1 engagement (none live)

      ~ template EngagementTemplate/house
          used by 1 campaign, 1 engagement (none live)

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    insta::assert_snapshot!(json!(causes(&project)), @r#"[["/spec/language","template",["EngagementTemplate/house"],"look.yaml:4"],["/spec/displayInstances/0/presentation/label","template",["EngagementTemplate/button"],"look.yaml:12"],["/spec/displayInstances/1/presentation/label","edit",null,"look.yaml:24"]]"#);
    project.apply();
    // A state that a template brings is the template's, the list of states being written as a whole.
    let more = edited.replace(
        "    - { type: offline, enabled: true,",
        "    - { type: busy, enabled: true }\n    - { type: offline, enabled: true,",
    );
    project.write("look.yaml", &more);
    insta::assert_snapshot!(json!(causes(&project)), @r#"[["/spec/displayInstances","template",["EngagementTemplate/button"],"look.yaml:25"]]"#);
    project.apply();
    // Switched to another template: its values come from there.
    let other = more
        .replace("{ name: button }", "{ name: bar }")
        .replace("template: button", "template: bar")
        .replace("label: Parlons", "label: Bonjour");
    project.write("look.yaml", &other);
    insta::assert_snapshot!(json!(causes(&project)), @r#"[["/spec/displayInstances/0/presentation/label","template",["EngagementTemplate/bar"],"look.yaml:12"]]"#);
}

/// A project with variables and an overlay for the environment `test`.
fn varied(manifests: &str) -> Project {
    let project = Project::with(manifests);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let settings =
        "  test:\n    variables: { brand: Shoply, town: Lille, pages: 3 }\n    overlays: [over]\n";
    project.write("campaignctl.yaml", &file.replace("  test:\n", settings));
    project.write("over/.keep", "");
    project
}

#[test]
fn the_variable_that_changed_a_field_is_named() {
    let manifest = |about: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: g }}\nspec:\n  displayName: G\n  description: {about}\n  indicator: {{ url: /x, count: \"${{var.pages}}\" }}\n"
        )
    };
    let both = "\"${var.brand} in ${var.town}\"";
    let project = varied(&manifest(both));
    project.apply();
    let told = |arguments: &[&str]| {
        let run = project.run(&[&["plan"], arguments].concat()).expect(0);
        let lines = run.stdout.lines().filter(|line| line.contains("->"));
        lines.map(str::trim).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told(&["--var", "town=Paris", "--var", "pages=4"]), @"
    description: Shoply in Lille -> Shoply in Paris  (variable town)
    indicator.count: 3 -> 4  (variable pages)
    ");
    insta::assert_snapshot!(told(&["--var", "town=Paris", "--var", "brand=Acme"]), @"description: Shoply in Lille -> Acme in Paris  (variables brand, town)");
    // Somebody changes the same field in the console.
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("by hand"));
    insta::assert_snapshot!(told(&["--var", "town=Paris"]), @"description: by hand -> Shoply in Paris  (edit and drift)");
    // What an overlay changes is an edit, and stands in the overlay.
    project.write(
        "over/g.yaml",
        "kind: Goal\nmetadata: { name: g }\nspec:\n  description: Only here\n",
    );
    let used = ["--var", "brand=x", "--var", "town=x"];
    insta::assert_snapshot!(told(&used), @"description: by hand -> Only here  (edit and drift in over/g.yaml:4)");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("Shoply in Lille"));
    insta::assert_snapshot!(told(&used), @"description: Shoply in Lille -> Only here  (edit in over/g.yaml:4)");
    insta::assert_snapshot!(json!(causes(&project)), @r#"[["/spec/description","edit",null,"over/g.yaml:4"]]"#);
}

#[test]
fn the_list_of_engagements_is_told_apart_by_our_members_only() {
    let engagement = |name: &str| {
        let engagement = TEMPLATES.rsplit("---\n").next().unwrap();
        format!(
            "---\n{}",
            engagement.replace("name: home", &format!("name: {name}"))
        )
    };
    let manifests = |names: &[&str]| {
        let templates = TEMPLATES.rsplit_once("---\n").unwrap().0;
        let engagements: Vec<_> = names.iter().map(|name| engagement(name)).collect();
        format!("{CAMPAIGN}---\n{templates}{}", engagements.concat())
    };
    let project = Project::with(&manifests(&["home", "cart"]));
    project.apply();
    let account = &project.account;
    let list = |change: &dyn Fn(&mut Vec<Value>)| {
        account.edit(&account.item_path(CAMPAIGNS, "Sale"), |campaign| {
            change(campaign["engagementIds"].as_array_mut().unwrap());
        });
    };
    let told = || {
        let plan = project.plan();
        let mut lines = plan.lines().filter(|line| line.contains("engagements:"));
        lines.next().unwrap_or("nothing").trim().to_owned()
    };
    list(&|ids| ids.reverse());
    assert_eq!(told(), "nothing", "the order is not declared");
    list(&|ids| {
        ids.remove(0);
    });
    insta::assert_snapshot!(told(), @"engagements: [home] -> [home, cart]  (drift)");
    // With an engagement of other people's in the list.
    let theirs = account.post(
        &account.engagements("Sale"),
        &json!({"name": "theirs", "type": 99}),
    );
    project.apply();
    list(&|ids| ids.push(theirs["id"].clone()));
    assert_eq!(told(), "nothing", "what is theirs is theirs");
    list(&|ids| {
        ids.remove(0);
    });
    insta::assert_snapshot!(told(), @"engagements: [cart, { live: theirs }] -> [cart, { live: theirs }, home]  (drift)");
    project.write("manifests.yaml", &manifests(&["home", "cart", "more"]));
    insta::assert_snapshot!(told(), @"engagements: [cart, { live: theirs }] -> [cart, { live: theirs }, home, more]  (edit and drift)");
    project.apply();
    project.write("manifests.yaml", &manifests(&["home", "cart"]));
    insta::assert_snapshot!(told(), @"engagements: [cart, { live: theirs }, home, more] -> [cart, { live: theirs }, home]  (edit)");
    project.apply();
    // An engagement that was adopted, and so in the list before it was ours.
    let own = engagement("theirs").replace("  template: button\n", "  type: 99\n");
    let own = own.split("  displayInstances").next().unwrap();
    project.write(
        "manifests.yaml",
        &format!("{}{own}", manifests(&["home", "cart"])),
    );
    project.apply();
    assert!(
        account
            .get(&Account::path_of(
                &account.engagements("Sale"),
                &theirs["id"]
            ))
            .is_object()
    );
    list(&Vec::clear);
    insta::assert_snapshot!(told(), @"engagements: [] -> [home, cart, theirs]  (drift)");
    project.apply();
}
