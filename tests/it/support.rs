//! A project in a temporary folder, an account in the process, and the binary between them.
//!
//! The environment `test` of the project is the in-process account, over real HTTP on a free port. The
//! binary runs with a scrubbed environment; tests edit the account as `curl` would.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use campaignctl::sandbox::{
    Handle, Sandbox, SandboxClock, SandboxOptions, SandboxSettings, StorePlace,
};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The account of every test.
pub(crate) const ACCOUNT: &str = "10000001";

/// The client secret of every test; it must show up nowhere.
pub(crate) const SECRET: &str = "sandbox-secret-of-the-client";

pub(crate) const CAMPAIGNS: &str = "le-campaigns/campaigns?v=3.4";
pub(crate) const GOALS: &str = "le-goals/goals?v=3.0";
pub(crate) const AUDIENCES: &str = "le-targeting/visitor-profiles?v=2.0";
pub(crate) const WINDOWS: &str = "engagement-window/window-confs?v=2.0";
pub(crate) const ENTRY_POINTS: &str = "le-targeting/onsite-locations?v=3.0";
pub(crate) const SKILLS: &str = "le-users/skills?v=2.0";

/// The id of the app `Shop`, where an account has it.
pub(crate) const SHOP: &str = "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11";

/// A live account, served on a free port.
pub(crate) struct Account {
    runtime: tokio::runtime::Runtime,
    sandbox: Option<Handle>,
    client: reqwest::Client,
    base: String,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self::with(SandboxSettings::default())
    }

    /// An account whose clock moves on by a second at each look, so that dates tell the order of writes.
    pub(crate) fn with(settings: SandboxSettings) -> Self {
        Self::at(settings, ticking(1_767_323_045))
    }

    /// An account in a file, whose clock is ahead of that of one that [`Account::with`] makes by so many seconds.
    pub(crate) fn in_file(settings: SandboxSettings, file: &Path, ahead: i64) -> Self {
        let store = StorePlace::File(file.to_owned());
        Self::stored(settings, ticking(1_767_323_045 + ahead), store)
    }

    /// An account with this clock.
    pub(crate) fn at(settings: SandboxSettings, clock: SandboxClock) -> Self {
        Self::stored(settings, clock, StorePlace::Memory)
    }

    fn stored(settings: SandboxSettings, clock: SandboxClock, store: StorePlace) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut settings = settings;
        SECRET.clone_into(&mut settings.credentials.client_secret);
        settings.app_token_lifetime = Duration::from_hours(1000);
        let options = SandboxOptions {
            settings,
            store,
            ..SandboxOptions::in_memory(ACCOUNT, clock)
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        // Fails when another test was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            base: sandbox.base_url(),
            runtime,
            sandbox: Some(sandbox),
            client: client(),
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.sandbox.as_ref().unwrap()
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Loads raw wire JSON, an object of arrays by the plurals of kinds.
    pub(crate) fn seed(&self, seed: &Value) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seed.json");
        std::fs::write(&file, seed.to_string()).unwrap();
        self.sandbox.as_ref().unwrap().seed(&file).unwrap();
    }

    pub(crate) fn reset(&self) {
        self.sandbox.as_ref().unwrap().reset().unwrap();
    }

    /// A call as `curl` would make it: status, `ac-revision`, JSON.
    pub(crate) fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> (u16, String, Value) {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/api/account/{ACCOUNT}/configuration/{path}")
        };
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth("sandbox");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.block_on(async {
            let response = request.send().await.unwrap();
            let revision = response.headers().get("ac-revision");
            let revision = revision.map_or("", |value| value.to_str().unwrap());
            let (status, revision) = (response.status().as_u16(), revision.to_owned());
            let text = response.text().await.unwrap();
            (
                status,
                revision,
                serde_json::from_str(&text).unwrap_or(Value::Null),
            )
        })
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, _, body) = self.call(Method::GET, path, &[], None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let (status, _, made) = self.call(Method::POST, path, &[], Some(body));
        assert!(matches!(status, 200 | 201), "{path}: {status} {made}");
        made
    }

    /// Edits an item as the console does: read, change, POST with override and bare `If-Match`.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, change: impl FnOnce(&mut Value)) -> Value {
        let (status, revision, mut body) = self.call(Method::GET, path, &[], None);
        assert_eq!(status, 200, "{path}: {body}");
        change(&mut body);
        let headers = [
            ("X-HTTP-Method-Override", "PUT"),
            ("If-Match", revision.as_str()),
        ];
        let (status, _, written) = self.call(Method::POST, path, &headers, Some(&body));
        assert_eq!(status, 200, "{path}: {written}");
        body
    }

    /// Deletes an item as the console does.
    #[track_caller]
    pub(crate) fn delete(&self, path: &str) {
        let (_, revision, _) = self.call(Method::GET, path, &[], None);
        let headers = [
            ("X-HTTP-Method-Override", "DELETE"),
            ("If-Match", revision.as_str()),
        ];
        let (status, _, body) = self.call(Method::POST, path, &headers, None);
        assert_eq!(status, 200, "{path}: {body}");
    }

    /// The row of a collection with this name, `None` when there is none.
    #[track_caller]
    pub(crate) fn row(&self, collection: &str, name: &str) -> Option<Value> {
        let rows = self.get(collection);
        let rows = rows.as_array().unwrap();
        let mut found = rows.iter().filter(|row| row["name"] == name);
        let row = found.next().cloned();
        assert!(found.next().is_none(), "two {name} in {collection}");
        row
    }

    /// The path of an item, from the path of its collection.
    pub(crate) fn path_of(collection: &str, id: &Value) -> String {
        let (path, version) = collection.split_once('?').unwrap();
        format!("{path}/{}?{version}", plain(id))
    }

    /// The path of the item with this name.
    #[track_caller]
    pub(crate) fn item_path(&self, collection: &str, name: &str) -> String {
        let row = self.row(collection, name);
        let row = row.unwrap_or_else(|| panic!("no {name} in {collection}"));
        Self::path_of(collection, &row["id"])
    }

    /// The whole item with this name.
    #[track_caller]
    pub(crate) fn item(&self, collection: &str, name: &str) -> Value {
        self.get(&self.item_path(collection, name))
    }

    /// The path of the engagements of a campaign.
    #[track_caller]
    pub(crate) fn engagements(&self, campaign: &str) -> String {
        let row = self.row(CAMPAIGNS, campaign).unwrap();
        format!(
            "le-campaigns/campaigns/{}/engagements?v=3.4",
            plain(&row["id"])
        )
    }

    /// The names of the rows of a collection, sorted.
    #[track_caller]
    pub(crate) fn names(&self, collection: &str) -> Vec<String> {
        let rows = self.get(collection);
        let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
        let mut names: Vec<_> = rows.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }

    /// Has the account misbehave, see `schemas/sandbox.md`.
    #[track_caller]
    pub(crate) fn fault(&self, fault: &str) {
        let url = format!("{}/_sandbox/faults", self.base);
        let request = self.client.post(url).bearer_auth("sandbox");
        let answer = self.block_on(request.body(fault.to_owned()).send());
        assert_eq!(answer.unwrap().status().as_u16(), 201);
    }

    /// How often anybody wrote since the start.
    pub(crate) fn writes(&self) -> u64 {
        self.get("/_sandbox/stats")["writes"].as_u64().unwrap()
    }
}

