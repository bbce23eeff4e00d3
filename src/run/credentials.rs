//! The credentials of an environment: found where the project file says, and made into settings.
//!
//! The environment of the process and files are read here, and only when a run needs them.

use std::sync::Arc;

use super::Meaning;
use super::error::Error;
use super::logins::{KeptLogin, LoginKey};
use super::workspace::Workspace;
use crate::api::{
    self, AllowedHosts, Application, ClientSettings, DOMAIN_API, GivenToken, Refresh, Secret,
    TokenKeeper,
};
use crate::files;
use crate::project::{
    BrowserLogin, Credentials, Environment, PROJECT_FILE, SANDBOX, SecretSource, is_plausible_name,
};

/// What is needed to connect to an account.
///
/// # Errors
/// Credentials that are not there.
pub fn account_settings(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
) -> Result<ClientSettings, Error> {
    let credentials = environment
        .credentials
        .as_ref()
        .ok_or_else(|| Error::invalid(format!("the environment `{name}` has no credentials")))?;
    let read = match &credentials.login {
        Some(login) => signed_in(workspace, name, environment, login)?,
        None => (
            read_credentials(workspace, name, credentials)?,
            credentials.described(),
        ),
    };
    settings_with(workspace, name, environment, read)
}

/// The settings of an account, with credentials and where they come from.
fn settings_with(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
    (credentials, from): (api::SignInSecrets, String),
) -> Result<ClientSettings, Error> {
    let mut settings = ClientSettings::new(account_of(name, environment)?, credentials);
    settings.credentials_from = from;
    settings.reach = trusted_hosts(workspace, environment)?;
    if let Some(domain_api) = &environment.domain_api {
        settings.domain_api.clone_from(domain_api);
    }
    settings.hosts.clone_from(&environment.hosts);
    if let Some(handoffs) = &environment.handoffs {
        let url = handoffs.url.iter().cloned();
        settings
            .hosts
            .extend(url.map(|url| ("handoff".to_owned(), url)));
        settings.handoff_writes = handoffs.write;
    }
    Ok(settings)
}

/// Where the requests may go, once all that the project file names may be reached.
fn trusted_hosts(workspace: &Workspace, environment: &Environment) -> Result<AllowedHosts, Error> {
    let trust = workspace.machine.trust();
    let look_up = environment.domain_api.iter();
    let handoffs = environment.handoffs.iter().filter_map(|it| it.url.as_ref());
    let hosts = environment.hosts.iter();
    let named = (look_up.map(|it| ("domainApi".to_owned(), it)))
        .chain(hosts.map(|(service, it)| (format!("hosts.{service}"), it)))
        .chain(handoffs.map(|it| ("handoffs.url".to_owned(), it)));
    for (setting, address) in named {
        trust.host(&setting, address)?;
    }
    Ok(trust.reach())
}

fn account_of(name: &str, environment: &Environment) -> Result<String, Error> {
    environment
        .account
        .clone()
        .ok_or_else(|| Error::invalid(format!("the environment `{name}` has no account")))
}

/// A user who signed in with a browser: by the refresh token that the run is given, else by the one that `login` keeps.
fn signed_in(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
    login: &BrowserLogin,
) -> Result<(api::SignInSecrets, String), Error> {
    let application = application(workspace, login)?;
    let (keeper, from): (Arc<dyn TokenKeeper>, _) =
        if let Some((token, source)) = given_token(workspace, login)? {
            let from = format!("the refresh token of {source}");
            (Arc::new(GivenToken::new(token)), from)
        } else {
            workspace.machine.trust().kept_sign_in(name)?;
            let kept = login_of(workspace, name, environment)?;
            if !kept.exists()? {
                return Err(not_signed_in(name, login));
            }
            let from = format!("the sign-in in {}", kept.path().display());
            (Arc::new(kept), from)
        };
    let refresh = Refresh {
        application,
        keeper,
    };
    Ok((api::SignInSecrets::Refresh(refresh), from))
}

fn not_signed_in(name: &str, login: &BrowserLogin) -> Error {
    let given = match &login.refresh_token {
        Some(source) => format!("; where there is no browser, a refresh token comes from {source}"),
        None => "; where there is no browser, name a `refreshToken` below `login`".to_owned(),
    };
    Error::new(Meaning::Denied, format!("you are not signed in to {name}"))
        .help(format!("run `campaignctl login -e {name}`{given}"))
}

/// The refresh token that the run is given, and from where; `None` when what the project file names is not there.
fn given_token<'a>(
    workspace: &Workspace,
    login: &'a BrowserLogin,
) -> Result<Option<(Secret, &'a SecretSource)>, Error> {
    let Some(source) = &login.refresh_token else {
        return Ok(None);
    };
    let is_there = match source {
        SecretSource::Env(name) => workspace
            .machine
            .variable(name)
            .is_some_and(|value| !value.is_empty()),
        SecretSource::File(path) => workspace.root.join(path).exists(),
    };
    if !is_there {
        return Ok(None);
    }
    let token = read_secret(workspace, "refresh token", source)?;
    Ok(Some((Secret::new(token), source)))
}

