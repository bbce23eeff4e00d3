//! Somebody edits in the console while an apply runs. No edit that the plan did not show is ever written over.
//!
//! `CHAOS_EDITORS=200` tries so many applies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::Value;

use super::draw::Draw;
use super::insides;
use super::number;
use super::wanted::Wanted;
use super::world::{Came, Course, World};
use crate::support::{AUDIENCES, Account, CAMPAIGNS, GOALS, WINDOWS, plain};

#[test]
fn no_edit_is_written_over_that_the_plan_did_not_show() {
    let mut world = World::new();
    let (mut edits, mut inside, mut stale, mut applied) = (0, 0, 0, 0);
    for seed in 0..number("CHAOS_EDITORS").unwrap_or(4) {
        world.begin();
        let mut draw = Draw::new(seed);
        let mut wanted = Wanted::new(&mut draw);
        world.apply(&wanted.manifests(), Course::WELL);
        for _ in 0..25 {
            wanted.edit(&mut draw);
        }
        let plan = world.look(&wanted.manifests()).unwrap();
        let is_over = AtomicBool::new(false);
        let (came, made) = std::thread::scope(|scope| {
            let (account, is_over) = (&world.account, &is_over);
            let editor = scope.spawn(move || edit(account, Draw::new(seed + 1_000_000), is_over));
            let came = world.carry_out_now(&plan);
            is_over.store(true, Ordering::SeqCst);
            (came, editor.join().unwrap())
        });
        let Came::Ended(outcome) = came else {
            panic!("{came:?}");
        };
        edits += made.len();
        stale += outcome.counts.stale;
        applied += outcome.counts.applied;
        for ((path, place), value) in &made {
            let (status, _, body) = world.account.call(Method::GET, path, &[], None);
            assert_eq!(
                status, 200,
                "seed {seed}: {path} was deleted with an edit of {place}"
            );
            let now = body.pointer(place).unwrap_or(&Value::Null);
            assert_eq!(now, value, "seed {seed}: {path} {place}");
            inside += usize::from(place.matches('/').count() > 1);
        }
        world.converge(&wanted.manifests(), &format!("seed {seed}"));
    }
    println!(
        "{edits} edits, {inside} inside lists and open JSON, beside {applied} steps, {stale} steps refused as stale: 0 edits written over"
    );
    assert!(edits > 0 && inside > 0);
}

/// The last value of every place that somebody edits, by path and pointer, until the apply is over.
fn edit(
    account: &Account,
    mut draw: Draw,
    is_over: &AtomicBool,
) -> BTreeMap<(String, String), Value> {
    let mut made = BTreeMap::new();
    let mut count = 0;
    let mut paths = Vec::new();
    while !is_over.load(Ordering::SeqCst) {
        if count % 8 == 0 {
            paths = self::paths(account);
        }
        count += 1;
        let Some(path) = draw.of(&paths) else {
            continue;
        };
        let (status, revision, mut body) = account.call(Method::GET, path, &[], None);
        if status != 200 {
            continue;
        }
        let inside = if draw.one_in(2) {
            insides::edit(&mut body, &mut draw, count)
        } else {
            None
        };
        let (place, value) = inside.unwrap_or_else(|| {
            let field = ["description", "remark"][draw.below(2)];
            let value = Value::from(format!("edit {count}"));
            body[field] = value.clone();
            (format!("/{field}"), value)
        });
        let headers = [("If-Match", revision.as_str())];
        let (status, _, _) = account.call(Method::PUT, path, &headers, Some(&body));
        if status == 200 {
            made.insert((path.clone(), place), value);
        }
    }
    made
}

/// The paths of all objects that are not the vendor's.
fn paths(account: &Account) -> Vec<String> {
    let mut paths = Vec::new();
    let goals = account.get(GOALS);
    for row in goals.as_array().unwrap() {
        if row["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("Goal "))
        {
            paths.push(Account::path_of(GOALS, &row["id"]));
        }
    }
    for (collection, name) in [(AUDIENCES, "Audience "), (WINDOWS, "Window ")] {
        for row in account.get(collection).as_array().unwrap() {
            if row["name"].as_str().is_some_and(|it| it.starts_with(name)) {
                paths.push(Account::path_of(collection, &row["id"]));
            }
        }
    }
    for row in account.get(CAMPAIGNS).as_array().unwrap() {
        paths.push(Account::path_of(CAMPAIGNS, &row["id"]));
        let list = format!(
            "le-campaigns/campaigns/{}/engagements?v=3.4",
            plain(&row["id"])
        );
        let (status, _, rows) = account.call(Method::GET, &list, &[], None);
        if status == 200 {
            for row in rows.as_array().unwrap() {
                paths.push(Account::path_of(&list, &row["id"]));
            }
        }
    }
    paths
}
