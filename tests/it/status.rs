//! `status`: what stands in an account, with manifests and without, and nothing written.

use std::collections::BTreeSet;

use campaignctl::kinds::{KindId, Role};
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
    without_moments(&without_ids(&run.stdout))
}

/// `<of today>` for the day of the last change, which is that of the test, and for the time behind it.
fn without_moments(text: &str) -> String {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let days = [today, today.yesterday().unwrap()].map(|day| day.to_string());
    let mut text = text.to_owned();
    for day in days {
        while let Some(at) = text.find(&day) {
            let behind = &text[at + day.len()..];
            let time = behind.split(['"', ',', '\r', '\n']).next().unwrap();
            let time = if time.trim().contains(':') {
                time.len()
            } else {
                0
            };
            text.replace_range(at..at + day.len() + time, "<of today>");
        }
    }
    text
}

#[test]
fn the_retail_example() {
    let folder = retail();
    insta::assert_snapshot!(status(&folder, &[]), @"
    OBJECT                 KIND        LIVE  STATE        SCHEDULE            FOR                                           OWNER    CHANGED
    App care               Campaign    LIVE  published    no end              All shoppers                                  owned    <of today>
      Android home         Engagement  LIVE  enabled                          skill General care                            owned    <of today>
      Android orders       Engagement  LIVE  enabled                          skill Orders                                  owned    <of today>
      Android returns      Engagement  LIVE  enabled                          skill Returns                                 owned    <of today>
      iOS home             Engagement  LIVE  enabled                          skill General care                            owned    <of today>
      iOS orders           Engagement  LIVE  enabled                          skill Orders                                  owned    <of today>
      iOS returns          Engagement  LIVE  enabled                          skill Returns                                 owned    <of today>
    Autumn sale 2026       Campaign          unpublished  ends on 2036-09-28  From sale advertising (marketingSource: { ..  owned    <of today>
      Sale help            Engagement        enabled                          skill Styling                                 owned    <of today>
      Sale hint            Engagement        enabled                          skill Styling                                 owned    <of today>
      Sale, last days      Engagement        disabled                         skill Styling                                 owned    <of today>
    Checkout rescue        Campaign    LIVE  published    no end              On a phone (platform: mobile), Returning c..  owned    <of today>
      Checkout hesitation  Engagement  LIVE  enabled                          skill Orders                                  owned    <of today>
      Full basket          Engagement  LIVE  enabled                          skill Styling                                 owned    <of today>
      Payment trouble      Engagement  LIVE  enabled                          skill Orders                                  owned    <of today>
      Size advice          Engagement  LIVE  enabled                          skill Styling                                 owned    <of today>
    Customer care          Campaign    LIVE  published    no end              All shoppers                                  owned    <of today>
      Help center card     Engagement  LIVE  enabled                          skill General care                            owned    <of today>
      Order help           Engagement  LIVE  enabled                          skill Orders                                  owned    <of today>
      Returns help         Engagement  LIVE  enabled                          skill Returns                                 owned    <of today>
    Gift cards (pilot)     Campaign    LIVE  published    no end                                                            foreign  <of today>
      Gift card button     Engagement  LIVE  enabled                          skill Store team                              foreign  <of today>
    Loyalty club           Campaign    LIVE  published    no end              Loyalty club members (customerType: [club,..  owned    <of today>
      Club line            Engagement  LIVE  enabled                          skill Loyalty club                            owned    <of today>
      Club style advice    Engagement  LIVE  enabled                          skill Styling                                 owned    <of today>
    Lyon opening           Campaign          unpublished  starts in 167 days  Around Lyon (geo: [{ country: FR, city: Ly..  owned    <of today>
      Lyon invitation      Engagement        enabled                          skill Store team                              owned    <of today>

    OBJECT                                        KIND              LIVE  USED BY                     OWNER    CHANGED
    Gift card sold (pilot)                        Goal              LIVE  1 campaign                  foreign  <of today>
    Loyalty club joined                           Goal              LIVE  1 campaign                  owned    <of today>
    Newsletter joined                             Goal                    nothing                     owned    <of today>
    Purchase completed                            Goal              LIVE  1 campaign                  owned    <of today>
    Return registered                             Goal              LIVE  1 campaign                  owned    <of today>
    Sale browsed                                  Goal                    1 campaign                  owned    <of today>
    Store visit planned                           Goal                    1 campaign                  owned    <of today>
    Style advice booked                           Goal                    nothing                     owned    <of today>
    All shoppers                                  TargetAudience    LIVE  2 campaigns                 owned    <of today>
    Around Lyon (geo: [{ country: FR, city: Ly..  TargetAudience          1 campaign                  owned    <of today>
    From sale advertising (marketingSource: { ..  TargetAudience          1 campaign                  owned    <of today>
    Loyalty club members (customerType: [club,..  TargetAudience    LIVE  1 campaign                  owned    <of today>
    On a phone (platform: mobile)                 TargetAudience    LIVE  1 campaign                  owned    <of today>
    Returning customers (returning: true)         TargetAudience    LIVE  2 campaigns                 owned    <of today>
    Autumn sale hours                             SpecialOccasion                                     owned    <of today>
    Black Friday                                  SpecialOccasion                                     owned    <of today>
    Christmas and New Year                        SpecialOccasion                                     owned    <of today>
    Stocktaking                                   SpecialOccasion                                     owned    <of today>
    Autumn sale window                            EngagementWindow        3 engagements               owned
    Club window                                   EngagementWindow  LIVE  2 engagements               owned
    Gift card window                              EngagementWindow  LIVE  1 engagement                foreign
    Out of hours                                  EngagementWindow  LIVE  13 engagements              owned
    Storefront window                             EngagementWindow  LIVE  8 engagements               owned
    Android, home                                 EntryPoint        LIVE  1 engagement                owned    <of today>
    Android, my orders                            EntryPoint        LIVE  1 engagement                owned    <of today>
    Android, returns                              EntryPoint        LIVE  1 engagement                owned    <of today>
    Basket                                        EntryPoint        LIVE  1 behavior, 1 engagement    owned    <of today>
    Checkout                                      EntryPoint        LIVE  3 behaviors, 2 engagements  owned    <of today>
    Gift card pages                               EntryPoint        LIVE  1 engagement                foreign  <of today>
    Help center                                   EntryPoint        LIVE  1 behavior, 1 engagement    owned    <of today>
    Loyalty club                                  EntryPoint        LIVE  2 engagements               owned    <of today>
    Order status                                  EntryPoint        LIVE  1 engagement                owned    <of today>
    Product pages                                 EntryPoint        LIVE  1 behavior, 3 engagements   owned    <of today>
    Returns                                       EntryPoint        LIVE  1 engagement                owned    <of today>
    Sale pages                                    EntryPoint              1 behavior, 3 engagements   owned    <of today>
    Size guide                                    EntryPoint        LIVE  1 behavior, 1 engagement    owned    <of today>
    Store finder                                  EntryPoint              1 engagement                owned    <of today>
    iOS, home                                     EntryPoint        LIVE  1 engagement                owned    <of today>
    iOS, my orders                                EntryPoint        LIVE  1 engagement                owned    <of today>
    iOS, returns                                  EntryPoint        LIVE  1 engagement                owned    <of today>
    Full basket (cart: { value: { atLeast: 150..  Behavior          LIVE  1 engagement                owned    <of today>
    Hesitates at the checkout (timeOnPage: { a..  Behavior          LIVE  1 engagement                owned    <of today>
    Looks around (timeOnPage: { atLeast: 120, ..  Behavior                1 engagement                owned    <of today>
    Payment failed (visitorError: { code: paym..  Behavior          LIVE  1 engagement                owned    <of today>
    Reads the help (timeOnPage: { atLeast: 60,..  Behavior          LIVE  1 engagement                owned    <of today>
    Turns back from the checkout (flow: { step..  Behavior          LIVE  1 engagement                owned    <of today>
    Unsure about the size (flow: { steps: [{ s..  Behavior          LIVE  1 engagement                owned    <of today>
    Back in stock                                 ApiHandoff                                          owned    <of today>
    Delivery slot                                 ApiHandoff                                          owned    <of today>
    Order updates                                 ApiHandoff                                          owned    <of today>
    Refund done                                   ApiHandoff                                          owned    <of today>

    78 objects: 73 owned, 5 foreign, 0 drifted.
    ");
    insta::assert_snapshot!(status(&folder, &["--state", "running,not-begun", "--owned"]), @"
    OBJECT           KIND      LIVE  STATE        SCHEDULE            FOR                                           OWNER  CHANGED
    App care         Campaign  LIVE  published    no end              All shoppers                                  owned  <of today>
    Checkout rescue  Campaign  LIVE  published    no end              On a phone (platform: mobile), Returning c..  owned  <of today>
    Customer care    Campaign  LIVE  published    no end              All shoppers                                  owned  <of today>
    Loyalty club     Campaign  LIVE  published    no end              Loyalty club members (customerType: [club,..  owned  <of today>
    Lyon opening     Campaign        unpublished  starts in 167 days  Around Lyon (geo: [{ country: FR, city: Ly..  owned  <of today>

    5 objects: 5 owned, 0 foreign, 0 drifted. 73 not shown.
    ");
    insta::assert_snapshot!(status(&folder, &["-l", "season=autumn", "--kind", "Engagement"]), @"
    OBJECT             KIND        STATE     FOR            OWNER  CHANGED
      Sale help        Engagement  enabled   skill Styling  owned  <of today>
      Sale hint        Engagement  enabled   skill Styling  owned  <of today>
      Sale, last days  Engagement  disabled  skill Styling  owned  <of today>

    3 objects: 3 owned, 0 foreign, 0 drifted. 53 not shown.
    ");
    insta::assert_snapshot!(status(&folder, &["--foreign", "--format", "csv"]), @"
    environment,account,kind,name,displayName,remoteId,inside,state,phase,timeZone,start,end,audiences,skill,owned,drift,live,usedBy,changed
    sandbox,10000001,Campaign,,Gift cards (pilot),<id>,,published,within,Europe/Paris,2026-05-01T00:00:00,,,,false,,true,,<of today>
    sandbox,10000001,Engagement,,Gift card button,<id>,Gift cards (pilot),enabled,,,,,,Store team,false,,true,,<of today>
    sandbox,10000001,Goal,,Gift card sold (pilot),<id>,,,,,,,,,false,,true,Campaign:1,<of today>
    sandbox,10000001,EngagementWindow,,Gift card window,<id>,,,,,,,,,false,,true,Engagement:1,
    sandbox,10000001,EntryPoint,,Gift card pages,<id>,,,,,,,,,false,,true,Engagement:1,<of today>
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
      "live": false,
      "changed": "<of today>",
      "schedule": {
        "timeZone": "Europe/Paris",
        "start": "2026-09-01T00:00:00",
        "end": "2036-09-28T00:00:00",
        "phase": "within",
        "words": "ends on 2036-09-28"
      },
      "audiences": [
        "From sale advertising",
        "Returning customers"
      ],
      "means": [
        {
          "of": "From sale advertising",
          "means": [
            {
              "marketingSource": {
                "channel": "paidSearch",
                "campaign": "autumn-sale"
              }
            },
            {
              "platform": [
                "desktop",
                "tablet"
              ]
            }
          ]
        },
        {
          "of": "Returning customers",
          "means": [
            {
              "returning": true
            }
          ]
        }
      ],
      "owned": true
    }
    "#);
}

#[test]
fn what_nothing_uses_is_found() {
    let folder = retail();
    insta::assert_snapshot!(status(&folder, &["--state", "unused"]), @"
    OBJECT               KIND  USED BY  OWNER  CHANGED
    Newsletter joined    Goal  nothing  owned  <of today>
    Style advice booked  Goal  nothing  owned  <of today>

    2 objects: 2 owned, 0 foreign, 0 drifted. 76 not shown.
    ");
    insta::assert_snapshot!(status(&folder, &["--kind", "EngagementWindow,SpecialOccasion,ApiHandoff", "--state", "live"]), @"
    OBJECT             KIND              LIVE  USED BY         OWNER
    Club window        EngagementWindow  LIVE  2 engagements   owned
    Gift card window   EngagementWindow  LIVE  1 engagement    foreign
    Out of hours       EngagementWindow  LIVE  13 engagements  owned
    Storefront window  EngagementWindow  LIVE  8 engagements   owned

    4 objects: 3 owned, 1 foreign, 0 drifted. 60 not shown.
    ");
    let document: Value = serde_json::from_str(&status(
        &folder,
        &["--kind", "EntryPoint", "--format", "json"],
    ))
    .unwrap();
    let objects = document["environments"][0]["objects"].as_array().unwrap();
    let basket = objects.iter().find(|it| it["name"] == "basket").unwrap();
    assert_eq!(basket["usedBy"], json!({ "Behavior": 1, "Engagement": 1 }));
    assert_eq!(basket["live"], true);
}

/// What the account holds of every kind has a row, and what is read for a kind is no more than it needs.
#[test]
fn every_kind_has_rows() {
    let folder = retail();
    let document: Value = serde_json::from_str(&status(&folder, &["--format", "json"])).unwrap();
    let objects = document["environments"][0]["objects"]
        .as_array()
        .unwrap()
        .iter();
    let kinds: BTreeSet<&str> = objects.map(|it| it["kind"].as_str().unwrap()).collect();
    let held = KindId::manifests().filter(|kind| kind.def().role != Role::Local);
    assert_eq!(kinds, held.map(KindId::name).collect());
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
    OBJECT  KIND      STATE        SCHEDULE  OWNER  CHANGED
    Sale    Campaign  unpublished  no end    owned  2026-01-02

    1 object: 1 owned, 0 foreign, 0 drifted.
    ");
    let path = project.account.item_path(CAMPAIGNS, "Sale");
    project.account.edit(&path, |sale| {
        sale["description"] = json!("Theirs");
        sale["priority"] = json!(0.9);
    });
    insta::assert_snapshot!(shown(), @"
    OBJECT  KIND      STATE        SCHEDULE  OWNER  CHANGED     DRIFT
    Sale    Campaign  unpublished  no end    owned  2026-01-02  description

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
      = help: `away` needs it: `export NOT_SET=..`; `-e sandbox` needs no credentials

    === test (account 10000001)
    OBJECT  KIND      STATE        SCHEDULE  OWNER  CHANGED
    Sale    Campaign  unpublished  no end    owned  2026-01-02

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

/// What is meant as a kind or an object is no path, and the whole account is no answer to it.
#[test]
fn a_path_that_leads_nowhere_is_refused() {
    let project = Project::with(CAMPAIGN);
    for path in ["Campaign", "Campaign/sale"] {
        let refused = project.run(&["status", path]).expect(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused.stderr.replace(path, "PATH"), @"
            error: there is no file or folder `PATH`
              = help: arguments are files and folders of the project; `--kind KIND` shows the objects of one kind
            ");
        }
    }
    project.run(&["status", "manifests.yaml"]).expect(0);
}
