//! What a visit says, in a phrase for people who are to do the same.

use super::ask::value;
use super::visit::Visit;
use crate::kinds::offering::{Datum, Fact, FactAnswer};

/// What a visit says of some facts: `` a visit where `sections` is `home` and `sale`, and `signedIn` is `false` ``.
pub(super) fn phrase(visit: &Visit, facts: &[Fact]) -> String {
    let parts: Vec<String> = facts.iter().filter_map(|fact| of(visit, *fact)).collect();
    format!("a visit where {}", parts.join(", and "))
}

fn of(visit: &Visit, fact: Fact) -> Option<String> {
    let name = fact.name();
    if fact == Fact::Time {
        return visit.at.map(|at| format!("`{name}` is `{at}[UTC]`"));
    }
    let FactAnswer::Known(data) = visit.facts.get(&fact)? else {
        return None;
    };
    let values: Vec<String> = data.iter().map(datum).collect();
    Some(match values.as_slice() {
        [] => format!("`{name}` is not reported"),
        values => format!("`{name}` is {}", values.join(" and ")),
    })
}

/// Of an error also the message: it is needed to report the same.
fn datum(datum: &Datum) -> String {
    match datum {
        Datum::Error(code, message) => {
            let code = code.iter().map(|it| format!("with the code `{it}`"));
            let message = message.iter().map(|it| format!("with the message `{it}`"));
            let parts: Vec<String> = code.chain(message).collect();
            format!("one {}", parts.join(" and "))
        }
        other => value(other),
    }
}
