//! What the words of the program mean: kinds, fields, diagnostic codes, guards and other topics, by name.

use super::account::Account;
use super::workspace::Workspace;
use super::{Error, Run, codes, sandbox_page};
use crate::diag::did_you_mean;
use crate::kinds::{KindId, conditions_field};
use crate::live::{Needs, used_conditions};
use crate::report::conditions::render_conditions;
use crate::report::explain::explain_code;
use crate::report::fields::{
    Root, explain_field, explain_root, explain_word, field_paths, words_of_fields,
};
use crate::report::other_tools::for_command;
use crate::report::prose::row;
use crate::report::topics::{TOPICS, explain_topic, topic};

/// What there is to say about a name.
///
/// # Errors
/// A name that nothing has, with the nearest one; one of a command of the program, for which `is_command` looks.
pub fn explained(name: &str, color: bool, is_command: fn(&str) -> bool) -> Result<String, Error> {
    if name.eq_ignore_ascii_case(ALL_CODES) {
        return Ok(all_codes());
    }
    if let Some(topic) = topic(name) {
        return Ok(explain_topic(topic, color));
    }
    if let Some(text) = sandbox_page::explain(name) {
        return Ok(text);
    }
    if let Some(code) = codes::all().into_iter().find(|code| code.name == name) {
        return Ok(explain_code(code, color));
    }
    let (root, path) = name
        .split_once('.')
        .map_or((name, None), |(root, path)| (root, Some(path)));
    match (Root::named(root), path) {
        (Some(root), None) => Ok(explain_root(root)),
        (Some(root), Some(path)) => explain_field(root, path).map_err(Error::invalid),
        // `lifecycle.mode` is the same for every kind.
        (None, Some(_)) => {
            explain_field(Root::Manifest, name).map_err(|_| unknown(name, is_command))
        }
        (None, None) if is_command(name) || for_command(name).is_some() => {
            Err(unknown(name, is_command))
        }
        (None, None) => explain_word(name).ok_or_else(|| unknown(name, is_command)),
    }
}

/// A name that nothing has: the nearest of all.
fn unknown(name: &str, is_command: fn(&str) -> bool) -> Error {
    let foreign = for_command(name).map(str::to_owned);
    let help = foreign.or_else(|| {
        if is_command(name) {
            return Some(format!("it is a command: `campaignctl help {name}`"));
        }
        let (paths, words): (Vec<String>, _) = (
            Root::all().flat_map(field_paths).collect(),
            words_of_fields(),
        );
        let fields = paths.iter().chain(&words).map(String::as_str);
        did_you_mean(name, names().into_iter().chain(fields))
    });
    let help = help.unwrap_or_else(|| "`campaignctl explain` lists all topics".to_owned());
    Error::invalid(format!("there is nothing called `{name}`")).help(help)
}

/// Everything but fields that can be asked for.
fn names() -> Vec<&'static str> {
    let topics = TOPICS
        .iter()
        .flat_map(|topic| std::iter::once(&topic.name).chain(topic.also));
    let codes = codes::all().into_iter().map(|code| code.name);
    topics
        .copied()
        .chain(sandbox_page::TOPICS.map(|(topic, _)| topic))
        .chain([ALL_CODES])
        .chain(Root::all().map(Root::name))
        .chain(codes)
        .collect()
}

/// All that can be asked for, fields included, with a line of what it is.
#[must_use]
pub fn offers() -> Vec<(String, String)> {
    let topics = TOPICS.iter().map(|it| (it.name, it.title().to_owned()));
    let sandbox = sandbox_page::TOPICS.map(|(topic, title)| (topic, title.to_owned()));
    let all_codes = [(ALL_CODES, "All diagnostic codes".to_owned())];
    let roots = Root::all().map(|root| (root.name(), root.about()));
    let codes = codes::all();
    let codes = codes.iter().map(|code| (code.name, code.title.to_owned()));
    let named = topics
        .chain(sandbox)
        .chain(all_codes)
        .chain(roots)
        .chain(codes);
    let fields = Root::all().flat_map(field_paths);
    let mut fields: Vec<_> = fields.map(|path| (path, String::new())).collect();
    // Each field before those below it, in the order of the schema otherwise.
    fields.sort_by_key(|(path, _)| path.matches('.').count());
    let named = named.map(|(name, title)| (name.to_owned(), title));
    named.chain(fields).collect()
}

