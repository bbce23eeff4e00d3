//! Worlds in which the payloads that changed are open: each may admit anybody or nobody, whatever its `means` says. So may each
//! field that changed and of which it is not known whether it has a say.
//!
//! A payload that changed changes nothing where the engagement is offered to nobody all the same, because it is switched off,
//! belongs to no published campaign, or has another condition that keeps everybody from it.

use std::collections::BTreeSet;

use super::truth::Spot;
use super::world::World;
use crate::kinds::offering::{Aspect, Clause, Reading, Requirement, Test, Unclear};
use crate::manifest::Key;
use crate::text::Pointer;

/// Two worlds with the payloads open that are in one of them only, around some engagements, and with some fields open.
pub(super) fn opened(
    worlds: [&World; 2],
    keys: &BTreeSet<&Key>,
    fields: &BTreeSet<&Spot>,
) -> [World; 2] {
    let [before, after] = worlds;
    [(before, after), (after, before)].map(|(world, other)| {
        let changed = keys.iter().flat_map(|key| changed(world, other, key));
        let mut opened = open(world, &changed.collect());
        for spot in fields {
            open_field(&mut opened, spot);
        }
        opened
    })
}

/// A field that may admit anybody or nobody.
fn open_field(world: &mut World, spot: &Spot) {
    let Some(mut reading) = world.reading(&spot.key).cloned() else {
        return;
    };
    reading.requires.push(Requirement {
        aspect: Aspect::Campaign,
        clause: Clause::new(spot.at.clone(), Test::Open(Unclear::Field)),
    });
    world.put_open(spot.clone(), reading, format!("{spot:?}"));
}

/// The payloads around an engagement that are nowhere around it in the other world.
fn changed(world: &World, other: &World, key: &Key) -> Vec<Spot> {
    let texts: BTreeSet<&str> = other
        .around(key)
        .into_values()
        .flat_map(|reading| reading.payloads.iter().map(|(_, text)| text.as_str()))
        .collect();
    let around = world.around(key).into_iter();
    let changed = around.flat_map(|(key, reading)| {
        let other = reading.payloads.iter();
        let other = other.filter(|(_, text)| !texts.contains(text.as_str()));
        other.map(move |(at, _)| Spot {
            key: key.clone(),
            at: at.clone(),
        })
    });
    changed.collect()
}

/// The same world with some conditions open.
fn open(world: &World, spots: &BTreeSet<Spot>) -> World {
    let mut opened = world.clone();
    for spot in spots {
        let Some(reading) = opened.reading(&spot.key) else {
            continue;
        };
        let mut reading = reading.clone();
        open_in(&mut reading, &spot.at);
        // The same condition holds for the same visits, and no other one does.
        opened.put_open(spot.clone(), reading, format!("{spot:?}"));
    }
    opened
}

fn open_in(reading: &mut Reading, at: &Pointer) {
    for requirement in &mut reading.requires {
        open_clause(&mut requirement.clause, at);
    }
}

fn open_clause(clause: &mut Clause, at: &Pointer) {
    // What only web pages decide stays so.
    let is_web_only = matches!(clause.test, Test::WebOnly(_));
    if clause.at.starts_with(at) && !is_web_only {
        clause.at = at.clone();
        clause.test = Test::Open(Unclear::Payload);
    } else {
        clause.test.each_inside(&mut |inner| open_clause(inner, at));
    }
}
