//! The command line as people and pipelines use it: flags, exit codes, streams, secrets, interruption.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, Account, CAMPAIGNS, GOALS, NO_CHANGES, Project, Run, SECRET, SKILLS, binary, plain,
};

fn goal(name: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: Goal {name} }}\n"
    )
}

fn run(command: &mut Command) -> Run {
    command.output().unwrap().into()
}

#[test]
fn global_flags_stand_on_either_side_of_the_command() {
    let project = Project::with(&goal("a"));
    let before = project
        .run(&["--format", "json", "-q", "validate"])
        .expect(0);
    let after = project
        .run(&["validate", "--format", "json", "-q"])
        .expect(0);
    assert_eq!(before.stdout, after.stdout);
    let outer = run(project
        .command(&["-e", "test", "plan"])
        .env_remove("CAMPAIGNCTL_ENVIRONMENT"));
    let inner = run(project
        .command(&["plan", "--environment=test"])
        .env_remove("CAMPAIGNCTL_ENVIRONMENT"));
    assert_eq!(outer.expect(0).stdout, inner.expect(0).stdout);
}

#[test]
fn mistakes_on_the_command_line_exit_3_and_say_what_was_meant() {
    let project = Project::with(&goal("a"));
    for (arguments, said) in [
        (&["plan", "--detailed-exitcodes"][..], "--detailed-exitcode"),
        (&["aply"], "apply"),
        (&["plan", "--parallelism", "0"], "1..=64"),
        (&["plan", "--format", "xml"], "text"),
        (&["export", "Campain"], "Campaign"),
        (&["explain", "Campain"], "Campaign"),
        (&["plan", "no-such-folder"], "no-such-folder"),
        (&[], "Usage"),
    ] {
        let run = project.run(arguments).expect(3);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn every_command_has_help_with_examples() {
    let project = Project::new();
    let help = |command: &[&str]| {
        project
            .run(&[command, &["--help"]].concat())
            .expect(0)
            .stdout
    };
    let top = help(&[]);
    assert!(
        top.contains("Examples:") && top.contains("Exit codes:"),
        "{top}"
    );
    let commands = |text: &str| -> Vec<String> {
        // The top lists its commands in groups, each below a heading of its own.
        const GROUPS: [&str; 6] = [
            "Commands:",
            "Write manifests:",
            "Change an account:",
            "See an account:",
            "Take over console changes:",
            "Others:",
        ];
        let paragraphs = text.split("\n\n").filter(|paragraph| {
            let heading = paragraph.lines().next().unwrap_or_default();
            GROUPS.contains(&heading)
        });
        paragraphs
            .flat_map(|paragraph| paragraph.lines().skip(1))
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    let found = commands(&top);
    assert!(found.len() >= 7, "{found:?}");
    for command in &found {
        let text = help(&[command]);
        let inner = commands(&text);
        if inner.is_empty() {
            assert!(text.contains("Examples:"), "{command}: {text}");
        }
        for sub in inner {
            let text = help(&[command, &sub]);
            assert!(text.contains("Examples:"), "{command} {sub}: {text}");
        }
    }
    let version = project.run(&["--version"]).expect(0).stdout;
    assert_eq!(
        version.trim(),
        format!("campaignctl {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_closed_pipe_ends_a_run_quietly() {
    let project = Project::new();
    for arguments in [&["explain", "Campaign"][..], &["schema"], &["--help"]] {
        let mut command = project.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::from(child.wait_with_output().unwrap()).expect(0);
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
}

#[test]
fn colour_comes_when_asked_for_and_not_otherwise() {
    let project = Project::with(&goal("a"));
    let escapes = |run: &Run| run.stdout.contains('\u{1b}');
    assert!(!escapes(&project.run(&["plan"]).expect(0)));
    assert!(escapes(
        &project.run(&["plan", "--color", "always"]).expect(0)
    ));
    let forced = |name: &str| {
        run(project
            .command(&["plan"])
            .env("CLICOLOR_FORCE", "1")
            .env(name, "1"))
    };
    assert!(escapes(&forced("UNRELATED")));
    assert!(!escapes(&forced("NO_COLOR")));
    project.write("manifests.yaml", "kind: Gaol\n");
    let broken = project.run(&["plan", "--color", "never"]).expect(3);
    assert!(!broken.stderr.contains('\u{1b}'));
}

#[test]
fn json_is_json_whatever_the_exit_code() {
    let project = Project::with(&goal("a"));
    project
        .run(&["validate", "--format", "json"])
        .expect(0)
        .json();
    let plan = project
        .run(&["plan", "--format", "json", "--detailed-exitcode"])
        .expect(2)
        .json();
    assert_eq!(plan["format"], "campaignctl.plan/v1");
    assert_eq!(plan["summary"]["create"], 1);
    let outcome = project
        .run(&["apply", "--format", "json", "--auto-approve"])
        .expect(0)
        .json();
    assert_eq!(outcome["counts"]["applied"], 1);
    let again = project
        .run(&["apply", "--format", "json", "--auto-approve"])
        .expect(0)
        .json();
    assert_eq!(again["counts"]["applied"], 0);
    project.write("manifests.yaml", "kind: Gaol\n");
    project
        .run(&["validate", "--format", "json"])
        .expect(3)
        .json();
}

#[test]
fn quiet_keeps_the_errors_and_drops_the_rest() {
    let project = Project::with(&goal("a"));
    assert_eq!(
        project
            .run(&["apply", "-q", "--auto-approve"])
            .expect(0)
            .stderr,
        ""
    );
    project.write(
        "manifests.yaml",
        &goal("a").replace("kind: Goal", "kind: Gaol"),
    );
    let run = project.run(&["plan", "-q"]).expect(3);
    assert!(
        run.stderr.contains("Gaol") && run.stderr.contains("manifests.yaml:2"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_apply_that_can_ask_nobody_writes_nothing() {
    let project = Project::with(&goal("a"));
    let run = project.run(&["apply"]).expect(3);
    assert!(run.stderr.contains("--auto-approve"), "{}", run.stderr);
    assert_eq!(project.account.writes(), 0);
    assert_eq!(project.ledger(), "");
}

#[test]
fn an_empty_folder_is_an_error_and_deletes_nothing() {
    let project = Project::with(&goal("a"));
    project.apply();
    project.remove("manifests.yaml");
    let writes = project.account.writes();
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        project.run(command).expect(3);
    }
    // Nor does a file that says nothing, or one that cannot be read.
    for text in ["", "# later\n", "---\n---\n", "kind: [\n"] {
        project.write("manifests.yaml", text);
        project.run(&["apply", "--auto-approve"]).expect(3);
    }
    assert_eq!(project.account.writes(), writes);
    assert!(project.account.row(GOALS, "Goal a").is_some());
}

#[test]
fn a_folder_is_applied_without_a_look_at_the_others() {
    let project = Project::new();
    project.write("north/goals.yaml", &goal("n"));
    project.write(
        "south/goals.yaml",
        &format!("{}---\n{}", goal("s1"), goal("s2")),
    );
    project.write("southern/goals.yaml", &goal("x"));
    project.apply();
    // Another folder's manifests go, and this run is not about them.
    project.remove("north/goals.yaml");
    project.write("south/goals.yaml", &goal("s1"));
    let apply = project.run(&["apply", "--auto-approve", "south"]).expect(0);
    assert!(apply.stdout.contains("1 to delete"), "{}", apply.stdout);
    let left = "Not changed: 2 owned objects have no manifest in this run.\n  Goal/n: north/goals.yaml is outside of the paths of this run\n";
    assert!(apply.stdout.contains(left), "{}", apply.stdout);
    let names = ["Goal n", "Goal s1", "Goal x", "Interact with visitors"];
    assert_eq!(project.account.names(GOALS), names);
    // From inside the folder it is the same.
    let mut inside = project.command(&["apply", "--auto-approve", "."]);
    let again = run(inside.current_dir(project.path().join("south"))).expect(0);
    assert!(again.stdout.contains("Not changed: 2 "), "{}", again.stdout);
    assert!(
        again
            .stdout
            .contains("Plan: 0 to create, 0 to update, 0 to replace, 0 to delete,"),
        "{}",
        again.stdout
    );
    // The whole project is about all of them.
    let apply = project.run(&["apply", "--auto-approve"]).expect(0);
    assert!(apply.stdout.contains("1 to delete"), "{}", apply.stdout);
}

#[test]
fn standard_input_is_a_path() {
    let project = Project::with(&goal("file"));
    project.apply();
    let feed = |arguments: &[&str], text: &str| {
        let mut command = project.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        Run::from(child.wait_with_output().unwrap())
    };
    feed(&["validate", "-"], &goal("piped")).expect(0);
    let apply = feed(&["apply", "--auto-approve", "-"], &goal("piped")).expect(0);
    assert!(apply.stdout.contains("1 to create") && apply.stdout.contains("0 to delete"));
    assert!(project.account.row(GOALS, "Goal file").is_some());
    // The files do not own what came from standard input.
    let files = project.run(&["apply", "--auto-approve"]).expect(0);
    assert!(
        files
            .stdout
            .contains("Goal/piped: <stdin> is outside of the paths"),
        "{}",
        files.stdout
    );
    assert!(project.account.row(GOALS, "Goal piped").is_some());
}

#[test]
fn environments_and_credentials_that_are_missing_are_named() {
    let project = Project::with(&goal("a"));
    let unknown = project.run(&["plan", "-e", "tset"]).expect(3);
    assert!(
        unknown.stderr.contains("`tset`") && unknown.stderr.contains("`test`"),
        "{}",
        unknown.stderr
    );
    let missing = run(project.command(&["plan"]).env_remove("TEST_CLIENT_SECRET")).expect(4);
    assert!(
        missing.stderr.contains("TEST_CLIENT_SECRET"),
        "{}",
        missing.stderr
    );
    let wrong = run(project
        .command(&["plan"])
        .env("TEST_CLIENT_SECRET", "wrong-secret"))
    .expect(4);
    assert!(!wrong.stderr.contains("wrong-secret"), "{}", wrong.stderr);
    // Nothing of that is needed to check manifests.
    let mut bare = binary(project.path());
    run(bare.arg("validate")).expect(0);
}

#[test]
fn a_plan_writes_neither_account_nor_ledger() {
    let project = Project::with(&goal("a"));
    project.plan();
    assert!(!project.ledger_path().exists());
    project.apply();
    let stamp = std::fs::metadata(project.ledger_path())
        .unwrap()
        .modified()
        .unwrap();
    project.write("manifests.yaml", &goal("b"));
    project.plan();
    project.run(&["export"]).expect(0);
    let now = std::fs::metadata(project.ledger_path())
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(stamp, now);
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let project = Project::new();
    let manifests = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/scenarios/publish/v2/campaign.yaml"),
    );
    let goals: Vec<_> = ["z", "a", "m"].map(goal).into();
    project.write(
        "all.yaml",
        &format!("{}---\n{}", manifests.unwrap(), goals.join("---\n")),
    );
    // But for its id and time, a plan is the same twice.
    let plan = || {
        let mut plan = project.run(&["plan", "--format", "json"]).expect(0).json();
        for key in ["id", "createdAt", "digest"] {
            plan.as_object_mut().unwrap().remove(key).unwrap();
        }
        plan.to_string()
    };
    let first = plan();
    for _ in 1..10 {
        assert_eq!(plan(), first);
    }
    project.apply();
    let export = || project.run(&["export"]).expect(0).stdout;
    assert_eq!(export(), export());
}

#[cfg(unix)]
#[test]
fn an_interrupted_apply_stops_between_steps_and_the_next_one_goes_on() {
    const GOALS_TO_MAKE: usize = 120;
    let project = Project::new();
    let manifests: Vec<_> = (0..GOALS_TO_MAKE)
        .map(|number| goal(&format!("g{number}")))
        .collect();
    project.write("all.yaml", &manifests.join("---\n"));
    let mut command = project.command(&["apply", "--auto-approve", "--parallelism", "1"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the first step is told of, the run listens.
    let mut stderr = child.stderr.take().unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains("[3/") {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "the run ended early");
        seen.push(byte[0]);
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let run = Run::from(child.wait_with_output().unwrap()).expect(8); // partly done
    assert!(run.stdout.contains("Interrupted: "), "{}", run.stdout);
    let made = project.account.get(GOALS).as_array().unwrap().len() - 1;
    assert!(
        made < GOALS_TO_MAKE,
        "it was over before it was interrupted"
    );
    let text = project.ledger();
    let ledger: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(ledger["entries"].as_object().unwrap().len(), made);
    project.apply();
    assert_eq!(
        project.account.get(GOALS).as_array().unwrap().len(),
        GOALS_TO_MAKE + 1
    );
}

#[test]
fn no_secret_ever_comes_out() {
    let planted = "hunter2-planted-secret";
    let account = Account::new();
    account.seed(&json!({
        "app-installations": [{"id": "00000000-0000-4000-8000-000000000001", "client_name": "shop",
            "client_id": planted, "client_secret": planted,
            "capabilities": {"webhooks": {"x": {"headers": [{"key": "auth", "value": planted}]}}}}],
        "connectors": [{"name": "login", "configuration": {"clientSecret": planted}}],
        "skills": [{"name": "Orders"}]}));
    assert!(
        account
            .get("app-install/installations?v=1.0")
            .to_string()
            .contains(planted)
    );
    let project = Project::on(account);
    let campaign = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/scenarios/publish/v1/campaign.yaml"),
    );
    let more = "  skill: Orders\n  appInstallation: shop\n  connector: login\n";
    project.write("all.yaml", &format!("{}{more}", campaign.unwrap()));
    for arguments in [
        &["plan", "-vv"][..],
        &["plan", "-vvv", "--format", "json"],
        &["apply", "--auto-approve", "-vvv"],
        &["export", "-vvv"],
        &["plan", "-vvv"],
    ] {
        let run = project.run(arguments).expect(0);
        let all = format!("{}{}{}", run.stdout, run.stderr, project.ledger());
        assert!(!all.contains(planted), "{arguments:?}");
        assert!(!all.contains(SECRET), "{arguments:?}");
        assert!(!all.to_lowercase().contains("bearer ey"), "{arguments:?}");
    }
    let engagement = project
        .account
        .item(&project.account.engagements("Autumn sale"), "home");
    let skill = project.account.row(SKILLS, "Orders").unwrap();
    assert_eq!(engagement["skillId"], skill["id"]);
    assert_eq!(
        plain(&engagement["appInstallationId"]),
        "00000000-0000-4000-8000-000000000001"
    );
    // Nor when the account refuses them.
    let mut refused = project.command(&["plan", "-vvv"]);
    let run = run(refused.env("TEST_CLIENT_SECRET", planted)).expect(4);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(planted));
}

#[test]
fn an_export_is_written_as_files_and_never_over_others() {
    let project = Project::with(&goal("a"));
    project.apply();
    project.remove("manifests.yaml"); // two manifests of one object are refused
    project.run(&["export", "--out", "out"]).expect(0);
    assert!(project.path().join("out/goals/a.yaml").is_file());
    let again = project.run(&["export", "--out", "out"]).expect(3);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    project
        .run(&["export", "--out", "out", "--force"])
        .expect(0);
    // A folder that is a link is not followed, and found before anything is written.
    let (folder, elsewhere) = (project.path().join("out"), project.path().join("elsewhere"));
    std::fs::rename(folder.join("goals"), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.join("goals")).unwrap();
    project
        .account
        .post("le-campaigns/campaigns?v=3.4", &json!({"name": "Sale"}));
    let linked = project
        .run(&["export", "--out", "out", "--force"])
        .expect(3);
    assert!(linked.stderr.contains("is a link"), "{}", linked.stderr);
    assert!(!folder.join("campaigns").exists());
    std::fs::remove_file(folder.join("goals")).unwrap();
    std::fs::rename(&elsewhere, folder.join("goals")).unwrap();
    let campaign = project.account.item_path(CAMPAIGNS, "Sale");
    project.account.delete(&campaign);
    // What was exported is what is there; the ledger learns where its manifest is now.
    let apply = project.run(&["apply"]).expect(0);
    assert_eq!(apply.stdout, NO_CHANGES);
    project.settled();
    let one = project.run(&["export", "Goal"]).expect(0).stdout;
    assert!(
        one.contains("kind: Goal") && !one.contains("kind: Campaign"),
        "{one}"
    );
}

#[test]
fn engagements_are_exported_without_their_campaigns_too() {
    let project = Project::new();
    let campaign = project
        .account
        .post("le-campaigns/campaigns?v=3.4", &json!({"name": "Sale"}));
    let inside = format!(
        "le-campaigns/campaigns/{}/engagements?v=3.4",
        plain(&campaign["id"])
    );
    project
        .account
        .post(&inside, &json!({"name": "home", "type": 99}));
    let exported = project.run(&["export", "Engagement"]).expect(0).stdout;
    assert!(exported.contains("kind: Engagement"), "{exported}");
    assert!(exported.contains("live: Sale"), "{exported}");
    project.write("engagements.yaml", &exported);
    project.plan();
    let adopted = project.run(&["apply"]).expect(0);
    assert!(adopted.stdout.contains("1 to adopt"), "{}", adopted.stdout);
    project.settled();
}

#[test]
fn campaigns_of_the_platform_are_not_exported_nor_what_is_in_them() {
    let project = Project::new();
    let sent = project.account.post(
        "le-campaigns/campaigns?v=3.4",
        &json!({"name": "Sent", "type": 1}),
    );
    let inside = format!(
        "le-campaigns/campaigns/{}/engagements?v=3.4",
        plain(&sent["id"])
    );
    project.account.post(&inside, &json!({"name": "sent"}));
    let run = project.run(&["export", "--out", "out"]).expect(0);
    assert!(run.stderr.contains("Nothing to export"), "{}", run.stderr);
}

#[test]
fn the_built_in_sandbox_needs_no_project_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("goal.yaml"), goal("a")).unwrap();
    let run = |arguments: &[&str]| run(binary(folder.path()).args(arguments));
    run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(run(&["apply"]).expect(0).stdout, NO_CHANGES);
    let ledger =
        std::fs::read_to_string(folder.path().join(".campaignctl/ledger/sandbox.json")).unwrap();
    assert!(ledger.contains(ACCOUNT));
    // A new account under an old ledger: everything is made again.
    run(&["sandbox", "reset"]).expect(0);
    let again = run(&["apply", "--auto-approve"]).expect(0);
    assert!(again.stdout.contains("1 to create"), "{}", again.stdout);
    assert_eq!(run(&["plan"]).expect(0).stdout, NO_CHANGES);
}

#[test]
fn a_path_that_is_in_no_project_has_no_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("goals")).unwrap();
    std::fs::write(folder.path().join("seed.json"), "{}").unwrap();
    for command in [
        &["sandbox", "start", "goals"][..],
        &["sandbox", "reset", "goals"],
        &["sandbox", "reset", "nowhere"],
        &["sandbox", "seed", "seed.json", "goals"],
    ] {
        let run = crate::program::run(folder.path(), command).expect(3);
        let why = "is in no project: there is no `campaignctl.yaml` in it or above it";
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(!folder.path().join(".campaignctl").exists());
    }
    crate::program::run(folder.path(), &["sandbox", "reset"]).expect(0);
}

/// What is a path by its form is no misspelt kind.
#[test]
fn a_file_that_is_not_there_is_told_as_a_file() {
    let project = Project::with(&goal("a"));
    std::fs::create_dir(project.path().join("goals")).unwrap();
    for path in ["goals/nosuch.yaml", "nosuch/goals.YML", "goals/b", "./b"] {
        let said = project.run(&["pull", path]).expect(3).stderr;
        let error = format!("error: there is no file `{path}`\n");
        assert!(said.contains(&error), "{said}");
        assert!(!said.contains("did you mean"), "{said}");
    }
    let said = project.run(&["pull", "goal/b"]).expect(3).stderr;
    assert!(said.contains("did you mean `Goal`?"), "{said}");
}
