//! The evaluator of scenarios and the sandbox decide alike: random worlds and visits, the one by the manifests, the other
//! by the rows that they lower to. They share no code, so that a mistake of either shows.
//!
//! `PROPTEST_CASES=5000` tries more than the 16 of every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use campaignctl::kinds::mapping::create_body;
use campaignctl::kinds::offering::{Assumed, SWITCHES};
use campaignctl::kinds::{KindId, Lookup, Scenario};
use campaignctl::manifest::Key;
use campaignctl::name::Name;
use campaignctl::offers::{Outcome, Suite, World};
use campaignctl::sandbox::{Condition, Options, Sandbox, Settings};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

const ACCOUNT: &str = "10000001";
const NAMES: [&str; 3] = ["a", "b", "c"];
const APPS: [&str; 2] = ["Shop", "Other"];
const SECTIONS: [&str; 5] = ["orders", "Orders", "help", "help/phone", "basket"];
const BOUNDS: [&str; 3] = [
    "2026-03-29T02:30:00",
    "2026-06-01T10:00:00",
    "2026-10-25T02:30:00",
];
const MOMENTS: [&str; 7] = [
    "2026-03-29T00:45:00[UTC]",
    "2026-03-29T01:30:00[UTC]",
    "2026-06-01T07:59:59[UTC]",
    "2026-06-01T08:00:00[UTC]",
    "2026-10-25T00:45:00[UTC]",
    "2026-10-25T00:30:00[UTC]",
    "2027-01-01T00:00:00[UTC]",
];

/// Numbers to draw from; when they are used up, everything is the first choice.
struct Draw<'n>(&'n [u8], usize);

impl Draw<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let number = self.0.get(self.1).copied().unwrap_or(0);
        self.1 += 1;
        usize::from(number) % bound
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A world, a journey through it, and where the platform stands on what is only inferred.
#[derive(Clone)]
struct Sample {
    specs: Vec<(&'static str, &'static str, Value)>,
    scenario: Value,
    assumed: Assumed,
}

