//! The contract of a kind: everything the passes need, so that none of them matches on a kind.
//!
//! [`Kind`] is the typed side that a kind's folder implements; [`KindDef`] is the erased table row that
//! the passes use.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use super::admission::{AppVisit, VisitWord};
use super::collection::Collection;
use super::field::Field;
use super::judge::{Findings, RuleWorld, TypedError};
use super::offering::Reading;
use super::overview::Overview;
use super::strict::Strict;
use super::{Launch, Scenario};
use crate::diag::Code;
use crate::text::Pointer;

/// What the program may do with objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Created, updated and deleted.
    Managed,
    /// Read on real accounts, where programs cannot write them; written on the sandbox.
    Observed,
    /// No live counterpart: expanded into other kinds at plan time.
    Local,
    /// Never in a manifest: other kinds refer to it by its live name.
    Reference,
}

/// The kind around this one, and the spec field that names it.
#[derive(Debug)]
pub struct Parent {
    /// The spec field, `campaign`.
    pub field: &'static str,
    /// The parent's kind.
    pub kind: &'static str,
}

/// The kind below this one, and the spec field that lists the members in order.
#[derive(Debug)]
pub struct Children {
    /// The spec field, `engagements`. Members that it leaves out follow in the live order.
    pub field: &'static str,
    /// The child's kind.
    pub kind: &'static str,
}

/// A field that goes live last and is taken back first: the two-step publish.
#[derive(Debug)]
pub struct Staged {
    /// The spec field, `state`.
    pub field: &'static str,
    /// The value that consumers see nothing of.
    pub hidden: &'static str,
    /// The value that makes the object live.
    pub live: &'static str,
}

/// Translates references to ids and back. The passes implement it over their inventory.
pub trait Lookup {
    /// The wire id of a reference, or a marker that [`Lookup::to_ref`] understands when the object is
    /// still to be created.
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value;
    /// The one canonical reference of a wire id.
    fn to_ref(&self, kind: &'static str, id: &Value) -> Value;
    /// The display name of the object with a wire id.
    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String>;
    /// The kind of the object with an id, and the reference by its name, where it is of a kind that is never in
    /// manifests. Open JSON does not say what its ids are of.
    fn named(&self, _id: &Value) -> Option<(&'static str, Value)> {
        None
    }
}

/// What the platform knows about a row besides its body, when it serves the row.
#[derive(Clone, Copy, Debug)]
pub struct Serving<'a> {
    /// The account.
    pub account: &'a str,
    /// The moment of the read.
    pub now: jiff::Timestamp,
    /// The revision of the rows below this one; `None` when the kind has no children.
    pub child_revision: Option<i64>,
}

/// Which manifest a complaint says is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacks {
    /// The one whose name is the key, or the value, that it is about.
    Named,
    /// One inside of the object that it is about.
    Inside,
}

