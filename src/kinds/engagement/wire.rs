//! The wire side of Engagement: `le-campaigns/campaigns/{parent}/engagements` v3.4 (platform.md#engagement).

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::kinds::admission::keeps_back;
use crate::kinds::field::{Codec, Field, concat, field};
use crate::kinds::mapping::get_path;
use crate::kinds::shared::appearance::{
    self, Anchor, DisplayState, EngagementSource, EngagementSubType, EngagementType, Rendering,
};
use crate::kinds::{AppVisit, Collection, Conduct, Lookup};
use crate::text::number::integer;

use super::{Availability, ConversationType};

/// Where engagements live. `viewErrors` is left over from the console's form.
pub(super) const COLLECTION: Collection = Collection {
    whole_query: Some(("field_set", "all")),
    server_assigned: &[
        "id",
        "campaignId",
        "deleted",
        "isDeleted",
        "createdDate",
        "modifiedDate",
        "viewErrors",
    ],
    unreturned: &["weight"],
    proactive_row: Some(
        r#"{"description":"","enabled":true,"channel":1,"type":13,"subType":34,"source":12,"language":"en-US","onsiteLocations":[],"visitorBehaviors":[],"displayInstances":[],"conversationType":1}"#,
    ),
    ..Collection::account_config("le-campaigns/campaigns/{parent}/engagements", "3.4")
};

pub(super) const FIELDS: &[Field] =
    &concat::<{ OWN.len() + appearance::FIELDS.len() }>(OWN, appearance::FIELDS);

