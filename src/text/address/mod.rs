//! Addresses as they may be shown: scheme, host, port and path; never the user, the password, the query or the fragment.
//!
//! `https://user:pa/ss@host` is no URL: a parser takes `pa` for a port, and refuses. Whoever shows such a text whole shows
//! the password. So nothing of an address is shown because no secret was found in it, but only because all of it has the
//! one plain form ([`AddressForm`]); of any other, its scheme and a host that is certain are all that is left.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for whatever is not shown.
const STRUCK: &str = "***";

/// What ends the part of an address that names the host.
const BEHIND_HOST: [char; 4] = ['/', '\\', '?', '#'];

/// The schemes of the addresses that people write into a project. What is in front of a `://` may be a password too.
const SCHEMES: [&str; 9] = [
    "http", "https", "s3", "gs", "az", "ftp", "file", "ws", "wss",
];

/// The schemes of object stores: what follows is a bucket, which has no port.
const STORES: [&str; 3] = ["s3", "gs", "az"];

/// The marks of a user and a password, also in the forms that parsers undo: escaped, and as wide as an ideograph.
const MARKS: [&str; 4] = ["@", "\u{ff20}", "\u{fe6b}", "%40"];

/// The same for what is between a user and a password.
const COLONS: [&str; 3] = ["\u{ff1a}", "\u{fe55}", "%3a"];

/// What an address is, as far as its spelling says so without any doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressForm {
    /// `scheme://host[:port][/path][?query][#fragment]`.
    Url,
    /// The same without a scheme.
    Host,
    /// A path of a file, `ledgers/me@corp/production.json`.
    Path,
    /// Something else: it may hold a password anywhere.
    Odd,
}

impl AddressForm {
    /// The form of an address.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let has = |marks: &[&str]| {
            let small = address.to_lowercase();
            marks.iter().any(|mark| small.contains(mark))
        };
        if has(&COLONS) || has(&MARKS[1..]) || address.contains(char::is_control) {
            return Self::Odd;
        }
        let url = address.split_once("://");
        let (scheme, rest) = url.map_or(("", address), |(scheme, rest)| (scheme, rest));
        let host = rest.split(BEHIND_HOST).next().unwrap_or_default();
        let is_marked = address.contains(['@', '\\']);
        let is_scheme = url.is_none() || SCHEMES.contains(&&*scheme.to_lowercase());
        if !is_marked && is_scheme && is_authority(host, &scheme.to_lowercase()) {
            return if url.is_some() { Self::Url } else { Self::Host };
        }
        if is_path(address) {
            Self::Path
        } else {
            Self::Odd
        }
    }
}

