//! Topics of `explain` that are neither a kind nor a field nor a code: one Markdown file each, in this folder.
//!
//! The first line of a file is its title. What stands four letters in is an example, which tests parse.

use std::fmt::Write as _;

use super::prose::set;

/// A topic.
#[derive(Debug)]
pub struct Topic {
    /// What it is looked up by.
    pub name: &'static str,
    /// Other names of it.
    pub also: &'static [&'static str],
    /// The title in a line, and the text below it.
    text: &'static str,
}

impl Topic {
    /// What it is about, in a line.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The text below the title.
    #[must_use]
    pub fn body(&self) -> &'static str {
        self.text
            .split_once('\n')
            .map_or("", |(_, body)| body.trim_matches('\n'))
    }

    fn is_called(&self, name: &str) -> bool {
        let mut names = std::iter::once(&self.name).chain(self.also);
        names.any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Every topic, as they are best read.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "plan",
        also: &["plans", "saved-plans", "stale"],
        text: include_str!("plan.md"),
    },
    Topic {
        name: "causes",
        also: &["cause"],
        text: include_str!("causes.md"),
    },
    Topic {
        name: "drift",
        also: &[],
        text: include_str!("drift.md"),
    },
    Topic {
        name: "lifecycle",
        also: &["protect", "mode", "ignoreChanges", "previousName", "rename"],
        text: include_str!("lifecycle.md"),
    },
    Topic {
        name: "ledger",
        also: &["lock"],
        text: include_str!("ledger.md"),
    },
    Topic {
        name: "environments",
        also: &["project-file", "overlays", "variables"],
        text: include_str!("environments.md"),
    },
    Topic {
        name: "rollouts",
        also: &["rollout", "waves", "wave", "shards", "shard", "maxFailures"],
        text: include_str!("rollouts.md"),
    },
    Topic {
        name: "credentials",
        also: &["login", "logout", "sign-in", "sso", "single-sign-on"],
        text: include_str!("credentials.md"),
    },
    Topic {
        name: "selection",
        also: &["selector", "target", "exclude", "changed-since"],
        text: include_str!("selection.md"),
    },
    Topic {
        name: "prune",
        also: &["deleting"],
        text: include_str!("prune.md"),
    },
    Topic {
        name: "handoffs",
        also: &["handoff"],
        text: include_str!("handoffs.md"),
    },
    Topic {
        name: "conditions",
        also: &["means", "condition"],
        text: include_str!("conditions.md"),
    },
    Topic {
        name: "platform",
        also: &["contract", "inferred", "certainty", "capture"],
        text: include_str!("platform.md"),
    },
    Topic {
        name: "exit-codes",
        also: &["exit"],
        text: include_str!("exit-codes.md"),
    },
    Topic {
        name: "rules",
        also: &["waivers", "waiver", "severity"],
        text: include_str!("rules.md"),
    },
    Topic {
        name: "policies",
        also: &["policy", "conftest", "opa", "rego"],
        text: include_str!("policies.md"),
    },
    Topic {
        name: "audit",
        also: &["audit-log"],
        text: include_str!("audit.md"),
    },
    Topic {
        name: "guards",
        also: &["guard"],
        text: include_str!("guards.md"),
    },
    Topic {
        name: "mass-delete",
        also: &["allow-mass-delete"],
        text: include_str!("mass-delete.md"),
    },
    Topic {
        name: "mass-update",
        also: &["allow-mass-update"],
        text: include_str!("mass-update.md"),
    },
    Topic {
        name: "live-object",
        also: &["allow-unpublish"],
        text: include_str!("live-object.md"),
    },
    Topic {
        name: "protected-object",
        also: &[],
        text: include_str!("protected-object.md"),
    },
    Topic {
        name: "foreign-children",
        also: &[],
        text: include_str!("foreign-children.md"),
    },
    Topic {
        name: "object-in-use",
        also: &[],
        text: include_str!("object-in-use.md"),
    },
    Topic {
        name: "unexpected-impact",
        also: &["allow-impact"],
        text: include_str!("unexpected-impact.md"),
    },
    Topic {
        name: "foreign-object",
        also: &[],
        text: include_str!("foreign-object.md"),
    },
];

/// The topic of this name, or of another one of its names.
#[must_use]
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.is_called(name))
}

/// A topic for the terminal.
#[must_use]
pub fn explain_topic(topic: &Topic, color: bool) -> String {
    let bold = anstyle::Style::new().bold();
    let name = if color {
        format!("{bold}{}{bold:#}", topic.name)
    } else {
        topic.name.to_owned()
    };
    format!("{name}: {}\n\n{}\n", topic.title(), set(topic.body()))
}

/// All topics as a Markdown page.
#[must_use]
pub fn topics_page() -> String {
    let mut page = String::from(
        "# Topics\n\nGenerated by `campaignctl schema --write schemas`. `campaignctl explain TOPIC` shows an entry of this page.\n\n| topic | what it is about |\n|---|---|\n",
    );
    for topic in TOPICS {
        let name = topic.name;
        let _ = writeln!(page, "| [`{name}`](#{name}) | {} |", topic.title());
    }
    for topic in TOPICS {
        let _ = write!(
            page,
            "\n## {}\n\n**{}**\n\n{}\n",
            topic.name,
            topic.title(),
            topic.body()
        );
    }
    page
}

#[cfg(test)]
mod tests;
