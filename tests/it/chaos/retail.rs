//! The retail example on an account, and what an undisturbed apply makes of it.

use std::path::Path;
use std::process::Command;

use campaignctl::sandbox::Statistics;

use crate::program::{examples_copy, package};
use crate::support::{ACCOUNT, Account, Run, SECRET, binary, without_ids};

/// The example in a folder of its own, its environment `test` an account in this process.
pub(super) struct Retail {
    folder: tempfile::TempDir,
    pub(super) account: Account,
}

impl Retail {
    /// The example, and an account that holds its seed.
    pub(super) fn new() -> Self {
        let retail = Self {
            folder: examples_copy(),
            account: Account::new(),
        };
        let file = retail.path().join("campaignctl.yaml");
        std::fs::write(file, retail.project_file()).unwrap();
        let seed = package().join("examples/retail/seed");
        retail.account.handle().seed(&seed).unwrap();
        retail
    }

    /// Its project file; what is added to it is of the environment.
    pub(super) fn project_file(&self) -> String {
        let base = self.account.base_url();
        format!(
            "environments:\n  test:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    handoffs: {{ write: true }}\n    credentials:\n      clientId: {{ env: TEST_CLIENT_ID }}\n      clientSecret: {{ env: TEST_CLIENT_SECRET }}\n"
        )
    }

    /// The same on a new account, with neither ledger nor journal.
    pub(super) fn again(&self) {
        self.account.reset();
        let seed = package().join("examples/retail/seed");
        self.account.handle().seed(&seed).unwrap();
        self.account.handle().clear_faults();
        self.account.handle().forget_statistics();
        let _ = std::fs::remove_dir_all(self.path().join(".campaignctl"));
    }

    pub(super) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("examples/retail")
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        command(&self.path(), arguments)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// The whole account as manifests, ids aside.
    #[track_caller]
    pub(super) fn export(&self) -> String {
        self.run(&["export"]).expect(0).data()
    }

    pub(super) fn statistics(&self) -> Statistics {
        self.account.handle().statistics()
    }

    /// The account is as an undisturbed apply leaves it, and there is nothing left to do. Returns its export.
    #[track_caller]
    pub(super) fn is_as(&self, undisturbed: &str, context: &str) -> String {
        let plan = self.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(
            plan.code,
            Some(0),
            "{context}\n{}\n{}",
            plan.stdout,
            plan.stderr
        );
        let export = self.export();
        assert!(
            export == undisturbed,
            "{context}\n{}",
            unlike(undisturbed, &export)
        );
        export
    }
}

fn unlike(a: &str, b: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (lines(a), lines(b));
    let only = |these: &[String], those: &[String], mark: &str| {
        let these = these.iter().filter(|line| !those.contains(line));
        let these = these.map(|line| format!("{mark} {}", without_ids(line)));
        these.collect::<Vec<_>>().join("\n")
    };
    format!("{}\n{}", only(&a, &b, "-"), only(&b, &a, "+"))
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = binary(folder);
    command
        .env("CAMPAIGNCTL_ENVIRONMENT", "test")
        .env("TEST_CLIENT_ID", "sandbox")
        .env("TEST_CLIENT_SECRET", SECRET)
        .args(arguments);
    command
}
