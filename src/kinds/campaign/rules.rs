//! The semantic checks of campaigns, one function per code.

use crate::diag::{Advice, Code, Fix, Severity};
use crate::kinds::shared::{
    LocalDateTime, Percentage, Reference, instead_of_skipped, moments, said_at, unknown_zone,
};
use crate::kinds::{Findings, Lacks, RuleWorld};

use super::{Campaign, CampaignState, CampaignWeight, Schedule};

/// All of them.
pub(super) const CODES: &[&Code] = &[
    &SCHEDULE_ORDER,
    &TIME_ZONE,
    &NO_TIME_ZONE,
    &SKIPPED_TIME,
    &OVER,
    &PUBLISHED_GOAL,
    &PUBLISHED_EMPTY,
    &ENGAGEMENT_ELSEWHERE,
    &CONTROL_GROUP,
    &CONTROL_GROUP_OF_ALL,
    &WEIGHT,
    &PRIORITY,
];

/// What is only wrong where no engagement is there.
pub(super) const OF_ABSENCE: &[(&Code, &str, Lacks)] =
    &[(&PUBLISHED_EMPTY, "Engagement", Lacks::Inside)];

/// Runs every check.
pub(super) fn check(campaign: &Campaign, name: &str, world: &dyn RuleWorld, out: &mut Findings) {
    if let Some(schedule) = &campaign.schedule {
        schedule_order(schedule, out);
        time_zone(schedule, out);
        no_time_zone(schedule, out);
        skipped_times(schedule, out);
        if campaign.state == Some(CampaignState::Published) {
            over(schedule, world, out);
        }
    }
    if campaign.state == Some(CampaignState::Published) {
        published_goal(campaign, out);
        published_empty(campaign, name, world, out);
        control_group_of_all(campaign, out);
    }
    engagements_elsewhere(campaign, name, world, out);
    control_group(campaign, out);
    weight(campaign, out);
    priority(campaign, out);
}

static SCHEDULE_ORDER: Code = Code {
    name: "campaign-schedule-order",
    severity: Severity::Error,
    title: "a campaign ends before it starts",
    why: "The platform shows a published campaign only between its start and its expiration date; with \
          the end not after the start, it would never be shown.",
    wrong: "schedule: { timeZone: Europe/Paris, start: 2026-10-01T00:00:00, end: 2026-09-01T00:00:00 }",
    right: "schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00, end: 2026-10-01T00:00:00 }",
};

fn schedule_order(schedule: &Schedule, out: &mut Findings) {
    if let (Some(start), Some(end)) = (&schedule.start, &schedule.end)
        && end <= start
    {
        out.push(
            &SCHEDULE_ORDER,
            "/schedule/end",
            "the campaign ends before it starts",
            "set an `end` after `start`, or leave `end` out for a campaign without an end",
        );
    }
}

static TIME_ZONE: Code = Code {
    name: "campaign-time-zone",
    severity: Severity::Error,
    title: "a time zone is not in the IANA database",
    why: "The platform stores dates without an offset and takes the zone from the IANA name beside them; \
          abbreviations and offsets are not names.",
    wrong: "schedule: { timeZone: CET+1, start: 2026-09-01T00:00:00 }",
    right: "schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }",
};

fn time_zone(schedule: &Schedule, out: &mut Findings) {
    let Some(name) = &schedule.time_zone else {
        return;
    };
    if let Some(help) = unknown_zone(name) {
        out.push(
            &TIME_ZONE,
            "/schedule/timeZone",
            format!("`{name}` is not an IANA time zone"),
            help,
        );
    }
}

static NO_TIME_ZONE: Code = Code {
    name: "campaign-schedule-zone",
    severity: Severity::Warning,
    title: "a schedule has no time zone",
    why: "Start and end are times on the clocks of a place. Without `timeZone`, an object that exists keeps the zone that \
          it has, and for a new one the platform decides: the campaign may start hours too early or too late.",
    wrong: "schedule: { start: 2026-09-01T00:00:00 }",
    right: "schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }",
};

fn no_time_zone(schedule: &Schedule, out: &mut Findings) {
    let place = match schedule {
        Schedule {
            time_zone: Some(_), ..
        } => return,
        Schedule { start: Some(_), .. } => "/schedule/start",
        Schedule { end: Some(_), .. } => "/schedule/end",
        _ => return,
    };
    out.push(
        &NO_TIME_ZONE,
        place,
        "a time without a time zone",
        "add `timeZone` to the schedule, such as `timeZone: Europe/Paris`",
    );
}

