//! The actions for GitHub, run step by step on a sample repository: the built program against the sandbox, and a
//! stand-in for what they ask of GitHub.

mod hub;
mod install;
mod kept;
mod limits;
mod pull_requests;
mod runner;
mod settles;
mod templates;
mod watch;

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Project, SECRET};
use hub::Hub;
use runner::{Done, Job, can_run};

/// Two goals.
const TWO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: first }
spec: { displayName: First, description: one, indicator: { url: /first, count: 1 } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: second }
spec: { displayName: Second, description: two, indicator: { url: /second } }
";

/// The number of the one pull request.
const PULL: u64 = 12;

const PLAN_MARKER: &str = "<!-- campaignctl/plan . test -->\n";
const APPLY_MARKER: &str = "<!-- campaignctl/apply . test -->\n";

/// A sample repository with its account, and the stand-in.
struct Sample {
    project: Project,
    hub: Hub,
}

impl Sample {
    /// `None` where the actions cannot be run.
    fn new() -> Option<Self> {
        if !can_run() {
            return None;
        }
        let project = Project::with(TWO);
        let hub = Hub::start(&project.account);
        let sample = Self { project, hub };
        sample.git(&["init", "--quiet", "--initial-branch", "main"]);
        sample.project.write(".gitignore", ".campaignctl/\n");
        sample.commit();
        Some(sample)
    }

    /// Runs git in the repository.
    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.project.path())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything. Returns the commit.
    fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A job for a push to the pull request.
    fn pushed(&self) -> Job<'_> {
        let sha = self.commit();
        let head = json!({ "sha": sha, "repo": { "full_name": "acme/shop" } });
        let pull = json!({ "number": PULL, "labels": [], "head": head });
        self.job(sha, json!({ "pull_request": pull }))
    }

    /// A job for the merge of the pull request. Its last commit is the one of the last push.
    fn merged(&self) -> Job<'_> {
        let head = self.git(&["rev-parse", "HEAD"]);
        let sha = self.commit();
        let pull = json!({
            "number": PULL, "labels": [], "merged_at": "2026-01-02T00:00:00Z",
            "merge_commit_sha": sha, "head": { "sha": head },
        });
        self.hub.held().pulls.push(pull);
        self.job(sha, json!({}))
    }

    fn job(&self, sha: String, event: Value) -> Job<'_> {
        Job {
            project: &self.project,
            hub: &self.hub,
            event,
            sha,
            // The vendor's hosts are not on this computer; plans of pull requests are restricted to them.
            env: vec![("CAMPAIGNCTL_ALLOW_HOST".to_owned(), "127.0.0.1".to_owned())],
            trusted: true,
        }
    }

    /// What somebody in the console does to the first goal.
    fn edit_in_console(&self, description: &str) {
        let path = self
            .project
            .account
            .item_path(crate::support::GOALS, "First");
        self.project
            .account
            .edit(&path, |body| body["description"] = description.into());
    }
}

impl Job<'_> {
    /// Runs an action on the account of the project, with credentials.
    fn run_on_account(&self, action: &str, with: &[(&str, &str)]) -> Done {
        let credentials = format!("TEST_CLIENT_ID=sandbox\nTEST_CLIENT_SECRET={SECRET}\n");
        let own = [
            ("binary", env!("CARGO_BIN_EXE_campaignctl")),
            ("environment", "test"),
            ("credentials", &credentials),
        ];
        let done = self.run(action, &[&own[..], with].concat());
        for text in [&done.log, &done.summary, &self.hub.held().published()] {
            let masked = text.replace(&format!("::add-mask::{SECRET}"), "");
            assert!(!masked.contains(SECRET), "a secret shows in\n{text}");
        }
        // The runner hides the token of the job in the log; nobody hides it in what is published.
        for text in [&done.summary, &self.hub.held().published()] {
            assert!(!text.contains(hub::TOKEN), "{text}");
        }
        done
    }
}

/// A page without what differs from run to run: ids, and the line that tells of its making.
fn settled(page: &str) -> String {
    let page = crate::support::without_ids(page).replace(ACCOUNT, "<account>");
    let lines = page.lines().filter(|line| !line.starts_with("<sub>"));
    lines.collect::<Vec<_>>().join("\n")
}

/// As many goals.
fn goals(count: usize) -> String {
    let head = "apiVersion: campaignctl.dev/v1\nkind: Goal";
    let goal = |number| {
        format!(
            "{head}\nmetadata: {{ name: g{number} }}\nspec: {{ indicator: {{ url: /{number} }} }}\n---\n"
        )
    };
    (0..count).map(goal).collect()
}
