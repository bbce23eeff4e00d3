//! Saved plans, drift, guards and the forms of a plan: what a pipeline relies on.

use serde_json::Value;

use crate::support::{GOALS, NO_CHANGES, Project};

const TWO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: first }
spec: { displayName: First, description: one, indicator: { url: /first, count: 1 } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: second }
spec: { displayName: Second, description: two, indicator: { url: /second } }
";

/// Plans into `plan.json`, which must fit the published schema.
#[track_caller]
fn save(project: &Project) -> Value {
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let text = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let schema = campaignctl::plan::schema();
    if let Err(error) = jsonschema::validate(&schema, &plan) {
        panic!("{error} at {}", error.instance_path());
    }
    plan
}

#[test]
fn a_saved_plan_is_applied_once_and_exactly() {
    let project = Project::with(TWO);
    save(&project);
    // What the files say meanwhile does not matter to a saved plan.
    project.write("manifests.yaml", &TWO.replace("one", "changed"));
    project.run(&["apply", "plan.json"]).expect(0);
    assert_eq!(project.account.item(GOALS, "First")["description"], "one");
    let writes = project.account.writes();
    let again = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        again.stderr.contains("it was applied already"),
        "{}",
        again.stderr
    );
    // Whoever repeats a job that was killed when all was done is told that it was.
    let in_place = "all that it wrote is still in place";
    assert!(again.stderr.contains(in_place), "{}", again.stderr);
    assert_eq!(project.account.writes(), writes);
    let path = project.account.item_path(GOALS, "First");
    project.account.delete(&path);
    let again = project.run(&["apply", "plan.json"]).expect(7);
    assert!(!again.stderr.contains(in_place), "{}", again.stderr);
    assert!(again.stderr.contains("plan again"), "{}", again.stderr);
}

#[test]
fn a_create_only_plan_is_used_once_on_an_empty_account_too() {
    let project = Project::with(TWO);
    save(&project);
    project.run(&["apply", "plan.json"]).expect(0);
    // Even when somebody empties the account, the plan does not create anything a second time.
    for name in ["First", "Second"] {
        project
            .account
            .delete(&project.account.item_path(GOALS, name));
    }
    let writes = project.account.writes();
    project.run(&["apply", "plan.json"]).expect(7);
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn a_plan_is_stale_when_an_object_that_it_touches_changed_and_only_then() {
    let project = Project::with(TWO);
    project.apply();
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 2"));
    save(&project);
    let edit = |name: &str| {
        let path = project.account.item_path(GOALS, name);
        project
            .account
            .edit(&path, |body| body["description"] = "by somebody".into());
    };
    edit("Second");
    project.run(&["apply", "plan.json"]).expect(0);
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 3"));
    save(&project);
    edit("First");
    let writes = project.account.writes();
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr
            .contains("Goal/first: `description` changed on the account"),
        "{}",
        run.stderr
    );
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn a_stale_plan_names_the_field_and_not_its_neighbours() {
    let manifests = TWO.replace("url: /first", "url: /one");
    let project = Project::with(&manifests);
    project.apply();
    project.write("manifests.yaml", &manifests.replace("/one", "/two"));
    save(&project);
    let path = project.account.item_path(GOALS, "First");
    project.account.edit(&path, |body| {
        body["indicatorValue"]["url"] = "/elsewhere".into();
    });
    let run = project.run(&["apply", "plan.json"]).expect(7);
    insta::assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error: the plan is stale, and nothing was written
      Goal/first: `indicator.url` changed on the account
      = help: plan again
    ");
}

#[test]
fn a_plan_is_stale_when_what_it_creates_has_appeared() {
    let project = Project::with(TWO);
    save(&project);
    project
        .account
        .post(GOALS, &serde_json::json!({ "name": "First" }));
    let writes = project.account.writes();
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr
            .contains("an object of that name exists in the account now"),
        "{}",
        run.stderr
    );
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn a_plan_is_stale_when_the_ledger_binds_something_else() {
    let project = Project::with(TWO);
    project.apply();
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 2"));
    save(&project);
    let ledger = project.ledger();
    let id = project.account.item(GOALS, "First")["id"].to_string();
    std::fs::write(project.ledger_path(), ledger.replace(&id, "4999999999")).unwrap();
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr.contains("the ledger binds it to 4999999999 now"),
        "{}",
        run.stderr
    );
}

