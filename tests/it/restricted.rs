//! `--restricted`: a project that is not trusted is refused by name, before a byte of it leaves.

use std::net::TcpListener;

use crate::support::{ACCOUNT, Project, Run, SECRET, binary};

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
";

const STOLEN: &str = "token-of-the-pipeline";

/// A server that takes connections and answers none, to count them.
struct Listener(TcpListener);

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// How often it was called.
    fn calls(&self) -> usize {
        std::iter::from_fn(|| self.0.accept().ok()).count()
    }
}

/// A project with these settings of its environment, in a folder with a secret beside it.
struct Hostile {
    around: tempfile::TempDir,
}

impl Hostile {
    fn new(settings: &str) -> Self {
        let around = tempfile::tempdir().unwrap();
        let project = around.path().join("project");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(around.path().join("secret"), STOLEN).unwrap();
        std::fs::write(project.join("goal.yaml"), GOAL).unwrap();
        let file = format!("environments:\n  test:\n    account: '{ACCOUNT}'\n{settings}");
        std::fs::write(project.join("campaignctl.yaml"), file).unwrap();
        Self { around }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = binary(&self.around.path().join("project"));
        command
            .args(arguments)
            .args(["-e", "test", "--retry-budget", "1s"])
            .env("GITHUB_TOKEN", STOLEN)
            .env("LP_USER", "ann")
            .env("LP_PASSWORD", "pass");
        let run: Run = command.output().unwrap().into();
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(STOLEN), "{text}");
        }
        run
    }

    /// What a restricted run says, which must be refused.
    #[track_caller]
    fn refused(&self, command: &[&str]) -> String {
        let run = self.run(&[command, &["--restricted"]].concat()).expect(4);
        let error = run
            .stderr
            .lines()
            .filter(|line| !line.starts_with("warning"));
        error.collect::<Vec<_>>().join("\n")
    }
}

const OURS: &str =
    "    credentials: { username: { env: LP_USER }, password: { env: LP_PASSWORD } }\n";

#[test]
fn a_hostile_project_is_refused_by_name() {
    let evil = Listener::start();
    let to = evil.address();
    let bare = to.strip_prefix("http://").unwrap();
    let bearer =
        |source: &str| format!("    domainApi: {to}\n    credentials: {{ bearer: {source} }}\n");
    let plan: &[&str] = &["plan"];
    let apply: &[&str] = &["apply", "--auto-approve"];
    for (command, settings, refused, remedy) in [
        (
            plan,
            bearer("{ env: GITHUB_TOKEN }"),
            "`--restricted` refuses the bearer from the environment variable `GITHUB_TOKEN`"
                .to_owned(),
            "`--allow-variable GITHUB_TOKEN` lets".to_owned(),
        ),
        (
            plan,
            bearer("{ file: ../secret }"),
            "refuses the bearer from the file `../secret`: it leads out of the project".to_owned(),
            "a file inside of the project".to_owned(),
        ),
        (
            plan,
            format!("    domainApi: {to}\n{OURS}"),
            format!("refuses `domainApi: {to}`: it is not a host of the vendor"),
            format!("`--allow-host {bare}`"),
        ),
        (
            plan,
            format!("    hosts: {{ agentVep: {to} }}\n{OURS}"),
            format!("refuses `hosts.agentVep: {to}`"),
            format!("`--allow-host {bare}`"),
        ),
        (
            plan,
            format!("    handoffs: {{ url: {to} }}\n{OURS}"),
            format!("refuses `handoffs.url: {to}`"),
            format!("`--allow-host {bare}`"),
        ),
        (
            plan,
            format!("    ledger: {to}/ledger\n{OURS}"),
            format!("refuses `ledger: {to}/ledger`"),
            format!("`--allow-ledger {to}/ledger`"),
        ),
        (
            plan,
            format!("    ledger: s3://evil/ledger.json\n{OURS}"),
            "refuses `ledger: s3://evil/ledger.json`".to_owned(),
            "`--allow-ledger s3://evil/ledger.json`".to_owned(),
        ),
        (
            apply,
            format!("    ledger: ../ledger.json\n{OURS}"),
            "refuses the ledger `../ledger.json`: it leads out of the project".to_owned(),
            "inside of the project".to_owned(),
        ),
        (
            plan,
            "    credentials: { login: { clientId: { env: LP_USER } } }\n".to_owned(),
            "refuses the sign-in to test that this computer keeps".to_owned(),
            "name a `refreshToken`".to_owned(),
        ),
    ] {
        let notified = format!("{settings}    notify: [{{ url: {{ file: ../secret }} }}]\n");
        for settings in [&settings, &notified] {
            let said = Hostile::new(settings).refused(command);
            assert!(
                said.contains(&refused) && said.contains(&remedy),
                "{refused}, {remedy}: {said}"
            );
        }
    }
    assert_eq!(evil.calls(), 0);
}

