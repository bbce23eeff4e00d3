//! Comments to what they are about.
//!
//! A comment behind something on its line belongs to that. One on a line of its own belongs to what comes below it,
//! unless it is indented deeper than that: then it closes the block above, as an entry that was commented out does.

use std::iter::Peekable;
use std::vec::IntoIter;

use granit_parser::ScalarStyle;

use super::tree::{Comment, FormattedDocument, ListOrMapping, NodeContent, TreeNode};

/// Gives every comment its place in the tree. What is left has no document to stand in.
pub(super) fn attach<'t>(
    text: &'t str,
    documents: &mut [FormattedDocument<'t>],
    comments: Vec<Comment<'t>>,
) -> Vec<Comment<'t>> {
    let mut attacher = Attacher {
        text,
        comments: comments.into_iter().peekable(),
    };
    let starts: Vec<usize> = documents.iter().map(FormattedDocument::zone).collect();
    for (index, document) in documents.iter_mut().enumerate() {
        let limit = starts.get(index + 1).copied().unwrap_or(text.len());
        attacher.document(document, limit);
    }
    attacher.comments.collect()
}

impl FormattedDocument<'_> {
    /// Where what belongs to it begins: its directives, its marker or its content.
    fn zone(&self) -> usize {
        let marker = if self.is_explicit {
            self.start - "---".len()
        } else {
            self.start
        };
        self.prolog.first().map_or(marker, |first| first.start)
    }
}

struct Attacher<'t> {
    text: &'t str,
    comments: Peekable<IntoIter<Comment<'t>>>,
}

impl<'t> Attacher<'t> {
    fn document(&mut self, document: &mut FormattedDocument<'t>, limit: usize) {
        let directives = std::mem::take(&mut document.prolog);
        let is_directive = |comment: &Comment<'_>| directives.iter().any(|it| it.includes(comment));
        let mut prolog = self.until(document.start);
        prolog.retain(|comment| !is_directive(comment));
        prolog.extend(directives);
        prolog.sort_by_key(|line| line.start);
        document.prolog = prolog;
        if document.is_explicit {
            let blank = |comment: &Comment<'_>| {
                let between = self.text.get(document.start..comment.start);
                between.is_some_and(|between| between.trim_matches(' ').is_empty())
            };
            document.marker_comment = self.comments.next_if(blank);
        }
        self.value(&mut document.root, None, limit);
        document.tail = self.until(limit);
    }

    /// The comments in front of a place.
    fn until(&mut self, limit: usize) -> Vec<Comment<'t>> {
        std::iter::from_fn(|| self.comments.next_if(|it| it.start < limit)).collect()
    }

    /// The comment behind a place on its line.
    fn right(&mut self, from: usize, limit: usize) -> Option<Comment<'t>> {
        let text = self.text;
        self.comments.next_if(|it| {
            let between = text.get(from..it.start);
            !it.own_line
                && it.start < limit
                && between.is_some_and(|between| !between.contains('\n'))
        })
    }

    /// The comments in front of `limit` that are indented at least so far.
    fn indented(&mut self, column: usize, limit: usize) -> Vec<Comment<'t>> {
        let is_in = |it: &Comment<'_>| it.start < limit && it.column >= column;
        std::iter::from_fn(|| self.comments.next_if(is_in)).collect()
    }

    /// A value inside of a block that is indented by `around`; `limit` is where the next thing begins.
    fn value(&mut self, node: &mut TreeNode<'t>, around: Option<usize>, limit: usize) {
        let inside = around.map_or(0, |column| column + 1);
        if !matches!(node.content, NodeContent::Empty) {
            node.gap = self.until(node.content_start);
        }
        match &mut node.content {
            NodeContent::Empty => {
                node.right = self.right(node.end, limit);
                node.gap = self.indented(inside, limit);
            }
            NodeContent::Scalar {
                style: ScalarStyle::Literal | ScalarStyle::Folded,
                ..
            } => node.right = self.right(node.content_start, limit),
            NodeContent::Collection(collection) if collection.is_flow => {
                self.flow(collection, node.content_start, node.end);
                node.right = self.right(node.end, limit);
            }
            NodeContent::Collection(collection) => {
                if around.is_some()
                    && let Some(first) = collection.entries.first_mut()
                {
                    let own = node.gap.iter().position(|comment| comment.own_line);
                    first.before = node.gap.split_off(own.unwrap_or(node.gap.len()));
                }
                self.block(collection, inside, limit);
            }
            NodeContent::Alias(_) | NodeContent::Scalar { .. } => {
                node.right = self.right(node.end, limit);
            }
        }
    }

    fn block(&mut self, collection: &mut ListOrMapping<'t>, inside: usize, limit: usize) {
        let column = collection.column;
        let starts: Vec<usize> = collection.entries.iter().map(|it| it.start).collect();
        for (index, entry) in collection.entries.iter_mut().enumerate() {
            let key = entry.key.as_ref().map_or(entry.start, |key| key.start);
            entry.before.extend(self.until(key));
            let next = starts.get(index + 1).copied().unwrap_or(limit);
            self.value(&mut entry.value, Some(column), next);
        }
        collection.tail = self.indented(column.max(inside), limit);
    }

    fn flow(&mut self, collection: &mut ListOrMapping<'t>, start: usize, end: usize) {
        let starts: Vec<usize> = collection.entries.iter().map(|it| it.start).collect();
        let first = starts.first().copied().unwrap_or(end);
        collection.open = self.right(start, first);
        for (index, entry) in collection.entries.iter_mut().enumerate() {
            let key = entry.key.as_ref().map_or(entry.start, |key| key.start);
            entry.before = self.until(key);
            let next = starts.get(index + 1).copied().unwrap_or(end);
            self.flow_value(&mut entry.value, next);
            entry.before.append(&mut entry.value.gap); // brackets have no place for them
        }
        collection.tail = self.until(end);
    }

    /// A value in brackets: what stands behind its comma on the same line is about it, too.
    fn flow_value(&mut self, node: &mut TreeNode<'t>, limit: usize) {
        match &mut node.content {
            NodeContent::Empty => {}
            NodeContent::Collection(collection) => {
                node.gap = self.until(node.content_start);
                self.flow(collection, node.content_start, node.end);
            }
            _ => node.gap = self.until(node.content_start),
        }
        node.right = self.right(node.end, limit);
    }
}

impl Comment<'_> {
    /// Whether it contains another one, as a comment does in the line of a directive.
    fn includes(&self, other: &Self) -> bool {
        (self.start..self.start + self.text.len()).contains(&other.start)
    }
}