fn sample(numbers: &[u8]) -> Sample {
    let mut draw = Draw(numbers, 0);
    let mut specs = Vec::new();
    let makes: [(&'static str, Make); 5] = [
        ("EntryPoint", entry_point),
        ("TargetAudience", audience),
        ("Behavior", behavior),
        ("Campaign", campaign),
        ("Engagement", engagement),
    ];
    // The visits come first: what is used up last is the world.
    let scenario = scenario(&mut draw);
    let switches = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
    let assumed = Assumed(switches.collect());
    let mut payload = 0;
    for (kind, make) in makes {
        for name in NAMES {
            let mut spec = make(&mut draw);
            spec["displayName"] = json!(name);
            // The payload of a condition tells it from all others.
            for condition in spec["conditions"].as_array_mut().into_iter().flatten() {
                if condition.get("means").is_some() {
                    payload += 1;
                    condition["data"] = json!({ "payload": payload });
                }
            }
            specs.push((kind, name, spec));
        }
    }
    Sample {
        specs,
        scenario,
        assumed,
    }
}

type Make = fn(&mut Draw<'_>) -> Value;

fn references(draw: &mut Draw<'_>) -> Value {
    match draw.below(8) {
        0..=3 => json!([{ "system": true }]),
        4 => json!([]),
        5 => json!([draw.of(&["a", "b"]), "c"]),
        _ => json!([draw.of(&NAMES)]),
    }
}

fn sections(draw: &mut Draw<'_>, most: usize) -> Vec<Value> {
    let count = draw.below(most + 1);
    let mut all = Vec::new();
    for _ in 0..count {
        let section = draw.of(&SECTIONS);
        let name = match draw.below(3) {
            0 => section.to_owned(),
            _ => format!("\"{section}\""),
        };
        all.push(json!({ "sections": [{ "name": name }] }));
    }
    all
}

fn several(draw: &mut Draw<'_>, one: Make) -> Value {
    let count = if draw.below(4) == 3 { 2 } else { 1 };
    json!({ "conditions": (0..count).map(|_| one(draw)).collect::<Vec<_>>() })
}

fn entry_point(draw: &mut Draw<'_>) -> Value {
    let mut spec = several(draw, |draw| match draw.below(6) {
        0 => json!({ "type": "everywhere" }),
        1 => json!({ "type": 3, "means": { "section": { "contains": draw.of(&SECTIONS) } } }),
        2 => json!({ "type": 3, "means": { "url": { "contains": "shop" } } }),
        _ => {
            let (include, exclude) = (sections(draw, 2), sections(draw, 1));
            json!({ "type": "section", "data": { "include": include, "exclude": exclude } })
        }
    });
    if draw.below(5) == 4 {
        spec["appInstallation"] = json!(draw.of(&APPS));
    }
    spec
}

fn audience(draw: &mut Draw<'_>) -> Value {
    several(draw, |draw| {
        let means = match draw.below(12) {
            0..=2 => return json!({ "type": "all" }),
            3 => json!({ "customerType": draw.of(&["club", "Gold"]) }),
            4 => json!({ "platform": "mobile", "except": { "customerType": "club" } }),
            5 => json!({ "age": { "atLeast": 18, "atMost": 60 } }),
            6 => json!({ "returning": true }),
            7 => json!({ "storeNumber": ["7", "Z"] }),
            8 => {
                json!({ "platform": ["mobile", "tablet"], "except": { "storeNumber": "7", "age": { "atLeast": 30 } } })
            }
            9 => json!({ "ip": ["203.0.113.0/24", "198.51.100.1-198.51.100.9"] }),
            10 => json!({ "marketingSource": { "affiliate": "Yahoo" } }),
            _ => json!({ "balance": { "atMost": 0 }, "gender": "female" }),
        };
        json!({ "type": 9, "means": means })
    })
}

fn behavior(draw: &mut Draw<'_>) -> Value {
    several(draw, |draw| {
        let means = match draw.below(11) {
            0..=2 => return json!({ "type": "all" }),
            3 => json!({ "visitorError": { "code": "declined" } }),
            4 => json!({ "visitorError": { "message": { "contains": "card" } } }),
            5 => json!({ "cart": { "value": { "atLeast": 50 }, "items": { "atMost": 3 } } }),
            6 => json!({ "viewedProducts": { "atLeast": 2 } }),
            7 => json!({ "visited": [draw.of(&NAMES)] }),
            8 => json!({ "aboutToAbandon": true }),
            9 => {
                json!({ "cart": { "value": { "atMost": 200 } }, "except": { "visitorError": {} } })
            }
            _ => json!({ "serviceActivity": "open" }),
        };
        json!({ "type": 13, "means": means })
    })
}

fn campaign(draw: &mut Draw<'_>) -> Value {
    let state = if draw.below(6) == 5 {
        "unpublished"
    } else {
        "published"
    };
    let mut spec = json!({
        "state": state,
        "type": "regular",
        "targetAudiences": references(draw),
        "weight": draw.of(&["medium", "high", "low"]),
        "priority": draw.of(&[0.5, 0.9]),
    });
    let (start, end) = (draw.of(&BOUNDS[..2]), BOUNDS[2]);
    match draw.below(4) {
        0 => spec["schedule"] = json!({ "timeZone": "Europe/Paris", "start": start, "end": end }),
        1 => spec["schedule"] = json!({ "timeZone": "Europe/Paris", "start": start }),
        2 => spec["schedule"] = json!({ "timeZone": "Europe/Paris", "end": BOUNDS[1] }),
        _ => {}
    }
    spec
}

fn engagement(draw: &mut Draw<'_>) -> Value {
    let mut spec = json!({
        "campaign": draw.of(&NAMES),
        "type": "app",
        "appInstallation": APPS[usize::from(draw.below(8) == 7)],
        "enabled": draw.below(6) != 5,
        "entryPoints": references(draw),
        "behaviors": references(draw),
    });
    match draw.below(3) {
        0 => spec["availability"] = json!("always"),
        1 => spec["availabilityForMessaging"] = json!("always"),
        _ => {}
    }
    spec
}

fn attributes(draw: &mut Draw<'_>) -> Vec<Value> {
    let count = draw.below(4);
    let one = |draw: &mut Draw<'_>| match draw.below(10) {
        0 | 1 => {
            json!({ "type": "ctmrinfo", "info": { "ctype": draw.of(&["club", "GOLD", "else"]) } })
        }
        2 => {
            json!({ "type": "ctmrinfo", "info": { "storeNumber": draw.of(&["7", "z"]), "balance": -1.5 } })
        }
        3 => {
            json!({ "type": "personal", "personal": { "age": { "age": draw.of(&[17, 18, 35, 61]) }, "gender": "FEMALE" } })
        }
        4 => json!({ "type": "error", "error": { "code": draw.of(&["declined", "DECLINED"]) } }),
        5 => json!({ "type": "error", "error": { "message": "the card is lost" } }),
        6 => {
            json!({ "type": "cart", "total": draw.of(&[30, 50, 170]), "numItems": draw.of(&[1, 3]) })
        }
        7 => json!({ "type": "prodView", "products": [{}, {}] }),
        8 => json!({ "type": "mrktInfo", "info": { "affiliate": draw.of(&["Yahoo", "yahoo"]) } }),
        _ => json!({ "type": "cart", "numItems": 2 }),
    };
    (0..count).map(|_| one(draw)).collect()
}

fn scenario(draw: &mut Draw<'_>) -> Value {
    let rarely = |draw: &mut Draw<'_>, usual: &str, rare: &str| {
        if draw.below(12) == 11 {
            rare.to_owned()
        } else {
            usual.to_owned()
        }
    };
    let given = json!({
        "agents": rarely(draw, "available", "none"),
        "controlGroup": rarely(draw, "outside", "inside"),
        "conversation": rarely(draw, "none", "open"),
        "signedIn": draw.below(2) == 1,
    });
    let at = draw.of(&MOMENTS);
    let mut journey = Vec::new();
    for _ in 0..=draw.below(3) {
        let mut sections = vec![draw.of(&SECTIONS)];
        if draw.below(4) == 3 {
            sections = Vec::new();
        }
        let mut step = json!({
            "when": {
                "sections": sections,
                "attributes": attributes(draw),
                "device": draw.of(&["mobile", "tablet", "desktop"]),
                "ip": draw.of(&["203.0.113.9", "198.51.100.9", "198.51.100.10"]),
            },
            "then": { "nothing": {} },
        });
        if draw.below(3) == 2 {
            let reported = attributes(draw);
            if !reported.is_empty() {
                step["report"] = json!(reported);
            }
        }
        if draw.below(3) == 2 {
            step["after"] = json!(draw.of(&["29m", "30m", "31m", "6h"]));
        }
        journey.push(step);
    }
    json!({ "app": "Shop", "at": at, "given": given, "cases": [{ "journey": journey }] })
}

