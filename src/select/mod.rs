//! F2: which objects a run is about.
//!
//! A run of a part is loaded, resolved and checked as a whole, so that every name means what it always means. Only
//! then is it narrowed down: what is left out is neither changed nor deleted.
//!
//! - Each kind of flag names a set of objects, and a run is about those that are in all of them: the targets with what
//!   they refer to (`--target`), those with the labels (`--selector`), those that a range of commits touched with what
//!   depends on them (`--changed-since`). `--exclude` has the last word.
//! - An owned object whose manifest has gone is left out by a label: labels are in manifests. A target may name it.
//! - What a change needs comes along, or is a complaint where a label or an exclusion keeps it out; only the diff, which
//!   knows the account, can tell.

mod graph;
#[cfg(test)]
mod tests;
mod touched;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::did_you_mean;
use crate::kinds::Role;
use crate::live::{Entry, Ledger};
use crate::manifest::Key;
use crate::resolve::Desired;
pub use crate::text::{Selector, SelectorTerm};
pub(crate) use graph::{refers_to, refers_to_itself};
pub use touched::{Described, touched};

/// What the flags of a run ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectionRequest {
    /// Labels that an object must have, all of them.
    pub selectors: Vec<Selector>,
    /// Objects, any of them, with what they refer to.
    pub targets: Vec<Key>,
    /// Objects that are left out, whatever else is said.
    pub excludes: Vec<Key>,
    /// What a range of commits touched.
    pub changed: Option<Changed>,
}

/// What changed in the files since a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The commit as it was given.
    pub since: String,
    /// The commit that the files were compared with.
    pub commit: String,
    /// The manifests that differ; `None` when the project file does, so that each of them may.
    pub touched: Option<BTreeSet<Key>>,
}

/// A flag that leaves objects out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum SelectionFlag {
    /// They are not among the targets and what these refer to.
    #[serde(rename = "--target")]
    Target,
    /// They do not have the labels.
    #[serde(rename = "--selector")]
    Selector,
    /// Nothing about them changed.
    #[serde(rename = "--changed-since")]
    ChangedSince,
    /// They are named.
    #[serde(rename = "--exclude")]
    Exclude,
}

impl fmt::Display for SelectionFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "--target",
            Self::Selector => "--selector",
            Self::ChangedSince => "--changed-since",
            Self::Exclude => "--exclude",
        })
    }
}

/// A flag that names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSelection {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The objects of a run. By default, all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// What was asked for.
    request: SelectionRequest,
    /// How many objects there are: manifests of live kinds, and owned objects without a manifest.
    objects: usize,
    /// What is left out, and by which flag.
    left_out: BTreeMap<Key, SelectionFlag>,
    /// What came along although the flags leave it out, and what needs it.
    along: BTreeMap<Key, Key>,
}

impl Selection {
    /// Narrows a run down. `covers` says whether an owned object without a manifest is this run's business
    /// at all.
    ///
    /// # Errors
    /// A target or an exclusion that names no object, labels that no manifest has.
    pub fn new(
        request: SelectionRequest,
        desired: &Desired,
        ledger: &Ledger,
        covers: &dyn Fn(&Entry) -> bool,
    ) -> Result<Self, UnknownSelection> {
        if request == SelectionRequest::default() {
            return Ok(Self::default());
        }
        let known = SelectableObjects::new(desired, ledger, covers);
        for (flag, keys) in [
            (SelectionFlag::Target, &request.targets),
            (SelectionFlag::Exclude, &request.excludes),
        ] {
            keys.iter().try_for_each(|key| known.check(flag, key))?;
        }
        check_labels(&request.selectors, desired)?;
        let sets = Sets::new(&request, desired, ledger);
        let left_out = known.keys.iter().filter_map(|key| {
            let flag = sets.left_out_by(key)?;
            Some((key.clone(), flag))
        });
        Ok(Self {
            left_out: left_out.collect(),
            objects: known.keys.len(),
            along: BTreeMap::new(),
            request,
        })
    }

