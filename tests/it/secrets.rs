//! No secret leaves the program: planted ones are searched in everything that commands print and write.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use campaignctl::sandbox::SandboxSettings;
use serde_json::json;

use crate::login::{self, User, fill_in, refresh_token, visit};
use crate::program::entries;
use crate::support::{ACCOUNT, Account, ENTRY_POINTS, GOALS, Project, Run, SECRET};

const PASSWORD: &str = "pass\"word of & the user";
const BEARER: &str = "bearer-made-elsewhere";
const TOKEN: &str = "token-that-the-platform-echoes";
const LEDGER_PASSWORD: &str = "password-of-the-ledger";
const URL_PASSWORD: &str = "password-in-the-address";
const REFRESH: &str = "refresh-token-of-a-pipeline";
const INSTALLATION: &str = "secret-of-an-app-installation";

/// Where every run records its writes; searched like all that stands in the folder.
const AUDIT_LOG: &str = "audit.jsonl";

/// The head of every token of the sandbox.
const JWT: &str = "eyJhbGciOiJSUzI1NiIs";

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: app-home }
spec: { displayName: App home, appInstallation: Shop app }
";

/// Every form in which a secret could show.
fn forms(secret: &str) -> Vec<String> {
    let json = json!(secret).to_string();
    let form = reqwest::Url::parse_with_params("x://x", [("a", secret)]).unwrap();
    let form = form.query().unwrap().trim_start_matches("a=").to_owned();
    vec![secret.to_owned(), json.trim_matches('"').to_owned(), form]
}

/// Fails when a secret stands in the output of a run or in a file of the project that the run may have written.
#[track_caller]
fn search(what: &str, run: &Run, folder: &Path) {
    let secrets = [
        SECRET,
        PASSWORD,
        BEARER,
        TOKEN,
        LEDGER_PASSWORD,
        URL_PASSWORD,
        REFRESH,
        INSTALLATION,
        JWT,
    ];
    search_for(&secrets, what, run, folder);
}