const OWN: &[Field] = &[
    field("displayName", "name", Codec::Text),
    field("description", "description", Codec::Text).or(r#""""#),
    field("campaign", "", Codec::Ref("Campaign")),
    field("template", "", Codec::Ref("EngagementTemplate")),
    field("enabled", "enabled", Codec::Bool).or("true"),
    field(
        "entryPoints",
        "onsiteLocations",
        Codec::RefSet("EntryPoint"),
    )
    .restricts(),
    field("behaviors", "visitorBehaviors", Codec::RefSet("Behavior")).restricts(),
    field("skill", "skillId", Codec::Ref("Skill")).restricts(),
    field("useSystemRouting", "useSystemRouting", Codec::Bool).or("false"),
    field(
        "appInstallation",
        "appInstallationId",
        Codec::Ref("AppInstallation"),
    ),
    field("connector", "connectorId", Codec::Ref("Connector")).restricts(),
    field("allowUnauthenticated", "allowUnauthMsg", Codec::Bool).or("false"),
    field(
        "conversationType",
        "conversationType",
        Codec::Word(ConversationType::WORDS),
    )
    .or(r#""messaging""#),
    field(
        "availability",
        "availabilityPolicy",
        Codec::Word(Availability::WORDS),
    )
    .or(r#""onlineOnly""#),
    field(
        "availabilityForMessaging",
        "availabilityPolicyForMessaging",
        Codec::Word(Availability::WORDS),
    ),
    field("weight", "weight", Codec::Number).unreturned(),
    field("timeInQueue", "timeInQueue", Codec::Int).or("0"),
    field("externalTargets", "externalTargets", Codec::Json).restricts(),
    field("survey", "surveyId", Codec::Int),
    field("offlineSurvey", "offlineSurveyId", Codec::Int),
];

/// Whether the app of a visit shows the engagement: switched on, and made for this very app.
pub(super) fn is_for(body: &Value, visit: &AppVisit<'_>) -> bool {
    const APP: i64 = 12;
    body.get("enabled") == Some(&Value::Bool(true))
        && body.get("source").and_then(integer) == Some(APP)
        && body.get("appInstallationId").and_then(Value::as_str) == Some(visit.app_installation)
        && (visit.has_agents || shows_without_agents(body, visit.conduct))
        && !keeps_back(body, visit, &["timeInQueue", "externalTargets"])
}

/// Whether a policy says that the engagement shows at all times. One without a policy for its own conversations goes by the
/// other one.
fn shows_without_agents(body: &Value, conduct: &Conduct) -> bool {
    const CHAT: i64 = 0;
    let mut policies = ["availabilityPolicyForMessaging", "availabilityPolicy"];
    if body.get("conversationType").and_then(integer) == Some(CHAT) {
        policies.reverse();
    }
    let said = policies.iter().filter_map(|key| integer(body.get(key)?));
    let counting = if conduct.takes_either_availability {
        policies.len()
    } else {
        1
    };
    let is_always = said.take(counting).any(|policy| policy != 0);
    is_always && !conduct.always_needs_agents
}

/// All captured engagements have a policy for messaging, 1 on every one of them.
pub(super) fn serve(body: &mut Value) {
    let is_web = body.get("source").and_then(integer) == Some(0);
    if let Value::Object(body) = body
        && is_web
    {
        body.entry("availabilityPolicyForMessaging")
            .or_insert(Value::from(1));
    }
}

/// What the console sends for a format besides the fixed defaults. Nothing follows from a raw number
/// that has no word, and nothing that is not confirmed follows from a format.
pub(super) fn derived_defaults(spec: &Value) -> Vec<(&'static str, Value)> {
    let mut defaults = vec![("rendering", json!(rendering(spec)))];
    let Some(engagement_type) = word(spec, "type") else {
        return defaults;
    };
    defaults.extend(page_defaults(spec, &engagement_type));
    if EngagementType::is_app(&engagement_type) {
        defaults.extend([
            ("source", json!(EngagementSource::App)),
            ("unifiedWindow", json!(false)),
            (
                "displayInstances",
                json!([{ "type": "app", "enabled": true }]),
            ),
        ]);
    } else if engagement_type.is_web() {
        defaults.extend([
            ("availabilityForMessaging", json!(Availability::Always)),
            ("source", json!(EngagementSource::Web)),
            ("unifiedWindow", json!(true)),
            ("weight", json!(0.5)),
            ("followMePages", json!(pages(&engagement_type))),
            ("followMeTime", json!(0)),
        ]);
    }
    defaults
}

/// On how many pages an engagement follows the visitor: captured overlays have 9, all others 1.
fn pages(engagement_type: &EngagementType) -> u8 {
    match engagement_type {
        EngagementType::Overlay => 9,
        _ => 1,
    }
}

/// Who meets the engagement: visitors of web pages, or users of one app.
pub(super) fn met_by(spec: &Value) -> Option<String> {
    let declared = |field: &str| spec.get(field).filter(|it| !it.is_null());
    let (app, source) = (declared("appInstallation"), declared("source"));
    let format = word::<EngagementType>(spec, "type");
    let users = |app: &Value| match app {
        Value::String(name) => format!("users of the app `{name}`"),
        app => format!("users of the app {app}"),
    };
    let (is_app, is_web) = match &format {
        Some(format) => (format.is_app(), format.is_web()),
        None => (false, false),
    };
    match (source, source.and_then(Value::as_str)) {
        // A part of a spec: what the whole of it is for, only its format says.
        (Some(_), _) if format.is_none() => return Some("consumers of another source".to_owned()),
        // An app asks for engagements of its own only, and pages for those of the web.
        (_, Some("web")) if is_app => return Some("no one".to_owned()),
        (_, Some("app")) if is_web => {
            return Some(app.map_or_else(|| "no one".to_owned(), users));
        }
        (_, Some("web" | "app")) | (None, _) => {}
        (Some(other), _) => return Some(format!("consumers of the unknown source {other}")),
    }
    match format {
        Some(format) if format.is_web() => Some("visitors of web pages".to_owned()),
        Some(format) if !format.is_app() => None,
        None if app.is_none() => None,
        _ => Some(app.map_or_else(|| "users of an app".to_owned(), users)),
    }
}

/// A field of a spec that holds a word.
fn word<T: DeserializeOwned>(spec: &Value, path: &str) -> Option<T> {
    let value = get_path(spec, path)?;
    serde_json::from_value(value.clone()).ok()
}

/// The states that a spec has a look for, and whether it shows in each.
pub(super) fn states(spec: &Value) -> Vec<(String, bool)> {
    let looks = spec.get("displayInstances").and_then(Value::as_array);
    let looks = looks.into_iter().flatten().filter_map(|look| {
        let state = match word(look, "type")? {
            DisplayState::Online => "while an agent is available".to_owned(),
            DisplayState::Offline => "while no agent is available".to_owned(),
            DisplayState::Busy => "while all agents are busy".to_owned(),
            DisplayState::App => "in the app".to_owned(),
            DisplayState::Raw(state) => format!("in the state {state}"),
        };
        Some((state, look.get("enabled") != Some(&Value::Bool(false))))
    });
    looks.collect()
}

/// How the look is made: all captured engagements with a piece of HTML carry 1, all others 0.
fn rendering(spec: &Value) -> Rendering {
    let instances = spec.get("displayInstances").and_then(Value::as_array);
    let mut instances = instances.into_iter().flatten();
    // A null is absent after the write.
    let is_html = instances.any(|instance| {
        let html = get_path(instance, "presentation.html");
        html.is_some_and(|html| !html.is_null())
    });
    if is_html {
        Rendering::Html
    } else {
        Rendering::Elements
    }
}

/// The variant and the position that follow from a format (platform.md#engagement-formats), where captures show both. An embedded
/// engagement has neither. The variants of the other formats are guesses: a manifest may name them.
fn page_defaults(spec: &Value, engagement_type: &EngagementType) -> Vec<(&'static str, Value)> {
    let floats = word(spec, "position.type") == Some(Anchor::Floating);
    match (engagement_type, word(spec, "subType")) {
        (EngagementType::App, None | Some(EngagementSubType::App)) => {
            vec![("subType", json!(EngagementSubType::App))]
        }
        (EngagementType::Overlay, None | Some(EngagementSubType::Overlay)) => vec![
            ("subType", json!(EngagementSubType::Overlay)),
            (
                "position",
                json!({ "left": 0, "top": 0, "type": Anchor::Overlay }),
            ),
            (
                "effects",
                json!({ "lightBox": true, "secondsToCollapse": 0 }),
            ),
        ],
        (EngagementType::StickyButton, None) if floats => {
            vec![("subType", json!(EngagementSubType::FloatingStickyButton))]
        }
        (EngagementType::StickyButton, None | Some(EngagementSubType::StickyButton)) if !floats => {
            vec![("subType", json!(EngagementSubType::StickyButton))]
        }
        (EngagementType::StickyButton, Some(EngagementSubType::FloatingStickyButton)) => {
            vec![("position", json!({ "type": Anchor::Floating }))]
        }
        (EngagementType::Embedded, _) => {
            vec![("subType", Value::Null), ("position", Value::Null)]
        }
        _ => Vec::new(),
    }
}

/// The platform stores the name of the skill beside its id; the two must not part.
pub(super) fn keep_skill_name_in_step(spec: &Value, body: &mut Value, lookup: &dyn Lookup) {
    let own_name = |extra: &Value| extra.get(SKILL_NAME).is_some();
    let Some(skill) = spec.get("skill") else {
        return;
    };
    let Value::Object(body) = body else { return };
    if spec.get("extra").is_some_and(own_name) {
        return;
    }
    if skill.is_null() {
        body.shift_remove(SKILL_NAME);
    } else if let Some(name) = body.get(SKILL_ID).and_then(|id| name_of(id, lookup)) {
        body.insert(SKILL_NAME.to_owned(), name);
    }
}

/// Takes out the name of the skill where lowering would put the very same name back.
pub(super) fn take_skill_name(body: &mut Value, lookup: &dyn Lookup) {
    let Value::Object(body) = body else { return };
    let Some(expected) = body.get(SKILL_ID).and_then(|id| name_of(id, lookup)) else {
        return;
    };
    match body.get(SKILL_NAME) {
        Some(name) if *name == expected => {
            body.shift_remove(SKILL_NAME);
        }
        Some(_) => {}
        None => {
            body.insert(SKILL_NAME.to_owned(), Value::Null);
        }
    }
}

/// Zones are a list of ids. A list of objects with such ids, as another client guesses, means the same.
pub(super) fn read_zones(body: &mut Value) {
    let Some(Value::Array(zones)) = body.get_mut("zones") else {
        return;
    };
    let is_id = |id: &Value| id.is_number() || id.is_string();
    if zones
        .iter()
        .all(|zone| zone.get("zoneId").is_some_and(is_id))
    {
        for zone in zones {
            *zone = zone["zoneId"].take();
        }
    }
}

fn name_of(skill: &Value, lookup: &dyn Lookup) -> Option<Value> {
    lookup.display_name("Skill", skill).map(Value::from)
}

const SKILL_ID: &str = "skillId";
const SKILL_NAME: &str = "skillName";
