//! The switches of the emulator: one for every fact of the wire that is inferred or not found.
//!
//! Defaults follow the advice of platform.md#sandbox. [`SWITCHES`] names them, and says what each position does.

mod switches;

use std::num::NonZeroU32;
use std::time::Duration;

pub use switches::{SWITCHES, SandboxSwitch, SwitchError};

use super::faults::Fault;
use super::monitoring::ServedCondition;
use crate::kinds::Conduct;

/// How the emulator behaves where the platform's behaviour is not proven.
#[derive(Clone, Debug, PartialEq)]
pub struct SandboxSettings {
    /// The names and secrets that log in.
    pub credentials: AcceptedLogins,
    /// A bearer that is always accepted, so that `curl` works without a login; `None` for none.
    pub developer_bearer: Option<String>,
    /// How long a login lives (platform.md#signing-in).
    pub session_lifetime: Duration,
    /// How long the code of a sign-in with a browser lives (platform.md#signing-in).
    pub code_lifetime: Duration,
    /// How long a refresh token lives.
    pub refresh_token_lifetime: Duration,
    /// A refresh token is replaced at each use.
    pub rotates_refresh_tokens: bool,
    /// What the tokens of applications may do.
    pub application_rights: ApplicationRights,
    /// How long a client-credential token lives (platform.md#signing-in), and the access token of a sign-in with a browser.
    pub app_token_lifetime: Duration,
    /// Serves reads that lack `v`; off, they are refused with 400 as writes are.
    pub allow_missing_version_on_read: bool,
    /// Lets a replace or delete without `If-Match` through; off, it is refused with 412.
    pub allow_missing_if_match: bool,
    /// How a stale `If-Match` is refused.
    pub stale: StaleAnswer,
    /// A read of an `ac-common` collection with a current `If-Match` is answered with 304.
    pub common_not_modified: bool,
    /// A read of a deleted id is 404; off, it is 410.
    pub deleted_is_not_found: bool,
    /// A plain POST on an item is 404; off, it is 405.
    pub post_on_item_is_not_found: bool,
    /// Child rows share one revision per account; off, each parent has its own.
    pub account_wide_child_revision: bool,
    /// Refuses ids of objects that do not exist with 400.
    pub refuse_unknown_references: bool,
    /// What a delete of a row that another one refers to does.
    pub delete_in_use: DeleteInUse,
    /// A deleted engagement leaves the list of its campaign; off, its id stays there.
    pub deleted_leaves_list: bool,
    /// Serves a PUT of one item also where only the PUT of a whole collection is documented.
    pub serve_undocumented_item_put: bool,
    /// A PUT of a collection with one object answers the object, as a published sample shows.
    pub array_put_answers_object: bool,
    /// Answers hold every key of a row, also those that captured ones lack.
    pub full_rows: bool,
    /// What a list of campaigns that is asked for whole rows answers.
    pub whole_list: WholeList,
    /// Whether lists of objects with others inside them say what tells whether those changed.
    pub list_stamps: ListStamps,
    /// Whether the account has Proactive, and what keeps its handoffs from being read.
    pub handoff_service: HandoffService,
    /// What the handoff list holds.
    pub handoff_bodies: HandoffBodies,
    /// How many handoffs a page holds when the caller names no `limit`.
    pub handoff_page: usize,
    /// What a `limit` above the one that the vendor's page shows does.
    pub handoff_limit: HandoffLimit,
    /// How long it takes the Outbound Reporting API to report the outcome of a message (platform.md#outbound-reporting).
    pub report_lag: Duration,
    /// How many messages a page of the Outbound Reporting API has.
    pub report_page: usize,
    /// How many recipients the Proactive API takes in a day for each channel (platform.md#proactive-sends).
    pub proactive_daily: u64,
    /// How many users the CleverTap account has.
    pub clevertap_users: u64,
    /// What an estimate of CleverTap holds: its shape is not documented (platform.md#clevertap).
    pub clevertap_estimate: EstimateForm,
    /// The list of campaigns of CleverTap holds those of the dashboard; off, those of the API alone.
    pub clevertap_lists_dashboard: bool,
    /// The list of campaigns of CleverTap holds drafts.
    pub clevertap_lists_drafts: bool,
    /// The credentials are of the region that is called; off, they are refused.
    pub clevertap_region_is_right: bool,
    /// How long a campaign of CleverTap runs.
    pub clevertap_runs: Duration,
    /// How old the figures of CleverTap are.
    pub clevertap_lag: Duration,
    /// What the service look-up answers as `baseURI`; `None` answers the host that was called.
    pub base_uri: Option<String>,
    /// How the service look-up writes a `baseURI`.
    pub service_form: ServiceForm,
    /// Which paths of the client-credential grant are served.
    pub oauth: OauthPaths,
    /// What the logins may do.
    pub role: LoginRole,
    /// How many requests are served within one second at most; the others are answered 429.
    pub rate: Option<NonZeroU32>,
    /// How many calls of the Monitoring API find the account still loading.
    pub monitoring_loading: u64,
    /// A call of the Monitoring API with an id that is not valid begins a new session; off, it is refused.
    pub monitoring_renews_sessions: bool,
    /// The Monitoring API calls its JSON `application/octet-stream`, as a published transcript shows.
    pub monitoring_octet_stream: bool,
    /// How old the configuration may be that the Monitoring API serves: how long a change takes to reach visitors.
    pub monitoring_cache: Duration,
    /// Whether agents are available.
    pub has_agents: bool,
    /// How many percent of the visitors are in the control group of the account.
    pub account_control_group: f64,
    /// What lotteries and control groups are drawn from.
    pub seed: u64,
    /// How it is decided who is offered what.
    pub conduct: Conduct,
    /// What conditions mean.
    pub conditions: Vec<ServedCondition>,
    /// What goes wrong from the start on.
    pub faults: Vec<Fault>,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            credentials: AcceptedLogins::default(),
            developer_bearer: Some("sandbox".to_owned()),
            session_lifetime: Duration::from_hours(8),
            code_lifetime: Duration::from_mins(1),
            refresh_token_lifetime: Duration::from_hours(30 * 24),
            rotates_refresh_tokens: true,
            application_rights: ApplicationRights::Everything,
            app_token_lifetime: Duration::from_hours(1),
            allow_missing_version_on_read: false,
            allow_missing_if_match: false,
            stale: StaleAnswer::PreconditionFailed,
            common_not_modified: true,
            deleted_is_not_found: false,
            post_on_item_is_not_found: false,
            account_wide_child_revision: false,
            refuse_unknown_references: false,
            delete_in_use: DeleteInUse::Published,
            deleted_leaves_list: false,
            serve_undocumented_item_put: false,
            array_put_answers_object: false,
            full_rows: false,
            whole_list: WholeList::Whole,
            list_stamps: ListStamps::Shown,
            handoff_service: HandoffService::Served,
            handoff_bodies: HandoffBodies::Handoffs,
            handoff_page: 30,
            handoff_limit: HandoffLimit::Served,
            report_lag: Duration::ZERO,
            report_page: 1000,
            proactive_daily: 100_000,
            clevertap_users: 1000,
            clevertap_estimate: EstimateForm::Total,
            clevertap_lists_dashboard: true,
            clevertap_lists_drafts: false,
            clevertap_region_is_right: true,
            clevertap_runs: Duration::ZERO,
            clevertap_lag: Duration::ZERO,
            base_uri: None,
            service_form: ServiceForm::Captured,
            oauth: OauthPaths::Both,
            role: LoginRole::Manager,
            rate: None,
            monitoring_loading: 0,
            monitoring_renews_sessions: false,
            monitoring_octet_stream: false,
            monitoring_cache: Duration::ZERO,
            has_agents: true,
            account_control_group: 0.0,
            seed: 0,
            conduct: Conduct::default(),
            conditions: Vec::new(),
            faults: Vec::new(),
        }
    }
}

