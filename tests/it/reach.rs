//! What a change to something shared reaches, and which of it consumers see right now.

use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, ENTRY_POINTS, GOALS, Project};

/// Two campaigns, one of them published; engagements by template; a behavior that depends on an entry point.
const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: cart }
spec: { displayName: Cart, description: where they pay }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: house }
spec: { type: stickyButton, language: en-US, window: { system: true } }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: button }
spec: { extends: house, displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }] }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Autumn sale, goal: bought, state: published }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: draft }
spec: { displayName: Draft, goal: bought, state: unpublished }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec: { campaign: sale, template: button, entryPoints: [{ system: true }], behaviors: [{ system: true }] }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: off }
spec: { campaign: sale, template: button, enabled: false, entryPoints: [cart], behaviors: [{ system: true }] }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: later }
spec: { campaign: draft, template: button, entryPoints: [cart], behaviors: [{ system: true }] }
";

fn applied() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    project
}

/// What the plan document says is reached, an object a line.
#[track_caller]
fn reached(project: &Project) -> String {
    let run = project.run(&["plan", "--format", "json", "--allow-unpublish"]);
    let plan: Value = run.json();
    let mut lines = Vec::new();
    for reach in plan["reaches"].as_array().unwrap() {
        for object in reach["objects"].as_array().unwrap() {
            let name = object.get("key").unwrap_or(&object["displayName"]);
            let has_id = object.get("remoteId").is_some();
            lines.push(format!(
                "{} -> {name} live={} id={has_id}",
                reach["of"], object["live"]
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn a_goal_reaches_its_campaigns_and_all_in_them() {
    let project = applied();
    project.write("manifests.yaml", &MANIFESTS.replace("/thanks", "/paid"));
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/bought "Bought" (<id>)  manifests.yaml:1
          used by 2 campaigns, 3 engagements; live: Campaign/sale "Autumn sale", Engagement/home
          indicator.url: /thanks -> /paid  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    insta::assert_snapshot!(reached(&project), @r#"
    "Goal/bought" -> "Campaign/draft" live=false id=true
    "Goal/bought" -> "Campaign/sale" live=true id=true
    "Goal/bought" -> "Engagement/home" live=true id=true
    "Goal/bought" -> "Engagement/later" live=false id=true
    "Goal/bought" -> "Engagement/off" live=false id=true
    "#);
    let markdown = project
        .run(&["plan", "--format", "markdown"])
        .expect(0)
        .data();
    insta::assert_snapshot!(markdown, @r#"
    <!-- campaignctl:plan:test -->
    ### Plan for `test` (account 10000001)

    **Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.**

    > [!NOTE]
    > **ambiguous-scalar**: <code>off</code> is read as text, not as a boolean (`manifests.yaml:38`)  
    > quote it if you mean text: &quot;off&quot;; or write false

    #### Update (1)

    <details><summary><code>Goal/bought</code> “<code>Bought</code>”: 1 field; used by 2 campaigns, 3 engagements; live: Campaign/sale &quot;Autumn sale&quot;, Engagement/home</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `indicator.url` | `/thanks` | `/paid` | edit |

    </details>
    "#);
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let shown = project.run(&["show", "plan.json"]).expect(0);
    assert!(shown.stdout.contains("used by 2 campaigns, 3 engagements"));
}

#[test]
fn an_entry_point_reaches_engagements_and_the_campaigns_around_them() {
    let project = applied();
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("where they pay", "the till"),
    );
    insta::assert_snapshot!(reached(&project), @r#"
    "EntryPoint/cart" -> "Campaign/draft" live=false id=true
    "EntryPoint/cart" -> "Campaign/sale" live=true id=true
    "EntryPoint/cart" -> "Engagement/later" live=false id=true
    "EntryPoint/cart" -> "Engagement/off" live=false id=true
    "#);
}

#[test]
fn a_template_reaches_what_extends_it_and_what_uses_that() {
    let project = applied();
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("language: en-US", "language: fr-FR"),
    );
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Engagement/home (<id>)  manifests.yaml:31
          language: en-US -> fr-FR  (template EngagementTemplate/house)
          9 unchanged fields

      ~ update Engagement/later (<id>)  manifests.yaml:41
          language: en-US -> fr-FR  (template EngagementTemplate/house)
          9 unchanged fields

      ~ update Engagement/off (<id>)  manifests.yaml:36
          language: en-US -> fr-FR  (template EngagementTemplate/house)
          10 unchanged fields

      ~ template EngagementTemplate/house
          used by 2 campaigns, 3 engagements; live: Campaign/sale "Autumn sale", Engagement/home

    Plan: 0 to create, 3 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    insta::assert_snapshot!(reached(&project), @r#"
    "EngagementTemplate/house" -> "Campaign/draft" live=false id=true
    "EngagementTemplate/house" -> "Campaign/sale" live=true id=true
    "EngagementTemplate/house" -> "Engagement/home" live=true id=true
    "EngagementTemplate/house" -> "Engagement/later" live=false id=true
    "EngagementTemplate/house" -> "Engagement/off" live=false id=true
    "#);
    let markdown = project
        .run(&["plan", "--format", "markdown"])
        .expect(0)
        .data();
    let line = "- `EngagementTemplate/house` used by 2 campaigns, 3 engagements";
    assert!(markdown.contains(line), "{markdown}");
}

/// Who writes something else over what a template brings is not reached by a change of that.
#[test]
fn what_a_template_brings_reaches_those_who_take_it() {
    let window = "---\napiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: { name: shop }\nspec: { displayName: Shop }\n";
    let one = MANIFESTS.replacen("window: { system: true }", "window: shop", 1);
    let own = "spec: { campaign: sale, template: button, window: { system: true }, entryPoints: [{ system";
    let one = one.replacen(
        "spec: { campaign: sale, template: button, entryPoints: [{ system",
        own,
        1,
    ) + window;
    let project = Project::with(&one);
    project.apply();
    project.write(
        "manifests.yaml",
        &one.replace(
            "displayName: Shop",
            "displayName: Shop, style: { color: blue }",
        ),
    );
    let told = project.plan();
    assert!(
        told.contains("used by 2 campaigns, 2 engagements"),
        "{told}"
    );
    let uses = project
        .run(&["uses", "EngagementWindow/shop", "-e", "test"])
        .expect(0);
    assert!(
        uses.stdout
            .contains("Used by 2 engagement templates, 2 engagements"),
        "{}",
        uses.stdout
    );
}

#[test]
fn references_that_only_the_account_has_count_too() {
    let project = applied();
    let account = &project.account;
    // Somebody uses our entry point in an engagement that our manifests say nothing of.
    let cart = account.row(ENTRY_POINTS, "Cart").unwrap()["id"].clone();
    let engagement =
        json!({"name": "theirs", "type": 6, "enabled": true, "onsiteLocations": [cart]});
    let made = account.post(&account.engagements("Autumn sale"), &engagement);
    account.edit(&account.item_path(CAMPAIGNS, "Autumn sale"), |it| {
        let list = it["engagementIds"].as_array_mut().unwrap();
        if !list.contains(&made["id"]) {
            list.push(made["id"].clone());
        }
    });
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("where they pay", "the till"),
    );
    insta::assert_snapshot!(reached(&project), @r#"
    "EntryPoint/cart" -> "Campaign/draft" live=false id=true
    "EntryPoint/cart" -> "Campaign/sale" live=true id=true
    "EntryPoint/cart" -> "Engagement/later" live=false id=true
    "EntryPoint/cart" -> "Engagement/off" live=false id=true
    "EntryPoint/cart" -> "theirs" live=true id=true
    "#);
    // A goal that goes reaches the campaigns that measure by it until they are told otherwise.
    let deleted = MANIFESTS.split_once("---\n").unwrap().1;
    let deleted = deleted.replace("goal: bought", "goal: { system: true }");
    project.write("manifests.yaml", &deleted);
    insta::assert_snapshot!(reached(&project), @r#"
    "Goal/bought" -> "Campaign/draft" live=false id=true
    "Goal/bought" -> "Campaign/sale" live=true id=true
    "Goal/bought" -> "Engagement/home" live=true id=true
    "Goal/bought" -> "Engagement/later" live=false id=true
    "Goal/bought" -> "Engagement/off" live=false id=true
    "Goal/bought" -> "theirs" live=true id=true
    "#);
    // Who unpublishes the campaign in the console takes it all off the list of what is live.
    account.edit(&account.item_path(CAMPAIGNS, "Autumn sale"), |it| {
        it["status"] = json!(0);
    });
    let lines = reached(&project);
    assert!(
        lines.contains("live=false") && !lines.contains("live=true"),
        "{lines}"
    );
    assert!(account.row(GOALS, "Bought").is_some());
}

/// What its campaign does not list is not live, as `uses` and `status` have it.
#[test]
fn what_its_campaign_does_not_list_is_not_live() {
    let listing = |list: &str| {
        let sale = "goal: bought, state: published";
        MANIFESTS
            .replace(
                "{ campaign: sale, template: button, enabled: false,",
                "{ campaign: sale, template: button,",
            )
            .replace(sale, &format!("{sale}{list}"))
            .replace("where they pay", "the till")
    };
    let project = Project::with(&listing(", engagements: [home]"));
    project.apply();
    let told = || {
        let plan = project.plan();
        let told = plan.lines().find(|it| it.contains("used by"));
        told.unwrap().trim().to_owned()
    };
    let changed = |list: &str| listing(list).replace("the till", "the cash desk");
    project.write("manifests.yaml", &changed(", engagements: [home]"));
    assert_eq!(
        told(),
        "used by 2 campaigns, 2 engagements; live: Campaign/sale \"Autumn sale\""
    );
    // Dropped, the list has it, and consumers see it only after the plan.
    project.write("manifests.yaml", &changed(""));
    assert_eq!(
        told(),
        "used by 2 campaigns, 2 engagements; live: Campaign/sale \"Autumn sale\""
    );
    project.apply();
    project.write("manifests.yaml", &listing(""));
    assert_eq!(
        told(),
        "used by 2 campaigns, 2 engagements; live: Campaign/sale \"Autumn sale\", Engagement/off"
    );
}

#[test]
fn what_is_new_or_nobody_uses_reaches_nobody() {
    let project = applied();
    let more = "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: new }\nspec: { displayName: N }\n";
    project.write("more.yaml", more);
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    assert!(plan.get("reaches").is_none());
    project.apply();
    project.write(
        "more.yaml",
        &more.replace("displayName: N", "displayName: M"),
    );
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    assert!(plan.get("reaches").is_none());
}

/// A campaign may be over by a schedule that only the account has; that it ends between a review and the apply holds
/// nothing back, that it begins does.
#[test]
fn a_campaign_that_is_over_is_not_live_whoever_wrote_its_schedule() {
    let project = applied();
    let path = project.account.item_path(CAMPAIGNS, "Autumn sale");
    let runs_until = |date: &str| {
        project.account.edit(&path, |body| {
            body["expirationDate"] = json!(date);
            body["timeZone"] = json!("Europe/Paris");
        });
    };
    project.write("manifests.yaml", &MANIFESTS.replace("/thanks", "/paid"));
    runs_until("2020-01-31 00:00:00");
    let plan = project.plan();
    assert!(
        plan.contains("used by 2 campaigns, 3 engagements (none live)"),
        "{plan}"
    );
    let reviewed = |until: &str| {
        runs_until(until);
        project.run(&["plan", "--out", "plan.json"]).expect(0);
    };
    reviewed("2020-01-31 00:00:00");
    runs_until("2099-01-31 00:00:00");
    let stale = project.run(&["plan", "--expect", "plan.json"]).expect(7);
    assert!(
        stale
            .stderr
            .contains("its changes reach other campaigns or engagements"),
        "{}",
        stale.stderr
    );
    reviewed("2099-01-31 00:00:00");
    runs_until("2020-01-31 00:00:00");
    project.run(&["plan", "--expect", "plan.json"]).expect(0);
}
