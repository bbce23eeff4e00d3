//! Service look-up, logins and tokens (platform.md#signing-in).

use std::time::Duration;

use campaignctl::sandbox::SandboxSettings;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{ACCOUNT, Answer, World, send};

async fn look_up(world: &World, tail: &str) -> Answer {
    let path = format!("/api/account/{ACCOUNT}/service/{tail}");
    send(world.request(Method::GET, &path)).await
}

async fn login(world: &World, password: &str) -> Answer {
    let path = format!("/api/account/{ACCOUNT}/login?v=1.3");
    let body = json!({"username": "sandbox", "password": password});
    send(world.request(Method::POST, &path).json(&body)).await
}

async fn goals_with(world: &World, bearer: &str) -> u16 {
    let path = format!("/api/account/{ACCOUNT}/configuration/le-goals/goals?v=3.0");
    send(world.request(Method::GET, &path).bearer_auth(bearer))
        .await
        .status
}

#[tokio::test]
async fn only_this_machine_is_answered() {
    let world = World::new().await;
    let path =
        format!("/api/account/{ACCOUNT}/service/accountConfigReadWrite/baseURI.json?version=1.0");
    for (host, status) in [
        ("localhost:1", 200),
        ("127.0.0.1", 200),
        ("rebound.example", 421),
        ("127.0.0.1.rebound.example:80", 421),
    ] {
        let request = world.request(Method::GET, &path).header("host", host);
        assert_eq!(send(request).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn the_look_up_answers_hosts_without_a_scheme() {
    let world = World::new().await;
    let host = world.sandbox.address().to_string();
    for suffix in ["baseURI.json", "baseURI"] {
        let one = look_up(
            &world,
            &format!("accountConfigReadWrite/{suffix}?version=1.0"),
        )
        .await
        .expect(200)
        .json();
        assert_eq!(
            one,
            json!({"service": "accountConfigReadWrite", "account": ACCOUNT, "baseURI": host})
        );
        let all = look_up(&world, &format!("{suffix}?version=1.0"))
            .await
            .expect(200)
            .json();
        let names: Vec<_> = all["baseURIs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["service"].as_str().unwrap())
            .collect();
        for name in [
            "accountConfigReadWrite",
            "agentVep",
            "sentinel",
            "outboundConfiguration",
        ] {
            assert!(names.contains(&name), "{names:?}");
        }
    }
}

#[tokio::test]
async fn the_look_up_is_strict_about_version_and_case() {
    let world = World::new().await;
    for tail in [
        "agentVep/baseURI.json",
        "agentvep/baseURI.json?version=1.0",
        "baseURI.json?version=9",
    ] {
        look_up(&world, tail).await.expect(400);
    }
    let elsewhere = "/api/account/other/service/baseURI.json?version=1.0";
    send(world.request(Method::GET, elsewhere))
        .await
        .expect(400);
}

#[tokio::test]
async fn a_login_gives_a_bearer_that_expires() {
    let world = World::new().await;
    login(&world, "wrong").await.expect(401);
    let session = login(&world, "sandbox").await.expect(200).json();
    assert_eq!(session["sessionTTl"], "28800000");
    assert!(session["csdsCollectionResponse"]["baseURIs"].is_array());
    assert_eq!(session["config"]["loginName"], "sandbox");
    let bearer = session["bearer"].as_str().unwrap();
    assert_eq!(goals_with(&world, bearer).await, 200);
    world.clock.advance_seconds(8 * 60 * 60);
    assert_eq!(goals_with(&world, bearer).await, 401);
}

#[tokio::test]
async fn a_refresh_prolongs_and_a_logout_ends_a_session() {
    let world = World::new().await;
    let session = login(&world, "sandbox").await.json();
    let bearer = session["bearer"].as_str().unwrap();
    let verb = async |verb: &str| {
        let path = format!("/api/account/{ACCOUNT}/{verb}?v=1.3");
        let body = json!({"csrf": session["csrf"]});
        send(world.request(Method::POST, &path).json(&body)).await
    };
    world.clock.advance_seconds(7 * 60 * 60);
    verb("refresh").await.expect(200);
    world.clock.advance_seconds(7 * 60 * 60);
    assert_eq!(goals_with(&world, bearer).await, 200);
    verb("logout").await.expect(200);
    assert_eq!(goals_with(&world, bearer).await, 401);
    verb("refresh").await.expect(401);
}

#[tokio::test]
async fn client_credentials_give_a_token() {
    let world = World::with(SandboxSettings {
        app_token_lifetime: Duration::from_secs(5),
        developer_bearer: None,
        ..SandboxSettings::default()
    })
    .await;
    let form = |secret| {
        [
            ("client_id", "sandbox"),
            ("client_secret", secret),
            ("grant_type", "client_credentials"),
        ]
    };
    for path in [
        format!("/sentinel/api/account/{ACCOUNT}/app/token?v=1.0"),
        format!("/sentinel/api/v2/account/{ACCOUNT}/app/token"),
    ] {
        let ask = async |secret| send(world.request(Method::POST, &path).form(&form(secret))).await;
        ask("wrong").await.expect(401);
        let token: Value = ask("sandbox").await.expect(200).json();
        assert_eq!(token["token_type"], "Bearer");
        assert_eq!(token["expires_in"], 5);
        let bearer = token["access_token"].as_str().unwrap();
        assert_eq!(bearer.split('.').count(), 3);
        assert_eq!(goals_with(&world, bearer).await, 200);
        world.clock.advance_seconds(6);
        assert_eq!(goals_with(&world, bearer).await, 401);
    }
}

#[tokio::test]
async fn requests_without_a_good_bearer_are_refused() {
    let world = World::new().await;
    let path = format!("/api/account/{ACCOUNT}/configuration/le-goals/goals?v=3.0");
    send(world.request(Method::GET, &path)).await.expect(401);
    assert_eq!(goals_with(&world, "sandbox").await, 200);
    assert_eq!(goals_with(&world, "nonsense").await, 401);
    let oauth = world
        .request(Method::GET, &path)
        .header("Authorization", "OAuth oauth_consumer_key=\"a\"");
    send(oauth).await.expect(401);
    let elsewhere = "/api/account/other/configuration/le-goals/goals?v=3.0";
    let request = world.request(Method::GET, elsewhere).bearer_auth("sandbox");
    send(request).await.expect(401);
    send(world.request(Method::POST, "/_sandbox/reset"))
        .await
        .expect(401);
}
