//! From the path of a call to the part of the emulator that answers it.
//!
//! Another account than the store's is 400 in the service look-up (the documented code), and 401
//! everywhere else: no token of this server is a token of that account.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::call::{IncomingCall, Reply};
use super::engine::{self, Engine};
use super::errors::RefusedRequest;
use super::faults;
use super::place::CollectionPlace;
use super::{Emulator, auth, clevertap, csds, grants, handoffs, monitoring, proactive};

/// What a path means.
#[derive(Debug)]
pub(super) enum PathRoute<'c> {
    /// The service look-up; the rest is behind `service/`.
    LookUp {
        account: &'c str,
        rest: &'c [String],
    },
    /// `login`, `refresh` and `logout`.
    Session { account: &'c str, verb: &'c str },
    /// The client-credential grant.
    Token { account: &'c str, newer: bool },
    /// The page on which users sign in with a browser.
    Authorize { account: &'c str },
    /// The exchange of what that page gave.
    Exchange { account: &'c str },
    /// A collection of account config, or one of its items.
    Collection {
        account: &'c str,
        place: CollectionPlace,
        item: Option<&'c str>,
    },
    /// The read-only list of handoffs; the rest is behind `list/`.
    Handoffs {
        account: &'c str,
        rest: &'c [String],
    },
    /// The write path of handoffs, which only the sandbox has.
    HandoffWrites {
        account: &'c str,
        item: Option<&'c str>,
    },
    /// The engagement call of the Monitoring API.
    Monitoring { account: &'c str, app: &'c str },
    /// The report call of the Monitoring API.
    Report { account: &'c str, app: &'c str },
    /// The Visit Information call.
    VisitInformation { account: &'c str, visitor: &'c str },
    /// A send of the Proactive API.
    Proactive { account: &'c str },
    /// What became of the messages of a send.
    Conversations { account: &'c str, send: &'c str },
    /// What became of messages, by the Outbound Reporting API.
    Reporting {
        account: &'c str,
        asked: proactive::ReportQuery<'c>,
    },
    /// A call of CleverTap's campaign API.
    Clevertap(clevertap::ClevertapCall),
    /// The sandbox's own paths, behind `_sandbox/`.
    Admin(&'c [String]),
    /// A path below account config that is no collection.
    UnknownCollection,
    /// Any other path.
    Unknown,
}

impl<'c> PathRoute<'c> {
    /// What the path of a call means.
    pub(super) fn of(call: &'c IncomingCall) -> Self {
        let path: Vec<&'c str> = call.path.iter().map(String::as_str).collect();
        let rest = |from: usize| &call.path[from..];
        match path.as_slice() {
            ["api", "account", account, "service", ..] => Self::LookUp {
                account,
                rest: rest(4),
            },
            [
                "api",
                "account",
                account,
                verb @ ("login" | "refresh" | "logout"),
            ] => Self::Session { account, verb },
            ["sentinel", "api", "account", account, "app", "token"] => Self::Token {
                account,
                newer: false,
            },
            ["sentinel", "api", "v2", "account", account, "app", "token"] => Self::Token {
                account,
                newer: true,
            },
            ["sentinel", "api", "account", account, "authorize"] => Self::Authorize { account },
            ["sentinel", "api", "account", account, "token"] => Self::Exchange { account },
            ["api", "account", account, "configuration", ..] => {
                Self::of_configuration(account, rest(4))
            }
            [
                "api",
                "account",
                account,
                "app",
                "prmsg",
                "handoffs",
                "list",
                ..,
            ] => Self::Handoffs {
                account,
                rest: rest(7),
            },
            ["_sandbox", "account", account, "handoffs"] => Self::HandoffWrites {
                account,
                item: None,
            },
            ["_sandbox", "account", account, "handoffs", item] => Self::HandoffWrites {
                account,
                item: Some(item),
            },
            ["_sandbox", ..] => Self::Admin(rest(1)),
            ["1", asked @ ..] => {
                clevertap::ClevertapCall::of(asked).map_or(Self::Unknown, Self::Clevertap)
            }
            path => Self::of_messaging(path),
        }
    }

    /// What a path of the Monitoring API or the Proactive API means.
    fn of_configuration(account: &'c str, path: &'c [String]) -> Self {
        match CollectionPlace::find(path) {
            Some((place, item)) => Self::Collection {
                account,
                place,
                item,
            },
            None => Self::UnknownCollection,
        }
    }

    fn of_messaging(path: &[&'c str]) -> Self {
        match path {
            ["api", "account", account, "app", app, "engagement"] => {
                Self::Monitoring { account, app }
            }
            ["api", "account", account, "app", app, "report"] => Self::Report { account, app },
            [
                "api",
                "account",
                account,
                "monitoring",
                "visitors",
                visitor,
                "visits",
                "current",
                "state",
            ] => Self::VisitInformation { account, visitor },
            ["api", "v2", "account", account, "campaign"] => Self::Proactive { account },
            [
                "api",
                "v2",
                "account",
                account,
                "campaign",
                send,
                "conversations",
            ] => Self::Conversations { account, send },
            ["api", "account", account, asked @ ..] => match proactive::ReportQuery::of(asked) {
                Some(asked) => Self::Reporting { account, asked },
                None => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// Whether the call is one that a client of the platform makes: it is counted, and faults strike it.
    pub(super) fn is_public(&self) -> bool {
        !matches!(self, Self::Admin(_))
    }

    /// Whether the service look-up knows where the service is: it moves with its host.
    pub(super) fn is_looked_up(&self) -> bool {
        matches!(
            self,
            Self::Session { .. }
                | Self::Token { .. }
                | Self::Authorize { .. }
                | Self::Exchange { .. }
                | Self::Collection { .. }
                | Self::UnknownCollection
                | Self::Handoffs { .. }
                | Self::HandoffWrites { .. }
                | Self::Monitoring { .. }
                | Self::Report { .. }
                | Self::VisitInformation { .. }
        )
    }

    /// What the call is counted as.
    pub(super) fn subject(&self) -> &'c str {
        match self {
            Self::LookUp { .. } => "service",
            Self::Session { verb, .. } => verb,
            Self::Token { .. } | Self::Exchange { .. } => "token",
            Self::Authorize { .. } => "authorize",
            Self::Collection { place, .. } => place.collection.path,
            Self::Handoffs { .. } | Self::HandoffWrites { .. } => "handoffs",
            Self::Monitoring { .. } => "monitoring",
            Self::Report { .. } => "report",
            Self::VisitInformation { .. } => "visit",
            Self::Proactive { .. } => "proactive",
            Self::Conversations { .. } => "conversations",
            Self::Reporting { .. } => "reporting",
            Self::Clevertap(_) => "clevertap",
            Self::Admin(_) => "sandbox",
            Self::UnknownCollection | Self::Unknown => "unknown",
        }
    }

    /// A refusal as the service of the path words it.
    pub(super) fn refusal(&self, failure: &RefusedRequest, now: Timestamp) -> Reply {
        match self {
            Self::Handoffs { .. }
            | Self::Proactive { .. }
            | Self::Conversations { .. }
            | Self::Reporting { .. } => failure.handoff(),
            Self::Monitoring { .. } | Self::Report { .. } | Self::VisitInformation { .. } => {
                failure.monitoring(now, monitoring::FAULT)
            }
            Self::Clevertap(_) => failure.clevertap(),
            Self::Collection { place, .. } => failure.account_config(place.object_type()),
            Self::UnknownCollection => failure.account_config("configuration"),
            _ => failure.account_config("request"),
        }
    }
}

/// Answers a call. Every refusal is worded as the service in question words it.
pub(super) fn answer(emulator: &Emulator, call: &IncomingCall) -> Reply {
    let route = PathRoute::of(call);
    let result =
        match &route {
            PathRoute::LookUp { account, rest } => look_up(emulator, call, account, rest),
            PathRoute::Session { account, verb } => session(emulator, call, account, verb),
            PathRoute::Token { account, newer } => same_account(emulator, account)
                .and_then(|()| auth::app_token(emulator, call, *newer)),
            PathRoute::Authorize { account } => {
                same_account(emulator, account).and_then(|()| grants::authorize(emulator, call))
            }
            PathRoute::Exchange { account } => {
                same_account(emulator, account).and_then(|()| grants::token(emulator, call))
            }
            PathRoute::Collection {
                account,
                place,
                item,
            } => permitted(emulator, call, account)
                .and_then(|()| auth::check_application(emulator, call, place))
                .and_then(|()| {
                    let engine = Engine {
                        emulator,
                        call,
                        place,
                        now: emulator.now(),
                    };
                    engine::handle(&engine, *item)
                }),
            PathRoute::Handoffs { account, rest } => {
                permitted(emulator, call, account).and_then(|()| handoff_list(emulator, call, rest))
            }
            PathRoute::HandoffWrites { account, item } => permitted(emulator, call, account)
                .and_then(|()| handoffs::admin(emulator, call, *item)),
            PathRoute::Monitoring { account, app } if **account == emulator.account => {
                monitoring::engagement(emulator, call, app)
            }
            PathRoute::Report { account, app } if **account == emulator.account => {
                monitoring::report(emulator, call, app)
            }
            PathRoute::VisitInformation { account, visitor } => permitted(emulator, call, account)
                .and_then(|()| monitoring::visit(emulator, call, visitor)),
            PathRoute::Proactive { account } => {
                permitted(emulator, call, account).and_then(|()| proactive::send(emulator, call))
            }
            PathRoute::Conversations { account, send } => permitted(emulator, call, account)
                .and_then(|()| proactive::conversations(emulator, call, send)),
            PathRoute::Reporting { account, asked } => permitted(emulator, call, account)
                .and_then(|()| proactive::report(emulator, call, *asked)),
            PathRoute::Clevertap(asked) => clevertap::answer(emulator, call, *asked),
            PathRoute::Admin(rest) => admin(emulator, call, rest),
            PathRoute::Monitoring { app, .. } | PathRoute::Report { app, .. } => {
                Err(monitoring::unknown_app(app))
            }
            PathRoute::UnknownCollection | PathRoute::Unknown => Err(RefusedRequest::no_data()),
        };
    result.unwrap_or_else(|failure| route.refusal(&failure, emulator.now()))
}

fn look_up(
    emulator: &Emulator,
    call: &IncomingCall,
    account: &str,
    rest: &[String],
) -> Result<Reply, RefusedRequest> {
    if call.method != Method::GET {
        return Err(RefusedRequest::method_not_allowed(
            "the look-up is read-only",
        ));
    }
    if account != emulator.account {
        return Err(RefusedRequest::bad_request(format!(
            "there is no account {account}"
        )));
    }
    match words(rest).as_slice() {
        ["baseURI" | "baseURI.json"] => csds::every(emulator, call),
        [name, "baseURI" | "baseURI.json"] => csds::one(emulator, call, name),
        _ => Err(RefusedRequest::no_data()),
    }
}

fn session(
    emulator: &Emulator,
    call: &IncomingCall,
    account: &str,
    verb: &str,
) -> Result<Reply, RefusedRequest> {
    same_account(emulator, account)?;
    match verb {
        "login" => auth::login(emulator, call),
        "refresh" => auth::refresh(emulator, call),
        _ => auth::logout(emulator, call),
    }
}

fn handoff_list(
    emulator: &Emulator,
    call: &IncomingCall,
    rest: &[String],
) -> Result<Reply, RefusedRequest> {
    match words(rest).as_slice() {
        [] => handoffs::list(emulator, call, None),
        ["channel", channel] => handoffs::list(emulator, call, Some(channel)),
        _ => Err(RefusedRequest::no_data()),
    }
}

/// The sandbox's own paths. Everything but the counts needs a bearer, so that no web page can send it.
fn admin(
    emulator: &Emulator,
    call: &IncomingCall,
    rest: &[String],
) -> Result<Reply, RefusedRequest> {
    let rest = words(rest);
    if (rest.as_slice(), &call.method) == (&["stats"], &Method::GET) {
        return Ok(Reply::ok(emulator.stats.report().to_json()));
    }
    auth::check(emulator, call)?;
    match (rest.as_slice(), &call.method) {
        (["stats"], &Method::DELETE) => {
            emulator.stats.clear();
            Ok(Reply::ok(emulator.stats.report().to_json()))
        }
        (["sends"], &Method::GET) => proactive::sends(emulator),
        (["reset"], &Method::POST) => {
            emulator.reset()?;
            Ok(Reply::ok(json!({})))
        }
        (["monitoring"], _) => monitoring::control(emulator, call),
        (["clevertap"], _) => clevertap::control(emulator, call),
        (["faults"], _) => faults::admin::answer(emulator, call, None),
        (["faults", id], _) => faults::admin::answer(emulator, call, Some(id)),
        _ => Err(RefusedRequest::no_data()),
    }
}

fn words(rest: &[String]) -> Vec<&str> {
    rest.iter().map(String::as_str).collect()
}

fn permitted(
    emulator: &Emulator,
    call: &IncomingCall,
    account: &str,
) -> Result<(), RefusedRequest> {
    same_account(emulator, account)?;
    auth::check(emulator, call)
}

fn same_account(emulator: &Emulator, account: &str) -> Result<(), RefusedRequest> {
    if account == emulator.account {
        Ok(())
    } else {
        Err(RefusedRequest::unauthorized(format!(
            "the credentials are not for account {account}"
        )))
    }
}
