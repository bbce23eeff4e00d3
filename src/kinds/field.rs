//! The field table of a kind: which spec field is which wire field, and how values translate.
//!
//! Lowering, lifting, overlaying, comparing, reference resolution and documentation all read this one
//! table, so they cannot disagree. A spec path or wire path is dotted (`schedule.start`); keys of the
//! platform hold no dots.

use serde_json::Value;

/// One spec field and its wire counterpart.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted path below `spec`.
    pub spec: &'static str,
    /// Dotted path in the wire body; empty when the field has no place there.
    pub wire: &'static str,
    /// How values translate.
    pub codec: Codec,
    /// What a create sends when the manifest says nothing, as JSON in spec terms. Exports leave out a
    /// live value that equals it.
    pub default: Option<&'static str>,
    /// Whether the platform takes the field and does not return it: it is compared with what was applied last.
    pub unreturned: bool,
    /// Whether it says whom the object is for, so that a part which goes makes the object wider.
    pub restricts: bool,
    /// The key under which an earlier version wrote each reference of the list, in an object of its own.
    pub once_under: Option<&'static str>,
}

/// How a value translates between spec and wire.
#[derive(Clone, Copy, Debug)]
pub enum Codec {
    /// A string, the same on both sides.
    Text,
    /// A boolean, the same on both sides.
    Bool,
    /// An integer, the same on both sides.
    Int,
    /// Any number, the same on both sides.
    Number,
    /// A list of strings, the same on both sides, order kept.
    Texts,
    /// Open JSON: kept verbatim, compared by declared keys. `{$ref: <name>, kind: <kind>}` stands for the id of an
    /// object of a kind that is never in manifests.
    Json,
    /// Open JSON that is an object.
    JsonObject,
    /// Open JSON in which `{$ref: <name>}` stands for the id of an object of the named kind.
    JsonWithRefs(&'static str),
    /// A word of ours for a number of theirs; raw numbers pass.
    Word(&'static FieldWords),
    /// `10%` for `10`.
    Percent,
    /// `2026-09-01T00:00:00` for `2026-09-01 00:00:00`.
    DateTime,
    /// A reference for an id, to an object of the named kind.
    Ref(&'static str),
    /// References for a list of ids whose order means nothing.
    RefSet(&'static str),
    /// References for a list of ids whose order counts.
    RefList(&'static str),
    /// A nested object with a table of its own and its own `extra`.
    Object(&'static [Field]),
    /// A list of such objects, matched by a field of theirs where `key` names one, else by position.
    List {
        /// The table of an item.
        fields: &'static [Field],
        /// The spec field that identifies an item.
        key: Option<&'static str>,
    },
    /// Ours alone: never sent and never compared, kept in the ledger. The table holds the references in it.
    Note(&'static [Field]),
    /// A mapping whose keys are names of manifests of the named kind; for kinds that have no wire side.
    Keyed(&'static str),
    /// Translated by the kind's own hooks; compared as open JSON.
    Hook,
}

impl Codec {
    /// Whether values are references.
    #[must_use]
    pub const fn names(&self) -> bool {
        matches!(self, Self::Ref(_) | Self::RefSet(_) | Self::RefList(_))
    }

    /// Whether values can hold references.
    #[must_use]
    pub const fn refers(&self) -> bool {
        matches!(
            self,
            Self::Ref(_)
                | Self::RefSet(_)
                | Self::RefList(_)
                | Self::Json
                | Self::JsonObject
                | Self::JsonWithRefs(_)
                | Self::Hook
                | Self::Object(_)
                | Self::Note(_)
                | Self::List { .. }
        )
    }
}

/// The words of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldWords {
    /// Those of today.
    pub list: &'static [WireWord],
    /// What words stood for in the first vocabulary, where that is another number or the word is gone.
    pub former: &'static [Former],
}

impl FieldWords {
    /// The word of today with this spelling.
    #[must_use]
    pub fn get(&self, word: &str) -> Option<&'static WireWord> {
        self.list.iter().find(|known| known.word == word)
    }

    /// What a word stood for in the first vocabulary, where that was another number.
    #[must_use]
    pub fn formerly(&self, word: &str) -> Option<&'static Former> {
        self.former.iter().find(|former| former.word == word)
    }
}

/// What a word stood for in the first vocabulary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Former {
    /// The word.
    pub word: &'static str,
    /// The number that was written for it.
    pub wire: WireNumber,
    /// What to write instead, where the word is gone; empty where it has another number now.
    pub remedy: &'static str,
}

/// How sure a fact of the platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// A page of the vendor says so.
    Documented,
    /// A published answer or request of a real account shows it.
    Captured,
    /// Public client code that works with real accounts has it.
    ClientCode,
    /// A public client names it so, but the name looks guessed, and nothing confirms it.
    Guessed,
    /// It follows from other facts, and nothing shows it.
    Inferred,
}

impl Certainty {
    /// Whether a page, an answer or working code confirms it.
    #[must_use]
    pub const fn is_confirmed(self) -> bool {
        matches!(self, Self::Documented | Self::Captured | Self::ClientCode)
    }

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Captured => "captured",
            Self::ClientCode => "client code",
            Self::Guessed => "guessed",
            Self::Inferred => "inferred",
        }
    }
}

/// A word of ours and the number that the wire carries for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireWord {
    /// The word, camelCase.
    pub word: &'static str,
    /// The wire's number.
    pub wire: WireNumber,
    /// How sure the number is.
    pub certainty: Certainty,
    /// What it means, for hovers and `explain`.
    pub doc: &'static str,
}

