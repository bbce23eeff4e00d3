//! What the schema cannot say about a project file.

use std::path::{Component, Path};

use super::codes::{PROJECT_ENVIRONMENT, PROJECT_WAVE};
use super::{Catalog, Environment, Project, Rules, SANDBOX, is_account_id};
use crate::check::codes::INVALID_VALUE;
use crate::diag::{Code, Diagnostic, Diags, DocId, Location, did_you_mean};
use crate::kinds::unknown_zone;
use crate::name::Name;
use crate::text::address::AddressForm;
use crate::text::looks::looks_secret;
use crate::text::{EntryHalf, Pointer};

/// Checks a project whose structure is right.
pub(super) fn check(project: &Project, catalog: &Catalog, diags: &mut Diags) {
    let mut complaints = Complaints(diags);
    complaints.rules(&Pointer::root(), &project.rules, catalog);
    complaints.default_environment(project);
    for (pointer, message, help) in super::waves::complaints(project) {
        complaints.push(&PROJECT_WAVE, pointer, message, &help);
    }
    for (name, message) in super::ledger_files::complaints(project) {
        let pointer = Pointer::from("/environments").key(&name);
        let help = "rename the environment, or name another file in `ledger`";
        complaints.environment(pointer, &message, help);
    }
    for (name, environment) in &project.environments {
        let pointer = Pointer::from("/environments").key(name);
        if let Err(error) = Name::new(name.as_str()) {
            complaints.environment(
                pointer.clone(),
                &error.to_string(),
                "rename the environment: its ledger and its files are named after it",
            );
        }
        if looks_secret(name) {
            complaints.environment(
                pointer.clone(),
                "the name of this environment looks like a secret",
                "rename the environment: its name is shown everywhere; if it is a secret, replace it, for it is in this file",
            );
        }
        complaints.rules(&pointer, &environment.rules, catalog);
        complaints.overlays(&pointer, project, environment);
        for (field, message, help) in super::ledger::complaints(environment) {
            complaints.environment(pointer.key(field), &message, help);
        }
        complaints.addresses(&pointer, environment);
        complaints.retry_budget(&pointer, environment);
        complaints.clevertap(&pointer, environment);
        complaints.account_id(&pointer, environment);
        if name == SANDBOX {
            complaints.sandbox(&pointer, environment);
        } else {
            complaints.account(&pointer, environment);
        }
    }
}

struct Complaints<'d>(&'d mut Diags);

