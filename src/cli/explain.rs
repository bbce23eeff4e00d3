//! `explain`: what a kind, a field or a diagnostic code means.

use clap::Args;

use super::error::CliError;
use super::schema::kind_named;
use super::ui::Ui;
use super::{codes, exit, sandbox_page};
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::report::explain::explain_code;
use crate::report::fields::{explain_field, explain_kind};

/// Explain a kind, a field, the code of a diagnostic, or the faults and switches of the sandbox.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl explain                       all kinds and codes
  campaignctl explain Campaign              a kind and its fields
  campaignctl explain Campaign.schedule     a field
  campaignctl explain handoff-channel-mix   a diagnostic code
  campaignctl explain sandbox-faults        what can go wrong in the sandbox on purpose")]
pub(super) struct ExplainArgs {
    /// `KIND`, `KIND.field.field`, or a code.
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, args: &ExplainArgs) -> Result<u8, CliError> {
    let text = match args.topic.as_deref() {
        None => topics(),
        Some(topic) if topic.starts_with(|first: char| first.is_ascii_uppercase()) => {
            match topic.split_once('.') {
                None => explain_kind(kind_named(topic)?),
                Some((kind, path)) => {
                    explain_field(kind_named(kind)?, path).map_err(CliError::invalid)?
                }
            }
        }
        Some(topic) => explain_code_named(ui, topic)?,
    };
    ui.data(&text)?;
    Ok(exit::DONE)
}

fn explain_code_named(ui: &Ui, name: &str) -> Result<String, CliError> {
    let codes = codes::all();
    if let Some(text) = sandbox_page::explain(name) {
        return Ok(text);
    }
    if let Some(code) = codes.iter().find(|code| code.name == name) {
        return Ok(explain_code(code, ui.color()));
    }
    let (kind, path) = name
        .split_once('.')
        .map_or((name, None), |(kind, path)| (kind, Some(path)));
    if let Ok(kind) = kind_named(kind) {
        return path.map_or(Ok(explain_kind(kind)), |path| {
            explain_field(kind, path).map_err(CliError::invalid)
        });
    }
    let known = codes
        .iter()
        .map(|code| code.name)
        .chain(KindId::manifests().map(KindId::name))
        .chain(sandbox_page::TOPICS.map(|(topic, _)| topic));
    let help = did_you_mean(name, known)
        .unwrap_or_else(|| "`campaignctl explain` lists all topics".to_owned());
    Err(CliError::invalid(format!("there is no kind and no code `{name}`")).help(help))
}

fn topics() -> String {
    let mut lines = vec!["KINDS".to_owned()];
    lines.extend(KindId::manifests().map(|kind| format!("  {kind}")));
    lines.push(String::new());
    lines.push("SANDBOX".to_owned());
    let row = |name: &str, title: &str| format!("  {name:<34} {title}");
    lines.extend(sandbox_page::TOPICS.map(|(topic, title)| row(topic, title)));
    lines.push(String::new());
    lines.push("CODES".to_owned());
    lines.extend(
        codes::all()
            .into_iter()
            .map(|code| row(code.name, code.title)),
    );
    lines.join("\n") + "\n"
}
