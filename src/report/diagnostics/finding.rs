//! Complaints as flat data, for the formats that other programs lay down.

use crate::diag::{Code, Diags, Location, Severity, Texts};

/// What the formats of other programs are made from.
pub struct ReportedFindings<'a> {
    /// The complaints, by file, line and column.
    pub(super) list: Vec<ReportedFinding<'a>>,
    /// Every file that was looked at, once, in the order of its path.
    pub(super) files: Vec<String>,
    /// The file that is named for a complaint about the whole run.
    pub(super) stand_in: String,
}

/// One complaint.
pub(super) struct ReportedFinding<'a> {
    pub(super) code: &'static Code,
    pub(super) severity: Severity,
    pub(super) message: &'a str,
    pub(super) help: Option<&'a str>,
    pub(super) place: Option<ComplaintPlace>,
    /// Other places that explain it, each with its text.
    pub(super) labels: Vec<(ComplaintPlace, &'a str)>,
}

/// Where a complaint points.
pub(super) struct ComplaintPlace {
    /// The path below the top of the repository.
    pub(super) file: String,
    /// Nothing when it is the whole file.
    pub(super) region: Option<CharacterRegion>,
}

/// Lines and columns in characters, from 1; the end is the first character that is not part of it.
pub(super) struct CharacterRegion {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

impl<'a> ReportedFindings<'a> {
    /// The complaints with paths as `path` says them, and `stand_in` for those about no file.
    #[must_use]
    pub fn new(
        diags: &'a Diags,
        texts: &Texts,
        path: &dyn Fn(&str) -> String,
        stand_in: &str,
    ) -> Self {
        let place = |at: &Location| place(at, texts, path);
        let list = diags.located(texts);
        let list = list.into_iter().map(|(diagnostic, _)| ReportedFinding {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            place: place(&diagnostic.at),
            labels: diagnostic
                .labels
                .iter()
                .filter_map(|(at, text)| Some((place(at)?, text.as_str())))
                .collect(),
        });
        let list = list.collect();
        let mut files: Vec<String> = texts.sources.iter().map(|(_, it)| path(&it.path)).collect();
        files.sort_unstable();
        files.dedup();
        Self {
            list,
            files,
            stand_in: path(stand_in),
        }
    }

    /// The file of a complaint, or the one that is named instead.
    pub(super) fn file<'f>(&'f self, finding: &'f ReportedFinding) -> &'f str {
        let place = finding.place.as_ref();
        place.map_or(&self.stand_in, |place| &place.file)
    }
}

impl ReportedFinding<'_> {
    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What is wrong and what to do, in sentences.
    pub(super) fn told(&self) -> String {
        match self.help {
            None => self.message.to_owned(),
            Some(help) => format!("{}\nhelp: {help}", self.message),
        }
    }

    pub(super) fn region(&self) -> Option<&CharacterRegion> {
        self.place.as_ref()?.region.as_ref()
    }
}

fn place(at: &Location, texts: &Texts, path: &dyn Fn(&str) -> String) -> Option<ComplaintPlace> {
    let (file, span) = texts.span(at)?;
    let position = |offset| texts.sources.position(file, offset);
    let region = || {
        let (start, end) = (position(span.start), position(span.end));
        CharacterRegion {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    };
    Some(ComplaintPlace {
        file: path(&texts.sources.get(file).path),
        region: (!matches!(at, Location::File(_))).then(region),
    })
}
