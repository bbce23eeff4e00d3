//! What a change does to engagements beside it: behind another one, at several sections at once, from now on.

use insta::assert_snapshot;

use super::desired;
use crate::kinds::offering::Assumed;
use crate::offers::{World, impact};

/// Two engagements of an app, `a` at the section `orders` and `b` where it is said, with the campaigns `one` and `two`.
pub(super) fn world(of_b: &str) -> String {
    let point = |name: &str| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: {name}}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {{include: [{{sections: [{{name: '\"{name}\"'}}]}}], exclude: []}}}}]}}}}\n---\n"
        )
    };
    let audience = |name: &str, conditions: &str| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {{name: {name}}}, spec: {{conditions: [{conditions}]}}}}\n---\n"
        )
    };
    let campaign = |name: &str, rest: &str| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {{name: {name}}}, spec: {{state: published, targetAudiences: [all], {rest}}}}}\n---\n"
        )
    };
    let engagement = |name: &str, rest: &str| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: {name}}}, spec: {{type: app, appInstallation: Shop, behaviors: [any], availability: always, {rest}}}}}\n---\n"
        )
    };
    [
        point("orders"),
        point("help"),
        audience("all", "{type: all}"),
        audience("club", "{type: 9, data: {x: 1}, means: {customerType: [club]}}"),
        "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: any}, spec: {conditions: [{type: all}]}}\n---\n".to_owned(),
        campaign("one", "weight: low, priority: 0.1"),
        campaign("two", "weight: high, priority: 0.9"),
        engagement("a", "campaign: one, entryPoints: [orders], skill: Orders"),
        engagement("b", &format!("campaign: two, entryPoints: [{of_b}], skill: Returns")),
    ]
    .concat()
}

/// What a change does, as a plan tells it in November 2026.
pub(super) fn told(before: &str, after: &str, assumed: &str) -> String {
    let world = |text: &str| World::of(&desired(text.trim_end_matches("---\n")));
    let mut all: Assumed = serde_json::from_value(serde_json::json!({
        "section-case": "exact", "alternatives": "any", "conditions": "all", "undeclared": "unrestricted", "availability": "as-named",
    }))
    .unwrap();
    let given = assumed.split(' ').filter_map(|it| it.split_once('='));
    let (open, given): (Vec<_>, Vec<_>) = given.partition(|(_, position)| *position == "open");
    all.0
        .retain(|switch, _| !open.iter().any(|(word, _)| switch.word() == *word));
    for (word, position) in given {
        let more: Assumed = serde_json::from_value(serde_json::json!({ word: position })).unwrap();
        all.0.extend(more.0);
    }
    let now = "2026-11-27T12:00:00Z".parse().unwrap();
    let found = impact(&world(before), &world(after), &all, now);
    let rows = found.differences.iter().map(|it| {
        let short = |value: &serde_json::Value| value.to_string().replace('"', "");
        let values = if it.before.is_null() {
            String::new()
        } else {
            format!(" {} -> {}", short(&it.before), short(&it.after))
        };
        let visit = it.visit.as_ref().map(|visit| {
            let when = short(&serde_json::json!(visit.when));
            let at = visit.at.as_deref().unwrap_or_default();
            format!(" {when} closed {:?} {at}", visit.closed)
        });
        let visit = visit.unwrap_or_default();
        let assumed = it.rests_on.iter().filter(|it| *it != "availability");
        format!(
            "{} {}{values}{visit} because {:?} assuming {:?}\n",
            it.shift.words(),
            it.engagement.name,
            it.reasons,
            assumed.collect::<Vec<_>>()
        )
    });
    rows.collect::<String>() + "-\n"
}

/// Without an engagement.
fn without(text: &str, name: &str) -> String {
    let is_it =
        |it: &&str| it.contains("kind: Engagement") && it.contains(&format!("name: {name}}}"));
    let documents: Vec<&str> = text.split("---\n").filter(|it| !is_it(it)).collect();
    documents.join("---\n")
}

