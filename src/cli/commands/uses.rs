//! `uses`: who uses an object.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::report::uses::render_uses;
use crate::run::initializing::shell_word;
use crate::run::users::{of_name, of_object};
use crate::run::{Error, Run};
use crate::text::safe::{json, line};

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
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::used_keys())]
    what: String,
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// List every object inside a user instead of a count.
    #[arg(long)]
    full: bool,
}

/// An object as people name it, `Goal/newsletter-joined`.
pub(in crate::cli) fn named(text: &str) -> Result<(KindId, String), String> {
    let (kind, name) = text.split_once('/').ok_or_else(|| {
        format!("`{text}` has no kind: write it before the name, as `Goal/{text}`")
    })?;
    let mut kinds = KindId::all();
    if let Some(kind) = kinds.find(|it| it.name().eq_ignore_ascii_case(kind)) {
        return Ok((kind, name.to_owned()));
    }
    let near = did_you_mean(kind, KindId::all().map(KindId::name));
    let near = near.map_or_else(String::new, |near| format!("; {near}"));
    Err(format!("`{kind}` is not a kind{near}"))
}

/// That the kind is missing, and the manifests that have the name.
fn without_kind(run: &Run, args: &UsesArgs) -> Error {
    let name = line(&args.what);
    let keys = of_name(run, &args.paths, &args.what).unwrap_or_default();
    let paths = args.paths.iter();
    let paths = paths.map(|path| format!(" {}", line(&shell_word(&path.to_string_lossy()))));
    let paths: String = paths.collect();
    let commands = keys
        .iter()
        .map(|key| format!("`campaignctl uses {key}{paths}`"));
    let commands: Vec<String> = commands.collect();
    let help = match commands.as_slice() {
        [] => format!("write the kind before the name, as `campaignctl uses Goal/{name}{paths}`"),
        all => format!("run {}", all.join(" or ")),
    };
    Error::invalid(format!("`{name}` has no kind")).help(help)
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &UsesArgs) -> Result<u8, Error> {
    if !args.what.contains('/') {
        return Err(without_kind(run, args));
    }
    let what = named(&args.what).map_err(|message| Error::invalid(line(&message)))?;
    let uses = runtime()?.block_on(of_object(run, &args.paths, &what))?;
    let text = match ui.format() {
        Format::Json => json(&uses),
        _ => render_uses(&uses, args.full, ui.color()),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}
