//! Reads, writes and sign-ins against the sandbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use campaignctl::api::{
    Address, ApiError, Client, ClientSettings, Reader, Secret, SignInSecrets, Verbs, Writer,
    connect, observe,
};
use campaignctl::live::{Items, Needs};
use campaignctl::name::{RemoteId, Revision};
use campaignctl::sandbox::{self, Handle, HandoffBodies, Sandbox};
use serde_json::{Value, json};

use super::stub::{Canned, Stub};
use super::{ACCOUNT, application, kind, settings};

pub(super) struct World {
    pub(super) sandbox: Handle,
    seconds: Arc<AtomicI64>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(sandbox::SandboxSettings::default()).await
    }

    pub(super) async fn with(switches: sandbox::SandboxSettings) -> Self {
        let seconds = Arc::new(AtomicI64::new(1_767_323_045));
        let now = Arc::clone(&seconds);
        let clock = move || jiff::Timestamp::from_second(now.load(Ordering::SeqCst)).unwrap();
        let options = sandbox::SandboxOptions {
            settings: switches,
            ..sandbox::SandboxOptions::in_memory(ACCOUNT, Arc::new(clock))
        };
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            seconds,
        }
    }

    pub(super) fn settings(&self) -> ClientSettings {
        settings(&self.sandbox.base_url())
    }

    pub(super) async fn client(&self) -> Client {
        connect(self.settings()).await.unwrap()
    }
}

pub(super) fn id_of(body: &Value) -> RemoteId {
    RemoteId::from_wire(&body["id"]).unwrap()
}

pub(super) fn address(name: &str, body: &Value) -> Address {
    Address {
        kind: kind(name),
        parent: None,
        id: id_of(body),
    }
}

#[tokio::test]
async fn three_ways_to_sign_in() {
    let world = World::new().await;
    let login = |password| SignInSecrets::Login {
        username: "sandbox".into(),
        password: Secret::new(password),
    };
    let bearer = |token| SignInSecrets::Bearer(Secret::new(token));
    for credentials in [application("sandbox"), login("sandbox"), bearer("sandbox")] {
        let client = connect(ClientSettings {
            credentials,
            ..world.settings()
        })
        .await
        .unwrap();
        assert!(!client.list(kind("Goal"), None).await.unwrap().is_empty());
    }
    for credentials in [application("wrong-secret"), login("wrong-secret")] {
        let error = connect(ClientSettings {
            credentials,
            ..world.settings()
        })
        .await
        .unwrap_err();
        assert!(matches!(error, ApiError::Unauthenticated(_)), "{error}");
        assert!(!error.to_string().contains("wrong-secret"), "{error}");
    }
    let credentials = bearer("wrong-token");
    let client = connect(ClientSettings {
        credentials,
        ..world.settings()
    })
    .await
    .unwrap();
    let error = client.list(kind("Goal"), None).await.unwrap_err();
    assert!(matches!(error, ApiError::Unauthenticated(_)), "{error}");
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    let world = World::new().await;
    let client = world.client().await;
    world.seconds.fetch_add(3601, Ordering::SeqCst);
    let lists = tokio::join!(
        client.list(kind("Goal"), None),
        client.list(kind("EntryPoint"), None),
        client.list(kind("Skill"), None),
    );
    assert!(lists.0.is_ok() && lists.1.is_ok() && lists.2.is_ok());
    let counts = client.requests();
    let tokens = counts.iter().find(|(_, subject, _)| *subject == "token");
    assert_eq!(tokens, Some(("POST", "token", 2)));
}

