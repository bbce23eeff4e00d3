//! `schema`: the JSON Schemas of manifests, and the other generated files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::exit;
use super::generated::{self, Generated};
use super::ui::Ui;
use crate::check::schema::{kind_schema, manifest_schema};
use crate::diag::did_you_mean;
use crate::kinds::KindId;

/// Print the JSON Schema of a kind, or of any manifest; or maintain the published files.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl schema                   the schema of any manifest
  campaignctl schema Engagement        the schema of one kind
  campaignctl schema --write schemas   write all generated files
  campaignctl schema --check schemas   fail when one of them is not up to date")]
pub(super) struct SchemaArgs {
    /// A kind.
    #[arg(value_name = "KIND", conflicts_with_all = ["write", "check"])]
    kind: Option<String>,
    /// Write all schemas and generated pages into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Compare the files of this folder with what would be written.
    #[arg(long, value_name = "DIR")]
    check: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, args: &SchemaArgs) -> Result<u8, CliError> {
    if let Some(folder) = &args.write {
        return write(ui, folder);
    }
    if let Some(folder) = &args.check {
        return check(ui, folder);
    }
    let schema = match &args.kind {
        None => manifest_schema(),
        Some(name) => kind_schema(kind_named(name)?),
    };
    ui.data(&format!("{schema:#}\n"))?;
    Ok(exit::DONE)
}

/// The kind of manifest with this name.
///
/// # Errors
/// An unknown name, with the nearest one.
pub(super) fn kind_named(name: &str) -> Result<KindId, CliError> {
    let found = KindId::manifests().find(|kind| kind.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let names: Vec<_> = KindId::manifests().map(KindId::name).collect();
        let help = did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")));
        CliError::invalid(format!("there is no kind `{name}`")).help(help)
    })
}

fn write(ui: &Ui, folder: &Path) -> Result<u8, CliError> {
    std::fs::create_dir_all(folder)?;
    let files = generated::all();
    for Generated { path, text } in &files {
        std::fs::write(folder.join(path), text)?;
    }
    ui.note(&format!(
        "{} files below `{}`.",
        files.len(),
        folder.display()
    ));
    Ok(exit::DONE)
}

fn check(ui: &Ui, folder: &Path) -> Result<u8, CliError> {
    let stale: Vec<_> = generated::all()
        .into_iter()
        .filter(|file| {
            std::fs::read_to_string(folder.join(&file.path))
                .ok()
                .as_deref()
                != Some(&file.text)
        })
        .map(|file| file.path)
        .collect();
    if stale.is_empty() {
        ui.note(&format!(
            "The files below `{}` are up to date.",
            folder.display()
        ));
        return Ok(exit::DONE);
    }
    Err(
        CliError::new(exit::ERROR, format!("not up to date: {}", stale.join(", "))).help(format!(
            "run `campaignctl schema --write {}`",
            folder.display()
        )),
    )
}
