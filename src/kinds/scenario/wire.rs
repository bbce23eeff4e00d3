//! The field table of Scenario. It has no wire side; the rows are where references are found.

use crate::kinds::field::{Codec, Field, field};

pub(super) const FIELDS: &[Field] = &[
    field("description", "", Codec::Text),
    field("app", "", Codec::Ref("AppInstallation")),
    field("web", "", Codec::Bool),
    field("url", "", Codec::Text),
    field("at", "", Codec::Text),
    field("given", "", Codec::Object(GIVEN)),
    list("cases", CASE),
    list("always", ALWAYS),
    list("never", NEVER),
];

const fn list(spec: &'static str, fields: &'static [Field]) -> Field {
    field(spec, "", Codec::List { fields, key: None })
}

const GIVEN: &[Field] = &[
    field("agents", "", Codec::Text),
    field("controlGroup", "", Codec::Text),
    field("conversation", "", Codec::Text),
    field("signedIn", "", Codec::Bool),
    field("assume", "", Codec::Json),
];

const CASE: &[Field] = &[
    field("name", "", Codec::Text),
    field("when", "", Codec::Object(WHEN)),
    field("matrix", "", Codec::Object(MATRIX)),
    field("then", "", Codec::Object(THEN)),
    list("journey", STEP),
];

const WHEN: &[Field] = &[
    field("persona", "", Codec::Ref("Persona")),
    field("sections", "", Codec::Texts),
    field("url", "", Codec::Text),
    field("attributes", "", Codec::Json),
    field("at", "", Codec::Text),
    field("device", "", Codec::Text),
    field("ip", "", Codec::Text),
    field("geo", "", Codec::Json),
    field("companySize", "", Codec::Number),
    field("returning", "", Codec::Bool),
    field("referral", "", Codec::Text),
    field("searchKeywords", "", Codec::Texts),
    field("channel", "", Codec::Text),
    field("secondsOnPage", "", Codec::Number),
    field("aboutToAbandon", "", Codec::Bool),
    field("engaged", "", Codec::Texts),
];

const MATRIX: &[Field] = &[
    field("personas", "", Codec::RefList("Persona")),
    field("sections", "", Codec::Texts),
    field("urls", "", Codec::Texts),
    field("at", "", Codec::Texts),
];

const STEP: &[Field] = &[
    field("report", "", Codec::Json),
    field("after", "", Codec::Text),
    field("closes", "", Codec::RefList("Engagement")),
    field("when", "", Codec::Object(WHEN)),
    field("then", "", Codec::Object(THEN)),
];

const THEN: &[Field] = &[
    field("offered", "", Codec::Ref("Engagement")),
    field("oneOf", "", Codec::RefList("Engagement")),
    field("mayBeOffered", "", Codec::RefList("Engagement")),
    field("notOffered", "", Codec::RefList("Engagement")),
    field("nothing", "", Codec::Object(NOTHING)),
    field("eligible", "", Codec::RefList("Engagement")),
    field("skill", "", Codec::Ref("Skill")),
    field("skills", "", Codec::Keyed("Engagement")),
    field("shares", "", Codec::Keyed("Engagement")),
    field("language", "", Codec::Text),
    field("window", "", Codec::Ref("EngagementWindow")),
    field("connector", "", Codec::Ref("Connector")),
    field("undecided", "", Codec::Texts),
];

const NOTHING: &[Field] = &[field("because", "", Codec::Keyed("Engagement"))];

const ALWAYS: &[Field] = &[
    field("if", "", Codec::Object(WHEN)),
    field("then", "", Codec::Object(THEN)),
];

const NEVER: &[Field] = &[
    field("offered", "", Codec::Ref("Engagement")),
    field("unless", "", Codec::Object(WHEN)),
];
