//! Asks the platform what the scenarios say: one visitor and one session for each case, at a pace.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::account::Account;
use super::{Error, Run};
use crate::api::{Address, Client, Reader as _, random_state};
use crate::kinds::{ALL, IdForm, KindId, Role};
use crate::live::{Ledger, Needs};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::offers::{CaseResult, Evidence, Query, World};

/// How the platform is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
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
    (world, queries): (&World, &[Query]),
    pace: Pace,
) -> Result<Vec<CaseResult>, Error> {
    let ledger = account.recorded(run).await?.ledger;
    let apps = apps(run, account).await?;
    let asking = Asking {
        client: &account.client,
        world,
        ids: ledger
            .entries
            .iter()
            .map(|(key, entry)| (key.clone(), entry.id.clone()))
            .collect(),
        ledger: &ledger,
        now: run.machine().now(),
        pace,
    };
    let mut results = Vec::new();
    for (index, query) in queries.iter().enumerate() {
        let Some(app) = apps.get(&query.app) else {
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
        results.push(asking.case(query, app).await?);
    }
    Ok(results)
}

/// The installations by their live names: the kind whose ids are UUIDs.
async fn apps(run: &Run, account: &Account) -> Result<BTreeMap<String, RemoteId>, Error> {
    let is_app = |kind: &KindId| {
        let def = kind.def();
        def.role == Role::Reference && def.collection.is_some_and(|it| it.id == IdForm::Uuid)
    };
    let kinds = ALL
        .iter()
        .filter_map(|def| KindId::named(def.name))
        .filter(is_app);
    let kinds: Vec<KindId> = kinds.collect();
    let inventory = account.read(run, &Needs::every(kinds.clone())).await?;
    let objects = kinds.iter().flat_map(|kind| inventory.of_kind(*kind));
    Ok(objects
        .map(|it| (it.display_name.clone(), it.id.clone()))
        .collect())
}

struct Asking<'a> {
    client: &'a Client,
    world: &'a World,
    ids: BTreeMap<Key, RemoteId>,
    ledger: &'a Ledger,
    now: Timestamp,
    pace: Pace,
}

impl Asking<'_> {
    async fn case(&self, query: &Query, app: &RemoteId) -> Result<CaseResult, Error> {
        let subject = random_state()?;
        let answer = self
            .client
            .engagements_for(app, &query.body(subject.expose()))
            .await?;
        let target = query.target(self.world);
        let (mut state, mut revision) = (None, None);
        // What is as expected needs no reason.
        if !query.is_met(self.world, &answer, &self.ids) {
            state = self.state(&answer).await?;
            if let Some(target) = &target {
                revision = self.revision(target).await?;
            }
        }
        let evidence = Evidence {
            answer: &answer,
            state: state.as_ref(),
            ids: &self.ids,
            revision,
            is_fresh: self.is_fresh(target.as_ref()),
        };
        Ok(query.judge(self.world, &evidence))
    }

    async fn state(&self, answer: &Value) -> Result<Option<Value>, Error> {
        let id = |key: &str| answer.get(key).and_then(Value::as_str);
        match (id("visitorId"), id("sessionId")) {
            (Some(visitor), Some(session)) => Ok(self.client.visit_state(visitor, session).await?),
            _ => Ok(None),
        }
    }

    /// The revision that the account has of an object.
    async fn revision(&self, key: &Key) -> Result<Option<i64>, Error> {
        let Some(entry) = self.ledger.entries.get(key) else {
            return Ok(None);
        };
        let address = Address {
            kind: key.kind,
            parent: entry.parent.clone(),
            id: entry.id.clone(),
        };
        let item = self.client.get(&address).await?;
        Ok(item.revision.0.parse().ok())
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
