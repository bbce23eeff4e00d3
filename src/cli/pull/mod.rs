//! `pull`: what the account holds, into the files that are there.

mod pulling;
mod settling;

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::editor_schemas::{self, FOLDER};
use super::json_into::JsonIntoArgs;
use super::selecting::SelectionArgs;
use super::ui::Ui;
use super::{Format, exit};
use crate::diag::did_you_mean;
use crate::files;
use crate::kinds::KindId;
use crate::pull::{Named, PulledFile};
use crate::report::pull::render_pull;
use crate::run::saved;
use crate::run::workspace::{Workspace, canonical};
use crate::run::{Error, Meaning, Run};
use crate::text::safe::json;

/// The largest manifest that is read again before it is written: that of a run.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Take over what the account holds into the files. Drifted fields go to their places, and objects made in the console.
///
/// A drifted field gets the live value where it is written: in the overlay that sets it, else in the base. Comments,
/// quotes and layout stay. An object that has no manifest gets one in the folder where its kind lives, if it is named
/// or `--foreign` asks for all. Shows the changes as a diff and writes nothing without `--write`.
///
/// What cannot be taken over for sure is left and listed with the reason: a field that was edited in the files as well
/// (a conflict), a value from a variable, an object that the account no longer holds. Account and ledger are only
/// read; after a pull, a plan shows nothing for what was taken over, and adopts new objects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl pull -e production                    what drifted, as a diff
  campaignctl pull -e production --write            write it into the files
  campaignctl pull Goal/newsletter-joined --write   one object, drifted or made in the console
  campaignctl pull Campaign/spring --with-references
  campaignctl pull --foreign campaigns              every object without a manifest, too

Exit codes: 0 all of it was or can be taken over, 2 something is left, 3 a name that means nothing.")]
pub(super) struct PullArgs {
    /// Objects by name, display name or id, such as `Goal/newsletter-joined`; kinds, such as `Goal`, for all of their
    /// objects; files and folders of manifests.
    #[arg(value_name = "KIND/NAME|PATH", add = super::completing::kinds_and_keys())]
    what: Vec<String>,
    /// Write the files.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_WRITE")]
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
    pub(super) json_into: JsonIntoArgs,
    #[command(flatten)]
    pub(super) selecting: SelectionArgs,
}

/// What the arguments mean.
#[derive(Debug, Default)]
struct Asked {
    named: Vec<Named>,
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, run: &Run, args: &PullArgs) -> Result<u8, Error> {
    let asked = asked(&args.what)?;
    let workspace = Workspace::find(run, &asked.paths)?;
    let mut pull = pulling::pulled(run, &workspace, args, &asked.named)?;
    if args.write {
        write(&pull.files)?;
        pull.written = true;
        editor_schemas::refresh(ui, &workspace);
        let is_named = |file: &PulledFile| file.before.is_none() && file.after.contains(FOLDER);
        if pull.files.iter().any(is_named) {
            editor_schemas::provide(ui, &workspace.root);
        }
    }
    ui.document(&json(&pull));
    let text = match ui.format() {
        Format::Json => json(&pull),
        _ => render_pull(&pull, ui.color()),
    };
    ui.formatted(ui.format(), &text);
    Ok(if pull.left.is_empty() {
        exit::DONE
    } else {
        exit::CHANGES
    })
}

/// Objects and paths apart: what begins with a kind is an object.
fn asked(what: &[String]) -> Result<Asked, Error> {
    let mut asked = Asked::default();
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

fn neither(text: &str, first: &str) -> Error {
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

/// Writes the files: all of them, unless one changed since it was read.
fn write(changed: &[PulledFile]) -> Result<(), Error> {
    for file in changed {
        let path = Path::new(&file.path);
        let is_as_read = match &file.before {
            Some(before) => files::read_text(path, LARGEST)
                .is_ok_and(|now| now.strip_prefix('\u{feff}').unwrap_or(&now) == before),
            None => path.symlink_metadata().is_err(),
        };
        if !is_as_read {
            let message = format!("`{}` changed while the account was read", file.path);
            return Err(
                Error::new(Meaning::Failed, message).help("run it again: nothing was written")
            );
        }
        if file.before.is_some() {
            files::can_replace(&canonical(path)).map_err(|error| {
                Error::new(
                    Meaning::Failed,
                    format!("cannot write `{}`: {error}", file.path),
                )
            })?;
        }
    }
    for file in changed {
        let path = Path::new(&file.path);
        match (&file.before, path.file_name()) {
            (None, Some(name)) => {
                let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
                let folder = folder.unwrap_or_else(|| Path::new("."));
                files::write_inside(folder, Path::new(name), file.after.as_bytes(), false)
                    .map_err(|error| {
                        let message = format!("cannot write `{}`: {error}", file.path);
                        Error::new(Meaning::Failed, message)
                    })?;
            }
            _ => saved::write(&canonical(path), &file.after)?, // a link stays a link
        }
    }
    Ok(())
}
