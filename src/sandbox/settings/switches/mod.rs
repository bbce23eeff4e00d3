//! The switches by name: what `sandbox start --set NAME=VALUE` takes, and the page about them.

#[cfg(test)]
mod tests;

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use jiff::SignedDuration;

use super::{
    ApplicationRights, DeleteInUse, EstimateForm, HandoffBodies, HandoffLimit, HandoffService,
    ListStamps, LoginRole, OauthPaths, SandboxSettings, ServiceForm, StaleAnswer, WholeList,
};
use crate::diag::did_you_mean;

/// One switch.
#[derive(Clone, Copy, Debug)]
pub struct SandboxSwitch {
    /// Its name.
    pub name: &'static str,
    /// The values that it takes, or a capital word for what stands there.
    pub values: &'static [&'static str],
    /// What it decides.
    pub does: &'static str,
    read: fn(&SandboxSettings) -> String,
    /// Whether the value is one.
    write: fn(&mut SandboxSettings, &str) -> bool,
}

impl SandboxSwitch {
    /// The value that these settings have.
    #[must_use]
    pub fn value(&self, settings: &SandboxSettings) -> String {
        (self.read)(settings)
    }
}

/// A switch with a word for each of its positions.
macro_rules! choice {
    ($name:literal, $($field:ident).+, { $($word:literal => $value:expr),+ $(,)? }, $does:literal) => {
        SandboxSwitch {
            name: $name,
            values: &[$($word),+],
            does: $does,
            read: |settings| {
                let words = [$(($value, $word)),+];
                let found = words.iter().find(|(value, _)| *value == settings.$($field).+);
                found.map_or_else(String::new, |(_, word)| (*word).to_owned())
            },
            write: |settings, word| {
                let words = [$(($word, $value)),+];
                let found = words.into_iter().find(|(it, _)| *it == word);
                let is_known = found.is_some();
                if let Some((_, value)) = found {
                    settings.$($field).+ = value;
                }
                is_known
            },
        }
    };
}

/// A switch that holds a value which can be shown and read.
macro_rules! value {
    ($name:literal, $field:ident, { $values:literal => $show:expr, $read:expr }, $does:literal) => {
        SandboxSwitch {
            name: $name,
            values: &[$values],
            does: $does,
            read: |settings| $show(settings.$field.clone()),
            write: |settings, text| match $read(text) {
                Ok(value) => {
                    settings.$field = value;
                    true
                }
                Err(_) => false,
            },
        }
    };
}