/// A number on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WireNumber {
    /// An integer enum value.
    Int(i64),
    /// A fraction, as for campaign weights.
    Fraction(f64),
}

impl WireNumber {
    /// The JSON form.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Int(number) => Value::from(number),
            Self::Fraction(number) => Value::from(number),
        }
    }
}

/// A field that translates with `codec` and has no default.
#[must_use]
pub const fn field(spec: &'static str, wire: &'static str, codec: Codec) -> Field {
    Field {
        spec,
        wire,
        codec,
        default: None,
        unreturned: false,
        restricts: false,
        once_under: None,
    }
}

impl Field {
    /// Sets what a create sends when the manifest says nothing, as JSON in spec terms.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// Says that the platform takes the field and does not return it.
    #[must_use]
    pub const fn unreturned(self) -> Self {
        Self {
            unreturned: true,
            ..self
        }
    }

    /// Says that the field is about whom the object is for: a part of it that goes makes the object wider.
    #[must_use]
    pub const fn restricts(self) -> Self {
        Self {
            restricts: true,
            ..self
        }
    }

    /// Says that an earlier version wrote each reference of the list as an object that had it under this key.
    #[must_use]
    pub const fn once_under(self, key: &'static str) -> Self {
        Self {
            once_under: Some(key),
            ..self
        }
    }

    /// The reference in an item as an earlier version wrote it: `Right` of `{ zone: Right, type: 0 }`.
    #[must_use]
    pub fn once<'a>(&self, item: &'a Value) -> Option<&'a Value> {
        item.get(self.once_under?)
    }
}

/// Two tables as one, for kinds that share rows: `&concat::<{ A.len() + B.len() }>(A, B)`.
///
/// # Panics
/// At compile time, when `N` is not the number of rows.
#[must_use]
pub const fn concat<const N: usize>(first: &[Field], second: &[Field]) -> [Field; N] {
    assert!(N > 0 && N == first.len() + second.len());
    let mut rows = [if first.is_empty() {
        second[0]
    } else {
        first[0]
    }; N];
    let mut at = 0;
    while at < N {
        rows[at] = if at < first.len() {
            first[at]
        } else {
            second[at - first.len()]
        };
        at += 1;
    }
    rows
}
