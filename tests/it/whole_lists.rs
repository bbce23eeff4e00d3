//! Campaigns are read with one request where the account lists them whole, and one by one where it does not: what is planned is the
//! same, whatever the account answers.

use std::fmt::Write as _;

use campaignctl::sandbox::{ListStamps, SandboxSettings, WholeList};
use serde_json::{Value, json};

use crate::support::{Account, CAMPAIGNS, GOALS, Project, SECRET, plain};

/// Every form of the list.
const FORMS: [WholeList; 5] = [
    WholeList::Whole,
    WholeList::Shallow,
    WholeList::Childless,
    WholeList::Summary,
    WholeList::Refused,
];

/// So many campaigns, each with two engagements.
pub(crate) fn manifests(campaigns: usize) -> String {
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
    project_of(
        5,
        SandboxSettings {
            whole_list: form,
            account_wide_child_revision,
            ..SandboxSettings::default()
        },
    )
}

fn project_of(campaigns: usize, settings: SandboxSettings) -> Project {
    let project = Project::on(Account::with(settings));
    project.write("manifests.yaml", &manifests(campaigns));
    // One after the other, so that the ids are the same in each account.
    project
        .run(&["apply", "--auto-approve", "--parallelism", "1"])
        .expect(0);
    project.run(&["plan"]).expect(0); // so that there is something in the cache
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
        let (count, out) = requests(&project, &["plan", "--no-cache"]);
        assert!(out.contains("No changes."), "{form:?}: {out}");
        let (drift, _) = requests(&project, &["drift", "--no-cache"]);
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
    // Every form with one sort of revision: the random histories of the cache try all of both.
    for (form, account_wide) in FORMS.into_iter().zip([false, true].into_iter().cycle()) {
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

fn cache(project: &Project) -> std::path::PathBuf {
    project.path().join(".campaignctl/cache/test.cache")
}

#[test]
fn the_requests_of_a_plan_do_not_grow_with_the_campaigns_that_did_not_change() {
    let mut told = String::new();
    for form in [WholeList::Shallow, WholeList::Summary, WholeList::Refused] {
        let counts = [4, 7].map(|campaigns| {
            let settings = SandboxSettings {
                whole_list: form,
                ..SandboxSettings::default()
            };
            let project = project_of(campaigns, settings);
            ["plan", "drift", "status"].map(|command| requests(&project, &[command]).0)
        });
        assert_eq!(counts[0], counts[1], "{form:?}");
        let [plan, drift, status] = counts[0];
        writeln!(
            told,
            "{form:?}: plan {plan}, drift {drift}, status {status}"
        )
        .unwrap();
    }
    insta::assert_snapshot!(told, @"
    Shallow: plan 8, drift 8, status 17
    Summary: plan 8, drift 8, status 17
    Refused: plan 9, drift 9, status 18
    ");
}

#[test]
fn where_a_list_does_not_say_what_changed_everything_is_read() {
    let mut told = String::new();
    for stamps in [
        ListStamps::Shown,
        ListStamps::Undated,
        ListStamps::Unrevised,
        ListStamps::Ignored,
        ListStamps::Refused,
    ] {
        let project = project_of(
            5,
            SandboxSettings {
                whole_list: WholeList::Summary,
                list_stamps: stamps,
                ..SandboxSettings::default()
            },
        );
        let (count, out) = requests(&project, &["plan"]);
        assert!(out.contains("No changes."), "{stamps:?}: {out}");
        writeln!(told, "{stamps:?}: {count}").unwrap();
    }
    insta::assert_snapshot!(told, @"
    Shown: 8
    Undated: 12
    Unrevised: 12
    Ignored: 12
    Refused: 12
    ");
}

#[test]
fn an_edit_of_an_engagement_alone_is_seen_and_costs_what_it_may_have_changed() {
    let mut told = String::new();
    for (form, account_wide) in [
        (WholeList::Summary, false),
        (WholeList::Summary, true),
        (WholeList::Childless, false),
    ] {
        let project = project(form, account_wide);
        edit(&project.account, "c3", "second-3", |row| {
            row["description"] = "by hand".into();
        });
        let (count, out) = requests(&project, &["plan"]);
        assert!(
            out.contains("description: by hand -> ours  (drift)"),
            "{out}"
        );
        let revisions = if account_wide {
            "one revision"
        } else {
            "a revision each"
        };
        writeln!(told, "{form:?}, {revisions}: {count}").unwrap();
        // What is written is read, and compared, right before.
        project.run(&["apply", "--auto-approve"]).expect(0);
        project.settled();
    }
    insta::assert_snapshot!(told, @"
    Summary, a revision each: 9
    Summary, one revision: 12
    Childless, a revision each: 8
    ");
}

/// Who sends a pull request could send a cache with it that says that nothing differs.
#[test]
fn a_plan_of_a_project_that_is_not_trusted_reads_everything() {
    let project = project(WholeList::Summary, false);
    let restricted = [
        "plan",
        "--restricted",
        "--allow-host",
        "127.0.0.1",
        "--allow-variable",
        "TEST_*",
    ];
    let counts =
        [&["plan"][..], &["plan", "--no-cache"], &restricted].map(|it| requests(&project, it));
    let [(warm, _), cold, restricted] = counts;
    assert!(warm < cold.0, "{warm}");
    assert_eq!(restricted, cold);
}

#[test]
fn a_cache_that_cannot_be_used_is_read_anew_without_a_word() {
    let project = project(WholeList::Summary, false);
    let file = cache(&project);
    let good = std::fs::read_to_string(&file).unwrap();
    assert!(!good.contains(SECRET) && good.contains("second-4"));
    let (warm, usual) = requests(&project, &["plan"]);
    let mut told = String::new();
    for bad in [
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replace("second-4", "second-5"),
        good.replace("cache/v1", "cache/v2"),
        good.replace("\"account\":\"1", "\"account\":\"2"),
        good.replace("\"program\":\"", "\"program\":\"9"),
    ] {
        std::fs::write(&file, bad).unwrap();
        project.account.handle().forget_statistics();
        let run = project.run(&["plan", "-v"]).expect(0);
        let count = project.account.handle().statistics().requests;
        assert_eq!(run.stdout, usual);
        assert!(count > warm, "{count}");
        let told_of = run
            .stderr
            .lines()
            .filter(|line| line.contains(" is not used: "));
        for line in told_of {
            writeln!(told, "{}", line.split_once(".cache ").unwrap().1).unwrap();
        }
        assert_eq!(requests(&project, &["plan"]).0, warm, "it was written anew");
    }
    insta::assert_snapshot!(told, @"
    is not used: it is damaged
    is not used: it is damaged
    is not used: it is damaged
    is not used: it has another format
    is not used: it is of another account or host
    is not used: another version of campaignctl wrote it
    ");
    std::fs::write(&file, "").unwrap();
    let run = project.run(&["plan"]).expect(0);
    assert_eq!(run.stdout, usual);
    assert!(!run.stderr.contains("cache"), "{}", run.stderr);
    assert_eq!(requests(&project, &["plan"]).0, warm);
}

#[test]
fn what_matched_is_kept_and_a_file_of_it_that_cannot_be_used_changes_no_plan() {
    let project = project(WholeList::Whole, false);
    let file = project.path().join(".campaignctl/cache/test.matches");
    let usual = project.run(&["plan"]).expect(0).stdout;
    let good = std::fs::read_to_string(&file).unwrap();
    assert!(!good.contains(SECRET));
    assert_eq!(project.run(&["plan"]).expect(0).stdout, usual);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), good);
    let mut told = String::new();
    for bad in [
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replacen("\t1", "\t2", 1),
        good.replace("matches/v1", "matches/v2"),
        good.replace("\"account\":\"1", "\"account\":\"2"),
        good.replace("\"program\":\"", "\"program\":\"9"),
    ] {
        std::fs::write(&file, &bad).unwrap();
        let run = project.run(&["plan", "-v"]).expect(0);
        assert_eq!(run.stdout, usual);
        for line in run.stderr.lines() {
            if let Some((_, why)) = line.split_once(".matches ") {
                writeln!(told, "{why}").unwrap();
            }
        }
        assert_ne!(std::fs::read_to_string(&file).unwrap(), bad);
    }
    insta::assert_snapshot!(told, @"
    is not used: it is damaged
    is not used: it is damaged
    is not used: it is damaged
    is not used: it has another format
    is not used: it is of another account or host
    is not used: another build of campaignctl wrote it
    ");
    edit(&project.account, "c3", "second-3", |row| {
        row["description"] = "by hand".into();
    });
    let drifted = project.run(&["plan"]).expect(0).stdout;
    assert!(drifted.contains("description: by hand -> ours  (drift)"));
    assert_eq!(
        project.run(&["plan", "--no-cache"]).expect(0).stdout,
        drifted
    );
}

#[cfg(unix)]
#[test]
fn a_cache_is_for_its_owner_and_not_for_git_and_one_that_cannot_be_written_fails_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = project(WholeList::Summary, false);
    let file = cache(&project);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let folder = file.parent().unwrap();
    let ignored = std::fs::read_to_string(folder.join(".gitignore")).unwrap();
    assert!(ignored.lines().any(|line| line == "*"), "{ignored}");
    std::fs::remove_dir_all(folder).unwrap();
    std::os::unix::fs::symlink("/", folder).unwrap();
    let run = project.run(&["plan", "-v"]).expect(0);
    assert!(
        run.stderr
            .contains("cannot be written: its folder is a link"),
        "{}",
        run.stderr
    );
    let run = project.run(&["plan"]).expect(0);
    assert!(!run.stderr.contains("cache"), "{}", run.stderr);
}

#[test]
fn who_is_reached_is_read_without_reading_anything_twice() {
    let mut told = String::new();
    for form in [WholeList::Whole, WholeList::Summary] {
        let project = project(form, false);
        let account = &project.account;
        for n in 0..4 {
            let body = json!({ "name": format!("Foreign {n}"), "status": 1, "type": 0, "goalId": account.row(GOALS, "paid").unwrap()["id"] });
            account.post(CAMPAIGNS, &body);
        }
        let (before, _) = requests(&project, &["plan", "--no-cache"]);
        let edited = manifests(5).replace("/paid", "/thanks");
        project.write("manifests.yaml", &edited);
        let (after, out) = requests(&project, &["plan", "--no-cache"]);
        assert!(out.contains("used by 9 campaigns, 10 engagements"), "{out}");
        writeln!(
            told,
            "{form:?}: {before} requests, {after} with a change of what all share"
        )
        .unwrap();
    }
    insta::assert_snapshot!(told, @"
    Whole: 7 requests, 7 with a change of what all share
    Summary: 11 requests, 15 with a change of what all share
    ");
}
