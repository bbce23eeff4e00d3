//! The files of `examples/pipelines` for engines that run jobs side by side: the commands in them, run as their engines run
//! them, one job after the other.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::{EACH, Fleet, landed};
use crate::program::package;
use crate::support::{Run, SECRET};

/// Two waves of three environments each.
const RINGS: [(&str, &str); 6] = [
    ("a", "labels: { ring: 1 }"),
    ("b", "labels: { ring: 1 }"),
    ("c", "labels: { ring: 1 }"),
    ("d", "labels: { ring: 2 }"),
    ("e", "labels: { ring: 2 }"),
    ("f", "labels: { ring: 2 }"),
];

const WAVES: &str = "waves: [{ select: ring=1 }, { select: ring=2 }]\n";

/// All documents of a file.
fn documents(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(package().join("examples/pipelines").join(file)).unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

/// A fleet, and a folder with the program under its name.
struct Engine {
    fleet: Fleet,
    tools: tempfile::TempDir,
}

impl Engine {
    fn new(fleet: Fleet) -> Self {
        let tools = tempfile::tempdir().unwrap();
        let program = tools.path().join("campaignctl");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_campaignctl"), program).unwrap();
        Self { fleet, tools }
    }

    /// Runs a command in the folder of the project.
    fn run(&self, command: &[&str], env: &[(&str, &str)]) -> Run {
        let path = std::env::var_os("PATH").unwrap();
        let path = format!("{}:{}", self.tools.path().display(), path.to_str().unwrap());
        let mut process = Command::new(command[0]);
        process
            .args(&command[1..])
            .current_dir(self.fleet.project.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", path)
            .env("TEST_CLIENT_ID", "sandbox")
            .env("TEST_CLIENT_SECRET", SECRET)
            .envs(env.iter().copied());
        process.output().unwrap().into()
    }

    /// Every environment was written, each once.
    #[track_caller]
    fn all_written(&self) {
        let count = self.fleet.names.len();
        assert_eq!(self.fleet.written().len(), count);
        assert_eq!(self.fleet.commits(), (count * EACH) as u64);
    }
}

/// The script of the step of a job with this name.
fn step(job: &Value, name: &str) -> String {
    let steps = job["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == name).unwrap();
    step["run"].as_str().unwrap().to_owned()
}

/// All commands of a value that apply.
fn applies<'v>(value: &'v Value, found: &mut Vec<String>) {
    let is_apply = |text: &&str| text.contains("campaignctl apply");
    let words = |list: &'v Vec<Value>| list.iter().filter_map(Value::as_str);
    match value {
        Value::String(text) => found.extend(text.lines().filter(is_apply).map(str::to_owned)),
        Value::Array(list) if words(list).next() == Some("apply") => {
            found.push(words(list).collect::<Vec<_>>().join(" "));
        }
        Value::Array(list) => list.iter().for_each(|it| applies(it, found)),
        Value::Object(map) => map.values().for_each(|it| applies(it, found)),
        _ => {}
    }
}

/// A job that is killed leaves its locks for their term, and is started again before that is over.
#[test]
fn a_job_that_is_started_again_waits_for_the_locks_of_the_one_before() {
    for file in [
        "github-shards.yml",
        "gitlab-shards.yml",
        "kubernetes-shards.yaml",
        "argo-workflow.yaml",
    ] {
        let documents = documents(file);
        let mut found = Vec::new();
        for document in &documents {
            applies(document, &mut found);
        }
        assert!(!found.is_empty(), "{file}");
        for command in found {
            assert!(command.contains("--lock-timeout"), "{file}: {command}");
        }
    }
}

/// What a task of a workflow can wait for besides the end of another (argo-workflows, "enhanced depends logic").
const RESULTS: [&str; 8] = [
    "Succeeded",
    "Failed",
    "Errored",
    "Skipped",
    "Omitted",
    "Daemoned",
    "AnySucceeded",
    "AllFailed",
];

/// Each image of the program in a file, with the command that is run in it; none where the image decides.
fn images<'v>(value: &'v Value, found: &mut Vec<(&'v str, Option<&'v str>)>) {
    if let Some(image) = value["image"].as_str()
        && image.contains("campaignctl")
    {
        found.push((image, value["command"][0].as_str()));
    }
    let items = value.as_array().into_iter().flatten();
    let inner = items.chain(value.as_object().into_iter().flat_map(|it| it.values()));
    inner.for_each(|value| images(value, found));
}

/// The image that holds nothing but the program has no shell.
#[test]
fn a_script_runs_in_an_image_with_a_shell() {
    let files = [
        "kubernetes.yaml",
        "kubernetes-shards.yaml",
        "argo-workflow.yaml",
        "gitlab-shards.yml",
    ];
    let mut all = Vec::new();
    for file in files {
        let documents = documents(file);
        let mut found = Vec::new();
        for document in &documents {
            images(document, &mut found);
        }
        assert!(!found.is_empty(), "{file}");
        for (image, command) in found {
            let is_script = file.starts_with("gitlab") || command == Some("sh");
            assert_eq!(image.ends_with("-shell"), is_script, "{file}: {image}");
            all.push(is_script);
        }
    }
    assert!(all.contains(&true) && all.contains(&false));
    let read = |path: &str| std::fs::read_to_string(package().join(path)).unwrap();
    let stages = read(".github/Dockerfile");
    assert!(stages.contains("debian12:debug-nonroot AS shell\n"));
    assert!(stages.contains("\nFROM gcr.io/distroless/static-debian12:nonroot\n"));
    let release = read(".github/workflows/release.yml");
    assert!(release.contains("target: shell\n") && release.contains("version }}-shell\n"));
}

#[test]
fn a_github_matrix_rolls_out_in_waves_and_reports() {
    let engine = Engine::new(Fleet::new(&RINGS, WAVES));
    let jobs = &documents("github-shards.yml")[0]["jobs"];
    let early = |wave: &Value| {
        let env = [
            ("CAMPAIGNCTL_WAVE", wave.as_str().unwrap()),
            ("CAMPAIGNCTL_SHARD", "1/1"),
        ];
        let script = step(&jobs["wave-2"], "Apply");
        engine.run(&["bash", "-e", "-c", &script], &env)
    };
    // Not due is no failure of the job, and nothing is written.
    let notice = early(&Value::from("2")).expect(0);
    assert!(
        notice.stdout.contains("::notice::wave 2 is not due yet"),
        "{}",
        notice.stdout
    );
    assert_eq!(engine.fleet.commits(), 0);
    std::fs::remove_file(engine.fleet.project.path().join("report-2-1.json")).unwrap();
    for name in ["wave-1", "wave-2"] {
        let job = &jobs[name];
        let shards = job["strategy"]["matrix"]["shard"].as_array().unwrap();
        assert_eq!(job["strategy"]["fail-fast"], false);
        let steps = job["steps"].as_array().unwrap();
        let wave = steps
            .iter()
            .find_map(|step| step["env"]["CAMPAIGNCTL_WAVE"].as_str());
        for shard in shards {
            let shard = format!("{shard}/{}", shards.len());
            let env = [
                ("CAMPAIGNCTL_WAVE", wave.unwrap()),
                ("CAMPAIGNCTL_SHARD", &shard),
            ];
            let script = step(job, "Apply");
            engine.run(&["bash", "-e", "-c", &script], &env).expect(0);
        }
    }
    engine.all_written();
    let summary = engine.fleet.project.path().join("step-summary.md");
    let env = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let report = step(&jobs["report"], "Report");
    engine.run(&["bash", "-e", "-c", &report], &env).expect(0);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(
        text.contains("**Rollout: 6 environments: 6 applied.**"),
        "{text}"
    );
    // The report of a job that never ran is missed.
    let own = ["a", "b", "c"].map(|name| {
        let reports = (1..=4).map(|it| format!("report-1-{it}.json"));
        reports
            .into_iter()
            .find(|file| landed(&engine.fleet.document(file)).contains(&format!("{name} ")))
    });
    std::fs::remove_file(engine.fleet.project.path().join(own[0].as_ref().unwrap())).unwrap();
    engine.run(&["bash", "-e", "-c", &report], &env).expect(1);
}

#[test]
fn gitlab_runs_its_parallel_jobs() {
    let engine = Engine::new(Fleet::new(&RINGS, WAVES));
    let jobs = &documents("gitlab-shards.yml")[0];
    let script = |job: &Value| {
        let lines = job["script"].as_array().unwrap().iter();
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        lines.join("\n")
    };
    let total = jobs[".wave"]["parallel"].to_string();
    assert_eq!(jobs[".wave"]["allow_failure"]["exit_codes"], 9);
    for job in ["campaignctl:wave-1", "campaignctl:wave-2"] {
        let wave = jobs[job]["variables"]["CAMPAIGNCTL_WAVE"].as_str().unwrap();
        for index in 1..=total.parse().unwrap() {
            let index: u32 = index;
            let index = index.to_string();
            let env = [
                ("CAMPAIGNCTL_WAVE", wave),
                ("CI_NODE_INDEX", &index),
                ("CI_NODE_TOTAL", &total),
            ];
            let script = script(&jobs[".wave"]);
            engine
                .run(&["bash", "-eo", "pipefail", "-c", &script], &env)
                .expect(0);
        }
    }
    engine.all_written();
    let script = script(&jobs["campaignctl:report"]);
    let report = engine
        .run(&["bash", "-eo", "pipefail", "-c", &script], &[])
        .expect(0);
    assert!(
        report
            .stdout
            .ends_with("Rollout: 6 environments: 6 applied.\n"),
        "{}",
        report.stdout
    );
    let junit = std::fs::read_to_string(engine.fleet.project.path().join("rollout.xml")).unwrap();
    assert!(
        junit.contains("tests=\"6\" failures=\"0\" errors=\"0\" skipped=\"0\""),
        "{junit}"
    );
}

#[test]
fn a_cluster_runs_an_indexed_job_and_a_cron_job() {
    let engine = Engine::new(Fleet::of(12));
    let [job, cron] = &documents("kubernetes-shards.yaml")[..] else {
        panic!("two documents")
    };
    assert_eq!(job["spec"]["completionMode"], "Indexed");
    let completions = job["spec"]["completions"].as_u64().unwrap();
    let command = |pod: &Value| {
        let container = &pod["containers"][0];
        let words = ["command", "args"].map(|key| container[key].as_array().unwrap().clone());
        let words = words.concat().into_iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let words = command(&job["spec"]["template"]["spec"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let folder = engine.fleet.project.path();
    let own = words[2].replace("/srv/", &format!("{}/", folder.display()));
    let words = [words[0], words[1], &own];
    let mut done = Vec::new();
    let mut files = Vec::new();
    for index in 0..completions {
        let index = index.to_string();
        let run = engine
            .run(&words, &[("JOB_COMPLETION_INDEX", &index)])
            .expect(0);
        let mut reports = run
            .stdout
            .lines()
            .filter_map(|it| it.strip_prefix("report: "));
        let report = reports.next().unwrap();
        done.extend(
            landed(&serde_json::from_str(report).unwrap())
                .lines()
                .map(str::to_owned),
        );
        files.push(format!("report-{index}"));
        std::fs::write(folder.join(files.last().unwrap()), format!("{report}\n")).unwrap();
    }
    let mut show = vec!["campaignctl", "show"];
    show.extend(files.iter().map(String::as_str));
    let shown = engine.run(&show, &[]).expect(0);
    assert!(
        shown
            .stdout
            .ends_with("Rollout: 12 environments: 12 applied.\n"),
        "{}",
        shown.stdout
    );
    done.sort();
    let wanted: Vec<String> = engine
        .fleet
        .names
        .iter()
        .map(|it| format!("{it} applied 0"))
        .collect();
    assert_eq!(done, wanted);
    engine.all_written();

    let engine = Engine::new(Fleet::new(
        &RINGS,
        &WAVES.replace("ring=2", "ring=2, after: 1h"),
    ));
    let words = command(&cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // What is not due yet is no failure of the pod.
    engine.run(&words, &[]).expect(0);
    assert_eq!(engine.fleet.written(), ["a", "b", "c"]);
}

#[test]
fn an_argo_workflow_runs_its_shards() {
    let engine = Engine::new(Fleet::new(&RINGS, WAVES));
    let spec = &documents("argo-workflow.yaml")[0]["spec"];
    let template = |name: &str| {
        let templates = spec["templates"].as_array().unwrap();
        templates
            .iter()
            .find(|it| it["name"] == name)
            .unwrap()
            .clone()
    };
    let shards = spec["arguments"]["parameters"][0]["value"]
        .as_str()
        .unwrap();
    let shard = template("shard");
    let folder = engine.fleet.project.path();
    let tasks = template("rollout")["dag"]["tasks"]
        .as_array()
        .unwrap()
        .clone();
    for depends in tasks.iter().filter_map(|task| task["depends"].as_str()) {
        let is_word = |ch: char| ch.is_ascii_alphanumeric() || "-.".contains(ch);
        let mut words = depends
            .split(|ch| !is_word(ch))
            .filter(|word| !word.is_empty());
        let is_known = |word: &str| {
            let (task, result) = word.split_once('.').unwrap_or((word, RESULTS[0]));
            tasks.iter().any(|it| it["name"] == task) && RESULTS.contains(&result)
        };
        assert!(words.all(is_known), "{depends}");
    }
    let mut waves = 0;
    for task in tasks.iter().filter(|task| task["template"] == "shard") {
        waves += 1;
        let wave = task["arguments"]["parameters"][0]["value"]
            .as_str()
            .unwrap();
        for number in 1..=shards.parse::<u32>().unwrap() {
            let report = folder.join(format!("report-{wave}-{number}.json"));
            let word = |text: &str| {
                text.replace("{{inputs.parameters.wave}}", wave)
                    .replace("{{inputs.parameters.shard}}", &number.to_string())
                    .replace("{{workflow.parameters.shards}}", shards)
                    .replace("/tmp/report.json", report.to_str().unwrap())
            };
            let container = &shard["container"];
            let words = ["command", "args"].map(|key| container[key].as_array().unwrap().clone());
            let words: Vec<String> = words
                .concat()
                .iter()
                .map(|it| word(it.as_str().unwrap()))
                .collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert!(words.iter().all(|word| !word.contains("{{")), "{words:?}");
            engine.run(&words, &[]).expect(0);
        }
    }
    assert_eq!(waves, 2);
    engine.all_written();
    let report = template("report")["container"]["args"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let report = engine.run(&["sh", "-c", &report], &[]).expect(0);
    assert!(
        report
            .stdout
            .ends_with("Rollout: 6 environments: 6 applied.\n"),
        "{}",
        report.stdout
    );
}
