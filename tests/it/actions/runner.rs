//! A small runner: does what an `action.yml` says, step by step, the way GitHub does.
//!
//! Steps with `run` run in bash with the environment that they list; the two actions of GitHub that keep and fetch
//! files put them into the stand-in. Expressions are what the actions use of them: inputs, outputs of steps, `||`,
//! `&&` and `!=`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::hub::{Hub, TOKEN};
use crate::program::package;
use crate::support::Project;

/// What a run of an action left.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) log: String,
    pub(crate) summary: String,
    pub(crate) outputs: BTreeMap<String, String>,
}

impl Done {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.log);
        self
    }

    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> &str {
        let value = self.outputs.get(name);
        value.unwrap_or_else(|| panic!("no output {name} in {:?}", self.outputs))
    }
}

/// A job: a checkout of the sample repository at a commit, and what started it.
pub(crate) struct Job<'a> {
    pub(crate) project: &'a Project,
    pub(crate) hub: &'a Hub,
    pub(crate) event: Value,
    pub(crate) sha: String,
    /// More variables of the job.
    pub(crate) env: Vec<(String, String)>,
    /// Whether the job has a token.
    pub(crate) trusted: bool,
}

/// Whether the actions can be run here: they need Node.js and bash, which every runner of GitHub has.
pub(crate) fn can_run() -> bool {
    let finds = |name: &str| {
        let mut command = Command::new(name);
        command.arg("--version").stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let has = cfg!(unix) && finds("node") && finds("bash");
    assert!(
        has || cfg!(windows) || std::env::var_os("CI").is_none(),
        "Node.js and bash are needed to test the actions"
    );
    has
}

impl Job<'_> {
    /// Runs an action to its end.
    pub(crate) fn run(&self, action: &str, with: &[(&str, &str)]) -> Done {
        let folder = package().join(".github/actions").join(action);
        let text = std::fs::read_to_string(folder.join("action.yml")).unwrap();
        let definition: Value = serde_yaml::from_str(&text).unwrap();
        let temp = tempfile::tempdir().unwrap();
        let mut state = Running {
            job: self,
            folder,
            temp: temp.path().to_owned(),
            inputs: self.inputs(&definition, with),
            steps: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            code: 0,
            log: String::new(),
        };
        for step in definition["runs"]["steps"].as_array().unwrap() {
            state.step(step);
        }
        let outputs = definition["outputs"].as_object().into_iter().flatten();
        let outputs = outputs
            .map(|(name, output)| {
                (
                    name.clone(),
                    state.filled(output["value"].as_str().unwrap()),
                )
            })
            .collect();
        let summary = std::fs::read_to_string(temp.path().join("summary")).unwrap_or_default();
        Done {
            code: state.code,
            log: state.log,
            summary,
            outputs,
        }
    }

    /// The inputs as the caller gives them, or their defaults. One that the action does not know is a mistake.
    fn inputs(&self, definition: &Value, with: &[(&str, &str)]) -> BTreeMap<String, String> {
        let declared = definition["inputs"].as_object().unwrap();
        for (name, _) in with {
            assert!(declared.contains_key(*name), "there is no input {name}");
        }
        let value = |name: &str, input: &Value| {
            let given = with.iter().find(|(given, _)| *given == name);
            let default = match &input["default"] {
                Value::String(text) if text == "${{ github.token }}" => {
                    if self.trusted { TOKEN } else { "" }.to_owned()
                }
                Value::String(text) => text.clone(),
                other => panic!("the default of {name} is {other}"),
            };
            given.map_or(default, |(_, value)| (*value).to_owned())
        };
        declared
            .iter()
            .map(|(name, input)| (name.clone(), value(name, input)))
            .collect()
    }
}

/// An action that is being run.
struct Running<'a> {
    job: &'a Job<'a>,
    folder: PathBuf,
    temp: PathBuf,
    inputs: BTreeMap<String, String>,
    steps: BTreeMap<String, BTreeMap<String, String>>,
    outcomes: BTreeMap<String, &'static str>,
    code: i32,
    log: String,
}