#[tokio::test]
async fn rows_are_created_changed_and_deleted() {
    let world = World::new().await;
    for verbs in [Verbs::Override, Verbs::Real] {
        let client = connect(ClientSettings {
            verbs,
            ..world.settings()
        })
        .await
        .unwrap();
        // Special occasions are replaced through an array on their collection.
        for (name, mut body) in [
            (
                "Goal",
                json!({ "name": "Checkout", "description": "", "type": 0, "mystery": [1] }),
            ),
            (
                "SpecialOccasion",
                json!({ "name": format!("May {verbs:?}"), "description": "d", "events": [], "mystery": 1 }),
            ),
        ] {
            let made = client.create(kind(name), None, &body).await.unwrap();
            let address = address(name, &made.body);
            assert_eq!(made.body["mystery"], body["mystery"]);

            body["id"] = made.body["id"].clone();
            body["description"] = json!("changed");
            let read = client.get(&address).await.unwrap();
            let written = client
                .update(&address, &read.revision, &body)
                .await
                .unwrap();
            assert_eq!(written.body["description"], "changed");
            assert_ne!(written.revision, read.revision);
            assert_eq!(client.get(&address).await.unwrap().body, written.body);

            let stale = client
                .update(&address, &read.revision, &body)
                .await
                .unwrap_err();
            assert!(matches!(stale, ApiError::Conflict(_)), "{stale}");
            let stale = client
                .delete(&address, &Revision("0".into()))
                .await
                .unwrap_err();
            assert!(matches!(stale, ApiError::Conflict(_)), "{stale}");

            let revision = client.get(&address).await.unwrap().revision;
            client.delete(&address, &revision).await.unwrap();
            let gone = client.get(&address).await.unwrap_err();
            assert!(matches!(gone, ApiError::NotFound(_)), "{gone}");
            let rows = client.list(kind(name), None).await.unwrap();
            assert!(rows.iter().all(|row| id_of(row) != address.id));
        }
    }
}

#[tokio::test]
async fn handoffs_are_paged_and_written_through_the_back_door() {
    let world = World::new().await;
    let client = world.client().await;
    let handoff =
        |n: usize| json!({ "name": format!("handoff{n}"), "channels": [{ "type": "inapp" }] });
    for n in 0..61 {
        client
            .create(kind("ApiHandoff"), None, &handoff(n))
            .await
            .unwrap();
    }
    let rows = client.list(kind("ApiHandoff"), None).await.unwrap();
    assert_eq!(rows.len(), 61);

    let address = address("ApiHandoff", &rows[60]);
    let item = client.get(&address).await.unwrap();
    let changed = client
        .update(&address, &item.revision, &handoff(99))
        .await
        .unwrap();
    assert_eq!(changed.body["name"], "handoff99");
    client.delete(&address, &changed.revision).await.unwrap();
    let gone = client.get(&address).await.unwrap_err();
    assert!(matches!(gone, ApiError::NotFound(_)), "{gone}");
}

#[tokio::test]
async fn handoffs_fail_only_when_they_are_needed() {
    let world = World::new().await;
    let domain = Stub::start(|_, _| Canned::new(500, "")).await; // its look-up names no service for handoffs
    domain.point_to(&world.sandbox.base_url());
    let client = connect(settings(&domain.base_url)).await.unwrap();
    assert!(client.list(kind("Goal"), None).await.is_ok());
    let error = client.list(kind("ApiHandoff"), None).await.unwrap_err();
    assert!(
        matches!(&error, ApiError::Unconfigured(why) if why.contains("hosts: { handoff")),
        "{error}"
    );
    let mut fixed = settings(&domain.base_url);
    let base = world.sandbox.base_url();
    fixed.hosts.insert("handoff".to_owned(), base.clone());
    let client = connect(fixed).await.unwrap();
    assert!(client.list(kind("ApiHandoff"), None).await.is_ok());

    // Where all that a run signs in with is fixed, the look-up is asked when handoffs are needed.
    let mut fixed = world.settings();
    for service in ["accountConfigReadWrite", "sentinel"] {
        fixed.hosts.insert(service.to_owned(), base.clone());
    }
    let client = connect(fixed).await.unwrap();
    assert_eq!(client.services().len(), 2);
    assert!(client.list(kind("ApiHandoff"), None).await.is_ok());

    let settings = ClientSettings {
        handoff_writes: false,
        ..world.settings()
    };
    let client = connect(settings).await.unwrap();
    let error = client
        .create(kind("ApiHandoff"), None, &json!({}))
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Denied(_)), "{error}");
}

