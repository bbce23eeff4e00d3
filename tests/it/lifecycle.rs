//! `lifecycle`: what the program may do with a live object, in a plan and in an apply of it.

use serde_json::{Value, json};

use crate::recorded::Recorded;
use crate::support::{CAMPAIGNS, GOALS, NO_CHANGES, Project};

/// A goal with a lifecycle.
fn goal(name: &str, spec: &str, lifecycle: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: G, {spec} }}\nlifecycle: {{ {lifecycle} }}\n"
    )
}

/// Plans into a file and applies it.
#[track_caller]
fn apply_saved(project: &Project) {
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project.run(&["apply", "plan.json"]).expect(0);
    project.settled();
}

#[test]
fn what_is_only_observed_from_now_on_is_nobodys_to_delete() {
    let project = Project::with(&goal("g", "description: ours", ""));
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    let writes = project.account.writes();
    let observed = goal("g", "description: ours", "mode: observe");
    project.write("manifests.yaml", &observed);
    assert_eq!(project.plan(), NO_CHANGES);
    project.apply();
    assert_eq!(project.account.writes(), writes);
    // It stays bound, so that drift has a name.
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("theirs"));
    insta::assert_snapshot!(project.plan(), @r#"
        leave alone Goal/g "G" (<id>)  manifests.yaml:2
          `lifecycle.mode` is observe: differences are shown, nothing is written
          description: theirs -> ours  (drift)
          1 unchanged field

    No changes. The account matches the manifests.
    "#);
    project.run(&["drift"]).expect(2);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    // And when the manifest goes, the object does not.
    let other = goal("other", "description: o", "").replace("displayName: G", "displayName: Other");
    project.write("manifests.yaml", &other);
    insta::assert_snapshot!(project.plan(), @r#"
      + create Goal/other "Other"  manifests.yaml:2
          displayName: Other
          description: o

      · forget Goal/g "G" (<id>)
          its manifest is gone from manifests.yaml; `lifecycle.mode` was observe, so the live object stays

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to forget.
    "#);
    assert_eq!(project.account.writes(), writes);
    project.apply();
    assert_eq!(project.account.get(&path)["description"], "theirs");
    assert!(!project.ledger().contains("Goal/g"));
}

#[test]
fn what_was_observed_and_is_ours_again_is_healed_and_pruned() {
    let project = Project::with(&goal("g", "description: ours", ""));
    project.apply();
    project.write(
        "manifests.yaml",
        &goal("g", "description: ours", "mode: observe"),
    );
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("theirs"));
    let ours = goal("g", "description: ours", "mode: enforce");
    project.write("manifests.yaml", &ours);
    let plan = project.plan();
    assert!(
        plan.contains("description: theirs -> ours  (drift)"),
        "{plan}"
    );
    project.apply();
    let other = goal("other", "description: o", "").replace("displayName: G", "displayName: Other");
    project.write("manifests.yaml", &other);
    assert!(project.plan().contains("- delete Goal/g"));
}

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, schedule: { timeZone: Europe/Paris } }
";

const ENGAGEMENT: &str = "\
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  type: stickyButton
  language: en-US
  weight: 0.9
  window: { system: true }
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Chat } }
";

