//! `init` as a newcomer uses it: out of nothing, out of an account, and where something is already.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Ran, command, package, ran, run};
use crate::support::{ACCOUNT, Account};

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn a_newcomer_is_done_in_four_commands() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("shop");
    std::fs::create_dir(&folder).unwrap();
    let init = run(&folder, &["init", "--yes"]).expect(0);
    assert_snapshot!(init.stdout, @"
    created campaignctl.yaml
    created manifests/campaign.yaml
    created manifests/library.yaml
    created .gitignore
    created .campaignctl/.gitignore
    created .vscode/settings.json
    created .vscode/extensions.json
    created .campaignctl/schemas: the schemas for editors
    ");
    assert_snapshot!(init.stderr, @"
    Next:
      campaignctl validate
      campaignctl plan
      campaignctl apply
    ");
    let valid = run(&folder, &["validate", "--strict"]).expect(0);
    assert_eq!(valid.stdout, "5 manifests in 2 files are valid.\n");
    let plan = run(&folder, &["plan"]).expect(0).stdout;
    assert!(
        plan.ends_with(
            "Plan: 5 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.\n"
        ),
        "{plan}"
    );
    let applied = run(&folder, &["apply", "--auto-approve"]).expect(0).stdout;
    assert!(
        applied.ends_with("Applied: 6 done, 0 failed, 0 skipped, 0 manual.\n"),
        "{applied}"
    );
    let again = run(&folder, &["plan", "--detailed-exitcode"])
        .expect(0)
        .stdout;
    assert_eq!(again, "No changes. The account matches the manifests.\n");
    run(&folder, &["fmt", "--check"]).expect(0);
}

/// Runs `init` with the credentials of the account in the environment.
fn with_credentials(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(folder, arguments);
    command.env("LP_LIVE_USER", "sandbox");
    command.env("LP_LIVE_PASSWORD", "sandbox");
    ran(&mut command)
}

#[test]
fn an_account_is_under_control_with_one_command() {
    let account = Account::new();
    let seed = package().join("examples/retail/seed");
    let rows = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(seed.join(name)).unwrap()).unwrap()
    };
    account.seed(&serde_json::json!({ "goals": rows("goals.json"), "entry-points": rows("entry-points.json") }));
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let before = account.writes();
    let arguments = [
        "init",
        "--yes",
        "--name",
        "Marlowe & Finch",
        "-e",
        "live",
        "--account",
        ACCOUNT,
        "--domain-api",
        account.base_url(),
        "--pipeline",
        "gitlab",
        "--from-account",
    ];
    let without = run(folder, &arguments).expect(4);
    assert!(
        without.stderr.contains("`LP_LIVE_USER` is not set"),
        "{}",
        without.stderr
    );
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        0,
        "nothing is written before the account was read"
    );
    let init = with_credentials(folder, &arguments).expect(0);
    assert!(
        init.stdout.contains("created manifests/goals/"),
        "{}",
        init.stdout
    );
    assert!(
        init.stderr
            .ends_with("campaignctl plan -e live\n  campaignctl apply -e live\n"),
        "{}",
        init.stderr
    );
    let plan = with_credentials(folder, &["plan", "-e", "live"])
        .expect(0)
        .stdout;
    let last = plan.lines().last().unwrap();
    assert!(
        last.starts_with("Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, ")
            && !last.contains(" 0 to adopt"),
        "{plan}"
    );
    with_credentials(folder, &["fmt", "--check"]).expect(0);
    assert_eq!(account.writes(), before);
    let project = read(folder, "campaignctl.yaml");
    assert!(
        project.contains("password: { env: LP_LIVE_PASSWORD }"),
        "{project}"
    );
}

