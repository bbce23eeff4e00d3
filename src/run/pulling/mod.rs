//! The way from an account to new texts: what is named, what drifted, and whether a plan would still show it; and the texts
//! into the files.

mod completing;
mod paths;
mod settling;
mod taking;
mod warning;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use paths::Paths;
pub use paths::workspace;
use settling::SettledDrift;
use warning::refuse_errors;
use writing::pulled_files;
pub use writing::write;

use super::account::Account;
use super::editor_schemas::lines_for;
use super::manifests::{Manifests, of_environment, of_environment_with};
use super::planning::{Planning, PlanningView};
use super::workspace::Workspace;
use super::{Error, Run, Subset};
use crate::diag::Diags;
use crate::diff::{self, Change};
use crate::export::{exportable, rows};
use crate::kinds::{KindId, referenced_kinds};
use crate::live::{Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::pull::drift::{self, Takes};
use crate::pull::fresh::{self, FreshObjects, NewFile};
use crate::pull::{
    FORMAT, Named, NewManifest, Pull, PullEdit, PullWants, TakenField, UnknownName,
    may_be_stranger, renamed,
};
use crate::text::some_of;

/// What is said of manifests that are made again.
const MADE_AGAIN: &str = "note: labels, annotations, comments and variables of a manifest that is made again are not known here: take them from the history of its file";

/// How many of the objects that a kind brings along are named.
const NAMED: usize = 10;

/// New texts by the paths that positions show.
pub(super) type NewTexts = BTreeMap<String, String>;

/// A run on what was read.
pub(super) struct Pulling<'a> {
    pub(super) planning: &'a Planning<'a>,
    asked: &'a PullRequest<'a>,
    paths: Paths,
    /// Of what is left out, what no manifest and no entry of the ledger has: objects that people made.
    excluded: Vec<Key>,
    view: PlanningView,
    ledger: Ledger,
    inventory: Inventory,
}

/// What is to be taken over.
#[derive(Debug)]
pub struct PullRequest<'a> {
    /// Objects and kinds by name; none for whatever drifted.
    pub named: &'a [Named],
    /// Whether every object of the account without a manifest gets one.
    pub foreign: bool,
    /// Whether what a pulled object refers to gets a manifest, too.
    pub with_references: bool,
    /// Whether the account wins conflicts.
    pub theirs: bool,
    /// The files and folders in which the manifests are that it is about; none for all.
    pub paths: &'a [PathBuf],
    /// The part of the project that it is about.
    pub subset: &'a Subset,
}

/// Reads the account, and decides what is taken over. Nothing is written.
///
/// # Errors
/// A project or an account that cannot be read, a name that nothing has.
pub async fn pulled(
    run: &Run,
    workspace: &Workspace,
    asked: &PullRequest<'_>,
) -> Result<Pull, Error> {
    let manifests = workspace.plannable_manifests_but(run, &|it| asked.may_define(it))?;
    let account = Account::connect(run, workspace).await?;
    let pull = from_account(run, workspace, &manifests, &account, asked).await;
    account.close().await;
    pull
}

async fn from_account(
    run: &Run,
    workspace: &Workspace,
    manifests: &Manifests,
    account: &Account,
    asked: &PullRequest<'_>,
) -> Result<Pull, Error> {
    let ledger = account.recorded(run).await?.ledger;
    let is_stranger = |key: &Key| may_be_stranger(key, &manifests.desired, &ledger);
    let (subset, excluded) = asked.subset.without_excludes(&is_stranger);
    let planning = Planning {
        run,
        workspace,
        manifests,
        account,
        ignores_drift: false,
        subset: &subset,
        tells_impact: false,
    };
    read(&planning, asked, ledger, excluded).await?.pull()
}

