//! Going through a file of recipients, row by row.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

use serde_json::Value;

use super::codes::{COLUMN, MALFORMED, MISSING};
use super::keys::IsDoubled;
use super::masked::{self, Masked};
use super::rows::{CsvRow, CsvRows, RecipientLines};
use crate::diag::{Code, did_you_mean};
use crate::kinds::VALUE_MAX;

/// How recipients are written.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum RecipientForm {
    /// A first line that names columns, and a row each.
    Csv,
    /// A JSON object on each line.
    JsonLines,
}

impl RecipientForm {
    /// The form of a file, by its ending.
    #[must_use]
    pub fn of(file: &str) -> Option<Self> {
        let name = file.to_lowercase();
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Which columns are what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The one with the id of the consumer.
    pub consumer: String,
    /// The one with the value of each variable.
    pub variables: BTreeMap<String, String>,
}

/// One recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its line in the file.
    pub line: u64,
    /// The id of the consumer.
    pub consumer: String,
    /// The values of the variables.
    pub variables: BTreeMap<String, String>,
}

impl fmt::Debug for Recipient {
    /// Without what is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient(line {})", self.line)
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug)]
pub struct RowFault {
    /// The code.
    pub code: &'static Code,
    /// The line.
    pub line: u64,
    /// What is wrong; nothing of the row.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Another line that it is about.
    pub other: Option<u64>,
    pub(super) shown: Masked,
}

/// The recipients of a file. After a fault of the file as a whole there is nothing more.
pub struct RecipientReading<R> {
    rows: RecipientRows<R>,
    columns: Columns,
}

enum RecipientRows<R> {
    Csv {
        rows: CsvRows<R>,
        /// The names of the columns, once the first line was read.
        head: Option<Vec<String>>,
    },
    Json(RecipientLines<R>),
    Over,
}

impl<R: BufRead> RecipientReading<R> {
    /// The recipients of a file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn new(form: RecipientForm, inner: R, columns: Columns) -> io::Result<Self> {
        let rows = match form {
            RecipientForm::Csv => RecipientRows::Csv {
                rows: CsvRows::new(inner)?,
                head: None,
            },
            RecipientForm::JsonLines => RecipientRows::Json(RecipientLines::new(inner)),
        };
        Ok(Self { rows, columns })
    }
}

impl<R: BufRead> Iterator for RecipientReading<R> {
    type Item = Result<Recipient, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = match &mut self.rows {
            RecipientRows::Over => return None,
            RecipientRows::Json(lines) => {
                let (line, text) = lines.next()?;
                json(&self.columns, line, text)
            }
            RecipientRows::Csv { rows, head } => {
                if head.is_none() {
                    match named(&self.columns, &rows.next()?) {
                        Ok(names) => *head = Some(names),
                        Err(fault) => {
                            self.rows = RecipientRows::Over;
                            return Some(Err(fault));
                        }
                    }
                }
                let row = rows.next()?;
                let head = head.as_deref().unwrap_or_default();
                csv(&self.columns, head, &row, rows.delimiter)
            }
        };
        Some(found)
    }
}

/// The names in the first line, if those that are needed are among them.
fn named(columns: &Columns, row: &CsvRow) -> Result<Vec<String>, RowFault> {
    // The names of columns are no secret, and show what is wrong.
    let shown = Masked {
        part: 0..row.text.len().min(1),
        text: row.text.clone(),
    };
    let fault = |code, message: String, help: String| RowFault {
        code,
        line: row.line,
        message,
        help,
        other: None,
        shown: shown.clone(),
    };
    let fields = row.fields.as_ref().map_err(|why| {
        fault(
            &MALFORMED,
            format!("the file cannot be read: {why}"),
            "write it as CSV".to_owned(),
        )
    })?;
    let mut names = Vec::new();
    for field in fields {
        let name = std::str::from_utf8(field).map_err(|_| {
            let what = "the file is not UTF-8".to_owned();
            fault(&MALFORMED, what, "save it as UTF-8".to_owned())
        })?;
        names.push(name.trim_start_matches('\u{feff}').trim().to_owned());
    }
    let wanted = columns.variables.values().chain([&columns.consumer]);
    for wanted in wanted {
        let count = names.iter().filter(|name| *name == wanted).count();
        if count == 1 {
            continue;
        }
        let (message, help) = if count == 0 {
            let near = did_you_mean(wanted, names.iter().map(String::as_str));
            let help = near.unwrap_or_else(|| "the first line names the columns".to_owned());
            (format!("there is no column `{wanted}`"), help)
        } else {
            let help = "rename one of them".to_owned();
            (format!("there are {count} columns `{wanted}`"), help)
        };
        return Err(fault(&COLUMN, message, help));
    }
    Ok(names)
}

