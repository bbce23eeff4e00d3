//! `explain`: topics, guards, kinds, fields and codes, and what is said where nothing has the name.

use campaignctl::plan::GUARDS;
use campaignctl::report::fields::{Root, field_paths};
use campaignctl::report::topics::TOPICS;

use crate::program::{Ran, command, run};

fn explain(arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[&["explain"], arguments].concat())
}

#[test]
fn everything_that_is_listed_can_be_asked_for() {
    let list = explain(&[]).expect(0).stdout;
    for name in TOPICS
        .iter()
        .map(|topic| topic.name)
        .chain(GUARDS.map(|guard| guard.name))
        .chain(["manifest", "project"])
    {
        assert!(list.contains(&format!("\n  {name} ")), "{name}");
    }
    for heading in ["KINDS\n", "\nFILES\n", "\nTOPICS\n"] {
        assert!(list.contains(heading), "{heading}");
    }
    let codes = explain(&["codes"]).expect(0).stdout;
    for heading in ["CODES of YAML\n", "\nCODES of Goal\n"] {
        assert!(codes.contains(heading), "{heading}");
    }
    let wide = list
        .lines()
        .chain(codes.lines())
        .find(|line| line.len() > 80);
    assert_eq!(wide, None);
    for name in [
        "goal",
        "project",
        "mass-delete",
        "saved-plans",
        "previousName",
        "sandbox-faults",
        "goal-url-missing",
    ] {
        assert!(explain(&[name]).expect(0).stdout.len() > 200, "{name}");
    }
}

