//! F5: the command line. One file per command, each a thin wrapper around the passes.

mod account;
mod apply;
mod auditing;
mod changed;
mod ci;
mod codes;
mod complaints;
mod completion;
mod doctor;
mod drift;
mod editor_files;
mod environments;
mod error;
mod execute;
mod exit;
mod explain;
mod export;
mod fmt;
mod generated;
mod git;
mod graph;
mod init;
mod json_into;
mod ledger;
mod ledgers;
mod lsp;
mod man;
mod manifests;
mod notifying;
mod plan;
mod planning;
mod progress;
mod project_schema;
mod resolve;
mod sandbox;
mod sandbox_page;
mod saved;
mod schema;
mod selecting;
mod show;
mod status;
mod ui;
mod validate;
mod version;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use error::CliError;
use selecting::SelectionArgs;
use ui::{ColorChoice, Ui};

use crate::project::Given;
use crate::report::failure::{render_failure_json, render_failure_markdown};
use crate::report::html::render_failure_html;
use crate::report::markdown::BUDGET;
use crate::resolve::is_variable_name;

/// Configuration as code for LivePerson Conversational Cloud.
///
/// Keep campaigns, engagements, their libraries and In-App handoffs as YAML in git: `plan` shows what
/// differs from the live account, `apply` makes the account match. Without a project file everything
/// runs against the built-in sandbox, an emulator of the platform's APIs.
#[derive(Debug, Parser)]
#[command(name = "campaignctl", version, max_term_width = 100, after_help = TOP_HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    selecting: SelectionArgs,
    #[command(subcommand)]
    command: Command,
}

const TOP_HELP: &str = "\
Examples:
  campaignctl init                                begin a project
  campaignctl validate examples/retail            check manifests, offline
  campaignctl plan examples/retail                what would change
  campaignctl apply examples/retail               change it, after a question
  campaignctl export --out account                an account as manifests
  campaignctl fmt                                 manifests in canonical form
  campaignctl graph -o graph.svg                  which object refers to which
  campaignctl explain Campaign.schedule           what a field means

Exit codes: 0 done, 1 error, 2 changes present, 3 invalid input, 4 not permitted, 5 throttled,
6 blocked, 7 plan stale, 8 partly applied, 130 interrupted.";

/// Flags that every command takes, on either side of its name.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The environment, as named in `campaignctl.yaml`. [default: sandbox, or that of a saved plan]
    #[arg(
        short,
        long,
        global = true,
        value_name = "NAME",
        hide_env_values = true,
        env = "CAMPAIGNCTL_ENVIRONMENT"
    )]
    environment: Option<String>,
    /// A folder of the project. [default: that of the first path, or the current one]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_env_values = true,
        env = "CAMPAIGNCTL_PROJECT"
    )]
    project: Option<PathBuf>,
    /// What `${var.NAME}` stands for in this run, whatever `campaignctl.yaml` says. May be repeated.
    #[arg(long = "var", global = true, value_name = "NAME=VALUE", value_parser = variable, hide_env_values = true, env = "CAMPAIGNCTL_VAR")]
    variables: Vec<(String, String)>,
    /// How data is written to stdout.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_env_values = true,
        env = "CAMPAIGNCTL_FORMAT"
    )]
    format: Format,
    /// How many characters Markdown may have: what does not fit is left out, deletes never.
    #[arg(long, global = true, value_name = "CHARACTERS", default_value_t = BUDGET, hide_env_values = true, env = "CAMPAIGNCTL_MARKDOWN_BUDGET")]
    markdown_budget: usize,
    /// How many requests and steps run side by side. More of them than the rate needs do no harm.
    #[arg(long, global = true, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=64), hide_env_values = true, env = "CAMPAIGNCTL_PARALLELISM")]
    parallelism: u16,
    /// How long a run waits in all for an account that is throttled or failing: `90s`, `10m`, `1h`. [default:
    /// 10m, or `retryBudget` of the environment]
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        value_parser = time,
        hide_env_values = true,
        env = "CAMPAIGNCTL_RETRY_BUDGET"
    )]
    retry_budget: Option<Duration>,
    /// When to colour. `NO_COLOR` is honoured.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_env_values = true,
        env = "CAMPAIGNCTL_COLOR"
    )]
    color: ColorChoice,
    /// Write nothing to stderr but errors.
    #[arg(
        short,
        long,
        global = true,
        hide_env_values = true,
        value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_QUIET"
    )]
    quiet: bool,
    /// Tell more on stderr: writes, waits and counts of requests with `-v`, every request with `-vv`.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, hide_env_values = true, env = "CAMPAIGNCTL_VERBOSE")]
    verbose: u8,
    /// Whether the environment is one of several that the run is about.
    #[arg(skip)]
    is_one_of_several: bool,
}

impl Global {
    /// The environment of the run.
    fn environment(&self) -> &str {
        self.environment
            .as_deref()
            .unwrap_or(crate::project::SANDBOX)
    }

