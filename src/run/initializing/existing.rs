//! What `init` takes from a project that is there: environment, account, names of secrets, ledger and hosts. A flag
//! never overrides the project file, because the file is kept: one that contradicts it is an error.

use std::collections::BTreeSet;

use super::Wishes;
use super::answers::{
    Answers, IN_GIT, NamedAccount, PipelineFile, is_account, is_environment, no_account,
    of_sandbox, variables_prefix,
};
use crate::project::{
    Credentials, Environment, LedgerPlace, PROJECT_FILE, Project, SANDBOX, SecretSource,
};
use crate::run::trust::Allowed;
use crate::run::{Error, Trust};
use crate::text::address;
use crate::text::safe::line;

/// The answers that the project file gives.
///
/// # Errors
/// An environment that the file does not have, or a flag that contradicts it.
pub(super) fn answers(
    wishes: &Wishes,
    environment: Option<&str>,
    folder: &str,
    project: &Project,
) -> Result<Answers, Error> {
    let pipeline = wishes.pipeline.unwrap_or_default();
    let name = project.project.clone();
    agrees("--name", wishes.name.as_deref(), name.as_deref(), "project")?;
    of_sandbox(wishes, environment)?;
    let connection = match chosen(wishes, environment, project)? {
        Some((name, settings)) => Some(connection(wishes, name, settings, pipeline)?),
        None => None,
    };
    if connection.is_none() && (wishes.ledger.is_some() || wishes.domain_api.is_some()) {
        return Err(no_account(wishes));
    }
    Ok(Answers {
        name: name.unwrap_or_else(|| folder.to_owned()),
        connection,
        pipeline,
    })
}

/// The environment that is meant: the named one, the default of the project, or the only one with an account.
fn chosen<'p>(
    wishes: &Wishes,
    given: Option<&str>,
    project: &'p Project,
) -> Result<Option<(&'p str, &'p Environment)>, Error> {
    if given == Some(SANDBOX) {
        return Ok(None);
    }
    let with_account: Vec<(&str, &Environment)> = project
        .environments
        .iter()
        .filter(|(name, _)| *name != SANDBOX)
        .map(|(name, settings)| (name.as_str(), settings))
        .collect();
    let named = |wanted: &str| {
        with_account
            .iter()
            .find(|(name, _)| *name == wanted)
            .copied()
    };
    if let Some(name) = given {
        return named(name).map(Some).ok_or_else(|| missing(wishes, name));
    }
    let default = project.default_environment.as_deref().and_then(named);
    match (default, with_account.as_slice()) {
        (Some(found), _) => Ok(Some(found)),
        (None, []) if wishes.account.is_some() => Err(missing(wishes, "production")),
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(*only)),
        (None, several) => {
            let asks = wishes.pipeline.is_some_and(|it| it != PipelineFile::None)
                || wishes.account.is_some()
                || wishes.ledger.is_some()
                || wishes.domain_api.is_some()
                || wishes.from_account;
            if !asks {
                return Ok(None);
            }
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            let why = format!(
                "`{PROJECT_FILE}` has several accounts: {}",
                names.join(", ")
            );
            Err(Error::invalid(why).help("name one of them with `-e`"))
        }
    }
}

/// The error that the project has no such environment, with what to add.
fn missing(wishes: &Wishes, name: &str) -> Error {
    if let Err(why) = is_environment(name) {
        return Error::invalid(why);
    }
    let account = wishes.account.as_deref().unwrap_or("12345678");
    if let Err(why) = is_account(account) {
        return Error::invalid(why);
    }
    let prefix = variables_prefix(name);
    let why =
        format!("`{PROJECT_FILE}` has no environment `{name}`, and `init` does not change it");
    Error::invalid(why).help(format!(
        "add it below `environments`, then run `init` again:
      {name}:
        account: \"{account}\"
        credentials:
          username: {{ env: {prefix}_USER }}
          password: {{ env: {prefix}_PASSWORD }}"
    ))
}

