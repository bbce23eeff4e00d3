//! The campaign API of CleverTap, another vendor's (platform.md#clevertap). No message goes anywhere.
//!
//! Users are a number: an audience is a fixed part of it, so that nothing depends on chance. What is not documented is a switch.

mod campaigns;
mod figures;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Emulator;
use super::call::{IncomingCall, Reply};
use super::errors::RefusedRequest;

/// The account id of the sandbox.
pub const CLEVERTAP_ACCOUNT: &str = "sandbox";

/// The passcode of the sandbox's account, which is no secret.
pub const CLEVERTAP_PASSCODE: &str = "sandbox";

/// How many calls are served side by side.
const SIDE_BY_SIDE: usize = 3;

/// How many calls that make campaigns are served within a second.
const CREATES: usize = 3;

/// What the service remembers besides the store.
#[derive(Debug, Default)]
pub(super) struct ClevertapState {
    /// Calls that are being answered.
    open: AtomicUsize,
    /// When campaigns were asked for last.
    creates: Mutex<VecDeque<Timestamp>>,
    /// How many users there are, where a call said so.
    users: Mutex<Option<u64>>,
}

impl ClevertapState {
    pub(super) fn clear(&self) {
        self.creates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        *self.users.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes the turn of a call that makes a campaign.
    fn create(&self, now: Timestamp) -> Result<(), RefusedRequest> {
        let mut creates = self.creates.lock().unwrap_or_else(PoisonError::into_inner);
        let start = now
            .saturating_sub(SignedDuration::from_secs(1))
            .unwrap_or(now);
        creates.retain(|at| *at > start);
        if creates.len() >= CREATES {
            return Err(too_many());
        }
        creates.push_back(now);
        Ok(())
    }
}

/// A call that is being answered.
struct OpenCall<'a>(&'a AtomicUsize);

impl<'a> OpenCall<'a> {
    fn new(open: &'a AtomicUsize) -> Result<Self, RefusedRequest> {
        let before = open.fetch_add(1, Ordering::SeqCst);
        let this = Self(open);
        if before >= SIDE_BY_SIDE {
            return Err(too_many());
        }
        Ok(this)
    }
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The documented refusal, which has no `Retry-After`.
fn too_many() -> RefusedRequest {
    RefusedRequest::new(
        StatusCode::TOO_MANY_REQUESTS,
        "Too many concurrent requests",
    )
}

/// What a path below `/1/` asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum ClevertapCall {
    Create,
    List,
    Result,
    Stop,
    Report,
}

impl ClevertapCall {
    /// What the rest of a path means.
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        match path {
            ["targets", "create.json"] => Some(Self::Create),
            ["targets", "list.json"] => Some(Self::List),
            ["targets", "result.json"] => Some(Self::Result),
            ["targets", "stop.json"] => Some(Self::Stop),
            ["message", "report.json"] => Some(Self::Report),
            _ => None,
        }
    }
}

/// Answers a call.
pub(super) fn answer(
    emulator: &Emulator,
    call: &IncomingCall,
    asked: ClevertapCall,
) -> Result<Reply, RefusedRequest> {
    let _open = OpenCall::new(&emulator.clevertap.open)?;
    authenticate(emulator, call)?;
    if call.method != Method::POST {
        return Err(RefusedRequest::method_not_allowed(
            "only POST is served here",
        ));
    }
    let body = call.json()?;
    match asked {
        ClevertapCall::Create => campaigns::create(emulator, &body),
        ClevertapCall::List => campaigns::list(emulator, &body),
        ClevertapCall::Result => figures::result(emulator, &body),
        ClevertapCall::Stop => campaigns::stop(emulator, &body),
        ClevertapCall::Report => figures::report(emulator, &body),
    }
}

fn authenticate(emulator: &Emulator, call: &IncomingCall) -> Result<(), RefusedRequest> {
    let header = |name| call.header(name).unwrap_or_default();
    let given = (
        header("x-clevertap-account-id"),
        header("x-clevertap-passcode"),
    );
    if !emulator.settings.clevertap_region_is_right
        || given != (CLEVERTAP_ACCOUNT, CLEVERTAP_PASSCODE)
    {
        return Err(RefusedRequest::unauthorized("Invalid Credentials"));
    }
    Ok(())
}

/// The sandbox's own path: how many users there are, and campaigns that people make in the dashboard.
pub(super) fn control(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    if call.method == Method::POST {
        let body = call.json()?;
        if let Some(users) = body.get("users").and_then(Value::as_u64) {
            let current = emulator.clevertap.users.lock();
            *current.unwrap_or_else(PoisonError::into_inner) = Some(users);
        }
        for campaign in body["dashboard"].as_array().into_iter().flatten() {
            campaigns::by_hand(emulator, campaign)?;
        }
    }
    let campaigns = campaigns::all(emulator)?;
    let campaigns: Vec<Value> = campaigns.into_iter().map(|row| row.body).collect();
    Ok(Reply::ok(
        json!({ "users": users(emulator), "campaigns": campaigns }),
    ))
}

/// How many users there are.
fn users(emulator: &Emulator) -> u64 {
    let said = emulator.clevertap.users.lock();
    let said = *said.unwrap_or_else(PoisonError::into_inner);
    said.unwrap_or(emulator.settings.clevertap_users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fourth_call_side_by_side_is_refused() {
        let open = AtomicUsize::new(0);
        let three = [
            OpenCall::new(&open),
            OpenCall::new(&open),
            OpenCall::new(&open),
        ];
        assert!(OpenCall::new(&open).is_err());
        drop(three);
        assert!(OpenCall::new(&open).is_ok());
    }

    #[test]
    fn a_fourth_campaign_in_a_second_is_refused() {
        let state = ClevertapState::default();
        let at = |ms: i64| Timestamp::from_millisecond(1_000_000 + ms).unwrap();
        let is_served = |ms: i64| state.create(at(ms)).is_ok();
        assert!(is_served(0) && is_served(10) && is_served(20));
        assert!(!is_served(900));
        assert!(is_served(1001));
        assert!(!is_served(1005));
    }
}
