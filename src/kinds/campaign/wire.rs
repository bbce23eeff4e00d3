//! The wire side of Campaign: `le-campaigns/campaigns` v3.4 (platform.md#campaign).

use crate::kinds::Collection;
use crate::kinds::field::{Codec, Field, field};

use super::{CampaignState, CampaignType, CampaignWeight};

/// Where campaigns live.
///
/// The statistics `engaged` and `conversion` are sent as 0 once and are the server's from then on. The
/// minute fields count from the moment of the read. Campaigns of type 1 are the platform's own.
pub(super) const COLLECTION: Collection = Collection {
    summary: Some(&[
        "id",
        "name",
        "description",
        "startDate",
        "expirationDate",
        "goalId",
        "lobId",
        "status",
        "isDeleted",
        "deleted",
        "priority",
        "engagementIds",
        "weight",
        "timeZone",
        "startDateTimeZoneOffset",
        "expirationDateTimeZoneOffset",
        "startTimeInMinutes",
        "expirationTimeInMinutes",
        "type",
    ]),
    whole_query: Some(("field_set", "all")),
    read_items: true,
    embeds: Some("engagements"),
    embedded_ids: Some("engagementIds"),
    embedded_revision: Some("engagementCollectionRevision"),
    server_assigned: &[
        "id",
        "accountId",
        "deleted",
        "isDeleted",
        "createdDate",
        "modifiedDate",
        "timeZoneOffset",
        "startDateTimeZoneOffset",
        "expirationDateTimeZoneOffset",
        "startTimeInMinutes",
        "expirationTimeInMinutes",
        "engagementCollectionRevision",
        "engagements",
        "engaged",
        "conversion",
    ],
    volatile: &["startTimeInMinutes", "expirationTimeInMinutes"],
    system_flags: &["type=1"],
    create_constants: &[
        ("engagementIds", "[]"),
        ("engagements", "[]"),
        ("engaged", "0"),
        ("conversion", "0"),
    ],
    proactive_row: Some(
        r#"{"description":"","type":1,"status":1,"timeZone":"UTC","priority":0.5,"weight":0.2,"controlGroup":{"percentage":0},"visitorProfiles":[],"engagementIds":[]}"#,
    ),
    ..Collection::account_config("le-campaigns/campaigns", "3.4")
};

pub(super) const FIELDS: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text).or(r#""""#),
    field("type", "type", Codec::Word(CampaignType::WORDS)).or(r#""regular""#),
    field("state", "status", Codec::Word(CampaignState::WORDS)).or(r#""unpublished""#),
    field("schedule.timeZone", "timeZone", Codec::Text),
    field("schedule.start", "startDate", Codec::DateTime),
    field("schedule.end", "expirationDate", Codec::DateTime),
    field("goal", "goalId", Codec::Ref("Goal")),
    field("lineOfBusiness", "lobId", Codec::Ref("LineOfBusiness")),
    field(
        "targetAudiences",
        "visitorProfiles",
        Codec::RefSet("TargetAudience"),
    )
    .restricts(),
    field("controlGroup", "controlGroup.percentage", Codec::Percent).or(r#""0%""#),
    field("priority", "priority", Codec::Number).or("0.5"),
    field("weight", "weight", Codec::Word(CampaignWeight::WORDS)).or(r#""medium""#),
    field("engagements", "engagementIds", Codec::RefList("Engagement")),
    field("operationHours", "operationHours", Codec::Int),
];
