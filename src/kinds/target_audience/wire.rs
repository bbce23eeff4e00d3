//! The wire side of `TargetAudience`: `le-targeting/visitor-profiles` v2.0 (platform.md#target-audience). The
//! conditions are known from entry points; that audiences carry the same envelope is inferred.

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

use super::AudienceType;

/// Where audiences live. The list knows the types of the conditions, and neither
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
    system_unmarked: &["conditionBoxTypes=[0]"],
    system_names: &["All visitors"],
    system_rows: &[
        r#"{"name":"All visitors","description":"","isSystemDefault":true,"systemDefault":true,"conditionBoxTypes":[0],"conditionBoxes":[{"type":0}]}"#,
    ],
    ..Collection::account_config("le-targeting/visitor-profiles", "2.0")
};

/// No default is confirmed.
pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text),
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
    field("type", "type", Codec::Word(AudienceType::WORDS)),
    field("data", "data", Codec::Json).restricts(),
    field("means", "", Codec::Note(&[])),
];
