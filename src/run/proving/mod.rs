//! Asks the platform what the scenarios say: one visitor and one session for each case, at a pace.

mod asking;
mod held;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub use asking::{AskedScenarios, Manner, Proven, Questions, after_apply};

use super::account::Account;
use super::{Error, Run};
use crate::api::{self, Client, random_state};
use crate::kinds::{ALL, IdForm, KindDef, KindId, Role};
use crate::live::Inventory;
use crate::live::{Ledger, Needs};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::offers::{CaseResult, Evidence, LiveIds, Query, Verdict, World};
use crate::resolve::Desired;
use held::HeldObjects;

/// How fast the platform is asked.
#[derive(Clone, Copy, Debug)]
pub struct ProofPace {
    /// The time between two sessions.
    pub every: Duration,
    /// How long a change may take to reach visitors.
    pub settles: Duration,
}

/// Asks each case, in order.
///
/// # Errors
/// An account that cannot be asked; an app that it does not have.
pub async fn proved(
    run: &Run,
    account: &Account,
    (desired, world, queries): (&Desired, &World, &[Query]),
    pace: ProofPace,
) -> Result<Vec<CaseResult>, Error> {
    let ledger = account.recorded(run).await?.ledger;
    let inventory = read_live(run, account, world).await?;
    let live = live_ids(&inventory);
    let asking = PlatformAsking {
        client: &account.client,
        world,
        live: &live,
        ids: ledger
            .entries
            .iter()
            .map(|(key, entry)| (key.clone(), entry.id.clone()))
            .collect(),
        ledger: &ledger,
        now: run.machine().now(),
        pace,
        held: HeldObjects::new(&account.client, desired, &ledger, &inventory),
    };
    let mut results = Vec::new();
    for (index, query) in queries.iter().enumerate() {
        let Some(app) = live.get(&(app_kind(), query.app.clone())) else {
            let why = format!(
                "account {} has no app installation `{}`",
                account.id, query.app
            );
            return Err(Error::invalid(why)
                .help("install the app in the console, or correct `app` of the scenario"));
        };
        if index > 0 {
            tokio::time::sleep(pace.every).await;
        }
        match asking.case(query, app).await {
            Ok(result) => results.push(result),
            // What was asked before has been asked, and its answers are told.
            Err(error) if index > 0 => results.push(query.unanswered(world, &error.to_string())),
            Err(error) => {
                let case = format!("{}, {}", query.scenario.name, query.name);
                return Err(Error::from(error).context(&case));
            }
        }
    }
    Ok(results)
}

/// The kind of installed apps: the one whose ids are UUIDs.
fn app_kind() -> &'static str {
    let is_app = |def: &KindDef| {
        def.role == Role::Reference && def.collection.is_some_and(|it| it.id == IdForm::Uuid)
    };
    let app = ALL.iter().find(|def| is_app(def));
    app.map_or("", |def| def.name)
}

/// What only the account has and cases are about: apps, and what engagements lead to.
async fn read_live(run: &Run, account: &Account, world: &World) -> Result<Inventory, Error> {
    let kinds: BTreeSet<KindId> = world
        .routed_kinds()
        .into_iter()
        .chain([app_kind()])
        .filter_map(KindId::named)
        .collect();
    account.read(run, &Needs::every(kinds)).await
}

/// The ids of that, by kind and live name.
fn live_ids(inventory: &Inventory) -> LiveIds {
    let objects = inventory.iter();
    objects
        .map(|it| ((it.kind.name(), it.display_name.clone()), it.id.clone()))
        .collect()
}

struct PlatformAsking<'a> {
    client: &'a Client,
    world: &'a World,
    ids: BTreeMap<Key, RemoteId>,
    live: &'a LiveIds,
    ledger: &'a Ledger,
    now: Timestamp,
    pace: ProofPace,
    /// What the account holds.
    held: HeldObjects<'a>,
}

impl PlatformAsking<'_> {
    /// What came of a case. An answer that cannot be read, or that fails, is about this case alone.
    ///
    /// # Errors
    /// What keeps any case from being asked: nothing was sent.
    async fn case(&self, query: &Query, app: &RemoteId) -> Result<CaseResult, api::ApiError> {
        let subject = random_state()?;
        let body = query.body(subject.expose());
        let asked = self.client.engagements_for(app, &body).await;
        let (answer, refused) = match asked {
            Ok(answer) => (answer, None),
            // The next case may be another one that it takes.
            Err(api::ApiError::Refused(why)) => (Value::Null, Some(why)),
            // Nor is it asked a second time: the first call may have opened its session.
            Err(error) if is_of_all(&error) => return Err(error),
            Err(error) => return Ok(query.unanswered(self.world, &error.to_string())),
        };
        let state = match refused {
            None => self.state(&answer).await,
            Some(_) => None,
        };
        let target = query.target(self.world);
        let mut evidence = Evidence {
            answer: refused.as_deref().map_or(Ok(&answer), Err),
            state: state.as_ref(),
            ids: &self.ids,
            live: self.live,
            revision: Ok(None),
            is_fresh: self.is_fresh(target.as_ref()),
            differing: Vec::new(),
            revisions: BTreeMap::new(),
        };
        let offered = query.offered(self.world, &evidence);
        if let Some(offered) = &offered {
            evidence.revision = self.held.revision(offered).await;
        }
        let result = query.judge(self.world, &evidence);
        if result.verdict() == Verdict::Passed {
            return Ok(result);
        }
        let about = target.into_iter().chain(offered);
        let about: BTreeSet<Key> = about.chain(query.certain(self.world)).collect();
        for key in about {
            let revisions = self.held.revisions(self.world, &key).await;
            evidence.revisions.extend(revisions);
            let differing = self.held.differences(self.world, &key).await;
            evidence.differing.push((key, differing));
        }
        Ok(query.judge(self.world, &evidence))
    }

    /// What the platform says of the visit; nothing where it is over, kept from these credentials, or cannot be read.
    async fn state(&self, answer: &Value) -> Option<Value> {
        let id = |key: &str| answer.get(key).and_then(Value::as_str);
        let said = self.client.visit_state(id("visitorId")?, id("sessionId")?);
        said.await.ok().flatten().filter(is_state)
    }

    /// Whether what is expected, or something around it, was applied a moment ago.
    fn is_fresh(&self, target: Option<&Key>) -> bool {
        let settles = SignedDuration::try_from(self.pace.settles).unwrap_or(SignedDuration::MAX);
        let is_new = |key: &Key| {
            let at = self
                .ledger
                .entries
                .get(key)
                .map(|entry| entry.at.parse::<Timestamp>());
            matches!(at, Some(Ok(at)) if self.now.duration_since(at) < settles)
        };
        match target {
            Some(target) => self.world.keys_around(target).iter().any(is_new),
            None => self.ledger.entries.keys().any(is_new),
        }
    }
}

/// Whether a failure is not about one call: nothing was sent, and no other call will be.
fn is_of_all(error: &api::ApiError) -> bool {
    matches!(
        error,
        api::ApiError::Unauthenticated(_)
            | api::ApiError::SignedOut(_)
            | api::ApiError::BudgetSpent(_)
            | api::ApiError::Unreachable(_)
            | api::ApiError::Unconfigured(_)
    )
}

/// Whether an answer is about a visit: another one does not say that no list is active.
fn is_state(state: &Value) -> bool {
    state.as_object().is_some_and(|it| !it.is_empty())
}
