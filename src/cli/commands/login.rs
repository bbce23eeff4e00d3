//! `login` and `logout`: the sign-in with a browser, for users on single sign-on.
//!
//! What `login` gets is kept in the user's own configuration folder, see [`crate::run::logins`]; every run renews its token by it.

use std::time::Duration;

use clap::Args;

use crate::api::{self, Client};
use crate::cli::callback::Callback;
use crate::cli::ui::Ui;
use crate::cli::{block_on, browser, exit, global};
use crate::project::SANDBOX;
use crate::run::access::campaigns;
use crate::run::account::patient;
use crate::run::credentials::{login_of, settings_for_login};
use crate::run::logins::Kept;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};

/// How long a person may take to sign in.
const WAIT: &str = "5m";

/// Sign in to an account with a browser. Required for users on single sign-on.
///
/// The address of the platform's own page goes to stdout, and a browser is opened if the command runs on a terminal.
/// The page sends the browser back to a port of this computer, and the sign-in is kept in your own configuration
/// folder, readable only by you, never in the project. `plan`, `apply` and the others then use it.
///
/// `campaignctl.yaml` names the application that you sign in to: `login: { clientId: { env: LP_CLIENT_ID } }` below
/// `credentials`. The application must allow the address that the browser returns to,
/// `http://127.0.0.1:PORT/callback`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl login -e production
  campaignctl login -e production --port 8914       the port that the application allows
  campaignctl login -e production --no-browser      prints the address only

Exits 4 if the sign-in is refused or takes too long.")]
pub(in crate::cli) struct LoginArgs {
    /// The port of 127.0.0.1 that the browser returns to; 0 chooses a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Open no browser.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_NO_BROWSER")]
    no_browser: bool,
    /// How long to wait for the sign-in: `90s`, `5m`.
    #[arg(long, value_name = "TIME", value_parser = global::time, default_value = WAIT)]
    wait: Duration,
}

/// Forget the sign-in of an account.
///
/// The file with the refresh token is removed from your configuration folder. The platform documents no call that ends a
/// refresh token before its time: an administrator can, by removing the application or the user's access to it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl logout -e production")]
pub(in crate::cli) struct LogoutArgs {}

/// Runs `login`.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &LoginArgs) -> Result<u8, Error> {
    let (workspace, kept) = find(run)?;
    let environment = workspace.environment(run.environment())?;
    let settings = settings_for_login(&workspace, run.environment(), &environment)?;
    let settings = patient(run, &environment, settings);
    block_on(async {
        let client = api::reach(settings).await?;
        let callback = Callback::open(args.port).await?;
        let redirect = callback.address();
        let state = api::random_state()?;
        let address = client.sign_in_page(&redirect, &state)?;
        invite(ui, args, &address, &redirect);
        let code = callback.wait(ui, &state, args.wait).await?;
        let token = client.redeem(&code, &redirect).await?;
        kept.keep(&token)?;
        ui.note(&format!(
            "Signed in to {} (account {}). The sign-in is kept in {}; `campaignctl logout` forgets it.",
            run.environment(),
            client.account(),
            kept.path().display()
        ));
        probe(ui, &client).await;
        Ok(exit::DONE)
    })
}

/// Runs `logout`.
pub(in crate::cli) fn forget(ui: &Ui, run: &Run, _args: &LogoutArgs) -> Result<u8, Error> {
    let (_, kept) = find(run)?;
    let name = run.environment();
    let told = if kept.forget()? {
        format!(
            "Signed out of {name}: {} was removed. The platform ends its refresh token by itself.",
            kept.path().display()
        )
    } else {
        format!("There was no sign-in to {name}.")
    };
    ui.note(&told);
    Ok(exit::DONE)
}

/// The project, and where the sign-in of the environment is kept.
fn find(run: &Run) -> Result<(Workspace, Kept), Error> {
    let workspace = Workspace::find(run, &[])?;
    let name = run.environment();
    let environment = workspace.environment(name)?;
    if name == SANDBOX {
        let why = "the built-in sandbox needs no sign-in";
        return Err(Error::invalid(why).help("name an environment with `-e`"));
    }
    let kept = login_of(&workspace, name, &environment)?;
    Ok((workspace, kept))
}

/// Tells where to sign in.
fn invite(ui: &Ui, args: &LoginArgs, address: &str, redirect: &str) {
    ui.data(&format!("{address}\n"));
    let is_opened = !args.no_browser && browser::open(address);
    let what = if is_opened {
        "Sign in on the page that opens in the browser, or open the address above."
    } else {
        "Open the address above in a browser on this computer, and sign in."
    };
    ui.note(&format!(
        "{what}\nWaiting for the browser to come back to {redirect}, at most {} s.",
        args.wait.as_secs()
    ));
}

/// Tells whether the user may read campaigns.
async fn probe(ui: &Ui, client: &Client) {
    let Some(kind) = campaigns() else {
        return;
    };
    match api::Reader::list(client, kind, None).await {
        Ok(_) => ui.note("The user may read campaigns."),
        Err(error) => ui.note(&format!(
            "warning: the user may not read campaigns: {error}\n  = help: an administrator can give the role Campaign Manager; `campaignctl doctor` reads every collection"
        )),
    }
}
