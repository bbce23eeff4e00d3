//! Lists of engagements: what they may name, and what is on none.

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};

use crate::resumed::{another, unpublished, whole};
use crate::support::{CAMPAIGNS, Project, plain};
use crate::undone::made_by_hand;

/// A second campaign, with an engagement of its own.
fn other(list: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: other }}\nspec: {{ displayName: Other, state: unpublished, goal: first, targetAudiences: [all]{list} }}\n{}",
        another("basket").replace("campaign: sale", "campaign: other")
    )
}

fn id_of(project: &Project, campaign: &str) -> Value {
    let path = project.account.item_path(CAMPAIGNS, campaign);
    project.account.get(&path)["engagementIds"][0].clone()
}

/// An id of another campaign's engagement, or of none, shows nothing, and stays in the list for ever.
#[test]
fn a_campaign_lists_only_what_lies_inside_it() {
    let base = format!("{}{}", whole(), other(""));
    let project = Project::in_shop(SandboxSettings::default(), &base);
    project.apply();
    let writes = project.account.writes();
    let refused = |manifests: &str| {
        project.write("manifests.yaml", manifests);
        let run = project.run(&["apply", "--auto-approve"]).expect(3);
        let first = run.stderr.lines().find(|line| line.starts_with("error"));
        first.unwrap().to_owned()
    };
    let with = |list: &str| format!("{}{}", whole(), other(list));
    insta::assert_snapshot!(refused(&with(", engagements: [basket, { live: orders }]")), @"error[unknown-live-reference]: Engagement/orders does not lie inside Campaign/other");
    let id = plain(&id_of(&project, "sale"));
    insta::assert_snapshot!(refused(&with(&format!(", engagements: [basket, {{ id: {id} }}]"))), @"error[unknown-live-reference]: Engagement/orders does not lie inside Campaign/other");
    insta::assert_snapshot!(refused(&with(", engagements: [basket, { id: 999 }]")), @"error[unknown-live-reference]: no Engagement with the id 999 lies inside Campaign/other");
    let moved =
        with(", engagements: [basket]").replace("campaign: other,", "campaign: { live: sale },");
    insta::assert_snapshot!(refused(&moved), @"error[unknown-live-reference]: Engagement/basket does not lie inside Campaign/other");
    assert_eq!(project.account.writes(), writes);
}

/// What other people made inside the campaign may be named, and who named it did so in the manifest.
#[test]
fn a_campaign_lists_what_others_made_inside_it() {
    let project = Project::in_shop(SandboxSettings::default(), &unpublished(&whole()));
    project.apply();
    let made = made_by_hand(&project);
    let list = "state: unpublished, engagements: [{ live: Made by hand }, orders],";
    let manifests = unpublished(&whole()).replace("state: unpublished,", list);
    project.write("manifests.yaml", &manifests);
    let plan = project.plan();
    assert!(
        plan.contains("engagements: [orders] -> [{ live: Made by hand }, orders]  (edit)"),
        "{plan}"
    );
    project.apply();
    project.settled();
    assert_eq!(id_of(&project, "sale"), made["id"]);
}

/// Nobody sees an engagement that its campaign does not list: to delete it takes nothing from anybody.
#[test]
fn what_is_on_no_list_is_not_live() {
    let both = format!("{}{}", whole(), another("basket"));
    let project = Project::in_shop(SandboxSettings::default(), &both);
    project.apply();
    project.write("manifests.yaml", &whole());
    let plan = ["plan", "--detailed-exitcode"];
    let held = project.run(&plan).expect(6).stdout;
    assert!(held.contains("blocked[live-object]"), "{held}");
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    let kept = id_of(&project, "sale");
    project
        .account
        .edit(&sale, |body| body["engagementIds"] = json!([kept]));
    let plan = project.run(&plan).expect(2).stdout;
    assert!(!plan.contains("LEAVES"), "{plan}");
    project.apply();
    project.settled();
}