/// The same for other secrets.
#[track_caller]
fn search_for(secrets: &[&str], what: &str, run: &Run, folder: &Path) {
    let mut texts = vec![run.stdout.clone(), run.stderr.clone()];
    collect(folder, &mut texts);
    for secret in secrets.iter().flat_map(|secret| forms(secret)) {
        for text in &texts {
            assert!(!text.contains(&secret), "{what} shows `{secret}`:\n{text}");
        }
    }
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.file_name().unwrap() != "campaignctl.yaml" {
            texts.push(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
}

/// Runs the commands that talk to an account, each with the whole log.
#[track_caller]
fn run_all(project: &Project) -> Vec<Option<i32>> {
    let mut codes = Vec::new();
    for arguments in [
        &["doctor"][..],
        &["plan", "--out", "plan.json"],
        &["show", "plan.json"],
        &["apply", "plan.json"],
        &["apply", "--auto-approve"],
        &["drift", "--format", "json"],
        &["export"],
        &["ledger", "list"],
    ] {
        let run = run(project, &[arguments, &["-vvv"]].concat());
        search(&format!("{arguments:?}"), &run, project.path());
        codes.push(run.code);
    }
    codes
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command
        .env("TEST_PASSWORD", PASSWORD)
        .env("TEST_BEARER", BEARER)
        .env("TEST_REFRESH_TOKEN", REFRESH)
        .env("TEST_LEDGER_PASSWORD", LEDGER_PASSWORD)
        .env("CAMPAIGNCTL_AUDIT_LOG", AUDIT_LOG);
    command.output().unwrap().into()
}

/// A project whose account signs in with `credentials`, and has more settings.
fn project(settings: SandboxSettings, credentials: &str, more: &str) -> Project {
    let project = Project::on(Account::with(settings));
    project.write("manifests.yaml", MANIFESTS);
    project.account.seed(&json!({ "app-installations": [{
        "id": "00000000-0000-4000-8000-000000000001",
        "client_name": "Shop app",
        "client_secret": INSTALLATION,
    }] }));
    configure(&project, project.account.base_url(), credentials, more);
    project
}

fn configure(project: &Project, base: &str, credentials: &str, more: &str) {
    let file = format!(
        "environments:\n  test:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    retryBudget: 2s\n    credentials: {credentials}\n{more}"
    );
    project.write("campaignctl.yaml", &file);
}

const APPLICATION: &str =
    "{ clientId: { env: TEST_CLIENT_ID }, clientSecret: { env: TEST_CLIENT_SECRET } }";
const LOGIN: &str = "{ username: { env: TEST_CLIENT_ID }, password: { env: TEST_PASSWORD } }";
const STATIC: &str = "{ bearer: { env: TEST_BEARER } }";

#[test]
fn good_runs_show_no_secret() {
    let mut settings = SandboxSettings::default();
    PASSWORD.clone_into(&mut settings.credentials.password);
    settings.developer_bearer = Some(BEARER.to_owned());
    for credentials in [APPLICATION, LOGIN, STATIC] {
        let project = project(settings.clone(), credentials, "");
        let codes = run_all(&project);
        assert_eq!(codes[..5], [Some(0); 5], "{credentials}");
        let audited = std::fs::read_to_string(project.path().join(AUDIT_LOG)).unwrap();
        assert!(audited.contains("\"outcome\":\"applied\""), "{audited}");
    }
}

#[test]
fn a_sign_in_with_a_browser_shows_no_secret() {
    let user = User::new(SandboxSettings::default());
    let (project, account) = (&user.project, &user.project.account);
    let login = user.login(&["-vvv"]);
    let back = fill_in(account, &login.address, "allow");
    assert_eq!(visit(account, &back, None), 200);
    let code = reqwest::Url::parse(&back).unwrap();
    let code = code.query_pairs().find(|(key, _)| key == "code");
    let code = code.unwrap().1.into_owned();
    let run = login.finish().expect(0);
    let mut tokens = vec![user.token(), code];
    search_for(&[&tokens[0], &tokens[1]], "login", &run, project.path());
    search("login", &run, project.path());
    for arguments in [
        &["doctor"][..],
        &["plan", "--out", "plan.json"],
        &["apply", "plan.json"],
        &["export", "Goal"],
        &["logout"],
    ] {
        let arguments = [arguments, &["-vvv"]].concat();
        let run = user.run(&arguments).expect(0);
        if user.file().is_some() {
            tokens.push(user.token());
        }
        let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let what = format!("{arguments:?}");
        search_for(&secrets, &what, &run, project.path());
        search(&what, &run, project.path());
    }

    // A pipeline, with a token that stays good.
    let project = project_of_pipeline();
    let token = refresh_token(&project.account);
    for arguments in [&["doctor"][..], &["plan"], &["apply", "--auto-approve"]] {
        let arguments = [arguments, &["-vvv"]].concat();
        let mut command = project.command(&arguments);
        command.env("TEST_REFRESH_TOKEN", &token);
        command.env("CAMPAIGNCTL_AUDIT_LOG", AUDIT_LOG);
        let run = Run::from(command.output().unwrap()).expect(0);
        search_for(&[&token], &format!("{arguments:?}"), &run, project.path());
        search(&format!("{arguments:?}"), &run, project.path());
    }
}

fn project_of_pipeline() -> Project {
    let settings = SandboxSettings {
        rotates_refresh_tokens: false,
        ..SandboxSettings::default()
    };
    project(settings, login::LOGIN, "")
}

#[test]
fn failing_runs_show_no_secret() {
    for fault in [
        "* * 500",
        "PUT * 400; POST */goals 400",
        "* * 401",
        "* * 403",
        "GET */goals truncate",
    ] {
        let faults = fault.split(';').map(|fault| fault.trim().parse().unwrap());
        let settings = SandboxSettings {
            faults: faults.collect(),
            ..SandboxSettings::default()
        };
        let codes = run_all(&project(settings, APPLICATION, ""));
        assert_ne!(codes[4], Some(0), "{fault}");
    }
    for credentials in [LOGIN, STATIC, login::LOGIN] {
        let codes = run_all(&project(SandboxSettings::default(), credentials, ""));
        assert_eq!(codes[4], Some(4), "{credentials}");
    }
}

#[test]
fn ledgers_show_no_secret() {
    let credentials = "    ledgerCredentials: { username: { env: TEST_CLIENT_ID }, password: { env: TEST_LEDGER_PASSWORD } }\n";
    for ledger in [
        format!("    ledger: http://127.0.0.1:9/terraform/state/shop\n{credentials}"),
        format!("    ledger: http://ann:{URL_PASSWORD}@127.0.0.1:9/terraform/state/shop\n"),
        format!("    ledger: s3://ann:{URL_PASSWORD}@bucket/ledger.json\n"),
        format!(
            "    ledgerCredentials: {{ username: {{ env: U }}, password: {LEDGER_PASSWORD} }}\n"
        ),
    ] {
        let codes = run_all(&project(SandboxSettings::default(), APPLICATION, &ledger));
        assert_ne!(codes[4], Some(0), "{ledger}");
    }
}

/// The formats of complaints.
const FORMATS: [&str; 6] = ["text", "json", "github", "sarif", "junit", "code-quality"];

/// The text of a complaint, and another of its formats in turn: what is shown of it is decided before it has a format.
fn text_and_another(turn: usize) -> [&'static str; 2] {
    [FORMATS[0], FORMATS[1 + turn % (FORMATS.len() - 1)]]
}

#[test]
fn complaints_about_a_project_file_show_no_secret_in_any_format() {
    let hook = "https://hooks.slack.com/services/T000/B000/XXXXsecretXXXXsecret";
    let parts = [hook, "XXXXsecret", "hunter2swordfish"];
    let environments = |of: &[&str]| -> String {
        let mut file = "environments:\n".to_owned();
        for (index, of) in of.iter().enumerate() {
            let more = if of.contains("notify") {
                "credentials: { bearer: { env: A } }"
            } else {
                "rate: 5"
            };
            let _ = write!(
                file,
                "  e{index}:\n    account: '1000000{index}'\n    {more}\n    {of}\n"
            );
        }
        file.replace("HOOK", hook)
            .replace("WORD", "hunter2swordfish")
    };
    let wrong = [
        "notify: HOOK",
        "notify: [HOOK]",
        "notify:\n    - HOOK",
        "notify: [{ url: HOOK }]",
        "notify: [{ url: { value: HOOK } }]",
        "notify: [{ url: { env: A }, kind: HOOK, on: [HOOK] }]",
        "notify: { HOOK : slack }",
        "credentials: WORD",
        "credentials: [WORD]",
        "credentials: { bearer: { value: WORD } }",
        "credentials: { bearer: [WORD], token: WORD }",
        "credentials: { bearer: { env: A, WORD: b } }",
        "credentials: { username: WORD # WORD\n      , password: { env: { a: WORD } } }",
        "ledgerCredentials: { username: { value: WORD }, password: [[WORD]] }",
        "ledgerCredentials: WORD",
        "notfy: [HOOK]",
    ];
    let mut files = vec![environments(&wrong), format!("notify: [{hook}]\n")];
    for broken in [
        "notify: [HOOK",
        "credentials: { bearer: \"WORD",
        "notify:\n      - a\n      b: HOOK",
    ] {
        files.push(environments(&[broken]));
    }
    let project = Project::new();
    for file in files {
        project.write("campaignctl.yaml", &file);
        for format in FORMATS {
            let run = Run::from(
                crate::support::binary(project.path())
                    .args(["validate", "--format", format])
                    .output()
                    .unwrap(),
            )
            .expect(3);
            search_for(
                &parts,
                &format!("{format} of\n{file}"),
                &run,
                project.path(),
            );
        }
    }
}

/// A key that somebody pasted as a name, a number or a key of the file is known by its looks.
#[test]
fn a_secret_pasted_anywhere_into_a_project_file_is_not_shown() {
    let planted = [
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "9b74c9897bac770ffc029102a200c5de",
    ];
    let project = Project::new();
    let places = [
        "environments: { WORD: { account: '10000001', credentials: { bearer: { env: A } } } }",
        "environments: { test: { rate: WORD } }",
        "environments: { test: { region: WORD } }",
        "environments: { test: { WORD: 5 } }",
        "environments: { test: { account: WORD } }",
        "environments: { test: { ledgerLock: WORD, retryBudget: WORD } }",
        "environments: { test: { rules: { WORD: off } } }",
        "rules: { WORD: off }",
        "rules: { ambiguous-scalar: WORD }",
        "rules: { ambiguous-scalar: [{ until: WORD, reason: x }] }",
        "WORD: yes",
        "WORD",
        "[WORD]",
        "defaultEnvironment: WORD",
        "assume: { WORD: true }",
        "variables: [WORD]",
        "manifests: { WORD: a }",
    ];
    let planted = places
        .iter()
        .flat_map(|place| planted.map(|it| (place, it)));
    for (turn, (place, secret)) in planted.enumerate() {
        let file = format!("{}\n", place.replace("WORD", secret));
        project.write("campaignctl.yaml", &file);
        for format in text_and_another(turn) {
            let run = crate::support::binary(project.path())
                .args(["validate", "--format", format])
                .output();
            let run = Run::from(run.unwrap());
            assert_ne!(run.code, Some(0), "{file}");
            search_for(
                &[secret],
                &format!("{format} of\n{file}"),
                &run,
                project.path(),
            );
        }
    }
}

/// Addresses that hold a password, most of which no parser takes for a URL: each shape with each command that shows one.
#[test]
fn a_password_in_an_address_is_not_shown_however_malformed_it_is() {
    let fields = [
        "domainApi: 'ADDRESS'",
        "hosts: { accountConfigReadWrite: 'ADDRESS' }",
        "handoffs: { write: true, url: 'ADDRESS' }",
        "ledger: 'ADDRESS'",
        "ledger: https://127.0.0.1:9/state\n    ledgerLock: { address: 'ADDRESS' }",
        "overlays: ['ADDRESS']",
    ];
    let addresses = [
        "https://ann:hunter/swordfish@127.0.0.1:9",
        "https://ann:hunter?swordfish@127.0.0.1:9",
        "https:/ann:hunter/swordfish@127.0.0.1",
        "ann:hunter/swordfish@127.0.0.1",
        "https://ann b:hunter swordfish@127.0.0.1/x y",
        "s3://ann:hunter/swordfish@bucket/key",
    ];
    let project = Project::new();
    project.write("manifests.yaml", MANIFESTS);
    for (field, address) in fields
        .iter()
        .flat_map(|field| addresses.map(|it| (field, it)))
    {
        let field = field.replace("ADDRESS", address);
        let file = format!(
            "environments:\n  test:\n    account: '10000001'\n    credentials: {{ bearer: {{ env: A }} }}\n    retryBudget: 1s\n    {field}\n"
        );
        project.write("campaignctl.yaml", &file);
        for command in [
            &["validate"][..],
            &["plan", "-v"],
            &["doctor"],
            &["ledger", "list"],
            &["plan", "--restricted", "--format", "json"],
        ] {
            let mut run = crate::support::binary(project.path());
            let run = run.args(command).env("A", "a-token");
            let in_test = if command[0] == "validate" {
                &[][..]
            } else {
                &["-e", "test"]
            };
            let run = Run::from(run.args(in_test).output().unwrap());
            let what = format!("{command:?} of\n{file}");
            let is_list = command[0] == "ledger"; // a ledger elsewhere is fine
            assert!(is_list || run.code != Some(0), "{what}");
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains("hunter"), "{what}:\n{text}");
                assert!(!text.contains("swordfish"), "{what}:\n{text}");
            }
        }
    }
}

