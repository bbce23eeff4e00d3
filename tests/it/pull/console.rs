//! Objects that people made, renamed and deleted in the console.

use serde_json::json;

use super::retail::{care, retail};
use crate::support::{Account, GOALS, NO_CHANGES, Project, without_ids};

const GOAL: &str = "\
# Goals of the shop.
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec:
  displayName: Something bought # as the board reads it
  indicator: { url: /thanks }
";

const AUDIENCE: &str = "\
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: everybody }
spec: { displayName: Everybody here, conditions: [{ type: all }] }
";

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: thanks }
spec: { displayName: Thanks, state: unpublished, goal: bought, targetAudiences: [everybody] }
";

fn applied() -> Project {
    let project = Project::new();
    project.write("goals/shop.yaml", GOAL);
    project.apply();
    project
}

fn new_goal(project: &Project, name: &str) {
    let indicator = json!({ "url": "/x", "matchType": 0, "reachedCounter": 1 });
    let body = json!({ "name": name, "type": 2, "indicatorType": 0, "indicatorValue": indicator });
    project.account.post(GOALS, &body);
}

#[test]
fn a_new_object_gets_a_manifest_beside_its_kind_when_it_is_named() {
    let project = applied();
    new_goal(&project, "Spring: sign-up");
    let told = project.run(&["pull"]).expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @r#"
    Without a manifest: Goal/spring-sign-up "Spring: sign-up". Name them, or give `--foreign`, to make manifests.
    Nothing to pull.
    "#);
    for name in ["Goal/spring-sign-up", "Goal/Spring: sign-up"] {
        let told = project.run(&["pull", name]).expect(0).stdout;
        assert!(told.contains("+++ b/goals/spring-sign-up.yaml"), "{told}");
    }
    project
        .run(&["pull", "Goal/spring-sign-up", "--write"])
        .expect(0);
    let text = std::fs::read_to_string(project.path().join("goals/spring-sign-up.yaml")).unwrap();
    insta::assert_snapshot!(text, @r#"
    apiVersion: campaignctl.dev/v1
    kind: Goal
    metadata:
      name: spring-sign-up
    spec:
      displayName: "Spring: sign-up"
      description: null
      type: lead
      indicator:
        url: /x
        match: 0
        count: 1
    "#);
    let plan = project.plan();
    assert!(plan.contains("→ adopt Goal/spring-sign-up"), "{plan}");
    assert!(
        plan.contains("0 to update, 0 to replace, 0 to delete, 1 to adopt"),
        "{plan}"
    );
    project.apply();
}

#[test]
fn a_manifest_that_is_gone_is_made_again_while_others_refer_to_it() {
    let project = Project::new();
    project.write("goals/shop.yaml", GOAL);
    project.write("audience.yaml", AUDIENCE);
    project.write("campaign.yaml", CAMPAIGN);
    project.apply();
    project.remove("goals/shop.yaml");
    let told = project.run(&["pull"]).expect(3).stderr;
    assert!(
        told.contains("no Goal manifest is named `bought`"),
        "{told}"
    );
    let told = project
        .run(&["pull", "Goal/bought", "--write"])
        .expect(0)
        .stdout;
    assert!(told.contains("1 new manifest; 0 left"), "{told}");
    assert_eq!(project.plan(), NO_CHANGES);

    project.remove("goals/bought.yaml");
    project.remove("audience.yaml");
    let run = project.run(&["pull", "Goal/bought", "Campaign"]).expect(3);
    insta::assert_snapshot!(run.stderr, @"
    error[unknown-reference]: no TargetAudience manifest is named `everybody`
     --> campaign.yaml:4:82
      |
    4 | spec: { displayName: Thanks, state: unpublished, goal: bought, targetAudiences: [everybody] }
      |                                                                                  ^^^^^^^^^
      |
      = help: name `TargetAudience/everybody` as well to make its manifest from the account

    1 error in 1 file
    error: the manifests have errors
      = help: for more, run `campaignctl explain unknown-reference`
    ");
    let both = ["pull", "Goal/bought", "TargetAudience/everybody", "--write"];
    project.run(&both).expect(0);
    assert_eq!(project.plan(), NO_CHANGES);
}

/// Who takes over a kind does not have to take what others made of it for themselves.
#[test]
fn a_kind_is_taken_over_without_what_is_left_out() {
    let project = applied();
    new_goal(&project, "Ours to be");
    new_goal(&project, "Agency test");
    let all = project.run(&["pull", "Goal"]).expect(0);
    assert!(
        all.stderr.contains("note: made in the console, and selected by their kind: Goal/agency-test, Goal/ours-to-be. `--exclude Goal/agency-test` leaves one out"),
        "{}",
        all.stderr
    );
    let id = project.account.row(GOALS, "Agency test").unwrap()["id"].to_string();
    for excluded in ["Goal/agency-test", &format!("Goal/{id}")] {
        for asked in ["Goal", "--foreign"] {
            let pull = ["pull", asked, "--exclude", excluded];
            let told = project.run(&pull).expect(0).stdout;
            assert!(told.contains("b/goals/ours-to-be.yaml"), "{told}");
            assert!(!told.contains("agency-test"), "{told}");
        }
        let named = ["pull", "Goal/agency-test", "--exclude", excluded];
        let told = project.run(&named).expect(0).stdout;
        assert!(told.ends_with("Nothing to pull.\n"), "{told}");
        let drift = project.run(&["pull", "--exclude", excluded]).expect(0);
        assert!(!drift.stdout.contains("agency-test"), "{}", drift.stdout);
    }
    let unknown = ["pull", "Goal", "--exclude", "Goal/agency-tset"];
    insta::assert_snapshot!(project.run(&unknown).expect(3).stderr, @"
    error: `--exclude Goal/agency-tset`: no Goal named `agency-tset` in the manifests or in the account
      = help: did you mean `agency-test`?
    ");
    // What has no manifest has no label, and nothing of it changed in git.
    let labelled = GOAL.replace("name: bought }", "name: bought, labels: { team: shop } }");
    project.write("goals/shop.yaml", &labelled);
    let told = project.run(&["pull", "Goal", "-l", "team=shop"]).expect(0);
    assert!(!told.stdout.contains("+++"), "{}", told.stdout);
    let write = ["pull", "Goal", "--exclude", "Goal/agency-test", "--write"];
    project.run(&write).expect(0);
    assert!(!project.path().join("goals/agency-test.yaml").exists());
    let plan = project.plan();
    assert!(plan.contains("adopt Goal/ours-to-be"), "{plan}");
    assert!(!plan.contains("agency"), "{plan}");
}

/// What is left out stays out, whatever would bring it along, and what refers to it keeps it by its live name.
#[test]
fn what_is_left_out_is_not_brought_along_either() {
    let project = care();
    let pilot = "Campaign/gift-cards-pilot";
    let pull = ["pull", pilot, "--with-references"];
    let with = project.run(&pull).expect(0).stdout;
    let new: Vec<&str> = with
        .lines()
        .filter_map(|line| line.strip_prefix("+++ b/"))
        .collect();
    assert!(with.contains("gift-card-sold-pilot"), "{new:?}");
    let without = [&pull[..], &["--exclude", "Goal/gift-card-sold-pilot"]].concat();
    let without = project.run(&without).expect(0).stdout;
    assert!(!without.contains("gift-card-sold-pilot"), "{without}");
    assert!(
        without.contains("live: Gift card sold (pilot)"),
        "{without}"
    );
    let button = ["pull", pilot, "--exclude", "Engagement/gift-card-button"];
    let button = project.run(&button).expect(0).stdout;
    assert!(!button.contains("kind: Engagement"), "{button}");
}

/// What lies inside a campaign goes with its file, and comes back with it.
#[test]
fn a_campaign_whose_file_is_gone_comes_back_with_its_engagements() {
    let engagement = "\
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: hello }
spec: { campaign: thanks, type: stickyButton, language: en-US, window: { system: true }, behaviors: [{ system: true }], entryPoints: [{ system: true }] }
";
    let project = Project::new();
    project.write("goals/shop.yaml", GOAL);
    project.write("audience.yaml", AUDIENCE);
    project.write(
        "other.yaml",
        &GOAL
            .replace("bought", "read")
            .replace("Something bought", "Read"),
    );
    let with = |campaign: &str| project.write("campaign.yaml", campaign);
    with(&format!("{CAMPAIGN}{engagement}"));
    project.apply();
    project.remove("campaign.yaml");
    let told = project
        .run(&["pull", "Campaign/thanks", "--write"])
        .expect(0)
        .stdout;
    assert!(told.contains("2 new manifests; 0 left"), "{told}");
    assert_eq!(project.plan(), NO_CHANGES);
    // A kind is all of its objects; what they refer to comes on request.
    for path in ["campaigns/thanks.yaml", "goals/shop.yaml", "audience.yaml"] {
        project.remove(path);
    }
    let told = project
        .run(&["pull", "Campaign", "--with-references", "--write"])
        .expect(0)
        .stdout;
    assert!(told.contains("4 new manifests; 0 left"), "{told}");
    assert_eq!(project.plan(), NO_CHANGES);
}

/// What the ledger knows of a manifest comes back with it: who protects an object does not lose that with the file.
#[test]
fn a_manifest_that_is_made_again_is_protected_as_before() {
    let project = Project::new();
    let protected = GOAL.replace("spec:", "lifecycle: { protect: true }\nspec:");
    project.write("goals/shop.yaml", &protected);
    let seen = |mode: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: seen }}\nlifecycle: {{ mode: {mode} }}\nspec: {{ displayName: Seen, indicator: {{ url: /x }} }}\n"
        )
    };
    project.write("goals/seen.yaml", &seen("enforce"));
    let means = AUDIENCE.replace(
        "[{ type: all }]",
        "[{ type: 7, means: { referral: { contains: shop.example } } }]",
    );
    project.write("audience.yaml", &means);
    project.write(
        "kept.yaml",
        &AUDIENCE
            .replace("everybody", "kept")
            .replace("Everybody here", "Kept"),
    );
    project.apply();
    project.write("goals/seen.yaml", &seen("observe"));
    project.apply();
    for file in ["goals/shop.yaml", "goals/seen.yaml", "audience.yaml"] {
        project.remove(file);
    }
    let pull = [
        "pull",
        "Goal/bought",
        "Goal/seen",
        "TargetAudience/everybody",
    ];
    let dry = project.run(&pull).expect(0);
    let told = "note: labels, annotations, comments and variables of a manifest that is made again are not known here: take them from the history of its file\n";
    assert!(dry.stderr.contains(told), "{}", dry.stderr);
    project.run(&[&pull[..], &["--write"]].concat()).expect(0);
    let read = |file: &str| std::fs::read_to_string(project.path().join(file)).unwrap();
    let again = read("goals/bought.yaml");
    assert!(again.contains("lifecycle:\n  protect: true\n"), "{again}");
    let again = read("goals/seen.yaml");
    assert!(again.contains("lifecycle:\n  mode: observe\n"), "{again}");
    assert_eq!(project.plan(), NO_CHANGES);
    // A manifest of what a colleague made has never been one.
    new_goal(&project, "Other");
    let other = project.run(&["pull", "Goal/other"]).expect(0);
    assert!(!other.stderr.contains("made again"), "{}", other.stderr);
}

