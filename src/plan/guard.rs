//! Guards: what a plan may not do unless somebody says that it is meant.
//!
//! Each rule has a name, says which objects it is about, and names the flag that overrides it. Three
//! rules have no flag: protected objects, and other people's work inside or around what would be deleted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diff::{Action, Change, Changes};
use crate::kinds::KindId;
use crate::kinds::mapping::get_path;
use crate::manifest::Key;
use crate::project::Guards;

/// The guards that a person overrides for one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Many deletes of a kind are meant.
    pub mass_delete: bool,
    /// Many updates of a kind are meant.
    pub mass_update: bool,
    /// Taking a published object back from consumers is meant.
    pub unpublish: bool,
}

/// A rule that the plan breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Refusal {
    /// The rule, `mass-delete`.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// The objects that it is about.
    #[schemars(with = "Vec<String>")]
    pub objects: Vec<Key>,
    /// The flag that overrides it; absent when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// What to do.
    pub help: String,
}

/// Deletes above the limit of a kind.
const MASS_DELETE: (&str, &str) = ("mass-delete", "--allow-mass-delete");

/// Updates above the limit of a kind.
const MASS_UPDATE: (&str, &str) = ("mass-update", "--allow-mass-update");

/// Taking back what consumers see.
const LIVE_OBJECT: (&str, &str) = ("live-object", "--allow-unpublish");

/// Deleting or replacing what its manifest protects.
const PROTECTED_OBJECT: &str = "protected-object";

/// Deleting what other people's work lies inside of.
const FOREIGN_CHILDREN: &str = "foreign-children";

/// Deleting what other people's work refers to.
const OBJECT_IN_USE: &str = "object-in-use";

/// The names of all guards.
pub const RULES: [&str; 6] = [
    MASS_DELETE.0,
    MASS_UPDATE.0,
    LIVE_OBJECT.0,
    PROTECTED_OBJECT,
    FOREIGN_CHILDREN,
    OBJECT_IN_USE,
];

impl Refusal {
    /// Whether a flag of this run overrides it.
    #[must_use]
    pub fn is_overridden(&self, overrides: Overrides) -> bool {
        match self.rule.as_str() {
            rule if rule == MASS_DELETE.0 => overrides.mass_delete,
            rule if rule == MASS_UPDATE.0 => overrides.mass_update,
            rule if rule == LIVE_OBJECT.0 => overrides.unpublish,
            _ => false,
        }
    }
}

/// Every rule that the changes break.
pub(super) fn refusals(diff: &Changes, guards: &Guards) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    protected(diff, &mut refusals);
    foreign_children(diff, &mut refusals);
    in_use(diff, &mut refusals);
    masses(diff, guards, &mut refusals);
    if guards.protect_published {
        live_objects(diff, &mut refusals);
    }
    refusals
}

fn protected(diff: &Changes, out: &mut Vec<Refusal>) {
    for change in diff.changes.iter().filter(|change| change.protect) {
        let word = match change.action {
            Action::Delete => "delete",
            Action::Replace => "replace",
            _ => continue,
        };
        out.push(Refusal {
            rule: PROTECTED_OBJECT.to_owned(),
            message: format!(
                "{} is protected, and the plan would {word} it",
                change.key()
            ),
            objects: vec![change.key()],
            flag: None,
            help: "put the manifest back, or apply it once with `lifecycle.protect: false` first"
                .to_owned(),
        });
    }
}

fn foreign_children(diff: &Changes, out: &mut Vec<Refusal>) {
    out.extend(diff.foreign_children.iter().map(|(key, child)| Refusal {
        rule: FOREIGN_CHILDREN.to_owned(),
        message: format!(
            "{key} would be deleted together with `{child}`, which somebody made in the console"
        ),
        objects: vec![key.clone()],
        flag: None,
        help: format!(
            "move or delete `{child}` in the console first, or describe it in a manifest"
        ),
    }));
}

fn in_use(diff: &Changes, out: &mut Vec<Refusal>) {
    out.extend(diff.in_use.iter().map(|(key, user)| Refusal {
        rule: OBJECT_IN_USE.to_owned(),
        message: format!(
            "{key} would be deleted, but {user} refers to it, which no manifest describes"
        ),
        objects: vec![key.clone()],
        flag: None,
        help: "put the manifest back, or take the reference away in the console first".to_owned(),
    }));
}

/// The share of a kind's owned objects that is deleted or updated.
fn masses(diff: &Changes, guards: &Guards, out: &mut Vec<Refusal>) {
    let limits = [
        (
            Action::Delete,
            guards.max_delete_percent,
            MASS_DELETE,
            "delete",
        ),
        (
            Action::Update,
            guards.max_update_percent,
            MASS_UPDATE,
            "update",
        ),
    ];
    for (action, percent, (rule, flag), word) in limits {
        for (kind, keys) in by_kind(&diff.changes, action) {
            let owned = diff.owned.get(&kind).copied().unwrap_or_default();
            if owned < guards.minimum_objects || keys.len() * 100 <= owned * usize::from(percent) {
                continue;
            }
            out.push(Refusal {
                rule: rule.to_owned(),
                message: format!(
                    "the plan would {word} {} of {owned} owned {kind} objects, more than {percent} %",
                    keys.len()
                ),
                objects: keys,
                flag: Some(flag.to_owned()),
                help: format!("give `{flag}` when that is meant"),
            });
        }
    }
}

fn by_kind(changes: &[Change], action: Action) -> BTreeMap<KindId, Vec<Key>> {
    let mut keys = BTreeMap::<KindId, Vec<Key>>::new();
    // What is adopted in this very plan was not owned before and is no part of the share; nor is what only gets
    // another name in the manifests.
    for change in changes
        .iter()
        .filter(|change| change.action == action && !change.adopted && !change.is_rename_only())
    {
        keys.entry(change.kind).or_default().push(change.key());
    }
    keys
}

fn live_objects(diff: &Changes, out: &mut Vec<Refusal>) {
    for change in &diff.changes {
        let Some(staged) = &change.kind.def().staged else {
            continue;
        };
        let value = |spec: &Value| {
            get_path(spec, staged.field)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let was_live = value(&change.expected).as_deref() == Some(staged.live);
        let word = match change.action {
            Action::Delete if was_live => "delete",
            Action::Update if was_live && value(&change.patch).as_deref() != Some(staged.live) => {
                "unpublish"
            }
            _ => continue,
        };
        let (rule, flag) = LIVE_OBJECT;
        out.push(Refusal {
            rule: rule.to_owned(),
            message: format!("the plan would {word} {}, which is live", change.key()),
            objects: vec![change.key()],
            flag: Some(flag.to_owned()),
            help: format!("give `{flag}` when that is meant"),
        });
    }
}
