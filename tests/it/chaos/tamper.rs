//! A plan that was edited by hand: whatever is changed in it, it is refused, or the same is written and guarded.
//!
//! Every edit is tried twice: as it is, and with a digest that fits it again. The digest alone finds all of the
//! first kind. Of the second kind, what does not follow from the changes is refused by the reader, and what only the
//! ledger or the account knows by these. `CHAOS_TAMPER=5000` tries so many edits of each plan.

use campaignctl::kinds::mapping::{create_body, overlay};
use campaignctl::kinds::{KindId, Lookup};
use campaignctl::live::{Inventory, Ledger, Needs};
use campaignctl::plan::{
    self, Action, Change, Guards, Now, Plan, Refusal, StepVerb, Summary, Today,
};
use serde_json::{Value, json};

use super::draw::Draw;
use super::number;
use super::wanted::Wanted;
use super::world::{Course, World};

/// What says of a plan what it is, and is held to the project, the account and the list of used plans by `apply`; and
/// what only dates it. The digest keeps these.
const OF_THE_WHOLE: [&str; 9] = [
    "/format",
    "/id",
    "/createdAt",
    "/toolVersion",
    "/project",
    "/environment",
    "/account",
    "/manifestDigest",
    "/digest",
];

/// What the ledger would keep and no write depends on. The digest keeps these, too.
const RECORDED: [&str; 6] = [
    "declared", "recorded", "protect", "observed", "file", "forget",
];

#[test]
fn an_edited_plan_is_refused_or_does_the_same() {
    let mut world = World::new();
    let (mut edits, mut read, mut asked, mut same) = (0, 0, 0, 0);
    for seed in 0..4 {
        world.begin();
        let mut draw = Draw::new(seed);
        let mut wanted = Wanted::new(&mut draw);
        world.apply(&wanted.manifests(), Course::WELL);
        for _ in 0..25 {
            wanted.edit(&mut draw);
        }
        let plan = world.look(&wanted.manifests()).unwrap();
        let ledger = world.ledger();
        let inventory = world.observe(&Needs::whole(KindId::all())).unwrap();
        let now = Account {
            ledger: &ledger,
            inventory: &inventory,
        };
        assert_eq!(now.refuses(&plan), None, "the plan itself");
        let (document, due) = (json!(plan), Account::writes(&plan));
        let (guarded, leaves) = (now.verdict(&plan), leaves(&document));
        for _ in 0..number("CHAOS_TAMPER").unwrap_or(150) {
            let Some(at) = draw.of(&leaves) else { continue };
            let Some(edited) = edit(&document, at, &leaves, &mut draw) else {
                continue;
            };
            edits += 1;
            let as_it_is = plan::read(&edited.to_string());
            let is_refused = as_it_is.map_or(true, |plan| now.refuses(&plan).is_some());
            assert!(is_refused, "seed {seed}: {at}");
            if OF_THE_WHOLE.iter().any(|whole| at == whole) {
                continue;
            }
            let Ok(mut edited) = serde_json::from_value::<Plan>(edited) else {
                read += 1;
                continue;
            };
            edited.digest = plan::digest(&edited);
            let Ok(edited) = plan::read(&json!(edited).to_string()) else {
                read += 1;
                continue;
            };
            if now.refuses(&edited).is_some() {
                asked += 1;
                continue;
            }
            let recorded = at
                .split('/')
                .nth(3)
                .is_some_and(|key| RECORDED.contains(&key));
            let verdict = now.verdict(&edited);
            assert!(
                recorded || guarded == verdict,
                "seed {seed}: {at}: {verdict:?}"
            );
            assert_eq!(Account::writes(&edited), due, "seed {seed}: {at}");
            // What is shown of it is what it does, but for how much it leaves alone.
            let unchanged = plan.summary.unchanged;
            let counted = Summary {
                unchanged,
                ..edited.summary
            };
            assert_eq!(counted, plan.summary, "seed {seed}: {at}");
            same += 1;
        }
    }
    println!(
        "{edits} edits: each refused by its digest; with another digest, {read} by the reader, {asked} by ledger and account, {same} do the same"
    );
    assert!(read > 0 && asked > 0 && same > 0);
}

