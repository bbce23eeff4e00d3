//! What a pipeline says of itself in its environment variables: whose run it is, and the page of it.

use super::Machine;
use crate::audit::Actor;

/// A system that runs pipelines.
struct System {
    name: &'static str,
    /// The variable that only this system sets.
    marker: &'static str,
    /// Who started the run: the first that is set.
    actors: &'static [&'static str],
    /// The page of the run, variables in braces.
    link: &'static str,
}

const SYSTEMS: &[System] = &[
    // Atlantis may itself run in one of the others.
    System {
        name: "Atlantis",
        marker: "ATLANTIS_TERRAFORM_VERSION",
        actors: &["USER_NAME", "PULL_AUTHOR"],
        link: "{PULL_URL}",
    },
    System {
        name: "GitHub Actions",
        marker: "GITHUB_ACTIONS",
        actors: &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
        link: "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    },
    System {
        name: "GitLab CI/CD",
        marker: "GITLAB_CI",
        actors: &["GITLAB_USER_LOGIN", "GITLAB_USER_NAME"],
        link: "{CI_JOB_URL}",
    },
    System {
        name: "Azure Pipelines",
        marker: "TF_BUILD",
        actors: &["BUILD_REQUESTEDFOR"],
        link: "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    },
    System {
        name: "Bitbucket Pipelines",
        marker: "BITBUCKET_BUILD_NUMBER",
        actors: &["BITBUCKET_STEP_TRIGGERER_UUID"],
        link: "{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
    },
    System {
        name: "CircleCI",
        marker: "CIRCLECI",
        actors: &["CIRCLE_USERNAME"],
        link: "{CIRCLE_BUILD_URL}",
    },
    System {
        name: "Buildkite",
        marker: "BUILDKITE",
        actors: &["BUILDKITE_BUILD_CREATOR"],
        link: "{BUILDKITE_BUILD_URL}",
    },
    System {
        name: "Jenkins",
        marker: "JENKINS_URL",
        actors: &["BUILD_USER_ID", "CHANGE_AUTHOR"],
        link: "{BUILD_URL}",
    },
];

/// The pipeline around this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// On whose behalf it runs.
    pub actor: Option<Actor>,
    /// The page of the run.
    pub link: Option<String>,
}

/// The pipeline around this run; nothing when there is none.
pub fn pipeline(machine: &Machine) -> Pipeline {
    pipeline_of(&|name| machine.variable(name))
}

fn pipeline_of(variable: &dyn Fn(&str) -> Option<String>) -> Pipeline {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let Some(system) = SYSTEMS.iter().find(|it| set(it.marker).is_some()) else {
        return Pipeline::default();
    };
    let link = filled(system.link, &set).filter(|link| is_plain(link));
    let name = system.actors.iter().find_map(|name| set(name));
    Pipeline {
        actor: name.map(|name| Actor {
            system: system.name.to_owned(),
            name,
            link: link.clone(),
        }),
        link,
    }
}

/// A text with variables in the place of their names; `None` when one is not set.
fn filled(template: &str, set: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, tail) = behind.split_once('}')?;
        text.push_str(before);
        text.push_str(&set(name)?);
        rest = tail;
    }
    text.push_str(rest);
    Some(text)
}

/// Whether a link may be shown: an address on the web without a user or a password.
fn is_plain(link: &str) -> bool {
    reqwest::Url::parse(link).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> String {
        let found = pipeline_of(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let actor = found.actor.map(|it| format!("{}: {}", it.system, it.name));
        format!("{actor:?} {:?}", found.link)
    }

    #[test]
    fn every_system_names_its_person_and_its_page() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "ann"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "brand/campaigns"),
            ("GITHUB_RUN_ID", "7"),
        ];
        insta::assert_snapshot!(of(&github), @r#"Some("GitHub Actions: ann") Some("https://github.com/brand/campaigns/actions/runs/7")"#);
        insta::assert_snapshot!(of(&github[..3]), @r#"Some("GitHub Actions: ann") None"#);
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("GITLAB_USER_LOGIN", "ann"),
            ("CI_JOB_URL", "https://gitlab.com/brand/-/jobs/7"),
        ];
        insta::assert_snapshot!(of(&gitlab), @r#"Some("GitLab CI/CD: ann") Some("https://gitlab.com/brand/-/jobs/7")"#);
        insta::assert_snapshot!(of(&[("GITHUB_ACTOR", "ann")]), @"None None");
    }

    #[test]
    fn a_link_with_credentials_or_of_another_kind_is_none() {
        for link in [
            "https://ann:secret@ci.example.com/7",
            "javascript:alert(1)",
            "7",
        ] {
            let jenkins = [("JENKINS_URL", "https://x"), ("BUILD_URL", link)];
            assert_eq!(of(&jenkins), "None None", "{link}");
        }
    }
}
