//! The files of `examples/pipelines` for other platforms: the commands in them, run as their platforms run them.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::kept::published;
use super::{Sample, TWO};
use crate::program::{command, package, ran};
use crate::support::{GOALS, Run, SECRET};

/// All documents of a file of the package.
fn documents(file: &str) -> Vec<Value> {
    documents_of(&std::fs::read_to_string(package().join(file)).unwrap())
}

/// All documents of a text.
pub(super) fn documents_of(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

/// The lines of a script.
pub(super) fn script(lines: &Value) -> String {
    let lines = lines.as_array().unwrap().iter();
    let lines: Vec<_> = lines.map(|line| line.as_str().unwrap()).collect();
    lines.join("\n")
}

/// What asks GitLab: the merge request of a commit, or the plan of its pipeline.
const CURL: &str = r#"#!/usr/bin/env bash
for last; do :; done
case "$last" in
    */projects/5/repository/commits/abc/merge_requests)
        labels=$(cat "$KEPT/labels" 2> /dev/null || echo '[]')
        echo '[{"iid":9,"state":"closed"},{"iid":4,"state":"merged","labels":'"$labels"'}]' ;;
    */projects/5/repository/commits/*) echo '[]' ;;
    "https://gitlab/projects/5/jobs/artifacts/refs%2Fmerge-requests%2F4%2Fhead/raw/plan.json?job=campaignctl%3A${OF_FOLDER:-}plan")
        cat "$KEPT/plan.json" ;;
    *) echo "nobody knows $last" >&2; exit 22 ;;
esac
"#;

/// A folder with the program under its name, and the stand-in for curl.
pub(super) fn tools() -> tempfile::TempDir {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    symlink(
        env!("CARGO_BIN_EXE_campaignctl"),
        folder.path().join("campaignctl"),
    )
    .unwrap();
    let curl = folder.path().join("curl");
    std::fs::write(&curl, CURL).unwrap();
    std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

impl Sample {
    /// Runs a script of a pipeline in the repository.
    pub(super) fn shell(&self, tools: &Path, script: &str, env: &[(&str, &str)]) -> Run {
        let path = std::env::var_os("PATH").unwrap();
        let path = format!("{}:{}", tools.display(), path.to_str().unwrap());
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(self.project.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", path)
            .env("TEST_CLIENT_ID", "sandbox")
            .env("TEST_CLIENT_SECRET", SECRET)
            .env("CAMPAIGNCTL_ALLOW_HOST", "127.0.0.1")
            .env("CAMPAIGNCTL_ALLOW_VARIABLE", "TEST_*")
            .envs(env.iter().copied());
        command.output().unwrap().into()
    }
}

pub(super) fn has_jq() -> bool {
    let mut command = Command::new("jq");
    command.arg("--version").stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A project on GitLab.
struct GitLab<'a> {
    sample: &'a Sample,
    jobs: &'a Value,
    tools: &'a Path,
    kept: &'a Path,
    origin: &'a Path,
}

impl GitLab<'_> {
    /// A job for a commit; a merge request has labels.
    fn run(&self, name: &str, commit: &str, labels: &str) -> Run {
        let env = [
            ("CAMPAIGNCTL_ENVIRONMENT", "test"),
            ("CI_API_V4_URL", "https://gitlab"),
            ("CI_PROJECT_ID", "5"),
            ("CI_COMMIT_SHA", commit),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_SERVER_URL", "https://gitlab"),
            (
                "CI_PROJECT_URL",
                self.origin.to_str().unwrap().strip_suffix(".git").unwrap(),
            ),
            ("CI_MERGE_REQUEST_LABELS", labels),
            ("CAMPAIGNCTL_GITLAB_TOKEN", "token"),
            ("KEPT", self.kept.to_str().unwrap()),
        ];
        let script = script(&self.jobs[format!("campaignctl:{name}")]["script"]);
        self.sample.shell(self.tools, &script, &env)
    }

    /// Keeps the artifacts of a plan.
    fn keep(&self) {
        for file in ["plan.json", "plan.md", "plan.gitlab.json"] {
            let from = self.sample.project.path().join(file);
            std::fs::rename(from, self.kept.join(file)).unwrap();
        }
    }
}

#[test]
fn a_label_of_the_merge_request_lifts_a_guard_on_gitlab() {
    let Some((sample, _folder, origin)) = published().filter(|_| has_jq()) else {
        return;
    };
    sample.project.write("manifests.yaml", &super::goals(12));
    sample.project.apply();
    sample.project.write("manifests.yaml", &super::goals(6));
    let (tools, kept) = (tools(), tempfile::tempdir().unwrap());
    let gitlab = GitLab {
        sample: &sample,
        jobs: &documents("examples/pipelines/gitlab-ci.yml")[0],
        tools: tools.path(),
        kept: kept.path(),
        origin: &origin,
    };
    gitlab.run("plan", "abc", "urgent").expect(6);
    let labels = "urgent,campaignctl/allow-mass-delete,campaignctl/allow-anything";
    gitlab.run("plan", "abc", labels).expect(0);
    gitlab.keep();
    let shown = std::fs::read_to_string(kept.path().join("plan.md")).unwrap();
    assert!(!shown.contains("locked"), "{shown}");
    // The label of the moment counts, not that of the plan.
    let before = sample.project.account.writes();
    gitlab.run("apply", "abc", "").expect(6);
    assert_eq!(sample.project.account.writes(), before);
    std::fs::write(
        kept.path().join("labels"),
        r#"["campaignctl/allow-mass-delete","urgent"]"#,
    )
    .unwrap();
    gitlab.run("apply", "abc", "").expect(0);
    assert_eq!(sample.project.account.writes(), before + 6);
}

/// A plan that failed is the failure of the job, also where the branch brings a plan along.
#[test]
fn a_plan_that_failed_on_gitlab_is_not_shown() {
    let Some((sample, _folder, origin)) = published() else {
        return;
    };
    let (tools, kept) = (tools(), tempfile::tempdir().unwrap());
    let gitlab = GitLab {
        sample: &sample,
        jobs: &documents("examples/pipelines/gitlab-ci.yml")[0],
        tools: tools.path(),
        kept: kept.path(),
        origin: &origin,
    };
    gitlab.run("plan", "abc", "").expect(0);
    assert!(sample.project.path().join("plan.json").exists());
    sample.project.write("manifests.yaml", "kind: Gaol\n");
    let failed = gitlab.run("plan", "abc", "").expect(3);
    assert!(failed.stderr.contains("unknown-kind"), "{}", failed.stderr);
    assert!(!failed.stderr.contains("plan.json"), "{}", failed.stderr);
    assert!(!sample.project.path().join("plan.json").exists());
}

#[test]
fn gitlab_plans_and_applies_what_was_reviewed() {
    let Some((sample, _folder, origin)) = published().filter(|_| has_jq()) else {
        return;
    };
    let jobs = &documents("examples/pipelines/gitlab-ci.yml")[0];
    let (tools, kept) = (tools(), tempfile::tempdir().unwrap());
    let gitlab = GitLab {
        sample: &sample,
        jobs,
        tools: tools.path(),
        kept: kept.path(),
        origin: &origin,
    };
    let job = |name: &str, commit: &str| gitlab.run(name, commit, "");
    let read = |file: &str| std::fs::read_to_string(kept.path().join(file)).unwrap();

    job("plan", "abc").expect(0);
    gitlab.keep();
    assert_eq!(
        read("plan.gitlab.json"),
        "{\"create\":2,\"update\":0,\"delete\":0}\n"
    );
    assert!(read("plan.md").contains("2 to create"));
    // Nobody reviewed it, the manifests changed, the account changed: nothing is written.
    let run = job("apply", "other").expect(7);
    assert!(run.stderr.contains("this plan was not reviewed"));
    sample
        .project
        .write("manifests.yaml", &TWO.replace("one", "another"));
    job("apply", "abc").expect(7);
    sample.project.write("manifests.yaml", TWO);
    assert_eq!(sample.project.account.writes(), 0);

    job("apply", "abc").expect(0);
    assert_eq!(
        sample.project.account.item(GOALS, "First")["description"],
        "one"
    );
    let again = job("apply", "abc").expect(0);
    assert!(
        again.stdout.ends_with("Nothing to apply.\n"),
        "{}",
        again.stdout
    );

    job("drift", "abc").expect(0);
    sample.edit_in_console("by somebody");
    job("drift", "abc").expect(2);
    assert_eq!(jobs["campaignctl:drift"]["allow_failure"]["exit_codes"], 2);
}

#[test]
fn atlantis_plans_and_applies() {
    let Some(sample) = Sample::new() else { return };
    let workflow = &documents("examples/pipelines/atlantis.yaml")[0]["workflows"]["campaignctl"];
    let (tools, plans) = (tools(), tempfile::tempdir().unwrap());
    let file = plans.path().join("test.tfplan");
    let run = |part: &str| {
        let env = [("WORKSPACE", "test"), ("PLANFILE", file.to_str().unwrap())];
        let steps = workflow[part]["steps"].as_array().unwrap();
        let steps: Vec<Value> = steps.iter().map(|step| step["run"].clone()).collect();
        sample.shell(tools.path(), &script(&steps.into()), &env)
    };
    let planned = run("plan").expect(0);
    assert!(planned.stdout.contains("Plan: 2 to create"));
    // A server that keeps plans elsewhere brings back the one that it knows of.
    std::fs::remove_file(file.with_extension("tfplan.json")).unwrap();
    run("apply").expect(0);
    sample.project.settled();
}

#[test]
fn the_job_for_a_cluster_and_the_hook_run_commands_that_exist() {
    let cluster = documents("examples/pipelines/kubernetes.yaml");
    let container = &cluster[1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["command"][0], "campaignctl");
    let mut commands = vec![container["args"][0].as_str().unwrap().to_owned()];
    let hooks = documents(".pre-commit-hooks.yaml");
    for hook in hooks[0].as_array().unwrap() {
        let entry = hook["entry"].as_str().unwrap();
        commands.push(entry.strip_prefix("campaignctl ").unwrap().to_owned());
    }
    assert!(commands.len() > 1);
    for words in commands {
        let words: Vec<&str> = words.split(' ').chain(["--help"]).collect();
        ran(&mut command(package(), &words)).expect(0);
    }
}

/// The caller that the page shows gives what the workflows take, and no permission too few.
#[test]
fn the_caller_for_github_fits_the_workflows() {
    let caller = &documents("examples/pipelines/github.yml")[0];
    for (name, job) in caller["jobs"].as_object().unwrap() {
        let release = env!("CARGO_PKG_VERSION");
        let uses = format!("acme/campaignctl/.github/workflows/{name}.yml@v{release}");
        assert_eq!(job["uses"], uses.as_str());
        let called = &documents(&format!(".github/workflows/{name}.yml"))[0];
        let takes = &called["on"]["workflow_call"];
        for given in job["with"].as_object().unwrap().keys() {
            assert!(takes["inputs"].get(given).is_some(), "{name}: {given}");
        }
        for given in job["secrets"].as_object().unwrap().keys() {
            assert!(takes["secrets"].get(given).is_some(), "{name}: {given}");
        }
        let jobs = called["jobs"].as_object().unwrap().values();
        for (scope, level) in jobs.flat_map(|job| job["permissions"].as_object().unwrap()) {
            assert_eq!(&job["permissions"][scope], level, "{name}: {scope}");
        }
    }
}

/// What the workflows give to the actions, the actions take; what they read of them, they give.
#[test]
fn the_workflows_fit_the_actions() {
    let mut count = 0;
    for name in ["validate", "plan", "apply", "drift"] {
        let workflow = &documents(&format!(".github/workflows/{name}.yml"))[0];
        for job in workflow["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().unwrap() {
                let uses = step["uses"].as_str().unwrap();
                let Some(action) = uses.strip_prefix("$/.github/actions/") else {
                    let (_, commit) = uses.split_once('@').unwrap();
                    assert_eq!(commit.len(), 40, "{uses} is not pinned by a commit");
                    continue;
                };
                let action = &documents(&format!(".github/actions/{action}/action.yml"))[0];
                for given in step["with"].as_object().unwrap().keys() {
                    assert!(action["inputs"].get(given).is_some(), "{uses}: {given}");
                }
                for value in job["outputs"].as_object().into_iter().flatten() {
                    assert!(
                        action["outputs"].get(value.0).is_some(),
                        "{uses}: {value:?}"
                    );
                }
                count += 1;
            }
        }
    }
    assert_eq!(count, 5);
    let apply = &documents(".github/workflows/apply.yml")[0]["concurrency"];
    assert_eq!(
        (&apply["cancel-in-progress"], &apply["queue"]),
        (&Value::Bool(false), &"max".into())
    );
}
