//! What comes out of a run, in every format and for every exit code: whole, and readable by who asked for it.

use std::collections::BTreeSet;

use campaignctl::plan::{Plan, digest};
use serde_json::{Value, json};

use crate::support::{GOALS, NO_CHANGES, Project, Run, assert_published_format};

/// Goals with these names.
fn goals(names: std::ops::Range<usize>) -> String {
    let documents: Vec<String> = names
        .map(|number| {
            format!(
                "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: goal-{number} }}\nspec: {{ indicator: {{ url: /{number} }} }}\n"
            )
        })
        .collect();
    documents.join("---\n")
}

/// Two goals applied, the second one edited in its file.
fn changed() -> Project {
    let project = Project::with(&goals(0..2));
    project.apply();
    let edited = goals(0..2).replace("url: /1", "url: /one");
    project.write("manifests.yaml", &edited);
    project
}

/// One situation, the command that meets it, and the exit code that it ends with.
struct Scenario {
    name: &'static str,
    exit: i32,
    prepare: fn() -> Project,
    command: &'static [&'static str],
}

const APPLY: &[&str] = &["apply", "--auto-approve"];

/// One scenario for each exit code and more for what a plan can say; what is interrupted is below.
const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "no change",
        exit: 0,
        prepare: || {
            let project = Project::with(&goals(0..2));
            project.apply();
            project
        },
        command: &["plan", "--detailed-exitcode"],
    },
    Scenario {
        name: "nothing to apply",
        exit: 0,
        prepare: || {
            let project = Project::with(&goals(0..2));
            project.apply();
            project
        },
        command: APPLY,
    },
    Scenario {
        name: "applied",
        exit: 0,
        prepare: changed,
        command: APPLY,
    },
    Scenario {
        name: "an error: a ledger that cannot be read",
        exit: 1,
        prepare: || {
            let project = changed();
            std::fs::write(project.ledger_path(), "{").unwrap();
            project
        },
        command: &["plan"],
    },
    Scenario {
        name: "changes",
        exit: 2,
        prepare: changed,
        command: &["plan", "--detailed-exitcode"],
    },
    Scenario {
        name: "drift",
        exit: 2,
        prepare: || {
            let project = changed();
            let path = project.account.item_path(GOALS, "goal-0");
            project
                .account
                .edit(&path, |goal| goal["indicatorValue"]["url"] = json!("/x"));
            project
        },
        command: &["drift"],
    },
    Scenario {
        name: "invalid manifests",
        exit: 3,
        prepare: || Project::with(&goals(0..1).replace("url:", "uri:")),
        command: &["plan"],
    },
    Scenario {
        name: "a flag that there is not",
        exit: 3,
        prepare: changed,
        command: &["plan", "--nonsense"],
    },
    Scenario {
        name: "not permitted",
        exit: 4,
        prepare: || {
            let project = changed();
            project.account.fault("GET */goals 403");
            project
        },
        command: &["plan"],
    },
    Scenario {
        name: "the retries are used up",
        exit: 5,
        prepare: || {
            let project = changed();
            project.account.fault("GET */goals 429 retry-after 9");
            project
        },
        command: &["plan", "--retry-budget", "1s"],
    },
    Scenario {
        name: "a plan blocked by a guard",
        exit: 6,
        prepare: many_deletes,
        command: &["plan"],
    },
    Scenario {
        name: "an apply blocked by a guard",
        exit: 6,
        prepare: many_deletes,
        command: APPLY,
    },
    Scenario {
        name: "a stale plan",
        exit: 7,
        prepare: || {
            let project = changed();
            project.run(&["plan", "--out", "plan.json"]).expect(0);
            let path = project.account.item_path(GOALS, "goal-1");
            project
                .account
                .edit(&path, |goal| goal["description"] = json!("x"));
            project
        },
        command: &["apply", "plan.json"],
    },
    Scenario {
        name: "partly applied",
        exit: 8,
        prepare: || {
            let project = Project::with(&goals(0..3));
            project.account.fault("POST */goals 400 once");
            project
        },
        command: APPLY,
    },
];

fn many_deletes() -> Project {
    let project = Project::with(&goals(0..10));
    project.apply();
    project.write("manifests.yaml", &goals(4..10));
    project
}

/// The exit code and the data of a scenario in a format.
#[track_caller]
fn told(scenario: &Scenario, project: &Project, format: &str) -> Run {
    let arguments = [scenario.command, &["--format", format]].concat();
    let run = project.run(&arguments);
    assert_eq!(run.code, Some(scenario.exit), "{}: {run:#?}", scenario.name);
    run
}

