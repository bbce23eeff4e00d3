//! What became of campaigns: the result of one, and the report of all.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::sandbox::Emulator;
use crate::sandbox::call::Reply;
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows::StoredRow;

use super::campaigns::{all, begun, days, find, is_within, status};

/// The most campaigns of a report.
const MOST: usize = 2500;

/// How many of those who got a message saw it, and tapped it: one in so many.
const VIEWED: u64 = 2;
const CLICKED: u64 = 10;

/// The figures of a campaign; none of one that is a draft or scheduled, or that is too young.
fn figures(emulator: &Emulator, row: &StoredRow) -> (u64, u64, u64) {
    let lag = SignedDuration::try_from(emulator.settings.clevertap_lag).unwrap_or_default();
    let known = emulator.now().saturating_sub(lag).unwrap_or_default();
    let went_out = matches!(status(emulator, row), "running" | "completed" | "stopped");
    let sent = row.body["reach"].as_u64().unwrap_or_default();
    if went_out && begun(row) <= known {
        (sent, sent / VIEWED, sent / CLICKED)
    } else {
        (0, 0, 0)
    }
}

/// `POST /1/targets/result.json`: of campaigns that are over.
pub(super) fn result(emulator: &Emulator, body: &Value) -> Result<Reply, RefusedRequest> {
    let row = find(emulator, body)?;
    let row = row.ok_or_else(|| RefusedRequest::bad_request("Target not found"))?;
    let status = status(emulator, &row);
    if !matches!(status, "completed" | "stopped") {
        let why = format!("Target is {status}, no result as of yet");
        return Err(RefusedRequest::new(StatusCode::CONFLICT, why));
    }
    let (sent, _, clicked) = figures(emulator, &row);
    Ok(Reply::ok(
        json!({ "status": "success", "result": { "sent": sent, "clicked": clicked } }),
    ))
}

/// `POST /1/message/report.json`: of all campaigns that began in a time, those of the dashboard too.
pub(super) fn report(emulator: &Emulator, body: &Value) -> Result<Reply, RefusedRequest> {
    let days = days(body)?;
    let channels = body["channel"].as_array();
    let rows = all(emulator)?;
    let wanted = rows.iter().filter(|row| {
        let mode = &row.body["target_mode"];
        let is_channel = channels.is_none_or(|it| it.contains(mode));
        row.body["draft"] != true && is_channel && is_within(row, days)
    });
    let messages: Vec<Value> = wanted
        .take(MOST)
        .map(|row| message(emulator, row))
        .collect();
    Ok(Reply::ok(json!({
        "status": "success",
        "total_results": messages.len(),
        "messages": messages,
    })))
}

fn message(emulator: &Emulator, row: &StoredRow) -> Value {
    let body = &row.body;
    let (sent, viewed, clicked) = figures(emulator, row);
    let delivery = if body["origin"] == "api" {
        "API"
    } else {
        "One Time"
    };
    let mut message = json!({
        "message id": body["id"],
        "message_name": body["name"],
        "channel": channel(body["target_mode"].as_str().unwrap_or_default()),
        "delivery": delivery,
        "start_date": begun(row).strftime("%d %b, %Y %H:%M:%S").to_string(),
        "status": status(emulator, row),
        "conversion_event": "-",
        "device": body["devices"],
        "labels": body["labels"],
        "data": [{ "sent": sent, "viewed": viewed, "clicked": clicked }],
    });
    if body["errors"].is_object() {
        message["data"][0]["errors"] = body["errors"].clone();
    }
    message
}

/// A channel as reports spell it.
fn channel(mode: &str) -> &'static str {
    match mode {
        "email" => "Email",
        "sms" => "SMS",
        "webpush" => "Web Push",
        "whatsapp" => "WhatsApp",
        "webhook" => "Webhooks",
        "notificationinbox" => "App Inbox",
        "inapp" => "InApp",
        _ => "Push",
    }
}
