//! Values with variables, in a base and in its overlays: no literal takes their place.

use serde_json::json;

use crate::support::{ENTRY_POINTS, GOALS, Project};

const BASE: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  displayName: Something bought\n  description: ${var.brand}\n  indicator: { url: '/${var.brand}', count: 1 }\n---\napiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: { name: pages, labels: { town: '${var.town}' } }\nspec:\n  displayName: Pages\n  conditions:\n    - { type: section, data: { include: [{ sections: [{ name: 'x-${var.brand}' }] }, { sections: [{ name: other }] }], exclude: [] } }\n";

fn layered(over: &str) -> Project {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = format!(
        "manifests: [base]\n{file}    overlays: [over]\n    variables: {{ brand: Marlowe, town: Rome }}\n"
    );
    project.write("campaignctl.yaml", &file);
    project.write("base/all.yaml", BASE);
    project.write("over/all.yaml", over);
    project.apply();
    project
}

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

const OVERLAYS: [&str; 3] = [
    "kind: Goal\nmetadata: { name: bought }\nspec: { indicator: { count: 1 } }\n",
    "kind: Goal\nmetadata: { name: bought }\nspec: { description: 'In ${var.town}' }\n",
    "kind: Goal\nmetadata: { name: bought }\nspec: { indicator: { url: '/${var.town}' } }\n",
];

/// Whether the console changes the value or takes it away, and whichever layer has the variable.
#[test]
fn a_variable_in_a_base_or_an_overlay_is_named_and_left() {
    for over in OVERLAYS {
        let project = layered(over);
        let path = project.account.item_path(GOALS, "Something bought");
        project.account.edit(&path, |body| {
            body["description"] = json!(null);
            body["indicatorValue"]["url"] = json!("/console");
        });
        let path = project.account.item_path(ENTRY_POINTS, "Pages");
        project.account.edit(&path, |body| {
            let held = &mut body["conditionBoxes"][0]["data"]["include"];
            *held = json!([held[1].clone()]);
        });
        let told = project
            .run(&["pull", "--theirs", "--write"])
            .expect(2)
            .stdout;
        assert_eq!(
            told.matches("the value comes from `${var.").count(),
            3,
            "{told}"
        );
        assert!(told.ends_with("3 left. No file changes.\n"), "{told}");
        assert_eq!(read(&project, "base/all.yaml"), BASE);
        assert_eq!(read(&project, "over/all.yaml"), over);
    }
}

/// A base that is gone took the last use of its variables along; that does not keep it from being made again.
#[test]
fn a_base_whose_variables_nobody_uses_any_more_is_made_again() {
    let project = layered(OVERLAYS[0]);
    project.remove("base/all.yaml");
    project.write("base/other.yaml", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: other }\nspec: { indicator: { url: /other } }\n");
    let plan = project.run(&["plan"]).expect(3).stderr;
    assert!(plan.contains("error[unused-variable]"), "{plan}");
    let pull = ["pull", "Goal/bought", "EntryPoint/pages", "--write"];
    let run = project.run(&pull).expect(0);
    assert!(
        run.stdout.contains("2 new manifests; 0 left"),
        "{}",
        run.stdout
    );
    for name in ["brand", "town"] {
        let told = format!("warning[unused-variable]: no manifest refers to the variable `{name}`");
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
    assert!(
        run.stderr
            .contains("write the variable where it belongs in them"),
        "{}",
        run.stderr
    );
    assert!(read(&project, "base/bought.yaml").contains("description: Marlowe\n"));
}

#[test]
fn an_overlay_without_its_base_says_how_the_base_is_made_again() {
    let project = layered(OVERLAYS[0]);
    project.remove("base/all.yaml");
    let other = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: other, labels: { a: '${var.brand}', b: '${var.town}' } }\nspec: { indicator: { url: /other } }\n";
    project.write("base/other.yaml", other);
    let told = project.run(&["plan"]).expect(3).stderr;
    let advice = "= help: if the base is gone and the account has the object, `campaignctl pull Goal/bought` makes it again; to add a manifest in this environment only, give it `apiVersion` and `spec`";
    assert!(told.contains(advice), "{told}");
    let told = project.run(&["pull", "EntryPoint/pages"]).expect(3).stderr;
    let advice = "= help: name `Goal/bought` as well to make its manifest from the account";
    assert!(told.contains(advice), "{told}");
}

/// No account has a template, so none is referred to by a live name.
#[test]
fn a_template_that_is_missing_is_not_advised_to_be_live() {
    let engagement = "apiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: hello }\nspec: { campaign: { live: X }, template: brand }\n";
    let told = Project::with(engagement)
        .run(&["validate"])
        .expect(3)
        .stdout;
    assert!(
        told.contains("no EngagementTemplate manifest is named `brand`"),
        "{told}"
    );
    assert!(told.contains("= help: define it in a manifest\n"), "{told}");
}
