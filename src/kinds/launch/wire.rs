//! The field table of Launch. It has no wire side; the rows are where references are found.

use crate::kinds::field::{Codec, Field, field};

pub(super) const FIELDS: &[Field] = &[
    field("displayName", "", Codec::Text),
    field("description", "", Codec::Text),
    field("sender", "", Codec::Object(SENDER)),
    field("maxRecipients", "", Codec::Number),
];

const SENDER: &[Field] = &[
    field("proactive", "", Codec::Object(PROACTIVE)),
    field("clevertap", "", Codec::Object(CLEVERTAP)),
];

const CLEVERTAP: &[Field] = &[
    field("channel", "", Codec::Text),
    field("where", "", Codec::Json),
    field("segment", "", Codec::Int),
    field("content", "", Codec::Json),
    field("when", "", Codec::Json),
    field("labels", "", Codec::Texts),
    field("respectFrequencyCaps", "", Codec::Bool),
    field("mode", "", Codec::Text),
    field("provider", "", Codec::Text),
    field("devices", "", Codec::Texts),
    field("sendToAllDevices", "", Codec::Bool),
    field("conversionGoal", "", Codec::Json),
    field("timeToLive", "", Codec::Json),
];

const PROACTIVE: &[Field] = &[
    field("handoff", "", Codec::Ref("ApiHandoff")),
    field("skill", "", Codec::Ref("Skill")),
    field("recipients", "", Codec::Object(RECIPIENTS)),
    field("consent", "", Codec::Bool),
    field(
        "windows",
        "",
        Codec::List {
            fields: WINDOW,
            key: None,
        },
    ),
    field("batchSize", "", Codec::Number),
];

const RECIPIENTS: &[Field] = &[
    field("file", "", Codec::Text),
    field("consumer", "", Codec::Text),
    field("variables", "", Codec::Json),
];

const WINDOW: &[Field] = &[
    field("day", "", Codec::Text),
    field("from", "", Codec::Text),
    field("to", "", Codec::Text),
];
