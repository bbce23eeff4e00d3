//! Reports of shards and of waves, put together.
//!
//! Nothing is lost on the way: an environment that no report has, one that two of them have, and a report that belongs
//! to another rollout are problems of the whole, each with its name.

use std::collections::BTreeMap;

use super::{EnvironmentRollout, Problem, ProblemKind, RolloutReport};

impl RolloutReport {
    /// Reports of one rollout as one, each with the name of its file. Its exit code is still to be set. `None` of none.
    #[must_use]
    pub fn together(parts: Vec<(String, Self)>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let (first_file, mut whole) = parts.next()?;
        let mut environments = BTreeMap::<String, (EnvironmentRollout, Vec<String>)>::new();
        let mut problems = std::mem::take(&mut whole.problems);
        problems.retain(|it| it.kind != ProblemKind::Missing); // the others may have them
        let own = std::mem::take(&mut whole.environments);
        add(&mut environments, own, &first_file);
        for (file, part) in parts {
            if part.index != whole.index {
                problems.push(foreign(&file, &first_file));
                continue;
            }
            for name in part.expected {
                if !whole.expected.contains(&name) {
                    whole.expected.push(name);
                }
            }
            whole.shards.extend(part.shards);
            let more = part.problems.into_iter();
            problems.extend(more.filter(|it| it.kind != ProblemKind::Missing));
            add(&mut environments, part.environments, &file);
        }
        whole.expected.sort();
        whole.shards.sort_by_key(|shard| number(shard));
        whole.shards.dedup();
        problems.extend(doubled(&environments));
        whole.environments = environments.into_values().map(|(it, _)| it).collect();
        whole.environments.sort_by(|a, b| {
            let place = |it: &EnvironmentRollout| (it.wave, it.environment.clone());
            place(a).cmp(&place(b))
        });
        problems.extend(missing(&whole));
        whole.problems = problems;
        Some(whole)
    }
}

/// Adds what a report says. Of an environment that has come already, the later run counts.
fn add(
    environments: &mut BTreeMap<String, (EnvironmentRollout, Vec<String>)>,
    more: Vec<EnvironmentRollout>,
    file: &str,
) {
    for environment in more {
        let name = environment.environment.clone();
        match environments.get_mut(&name) {
            Some((known, files)) => {
                files.push(file.to_owned());
                if environment.started > known.started {
                    *known = environment;
                }
            }
            None => {
                environments.insert(name, (environment, vec![file.to_owned()]));
            }
        }
    }
}

/// The number of a shard, for sorting.
fn number(shard: &str) -> u32 {
    let number = shard.split('/').next();
    number.and_then(|it| it.parse().ok()).unwrap_or_default()
}

fn foreign(file: &str, first: &str) -> Problem {
    Problem {
        kind: ProblemKind::Foreign,
        about: vec![file.to_owned()],
        message: format!(
            "`{file}` is left out: it is about other plans, or another state of the project, than `{first}`"
        ),
    }
}

fn doubled(
    environments: &BTreeMap<String, (EnvironmentRollout, Vec<String>)>,
) -> impl Iterator<Item = Problem> {
    let doubled = environments
        .iter()
        .filter(|(_, (_, files))| files.len() > 1);
    doubled.map(|(name, (_, files))| Problem {
        kind: ProblemKind::Doubled,
        about: vec![name.clone()],
        message: format!(
            "`{name}` is in more than one report, of which the later counts: {}",
            files.join(", ")
        ),
    })
}

fn missing(whole: &RolloutReport) -> Option<Problem> {
    let has = |name: &str| whole.environments.iter().any(|it| it.environment == name);
    let missing = whole.expected.iter().filter(|name| !has(name));
    let missing: Vec<String> = missing.cloned().collect();
    (!missing.is_empty()).then(|| Problem {
        kind: ProblemKind::Missing,
        message: format!("no report says what became of {}", missing.join(", ")),
        about: missing,
    })
}
