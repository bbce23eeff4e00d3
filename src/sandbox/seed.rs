//! Loading raw wire JSON into the store: skills, connectors, whole captured accounts.
//!
//! A seed is a folder with files named after the kinds (`skills.json`, `engagements.json`), each an
//! array of bodies, or one file with an object of such arrays (`{"skills": [..]}`). Ids are kept when
//! present and assigned otherwise; `deleted` and unknown keys are kept. A child row names its parent
//! by `campaignId` (its id, or its name), or is embedded in it as the platform embeds it. The
//! vendor's rows of a kind replace those that a new account holds: their names differ from account to account.
//!
//! Rows go in parents first; the whole seed is one transaction.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rusqlite::Transaction;
use serde_json::{Map, Value};

use crate::files;
use crate::kinds::ALL;
use crate::name::RemoteId;
use crate::text::exact;

use super::place::CollectionPlace;
use super::rows::{self, StoredRow};
use super::{Emulator, account};

/// The longest file of a seed: far above an account of 10,000 objects.
const LONGEST: u64 = 256 * 1024 * 1024;

/// How many rows a seed brought, by the plural of their kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeded(pub IndexMap<&'static str, usize>);

/// Why a seed cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file or folder cannot be read.
    #[error("cannot read the seed {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not JSON.
    #[error("the seed {}:{}:{} is not JSON", path.display(), source.line(), source.column())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A file holds JSON that is not a seed.
    #[error("the seed {} is wrong at `{pointer}`: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The JSON pointer.
        pointer: String,
        /// What is wrong there.
        message: String,
    },
    /// The store failed.
    #[error("the sandbox store failed")]
    Store(#[from] rusqlite::Error),
}

/// A seed in memory, its outer shape checked.
#[derive(Debug)]
pub(super) struct Seed {
    lists: IndexMap<&'static str, Vec<Planted>>,
}

/// A body and where it came from.
#[derive(Debug)]
struct Planted {
    path: PathBuf,
    pointer: String,
    body: Map<String, Value>,
}

impl Planted {
    fn wrong(&self, message: impl Into<String>) -> SeedError {
        wrong(&self.path, &self.pointer, message)
    }
}

fn wrong(path: &Path, pointer: &str, message: impl Into<String>) -> SeedError {
    SeedError::Content {
        path: path.to_owned(),
        pointer: pointer.to_owned(),
        message: message.into(),
    }
}

/// Reads a seed from a folder or a file.
pub(super) fn load(source: &Path) -> Result<Seed, SeedError> {
    let mut seed = Seed {
        lists: IndexMap::new(),
    };
    if source.is_dir() {
        for path in json_files(source)? {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let plural = plural(&stem)
                .ok_or_else(|| wrong(&path, "", format!("there is no collection `{stem}`")))?;
            let value = parse(&path)?;
            seed.add(plural, (&path, ""), value)?;
        }
    } else {
        let Value::Object(lists) = parse(source)? else {
            return Err(wrong(source, "", "an object of arrays is needed"));
        };
        for (key, value) in lists {
            let pointer = format!("/{key}");
            let plural = plural(&key).ok_or_else(|| {
                wrong(source, &pointer, format!("there is no collection `{key}`"))
            })?;
            seed.add(plural, (source, &pointer), value)?;
        }
    }
    Ok(seed)
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, SeedError> {
    let unreadable = |source| SeedError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn parse(path: &Path) -> Result<Value, SeedError> {
    let bytes = files::read_bounded(path, LONGEST).map_err(|source| SeedError::Read {
        path: path.to_owned(),
        source,
    })?;
    exact::read(&bytes).map_err(|source| SeedError::Syntax {
        path: path.to_owned(),
        source,
    })
}

fn plural(text: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|def| def.plural == text && def.collection.is_some())
        .map(|def| def.plural)
}

impl Seed {
    fn add(
        &mut self,
        plural: &'static str,
        (path, pointer): (&Path, &str),
        value: Value,
    ) -> Result<(), SeedError> {
        let Value::Array(items) = value else {
            return Err(wrong(path, pointer, "an array of bodies is needed"));
        };
        for (index, item) in items.into_iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let Value::Object(body) = item else {
                return Err(wrong(path, &pointer, "an object is needed"));
            };
            self.plant(plural, (path, pointer), body)?;
        }
        Ok(())
    }

    /// Keeps a body, and the children that stand embedded in it as rows of their own.
    fn plant(
        &mut self,
        plural: &'static str,
        (path, pointer): (&Path, String),
        mut body: Map<String, Value>,
    ) -> Result<(), SeedError> {
        let place = ALL
            .iter()
            .find(|def| def.plural == plural)
            .and_then(|def| CollectionPlace::new(def, ""));
        let embeds = place.as_ref().and_then(|place| place.collection.embeds);
        let below = place.as_ref().and_then(|place| place.below(""));
        if let (Some(key), Some(below)) = (embeds, below)
            && let Some(Value::Array(members)) = body.shift_remove(key)
        {
            let parent = body
                .get("id")
                .or_else(|| body.get("name"))
                .cloned()
                .unwrap_or_default();
            for (index, member) in members.into_iter().enumerate() {
                let pointer = format!("{pointer}/{key}/{index}");
                let (Value::Object(mut member), Some(parent_key)) = (member, below.parent_key())
                else {
                    return Err(wrong(path, &pointer, "an object is needed"));
                };
                member.insert(parent_key, parent.clone());
                self.plant(below.def.plural, (path, pointer), member)?;
            }
        }
        self.lists.entry(plural).or_default().push(Planted {
            path: path.to_owned(),
            pointer,
            body,
        });
        Ok(())
    }

    /// Stores every row, parents before children.
    pub(super) fn insert(
        self,
        tx: &Transaction<'_>,
        emulator: &Emulator,
    ) -> Result<Seeded, SeedError> {
        let mut lists = self.lists;
        let mut seeded = Seeded::default();
        let (tops, nested): (Vec<_>, Vec<_>) = ALL.iter().partition(|def| def.parent.is_none());
        for def in tops.into_iter().chain(nested) {
            let Some((planted, place)) = lists
                .shift_remove(def.plural)
                .zip(CollectionPlace::new(def, ""))
            else {
                continue;
            };
            seeded.0.insert(def.plural, planted.len());
            for one in planted {
                insert_one(tx, emulator, place.clone(), one)?;
            }
        }
        rows::mark_seeded(tx, &emulator.account)?;
        Ok(seeded)
    }
}

