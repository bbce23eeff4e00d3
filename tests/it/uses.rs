//! `uses`: who uses an object, of the manifests and of the account, with what consumers see of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, GOALS, Project, Run, binary};

/// Two campaigns, one of them published, with an engagement each; one goal.
const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: joined }
spec: { displayName: Joined, indicator: { url: /joined } }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: button }
spec: { type: stickyButton, language: en-US, window: { system: true } }
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
metadata: { name: later }
spec: { campaign: draft, template: button, entryPoints: [{ system: true }], behaviors: [{ system: true }] }
";

fn applied() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    project
}

/// Of the manifests alone: no environment is given.
fn offline(project: &Project, arguments: &[&str]) -> Run {
    binary(project.path())
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

#[test]
fn the_account_knows_users_that_no_manifest_describes() {
    let project = applied();
    let goal = project.account.row(GOALS, "Bought").unwrap()["id"].clone();
    let theirs =
        json!({ "name": "Theirs", "goalId": goal, "status": 1, "timeZone": "Europe/Paris" });
    project.account.post(CAMPAIGNS, &theirs);
    let moved = MANIFESTS.replace(
        "displayName: Draft, goal: bought",
        "displayName: Draft, goal: joined",
    );
    project.write("manifests.yaml", &moved);
    let (writes, ledger) = (project.account.writes(), project.ledger());
    insta::assert_snapshot!(offline(&project, &["uses", "Goal/bought"]).expect(0).stdout, @r#"
    Goal/bought "Bought"
    └─ Campaign/sale "Autumn sale"  LIVE
       └─ Engagement/home  LIVE

    Used by 1 campaign, 1 engagement (2 live).
    "#);
    insta::assert_snapshot!(project.run(&["uses", "Goal/bought"]).expect(0).data(), @r#"
    Goal/bought "Bought"
    ├─ Campaign/sale "Autumn sale"  LIVE
    │  └─ Engagement/home  LIVE
    ├─ Campaign/draft "Draft"  not live (it is not published), in the account only
    │  └─ Engagement/later  not live
    └─ Campaign "Theirs" (<id>)  LIVE, foreign

    Used by 3 campaigns, 2 engagements (3 live, 1 foreign).
    "#);
    insta::assert_snapshot!(project.run(&["uses", "Goal/Joined"]).expect(0).data(), @r#"
    Goal/joined "Joined"
    └─ Campaign/draft "Draft"  not live (it is not published), not applied yet
       └─ Engagement/later  not live

    Used by 1 campaign, 1 engagement (none live).
    "#);
    let document = project
        .run(&["uses", "Goal/bought", "--format", "json"])
        .expect(0)
        .json();
    let summary = &document["summary"];
    assert_eq!(
        *summary,
        json!({ "users": { "Campaign": 3, "Engagement": 2 }, "live": 3, "foreign": 1 })
    );
    assert_eq!(
        (&document["environment"], &document["account"]),
        (&json!("test"), &json!("10000001"))
    );
    assert_eq!(
        (project.account.writes(), project.ledger()),
        (writes, ledger)
    );
}

/// Who still uses an object is asked right after its manifest was removed, when the others refer to nothing.
#[test]
fn an_object_whose_manifest_is_gone_has_users_all_the_same() {
    let project = applied();
    let bought = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec: { displayName: Bought, indicator: { url: /thanks } }\n---\n";
    assert!(MANIFESTS.contains(bought));
    project.write("manifests.yaml", &MANIFESTS.replace(bought, ""));
    let of_files = offline(&project, &["uses", "Goal/bought"]).expect(0);
    insta::assert_snapshot!(of_files.data(), @r#"
    Goal/bought  no manifest
    ├─ Campaign/sale "Autumn sale"  LIVE
    │  └─ Engagement/home  LIVE
    └─ Campaign/draft "Draft"  not live (it is not published)
       └─ Engagement/later  not live

    Used by 2 campaigns, 2 engagements (2 live).
    No manifest defines Goal/bought. With `-e ENVIRONMENT`, `uses` looks in the account, too.
    "#);
    assert!(of_files.stderr.contains("warning[unknown-reference]"));
    let of_account = project.run(&["uses", "Goal/bought"]).expect(0);
    assert!(
        of_account
            .data()
            .contains("The manifest of Goal/bought was removed"),
        "{}",
        of_account.stdout
    );
    let misspelt = offline(&project, &["uses", "Goal/boght"]).expect(3);
    assert!(
        misspelt.stderr.contains("did you mean `bought`?"),
        "{}",
        misspelt.stderr
    );
}

#[test]
fn an_account_has_users_without_any_manifest() {
    let project = applied();
    project.remove("manifests.yaml");
    insta::assert_snapshot!(project.run(&["uses", "Goal/Bought"]).expect(0).data(), @r#"
    Goal/bought "Bought"  no manifest
    ├─ Campaign/sale "Autumn sale"  LIVE, no manifest
    │  └─ Engagement/home  LIVE, no manifest
    └─ Campaign/draft "Draft"  not live (it is not published), no manifest
       └─ Engagement/later  not live, no manifest

    Used by 2 campaigns, 2 engagements (2 live).
    The manifest of Goal/bought was removed. The object is still in the account and in the ledger; `campaignctl plan` shows what becomes of it.
    "#);
    let unknown = project.run(&["uses", "Goal/boght"]).expect(3);
    insta::assert_snapshot!(unknown.stderr, @"
    error: no Goal `boght` in the manifests or in the account
      = help: did you mean `Bought`?
    ");
    insta::assert_snapshot!(project.run(&["uses", "Gaol/bought"]).expect(3).stderr, @"error: `Gaol` is not a kind; did you mean `Goal`?");
}

#[test]
fn an_object_is_drawn_with_its_users() {
    let project = applied();
    let goal = project.account.row(GOALS, "Bought").unwrap()["id"].clone();
    project.account.post(
        CAMPAIGNS,
        &json!({ "name": "Theirs", "goalId": goal, "status": 1 }),
    );
    let draw = ["graph", "--users", "Goal/bought", "--format", "json"];
    let graph = project.run(&draw).expect(0).json();
    let nodes = graph["nodes"].as_array().unwrap().iter();
    let nodes: Vec<String> = nodes
        .map(|node| format!("{} {}", node["name"].as_str().unwrap(), node["live"]))
        .collect();
    assert_eq!(
        nodes,
        [
            "bought false",
            "Theirs true",
            "draft false",
            "sale true",
            "home true",
            "later false"
        ]
    );
    let edges = graph["edges"].as_array().unwrap().len();
    assert_eq!(edges, 5);
    let offline = offline(
        &project,
        &["graph", "--users", "Goal/bought", "--format", "mermaid"],
    );
    insta::assert_snapshot!(offline.expect(0).stdout, @r#"
    flowchart LR
      n0["Goal<br>bought"]
      n1["Campaign<br>draft"]
      n2["Campaign<br>sale"]
      n3["Engagement<br>home"]
      n4["Engagement<br>later"]
      n1 --> n0
      n2 --> n0
      n3 ==> n2
      n4 ==> n1
    "#);
    let both = ["graph", "--users", "Goal/bought", "--target", "Goal/bought"];
    insta::assert_snapshot!(project.run(&both).expect(3).stderr, @"
    error: the users of an object are drawn as a whole
      = help: leave out the flags that select objects
    ");
}

/// Many users inside one campaign are counted, unless all are asked for.
#[test]
fn what_lies_inside_a_user_is_counted() {
    let mut many = MANIFESTS.to_owned();
    for at in 1..=4 {
        let _ = write!(
            many,
            "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: more-{at} }}\n\
             spec: {{ campaign: sale, template: button, enabled: {}, entryPoints: [{{ system: true }}], behaviors: [{{ system: true }}] }}\n",
            at > 2
        );
    }
    let project = Project::with(&many);
    let uses = |more: &[&str]| {
        let run = offline(&project, &[&["uses", "Goal/bought"], more].concat());
        run.expect(0).stdout
    };
    insta::assert_snapshot!(uses(&[]), @r#"
    Goal/bought "Bought"
    ├─ Campaign/sale "Autumn sale"  LIVE
    │  └─ 5 engagements inside, 3 LIVE
    └─ Campaign/draft "Draft"  not live (it is not published)
       └─ Engagement/later  not live

    Used by 2 campaigns, 6 engagements (4 live).
    "#);
    assert_eq!(uses(&["--full"]).matches("Engagement/").count(), 6);
    let campaign = offline(&project, &["uses", "Campaign/sale"])
        .expect(0)
        .stdout;
    assert_eq!(campaign.matches("Engagement/").count(), 5, "{campaign}");
}

#[test]
fn a_document_holds_the_tree() {
    let project = Project::with(MANIFESTS);
    let uses = ["uses", "Goal/bought", "--format", "json"];
    let document: Value = offline(&project, &uses).expect(0).json();
    assert_eq!(document["format"], "campaignctl.uses/v1");
    let sale = &document["object"]["users"][0];
    assert_eq!(
        (&sale["key"], &sale["live"], &sale["fields"]),
        (&json!("Campaign/sale"), &json!(true), &json!(["goal"]))
    );
    let home = &sale["users"][0];
    assert_eq!(
        (&home["key"], &home["isInside"]),
        (&json!("Engagement/home"), &json!(true))
    );
}

/// A name that the ledger or `pull` has for an object is understood, also without a manifest.
#[test]
fn names_of_the_ledger_and_of_pull_are_understood() {
    let goal = |name: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, indicator: {{ url: /{name} }} }}\n"
        )
    };
    let project = Project::with(&(goal("one") + &goal("two")));
    project.apply();
    project.write("manifests.yaml", &goal("one"));
    let theirs = serde_json::json!({ "name": "Made by Hand", "description": "", "type": 0, "indicatorType": 0 });
    project.account.post(GOALS, &theirs);
    for name in ["two", "The two", "made-by-hand", "Made by Hand"] {
        let uses = project.run(&["uses", &format!("Goal/{name}"), "-e", "test"]);
        let shown = uses.expect(0).stdout;
        assert!(shown.starts_with("Goal"), "{name}: {shown}");
    }
}

/// A persona is used by scenarios, which use no other object in the sense of consumers.
#[test]
fn a_persona_is_used_by_scenarios() {
    let text = "apiVersion: campaignctl.dev/v1\nkind: Persona\nmetadata: { name: member }\nspec: { attributes: [{ type: ctmrinfo, info: { ctype: Gold } }] }\n---\napiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: hello }\nspec:\n  web: true\n  url: https://shop.example.com/\n  cases: [{ name: a, when: { persona: member }, then: { nothing: {} } }]\n";
    let project = Project::with(text);
    let mut command = project.command(&["uses", "Persona/member"]);
    command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
    let uses: crate::support::Run = command.output().unwrap().into();
    let shown = uses.expect(0).stdout;
    assert!(shown.contains("Scenario/hello"), "{shown}");
}

/// Each remedy can be typed, and works.
#[test]
fn what_is_not_known_is_listed_by_a_command_that_works() {
    let project = applied();
    let told: String = [
        &["Skill/nothing-like-it", "-e", "test"][..],
        &["Goal/nothing-like-it", "-e", "test"],
        &["Persona/x", "-e", "test"],
        &["joined", "-e", "test"],
        &["nothing-like-it", "-e", "test"],
        &["Goals/x", "-e", "test"],
        &["joined", "manifests.yaml"],
    ]
    .into_iter()
    .map(|of| project.run(&[&["uses"], of].concat()).expect(3).stderr)
    .collect();
    insta::assert_snapshot!(told, @"
    error: no Skill `nothing-like-it` in the manifests or in the account
      = help: `campaignctl doctor -e test` lists what the account contains
    error: no Goal `nothing-like-it` in the manifests or in the account
      = help: `campaignctl status --kind Goal` lists what the account contains
    error: no Persona `x` in the manifests or in the account
      = help: only manifests define a Persona, not an account: `campaignctl explain Persona` shows how to write one
    error: `joined` has no kind
      = help: run `campaignctl uses Goal/joined`
    error: `nothing-like-it` has no kind
      = help: write the kind before the name, as `campaignctl uses Goal/nothing-like-it`
    error: `Goals` is not a kind; did you mean `Goal`?
    error: `joined` has no kind
      = help: run `campaignctl uses Goal/joined manifests.yaml`
    ");
    project.run(&["doctor", "-e", "test"]).expect(0);
    project.run(&["status", "--kind", "Goal"]).expect(0);
    let persona = offline(&project, &["uses", "Persona/x"]).expect(3).stderr;
    assert!(persona.contains("explain Persona"), "{persona}");
}