    /// Whether the run is about this object.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        !self.left_out.contains_key(key)
    }

    /// Whether something is left out.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// Whether any flag narrows the run down, even if it leaves nothing out.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.request != SelectionRequest::default()
    }

    /// Takes in what a change of `user` needs.
    ///
    /// # Errors
    /// The flag that keeps it out.
    pub(crate) fn take_in(&mut self, key: &Key, user: &Key) -> Result<(), SelectionFlag> {
        match self.left_out.get(key) {
            None => Ok(()),
            Some(SelectionFlag::Exclude) => Err(SelectionFlag::Exclude),
            Some(_) if !self.request.selectors.is_empty() => Err(SelectionFlag::Selector),
            Some(_) => {
                self.left_out.remove(key);
                self.along.insert(key.clone(), user.clone());
                Ok(())
            }
        }
    }

    /// What needs an object that came along.
    #[must_use]
    pub(crate) fn needed_by(&self, key: &Key) -> Option<&Key> {
        self.along.get(key)
    }

    /// What a plan says of it; nothing when no flag was given.
    #[must_use]
    pub fn narrowed(&self) -> Option<Narrowed> {
        let mut by_flag = BTreeMap::<SelectionFlag, LeftOutCount>::new();
        for (key, flag) in &self.left_out {
            let left_out = by_flag
                .entry(*flag)
                .or_insert_with(|| LeftOutCount::new(*flag));
            left_out.objects += 1;
            if left_out.named.len() < NAMED {
                left_out.named.push(key.clone());
            }
        }
        let changed = self.request.changed.as_ref();
        self.is_asked_for().then(|| Narrowed {
            targets: self.request.targets.clone(),
            selectors: self
                .request
                .selectors
                .iter()
                .map(Selector::to_string)
                .collect(),
            changed_since: changed.map(|changed| ChangedSince {
                reference: changed.since.clone(),
                commit: changed.commit.clone(),
                everything: changed.touched.is_none(),
            }),
            excludes: self.request.excludes.clone(),
            selected: self.objects - self.left_out.len(),
            objects: self.objects,
            left_out: by_flag.into_values().collect(),
        })
    }
}

/// How many objects that a flag leaves out are named.
const NAMED: usize = 10;

/// What a plan of a part says about the part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Narrowed {
    /// The objects of `--target`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub targets: Vec<Key>,
    /// The labels of `--selector`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<String>,
    /// The commit of `--changed-since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_since: Option<ChangedSince>,
    /// The objects of `--exclude`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub excludes: Vec<Key>,
    /// How many objects the plan is about.
    pub selected: usize,
    /// How many there are: manifests of kinds that the account holds, and owned objects without a manifest.
    pub objects: usize,
    /// How many are left out, by the first flag that does.
    pub left_out: Vec<LeftOutCount>,
}

/// The commit that a plan is made since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChangedSince {
    /// The commit as it was given.
    pub reference: String,
    /// The commit that the files were compared with.
    pub commit: String,
    /// Whether the project file changed the environment, so that every manifest counts as changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

/// How many objects a flag leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LeftOutCount {
    /// The flag.
    pub flag: SelectionFlag,
    /// How many.
    pub objects: usize,
    /// The first of them, at most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub named: Vec<Key>,
}

impl LeftOutCount {
    /// A flag that leaves nothing out yet.
    fn new(flag: SelectionFlag) -> Self {
        Self {
            flag,
            objects: 0,
            named: Vec::new(),
        }
    }
}

/// The objects that can be named.
struct SelectableObjects {
    keys: BTreeSet<Key>,
    /// What renamed manifests were called before.
    renamed: BTreeMap<Key, Key>,
}

