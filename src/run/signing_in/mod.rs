//! The sign-in of a person with a browser, for users on single sign-on: a page of the platform, the address that the browser
//! comes back to, and the code that it brings, which buys the tokens that are kept.
//!
//! Opening a browser, and telling the person about it, is the business of who asks for the sign-in.

mod callback;

use std::time::Duration;

use super::access::campaigns;
use super::account::patient;
use super::credentials::{login_of, settings_for_login};
use super::logins::KeptLogin;
use super::workspace::Workspace;
use super::{Error, Run};
use crate::api::{self, Client, Secret};
use crate::project::SANDBOX;
use callback::Callback;

/// Where the sign-in of the run's environment is kept.
///
/// # Errors
/// The sandbox, which needs none; an environment that names no application to sign in to.
pub fn kept(run: &Run, workspace: &Workspace) -> Result<KeptLogin, Error> {
    let name = run.environment();
    let environment = workspace.environment(name)?;
    if name == SANDBOX {
        let why = "the built-in sandbox needs no sign-in";
        return Err(Error::invalid(why).help("name an environment with `-e`"));
    }
    login_of(workspace, name, &environment)
}

/// A sign-in that waits for a person.
pub struct SignIn {
    /// The page of the platform.
    pub page: String,
    /// Where the browser comes back to.
    pub redirect: String,
    client: Client,
    callback: Callback,
    state: Secret,
    kept: KeptLogin,
}

impl SignIn {
    /// Opens a port of this computer, 0 for a free one, and asks for the page to sign in on.
    ///
    /// # Errors
    /// An application that is not named, an account that cannot be reached, a port that is taken.
    pub async fn open(
        run: &Run,
        workspace: &Workspace,
        kept: KeptLogin,
        port: u16,
    ) -> Result<Self, Error> {
        let environment = workspace.environment(run.environment())?;
        let settings = settings_for_login(workspace, run.environment(), &environment)?;
        let client = api::reach(patient(run, &environment, settings)).await?;
        let callback = Callback::open(port).await?;
        let redirect = callback.address();
        let state = api::random_state()?;
        Ok(Self {
            page: client.sign_in_page(&redirect, &state)?,
            redirect,
            client,
            callback,
            state,
            kept,
        })
    }

    /// Waits for the browser, and keeps what the sign-in gets.
    ///
    /// # Errors
    /// A refusal of the platform; nothing for so long.
    pub async fn wait(self, run: &Run, longest: Duration) -> Result<SignedIn, Error> {
        let code = self.callback.wait(run, &self.state, longest).await?;
        let token = self.client.redeem(&code, &self.redirect).await?;
        self.kept.keep(&token)?;
        Ok(SignedIn {
            kept: self.kept,
            client: self.client,
        })
    }
}

/// An account that a person has signed in to.
pub struct SignedIn {
    /// Where the sign-in is kept.
    pub kept: KeptLogin,
    client: Client,
}

impl SignedIn {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        self.client.account()
    }

    /// Tells whether the user may read campaigns.
    pub async fn probe(&self, run: &Run) {
        let Some(kind) = campaigns() else {
            return;
        };
        match api::Reader::list(&self.client, kind, None).await {
            Ok(_) => run.note("The user may read campaigns."),
            Err(error) => run.note(&format!(
                "warning: the user may not read campaigns: {error}\n  = help: an administrator can give the role Campaign Manager; `campaignctl doctor` reads every collection"
            )),
        }
    }
}
