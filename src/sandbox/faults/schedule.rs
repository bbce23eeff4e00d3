//! Which of the requests that a fault matches it strikes.

/// When a fault strikes: after so many, each so many-th, with a chance, so many times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FaultSchedule {
    /// How many matching requests are let through at first.
    pub(super) skip: u64,
    /// Each how many-th of the others is struck; 0 and 1 mean each.
    pub(super) every: u64,
    /// Whether chance decides as well.
    pub(super) chance: Option<Chance>,
    /// How many requests are struck at most.
    pub(super) times: Option<u64>,
}

/// A chance that falls the same way in each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chance {
    /// In millionths.
    pub(super) millionths: u32,
    /// Another seed is another series.
    pub(super) seed: u64,
}

impl FaultSchedule {
    /// Whether the `matched`-th request (from 1) is struck, when `struck` were struck before it.
    pub(super) fn strikes(&self, matched: u64, struck: u64) -> bool {
        let Self {
            skip,
            every,
            chance,
            times,
        } = self;
        let turn = matched.saturating_sub(*skip);
        turn > 0
            && turn.is_multiple_of((*every).max(1))
            && times.is_none_or(|times| struck < times)
            && chance.is_none_or(|chance| chance.falls(matched))
    }
}

impl Chance {
    /// Chance of a request of its own, whatever came before it.
    fn falls(self, number: u64) -> bool {
        const MILLION: u64 = 1_000_000;
        mixed(self.seed.wrapping_add(mixed(number))) % MILLION < u64::from(self.millionths)
    }
}

/// The output step of the generator `SplitMix64`: every bit of the input moves every bit of the result.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