impl Running<'_> {
    fn step(&mut self, step: &Value) {
        let id = step["id"].as_str().unwrap_or("anonymous").to_owned();
        if !self.is_due(step["if"].as_str()) {
            self.outcomes.insert(id, "skipped");
            return;
        }
        let outputs = match step["uses"].as_str() {
            Some(uses) if uses.starts_with("actions/upload-artifact@") => self.upload(step),
            Some(uses) if uses.starts_with("actions/download-artifact@") => self.download(step),
            Some(uses) => panic!("nobody knows {uses}"),
            None => self.script(step),
        };
        let outcome = if self.code == 0 { "success" } else { "failure" };
        self.outcomes.insert(id.clone(), outcome);
        self.steps.insert(id, outputs);
    }

    /// Whether a step runs: after a failure only where it says so.
    fn is_due(&self, condition: Option<&str>) -> bool {
        let Some(condition) = condition else {
            return self.code == 0;
        };
        let bare = condition
            .trim_start_matches("${{")
            .trim_end_matches("}}")
            .trim();
        let (always, rest) = match bare.strip_prefix("!cancelled() && ") {
            Some(rest) => (true, rest),
            None => (false, bare),
        };
        let (left, right) = rest.split_once(" != ").unwrap();
        (always || self.code == 0) && self.term(left) != self.term(right)
    }

    /// The value of `inputs.a`, `steps.a.outputs.b`, `steps.a.outcome`, `github.x` or `'text'`.
    fn term(&self, term: &str) -> String {
        let parts: Vec<&str> = term.trim().split('.').collect();
        match parts.as_slice() {
            ["inputs", name] => self
                .inputs
                .get(*name)
                .unwrap_or_else(|| panic!("no input {name}"))
                .clone(),
            ["steps", id, "outputs", name] => {
                let outputs = self.steps.get(*id);
                outputs
                    .and_then(|outputs| outputs.get(*name))
                    .cloned()
                    .unwrap_or_default()
            }
            ["steps", id, "outcome"] => self.outcomes.get(*id).copied().unwrap_or("").to_owned(),
            ["github", "action_repository"] => "acme/campaignctl".to_owned(),
            _ => {
                let text = term.trim().strip_prefix('\'');
                let text = text.and_then(|text| text.strip_suffix('\''));
                text.unwrap_or_else(|| panic!("nobody knows `{term}`"))
                    .to_owned()
            }
        }
    }

    /// A text with its expressions replaced.
    fn filled(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").unwrap();
            let mut terms = expression.split("||").map(|term| self.term(term));
            out.push_str(before);
            out.push_str(&terms.find(|value| !value.is_empty()).unwrap_or_default());
            rest = after;
        }
        out + rest
    }

    fn script(&mut self, step: &Value) -> BTreeMap<String, String> {
        assert_eq!(step["shell"], "bash");
        let outputs = self.temp.join("outputs");
        std::fs::write(&outputs, "").unwrap();
        let mut command = self.bash(step["run"].as_str().unwrap());
        command.env("GITHUB_OUTPUT", &outputs);
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, self.filled(value.as_str().unwrap()));
        }
        let output = command.output().unwrap();
        self.log.push_str(&String::from_utf8_lossy(&output.stdout));
        self.log.push_str(&String::from_utf8_lossy(&output.stderr));
        if self.code == 0 {
            self.code = output.status.code().unwrap();
        }
        parsed(&std::fs::read_to_string(outputs).unwrap())
    }

    /// Bash with what a runner sets, and nothing else but where programs are.
    fn bash(&self, script: &str) -> Command {
        let event = self.temp.join("event.json");
        std::fs::write(&event, self.job.event.to_string()).unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.job.project.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &self.temp)
            .env("GITHUB_ACTION_PATH", &self.folder)
            .env("GITHUB_API_URL", &self.job.hub.url)
            .env("GITHUB_SERVER_URL", &self.job.hub.url)
            .env("GITHUB_REPOSITORY", "acme/shop")
            .env("GITHUB_REF_NAME", "main")
            .env("GITHUB_RUN_ID", "7")
            .env("GITHUB_SHA", &self.job.sha)
            .env("GITHUB_EVENT_PATH", event)
            .env("GITHUB_WORKSPACE", self.job.project.path())
            .env("GITHUB_PATH", self.temp.join("path"))
            .env("GITHUB_STEP_SUMMARY", self.temp.join("summary"))
            .env("RUNNER_TEMP", &self.temp);
        command.envs(
            self.job
                .env
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        command
    }

    fn with(&self, step: &Value, name: &str) -> String {
        self.filled(step["with"][name].as_str().unwrap())
    }

    /// Keeps a file in the stand-in, as a run for the head of the pull request does.
    fn upload(&mut self, step: &Value) -> BTreeMap<String, String> {
        let file = PathBuf::from(self.with(step, "path"));
        let head = self.job.event["pull_request"]["head"]["sha"]
            .as_str()
            .unwrap_or("none");
        let id = keep(self.job.hub, &self.with(step, "name"), &file, head, 1);
        [
            ("artifact-id".to_owned(), id.to_string()),
            (
                "artifact-url".to_owned(),
                format!("https://hub/artifacts/{id}"),
            ),
        ]
        .into()
    }

    fn download(&mut self, step: &Value) -> BTreeMap<String, String> {
        assert_eq!(self.with(step, "github-token"), TOKEN);
        let id: u64 = self.with(step, "artifact-ids").parse().unwrap();
        let file = Path::new(&self.with(step, "path")).join("plan.json");
        std::fs::write(file, &self.job.hub.held().files[&id]).unwrap();
        BTreeMap::new()
    }
}

/// Puts a file into the stand-in as an artifact of a run for a commit of a repository.
pub(crate) fn keep(hub: &Hub, name: &str, file: &Path, head: &str, repository: u64) -> u64 {
    let mut held = hub.held();
    let id = held.artifacts.len() as u64 + 1;
    held.files.insert(id, std::fs::read(file).unwrap());
    held.artifacts.push(json!({
        "id": id, "name": name, "expired": false, "created_at": format!("2026-01-01T00:00:{id:02}Z"),
        "workflow_run": { "id": 7, "repository_id": 1, "head_repository_id": repository, "head_sha": head },
    }));
    id
}

/// The pairs of an output file.
fn parsed(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let mut outputs = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