/// What is known at the time of applying.
struct Account<'a> {
    ledger: &'a Ledger,
    inventory: &'a Inventory,
}

impl Account<'_> {
    /// Why a plan is stale.
    fn refuses(&self, plan: &Plan) -> Option<String> {
        let today = Today {
            ledger: self.ledger,
            is_stored: true,
            begun: None,
        };
        let reasons = plan::stale(plan, self.inventory, today);
        (!reasons.is_empty()).then(|| format!("{reasons:?}"))
    }

    fn verdict(&self, plan: &Plan) -> Vec<Refusal> {
        let now = Now {
            guards: Guards::default(),
            exclusive: &[],
            ledger: self.ledger,
            before: self.ledger,
            inventory: self.inventory,
            desired: None,
            now: None,
        };
        plan::judge(plan, &now)
    }

    /// What the account would get: each write with the ids that its names mean.
    fn writes(plan: &Plan) -> Vec<Value> {
        let mut references = plan.references.clone();
        let made = |change: &&Change| matches!(change.action, Action::Create | Action::Replace);
        for change in plan.changes.iter().filter(made) {
            let (name, display_name) = (change.name.to_string(), change.display_name.clone());
            let id = json!(format!("new {name}"));
            references.insert(change.kind, id, Some(name), display_name);
        }
        let steps = plan.steps.iter().map(|step| {
            let change = &plan.changes[step.change];
            let def = step.key.kind.def();
            let mut body = json!({});
            match step.verb {
                StepVerb::Create => body = create_body(def, &step.spec, &references),
                _ => overlay(def, &mut body, &step.spec, &references),
            }
            let around = def.parent.as_ref().map(|parent| {
                let reference = change.declared.get(parent.field);
                let id = reference.map(|it| references.to_id(parent.kind, it));
                json!([change.remote_parent, id])
            });
            let around = around.filter(|_| step.verb == StepVerb::Create);
            // Of an update, what was there before is compared with the account once more, by the fingerprint and right
            // before the write: a wrong one can only keep it back.
            let before = Some(&step.before).filter(|_| step.verb == StepVerb::Delete);
            json!([
                step.key,
                step.verb,
                change.remote_id,
                around,
                body,
                before,
                step.after
            ])
        });
        steps.collect()
    }
}

/// The pointers of all values of a document that have nothing below them.
fn leaves(document: &Value) -> Vec<String> {
    fn walk(at: &str, value: &Value, out: &mut Vec<String>) {
        let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter()
                    .for_each(|(key, value)| walk(&format!("{at}/{}", escape(key)), value, out));
            }
            Value::Array(items) if !items.is_empty() => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, value)| walk(&format!("{at}/{index}"), value, out));
            }
            _ => out.push(at.to_owned()),
        }
    }
    let mut out = Vec::new();
    walk("", document, &mut out);
    out
}

/// The document with one value gone, or another one in its place; `None` when that changes nothing.
fn edit(document: &Value, at: &str, leaves: &[String], draw: &mut Draw) -> Option<Value> {
    let mut edited = document.clone();
    let (around, key) = at.rsplit_once('/')?;
    if draw.one_in(4) {
        match edited.pointer_mut(around)? {
            Value::Object(map) => {
                drop(map.shift_remove(&key.replace("~1", "/").replace("~0", "~")));
            }
            Value::Array(items) => drop(items.remove(key.parse().ok()?)),
            _ => return None,
        }
    } else {
        let other = draw
            .of(leaves)
            .and_then(|other| document.pointer(other))
            .cloned();
        let value = edited.pointer_mut(at)?;
        *value = match (&*value, draw.below(2), other) {
            // Another value of the same document: a name, an id, an action that there is.
            (_, 0, Some(other)) => other,
            (Value::Bool(yes), ..) => json!(!*yes),
            (Value::Number(number), ..) => json!(number.as_i64().unwrap_or_default() + 1),
            (Value::String(text), ..) => json!(format!("{text}x")),
            _ => json!("x"),
        };
    }
    (edited != *document).then_some(edited)
}
