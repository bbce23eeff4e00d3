//! An account and a ledger on the disk, driven through the library, with runs that can die at any record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use campaignctl::api::{self, Client, Observer, RetryPolicy, Secret, SignInSecrets, observe};
use campaignctl::apply::{self, Outcome, RecordError, Recorder, StepResult, recover};
use campaignctl::diag::Diags;
use campaignctl::diff::{self, Changes, DiffInput, Matches};
use campaignctl::export::export;
use campaignctl::kinds::KindId;
use campaignctl::ledger::{Holder, JournalEvent, LedgerSession, LedgerStore, replayed};
use campaignctl::live::{CacheOwner, Inventory, Ledger, Needs};
use campaignctl::plan::{Guards, Header, Plan, Today, needs, planned, stale};
use campaignctl::sandbox::{DeleteInUse, SandboxSettings};
use campaignctl::text::Limits;
use campaignctl::{check, load, manifest, resolve};
use jiff::Timestamp;

use crate::support::{ACCOUNT, Account, SECRET};

/// An account, and the ledger that knows it.
pub(super) struct World {
    pub(super) account: Account,
    pub(super) client: Client,
    folder: tempfile::TempDir,
    plans: AtomicUsize,
    /// The objects that are known to match, as the file of an earlier plan says it.
    matches: Mutex<String>,
}

/// What a plan reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// As little as it can.
    WhatItNeeds,
    /// The whole account.
    Everything,
}

/// How a run is to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    /// After how many records it dies.
    pub(super) dies_after: Option<usize>,
    pub(super) parallelism: usize,
}

impl Course {
    pub(super) const WELL: Self = Self {
        dies_after: None,
        parallelism: 4,
    };
}

/// What came of a run.
#[derive(Debug)]
pub(super) enum Came {
    /// It could not plan, because the account could not be read or nobody could tell what an earlier run did.
    Refused(#[expect(dead_code, reason = "shown by whoever looks into a case")] String),
    /// It died.
    Died,
    /// It came to its end.
    Ended(Box<Outcome>),
}

impl World {
    /// A new account. It refuses whatever a careless order of writes would ask for.
    pub(super) fn new() -> Self {
        Self::with(SandboxSettings {
            refuse_unknown_references: true,
            delete_in_use: DeleteInUse::Refused,
            ..SandboxSettings::default()
        })
    }

    /// A new account with these switches.
    pub(super) fn with(switches: SandboxSettings) -> Self {
        Self::on(Account::with(switches))
    }

    /// This account.
    pub(super) fn on(account: Account) -> Self {
        let credentials = SignInSecrets::ClientCredentials {
            id: "sandbox".to_owned(),
            secret: Secret::new(SECRET),
        };
        let settings = api::ClientSettings {
            domain_api: account.base_url().to_owned(),
            handoff_writes: true,
            retry: RetryPolicy {
                second: Duration::ZERO,
                ..RetryPolicy::default()
            },
            ..api::ClientSettings::new(ACCOUNT, credentials)
        };
        let client = account.block_on(api::connect(settings)).unwrap();
        Self {
            account,
            client,
            folder: tempfile::tempdir().unwrap(),
            plans: AtomicUsize::new(0),
            matches: Mutex::default(),
        }
    }

    /// Back to a new account, with neither ledger nor journal.
    pub(super) fn begin(&mut self) {
        self.account.reset();
        self.account.handle().clear_faults();
        self.account.handle().forget_statistics();
        self.folder = tempfile::tempdir().unwrap();
    }

    fn store(&self) -> LedgerStore {
        LedgerStore::new(self.folder.path().join("ledger.json"), ACCOUNT)
    }

    fn session(&self) -> LedgerSession {
        let holder = Holder {
            who: "ann@here".to_owned(),
            since: "2026-06-01T12:00:00Z".to_owned(),
        };
        let store = self.store();
        let locked = store.lock(&holder, "line-1");
        self.account.block_on(locked).unwrap()
    }

    /// The ledger as a plan sees it.
    pub(super) fn ledger(&self) -> Ledger {
        let store = self.store();
        self.account.block_on(store.load("line-1")).unwrap().ledger
    }

    /// A plan that writes nothing.
    pub(super) fn look(&self, manifests: &str) -> Result<Plan, String> {
        let ledger = self.ledger();
        let events = self.account.block_on(recover(&self.client, &ledger));
        let events = events.map_err(|error| error.to_string())?;
        self.plan(manifests, &replayed(ledger, events))
    }

