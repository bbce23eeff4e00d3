//! The sandbox as a person uses it: filled by name, edited as in the console, emptied.

use tempfile::TempDir;

use crate::program::{Ran, run};

const PROJECT: &str = "\
project: shop
environments:
  sandbox:
    skills: [Orders]
    appInstallations: [Shop for iOS]
    connectors: [Shop login]
";

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: paid }
spec: { displayName: Paid, indicator: { url: /paid } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Sale
  goal: paid
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: home }
spec:
  displayName: Home
  appInstallation: Shop for iOS
  conditions:
    - { type: section, data: { include: [{ sections: [{ name: home }] }], exclude: [] } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: app-home }
spec:
  displayName: Home screen
  campaign: sale
  type: app
  language: en-US
  entryPoints: [home]
  behaviors: [{ system: true }]
  appInstallation: Shop for iOS
  connector: Shop login
  skill: Orders
  displayInstances:
    - { type: app, presentation: { text: Ask us, background: { color: white } } }
";

/// Objects with open structures.
const OPEN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Behavior
metadata: { name: hesitates }
spec:
  displayName: Hesitates
  conditions:
    - { type: timeOnPage, data: { seconds: 300 }, means: { timeOnPage: { atLeast: 300 } } }
---
apiVersion: campaignctl.dev/v1
kind: EngagementWindow
metadata: { name: club }
spec:
  displayName: Club
  style: { scheme: modern, sound: false }
---
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: two }
spec:
  displayName: Two
  conditions: [{ type: 7, data: { a: 1 } }, { type: 9, data: { b: 1 } }]
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("campaignctl.yaml"), PROJECT).unwrap();
    std::fs::write(folder.path().join("all.yaml"), MANIFESTS).unwrap();
    folder
}

/// The same with a look and a condition, applied.
fn applied() -> TempDir {
    let folder = project();
    std::fs::write(folder.path().join("open.yaml"), OPEN).unwrap();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    folder
}

fn said(folder: &TempDir, words: &[&str]) -> Ran {
    run(folder.path(), words)
}

#[test]
fn a_sandbox_is_filled_by_name_once() {
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    said(&folder, &["plan", "--detailed-exitcode"]).expect(0);
    let found = said(&folder, &["doctor"]).expect(0).stdout;
    assert!(
        found.contains("ok  names        3 names of live objects"),
        "{found}"
    );
    let others = MANIFESTS.replace("skill: Orders", "skill: Order");
    std::fs::write(folder.path().join("all.yaml"), others).unwrap();
    let found = said(&folder, &["doctor"]).expect(3).stdout;
    assert!(
        found.contains("there is no Skill `Order`, which 1 manifest needs; did you mean `Orders`?"),
        "{found}"
    );
}