    /// The variables that the run gives; the last one of a name counts.
    fn given(&self) -> Given {
        self.variables.iter().cloned().collect()
    }
}

fn time(text: &str) -> Result<Duration, String> {
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

/// The form of data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a pull request: plans only.
    Markdown,
    /// GitLab's report of a merge request: plans only.
    Gitlab,
    /// Annotations of a GitHub workflow: `validate` only.
    Github,
    /// SARIF 2.1.0, for code scanning: `validate` only.
    Sarif,
    /// A `JUnit` report, a test case per file: `validate` only.
    Junit,
    /// GitLab's code quality report: `validate` only.
    CodeQuality,
    /// A page for a browser, in one file: plans only.
    Html,
    /// A graph for Graphviz, what `text` means there: `graph` only.
    Dot,
    /// A graph for Markdown: `graph` only.
    Mermaid,
    /// A graph as a picture: `graph` only.
    Svg,
    /// Comma-separated values: `status` only.
    Csv,
}

impl Format {
    /// Ends the run when the command has no such form.
    ///
    /// # Errors
    /// A form that only other commands have.
    fn fits(self, command: &Command) -> Result<(), CliError> {
        match (self, command) {
            (Self::Text | Self::Json, _)
            | (Self::Csv, Command::Status(_))
            | (Self::Markdown | Self::Gitlab | Self::Html, Command::Plan(_) | Command::Show(_))
            | (Self::Dot | Self::Mermaid | Self::Svg, Command::Graph(_)) => Ok(()),
            (it, Command::Validate(_)) if it.is_of_complaints() => Ok(()),
            _ => Err(self.misplaced()),
        }
    }

    /// Whether it lists complaints about files.
    fn is_of_complaints(self) -> bool {
        matches!(
            self,
            Self::Github | Self::Sarif | Self::Junit | Self::CodeQuality
        )
    }

    /// The refusal of a command that has no such form.
    fn misplaced(self) -> CliError {
        if self == Self::Csv {
            CliError::invalid("only `status` has this format")
                .help("use `--format text` or `--format json`")
        } else if matches!(self, Self::Dot | Self::Mermaid | Self::Svg) {
            CliError::invalid("only `graph` has this format")
                .help("use `--format text` or `--format json`, or `graph`")
        } else if self.is_of_complaints() {
            CliError::invalid("only `validate` has this format")
                .help("use another `--format`, or run `validate` beside it")
        } else {
            CliError::invalid("only plans have this format")
                .help("use `--format text` or `--format json`, or `plan` and `show`")
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Resolve(resolve::ResolveArgs),
    Fmt(fmt::FmtArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Show(show::ShowArgs),
    Drift(drift::DriftArgs),
    Status(status::StatusArgs),
    Export(export::ExportArgs),
    Graph(graph::GraphArgs),
    Schema(schema::SchemaArgs),
    Explain(explain::ExplainArgs),
    Ledger(ledger::LedgerArgs),
    Doctor(doctor::DoctorArgs),
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
    Lsp(lsp::LspArgs),
    Completion(completion::CompletionArgs),
    #[command(hide = true)]
    Man(man::ManArgs),
    Version(version::VersionArgs),
}

/// The command line, with the flags that select objects at the command, on whichever side of it they were given.
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    match cli.command.selecting() {
        Some(behind) => *behind = std::mem::take(behind).with(&cli.selecting),
        None if selecting::IDS.iter().any(given) => {
            let why = "only `plan`, `apply`, `drift` and `graph` are about a part of the manifests";
            return Err(Cli::command().error(clap::error::ErrorKind::ArgumentConflict, why));
        }
        None => {}
    }
    Ok(cli)
}

impl Command {
    /// The file that the data goes to as JSON, whatever comes of the run.
    fn json_into(&self) -> Option<PathBuf> {
        match self {
            Self::Plan(args) => args.json_into.file.clone(),
            Self::Apply(args) => args.json_into.file.clone(),
            Self::Drift(args) => args.json_into.file.clone(),
            Self::Status(args) => args.json_into.file.clone(),
            _ => None,
        }
    }

    /// The flags that select objects, of the commands that have them.
    fn selecting(&mut self) -> Option<&mut SelectionArgs> {
        match self {
            Self::Plan(args) => Some(&mut args.selecting),
            Self::Apply(args) => Some(&mut args.selecting),
            Self::Drift(args) => Some(&mut args.selecting),
            Self::Graph(args) => Some(&mut args.selecting),
            _ => None,
        }
    }
}

/// Runs a command line and returns its exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match parse(arguments.iter().cloned()) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error, &arguments),
    };
    let global = &cli.global;
    let ui = Ui::new(global.color, global.quiet, global.verbose)
        .with_markdown_budget(global.markdown_budget)
        .with_json_into(cli.command.json_into());
    start_log(&ui, global.verbose);
    match run(&ui, global, cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            if !error.message.is_empty() {
                failed(&ui, global, &error);
            }
            ExitCode::from(error.exit)
        }
    }
}

