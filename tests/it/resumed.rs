//! What goes live, and when: after all that a publish makes visible, and as it was reviewed, also by the run after one that died.

use std::collections::BTreeSet;

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};

use crate::left::LeftProject;
use crate::reviewed::{SHOP, TWO, killed, killed_by};
use crate::support::{CAMPAIGNS, GOALS, Project};

pub(crate) fn whole() -> String {
    format!("{TWO}---\n{SHOP}")
}

/// One more engagement of the campaign.
pub(crate) fn another(name: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: {name} }}\nspec: {{ campaign: sale, type: app, appInstallation: Shop, entryPoints: [orders], behaviors: [any], allowUnauthenticated: true }}\n"
    )
}

pub(crate) fn unpublished(manifests: &str) -> String {
    manifests.replace("state: published", "state: unpublished")
}

/// The path of the only engagement of the campaign.
pub(crate) fn engagement(project: &Project) -> String {
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    let (path, query) = sale.split_once('?').unwrap();
    let list = format!("{path}/engagements?{query}");
    let rows = project.account.get(&list);
    let id = rows.as_array().unwrap()[0]["id"].clone();
    format!("{path}/engagements/{id}?{query}")
}

fn state(project: &Project) -> Value {
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    project.account.get(&sale)["status"].clone()
}

/// Compares what a plan is now with the one that was reviewed.
#[track_caller]
fn expects(project: &Project, code: i32) {
    let run = project.run(&["plan", "--expect", "reviewed.json"]);
    run.expect(code);
}

/// The run after one that died carries out the rest of the plan that was reviewed.
#[track_caller]
fn finishes(project: &Project) {
    expects(project, 0);
    project.run(&["apply", "reviewed.json"]).expect(0);
}

