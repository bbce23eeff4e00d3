//! The wire side of `SpecialOccasion`: `ac-common/specialoccasion` v1.0 (platform.md#special-occasion; documented).

use crate::kinds::field::{Codec, Field, field};
use crate::kinds::{Collection, UpdateForm};

/// Where special occasions live. Creates answer 200, and updates go to the collection, as documented.
pub(super) const COLLECTION: Collection = Collection {
    summary: Some(&["id", "name", "deleted", "isDefault"]),
    system_flags: &[],
    create_status: 200,
    unique_name: true,
    exclusive_flag: Some("isDefault"),
    update: UpdateForm::CollectionArray,
    role: "Administrator or LPA",
    ..Collection::account_config("ac-common/specialoccasion", "1.0")
};

/// The vendor requires a description on create.
pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text).or(r#""""#),
    field("default", "isDefault", Codec::Bool),
    field(
        "events",
        "events",
        Codec::List {
            fields: EVENT,
            key: Some("name"),
        },
    ),
];

const EVENT: &[Field] = &[
    field("name", "meta.name", Codec::Text),
    field("working", "meta.working", Codec::Bool),
    field("start.dateTime", "start.dateTime", Codec::Text),
    field("start.timeZone", "start.timeZone", Codec::Text),
    field("end.dateTime", "end.dateTime", Codec::Text),
    field("end.timeZone", "end.timeZone", Codec::Text),
    field("recurrence", "recurrence", Codec::Texts),
];
