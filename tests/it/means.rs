//! What conditions mean: shown and kept, and nothing that the account hears of.

use campaignctl::sandbox::SandboxSettings;
use serde_json::json;

use crate::support::{AUDIENCES, ENTRY_POINTS, NO_CHANGES, Project, Run};

const VIPS: &str = "\
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: vips }
spec:
  displayName: VIPs
  conditions:
    - type: 9
      data: { include: [{ customerTypes: [vip] }], exclude: [] }
      means: { customerType: vip }
";

fn edited(project: &Project, from: &str, to: &str) {
    let file = project.path().join("manifests.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

fn exported(project: &Project) -> Run {
    project.run(&["export", "TargetAudience"]).expect(0)
}

#[test]
fn a_meaning_is_shown_and_kept_and_the_account_hears_nothing_of_it() {
    let project = Project::with(VIPS);
    insta::assert_snapshot!(project.plan(), @r#"
      + create TargetAudience/vips "VIPs"  manifests.yaml:1
          displayName: VIPs
          conditions: [{ type: 9, data: { include: [{ customerTypes: [vip] }], exclude: [] } }]
            = means: { customerType: vip }

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let body = project.account.item(AUDIENCES, "VIPs").to_string();
    assert!(!body.contains("means"), "{body}");
    assert!(exported(&project).stdout.contains("customerType: vip"));

    // A change of the meaning alone is one of the ledger.
    edited(
        &project,
        "means: { customerType: vip }",
        "means: { customerType: [vip, club] }",
    );
    let (writes, ledger) = (project.account.writes(), project.ledger());
    assert_eq!(project.plan(), NO_CHANGES);
    project.run(&["plan", "--detailed-exitcode"]).expect(0);
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    assert_ne!(project.ledger(), ledger);
    project.settled();
    assert!(exported(&project).stdout.contains("- club"));

    // A change of the condition shows what it means.
    edited(
        &project,
        "customerTypes: [vip]",
        "customerTypes: [vip, club]",
    );
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update TargetAudience/vips "VIPs" (<id>)  manifests.yaml:1
          conditions[0].data.include:  (edit)
              - customerTypes:
                - vip
            +   - club
            = means: { customerType: [vip, club] }
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_condition_that_changed_in_the_console_has_lost_its_meaning() {
    let project = Project::with(VIPS);
    project.apply();
    let path = project.account.item_path(AUDIENCES, "VIPs");
    project.account.edit(&path, |body| {
        body["conditionBoxes"][0]["data"]["include"] = json!([{ "customerTypes": ["gold"] }]);
    });
    let exported = exported(&project);
    assert!(!exported.stdout.contains("means"), "{}", exported.stdout);
    assert!(
        exported.stderr.contains("`means` beside them is left out"),
        "{}",
        exported.stderr
    );
    let pulled = project.run(&["pull", "--write"]).expect(0).stdout;
    assert!(
        pulled.contains("`means` beside it was written for the old value: check it"),
        "{pulled}"
    );
    let text = std::fs::read_to_string(project.path().join("manifests.yaml")).unwrap();
    assert!(
        text.contains("customerTypes: [gold]") && text.contains("customerType: vip"),
        "{text}"
    );
    assert_eq!(project.plan(), NO_CHANGES);
}

/// An audience whose conditions each have a comment and a meaning.
const COMMENTED: &str = "\
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: vips }
spec:
  displayName: VIPs
  conditions:
    # A: the club
    - type: 9
      data: { include: [{ customerTypes: [club] }] }
      means: { customerType: club } # of A
    # B: phones
    - type: 4
      data: { platforms: [smartphone] }
      means: { platform: mobile } # of B
    # C: who came by a link
    - { type: 7, data: { sources: [link] }, means: { referral: { contains: link } } }
";

/// What the file of [`COMMENTED`] is after a pull of these conditions, and what was said.
fn pulled(conditions: &serde_json::Value) -> String {
    let project = Project::with(COMMENTED);
    project.apply();
    let path = project.account.item_path(AUDIENCES, "VIPs");
    project
        .account
        .edit(&path, |body| body["conditionBoxes"] = conditions.clone());
    let run = project.run(&["pull", "--write"]).expect(0);
    // What no live condition has, and is about to go, is not complained of.
    assert_eq!(run.stderr, "");
    assert_eq!(project.plan(), NO_CHANGES);
    project.run(&["validate"]).expect(0);
    let text = std::fs::read_to_string(project.path().join("manifests.yaml")).unwrap();
    let (_, conditions) = text.split_once("  conditions:\n").unwrap();
    let warned = if run.stdout.contains("check it") {
        "(check it)\n"
    } else {
        ""
    };
    format!("{conditions}{warned}")
}

/// A meaning and its comments stay with the condition that they were written for, in whatever place and form that is there,
/// and go with it where it is gone.
#[test]
fn a_meaning_stays_with_its_condition() {
    let club = json!({ "type": 9, "data": { "include": [{ "customerTypes": ["club"] }] } });
    let phones = json!({ "type": 4, "data": { "platforms": ["smartphone"] } });
    let link = json!({ "type": 7, "data": { "sources": ["link"] } });
    let country = json!({ "type": 6, "data": { "countries": ["FR"] } });
    // Another type with the same data.
    let other = json!({ "type": 12, "data": { "platforms": ["smartphone"], "any": 1 } });
    insta::assert_snapshot!(pulled(&json!([club, other, link])), @"
        # A: the club
        - type: 9
          data: { include: [{ customerTypes: [club] }] }
          means: { customerType: club } # of A
        # B: phones
        - type: 12
          data: { platforms: [smartphone], any: 1 }
          means: { platform: mobile } # of B
        # C: who came by a link
        - { type: 7, data: { sources: [link] }, means: { referral: { contains: link } } }
    (check it)
    ");
    // One that has nothing in common with what was there.
    insta::assert_snapshot!(pulled(&json!([country, phones, link])), @"
    - type: 6
      data:
        countries:
          - FR
    # B: phones
    - type: 4
      data: { platforms: [smartphone] }
      means: { platform: mobile } # of B
    # C: who came by a link
    - { type: 7, data: { sources: [link] }, means: { referral: { contains: link } } }
    ");
    insta::assert_snapshot!(pulled(&json!([country])), @"
    - type: 6
      data:
        countries:
          - FR
    ");
    insta::assert_snapshot!(pulled(&json!([{ "type": 0 }, phones])), @"
    - type: all
    # B: phones
    - type: 4
      data: { platforms: [smartphone] }
      means: { platform: mobile } # of B
    ");
    // Another one of the same type in front.
    let desktops = json!({ "type": 4, "data": { "platforms": ["desktop"] } });
    let both = json!({ "type": 4, "data": { "platforms": ["smartphone", "tablet"] } });
    insta::assert_snapshot!(pulled(&json!([desktops, club, both, link])), @"
        - type: 4
          data:
            platforms:
              - desktop
        # A: the club
        - type: 9
          data: { include: [{ customerTypes: [club] }] }
          means: { customerType: club } # of A
        # B: phones
        - type: 4
          data: { platforms: [smartphone, tablet] }
          means: { platform: mobile } # of B
        # C: who came by a link
        - { type: 7, data: { sources: [link] }, means: { referral: { contains: link } } }
    (check it)
    ");
    // Some of them gone, the rest as they were.
    insta::assert_snapshot!(pulled(&json!([phones, link])), @"
    # B: phones
    - type: 4
      data: { platforms: [smartphone] }
      means: { platform: mobile } # of B
    # C: who came by a link
    - { type: 7, data: { sources: [link] }, means: { referral: { contains: link } } }
    ");
}

/// What `means` repeats of the data follows it; what it says otherwise is left to a person.
#[test]
fn a_meaning_that_repeats_the_data_follows_it() {
    let places = ["basket", "checkout"].map(|name| {
        format!("---\napiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: {{ name: {name} }}\nspec: {{ displayName: {name}, conditions: [{{ type: everywhere }}] }}\n")
    });
    let behavior = "apiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: { name: waits }\nspec:\n  displayName: Waits\n  conditions:\n    - type: timeOnPage\n      data: { seconds: 30, location: { $ref: checkout } } # long\n      means: { timeOnPage: { atLeast: 30, location: checkout } } # said\n    - { type: cart, data: { minimumValue: 5 }, means: { cart: { value: { atLeast: 5 } } } }\n";
    let project = Project::with(&format!("{behavior}{}", places.concat()));
    project.apply();
    let basket = project.account.row(ENTRY_POINTS, "basket").unwrap()["id"].clone();
    let path = project
        .account
        .item_path("le-targeting/visitor-behaviors?v=2.0", "Waits");
    let waits = |change: &dyn Fn(&mut serde_json::Value)| {
        project.apply();
        project
            .account
            .edit(&path, |body| change(&mut body["conditionBoxes"]));
        let run = project.run(&["pull", "--write"]);
        let text = std::fs::read_to_string(project.path().join("manifests.yaml")).unwrap();
        let (_, rest) = text.split_once("  conditions:\n").unwrap();
        let conditions = rest.split("---").next().unwrap().to_owned();
        (run, conditions)
    };
    let (run, text) = waits(&|boxes| {
        boxes[0]["data"]["seconds"] = json!(90);
        boxes[1]["data"]["minimumValue"] = json!(7.5);
    });
    assert!(
        run.expect(0)
            .stdout
            .contains("`means` beside it says the same")
    );
    insta::assert_snapshot!(text, @"
    - type: timeOnPage
      data: { seconds: 90, location: { $ref: checkout } } # long
      means: { timeOnPage: { atLeast: 90, location: checkout } } # said
    - { type: cart, data: { minimumValue: 7.5 }, means: { cart: { value: { atLeast: 7.5 } } } }
    ");
    assert_eq!(project.plan(), NO_CHANGES);
    let (run, text) = waits(&|boxes| boxes[0]["data"]["location"] = basket.clone());
    run.expect(0);
    insta::assert_snapshot!(text, @"
    - type: timeOnPage
      data: { seconds: 90, location: { $ref: basket } } # long
      means: { timeOnPage: { atLeast: 90, location: basket } } # said
    - { type: cart, data: { minimumValue: 7.5 }, means: { cart: { value: { atLeast: 7.5 } } } }
    ");
    let (run, text) = waits(&|boxes| {
        boxes[0]["data"].as_object_mut().unwrap().remove("location");
    });
    run.expect(0);
    insta::assert_snapshot!(text, @"
    - type: timeOnPage
      data: { seconds: 90 } # long
      means: { timeOnPage: { atLeast: 90 } } # said
    - { type: cart, data: { minimumValue: 7.5 }, means: { cart: { value: { atLeast: 7.5 } } } }
    ");
    let (run, text) = waits(&|boxes| {
        boxes[0]["data"] = json!({ "seconds": 60, "location": basket });
        let added = json!({ "type": 2, "data": { "x": 1 } });
        boxes.as_array_mut().unwrap().insert(0, added);
    });
    run.expect(0);
    insta::assert_snapshot!(text, @"
    - type: 2
      data:
        x: 1
    - type: timeOnPage
      data: { seconds: 60 } # long
      means: { timeOnPage: { atLeast: 60 } } # said
    - { type: cart, data: { minimumValue: 7.5 }, means: { cart: { value: { atLeast: 7.5 } } } }
    ");
    project.apply();
    project.settled();
}

/// Whoever corrected the meaning is not told to check it.
#[test]
fn a_meaning_that_was_corrected_before_the_pull_is_not_complained_of() {
    let project = Project::with(VIPS);
    project.apply();
    let path = project.account.item_path(AUDIENCES, "VIPs");
    project.account.edit(&path, |body| {
        body["conditionBoxes"][0]["data"]["include"] = json!([{ "customerTypes": ["gold"] }]);
    });
    edited(
        &project,
        "means: { customerType: vip }",
        "means: { customerType: gold }",
    );
    let pulled = project.run(&["pull", "--write"]).expect(0).stdout;
    assert!(pulled.contains("gold"), "{pulled}");
    assert!(!pulled.contains("check it"), "{pulled}");
}

#[test]
fn a_taken_back_apply_takes_the_meaning_back() {
    let project = Project::with(VIPS);
    project.apply();
    edited(&project, "[vip]", "[club]");
    edited(
        &project,
        "means: { customerType: vip }",
        "means: { customerType: club }",
    );
    project.apply();
    let rollback = project.path().join(".campaignctl");
    let rollback = walk(&rollback).expect("an apply leaves the way back");
    project
        .run(&["apply", rollback.to_str().unwrap(), "--auto-approve"])
        .expect(0);
    let exported = exported(&project).stdout;
    assert!(exported.contains("customerType: vip"), "{exported}");
}

/// An audience as the console makes it.
fn made_in_the_console(project: &Project, name: &str, number: u32, data: &serde_json::Value) {
    let body = json!({ "name": name, "description": "", "conditionBoxes": [{ "type": number, "data": data }] });
    project.account.post(AUDIENCES, &body);
}

#[test]
fn a_condition_is_compared_with_those_that_the_account_has() {
    let project = Project::with(VIPS);
    let club = json!({ "include": [{ "customerTypes": ["club"] }], "exclude": [] });
    let warned = |project: &Project| project.run(&["plan"]).expect(0).stderr;
    insta::assert_snapshot!(warned(&project), @"
    Plan for test, account 10000001
    warning[condition-unseen]: no TargetAudience of the account has a condition of type 9
     --> manifests.yaml:7:13
      |
    7 |     - type: 9
      |             ^
      |
      = help: make one in the console and look at it with `campaignctl explain TargetAudience.conditions -e test`

    1 warning in 1 file
    ");
    made_in_the_console(&project, "Club", 9, &json!({ "types": ["club"] }));
    insta::assert_snapshot!(warned(&project), @"
    Plan for test, account 10000001
    warning[condition-shape]: no TargetAudience of the account has a condition of type 9 with such data
     --> manifests.yaml:8:13
      |
    8 |       data: { include: [{ customerTypes: [vip] }], exclude: [] }
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: the account has `{ types: [text] }`; `campaignctl explain TargetAudience.conditions -e test` names the objects

    1 warning in 1 file
    ");
    made_in_the_console(&project, "Gold", 9, &club);
    assert!(!warned(&project).contains("condition-"));
    // What is there is not spoken of, and neither is a field beside it.
    project.apply();
    edited(&project, "displayName: VIPs", "displayName: VIP");
    assert!(!warned(&project).contains("condition-"));
}

#[test]
fn the_conditions_of_an_account_are_listed_with_their_objects() {
    let project = Project::new();
    let club = json!({ "include": [{ "customerTypes": ["club"] }], "exclude": [] });
    for name in ["Club", "Gold", "Silver", "Bronze", "Staff", "Guests"] {
        made_in_the_console(&project, name, 9, &club);
    }
    made_in_the_console(&project, "Odd", 9, &json!({ "types": ["club"] }));
    made_in_the_console(&project, "Mobile", 7, &json!({ "platforms": [1] }));
    let told = project
        .run(&["explain", "TargetAudience.conditions"])
        .expect(0)
        .stdout;
    let used = told.split_once("USED IN").map(|(_, used)| used.to_owned());
    insta::assert_snapshot!(used.unwrap_or_default(), @"
    test (account 10000001)

     type 0  all  1 object
       data: any
         `All visitors`

     type 7  1 object
       data: { platforms: [number] }
         `Mobile`

     type 9  7 objects
       data: { exclude: [], include: [{ customerTypes: [text] }] }
         `Club`, `Gold`, `Silver`, `Bronze`, `Staff` and 1 more
       data: { types: [text] }
         `Odd`
    ");
}

#[test]
fn status_says_what_audiences_mean() {
    let campaign = "---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Sale
  goal: { system: true }
  targetAudiences: [vips]
";
    let project = Project::with(&format!("{VIPS}{campaign}"));
    project.apply();
    let told = project.run(&["status"]).expect(0).stdout;
    assert!(told.contains("VIPs (customerType: vip)"), "{told}");
    let told = project
        .run(&["status", "--format", "json"])
        .expect(0)
        .json();
    let objects = told["environments"][0]["objects"].as_array().unwrap();
    for name in ["Sale", "VIPs"] {
        let object = objects.iter().find(|it| it["displayName"] == name).unwrap();
        assert_eq!(
            object["means"],
            json!([{ "of": "VIPs", "means": [{ "customerType": "vip" }] }]),
            "{name}"
        );
    }
}

/// The rollback plan below a folder.
fn walk(folder: &std::path::Path) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.find_map(|path| {
        if path.is_dir() {
            return walk(&path);
        }
        let is_rollback = path.to_string_lossy().contains("rollback");
        is_rollback.then_some(path)
    })
}

/// As the seconds of `timeOnPage` are.
#[test]
fn the_value_of_a_cart_is_the_same_in_means_and_data() {
    let cart = |least: u32| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: {{ name: full }}\nspec:\n  displayName: Full\n  conditions:\n    - type: cart\n      data: {{ minimumValue: 5 }}\n      means: {{ cart: {{ value: {{ atLeast: {least} }} }} }}\n"
        )
    };
    let project = Project::with(&cart(150));
    let told = project.run(&["validate"]).expect(3);
    let said = format!("{}{}", told.stdout, told.stderr);
    assert!(
        said.contains(
            "error[behavior-means-contradicts]: `means` says a value of 150, and `data` says 5"
        ),
        "{said}"
    );
    project.write("manifests.yaml", &cart(5));
    let told = project.run(&["validate"]).expect(0);
    let said = format!("{}{}", told.stdout, told.stderr);
    assert!(!said.contains("contradicts"), "{said}");
}

/// An engagement for those of whom two conditions hold.
const OFFERED: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: goal }
spec: { displayName: Goal, indicator: { type: url, url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: help }
spec: { displayName: Help, appInstallation: Shop, conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"help\"' }] }], exclude: [] } }] }
---
apiVersion: campaignctl.dev/v1
kind: Behavior
metadata: { name: carts }
spec:
  displayName: Carts
  conditions:
    - { type: 51, data: { x: 1, y: 1 }, means: { cart: { value: { atLeast: 60 } } } }
    - { type: 52, data: { x: 2 }, means: { cart: { value: { atMost: 20 } } } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: all }
spec: { displayName: All, state: published, goal: goal }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: offer }
spec: { displayName: Offer, campaign: all, type: app, appInstallation: Shop, language: en-US, allowUnauthenticated: true, entryPoints: [help], behaviors: [carts], skill: Orders }
";

/// What the impact says of a plan for whoever applied [`OFFERED`].
fn impact_of(edits: &[(&str, &str)]) -> String {
    let project = Project::in_shop(SandboxSettings::default(), OFFERED);
    let skills = json!([{ "id": 1, "name": "Orders" }, { "id": 2, "name": "Bills" }]);
    project.account.seed(&json!({ "skills": skills }));
    let settings = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let assumed = "assume: { conditions: all, undeclared: unrestricted, cart: replaces, cart-totals: left-out, undocumented-fields: no-say }\n";
    project.write("campaignctl.yaml", &(settings + assumed));
    project.run(&["apply", "--auto-approve"]).expect(0);
    for (from, to) in edits {
        edited(&project, from, to);
    }
    let planned = project.run(&["plan", "--impact"]).expect(0).stdout;
    let impact = planned.split("Impact").nth(1).unwrap_or(&planned);
    format!("Impact{impact}")
}

/// Nobody could meet both conditions as the old note had it, which was never true of anybody.
#[test]
fn an_impact_is_judged_by_the_note_that_a_plan_corrects() {
    let skill = ("skill: Orders", "skill: Bills");
    let note = ("atMost: 20", "atMost: 200");
    insta::assert_snapshot!(impact_of(&[note, skill]), @r"
    Impact: 1 other skill.

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    insta::assert_snapshot!(impact_of(&[(", means: { cart: { value: { atMost: 20 } } }", ""), skill]), @r"
    Impact: 1 may change.

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn a_payload_that_loses_a_key_keeps_its_note_in_the_impact() {
    let edits = [
        ("atMost: 20", "atMost: 200"),
        ("x: 1, y: 1", "x: 1"),
        ("atLeast: 60", "atLeast: 70"),
    ];
    insta::assert_snapshot!(impact_of(&edits), @r"
    Impact: 1 no longer offered, 1 may change.

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn everybody_but_some_is_a_meaning() {
    let (data, means) = (
        "data: { include: [{ customerTypes: [vip] }], exclude: [] }",
        "means: { customerType: vip }",
    );
    let others = VIPS.replace(data, "data: { x: 1 }");
    let others = others.replace(means, "means: { except: { customerType: vip } }");
    let told = Project::with(&others).run(&["validate"]).expect(0);
    assert!(!told.stdout.contains("unclear"), "{}", told.stdout);
    let nobody = others.replace("{ customerType: vip }", "{}");
    Project::with(&nobody).run(&["validate"]).expect(3);
}
