//! A sandbox that holds a world, as after an apply, and whose time a test sets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use campaignctl::kinds::mapping::create_body;
use campaignctl::kinds::{KindId, Lookup};
use campaignctl::sandbox::{Sandbox, SandboxOptions, SandboxSettings, ServedCondition};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::worlds::{APPS, Sample, Specs};

pub(super) const ACCOUNT: &str = "10000001";

/// The ids of what was created, by kind and name.
#[derive(Default)]
pub(super) struct Ids(pub(super) BTreeMap<(String, String), Value>);

impl Lookup for Ids {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let name = reference.as_str().unwrap_or("system");
        self.0[&(kind.to_owned(), name.to_owned())].clone()
    }

    fn to_ref(&self, _kind: &'static str, id: &Value) -> Value {
        id.clone()
    }

    fn display_name(&self, _kind: &'static str, _id: &Value) -> Option<String> {
        None
    }
}

/// A sandbox whose time the test sets.
pub(super) struct Platform {
    pub(super) sandbox: Sandbox,
    time: Arc<Mutex<Timestamp>>,
}

impl Platform {
    pub(super) fn new() -> Self {
        let time = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
        let clock = Arc::clone(&time);
        let options = SandboxOptions::in_memory(ACCOUNT, Arc::new(move || *clock.lock().unwrap()));
        Self {
            sandbox: Sandbox::open(options).unwrap(),
            time,
        }
    }

    fn config(&self, method: &str, path: &str, body: &Value) -> Value {
        let target = format!("/api/account/{ACCOUNT}/configuration/{path}");
        let (status, answer) = self.sandbox.answer(method, &target, body);
        assert!(
            (200..300).contains(&status),
            "{method} {path} {body}: {answer}"
        );
        answer
    }

    /// Makes a world, as an apply does.
    pub(super) fn fill(&mut self, specs: &Specs, settings: SandboxSettings) -> Ids {
        self.sandbox.set(settings);
        self.sandbox.reset().unwrap();
        let apps = APPS.map(str::to_owned);
        self.sandbox
            .ensure(&[("app-installations", &apps)])
            .unwrap();
        let mut ids = Ids::default();
        let mut put = |kind: &str, name: &str, id: &Value| {
            ids.0.insert((kind.to_owned(), name.to_owned()), id.clone());
        };
        let installed = self.config("GET", "app-install/installations?v=1.0", &Value::Null);
        for app in installed.as_array().unwrap() {
            put(
                "AppInstallation",
                app["client_name"].as_str().unwrap(),
                &app["id"],
            );
        }
        for (kind, path) in [
            ("EntryPoint", "le-targeting/onsite-locations?v=3.0"),
            ("TargetAudience", "le-targeting/visitor-profiles?v=2.0"),
            ("Behavior", "le-targeting/visitor-behaviors?v=2.0"),
        ] {
            let rows = self.config("GET", path, &Value::Null);
            put(kind, "system", &rows[0]["id"]);
        }
        let mut children: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (kind, name, spec) in specs {
            let def = KindId::known(kind).def();
            let body = create_body(def, spec, &ids);
            let collection = def.collection.unwrap();
            let campaign = spec
                .get("campaign")
                .map(|it| ids.to_id("Campaign", it).to_string());
            let path = collection
                .path
                .replace("{parent}", campaign.as_deref().unwrap_or_default());
            let made = self.config("POST", &format!("{path}?v={}", collection.version), &body);
            if let Some(campaign) = campaign {
                children
                    .entry(campaign)
                    .or_default()
                    .push(made["id"].clone());
            }
            ids.0
                .insert(((*kind).to_owned(), (*name).to_owned()), made["id"].clone());
        }
        for (campaign, listed) in children {
            let path = format!("le-campaigns/campaigns/{campaign}?v=3.4");
            let mut body = self.config("GET", &path, &Value::Null);
            body["engagementIds"] = json!(listed);
            self.config("PUT", &path, &body);
        }
        ids
    }

    pub(super) fn set_time(&self, time: Timestamp) {
        *self.time.lock().unwrap() = time;
    }
}

/// The settings of the sandbox for the sample: the positions of its switches, and what conditions mean.
pub(super) fn settings(sample: &Sample) -> SandboxSettings {
    let mut settings = SandboxSettings::default();
    settings.set("missing-if-match=allowed").unwrap();
    for (switch, at) in &sample.assumed.0 {
        // The sandbox serves apps alone, where no address of a page is.
        if switch.word() != "url-case" {
            let position = switch.positions()[*at].word;
            settings.set(&format!("{switch}={position}")).unwrap();
        }
    }
    let given = &sample.scenario["given"];
    if given["agents"] == "none" {
        settings.set("agents=none").unwrap();
    }
    if given["controlGroup"] == "inside" {
        settings.set("account-control-group=100").unwrap();
    }
    for (kind, _, spec) in &sample.specs {
        for condition in spec["conditions"].as_array().into_iter().flatten() {
            if let Some(means) = condition.get("means") {
                let number = condition["type"].as_i64().unwrap();
                let data = Some(&condition["data"]);
                let read = ServedCondition::read((kind, number, data), Some(means), None);
                settings.conditions.push(read.unwrap());
            }
        }
    }
    settings
}
