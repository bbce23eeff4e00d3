//! The ids of an environment, as a table for each kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::ledger::table;
use crate::ids::{EnvironmentIds, KnownObject, Referred};
use crate::text::safe::line;

/// The ids as text.
#[must_use]
pub fn render_ids(ids: &EnvironmentIds) -> String {
    let mut out = format!(
        "Ids of {}, account {}\n",
        line(&ids.environment),
        line(&ids.account)
    );
    for (kind, names) in &ids.objects {
        let _ = writeln!(out, "\n{kind}");
        let rows: Vec<[String; 4]> = names.iter().map(row).collect();
        out.push_str(&table(&rows));
    }
    out
}

fn row((name, known): (&String, &KnownObject)) -> [String; 4] {
    let state = match known.live {
        Some(true) => "LIVE",
        Some(false) => "not live",
        None => "",
    };
    [
        format!("  {}", line(name)),
        line(&known.id.to_string()).into_owned(),
        state.to_owned(),
        about(known.inside.as_ref(), &known.uses),
    ]
}

/// `in app-care, skill Orders`.
fn about(inside: Option<&Referred>, uses: &BTreeMap<String, Vec<Referred>>) -> String {
    let inside = inside
        .into_iter()
        .map(|it| format!("in {}", line(&it.name)));
    let uses = uses.iter().map(|(field, used)| {
        let names: Vec<_> = used.iter().map(|it| line(&it.name)).collect();
        format!("{} {}", line(field), names.join(" and "))
    });
    inside.chain(uses).collect::<Vec<_>>().join(", ")
}