/// Reads what a plan would read, and every object of the kinds that are asked for.
async fn read<'a>(
    planning: &'a Planning<'a>,
    asked: &'a PullRequest<'a>,
    ledger: Ledger,
    excluded: Vec<Key>,
) -> Result<Pulling<'a>, Error> {
    let account = planning.account;
    let view = planning.view(&ledger)?;
    let mut needs = planning.needs(&view, &ledger);
    let mut kinds: BTreeSet<KindId> = asked.named.iter().map(|named| named.kind).collect();
    let needed: BTreeSet<KindId> = kinds.union(&needs.kinds).copied().collect();
    kinds.extend(excluded.iter().map(|key| key.kind));
    if asked.foreign {
        kinds.extend(exportable());
    }
    if asked.with_references {
        let manifests = planning.manifests.desired.iter().map(|it| it.key.kind);
        let users: Vec<KindId> = kinds.iter().copied().chain(manifests).collect();
        kinds.extend(users.into_iter().flat_map(referred));
    }
    let kinds: BTreeSet<KindId> = kinds.into_iter().flat_map(with_inside).collect();
    for kind in kinds
        .iter()
        .flat_map(|kind| referenced_kinds(kind.def().fields))
    {
        needs.add_kind(KindId::known(kind));
    }
    needs.add_whole(kinds);
    needs = needs.or_without_observed().with_named();
    needs.optional.retain(|kind| !needed.contains(kind));
    let inventory = account.read(planning.run, &needs).await?;
    Account::tell_of_unread(planning.run, &inventory);
    Ok(Pulling {
        planning,
        asked,
        paths: Paths::new(planning.workspace.here(), asked.paths),
        excluded,
        view,
        ledger,
        inventory,
    })
}

/// The kinds that can be exported among those that a kind refers to, directly or through others.
fn referred(kind: KindId) -> BTreeSet<KindId> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![kind]);
    while let Some(kind) = waiting.pop() {
        for target in referenced_kinds(kind.def().fields) {
            let target = KindId::known(target);
            if exportable().any(|kind| kind == target) && found.insert(target) {
                waiting.push(target);
            }
        }
    }
    found
}

/// A kind, and the kind that lies inside it.
fn with_inside(kind: KindId) -> impl Iterator<Item = KindId> {
    let inside = kind.def().children.as_ref();
    std::iter::once(kind).chain(inside.map(|inside| KindId::known(inside.kind)))
}

