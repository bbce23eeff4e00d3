//! `login` and `logout` through the binary, with a test in place of the browser.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::Child;

use campaignctl::sandbox::SandboxSettings;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::entries;
use crate::support::{ACCOUNT, Account, Project, Run, SECRET};

/// The application that the tests sign in to, and a variable for pipelines.
pub(crate) const LOGIN: &str = "{ login: { clientId: { env: TEST_CLIENT_ID }, clientSecret: { env: TEST_CLIENT_SECRET }, refreshToken: { env: TEST_REFRESH_TOKEN } } }";

/// A project whose users sign in with a browser, and the folder of the user's configuration.
pub(crate) struct User {
    pub(crate) project: Project,
    pub(crate) home: TempDir,
}

impl User {
    pub(crate) fn new(settings: SandboxSettings) -> Self {
        let project = Project::on(Account::with(settings));
        configure(&project, LOGIN);
        project.write(
            "goal.yaml",
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: { type: purchase }\n",
        );
        Self {
            project,
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.project.command(arguments);
        command.env("XDG_CONFIG_HOME", self.home.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Starts to sign in.
    pub(crate) fn login(&self, arguments: &[&str]) -> Login<'_> {
        let arguments = [&["login", "--no-browser", "--wait", "60s"], arguments].concat();
        let mut command = self.command(&arguments);
        command.stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        out.read_line(&mut address).unwrap();
        let address = address.trim_end().to_owned();
        Login {
            user: self,
            child,
            out,
            address,
        }
    }

    /// Signs in, from the first line to the last.
    fn signs_in(&self) -> Run {
        let login = self.login(&[]);
        let back = fill_in(&self.project.account, &login.address, "allow");
        assert_eq!(visit(&self.project.account, &back, None), StatusCode::OK);
        login.finish()
    }

    /// The file of the sign-in, `None` when there is none.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let folder = self.home.path().join("campaignctl/logins");
        let files = if folder.exists() {
            entries(&folder)
        } else {
            Vec::new()
        };
        let is_login = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        files.into_iter().find(is_login)
    }

    pub(crate) fn token(&self) -> String {
        let text = std::fs::read_to_string(self.file().unwrap()).unwrap();
        let content: Value = serde_json::from_str(&text).unwrap();
        content["refreshToken"].as_str().unwrap().to_owned()
    }
}

/// A `login` that is waiting.
pub(crate) struct Login<'a> {
    user: &'a User,
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    pub(crate) address: String,
}

impl Login<'_> {
    /// Where the platform sends the browser back to, with these parameters.
    fn back(&self, query: &str) -> String {
        let address = Url::parse(&self.address).unwrap();
        let redirect = address.query_pairs().find(|(key, _)| key == "redirect_uri");
        format!("{}?{query}", redirect.unwrap().1)
    }

    fn visit(&self, url: &str, host: Option<&str>) -> StatusCode {
        visit(&self.user.project.account, url, host)
    }

    pub(crate) fn finish(mut self) -> Run {
        let mut stdout = format!("{}\n", self.address);
        self.out.read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        let mut err = self.child.stderr.take().unwrap();
        err.read_to_string(&mut stderr).unwrap();
        Run {
            code: self.child.wait().unwrap().code(),
            stdout,
            stderr,
        }
    }
}

pub(crate) fn configure(project: &Project, credentials: &str) {
    let base = project.account.base_url();
    project.write(
        "campaignctl.yaml",
        &format!("environments:\n  test:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    credentials: {credentials}\n"),
    );
}

fn browser() -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(Policy::none());
    client.build().unwrap()
}

/// Fills in the form of the platform's page, and returns where the browser is sent.
pub(crate) fn fill_in(account: &Account, address: &str, answer: &str) -> String {
    let form = [
        ("username", "sandbox"),
        ("password", "sandbox"),
        ("answer", answer),
    ];
    account.block_on(async {
        let page = browser().get(address).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert!(
            page.text()
                .await
                .unwrap()
                .contains("<form method=\"post\">")
        );
        let answer = browser().post(address).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND);
        answer.headers()["location"].to_str().unwrap().to_owned()
    })
}

