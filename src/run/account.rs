//! The account of an environment: the real one, or the sandbox started inside the process.

use std::path::Path;
use std::sync::Arc;

use super::Run;
use super::access::remedied;
use super::credentials::account_settings;
use super::error::Error;
use super::ledgers::ledger_of;
use super::looking::CacheFile;
use super::workspace::Workspace;
use crate::api::{self, Client, ClientSettings, Rate, RetryPolicy, Secret, WriteFence};
use crate::ledger::{self, LedgerSession};
use crate::live::{CacheOwner, Inventory};
use crate::project::{Environment, Guards, Prune, SANDBOX, SANDBOX_ACCOUNT, SandboxCondition};
use crate::sandbox::{
    Fault, FaultError, Handle, Sandbox, SandboxOptions, ServedCondition, StorePlace,
};
use crate::text::safe;

/// Name, password and client of the sandbox, which keeps no secrets.
const SANDBOX_CREDENTIAL: &str = "sandbox";

/// A connected account.
pub struct Account {
    /// The name of the environment.
    pub environment: String,
    /// The account id.
    pub id: String,
    /// The client.
    pub client: Client,
    /// The ledger of the environment.
    pub ledger: ledger::LedgerStore,
    /// Whether observed kinds can be written.
    pub writes_observed: bool,
    /// What happens to live objects that no manifest defines.
    pub prune: Prune,
    /// How much a plan may change.
    pub guards: Guards,
    /// Where what was read is kept for later runs; nowhere for the built-in sandbox, which is another host in each run.
    pub(super) cache: Option<CacheFile>,
    /// Keeps the sandbox running.
    sandbox: Option<Handle>,
}

impl Account {
    /// Connects to the account of the run's environment.
    ///
    /// # Errors
    /// An unknown environment, missing credentials, a sandbox or account that cannot be reached.
    pub async fn connect(run: &Run, workspace: &Workspace) -> Result<Self, Error> {
        Self::connect_within(run, workspace, f64::INFINITY).await
    }

    /// The same with no more than so many requests a second, on real accounts: a service that the run calls takes no more.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_within(
        run: &Run,
        workspace: &Workspace,
        most: f64,
    ) -> Result<Self, Error> {
        let name = run.environment();
        let environment = workspace.environment(name)?;
        let ledger = ledger_of(run, workspace)?;
        let (mut settings, sandbox) = settings_of(run, workspace, &environment).await?;
        settings.rate.requests = settings.rate.requests.map(|rate| rate.min(most));
        let id = settings.account.clone();
        let writes_observed = settings.handoff_writes;
        let credentials = settings.credentials.clone();
        let client = api::connect(settings).await.map_err(|error| {
            remedied(error, &credentials, name).context(&format!("cannot connect to {name}"))
        })?;
        let owner = CacheOwner {
            account: id.clone(),
            host: client.configuration_host()?,
        };
        let cache = (name != SANDBOX).then(|| CacheFile::of(workspace, name, owner));
        Ok(Self {
            environment: name.to_owned(),
            ledger,
            id,
            cache,
            client,
            writes_observed,
            guards: environment.guards,
            prune: environment.prune.clone().unwrap_or_default(),
            sandbox,
        })
    }

    /// Says which kinds the account does not let be read. That they were not read is not that there are none.
    pub fn tell_of_unread(run: &Run, inventory: &Inventory) {
        for (kind, why) in inventory.unreadable() {
            let why = safe::line(why);
            run.note(&format!(
                "note: {kind} objects of the account were not read, and are left out: {why}"
            ));
        }
    }

    /// Has the lock of a session asked for before each write from now on, where it can be lost.
    pub(super) fn fenced_by(&self, session: &LedgerSession) {
        self.client.fence(fence_of(session));
    }

    /// Where the sandbox of the run is, if there is one.
    pub(super) fn sandbox_url(&self) -> Option<String> {
        self.sandbox.as_ref().map(Handle::base_url)
    }

    /// Ends the sandbox, if there is one.
    pub async fn close(self) {
        if let Some(handle) = self.sandbox {
            handle.shutdown().await;
        }
    }
}

/// What asks for the lock of a session, where it can be lost.
pub(super) fn fence_of(session: &LedgerSession) -> Option<WriteFence> {
    session.fence().map(|fence| -> WriteFence {
        Arc::new(move || {
            let fence = fence.clone();
            Box::pin(async move { fence.pass().await.map_err(|error| error.to_string()) })
        })
    })
}