/// What the run that died has done is counted, and not told as if it were done now.
#[test]
fn what_a_killed_run_did_is_counted_and_not_told_again() {
    let project = Project::in_shop(SandboxSettings::default(), &whole());
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    assert!(killed(&project, "", 3));
    let plan = std::fs::read_to_string(project.path().join("reviewed.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let total = plan["steps"].as_array().unwrap().len();
    let run = project.run(&["apply", "reviewed.json"]).expect(0);
    let told = run.stderr;
    let earlier = format!("[3/{total}] done by the run before, which did not finish\n");
    assert!(told.contains(&earlier), "{told}");
    assert!(!told.contains(&format!("[1/{total}]")), "{told}");
    assert!(told.contains(&format!("[4/{total}] created ")), "{told}");
    assert!(told.contains(&format!("[{total}/{total}] ")), "{told}");
    let done = format!("Applied: {total} done (3 of them by the run before), 0 failed");
    assert!(run.stdout.contains(&done), "{}", run.stdout);
    project.settled();
}

/// An update that fails leaves its object as nobody reviewed it: no campaign that shows it goes live with that, whether the
/// campaign refers to it itself, through an object that does not change, or has it inside.
#[test]
fn a_campaign_is_not_published_where_an_update_of_what_it_shows_failed() {
    let hidden = unpublished(&whole());
    let left = LeftProject::reviewed(SandboxSettings::default(), &hidden, &whole());
    for (at, old, new) in [
        ("le-goals", "description: one", "description: other"),
        (
            "campaigns/*/engagements",
            "behaviors: [any],",
            "behaviors: [any], position: { top: 50 }, ",
        ),
        (
            "onsite-locations",
            "name: '\"orders\"'",
            "name: '\"others\"'",
        ),
        (
            "visitor-profiles",
            "metadata: { name: all }\nspec: {",
            "metadata: { name: all }\nspec: { description: everybody,",
        ),
        (
            "visitor-behaviors",
            "metadata: { name: any }\nspec: {",
            "metadata: { name: any }\nspec: { description: whatever,",
        ),
    ] {
        let project = left.copy();
        let changed = whole().replace(old, new);
        assert_ne!(changed, whole(), "{old}");
        project.write("manifests.yaml", &changed);
        project.account.fault(&format!("PUT */{at}/* 400 once"));
        let run = project.run(&["apply", "--auto-approve"]).expect(1);
        assert!(
            run.stdout.contains("1 failed, 1 skipped"),
            "{at}: {}",
            run.stdout
        );
        assert_ne!(state(&project), json!(1), "{at}");
        project.apply();
        project.settled();
    }
}

/// What goes was never live, and is not for a moment.
#[test]
fn what_is_deleted_inside_a_campaign_goes_before_the_campaign_is_published() {
    for kills in 0..3 {
        let phase = ["", "after-commit"][kills % 2];
        let both = format!("{}{}", whole(), another("basket"));
        let project = Project::in_shop(SandboxSettings::default(), &unpublished(&both));
        project.apply();
        project.write("manifests.yaml", &whole());
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        project.account.fault("DELETE */configuration/* 400 once");
        let failed = project.run(&["apply", "--auto-approve"]).expect(8);
        assert!(
            failed.stdout.contains("1 done, 1 failed, 1 skipped"),
            "{}",
            failed.stdout
        );
        assert_ne!(state(&project), json!(1));
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        if killed(&project, phase, kills) {
            finishes(&project);
        }
        project.settled();
    }
}

/// Whether the account takes a deleted engagement off the list of its campaign is not known: no campaign of ours may show an
/// engagement that does not exist, whatever fails.
#[test]
fn a_failed_publish_leaves_no_deleted_engagement_in_the_list() {
    let both = format!("{}{}", whole(), another("basket"));
    for deleted_leaves_list in [false, true] {
        let settings = SandboxSettings {
            deleted_leaves_list,
            ..SandboxSettings::default()
        };
        let left = LeftProject::reviewed(settings, &unpublished(&both), &whole());
        for (fault, code) in [
            ("PUT */campaigns/* 400 once", 1),
            ("PUT */campaigns/* 400 after 1 once", 8),
            ("DELETE */configuration/* 400 once", 8),
            ("DELETE */configuration/* 500 once after-commit", 0),
        ] {
            let project = left.copy();
            project.account.fault(fault);
            project.run(&["apply", "--auto-approve"]).expect(code);
            let is_undone = code == 8 && deleted_leaves_list;
            if is_undone {
                project.run(&["undo", "--auto-approve"]).expect(0);
            } else {
                project.apply();
                project.settled();
            }
            let sale = project.account.item_path(CAMPAIGNS, "sale");
            let sale = project.account.get(&sale);
            let ids = |list: &Value, id: &dyn Fn(&Value) -> Option<u64>| {
                let ids = list.as_array().unwrap().iter().map(|it| id(it).unwrap());
                ids.collect::<BTreeSet<u64>>()
            };
            let inside = ids(&sale["engagements"], &|it| it["id"].as_u64());
            let listed = ids(&sale["engagementIds"], &Value::as_u64);
            assert_eq!(listed, inside, "{fault}, unlisted: {deleted_leaves_list}");
            let count = if is_undone { 2 } else { 1 };
            assert_eq!(listed.len(), count, "{fault}");
        }
    }
}

/// The list that a run had written before it died, and that somebody changes: nothing goes live that nobody reviewed.
#[test]
fn a_list_that_changed_after_a_killed_run_wrote_it_is_not_published() {
    for fault in [
        "DELETE */configuration/* delay 60s after-commit once",
        "PUT */configuration/* delay 60s after 1 once",
    ] {
        let left = format!("{}{}", whole(), another("account"));
        let both = format!("{left}{}", another("basket"));
        let project = Project::in_shop(SandboxSettings::default(), &unpublished(&both));
        project.apply();
        project.write("manifests.yaml", &left);
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        assert!(killed_by(&project, &[fault.to_owned()]), "{fault}");
        let sale = project.account.item_path(CAMPAIGNS, "sale");
        project.account.edit(&sale, |body| {
            let list = body["engagementIds"].as_array_mut().unwrap();
            list.truncate(1);
        });
        expects(&project, 7);
        let writes = project.account.writes();
        project.run(&["apply", "reviewed.json"]).expect(7);
        assert_eq!(project.account.writes(), writes, "{fault}");
        assert_ne!(state(&project), json!(1), "{fault}");
    }
}

/// What a run that died had written and a colleague deleted is no part of what is done.
#[test]
fn what_a_killed_run_wrote_and_somebody_deleted_is_told() {
    for is_there in [false, true] {
        let project = Project::in_shop(SandboxSettings::default(), &whole());
        if is_there {
            project.write(
                "manifests.yaml",
                &unpublished(&whole()).replace("description: one", "description: other"),
            );
            project.apply();
            project.write("manifests.yaml", &whole());
        }
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        assert!(killed(&project, "", if is_there { 1 } else { 7 }));
        expects(&project, 0);
        project.account.delete(&engagement(&project));
        expects(&project, 7);
        let run = project.run(&["apply", "reviewed.json"]).expect(7);
        assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
        assert_ne!(state(&project), json!(1));
        project.run(&["apply", "--auto-approve"]).expect(0);
        project.settled();
    }
}

/// A part of an object that has another part written is compared as well.
#[test]
fn what_lies_beside_a_value_that_a_killed_run_wrote_is_compared() {
    let placed = |top: u32| {
        let position = format!("behaviors: [any], position: {{ top: {top}, left: 10 }},");
        whole().replace("behaviors: [any],", &position)
    };
    let before = unpublished(&placed(100));
    let left = LeftProject::reviewed(SandboxSettings::default(), &before, &placed(200));
    for (phase, position) in [("", 0), ("", 1), ("after-commit", 0)] {
        let project = left.copy();
        assert!(killed(&project, phase, position));
        let path = engagement(&project);
        let left = |to: u32| {
            project
                .account
                .edit(&path, |body| body["position"]["left"] = to.into());
        };
        left(11);
        expects(&project, 7);
        let run = project.run(&["apply", "reviewed.json"]).expect(7);
        assert!(
            run.stderr.contains("`position.left` changed"),
            "{}",
            run.stderr
        );
        left(10);
        finishes(&project);
        project.settled();
    }
}

/// What a plan newly refers to, and does not change, has to be there.
#[test]
fn what_a_saved_plan_newly_refers_to_and_is_gone_makes_it_stale() {
    let before = unpublished(&whole());
    let project = Project::in_shop(SandboxSettings::default(), &before);
    project.apply();
    project.write(
        "manifests.yaml",
        &whole().replace("goal: first", "goal: second"),
    );
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    project
        .account
        .delete(&project.account.item_path(GOALS, "Second"));
    let run = project.run(&["apply", "reviewed.json"]).expect(7);
    assert!(
        run.stderr.contains("it is gone from the account"),
        "{}",
        run.stderr
    );
    assert_ne!(state(&project), json!(1));
}

/// An engagement that moves is created anew before the old one goes: the run after one that died in between finishes that, and
/// takes the new one for nobody's loss.
#[test]
fn a_move_that_was_killed_is_finished() {
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: other }\nspec: { state: unpublished, goal: first, targetAudiences: [all] }\n";
    let before =
        format!("{}{other}", unpublished(&whole())).replace("campaign: sale,", "campaign: other,");
    let after = format!("{}{other}", whole());
    let left = LeftProject::reviewed(SandboxSettings::default(), &before, &after);
    for (method, position) in [("POST", 0), ("PUT", 0), ("PUT", 1), ("DELETE", 0)] {
        for phase in ["", "after-commit"] {
            let project = left.copy();
            let told = format!("{method} {position} {phase}");
            let fault =
                format!("{method} */configuration/* delay 60s {phase} after {position} once");
            assert!(killed_by(&project, &[fault]), "{told}");
            finishes(&project);
            project.settled();
        }
    }
}

/// Of what moves, the lists of both campaigns name it while it is there twice, and guards name together what goes: the rest
/// of both was reviewed.
#[test]
fn the_rest_of_several_moves_and_deletes_was_reviewed() {
    let moved = |name: &str| another(name).replace("campaign: sale", "campaign: other");
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: other }\nspec: { state: unpublished, goal: first, targetAudiences: [all] }\n";
    let base = unpublished(&format!("{}{other}", whole()));
    let swap = [
        format!("{base}{}{}", another("basket"), moved("account")),
        format!("{base}{}{}", moved("basket"), another("account")),
    ];
    let shown = format!("{}{}{}", whole(), another("basket"), another("account"));
    let several = [shown, whole()];
    let fresh = [unpublished(&whole()), base.clone() + &moved("account")];
    let writes = [
        ("POST", 0),
        ("POST", 1),
        ("PUT", 0),
        ("PUT", 1),
        ("DELETE", 0),
        ("DELETE", 1),
    ];
    for ([before, after], writes) in [
        (swap, &writes[..]),
        (several, &writes[4..]),
        (fresh, &writes[..3]),
    ] {
        let left = LeftProject::reviewed(SandboxSettings::default(), &before, &after);
        for (method, position) in writes {
            for phase in ["", "after-commit"] {
                let project = left.copy();
                let flag = "--allow-unpublish";
                let told = format!("{method} {position} {phase}");
                let fault =
                    format!("{method} */configuration/* delay 60s {phase} after {position} once");
                assert!(killed_by(&project, &[fault]), "{told}");
                let expect = ["plan", "--expect", "reviewed.json", flag];
                project.run(&expect).expect(0);
                project.run(&["apply", "reviewed.json", flag]).expect(0);
                project.settled();
            }
        }
    }
}

