//! The wire side of Behavior: `le-targeting/visitor-behaviors` v2.0 (platform.md#behavior). The numbers of
//! the condition types occur in real data; their names are guesses of another client.

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

use super::BehaviorType;
use super::means::REFERENCES;

/// Where behaviors live. The list knows the types of the conditions, and neither
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
    system_names: &["All behaviors", "Any behavior"],
    system_rows: &[
        r#"{"name":"All behaviors","description":"","isSystemDefault":true,"systemDefault":true,"conditionBoxTypes":[0],"conditionBoxes":[{"type":0}]}"#,
    ],
    ..Collection::account_config("le-targeting/visitor-behaviors", "2.0")
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

/// Time on a location and visited location name entry points by id, somewhere inside `data`.
const CONDITION: &[Field] = &[
    field("type", "type", Codec::Word(BehaviorType::WORDS)),
    field("data", "data", Codec::JsonWithRefs("EntryPoint")).restricts(),
    field("means", "", Codec::Note(REFERENCES)),
];
