//! Waves: their order, what each waits for, and a rollout that is resumed by running it again.

use insta::assert_snapshot;

use super::Fleet;

const RINGS: [(&str, &str); 5] = [
    ("a", "labels: { ring: 1 }"),
    ("b", "labels: { ring: 1 }"),
    ("c", "labels: { ring: 2 }"),
    ("d", "labels: { ring: 2 }"),
    ("e", ""),
];

/// Waves of which the second one waits so long.
fn fleet(after: &str) -> Fleet {
    let waves = format!("waves: [{{ select: ring=1 }}, {{ select: ring=2, after: {after} }}]\n");
    Fleet::new(&RINGS, &waves)
}

/// Sets the time back at which a ledger says that it was written last.
fn age(fleet: &Fleet, environment: &str) {
    let path = format!(".campaignctl/ledger/{environment}.json");
    let text = std::fs::read_to_string(fleet.project.path().join(&path)).unwrap();
    let mut ledger: serde_json::Value = serde_json::from_str(&text).unwrap();
    for entry in ledger["entries"].as_object_mut().unwrap().values_mut() {
        entry["at"] = "2026-01-01T00:00:00Z".into();
    }
    if ledger.get("deletedAt").is_some() {
        ledger["deletedAt"] = "2026-01-01T00:00:00Z".into();
    }
    fleet.project.write(&path, &ledger.to_string());
}

#[test]
fn a_wave_that_is_not_due_waits_and_a_later_run_goes_on() {
    let fleet = fleet("1h");
    let first = fleet.apply(&[]).expect(9);
    assert_eq!(
        fleet.landed(),
        "a applied 0\nb applied 0\nc notStarted 9\nd notStarted 9\ne notStarted 9"
    );
    let why = first
        .stdout
        .lines()
        .find(|it| it.contains("its wave starts at"));
    assert!(why.is_some(), "{}", first.stdout);
    assert_eq!(fleet.written(), ["a", "b"]);
    // The last write of any environment counts.
    age(&fleet, "a");
    fleet.apply(&[]).expect(9);
    age(&fleet, "b");
    fleet.apply(&[]).expect(0);
    assert_eq!(
        fleet.landed(),
        "a unchanged 0\nb unchanged 0\nc applied 0\nd applied 0\ne applied 0"
    );
    assert_eq!(fleet.written(), ["a", "b", "c", "d", "e"]);
    assert_eq!(fleet.commits(), 10, "each is written once");
}

#[test]
fn what_is_only_deleted_counts_as_a_write() {
    let fleet = fleet("1h");
    fleet.apply(&["--wave", "1"]).expect(0);
    age(&fleet, "a");
    age(&fleet, "b");
    let all = super::MANIFESTS.split("---").next().unwrap();
    fleet.project.write("manifests.yaml", all);
    fleet
        .apply(&["--allow-mass-delete", "--allow-unpublish"])
        .expect(9);
    assert_eq!(fleet.commits(), 6);
    age(&fleet, "a");
    age(&fleet, "b");
    fleet.apply(&[]).expect(0);
}

#[test]
fn waiting_ends_when_the_wave_is_due() {
    let fleet = fleet("1s");
    let run = fleet.apply(&["--wait"]).expect(0);
    assert_eq!(fleet.written(), ["a", "b", "c", "d", "e"]);
    assert!(run.stderr.contains("Wave 2 starts at"), "{}", run.stderr);
}

#[test]
fn a_wave_alone_starts_when_those_before_it_are_done() {
    let fleet = fleet("0s");
    let early = fleet.apply(&["--wave", "2"]).expect(9);
    let why = early.stdout.lines().find(|it| it.starts_with("error: "));
    assert_snapshot!(why.unwrap(), @"error: the waves before it are not done: a: 2 objects are to be changed; b: 2 objects are to be changed");
    assert_eq!(fleet.commits(), 0);
    fleet.apply(&["--wave", "1"]).expect(0);
    assert_eq!(fleet.landed(), "a applied 0\nb applied 0");
    fleet.apply(&["--wave", "2"]).expect(0);
    assert_eq!(fleet.landed(), "c applied 0\nd applied 0");
    // Those that no wave selects are one more.
    fleet.apply(&["--wave", "3"]).expect(0);
    assert_eq!(fleet.landed(), "e applied 0");
    // A change in the console of an account that was done opens its wave again.
    let path = fleet.account().item_path(crate::support::GOALS, "a bought");
    fleet
        .account()
        .edit(&path, |goal| goal["description"] = "by hand".into());
    let path = fleet.account().item_path(crate::support::GOALS, "b bought");
    fleet
        .account()
        .edit(&path, |goal| goal["name"] = "b sold".into());
    let again = fleet.apply(&["--wave", "3"]).expect(9);
    assert!(
        again.stdout.contains("b: 1 object is to be changed"),
        "{}",
        again.stdout
    );
    assert!(
        !again.stdout.contains("a: 1 object"),
        "an undeclared field is not ours"
    );
}

#[test]
fn a_wave_that_failed_holds_the_next_one() {
    let fleet = fleet("0s");
    fleet.account().fault("POST */goals 400 once");
    fleet.apply(&["--at-a-time", "1"]).expect(8);
    assert_eq!(
        fleet.landed(),
        "a partly 8\nb notStarted -\nc notStarted -\nd notStarted -\ne notStarted -"
    );
    fleet.apply(&[]).expect(0);
    assert_eq!(fleet.written(), ["a", "b", "c", "d", "e"]);
    assert_eq!(fleet.commits(), 10);
}
