//! The engine: everything that a run is, without the command line.
//!
//! A [`Run`] knows what was asked for ([`Options`]), the computer that it is on ([`Machine`]) and where to report
//! ([`News`]). Everything that differs between a terminal, a language server, a test and a program that runs for weeks
//! comes in through these three as values: nothing here reads the environment, asks for the current folder, writes to a
//! terminal or ends the process. Paths of a project start from the folder of the machine; a file that a caller names for
//! what a run makes is taken as it is named. [`Error`] says what an error means; exit codes are the business of the command line.
//!
//! ```text
//! Workspace::find    the project file, the paths           -> Workspace
//! manifests          documents, environments, diagnostics  -> Manifests
//! Account::connect   credentials, ledger, client           -> Account
//! Planning           reads, compares, freezes              -> Plan
//! Judging, Execution guards again, writes, records         -> Outcome
//! ```
//!
//! [`rollout`] does the last two for many environments, in waves and shards.

pub mod access;
pub mod account;
pub mod applying;
pub mod auditing;
mod below;
mod broken_tests;
pub mod capture;
pub mod changed;
pub mod ci;
mod clevertap;
pub mod codes;
pub mod completing;
pub mod console;
pub mod contents;
pub mod credentials;
pub mod editing;
pub mod editor_files;
pub mod editor_schemas;
pub mod environments;
pub mod error;
pub mod examining;
pub mod execute;
pub mod explaining;
pub mod exporting;
mod faulty;
pub mod formatting;
pub mod generated;
pub mod git;
mod going_on;
pub mod identity;
pub mod ids;
pub mod initializing;
pub mod judging;
pub mod kept;
pub mod launching;
pub mod ledgers;
pub mod logins;
pub mod looking;
pub mod machine;
pub mod manifests;
pub mod mending;
mod moved;
pub mod news;
pub mod notifying;
pub mod outputs;
mod outside;
pub mod planning;
mod project_schema;
pub mod proving;
pub mod pulling;
pub mod recorded;
pub mod reporting;
pub mod repository_paths;
pub mod rollout;
mod same_file;
pub mod sandbox_page;
pub mod sandboxes;
pub mod saved;
pub mod scenarios;
pub mod signing_in;
pub mod stop;
pub mod subset;
mod taking_back;
pub mod trust;
pub mod user_folder;
pub mod users;
pub mod visiting;
pub mod workspace;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use error::{Error, Meaning};
pub use machine::Machine;
pub use news::{Counting, News, Silent, Steps};
pub use outputs::Outputs;
pub use stop::{StopRequests, Stops};
pub use subset::Subset;
pub use trust::Trust;
pub use workspace::Workspace;

use crate::diag::{Diags, Texts};
use crate::project::{GivenVariables, SANDBOX};

/// What a run was asked for, whatever it does.
#[derive(Clone, Debug)]
pub struct Options {
    /// The environment; `None` for the default of the project.
    pub environment: Option<String>,
    /// A folder of the project; `None` for the one around the first path, or around the current folder.
    pub project: Option<PathBuf>,
    /// Values for `${var.NAME}`, whatever the project file says.
    pub variables: GivenVariables,
    /// How many requests and steps run side by side.
    pub parallelism: usize,
    /// How long to wait in all for an account that is throttled or failing; `None` for the environment's own.
    pub retry_budget: Option<Duration>,
    /// Whether what an earlier run read may be used where the account says that it has not changed.
    pub uses_cache: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: None,
            project: None,
            variables: GivenVariables::default(),
            parallelism: 16,
            retry_budget: None,
            uses_cache: true,
        }
    }
}

/// A run: what was asked for, on which computer, and where to report.
#[derive(Clone, Debug)]
pub struct Run {
    options: Options,
    machine: Arc<Machine>,
    news: Arc<dyn News>,
    /// Whether the environment is one of several that the run is about.
    is_one_of_several: bool,
    /// What the project file says where no environment is given; known once the file is read.
    default_environment: OnceLock<String>,
    /// The files that flags named for what the run makes.
    outputs: Outputs,
}

impl Run {
    /// A run about one environment.
    #[must_use]
    pub fn new(options: Options, machine: Arc<Machine>, news: Arc<dyn News>) -> Self {
        Self {
            outputs: Outputs::of(&machine),
            options,
            machine,
            news,
            is_one_of_several: false,
            default_environment: OnceLock::new(),
        }
    }