/// What goes live is what the plan saw and wrote: an edit of a colleague between that and the publish holds it back.
#[test]
fn a_campaign_that_somebody_edits_before_its_publish_does_not_go_live() {
    let second = "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: third }\nspec: { indicator: { url: /third } }\n";
    let both = format!("{}{}{second}", whole(), another("basket"));
    let hidden = unpublished(&both);
    let described = both.replace(
        "goal: first, targetAudiences",
        "goal: third, targetAudiences",
    );
    let left = LeftProject::reviewed(SandboxSettings::default(), &hidden, &both);
    for (after, edit, place) in [
        (&both, "goalId", 0),
        (&both, "visitorProfiles", 0),
        (&both, "engagementIds", 0),
        (&both, "description", 0),
        (&described, "goalId", 1),
        (&described, "visitorProfiles", 1),
        (&described, "engagementIds", 1),
    ] {
        let project = left.copy();
        project.write("manifests.yaml", after);
        let fault = format!("PUT */campaigns/{{id}} race edit:{edit} after {place} once");
        project.account.fault(&fault);
        let run = project.run(&["apply", "--auto-approve"]);
        assert_eq!(
            run.code,
            Some(if place == 0 { 7 } else { 8 }),
            "{fault}: {}",
            run.stderr
        );
        assert_ne!(state(&project), json!(1), "{fault}");
        project.apply();
        project.settled();
    }
}

