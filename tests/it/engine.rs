//! The engine below the command line, called as another program would: in a process whose current folder is another one,
//! with environment variables as values.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use campaignctl::kinds::KindId;
use campaignctl::plan::{Overrides, Plan, Refusal};
use campaignctl::run::account::Account;
use campaignctl::run::applying::{Applied, Applying, Review};
use campaignctl::run::exporting::{self, ExportRequest};
use campaignctl::run::planning::{How, Planning, planned};
use campaignctl::run::{Error, Machine, Options, Run, Silent, StopRequests, Subset, Workspace};

use serde_json::json;

use crate::support::{Account as LiveAccount, CAMPAIGNS, GOALS, Project, SECRET};

const GOAL: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec: { displayName: '${var.name}', indicator: { url: /thanks } }\n";

/// Sees every plan, and has nothing to say.
struct Nobody;

impl Review for Nobody {
    fn show(&self, _: &Plan) -> Result<(), Error> {
        Ok(())
    }

    fn show_refusals(&self, _: &[Refusal]) {}
}

/// A project whose manifests, overlays and ledger are all named relative to its folder.
fn project() -> Project {
    let project = Project::with("");
    project.remove("manifests.yaml");
    project.write("manifests/goal.yaml", GOAL);
    project.write(
        "overlay/goal.yaml",
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec: { description: of the overlay }\n",
    );
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let file = file.replace(
        "    credentials:",
        "    overlays: [overlay]\n    variables: { name: Bought }\n    auditLog: audit.jsonl\n    credentials:",
    );
    project.write(
        "campaignctl.yaml",
        &format!("manifests: [manifests]\n{file}"),
    );
    project
}

