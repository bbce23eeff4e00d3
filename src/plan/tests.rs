//! The verdict on a plan, from plain data.

use serde_json::{Value, json};

use super::*;
use crate::kinds::KindId;
use crate::live::{Entry, Inventory, Ledger, LiveObject};
use crate::text::Packed;

/// A ledger that binds so many goals, the first ones.
fn ledger(goals: std::ops::Range<u64>) -> Ledger {
    let mut ledger = Ledger::new("10000001", "line-1");
    for number in goals {
        let entry = Entry {
            id: RemoteId::from(number.to_string().as_str()),
            parent: None,
            display_name: format!("Goal {number}"),
            applied: Packed::of(&json!({})),
            protect: false,
            observed: false,
            file: "goals.yaml".to_owned(),
            link: None,
            at: "2026-09-01T00:00:00Z".to_owned(),
            plan: "p1".to_owned(),
            vocabulary: crate::kinds::words::VOCABULARY,
        };
        ledger.entries.insert(key(number), entry);
    }
    ledger
}

fn key(number: u64) -> Key {
    format!("Goal/g{number}").parse().unwrap()
}

/// A plan of some changes, with nothing else in it.
fn plan(changes: &[Value]) -> Plan {
    serde_json::from_value(json!({
        "format": PLAN_FORMAT, "id": "1", "createdAt": "", "toolVersion": "0", "project": ".", "environment": "test",
        "vocabulary": crate::kinds::words::VOCABULARY, "account": "10000001", "manifestDigest": "", "summary": Summary::default(), "changes": changes, "steps": [],
        "references": {},
    }))
    .unwrap()
}

fn delete(number: u64) -> Value {
    json!({
        "kind": "Goal", "name": format!("g{number}"), "displayName": format!("Goal {number}"), "action": "delete",
        "remoteId": number.to_string(), "fields": [], "unchanged": 0,
    })
}

fn object(kind: &str, id: &str, body: &Value) -> LiveObject {
    LiveObject {
        kind: KindId::named(kind).unwrap(),
        id: RemoteId::from(id),
        parent: None,
        display_name: body["name"].as_str().unwrap().to_owned(),
        body: Packed::of(body),
        whole: true,
        system: false,
    }
}

/// The rules that a plan breaks, with what they say.
fn verdict(plan: &Plan, ledger: &Ledger, before: &Ledger, objects: Vec<LiveObject>) -> Vec<String> {
    let mut inventory = Inventory::default();
    for object in objects {
        inventory.push(object);
    }
    let now = Now {
        guards: Guards::default(),
        exclusive: &[],
        ledger,
        before,
        inventory: &inventory,
        desired: None,
        now: None,
    };
    let refusals = judge(plan, &now).into_iter();
    refusals
        .map(|it| format!("{}: {}", it.rule, it.message))
        .collect()
}

#[test]
fn a_resumed_run_is_judged_by_the_ledger_before_its_first_write() {
    let plan = plan(&(0..4).map(delete).collect::<Vec<_>>());
    let told = ["mass-delete: the plan would delete 4 of 10 owned Goal objects, more than 30 %"];
    assert_eq!(verdict(&plan, &ledger(0..10), &ledger(0..10), vec![]), told);
    // Three of the four are deleted: of the seven that are left, no limit holds.
    assert_eq!(verdict(&plan, &ledger(3..10), &ledger(0..10), vec![]), told);
}

#[test]
fn protection_is_what_anybody_says() {
    let deletion = plan(&[delete(1)]);
    let told = ["protected-object: Goal/g1 is protected, and the plan would delete it"];
    let mut protected = ledger(0..3);
    protected.entries.get_mut(&key(1)).unwrap().protect = true;
    assert_eq!(verdict(&deletion, &protected, &protected, vec![]), told);
    let mut change = delete(1);
    change["protect"] = json!(true);
    assert_eq!(
        verdict(&plan(&[change]), &ledger(0..3), &ledger(0..3), vec![]),
        told
    );
    assert!(verdict(&deletion, &ledger(0..3), &ledger(0..3), vec![]).is_empty());
}

#[test]
fn what_is_deleted_is_in_use_by_what_refers_to_it_after_the_plan() {
    let goal = object("Goal", "1", &json!({ "id": 1, "name": "Goal 1" }));
    let user = object(
        "Campaign",
        "9",
        &json!({ "id": 9, "name": "Sale", "goalId": 1 }),
    );
    let account = || vec![goal.clone(), user.clone()];
    let theirs = "object-in-use: Goal/g1 would be deleted, but the Campaign `Sale` refers to it, which no manifest defines";
    let ours =
        "object-in-use: Goal/g1 would be deleted, but the manifest Campaign/sale refers to it";
    let ledger = ledger(0..3);
    assert_eq!(
        verdict(&plan(&[delete(1)]), &ledger, &ledger, account()),
        [theirs]
    );
    // One of ours that the plan leaves as it is counts as well; one that lets go does not.
    let mut update = json!({
        "kind": "Campaign", "name": "sale", "displayName": "Sale", "action": "update", "remoteId": "9", "fields": [],
        "unchanged": 0,
    });
    let kept = plan(&[delete(1), update.clone()]);
    assert_eq!(verdict(&kept, &ledger, &ledger, account()), [ours]);
    update["action"] = json!("update");
    let mut lets_go = plan(&[delete(1), update]);
    lets_go.changes[1].patch = json!({ "goal": { "id": 2 } });
    assert!(verdict(&lets_go, &ledger, &ledger, account()).is_empty());
    // What is gone already is not in use.
    assert!(verdict(&plan(&[delete(1)]), &ledger, &ledger, vec![user]).is_empty());
}

/// A scenario cannot expect what is open.
#[test]
fn scenarios_are_advised_only_for_what_they_can_expect() {
    let help = |shifts: &[Shift], untestable: &[Shift]| {
        let of = |shifts: &[Shift]| shifts.iter().map(|it| (key(1), *it)).collect::<Vec<_>>();
        Refusal::of_impact(&of(shifts), &of(untestable)).help
    };
    let sure = help(&[Shift::OtherSkill], &[]);
    assert!(sure.contains("--write-scenarios"), "{sure}");
    let (skill, zone) = (Shift::OtherSkill, Shift::OtherZone);
    insta::assert_snapshot!(help(&[skill, zone], &[zone]), @"review the impact with `plan --impact`, and add `--allow-impact`: no test can expect g1 (other zone); `--write-scenarios FILE` keeps the rest as tests");
    // Another visit than the example may be one that a test can state.
    insta::assert_snapshot!(help(&[skill], &[skill]), @"review the impact with `plan --impact`, and add `--allow-impact`: no test can be made of the example visit of g1 (other skill); one of another visit counts");
    insta::assert_snapshot!(help(&[skill, zone], &[skill, zone]), @"review the impact with `plan --impact`, and add `--allow-impact`: no test can expect g1 (other zone); no test can be made of the example visit of g1 (other skill); one of another visit counts");
    insta::assert_snapshot!(help(&[skill, Shift::NowOffered], &[skill]), @"review the impact with `plan --impact`, and add `--allow-impact`: no test can be made of the example visit of g1 (other skill); one of another visit counts; `--write-scenarios FILE` keeps the rest as tests");
    for none in [Shift::MayChange, Shift::OtherZone] {
        let open = help(&[none, none], &[none, none]);
        assert!(!open.contains("--write-scenarios"), "{open}");
        assert!(open.contains("`--allow-impact`"), "{open}");
    }
}
