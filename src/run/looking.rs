//! Reading the account for a run, in one part or several, with or without what earlier runs read.
//!
//! What a command shows, or plans from, may come out of the cache; what an apply compares right before its first write and around each of
//! them never does. The cache is an optimisation: it is read and written without a word but with `-v`, and whatever keeps it from being
//! read or written fails no run. Beside it lies what is known of the objects that matched their manifests, under the same rules.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::account::Account;
use super::error::Error;
use super::workspace::{Workspace, ignore_in};
use super::{Machine, Run};
use crate::api::{Client, Observer};
use crate::diff::Matches;
use crate::files;
use crate::live::{Cache, CacheOwner, Inventory, Needs};

/// The folder of the caches, below that of what runs remember.
const FOLDER: &str = "cache";

/// The longest file that is read or written: ten times what an account of 10,000 large objects takes.
const LIMIT: usize = 512 << 20;

/// What git leaves out of the folder of the caches: all of it, whatever people wrote into the `.gitignore` above.
const IGNORED: &str = "# Copies of what accounts answered: safe to delete.\n*\n";

/// Where the cache of an environment lies.
#[derive(Clone, Debug)]
pub struct CacheFile {
    path: PathBuf,
    /// The file of the objects that matched.
    matches: PathBuf,
    owner: CacheOwner,
}

impl CacheFile {
    /// The file of an environment, whose account is answered for by this host.
    #[must_use]
    pub fn of(workspace: &Workspace, environment: &str, owner: CacheOwner) -> Self {
        let file = |ending| {
            let folder = workspace.state(FOLDER);
            folder.join(format!("{environment}.{ending}"))
        };
        Self {
            path: file("cache"),
            matches: file("matches"),
            owner,
        }
    }

    /// What earlier runs read: nothing where the file cannot be used.
    fn read(&self, run: &Run) -> Cache {
        let read = |text: &str| Cache::read(text, &self.owner);
        read_kept(run, &self.path, read).unwrap_or_default()
    }

    fn write(&self, run: &Run, cache: &Cache) {
        write_kept(run, &self.path, &cache.write(&self.owner, LIMIT));
    }
}

/// What a file holds that an earlier run kept: nothing where it cannot be used.
fn read_kept<T>(
    run: &Run,
    path: &Path,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Option<T> {
    let limit = u64::try_from(LIMIT).unwrap_or(u64::MAX);
    let read = match files::read_text(path, limit) {
        Ok(text) => read(&text).map_err(str::to_owned),
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => Err(error.to_string()),
    };
    let told = |why: &String| {
        let path = path.display();
        run.detail(&format!("the cache {path} is not used: {why}"));
    };
    read.inspect_err(told).ok()
}

fn write_kept(run: &Run, path: &Path, text: &str) {
    if let Err(error) = write_private(path, text) {
        let path = path.display();
        run.detail(&format!("the cache {path} cannot be written: {error}"));
    }
}

/// Which build of the program this is: what one of them found equal, another one may read in another way, and they do not all have
/// versions of their own.
fn build(machine: &Machine) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let file = machine.program();
    let Some((metadata, file)) = file.and_then(|file| Some((file.metadata().ok()?, file))) else {
        return version.to_owned();
    };
    let written = metadata.modified().ok();
    let written = written.and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok());
    let nanoseconds = written.map_or(0, |it| it.as_nanos());
    let (bytes, path) = (metadata.len(), file.display());
    format!("{version} {bytes} {nanoseconds} {path}")
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        if std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink()) {
            return Err(std::io::Error::other("its folder is a link"));
        }
        std::fs::create_dir_all(folder)?;
        ignore_in(folder, IGNORED)?;
    }
    files::replace_private(path, text.as_bytes())
}

/// One look at the account, in parts: what one of them read, the next one does not read again.
pub struct Looking<'a> {
    run: &'a Run,
    account: &'a Account,
    observer: Observer<'a, Client>,
    /// Where the cache is kept, where one is used.
    cache: Option<&'a CacheFile>,
}

