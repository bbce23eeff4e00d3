//! Environments through the binary: one base and two accounts, variables, rules, exclusive pruning.

mod checks;
mod side_by_side;

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use campaignctl::sandbox::{Handle, Sandbox, SandboxOptions};
use serde_json::Value;
use tempfile::TempDir;

const STAGING: &str = "11111111";
const PRODUCTION: &str = "22222222";

/// Two accounts in the process, and a project that has them as its environments.
struct World {
    runtime: tokio::runtime::Runtime,
    accounts: Vec<Handle>,
    folder: TempDir,
}

fn clock() -> jiff::Timestamp {
    "2026-09-01T00:00:00Z".parse().unwrap()
}

impl World {
    /// A project of these files, `PATH` and text; `STAGING` and `PRODUCTION` in the project file stand for what
    /// reaches the two accounts.
    fn new(files: &[(&str, &str)]) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let start = |account| Sandbox::start(SandboxOptions::in_memory(account, Arc::new(clock)));
        let accounts =
            [STAGING, PRODUCTION].map(|account| runtime.block_on(start(account)).unwrap());
        let world = Self {
            runtime,
            accounts: accounts.into(),
            folder: tempfile::tempdir().unwrap(),
        };
        world.write("token", "sandbox\n");
        for (path, text) in files {
            let text = text.replace("STAGING", &world.reach(STAGING));
            world.write(path, &text.replace("PRODUCTION", &world.reach(PRODUCTION)));
        }
        world
    }

    fn reach(&self, account: &str) -> String {
        let index = usize::from(account == PRODUCTION);
        let url = self.accounts[index].base_url();
        format!(
            "account: \"{account}\", domainApi: \"{url}\", \
             credentials: {{ bearer: {{ file: token }} }}"
        )
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Standard output, with standard error behind it where the exit code is not the wanted one.
    #[track_caller]
    fn run(&self, exit: i32, arguments: &[&str]) -> String {
        let output = campaignctl(self.folder.path(), arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(exit), "{out}\n{err}");
        if exit == 3 { out + &err } else { out }
    }

    /// The id in the ledger of an environment.
    fn bound(&self, environment: &str, key: &str) -> Option<String> {
        let path = format!(".campaignctl/ledger/{environment}.json");
        let text = std::fs::read_to_string(self.folder.path().join(path)).unwrap();
        let ledger: Value = serde_json::from_str(&text).unwrap();
        Some(ledger["entries"].get(key)?["id"].to_string())
    }

    /// Puts objects into the production account that the project knows nothing of.
    fn people_make(&self, manifests: &str) {
        let other = tempfile::tempdir().unwrap();
        let project = format!(
            "environments: {{ other: {{ {} }} }}",
            self.reach(PRODUCTION)
        );
        for (file, text) in [
            ("token", "sandbox"),
            ("campaignctl.yaml", &project),
            ("a.yaml", manifests),
        ] {
            std::fs::write(other.path().join(file), text).unwrap();
        }
        let output = campaignctl(other.path(), &["apply", "--auto-approve", "-e", "other"]);
        assert!(output.status.success(), "{output:?}");
    }

    /// Makes pruning exclusive in production.
    fn prune_exclusively(&self, kinds: &str) {
        let prune = format!("[over/production], prune: {{ exclusive: {kinds} }}");
        let project = PROJECT.replace("[over/production]", &prune);
        let project = project.replace("STAGING", &self.reach(STAGING));
        self.write(
            "campaignctl.yaml",
            &project.replace("PRODUCTION", &self.reach(PRODUCTION)),
        );
    }

    fn apply(&self, environment: &str) {
        self.run(0, &["apply", "--auto-approve", "-e", environment]);
        let plan = self.run(0, &["plan", "-e", environment, "--detailed-exitcode"]);
        assert_eq!(plan, "No changes. The account matches the manifests.\n");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for account in self.accounts.drain(..) {
            self.runtime.block_on(account.shutdown());
        }
    }
}

fn campaignctl(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = crate::program::command(folder, arguments);
    command.output().unwrap()
}

