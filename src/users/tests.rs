//! Users of manifests, without an account.

use insta::assert_snapshot;

use super::*;
use crate::diag::Texts;
use crate::resolve::Desired;
use crate::select::UnknownSelection;
use crate::text::{Limits, Source, yaml};

const MANIFESTS: &str = "\
{apiVersion: campaignctl.dev/v1, kind: Goal, metadata: {name: bought}, spec: {displayName: Bought}}
---
{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: cart}, spec: {}}
---
{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: waits}, spec: {conditions: [{type: 1, data: {onsiteLocations: [{$ref: cart}]}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: EngagementTemplate, metadata: {name: look}, spec: {window: {live: Shop}}}
---
{apiVersion: campaignctl.dev/v1, kind: EngagementTemplate, metadata: {name: button}, spec: {extends: look}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: sale}, spec: {goal: bought, state: published, engagements: [off, home]}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: draft}, spec: {goal: bought, schedule: {end: '2026-01-01T00:00:00'}}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: home}, spec: {campaign: sale, template: button, behaviors: [waits], entryPoints: [cart]}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: off}, spec: {campaign: sale, enabled: false, skill: Orders}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: old}, spec: {campaign: draft, entryPoints: [cart], window: {system: true}}}
";

fn desired() -> Desired {
    desired_of(MANIFESTS)
}

fn desired_of(text: &str) -> Desired {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: "a.yaml".to_owned(),
        text: text.to_owned(),
    });
    texts.documents = yaml::parse(file, text, &Limits::default()).0;
    let (manifests, diags) = crate::manifest::parse(&texts);
    assert!(!diags.has_errors(), "{diags:?}");
    crate::resolve::resolve(manifests).0
}

/// The tree as lines: key or display name, marks, fields.
fn tree(user: &User, depth: usize, out: &mut String) {
    let name = match &user.key {
        Some(key) => key.to_string(),
        None => format!("{} \"{}\"", user.kind, user.display_name),
    };
    let live = match (user.live, &user.why) {
        (Some(true), _) => " LIVE".to_owned(),
        (_, Some(why)) => format!(" ({why})"),
        _ => String::new(),
    };
    let fields = user.fields.join(" ");
    let again = if user.again { " again" } else { "" };
    *out += format!("{}{name}{live} {fields}{again}", "  ".repeat(depth)).trim_end();
    out.push('\n');
    for user in &user.users {
        tree(user, depth + 1, out);
    }
}

fn used(kind: &'static str, name: &str) -> String {
    used_in(MANIFESTS, kind, name)
}

fn used_in(text: &str, kind: &'static str, name: &str) -> String {
    let desired = desired_of(text);
    let now = Some("2026-05-05T00:00:00Z".parse().unwrap());
    let web = Web::of_manifests(&desired, now);
    match web.find(KindId::known(kind), name) {
        Ok(node) => {
            let mut out = String::new();
            tree(&web.uses(&node).object, 0, &mut out);
            out
        }
        Err(UnknownSelection { message, help }) => format!("{message}; {help}\n"),
    }
}

#[test]
fn users_are_found_through_others_and_inside_them() {
    assert_snapshot!(used("Goal", "bought"), @"
    Goal/bought
      Campaign/draft (it is not published) goal
        Engagement/old (Campaign/draft: it is not published) campaign
      Campaign/sale LIVE goal
        Engagement/home LIVE campaign
        Engagement/off (it is disabled) campaign
    ");
    assert_snapshot!(used("EntryPoint", "cart"), @"
    EntryPoint/cart
      Behavior/waits conditions.data.onsiteLocations
        Engagement/home LIVE behaviors
      Engagement/home LIVE entryPoints
      Engagement/old (Campaign/draft: it is not published) entryPoints
    ");
}

#[test]
fn what_a_template_brings_is_used_by_the_template() {
    assert_snapshot!(used("EngagementWindow", "Shop"), @r#"
    EngagementWindow "Shop"
      EngagementTemplate/look window
        EngagementTemplate/button extends
          Engagement/home LIVE template
    "#);
    assert_snapshot!(used("Skill", "Orders"), @r#"
    Skill "Orders"
      Engagement/off (it is disabled) skill
    "#);
}

/// Who takes a template and says something else in its place does not use what the template brings.
#[test]
fn what_is_written_over_a_template_is_used_by_who_writes_it() {
    let text = MANIFESTS.replace(
        "template: button, behaviors",
        "template: button, window: {live: Other}, behaviors",
    );
    let text = text.replace(
        "{campaign: sale, enabled",
        "{campaign: sale, template: look, enabled",
    );
    assert_snapshot!(used_in(&text, "EngagementWindow", "Shop"), @r#"
    EngagementWindow "Shop"
      EngagementTemplate/look window
        EngagementTemplate/button extends
        Engagement/off (it is disabled) template
    "#);
    assert_snapshot!(used_in(&text, "EngagementWindow", "Other"), @r#"
    EngagementWindow "Other"
      Engagement/home LIVE window
    "#);
    assert_snapshot!(used_in(&text, "EngagementTemplate", "look"), @"
    EngagementTemplate/look
      EngagementTemplate/button extends
        Engagement/home LIVE template
      Engagement/off (it is disabled) template
    ");
}

#[test]
fn a_campaign_that_lists_what_lies_inside_it_does_not_use_it() {
    assert_snapshot!(used("Engagement", "off"), @"Engagement/off (it is disabled)");
    assert_snapshot!(used("Campaign", "sale"), @"
    Campaign/sale LIVE
      Engagement/home LIVE campaign
      Engagement/off (it is disabled) campaign
    ");
}

#[test]
fn names_mean_manifests_and_what_these_refer_to() {
    assert_snapshot!(used("Goal", "Bought"), @"
    Goal/bought
      Campaign/draft (it is not published) goal
        Engagement/old (Campaign/draft: it is not published) campaign
      Campaign/sale LIVE goal
        Engagement/home LIVE campaign
        Engagement/off (it is disabled) campaign
    ");
    assert_snapshot!(used("Skill", "Order"), @"no Skill `Order` in the manifests; did you mean `Orders`?");
    assert_snapshot!(used("Behavior", "nothing-like-it"), @"no Behavior `nothing-like-it` in the manifests; add `-e ENVIRONMENT` to search the account as well");
}

#[test]
fn every_user_is_counted_once() {
    let desired = desired();
    let web = Web::of_manifests(&desired, None);
    let node = web.find(KindId::known("EntryPoint"), "cart").unwrap();
    let uses = web.uses(&node);
    let counts: Vec<String> = (uses.summary.users.iter())
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    assert_eq!(counts.join(", "), "1 Behavior, 2 Engagement");
    assert_eq!((uses.summary.live, uses.summary.foreign), (1, 0));
}

#[test]
fn what_is_read_covers_users_of_users_and_what_lies_inside() {
    let kinds = |kind| {
        let needs = needs([KindId::known(kind)]);
        let Items::Wanted { kinds, .. } = needs.items else {
            panic!("every item of every kind is read");
        };
        kinds
            .iter()
            .map(|kind| kind.name())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(kinds("Goal"), "Campaign Engagement");
    assert_eq!(
        kinds("EntryPoint"),
        "EntryPoint Behavior Campaign Engagement"
    );
}
