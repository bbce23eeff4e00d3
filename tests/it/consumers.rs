//! What consumers gain and lose by a plan is said, and whatever takes away what they see needs a flag.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Account, Project, without_ids};

/// A campaign with one engagement, and another one beside it that is not published.
const SHOP: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: sold }
spec: { displayName: Sold, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: everywhere }
spec: { displayName: Everywhere, conditions: [{ type: everywhere }] }
---
apiVersion: campaignctl.dev/v1
kind: EngagementWindow
metadata: { name: window }
spec: { displayName: Window, type: embedded }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, goal: sold, state: published, controlGroup: 5%, schedule: { timeZone: Europe/Paris, end: 2036-10-01T00:00:00 } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: button }
spec: { displayName: Button, campaign: sale, type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: true }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: spare }
spec: { displayName: Spare, campaign: sale, type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: true }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: later }
spec: { displayName: Later, goal: sold, state: unpublished }
";

/// What is said of the objects that go live or leave, and by the guards.
fn told(plan: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut object = "";
    for line in plan.lines() {
        if line.trim_start().starts_with(['+', '~', '-']) && !line.starts_with("     ") {
            object = line;
        } else if ["GOES LIVE", "LEAVES", "NOT LIVE"]
            .iter()
            .any(|mark| line.contains(mark))
        {
            lines.extend([object, line]);
        } else if line.starts_with("blocked") || line.starts_with("allowed") {
            lines.push(line);
        }
    }
    without_ids(&lines.join("\n"))
}