/// Opens an address, by another name of the host if one is given.
pub(crate) fn visit(account: &Account, url: &str, host: Option<&str>) -> StatusCode {
    account.block_on(async {
        let mut request = browser().get(url);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        request.send().await.unwrap().status()
    })
}

/// A refresh token, for a run that is given one.
pub(crate) fn refresh_token(account: &Account) -> String {
    let base = format!("{}/sentinel/api/account/{ACCOUNT}", account.base_url());
    let redirect = "http://127.0.0.1:9/callback";
    let address = format!(
        "{base}/authorize?v=1.0&response_type=code&client_id=sandbox&redirect_uri={redirect}&state=s"
    );
    let back = Url::parse(&fill_in(account, &address, "allow")).unwrap();
    let code = back
        .query_pairs()
        .find(|(key, _)| key == "code")
        .unwrap()
        .1
        .into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", redirect),
        ("client_id", "sandbox"),
        ("client_secret", SECRET),
    ];
    account.block_on(async {
        let request = browser().post(format!("{base}/token?v=2.0")).form(&form);
        let text = request.send().await.unwrap().text().await.unwrap();
        let tokens: Value = serde_json::from_str(&text).unwrap();
        tokens["refresh_token"].as_str().unwrap().to_owned()
    })
}

#[test]
fn a_user_signs_in_once_and_every_run_renews_by_it() {
    let user = User::new(SandboxSettings::default());
    let before = user.run(&["plan"]).expect(4);
    assert_eq!(
        before.stderr,
        "error: you are not signed in to test\n  = help: run `campaignctl login -e test`; where there is no browser, a refresh token comes from the environment variable `TEST_REFRESH_TOKEN`\n"
    );
    let signed_in = user.signs_in().expect(0);
    for said in [
        "Signed in to test (account 10000001).",
        "The user may read campaigns.",
    ] {
        assert!(signed_in.stderr.contains(said), "{}", signed_in.stderr);
    }
    assert_eq!(signed_in.stdout.lines().count(), 1, "{}", signed_in.stdout);
    assert_private(&user.file().unwrap());
    let mut tokens = vec![user.token()];
    for _ in 0..2 {
        user.run(&["plan"]).expect(0);
        tokens.push(user.token());
    }
    assert_ne!(tokens[0], tokens[1], "the platform replaced it");
    assert_ne!(tokens[1], tokens[2]);
    user.run(&["apply", "--auto-approve"]).expect(0);

    // What was replaced is refused, and the remedy is named.
    let path = user.file().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(&user.token(), &tokens[0])).unwrap();
    let refused = user.run(&["plan"]).expect(4);
    assert!(
        refused.stderr.contains("signed out: "),
        "{}",
        refused.stderr
    );
    assert!(
        refused
            .stderr
            .contains("sign in again with `campaignctl login -e test`"),
        "{}",
        refused.stderr
    );

    user.signs_in().expect(0);
    user.run(&["plan"]).expect(0);
    let out = user.run(&["logout"]).expect(0);
    assert!(
        out.stderr.starts_with("Signed out of test: "),
        "{}",
        out.stderr
    );
    assert_eq!(entries(path.parent().unwrap()), Vec::<PathBuf>::new());
    user.run(&["plan"]).expect(4);
    let again = user.run(&["logout"]).expect(0);
    assert_eq!(again.stderr, "There was no sign-in to test.\n");
}

