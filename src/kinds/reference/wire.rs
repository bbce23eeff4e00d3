//! The wire side of the kinds that are only referred to.

use serde_json::Value;

use crate::kinds::{Collection, IdForm, InUse};

const USERS_ASSIGNED: &[&str] = &["id", "deleted", "dateUpdated"];
const USERS_SUMMARY: Option<&[&str]> = Some(&["id", "deleted", "name"]);

/// `le-users/skills` v2.0 (platform.md#skill; documented).
pub(super) const SKILLS: Collection = Collection {
    summary: USERS_SUMMARY,
    server_assigned: USERS_ASSIGNED,
    system_flags: &[],
    unique_name: true,
    role: "Administrator or LPA",
    in_use: Some(InUse {
        body_type: "skill-dependencies",
        message: "skill cannot be deleted because it is assigned to the following entities: ",
    }),
    ..Collection::account_config("le-users/skills", "2.0")
};

/// `le-users/lobs` v2.0 (platform.md#line-of-business; documented).
pub(super) const LINES_OF_BUSINESS: Collection = Collection {
    summary: USERS_SUMMARY,
    server_assigned: USERS_ASSIGNED,
    system_flags: &[],
    unique_name: true,
    role: "Administrator or LPA",
    ..Collection::account_config("le-users/lobs", "2.0")
};

/// `app-install/installations` v1.0 (platform.md#app-installation). The platform names the whole registration
/// confidential, and the headers of web hooks carry credentials of the brand's own.
pub(super) const APP_INSTALLATIONS: Collection = Collection {
    id: IdForm::Uuid,
    name_key: "client_name",
    server_assigned: &["id", "deleted", "createdDate", "modifiedDate"],
    system_flags: &[],
    secrets: &[
        "client_id",
        "client_id_issued_at",
        "client_secret",
        "client_secret_expires_at",
        "capabilities.webhooks",
    ],
    unreturned: &["createdDate", "modifiedDate"],
    unique_name: true,
    role: "Administrator",
    ..Collection::account_config("app-install/installations", "1.0")
};

/// `le-connectors/connectors`, read with v2.0 (platform.md#connector; captures).
pub(super) const CONNECTORS: Collection = Collection {
    system_flags: &[],
    secrets: &["configuration.clientSecret"],
    ..Collection::account_config("le-connectors/connectors", "2.0")
};

/// `le-campaigns/zones` (platform.md#zone; captures). The console shows four of the vendor's own; which
/// number and text stands for which is inferred.
pub(super) const ZONES: Collection = Collection {
    server_assigned: &["id", "deleted", "isDeleted", "createdDate", "modifiedDate"],
    system_flags: &["mainZone"],
    system_rows: &[
        r#"{"name":"Left","zoneType":0,"zoneValue":"left","mainZone":true,"capping":0,"mapping":[]}"#,
        r#"{"name":"Right","zoneType":0,"zoneValue":"right","mainZone":true,"capping":0,"mapping":[]}"#,
        r#"{"name":"Overlay","zoneType":0,"zoneValue":"overlay","mainZone":true,"capping":0,"mapping":[]}"#,
        r#"{"name":"Embedded","zoneType":0,"zoneValue":"embedded","mainZone":true,"capping":0,"mapping":[]}"#,
    ],
    ..Collection::account_config("le-campaigns/zones", "3.4")
};

/// The registration of an app in its installation, the secret included: captured answers hold it.
pub(super) fn serve_registration(body: &mut Value) {
    let Some(id) = body.get("id").cloned() else {
        return;
    };
    let secret = format!("secret-of-{}", id.as_str().unwrap_or_default());
    let Value::Object(body) = body else { return };
    for (key, value) in [
        ("client_id", id),
        ("client_id_issued_at", Value::from(0)),
        ("client_secret", Value::from(secret)),
        ("client_secret_expires_at", Value::from(0)),
    ] {
        body.entry(key).or_insert(value);
    }
}
