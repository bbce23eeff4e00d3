//! Campaigns: made, listed and stopped. They are kept in the store.

use axum::http::StatusCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::sandbox::Emulator;
use crate::sandbox::call::Reply;
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows::{self, RowScope, StoredRow};
use crate::sandbox::settings::EstimateForm;

use super::users;

/// The channels, as the service spells them.
const MODES: [&str; 7] = [
    "push",
    "email",
    "sms",
    "webpush",
    "whatsapp",
    "webhook",
    "notificationinbox",
];

/// The first id, a number like a time in seconds, as in the samples.
const FIRST_ID: i64 = 1_629_904_249;

/// An audience of a query is a part of the users.
const PART_OF_QUERY: u64 = 4;

/// And one of a segment a smaller one.
const PART_OF_SEGMENT: u64 = 10;

fn scope(emulator: &Emulator) -> RowScope {
    RowScope {
        account: emulator.account.clone(),
        collection: "clevertap/campaigns",
        parent: String::new(),
    }
}

/// Every campaign, oldest first.
pub(super) fn all(emulator: &Emulator) -> Result<Vec<StoredRow>, RefusedRequest> {
    Ok((emulator.store).read(|tx| rows::list(tx, &scope(emulator), false))?)
}

/// `POST /1/targets/create.json`.
pub(super) fn create(emulator: &Emulator, body: &Value) -> Result<Reply, RefusedRequest> {
    emulator.clevertap.create(emulator.now())?;
    check(body)?;
    let reach = reach(emulator, body);
    if body["estimate_only"] == true {
        let mut answer = json!({ "status": "success" });
        match emulator.settings.clevertap_estimate {
            EstimateForm::Total => answer["estimates"] = json!({ "total": reach }),
            EstimateForm::Devices => {
                let ios = reach * 2 / 5;
                answer["estimates"] = json!({ "android": reach - ios, "ios": ios });
            }
            EstimateForm::Absent => {}
        }
        return Ok(Reply::ok(answer));
    }
    let id = keep(emulator, body, reach, "api")?;
    Ok(Reply::ok(
        json!({ "status": "success", "id": id, "estimates": { "total": reach } }),
    ))
}

/// What the documented parameters ask for.
fn check(body: &Value) -> Result<(), RefusedRequest> {
    let refuse = |why: &str| Err(RefusedRequest::bad_request(why));
    if body["name"]
        .as_str()
        .is_none_or(|name| name.trim().is_empty())
    {
        return refuse("name is mandatory");
    }
    let mode = body["target_mode"].as_str().unwrap_or_default();
    if !MODES.contains(&mode) {
        return refuse("target_mode is not valid");
    }
    if body["content"].as_object().is_none_or(Map::is_empty) {
        return refuse("content is mandatory");
    }
    let when = &body["when"];
    let is_time = *when == "now" || when.is_object() || when.is_array();
    if !is_time {
        return refuse("when is mandatory");
    }
    if body.get("where").is_some() && body.get("segment").is_some() {
        return refuse("where and segment exclude each other");
    }
    Ok(())
}

/// How many users a campaign reaches.
fn reach(emulator: &Emulator, body: &Value) -> u64 {
    let users = users(emulator);
    match (body.get("where"), body.get("segment")) {
        (Some(Value::Object(query)), _) if !query.is_empty() => users / PART_OF_QUERY,
        (_, Some(_)) => users / PART_OF_SEGMENT,
        _ => users,
    }
}

/// Keeps a campaign, and returns its id.
fn keep(
    emulator: &Emulator,
    body: &Value,
    reach: u64,
    origin: &str,
) -> Result<i64, RefusedRequest> {
    let now = emulator.now();
    let id = emulator.store.write(|tx| {
        let scope = scope(emulator);
        let known = rows::list(tx, &scope, true)?.len();
        let id = FIRST_ID + i64::try_from(known).unwrap_or_default();
        let mut body = body.clone();
        body["id"] = id.into();
        body["at"] = now.as_millisecond().into();
        body["reach"] = reach.into();
        body["origin"] = origin.into();
        let row = StoredRow {
            id: id.to_string(),
            parent: String::new(),
            body,
            deleted: false,
            system: false,
        };
        rows::insert(tx, &scope, &row, None)?;
        Ok::<_, RefusedRequest>(id)
    })?;
    emulator.stats.commit();
    Ok(id)
}

