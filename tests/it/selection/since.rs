//! `--changed-since`, with a git repository in a temporary folder.

use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use super::{GOALS_FILE, SALE, applied, apply, part, planned};
use crate::support::{CAMPAIGNS, GOALS, Project, Run};

/// Runs git as somebody whom no configuration of the machine has a say in.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=tester",
            "-c",
            "user.email=tester@example.com",
        ])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn commit(project: &Project, message: &str) {
    git(project.path(), &["add", "--all"]);
    git(project.path(), &["commit", "-q", "-m", message]);
}

/// Everything applied and committed on `main`, and a branch for what is to come.
fn repository() -> Project {
    let project = applied();
    project.write(".gitignore", ".campaignctl/\n");
    git(project.path(), &["init", "-q"]);
    commit(&project, "first");
    git(project.path(), &["switch", "-q", "-c", "work"]);
    project
}

const SINCE: &[&str] = &["--changed-since", "main"];

#[test]
fn only_the_documents_that_differ_count() {
    let project = repository();
    assert_snapshot!(part(&project, SINCE), @"
    Partial plan: 5 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    // One of two goals in a file, a comment and another order included.
    let (bought, joined) = GOALS_FILE.split_once("---\n").unwrap();
    let joined = joined.replace("/welcome", "/hello");
    project.write("goals.yaml", &format!("# goals\n{joined}---\n{bought}"));
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Goal/joined "Joined" (<id>)  goals.yaml:2
    Partial plan: 4 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    commit(&project, "second");
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Goal/joined "Joined" (<id>)  goals.yaml:2
    Partial plan: 4 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, SINCE);
    assert_eq!(
        project.account.item(GOALS, "Joined")["indicatorValue"]["url"],
        "/hello"
    );
}