/// The list of a campaign of other people's is not changed.
#[test]
fn what_lies_inside_a_campaign_of_others_is_on_no_list_before_somebody_puts_it_there() {
    let project = Project::in_shop(SandboxSettings::default(), &whole());
    project.apply();
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    let mut theirs = project.account.get(&sale);
    theirs["name"] = json!("Theirs");
    for (key, value) in [("engagementIds", json!([])), ("engagements", json!([]))] {
        theirs[key] = value;
    }
    theirs.as_object_mut().unwrap().remove("id");
    theirs["status"] = json!(0);
    let theirs = project.account.post(CAMPAIGNS, &theirs);
    let ours = another("basket").replace("campaign: sale", "campaign: { live: Theirs }");
    project.write("manifests.yaml", &format!("{}{ours}", whole()));
    insta::assert_snapshot!(project.plan(), @"
      + create Engagement/basket  manifests.yaml:38
          no manifest defines the Campaign around it, so that its list does not change: list it there in the console
          displayName: basket
          campaign: { live: Theirs }
          entryPoints: [orders]
          behaviors: [any]
          appInstallation: Shop
          allowUnauthenticated: true
          type: app

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.apply();
    project.settled();
    // Somebody does.
    let theirs = crate::support::Account::path_of(CAMPAIGNS, &theirs["id"]);
    project.account.edit(&theirs, |body| {
        body["engagementIds"] = json!([body["engagements"][0]["id"]]);
        body["status"] = json!(1);
    });
    project.settled();
    project.write("manifests.yaml", &whole());
    let run = project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(6);
    insta::assert_snapshot!(run.stdout, @"
      - delete Engagement/basket (4100000109)
          LEAVES: it is deleted
          its manifest is gone from manifests.yaml

    blocked[object-in-use]: Engagement/basket would be deleted, but the Campaign `Theirs` refers to it, which no manifest defines
      = help: put the manifest back, or remove the reference in the console first

    allowed[live-object]: the plan would delete Engagement/basket, which is live
      = `--allow-unpublish` is given

    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete, 0 to adopt, 0 manual.
    ");
    project
        .account
        .edit(&theirs, |body| body["engagementIds"] = json!([]));
    project.apply();
    project.settled();
}

/// An export is valid, whatever a list on the account names: what lies elsewhere is left out of it.
#[test]
fn an_export_lists_nothing_that_lies_elsewhere() {
    let base = format!("{}{}", whole(), other(""));
    let project = Project::in_shop(SandboxSettings::default(), &base);
    project.apply();
    let theirs = id_of(&project, "sale");
    let path = project.account.item_path(CAMPAIGNS, "Other");
    project.account.edit(&path, |body| {
        body["engagementIds"].as_array_mut().unwrap().push(theirs);
    });
    std::fs::remove_file(project.path().join("manifests.yaml")).unwrap();
    project.run(&["export", "--out", "exported"]).expect(0);
    let run = project.run(&["validate", "exported"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

/// What `whole()` and a second engagement are with a list of the campaign.
fn listing(list: &str) -> String {
    let both = format!("{}{}", whole(), another("basket"));
    both.replace("state: published,", &format!("state: published,{list}"))
}

/// What a plan says consumers gain and lose.
#[track_caller]
fn effects(project: &Project) -> Vec<Value> {
    let run = project.run(&["plan", "--format", "json", "--allow-unpublish"]);
    let plan = run.expect(0).json();
    let effects = plan.get("effects").and_then(Value::as_array).cloned();
    effects.unwrap_or_default()
}

fn gained(key: &str) -> Value {
    json!({ "key": key, "turn": "goesLive", "why": "Campaign/sale lists it now" })
}

/// What comes back into the list goes live, and what goes out of it leaves; a list that is dropped lists all.
#[test]
fn what_a_campaign_lists_again_goes_live() {
    let project = Project::in_shop(SandboxSettings::default(), &listing(""));
    project.apply();
    let apply = ["apply", "--auto-approve", "--allow-unpublish"];
    let write = |list: &str| project.write("manifests.yaml", &listing(list));
    let gone = |key: &str| json!({ "key": key, "turn": "leaves", "why": "Campaign/sale no longer lists it" });
    for back in [" engagements: [basket, orders],", ""] {
        write(" engagements: [orders],");
        assert_eq!(effects(&project), [gone("Engagement/basket")]);
        project.run(&apply).expect(0);
        write(back);
        assert_eq!(effects(&project), [gained("Engagement/basket")]);
        let text = project.plan();
        let mark = "    unchanged Engagement/basket\n      GOES LIVE: Campaign/sale lists it now\n";
        assert!(text.contains(mark), "{text}");
        let said = |format: &str| project.run(&["plan", "--format", format]).expect(0).stdout;
        let markdown = said("markdown");
        let mark = "#### Gained without a change of their own (1)\n\n- `Engagement/basket` **GOES LIVE** (Campaign/sale lists it now)\n";
        assert!(markdown.contains(mark), "{markdown}");
        let page = said("html");
        let mark = "<span class=\"tag gains\">GOES LIVE: Campaign/sale lists it now</span>";
        assert_eq!(page.matches(mark).count(), 1, "{page}");
        project.run(&apply).expect(0);
        project.settled();
    }
    write(" engagements: [],");
    let both = [gone("Engagement/orders"), gone("Engagement/basket")];
    assert_eq!(effects(&project), both);
    project.run(&apply).expect(0);
    write("");
    let both = [gained("Engagement/orders"), gained("Engagement/basket")];
    assert_eq!(effects(&project), both);
}

/// Where consumers see nothing after it, nothing goes live; and what goes live with its campaign is told once.
#[test]
fn what_is_listed_and_not_seen_does_not_go_live() {
    let out = listing(" engagements: [orders],");
    let hidden: [(&str, &str); 4] = [
        ("state: published,", "state: unpublished,"),
        (
            "name: basket }\nspec: {",
            "name: basket }\nspec: { enabled: false,",
        ),
        ("state: published,", "state: published, controlGroup: 100%,"),
        (
            "state: published,",
            "state: published, schedule: { timeZone: Europe/Paris, end: 2020-01-01T00:00:00 },",
        ),
    ];
    for (from, to) in hidden {
        let project = Project::in_shop(SandboxSettings::default(), &out.replace(from, to));
        project.apply();
        let back = listing("");
        assert!(back.contains(from), "{from}");
        project.write("manifests.yaml", &back.replace(from, to));
        assert_eq!(effects(&project), Vec::<Value>::new(), "{to}");
        if to.contains("enabled") {
            continue;
        }
        // Published, or lifted, in the same plan.
        project.write("manifests.yaml", &back);
        let whole = json!({ "key": "Campaign/sale", "turn": "goesLive" });
        assert_eq!(effects(&project), [whole], "{to}");
    }
}

/// One that a colleague made and nobody listed goes live by its name in a list, whether it is adopted or not.
#[test]
fn what_others_made_goes_live_by_a_list() {
    let project = Project::in_shop(
        SandboxSettings::default(),
        &listing(" engagements: [orders, basket],"),
    );
    project.apply();
    let made = made_by_hand(&project);
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    project.account.edit(&sale, |body| {
        let list = body["engagementIds"].as_array_mut().unwrap();
        list.retain(|id| *id != made["id"]);
    });
    project.settled();
    let id = plain(&made["id"]);
    for theirs in [
        "{ live: Made by hand }".to_owned(),
        format!("{{ id: {id} }}"),
    ] {
        let list = format!(" engagements: [orders, {theirs}, basket],");
        project.write("manifests.yaml", &listing(&list));
        assert_eq!(effects(&project), [gained("Engagement/made-by-hand")]);
        let text = project.plan();
        let mark = "Engagement/made-by-hand\n      GOES LIVE: Campaign/sale lists it now\n";
        assert!(text.contains(mark), "{text}");
    }
    let list = " engagements: [orders, by-hand, basket],";
    let ours = another("by-hand").replace("spec: {", "spec: { displayName: Made by hand,");
    project.write("manifests.yaml", &(listing(list) + &ours));
    assert_eq!(effects(&project), [gained("Engagement/by-hand")]);
    project.apply();
    project.settled();
}

/// A saved plan, and one that was reviewed, are stale where they put something before consumers that they did not show as
/// live: a colleague enabled it since.
#[test]
fn what_goes_live_by_a_list_since_the_review_makes_it_stale() {
    let project = Project::in_shop(
        SandboxSettings::default(),
        &listing(" engagements: [orders, basket],"),
    );
    project.apply();
    let made = made_by_hand(&project);
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    project.account.edit(&sale, |body| {
        let list = body["engagementIds"].as_array_mut().unwrap();
        list.retain(|id| *id != made["id"]);
    });
    let (path, query) = sale.split_once('?').unwrap();
    let theirs = format!("{path}/engagements/{}?{query}", plain(&made["id"]));
    let enabled = |on: bool| {
        project
            .account
            .edit(&theirs, |body| body["enabled"] = json!(on))
    };
    enabled(false);
    let list = " engagements: [orders, { live: Made by hand }, basket],";
    project.write("manifests.yaml", &listing(list));
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    let expect = ["plan", "--expect", "reviewed.json"];
    project.run(&expect).expect(0);
    enabled(true);
    let said = "Engagement/made-by-hand: it goes live, and did not when the plan was made";
    let stale = project.run(&expect).expect(7).stderr;
    assert!(stale.contains(said), "{stale}");
    let writes = project.account.writes();
    let stale = project.run(&["apply", "reviewed.json"]).expect(7).stderr;
    assert!(stale.contains(said), "{stale}");
    assert_eq!(project.account.writes(), writes);
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    project.run(&expect).expect(0);
    project.run(&["apply", "reviewed.json"]).expect(0);
    project.settled();
}
