//! F7: the command line. One file per command in `commands/`, each a thin wrapper around the engine; beside them what they
//! share: arguments, the terminal, formats, completion.

mod applying;
mod at_a_time;
mod auditing;
mod bash;
mod browser;
mod caching;
mod commands;
mod complaints;
mod completing;
mod exit;
mod failing;
mod file_names;
mod format;
mod generated;
mod global;
mod guards;
mod help;
mod hints;
mod json_into;
mod news;
mod notifying;
mod progress;
mod rolling_out;
mod selecting;
mod signals;
mod sources;
mod ui;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use commands::{
    apply, completion, doctor, drift, explain, export, fmt, graph, ids, init, launch, ledger,
    login, lsp, man, plan, prove, pull, report, resolve, sandbox, sandbox_edit, schema, show,
    status, test, undo, uses, validate, version, visit,
};
use format::Format;
use global::Global;
use selecting::SelectionArgs;
use sources::{FlagSources, from_environment};
use ui::{ColorChoice, Ui};

use crate::cli::json_into::is_named_elsewhere;
use crate::project::SANDBOX;
use crate::report::failure::{render_failure_json, render_failure_markdown};
use crate::report::html::render_failure_html;
use crate::run::{Error, Machine, Run, Trust, outputs};

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
  campaignctl init                                create a project
  campaignctl validate examples/retail            check manifests, offline
  campaignctl plan examples/retail                what would change
  campaignctl apply examples/retail               change it, after asking
  campaignctl pull                                console changes, into the files
  campaignctl uses Goal/order-paid                who uses an object, and which of it is live
  campaignctl export --out account                an account as manifests
  campaignctl fmt                                 manifests in canonical form
  campaignctl graph -o graph.svg                  which object refers to which
  campaignctl explain Campaign.schedule           what a field means

Exit codes: 0 done, 1 error, 2 changes present, 3 invalid input, 4 not permitted, 5 throttled,
6 blocked, 7 plan stale, 8 partly applied, 9 not due yet, 130 interrupted before the first write.";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Resolve(resolve::ResolveArgs),
    Fmt(fmt::FmtArgs),
    #[command(visible_alias = "diff")]
    Plan(plan::PlanArgs),
    Apply(applying::ApplyArgs),
    Show(show::ShowArgs),
    Undo(undo::UndoArgs),
    Drift(drift::DriftArgs),
    Status(status::StatusArgs),
    Uses(uses::UsesArgs),
    Ids(ids::IdsArgs),
    Pull(pull::PullArgs),
    Export(export::ExportArgs),
    Graph(graph::GraphArgs),
    Schema(schema::SchemaArgs),
    Explain(explain::ExplainArgs),
    Test(test::TestArgs),
    Visit(visit::VisitArgs),
    #[command(subcommand)]
    Launch(launch::LaunchCommand),
    Report(report::ReportArgs),
    Prove(prove::ProveArgs),
    Ledger(ledger::LedgerArgs),
    Login(login::LoginArgs),
    Logout(login::LogoutArgs),
    Doctor(doctor::DoctorArgs),
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
    Lsp(lsp::LspArgs),
    Completion(completion::CompletionArgs),
    #[command(hide = true)]
    Man(man::ManArgs),
    Version(version::VersionArgs),
    Help(help::HelpArgs),
}

/// The command line as a value.
fn command() -> clap::Command {
    help::with_both(bare_command())
}

/// The command line without the texts of its help, which take most of the time to make it. It reads the same.
fn bare_command() -> clap::Command {
    from_environment(format::by_command(Cli::command()))
}

/// Parses the command line, with the flags that select objects at the command, on whichever side of it they were given.
/// Says which of its values come from the environment.
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<(Cli, FlagSources), clap::Error> {
    let command_line = bare_command();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(error) = hints::one_dash(&command_line, &arguments) {
        return Err(command().error(clap::error::ErrorKind::UnknownArgument, error.message));
    }
    let matches = command_line.clone().try_get_matches_from(&arguments);
    // What is shown of a mistake, or as help, has the texts.
    let matches = matches.or_else(|_| command().try_get_matches_from(&arguments))?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let name = matches.subcommand_name().unwrap_or_default();
    format::check(cli.global.format, name)
        .map_err(|why| command().error(clap::error::ErrorKind::InvalidValue, why))?;
    let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    match cli.command.selecting() {
        Some(behind) => *behind = std::mem::take(behind).with(&cli.selecting),
        None if selecting::IDS.iter().any(given) => {
            let why = "only `plan`, `apply`, `drift`, `pull` and `graph` can be limited to a part of the manifests";
            return Err(command().error(clap::error::ErrorKind::ArgumentConflict, why));
        }
        None => {}
    }
    Ok((cli, FlagSources::of(&command_line, &matches)))
}