/// The names and secrets that log in; all of them `sandbox` unless changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedLogins {
    /// The name of the user.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The client id of the installed application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl Default for AcceptedLogins {
    fn default() -> Self {
        let word = || "sandbox".to_owned();
        Self {
            username: word(),
            password: word(),
            client_id: word(),
            client_secret: word(),
        }
    }
}

/// What an estimate of CleverTap holds; its shape is not documented (platform.md#clevertap).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstimateForm {
    /// One number.
    Total,
    /// A number for each kind of device.
    Devices,
    /// No number.
    Absent,
}

/// The two published shapes of the handoff list (platform.md#handoffs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffBodies {
    /// Whole handoffs, each with its `channels`.
    Handoffs,
    /// Bare channel objects, as the vendor's samples show.
    Channels,
}

/// What the handoff list does with a `limit` above 30: the largest page is not documented (platform.md#handoffs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffLimit {
    /// The page is as long as that.
    Served,
    /// The page has 100 rows.
    Hundred,
    /// The page has 30 rows.
    Cut,
    /// The page has 10 rows.
    Short,
    /// The page is empty.
    Empty,
    /// It is refused with 400.
    Refused,
    /// The service fails with 500.
    Failing,
}

/// How a stale `If-Match` is refused; the published tables contradict each other (platform.md#revisions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleAnswer {
    /// 412 everywhere.
    PreconditionFailed,
    /// 409 on `ac-common`, as its page says, and 412 elsewhere.
    ConflictOnCommon,
    /// 409 everywhere.
    Conflict,
}

