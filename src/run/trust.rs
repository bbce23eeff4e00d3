//! How far the project is trusted with the computer that the run is on.
//!
//! A project file decides which variables and files are read as credentials, which hosts they are sent to, and who is
//! notified. That is right for the project of a team, and wrong for a pull request that no one has read. A restricted
//! run lets the project decide none of it: what a project file may name is given by the caller, here and nowhere else,
//! and every function of this floor that reads a secret, opens a ledger or reaches a host asks here first.
//!
//! ```text
//! credentials   variables whose names are allowed; files inside of the project, links resolved, without `.git`
//! hosts         the domains of the vendor, and those that are allowed; the sandbox that the run starts itself
//! ledger        a file inside of the project, or a place that is allowed
//! sandbox       its store inside of the project
//! audit log     a file inside of the project, or the one that the caller gives
//! webhooks      those that the caller gives
//! results       where the caller says, unless a link in the project leads elsewhere
//! manifests     files inside of the project, and below the paths that the caller gives
//! ```
//!
//! It does not protect from what manifests themselves say: that is what the plan is reviewed for. Nor does it help
//! where the project can change the command line of the run.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use reqwest::Url;

use super::workspace::{canonical, normal};
use super::{Error, Meaning};
use crate::api::{AllowedHosts, HostPattern};
use crate::project::{LedgerPlace, PROJECT_FILE, SecretSource, is_plausible_name};
use crate::text::address::{AddressForm, shown};

/// The variables that a restricted project may name where the caller gives no names: those that `init` writes into
/// project files. They hold credentials for the platform and for the ledger, and can only be sent there. The tokens of
/// a pipeline and of clouds have other names, and so have the flags of the program: `CAMPAIGNCTL_NOTIFY` is a secret.
pub const USUAL_VARIABLES: [&str; 4] = ["LP_*", "CLEVERTAP_*", "LEDGER_USER", "LEDGER_PASSWORD"];

/// What git keeps beside the files: its configuration may hold a token.
const GIT: &str = ".git";

/// How far the project is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// As far as the person is who runs the program.
    #[default]
    Full,
    /// With what the caller allows.
    Restricted(Allowed),
}

/// What the caller lets a restricted project name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The environment variables that credentials may be read from.
    pub variables: Vec<VariablePattern>,
    /// The hosts that requests may be sent to, besides those of the vendor.
    pub hosts: Vec<HostPattern>,
    /// Where a remote ledger may be.
    pub ledgers: Vec<LedgerPattern>,
}

impl Default for Allowed {
    fn default() -> Self {
        let usual = USUAL_VARIABLES.iter();
        Self {
            variables: usual.filter_map(|text| text.parse().ok()).collect(),
            hosts: Vec::new(),
            ledgers: Vec::new(),
        }
    }
}

/// The name of an environment variable, or the start of several: `LP_PASSWORD`, `LP_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariablePattern(String);

impl VariablePattern {
    fn includes(&self, name: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == self.0,
        }
    }
}

impl fmt::Display for VariablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VariablePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let start = text.strip_suffix('*').unwrap_or(text);
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if start.is_empty() || !start.chars().all(is_name) {
            return Err(format!(
                "`{text}` is not the name of a variable, or the start of one: `LP_PASSWORD`, `LP_*`"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The address of a remote ledger, or of a folder that it is in: `s3://bucket/campaigns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPattern(Url);

impl LedgerPattern {
    fn includes(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else {
            return false;
        };
        let place = |url: &Url| {
            let host = url.host_str().map(str::to_owned);
            (url.scheme().to_owned(), host, url.port_or_known_default())
        };
        let names = |url: &Url| {
            let path = url.path().trim_matches('/');
            path.split('/').map(str::to_owned).collect::<Vec<_>>()
        };
        let folder = self.0.path().trim_matches('/').is_empty();
        place(&self.0) == place(&url)
            && url.username().is_empty()
            && url.password().is_none()
            && (folder || names(&url).starts_with(&names(&self.0)))
            && !has_hidden_steps(&url)
    }
}

/// Whether a server could read other folders in a path than a program does: `%2e%2e`, `%2f`.
fn has_hidden_steps(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    ["%2e", "%2f", "%5c", "//"]
        .iter()
        .any(|it| path.contains(it))
}

impl fmt::Display for LedgerPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for LedgerPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_remote = !matches!(LedgerPlace::of(text), Ok(LedgerPlace::File) | Err(_));
        let url = Url::parse(text)
            .ok()
            .filter(|url| is_remote && url.has_host());
        url.map(Self).ok_or_else(|| {
            "it is not the address of a remote ledger, such as `s3://bucket/campaigns`".to_owned()
        })
    }
}

