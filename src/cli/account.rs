//! The account of an environment: the real one, or the sandbox started inside the process.

use std::path::Path;
use std::sync::Arc;

use super::error::CliError;
use super::ledgers::ledger_of;
use super::workspace::Workspace;
use super::{Global, exit, now};
use crate::api::{self, Client, Secret, Settings};
use crate::ledger;
use crate::project::{
    Credentials, Environment, Guards, Prune, SANDBOX, SANDBOX_ACCOUNT, SecretSource,
};
use crate::sandbox::{Fault, FaultError, Handle, Options, Place, Sandbox};

/// Name, password and client of the sandbox, which keeps no secrets.
const SANDBOX_CREDENTIAL: &str = "sandbox";

/// A connected account.
pub(super) struct Account {
    /// The name of the environment.
    pub(super) environment: String,
    /// The account id.
    pub(super) id: String,
    /// The client.
    pub(super) client: Client,
    /// The ledger of the environment.
    pub(super) ledger: ledger::Store,
    /// Whether observed kinds can be written.
    pub(super) writes_observed: bool,
    /// What happens to live objects that no manifest describes.
    pub(super) prune: Prune,
    /// How much a plan may change.
    pub(super) guards: Guards,
    /// Keeps the sandbox running.
    sandbox: Option<Handle>,
}

impl Account {
    /// Connects to the account of the run's environment.
    ///
    /// # Errors
    /// An unknown environment, missing credentials, a sandbox or account that cannot be reached.
    pub(super) async fn connect(global: &Global, workspace: &Workspace) -> Result<Self, CliError> {
        let name = global.environment();
        let environment = workspace.environment(name)?;
        let ledger = ledger_of(global, workspace)?;
        let (settings, sandbox) = if name == SANDBOX {
            let options = sandbox_options(workspace, &environment, 0)?;
            let handle = start_sandbox(workspace, &environment, options).await?;
            (sandbox_settings(&environment, &handle), Some(handle))
        } else {
            (account_settings(workspace, name, &environment)?, None)
        };
        let settings = Settings {
            parallelism: usize::from(global.parallelism),
            ..settings
        };
        let id = settings.account.clone();
        let client = api::connect(settings)
            .await
            .map_err(|error| CliError::from(error).context(&format!("cannot connect to {name}")))?;
        Ok(Self {
            environment: name.to_owned(),
            ledger,
            id,
            client,
            writes_observed: sandbox.is_some(),
            guards: environment.guards,
            prune: environment.prune.clone().unwrap_or_default(),
            sandbox,
        })
    }

    /// Ends the sandbox, if there is one.
    pub(super) async fn close(self) {
        if let Some(handle) = self.sandbox {
            handle.shutdown().await;
        }
    }
}

/// Starts the sandbox of a project, its data in the folder of what runs remember.
///
/// # Errors
/// A store that cannot be used, a seed that cannot be loaded, a port that is taken.
pub(super) async fn start_sandbox(
    workspace: &Workspace,
    environment: &Environment,
    options: Options,
) -> Result<Handle, CliError> {
    let handle = Sandbox::start(options).await?;
    if let Some(seed) = &environment.seed {
        handle.seed_if_empty(&workspace.root.join(seed))?;
    }
    Ok(handle)
}

/// How the sandbox of a project is started.
///
/// # Errors
/// A folder that cannot be made.
pub(super) fn sandbox_options(
    workspace: &Workspace,
    environment: &Environment,
    port: u16,
) -> Result<Options, CliError> {
    let store = workspace.state("sandbox.sqlite");
    if let Some(folder) = store.parent() {
        make_state_folder(folder)?;
    }
    let account = environment
        .account
        .clone()
        .unwrap_or_else(|| SANDBOX_ACCOUNT.to_owned());
    let mut options = Options::in_memory(account, Arc::new(now));
    options.store = Place::File(store);
    options.listen.set_port(port);
    options.settings.faults = faults_of(environment)?;
    Ok(options)
}

