//! The semantic checks of engagements, one function per code. They see the spec with its template in it.

use crate::diag::{Code, Severity};
use crate::kinds::offering::never::{OutOfReach, Served, never_holds};
use crate::kinds::offering::read::{live_name, one_of_listed};
use crate::kinds::shared::Reference;
use crate::kinds::shared::appearance::{DisplayInstance, DisplayState, EngagementType};
use crate::kinds::{Findings, RuleWorld};

use super::{ConversationType, Engagement};

/// All of them.
pub(super) const CODES: &[&Code] = &[
    &CAMPAIGN_MISSING,
    &WEB_INCOMPLETE,
    &APP_INSTALLATION,
    &APP_WINDOW,
    &SIGN_IN,
    &DISPLAY_FORMAT,
    &DISPLAY_TWICE,
    &NEVER_SHOWN,
];

/// Runs every check.
pub(super) fn check(engagement: &Engagement, world: &dyn RuleWorld, out: &mut Findings) {
    campaign_missing(engagement, out);
    if let Some(engagement_type) = &engagement.engagement_type {
        if engagement_type.is_app() {
            app_installation(engagement, out);
            app_window(engagement, out);
        } else if engagement_type.is_web() {
            web_incomplete(engagement, out);
        }
        display_format(
            engagement,
            engagement_type.is_app(),
            engagement_type.is_web(),
            out,
        );
    }
    sign_in(engagement, out);
    display_twice(engagement, out);
    never_shown(engagement, world, out);
}

static CAMPAIGN_MISSING: Code = Code {
    name: "engagement-campaign-missing",
    severity: Severity::Error,
    title: "an engagement belongs to no campaign",
    why: "The platform keeps engagements inside campaigns: the id of the campaign is part of the address \
          of every one of them.",
    wrong: "type: app\nappInstallation: Shop for iOS\nconnector: Shop login",
    right: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login",
};

fn campaign_missing(engagement: &Engagement, out: &mut Findings) {
    if engagement.campaign.is_none() {
        out.push(
            &CAMPAIGN_MISSING,
            "",
            "an engagement needs a campaign",
            "add `campaign` with the name of a Campaign",
        );
    }
}

static WEB_INCOMPLETE: Code = Code {
    name: "engagement-web-incomplete",
    severity: Severity::Error,
    title: "an engagement for web pages lacks a part that the console asks for",
    why: "The console does not save a web engagement without an entry point, an engagement window and a language: the first says where it is shown, the others what it opens.",
    wrong: "campaign: autumn-sale\ntype: stickyButton\nlanguage: en-US",
    right: "campaign: autumn-sale\ntype: stickyButton\nlanguage: en-US\nentryPoints: [shop-pages]\nwindow: slim-window",
};

fn web_incomplete(engagement: &Engagement, out: &mut Findings) {
    let no_entry_points = engagement.entry_points.as_ref().is_none_or(Vec::is_empty);
    let missing: Vec<_> = [
        ("`entryPoints`", no_entry_points),
        ("`window`", engagement.window.is_none()),
        ("`language`", engagement.language.is_none()),
    ]
    .into_iter()
    .filter_map(|(field, missing)| missing.then_some(field))
    .collect();
    if !missing.is_empty() {
        out.push(
            &WEB_INCOMPLETE,
            "/type",
            format!(
                "an engagement for web pages needs {}",
                missing.join(" and ")
            ),
            "add it here or in the template",
        );
    }
}

static APP_INSTALLATION: Code = Code {
    name: "engagement-app-installation",
    severity: Severity::Error,
    title: "an app engagement names no app installation",
    why: "An app engagement is served through an app installation: apps ask the platform for engagements \
          by the id of their installation.",
    wrong: "campaign: autumn-sale\ntype: app\nconnector: Shop login",
    right: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login",
};

fn app_installation(engagement: &Engagement, out: &mut Findings) {
    if engagement.app_installation.is_none() {
        out.push(
            &APP_INSTALLATION,
            "/type",
            "an app engagement needs an app installation",
            "add `appInstallation` with the live name of the installation",
        );
    }
}

