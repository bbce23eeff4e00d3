//! The flags that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::format::Format;
use super::ui::ColorChoice;
use crate::api::HostPattern;
use crate::report::markdown::BUDGET;
use crate::resolve::is_variable_name;
use crate::run::trust::{Allowed, LedgerPattern, VariablePattern};
use crate::run::{Options, Trust};

/// Flags that every command takes, on either side of its name.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// The environment, as named in `campaignctl.yaml`. [default: `defaultEnvironment` there, sandbox without it; that
    /// of a saved plan]
    #[arg(
        short,
        long,
        global = true,
        value_name = "NAME",
        add = super::completing::environment_names(),
        hide_env_values = true,
        env = "CAMPAIGNCTL_ENVIRONMENT"
    )]
    pub(super) environment: Option<String>,
    /// A folder of the project. [default: that of the first path, or the current one]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_env_values = true,
        env = "CAMPAIGNCTL_PROJECT"
    )]
    pub(super) project: Option<PathBuf>,
    /// Set a variable, `${var.NAME}`, for this run; overrides `campaignctl.yaml`. Can be repeated.
    #[arg(long = "var", global = true, value_name = "NAME=VALUE", value_parser = variable, hide_env_values = true, env = "CAMPAIGNCTL_VAR")]
    pub(super) variables: Vec<(String, String)>,
    /// How data is written to stdout.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_env_values = true,
        env = "CAMPAIGNCTL_FORMAT"
    )]
    pub(super) format: Format,
    /// The maximum number of characters of Markdown output: what does not fit is left out, except deletes.
    #[arg(long, global = true, value_name = "CHARACTERS", default_value_t = BUDGET, hide_env_values = true, env = "CAMPAIGNCTL_MARKDOWN_BUDGET")]
    pub(super) markdown_budget: usize,
    /// How many requests and steps run in parallel.
    #[arg(long, global = true, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=64), hide_env_values = true, env = "CAMPAIGNCTL_PARALLELISM")]
    pub(super) parallelism: u16,
    /// How long a run waits in total for an account that is throttled or failing: `90s`, `10m`, `1h`. [default:
    /// 10m, or `retryBudget` of the environment]
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        value_parser = time,
        hide_env_values = true,
        env = "CAMPAIGNCTL_RETRY_BUDGET"
    )]
    pub(super) retry_budget: Option<Duration>,
    /// Do not trust the project with this computer: for pull requests. Credentials only from variables that are allowed
    /// and from files inside of the project, requests only to the vendor's hosts, no webhooks of the project, nothing
    /// read or written outside of it.
    #[arg(
        long,
        global = true,
        hide_env_values = true,
        env = "CAMPAIGNCTL_RESTRICTED"
    )]
    pub(super) restricted: bool,

    /// With `--restricted`: a variable that the project may name for credentials, or the start of several, `LP_*`. Can be
    /// repeated; in the variable, separate them with spaces. [default: `LP_*`, `CLEVERTAP_*`, `LEDGER_USER` and `LEDGER_PASSWORD`]
    #[arg(
        long = "allow-variable",
        global = true,
        value_name = "NAME",
        value_delimiter = ' ',
        hide_env_values = true,
        env = "CAMPAIGNCTL_ALLOW_VARIABLE"
    )]
    pub(super) allowed_variables: Vec<VariablePattern>,

    /// With `--restricted`: a host that requests may be sent to besides the vendor's, `lp.example.com` or `*.example.com`.
    /// Can be repeated; in the variable, separate them with spaces.
    #[arg(
        long = "allow-host",
        global = true,
        value_name = "HOST",
        value_delimiter = ' ',
        hide_env_values = true,
        env = "CAMPAIGNCTL_ALLOW_HOST"
    )]
    pub(super) allowed_hosts: Vec<HostPattern>,

    /// With `--restricted`: where a remote ledger may be, its address or a folder above it, `s3://bucket/campaigns`. Can
    /// be repeated; in the variable, separate them with spaces.
    #[arg(
        long = "allow-ledger",
        global = true,
        value_name = "ADDRESS",
        value_delimiter = ' ',
        hide_env_values = true,
        env = "CAMPAIGNCTL_ALLOW_LEDGER"
    )]
    pub(super) allowed_ledgers: Vec<LedgerPattern>,

    /// When to colour. `NO_COLOR` is honoured.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_env_values = true,
        env = "CAMPAIGNCTL_COLOR"
    )]
    pub(super) color: ColorChoice,
    /// Write nothing to stderr but errors.
    #[arg(
        short,
        long,
        global = true,
        hide_env_values = true,
        env = "CAMPAIGNCTL_QUIET"
    )]
    pub(super) quiet: bool,
    /// Print more to stderr: writes, waits and request counts with `-v`, every request with `-vv`.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_env_values = true, env = "CAMPAIGNCTL_VERBOSE")]
    pub(super) verbose: u8,
}

impl Global {
    /// How far the project is trusted. Names of variables take the place of the usual ones.
    pub(super) fn trust(&self) -> Trust {
        if !self.restricted {
            return Trust::Full;
        }
        let usual = Allowed::default();
        let variables = self.allowed_variables.clone();
        Trust::Restricted(Allowed {
            variables: if variables.is_empty() {
                usual.variables
            } else {
                variables
            },
            hosts: self.allowed_hosts.clone(),
            ledgers: self.allowed_ledgers.clone(),
        })
    }

    /// What a run is asked for by these flags; the last value of a variable counts.
    pub(super) fn options(&self) -> Options {
        Options {
            environment: self.environment.clone(),
            project: self.project.clone(),
            variables: self.variables.iter().cloned().collect(),
            parallelism: usize::from(self.parallelism),
            retry_budget: self.retry_budget,
            ..Options::default()
        }
    }
}

pub(super) fn time(text: &str) -> Result<Duration, String> {
    crate::project::parse_time(text)
        .ok_or_else(|| "it is not a time such as `90s`, `10m` or `1h`".to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| "it is not of the form NAME=VALUE".to_owned())?;
    if !is_variable_name(name) {
        return Err(format!(
            "`{name}` is not a name: letters, digits, `-` and `_`, a letter first"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}
