//! `export`: the live account as manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{exit, format, runtime};
use crate::diag::{Diagnostic, Diags, Severity};
use crate::export::{Export, exportable};
use crate::files;
use crate::kinds::KindId;
use crate::plan::is_waivable;
use crate::report::diagnostics::render_text;
use crate::run::exporting::{self, Asked, Beside, What, of_account};
use crate::run::manifests;
use crate::run::workspace::Workspace;
use crate::run::{Error, Meaning, Run};
use crate::run::{editor_files, editor_schemas};
use crate::text::some_of;

/// How many files that an export did not write are named.
const OTHERS: usize = 10;

/// Write the live account as manifests. One folder per kind, references by name, no ids.
///
/// Every file names its schema for editors, one of those in `.campaignctl/schemas`, and a folder that is new gets settings
/// for VS Code. Nothing is written to the account or the ledger. A plan of what was exported changes nothing; applying
/// it once binds the objects to their manifests.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl export --out account              everything, a file per object
  campaignctl export Campaign Engagement        two kinds, to stdout
  campaignctl export Goal/order-paid            one object, to stdout
  campaignctl export Campaign/spring --with-references --out spring
  campaignctl export --foreign --out console    what people made in the console
  campaignctl export -e production --out prod   another environment")]
pub(in crate::cli) struct ExportArgs {
    /// The kinds and objects to export; everything when none is given. Name an object by its name in the ledger, its
    /// display name or its id; what is inside it is exported too.
    #[arg(value_name = "KIND[/NAME]", add = crate::cli::completing::kinds_and_keys(), value_parser = parse_what)]
    what: Vec<What>,
    /// Only objects that are neither in the ledger nor in a manifest of the project.
    #[arg(long)]
    foreign: bool,
    /// Export what the objects refer to, too, directly and through others.
    #[arg(long)]
    with_references: bool,
    /// The folder to write to. Without it, everything goes to stdout as one stream of documents.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
}

fn parse_what(text: &str) -> Result<What, String> {
    match text.split_once('/') {
        Some((kind, name)) => Ok((parse_kind(kind)?, Some(name.to_owned()))),
        None => Ok((parse_kind(text)?, None)),
    }
}

fn parse_kind(text: &str) -> Result<KindId, String> {
    let names: Vec<_> = exportable().map(KindId::name).collect();
    exportable()
        .find(|kind| kind.name().eq_ignore_ascii_case(text) || kind.def().plural == text)
        .ok_or_else(|| {
            crate::diag::did_you_mean(text, names.iter().copied())
                .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")))
        })
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ExportArgs) -> Result<u8, Error> {
    format::warn_of_name(ui, args.out.as_deref());
    let workspace = Workspace::find(run, &[])?;
    let beside = match &args.out {
        Some(folder) => exporting::manifests(run, folder),
        None => Beside::default(),
    };
    let asked = Asked {
        what: &args.what,
        foreign: args.foreign.then(|| exporting::of_project(run, &workspace)),
        with_references: args.with_references,
        beside: &beside,
    };
    let (mut exported, kinds) = runtime()?.block_on(of_account(run, &workspace, &asked))?;
    match &args.out {
        Some(folder) => {
            let root = editor_schemas::project_around(folder);
            let root = root.unwrap_or_else(|| folder.clone());
            name_schemas(&mut exported, &root, folder);
            write(ui, folder, args.force, &exported)?;
            editor_schemas::provide(run, &root);
            tell_of_others(ui, folder, &kinds, &exported);
        }
        None => ui.raw(&stream(&exported)),
    }
    warn(ui, run, &workspace, shown_files(args, &exported));
    Ok(exit::DONE)
}

/// Everything that the account of an environment holds, but handoffs where the account has no service for them; and what
/// there is to say about it.
///
/// # Errors
/// An account that cannot be read.
pub(in crate::cli) fn whole_account(
    ui: &Ui,
    run: &Run,
    workspace: &Workspace,
) -> Result<Export, Error> {
    let asked = Asked {
        what: &[],
        foreign: None,
        with_references: false,
        beside: &Beside::default(),
    };
    let (exported, _) = runtime()?.block_on(of_account(run, workspace, &asked))?;
    let files = exported.files.iter();
    let files = files.map(|file| (file.path.clone(), file.text.clone()));
    warn(ui, run, workspace, files.collect());
    Ok(exported)
}

/// What was written, each text under the path that people find it at.
fn shown_files(args: &ExportArgs, exported: &Export) -> Vec<(String, String)> {
    match &args.out {
        Some(folder) => {
            let shown = |path: &str| folder.join(path).to_string_lossy().into_owned();
            let files = exported.files.iter();
            files
                .map(|file| (shown(&file.path), file.text.clone()))
                .collect()
        }
        None => vec![("<stdout>".to_owned(), stream(exported))],
    }
}

