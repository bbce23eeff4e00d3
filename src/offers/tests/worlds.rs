//! Small random worlds, and visits to them: drawn from numbers, so that a failing one shrinks to few and small ones.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kinds::KindId;
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place};
use crate::manifest::Key;
use crate::name::Name;
use crate::offers::{Visit, World};

/// Numbers to draw from; when they are used up, everything is the first choice.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    numbers: Vec<u8>,
    next: usize,
    /// Whether conditions that no visit decides are left out.
    pub(super) is_decidable: bool,
}

impl Draw {
    pub(super) fn new(numbers: Vec<u8>) -> Self {
        Self {
            numbers,
            next: 0,
            is_decidable: false,
        }
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let number = self.numbers.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        usize::from(number) % bound
    }

    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

/// Numbers for a world, a change of it and a visit.
pub(super) fn draws() -> impl Strategy<Value = Draw> {
    prop::collection::vec(any::<u8>(), 0..300).prop_map(Draw::new)
}

/// The specs of a world, by kind and name.
pub(super) type Specs = BTreeMap<Key, Value>;

pub(super) fn key(kind: &'static str, name: &str) -> Key {
    Key {
        kind: KindId::known(kind),
        name: Name::new(name).unwrap(),
    }
}

/// The world of some specs.
pub(super) fn world_of(specs: &Specs) -> World {
    let mut world = World::default();
    for (key, spec) in specs {
        world.add(key, spec);
    }
    world
}

const NAMES: [&str; 3] = ["a", "b", "c"];
const SECTIONS: [&str; 5] = ["orders", "Orders", "help", "help/phone", "basket"];
const TIMES: [&str; 3] = [
    "2026-03-29T02:30:00",
    "2026-06-01T10:00:00",
    "2026-10-25T02:30:00",
];

type Make = fn(&mut Draw) -> Value;

/// A world with up to three objects of each kind.
pub(super) fn specs(draw: &mut Draw) -> Specs {
    let mut specs = Specs::new();
    let kinds: [(&'static str, Make); 5] = [
        ("EntryPoint", entry_point),
        ("TargetAudience", audience),
        ("Behavior", behavior),
        ("Campaign", campaign),
        ("Engagement", engagement),
    ];
    for (kind, make) in kinds {
        let count = 1 + draw.below(NAMES.len());
        // What a reference leads to is there.
        let count = if draw.is_decidable && kind != "Engagement" {
            NAMES.len()
        } else {
            count
        };
        for name in &NAMES[..count] {
            specs.insert(key(kind, name), make(draw));
        }
    }
    specs
}

/// The same world after a person has changed, added or removed some objects.
pub(super) fn changed(draw: &mut Draw, specs: &Specs) -> Specs {
    let mut changed = specs.clone();
    for _ in 0..=draw.below(2) {
        let keys: Vec<Key> = specs.keys().cloned().collect();
        let key = draw.of(&keys);
        let new = match key.kind.name() {
            "EntryPoint" => entry_point(draw),
            "TargetAudience" => audience(draw),
            "Behavior" => behavior(draw),
            "Campaign" => campaign(draw),
            _ => engagement(draw),
        };
        match draw.below(6) {
            0 if !draw.is_decidable || key.kind.name() == "Engagement" => {
                drop(changed.remove(&key));
            }
            1 | 2 => drop(changed.insert(key, new)),
            _ => {
                // One field of it.
                let fields: Vec<String> = new.as_object().unwrap().keys().cloned().collect();
                let field = draw.of(&fields);
                if let Some(spec) = changed.get_mut(&key) {
                    spec[&field] = new[&field].clone();
                }
            }
        }
    }
    changed
}

fn references(draw: &mut Draw) -> Value {
    let one = |draw: &mut Draw| match draw.below(8) {
        7 if !draw.is_decidable => json!({ "live": "Elsewhere" }),
        6 => json!({ "system": true }),
        _ => json!(draw.of(&NAMES)),
    };
    match draw.below(6) {
        0 => json!([{ "system": true }]),
        1 => json!([]),
        2 => json!([one(draw), one(draw)]),
        _ => json!([one(draw)]),
    }
}

fn sections(draw: &mut Draw, most: usize) -> Vec<Value> {
    let one = |draw: &mut Draw| {
        let section = draw.of(&SECTIONS);
        let name = if draw.once_in(3) {
            section.to_owned()
        } else {
            format!("\"{section}\"")
        };
        json!({ "sections": [{ "name": name }] })
    };
    (0..draw.below(most + 1)).map(|_| one(draw)).collect()
}

fn entry_point(draw: &mut Draw) -> Value {
    let one = |draw: &mut Draw| match draw.below(6) {
        0 => json!({ "type": "everywhere" }),
        1 if !draw.is_decidable => json!({ "type": 3, "data": { "x": draw.below(2) } }),
        2 => json!({ "type": 3, "means": { "section": { "contains": draw.of(&SECTIONS) } } }),
        _ => json!({ "type": "section", "data": {
            "include": sections(draw, 2),
            "exclude": sections(draw, 1),
        } }),
    };
    let count = if draw.once_in(5) { 2 } else { 1 };
    let conditions: Vec<Value> = (0..count).map(|_| one(draw)).collect();
    let mut spec = json!({ "conditions": conditions });
    if draw.once_in(5) {
        spec["appInstallation"] = json!(draw.of(&["Shop", "Other"]));
    }
    spec
}

fn audience(draw: &mut Draw) -> Value {
    let one = |draw: &mut Draw| match draw.below(10) {
        0 | 1 => json!({ "type": "all" }),
        9 => json!({ "type": 9, "data": {}, "means": { "customerId": "c1" } }),
        2 if !draw.is_decidable && draw.once_in(2) => {
            json!({ "type": 8, "data": { "x": draw.below(2) } })
        }
        2 if !draw.is_decidable => {
            json!({ "type": 9, "data": {}, "means": { "registeredDaysAgo": { "atLeast": 30 } } })
        }
        3 => {
            json!({ "type": 9, "data": {}, "means": { "customerType": draw.of(&["club", "Gold"]) } })
        }
        4 => {
            json!({ "type": 9, "data": {}, "means": { "platform": "mobile", "except": { "customerType": "club" } } })
        }
        5 => json!({ "type": 9, "data": {}, "means": { "age": { "atLeast": 18, "atMost": 60 } } }),
        6 => json!({ "type": 9, "data": {}, "means": { "returning": true } }),
        7 => json!({ "type": 9, "data": {}, "means": { "storeNumber": "7" } }),
        _ => {
            json!({ "type": 9, "data": {}, "means": { "customerType": ["club", "Gold"], "platform": ["mobile", "tablet"] } })
        }
    };
    let count = if draw.once_in(4) { 2 } else { 1 };
    let conditions: Vec<Value> = (0..count).map(|_| one(draw)).collect();
    json!({ "conditions": conditions })
}

fn behavior(draw: &mut Draw) -> Value {
    let condition = match draw.below(8) {
        0..=2 => json!({ "type": "all" }),
        3 if !draw.is_decidable => json!({ "type": 13, "data": { "x": draw.below(2) } }),
        4 => json!({ "type": 13, "data": {}, "means": { "visitorError": { "code": "declined" } } }),
        5 => json!({ "type": 13, "data": {}, "means": { "cart": { "value": { "atLeast": 50 } } } }),
        6 if !draw.is_decidable => {
            json!({ "type": 13, "data": {}, "means": { "visited": [draw.of(&NAMES)] } })
        }
        _ => json!({ "type": 13, "data": {}, "means": { "aboutToAbandon": true } }),
    };
    json!({ "conditions": [condition] })
}

fn campaign(draw: &mut Draw) -> Value {
    let mut spec = json!({
        "state": if draw.once_in(6) { "unpublished" } else { "published" },
        "targetAudiences": references(draw),
        "weight": draw.of(&["medium", "high", "low"]),
    });
    match draw.below(4) {
        0 => {
            spec["schedule"] =
                json!({ "timeZone": "Europe/Paris", "start": TIMES[0], "end": TIMES[2] });
        }
        1 => spec["schedule"] = json!({ "timeZone": "Europe/Paris", "start": draw.of(&TIMES) }),
        _ => {}
    }
    if draw.once_in(4) {
        spec["priority"] = json!(0.9);
    }
    spec
}

fn engagement(draw: &mut Draw) -> Value {
    let mut spec = json!({
        "campaign": draw.of(&NAMES),
        "entryPoints": references(draw),
        "behaviors": references(draw),
        "skill": draw.of(&["Orders", "Returns"]),
    });
    match draw.below(6) {
        0 | 5 => {
            spec["type"] = json!("overlay");
            let zone = draw.of(&["One", "Two"]);
            if draw.is_decidable || !draw.once_in(3) {
                spec["zones"] = json!([zone]);
            }
        }
        1 => {
            spec["type"] = json!("app");
            spec["appInstallation"] = json!("Other");
        }
        _ => {
            spec["type"] = json!("app");
            spec["appInstallation"] = json!("Shop");
        }
    }
    if draw.once_in(8) {
        spec["enabled"] = json!(false);
    }
    if draw.once_in(4) {
        spec["availability"] = json!("always");
    }
    if draw.once_in(3) {
        spec["weight"] = json!(draw.of(&[0.9, 0.2, 0.5]));
    }
    spec
}

fn texts(list: &[&str]) -> Vec<FactAnswer> {
    list.iter().map(|text| FactAnswer::text(*text)).collect()
}

/// Every fact that conditions of these worlds ask for, with values that matter, and the times.
pub(super) fn answers() -> Vec<(Fact, Vec<FactAnswer>)> {
    let none = || FactAnswer::Known(Vec::new());
    let error = |code: &str| FactAnswer::Known(vec![Datum::Error(Some(code.to_owned()), None)]);
    let number = |number: f64| FactAnswer::Known(vec![Datum::Number(number)]);
    let flags = || {
        [true, false]
            .map(|is| FactAnswer::Known(vec![Datum::Flag(is)]))
            .to_vec()
    };
    let two = |one: &str, other: &str| {
        FactAnswer::Known([one, other].map(|it| Datum::Text(it.to_owned())).to_vec())
    };
    let page = |section: &str| FactAnswer::Known(vec![Datum::Page(vec![section.to_owned()], None)]);
    let mut places = texts(&["orders", "Orders", "help", "help/phone", "a basket", "else"]);
    // What has a section in it and is another one: one condition asks for a part, another one excludes the whole.
    places.extend(texts(&[
        "my orders",
        "my Orders",
        "my help",
        "my help/phone",
    ]));
    places.extend([
        none(),
        two("orders", "help"),
        two("orders", "help/phone"),
        two("help", "a basket"),
    ]);
    let mut types = texts(&["club", "Gold", "gold", "else"]);
    types.push(none());
    vec![
        (Fact::Sections, places),
        (Fact::Agents, texts(&["available", "none"])),
        (Fact::ControlGroup, texts(&["outside", "inside"])),
        (Fact::Conversation, texts(&["none", "open"])),
        (Fact::Device, texts(&["mobile", "tablet", "desktop"])),
        (Fact::CustomerType, types),
        (Fact::Errors, vec![error("declined"), error("else"), none()]),
        (Fact::CartValue, vec![number(50.0), number(49.0), none()]),
        (
            Fact::Age,
            vec![number(18.0), number(17.0), number(61.0), none()],
        ),
        (
            Fact::StoreNumber,
            vec![FactAnswer::text("7"), FactAnswer::text("8"), none()],
        ),
        // The platform refuses what an app says of who is not signed in.
        (
            Fact::CustomerId,
            vec![none(), FactAnswer::text("c1"), FactAnswer::text("c2")],
        ),
        (Fact::Returning, flags()),
        (Fact::AboutToAbandon, flags()),
        (Fact::Pages, vec![none(), page("orders"), page("help")]),
        (Fact::SignedIn, flags()),
    ]
}

/// The bounds of the schedules, what is around them, and the hour that comes twice.
pub(super) const MOMENTS: [&str; 7] = [
    "2026-03-29T00:45:00Z",
    "2026-03-29T01:30:00Z",
    "2026-06-01T07:59:59Z",
    "2026-06-01T08:00:00Z",
    "2026-10-25T00:45:00Z",
    "2026-10-25T01:30:00Z",
    "2027-01-01T00:00:00Z",
];

pub(super) fn place(draw: &mut Draw) -> Place {
    match draw.below(4) {
        0 => Place::Web,
        1 => Place::App("Other".to_owned()),
        _ => Place::App("Shop".to_owned()),
    }
}

/// A visit of which everything is known.
pub(super) fn visit(draw: &mut Draw) -> Visit {
    let mut visit = Visit::new(place(draw));
    visit.at = Some(draw.of(&MOMENTS).parse().unwrap());
    for (fact, values) in answers() {
        visit.facts.insert(fact, draw.of(&values));
    }
    // Most visitors are not known to the brand.
    if !draw.once_in(3) {
        let nobody = FactAnswer::Known(Vec::new());
        visit.facts.insert(Fact::CustomerId, nobody);
    }
    visit
}
