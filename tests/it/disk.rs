//! What lies on the disk: modes, links, names, what git keeps, and what ends although it has no end.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::program::{command, ran};
use crate::selection::since::git;
use crate::support::{ACCOUNT, GOALS, Project, Run};

fn goal(name: &str, url: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: Goal {name}, indicator: {{ type: url, url: {url} }} }}\n"
    )
}

fn mode(path: &Path) -> u32 {
    let metadata = std::fs::metadata(path).unwrap();
    metadata.permissions().mode() & 0o777
}

#[test]
fn files_have_the_mode_of_any_other_file_and_a_ledger_keeps_its_own() {
    let project = Project::with(&goal("a", "/x"));
    let usual = mode(&project.path().join("manifests.yaml"));
    let arguments = ["--out", "plan.json", "--json-into", "plan-too.json"];
    project.run(&[&["plan"], &arguments[..]].concat()).expect(0);
    project
        .run(&["apply", "--auto-approve", "--audit-log", "audit"])
        .expect(0);
    project.remove("manifests.yaml"); // an export is not written beside it
    project
        .run(&["export", "Goal", "--out", "account"])
        .expect(0);
    for file in [
        "plan.json",
        "plan-too.json",
        "audit",
        "account/goals/a.yaml",
        ".campaignctl/ledger/test.json",
        ".campaignctl/ledger/test.rollback.plan.json",
    ] {
        assert_eq!(mode(&project.path().join(file)), usual, "{file}");
    }
    std::fs::remove_dir_all(project.path().join("account")).unwrap(); // else the goal is defined twice
    let shared = std::fs::Permissions::from_mode(0o664);
    std::fs::set_permissions(project.ledger_path(), shared).unwrap();
    project.write("manifests.yaml", &goal("a", "/y"));
    project.apply();
    assert_eq!(mode(&project.ledger_path()), 0o664);
}

#[test]
fn the_link_of_a_ledger_is_followed_and_planted_ones_are_not() {
    let project = Project::with(&goal("a", "/x"));
    project.apply();
    let ledger = project.ledger_path();
    std::fs::create_dir(project.path().join("shared")).unwrap();
    std::fs::rename(&ledger, project.path().join("shared/ledger.json")).unwrap();
    symlink("../../shared/ledger.json", &ledger).unwrap();
    project.write("more.yaml", &goal("b", "/y"));
    project.apply();
    assert!(ledger.is_symlink());
    let shared = std::fs::read_to_string(project.path().join("shared/ledger.json")).unwrap();
    assert!(
        shared.contains("Goal/a") && shared.contains("Goal/b"),
        "{shared}"
    );
    // A link in the place of what only the program makes, and one out of the folder of an export.
    project.write("victim", "precious\n");
    let lock = project.path().join(".campaignctl/ledger/test.json.lock");
    std::fs::remove_file(&lock).unwrap();
    symlink("../../victim", &lock).unwrap();
    project.write("more.yaml", &goal("b", "/z"));
    let refused = project.run(&["apply", "--auto-approve"]).expect(1);
    assert!(
        refused.stderr.contains("it is a link, and must be a file"),
        "{}",
        refused.stderr
    );
    std::fs::create_dir_all(project.path().join("account/goals")).unwrap();
    project.remove("manifests.yaml"); // an export is not written beside it
    for target in ["../../victim", "../../nowhere"] {
        let link = project.path().join("account/goals/a.yaml");
        std::fs::remove_file(&link).ok();
        symlink(target, &link).unwrap();
        for force in [&[][..], &["--force"]] {
            let export = ["export", "Goal", "--out", "account"];
            let run = project.run(&[&export, force].concat());
            assert_ne!(run.code, Some(0), "{}", run.stderr);
        }
    }
    assert_eq!(
        std::fs::read_to_string(project.path().join("victim")).unwrap(),
        "precious\n"
    );
    assert!(!project.path().join("nowhere").exists());
}

#[test]
fn git_keeps_ledgers_and_nothing_else_of_what_runs_remember() {
    let project = Project::with(&goal("a", "/x"));
    project.apply();
    std::fs::write(project.ledger_path().with_extension("json.journal"), "").unwrap();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "--all"]);
    let kept = git(project.path(), &["ls-files", ".campaignctl"]);
    assert_eq!(
        kept,
        ".campaignctl/.gitignore\n.campaignctl/ledger/test.json\n"
    );
}

