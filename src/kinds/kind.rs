//! The contract of a kind: everything the passes need, so that none of them matches on a kind.
//!
//! [`Kind`] is the typed side that a kind's folder implements; [`KindDef`] is the erased table row that
//! the passes use.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::field::Field;
use super::strict::Strict;
use crate::diag::{Advice, Code};
use crate::text::Pointer;

/// A kind, as an index into [`super::ALL`]. Ordered as that list is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(u8);

impl KindId {
    /// The name with its article: `a Goal`, `an Engagement`.
    #[must_use]
    pub fn one(self) -> String {
        let name = self.name();
        let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {name}")
    }

    /// The kind with this name, `None` when there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.def().name == name)
    }

    /// The kind with this name, which stands in a field table.
    ///
    /// # Panics
    /// Never for a name out of a field table: a test looks every one of them up.
    #[must_use]
    pub fn known(name: &'static str) -> Self {
        Self::named(name).expect("field tables name kinds of `ALL`")
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..u8::try_from(super::ALL.len()).unwrap_or(u8::MAX)).map(Self)
    }

    /// The kinds that can stand in a manifest.
    pub fn manifests() -> impl Iterator<Item = Self> {
        Self::all().filter(|kind| kind.def().role != Role::Reference)
    }

    /// The contract of the kind.
    #[must_use]
    pub fn def(self) -> &'static KindDef {
        &super::ALL[self.0 as usize]
    }

    /// Its position in [`super::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The name of the kind, `Campaign`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.def().name
    }
}

impl fmt::Debug for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for KindId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for KindId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a kind")))
    }
}

/// What the program may do with objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Created, updated and deleted.
    Managed,
    /// Read on real accounts, which let nobody write them; written on the sandbox.
    Observed,
    /// No live counterpart: expanded into other kinds at plan time.
    Local,
    /// Never in a manifest: other kinds refer to it by its live name.
    Reference,
}

/// The service of the vendor that holds a collection (wire section 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Account config, looked up as `accountConfigReadWrite`.
    AccountConfig,
    /// The proactive handoff list, which the service look-up does not know.
    Handoff,
}

/// How ids look on the wire (wire section 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// A JSON number of about ten digits.
    Number,
    /// A UUID string.
    Uuid,
    /// `H` and digits.
    Handoff,
}

/// How an item is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateForm {
    /// PUT on the item.
    Item,
    /// PUT on the collection with an array of whole objects (wire section 4.8).
    CollectionArray,
}

/// Where and how a kind lives on the wire. Client and sandbox share this, and nothing else.
#[derive(Debug)]
pub struct Collection {
    /// The service that holds it.
    pub service: Service,
    /// The path below the service's prefix; `{parent}` stands for the parent's id.
    pub path: &'static str,
    /// The `v` of every call.
    pub version: &'static str,
    /// The role of those whom the platform lets in, for messages (wire section 2.4).
    pub role: &'static str,
    /// The form of ids.
    pub id: IdForm,
    /// The key that holds the display name: `name`, or `client_name`.
    pub name_key: &'static str,
    /// The fields that the bare list holds; `None` when the list holds whole items.
    pub summary: Option<&'static [&'static str]>,
    /// The query parameter that asks for a whole row; `None` when there is no other form of it (wire section 3.2).
    pub whole_query: Option<(&'static str, &'static str)>,
    /// Whether even a full list lacks parts of an item, so that each needed item is read on its own.
    pub read_items: bool,
    /// Keys of the item that embed the rows of a child kind, which the server fills.
    pub embeds: Option<&'static str>,
    /// What the server assigns, as dotted paths: never written by us, never compared, never exported.
    pub server_assigned: &'static [&'static str],
    /// Of these, the keys that differ at every read.
    pub volatile: &'static [&'static str],
    /// What marks a row of the vendor's own, never deleted: dotted paths of which any is `true`, or
    /// `path=json` for another value, `type=1`.
    pub system_flags: &'static [&'static str],
    /// Keys that hold secrets (dotted paths): dropped as soon as a row is read.
    pub secrets: &'static [&'static str],
    /// What a create sends besides the fields: key and JSON.
    pub create_constants: &'static [(&'static str, &'static str)],
    /// The status of a successful create: 201, or 200 for special occasions.
    pub create_status: u16,
    /// Whether two live rows may not share a name.
    pub unique_name: bool,
    /// A flag that one live row may bear at most: the newest bearer takes it over (wire section 4.8).
    pub exclusive_flag: Option<&'static str>,
    /// How an item is replaced.
    pub update: UpdateForm,
    /// The rows that a new account holds, without ids, as JSON texts.
    pub system_rows: &'static [&'static str],
    /// The row that a proactive send makes, without id and name, as a JSON text (wire section 6).
    pub proactive_row: Option<&'static str>,
}

impl Collection {
    /// The usual account-config collection; a kind changes what differs.
    #[must_use]
    pub const fn account_config(path: &'static str, version: &'static str) -> Self {
        Self {
            service: Service::AccountConfig,
            path,
            version,
            role: "Campaign Manager or Administrator",
            id: IdForm::Number,
            name_key: "name",
            summary: None,
            whole_query: None,
            read_items: false,
            embeds: None,
            server_assigned: &["id", "deleted", "createdDate", "modifiedDate"],
            volatile: &[],
            system_flags: &["systemDefault", "isSystemDefault"],
            secrets: &[],
            create_constants: &[],
            create_status: 201,
            unique_name: false,
            exclusive_flag: None,
            update: UpdateForm::Item,
            system_rows: &[],
            proactive_row: None,
        }
    }

