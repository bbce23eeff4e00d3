//! Campaign: who is engaged, when and to which end (platform.md#campaign).
//!
//! A campaign goes live in two steps: everything is written while it is unpublished, and publishing is
//! the last write. Its engagements are manifests of their own that name it.

mod offers;
mod rules;
mod serve;
mod wire;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::admission::keeps_back;
use super::field::Field;
use super::offering::Reading;
use super::shared::{LocalDateTime, Percentage, Reference, VendorReference, moments, said_at};
use super::words::words;
use super::{
    AppVisit, Children, Collection, Findings, Kind, Lacks, Other, Overview, Role, RuleWorld, Runs,
    Serving, Staged,
};
use crate::diag::Code;

/// The Campaign kind.
#[derive(Debug)]
pub struct CampaignKind;

/// Who is engaged, when and to which end; its engagements say where and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Campaign {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the campaign is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who makes the campaign: people, or the platform for a proactive send.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub campaign_type: Option<CampaignType>,
    /// Whether consumers see the campaign. An apply publishes it after all that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CampaignState>,
    /// When the campaign runs. A published campaign is not shown outside its schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// What the campaign is measured by: a `Goal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<VendorReference>,
    /// The line of business that the campaign counts for, by its live name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_of_business: Option<Reference>,
    /// Who is engaged: `TargetAudience` manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_audiences: Option<Vec<VendorReference>>,
    /// The share of matching visitors who are shown nothing, for comparison. The console offers 0 %, 5 %,
    /// 10 %, 15 %, 20 % and 25 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["5%", "10%", "15%", "20%", "25%"]))]
    pub control_group: Option<Percentage>,
    /// The priority among campaigns that compete for one visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// How likely the campaign is chosen among those that compete for one visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<CampaignWeight>,
    /// The campaign's engagements in their order; without the field, all that name the campaign. An engagement that names
    /// the campaign and is left out here stays in the account, and consumers do not see it. Engagements that colleagues
    /// made in the console need not be in the list: each keeps its place in the live one. To list one that the console does
    /// not list, or to change its place, name it with `{ live: <display name> }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagements: Option<Vec<Reference>>,
    /// Operation hours; the platform's own number, which its documentation does not explain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_hours: Option<i64>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// When a campaign runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("defaultSnippets" = [{"label": "from start to end", "description": "Shown from one date and time to another, on the clocks of a time zone.", "body": {"timeZone": "${1:Europe/Paris}", "start": "${2:2026-09-01T00:00:00}", "end": "${3:2026-10-01T00:00:00}"}}, {"label": "from a start on", "description": "Shown from a date and time on, without an end.", "body": {"timeZone": "${1:Europe/Paris}", "start": "${2:2026-09-01T00:00:00}"}}]))]
pub struct Schedule {
    /// The IANA time zone of start and end, `Europe/Paris`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Europe/Paris", "America/New_York", "UTC"]))]
    pub time_zone: Option<String>,
    /// When the campaign starts, on the clocks of the time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-09-01T00:00:00"]))]
    pub start: Option<LocalDateTime>,
    /// When the campaign ends, on the clocks of the time zone. Without it, the campaign has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["2026-10-01T00:00:00"]))]
    pub end: Option<LocalDateTime>,
}

words! {
    /// Who makes a campaign.
    pub enum CampaignType: Int {
        /// Made by people, for web pages and apps.
        Regular = "regular" => 0 Captured,
        /// Made by the platform for a proactive send.
        Broadcast = "broadcast" => 1 Captured,
    }
}

words! {
    /// Whether consumers see a campaign.
    pub enum CampaignState: Int {
        /// Consumers see nothing of it.
        Unpublished = "unpublished" => 0 Captured,
        /// Consumers see it within its schedule.
        Published = "published" => 1 Captured,
        /// It waits for its start.
        Scheduled = "scheduled" => 2 Guessed,
    }
}

