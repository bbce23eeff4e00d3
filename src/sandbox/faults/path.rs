//! Which paths a fault means: `*` stands for any text, `{id}` for one segment.

/// A pattern of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathPattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Any text, slashes included.
    Any,
    /// At least one letter, and no slash.
    Segment,
}

impl PathPattern {
    /// Reads a pattern; `Err` has the byte where a brace is not closed.
    pub(super) fn parse(text: &str) -> Result<Self, usize> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (part, length) = match first {
                '*' => (Part::Any, 1),
                '{' => {
                    let end = rest.find('}').ok_or(text.len() - rest.len())?;
                    (Part::Segment, end + 1)
                }
                _ => {
                    let end = rest.find(['*', '{']).unwrap_or(rest.len());
                    (Part::Text(rest[..end].to_owned()), end)
                }
            };
            parts.push(part);
            rest = &rest[length..];
        }
        // Two in a row mean no more than one, and cost time.
        parts.dedup_by(|next, before| *next == Part::Any && *before == Part::Any);
        Ok(Self(parts))
    }

    /// Whether the pattern means this path.
    ///
    /// When the parts behind a `*` do not match, it takes in one letter more. Only the last `*` has to:
    /// what an earlier one could take in besides, the last one can as well.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut parts = &self.0[..];
        let mut rest = path;
        let mut last_any: Option<(&[Part], &str)> = None;
        loop {
            if let Some((Part::Any, behind)) = parts.split_first() {
                last_any = Some((behind, rest));
                parts = behind;
            } else if let Some((behind, left)) = step(parts, rest) {
                (parts, rest) = (behind, left);
            } else if parts.is_empty() && rest.is_empty() {
                return true;
            } else if let Some((behind, from)) = last_any
                && let Some(first) = from.chars().next()
            {
                let from = &from[first.len_utf8()..];
                last_any = Some((behind, from));
                (parts, rest) = (behind, from);
            } else {
                return false;
            }
        }
    }
}

/// What is left of parts and path when the first part, which is no `*`, matches.
fn step<'p, 't>(parts: &'p [Part], path: &'t str) -> Option<(&'p [Part], &'t str)> {
    let (part, parts) = parts.split_first()?;
    match part {
        Part::Text(text) => Some((parts, path.strip_prefix(text.as_str())?)),
        Part::Segment => {
            let end = path.find('/').unwrap_or(path.len());
            (end > 0).then(|| (parts, &path[end..]))
        }
        Part::Any => None,
    }
}