    /// The query parameter that asks for a whole row: what a collection with summaries takes unless it says otherwise.
    #[must_use]
    pub fn asks_for_all(&self) -> Option<(&'static str, &'static str)> {
        let usual = self.summary.map(|_| ("select", "$all"));
        self.whole_query.or(usual)
    }

    /// Drops the secrets of a row.
    pub fn drop_secrets(&self, body: &mut Value) {
        for path in self.secrets {
            super::mapping::take_path(body, path);
        }
    }

    /// Whether a row is one of the vendor's own.
    #[must_use]
    pub fn is_system(&self, body: &Value) -> bool {
        self.system_flags.iter().any(|flag| {
            let (path, json) = flag.split_once('=').unwrap_or((flag, "true"));
            super::mapping::get_path(body, path) == Some(&super::mapping::parse_literal(json))
        })
    }
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
}

/// What a rule may ask about the other manifests.
pub trait World {
    /// The spec of a manifest.
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value>;
    /// The specs of the manifests below a parent, with their names.
    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)>;
}

/// A complaint of a rule, its place counted from `spec`.
#[derive(Debug)]
pub struct Finding {
    /// The code.
    pub code: &'static Code,
    /// The place below `spec`.
    pub pointer: Pointer,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Advice,
}

/// The complaints of one manifest's rules.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Complains about the node at `pointer` (counted from `spec`, `/appNames/0`).
    pub fn push(
        &mut self,
        code: &'static Code,
        pointer: impl Into<Pointer>,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) {
        self.0.push(Finding {
            code,
            pointer: pointer.into(),
            message: message.into(),
            help: help.into(),
        });
    }
}

/// Why a spec does not have the Rust type of its kind.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedError {
    /// The place below `spec`.
    pub pointer: Pointer,
    /// What the parser said.
    pub message: String,
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

/// A visit to an app that asks what it is to show (wire section 8).
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The id of the app installation.
    pub app_installation: &'a str,
    /// Where in the app the visitor is: `sec://orders`, `https://shop.example/`.
    pub entry_points: &'a [String],
    /// The moment.
    pub now: jiff::Timestamp,
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
    /// A manifest as YAML, for docs, schemas and tests.
    const EXAMPLE: &'static str;
    /// The Rust type of `spec`.
    type Spec: DeserializeOwned + Serialize + JsonSchema;

    /// Semantic checks of one spec.
    fn rules(_spec: &Self::Spec, _name: &str, _world: &dyn World, _out: &mut Findings) {}

    /// Whether a spec is switched on, so that consumers meet the object as soon as all around it is live.
    fn is_enabled(_spec: &Value) -> bool {
        true
    }

    /// Defaults that follow from other fields: paths below `spec` and values. `spec` has the fixed ones.
    fn derived_defaults(_spec: &Value) -> Vec<(&'static str, Value)> {
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

    /// Derives the keys that the platform computes when it serves a whole body. The sandbox calls it.
    fn serve(_body: &mut Value, _at: &Serving<'_>) {}

    /// Whether an object lets something be shown to a visitor, as far as the object has a say. The
    /// sandbox's Monitoring API calls it.
    fn admits(_body: &Value, _visit: &Visit<'_>) -> bool {
        true
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
    /// A manifest as YAML, for docs, schemas and tests.
    pub example: &'static str,
    /// The JSON Schema of `spec`.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Typed parse, then the kind's rules. A spec that does not parse raises no rules.
    pub check: fn(&Value, &str, &dyn World, &mut Findings) -> Result<(), TypedError>,
    /// See [`Kind::is_enabled`].
    pub is_enabled: fn(&Value) -> bool,
    /// See [`Kind::derived_defaults`].
    pub derived_defaults: fn(&Value) -> Vec<(&'static str, Value)>,
    /// See [`Kind::begin_lower`].
    pub begin_lower: fn(&mut Value),
    /// See [`Kind::finish_lower`].
    pub finish_lower: fn(&Value, &mut Value, &dyn Lookup),
    /// See [`Kind::begin_lift`].
    pub begin_lift: fn(&mut Value, &mut Value, &dyn Lookup),
    /// See [`Kind::serve`].
    pub serve: fn(&mut Value, &Serving<'_>),
    /// See [`Kind::admits`].
    pub admits: fn(&Value, &Visit<'_>) -> bool,
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
            example: K::EXAMPLE,
            schema: schema_of::<K>,
            check: check_of::<K>,
            is_enabled: K::is_enabled,
            derived_defaults: K::derived_defaults,
            begin_lower: K::begin_lower,
            finish_lower: K::finish_lower,
            begin_lift: K::begin_lift,
            serve: K::serve,
            admits: K::admits,
        }
    }
}

impl KindDef {
    /// Whether consumers meet objects of the kind: they are published, or lie inside what is. All others are
    /// shared by these.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.staged.is_some() || self.parent.is_some()
    }
}

fn schema_of<K: Kind>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<K::Spec>()
}

fn check_of<K: Kind>(
    spec: &Value,
    name: &str,
    world: &dyn World,
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
