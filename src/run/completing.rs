//! What can stand at the cursor of a shell, out of the files alone: environments, kinds, manifests, labels and fields, each with
//! what it is. A project that cannot be read offers nothing.

use std::collections::BTreeSet;

use super::workspace::Workspace;
use crate::kinds::{KindId, Role, uses};
use crate::load::{PathGroup, load};
use crate::manifest::{self, Manifest};
use crate::project::SANDBOX;
use crate::report::fields::{Root, field_paths};
use crate::text::Limits;

/// A word, and what it is; empty where there is nothing to say.
pub type CompletionWord = (String, String);

/// Environments of a project with their accounts; the sandbox is always there.
#[must_use]
pub fn environments(workspace: Option<&Workspace>) -> Vec<CompletionWord> {
    let Some(workspace) = workspace else {
        return vec![(SANDBOX.to_owned(), String::new())];
    };
    let mut names: BTreeSet<String> = workspace.project.every_environment().into_iter().collect();
    names.insert(SANDBOX.to_owned());
    let account = |name: &str| {
        let settings = workspace.project.environments.get(name)?;
        settings.account.clone()
    };
    let named = names.into_iter();
    named
        .map(|name| (name.clone(), account(&name).unwrap_or_default()))
        .collect()
}

/// The manifests of a project, as far as they can be read.
#[must_use]
pub fn manifests(workspace: &Workspace) -> Vec<Manifest> {
    let mut nothing: &[u8] = &[];
    let group = PathGroup::of(workspace.here(), &workspace.paths);
    let (texts, _) = load(&group, &mut nothing, &Limits::default());
    manifest::parse(&texts).0
}

/// Kinds of manifests.
#[must_use]
pub fn kinds() -> Vec<CompletionWord> {
    words(KindId::manifests().map(|kind| kind.name().to_owned()))
}

/// Manifests as `KIND/NAME`.
#[must_use]
pub fn keys(manifests: &[Manifest]) -> Vec<CompletionWord> {
    let keys: BTreeSet<String> = manifests.iter().map(|it| it.key.to_string()).collect();
    words(keys)
}

/// What the users of can be asked for: manifests, and the skills and others that these refer to.
#[must_use]
pub fn used_keys(manifests: &[Manifest]) -> Vec<CompletionWord> {
    let used = manifests.iter().flat_map(|manifest| {
        let found = uses(manifest.key.kind.def().fields, &manifest.spec).into_iter();
        let found = found.filter(|it| KindId::known(it.kind).def().role == Role::Reference);
        found.filter_map(|it| Some(format!("{}/{}", it.kind, it.reference.as_str()?)))
    });
    let keys = manifests.iter().map(|it| it.key.to_string());
    words(keys.chain(used).collect::<BTreeSet<_>>())
}

/// Labels of manifests: `key` and `key=value`.
#[must_use]
pub fn labels(manifests: &[Manifest]) -> Vec<CompletionWord> {
    let labels = manifests.iter().flat_map(|manifest| &manifest.labels);
    let labels = labels.flat_map(|(key, value)| [key.clone(), format!("{key}={value}")]);
    words(labels.collect::<BTreeSet<_>>())
}

/// The fields of an object of some kind that an account holds, `indicator.url=`.
#[must_use]
pub fn edited_fields(kind: KindId) -> Vec<CompletionWord> {
    let fields = kind.def().fields.iter().map(|field| field.spec);
    let is_own = |path: &str| {
        let mut fields = fields.clone();
        fields.any(|field| path == field || path.starts_with(&format!("{field}.")))
    };
    let paths = field_paths(Root::Kind(kind)).into_iter();
    let paths = paths.filter_map(|path| path.split_once('.').map(|(_, path)| path.to_owned()));
    words(
        paths
            .filter(|path| is_own(path))
            .map(|path| format!("{path}=")),
    )
}

/// Whether a word names a kind that accounts hold, or one of its manifests.
#[must_use]
pub fn is_in_accounts((word, _): &CompletionWord) -> bool {
    let kind = word.split('/').next().unwrap_or_default();
    KindId::named(kind).is_some_and(|kind| kind.def().collection.is_some())
}

/// Whether a word names a kind that is sent.
#[must_use]
pub fn is_launch((word, _): &CompletionWord) -> bool {
    KindId::named(word).is_some_and(|kind| kind.def().is_launch)
}

/// Words of which there is nothing to say.
fn words(words: impl IntoIterator<Item = String>) -> Vec<CompletionWord> {
    let words = words.into_iter();
    words.map(|word| (word, String::new())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Manifests out of their texts.
    fn parsed(text: &str) -> Vec<Manifest> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), text).unwrap();
        let group = PathGroup::of(folder.path(), &[folder.path().join("a.yaml")]);
        let mut nothing: &[u8] = &[];
        let (texts, _) = load(&group, &mut nothing, &Limits::default());
        manifest::parse(&texts).0
    }

    fn joined(words: &[CompletionWord]) -> String {
        let words: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn manifests_offer_their_names_labels_and_what_they_refer_to() {
        let goal = KindId::manifests().find(|kind| kind.name().eq_ignore_ascii_case("goal"));
        let goal = goal.unwrap();
        let texts = ["b", "a", "a"].map(|name| {
            format!(
                "---\napiVersion: campaignctl.dev/v1\nkind: {goal}\nmetadata: {{ name: {name}, labels: {{ team: shop }} }}\nspec: {{ type: lead }}\n"
            )
        });
        let text = texts.concat();
        let manifests = parsed(&text);
        assert_eq!(joined(&keys(&manifests)), format!("{goal}/a {goal}/b"));
        assert_eq!(joined(&used_keys(&manifests)), format!("{goal}/a {goal}/b"));
        assert_eq!(joined(&labels(&manifests)), "team team=shop");
        assert!(keys(&manifests).iter().all(is_in_accounts));
        assert!(joined(&edited_fields(goal)).contains("indicator.url="));
    }

    #[test]
    fn without_a_project_there_is_the_sandbox() {
        assert_eq!(joined(&environments(None)), SANDBOX);
        assert!(kinds().iter().any(is_launch) && kinds().iter().any(is_in_accounts));
    }
}