impl Account {
    /// A look that takes what has not changed from the cache. Without the cache everything is read, and kept for later runs.
    #[must_use]
    pub fn looking<'a>(&'a self, run: &'a Run) -> Looking<'a> {
        let looking = self.looking_closely(run);
        let Some(file) = &self.cache else {
            return looking;
        };
        let cache = if run.uses_cache() {
            file.read(run)
        } else {
            Cache::default()
        };
        let clock = run.machine().clock();
        Looking {
            observer: looking.observer.with_cache(cache, Arc::new(clock)),
            cache: Some(file),
            ..looking
        }
    }

    /// The objects that are known to match their manifests; `None` where nothing is kept of this account.
    pub fn matches(&self, run: &Run) -> Option<Matches> {
        let CacheFile { matches, owner, .. } = self.cache.as_ref()?;
        let (program, now) = (build(run.machine()), run.machine().now());
        let read = |text: &str| Matches::read(text, owner, &program, now);
        let known = read_kept(run, matches, read).filter(|_| run.uses_cache());
        Some(known.unwrap_or_else(|| Matches::none(&program, now)))
    }

    /// Keeps them for later runs.
    pub fn keep_matches(&self, run: &Run, known: &Matches) {
        if let Some(CacheFile { matches, owner, .. }) = &self.cache {
            write_kept(run, matches, &known.write(owner));
        }
    }

    fn looking_closely<'a>(&'a self, run: &'a Run) -> Looking<'a> {
        Looking {
            run,
            account: self,
            observer: Observer::new(&self.client, run.parallelism()),
            cache: None,
        }
    }

    /// Reads what is needed, all of it from the account.
    ///
    /// # Errors
    /// An account that cannot be read.
    pub async fn read(&self, run: &Run, needs: &Needs) -> Result<Inventory, Error> {
        let mut looking = self.looking_closely(run);
        looking.read(needs, Inventory::default()).await
    }
}

impl Looking<'_> {
    /// Reads what is needed and not known yet, with a spinner, and shows the requests with `-v`.
    ///
    /// # Errors
    /// An account that cannot be read.
    pub async fn read(&mut self, needs: &Needs, known: Inventory) -> Result<Inventory, Error> {
        let (run, account) = (self.run, self.account);
        let reading = run
            .news()
            .waiting(&format!("reading {}", account.environment));
        let inventory = self.observer.read(needs, known).await;
        drop(reading);
        let counts = account.client.requests();
        run.detail(&format!("{} requests to read the account:", counts.total()));
        for (method, collection, count) in counts.iter() {
            run.detail(&format!("  {count:>5} {method} {collection}"));
        }
        self.tell_of_cache();
        let inventory =
            inventory.map_err(|error| Error::from(error).context("cannot read the account"))?;
        if let (Some(file), Some(cache)) = (self.cache, self.observer.cache())
            && cache.has_changed()
        {
            file.write(run, cache);
        }
        Ok(inventory)
    }

    fn tell_of_cache(&self) {
        let taken = self.observer.taken();
        if taken > 0 {
            let objects = if taken == 1 { "object" } else { "objects" };
            self.run
                .detail(&format!("{taken} unchanged {objects} not read again"));
        }
        for kind in self.observer.doubted() {
            self.run.detail(&format!(
                "{kind}: all are read, because one has changed although the account says that it has not"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_known_by_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let machine = || Machine::new(folder.path().to_path_buf(), jiff::Timestamp::now);
        let unknown = build(&machine());
        let of = |bytes: &str| {
            std::fs::write(&program, bytes).unwrap();
            build(&machine().with_program(Some(program.clone())))
        };
        let (one, other) = (of("one"), of("another"));
        assert_ne!(one, other);
        assert_eq!(unknown, env!("CARGO_PKG_VERSION"));
        assert!(one.starts_with(&unknown) && one.ends_with("program"));
    }
}
