//! Faults: each does over real HTTP what its page says, and nothing else.

use std::time::{Duration, Instant};

use campaignctl::sandbox::SandboxSettings;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};

const GOALS: &str = "le-goals/goals?v=3.0";
const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";

impl World {
    /// Adds faults through the back door.
    async fn fault(&self, faults: &str) -> Value {
        self.faults(Method::POST, "", faults)
            .await
            .expect(201)
            .json()
    }

    async fn faults(&self, method: Method, tail: &str, body: &str) -> Answer {
        let request = self.request(method, &format!("/_sandbox/faults{tail}"));
        send(request.bearer_auth("sandbox").body(body.to_owned())).await
    }

    /// A goal, and its path.
    async fn goal(&self, name: &str) -> (Answer, String) {
        let made = self.post(GOALS, &json!({"name": name})).await.expect(201);
        let path = format!("le-goals/goals/{}?v=3.0", made.id());
        (made, path)
    }

    fn goal_names(&self) -> impl Future<Output = Vec<String>> {
        let request = self.config(Method::GET, GOALS);
        async {
            let rows = send(request).await.expect(200).json();
            let rows = rows.as_array().unwrap();
            rows.iter()
                .map(|row| row["name"].as_str().unwrap().to_owned())
                .collect()
        }
    }
}

/// What became of a request: the status, or how the connection broke.
async fn outcome(request: RequestBuilder) -> Result<(u16, String), &'static str> {
    let Ok(response) = request.send().await else {
        return Err("no answer");
    };
    let status = response.status().as_u16();
    let text = response.text().await;
    text.map(|text| (status, text))
        .map_err(|_| "half an answer")
}

#[tokio::test]
async fn a_burst_strikes_so_often_and_then_no_more() {
    let world = World::with(SandboxSettings {
        faults: vec!["PUT */goals/* 503 x2".parse().unwrap()],
        ..SandboxSettings::default()
    })
    .await;
    let (made, path) = world.goal("g").await;
    let write = async || {
        let body = json!({"name": "h"});
        world
            .tunnel("PUT", &path, made.revision(), Some(&body))
            .await
    };
    let refused = write().await.expect(503);
    assert_eq!(
        refused.json(),
        json!({"type": "goals", "internalCode": 503, "message": "Service Unavailable (a fault)"})
    );
    write().await.expect(503);
    assert_eq!(world.get(&path).await.json()["name"], "g");
    write().await.expect(200);
    let faults = world.sandbox.faults();
    assert_eq!((faults[0].matched, faults[0].struck), (3, 2));
}

#[tokio::test]
async fn a_refusal_is_worded_as_its_service_words_it() {
    let world = World::new().await;
    world.fault("* * 500").await;
    let handoffs = format!("/api/account/{ACCOUNT}/app/prmsg/handoffs/list?v=1");
    let keys = async |request| {
        let body = send(request).await.expect(500).json();
        let keys = body.as_object().unwrap().keys().cloned();
        keys.collect::<Vec<_>>()
    };
    assert_eq!(
        keys(world.config(Method::GET, GOALS)).await,
        ["type", "internalCode", "message"]
    );
    assert_eq!(
        keys(world.request(Method::GET, &handoffs)).await,
        ["code", "requestTraceId", "message"]
    );
}

#[tokio::test]
async fn retry_after_is_missing_or_seconds_or_a_date_of_the_sandbox() {
    let world = World::new().await;
    let header = async |fault: &str| {
        world.fault(fault).await;
        let response = world.config(Method::GET, GOALS).send().await.unwrap();
        assert_eq!(response.status(), 429);
        let header = |name: &str| Some(response.headers().get(name)?.to_str().unwrap().to_owned());
        (header("retry-after"), header("date"))
    };
    assert_eq!(header("GET * 429 once").await.0, None);
    let (seconds, _) = header("GET * 429 retry-after 7 once").await;
    assert_eq!(seconds.as_deref(), Some("7"));
    let (then, now) = header("GET * 429 retry-after-date 7 once").await;
    assert_eq!(now.as_deref(), Some("Fri, 02 Jan 2026 03:04:05 GMT"));
    assert_eq!(then.as_deref(), Some("Fri, 02 Jan 2026 03:04:12 GMT"));
}

