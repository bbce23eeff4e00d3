//! The requests that are answered from a snapshot, on a thread of the pool.

use std::collections::BTreeSet;

use gen_lsp_types as lsp;
use lsp_server::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::convert::{Convert, range, spot};
use super::pool::{RequestRefusal, RequestWork};
use crate::editor::{
    AnswerStop, Snapshot, Subject, actions, colors, complete, definitions, folds, formatting,
    hover, named, notations, references, rename, renamed, subject, symbols,
};
use crate::run::editing::LiveCache;
use crate::text::color::{Color, byte};
use crate::text::{FileId, Span};

/// What a request is answered from: a file, and the project around it.
pub(super) struct Ground {
    pub(super) snapshot: Snapshot,
    pub(super) file: FileId,
    pub(super) convert: Convert,
    pub(super) live: LiveCache,
}

type RequestAnswer = Result<Value, RequestRefusal>;

/// The address of the file that a request is about.
pub(super) fn file_of(params: &Value) -> Option<lsp::Uri> {
    let uri = params.pointer("/textDocument/uri")?.as_str()?;
    Some(lsp::Uri(uri.to_owned()))
}

/// How a request is answered; `None` for a method that there is none for.
pub(super) fn work(method: &str, params: Value, ground: Option<Ground>) -> Option<RequestWork> {
    let answer: fn(&Ground, Value, &AnswerStop) -> RequestAnswer = match method {
        "textDocument/definition" => definition,
        "textDocument/references" => all_references,
        "textDocument/prepareRename" => prepare_rename,
        "textDocument/rename" => rename_all,
        "textDocument/hover" => hovered,
        "textDocument/completion" => completion,
        "textDocument/codeAction" => code_actions,
        "textDocument/documentSymbol" => document_symbols,
        "textDocument/documentColor" => document_colors,
        "textDocument/colorPresentation" => color_presentations,
        "textDocument/foldingRange" => folding_ranges,
        "textDocument/formatting" => formatted,
        _ => return None,
    };
    Some(Box::new(move |stop| match ground {
        Some(ground) => answer(&ground, params, stop),
        None => Ok(Value::Null), // a file of nobody's, or one that is not open
    }))
}

/// How the manifests of all projects are found by name.
pub(super) fn symbols_of_all(
    params: Value,
    projects: Vec<Snapshot>,
    convert: Convert,
) -> RequestWork {
    Box::new(move |stop| {
        let params: lsp::WorkspaceSymbolParams = parsed(params)?;
        // A project inside another one is read with both: its files are told once.
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for snapshot in projects.iter().rev() {
            let mut found = named(snapshot, &params.query, stop);
            found.retain(|it| {
                let path = snapshot.path(it.place.file);
                path.is_some_and(|path| seen.insert((path.to_path_buf(), it.place.span)))
            });
            all.extend(convert.named(snapshot, &found));
        }
        Ok(Value::Array(all))
    })
}

fn parsed<T: DeserializeOwned>(params: Value) -> Result<T, RequestRefusal> {
    serde_json::from_value(params).map_err(|error| {
        RequestRefusal(
            ErrorCode::InvalidParams as i32,
            format!("the parameters cannot be read: {error}"),
        )
    })
}

impl Ground {
    fn offset(&self, at: lsp::Position) -> u32 {
        self.convert
            .lines(&self.snapshot, self.file)
            .offset(spot(at))
    }

    fn subject(&self, params: &lsp::TextDocumentPositionParams) -> Option<(Subject, Span)> {
        subject(&self.snapshot, self.file, self.offset(params.position))
    }

    fn range(&self, span: Span) -> lsp::Range {
        range(&self.convert.lines(&self.snapshot, self.file), span)
    }

    /// The snapshot with what is known of live objects.
    fn with_live(&self) -> Snapshot {
        let mut snapshot = self.snapshot.clone();
        snapshot.live = self.live.states();
        snapshot
    }
}

fn definition(ground: &Ground, params: Value, stop: &AnswerStop) -> RequestAnswer {
    let params: lsp::DefinitionParams = parsed(params)?;
    let found = ground.subject(&params.text_document_position_params);
    let places = found.map(|(subject, _)| definitions(&ground.snapshot, &subject, stop));
    let places = places.unwrap_or_default();
    Ok(json!(ground.convert.locations(&ground.snapshot, &places)))
}

fn all_references(ground: &Ground, params: Value, stop: &AnswerStop) -> RequestAnswer {
    let params: lsp::ReferenceParams = parsed(params)?;
    let Some((subject, _)) = ground.subject(&params.text_document_position_params) else {
        return Ok(json!([]));
    };
    let mut places = references(&ground.snapshot, &subject, stop);
    if params.context.include_declaration {
        places.extend(definitions(&ground.snapshot, &subject, stop));
        places.sort();
    }
    Ok(json!(ground.convert.locations(&ground.snapshot, &places)))
}

