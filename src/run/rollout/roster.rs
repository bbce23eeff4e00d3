//! Whom a rollout is about: the environments of a project, or of a folder of plans, with their waves.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::shard::Shard;
use crate::plan::{Indexed, PlanIndex};
use crate::project::Wave;
use crate::run::ledgers::account_of;
use crate::run::{Error, Run, Workspace};

/// Whom a rollout is about.
#[derive(Clone, Debug, Serialize)]
pub struct Roster {
    /// What reports name it by: those of one roster can be put together.
    #[serde(skip)]
    pub id: String,
    /// The name of the project.
    pub project: Option<String>,
    /// The waves. Environments in none of them are in one more, the last.
    pub waves: Vec<Wave>,
    /// How many environments may fail before no further one is started.
    pub max_failures: u32,
    /// The environments, by wave and name.
    pub members: Vec<Member>,
}

/// An environment of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its name.
    pub environment: String,
    /// Its account, where it has one.
    pub account: Option<String>,
    /// The number of its wave, from 1.
    pub wave: usize,
}

impl Roster {
    /// The environments of a project. The id is a digest of them: every process that sees the same project finds the same.
    #[must_use]
    pub fn of_project(run: &Run, workspace: &Workspace) -> Self {
        let project = &workspace.project;
        let members = workspace
            .project
            .every_environment()
            .into_iter()
            .map(|environment| Member {
                account: account_of(&run.about(&environment), workspace).ok(),
                wave: wave_of(workspace, &environment),
                environment,
            });
        let roster = Self {
            id: String::new(),
            project: project.project.clone(),
            waves: project.waves.clone(),
            max_failures: project.max_failures,
            members: members.collect(),
        }
        .in_order();
        let id = digest(&roster);
        Self { id, ..roster }
    }

    /// The environments of a folder of plans, as they were when the plans were made.
    #[must_use]
    pub fn of_index(index: &PlanIndex) -> Self {
        let members = index.environments.iter().map(|indexed: &Indexed| Member {
            environment: indexed.environment.clone(),
            account: indexed.account.clone(),
            wave: indexed.wave,
        });
        Self {
            id: index.id.clone(),
            project: index.project_name.clone(),
            waves: index.waves.clone(),
            max_failures: index.max_failures,
            members: members.collect(),
        }
        .in_order()
    }

    fn in_order(mut self) -> Self {
        self.members
            .sort_by(|a, b| (a.wave, &a.environment).cmp(&(b.wave, &b.environment)));
        self
    }

    /// The number of the last wave: that of the environments which no wave selects.
    #[must_use]
    pub fn last_wave(&self) -> usize {
        self.waves.len() + 1
    }
}

/// The number of the wave of an environment.
#[must_use]
pub fn wave_of(workspace: &Workspace, environment: &str) -> usize {
    let project = &workspace.project;
    let wave = project.wave_of(environment);
    wave.unwrap_or(project.waves.len() + 1)
}

fn digest(roster: &Roster) -> String {
    let text = serde_json::to_vec(roster).unwrap_or_default(); // plain data
    let digest = Sha256::digest(text);
    digest.iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
        out
    })
}

/// The part of a rollout that a run carries out.
#[derive(Clone, Copy, Debug, Default)]
pub struct RolloutShare {
    /// One wave; otherwise all of them, one after the other.
    pub wave: Option<usize>,
    /// One shard; otherwise all environments.
    pub shard: Option<Shard>,
}

impl RolloutShare {
    /// Whether a part that was asked for can be one of a roster.
    ///
    /// # Errors
    /// A wave that there is not; a shard of several waves, which cannot know when the other shards are done.
    pub fn check(self, roster: &Roster) -> Result<(), Error> {
        if self.shard.is_some() && self.wave.is_none() && !roster.waves.is_empty() {
            let why = "a shard does not know when the other shards are done with a wave";
            let help = "add `--wave N`, and start the shards of a wave when those of the wave before it have ended";
            return Err(Error::invalid(why).help(help).about("--shard"));
        }
        let last = roster.last_wave();
        match self.wave {
            Some(wave) if !(1..=last).contains(&wave) => {
                let why = format!("there is no wave {wave}");
                let help = match last {
                    1 => "the project has no waves: leave `--wave` out".to_owned(),
                    last => format!(
                        "`waves` of the project has {}; wave {last} is the environments in none of them",
                        last - 1
                    ),
                };
                Err(Error::invalid(why).help(help).about("--wave"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it has an environment.
    #[must_use]
    pub fn has(self, member: &Member) -> bool {
        let is_dealt = self
            .shard
            .is_none_or(|shard| shard.has(&member.environment));
        self.is_about(member) && is_dealt
    }

    /// Whether an environment is in it or in the same part of another shard.
    #[must_use]
    pub fn is_about(self, member: &Member) -> bool {
        self.wave.is_none_or(|wave| wave == member.wave)
    }
}