#[tokio::test]
async fn bare_channels_are_handoffs_without_a_name() {
    let world = World::with(sandbox::SandboxSettings {
        handoff_bodies: HandoffBodies::Channels,
        ..sandbox::SandboxSettings::default()
    })
    .await;
    let client = world.client().await;
    let handoff = json!({ "name": "a", "channels": [{ "type": "inapp" }] });
    client
        .create(kind("ApiHandoff"), None, &handoff)
        .await
        .unwrap();
    let rows = client.list(kind("ApiHandoff"), None).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["channels"], handoff["channels"]);
    assert_eq!(rows[0].get("name"), None);
    assert_eq!(client.list(kind("ApiHandoff"), None).await.unwrap(), rows);
}

/// Two campaigns with an engagement each; the ids of the campaigns.
async fn two_campaigns(client: &Client) -> Vec<RemoteId> {
    let mut ids = Vec::new();
    for name in ["one", "two"] {
        let body = json!({ "name": name, "status": 0, "engagementIds": [], "engagements": [] });
        let campaign = client.create(kind("Campaign"), None, &body).await.unwrap();
        let id = id_of(&campaign.body);
        let body = json!({ "name": format!("in {name}"), "channel": 1, "type": 13 });
        let made = client
            .create(kind("Engagement"), Some(&id), &body)
            .await
            .unwrap();
        let address = Address {
            kind: kind("Engagement"),
            parent: Some(id.clone()),
            id: id_of(&made.body),
        };
        assert_eq!(client.get(&address).await.unwrap().body["type"], 13);
        ids.push(id);
    }
    ids
}

#[tokio::test]
async fn observing_lists_each_collection_once_and_reads_what_is_wanted() {
    let world = World::new().await;
    let writer = world.client().await;
    let campaigns = two_campaigns(&writer).await;

    let client = world.client().await;
    let needs = Needs {
        kinds: ["Goal", "Engagement", "Skill"].map(kind).into(),
        items: Items::Wanted {
            ids: [(kind("Campaign"), campaigns[0].clone())].into(),
            display_names: [].into(),
            kinds: [].into(),
        },
        bound: [].into(),
        optional: [].into(),
    };
    let inventory = observe(&client, &needs, 4).await.unwrap();
    let found = |name| {
        let rows = inventory.of_kind(kind(name)).iter();
        rows.map(|row| (row.display_name.as_str(), row.whole))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("Campaign"), [("one", true), ("two", false)]);
    assert_eq!(
        found("Engagement")
            .iter()
            .map(|row| row.0)
            .collect::<Vec<_>>(),
        ["in one"]
    );
    let engagement = &inventory.of_kind(kind("Engagement"))[0];
    assert_eq!(engagement.parent.as_ref(), Some(&campaigns[0]));
    assert_eq!(found("Goal"), [("Interact with visitors", true)]);
    assert!(inventory.of_kind(kind("Goal"))[0].system);
    assert!(inventory.has_read(kind("Skill")) && found("Skill").is_empty());

    let counts: Vec<_> = client
        .requests()
        .iter()
        .map(|row| (row.1.to_owned(), row.2))
        .collect();
    let of = |path: &str| counts.iter().find(|row| row.0 == path).map(|row| row.1);
    assert_eq!(of("le-campaigns/campaigns"), Some(2), "one list, one item");
    assert_eq!(of("le-goals/goals"), Some(1));
    assert_eq!(of("le-users/skills"), Some(1));
    assert_eq!(
        client.requests().total(),
        6,
        "look-up and token besides: {counts:?}"
    );

    let every = Needs {
        items: Items::Every,
        ..needs
    };
    let inventory = observe(&client, &every, 4).await.unwrap();
    assert_eq!(inventory.of_kind(kind("Engagement")).len(), 2);
    assert!(inventory.iter().all(|object| object.whole));
}