/// A secret in every place of an address that is neither host nor path: environments with one each, all of which a
/// complaint is about at once.
#[test]
fn no_output_shows_a_secret_of_an_address() {
    const WORD: &str = "xQ9zz";
    let odd = "/#,".chars().map(String::from);
    let odd: Vec<String> = odd.chain(["%40"].map(str::to_owned)).collect();
    let mut addresses = vec![
        format!("https://bob:hush{WORD}"),
        format!("bob:hush{WORD}"),
        format!("https://[bob:{WORD}"),
        format!("s3://key:{WORD}/bucket"),
        format!("s3://bob:1/{WORD}@bucket/k"),
        format!("https://h.example/p#token={WORD}"),
        format!("s3://bucket/key?token={WORD}"),
        format!("{WORD}://h.example"),
    ];
    for (scheme, it) in ["https://"]
        .iter()
        .flat_map(|scheme| odd.iter().map(move |it| (scheme, it)))
    {
        addresses.push(format!("{scheme}bob:hush{it}{WORD}@h.example/p"));
        addresses.push(format!("{scheme}bob:1{it}{WORD}@h.example/p"));
        if !scheme.is_empty() {
            addresses.push(format!("{scheme}hush{it}{WORD}@h.example/p"));
        }
    }
    let project = Project::new();
    project.write("manifests.yaml", MANIFESTS);
    for field in [
        "domainApi: \"ADDRESS\"",
        "hosts: { accountConfigReadWrite: \"ADDRESS\" }",
        "handoffs: { write: true, url: \"ADDRESS\" }",
        "ledger: \"ADDRESS\"",
        "ledger: https://127.0.0.1:9/state\n    ledgerLock: { address: \"ADDRESS\" }",
        "notify: [{ url: \"ADDRESS\" }]",
        "ledger: [\"ADDRESS\"]",
        "hosts: \"ADDRESS\"",
    ] {
        let mut file = "environments:\n".to_owned();
        for (index, address) in addresses.iter().enumerate() {
            let address = address.replace('\\', "\\\\");
            let field = field.replace("ADDRESS", &address);
            let _ = write!(
                file,
                "  e{index}:\n    account: '10000001'\n    credentials: {{ bearer: {{ env: A }} }}\n    {field}\n"
            );
        }
        project.write("campaignctl.yaml", &file);
        let formats = FORMATS.map(|format| vec!["validate", "--format", format]);
        let others = [
            vec!["plan", "-e", "e0", "-vv"],
            vec!["doctor", "-e", "e1"],
            vec!["ledger", "list", "-e", "e2"],
            vec!["plan", "-e", "e3", "--restricted", "--format", "json"],
        ];
        for arguments in formats.into_iter().chain(others) {
            let mut run = crate::support::binary(project.path());
            let run = Run::from(run.args(&arguments).env("A", "a-token").output().unwrap());
            assert_ne!(run.code, Some(0), "{arguments:?} with {field}");
            for text in [&run.stdout, &run.stderr] {
                let line = text.lines().find(|line| line.contains(WORD));
                assert!(line.is_none(), "{arguments:?} with {field}:\n{line:?}");
            }
        }
    }
}

