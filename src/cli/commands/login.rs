//! `login` and `logout`: the sign-in with a browser, for users on single sign-on.
//!
//! What `login` gets is kept in the user's own configuration folder, see [`crate::run::logins`]; every run renews its token by it.

use std::time::Duration;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{block_on, browser, exit, global};
use crate::run::signing_in::{self, SignIn};
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
    let workspace = Workspace::find(run, &[])?;
    let kept = signing_in::kept(run, &workspace)?;
    block_on(async {
        let sign_in = SignIn::open(run, &workspace, kept, args.port).await?;
        invite(ui, args, &sign_in);
        let signed_in = sign_in.wait(run, args.wait).await?;
        ui.note(&format!(
            "Signed in to {} (account {}). The sign-in is kept in {}; `campaignctl logout` forgets it.",
            run.environment(),
            signed_in.account(),
            signed_in.kept.path().display()
        ));
        signed_in.probe(run).await;
        Ok(exit::DONE)
    })
}

/// Runs `logout`.
pub(in crate::cli) fn forget(ui: &Ui, run: &Run, _args: &LogoutArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let kept = signing_in::kept(run, &workspace)?;
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

/// Tells where to sign in.
fn invite(ui: &Ui, args: &LoginArgs, sign_in: &SignIn) {
    ui.data(&format!("{}\n", sign_in.page));
    let is_opened = !args.no_browser && browser::open(&sign_in.page);
    let what = if is_opened {
        "Sign in on the page that opens in the browser, or open the address above."
    } else {
        "Open the address above in a browser on this computer, and sign in."
    };
    ui.note(&format!(
        "{what}\nWaiting for the browser to come back to {}, at most {} s.",
        sign_in.redirect,
        args.wait.as_secs()
    ));
}
