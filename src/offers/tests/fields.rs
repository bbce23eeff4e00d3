//! Fields of which it is not known whether they have a say: a change of one may change who is offered what.

use super::desired;
use super::shifts::{told, world};
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place};
use crate::offers::{Truth, Visit, VisitOutcome, World};

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
            "\"whether the field has a say in who is offered what is not known ({field})\""
        );
        let back = told(&with(&one, part, more), &one, "contest=lottery");
        for found in [found, back] {
            let (row, _) = found.split_once('\n').unwrap();
            assert!(
                row.starts_with("may change a {sections:[orders]}"),
                "{more}: {found}"
            );
            assert!(row.contains(&reason), "{more}: {found}");
        }
        // Who takes for granted that it has no say is told nothing.
        let more = with(&one, part, more);
        let assumed = told(&one, &more, "contest=lottery undocumented-fields=no-say");
        assert_eq!(assumed, "-\n");
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
        found.contains("may change a") && found.contains("(TargetAudience/all/conditions/0)"),
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
    // A new engagement is offered anew, whatever its fields are that are not known to have a say.
    let off = with(&one, A, "survey: 9");
    let on = off.replace(", enabled: false", "");
    let found = told(&off, &on, "contest=lottery");
    assert!(!found.contains("may change"), "{found}");
    // Unless one of them may keep everybody from it.
    let off = with(&one, A, "timeInQueue: 9");
    let on = off.replace(", enabled: false", "");
    let found = told(&off, &on, "contest=lottery");
    assert!(found.starts_with("may change a"), "{found}");
    let found = told(&off, &on, "contest=lottery undocumented-fields=no-say");
    assert!(found.starts_with("now offered a"), "{found}");
}

/// What a visit of the section `orders` is told of `a`, with more assumed.
fn at_orders(text: &str, more: &[(&str, &str)]) -> Truth {
    let world = World::of(&desired(text.trim_end_matches("---\n")));
    let mut assumed = Assumed::default();
    let given = [("undeclared", "unrestricted"), ("availability", "as-named")];
    for (fact, position) in given.iter().chain(more) {
        assumed.add(fact, position).unwrap();
    }
    let facts = [
        (Fact::Sections, "orders"),
        (Fact::ControlGroup, "outside"),
        (Fact::Conversation, "none"),
    ];
    let visit = facts.into_iter().fold(
        Visit::new(Place::App("Shop".to_owned())),
        |visit, (fact, word)| visit.with(fact, FactAnswer::text(word)),
    );
    let visit = [Fact::CustomerId, Fact::CustomerType]
        .into_iter()
        .fold(visit, |visit, fact| {
            visit.with(fact, FactAnswer::Known(Vec::new()))
        });
    let found = VisitOutcome::whole(&world, &visit, &assumed);
    let a = found
        .eligibilities
        .iter()
        .find(|(key, _)| key.name.as_str() == "a");
    a.unwrap().1.whole.truth
}

#[test]
fn a_visit_is_not_decided_over_a_field_of_which_nothing_is_documented() {
    let one = world("help");
    assert_eq!(at_orders(&one, &[]), Truth::Yes);
    let campaign = "kind: Campaign, metadata: {name: one}";
    let point = "kind: EntryPoint, metadata: {name: orders}";
    let behavior = "kind: Behavior, metadata: {name: any}";
    let audience = "kind: TargetAudience, metadata: {name: all}";
    let no_say = [("undocumented-fields", "no-say")];
    let may_exclude = [("undocumented-fields", "may-exclude")];
    for (part, field) in [
        (A, "timeInQueue: 9"),
        (A, "externalTargets: [1]"),
        (A, "extra: {x: 1}"),
        (A, "extra: {skillName: x, x: false}"),
        (campaign, "operationHours: 3"),
        (campaign, "extra: {x: {y: 1}}"),
        (point, "extra: {x: 1}"),
        (behavior, "extra: {x: 1}"),
        (audience, "extra: {x: 1}"),
    ] {
        let written = with(&one, part, field);
        assert_ne!(written, one);
        assert_eq!(at_orders(&written, &[]), Truth::Unknown, "{field}");
        assert_eq!(at_orders(&written, &no_say), Truth::Yes, "{field}");
        assert_eq!(at_orders(&written, &may_exclude), Truth::Unknown, "{field}");
        // A certain no stays one.
        let off = with(&written, A, "enabled: false");
        assert_eq!(at_orders(&off, &[]), Truth::No, "{field}");
    }
    // What says nothing, and what is for people, decides nothing.
    for field in [
        "timeInQueue: 0",
        "externalTargets: []",
        "extra: {}",
        "extra: {x: {}}",
        "extra: {skillName: x}",
    ] {
        assert_eq!(at_orders(&with(&one, A, field), &[]), Truth::Yes, "{field}");
    }
}

/// Whether the `extra` of a condition asks anything is not known, unless that is assumed; where there is `means`, that says it.
#[test]
fn a_condition_may_ask_more_than_its_payload() {
    let one = world("help");
    let all = "conditions: [{type: all";
    for more in [", extra: {x: 1}", ", extra: {x: 1}, data: {}"] {
        let written = one.replace(all, &format!("{all}{more}"));
        assert_ne!(written, one);
        for (position, expected) in [("no-say", Truth::Yes), ("may-exclude", Truth::Unknown)] {
            let found = at_orders(&written, &[("undocumented-fields", position)]);
            assert_eq!(found, expected, "{more} {position}");
        }
        assert_eq!(at_orders(&written, &[]), Truth::Unknown, "{more}");
    }
    let meant = one.replacen(
        "{type: all}",
        "{type: 9, data: {x: 1}, extra: {x: 1}, means: {customerType: [club]}}",
        1,
    );
    let visit = at_orders(&meant, &[]);
    assert_eq!(visit, Truth::No, "the visitor is in no club");
}