#[test]
fn git_keeps_a_ledger_that_lies_elsewhere_and_nothing_beside_it() {
    let project = Project::with(&goal("a", "/x"));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = file.replace(
        "    account:",
        "    ledger: ledgers/test.json\n    account:",
    );
    assert!(file.contains("ledgers/test.json"), "{file}");
    project.write("campaignctl.yaml", &file);
    project.apply();
    let folder = project.path().join("ledgers");
    for left in ["test.json.lock", "test.json.journal"] {
        std::fs::write(folder.join(left), "").unwrap();
    }
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "--all"]);
    let kept = git(project.path(), &["ls-files", "ledgers"]);
    assert_eq!(kept, "ledgers/.gitignore\nledgers/test.json\n");
    for left in ["test.json.lock", "test.json.journal"] {
        std::fs::remove_file(folder.join(left)).unwrap();
    }
    // What people wrote there stays, and they are told what it lacks.
    std::fs::write(folder.join(".gitignore"), "mine\n").unwrap();
    project.write("manifests.yaml", &goal("a", "/y"));
    let run = project.run(&["apply", "--auto-approve"]).expect(0);
    assert!(
        run.stderr.contains(
            "add `*.lock`, `*.journal` and `*.rollback.plan.json` to `ledgers/.gitignore`"
        ),
        "{}",
        run.stderr
    );
    assert_eq!(
        std::fs::read_to_string(folder.join(".gitignore")).unwrap(),
        "mine\n"
    );
}

#[test]
fn what_is_wrong_with_a_ledger_is_named_with_its_remedy() {
    let project = Project::with(&goal("a", "/x"));
    project.apply();
    let ledger = project.ledger();
    let said = |text: &str| {
        std::fs::write(project.ledger_path(), text).unwrap();
        project.run(&["plan"]).expect(1).stderr
    };
    let newer = said(&ledger.replace("ledger/v1", "ledger/v2"));
    assert!(newer.contains("a later version of campaignctl"), "{newer}");
    assert!(
        newer.contains("= help: use a campaignctl of that version"),
        "{newer}"
    );
    let merged = said(&format!(
        "<<<<<<< HEAD\n{ledger}=======\n{ledger}>>>>>>> other\n"
    ));
    assert!(
        merged.contains("unresolved merge conflict of git, on line 1"),
        "{merged}"
    );
    assert!(merged.contains("git checkout --ours"), "{merged}");
}

#[test]
fn environments_have_names() {
    let project = Project::with(&goal("a", "/x"));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    for name in ["'../../../pwn'", "'a/b'", "Production", "'a b'", "-x"] {
        project.write(
            "campaignctl.yaml",
            &file.replace("  test:\n", &format!("  {name}:\n")),
        );
        let run = project.run(&["plan", "-e", name.trim_matches('\'')]);
        assert_eq!(run.code, Some(3), "{name}: {}", run.stderr);
    }
    let outside = project.path().parent().unwrap().join("pwn.json");
    assert!(!outside.exists());
}

#[test]
fn no_output_shows_what_a_project_file_holds_by_mistake() {
    const PLANTED: [&str; 5] = [
        "hunter2hunter2",
        "swordfish",
        "sk9live4eC39HqLyj",
        "querytoken77",
        "PASTEDLIVETOKEN",
    ];
    let project = Project::with(&goal("a", "/x"));
    let base = project.account.base_url().to_owned();
    let with_user = base.replace("://", "://ann:swordfish@");
    for mistakes in [
        "credentials: { clientId: { env: TEST_CLIENT_ID }, clientSecret: hunter2hunter2 }".to_owned(),
        "credentials:\n      bearer:\n        hunter2hunter2".to_owned(),
        "credentials: hunter2hunter2\n    password: swordfish".to_owned(),
        "credentials: { bearer: { env: sk9live4eC39HqLyj } }".to_owned(),
        "credentials: { bearer: { env: PASTEDLIVETOKEN } }".to_owned(),
        "credentials: { bearer: { file: none } }\n    ledgerCredentials: { username: { env: A_USER }, password: swordfish }".to_owned(),
        format!("domainApi: '{with_user}'\n    credentials: {{ bearer: {{ env: A_TOKEN }} }}"),
        format!("domainApi: '{base}/?key=querytoken77'\n    credentials: {{ bearer: {{ env: A_TOKEN }} }}"),
        format!("ledger: '{with_user}/state'\n    credentials: {{ bearer: {{ env: A_TOKEN }} }}"),
    ] {
        let mut file = format!("environments:\n  test:\n    account: '{ACCOUNT}'\n    {mistakes}\n");
        if !mistakes.contains("domainApi") {
            file = format!("{file}    domainApi: {base}\n");
        }
        project.write("campaignctl.yaml", &file);
        for arguments in [
            &["validate"][..],
            &["validate", "--format", "json"],
            &["validate", "--format", "sarif"],
            &["validate", "--format", "github"],
            &["plan", "-vv"],
            &["plan", "--format", "json", "--json-into", "into.json"],
            &["apply", "--auto-approve"],
            &["doctor"],
            &["doctor", "--format", "json"],
            &["ledger", "list"],
            &["fmt", "--check"],
        ] {
            let Run { stdout, stderr, .. } = project.run(arguments);
            let into = std::fs::read_to_string(project.path().join("into.json"));
            let all = format!("{stdout}{stderr}{}", into.unwrap_or_default());
            for secret in PLANTED {
                assert!(!all.contains(secret), "{arguments:?}\n{file}\n{all}");
            }
        }
    }
}

