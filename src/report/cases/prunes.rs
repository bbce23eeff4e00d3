//! What is deleted, and what is left alone, when no manifest describes it.

use insta::assert_snapshot;

use super::{Case, check};

const KEPT: &str = "Goal/kept { displayName: Kept }\n";
const BOTH: &str = "Goal/kept { displayName: Kept }\nGoal/gone { displayName: Gone }\n";

#[test]
fn what_is_owned_goes_with_its_manifest() {
    assert_snapshot!(check(KEPT, BOTH, BOTH), @r#"
      - delete Goal/gone "Gone" (102)
          its manifest is gone from all.yaml

    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_is_foreign_stays() {
    assert_snapshot!(check(KEPT, BOTH, KEPT), @"No changes. The account matches the manifests.");
}

#[test]
fn without_pruning_owned_objects_are_left_alone_and_named() {
    let case = Case {
        manifests: KEPT,
        account: BOTH,
        ledger: BOTH,
        prune: false,
        ..Case::default()
    };
    assert_snapshot!(case.text(), @r"
    Not changed: 1 owned object has no manifest in this run.
      Goal/gone: its manifest is gone from all.yaml, and `prune` is `none`
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
}

#[test]
fn an_exclusive_kind_has_nothing_but_the_manifests() {
    let case = Case {
        manifests: KEPT,
        account: BOTH,
        ledger: KEPT,
        exclusive: &["Goal/kept"],
        ..Case::default()
    };
    assert_snapshot!(case.text(), @r#"
      - delete Goal/gone "Gone" (102)
          no manifest defines it: it was made in the console, and `prune` is exclusive for Goal

    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn an_exclusive_kind_spares_the_rows_of_the_vendor() {
    let audience = "TargetAudience/club { displayName: Club, conditions: [{ type: all }] }\n";
    let account = format!(
        "{audience}TargetAudience/all {{ displayName: All visitors, conditions: [{{ type: all }}] }} | system"
    );
    let case = Case {
        manifests: audience,
        account: &account,
        ledger: audience,
        exclusive: &["TargetAudience/club"],
        ..Case::default()
    };
    assert_snapshot!(case.text(), @"No changes. The account matches the manifests.");
}

#[test]
fn what_people_deleted_before_us_is_only_forgotten() {
    assert_snapshot!(check(KEPT, KEPT, BOTH), @r#"
      · forget Goal/gone "Gone" (999)
          its manifest is gone from all.yaml, and it no longer exists on the account

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to forget.
    "#);
}

#[test]
fn an_observed_object_is_never_deleted() {
    let goal = "Goal/gone { displayName: Gone } | mode: observe";
    assert_snapshot!(check(
        KEPT,
        &format!("{KEPT}{goal}"),
        &format!("{KEPT}{goal}")
    ), @r#"
      · forget Goal/gone "Gone" (102)
          its manifest is gone from all.yaml; `lifecycle.mode` was observe, so the live object stays

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to forget.
    "#);
}
