//! F2: the project file, `campaignctl.yaml`: environments, and where their credentials are found.
//!
//! An environment is an account, and what differs there: overlay folders, variables, guards and the severity
//! of diagnostics. [`crate::resolve::compose`] makes its documents.
//!
//! It never holds a secret, only the names of environment variables or files that do. Without one, the
//! only environment is the built-in `sandbox`.

mod check;
mod clevertap;
pub mod codes;
mod credentials;
mod guards;
mod launches;
mod ledger;
mod ledger_files;
mod notify;
mod planted;
mod prune;
mod rules;
mod survey;
#[cfg(test)]
mod tests;
mod variables;
mod waiver;
mod waves;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use indexmap::IndexMap;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Compiled;
use crate::check::codes::{INVALID_VALUE, REFERENCE_BY_ID, WRONG_TYPE};
use crate::check::schema::{bare_schema_of, schema_of};
use crate::diag::{Diagnostic, Diags, DocId, Location, Texts};
use crate::kinds::offering::Assumed;
use crate::resolve::Variables;
use crate::text::{EntryHalf, Pointer};
pub use clevertap::{ClevertapAccess, ClevertapProject, ClevertapRegion};
pub use credentials::{BrowserLogin, Credentials, SecretSource};
pub use guards::Guards;
pub use launches::Launches;
pub use ledger::{
    LOCK_TERMS, LedgerCredentials, LedgerLock, LedgerPlace, LockMethod, UnlockMethod,
};
pub use ledger_files::{LedgerFiles, ledger_file, local_ledger};
pub use notify::{Notify, Occasion, Receiver};
pub use planted::{Planted, is_plausible_name, redacted, shown_variable, without_secrets};
pub use prune::Prune;
pub use rules::{Catalog, Level, Rule, Rules, without_level_words};
pub use survey::EnvironmentSurvey;
pub use variables::{GivenVariables, UsedVariables};
pub use waiver::Waiver;
pub use waves::Wave;

/// The file name that marks the root of a project.
pub const PROJECT_FILE: &str = "campaignctl.yaml";

/// The environment that is always there.
pub const SANDBOX: &str = "sandbox";

/// The account of the built-in sandbox unless the project file names another.
pub const SANDBOX_ACCOUNT: &str = "10000001";

/// The project file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Project {
    /// The name of the project, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Files and folders with manifests, relative to this file. Default: the folder of this file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub manifests: Vec<String>,
    /// The values of `${var.name}` in manifests, for every environment that does not override them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "variables::schema")]
    pub variables: Variables,
    /// The severity of diagnostics, by code: `error`, `warn`, `off`, or a list of waivers for some objects or until a
    /// date. Fundamental errors cannot be lowered.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// Facts of the platform that are only inferred, and the position to take for each: for `test`, `visit` and
    /// `plan --impact`. `--assume` and a scenario's own `given.assume` override them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assume: Option<Assumed>,
    /// What campaigns of CleverTap can have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clevertap: Option<ClevertapProject>,
    /// The environment of a run, unless `-e` or a saved plan names another one. Default: `sandbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_environment: Option<String>,
    /// The environments by name. `sandbox` always exists, and is the default unless `defaultEnvironment` names
    /// another one.
    #[schemars(extend("defaultSnippets" = [
        { "label": "an account", "description": "An environment with the names of the variables that hold its credentials.", "body": { "${1:production}": { "account": "\"${2:12345678}\"", "credentials": { "username": { "env": "${3:LP_USER}" }, "password": { "env": "${4:LP_PASSWORD}" } } } } },
        { "label": "the sandbox", "description": "The built-in emulator, with a folder of rows that a new account starts with.", "body": { "sandbox": { "seed": "${1:seed}" } } }
    ]))]
    pub environments: BTreeMap<String, Environment>,
    /// In which order `apply --all-environments` reaches the environments: each wave starts when the ones before it are
    /// done. Environments in no wave come last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("defaultSnippets" = [
        { "label": "two rings", "description": "A few environments first, then all others an hour later.", "body": [{ "select": "${1:ring=1}" }, { "select": "${2:ring=2}", "after": "${3:1h}" }] }
    ]))]
    pub waves: Vec<Wave>,
    /// How many environments may fail before `apply --all-environments` starts no further one. Default: 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_failures: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Whether a text can be the id of an account.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|ch| ch.is_ascii_digit())
}

