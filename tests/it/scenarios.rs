//! Desired states in sequence, each applied on the account that the one before left behind.
//!
//! `tests/scenarios/<name>/v1 v2 ..` are the states. After every apply the next plan is empty and the next
//! apply writes nothing; the snapshots are what people read before they say yes.

use std::path::{Path, PathBuf};

use campaignctl::sandbox::{DeleteInUse, SandboxSettings};
use serde_json::{Value, json};

use crate::support::{AUDIENCES, Account, CAMPAIGNS, ENTRY_POINTS, GOALS, Project, plain};

const SCENARIOS: [&str; 7] = [
    "defaults",
    "libraries",
    "move",
    "order",
    "publish",
    "rename",
    "template",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// An account that refuses whatever a careless order of writes would ask for.
fn strict() -> SandboxSettings {
    SandboxSettings {
        refuse_unknown_references: true,
        delete_in_use: DeleteInUse::Refused,
        ..SandboxSettings::default()
    }
}

/// A project that goes through the versions of a scenario.
struct Scenario {
    project: Project,
    folder: PathBuf,
    version: usize,
}

impl Scenario {
    fn new(name: &str) -> Self {
        assert!(SCENARIOS.contains(&name));
        Self {
            project: Project::on(Account::with(strict())),
            folder: root().join(name),
            version: 0,
        }
    }

    /// Replaces the manifests by those of the next version, and plans.
    #[track_caller]
    fn next(&mut self) -> String {
        self.version += 1;
        let from = self.folder.join(format!("v{}", self.version));
        let to = self.project.path().join("manifests");
        let _ = std::fs::remove_dir_all(&to); // the first version has none before it
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(&from).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
        self.project.plan()
    }

    #[track_caller]
    fn apply(&self) {
        self.project.apply();
    }

    /// That was the last version.
    fn end(self) {
        let next = self.folder.join(format!("v{}", self.version + 1));
        assert!(!next.exists(), "{} is not tested", next.display());
    }
}

/// The names of a campaign's engagements, in the order of its list.
#[track_caller]
fn listed(account: &Account, campaign: &str) -> Vec<String> {
    let campaign = account.item(CAMPAIGNS, campaign);
    let engagements = campaign["engagements"].as_array().unwrap();
    let name = |id: &Value| {
        let found = engagements
            .iter()
            .find(|engagement| engagement["id"] == *id);
        found.unwrap_or_else(|| panic!("{id} dangles"))["name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ids = campaign["engagementIds"].as_array().unwrap();
    ids.iter().map(name).collect()
}

#[test]
fn no_scenario_is_forgotten() {
    let mut found: Vec<String> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, SCENARIOS);
}

#[test]
fn libraries_are_created_updated_and_deleted() {
    let mut scenario = Scenario::new("libraries");
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Goal/checkout-done "Checkout done"  manifests/libraries.yaml:1
          displayName: Checkout done
          description: somebody bought something
          indicator.url: /thanks
          indicator.match: 0
          indicator.count: 1

      + create TargetAudience/returning "Returning customers"  manifests/libraries.yaml:9
          displayName: Returning customers
          conditions: [{ type: 7, data: { include: [returning] } }]

      + create SpecialOccasion/new-year  manifests/libraries.yaml:40
          displayName: new-year
          events: [{ name: New Year's Day, working: false, start: { dateTime: 2037-01-01, timeZone… (74 more characters)

      + create EngagementWindow/brand  manifests/libraries.yaml:33
          displayName: brand
          type: internal
          style.scheme: dark
          style.language: en-US
          style.customStyle.v: 2

      + create EntryPoint/cart  manifests/libraries.yaml:17
          displayName: cart
          conditions: [{ type: section, data: { include: [{ sections: [{ name: "\"cart\"" }] }], exclude: [] } }]

      + create Behavior/slow  manifests/libraries.yaml:25
          displayName: slow
          conditions: [{ type: timeOnPage, data: { location: { $ref: cart }, seconds: 30 } }]  (unconfirmed: `timeOnPage`)

    Plan: 6 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    let account = &scenario.project.account;
    let cart = account.item(ENTRY_POINTS, "cart")["id"].clone();
    let behaviors = "le-targeting/visitor-behaviors?v=2.0";
    let slow = account.item(behaviors, "slow");
    assert_eq!(slow["conditionBoxes"][0]["data"]["location"], cart);
    insta::assert_snapshot!(scenario.next(), @r#"
      - delete EntryPoint/cart (<id>)
          its manifest is gone from manifests/libraries.yaml

      + create EntryPoint/basket  manifests/libraries.yaml:19
          displayName: basket
          conditions: [{ type: section, data: { include: [{ sections: [{ name: "\"basket\"" }] }], exclude: [] } }]

      ~ update Goal/checkout-done "Checkout done" (<id>)  manifests/libraries.yaml:1
          description:  (edit)
              somebody bought something
            + and got the mail
          indicator.url: /thanks -> /thank-you  (edit)
          3 unchanged fields

      ~ update TargetAudience/returning "Returning customers" (<id>)  manifests/libraries.yaml:11
          conditions[0].data.include: [returning] -> [returning, gold]  (edit)
          2 unchanged fields

      ~ update SpecialOccasion/new-year (<id>)  manifests/libraries.yaml:42
          events[New Year's Day].end.dateTime: 2037-01-01 -> 2037-01-02  (edit)
          6 unchanged fields

      ~ update EngagementWindow/brand (<id>)  manifests/libraries.yaml:35
          style.scheme: dark -> light  (edit)
          4 unchanged fields

      ~ update Behavior/slow (<id>)  manifests/libraries.yaml:27
          conditions[timeOnPage].data.location: { $ref: cart } -> { $ref: basket }  (edit)
          conditions[timeOnPage].data.seconds: 30 -> 45  (edit)
          2 unchanged fields

    Plan: 1 to create, 5 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    let account = &scenario.project.account;
    let basket = account.item(ENTRY_POINTS, "basket")["id"].clone();
    let slow = account.item(behaviors, "slow");
    assert_eq!(slow["conditionBoxes"][0]["data"]["location"], basket);
    insta::assert_snapshot!(scenario.next(), @r#"
      - delete Goal/checkout-done "Checkout done" (<id>)
          its manifest is gone from manifests/libraries.yaml

      - delete TargetAudience/returning "Returning customers" (<id>)
          its manifest is gone from manifests/libraries.yaml

      - delete SpecialOccasion/new-year (<id>)
          its manifest is gone from manifests/libraries.yaml

      - delete EntryPoint/basket (<id>)
          its manifest is gone from manifests/libraries.yaml

      - delete Behavior/slow (<id>)
          its manifest is gone from manifests/libraries.yaml

    Plan: 0 to create, 0 to update, 0 to replace, 5 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    let account = &scenario.project.account;
    assert_eq!(account.names(GOALS), ["Interact with visitors"]);
    assert_eq!(account.names(AUDIENCES), ["All visitors"]);
    assert_eq!(account.names(ENTRY_POINTS), ["Entire website/app"]);
    scenario.end();
}

#[test]
fn a_campaign_is_published_last_and_taken_back_first() {
    let mut scenario = Scenario::new("publish");
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Campaign/sale "Autumn sale"  manifests/campaign.yaml:1
          GOES LIVE
          displayName: Autumn sale
          state: published
          schedule.timeZone: Europe/Paris
          schedule.start: 2026-09-01T00:00:00
          goal: { system: true }
          targetAudiences: [{ system: true }]
          engagements: [home]

      + create Engagement/home  manifests/campaign.yaml:11
          displayName: home
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

    Plan: 2 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    published_last(&scenario.project.account, "Autumn sale");
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Engagement/cart  manifests/campaign.yaml:24
          GOES LIVE
          displayName: cart
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          engagements: [home] -> [home, cart]  (edit)
          6 unchanged fields

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(
        listed(&scenario.project.account, "Autumn sale"),
        ["home", "cart"]
    );
    published_last(&scenario.project.account, "Autumn sale");
    insta::assert_snapshot!(scenario.next(), @r#"
      - delete Engagement/home (<id>)
          LEAVES: it is deleted
          its manifest is gone from manifests/campaign.yaml

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          engagements: [home, cart] -> [cart]  (edit)
          6 unchanged fields

    allowed[live-object]: the plan would delete Engagement/home, which is live
      = `--allow-unpublish` is given

    Plan: 0 to create, 1 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(listed(&scenario.project.account, "Autumn sale"), ["cart"]);
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          LEAVES: it is no longer published
          state: published -> unpublished  (edit)
          6 unchanged fields

    allowed[live-object]: the plan would unpublish Campaign/sale, which is live
      = `--allow-unpublish` is given

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(
        scenario.project.account.item(CAMPAIGNS, "Autumn sale")["status"],
        0
    );
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Engagement/home  manifests/campaign.yaml:24
          displayName: home
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          GOES LIVE
          state: unpublished -> published  (edit)
          engagements: [cart] -> [cart, home]  (edit)
          5 unchanged fields

      ~ update Engagement/cart (<id>)  manifests/campaign.yaml:11
          displayInstances[online].presentation.label: Chat -> Talk to us  (edit)
          9 unchanged fields

    Plan: 1 to create, 2 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    published_last(&scenario.project.account, "Autumn sale");
    scenario.end();
}

/// The last write to a campaign came after the last one to its engagements.
#[track_caller]
fn published_last(account: &Account, name: &str) {
    let campaign = account.item(CAMPAIGNS, name);
    assert_eq!(campaign["status"], 1);
    let last = campaign["modifiedDate"].as_str().unwrap();
    for engagement in campaign["engagements"].as_array().unwrap() {
        let written = engagement["modifiedDate"].as_str().unwrap();
        assert!(written < last, "{written} {last}");
    }
}

#[test]
fn a_campaign_stays_hidden_when_an_engagement_fails() {
    let project = Project::on(Account::with(strict()));
    let manifests = std::fs::read_to_string(root().join("publish/v2/campaign.yaml")).unwrap();
    project.account.fault("POST */engagements 400 once");
    project.write("all.yaml", &manifests);
    let run = project.run(&["apply", "--auto-approve"]).expect(8);
    assert!(
        run.stdout.contains("failed to create Engagement/cart"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains(
            "skipped Campaign/sale, not published: it needs Engagement/cart, which failed"
        ),
        "{}",
        run.stdout
    );
    assert_eq!(project.account.item(CAMPAIGNS, "Autumn sale")["status"], 0);
    let plan = project.plan();
    assert!(
        plan.contains("state: unpublished -> published  (edit)"),
        "{plan}"
    );
    // What was never written is nobody's drift.
    assert!(
        plan.contains("engagements: [] -> [home, cart]  (edit)"),
        "{plan}"
    );
    project.run(&["drift"]).expect(0);
    project.write("all.yaml", &manifests);
    project.apply();
    assert_eq!(project.account.item(CAMPAIGNS, "Autumn sale")["status"], 1);
}

#[test]
fn an_engagement_moves_between_campaigns_by_replacement() {
    let mut scenario = Scenario::new("move");
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Campaign/one "One"  manifests/campaigns.yaml:1
          GOES LIVE
          displayName: One
          state: published
          schedule.timeZone: Europe/Paris
          schedule.start: 2026-09-01T00:00:00
          goal: { system: true }
          targetAudiences: [{ system: true }]
          engagements: [moving, staying]

      + create Campaign/two "Two"  manifests/campaigns.yaml:11
          displayName: Two
          state: unpublished
          schedule.timeZone: Europe/Paris
          schedule.start: 2026-09-01T00:00:00
          goal: { system: true }
          targetAudiences: [{ system: true }]

      + create Engagement/moving  manifests/campaigns.yaml:21
          displayName: moving
          campaign: one
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

      + create Engagement/staying  manifests/campaigns.yaml:34
          displayName: staying
          campaign: one
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

    Plan: 4 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    insta::assert_snapshot!(scenario.next(), @r#"
    -/+ replace Engagement/moving (<id>)  manifests/campaigns.yaml:21
          LEAVES: it moves to another Campaign, as a new object
          engagements cannot move between campaigns: this one is deleted and created again with a new id
          campaign: one -> two  (edit)
          9 unchanged fields

      ~ update Campaign/one "One" (<id>)  manifests/campaigns.yaml:1
          engagements: [moving, staying] -> [staying]  (edit)
          6 unchanged fields

      ~ update Campaign/two "Two" (<id>)  manifests/campaigns.yaml:11
          GOES LIVE
          state: unpublished -> published  (edit)
          engagements: [] -> [moving]  (edit)
          5 unchanged fields

    allowed[live-object]: the plan would delete Engagement/moving, which is live
      = `--allow-unpublish` is given

    Plan: 0 to create, 2 to update, 1 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    let account = &scenario.project.account;
    assert_eq!(listed(account, "One"), ["staying"]);
    assert_eq!(listed(account, "Two"), ["moving"]);
    assert_eq!(account.names(&account.engagements("One")), ["staying"]);
    insta::assert_snapshot!(scenario.next(), @r#"
      - delete Campaign/one "One" (<id>)
          LEAVES: it is deleted
          its manifest is gone from manifests/campaigns.yaml

      - delete Engagement/staying (<id>)
          its manifest is gone from manifests/campaigns.yaml

    allowed[live-object]: the plan would delete Campaign/one, which is live
      = `--allow-unpublish` is given

    Plan: 0 to create, 0 to update, 0 to replace, 2 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(scenario.project.account.names(CAMPAIGNS), ["Two"]);
    scenario.end();
}

#[test]
fn an_engagement_moves_out_of_a_campaign_that_goes() {
    let project = Project::on(Account::with(strict()));
    for version in ["v1", "v3"] {
        let file = root().join("move").join(version).join("campaigns.yaml");
        project.write("all.yaml", &std::fs::read_to_string(file).unwrap());
        if version == "v3" {
            let plan = project.run(&["plan", "--format", "json"]).json();
            let steps = plan["steps"].as_array().unwrap();
            let delete = |key: &str| {
                let is_it = |step: &Value| step["verb"] == "delete" && step["key"] == key;
                steps.iter().position(is_it).unwrap()
            };
            // Deleting the campaign would take the engagement along, with what people edited in it meanwhile.
            let waits = &steps[delete("Campaign/one")]["after"];
            let engagement = Value::from(delete("Engagement/moving"));
            assert!(waits.as_array().unwrap().contains(&engagement), "{waits}");
        }
        project.apply();
    }
    assert_eq!(project.account.names(CAMPAIGNS), ["Two"]);
    assert_eq!(listed(&project.account, "Two"), ["moving"]);
}

#[test]
fn everything_goes_when_all_manifests_but_one_go() {
    let project = Project::on(Account::with(strict()));
    let libraries = root().join("libraries/v1/libraries.yaml");
    let libraries = std::fs::read_to_string(libraries).unwrap();
    let campaign = root().join("publish/v1/campaign.yaml");
    let campaign = std::fs::read_to_string(campaign).unwrap();
    let campaign = campaign
        .replace("goal: { system: true }", "goal: checkout-done")
        .replace(
            "targetAudiences: [{ system: true }",
            "targetAudiences: [returning",
        )
        .replace("entryPoints: [{ system: true }", "entryPoints: [cart")
        .replace("behaviors: [{ system: true }", "behaviors: [slow")
        .replace("window: { system: true }", "window: brand");
    project.write("libraries.yaml", &libraries);
    project.write("campaign.yaml", &campaign);
    project.apply();
    project.remove("libraries.yaml");
    project.write("campaign.yaml", &goal("last", "Last", ""));
    let run = project.apply();
    assert!(run.stdout.contains("8 to delete"), "{}", run.stdout);
    assert_eq!(project.account.get(CAMPAIGNS), json!([]));
    assert_eq!(
        project.account.names(GOALS),
        ["Interact with visitors", "Last"]
    );
}

#[test]
fn the_order_of_engagements_is_declared_by_the_campaign() {
    let mut scenario = Scenario::new("order");
    scenario.next();
    scenario.apply();
    assert_eq!(
        listed(&scenario.project.account, "Autumn sale"),
        ["first", "second"]
    );
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          engagements: [first, second] -> [second, first]  (edit)
          6 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(
        listed(&scenario.project.account, "Autumn sale"),
        ["second", "first"]
    );
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Engagement/third  manifests/campaign.yaml:38
          displayName: third
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          GOES LIVE
          state: unpublished -> published  (edit)
          engagements: [second, first] -> [third, second, first]  (edit)
          5 unchanged fields

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    assert_eq!(
        listed(&scenario.project.account, "Autumn sale"),
        ["third", "second", "first"]
    );
    scenario.end();
}

#[test]
fn an_edit_of_a_template_reaches_every_engagement() {
    let mut scenario = Scenario::new("template");
    insta::assert_snapshot!(scenario.next(), @r#"
      + create Campaign/sale "Autumn sale"  manifests/campaign.yaml:1
          GOES LIVE
          displayName: Autumn sale
          state: published
          schedule.timeZone: Europe/Paris
          schedule.start: 2026-09-01T00:00:00
          goal: { system: true }
          targetAudiences: [{ system: true }]
          engagements: [home, cart]

      + create Engagement/cart  manifests/campaign.yaml:30
          displayName: cart
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Checkout help, size: { wi… (30 more characters)

      + create Engagement/home  manifests/campaign.yaml:21
          displayName: home
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat, size: { width: "60"… (21 more characters)

    Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Engagement/home (<id>)  manifests/campaign.yaml:21
          displayInstances[online].presentation.label: Chat -> Talk to us  (template EngagementTemplate/button)
          11 unchanged fields

      ~ template EngagementTemplate/button
          used by 1 campaign, 2 engagements; live: Campaign/sale "Autumn sale", Engagement/cart, Engagement/home

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Engagement/cart (<id>)  manifests/campaign.yaml:30
          language: en-US -> fr-FR  (template EngagementTemplate/button)
          11 unchanged fields

      ~ update Engagement/home (<id>)  manifests/campaign.yaml:21
          language: en-US -> fr-FR  (template EngagementTemplate/button)
          displayInstances[online].presentation.label: Talk to us -> Parlons  (template EngagementTemplate/button)
          10 unchanged fields

      ~ template EngagementTemplate/button
          used by 1 campaign, 2 engagements; live: Campaign/sale "Autumn sale", Engagement/cart, Engagement/home

    Plan: 0 to create, 2 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    scenario.end();
}

#[test]
fn a_rename_makes_and_deletes_nothing() {
    let mut scenario = Scenario::new("rename");
    scenario.next();
    scenario.apply();
    let id = scenario
        .project
        .account
        .row(GOALS, "Checkout done")
        .unwrap()["id"]
        .clone();
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Goal/bought "Checkout done" (<id>)  manifests/all.yaml:1
          metadata.name: checkout -> bought  (edit)
          4 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    let writes = scenario.project.account.writes();
    scenario.apply();
    assert_eq!(
        scenario.project.account.writes(),
        writes,
        "a rename is the ledger's"
    );
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Goal/bought "Something bought" (<id>)  manifests/all.yaml:1
          used by 1 campaign (none live)
          displayName: Checkout done -> Something bought  (edit)
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Goal/sold "Something sold" (<id>)  manifests/all.yaml:1
          used by 1 campaign (none live)
          metadata.name: bought -> sold  (edit)
          displayName: Something bought -> Something sold  (edit)
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    scenario.apply();
    let account = &scenario.project.account;
    assert_eq!(account.row(GOALS, "Something sold").unwrap()["id"], id);
    assert_eq!(account.item(CAMPAIGNS, "Autumn sale")["goalId"], id);
    assert_eq!(account.get(GOALS).as_array().unwrap().len(), 2);
    scenario.end();
}

#[test]
fn a_dropped_field_goes_back_to_its_default_once() {
    let mut scenario = Scenario::new("defaults");
    scenario.next();
    scenario.apply();
    insta::assert_snapshot!(scenario.next(), @r#"
      ~ update Campaign/sale "Autumn sale" (<id>)  manifests/campaign.yaml:1
          description: everything must go -> ""  (edit)
          controlGroup: 20% -> 0%  (edit)
          priority: 0.9 -> 0.5  (edit)
          operationHours: 7 -> (none)  (edit)
          7 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    scenario.apply();
    // From now on the fields are other people's.
    let account = &scenario.project.account;
    account.edit(&account.item_path(CAMPAIGNS, "Autumn sale"), |campaign| {
        campaign["description"] = json!("edited in the console");
        campaign["priority"] = json!(0.2);
        campaign["operationHours"] = json!(3);
    });
    scenario.project.settled();
    scenario.end();
}

/// A goal, with more lines behind its spec.
fn goal(name: &str, display_name: &str, more: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec:\n  displayName: {display_name}\n{more}"
    )
}

#[test]
fn a_field_that_was_dropped_while_it_had_its_default_is_not_ours_any_more() {
    let project = Project::with(&goal("g", "G", "  description: first\n"));
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    // Somebody clears it, and the manifest lets go of it: nothing is to be done.
    project
        .account
        .edit(&path, |goal| goal["description"] = json!(""));
    project.write("manifests.yaml", &goal("g", "G", ""));
    project.apply();
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("by hand"));
    project.settled();
}

#[test]
fn ignored_fields_are_set_once_and_then_left_alone() {
    let lifecycle = "lifecycle: { ignoreChanges: [/spec/description] }\n";
    let manifest = |text: &str, url: &str| {
        goal(
            "g",
            "G",
            &format!("  description: {text}\n  indicator: {{ url: {url} }}\n{lifecycle}"),
        )
    };
    let project = Project::with(&manifest("first", "/a"));
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    assert_eq!(project.account.get(&path)["description"], "first");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("by hand"));
    project.settled();
    project.write("manifests.yaml", &manifest("second", "/b"));
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/g "G" (<id>)  manifests.yaml:1
          indicator.url: /a -> /b  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let goal = project.account.get(&path);
    assert_eq!(goal["description"], "by hand");
    assert_eq!(goal["indicatorValue"]["url"], "/b");
}

#[test]
fn an_ignored_field_inside_a_list_survives_a_write_of_the_list() {
    let campaign = root().join("publish/v1/campaign.yaml");
    let campaign = std::fs::read_to_string(campaign).unwrap();
    let ignored = "lifecycle:\n  ignoreChanges: [/spec/displayInstances/0/presentation]\n";
    let project = Project::with(&format!("{campaign}{ignored}"));
    project.apply();
    let account = &project.account;
    let path = account.item_path(&account.engagements("Autumn sale"), "home");
    account.edit(&path, |body| {
        body["displayInstances"][0]["presentation"]["label"] = json!("by hand");
    });
    let edited = campaign.replace(
        "enabled: true, presentation",
        "enabled: false, presentation",
    );
    project.write("manifests.yaml", &format!("{edited}{ignored}"));
    project.apply();
    let state = &account.get(&path)["displayInstances"][0];
    assert_eq!(state["enabled"], false);
    assert_eq!(state["presentation"]["label"], "by hand");
}

#[test]
fn create_only_objects_are_left_to_people() {
    let lifecycle = "lifecycle: { mode: createOnly }\n";
    let project = Project::with(&goal("g", "G", lifecycle));
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["name"] = json!("renamed in the console"));
    let plan = project.plan();
    insta::assert_snapshot!(plan, @r#"
        leave alone Goal/g "G" (<id>)  manifests.yaml:1
          `lifecycle.mode` is createOnly: the live object is left to people
          displayName: renamed in the console -> G  (drift)

    No changes. The account matches the manifests.
    "#);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn observed_objects_are_never_written() {
    let lifecycle = "lifecycle: { mode: observe }\n";
    let project = Project::with(&goal(
        "g",
        "G",
        &format!("  description: ours\n{lifecycle}"),
    ));
    insta::assert_snapshot!(project.plan(), @r#"
        leave alone Goal/g "G"  manifests.yaml:1
          the account does not hold it, and `lifecycle.mode` is observe
          displayName: (none) -> G  (edit)
          description: (none) -> ours  (edit)

    No changes. The account matches the manifests.
    "#);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    project
        .account
        .post(GOALS, &json!({"name": "G", "description": "theirs"}));
    insta::assert_snapshot!(project.plan(), @r#"
        leave alone Goal/g "G" (<id>)  manifests.yaml:1
          `lifecycle.mode` is observe: differences are shown, nothing is written
          description: theirs -> ours
          1 unchanged field

    No changes. The account matches the manifests.
    "#);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    // A manifest that only watches deletes nothing when it goes.
    project.write("manifests.yaml", &goal("other", "Other", ""));
    project.apply();
    assert_eq!(
        project.account.names(GOALS),
        ["G", "Interact with visitors", "Other"]
    );
}

#[test]
fn a_protected_object_is_never_deleted() {
    let both = |lifecycle: &str| {
        format!(
            "{}---\n{}",
            goal("keep", "Keep", lifecycle),
            goal("other", "Other", "")
        )
    };
    let project = Project::with(&both("lifecycle: { protect: true }\n"));
    project.apply();
    project.write("manifests.yaml", &goal("other", "Other", ""));
    let writes = project.account.writes();
    let run = project.run(&["plan"]).expect(6);
    insta::assert_snapshot!(run.data(), @r#"
      - delete Goal/keep "Keep" (<id>)
          its manifest is gone from manifests.yaml

    blocked[protected-object]: Goal/keep is protected, and the plan would delete it
      = help: put the manifest back, or apply it once with `lifecycle.protect: false` first

    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    project.run(&["apply", "--auto-approve"]).expect(6);
    assert_eq!(project.account.writes(), writes);
    assert!(project.account.row(GOALS, "Keep").is_some());
    // With the protection taken off first, it goes.
    project.write("manifests.yaml", &both(""));
    project.apply();
    project.write("manifests.yaml", &goal("other", "Other", ""));
    project.apply();
    assert!(project.account.row(GOALS, "Keep").is_none());
}

#[test]
fn protection_counts_from_the_apply_that_brings_it() {
    let project = Project::with(&format!(
        "{}---\n{}",
        goal("keep", "Keep", ""),
        goal("b", "B", "")
    ));
    project.apply();
    let protected = goal("keep", "Keep", "lifecycle: { protect: true }\n");
    project.write(
        "manifests.yaml",
        &format!("{protected}---\n{}", goal("b", "B", "")),
    );
    project.apply();
    project.write("manifests.yaml", &goal("b", "B", ""));
    project.run(&["apply", "--auto-approve"]).expect(6);
    assert!(project.account.row(GOALS, "Keep").is_some());
}

#[test]
fn a_protected_engagement_is_not_replaced() {
    let project = Project::new();
    let read = |version: &str| {
        let file = root().join("move").join(version).join("campaigns.yaml");
        let text = std::fs::read_to_string(file).unwrap();
        text.replacen(
            "metadata: { name: moving }",
            "metadata: { name: moving }\nlifecycle: { protect: true }",
            1,
        )
    };
    project.write("all.yaml", &read("v1"));
    project.apply();
    project.write("all.yaml", &read("v2"));
    let run = project.run(&["apply", "--auto-approve"]).expect(6);
    assert!(
        run.stdout
            .contains("blocked[protected-object]: Engagement/moving")
    );
    assert_eq!(listed(&project.account, "One"), ["moving", "staying"]);
}

#[test]
fn a_campaign_is_not_deleted_around_an_engagement_of_ours_that_the_plan_leaves_alone() {
    let project = Project::new();
    let manifests = std::fs::read_to_string(root().join("publish/v1/campaign.yaml")).unwrap();
    let rest = goal("g", "G", "");
    project.write("all.yaml", &format!("{manifests}---\n{rest}"));
    project.apply();
    let (_, engagement) = manifests.split_once("---").unwrap();
    let engagement = engagement.replace("campaign: sale", "campaign: { live: Autumn sale }");
    project.write("all.yaml", &format!("{engagement}---\n{rest}"));
    let run = project.run(&["plan"]).expect(6);
    let told = "Campaign/sale would be deleted together with `home`, which this plan leaves alone";
    assert!(run.stdout.contains(told), "{}", run.stdout);
}

#[test]
fn a_campaign_with_other_peoples_engagements_is_never_deleted() {
    let project = Project::new();
    let manifests = std::fs::read_to_string(root().join("publish/v1/campaign.yaml")).unwrap();
    project.write(
        "all.yaml",
        &format!("{manifests}---\n{}", goal("g", "G", "")),
    );
    project.apply();
    let account = &project.account;
    account.post(
        &account.engagements("Autumn sale"),
        &json!({"name": "made in the console", "type": 6}),
    );
    project.write("all.yaml", &goal("g", "G", ""));
    let writes = account.writes();
    let run = project.run(&["plan"]).expect(6);
    insta::assert_snapshot!(run.data(), @r#"
      - delete Campaign/sale "Autumn sale" (<id>)
          LEAVES: it is deleted
          its manifest is gone from all.yaml

      - delete Engagement/home (<id>)
          its manifest is gone from all.yaml

    blocked[foreign-children]: Campaign/sale would be deleted together with `made in the console`, which was made in the console
      = help: move or delete `made in the console` in the console first, or define it in a manifest

    blocked[live-object]: the plan would delete Campaign/sale, which is live
      = help: add `--allow-unpublish` if that is intended

    Plan: 0 to create, 0 to update, 0 to replace, 2 to delete, 0 to adopt, 0 manual.
    "#);
    project.run(&["apply", "--auto-approve"]).expect(6);
    assert_eq!(account.writes(), writes);
    assert_eq!(account.names(CAMPAIGNS), ["Autumn sale"]);
    // Once it is gone, so may the campaign.
    let id = account
        .row(&account.engagements("Autumn sale"), "made in the console")
        .unwrap();
    let campaign = account.row(CAMPAIGNS, "Autumn sale").unwrap();
    account.delete(&format!(
        "le-campaigns/campaigns/{}/engagements/{}?v=3.4",
        plain(&campaign["id"]),
        plain(&id["id"])
    ));
    project.apply();
    assert_eq!(account.get(CAMPAIGNS), json!([]));
}

#[test]
fn a_manifest_may_move_to_another_file() {
    let project = Project::new();
    project.write("a/goals.yaml", &goal("first", "First", ""));
    project.write("b/goals.yaml", &goal("second", "Second", ""));
    project.apply();
    project.write("a/goals.yaml", &goal("third", "Third", ""));
    let both = format!(
        "{}---\n{}",
        goal("second", "Second", ""),
        goal("first", "First", "")
    );
    project.write("b/goals.yaml", &both);
    project.apply();
    // An apply of its former folder alone leaves it be.
    let run = project.run(&["apply", "--auto-approve", "a"]).expect(0);
    assert!(run.stdout.contains("Not changed: 2 "), "{}", run.stdout);
    assert!(project.account.row(GOALS, "First").is_some());
    // An apply of its new folder alone deletes it when it goes from there.
    project.write("b/goals.yaml", &goal("second", "Second", ""));
    project.run(&["apply", "--auto-approve", "b"]).expect(0);
    assert!(project.account.row(GOALS, "First").is_none());
    assert!(project.account.row(GOALS, "Third").is_some());
}
