//! Files to texts: bounded, and UTF-8 or nothing.

use std::io::{self, Read};
use std::path::Path;

use super::codes::{FILE_NOT_FOUND, FILE_NOT_UTF8, FILE_UNREADABLE};
use crate::diag::yaml::YAML_LIMIT;
use crate::diag::{Code, Diagnostic, Location};
use crate::files;
use crate::text::Limits;

/// Why there is no text.
pub(super) struct ReadFailure {
    code: &'static Code,
    message: String,
    help: Option<&'static str>,
}

impl ReadFailure {
    pub(super) fn missing(path: impl AsRef<Path>) -> Self {
        let is_link = std::fs::symlink_metadata(path).is_ok();
        let message = if is_link {
            "the link leads to a file or folder that is not there".to_owned()
        } else {
            "no file or folder has this name".to_owned()
        };
        Self {
            code: &FILE_NOT_FOUND,
            message,
            help: None,
        }
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self {
            code: &FILE_UNREADABLE,
            message: format!("cannot be read: {error}"),
            help: None,
        }
    }

    pub(super) fn outside() -> Self {
        Self {
            code: &FILE_UNREADABLE,
            message:
                "it is outside the project, and `--restricted` reads only files of the project"
                    .to_owned(),
            help: Some(
                "move it into the folder of the project, or name its path on the command line",
            ),
        }
    }

    fn too_large(limits: &Limits) -> Self {
        Self {
            code: &YAML_LIMIT,
            message: format!(
                "the file is larger than the limit of {} bytes",
                limits.bytes
            ),
            help: Some("split the file: all files of a folder are read together"),
        }
    }

    fn utf16() -> Self {
        Self {
            code: &FILE_NOT_UTF8,
            message: "the text is UTF-16, not UTF-8".to_owned(),
            help: Some("save the file as UTF-8"),
        }
    }

    fn not_utf8(bytes: &[u8], valid: usize) -> Self {
        let line = bytes[..valid].split(|byte| *byte == b'\n').count();
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let message = format!("the text is not UTF-8: byte 0x{byte:02x} on line {line}");
        Self {
            code: &FILE_NOT_UTF8,
            message,
            help: Some("save the file as UTF-8"),
        }
    }

    pub(super) fn diagnostic(self, at: Location) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.code, at, self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Whether a text is UTF-16, with or without a mark at its start: every second byte of Latin letters is zero.
fn is_wide(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64) & !1];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0);
    let is_marked = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let pairs = start.len() / 2;
    is_marked || (pairs > 1 && (zeros(0).count() == pairs || zeros(1).count() == pairs))
}

/// Reads a file, at most as far as the limit.
pub(super) fn read_file(path: &Path, limits: &Limits) -> Result<String, ReadFailure> {
    let mut file = files::open(path).map_err(|error| ReadFailure::unreadable(&error))?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    read_expected(&mut file, length, limits)
}

/// Reads a text, at most as far as the limit.
pub(super) fn read_text(reader: &mut dyn Read, limits: &Limits) -> Result<String, ReadFailure> {
    read_expected(reader, 0, limits)
}

/// Reads a text of some length as far as anybody knows, at most as far as the limit.
fn read_expected(
    reader: &mut dyn Read,
    length: u64,
    limits: &Limits,
) -> Result<String, ReadFailure> {
    let limit = u64::try_from(limits.bytes).unwrap_or(u64::MAX);
    // One byte more than is expected, so that the end is found without growing.
    let expected = length.min(limit).saturating_add(1);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| ReadFailure::unreadable(&error))?;
    if bytes.len() > limits.bytes {
        return Err(ReadFailure::too_large(limits));
    }
    if is_wide(&bytes) {
        return Err(ReadFailure::utf16());
    }
    String::from_utf8(bytes)
        .map_err(|error| ReadFailure::not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))
}
