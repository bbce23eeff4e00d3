//! What `init` writes. The texts lie in `files/`, with what differs between projects as `@word@`.

use std::path::Path;

use serde_json::json;

use super::answers::{Answers, NamedAccount, PipelineFile};
use super::place::{Checkout, PipelinePath};
use crate::check::published::modelines;
use crate::format::format;
use crate::project::{LedgerPlace, PROJECT_FILE, SecretSource};
use crate::run::trust::Allowed;
use crate::run::workspace::{STATE_FOLDER, STATE_IGNORED};
use crate::run::{Trust, editor_files, editor_schemas};
use crate::text::{FileId, Limits, yaml};

/// Where this program is published: its releases, its actions.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The release that this program is.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The folder for manifests.
pub(super) const MANIFESTS: &str = "manifests";

/// A file to be written, by its path below the folder of the project.
pub(super) type NewText = (String, String);

/// The project file.
pub(super) fn project(answers: &Answers) -> String {
    let environment = match &answers.connection {
        Some(connection) => filled(include_str!("files/environment.yaml"), connection),
        None => include_str!("files/environment-later.yaml").to_owned(),
    };
    let text = format!(
        "{}{}{environment}{}",
        modelines(editor_schemas::FOLDER, "campaignctl"),
        include_str!("files/campaignctl.yaml").replace("@name@", &scalar(&answers.name)),
        answers
            .connection
            .as_ref()
            .map_or_else(String::new, services),
    );
    format(FileId(0), &text).unwrap_or(text)
}

/// Where the services of an account and its ledger are, as far as that is not the usual place.
fn services(connection: &NamedAccount) -> String {
    let setting = |name: &str, value: &Option<String>| {
        let value = value.as_deref().map(scalar);
        value.map_or_else(String::new, |value| format!("    {name}: {value}\n"))
    };
    let look_up = setting("domainApi", &connection.domain_api);
    let ledger = setting("ledger", &connection.ledger);
    let is_http = |address: &String| LedgerPlace::of(address) == Ok(LedgerPlace::Http);
    let credentials = if connection.ledger.as_ref().is_some_and(is_http) {
        include_str!("files/environment-ledger.yaml")
    } else {
        ""
    };
    format!("{look_up}{ledger}{credentials}")
}

/// A text as YAML: plain, or in quotes where it would not be read as itself.
fn scalar(text: &str) -> String {
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    let is_itself = matches!(documents.as_slice(), [document] if *document.value == text);
    if is_itself && problems.is_empty() && !text.contains('#') {
        return text.to_owned();
    }
    json!(text).to_string()
}

/// Manifests to begin with: few, and whole.
pub(super) fn manifests() -> Vec<NewText> {
    let file = |name: &str, text: &str| {
        let schemas = format!("../{}", editor_schemas::FOLDER);
        let text = format!("{}{text}", modelines(&schemas, "manifest"));
        (format!("{MANIFESTS}/{name}"), text)
    };
    vec![
        file("campaign.yaml", include_str!("files/campaign.yaml")),
        file("library.yaml", include_str!("files/library.yaml")),
    ]
}

/// What stands around the manifests: for git, for the editor.
pub(super) fn surroundings() -> Vec<NewText> {
    let mut files = vec![
        (
            ".gitignore".to_owned(),
            include_str!("files/gitignore").to_owned(),
        ),
        (
            format!("{STATE_FOLDER}/.gitignore"),
            STATE_IGNORED.to_owned(),
        ),
    ];
    files.extend(editor_files::files());
    files
}

/// The file of the pipeline, where one is wanted.
pub(super) fn pipeline_path(answers: &Answers, checkout: &Checkout) -> Option<PipelinePath> {
    let own = own_line(answers.pipeline, checkout);
    checkout.pipeline(answers.pipeline, &own)
}

/// The text of the pipeline that a file is for.
pub(super) fn pipeline(answers: &Answers, checkout: &Checkout, path: &str) -> String {
    let (checks, account) = match answers.pipeline {
        PipelineFile::Gitlab => (
            include_str!("files/gitlab.yaml"),
            include_str!("files/gitlab-account.yaml"),
        ),
        _ => (
            include_str!("files/github.yaml"),
            include_str!("files/github-account.yaml"),
        ),
    };
    let text = answers.connection.as_ref().map_or_else(
        || placed(checks, answers, checkout, path),
        |connection| {
            let text = pipeline_of_account(account, connection);
            filled(&placed(&text, answers, checkout, path), connection)
        },
    );
    text.replace("@repository@", repository())
        .replace(
            "@releases@",
            &format!("{REPOSITORY}/releases/download/v{RELEASE}"),
        )
        .replace("@version@", &format!("v{RELEASE}"))
        .replace("@release@", RELEASE)
}

