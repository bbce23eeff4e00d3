//! Shards: which environments a process of several works on.
//!
//! Processes that know nothing of each other have to agree, so the name of the environment alone decides: the first eight
//! bytes of its SHA-256, as a number with the first byte in front, modulo the count of shards. That is the same on every
//! machine and in every version, and moves no environment because another one comes or goes.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// One shard of several: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 1.
    number: u64,
    /// How many there are.
    of: u64,
}

/// The most shards: far more than engines run side by side.
const MOST: u64 = 10_000;

impl Shard {
    /// Whether it has this environment.
    #[must_use]
    pub fn has(self, environment: &str) -> bool {
        number_of(environment, self.of) == self.number
    }
}

/// The number of the shard of an environment, of so many.
fn number_of(environment: &str, of: u64) -> u64 {
    let digest = Sha256::digest(environment);
    let first: [u8; 8] = std::array::from_fn(|at| digest[at]);
    u64::from_be_bytes(first) % of + 1
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shard = text.split_once('/').and_then(|(number, of)| {
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            Some(Self { number, of })
        });
        let is_one = |it: &Self| (1..=it.of).contains(&it.number) && it.of <= MOST;
        shard.filter(is_one).ok_or_else(|| {
            format!(
                "`{text}` is not a shard: write its number, from 1, and how many there are, `2/8`"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf %s NAME | sha256sum`: anything else would deal the environments out anew in the middle of a rollout.
    #[test]
    fn an_environment_is_in_the_same_shard_for_ever() {
        let dealt = ["production", "staging", "sandbox", "a", "b", "c"].map(|it| number_of(it, 8));
        assert_eq!(dealt, [6, 5, 7, 3, 3, 3]);
    }

    #[test]
    fn every_environment_is_in_one_shard_and_none_has_far_more_than_its_share() {
        let names: Vec<String> = (0..2000).map(|n| format!("brand-{n}")).collect();
        for of in [1, 2, 7, 8, 50] {
            let shards = (1..=of).map(|number| Shard { number, of });
            let sizes: Vec<usize> = shards
                .map(|shard| names.iter().filter(|name| shard.has(name)).count())
                .collect();
            assert_eq!(sizes.iter().sum::<usize>(), names.len());
            let fair = names.len() / usize::try_from(of).unwrap();
            assert!(sizes.iter().all(|size| *size <= fair * 2), "{sizes:?}");
        }
    }

    #[test]
    fn a_shard_is_a_number_of_a_count() {
        assert_eq!("2/8".parse::<Shard>().unwrap().to_string(), "2/8");
        for wrong in [
            "0/8", "9/8", "1/0", "1", "a/b", "1/8/9", "-1/8", "", "1/10001",
        ] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
