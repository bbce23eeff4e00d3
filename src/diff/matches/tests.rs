//! What is known to match is what would match if it were compared, whatever happens to manifests, account, ledger and file.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::diag::{Diags, Texts};
use crate::diff::{Changes, Scope, diff, diff_with};
use crate::kinds::KindId;
use crate::kinds::mapping::{create_body, set_path};
use crate::kinds::words::VOCABULARY;
use crate::live::{Absence, CacheOwner, Entry, FilePlace, Inventory, Ledger, LiveObject};
use crate::manifest;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::{Desired, resolve, rest};
use crate::select::Selection;
use crate::text::{Limits, Packed, Source, yaml};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A number that no comparison finds: an object with so many equal fields was not compared.
const NOT_COMPARED: usize = 999;

#[derive(Clone)]
struct World {
    manifests: Vec<(String, Value)>,
    objects: Vec<LiveObject>,
    ledger: Ledger,
    program: String,
    ignores_drift: bool,
    writes_observed: bool,
}

fn owner() -> CacheOwner {
    CacheOwner {
        account: "10000001".to_owned(),
        host: "https://host".to_owned(),
    }
}

fn manifest_of(kind: &str, name: &str, spec: &Value) -> (String, Value) {
    let text = json!({ "apiVersion": "campaignctl.dev/v1", "kind": kind, "metadata": { "name": name }, "spec": spec });
    (format!("{kind}/{name}.yaml"), text)
}

impl World {
    /// Goals, pages and campaigns with engagements, on an account that matches and that the ledger knows.
    fn new() -> Self {
        let mut manifests = Vec::new();
        for at in 0..2 {
            let name = |of: &str| format!("{of}-{at}");
            let said = |of: &str| format!("{of} {at}");
            manifests.push(manifest_of(
                "Goal",
                &name("goal"),
                &json!({ "displayName": said("Goal"), "indicator": { "type": "url", "url": "/a", "match": 0, "count": 1 } }),
            ));
            manifests.push(manifest_of(
                "EntryPoint",
                &name("pages"),
                &json!({ "displayName": said("Pages"), "description": "d", "conditions": [{ "type": "section", "data": { "include": [{ "sections": [{ "name": "\"s\"" }] }], "exclude": [] } }] }),
            ));
            manifests.push(manifest_of(
                "Campaign",
                &name("campaign"),
                &json!({ "displayName": said("Campaign"), "description": "d", "state": "unpublished", "goal": name("goal") }),
            ));
            for inside in 0..2 {
                manifests.push(manifest_of(
                    "Engagement",
                    &format!("offer-{at}-{inside}"),
                    &json!({ "displayName": format!("Offer {at} {inside}"), "type": "embedded", "campaign": name("campaign"), "entryPoints": [name("pages")], "enabled": true }),
                ));
            }
        }
        let mut world = Self {
            manifests,
            objects: Vec::new(),
            ledger: Ledger::new("10000001", "line-1"),
            program: "1".to_owned(),
            ignores_drift: false,
            writes_observed: false,
        };
        world.create();
        world.adopt();
        world
    }

    fn desired(&self) -> (Texts, Desired) {
        let mut texts = Texts::default();
        for (path, value) in &self.manifests {
            let (path, text) = (path.clone(), value.to_string());
            let file = texts.sources.push(Source {
                path,
                text: text.clone(),
            });
            texts
                .documents
                .extend(yaml::parse(file, &text, &Limits::default()).0);
        }
        let (manifests, _) = manifest::parse(&texts);
        let (desired, _) = resolve(manifests);
        (texts, desired)
    }

