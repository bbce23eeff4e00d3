//! The flag of how many environments are worked on at once.

use clap::Args;

/// How many environments are worked on at a time where the caller does not say: twice as many as there are cores, since each waits
/// for the rate of an account of its own half of the time at least; and no more than 16, since each has its manifests and rows in
/// memory.
fn at_a_time() -> u16 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u16::try_from(2 * cores).map_or(MOST_AT_A_TIME, |it| it.min(MOST_AT_A_TIME))
}

/// So many are worked on at a time at most where the caller does not say.
const MOST_AT_A_TIME: u16 = 16;

/// How many environments are worked on at once.
#[derive(Clone, Debug, Args)]
pub(super) struct AtATimeArgs {
    /// How many environments are read in parallel. For `--all-environments`; each keeps to the rate of its own account, and
    /// more of them need more memory. The default is twice the number of cores, and at most 16.
    #[arg(long, value_name = "N", default_value_t = at_a_time(), value_parser = clap::value_parser!(u16).range(1..=64), hide_default_value = true, hide_short_help = true, hide_env_values = true, env = "CAMPAIGNCTL_AT_A_TIME")]
    pub(super) at_a_time: u16,
}

impl Default for AtATimeArgs {
    fn default() -> Self {
        Self {
            at_a_time: at_a_time(),
        }
    }
}
