//! JSON, YAML and XML: what is hidden is written as an escape of the format, so that a reader of the text sees it and
//! a program reads the same value.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::hidden::{has_hidden, visible};
use super::terminal::lines;

/// A value as indented JSON with a line feed at its end.
#[must_use]
pub fn json<T: ?Sized + Serialize>(value: &T) -> String {
    written(value, PrettyFormatter::new())
}

/// A value as JSON on one line, with a line feed at its end.
#[must_use]
pub fn json_line<T: ?Sized + Serialize>(value: &T) -> String {
    written(value, CompactFormatter)
}

fn written<T: ?Sized + Serialize>(value: &T, layout: impl Formatter) -> String {
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = Serializer::with_formatter(&mut bytes, Visible(layout));
    if let Err(error) = value.serialize(&mut serializer) {
        return format!("{error}\n"); // only a map whose keys are no text, of which there are none
    }
    bytes.push(b'\n');
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A layout in which every hidden character is an escape.
struct Visible<F>(F);

macro_rules! as_laid_out {
    ($($method:ident($($argument:ident: $of:ty),*);)*) => {
        $(fn $method<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $of)*) -> io::Result<()> {
            self.0.$method(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Visible<F> {
    as_laid_out! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !has_hidden(fragment) && !fragment.contains("##") {
            return writer.write_all(fragment.as_bytes());
        }
        let mut shown = String::with_capacity(fragment.len() + 16);
        for (ch, hidden) in visible(fragment) {
            if hidden {
                for unit in ch.encode_utf16(&mut [0; 2]) {
                    let _ = write!(shown, "\\u{unit:04x}"); // writing to a string cannot fail
                }
            } else {
                shown.push(ch);
            }
        }
        writer.write_all(shown.replace("##", "#\\u0023").as_bytes())
    }
}

/// A text in double quotes of YAML on one line, in which every hidden character is an escape.
#[must_use]
pub fn quoted_yaml(text: &str) -> String {
    let mut out = String::from("\"");
    for (ch, hidden) in visible(text) {
        let code = u32::from(ch);
        let _ = match ch {
            '"' | '\\' => write!(out, "\\{ch}"),
            '\n' => out.write_str("\\n"),
            '\t' => out.write_str("\\t"),
            '\r' => out.write_str("\\r"),
            _ if hidden && code > 0xffff => write!(out, "\\U{code:08x}"),
            _ if hidden => write!(out, "\\u{code:04x}"),
            _ => out.write_char(ch),
        }; // writing to a string cannot fail
    }
    out.push('"');
    out.replace("##", "#\\x23")
}

/// A text for XML, whose own escapes its writer adds. What XML cannot hold is hidden, and shown as an escape.
#[must_use]
pub fn xml(text: &str) -> String {
    lines(text)
}