impl Trust {
    fn allowed(&self) -> Option<&Allowed> {
        match self {
            Self::Full => None,
            Self::Restricted(allowed) => Some(allowed),
        }
    }

    /// Whether the project file may name a secret here. `what` is what it is for, `root` the folder of the project.
    ///
    /// # Errors
    /// A variable that is not allowed, a file outside of the project.
    pub fn secret(&self, root: &Path, what: &str, source: &SecretSource) -> Result<(), Error> {
        let Some(allowed) = self.allowed() else {
            return Ok(());
        };
        let refused = |why: &str| refused(&format!("the {what} from {source}{why}"));
        match source {
            SecretSource::Env(name) if allowed.variables.iter().any(|it| it.includes(name)) => Ok(()),
            SecretSource::Env(name) => {
                let shown = if is_plausible_name(name) { name } else { "NAME" };
                let known = listed(&allowed.variables);
                Err(refused("").help(format!(
                    "`--allow-variable {shown}` lets the project name it; allowed are {known}"
                )))
            }
            SecretSource::File(path) if is_inside(root, Path::new(path)) => Ok(()),
            SecretSource::File(_) => Err(refused(": it leads out of the project").help(
                "give the secret in an environment variable whose name is allowed, or in a file inside of the project",
            )),
        }
    }

    /// Whether a sign-in that is kept on this computer may be used.
    ///
    /// # Errors
    /// A restricted run: the caller did not name it.
    pub fn kept_sign_in(&self, name: &str) -> Result<(), Error> {
        match self {
            Self::Full => Ok(()),
            Self::Restricted(_) => Err(refused(&format!(
                "the sign-in to {name} that this computer keeps"
            ))
            .help("name a `refreshToken` below `login`, in a variable that is allowed")),
        }
    }

    /// Whether the project file may lead requests to a host. `setting` is what names it.
    ///
    /// # Errors
    /// A host that is neither the vendor's nor allowed.
    pub fn host(&self, setting: &str, address: &str) -> Result<(), Error> {
        if self.reach().admits(address) {
            return Ok(());
        }
        let shown = shown(address);
        let bare = match AddressForm::of(address) {
            AddressForm::Url | AddressForm::Host => {
                shown.split_once("://").map_or(&*shown, |(_, rest)| rest)
            }
            AddressForm::Path | AddressForm::Odd => "HOST",
        };
        let bare = bare.split(['/', '?', '#']).next().unwrap_or(bare);
        Err(refused(&format!(
            "`{setting}: {shown}`: it is not a host of the vendor"
        ))
        .help(format!(
            "remove it, or let the project name it with `--allow-host {bare}`"
        )))
    }

    /// The hosts that requests to the account may go to.
    #[must_use]
    pub fn reach(&self) -> AllowedHosts {
        match self {
            Self::Full => AllowedHosts::Anywhere,
            Self::Restricted(allowed) => AllowedHosts::vendor_and(&allowed.hosts),
        }
    }

    /// Whether the ledger may be at an address, and its lock, where another address is given for it.
    ///
    /// # Errors
    /// A place that is not allowed, a file outside of the project.
    pub fn ledger(&self, root: &Path, address: &str, lock: Option<&str>) -> Result<(), Error> {
        let Some(allowed) = self.allowed() else {
            return Ok(());
        };
        if LedgerPlace::of(address) == Ok(LedgerPlace::File) {
            return self.file(root, "the ledger", Path::new(address));
        }
        let addresses = [
            Some(("ledger", address)),
            lock.map(|it| ("ledgerLock.address", it)),
        ];
        for (setting, address) in addresses.into_iter().flatten() {
            if !allowed.ledgers.iter().any(|it| it.includes(address)) {
                let shown = shown(address);
                return Err(refused(&format!(
                    "`{setting}: {shown}`: the caller does not allow it"
                ))
                .help(format!("`--allow-ledger {shown}` lets the project name it")));
            }
        }
        Ok(())
    }

