//! What a comparison asks of the table of names and ids.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::kinds::{KindId, Lookup};
use crate::live::References;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MatchQuestion {
    pub(super) what: MatchSubject,
    /// The kind, `""` where the question does not name one.
    pub(super) kind: &'static str,
    /// The reference or id, as JSON.
    pub(super) about: String,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MatchSubject {
    /// The id of a reference.
    Id,
    /// The reference of an id.
    Reference,
    /// The display name of an id.
    DisplayName,
    /// The kind and name of an id whose kind is not known.
    Named,
}

impl MatchSubject {
    /// All, each with its word in the file.
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("id", Self::Id),
        ("ref", Self::Reference),
        ("name", Self::DisplayName),
        ("named", Self::Named),
    ];
}

impl MatchQuestion {
    fn new(what: MatchSubject, kind: &'static str, about: &Value) -> Self {
        Self {
            what,
            kind,
            about: about.to_string(),
        }
    }

    /// A question of a file; `None` where nobody can have asked it.
    pub(super) fn read(what: MatchSubject, kind: &str, about: &str) -> Option<Self> {
        let kind = match what {
            MatchSubject::Named => "",
            _ => KindId::named(kind)?.name(),
        };
        let about = serde_json::from_str::<Value>(about).ok()?;
        Some(Self::new(what, kind, &about))
    }

    /// What a table answers, as JSON.
    pub(super) fn answer(&self, table: &dyn Lookup) -> String {
        let about: Value = serde_json::from_str(&self.about).unwrap_or_default();
        let answer = match self.what {
            MatchSubject::Id => table.to_id(self.kind, &about),
            MatchSubject::Reference => table.to_ref(self.kind, &about),
            MatchSubject::DisplayName => table.display_name(self.kind, &about).into(),
            MatchSubject::Named => named(table.named(&about).as_ref()),
        };
        answer.to_string()
    }
}

fn named(found: Option<&(&'static str, Value)>) -> Value {
    found.map_or(Value::Null, |(kind, name)| {
        Value::Array(vec![Value::from(*kind), name.clone()])
    })
}

/// A table that writes down what it is asked.
pub(in crate::diff) struct AskedTable<'a> {
    table: &'a References,
    answers: RefCell<BTreeMap<MatchQuestion, String>>,
}

impl<'a> AskedTable<'a> {
    pub(super) fn new(table: &'a References) -> Self {
        Self {
            table,
            answers: RefCell::default(),
        }
    }

    /// What was asked, and what the answers were.
    pub(super) fn answers(self) -> BTreeMap<MatchQuestion, String> {
        self.answers.into_inner()
    }

    fn note(&self, question: MatchQuestion, answer: &Value) {
        let mut answers = self.answers.borrow_mut();
        answers
            .entry(question)
            .or_insert_with(|| answer.to_string());
    }
}

impl Lookup for AskedTable<'_> {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let answer = self.table.to_id(kind, reference);
        self.note(
            MatchQuestion::new(MatchSubject::Id, kind, reference),
            &answer,
        );
        answer
    }

    fn to_ref(&self, kind: &'static str, id: &Value) -> Value {
        let answer = self.table.to_ref(kind, id);
        self.note(
            MatchQuestion::new(MatchSubject::Reference, kind, id),
            &answer,
        );
        answer
    }

    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String> {
        let answer = self.table.display_name(kind, id);
        let said = Value::from(answer.clone());
        self.note(
            MatchQuestion::new(MatchSubject::DisplayName, kind, id),
            &said,
        );
        answer
    }

    fn named(&self, id: &Value) -> Option<(&'static str, Value)> {
        let answer = self.table.named(id);
        self.note(
            MatchQuestion::new(MatchSubject::Named, "", id),
            &named(answer.as_ref()),
        );
        answer
    }
}