static SKIPPED_TIME: Code = Code {
    name: "campaign-schedule-skipped-time",
    severity: Severity::Warning,
    title: "a time does not exist in its time zone",
    why: "When the clocks go forward, they skip an hour. What the platform makes of a time in that hour is not \
          documented.",
    wrong: "schedule: { timeZone: Europe/Paris, start: 2027-03-28T02:30:00 }",
    right: "schedule: { timeZone: Europe/Paris, start: 2027-03-28T03:30:00 }",
};

fn skipped_times(schedule: &Schedule, out: &mut Findings) {
    let Some(zone) = &schedule.time_zone else {
        return;
    };
    let times = [
        ("/schedule/start", schedule.start),
        ("/schedule/end", schedule.end),
    ];
    for (place, time) in times {
        let Some(time) = time.map(LocalDateTime::civil) else {
            continue;
        };
        if let Some(instead) = instead_of_skipped(time, zone) {
            out.push(
                &SKIPPED_TIME,
                place,
                format!(
                    "the clocks of {zone} skip this time: they go forward on {}",
                    time.date()
                ),
                Advice::from(format!("write `{instead}`, or a time before the change"))
                    .fix(Fix::Replace(instead.to_string())),
            );
        }
    }
}

static OVER: Code = Code {
    name: "campaign-schedule-over",
    severity: Severity::Warning,
    title: "a published campaign is over",
    why: "A published campaign is shown until its end. After that, the manifest declares something that no visitor sees.",
    wrong: "state: published\nschedule: { timeZone: Europe/Paris, end: 2020-10-01T00:00:00 }",
    right: "state: unpublished\nschedule: { timeZone: Europe/Paris, end: 2020-10-01T00:00:00 }",
};

fn over(schedule: &Schedule, world: &dyn RuleWorld, out: &mut Findings) {
    let (Some(end), Some(now)) = (schedule.end.map(LocalDateTime::civil), world.now()) else {
        return;
    };
    let zone = schedule.time_zone.as_deref();
    if moments(end, zone).is_some_and(|(_, last)| last < now) {
        let end = said_at(end, zone, now);
        out.push(
            &OVER,
            "/schedule/end",
            format!("the campaign is published and ended on {end}"),
            "set a later `end`, or `state: unpublished`",
        );
    }
}

static PUBLISHED_GOAL: Code = Code {
    name: "campaign-published-goal",
    severity: Severity::Error,
    title: "a published campaign has no goal",
    why: "Every campaign of the platform is measured by a goal, and the console does not publish one \
          without; the built-in goal `Interact with visitors` is a sensible default.",
    wrong: "state: published",
    right: "state: published\ngoal: { system: true }",
};

fn published_goal(campaign: &Campaign, out: &mut Findings) {
    if campaign.goal.is_none() {
        out.push(
            &PUBLISHED_GOAL,
            "/state",
            "a published campaign needs a goal",
            "add `goal`, for instance `goal: { system: true }`",
        );
    }
}

static PUBLISHED_EMPTY: Code = Code {
    name: "campaign-published-empty",
    severity: Severity::Error,
    title: "a published campaign has nothing to show",
    why: "The platform shows the enabled engagements of a published campaign; a published campaign without an enabled engagement shows nothing.",
    wrong: "state: published\ngoal: checkout-done   # and no enabled Engagement names the campaign",
    right: "state: unpublished   # until there is an Engagement with `campaign: <this campaign>`\ngoal: checkout-done",
};

fn published_empty(campaign: &Campaign, name: &str, world: &dyn RuleWorld, out: &mut Findings) {
    let listed = campaign.engagements.as_deref().unwrap_or_default();
    let shows = world
        .children("Engagement", name)
        .iter()
        .any(|(_, engagement)| engagement.get("enabled") != Some(&false.into()));
    // Whether an engagement that only the account knows is enabled cannot be said here.
    let foreign = listed
        .iter()
        .any(|reference| matches!(reference, Reference::Live(_)));
    if !shows && !foreign {
        out.push(
            &PUBLISHED_EMPTY,
            "/state",
            "a published campaign needs at least one enabled engagement",
            format!(
                "add an Engagement with `campaign: {name}`, enable one, or set `state: unpublished`"
            ),
        );
    }
}