    /// Whether a file or folder of the project file may be used. `what` is what it is.
    ///
    /// # Errors
    /// One that leads out of the project, by its path or by links.
    pub fn file(&self, root: &Path, what: &str, path: &Path) -> Result<(), Error> {
        if *self == Self::Full || is_inside(root, path) {
            return Ok(());
        }
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        Err(
            refused(&format!("{what} `{shown}`: it leads out of the project"))
                .help("name a file inside of the project"),
        )
    }

    /// Whether a result that the caller names may go there. Inside of a project, and where the run is, the files come
    /// with the project: a link among them would lead it elsewhere.
    ///
    /// # Errors
    /// A path there that leads out.
    pub fn result(&self, here: &Path, path: &Path) -> Result<(), Error> {
        let here = canonical(here);
        let named = normal(&here.join(path));
        let around = named.ancestors().skip(1).filter(|folder| {
            *folder == here || folder.join(PROJECT_FILE).symlink_metadata().is_ok()
        });
        match around.last() {
            Some(root) if *self != Self::Full && !is_inside(root, &here.join(path)) => {
                let shown = path.display();
                let why = format!("a result at `{shown}`: it leads out of the project");
                Err(refused(&why).help("name a place that no link leads to"))
            }
            _ => Ok(()),
        }
    }

    /// Why the webhooks of the project file are not notified, `None` where they are.
    #[must_use]
    pub fn refuses_webhooks(&self) -> Option<String> {
        self.allowed().map(|_| {
            "`--restricted` refuses the webhooks of the project; `--notify` gives others".to_owned()
        })
    }

    /// The folders that manifests may lie in, links resolved: the project, and what the caller names. None where they
    /// may lie anywhere. A path inside of the project is the project's, whoever names it: it may be a link.
    #[must_use]
    pub fn folders(&self, root: &Path, here: &Path, given: &[PathBuf]) -> Vec<PathBuf> {
        if *self == Self::Full {
            return Vec::new();
        }
        let root = canonical(root);
        let given = given.iter().map(|path| normal(&here.join(path)));
        let given = given.filter(|path| !path.starts_with(&root));
        let given: Vec<PathBuf> = given.map(|path| canonical(&path)).collect();
        std::iter::once(root).chain(given).collect()
    }
}

fn refused(what: &str) -> Error {
    Error::new(Meaning::Denied, format!("`--restricted` refuses {what}"))
}

fn listed(patterns: &[VariablePattern]) -> String {
    let texts: Vec<_> = patterns.iter().map(|it| format!("`{it}`")).collect();
    texts.join(", ")
}