/// What a kind's folder implements.
pub trait Kind {
    /// The name in manifests, `Campaign`.
    const NAME: &'static str;
    /// The folder of exports, `campaigns`.
    const PLURAL: &'static str;
    /// What the program may do with it.
    const ROLE: Role;
    /// Creation order: lower phases first, deletes the other way round.
    const PHASE: u8;
    /// Where it lives on the wire.
    const COLLECTION: Option<&'static Collection>;
    /// The field table.
    const FIELDS: &'static [Field];
    /// The kind around it.
    const PARENT: Option<Parent> = None;
    /// The kind below it.
    const CHILDREN: Option<Children> = None;
    /// The spec field that names a local manifest to expand, and that manifest's kind.
    const TEMPLATE: Option<Parent> = None;
    /// The field of the two-step publish.
    const STAGED: Option<Staged> = None;
    /// The codes that its rules raise.
    const CODES: &'static [&'static Code];
    /// Those of them that say of a kind that a manifest of it is not there: while one cannot be read, they may be wrong.
    const OF_ABSENCE: &'static [(&'static Code, &'static str, Lacks)] = &[];
    /// A manifest as YAML, for docs, schemas and tests.
    const EXAMPLE: &'static str;
    /// The Rust type of `spec`.
    type Spec: DeserializeOwned + Serialize + JsonSchema;

    /// What the kind is called where the platform says which objects are active in a visit, for kinds that decide who is
    /// offered what.
    const VISIT_WORD: Option<VisitWord> = None;

    /// Whether it is a test, or a part of one: a mistake in it makes the test fail and nothing else.
    const IS_TEST: bool = false;

    /// Whether it is sent, once, by its own command. Plan and apply pass over it, and a mistake in it keeps nothing but
    /// that send back.
    const IS_LAUNCH: bool = false;

    /// Semantic checks of one spec.
    fn rules(_spec: &Self::Spec, _name: &str, _world: &dyn RuleWorld, _out: &mut Findings) {}

    /// What `status` shows of an object, read out of its spec; `None` for kinds that it passes over.
    const OVERVIEW: Option<fn(&Value) -> Overview> = None;

    /// Whether a spec is switched on, so that consumers meet the object as soon as all around it is live.
    fn is_enabled(_spec: &Value) -> bool {
        true
    }

    /// Why consumers see nothing of an object that is published and inside what is published; nothing where they do.
    /// `now` is the moment that is asked about; without it, schedules are not looked at.
    fn unseen(spec: &Value, _now: Option<Timestamp>) -> Option<String> {
        (!Self::is_enabled(spec)).then(|| "it is disabled".to_owned())
    }

    /// The places of a changed spec at which a note still repeats what the spec before said, and what it would repeat now;
    /// null where that is nothing.
    fn restated(_before: &Value, _after: &Value) -> Vec<(Pointer, Value)> {
        Vec::new()
    }

    /// The states in which an object has a look, as far as a spec, or a part of one, says so, in words: `while no agent is
    /// available`; and whether it shows in each. Consumers lose in one what they may still see in another.
    fn states(_spec: &Value) -> Vec<(String, bool)> {
        Vec::new()
    }

    /// Which consumers meet an object, or what lies at the place that it is, where a spec, or a part of one, says so:
    /// `users of the app ios`. A null is a field that is absent from a whole spec. Consumers who are not named any more
    /// after a change lose the object.
    fn met_by(_spec: &Value) -> Option<String> {
        None
    }

    /// Defaults that follow from other fields: paths below `spec` and values. `spec` has the fixed ones.
    fn derived_defaults(_spec: &Value) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// What fields that a spec leaves out are worth all the same, because others imply them: paths below `spec` and
    /// values. A field that is no longer declared goes back to that; exports write it. `held` is the live object.
    fn implied(_spec: &Value, _held: &Value) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Takes out of the live body, before the table runs on it, what follows from other fields.
    fn begin_lower(_body: &mut Value) {}

    /// Completes a lowered body from the whole spec, after the table has run.
    fn finish_lower(_spec: &Value, _body: &mut Value, _lookup: &dyn Lookup) {}

    /// Takes out of a wire body what the table cannot lift, before the table runs.
    ///
    /// `body` is free of server-assigned keys and of nulls. A null that the hook puts in says that a
    /// create must leave the key out: it becomes an explicit null of the spec or of its `extra`.
    fn begin_lift(_body: &mut Value, _spec: &mut Value, _lookup: &dyn Lookup) {}

    /// Reads what it can of what nothing has taken, which is under `extra` and stays there: so that what is declared is
    /// compared with what is held also where the rest of it means nothing to us. Putting it on the body again must
    /// change nothing. Exports leave it out.
    fn read_more(_spec: &mut Value, _lookup: &dyn Lookup) {}

    /// Derives the keys that the platform computes when it serves a whole body. The sandbox calls it.
    fn serve(_body: &mut Value, _at: &Serving<'_>) {}

    /// Whether an object lets something be shown to a visitor, as far as the object has a say. The
    /// sandbox's Monitoring API calls it.
    fn admits(_body: &Value, _visit: &AppVisit<'_>) -> bool {
        true
    }

    /// What a spec, with its defaults, says about who is offered what; `None` for kinds that have no say. The evaluator
    /// of scenarios calls it.
    fn reading(_spec: &Value) -> Option<Reading> {
        None
    }

    /// The engagement attributes that a spec names, for kinds that name some.
    fn attributes(_spec: &Value) -> Option<Vec<Value>> {
        None
    }

    /// The test that a spec is, for kinds that are tests.
    fn scenario(_spec: &Value) -> Option<Scenario> {
        None
    }

    /// The send that a spec is, for kinds that are sent.
    fn launch(_spec: &Value) -> Option<Launch> {
        None
    }
}

