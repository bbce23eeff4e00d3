//! Ids of one account inside a spec: what must not reach another account.
//!
//! Objects of a kind are referred to by name. Beside them, bodies hold ids of rows that have no kind here, such as
//! surveys and forms, and ids that no field of ours takes. Where an id may be is known by its key alone: open JSON
//! has no types.

mod keys;
mod looks;
mod spelling;

use std::borrow::Cow;

use serde_json::Value;

use keys::{STEMS, TELEPHONES};
use looks::{
    SURE, all_look_like_ids, digits_of, has_digits_of_id, is_scalar_id, is_surely_id,
    is_surely_id_text, is_uuid, looks_like_id, may_be_id,
};
use spelling::{by_last_words, held_below, of_ids, of_likely_ids, plain};

use super::field::{Codec, Field};
use super::mapping::{EXTRA, REF_KEY, get_path, open_reference};
use crate::text::{Pointer, Trail};

/// The key of a theme, which may be a name.
const THEME: &str = "themeid";

/// A key that ends with a word of the tables, and means something else.
const TIME_ZONE: &str = "timezone";

/// What is probably an id of something, for its key or its digits.
const ROW: &str = "row";

/// The kinds that open JSON may refer to by name, in the words of the table.
const NAMED: &[(&str, &str)] = &[
    ("app installation", "AppInstallation"),
    ("connector", "Connector"),
    ("line of business", "LineOfBusiness"),
    ("skill", "Skill"),
    ("zone", "Zone"),
];

/// An id of one account in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountId {
    /// The id, or the list of ids, below `spec`.
    pub pointer: Pointer,
    /// The smallest node around it that can be left out while the rest keeps its meaning.
    pub cut: Pointer,
    /// What it is the id of.
    pub what: IdSubject,
    /// Whether the object becomes wider, or loses more than the id, when it is left out.
    pub is_essential: bool,
}

/// What an id is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdSubject {
    /// An object of a kind, in a reference `{ id: .. }`.
    Reference(&'static str),
    /// Something that is known by its key, in words: a survey. How it is said by name, if it can be.
    Key(&'static str, Option<ByName>),
    /// Something that has the digits of an id, and a place where ids are likely.
    Likely,
}

/// How to say what an id is of by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByName {
    /// In this field.
    Field(&'static str),
    /// At its place, by a reference to a kind that is never in manifests.
    Here(&'static str),
    /// At its place, by a reference to the kind of the field.
    Inside(&'static str),
}

impl IdSubject {
    /// What it is the id of, in words.
    #[must_use]
    pub fn noun(self) -> String {
        match self {
            Self::Key(what, _) => what.to_owned(),
            Self::Likely => ROW.to_owned(),
            Self::Reference(kind) => {
                let mut noun = String::new();
                for letter in kind.chars() {
                    if letter.is_uppercase() && !noun.is_empty() {
                        noun.push(' ');
                    }
                    noun.extend(letter.to_lowercase());
                }
                noun
            }
        }
    }
}

/// Every id of one account in a spec, in the order of the table, `extra` last.
#[must_use]
pub fn account_ids(fields: &'static [Field], spec: &Value) -> Vec<AccountId> {
    found(fields, spec, None)
}

/// The same with the rows of an account at hand: in open JSON, a value that is the id of one is an id, whatever its key.
/// `row` is the kind of the row with an id.
#[must_use]
pub fn account_ids_among(
    fields: &'static [Field],
    spec: &Value,
    row: &dyn Fn(&str) -> Option<&'static str>,
) -> Vec<AccountId> {
    found(fields, spec, Some(row))
}

fn found(fields: &'static [Field], spec: &Value, row: Option<KindOfRow<'_>>) -> Vec<AccountId> {
    let mut search = IdSearch {
        fields,
        row,
        found: Vec::new(),
    };
    search.object(fields, spec, &Trail::From(&Pointer::root()));
    search.found
}

/// The kind of the row of an account with an id.
type KindOfRow<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

struct IdSearch<'a> {
    /// The table of the kind, for the fields that refer by name.
    fields: &'static [Field],
    row: Option<KindOfRow<'a>>,
    found: Vec<AccountId>,
}

/// Where in open JSON the search is.
#[derive(Clone, Copy)]
struct OpenJsonPlace<'a> {
    /// The kind that a reference means which names none.
    inside: Option<&'static str>,
    /// The outermost list around.
    list: Option<&'a Trail<'a>>,
    /// What the key around holds ids of.
    under: Option<&'static str>,
    /// Whether the field restricts whom the object is for.
    restricts: bool,
    /// Whether references by name are read here.
    refers: bool,
    /// Whether anything may be here: what is read by a type is what the type says.
    is_untyped: bool,
}

impl OpenJsonPlace<'_> {
    const EXTRA: Self = Self {
        inside: None,
        list: None,
        under: None,
        restricts: false,
        refers: false,
        is_untyped: true,
    };
}

