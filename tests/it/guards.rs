//! Guards at the time of applying: a plan that was fine when it was made is judged again right before its first write.

use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, GOALS, NO_CHANGES, Project, Run, plain};

const WINDOWS: &str = "engagement-window/window-confs?v=2.0";

const ROLLBACK: &str = ".campaignctl/ledger/test.rollback.plan.json";

fn goal(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, indicator: {{ url: /{name} }} }}\n{rest}"
    )
}

fn campaign(name: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, state: unpublished }}\n"
    )
}

/// A project that has applied `before`, with a saved plan of what `after` changes.
fn planned(before: &str, after: &str) -> Project {
    let project = Project::with(before);
    project.apply();
    project.write("manifests.yaml", after);
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project
}

/// The plan is held back by this guard, and nothing is written.
#[track_caller]
fn is_held(project: &Project, plan: &str, guard: &str) {
    let (writes, ledger) = (project.account.writes(), project.ledger());
    let run = project.run(&["apply", plan]).expect(6);
    assert!(
        run.stdout.contains(&format!("blocked[{guard}]")),
        "{}",
        run.stdout
    );
    assert_eq!(project.account.writes(), writes);
    assert_eq!(project.ledger(), ledger);
}

#[test]
fn what_is_protected_since_the_plan_is_not_deleted() {
    let both = goal("one", "") + &goal("two", "");
    let protected = goal("one", "") + &goal("two", "lifecycle: { protect: true }\n");
    // By the manifest alone.
    let project = planned(&both, &goal("one", ""));
    project.write("manifests.yaml", &protected);
    is_held(&project, "plan.json", "protected-object");
    // By the ledger alone.
    project.apply();
    project.write("manifests.yaml", &goal("one", ""));
    is_held(&project, "plan.json", "protected-object");
}

#[test]
fn what_is_only_observed_since_the_plan_is_not_written() {
    let project = planned(&goal("one", ""), &goal("one", "").replace("/one", "/other"));
    for mode in ["observe", "createOnly"] {
        let lifecycle = format!("lifecycle: {{ mode: {mode} }}\n");
        project.write("manifests.yaml", &goal("one", &lifecycle));
        is_held(&project, "plan.json", "protected-object");
    }
}

#[test]
fn what_a_colleague_uses_since_the_plan_is_not_deleted() {
    let project = planned(&(goal("one", "") + &goal("two", "")), &goal("one", ""));
    let two = project.account.row(GOALS, "The two").unwrap();
    let theirs = json!({ "name": "Theirs", "goalId": two["id"], "status": 1 });
    project.account.post(CAMPAIGNS, &theirs);
    is_held(&project, "plan.json", "object-in-use");
    let run = project.run(&["plan"]).expect(6);
    assert!(
        run.stdout
            .contains("the Campaign `Theirs` refers to it, which no manifest defines"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_a_colleague_made_inside_since_the_plan_is_not_deleted() {
    let project = planned(&(goal("one", "") + &campaign("sale")), &goal("one", ""));
    let inside = project.account.engagements("The sale");
    project.account.post(
        &inside,
        &json!({ "name": "Theirs", "channel": 1, "type": 1 }),
    );
    is_held(&project, "plan.json", "foreign-children");
}

#[test]
fn a_flag_is_given_again_and_a_rollback_needs_it_too() {
    let project = Project::with(&goals(0..12));
    project.apply();
    project.write("manifests.yaml", &goals(6..12));
    project
        .run(&["plan", "--out", "plan.json", "--allow-mass-delete"])
        .expect(0);
    is_held(&project, "plan.json", "mass-delete");
    project
        .run(&["apply", "plan.json", "--allow-mass-delete"])
        .expect(0);
    // The other way round: six of twelve are created, and the way back deletes them.
    project.write("manifests.yaml", &goals(0..12));
    project.apply();
    is_held(&project, ROLLBACK, "mass-delete");
    project
        .run(&["apply", ROLLBACK, "--allow-mass-delete"])
        .expect(0);
}

fn goals(names: std::ops::Range<usize>) -> String {
    names
        .map(|number| goal(&format!("g{number}"), ""))
        .collect()
}

#[test]
fn an_exclusive_plan_is_saved_and_applied_and_needs_the_project_to_say_so() {
    let project = Project::with(&goal("one", ""));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}    prune: {{ exclusive: [Goal] }}\n"),
    );
    project.apply();
    project.account.post(
        GOALS,
        &json!({ "name": "Theirs", "type": 2, "indicatorType": 0 }),
    );
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project.write("campaignctl.yaml", &file);
    is_held(&project, "plan.json", "foreign-object");
    project.write(
        "campaignctl.yaml",
        &format!("{file}    prune: {{ exclusive: [Goal] }}\n"),
    );
    project.run(&["apply", "plan.json"]).expect(0);
    assert!(project.account.row(GOALS, "Theirs").is_none());
    project.settled();
    // A plan that names another one's object as foreign is refused as well.
    project.account.post(
        GOALS,
        &json!({ "name": "More", "type": 2, "indicatorType": 0 }),
    );
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let mut plan: Value = read(&project, "plan.json");
    plan["changes"][0]["remoteId"] =
        json!(plain(&project.account.row(GOALS, "The one").unwrap()["id"]));
    let mut typed: campaignctl::plan::Plan = serde_json::from_value(plan).unwrap();
    typed.digest = campaignctl::plan::digest(&typed);
    project.write("plan.json", &json!(typed).to_string());
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr.contains("the ledger binds it to Goal/one now"),
        "{}",
        run.stderr
    );
}