    /// Puts every manifest on the account.
    fn create(&mut self) {
        let (_, desired) = self.desired();
        let mut table = References::default();
        let ids: BTreeMap<Key, u64> = (101..)
            .zip(desired.iter())
            .map(|(id, resource)| (resource.key.clone(), id))
            .collect();
        for resource in desired.iter() {
            let (kind, name) = (resource.key.kind, Some(resource.key.name.to_string()));
            let shown = resource.display_name().to_owned();
            table.insert(kind, json!(ids[&resource.key]), name, shown);
        }
        for resource in desired.iter() {
            let (kind, id) = (resource.key.kind, ids[&resource.key]);
            let mut body = create_body(kind.def(), &resource.spec, &table);
            body["id"] = json!(id);
            if kind.def().children.is_some() {
                let inside = desired.children_of(&resource.key).iter();
                body["engagementIds"] = inside.map(|key| json!(ids[key])).collect();
            }
            let parent = resource.parent().map(|key| remote(ids[&key]));
            self.objects.push(LiveObject {
                kind,
                id: remote(id),
                parent,
                display_name: resource.display_name().to_owned(),
                body: Packed::of(&body),
                whole: true,
                system: false,
            });
        }
    }

    /// What an apply writes into the ledger of what needs no write.
    fn adopt(&mut self) {
        let (changes, _) = self.with(diff);
        for change in changes.changes {
            let (Some(id), false) = (change.remote_id.clone(), change.declared.is_null()) else {
                continue;
            };
            let key = change.key();
            let applied = Some(&change.recorded).filter(|it| !it.is_null());
            let entry = Entry {
                id,
                parent: change.remote_parent.clone(),
                display_name: change.display_name.clone(),
                applied: Packed::of(applied.unwrap_or(&change.declared)),
                vocabulary: VOCABULARY,
                protect: change.protect,
                observed: change.observed,
                file: change.file.clone().unwrap_or_default(),
                link: None,
                at: "2026-09-01T00:00:00Z".to_owned(),
                plan: "p".to_owned(),
            };
            self.ledger.entries.insert(key, entry);
        }
    }