#[test]
fn every_exit_code_comes_with_data_that_programs_can_read() {
    let mut lines = Vec::new();
    for scenario in SCENARIOS {
        let project = (scenario.prepare)();
        let json = told(scenario, &project, "json").json();
        let format = json["format"].as_str().unwrap().replace("campaignctl.", "");
        lines.push(format!("{} {}: {format}", scenario.exit, scenario.name));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    0 no change: plan/v1
    0 nothing to apply: outcome/v1
    0 applied: outcome/v1
    1 an error: a ledger that cannot be read: error/v1
    2 changes: plan/v1
    2 drift: drift/v1
    3 invalid manifests: error/v1
    3 a flag that there is not: error/v1
    4 not permitted: error/v1
    5 the retries are used up: error/v1
    6 a plan blocked by a guard: plan/v1
    6 an apply blocked by a guard: outcome/v1
    7 a stale plan: error/v1
    8 partly applied: outcome/v1
    ");
}

#[test]
fn every_format_of_a_plan_tells_every_result() {
    let plans = SCENARIOS.iter().filter(|it| it.command[0] == "plan");
    for scenario in plans.filter(|it| it.name != "a flag that there is not") {
        let project = (scenario.prepare)();
        let has_plan = matches!(scenario.exit, 0 | 2 | 6);
        // The summary line is the last one, and never changes form.
        let text = told(scenario, &project, "text");
        let last = text.stdout.lines().last().unwrap_or_default();
        assert_eq!(is_summary(last), has_plan, "{}: {text:#?}", scenario.name);
        assert_eq!(
            text.stderr.contains("error"),
            !has_plan,
            "{}",
            scenario.name
        );
        let markdown = told(scenario, &project, "markdown").stdout;
        assert!(
            markdown.starts_with("<!-- campaignctl:plan:test -->\n### "),
            "{markdown}"
        );
        assert_eq!(
            markdown.contains("[!CAUTION]"),
            !matches!(scenario.exit, 0 | 2),
            "{markdown}"
        );
        let bold = markdown
            .lines()
            .find_map(|line| line.strip_prefix("**")?.strip_suffix("**"));
        assert_eq!(bold.is_some_and(is_summary), has_plan, "{markdown}");
        let gitlab = told(scenario, &project, "gitlab").json();
        assert_eq!(gitlab["update"].is_number(), has_plan, "{gitlab}");
    }
}

/// Whether a line is the summary of a plan, to the letter.
fn is_summary(line: &str) -> bool {
    if line == NO_CHANGES.trim_end() {
        return true;
    }
    let words: String = line.chars().filter(|it| !it.is_ascii_digit()).collect();
    words == "Plan:  to create,  to update,  to replace,  to delete,  to adopt,  manual."
}

#[test]
fn a_file_beside_the_text_is_whole_whatever_the_exit_code() {
    for scenario in SCENARIOS
        .iter()
        .filter(|it| it.name != "a flag that there is not")
    {
        let project = (scenario.prepare)();
        let left = r#"{ "format": "campaignctl.plan/v1", "left": "over from the last run" }"#;
        project.write("beside.json", left);
        let arguments = [scenario.command, &["--json-into", "beside.json"]].concat();
        let run = project.run(&arguments);
        assert_eq!(run.code, Some(scenario.exit), "{}: {run:#?}", scenario.name);
        let beside = std::fs::read_to_string(project.path().join("beside.json")).unwrap();
        let document: Value = serde_json::from_str(&beside).unwrap();
        assert_published_format(&beside);
        if document["format"] == "campaignctl.error/v1" {
            assert_eq!(document["exit"], scenario.exit, "{beside}");
        }
    }
}

#[test]
fn an_error_in_json_carries_the_complaints_about_the_files() {
    let project = Project::with(&goals(0..1).replace("url:", "uri:"));
    let run = project.run(&["plan", "--format", "json"]).expect(3);
    let error = run.json();
    let complaint = &error["complaints"]["diagnostics"][0];
    assert_eq!(complaint["file"], "manifests.yaml", "{error:#}");
    assert_eq!(error["complaints"]["errors"], 1);
    assert!(run.stderr.contains("manifests.yaml:4"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_tells_in_json_what_it_did() {
    let project = Project::with(&goals(0..60));
    project.account.fault("POST */goals delay 20ms");
    let mut command = project.command(&["apply", "--auto-approve", "--format", "json"]);
    let pipe = std::process::Stdio::piped;
    let child = command.stdout(pipe()).stderr(pipe()).spawn().unwrap();
    while project.account.writes() == 0 {
        crate::support::rest();
    }
    let kill = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    let run = Run::from(child.wait_with_output().unwrap()).expect(8); // partly done
    let outcome = run.json();
    assert_eq!(outcome["interrupted"], true);
    let counts = &outcome["counts"];
    let done = counts["applied"].as_u64().unwrap();
    assert_eq!(done, project.account.writes());
    assert_eq!(done + counts["interrupted"].as_u64().unwrap(), 60);
}

/// A saved plan of so many deletes, updates and creates, each like the one of its kind in a small plan.
fn thousands(project: &Project, counts: [usize; 3]) {
    project.write("manifests.yaml", &goals(0..2));
    project.apply();
    let edited = goals(1..3).replace("url: /1", "url: /one");
    project.write("manifests.yaml", &edited);
    let flags = ["--allow-mass-delete", "--out", "plan.json"];
    project.run(&[&["plan"], &flags[..]].concat()).expect(0);
    let text = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let small = plan["changes"].as_array().unwrap().clone();
    let small_steps = plan["steps"].as_array().unwrap().clone();
    let (mut changes, mut steps) = (Vec::new(), Vec::new());
    for (action, count) in ["delete", "create", "update"].into_iter().zip(counts) {
        let is_one = |change: &Value| change["action"] == action;
        let at = small.iter().position(is_one).unwrap();
        let step = small_steps
            .iter()
            .find(|step| step["change"] == at)
            .unwrap();
        for number in 0..count {
            let (mut change, mut step) = (small[at].clone(), step.clone());
            let name = format!("{action}-{number:04}"); // in the order of names
            step["key"] = format!("Goal/{name}").into();
            step["change"] = changes.len().into();
            change["name"] = name.into();
            changes.push(change);
            steps.push(step);
        }
        plan["summary"][action] = count.into();
    }
    plan["changes"] = changes.into();
    // As a plan orders them: deletes come last.
    steps.sort_by_key(|step| {
        ["create", "update", "delete"]
            .iter()
            .position(|verb| step["verb"] == *verb)
    });
    plan["steps"] = steps.into();
    let mut plan: Plan = serde_json::from_value(plan).unwrap();
    plan.digest = digest(&plan);
    project.write("plan.json", &serde_json::to_string(&plan).unwrap());
}

#[test]
fn a_plan_of_thousands_fits_a_comment_and_lists_every_delete() {
    let project = Project::new();
    thousands(&project, [1000, 3000, 1000]);
    // Each of its own: what folds is short whatever its number.
    let show = ["show", "plan.json", "--format", "markdown", "--full"];
    let shown = |budget: &[&str]| project.run(&[&show[..], budget].concat()).expect(0).stdout;
    let every_delete = |text: &str| {
        let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
        let listed: BTreeSet<&str> = words.filter(|word| word.starts_with("delete-")).collect();
        listed.len() == 1000
    };
    let text = shown(&[]);
    assert!(
        text.chars().count() <= 60_000 && every_delete(&text),
        "{text}"
    );
    let line = "**Plan: 3000 to create, 1000 to update, 0 to replace, 1000 to delete, 0 to adopt, 0 manual.**";
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains("- … and 2800 more, left out to keep this short"),
        "{text}"
    );
    // A smaller comment has them all, one behind the other; none is left out even where that is too much.
    let text = shown(&["--markdown-budget", "13400"]);
    assert!(
        text.chars().count() <= 13_400 && every_delete(&text),
        "{text}"
    );
    assert!(text.contains(line), "{text}");
    assert!(
        !text.contains("#### Create"),
        "a heading without content: {text}"
    );
    let text = shown(&["--markdown-budget", "100"]);
    assert!(every_delete(&text), "{text}");
    // With all the deletes that there can be.
    thousands(&project, [5000, 0, 0]);
    let text = shown(&[]);
    assert!(text.chars().count() <= 65_536, "{}", text.chars().count());
    assert!(text.contains("delete-4999"), "{text}");
}

/// Who reviews a page or a comment sees what the terminal warned of; it is in the saved plan, too.
#[test]
fn every_form_of_a_plan_has_what_was_warned_of() {
    let place = "---\napiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: { name: cart }\nspec: { displayName: Cart }\n";
    let behavior = |number: usize| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: {{ name: b{number} }}\nspec: {{ conditions: [{{ type: 7, data: {{ place: cart }} }}] }}\n"
        )
    };
    let behaviors: Vec<String> = (0..5).map(behavior).collect();
    let project = Project::with(&(goals(0..1) + place + &behaviors.concat()));
    let text = project.run(&["plan", "--out", "plan.json"]).expect(0);
    let code = "behavior-reference-forgotten";
    let warned = format!("warning[{code}]");
    assert!(text.stderr.contains(&warned), "{}", text.stderr);
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    let warnings = plan["warnings"].as_array().unwrap();
    let found = warnings.iter().filter(|it| it["code"] == json!(code));
    assert_eq!(found.count(), 5, "{warnings:?}");
    for arguments in [vec!["plan"], vec!["show", "plan.json"]] {
        let said = |format: &str| {
            let arguments = [arguments.as_slice(), &["--format", format]].concat();
            project.run(&arguments).expect(0).stdout
        };
        let page = said("html");
        let heading = format!("<h2>Warning <code>{code}</code></h2>");
        assert_eq!(page.matches(&heading).count(), 1, "{page}");
        assert!(page.contains("<code>manifests.yaml:14</code>"), "{page}");
        let markdown = said("markdown");
        assert!(
            markdown.contains(&format!("> [!NOTE]\n> **{code}**: ")),
            "{markdown}"
        );
        assert!(markdown.contains("and 2 more"), "{markdown}");
    }
    // Without a warning, nothing is said of them.
    let project = Project::with(&goals(0..1));
    let plan = project.run(&["plan", "--format", "json"]).expect(0).json();
    assert!(plan.get("warnings").is_none(), "{plan}");
}
