//! Plans as people see them, from three texts: what the manifests say, what the account holds, what was applied before.
//!
//! One line is one object, in the words of manifests: `Goal/paid { displayName: Paid }`. What follows a bar is `lifecycle`, or `system`
//! for a row of the vendor's own: `Goal/paid {} | protect: true`. An object of the account that no line of the ledger names
//! is foreign; a campaign of the account lists its engagements in the order that it says, all of them if it says none. Nothing is read or written, so a case costs a millisecond; what takes an account is tested in `tests/it`.

mod binding;
mod causes;
mod exports;
mod guards;
mod lists;
mod order;
mod prunes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::plan::render_plan;
use crate::diag::Texts;
use crate::diff::{DiffInput, Scope, diff};
use crate::kinds::mapping::create_body;
use crate::kinds::{KindId, Role};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Header, Overrides, Plan, planned};
use crate::project::Guards;
use crate::resolve::{Desired, Resource, resolve};
use crate::text::{Limits, Packed, Source, yaml};

/// The text of a plan.
fn check(manifests: &str, account: &str, ledger: &str) -> String {
    Case {
        manifests,
        account,
        ledger,
        ..Case::default()
    }
    .text()
}

/// What a plan is made from.
#[derive(Clone, Copy)]
struct Case<'a> {
    manifests: &'a str,
    account: &'a str,
    ledger: &'a str,
    /// Whether owned objects without a manifest are deleted.
    prune: bool,
    /// Objects of the kinds of which foreign objects are deleted, too.
    exclusive: &'a [&'a str],
    /// Whether fields that only the account changed are left alone.
    ignores_drift: bool,
    guards: Guards,
    overrides: Overrides,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            manifests: "",
            account: "",
            ledger: "",
            prune: true,
            exclusive: &[],
            ignores_drift: false,
            guards: Guards::default(),
            overrides: Overrides::default(),
        }
    }
}

/// The objects of some lines.
struct Read {
    texts: Texts,
    desired: Desired,
}

impl Read {
    fn of(lines: &str) -> Self {
        let mut texts = Texts::default();
        let text = documents(lines);
        let path = "all.yaml".to_owned();
        let file = texts.sources.push(Source {
            path,
            text: text.clone(),
        });
        let (documents, problems) = yaml::parse(file, &text, &Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        texts.documents = documents;
        let (manifests, problems) = manifest::parse(&texts);
        assert!(problems.is_empty(), "{problems:?}");
        let (desired, problems) = resolve(manifests);
        assert!(problems.is_empty(), "{problems:?}");
        Self { texts, desired }
    }
}

/// The YAML documents of some lines.
fn documents(lines: &str) -> String {
    let mut text = String::new();
    for (object, spec, rest) in objects(lines) {
        let (kind, name) = object.split_once('/').expect("a line begins with a key");
        let _ = write!(
            text,
            "---\napiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec: {spec}\n"
        );
        if !rest.is_empty() && rest != "system" {
            let _ = writeln!(text, "lifecycle: {{ {rest} }}");
        }
    }
    text
}

/// Key, spec, and what follows the bar.
fn objects(lines: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let lines = lines.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.map(|line| {
        let (object, rest) = line.split_once(' ').expect("a line has a spec");
        let (spec, rest) = rest.rsplit_once(" | ").unwrap_or((rest, ""));
        (object, spec.trim(), rest.trim())
    })
}

/// What the account holds, in the shape in which it answers a create. Ids count from 101, so they are those of the lines.
fn inventory(lines: &str) -> Inventory {
    let Read { desired, .. } = Read::of(lines);
    let systems: BTreeSet<&str> = objects(lines)
        .filter(|(_, _, rest)| *rest == "system")
        .map(|(object, ..)| object)
        .collect();
    let keys = objects(lines).map(|(object, ..)| object.parse::<Key>().unwrap());
    let ids: BTreeMap<Key, u64> = keys.zip(101..).collect();
    let mut references = References::default();
    for (key, id) in &ids {
        let resource = desired.get(key).unwrap();
        let name = Some(key.name.to_string());
        references.insert(
            key.kind,
            json!(id),
            name,
            resource.display_name().to_owned(),
        );
    }
    let mut inventory = Inventory::default();
    for kind in KindId::all().filter(|kind| kind.def().role != Role::Local) {
        inventory.read(kind);
    }
    for resource in desired.iter() {
        let id = ids[&resource.key];
        let def = resource.key.kind.def();
        let mut body = create_body(def, &resource.spec, &references);
        body["id"] = json!(id);
        if let Some(inside) = &def.children {
            let all = desired.children_of(&resource.key);
            let is_named = |name: &Value| all.iter().find(|key| name == key.name.as_str());
            let listed = resource.spec.get(inside.field).and_then(Value::as_array);
            let members: Vec<&Key> = match listed {
                Some(listed) => listed.iter().filter_map(is_named).collect(),
                None => all.iter().collect(),
            };
            body["engagementIds"] = members.into_iter().map(|key| json!(ids[key])).collect();
        }
        let parent = resource.parent().map(|key| ids[&key].to_string());
        inventory.push(LiveObject {
            kind: resource.key.kind,
            id: RemoteId::from(id.to_string().as_str()),
            parent: parent.map(|id| RemoteId::from(id.as_str())),
            display_name: resource.display_name().to_owned(),
            body: Packed::of(&body),
            whole: true,
            system: systems.contains(resource.key.to_string().as_str()),
        });
    }
    inventory
}

impl Case<'_> {
    /// What was applied, under the ids that objects of these names have in the account; an object that the account does not hold
    /// any more has the id 999.
    fn applied(&self) -> Ledger {
        let read = Read::of(self.ledger);
        let empty = Ledger::new("10000001", "cases");
        let nothing = (&Inventory::default(), &empty);
        let changes = self.compared(&read, nothing, |input| diff(input).0.changes);
        let keys = objects(self.account).map(|(object, ..)| object.parse::<Key>().unwrap());
        let ids: BTreeMap<Key, u64> = keys.zip(101..).collect();
        let id = |key: &Key| {
            let id = ids.get(key).unwrap_or(&999).to_string();
            RemoteId::from(id.as_str())
        };
        let mut ledger = empty.clone();
        for change in changes {
            let key = change.key();
            let parent = read.desired.get(&key).and_then(Resource::parent);
            let entry = Entry {
                id: id(&key),
                parent: parent.as_ref().map(id),
                display_name: change.display_name.clone(),
                applied: change.declared.clone().into(),
                vocabulary: crate::kinds::words::VOCABULARY,
                protect: change.protect,
                observed: change.observed,
                file: "all.yaml".to_owned(),
                link: None,
                at: "2026-09-01T00:00:00Z".to_owned(),
                plan: "before".to_owned(),
            };
            ledger.entries.insert(key, entry);
        }
        ledger
    }

