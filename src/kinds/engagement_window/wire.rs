//! The wire side of `EngagementWindow`: `engagement-window/window-confs` v2.0 (platform.md#engagement-window; captures).

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

/// Where windows live. The default window of an account is not marked as the vendor's own: a manifest may
/// declare it. The theme with the id 9999999999 is the vendor's on every account, and bears no mark.
pub(super) const COLLECTION: Collection = Collection {
    server_assigned: &["id", "deleted", "createdDate", "modifiedDate", "json.id"],
    unreturned: &["createdDate", "modifiedDate"],
    exclusive_flag: Some("isUserDefault"),
    system_flags: &[
        "id=9999999999",
        "json.winConfMetadata.isBase",
        "json.winConfMetadata.isTemplateDefault",
    ],
    system_names: &["Harmony theme"],
    system_rows: &[
        r##"{"deleted":false,"isUserDefault":false,"name":"Harmony theme","description":"","json":{"scheme":"default_scheme","themeId":"harmony","windowSize":"harmony","language":"en-us","description":"","widgets":false,"sound":true,"email":true,"print":true,"popoutAction":false,"surveyPreChatEnabled":false,"surveyPreChatId":"","welcomeMessage":{"isDefault":true,"isEnabled":true,"text":"","whenToPresent":"FIRST_TIME","quickReplies":[]},"customStyle":{"v":"2.0","meta":{"fonts":{"1":"Arial,Helvetica,sans-serif"},"colors":{"1":"#0e193b"}},"config":{}},"name":"","id":-1},"id":9999999999,"type":"internal","order":0}"##,
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
