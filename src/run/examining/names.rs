//! The names of live objects that manifests refer to: whether the account has one object of each.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Doctor, counted};
use crate::diag::did_you_mean;
use crate::kinds::{KindId, Role, uses};
use crate::resolve::Desired;
use crate::run::Error;
use crate::text::safe::line;

/// How many names are told, at most.
const TOLD: usize = 10;

/// Live names, each with how many manifests refer to it.
pub(super) type WantedNames = BTreeMap<(KindId, String), usize>;

/// The display names of what was read, by kind; a kind that was not read whole is not in it.
pub(super) type HeldNames = BTreeMap<KindId, Vec<String>>;

/// The live names that manifests refer to.
pub(super) fn wanted(desired: &Desired) -> WantedNames {
    let mut wanted = WantedNames::new();
    for resource in desired.iter() {
        let mut names: Vec<(KindId, String)> = uses(resource.key.kind.def().fields, &resource.spec)
            .into_iter()
            .filter_map(|one| {
                let kind = KindId::known(one.kind);
                Some((kind, live_name(kind, one.reference)?.to_owned()))
            })
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            *wanted.entry(name).or_default() += 1;
        }
    }
    wanted
}

/// The display name that a reference asks for; nothing where it names a manifest, an id or the vendor's row.
fn live_name(kind: KindId, reference: &Value) -> Option<&str> {
    match reference {
        Value::String(name) if kind.def().role == Role::Reference => Some(name),
        Value::Object(ways) => ways.get("live")?.as_str(),
        _ => None,
    }
}

/// What is wrong with the names, a line each; and how many names could be judged.
fn judged(wanted: &WantedNames, held: &HeldNames) -> (Vec<String>, usize) {
    let mut complaints = Vec::new();
    let mut judged = 0;
    for ((kind, name), users) in wanted {
        let Some(names) = held.get(kind) else {
            continue; // not read, which is a complaint of its own
        };
        judged += 1;
        let found = names.iter().filter(|held| *held == name).count();
        let of = format!("{} `{}`", kind.name(), line(name));
        let users = match users {
            1 => "1 manifest needs".to_owned(),
            many => format!("{many} manifests need"),
        };
        match found {
            1 => {}
            0 => {
                let near = did_you_mean(name, names.iter().map(String::as_str));
                let near = near.map_or_else(String::new, |near| format!("; {near}"));
                complaints.push(format!("there is no {of}, which {users}{near}"));
            }
            many => complaints.push(format!("there are {many} of {of}, which {users}")),
        }
    }
    (complaints, judged)
}

impl Doctor<'_> {
    /// Checks the names that manifests refer to.
    pub(super) fn names(&mut self, wanted: &WantedNames, held: &HeldNames) {
        let (complaints, judged) = judged(wanted, held);
        if complaints.is_empty() {
            if judged > 0 {
                let found = format!(
                    "{} of live objects that manifests refer to",
                    counted(judged, "name")
                );
                self.ok("names", found);
            }
            return;
        }
        let more = complaints.len().saturating_sub(TOLD);
        let mut told = complaints[..complaints.len() - more].join("; ");
        if more > 0 {
            told = format!("{told}; and {more} more");
        }
        let help = "create the object in the console, or correct the name; use `{ id: .. }` if several share a name";
        self.failed("names", Error::invalid(told).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_missing_there_or_not_unique() {
        let kind = KindId::known("Skill");
        let wanted = ["Order", "Returns", "Care"].map(|name| ((kind, name.to_owned()), 2));
        let held = ["Orders", "Returns", "Care", "Care"].map(str::to_owned);
        let (complaints, judged) = judged(
            &WantedNames::from(wanted),
            &HeldNames::from([(kind, held.to_vec())]),
        );
        assert_eq!(judged, 3);
        insta::assert_snapshot!(complaints.join("\n"), @r"
        there are 2 of Skill `Care`, which 2 manifests need
        there is no Skill `Order`, which 2 manifests need; did you mean `Orders`?
        ");
    }
}
