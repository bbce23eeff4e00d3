//! The flag of the audit log.

use std::path::{Path, PathBuf};

use clap::Args;

/// Where the record of every write goes.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AuditArgs {
    /// Append what was written to a file of JSON lines. With who wrote it, when and with which result. [default: `auditLog` of the
    /// environment]
    #[arg(
        long,
        value_name = "FILE",
        hide_env_values = true,
        env = "CAMPAIGNCTL_AUDIT_LOG"
    )]
    audit_log: Option<PathBuf>,
}

impl AuditArgs {
    /// The file that is given.
    pub(super) fn file(&self) -> Option<&Path> {
        self.audit_log.as_deref()
    }
}
