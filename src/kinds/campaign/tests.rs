//! What is particular to campaigns; the generic tests of kinds do the rest.

use serde_json::json;

use super::{CampaignKind, wire};
use crate::kinds::KindDef;
use crate::kinds::mapping::{create_body, lift, without_defaults};
use crate::kinds::tests::{Ids, ManifestWorld};

const DEF: KindDef = KindDef::of::<CampaignKind>();

#[test]
fn a_create_sends_what_the_console_sends() {
    let spec = json!({
        "displayName": "autumn-sale",
        "schedule": { "timeZone": "Europe/Paris", "start": "2026-09-01T00:00:00" },
        "goal": { "id": 4_100_000_101_u64 },
        "targetAudiences": [{ "id": 4_100_000_201_u64 }],
    });
    assert_eq!(
        create_body(&DEF, &spec, &Ids),
        json!({
            "name": "autumn-sale", "description": "", "type": 0,
            "startDate": "2026-09-01 00:00:00", "timeZone": "Europe/Paris",
            "priority": 0.5, "weight": 0.2, "controlGroup": { "percentage": 0 }, "status": 0,
            "goalId": 4_100_000_101_u64, "visitorProfiles": [4_100_000_201_u64],
            "engagementIds": [], "engagements": [], "engaged": 0, "conversion": 0,
        })
    );
}

#[test]
fn an_export_says_only_what_is_not_the_default() {
    let live = json!({
        "id": 1, "name": "autumn-sale", "description": "", "type": 0, "priority": 0.50, "weight": 0.7,
        "controlGroup": { "percentage": 10 }, "status": 1, "engagementIds": [], "engaged": 12,
    });
    assert_eq!(
        without_defaults(&DEF, &lift(&DEF, &live, &Ids)),
        json!({
            "displayName": "autumn-sale", "state": "published", "controlGroup": "10%",
            "weight": "high",
        })
    );
}

#[test]
fn campaigns_of_proactive_sends_are_the_platforms_own() {
    assert!(wire::COLLECTION.is_system(&json!({ "type": 1 })));
    assert!(!wire::COLLECTION.is_system(&json!({ "type": 0 })));
}

#[test]
fn an_engagement_of_the_account_makes_publishing_sensible() {
    let manifests = ManifestWorld::read(
        "kind: Campaign
metadata: { name: autumn-sale }
spec: { state: published, goal: checkout-done, engagements: [{ live: Home }] }",
    );
    assert_eq!(manifests.complaints(), []);
}

#[test]
fn time_zones_are_names_in_their_own_spelling() {
    for (zone, good) in [
        ("Europe/Paris", true),
        ("UTC", true),
        ("America/Argentina/Buenos_Aires", true),
        ("europe/paris", false),
        ("+02:00", false),
    ] {
        let manifests = ManifestWorld(vec![json!({
            "kind": "Campaign", "metadata": { "name": "a" },
            "spec": { "schedule": { "timeZone": zone } },
        })]);
        assert_eq!(manifests.complaints().is_empty(), good, "{zone}");
    }
}

#[test]
fn a_campaign_lists_engagements_of_its_own() {
    for (around, good) in [
        ("campaign: autumn-sale", true),
        ("campaign: other", false),
        ("campaign: { live: Other }", true), // only the account knows which one that is
    ] {
        let manifests = ManifestWorld::read(&format!(
            "kind: Campaign
metadata: {{ name: autumn-sale }}
spec: {{ engagements: [button, unread] }}
---
kind: Campaign
metadata: {{ name: other }}
spec: {{}}
---
kind: Engagement
metadata: {{ name: button }}
spec: {{ {around} }}",
        ));
        let complaints = manifests.complaints();
        let elsewhere = ("campaign-engagement-elsewhere", "/engagements/0".to_owned());
        assert_eq!(
            complaints.contains(&elsewhere),
            !good,
            "{around}: {complaints:?}"
        );
    }
}
