//! Pipelines keep the ledger: what one run made, the next one knows as its own, on another disk.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::Value;

use super::templates::{documents_of, has_jq, script, tools};
use super::{Sample, TWO};
use crate::program::{command, package, ran, run};
use crate::support::SECRET;

/// The pipeline that `init` writes for the environment `name`.
pub(super) fn pipeline(name: &str, system: &str, more: &[&str]) -> String {
    pipeline_of("", name, system, more)
}

/// The same, for a project in a folder of a repository.
fn pipeline_of(project: &str, name: &str, system: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let place = folder.path().join(project);
    std::fs::create_dir_all(&place).unwrap();
    let always = ["init", "--yes", "-e", name, "--account", "50010002"];
    let arguments = [&always[..], &["--pipeline", system], more].concat();
    run(&place, &arguments).expect(0);
    let file = match system {
        "github" => ".github/workflows/campaignctl.yaml",
        _ => ".gitlab-ci.yml",
    };
    std::fs::read_to_string(folder.path().join(file)).unwrap()
}

/// The examples are what `init` writes. `CAMPAIGNCTL_UPDATE=1` writes them.
#[test]
fn the_examples_are_what_init_writes() {
    for (system, file) in [("github", "github.yml"), ("gitlab", "gitlab-ci.yml")] {
        let path = package().join("examples/pipelines").join(file);
        let written = pipeline("production", system, &[]);
        if std::env::var_os("CAMPAIGNCTL_UPDATE").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), written, "{file}");
    }
}

#[test]
fn a_shared_ledger_needs_its_own_secrets_and_no_commit() {
    for (address, secret) in [
        ("s3://campaigns/production.json", "AWS_SECRET_ACCESS_KEY"),
        (
            "gs://campaigns/production.json",
            "GOOGLE_SERVICE_ACCOUNT_KEY",
        ),
        (
            "az://campaigns/production.json",
            "AZURE_STORAGE_ACCOUNT_KEY",
        ),
        (
            "https://gitlab.example.com/api/v4/projects/5/terraform/state/x",
            "LEDGER_PASSWORD",
        ),
    ] {
        let more = ["--ledger", address];
        let github = pipeline("production", "github", &more);
        let line = format!("        {secret}=${{{{ secrets.{secret} }}}}\n");
        assert_eq!(github.matches(&line).count(), 3, "{github}");
        let gitlab = pipeline("production", "gitlab", &more);
        assert!(
            gitlab.contains(secret) && !gitlab.contains("git push"),
            "{gitlab}"
        );
        assert!(!gitlab.contains('@'), "{gitlab}");
    }
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["init", "--yes", "--account", "1", "--ledger", "ledger.json"];
    let refused = run(folder.path(), &arguments).expect(3);
    assert_snapshot!(refused.stderr, @"error: `ledger.json` is not a permanent place: use `git`, or an address of `s3://`, `gs://`, `az://` or `https://`");
}

/// A clone of what was pushed, without what the first one keeps to itself.
fn clone(origin: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let arguments = [
        "clone",
        "--quiet",
        origin.to_str().unwrap(),
        clone.to_str().unwrap(),
    ];
    let done = std::process::Command::new("git").args(arguments).status();
    assert!(done.unwrap().success());
    (folder, clone)
}

/// How many objects a plan in a clone deletes when the second manifest is gone.
#[track_caller]
fn deletes_without_the_second(clone: &Path) -> Value {
    let first = TWO.split("---").next().unwrap();
    std::fs::write(clone.join("manifests.yaml"), first).unwrap();
    let mut command = command(clone, &["plan", "-e", "test", "--format", "json"]);
    command
        .env("TEST_CLIENT_ID", "sandbox")
        .env("TEST_CLIENT_SECRET", SECRET);
    let plan: Value = serde_json::from_str(&ran(&mut command).expect(0).stdout).unwrap();
    plan["summary"]["delete"].clone()
}

/// A sample with a repository that it pushes to.
pub(super) fn published() -> Option<(Sample, tempfile::TempDir, PathBuf)> {
    let sample = Sample::new()?;
    sample.project.write(".gitignore", "");
    sample.commit();
    let folder = tempfile::tempdir().unwrap();
    let origin = folder.path().join("shop.git");
    let url = origin.to_str().unwrap();
    sample.git(&["init", "--quiet", "--bare", "--initial-branch", "main", url]);
    sample.git(&["remote", "add", "origin", url]);
    sample.git(&["push", "--quiet", "origin", "main"]);
    Some((sample, folder, origin))
}

