//! Campaigns are read with one request where the account lists them whole, and one by one where it does not: what is planned is the
//! same, whatever the account answers.

use std::fmt::Write as _;

use campaignctl::sandbox::{Settings, WholeList};
use serde_json::Value;

use crate::support::{Account, CAMPAIGNS, Project, plain};

/// Every form of the list.
const FORMS: [WholeList; 5] = [
    WholeList::Whole,
    WholeList::Shallow,
    WholeList::Childless,
    WholeList::Summary,
    WholeList::Refused,
];

/// So many campaigns, each with two engagements.
fn manifests(campaigns: usize) -> String {
    let mut out = String::from(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: paid }\nspec: { indicator: { url: /paid } }\n---\napiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: { name: w }\nspec: {}\n",
    );
    for n in 0..campaigns {
        let _ = write!(
            out,
            "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c{n} }}\nspec: {{ goal: paid, controlGroup: 10% }}\n"
        );
        for name in ["first", "second"] {
            let _ = write!(
                out,
                "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: {name}-{n} }}\nspec: {{ campaign: c{n}, type: embedded, channel: web, entryPoints: [{{ system: true }}], window: w, language: en-US, enabled: true, description: ours }}\n"
            );
        }
    }
    out
}

fn project(form: WholeList, account_wide_child_revision: bool) -> Project {
    let project = Project::on(Account::with(Settings {
        whole_list: form,
        account_wide_child_revision,
        ..Settings::default()
    }));
    project.write("manifests.yaml", &manifests(5));
    // One after the other, so that the ids are the same in each account.
    project
        .run(&["apply", "--auto-approve", "--parallelism", "1"])
        .expect(0);
    project
}

/// How many requests a command sends.
fn requests(project: &Project, command: &[&str]) -> (u64, String) {
    project.account.handle().forget_statistics();
    let run = project.run(command);
    (project.account.handle().statistics().requests, run.stdout)
}

fn edit(account: &Account, campaign: &str, engagement: &str, change: impl FnOnce(&mut Value)) {
    let list = account.engagements(campaign);
    let found = account.get(&list);
    let mut rows = found.as_array().unwrap().iter();
    let row = rows.find(|row| row["name"] == engagement).unwrap();
    let (path, query) = list.split_once('?').unwrap();
    account.edit(&format!("{path}/{}?{query}", plain(&row["id"])), change);
}

#[test]
fn a_plan_reads_campaigns_with_one_request_where_the_account_lists_them_whole() {
    let mut told = String::new();
    for form in FORMS {
        let project = project(form, false);
        let (count, out) = requests(&project, &["plan"]);
        assert!(out.contains("No changes."), "{form:?}: {out}");
        let (drift, _) = requests(&project, &["drift"]);
        writeln!(told, "{form:?}: plan {count}, drift {drift}").unwrap();
    }
    insta::assert_snapshot!(told, @"
    Whole: plan 7, drift 7
    Shallow: plan 11, drift 11
    Childless: plan 11, drift 11
    Summary: plan 11, drift 11
    Refused: plan 12, drift 12
    ");
}

#[test]
fn what_people_edit_is_seen_whatever_the_list_holds() {
    let mut plans = Vec::new();
    for form in FORMS {
        for account_wide in [false, true] {
            let project = project(form, account_wide);
            let account = &project.account;
            // One in the campaign that is compared with its item, and some in others.
            edit(account, "c0", "first-0", |row| {
                row["enabled"] = false.into();
            });
            edit(account, "c3", "second-3", |row| {
                row["description"] = "by hand".into();
            });
            account.edit(&account.item_path(CAMPAIGNS, "c4"), |row| {
                row["controlGroup"]["percentage"] = 25.0.into();
            });
            account.edit(&account.item_path(CAMPAIGNS, "c2"), |row| {
                row["ours"] = 1.into();
            });
            let plan = project.run(&["plan"]).expect(0).stdout;
            project.run(&["drift"]).expect(2);
            plans.push(plan);
            project.run(&["apply", "--auto-approve"]).expect(0);
            project.settled();
            assert_eq!(account.item(CAMPAIGNS, "c2")["ours"], 1);
        }
    }
    insta::assert_snapshot!(plans[0], @"
      ~ update Campaign/c4 (4100000107)  manifests.yaml:71
          controlGroup: 25% -> 10%  (drift)
          3 unchanged fields

      ~ update Engagement/first-0 (4100000108)  manifests.yaml:16
          enabled: false -> true  (drift)
          8 unchanged fields

      ~ update Engagement/second-3 (4100000116)  manifests.yaml:66
          description: by hand -> ours  (drift)
          8 unchanged fields

    Plan: 0 to create, 3 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    assert!(plans.iter().all(|plan| *plan == plans[0]));
}

#[test]
fn an_export_is_the_same_whatever_the_list_holds() {
    let exports = FORMS.map(|form| project(form, false).run(&["export"]).expect(0).stdout);
    assert!(exports[0].contains("name: second-4"), "{}", exports[0]);
    assert!(exports.iter().all(|export| *export == exports[0]));
}