    fn exclusive_kinds(&self) -> Vec<KindId> {
        let keys = self.exclusive.iter().map(|it| it.parse::<Key>().unwrap());
        keys.map(|key| key.kind).collect()
    }

    /// Works with what the case compares.
    fn compared<T>(
        &self,
        Read { texts, desired }: &Read,
        (inventory, ledger): (&Inventory, &Ledger),
        work: impl FnOnce(&DiffInput<'_>) -> T,
    ) -> T {
        let exclusive = self.exclusive_kinds();
        work(&DiffInput {
            texts,
            desired,
            inventory,
            ledger,
            scope: Scope {
                prune: self.prune,
                exclusive: &exclusive,
                ignores_drift: self.ignores_drift,
                ..Scope::whole("test")
            },
            now: moment(),
        })
    }

    /// The complaints, and the plan where nothing is an error.
    fn planned(&self) -> (Vec<String>, Plan) {
        let read = Read::of(self.manifests);
        let (inventory, ledger) = (inventory(self.account), self.applied());
        let header = Header::new("1", "2026-11-01T00:00:00Z", ("test", "10000001"));
        self.compared(&read, (&inventory, &ledger), |input| {
            let (changes, diags) = diff(input);
            let told = diags.iter();
            let told = told.map(|it| {
                format!(
                    "{}[{}]: {}",
                    format!("{:?}", it.code.severity).to_lowercase(),
                    it.code.name,
                    it.message
                )
            });
            let plan = planned(header, changes, (input, self.guards));
            (told.collect(), plan)
        })
    }

    fn text(&self) -> String {
        let (told, plan) = self.planned();
        let mut text = told.join("\n");
        if told.iter().any(|it| it.starts_with("error")) {
            return text;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text + &render_plan(&plan, self.overrides, false)
    }

    /// The writes in their order.
    fn steps(&self) -> String {
        let (told, plan) = self.planned();
        assert!(!told.iter().any(|it| it.starts_with("error")), "{told:?}");
        let steps = plan.steps.iter();
        let steps = steps.map(|step| format!("{:?} {}", step.verb, step.key).to_lowercase());
        steps.collect::<Vec<_>>().join("\n")
    }
}

/// The moment of all plans.
fn moment() -> Option<Timestamp> {
    "2026-11-01T00:00:00Z".parse().ok()
}
