//! `explain`: what a kind, a field, a diagnostic code, a guard or another idea of the program means.

use clap::Args;

use crate::cli::help::is_command;
use crate::cli::hints;
use crate::cli::ui::Ui;
use crate::cli::{exit, runtime};
use crate::diag::did_you_mean;
use crate::kinds::{KindId, conditions_field};
use crate::live::{Needs, used_conditions};
use crate::report::conditions::render_conditions;
use crate::report::explain::explain_code;
use crate::report::fields::{
    Root, explain_field, explain_root, explain_word, field_paths, words_of_fields,
};
use crate::report::prose::row;
use crate::report::topics::{TOPICS, explain_topic, topic};
use crate::run::account::Account;
use crate::run::codes;
use crate::run::sandbox_page;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};

/// Explain a kind, a field, a code, a guard, or another topic.
///
/// Without a topic, the kinds and topics are listed; `explain codes` lists the diagnostic codes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl explain                       all kinds and topics
  campaignctl explain codes                 all diagnostic codes
  campaignctl explain Campaign              a kind and its fields
  campaignctl explain Campaign.schedule     a field
  campaignctl explain TargetAudience.conditions -e production   and what the account uses
  campaignctl explain project.environments  a field of campaignctl.yaml
  campaignctl explain mass-delete           a guard
  campaignctl explain stickyButton          a value, and the fields that take it
  campaignctl explain lifecycle             another topic
  campaignctl explain handoff-channel-mix   a diagnostic code
  campaignctl explain sandbox-faults        what can go wrong in the sandbox on purpose")]
pub(in crate::cli) struct ExplainArgs {
    /// `KIND`, `KIND.field.field`, `project.field`, a field or value by its word alone, a code, a guard, or another topic.
    /// With `-e`, the conditions of a kind come with the numbers and payloads that the account uses.
    #[arg(value_name = "TOPIC", add = crate::cli::completing::topics())]
    topic: Option<String>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ExplainArgs) -> Result<u8, Error> {
    let text = match args.topic.as_deref() {
        None => overview(),
        Some(name) => explained(ui, name)?,
    };
    ui.data(&text);
    let kind = args.topic.as_deref().and_then(kind_of_conditions);
    if let Some(kind) = kind.filter(|_| run.given_environment().is_some()) {
        ui.data(&format!("\n{}", of_account(run, kind)?));
    }
    Ok(exit::DONE)
}

/// The kind whose conditions, or whose parts of them, a topic is about.
fn kind_of_conditions(topic: &str) -> Option<KindId> {
    let (root, path) = topic.split_once('.')?;
    let Some(Root::Kind(kind)) = Root::named(root) else {
        return None;
    };
    let path = path.strip_prefix("spec.").unwrap_or(path);
    let field = conditions_field(kind.def())?;
    (path.split('.').next() == Some(field)).then_some(kind)
}

/// The conditions that the account of the run's environment uses.
fn of_account(run: &Run, kind: KindId) -> Result<String, Error> {
    let workspace = Workspace::find(run, &[])?;
    let (account, inventory) = runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let inventory = account.read(run, &Needs::whole([kind])).await;
        let id = account.id.clone();
        account.close().await;
        Ok::<_, Error>((id, inventory?))
    })?;
    let used = used_conditions(&inventory, kind);
    let name = format!("{} (account {account})", run.environment());
    Ok(render_conditions(kind, &name, &used))
}

/// What there is to say about a name.
pub(in crate::cli) fn explained(ui: &Ui, name: &str) -> Result<String, Error> {
    if name.eq_ignore_ascii_case(ALL_CODES) {
        return Ok(all_codes());
    }
    if let Some(topic) = topic(name) {
        return Ok(explain_topic(topic, ui.color()));
    }
    if let Some(text) = sandbox_page::explain(name) {
        return Ok(text);
    }
    if let Some(code) = codes::all().into_iter().find(|code| code.name == name) {
        return Ok(explain_code(code, ui.color()));
    }
    let (root, path) = name
        .split_once('.')
        .map_or((name, None), |(root, path)| (root, Some(path)));
    match (Root::named(root), path) {
        (Some(root), None) => Ok(explain_root(root)),
        (Some(root), Some(path)) => explain_field(root, path).map_err(Error::invalid),
        // `lifecycle.mode` is the same for every kind.
        (None, Some(_)) => explain_field(Root::Manifest, name).map_err(|_| unknown(name)),
        (None, None) if is_elsewhere(name) => Err(unknown(name)),
        (None, None) => explain_word(name).ok_or_else(|| unknown(name)),
    }
}

