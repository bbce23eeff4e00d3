//! Where `init` writes a pipeline: where the forge reads it, whatever folder of the repository the project is in.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::program::{Ran, run};

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
    let output = Command::new("git")
        .args(identity)
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A repository with this branch.
fn repository(branch: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    git(
        home.path(),
        &["init", "--quiet", "--initial-branch", branch],
    );
    home
}

/// Runs `init` for a project with an account in a folder of the repository.
fn init(top: &Path, project: &str, system: &str) -> Ran {
    let account = ["-e", "production", "--account", "1234567"];
    let always = ["init", "--yes", "--pipeline", system];
    let dir = ["--dir", project];
    let dir = if project.is_empty() { &[][..] } else { &dir };
    run(top, &[&always[..], &account, dir].concat()).expect(0)
}

fn yaml(top: &Path, path: &str) -> Value {
    let text = std::fs::read_to_string(top.join(path)).unwrap();
    run(top, &["fmt", "--check", path]).expect(0);
    serde_yaml::from_str(&text).unwrap()
}

/// What `init` says before the next steps, with the top of the repository as `<top>`.
fn said(ran: &Ran, top: &Path) -> String {
    let top = std::fs::canonicalize(top).unwrap();
    let (said, _) = ran.stderr.split_once("Next:").unwrap();
    said.replace(top.to_str().unwrap(), "<top>")
        .trim_end()
        .to_owned()
}

