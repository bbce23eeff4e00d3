//! Random worlds, journeys through them, and changes of them, drawn from numbers.

use campaignctl::kinds::offering::{Assumed, SWITCHES};
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["a", "b", "c"];
pub(super) const APPS: [&str; 2] = ["Shop", "Other"];
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
pub(super) struct Draw<'n>(pub(super) &'n [u8], pub(super) usize);

impl Draw<'_> {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let number = self.0.get(self.1).copied().unwrap_or(0);
        self.1 += 1;
        usize::from(number) % bound
    }

    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A world, a journey through it, and where the platform stands on what is only inferred.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) specs: Specs,
    pub(super) scenario: Value,
    pub(super) assumed: Assumed,
}

/// The objects of a world: kind, name and spec.
pub(super) type Specs = Vec<(&'static str, &'static str, Value)>;

const MAKES: [(&str, Make); 5] = [
    ("EntryPoint", entry_point),
    ("TargetAudience", audience),
    ("Behavior", behavior),
    ("Campaign", campaign),
    ("Engagement", engagement),
];

pub(super) fn sample(numbers: &[u8]) -> Sample {
    sample_of(&mut Draw(numbers, 0))
}

pub(super) fn sample_of(draw: &mut Draw<'_>) -> Sample {
    let mut specs = Specs::new();
    // The visits come first: what is used up last is the world.
    let scenario = scenario(draw);
    let switches = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
    let assumed = Assumed(switches.collect());
    for (kind, make) in MAKES {
        for name in NAMES {
            let mut spec = make(draw);
            spec["displayName"] = json!(name);
            specs.push((kind, name, spec));
        }
    }
    number(&mut specs);
    Sample {
        specs,
        scenario,
        assumed,
    }
}

/// Gives each condition a payload that tells it from all others.
fn number(specs: &mut Specs) {
    let conditions = specs
        .iter_mut()
        .filter_map(|(.., spec)| spec.get_mut("conditions")?.as_array_mut());
    let meant = conditions.flatten().filter(|it| it.get("means").is_some());
    for (payload, condition) in meant.enumerate() {
        condition["data"] = json!({ "payload": payload + 1, "currency": "EUR" });
    }
}

/// The same world after a person has changed some objects: as a whole, or one field of them.
pub(super) fn changed(draw: &mut Draw<'_>, specs: &Specs) -> Specs {
    let mut changed = specs.clone();
    for _ in 0..=draw.below(3) {
        let at = draw.below(changed.len());
        let (kind, name, spec) = &mut changed[at];
        let make = MAKES.iter().find(|(it, _)| it == kind).unwrap().1;
        let mut new = make(draw);
        new["displayName"] = json!(name);
        let fields: Vec<String> = new.as_object().unwrap().keys().cloned().collect();
        if draw.below(2) == 0 {
            *spec = new;
        } else {
            let field = draw.of(&fields);
            spec[&field] = new[&field].clone();
        }
    }
    number(&mut changed);
    changed
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
    match draw.below(5) {
        0..=2 => spec["appInstallation"] = json!(APPS[0]),
        3 => spec["appInstallation"] = json!(draw.of(&APPS)),
        _ => {}
    }
    spec
}

fn audience(draw: &mut Draw<'_>) -> Value {
    several(draw, |draw| {
        let means = match draw.below(13) {
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
            11 => json!({ "customerId": draw.of(&["c1", "C2"]) }),
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
    for field in ["availability", "availabilityForMessaging"] {
        match draw.below(3) {
            0 => spec[field] = json!("always"),
            1 => spec[field] = json!("onlineOnly"),
            _ => {}
        }
    }
    if draw.below(2) == 1 {
        spec["conversationType"] = json!("chat");
    }
    spec
}

fn attributes(draw: &mut Draw<'_>) -> Vec<Value> {
    let count = draw.below(4);
    let one = |draw: &mut Draw<'_>| match draw.below(11) {
        0 | 1 => {
            json!({ "type": "ctmrinfo", "info": { "ctype": draw.of(&["club", "GOLD", "else"]) } })
        }
        2 => {
            json!({ "type": "ctmrinfo", "info": { "storeNumber": draw.of(&["7", "z"]), "balance": -1.5 } })
        }
        3 => {
            json!({ "type": "personal", "personal": { "age": { "age": draw.of(&[17, 18, 35, 61]) }, "gender": "FEMALE" } })
        }
        4 => {
            let is_resolved = draw.below(3) == 2;
            json!({ "type": "error", "error": { "code": draw.of(&["declined", "DECLINED"]), "resolved": is_resolved } })
        }
        5 => json!({ "type": "error", "error": { "message": "the card is lost" } }),
        6 => {
            json!({ "type": "cart", "total": draw.of(&[30, 50, 170]), "currency": draw.of(&["EUR", "JPY"]), "numItems": draw.of(&[1, 3]) })
        }
        7 => json!({ "type": "prodView", "products": [{}, {}] }),
        9 => {
            json!({ "type": "ctmrinfo", "info": { "customerId": draw.of(&["c1", "c2"]), "ctype": "club" } })
        }
        8 => json!({ "type": "mrktInfo", "info": { "affiliate": draw.of(&["Yahoo", "yahoo"]) } }),
        _ => {
            let product =
                json!({ "product": { "sku": "s", "price": draw.of(&[20, 40]) }, "quantity": 2 });
            json!({ "type": "cart", "currency": "EUR", "products": [product] })
        }
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
        match draw.below(8) {
            6 | 7 => sections = Vec::new(),
            4 | 5 => sections.push(draw.of(&SECTIONS)),
            _ => {}
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
        // Where the call is refused there is nothing to close.
        let is_known = step["when"]["attributes"]
            .to_string()
            .contains("customerId");
        journey.push(step);
        if draw.below(4) == 3 && !is_known {
            let mut step = json!({ "closes": [draw.of(&NAMES)] });
            if draw.below(4) == 3 {
                step["after"] = json!(draw.of(&["29m", "30m", "31m"]));
            }
            journey.push(step);
        }
    }
    json!({ "app": "Shop", "at": at, "given": given, "cases": [{ "journey": journey }] })
}
