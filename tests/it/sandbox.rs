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
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("campaignctl.yaml"), PROJECT).unwrap();
    std::fs::write(folder.path().join("all.yaml"), MANIFESTS).unwrap();
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
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    let mut told = String::new();
    for words in [
        ["Goal/paid", "indicator.ulr=/x"],
        ["Goal/pad", "indicator.url=/x"],
        ["Campaign/sale", "state=publishd"],
        ["Campaign/sale", "schedule.end=[1"],
        ["Campaign/sale", "state"],
        ["Skill/Orders", "name=Care"],
    ] {
        let ran = said(&folder, &[&["sandbox", "edit"], &words[..]].concat()).expect(3);
        told.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(told, @r#"
    error: Goal has no field `indicator.ulr`
      = help: did you mean `Goal.indicator.url`?
    error: the account holds no Goal `pad`
      = help: did you mean `Paid`?
    error: `state` cannot be that: "publishd" is neither one of unpublished, published, scheduled nor a number
    error: invalid value 'schedule.end=[1' for '<FIELD=VALUE>...': the value of `schedule.end` is not YAML: the bracket `[` is not closed

    For more information, try '--help'.
    error: invalid value 'state' for '<FIELD=VALUE>...': `state` is not of the form FIELD=VALUE

    For more information, try '--help'.
    error: a Skill has no fields in an account that could be changed
    "#);
    let other = said(
        &folder,
        &[
            "sandbox",
            "edit",
            "-e",
            "production",
            "Goal/paid",
            "description=x",
        ],
    );
    assert!(other.expect(3).stderr.contains("leave `-e` out"));
    said(&folder, &["drift"]).expect(0);
}

#[test]
fn a_reset_takes_the_ledger_of_the_old_account_along() {
    let folder = project();
    said(&folder, &["apply", "--auto-approve"]).expect(0);
    let reset = said(&folder, &["sandbox", "reset"]).expect(0);
    assert_eq!(
        reset.stderr,
        "The sandbox holds a new account. The ledger forgot the 4 objects that it held of the old one.\n"
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
    let plan = said(&folder, &["plan", "-o", "plan.json"]).expect(0);
    assert!(!plan.stderr.contains("warning"), "{}", plan.stderr);
}

#[cfg(unix)]
#[test]
fn a_served_sandbox_ends_well_when_it_is_asked_to_stop() {
    for signal in ["TERM", "INT", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let server = crate::program::Server::start(folder.path(), &[]);
        assert_eq!(server.stop(signal), Some(0), "{signal}");
    }
}