fn read(project: &Project, file: &str) -> Value {
    let text = std::fs::read_to_string(project.path().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn window(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, type: embedded, {rest}style: {{ scheme: modern }} }}\n"
    )
}

/// Who bears the flag.
fn default(project: &Project) -> Vec<String> {
    let rows = project.account.get(WINDOWS);
    let rows = rows.as_array().unwrap().iter();
    let bearers = rows.filter(|row| row["isUserDefault"] == true);
    bearers
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn who_loses_the_default_is_said_and_a_rollback_gives_it_back() {
    let project = Project::with(&goal("one", ""));
    project.apply();
    let theirs =
        json!({ "name": "Classic", "type": "embedded", "isUserDefault": true, "json": {} });
    project.account.post(WINDOWS, &theirs);
    assert_eq!(default(&project), ["Classic"]);
    let first = goal("one", "") + &window("first", "default: true, ");
    project.write("manifests.yaml", &first);
    let plan = project.plan();
    let said = "it takes `default` from the EngagementWindow `Classic` (<id>); an account has one such EngagementWindow";
    assert!(plan.contains(said), "{plan}");
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    assert_eq!(plan["changes"][0]["takes"][0]["displayName"], "Classic");
    project.apply();
    assert_eq!(default(&project), ["The first"]);
    project.run(&["apply", ROLLBACK]).expect(0);
    assert_eq!(default(&project), ["Classic"]);
    assert!(!project.ledger().contains("EngagementWindow/classic"));
    // The rollback is taken back, too.
    project.run(&["apply", ROLLBACK]).expect(0);
    assert_eq!(default(&project), ["The first"]);
    // From one of ours to another one, which is deleted in the end.
    project.write(
        "manifests.yaml",
        &(goal("one", "") + &window("second", "default: true, ")),
    );
    let plan = project.plan();
    assert!(
        plan.contains("it takes `default` from EngagementWindow/first"),
        "{plan}"
    );
    project.apply();
    assert_eq!(default(&project), ["The second"]);
}

#[test]
fn a_plan_is_stale_when_another_object_would_lose_the_flag() {
    let project = Project::with(&goal("one", ""));
    project.apply();
    project.write(
        "manifests.yaml",
        &(goal("one", "") + &window("first", "default: true, ")),
    );
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let theirs = json!({ "name": "Theirs", "type": "embedded", "isUserDefault": true, "json": {} });
    project.account.post(WINDOWS, &theirs);
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr.contains("it would take a flag from"),
        "{}",
        run.stderr
    );
}