static ENGAGEMENT_ELSEWHERE: Code = Code {
    name: "campaign-engagement-elsewhere",
    severity: Severity::Error,
    title: "a campaign lists an engagement of another campaign",
    why: "An engagement lies inside one campaign, the one that its `campaign` names. `engagements` gives those inside this campaign their order; an id of an engagement that lies elsewhere shows nothing.",
    wrong: "kind: Campaign\nmetadata: { name: autumn-sale }\nspec: { engagements: [help-button] }   # and help-button has `campaign: customer-care`",
    right: "kind: Engagement\nmetadata: { name: help-button }\nspec: { campaign: autumn-sale }",
};

fn engagements_elsewhere(
    campaign: &Campaign,
    name: &str,
    world: &dyn RuleWorld,
    out: &mut Findings,
) {
    let listed = campaign.engagements.as_deref().unwrap_or_default();
    for (at, reference) in listed.iter().enumerate() {
        let Reference::Name(engagement) = reference else {
            continue;
        };
        let spec = world.spec("Engagement", engagement.as_str());
        let around = spec.and_then(|spec| spec.get("campaign")?.as_str());
        if let Some(around) = around.filter(|around| *around != name) {
            out.push(
                &ENGAGEMENT_ELSEWHERE,
                format!("/engagements/{at}").as_str(),
                format!("{engagement} lies inside the campaign {around}"),
                format!(
                    "take it off this list, or set `campaign: {name}` in Engagement/{engagement}"
                ),
            );
        }
    }
}

static CONTROL_GROUP: Code = Code {
    name: "campaign-control-group",
    severity: Severity::Error,
    title: "a control group is larger than everybody",
    why: "The control group is the share of matching visitors who are shown nothing; the console offers \
          0 % (off) to 25 %, and more than 100 % has no meaning.",
    wrong: "controlGroup: 150%",
    right: "controlGroup: 15%",
};

fn control_group(campaign: &Campaign, out: &mut Findings) {
    if let Some(share) = &campaign.control_group
        && share.share() > 100.0
    {
        out.push(
            &CONTROL_GROUP,
            "/controlGroup",
            format!("a control group of `{share}` is larger than everybody"),
            "use `0%` to `100%`; the console offers 0, 5, 10, 15, 20 and 25 percent",
        );
    }
}

static CONTROL_GROUP_OF_ALL: Code = Code {
    name: "campaign-control-group-all",
    severity: Severity::Warning,
    title: "a published campaign is shown to no visitor",
    why: "The control group is the share of matching visitors who are shown nothing. With 100 % the campaign is published, and no visitor sees its engagements.",
    wrong: "state: published\ncontrolGroup: 100%",
    right: "state: published\ncontrolGroup: 25%",
};

fn control_group_of_all(campaign: &Campaign, out: &mut Findings) {
    let share = campaign.control_group.as_ref().map(Percentage::share);
    // Above that it is an error.
    if share.is_some_and(|share| (share - 100.0).abs() < f64::EPSILON) {
        out.push(
            &CONTROL_GROUP_OF_ALL,
            "/controlGroup",
            "the campaign is published, and its control group is everybody: no visitor is shown it",
            "use a smaller share; the console offers 0, 5, 10, 15, 20 and 25 percent",
        );
    }
}

static WEIGHT: Code = Code {
    name: "campaign-weight",
    severity: Severity::Error,
    title: "a weight is not a share",
    why: "The weight is the share of choices among competing campaigns: the console's high, medium and low mean about 70, 20 and 10 percent, which the platform stores as 0.7, 0.2 and 0.1.",
    wrong: "weight: 70",
    right: "weight: high",
};

fn weight(campaign: &Campaign, out: &mut Findings) {
    if let Some(CampaignWeight::Raw(number)) = &campaign.weight
        && !number
            .as_f64()
            .is_some_and(|share| (0.0..=1.0).contains(&share))
    {
        out.push(
            &WEIGHT,
            "/weight",
            format!("`{number}` is not a share from 0 to 1"),
            "use `high`, `medium`, `low` or a number from 0 to 1",
        );
    }
}

static PRIORITY: Code = Code {
    name: "campaign-priority",
    severity: Severity::Error,
    title: "a priority is negative",
    why: "The priority ranks campaigns that compete for a visitor; the platform's own campaigns carry \
          0.5, and nothing below 0 has been seen.",
    wrong: "priority: -1",
    right: "priority: 0.5",
};

fn priority(campaign: &Campaign, out: &mut Findings) {
    if let Some(priority) = campaign.priority
        && priority < 0.0
    {
        out.push(
            &PRIORITY,
            "/priority",
            format!("the priority `{priority}` is negative"),
            "use a number from 0; the platform's default is 0.5",
        );
    }
}