#[test]
fn two_that_share_no_section_meet_where_a_visitor_is_at_both() {
    let one = world("help");
    let weight = one.replace("weight: high", "weight: medium");
    let changes = [
        (one.as_str(), weight.clone(), "contest=lottery"),
        (one.as_str(), without(&one, "b"), "contest=lottery"),
        (
            one.as_str(),
            without(&one, "b"),
            "contest=priority closed-in-app=again",
        ),
    ];
    let all = changes.map(|(one, other, assumed)| told(one, &other, assumed));
    assert_snapshot!(all.join("\n"), @r#"
    other odds a 13 % -> 33 % {sections:[orders,help]} closed []  because [] assuming ["contest"]
    other odds b weight 0.7, priority 0.9 -> weight 0.2, priority 0.9 {sections:[help,orders]} closed []  because [] assuming ["contest"]
    -

    other odds a with b -> without these rivals {sections:[orders,help]} closed []  because [] assuming ["contest"]
    no longer offered b {sections:[help]} closed []  because [] assuming []
    -

    now offered a {sections:[orders,help]} closed []  because [] assuming ["contest"]
    no longer offered b {sections:[help]} closed []  because [] assuming []
    -
    "#);
}

#[test]
fn who_closed_the_one_ahead_sees_what_changes_behind_it() {
    let one = world("orders");
    let audience = one.replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let skill = one.replace("skill: Orders", "skill: Styling");
    let all = [audience, without(&one, "a"), skill].map(|other| {
        let open = told(&one, &other, "contest=priority");
        let never = told(&one, &other, "contest=priority closed-in-app=not-again");
        let again = told(&one, &other, "contest=priority closed-in-app=again");
        format!("{never}{open}{again}")
    });
    assert_snapshot!(all.join("\n"), @r#"
    no longer offered a {sections:[orders]} closed ["b"]  because [] assuming ["closed-in-app"]
    -
    may change a {sections:[orders]} closed ["b"]  because ["it depends on the inferred fact `closed-in-app`"] assuming []
    -
    -

    no longer offered a {sections:[orders]} closed ["b"]  because [] assuming ["closed-in-app"]
    -
    may change a {sections:[orders]} closed ["b"]  because ["it depends on the inferred fact `closed-in-app`"] assuming []
    -
    -

    other skill a Orders -> Styling {sections:[orders]} closed ["b"]  because [] assuming ["closed-in-app"]
    -
    may change a Orders -> Styling {sections:[orders]} closed ["b"]  because ["it depends on the inferred fact `closed-in-app`"] assuming []
    -
    -
    "#);
}

/// One that takes the place of its like is no difference: nobody closed it before there was any.
#[test]
fn a_rival_in_the_place_of_its_like_is_no_difference() {
    let one = world("orders");
    let other = one.replace("{name: b}", "{name: c}");
    // One that was no campaign of anybody yet.
    let draft = one.replace(
        "{state: published, targetAudiences: [all], weight: high",
        "{targetAudiences: [all], weight: high",
    );
    assert_ne!(draft, one);
    let mut all = String::new();
    let contests = ["lottery", "priority"];
    for assumed in contests.map(|it| format!("contest={it} closed-in-app=not-again")) {
        all += &told(&one, &other, &assumed);
        all += &told(&draft, &one, &assumed);
    }
    assert_snapshot!(all, @r#"
    no longer offered b {sections:[orders]} closed []  because [] assuming []
    now offered c {sections:[orders]} closed []  because [] assuming []
    -
    other odds a without these rivals -> with b {sections:[orders]} closed []  because [] assuming ["contest"]
    now offered b {sections:[orders]} closed []  because [] assuming []
    -
    no longer offered b {sections:[orders]} closed []  because [] assuming []
    now offered c {sections:[orders]} closed []  because [] assuming []
    -
    no longer offered a {sections:[orders]} closed []  because [] assuming ["contest"]
    now offered b {sections:[orders]} closed []  because [] assuming []
    -
    "#);
}

#[test]
fn what_is_over_is_no_difference_and_the_present_comes_first() {
    let dated = |dates: &str| {
        let schedule = format!("weight: low, schedule: {{ timeZone: Europe/Paris, {dates} }}");
        world("help").replace("weight: low", &schedule)
    };
    let over = dated("end: '2026-03-01T00:00:00'");
    let changes = [
        (
            over.clone(),
            over.replace("skill: Orders", "skill: Styling"),
        ),
        (
            dated("start: '2026-01-01T00:00:00'"),
            dated("start: '2026-02-01T00:00:00'"),
        ),
        (world("help"), over.clone()),
        (over, world("help")),
        (world("help"), dated("end: '2027-03-01T00:00:00'")),
    ];
    let all = changes.map(|(one, other)| told(&one, &other, "contest=lottery schedule-end=over"));
    assert_snapshot!(all.join("\n"), @r#"
    -

    -

    no longer offered a {sections:[orders]} closed [] 2026-11-27T12:00:00Z[UTC] because [] assuming []
    other odds b with a -> without these rivals {sections:[help,orders]} closed [] 2026-11-27T12:00:00Z[UTC] because [] assuming ["contest"]
    -

    now offered a {sections:[orders]} closed [] 2026-11-27T12:00:00Z[UTC] because [] assuming []
    other odds b without these rivals -> with a {sections:[help,orders]} closed [] 2026-11-27T12:00:00Z[UTC] because [] assuming ["contest"]
    -

    no longer offered a {sections:[orders]} closed [] 2027-02-28T23:00:00Z[UTC] because [] assuming ["schedule-end"]
    other odds b with a -> without these rivals {sections:[help,orders]} closed [] 2027-02-28T23:00:00Z[UTC] because [] assuming ["schedule-end", "contest"]
    -
    "#);
}

#[test]
fn a_payload_that_changes_with_its_meaning_is_told_as_what_it_means() {
    let one = world("help").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let both = one.replace(
        "{x: 1}, means: {customerType: [club]}",
        "{x: 2}, means: {customerType: [club, gold]}",
    );
    let payload = one.replace("{x: 1}", "{x: 2}");
    let all = [both, payload].map(|other| told(&one, &other, "contest=lottery"));
    assert_snapshot!(all.join("\n"), @r#"
    now offered a {sections:[orders],attributes:[{type:ctmrinfo,info:{ctype:gold}}]} closed []  because [] assuming []
    other odds b without these rivals -> with a {sections:[help,orders],attributes:[{type:ctmrinfo,info:{ctype:gold}}]} closed []  because [] assuming ["contest"]
    -

    may change a {sections:[orders],attributes:[{type:ctmrinfo,info:{ctype:club}}]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    may change b {sections:[help,orders]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    -
    "#);
}

/// Examples are visits that there can be.
#[test]
fn an_example_has_whole_items_and_all_products() {
    let with = |means: &str| {
        let condition = format!("spec: {{conditions: [{{type: 13, data: {{}}, means: {means}}}]}}");
        world("help").replace(
            "metadata: {name: any}, spec: {conditions: [{type: all}]}",
            &format!("metadata: {{name: any}}, {condition}"),
        )
    };
    let items = told(
        &with("{cart: {items: {atLeast: 3}}}"),
        &with("{cart: {items: {atLeast: 0}}, except: {cart: {items: {atMost: 2}}}}"),
        "contest=lottery absent-attribute=fails",
    );
    let products = told(
        &with("{viewedProducts: {atLeast: 150}}"),
        &with("{viewedProducts: {atLeast: 149}}"),
        "contest=lottery",
    );
    assert!(!items.contains("2.5"), "{items}");
    let now = products.lines().filter(|it| it.starts_with("now offered"));
    let counts: Vec<usize> = now.map(|it| it.matches("{product:{sku:").count()).collect();
    assert_eq!(counts, [149, 149]);
}

/// Where everybody is in the control group, nobody is offered anything any more.
#[test]
fn a_control_group_of_everybody_takes_an_engagement_away() {
    let start = "name: one}, spec: {state: published";
    let everybody = world("help").replace(start, &format!("{start}, controlGroup: 100%"));
    let shown = told(&world("help"), &everybody, "contest=lottery");
    assert!(shown.contains("no longer offered a "), "{shown}");
    let back = told(&everybody, &world("help"), "contest=lottery");
    assert!(back.contains("now offered a "), "{back}");
}

/// Each campaign has a control group of its own: who is in that of one is offered what belongs to another.
#[test]
fn who_is_in_a_control_group_is_offered_what_competes_with_it() {
    let group = |world: String, campaign: &str| {
        let start = format!("name: {campaign}}}, spec: {{state: published");
        world.replace(&start, &format!("{start}, controlGroup: 25%"))
    };
    let behind = group(world("orders"), "two");
    let changes = [
        (
            world("orders"),
            behind.clone(),
            "contest=priority closed-in-app=again",
        ),
        (
            world("help"),
            group(world("help"), "one"),
            "contest=lottery",
        ),
        // Behind one that has a control group, a change is seen by those in it; in front of it, by all.
        (
            behind.clone(),
            behind.replace("skill: Orders", "skill: Styling"),
            "contest=priority closed-in-app=again",
        ),
        (
            behind.clone(),
            behind.replace("skill: Returns", "skill: Styling"),
            "contest=priority closed-in-app=again",
        ),
    ];
    let all = changes.map(|(one, other, assumed)| told(&one, &other, assumed));
    assert_snapshot!(all.join("\n"), @r#"
    may change a {sections:[orders]} closed []  because ["another share of the visitors is in the control group of b, and may be offered this instead"] assuming []
    other odds b control group 0 % -> control group 25 % {sections:[orders]} closed []  because [] assuming []
    -

    other odds a control group 0 % -> control group 25 % {sections:[orders]} closed []  because [] assuming []
    may change b {sections:[help,orders]} closed []  because ["another share of the visitors is in the control group of a, and may be offered this instead"] assuming []
    -

    may change a Orders -> Styling {sections:[orders]} closed []  because ["the visitor is in a control group, perhaps of another campaign (Campaign/one/controlGroup)"] assuming []
    -

    other skill b Returns -> Styling {sections:[orders]} closed []  because [] assuming []
    -
    "#);
}

/// A payload that changes alone may admit anybody, whoever is offered the engagement by its `means`.
#[test]
fn a_payload_that_changes_alone_may_change_what_is_offered_beside_it() {
    let clubs = |world: String| world.replace("targetAudiences: [all]", "targetAudiences: [club]");
    let payload = |world: &str| world.replace("{x: 1}", "{x: 2}");
    // Behind another one; of an audience that admits nobody; with another spelling of the same.
    let behind = clubs(world("orders"));
    let nobody = world("help").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let nobody = nobody.replace(
        "customerType: [club]",
        "customerType: [club], except: {customerType: [club]}",
    );
    let apart = world("help").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let spelt = payload(&apart).replace("customerType: [club]", "customerType: [CLUB]");
    let all = [
        (behind.clone(), payload(&behind)),
        (nobody.clone(), payload(&nobody)),
        (apart.clone(), spelt),
    ]
    .map(|(one, other)| told(&one, &other, "contest=priority closed-in-app=again"));
    assert_snapshot!(all.join("\n"), @r#"
    may change a {sections:[orders]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    may change b {sections:[orders],attributes:[{type:ctmrinfo,info:{ctype:club}}]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    -

    may change a {sections:[orders]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    -

    may change a {sections:[orders],attributes:[{type:ctmrinfo,info:{ctype:club}}]} closed []  because ["the payload of the condition is another, and its `means` says the same (TargetAudience/club/conditions/0)"] assuming []
    -
    "#);
}

/// A payload that comes with another audience, or in another order, is another payload as well.
#[test]
fn a_payload_that_moves_may_change_what_is_offered() {
    let audience = "{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: club2}, spec: {conditions: [{type: 9, data: {x: 2}, means: {customerType: [club]}}]}}\n---\n";
    let one =
        world("help").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1) + audience;
    let other = one.replacen("targetAudiences: [club]", "targetAudiences: [club2]", 1);
    let listed = |text: &str, values: &str| {
        text.replace("customerType: [club]", &format!("customerType: {values}"))
    };
    let turned = listed(&one, "[gold, club]").replacen("{x: 1}", "{x: 3}", 1);
    for (before, after) in [(one.clone(), other), (listed(&one, "[club, gold]"), turned)] {
        let told = told(&before, &after, "contest=priority closed-in-app=again");
        assert!(told.contains("may change a"), "{told}");
        assert!(
            told.contains("the payload of the condition is another"),
            "{told}"
        );
    }
}

/// Where it is open whether anybody is offered it, another skill is no certain difference.
#[test]
fn what_nobody_may_be_offered_is_no_certain_difference() {
    let open = world("help").replace(
        "{type: 9, data: {x: 1}, means: {customerType: [club]}}",
        "{type: 8, data: {x: 1}}",
    );
    let open = open.replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let undeclared = world("help").replace(
        "behaviors: [any], availability: always, campaign: one",
        "availability: always, campaign: one",
    );
    let all = [open, undeclared].map(|one| {
        let other = one.replace("skill: Orders", "skill: Styling");
        told(&one, &other, "contest=lottery undeclared=open")
    });
    assert_snapshot!(all.join("\n"), @r#"
    may change a Orders -> Styling {sections:[orders]} closed []  because ["the condition has no `means`, and its payload is not public (TargetAudience/club/conditions/0)"] assuming []
    -

    may change a Orders -> Styling {sections:[orders]} closed []  because ["it depends on the inferred fact `undeclared`"] assuming []
    -
    "#);
}

/// A payload that changes is no less another one because a condition beside it goes, or because a visitor sees something else as
/// well.
#[test]
fn a_payload_that_changes_while_a_condition_goes_may_change_what_is_beside_it() {
    let club = "{type: 9, data: {x: 1}, means: {customerType: [club]}}";
    let [new, wide, most] = [
        "{type: 9, data: {x: 2}, means: {customerType: [club]}}",
        "{type: 9, data: {x: 3}, means: {customerType: [club, gold]}}",
        "{type: 9, data: {x: 4}, means: {customerType: [club, silver]}}",
    ];
    let one = world("orders").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let with = |conditions: &[&str]| one.replace(club, &conditions.join(", "));
    let assumed = "contest=lottery";
    for before in [
        &["{type: all}", club][..],
        &[club, wide],
        &[wide, club],
        &[wide, most],
    ] {
        let after = with(&[new]);
        for after in [
            after.clone(),
            after.replace("skill: Orders", "skill: Styling"),
        ] {
            let told = told(&with(before), &after, assumed);
            for name in ["a", "b"] {
                let row = format!("may change {name} ");
                assert!(told.contains(&row), "{before:?} {row}: {told}");
            }
        }
    }
    // One that only goes, and what it means is asked for by another one: nothing is different.
    let gone = told(&with(&[club, wide]), &with(&[club]), assumed);
    assert_eq!(gone, "-\n");
}

/// A payload that changes is no difference where the engagement is offered to nobody, whatever the payload admits, and none to
/// one that is ahead of it.
#[test]
fn a_payload_that_changes_where_nothing_can_be_offered_changes_nothing() {
    let one = world("orders").replacen("targetAudiences: [all]", "targetAudiences: [club]", 1);
    let ended = "schedule: { timeZone: Europe/Paris, end: '2026-03-01T00:00:00' }, weight: low";
    let nobody = "{type: 13, data: {}, means: {cart: {items: {atLeast: 3}}, except: {cart: {items: {atLeast: 3}}}}}";
    let out_of_question = [
        one.replace(
            "availability: always, campaign: one",
            "availability: always, enabled: false, campaign: one",
        ),
        one.replacen("state: published", "state: unpublished", 1),
        one.replace("weight: low", ended),
        one.replace(
            "{name: any}, spec: {conditions: [{type: all}]}",
            &format!("{{name: any}}, spec: {{conditions: [{nobody}]}}"),
        ),
    ];
    let assumed = "contest=lottery schedule-end=over";
    let told_of =
        |one: &str, assumed: &str| told(one, &one.replacen("{x: 1}", "{x: 2}", 1), assumed);
    for one in out_of_question {
        assert_eq!(told_of(&one, assumed), "-\n", "{one}");
    }
    let in_question = told_of(&one, assumed);
    assert!(
        in_question.contains("may change a ") && in_question.contains("may change b "),
        "{in_question}"
    );
    // `b` is ahead of `a`, unless it is not known how one of several is chosen.
    let behind = told_of(&one, "contest=priority");
    assert!(
        behind.contains("may change a ") && !behind.contains("may change b "),
        "{behind}"
    );
    let open = told_of(&one, "contest=open");
    assert!(open.contains("may change b "), "{open}");
}
