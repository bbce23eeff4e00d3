//! The sign-ins that `login` keeps: one file per account and platform, in the user's own configuration folder.
//!
//! - A file holds a refresh token: its mode is 0600, that of its folder 0700, and one that others can read is refused.
//! - The platform may replace a refresh token whenever it is used. Runs take turns by a lock beside the file, and the new
//!   token replaces the old file whole, on the disk, before it is used.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::{Machine, Meaning, user_folder};
use crate::api::{self, HeldRefreshToken, Secret, TokenKeeper};

/// The format of a file.
const FORMAT: &str = "campaignctl.login/v1";

/// The folder of the files.
const FOLDER: &str = "logins";

/// Whose sign-in it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginKey {
    /// The service look-up of the account.
    pub look_up: String,
    /// The account.
    pub account: String,
    /// The application that was signed in to.
    pub client_id: String,
}

/// Where the sign-in of an account is kept.
#[derive(Clone)]
pub struct KeptLogin {
    key: LoginKey,
    path: PathBuf,
    clock: fn() -> jiff::Timestamp,
}

/// What a file holds. No `Debug`: it holds a secret.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginContent {
    format: String,
    look_up: String,
    account: String,
    client_id: String,
    since: String,
    refresh_token: String,
}

impl fmt::Debug for KeptLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.path).finish()
    }
}

impl KeptLogin {
    /// Where the sign-in of an account is kept, whether the file exists or not.
    ///
    /// # Errors
    /// A system without a folder for it.
    pub fn of(machine: &Machine, key: LoginKey) -> Result<Self, Error> {
        let folder = user_folder::configuration(machine)?.join(FOLDER);
        Ok(Self::below(&folder, key, machine.clock()))
    }

    fn below(folder: &Path, key: LoginKey, clock: fn() -> jiff::Timestamp) -> Self {
        let host = key.look_up.trim_start_matches("https://");
        let host = host.trim_start_matches("http://").trim_end_matches('/');
        let plain = |ch: char| {
            let is_plain = ch.is_ascii_alphanumeric() || ch == '.' || ch == '-';
            if is_plain { ch } else { '_' }
        };
        let name: String = format!("{host}-{}", key.account)
            .chars()
            .map(plain)
            .collect();
        Self {
            path: folder.join(format!("{name}.json")),
            key,
            clock,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a sign-in.
    ///
    /// # Errors
    /// A file that others can read, that is damaged, or that is about another application.
    pub fn exists(&self) -> Result<bool, Error> {
        let read = self.read();
        read.map(|content| content.is_some()).map_err(|why| {
            Error::new(Meaning::Denied, why).help("sign in again: `campaignctl login`")
        })
    }

    /// Keeps a refresh token, in place of an earlier one.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub fn keep(&self, token: &Secret) -> Result<(), Error> {
        self.write(token).map_err(|error| {
            Error::from(error).context(&format!("cannot keep {}", self.path.display()))
        })
    }

    /// Forgets the sign-in, and says whether there was one.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn forget(&self) -> Result<bool, Error> {
        let gone = std::fs::remove_file(&self.path);
        match gone {
            Ok(()) => {
                let _ = std::fs::remove_file(self.lock_path()); // it holds nothing
                Ok(true)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                Err(Error::from(error).context(&format!("cannot remove {}", self.path.display())))
            }
        }
    }

    fn lock_path(&self) -> PathBuf {
        self.path.with_extension("lock")
    }

    /// The refresh token; `None` when there is no sign-in.
    fn read(&self) -> Result<Option<Secret>, String> {
        let shown = self.path.display();
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {shown}: {error}")),
        };
        if is_open_to_others(&file) {
            return Err(format!(
                "{shown} can be read by other users: run `chmod 600` on it, or sign in again"
            ));
        }
        let content: LoginContent = serde_json::from_reader(file)
            .map_err(|error| format!("{shown} is damaged at line {}", error.line()))?;
        let key = LoginKey {
            look_up: content.look_up,
            account: content.account,
            client_id: content.client_id,
        };
        if content.format != FORMAT || key != self.key {
            return Err(format!(
                "the sign-in in {shown} is that of another application or account"
            ));
        }
        Ok(Some(Secret::new(content.refresh_token)))
    }

    fn write(&self, token: &Secret) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        make_private(folder)?;
        let content = LoginContent {
            format: FORMAT.to_owned(),
            look_up: self.key.look_up.clone(),
            account: self.key.account.clone(),
            client_id: self.key.client_id.clone(),
            since: (self.clock)().to_string(),
            refresh_token: token.expose().to_owned(),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder)?; // its mode is 0600
        serde_json::to_writer_pretty(&mut file, &content)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?; // or the old token could be back after a crash
        Ok(())
    }
}

