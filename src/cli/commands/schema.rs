//! `schema`: the JSON Schemas of manifests, and the other generated files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::check::published::to_draft_7;
use crate::cli::exit;
use crate::cli::generated::{self, Generated};
use crate::cli::ui::Ui;
use crate::run::editor_schemas::{self, FOLDER, WrittenSchemas};
use crate::run::generated::{schema_named, stale_in, write_into};
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run};

/// Print a JSON Schema: of a kind, or of any manifest. Or write the schemas beside the project, or all of them.
///
/// The schemas are for editors: they know `${var.name}`, and have snippets for new manifests. Those of a project are in
/// `.campaignctl/schemas`, where manifests and settings of editors find them without a network.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl schema                   the schema of any manifest
  campaignctl schema Engagement        the schema of one kind
  campaignctl schema campaignctl       the schema of the project file; `overlay`, `plan`, .. likewise
  campaignctl schema --draft 7         the same for tools that do not know draft 2020-12
  campaignctl schema --write           write the schemas for editors beside the project, those of this version
  campaignctl schema --check           fail when they are not up to date
  campaignctl schema --write schemas   write all schemas and generated pages into a folder
  campaignctl schema --check schemas   fail when one of them is not up to date")]
pub(in crate::cli) struct SchemaArgs {
    /// A kind, or the name of a published schema: `campaignctl`, `overlay`, `plan`, ..
    #[arg(value_name = "KIND", add = crate::cli::completing::kind_names(), conflicts_with_all = ["write", "check"])]
    kind: Option<String>,
    /// The draft of JSON Schema.
    #[arg(long, value_name = "DRAFT", default_value = "2020-12")]
    draft: SchemaDraft,
    /// Write all schemas and generated pages into this folder; without one, the schemas for editors into
    /// `.campaignctl/schemas` of the project.
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = FOLDER, conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Compare the files of this folder with what would be written; without one, those of the project.
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = FOLDER)]
    check: Option<PathBuf>,
}

/// The drafts that schemas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SchemaDraft {
    /// Draft 2020-12, that of the published files.
    #[value(name = "2020-12")]
    Current,
    /// Draft-07.
    #[value(name = "7")]
    Seven,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &SchemaArgs) -> Result<u8, Error> {
    let of_project = Some(Path::new(FOLDER));
    match (args.write.as_deref(), args.check.as_deref()) {
        (folder, None) | (None, folder) if folder == of_project => {}
        (Some(folder), _) => return write(ui, run, folder, args.draft),
        (None, Some(folder)) => return check(ui, folder, args.draft),
        (None, None) => {
            ui.raw(&schema_named(generated(args.draft), args.kind.as_deref())?);
            return Ok(exit::DONE);
        }
    }
    if args.draft != SchemaDraft::Current {
        return Err(
            Error::invalid("the schemas beside a project are of draft 2020-12")
                .help("name a folder for the others: `--write DIR`"),
        );
    }
    let root = Workspace::find(run, &[])?.root;
    if args.check.is_some() {
        return check_project(ui, &root);
    }
    write_project(ui, &root)
}

/// Writes the schemas beside the project.
fn write_project(ui: &Ui, root: &Path) -> Result<u8, Error> {
    let folder = root.join(FOLDER);
    let written = editor_schemas::write(root)
        .map_err(|error| Error::from(error).context(&folder.to_string_lossy()))?;
    match written {
        WrittenSchemas::Newer(version) => ui.note(&format!(
            "note: kept `{FOLDER}`: campaignctl {version}, which is newer, wrote it"
        )),
        WrittenSchemas::Foreign => {
            let why = format!("`{FOLDER}` has schemas that campaignctl did not write");
            return Err(
                Error::new(Meaning::Failed, why).help("move them elsewhere, and run it again")
            );
        }
        WrittenSchemas::New | WrittenSchemas::Again { .. } | WrittenSchemas::Kept => ui.note(
            &format!("The schemas for editors in `{FOLDER}` are those of this version."),
        ),
    }
    Ok(exit::DONE)
}

/// Compares the schemas beside the project with those of this version.
fn check_project(ui: &Ui, root: &Path) -> Result<u8, Error> {
    let stale = editor_schemas::stale(root);
    if stale.is_empty() {
        ui.note(&format!("The files in `{FOLDER}` are up to date."));
        return Ok(exit::DONE);
    }
    let why = format!("not up to date in `{FOLDER}`: {}", stale.join(", "));
    Err(Error::new(Meaning::Failed, why).help("run `campaignctl schema --write`"))
}

/// The generated files, the schemas among them in a draft.
fn generated(draft: SchemaDraft) -> Vec<Generated> {
    let mut files = generated::all();
    if draft == SchemaDraft::Seven {
        files.retain_mut(|file| file.rewrite_schema(to_draft_7));
    }
    files
}

fn write(ui: &Ui, run: &Run, folder: &Path, draft: SchemaDraft) -> Result<u8, Error> {
    let files = generated(draft);
    let names = files.iter().map(|file| file.path.as_str());
    run.outputs().stay(folder, names, "--write")?;
    write_into(folder, &files, "--write")?;
    ui.note(&format!(
        "{} files below `{}`.",
        files.len(),
        folder.display()
    ));
    Ok(exit::DONE)
}

fn check(ui: &Ui, folder: &Path, draft: SchemaDraft) -> Result<u8, Error> {
    let stale = stale_in(folder, &generated(draft));
    if stale.is_empty() {
        ui.note(&format!(
            "The files below `{}` are up to date.",
            folder.display()
        ));
        return Ok(exit::DONE);
    }
    let why = format!("not up to date: {}", stale.join(", "));
    let help = format!("run `campaignctl schema --write {}`", folder.display());
    Err(Error::new(Meaning::Failed, why).help(help))
}
