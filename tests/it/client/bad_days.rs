//! Bad days of the platform, played by the faults of the sandbox, and what the client makes of them.

use std::time::Duration;

use campaignctl::api::{
    ApiError, Client, ClientSettings, Rate, Reader, RetryPolicy, Secret, SignInSecrets, WriteFate,
    Writer, connect, observe,
};
use campaignctl::live::{Items, Needs};
use campaignctl::name::RemoteId;
use campaignctl::sandbox::{self, Handle};
use serde_json::{Value, json};

use super::sandbox::{World, address, id_of};
use super::stub::{Canned, Stub, token};
use super::{kind, settings};

fn strike(sandbox: &Handle, faults: &[&str]) {
    sandbox.clear_faults();
    for fault in faults {
        sandbox.add_fault(fault.parse().unwrap());
    }
}

fn calls(client: &Client, subject: &str) -> u64 {
    let counts = client.requests();
    let of = counts.iter().filter(|(_, about, _)| *about == subject);
    of.map(|(_, _, count)| count).sum()
}

async fn goal(client: &Client, name: &str) -> Value {
    let body = json!({ "name": name });
    client.create(kind("Goal"), None, &body).await.unwrap().body
}

#[tokio::test]
async fn reads_and_revisioned_writes_survive_what_passes() {
    let world = World::new().await;
    let client = world.client().await;
    let goal = goal(&client, "g").await;
    for fault in [
        "* * 500 x3",
        "* * 503 x3",
        "* * lost x3",
        "GET * truncate x3",
        "GET * loading x3",
        "* * 429 x6",
        "* * 429 retry-after 0 x6",
        "* * 429 retry-after-date 0 x6",
        "* * expire-token once",
    ] {
        strike(&world.sandbox, &[fault]);
        let item = client.get(&address("Goal", &goal)).await;
        let item = item.unwrap_or_else(|error| panic!("{fault}: {error}"));
        strike(&world.sandbox, &[fault]);
        let at = address("Goal", &goal);
        client
            .update(&at, &item.revision, &item.body)
            .await
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_an_error_and_not_a_smaller_account() {
    let world = World::new().await;
    let client = world.client().await;
    let (kept, lost) = (goal(&client, "kept").await, goal(&client, "lost").await);
    let bound = [&kept, &lost].map(|row| (kind("Goal"), None, id_of(row)));
    let needs = Needs {
        kinds: [kind("Goal")].into(),
        items: Items::Every,
        bound: bound.into(),
        optional: [].into(),
    };
    for (fault, why) in [
        ("GET * truncate", "unavailable"),
        ("GET * garbage", "unexpected"),
        ("GET * garbage shape", "unexpected"),
        ("GET */goals short 1", "leaves out"),
        ("GET */goals short", "leaves out"),
    ] {
        strike(&world.sandbox, &[fault]);
        let error = observe(&client, &needs, 4).await.unwrap_err().to_string();
        assert!(error.contains(why), "{fault}: {error}");
    }
    strike(&world.sandbox, &[]);
    let item = client.get(&address("Goal", &lost)).await.unwrap();
    client
        .delete(&address("Goal", &lost), &item.revision)
        .await
        .unwrap();
    let inventory = observe(&client, &needs, 4).await.unwrap();
    assert_eq!(
        inventory.of_kind(kind("Goal")).len(),
        2,
        "what is gone may be missing"
    );
}

#[tokio::test]
async fn a_list_with_another_number_of_rows_than_announced_is_an_error() {
    let stub = Stub::start(|_, call| match call {
        _ if call.contains("token") => token(),
        _ => Canned::new(200, r#"[{"id":1}]"#).with("x-total-count", "2"),
    })
    .await;
    let client = connect(settings(&stub.base_url)).await.unwrap();
    let error = client.list(kind("Goal"), None).await.unwrap_err();
    insta::assert_snapshot!(error, @"unexpected answer: le-goals/goals: the list announces 2 rows and holds 1");
}

#[tokio::test]
async fn one_of_many_renews_an_expired_token() {
    let world = World::new().await;
    let client = world.client().await;
    strike(&world.sandbox, &["POST */goals expire-token once"]);
    let body = json!({ "name": "g" });
    let create = || client.create(kind("Goal"), None, &body);
    let made = tokio::join!(create(), create(), create(), create(), create());
    assert!(made.0.is_ok() && made.1.is_ok() && made.2.is_ok() && made.3.is_ok() && made.4.is_ok());
    assert_eq!(calls(&client, "token"), 2);
}

#[tokio::test]
async fn tokens_are_renewed_before_they_expire() {
    // The clock of the sandbox stands still, so that no token ever expires there; ours does not.
    let world = World::with(sandbox::SandboxSettings {
        app_token_lifetime: Duration::from_millis(1),
        session_lifetime: Duration::from_millis(1),
        ..sandbox::SandboxSettings::default()
    })
    .await;
    let login = SignInSecrets::Login {
        username: "sandbox".into(),
        password: Secret::new("sandbox"),
    };
    for (credentials, first, again) in [
        (super::application("sandbox"), "token", "token"),
        (login, "login", "refresh"),
    ] {
        let client = connect(ClientSettings {
            credentials,
            ..world.settings()
        })
        .await
        .unwrap();
        assert_eq!(calls(&client, first), 1);
        tokio::time::sleep(Duration::from_millis(2)).await;
        client.list(kind("Goal"), None).await.unwrap();
        assert_eq!(calls(&client, again), 1 + u64::from(first == again));
        assert_eq!(calls(&client, first), 1 + u64::from(first == again));
    }
}

#[tokio::test]
async fn a_service_that_moved_is_found_again_and_nothing_is_lost() {
    let old = World::new().await;
    let new = World::new().await;
    let domain = Stub::start(|_, _| Canned::new(500, "")).await;
    domain.point_to(&old.sandbox.base_url());
    let client = connect(ClientSettings {
        ..settings(&domain.base_url)
    })
    .await
    .unwrap();
    goal(&client, "before").await;

    // The old host answers, but knows nothing of the account any more.
    domain.point_to(&new.sandbox.base_url());
    strike(&old.sandbox, &["* * 404"]);
    let moved = client
        .create(kind("Goal"), None, &json!({ "name": "after" }))
        .await;
    assert!(moved.is_ok(), "signed in anew over there, too");
    assert_eq!(calls(&client, "service look-up"), 2);

    // What is not there is not there: the look-up is asked, and the answer stands.
    let nowhere = address("Goal", &json!({ "id": 4_999_999_999_u64 }));
    let gone = client.get(&nowhere).await;
    assert!(matches!(gone, Err(ApiError::NotFound(_))));

    // The host is gone altogether.
    domain.point_to(&old.sandbox.base_url());
    strike(&old.sandbox, &[]);
    new.sandbox.shutdown().await;
    let names = client.list(kind("Goal"), None).await.unwrap();
    assert!(names.iter().any(|row| row["name"] == "before"));
}

#[tokio::test]
async fn a_spent_budget_says_how_much_was_asked_and_left() {
    let world = World::new().await;
    let client = connect(ClientSettings {
        retry: RetryPolicy {
            second: Duration::ZERO,
            budget: Duration::from_secs(5),
            jitter: || 0.0,
        },
        ..world.settings()
    })
    .await
    .unwrap();
    strike(
        &world.sandbox,
        &["* * 429 retry-after 6", "* * 503 retry-after 6"],
    );
    let error = client.list(kind("Goal"), None).await.unwrap_err();
    insta::assert_snapshot!(error, @"gave up: GET le-goals/goals: 429 Too Many Requests (a fault); the next try would wait 6 s, and the retry budget of 5 s has only 5 s left");
    let create = client
        .create(kind("Goal"), None, &json!({ "name": "g" }))
        .await;
    assert_eq!(create.unwrap_err().fate(), WriteFate::BudgetSpent);
    assert!(client.is_budget_spent());
}

#[tokio::test]
async fn a_write_without_an_answer_is_unknown_even_when_the_budget_is_spent() {
    let world = World::new().await;
    let client = world.client().await;
    let goal = goal(&client, "g").await;
    let item = client.get(&address("Goal", &goal)).await.unwrap();
    strike(
        &world.sandbox,
        &["PUT * lost after-commit once", "PUT * 429 retry-after 3600"],
    );
    let at = address("Goal", &goal);
    let update = client.update(&at, &item.revision, &item.body);
    assert_eq!(update.await.unwrap_err().fate(), WriteFate::Unknown);
    strike(&world.sandbox, &["POST * lost after-commit once"]);
    let body = json!({ "name": "h" });
    let create = client.create(kind("Goal"), None, &body);
    assert_eq!(create.await.unwrap_err().fate(), WriteFate::Unknown);
    assert_eq!(world.sandbox.statistics().created_twice().count(), 0);
}

#[tokio::test]
async fn the_rate_is_kept_as_the_sandbox_counts_it() {
    let world = World::new().await;
    let client = connect(ClientSettings {
        rate: Rate {
            requests: Some(50.0),
            writes: None,
        },
        ..world.settings()
    })
    .await
    .unwrap();
    world.sandbox.forget_statistics();
    let all = (0..60).map(|_| client.list(kind("Goal"), None));
    for list in all {
        list.await.unwrap();
    }
    let statistics = world.sandbox.statistics();
    assert!(statistics.requests >= 60, "{statistics:?}");
    let peak = statistics.peak_per_second;
    assert!((1..=50).contains(&peak), "{peak} in a second");
}

#[tokio::test]
async fn the_monitoring_api_is_asked_again_while_it_loads_the_account() {
    let stub = Stub::start(|count, call| match (call, count) {
        _ if call.contains("token") => token(),
        (_, 2) => Canned::new(
            202,
            r#"{"time":1501074704502,"message":"Loading account: 10000001, vid: v-1","internalCode":38}"#,
        ),
        (_, 3) => Canned::new(
            500,
            r#"{"time":1501074704503,"message":"Loading account: 10000001, vid: v-1","internalCode":20}"#,
        ),
        _ => Canned::new(201, r#"{"engagementDetails":[]}"#),
    })
    .await;
    let client = connect(settings(&stub.base_url)).await.unwrap();
    let app = RemoteId::from("app-1");
    let served = client.engagements_for(&app, &json!({ "obh": true })).await;
    assert_eq!(served.unwrap(), json!({ "engagementDetails": [] }));
    let asked: Vec<_> = stub.log().into_iter().skip(1).collect();
    assert_eq!(
        asked,
        [
            "POST /api/account/10000001/app/app-1/engagement",
            "POST /api/account/10000001/app/app-1/engagement vid=v-1",
            "POST /api/account/10000001/app/app-1/engagement vid=v-1",
        ]
    );
}