    fn plan(&self, manifests: &str, ledger: &Ledger) -> Result<Plan, String> {
        self.plan_reading(manifests, ledger, Reads::WhatItNeeds)
    }

    /// A plan of what was read.
    pub(super) fn plan_reading(
        &self,
        manifests: &str,
        ledger: &Ledger,
        reads: Reads,
    ) -> Result<Plan, String> {
        let mut observer = Observer::new(&self.client, 4);
        self.plan_by(manifests, ledger, reads, &mut observer)
    }

    /// A plan of what an observer reads.
    pub(super) fn plan_by(
        &self,
        manifests: &str,
        ledger: &Ledger,
        reads: Reads,
        observer: &mut Observer<'_, Client>,
    ) -> Result<Plan, String> {
        let limits = Limits::default();
        let (texts, mut diags) = load::load(
            &load::PathGroup::of(Path::new(""), &[PathBuf::from("-")]),
            &mut manifests.as_bytes(),
            &limits,
        );
        let (parsed, found) = manifest::parse(&texts);
        diags.extend(found);
        let (desired, found) = resolve::resolve(parsed);
        diags.extend(found);
        diags.extend(check::check(&texts, &desired));
        let told = |diags: &campaignctl::diag::Diags| {
            campaignctl::report::diagnostics::render_text(diags, &texts, false)
        };
        assert!(!diags.has_errors(), "{}\n{manifests}", told(&diags));
        let needs = match reads {
            Reads::WhatItNeeds => Needs::of(&desired, ledger, &|_| true),
            Reads::Everything => Needs::whole(KindId::all()),
        };
        let mut read = |needs: &Needs, known: Inventory| {
            let inventory = self.account.block_on(observer.read(needs, known));
            inventory.map_err(|error| error.to_string())
        };
        let mut inventory = read(&needs, Inventory::default())?;
        let made = (&texts, &desired);
        let (mut changes, mut diags) =
            self.compared_twice(&DiffInput::whole(made, &inventory, ledger, "test"));
        let unread = diff::unread(&inventory, &changes.changes);
        if !unread.is_empty() && !diags.has_errors() {
            inventory = read(&Needs::whole(unread), inventory)?;
            (changes, diags) =
                self.compared_twice(&DiffInput::whole(made, &inventory, ledger, "test"));
        }
        if diags.has_errors() {
            return Err(told(&diags));
        }
        let number = self.plans.fetch_add(1, Ordering::SeqCst);
        let id = format!("plan-{number}");
        let header = Header::new(id, "2026-06-01T12:00:00Z", ("test", ACCOUNT));
        let judged_by = (
            &DiffInput::whole(made, &inventory, ledger, "test"),
            Guards::default(),
        );
        Ok(planned(header, changes, judged_by))
    }

    /// The differences, and that they are the same where nothing is compared that is known to match.
    fn compared_twice(&self, input: &DiffInput<'_>) -> (Changes, Diags) {
        let owner = CacheOwner {
            account: ACCOUNT.to_owned(),
            host: self.account.base_url().to_owned(),
        };
        let mut kept = self.matches.lock().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let known = Matches::read(&kept, &owner, "1", now);
        let known = known.unwrap_or_else(|_| Matches::none("1", now));
        let (changes, diags) = diff::diff(input);
        let (ours, said, learned) = diff::diff_with(input, &known);
        assert_eq!(ours.changes, changes.changes);
        assert_eq!(format!("{ours:?}{said:?}"), format!("{changes:?}{diags:?}"));
        if let Some(learned) = &learned {
            *kept = learned.write(&owner);
        }
        (changes, diags)
    }

    pub(super) fn observe(&self, needs: &Needs) -> Result<Inventory, String> {
        let inventory = self.account.block_on(observe(&self.client, needs, 4));
        inventory.map_err(|error| error.to_string())
    }

    /// What `apply` with manifests does.
    pub(super) fn apply(&self, manifests: &str, course: Course) -> Came {
        let mut session = self.session();
        let plan = self
            .settle(&mut session)
            .and_then(|()| self.plan(manifests, session.ledger()));
        match plan {
            Ok(plan) => self.carry_out(&plan, session, course),
            Err(why) => self.refused(session, why),
        }
    }