static APP_WINDOW: Code = Code {
    name: "engagement-app-window",
    severity: Severity::Error,
    title: "an app engagement names a window",
    why: "Engagement windows are drawn on web pages; in an app, the app's own messaging screen opens, and \
          app engagements of the platform carry no window.",
    wrong: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login\nwindow: slim-window",
    right: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login",
};

fn app_window(engagement: &Engagement, out: &mut Findings) {
    for (window, pointer) in [
        (&engagement.window, "/window"),
        (&engagement.offline_window, "/offlineWindow"),
    ] {
        if window.is_some() {
            out.push(
                &APP_WINDOW,
                pointer,
                "an app engagement has no window",
                "remove it; where it comes from the template, set it to `null` here",
            );
        }
    }
}

static SIGN_IN: Code = Code {
    name: "engagement-sign-in",
    severity: Severity::Error,
    title: "consumers must sign in, but cannot",
    why: "With unauthenticated messaging off, consumers sign in through the connector of the engagement; \
          without one, consumers cannot start a conversation.",
    wrong: "campaign: autumn-sale\nallowUnauthenticated: false",
    right: "campaign: autumn-sale\nallowUnauthenticated: false\nconnector: Shop login",
};

fn sign_in(engagement: &Engagement, out: &mut Findings) {
    let chat = engagement.conversation_type == Some(ConversationType::Chat);
    let is_app = (engagement.engagement_type.as_ref()).is_some_and(EngagementType::is_app);
    let allows = engagement.allow_unauthenticated;
    // A create sends the default, which is `false`.
    let must_sign_in = allows == Some(false) || (allows.is_none() && is_app);
    if !must_sign_in || engagement.connector.is_some() || chat {
        return;
    }
    let (at, message) = match allows {
        Some(_) => (
            "/allowUnauthenticated",
            "consumers must sign in, but there is no connector",
        ),
        None => (
            "/type",
            "consumers must sign in unless `allowUnauthenticated` is `true`, but there is no connector",
        ),
    };
    let help = "add `connector`, or set `allowUnauthenticated: true`";
    out.push(&SIGN_IN, at, message, help);
}

static DISPLAY_FORMAT: Code = Code {
    name: "engagement-display-format",
    severity: Severity::Error,
    title: "a look is for another format",
    why: "An app engagement has one look, of type `app`; a web engagement has looks for the availability of \
          agents (`online`, `offline`, `busy`). The platform shows nothing for a look of the other family.",
    wrong: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login\ndisplayInstances: [{ type: online, enabled: true }]",
    right: "campaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login\ndisplayInstances: [{ type: app, enabled: true }]",
};

fn display_format(engagement: &Engagement, app: bool, web: bool, out: &mut Findings) {
    for (index, state) in states(engagement) {
        let pointer = format!("/displayInstances/{index}/type");
        match state {
            DisplayState::App if web => out.push(
                &DISPLAY_FORMAT,
                pointer,
                "a web engagement has no look of type `app`",
                "use `online`, `offline` or `busy`",
            ),
            DisplayState::Online | DisplayState::Offline | DisplayState::Busy if app => out.push(
                &DISPLAY_FORMAT,
                pointer,
                "an app engagement has only a look of type `app`",
                "use `type: app`",
            ),
            _ => {}
        }
    }
}

static DISPLAY_TWICE: Code = Code {
    name: "engagement-display-twice",
    severity: Severity::Error,
    title: "a state has two looks",
    why: "The platform keeps one display instance per state, and templates merge by it: with two looks for one state it is unclear which one applies.",
    wrong: "campaign: autumn-sale\ndisplayInstances: [{ type: online, enabled: true }, { type: online, enabled: false }]",
    right: "campaign: autumn-sale\ndisplayInstances: [{ type: online, enabled: true }, { type: offline, enabled: false }]",
};

