//! Manifests that an account becomes.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::{Case, check, inventory};
use crate::export;
use crate::kinds::KindId;

/// The files of an export, without the comment at their top.
fn exported(account: &str, ledger: &str) -> String {
    let case = Case {
        account,
        ledger,
        ..Case::default()
    };
    let kinds = KindId::manifests().collect();
    let export = export::export(&inventory(account), &case.applied(), &kinds);
    let mut text = String::new();
    for file in export.files {
        let lines = file.text.lines();
        let lines = lines.filter(|line| !line.starts_with('#') && !line.starts_with("apiVersion"));
        let _ = writeln!(
            text,
            "{}\n{}\n",
            file.path,
            lines.collect::<Vec<_>>().join("\n")
        );
    }
    for note in export.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

#[test]
fn a_name_is_made_of_the_display_name() {
    assert_snapshot!(exported("Goal/x { displayName: Paid in full! }", ""), @r"
    goals/paid-in-full.yaml
    kind: Goal
    metadata:
      name: paid-in-full
    spec:
      displayName: Paid in full!
    ");
}

#[test]
fn an_owned_object_keeps_its_name() {
    let goal = "Goal/x { displayName: Paid in full! }";
    assert_snapshot!(exported(goal, goal), @r"
    goals/x.yaml
    kind: Goal
    metadata:
      name: x
    spec:
      displayName: Paid in full!
    ");
}

#[test]
fn two_of_one_display_name_get_two_names() {
    let account = "Goal/x { displayName: Paid }\nGoal/z { displayName: paid }";
    assert_snapshot!(exported(account, ""), @r"
    goals/paid-2.yaml
    kind: Goal
    metadata:
      name: paid-2
    spec:
      displayName: paid

    goals/paid.yaml
    kind: Goal
    metadata:
      name: paid
    spec:
      displayName: Paid
    ");
}

#[test]
fn an_engagement_is_in_the_file_of_its_campaign_and_refers_by_name() {
    let account = "\
Goal/g { displayName: Paid }
Campaign/c { displayName: Sale, goal: g }
Engagement/e { displayName: Help, campaign: c }";
    assert_snapshot!(exported(account, ""), @r"
    campaigns/sale.yaml
    kind: Campaign
    metadata:
      name: sale
    spec:
      displayName: Sale
      goal: paid
    ---
    kind: Engagement
    metadata:
      name: help
    spec:
      displayName: Help
      campaign: sale

    goals/paid.yaml
    kind: Goal
    metadata:
      name: paid
    spec:
      displayName: Paid
    ");
}

#[test]
fn a_row_of_the_vendor_is_referred_to_and_not_exported() {
    let account = "\
TargetAudience/all { displayName: All visitors, conditions: [{ type: all }] } | system
Campaign/c { displayName: Sale, targetAudiences: [all] }";
    assert_snapshot!(exported(account, ""), @r"
    campaigns/sale.yaml
    kind: Campaign
    metadata:
      name: sale
    spec:
      displayName: Sale
      targetAudiences:
        - system: true
    ");
}

#[test]
fn what_is_exported_matches() {
    let account = "Goal/paid { displayName: Paid, description: first }";
    assert_snapshot!(check(account, account, ""), @r#"
      → adopt Goal/paid "Paid" (101)  all.yaml:2

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 1 to adopt, 0 manual.
    "#);
}
