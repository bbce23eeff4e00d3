//! Comma-separated values (RFC 4180) that a spreadsheet opens.

use super::terminal::line;

/// A cell: quoted where it has to be, and no formula. Spreadsheets run what begins with one of `= + - @`, after blanks
/// too; an apostrophe in front makes it text. <https://owasp.org/www-community/attacks/CSV_Injection>
#[must_use]
pub fn csv(cell: &str) -> String {
    let cell = line(cell);
    let first = cell.trim_start().chars().next();
    // Full-width forms are taken for the same.
    let is_formula = first.is_some_and(|ch| "=+-@＝＋－＠".contains(ch));
    let is_number = cell.parse::<f64>().is_ok();
    // What began with a tab or a return shows as an escape, which no spreadsheet runs.
    let apostrophe = if is_formula && !is_number { "'" } else { "" };
    if cell.contains([',', '"', ';']) || !apostrophe.is_empty() {
        format!("\"{apostrophe}{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}
