//! Complaints about files in the format that a run asks for.

use std::path::PathBuf;

use super::Format;
use super::ui::Ui;
use crate::diag::{Diags, Texts};
use crate::project::PROJECT_FILE;
use crate::report::diagnostics::{
    Findings, broken_messages, render_code_quality, render_code_quality_failure, render_github,
    render_github_failure, render_json, render_junit, render_junit_failure, render_sarif,
    render_sarif_failure, render_text, render_text_in_full,
};
use crate::run::Error;
use crate::run::workspace::normal;

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
    let paths = Paths::here();
    let path = |shown: &str| paths.in_repository(shown);
    let findings = || Findings::new(diags, texts, &path, PROJECT_FILE);
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
            render_code_quality_failure(&error.message, &Paths::here().in_repository(PROJECT_FILE))
        }
        _ => render_github_failure(&error.message, error.help.as_deref()),
    }
}

/// Paths as they are below the top of the repository.
pub(super) fn in_repository() -> impl Fn(&str) -> String {
    let paths = Paths::here();
    move |shown: &str| paths.in_repository(shown)
}

/// What the paths of a run are relative to, and what those of a report are.
struct Paths {
    here: PathBuf,
    /// The top folder of the repository; without one, the current folder.
    top: PathBuf,
}

impl Paths {
    fn here() -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let top = here.ancestors().find(|folder| folder.join(".git").exists());
        let top = top.unwrap_or(&here).to_path_buf();
        Self { here, top }
    }

    /// A path as the repository knows it, with `/`; one outside of the repository stays as it is.
    fn in_repository(&self, shown: &str) -> String {
        let whole = normal(&self.here.join(shown));
        match whole.strip_prefix(&self.top) {
            Ok(inside) => {
                let parts = inside.components();
                let parts: Vec<_> = parts.map(|it| it.as_os_str().to_string_lossy()).collect();
                parts.join("/")
            }
            Err(_) => shown.to_owned(),
        }
    }
}
