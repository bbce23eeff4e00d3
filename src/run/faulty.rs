//! A scenario with faults: those that are about one case make that case fail, and the others are run.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diag::{Diagnostic, DocId, Location, Texts};
use crate::kinds::Scenario;
use crate::offers::{Asking, CaseResult};
use crate::resolve::Resource;
use crate::text::Pointer;

/// The lists of what is run one by one, and what an item is called.
const LISTS: [(&str, &str); 3] = [("cases", "case"), ("always", "always"), ("never", "never")];

/// A scenario with what is wrong with it.
pub(super) struct FaultyScenario {
    /// By the item that each fault is about, as the list and the place in it.
    of_items: BTreeMap<(usize, usize), Vec<Diagnostic>>,
    /// About more than one item.
    of_whole: Vec<Diagnostic>,
}

impl FaultyScenario {
    /// The scenario of a resource, where something that was found is wrong with it.
    pub(super) fn found(
        resource: &Resource,
        texts: &Texts,
        broken: &[(DocId, Diagnostic)],
    ) -> Option<Self> {
        let faults = broken.iter().filter(|(doc, _)| *doc == resource.doc);
        let faults: Vec<Diagnostic> = faults.map(|(_, fault)| fault.clone()).collect();
        let is_faulty = resource.key.kind.def().is_test && !faults.is_empty();
        is_faulty.then(|| Self::of(resource, texts, faults))
    }

    fn of(resource: &Resource, texts: &Texts, faults: Vec<Diagnostic>) -> Self {
        let mut sorted = Self {
            of_items: BTreeMap::new(),
            of_whole: Vec::new(),
        };
        for fault in faults {
            match item_of(resource, texts, &fault.at) {
                Some(item) => sorted.of_items.entry(item).or_default().push(fault),
                None => sorted.of_whole.push(fault),
            }
        }
        sorted
    }

    /// What comes of it, where `run` runs what is left without the faulty items.
    pub(super) fn results(
        self,
        resource: &Resource,
        run: impl FnOnce(&Scenario) -> Vec<CaseResult>,
    ) -> Vec<CaseResult> {
        let Some(scenario) = self.others(resource) else {
            return vec![self.broken_whole(resource)];
        };
        let mut results = run(&scenario);
        results.retain(|it| self.is_sound(&it.at));
        results.extend(self.broken_items(resource));
        results.sort_by_key(|it| item_at(&it.at));
        results
    }

    /// What of it is asked of the platform, where `ask` says that of what is left without the faulty items.
    pub(super) fn asking(
        self,
        resource: &Resource,
        ask: impl FnOnce(&Scenario) -> Asking,
    ) -> Asking {
        let Some(scenario) = self.others(resource) else {
            return Asking {
                flawed: vec![self.broken_whole(resource)],
                ..Asking::default()
            };
        };
        let mut asking = ask(&scenario);
        asking.queries.retain(|it| self.is_sound(&it.at));
        asking.flawed.retain(|it| self.is_sound(&it.at));
        asking.flawed.extend(self.broken_items(resource));
        asking
    }

    /// Whether a place is in no faulty item.
    fn is_sound(&self, at: &Pointer) -> bool {
        item_at(at).is_none_or(|item| !self.of_items.contains_key(&item))
    }

    fn broken_whole(self, resource: &Resource) -> CaseResult {
        let faults = self.of_items.into_values().flatten();
        let faults = self.of_whole.into_iter().chain(faults).collect();
        let whole = ("its manifest".to_owned(), Pointer::root());
        CaseResult::broken(resource.key.clone(), whole, faults)
    }

    fn broken_items(self, resource: &Resource) -> impl Iterator<Item = CaseResult> {
        self.of_items.into_iter().map(|(item, faults)| {
            let place = (name_of(resource, item), place_of(item));
            CaseResult::broken(resource.key.clone(), place, faults)
        })
    }

    /// The scenario with nothing in the place of each faulty item, so that the others keep theirs; nothing where a fault is about more.
    fn others(&self, resource: &Resource) -> Option<Scenario> {
        if !self.of_whole.is_empty() {
            return None;
        }
        let mut spec = Value::clone(&resource.spec);
        for item in self.of_items.keys() {
            let faulty = spec.pointer_mut(place_of(*item).as_str())?;
            *faulty = Value::Object(Map::new());
        }
        (resource.key.kind.def().scenario)(&spec)
    }
}

fn place_of((list, index): (usize, usize)) -> Pointer {
    let field = LISTS.get(list).map_or("", |(field, _)| field);
    Pointer::root().key(field).index(index)
}

/// The item of a place below `spec`.
fn item_at(at: &Pointer) -> Option<(usize, usize)> {
    let mut steps = at.steps();
    let (list, index) = (steps.next()?, steps.next()?);
    let list = LISTS.iter().position(|(field, _)| *field == list)?;
    Some((list, index.parse().ok()?))
}

/// The item that a complaint is about, where its file is the one that the item is written in.
fn item_of(resource: &Resource, texts: &Texts, at: &Location) -> Option<(usize, usize)> {
    let Location::Node { doc, pointer, .. } = at else {
        return None;
    };
    let item = item_at(&pointer.below_spec()?)?;
    place_of(item).get(&resource.spec)?;
    match resource.locate(texts, &place_of(item)) {
        Location::Node {
            doc: written,
            pointer: place,
            ..
        } => (written == *doc && pointer.starts_with(&place)).then_some(item),
        _ => None,
    }
}

/// Its name, as a run without faults tells it.
fn name_of(resource: &Resource, item: (usize, usize)) -> String {
    let (list, index) = item;
    let written = place_of(item).key("name");
    let name = written.get(&resource.spec).and_then(Value::as_str);
    let word = LISTS.get(list).map_or("", |(_, word)| word);
    name.map_or_else(|| format!("{word} {}", index + 1), str::to_owned)
}
