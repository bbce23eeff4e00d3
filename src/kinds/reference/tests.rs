//! Tests of the kinds that no manifest defines.

use serde_json::json;

use crate::kinds::KindId;

#[test]
fn secrets_of_app_installations_and_connectors_are_dropped() {
    let secretless = |kind: &'static str, mut body: serde_json::Value| {
        let collection = KindId::known(kind).def().collection;
        collection.unwrap().drop_secrets(&mut body);
        body
    };
    assert_eq!(
        secretless(
            "AppInstallation",
            json!({
                "id": "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11",
                "client_name": "shop-ios",
                "client_id": "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11",
                "client_secret": "s3cret",
                "client_secret_expires_at": 0,
                "client_id_issued_at": 1_700_000_000,
                "capabilities": {
                    "webhooks": { "ms.MessagingEventNotification": { "headers": ["authorization: x"] } },
                    "engagement": { "entry_point": ["section"] }
                }
            })
        ),
        json!({
            "id": "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11",
            "client_name": "shop-ios",
            "capabilities": { "engagement": { "entry_point": ["section"] } }
        })
    );
    assert_eq!(
        secretless(
            "Connector",
            json!({ "name": "Login", "configuration": { "clientId": "shop", "clientSecret": "s3cret" } })
        ),
        json!({ "name": "Login", "configuration": { "clientId": "shop" } })
    );
}