/// A token that somebody pasted into a manifest is known by its looks, and no complaint repeats it, whatever the shape.
#[test]
fn a_token_pasted_into_a_manifest_is_not_repeated_by_its_complaint() {
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let shapes = [
        "TOKEN",
        "[TOKEN]",
        "{ a: TOKEN }",
        "{ TOKEN: a }",
        "\n      - TOKEN",
        "\n      a: TOKEN",
    ];
    let places = [
        "metadata: { name: bought, labels: { team: VALUE } }",
        "metadata:\n  name: bought\n  labels:\n    team: VALUE",
        "metadata:\n  name: bought\n  annotations:\n    owner: VALUE",
        "metadata:\n  name: VALUE",
        "kind: VALUE\nmetadata: { name: bought }",
        "metadata: { name: bought }\nspec:\n  type: VALUE",
        "metadata: { name: bought }\nspec:\n  indicator:\n    count: VALUE",
        "metadata: { name: bought }\nlifecycle:\n  mode: VALUE",
    ];
    let project = Project::new();
    let mut wrong = 0;
    let planted = places.iter().flat_map(|place| shapes.map(|it| (place, it)));
    for (turn, (place, shape)) in planted.enumerate() {
        let is_flow = place.contains("{ team");
        let shape = if is_flow { shape.trim_start() } else { shape };
        let place = place.replace("VALUE", shape).replace("TOKEN", token);
        let kind = if place.contains("kind:") {
            ""
        } else {
            "kind: Goal\n"
        };
        let file = format!("apiVersion: campaignctl.dev/v1\n{kind}{place}\n");
        project.write("goal.yaml", &file);
        for format in text_and_another(turn) {
            let run = crate::support::binary(project.path())
                .args(["validate", "--format", format])
                .output();
            let run = Run::from(run.unwrap());
            wrong += usize::from(run.code != Some(0));
            let what = format!("{format} of\n{file}");
            for text in [&run.stdout, &run.stderr] {
                let lower = text.to_lowercase();
                assert!(!lower.contains("16c7e42f292c6912"), "{what}:\n{text}");
            }
        }
    }
    assert!(wrong > places.len() * shapes.len(), "{wrong}");
}