fn goal(name: &str, display_name: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\n\
         spec: {{ displayName: \"{display_name}\", description: \"\", type: purchase }}\n"
    )
}

const PROJECT: &str = "
manifests: [base]
variables: { brand: Shoply }
environments:
  staging: { STAGING, overlays: [over/staging], variables: { brand: Shoply staging } }
  production: { PRODUCTION, overlays: [over/production] }
";

/// A base of two goals; staging has one more, production one less.
fn world() -> World {
    let base = goal("checkout", "${var.brand} checkout") + &goal("lead", "Lead");
    let world = World::new(&[
        ("campaignctl.yaml", PROJECT),
        ("base/goals.yaml", &base),
        ("over/staging/a.yaml", &goal("smoke", "Smoke")),
        (
            "over/production/a.yaml",
            "kind: Goal\nmetadata: { name: lead }\n$patch: delete\n",
        ),
    ]);
    // Something else is there first, so that the ids of the two accounts differ.
    world.people_make(&goal("console", "Made in the console"));
    world
}

#[test]
fn one_base_makes_two_accounts_with_ids_of_their_own() {
    let world = world();
    // Creates run side by side, in any order: so many objects more, and no id of one account is one of the other.
    for name in ["a", "b", "c"] {
        world.people_make(&goal(name, name));
    }
    world.apply("staging");
    world.apply("production");
    let staging = world.bound("staging", "Goal/checkout");
    let production = world.bound("production", "Goal/checkout");
    assert!(staging.is_some() && production.is_some());
    assert_ne!(staging, production);
    assert!(world.bound("staging", "Goal/lead").is_some());
    assert!(world.bound("staging", "Goal/smoke").is_some());
    assert!(world.bound("production", "Goal/lead").is_none());
    assert!(world.bound("production", "Goal/smoke").is_none());
}

#[test]
fn what_an_overlay_drops_later_is_deleted_and_what_it_added_goes_with_it() {
    let world = world();
    world.apply("staging");
    world.write(
        "over/staging/a.yaml",
        "kind: Goal\nmetadata: { name: lead }\n$patch: delete\n",
    );
    let plan = world.run(0, &["plan", "-e", "staging"]);
    assert!(plan.contains("- delete Goal/lead \"Lead\""), "{plan}");
    assert!(plan.contains("- delete Goal/smoke \"Smoke\""), "{plan}");
    assert!(plan.contains("2 to delete"), "{plan}");
}

#[test]
fn a_changed_variable_is_the_cause_of_the_change() {
    let world = world();
    world.apply("staging");
    world.apply("production");
    let plan = world.run(0, &["plan", "-e", "staging", "--var", "brand=Acme"]);
    let wanted = "displayName: Shoply staging checkout -> Acme checkout  (variable brand)";
    assert!(plan.contains(wanted), "{plan}");
    // The text around the variable is the manifest's own.
    world.write(
        "base/goals.yaml",
        &(goal("checkout", "${var.brand}: paid") + &goal("lead", "Lead")),
    );
    let plan = world.run(0, &["plan", "-e", "production"]);
    let wanted = "displayName: Shoply checkout -> Shoply: paid  (edit)";
    assert!(plan.contains(wanted), "{plan}");
    // A field that an overlay writes is shown where it was written.
    world.write(
        "over/production/b.yaml",
        "kind: Goal\nmetadata: { name: checkout }\nspec: { description: here }\n",
    );
    let json = world.run(0, &["plan", "-e", "production", "--format", "json"]);
    let plan: Value = serde_json::from_str(&json).unwrap();
    let fields = plan["changes"][0]["fields"].as_array().unwrap();
    let field = fields
        .iter()
        .find(|field| field["pointer"] == "/spec/description")
        .unwrap();
    assert_eq!(field["source"]["file"], "over/production/b.yaml");
}

#[test]
fn exclusive_pruning_deletes_what_people_made_of_the_kinds_it_names() {
    let world = world();
    world.apply("production");
    world.prune_exclusively("[Behavior]");
    assert!(
        world
            .run(0, &["plan", "-e", "production"])
            .starts_with("No changes.")
    );
    world.prune_exclusively("[Goal]");
    let plan = world.run(0, &["plan", "-e", "production"]);
    assert!(
        plan.contains("- delete Goal/made-in-the-console \"Made in the console\""),
        "{plan}"
    );
    assert!(plan.contains("`prune` is exclusive for Goal"), "{plan}");
    assert!(plan.contains("1 to delete"), "{plan}");
    // A run of some files cannot know what no manifest defines.
    world.write("base/more.yaml", &goal("more", "More"));
    let plan = world.run(0, &["plan", "-e", "production", "base/goals.yaml"]);
    assert!(plan.starts_with("No changes."), "{plan}");
    // The project's folder stands for the project.
    let plan = world.run(0, &["plan", "-e", "production", "."]);
    assert!(plan.contains("1 to delete"), "{plan}");
    world.apply("production");
}

#[test]
fn exclusive_pruning_keeps_what_is_in_use() {
    let campaign = |name: &str, goal: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\n\
             spec: {{ goal: {goal}, targetAudiences: [{{ system: true }}] }}\n"
        )
    };
    let world = world();
    world.prune_exclusively("[Goal]");
    world.write(
        "base/campaign.yaml",
        &campaign("sale", "{ live: Made in the console }"),
    );
    let plan = world.run(6, &["plan", "-e", "production"]);
    assert!(
        plan.contains("the manifest Campaign/sale refers to it"),
        "{plan}"
    );
    // A campaign that no manifest defines is read for this alone.
    std::fs::remove_file(world.folder.path().join("base/campaign.yaml")).unwrap();
    world.people_make(&(goal("theirs", "Theirs") + &campaign("theirs", "theirs")));
    let plan = world.run(6, &["plan", "-e", "production"]);
    assert!(
        plan.contains("the Campaign `theirs` refers to it"),
        "{plan}"
    );
}
