//! What the editor module says, as the protocol says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types as lsp;
use gen_lsp_types::Uri;
use serde_json::{Value, json};

use super::uri::uri_of;
use crate::diag::{Diagnostic, Location, Severity};
use crate::editor::{
    CodeAction, Encoding, FilePosition, LinePosition, LineStarts, NamedManifest, PROJECT, Snapshot,
    Sort, Suggestion, Symbol, TextEdits,
};
use crate::text::{FileId, Span};

/// How places are written, and under which addresses the editor knows files.
#[derive(Clone, Debug, Default)]
pub(super) struct Convert {
    pub(super) encoding: Encoding,
    pub(super) open: BTreeMap<PathBuf, (Uri, i32)>,
}

impl Convert {
    /// The lines of a file.
    pub(super) fn lines<'s>(&self, snapshot: &'s Snapshot, file: FileId) -> LineStarts<'s> {
        LineStarts::new(snapshot.text(file), self.encoding)
    }

    /// The address and version of a file.
    pub(super) fn address(&self, snapshot: &Snapshot, file: FileId) -> Option<(Uri, Option<i32>)> {
        let path = snapshot.path(file)?;
        Some(match self.open.get(path) {
            Some((uri, version)) => (uri.clone(), Some(*version)),
            None => (uri_of(path), None),
        })
    }

    /// Places in files, in their order.
    pub(super) fn locations(
        &self,
        snapshot: &Snapshot,
        places: &[FilePosition],
    ) -> Vec<lsp::Location> {
        let mut known = BTreeMap::new();
        let found = places
            .iter()
            .filter_map(|place| self.location(snapshot, place.file, place.span, &mut known));
        found.collect()
    }

    /// A place in a file. The lines of each file are looked for once: a file may have thousands of places.
    fn location<'s>(
        &self,
        snapshot: &'s Snapshot,
        file: FileId,
        span: Span,
        known: &mut BTreeMap<FileId, LineStarts<'s>>,
    ) -> Option<lsp::Location> {
        let (uri, _) = self.address(snapshot, file)?;
        let lines = known
            .entry(file)
            .or_insert_with(|| self.lines(snapshot, file));
        let range = range(lines, span);
        Some(lsp::Location { uri, range })
    }

    /// The complaints about a file.
    pub(super) fn diagnostics(&self, snapshot: &Snapshot, file: FileId) -> Vec<lsp::Diagnostic> {
        let lines = self.lines(snapshot, file);
        let mut known = BTreeMap::new();
        let complaints = snapshot.complaints(file).iter();
        complaints
            .map(|it| self.diagnostic(snapshot, &lines, it, &mut known))
            .collect()
    }

    fn diagnostic<'s>(
        &self,
        snapshot: &'s Snapshot,
        lines: &LineStarts<'_>,
        diagnostic: &Diagnostic,
        known: &mut BTreeMap<FileId, LineStarts<'s>>,
    ) -> lsp::Diagnostic {
        let span = match diagnostic.at {
            Location::Span(_, span) => span,
            _ => Span::default(),
        };
        let severity = match diagnostic.severity {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        };
        let message = match &diagnostic.help {
            Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
            None => diagnostic.message.clone(),
        };
        let labels = diagnostic.labels.iter().filter_map(|(at, text)| {
            let (file, span) = match at {
                Location::Span(file, span) => (*file, *span),
                Location::File(file) => (*file, Span::default()),
                Location::Run | Location::Node { .. } => (PROJECT, Span::default()),
            };
            let location = self.location(snapshot, file, span, known)?;
            let message = text.clone();
            Some(lsp::DiagnosticRelatedInformation { location, message })
        });
        let labels: Vec<_> = labels.collect();
        lsp::Diagnostic {
            range: range(lines, span),
            severity: Some(severity),
            code: Some(diagnostic.code.name.to_owned().into()),
            code_description: None,
            source: Some("campaignctl".to_owned()),
            message: message.into(),
            tags: None,
            related_information: (!labels.is_empty()).then_some(labels),
            data: None,
        }
    }

    /// Edits of files, for an editor that checks versions.
    pub(super) fn workspace_edit(&self, snapshot: &Snapshot, edits: &TextEdits) -> Value {
        let changes = edits.iter().filter_map(|(file, edits)| {
            let (uri, version) = self.address(snapshot, *file)?;
            let lines = self.lines(snapshot, *file);
            let edits = edits
                .iter()
                .map(|(span, new)| json!({ "range": range(&lines, *span), "newText": new }));
            let edits: Vec<Value> = edits.collect();
            Some(json!({ "textDocument": { "uri": uri, "version": version }, "edits": edits }))
        });
        json!({ "documentChanges": changes.collect::<Vec<_>>() })
    }

    /// An edit that mends a complaint.
    pub(super) fn action(
        &self,
        snapshot: &Snapshot,
        file: FileId,
        action: &CodeAction<'_>,
    ) -> Value {
        let lines = self.lines(snapshot, file);
        json!({
            "title": action.title,
            "kind": "quickfix",
            "diagnostics": [self.diagnostic(snapshot, &lines, action.mends, &mut BTreeMap::new())],
            "isPreferred": true,
            "edit": self.workspace_edit(snapshot, &action.edits),
        })
    }

    /// What may be written, with what it is written instead of.
    pub(super) fn completion(
        lines: &LineStarts<'_>,
        typed: Span,
        offers: Vec<Suggestion>,
    ) -> Value {
        let range = range(lines, typed);
        let items = offers.into_iter().map(|offer| {
            let kind = match offer.sort {
                Sort::Name => lsp::CompletionItemKind::Reference,
                Sort::Variable => lsp::CompletionItemKind::Variable,
                Sort::Word => lsp::CompletionItemKind::EnumMember,
                Sort::Field => lsp::CompletionItemKind::Property,
            };
            let rank = u8::from(!offer.is_required);
            let mut item = json!({
                "label": offer.label,
                "kind": kind,
                "sortText": format!("{}{rank}{}", offer.sort as u8, offer.label),
                "filterText": offer.label,
                "textEdit": { "range": range, "newText": offer.insert },
            });
            if !offer.detail.is_empty() {
                item["detail"] = Value::from(offer.detail);
            }
            if !offer.text.is_empty() {
                item["documentation"] = json!({ "kind": "markdown", "value": offer.text });
            }
            item
        });
        json!({ "isIncomplete": false, "items": items.collect::<Vec<_>>() })
    }

    /// Manifests by name.
    pub(super) fn named(&self, snapshot: &Snapshot, found: &[NamedManifest]) -> Vec<Value> {
        let mut known = BTreeMap::new();
        let symbols = found.iter().filter_map(|it| {
            let location = self.location(snapshot, it.place.file, it.place.span, &mut known)?;
            Some(json!({
                "name": it.name,
                "kind": lsp::SymbolKind::Object,
                "containerName": it.detail,
                "location": location,
            }))
        });
        symbols.collect()
    }

    /// One entry of an outline.
    pub(super) fn symbol(lines: &LineStarts<'_>, symbol: &Symbol) -> Value {
        let kind = if symbol.is_manifest {
            lsp::SymbolKind::Object
        } else {
            lsp::SymbolKind::Field
        };
        let children: Vec<Value> = symbol
            .children
            .iter()
            .map(|child| Self::symbol(lines, child))
            .collect();
        json!({
            "name": symbol.name,
            "detail": symbol.detail,
            "kind": kind,
            "range": range(lines, symbol.whole),
            "selectionRange": range(lines, symbol.head),
            "children": children,
        })
    }
}

/// A span as the editor counts.
pub(super) fn range(lines: &LineStarts<'_>, span: Span) -> lsp::Range {
    let (start, end) = lines.range(span);
    lsp::Range {
        start: position(start),
        end: position(end),
    }
}

fn position((line, character): LinePosition) -> lsp::Position {
    lsp::Position { line, character }
}

/// A place that the editor names.
pub(super) fn spot(position: lsp::Position) -> LinePosition {
    (position.line, position.character)
}
