//! The passes that only compute: diff, plan and export of accounts in memory.

use std::collections::{BTreeMap, BTreeSet};

use campaignctl::diff::{Changes, DiffInput, diff};
use campaignctl::export::{export, exportable};
use campaignctl::live::{Entry, Inventory, Ledger};
use campaignctl::plan::{Guards, Header, Plan, planned};
use campaignctl::resolve::Desired;

use crate::account::{Account, desired, texts};
use crate::figures::{figure, median, milliseconds};
use crate::manifests::{self, Manifest};
use crate::process::cpu_of_thread;

const RUNS: usize = 5;
const SMALL: usize = 1_000;
const LARGE: usize = 10_000;

/// Prints the figures.
pub(crate) fn run() {
    let (small, large) = (Case::new(SMALL), Case::new(LARGE));
    compare(
        "diff and plan, nothing to do",
        &small,
        &large,
        Case::nothing,
    );
    compare(
        "diff and plan, everything adopted",
        &small,
        &large,
        Case::adopted,
    );
    compare(
        "diff and plan, every object updated",
        &small,
        &large,
        Case::updated,
    );
    compare(
        "diff and plan, every object created",
        &small,
        &large,
        Case::created,
    );
    compare(
        "diff and plan, every object deleted",
        &small,
        &large,
        Case::deleted,
    );
    compare("export", &small, &large, Case::exported);
}

fn compare(what: &str, small: &Case, large: &Case, pass: fn(&Case)) {
    let cpu = |case: &Case| {
        let once = |_| {
            let before = cpu_of_thread();
            pass(case);
            milliseconds(cpu_of_thread().saturating_sub(before))
        };
        median((0..RUNS).map(once).collect())
    };
    let (small, large) = (cpu(small), cpu(large));
    figure(&format!("passes: {what}, 10,000 objects"), large, "ms");
    figure(
        &format!("passes: {what}, 10,000 to 1,000"),
        large / small,
        "x",
    );
}

/// An account with the ledger that an apply left behind, and its manifests after an edit.
struct Case {
    account: Account,
    ledger: Ledger,
    edited: Account,
    objects: usize,
}

impl Case {
    fn new(size: usize) -> Self {
        let account = Account::new(size);
        let ledger = ledger(&account);
        Self {
            edited: edited(size),
            objects: manifests::objects(size),
            account,
            ledger,
        }
    }

    fn nothing(&self) {
        let plan = plan(
            &self.account,
            &self.account.desired,
            &self.account.inventory,
            &self.ledger,
        );
        assert!(plan.is_empty(), "{:?}", plan.changes.first());
    }

    fn adopted(&self) {
        let (account, ledger) = (&self.account, Ledger::new("10000001", "bench"));
        let plan = plan(account, &account.desired, &account.inventory, &ledger);
        assert_eq!(plan.summary.adopt, self.objects);
    }

    fn updated(&self) {
        let plan = plan(
            &self.edited,
            &self.edited.desired,
            &self.account.inventory,
            &self.ledger,
        );
        assert_eq!(plan.summary.update, self.objects);
    }

    fn created(&self) {
        let mut skills = Inventory::default();
        let live = self.account.inventory.iter();
        live.filter(|object| object.kind.name() == "Skill")
            .for_each(|skill| skills.push(skill.clone()));
        let ledger = Ledger::new("10000001", "bench");
        let plan = plan(&self.account, &self.account.desired, &skills, &ledger);
        assert_eq!(plan.summary.create, self.objects);
    }

    fn deleted(&self) {
        let plan = plan(
            &self.account,
            &Desired::default(),
            &self.account.inventory,
            &self.ledger,
        );
        assert_eq!(plan.summary.delete, self.objects);
    }

    fn exported(&self) {
        let kinds: BTreeSet<_> = exportable().collect();
        let exported = export(&self.account.inventory, &self.ledger, &kinds);
        assert_eq!(exported.objects, self.objects);
    }
}

fn plan(account: &Account, desired: &Desired, inventory: &Inventory, ledger: &Ledger) -> Plan {
    let header = Header::new("bench", "2026-06-01T12:00:00Z", ("bench", "10000001"));
    let input = input(account, desired, inventory, ledger);
    planned(header, changes(&input), (&input, Guards::default()))
}

fn input<'a>(
    account: &'a Account,
    desired: &'a Desired,
    inventory: &'a Inventory,
    ledger: &'a Ledger,
) -> DiffInput<'a> {
    DiffInput::whole((&account.texts, desired), inventory, ledger, "test")
}

fn changes(input: &DiffInput<'_>) -> Changes {
    let (changes, problems) = diff(input);
    assert!(!problems.has_errors(), "{problems:?}");
    changes
}

/// The ledger after an apply that adopted everything.
fn ledger(account: &Account) -> Ledger {
    let mut ledger = Ledger::new("10000001", "bench");
    let adopted = changes(&input(
        account,
        &account.desired,
        &account.inventory,
        &ledger,
    ));
    let entries = adopted.changes.into_iter().map(|change| {
        let entry = Entry {
            id: change.remote_id.clone().unwrap(),
            parent: change.remote_parent.clone(),
            display_name: change.display_name.clone(),
            applied: change.declared.clone().into(),
            vocabulary: campaignctl::kinds::words::VOCABULARY,
            protect: change.protect,
            observed: change.observed,
            file: change.file.clone().unwrap(),
            link: None,
            at: "2026-09-01T00:00:00Z".to_owned(),
            plan: "bench".to_owned(),
        };
        (change.key(), entry)
    });
    ledger.entries = entries.collect::<BTreeMap<_, _>>();
    ledger
}

/// The manifests with another display name each.
fn edited(size: usize) -> Account {
    let rename = |manifest: Manifest| Manifest {
        text: manifest.text.replacen(" of shop ", " of the shop ", 1),
        ..manifest
    };
    let texts = texts(manifests::generate(size).into_iter().map(rename).collect());
    Account {
        desired: desired(&texts),
        texts,
        inventory: Inventory::default(),
    }
}