#[test]
fn what_depends_on_a_change_is_in_and_the_rest_is_not() {
    let project = repository();
    project.write("goals.yaml", &GOALS_FILE.replace("/thanks", "/thank-you"));
    let path = project.account.item_path(CAMPAIGNS, "Sale");
    project
        .account
        .edit(&path, |campaign| campaign["description"] = "by hand".into());
    let path = project.account.item_path(GOALS, "Joined");
    project
        .account
        .edit(&path, |goal| goal["name"] = "By hand".into());
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Goal/bought "Bought" (<id>)  goals.yaml:1
    Partial plan: 1 of 5 objects left out by --changed-since.
      --changed-since: Goal/joined
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_file_that_is_renamed_or_gone_is_no_riddle() {
    let project = repository();
    git(project.path(), &["mv", "home.yaml", "start.yaml"]);
    assert_snapshot!(part(&project, SINCE), @"
    Partial plan: 5 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    let (bought, _) = GOALS_FILE.split_once("---").unwrap();
    project.write("goals.yaml", bought);
    git(project.path(), &["rm", "-q", "cart.yaml"]);
    commit(&project, "less");
    assert_snapshot!(part(&project, SINCE), @r#"
      - delete Goal/joined "Joined" (<id>)
      - delete Engagement/cart (<id>)
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 2 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 2 to delete, 0 to adopt, 0 manual.
    "#);
    apply(&project, SINCE);
    assert_eq!(project.account.row(GOALS, "Joined"), None);
}

#[test]
fn a_file_that_git_does_not_know_is_new() {
    let project = repository();
    let more = GOALS_FILE
        .replace("bought", "more")
        .replace("Bought", "More");
    let (more, _) = more.split_once("---").unwrap();
    project.write("more/goals.yaml", more);
    assert_snapshot!(part(&project, SINCE), @r#"
      + create Goal/more "More"  more/goals.yaml:1
    Partial plan: 5 of 6 objects left out by --changed-since.
      --changed-since: Goal/bought, Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn what_others_did_on_main_meanwhile_is_not_ours() {
    let project = repository();
    project.write(
        "sale.yaml",
        &SALE.replace("unpublished", "unpublished\n  description: mine"),
    );
    commit(&project, "mine");
    git(project.path(), &["switch", "-q", "main"]);
    project.write("goals.yaml", &GOALS_FILE.replace("/welcome", "/theirs"));
    commit(&project, "theirs");
    git(project.path(), &["switch", "-q", "work"]);
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Campaign/sale "Sale" (<id>)  sale.yaml:1
    Partial plan: 2 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Goal/joined
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn overlays_count_for_their_environment_and_the_project_file_for_all() {
    let project = repository();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let overlays = format!(
        "{file}    overlays: [overlays/test]\n  other:\n    account: '2'\n    credentials: {{ bearer: {{ env: NONE }} }}\n    overlays: [overlays/other]\n"
    );
    project.write("campaignctl.yaml", &overlays);
    let overlay = |word: &str| {
        format!("kind: Goal\nmetadata: {{ name: joined }}\nspec: {{ description: {word} }}\n")
    };
    for environment in ["test", "other"] {
        project.write(
            &format!("overlays/{environment}/goals.yaml"),
            &overlay("old"),
        );
    }
    apply(&project, &[]);
    commit(&project, "overlays");
    let run = planned(&project, SINCE).expect(0);
    assert_snapshot!(format!("{}{}", run.stdout, run.stderr), @"
    No changes. The account matches the manifests.
    Plan for test, account 10000001
    `campaignctl.yaml` says something else of test now: every manifest counts as changed.
    ");
    git(project.path(), &["branch", "-q", "-f", "main"]);
    project.write("overlays/other/goals.yaml", &overlay("new"));
    assert_snapshot!(part(&project, SINCE), @"
    Partial plan: 5 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Goal/joined, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.write("overlays/test/goals.yaml", &overlay("new"));
    project.write(
        "campaignctl.yaml",
        &(overlays + "    guards: { maxDeletePercent: 10 }\n"),
    );
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Goal/joined "Joined" (<id>)  goals.yaml:6
    Partial plan: 4 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.remove("overlays/test/goals.yaml");
    project.write("overlays/test/.keep", "");
    assert_snapshot!(part(&project, SINCE), @r#"
      ~ update Goal/joined "Joined" (<id>)  goals.yaml:6
    Partial plan: 4 of 5 objects left out by --changed-since.
      --changed-since: Goal/bought, Campaign/sale, Engagement/cart, Engagement/home
    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
}

#[test]
fn a_project_below_the_top_of_the_repository_is_found() {
    let outer = tempfile::tempdir().unwrap();
    let project = Project::with(GOALS_FILE);
    std::fs::create_dir(outer.path().join("inner")).unwrap();
    for file in ["campaignctl.yaml", "manifests.yaml"] {
        std::fs::copy(
            project.path().join(file),
            outer.path().join("inner").join(file),
        )
        .unwrap();
    }
    git(outer.path(), &["init", "-q"]);
    git(outer.path(), &["add", "--all"]);
    git(outer.path(), &["commit", "-q", "-m", "first"]);
    let changed = GOALS_FILE.replace("/welcome", "/hello");
    std::fs::write(outer.path().join("inner/manifests.yaml"), changed).unwrap();
    let mut command = project.command(&["plan", "inner", "--changed-since", "HEAD"]);
    let run = Run::from(command.current_dir(outer.path()).output().unwrap()).expect(0);
    assert_snapshot!(run.stdout.lines().last().unwrap(), @"Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.");
    assert!(
        run.stdout.contains("create Goal/joined") && !run.stdout.contains("create Goal/bought")
    );
}

#[test]
fn what_git_cannot_tell_is_an_error_with_a_remedy() {
    let project = applied();
    let told = |project: &Project, since: &str| {
        let run = planned(project, &[&format!("--changed-since={since}")]).expect(3);
        let here = project.path().canonicalize().unwrap();
        run.stderr.replace(here.to_str().unwrap(), "<project>")
    };
    assert_snapshot!(told(&project, "main"), @"
    Plan for test, account 10000001
    error: `--changed-since` needs a git repository around `<project>`: fatal: not a git repository (or any of the parent directories): .git
      = help: run it in a clone that holds the `.git` folder, or name objects with `--target`
    ");
    let project = repository();
    assert_snapshot!(told(&project, "mian"), @"
    Plan for test, account 10000001
    error: `--changed-since mian`: git has no such commit
      = help: give a branch, tag or commit that this clone has: `git fetch origin main`, then `--changed-since origin/main`
    ");
    assert_snapshot!(told(&project, "--output=x"), @"
    Plan for test, account 10000001
    error: `--changed-since --output=x`: git has no such commit
      = help: give a branch, tag or commit that this clone has: `git fetch origin main`, then `--changed-since origin/main`
    ");
    git(project.path(), &["switch", "-q", "--orphan", "stranger"]);
    git(project.path(), &["checkout", "-q", "main", "--", "."]);
    commit(&project, "stranger");
    assert_snapshot!(told(&project, "main"), @"
    Plan for test, account 10000001
    error: `--changed-since main`: it has no commit in common with the current one
      = help: give a branch, tag or commit that this clone has: `git fetch origin main`, then `--changed-since origin/main`
    ");
    // A clone with a single commit.
    let clone = Project::new();
    let folder = clone.path().join("clone");
    let url = format!("file://{}", project.path().display());
    git(
        clone.path(),
        &["clone", "-q", "--depth", "1", &url, "clone"],
    );
    let mut command = clone.command(&["plan", "--changed-since", "HEAD~1"]);
    let run = Run::from(command.current_dir(folder).output().unwrap()).expect(3);
    assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error: `--changed-since HEAD~1`: git has no such commit
      = help: this clone is shallow: `git fetch --unshallow` fetches its history (in a pipeline: a fetch depth of 0)
    ");
}
