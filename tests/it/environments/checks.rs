//! What is said about the manifests of several environments, and the example that has them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{STAGING, World, campaignctl, goal, world};

#[test]
fn validate_tells_each_complaint_once_and_where_it_occurs() {
    let world = world();
    assert_eq!(
        world.run(0, &["validate"]),
        "1 manifest in 2 files is valid in production.\n3 manifests in 2 files are valid in staging.\n"
    );
    assert_eq!(
        world.run(0, &["validate", "-e", "staging"]),
        "3 manifests in 2 files are valid.\n"
    );
    world.write("base/more.yaml", &goal("more", "${var.brnd} more"));
    world.write(
        "over/staging/b.yaml",
        "kind: Goal\nmetadata: { name: leads }\nspec: { type: lead }\n",
    );
    let text = world.run(3, &["validate", "--format", "json"]);
    let report: Value = serde_json::from_str(text.trim_end()).unwrap();
    let told: Vec<_> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{}:{}:{} {}",
                it["file"], it["line"], it["column"], it["message"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""base/more.yaml":5:23 "there is no variable `brnd`""#,
            r#""over/staging/b.yaml":2:19 "there is no Goal manifest named `leads` that this could change (in staging)""#,
        ]
    );
    assert!(
        !world
            .run(3, &["validate", "-e", "production"])
            .contains("over/staging")
    );
}

#[test]
fn unused_variables_are_errors_at_their_place() {
    let world = world();
    world.write(
        "campaignctl.yaml",
        "manifests: [base]\nvariables: { brand: Shoply, other: 1 }\n\
         environments: { sandbox: { variables: { only: 1 } } }\n",
    );
    let text = world.run(3, &["validate", "--var", "brand=x", "--var", "thing=1"]);
    assert!(
        text.contains("no manifest refers to the variable `other`\n --> campaignctl.yaml:2:29"),
        "{text}"
    );
    assert!(
        text.contains("no manifest refers to the variable `only`\n --> campaignctl.yaml:3:41"),
        "{text}"
    );
    assert!(
        text.contains("no manifest refers to the variable `thing`, which `--var` gives"),
        "{text}"
    );
    // Some files are no proof.
    world.run(0, &["validate", "base/goals.yaml"]);
    let text = world.run(3, &["validate", "--var", "7=1"]);
    assert!(text.contains("`7` is not a name"), "{text}");
}

#[test]
fn rules_lower_and_raise_by_environment() {
    let world = world();
    let project = |rules: &str| {
        format!("manifests: [base]\nvariables: {{ brand: B, x: 1 }}\nrules: {rules}\n")
    };
    world.write("campaignctl.yaml", &project("{ unused-variable: off }"));
    world.run(0, &["validate"]);
    world.write("campaignctl.yaml", &project("{ unused-variable: warn }"));
    assert!(
        world
            .run(0, &["validate"])
            .starts_with("warning[unused-variable]")
    );
    world.run(3, &["validate", "--strict"]);
    world.write("campaignctl.yaml", &project("{ unknown-variable: warn }"));
    let text = world.run(3, &["validate"]);
    assert!(
        text.contains("`unknown-variable` is always an error\n --> campaignctl.yaml:3:10"),
        "{text}"
    );
}

#[test]
fn an_overlay_folder_that_is_not_there_is_told_at_its_place() {
    let world = world();
    std::fs::remove_dir_all(world.folder.path().join("over/staging")).unwrap();
    let text = world.run(3, &["validate"]);
    assert!(
        text.contains("there is no folder `over/staging`\n --> campaignctl.yaml:5:"),
        "{text}"
    );
    world.run(0, &["validate", "-e", "production"]);
}

#[test]
fn the_example_is_sound_and_can_be_planned() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/environments");
    for environment in ["sandbox", "staging", "production"] {
        let output = campaignctl(&example, &["validate", "--strict", "-e", environment]);
        assert!(output.status.success(), "{output:?}");
    }
    let world = World::new(&[]);
    copy(&example, world.folder.path());
    let path = world.folder.path().join("campaignctl.yaml");
    let project = std::fs::read_to_string(&path).unwrap();
    let url = world.accounts[0].base_url();
    let reach = format!("account: \"{STAGING}\"\n    domainApi: \"{url}\"");
    std::fs::write(path, project.replace("account: \"12345678\"", &reach)).unwrap();
    world.accounts[0]
        .seed_if_empty(&example.join("seed"))
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_campaignctl"))
        .args(["plan", "-e", "staging"])
        .current_dir(world.folder.path())
        .env_clear()
        .envs([
            ("LP_STAGING_USER", "sandbox"),
            ("LP_STAGING_PASSWORD", "sandbox"),
        ])
        .output()
        .unwrap();
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(plan.contains("Goal/smoke-test"), "{output:?}");
    assert!(
        plan.contains("Shoply (staging): help at the checkout"),
        "{plan}"
    );
    assert!(plan.contains("lookbackPeriod: 1h"), "{plan}");
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A base that cannot be read is there all the same: its overlay is not called one without a base.
#[test]
fn the_overlay_of_a_base_that_cannot_be_read_is_no_mistake() {
    let world = world();
    world.write("base/more.yaml", &goal("more", "\"More"));
    let over = |name: &str| {
        world.write(
            "over/staging/b.yaml",
            &format!("kind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ type: lead }}\n"),
        );
        world.run(3, &["validate", "-e", "staging"])
    };
    let text = over("more");
    assert!(text.contains("error[yaml-syntax]"), "{text}");
    assert!(!text.contains("overlay-without-base"), "{text}");
    // Any other name is one.
    let text = over("mor");
    assert!(text.contains("error[overlay-without-base]"), "{text}");
}
