//! Fields of which it is not known whether they have a say: a change of one may change who is offered what.

use super::shifts::{told, world};

/// The same world with more in each document whose text has a part.
fn with(text: &str, part: &str, more: &str) -> String {
    let documents = text.split("---\n").map(|it| {
        let end = it.trim_end().len().saturating_sub(2);
        match it.split_at_checked(end) {
            Some((head, tail)) if it.contains(part) => format!("{head}, {more}{tail}"),
            _ => it.to_owned(),
        }
    });
    documents.collect::<Vec<_>>().join("---\n")
}

const A: &str = "kind: Engagement, metadata: {name: a}";

#[test]
fn a_field_with_an_unknown_effect_may_change_who_is_offered_what() {
    let one = world("help");
    let campaign = "kind: Campaign, metadata: {name: one}";
    for (part, more, field) in [
        (A, "useSystemRouting: true", "Engagement/a/useSystemRouting"),
        (A, "timeInQueue: 9", "Engagement/a/timeInQueue"),
        (A, "externalTargets: [1]", "Engagement/a/externalTargets"),
        (A, "conversationType: chat", "Engagement/a/conversationType"),
        (
            A,
            "allowUnauthenticated: true",
            "Engagement/a/allowUnauthenticated",
        ),
        (A, "survey: 7", "Engagement/a/survey"),
        (A, "extra: {x: 1}", "Engagement/a/extra"),
        (
            A,
            "displayInstances: [{type: app, enabled: false}]",
            "Engagement/a/displayInstances/0/enabled",
        ),
        (campaign, "operationHours: 3", "Campaign/one/operationHours"),
        (campaign, "extra: {x: 1}", "Campaign/one/extra"),
        (
            "kind: EntryPoint, metadata: {name: orders}",
            "extra: {x: 1}",
            "EntryPoint/orders/extra",
        ),
        (
            "kind: Behavior, metadata: {name: any}",
            "extra: {x: 1}",
            "Behavior/any/extra",
        ),
    ] {
        let found = told(&one, &with(&one, part, more), "contest=lottery");
        let reason = format!(
            "may change a {{sections:[orders]}} closed []  because [\"whether the field has a say in who is offered what is not known ({field})\"]"
        );
        assert!(found.contains(&reason), "{more}: {found}");
        let back = told(&with(&one, part, more), &one, "contest=lottery");
        assert!(back.contains(&reason), "without {more}: {back}");
    }
}

#[test]
fn a_field_of_a_condition_may_change_who_is_offered_what() {
    let one = world("help");
    let other = one.replace(
        "conditions: [{type: all}",
        "conditions: [{type: all, extra: {x: 1}}",
    );
    assert_ne!(one, other);
    let found = told(&one, &other, "contest=lottery");
    assert!(
        found.contains("(TargetAudience/all/conditions/0/extra)"),
        "{found}"
    );
}

#[test]
fn what_competes_with_it_may_change_as_well() {
    let one = world("orders");
    let queue = with(&one, A, "timeInQueue: 9");
    let found = told(&one, &queue, "contest=lottery");
    for name in ["a", "b"] {
        let row = format!("may change {name} {{sections:[orders]}} closed []  because");
        assert!(found.contains(&row), "{found}");
    }
    let reason = "(Engagement/a/timeInQueue)";
    assert_eq!(found.matches(reason).count(), 2, "{found}");
    // Which is ahead where the priority decides.
    let found = told(&one, &queue, "contest=priority closed-in-app=not-again");
    assert!(!found.contains("may change b"), "{found}");
}

#[test]
fn what_is_for_people_only_changes_nothing() {
    let one = world("orders");
    for (part, more) in [
        (A, "description: Orders."),
        (A, "displayName: Orders"),
        ("kind: Campaign, metadata: {name: one}", "displayName: One"),
    ] {
        let found = told(&one, &with(&one, part, more), "contest=lottery");
        assert_eq!(found, "-\n", "{more}");
    }
}

#[test]
fn a_field_of_what_nobody_is_offered_changes_nothing() {
    let one = with(&world("help"), A, "enabled: false");
    let found = told(&one, &with(&one, A, "timeInQueue: 9"), "contest=lottery");
    assert_eq!(found, "-\n");
    // A new engagement is offered anew, whatever its fields are.
    let off = with(&one, A, "timeInQueue: 9");
    let on = off.replace(", enabled: false", "");
    let found = told(&off, &on, "contest=lottery");
    assert!(!found.contains("may change"), "{found}");
}
