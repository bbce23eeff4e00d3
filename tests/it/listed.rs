//! Lists of engagements: what they may name, and what is on none.

use campaignctl::sandbox::Settings;
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
    let project = Project::in_shop(Settings::default(), &base);
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
    let project = Project::in_shop(Settings::default(), &unpublished(&whole()));
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
    let project = Project::in_shop(Settings::default(), &both);
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
    let project = Project::in_shop(Settings::default(), &whole());
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
    let project = Project::in_shop(Settings::default(), &base);
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
