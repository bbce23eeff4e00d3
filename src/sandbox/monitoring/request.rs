//! The body of an engagement call, checked field by field as the vendor's page has them (platform.md#monitoring).
//!
//! A refusal names the field, as the published sample does: `{"message":"consumerId","internalCode":5}`.

use std::net::Ipv4Addr;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::BODY;
use crate::sandbox::call::IncomingCall;
use crate::sandbox::errors::RefusedRequest;

/// The levels of authentication: none, and by the brand.
const UNAUTHENTICATED: &str = "0";
const LEVELS: [&str; 2] = [UNAUTHENTICATED, "loa1"];

const DEVICE_FAMILIES: [&str; 3] = ["DESKTOP", "TABLET", "MOBILE"];
const SYSTEMS: [&str; 5] = ["WINDOWS", "MAC_OSX", "LINUX", "IOS", "ANDROID"];

/// What the types of attributes hold, and whether it is a list.
const ATTRIBUTES: [(&str, &str, bool); 9] = [
    ("ctmrinfo", "info", false),
    ("personal", "personal", false),
    ("mrktInfo", "info", false),
    ("lead", "lead", false),
    ("service", "service", false),
    ("error", "error", false),
    ("cart", "products", true),
    ("prodView", "products", true),
    ("searchInfo", "keywords", true),
];

/// How the types of impressions begin.
pub(super) const IMPRESSION: &str = "imp";

/// What the emulator needs of a body.
#[derive(Debug)]
pub(super) struct MonitoringRequest {
    /// Where in the app the visitor is.
    pub(super) entry_points: Vec<String>,
    /// What the app reports.
    pub(super) attributes: Vec<Value>,
    /// Whether the visitor has signed in, where the call says who it is.
    pub(super) is_signed_in: Option<bool>,
    /// Who the visitor is, by the brand.
    pub(super) subjects: Vec<String>,
    /// The device.
    pub(super) device: Option<String>,
    /// Its address.
    pub(super) ip: Option<String>,
}

/// What a call may report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reports {
    /// Attributes, but no impressions.
    Attributes,
    /// Attributes and impressions.
    Everything,
}

impl MonitoringRequest {
    /// Reads and checks a body.
    pub(super) fn read(call: &IncomingCall, reports: Reports) -> Result<Self, RefusedRequest> {
        let Ok(Value::Object(body)) = call.json() else {
            return Err(invalid("body"));
        };
        text(&body, "consumerId")?;
        let unauthenticated = identities(&body, reports)?;
        client_properties(&body)?;
        attributes(&body, unauthenticated, reports)?;
        let property = |key: &str| {
            let value = body.get("clientProperties").and_then(|it| it.get(key));
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let subjects = objects(&body, "identities")?;
        let mut subjects: Vec<String> = subjects
            .iter()
            .filter_map(|it| it.get("sub")?.as_str().map(str::to_owned))
            .collect();
        let is_signed_in = (!subjects.is_empty()).then_some(!unauthenticated);
        subjects.extend(text(&body, "consumerId")?.map(str::to_owned));
        let attributes = body.get("engagementAttributes").and_then(Value::as_array);
        Ok(Self {
            entry_points: entry_points(&body)?,
            attributes: attributes.cloned().unwrap_or_default(),
            is_signed_in,
            subjects,
            device: property("deviceFamily"),
            ip: property("ipAddress"),
        })
    }
}

pub(super) fn invalid(field: &str) -> RefusedRequest {
    RefusedRequest::coded(StatusCode::BAD_REQUEST, BODY, field)
}

/// An optional text.
fn text<'b>(body: &'b Map<String, Value>, key: &str) -> Result<Option<&'b str>, RefusedRequest> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(key)),
    }
}

/// An optional text out of a fixed list.
fn one_of(body: &Map<String, Value>, key: &str, words: &[&str]) -> Result<(), RefusedRequest> {
    match text(body, key)? {
        Some(word) if !words.contains(&word) => Err(invalid(key)),
        _ => Ok(()),
    }
}

