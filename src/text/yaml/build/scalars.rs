//! Scalars, as values and as keys.

use serde_json::Value;

use super::{Builder, FrameContent, NextStep, NodeFrame, PendingKey};
use crate::text::Span;
use crate::text::yaml::error::{offset, shown};
use crate::text::yaml::scalar::{self, Scalar};
use crate::text::yaml::{YamlError, YamlErrorKind};

impl<'t> Builder<'t> {
    pub(super) fn scalar(&mut self, scalar: Scalar<'t>) -> NextStep {
        if self.expects_key() {
            return self.key(scalar);
        }
        // `key:` and an empty document have a scalar without text; complaints go to the key.
        let empty = scalar.plain && scalar.span.start == scalar.span.end;
        if empty && self.frames.is_empty() && scalar.tag.is_none() && scalar.anchor == 0 {
            return NextStep::Event;
        }
        let span = match self.pending_key() {
            Some(key) if empty => key.span,
            _ => scalar.span,
        };
        let (node, anchor) = (self.nodes.len(), scalar.anchor);
        if self.add_node(span) == NextStep::Stop {
            return NextStep::Stop;
        }
        let comment = self.pending_key().filter(|_| empty).and_then(|key| {
            let comment = comment_instead(self.text, key.span, false)?;
            Some((comment, key.text.clone(), key.span.end))
        });
        if let Some((text, key, end)) = comment {
            let line = self.text.get(end as usize..).unwrap_or_default();
            let start = end + offset(line.find('#').unwrap_or_default());
            let span = Span {
                start,
                end: start + offset(text.len()),
            };
            let message = format!(
                "`{}` is a comment, and `{}` is empty",
                shown(text),
                shown(&key)
            );
            let warning = YamlError::new(YamlErrorKind::Comment, span, message)
                .help(format!("put the value in quotes: `\"{}\"`", shown(text)));
            self.report(warning);
        } else if empty && let Some((span, text)) = item_comment(self.text, scalar.span) {
            let message = format!("`{}` is a comment, and this item is empty", shown(text));
            let warning = YamlError::new(YamlErrorKind::Comment, span, message)
                .help("remove the `#`, or the whole line");
            self.report(warning);
        }
        let cut = self.comment_behind(&scalar);
        let (value, problem) = scalar::value(scalar, self.is_in_spec());
        if let Some(warning) = cut.filter(|_| value.is_string()) {
            self.report(warning);
        }
        if let Some(problem) = problem
            && self.report(problem) == NextStep::Stop
        {
            return NextStep::Stop;
        }
        self.complete(value, node, anchor)
    }

    /// Takes a scalar as a key.
    pub(super) fn key(&mut self, scalar: Scalar<'t>) -> NextStep {
        let span = scalar.span;
        let error = scalar::key_error(&scalar);
        if let Some(error) = error
            && self.report(error) == NextStep::Stop
        {
            return NextStep::Stop;
        }
        let text = scalar.text.into_owned();
        if scalar.anchor != 0
            && self.keep_anchor(scalar.anchor, &Value::String(text.clone()), span) == NextStep::Stop
        {
            return NextStep::Stop;
        }
        self.set_key(PendingKey { text, span })
    }

    /// Whether this is below the `spec` of a manifest: what of it is open JSON keeps the digits of its numbers, and of the
    /// rest the check complains.
    fn is_in_spec(&self) -> bool {
        let root = self.frames.first().map(|frame| &frame.content);
        matches!(root, Some(FrameContent::Mapping(_, Some(key))) if key.text == "spec")
    }

    pub(super) fn expects_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(NodeFrame {
                content: FrameContent::Mapping(_, None),
                ..
            })
        )
    }

    pub(super) fn pending_key(&self) -> Option<&PendingKey> {
        match &self.frames.last()?.content {
            FrameContent::Mapping(_, key) => key.as_ref(),
            FrameContent::List(_) => None,
        }
    }

    pub(super) fn set_key(&mut self, key: PendingKey) -> NextStep {
        if let Some(NodeFrame {
            content: FrameContent::Mapping(_, pending),
            ..
        }) = self.frames.last_mut()
        {
            *pending = Some(key);
        }
        NextStep::Event
    }
}

impl Builder<'_> {
    /// A complaint about `Sale #1` and `Enjoy #summer deals`, of which only `Sale` and `Enjoy` are the value.
    fn comment_behind(&self, scalar: &Scalar<'_>) -> Option<YamlError> {
        let behind = self.text.get(scalar.span.end as usize..)?;
        let line = behind.lines().next()?;
        let comment = swallowed(line.trim_start()).filter(|it| it.len() < line.trim_end().len())?;
        let is_number = comment[1..].starts_with(|it: char| it.is_ascii_digit());
        let is_text = scalar.text.starts_with(char::is_alphabetic) || scalar.text.contains(' ');
        if !scalar.plain || !is_text || !(is_number || self.is_prose(&scalar.text)) {
            return None;
        }
        let start = scalar.span.end + offset(line.len() - line.trim_start().len());
        let end = start + offset(comment.len());
        let message = format!("`{}` is a comment, not part of the value", shown(comment));
        let whole = format!("{} {comment}", scalar.text);
        let warning = YamlError::new(YamlErrorKind::Comment, Span { start, end }, message);
        Some(warning.help(format!("put the value in quotes: `\"{}\"`", shown(&whole))))
    }

    /// Whether a value is written for people to read. The names of manifests and the words of fields are one word that
    /// starts with a small letter, as a short text may be; what people read has one of few keys.
    fn is_prose(&self, text: &str) -> bool {
        let key = self.pending_key().map(|key| key.text.as_str());
        match key {
            Some("kind" | "apiVersion") => false,
            Some("displayName" | "description" | "text") => true,
            _ => text.contains(' ') || text.starts_with(char::is_uppercase),
        }
    }
}

/// The comment that stands where a value is missing, as what is complained about at its place.
#[must_use]
pub fn comment_instead(text: &str, at: Span, is_item: bool) -> Option<&str> {
    if is_item {
        return item_comment(text, at).map(|(_, comment)| comment);
    }
    let behind = text.get(at.end as usize..)?.lines().next()?;
    let behind = behind.trim_start_matches(['"', '\'']).trim_start();
    swallowed(behind.strip_prefix(':')?.trim_start())
}

/// The comment in the place of an item of a list.
fn item_comment(text: &str, at: Span) -> Option<(Span, &str)> {
    let before = text.get(..at.start as usize)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next()?;
    let behind = line.trim_start().strip_prefix("- ")?;
    let comment = swallowed(behind.trim_start())?;
    let start = offset(start + line.len() - behind.trim_start().len());
    let end = start + offset(comment.len());
    Some((Span { start, end }, comment))
}

/// A comment that looks like a value: a letter or a digit stands right behind its `#`.
fn swallowed(comment: &str) -> Option<&str> {
    let first = comment.strip_prefix('#')?.chars().next()?;
    first.is_alphanumeric().then(|| comment.trim_end())
}