/// The erased contract of a kind.
#[derive(Debug)]
pub struct KindDef {
    /// The name in manifests, `Campaign`.
    pub name: &'static str,
    /// The folder of exports, `campaigns`.
    pub plural: &'static str,
    /// What the program may do with it.
    pub role: Role,
    /// Creation order: lower phases first, deletes the other way round.
    pub phase: u8,
    /// Where it lives on the wire.
    pub collection: Option<&'static Collection>,
    /// The field table.
    pub fields: &'static [Field],
    /// The kind around it.
    pub parent: Option<Parent>,
    /// The kind below it.
    pub children: Option<Children>,
    /// The spec field that names a local manifest to expand, and that manifest's kind.
    pub template: Option<Parent>,
    /// The field of the two-step publish.
    pub staged: Option<Staged>,
    /// The codes that its rules raise.
    pub codes: &'static [&'static Code],
    /// See [`Kind::OF_ABSENCE`].
    pub of_absence: &'static [(&'static Code, &'static str, Lacks)],
    /// A manifest as YAML, for docs, schemas and tests.
    pub example: &'static str,
    /// The JSON Schema of `spec`.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Typed parse, then the kind's rules. A spec that does not parse raises no rules.
    pub check: fn(&Value, &str, &dyn RuleWorld, &mut Findings) -> Result<(), TypedError>,
    /// See [`Kind::OVERVIEW`].
    pub overview: Option<fn(&Value) -> Overview>,
    /// See [`Kind::is_enabled`].
    pub is_enabled: fn(&Value) -> bool,
    /// See [`Kind::unseen`].
    pub unseen: fn(&Value, Option<Timestamp>) -> Option<String>,
    /// See [`Kind::restated`].
    pub restated: fn(&Value, &Value) -> Vec<(Pointer, Value)>,
    /// See [`Kind::states`].
    pub states: fn(&Value) -> Vec<(String, bool)>,
    /// See [`Kind::met_by`].
    pub met_by: fn(&Value) -> Option<String>,
    /// See [`Kind::derived_defaults`].
    pub derived_defaults: fn(&Value) -> Vec<(&'static str, Value)>,
    /// See [`Kind::implied`].
    pub implied: fn(&Value, &Value) -> Vec<(&'static str, Value)>,
    /// See [`Kind::begin_lower`].
    pub begin_lower: fn(&mut Value),
    /// See [`Kind::finish_lower`].
    pub finish_lower: fn(&Value, &mut Value, &dyn Lookup),
    /// See [`Kind::begin_lift`].
    pub begin_lift: fn(&mut Value, &mut Value, &dyn Lookup),
    /// See [`Kind::read_more`].
    pub read_more: fn(&mut Value, &dyn Lookup),
    /// See [`Kind::serve`].
    pub serve: fn(&mut Value, &Serving<'_>),
    /// See [`Kind::admits`].
    pub admits: fn(&Value, &AppVisit<'_>) -> bool,
    /// See [`Kind::VISIT_WORD`].
    pub visit_word: Option<VisitWord>,
    /// See [`Kind::IS_TEST`].
    pub is_test: bool,
    /// See [`Kind::reading`].
    pub reading: fn(&Value) -> Option<Reading>,
    /// See [`Kind::attributes`].
    pub attributes: fn(&Value) -> Option<Vec<Value>>,
    /// See [`Kind::scenario`].
    pub scenario: fn(&Value) -> Option<Scenario>,
    /// See [`Kind::IS_LAUNCH`].
    pub is_launch: bool,
    /// See [`Kind::launch`].
    pub launch: fn(&Value) -> Option<Launch>,
}

impl KindDef {
    /// The table row of a kind.
    #[must_use]
    pub const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            plural: K::PLURAL,
            role: K::ROLE,
            phase: K::PHASE,
            collection: K::COLLECTION,
            fields: K::FIELDS,
            parent: K::PARENT,
            children: K::CHILDREN,
            template: K::TEMPLATE,
            staged: K::STAGED,
            codes: K::CODES,
            of_absence: K::OF_ABSENCE,
            example: K::EXAMPLE,
            schema: schema_of::<K>,
            check: check_of::<K>,
            overview: K::OVERVIEW,
            is_enabled: K::is_enabled,
            unseen: K::unseen,
            restated: K::restated,
            states: K::states,
            met_by: K::met_by,
            derived_defaults: K::derived_defaults,
            implied: K::implied,
            begin_lower: K::begin_lower,
            finish_lower: K::finish_lower,
            begin_lift: K::begin_lift,
            read_more: K::read_more,
            serve: K::serve,
            admits: K::admits,
            visit_word: K::VISIT_WORD,
            is_test: K::IS_TEST,
            reading: K::reading,
            attributes: K::attributes,
            scenario: K::scenario,
            is_launch: K::IS_LAUNCH,
            launch: K::launch,
        }
    }
}

impl KindDef {
    /// The field of a flag that one object of the account bears at most.
    #[must_use]
    pub fn exclusive_field(&self) -> Option<&'static Field> {
        let flag = self.collection?.exclusive_flag?;
        self.fields.iter().find(|field| field.wire == flag)
    }

    /// Whether plan and apply pass over it: what is wrong with it keeps no other object back.
    #[must_use]
    pub fn is_passed_over(&self) -> bool {
        self.is_test || self.is_launch
    }

    /// Whether consumers meet objects of the kind: they are published, or lie inside what is. All others are
    /// shared by these.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.staged.is_some() || self.parent.is_some()
    }

    /// So many objects of the kind in the words of a sentence: `1 campaign`, `2 API handoffs`.
    #[must_use]
    pub fn counted(&self, count: usize) -> String {
        let mut singular = String::new();
        for ch in self.name.chars() {
            if ch.is_ascii_uppercase() && !singular.is_empty() {
                singular.push('-');
            }
            singular.push(ch.to_ascii_lowercase());
        }
        let said = if count == 1 { &singular } else { self.plural };
        let words = said.split('-').map(|word| match word {
            "api" => "API",
            word => word,
        });
        format!("{count} {}", words.collect::<Vec<_>>().join(" "))
    }

    /// Why consumers see nothing of an object with this spec, whatever lies around it; nothing where they do. `now` is
    /// the moment that is asked about; without it, schedules are not looked at.
    #[must_use]
    pub fn unseen_alone(&self, spec: &Value, now: Option<Timestamp>) -> Option<String> {
        let staged = self.staged.as_ref().filter(|staged| {
            let state = super::mapping::get_path(spec, staged.field);
            state.and_then(Value::as_str) != Some(staged.live)
        });
        let hidden = staged.map(|staged| format!("it is not {}", staged.live));
        hidden.or_else(|| (self.unseen)(spec, now))
    }

    /// Whether every account holds a row of the vendor's that manifests may refer to with `{ system: true }`.
    #[must_use]
    pub fn has_vendor_row(&self) -> bool {
        let rows = self.collection.map_or(&[][..], |it| it.system_rows);
        self.role == Role::Managed && !rows.is_empty()
    }

    /// Whether the vendor's row of the kind has this id on every account.
    #[must_use]
    pub fn is_vendor_id(&self, id: &Value) -> bool {
        let flags = self.collection.map_or(&[][..], |it| it.system_flags);
        let mut known = flags.iter().filter_map(|flag| flag.strip_prefix("id="));
        known.any(|known| id.as_f64().is_some() && id.as_f64() == known.parse().ok())
    }

    /// Whether the vendor's row of the kind is known under this name on some account.
    #[must_use]
    pub fn is_vendor_name(&self, display_name: &str) -> bool {
        let collection = self.collection.filter(|_| self.has_vendor_row());
        collection.is_some_and(|it| it.system_names.contains(&display_name))
    }
}

fn schema_of<K: Kind>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<K::Spec>()
}

fn check_of<K: Kind>(
    spec: &Value,
    name: &str,
    world: &dyn RuleWorld,
    out: &mut Findings,
) -> Result<(), TypedError> {
    // Keeping track of the path costs as much as parsing does, so it is looked for in bad specs only.
    let typed = match K::Spec::deserialize(Strict(spec)) {
        Ok(typed) => typed,
        Err(_) => serde_path_to_error::deserialize(Strict(spec)).map_err(|error| TypedError {
            pointer: pointer_of(error.path()),
            message: error.inner().to_string(),
        })?,
    };
    K::rules(&typed, name, world, out);
    Ok(())
}

fn pointer_of(path: &serde_path_to_error::Path) -> Pointer {
    use serde_path_to_error::Segment;
    path.iter()
        .fold(Pointer::root(), |pointer, segment| match segment {
            Segment::Seq { index } => pointer.index(*index),
            Segment::Map { key } => pointer.key(key),
            Segment::Enum { .. } | Segment::Unknown => pointer,
        })
}
