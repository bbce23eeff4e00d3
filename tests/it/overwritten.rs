//! Files that a flag names: none replaces what people wrote.

use crate::support::{Project, Run};

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { type: purchase }
";

const APPLY: &[&str] = &["apply", "--auto-approve"];

const FLAGS: [&[&str]; 8] = [
    &["plan", "--out", "goals.yaml"],
    &["plan", "--json-into", "goals.yaml"],
    &["plan", "--write-scenarios", "goals.yaml"],
    &["apply", "--auto-approve", "--json-into", "goals.yaml"],
    &["test", "--coverage-out", "goals.yaml"],
    &["test", "--mutants", "--write-scenarios", "goals.yaml"],
    &["graph", "--out", "goals.yaml"],
    &["doctor", "--capture", "goals.yaml"],
];

const SCENARIO: &str = "\
---
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: nothing }
spec:
  web: true
  at: 2026-06-01T12:00:00[UTC]
  cases:
    - name: nothing is there
      when: { sections: [home] }
      then: { nothing: {} }
";

#[test]
fn manifests_are_never_replaced() {
    let project = Project::with("");
    let text = format!("{GOAL}{SCENARIO}");
    for arguments in FLAGS {
        project.write("manifests.yaml", "");
        project.write("goals.yaml", &text);
        let ran = project.run(arguments);
        assert_ne!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        let kept = std::fs::read_to_string(project.path().join("goals.yaml")).unwrap();
        assert_eq!(kept, text, "{arguments:?}");
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            told.contains("`goals.yaml`") || told.contains("cannot write a `.yaml` file"),
            "{arguments:?}: {told}"
        );
    }
    // Nothing was written to the account either.
    assert_eq!(project.account.handle().statistics().writes, 0);
}

#[test]
fn the_project_file_is_never_replaced() {
    let project = Project::with(GOAL);
    let before = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    for flag in ["--out", "--json-into", "--write-scenarios"] {
        project.run(&["plan", flag, "campaignctl.yaml"]).expect(3);
    }
    let after = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    assert_eq!(after, before);
}

#[test]
fn what_a_run_makes_is_made_anew() {
    let project = Project::with(GOAL);
    for name in ["plan.json", "plan.out", "plan"] {
        for _ in 0..2 {
            project.run(&["plan", "--out", name]).expect(0);
        }
        project.run(&["show", name]);
    }
}

#[test]
fn scenarios_that_people_may_have_edited_are_not_replaced() {
    let project = Project::with(&format!("{GOAL}{SCENARIO}"));
    let mine = "# by hand\n";
    project.write("more.yaml", mine);
    for arguments in [
        ["plan", "--impact", "--write-scenarios", "more.yaml"],
        ["test", "--mutants", "--write-scenarios", "more.yaml"],
    ] {
        let refused = project.run(&arguments).expect(3);
        assert!(
            refused.stderr.contains("already exists"),
            "{}",
            refused.stderr
        );
        let kept = std::fs::read_to_string(project.path().join("more.yaml")).unwrap();
        assert_eq!(kept, mine);
    }
    let refused = project
        .run(&["plan", "--impact", "--write-scenarios", "new.txt"])
        .expect(3);
    assert!(
        refused.stderr.contains("ends in `.yaml`"),
        "{}",
        refused.stderr
    );
    // Where there is nothing to write, nothing is written, and that is told.
    let told = project
        .run(&["plan", "--impact", "--write-scenarios", "new.yaml"])
        .expect(0);
    assert!(
        told.stderr.contains("no scenario was written"),
        "{}",
        told.stderr
    );
    assert!(!project.path().join("new.yaml").exists());
}