/// What is wrong with a plan, and how it is made so.
type Damage = (&'static str, fn(&mut Value));

#[test]
fn a_damaged_plan_is_refused() {
    let project = Project::with(TWO);
    let plan = save(&project);
    let damages: [Damage; 10] = [
        ("its format is", |plan| plan["format"] = "other/v9".into()),
        ("waits for a later one", |plan| {
            plan["steps"][0]["after"] = serde_json::json!([9]);
        }),
        ("belongs to no change", |plan| {
            plan["steps"][0]["change"] = 99.into();
        }),
        (
            "step 0 is `delete Goal/first`, and `create Goal/first` follows from the changes",
            |plan| plan["steps"][0]["verb"] = "delete".into(),
        ),
        (
            "step 0 (create Goal/first) does not write what the changes say",
            |plan| {
                plan["steps"][0]["spec"]["description"] = "another".into();
            },
        ),
        (
            "Goal/first: `description` is shown otherwise than it is written",
            |plan| plan["changes"][0]["declared"]["description"] = "another".into(),
        ),
        ("Goal/first is at the wrong place", |plan| {
            plan["changes"].as_array_mut().unwrap().swap(0, 1);
            plan["steps"][0]["change"] = 1.into();
            plan["steps"][1]["change"] = 0.into();
        }),
        ("its summary does not count the changes", |plan| {
            plan["summary"]["create"] = 1.into();
        }),
        ("its content is not what its digest says", |plan| {
            plan["changes"][0]["file"] = "another.yaml".into();
        }),
        ("unknown field", |plan| plan["hidden"] = true.into()),
    ];
    for (message, damage) in damages {
        let mut damaged = plan.clone();
        damage(&mut damaged);
        project.write("damaged.json", &damaged.to_string());
        let run = project.run(&["apply", "damaged.json"]).expect(3);
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
        project.run(&["show", "damaged.json"]).expect(3);
    }
    project.write("damaged.json", "{");
    project.run(&["show", "damaged.json"]).expect(3);
    assert_eq!(project.account.writes(), 0);
}

#[test]
fn a_saved_plan_shows_what_was_planned_and_is_the_same_twice() {
    let project = Project::with(TWO);
    let text = project
        .run(&["plan", "--out", "plan.json"])
        .expect(0)
        .stdout;
    assert_eq!(project.run(&["show", "plan.json"]).expect(0).stdout, text);
    let strip = |mut plan: Value| {
        plan["id"] = "".into();
        plan["createdAt"] = "".into();
        plan["digest"] = "".into(); // of all the rest
        plan.to_string()
    };
    assert_eq!(strip(save(&project)), strip(save(&project)));
}

#[test]
fn three_edits_have_three_causes() {
    let project = Project::with(TWO);
    project.apply();
    let path = project.account.item_path(GOALS, "First");
    project.account.edit(&path, |body| {
        body["description"] = "by somebody".into();
        body["indicatorValue"]["url"] = "/elsewhere".into();
    });
    let edited = TWO
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
    let drift = project.run(&["drift"]).expect(2);
    insta::assert_snapshot!(drift.data(), @r#"
      ~ Goal/first "First" (<id>)
          description: one -> by somebody
          indicator.url: /first -> /elsewhere  (the manifest changed it, too)

    Drift: 1 object changed in 2 fields, 0 gone.
    "#);
    let run = project
        .run(&["apply", "--auto-approve", "--ignore-drift"])
        .expect(0);
    assert!(!run.stdout.contains("description"), "{}", run.stdout);
    let note =
        "1 drifted field left alone by --ignore-drift; `campaignctl drift` lists what drifted.";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    let goal = project.account.item(GOALS, "First");
    assert_eq!(goal["description"], "by somebody");
    assert_eq!(goal["indicatorValue"]["url"], "/mine");
    project.apply();
    let run = project.run(&["drift"]).expect(0);
    assert_eq!(
        run.stdout,
        "No drift. The account is as it was last applied.\n"
    );
    assert_eq!(
        project
            .run(&["plan", "--detailed-exitcode"])
            .expect(0)
            .stdout,
        NO_CHANGES
    );
}

fn goals(names: std::ops::Range<usize>) -> String {
    let documents: Vec<String> = names
        .map(|number| {
            format!(
                "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: goal-{number} }}\nspec: {{ indicator: {{ url: /{number} }} }}\n"
            )
        })
        .collect();
    documents.join("---\n")
}

#[test]
fn many_deletes_need_a_flag_and_a_protected_object_has_none() {
    let project = Project::with(&goals(0..10));
    project.apply();
    project.write("manifests.yaml", &goals(4..10));
    let run = project.run(&["plan", "--out", "plan.json"]).expect(6);
    insta::assert_snapshot!(run.data(), @"
      - delete 4 goals
          its manifest is gone from manifests.yaml
          goal-0, goal-1, goal-2, goal-3

    `--full` shows every object and field.

    blocked[mass-delete]: the plan would delete 4 of 10 owned Goal objects, more than 30 %
      = Goal/goal-0, Goal/goal-1, Goal/goal-2, Goal/goal-3
      = help: add `--allow-mass-delete` if that is intended

    Plan: 0 to create, 0 to update, 0 to replace, 4 to delete, 0 to adopt, 0 manual.
    ");
    let writes = project.account.writes();
    project.run(&["apply", "plan.json"]).expect(6);
    project.run(&["apply", "--auto-approve"]).expect(6);
    assert_eq!(project.account.writes(), writes);
    project
        .run(&["apply", "plan.json", "--allow-mass-delete"])
        .expect(0);
    let protected = goals(4..10).replacen("spec:", "lifecycle: { protect: true }\nspec:", 1);
    project.write("manifests.yaml", &protected);
    project.apply();
    project.write("manifests.yaml", &goals(5..10));
    let flags = [
        "--allow-mass-delete",
        "--allow-mass-update",
        "--allow-unpublish",
    ];
    let run = project
        .run(&[&["apply", "--auto-approve"], &flags[..]].concat())
        .expect(6);
    assert!(
        run.stdout
            .contains("blocked[protected-object]: Goal/goal-4"),
        "{}",
        run.stdout
    );
    // A saved plan cannot leave the refusal out.
    project.run(&["plan", "--out", "plan.json"]).expect(6);
    let plan = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    let mut plan: Value = plan.parse().unwrap();
    plan["refusals"] = serde_json::json!([]);
    project.write("plan.json", &plan.to_string());
    let run = project
        .run(&[&["apply", "plan.json"], &flags[..]].concat())
        .expect(3);
    assert!(
        run.stderr
            .contains("Goal/goal-4 is protected, and no guard holds it"),
        "{}",
        run.stderr
    );
}

#[test]
fn every_form_of_a_plan_is_whole_whatever_the_exit_code() {
    let project = Project::with(&goals(0..10));
    let report = project
        .run(&["plan", "--format", "gitlab"])
        .expect(0)
        .json();
    assert_eq!(
        report,
        serde_json::json!({ "create": 10, "update": 0, "delete": 0 })
    );
    project.apply();
    project.write("manifests.yaml", &goals(4..10));
    let blocked = project.run(&["plan", "--format", "json"]).expect(6).json();
    assert_eq!(
        blocked["refusals"][0]["objects"].as_array().unwrap().len(),
        4
    );
    let run = project.run(&["plan", "--format", "markdown"]).expect(6);
    for number in 0..4 {
        assert!(
            run.stdout.contains(&format!("- `Goal/goal-{number}`")),
            "{}",
            run.stdout
        );
    }
    project
        .run(&["plan", "--json-into", "beside.json"])
        .expect(6);
    let beside = std::fs::read_to_string(project.path().join("beside.json")).unwrap();
    serde_json::from_str::<Value>(&beside).unwrap();
    project.run(&["validate", "--format", "markdown"]).expect(3);
}