#[test]
fn names_that_look_like_those_of_live_objects_are_warned_of() {
    let project = Project::with(&goal("one", ""));
    project.apply();
    for name in ["Cafe\u{301}", "Big sale", "Trail "] {
        project
            .account
            .post(GOALS, &json!({ "name": name, "type": 1 }));
    }
    let named = |name: &str, display: &str| goal(name, "").replace(&format!("The {name}"), display);
    let files = named("one", "Big sale")
        + &named("a", "Caf\u{e9}")
        + &named("b", "big sale")
        + &named("c", "'Trail'");
    project.write("manifests.yaml", &files);
    let run = project.run(&["plan"]).expect(0);
    assert_eq!(
        run.stderr.matches("warning[live-name-alike]").count(),
        3,
        "{}",
        run.stderr
    );
    assert_eq!(
        run.stderr.matches("warning[live-name-taken]").count(),
        1,
        "{}",
        run.stderr
    );
    assert_eq!(
        run.stderr.matches("warning[display-name-alike]").count(),
        1,
        "{}",
        run.stderr
    );
}

#[test]
fn the_last_reference_of_a_kind_goes_without_drift() {
    let campaign = |targets: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: spring }}\nspec: {{ displayName: Spring{targets} }}\n"
        )
    };
    let project = Project::with(&campaign(", targetAudiences: [{ live: All visitors }]"));
    project.apply();
    for targets in [", targetAudiences: []", ""] {
        project.write("manifests.yaml", &campaign(targets));
        let run = project.run(&["drift"]).expect(0);
        assert!(run.stdout.starts_with("No drift."), "{}", run.stdout);
        assert!(!project.plan().contains("(drift"), "{}", project.plan());
    }
}

/// A campaign around an engagement, which the test moves.
fn with_engagement(around: &str) -> String {
    format!(
        "{}---\n{}---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: home }}\nspec: {{ campaign: {around}, description: Ours, conversationType: messaging }}\n",
        campaign("one"),
        campaign("two"),
    )
}

/// The campaign that an engagement moves to holds an engagement of its name, which people made: neither is it doubled,
/// nor is theirs written over.
#[test]
fn an_engagement_does_not_move_onto_one_of_its_name() {
    let project = Project::new();
    project.write("all.yaml", &with_engagement("one"));
    project.apply();
    let theirs = project.account.engagements("The two");
    let made = project.account.post(
        &theirs,
        &json!({ "name": "home", "description": "Theirs", "enabled": false }),
    );
    let (writes, ledger) = (project.account.writes(), project.ledger());
    project.write("all.yaml", &with_engagement("two"));
    for command in [
        &["plan"][..],
        &["apply", "--auto-approve", "--allow-unpublish"],
    ] {
        let refused = project.run(command).expect(3).stderr;
        let what = format!(
            "error[ambiguous-binding]: `home` moves to where the account holds another Engagement of that name ({})",
            plain(&made["id"])
        );
        assert!(refused.contains(&what), "{refused}");
        assert!(
            refused.contains("campaignctl ledger forget Engagement/home"),
            "{refused}"
        );
    }
    assert_eq!(
        (project.account.writes(), project.ledger()),
        (writes, ledger)
    );
    project
        .run(&["ledger", "forget", "Engagement/home"])
        .expect(0);
    project
        .run(&["ledger", "bind", "Engagement/home", &plain(&made["id"])])
        .expect(0);
    project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(0);
    assert_eq!(project.account.names(&theirs), ["home"]);
    assert_eq!(
        project
            .account
            .names(&project.account.engagements("The one")),
        ["home"]
    );
    assert_eq!(project.account.item(&theirs, "home")["description"], "Ours");
}