#[cfg(unix)]
fn assert_private(file: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
    assert_eq!(mode(file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}

#[cfg(not(unix))]
fn assert_private(_file: &Path) {}

#[test]
fn only_the_answer_to_this_very_sign_in_counts() {
    let user = User::new(SandboxSettings::default());
    let login = user.login(&[]);
    let page = Url::parse(&login.address).unwrap();
    let keys: Vec<_> = page
        .query_pairs()
        .map(|(key, _)| key.into_owned())
        .collect();
    assert_eq!(
        keys,
        ["v", "response_type", "client_id", "redirect_uri", "state"]
    );
    let good = fill_in(&user.project.account, &login.address, "allow");
    for (url, host, status) in [
        (login.back("code=stolen&state=guessed"), None, 400),
        (login.back("code=stolen"), None, 400),
        (good.clone(), Some("evil.example"), 400),
        (good.replace("/callback", "/other"), None, 404),
    ] {
        assert_eq!(login.visit(&url, host).as_u16(), status, "{url}");
    }
    let denied = fill_in(&user.project.account, &login.address, "deny");
    assert_eq!(login.visit(&denied, None), StatusCode::OK);
    let run = login.finish().expect(4);
    assert_eq!(
        run.stderr.matches("another `state` was refused").count(),
        2,
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("error: the platform refused the sign-in: access_denied\n"),
        "{}",
        run.stderr
    );
    assert_eq!(user.file(), None);
    let tokens = user.project.account.get("/_sandbox/stats");
    assert!(
        !tokens.to_string().contains("POST token"),
        "no code was exchanged: {tokens}"
    );
}

#[test]
fn a_sign_in_that_cannot_be_ends_with_its_remedy() {
    let user = User::new(SandboxSettings::default());
    let late = user
        .run(&["login", "--no-browser", "--wait", "1s"])
        .expect(4);
    assert!(
        late.stderr.contains("error: no sign-in within 1 s\n"),
        "{}",
        late.stderr
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = user
        .run(&["login", "--no-browser", "--port", &port])
        .expect(1);
    assert!(
        run.stderr.contains("give another `--port`"),
        "{}",
        run.stderr
    );
    let sandbox = user.run(&["login", "-e", "sandbox"]).expect(3);
    assert!(
        sandbox
            .stderr
            .contains("the built-in sandbox needs no sign-in"),
        "{}",
        sandbox.stderr
    );
    configure(&user.project, "{ bearer: { env: TEST_BEARER } }");
    for command in ["login", "logout"] {
        let run = user.run(&[command]).expect(3);
        assert!(
            run.stderr.contains("`credentials: { login: "),
            "{}",
            run.stderr
        );
    }

    // A code that came too late, or that was used.
    let user = User::new(SandboxSettings {
        code_lifetime: std::time::Duration::ZERO,
        ..SandboxSettings::default()
    });
    let run = user.signs_in().expect(4);
    assert!(run.stderr.contains("invalid_grant"), "{}", run.stderr);
    assert_eq!(user.file(), None);
}

#[test]
fn runs_take_turns_with_the_refresh_token() {
    let user = User::new(SandboxSettings::default());
    user.signs_in().expect(0);
    let plans: Vec<_> = (0..4)
        .map(|_| {
            let mut command = user.command(&["plan"]);
            command.stdout(std::process::Stdio::piped());
            command.stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for plan in plans {
        Run::from(plan.wait_with_output().unwrap()).expect(0);
    }
    user.run(&["plan"]).expect(0);
}

#[test]
fn a_pipeline_is_given_a_refresh_token() {
    for (rotates_refresh_tokens, second) in [(false, 0), (true, 4)] {
        let user = User::new(SandboxSettings {
            rotates_refresh_tokens,
            ..SandboxSettings::default()
        });
        let token = refresh_token(&user.project.account);
        let run = || -> Run {
            let mut command = user.project.command(&["plan"]);
            command
                .env("TEST_REFRESH_TOKEN", &token)
                .output()
                .unwrap()
                .into()
        };
        run().expect(0);
        let again = run().expect(second);
        assert!(!again.stderr.contains(&token), "{}", again.stderr);
    }
}

#[test]
fn the_page_sends_codes_nowhere_else() {
    let account = Account::new();
    let page = |query: &str| {
        let path = format!("/sentinel/api/account/{ACCOUNT}/authorize?v=1.0&{query}");
        account.call(Method::GET, &path, &[], None).0
    };
    let whole =
        "response_type=code&client_id=sandbox&state=s&redirect_uri=http://127.0.0.1:9/callback";
    assert_eq!(page(whole), 200);
    for (part, other, status) in [
        ("=code", "=token", 400),
        ("=sandbox", "=other", 401),
        ("http://127.0.0.1:9", "https://evil.example", 400),
    ] {
        assert_eq!(page(&whole.replace(part, other)), status, "{other}");
    }
}
