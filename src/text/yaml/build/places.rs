//! Where things stand: what the parser reports, put right.

use crate::text::Span;
use crate::text::yaml::error::offset;

pub(in crate::text::yaml) fn span_of(span: &granit_parser::Span) -> Span {
    let place = |marker: granit_parser::Marker| offset(marker.byte_offset().unwrap_or(0));
    Span {
        start: place(span.start),
        end: place(span.end),
    }
}

/// Where a block list starts: the parser reports its first item where the list is not indented.
pub(super) fn dash_before(text: &str, start: u32) -> u32 {
    let (before, list) = text.split_at(start as usize);
    let before = before.trim_end();
    if before.ends_with('-') && !list.starts_with('-') {
        offset(before.len() - 1)
    } else {
        start
    }
}

/// The end of a block scalar without the blank lines behind it.
pub(super) fn trimmed_end(text: &str, span: Span) -> u32 {
    let content = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    span.start + offset(content.trim_end().len())
}