/// A run in the folder of a project.
fn run_in(project: &Project) -> Run {
    let variables = [
        ("TEST_CLIENT_ID", "sandbox"),
        ("TEST_CLIENT_SECRET", SECRET),
    ];
    let machine = Machine::new(project.path().to_path_buf(), jiff::Timestamp::now)
        .with_variables(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let options = Options {
        environment: Some("test".to_owned()),
        ..Options::default()
    };
    Run::new(options, Arc::new(machine), Arc::new(Silent))
}

async fn plan(run: &Run) -> Plan {
    let workspace = Workspace::find(run, &[]).unwrap();
    let made = planned(run, &workspace, &Subset::default(), How::default()).await;
    made.unwrap().plan
}

async fn apply(run: &Run) -> Applied {
    Box::pin(apply_with(run, &Nobody)).await
}

async fn apply_with(run: &Run, review: &dyn Review) -> Applied {
    let workspace = Workspace::find(run, &[]).unwrap();
    let manifests = workspace.plannable_manifests(run).unwrap();
    let account = Account::connect(run, &workspace).await.unwrap();
    let planning = Planning {
        run,
        workspace: &workspace,
        manifests: &manifests,
        account: &account,
        ignores_drift: false,
        subset: &Subset::default(),
        tells_impact: false,
    };
    let applying = Applying {
        run,
        workspace: &workspace,
        account: &account,
        review,
        overrides: Overrides::default(),
        asks: false,
        fail_fast: false,
        audit: None,
        lock_timeout: Duration::ZERO,
    };
    let applied = applying.manifests(&planning, StopRequests::never()).await;
    account.close().await;
    applied.unwrap()
}

#[test]
fn a_program_in_another_folder_plans_and_applies() {
    let project = project();
    let folder = project.path().canonicalize().unwrap();
    assert_ne!(std::env::current_dir().unwrap(), folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = run_in(&project);
    let first = runtime.block_on(plan(&run));
    assert_eq!(first.summary.create, 1, "{first:?}");
    let place = &first.changes[0].file;
    assert!(
        place
            .as_ref()
            .is_some_and(|it| it.starts_with("manifests/goal.yaml")),
        "{place:?}"
    );
    assert!(format!("{first:?}").contains("of the overlay"), "{first:?}");
    let applied = runtime.block_on(apply(&run));
    assert!(applied.shortfall().is_none());
    assert!(project.account.row(GOALS, "Bought").is_some());
    for file in [".campaignctl/ledger/test.json", "audit.jsonl"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    assert!(runtime.block_on(plan(&run)).steps.is_empty());
    // What the command line says of the same project in its own folder.
    project.settled();
}

/// The manifest of a goal that was applied, and is gone.
fn gone() -> String {
    let goal = GOAL.replace("bought", "skimmed");
    goal.replace("'${var.name}'", "Skimmed")
}

/// A project that was applied, and one of its manifests was removed then.
fn without_a_manifest() -> (Project, tokio::runtime::Runtime) {
    let project = project();
    project.write("manifests/skimmed.yaml", &gone());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(apply(&run_in(&project)));
    project.remove("manifests/skimmed.yaml");
    (project, runtime)
}

/// A colleague who makes a campaign with a goal while the plan that deletes it is read.
struct Colleague<'a> {
    account: &'a LiveAccount,
    goal: &'a serde_json::Value,
}

impl Review for Colleague<'_> {
    fn show(&self, plan: &Plan) -> Result<(), Error> {
        assert_eq!(plan.summary.delete, 1, "{plan:?}");
        let theirs = json!({ "name": "Theirs", "goalId": self.goal, "status": 1 });
        std::thread::scope(|scope| {
            let edits = scope.spawn(|| self.account.post(CAMPAIGNS, &theirs));
            edits.join().unwrap();
        });
        Ok(())
    }

    fn show_refusals(&self, refusals: &[Refusal]) {
        assert!(!refusals.is_empty());
    }
}

/// The guards of the moment before the first write count, and not those of the plan that a person was asked about.
#[test]
fn what_a_colleague_uses_while_the_plan_is_read_is_not_deleted() {
    let (project, runtime) = without_a_manifest();
    let run = run_in(&project);
    let goal = project.account.row(GOALS, "Skimmed").unwrap();
    let colleague = Colleague {
        account: &project.account,
        goal: &goal["id"],
    };
    let writes = project.account.writes();
    let applied = runtime.block_on(apply_with(&run, &colleague));
    let Applied::Blocked(refusals) = &applied else {
        panic!("it is not blocked: {:?}", applied.shortfall());
    };
    assert!(
        format!("{refusals:?}").contains("object-in-use"),
        "{refusals:?}"
    );
    assert_eq!(project.account.writes(), writes + 1, "the colleague's");
    assert!(project.account.row(GOALS, "Skimmed").is_some());
}

/// A manifest that moved to a place which is not read is looked for in the folder of the run, and not in that of the process.
#[test]
fn what_moved_is_looked_for_in_the_folder_of_the_run() {
    let (project, runtime) = without_a_manifest();
    let run = run_in(&project);
    project.write("notes/skimmed.txt", &gone());
    let kept = runtime.block_on(plan(&run));
    assert_eq!(kept.summary.delete, 0, "{kept:?}");
    assert_eq!(kept.left_alone[0].file, "notes/skimmed.txt");
    project.remove("notes/skimmed.txt");
    let deletes = runtime.block_on(plan(&run));
    assert_eq!(deletes.summary.delete, 1, "{deletes:?}");
}

/// An export into a folder that is named relative to that of the run: it is refused beside manifests that describe the same
/// objects, and lies there, with the schemas of the project around it.
#[test]
fn an_export_goes_to_the_folder_of_the_run() {
    let (project, runtime) = without_a_manifest();
    let run = run_in(&project);
    let goals = [(KindId::named("Goal").unwrap(), None)];
    let export = |folder: &str| {
        let workspace = Workspace::find(&run, &[]).unwrap();
        let beside = exporting::manifests(&run, Path::new(folder));
        let asked = ExportRequest {
            what: &goals,
            foreign: None,
            with_references: false,
            beside: &beside,
        };
        let (mut exported, kinds) =
            runtime.block_on(exporting::of_account(&run, &workspace, &asked))?;
        exporting::folder::write(&run, Path::new(folder), false, &mut exported, &kinds)
    };
    let refused = export("manifests").unwrap_err();
    assert!(
        refused
            .message
            .contains("1 object of this export is already defined"),
        "{refused:?}"
    );
    export("taken").unwrap();
    let file = project.path().join("taken/goals/skimmed.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.starts_with("# yaml-language-server: $schema=../../.campaignctl/schemas/"),
        "{text}"
    );
    assert!(!Path::new("taken").exists());
}
