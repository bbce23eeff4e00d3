//! A part of the manifests through the binary: what is left out is neither changed nor deleted, and a plan of a part
//! says that it is one.

mod deletes;
pub(crate) mod since;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{CAMPAIGNS, GOALS, NO_CHANGES, Project, Run, without_ids};

const GOALS_FILE: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought, labels: { area: shop } }
spec: { displayName: Bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: joined, labels: { area: service } }
spec: { displayName: Joined, indicator: { url: /welcome } }
";

const SALE: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale, labels: { area: shop } }
spec:
  displayName: Sale
  goal: bought
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
  state: unpublished
";

/// An engagement in a campaign.
fn engagement(name: &str, campaign: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: {{ name: {name}, labels: {{ area: shop }} }}
spec:
  campaign: {campaign}
  type: stickyButton
  language: en-US
  entryPoints: [{{ system: true }}]
  behaviors: [{{ system: true }}]
  window: {{ system: true }}
  displayInstances:
    - {{ type: online, enabled: true, presentation: {{ label: Chat, size: {{ width: \"60\", height: \"40\" }} }} }}
"
    )
}

/// Two goals, a campaign and two engagements, each in a file of its own.
fn project() -> Project {
    let project = Project::new();
    project.write("goals.yaml", GOALS_FILE);
    project.write("sale.yaml", SALE);
    for name in ["home", "cart"] {
        project.write(&format!("{name}.yaml"), &engagement(name, "sale"));
    }
    project
}

fn applied() -> Project {
    let project = project();
    project.apply();
    project
}

/// A plan of a part, which writes nothing: its objects with what happens to them, and the last lines.
#[track_caller]
fn part(project: &Project, flags: &[&str]) -> String {
    let run = planned(project, flags).expect(0);
    let is_told = |line: &&str| {
        let text = line.trim_start();
        line.starts_with("Plan")
            || line.starts_with("Partial")
            || line.starts_with("No changes")
            || text.contains("it comes along")
            || (line.starts_with("  ") && !line.starts_with("      "))
    };
    let object = |line: &str| match line.find("it comes along") {
        Some(_) => line.to_owned(),
        None => line.split("  ").take(3).collect::<Vec<_>>().join("  "),
    };
    let lines = run.stdout.lines().filter(is_told).map(object);
    without_ids(&lines.collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn planned(project: &Project, flags: &[&str]) -> Run {
    let (writes, ledger) = (project.account.writes(), project.ledger());
    let mut arguments = vec!["plan"];
    arguments.extend(flags);
    let run = project.run(&arguments);
    assert_eq!(project.account.writes(), writes, "a plan wrote");
    assert_eq!(project.ledger(), ledger, "a plan changed the ledger");
    run
}

#[track_caller]
fn apply(project: &Project, flags: &[&str]) {
    let mut arguments = vec!["apply", "--auto-approve"];
    arguments.extend(flags);
    project.run(&arguments).expect(0);
}

/// How many engagements a campaign lists.
#[track_caller]
fn listed(project: &Project, campaign: &str) -> usize {
    let campaign = project.account.item(CAMPAIGNS, campaign);
    campaign["engagementIds"].as_array().unwrap().len()
}

#[test]
fn a_target_comes_with_what_it_refers_to() {
    let project = project();
    let flags = ["--target", "Engagement/home"];
    assert_snapshot!(part(&project, &flags), @r#"
      + create Goal/bought "Bought"  goals.yaml:1
      + create Campaign/sale "Sale"  sale.yaml:1
      + create Engagement/home  home.yaml:1
    Partial plan: 2 of 5 objects left out by --target.
      --target: Goal/joined, Engagement/cart
    Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, &flags);
    assert_eq!(listed(&project, "Sale"), 1);
    assert_snapshot!(part(&project, &flags), @"
    Partial plan: 2 of 5 objects left out by --target.
      --target: Goal/joined, Engagement/cart
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &[]), @r#"
      + create Goal/joined "Joined"  goals.yaml:6
      + create Engagement/cart  cart.yaml:1
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Plan: 2 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    assert_eq!(listed(&project, "Sale"), 2);
}

#[test]
fn flags_work_on_either_side_of_the_command_and_by_environment_variables() {
    let project = project();
    let front = project.run(&["-l", "area=service", "plan"]).expect(0);
    let behind = project
        .run(&["plan", "--selector", "area=service"])
        .expect(0);
    assert_eq!(front.stdout, behind.stdout);
    let mut command = project.command(&["plan"]);
    let output = command.env("CAMPAIGNCTL_SELECTOR", "area=service").output();
    assert_eq!(Run::from(output.unwrap()).stdout, behind.stdout);
    let wrong = project.run(&["-l", "area=service", "validate"]).expect(3);
    assert_snapshot!(wrong.stderr.lines().next().unwrap(), @"error: only `plan`, `apply`, `drift`, `pull` and `graph` can be limited to a part of the manifests");
}

#[test]
fn labels_leave_the_rest_alone() {
    let project = applied();
    project.write(
        "goals.yaml",
        &GOALS_FILE.replace("indicator: {", "description: new, indicator: {"),
    );
    assert_snapshot!(part(&project, &["-l", "area=shop"]), @r#"
      ~ update Goal/bought "Bought" (<id>)  goals.yaml:1
    Partial plan: 1 of 5 objects left out by --selector.
      --selector: Goal/joined
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, &["-l", "area=shop"]);
    let description = |name| project.account.item(GOALS, name)["description"].clone();
    assert_eq!(description("Bought"), "new");
    assert_ne!(description("Joined"), "new");
    assert_snapshot!(part(&project, &["-l", "area=shop"]), @"
    Partial plan: 1 of 5 objects left out by --selector.
      --selector: Goal/joined
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &["--exclude", "Goal/joined"]), @"
    Partial plan: 1 of 5 objects left out by --exclude.
      --exclude: Goal/joined
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert_snapshot!(part(&project, &[]), @r#"
      ~ update Goal/joined "Joined" (<id>)  goals.yaml:6
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_a_selected_object_needs_is_not_left_out() {
    let project = project();
    let run = planned(&project, &["-l", "area=shop", "--exclude", "Goal/bought"]).expect(3);
    assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Campaign/sale refers to Goal/bought, which the account does not hold yet, and `--exclude` leaves Goal/bought out
     --> sale.yaml:6:9
      |
    6 |   goal: bought
      |         ^^^^^^
      |
      = help: take `--exclude Goal/bought` back, or exclude Campaign/sale, too

    1 error in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
    project.write("sale.yaml", &SALE.replace("area: shop", "area: sale"));
    let run = planned(&project, &["-l", "area=shop"]).expect(3);
    assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Engagement/cart refers to Campaign/sale, which the account does not hold yet, and `--selector` leaves Campaign/sale out
     --> cart.yaml:5:13
      |
    5 |   campaign: sale
      |             ^^^^
      |
      = help: give Campaign/sale the labels, or apply it first: `campaignctl apply --target Campaign/sale`

    error[selection-incomplete]: Engagement/home refers to Campaign/sale, which the account does not hold yet, and `--selector` leaves Campaign/sale out
     --> home.yaml:5:13
      |
    5 |   campaign: sale
      |             ^^^^
      |
      = help: give Campaign/sale the labels, or apply it first: `campaignctl apply --target Campaign/sale`

    2 errors in 2 files
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
}

#[test]
fn nothing_goes_live_without_what_lies_inside_it() {
    let project = project();
    project.write("sale.yaml", &SALE.replace("unpublished", "published"));
    assert_snapshot!(part(&project, &["--target", "Campaign/sale"]), @r#"
      + create Goal/bought "Bought"  goals.yaml:1
      + create Campaign/sale "Sale"  sale.yaml:1
      + create Engagement/cart  cart.yaml:1
      + create Engagement/home  home.yaml:1
    Partial plan: 1 of 5 objects left out by --target.
      --target: Goal/joined
    Plan: 4 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    let run = planned(
        &project,
        &["--target", "Campaign/sale", "--exclude", "Engagement/cart"],
    );
    assert_snapshot!(run.expect(3).stderr, @"
    Plan for test, account 10000001
    error[selection-incomplete]: Campaign/sale goes live with Engagement/cart inside it, and `--exclude` leaves Engagement/cart out
     --> sale.yaml:5:16
      |
    5 |   displayName: Sale
      |                ^^^^
      |
      = help: take `--exclude Engagement/cart` back, or exclude Campaign/sale, too

    1 error in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain selection-incomplete`
    ");
    project.apply();
    // What is live already may be changed in part.
    let changed = SALE.replace("unpublished", "published\n  description: new");
    project.write("sale.yaml", &changed);
    assert_snapshot!(part(&project, &["--target", "Campaign/sale"]), @r#"
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 3 of 5 objects left out by --target.
      --target: Goal/joined, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_saved_plan_keeps_its_selection() {
    let project = project();
    let flags = ["--target", "Goal/bought", "--out", "plan.json"];
    planned(&project, &flags).expect(0);
    let text = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    jsonschema::validate(&campaignctl::plan::schema(), &plan).unwrap();
    assert_snapshot!(plan["selection"].to_string(), @r#"{"targets":["Goal/bought"],"selected":1,"objects":5,"leftOut":[{"flag":"--target","objects":4,"named":["Goal/joined","Campaign/sale","Engagement/cart","Engagement/home"]}]}"#);
    let shown = project.run(&["show", "plan.json"]).expect(0);
    assert!(
        shown.stdout.contains("Partial plan: 4 of 5"),
        "{}",
        shown.stdout
    );
    let markdown = project.run(&["show", "plan.json", "--format", "markdown"]);
    assert!(markdown.expect(0).stdout.contains("Partial plan: 4 of 5"));
    let refused = project
        .run(&["apply", "plan.json", "-l", "area=shop"])
        .expect(3);
    assert_snapshot!(refused.stderr, @"
    error: a saved plan is applied as it is
      = help: give the flags that select objects to `plan --out`, which keeps the selection
    ");
    project.run(&["apply", "plan.json"]).expect(0);
    assert_eq!(project.account.row(GOALS, "Joined"), None);
}

#[test]
fn drift_of_a_part_says_so() {
    let project = applied();
    let path = project.account.item_path(GOALS, "Joined");
    project.account.edit(&path, |goal| {
        goal["indicatorValue"]["url"] = "/by-hand".into();
    });
    let part = project.run(&["drift", "--target", "Goal/bought"]).expect(0);
    assert_snapshot!(part.stdout, @"
    Partial report: 4 of 5 objects left out by --target.
      --target: Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Drift: 0 objects changed in 0 fields, 0 gone.
    ");
    let part = project.run(&["drift", "-l", "area=service"]).expect(2);
    assert_snapshot!(part.data(), @r#"
      ~ Goal/joined "Joined" (<id>)
          indicator.url: /welcome -> /by-hand

    Partial report: 4 of 5 objects left out by --selector.
      --selector: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Drift: 1 object changed in 1 field, 0 gone.
    "#);
    let json = project.run(&["drift", "-l", "area=service", "--format", "json"]);
    assert_eq!(json.expect(2).json()["selection"]["selected"], 1);
}

#[test]
fn what_is_not_selected_is_checked_all_the_same() {
    let project = project();
    project.write("wrong.yaml", "kind: Goal\n");
    planned(&project, &["--target", "Campaign/sale"]).expect(3);
}

#[test]
fn all_that_is_selected_may_be_everything() {
    let project = applied();
    assert_eq!(
        planned(&project, &["-l", "area"]).expect(0).stdout,
        NO_CHANGES
    );
}