impl IdSearch<'_> {
    fn object(&mut self, fields: &'static [Field], spec: &Value, at: &Trail<'_>) {
        for field in fields {
            let Some(value) = get_path(spec, field.spec) else {
                continue;
            };
            self.field(field, value, &Trail::Path(at, field.spec));
        }
        if let Some(extra) = spec.get(EXTRA) {
            self.open(extra, &Trail::Key(at, EXTRA), OpenJsonPlace::EXTRA);
        }
    }

    fn field(&mut self, field: &Field, value: &Value, at: &Trail<'_>) {
        let open = OpenJsonPlace {
            restricts: field.restricts,
            refers: true,
            ..OpenJsonPlace::EXTRA
        };
        match &field.codec {
            Codec::Ref(kind) => self.reference(kind, value, (at, at), field.restricts),
            Codec::RefSet(kind) | Codec::RefList(kind) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    let here = Trail::Index(at, index);
                    self.reference(kind, item, (&here, at), field.restricts);
                }
            }
            Codec::Object(fields) => self.object(fields, value, at),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.object(fields, item, &Trail::Index(at, index));
                }
            }
            Codec::Json | Codec::JsonObject | Codec::Hook => self.open(value, at, open),
            Codec::JsonWithRefs(kind) => {
                let inside = Some(*kind);
                self.open(value, at, OpenJsonPlace { inside, ..open });
            }
            _ => {
                let key = field.wire.rsplit('.').next().unwrap_or_default();
                let typed = OpenJsonPlace {
                    is_untyped: false,
                    ..OpenJsonPlace::EXTRA
                };
                self.key(key, value, (at, at), typed);
            }
        }
    }

    /// Notes a reference by id.
    fn reference(
        &mut self,
        kind: &'static str,
        value: &Value,
        (at, cut): (&Trail<'_>, &Trail<'_>),
        is_essential: bool,
    ) {
        if value.get("id").is_some() {
            self.found.push(AccountId {
                pointer: at.pointer(),
                cut: cut.pointer(),
                what: IdSubject::Reference(kind),
                is_essential,
            });
        }
    }

    /// Open JSON, which is compared whole inside its lists.
    fn open(&mut self, value: &Value, at: &Trail<'_>, open: OpenJsonPlace<'_>) {
        match value {
            Value::Object(map) => {
                if let Some(found) = open_reference(map, open.inside) {
                    let places = (&Trail::Key(at, REF_KEY), open.list.unwrap_or(at));
                    let is_essential = open.restricts || open.list.is_some();
                    self.reference(found.kind, found.reference, places, is_essential);
                    return;
                }
                for (key, value) in map {
                    let here = Trail::Key(at, key);
                    let cut = open.list.unwrap_or(&here);
                    if let Some(what) = self.row_of(|| Cow::Owned(Value::from(key.as_str()))) {
                        self.id_as_key(what, (at, &here), open);
                    } else if !self.key(key, value, (&here, cut), open) {
                        if open.is_untyped && is_surely_id_text(key) {
                            self.push(IdSubject::Likely, (&here, cut), open);
                        }
                        // `skills: { list: [..], main: .. }` are skills.
                        let held = may_be_held(value).then(|| held_below(key)).flatten();
                        let under = held.or(open.under);
                        self.open(value, &here, OpenJsonPlace { under, ..open });
                    }
                }
            }
            Value::Array(items) => {
                let outermost = open.list.unwrap_or(at);
                let list = Some(outermost);
                for (index, item) in items.iter().enumerate() {
                    let here = Trail::Index(at, index);
                    let open = OpenJsonPlace { list, ..open };
                    let under = open.under.filter(|_| looks_like_id(item));
                    match under.or_else(|| self.row_of(|| Cow::Borrowed(item))) {
                        Some(what) => self.note(what, None, (&here, outermost), open),
                        None => self.open(item, &here, open),
                    }
                }
            }
            Value::Number(_) | Value::String(_) => self.scalar(value, at, open),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A value whose key says nothing: what has the digits of an id may be one.
    fn scalar(&mut self, value: &Value, at: &Trail<'_>, open: OpenJsonPlace<'_>) {
        let cut = open.list.unwrap_or(at);
        match open.under.filter(|_| is_surely_id(value)) {
            Some(what) => self.note(what, None, (at, cut), open),
            None if open.restricts && has_digits_of_id(value) => {
                self.push(IdSubject::Likely, (at, at), open);
            }
            None if open.is_untyped && may_be_id(value, open.under) && !is_telephone(at) => {
                self.push(IdSubject::Likely, (at, cut), open);
            }
            None => {}
        }
    }

    /// Notes a key that is the id of a row. It goes with its value; where nothing may go, what is around it is kept.
    fn id_as_key(
        &mut self,
        what: &'static str,
        (at, here): (&Trail<'_>, &Trail<'_>),
        open: OpenJsonPlace<'_>,
    ) {
        let whole = open.list.unwrap_or(at);
        let is_essential = open.restricts || open.list.is_some();
        let place = if is_essential { whole } else { here };
        if self
            .found
            .last()
            .is_none_or(|last| last.pointer != place.pointer())
        {
            self.push(IdSubject::Key(what, None), (place, place), open);
        }
    }

    /// Notes the value of a key that holds ids; says whether it does.
    fn key(
        &mut self,
        key: &str,
        value: &Value,
        places: (&Trail<'_>, &Trail<'_>),
        open: OpenJsonPlace<'_>,
    ) -> bool {
        let is_item = key == "id" && looks_like_id(value);
        let what = what_of_value(key, value).or(open.under.filter(|_| is_item));
        let what = what.or_else(|| {
            self.row_of(|| Cow::Borrowed(value))
                .filter(|_| open.is_untyped)
        });
        if let Some(what) = what {
            self.note(what, Some(key), places, open);
        } else if is_id_key(key) && all_look_like_ids(value) {
            self.push(IdSubject::Likely, places, open);
        } else {
            return plain(key).ends_with(TIME_ZONE);
        }
        true
    }

    /// What a value is the id of, if a row of the account has it.
    fn row_of<'v>(&self, value: impl FnOnce() -> Cow<'v, Value>) -> Option<&'static str> {
        let (row, value) = (self.row?, value());
        let digits = digits_of(&value).filter(|digits| digits.len() >= SURE);
        let id = digits.or_else(|| Some(value.as_str().filter(|it| is_uuid(it))?.to_owned()))?;
        let kind = row(&id).or_else(|| row(&id.to_ascii_lowercase()))?;
        let noun = IdSubject::Reference(kind).noun();
        let known = STEMS.iter().find(|(_, known)| *known == noun);
        Some(known.map_or(ROW, |(_, known)| known))
    }

    fn note(
        &mut self,
        what: &'static str,
        key: Option<&str>,
        places: (&Trail<'_>, &Trail<'_>),
        open: OpenJsonPlace<'_>,
    ) {
        let by_name = self.by_name(what, key, open);
        self.push(IdSubject::Key(what, by_name), places, open);
    }

    fn push(
        &mut self,
        what: IdSubject,
        (at, cut): (&Trail<'_>, &Trail<'_>),
        open: OpenJsonPlace<'_>,
    ) {
        self.found.push(AccountId {
            pointer: at.pointer(),
            cut: cut.pointer(),
            what,
            is_essential: open.restricts || open.list.is_some(),
        });
    }

    /// How to say by name what a key holds the id of.
    fn by_name(&self, what: &str, key: Option<&str>, open: OpenJsonPlace<'_>) -> Option<ByName> {
        let mut fields = self.fields.iter();
        let is_it = |field: &&Field| Some(field.wire) == key && field.codec.names();
        let field = fields.find(is_it).map(|field| ByName::Field(field.spec));
        let named = NAMED.iter().find(|(noun, _)| *noun == what);
        let here = named.map(|(_, kind)| ByName::Here(kind));
        let inside = open
            .inside
            .filter(|kind| IdSubject::Reference(kind).noun() == what);
        let inside = inside.map(ByName::Inside);
        field.or(inside.or(here).filter(|_| open.refers))
    }
}