#[test]
fn variables_of_a_git_hook_do_not_lead_astray() {
    let project = Project::with(&goal("a", "/x"));
    project.write("b.yaml", &goal("b", "/x"));
    project.apply();
    git(project.path(), &["init", "-q"]);
    git(project.path(), &["add", "--all"]);
    git(project.path(), &["commit", "-q", "-m", "first"]);
    project.write("b.yaml", &goal("b", "/y"));
    let plan = ["plan", "--changed-since", "main"];
    let by_hand = project.run(&plan).expect(0);
    assert!(by_hand.stdout.contains("1 to update"), "{}", by_hand.stdout);
    let mut in_hook = project.command(&plan);
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
    ] {
        in_hook.env(name, "/nowhere");
    }
    in_hook.env("GIT_PREFIX", "sub/");
    let in_hook: Run = in_hook.output().unwrap().into();
    assert_eq!(in_hook.expect(0).stdout, by_hand.stdout);
}

#[test]
fn an_empty_variable_is_as_if_it_were_not_set() {
    let project = Project::with(&goal("a", "/x"));
    let plain = project.run(&["plan"]).expect(0).stdout;
    for name in [
        "SELECTOR",
        "TARGET",
        "EXCLUDE",
        "CHANGED_SINCE",
        "FORMAT",
        "PARALLELISM",
        "RETRY_BUDGET",
        "PROJECT",
        "VAR",
        "JSON_INTO",
        "COLOR",
        "QUIET",
        "VERBOSE",
        "MARKDOWN_BUDGET",
        "DETAILED_EXITCODE",
    ] {
        let mut command = project.command(&["plan"]);
        let run: Run = command
            .env(format!("CAMPAIGNCTL_{name}"), "")
            .output()
            .unwrap()
            .into();
        assert_eq!(run.expect(0).stdout, plain, "{name}");
    }
    for (flag, variable) in [
        ("--parallelism", "CAMPAIGNCTL_PARALLELISM"),
        ("--verbose", "CAMPAIGNCTL_VERBOSE"),
    ] {
        let mut command = project.command(&["plan"]);
        let run: Run = command.env(variable, "many").output().unwrap().into();
        let note = format!("`{flag}` is set by the environment variable {variable}");
        assert!(run.stderr.contains(&note), "{}", run.stderr);
        assert_eq!(run.code, Some(3));
    }
}

#[test]
fn what_has_no_end_ends() {
    let project = Project::with(&goal("a", "/x"));
    let pipe = project.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let said = |run: Run, said: &str| {
        assert_ne!(run.code, Some(0));
        assert!(
            run.stderr.contains(said) || run.stdout.contains(said),
            "{run:?}"
        );
    };
    said(
        project.run(&["validate", "pipe"]),
        "it is a named pipe, not a file",
    );
    said(
        project.run(&["show", "pipe"]),
        "it is a named pipe, not a file",
    );
    said(
        project.run(&["apply", "--auto-approve", "--audit-log", "pipe"]),
        "it is a named pipe",
    );
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    for (secret, why) in [
        ("pipe", "it is a named pipe"),
        ("/dev/zero", "it is longer than 65536 bytes"),
    ] {
        let secret = format!("clientSecret: {{ file: {secret} }}");
        project.write(
            "campaignctl.yaml",
            &file.replace("clientSecret: { env: TEST_CLIENT_SECRET }", &secret),
        );
        said(project.run(&["plan"]), why);
    }
    for (ledger, why) in [("pipe", "named pipe"), ("/dev/zero", "it is no file")] {
        let ledger = format!("  test:\n    ledger: {ledger}\n");
        project.write("campaignctl.yaml", &file.replace("  test:\n", &ledger));
        said(project.run(&["ledger", "list"]), why);
    }
    assert!(project.account.row(GOALS, "Goal a").is_none());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("campaignctl.yaml"),
        "environments: { sandbox: { seed: /dev/zero } }\n",
    )
    .unwrap();
    let seed = ran(&mut command(folder.path(), &["sandbox", "reset"]));
    assert!(
        seed.code != 0 && seed.stderr.contains("longer than"),
        "{seed:?}"
    );
}
