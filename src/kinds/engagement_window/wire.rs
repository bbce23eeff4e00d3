//! The wire side of `EngagementWindow`: `engagement-window/window-confs` v2.0 (wire section 4.7; captures).

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

/// Where windows live. The default window of an account is not marked as the vendor's own: a manifest may
/// declare it. Which themes a new account holds is inferred.
pub(super) const COLLECTION: Collection = Collection {
    server_assigned: &["id", "deleted", "createdDate", "modifiedDate", "json.id"],
    unreturned: &["createdDate", "modifiedDate"],
    exclusive_flag: Some("isUserDefault"),
    system_flags: &["json.winConfMetadata.isBase"],
    system_rows: &[
        r#"{"name":"Classic","type":"internal","order":0,"isUserDefault":true,"json":{"id":-1,"name":"","scheme":"classic","language":"en-US","winConfMetadata":{"orderID":0,"isTemplateDefault":true,"isBase":true}}}"#,
        r#"{"name":"Modern","type":"internal","order":1,"isUserDefault":false,"json":{"id":-1,"name":"","scheme":"modern","language":"en-US","winConfMetadata":{"orderID":1,"isTemplateDefault":false,"isBase":true}}}"#,
    ],
    ..Collection::account_config("engagement-window/window-confs", "2.0")
};

/// No default is confirmed.
pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("type", "type", Codec::Text),
    field("order", "order", Codec::Int),
    field("baseTemplate", "templateId", Codec::Text),
    field("default", "isUserDefault", Codec::Bool),
    field("style", "json", Codec::JsonObject),
];