    /// The same for one environment of several; what it tells names that environment.
    #[must_use]
    pub fn about(&self, environment: &str) -> Self {
        Self {
            options: Options {
                environment: Some(environment.to_owned()),
                ..self.options.clone()
            },
            news: self.news.about(environment),
            is_one_of_several: true,
            ..self.clone()
        }
    }

    /// The same for an environment, whichever was given.
    #[must_use]
    pub fn with_environment(&self, environment: &str) -> Self {
        let mut run = self.clone();
        run.options.environment = Some(environment.to_owned());
        run
    }

    /// The same in the project of a folder, for an environment where one is named.
    #[must_use]
    pub fn in_project(&self, environment: Option<&str>, folder: &Path) -> Self {
        let mut run = match environment {
            Some(environment) => self.with_environment(environment),
            None => self.clone(),
        };
        run.options.project = Some(folder.to_path_buf());
        run
    }

    /// The same with no project given by name.
    #[must_use]
    pub fn without_project(&self) -> Self {
        let mut run = self.clone();
        run.options.project = None;
        run
    }

    /// The same with an environment where none is given.
    #[must_use]
    pub fn or_environment(&self, environment: &str) -> Self {
        let mut run = self.clone();
        let given = &mut run.options.environment;
        given.get_or_insert_with(|| environment.to_owned());
        run
    }

    /// The same, reporting nothing.
    #[must_use]
    pub fn silent(&self) -> Self {
        Self {
            news: Arc::new(Silent),
            ..self.clone()
        }
    }

    /// The same, reading everything from the account.
    #[must_use]
    pub fn without_cache(&self) -> Self {
        let mut run = self.clone();
        run.options.uses_cache = false;
        run
    }

    /// Whether what an earlier run read may be used. Of a project that is not trusted, it is not known who wrote that file: one that came
    /// with a pull request could hide what that changes.
    #[must_use]
    pub fn uses_cache(&self) -> bool {
        self.options.uses_cache && matches!(self.machine.trust(), Trust::Full)
    }

    /// The environment of the run.
    #[must_use]
    pub fn environment(&self) -> &str {
        let of_project = || self.default_environment.get().map(String::as_str);
        let given = self.given_environment();
        given.or_else(of_project).unwrap_or(SANDBOX)
    }

    /// The environment that was asked for by name.
    #[must_use]
    pub fn given_environment(&self) -> Option<&str> {
        self.options.environment.as_deref()
    }

    /// Says which environment the project names as its default. The first one counts.
    fn defaults_to(&self, environment: &str) {
        let _ = self.default_environment.set(environment.to_owned()); // read before: it says the same
    }

    /// Whether the environment is one of several that the run is about.
    #[must_use]
    pub fn is_one_of_several(&self) -> bool {
        self.is_one_of_several
    }

    /// The folder of the project that was asked for by name.
    #[must_use]
    pub fn given_project(&self) -> Option<&Path> {
        self.options.project.as_deref()
    }

    /// The variables that the run gives.
    #[must_use]
    pub fn given(&self) -> &GivenVariables {
        &self.options.variables
    }

    /// How many requests and steps run side by side.
    #[must_use]
    pub fn parallelism(&self) -> usize {
        self.options.parallelism
    }

    /// How long the run waits in all for an account, where it says so.
    #[must_use]
    pub fn retry_budget(&self) -> Option<Duration> {
        self.options.retry_budget
    }

    /// The files that flags named for what the run makes.
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// The computer that the run is on.
    #[must_use]
    pub fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }

    /// Where the run reports what happens.
    #[must_use]
    pub fn news(&self) -> &Arc<dyn News> {
        &self.news
    }

    /// Tells something that is not data.
    pub fn note(&self, text: &str) {
        self.news.note(text);
    }

    /// Tells something that only those want to know who ask for details.
    pub fn detail(&self, text: &str) {
        self.news.detail(text);
    }

    /// Shows complaints about files.
    pub fn complain(&self, diags: &Diags, texts: &Texts) {
        if !diags.is_empty() {
            self.news.complain(diags, texts);
        }
    }
}

/// Gives memory back without making anybody wait: taking apart a million small pieces takes a tenth of a run, and a
/// process that ends needs none of it. One that goes on gets all of it back.
pub fn give_back<T: Send + 'static>(value: T) {
    let _ = std::thread::Builder::new().spawn(move || drop(value)); // without a thread, it was dropped here
}