/// One account with what is needed to reach it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Environment {
    /// The account id, a number. Required for every environment but `sandbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["12345678"]))]
    pub account: Option<String>,
    /// Key and value pairs that `waves` select environments by, such as `ring: 1`.
    #[serde(
        skip_serializing_if = "IndexMap::is_empty",
        deserialize_with = "waves::labels"
    )]
    #[schemars(schema_with = "waves::labels_schema")]
    pub labels: IndexMap<String, String>,
    /// The service look-up. Default: the vendor's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_api: Option<String>,
    /// Addresses of services that differ from the answer of the look-up, by service name. Rarely needed: accounts move,
    /// and the look-up knows where. The handoff service is `handoff`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, String>,
    /// How handoffs are accessed. Programs can only read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoffs: Option<Handoffs>,
    /// Where to find the credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// How many requests are sent to the account per second, at most. Default: 10; no limit for a server on this
    /// computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 1000))]
    pub rate: Option<f64>,
    /// Of these, how many write, at most. Default: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 1000))]
    pub write_rate: Option<f64>,
    /// How long a run waits in total for an account that is throttled or failing, before it gives up with exit 5:
    /// `90s`, `10m`, `1h`. Default: `10m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["90s", "10m", "1h"]))]
    pub retry_budget: Option<String>,
    /// Where the ledger is: a file, relative to this file, or `s3://bucket/key`, `gs://bucket/key`,
    /// `az://container/key`, or the `https://` address of a server with the Terraform HTTP state protocol, as in
    /// GitLab. Default: `.campaignctl/ledger/<environment>.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["s3://bucket/campaignctl/production.json"]))]
    pub ledger: Option<String>,
    /// The file that every write to the account is recorded in, relative to this file: JSON lines that are only ever
    /// appended. It is opened before the first write; a change that cannot be recorded is not written. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log: Option<String>,
    /// Webhooks that are notified of what was applied, what drifted and what failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
    /// Folders of documents that change the manifests in this environment, relative to this file. Later folders
    /// override earlier ones. A document has the kind and name of a manifest and the fields that differ, and is
    /// merged over it (JSON Merge Patch, RFC 7396). `$patch: delete` drops the manifest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<String>,
    /// The values of `${var.name}` in this environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "variables::schema")]
    pub variables: Variables,
    /// The credentials for a ledger at an `https://` address. Object stores take their credentials from the
    /// environment variables of the cloud's own tools (`AWS_*`, `GOOGLE_*`, `AZURE_*`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_credentials: Option<LedgerCredentials>,
    /// How a server at an `https://` address locks, if it differs from the default for its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_lock: Option<LedgerLock>,
    /// What happens to live objects that no manifest defines. Default: `owned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prune: Option<Prune>,
    /// How much a plan may change without a flag that allows it.
    pub guards: Guards,
    /// Whether launches may be sent without a terminal. Default: `asked`, which needs a person at one.
    #[serde(skip_serializing_if = "Launches::is_default")]
    pub launches: Launches,
    /// The CleverTap account that campaigns are sent with. The sandbox has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clevertap: Option<ClevertapAccess>,
    /// The severity of diagnostics in this environment, by code; overrides the project's rules.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// Only for the sandbox: a folder or file of raw wire JSON that a new account starts with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Only for the sandbox: skills that its account has, by name. Missing ones are added at each start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Only for the sandbox: lines of business that its account has, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines_of_business: Vec<String>,
    /// Only for the sandbox: app installations that its account has, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub app_installations: Vec<String>,
    /// Only for the sandbox: connectors that its account has, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connectors: Vec<String>,
    /// Only for the sandbox: zones that its account has, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Only for the sandbox: what conditions of entry points, behaviors and audiences mean, which the platform knows and
    /// does not publish. Without it, such a condition admits no visitor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<SandboxCondition>,
    /// Only for the sandbox: how it behaves where the platform's behavior is not proven, `contest=priority`. See
    /// `campaignctl explain sandbox-switches`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["contest=priority"]]))]
    pub switches: Vec<String>,
    /// Only for the sandbox: faults to inject, `PUT */goals/* lost after-commit once`. See
    /// `campaignctl explain sandbox-faults`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["GET */goals 503 once"]]))]
    pub faults: Vec<String>,
}

impl Environment {
    /// The objects that the account of a sandbox has by name: the field that lists them, the plural of their kind, the
    /// names.
    #[must_use]
    pub fn sandbox_rows(&self) -> [(&'static str, &'static str, &[String]); 5] {
        [
            ("skills", "skills", &self.skills),
            (
                "linesOfBusiness",
                "lines-of-business",
                &self.lines_of_business,
            ),
            (
                "appInstallations",
                "app-installations",
                &self.app_installations,
            ),
            ("connectors", "connectors", &self.connectors),
            ("zones", "zones", &self.zones),
        ]
    }
}

/// What a condition means in the sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SandboxCondition {
    /// The kind that has the condition.
    pub kind: String,
    /// The platform's number of the condition.
    #[serde(rename = "type")]
    pub number: i64,
    /// The payload. Without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub data: Option<Value>,
    /// What it asks of a visitor, in the words of `means` in manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<serde_json::Map<String, Value>>,
    /// Instead of `means`: whether it holds, whatever the visitor is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
}

/// How the handoffs of an environment are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Handoffs {
    /// The address of the service. Default: `handoff` in `hosts`, else the answer of the look-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether `apply` writes handoffs. The platform has no API for that: only a sandbox accepts it.
    /// Default: false; differences are listed as manual steps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub write: bool,
}

