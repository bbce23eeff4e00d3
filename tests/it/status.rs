//! `status`: what stands in an account, with manifests and without, and nothing written.

use serde_json::{Value, json};

use crate::program::{copy_folder, package};
use crate::support::{CAMPAIGNS, Project, Run, binary, without_ids};

/// A moment in the middle of the autumn sale.
const AT: [&str; 2] = ["--at", "2026-09-15T00:00:00Z"];

/// The retail example, applied to a sandbox of its own.
fn retail() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&package().join("examples/retail"), folder.path());
    run(&folder, &["apply", "--auto-approve", "-q"]).expect(0);
    folder
}

fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Run {
    binary(folder.path())
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

fn status(folder: &tempfile::TempDir, arguments: &[&str]) -> String {
    let run = run(folder, &[&["status"], arguments, &AT].concat()).expect(0);
    without_ids(&run.stdout)
}

#[test]
fn the_retail_example() {
    let folder = retail();
    insta::assert_snapshot!(status(&folder, &[]), @"
    OBJECT                 KIND        STATE        SCHEDULE         FOR                                         OWNER    DRIFT
    App care               Campaign    published    no end           All shoppers                                owned
      Android home         Engagement  enabled                       skill General care                          owned
      Android orders       Engagement  enabled                       skill Orders                                owned
      Android returns      Engagement  enabled                       skill Returns                               owned
      iOS home             Engagement  enabled                       skill General care                          owned
      iOS orders           Engagement  enabled                       skill Orders                                owned
      iOS returns          Engagement  enabled                       skill Returns                               owned
    Autumn sale 2026       Campaign    unpublished  ends in 3665 d   From sale advertising, Returning customers  owned
      Sale help            Engagement  enabled                       skill Styling                               owned
      Sale hint            Engagement  enabled                       skill Styling                               owned
      Sale, last days      Engagement  disabled                      skill Styling                               owned
    Checkout rescue        Campaign    published    no end           On a phone, Returning customers             owned
      Checkout hesitation  Engagement  enabled                       skill Orders                                owned
      Full basket          Engagement  enabled                       skill Styling                               owned
      Payment trouble      Engagement  enabled                       skill Orders                                owned
      Size advice          Engagement  enabled                       skill Styling                               owned
    Customer care          Campaign    published    no end           All shoppers                                owned
      Help center card     Engagement  enabled                       skill General care                          owned
      Order help           Engagement  enabled                       skill Orders                                owned
      Returns help         Engagement  enabled                       skill Returns                               owned
    Gift cards (pilot)     Campaign    published    no end                                                       foreign
      Gift card button     Engagement  enabled                       skill Store team                            foreign
    Loyalty club           Campaign    published    no end           Loyalty club members                        owned
      Club line            Engagement  enabled                       skill Loyalty club                          owned
      Club style advice    Engagement  enabled                       skill Styling                               owned
    Lyon opening           Campaign    unpublished  begins in 167 d  Around Lyon                                 owned
      Lyon invitation      Engagement  enabled                       skill Store team                            owned

    27 objects: 25 owned, 2 foreign, 0 drifted.
    ");
    insta::assert_snapshot!(status(&folder, &["--state", "running,not-begun", "--owned"]), @"
    OBJECT           KIND      STATE        SCHEDULE         FOR                              OWNER  DRIFT
    App care         Campaign  published    no end           All shoppers                     owned
    Checkout rescue  Campaign  published    no end           On a phone, Returning customers  owned
    Customer care    Campaign  published    no end           All shoppers                     owned
    Loyalty club     Campaign  published    no end           Loyalty club members             owned
    Lyon opening     Campaign  unpublished  begins in 167 d  Around Lyon                      owned

    5 objects: 5 owned, 0 foreign, 0 drifted. 22 not shown.
    ");
    insta::assert_snapshot!(status(&folder, &["-l", "season=autumn", "--kind", "Engagement"]), @"
    OBJECT             KIND        STATE     SCHEDULE  FOR            OWNER  DRIFT
      Sale help        Engagement  enabled             skill Styling  owned
      Sale hint        Engagement  enabled             skill Styling  owned
      Sale, last days  Engagement  disabled            skill Styling  owned

    3 objects: 3 owned, 0 foreign, 0 drifted. 24 not shown.
    ");
    insta::assert_snapshot!(status(&folder, &["--foreign", "--format", "csv"]), @"
    environment,account,kind,name,displayName,remoteId,inside,state,phase,timeZone,start,end,audiences,skill,owned,drift
    sandbox,10000001,Campaign,,Gift cards (pilot),<id>,,published,within,Europe/Paris,2026-05-01T00:00:00,,,,false,
    sandbox,10000001,Engagement,,Gift card button,<id>,Gift cards (pilot),enabled,,,,,,Store team,false,
    ");
    let document: Value = serde_json::from_str(&status(
        &folder,
        &["--state", "unpublished", "--format", "json"],
    ))
    .unwrap();
    let first = &document["environments"][0]["objects"][0];
    insta::assert_snapshot!(format!("{first:#}"), @r#"
    {
      "kind": "Campaign",
      "name": "autumn-sale",
      "displayName": "Autumn sale 2026",
      "remoteId": "<id>",
      "state": "unpublished",
      "schedule": {
        "timeZone": "Europe/Paris",
        "start": "2026-09-01T00:00:00",
        "end": "2036-09-28T00:00:00",
        "phase": "within",
        "words": "ends in 3665 d"
      },
      "audiences": [
        "From sale advertising",
        "Returning customers"
      ],
      "owned": true
    }
    "#);
}

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, description: Ours }
";

#[test]
fn drift_shows_without_manifests_and_nothing_is_written() {
    let project = Project::with(CAMPAIGN);
    project.apply();
    project.remove("manifests.yaml");
    let (writes, ledger) = (project.account.writes(), project.ledger());
    let shown = || {
        project
            .run(&[&["status"][..], &AT].concat())
            .expect(0)
            .data()
    };
    insta::assert_snapshot!(shown(), @"
    OBJECT  KIND      STATE        SCHEDULE  FOR  OWNER  DRIFT
    Sale    Campaign  unpublished  no end         owned

    1 object: 1 owned, 0 foreign, 0 drifted.
    ");
    let path = project.account.item_path(CAMPAIGNS, "Sale");
    project.account.edit(&path, |sale| {
        sale["description"] = json!("Theirs");
        sale["priority"] = json!(0.9);
    });
    insta::assert_snapshot!(shown(), @"
    OBJECT  KIND      STATE        SCHEDULE  FOR  OWNER  DRIFT
    Sale    Campaign  unpublished  no end         owned  description

    1 object: 1 owned, 0 foreign, 1 drifted.
    ");
    let drifted = project
        .run(&["status", "--drifted", "--format", "json"])
        .expect(0);
    assert_eq!(
        drifted.json()["environments"][0]["objects"][0]["drift"],
        json!(["description"])
    );
    assert_eq!(project.account.writes(), writes + 1);
    assert_eq!(project.ledger(), ledger);
}

#[test]
fn all_environments_stand_side_by_side_and_one_that_fails_hides_no_other() {
    let project = Project::with(CAMPAIGN);
    project.apply();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let other = "  away:\n    account: '20000002'\n    credentials: { bearer: { env: NOT_SET } }\n";
    project.write("campaignctl.yaml", &format!("{file}{other}"));
    let mut command = project.command(&[&["status", "--all-environments"][..], &AT].concat());
    command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
    let run: Run = command.output().unwrap().into();
    insta::assert_snapshot!(run.expect(4).stdout, @"
    === away
    error: the bearer is missing: the environment variable `NOT_SET` is not set
      = help: `campaignctl.yaml` names where credentials are

    === test (account 10000001)
    OBJECT  KIND      STATE        SCHEDULE  FOR  OWNER  DRIFT
    Sale    Campaign  unpublished  no end         owned

    1 object: 1 owned, 0 foreign, 0 drifted.
    ");
}

#[test]
fn csv_is_for_status_only() {
    let project = Project::with(CAMPAIGN);
    for arguments in [
        &["plan", "--format", "csv"][..],
        &["validate", "--format", "csv"],
    ] {
        let refused = project.run(arguments).expect(3);
        assert!(
            refused
                .stderr
                .contains("invalid value 'csv' for '--format <FORMAT>'")
        );
    }
}
