//! The evaluator of scenarios and the sandbox decide alike: random worlds and visits, the one by the manifests, the other
//! by the rows that they lower to. They share no code, so that a mistake of either shows.
//!
//! `PROPTEST_CASES=5000` tries more than the 16 of every run.

mod platform;
mod replay;
mod worlds;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use campaignctl::kinds::offering::SWITCHES;
use campaignctl::kinds::{KindId, Lookup, Scenario};
use campaignctl::manifest::Key;
use campaignctl::name::Name;
use campaignctl::offers::{Suite, VisitOutcome, World};
use campaignctl::sandbox::SandboxSettings;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use platform::{ACCOUNT, Platform, settings};
use worlds::{Sample, sample};

fn key(kind: &'static str, name: &str) -> Key {
    Key {
        kind: KindId::known(kind),
        name: Name::new(name).unwrap(),
    }
}

/// What the evaluator knows of a world.
fn world_of(specs: &worlds::Specs) -> World {
    let mut world = World::default();
    for (kind, name, spec) in specs {
        world.add(&key(kind, name), spec);
    }
    world
}

/// The possible offers of each visit of the journey, by the evaluator; nothing where it cannot decide.
fn evaluated(sample: &Sample) -> Vec<Option<Vec<String>>> {
    let world = world_of(&sample.specs);
    let scenario: Scenario = serde_json::from_value(sample.scenario.clone()).unwrap();
    let suite = Suite {
        world: &world,
        key: &key("Scenario", "s"),
        scenario: &scenario,
        now: Timestamp::UNIX_EPOCH,
        assumed: &sample.assumed,
    };
    let results = suite.run();
    let visits = results.iter().flat_map(|it| &it.visits);
    let offers = visits.map(|(visit, assumed)| {
        let outcome = VisitOutcome::of(&world, visit, assumed);
        let contests = &outcome.contests;
        if contests.iter().any(|it| it.shares.is_empty()) {
            return None;
        }
        let drawn = contests.iter().flat_map(|it| it.shares.keys());
        Some(drawn.map(|key| key.name.to_string()).collect())
    });
    offers.collect()
}

/// What a visitor closes, by the back door: the platform has no call for it. Where no call was taken, there is no session yet
/// and nothing that was shown.
fn close(platform: &Platform, ids: &platform::Ids, session: &str, name: &Value) {
    let Some(session) = session.strip_prefix("&sid=") else {
        return;
    };
    let engagement = ids.to_id("Engagement", name);
    let body = json!({ "closed": { "sid": session, "engagementId": engagement } });
    let (status, answer) = platform
        .sandbox
        .answer("POST", "/_sandbox/monitoring", &body);
    assert_eq!(status, 200, "{answer}");
}

/// What the sandbox shows at each visit of the journey.
fn shown(
    platform: &mut Platform,
    sample: &Sample,
    settings: SandboxSettings,
) -> Vec<Option<String>> {
    let ids = platform.fill(&sample.specs, settings);
    let scenario = &sample.scenario;
    let at: jiff::Zoned = scenario["at"].as_str().unwrap().parse().unwrap();
    let mut now = at.timestamp();
    platform.set_time(now);
    if scenario["given"]["conversation"] == "open" {
        let body = json!({ "conversations": [{ "sub": "s", "conversationId": "c" }] });
        let _ = platform
            .sandbox
            .answer("POST", "/_sandbox/monitoring", &body);
    }
    let level = if scenario["given"]["signedIn"] == true {
        "loa1"
    } else {
        "0"
    };
    let identities = json!([{ "acr": level, "sub": "s" }]);
    let app = ids.to_id("AppInstallation", &json!("Shop"));
    let app = format!("/api/account/{ACCOUNT}/app/{}", app.as_str().unwrap());
    let mut session = String::new();
    let mut all = Vec::new();
    let call =
        |platform: &Platform, session: &mut String, method: &str, path: &str, body: &Value| {
            let (status, answer) =
                platform
                    .sandbox
                    .answer(method, &format!("{app}/{path}&vid=v{session}"), body);
            // The id of a customer, of a visitor who is not signed in.
            let is_refused =
                status == 400 && body.to_string().contains("customerId") && level == "0";
            if is_refused {
                return Value::Null;
            }
            assert!([200, 201].contains(&status), "{body}: {answer}");
            *session = format!("&sid={}", answer["sessionId"].as_str().unwrap());
            answer
        };
    for step in scenario["cases"][0]["journey"].as_array().unwrap() {
        if let Some(report) = step.get("report").filter(|it| **it != json!([])) {
            // A report knows no visitor who has not signed in but by the `vid`.
            let identities = if level == "0" {
                json!([])
            } else {
                identities.clone()
            };
            let body = json!({ "identities": identities, "engagementAttributes": report });
            call(platform, &mut session, "PUT", "report?v=1.0", &body);
        }
        if let Some(after) = step.get("after") {
            now += after.as_str().unwrap().parse::<SignedDuration>().unwrap();
            platform.set_time(now);
        }
        if step.get("when").is_none() && step.get("closes").is_none() {
            continue;
        }
        if let Some(closed) = step.get("closes") {
            close(platform, &ids, &session, &closed[0]);
            continue;
        }
        let when = &step["when"];
        let sections = when["sections"].as_array().unwrap().iter();
        let sections = sections.map(|it| format!("sec://{}", it.as_str().unwrap()));
        let body = json!({
            "identities": identities,
            "entryPoints": sections.collect::<Vec<_>>(),
            "engagementAttributes": when["attributes"],
            "clientProperties": {
                "deviceFamily": when["device"].as_str().unwrap().to_uppercase(),
                "ipAddress": when["ip"],
            },
        });
        let answer = call(platform, &mut session, "POST", "engagement?v=1.1", &body);
        let details = answer["engagementDetails"].get(0);
        let details = details.filter(|it| it["status"] == "expose");
        all.push(details.map(|details| {
            let mut named = ids.0.iter();
            let is_it = |(kind, _): &(String, String)| kind == "Engagement";
            let found = named.find(|(key, id)| is_it(key) && **id == details["engagementId"]);
            found.unwrap().0.1.clone()
        }));
    }
    all
}