#[test]
fn what_is_first_seen_goes_live_once_for_all_of_it() {
    let project = Project::with(SHOP);
    let plan = project.run(&["plan"]).expect(0);
    assert_snapshot!(told(&plan.stdout), @r#"
    + create Campaign/sale "Sale"  manifests.yaml:16
        GOES LIVE
    "#);
    let json = project.run(&["plan", "--format", "json"]).expect(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["effects"],
        serde_json::json!([{ "key": "Campaign/sale", "turn": "goesLive" }])
    );
    let markdown = project
        .run(&["plan", "--format", "markdown"])
        .expect(0)
        .stdout;
    assert!(
        markdown.contains("<code>Campaign/sale</code> “<code>Sale</code>” <b>GOES LIVE</b>: "),
        "{markdown}"
    );
    let page = project.run(&["plan", "--format", "html"]).expect(0).stdout;
    assert!(
        page.contains("<span class=\"tag gains\">GOES LIVE</span>"),
        "{page}"
    );
    project.apply();
    project.settled();
}

/// It leaves with its campaign, and is new in the other one, which was live before.
#[test]
fn an_engagement_that_leaves_with_its_campaign_goes_live_in_another() {
    let second = SHOP.replace(
        "displayName: Later, goal: sold, state: unpublished }",
        "displayName: Later, goal: sold, state: published }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: other }\nspec: { displayName: Other, campaign: later, type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: true }",
    );
    let project = Project::with(&second);
    project.apply();
    let moved = second
        .replace("Button, campaign: sale", "Button, campaign: later")
        .replacen(
            "state: published, controlGroup",
            "state: unpublished, controlGroup",
            1,
        );
    project.write("manifests.yaml", &moved);
    let plan = project.run(&["plan", "--format", "json"]).stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let effects = plan["effects"].as_array().unwrap();
    let turns: Vec<(&str, &str)> = effects
        .iter()
        .map(|it| (it["key"].as_str().unwrap(), it["turn"].as_str().unwrap()))
        .collect();
    assert_eq!(turns.len(), 2, "{turns:?}");
    assert!(turns.contains(&("Campaign/sale", "leaves")), "{turns:?}");
    assert!(
        turns.contains(&("Engagement/button", "goesLive")),
        "{turns:?}"
    );
}

/// Every way to take away what consumers see: what is replaced in the manifests, and by what.
const WAYS: [(&str, &str); 9] = [
    ("state: published", "state: unpublished"),
    ("end: 2036-10-01", "end: 2020-10-01"),
    (
        "{ timeZone: Europe/Paris, end: 2036-10-01T00:00:00 }",
        "{ timeZone: Europe/Paris, start: 2035-10-01T00:00:00 }",
    ),
    ("controlGroup: 5%", "controlGroup: 100%"),
    (
        "Button, campaign: sale, type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: true",
        "Button, campaign: sale, type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: false",
    ),
    ("Button, campaign: sale", "Button, campaign: later"),
    ("controlGroup: 5%", "controlGroup: 5%, type: broadcast"),
    (
        "window: window, entryPoints: [everywhere], enabled: true }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement",
        "window: window, entryPoints: [everywhere], enabled: true, displayInstances: [{ type: online, enabled: false }, { type: offline, enabled: false }] }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement",
    ),
    (
        "kind: Engagement\nmetadata: { name: button }",
        "kind: Goal\nmetadata: { name: other }\nspec: { displayName: Other, indicator: { url: /other } }\n---\nkind: Nothing\n",
    ),
];

/// The manifests with one of the ways.
fn taken(way: usize) -> String {
    let (from, to) = WAYS[way];
    if way + 1 < WAYS.len() {
        assert!(SHOP.contains(from), "{from}");
        return SHOP.replace(from, to);
    }
    let documents = SHOP
        .split("---\n")
        .filter(|document| !document.contains(from));
    documents.collect::<Vec<_>>().join("---\n")
}

#[test]
fn every_way_to_take_away_what_is_live_is_told_and_needs_a_flag() {
    let mut all = String::new();
    for way in 0..WAYS.len() {
        let project = Project::with(SHOP);
        project.apply();
        project.write("manifests.yaml", &taken(way));
        let writes = project.account.writes();
        let plan = project.run(&["plan", "--out", "plan.json"]).expect(6);
        all += &(told(&plan.stdout) + "\n\n");
        project.run(&["apply", "--auto-approve"]).expect(6);
        project.run(&["apply", "plan.json"]).expect(6);
        assert_eq!(project.account.writes(), writes, "{way}");
        project
            .run(&["apply", "plan.json", "--allow-unpublish"])
            .expect(0);
        // Nobody sees it any more: nothing of it leaves again, and to take the rest away needs no flag.
        project.write("manifests.yaml", SHOP.split("---\n").next().unwrap());
        if way < 4 {
            project.run(&["plan", "--allow-mass-delete"]).expect(0);
        }
    }
    assert_snapshot!(all, @r#"
      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: it is no longer published
    blocked[live-object]: the plan would unpublish Campaign/sale, which is live

      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: its schedule ended on 2020-10-01
    blocked[live-object]: the plan would take Campaign/sale away from consumers: its schedule ended on 2020-10-01

      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: its schedule starts on 2035-10-01
    blocked[live-object]: the plan would take Campaign/sale away from consumers: its schedule starts on 2035-10-01

      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: its control group is 100 %
    blocked[live-object]: the plan would take Campaign/sale away from consumers: its control group is 100 %

      ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is disabled
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is disabled

    -/+ replace Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: Campaign/later: it is not published
    blocked[live-object]: the plan would delete Engagement/button, which is live

      ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: its type is broadcast, which shows no engagements
    blocked[live-object]: the plan would take Campaign/sale away from consumers: its type is broadcast, which shows no engagements

      ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: all its `displayInstances` are disabled
    blocked[live-object]: the plan would take Engagement/button away from consumers: all its `displayInstances` are disabled

      - delete Engagement/button "Button" (<id>)
          LEAVES: it is deleted
    blocked[live-object]: the plan would delete Engagement/button, which is live
    "#);
}

/// Consumers meet an engagement in the states that it has a look for: one that is switched off takes it away, though it still
/// shows in the others.
#[test]
fn a_state_that_no_longer_shows_takes_the_engagement_away_in_it() {
    let looks = |online: bool, offline: bool| {
        let button = "displayName: Button, campaign: sale,";
        let looks = format!(
            "{button} displayInstances: [{{ type: online, enabled: {online} }}, {{ type: offline, enabled: {offline} }}],"
        );
        SHOP.replace(button, &looks)
    };
    let project = Project::with(&looks(true, true));
    project.apply();
    project.write("manifests.yaml", &looks(false, true));
    let writes = project.account.writes();
    let plan = project.run(&["plan", "--out", "plan.json"]).expect(6);
    assert_snapshot!(told(&plan.stdout), @r#"
      ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it no longer shows while an agent is available
    blocked[live-object]: the plan would take Engagement/button away from consumers: it no longer shows while an agent is available
    "#);
    // An apply judges a saved plan with what it reads again.
    project.run(&["apply", "plan.json"]).expect(6);
    assert_eq!(project.account.writes(), writes);
    project
        .run(&["apply", "plan.json", "--allow-unpublish"])
        .expect(0);
    project.settled();
    // What comes back is no loss.
    project.write("manifests.yaml", &looks(true, true));
    assert_eq!(told(&project.run(&["plan"]).expect(0).stdout), "");
    project.apply();
    project.write("manifests.yaml", &looks(true, false));
    let plan = project.run(&["plan"]).expect(6).stdout;
    assert!(
        plan.contains("LEAVES: it no longer shows while no agent is available"),
        "{plan}"
    );
    // In a campaign that nobody sees, nothing is lost.
    let unpublished =
        |manifests: String| manifests.replace("state: published", "state: unpublished");
    project.write("manifests.yaml", &unpublished(looks(true, true)));
    project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(0);
    project.write("manifests.yaml", &unpublished(looks(false, true)));
    assert_eq!(told(&project.run(&["plan"]).expect(0).stdout), "");
}

/// Who met an engagement and does not any more has lost it, though others gain it.
#[test]
fn an_engagement_that_turns_to_somebody_else_leaves_who_met_it() {
    let app = |to: &str| {
        let web = "type: embedded, language: en-US, window: window, entryPoints: [everywhere], enabled: true }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: spare }";
        assert!(SHOP.contains(web));
        let rest = "language: en-US, WINDOWentryPoints: [everywhere], enabled: true }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: spare }";
        let window = if to.contains("app") {
            ""
        } else {
            "window: window, "
        };
        let rest = rest.replace("WINDOW", window);
        SHOP.replace(web, &format!("{to}, {rest}"))
    };
    let ios = "type: app, appInstallation: shop-ios, allowUnauthenticated: true";
    let mut all = String::new();
    for to in [
        "type: embedded",
        "type: app, appInstallation: shop-android, allowUnauthenticated: true",
        "type: app, appInstallation: shop-ios, allowUnauthenticated: true, source: web",
        "type: app, appInstallation: shop-ios, allowUnauthenticated: true, timeInQueue: 3",
    ] {
        let account = Account::new();
        account.seed(&serde_json::json!({ "app-installations": [
            { "id": "00000000-0000-4000-8000-000000000001", "client_name": "shop-ios" },
            { "id": "00000000-0000-4000-8000-000000000002", "client_name": "shop-android" },
        ]}));
        let project = Project::on(account);
        project.write("manifests.yaml", &app(ios));
        project.apply();
        project.write("manifests.yaml", &app(to));
        let plan = project.run(&["plan"]);
        let _ = writeln!(all, "{:?}: {}\n", plan.code, told(&plan.stdout));
    }
    assert_snapshot!(all, @r#"
    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is now for visitors of web pages; users of the app `shop-ios` lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is now for visitors of web pages; users of the app `shop-ios` lose it

    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is now for users of the app `shop-android`; users of the app `shop-ios` lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is now for users of the app `shop-android`; users of the app `shop-ios` lose it

    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is now for no one; users of the app `shop-ios` lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is now for no one; users of the app `shop-ios` lose it

    Some(0):
    "#);
}

/// Pages ask for engagements of the web only.
#[test]
fn a_web_engagement_of_another_source_leaves_its_visitors() {
    let mut all = String::new();
    for source in ["app", "3", "web"] {
        let project = Project::with(SHOP);
        project.apply();
        let to = format!("type: embedded, source: {source}, language");
        project.write(
            "manifests.yaml",
            &SHOP.replacen("type: embedded, language", &to, 1),
        );
        let plan = project.run(&["plan"]);
        let _ = writeln!(all, "{:?}: {}\n", plan.code, told(&plan.stdout));
    }
    assert_snapshot!(all, @r#"
    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is now for no one; visitors of web pages lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is now for no one; visitors of web pages lose it

    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
          LEAVES: it is now for consumers of the unknown source 3; visitors of web pages lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: it is now for consumers of the unknown source 3; visitors of web pages lose it

    Some(0):
    "#);
}

/// What ended two hours ago, in whatever zone, is over: a day has not to be over as well.
#[test]
fn a_schedule_that_ended_some_hours_ago_takes_the_campaign_away() {
    let zone = jiff::tz::TimeZone::get("Pacific/Auckland").unwrap();
    let now = jiff::Timestamp::now().to_zoned(zone).datetime();
    let schedule = |hours: i64| {
        let end = now + jiff::SignedDuration::from_hours(hours);
        let end = end.strftime("%Y-%m-%dT%H:%M:%S");
        SHOP.replace(
            "timeZone: Europe/Paris, end: 2036-10-01T00:00:00",
            &format!("timeZone: Pacific/Auckland, end: {end}"),
        )
    };
    let project = Project::with(SHOP);
    project.apply();
    project.write("manifests.yaml", &schedule(2));
    assert_eq!(told(&project.run(&["plan"]).expect(0).stdout), "");
    project.write("manifests.yaml", &schedule(-2));
    let plan = project.run(&["plan", "--out", "plan.json"]).expect(6);
    assert!(plan.stdout.contains("LEAVES: its schedule ended on "));
    assert!(plan.stderr.contains("campaign-schedule-over"));
    project.run(&["apply", "plan.json"]).expect(6);
    // Of a bound alone, the zone is the one that the account has.
    project
        .run(&["apply", "plan.json", "--allow-unpublish"])
        .expect(0);
    project.write("manifests.yaml", SHOP);
    let plan = project.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("GOES LIVE"), "{}", plan.stdout);
}

/// A plan that publishes what is over, or has not begun, says that consumers do not see it, in every format.
#[test]
fn what_is_published_out_of_its_schedule_is_marked_in_every_format() {
    let over = SHOP.replace("end: 2036-10-01T00:00:00", "end: 2020-10-01T00:00:00");
    let project = Project::with(&over.replace("state: published", "state: unpublished"));
    project.apply();
    let mut all = String::new();
    for manifests in [
        over.clone(),
        SHOP.replace(
            "timeZone: Europe/Paris, end",
            "timeZone: Europe/Paris, start: 2035-10-01T00:00:00, end",
        ),
        // Published, and kept from all of them at any time.
        over.replace("controlGroup: 5%", "controlGroup: 100%"),
        over.replace("state: published", "state: unpublished, description: New"),
    ] {
        project.write("manifests.yaml", &manifests);
        let run = project.run(&["plan"]).expect(0);
        let _ = writeln!(all, "{}", told(&run.stdout));
    }
    assert_snapshot!(all, @r#"
    ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
        NOT LIVE: its schedule ended on 2020-10-01
    ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
        NOT LIVE: its schedule starts on 2035-10-01
    ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
        NOT LIVE: its control group is 100 %
    "#);
    project.write("manifests.yaml", &over);
    for (format, mark) in [
        ("markdown", "<b>NOT LIVE</b> (its schedule ended on "),
        (
            "html",
            "<span class=\"tag waits\">NOT LIVE: its schedule ended on ",
        ),
        ("json", "\"turn\": \"staysAway\""),
    ] {
        let run = project.run(&["plan", "--format", format]).expect(0);
        assert!(run.stdout.contains(mark), "{}", run.stdout);
    }
}

/// A control group of everybody keeps a campaign away that is published with it, a new one, too; lifted, it lets it go live.
#[test]
fn a_control_group_of_everybody_is_marked_where_it_is_set_and_lifted() {
    let all = SHOP.replace("controlGroup: 5%", "controlGroup: 100%");
    let hidden = all.replace("state: published", "state: unpublished");
    let project = Project::with(&all);
    let said = |manifests: &str| {
        project.write("manifests.yaml", manifests);
        let run = project
            .run(&["plan", "--allow-unpublish", "--allow-mass-delete"])
            .expect(0);
        let marks = run.stdout.lines().map(str::trim_start);
        let marks = marks.filter(|it| it.contains("LIVE") || it.starts_with("LEAVE"));
        marks.map(str::to_owned).collect::<Vec<_>>()
    };
    let away = ["NOT LIVE: its control group is 100 %"];
    let apply = || {
        project
            .run(&["apply", "--auto-approve", "--allow-unpublish"])
            .expect(0);
    };
    assert_eq!(said(&all), away);
    apply();
    assert_eq!(
        said(&SHOP.replace("controlGroup: 5%", "controlGroup: 99%")),
        ["GOES LIVE"]
    );
    // Nothing of it was seen, so that nothing leaves.
    assert_eq!(said(&hidden), [""; 0]);
    assert_eq!(said(SHOP.split("---\n").next().unwrap()), [""; 0]);
    project.write("manifests.yaml", &hidden);
    apply();
    assert_eq!(said(&all), away);
    assert_eq!(said(&hidden.replace("100%", "5%")), [""; 0]);
    assert_eq!(said(SHOP), ["GOES LIVE"]);
    apply();
    assert_eq!(said(&all), ["LEAVES: its control group is 100 %"]);
    // What moves into such a campaign leaves, too, and what is listed in it does not go live.
    let later = SHOP.replace(
        "displayName: Later, goal: sold, state: unpublished",
        "displayName: Later, goal: sold, state: published, controlGroup: 100%",
    );
    let moved = later.replace("Button, campaign: sale", "Button, campaign: later");
    assert_eq!(
        said(&moved),
        [
            "LEAVES: Campaign/later: its control group is 100 %",
            "NOT LIVE: its control group is 100 %"
        ]
    );
}

/// A place that turns to another app takes the engagement there away from the users of the first.
#[test]
fn an_entry_point_that_turns_to_another_app_leaves_who_met_the_engagement_there() {
    let app = |name: &str| {
        SHOP.replace(
            "spec: { displayName: Everywhere,",
            &format!("spec: {{ displayName: Everywhere, appInstallation: {name},"),
        )
    };
    let account = Account::new();
    account.seed(&serde_json::json!({ "app-installations": [
        { "id": "00000000-0000-4000-8000-000000000001", "client_name": "shop-ios" },
        { "id": "00000000-0000-4000-8000-000000000002", "client_name": "shop-android" },
    ]}));
    let project = Project::on(account);
    let ios = app("shop-ios");
    project.write("manifests.yaml", &ios);
    project.apply();
    let mut all = String::new();
    let other = "kind: EntryPoint\nmetadata: { name: other }\nspec: { displayName: Other, appInstallation: shop-android, conditions: [{ type: everywhere }] }\n---\napiVersion: campaignctl.dev/v1\n";
    let elsewhere = ios.replacen("kind: Goal", &format!("{other}kind: Goal"), 1);
    let elsewhere = elsewhere.replacen("entryPoints: [everywhere]", "entryPoints: [other]", 1);
    let turned = [
        app("shop-android"),
        SHOP.to_owned(),
        app("shop-android").replace("state: published", "state: unpublished"),
        elsewhere,
        ios.replace(
            "[{ type: everywhere }]",
            "[{ type: section, data: { include: [{ sections: [{ name: home }] }] } }]",
        ),
    ];
    for manifests in turned {
        project.write("manifests.yaml", &manifests);
        let plan = project.run(&["plan", "--out", "plan.json"]);
        let _ = writeln!(all, "{:?}: {}\n", plan.code, told(&plan.stdout));
        let saved = project.run(&["apply", "plan.json", "--auto-approve"]);
        assert_eq!(saved.code, plan.code, "{}", saved.stderr);
    }
    assert_snapshot!(all, @r#"
    Some(6):   ~ update EntryPoint/everywhere "Everywhere" (<id>)  manifests.yaml:6
          LEAVES: it is now for users of the app `shop-android`; users of the app `shop-ios` lose Engagement `Button` and 1 more
    blocked[live-object]: the plan would take EntryPoint/everywhere away from consumers: it is now for users of the app `shop-android`; users of the app `shop-ios` lose Engagement `Button` and 1 more

    Some(6):   ~ update EntryPoint/everywhere "Everywhere" (<id>)  manifests.yaml:6
          LEAVES: it is now for visitors of web pages; users of the app `shop-ios` lose Engagement `Button` and 1 more
    blocked[live-object]: the plan would take EntryPoint/everywhere away from consumers: it is now for visitors of web pages; users of the app `shop-ios` lose Engagement `Button` and 1 more

    Some(6):   ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
          LEAVES: it is no longer published
    blocked[live-object]: the plan would unpublish Campaign/sale, which is live

    Some(6):   ~ update Engagement/button "Button" (<id>)  manifests.yaml:26
          LEAVES: its places are now for users of the app `shop-android`; users of the app `shop-ios` lose it
    blocked[live-object]: the plan would take Engagement/button away from consumers: its places are now for users of the app `shop-android`; users of the app `shop-ios` lose it

    Some(0):
    "#);
}

#[test]
fn what_comes_back_goes_live_and_what_stays_hidden_is_no_news() {
    let project = Project::with(&taken(0));
    project.apply();
    assert!(!project.run(&["plan"]).expect(0).stdout.contains("LIVE"));
    for way in 1..WAYS.len() {
        let hidden = taken(way).replace("state: published", "state: unpublished");
        project.write("manifests.yaml", &hidden);
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert_eq!(told(&plan), "", "{way}");
    }
    project.write("manifests.yaml", SHOP);
    assert_snapshot!(told(&project.run(&["plan"]).expect(0).stdout), @r#"
    ~ update Campaign/sale "Sale" (<id>)  manifests.yaml:16
        GOES LIVE
    "#);
    project.apply();
    project.write("manifests.yaml", &taken(4));
    project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(0);
    project.write("manifests.yaml", SHOP);
    assert_snapshot!(told(&project.run(&["plan"]).expect(0).stdout), @r#"
    ~ update Engagement/button "Button" (<id>)  manifests.yaml:21
        GOES LIVE
    "#);
}

#[test]
fn a_default_environment_is_meant_where_none_is_given() {
    let project = Project::with(SHOP);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let plain = |arguments: &[&str]| -> crate::support::Run {
        let mut command = project.command(arguments);
        command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
        command.output().unwrap().into()
    };
    project.write("campaignctl.yaml", &format!("project: Shop\n{file}"));
    assert!(
        plain(&["plan"])
            .expect(0)
            .stderr
            .starts_with("Plan for sandbox, account 10000001, project Shop\n")
    );
    project.write(
        "campaignctl.yaml",
        &format!("project: Shop\ndefaultEnvironment: test\n{file}"),
    );
    let plan = plain(&["plan", "--out", "plan.json"]).expect(0);
    assert!(
        plan.stderr.starts_with("Plan for test, account "),
        "{}",
        plan.stderr
    );
    let other = plain(&["plan", "-e", "sandbox"]).expect(0);
    assert!(
        other.stderr.starts_with("Plan for sandbox, "),
        "{}",
        other.stderr
    );
    assert!(
        plain(&["apply", "plan.json"])
            .expect(0)
            .stderr
            .starts_with("Plan for test, ")
    );
    project.write(
        "campaignctl.yaml",
        &format!("defaultEnvironment: tset\n{file}"),
    );
    assert_snapshot!(plain(&["validate"]).expect(3).stderr, @"
    error[project-environment]: there is no environment `tset`
     --> campaignctl.yaml:1:1
      |
    1 | defaultEnvironment: tset
      | ^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `test`?

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    ");
}

/// Files that contradict the account take nothing away in silence: what is only observed stays where it is, but the list
/// of its campaign is ours.
#[test]
fn what_a_campaign_no_longer_lists_leaves() {
    let project = Project::with(SHOP);
    project.apply();
    let elsewhere = SHOP.replace(
        "metadata: { name: spare }\nspec: { displayName: Spare, campaign: sale,",
        "metadata: { name: spare }\nlifecycle: { mode: observe }\nspec: { displayName: Spare, campaign: later,",
    );
    assert_ne!(elsewhere, SHOP);
    project.write("manifests.yaml", &elsewhere);
    let plan = project.run(&["plan"]).expect(6).stdout;
    assert!(
        plan.contains("engagements: [button, spare] -> [button]"),
        "{plan}"
    );
    assert!(
        plan.contains(
            "take Engagement/spare away from consumers: Campaign/sale no longer lists it"
        ),
        "{plan}"
    );
    assert!(
        plan.contains("\n      LEAVES: Campaign/sale no longer lists it\n"),
        "{plan}"
    );
    let said = |format: &str| project.run(&["plan", "--format", format]).expect(6).stdout;
    let markdown = said("markdown");
    let lost = "#### Lost without a change of their own (1)\n\n- `Engagement/spare` **LEAVES** (Campaign/sale no longer lists it)\n";
    assert!(markdown.contains(lost), "{markdown}");
    let page = said("html");
    let lost = "<span class=\"tag loses\">LEAVES: Campaign/sale no longer lists it</span>";
    assert_eq!(page.matches(lost).count(), 1, "{page}");
    let json: Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!(
        json["effects"],
        serde_json::json!([{ "key": "Engagement/spare", "turn": "leaves", "why": "Campaign/sale no longer lists it" }])
    );
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(6);
    assert_eq!(project.account.writes(), writes);
}

/// An engagement that moves out of a live campaign leaves it, also where the one that it moves to is taken back.
#[test]
fn an_engagement_that_moves_into_a_campaign_that_leaves_is_told_on_its_own() {
    let whole = crate::resumed::whole();
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: other }\nspec: { state: published, goal: first, targetAudiences: [all] }\n";
    let moved = |campaign: &str| {
        let basket = crate::resumed::another("basket");
        basket.replace("campaign: sale", &format!("campaign: {campaign}"))
    };
    let before = format!(
        "{whole}{other}{}{}",
        moved("other"),
        crate::resumed::another("cart").replace("campaign: sale", "campaign: other")
    );
    let project = Project::in_shop(campaignctl::sandbox::SandboxSettings::default(), &before);
    project.apply();
    let hidden = other.replace("state: published", "state: unpublished");
    let after = before
        .replace("campaign: other,", "campaign: sale,")
        .replace(other, &hidden);
    // One moves out of the live one, the others out of the one that is taken back.
    let after = after.replacen("campaign: sale,", "campaign: other,", 1);
    project.write("manifests.yaml", &after);
    let run = project.run(&["plan", "--detailed-exitcode"]).expect(6);
    insta::assert_snapshot!(told(&run.stdout), @"
    -/+ replace Engagement/basket (<id>)  manifests.yaml:43
          GOES LIVE
    -/+ replace Engagement/cart (<id>)  manifests.yaml:48
          GOES LIVE
    -/+ replace Engagement/orders (<id>)  manifests.yaml:16
          LEAVES: Campaign/other: it is not published
      ~ update Campaign/other (<id>)  manifests.yaml:38
          LEAVES: it is no longer published
    blocked[live-object]: the plan would delete Engagement/orders, which is live
    blocked[live-object]: the plan would unpublish Campaign/other, which is live
    ");
}