/// A campaign that people make in the dashboard: the API's parameters, and optionally when it began and how many it reached.
pub(super) fn by_hand(emulator: &Emulator, body: &Value) -> Result<(), RefusedRequest> {
    let reach = body["reach"].as_u64();
    let reach = reach.unwrap_or_else(|| self::reach(emulator, body));
    keep(emulator, body, reach, "dashboard").map(drop)
}

/// When a campaign was made.
pub(super) fn begun(row: &StoredRow) -> Timestamp {
    let at = row.body["at"].as_i64();
    at.and_then(|at| Timestamp::from_millisecond(at).ok())
        .unwrap_or_default()
}

/// How far it is, in the service's word.
pub(super) fn status(emulator: &Emulator, row: &StoredRow) -> &'static str {
    let body = &row.body;
    let runs = SignedDuration::try_from(emulator.settings.clevertap_runs).unwrap_or_default();
    let over = begun(row).checked_add(runs).unwrap_or(Timestamp::MAX);
    if body["draft"] == true {
        "draft"
    } else if body["stopped"] == true {
        "stopped"
    } else if body["when"].is_object() || body["when"].is_array() {
        "scheduled"
    } else if emulator.now() < over {
        "running"
    } else {
        "completed"
    }
}

/// A campaign by the id in a body.
pub(super) fn find(emulator: &Emulator, body: &Value) -> Result<Option<StoredRow>, RefusedRequest> {
    let id = match &body["id"] {
        Value::Number(id) => id.to_string(),
        _ => return Err(RefusedRequest::bad_request("id is a number")),
    };
    Ok((emulator.store).read(|tx| rows::get(tx, &scope(emulator), &id))?)
}

/// `POST /1/targets/stop.json`. One that is stopped, or over, is no error.
pub(super) fn stop(emulator: &Emulator, body: &Value) -> Result<Reply, RefusedRequest> {
    let Some(mut row) = find(emulator, body)? else {
        let unknown = json!({ "status": "fail", "error": "Target not found", "code": 404 });
        return Ok(Reply::json(StatusCode::OK, unknown));
    };
    if matches!(status(emulator, &row), "running" | "scheduled") {
        row.body["stopped"] = json!(true);
        let scope = scope(emulator);
        (emulator.store).write(|tx| rows::update(tx, &scope, &row, None))?;
        emulator.stats.commit();
    }
    Ok(Reply::ok(json!({ "status": "success" })))
}

/// The days of a body, as numbers or texts.
pub(super) fn days(body: &Value) -> Result<(Date, Date), RefusedRequest> {
    let day = |key: &str| {
        let text = match &body[key] {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        Date::strptime("%Y%m%d", &text)
            .map_err(|_| RefusedRequest::bad_request(format!("{key} is a day, YYYYMMDD")))
    };
    let (from, to) = (day("from")?, day("to")?);
    if to < from {
        return Err(RefusedRequest::bad_request("to is before from"));
    }
    Ok((from, to))
}

/// Whether a campaign began on one of these days.
pub(super) fn is_within(row: &StoredRow, (from, to): (Date, Date)) -> bool {
    let day = begun(row).to_zoned(TimeZone::UTC).date();
    (from..=to).contains(&day)
}

/// `POST /1/targets/list.json`.
pub(super) fn list(emulator: &Emulator, body: &Value) -> Result<Reply, RefusedRequest> {
    let days = days(body)?;
    let settings = &emulator.settings;
    let is_listed = |row: &&StoredRow| {
        let is_ours = row.body["origin"] == "api" || settings.clevertap_lists_dashboard;
        let is_shown = row.body["draft"] != true || settings.clevertap_lists_drafts;
        is_ours && is_shown && is_within(row, days)
    };
    let all = all(emulator)?;
    let targets = all.iter().filter(is_listed).map(|row| {
        json!({
            "id": row.body["id"],
            "name": row.body["name"],
            "scheduled_on": begun(row).strftime("%Y%m%d %H:%M").to_string(),
            "status": status(emulator, row),
        })
    });
    let targets: Vec<Value> = targets.collect();
    Ok(Reply::ok(
        json!({ "status": "success", "targets": targets }),
    ))
}