/// A pipeline with the branch, and with the folder of its project where that is not the top of the repository.
fn placed(text: &str, answers: &Answers, checkout: &Checkout, path: &str) -> String {
    let branch = checkout.branch_pattern();
    let branch = if branch.contains([',', '[', ']', '{', '}']) {
        json!(branch).to_string()
    } else {
        scalar(&branch)
    };
    let text = text.replace("@branch@", &branch);
    let words = if checkout.is_below() {
        words_below(answers, checkout, path)
    } else {
        WORDS_AT_TOP.map(|(word, value)| (word, value.to_owned()))
    };
    let words = words.into_iter();
    words.fold(text, |text, (word, value)| text.replace(word, &value))
}

/// What a pipeline says of a project that is the whole repository.
const WORDS_AT_TOP: [(&str, &str); 12] = [
    ("@about@\n", ""),
    ("@title@", "Campaigns"),
    ("@paths@\n", ""),
    ("@changes@\n", ""),
    ("@with@\n", ""),
    ("@project@\n", ""),
    (
        "@variables@\n",
        "variables:\n  CAMPAIGNCTL_ENVIRONMENT: @environment@\n\n",
    ),
    ("@own@\n", ""),
    ("@of@", ""),
    ("@of-url@", ""),
    ("@of-group@", ""),
    ("@below@", ""),
];