#[test]
fn a_launch_reads_no_recipients_outside_of_the_project() {
    let project = Hostile::new(OURS);
    let launch = "\
apiVersion: campaignctl.dev/v1
kind: Launch
metadata: { name: orders }
spec:
  sender:
    proactive:
      handoff: { live: Orders }
      skill: Orders
      recipients: { file: ../list.csv, consumer: id }
      consent: true
  maxRecipients: 10
";
    std::fs::write(project.around.path().join("project/launch.yaml"), launch).unwrap();
    std::fs::write(project.around.path().join("list.csv"), "id\n").unwrap();
    let said = project.refused(&["launch", "plan", "orders"]);
    assert!(
        said.contains("refuses the file of recipients `../list.csv`: it leads out of the project"),
        "{said}"
    );
    // Without it, the file is read.
    let run = project.run(&["launch", "plan", "orders"]);
    assert!(run.stderr.contains("list.csv"), "{}", run.stderr);
    assert!(!run.stderr.contains("refuses"), "{}", run.stderr);
}

#[test]
fn no_webhook_of_the_project_is_notified_and_none_of_the_caller_is_refused() {
    let (evil, own) = (Listener::start(), Listener::start());
    let hook = format!(
        "    notify: [{{ url: {{ file: hook }} }}]\n    domainApi: https://evil.example\n{OURS}"
    );
    let project = Hostile::new(&hook);
    let file = project.around.path().join("project/hook");
    std::fs::write(file, format!("{}/hook", evil.address())).unwrap();
    let run = project.run(&["drift", "--restricted"]).expect(4);
    let warning = "warning: `notify` 1 of test was not notified: `--restricted` refuses the webhooks of the project";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    assert_eq!(evil.calls(), 0);
    // A webhook that the caller names is the caller's; this one cannot answer.
    let malformed = format!("json:{}", own.address().replace("http", "ftp"));
    let run = project
        .run(&["drift", "--restricted", "--notify", &malformed])
        .expect(4);
    assert!(
        run.stderr
            .contains("`--notify` 1 was not notified: its address"),
        "{}",
        run.stderr
    );
    assert_eq!((evil.calls(), own.calls()), (0, 0));
}

/// A project on a sandbox whose host and variables the caller allows.
fn allowed(project: &Project, arguments: &[&str]) -> Run {
    let own = [
        "--restricted",
        "--allow-host",
        "127.0.0.1",
        "--allow-variable",
        "TEST_*",
    ];
    project.run(&[arguments, &own].concat())
}

#[test]
fn what_the_caller_allows_is_as_without_the_flag() {
    let project = Project::with(GOAL);
    let plain = project.run(&["plan"]).expect(0);
    let restricted = allowed(&project, &["plan"]).expect(0);
    assert_eq!(restricted.data(), plain.data());
    let usual = project
        .run(&["plan", "--restricted", "--allow-host", "127.0.0.1"])
        .expect(4);
    assert!(
        usual
            .stderr
            .contains("allowed are `LP_*`, `CLEVERTAP_*`, `LEDGER_USER`, `LEDGER_PASSWORD`"),
        "{}",
        usual.stderr
    );
    // The audit log is opened before the first write.
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}    auditLog: ../audit.jsonl\n"),
    );
    let refused = allowed(&project, &["apply", "--auto-approve"]).expect(4);
    assert!(
        refused
            .stderr
            .contains("refuses the audit log `../audit.jsonl`"),
        "{}",
        refused.stderr
    );
    assert_eq!(project.account.writes(), 0);
    let own = ["apply", "--auto-approve", "--audit-log", "audit.jsonl"];
    allowed(&project, &own).expect(0);
    assert!(!project.run(&["plan"]).stderr.contains(SECRET));
}

