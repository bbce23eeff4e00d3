//! The lists of campaigns: what leaves one, and what others put into it.

use insta::assert_snapshot;

use super::{Case, check};

/// A campaign with a list, and the engagements that lie inside it.
fn sale(list: &str, engagements: &[&str]) -> String {
    let inside = engagements.iter().map(|name| {
        format!("\nEngagement/{name} {{ displayName: {name}, campaign: sale, enabled: true }}")
    });
    let campaign =
        format!("Campaign/sale {{ displayName: Sale, goal: paid, state: published{list} }}");
    format!(
        "Goal/paid {{ displayName: Paid }}\n{campaign}{}",
        inside.collect::<String>()
    )
}

#[test]
fn what_is_adopted_and_not_listed_leaves() {
    let before = sale(", engagements: [one, two]", &["one", "two"]);
    let held = sale(
        ", engagements: [one, theirs, two]",
        &["one", "theirs", "two"],
    );
    let adopted = sale(", engagements: [one, two]", &["one", "theirs", "two"]);
    assert_snapshot!(check(&adopted, &held, &before), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          engagements: [one, theirs, two] -> [one, two]  (edit)
          3 unchanged fields

      → adopt Engagement/theirs (104)  all.yaml:17
          LEAVES: Campaign/sale no longer lists it

    blocked[live-object]: the plan would take Engagement/theirs away from consumers: Campaign/sale no longer lists it
      = help: add `--allow-unpublish` if that is intended

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 1 to adopt, 0 manual.
    "#);
}

#[test]
fn what_is_adopted_with_a_list_of_nothing_leaves() {
    let goal = "Goal/paid { displayName: Paid }";
    let held = sale(", engagements: [one]", &["one"]);
    let none = sale(", engagements: []", &["one"]);
    assert_snapshot!(check(&none, &held, goal), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          → bound to the live object with this display name
          engagements: [one] -> []
          3 unchanged fields

      → adopt Engagement/one (103)  all.yaml:12
          LEAVES: Campaign/sale no longer lists it

    blocked[live-object]: the plan would take Engagement/one away from consumers: Campaign/sale no longer lists it
      = help: add `--allow-unpublish` if that is intended

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 2 to adopt, 0 manual.
    "#);
}

/// A manifest that is only observed is in no ledger, and consumers lose its object all the same.
#[test]
fn what_is_observed_and_not_listed_leaves() {
    let before = sale(", engagements: [one]", &["one"]);
    let held = sale(", engagements: [one, theirs]", &["one", "theirs"]);
    let observed = format!(
        "{} | mode: observe",
        sale(", engagements: [one]", &["one", "theirs"])
    );
    assert_snapshot!(check(&observed, &held, &before), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          engagements: [one, theirs] -> [one]  (edit)
          3 unchanged fields

        unchanged Engagement/theirs
          LEAVES: Campaign/sale no longer lists it

    blocked[live-object]: the plan would take Engagement/theirs away from consumers: Campaign/sale no longer lists it
      = help: add `--allow-unpublish` if that is intended

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_others_put_between_stays_there() {
    let ours = sale(", engagements: [one, two]", &["one", "two"]);
    for order in ["theirs, one, two", "one, theirs, two", "one, two, theirs"] {
        let held = sale(
            &format!(", engagements: [{order}]"),
            &["one", "theirs", "two"],
        );
        assert_eq!(
            check(&ours, &held, &ours),
            "No changes. The account matches the manifests.\n",
            "{order}"
        );
    }
}

#[test]
fn an_order_that_others_changed_is_drift() {
    let ours = sale(", engagements: [one, two]", &["one", "two"]);
    let held = sale(
        ", engagements: [two, theirs, one]",
        &["one", "theirs", "two"],
    );
    assert_snapshot!(check(&ours, &held, &ours), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          engagements: [two, { live: theirs }, one] -> [one, { live: theirs }, two]  (drift)
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    let case = Case {
        manifests: &ours,
        account: &held,
        ledger: &ours,
        ignores_drift: true,
        ..Case::default()
    };
    assert_snapshot!(case.text(), @"No changes. The account matches the manifests.");
}

/// What is new in the file comes before the next one of ours, and at the end before what others put there.
#[test]
fn what_comes_to_the_list_leaves_theirs_where_it_is() {
    let before = sale(", engagements: [one, two]", &["one", "two"]);
    let held = sale(
        ", engagements: [one, theirs, two, last]",
        &["one", "theirs", "two", "last"],
    );
    for (list, planned) in [
        (
            "new, one, two",
            "[new, one, { live: theirs }, two, { live: last }]",
        ),
        (
            "one, new, two",
            "[one, { live: theirs }, new, two, { live: last }]",
        ),
        (
            "one, two, new",
            "[one, { live: theirs }, two, new, { live: last }]",
        ),
        (
            "two, new, one",
            "[two, { live: theirs }, new, one, { live: last }]",
        ),
        ("one, new", "[one, new, { live: theirs }, { live: last }]"),
    ] {
        let ours = sale(&format!(", engagements: [{list}]"), &["one", "two", "new"]);
        let plan = check(&ours, &held, &before);
        assert!(
            plan.contains(&format!("-> {planned}  (edit)")),
            "{list}: {plan}"
        );
    }
}

#[test]
fn an_order_that_the_file_changed_is_an_edit() {
    let before = sale(", engagements: [one, two]", &["one", "two"]);
    let ours = sale(", engagements: [two, one]", &["one", "two"]);
    let held = sale(
        ", engagements: [one, theirs, two]",
        &["one", "theirs", "two"],
    );
    assert_snapshot!(check(&ours, &held, &before), @r#"
      ~ update Campaign/sale "Sale" (102)  all.yaml:7
          engagements: [one, { live: theirs }, two] -> [two, { live: theirs }, one]  (edit)
          3 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}
