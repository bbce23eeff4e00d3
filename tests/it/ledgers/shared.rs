//! A project of a team: its ledger is kept where other computers reach it, too.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use campaignctl::ledger::{Backend, Ticket};
use serde_json::Value;

use super::{Kind, Place};
use crate::support::{GOALS, Project, Run};

pub(super) const APPLY: [&str; 2] = ["apply", "--auto-approve"];

pub(super) fn goal(name: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, type: purchase }}\n---\n"
    )
}

pub(super) fn goals(count: usize) -> String {
    (0..count)
        .map(|number| goal(&format!("goal-{number}")))
        .collect()
}

/// A project whose ledger is in a place of its own.
pub(super) struct Shared {
    pub(super) place: Place,
    pub(super) project: Project,
}

impl Shared {
    pub(super) fn new(kind: Kind, manifests: &str) -> Self {
        let project = Project::with(manifests);
        let place = project.account.block_on(kind.start());
        let mut file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        let _ = writeln!(file, "    ledger: {}", place.address());
        if let Place::Http(_) = place {
            file += "    ledgerCredentials: { username: { env: LEDGER_USER }, password: { env: LEDGER_PASSWORD } }\n";
        }
        project.write("campaignctl.yaml", &file);
        Self { place, project }
    }

    /// Runs a test on a project in every kind of place that processes share, side by side.
    pub(super) fn on_every(manifests: &str, test: impl Fn(&Self) + Sync) {
        std::thread::scope(|scope| {
            for kind in Kind::of_processes() {
                let test = &test;
                let run = move || test(&Self::new(kind, manifests));
                let thread = std::thread::Builder::new().name(format!("{kind:?}"));
                thread.spawn_scoped(scope, run).unwrap();
            }
        });
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.envs(self.place.variables());
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// The project as another computer has it.
    pub(super) fn elsewhere(&self, folder: &Path, arguments: &[&str]) -> Command {
        for file in ["campaignctl.yaml", "manifests.yaml"] {
            std::fs::copy(self.project.path().join(file), folder.join(file)).unwrap();
        }
        let mut command = self.command(arguments);
        command.current_dir(folder);
        command
    }

    /// Starts an apply, and returns when a fault holds up one of its writes.
    pub(super) fn apply_until_held_up(&self, fault: &str) -> Child {
        const TRIES: usize = 20_000; // a request each
        let account = &self.project.account;
        account.fault(fault);
        let mut apply = start(self.command(&["apply", "--auto-approve", "--parallelism", "1"]));
        for _ in 0..TRIES {
            let faults = account.handle().faults();
            account.get("/_sandbox/stats"); // answered after the request that the fault struck has begun
            if faults.iter().any(|fault| fault.struck > 0) {
                return apply;
            }
            assert!(apply.try_wait().unwrap().is_none(), "it ended");
        }
        panic!("no request was held up");
    }

    fn backend(&self) -> Arc<dyn Backend> {
        self.place.connect()
    }

    /// The ledger as it is stored, null when there is none.
    pub(super) fn stored(&self) -> Value {
        let load = self.project.account.block_on(self.backend().load());
        load.unwrap().map_or(Value::Null, |stored| {
            serde_json::from_slice(&stored.bytes).unwrap()
        })
    }

    /// Whether the ledger was stored so often. Behind HTTP each write of the journal counts, too.
    pub(super) fn has_serial(&self, count: u64) -> bool {
        let serial = self.stored()["serial"].as_u64();
        match self.place {
            Place::Http(_) => serial > Some(count),
            _ => serial == Some(count),
        }
    }

    pub(super) fn holder(&self) -> Option<Ticket> {
        let holder = self.project.account.block_on(self.backend().holder());
        holder.unwrap()
    }

    /// What a document says that is not settled, of a command that writes one.
    #[track_caller]
    pub(super) fn unsettled(&self, folder: &Path, command: &str) -> String {
        let arguments = [command, "--format", "json"];
        let told = run(self.elsewhere(folder, &arguments));
        let document: Value = serde_json::from_str(&told.stdout).unwrap();
        let all = match command {
            "plan" => {
                let schema = campaignctl::plan::schema();
                jsonschema::validate(&schema, &document).unwrap();
                &document["unsettled"]
            }
            "status" => &document["environments"][0]["unsettled"],
            _ => &document["unsettled"],
        };
        let all = all.as_array().map(Vec::as_slice);
        let all = all.unwrap_or_default().iter().filter_map(Value::as_str);
        all.collect::<Vec<_>>().join("\n")
    }

    /// How many goals of [`goals`] the account holds.
    pub(super) fn made(&self) -> usize {
        let names = self.project.account.names(GOALS);
        let made = names.iter().filter(|name| name.starts_with("The goal-"));
        made.count()
    }

    /// What a run says that finds a lock of a moment ago.
    pub(super) fn says_locked(&self) -> &'static str {
        if self.place.is_local() {
            "error: the ledger `<ledger>` is locked by tester (process <number>) since <time>Z\n  = help: held for less than a minute; wait for that run; if it died, `campaignctl ledger unlock` removes its lock\n"
        } else {
            "error: the ledger `<ledger>` is locked by tester (process <number>) since <time>Z\n  = help: held for less than a minute; wait for that run, with `--lock-timeout 5m`; if it died, its lock lasts for 60 s, and the next run takes it\n"
        }
    }

    /// What a run said, without what differs from run to run.
    pub(super) fn told(&self, run: &Run) -> String {
        let text = run.stderr.replace(&self.place.address(), "<ledger>");
        let text = blotted(&text, "(process ", ")", "<number>");
        blotted(&text, " since ", "Z", "<time>")
    }
}

/// The text with a sign for everything between two others.
fn blotted(text: &str, before: &str, behind: &str, sign: &str) -> String {
    let mut parts = text.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.find(behind).map_or("", |end| &part[end..]);
        text + before + sign + rest
    })
}

pub(super) fn run(mut command: Command) -> Run {
    command.output().unwrap().into()
}

pub(super) fn start(mut command: Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

pub(super) fn ended(child: Child) -> Run {
    child.wait_with_output().unwrap().into()
}