#[test]
fn nothing_that_is_there_is_written_over() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    std::fs::write(folder.join(".gitignore"), "mine\n").unwrap();
    std::fs::create_dir(folder.join(".vscode")).unwrap();
    std::fs::write(folder.join(".vscode/settings.json"), "{}\n").unwrap();
    run(folder, &["init", "--yes", "--name", "x"]).expect(0);
    std::fs::write(folder.join("manifests/campaign.yaml"), "").unwrap();
    let again = run(folder, &["init", "--yes", "--pipeline", "github"]).expect(0);
    assert_snapshot!(again.stdout, @"
    kept    campaignctl.yaml (already exists)
    kept    .gitignore (already exists)
    kept    .campaignctl/.gitignore (already exists)
    kept    .vscode/settings.json (already exists)
    kept    .vscode/extensions.json (already exists)
    created .github/workflows/campaignctl.yaml
    kept    .campaignctl/schemas (up to date)
    ");
    assert_eq!(read(folder, ".gitignore"), "mine\n");
    assert_eq!(read(folder, ".vscode/settings.json"), "{}\n");
    assert_eq!(read(folder, "manifests/campaign.yaml"), "");
}

#[test]
fn without_a_terminal_flags_must_say_it() {
    let folder = tempfile::tempdir().unwrap();
    let run_in = |arguments: &[&str]| run(folder.path(), arguments).expect(3).stderr;
    assert_snapshot!(run_in(&["init"]), @"
    error: there is no terminal to ask questions on
      = help: add `--yes` to take the default for what no flag says: `--name`, `-e`, `--account`, `--pipeline`
    ");
    assert_snapshot!(run_in(&["init", "--yes", "-e", "production"]), @"
    error: the account of `production` is missing
      = help: add `--account ID`
    ");
    assert_snapshot!(run_in(&["init", "--yes", "-e", "Pro D", "--account", "1"]), @"error: `Pro D` is not a name for it: lower-case letters, digits and `-`, a letter first, not `sandbox`");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_pipeline_is_filled_in_and_well_formatted() {
    for (system, path) in [
        ("github", ".github/workflows/campaignctl.yaml"),
        ("gitlab", ".gitlab-ci.yml"),
    ] {
        let always = ["init", "--yes", "--name", "no", "--pipeline", system];
        let account = ["-e", "eu-1", "--account", "012"];
        for more in [&account[..], &[]] {
            let home = tempfile::tempdir().unwrap();
            let folder = home.path();
            run(folder, &[&always[..], more].concat()).expect(0);
            let text = read(folder, path);
            run(folder, &["fmt", "--check", path, "campaignctl.yaml"]).expect(0);
            let words = [
                "@environment",
                "@prefix",
                "@keep",
                "@bring",
                "@rele",
                "@repo",
            ];
            assert!(!words.iter().any(|word| text.contains(word)), "{text}");
            assert_eq!(text.contains("LP_EU_1_USER"), !more.is_empty(), "{text}");
        }
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        let init = run(folder, &[&always[..], &account].concat()).expect(0);
        assert!(
            init.stderr.ends_with("campaignctl apply -e eu-1\n"),
            "{}",
            init.stderr
        );
        let plan = run(folder, &["plan", "-e", "eu-1"]).expect(4).stderr;
        assert!(plan.contains("`LP_EU_1_USER` is not set"), "{plan}");
        run(folder, &["validate", "-e", "eu-1"]).expect(0);
    }
}

/// A project with accounts of several forms, as its owner wrote it.
const OWNERS: &str = "\
project: shop
defaultEnvironment: production
environments:
  production:
    account: \"10000001\"
    credentials:
      username: { env: SHOP_USER }
      password: { env: LP_PASSWORD }
    ledger: gs://b/k
    domainApi: https://look-up.example.com/x
    hosts: { handoff: https://handoffs.example.com }
  staging:
    account: \"10000002\"
    credentials: { bearer: { file: token } }
  disk:
    account: \"10000003\"
    credentials: { bearer: { env: LP_DISK } }
    ledger: somewhere.json
";

fn owners() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("campaignctl.yaml"), OWNERS).unwrap();
    home
}

#[test]
fn a_pipeline_of_a_project_that_is_there_is_written_from_its_file() {
    let places = [
        ("github", ".github/workflows/campaignctl.yaml"),
        ("gitlab", ".gitlab-ci.yml"),
    ];
    for (system, path) in places {
        for flags in [
            &[][..],
            &["-e", "production"],
            &[
                "--account",
                "10000001",
                "--ledger",
                "gs://b/k",
                "--name",
                "shop",
            ],
            &["--domain-api", "https://look-up.example.com/x"],
        ] {
            let home = owners();
            let always = ["init", "--yes", "--pipeline", system];
            let init = run(home.path(), &[&always[..], flags].concat()).expect(0);
            assert!(
                init.stderr.contains("plan -e production"),
                "{}",
                init.stderr
            );
            assert!(
                init.stderr.contains("https://github.com/"),
                "{}",
                init.stderr
            );
            assert!(!init.stderr.contains("only checks"), "{}", init.stderr);
            let text = read(home.path(), path);
            for word in [
                "SHOP_USER",
                "LP_PASSWORD",
                "GOOGLE_SERVICE_ACCOUNT_KEY",
                "gs://b/k",
                "look-up.example.com",
                "handoffs.example.com",
                "`ledger:` in campaignctl.yaml says where it is",
                "production",
            ] {
                assert!(text.contains(word), "{word}: {text}");
            }
            assert!(
                !text.contains("AWS_") && !text.contains("LP_PRODUCTION"),
                "{text}"
            );
            run(home.path(), &["fmt", "--check", path]).expect(0);
            assert_eq!(read(home.path(), "campaignctl.yaml"), OWNERS);
        }
    }
    let home = owners();
    let gitlab = ["init", "--yes", "--pipeline", "gitlab"];
    run(home.path(), &gitlab).expect(0);
    let text = read(home.path(), ".gitlab-ci.yml");
    let allowed = "plan --restricted --allow-variable SHOP_USER --allow-host handoffs.example.com --allow-host look-up.example.com --allow-ledger gs://b/k $allow";
    assert!(text.contains(allowed), "{text}");
    let home = owners();
    let staging = ["init", "--yes", "--pipeline", "github", "-e", "staging"];
    let init = run(home.path(), &staging).expect(0);
    assert!(
        init.stderr.contains("reads from the file `token`"),
        "{}",
        init.stderr
    );
    let text = read(home.path(), places[0].1);
    assert!(text.contains("it is committed to the branch"), "{text}");
}

/// Nothing is said of a kept pipeline as if `init` had written it.
#[test]
fn a_pipeline_that_exists_is_kept_and_none_is_written() {
    let home = owners();
    let own = "build: { script: [make] }\n";
    std::fs::write(home.path().join(".gitlab-ci.yml"), own).unwrap();
    let gitlab = ["init", "--yes", "--pipeline", "gitlab"];
    let init = run(home.path(), &gitlab).expect(0);
    assert_eq!(read(home.path(), ".gitlab-ci.yml"), own);
    let (said, _) = init.stderr.split_once("Next:").unwrap();
    assert_snapshot!(said.trim_end(), @"No pipeline was written: .gitlab-ci.yml already exists, and is kept. To get one, rename .gitlab-ci.yml, run the same `init` again, and merge the two files.");
}

#[test]
fn what_contradicts_the_project_file_is_refused() {
    let home = owners();
    let mut told = String::new();
    for flags in [
        &["--account", "99999"][..],
        &["--ledger", "s3://other/key"],
        &["--ledger", "git"],
        &["-e", "staging", "--ledger", "s3://other/key"],
        &["-e", "staging", "--domain-api", "https://x.example.com"],
        &["--name", "other"],
        &["-e", "disk"],
        &["-e", "sandbox", "--account", "12"],
        &["-e", "preview"],
        &["-e", "preview", "--account", "123"],
        &["-e", "preview", "--account", "y"],
    ] {
        let always = ["init", "--yes", "--pipeline", "github"];
        let ran = run(home.path(), &[&always[..], flags].concat()).expect(3);
        told.push_str(&ran.stderr);
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    assert_snapshot!(told, @r#"
    error: `--account 99999` contradicts `campaignctl.yaml`, where `environments.production.account` is `10000001`
      = help: `init` keeps the file: change it there, or leave the flag out
    error: `--ledger s3://other/key` contradicts `campaignctl.yaml`, where `environments.production.ledger` is `gs://b/k`
      = help: `init` keeps the file: change it there, or leave the flag out
    error: `--ledger git` contradicts `campaignctl.yaml`, where `environments.production.ledger` is `gs://b/k`
      = help: `init` keeps the file: change it there, or leave the flag out
    error: `--ledger s3://other/key` contradicts `campaignctl.yaml`, where `environments.staging.ledger` is not set
      = help: `init` keeps the file: change it there, or leave the flag out
    error: `--domain-api https://x.example.com` contradicts `campaignctl.yaml`, where `environments.staging.domainApi` is not set
      = help: `init` keeps the file: change it there, or leave the flag out
    error: `--name other` contradicts `campaignctl.yaml`, where `project` is `shop`
      = help: `init` keeps the file: change it there, or leave the flag out
    error: a pipeline cannot keep the ledger of `disk`: `ledger:` names a file
      = help: remove `ledger:`, for the file that the pipeline commits, or name a bucket, such as `s3://bucket/key`
    error: `--account` is for an account, and `-e sandbox` is the sandbox
      = help: name the environment of the account: `-e production`
    error: `campaignctl.yaml` has no environment `preview`, and `init` does not change it
      = help: add it below `environments`, then run `init` again:
          preview:
            account: "12345678"
            credentials:
              username: { env: LP_PREVIEW_USER }
              password: { env: LP_PREVIEW_PASSWORD }
    error: `campaignctl.yaml` has no environment `preview`, and `init` does not change it
      = help: add it below `environments`, then run `init` again:
          preview:
            account: "123"
            credentials:
              username: { env: LP_PREVIEW_USER }
              password: { env: LP_PREVIEW_PASSWORD }
    error: `y` is not the id of an account: write its digits
    "#);
    let several = OWNERS.replace("defaultEnvironment: production\n", "");
    std::fs::write(home.path().join("campaignctl.yaml"), several).unwrap();
    let ran = run(home.path(), &["init", "--yes", "--pipeline", "github"]).expect(3);
    assert!(ran.stderr.contains("several accounts: "), "{}", ran.stderr);
}

#[test]
fn a_pipeline_that_only_checks_says_so() {
    for existing in [false, true] {
        let home = tempfile::tempdir().unwrap();
        if existing {
            std::fs::write(home.path().join("campaignctl.yaml"), "project: shop\n").unwrap();
        }
        let init = run(home.path(), &["init", "--yes", "--pipeline", "github"]).expect(0);
        assert!(
            init.stderr.contains("only checks the manifests"),
            "{}",
            init.stderr
        );
        let home = tempfile::tempdir().unwrap();
        if existing {
            std::fs::write(home.path().join("campaignctl.yaml"), "project: shop\n").unwrap();
        }
        let ledger = [
            "init",
            "--yes",
            "--pipeline",
            "github",
            "--ledger",
            "s3://b/k",
        ];
        run(home.path(), &ledger).expect(3);
    }
}

#[test]
fn an_environment_that_cannot_be_written_is_refused() {
    for flags in [
        &["-e", "sandbox", "--account", "12"][..],
        &["-e", "sandbox", "--ledger", "s3://b/k"],
        &["-e", "production", "--account", "y"],
        &["-e", "production", "--account", ""],
        &["--account", "12a"],
    ] {
        let home = tempfile::tempdir().unwrap();
        run(home.path(), &[&["init", "--yes"], flags].concat()).expect(3);
        assert_eq!(
            std::fs::read_dir(home.path()).unwrap().count(),
            0,
            "{flags:?}"
        );
    }
    for account in ["y", "12 3", "1e3", "-5", "\u{661}"] {
        let home = tempfile::tempdir().unwrap();
        let file = format!(
            "environments: {{ live: {{ account: \"{account}\", credentials: {{ bearer: {{ env: LP_T }} }} }} }}\n"
        );
        std::fs::write(home.path().join("campaignctl.yaml"), file).unwrap();
        let told = run(home.path(), &["validate"]).expect(3).stderr;
        assert!(told.contains("only digits"), "{told}");
    }
}

#[test]
fn handoffs_come_along_without_a_setting() {
    let account = Account::new();
    let home = tempfile::tempdir().unwrap();
    let base = account.base_url();
    let mut arguments = vec![
        "init",
        "--yes",
        "-e",
        "live",
        "--account",
        ACCOUNT,
        "--from-account",
    ];
    arguments.extend(["--domain-api", base]);
    let init = with_credentials(home.path(), &arguments).expect(0);
    assert!(!init.stderr.contains("left out"), "{}", init.stderr);
    let project = read(home.path(), "campaignctl.yaml");
    assert!(
        project.contains(&format!("domainApi: {base}\n")),
        "{project}"
    );
    assert!(!project.contains("hosts"), "{project}");
}
