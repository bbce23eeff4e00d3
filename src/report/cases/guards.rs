//! What a plan is held back by.

use insta::assert_snapshot;

use super::{Case, check};
use crate::plan::Overrides;

/// So many goals.
fn goals(numbers: std::ops::Range<usize>, description: &str) -> String {
    let one = |number| {
        format!("Goal/g{number} {{ displayName: Goal {number}, description: {description} }}\n")
    };
    numbers.map(one).collect()
}

/// The part of a plan below its changes.
fn verdict(text: &str) -> String {
    let is_above = |line: &&str| {
        let below = ["blocked", "allowed", "Plan:"];
        !below.iter().any(|word| line.starts_with(word))
    };
    let lines = text.lines().skip_while(is_above);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn many_deletes_need_a_flag() {
    let all = goals(0..10, "x");
    assert_snapshot!(verdict(&check(&goals(0..6, "x"), &all, &all)), @r"
    blocked[mass-delete]: the plan would delete 4 of 10 owned Goal objects, more than 30 %
      = Goal/g6, Goal/g7, Goal/g8, Goal/g9
      = help: add `--allow-mass-delete` if that is intended

    Plan: 0 to create, 0 to update, 0 to replace, 4 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn some_deletes_need_none() {
    let all = goals(0..10, "x");
    assert_snapshot!(verdict(&check(&goals(0..7, "x"), &all, &all)), @"Plan: 0 to create, 0 to update, 0 to replace, 3 to delete, 0 to adopt, 0 manual.");
}

#[test]
fn few_owned_objects_have_no_limit() {
    let all = goals(0..9, "x");
    assert_snapshot!(verdict(&check(&goals(0..1, "x"), &all, &all)), @"Plan: 0 to create, 0 to update, 0 to replace, 8 to delete, 0 to adopt, 0 manual.");
}

#[test]
fn many_updates_need_a_flag() {
    let all = goals(0..10, "x");
    assert_snapshot!(verdict(&check(&goals(0..10, "z"), &all, &all)), @r"
    blocked[mass-update]: the plan would update 10 of 10 owned Goal objects, more than 30 %
      = Goal/g0, Goal/g1, Goal/g2, Goal/g3, Goal/g4, Goal/g5, Goal/g6, Goal/g7, Goal/g8, Goal/g9
      = help: add `--allow-mass-update` if that is intended

    Plan: 0 to create, 10 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn a_flag_is_said_to_be_set() {
    let all = goals(0..10, "x");
    let overrides = Overrides::of(&["--allow-mass-delete"]);
    let case = Case {
        manifests: "Goal/g0 { displayName: Goal 0, description: x }",
        account: &all,
        ledger: &all,
        overrides,
        ..Case::default()
    };
    assert_snapshot!(verdict(&case.text()), @r"
    allowed[mass-delete]: the plan would delete 9 of 10 owned Goal objects, more than 30 %
      = Goal/g1, Goal/g2, Goal/g3, Goal/g4, Goal/g5, Goal/g6, Goal/g7, Goal/g8, Goal/g9
      = `--allow-mass-delete` is given

    Plan: 0 to create, 0 to update, 0 to replace, 9 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn a_protected_object_is_not_deleted() {
    let goal = "Goal/paid { displayName: Paid } | protect: true";
    assert_snapshot!(check("Goal/other { displayName: Other }", goal, goal), @r#"
    warning[rename-unsaid]: Goal/paid is deleted and a similar Goal/other is created
      - delete Goal/paid "Paid" (101)
          its manifest is gone from all.yaml

      + create Goal/other "Other"  all.yaml:2
          displayName: Other

    blocked[protected-object]: Goal/paid is protected, and the plan would delete it
      = help: put the manifest back, or apply it once with `lifecycle.protect: false` first

    Plan: 1 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_a_console_campaign_uses_is_not_deleted() {
    let goal = "Goal/paid { displayName: Paid }";
    let account = format!("{goal}\nCampaign/theirs {{ displayName: Theirs, goal: paid }}");
    assert_snapshot!(check("Goal/other { displayName: Other }", &account, goal), @r#"
    warning[rename-unsaid]: Goal/paid is deleted and a similar Goal/other is created
      - delete Goal/paid "Paid" (101)
          its manifest is gone from all.yaml
          used by 1 campaign (none live)

      + create Goal/other "Other"  all.yaml:2
          displayName: Other

    blocked[object-in-use]: Goal/paid would be deleted, but the Campaign `Theirs` refers to it, which no manifest defines
      = help: put the manifest back, or remove the reference in the console first

    Plan: 1 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_campaign_with_a_console_engagement_is_not_deleted() {
    let campaign = "Campaign/sale { displayName: Sale }";
    let account =
        format!("{campaign}\nEngagement/theirs {{ displayName: Theirs, campaign: sale }}");
    assert_snapshot!(check(
        "Goal/other { displayName: Other }",
        &account,
        campaign
    ), @r#"
      - delete Campaign/sale "Sale" (101)
          its manifest is gone from all.yaml

      + create Goal/other "Other"  all.yaml:2
          displayName: Other

    blocked[foreign-children]: Campaign/sale would be deleted together with `Theirs`, which was made in the console
      = help: move or delete `Theirs` in the console first, or define it in a manifest

    Plan: 1 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn unpublishing_needs_a_flag() {
    let campaign = |state: &str| {
        format!(
            "Goal/paid {{ displayName: Paid }}\nCampaign/sale {{ displayName: Sale, goal: paid, state: {state} }}\nEngagement/help {{ displayName: Help, campaign: sale, enabled: true }}"
        )
    };
    let before = campaign("published");
    assert_snapshot!(check(&campaign("unpublished"), &before, &before), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          LEAVES: it is no longer published
          state: published -> unpublished  (edit)
          3 unchanged fields

    blocked[live-object]: the plan would unpublish Campaign/sale, which is live
      = help: add `--allow-unpublish` if that is intended

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}