/// Whether a path, relative to a folder, leads to a place inside of it that is none of git's, whatever links lie on
/// the way. What does not exist lies where the last folder on the way leads to.
fn is_inside(root: &Path, path: &Path) -> bool {
    let root = canonical(root);
    let mut known = root.join(path);
    let mut rest = Vec::new();
    let real = loop {
        match std::fs::canonicalize(&known) {
            Ok(real) => break real,
            // A link that leads nowhere would be followed once something is there.
            Err(_) if known.symlink_metadata().is_ok_and(|it| it.is_symlink()) => return false,
            Err(_) => {}
        }
        // `..` behind a folder that does not exist has no name.
        let Some(name) = known.file_name().map(std::ffi::OsStr::to_owned) else {
            return false;
        };
        rest.push(name);
        if !known.pop() {
            return false;
        }
    };
    let real = rest.iter().rev().fold(real, |path, name| path.join(name));
    real.strip_prefix(&root).is_ok_and(|below| {
        let mut names = below.components();
        names.all(|it| matches!(it, Component::Normal(name) if !name.eq_ignore_ascii_case(GIT)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restricted() -> Trust {
        Trust::Restricted(Allowed {
            ledgers: ["s3://bucket/campaigns", "https://git.example/state/"]
                .map(|it| it.parse().unwrap())
                .into(),
            ..Allowed::default()
        })
    }

    #[test]
    fn variables_are_those_that_the_caller_names() {
        for (name, is_allowed) in [
            ("LP_PASSWORD", true),
            ("LP_", true),
            ("LEDGER_USER", true),
            ("LEDGER_USER_2", false),
            ("GITHUB_TOKEN", false),
            ("CAMPAIGNCTL_NOTIFY", false),
            ("AWS_SECRET_ACCESS_KEY", false),
            ("HELP_LP_X", false),
        ] {
            let source = SecretSource::Env(name.to_owned());
            let checked = restricted().secret(Path::new("."), "password", &source);
            assert_eq!(checked.is_ok(), is_allowed, "{name}");
            Trust::Full
                .secret(Path::new("."), "password", &source)
                .unwrap();
        }
        for text in ["", "*", "A-B", "A*B", "A B"] {
            assert!(text.parse::<VariablePattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn ledgers_are_below_the_places_that_the_caller_names() {
        for (address, is_allowed) in [
            ("s3://bucket/campaigns/a.json", true),
            ("s3://bucket/campaigns", true),
            ("s3://bucket/campaigns-2/a.json", false),
            ("s3://bucket/a.json", false),
            ("s3://bucket/campaigns/../a.json", false),
            ("s3://bucket/campaigns/%2e%2e/a.json", false),
            ("s3://other/campaigns/a.json", false),
            ("gs://bucket/campaigns/a.json", false),
            ("https://git.example/state/production", true),
            ("https://git.example/other/production", false),
            ("https://git.example:8443/state/production", false),
            ("https://git.example/state/x%2f..%2f..%2fother", false),
            ("https://ann@git.example/state/production", false),
            ("http://git.example/state/production", false),
        ] {
            let checked = restricted().ledger(Path::new("."), address, None);
            assert_eq!(checked.is_ok(), is_allowed, "{address}");
        }
        let (good, bad) = ("https://git.example/state/a", "https://evil.example/lock");
        assert!(
            restricted()
                .ledger(Path::new("."), good, Some(bad))
                .is_err()
        );
        for text in ["a.json", "", "s3:bucket", "ftp://a/b"] {
            assert!(text.parse::<LedgerPattern>().is_err(), "{text}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_where_its_links_lead() {
        use std::os::unix::fs::symlink;
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("project");
        for folder in ["a", ".git"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["project/a/in", "project/.git/config", "out"] {
            std::fs::write(around.path().join(file), "x").unwrap();
        }
        symlink("../out", root.join("link")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink("a/in", root.join("here")).unwrap();
        symlink("../nothing", root.join("broken")).unwrap();
        symlink(".git/config", root.join("config")).unwrap();
        for (path, is_known) in [
            ("a/in", true),
            ("here", true),
            ("a/../a/in", true),
            ("new/file", true),
            ("up/project/a/in", true),
            ("../out", false),
            ("link", false),
            ("up/out", false),
            ("up/new", false),
            ("broken", false),
            ("broken/x", false),
            ("new/../../out", false),
            (".git/config", false),
            (".GIT/config", false),
            ("config", false),
            ("/etc/passwd", false),
            ("/proc/self/environ", false),
        ] {
            assert_eq!(is_inside(&root, Path::new(path)), is_known, "{path}");
        }
    }

    #[test]
    fn a_given_path_inside_of_the_project_allows_nothing_more() {
        let around = tempfile::tempdir().unwrap();
        let around = canonical(around.path());
        let root = around.join("project");
        std::fs::create_dir_all(&root).unwrap();
        let given = ["project/a", "beside", "-"].map(PathBuf::from);
        let folders = restricted().folders(&root, &around, &given);
        assert_eq!(
            folders,
            [root.clone(), around.join("beside"), around.join("-")]
        );
        assert!(Trust::Full.folders(&root, &around, &given).is_empty());
    }
}