/// The ids of what was created, by kind and name.
#[derive(Default)]
struct Ids(BTreeMap<(String, String), Value>);

impl Lookup for Ids {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let name = reference.as_str().unwrap_or("system");
        self.0[&(kind.to_owned(), name.to_owned())].clone()
    }

    fn to_ref(&self, _kind: &'static str, id: &Value) -> Value {
        id.clone()
    }

    fn display_name(&self, _kind: &'static str, _id: &Value) -> Option<String> {
        None
    }
}

/// A sandbox whose time the test sets.
struct Platform {
    sandbox: Sandbox,
    time: Arc<Mutex<Timestamp>>,
}

impl Platform {
    fn new() -> Self {
        let time = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
        let clock = Arc::clone(&time);
        let options = Options::in_memory(ACCOUNT, Arc::new(move || *clock.lock().unwrap()));
        Self {
            sandbox: Sandbox::open(options).unwrap(),
            time,
        }
    }

    fn config(&self, method: &str, path: &str, body: &Value) -> Value {
        let target = format!("/api/account/{ACCOUNT}/configuration/{path}");
        let (status, answer) = self.sandbox.answer(method, &target, body);
        assert!(
            (200..300).contains(&status),
            "{method} {path} {body}: {answer}"
        );
        answer
    }

    /// Makes the world of the sample, as an apply does.
    fn fill(&mut self, sample: &Sample, settings: Settings) -> Ids {
        self.sandbox.set(settings);
        self.sandbox.reset().unwrap();
        let apps = APPS.map(str::to_owned);
        self.sandbox
            .ensure(&[("app-installations", &apps)])
            .unwrap();
        let mut ids = Ids::default();
        let mut put = |kind: &str, name: &str, id: &Value| {
            ids.0.insert((kind.to_owned(), name.to_owned()), id.clone());
        };
        let installed = self.config("GET", "app-install/installations?v=1.0", &Value::Null);
        for app in installed.as_array().unwrap() {
            put(
                "AppInstallation",
                app["client_name"].as_str().unwrap(),
                &app["id"],
            );
        }
        for (kind, path) in [
            ("EntryPoint", "le-targeting/onsite-locations?v=3.0"),
            ("TargetAudience", "le-targeting/visitor-profiles?v=2.0"),
            ("Behavior", "le-targeting/visitor-behaviors?v=2.0"),
        ] {
            let rows = self.config("GET", path, &Value::Null);
            put(kind, "system", &rows[0]["id"]);
        }
        let mut children: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (kind, name, spec) in &sample.specs {
            let def = KindId::known(kind).def();
            let body = create_body(def, spec, &ids);
            let collection = def.collection.unwrap();
            let campaign = spec
                .get("campaign")
                .map(|it| ids.to_id("Campaign", it).to_string());
            let path = collection
                .path
                .replace("{parent}", campaign.as_deref().unwrap_or_default());
            let made = self.config("POST", &format!("{path}?v={}", collection.version), &body);
            if let Some(campaign) = campaign {
                children
                    .entry(campaign)
                    .or_default()
                    .push(made["id"].clone());
            }
            ids.0
                .insert(((*kind).to_owned(), (*name).to_owned()), made["id"].clone());
        }
        for (campaign, listed) in children {
            let path = format!("le-campaigns/campaigns/{campaign}?v=3.4");
            let mut body = self.config("GET", &path, &Value::Null);
            body["engagementIds"] = json!(listed);
            self.config("PUT", &path, &body);
        }
        ids
    }