#[test]
fn an_engagement_that_was_observed_stays_in_its_campaign() {
    let both = format!("{CAMPAIGN}---\n{ENGAGEMENT}");
    let project = Project::with(&both);
    project.apply();
    project.write(
        "manifests.yaml",
        &format!("{both}lifecycle: {{ mode: observe }}\n"),
    );
    project.apply();
    project.write("manifests.yaml", CAMPAIGN);
    insta::assert_snapshot!(project.plan(), @"
      · forget Engagement/home (<id>)
          its manifest is gone from manifests.yaml; `lifecycle.mode` was observe, so the live object stays

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to forget.
    ");
    let before = project.account.item(CAMPAIGNS, "Sale");
    project.apply();
    let after = project.account.item(CAMPAIGNS, "Sale");
    assert_eq!(after["engagementIds"], before["engagementIds"]);
    assert_eq!(after["engagementIds"].as_array().unwrap().len(), 1);
    // The campaign itself does not go while somebody else's engagement is in it.
    project.write("manifests.yaml", &goal("g", "description: d", ""));
    let run = project.run(&["plan"]).expect(6);
    assert!(
        run.stdout
            .contains("blocked[foreign-children]: Campaign/sale"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_created_only_has_the_cause_of_its_differences_right_later() {
    let project = Project::with(&goal("g", "description: first", "mode: createOnly"));
    project.apply();
    // An edit of the manifest is not applied, and the ledger does not say that it was.
    project.write(
        "manifests.yaml",
        &goal("g", "description: second", "mode: createOnly"),
    );
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    project.write("manifests.yaml", &goal("g", "description: second", ""));
    let plan = project.plan();
    assert!(
        plan.contains("description: first -> second  (edit)"),
        "{plan}"
    );
}

#[test]
fn a_saved_plan_leaves_ignored_fields_alone() {
    let manifest = |text: &str, url: &str| {
        let spec = format!("description: {text}, indicator: {{ url: {url} }}");
        goal("g", &spec, "ignoreChanges: [/spec/description]")
    };
    let project = Project::with(&manifest("first", "/a"));
    apply_saved(&project);
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("by hand"));
    project.write("manifests.yaml", &manifest("second", "/b"));
    apply_saved(&project);
    let goal = project.account.get(&path);
    assert_eq!(
        (&goal["description"], &goal["indicatorValue"]["url"]),
        (&json!("by hand"), &json!("/b"))
    );
}

#[test]
fn a_saved_plan_renames_with_one_update_and_never_deletes_what_is_protected() {
    let project = Project::with(&goal("old", "description: d", "protect: true"));
    apply_saved(&project);
    let id = project.account.row(GOALS, "G").unwrap()["id"].clone();
    let writes = project.account.writes();
    let renamed = goal("new", "description: e", "protect: true, previousName: old");
    project.write(
        "manifests.yaml",
        &renamed.replace("displayName: G", "displayName: H"),
    );
    apply_saved(&project);
    assert_eq!(project.account.writes(), writes + 1, "one update");
    assert_eq!(project.account.row(GOALS, "H").unwrap()["id"], id);
    project.write("manifests.yaml", &goal("other", "description: o", ""));
    project.run(&["plan", "--out", "plan.json"]).expect(6);
    let run = project
        .run(&["apply", "plan.json", "--allow-mass-delete"])
        .expect(6);
    assert!(
        run.stdout.contains("blocked[protected-object]"),
        "{}",
        run.stdout
    );
    assert_eq!(project.account.row(GOALS, "H").unwrap()["id"], id);
}

#[test]
fn a_dropped_field_goes_back_to_what_follows_from_the_others_once() {
    let recorded = Recorded::new(Project::with(&format!("{CAMPAIGN}---\n{ENGAGEMENT}")));
    let project = &recorded.project;
    project.apply();
    let without = ENGAGEMENT.replace("  weight: 0.9\n", "");
    project.write("manifests.yaml", &format!("{CAMPAIGN}---\n{without}"));
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/home (<id>)  manifests.yaml:6
          weight: 0.9 -> 0.5  (edit)
          10 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.apply();
    // The account does not show it.
    let sent = recorded.bodies("/engagements/");
    assert_eq!(sent.last().unwrap()["weight"], 0.5);
    project.settled();
}

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

/// A project whose goal was applied as `old`, its id, and the writes so far.
fn applied_as_old(lifecycle: &str) -> (Project, Value, u64) {
    let project = Project::with(&goal("old", "description: d", lifecycle));
    project.apply();
    let id = project.account.row(GOALS, "G").unwrap()["id"].clone();
    let writes = project.account.writes();
    (project, id, writes)
}

#[test]
fn another_name_of_a_manifest_is_one_update_and_no_write() {
    let (project, id, writes) = applied_as_old("");
    let renamed = goal("new", "description: d", "previousName: old");
    project.write("manifests.yaml", &renamed);
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/new "G" (<id>)  manifests.yaml:2
          metadata.name: old -> new  (edit)
          2 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    let run = project.run(&["plan", "--detailed-exitcode", "--format", "markdown"]);
    insta::assert_snapshot!(run.expect(2).stdout, @"
    <!-- campaignctl:plan:test -->
    ### Plan for `test` (account 10000001)

    **Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.**

    #### Update (1)

    <details><summary><code>Goal/new</code> “<code>G</code>”: 1 field</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `metadata.name` | `old` | `new` | edit |

    </details>
    ");
    project
        .run(&["plan", "--out", "plan.json", "--detailed-exitcode"])
        .expect(2);
    let plan: Value = serde_json::from_str(&read(&project, "plan.json")).unwrap();
    let told = json!([plan["summary"], plan["changes"][0]["fields"], plan["steps"]]);
    insta::assert_snapshot!(told, @r#"[{"create":0,"update":1,"replace":0,"delete":0,"adopt":0,"manual":0,"unchanged":0},[{"pointer":"/metadata/name","before":"old","after":"new","last":"old","cause":"edit","source":{"file":"manifests.yaml","line":4,"column":19}}],[{"key":"Goal/new","change":0,"verb":"rename","after":[]}]]"#);
    let run = project.run(&["apply", "plan.json"]).expect(0);
    insta::assert_snapshot!(run.stdout, @r#"
      ~ update Goal/new "G" (4100000101)  manifests.yaml:2
          metadata.name: old -> new  (edit)
          2 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    Applied: 1 done, 0 failed, 0 skipped, 0 manual.
    "#);
    assert_eq!(
        project.account.writes(),
        writes,
        "the account does not know the name"
    );
    let ledger = project.ledger();
    assert!(
        ledger.contains("Goal/new") && !ledger.contains("Goal/old"),
        "{ledger}"
    );
    assert!(ledger.contains(&id.to_string()), "{ledger}");
    let rollback = read(&project, ".campaignctl/ledger/test.rollback.plan.json");
    project.write("rollback.json", &rollback);
    project.settled();
    // The name that it had before may stay in the manifest or go.
    project.write("manifests.yaml", &goal("new", "description: d", ""));
    project.settled();
    assert_eq!(project.account.writes(), writes);
    // Taking it back is a rename, too.
    project.run(&["apply", "rollback.json"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    assert!(project.ledger().contains("Goal/old"));
}

#[test]
fn both_names_at_once_are_one_update() {
    let (project, id, writes) = applied_as_old("");
    let display = goal("old", "description: d", "").replace("displayName: G", "displayName: H");
    project.write("manifests.yaml", &display);
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/old "H" (<id>)  manifests.yaml:2
          displayName: G -> H  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    let both = goal("new", "description: d", "previousName: old");
    let both = both.replace("displayName: G", "displayName: H");
    project.write("manifests.yaml", &both);
    insta::assert_snapshot!(project.plan(), @r#"
      ~ update Goal/new "H" (<id>)  manifests.yaml:2
          metadata.name: old -> new  (edit)
          displayName: G -> H  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
    apply_saved(&project);
    assert_eq!(project.account.writes(), writes + 1);
    assert_eq!(project.account.row(GOALS, "H").unwrap()["id"], id);
    assert!(!project.ledger().contains("Goal/old"));
}

#[test]
fn a_rename_of_what_is_left_to_people_moves_the_ledger_alone() {
    for mode in ["createOnly", "observe"] {
        let (project, id, writes) = applied_as_old("");
        let lifecycle = format!("mode: {mode}, previousName: old");
        project.write("manifests.yaml", &goal("new", "description: e", &lifecycle));
        let plan = project.plan();
        assert!(plan.contains("metadata.name: old -> new  (edit)"), "{plan}");
        assert!(plan.contains("1 to update"), "{plan}");
        project.run(&["plan", "--out", "plan.json"]).expect(0);
        project.run(&["apply", "plan.json"]).expect(0);
        assert_eq!(project.account.writes(), writes, "{mode}");
        assert!(project.ledger().contains("Goal/new"));
        let plan = project.plan();
        assert!(plan.contains("leave alone Goal/new"), "{plan}");
        assert!(plan.contains("description: d -> e  (edit)"), "{plan}");
        assert_eq!(project.account.row(GOALS, "G").unwrap()["id"], id);
    }
}

#[test]
fn a_rename_whose_object_or_record_is_gone_says_so() {
    let (project, ..) = applied_as_old("");
    let renamed = goal("new", "description: d", "previousName: odl");
    let renamed = renamed.replace("displayName: G", "displayName: H");
    project.write("manifests.yaml", &renamed);
    insta::assert_snapshot!(project.plan(), @r#"
      - delete Goal/old "G" (<id>)
          its manifest is gone from manifests.yaml

      + create Goal/new "H"  manifests.yaml:2
          the ledger binds no Goal/odl that it could rename
          displayName: H
          description: d

    Plan: 1 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
    // A plan of a rename is stale when the ledger has moved since.
    let renamed = goal("new", "description: d", "previousName: old");
    project.write("manifests.yaml", &renamed);
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project.apply();
    let run = project.run(&["apply", "plan.json"]).expect(7);
    assert!(
        run.stderr.contains("Goal/new: the ledger binds it to"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_previous_name_that_is_still_a_manifests_is_refused() {
    let (project, _, writes) = applied_as_old("");
    let both = [
        goal("old", "description: d", ""),
        goal("new", "description: d", "previousName: old").replace("G,", "H,"),
        goal("self", "description: d", "previousName: self").replace("G,", "I,"),
        goal("one", "description: d", "previousName: gone").replace("G,", "J,"),
        goal("two", "description: d", "previousName: gone").replace("G,", "K,"),
        goal("three", "description: d", "previousName: No Name").replace("G,", "L,"),
    ];
    project.write("manifests.yaml", &both.concat());
    let run = project.run(&["apply", "--auto-approve"]).expect(3);
    insta::assert_snapshot!(run.stderr, @"
    error[previous-name-taken]: Goal/old still exists, so Goal/new is not a rename of it
      --> manifests.yaml:12:28
       |
     4 | metadata: { name: old }
       |                   --- the manifest of that name
    ...
    12 | lifecycle: { previousName: old }
       |                            ^^^
       |
       = help: remove the old manifest, or remove `previousName` if this is another object or was renamed before

    error[previous-name-taken]: `self` is the name that the manifest has
      --> manifests.yaml:18:28
       |
    18 | lifecycle: { previousName: self }
       |                            ^^^^
       |
       = help: write the name that it had before, or remove `previousName`

    error[previous-name-taken]: Goal/one was called Goal/gone before, too
      --> manifests.yaml:30:28
       |
    24 | lifecycle: { previousName: gone }
       |                            ---- the other one
    ...
    30 | lifecycle: { previousName: gone }
       |                            ^^^^
       |
       = help: remove `previousName` from the one that is another object

    error[invalid-value]: `No Name` is not a name: use lower-case letters, digits, `-` and `.`, at most 63 of them, starting and ending with a letter or digit
      --> manifests.yaml:36:28
       |
    36 | lifecycle: { previousName: No Name }
       |                            ^^^^^^^
       |
       = help: write the `metadata.name` that the manifest had before

    4 errors in 1 file
    error: the manifests have errors
      = help: for more, run `campaignctl explain previous-name-taken`
    ");
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn a_rename_of_both_names_is_told_with_its_remedy() {
    let project = Project::new();
    let bought = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec: { displayName: Bought, indicator: { url: /thanks } }\n";
    let read = bought
        .replace("bought", "read")
        .replace("Bought", "Read")
        .replace("/thanks", "/news");
    project.write("goals.yaml", &format!("{bought}---\n{read}"));
    project.apply();
    let renamed = bought
        .replace("bought", "purchase")
        .replace("Bought", "A purchase");
    project.write("goals.yaml", &format!("{renamed}---\n{read}"));
    let warned = project.run(&["plan"]).expect(0).stderr;
    insta::assert_snapshot!(warned, @"
    Plan for test, account 10000001
    warning[rename-unsaid]: Goal/bought is deleted and a similar Goal/purchase is created
     --> goals.yaml:3:19
      |
    3 | metadata: { name: purchase }
      |                   ^^^^^^^^
      |
      = help: if it was renamed, keep the live object: `lifecycle: { previousName: bought }`

    1 warning in 1 file
    ");
    project.write(
        "goals.yaml",
        &format!("{renamed}lifecycle: {{ previousName: bought }}\n---\n{read}"),
    );
    assert!(
        !project
            .run(&["plan"])
            .expect(0)
            .stderr
            .contains("rename-unsaid")
    );
    // Another goal in another file is another goal.
    project.write("goals.yaml", &read);
    project.write(
        "other.yaml",
        &bought
            .replace("bought", "asked")
            .replace("Bought", "Asked")
            .replace("/thanks", "/ask"),
    );
    assert!(
        !project
            .run(&["plan"])
            .expect(0)
            .stderr
            .contains("rename-unsaid")
    );
}

#[test]
fn what_followed_from_a_format_goes_with_it_unless_people_changed_it() {
    let web = |name: &str, format: &str| {
        let text = format!("{ENGAGEMENT}---\n").replace("home", name);
        let lines = text.lines().filter(|line| !line.contains("weight"));
        let lines = lines.map(|line| {
            if line.trim_start().starts_with("type:") {
                format!("  {format}\n")
            } else {
                format!("{line}\n")
            }
        });
        lines.collect::<String>()
    };
    let manifests = |sticky: &str, first: &str, second: &str| {
        format!(
            "{CAMPAIGN}---\n{}{}{}",
            web("sticky", sticky),
            web("first", first),
            web("second", second)
        )
    };
    let before = manifests(
        "type: stickyButton\n  subType: floatingStickyButton",
        "type: overlay",
        "type: overlay",
    );
    let project = Project::with(&before);
    project.apply();
    let second = project
        .account
        .item_path(&project.account.engagements("Sale"), "second");
    project.account.edit(&second, |body| {
        body["effects"]["secondsToCollapse"] = json!(5);
    });
    let after = manifests("type: stickyButton", "type: embedded", "type: embedded");
    project.write("manifests.yaml", &after);
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/first (<id>)  manifests.yaml:19
          type: overlay -> embedded  (edit)
          effects:  (edit)
            - lightBox: true
            - secondsToCollapse: 0
          followMePages: 9 -> 1  (edit)
          position:  (edit)
            - left: 0
            - top: 0
            - type: overlay
          subType: overlay -> (none)  (edit)
          9 unchanged fields

      ~ update Engagement/second (<id>)  manifests.yaml:32
          type: overlay -> embedded  (edit)
          followMePages: 9 -> 1  (edit)
          position:  (edit)
            - left: 0
            - top: 0
            - type: overlay
          subType: overlay -> (none)  (edit)
          9 unchanged fields

      ~ update Engagement/sticky (<id>)  manifests.yaml:6
          subType: floatingStickyButton -> stickyButton  (edit)
          position: { type: floating } -> (none)  (edit)
          10 unchanged fields

    Plan: 0 to create, 3 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.apply();
    project.settled();
}

/// An engagement that changed its format is the same as one that was made in it.
#[test]
fn every_format_becomes_every_other_as_if_it_had_been_made_so() {
    const FORMATS: [&str; 6] = [
        "type: overlay",
        "type: stickyButton",
        "type: stickyButton\n  subType: floatingStickyButton",
        "type: embedded",
        "type: toaster",
        "type: slideOut",
    ];
    let web = |name: &str, format: &str| {
        let text = format!("{ENGAGEMENT}---\n").replace("home", name);
        let lines = text.lines().filter(|line| !line.contains("weight"));
        let lines = lines.map(|line| {
            if line.trim_start().starts_with("type:") {
                format!("  {format}\n")
            } else {
                format!("{line}\n")
            }
        });
        lines.collect::<String>()
    };
    let manifests = |shift: usize| {
        let engagements = (0..FORMATS.len() * FORMATS.len()).map(|pair| {
            let (from, to) = (pair / FORMATS.len(), pair % FORMATS.len());
            let format = if shift == 0 { from } else { to };
            web(&format!("e{from}-{to}"), FORMATS[format])
        });
        format!("{CAMPAIGN}---\n{}", engagements.collect::<String>())
    };
    let project = Project::with(&manifests(0));
    project.apply();
    project.write("manifests.yaml", &manifests(1));
    let apply = ["apply", "--auto-approve", "--allow-mass-update"];
    project.run(&apply).expect(0);
    project.settled();
    let looks = |name: &str| {
        let path = project
            .account
            .item_path(&project.account.engagements("Sale"), name);
        let body = project.account.get(&path);
        let keys = [
            "type",
            "subType",
            "position",
            "effects",
            "followMePages",
            "weight",
            "renderingType",
        ];
        keys.map(|key| (key, body[key].clone()))
    };
    for (to, format) in FORMATS.iter().enumerate() {
        let fresh = looks(&format!("e{to}-{to}"));
        for (from, before) in FORMATS.iter().enumerate() {
            let changed = looks(&format!("e{from}-{to}"));
            assert_eq!(changed, fresh, "{before} became {format}");
        }
    }
}