fn application(workspace: &Workspace, login: &BrowserLogin) -> Result<Application, Error> {
    let secret = login.client_secret.as_ref();
    let secret = secret.map(|source| read_secret(workspace, "client secret", source));
    Ok(Application {
        id: read_secret(workspace, "client id", &login.client_id)?,
        secret: secret.transpose()?.map(Secret::new),
    })
}

/// Where the sign-in of an environment is kept.
///
/// # Errors
/// An environment that nobody signs in to with a browser.
pub fn login_of(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
) -> Result<KeptLogin, Error> {
    let login = browser_login(name, environment)?;
    let look_up = environment.domain_api.as_deref();
    KeptLogin::of(
        &workspace.machine,
        LoginKey {
            look_up: look_up.unwrap_or(DOMAIN_API).to_owned(),
            account: account_of(name, environment)?,
            client_id: read_secret(workspace, "client id", &login.client_id)?,
        },
    )
}

fn browser_login<'a>(name: &str, environment: &'a Environment) -> Result<&'a BrowserLogin, Error> {
    let credentials = environment.credentials.as_ref();
    credentials
        .and_then(|credentials| credentials.login.as_ref())
        .ok_or_else(|| {
            Error::invalid(format!(
                "`{name}` has no application that users sign in to with a browser"
            ))
            .help(format!(
                "add `credentials: {{ login: {{ clientId: {{ env: NAME }} }} }}` to `{name}` in `{PROJECT_FILE}`; `campaignctl explain credentials` says when"
            ))
        })
}

/// What is needed to sign in with a browser: nothing is signed in yet.
///
/// # Errors
/// As [`login_of`].
pub fn settings_for_login(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
) -> Result<ClientSettings, Error> {
    let login = browser_login(name, environment)?;
    let refresh = Refresh {
        application: application(workspace, login)?,
        keeper: Arc::new(GivenToken::new(Secret::new(""))),
    };
    let credentials = (
        api::SignInSecrets::Refresh(refresh),
        "the sign-in of this run".to_owned(),
    );
    settings_with(workspace, name, environment, credentials)
}

fn read_credentials(
    workspace: &Workspace,
    name: &str,
    credentials: &Credentials,
) -> Result<api::SignInSecrets, Error> {
    let Credentials {
        username,
        password,
        login: _,
        client_id,
        client_secret,
        bearer,
    } = credentials;
    let trust = workspace.machine.trust();
    let read = |what, source: &SecretSource| {
        let read = read_secret(workspace, what, source);
        match source {
            SecretSource::Env(variable)
                if is_plausible_name(variable)
                    && trust.secret(&workspace.root, what, source).is_ok() =>
            {
                read.map_err(|error| {
                    error.help(format!(
                        "`{name}` needs it: `export {variable}=..`; `-e {SANDBOX}` needs no credentials"
                    ))
                })
            }
            _ => read,
        }
    };
    match (username, password, client_id, client_secret, bearer) {
        (Some(username), Some(password), ..) => Ok(api::SignInSecrets::Login {
            username: read("user name", username)?,
            password: Secret::new(read("password", password)?),
        }),
        (_, _, Some(id), Some(secret), _) => Ok(api::SignInSecrets::ClientCredentials {
            id: read("client id", id)?,
            secret: Secret::new(read("client secret", secret)?),
        }),
        (.., Some(bearer)) => Ok(api::SignInSecrets::Bearer(Secret::new(read(
            "bearer", bearer,
        )?))),
        _ => Err(Error::invalid(
            "the environment has no complete credentials",
        )),
    }
}

/// The longest secret in a file: far above any token.
const LONGEST_SECRET: u64 = 64 * 1024;

/// A secret that the project file names. `what` is what it is for.
///
/// # Errors
/// A variable or file that is not there, empty, or not for the project to name.
pub fn read_secret(
    workspace: &Workspace,
    what: &str,
    source: &SecretSource,
) -> Result<String, Error> {
    let missing = |why: &str| {
        let message = format!("the {what} is missing: {source} {why}");
        Error::new(Meaning::Denied, message).help("`campaignctl.yaml` names where credentials are")
    };
    let trust = workspace.machine.trust();
    trust.secret(&workspace.root, what, source)?;
    let secret = match source {
        SecretSource::Env(name) => workspace
            .machine
            .variable(name)
            .ok_or_else(|| missing("is not set"))?,
        SecretSource::File(path) => files::read_text(&workspace.root.join(path), LONGEST_SECRET)
            .map_err(|error| missing(&format!("cannot be read: {error}")))?
            .trim_end()
            .to_owned(),
    };
    if secret.is_empty() {
        return Err(missing("is empty"));
    }
    Ok(secret)
}