/// Whether it matters what the key of a value holds ids of.
fn may_be_held(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) => true,
        value => looks_like_id(value) || is_surely_id(value),
    }
}

/// What a value is the id of, or the ids in a list, by its key.
fn what_of_value(key: &str, value: &Value) -> Option<&'static str> {
    let ids = |is_id: &dyn Fn(&Value) -> bool| match value {
        // A list with references by name is looked at item by item.
        Value::Array(items) if !items.iter().all(|it| is_scalar_id(it) || it.is_null()) => false,
        Value::Array(items) => items.iter().any(is_id),
        value => is_id(value),
    };
    // What looks like an id is a scalar.
    if !ids(&is_scalar_id) {
        return None;
    }
    let plain_key = plain(key);
    of_ids(&plain_key).or_else(|| {
        let is_likely = ids(&looks_like_id);
        is_likely.then(|| of_likely_ids(&plain_key).or_else(|| by_last_words(key)))?
    })
}

/// Whether a key says that it holds an id, or ids: `pageId`, `form_ids`, `survey-id-list`. The word is whole: `paid`, `grid` and
/// `android` say nothing.
#[must_use]
pub fn is_id_key(key: &str) -> bool {
    let key = key.trim();
    let bare = ["List", "_list", "-list", "_LIST"]
        .iter()
        .find_map(|form| key.strip_suffix(form));
    let bare = bare.unwrap_or(key);
    ["id", "ids"].iter().any(|word| ends_with_word(bare, word))
}

/// Whether a key of several words ends with this one.
fn ends_with_word(key: &str, word: &str) -> bool {
    let Some((before, end)) = key
        .len()
        .checked_sub(word.len())
        .and_then(|at| key.split_at_checked(at))
    else {
        return false;
    };
    if !end.eq_ignore_ascii_case(word) || !before.contains(char::is_alphanumeric) {
        return false;
    }
    let is_capital = end.starts_with(char::is_uppercase);
    // `URLId`, but not `ANDROID`.
    let is_shouted = end.chars().all(char::is_uppercase);
    before.ends_with(|last: char| {
        !last.is_alphanumeric() || is_capital && !(is_shouted && last.is_uppercase())
    })
}

/// Whether the key of a value says that it is a telephone number: it has the digits of an id, and is none.
fn is_telephone(at: &Trail<'_>) -> bool {
    let last = at.last();
    let key = plain(&last);
    TELEPHONES.iter().any(|end| key.ends_with(end))
}

#[cfg(test)]
mod tests;