impl Command {
    /// The file that the data goes to as JSON, whatever comes of the run.
    fn json_into(&self) -> Option<PathBuf> {
        match self {
            Self::Plan(args) => args.json_into.file.clone(),
            Self::Apply(args) => args.json_into.file.clone(),
            Self::Undo(args) => args.json_into.file.clone(),
            Self::Drift(args) => args.json_into.file.clone(),
            Self::Status(args) => args.json_into.file.clone(),
            Self::Report(args) => args.json_into.file.clone(),
            Self::Pull(args) => args.json_into.file.clone(),
            _ => None,
        }
    }

    /// The flags that select objects, of the commands that have them.
    fn selecting(&mut self) -> Option<&mut SelectionArgs> {
        match self {
            Self::Plan(args) => Some(&mut args.selecting),
            Self::Apply(args) => Some(&mut args.selecting),
            Self::Drift(args) => Some(&mut args.selecting),
            Self::Pull(args) => Some(&mut args.selecting),
            Self::Graph(args) => Some(&mut args.selecting),
            _ => None,
        }
    }
}

/// Runs a command line and returns its exit code.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match completing::answer(&arguments) {
        Ok(false) => {}
        Ok(true) => return ExitCode::from(exit::DONE),
        Err(error) => return not_parsed(&error, &arguments),
    }
    let (cli, sources) = match parse(arguments.iter().cloned()) {
        Ok(parsed) => parsed,
        Err(error) => return not_parsed(&error, &arguments),
    };
    let global = &cli.global;
    let ui = Ui::new(global.color, global.quiet, global.verbose)
        .with_format(global.format)
        .with_markdown_budget(global.markdown_budget)
        .with_json_into(cli.command.json_into())
        .with_sources(sources);
    let into = cli.command.json_into();
    let is_apart = into.is_none_or(|file| !is_named_elsewhere(&file, &arguments));
    start_log(&ui, global.verbose);
    let run = machine(global.trust());
    let run = run.map(|machine| Run::new(global.options(), machine, Arc::new(ui.clone())));
    let code = match run {
        Ok(run) => checked_and_done(&ui, &run, cli.command).unwrap_or_else(|error| {
            failed(&ui, run.environment(), &error, is_apart);
            exit::of(error.meaning)
        }),
        Err(error) => {
            failed(&ui, SANDBOX, &error, is_apart);
            exit::of(error.meaning)
        }
    };
    ExitCode::from(ui.verdict(code))
}

/// Tells why a run failed: people on stderr, and programs where they look for data, unless the file of that is needed for
/// something else.
fn failed(ui: &Ui, environment: &str, error: &Error, is_apart: bool) {
    let mut failure = failing::failure(error);
    let notes = ui.sources().notes(error);
    if !notes.is_empty() {
        let help: Vec<String> = failure.help.into_iter().chain(notes).collect();
        failure.help = Some(help.join("; "));
    }
    if !ui.has_written() {
        let data = match ui.format() {
            Format::Text | Format::Csv | Format::Dot | Format::Mermaid | Format::Svg => None,
            // A report without the counts is no report; with counts of nothing it would be a lie.
            Format::Json | Format::Gitlab => Some(render_failure_json(&failure)),
            Format::Markdown => Some(render_failure_markdown(&failure, environment)),
            Format::Html => Some(render_failure_html(&failure, environment)),
            format => Some(complaints::rendered_failure(ui, format, error)),
        };
        if let Some(data) = data {
            ui.raw(&data);
        }
    }
    ui.error(error);
    // What the run did is not replaced by what it failed at afterwards. A file that may not be written to says so once.
    if is_apart && !ui.has_document() && error.about != Some("--json-into") {
        ui.document(&render_failure_json(&failure));
    }
}

