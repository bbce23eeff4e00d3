//! What a file of recipients holds: how many, what is wrong, and digests by which it is known again.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::codes::{COUNT, TWICE};
use super::keyed::{DigestKey, Mac};
use super::masked::Masked;
use super::reading::{Recipient, RecipientReading, RowFault};
use crate::diag::{Diagnostic, Diags, Location, Texts};
use crate::text::{Source, Span};

/// How many recipients a request has at most: the newest of the published limits (platform.md#proactive-sends).
pub const BATCH: u32 = 100;

/// How many recipients a launch has at most, and an account in a day for each channel.
pub const MOST: u32 = 100_000;

/// How many faults are told; the others are counted.
const TOLD: usize = 50;

/// What a file of recipients holds.
#[derive(Debug, Default)]
pub struct RecipientSurvey {
    /// How many recipients there are.
    pub count: u32,
    /// A keyed digest of each batch.
    pub batches: Vec<String>,
    /// A keyed digest of all of them.
    pub digest: String,
    /// The longest value of each variable, in characters.
    pub longest: BTreeMap<String, usize>,
    /// The first faults.
    pub faults: Vec<RowFault>,
    /// How many faults there are.
    pub fault_count: usize,
}

impl RecipientSurvey {
    fn fault(&mut self, fault: RowFault) {
        self.fault_count += 1;
        if self.faults.len() < TOLD {
            self.faults.push(fault);
        }
    }
}

/// Goes through a file of recipients.
pub fn survey<R: BufRead>(
    reading: RecipientReading<R>,
    key: &DigestKey,
    batch: u32,
) -> RecipientSurvey {
    let mut found = RecipientSurvey::default();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut under_way: Option<Mac> = None;
    let mut last = 1;
    for row in reading {
        let recipient = match row {
            Ok(recipient) => recipient,
            Err(fault) => {
                last = fault.line;
                found.fault(fault);
                continue;
            }
        };
        last = recipient.line;
        if found.count >= MOST {
            let message = format!("there are more than {MOST} recipients");
            found.fault(whole(
                last,
                message,
                "split the file: the platform takes no more in a day",
            ));
            break;
        }
        if let Some(first) = seen.get(&recipient.consumer) {
            found.fault(twice(&recipient, *first));
        } else {
            seen.insert(recipient.consumer.clone(), recipient.line);
        }
        for (name, value) in &recipient.variables {
            let longest = found.longest.entry(name.clone()).or_default();
            *longest = (*longest).max(value.chars().count());
        }
        add(under_way.get_or_insert_with(|| key.digest()), &recipient);
        found.count += 1;
        if found.count.is_multiple_of(batch) {
            found.batches.extend(under_way.take().map(Mac::finish));
        }
    }
    found.batches.extend(under_way.map(Mac::finish));
    if found.count == 0 && found.faults.is_empty() {
        let help = "a recipient is a line with its values";
        found.fault(whole(last, "there are no recipients".to_owned(), help));
    }
    let mut all = key.digest();
    found.batches.iter().for_each(|batch| all.text(batch));
    found.digest = all.finish();
    found
}

fn add(mac: &mut Mac, recipient: &Recipient) {
    mac.text(&recipient.consumer);
    for (name, value) in &recipient.variables {
        mac.text(name);
        mac.text(value);
    }
    mac.text("");
}

fn whole(line: u64, message: String, help: &str) -> RowFault {
    RowFault {
        code: &COUNT,
        line,
        message,
        help: help.to_owned(),
        other: None,
        shown: Masked {
            text: String::new(),
            part: 0..0,
        },
    }
}

fn twice(recipient: &Recipient, first: u64) -> RowFault {
    let shown = super::masked::of_csv(&recipient.consumer, b',', None);
    RowFault {
        code: &TWICE,
        line: recipient.line,
        message: format!("this recipient is on line {first} already"),
        help: "remove one of the two".to_owned(),
        other: Some(first),
        shown,
    }
}

/// The faults as complaints about a file of which nothing but the shape of those lines is shown.
#[must_use]
pub fn complaints(path: &str, survey: &RecipientSurvey) -> (Diags, Texts) {
    let mut lines: BTreeMap<u64, String> = BTreeMap::new();
    for fault in &survey.faults {
        lines
            .entry(fault.line)
            .or_insert_with(|| fault.shown.text.clone());
    }
    let mut text = String::new();
    let mut starts = BTreeMap::new();
    let mut number = 1;
    for (line, shown) in &lines {
        while number < *line {
            text.push('\n');
            number += 1;
        }
        starts.insert(*line, text.len());
        text.push_str(shown);
    }
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: path.to_owned(),
        text,
    });
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let complaint = |fault: &RowFault| {
        let start = starts.get(&fault.line).copied().unwrap_or_default();
        let is_shown = lines.get(&fault.line) == Some(&fault.shown.text);
        let part = if is_shown {
            fault.shown.part.clone()
        } else {
            0..0
        };
        let span = Span {
            start: place(start + part.start),
            end: place(start + part.end),
        };
        let at = Location::Span(file, span);
        Diagnostic::new(fault.code, at, fault.message.clone()).help(fault.help.clone())
    };
    (survey.faults.iter().map(complaint).collect(), texts)
}

/// The recipients in batches, each with its keyed digest. A fault ends them.
pub struct Batches<R> {
    reading: RecipientReading<R>,
    key: DigestKey,
    size: u32,
    is_over: bool,
}

impl<R: BufRead> Batches<R> {
    /// The recipients in batches of this size.
    pub fn new(reading: RecipientReading<R>, key: DigestKey, size: u32) -> Self {
        Self {
            reading,
            key,
            size,
            is_over: false,
        }
    }
}

impl<R: BufRead> Iterator for Batches<R> {
    type Item = Result<(Vec<Recipient>, String), RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut batch = Vec::new();
        let mut mac = self.key.digest();
        for row in self.reading.by_ref().take(self.size as usize) {
            match row {
                Ok(recipient) => {
                    add(&mut mac, &recipient);
                    batch.push(recipient);
                }
                Err(fault) => {
                    self.is_over = true;
                    return Some(Err(fault));
                }
            }
        }
        (!batch.is_empty()).then(|| Ok((batch, mac.finish())))
    }
}