/// Whatever the account does with the list of a campaign as its engagements go: the rest of the plan is carried out.
#[test]
fn a_killed_delete_of_a_campaign_with_its_engagements_is_finished() {
    let both = unpublished(&format!("{}{}", whole(), another("basket")));
    let documents = both.split("---\n");
    let left: Vec<_> = documents
        .filter(|it| !it.contains("kind: Campaign") && !it.contains("kind: Engagement"))
        .collect();
    let left = left.join("---\n");
    for deleted_leaves_list in [false, true] {
        let settings = SandboxSettings {
            deleted_leaves_list,
            ..SandboxSettings::default()
        };
        let left = LeftProject::reviewed(settings, &both, &left);
        for position in 0..3 {
            for phase in ["", "after-commit"] {
                let project = left.copy();
                let fault =
                    format!("DELETE */configuration/* delay 60s {phase} after {position} once");
                assert!(killed_by(&project, &[fault]));
                finishes(&project);
                project.settled();
            }
        }
    }
}

/// What a move still has to delete is no deletion of its own: nobody was asked to allow one.
#[test]
fn what_several_moves_have_left_to_delete_needs_no_flag() {
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: other }\nspec: { state: unpublished, goal: first, targetAudiences: [all] }\n";
    let many: String = (0..12).map(|at| another(&format!("e{at:02}"))).collect();
    let before = unpublished(&format!("{}{other}{many}", whole()));
    let mut after = before.clone();
    for at in 0..7 {
        let name = format!("e{at:02}");
        let moved = another(&name).replace("campaign: sale", "campaign: other");
        after = after.replace(&another(&name), &moved);
    }
    let project = Project::in_shop(SandboxSettings::default(), &before);
    project.apply();
    project.write("manifests.yaml", &after);
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    let fault = "DELETE */configuration/* delay 60s once".to_owned();
    assert!(killed_by(&project, &[fault]));
    expects(&project, 0);
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.settled();
}
