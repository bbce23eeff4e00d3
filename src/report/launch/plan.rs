//! The page of a plan, which a person judges before a send.

use std::fmt::Write as _;

use serde_json::Value;

use crate::kinds::ClevertapMode;
use crate::launch::{ClevertapPlan, LaunchPlan, ProactivePlan, SenderPlan};
use crate::text::safe::{line, lines};

/// How many users an audience has, where the service does not say.
const UNKNOWN: &str = "unknown";

/// The page of a plan.
#[must_use]
pub fn render_launch_plan(plan: &LaunchPlan) -> String {
    let mut out = String::new();
    let facts = head(plan).into_iter();
    match &plan.sender {
        SenderPlan::Proactive(section) => {
            write_facts(&mut out, facts.chain(handoff_facts(plan, section)));
            message(&mut out, section);
            values(&mut out, section);
        }
        SenderPlan::Clevertap(section) => {
            write_facts(&mut out, facts.chain(campaign_facts(plan, section)));
            campaign(&mut out, section);
        }
    }
    out.push_str("\nCheck what no program can see:\n");
    for check in &plan.check {
        let _ = writeln!(out, "  - {}", line(check));
    }
    if !plan.refusals.is_empty() {
        out.push_str("\nIt cannot be sent:\n");
        for why in &plan.refusals {
            let _ = writeln!(out, "  - {}", line(why));
        }
    }
    let _ = writeln!(out, "\nLaunch: {}", summary(plan));
    out
}

fn summary(plan: &LaunchPlan) -> String {
    let left = plan.left();
    match &plan.sender {
        SenderPlan::Clevertap(section) if section.handed_over => {
            "nothing to send: an earlier run sent it, or may have sent it.".to_owned()
        }
        SenderPlan::Clevertap(section) if section.estimate.counts.is_empty() => {
            format!("users to send to: {UNKNOWN}. A send cannot be undone.")
        }
        SenderPlan::Clevertap(_) if plan.is_draft() => {
            format!(
                "a draft for about {left} users. It reaches no one until a person publishes it."
            )
        }
        SenderPlan::Clevertap(_) => {
            format!("about {left} users to send to. A send cannot be undone.")
        }
        SenderPlan::Proactive(_) => {
            format!("{left} recipients to send to. A send cannot be undone.")
        }
    }
}

fn write_facts(out: &mut String, facts: impl Iterator<Item = LaunchFact>) {
    for (name, value) in facts {
        let _ = writeln!(out, "{name:<13}{}", line(&value));
    }
}