    fn set_time(&self, time: Timestamp) {
        *self.time.lock().unwrap() = time;
    }
}

/// The settings of the sandbox for the sample: the positions of its switches, and what conditions mean.
fn settings(sample: &Sample) -> Settings {
    let mut settings = Settings::default();
    settings.set("missing-if-match=allowed").unwrap();
    for (switch, at) in &sample.assumed.0 {
        // The sandbox serves apps alone, where no address of a page is.
        if switch.word() != "url-case" {
            let position = switch.positions()[*at].word;
            settings.set(&format!("{switch}={position}")).unwrap();
        }
    }
    let given = &sample.scenario["given"];
    if given["agents"] == "none" {
        settings.set("agents=none").unwrap();
    }
    if given["controlGroup"] == "inside" {
        settings.set("account-control-group=100").unwrap();
    }
    for (kind, _, spec) in &sample.specs {
        for condition in spec["conditions"].as_array().into_iter().flatten() {
            if let Some(means) = condition.get("means") {
                let number = condition["type"].as_i64().unwrap();
                let data = Some(&condition["data"]);
                let read = Condition::read((kind, number, data), Some(means), None);
                settings.conditions.push(read.unwrap());
            }
        }
    }
    settings
}

fn key(kind: &'static str, name: &str) -> Key {
    Key {
        kind: KindId::known(kind),
        name: Name::new(name).unwrap(),
    }
}

/// The possible offers of each visit of the journey, by the evaluator; nothing where it cannot decide.
fn evaluated(sample: &Sample) -> Vec<Option<Vec<String>>> {
    let mut world = World::default();
    for (kind, name, spec) in &sample.specs {
        world.add(key(kind, name), spec);
    }
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
    let by_priority = sample
        .assumed
        .0
        .iter()
        .any(|(it, at)| it.word() == "contest" && *at == 1);
    let offers = visits.map(|(visit, assumed)| {
        let outcome = Outcome::of(&world, visit, assumed);
        let contests = &outcome.contests;
        if contests.iter().any(|it| !it.maybe.is_empty()) {
            return None;
        }
        let sure: Vec<&Key> = contests.iter().flat_map(|it| &it.sure).collect();
        let priority = |key: &Key| world.rank(key).map_or(0.0, |rank| rank.priority);
        let most = sure
            .iter()
            .map(|key| priority(key))
            .fold(f64::MIN, f64::max);
        let first = sure
            .iter()
            .filter(|key| !by_priority || priority(key) >= most);
        Some(first.map(|key| key.name.to_string()).collect())
    });
    offers.collect()
}

/// What the sandbox shows at each visit of the journey.
fn shown(platform: &mut Platform, sample: &Sample, settings: Settings) -> Vec<Option<String>> {
    let ids = platform.fill(sample, settings);
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
    let mut call = |platform: &Platform, method: &str, path: &str, body: &Value| {
        let (status, answer) =
            platform
                .sandbox
                .answer(method, &format!("{app}/{path}&vid=v{session}"), body);
        assert!([200, 201].contains(&status), "{body}: {answer}");
        session = format!("&sid={}", answer["sessionId"].as_str().unwrap());
        answer
    };
    for step in scenario["cases"][0]["journey"].as_array().unwrap() {
        if let Some(report) = step.get("report") {
            let body = json!({ "identities": identities, "engagementAttributes": report });
            call(platform, "PUT", "report?v=1.0", &body);
        }
        if let Some(after) = step.get("after") {
            now += after.as_str().unwrap().parse::<SignedDuration>().unwrap();
            platform.set_time(now);
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
        let answer = call(platform, "POST", "engagement?v=1.1", &body);
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
    for switch in SWITCHES.iter().filter(|it| it.word() != "url-case") {
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
    let of_visits: [(&'static str, Change); 4] = [
        ("report", |step| {
            drop(step.as_object_mut().unwrap().shift_remove("report"));
        }),
        ("after", |step| {
            drop(step.as_object_mut().unwrap().shift_remove("after"));
        }),
        ("device", |step| step["when"]["device"] = json!("desktop")),
        ("attributes", |step| step["when"]["attributes"] = json!([])),
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

const FOUND_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/agreement.txt");
