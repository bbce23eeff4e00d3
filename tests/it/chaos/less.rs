//! Reading less never changes what is said: a plan of what it needs is the plan of the whole account.
//!
//! `CHAOS_LESS=500` tries so many pairs of a project and an account.

use std::fmt::Write as _;

use campaignctl::sandbox::{SandboxSettings, WholeList};
use serde_json::{Value, json};

use super::draw::Draw;
use super::number;
use super::world::{Came, Course, Reads, World};
use crate::support::{Account, CAMPAIGNS, GOALS, plain};

#[test]
fn a_plan_is_the_same_however_much_was_read() {
    // Where the lists say all, and where they say little.
    let mut worlds = [WholeList::Whole, WholeList::Summary].map(|whole_list| {
        World::with(SandboxSettings {
            whole_list,
            ..SandboxSettings::default()
        })
    });
    let (mut plans, mut changes, mut refusals, mut reaches, mut complaints) = (0, 0, 0, 0, 0);
    for seed in 0..number("CHAOS_LESS").unwrap_or(12) {
        let world = &mut worlds[usize::from(seed % 2 == 1)];
        world.begin();
        let skills = json!([{ "name": "Orders" }, { "name": "Returns" }]);
        world.account.seed(&json!({ "skills": skills }));
        let mut draw = Draw::new(seed);
        let first = shop(&mut draw);
        let came = world.apply(&first, Course::WELL);
        assert!(
            matches!(came, Came::Ended(_)),
            "seed {seed}: {came:?}\n{first}"
        );
        console(&world.account, &mut draw);
        for _ in 0..4 {
            let is_empty = draw.one_in(4);
            let files = if is_empty {
                ALWAYS.to_owned()
            } else {
                shop(&mut draw) + &guest(&mut draw)
            };
            let [least, most] = [Reads::WhatItNeeds, Reads::Everything].map(|reads| {
                let plan = world.plan_reading(&files, &world.ledger(), reads);
                plan.map(|mut plan| {
                    (plan.id, plan.digest) = (String::new(), String::new());
                    plan
                })
            });
            assert_eq!(least, most, "seed {seed}\n{first}\n=== then\n{files}");
            match least {
                Ok(plan) => {
                    plans += 1;
                    changes += plan.changes.len();
                    refusals += plan.refusals.len();
                    reaches += plan.reaches.len();
                }
                Err(_) => complaints += 1,
            }
        }
    }
    println!(
        "{plans} plans with {changes} changes, {refusals} refusals and {reaches} reaches; {complaints} complaints"
    );
    assert!(plans > 0 && changes > 0);
}

/// One of these, or nothing.
fn maybe(draw: &mut Draw, field: &str, values: &[&str]) -> String {
    match draw.below(values.len() + 1) {
        0 => String::new(),
        at => format!("  {field}: {}\n", values[at - 1]),
    }
}

/// What is in every project.
const ALWAYS: &str = "---\napiVersion: campaignctl.dev/v1\nkind: SpecialOccasion\nmetadata: { name: always }\nspec:\n  displayName: Always\n  events:\n    - { name: Day, working: false, start: { dateTime: 2036-12-25, timeZone: Europe/Paris }, end: { dateTime: 2036-12-26, timeZone: Europe/Paris } }\n";