/// All switches. The first value of a choice is the default.
pub const SWITCHES: &[SandboxSwitch] = &[
    choice!("stale", stale, {
        "412" => StaleAnswer::PreconditionFailed,
        "409-common" => StaleAnswer::ConflictOnCommon,
        "409" => StaleAnswer::Conflict,
    }, "How a write with an old `If-Match` is refused; `409-common` is 409 on `ac-common` only"),
    choice!("missing-if-match", allow_missing_if_match, {
        "refused" => false,
        "allowed" => true,
    }, "A replace or delete without `If-Match`: refused with 412, or let through"),
    choice!("missing-version", allow_missing_version_on_read, {
        "refused" => false,
        "allowed" => true,
    }, "A read without `v`: refused with 400 as writes are, or served"),
    choice!("not-modified", common_not_modified, {
        "on" => true,
        "off" => false,
    }, "A read of `ac-common` with a current `If-Match`: 304, or the whole answer"),
    choice!("deleted", deleted_is_not_found, {
        "410" => false,
        "404" => true,
    }, "A read or replace of a deleted object"),
    choice!("post-on-item", post_on_item_is_not_found, {
        "405" => false,
        "404" => true,
    }, "A plain POST on an item"),
    choice!("engagement-revision", account_wide_child_revision, {
        "campaign" => false,
        "account" => true,
    }, "Whether the engagements of each campaign have a revision of their own, or all of the account share one"),
    choice!("unknown-reference", refuse_unknown_references, {
        "allowed" => false,
        "refused" => true,
    }, "A body with the id of an object that does not exist: taken, or refused with 400"),
    choice!("delete-in-use", delete_in_use, {
        "published" => DeleteInUse::Published,
        "refused" => DeleteInUse::Refused,
        "allowed" => DeleteInUse::Allowed,
    }, "A delete of what another object refers to: refused for skills, as published; refused with 400 for every kind; or done"),
    choice!("delete-inside", deleted_leaves_list, {
        "listed" => false,
        "unlisted" => true,
    }, "A delete of an engagement: its id stays in the `engagementIds` of its campaign, or leaves them"),
    choice!("item-put", serve_undocumented_item_put, {
        "refused" => false,
        "served" => true,
    }, "A PUT of one special occasion, which the vendor documents for the whole collection only: refused with 405, or served"),
    choice!("array-answer", array_put_answers_object, {
        "array" => false,
        "object" => true,
    }, "What a PUT of a collection with an array of one object answers: an array, or the object as in a published sample"),
    choice!("rows", full_rows, {
        "captured" => false,
        "full" => true,
    }, "Whether answers hold what captured ones lack: dates of windows and installations, the `weight` of engagements"),
    choice!("whole-list", whole_list, {
        "whole" => WholeList::Whole,
        "shallow" => WholeList::Shallow,
        "childless" => WholeList::Childless,
        "summary" => WholeList::Summary,
        "refused" => WholeList::Refused,
    }, "What a list of campaigns with `field_set=all` holds: whole campaigns; those with the ids and names of their engagements, or \
        without them; the bare list; or it is refused with 400"),
    choice!("list-stamps", list_stamps, {
        "shown" => ListStamps::Shown,
        "undated" => ListStamps::Undated,
        "unrevised" => ListStamps::Unrevised,
        "ignored" => ListStamps::Ignored,
        "refused" => ListStamps::Refused,
    }, "Whether a list of campaigns shows `modifiedDate` and `engagementCollectionRevision`: both; no date, or no revision; or `select`, which asks for them, \
        is ignored, or refused with 400"),
    choice!("handoff-list", handoff_bodies, {
        "handoffs" => HandoffBodies::Handoffs,
        "channels" => HandoffBodies::Channels,
    }, "What the handoff list holds: whole handoffs, or bare channel objects as in the published samples"),
    value!("handoff-page", handoff_page, { "N" => shown, positive },
        "How many handoffs a page holds when the caller names no `limit`"),
    choice!("handoff-limit", handoff_limit, {
        "served" => HandoffLimit::Served,
        "hundred" => HandoffLimit::Hundred,
        "cut" => HandoffLimit::Cut,
        "short" => HandoffLimit::Short,
        "empty" => HandoffLimit::Empty,
        "refused" => HandoffLimit::Refused,
        "failing" => HandoffLimit::Failing,
    }, "What a `limit` of more than 30 handoffs gives: as many; 100, 30, 10 or none of them; or it is refused with 400, or fails with 500"),
    choice!("oauth", oauth, {
        "both" => OauthPaths::Both,
        "v1" => OauthPaths::V1,
        "v2" => OauthPaths::V2,
    }, "Which paths of the client-credential grant are served; the other is 404"),
    choice!("client-credentials", application_rights, {
        "everything" => ApplicationRights::Everything,
        "no-campaigns" => ApplicationRights::Forbidden,
        "no-campaigns-401" => ApplicationRights::Unauthorized,
    }, "What the tokens of client credentials may do: everything, or nothing of what campaigns are made of, with 403 or 401"),
    value!("code-lifetime", code_lifetime, { "TIME" => time, lifetime },
        "How long the code of a sign-in with a browser lives"),
    value!("refresh-token-lifetime", refresh_token_lifetime, { "TIME" => time, lifetime },
        "How long a refresh token lives"),
    choice!("refresh-token", rotates_refresh_tokens, {
        "replaced" => true,
        "kept" => false,
    }, "Whether each use of a refresh token replaces it, so that the old one is refused"),
    value!("session-lifetime", session_lifetime, { "TIME" => time, lifetime },
        "How long a user's login lives, and each refresh of it"),
    value!("token-lifetime", app_token_lifetime, { "TIME" => time, lifetime },
        "How long a client-credential token lives, and the access token of a sign-in with a browser"),
    choice!("role", role, {
        "manager" => LoginRole::Manager,
        "viewer" => LoginRole::Viewer,
        "none" => LoginRole::None,
    }, "What logins may do: everything, read only, or nothing; the rest is 403. The developer bearer may do everything"),
    value!("developer-bearer", developer_bearer, { "TEXT | off" => optional, text_or_off },
        "A bearer that is always accepted, so that `curl` needs no login"),
    value!("rate", rate, { "N | off" => optional, number_or_off },
        "How many requests are served within any one second; the others are 429 with `Retry-After: 1`"),
    choice!("monitoring-ids", monitoring_renews_sessions, {
        "404" => false,
        "201" => true,
    }, "A call of the Monitoring API whose `vid` or `sid` is not valid: refused, or a new session"),
    choice!("monitoring-type", monitoring_octet_stream, {
        "json" => false,
        "octet-stream" => true,
    }, "The media type that the Monitoring API gives its JSON"),
    value!("monitoring-loading", monitoring_loading, { "N" => shown, str::parse },
        "How many calls of the Monitoring API find the account still loading: 202, or 500 for `v=1.0`"),
    choice!("section-case", conduct.ignores_section_case, {
        "exact" => false,
        "ignored" => true,
    }, "Whether upper and lower case of a section's name are the same"),
    choice!("text-case", conduct.ignores_text_case, {
        "exact" => false,
        "ignored" => true,
    }, "Whether upper and lower case of other texts are the same. Types and statuses of customers never differ by case, as documented"),
    choice!("alternatives", conduct.needs_all, {
        "any" => false,
        "all" => true,
    }, "What several entry points, behaviors or audiences of one object mean: one is enough, or all must hold"),
    choice!("conditions", conduct.needs_any_condition, {
        "all" => false,
        "any" => true,
    }, "What several conditions of one audience or entry point mean"),
    choice!("undeclared", conduct.undeclared_is_nothing, {
        "unrestricted" => false,
        "nothing" => true,
    }, "An engagement without entry points or behaviors, or whose campaign has no audiences: not restricted by them, or never shown"),
    choice!("empty-include", conduct.empty_include_is_nowhere, {
        "everywhere" => false,
        "nowhere" => true,
    }, "An entry point without a section to include"),
    choice!("entry-point-app", conduct.ignores_entry_point_app, {
        "must-match" => false,
        "ignored" => true,
    }, "An entry point of another app: it never holds, or its app does not count"),
    choice!("entry-point-without-app", conduct.web_entry_points_are_of_apps, {
        "web-only" => false,
        "anywhere" => true,
    }, "An entry point without an app, in an app: it never holds, or wherever its sections are. The vendor's own holds in any case"),
    choice!("absent-attribute", conduct.absent_attribute_fails, {
        "not-excluded" => false,
        "fails" => true,
    }, "A condition that excludes values of an attribute that was not reported"),
    choice!("cart", conduct.adds_carts, {
        "replaces" => false,
        "adds" => true,
    }, "A cart that is reported again"),
    choice!("cart-totals", conduct.totals_carts, {
        "left-out" => false,
        "of-products" => true,
    }, "What a cart with products is worth, and how many items it has, where it leaves out `total` or `numItems`: not reported, or as its products say"),
    choice!("currency", conduct.needs_currency, {
        "ignored" => false,
        "must-match" => true,
    }, "Whether the value of a cart, or a balance, has to be in the currency that the payload of the condition names"),
    choice!("product-views", conduct.counts_products_once, {
        "each-view" => false,
        "each-product" => true,
    }, "Whether a product that is viewed again counts again"),
    choice!("resolved-errors", conduct.forgets_resolved, {
        "count" => false,
        "ignored" => true,
    }, "Whether an error counts that is reported with `resolved`"),
    choice!("new-session", conduct.keeps_attributes, {
        "starts-empty" => false,
        "keeps-attributes" => true,
    }, "Whether a new session has the attributes of the one before"),
    choice!("session-end", conduct.sessions_run_at_end, {
        "over" => false,
        "still-running" => true,
    }, "A session after exactly 30 idle minutes, or exactly 6 hours"),
    choice!("visited-now", conduct.visited_is_earlier, {
        "counts" => false,
        "earlier-only" => true,
    }, "Whether the place where the visitor is counts as visited"),
    choice!("web-only", conduct.ignores_web_only, {
        "never" => false,
        "ignored" => true,
    }, "A condition for web pages in an app: it never holds, or is ignored"),
    choice!("availability", conduct.always_needs_agents, {
        "as-named" => false,
        "agents-needed" => true,
    }, "Whether an engagement that shows at all times does so while no agent is available"),
    choice!("availability-field", conduct.takes_either_availability, {
        "by-conversation" => false,
        "either" => true,
    }, "Which policy counts of an engagement that has one for chats and one for messaging"),
    choice!("undocumented-fields", conduct.keeps_undocumented, {
        "no-say" => false,
        "may-exclude" => true,
    }, "Whether an engagement with `timeInQueue` or `externalTargets`, or a campaign with `operationHours`, is offered: as without, or to nobody"),
    choice!("schedule-end", conduct.runs_at_end, {
        "over" => false,
        "still-running" => true,
    }, "A campaign at the instant of its end"),
    choice!("changeover", conduct.later_changeover, {
        "earlier" => false,
        "later" => true,
    }, "A date in the hour that clocks skip or repeat"),
    choice!("closed-in-app", conduct.offers_closed, {
        "not-again" => false,
        "again" => true,
    }, "Whether an engagement is shown again that the visitor closed in the same session"),
    choice!("contest", conduct.by_priority, {
        "lottery" => false,
        "priority" => true,
    }, "How one of several eligible engagements is chosen: drawn by the `weight` of the campaigns, or only among those of the highest `priority`"),
    choice!("engagement-weight", conduct.weighs_engagements, {
        "ignored" => false,
        "counts" => true,
    }, "What a lottery draws by: the `weight` of the campaigns, or that multiplied with the `weight` of the engagements"),
    choice!("unknown-conditions", conduct.admits_unknown, {
        "nobody" => false,
        "everybody" => true,
    }, "Whom a condition admits that `conditions` of the environment does not explain"),
    value!("monitoring-cache", monitoring_cache, { "TIME" => time, lifetime },
        "How old the configuration may be that the Monitoring API serves: for so long a change may not reach visitors"),
    choice!("agents", has_agents, {
        "available" => true,
        "none" => false,
    }, "Whether agents are available"),
    value!("account-control-group", account_control_group, { "PERCENT" => percent_shown, percent },
        "How many of the visitors are in the control group of the account. Vendor's default: 5; here it is 0, so that no run depends on chance"),
    value!("seed", seed, { "N" => shown, str::parse },
        "The number that lotteries and control groups are drawn from"),
    choice!("handoff-service", handoff_service, {
        "served" => HandoffService::Served,
        "unlisted" => HandoffService::Unlisted,
        "403" => HandoffService::Denied,
        "404" => HandoffService::NotFound,
    }, "Whether handoffs can be read: they are; the service look-up names no host for them, as on an account without Proactive; or their list is refused"),
    value!("report-lag", report_lag, { "TIME" => time, lifetime },
        "How long it takes the Outbound Reporting API to report the outcome of a message. Vendor's: up to 20 minutes; here it is at once, so that no run has to wait"),
    value!("report-page", report_page, { "N" => shown, positive },
        "How many messages a page of the Outbound Reporting API has; the platform chooses 1 to 9,999"),
    value!("proactive-daily", proactive_daily, { "N" => shown, str::parse },
        "How many recipients the Proactive API takes in a day for each channel; what it answers beyond is not documented, and 400 here"),
    value!("clevertap-users", clevertap_users, { "N" => shown, str::parse },
        "How many users the CleverTap account has: a query reaches a fourth of them, a segment a tenth"),
    choice!("clevertap-estimate", clevertap_estimate, {
        "total" => EstimateForm::Total,
        "devices" => EstimateForm::Devices,
        "absent" => EstimateForm::Absent,
    }, "What an estimate of CleverTap holds: one number, one for each kind of device, or none"),
    choice!("clevertap-list", clevertap_lists_dashboard, {
        "all" => true,
        "api" => false,
    }, "Whether CleverTap lists campaigns that people made in its dashboard, or those of the API alone"),
    choice!("clevertap-drafts", clevertap_lists_drafts, {
        "unlisted" => false,
        "listed" => true,
    }, "Whether CleverTap lists drafts"),
    choice!("clevertap-region", clevertap_region_is_right, {
        "right" => true,
        "wrong" => false,
    }, "Whether the CleverTap account is of the region that is called; a wrong one is refused like wrong credentials, with 401"),
    value!("clevertap-runs", clevertap_runs, { "TIME" => time, lifetime },
        "How long a campaign of CleverTap runs before it is completed"),
    value!("clevertap-lag", clevertap_lag, { "TIME" => time, lifetime },
        "How old the figures of CleverTap are. Vendor's: up to 4 hours; here they are at once, so that no run has to wait"),
    choice!("service-form", service_form, {
        "captured" => ServiceForm::Captured,
        "scheme" => ServiceForm::Scheme,
        "path" => ServiceForm::Path,
        "folder" => ServiceForm::Folder,
    }, "How the service look-up writes hosts: as captured accounts mix the forms, mostly bare; with a scheme; with a path, below which alone the service is served; or with a scheme, a path and a slash at the end"),
    value!("base-uri", base_uri, { "HOST:PORT | off" => optional, text_or_off },
        "What the service look-up answers as host; off, it is the host that was called"),
];

