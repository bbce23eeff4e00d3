//! A case once for every combination of its matrix.

use crate::kinds::shared::Reference;
use crate::kinds::{Matrix, When};

/// A `when` for every combination of a matrix, and its values in words.
pub(super) fn combinations(when: &When, matrix: Option<&Matrix>) -> Vec<(When, String)> {
    let mut all = vec![(when.clone(), Vec::<String>::new())];
    let Some(Matrix {
        personas,
        sections,
        urls,
        at,
    }) = matrix
    else {
        return vec![(when.clone(), String::new())];
    };
    let mut multiply = |changes: Vec<VisitChange>| {
        if changes.is_empty() {
            return;
        }
        let old = std::mem::take(&mut all);
        for (when, values) in old {
            for (value, change) in &changes {
                let (mut when, mut values) = (when.clone(), values.clone());
                change(&mut when);
                values.push(value.clone());
                all.push((when, values));
            }
        }
    };
    multiply(changes(
        personas.as_deref(),
        |when, it: &Reference| when.persona = Some(it.clone()),
        |it| match it {
            Reference::Name(name) => name.clone(),
            Reference::Live(_) => "?".to_owned(),
        },
    ));
    multiply(changes(
        sections.as_deref(),
        |when, it: &String| when.sections = Some(vec![it.clone()]),
        String::clone,
    ));
    multiply(changes(
        urls.as_deref(),
        |when, it: &String| when.url = Some(it.clone()),
        String::clone,
    ));
    multiply(changes(
        at.as_deref(),
        |when, it: &String| when.at = Some(it.clone()),
        String::clone,
    ));
    all.into_iter()
        .map(|(when, values)| (when, values.join(", ")))
        .collect()
}

/// The fields of a matrix that are lists of nothing.
pub(super) fn empty_of(matrix: &Matrix) -> impl Iterator<Item = &'static str> {
    let Matrix {
        personas,
        sections,
        urls,
        at,
    } = matrix;
    let lists = [
        ("personas", personas.as_ref().map(Vec::len)),
        ("sections", sections.as_ref().map(Vec::len)),
        ("urls", urls.as_ref().map(Vec::len)),
        ("at", at.as_ref().map(Vec::len)),
    ];
    let empty = lists.into_iter().filter(|(_, count)| *count == Some(0));
    empty.map(|(field, _)| field)
}

type VisitChange = (String, Box<dyn Fn(&mut When)>);

fn changes<T: Clone + 'static>(
    values: Option<&[T]>,
    put: fn(&mut When, &T),
    shown: fn(&T) -> String,
) -> Vec<VisitChange> {
    let values = values.unwrap_or_default().iter();
    let change = |value: &T| {
        let (text, value) = (shown(value), value.clone());
        let change: Box<dyn Fn(&mut When)> = Box::new(move |when| put(when, &value));
        (text, change)
    };
    values.map(change).collect()
}
