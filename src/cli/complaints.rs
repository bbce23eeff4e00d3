//! Complaints about files in the format that a run asks for.

use super::Format;
use super::ui::Ui;
use crate::diag::{Diags, Texts};
use crate::project::PROJECT_FILE;
use crate::report::diagnostics::{
    ReportedFindings, broken_messages, render_code_quality, render_code_quality_failure,
    render_github, render_github_failure, render_json, render_junit, render_junit_failure,
    render_sarif, render_sarif_failure, render_text, render_text_in_full,
};
use crate::run::Error;
use crate::run::repository_paths::RepositoryPaths;

/// Complaints in the format of the run, none included.
#[must_use]
pub(super) fn rendered(ui: &Ui, format: Format, diags: &Diags, texts: &Texts) -> String {
    rendered_as(ui, format, diags, texts, false)
}

/// Complaints in the format of the run; as text, `full` shows each of those that are alike. The other formats always have
/// all of them.
#[must_use]
pub(super) fn rendered_as(
    ui: &Ui,
    format: Format,
    diags: &Diags,
    texts: &Texts,
    full: bool,
) -> String {
    let paths = paths();
    let path = |shown: &str| paths.shown(shown);
    let findings = || ReportedFindings::new(diags, texts, &path, PROJECT_FILE);
    match format {
        Format::Json => render_json(diags, texts),
        Format::Github => render_github(&findings(), &render_text_in_full(diags, texts, false)),
        Format::Sarif => render_sarif(&findings()),
        Format::Junit => render_junit(&findings()),
        Format::CodeQuality => render_code_quality(&findings()),
        _ => {
            let text = if full {
                render_text_in_full(diags, texts, ui.color())
            } else {
                render_text(diags, texts, ui.color())
            };
            ui.width()
                .map_or_else(|| text.clone(), |width| broken_messages(&text, width))
        }
    }
}

/// Why `validate` failed, in a format of complaints: those about the files where there are any, else the message.
#[must_use]
pub(super) fn rendered_failure(ui: &Ui, format: Format, error: &Error) -> String {
    if let Some(complaints) = error.complaints.as_deref() {
        let (diags, texts) = complaints;
        return rendered(ui, format, diags, texts);
    }
    match format {
        Format::Sarif => render_sarif_failure(&error.message),
        Format::Junit => render_junit_failure(&error.message),
        Format::CodeQuality => {
            render_code_quality_failure(&error.message, &paths().shown(PROJECT_FILE))
        }
        _ => render_github_failure(&error.message, error.help.as_deref()),
    }
}

/// Paths as they are below the top of the repository.
pub(super) fn in_repository() -> impl Fn(&str) -> String {
    let paths = paths();
    move |shown: &str| paths.shown(shown)
}

/// The paths of a run, whose complaints name files as they are below the current folder.
fn paths() -> RepositoryPaths {
    RepositoryPaths::from(std::env::current_dir().unwrap_or_default())
}
