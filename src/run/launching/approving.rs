//! Who lets a launch go out: a person who types the name of the account, or a pipeline that says who approved it.

use std::sync::Arc;

use crate::launch::{LaunchPlan, SenderPlan};
use crate::project::Launches;
use crate::run::{Error, Meaning, Run, Workspace};
use crate::text::folded;
use crate::text::safe::line;

/// Who lets a launch go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// A person at the terminal.
    Asked,
    /// Another person, as the pipeline says.
    By(String),
    /// No one: the answer was not the name.
    Declined,
}

/// Asks for the name of the account, or takes the name that a pipeline gives.
///
/// # Errors
/// No terminal, and no leave to send without one.
pub async fn approved(
    run: &Run,
    workspace: &Workspace,
    plan: &LaunchPlan,
    approved_by: Option<&str>,
) -> Result<Approval, Error> {
    let environment = workspace.environment(run.environment())?;
    let blocked = |why: String| Error::new(Meaning::Blocked, why);
    if let Some(name) = approved_by.and_then(name_of) {
        if environment.launches == Launches::Allowed {
            return Ok(Approval::By(name.to_owned()));
        }
        let why = format!(
            "the environment `{}` allows no launch without a terminal",
            line(run.environment())
        );
        return Err(blocked(why).help("set `launches: allowed` for it in `campaignctl.yaml`"));
    }
    let name = account_of(plan);
    let question = format!(
        "{}\nType the account, `{}`, to send",
        what(plan),
        line(name)
    );
    let news = Arc::clone(run.news());
    let asking = tokio::task::spawn_blocking(move || news.ask(&question));
    let answer = asking
        .await
        .map_err(|error| Error::new(Meaning::Failed, error.to_string()))?;
    match answer {
        Some(answer) if answer.trim() == name => Ok(Approval::Asked),
        Some(_) => Ok(Approval::Declined),
        None => Err(Error::invalid("there is no terminal to ask questions on").help(
            "set `launches: allowed` for the environment, and say who approved it: `--approved-by NAME`",
        )),
    }
}

/// The account that sends: of the service, so that whoever types it knows where the messages come from.
fn account_of(plan: &LaunchPlan) -> &str {
    match &plan.sender {
        SenderPlan::Proactive(_) => &plan.account,
        SenderPlan::Clevertap(section) => &section.account,
    }
}

/// The letters that show nothing: they fill the place of a part of a Hangul syllable.
const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// The name that a pipeline gives. One without a letter or a digit that can be read is none: the variable that it is made of is not
/// set.
fn name_of(approved_by: &str) -> Option<&str> {
    let is_blank = |ch: char| ch.is_control() || folded(ch.encode_utf8(&mut [0; 4])).is_empty();
    let name = approved_by.trim_matches(is_blank);
    let is_read = |ch: char| ch.is_alphanumeric() && !FILLERS.contains(&ch);
    name.chars().any(is_read).then_some(name)
}

/// What a yes does.
fn what(plan: &LaunchPlan) -> String {
    let left = plan.left();
    if plan.is_draft() {
        "This makes a draft, which reaches no one until a person publishes it. No program can remove it.".to_owned()
    } else {
        format!("This sends to {left} recipients, and cannot be undone.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_name_is_none() {
        for blank in [
            "",
            " ",
            "\t\r\n",
            "\u{a0}",
            "\u{200b}\u{feff}",
            "\u{7}",
            "\0 ",
        ] {
            assert_eq!(name_of(blank), None, "{blank:?}");
        }
        assert_eq!(name_of(" ann@shop.example\n"), Some("ann@shop.example"));
    }
}