fn display_twice(engagement: &Engagement, out: &mut Findings) {
    for (index, state) in states(engagement) {
        if states(engagement).any(|(earlier, other)| earlier < index && other == state) {
            out.push(
                &DISPLAY_TWICE,
                format!("/displayInstances/{index}/type"),
                "an earlier look is for the same state",
                "merge the two, or give one of them another `type`",
            );
        }
    }
}

fn states(engagement: &Engagement) -> impl Iterator<Item = (usize, &DisplayState)> {
    engagement
        .display_instances
        .iter()
        .flatten()
        .enumerate()
        .filter_map(|(index, DisplayInstance { state, .. })| Some((index, state.as_ref()?)))
}

static NEVER_SHOWN: Code = Code {
    name: "engagement-never-shown",
    severity: Severity::Warning,
    title: "an engagement asks for what never happens where it is served",
    why: "Some conditions can be met on web pages only: the address of the page, the referring address, returning visitors, \
          the time on a page, the intent to leave. An app reports nothing of the kind, so an app engagement with such a \
          condition is probably never shown. The same is true for an entry point that belongs to another app.",
    wrong: "# EntryPoint/cart-pages has the condition { type: 3, data: {}, means: { url: { contains: /cart } } }\ncampaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login\nentryPoints: [cart-pages]",
    right: "# EntryPoint/app-cart has a condition on a section of the app\ncampaign: autumn-sale\ntype: app\nappInstallation: Shop for iOS\nconnector: Shop login\nentryPoints: [app-cart]",
};

/// Every list that an engagement is chosen by: its own, and the audiences of its campaign.
fn never_shown(engagement: &Engagement, world: &dyn RuleWorld, out: &mut Findings) {
    let Some(served) = served(engagement) else {
        return;
    };
    let Ok(spec) = serde_json::to_value(engagement) else {
        return;
    };
    let mut lists = vec![
        (
            "/entryPoints",
            one_of_listed(&spec, "entryPoints", "EntryPoint"),
        ),
        ("/behaviors", one_of_listed(&spec, "behaviors", "Behavior")),
    ];
    if let Some(Reference::Name(name)) = &engagement.campaign
        && let Some(campaign) = world.spec("Campaign", name)
    {
        let audiences = one_of_listed(campaign, "targetAudiences", "TargetAudience");
        lists.push(("/campaign", audiences));
    }
    for (at, list) in lists {
        if let Some(found) = never_holds(&list, &served, world) {
            let (message, help) = complaint(at, &served, found);
            out.push(&NEVER_SHOWN, at, message, help);
        }
    }
}

fn served(engagement: &Engagement) -> Option<Served> {
    let of = engagement.engagement_type.as_ref()?;
    if of.is_app() {
        let app = engagement.app_installation.as_ref();
        let app = app.and_then(|it| serde_json::to_value(it).ok());
        return Some(Served::App(
            app.as_ref().and_then(live_name).map(str::to_owned),
        ));
    }
    of.is_web().then_some(Served::Web)
}

fn complaint(at: &str, served: &Served, found: OutOfReach) -> (String, &'static str) {
    let place = match served {
        Served::Web => "on web pages",
        Served::App(_) => "in an app",
    };
    let object = match found.object {
        Some((kind, name)) => format!("{kind}/{name}"),
        None => "the engagement".to_owned(),
    };
    let of = match at {
        "/campaign" => ", an audience of the campaign,",
        _ => "",
    };
    let message = format!(
        "the engagement is served {place}, and `{object}`{of} {} (`{}`)",
        found.why,
        found.at.path()
    );
    let help = match at {
        "/entryPoints" => {
            "name an entry point of the same app or page, or change the `type` of the engagement"
        }
        "/behaviors" => {
            "name a behavior without that condition, or change the `type` of the engagement"
        }
        _ => {
            "remove that condition from the audience, or move the engagement to a campaign with other audiences"
        }
    };
    (message, help)
}