fn prepare_rename(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    let params: lsp::PrepareRenameParams = parsed(params)?;
    let Some((subject, span)) = ground.subject(&params.text_document_position_params) else {
        return Ok(Value::Null);
    };
    let name = renamed(&subject).map_err(RequestRefusal::failed)?;
    Ok(json!({ "range": ground.range(span), "placeholder": name }))
}

fn rename_all(ground: &Ground, params: Value, stop: &AnswerStop) -> RequestAnswer {
    let params: lsp::RenameParams = parsed(params)?;
    let Some((subject, _)) = ground.subject(&params.text_document_position_params) else {
        return Err(RequestRefusal::failed("there is no name here"));
    };
    let snapshot = ground.with_live();
    let edits =
        rename(&snapshot, &subject, &params.new_name, stop).map_err(RequestRefusal::failed)?;
    Ok(ground.convert.workspace_edit(&snapshot, &edits))
}

fn hovered(ground: &Ground, params: Value, stop: &AnswerStop) -> RequestAnswer {
    let params: lsp::HoverParams = parsed(params)?;
    let Some((subject, span)) = ground.subject(&params.text_document_position_params) else {
        return Ok(Value::Null);
    };
    let text = hover(&ground.with_live(), &subject, stop);
    let told = text.map(|text| {
        json!({ "contents": { "kind": "markdown", "value": text }, "range": ground.range(span) })
    });
    Ok(told.unwrap_or_default())
}

fn completion(ground: &Ground, params: Value, stop: &AnswerStop) -> RequestAnswer {
    let params: lsp::CompletionParams = parsed(params)?;
    let offset = ground.offset(params.text_document_position_params.position);
    let (typed, offers) = complete(&ground.snapshot, ground.file, offset, stop);
    let lines = ground.convert.lines(&ground.snapshot, ground.file);
    Ok(Convert::completion(&lines, typed, offers))
}

fn code_actions(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    let params: lsp::CodeActionParams = parsed(params)?;
    let (start, end) = (
        ground.offset(params.range.start),
        ground.offset(params.range.end),
    );
    let found = actions(&ground.snapshot, ground.file, Span { start, end });
    let found = found
        .iter()
        .map(|action| ground.convert.action(&ground.snapshot, ground.file, action));
    Ok(found.collect())
}

fn document_symbols(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    parsed::<lsp::DocumentSymbolParams>(params)?;
    let Some(file) = ground.snapshot.files.get(ground.file) else {
        return Ok(json!([]));
    };
    let lines = ground.convert.lines(&ground.snapshot, ground.file);
    let found = symbols(ground.snapshot.text(ground.file), &file.documents);
    Ok(found
        .iter()
        .map(|symbol| Convert::symbol(&lines, symbol))
        .collect())
}

fn document_colors(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    parsed::<lsp::DocumentColorParams>(params)?;
    let Some(file) = ground.snapshot.files.get(ground.file) else {
        return Ok(json!([]));
    };
    let lines = ground.convert.lines(&ground.snapshot, ground.file);
    let found = colors(ground.snapshot.text(ground.file), &file.documents);
    let found = found.into_iter().map(|(span, color)| {
        let share = |byte: u8| f64::from(byte) / 255.0;
        let [red, green, blue] = color.channels.map(share);
        json!({
            "range": range(&lines, span),
            "color": { "red": red, "green": green, "blue": blue, "alpha": share(color.alpha) },
        })
    });
    Ok(found.collect())
}

fn color_presentations(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    let lsp::ColorPresentationParams {
        color, range: at, ..
    } = parsed(params)?;
    let span = Span {
        start: ground.offset(at.start),
        end: ground.offset(at.end),
    };
    let color = Color {
        channels: [color.red, color.green, color.blue].map(byte),
        alpha: byte(color.alpha),
    };
    let found = notations(ground.snapshot.text(ground.file), span, color);
    let found = found.into_iter().map(|(label, text)| {
        json!({ "label": label, "textEdit": { "range": ground.range(span), "newText": text } })
    });
    Ok(found.collect())
}

fn folding_ranges(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    parsed::<lsp::FoldingRangeParams>(params)?;
    let documents = match ground.snapshot.files.get(ground.file) {
        Some(file) => file.documents.as_slice(),
        None => ground.snapshot.setup.document.as_slice(),
    };
    let lines = ground.convert.lines(&ground.snapshot, ground.file);
    let found = folds(ground.snapshot.text(ground.file), documents, &lines);
    let found = found.into_iter();
    Ok(found
        .map(|(first, last)| json!({ "startLine": first, "endLine": last }))
        .collect())
}

fn formatted(ground: &Ground, params: Value, _: &AnswerStop) -> RequestAnswer {
    parsed::<lsp::DocumentFormattingParams>(params)?; // there is one layout, whatever the editor would like
    let edit = formatting(ground.file, ground.snapshot.text(ground.file))
        .map_err(|error| RequestRefusal::failed(error.to_string()))?;
    let edits = edit
        .iter()
        .map(|(span, new)| json!({ "range": ground.range(*span), "newText": new }));
    Ok(edits.collect())
}
