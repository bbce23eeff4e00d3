//! The frames of the protocol on standard input and output: a header with a length, and JSON.
//!
//! Reading is ours rather than `lsp-server`'s, whose reader ends with the first message that it cannot read and makes room
//! for any length that a header claims. Here, what cannot be read is told, and reading goes on behind it.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::Receiver;

use lsp_server::Message;
use serde_json::{Value, json};

use crate::language_server::{Incoming, Outgoing};

/// The longest message that is read. The largest file has 4 MiB.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The longest line of a header.
const LONGEST_LINE: u64 = 4096;

/// Reads the next frame; `None` at the end of the input.
///
/// # Errors
/// An input that cannot be read.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            if length.is_some() {
                break;
            }
            continue; // an empty line between frames
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let length = length.unwrap_or_default();
    if length > LONGEST {
        io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
        let why = format!("a message of {length} bytes is too long");
        return Ok(Some(Incoming::Wrong(PARSE_ERROR, why)));
    }
    let mut body = Vec::new();
    let read = input.by_ref().take(length).read_to_end(&mut body)?;
    if (read as u64) < length {
        return Ok(None);
    }
    Ok(Some(parse(&body)))
}

const PARSE_ERROR: i32 = lsp_server::ErrorCode::ParseError as i32;
const INVALID_REQUEST: i32 = lsp_server::ErrorCode::InvalidRequest as i32;

fn parse(body: &[u8]) -> Incoming {
    match serde_json::from_slice::<Message>(body) {
        Ok(message) => Incoming::Message(message),
        Err(error) if serde_json::from_slice::<Value>(body).is_ok() => {
            Incoming::Wrong(INVALID_REQUEST, format!("this is not a message: {error}"))
        }
        Err(error) => Incoming::Wrong(PARSE_ERROR, format!("this is not JSON: {error}")),
    }
}

/// Writes a frame for each message, until no more come or nobody reads any more.
pub(super) fn deliver(messages: &Receiver<Outgoing>, mut output: impl Write) {
    for message in messages {
        if write(&mut output, &text(&message)).is_err() {
            return;
        }
    }
}

/// What stands in a frame.
fn text(message: &Outgoing) -> String {
    let mut value = match message {
        Outgoing::Message(message) => serde_json::to_value(message).unwrap_or_default(),
        Outgoing::Refusal(code, why) => {
            let refusal =
                json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": why } });
            return refusal.to_string();
        }
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("jsonrpc".to_owned(), Value::from("2.0"));
    }
    value.to_string()
}

/// Writes one frame.
///
/// # Errors
/// An output that nobody reads any more.
fn write(output: &mut impl Write, text: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(input: &str) -> Vec<String> {
        let mut input = input.as_bytes();
        let mut found = Vec::new();
        while let Some(frame) = read(&mut input).unwrap() {
            found.push(match frame {
                Incoming::Message(message) => text(&Outgoing::Message(message)),
                Incoming::Wrong(code, why) => {
                    let (why, _) = why.split_once(':').unwrap_or((why.as_str(), ""));
                    format!("{code} {why}")
                }
            });
        }
        found
    }

    #[test]
    fn reading_goes_on_behind_what_cannot_be_read() {
        let good = r#"{"method":"exit"}"#;
        let framed = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let text = [
            framed("{"),
            framed("[1]"),
            "noise\r\n".to_owned(),
            framed(good),
            format!("content-length:{}\nContent-Type: x\n\n{good}", good.len()),
            "Content-Length: no\r\n\r\n".to_owned(),
            framed(good),
            "Content-Length: 99999999999\r\n\r\n".to_owned(),
        ]
        .concat();
        let exit = r#"{"method":"exit","jsonrpc":"2.0"}"#;
        let told = [
            "-32700 this is not JSON",
            "-32600 this is not a message",
            exit,
            exit,
            exit,
            "-32700 a message of 99999999999 bytes is too long",
        ];
        assert_eq!(frames(&text), told);
    }

    #[test]
    fn what_goes_out_is_framed_until_nobody_reads() {
        let (sender, messages) = std::sync::mpsc::channel();
        let exit = lsp_server::Notification::new("exit".to_owned(), Value::Null);
        sender
            .send(Outgoing::Message(Message::Notification(exit)))
            .unwrap();
        sender
            .send(Outgoing::Refusal(-32700, "no".to_owned()))
            .unwrap();
        drop(sender);
        let mut output = Vec::new();
        deliver(&messages, &mut output);
        let refusal = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#;
        let told = String::from_utf8(output).unwrap();
        assert!(told.starts_with("Content-Length: "), "{told}");
        assert!(
            told.ends_with(&format!(
                "Content-Length: {}\r\n\r\n{refusal}",
                refusal.len()
            )),
            "{told}"
        );
    }

    #[test]
    fn half_a_frame_is_the_end() {
        assert_eq!(frames("Content-Length: 10\r\n\r\n{}"), [""; 0]);
        assert_eq!(frames("Content-Le"), [""; 0]);
    }
}