/// A line of the page: what it is, and its value.
type LaunchFact = (&'static str, String);

/// What is sent from where.
fn head(plan: &LaunchPlan) -> [LaunchFact; 2] {
    [
        ("Name", plan.launch.clone()),
        (
            "Environment",
            format!("{}, account {}", plan.environment, plan.account),
        ),
    ]
}

/// Who a handoff is sent to, and until when.
fn handoff_facts(plan: &LaunchPlan, section: &ProactivePlan) -> Vec<LaunchFact> {
    let recipients = &section.recipients;
    let left = plan.left();
    let apps = section.handoff.app_names.join(", ");
    let batches = recipients.batches.len();
    let size = recipients.batch_size;
    let mut rows = vec![(
        "Recipients",
        format!(
            "{}, from {} in {batches} {} of at most {size}",
            recipients.count,
            recipients.file,
            if batches == 1 { "request" } else { "requests" }
        ),
    )];
    if recipients.handed_over > 0 {
        let already = recipients.handed_over;
        rows.push((
            "Left",
            format!("{left}; {already} are in batches that an earlier run sent, or may have sent"),
        ));
    }
    rows.extend([
        (
            "Handoff",
            format!("{} ({})", section.handoff.display_name, section.handoff.id),
        ),
        ("Apps", apps),
        ("Replies to", format!("skill {}", section.skill)),
    ]);
    rows.extend((section.handoff.lookback_period.clone()).map(|time| ("Look-back", time)));
    rows.push(("When", windows(section)));
    rows.push(("Valid until", plan.expires_at.clone()));
    rows
}

/// What consumers read.
fn message(out: &mut String, section: &ProactivePlan) {
    out.push_str("\nMessage\n");
    quote(out, &section.says.text);
    if section.says.notification_title.is_some() || section.says.notification_text.is_some() {
        out.push_str("Push notification\n");
        let parts = [
            &section.says.notification_title,
            &section.says.notification_text,
        ];
        parts
            .into_iter()
            .flatten()
            .for_each(|part| quote(out, part));
    }
    if let Some(image) = &section.says.image {
        let _ = writeln!(out, "Image\n  {}", line(image));
    }
}

/// Where the values of variables come from.
fn values(out: &mut String, section: &ProactivePlan) {
    let recipients = &section.recipients;
    if !recipients.longest.is_empty() {
        out.push_str("Values\n");
    }
    for (name, longest) in &recipients.longest {
        let column = recipients.variables.get(name).map_or("", String::as_str);
        let _ = writeln!(
            out,
            "  <{}> is variable {}; the longest has {longest} characters",
            line(column),
            line(name)
        );
    }
}

fn quote(out: &mut String, text: &str) {
    for part in lines(text).lines() {
        let _ = writeln!(out, "  | {part}");
    }
}

fn windows(section: &ProactivePlan) -> String {
    if section.windows.is_empty() {
        return "at once".to_owned();
    }
    let windows = section.windows.iter();
    let windows = windows.map(|it| format!("{} {} to {}", it.day.word(), it.from, it.to));
    windows.collect::<Vec<_>>().join(", ")
}

/// Who a campaign of CleverTap is sent to, and until when.
fn campaign_facts(plan: &LaunchPlan, section: &ClevertapPlan) -> Vec<LaunchFact> {
    let request = &section.request;
    let mut rows = vec![
        (
            "CleverTap",
            format!("account {} at {}", section.account, section.host),
        ),
        ("Channel", section.channel.clone()),
        (
            "Mode",
            match section.mode {
                ClevertapMode::Draft => "draft: kept, and not sent".to_owned(),
                ClevertapMode::Send => "send".to_owned(),
            },
        ),
        ("Users", users(section)),
    ];
    let labels = request["labels"].as_array().into_iter().flatten();
    let labels: Vec<&str> = labels.filter_map(Value::as_str).collect();
    if !labels.is_empty() {
        rows.push(("Labels", labels.join(", ")));
    }
    let caps = if request["respect_frequency_caps"] == true {
        "users who got their share of messages are left out"
    } else {
        "sent to users who got their share of messages too"
    };
    rows.push(("Caps", caps.to_owned()));
    let when = match &request["when"] {
        Value::String(text) if text == "now" => "at once".to_owned(),
        other => one_line(other),
    };
    rows.push(("When", when));
    rows.push(("Valid until", plan.expires_at.clone()));
    rows
}

/// The estimate, with what it is made of.
fn users(section: &ClevertapPlan) -> String {
    let estimate = &section.estimate;
    let most = estimate.most();
    if estimate.counts.is_empty() {
        return UNKNOWN.to_owned();
    }
    let parts = estimate.counts.iter().filter(|(name, _)| *name != "total");
    let parts: Vec<String> = parts
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if parts.is_empty() {
        format!("about {most}")
    } else {
        format!("about {most} ({})", parts.join(", "))
    }
}

/// Who it is sent to, what is sent, and what else the request says.
fn campaign(out: &mut String, section: &ClevertapPlan) {
    const TOLD: [&str; 5] = [
        "target_mode",
        "labels",
        "respect_frequency_caps",
        "when",
        "draft",
    ];
    const TITLES: [(&str, &str); 3] = [
        ("where", "Audience"),
        ("segment", "Segment"),
        ("content", "Message"),
    ];
    out.push('\n');
    for (key, title) in TITLES {
        if let Some(value) = section.request.get(key) {
            let _ = writeln!(out, "{title}");
            leaves(out, "", value);
        }
    }
    let all = section.request.as_object().into_iter().flatten();
    let is_told = |key: &str| TOLD.contains(&key) || TITLES.iter().any(|(it, _)| *it == key);
    let rest: Vec<_> = all.filter(|(key, _)| !is_told(key)).collect();
    if !rest.is_empty() {
        out.push_str("Besides\n");
    }
    for (key, value) in rest {
        leaves(out, key, value);
    }
}

/// The values of an object, each with its path.
fn leaves(out: &mut String, path: &str, value: &Value) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                leaves(out, &path, value);
            }
        }
        value if path.is_empty() => quote(out, &one_line(value)),
        Value::String(text) => quote(out, &format!("{path}: {text}")),
        value => quote(out, &format!("{path}: {}", one_line(value))),
    }
}

fn one_line(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