    fn with<T>(&self, look: impl Fn(&DiffInput<'_>) -> T) -> T {
        let (texts, desired) = self.desired();
        self.among(&texts, &desired, look)
    }

    /// The same with manifests at rest, as runs have them.
    fn at_rest<T>(&self, look: impl Fn(&DiffInput<'_>) -> T) -> T {
        let (mut texts, mut desired) = self.desired();
        rest(&mut texts, &mut desired);
        self.among(&texts, &desired, look)
    }

    fn among<T>(&self, texts: &Texts, desired: &Desired, look: impl Fn(&DiffInput<'_>) -> T) -> T {
        let mut inventory = Inventory::default();
        for kind in ["Goal", "EntryPoint", "Campaign", "Engagement"] {
            inventory.read(KindId::known(kind));
        }
        for object in &self.objects {
            inventory.push(object.clone());
        }
        look(&DiffInput {
            texts,
            desired,
            inventory: &inventory,
            ledger: &self.ledger,
            scope: Scope {
                absence: &|_| Absence::Gone,
                unread: &BTreeMap::new(),
                place: &|file| FilePlace {
                    file: file.to_owned(),
                    link: None,
                },
                prune: true,
                exclusive: &[],
                ignores_drift: self.ignores_drift,
                writes_observed: self.writes_observed,
                selection: &Selection::default(),
                environment: "test",
            },
            now: None,
        })
    }

    fn diff_with(&self, known: &Matches) -> (Changes, Diags, Option<Matches>) {
        self.at_rest(|input| diff_with(input, known))
    }

    /// What is known after one run.
    fn known(&self) -> Matches {
        let nothing = Matches::none(&self.program, NOW);
        self.diff_with(&nothing).2.unwrap()
    }

    /// The manifests that are not compared, of those that matched in another world.
    fn not_compared(&self, known: Matches) -> BTreeSet<String> {
        let mut known = known;
        for found in known.objects.values_mut() {
            found.equal = NOT_COMPARED;
        }
        let (changes, _, _) = self.diff_with(&known);
        let skipped = changes.changes.iter();
        let skipped = skipped.filter(|change| change.unchanged == NOT_COMPARED);
        skipped.map(|change| change.name.to_string()).collect()
    }

    fn spec(&mut self, name: &str) -> &mut Value {
        let mut found = self.manifests.iter_mut();
        let found = found.find(|(_, value)| value["metadata"]["name"] == name);
        &mut found.unwrap().1["spec"]
    }

    fn object(&mut self, name: &str) -> &mut LiveObject {
        let mut found = self.objects.iter_mut();
        found.find(|object| object.display_name == name).unwrap()
    }
}

fn remote(id: u64) -> RemoteId {
    RemoteId::from(id.to_string().as_str())
}

fn edit(object: &mut LiveObject, change: impl FnOnce(&mut Value)) {
    let mut body = object.body.value();
    change(&mut body);
    object.body = Packed::of(&body);
}

/// How many things may happen.
const EVENTS: usize = 34;

/// Something happens to one of the manifests, objects or entries.
fn happens(world: &mut World, (event, at, text): (usize, usize, usize)) {
    let said = format!("text {text}");
    let count = world.manifests.len();
    if event < 12 && count > 0 {
        return happens_to_manifest(world, event, at % count, text);
    }
    let count = world.objects.len();
    if event < 22 && count > 0 {
        let object = &mut world.objects[at % count];
        match event {
            12 => edit(object, |body| body["description"] = json!(said)),
            13 => edit(object, |body| body["modifiedDate"] = json!(said)),
            14 => edit(object, |body| body["name"] = json!(said)),
            15 => object.display_name = format!("Goal {}", text % 3),
            16 => object.id = remote(100 + text as u64),
            17 => object.parent = Some(remote(100 + text as u64)),
            18 => object.whole = !object.whole,
            19 => object.system = !object.system,
            20 => edit(object, |body| {
                if let Some(ids) = body.get_mut("engagementIds").and_then(Value::as_array_mut) {
                    ids.reverse();
                    ids.truncate(text % 3);
                }
            }),
            _ => drop(world.objects.remove(at % count)),
        }
        return;
    }
    let keys: Vec<Key> = world.ledger.entries.keys().cloned().collect();
    if event < 30 && !keys.is_empty() {
        let key = &keys[at % keys.len()];
        let entry = world.ledger.entries.get_mut(key).unwrap();
        match event {
            22 => {
                let mut applied = entry.applied.value();
                set_path(&mut applied, "description", json!(said));
                entry.applied = Packed::of(&applied);
            }
            23 => entry.file = said,
            24 => entry.protect = !entry.protect,
            25 => entry.vocabulary = VOCABULARY - entry.vocabulary.min(1),
            26 => entry.id = remote(100 + text as u64),
            27 => entry.observed = !entry.observed,
            28 => entry.link = entry.link.is_none().then(|| said.clone()),
            _ => drop(world.ledger.entries.remove(key)),
        }
        return;
    }
    match event {
        30 => world.program = (text % 2).to_string(),
        31 => world.ignores_drift = !world.ignores_drift,
        32 => world.adopt(),
        _ => *world = World::new(),
    }
}

fn happens_to_manifest(world: &mut World, event: usize, at: usize, text: usize) {
    let said = format!("text {text}");
    let copy = world.manifests[at].clone();
    let (path, manifest) = &mut world.manifests[at];
    match event {
        0 => manifest["spec"]["description"] = json!(said),
        1 => manifest["spec"]["displayName"] = json!(format!("Goal {}", text % 3)),
        2 => manifest["metadata"]["name"] = json!(format!("name-{text}")),
        3 => *path = format!("other/{text}.yaml"),
        4 => {
            let lifecycles = [
                json!({}),
                json!({ "protect": true }),
                json!({ "mode": "observe" }),
                json!({ "mode": "createOnly" }),
                json!({ "ignoreChanges": ["/spec/description"] }),
                json!({ "previousName": "goal-0" }),
            ];
            manifest["lifecycle"] = lifecycles[text % lifecycles.len()].clone();
        }
        5 => manifest["spec"]["description"] = Value::Null,
        6 if manifest["kind"] == "Engagement" => {
            manifest["spec"]["campaign"] = json!(format!("campaign-{}", text % 3));
        }
        7 if manifest["kind"] == "Engagement" => {
            let pages = [
                json!("pages-0"),
                json!("pages-1"),
                json!({ "live": "Pages 1" }),
                json!({ "id": 101 + text }),
            ];
            manifest["spec"]["entryPoints"] = json!([pages[text % 4]]);
        }
        8 if manifest["kind"] == "Campaign" => {
            manifest["spec"]["goal"] = json!(format!("goal-{}", text % 3));
        }
        9 => {
            let (_, mut twin) = copy;
            twin["metadata"]["name"] = json!(format!("twin-{text}"));
            world.manifests.push((format!("twin/{text}.yaml"), twin));
        }
        10 => drop(world.manifests.remove(at)),
        _ => world.manifests.swap(at, 0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_that_knows_what_matches_is_the_diff_that_compares_all(
        events in prop::collection::vec((0..EVENTS, 0..40_usize, 0..12_usize), 1..12),
    ) {
        let mut world = World::new();
        let mut file = world.known().write(&owner());
        for event in events {
            happens(&mut world, event);
            let known = Matches::read(&file, &owner(), &world.program, NOW);
            let known = known.unwrap_or_else(|_| Matches::none(&world.program, NOW));
            let (all, said) = world.with(diff);
            let (ours, told, learned) = world.diff_with(&known);
            prop_assert_eq!(&ours.changes, &all.changes);
            prop_assert_eq!(format!("{ours:?} {told:?}"), format!("{all:?} {said:?}"));
            let (resting, heard) = world.at_rest(diff);
            prop_assert_eq!(format!("{resting:?} {heard:?}"), format!("{all:?} {said:?}"));
            if let Some(learned) = learned {
                file = learned.write(&owner());
            }
        }
    }
}

#[test]
fn what_matches_stays_at_rest() {
    let mut world = World::new();
    world.spec("offer-1-1")["entryPoints"] = json!([{ "live": "Pages 1" }]);
    world.adopt();
    let known = world.known();
    let awake = |known: &Matches| {
        world.at_rest(|input| {
            let _ = diff_with(input, known);
            let awake = input.desired.iter().filter(|it| !it.spec.is_at_rest());
            awake.map(|it| it.key.to_string()).collect::<Vec<_>>()
        })
    };
    assert_eq!(awake(&known), [""; 0]);
    let nothing = Matches::none(&world.program, NOW);
    assert_eq!(
        awake(&nothing),
        [""; 0],
        "what is compared wakes for a moment"
    );
}

#[test]
fn what_matched_is_not_compared_again() {
    let world = World::new();
    let known = world.known();
    assert_eq!(known.len(), world.manifests.len());
    assert!(world.diff_with(&known).2.is_none(), "nothing is new");
    assert_eq!(world.not_compared(known).len(), world.manifests.len());
}

#[test]
fn a_file_is_not_written_anew_for_what_always_moves() {
    let mut world = World::new();
    for at in 0..SPARED * 2 {
        let spec = json!({ "displayName": format!("Other {at}"), "indicator": { "type": "url", "url": "/a", "match": 0, "count": 1 } });
        world
            .manifests
            .push(manifest_of("Goal", &format!("other-{at}"), &spec));
    }
    world.objects.clear();
    world.ledger.entries.clear();
    world.create();
    world.adopt();
    let known = world.known();
    let mut touch = |count: usize| {
        for at in 0..count {
            edit(world.object(&format!("Other {at}")), |body| {
                body["minutes"] = json!(at);
            });
        }
        world.diff_with(&known).2
    };
    assert!(touch(0).is_none() && touch(2).is_none());
    let learned = touch(3).unwrap();
    assert_eq!(learned.len(), known.len());
    // Whatever else the account holds, answers have to be known.
    let mut more = world.clone();
    let mut object = more.object("Goal 0").clone();
    (object.id, object.display_name) = (remote(9000), "Stranger".to_owned());
    more.objects.push(object);
    assert!(more.diff_with(&learned).2.is_some());
}

/// The manifests that are compared after a change.
fn compared_after(change: fn(&mut World)) -> Vec<String> {
    let mut world = World::new();
    let known = world.known();
    let names = |world: &World| -> BTreeSet<String> {
        let names = world.manifests.iter();
        let names = names.map(|(_, it)| it["metadata"]["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    let all = names(&world);
    change(&mut world);
    let skipped = world.not_compared(known);
    all.difference(&skipped).cloned().collect()
}

#[test]
fn only_what_a_change_can_reach_is_compared() {
    let after: fn(fn(&mut World)) -> Vec<String> = compared_after;
    assert_eq!(after(|_| ()), [""; 0]);
    let described = |world: &mut World| world.spec("goal-1")["description"] = json!("new");
    assert_eq!(after(described), ["goal-1"]);
    let drifted = |world: &mut World| {
        edit(world.object("Pages 0"), |body| {
            body["modifiedDate"] = json!("2026-01-01");
        });
    };
    assert_eq!(after(drifted), ["pages-0"]);
    let recorded = |world: &mut World| {
        let key = "Goal/goal-0".parse().unwrap();
        world.ledger.entries.get_mut(&key).unwrap().plan = "another".to_owned();
    };
    assert_eq!(after(recorded), ["goal-0"]);
    // A colleague made another object with the name of nothing of ours: no answer is another one.
    let made = |world: &mut World| {
        let mut object = world.object("Goal 0").clone();
        (object.id, object.display_name) = (remote(900), "Stranger".to_owned());
        world.objects.push(object);
    };
    assert_eq!(after(made), [""; 0]);
    // The object that a manifest is bound to has another id: so is it with all that refers to it.
    let replaced = |world: &mut World| {
        let object = world.object("Pages 1");
        object.id = remote(901);
        edit(object, |body| body["id"] = json!(901));
        let key = "EntryPoint/pages-1".parse().unwrap();
        world.ledger.entries.get_mut(&key).unwrap().id = remote(901);
    };
    assert_eq!(after(replaced), ["offer-1-0", "offer-1-1", "pages-1"]);
}

#[test]
fn another_build_another_switch_and_another_day_compare_all() {
    let world = World::new();
    let known = world.known();
    let other = |change: fn(&mut World)| {
        let mut other = world.clone();
        change(&mut other);
        other.not_compared(known.clone()).len()
    };
    assert_eq!(other(|_| ()), world.manifests.len());
    assert_eq!(other(|world| world.ignores_drift = true), 0);
    assert_eq!(other(|world| world.writes_observed = true), 0);
    let file = known.write(&owner());
    let read = |program: &str, hours: i64| {
        let now = NOW + SignedDuration::from_hours(hours);
        Matches::read(&file, &owner(), program, now)
    };
    assert_eq!(read("1", 23).as_ref(), Ok(&known));
    assert_eq!(read("2", 0), Err("another build of campaignctl wrote it"));
    assert_eq!(read("1", 24), Err("it is older than a day"));
    assert_eq!(read("1", -1), Err("it is older than a day"));
}

#[test]
fn a_file_that_is_damaged_foreign_or_of_the_future_is_not_used() {
    let known = World::new().known();
    let file = known.write(&owner());
    let read = |text: &str| Matches::read(text, &owner(), "1", NOW);
    assert_eq!(read(&file).as_ref(), Ok(&known));
    for length in 0..file.len() {
        if file.is_char_boundary(length) {
            assert!(read(&file[..length]).is_err(), "{length}");
        }
    }
    for at in 0..file.len() {
        let mut bytes = file.clone().into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        if let Ok(text) = String::from_utf8(bytes) {
            assert!(read(&text).is_err(), "{at}");
        }
    }
    let other = file.replace("matches/v1", "matches/v2");
    assert_eq!(read(&other), Err("it has another format"));
    for (from, to) in [("10000001", "10000002"), ("https://host", "https://other")] {
        let other = file.replacen(from, to, 1);
        assert_eq!(read(&other), Err("it is of another account or host"));
    }
}