/// A command line that cannot be read. Whether it asks for JSON has to be guessed.
fn not_parsed(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let ui = Ui::new(ColorChoice::Never, false, 0);
    if !error.use_stderr() {
        ui.has_come_of(error.print()); // the help, in the colors of the terminal
        return ExitCode::from(ui.verdict(exit::DONE));
    }
    // What is quoted of the arguments must not begin a line of its own, nor tell a secret.
    let shown = sources::quotable(arguments).and_then(|shown| parse(shown).err());
    let error = shown.as_ref().unwrap_or(error);
    let foreign = hints::foreign_word(error, arguments);
    let texts: Vec<_> = arguments.iter().map(|it| it.to_string_lossy()).collect();
    let asks = texts.iter().any(|text| text == "--format=json")
        || texts.windows(2).any(|pair| pair == ["--format", "json"])
        || environment_variable("CAMPAIGNCTL_FORMAT").is_some_and(|format| format == "json");
    if asks {
        let message = error.render().to_string();
        let message = message.trim_end();
        let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
        let failure = match &foreign {
            Some(foreign) => failing::failure(foreign),
            None => failing::failure(&Error::invalid(first).list(rest)),
        };
        ui.raw(&render_failure_json(&failure));
    }
    if let Some(foreign) = &foreign {
        ui.error(foreign);
        return ExitCode::from(exit::INVALID);
    }
    let notes = sources::of_complaint(&command(), &error.render().to_string(), &texts);
    match sources::without_hidden(&error.render().to_string()) {
        Some(shown) => ui.note(shown.trim_end()),
        // To stderr: there is no other place to report a failure to.
        None => drop(error.print()),
    }
    for note in notes {
        ui.note(&format!("  = note: {note}"));
    }
    ExitCode::from(exit::INVALID)
}

/// Carries a command out, unless its result could not be written: nothing is done then.
fn checked_and_done(ui: &Ui, run: &Run, command: Command) -> Result<u8, Error> {
    if let Some(file) = command.json_into() {
        outputs::allowed(run.outputs(), &file, outputs::OutputFlag::JSON_INTO)?;
    }
    carry_out(ui, run, command)
}

fn carry_out(ui: &Ui, run: &Run, command: Command) -> Result<u8, Error> {
    match command {
        Command::Init(args) => init::run(ui, run, &args),
        Command::Validate(args) => validate::run(ui, run, &args),
        Command::Resolve(args) => resolve::run(ui, run, &args),
        Command::Fmt(args) => fmt::run(ui, run, &args),
        Command::Plan(args) => plan::run(ui, run, &args),
        Command::Apply(args) => apply::run(ui, run, &args),
        Command::Show(args) => show::run(ui, &args),
        Command::Undo(args) => undo::run(ui, run, args),
        Command::Drift(args) => drift::run(ui, run, &args),
        Command::Status(args) => status::run(ui, run, &args),
        Command::Uses(args) => uses::run(ui, run, &args),
        Command::Ids(args) => ids::run(ui, run, &args),
        Command::Pull(args) => pull::run(ui, run, &args),
        Command::Export(args) => export::run(ui, run, &args),
        Command::Graph(args) => graph::run(ui, run, &args),
        Command::Schema(args) => schema::run(ui, run, &args),
        Command::Explain(args) => explain::run(ui, run, &args),
        Command::Test(args) => test::run(ui, run, &args),
        Command::Visit(args) => visit::run(ui, run, &args),
        Command::Launch(command) => launch::run(ui, run, &command),
        Command::Report(args) => report::run(ui, run, &args),
        Command::Prove(args) => prove::run(ui, run, &args),
        Command::Ledger(args) => ledger::run(ui, run, &args),
        Command::Login(args) => login::run(ui, run, &args),
        Command::Logout(args) => login::forget(ui, run, &args),
        Command::Doctor(args) => doctor::run(ui, run, &args),
        Command::Sandbox(command) => sandbox::run(ui, run, &command),
        Command::Lsp(args) => Ok(lsp::run(run, &args)),
        Command::Completion(args) => completion::run(ui, &args),
        Command::Man(args) => man::run(&args),
        Command::Version(args) => Ok(version::run(ui, &args)),
        Command::Help(args) => help::run(ui, &args),
    }
}

/// The help of every command, for the generated reference.
#[must_use]
pub fn help_texts() -> Vec<(String, String)> {
    let mut top = without_values(command().term_width(100));
    top.build();
    let mut texts = Vec::new();
    collect_help(&mut top, "campaignctl", &mut texts);
    texts
}

/// Help without the values of the environment variables that are set where it is printed.
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
        .with_writer(ui.log())
        .with_ansi(ui.color_err())
        .with_target(false)
        .without_time()
        .finish()
        .with(own);
    let _ = subscriber.try_init(); // a second run in one process keeps the first log
}

/// A runtime for the commands that talk to an account.
fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// Runs something that may ask a question. What waits for an answer is not waited for.
fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
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

/// The computer that this process runs on.
fn machine(trust: Trust) -> Result<Arc<Machine>, Error> {
    let machine = Machine::new(std::env::current_dir()?, jiff::Timestamp::now)
        .with_variables(environment_variables())
        .with_process(std::process::id())
        .with_program(std::env::current_exe().ok())
        .with_stdin(std::io::stdin())
        .with_trust(trust);
    Ok(Arc::new(machine))
}

/// Every environment variable that is text.
fn environment_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