/// Whether a word is one of a command, here or of another tool: a field of the same name is not meant.
fn is_elsewhere(name: &str) -> bool {
    is_command(name) || hints::for_command(name).is_some()
}

/// A name that nothing has: the nearest of all.
fn unknown(name: &str) -> Error {
    let foreign = hints::for_command(name).map(str::to_owned);
    let help = foreign.or_else(|| {
        if is_command(name) {
            return Some(format!("it is a command: `campaignctl help {name}`"));
        }
        let (paths, words): (Vec<String>, _) = (
            Root::all().flat_map(field_paths).collect(),
            words_of_fields(),
        );
        let fields = paths.iter().chain(&words).map(String::as_str);
        did_you_mean(name, names().into_iter().chain(fields))
    });
    let help = help.unwrap_or_else(|| "`campaignctl explain` lists all topics".to_owned());
    Error::invalid(format!("there is nothing called `{name}`")).help(help)
}

/// Everything but fields that can be asked for.
fn names() -> Vec<&'static str> {
    let topics = TOPICS
        .iter()
        .flat_map(|topic| std::iter::once(&topic.name).chain(topic.also));
    let codes = codes::all().into_iter().map(|code| code.name);
    topics
        .copied()
        .chain(sandbox_page::TOPICS.map(|(topic, _)| topic))
        .chain([ALL_CODES])
        .chain(Root::all().map(Root::name))
        .chain(codes)
        .collect()
}

/// All that can be asked for, fields included, with a line of what it is.
pub(in crate::cli) fn offers() -> Vec<(String, String)> {
    let topics = TOPICS.iter().map(|it| (it.name, it.title().to_owned()));
    let sandbox = sandbox_page::TOPICS.map(|(topic, title)| (topic, title.to_owned()));
    let all_codes = [(ALL_CODES, "All diagnostic codes".to_owned())];
    let roots = Root::all().map(|root| (root.name(), root.about()));
    let codes = codes::all();
    let codes = codes.iter().map(|code| (code.name, code.title.to_owned()));
    let named = topics
        .chain(sandbox)
        .chain(all_codes)
        .chain(roots)
        .chain(codes);
    let fields = Root::all().flat_map(field_paths);
    let mut fields: Vec<_> = fields.map(|path| (path, String::new())).collect();
    // Each field before those below it, in the order of the schema otherwise.
    fields.sort_by_key(|(path, _)| path.matches('.').count());
    let named = named.map(|(name, title)| (name.to_owned(), title));
    named.chain(fields).collect()
}

/// The kinds and topics.
fn overview() -> String {
    let row = |name: &str, title: &str| row(name, OVERVIEW_COLUMN, title);
    let mut lines = vec!["KINDS".to_owned()];
    lines.extend(KindId::manifests().map(|kind| row(kind.name(), &Root::Kind(kind).about())));
    lines.push("\nFILES".to_owned());
    let files = [Root::Manifest, Root::Project];
    lines.extend(files.map(|root| row(root.name(), &root.about())));
    lines.push("\nTOPICS".to_owned());
    lines.extend(TOPICS.iter().map(|topic| row(topic.name, topic.title())));
    lines.extend(sandbox_page::TOPICS.map(|(topic, title)| row(topic, title)));
    let count = codes::all().len();
    lines.push(row(ALL_CODES, &format!("The {count} diagnostic codes")));
    lines.push(
        "\n`explain KIND` lists the fields of a kind, `explain KIND.FIELD` describes a\nfield, `explain CODE` a diagnostic."
            .to_owned(),
    );
    lines.join("\n") + "\n"
}

/// The topic that lists the codes.
const ALL_CODES: &str = "codes";

/// Where the titles of the overview begin, and those of codes, which have longer names.
const OVERVIEW_COLUMN: usize = 22;
const CODES_COLUMN: usize = 33;

/// The diagnostic codes, by what they are about.
fn all_codes() -> String {
    let mut lines = Vec::new();
    for (group, mut codes) in codes::groups() {
        lines.push(format!("CODES of {group}"));
        codes.sort_by_key(|code| code.name);
        lines.extend(
            codes
                .iter()
                .map(|code| row(code.name, CODES_COLUMN, code.title)),
        );
        lines.push(String::new());
    }
    lines.push("`campaignctl explain CODE` describes one.\n".to_owned());
    lines.join("\n")
}
