//! Warnings of files that a flag names and that are named like something else.

use std::path::Path;

use clap::ValueEnum as _;

use super::Format;
use super::ui::Ui;

/// Warns of a file that is named like a format: with other tools `-o json` chooses one.
pub(super) fn warn_of_format(ui: &Ui, file: Option<&Path>) {
    let name = file.and_then(Path::to_str);
    if let Some(name) = name.filter(|name| Format::from_str(name, true).is_ok()) {
        ui.note(&format!(
            "warning: `-o {name}` writes a file named `{name}`; `--format {name}` chooses the format"
        ));
    }
}

/// Warns of a file for the saved plan that is named like a page: that goes to stdout.
pub(super) fn warn_of_page(ui: &Ui, file: Option<&Path>) {
    let ending = file.and_then(|file| Some((file, file.extension()?.to_str()?)));
    let Some((file, ending)) = ending else { return };
    let page = match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "html",
        "md" | "markdown" => "markdown",
        "txt" | "text" => "text",
        _ => return,
    };
    let file = file.display();
    ui.note(&format!(
        "warning: `-o {file}` writes the saved plan (JSON) there; `campaignctl plan --format {page} > {file}` writes the page"
    ));
}