impl SelectableObjects {
    fn new(desired: &Desired, ledger: &Ledger, covers: &dyn Fn(&Entry) -> bool) -> Self {
        let declared = desired
            .iter()
            .filter(|resource| resource.key.kind.def().role != Role::Local)
            .map(|resource| resource.key.clone());
        // A manifest that was renamed takes its entry along.
        let renamed: BTreeMap<Key, Key> = desired
            .iter()
            .filter_map(|it| Some((it.previous_key()?, it.key.clone())))
            .collect();
        let gone = ledger.entries.iter().filter(|(key, entry)| {
            desired.get(key).is_none() && covers(entry) && !renamed.contains_key(key)
        });
        let gone = gone.map(|(key, _)| key.clone());
        Self {
            keys: declared.chain(gone).collect(),
            renamed,
        }
    }

    fn check(&self, flag: SelectionFlag, key: &Key) -> Result<(), UnknownSelection> {
        if self.keys.contains(key) {
            return Ok(());
        }
        if key.kind.def().role == Role::Local {
            return Err(UnknownSelection {
                message: format!("`{flag} {key}`: an account holds no {}", key.kind),
                help: "name the objects that use it".to_owned(),
            });
        }
        if let Some(now) = self.renamed.get(key) {
            return Err(UnknownSelection {
                message: format!("`{flag} {key}`: its manifest has another name now"),
                help: format!("it is {now}"),
            });
        }
        let names: Vec<String> = self.keys.iter().map(Key::to_string).collect();
        let near = did_you_mean(&key.to_string(), names.iter().map(String::as_str));
        Err(UnknownSelection {
            message: format!(
                "`{flag} {key}`: there is no such manifest, and no such object in the ledger"
            ),
            help: near.unwrap_or_else(|| {
                "`campaignctl ledger list` lists the objects without a manifest, too".to_owned()
            }),
        })
    }
}

/// A label that nothing has is a mistake more often than not.
fn check_labels(selectors: &[Selector], desired: &Desired) -> Result<(), UnknownSelection> {
    let matches = |labels: &indexmap::IndexMap<String, String>| {
        selectors.iter().all(|selector| selector.matches(labels))
    };
    if selectors.is_empty() || desired.iter().any(|resource| matches(&resource.labels)) {
        return Ok(());
    }
    let texts: Vec<String> = selectors.iter().map(Selector::to_string).collect();
    let labels: BTreeSet<String> = desired
        .iter()
        .flat_map(|resource| &resource.labels)
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let near = did_you_mean(&texts.join(","), labels.iter().map(String::as_str));
    Err(UnknownSelection {
        message: format!(
            "`--selector {}`: no manifest has these labels",
            texts.join(",")
        ),
        help: near.unwrap_or_else(|| "labels are in `metadata.labels` of a manifest".to_owned()),
    })
}

/// The objects of each kind of flag.
struct Sets<'a> {
    request: &'a SelectionRequest,
    desired: &'a Desired,
    targets: Option<BTreeSet<Key>>,
    changed: Option<BTreeSet<Key>>,
}

impl<'a> Sets<'a> {
    fn new(request: &'a SelectionRequest, desired: &'a Desired, ledger: &Ledger) -> Self {
        let targets = (!request.targets.is_empty())
            .then(|| graph::with_dependencies(&request.targets, desired, ledger));
        let touched = request.changed.as_ref().and_then(|it| it.touched.as_ref());
        Self {
            request,
            desired,
            targets,
            changed: touched.map(|touched| graph::with_dependants(touched, desired, ledger)),
        }
    }

    fn left_out_by(&self, key: &Key) -> Option<SelectionFlag> {
        let lacks =
            |set: &Option<BTreeSet<Key>>| set.as_ref().is_some_and(|set| !set.contains(key));
        if self.request.excludes.contains(key) {
            Some(SelectionFlag::Exclude)
        } else if lacks(&self.targets) {
            Some(SelectionFlag::Target)
        } else if !self.has_labels(key) {
            Some(SelectionFlag::Selector)
        } else if lacks(&self.changed) {
            Some(SelectionFlag::ChangedSince)
        } else {
            None
        }
    }

    fn has_labels(&self, key: &Key) -> bool {
        let selectors = &self.request.selectors;
        let Some(resource) = self.desired.get(key) else {
            return selectors.is_empty();
        };
        selectors
            .iter()
            .all(|selector| selector.matches(&resource.labels))
    }
}