/// Whether both agree at every visit that the evaluator decides; and how many those are, with offers among them.
fn agree(
    evaluated: &[Option<Vec<String>>],
    shown: &[Option<String>],
) -> Result<(usize, usize), String> {
    assert_eq!(evaluated.len(), shown.len());
    let (mut decided, mut offered) = (0, 0);
    for (index, (may, is)) in evaluated.iter().zip(shown).enumerate() {
        let Some(may) = may else { continue };
        decided += 1;
        let fits = match is {
            Some(name) => may.contains(name),
            None => may.is_empty(),
        };
        if !fits {
            return Err(format!(
                "visit {}: evaluator {may:?}, sandbox {is:?}",
                index + 1
            ));
        }
        offered += usize::from(is.is_some());
    }
    Ok((decided, offered))
}

fn config() -> ProptestConfig {
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    let usual = ProptestConfig::default();
    let cases = if given { usual.cases } else { 16 };
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..usual
    }
}

#[test]
fn evaluator_and_sandbox_agree() {
    let mut platform = Platform::new();
    let (mut decided, mut offered, mut visits) = (0, 0, 0);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config(), rng);
    let platform = std::cell::RefCell::new(&mut platform);
    let counts = std::cell::RefCell::new((&mut decided, &mut offered, &mut visits));
    let numbers = prop::collection::vec(any::<u8>(), 100..400);
    let ran = runner.run(&numbers, |numbers| {
        let sample = sample(&numbers);
        let may = evaluated(&sample);
        let is = shown(&mut platform.borrow_mut(), &sample, settings(&sample));
        match agree(&may, &is) {
            Ok((some, with)) => {
                let mut counts = counts.borrow_mut();
                *counts.0 += some;
                *counts.1 += with;
                *counts.2 += may.len();
            }
            Err(why) => {
                let specs = sample.specs.iter();
                let specs: Vec<String> = specs
                    .map(|(kind, name, spec)| format!("{kind}/{name} {spec}"))
                    .collect();
                let assumed = serde_json::to_string(&sample.assumed).unwrap();
                prop_assert!(
                    false,
                    "{why}\n{}\n{assumed}\n{}",
                    sample.scenario,
                    specs.join("\n")
                );
            }
        }
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    // A comparison of visits that are undecided, or offered nothing, would say little.
    assert!(
        decided * 10 >= visits * 9,
        "{decided} of {visits} visits are decided"
    );
    assert!(
        offered * 10 >= visits,
        "{offered} of {visits} visits are offered something"
    );
}

/// A stream of numbers that is the same in every run.
fn numbers(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24).to_le_bytes()[0]
    };
    (0..400).map(|_| next()).collect()
}

/// A change of the sample as one of the two sees it: what a mistake of it would be.
type Change = fn(&mut Value);

/// The same, with what it needs.
type Mistake = Box<dyn Fn(&mut Sample)>;

