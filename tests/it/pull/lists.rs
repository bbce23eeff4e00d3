//! Lists, references and templates: what is matched, named and overridden.

use serde_json::json;

use crate::support::{AUDIENCES, CAMPAIGNS, GOALS, NO_CHANGES, Project, without_ids};

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
";

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Autumn sale
  goal: bought # how we know
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: brand }
spec:
  type: stickyButton
  language: en-US
  window: { system: true }
  displayInstances:
    - type: online
      enabled: true
      presentation: { size: { width: \"60\", height: \"40\" } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: plain }
spec:
  campaign: sale
  template: brand # the look of the brand
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  type: stickyButton
  language: en-US # of the shop
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  window: { system: true }
  displayInstances:
    # while somebody is there
    - type: online # on
      enabled: true
      presentation: { label: Chat, size: { width: \"60\", height: \"40\" } } # small
";

fn applied() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    project
}

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

fn engagement(project: &Project, name: &str) -> String {
    let collection = project.account.engagements("Autumn sale");
    project.account.item_path(&collection, name)
}

fn goal(project: &Project, name: &str) -> serde_json::Value {
    let indicator = json!({ "url": "/x", "matchType": 0, "reachedCounter": 1 });
    let body = json!({ "name": name, "type": 2, "indicatorType": 0, "indicatorValue": indicator });
    project.account.post(GOALS, &body)["id"].clone()
}

/// The lines that differ, the new ones.
fn new_lines(before: &str, after: &str) -> String {
    let lines = after
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn items_of_a_list_keep_their_places_and_their_comments() {
    let project = applied();
    let path = engagement(&project, "home");
    project.account.edit(&path, |body| {
        let instances = body["displayInstances"].as_array_mut().unwrap();
        instances[0]["presentation"]["label"] = json!("Hi there");
        let offline = json!({ "displayInstanceType": 2, "enabled": false });
        instances.insert(0, offline);
    });
    project.run(&["pull", "--write"]).expect(0);
    let after = read(&project, "manifests.yaml");
    insta::assert_snapshot!(new_lines(MANIFESTS, &after), @r#"
    - type: offline
      enabled: false
      presentation: { label: Hi there, size: { width: "60", height: "40" } } # small
    "#);
    for comment in ["# while somebody is there", "# on", "# small"] {
        assert!(after.contains(comment), "{after}");
    }
    assert_eq!(project.plan(), NO_CHANGES);
}

/// The order of the author is not that of the canonical spelling, and a byte order mark is no edit of somebody else.
#[test]
fn a_set_that_lost_an_item_is_written_in_the_order_of_the_author() {
    let audience = |name: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: {{ name: {name} }}\nspec: {{ conditions: [{{ type: all }}] }}\n"
        )
    };
    let audiences = ["alpha", "beta", "zeta"].map(audience).concat();
    let campaign = "\u{feff}apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: sale }\nspec:\n  displayName: Autumn sale\n  goal: bought\n  targetAudiences: [zeta, beta, alpha] # in this order\n";
    for (gone, left) in [
        ("zeta", "beta, alpha"),
        ("beta", "zeta, alpha"),
        ("alpha", "zeta, beta"),
    ] {
        let project = Project::with(&format!("{GOAL}{audiences}"));
        project.write("sale.yaml", campaign);
        project.apply();
        let path = project.account.item_path(CAMPAIGNS, "Autumn sale");
        let id = project.account.item(AUDIENCES, gone)["id"].clone();
        project.account.edit(&path, |body| {
            let held = body["visitorProfiles"].as_array_mut().unwrap();
            let count = held.len();
            held.retain(|it| *it != id);
            assert_eq!(held.len(), count - 1);
        });
        project.run(&["pull", "--write"]).expect(0);
        let after = read(&project, "sale.yaml");
        assert_eq!(after, campaign.replace("zeta, beta, alpha", left));
        assert_eq!(project.plan(), NO_CHANGES);
    }
}

#[test]
fn a_template_stays_and_its_user_differs_from_it() {
    let project = applied();
    let path = engagement(&project, "plain");
    project.account.edit(&path, |body| {
        body["language"] = json!("fr-FR");
        body["displayInstances"][0]["presentation"]["size"]["width"] = json!("80");
        body["displayInstances"][0]["presentation"]["size"]["height"] = json!("50");
    });
    let told = project.run(&["pull", "--write"]).expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @r#"
      ~ Engagement/plain
          language: en-US -> fr-FR  (manifests.yaml; the manifest differs from its template from now on)
          displayInstances[online].presentation.size.width: "60" -> "80"  (manifests.yaml; the manifest differs from its template from now on)
          displayInstances[online].presentation.size.height: "40" -> "50"  (manifests.yaml; the manifest differs from its template from now on)

    Pull: 3 fields, 0 new manifests; 0 left. 1 file written.
    "#);
    let after = read(&project, "manifests.yaml");
    insta::assert_snapshot!(new_lines(MANIFESTS, &after), @r#"
    language: fr-FR
        presentation:
          size:
            width: "80"
            height: "50"
    "#);
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn ids_become_names_and_objects_without_a_manifest_are_named() {
    let project = applied();
    let id = goal(&project, "Club joined");
    let path = project.account.item_path(CAMPAIGNS, "Autumn sale");
    project.account.edit(&path, |body| body["goalId"] = id);
    let told = project.run(&["pull", "Campaign/sale"]).expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @r#"
      ~ Campaign/sale
          goal: bought -> { live: Club joined }  (manifests.yaml; refers to Goal/club-joined, which has no manifest: `--with-references` makes one)

    --- a/manifests.yaml
    +++ b/manifests.yaml
    @@ -8,7 +8,7 @@
     metadata: { name: sale }
     spec:
       displayName: Autumn sale
    -  goal: bought # how we know
    +  goal: { live: Club joined } # how we know
       targetAudiences: [{ system: true }]
       schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
     ---

    Without a manifest: Goal/club-joined "Club joined". Name them, or give `--foreign`, to make manifests.
    Pull: 1 field, 0 new manifests; 0 left. Nothing was written; `--write` writes it.
    "#);
    let told = project.run(&["pull", "Campaign/sale", "--with-references", "--write"]);
    let told = told.expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @r#"
      ~ Campaign/sale
          goal: bought -> club-joined  (manifests.yaml)
      + Goal/club-joined "Club joined" (<id>)  club-joined.yaml (new)

    Pull: 1 field, 1 new manifest; 0 left. 2 files written.
    "#);
    assert!(read(&project, "manifests.yaml").contains("  goal: club-joined # how we know\n"));
    let plan = project.plan();
    assert!(
        plan.contains("0 to create, 0 to update, 0 to replace, 0 to delete, 1 to adopt"),
        "{plan}"
    );
}

#[test]
fn an_id_of_the_account_does_not_come_into_the_files() {
    let project = applied();
    let id = goal(&project, "Twin");
    goal(&project, "Twin");
    let path = project.account.item_path(CAMPAIGNS, "Autumn sale");
    project.account.edit(&path, |body| body["goalId"] = id);
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    assert!(
        told.contains("the live value has an id of this account"),
        "{told}"
    );
    assert_eq!(read(&project, "manifests.yaml"), MANIFESTS);
    let json = project.run(&["pull", "--format", "json"]).expect(2).json();
    assert_eq!(json["left"][0]["why"], "value");
}

#[test]
fn the_files_stay_valid() {
    let project = applied();
    let path = engagement(&project, "home");
    project.account.edit(&path, |body| {
        body.as_object_mut().unwrap().remove("language");
        body["displayInstances"][0]["presentation"]["label"] = json!("Hi there");
    });
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ~ Engagement/home
          displayInstances[online].presentation.label: Chat -> Hi there  (manifests.yaml)
      ! Engagement/home  manifests.yaml:42
          language: en-US in the file, (none) in the account
            `validate` would refuse it: an engagement for web pages needs `language`
            help: correct the object in the console and pull again

    Pull: 1 field, 0 new manifests; 1 left. 1 file written.
    ");
    let wanted = MANIFESTS.replace("label: Chat", "label: Hi there");
    assert_eq!(read(&project, "manifests.yaml"), wanted);
}