impl Complaints<'_> {
    fn push(&mut self, code: &'static Code, pointer: Pointer, message: String, help: &str) {
        let at = Location::Node {
            doc: DocId(0),
            pointer,
            part: EntryHalf::Key,
        };
        self.0.push(Diagnostic::new(code, at, message).help(help));
    }

    fn environment(&mut self, pointer: Pointer, message: &str, help: &str) {
        self.push(&PROJECT_ENVIRONMENT, pointer, message.to_owned(), help);
    }

    fn default_environment(&mut self, project: &Project) {
        let Some(name) = &project.default_environment else {
            return;
        };
        if name == SANDBOX || project.environments.contains_key(name) {
            return;
        }
        let known = project.environments.keys().map(String::as_str);
        let hint = did_you_mean(name, known.chain([SANDBOX]));
        self.environment(
            Pointer::from("/defaultEnvironment"),
            &format!("there is no environment `{name}`"),
            hint.as_deref()
                .unwrap_or("name one of `environments`, or `sandbox`"),
        );
    }

    fn rules(&mut self, around: &Pointer, rules: &Rules, catalog: &Catalog) {
        for (name, code, message, help) in rules.complaints(catalog) {
            self.push(code, around.key("rules").key(name), message, &help);
        }
        for (place, day) in rules.impossible_days() {
            let message = format!("`{day}` is not a date");
            let place = around.key("rules").join(&place);
            self.push(&INVALID_VALUE, place, message, "write a day, `2027-01-31`");
        }
    }

    /// An overlay folder is no part of the base, so it must not hold all of it.
    fn overlays(&mut self, pointer: &Pointer, project: &Project, environment: &Environment) {
        let whole = [".".to_owned()];
        let manifests = if project.manifests.is_empty() {
            &whole[..]
        } else {
            &project.manifests
        };
        for (index, overlay) in environment.overlays.iter().enumerate() {
            if let Some(base) = manifests.iter().find(|base| holds(overlay, base)) {
                self.environment(
                    pointer.key("overlays").index(index),
                    &format!("the overlay folder `{overlay}` holds the manifests of `{base}`"),
                    "keep overlays in a folder of their own, `overlays/staging`",
                );
            }
        }
    }

    /// The text is not repeated: it stands among references to secrets, and may be one by mistake.
    fn clevertap(&mut self, pointer: &Pointer, environment: &Environment) {
        let access = environment.clevertap.as_ref();
        let Some(zone) = access.and_then(|it| it.time_zone.as_deref()) else {
            return;
        };
        if let Some(help) = unknown_zone(zone) {
            self.environment(
                pointer.key("clevertap").key("timeZone"),
                "`timeZone` is not a time zone",
                &help.text,
            );
        }
    }

    /// Addresses are shown in messages and logs, so they hold no credentials.
    fn addresses(&mut self, pointer: &Pointer, environment: &Environment) {
        let hosts = environment.hosts.iter();
        let hosts = hosts.map(|(name, url)| (pointer.key("hosts").key(name), url));
        let domain = environment.domain_api.iter();
        let domain = domain.map(|url| (pointer.key("domainApi"), url));
        let handoffs = environment.handoffs.iter().filter_map(|it| it.url.as_ref());
        let handoffs = handoffs.map(|url| (pointer.key("handoffs").key("url"), url));
        for (place, url) in hosts.chain(domain).chain(handoffs) {
            let is_plain = matches!(AddressForm::of(url), AddressForm::Url | AddressForm::Host);
            if !is_plain || url.contains(['?', '#']) {
                self.environment(
                    place,
                    "the address holds a user, a password or a query, or is malformed",
                    "write a host, a port and a path alone, and name where credentials are under `credentials`",
                );
            }
        }
    }

    fn retry_budget(&mut self, pointer: &Pointer, environment: &Environment) {
        if let (Some(text), None) = (&environment.retry_budget, environment.retry_budget()) {
            self.environment(
                pointer.key("retryBudget"),
                &format!("`{text}` is not a time"),
                "write a number and a unit, `90s`, `10m` or `1h`",
            );
        }
    }

    fn sandbox(&mut self, pointer: &Pointer, environment: &Environment) {
        if environment.credentials.is_some() {
            self.environment(
                pointer.key("credentials"),
                "the sandbox needs no credentials",
                "remove them, or give the environment another name",
            );
        }
        if environment.handoffs.is_some() {
            self.environment(
                pointer.key("handoffs"),
                "the sandbox serves handoffs itself, and they are written",
                "remove `handoffs`, or give the environment another name",
            );
        }
    }

    /// What fills and disturbs a sandbox means nothing for an account.
    fn of_sandbox_only(&mut self, pointer: &Pointer, environment: &Environment) {
        if environment.seed.is_some() {
            self.environment(
                pointer.key("seed"),
                "only the sandbox can be seeded",
                "move `seed` to the environment `sandbox`",
            );
        }
        for (key, _, names) in environment.sandbox_rows() {
            if !names.is_empty() {
                self.environment(
                    pointer.key(key),
                    "only the sandbox can be filled",
                    &format!(
                        "move `{key}` to the environment `sandbox`; on an account, people make them in the console"
                    ),
                );
            }
        }
        let settings = [
            ("conditions", environment.conditions.is_empty()),
            ("switches", environment.switches.is_empty()),
        ];
        for (key, is_empty) in settings {
            if !is_empty {
                self.environment(
                    pointer.key(key),
                    "only the sandbox can be set up",
                    &format!("move `{key}` to the environment `sandbox`"),
                );
            }
        }
        if !environment.faults.is_empty() {
            self.environment(
                pointer.key("faults"),
                "only the sandbox can have faults",
                "move `faults` to the environment `sandbox`",
            );
        }
    }

    /// The value is not repeated: it may be a secret at the wrong place.
    fn account_id(&mut self, pointer: &Pointer, environment: &Environment) {
        if environment
            .account
            .as_deref()
            .is_some_and(|it| !is_account_id(it))
        {
            self.environment(
                pointer.key("account"),
                "the id of an account has only digits",
                "write the number of the account: `account: \"12345678\"`",
            );
        }
    }

    fn account(&mut self, pointer: &Pointer, environment: &Environment) {
        if environment.account.is_none() {
            self.environment(
                pointer.clone(),
                "the environment has no account",
                "add `account:` with the id of the account",
            );
        }
        let handoffs = environment.handoffs.as_ref();
        let has_address = environment.hosts.contains_key("handoff")
            || environment.domain_api.is_some()
            || handoffs.is_some_and(|handoffs| handoffs.url.is_some());
        if handoffs.is_some_and(|handoffs| handoffs.write) && !has_address {
            self.environment(
                pointer.key("handoffs"),
                "the platform has no call that writes handoffs",
                "add `url:` with the address of a sandbox that serves them, or remove `write`",
            );
        }
        self.of_sandbox_only(pointer, environment);
        let place = match &environment.credentials {
            Some(credentials) if credentials.is_complete() => return,
            Some(_) => pointer.key("credentials"),
            None => pointer.clone(),
        };
        self.environment(
            place,
            "the environment has no complete credentials",
            "name `username` and `password`, or `login` with a `clientId`, or `clientId` and `clientSecret`, or `bearer`, each as `{ env: NAME }` or `{ file: PATH }`",
        );
    }
}

/// Whether a path is another one or lies above it, as far as their spelling tells.
fn holds(folder: &str, path: &str) -> bool {
    steps(path).starts_with(&steps(folder))
}

fn steps(path: &str) -> Vec<String> {
    Path::new(path)
        .components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| component.as_os_str().to_string_lossy().into_owned())
        .collect()
}
