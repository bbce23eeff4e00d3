//! The file of a set: a first line that says what follows and of what it is, then a line for each question and each object.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::asked::{MatchQuestion, MatchSubject};
use super::{Digest, Match, Matches, Number};
use crate::live::CacheOwner;

/// The format of the file.
pub const MATCHES_FORMAT: &str = "campaignctl.matches/v1";

/// What is wrong with a file.
const DAMAGED: &str = "it is damaged";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MatchesHead {
    format: String,
    program: String,
    account: String,
    host: String,
    since: String,
    table: String,
    /// How many of the lines that follow are questions.
    questions: usize,
    /// The SHA-256 of the three fields above and all that follows.
    digest: String,
}

impl MatchesHead {
    fn seal(&self, rest: &str) -> String {
        let Self {
            since,
            table,
            questions,
            ..
        } = self;
        let head = format!("{since}\n{table}\n{questions}\n");
        hex(&Sha256::new_with_prefix(head)
            .chain_update(rest)
            .finalize()
            .into())
    }
}

impl Matches {
    /// Reads the content of a file.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(
        text: &str,
        owner: &CacheOwner,
        program: &str,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let (head, rest) = text.split_once('\n').ok_or(DAMAGED)?;
        let found: Value = serde_json::from_str(head).map_err(|_| DAMAGED)?;
        if found.get("format").and_then(Value::as_str) != Some(MATCHES_FORMAT) {
            return Err("it has another format");
        }
        let head: MatchesHead = serde_json::from_value(found).map_err(|_| DAMAGED)?;
        if head.program != program {
            return Err("another build of campaignctl wrote it");
        }
        if head.account != owner.account || head.host != owner.host {
            return Err("it is of another account or host");
        }
        if head.digest != head.seal(rest) {
            return Err(DAMAGED);
        }
        let table = digest(&head.table).ok_or(DAMAGED)?;
        let since = head.since.parse().map_err(|_| DAMAGED)?;
        let mut lines = rest.lines();
        let questions = lines.by_ref().take(head.questions).map(question);
        let questions: Vec<_> = questions.collect::<Option<_>>().ok_or(DAMAGED)?;
        let objects = lines.map(|line| object(line, questions.len()));
        let objects: BTreeMap<_, _> = objects.collect::<Option<_>>().ok_or(DAMAGED)?;
        let matches = Self {
            program: head.program,
            since,
            table,
            questions,
            objects,
        };
        if matches.is_young(now) {
            Ok(matches)
        } else {
            Err("it is older than a day")
        }
    }

    /// The content of the file.
    #[must_use]
    pub fn write(&self, owner: &CacheOwner) -> String {
        let mut rest = String::new();
        for (MatchQuestion { what, kind, about }, answer) in &self.questions {
            let word = MatchSubject::ALL.iter().find(|(_, it)| it == what);
            let word = word.map_or("", |(word, _)| word);
            let _ = writeln!(rest, "{word}\t{kind}\t{about}\t{answer}"); // a text takes everything
        }
        for (key, Match { equal, asked }) in &self.objects {
            let asked: Vec<String> = asked.iter().map(Number::to_string).collect();
            let _ = writeln!(rest, "{}\t{equal}\t{}", hex(key), asked.join(","));
        }
        let mut head = MatchesHead {
            format: MATCHES_FORMAT.to_owned(),
            program: self.program.clone(),
            account: owner.account.clone(),
            host: owner.host.clone(),
            since: self.since.to_string(),
            table: hex(&self.table),
            questions: self.questions.len(),
            digest: String::new(),
        };
        head.digest = head.seal(&rest);
        let head = serde_json::to_string(&head).unwrap_or_default();
        format!("{head}\n{rest}")
    }
}

fn question(line: &str) -> Option<(MatchQuestion, String)> {
    let mut parts = line.split('\t');
    let (word, kind) = (parts.next()?, parts.next()?);
    let (about, answer) = (parts.next()?, parts.next()?);
    let (_, what) = MatchSubject::ALL
        .into_iter()
        .find(|(known, _)| *known == word)?;
    let question = MatchQuestion::read(what, kind, about)?;
    parts
        .next()
        .is_none()
        .then(|| (question, answer.to_owned()))
}

fn object(line: &str, questions: usize) -> Option<(Digest, Match)> {
    let mut parts = line.split('\t');
    let (key, equal, asked) = (parts.next()?, parts.next()?, parts.next()?);
    let asked = asked.split(',').filter(|number| !number.is_empty());
    let asked: Vec<Number> = asked.map(|it| it.parse().ok()).collect::<Option<_>>()?;
    let is_sound = parts.next().is_none() && asked.iter().all(|it| (*it as usize) < questions);
    let equal = equal.parse().ok()?;
    is_sound.then_some((digest(key)?, Match { equal, asked }))
}

fn hex(digest: &Digest) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a text takes everything
        text
    })
}

fn digest(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if text.len() != 2 * digest.len() || !text.is_ascii() {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(digest)
}