/// A recipient of a row of CSV.
fn csv(
    columns: &Columns,
    head: &[String],
    row: &CsvRow,
    delimiter: u8,
) -> Result<Recipient, RowFault> {
    let fault = |code, field: Option<usize>, message: String, help: &str| RowFault {
        code,
        line: row.line,
        message,
        help: help.to_owned(),
        other: None,
        shown: masked::of_csv(&row.text, delimiter, field),
    };
    let fields = row.fields.as_ref().map_err(|why| {
        fault(
            &MALFORMED,
            None,
            format!("the row cannot be read: {why}"),
            "mend the row",
        )
    })?;
    if fields.len() != head.len() {
        let message = format!(
            "the row has {} values, and there are {} columns",
            fields.len(),
            head.len()
        );
        let is_quote_open = row.text.matches('"').count() % 2 == 1;
        let help = if is_quote_open {
            "a quote of this line is not closed: close it, or double one that belongs to the value"
        } else {
            "put a value with a separator in it between quotes"
        };
        return Err(fault(&MALFORMED, None, message, help));
    }
    let value = |column: &str| -> Result<String, RowFault> {
        let at = head
            .iter()
            .position(|name| name == column)
            .unwrap_or_default();
        let text = std::str::from_utf8(&fields[at]).map_err(|_| {
            let message = format!("the value of `{column}` is not UTF-8");
            fault(&MALFORMED, Some(at), message, "save the file as UTF-8")
        })?;
        let is_id = column == columns.consumer;
        checked(column, text, is_id)
            .map_err(|(code, message, help)| fault(code, Some(at), message, help))?;
        Ok(text.to_owned())
    };
    recipient(columns, row.line, value)
}

/// A recipient of a line of JSON.
fn json(
    columns: &Columns,
    line: u64,
    text: Result<Vec<u8>, String>,
) -> Result<Recipient, RowFault> {
    let shown = text.as_deref().unwrap_or_default();
    let shown = String::from_utf8_lossy(&shown[..shown.len().min(4096)]);
    let shown = masked::of_json(shown.trim_end());
    let fault = |code, message: String, help: &str| RowFault {
        code,
        line,
        message,
        help: help.to_owned(),
        other: None,
        shown: shown.clone(),
    };
    let text = text.map_err(|why| fault(&MALFORMED, why, "write an object on each line"))?;
    let value: Value = serde_json::from_slice(&text).map_err(|_| {
        fault(
            &MALFORMED,
            "the line is not JSON".to_owned(),
            "write an object on each line",
        )
    })?;
    let object = value.as_object().ok_or_else(|| {
        fault(
            &MALFORMED,
            "the line is not an object".to_owned(),
            "write an object on each line",
        )
    })?;
    if serde_json::from_slice(&text).is_ok_and(|IsDoubled(is_doubled)| is_doubled) {
        let message = "a key of the object is there twice".to_owned();
        return Err(fault(&MALFORMED, message, "remove one of the two"));
    }
    let value = |column: &str| -> Result<String, RowFault> {
        let text = match object.get(column) {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text,
            Some(_) => {
                let message = format!("the value of `{column}` is not a text");
                return Err(fault(&MALFORMED, message, "write it between quotes"));
            }
        };
        let is_id = column == columns.consumer;
        checked(column, text, is_id).map_err(|(code, message, help)| fault(code, message, help))?;
        Ok(text.to_owned())
    };
    recipient(columns, line, value)
}

fn recipient(
    columns: &Columns,
    line: u64,
    value: impl Fn(&str) -> Result<String, RowFault>,
) -> Result<Recipient, RowFault> {
    let consumer = value(&columns.consumer)?;
    let variables = columns.variables.iter();
    let variables = variables.map(|(name, column)| Ok((name.clone(), value(column)?)));
    Ok(Recipient {
        line,
        consumer,
        variables: variables.collect::<Result<_, RowFault>>()?,
    })
}

/// Whether a value can be sent.
fn checked(
    column: &str,
    text: &str,
    is_id: bool,
) -> Result<(), (&'static Code, String, &'static str)> {
    if text.trim().is_empty() {
        let message = format!("there is no value of `{column}`");
        return Err((&MISSING, message, "add it, or remove the row"));
    }
    if is_id && text.trim() != text {
        let message = format!("the value of `{column}` starts or ends with a blank");
        return Err((
            &MALFORMED,
            message,
            "remove the blank: it would be another consumer",
        ));
    }
    let length = text.chars().count();
    if length > VALUE_MAX {
        let message =
            format!("the value of `{column}` has {length} characters, and {VALUE_MAX} is the most");
        return Err((&MALFORMED, message, "shorten it"));
    }
    let is_control = |ch: char| ch.is_control() && (is_id || !matches!(ch, '\n' | '\r'));
    if text.chars().any(is_control) {
        let message = format!("the value of `{column}` has a control character");
        return Err((
            &MALFORMED,
            message,
            "messages are text and emoji only: remove it",
        ));
    }
    Ok(())
}
