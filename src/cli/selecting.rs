//! The flags that narrow a run down to a part of the manifests.

use clap::Args;

use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::run::Subset;
use crate::select::Selector;

/// Which objects a run is about. Everything is loaded and checked as a whole; what is left out is neither
/// changed nor deleted.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SelectionArgs {
    /// Only objects with these labels: `key=value`, `key!=value`, `key` (has it), `!key` (lacks it); commas mean
    /// "and". Never deletes, because labels are part of manifests. Can be repeated; an object must match all.
    #[arg(
        short = 'l',
        long = "selector",
        value_name = "LABELS",
        add = super::completing::labels(),
        hide_env_values = true,
        env = "CAMPAIGNCTL_SELECTOR"
    )]
    selectors: Vec<Selector>,
    /// Only this object and what it refers to, including the campaign of an engagement. An object whose manifest is
    /// gone is deleted. Can be repeated.
    #[arg(long = "target", value_name = "KIND/NAME", add = super::completing::manifest_keys(), value_parser = key, value_delimiter = ',', hide_env_values = true, env = "CAMPAIGNCTL_TARGET")]
    targets: Vec<Key>,
    /// Everything except this object, regardless of the other flags. Can be repeated.
    #[arg(long = "exclude", value_name = "KIND/NAME", add = super::completing::manifest_keys(), value_parser = key, value_delimiter = ',', hide_env_values = true, env = "CAMPAIGNCTL_EXCLUDE")]
    excludes: Vec<Key>,
    /// Only the manifests that changed since this branch forked from a commit, and what depends on them.
    #[arg(
        long,
        value_name = "GIT_REF",
        hide_env_values = true,
        env = "CAMPAIGNCTL_CHANGED_SINCE"
    )]
    changed_since: Option<String>,
}

/// The names of the flags in [`SelectionArgs`].
pub(super) const IDS: [&str; 4] = ["selectors", "targets", "excludes", "changed_since"];

fn key(text: &str) -> Result<Key, String> {
    text.parse().map_err(|error| {
        let kind = text.split('/').next().unwrap_or(text);
        let kinds = KindId::manifests().map(KindId::name);
        match did_you_mean(kind, kinds) {
            Some(near) if KindId::named(kind).is_none() => format!("{error}; {near}"),
            _ => error,
        }
    })
}

impl SelectionArgs {
    /// Whether no flag is given.
    pub(super) fn is_empty(&self) -> bool {
        self.subset().is_everything()
    }

    /// The flags in front of a command and those behind it.
    #[must_use]
    pub(super) fn with(mut self, front: &Self) -> Self {
        let Self {
            selectors,
            targets,
            excludes,
            changed_since,
        } = front;
        add(&mut self.selectors, selectors);
        add(&mut self.targets, targets);
        add(&mut self.excludes, excludes);
        self.changed_since = self.changed_since.or_else(|| changed_since.clone());
        self
    }

    /// The same as data.
    pub(super) fn subset(&self) -> Subset {
        Subset {
            selectors: self.selectors.clone(),
            targets: self.targets.clone(),
            excludes: self.excludes.clone(),
            changed_since: self.changed_since.clone(),
        }
    }
}

/// Adds what is not there yet.
fn add<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
}
