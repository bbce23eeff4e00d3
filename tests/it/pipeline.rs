//! Manifests to a sandbox and back: after an apply, the next plan is empty.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use campaignctl::api::{self, Client, Secret, SignInSecrets, connect, observe};
use campaignctl::apply::{self, Outcome, StepResult};
use campaignctl::diag::Texts;
use campaignctl::diff::{DiffInput, diff};
use campaignctl::ledger::{Holder, LedgerStore};
use campaignctl::live::Needs;
use campaignctl::plan::{Guards, Header, Plan, StepVerb, planned};
use campaignctl::sandbox::{self, Handle, Sandbox};
use campaignctl::text::{FileId, Limits, Source, yaml};
use campaignctl::{manifest, resolve};

const ACCOUNT: &str = "10000001";

fn clock() -> jiff::Timestamp {
    "2026-09-01T00:00:00Z".parse().unwrap()
}

/// A sandbox, and a ledger for it.
struct World {
    sandbox: Handle,
    directory: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let options = sandbox::SandboxOptions::in_memory(ACCOUNT, Arc::new(clock));
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    async fn client(&self) -> Client {
        let credentials = SignInSecrets::Bearer(Secret::new("sandbox"));
        let settings = api::ClientSettings {
            domain_api: self.sandbox.base_url(),
            handoff_writes: true,
            ..api::ClientSettings::new(ACCOUNT, credentials)
        };
        connect(settings).await.unwrap()
    }

    fn store(&self) -> LedgerStore {
        LedgerStore::new(self.directory.path().join("ledger.json"), ACCOUNT)
    }

    async fn plan(&self, text: &str) -> Plan {
        let mut texts = Texts::default();
        let file = texts.sources.push(Source {
            path: "all.yaml".to_owned(),
            text: text.to_owned(),
        });
        texts.documents = parse(file, text);
        let (manifests, _) = manifest::parse(&texts);
        let (desired, diags) = resolve::resolve(manifests);
        let ledger = self.store().load("line-1").await.unwrap().ledger;
        let needs = Needs::of(&desired, &ledger, &|_| true);
        let inventory = observe(&self.client().await, &needs, 4).await.unwrap();
        let input = DiffInput::whole((&texts, &desired), &inventory, &ledger, "test");
        let (changes, complaints) = diff(&input);
        assert_eq!(
            format!("{diags:?}{complaints:?}").matches("Error").count(),
            0
        );
        let header = Header::new("plan-1", &clock().to_string(), ("sandbox", ACCOUNT));
        planned(header, changes, (&input, Guards::default()))
    }

    async fn apply(&self, plan: &Plan) -> Outcome {
        let holder = Holder {
            who: "ann@here".to_owned(),
            since: clock().to_string(),
        };
        let mut session = self.store().lock(&holder, "line-1").await.unwrap();
        let ledger = session.ledger().clone();
        let input = apply::ApplyInput {
            platform: &self.client().await,
            plan,
            plan_id: "p1",
            ledger: &ledger,
            applied: &std::collections::BTreeSet::new(),
            is_resumed: false,
            clock,
            cancelled: &AtomicBool::new(false),
            options: apply::ApplyOptions::default(),
        };
        let outcome = apply::run(&input, &mut session, &|_| {}).await;
        session.commit().await.unwrap();
        outcome
    }

    /// Applies manifests; the verbs of the plan in order. The next plan must be empty.
    async fn reach(&self, text: &str) -> Vec<(String, StepVerb)> {
        let plan = self.plan(text).await;
        let outcome = self.apply(&plan).await;
        for step in &outcome.steps {
            let StepResult::Applied { normalized, .. } = &step.result else {
                panic!("{step:?}");
            };
            assert!(normalized.is_empty(), "{step:?}");
        }
        let again = self.plan(text).await;
        assert!(again.steps.is_empty(), "{:#?}", again.steps);
        let steps = plan.steps.iter();
        steps
            .map(|step| (step.key.name.to_string(), step.verb))
            .collect()
    }
}

fn parse(file: FileId, text: &str) -> Vec<campaignctl::text::Document> {
    let (documents, errors) = yaml::parse(file, text, &Limits::default());
    assert!(errors.is_empty(), "{errors:?}");
    documents
}

const GOAL: &str = "
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: checkout }
spec: { displayName: Checkout done, type: purchase }
---
";

fn campaign(name: &str, extra: &str) -> String {
    format!(
        "
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: {{ name: {name} }}
spec:
  goal: checkout
  targetAudiences: [{{ system: true }}]
  schedule: {{ timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }}
{extra}
---
"
    )
}

fn engagement(name: &str, campaign: &str, language: &str) -> String {
    format!(
        "
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: {{ name: {name} }}
spec:
  campaign: {campaign}
  type: app
  language: {language}
  behaviors: [{{ system: true }}]
---
"
    )
}

#[tokio::test]
async fn a_campaign_lives_through_every_change() {
    let world = World::new().await;
    let published = "  state: published";

    let mut text = GOAL.to_owned();
    text += &campaign("one", published);
    text += &campaign("two", "");
    text += &engagement("home", "one", "en-US");
    text += &engagement("basket", "one", "en-US");
    let steps = world.reach(&text).await;
    assert_eq!(
        steps.first(),
        Some(&("checkout".to_owned(), StepVerb::Create))
    );
    assert_eq!(steps.last(), Some(&("one".to_owned(), StepVerb::Publish)));

    // A field of an engagement, and another engagement.
    let mut text = GOAL.to_owned();
    text += &campaign("one", published);
    text += &campaign("two", "");
    text += &engagement("home", "one", "fr-FR");
    text += &engagement("basket", "one", "en-US");
    text += &engagement("late", "one", "en-US");
    let steps = world.reach(&text).await;
    assert!(steps.contains(&("home".to_owned(), StepVerb::Update)));

    // An engagement moves to the other campaign, which replaces it; another one goes.
    let mut text = GOAL.to_owned();
    text += &campaign("one", published);
    text += &campaign("two", published);
    text += &engagement("home", "two", "fr-FR");
    text += &engagement("late", "one", "en-US");
    let steps = world.reach(&text).await;
    assert!(steps.contains(&("home".to_owned(), StepVerb::Delete)));
    assert!(steps.contains(&("basket".to_owned(), StepVerb::Delete)));

    // Everything goes but the goal.
    let steps = world.reach(GOAL).await;
    assert_eq!(steps.first().map(|step| step.1), Some(StepVerb::Unpublish));
    assert_eq!(
        world.store().load("x").await.unwrap().ledger.entries.len(),
        1
    );
}

#[tokio::test]
async fn a_lost_ledger_costs_an_adoption_and_nothing_else() {
    let world = World::new().await;
    let text = GOAL.to_owned() + &campaign("one", "") + &engagement("home", "one", "en-US");
    world.reach(&text).await;
    std::fs::remove_file(world.store().place()).unwrap();
    let steps = world.reach(&text).await;
    assert!(
        steps.iter().all(|step| step.1 == StepVerb::Adopt),
        "{steps:?}"
    );
    assert_eq!(steps.len(), 3);
}
