//! What `init` writes. The texts lie in `files/`, with what differs between projects as `@word@`.

use serde_json::json;

use super::answers::{Answers, Connection, Pipeline};
use crate::check::published::modelines;
use crate::cli::editor_files;
use crate::cli::workspace::{STATE_FOLDER, STATE_IGNORED};
use crate::format::format;
use crate::text::{FileId, Limits, yaml};

/// The folder for manifests.
pub(super) const MANIFESTS: &str = "manifests";

/// A file to be written, by its path below the folder of the project.
pub(super) type File = (String, String);

/// The project file.
pub(super) fn project(answers: &Answers) -> String {
    let environment = match &answers.connection {
        Some(connection) => filled(include_str!("files/environment.yaml"), connection),
        None => include_str!("files/environment-later.yaml").to_owned(),
    };
    let text = format!(
        "{}{}{environment}{}",
        modelines("campaignctl"),
        include_str!("files/campaignctl.yaml").replace("@name@", &scalar(&answers.name)),
        answers
            .connection
            .as_ref()
            .map_or_else(String::new, services),
    );
    format(FileId(0), &text).unwrap_or(text)
}

/// Where the services of an account are, as far as that is not the usual place.
fn services(connection: &Connection) -> String {
    let look_up = connection.domain_api.as_deref().map(scalar);
    look_up.map_or_else(String::new, |url| format!("    domainApi: {url}\n"))
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
pub(super) fn manifests() -> Vec<File> {
    let file = |name: &str, text: &str| {
        let text = format!("{}{text}", modelines("manifest"));
        (format!("{MANIFESTS}/{name}"), text)
    };
    vec![
        file("campaign.yaml", include_str!("files/campaign.yaml")),
        file("library.yaml", include_str!("files/library.yaml")),
    ]
}

/// What stands around the manifests: for git, for the editor, for the pipeline.
pub(super) fn surroundings(answers: &Answers) -> Vec<File> {
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
    files.extend(pipeline(answers));
    files
}

fn pipeline(answers: &Answers) -> Option<File> {
    let (path, always, account) = match answers.pipeline {
        Pipeline::None => return None,
        Pipeline::Github => (
            ".github/workflows/campaignctl.yaml",
            include_str!("files/github.yaml"),
            include_str!("files/github-account.yaml"),
        ),
        Pipeline::Gitlab => (
            ".gitlab-ci.yml",
            include_str!("files/gitlab.yaml"),
            include_str!("files/gitlab-account.yaml"),
        ),
    };
    let account = answers.connection.as_ref().map(|it| filled(account, it));
    let text = format!("{always}{}", account.unwrap_or_default());
    Some((
        path.to_owned(),
        text.replace("@version@", env!("CARGO_PKG_VERSION")),
    ))
}

fn filled(text: &str, connection: &Connection) -> String {
    text.replace("@environment@", &connection.environment)
        .replace("@account@", &connection.account)
        .replace("@prefix@", &connection.prefix())
}
