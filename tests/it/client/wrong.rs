//! Answers that no good server gives, and what must not be done with them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use campaignctl::api::{
    Address, ApiError, Client, ClientSettings, Reader, Timeouts, WriteFate, Writer, connect,
};
use campaignctl::name::{RemoteId, Revision};
use serde_json::json;

use super::stub::{Canned, Stub, TOKEN, token};
use super::{application, kind, settings};

/// A stub that gives tokens and answers everything else with `answer`.
async fn stub(answer: impl Fn() -> Canned + Send + Sync + 'static) -> Stub {
    Stub::start(move |_, call| {
        if call.contains("/app/token") {
            token()
        } else {
            answer()
        }
    })
    .await
}

async fn client(stub: &Stub) -> Client {
    connect(settings(&stub.base_url)).await.unwrap()
}

fn goal() -> Address {
    Address {
        kind: kind("Goal"),
        parent: None,
        id: RemoteId::from("7"),
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = stub(|| Canned::new(200, "[]")).await;
    let target = format!("{}/api/steal", elsewhere.base_url);
    for status in [301, 302, 307, 308] {
        let target = target.clone();
        let here = stub(move || Canned::new(status, "").with("location", target.clone())).await;
        let client = client(&here).await;
        let error = client.list(kind("Goal"), None).await.unwrap_err();
        assert!(matches!(error, ApiError::Unexpected(_)), "{error}");
        let error = client
            .create(kind("Goal"), None, &json!({}))
            .await
            .unwrap_err();
        assert!(matches!(error, ApiError::Unexpected(_)), "{error}");
    }
    assert!(elsewhere.log().is_empty());
}

#[tokio::test]
async fn a_look_up_that_redirects_gets_no_credentials() {
    let elsewhere = stub(|| Canned::new(200, "[]")).await;
    let target = elsewhere.base_url.clone();
    let here = Stub::start(move |_, _| Canned::new(307, "").with("location", target.clone())).await;
    let error = connect(settings(&here.base_url)).await.unwrap_err();
    assert!(matches!(error, ApiError::Unexpected(_)), "{error}");
    assert!(elsewhere.log().is_empty());
}

#[tokio::test]
async fn a_list_of_another_shape_is_an_error_and_never_an_empty_account() {
    for body in [
        "",
        "{}",
        "null",
        r#"{"items":[]}"#,
        "[1]",
        r#"[{"name":"x"}]"#,
        "[{",
        "<html>",
    ] {
        let stub = stub(move || Canned::new(200, body)).await;
        let error = client(&stub)
            .await
            .list(kind("Goal"), None)
            .await
            .unwrap_err();
        assert!(matches!(error, ApiError::Unexpected(_)), "{body}: {error}");
    }
}

#[tokio::test]
async fn an_item_without_a_revision_or_with_another_id_is_an_error() {
    let unrevised = stub(|| Canned {
        headers: Vec::new(),
        ..Canned::new(200, r#"{"id":7}"#)
    })
    .await;
    let other = stub(|| Canned::new(200, r#"{"id":8}"#)).await;
    let handoff = Address {
        kind: kind("ApiHandoff"),
        ..goal()
    };
    for stub in [unrevised, other] {
        for address in [&goal(), &handoff] {
            let mut settings = settings(&stub.base_url);
            let base = stub.base_url.clone();
            settings.hosts.insert("handoff".to_owned(), base);
            let client = connect(settings).await.unwrap();
            let error = client.get(address).await.unwrap_err();
            assert!(matches!(error, ApiError::Unexpected(_)), "{error}");
        }
    }
    let tagged = stub(|| Canned {
        headers: vec![("etag", "W/\"692\"".to_owned())],
        ..Canned::new(200, r#"{"id":7}"#)
    })
    .await;
    let item = client(&tagged).await.get(&goal()).await.unwrap();
    assert_eq!(item.revision, Revision("692".into()));
}

#[tokio::test]
async fn secrets_are_in_no_error_and_no_debug_output() {
    let here = Stub::start(|_, call| {
        if call.contains("/app/token") {
            Canned::new(401, r#"{"message":"hush-hush is no secret of sandbox"}"#)
        } else {
            Canned::new(500, "")
        }
    })
    .await;
    let wrong = ClientSettings {
        credentials: application("hush-hush"),
        ..settings(&here.base_url)
    };
    assert!(!format!("{wrong:?}").contains("hush"));
    let error = connect(wrong).await.unwrap_err();
    assert!(
        error.to_string().contains("[redacted] is no secret"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("hush"));

    let echo = stub(|| Canned::new(400, format!(r#"{{"message":"Bearer {TOKEN} is odd"}}"#))).await;
    let client = client(&echo).await;
    let error = client.list(kind("Goal"), None).await.unwrap_err();
    let text = format!("{error} {error:?} {client:?}");
    assert!(text.contains("is odd") && !text.contains(TOKEN), "{text}");
    assert!(echo.log().last().unwrap().ends_with("with bearer"));
}

#[tokio::test]
async fn reads_and_revisioned_writes_are_tried_again_and_creates_are_not() {
    // Two bad answers before each good one.
    let flaky = |status: u16| {
        let calls = AtomicUsize::new(0);
        stub(move || match calls.fetch_add(1, Ordering::SeqCst) % 3 {
            2 => Canned::new(200, r#"{"id":7}"#),
            _ => Canned::new(status, r#"{"message":"busy"}"#).with("retry-after", "0"),
        })
    };
    let here = flaky(503).await;
    let client_here = client(&here).await;
    assert!(client_here.get(&goal()).await.is_ok());
    let revision = Revision("7".into());
    assert!(
        client_here
            .update(&goal(), &revision, &json!({ "id": 7 }))
            .await
            .is_ok()
    );
    assert!(client_here.delete(&goal(), &revision).await.is_ok());
    let counts: Vec<_> = client_here
        .requests()
        .iter()
        .map(|row| (row.0, row.2))
        .collect();
    assert_eq!(
        counts,
        [
            ("DELETE", 3),
            ("GET", 3),
            ("GET", 1),
            ("POST", 1),
            ("PUT", 3)
        ]
    );

    let error = client_here
        .create(kind("Goal"), None, &json!({}))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ApiError::Unavailable(why) if why.ends_with("503 busy")),
        "{error}"
    );
    assert_eq!(here.log().len(), 11, "sent once");

    let throttled = flaky(429).await;
    assert!(
        client(&throttled)
            .await
            .create(kind("Goal"), None, &json!({}))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_write_that_may_have_arrived_earlier_is_unknown_whatever_comes_after() {
    let calls = AtomicUsize::new(0);
    let here = stub(move || match calls.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => Canned::new(500, "").with("retry-after", "0"),
        _ => Canned::new(412, r#"{"message":"stale"}"#),
    })
    .await;
    let client = client(&here).await;
    let error = client
        .update(&goal(), &Revision("7".into()), &json!({ "id": 7 }))
        .await
        .unwrap_err();
    assert_eq!(error.fate(), WriteFate::Unknown);
    insta::assert_snapshot!(error, @"no answer: unavailable: PUT le-goals/goals: 500 without a message; then changed in the meantime: PUT le-goals/goals: 412 stale (tried 2 times)");
    let error = client.get(&goal()).await.unwrap_err();
    assert!(
        matches!(error, ApiError::Conflict(_)),
        "a read has no effect"
    );
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_waited_for() {
    let busy = stub(|| Canned::new(429, "").with("retry-after", "3600")).await;
    let error = client(&busy).await.get(&goal()).await.unwrap_err();
    assert!(matches!(error, ApiError::BudgetSpent(_)), "{error}");
    assert_eq!(busy.log().len(), 2, "a token and one try");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = connect(settings(&base_url)).await.unwrap_err();
    assert!(matches!(error, ApiError::Unreachable(_)), "{error}");
    assert_eq!(error.fate(), WriteFate::Refused, "nothing was sent");
    assert!(!error.to_string().contains(&base_url), "{error}");
}

#[tokio::test]
async fn an_answer_that_never_comes_is_lost_for_a_create_and_only_for_a_write() {
    // Accepts connections and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let stub = stub(|| Canned::new(200, "[]")).await;
    let mut settings = ClientSettings {
        timeouts: Timeouts {
            total: Duration::from_millis(100),
            ..Timeouts::default()
        },
        ..settings(&stub.base_url)
    };
    settings
        .hosts
        .insert("accountConfigReadWrite".into(), silent);
    let client = connect(settings).await.unwrap();
    let error = client
        .create(kind("Goal"), None, &json!({}))
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Lost(_)), "{error}");
    let error = client.list(kind("Goal"), None).await.unwrap_err();
    assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn the_first_token_call_is_used_where_there_is_no_second() {
    let old = Stub::start(|_, call| match call {
        "POST /sentinel/api/account/10000001/app/token" => token(),
        _ if call.contains("/app/token") => Canned::new(404, ""),
        _ => Canned::new(200, "[]"),
    })
    .await;
    assert!(
        client(&old)
            .await
            .list(kind("Goal"), None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_write_without_a_body_is_followed_by_a_read() {
    let terse = Stub::start(|_, call| match call.split(' ').next() {
        _ if call.contains("/app/token") => token(),
        Some("GET") => Canned::new(200, r#"{"id":7,"name":"read"}"#),
        _ => Canned::new(202, "").with("location", "/api/goals/7?v=3.0"),
    })
    .await;
    let client = client(&terse).await;
    let made = client.create(kind("Goal"), None, &json!({})).await.unwrap();
    assert_eq!(made.body["name"], "read");
    let revision = Revision("1".into());
    let written = client
        .update(&goal(), &revision, &json!({ "id": 7 }))
        .await
        .unwrap();
    assert_eq!(written.body["name"], "read");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    for (account, domain_api) in [
        ("", "http://127.0.0.1:1"),
        ("../1", "http://127.0.0.1:1"),
        ("10000001", "http://api.example"),
        ("10000001", "https://user:pw@api.example"),
    ] {
        let settings = ClientSettings {
            account: account.to_owned(),
            domain_api: domain_api.to_owned(),
            ..settings("http://127.0.0.1:1")
        };
        let error = connect(settings).await.unwrap_err();
        assert!(matches!(error, ApiError::Unconfigured(_)), "{error}");
    }
}