/// What is needed to connect to the run's environment, and the sandbox if that is what it is.
///
/// # Errors
/// Missing credentials, a sandbox that does not start.
pub async fn settings_of(
    run: &Run,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<(ClientSettings, Option<Handle>), Error> {
    let name = run.environment();
    let (settings, sandbox) = if name == SANDBOX {
        let options = sandbox_options(workspace, environment, 0)?;
        let handle = start_sandbox(workspace, environment, options).await?;
        (sandbox_settings(environment, &handle), Some(handle))
    } else {
        (account_settings(workspace, name, environment)?, None)
    };
    Ok((patient(run, environment, settings), sandbox))
}

/// Starts the sandbox of a project, its data in the folder of what runs remember.
///
/// # Errors
/// A store that cannot be used, a seed that cannot be loaded, a port that is taken.
pub async fn start_sandbox(
    workspace: &Workspace,
    environment: &Environment,
    options: SandboxOptions,
) -> Result<Handle, Error> {
    let sandbox = Sandbox::open(options)?;
    fill(&sandbox, workspace, environment)?;
    Ok(sandbox.serve().await?)
}

/// Fills a sandbox with what the project file says: the seed, if it is empty, and the objects that are named.
///
/// # Errors
/// A seed that cannot be loaded.
pub fn fill(
    sandbox: &Sandbox,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<(), Error> {
    if let Some(seed) = &environment.seed {
        let trust = workspace.machine.trust();
        let seed_folder = Path::new(seed);
        trust.file(&workspace.root, "the seed", seed_folder)?;
        let files = std::fs::read_dir(workspace.root.join(seed));
        for file in files.into_iter().flatten().flatten() {
            let file = seed_folder.join(file.file_name());
            trust.file(&workspace.root, "the seed", &file)?;
        }
        sandbox.seed_if_empty(&workspace.root.join(seed))?;
    }
    let rows = environment.sandbox_rows();
    let named = rows.map(|(_, plural, names)| (plural, names));
    Ok(sandbox.ensure(&named)?)
}

/// How the sandbox of a project is started.
///
/// # Errors
/// A folder that cannot be made; a store that the project leads elsewhere.
pub fn sandbox_options(
    workspace: &Workspace,
    environment: &Environment,
    port: u16,
) -> Result<SandboxOptions, Error> {
    let store = workspace.state("sandbox.sqlite");
    workspace.make_state_folder()?;
    // The store, and what SQLite keeps beside it.
    for ending in ["", "-journal", "-wal", "-shm"] {
        let file = workspace.state(&format!("sandbox.sqlite{ending}"));
        let trust = workspace.machine.trust();
        trust.file(&workspace.root, "the store of the sandbox", &file)?;
    }
    let account = environment
        .account
        .clone()
        .unwrap_or_else(|| SANDBOX_ACCOUNT.to_owned());
    let mut options = SandboxOptions::in_memory(account, Arc::new(workspace.machine.clock()));
    options.store = StorePlace::File(store);
    options.listen.set_port(port);
    options.settings.faults = faults_of(workspace, environment)?;
    for switch in &environment.switches {
        let set = options.settings.set(switch);
        set.map_err(|error| Error::from(error).context(SWITCHES_OF))?;
    }
    for condition in &environment.conditions {
        options.settings.conditions.push(condition_of(condition)?);
    }
    Ok(options)
}

/// Where the project file sets switches.
const SWITCHES_OF: &str = "`switches` of the environment `sandbox`";

/// What a condition means, as the project file says it.
fn condition_of(condition: &SandboxCondition) -> Result<ServedCondition, Error> {
    let SandboxCondition {
        kind,
        number,
        data,
        means,
        holds,
    } = condition;
    let means = means.clone().map(serde_json::Value::Object);
    let read = ServedCondition::read((kind, *number, data.as_ref()), means.as_ref(), *holds);
    read.map_err(|why| {
        Error::invalid(format!("the condition {number} of {kind}: {why}"))
            .context("`conditions` of the environment `sandbox`")
    })
}

/// What goes wrong from the start on: what the project file says, then what the run says.
fn faults_of(workspace: &Workspace, environment: &Environment) -> Result<Vec<Fault>, Error> {
    const VARIABLE: &str = "CAMPAIGNCTL_FAULTS";
    let of_run = workspace.machine.variable(VARIABLE).unwrap_or_default();
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
                .map_err(|error: FaultError| Error::from(error).context(place))
        })
        .collect()
}

fn sandbox_settings(environment: &Environment, handle: &Handle) -> ClientSettings {
    let account = environment
        .account
        .clone()
        .unwrap_or_else(|| SANDBOX_ACCOUNT.to_owned());
    let credentials = api::SignInSecrets::ClientCredentials {
        id: SANDBOX_CREDENTIAL.to_owned(),
        secret: Secret::new(SANDBOX_CREDENTIAL),
    };
    ClientSettings {
        domain_api: handle.base_url(),
        handoff_writes: true,
        credentials_from: "the built-in credentials of the sandbox".to_owned(),
        hosts: [api::PROACTIVE, api::REPORTING]
            .map(|service| (service.to_owned(), handle.base_url()))
            .into(),
        ..ClientSettings::new(account, credentials)
    }
}

/// The settings with the pace of the run. A server on this computer needs no rest.
pub fn patient(run: &Run, environment: &Environment, settings: ClientSettings) -> ClientSettings {
    let (usual, policy) = if settings.is_local() {
        (Rate::default(), RetryPolicy::quick())
    } else {
        (Rate::usual(), RetryPolicy::default())
    };
    let budget = run.retry_budget().or_else(|| environment.retry_budget());
    ClientSettings {
        parallelism: run.parallelism(),
        rate: Rate {
            requests: environment.rate.or(usual.requests),
            writes: environment.write_rate,
        },
        retry: RetryPolicy {
            budget: budget.unwrap_or(policy.budget),
            ..policy
        },
        ..settings
    }
}