#[test]
fn the_sandbox_that_the_run_starts_itself_needs_no_leave() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("goal.yaml"), GOAL).unwrap();
    let mut command = binary(folder.path());
    let run: Run = command
        .args(["plan", "--restricted"])
        .output()
        .unwrap()
        .into();
    assert!(run.expect(0).stdout.contains("1 to create"));
}

#[test]
#[cfg(unix)]
fn no_file_outside_of_the_project_is_quoted() {
    use std::os::unix::fs::symlink;
    let project = Hostile::new(&format!("    overlays: [../beside]\n{OURS}"));
    let around = project.around.path();
    std::fs::create_dir(around.join("beside")).unwrap();
    std::fs::write(around.join("secret"), format!("- {STOLEN}\n")).unwrap();
    std::fs::write(around.join("beside/patch.yaml"), format!("- {STOLEN}\n")).unwrap();
    symlink("../secret", around.join("project/link.yaml")).unwrap();
    for command in ["validate", "plan", "fmt"] {
        let run = project.run(&[command, "--restricted"]).expect(3);
        let said = "it is outside the project, and `--restricted` reads only files of the project";
        let told = run.stdout + &run.stderr;
        assert!(told.contains(said), "{command}: {told}");
    }
    // A project file that is a link is one of the project as well.
    std::fs::remove_file(around.join("project/campaignctl.yaml")).unwrap();
    symlink("../secret", around.join("project/campaignctl.yaml")).unwrap();
    let run = project.run(&["validate", "--restricted"]).expect(4);
    assert!(
        run.stderr.contains("refuses the project file"),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn the_store_of_the_sandbox_is_no_way_out_of_the_project() {
    use std::os::unix::fs::symlink;
    for name in [
        "sandbox.sqlite",
        "sandbox.sqlite-wal",
        "sandbox.sqlite-journal",
    ] {
        let hostile = Hostile::new("");
        let project = hostile.around.path().join("project");
        std::fs::write(project.join("campaignctl.yaml"), "project: shop\n").unwrap();
        let state = project.join(".campaignctl");
        std::fs::create_dir_all(&state).unwrap();
        symlink("../../theirs", state.join(name)).unwrap();
        for arguments in [
            &["plan"][..],
            &["export"],
            &["apply", "--auto-approve"],
            &["sandbox", "reset"],
        ] {
            let mut command = binary(&project);
            command.args(arguments).arg("--restricted");
            let run: Run = command.output().unwrap().into();
            let run = run.expect(4);
            let said = format!(
                "`--restricted` refuses the store of the sandbox `.campaignctl/{name}`: it leads out of the project"
            );
            assert!(run.stderr.contains(&said), "{arguments:?}: {}", run.stderr);
            assert!(
                !hostile.around.path().join("theirs").exists(),
                "{arguments:?}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn no_file_of_a_seed_is_read_outside_of_the_project() {
    use std::os::unix::fs::symlink;
    let around = tempfile::tempdir().unwrap();
    let project = around.path().join("project");
    std::fs::create_dir_all(project.join("seed")).unwrap();
    std::fs::write(
        around.path().join("outside.json"),
        r#"[{"id": 7, "name": "OUTSIDE"}]"#,
    )
    .unwrap();
    let settings = "project: shop\nenvironments: { sandbox: { seed: seed } }\n";
    std::fs::write(project.join("campaignctl.yaml"), settings).unwrap();
    symlink("../../outside.json", project.join("seed/goals.json")).unwrap();
    for command in ["status", "export", "doctor"] {
        let run: Run = binary(&project)
            .args([command, "--restricted"])
            .output()
            .unwrap()
            .into();
        let told = run.stdout.clone() + &run.stderr;
        assert!(!told.contains("OUTSIDE"), "{command}: {told}");
        let said = "`--restricted` refuses the seed `seed/goals.json`: it leads out of the project";
        assert!(told.contains(said), "{command}: {told}");
    }
    // Without the flag it is read.
    let run: Run = binary(&project).arg("export").output().unwrap().into();
    assert!(run.expect(0).stdout.contains("OUTSIDE"));
}

#[cfg(unix)]
#[test]
fn no_link_of_the_project_leads_a_result_elsewhere() {
    use std::os::unix::fs::symlink;
    let project = Project::with(GOAL);
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), project.path().join("out")).unwrap();
    symlink(
        elsewhere.path().join("new.json"),
        project.path().join("new.json"),
    )
    .unwrap();
    std::fs::create_dir(project.path().join("below")).unwrap();
    for link in [".github", "below/goal.schema.json", "below/.vscode"] {
        symlink(elsewhere.path().join("new"), project.path().join(link)).unwrap();
    }
    let commands: [&[&str]; 12] = [
        &["plan", "--out", "out/plan.json"],
        &["plan", "--out", "new.json"],
        &["plan", "--out", "out/../plan.json"],
        &["plan", "--json-into", "out/plan.json"],
        &["plan", "--write-scenarios", "out/tests.yaml"],
        &["graph", "--out", "out/graph.svg"],
        &["export", "--out", "out/manifests"],
        &["schema", "--write", "out/schemas"],
        &["schema", "--write", "below"],
        &[
            "init",
            "--yes",
            "--account",
            ACCOUNT,
            "--dir",
            "out/project",
        ],
        &["init", "--yes", "--account", ACCOUNT, "--dir", "below"],
        &["init", "--yes", "--pipeline", "github"],
    ];
    for command in commands {
        let run = project
            .run(&[command, &["--restricted"]].concat())
            .expect(4);
        let why = "it leads out of the project";
        assert!(run.stderr.contains(why), "{command:?}: {}", run.stderr);
    }
    // From a folder inside of the project as well.
    let mut below = project.command(&["plan", "--restricted", "--out", "../out/plan.json"]);
    let below: Run = below
        .current_dir(project.path().join("below"))
        .output()
        .unwrap()
        .into();
    below.expect(4);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(project.account.writes(), 0);
    // Where the caller says it without a link, it is written, and so it is through a link without the flag.
    let named = elsewhere.path().join("plan.json").display().to_string();
    let link = project.path().join("out");
    std::fs::remove_file(&link).unwrap();
    allowed(&project, &["plan", "--out", &named]).expect(0);
    symlink(elsewhere.path(), &link).unwrap();
    project.run(&["plan", "--out", "out/other.json"]).expect(0);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn no_program_runs_that_a_repository_names_in_its_own_configuration() {
    let project = Project::with(GOAL);
    let asked = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        let done = command.current_dir(project.path()).args(arguments).output();
        done.unwrap()
    };
    let git = |arguments: &[&str]| {
        let done = asked(arguments);
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    };
    git(&["init", "--quiet"]);
    project.write("other.yaml", &GOAL.replace("bought", "shown"));
    git(&["add", "."]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
    git(&[&who[..], &["commit", "--quiet", "-m", "one"]].concat());
    let ran = project.path().join("ran");
    let program = format!("touch '{}'; true", ran.display());
    git(&["config", "core.fsmonitor", &program]);
    let hook = project.path().join(".git/hooks/post-index-change");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\n{program}\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).unwrap();
    for (name, way) in [("one", "process"), ("t.w=o", "clean")] {
        git(&["config", &format!("filter.{name}.{way}"), &program]);
        git(&["config", &format!("filter.{name}.required"), "true"]);
    }
    let attributes = "*.yaml filter=one\nother.yaml filter=t.w=o\n";
    std::fs::write(project.path().join(".git/info/attributes"), attributes).unwrap();
    // Whether these differ cannot be told without a look into them.
    for name in ["manifests.yaml", "other.yaml"] {
        let text = std::fs::read_to_string(project.path().join(name)).unwrap();
        project.write(name, &text.replace("Something", "Everythin"));
    }
    allowed(&project, &["plan", "--changed-since", "HEAD"]).expect(0);
    allowed(
        &project,
        &["apply", "--auto-approve", "--audit-log", "audit.jsonl"],
    )
    .expect(0);
    assert!(!ran.exists());
    // Git itself runs it, and ends with an error, since it says nothing of what a filter has to say.
    asked(&["status"]);
    assert!(ran.exists());
}