/// The JSON Schema of the project file.
#[must_use]
pub fn schema() -> Value {
    schema_of::<Project>(TITLE)
}

const TITLE: &str = "A campaignctl project file";

/// The project of the first document, with every complaint about it. `catalog` has the codes that rules may name.
#[must_use]
pub fn parse(texts: &Texts, catalog: &Catalog) -> (Project, Diags) {
    let mut diags = Diags::default();
    let Some(document) = texts.documents.first() else {
        return (Project::default(), diags);
    };
    let at = |pointer, part| Location::Node {
        doc: DocId(0),
        pointer,
        part,
    };
    for mut complaint in Compiled::new(bare_schema_of::<Project>(TITLE)).complaints(&document.value)
    {
        let is_value = [WRONG_TYPE.name, INVALID_VALUE.name].contains(&complaint.code.name);
        if complaint.code == &INVALID_VALUE && is_word(&complaint.pointer) {
            // A word, so that the remedy is another word; the value may be a secret all the same.
            if let Some((_, words)) = complaint.message.rsplit_once(" is not one of ") {
                complaint.message = format!("the value is not one of {words}");
            }
        } else if is_value && is_secret(&complaint.pointer) {
            // What stands there may be the secret itself.
            let help = "name where it is kept: `{ env: NAME }` or `{ file: PATH }`";
            "secrets must not be written in this file".clone_into(&mut complaint.message);
            complaint.help = Some(help.into());
        }
        diags.push(complaint.at(DocId(0)));
    }
    if diags.has_errors() {
        return (Project::default(), diags);
    }
    let project =
        serde_path_to_error::deserialize::<_, Project>(&*document.value).unwrap_or_else(|error| {
            diags.push(Diagnostic::new(
                &codes::PROJECT_ENVIRONMENT,
                at(Pointer::root(), EntryHalf::Value),
                error.to_string(),
            ));
            Project::default()
        });
    check::check(&project, catalog, &mut diags);
    (project, diags)
}

/// Whether credentials, or the addresses of webhooks, stand at this place, or below it.
fn is_secret(pointer: &Pointer) -> bool {
    let text = pointer.as_str();
    [
        "/credentials",
        "/ledgerCredentials",
        "/notify",
        "/clevertap",
    ]
    .iter()
    .any(|part| text.contains(part))
}

/// Whether one of some words stands at this place, and no secret: `kind` or an item of `on` of a webhook, the region of a
/// CleverTap account.
fn is_word(pointer: &Pointer) -> bool {
    let steps: Vec<String> = pointer.steps().collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    match steps.as_slice() {
        [.., "clevertap", "region"] => true,
        [.., "notify", _, field] => *field == "kind",
        [.., "notify", _, field, _] => *field == "on",
        _ => false,
    }
}

impl Environment {
    /// The retry budget, `None` when there is none or it is no time.
    #[must_use]
    pub fn retry_budget(&self) -> Option<Duration> {
        parse_time(self.retry_budget.as_deref()?)
    }
}

/// A time as people write it: `90s`, `10m`, `1h30m`.
#[must_use]
pub fn parse_time(text: &str) -> Option<Duration> {
    let time: jiff::SignedDuration = text.parse().ok()?;
    time.try_into().ok()
}

impl Project {
    /// The rules of an environment on a day.
    #[must_use]
    pub fn rules_of(&self, environment: &str, today: Date) -> Rules {
        let rules = match self.environments.get(environment) {
            Some(environment) => self.rules.with(&environment.rules),
            None => self.rules.clone(),
        };
        let accounts = self
            .environments
            .values()
            .filter_map(|it| it.account.as_ref());
        let accounts: BTreeSet<_> = accounts.collect();
        if accounts.len() > 1 {
            rules.on(today)
        } else {
            rules.on(today).silent_about(&REFERENCE_BY_ID)
        }
    }

    /// The names of every environment; without any, the sandbox.
    #[must_use]
    pub fn every_environment(&self) -> Vec<String> {
        let names: Vec<String> = self.environments.keys().cloned().collect();
        if names.is_empty() {
            vec![SANDBOX.to_owned()]
        } else {
            names
        }
    }

    /// The waivers that are over by a day, in the whole file; `at` says where a place of the file is.
    #[must_use]
    pub fn expired_waivers(&self, today: Date, at: &dyn Fn(&Pointer) -> Location) -> Diags {
        let environments = self.environments.iter().map(|(name, environment)| {
            let around = Pointer::from("/environments").key(name);
            (around, &environment.rules)
        });
        let sets = std::iter::once((Pointer::root(), &self.rules)).chain(environments);
        let mut diags = Diags::default();
        for (around, rules) in sets {
            let around = around.key("rules");
            diags.extend(rules.expired_waivers(today, &|place| at(&around.join(place))));
        }
        diags
    }
}