/// Whether a text is a host, maybe with a port.
fn is_authority(text: &str, scheme: &str) -> bool {
    let is_host = |host: &str| {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || ".-_".contains(it);
        !host.is_empty() && host.chars().all(is_plain)
    };
    let is_port = |port: &str| {
        let is_number = port.bytes().all(|it| it.is_ascii_digit());
        is_number && port.parse::<u16>().is_ok() && !STORES.contains(&scheme)
    };
    if let Some(rest) = text.strip_prefix('[') {
        let is_part = |it: char| it.is_ascii_hexdigit() || ":.".contains(it);
        return rest.split_once(']').is_some_and(|(host, port)| {
            let is_six = host.contains(':') && host.chars().all(is_part);
            is_six && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        });
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

/// Whether a text is a path of a file: it has no colon but that of a drive, does not begin as a URL that lost a letter,
/// and has no query.
fn is_path(text: &str) -> bool {
    let drive = text.as_bytes();
    let has_drive = drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':';
    let has_drive = has_drive && matches!(drive[2], b'/' | b'\\');
    let rest = if has_drive { &text[2..] } else { text };
    let is_url_like = |scheme: &&str| {
        let behind = text.strip_prefix(*scheme);
        behind.is_some_and(|it| it.starts_with("//") || it.starts_with("\\\\"))
    };
    let asks = text.contains(['?', '#']) && text.contains(['=', '&', '@']);
    !rest.contains(':') && !text.starts_with("//") && !asks && !SCHEMES.iter().any(is_url_like)
}

/// What of an address is not shown.
#[must_use]
pub fn struck(address: &str) -> Vec<Range<usize>> {
    let all = 0..address.len();
    match AddressForm::of(address) {
        AddressForm::Url | AddressForm::Host => {
            let asks = address.find(['?', '#']).map(|at| at + 1..address.len());
            asks.into_iter().filter(|range| !range.is_empty()).collect()
        }
        AddressForm::Path if !address.contains('@') => Vec::new(),
        AddressForm::Path | AddressForm::Odd => {
            let scheme = address.find("://").filter(|at| {
                let scheme = address[..*at].to_lowercase();
                SCHEMES.contains(&&*scheme)
            });
            let start = scheme.map_or(0, |at| at + "://".len());
            match certain_host(&address[start..]) {
                Some(host) => {
                    let behind = start + host.end..address.len();
                    let ranges = [start..start + host.start, behind];
                    ranges.into_iter().filter(|it| !it.is_empty()).collect()
                }
                None => std::iter::once(start..all.end)
                    .filter(|it| !it.is_empty())
                    .collect(),
            }
        }
    }
}

/// The host behind the last `@`, where nothing that follows could belong to a password: it has a dot or is this computer,
/// and at most a port and a path.
fn certain_host(rest: &str) -> Option<Range<usize>> {
    let at = rest.rfind('@')?;
    let behind = &rest[at + 1..];
    let host = behind.split(['/', ':']).next().unwrap_or_default();
    let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || ".-".contains(it);
    let is_host = host.chars().all(is_plain) && (host.contains('.') || host == "localhost");
    let asks = rest[..at].contains(['?', '#']);
    (is_host && !asks).then_some(at..at + 1 + host.len())
}

/// An address as it may be shown. Where it is not clear whether something is a password, it is struck out.
#[must_use]
pub fn shown(address: &str) -> String {
    let mut shown = address.to_owned();
    for range in struck(address).into_iter().rev() {
        shown.replace_range(range, STRUCK);
    }
    shown
}

/// Whether a text can be meant as a path of a file.
#[must_use]
pub fn may_be_path(text: &str) -> bool {
    AddressForm::of(text) != AddressForm::Odd && is_path(text)
}

/// A path as it may be shown, or whatever address was written in its place.
#[must_use]
pub fn shown_path(path: &str) -> Cow<'_, str> {
    if may_be_path(path) {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(shown(path))
    }
}

/// Where an address goes on behind its scheme, also behind `https:/` or `https//`; 0 where it begins with none.
fn behind_scheme(address: &str) -> usize {
    let is_of_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    let rest = address.trim_start_matches(is_of_scheme);
    let host = rest.trim_start_matches([':', '/', '\\']);
    let between = &rest[..rest.len() - host.len()];
    let is_scheme = between.len() >= 2 && between.contains(['/', '\\']);
    if is_scheme {
        address.len() - host.len()
    } else {
        0
    }
}

/// Where the user and the password of an address are that is a word of some text. A `@` in a path is none:
/// `https://host:8443/@team`.
#[must_use]
pub fn credentials(address: &str) -> Option<Range<usize>> {
    let start = behind_scheme(address);
    Some(start..start + end_of_credentials(&address[start..])?)
}

/// Where the user and the password end in what is behind a scheme.
#[must_use]
pub fn end_of_credentials(rest: &str) -> Option<usize> {
    let at = rest.rfind('@')?;
    let host = rest.split(BEHIND_HOST).next().unwrap_or_default();
    let port = host.rsplit_once(']').map_or(host, |(_, port)| port); // an IPv6 address has colons of its own
    let has_password = port
        .split_once(':')
        .is_some_and(|(_, text)| text.parse::<u16>().is_err());
    (host.contains('@') || has_password).then_some(at)
}

/// A message whose addresses hold no credentials.
#[must_use]
pub fn without_credentials(message: &str) -> Cow<'_, str> {
    if !message.contains('@') {
        return Cow::Borrowed(message);
    }
    let is_between = |it: char| it.is_whitespace() || "`\"'<>(){}".contains(it);
    let parts = message.split_inclusive(is_between).map(|part| {
        let word = part.trim_end_matches(is_between);
        match credentials(word).filter(|_| word.contains("//")) {
            Some(range) => {
                let asks = word.find('?').filter(|at| *at > range.end);
                let query = asks.map_or(String::new(), |_| format!("?{STRUCK}"));
                let behind = &word[range.end..asks.unwrap_or(word.len())];
                let scheme = &word[..range.start];
                let between = &part[word.len()..];
                Cow::Owned(format!("{scheme}{STRUCK}{behind}{query}{between}"))
            }
            None => Cow::Borrowed(part),
        }
    });
    Cow::Owned(parts.collect())
}

#[cfg(test)]
mod tests;