fn connection(
    wishes: &Wishes,
    name: &str,
    settings: &Environment,
    pipeline: PipelineFile,
) -> Result<NamedAccount, Error> {
    let account = settings.account.clone().unwrap_or_default();
    let of = |field: &str| format!("environments.{name}.{field}");
    agrees(
        "--account",
        wishes.account.as_deref(),
        Some(&account),
        &of("account"),
    )?;
    let look_up = settings.domain_api.as_deref();
    agrees(
        "--domain-api",
        wishes.domain_api.as_deref(),
        look_up,
        &of("domainApi"),
    )?;
    let ledger = settings.ledger.as_deref();
    let given = wishes.ledger.as_deref();
    match given.filter(|it| *it == IN_GIT) {
        Some(_) if ledger.is_none() => {}
        _ => agrees("--ledger", given, ledger, &of("ledger"))?,
    }
    let is_file = ledger.is_some_and(|it| LedgerPlace::of(it) == Ok(LedgerPlace::File));
    if is_file && pipeline != PipelineFile::None {
        let why = format!("a pipeline cannot keep the ledger of `{name}`: `ledger:` names a file");
        return Err(Error::invalid(why).help(
            "remove `ledger:`, for the file that the pipeline commits, or name a bucket, such as `s3://bucket/key`",
        ));
    }
    let sources = SecretSources::of(settings);
    Ok(NamedAccount {
        environment: name.to_owned(),
        account,
        domain_api: settings.domain_api.clone(),
        ledger: settings.ledger.clone(),
        named: Some(sources.variables),
        files: sources.files,
        hosts: hosts(settings),
        locks: settings
            .ledger_lock
            .as_ref()
            .and_then(|lock| lock.address.clone())
            .into_iter()
            .collect(),
    })
}

/// The error that a flag contradicts the project file. Its value is not shown where it may hold a password.
fn agrees(flag: &str, given: Option<&str>, held: Option<&str>, place: &str) -> Result<(), Error> {
    let Some(given) = given.filter(|given| Some(*given) != held) else {
        return Ok(());
    };
    let given = address::shown(given);
    let why = match held {
        Some(held) => format!(
            "`{flag} {}` contradicts `{PROJECT_FILE}`, where `{place}` is `{}`",
            line(&given),
            line(&address::shown(held))
        ),
        None => format!(
            "`{flag} {}` contradicts `{PROJECT_FILE}`, where `{place}` is not set",
            line(&given)
        ),
    };
    Err(Error::invalid(why).help("`init` keeps the file: change it there, or leave the flag out"))
}

/// The hosts that a restricted plan must be allowed to reach: the vendor's need no permission.
fn hosts(settings: &Environment) -> Vec<String> {
    let vendor = Trust::Restricted(Allowed::default()).reach();
    let handoffs = settings.handoffs.as_ref().and_then(|it| it.url.as_ref());
    let named = settings
        .domain_api
        .iter()
        .chain(settings.hosts.values())
        .chain(handoffs);
    let foreign = named.filter(|address| !vendor.admits(address));
    let bare: BTreeSet<String> = foreign
        .map(|address| bare_host(address).to_owned())
        .collect();
    bare.into_iter().collect()
}

/// The host of an address.
pub(super) fn bare_host(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.split('/').next().unwrap_or(bare)
}

/// Where the secrets of an environment are.
#[derive(Default)]
struct SecretSources {
    variables: Vec<String>,
    files: Vec<String>,
}

impl SecretSources {
    fn of(settings: &Environment) -> Self {
        let Credentials {
            username,
            password,
            login,
            client_id,
            client_secret,
            bearer,
        } = settings.credentials.clone().unwrap_or_default();
        let login = login.map(|it| [Some(it.client_id), it.client_secret, it.refresh_token]);
        let ledger = settings.ledger_credentials.clone();
        let ledger = ledger.map(|it| [it.username, it.password]);
        let own = [username, password, client_id, client_secret, bearer];
        let notified = settings.notify.iter().map(|it| it.url.clone());
        let all = own
            .into_iter()
            .flatten()
            .chain(login.into_iter().flatten().flatten())
            .chain(ledger.into_iter().flatten())
            .chain(notified);
        let mut sources = Self::default();
        for source in all {
            let shown = source.to_string();
            let (list, text) = match source {
                SecretSource::Env(name) => (&mut sources.variables, name),
                SecretSource::File(_) => (&mut sources.files, shown),
            };
            if !list.contains(&text) {
                list.push(text);
            }
        }
        sources
    }
}
