//! The flags that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::format::Format;
use super::ui::ColorChoice;
use crate::report::markdown::BUDGET;
use crate::resolve::is_variable_name;
use crate::run::Options;

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
    /// How many requests and steps run in parallel. More than the rate needs does no harm.
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
        value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_QUIET"
    )]
    pub(super) quiet: bool,
    /// Print more to stderr: writes, waits and request counts with `-v`, every request with `-vv`.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_env_values = true, env = "CAMPAIGNCTL_VERBOSE")]
    pub(super) verbose: u8,
}

impl Global {
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