/// The same, with the project in a folder of the repository.
fn published_in(project: &str) -> Option<(Sample, tempfile::TempDir, PathBuf)> {
    let published = published()?;
    let (sample, ..) = &published;
    if !project.is_empty() {
        for file in ["campaignctl.yaml", "manifests.yaml"] {
            let text = std::fs::read_to_string(sample.project.path().join(file)).unwrap();
            sample.project.write(&format!("{project}/{file}"), &text);
            sample.project.remove(file);
        }
        sample.commit();
        sample.git(&["push", "--quiet", "origin", "main"]);
    }
    Some(published)
}

/// Where projects are in the repository.
const PROJECTS: [&str; 2] = ["", "marketing/lp"];

#[test]
fn what_one_github_job_made_another_one_deletes() {
    for project in PROJECTS {
        let Some((sample, _folder, origin)) = published_in(project) else {
            return;
        };
        let jobs = &documents_of(&pipeline_of(project, "test", "github", &[]))[0]["jobs"];
        let of = |name: &str| jobs[name]["with"]["project"].as_str().unwrap_or(".");
        let with = [("project", of("plan"))];
        sample.pushed().run_on_account("plan", &with).expect(0);
        let job = sample.merged();
        sample.git(&["push", "--quiet", "origin", "main"]);
        let with = [("commit-ledger", "true"), ("project", of("apply"))];
        let applied = job.run_on_account("apply", &with).expect(0);
        assert!(
            !applied.log.contains("is lost when"),
            "{project}: {}",
            applied.log
        );
        let (_other, clone) = clone(&origin);
        let clone = clone.join(project);
        assert_eq!(deletes_without_the_second(&clone), 1, "{project}");
        std::fs::remove_dir_all(clone.join(".campaignctl")).unwrap();
        assert_eq!(
            deletes_without_the_second(&clone),
            0,
            "the ledger tells what is ours"
        );
        let with = [("project", of("drift"))];
        job.run_on_account("drift", &with).expect(0);
    }
}

#[test]
fn what_one_gitlab_job_made_another_one_deletes() {
    for project in PROJECTS {
        one_gitlab_job_and_another(project);
    }
}

