//! The wire side of Goal: `le-goals/goals` v3.0 (platform.md#goal; captures of the console).

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

use super::{GoalType, IndicatorType};

/// Where goals live. A new account holds one goal of the vendor's own.
pub(super) const COLLECTION: Collection = Collection {
    summary: Some(&["id", "name", "deleted"]),
    server_assigned: &[
        "id",
        "deleted",
        "createdDate",
        "modifiedDate",
        "systemDefault",
    ],
    system_unmarked: &["type=4", "indicatorType=3", "indicatorValue=null"],
    system_names: &["Interact with visitors"],
    system_rows: &[
        r#"{"name":"Interact with visitors","description":"","type":4,"indicatorType":3,"systemDefault":true}"#,
    ],
    ..Collection::account_config("le-goals/goals", "3.0")
};

/// The captured create sends `type: 0` and `indicatorType: 0` with a URL indicator.
pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text).or(r#""""#),
    field("type", "type", Codec::Word(GoalType::WORDS)).or("0"),
    field(
        "indicator.type",
        "indicatorType",
        Codec::Word(IndicatorType::WORDS),
    )
    .or(r#""url""#),
    field("indicator.url", "indicatorValue.url", Codec::Text),
    field("indicator.match", "indicatorValue.matchType", Codec::Int),
    field(
        "indicator.count",
        "indicatorValue.reachedCounter",
        Codec::Int,
    ),
];
