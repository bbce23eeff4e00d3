//! The impact of a change replayed on the sandbox: at each example visit, it shows the one thing before the change and
//! the other thing after it.

#![expect(clippy::print_stdout, reason = "the counts")]

use std::collections::BTreeSet;

use campaignctl::kinds::offering::{Assumed, SWITCHES, Switch};
use campaignctl::kinds::{Agents, ControlGroup, Conversation, Lookup};
use campaignctl::manifest::Key;
use campaignctl::offers::{Visit, VisitOutcome, World, differences, example};
use campaignctl::plan::{ExampleVisit, Shift};
use campaignctl::sandbox::SandboxSettings;
use jiff::Zoned;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::platform::{ACCOUNT, Ids, Platform, settings};
use super::worlds::{Draw, Sample, Specs, changed, sample_of};
use super::{config, world_of};

/// How many visitors ask where a lottery draws one of several engagements.
const SEVERAL: usize = 5;

/// The settings for an example visit: those of the sample, with what is given around the visit.
fn settings_for(sample: &Sample, visit: &ExampleVisit) -> SandboxSettings {
    let given = visit.given.clone().unwrap_or_default();
    let mut settings = settings(sample);
    let agents = given.agents.unwrap_or(Agents::Available).word();
    settings.set(&format!("agents={agents}")).unwrap();
    let share = match given.control_group {
        Some(ControlGroup::Inside) => 100,
        _ => 0,
    };
    settings
        .set(&format!("account-control-group={share}"))
        .unwrap();
    settings
}

/// A visitor of an app and what they do there.
struct Visitor<'a> {
    platform: &'a Platform,
    ids: &'a Ids,
    visit: &'a ExampleVisit,
    /// The app and the visitor.
    target: String,
    session: Option<String>,
}

impl Visitor<'_> {
    /// What the visitor is shown. What was reported once stays for the session.
    fn look(&mut self) -> Option<String> {
        let visit = self.visit;
        let given = visit.given.clone().unwrap_or_default();
        let level = if given.signed_in == Some(true) {
            "loa1"
        } else {
            "0"
        };
        let sections = visit.when.sections.iter().flatten();
        let sections: Vec<String> = sections.map(|it| format!("sec://{it}")).collect();
        let mut body = json!({
            "identities": [{ "acr": level, "sub": "s" }],
            "entryPoints": sections,
            "clientProperties": {},
        });
        if self.session.is_none() {
            let attributes = visit.when.attributes.clone();
            body["engagementAttributes"] = attributes.unwrap_or_default().into();
        }
        if let Some(device) = visit.when.device {
            body["clientProperties"]["deviceFamily"] = device.word().to_uppercase().into();
        }
        if let Some(ip) = &visit.when.ip {
            body["clientProperties"]["ipAddress"] = ip.clone().into();
        }
        let session = self.session.iter().map(|it| format!("&sid={it}"));
        let target = format!("{}{}", self.target, session.collect::<String>());
        let (status, answer) = self.platform.sandbox.answer("POST", &target, &body);
        assert!([200, 201].contains(&status), "{body}: {answer}");
        self.session = answer["sessionId"].as_str().map(str::to_owned);
        let details = answer["engagementDetails"].get(0)?;
        let details = Some(details).filter(|it| it["status"] == "expose")?;
        let mut named = self.ids.0.iter();
        let is_it = |(kind, _): &(String, String)| kind == "Engagement";
        let found = named.find(|(key, id)| is_it(key) && **id == details["engagementId"]);
        Some(found.unwrap().0.1.clone())
    }

    /// Closes an engagement, if the account has it.
    fn close(&self, name: &str) {
        let id = self.ids.0.get(&("Engagement".to_owned(), name.to_owned()));
        if id.is_some() {
            let session = self.session.as_deref().unwrap_or_default();
            super::close(
                self.platform,
                self.ids,
                &format!("&sid={session}"),
                &json!(name),
            );
        }
    }

    /// What is shown to one who closes, as it is shown, all that the visit says, and in the end the rest of it.
    fn last(&mut self) -> Option<String> {
        let mut shown = self.look();
        let mut left: BTreeSet<&String> = self.visit.closed.iter().collect();
        while let Some(name) = shown.clone().filter(|name| left.remove(name)) {
            self.close(&name);
            shown = self.look();
        }
        if left.is_empty() {
            return shown;
        }
        for name in left {
            self.close(name);
        }
        self.look()
    }
}