/// Why a switch cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl std::error::Error for SwitchError {}

impl fmt::Display for SwitchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl SandboxSettings {
    /// Sets a switch, `NAME=VALUE`.
    ///
    /// # Errors
    /// An unknown name, or a value that the switch does not take.
    pub fn set(&mut self, assignment: &str) -> Result<(), SwitchError> {
        let (name, value) = assignment.split_once('=').ok_or_else(|| SwitchError {
            message: format!("`{assignment}` sets nothing"),
            help: "write `NAME=VALUE`, as in `deleted=404`".to_owned(),
        })?;
        let names = || SWITCHES.iter().map(|switch| switch.name);
        let switch = SWITCHES.iter().find(|switch| switch.name == name);
        let switch = switch.ok_or_else(|| SwitchError {
            message: format!("there is no switch `{name}`"),
            help: did_you_mean(name, names())
                .unwrap_or_else(|| format!("they are {}", names().collect::<Vec<_>>().join(", "))),
        })?;
        if (switch.write)(self, value) {
            return Ok(());
        }
        Err(SwitchError {
            message: format!("`{value}` is not a value of the switch `{name}`"),
            help: format!("it takes {}", switch.values.join(" | ")),
        })
    }
}

/// What is no value of a switch.
struct NoValue;

fn shown(number: impl ToString + Copy) -> String {
    number.to_string()
}