/// A small project of which any object, and any reference, may be missing.
fn shop(draw: &mut Draw) -> String {
    const HEAD: &str = "---\napiVersion: campaignctl.dev/v1\n";
    let mut text = ALWAYS.to_owned();
    let word = draw.below(3);
    // References in open JSON, to a kind that nothing else refers to.
    let skill = ["", ", queue: { $ref: Orders, kind: Skill }"][draw.below(2)];
    let [goal, audience, place, habit, window, campaign] = [(); 6].map(|()| !draw.one_in(3));
    let mut simple = |is_there: bool, kind: &str, name: &str, rest: &str| {
        if is_there {
            let _ = write!(
                text,
                "{HEAD}kind: {kind}\nmetadata: {{ name: {name} }}\nspec:\n  displayName: My {name}\n{rest}"
            );
        }
    };
    simple(
        goal,
        "Goal",
        "goal",
        &format!("  indicator: {{ url: /thanks-{word} }}\n"),
    );
    simple(
        audience,
        "TargetAudience",
        "audience",
        &format!("  description: about {word}\n"),
    );
    simple(
        place,
        "EntryPoint",
        "place",
        &format!("  description: about {word}\n"),
    );
    simple(
        habit,
        "Behavior",
        "habit",
        &format!("  description: about {word}\n"),
    );
    simple(
        window,
        "EngagementWindow",
        "window",
        &format!("  type: embedded\n  order: {word}\n  style: {{ scheme: modern{skill} }}\n"),
    );
    if !campaign {
        return text;
    }
    let of = |is_there: bool, name: &'static str, live: &'static str| {
        if is_there {
            vec![name, live]
        } else {
            vec![live]
        }
    };
    let goals = of(goal, "goal", "{ live: Interact with visitors }");
    let audiences = of(audience, "[audience]", "[{ live: All visitors }]");
    let fields = maybe(draw, "goal", &goals)
        + &maybe(draw, "targetAudiences", &[&audiences[..], &["[]"]].concat());
    let _ = write!(
        text,
        "{HEAD}kind: Campaign\nmetadata: {{ name: campaign }}\nspec:\n  displayName: My campaign\n  schedule: {{ timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }}\n{fields}"
    );
    if draw.one_in(2) {
        let places = of(place, "[place]", "[{ live: Entire website/app }]");
        let habits = of(habit, "[habit]", "[{ live: All behaviors }]");
        let windows = of(window, "window", "{ system: true }");
        let [places, habits, windows] =
            [places, habits, windows].map(|of| of[draw.below(of.len())]);
        let _ = write!(
            text,
            "{HEAD}kind: Engagement\nmetadata: {{ name: engagement }}\nspec:\n  campaign: campaign\n  type: stickyButton\n  language: en-US\n  entryPoints: {places}\n  behaviors: {habits}\n  window: {windows}\n"
        );
    }
    text
}

/// Perhaps an engagement in the campaign of a colleague, of which no manifest tells.
fn guest(draw: &mut Draw) -> String {
    if !draw.one_in(3) {
        return String::new();
    }
    "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: guest }\nspec:\n  displayName: Theirs\n  campaign: { live: Theirs }\n  type: stickyButton\n  language: en-US\n  entryPoints: [{ live: Entire website/app }]\n  window: { system: true }\n".to_owned()
}

/// A colleague makes a campaign that uses what is there, an engagement inside one, and edits.
fn console(account: &Account, draw: &mut Draw) {
    let goals = account.get(GOALS);
    let goals: Vec<Value> = goals
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    if !draw.one_in(8) {
        // Mostly the newest: that is ours, where one is.
        let newest = goals.last().filter(|_| !draw.one_in(4));
        let goal = newest
            .or_else(|| draw.of(&goals))
            .cloned()
            .unwrap_or_default();
        account.post(
            CAMPAIGNS,
            &json!({ "name": "Theirs", "goalId": goal, "status": 1 }),
        );
    }
    let campaigns = account.get(CAMPAIGNS);
    let campaigns = campaigns.as_array().unwrap();
    if let Some(campaign) = draw.of(campaigns) {
        let list = format!(
            "le-campaigns/campaigns/{}/engagements?v=3.4",
            plain(&campaign["id"])
        );
        account.post(&list, &json!({ "name": "Theirs", "channel": 1, "type": 1 }));
    }
    if let Some(goal) = draw.of(&goals) {
        let path = Account::path_of(GOALS, goal);
        account.edit(&path, |body| body["description"] = "by a colleague".into());
    }
}