/// What one visitor is shown.
fn asked(platform: &Platform, ids: &Ids, visit: &ExampleVisit, visitor: usize) -> Option<String> {
    let app = ids.to_id("AppInstallation", &json!(visit.app.as_deref().unwrap()));
    let app = app.as_str().unwrap();
    let mut visitor = Visitor {
        platform,
        ids,
        visit,
        target: format!(
            "/api/account/{ACCOUNT}/app/{app}/engagement?v=1.1&obh=true&vid=v{visitor}"
        ),
        session: None,
    };
    visitor.last()
}

/// Whether the sandbox shows an engagement at an example visit where nothing competes with it; and that it does not
/// contradict that where all others are there, too.
fn is_shown(platform: &mut Platform, sample: &Sample, visit: &ExampleVisit, key: &Key) -> bool {
    let mut alone = sample.specs.clone();
    alone.retain(|(kind, name, _)| *kind != key.kind.name() || *name == key.name.as_str());
    let is_shown = shown(platform, (sample, &alone), visit, 1) == [Some(key.name.to_string())];
    let among = shown(platform, (sample, &sample.specs), visit, SEVERAL);
    let is_met = among.iter().flatten().any(|it| it == key.name.as_str());
    assert!(is_shown || !is_met, "{key} is shown among others alone");
    assert!(!is_shown || among.iter().all(Option::is_some), "{key}");
    is_shown
}

/// Whether an engagement may be chosen where the highest priority is, and who is chosen hides the others; and that the
/// sandbox shows one of those that may be, and no other.
fn is_chosen(
    platform: &mut Platform,
    sample: &Sample,
    (visit, outcome): (&ExampleVisit, &VisitOutcome),
    key: &Key,
) -> bool {
    let contests = outcome.contests.iter();
    let drawn: BTreeSet<&str> = contests
        .flat_map(|it| it.shares.keys())
        .map(|it| it.name.as_str())
        .collect();
    let among = shown(platform, (sample, &sample.specs), visit, SEVERAL);
    let is_drawn = |name: &Option<String>| match name {
        Some(name) => drawn.contains(name.as_str()),
        None => drawn.is_empty(),
    };
    assert!(
        among.iter().all(is_drawn),
        "{among:?} where {drawn:?} may be"
    );
    drawn.contains(key.name.as_str())
}

/// What the sandbox shows to some visitors in a world.
fn shown(
    platform: &mut Platform,
    (sample, specs): (&Sample, &Specs),
    visit: &ExampleVisit,
    visitors: usize,
) -> Vec<Option<String>> {
    let ids = platform.fill(specs, settings_for(sample, visit));
    let at = visit.at.as_deref().unwrap_or("2026-06-01T12:00:00[UTC]");
    platform.set_time(at.parse::<Zoned>().unwrap().timestamp());
    let given = visit.given.clone().unwrap_or_default();
    if given.conversation == Some(Conversation::Open) {
        let body = json!({ "conversations": [{ "sub": "s", "conversationId": "c" }] });
        let _ = platform
            .sandbox
            .answer("POST", "/_sandbox/monitoring", &body);
    }
    (0..visitors)
        .map(|visitor| asked(platform, &ids, visit, visitor))
        .collect()
}

#[derive(Default)]
struct Counts {
    pairs: usize,
    alike: usize,
    replayed: [usize; 3],
    by_priority: usize,
    /// Of visitors who closed something.
    closed: usize,
    may_change: usize,
}

/// Makes one engagement stand behind another one at all of its visits: only who closed that one is offered it.
fn stand_behind(sample: &mut Sample) {
    for (switch, at) in &mut sample.assumed.0 {
        match switch {
            Switch::Contest => *at = 1,
            Switch::ClosedInApp => *at = 0,
            _ => {}
        }
    }
    // The first two of each.
    for (kind, field, values) in [
        ("Engagement", "campaign", ["a", "b"].map(|it| json!(it))),
        ("Campaign", "priority", [json!(0.9), json!(0.5)]),
    ] {
        let mut specs = sample.specs.iter();
        let at = specs.position(|it| it.0 == kind).unwrap();
        let first = sample.specs[at].2.clone();
        for (index, value) in values.into_iter().enumerate() {
            let (_, name, spec) = &mut sample.specs[at + index];
            spec.clone_from(&first);
            spec["displayName"] = json!(name);
            spec[field] = value;
            let (must, be) = match kind {
                "Engagement" => ("enabled", json!(true)),
                _ => ("state", json!("published")),
            };
            spec[must] = be;
        }
    }
}

