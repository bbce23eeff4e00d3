//! Files that were emptied, and lie under another name, or are all that is left of what a ledger knew.

use crate::support::Project;

fn goal(name: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ indicator: {{ url: /{name} }} }}\n"
    )
}

/// A project that has applied two goals.
fn owner(more: &str) -> Project {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("manifests: [m]\n{file}{more}"));
    project.write("m/keep.yaml", &goal("keep"));
    project.write("m/move.yaml", &goal("move"));
    project.run(&["apply", "--auto-approve"]).expect(0);
    project
}

fn empties() -> [String; 3] {
    let commented = format!("# {}\n", goal("move").trim_end().replace('\n', "\n# "));
    [String::new(), "---\n".to_owned(), commented]
}

#[test]
fn a_file_that_was_emptied_and_renamed_takes_nothing_away() {
    for empty in empties() {
        let project = owner("");
        project.remove("m/move.yaml");
        project.write("m/other.yaml", &empty);
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(plan.contains("0 to delete"), "{empty:?}: {plan}");
        assert!(plan.contains("may have been renamed"), "{empty:?}: {plan}");
        project.run(&["apply", "--auto-approve"]).expect(0);
        project.remove("m/other.yaml");
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(plan.contains("1 to delete"), "{empty:?}: {plan}");
    }
    // Notes were never a manifest.
    let project = owner("");
    project.remove("m/move.yaml");
    project.write("m/notes.yaml", "# What is in this folder\n");
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("1 to delete"), "{plan}");
}

#[test]
fn an_object_of_an_emptied_file_can_be_a_target() {
    let project = owner("");
    project.write("m/move.yaml", "");
    let plan = project.run(&["plan", "--target", "Goal/move"]).expect(0);
    assert!(plan.stdout.contains("holds no manifest"), "{}", plan.stdout);
    assert!(plan.stdout.contains("0 to delete"), "{}", plan.stdout);
}

/// Without its ledger, what an emptied file held looks as if people had made it in the console.
#[test]
fn an_emptied_file_without_a_ledger_deletes_nothing() {
    for empty in empties() {
        let project = owner("    prune: { exclusive: [Goal] }\n");
        project.write("m/move.yaml", &empty);
        std::fs::remove_dir_all(project.path().join(".campaignctl")).unwrap();
        let plan = project.run(&["plan"]).expect(0);
        assert!(
            plan.stdout.contains("0 to delete"),
            "{empty:?}: {}",
            plan.stdout
        );
        assert!(
            plan.stderr.contains("holds no manifest any more"),
            "{empty:?}: {}",
            plan.stderr
        );
        project.remove("m/move.yaml");
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(plan.contains("1 to delete"), "{empty:?}: {plan}");
    }
}
