//! What programs can see of the launches of a project, and what a person has to look at before one.

use jiff::tz::TimeZone;

use crate::api::{self, Client};
use crate::kinds::{KindId, Role};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::{Desired, Resource};
use crate::run::Error;
use crate::run::clevertap::{CleverTapAccount, lacking};
use crate::run::launching::unseen;
use crate::text::safe::line;

use super::names::HeldNames;
use super::{Doctor, counted};

/// What a launch needs on the account.
pub(super) struct Needed {
    /// The name of the launch.
    launch: String,
    /// Live objects, by their display names.
    objects: Vec<(KindId, String)>,
}

/// Whether a launch is a campaign of CleverTap.
fn is_campaign(launch: &Resource) -> bool {
    let spec = (launch.key.kind.def().launch)(&launch.spec);
    spec.is_some_and(|spec| spec.sender.clevertap.is_some())
}

/// How many launches of a project are campaigns of CleverTap.
pub(super) fn campaigns(desired: &Desired) -> usize {
    let launches = desired.iter().filter(|it| it.key.kind.def().is_launch);
    launches.filter(|it| is_campaign(it)).count()
}

/// What the launches of a project need of the account.
pub(super) fn needed(desired: &Desired) -> Vec<Needed> {
    let launches = desired.iter().filter(|it| it.key.kind.def().is_launch);
    let launches = launches.filter(|it| !is_campaign(it));
    let of = |launch: &Resource| Needed {
        launch: launch.key.name.to_string(),
        objects: (launch.uses().into_iter())
            .filter_map(|it| {
                let kind = KindId::known(it.kind);
                Some((kind, display_name(desired, kind, it.reference)?))
            })
            .collect(),
    };
    launches.map(of).collect()
}

/// The display name that a reference asks for; nothing where it names an id.
fn display_name(desired: &Desired, kind: KindId, reference: &serde_json::Value) -> Option<String> {
    let Some(name) = reference.as_str() else {
        return Some(reference.get("live")?.as_str()?.to_owned());
    };
    if kind.def().role == Role::Reference {
        return Some(name.to_owned());
    }
    let key = Key {
        kind,
        name: Name::new(name).ok()?,
    };
    Some(desired.get(&key)?.display_name().to_owned())
}

impl Doctor<'_> {
    /// Checks the CleverTap account of the environment, where it has one or launches need one. `sandbox` is the address of
    /// the built-in sandbox.
    pub(super) async fn clevertap(&mut self, sandbox: Option<&str>, campaigns: usize) {
        const NAME: &str = "clevertap";
        if campaigns == 0 && self.environment.clevertap.is_none() {
            return;
        }
        let sender = match CleverTapAccount::at(self.run, self.workspace, sandbox) {
            Ok(Some(sender)) => sender,
            Ok(None) => {
                let Error { message, help, .. } = lacking(self.run.environment());
                return self.warning(NAME, message, help);
            }
            Err(Error { message, help, .. }) => return self.warning(NAME, message, help),
        };
        let (client, host) = (&sender.client, sender.host());
        let account = line(client.account()).into_owned();
        let today = self.run.machine().now().to_zoned(TimeZone::UTC).date();
        match client.list(today, today).await {
            Ok(_) => {
                let needed = match campaigns {
                    0 => String::new(),
                    count => {
                        let count = counted(count, "launch").replace("launchs", "launches");
                        format!("; {count} to send with it")
                    }
                };
                self.ok(NAME, format!("account {account} at {host} answers{needed}"));
            }
            Err(error) => {
                let help = "check region, account and passcode below `clevertap` of the environment; the dashboard shows them";
                let found = format!("account {account} at {host}: {error}");
                self.warning(NAME, found, Some(help.to_owned()));
            }
        }
    }

    /// Checks what the launches need: their handoffs and skills, and the service that sends.
    pub(super) async fn launches(&mut self, client: &Client, needed: &[Needed], held: &HeldNames) {
        if needed.is_empty() {
            return;
        }
        let mut lacking = Vec::new();
        for launch in needed {
            for (kind, name) in &launch.objects {
                let is_missing = held.get(kind).is_some_and(|names| !names.contains(name));
                if is_missing {
                    lacking.push(format!(
                        "`{}` needs the {kind} `{}`, which the account does not have",
                        line(&launch.launch),
                        line(name)
                    ));
                }
            }
        }
        let service = self.sender(client).await;
        if !lacking.is_empty() {
            let help = "make it in the console or the proactive web tool, or correct the name";
            self.warning("launches", lacking.join("; "), Some(help.to_owned()));
        } else if let Some(service) = &service {
            let count = counted(needed.len(), "launch").replace("launchs", "launches");
            let found =
                format!("{count}: their handoffs and skills are there, and {service} answers");
            self.ok("launches", found);
        }
        let host = client.proactive_host().unwrap_or_default();
        self.examination.unseen = unseen(&host, client.account());
    }

    /// Where the service that sends is, if it answers: whether it knows the send that is asked for does not matter.
    async fn sender(&mut self, client: &Client) -> Option<String> {
        let host = match client.proactive_host() {
            Ok(host) => host,
            Err(error) => {
                self.warning("launches", error.to_string(), None);
                return None;
            }
        };
        match client.proactive_conversations("0").await {
            Ok(_) | Err(api::ApiError::NotFound(_) | api::ApiError::Refused(_)) => Some(host),
            Err(error) => {
                let help = "launches need the client id and secret that the proactive web tool shows, and the host of the region of the account";
                let found = format!("the Proactive API at {host}: {error}");
                self.warning("launches", found, Some(help.to_owned()));
                None
            }
        }
    }
}