#[test]
fn an_edit_is_drift_of_exactly_these_fields() {
    let folder = project();
    // One after the other, so that the ids below are the same in each run.
    said(&folder, &["apply", "--auto-approve", "--parallelism", "1"]).expect(0);
    said(
        &folder,
        &["sandbox", "edit", "Goal/paid", "indicator.url=/thanks"],
    )
    .expect(0);
    said(
        &folder,
        &[
            "sandbox",
            "edit",
            "Campaign/Sale",
            "controlGroup=5%",
            "state=published",
        ],
    )
    .expect(0);
    said(
        &folder,
        &[
            "sandbox",
            "edit",
            "Engagement/app-home",
            "entryPoints=[{ system: true }]",
        ],
    )
    .expect(0);
    let drift = said(&folder, &["drift"]).expect(2).stdout;
    insta::assert_snapshot!(drift, @r#"
      ~ Goal/paid "Paid" (4100000103)
          indicator.url: /paid -> /thanks

      ~ Engagement/app-home "Home screen" (4100000106)
          entryPoints: [home] -> [{ system: true }]

    Drift: 2 objects changed in 2 fields, 0 gone.
    "#);
    said(&folder, &["pull", "--write"]).expect(0);
    said(&folder, &["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn an_edit_that_means_nothing_changes_nothing() {
    let folder = applied();
    let mut told = String::new();
    for words in [
        ["Goal/paid", "indicator.ulr=/x"],
        ["Goal/pad", "indicator.url=/x"],
        ["Campaign/sale", "state=publishd"],
        ["Campaign/sale", "schedule.end=[1"],
        ["Campaign/sale", "state"],
        ["Skill/Orders", "name=Care"],
        ["Goal/nonesuch", "x=1"],
        ["Goal/paid", "metadata.name=x"],
        ["Goal/paid", "extra.foo"],
        ["Engagement/app-home", "campaign=other"],
        ["Engagement/app-home", "campaign={ id: 1 }"],
        ["Engagement/app-home", "entryPoints=[nope]"],
        ["Engagement/app-home", "entryPoints=[Home]"],
        ["Engagement/app-home", "entryPoints=[{ live: Nope }]"],
        ["Engagement/app-home", "entryPoints=[{ id: 4 }]"],
        ["Engagement/app-home", "skill=Order"],
        [
            "Behavior/hesitates",
            "conditions[timeOnPage].means.timeOnPage.atLeast=3",
        ],
        [
            "Behavior/hesitates",
            "conditions=[{ type: timeOnPage, data: { seconds: 3 }, means: { timeOnPage: { atLeast: 3 } } }]",
        ],
        ["Behavior/hesitates", "conditions.0.data.completed=true"],
        ["Behavior/hesitates", "conditions[cart].data.value=1"],
    ] {
        let ran = said(&folder, &[&["sandbox", "edit"], &words[..]].concat()).expect(3);
        told.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(told, @r#"
    error: Goal has no field `indicator.ulr`
      = help: did you mean `indicator.url`?
    error: the account holds no Goal `pad`
      = help: did you mean `Paid`?
    error: `state` is not valid: "publishd" is neither one of unpublished, published, scheduled nor a number
    error: invalid value 'schedule.end=[1' for '<FIELD=VALUE>...': the value of `schedule.end` is not YAML: the bracket `[` is not closed

    For more information, try '--help'.
    error: invalid value 'state' for '<FIELD=VALUE>...': `state` is not of the form FIELD=VALUE

    For more information, try '--help'.
    error: a Skill cannot be edited here
    error: the account holds no Goal `nonesuch`
      = help: `campaignctl status --kind Goal` lists what the account contains
    error: `metadata.name` cannot be edited: the account does not hold it
      = help: change it in the manifest
    error: invalid value 'extra.foo' for '<FIELD=VALUE>...': `extra.foo` is not of the form FIELD=VALUE

    For more information, try '--help'.
    error: an Engagement cannot move to another Campaign: `campaign` cannot be edited
      = help: change it in the manifest: a plan deletes the object and creates it again
    error: an Engagement cannot move to another Campaign: `campaign` cannot be edited
      = help: change it in the manifest: a plan deletes the object and creates it again
    error: the account has no EntryPoint `nope`
      = help: `campaignctl status --kind EntryPoint` lists what the account contains
    error: the account has no EntryPoint `Home`
      = help: did you mean `home`?
    error: the account has no EntryPoint `{ live: Nope }`
      = help: `campaignctl status --kind EntryPoint` lists what the account contains
    error: the account has no EntryPoint `{ id: 4 }`
      = help: `campaignctl status --kind EntryPoint` lists what the account contains
    error: the account has no Skill `Order`
      = help: did you mean `Orders`?
    error: `conditions[timeOnPage].means.timeOnPage.atLeast` cannot be edited: the account does not hold it
      = help: change it in the manifest
    error: `means` cannot be edited: the account does not hold it
      = help: change it in the manifest
    error: Behavior has no field `conditions.0.data.completed`
      = help: name an item of a list by its key: `conditions[KEY]`
    error: `conditions` has no item `cart`
      = help: its items are timeOnPage
    "#);
    said(&folder, &["drift"]).expect(0);
    said(&folder, &["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn an_edit_to_what_is_there_already_is_no_change() {
    let folder = applied();
    let same = [
        ("EngagementWindow/club", "style={scheme: modern}"),
        ("EngagementWindow/club", "style.sound=false"),
        ("Goal/paid", "indicator.url=/paid"),
        ("Engagement/app-home", "entryPoints=[home]"),
        // The order of conditions means nothing.
        (
            "TargetAudience/two",
            "conditions=[{ type: 9, data: { b: 1 } }, { type: 7, data: { a: 1 } }]",
        ),
        (
            "Engagement/app-home",
            "displayInstances[app].presentation.text=Ask us",
        ),
        (
            "Behavior/hesitates",
            "conditions[timeOnPage].data.seconds=300",
        ),
    ];
    for (object, change) in same {
        let edited = said(&folder, &["sandbox", "edit", object, change]).expect(0);
        assert!(
            edited.stderr.starts_with("Nothing was changed: "),
            "{}",
            edited.stderr
        );
    }
    let edit = [
        "sandbox",
        "edit",
        "Goal/paid",
        "displayName=Bought",
        "indicator.url=/paid",
    ];
    let edited = said(&folder, &edit).expect(0).stderr;
    assert_eq!(
        edited,
        "Goal `Paid` was changed in the sandbox.\nAlready so before: indicator.url.\n"
    );
}

#[test]
fn open_structures_are_edited_by_any_key() {
    let folder = applied();
    for (object, change) in [
        ("EngagementWindow/club", "style.sound=true"),
        ("EngagementWindow/club", "style.welcomeMessage.text=Hello"),
        (
            "Behavior/hesitates",
            "conditions[timeOnPage].data.seconds=50",
        ),
        (
            "Engagement/app-home",
            "displayInstances[app].presentation.background.color=#123",
        ),
        ("Goal/paid", "extra.ownKey=7"),
    ] {
        let edited = said(&folder, &["sandbox", "edit", object, change]).expect(0);
        assert!(
            edited.stderr.contains("was changed in the sandbox."),
            "{change}: {}",
            edited.stderr
        );
    }
    let drift = said(&folder, &["drift"]).expect(2).stdout;
    for line in [
        "style.sound: false -> true",
        "conditions[timeOnPage].data.seconds: 300 -> 50",
        "displayInstances[app].presentation.background.color",
    ] {
        assert!(drift.contains(line), "{drift}");
    }
    let window = said(&folder, &["export", "EngagementWindow"])
        .expect(0)
        .stdout;
    assert!(window.contains("Hello"), "{window}");
}

#[test]
fn no_command_of_the_sandbox_takes_another_environment() {
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    for words in [
        &["start"][..],
        &["reset"],
        &["seed", "all.yaml"],
        &["edit", "Goal/paid", "description=x"],
    ] {
        let words = [&["sandbox", "-e", "production"], words].concat();
        let refused = said(&folder, &words).expect(3).stderr;
        assert!(refused.contains("not on `production`"), "{refused}");
    }
    said(&folder, &["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_reset_takes_the_ledger_of_the_old_account_along() {
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    let reset = said(&folder, &["sandbox", "reset"]).expect(0);
    assert_eq!(
        reset.stderr,
        "The sandbox holds a new account. Removed 4 objects of the old account from the ledger.\n"
    );
    said(&folder, &["undo", "--auto-approve"]).expect(3);
    let plan = said(&folder, &["plan"]).expect(0).stdout;
    assert!(plan.contains("Plan: 4 to create, 0 to update"), "{plan}");
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    assert_eq!(
        said(&folder, &["sandbox", "reset"])
            .expect(0)
            .stderr
            .lines()
            .count(),
        1
    );
    assert_eq!(
        said(&folder, &["sandbox", "reset"]).expect(0).stderr,
        "The sandbox holds a new account.\n"
    );
}

#[test]
fn a_sandbox_that_a_run_is_at_work_on_is_not_emptied() {
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    let lock = folder.path().join(".campaignctl/ledger/sandbox.json.lock");
    let held = std::fs::File::options().write(true).open(&lock).unwrap();
    held.lock().unwrap();
    let refused = said(&folder, &["sandbox", "reset"]).expect(1);
    assert!(refused.stderr.contains("locked"), "{}", refused.stderr);
    held.unlock().unwrap();
    said(&folder, &["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_file_that_is_named_like_a_format_is_warned_of() {
    let folder = project();
    let plan = said(&folder, &["plan", "-o", "json"]).expect(0);
    let warning =
        "warning: `-o json` writes a file named `json`; `--format json` chooses the format";
    assert!(plan.stderr.starts_with(warning), "{}", plan.stderr);
    for (format, file) in [("html", "plan.html"), ("markdown", "out/plan.MD")] {
        std::fs::create_dir_all(folder.path().join("out")).unwrap();
        let plan = said(&folder, &["plan", "--format", format, "-o", file]).expect(0);
        let warning = format!(
            "warning: `-o {file}` writes the saved plan (JSON) there; `campaignctl plan --format {format} > {file}` writes the page"
        );
        assert!(plan.stderr.starts_with(&warning), "{}", plan.stderr);
        let saved = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(saved.contains("campaignctl.plan/v1"), "{saved}");
    }
    for format in ["text", "json", "markdown"] {
        let plan = ["plan", "--format", format, "-o", "plan.json"];
        let plan = said(&folder, &plan).expect(0);
        assert!(!plan.stderr.contains("warning"), "{}", plan.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_served_sandbox_ends_well_when_it_is_asked_to_stop() {
    for signal in crate::support::stop_signals() {
        let folder = tempfile::tempdir().unwrap();
        let server = crate::program::Server::start(folder.path(), &[]);
        assert_eq!(server.stop(signal), Some(0), "{signal}");
    }
}