/// The files of pipelines, sorted.
fn pipelines(top: &Path, folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(top.join(folder)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn github_reads_the_pipeline_of_a_project_in_a_folder() {
    let home = repository("trunk");
    let top = home.path();
    let project = top.join("marketing/lp");
    std::fs::create_dir_all(&project).unwrap();
    let ran = init(&project, "", "github");
    assert!(
        ran.stdout
            .contains("created ../../.github/workflows/campaignctl.yaml\n"),
        "{}",
        ran.stdout
    );
    assert!(!project.join(".github").exists());
    assert_snapshot!(said(&ran, top), @"
    .github/workflows/campaignctl.yaml is at the top of the repository, <top>, and runs for the project in marketing/lp: a pipeline in that folder would not be read.
    .github/workflows/campaignctl.yaml applies what is merged to `trunk`.
    .github/workflows/campaignctl.yaml takes the program from https://github.com/acme/campaignctl. If you install it from elsewhere, change the address in that file.
    ");
    let workflow = yaml(top, ".github/workflows/campaignctl.yaml");
    let paths = json!(["marketing/lp/**", ".github/workflows/campaignctl.yaml"]);
    assert_eq!(workflow["on"]["push"]["branches"], json!(["trunk"]));
    assert_eq!(workflow["on"]["push"]["paths"], paths);
    assert_eq!(workflow["on"]["pull_request"]["paths"], paths);
    for job in ["plan", "apply", "drift"] {
        let with = &workflow["jobs"][job]["with"];
        assert_eq!(with["project"], "marketing/lp", "{job}");
    }
}

#[test]
fn every_project_has_a_workflow_of_its_own() {
    let home = repository("main");
    let top = home.path();
    let own = "name: not ours\n";
    let workflows = top.join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("campaignctl.yaml"), own).unwrap();
    for project in ["a/b", "a-b", "it's $5"] {
        init(top, project, "github");
    }
    let names = [
        "campaignctl-a-b-2.yml",
        "campaignctl-a-b.yml",
        "campaignctl-it-s--5.yml",
        "campaignctl.yaml",
    ];
    assert_eq!(pipelines(top, ".github/workflows"), names);
    for (name, project) in names.iter().zip(["a-b", "a/b", "it's $5"]) {
        let workflow = yaml(top, &format!(".github/workflows/{name}"));
        assert_eq!(workflow["jobs"]["apply"]["with"]["project"], project);
        let path = &workflow["on"]["push"]["paths"][1];
        assert_eq!(*path, format!(".github/workflows/{name}"));
    }
    // What is there is kept, and nobody gets a second one.
    for project in ["a/b", "a-b", "it's $5", ""] {
        let ran = init(top, project, "github");
        assert!(
            ran.stderr.starts_with("No pipeline was written: "),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(pipelines(top, ".github/workflows"), names);
    let kept = std::fs::read_to_string(workflows.join("campaignctl.yaml")).unwrap();
    assert_eq!(kept, own);
}

#[test]
fn gitlab_reads_the_pipeline_of_a_project_in_a_folder() {
    let home = repository("trunk");
    let top = home.path();
    for project in ["marketing/lp", "it's $5"] {
        let ran = init(top, project, "gitlab");
        let again = init(top, project, "gitlab");
        assert!(
            again.stderr.starts_with("No pipeline was written: "),
            "{}",
            again.stderr
        );
        if project == "marketing/lp" {
            assert!(!top.join(project).join(".gitlab-ci.yml").exists());
            assert!(
                ran.stdout.contains("created ../../.gitlab-ci.yml\n"),
                "{}",
                ran.stdout
            );
            continue;
        }
        assert_snapshot!(said(&ran, top), @"
        .gitlab/campaignctl-it-s--5.yml is at the top of the repository, <top>, and runs for the project in it's $5: a pipeline in that folder would not be read.
        .gitlab-ci.yml already exists, and is kept. Add this to it, and to its `stages`, if it has any, [check, plan, apply]:
          include:
            - local: /.gitlab/campaignctl-it-s--5.yml
        .gitlab/campaignctl-it-s--5.yml takes the program from https://github.com/acme/campaignctl. If you install it from elsewhere, change the address in that file.
        ");
    }
    assert_eq!(pipelines(top, ".gitlab"), ["campaignctl-it-s--5.yml"]);
    let first = yaml(top, ".gitlab-ci.yml");
    let second = yaml(top, ".gitlab/campaignctl-it-s--5.yml");
    let variables = &first[".campaignctl:marketing-lp"]["variables"];
    assert_eq!(variables["CAMPAIGNCTL_PROJECT"], "marketing/lp");
    assert_eq!(variables["CAMPAIGNCTL_ENVIRONMENT"], "production");
    let changes = &first["campaignctl:marketing-lp:apply"]["rules"][0]["changes"];
    assert_eq!(*changes, json!(["marketing/lp/**/*", ".gitlab-ci.yml"]));
    // GitLab reads `$$` as `$`.
    let variables = &second[".campaignctl:it-s--5"]["variables"];
    assert_eq!(variables["CAMPAIGNCTL_PROJECT"], "it's $$5");
    // One that includes the other loses nothing: only the stages have the same name.
    let names = |pipeline: &Value| -> Vec<String> {
        pipeline.as_object().unwrap().keys().cloned().collect()
    };
    let both = names(&first);
    let both = both.iter().filter(|name| names(&second).contains(name));
    assert_eq!(both.collect::<Vec<_>>(), ["stages"]);
    assert_eq!(first["stages"], second["stages"]);
}

/// The pipeline that only checks runs for its folder, too.
#[test]
fn checks_of_a_project_in_a_folder() {
    let home = repository("trunk");
    let top = home.path();
    for system in ["github", "gitlab"] {
        let arguments = ["init", "--yes", "--dir", "lp", "--pipeline", system];
        run(top, &arguments).expect(0);
    }
    let workflow = yaml(top, ".github/workflows/campaignctl.yaml");
    assert_eq!(workflow["jobs"]["validate"]["with"]["project"], "lp");
    assert_eq!(workflow["on"]["pull_request"]["paths"][0], "lp/**");
    let pipeline = yaml(top, ".gitlab-ci.yml");
    let job = &pipeline["campaignctl:lp:validate"];
    assert_eq!(job["variables"]["CAMPAIGNCTL_PROJECT"], "lp");
    let rules = job["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|rule| rule["changes"][0] == "lp/**/*"));
    // An included file must not decide on the pipelines of all others.
    assert_eq!(pipeline.get("workflow"), None);
}

#[test]
fn github_applies_what_reaches_the_branch_of_the_repository() {
    let branches = |top: &Path| {
        let workflow = yaml(top, ".github/workflows/campaignctl.yaml");
        workflow["on"]["push"]["branches"].clone()
    };
    // A `+` is a pattern of GitHub's, and a number is no text.
    for (branch, written) in [
        ("trunk", "trunk"),
        ("release/1.0+x", "release/1.0\\+x"),
        ("2.0", "2.0"),
        ("a,b", "a,b"),
    ] {
        let home = repository(branch);
        init(home.path(), "", "github");
        assert_eq!(branches(home.path()), json!([written]));
    }
    // The default branch of `origin`, also while another one is checked out.
    let home = repository("trunk");
    git(
        home.path(),
        &["commit", "--quiet", "--allow-empty", "-m", "one"],
    );
    let other = tempfile::tempdir().unwrap();
    let clone = other.path().join("clone");
    let (from, to) = (home.path().to_str().unwrap(), clone.to_str().unwrap());
    git(home.path(), &["clone", "--quiet", from, to]);
    git(&clone, &["checkout", "--quiet", "-b", "add-campaigns"]);
    let ran = init(&clone, "", "github");
    assert_eq!(branches(&clone), json!(["trunk"]));
    assert!(
        ran.stderr.contains("applies what is merged to `trunk`.\n"),
        "{}",
        ran.stderr
    );
    // Without git nobody knows, and that is said.
    let home = tempfile::tempdir().unwrap();
    let ran = init(home.path(), "", "github");
    assert_eq!(branches(home.path()), json!(["main"]));
    assert!(
        ran.stderr
            .contains("If your branch has another name, change `branches`"),
        "{}",
        ran.stderr
    );
}
