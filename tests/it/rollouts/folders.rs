//! Folders of plans: each plan is applied exactly or refused on its own.

use insta::assert_snapshot;

use super::Fleet;
use crate::support::{GOALS, Run};

const THREE: [(&str, &str); 3] = [
    ("a", "labels: { ring: 1 }"),
    ("b", "labels: { ring: 2 }"),
    ("c", ""),
];

/// A folder whose first wave fails nowhere: as many may fail as there are.
fn fleet() -> Fleet {
    Fleet::new(&THREE, "maxFailures: 9\n")
}

#[test]
fn the_index_says_what_the_plans_are() {
    let fleet = Fleet::new(&THREE, "waves: [{ select: ring=1 }]\n");
    fleet.plan().expect(0);
    let index = fleet.document("plans/index.json");
    let told: Vec<_> = index["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let plan = fleet.document(&format!("plans/{}", it["plan"]["file"].as_str().unwrap()));
            assert_eq!(plan["digest"], it["plan"]["digest"]);
            assert_eq!(plan["id"], it["plan"]["id"]);
            format!(
                "{} {} wave {} exit {} {} {}",
                it["environment"],
                it["account"],
                it["wave"],
                it["exit"],
                it["labels"],
                it["plan"]["file"]
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    "a" "10000001" wave 1 exit 0 {"ring":"1"} "a.json"
    "b" "10000001" wave 2 exit 0 {"ring":"2"} "b.json"
    "c" "10000001" wave 2 exit 0 {} "c.json"
    "#);
}

#[test]
fn a_folder_is_applied_in_its_waves_and_once() {
    let fleet = Fleet::new(
        &THREE,
        "waves: [{ select: ring=1 }, { select: ring=2, after: 1s }]\n",
    );
    fleet.plan().expect(0);
    // What was reviewed counts: the folder has its own waves.
    fleet.declare(&THREE, "");
    let apply = ["apply", "plans", "--json-into", "report.json", "--wait"];
    fleet.run(&apply).expect(0);
    assert_eq!(fleet.landed(), "a applied 0\nb applied 0\nc applied 0");
    fleet.run(&apply).expect(0);
    assert_eq!(
        fleet.landed(),
        "a unchanged 0\nb unchanged 0\nc unchanged 0"
    );
    assert_eq!(fleet.commits(), 6);
    let index = fleet.document("plans/index.json");
    assert_eq!(fleet.document("report.json")["index"], index["id"]);
}

#[test]
fn a_plan_that_cannot_be_applied_is_refused_by_name_and_the_others_go_on() {
    let more = [("d", ""), ("e", ""), ("f", ""), ("g", "")];
    let all = [&THREE[..], &more].concat();
    let fleet = Fleet::new(&all, "maxFailures: 9\n");
    fleet.plan().expect(0);
    let path = |name: &str| fleet.project.path().join("plans").join(name);
    let former = std::fs::read_to_string(path("c.json")).unwrap();
    fleet.plan().expect(0);
    // Missing, damaged, of an earlier run, of another environment, and one whose account has moved on.
    std::fs::remove_file(path("a.json")).unwrap();
    let plan = std::fs::read_to_string(path("b.json")).unwrap();
    std::fs::write(path("b.json"), plan.replace("b bought", "b nought")).unwrap();
    std::fs::write(path("c.json"), former).unwrap();
    std::fs::copy(path("g.json"), path("d.json")).unwrap();
    let goal = serde_json::json!({ "name": "e bought", "type": 0 });
    fleet.account().post(GOALS, &goal);
    let run = fleet.run(&[
        "apply",
        "plans",
        "--json-into",
        "report.json",
        "--at-a-time",
        "1",
    ]);
    let run = run.expect(3);
    assert_eq!(
        fleet.landed(),
        "a failed 3\nb failed 3\nc stale 7\nd stale 7\ne stale 7\nf applied 0\ng applied 0"
    );
    let why: Vec<&str> = run
        .stdout
        .lines()
        .filter(|it| it.starts_with("error: "))
        .collect();
    let text = why.join("\n");
    for (found, wanted) in [
        ("a", "cannot read the plan `plans/a.json`"),
        ("b", "the plan file is damaged"),
        (
            "c",
            "`plans/c.json` is not the plan that `index.json` lists",
        ),
        (
            "d",
            "`plans/d.json` is not the plan that `index.json` lists",
        ),
        ("e", "the plan is stale, and nothing was written"),
    ] {
        assert!(text.contains(wanted), "{found}: {text}");
    }
}

/// What failed is mended, and the same command goes on, with the waves behind it as well.
#[test]
fn a_folder_of_plans_is_gone_on_with_where_a_step_failed() {
    let first = "labels: { ring: 1 }";
    let all = [("a", first), ("b", first), ("c", "labels: { ring: 2 }")];
    let waves = "waves: [{ select: ring=1 }, { select: ring=2 }]\n";
    let fleet = Fleet::new(&all, waves);
    fleet.plan().expect(0);
    let apply = [
        "apply",
        "plans",
        "--json-into",
        "report.json",
        "--at-a-time",
        "1",
    ];
    fleet.account().fault("POST */goals 400 once after 3");
    fleet.run(&apply).expect(8);
    assert_eq!(fleet.landed(), "a applied 0\nb partly 8\nc notStarted -");
    fleet.run(&apply).expect(0);
    assert_eq!(fleet.landed(), "a unchanged 0\nb applied 0\nc applied 0");
    assert_eq!(fleet.commits(), 6);
}

#[test]
fn a_damaged_index_ends_the_run() {
    let fleet = fleet();
    fleet.plan().expect(0);
    let path = fleet.project.path().join("plans/index.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("\"maxFailures\": 9", "\"maxFailures\": 0"),
    )
    .unwrap();
    let refused = fleet.run(&["apply", "plans"]).expect(3);
    assert_snapshot!(refused.stderr, @"
    error: `plans/index.json` is not an index that can be used: the index is damaged: its content is not what its digest says
      = help: make a new one with `campaignctl plan --all-environments --out DIR`
    ");
    std::fs::write(&path, "{}").unwrap();
    fleet.run(&["apply", "plans"]).expect(3);
    assert_eq!(fleet.commits(), 0);
    for arguments in [
        &["apply", "plans", "-e", "a"],
        &["apply", "plans", "-l", "a=b"],
    ] {
        fleet.run(arguments).expect(3);
    }
}

#[test]
fn a_guard_holds_back_its_own_environment() {
    let fleet = fleet();
    fleet.apply(&[]).expect(0);
    let one = super::MANIFESTS.split("---").next().unwrap();
    fleet.project.write(
        "manifests.yaml",
        &one.replace("spec:", "lifecycle: { protect: true }\nspec:"),
    );
    fleet.apply(&[]).expect(0);
    fleet.project.remove("manifests.yaml");
    fleet
        .project
        .write("more.yaml", &one.replace("bought", "other"));
    fleet.plan().expect(6);
    let run = fleet
        .run(&["apply", "plans", "--json-into", "report.json"])
        .expect(6);
    assert_eq!(fleet.landed(), "a blocked 6\nb blocked 6\nc blocked 6");
    assert!(
        run.stdout
            .contains("=== a (account 10000001): blocked, exit 6"),
        "{}",
        run.stdout
    );
}

#[test]
fn an_environment_that_could_not_be_planned_is_named() {
    let fleet = Fleet::new(&THREE, "maxFailures: 1\n");
    let file = std::fs::read_to_string(fleet.project.path().join("campaignctl.yaml")).unwrap();
    let broken = format!(
        "{file}  z: {{ account: '1', variables: {{ brand: z }}, credentials: {{ bearer: {{ env: NOBODY }} }} }}\n"
    );
    fleet.project.write("campaignctl.yaml", &broken);
    fleet.plan().expect(4);
    let index = fleet.document("plans/index.json");
    assert_eq!(index["environments"][3]["exit"], 4);
    let run = fleet
        .run(&["apply", "plans", "--json-into", "report.json"])
        .expect(3);
    assert_eq!(
        fleet.landed(),
        "a applied 0\nb applied 0\nc applied 0\nz failed 3"
    );
    assert!(
        run.stdout
            .contains("error: there is no plan: the bearer is missing"),
        "{}",
        run.stdout
    );
}

#[test]
fn plans_are_applied_from_wherever_they_are_named() {
    let fleet = Fleet::of(2);
    let from = |folder: &str, arguments: &[&str]| -> Run {
        let here = fleet.project.path().join(folder);
        std::fs::create_dir_all(&here).unwrap();
        let mut command = fleet.command(arguments);
        command.current_dir(here).output().unwrap().into()
    };
    let beside = tempfile::tempdir().unwrap();
    let absolute = |file: &str| fleet.project.path().join(file).display().to_string();
    fleet.plan().expect(0);
    // From where no project is, and from inside of the folder.
    let outside = fleet
        .command(&["apply", &absolute("plans/brand-00.json")])
        .current_dir(beside.path())
        .output();
    Run::from(outside.unwrap()).expect(0);
    from("plans", &["apply", "."]).expect(0);
    assert_eq!(fleet.commits(), 4);
    fleet.run(&["plan", "--all-environments"]).expect(0);
    // What was written lies with the project.
    assert!(!beside.path().join(".campaignctl").exists());
}

#[test]
fn environments_of_one_account_that_mean_the_same_make_nothing_twice() {
    let goal = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Bought, description: 'of ${var.brand}', indicator: { url: /thanks } }
";
    let bought = |fleet: &Fleet| {
        let goals = fleet.account().get(GOALS);
        let goals = goals.as_array().unwrap().iter();
        goals.filter(|it| it["name"] == "Bought").count()
    };
    let fleet = Fleet::new(
        &[("a", ""), ("b", ""), ("c", ""), ("d", "")],
        "maxFailures: 9\n",
    );
    fleet.project.write("manifests.yaml", goal);
    let run = fleet.apply(&["--at-a-time", "4"]);
    assert_eq!(bought(&fleet), 1, "{}", run.stderr);
    // Nor where all were planned for before the first was applied.
    let fleet = Fleet::new(
        &[("a", ""), ("b", ""), ("c", ""), ("d", "")],
        "maxFailures: 9\n",
    );
    fleet.project.write("manifests.yaml", goal);
    fleet.plan().expect(0);
    let run = fleet.run(&["apply", "plans", "--at-a-time", "4"]);
    assert_eq!(bought(&fleet), 1, "{}", run.stderr);
}
