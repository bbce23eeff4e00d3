//! `export` of a part: one object, what it needs, what people made in the console; and beside other manifests.

use serde_json::json;

use crate::support::{CAMPAIGNS, GOALS, Project, WINDOWS, plain};

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
kind: Campaign
metadata: { name: sale }
spec: { displayName: Autumn sale, goal: bought, state: published }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec: { campaign: sale, type: stickyButton, language: en-US, window: { system: true }, entryPoints: [{ system: true }], behaviors: [{ system: true }] }
";

/// An applied project, with a goal and a campaign that people made in the console.
fn project() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    let goal = json!({ "name": "Joined by phone", "type": 1, "indicatorType": 0, "indicatorValue": { "url": "/phone" } });
    let goal = project.account.post(GOALS, &goal)["id"].clone();
    let theirs =
        json!({ "name": "Theirs", "goalId": goal, "status": 1, "timeZone": "Europe/Paris" });
    project.account.post(CAMPAIGNS, &theirs);
    project
}

/// The kinds and names of what is exported, a document each.
fn exported(project: &Project, arguments: &[&str]) -> String {
    let run = project.run(&[&["export"], arguments].concat()).expect(0);
    let lines = run.stdout.lines();
    let kinds = lines.filter_map(|line| line.strip_prefix("kind: "));
    let names = run.stdout.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("metadata: { name: ");
        let name = name.map(|name| name.trim_end_matches(" }"));
        name.or_else(|| line.strip_prefix("  name: "))
    });
    let keys: Vec<String> = kinds
        .zip(names)
        .map(|(kind, name)| format!("{kind}/{name}"))
        .collect();
    keys.join(" ")
}