/// What a delete of a row that another one refers to does (platform.md#objects-in-use).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteInUse {
    /// Refused where the platform's refusal is published, and done elsewhere.
    Published,
    /// Refused with 400 everywhere.
    Refused,
    /// Done everywhere.
    Allowed,
}

/// What a list of campaigns with `field_set=all` answers: which fields it holds is not documented (platform.md#query-parameters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeList {
    /// Whole rows, with whole engagements.
    Whole,
    /// Whole rows, and of each engagement its id and name.
    Shallow,
    /// Whole rows without engagements.
    Childless,
    /// The rows of the bare list.
    Summary,
    /// 400.
    Refused,
}

/// Whether a list of campaigns can be asked for `modifiedDate` and `engagementCollectionRevision`: which fields its rows have is not
/// documented (platform.md#query-parameters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStamps {
    /// Rows have both.
    Shown,
    /// No row has the date.
    Undated,
    /// No row has the revision.
    Unrevised,
    /// The parameter `select` is ignored.
    Ignored,
    /// The parameter `select` is refused with 400.
    Refused,
}

/// What an account does that has no Proactive, or credentials that may not read its handoffs (platform.md#handoffs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffService {
    /// Handoffs are served.
    Served,
    /// The service look-up does not name the service.
    Unlisted,
    /// The list is refused with 403.
    Denied,
    /// The list is not found.
    NotFound,
}

/// How the service look-up writes where a service is: captured accounts have all of these forms (platform.md#services).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceForm {
    /// The host and port, for handoffs with a slash at the end, for the console with a scheme and a path.
    Captured,
    /// With a scheme in front.
    Scheme,
    /// The host and port and a path.
    Path,
    /// With a scheme, a path and a slash at the end.
    Folder,
}

/// The paths of the client-credential grant (platform.md#signing-in).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthPaths {
    /// Both.
    Both,
    /// Only the older one.
    V1,
    /// Only the newer one.
    V2,
}

/// What the tokens of client credentials may do (platform.md#signing-in).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationRights {
    /// Everything.
    Everything,
    /// Nothing of what campaigns are made of; such a call is 403.
    Forbidden,
    /// The same, and such a call is 401.
    Unauthorized,
}

/// What a login may do (platform.md#roles). The developer bearer may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRole {
    /// Campaign Manager or Administrator: everything.
    Manager,
    /// Reads only; a write is 403.
    Viewer,
    /// A good login without any privilege: 403.
    None,
}
