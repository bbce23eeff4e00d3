//! The wire side of `EntryPoint`: `le-targeting/onsite-locations` v3.0 (platform.md#entry-point; a captured
//! create). Of the conditions, only the whole site and sections are known.

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

use super::EntryPointType;

/// Where entry points live. The list knows the types of the conditions, and neither
/// dates nor whether a row is deleted; the item holds the conditions.
pub(super) const COLLECTION: Collection = Collection {
    summary: Some(&[
        "id",
        "name",
        "description",
        "isSystemDefault",
        "systemDefault",
        "conditionBoxTypes",
    ]),
    server_assigned: &[
        "id",
        "deleted",
        "createdDate",
        "modifiedDate",
        "isSystemDefault",
        "systemDefault",
        "conditionBoxTypes",
    ],
    create_constants: &[("isSystemDefault", "false")],
    system_unmarked: &["conditionBoxTypes=[0]", "appInstallationId=null"],
    system_names: &["Entire website/app", "Entire site"],
    system_rows: &[
        r#"{"name":"Entire website/app","description":"","isSystemDefault":true,"systemDefault":true,"conditionBoxTypes":[0],"conditionBoxes":[{"type":0}]}"#,
    ],
    ..Collection::account_config("le-targeting/onsite-locations", "3.0")
};

/// The captured create sends null for what is not said, which is as good as leaving it out.
pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text),
    field(
        "appInstallation",
        "appInstallationId",
        Codec::Ref("AppInstallation"),
    ),
    field(
        "conditions",
        "conditionBoxes",
        Codec::List {
            fields: CONDITION,
            key: Some("type"),
        },
    ),
];

const CONDITION: &[Field] = &[
    field("type", "type", Codec::Word(EntryPointType::WORDS)),
    field("data", "data", Codec::Json).restricts(),
    field("means", "", Codec::Note(&[])),
];