impl Pulling<'_> {
    fn pull(&self) -> Result<Pull, Error> {
        let read = self.planning.manifests;
        let (bindings, _) = diff::bind(&read.desired, &self.inventory, &self.ledger);
        let absence = |entry: &Entry| self.view.reading.absence(entry);
        let account = fresh::PulledAccount::new(
            &self.inventory,
            &self.ledger,
            &read.desired,
            &bindings,
            &absence,
        );
        let whole = self.completed(&account)?;
        let manifests = whole.as_ref().unwrap_or(read);
        let (changes, diags) = self.differences(manifests);
        let rules = self
            .planning
            .workspace
            .rules_of(&self.planning.account.environment);
        let diags = rules.apply(diags, &manifests.texts);
        let warnings = refuse_errors(self.planning.run, diags, &manifests.texts)?;
        let before = manifests;
        let mut fresh = self.chosen(&account, manifests, &changes)?;
        let taken = self.taken_over(&account, &mut fresh, &changes, &bindings);
        let manifests = taken.manifests.as_ref().unwrap_or(self.planning.manifests);
        self.warn(&warnings, before, taken.edits());
        self.warn_of_new(&taken.new, &taken.settled.texts);
        self.note_of_new(&account, &fresh);
        Ok(Pull {
            format: FORMAT,
            environment: self.planning.account.environment.clone(),
            account: self.planning.account.id.clone(),
            written: false,
            fields: self.fields(manifests, &taken.settled, (&account, &fresh)),
            objects: objects(&account, &fresh, &taken.files),
            left: taken.left,
            files: pulled_files(self.planning.manifests, taken.settled.texts, &taken.files),
            edited: taken.edited,
            foreign: fresh.rest,
        })
    }

    /// Notes what comes along, and that something is made again.
    fn note_of_new(&self, account: &fresh::PulledAccount<'_>, fresh: &FreshObjects<'_>) {
        if !fresh.along.is_empty() {
            self.planning.run.note(&came_along(&fresh.along));
        }
        if account.makes_again(fresh) {
            self.planning.run.note(MADE_AGAIN);
        }
    }

    /// The references to new manifests whose live names mean one object.
    fn renamed(
        &self,
        manifests: &Manifests,
        fresh: &FreshObjects<'_>,
        (changes, references): (&[Change], &References),
    ) -> Vec<PullEdit> {
        let is_only = |object: &LiveObject| {
            let ids = references.ids_of(object.kind.name(), &object.display_name);
            ids.len() == 1
        };
        let new = fresh.objects.iter().filter(|(object, _)| is_only(object));
        let new: Vec<_> = new.cloned().collect();
        self.with_takes(manifests, fresh, |takes| renamed(takes, changes, &new))
    }

    /// The files of the new manifests, and their texts by their paths.
    fn new_files(
        &self,
        account: &fresh::PulledAccount<'_>,
        fresh: &FreshObjects<'_>,
    ) -> (Vec<NewFile>, NewTexts) {
        let project = Path::new(&self.planning.workspace.shown_root);
        let lines = |folder: &str| lines_for("manifest", project, Path::new(folder));
        let texts = &self.planning.manifests.texts;
        let files = account.files(texts, fresh, &self.root(), &lines);
        let new = files.iter().map(|it| (it.path.clone(), it.text.clone()));
        let new = new.collect();
        (files, new)
    }

    pub(super) fn differences(&self, manifests: &Manifests) -> (Vec<Change>, Diags) {
        let (changes, diags) =
            self.planning
                .differences(&self.view, manifests, &self.ledger, &self.inventory);
        (changes.changes, diags)
    }

    pub(super) fn manifests_with(&self, environment: &str, texts: &NewTexts) -> Manifests {
        let Planning { workspace, run, .. } = *self.planning;
        of_environment_with(workspace, environment, run.given(), texts)
    }

    /// The folder for kinds that have no manifest yet: the first one of the run.
    fn root(&self) -> String {
        let workspace = self.planning.workspace;
        let mut paths = self.asked.paths.iter().chain(&workspace.paths);
        let folder = paths.find(|path| workspace.here().join(path).is_dir());
        folder.map_or_else(
            || workspace.shown_root.clone(),
            |folder| folder.to_string_lossy().replace('\\', "/"),
        )
    }

    /// The objects that some names mean.
    fn named<'b>(
        &self,
        account: &fresh::PulledAccount<'b>,
        named: &[Named],
    ) -> Result<FreshObjects<'b>, Error> {
        let subset = self.asked.subset;
        let request = PullWants {
            named,
            foreign: self.asked.foreign,
            with_references: self.asked.with_references,
            excludes: &subset.excludes,
            unknown_excludes: &self.excluded,
            outside: &|key| self.outside(key),
            covers: &|key, entry| match entry {
                Some(_) => self.view.selection.has(key),
                None => !subset.is_by_manifests(),
            },
        };
        account
            .chosen(&request)
            .map_err(|UnknownName { message, help }| Error::invalid(message).help(help))
    }

    /// The objects that get manifests. What drifted values refer to is among them where it is asked for.
    fn chosen<'b>(
        &self,
        account: &fresh::PulledAccount<'b>,
        manifests: &Manifests,
        changes: &[Change],
    ) -> Result<FreshObjects<'b>, Error> {
        let fresh = self.named(account, self.asked.named)?;
        if !self.asked.with_references {
            return Ok(fresh);
        }
        let drifted = self.drifted(manifests, &fresh, changes);
        let references = drift::references(&drifted.edits, &manifests.desired);
        let strangers = references
            .into_iter()
            .filter_map(|(_, kind, name)| account.stranger_named(kind, &name));
        let more = strangers.map(|it| Named {
            kind: it.key.kind,
            object: Some(it.remote_id.to_string()),
        });
        let named: Vec<Named> = self.asked.named.iter().cloned().chain(more).collect();
        self.named(account, &named)
    }

    fn drifted(
        &self,
        manifests: &Manifests,
        fresh: &FreshObjects<'_>,
        changes: &[Change],
    ) -> drift::Drifted {
        self.with_takes(manifests, fresh, |takes| drift::drifted(takes, changes))
    }

    /// Does something with what is to be taken over.
    fn with_takes<T>(
        &self,
        manifests: &Manifests,
        fresh: &FreshObjects<'_>,
        act: impl FnOnce(&Takes<'_>) -> T,
    ) -> T {
        let is_named = |key: &Key| fresh.manifests.contains(key);
        let rows = rows(&self.inventory);
        let (bindings, _) = diff::bind(&manifests.desired, &self.inventory, &self.ledger);
        let new = || fresh.objects.iter().map(|(object, _)| *object);
        let kinds: BTreeSet<KindId> = new().map(|object| object.kind).collect();
        let is_new =
            |bearer: &LiveObject| new().any(|it| (it.kind, &it.id) == (bearer.kind, &bearer.id));
        let is_flagged = |kind: &KindId| diff::bearers(*kind, &self.inventory).any(is_new);
        let flagged = kinds.into_iter().filter(is_flagged).collect();
        let takes = Takes {
            flagged: &flagged,
            texts: &manifests.texts,
            desired: &manifests.desired,
            wants: &|key| {
                let is_asked = self.asked.named.is_empty() || is_named(key);
                is_asked && self.is_in_paths(manifests, key)
            },
            names: &is_named,
            theirs: self.asked.theirs,
            applied: &|key| {
                let entry = self.ledger.entries.get(key)?;
                Some(entry.spec(key.kind.def()))
            },
            lookup: &bindings.references,
            rows: &rows,
        };
        act(&takes)
    }

    /// The fields with the files that they are written in, and the other environments that change with them.
    fn fields(
        &self,
        manifests: &Manifests,
        settled: &SettledDrift,
        (account, fresh): (&fresh::PulledAccount<'_>, &FreshObjects<'_>),
    ) -> Vec<TakenField> {
        let mut others = self.others(&settled.edits, &settled.texts);
        let references = drift::references(&settled.edits, &manifests.desired);
        let edits = settled.edits.iter().enumerate();
        edits
            .map(|(at, edit)| {
                let here = references.iter().filter(|(edit, ..)| *edit == at);
                let strangers =
                    here.filter_map(|(_, kind, name)| account.stranger_named(kind, name));
                let strangers = strangers.filter(|it| !fresh.excluded.contains(&it.key));
                let strangers: Vec<String> = strangers.map(|it| it.key.to_string()).collect();
                let refers = (!strangers.is_empty()).then(|| {
                    format!(
                        "refers to {}, which has no manifest: `--with-references` makes one",
                        strangers.join(", ")
                    )
                });
                let path = |file| manifests.texts.sources.get(file).path.clone();
                TakenField {
                    key: edit.key.clone(),
                    pointer: edit.pointer.clone(),
                    path: edit.path.clone(),
                    before: edit.before.clone(),
                    after: edit.after.clone(),
                    files: edit.files().into_iter().map(path).collect(),
                    environments: others.remove(&at).unwrap_or_default(),
                    note: edit.note.clone().or(refers),
                }
            })
            .collect()
    }

    /// The other environments in which a manifest says something else with an edit.
    fn others(&self, edits: &[PullEdit], texts: &NewTexts) -> BTreeMap<usize, Vec<String>> {
        let Planning { workspace, run, .. } = *self.planning;
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let here = self.planning.account.environment.as_str();
        if edits.is_empty() {
            return found;
        }
        for name in workspace
            .project
            .every_environment()
            .into_iter()
            .filter(|name| name != here)
        {
            let before = of_environment(workspace, &name, run.given());
            let after = self.manifests_with(&name, texts);
            let value = |manifests: &Manifests, edit: &PullEdit| {
                let resource = manifests.desired.get(&edit.key)?;
                let below = edit.pointer.below_spec()?;
                below.get(&resource.spec).cloned()
            };
            for (at, edit) in edits.iter().enumerate() {
                if value(&before, edit) != value(&after, edit) {
                    found.entry(at).or_default().push(name.clone());
                }
            }
        }
        found
    }
}

/// That a kind brought objects along that nobody named.
fn came_along(keys: &[Key]) -> String {
    let names = some_of(keys.iter().map(Key::to_string), NAMED);
    format!(
        "note: made in the console, and selected by their kind: {names}. `--exclude {}` leaves one out",
        keys[0]
    )
}

fn objects(
    account: &fresh::PulledAccount<'_>,
    fresh: &FreshObjects<'_>,
    files: &[NewFile],
) -> Vec<NewManifest> {
    let objects = fresh.objects.iter().filter_map(|(object, key)| {
        let file = files.iter().find(|file| file.keys.contains(key))?;
        Some(NewManifest {
            key: key.clone(),
            display_name: object.display_name.clone(),
            remote_id: object.id.clone(),
            file: file.path.clone(),
            refers_to: account.undescribed(fresh, object),
        })
    });
    objects.collect()
}