/// Tells why a run failed: people on stderr, and programs where they look for data.
fn failed(ui: &Ui, global: &Global, error: &CliError) {
    let failure = error.failure();
    if !ui.has_written() {
        let data = match global.format {
            Format::Text | Format::Csv | Format::Dot | Format::Mermaid | Format::Svg => None,
            // A report without the counts is no report; with counts of nothing it would be a lie.
            Format::Json | Format::Gitlab => Some(render_failure_json(&failure)),
            Format::Markdown => Some(render_failure_markdown(&failure, global.environment())),
            Format::Html => Some(render_failure_html(&failure, global.environment())),
            format => Some(complaints::rendered_failure(ui, format, error)),
        };
        let _ = data.map(|data| ui.data(&data)); // the exit code says it all to whoever reads no more
    }
    ui.error(error);
    if let Err(error) = ui.document(&render_failure_json(&failure)) {
        ui.error(&error);
    }
}

/// A command line that cannot be read. Whether it asks for JSON has to be guessed.
fn not_parsed(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print(); // a closed pipe is no reason to fail
        return ExitCode::from(exit::DONE);
    }
    let texts: Vec<_> = arguments.iter().map(|it| it.to_string_lossy()).collect();
    let asks = texts.iter().any(|text| text == "--format=json")
        || texts.windows(2).any(|pair| pair == ["--format", "json"])
        || environment_variable("CAMPAIGNCTL_FORMAT").is_some_and(|format| format == "json");
    if asks {
        let message = error.render().to_string();
        let failure = CliError::invalid(message.trim_end()).failure();
        let ui = Ui::new(ColorChoice::Never, false, 0);
        let _ = ui.data(&render_failure_json(&failure)); // a closed pipe is no reason to fail
    }
    let _ = error.print();
    ExitCode::from(exit::INVALID)
}

fn run(ui: &Ui, global: &Global, command: Command) -> Result<u8, CliError> {
    global.format.fits(&command)?;
    match command {
        Command::Init(args) => init::run(ui, global, &args),
        Command::Validate(args) => validate::run(ui, global, &args),
        Command::Resolve(args) => resolve::run(ui, global, &args),
        Command::Fmt(args) => fmt::run(ui, global, &args),
        Command::Plan(args) => plan::run(ui, global, &args),
        Command::Apply(args) => apply::run(ui, global, &args),
        Command::Show(args) => show::run(ui, global, &args),
        Command::Drift(args) => drift::run(ui, global, &args),
        Command::Status(args) => status::run(ui, global, &args),
        Command::Export(args) => export::run(ui, global, &args),
        Command::Graph(args) => graph::run(ui, global, &args),
        Command::Schema(args) => schema::run(ui, &args),
        Command::Explain(args) => explain::run(ui, &args),
        Command::Ledger(args) => ledger::run(ui, global, &args),
        Command::Doctor(args) => doctor::run(ui, global, &args),
        Command::Sandbox(command) => sandbox::run(ui, global, &command),
        Command::Lsp(args) => Ok(lsp::run(&args)),
        Command::Completion(args) => completion::run(ui, &args),
        Command::Man(args) => man::run(&args),
        Command::Version(args) => version::run(ui, global, &args),
    }
}

/// The help of every command, for the generated reference.
#[must_use]
pub fn help_texts() -> Vec<(String, String)> {
    let mut top = without_values(Cli::command().term_width(100));
    top.build();
    let mut texts = Vec::new();
    collect_help(&mut top, "campaignctl", &mut texts);
    texts
}

/// Help that does not tell what stands in the environment of whoever asks for it.
fn without_values(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| arg.hide_env_values(true))
        .mut_subcommands(without_values)
}

fn collect_help(command: &mut clap::Command, path: &str, texts: &mut Vec<(String, String)>) {
    texts.push((path.to_owned(), command.render_long_help().to_string()));
    let names: Vec<String> = command
        .get_subcommands()
        .map(|found| found.get_name().to_owned())
        .collect();
    for name in names {
        if let Some(found) = command.find_subcommand_mut(&name) {
            collect_help(found, &format!("{path} {name}"), texts);
        }
    }
}

/// The log on stderr: writes and waits with `-v`, every request with `-vv`. Only our own: libraries may log
/// headers.
fn start_log(ui: &Ui, verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(ui.color_err())
        .with_target(false)
        .without_time()
        .finish()
        .with(own);
    let _ = subscriber.try_init(); // a second run in one process keeps the first log
}

/// A runtime for the commands that talk to an account.
fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// Runs something that may ask a question. What waits for an answer is not waited for.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the environment is read"
)]
fn environment_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A name for a plan or for a ledger that does not exist yet.
fn unique_id() -> String {
    // Unique enough: no process makes two in the same nanosecond.
    format!("{:x}-{:x}", now().as_nanosecond(), std::process::id())
}

/// Every environment variable that is text.
fn environment_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