/// The campaign around an engagement is what the account says, whatever somebody wrote into the ledger.
#[test]
fn a_ledger_that_names_another_campaign_around_an_engagement_doubles_nothing() {
    let project = Project::new();
    project.write("all.yaml", &with_engagement("one"));
    project.apply();
    let mut ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    let true_parent = ledger["entries"]["Engagement/home"]["parent"].clone();
    for parent in [
        ledger["entries"]["Campaign/two"]["id"].clone(),
        json!("4199999999"),
        Value::Null,
    ] {
        ledger["entries"]["Engagement/home"]["parent"] = parent;
        std::fs::write(project.ledger_path(), ledger.to_string()).unwrap();
        let writes = project.account.writes();
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
        project.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(project.account.writes(), writes);
        project.write(
            "all.yaml",
            &with_engagement("one").replace("Ours", "Ours edited"),
        );
        project.run(&["apply", "--auto-approve"]).expect(0);
        let now: Value = serde_json::from_str(&project.ledger()).unwrap();
        assert_eq!(now["entries"]["Engagement/home"]["parent"], true_parent);
        let engagements = project.account.engagements("The one");
        assert_eq!(project.account.names(&engagements), ["home"]);
        project.write("all.yaml", &with_engagement("one"));
        project.run(&["apply", "--auto-approve"]).expect(0);
        ledger = serde_json::from_str(&project.ledger()).unwrap();
    }
}

#[test]
fn what_a_colleague_puts_inside_while_the_run_deletes_stays() {
    let project = Project::with(&format!("{}{}", campaign("doomed"), goal("kept", "")));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("{file}    prune: owned\n"));
    let engagement = "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: inside }\nspec: { campaign: doomed, type: embedded, language: en-US, entryPoints: [{ system: true }], window: { system: true } }\n";
    project.write("engagement.yaml", engagement);
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.remove("engagement.yaml");
    project.write("manifests.yaml", &goal("kept", ""));
    let inside = project.account.engagements("The doomed");
    // The engagement is gone already, and its answer is on its way.
    project
        .account
        .fault("DELETE */engagements/* delay 1s after-commit once");
    let mut apply = project.command(&["apply", "--auto-approve", "--allow-mass-delete"]);
    apply
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let apply = apply.spawn().unwrap();
    while !project.account.get(&inside).as_array().unwrap().is_empty() {
        crate::support::rest();
    }
    let row = json!({ "name": "By hand", "source": 0 });
    project.account.post(&inside, &row);
    let run = Run::from(apply.wait_with_output().unwrap());
    assert_eq!(run.code, Some(8), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout
            .contains("`By hand` was added inside it since it was planned; plan again"),
        "{}",
        run.stdout
    );
    assert_eq!(project.account.names(&inside), ["By hand"]);
}

/// What an interrupted creation still has to do is no mass update: nobody but the creation wanted it.
#[test]
fn an_interrupted_first_apply_goes_on_without_a_flag() {
    let campaigns = (0..12).map(|at| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c{at} }}\n\
             spec: {{ state: published, goal: {{ system: true }}, targetAudiences: [{{ system: true }}] }}\n\
             ---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: e{at} }}\n\
             spec: {{ campaign: c{at}, type: embedded, language: en-US, entryPoints: [{{ system: true }}], window: {{ system: true }}, allowUnauthenticated: true }}\n"
        )
    });
    let manifests: String = campaigns.collect();
    let project = Project::with(&manifests);
    for _ in 0..12 {
        project.account.fault("POST */engagements 400 once");
    }
    project.run(&["apply", "--auto-approve"]).expect(8);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("12 to create, 12 to update"), "{plan}");
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.settled();
    // To publish what was declared unpublished is one.
    project.write(
        "manifests.yaml",
        &manifests.replace("state: published", "state: unpublished"),
    );
    project
        .run(&[
            "apply",
            "--auto-approve",
            "--allow-unpublish",
            "--allow-mass-update",
        ])
        .expect(0);
    project.write("manifests.yaml", &manifests);
    project.run(&["apply", "--auto-approve"]).expect(6);
}