/// The objects of an optional list.
fn objects<'b>(
    body: &'b Map<String, Value>,
    key: &str,
) -> Result<Vec<&'b Map<String, Value>>, RefusedRequest> {
    let items = match body.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(invalid(key)),
    };
    let objects = items.iter().map(Value::as_object).collect::<Option<_>>();
    objects.ok_or_else(|| invalid(key))
}

/// Checks the identities, and says whether the visitor is known to be unauthenticated.
fn identities(body: &Map<String, Value>, reports: Reports) -> Result<bool, RefusedRequest> {
    // The page of the report call knows the authenticated level only (platform.md#monitoring).
    let levels = match reports {
        Reports::Attributes => &LEVELS[..],
        Reports::Everything => &LEVELS[1..],
    };
    let identities = objects(body, "identities")?;
    for identity in &identities {
        text(identity, "iss")?;
        let acr = text(identity, "acr")?.ok_or_else(|| invalid("acr"))?;
        if !levels.contains(&acr) {
            return Err(invalid("acr"));
        }
        if text(identity, "sub")?.is_none_or(str::is_empty) {
            return Err(invalid("sub"));
        }
    }
    let is_bare = |identity: &&Map<_, _>| identity.get("acr") == Some(&UNAUTHENTICATED.into());
    Ok(!identities.is_empty() && identities.iter().all(is_bare))
}

fn client_properties(body: &Map<String, Value>) -> Result<(), RefusedRequest> {
    let properties = match body.get("clientProperties") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(properties)) => properties,
        Some(_) => return Err(invalid("clientProperties")),
    };
    text(properties, "appVersion")?;
    text(properties, "osVersion")?;
    one_of(properties, "deviceFamily", &DEVICE_FAMILIES)?;
    // The table of the page calls it `os`, the sample `osName`.
    one_of(properties, "os", &SYSTEMS)?;
    one_of(properties, "osName", &SYSTEMS)?;
    match text(properties, "ipAddress")? {
        Some(address) if address.parse::<Ipv4Addr>().is_err() => Err(invalid("ipAddress")),
        _ => Ok(()),
    }
}

/// The places of the visitor: a list, or one text with commas.
fn entry_points(body: &Map<String, Value>) -> Result<Vec<String>, RefusedRequest> {
    const KEY: &str = "entryPoints";
    match body.get(KEY) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => {
            let places = text.split(',').map(str::trim);
            let places = places.filter(|place| !place.is_empty());
            Ok(places.map(str::to_owned).collect())
        }
        Some(Value::Array(items)) => {
            let places = items.iter().map(|item| item.as_str().map(str::to_owned));
            places.collect::<Option<_>>().ok_or_else(|| invalid(KEY))
        }
        Some(_) => Err(invalid(KEY)),
    }
}

impl MonitoringRequest {
    /// Whether an attribute says who the customer is.
    pub(super) fn names_customer(&self) -> bool {
        let mut objects = self.attributes.iter().filter_map(Value::as_object);
        objects.any(|it| customer_of(it).is_some())
    }
}

fn customer_of(attribute: &Map<String, Value>) -> Option<&Value> {
    let customer = attribute.get("info")?.get("customerId")?;
    Some(customer).filter(|id| !id.is_null())
}

/// Attributes have a type, and what goes with it. Impressions belong to another call, and an id of a customer to
/// one who has signed in.
fn attributes(
    body: &Map<String, Value>,
    unauthenticated: bool,
    reports: Reports,
) -> Result<(), RefusedRequest> {
    const KEY: &str = "engagementAttributes";
    for attribute in objects(body, KEY)? {
        let kind = text(attribute, "type")?.filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| invalid(KEY))?;
        let known = ATTRIBUTES.iter().find(|(known, ..)| *known == kind);
        let fits = known.is_none_or(|(_, key, is_list)| match attribute.get(*key) {
            None | Some(Value::Null) => true,
            Some(value) if *is_list => value.is_array(),
            Some(value) => value.is_object(),
        });
        let names_customer = customer_of(attribute).is_some();
        let is_impression = kind.starts_with(IMPRESSION) && reports == Reports::Attributes;
        if !fits || is_impression || (unauthenticated && names_customer) {
            return Err(invalid(KEY));
        }
    }
    Ok(())
}
