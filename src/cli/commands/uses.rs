//! `uses`: who uses an object.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::report::uses::render_uses;
use crate::run::users::of_object;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Show what uses an object. Users of its users are listed too, and live ones are marked.
///
/// Reads the manifests alone. With `-e` it reads the account of an environment, too: objects that people made in the
/// console are among the users, `LIVE` marks what consumers see now, and differences between manifests and account are
/// marked. Nothing is written.
///
/// Works for skills, lines of business, app installations, connectors and zones too, which have no manifests.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl uses Goal/order-paid                   which manifests use a goal
  campaignctl uses Goal/order-paid -e production     also objects of the account, including those made in the console
  campaignctl uses Skill/Orders -e production        which engagements route to a skill
  campaignctl uses Goal/order-paid -e production --full   each object inside the campaigns, too
  campaignctl uses EntryPoint/cart --format json     for a program")]
pub(in crate::cli) struct UsesArgs {
    /// The object: by the name of its manifest, by display name, or by id.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::used_keys(), value_parser = named)]
    what: (KindId, String),
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// List every object inside a user instead of a count.
    #[arg(long)]
    full: bool,
}

/// An object as people name it, `Goal/newsletter-joined`.
pub(in crate::cli) fn named(text: &str) -> Result<(KindId, String), String> {
    let (kind, name) = text
        .split_once('/')
        .ok_or_else(|| format!("`{text}` is not of the form KIND/NAME"))?;
    let mut kinds = KindId::all();
    if let Some(kind) = kinds.find(|it| it.name().eq_ignore_ascii_case(kind)) {
        return Ok((kind, name.to_owned()));
    }
    let near = did_you_mean(kind, KindId::all().map(KindId::name));
    let near = near.map_or_else(String::new, |near| format!("; {near}"));
    Err(format!("`{kind}` is not a kind{near}"))
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &UsesArgs) -> Result<u8, Error> {
    let uses = runtime()?.block_on(of_object(run, &args.paths, &args.what))?;
    let text = match ui.format() {
        Format::Json => json(&uses),
        _ => render_uses(&uses, args.full, ui.color()),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}