/// A clock that moves on by a second at each look.
fn ticking(start: i64) -> SandboxClock {
    let seconds = AtomicI64::new(start);
    Arc::new(move || jiff::Timestamp::from_second(seconds.fetch_add(1, Ordering::SeqCst)).unwrap())
}

impl Drop for Account {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.shutdown());
        }
    }
}

/// A client of accounts of this process. It trusts no certificate, which is faster than to read all of the computer.
pub(crate) fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().tls_certs_only([]);
    builder.build().unwrap()
}

/// An id as it stands in a path.
pub(crate) fn plain(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Data with ids replaced, for snapshots.
    pub(crate) fn data(&self) -> String {
        without_ids(&self.stdout)
    }
}

impl From<Output> for Run {
    /// Whatever a run wrote that says which format it has must have it.
    fn from(output: Output) -> Self {
        let run = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_published_format(&run.stdout);
        run
    }
}

/// The published schemas of what the program writes, by format.
const FORMATS: [(&str, &str); 18] = [
    (
        "campaignctl.manifests/v1",
        include_str!("../../schemas/manifests.schema.json"),
    ),
    (
        "campaignctl.plan/v1",
        include_str!("../../schemas/plan.schema.json"),
    ),
    (
        "campaignctl.plan-index/v1",
        include_str!("../../schemas/plan-index.schema.json"),
    ),
    (
        "campaignctl.rollout/v1",
        include_str!("../../schemas/rollout.schema.json"),
    ),
    (
        "campaignctl.outcome/v1",
        include_str!("../../schemas/outcome.schema.json"),
    ),
    (
        "campaignctl.drift/v1",
        include_str!("../../schemas/drift.schema.json"),
    ),
    (
        "campaignctl.pull/v1",
        include_str!("../../schemas/pull.schema.json"),
    ),
    (
        "campaignctl.error/v1",
        include_str!("../../schemas/error.schema.json"),
    ),
    (
        "campaignctl.notice/v1",
        include_str!("../../schemas/notice.schema.json"),
    ),
    (
        "campaignctl.graph/v1",
        include_str!("../../schemas/graph.schema.json"),
    ),
    (
        "campaignctl.ids/v1",
        include_str!("../../schemas/ids.schema.json"),
    ),
    (
        "campaignctl.report/v1",
        include_str!("../../schemas/report.schema.json"),
    ),
    (
        "campaignctl.uses/v1",
        include_str!("../../schemas/uses.schema.json"),
    ),
    (
        "campaignctl.test/v1",
        include_str!("../../schemas/test.schema.json"),
    ),
    (
        "campaignctl.proof/v1",
        include_str!("../../schemas/proof.schema.json"),
    ),
    (
        "campaignctl.visit/v1",
        include_str!("../../schemas/visit.schema.json"),
    ),
    (
        "campaignctl.status/v1",
        include_str!("../../schemas/status.schema.json"),
    ),
    (
        "campaignctl.audit/v1",
        include_str!("../../schemas/audit.schema.json"),
    ),
];