/// What goes wrong from the start on: what the project file says, then what the run says.
fn faults_of(environment: &Environment) -> Result<Vec<Fault>, CliError> {
    const VARIABLE: &str = "CAMPAIGNCTL_FAULTS";
    let of_run = super::environment_variable(VARIABLE).unwrap_or_default();
    let of_project = environment.faults.iter();
    let of_project =
        of_project.map(|text| (text.as_str(), "`faults` of the environment `sandbox`"));
    let of_run = of_run
        .split([';', '\n'])
        .filter(|text| !text.trim().is_empty())
        .map(|text| (text.trim(), VARIABLE));
    of_project
        .chain(of_run)
        .map(|(text, place)| {
            text.parse()
                .map_err(|error: FaultError| CliError::from(error).context(place))
        })
        .collect()
}

/// Makes the folder, and keeps it out of git.
fn make_state_folder(folder: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(
            ignore,
            "# The sandbox is not worth keeping; a ledger is.\nsandbox.sqlite*\n",
        )?;
    }
    Ok(())
}

fn sandbox_settings(environment: &Environment, handle: &Handle) -> Settings {
    let account = environment
        .account
        .clone()
        .unwrap_or_else(|| SANDBOX_ACCOUNT.to_owned());
    let credentials = api::Credentials::ClientCredentials {
        id: SANDBOX_CREDENTIAL.to_owned(),
        secret: Secret::new(SANDBOX_CREDENTIAL),
    };
    Settings {
        domain_api: handle.base_url(),
        handoff_host: Some(handle.base_url()),
        handoff_writes: true,
        ..Settings::new(account, credentials)
    }
}

fn account_settings(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
) -> Result<Settings, CliError> {
    let account = environment
        .account
        .clone()
        .ok_or_else(|| CliError::invalid(format!("the environment `{name}` has no account")))?;
    let credentials = environment
        .credentials
        .as_ref()
        .ok_or_else(|| CliError::invalid(format!("the environment `{name}` has no credentials")))?;
    let mut settings = Settings::new(account, read_credentials(workspace, credentials)?);
    if let Some(domain_api) = &environment.domain_api {
        settings.domain_api.clone_from(domain_api);
    }
    settings.handoff_host = environment.hosts.get("handoff").cloned();
    settings.hosts = environment.hosts.clone();
    Ok(settings)
}

fn read_credentials(
    workspace: &Workspace,
    credentials: &Credentials,
) -> Result<api::Credentials, CliError> {
    let Credentials {
        client_id,
        client_secret,
        username,
        password,
        bearer,
    } = credentials;
    let read = |source: &SecretSource| read_secret(workspace, source);
    match (client_id, client_secret, username, password, bearer) {
        (Some(id), Some(secret), ..) => Ok(api::Credentials::ClientCredentials {
            id: read(id)?,
            secret: Secret::new(read(secret)?),
        }),
        (_, _, Some(username), Some(password), _) => Ok(api::Credentials::Login {
            username: read(username)?,
            password: Secret::new(read(password)?),
        }),
        (.., Some(bearer)) => Ok(api::Credentials::Bearer(Secret::new(read(bearer)?))),
        _ => Err(CliError::invalid(
            "the environment has no complete credentials",
        )),
    }
}

/// A secret that the project file names.
///
/// # Errors
/// A variable or file that is not there.
pub(super) fn read_secret(
    workspace: &Workspace,
    source: &SecretSource,
) -> Result<String, CliError> {
    match source {
        SecretSource::Env(name) => super::environment_variable(name)
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| {
                CliError::new(
                    exit::DENIED,
                    format!("the environment variable `{name}` is not set"),
                )
                .help("it holds a credential that `campaignctl.yaml` names")
            }),
        SecretSource::File(path) => {
            let path = workspace.root.join(path);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                CliError::new(
                    exit::DENIED,
                    format!(
                        "cannot read the credential file `{}`: {error}",
                        path.display()
                    ),
                )
            })?;
            Ok(text.trim_end().to_owned())
        }
    }
}