fn one_gitlab_job_and_another(project: &str) {
    let Some((sample, _folder, origin)) = published_in(project).filter(|_| has_jq()) else {
        return;
    };
    let jobs = &documents_of(&pipeline_of(project, "test", "gitlab", &[]))[0];
    let of = project.replace('/', "-") + ":";
    let of = of.trim_start_matches(':');
    let own = &jobs[format!(".campaignctl:{of}").trim_end_matches(':')]["variables"];
    let (tools, kept) = (tools(), tempfile::tempdir().unwrap());
    let variables = own.as_object().or(jobs["variables"].as_object()).unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let variables: Vec<_> = variables.collect();
    let job = |name: &str| {
        let env = [
            ("CI", "true"),
            ("CI_API_V4_URL", "https://gitlab"),
            ("CI_SERVER_URL", "https://gitlab"),
            (
                "CI_PROJECT_URL",
                origin.to_str().unwrap().strip_suffix(".git").unwrap(),
            ),
            ("CI_PROJECT_ID", "5"),
            ("CI_COMMIT_SHA", "abc"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CAMPAIGNCTL_GITLAB_TOKEN", "token"),
            ("KEPT", kept.path().to_str().unwrap()),
            ("OF_FOLDER", &of.replace(':', "%3A")),
        ];
        sample.shell(
            tools.path(),
            &script(&jobs[format!("campaignctl:{of}{name}")]["script"]),
            &[&env[..], &variables].concat(),
        )
    };
    let log = || {
        let origin = origin.to_str().unwrap();
        sample.git(&["--git-dir", origin, "log", "--format=%s", "-2", "main"])
    };
    job("plan").expect(0);
    let plan = sample.project.path().join("plan.json");
    std::fs::rename(plan, kept.path().join("plan.json")).unwrap();
    sample.git(&["clean", "--quiet", "--force"]);
    // The branch moves on while the job runs: the ledger goes on top of it.
    let head = sample.git(&["rev-parse", "HEAD"]);
    sample.git(&["commit", "--quiet", "--allow-empty", "-m", "another merge"]);
    sample.git(&["push", "--quiet", "origin", "main"]);
    sample.git(&["reset", "--quiet", "--hard", &head]);
    let applied = job("apply").expect(0);
    assert!(
        !applied.stderr.contains("is lost when"),
        "{}",
        applied.stderr
    );

    let (_other, clone) = clone(&origin);
    let pushed = log();
    assert_eq!(
        pushed,
        "campaignctl: ledger of test [skip ci]\nanother merge"
    );
    assert_eq!(deletes_without_the_second(&clone.join(project)), 1);

    // With the ledger in the repository nothing is lost, and an apply that does nothing pushes nothing.
    let again = job("apply").expect(0);
    assert!(!again.stderr.contains("is lost when"), "{}", again.stderr);
    assert!(
        again.stdout.ends_with("Nothing to apply.\n"),
        "{}",
        again.stdout
    );
    assert_eq!(log(), pushed);
    job("validate").expect(0);
    job("drift").expect(0);
}

#[test]
fn a_ledger_that_goes_with_its_runner_is_told() {
    let sample = crate::support::Project::with(TWO);
    let told = |arguments: &[&str], ci: &str| {
        let mut command = sample.command(arguments);
        let done: crate::support::Run = command.env("CI", ci).output().unwrap().into();
        done.expect(0)
    };
    let doctor = |ci| {
        let text = told(&["doctor"], ci).stdout;
        text.lines()
            .filter(|line| line.contains("ledger"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(told(&["apply", "--auto-approve"], "true").stderr, @"
    Plan for test, account 10000001
    warning: the ledger `.campaignctl/ledger/test.json` is lost when this job ends: there is no git repository around it
      = help: commit it when the job is done, and set `CAMPAIGNCTL_COMMITS_LEDGER=true` for the job; or share it: `ledger: s3://bucket/key` of the environment, `gs://..`, `az://..` or the `https://` address of GitLab's state
    [1/2] created Goal/first
    [2/2] created Goal/second
    To undo: campaignctl undo -e test
    ");
    let found = doctor("true");
    assert!(
        found.starts_with("warn ") && found.contains("there is no git repository"),
        "{found}"
    );
    assert!(!doctor("false").contains("lost"));
    let quiet = told(&["apply", "--auto-approve"], "").stderr;
    assert_eq!(quiet, "Plan for test, account 10000001\n");
}

/// A ledger that git has is lost as far as the job records something in it, and nobody says that it is committed.
#[test]
fn what_a_job_records_in_a_ledger_that_git_has_is_told() {
    let Some((sample, _folder, _)) = published() else {
        return;
    };
    let told = |arguments: &[&str], env: &[(&str, &str)]| {
        let mut command = sample.project.command(arguments);
        command.env("CI", "true").envs(env.iter().copied());
        let done: crate::support::Run = command.output().unwrap().into();
        done.expect(0)
    };
    let doctor = || {
        let text = told(&["doctor"], &[]).stdout;
        let line = text.lines().find(|line| line.contains(" ledger "));
        line.unwrap().trim().to_owned()
    };
    let apply = ["apply", "--auto-approve"];
    sample.project.apply();
    sample.commit();
    let committed = doctor();
    assert!(
        committed.starts_with("ok ") && committed.ends_with("must commit it"),
        "{committed}"
    );
    // Nothing is recorded, so nothing is lost.
    let quiet = told(&apply, &[]).stderr;
    assert!(!quiet.contains("warning"), "{quiet}");

    sample
        .project
        .write("manifests.yaml", &TWO.replace("one", "another"));
    let commits = [("CAMPAIGNCTL_COMMITS_LEDGER", "true")];
    let quiet = told(&apply, &commits).stderr;
    assert!(!quiet.contains("warning"), "{quiet}");
    sample.commit();
    sample.project.write("manifests.yaml", TWO);
    assert_snapshot!(told(&apply, &[]).stderr, @"
    Plan for test, account 10000001
    [1/1] updated Goal/first
    To undo: campaignctl undo -e test
    warning: what this job recorded in the ledger `.campaignctl/ledger/test.json` is lost when it ends, unless the job commits it: it is not as in git
      = help: commit it when the job is done, and set `CAMPAIGNCTL_COMMITS_LEDGER=true` for the job; or share it: `ledger: s3://bucket/key` of the environment, `gs://..`, `az://..` or the `https://` address of GitLab's state
    ");
    let found = doctor();
    assert!(
        found.starts_with("warn ") && found.contains("what this job recorded in the ledger"),
        "{found}"
    );
    // Staged is not committed.
    sample.git(&["add", "-A"]);
    assert!(doctor().starts_with("warn "));
    sample.commit();
    assert_eq!(doctor(), committed.replace("serial 1", "serial 3"));
}