words! {
    /// How probable it is that a campaign is chosen among competitors: a word, or a share from 0 to 1.
    pub enum CampaignWeight: Fraction {
        /// About 70 % of the choices.
        High = "high" => 0.7 Inferred,
        /// About 20 % of the choices.
        Medium = "medium" => 0.2 Inferred,
        /// About 10 % of the choices.
        Low = "low" => 0.1 Inferred,
    }
}

impl Kind for CampaignKind {
    const NAME: &'static str = "Campaign";
    const PLURAL: &'static str = "campaigns";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 2;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CHILDREN: Option<Children> = Some(Children {
        field: "engagements",
        kind: "Engagement",
    });
    const STAGED: Option<Staged> = Some(Staged {
        field: "state",
        hidden: "unpublished",
        live: "published",
    });
    const CODES: &'static [&'static Code] = rules::CODES;
    const OF_ABSENCE: &'static [(&'static Code, &'static str, Lacks)] = rules::OF_ABSENCE;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const OVERVIEW: Option<fn(&Value) -> Overview> = Some(overview);
    type Spec = Campaign;

    fn rules(spec: &Campaign, name: &str, world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, name, world, out);
    }

    fn unseen(spec: &Value, now: Option<Timestamp>) -> Option<String> {
        if spec.get("type").and_then(Value::as_str) == Some("broadcast") {
            return Some("its type is broadcast, which shows no engagements".to_owned());
        }
        let share = spec.get("controlGroup").and_then(Value::as_str);
        let share = share.and_then(|it| it.strip_suffix('%')?.parse::<f64>().ok());
        if share.is_some_and(|share| share >= 100.0) {
            return Some("its control group is 100 %".to_owned());
        }
        outside(&Runs::of(spec, "schedule"), now?)
    }

    fn met_by(spec: &Value) -> Option<String> {
        match spec.get("type")? {
            Value::String(word) if word == "regular" => {
                Some("visitors of pages and apps".to_owned())
            }
            Value::Null => None,
            // What other types are, the platform does not say.
            other => Some(format!("consumers of the unknown type {other}")),
        }
    }

    fn serve(body: &mut Value, at: &Serving<'_>) {
        serve::derive(body, at);
    }

    fn admits(body: &Value, visit: &AppVisit<'_>) -> bool {
        serve::is_running(body, visit) && !keeps_back(body, visit, &["operationHours"])
    }

    fn reading(spec: &Value) -> Option<Reading> {
        Some(offers::reading(spec))
    }
}

/// Whether a schedule is over, or has not begun, in words. While it may be either way, it runs.
fn outside(runs: &Runs, now: Timestamp) -> Option<String> {
    let zone = runs.time_zone.as_deref();
    let time = |text: &Option<String>| text.as_deref()?.parse::<DateTime>().ok();
    let end = time(&runs.end).filter(|end| moments(*end, zone).is_some_and(|(_, it)| it < now));
    if let Some(end) = end {
        return Some(format!("its schedule ended on {}", said_at(end, zone, now)));
    }
    let starts_later =
        |start: &DateTime| moments(*start, zone).is_some_and(|(first, _)| first > now);
    let start = time(&runs.start).filter(starts_later)?;
    Some(format!(
        "its schedule starts on {}",
        said_at(start, zone, now)
    ))
}

/// What `status` shows of a campaign.
fn overview(spec: &Value) -> Overview {
    let state = spec.get("state").and_then(Value::as_str);
    let audiences = spec.get("targetAudiences").and_then(Value::as_array);
    let audience = |reference: &Value| Other {
        kind: "TargetAudience",
        reference: reference.clone(),
    };
    Overview {
        state: state.unwrap_or("unpublished").to_owned(),
        schedule: Some(Runs::of(spec, "schedule")),
        audiences: audiences.into_iter().flatten().map(audience).collect(),
        skill: None,
    }
}