/// What people or other programs made stays, whatever it is called; what a run made is made anew.
#[test]
fn what_no_run_made_is_not_replaced() {
    let project = Project::with(&format!("{GOAL}{SCENARIO}"));
    let others = [
        ("README.md", "# Our campaigns\n"),
        ("skills.json", r#"[{ "name": "Orders" }]"#),
        ("report.xml", "<?xml version=\"1.0\"?><testsuites/>"),
        (
            "goal.json",
            r#"{ "apiVersion": "campaignctl.dev/v1", "kind": "Goal" }"#,
        ),
        (
            "notes.json",
            r#"{ "mine": 1, "example": { "format": "campaignctl.plan/v1" } }"#,
        ),
        (
            "logo.svg",
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9"/>"#,
        ),
        ("ledger.json", r#"{ "format": "campaignctl.ledger/v1" }"#),
        ("audit.jsonl", r#"{"format":"campaignctl.audit/v1"}"#),
        (
            ".campaignctl/undo.json",
            r#"{ "format": "campaignctl.plan/v1" }"#,
        ),
    ];
    let flags: [&[&str]; 7] = [
        &["plan", "--out"],
        &["plan", "--json-into"],
        &["drift", "--json-into"],
        &["status", "--json-into"],
        &["test", "--coverage-out"],
        &["graph", "--out"],
        &["doctor", "--capture"],
    ];
    for flag in flags {
        for (file, text) in others {
            project.write(file, text);
            let mut command = project.command(&[flag, &[file]].concat());
            let ran: Run = command.output().unwrap().into();
            assert_eq!(ran.code, Some(3), "{flag:?} {file}: {}", ran.stderr);
            let kept = std::fs::read_to_string(project.path().join(file)).unwrap();
            assert_eq!(kept, text, "{flag:?} {file}");
        }
        for file in ["made.json", "made.xml", "made.svg", "made.info"] {
            if flag[0] == "graph" && [".xml", ".info"].iter().any(|it| file.ends_with(it)) {
                continue; // no format of a graph
            }
            let path = project.path().join(file);
            for _ in 0..2 {
                let ran = project.run(&[flag, &[file]].concat());
                assert!(path.exists(), "{flag:?} {file}: {}", ran.stderr);
                assert!(!ran.stderr.contains("would be replaced"), "{}", ran.stderr);
            }
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn what_the_shell_opened_and_folders_of_plans_are_written_to_again() {
    let project = Project::with(GOAL);
    for arguments in [
        "apply --auto-approve --json-into /dev/stdout",
        "test --coverage-out /dev/stdout",
    ] {
        let log = std::fs::File::create(project.path().join("log")).unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = project.command(&arguments);
        let child = command
            .stdout(log)
            .stderr(std::process::Stdio::piped())
            .spawn();
        let ran: Run = child.unwrap().wait_with_output().unwrap().into();
        assert!(
            !ran.stderr.contains("would be replaced"),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    std::fs::create_dir(project.path().join("plans")).unwrap();
    for _ in 0..2 {
        let mut command = project.command(&["plan", "--all-environments", "--out", "plans"]);
        let command = command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
        let ran: Run = command.output().unwrap().into();
        assert!(
            project.path().join("plans/test.json").exists(),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    }
}

/// A run that changed an account would end without the result that was asked for.
#[test]
fn a_run_that_could_not_leave_its_result_does_nothing() {
    let project = Project::with(GOAL);
    std::fs::create_dir(project.path().join("folder")).unwrap();
    for file in ["none/result.json", "folder"] {
        for arguments in [
            &["apply", "--auto-approve", "--json-into", file][..],
            &["plan", "--out", file],
            &["graph", "--out", file],
            &["doctor", "--capture", file],
        ] {
            let run = project.run(arguments);
            assert_ne!(run.code, Some(0), "{arguments:?}");
            let told = format!("cannot write `{file}`");
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains(&told), "{arguments:?}: {said}");
        }
    }
    assert_eq!(project.account.handle().statistics().writes, 0);
}

/// The project with its ledger at `ledgers/state.json`.
fn with_ledger(text: &str) -> Project {
    let project = Project::with(text);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = file.replace(
        "    account:",
        "    ledger: ledgers/state.json\n    account:",
    );
    project.write("campaignctl.yaml", &file);
    project
}

/// What `undo` applies is what an apply wrote, wherever the ledger lies.
#[test]
fn what_lies_beside_a_ledger_is_not_written_to() {
    let project = with_ledger(GOAL);
    project.run(&["apply", "--auto-approve"]).expect(0);
    let rollback = "ledgers/state.rollback.plan.json";
    let text = || std::fs::read_to_string(project.path().join(rollback)).unwrap();
    let before = text();
    for flag in [
        &["plan", "--out"][..],
        &["plan", "--json-into"],
        &["launch", "plan", "x", "--out"],
    ] {
        for name in [
            rollback,
            "ledgers/state.json.journal",
            "ledgers/state.json.lock",
            "other.rollback.plan.json",
        ] {
            let refused = project.run(&[flag, &[name]].concat()).expect(3);
            let said = format!("{}{}", refused.stdout, refused.stderr);
            assert!(
                said.contains("a run keeps its own state"),
                "{flag:?} {name}: {said}"
            );
        }
    }
    assert_eq!(text(), before);
    assert!(!project.path().join("other.rollback.plan.json").exists());
}

/// A result would take the place of what the run itself writes first, or of another result.
#[test]
fn no_result_is_where_the_run_writes_something_else() {
    let project = with_ledger(GOAL);
    project.write("campaignctl.sh", "exit 1\n");
    for (arguments, told) in [
        (
            "apply --auto-approve --json-into ledgers/../ledgers/state.json",
            "the ledger of this run",
        ),
        (
            "apply --auto-approve --audit-log a.jsonl --json-into a.jsonl",
            "the audit log of this run",
        ),
        ("plan --out z.json --json-into z.json", "name the same file"),
        (
            "plan --all-environments --out campaignctl.yaml",
            "is a file",
        ),
        (
            "apply --auto-approve --audit-log manifests.yaml",
            "would be read as manifests",
        ),
        (
            "apply --auto-approve --audit-log campaignctl.sh",
            "it holds something else",
        ),
    ] {
        std::fs::create_dir_all(project.path().join("ledgers")).unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = project.command(&arguments);
        if arguments.contains(&"--all-environments") {
            command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
        }
        let refused: Run = command.output().unwrap().into();
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert_eq!(refused.code, Some(3), "{arguments:?}");
        assert_eq!(said.matches("error: ").count(), 1, "{arguments:?}: {said}");
        assert!(
            !project.path().join("ledgers/state.json").exists(),
            "{arguments:?}"
        );
    }
    project.run(&["plan", "--out", "p.json"]).expect(0);
    let plan = || std::fs::read_to_string(project.path().join("p.json")).unwrap();
    let before = plan();
    let reads = "is the plan that this run reads";
    for (arguments, told) in [
        ("apply p.json --json-into p.json", reads),
        ("plan --expect p.json --out ./p.json", reads),
        ("graph --plan p.json --out p.json", "another kind of result"),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let refused = project.run(&arguments).expect(3);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(plan(), before, "{arguments:?}");
    }
    assert_eq!(project.account.handle().statistics().writes, 0);
}

#[test]
fn no_result_is_where_the_ledger_will_be() {
    let project = Project::with(GOAL);
    let ledger = project.ledger_path();
    std::fs::create_dir_all(ledger.parent().unwrap()).unwrap();
    let file = ".campaignctl/ledger/test.json";
    for arguments in [
        &["apply", "--auto-approve", "--json-into", file][..],
        &["plan", "--out", file],
    ] {
        let refused = project.run(arguments).expect(3);
        let told = "is where a run keeps its own state";
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert!(!ledger.exists());
    }
}

/// An audit log is added to, and lies where nothing else is written or read: a run that ends would take its journal away, and the
/// lines with it.
#[test]
fn no_audit_log_is_where_a_run_keeps_or_reads_something_else() {
    let project = with_ledger(GOAL);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let other = "environments:\n  other:\n    account: \"10000002\"\n    ledger: ledgers/other.json\n    credentials: { bearer: { env: TOKEN } }\n";
    project.write(
        "campaignctl.yaml",
        &file.replacen("environments:\n", other, 1),
    );
    for folder in ["ledgers", ".campaignctl/ledger", "links"] {
        std::fs::create_dir_all(project.path().join(folder)).unwrap();
    }
    project.write("empty.yaml", "");
    let links = [
        ("l-journal", "ledgers/state.json.journal"),
        ("l-ledger", ".campaignctl/ledger/other.json"),
        ("l-rollback", "ledgers/state.rollback.plan.json"),
        ("l-manifest", "x.yaml"),
        ("l-l-manifest", "l-manifest"),
    ];
    for (name, to) in links {
        std::os::unix::fs::symlink(to, project.path().join(name)).unwrap();
    }
    for name in [
        "l-journal",
        "l-ledger",
        "l-rollback",
        "l-manifest",
        "l-l-manifest",
        "links/../l-journal",
        ".campaignctl/launch.key",
        ".git/x",
        "ledgers/state.json.journal",
        "ledgers/state.json.lock",
        "ledgers/state.rollback.plan.json",
        "ledgers/state.json",
        "ledgers/other.json",
        "links/../ledgers/other.json",
        ".campaignctl/ledger/production.json",
        ".campaignctl/sandbox.sqlite",
        ".campaignctl/.gitignore",
        "goals.yaml",
        "empty.yaml",
        "campaignctl.yml",
    ] {
        let there = project.path().join(name);
        let before = std::fs::read(&there).ok();
        let refused = project
            .run(&[APPLY, &["--audit-log", name]].concat())
            .expect(3);
        assert!(
            refused.stderr.contains("another file") || refused.stderr.contains("another ending"),
            "{name}: {}",
            refused.stderr
        );
        assert_eq!(
            refused.stderr.matches("error: ").count(),
            1,
            "{name}: {}",
            refused.stderr
        );
        assert_eq!(std::fs::read(&there).ok(), before, "{name}");
    }
    // What is added under one name of a file is in the others, too.
    std::fs::write(project.path().join("ledgers/state.json.journal"), "").unwrap();
    std::fs::hard_link(
        project.path().join("ledgers/state.json.journal"),
        project.path().join("hard.jsonl"),
    )
    .unwrap();
    let refused = project
        .run(&[APPLY, &["--audit-log", "hard.jsonl"]].concat())
        .expect(3);
    assert!(
        refused.stderr.contains("has another name"),
        "{}",
        refused.stderr
    );
    std::fs::remove_file(project.path().join("ledgers/state.json.journal")).unwrap();
    assert_eq!(project.account.handle().statistics().writes, 0);
    // Beside the state there is room for a log.
    let log = ".campaignctl/audit.jsonl";
    project
        .run(&[APPLY, &["--audit-log", log]].concat())
        .expect(0);
    let lines = std::fs::read_to_string(project.path().join(log)).unwrap();
    assert!(lines.contains("\"outcome\":\"applied\""), "{lines}");
}

#[test]
fn a_log_of_the_shell_is_written_to_and_keeps_what_it_holds() {
    let project = Project::with(GOAL);
    for stream in ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/2"] {
        project.write("log", "held before\n");
        let log = || {
            let mut options = std::fs::File::options();
            options
                .append(true)
                .open(project.path().join("log"))
                .unwrap()
        };
        let mut command = project.command(&["plan", "--json-into", stream]);
        let status = command.stdout(log()).stderr(log()).status().unwrap();
        assert!(status.success(), "{stream}");
        let text = std::fs::read_to_string(project.path().join("log")).unwrap();
        assert!(text.starts_with("held before\n"), "{stream}: {text}");
        assert!(text.contains("campaignctl.plan/v1"), "{stream}: {text}");
        assert!(text.contains("Plan for test"), "{stream}: {text}");
    }
}

#[test]
fn requests_go_to_a_new_file_only() {
    let project = Project::with(GOAL);
    for file in ["/dev/stdout", "/dev/null", "manifests.yaml", "."] {
        let refused = project
            .run(&["launch", "plan", "x", "--requests", file])
            .expect(3);
        let said = &refused.stderr;
        assert!(
            said.contains("is not a file") || said.contains("already exists"),
            "{file}: {said}"
        );
    }
}

/// A key that was pasted in the wrong place is not repeated into the log of a pipeline.
#[test]
fn arguments_that_look_like_secrets_are_not_repeated() {
    let project = Project::with(GOAL);
    let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    for arguments in [
        ["plan", "--target", &format!("Goal/{key}")],
        ["plan", "--parallelism", &key],
        ["explain", "--nonsense", &key],
    ] {
        let refused = project.run(&arguments).expect(3);
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(!said.contains(&key), "{arguments:?}: {said}");
    }
}

/// What an error has to say of itself takes the place of nothing that the run was to read or write, however early it comes.
#[test]
fn an_error_replaces_no_file_that_another_argument_names() {
    let project = Project::with(GOAL);
    project.run(&["plan", "--out", "a.json"]).expect(0);
    std::fs::create_dir(project.path().join("in")).unwrap();
    let path = |name: &str| project.path().join(name);
    std::os::unix::fs::symlink(path("a.json"), path("link.json")).unwrap();
    let before = std::fs::read_to_string(path("a.json")).unwrap();
    for arguments in [
        "plan --out a.json --json-into a.json",
        "plan --out=in/../a.json --json-into=a.json",
        "plan --out a.json --json-into link.json",
        "plan -oa.json --json-into a.json",
        "plan -qo=link.json --json-into a.json",
        "plan -qoa.json nowhere --json-into a.json",
        "apply a.json nowhere --json-into a.json",
        "apply a.json --json-into ./a.json",
        "plan nowhere --expect a.json --json-into a.json",
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        project.run(&arguments).expect(3);
        let after = std::fs::read_to_string(path("a.json")).unwrap();
        assert_eq!(after, before, "{arguments:?}");
    }
    project
        .run(&["plan", "nowhere", "--json-into", "a.json"])
        .expect(3);
    let after = std::fs::read_to_string(path("a.json")).unwrap();
    assert!(after.contains("campaignctl.error/v1"), "{after}");
    // A file with two names is one file.
    project.write("one", "");
    std::fs::hard_link(path("one"), path("two")).unwrap();
    let twice = ["--audit-log", "one", "--json-into", "two"];
    let refused = project.run(&[APPLY, &twice].concat()).expect(3);
    assert!(
        refused.stderr.contains("the audit log of this run"),
        "{}",
        refused.stderr
    );
    assert_eq!(project.account.handle().statistics().writes, 0);
}

/// A result has no name under which manifests are read, and replaces no result of another kind.
#[test]
fn a_result_is_replaced_by_its_like_and_is_read_as_no_manifest() {
    let project = Project::with(&format!("{GOAL}{SCENARIO}"));
    project.run(&["plan", "--out", "p.json"]).expect(0);
    project.run(&["graph", "--out", "g.svg"]).expect(0);
    project.run(&["test", "--coverage-out", "c.info"]).expect(2);
    project.write(
        "js.info",
        "TN:\nSF:src/a.js\nDA:1,1\nLF:1\nLH:1\nend_of_record\n",
    );
    for (arguments, told) in [
        ("graph --out p.json", "another kind of result"),
        ("test --coverage-out p.json", "another kind of result"),
        ("test --coverage-out g.svg", "another kind of result"),
        ("plan --out g.svg", "another kind of result"),
        ("test --coverage-out js.info", "no result of an earlier run"),
        ("plan --out new.yaml", "would be read as manifests"),
        ("plan --json-into new.yml", "would be read as manifests"),
        ("test --coverage-out new.yaml", "would be read as manifests"),
        ("doctor --capture new.yaml", "would be read as manifests"),
        (
            "apply --auto-approve --json-into new/",
            "the name of a folder",
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let refused = project.run(&arguments);
        assert!([1, 3].contains(&refused.code.unwrap()), "{arguments:?}");
        assert!(
            refused.stderr.contains(told),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
    project.run(&["validate"]).expect(0);
    assert_eq!(project.account.handle().statistics().writes, 0);
    for arguments in [
        "plan --out p.json",
        "graph --out g.svg",
        "test --coverage-out c.info",
        "plan --json-into p.json",
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let code = project.run(&arguments).code.unwrap();
        assert!([0, 2].contains(&code), "{arguments:?}"); // the scenario fails
    }
}

/// Plans and exports go into folders of their own.
#[test]
fn no_folder_of_results_holds_something_else() {
    let project = Project::with(GOAL);
    let path = |name: &str| project.path().join(name);
    std::fs::create_dir_all(path("seed")).unwrap();
    std::fs::create_dir_all(path(".git")).unwrap();
    project.write("seed/skills.json", "[]");
    let plans = |folder: &str| {
        let mut command = project.command(&["plan", "--all-environments", "--out", folder]);
        Run::from(
            command
                .env_remove("CAMPAIGNCTL_ENVIRONMENT")
                .output()
                .unwrap(),
        )
    };
    for folder in ["seed", ".git", ".campaignctl/ledger", "."] {
        let refused = plans(folder).expect(3);
        assert!(
            refused.stderr.contains("name a"),
            "{folder}: {}",
            refused.stderr
        );
    }
    for folder in [".git", ".campaignctl/ledger", ".campaignctl"] {
        let refused = project.run(&["export", "--out", folder]).expect(3);
        assert!(
            refused.stderr.contains("its own state"),
            "{folder}: {}",
            refused.stderr
        );
    }
    std::fs::create_dir_all(path("plans")).unwrap();
    project.write("plans/.gitkeep", "");
    plans("plans").expect(0);
    project.write("plans/notes.md", "ours");
    plans("plans").expect(0);
}

/// `7<notes` opens the notes to be read, though Linux would open them anew for writing.
#[cfg(target_os = "linux")]
#[test]
fn what_the_shell_opened_for_reading_is_not_written_to() {
    let project = Project::with(GOAL);
    project.write("notes", "by hand\n");
    let program = env!("CARGO_BIN_EXE_campaignctl");
    for (arguments, redirected) in [
        ("plan --out /dev/stdin", "<notes"),
        ("plan --json-into /dev/fd/0", "<notes"),
        ("graph --out /proc/self/fd/7", "7<notes"),
        ("apply --auto-approve --json-into /dev/fd/7", "7<notes"),
        ("apply --auto-approve --audit-log /dev/fd/7", "7<notes"),
        ("apply --auto-approve --json-into /dev/fd/77", ""),
        // What is opened anew is written at a place of its own: over what others write.
        ("plan --out /dev/fd/7", "7>>new 8>other 7>&8"),
        ("apply --auto-approve --audit-log /dev/fd/7", "7>other"),
        ("apply --auto-approve --json-into /dev/fd/7", "7<>other"),
    ] {
        let mut shell = project.command(&[]);
        let mut told = std::process::Command::new("sh");
        told.args(["-c", &format!("{program} {arguments} {redirected}")]);
        told.current_dir(project.path());
        let variables = shell.env_remove("CAMPAIGNCTL_FORMAT").get_envs();
        let variables =
            variables.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let run: Run = told.envs(variables).output().unwrap().into();
        assert_eq!(
            run.code,
            Some(1),
            "{arguments}: {}{}",
            run.stdout,
            run.stderr
        );
        let notes = std::fs::read_to_string(project.path().join("notes")).unwrap();
        assert_eq!(notes, "by hand\n", "{arguments}");
    }
    assert_eq!(project.account.handle().statistics().writes, 0);
}

/// What a run writes to its own stdout and an audit log there are one after the other.
#[test]
fn an_audit_log_on_stdout_is_whole() {
    for stream in ["/dev/stdout", "/dev/fd/1", "/dev/stderr", "log", "./link"] {
        let project = Project::with(GOAL);
        let file = || std::fs::File::create(project.path().join("log"));
        std::os::unix::fs::symlink("log", project.path().join("link")).unwrap();
        let mut command = project.command(&[APPLY, &["--audit-log", stream]].concat());
        let both = file().unwrap();
        command.stderr(both.try_clone().unwrap()).stdout(both);
        assert!(command.status().unwrap().success(), "{stream}");
        let text = std::fs::read_to_string(project.path().join("log")).unwrap();
        let lines = text.lines().filter(|line| line.starts_with('{'));
        let outcomes = lines.map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["outcome"].as_str().unwrap().to_owned()
        });
        assert_eq!(
            outcomes.collect::<Vec<_>>(),
            ["begun", "applied"],
            "{stream}: {text}"
        );
        assert!(text.contains("Applied: 1 done"), "{stream}: {text}");
    }
}

/// `--json-into` takes what runs say of themselves, and keeps what other flags make.
#[test]
fn what_runs_say_replaces_nothing_but_its_like() {
    let project = Project::with(GOAL);
    project.run(&["graph", "--out", "g.svg"]).expect(0);
    project.run(&["graph", "--out", "g.json"]).expect(0);
    project.run(&["doctor", "--capture", "c.json"]);
    let plans = || {
        let mut command = project.command(&[
            "plan",
            "--all-environments",
            "--out",
            "plans",
            "--json-into",
            "plans/index.json",
        ]);
        Run::from(
            command
                .env_remove("CAMPAIGNCTL_ENVIRONMENT")
                .output()
                .unwrap(),
        )
    };
    std::fs::create_dir(project.path().join("plans")).unwrap();
    assert!(plans().expect(3).stderr.contains("name the same file"));
    for name in ["g.svg", "g.json", "c.json"] {
        let refused = project.run(&["plan", "--json-into", name]).expect(3);
        assert!(
            refused.stderr.contains("another kind of result"),
            "{name}: {}",
            refused.stderr
        );
    }
    for arguments in [
        &["plan"][..],
        APPLY,
        &["drift"],
        &["status"],
        &["pull"],
        &["plan"],
    ] {
        project
            .run(&[arguments, &["--json-into", "r.json"]].concat())
            .expect(0);
    }
}