#[test]
fn a_guard_is_explained_by_the_name_of_its_rule() {
    insta::assert_snapshot!(explain(&["live-object"]).expect(0).stdout, @"
    live-object: A guard: a plan that takes away what consumers see

    A published campaign, or an engagement of one, would be deleted, unpublished,
    disabled or moved out of it. Or its schedule is over or has not started, its
    control group is 100 %, it becomes a broadcast, one of its display instances is
    disabled, or it moves from one app to another or to the web, by itself or with
    its entry points, or its campaign no longer lists it. The plan marks it with
    LEAVES. `plan` and `apply` exit 6 and name it; nothing is written.

    GOES LIVE marks what consumers see only after the plan, such as an engagement
    that its campaign lists again. NOT LIVE marks what a plan publishes outside of
    its schedule, or with a control group of 100 %: consumers see nothing of it. No
    guard holds these back.

    If that is intended, allow it for this run; there is no environment variable for
    it:

        campaignctl apply --allow-unpublish

    An environment where nothing matters can switch the guard off, in
    `campaignctl.yaml`:

        environments:
          staging:
            guards: { protectPublished: false }

    See also: guards.
    ");
}

#[test]
fn a_field_tells_all_that_is_known_of_it() {
    insta::assert_snapshot!(explain(&["campaign.weight"]).expect(0).stdout, @"
    Campaign.weight  <word or number>

    How likely the campaign is chosen among those that compete for one visitor.

    VALUES
      high (0.7 on the wire, inferred)
          About 70 % of the choices. Unconfirmed: no page of the vendor and no
          captured answer shows its number.
      medium (0.2 on the wire, inferred)
          About 20 % of the choices. Unconfirmed: no page of the vendor and no
          captured answer shows its number.
      low (0.1 on the wire, inferred)
          About 10 % of the choices. Unconfirmed: no page of the vendor and no
          captured answer shows its number.

    DEFAULT      medium
    ON THE WIRE  weight
    SINCE        0.1.0

    EXAMPLE

      spec:
        weight: medium
    ");
    insta::assert_snapshot!(explain(&["SpecialOccasion.events.start"]).expect(0).stdout, @"
    SpecialOccasion.events.start  <mapping>

    When it begins.

    ON THE WIRE  events[].start.dateTime, events[].start.timeZone
    SINCE        0.1.0

    FIELDS
      dateTime  <string>
          A whole day, `2026-12-25`, or a time of it, `2026-12-24T14:00:00`.
      timeZone  <string>
          An IANA time zone, `Europe/Paris`; the same at both ends of an event.

    EXAMPLE

      spec:
        events:
        - name: Christmas
          working: false
          start:
            dateTime: 2026-12-25
            timeZone: Europe/Paris
          end:
            dateTime: 2026-12-26
            timeZone: Europe/Paris
    ");
    insta::assert_snapshot!(explain(&["Campaign.goal"]).expect(0).stdout, @"
    Campaign.goal  <string or mapping>

    What the campaign is measured by: a `Goal`.

    REFERS TO    a Goal
    ON THE WIRE  goalId
    SINCE        0.1.0

    FIELDS
      live  <string>
          The display name of an object that no manifest defines.
      system  <word>
          The row of the kind that the vendor made. Its name differs from account to
          account.
      id  <integer or string>
          The id of a live object. Ids differ between accounts: prefer `live` and
          `system`.
      $keep  <string>
          The account's value stays, because no name expresses it; written by
          `export`. An object cannot be created with it.

    EXAMPLE

      spec:
        goal: checkout-done
    ");
    insta::assert_snapshot!(explain(&["lifecycle.mode"]).expect(0).stdout, @"
    manifest.lifecycle.mode  <word>

    What apply may do.

    VALUES
      enforce
          Create it and keep it as declared.
      createOnly
          Create it when it is missing, then leave it to people.
      observe
          Never write; show differences only. From the apply that brings this mode
          on, the live object is not deleted when the manifest goes.

    SINCE        0.1.0

    EXAMPLE

      lifecycle:
        mode: enforce
    ");
    insta::assert_snapshot!(explain(&["project.environments.staging.credentials.clientId"]).expect(0).stdout, @"
    project.environments.credentials.clientId  <mapping>

    OAuth 2.0 client credentials: the client id. They can read skills and users; for
    campaigns they were refused where this was tried. What they may read is not
    documented: run `campaignctl doctor` to find out.

    SINCE        0.1.0

    FIELDS
      env  <string>
          In the environment variable of this name.
      file  <string>
          In this file, relative to the project file; white space at its end is
          dropped.

    EXAMPLE

      environments:
        production:
          credentials:
            clientId:
              env: LP_CLIENT_ID
    ");
}

#[test]
fn a_name_that_nothing_has_gets_the_nearest_of_all() {
    let near = |name: &str| explain(&[name]).expect(3).stderr;
    insta::assert_snapshot!([
        "Campain", "mass-delet", "goal-url-mising", "stickyButon", "sandbox-fault", "Campaign.schedul.start",
        "Campaign.lifecycle.mod", "project.environments.acount", "lifecycl.mode", "zzzzzzzzzzzz",
    ].map(near).concat(), @"
    error: there is nothing called `Campain`
      = help: did you mean `Campaign`?
    error: there is nothing called `mass-delet`
      = help: did you mean `mass-delete`?
    error: there is nothing called `goal-url-mising`
      = help: did you mean `goal-url-missing`?
    error: there is nothing called `stickyButon`
      = help: did you mean `stickyButton`?
    error: there is nothing called `sandbox-fault`
      = help: did you mean `sandbox-faults`?
    error: Campaign has no field `schedul.start`: did you mean `schedule`?
    error: Campaign has no field `lifecycle.mod`: did you mean `mode`?
    error: project has no field `environments.acount`: did you mean `account`?
    error: there is nothing called `lifecycl.mode`
      = help: did you mean `lifecycle`?
    error: there is nothing called `zzzzzzzzzzzz`
      = help: `campaignctl explain` lists all topics
    ");
}

/// A value, a condition or a field by its word alone: what it is, and where it is used. Its beginning is enough.
#[test]
fn a_word_of_a_manifest_is_explained_with_the_fields_that_take_it() {
    let sticky = explain(&["sticky"]).expect(0).stdout;
    insta::assert_snapshot!(sticky, @"
    stickyButton

    A VALUE OF
      EngagementTemplate.type, Engagement.type  (6 on the wire, documented)
          A button that stays at the edge of the page.
      EngagementTemplate.subType, Engagement.subType  (24 on the wire, captured)
          Of a sticky button at the edge of the page.

    `campaignctl explain EngagementTemplate.type` describes the field.
    ");
    assert_eq!(explain(&["STICKYBUTTON"]).expect(0).stdout, sticky);
    assert_eq!(run_help("sticky"), sticky);
    insta::assert_snapshot!(explain(&["timeOnPage"]).expect(0).stdout, @"
    timeOnPage

    A VALUE OF
      Behavior.conditions.type  (6 on the wire, guessed)
          The visitor stays on a page for some time. Unconfirmed: no page of the
          vendor and no captured answer shows its number.

    A FIELD
      Behavior.conditions.means.timeOnPage,
        Behavior.conditions.means.except.timeOnPage  <mapping>
          The visitor stayed for some time, within one session. Web only.

    `campaignctl explain Behavior.conditions.type` describes the field.
    ");
    insta::assert_snapshot!(explain(&["position"]).expect(0).stdout, @"
    position

    A FIELD
      EngagementTemplate.position, Engagement.position  <mapping>
          The position of the engagement on the page; web formats only.

    `campaignctl explain EngagementTemplate.position` describes the field.
    ");
    // A field that there is once is described in full.
    let only = explain(&["lineOfBusiness"]).expect(0).stdout;
    assert_eq!(only, explain(&["Campaign.lineOfBusiness"]).expect(0).stdout);
    // Topics and commands come first.
    assert!(
        explain(&["conditions"])
            .expect(0)
            .stdout
            .starts_with("conditions")
    );
    explain(&["report"]).expect(3);
    explain(&["con"]).expect(3);
}

fn run_help(word: &str) -> String {
    run(tempfile::tempdir().unwrap().path(), &["help", word])
        .expect(0)
        .stdout
}

#[test]
fn every_command_in_a_topic_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut found = 0;
    for topic in TOPICS {
        let lines = topic
            .body()
            .lines()
            .filter_map(|line| line.strip_prefix("    campaignctl "));
        for line in lines {
            found += 1;
            let ends = ["  ", " > ", " | "].map(|end| line.find(end).unwrap_or(line.len()));
            let line = &line[..ends.into_iter().min().unwrap()];
            let arguments: Vec<&str> = line.split(' ').map(|it| it.trim_matches('\'')).collect();
            let help = command(folder.path(), &arguments).arg("--help").output();
            assert!(help.unwrap().status.success(), "{}: {line}", topic.name);
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn every_root_has_fields() {
    for root in Root::all() {
        assert!(field_paths(root).len() > 4, "{}", root.name());
    }
}

/// What the examples of single fields are taken from is a project that `validate` has nothing to say against, but that
/// some of it is for one account only.
#[test]
fn the_examples_of_fields_are_valid_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = include_str!("../../src/report/fields/examples.yaml");
    std::fs::write(folder.path().join("examples.yaml"), manifests).unwrap();
    let labels = "clevertap: { labels: [Autumn] }\n";
    std::fs::write(folder.path().join("campaignctl.yaml"), labels).unwrap();
    let checked = run(folder.path(), &["validate"]).expect(0);
    let codes = checked.stdout.lines().filter_map(|line| {
        let (_, rest) = line.split_once('[')?;
        line.starts_with("warning")
            .then(|| rest.split(']').next().unwrap_or_default())
    });
    let codes: std::collections::BTreeSet<&str> = codes.collect();
    insta::assert_debug_snapshot!(codes, @r#"
    {
        "account-id",
        "handoff-inapp-image",
    }
    "#);
}