/// Holds a document to the published schema of its format; texts that are no such document pass.
pub(crate) fn assert_published_format(text: &str) {
    static SCHEMAS: OnceLock<Vec<(&str, jsonschema::Validator)>> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(|| {
        let compiled = FORMATS.map(|(format, schema)| {
            let schema = serde_json::from_str(schema).unwrap();
            (format, jsonschema::validator_for(&schema).unwrap())
        });
        compiled.into()
    });
    if !text.starts_with('{') {
        return;
    }
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return;
    };
    for (_, schema) in schemas
        .iter()
        .filter(|(format, _)| document["format"] == **format)
    {
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{text}");
    }
}

/// `<id>` for every number of ten digits.
pub(crate) fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len() - start);
        out.push_str(&rest[..start]);
        let number = &rest[start..start + digits];
        out.push_str(if digits == 10 { "<id>" } else { number });
        rest = &rest[start + digits..];
    }
    out.push_str(rest);
    out
}

/// The binary, with nothing of the outer environment but where temporary files go.
pub(crate) fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
    command.current_dir(folder).env_clear();
    command.env("USER", "tester").stdin(Stdio::null());
    crate::program::trust_nobody(&mut command);
    command
}

/// A project whose environment `test` is a live account.
pub(crate) struct Project {
    pub(crate) folder: TempDir,
    pub(crate) account: Account,
    /// Where the account is, unless it is in memory.
    #[expect(dead_code, reason = "it goes when the project goes")]
    pub(crate) store: Option<TempDir>,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self::on(Account::new())
    }

    pub(crate) fn on(account: Account) -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            account,
            store: None,
        };
        let base = project.account.base_url();
        let file = format!(
            "environments:\n  test:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    credentials:\n      clientId: {{ env: TEST_CLIENT_ID }}\n      clientSecret: {{ env: TEST_CLIENT_SECRET }}\n"
        );
        project.write("campaignctl.yaml", &file);
        project
    }

    /// A project with one file of manifests.
    pub(crate) fn with(manifests: &str) -> Self {
        let project = Self::new();
        project.write("manifests.yaml", manifests);
        project
    }

    /// The same, whose account has the app `Shop`.
    pub(crate) fn in_shop(settings: SandboxSettings, manifests: &str) -> Self {
        let project = Self::on(Account::with(settings));
        project.move_into_shop(manifests);
        project
    }

    /// Gives the account the app `Shop`, and the project a file of manifests.
    pub(crate) fn move_into_shop(&self, manifests: &str) {
        self.account.seed(&json!({ "app-installations": [{ "id": SHOP, "client_name": "Shop", "enabled": true }] }));
        self.write("manifests.yaml", manifests);
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.path().join(file)).unwrap();
    }

    pub(crate) fn ledger_path(&self) -> std::path::PathBuf {
        self.path().join(".campaignctl/ledger/test.json")
    }

    /// The ledger as text, empty when there is none.
    pub(crate) fn ledger(&self) -> String {
        std::fs::read_to_string(self.ledger_path()).unwrap_or_default()
    }

    /// The binary in the folder of the project, on the environment `test`.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(self.path());
        command
            .env("CAMPAIGNCTL_ENVIRONMENT", "test")
            .env("TEST_CLIENT_ID", "sandbox")
            .env("TEST_CLIENT_SECRET", SECRET)
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let run = self.command(arguments).output().unwrap().into();
        for pair in arguments.windows(2) {
            if matches!(pair[0], "--out" | "--json-into")
                && let Ok(text) = std::fs::read_to_string(self.path().join(pair[1]))
            {
                assert_published_format(&text);
            }
        }
        run
    }

    /// A plan, which must not have written anything, as text without ids.
    #[track_caller]
    pub(crate) fn plan(&self) -> String {
        let (writes, ledger) = (self.account.writes(), self.ledger());
        let run = self.run(&["plan", "--allow-unpublish"]).expect(0);
        assert_eq!(self.account.writes(), writes, "a plan wrote");
        assert_eq!(self.ledger(), ledger, "a plan changed the ledger");
        run.data()
    }

    /// Applies, and holds the result to its promise: the next plan is empty, the next apply writes nothing.
    #[track_caller]
    pub(crate) fn apply(&self) -> Run {
        let run = self
            .run(&["apply", "--auto-approve", "--allow-unpublish"])
            .expect(0);
        self.settled();
        run
    }

    /// An apply finds nothing to do, and changes neither account nor ledger.
    #[track_caller]
    pub(crate) fn settled(&self) {
        let (writes, ledger) = (self.account.writes(), self.ledger());
        let again = self.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(again.stdout, NO_CHANGES);
        assert_eq!(
            self.account.writes(),
            writes,
            "an apply without changes wrote"
        );
        assert_eq!(
            self.ledger(),
            ledger,
            "an apply without changes changed the ledger"
        );
    }
}

pub(crate) const NO_CHANGES: &str = "No changes. The account matches the manifests.\n";

/// A rest between two looks at what another process has done so far: a loop without one takes a whole core from it.
pub(crate) fn rest() {
    std::thread::sleep(Duration::from_millis(2));
}

/// The signals that ask a run to stop. Whoever starts the tests with HUP ignored has every run ignore it.
#[cfg(unix)]
pub(crate) fn stop_signals() -> Vec<&'static str> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let is_ignored = ignored.is_some_and(|it| {
        it.trim()
            .ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f'])
    });
    let hangup = (!is_ignored).then_some("HUP");
    ["TERM", "INT"].into_iter().chain(hangup).collect()
}

/// How many cases a property is tried on: what `PROPTEST_CASES` says, or else `default`.
#[expect(
    clippy::disallowed_methods,
    reason = "the number of cases is for people to raise"
)]
pub(crate) fn cases(default: u32) -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(default)
}