/// Tells what `validate` would refuse of the export: an account may hold what the rules call an error.
fn warn(ui: &Ui, run: &Run, workspace: &Workspace, files: Vec<(String, String)>) {
    let (texts, diags) = manifests::of_texts(files);
    let errors = workspace
        .rules_of(run.environment())
        .apply(diags, &texts)
        .into_iter()
        .filter(|it| it.severity == Severity::Error);
    let warnings: Diags = errors
        .map(|error| Diagnostic {
            severity: Severity::Warning,
            ..error
        })
        .collect();
    if warnings.is_empty() {
        return;
    }
    ui.complain(&render_text(&warnings, &texts, ui.color_err()), false);
    let rules = warnings.iter().filter(|it| is_waivable(it.code));
    let rules: BTreeSet<String> = rules.map(|it| format!("{}: warn", it.code.name)).collect();
    let rules: Vec<String> = rules.into_iter().collect();
    if rules.is_empty() {
        ui.note("note: `validate` reports this as an error: correct it in the exported files");
        return;
    }
    ui.note(&format!(
        "note: `validate` reports this as an error; a plan accepts it until the object changes.\n  = help: correct it, or lower the rules in `campaignctl.yaml`: `rules: {{ {} }}`",
        rules.join(", ")
    ));
}

/// Has the files name their schema.
fn name_schemas(exported: &mut Export, root: &Path, folder: &Path) {
    for file in &mut exported.files {
        let path = folder.join(&file.path);
        let around = path.parent().unwrap_or(folder);
        let lines = editor_schemas::lines_for("manifest", root, around);
        file.text.insert_str(0, &lines);
    }
}

fn stream(exported: &Export) -> String {
    exported
        .files
        .iter()
        .map(|file| file.text.as_str())
        .collect::<Vec<_>>()
        .join("---\n")
}

fn write(ui: &Ui, folder: &Path, force: bool, exported: &Export) -> Result<(), Error> {
    let is_fresh = is_fresh(folder);
    let taken = exported
        .files
        .iter()
        .find(|file| folder.join(&file.path).symlink_metadata().is_ok());
    if let Some(file) = taken.filter(|_| !force) {
        return Err(Error::invalid(format!(
            "`{}` already exists",
            folder.join(&file.path).display()
        ))
        .help("give another folder, or `--force` to replace the files"));
    }
    for file in &exported.files {
        let written =
            files::write_inside(folder, Path::new(&file.path), file.text.as_bytes(), force);
        written.map_err(|error| {
            let path = folder.join(&file.path);
            let why = format!("cannot write `{}`: {error}", path.display());
            Error::new(Meaning::Failed, why)
        })?;
    }
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    ui.note(&format!(
        "{} in {} below `{}`.",
        count(exported.objects, "object"),
        count(exported.files.len(), "file"),
        folder.display()
    ));
    if is_fresh {
        editor_files::write(folder)?;
    }
    Ok(())
}

/// Tells of manifests among those of the export that it did not write: the account may no longer hold what they describe,
/// and a plan would create it again. They stay, because nobody but a person knows whether they are meant.
fn tell_of_others(ui: &Ui, folder: &Path, kinds: &BTreeSet<KindId>, exported: &Export) {
    let written: BTreeSet<&str> = exported.files.iter().map(|it| it.path.as_str()).collect();
    let mut others = Vec::new();
    for plural in kinds.iter().map(|kind| kind.def().plural) {
        let entries = std::fs::read_dir(folder.join(plural)).into_iter().flatten();
        let names = entries.flatten().map(|entry| entry.file_name());
        let paths = names.map(|name| format!("{plural}/{}", name.to_string_lossy()));
        let is_manifest = |path: &str| {
            let ending = Path::new(path).extension().unwrap_or_default();
            ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
        };
        others.extend(paths.filter(|path| is_manifest(path) && !written.contains(path.as_str())));
    }
    others.sort();
    let Some(first) = others.first() else { return };
    let shown = some_of(others.iter().map(|it| format!("`{it}`")), OTHERS);
    let (count, are) = match others.len() {
        1 => ("1 file".to_owned(), "is"),
        count => (format!("{count} files"), "are"),
    };
    ui.note(&format!(
        "warning: {count} below `{}` {are} not part of this export: {shown}. The next plan creates objects that no longer exist in the account again.\n  = help: delete what you do not want, such as `{}`",
        folder.display(),
        folder.join(first).display()
    ));
}

/// Whether a folder is the start of a project: nothing is in it, and no project is around it, whose settings
/// are for its own root.
fn is_fresh(folder: &Path) -> bool {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    is_empty && editor_schemas::project_around(folder).is_none()
}
