//! Reads a fault: `METHOD PATH ACTION [OPTION | QUALIFIER]..`, words with white space between them.

use std::str::FromStr;
use std::time::Duration;

use axum::http::{Method, StatusCode, Uri};

use super::path::PathPattern;
use super::reference::{ACTIONS, FaultForm, OPTIONS, QUALIFIERS};
use super::schedule::{Chance, FaultSchedule};
use super::words::FaultWords;
use super::{Action, Fault, FaultError, Garbage, Phase, Race, RetryAfter};
use crate::sandbox::network::OldHost;

/// The methods that clients of the platform use, as meant.
const METHODS: [&str; 6] = ["*", "GET", "POST", "PUT", "PATCH", "DELETE"];

/// The longest time that an answer is held back.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// Reads a fault.
pub(super) fn parse(text: &str) -> Result<Fault, FaultError> {
    let words = &mut FaultWords::of(text)?;
    let method = method(words)?;
    let path = path(words)?;
    let mut action = action(words)?;
    let Tail { phase, schedule } = tail(words, &mut action)?;
    Ok(Fault {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        method,
        path,
        action,
        phase,
        schedule,
    })
}

fn method(words: &mut FaultWords<'_>) -> Result<Option<Method>, FaultError> {
    match words.demand("the method")? {
        "*" => Ok(None),
        word if METHODS.contains(&word) => Method::from_str(word)
            .map(Some)
            .map_err(|_| words.error("it is not a method")),
        _ => Err(words.unknown("a method", &METHODS)),
    }
}

fn path(words: &mut FaultWords<'_>) -> Result<PathPattern, FaultError> {
    let word = words.demand("the path")?;
    if !word.starts_with(['/', '*']) {
        return Err(words
            .error("a path begins with `/` or `*`")
            .help(format!("write `*/{word}` for paths that end so")));
    }
    if let Some(query) = word.find('?') {
        words.narrow(query);
        return Err(words
            .error("the query is not part of the path")
            .help("leave it out: a fault does not look at it"));
    }
    PathPattern::parse(word).map_err(|brace| {
        words.narrow(brace);
        words
            .error("the brace is not closed")
            .help("`{id}` matches one part of a path, `*` any text")
    })
}

fn action(words: &mut FaultWords<'_>) -> Result<Action, FaultError> {
    let word = words.demand("the action")?;
    Ok(match word {
        "lost" => Action::Lost,
        "delay" => Action::Delay(time(words)?),
        "truncate" => Action::Truncate,
        "expire-token" => Action::ExpireToken,
        "race" => Action::Race(race(words)),
        "move" if words.takes("refused") => Action::Move(OldHost::Refuses),
        "move" => Action::Move(OldHost::NotFound),
        "loading" => Action::Loading,
        "garbage" if words.takes("shape") => Action::Garbage(Garbage::Shape),
        "garbage" => Action::Garbage(Garbage::Html),
        "short" => Action::Short(match words.peek() {
            Some(word) if word.starts_with(|first: char| first.is_ascii_digit()) => {
                Some(words.value("a number of rows")?)
            }
            _ => None,
        }),
        "redirect" => redirect(words)?,
        _ if word.starts_with(|first: char| first.is_ascii_digit()) => status(words, word)?,
        _ => {
            let mut known: Vec<_> = ACTIONS.iter().map(FaultForm::word).collect();
            known.dedup();
            return Err(words.unknown("an action", &known));
        }
    })
}

fn status(words: &FaultWords<'_>, word: &str) -> Result<Action, FaultError> {
    word.parse()
        .ok()
        .filter(|code| (400..=599).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .map(|status| Action::Status(status, None))
        .ok_or_else(|| {
            words
                .error(format!("`{word}` is not a status from 400 to 599"))
                .help("202 is `loading`, 301 to 308 are `redirect`")
        })
}

fn time(words: &mut FaultWords<'_>) -> Result<Duration, FaultError> {
    let word = words.demand("the time")?;
    word.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|time| Duration::try_from(time).ok())
        .filter(|time| *time <= LONGEST_DELAY)
        .ok_or_else(|| {
            words
                .error(format!("`{word}` is not a time of at most 10 minutes"))
                .help("write `200ms`, `1.5s` or `1m`")
        })
}

fn race(words: &mut FaultWords<'_>) -> Race {
    let word = words.peek().unwrap_or_default();
    let race = match word.split_once(':') {
        None if word == "edit" => Race::Edit("description".to_owned()),
        None if word == "delete" => Race::Delete,
        Some(("edit", field)) if !field.is_empty() => Race::Edit(field.to_owned()),
        _ => return Race::Revision,
    };
    words.next();
    race
}

