//! The computer that a run is on, as values: current folder, environment variables, standard input, clock, process,
//! program, and how far the project is trusted with it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::trust::Trust;

/// What a run knows about the computer that it is on.
pub struct Machine {
    /// The folder that relative paths start from.
    here: PathBuf,
    /// The environment variables that are text.
    variables: BTreeMap<String, String>,
    clock: fn() -> Timestamp,
    /// The number of the process.
    process: u32,
    /// The file of the program.
    program: Option<PathBuf>,
    stdin: Mutex<Box<dyn Read + Send>>,
    /// What the project may do with all of it.
    trust: Trust,
}

impl fmt::Debug for Machine {
    /// Without the variables: some of them are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("here", &self.here)
            .finish_non_exhaustive()
    }
}

impl Machine {
    /// A computer with this current folder and clock, no variables and nothing on standard input.
    #[must_use]
    pub fn new(here: PathBuf, clock: fn() -> Timestamp) -> Self {
        Self {
            here,
            variables: BTreeMap::new(),
            clock,
            process: 0,
            program: None,
            stdin: Mutex::new(Box::new(std::io::empty())),
            trust: Trust::default(),
        }
    }

    /// The same with environment variables.
    #[must_use]
    pub fn with_variables(self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            variables: variables.into_iter().collect(),
            ..self
        }
    }

    /// The same as a process of this number.
    #[must_use]
    pub fn with_process(self, process: u32) -> Self {
        Self { process, ..self }
    }

    /// The same with the file of the program, where it is known.
    #[must_use]
    pub fn with_program(self, program: Option<PathBuf>) -> Self {
        Self { program, ..self }
    }

    /// The same with something on standard input.
    #[must_use]
    pub fn with_stdin(self, stdin: impl Read + Send + 'static) -> Self {
        Self {
            stdin: Mutex::new(Box::new(stdin)),
            ..self
        }
    }

    /// The same for a project that is trusted so far.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// How far the project is trusted.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The folder that relative paths start from.
    #[must_use]
    pub fn here(&self) -> &std::path::Path {
        &self.here
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// Every environment variable that is text.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> fn() -> Timestamp {
        self.clock
    }

    /// The day in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// The number of the process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process
    }

    /// The file of the program, where it is known.
    #[must_use]
    pub fn program(&self) -> Option<&std::path::Path> {
        self.program.as_deref()
    }

    /// A name for a plan or for a ledger that does not exist yet.
    #[must_use]
    pub fn unique_id(&self) -> String {
        // Unique enough: no process makes two in the same nanosecond.
        format!("{:x}-{:x}", self.now().as_nanosecond(), self.process)
    }

    /// Standard input, to be read once.
    pub fn stdin(&self) -> MutexGuard<'_, Box<dyn Read + Send>> {
        self.stdin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