#[test]
fn one_object_is_exported_by_name_display_name_or_id() {
    let project = project();
    assert_eq!(exported(&project, &["Goal/bought"]), "Goal/bought");
    assert_eq!(
        exported(&project, &["Goal/Joined by phone"]),
        "Goal/joined-by-phone"
    );
    let id = project.account.row(GOALS, "Joined").unwrap()["id"].to_string();
    assert_eq!(exported(&project, &[&format!("goal/{id}")]), "Goal/joined");
    // What lies inside comes along, and what it needs when that is asked for.
    assert_eq!(
        exported(&project, &["Campaign/sale"]),
        "Campaign/sale Engagement/home"
    );
    assert_eq!(
        exported(&project, &["Campaign/sale", "--with-references"]),
        "Campaign/sale Engagement/home Goal/bought"
    );
    assert_eq!(
        exported(&project, &["Goal/bought", "Campaign"]),
        "Campaign/sale Campaign/theirs Goal/bought"
    );
    let unknown = project.run(&["export", "Goal/boght"]).expect(3);
    insta::assert_snapshot!(unknown.stderr, @"
    error: the account holds no Goal `boght`
      = help: did you mean `Bought`?
    ");
}

#[test]
fn what_no_manifest_holds_is_exported_alone() {
    let project = project();
    assert_eq!(
        exported(&project, &["--foreign"]),
        "Campaign/theirs Goal/joined-by-phone"
    );
    assert_eq!(
        exported(&project, &["Goal", "--foreign"]),
        "Goal/joined-by-phone"
    );
    // What is ours is not foreign, and silence would not say so.
    let ours = project
        .run(&["export", "--foreign", "Goal/joined"])
        .expect(0);
    assert_eq!(ours.stdout, "");
    insta::assert_snapshot!(ours.stderr, @"Nothing to export: none of this is without a manifest or an entry in the ledger. `campaignctl export --foreign` exports all that is.");
    // Without a ledger, the manifests still describe what they are about.
    std::fs::remove_file(project.ledger_path()).unwrap();
    assert_eq!(
        exported(&project, &["Goal", "--foreign"]),
        "Goal/joined-by-phone"
    );
    let run = project
        .run(&["export", "--foreign", "--out", "console"])
        .expect(0);
    assert!(
        run.stderr.contains("2 objects in 2 files below `console`."),
        "{}",
        run.stderr
    );
    insta::assert_snapshot!(project.plan(), @r#"
      → adopt Goal/bought "Bought" (<id>)  manifests.yaml:1
      → adopt Goal/joined "Joined" (<id>)  manifests.yaml:6
      → adopt Goal/joined-by-phone "Joined by phone" (<id>)  console/goals/joined-by-phone.yaml:3
      → adopt Campaign/sale "Autumn sale" (<id>)  manifests.yaml:11
      → adopt Campaign/theirs "Theirs" (<id>)  console/campaigns/theirs.yaml:3
      → adopt Engagement/home (<id>)  manifests.yaml:16

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 6 to adopt, 0 manual.
    "#);
}

/// Nothing to export leaves nothing behind, neither schemas nor settings of editors, and says why.
#[test]
fn an_export_of_nothing_leaves_nothing() {
    let project = Project::with(MANIFESTS);
    project.apply();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("console");
    let shown = folder.to_str().unwrap();
    let run = project.run(&["export", "--foreign", "--out", shown]);
    insta::assert_snapshot!(run.expect(0).stderr, @"Nothing to export: nothing in the account is without a manifest or an entry in the ledger.");
    assert!(!folder.exists());
    std::fs::create_dir(&folder).unwrap();
    project
        .run(&["export", "--foreign", "--out", shown])
        .expect(0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let run = project.run(&["export", "TargetAudience", "--out", shown]);
    insta::assert_snapshot!(run.expect(0).stderr, @"Nothing to export: the account holds nothing of this.");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

/// A nightly export of what people made in the console replaces that of the night before.
#[test]
fn an_export_of_foreign_objects_replaces_the_last_one() {
    let project = project();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("console");
    let folder = folder.to_str().unwrap();
    let again = ["export", "--foreign", "--out", folder, "--force"];
    let told = || project.run(&again).expect(0).stderr;
    let first = told();
    assert!(first.contains("2 objects in 2 files"), "{first}");
    assert_eq!(told(), first);
    let goals = std::fs::read_dir(elsewhere.path().join("console/goals")).unwrap();
    assert_eq!(goals.count(), 1);
    // What is gone from the account stays in its file, which a person may want: it is told.
    let path = project.account.item_path(GOALS, "Joined by phone");
    project.account.delete(&path);
    let later = told();
    assert!(
        later.contains("not part of this export: `goals/joined-by-phone.yaml`"),
        "{later}"
    );
    assert!(
        elsewhere
            .path()
            .join("console/goals/joined-by-phone.yaml")
            .exists()
    );
}

#[test]
fn an_export_beside_manifests_of_the_same_objects_is_refused() {
    let project = project();
    let refused = project.run(&["export", "--out", "account"]).expect(3);
    insta::assert_snapshot!(refused.stderr, @"
    error: 4 objects of this export are already defined; nothing was written
      `manifests.yaml`: Goal/bought and 3 more
      = help: `campaignctl pull` takes what changed over into these files; or export to a folder outside the project's manifests, or only `--foreign` objects
    ");
    assert!(!project.path().join("account").exists());
    let refused = project
        .run(&["export", "Goal/joined", "--out", ".", "--force"])
        .expect(3);
    insta::assert_snapshot!(refused.stderr, @"
    error: 1 object of this export is already defined; nothing was written
      `manifests.yaml`: Goal/joined
      = help: `campaignctl pull` takes what changed over into these files; or export to a folder outside the project's manifests, or only `--foreign` objects
    ");
    // A folder that the runs of the project do not read is not beside its manifests.
    let outside = tempfile::tempdir().unwrap();
    let elsewhere = outside.path().join("account");
    let elsewhere = elsewhere.to_str().unwrap();
    project.run(&["export", "--out", elsewhere]).expect(0);
    // An export is replaced by a later one, and refused where a file of another name describes the same.
    project
        .run(&["export", "--out", elsewhere, "--force"])
        .expect(0);
    let goals = outside.path().join("account/goals");
    std::fs::rename(goals.join("bought.yaml"), goals.join("mine.yaml")).unwrap();
    let refused = project
        .run(&["export", "--out", elsewhere, "--force"])
        .expect(3);
    assert!(
        refused.stderr.contains("mine.yaml`: Goal/bought"),
        "{}",
        refused.stderr
    );
    assert!(!goals.join("bought.yaml").exists());
}

#[test]
fn an_id_of_another_kind_is_in_no_export_of_one_kind_and_in_no_pull() {
    let project = Project::with(
        "apiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: { name: w }\nspec: { style: { scheme: modern } }\n",
    );
    project.apply();
    let goal =
        json!({ "name": "g", "type": 1, "indicatorType": 0, "indicatorValue": { "url": "/x" } });
    let goal = project.account.post(GOALS, &goal)["id"].clone();
    let window = project.account.item_path(WINDOWS, "w");
    project.account.edit(&window, |row| {
        row["json"]["scheme"] = goal.clone();
    });
    let exported = project
        .run(&["export", "EngagementWindow"])
        .expect(0)
        .stdout;
    assert!(exported.contains("name: w"), "{exported}");
    assert!(!exported.contains(&plain(&goal)), "{exported}");
    // A goal has no open JSON, and yet unknown keys.
    let (window, goal) = (project.account.item(WINDOWS, "w"), plain(&goal));
    let path = project.account.item_path(GOALS, "g");
    let id = plain(&window["id"]);
    project.account.edit(&path, |row| {
        row["zzWindow"] = window["id"].clone();
        row["zzText"] = format!("window-{id}").into();
    });
    let exported = project.run(&["export", "Goal"]).expect(0).stdout;
    assert!(!exported.contains(&format!("zzWindow: {id}")), "{exported}");
    assert!(
        exported.contains("# extra.zzText: its text has an id of this account (EngagementWindow)"),
        "{exported}"
    );
    assert!(
        !exported.contains(&format!("zzWindow: {goal}")),
        "{exported}"
    );
    let pulled = project.run(&["pull"]).stdout;
    assert!(
        pulled.contains("the live value has an id of this account"),
        "{pulled}"
    );
}
