//! The colors of a file: those in the looks of windows, engagements and templates, wherever below `spec` a text is one.

use serde_json::Value;

use crate::text::color::{Color, Notation};
use crate::text::{Document, EntryHalf, Pointer, Span};

/// The colors in some documents, each with the place of its text, without quotes.
#[must_use]
pub fn colors(text: &str, documents: &[Document]) -> Vec<(Span, Color)> {
    let mut found = Vec::new();
    for document in documents {
        let fields = document.value.get("spec").and_then(Value::as_object);
        for (key, value) in fields.into_iter().flatten() {
            // A name may look like a color; what is a mapping or a list is the look of something.
            if value.is_object() || value.is_array() {
                let at = Pointer::from("/spec").key(key);
                collect(text, document, value, &at, &mut found);
            }
        }
    }
    found.sort_unstable_by_key(|(span, _)| span.start);
    found.dedup_by_key(|(span, _)| span.start); // an alias repeats what its anchor says
    found
}

fn collect(
    text: &str,
    document: &Document,
    value: &Value,
    at: &Pointer,
    found: &mut Vec<(Span, Color)>,
) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(text, document, value, &at.key(key), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(text, document, value, &at.index(index), found);
            }
        }
        Value::String(word) => {
            let color = Color::parse(word).and_then(|(color, _)| {
                let span = document.span(at, EntryHalf::Value);
                Some((place(text, span, word)?, color))
            });
            found.extend(color);
        }
        _ => {}
    }
}

/// Where in a span a word is written, which may be in quotes; `None` where it is written in another way.
fn place(text: &str, span: Span, word: &str) -> Option<Span> {
    let written = text.get(span.start as usize..span.end as usize)?;
    let at = u32::try_from(written.find(word)?).ok()?;
    let length = u32::try_from(word.len()).ok()?;
    let start = span.start + at;
    Some(Span {
        start,
        end: start + length,
    })
}

/// How a color may be written instead of what is at a place: in the notation that is there, then in the other one. Each
/// is the text as people see it, and what is to be written.
#[must_use]
pub fn notations(text: &str, span: Span, color: Color) -> Vec<(String, String)> {
    let written = text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    let notation = Color::parse(written).map_or(Notation::Hex { upper: false }, |it| it.1);
    let other = match notation {
        Notation::Hex { .. } => Notation::Function,
        Notation::Function => Notation::Hex { upper: false },
    };
    let before = text.get(..span.start as usize).unwrap_or_default();
    let is_quoted = before.ends_with(['"', '\'']);
    let texts = [notation, other].map(|notation| color.write(notation));
    let quoted = texts.map(|text| {
        // Without quotes, `#` starts a comment, and a comma ends a value in brackets.
        let written = if is_quoted {
            text.clone()
        } else {
            format!("\"{text}\"")
        };
        (text, written)
    });
    quoted.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileId, Limits, yaml};

    fn shown(text: &str) -> String {
        let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
        let found = colors(text, &documents).into_iter().map(|(span, color)| {
            let line = text[..span.start as usize].matches('\n').count() + 1;
            let written = &text[span.start as usize..span.end as usize];
            format!("{line}: {written} {:?}", color.channels)
        });
        found.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn colors_are_found_in_looks_and_not_in_names() {
        let text = r##"metadata: { annotations: { owner: "#fff" } }
spec:
  displayName: "#abc"
  style:
    colors: ["#1f3d36", '#FFF', "#brand", "url(#fff)", 123]
    header: { color: "#b5532bcc", name: "1px solid #fff" }
    plain: rgb(1, 2, 3)
    variable: "${var.color}"
    folded: >-
      #0a0b0c
    escaped: "\u0023fff"
    first: &brand "#010203"
    second: *brand
---
spec: { presentation: { é: "#040506" } }
"##;
        assert_eq!(
            shown(text),
            "5: #1f3d36 [31, 61, 54]\n5: #FFF [255, 255, 255]\n6: #b5532bcc [181, 83, 43]\n\
             7: rgb(1, 2, 3) [1, 2, 3]\n10: #0a0b0c [10, 11, 12]\n12: #010203 [1, 2, 3]\n15: #040506 [4, 5, 6]"
        );
        assert_eq!(shown("spec: ["), "");
        assert_eq!(shown("spec: 1"), "");
    }

    #[test]
    fn a_color_is_written_as_the_one_before_it_and_survives_without_quotes() {
        let color = Color {
            channels: [1, 2, 3],
            alpha: 255,
        };
        for (text, word, expected) in [
            ("a: \"#FFF\"", "#FFF", ["#010203", "rgb(1, 2, 3)"]),
            (
                "a: rgb(4, 5, 6)",
                "rgb(4, 5, 6)",
                ["\"rgb(1, 2, 3)\"", "\"#010203\""],
            ),
            (
                "a: 'rgb(4, 5, 6)'",
                "rgb(4, 5, 6)",
                ["rgb(1, 2, 3)", "#010203"],
            ),
        ] {
            let start = u32::try_from(text.find(word).unwrap()).unwrap();
            let end = start + u32::try_from(word.len()).unwrap();
            let found = notations(text, Span { start, end }, color);
            let written: Vec<&str> = found.iter().map(|(_, written)| written.as_str()).collect();
            assert_eq!(written, expected, "{text}");
        }
    }
}