fn redirect(words: &mut FaultWords<'_>) -> Result<Action, FaultError> {
    let mut status = StatusCode::TEMPORARY_REDIRECT;
    if let Some(word) = words.peek()
        && let Ok(code) = word.parse::<u16>()
    {
        words.next();
        status = StatusCode::from_u16(code)
            .ok()
            .filter(|_| [301, 302, 303, 307, 308].contains(&code))
            .ok_or_else(|| words.error("a redirect is 301, 302, 303, 307 or 308"))?;
    }
    let word = words.demand("the address")?;
    let is_address = word
        .parse::<Uri>()
        .is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
    if !is_address {
        return Err(words
            .error(format!("`{word}` is not an address"))
            .help("write `http://host:port`"));
    }
    Ok(Action::Redirect(
        status,
        word.trim_end_matches('/').to_owned(),
    ))
}

/// What stands behind the action.
#[derive(Default)]
struct Tail {
    phase: Phase,
    schedule: FaultSchedule,
}

fn tail(words: &mut FaultWords<'_>, action: &mut Action) -> Result<Tail, FaultError> {
    let mut tail = Tail::default();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    while let Some(word) = words.next() {
        let topic = topic(word);
        if let Some((_, earlier)) = seen.iter().find(|(other, _)| *other == topic) {
            return Err(words.error(format!("`{word}` cannot be combined with `{earlier}`")));
        }
        seen.push((topic, word));
        match topic {
            "phase" => tail.phase = phase(words, word, action)?,
            "retry-after" => retry_after(words, word, action)?,
            _ => qualifier(words, word, &mut tail.schedule)?,
        }
    }
    Ok(tail)
}

/// What a word is about; two words about the same thing contradict each other.
fn topic(word: &str) -> &str {
    match word {
        "before-commit" | "after-commit" => "phase",
        "retry-after" | "retry-after-date" => "retry-after",
        "once" => "times",
        _ if times(word).is_some() => "times",
        _ => word,
    }
}

fn times(word: &str) -> Option<&str> {
    word.strip_prefix('x').filter(|number| {
        number.is_empty() || number.starts_with(|first: char| first.is_ascii_digit())
    })
}

fn phase(words: &FaultWords<'_>, word: &str, action: &Action) -> Result<Phase, FaultError> {
    match action {
        Action::Status(..) | Action::Lost | Action::Delay(_) | Action::Garbage(_) => {}
        _ => {
            return Err(words
                .error(format!("this action has no `{word}`"))
                .help("a status, `lost`, `delay` and `garbage` have it"));
        }
    }
    Ok(if word == "after-commit" {
        Phase::AfterCommit
    } else {
        Phase::BeforeCommit
    })
}

fn retry_after(
    words: &mut FaultWords<'_>,
    word: &str,
    action: &mut Action,
) -> Result<(), FaultError> {
    let Action::Status(_, retry_after) = action else {
        return Err(words
            .error(format!("this action has no `{word}`"))
            .help("a status has it, as in `429 retry-after 2`"));
    };
    let seconds = words.value("a number of seconds")?;
    *retry_after = Some(if word == "retry-after" {
        RetryAfter::Seconds(seconds)
    } else {
        RetryAfter::Date(seconds)
    });
    Ok(())
}

fn qualifier(
    words: &mut FaultWords<'_>,
    word: &str,
    schedule: &mut FaultSchedule,
) -> Result<(), FaultError> {
    match word {
        "once" => schedule.times = Some(1),
        "every" => schedule.every = positive(words)?,
        "after" => schedule.skip = words.value("a number of requests")?,
        "p" => schedule.chance = Some(chance(words)?),
        "seed" => {
            return Err(words
                .error("a seed belongs to a chance")
                .help("write `p 0.1 seed 7`"));
        }
        _ => {
            let number = times(word).ok_or_else(|| {
                let forms = OPTIONS.iter().chain(QUALIFIERS);
                words.unknown(
                    "an option or a qualifier",
                    &forms.map(FaultForm::word).collect::<Vec<_>>(),
                )
            })?;
            let count = number.parse().ok().filter(|count| *count > 0);
            schedule.times =
                Some(count.ok_or_else(|| words.error("`x` needs a number from 1, as in `x3`"))?);
        }
    }
    Ok(())
}

fn positive(words: &mut FaultWords<'_>) -> Result<u64, FaultError> {
    match words.value("a number from 1")? {
        0 => Err(words.error("`0` is not a number from 1")),
        number => Ok(number),
    }
}

fn chance(words: &mut FaultWords<'_>) -> Result<Chance, FaultError> {
    let chance: f64 = words.value("a chance from 0 to 1")?;
    if !(0.0..=1.0).contains(&chance) {
        return Err(words.error("a chance is a number from 0 to 1"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is between 0 and a million"
    )]
    let millionths = (chance * 1_000_000.0).round() as u32;
    let mut seed = 0;
    if words.takes("seed") {
        seed = words.value("a seed")?;
    }
    Ok(Chance { millionths, seed })
}
