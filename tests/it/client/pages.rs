//! The list of handoffs is whole, however long its pages may be.

use std::collections::BTreeSet;

use campaignctl::api::Reader;
use campaignctl::sandbox::{self, HandoffBodies, HandoffLimit};
use serde_json::json;

use super::kind;
use super::sandbox::{World, id_of};

const LIMITS: [HandoffLimit; 7] = [
    HandoffLimit::Served,
    HandoffLimit::Hundred,
    HandoffLimit::Cut,
    HandoffLimit::Short,
    HandoffLimit::Empty,
    HandoffLimit::Refused,
    HandoffLimit::Failing,
];

/// Around the lengths of pages.
const COUNTS: [usize; 12] = [0, 10, 29, 30, 31, 40, 59, 60, 61, 129, 130, 131];

/// How many pages are asked for, for each of the counts.
async fn pages(limit: HandoffLimit, bodies: HandoffBodies) -> Vec<usize> {
    let world = World::with(sandbox::SandboxSettings {
        handoff_limit: limit,
        handoff_bodies: bodies,
        ..sandbox::SandboxSettings::default()
    })
    .await;
    let client = world.client().await;
    let seeds = tempfile::NamedTempFile::new().unwrap();
    let mut made = 0;
    let mut pages = Vec::new();
    for count in COUNTS {
        let handoffs = (made..count).map(|n| {
            let name = format!("handoff{n}");
            let channel = json!({ "type": "inapp", "language": name });
            json!({ "name": name, "channels": [channel] })
        });
        let handoffs: Vec<_> = handoffs.collect();
        let seed = json!({ "api-handoffs": handoffs }).to_string();
        std::fs::write(seeds.path(), seed).unwrap();
        world.sandbox.seed(seeds.path()).unwrap();
        made = count;
        let before = client.requests().total();
        let rows = client.list(kind("ApiHandoff"), None).await.unwrap();
        pages.push(usize::try_from(client.requests().total() - before).unwrap());
        let ids: BTreeSet<_> = rows.iter().map(id_of).collect();
        assert_eq!((rows.len(), ids.len()), (count, count), "{limit:?}");
    }
    pages
}

#[tokio::test]
async fn no_handoff_is_missed_whatever_a_long_page_gives() {
    let mut told = Vec::new();
    for limit in LIMITS {
        let pages = pages(limit, HandoffBodies::Handoffs).await;
        told.push(format!("{limit:?}: {pages:?}"));
    }
    let told = told.join("\n");
    // A list without two full pages is asked for in pages as the documentation shows them and in no others.
    insta::assert_snapshot!(told, @"
    Served: [1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]
    Hundred: [1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]
    Cut: [1, 2, 2, 2, 3, 3, 3, 4, 4, 6, 6, 6]
    Short: [1, 2, 2, 2, 3, 3, 3, 4, 4, 6, 6, 7]
    Empty: [1, 2, 2, 2, 3, 3, 3, 4, 5, 7, 7, 7]
    Refused: [1, 2, 2, 2, 3, 3, 3, 4, 5, 7, 7, 7]
    Failing: [1, 2, 2, 2, 3, 3, 3, 4, 5, 7, 7, 7]
    ");
}

#[tokio::test]
async fn no_bare_channel_is_missed_and_none_is_asked_for_in_long_pages() {
    let documented = pages(HandoffLimit::Served, HandoffBodies::Channels).await;
    for limit in LIMITS {
        assert_eq!(pages(limit, HandoffBodies::Channels).await, documented);
    }
}
