//! `export`: the live account as manifests.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{exit, file_names, runtime};
use crate::export::{Export, exportable};
use crate::kinds::KindId;
use crate::run::exporting::{self, Beside, ExportRequest, ExportSelection, of_account};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run, outputs};

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
    what: Vec<ExportSelection>,
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

fn parse_what(text: &str) -> Result<ExportSelection, String> {
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
    file_names::warn_of_format(ui, args.out.as_deref());
    if let Some(folder) = &args.out {
        outputs::refuse_kept_folder(run.outputs(), folder, "--out")?;
    }
    let workspace = Workspace::find(run, &[])?;
    let beside = match &args.out {
        Some(folder) => exporting::manifests(run, folder),
        None => Beside::default(),
    };
    let asked = ExportRequest {
        what: &args.what,
        foreign: args.foreign.then(|| exporting::of_project(run, &workspace)),
        with_references: args.with_references,
        beside: &beside,
    };
    let (mut exported, kinds) = runtime()?.block_on(of_account(run, &workspace, &asked))?;
    if exported.files.is_empty() {
        ui.note(nothing(args));
    }
    let files = if let Some(folder) = &args.out {
        exporting::folder::write(run, folder, args.force, &mut exported, &kinds)?;
        let shown = |path: &str| folder.join(path).to_string_lossy().into_owned();
        let files = exported.files.into_iter();
        files.map(|file| (shown(&file.path), file.text)).collect()
    } else {
        let stream = stream(&exported);
        ui.raw(&stream);
        vec![("<stdout>".to_owned(), stream)]
    };
    exporting::warn(run, &workspace, files);
    Ok(exit::DONE)
}

/// Why an export is empty.
fn nothing(args: &ExportArgs) -> &'static str {
    match (args.foreign, args.what.is_empty()) {
        (true, true) => {
            "Nothing to export: nothing in the account is without a manifest or an entry in the ledger."
        }
        (true, false) => {
            "Nothing to export: none of this is without a manifest or an entry in the ledger. `campaignctl export --foreign` exports all that is."
        }
        (false, _) => "Nothing to export: the account holds nothing of this.",
    }
}

fn stream(exported: &Export) -> String {
    let texts = exported.files.iter().map(|file| file.text.as_str());
    texts.collect::<Vec<_>>().join("---\n")
}
