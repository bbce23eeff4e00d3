//! The commands that show and mend a ledger.

use serde_json::json;

use super::shared::{Shared, goal, goals};
use crate::support::{GOALS, Project};

#[test]
fn the_ledger_is_shown_and_mended() {
    Shared::on_every(&(goal("one") + &goal("two")), shown_and_mended);
}

fn shown_and_mended(shared: &Shared) {
    let run = shared.run(&["ledger", "list"]).expect(0);
    assert_eq!(run.stdout, "The ledger is empty.\n");
    shared.run(&["apply", "--auto-approve"]).expect(0);

    let run = shared.run(&["ledger", "list"]).expect(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("MANIFEST  "), "{lines:?}");
    assert!(
        lines[1].starts_with("Goal/one  ") && lines[1].contains("The one"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 3);
    let list = shared
        .run(&["ledger", "list", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(list["format"], "campaignctl.ledger-list/v1");
    assert_eq!(list["ledger"], shared.place.address());
    assert_eq!(list["entries"][1]["name"], "two");
    assert_eq!(list["entries"][1]["file"], "manifests.yaml");

    let run = shared.run(&["ledger", "show"]).expect(0);
    assert!(run.stdout.contains("bound        2 Goal"), "{}", run.stdout);
    let run = shared.run(&["ledger", "show", "Goal/one"]).expect(0);
    assert!(run.stdout.starts_with("# Goal/one\nid: "), "{}", run.stdout);
    let run = shared.run(&["ledger", "show", "Goal/onee"]).expect(3);
    assert!(run.stderr.contains("Goal/one"), "{}", run.stderr);

    let writes = shared.project.account.writes();
    let run = shared.run(&["ledger", "forget", "Goal/one"]).expect(0);
    assert!(
        run.stderr.contains("Nothing in the account changed"),
        "{}",
        run.stderr
    );
    shared.run(&["ledger", "forget", "Goal/one"]).expect(3);
    assert_eq!(shared.project.account.writes(), writes);
    let plan = shared.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("1 to adopt"), "{}", plan.stdout);
}

#[test]
fn a_manifest_is_bound_to_an_object_of_another_name() {
    Shared::on_every(&(goal("one") + &goal("two")), bound_to_another_name);
}

fn bound_to_another_name(shared: &Shared) {
    shared.run(&["apply", "--auto-approve"]).expect(0);
    shared.run(&["ledger", "forget", "Goal/two"]).expect(0);
    let old = json!({ "name": "An old goal", "type": 1 });
    let id = crate::support::plain(&shared.project.account.post(GOALS, &old)["id"]);
    let one = crate::support::plain(&shared.project.account.row(GOALS, "The one").unwrap()["id"]);
    let rows = shared.project.account.get(GOALS);
    let system = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["systemDefault"] == true);
    let writes = shared.project.account.writes();
    let mut refused = vec![
        (["Goal/none", id.as_str()], "there is no manifest Goal/none"),
        (
            ["Goal/two", "4199999999"],
            "the account has no Goal with the id 4199999999",
        ),
        (["Goal/two", one.as_str()], "is bound to Goal/one already"),
        (["Goal/one", id.as_str()], "Goal/one is bound to"),
    ];
    let system = system.map(|row| crate::support::plain(&row["id"]));
    if let Some(system) = &system {
        refused.push((["Goal/two", system], "is one of the vendor's own"));
    }
    for ([key, id], complaint) in refused {
        let run = shared.run(&["ledger", "bind", key, id]).expect(3);
        assert!(run.stderr.contains(complaint), "{}", run.stderr);
    }
    let run = shared.run(&["ledger", "bind", "Goal/two", &id]).expect(0);
    assert!(run.stderr.contains("is bound to"), "{}", run.stderr);
    shared.run(&["ledger", "bind", "Goal/two", &id]).expect(0); // once more changes nothing
    assert_eq!(shared.project.account.writes(), writes);
    let plan = shared.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("An old goal"), "{}", plan.stdout);
    // Two of the name would be one too many.
    shared
        .project
        .account
        .delete(&shared.project.account.item_path(GOALS, "The two"));
    shared
        .run(&["apply", "--auto-approve", "--allow-mass-update"])
        .expect(0);
    let row = shared.project.account.row(GOALS, "The two").unwrap();
    assert_eq!(crate::support::plain(&row["id"]), id);
}

#[test]
fn a_local_lock_goes_with_its_process_only() {
    let project = Project::with(&goals(1));
    let store = campaignctl::ledger::LedgerStore::new(project.ledger_path(), "10000001");
    let holder = campaignctl::ledger::Holder {
        who: "ann@build-7".to_owned(),
        since: "2026-01-01T00:00:00Z".to_owned(),
    };
    let session = project
        .account
        .block_on(store.lock(&holder, "line-1"))
        .unwrap();
    let run = project.run(&["apply", "--auto-approve"]).expect(1);
    assert!(
        run.stderr
            .contains("is locked by ann@build-7 since 2026-01-01T00:00:00Z"),
        "{}",
        run.stderr
    );
    let run = project.run(&["ledger", "unlock", "--force"]).expect(1);
    assert!(
        run.stderr.contains("a process that still runs"),
        "{}",
        run.stderr
    );
    drop(session);
    let run = project.run(&["ledger", "unlock"]).expect(0);
    assert!(run.stderr.contains("is not locked"), "{}", run.stderr);
    project.run(&["apply", "--auto-approve"]).expect(0);
}