#[test]
fn names_that_mean_nothing_or_too_much_are_told() {
    let project = applied();
    new_goal(&project, "Twin");
    new_goal(&project, "Twin");
    let told = |name: &str| {
        let run = project.run(&["pull", name]).expect(3);
        without_ids(run.stderr.trim())
    };
    insta::assert_snapshot!(told("Goal/bougth"), @"
    error: no Goal named `bougth` in the manifests or in the account
      = help: did you mean `bought`?
    ");
    insta::assert_snapshot!(told("Goal/Twin"), @"
    error: 2 objects are Goal/Twin
      = help: name one by its id: `Goal/<id>`, `Goal/<id>`
    ");
    insta::assert_snapshot!(told("Goal/Interact with visitors"), @"
    error: Goal/Interact with visitors is the vendor's own object: it gets no manifest
      = help: refer to it with `{ system: true }`
    ");
    insta::assert_snapshot!(told("goal/bought"), @"
    error: `goal/bought` is neither an object nor a path
      = help: did you mean `Goal`?
    ");
    insta::assert_snapshot!(told("nowhere"), @"
    error: `nowhere` is neither an object nor a path
      = help: write an object as `Goal/newsletter-joined`, or name a file or folder
    ");
    insta::assert_snapshot!(told("EngagementTemplate/brand"), @"
    error: EngagementTemplate/brand is only in the files: the account holds none
      = help: name an object of the account
    ");
    insta::assert_snapshot!(told("-"), @"
    error: standard input cannot be pulled into
      = help: name files or folders
    ");
}

#[test]
fn a_campaign_comes_with_its_engagements_and_on_request_with_what_it_refers_to() {
    let project = retail();
    let pilot = ["pull", "Campaign/gift-cards-pilot"];
    let told = project.run(&pilot).expect(0).stdout;
    let heads: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("  + "))
        .collect();
    insta::assert_snapshot!(without_ids(&heads.join("\n")), @r#"
    + Campaign/gift-cards-pilot "Gift cards (pilot)" (<id>)  campaigns/gift-cards-pilot.yaml (new)
    + Engagement/gift-card-button "Gift card button" (<id>)  campaigns/gift-cards-pilot.yaml (new)
    "#);
    let told = project.run(&[
        "pull",
        "Campaign/gift-cards-pilot",
        "--with-references",
        "--write",
    ]);
    let told = told.expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @r#"
      + Goal/gift-card-sold-pilot "Gift card sold (pilot)" (<id>)  goals/gift-card-sold-pilot.yaml (new)
      + EngagementWindow/gift-card-window "Gift card window" (<id>)  windows/gift-card-window.yaml (new)
      + EntryPoint/gift-card-pages "Gift card pages" (<id>)  entry-points/gift-card-pages.yaml (new)
      + Campaign/gift-cards-pilot "Gift cards (pilot)" (<id>)  campaigns/gift-cards-pilot.yaml (new)
      + Engagement/gift-card-button "Gift card button" (<id>)  campaigns/gift-cards-pilot.yaml (new)

    Pull: 0 fields, 5 new manifests; 0 left. 4 files written.
    "#);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("0 to create, 0 to update, 0 to replace, 0 to delete"),
        "{plan}"
    );
    project.run(&["validate", "--strict"]).expect(0);
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
}

#[test]
fn every_foreign_object_comes_on_request() {
    let project = care();
    project.run(&["pull", "--foreign", "--write"]).expect(0);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("0 to create, 0 to update, 0 to replace, 0 to delete"),
        "{plan}"
    );
    let told = project.run(&["pull", "--foreign"]).expect(0).stdout;
    assert_eq!(told, "Nothing to pull.\n");
}

#[test]
fn a_rename_in_the_console_is_the_display_name() {
    let project = Project::with(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  # where\n  indicator: { url: /thanks }\n",
    );
    project.apply();
    let path = project.account.item_path(GOALS, "bought");
    project
        .account
        .edit(&path, |body| body["name"] = json!("Sold"));
    project.run(&["pull", "--write"]).expect(0);
    let text = std::fs::read_to_string(project.path().join("manifests.yaml")).unwrap();
    insta::assert_snapshot!(text, @"
    apiVersion: campaignctl.dev/v1
    kind: Goal
    metadata: { name: bought }
    spec:
      displayName: Sold
      # where
      indicator: { url: /thanks }
    ");
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn what_was_deleted_in_the_console_is_told_and_left() {
    let project = applied();
    let path = project.account.item_path(GOALS, "Something bought");
    project.account.delete(&path);
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ! Goal/bought  goals/shop.yaml:2
            the account no longer holds it
            help: remove it from `goals/shop.yaml`; `apply` would create it again

    Pull: 0 fields, 0 new manifests; 1 left. No file changes.
    ");
    let text = std::fs::read_to_string(project.path().join("goals/shop.yaml")).unwrap();
    assert_eq!(text, GOAL);
}

#[test]
fn a_manifest_that_is_gone_comes_back_when_its_object_is_named() {
    let project = applied();
    new_goal(&project, "Other");
    project.write(
        "goals/more.yaml",
        &GOAL
            .replace("bought", "sold")
            .replace("Something sold", "Sold"),
    );
    project.apply();
    project.remove("goals/more.yaml");
    let told = project.run(&["pull"]).expect(0).stdout;
    assert!(!told.contains("sold"), "{told}");
    project.run(&["pull", "Goal/sold", "--write"]).expect(0);
    assert_eq!(project.plan(), NO_CHANGES);
    let told = project
        .run(&["pull", "goals/shop.yaml", "Goal/sold"])
        .expect(3)
        .stderr;
    insta::assert_snapshot!(without_ids(told.trim()), @"
    error: the manifest of Goal/sold is in `goals/sold.yaml`, outside of the given paths
      = help: leave the paths out, or name the object without them
    ");
}

#[test]
fn a_file_that_changes_meanwhile_or_exists_is_not_written_over() {
    let project = applied();
    new_goal(&project, "Spring");
    project.write("goals/spring.yml.txt", "");
    let told = project.run(&["pull", "Goal/spring", "--write"]).expect(0);
    assert!(told.stdout.contains("1 file written"), "{}", told.stdout);
    // The name of a file is that of the manifest, unless another one has it.
    new_goal(&project, "Shop");
    let told = project
        .run(&["pull", "Goal/shop", "--write"])
        .expect(0)
        .stdout;
    assert!(told.contains("goals/shop-goal.yaml (new)"), "{told}");
    let _: &Account = &project.account;
}