/// Adds the objects that are not there yet, by the plural of their kind and by name.
pub(super) fn ensure(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    named: &[(&'static str, &[String])],
) -> Result<(), SeedError> {
    for (plural, names) in named {
        let def = ALL.iter().find(|def| def.plural == *plural);
        let Some(place) = def.and_then(|def| CollectionPlace::new(def, "")) else {
            continue;
        };
        for (index, name) in names.iter().enumerate() {
            let path = place.collection.path;
            if rows::id_of_name(tx, &emulator.account, path, name)?.is_some() {
                continue;
            }
            let name_key = place.collection.name_key.to_owned();
            let planted = Planted {
                path: PathBuf::from(*plural),
                pointer: format!("/{index}"),
                body: Map::from_iter([(name_key, Value::from(name.as_str()))]),
            };
            insert_one(tx, emulator, place.clone(), planted)?;
        }
    }
    Ok(())
}

fn insert_one(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    mut place: CollectionPlace,
    mut planted: Planted,
) -> Result<(), SeedError> {
    let account = emulator.account.as_str();
    if let Some(parent_key) = place.parent_key() {
        place.parent = parent_of(tx, account, &place, &planted, &parent_key)?;
        planted.body.shift_remove(&parent_key);
    }
    let name_key = place.collection.name_key;
    let Some(name) = planted.body.get(name_key).and_then(Value::as_str) else {
        return Err(planted.wrong(format!("`{name_key}` is needed")));
    };
    let (scope, name) = (place.scope(account), name.to_owned());
    if place
        .collection
        .is_system(&Value::Object(planted.body.clone()))
    {
        rows::drop_system(tx, &scope)?;
    }
    check_id(tx, account, &place, &planted)?;
    let raw = planted.body.clone();
    let row = account::completed(tx, &place, account, (raw, emulator.now()))?;
    check_unique(tx, &place, account, (&row, &name, &planted))?;
    account::store(tx, &place, account, &row)?;
    Ok(())
}

fn check_id(
    tx: &Transaction<'_>,
    account: &str,
    place: &CollectionPlace,
    planted: &Planted,
) -> Result<(), SeedError> {
    let has_id = match planted.body.get("id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(
            RemoteId::from_wire(id)
                .ok_or_else(|| planted.wrong("`id` must be a number or a text"))?,
        ),
    };
    if let Some(id) = has_id
        && rows::has_id(tx, account, place.collection.path, id.as_str())?
    {
        return Err(planted.wrong(format!("the id {id} is in the store already")));
    }
    Ok(())
}

fn check_unique(
    tx: &Transaction<'_>,
    place: &CollectionPlace,
    account: &str,
    (row, name, planted): (&StoredRow, &str, &Planted),
) -> Result<(), SeedError> {
    let taken = place.collection.unique_name
        && !row.deleted
        && rows::name_is_taken(tx, &place.scope(account), name, None)?;
    if taken {
        return Err(planted.wrong(format!("another object is named `{name}`")));
    }
    Ok(())
}

/// The id of the parent that a child row names by id or by name.
fn parent_of(
    tx: &Transaction<'_>,
    account: &str,
    place: &CollectionPlace,
    planted: &Planted,
    parent_key: &str,
) -> Result<String, SeedError> {
    let wire = planted.body.get(parent_key).and_then(RemoteId::from_wire);
    let (Some(wire), Some(above)) = (wire, place.above()) else {
        return Err(planted.wrong(format!("`{parent_key}` must name the parent")));
    };
    let path = above.collection.path;
    if rows::has_id(tx, account, path, wire.as_str())? {
        return Ok(wire.as_str().to_owned());
    }
    rows::id_of_name(tx, account, path, wire.as_str())?.ok_or_else(|| {
        planted.wrong(format!(
            "`{parent_key}` is {wire}, but there is no such object"
        ))
    })
}