fn percent_shown(percent: f64) -> String {
    percent.to_string()
}

fn percent(text: &str) -> Result<f64, NoValue> {
    let number: f64 = text.parse().map_err(|_| NoValue)?;
    (0.0..=100.0)
        .contains(&number)
        .then_some(number)
        .ok_or(NoValue)
}

fn positive(text: &str) -> Result<usize, NoValue> {
    text.parse::<NonZeroUsize>()
        .map(usize::from)
        .map_err(|_| NoValue)
}

fn time(time: Duration) -> String {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    format!("{time:#}")
}

fn lifetime(text: &str) -> Result<Duration, NoValue> {
    let time: SignedDuration = text.parse().map_err(|_| NoValue)?;
    Duration::try_from(time).map_err(|_| NoValue)
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(|| OFF.to_owned(), |value| value.to_string())
}

fn text_or_off(text: &str) -> Result<Option<String>, NoValue> {
    match text {
        "" => Err(NoValue),
        OFF => Ok(None),
        _ => Ok(Some(text.to_owned())),
    }
}

fn number_or_off(text: &str) -> Result<Option<NonZeroU32>, NoValue> {
    match text {
        OFF => Ok(None),
        _ => text.parse().map(Some).map_err(|_| NoValue),
    }
}

/// The value of a switch that holds nothing.
const OFF: &str = "off";
