//! The rows of a file of recipients, one at a time, each with the text that it is in.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use csv::ByteRecord;

/// The longest row: a variable has 1,550 characters at most, and files have other columns beside.
const ROW_MAX: usize = 1 << 20;

/// A row of a CSV file.
pub(super) struct CsvRow {
    /// The line that it starts on.
    pub(super) line: u64,
    /// The text of that line.
    pub(super) text: String,
    /// Its fields, or why there are none.
    pub(super) fields: Result<Vec<Vec<u8>>, String>,
}

/// What was read and is not given back yet.
#[derive(Default)]
struct KeptBytes {
    bytes: Vec<u8>,
    /// Where in the file it starts.
    at: u64,
}

/// A reader that keeps what it reads.
struct KeepingReader<R> {
    inner: R,
    kept: Rc<RefCell<KeptBytes>>,
}

impl<R: Read> Read for KeepingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut kept = self.kept.borrow_mut();
        kept.bytes.extend_from_slice(&buffer[..count]);
        if kept.bytes.len() > 2 * ROW_MAX {
            let why = "a row is longer than a mebibyte, probably for a quote that is not closed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(count)
    }
}

/// The rows of a CSV file, its first line among them.
pub(super) struct CsvRows<R> {
    reader: csv::Reader<KeepingReader<R>>,
    kept: Rc<RefCell<KeptBytes>>,
    /// What fields are separated by.
    pub(super) delimiter: u8,
    is_over: bool,
}

impl<R: BufRead> CsvRows<R> {
    /// Looks at the first line for what separates fields: a comma, or the semicolon or tab of some spreadsheets.
    pub(super) fn new(mut inner: R) -> io::Result<Self> {
        let head = inner.fill_buf()?;
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |wanted: u8| first.split(|byte| *byte == wanted).count();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .rev()
            .max_by_key(|it| count(*it))
            .unwrap_or(b',');
        let kept = Rc::<RefCell<KeptBytes>>::default();
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(KeepingReader {
                inner,
                kept: Rc::clone(&kept),
            });
        Ok(Self {
            reader,
            kept,
            delimiter,
            is_over: false,
        })
    }
}

impl<R: BufRead> Iterator for CsvRows<R> {
    type Item = CsvRow;

    fn next(&mut self) -> Option<CsvRow> {
        if self.is_over {
            return None;
        }
        let start = self.reader.position().clone();
        let mut record = ByteRecord::new();
        let read = self.reader.read_byte_record(&mut record);
        let end = self.reader.position().byte();
        let (blank, text) = text_of(&mut self.kept.borrow_mut(), start.byte(), end);
        let line = start.line() + blank;
        let fields = match read {
            Ok(false) => return None,
            Ok(true) => Ok(record.iter().map(<[u8]>::to_vec).collect()),
            Err(error) => {
                self.is_over = true;
                Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) => error.to_string(),
                    _ => "it is not CSV".to_owned(),
                })
            }
        };
        Some(CsvRow { line, text, fields })
    }
}

/// The first line that is not blank between two places of the file, and how many blank ones lie before it. What lies
/// before the end is not needed any more.
fn text_of(kept: &mut KeptBytes, start: u64, end: u64) -> (u64, String) {
    let index = |at: u64| usize::try_from(at.saturating_sub(kept.at)).unwrap_or(usize::MAX);
    let length = kept.bytes.len();
    let (from, to) = (index(start).min(length), index(end).min(length));
    let mut blank = 0;
    let mut lines = kept.bytes[from..to.max(from)].split(|byte| *byte == b'\n');
    let line = loop {
        match lines.next() {
            Some(line) if line.trim_ascii().is_empty() => blank += 1,
            Some(line) => break line,
            None => break &[],
        }
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(&line[..line.len().min(4096)]).into_owned();
    kept.bytes.drain(..to);
    kept.at += to as u64;
    (blank, text)
}

/// The lines of a file of JSON lines that are not blank, with their numbers.
pub(super) struct RecipientLines<R> {
    inner: R,
    number: u64,
}

impl<R: BufRead> RecipientLines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, number: 0 }
    }
}

impl<R: BufRead> Iterator for RecipientLines<R> {
    type Item = (u64, Result<Vec<u8>, String>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = Vec::new();
            let mut bounded = (&mut self.inner).take(ROW_MAX as u64);
            let read = bounded.read_until(b'\n', &mut line);
            self.number += 1;
            match read {
                Err(error) => return Some((self.number, Err(error.to_string()))),
                Ok(0) => return None,
                Ok(ROW_MAX) => {
                    let why = "the line is longer than a mebibyte".to_owned();
                    return Some((self.number, Err(why)));
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => return Some((self.number, Ok(line))),
            }
        }
    }
}
