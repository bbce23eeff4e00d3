//! The tree to text: two blanks a level, one blank line at most, brackets on one line where they fit.

use std::collections::BTreeSet;

use granit_parser::ScalarStyle;

use super::scalar;
use super::tree::{Comment, FormattedDocument, ListOrMapping, NodeContent, TreeEntry, TreeNode};

/// How long a line with brackets may be.
const WIDTH: usize = 120;

/// The text of the documents. `ambiguous` has the places of plain texts that need quotes.
pub(super) fn print(
    documents: &[FormattedDocument<'_>],
    rest: &[Comment<'_>],
    ambiguous: BTreeSet<usize>,
) -> String {
    let mut printer = Printer {
        out: String::new(),
        is_fresh: true,
        ambiguous,
    };
    for (index, document) in documents.iter().enumerate() {
        printer.document(index, document);
    }
    printer.comments(rest, 0);
    printer.out
}

struct Printer {
    out: String,
    /// Whether something has just begun, so that no blank line may follow.
    is_fresh: bool,
    ambiguous: BTreeSet<usize>,
}

impl Printer {
    fn document(&mut self, index: usize, document: &FormattedDocument<'_>) {
        if index > 0 && document.has_directive {
            self.line(0, "...");
            self.is_fresh = true;
        }
        self.comments(&document.prolog, 0);
        if index > 0 || document.is_explicit {
            self.line(0, "---");
            self.behind(document.marker_comment.as_ref());
            self.is_fresh = true;
        }
        self.root(&document.root);
        self.comments(&document.tail, 0);
    }

    fn root(&mut self, root: &TreeNode<'_>) {
        self.comments(&root.gap, 0);
        if !root.properties.is_empty() {
            self.line(0, &root.properties.join(" "));
        }
        match &root.content {
            NodeContent::Empty => self.comments(root.right.as_slice(), 0),
            NodeContent::Collection(collection) if !collection.is_flow => {
                self.block(collection, 0, false);
            }
            _ => {
                self.indent(0);
                self.scalar_or_flow(root, 0);
            }
        }
    }

    /// The entries of a block. `is_inline`: the first one follows a `- `.
    fn block(&mut self, collection: &ListOrMapping<'_>, indent: usize, is_inline: bool) {
        self.is_fresh |= indent > 0;
        for (index, entry) in collection.entries.iter().enumerate() {
            if !(is_inline && index == 0) {
                self.comments(&entry.before, indent);
                self.blank(entry.blank_before);
                self.indent(indent);
            }
            self.is_fresh = false;
            match &entry.key {
                Some(key) => self.key(key),
                None => self.out.push('-'),
            }
            self.value(&entry.value, indent, entry.key.is_none());
        }
        self.comments(&collection.tail, indent);
    }

    fn key(&mut self, key: &TreeNode<'_>) {
        let text = self.inline(key);
        self.out.push_str(&text);
        if matches!(key.content, NodeContent::Alias(_)) {
            self.out.push(' '); // a `:` can be part of its name
        }
        self.out.push(':');
    }

    /// What follows a `key:` or a `-` that is indented so far.
    fn value(&mut self, node: &TreeNode<'_>, indent: usize, is_item: bool) {
        for property in &node.properties {
            self.out.push(' ');
            self.out.push_str(property);
        }
        let behind = node.gap.first().filter(|comment| !comment.own_line);
        let below = &node.gap[usize::from(behind.is_some())..];
        match &node.content {
            NodeContent::Empty => {
                self.behind(node.right.as_ref());
                self.is_fresh = !below.is_empty();
                self.comments(below, indent + 2);
                self.is_fresh = false;
            }
            NodeContent::Collection(collection) if !collection.is_flow => {
                let is_inline = is_item
                    && node.properties.is_empty()
                    && behind.is_none()
                    && collection
                        .entries
                        .iter()
                        .take(1)
                        .all(|it| it.before.is_empty());
                if is_inline {
                    self.out.push(' ');
                } else {
                    self.behind(behind);
                }
                self.block(collection, indent + 2, is_inline);
            }
            _ if node.gap.is_empty() => {
                self.out.push(' ');
                let is_bracket = matches!(node.content, NodeContent::Collection(_));
                let hangs = is_item && is_bracket; // behind the `- `
                self.scalar_or_flow(node, if hangs { indent + 2 } else { indent });
            }
            _ => {
                self.behind(behind);
                self.is_fresh = true;
                self.comments(below, indent + 2);
                self.indent(indent + 2);
                self.is_fresh = false;
                let is_bracket = matches!(node.content, NodeContent::Collection(_));
                self.scalar_or_flow(node, if is_bracket { indent + 2 } else { indent });
            }
        }
    }

    /// A value on the line that has begun. What it needs below is indented deeper than `indent`.
    fn scalar_or_flow(&mut self, node: &TreeNode<'_>, indent: usize) {
        match &node.content {
            NodeContent::Scalar {
                style: style @ (ScalarStyle::Literal | ScalarStyle::Folded),
                raw,
                text,
            } => self.block_scalar(*style, raw, text, node.right.as_ref(), indent + 2),
            NodeContent::Scalar { style, raw, text } => {
                let lines = scalar::lines(*style, raw, text, self.is_ambiguous(node));
                for (index, line) in lines.iter().enumerate() {
                    if index > 0 {
                        self.out.push('\n');
                        self.indent(if line.is_empty() { 0 } else { indent + 2 });
                    }
                    self.out.push_str(line);
                }
                self.behind(node.right.as_ref());
            }
            NodeContent::Collection(collection) => {
                self.flow(collection, indent, 0);
                self.behind(node.right.as_ref());
            }
            NodeContent::Alias(_) | NodeContent::Empty => {
                let text = self.inline(node);
                self.out.push_str(&text);
                self.behind(node.right.as_ref());
            }
        }
    }

    fn block_scalar(
        &mut self,
        style: ScalarStyle,
        raw: &str,
        text: &str,
        comment: Option<&Comment<'_>>,
        indent: usize,
    ) {
        let Some((header, lines)) = scalar::block(style, raw, text) else {
            self.out.push_str(&scalar::quoted(text));
            self.behind(comment);
            return;
        };
        self.out.push_str(&header);
        self.behind(comment);
        for line in lines {
            self.indent(if line.is_empty() { 0 } else { indent });
            self.out.push_str(&line);
            self.out.push('\n');
        }
        self.is_fresh |= header.ends_with('+'); // a blank line would be part of the text
    }

    /// A collection in brackets: on the line that has begun, with so much behind it, or an entry a line.
    fn flow(&mut self, collection: &ListOrMapping<'_>, indent: usize, behind: usize) {
        let column = self
            .out
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count();
        if !collection.has_comments() {
            let text = self.flow_line(collection);
            if column + text.chars().count() + behind <= WIDTH {
                self.out.push_str(&text);
                return;
            }
        }
        let (open, close) = brackets(collection);
        self.out.push(open);
        self.behind(collection.open.as_ref());
        self.is_fresh = true;
        let last = collection.entries.len().saturating_sub(1);
        for (index, entry) in collection.entries.iter().enumerate() {
            self.comments(&entry.before, indent + 2);
            self.blank(entry.blank_before);
            self.indent(indent + 2);
            self.flow_entry(entry, indent + 2, index < last);
            self.is_fresh = false;
        }
        self.comments(&collection.tail, indent + 2);
        self.indent(indent);
        self.out.push(close);
    }

    fn flow_entry(&mut self, entry: &TreeEntry<'_>, indent: usize, has_comma: bool) {
        if let Some(key) = &entry.key {
            self.key(key);
            if !entry.value.is_nothing() {
                self.out.push(' ');
            }
        }
        if let NodeContent::Collection(collection) = &entry.value.content {
            let properties = &entry.value.properties;
            self.out
                .extend(properties.iter().map(|it| format!("{it} ")));
            self.flow(collection, indent, usize::from(has_comma));
        } else {
            let text = self.inline(&entry.value);
            self.out.push_str(&text);
        }
        if has_comma {
            self.out.push(',');
        }
        self.behind(entry.value.right.as_ref());
    }

    fn flow_line(&self, collection: &ListOrMapping<'_>) -> String {
        let entry = |entry: &TreeEntry<'_>| {
            let value = self.inline(&entry.value);
            let Some(key) = &entry.key else {
                return value;
            };
            let sign = if matches!(key.content, NodeContent::Alias(_)) {
                " :"
            } else {
                ":"
            };
            let blank = if value.is_empty() { "" } else { " " };
            format!("{}{sign}{blank}{value}", self.inline(key))
        };
        let entries: Vec<String> = collection.entries.iter().map(entry).collect();
        let entries = entries.join(", ");
        match (collection.is_mapping, entries.is_empty()) {
            (true, false) => format!("{{ {entries} }}"),
            (true, true) => "{}".to_owned(),
            (false, _) => format!("[{entries}]"),
        }
    }

    /// A node on one line, without its comments.
    fn inline(&self, node: &TreeNode<'_>) -> String {
        let content = match &node.content {
            NodeContent::Empty => String::new(),
            NodeContent::Alias(name) => (*name).to_owned(),
            NodeContent::Scalar { style, raw, text } => {
                scalar::line(*style, raw, text, self.is_ambiguous(node))
            }
            NodeContent::Collection(collection) => self.flow_line(collection),
        };
        let mut parts: Vec<&str> = node.properties.clone();
        parts.extend(Some(content.as_str()).filter(|content| !content.is_empty()));
        parts.join(" ")
    }

    fn is_ambiguous(&self, node: &TreeNode<'_>) -> bool {
        self.ambiguous.contains(&node.content_start)
    }

    /// Comments on lines of their own.
    fn comments(&mut self, comments: &[Comment<'_>], indent: usize) {
        for comment in comments {
            self.blank(comment.blank_before);
            self.line(indent, comment.text);
            self.is_fresh = false;
        }
    }

    /// Ends a line, with the comment behind it.
    fn behind(&mut self, comment: Option<&Comment<'_>>) {
        if self.out.ends_with('\n') {
            self.out.pop();
        }
        if let Some(comment) = comment {
            self.out.push(' ');
            self.out.push_str(comment.text);
        }
        self.out.push('\n');
    }

    /// A line of its own.
    fn line(&mut self, indent: usize, text: &str) {
        self.indent(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A blank line, where one is wanted and none is there.
    fn blank(&mut self, is_wanted: bool) {
        if is_wanted && !self.is_fresh && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

impl TreeNode<'_> {
    /// Whether nothing is written for it.
    fn is_nothing(&self) -> bool {
        matches!(self.content, NodeContent::Empty) && self.properties.is_empty()
    }
}

fn brackets(collection: &ListOrMapping<'_>) -> (char, char) {
    if collection.is_mapping {
        ('{', '}')
    } else {
        ('[', ']')
    }
}
