//! A YAML text as people wrote it: nodes with their style, their comments and the blank lines between them.

use granit_parser::ScalarStyle;

/// A comment, with its `#`.
#[derive(Clone, Debug)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// What the parser says that it is, without the `#`.
    pub(super) said: String,
    /// Its place in the text.
    pub(super) start: usize,
    /// How far it is indented.
    pub(super) column: usize,
    /// Whether it is the first on its line.
    pub(super) own_line: bool,
    /// Whether a blank line stands above it.
    pub(super) blank_before: bool,
}

/// One document of a stream.
#[derive(Debug)]
pub(super) struct FormattedDocument<'t> {
    /// Directives as if they were comments, and comments among them and above.
    pub(super) prolog: Vec<Comment<'t>>,
    /// Whether a directive stands above it.
    pub(super) has_directive: bool,
    /// Whether it begins with `---`.
    pub(super) is_explicit: bool,
    /// The place behind the marker, or of the first content.
    pub(super) start: usize,
    /// The comment on the line of the marker.
    pub(super) marker_comment: Option<Comment<'t>>,
    pub(super) root: TreeNode<'t>,
    /// The comments behind the content.
    pub(super) tail: Vec<Comment<'t>>,
}

/// A value, a key, or nothing where one could stand.
#[derive(Debug)]
pub(super) struct TreeNode<'t> {
    /// Anchor and tag, in their order.
    pub(super) properties: Vec<&'t str>,
    /// Where it begins, properties included.
    pub(super) start: usize,
    /// Where its content begins: the first entry, the bracket, the quote, the `|`.
    pub(super) content_start: usize,
    pub(super) end: usize,
    pub(super) content: NodeContent<'t>,
    /// Comments between what introduces it (`key:`, `-`) and its content.
    pub(super) gap: Vec<Comment<'t>>,
    /// The comment behind it on its line; of a block scalar, behind the `|`.
    pub(super) right: Option<Comment<'t>>,
    /// Whether it contains an anchor or an alias.
    pub(super) has_anchors: bool,
}

#[derive(Debug)]
pub(super) enum NodeContent<'t> {
    /// Nothing, which is null.
    Empty,
    Alias(&'t str),
    Scalar {
        style: ScalarStyle,
        /// As it is written; of a block scalar from the `|` on.
        raw: &'t str,
        /// What it means.
        text: String,
    },
    Collection(ListOrMapping<'t>),
}

/// A list or a mapping.
#[derive(Debug)]
pub(super) struct ListOrMapping<'t> {
    pub(super) is_mapping: bool,
    /// Whether it is written in brackets.
    pub(super) is_flow: bool,
    /// How far its entries are indented, when it is a block.
    pub(super) column: usize,
    /// The comment behind the opening bracket.
    pub(super) open: Option<Comment<'t>>,
    pub(super) entries: Vec<TreeEntry<'t>>,
    /// Comments behind the last entry.
    pub(super) tail: Vec<Comment<'t>>,
}

/// An item of a list, or a key with its value.
#[derive(Debug)]
pub(super) struct TreeEntry<'t> {
    /// Where it begins: at its `-`, its `?` or its key.
    pub(super) start: usize,
    /// Whether a blank line stands above it.
    pub(super) blank_before: bool,
    /// The comments above it.
    pub(super) before: Vec<Comment<'t>>,
    /// Nothing for an item of a list.
    pub(super) key: Option<TreeNode<'t>>,
    pub(super) value: TreeNode<'t>,
}

impl ListOrMapping<'_> {
    /// Whether a comment stands inside of it.
    pub(super) fn has_comments(&self) -> bool {
        self.open.is_some()
            || !self.tail.is_empty()
            || self.entries.iter().any(|entry| {
                !entry.before.is_empty()
                    || !entry.value.gap.is_empty()
                    || entry.value.right.is_some()
                    || matches!(&entry.value.content, NodeContent::Collection(inner) if inner.has_comments())
            })
    }
}
