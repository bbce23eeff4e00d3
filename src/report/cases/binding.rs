//! Which live object a manifest is about.

use insta::assert_snapshot;

use super::check;

#[test]
fn nothing_there_is_created() {
    assert_snapshot!(check("Goal/paid { displayName: Paid }", "", ""), @r#"
      + create Goal/paid "Paid"  all.yaml:2
          displayName: Paid

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn the_same_display_name_is_adopted() {
    let goal = "Goal/paid { displayName: Paid }";
    assert_snapshot!(check(goal, "Goal/theirs { displayName: Paid }", ""), @r#"
      → adopt Goal/paid "Paid" (101)  all.yaml:2

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 1 to adopt, 0 manual.
    "#);
}

#[test]
fn another_case_is_another_name() {
    let account = "Goal/theirs { displayName: PAID }";
    assert_snapshot!(check("Goal/paid { displayName: Paid }", account, ""), @r#"
    warning[live-name-alike]: `Paid` looks like `PAID` (101) on the account: they differ only in case, blanks or composition
      + create Goal/paid "Paid"  all.yaml:2
          displayName: Paid

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn an_adoption_says_what_it_changes() {
    let manifests = "Goal/paid { displayName: Paid, description: ours }";
    let account = "Goal/theirs { displayName: Paid, description: theirs }";
    assert_snapshot!(check(manifests, account, ""), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          → bound to the live object with this display name
          description: theirs -> ours
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 1 to adopt, 0 manual.
    "#);
}

#[test]
fn one_of_the_same_name_that_nobody_describes_is_told() {
    let manifests = "Goal/paid { displayName: Paid }\nGoal/read { displayName: Read }";
    let account = "Goal/paid { displayName: Paid }\nGoal/read { displayName: Read }\nGoal/late { displayName: Paid }\nGoal/alike { displayName: READ }";
    assert_snapshot!(check(manifests, account, manifests), @r#"
    warning[live-name-taken]: the account holds two Goals named `Paid`: the one of this manifest (101), and another that no manifest describes (103)
    No changes. The account matches the manifests.
    "#);
}

#[test]
fn the_ledger_goes_before_the_name() {
    let manifests = "Goal/paid { displayName: Paid }";
    let account = "Goal/paid { displayName: Renamed }\nGoal/other { displayName: Paid }";
    assert_snapshot!(check(manifests, account, manifests), @r#"
    warning[live-name-taken]: the account holds another Goal named `Paid` (102)
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          displayName: Renamed -> Paid  (drift)

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_was_deleted_in_the_console_is_created_again() {
    let goal = "Goal/paid { displayName: Paid }";
    assert_snapshot!(check(goal, "", goal), @r#"
      + create Goal/paid "Paid"  all.yaml:2
          the account no longer holds 999, to which it was bound
          displayName: Paid

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn two_of_one_name_are_an_error() {
    let account = "Goal/one { displayName: Paid }\nGoal/two { displayName: Paid }";
    assert_snapshot!(check("Goal/paid { displayName: Paid }", account, ""), @"error[ambiguous-binding]: the account holds 2 Goal objects named `Paid`: 101, 102");
}

#[test]
fn two_manifests_of_one_name_do_not_share_an_object() {
    let manifests = "Goal/one { displayName: Paid }\nGoal/two { displayName: Paid }";
    assert_snapshot!(check(manifests, "Goal/theirs { displayName: Paid }", ""), @"error[claimed-twice]: another Goal manifest has the display name `Paid` too, and the account holds one such object");
}

#[test]
fn a_row_of_the_vendor_is_not_adopted() {
    let account =
        "TargetAudience/all { displayName: All visitors, conditions: [{ type: all }] } | system";
    let manifests =
        "TargetAudience/everybody { displayName: All visitors, conditions: [{ type: all }] }";
    assert_snapshot!(check(manifests, account, ""), @"error[system-row]: `All visitors` is a TargetAudience of the vendor's own, which must not be changed");
}

/// A rename stays one beside a field of the same object that changes.
#[test]
fn a_rename_counts_beside_a_change() {
    let manifests = "Goal/bought { displayName: Paid, description: second } | previousName: paid";
    let goal = "Goal/paid { displayName: Paid, description: first }";
    assert_snapshot!(check(manifests, goal, goal), @r#"
      ~ update Goal/bought "Paid" (101)  all.yaml:2
          metadata.name: paid -> bought  (edit)
          description: first -> second  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
}

#[test]
fn a_previous_name_keeps_the_object() {
    let manifests = "Goal/bought { displayName: Paid } | previousName: paid";
    let goal = "Goal/paid { displayName: Paid }";
    assert_snapshot!(check(manifests, goal, goal), @r#"
      ~ update Goal/bought "Paid" (101)  all.yaml:2
          metadata.name: paid -> bought  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to rename in the ledger.
    "#);
}

#[test]
fn an_engagement_is_looked_for_in_its_campaign() {
    let campaigns = "Campaign/one { displayName: One }\nCampaign/two { displayName: Two }";
    let account = format!("{campaigns}\nEngagement/x {{ displayName: Help, campaign: two }}");
    let manifests = format!("{campaigns}\nEngagement/x {{ displayName: Help, campaign: one }}");
    assert_snapshot!(check(&manifests, &account, ""), @r#"
      + create Engagement/x "Help"  all.yaml:12
          displayName: Help
          campaign: one

      ~ update Campaign/one "One" (101)  all.yaml:2
          → bound to the live object with this display name
          engagements: [] -> [x]
          1 unchanged field

      → adopt Campaign/two "Two" (102)  all.yaml:7

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 2 to adopt, 0 manual.
    "#);
}

/// An id is no name, even where the name was there before: what is written would be the text.
#[test]
fn a_name_as_an_id_is_refused_where_the_name_stood() {
    let goal = "Goal/paid { displayName: Paid }\nCampaign/sale { displayName: Sale, state: unpublished, goal: ";
    let account = format!("{goal}paid }}");
    let manifests = format!("{goal}{{ id: paid }} }}");
    assert_snapshot!(check(&manifests, &account, &account), @r#"error[unknown-live-reference]: the account holds no Goal with the id "paid""#);
}