/// What a pipeline says of a project in a folder: jobs, variables and groups of its own, beside which others have room.
fn words_below(answers: &Answers, checkout: &Checkout, path: &str) -> [(&'static str, String); 12] {
    let folder = &checkout.project;
    let slug = checkout.slug();
    let about = include_str!("files/below.txt").replace("@folder@", folder);
    let list = |pattern: &str, indent: &str| {
        let folder = scalar(&format!("{}/{pattern}", checkout.pattern()));
        format!("{indent}- {folder}\n{indent}- {path}\n")
    };
    let mut own = format!(
        "  variables:\n    {}\n",
        own_line(PipelineFile::Gitlab, checkout)
    );
    if answers.connection.is_some() {
        own.push_str("    CAMPAIGNCTL_ENVIRONMENT: @environment@\n");
    }
    let project = own_line(PipelineFile::Github, checkout);
    [
        ("@about@\n", about),
        ("@title@", scalar(&format!("Campaigns of {folder}"))),
        ("@paths@\n", format!("    paths:\n{}", list("**", "      "))),
        (
            "@changes@\n",
            format!("      changes:\n{}", list("**/*", "        ")),
        ),
        ("@with@\n", "    with:\n".to_owned()),
        ("@project@\n", format!("      {project}\n")),
        ("@variables@\n", String::new()),
        ("@own@\n", own),
        ("@of@", format!(":{slug}")),
        ("@of-url@", format!("%3A{slug}")),
        ("@of-group@", format!("-{slug}")),
        ("@below@", "$CAMPAIGNCTL_PROJECT/".to_owned()),
    ]
}

/// The line that says which project in a folder a pipeline is for.
fn own_line(forge: PipelineFile, checkout: &Checkout) -> String {
    let project = &checkout.project;
    match forge {
        // GitLab would read a `$` as the start of a variable.
        PipelineFile::Gitlab => {
            let project = scalar(&project.replace('$', "$$"));
            format!("CAMPAIGNCTL_PROJECT: {project}")
        }
        _ => format!("project: {}", scalar(project)),
    }
}

/// A pipeline with the secrets that it needs, and with what keeps its ledger.
fn pipeline_of_account(text: &str, connection: &NamedAccount) -> String {
    let secrets = connection.secrets();
    let credentials: Vec<_> = secrets
        .iter()
        .map(|name| format!("        {name}=${{{{ secrets.{name} }}}}"))
        .collect();
    let (kept, token, bring, keep) = match &connection.ledger {
        None => (
            "The ledger outlives the job: it is committed to the branch.",
            "a project access token with `api` and `write_repository`: fetches the plan, pushes the ledger",
            include_str!("files/gitlab-bring.sh"),
            include_str!("files/gitlab-keep.sh"),
        ),
        Some(_) => (
            "The ledger outlives the job: `ledger:` in campaignctl.yaml says where it is.",
            "a project access token with `read_api`: fetches the plan of a merge request",
            "",
            "",
        ),
    };
    let bring_here = if bring.is_empty() {
        String::new()
    } else {
        format!("    - |\n{}", indented(bring))
    };
    let allowed = allowed(connection);
    let with = allowed.iter().map(|(name, values)| input(name, values));
    let variables = unusual_variables(connection);
    let variables = variables.iter().map(String::as_str).collect();
    let flags = [("allow-variable", variables)]
        .into_iter()
        .chain(allowed.clone());
    let flags = flags
        .flat_map(|(name, values)| values.into_iter().map(move |it| format!(" --{name} {it}")));
    text.replace("@allowed-for-github@\n", &with.collect::<String>())
        .replace("@allowed-for-gitlab@", &flags.collect::<String>())
        .replace("@credentials@\n", &format!("{}\n", credentials.join("\n")))
        .replace("@secrets@", &secrets.join(", "))
        .replace("@kept@", kept)
        .replace("@token@", token)
        .replace("@bring-here@\n", &bring_here)
        .replace("@bring@\n", &indented(bring))
        .replace("@keep@\n", &indented(keep))
}

/// What the project names beside the vendor's hosts and its own files, by the flag that allows it to a pull request.
fn allowed(connection: &NamedAccount) -> Vec<(&'static str, Vec<&str>)> {
    let is_remote = |address: &&String| LedgerPlace::of(address) != Ok(LedgerPlace::File);
    let ledger = connection.ledger.iter().filter(is_remote);
    let ledgers = ledger.chain(&connection.locks).map(String::as_str);
    let hosts = connection.hosts.iter().map(String::as_str);
    let lists = [
        ("allow-host", hosts.collect()),
        ("allow-ledger", ledgers.collect()),
    ];
    lists
        .into_iter()
        .filter(|(_, list): &(_, Vec<&str>)| !list.is_empty())
        .collect()
}

/// An input of an action: a value, or a line for each of several.
fn input(name: &str, values: &[&str]) -> String {
    match values {
        [only] => format!("      {name}: {}\n", scalar(only)),
        several => {
            let lines = several.iter().map(|value| format!("        {value}\n"));
            format!("      {name}: |\n{}", lines.collect::<String>())
        }
    }
}

/// The variables that a restricted plan does not know as credentials by their names. The actions of GitHub allow those
/// that they are given.
fn unusual_variables(connection: &NamedAccount) -> Vec<String> {
    let usual = Trust::Restricted(Allowed::default());
    let is_usual = |name: &String| {
        let source = SecretSource::Env(name.clone());
        usual.secret(Path::new("."), "credential", &source).is_ok()
    };
    let names = connection.variables().into_iter();
    names.filter(|name| !is_usual(name)).collect()
}

/// What to know about the pipeline that was written, or was not because there is one already.
pub(super) fn notes(
    answers: &Answers,
    checkout: &Checkout,
    file: Option<&PipelinePath>,
) -> Vec<String> {
    let Some(PipelinePath {
        path,
        is_there,
        included_by,
    }) = file
    else {
        return Vec::new();
    };
    if *is_there {
        return vec![format!(
            "No pipeline was written: {path} already exists, and is kept. To get one, rename {path}, run the same `init` again, and merge the two files."
        )];
    }
    let mut notes = Vec::new();
    if checkout.is_below() {
        notes.push(format!(
            "{path} is at the top of the repository, {}, and runs for the project in {}: a pipeline in that folder would not be read.",
            checkout.shown_top(),
            checkout.project
        ));
    }
    if let Some(reader) = included_by {
        notes.push(included(reader, path, answers.connection.is_some()));
    }
    if answers.pipeline == PipelineFile::Github && answers.connection.is_some() {
        let branch = checkout.branch();
        notes.push(if checkout.guesses_branch() {
            format!("{path} applies what is merged to `{branch}`. If your branch has another name, change `branches` in that file.")
        } else {
            format!("{path} applies what is merged to `{branch}`.")
        });
    }
    notes.push(format!(
        "{path} takes the program from {REPOSITORY}. If you install it from elsewhere, change the address in that file."
    ));
    match &answers.connection {
        None => notes.push(format!(
            "{path} only checks the manifests, because no account was named. For plan and apply, add an environment with an account to {PROJECT_FILE}, remove {path} and run `init` again with `-e`."
        )),
        Some(connection) if !connection.files.is_empty() => notes.push(format!(
            "The pipeline must first write what `{PROJECT_FILE}` reads from {}.",
            connection.files.join(" and ")
        )),
        Some(_) => {}
    }
    notes
}

/// What to add to the one file that the forge reads.
fn included(reader: &str, path: &str, applies: bool) -> String {
    let stages = if applies {
        "check, plan, apply"
    } else {
        "check"
    };
    format!(
        "{reader} already exists, and is kept. Add this to it, and to its `stages`, if it has any, [{stages}]:\n  include:\n    - local: /{path}"
    )
}

/// A script as it stands in a list of scripts.
fn indented(script: &str) -> String {
    let lines = script.lines().map(|line| format!("      {line}"));
    lines.fold(String::new(), |text, line| text + &line + "\n")
}

/// The repository of this program as a forge names it, `owner/name`.
fn repository() -> &'static str {
    REPOSITORY
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or(REPOSITORY, |(_, path)| path)
}

fn filled(text: &str, connection: &NamedAccount) -> String {
    text.replace("@environment@", &connection.environment)
        .replace("@account@", &connection.account)
        .replace("@prefix@", &connection.prefix())
}
