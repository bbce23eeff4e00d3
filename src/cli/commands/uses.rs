//! `uses`: who uses an object.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::diag::did_you_mean;
use crate::kinds::KindId;
use crate::load::NO_MANIFESTS;
use crate::report::uses::render_uses;
use crate::resolve::codes::UNKNOWN_REFERENCE;
use crate::run::account::Account;
use crate::run::manifests::{Manifests, lower};
use crate::run::workspace::{UNUSABLE, Workspace, refuse};
use crate::run::{Error, Run};
use crate::select::Unknown;
use crate::text::safe::json;
use crate::users::{Uses, Web, needs};

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
    let uses = of_object(run, &args.paths, &args.what)?;
    let text = match ui.format() {
        Format::Json => json(&uses),
        _ => render_uses(&uses, args.full, ui.color()),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}

/// The users of an object: of the manifests, and of the account where an environment is given.
///
/// # Errors
/// Manifests that cannot be used, an account that cannot be read, a name that means nothing.
pub(in crate::cli) fn of_object(
    run: &Run,
    paths: &[PathBuf],
    (kind, name): &(KindId, String),
) -> Result<Uses, Error> {
    let workspace = Workspace::find(run, paths)?;
    let unknown = |Unknown { message, help }| Error::invalid(message).help(help);
    let now = Some(workspace.now);
    if run.given_environment().is_none() {
        let manifests = manifests_for(run, &workspace, false)?;
        let web = Web::of_manifests(&manifests.desired, now).for_questions_about(*kind);
        let node = web.find(*kind, name).map_err(unknown)?;
        return Ok(web.uses(&node));
    }
    let manifests = manifests_for(run, &workspace, true)?;
    runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let uses = async {
            let ledger = account.recorded(run).await?.ledger;
            let inventory = account.read(run, &needs([*kind])).await?;
            let web = Web::of_account(&manifests.desired, &inventory, &ledger, now);
            let web = web.for_questions_about(*kind);
            let node = web.find(*kind, name).map_err(unknown)?;
            Ok::<_, Error>(Uses {
                environment: Some(account.environment.clone()),
                account: Some(account.id.clone()),
                ..web.uses(&node)
            })
        };
        let uses = uses.await;
        account.close().await;
        uses
    })
}

/// The manifests, whose references may lead to objects that no manifest defines any more: who uses such an object is
/// what people ask right after they removed it. An account has users without manifests, too.
fn manifests_for(run: &Run, workspace: &Workspace, of_account: bool) -> Result<Manifests, Error> {
    let mut manifests = workspace.readable_manifests(run)?;
    let diags = std::mem::take(&mut manifests.diags).into_iter();
    let diags = diags.filter(|it| !of_account || it.code.name != NO_MANIFESTS.name);
    manifests.diags = diags.collect();
    lower(&mut manifests, &|it| it.code.name == UNKNOWN_REFERENCE.name);
    refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
    Ok(manifests)
}
