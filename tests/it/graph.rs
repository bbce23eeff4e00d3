//! `graph` and the page of a plan: what refers to what, of manifests and of a plan, in every form.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{package, run};
use crate::support::Project;

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: cart }
spec: { displayName: Cart, description: where they pay }
---
apiVersion: campaignctl.dev/v1
kind: EngagementTemplate
metadata: { name: button }
spec: { type: stickyButton, language: en-US, window: { system: true } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Autumn sale, goal: bought, state: published }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec: { campaign: sale, template: button, entryPoints: [cart], behaviors: [{ system: true }] }
";

/// The references of a graph, a line each; what lies inside of something is marked.
fn references(graph: &Value) -> String {
    let edges = graph["edges"].as_array().unwrap().iter();
    let lines = edges.map(|edge| {
        let inside = if edge["inside"] == true {
            " (inside)"
        } else {
            ""
        };
        let end = |which: &str| edge[which].as_str().unwrap().to_owned();
        format!("{} -> {}{inside}", end("from"), end("to"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn manifests_are_drawn_without_an_account() {
    let project = Project::with(MANIFESTS);
    let graph = project.run(&["graph", "--format", "json"]).expect(0).json();
    assert_snapshot!(references(&graph), @"
    Campaign/sale -> Goal/bought
    Engagement/home -> Campaign/sale (inside)
    Engagement/home -> EngagementTemplate/button
    Engagement/home -> EntryPoint/cart
    ");
    let target = ["graph", "--target", "Campaign/sale", "--format", "mermaid"];
    assert_snapshot!(project.run(&target).expect(0).data(), @r#"
    flowchart LR
      n0["Goal<br>bought"]
      n1["Campaign<br>sale"]
      n1 --> n0
    "#);
    assert_eq!(project.account.writes(), 0);
    let plain = project.run(&["graph"]).expect(0).data();
    assert_eq!(
        plain,
        project.run(&["graph", "--format", "dot"]).expect(0).data()
    );
}

#[test]
fn the_ending_of_a_file_says_the_form() {
    let project = Project::with(MANIFESTS);
    for (file, begins) in [
        ("graph.svg", "<svg "),
        ("graph.mmd", "flowchart LR"),
        ("graph.json", "{"),
        ("graph.dot", "digraph "),
    ] {
        let run = project.run(&["graph", "--out", file]).expect(0);
        assert_eq!(run.stdout, "");
        let text = std::fs::read_to_string(project.path().join(file)).unwrap();
        assert!(text.starts_with(begins), "{file}: {text}");
    }
}

#[test]
fn an_ending_that_is_no_form_is_refused() {
    let project = Project::with(MANIFESTS);
    for (file, word) in [
        ("graph.png", "dot -Tpng"),
        ("graph.PDF", "dot -Tpdf"),
        ("graph.txt", "use `.svg`, `.mmd`, `.json` or `.dot`"),
        ("graph.yaml", "--format"),
    ] {
        let refused = run(project.path(), &["graph", "-o", file]).expect(3).stderr;
        assert!(refused.contains(word), "{refused}");
        assert!(!project.path().join(file).exists(), "{file}");
    }
    let nowhere = run(project.path(), &["graph", "-o", "nowhere/x.svg"])
        .expect(1)
        .stderr;
    assert!(
        nowhere.contains("there is no folder `nowhere`"),
        "{nowhere}"
    );
    assert!(!nowhere.contains(".campaignctl"), "{nowhere}");
    run(project.path(), &["graph", "-o", "graph.gv"]).expect(0);
    run(
        project.path(),
        &["graph", "-o", "graph.txt", "--format", "mermaid"],
    )
    .expect(0);
}

#[test]
fn the_example_is_drawn_with_the_same_bytes_each_time() {
    let draw = || {
        run(package(), &["graph", "examples/retail", "--format", "svg"])
            .expect(0)
            .stdout
    };
    let first = draw();
    assert_eq!(first, draw());
    assert_eq!(first.matches("class=\"node\"").count(), 82);
}

#[test]
fn a_plan_is_drawn_with_its_actions_and_what_it_reaches() {
    let project = Project::with(MANIFESTS);
    project.apply();
    let edited = MANIFESTS
        .replace("/thanks", "/paid")
        .replace("en-US", "de-DE");
    project.write("manifests.yaml", &edited);
    let plan = [
        "plan",
        "--out",
        "plan.json",
        "--format",
        "json",
        "--allow-mass-update",
    ];
    let plan = project.run(&plan).expect(0).json();
    assert_snapshot!(plan["live"], @r#"["Engagement/home"]"#);
    let graph = project
        .run(&["graph", "--plan", "plan.json", "--format", "json"])
        .expect(0)
        .json();
    assert_snapshot!(references(&graph), @"
    Campaign/sale -> Goal/bought
    Engagement/home -> Campaign/sale (inside)
    Engagement/home -> EngagementTemplate/button
    ");
    let nodes = graph["nodes"].as_array().unwrap().iter();
    let marked: Vec<String> = nodes
        .map(|it| format!("{} {} {}", it["id"], it["action"], it["live"]))
        .collect();
    assert_snapshot!(marked.join("\n"), @r#"
    "Goal/bought" "update" false
    "EngagementTemplate/button" null false
    "Campaign/sale" null true
    "Engagement/home" "update" true
    "#);

    let page = project
        .run(&["show", "plan.json", "--format", "html"])
        .expect(0)
        .stdout;
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("<ins>/paid</ins>") && page.contains("used by</dt><dd>Campaign/sale"));
}

/// What is deleted lies in its campaign as before: the arrow is as thick.
#[test]
fn a_plan_that_deletes_is_drawn_with_what_lay_in_what() {
    let project = Project::with(MANIFESTS);
    project.apply();
    let kept = MANIFESTS
        .split("---\n")
        .filter(|it| !it.contains("kind: Engagement\n"));
    let kept = kept.collect::<Vec<_>>().join("---\n");
    project.write("manifests.yaml", &kept.replace("published", "unpublished"));
    project
        .run(&["plan", "--out", "plan.json", "--allow-unpublish"])
        .expect(0);
    let graph = ["graph", "--plan", "plan.json", "--format", "json"];
    let graph = project.run(&graph).expect(0).json();
    assert_snapshot!(references(&graph), @"Engagement/home -> Campaign/sale (inside)");
}

#[test]
fn a_form_that_a_command_does_not_have_is_refused() {
    let project = Project::with(MANIFESTS);
    for (arguments, why) in [
        (
            ["plan", "--format", "svg"].as_slice(),
            "invalid value 'svg' for '--format <FORMAT>'",
        ),
        (
            &["graph", "--format", "html"],
            "invalid value 'html' for '--format <FORMAT>'",
        ),
        (
            &["plan", "--all-environments", "--format", "html"],
            "a page shows the plan of one environment",
        ),
        (
            &["graph", "--plan", "none.json", "--target", "Goal/bought"],
            "a saved plan is drawn as a whole",
        ),
    ] {
        let run = project.run(arguments).expect(3);
        assert!(run.stderr.contains(why), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_plan_that_fails_is_a_page_that_says_so() {
    let project = Project::with(&MANIFESTS.replace("goal: bought", "goal: gone"));
    let page = project.run(&["plan", "--format", "html"]).expect(3).stdout;
    assert!(
        page.contains("<h1>No plan for <bdi>test</bdi></h1>"),
        "{page}"
    );
}
