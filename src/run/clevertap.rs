//! The CleverTap account of an environment: region and credentials as the project file names them, or the sandbox.

use jiff::tz::TimeZone;

use super::account::{Account, sandbox_options, start_sandbox};
use super::credentials::read_secret;
use super::{Error, Run, Workspace};
use crate::api::{
    CLEVERTAP, ClevertapClient, ClevertapSettings, RetryPolicy, Secret, is_loopback_address,
};
use crate::project::{ClevertapAccess, Environment, PROJECT_FILE, SANDBOX};
use crate::sandbox::{CLEVERTAP_ACCOUNT, CLEVERTAP_PASSCODE, Handle};

/// A CleverTap account.
pub struct CleverTapAccount {
    /// The client.
    pub client: ClevertapClient,
    /// The time zone of the account. That of the sandbox is UTC.
    pub zone: TimeZone,
    /// Keeps the sandbox running.
    sandbox: Option<Handle>,
}

impl CleverTapAccount {
    /// Connects to the CleverTap account of the run's environment. Nothing is sent yet.
    ///
    /// # Errors
    /// An environment without one, credentials that are not there, a sandbox that does not start.
    pub async fn connect(run: &Run, workspace: &Workspace) -> Result<Self, Error> {
        let environment = workspace.environment(run.environment())?;
        if run.environment() != SANDBOX {
            let client = of_environment(run, workspace, &environment)?;
            return Ok(Self {
                client,
                zone: zone_of(&environment),
                sandbox: None,
            });
        }
        let options = sandbox_options(workspace, &environment, 0)?;
        let handle = start_sandbox(workspace, &environment, options).await?;
        Ok(Self {
            client: of_sandbox(&handle.base_url())?,
            zone: TimeZone::UTC,
            sandbox: Some(handle),
        })
    }

    /// The same beside an account that is connected, whose sandbox it shares; `None` where the environment has no CleverTap
    /// account.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn beside(
        run: &Run,
        workspace: &Workspace,
        account: &Account,
    ) -> Result<Option<Self>, Error> {
        Self::at(run, workspace, account.sandbox_url().as_deref())
    }

    /// The same, in a sandbox that runs at an address, where there is one.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(super) fn at(
        run: &Run,
        workspace: &Workspace,
        sandbox: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        let environment = workspace.environment(run.environment())?;
        let client = match sandbox {
            Some(url) => of_sandbox(url)?,
            None if environment.clevertap.is_none() => return Ok(None),
            None => of_environment(run, workspace, &environment)?,
        };
        Ok(Some(Self {
            client,
            zone: zone_of(&environment),
            sandbox: None,
        }))
    }

    /// Where campaigns are sent to, for people and for comparing: the built-in sandbox has another port in each run.
    #[must_use]
    pub fn host(&self) -> String {
        match self.sandbox {
            Some(_) => "the sandbox".to_owned(),
            None => self.client.host(),
        }
    }

    /// Ends the sandbox, if there is one.
    pub async fn close(self) {
        if let Some(handle) = self.sandbox {
            handle.shutdown().await;
        }
    }
}

fn zone_of(environment: &Environment) -> TimeZone {
    let access = environment.clevertap.as_ref();
    access.map_or(TimeZone::UTC, ClevertapAccess::zone)
}

/// That an environment has no CleverTap account, and how it gets one.
pub(super) fn lacking(environment: &str) -> Error {
    let why = format!("the environment `{environment}` has no CleverTap account");
    Error::invalid(why).help(format!(
        "add `clevertap: {{ region: eu1, account: {{ env: CLEVERTAP_ACCOUNT }}, passcode: {{ env: CLEVERTAP_PASSCODE }} }}` to it in `{PROJECT_FILE}`"
    ))
}

fn of_sandbox(url: &str) -> Result<ClevertapClient, Error> {
    Ok(ClevertapClient::new(ClevertapSettings {
        account: CLEVERTAP_ACCOUNT.to_owned(),
        passcode: Secret::new(CLEVERTAP_PASSCODE),
        host: url.to_owned(),
        retry: RetryPolicy::quick(),
    })?)
}

fn of_environment(
    run: &Run,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<ClevertapClient, Error> {
    let name = run.environment();
    let Some(access) = &environment.clevertap else {
        return Err(lacking(name));
    };
    let host = match environment.hosts.get(CLEVERTAP) {
        Some(host) => {
            let trust = workspace.machine.trust();
            trust.host("hosts.clevertap", host)?;
            host.clone()
        }
        None => access.region.host(),
    };
    let retry = if is_loopback_address(&host) {
        RetryPolicy::quick()
    } else {
        RetryPolicy::default()
    };
    let budget = run.retry_budget().or_else(|| environment.retry_budget());
    Ok(ClevertapClient::new(ClevertapSettings {
        account: read_secret(workspace, "CleverTap account id", &access.account)?,
        passcode: Secret::new(read_secret(
            workspace,
            "CleverTap passcode",
            &access.passcode,
        )?),
        host,
        retry: RetryPolicy {
            budget: budget.unwrap_or(retry.budget),
            ..retry
        },
    })?)
}