/// Replays all that is certain; the first that is not so is the answer.
fn replay(platform: &mut Platform, numbers: &[u8], counts: &mut Counts) -> Result<(), String> {
    let mut draw = Draw(numbers, 0);
    let mut before = sample_of(&mut draw);
    let positions = SWITCHES
        .iter()
        .map(|switch| (*switch, usize::from(before.assumed.of(*switch) == Some(1))));
    before.assumed = Assumed(positions.collect());
    if draw.below(3) == 2 {
        stand_behind(&mut before);
    }
    let mut after = before.clone();
    after.specs = changed(&mut draw, &before.specs);
    let (old, new) = (world_of(&before.specs), world_of(&after.specs));
    let found = differences(&old, &new, &before.assumed, None);
    counts.pairs += 1;
    counts.alike += usize::from(found.is_empty());
    for difference in found {
        let expected = match difference.turn {
            Shift::NowOffered => [false, true],
            Shift::NoLongerOffered => [true, false],
            Shift::MayChange => [false, false],
            _ => [true, true],
        };
        let visit = difference.example.as_ref();
        // What only may be is not to be seen; neither is a visit that is not all there is to say of.
        let is_sure = |world: &World, visit: &Visit, is: bool| {
            let outcome = VisitOutcome::of(world, visit, &before.assumed);
            let contest = outcome.contests.iter();
            let mut known = contest.filter(|it| !it.maybe.contains(&difference.engagement));
            !is || known.any(|it| it.sure.contains(&difference.engagement))
        };
        let visit = visit.filter(|visit| {
            difference.turn != Shift::MayChange
                && is_sure(&old, visit, expected[0])
                && is_sure(&new, visit, expected[1])
        });
        let Some(visit) = visit else {
            counts.may_change += 1;
            continue;
        };
        let outcomes = [&old, &new].map(|world| VisitOutcome::of(world, visit, &before.assumed));
        // Where the shares are not known, it is not known who is hidden.
        let is_open = |it: &VisitOutcome| it.contests.iter().any(|it| it.shares.is_empty());
        let by_priority = before.assumed.of(Switch::Contest) == Some(1);
        if by_priority && outcomes.iter().any(is_open) {
            counts.may_change += 1;
            continue;
        }
        let (visit, key) = (example(visit), &difference.engagement);
        let sides = [(&before, &outcomes[0]), (&after, &outcomes[1])];
        let shown = sides.map(|(sample, outcome)| {
            if by_priority {
                is_chosen(platform, sample, (&visit, outcome), key)
            } else {
                is_shown(platform, sample, &visit, key)
            }
        });
        counts.by_priority += usize::from(by_priority);
        counts.closed += usize::from(!visit.closed.is_empty());
        if shown != expected {
            let specs = |sample: &Sample| {
                let lines = sample.specs.iter();
                let lines: Vec<String> = lines
                    .map(|(kind, name, spec)| format!("{kind}/{name} {spec}"))
                    .collect();
                lines.join("\n")
            };
            let assumed = serde_json::to_string(&before.assumed).unwrap();
            return Err(format!(
                "{key} {:?}: the sandbox shows it {shown:?} at {}\n{assumed}\n{}\n\n{}",
                difference.turn,
                json!(visit),
                specs(&before),
                specs(&after)
            ));
        }
        counts.replayed[match difference.turn {
            Shift::NowOffered => 0,
            Shift::NoLongerOffered => 1,
            _ => 2,
        }] += 1;
    }
    Ok(())
}

/// `PROPTEST_CASES=1000` replays the examples of more pairs of worlds.
#[test]
fn the_sandbox_shows_every_difference_of_two_worlds() {
    let platform = std::cell::RefCell::new(Platform::new());
    let counts = std::cell::RefCell::new(Counts::default());
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config(), rng);
    let numbers = prop::collection::vec(any::<u8>(), 250..500);
    let ran = runner.run(&numbers, |numbers| {
        let replayed = replay(
            &mut platform.borrow_mut(),
            &numbers,
            &mut counts.borrow_mut(),
        );
        prop_assert!(replayed.is_ok(), "{}", replayed.unwrap_err());
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    let Counts {
        pairs,
        alike,
        replayed,
        by_priority,
        closed,
        may_change,
    } = counts.into_inner();
    println!(
        "{pairs} pairs, {alike} of them without a difference; replayed: {} now offered, {} no longer offered, {} other odds, {by_priority} of them by priority and {closed} of who closed something; {may_change} that may change",
        replayed[0], replayed[1], replayed[2]
    );
    let all: usize = replayed.iter().sum();
    assert!(all * 4 >= pairs, "{all} examples of {pairs} pairs");
    assert!(by_priority > 0);
    // The few of every run may have none.
    assert!(closed > 0 || pairs < 100);
    assert!(replayed[0] > 0 && replayed[1] > 0, "{replayed:?}");
}
