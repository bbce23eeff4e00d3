//! From the path of a call to the part of the emulator that answers it.
//!
//! Another account than the store's is 400 in the service look-up (the documented code), and 401
//! everywhere else: no token of this server is a token of that account.

use axum::http::Method;

use super::call::{Call, Reply};
use super::engine::{self, Engine};
use super::errors::Failure;
use super::place::Place;
use super::{Emulator, auth, csds, handoffs};

/// Answers a call. Every refusal is worded as the service in question words it.
pub(super) fn answer(emulator: &Emulator, call: &Call) -> Reply {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let plain = |result: Result<Reply, Failure>| {
        result.unwrap_or_else(|failure| failure.account_config("request"))
    };
    match path.as_slice() {
        ["api", "account", account, "service", rest @ ..] => {
            plain(look_up(emulator, call, account, rest))
        }
        [
            "api",
            "account",
            account,
            verb @ ("login" | "refresh" | "logout"),
        ] => plain(session(emulator, call, account, verb)),
        ["sentinel", "api", "account", account, "app", "token"]
        | ["sentinel", "api", "v2", "account", account, "app", "token"] => {
            emulator.stats.count(&call.method, "token");
            plain(same_account(emulator, account).and_then(|()| auth::app_token(emulator, call)))
        }
        ["api", "account", account, "configuration", ..] => configuration(emulator, call, account),
        [
            "api",
            "account",
            account,
            "app",
            "prmsg",
            "handoffs",
            "list",
            rest @ ..,
        ] => {
            emulator.stats.count(&call.method, "handoffs");
            handoff_list(emulator, call, account, rest).unwrap_or_else(|failure| failure.handoff())
        }
        ["_sandbox", rest @ ..] => plain(admin(emulator, call, rest)),
        _ => Failure::no_data().account_config("request"),
    }
}

fn look_up(
    emulator: &Emulator,
    call: &Call,
    account: &str,
    rest: &[&str],
) -> Result<Reply, Failure> {
    emulator.stats.count(&call.method, "service");
    if call.method != Method::GET {
        return Err(Failure::method_not_allowed("the look-up is read-only"));
    }
    if account != emulator.account {
        return Err(Failure::bad_request(format!(
            "there is no account {account}"
        )));
    }
    match rest {
        ["baseURI" | "baseURI.json"] => csds::every(emulator, call),
        [name, "baseURI" | "baseURI.json"] => csds::one(emulator, call, name),
        _ => Err(Failure::no_data()),
    }
}

fn session(emulator: &Emulator, call: &Call, account: &str, verb: &str) -> Result<Reply, Failure> {
    emulator.stats.count(&call.method, verb);
    same_account(emulator, account)?;
    match verb {
        "login" => auth::login(emulator, call),
        "refresh" => auth::refresh(emulator, call),
        _ => auth::logout(emulator, call),
    }
}

fn configuration(emulator: &Emulator, call: &Call, account: &str) -> Reply {
    let Some((place, item)) = Place::find(&call.path[4..]) else {
        emulator.stats.count(&call.method, "unknown");
        return Failure::no_data().account_config("configuration");
    };
    emulator.stats.count(&call.method, place.collection.path);
    let engine = Engine {
        emulator,
        call,
        place: &place,
        now: emulator.now(),
    };
    permitted(emulator, call, account)
        .and_then(|()| engine::handle(&engine, item))
        .unwrap_or_else(|failure| failure.account_config(place.object_type()))
}

fn handoff_list(
    emulator: &Emulator,
    call: &Call,
    account: &str,
    rest: &[&str],
) -> Result<Reply, Failure> {
    permitted(emulator, call, account)?;
    match rest {
        [] => handoffs::list(emulator, call, None),
        ["channel", channel] => handoffs::list(emulator, call, Some(channel)),
        _ => Err(Failure::no_data()),
    }
}

/// The sandbox's own paths. Everything but the counts needs a bearer, so that no web page can send it.
fn admin(emulator: &Emulator, call: &Call, rest: &[&str]) -> Result<Reply, Failure> {
    match (rest, &call.method) {
        (["stats"], &Method::GET) => Ok(Reply::ok(emulator.stats.report())),
        (["stats"], &Method::DELETE) => {
            auth::check(emulator, call)?;
            emulator.stats.clear();
            Ok(Reply::ok(emulator.stats.report()))
        }
        (["reset"], &Method::POST) => {
            auth::check(emulator, call)?;
            emulator.reset()?;
            Ok(Reply::ok(serde_json::json!({})))
        }
        (["account", account, "handoffs"], _) => {
            permitted(emulator, call, account)?;
            emulator.stats.count(&call.method, "handoffs");
            handoffs::admin(emulator, call, None)
        }
        (["account", account, "handoffs", id], _) => {
            permitted(emulator, call, account)?;
            emulator.stats.count(&call.method, "handoffs");
            handoffs::admin(emulator, call, Some(id))
        }
        _ => Err(Failure::no_data()),
    }
}

fn permitted(emulator: &Emulator, call: &Call, account: &str) -> Result<(), Failure> {
    same_account(emulator, account)?;
    auth::check(emulator, call)
}

fn same_account(emulator: &Emulator, account: &str) -> Result<(), Failure> {
    if account == emulator.account {
        Ok(())
    } else {
        Err(Failure::unauthorized(format!(
            "the credentials are not for account {account}"
        )))
    }
}