#[test]
fn a_secret_where_a_path_belongs_is_not_shown() {
    let token = format!("{JWT}.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl");
    for source in ["env", "file"] {
        let credentials = format!("{{ bearer: {{ {source}: {token} }} }}");
        let project = project(SandboxSettings::default(), &credentials, "");
        let codes = run_all(&project);
        assert_eq!(codes[1], Some(4));
        let plan = run(&project, &["plan"]);
        assert!(plan.stderr.contains("is not shown"), "{}", plan.stderr);
    }
}

#[test]
fn what_an_apply_leaves_behind_shows_no_secret() {
    let project = project(SandboxSettings::default(), APPLICATION, "");
    // An apply that is killed leaves a journal.
    project.account.fault("PUT * delay 60s");
    run(&project, &["apply", "--auto-approve"]);
    let manifests = MANIFESTS.replace("/thanks", "/thank-you");
    project.write("manifests.yaml", &manifests);
    let mut apply = project.command(&["apply", "--auto-approve"]);
    let mut apply = apply.spawn().unwrap();
    let handle = project.account.handle();
    while handle.faults().iter().all(|fault| fault.struck == 0) {
        assert!(apply.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    handle.clear_faults();
    let left = |ending: &str| {
        let files = entries(&project.path().join(".campaignctl/ledger"));
        let mut names = files.iter().map(|path| path.to_string_lossy().into_owned());
        names.any(|name| name.ends_with(ending))
    };
    assert!(left(".journal"), "the journal is there");
    assert!(left(".rollback.plan.json"), "the rollback plan is there");
    let again = run(&project, &["apply", "--auto-approve", "-vvv"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    search("what is left behind", &again, project.path());
}

/// A platform that tells everybody everything: each refusal holds the headers and the body of its request.
struct Echo {
    base: String,
    seen: Arc<Mutex<String>>,
}

impl Echo {
    async fn start(refuses_tokens: bool) -> Self {
        let seen = Arc::new(Mutex::new(String::new()));
        let state = (refuses_tokens, Arc::clone(&seen));
        let router = Router::new().fallback(echo).with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, seen }
    }
}

async fn echo(
    State((refuses_tokens, seen)): State<(bool, Arc<Mutex<String>>)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    let path = parts.uri.path();
    let answer = |status: u16, text: String| {
        Response::builder()
            .status(status)
            .body(Body::from(text))
            .unwrap()
    };
    if path.ends_with("baseURI.json") {
        let host = parts.headers["host"].to_str().unwrap();
        let rows = ["accountConfigReadWrite", "sentinel", "agentVep"]
            .map(|service| json!({ "service": service, "baseURI": host }));
        return answer(200, json!({ "baseURIs": rows }).to_string());
    }
    if !refuses_tokens && (path.ends_with("/token") || path.ends_with("/login")) {
        let token = json!({ "access_token": TOKEN, "bearer": TOKEN, "csrf": TOKEN });
        return answer(200, token.to_string());
    }
    let told = format!("{:?} {body}", parts.headers.get("authorization"));
    seen.lock().unwrap().push_str(&told);
    let message = if path.len() % 2 == 0 {
        json!({ "message": told }).to_string()
    } else {
        told
    };
    answer(400, message)
}

#[test]
fn a_platform_that_echoes_secrets_is_not_repeated() {
    for refuses_tokens in [false, true] {
        for (credentials, secret) in [
            (APPLICATION, SECRET),
            (LOGIN, PASSWORD),
            (STATIC, BEARER),
            (login::LOGIN, REFRESH),
        ] {
            let project = project(SandboxSettings::default(), credentials, "");
            let echo = project.account.block_on(Echo::start(refuses_tokens));
            configure(&project, &echo.base, credentials, "");
            let codes = run_all(&project);
            assert_ne!(codes[4], Some(0));
            let seen = echo.seen.lock().unwrap();
            let expected = if refuses_tokens || credentials == STATIC {
                secret
            } else {
                TOKEN
            };
            let told = forms(expected).iter().any(|form| seen.contains(form));
            assert!(told, "the platform never told `{expected}`: {seen}");
        }
    }
}

#[test]
fn a_pull_shows_no_secret_that_the_account_holds() {
    let project = project(SandboxSettings::default(), APPLICATION, "");
    let read = |path: &str| std::fs::read_to_string(project.path().join(path)).unwrap_or_default();
    assert_eq!(run(&project, &["apply", "--auto-approve"]).code, Some(0));
    // A field that drifted, a conflict, and an object of the console that refers to the app with the secret.
    let goal = project.account.item_path(GOALS, "Something bought");
    project.account.edit(&goal, |body| {
        body["description"] = json!("changed in the console");
        body["indicatorValue"]["url"] = json!("/danke");
    });
    let manifests = read("manifests.yaml").replace("/thanks", "/merci");
    project.write("manifests.yaml", &manifests);
    let place = json!({ "name": "App orders", "appInstallationId": "00000000-0000-4000-8000-000000000001",
        "conditionBoxes": [{ "type": 0 }] });
    project.account.post(ENTRY_POINTS, &place);
    for arguments in [
        &["pull", "-vv", "--json-into", "pulled.json"][..],
        &["pull", "-vv", "--format", "json"],
        &[
            "pull",
            "-vv",
            "--foreign",
            "--with-references",
            "--json-into",
            "foreign.json",
        ],
        &["pull", "-vv", "--foreign", "--theirs", "--write"],
    ] {
        let run = run(&project, arguments);
        search(&arguments.join(" "), &run, project.path());
    }
    assert!(read("manifests.yaml").contains("/danke"));
    assert!(read("pulled.json").contains("/danke"));
    assert!(read("foreign.json").contains("App orders"));
}
