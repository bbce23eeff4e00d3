//! F2: the project file, `campaignctl.yaml`: environments, and where their credentials are found.
//!
//! An environment is an account, and what differs there: overlay folders, variables, guards and the severity
//! of diagnostics. [`crate::resolve::compose`] makes its documents.
//!
//! It never holds a secret, only the names of environment variables or files that do. Without one, the
//! only environment is the built-in `sandbox`.

mod check;
pub mod codes;
mod guards;
mod ledger;
mod prune;
mod rules;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::check::{Compiled, Complaint};
use crate::diag::{Diagnostic, Diags, DocId, Location, Texts};
use crate::resolve::Variables;
use crate::text::{Part, Pointer};
pub use guards::Guards;
pub use ledger::{LedgerCredentials, LedgerLock, LedgerPlace, LockMethod, UnlockMethod};
pub use prune::Prune;
pub use rules::{Catalog, Level, Rules, without_level_words};
pub use variables::{Given, Used};

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
    /// What `${var.name}` stands for in manifests, in every environment that does not say otherwise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "variables::schema")]
    pub variables: Variables,
    /// How bad diagnostics are, by code: `error`, `warn` or `off`. Errors that everything else rests on
    /// cannot be lowered.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// The environments by name. `sandbox` is always there, and is the default.
    pub environments: BTreeMap<String, Environment>,
}

/// One account with what is needed to reach it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Environment {
    /// The account id. Required for every environment but `sandbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The service look-up. Default: the vendor's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_api: Option<String>,
    /// Addresses of services that the look-up does not know, or that differ from its answer, by service
    /// name: `handoff: https://lo.handoff.liveperson.net`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, String>,
    /// Where the credentials are found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// Where the ledger is: a file, relative to this file, or `s3://bucket/key`, `gs://bucket/key`,
    /// `az://container/key`, or the `https://` address of a server with the Terraform HTTP state protocol, as
    /// GitLab has it. Default: `.campaignctl/ledger/<environment>.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// Folders of documents that change the manifests in this environment, relative to this file. Later ones
    /// lie over earlier ones. A document has the kind and name of a manifest and what differs: it is merged
    /// over it (JSON Merge Patch, RFC 7396). `$patch: delete` drops the manifest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<String>,
    /// What `${var.name}` stands for in this environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "variables::schema")]
    pub variables: Variables,
    /// Who reads and writes a ledger behind `https://`. Object stores take their credentials from the
    /// environment variables of the cloud's own tools (`AWS_*`, `GOOGLE_*`, `AZURE_*`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_credentials: Option<LedgerCredentials>,
    /// How a server behind `https://` locks, where it differs from what its address tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_lock: Option<LedgerLock>,
    /// What happens to live objects that no manifest describes. Default: `owned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prune: Option<Prune>,
    /// How much a plan may change before somebody has to say so.
    pub guards: Guards,
    /// How bad diagnostics are in this environment, by code; over those of the project.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// Only for the sandbox: a folder or file of raw wire JSON that a new account starts with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// Where credentials are found: one complete form of the three. Secrets never stand in this file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Credentials {
    /// OAuth 2.0 client credentials: the client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<SecretSource>,
    /// OAuth 2.0 client credentials: the client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretSource>,
    /// User login: the user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<SecretSource>,
    /// User login: the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// A bearer token made elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<SecretSource>,
}

/// Where one secret is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum SecretSource {
    /// In the environment variable of this name.
    Env(String),
    /// In this file, relative to the project file; white space at its end is dropped.
    File(String),
}

/// The JSON Schema of the project file.
#[must_use]
pub fn schema() -> Value {
    schema_of::<Project>("campaignctl", "A campaignctl project file")
}

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
    for Complaint {
        code,
        pointer,
        part,
        message,
        help,
    } in Compiled::new(schema()).complaints(&document.value)
    {
        let mut diagnostic = Diagnostic::new(code, at(pointer, part), message);
        diagnostic.help = help;
        diags.push(diagnostic);
    }
    if diags.has_errors() {
        return (Project::default(), diags);
    }
    let project =
        serde_path_to_error::deserialize::<_, Project>(&*document.value).unwrap_or_else(|error| {
            diags.push(Diagnostic::new(
                &codes::PROJECT_ENVIRONMENT,
                at(Pointer::root(), Part::Value),
                error.to_string(),
            ));
            Project::default()
        });
    check::check(&project, catalog, &mut diags);
    (project, diags)
}

impl Project {
    /// The rules of an environment.
    #[must_use]
    pub fn rules_of(&self, environment: &str) -> Rules {
        match self.environments.get(environment) {
            Some(environment) => self.rules.with(&environment.rules),
            None => self.rules.clone(),
        }
    }
}

impl Credentials {
    /// Whether exactly one form is given, and whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let Self {
            client_id,
            client_secret,
            username,
            password,
            bearer,
        } = self;
        let given = [client_id, client_secret, username, password, bearer].map(Option::is_some);
        matches!(
            given,
            [true, true, false, false, false]
                | [false, false, true, true, false]
                | [false, false, false, false, true]
        )
    }
}
