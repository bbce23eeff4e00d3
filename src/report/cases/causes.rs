//! Who changed a field.

use insta::assert_snapshot;

use super::{Case, check};

const BEFORE: &str = "Goal/paid { displayName: Paid, description: first }";
const EDITED: &str = "Goal/paid { displayName: Paid, description: second }";
const OTHER: &str = "Goal/paid { displayName: Paid, description: third }";

#[test]
fn nothing_changed() {
    assert_snapshot!(check(BEFORE, BEFORE, BEFORE), @"No changes. The account matches the manifests.");
}

#[test]
fn the_manifest_did() {
    assert_snapshot!(check(EDITED, BEFORE, BEFORE), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          description: first -> second  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn the_account_did() {
    assert_snapshot!(check(BEFORE, EDITED, BEFORE), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          description: second -> first  (drift)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn both_did() {
    assert_snapshot!(check(EDITED, OTHER, BEFORE), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          description: third -> second  (edit and drift)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn both_did_the_same() {
    assert_snapshot!(check(EDITED, EDITED, BEFORE), @"No changes. The account matches the manifests.");
}

#[test]
fn drift_can_be_left_alone() {
    let case = Case {
        manifests: BEFORE,
        account: EDITED,
        ledger: BEFORE,
        ignores_drift: true,
        ..Case::default()
    };
    assert_snapshot!(case.text(), @"No changes. The account matches the manifests.");
}

#[test]
fn a_field_that_is_no_longer_declared_goes_back() {
    assert_snapshot!(check("Goal/paid { displayName: Paid }", BEFORE, BEFORE), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          description: first -> ""  (edit)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_field_that_was_never_declared_stays() {
    let manifest = "Goal/paid { displayName: Paid }";
    assert_snapshot!(check(manifest, BEFORE, manifest), @"No changes. The account matches the manifests.");
}

#[test]
fn an_ignored_field_stays() {
    let manifest =
        "Goal/paid { displayName: Paid, description: first } | ignoreChanges: [/spec/description]";
    assert_snapshot!(check(manifest, EDITED, BEFORE), @"No changes. The account matches the manifests.");
}

#[test]
fn an_item_of_a_list_is_compared_by_what_it_is() {
    let with = |sections: &str| {
        format!(
            "EntryPoint/orders {{ displayName: Orders, conditions: [{{ type: section, data: {{ include: [{sections}], exclude: [] }} }}] }}"
        )
    };
    let one = with("{ sections: [{ name: orders }] }");
    let two = with("{ sections: [{ name: orders }] }, { sections: [{ name: help }] }");
    assert_snapshot!(check(&two, &one, &one), @r#"
      ~ update EntryPoint/orders "Orders" (101)  all.yaml:2
          conditions[section].data.include:  (edit)
              - sections:
                - name: orders
            + - sections:
            +   - name: help
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_key_that_people_added_to_open_json_stays() {
    let window = |style: &str| {
        format!("EngagementWindow/brand {{ displayName: Brand, style: {{ {style} }} }}")
    };
    let (ours, theirs) = (window("color: red"), window("color: red, added: 1"));
    assert_snapshot!(check(&ours, &theirs, &ours), @"No changes. The account matches the manifests.");
}

#[test]
fn a_key_of_ours_that_is_no_longer_declared_goes() {
    let window = |style: &str| {
        format!("EngagementWindow/brand {{ displayName: Brand, style: {{ {style} }} }}")
    };
    let (before, now) = (window("color: red, shape: round"), window("color: red"));
    assert_snapshot!(check(&now, &before, &before), @r#"
      ~ update EngagementWindow/brand "Brand" (101)  all.yaml:2
          style.shape: round -> (none)  (edit)
          2 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_rename_in_the_console_is_drift_of_the_name() {
    let renamed = "Goal/paid { displayName: Bought, description: first }";
    assert_snapshot!(check(BEFORE, renamed, BEFORE), @r#"
      ~ update Goal/paid "Paid" (101)  all.yaml:2
          displayName: Bought -> Paid  (drift)
          1 unchanged field

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}
