//! `pull`: console changes, into the files that are there.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::json_into::JsonIntoArgs;
use crate::cli::selecting::SelectionArgs;
use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::pull::{Named, PulledFile};
use crate::report::pull::render_pull;
use crate::run::editor_schemas::{self, FOLDER};
use crate::run::pulling;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Write changes made in the console into your files. Drifted fields change in place; new objects get manifests.
///
/// A drifted field gets the live value where it is written: in the overlay that sets it, else in the base. Comments,
/// quotes and layout stay. An object that has no manifest gets one, in the folder of its kind, if you name it or give
/// `--foreign`. Shows the changes as a diff and writes nothing without `--write`.
///
/// What cannot be taken over safely is skipped and listed with the reason: a field that the files changed as well (a
/// conflict), a value from a variable, an object that no longer exists in the account. Account and ledger are only
/// read. After a pull, a plan shows nothing for what was taken over, and adopts new objects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl pull -e production                    what drifted, as a diff
  campaignctl pull -e production --write            write it into the files
  campaignctl pull Goal/newsletter-joined --write   one object, drifted or made in the console
  campaignctl pull Campaign/spring --with-references
  campaignctl pull Goal --exclude Goal/agency-test  all goals but one
  campaignctl pull --foreign campaigns              every object without a manifest, too

Exit codes: 0 everything was or can be taken over, 2 something was skipped, 3 an unknown name.")]
pub(in crate::cli) struct PullArgs {
    /// Objects by name, display name or id, such as `Goal/newsletter-joined`; kinds, such as `Goal`, for all of their
    /// objects, also those without a manifest (`--exclude Goal/NAME` leaves one out); files and folders, for the
    /// manifests in them: the rest of the project is read and stays as it is.
    #[arg(value_name = "KIND/NAME|PATH", add = crate::cli::completing::kinds_and_keys())]
    what: Vec<String>,
    /// Write the files.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_WRITE")]
    write: bool,
    /// Make a manifest for every object of the account that has none.
    #[arg(long)]
    foreign: bool,
    /// Make manifests for the objects without one that a pulled object refers to.
    #[arg(long)]
    with_references: bool,
    /// Let the account win conflicts.
    #[arg(long)]
    theirs: bool,
    #[command(flatten)]
    pub(in crate::cli) json_into: JsonIntoArgs,
    #[command(flatten)]
    pub(in crate::cli) selecting: SelectionArgs,
}

/// What the arguments mean.
#[derive(Debug, Default)]
struct PullQuery {
    named: Vec<Named>,
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &PullArgs) -> Result<u8, Error> {
    let asked = asked(&args.what)?;
    let workspace = pulling::workspace(run, &asked.paths)?;
    let request = pulling::PullRequest {
        named: &asked.named,
        foreign: args.foreign,
        with_references: args.with_references,
        theirs: args.theirs,
        paths: &asked.paths,
        subset: &args.selecting.subset(),
    };
    let mut pull = runtime()?.block_on(pulling::pulled(run, &workspace, &request))?;
    if args.write {
        pulling::write(workspace.here(), &pull.files)?;
        pull.written = true;
        editor_schemas::refresh(run, &workspace);
        let is_named = |file: &PulledFile| file.before.is_none() && file.after.contains(FOLDER);
        if pull.files.iter().any(is_named) {
            editor_schemas::provide(run, &workspace.root);
        }
    }
    ui.document(&json(&pull));
    match ui.format() {
        Format::Json => ui.raw(&json(&pull)),
        _ => ui.data(&render_pull(&pull, ui.color(), ui.width())),
    }
    Ok(if pull.left.is_empty() {
        exit::DONE
    } else {
        exit::CHANGES
    })
}

/// Objects and paths apart: what begins with a kind is an object.
fn asked(what: &[String]) -> Result<PullQuery, Error> {
    let mut asked = PullQuery::default();
    for text in what {
        let (first, object) = match text.split_once('/') {
            Some((first, object)) => (first, Some(object.to_owned())),
            None => (text.as_str(), None),
        };
        let kind = KindId::manifests().find(|kind| kind.name() == first);
        match kind {
            Some(kind) => asked.named.push(Named { kind, object }),
            None if text == "-" => {
                return Err(Error::invalid("standard input cannot be pulled into")
                    .help("name files or folders"));
            }
            None if !Path::new(text).exists() => return Err(neither(text, first)),
            None => asked.paths.push(PathBuf::from(text)),
        }
    }
    Ok(asked)
}

/// Whether a text can only be a path: it has the ending of a file of manifests, or begins or ends as paths do.
fn is_path(text: &str) -> bool {
    let path = Path::new(text);
    let ending = path.extension().and_then(|it| it.to_str());
    let first = text.split('/').next().unwrap_or_default();
    ending.is_some_and(|it| ["yaml", "yml"].iter().any(|of| it.eq_ignore_ascii_case(of)))
        || text.ends_with('/')
        || path.is_absolute()
        || text.starts_with('.')
        || (text.contains('/') && Path::new(first).is_dir())
}

fn neither(text: &str, first: &str) -> Error {
    if is_path(text) {
        let help = "name an object, `Goal/newsletter-joined`, or a file or folder that exists";
        let what = if text.ends_with('/') {
            "folder"
        } else {
            "file"
        };
        return Error::invalid(format!("there is no {what} `{text}`")).help(help);
    }
    let names = || KindId::manifests().map(KindId::name);
    let alike = names().find(|name| name.eq_ignore_ascii_case(first));
    let near = alike.map(|name| format!("did you mean `{name}`?"));
    let help = near
        .or_else(|| did_you_mean(first, names()))
        .unwrap_or_else(|| {
            "write an object as `Goal/newsletter-joined`, or name a file or folder".to_owned()
        });
    Error::invalid(format!("`{text}` is neither an object nor a path")).help(help)
}