    /// What `apply` with a saved plan does.
    pub(super) fn apply_saved(&self, plan: &Plan, course: Course) -> Came {
        let mut session = self.session();
        let check = self.settle(&mut session).and_then(|()| {
            let inventory = self.observe(&needs(plan, None))?;
            let begun = session.begun();
            let reasons = stale(
                plan,
                &inventory,
                Today {
                    ledger: session.ledger(),
                    is_stored: session.is_stored(),
                    begun: begun.of(&plan.id),
                },
            );
            if reasons.is_empty() {
                Ok(())
            } else {
                Err(format!("{reasons:?}"))
            }
        });
        match check {
            Ok(()) => self.carry_out(plan, session, course),
            Err(why) => self.refused(session, why),
        }
    }

    fn refused(&self, session: LedgerSession, why: String) -> Came {
        self.account.block_on(session.release()).unwrap();
        Came::Refused(why)
    }

    /// Writes down what became of the creates of a run that died.
    fn settle(&self, session: &mut LedgerSession) -> Result<(), String> {
        let events = self
            .account
            .block_on(recover(&self.client, session.ledger()));
        for event in events.map_err(|error| error.to_string())? {
            session.record(event).unwrap();
        }
        Ok(())
    }

    fn carry_out(&self, plan: &Plan, session: LedgerSession, course: Course) -> Came {
        let ledger = session.ledger().clone();
        let begun = session.begun();
        let is_resumed = begun.plan.as_deref() == Some(&plan.id);
        let applied = if is_resumed {
            begun.applied
        } else {
            BTreeSet::new()
        };
        let mut mortal = Mortal {
            session,
            records_left: course.dies_after,
        };
        let input = apply::ApplyInput {
            platform: &self.client,
            plan,
            plan_id: &plan.id,
            ledger: &ledger,
            applied: &applied,
            is_resumed,
            clock: jiff::Timestamp::now,
            cancelled: &AtomicBool::new(false),
            options: apply::ApplyOptions {
                parallelism: course.parallelism,
                quiet: std::time::Duration::ZERO, // the in-process account ends before it cuts the line
                ..apply::ApplyOptions::default()
            },
        };
        let outcome = self
            .account
            .block_on(apply::run(&input, &mut mortal, &|_| {}));
        if mortal.records_left == Some(0) {
            return Came::Died; // the session goes as with the process: the journal stays
        }
        self.account.block_on(mortal.session.commit()).unwrap();
        Came::Ended(Box::new(outcome))
    }

    /// The whole account as manifests, ids aside.
    pub(super) fn export(&self) -> String {
        let kinds: BTreeSet<KindId> = KindId::manifests()
            .filter(|kind| kind.def().collection.is_some())
            .collect();
        let inventory = self.observe(&Needs::every(kinds.iter().copied())).unwrap();
        let exported = export(&inventory, &self.ledger(), &kinds);
        let texts: Vec<_> = exported.files.into_iter().map(|file| file.text).collect();
        texts.join("---\n")
    }

    /// Carries a plan out, without another look at the account before.
    pub(super) fn carry_out_now(&self, plan: &Plan) -> Came {
        self.carry_out(plan, self.session(), Course::WELL)
    }

    /// Applies until there is nothing left to do, which one apply has to reach.
    #[track_caller]
    pub(super) fn converge(&self, manifests: &str, context: &str) {
        let came = self.apply(manifests, Course::WELL);
        let Came::Ended(outcome) = came else {
            panic!("{context}: {came:?}");
        };
        for step in &outcome.steps {
            let fine = matches!(&step.result, StepResult::Applied { normalized, .. } if normalized.is_empty());
            assert!(
                fine,
                "{context}: {:?} {}: {:?}",
                step.verb, step.key, step.result
            );
        }
        let plan = self.look(manifests).unwrap();
        assert!(plan.steps.is_empty(), "{context}: {:#?}", plan.steps);
        assert!(self.ledger().unfinished.is_empty(), "{context}");
    }

    pub(super) fn fault(&self, fault: &str) {
        self.account.handle().add_fault(fault.parse().unwrap());
    }
}

/// A recorder that dies: after so many records nothing more can be written down.
struct Mortal {
    session: LedgerSession,
    records_left: Option<usize>,
}

impl Recorder for Mortal {
    fn record(&mut self, event: JournalEvent) -> Result<(), RecordError> {
        match &mut self.records_left {
            Some(0) => return Err(RecordError::Ledger("the process is dead".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        LedgerSession::record(&mut self.session, event)
            .map_err(|error| RecordError::Ledger(Box::new(error)))
    }
}