#[tokio::test]
async fn an_answer_is_lost_before_or_after_the_effect() {
    let world = World::new().await;
    world
        .fault("POST */goals lost once\nPOST */goals lost after-commit once\nPOST */goals 503 after-commit once")
        .await;
    let create = async |name: &str| {
        let request = world.config(Method::POST, GOALS);
        outcome(request.json(&json!({"name": name})))
            .await
            .map(|(status, _)| status)
    };
    let before = world.goal_names().await;
    assert_eq!(create("one").await, Err("no answer"));
    assert_eq!(world.goal_names().await, before);
    assert_eq!(create("two").await, Err("no answer"));
    assert_eq!(create("three").await, Ok(503));
    assert_eq!(create("four").await, Ok(201));
    assert_eq!(
        world.goal_names().await[before.len()..],
        ["two", "three", "four"]
    );
    let statistics = world.sandbox.statistics();
    assert_eq!((statistics.writes, statistics.commits), (4, 3));
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_sends() {
    let world = World::new().await;
    let (made, path) = world.goal("whole").await;
    world.fault("* * truncate x3").await;
    let read = world.config(Method::GET, GOALS).send().await.unwrap();
    assert_eq!(read.status(), 200);
    let announced = read.content_length().unwrap();
    assert!(announced > 20, "{announced}");
    assert!(read.text().await.is_err());
    let write = world
        .config(Method::PUT, &path)
        .header("If-Match", made.revision());
    let write = write.json(&json!({"name": "changed"}));
    assert_eq!(outcome(write).await, Err("half an answer"));
    // An answer without a body has no middle.
    let revision = world.sandbox.faults().len() + made.revision().parse::<usize>().unwrap();
    let delete = world
        .config(Method::DELETE, &path)
        .header("If-Match", revision.to_string());
    assert_eq!(outcome(delete).await, Err("no answer"));
    world.get(&path).await.expect(410);
}

#[tokio::test]
async fn an_expired_token_is_refused_until_the_next_login() {
    let world = World::with(SandboxSettings {
        faults: vec!["GET */goals expire-token once".parse().unwrap()],
        ..SandboxSettings::default()
    })
    .await;
    let login = async || {
        let path = format!("/api/account/{ACCOUNT}/login?v=1.3");
        let body = json!({"username": "sandbox", "password": "sandbox"});
        let session = send(world.request(Method::POST, &path).json(&body)).await;
        session.expect(200).json()["bearer"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let goals = async |bearer: &str| {
        let path = format!("/api/account/{ACCOUNT}/configuration/{GOALS}");
        let request = world.request(Method::GET, &path).bearer_auth(bearer);
        send(request).await.status
    };
    let bearer = login().await;
    assert_eq!(goals(&bearer).await, 401);
    assert_eq!(goals(&bearer).await, 401, "the token is dead");
    assert_eq!(goals(&login().await).await, 200);
    assert_eq!(world.sandbox.faults()[0].struck, 1);
}

#[tokio::test]
async fn another_client_writes_before_a_write_and_after_a_read() {
    let world = World::new().await;
    let body = json!({"name": "mine", "description": "mine", "type": 1});
    let made = world.post(GOALS, &body).await.expect(201);
    let path = format!("le-goals/goals/{}?v=3.0", made.id());

    world.fault("PUT */goals/{id} race once").await;
    world.put(&path, made.revision(), &body).await.expect(412);
    let read = world.get(&path).await.expect(200);
    assert_ne!(read.revision(), made.revision());
    assert_eq!(read.text, made.text, "another object was changed");

    world.fault("GET */goals/{id} race edit once").await;
    let before = world.get(&path).await.expect(200);
    assert_eq!(before.json()["description"], "mine");
    world.put(&path, before.revision(), &body).await.expect(412);
    let after = world.get(&path).await.expect(200);
    let edited = after.json()["description"].as_str().unwrap().to_owned();
    assert!(edited.starts_with("edited by another client"), "{edited}");

    world.fault("DELETE */goals/{id} race edit:type once").await;
    let refused = world.tunnel("DELETE", &path, after.revision(), None).await;
    refused.expect(412);
    assert_eq!(world.get(&path).await.json()["type"], 2);

    world.fault("PUT */goals/{id} race delete once").await;
    let revision = world.get(&path).await.revision().to_owned();
    world.put(&path, &revision, &body).await.expect(410);
}

#[tokio::test]
async fn a_delay_lets_the_other_faults_have_their_turn() {
    let world = World::new().await;
    world
        .fault("GET */goals delay 30ms\nGET */goals delay 30ms after-commit\nGET */goals 503 once")
        .await;
    let start = Instant::now();
    world.get(GOALS).await.expect(503);
    assert!(start.elapsed() >= Duration::from_millis(60));
    world.get(GOALS).await.expect(200);
    assert_eq!(world.get(CAMPAIGNS).await.expect(200).status, 200);
}

#[tokio::test]
async fn answers_can_be_of_the_wrong_shape_or_too_short() {
    let world = World::new().await;
    for name in ["a", "b", "c"] {
        world.goal(name).await;
    }
    let names = world.goal_names().await;
    world.fault("* */goals garbage x2").await;
    let page = world.config(Method::GET, GOALS).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html;charset=UTF-8");
    assert!(page.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    world.post(GOALS, &json!({"name": "d"})).await.expect(200);
    assert_eq!(
        world.goal_names().await,
        names,
        "garbage for a write is without effect"
    );

    world.fault("* */goals garbage shape x2").await;
    let list = world.get(GOALS).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), names.len());
    let made = world.post(GOALS, &json!({"name": "d"})).await.expect(200);
    assert_eq!(made.json(), json!({}));

    world
        .fault("GET */goals short 1 once\nGET */goals short once")
        .await;
    assert_eq!(world.goal_names().await, names[..3]);
    assert_eq!(world.goal_names().await, names[..2]);
    assert_eq!(world.goal_names().await, names);
}

#[tokio::test]
async fn the_account_can_be_loading_or_elsewhere() {
    let world = World::new().await;
    world
        .fault("GET */goals loading once\nGET */goals redirect http://127.0.0.1:9/x once")
        .await;
    let loading = world.get(GOALS).await.expect(202).json();
    assert_eq!(
        (&loading["internalCode"], &loading["message"]),
        (&json!(38), &json!("Loading account"))
    );
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let path = format!("/api/account/{ACCOUNT}/configuration/{GOALS}");
    let request = client
        .build()
        .unwrap()
        .get(format!("{}{path}", world.sandbox.base_url()));
    let answer = send(request.bearer_auth("sandbox")).await.expect(307);
    assert_eq!(
        answer.location.as_deref(),
        Some(format!("http://127.0.0.1:9/x{path}").as_str())
    );
}

#[tokio::test]
async fn the_services_move_to_another_host_in_mid_run() {
    for (fault, old_host) in [
        ("PUT * move once", Ok(404)),
        ("PUT * move refused once", Err("no answer")),
    ] {
        let world = World::new().await;
        let (made, path) = world.goal("g").await;
        world.fault(fault).await;
        let host = async || {
            let path = format!(
                "/api/account/{ACCOUNT}/service/accountConfigReadWrite/baseURI.json?version=1.0"
            );
            let answer = send(world.request(Method::GET, &path)).await.expect(200);
            answer.json()["baseURI"].as_str().unwrap().to_owned()
        };
        let old = host().await;
        let write = |host: &str| {
            let path = format!("http://{host}/api/account/{ACCOUNT}/configuration/{path}");
            let request = reqwest::Client::new().put(path).bearer_auth("sandbox");
            let request = request.header("If-Match", made.revision());
            request.json(&json!({"name": "h"}))
        };
        let status = async |request| outcome(request).await.map(|(status, _)| status);
        assert_eq!(status(write(&old)).await, old_host);
        let new = host().await;
        assert_ne!(new, old);
        assert_eq!(status(world.config(Method::GET, GOALS)).await, old_host);
        assert_eq!(status(write(&new)).await, Ok(200));
        let handoffs = format!("/api/account/{ACCOUNT}/app/prmsg/handoffs/list?v=1");
        let handoffs = world.request(Method::GET, &handoffs).bearer_auth("sandbox");
        assert_eq!(status(handoffs).await, old_host, "they move along");
        world.sandbox.shutdown().await;
        assert!(write(&new).send().await.is_err(), "both hosts are gone");
    }
}

#[tokio::test]
async fn the_back_door_adds_lists_and_removes() {
    let world = World::new().await;
    let added = world.fault("PUT * 503  x3\n\n* * 429 every 3").await;
    assert_eq!(
        added,
        json!([
            {"id": 1, "fault": "PUT * 503 x3", "matched": 0, "struck": 0},
            {"id": 2, "fault": "* * 429 every 3", "matched": 0, "struck": 0},
        ])
    );
    let left = world
        .faults(Method::DELETE, "/1", "")
        .await
        .expect(200)
        .json();
    assert_eq!(left.as_array().unwrap().len(), 1);
    world.faults(Method::DELETE, "/1", "").await.expect(404);
    for _ in 0..4 {
        world.get(GOALS).await;
    }
    let listed = world.faults(Method::GET, "", "").await.expect(200).json();
    assert_eq!(
        listed,
        json!([{"id": 2, "fault": "* * 429 every 3", "matched": 4, "struck": 1}])
    );
    world.faults(Method::DELETE, "", "").await.expect(200);
    assert_eq!(world.faults(Method::GET, "", "").await.json(), json!([]));
}

#[tokio::test]
async fn the_back_door_refuses_all_faults_when_one_is_wrong() {
    let world = World::new().await;
    let refused = world
        .faults(Method::POST, "", "PUT * 503\nPUT * 503 ofter 2")
        .await;
    insta::assert_snapshot!(refused.expect(400).text, @"
    `ofter` is not an option or a qualifier
      PUT * 503 ofter 2
                ^^^^^
      = help: did you mean `after`?
    ");
    assert_eq!(world.faults(Method::GET, "", "").await.json(), json!([]));
    world.faults(Method::POST, "", "\n").await.expect(400);
    send(
        world
            .request(Method::POST, "/_sandbox/faults")
            .body("* * 503"),
    )
    .await
    .expect(401);
}

#[tokio::test]
async fn requests_creates_and_peaks_are_counted() {
    let world = World::new().await;
    let names = ["a", "b", "a"];
    for name in names {
        world.goal(name).await;
    }
    let statistics = world.sandbox.statistics();
    assert_eq!(
        statistics.creates["le-goals/goals"],
        [("a".to_owned(), 2), ("b".to_owned(), 1)].into()
    );
    assert_eq!(
        statistics.created_twice().collect::<Vec<_>>(),
        [("le-goals/goals", "a")]
    );
    assert_eq!((statistics.peak_concurrent, statistics.commits), (1, 3));
    assert!((1..=3).contains(&statistics.peak_per_second));
    let shown = send(world.request(Method::GET, "/_sandbox/stats")).await;
    assert_eq!(shown.json(), statistics.to_json());
    world.fault("GET * delay 20ms").await;
    tokio::join!(world.get(GOALS), world.get(CAMPAIGNS), world.get(GOALS));
    assert_eq!(world.sandbox.statistics().peak_concurrent, 3);
}