/// The kinds and topics.
#[must_use]
pub fn overview() -> String {
    let row = |name: &str, title: &str| row(name, OVERVIEW_COLUMN, title);
    let mut lines = vec!["KINDS".to_owned()];
    lines.extend(KindId::manifests().map(|kind| row(kind.name(), &Root::Kind(kind).about())));
    lines.push("\nFILES".to_owned());
    let files = [Root::Manifest, Root::Project];
    lines.extend(files.map(|root| row(root.name(), &root.about())));
    lines.push("\nTOPICS".to_owned());
    lines.extend(TOPICS.iter().map(|topic| row(topic.name, topic.title())));
    lines.extend(sandbox_page::TOPICS.map(|(topic, title)| row(topic, title)));
    let count = codes::all().len();
    lines.push(row(ALL_CODES, &format!("The {count} diagnostic codes")));
    lines.push(
        "\n`explain KIND` lists the fields of a kind, `explain KIND.FIELD` describes a\nfield, `explain CODE` a diagnostic."
            .to_owned(),
    );
    lines.join("\n") + "\n"
}

/// The topic that lists the codes.
const ALL_CODES: &str = "codes";

/// Where the titles of the overview begin, and those of codes, which have longer names.
const OVERVIEW_COLUMN: usize = 22;
const CODES_COLUMN: usize = 33;

/// The diagnostic codes, by what they are about.
fn all_codes() -> String {
    let mut lines = Vec::new();
    for (group, mut codes) in codes::groups() {
        lines.push(format!("CODES of {group}"));
        codes.sort_by_key(|code| code.name);
        lines.extend(
            codes
                .iter()
                .map(|code| row(code.name, CODES_COLUMN, code.title)),
        );
        lines.push(String::new());
    }
    lines.push("`campaignctl explain CODE` describes one.\n".to_owned());
    lines.join("\n")
}

/// The kind whose conditions, or whose parts of them, a topic is about.
#[must_use]
pub fn kind_of_conditions(topic: &str) -> Option<KindId> {
    let (root, path) = topic.split_once('.')?;
    let Some(Root::Kind(kind)) = Root::named(root) else {
        return None;
    };
    let path = path.strip_prefix("spec.").unwrap_or(path);
    let field = conditions_field(kind.def())?;
    (path.split('.').next() == Some(field)).then_some(kind)
}

/// The conditions that the account of the run's environment uses.
///
/// # Errors
/// An account that cannot be read.
pub async fn conditions_of_account(run: &Run, kind: KindId) -> Result<String, Error> {
    let workspace = Workspace::find(run, &[])?;
    let account = Account::connect(run, &workspace).await?;
    let inventory = account.read(run, &Needs::whole([kind])).await;
    let id = account.id.clone();
    account.close().await;
    let used = used_conditions(&inventory?, kind);
    let name = format!("{} (account {id})", run.environment());
    Ok(render_conditions(kind, &name, &used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_offered_is_explained() {
        let names = offers().into_iter().map(|(name, _)| name);
        for name in names.filter(|name| name.matches('.').count() < 2) {
            assert!(explained(&name, false, |_| false).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_command_is_named_as_one() {
        let error = explained("state", false, |_| false).unwrap_err();
        assert_eq!(error.message, "there is nothing called `state`");
        let error = explained("frobnicate", false, |_| true).unwrap_err();
        assert_eq!(
            error.help.as_deref(),
            Some("it is a command: `campaignctl help frobnicate`")
        );
    }

    #[test]
    fn conditions_are_asked_for_at_their_field_and_below() {
        let kinds = KindId::manifests().filter(|kind| conditions_field(kind.def()).is_some());
        for kind in kinds {
            let field = conditions_field(kind.def()).unwrap();
            for topic in [
                format!("{}.{field}", kind.name()),
                format!("{}.spec.{field}.0", kind.name()),
            ] {
                assert_eq!(kind_of_conditions(&topic), Some(kind), "{topic}");
            }
            assert_eq!(kind_of_conditions(kind.name()), None);
        }
    }
}