fn mistakes() -> Vec<(String, Mistake)> {
    let mut all: Vec<(String, Mistake)> = Vec::new();
    // Apps have no addresses, and the worlds no fields of which nothing is documented. The others turn on so few of the random worlds that a small number of them shows nothing; the
    // tests of the evaluator have a case for each.
    let is_rare = |word: &str| {
        let rare = [
            "url-case",
            "cart",
            "cart-totals",
            "currency",
            "product-views",
            "resolved-errors",
            "engagement-weight",
            "session-end",
            "undocumented-fields",
        ];
        rare.contains(&word)
    };
    for switch in SWITCHES.iter().filter(|it| !is_rare(it.word())) {
        let flip: Mistake = Box::new(move |sample| {
            let at = sample.assumed.0.get_mut(switch).unwrap();
            *at = 1 - *at;
        });
        all.push((switch.word().to_owned(), flip));
    }
    let fields: [(&'static str, &'static str); 7] = [
        ("Campaign", "schedule"),
        ("Campaign", "targetAudiences"),
        ("Engagement", "enabled"),
        ("Engagement", "entryPoints"),
        ("Engagement", "behaviors"),
        ("EntryPoint", "appInstallation"),
        ("EntryPoint", "conditions"),
    ];
    for (kind, field) in fields {
        let drop: Mistake = Box::new(move |sample| {
            for (_, _, spec) in sample.specs.iter_mut().filter(|it| it.0 == kind) {
                match field {
                    "conditions" => spec[field] = json!([{ "type": "everywhere" }]),
                    _ => drop(spec.as_object_mut().unwrap().shift_remove(field)),
                }
            }
        });
        all.push((format!("{kind}.{field}"), drop));
    }
    let of_visits: [(&'static str, Change); 6] = [
        ("report", |step| {
            drop(step.as_object_mut().unwrap().shift_remove("report"));
        }),
        ("after", |step| {
            drop(step.as_object_mut().unwrap().shift_remove("after"));
        }),
        ("device", |step| {
            if let Some(when) = step.get_mut("when") {
                when["device"] = json!("desktop");
            }
        }),
        ("attributes", |step| {
            if let Some(when) = step.get_mut("when") {
                when["attributes"] = json!([]);
            }
        }),
        ("closes", |step| {
            drop(step.as_object_mut().unwrap().shift_remove("closes"));
        }),
        ("customerId", |step| {
            let attributes = step
                .pointer_mut("/when/attributes")
                .and_then(Value::as_array_mut);
            for attribute in attributes.into_iter().flatten() {
                if let Some(info) = attribute.get_mut("info").and_then(Value::as_object_mut) {
                    info.shift_remove("customerId");
                }
            }
        }),
    ];
    for (name, change) in of_visits {
        let mistake: Mistake = Box::new(move |sample| {
            let steps = sample.scenario["cases"][0]["journey"]
                .as_array_mut()
                .unwrap();
            steps.iter_mut().for_each(change);
        });
        all.push((name.to_owned(), mistake));
    }
    all
}

/// Whether a mistake of the evaluator, and the same one of the sandbox, each make them disagree at a sample.
fn is_found(platform: &mut Platform, seed: u64, (name, mistake): (&str, &Mistake)) -> bool {
    let right = sample(&numbers(seed));
    let mut wrong = right.clone();
    mistake(&mut wrong);
    let (may, mistaken) = (evaluated(&right), evaluated(&wrong));
    if may == mistaken {
        return false;
    }
    let is = shown(platform, &right, settings(&right));
    assert!(agree(&may, &is).is_ok(), "seed {seed}");
    let of_evaluator = agree(&mistaken, &is).is_err();
    // Whom the priority chooses, a lottery may have drawn: at any sample, this one shows in one of the two.
    if name == "contest" {
        return of_evaluator;
    }
    of_evaluator && agree(&may, &shown(platform, &wrong, settings(&wrong))).is_err()
}

/// Each mistake is found at a sample; where, a file remembers. `CAMPAIGNCTL_UPDATE=1` writes it.
#[test]
fn a_mistake_of_either_is_found() {
    let mut platform = Platform::new();
    let remembered = std::fs::read_to_string(FOUND_AT).unwrap_or_default();
    let remembered: BTreeMap<&str, u64> = remembered
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, seed)| (name, seed.parse().unwrap()))
        .collect();
    let updates = std::env::var_os("CAMPAIGNCTL_UPDATE").is_some();
    let mut found = String::new();
    let mut missed = Vec::new();
    for (name, mistake) in mistakes() {
        let seeds = if updates { 0..3000 } else { 0..300 };
        let known = remembered.get(name.as_str()).copied();
        let mut seeds = known.into_iter().chain(seeds);
        match seeds.find(|seed| is_found(&mut platform, *seed, (&name, &mistake))) {
            Some(seed) => drop(writeln!(found, "{name} {seed}")),
            None => missed.push(name),
        }
    }
    if updates {
        std::fs::write(FOUND_AT, found).unwrap();
    }
    assert!(
        missed.is_empty(),
        "these mistakes are not found: {missed:?}"
    );
}

const FOUND_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/agreement/found.txt");