impl TokenKeeper for KeptLogin {
    fn take(&self) -> Result<Option<Box<dyn HeldRefreshToken>>, api::ApiError> {
        let refused = api::ApiError::SignedOut;
        let lock = lock_file(&self.lock_path())
            .map_err(|error| refused(format!("cannot lock {}: {error}", self.path.display())))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(refused(error.to_string())),
        }
        let token = self.read().map_err(refused)?;
        let gone = || refused(format!("{} is gone", self.path.display()));
        Ok(Some(Box::new(ExchangeTurn {
            token: token.ok_or_else(gone)?,
            kept: self.clone(),
            lock,
        })))
    }

    fn is_lasting(&self) -> bool {
        true
    }
}

/// A refresh token that is being exchanged.
struct ExchangeTurn {
    token: Secret,
    kept: KeptLogin,
    lock: File,
}

impl HeldRefreshToken for ExchangeTurn {
    fn token(&self) -> &Secret {
        &self.token
    }

    fn replace(&mut self, token: &Secret) -> Result<(), api::ApiError> {
        self.kept.write(token).map_err(|error| {
            let path = self.kept.path.display();
            api::ApiError::Unconfigured(format!(
                "the platform replaced the refresh token, and the new one cannot be kept in {path}: {error}"
            ))
        })
    }
}

impl Drop for ExchangeTurn {
    fn drop(&mut self) {
        // Closing the file would unlock it, too, but not while a process that is just being started has it open.
        let _ = self.lock.unlock();
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder that only its owner can look into. One that is there stays as it is: the files say enough.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|file| file.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_file: &File) -> bool {
    false // the folder of a user is the user's own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client_id: &str) -> LoginKey {
        LoginKey {
            look_up: "http://127.0.0.1:4010".to_owned(),
            account: "10000001".to_owned(),
            client_id: client_id.to_owned(),
        }
    }

    #[test]
    fn a_sign_in_is_kept_replaced_and_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/logins");
        let kept = KeptLogin::below(&folder, key("app"), jiff::Timestamp::now);
        assert!(kept.path().ends_with("127.0.0.1_4010-10000001.json"));
        assert!(!kept.exists().unwrap());
        kept.keep(&Secret::new("first")).unwrap();
        assert!(kept.exists().unwrap());
        let mut taken = kept.take().unwrap().unwrap();
        assert_eq!(taken.token().expose(), "first");
        assert!(kept.take().unwrap().is_none(), "one run at a time");
        taken.replace(&Secret::new("second")).unwrap();
        drop(taken);
        let taken = kept.take().unwrap().unwrap();
        assert_eq!(taken.token().expose(), "second");
        drop(taken);
        let other = KeptLogin::below(&folder, key("another"), jiff::Timestamp::now);
        assert!(other.exists().is_err(), "of another application");
        assert!(kept.forget().unwrap());
        assert!(!kept.forget().unwrap());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        assert!(!format!("{kept:?}").contains("second"));
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("campaignctl/logins");
        let kept = KeptLogin::below(&folder, key("app"), jiff::Timestamp::now);
        kept.keep(&Secret::new("hush")).unwrap();
        drop(kept.take().unwrap());
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(folder.parent().unwrap()), 0o700);
        assert_eq!(mode(kept.path()), 0o600);
        assert_eq!(mode(&kept.lock_path()), 0o600);
        let open = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(kept.path(), open).unwrap();
        let error = kept.exists().unwrap_err();
        assert!(error.message.contains("chmod 600"), "{}", error.message);
    }

    #[test]
    fn what_is_damaged_is_not_quoted() {
        let home = tempfile::tempdir().unwrap();
        let kept = KeptLogin::below(home.path(), key("app"), jiff::Timestamp::now);
        kept.keep(&Secret::new("hush-hush")).unwrap();
        let text = std::fs::read_to_string(kept.path()).unwrap();
        std::fs::write(kept.path(), text.replace("\"format\"", "format")).unwrap();
        let error = kept.exists().unwrap_err();
        assert!(error.message.contains("damaged"), "{}", error.message);
        assert!(!error.message.contains("hush"), "{}", error.message);
    }
}
