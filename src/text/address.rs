//! Addresses as they may be shown: without the user, the password and the query, however malformed they are.
//!
//! `https://user:pa/ss@host` is no URL: a parser takes `pa` for a port, and refuses. Whoever shows such a text whole shows
//! the password. So what is struck out is found by its signs, and no parser is asked: everything before the last `@`, if
//! a `:` comes before it or nothing of a path does.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for credentials, and for a query.
const STRUCK: &str = "***";

/// What ends the part of an address that names the host.
const BEHIND_HOST: [char; 4] = ['/', '\\', '?', '#'];

/// Where an address goes on behind its scheme, be it `https:/` or `https//`; 0 where it begins with none.
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

/// Where the user and the password of an address are. A `@` in a path is none: `https://host:8443/@team`.
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

/// An address as it may be shown. Where it is not clear whether something is a password, it is struck out.
#[must_use]
pub fn shown(address: &str) -> String {
    let start = behind_scheme(address);
    let (scheme, rest) = address.split_at(start);
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) if user.contains(':') || !user.contains(BEHIND_HOST) => {
            (format!("{STRUCK}@"), rest)
        }
        _ => (String::new(), rest),
    };
    let query = rest.find('?').unwrap_or(rest.len());
    let asks = if query < rest.len() { "?" } else { "" };
    let asked = if query < rest.len() { STRUCK } else { "" };
    format!("{scheme}{user}{}{asks}{asked}", &rest[..query])
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
            Some(_) => Cow::Owned(format!("{}{}", shown(word), &part[word.len()..])),
            None => Cow::Borrowed(part),
        }
    });
    Cow::Owned(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_whatever_is_like_an_address() {
        for scheme in [
            "https://",
            "https:/",
            "https//",
            "HTTPS:\\\\",
            "s3://",
            "//",
            "",
        ] {
            for password in [
                "word", "pa/ss", "pa?ss", "pa#ss", "p@ss", "pa:ss", "pa ss", "1/2", "pa\\ss",
            ] {
                let address = format!("{scheme}user:{password}@host/path");
                assert_eq!(shown(&address), format!("{scheme}***@host/path"));
                let found = credentials(&address);
                let end = address.rfind('@').unwrap();
                let is_port = password.starts_with('1'); // may be a port and a path
                assert_eq!(found, (!is_port).then_some(scheme.len()..end), "{address}");
            }
        }
        assert_eq!(shown("https://token@host"), "https://***@host");
        assert_eq!(shown("https://host/?token=x"), "https://host/?***");
    }

    #[test]
    fn what_holds_none_is_shown_whole() {
        for address in [
            "https://host",
            "https://host:8443/a/b",
            "https://[::1]:8443/a",
            "s3://bucket/team@corp/ledger.json",
            "ledgers/me@corp/production.json",
            "C:\\Users\\me@corp\\ledger.json",
            "C:/Users/me@corp/ledger.json",
            "api.liveperson.net",
        ] {
            assert_eq!(shown(address), address);
            assert_eq!(credentials(address), None, "{address}");
        }
        assert_eq!(credentials("https://host:8443/@team"), None);
        assert_eq!(credentials("https://[::1]:8443/@team"), None);
    }

    #[test]
    fn a_message_keeps_everything_else() {
        let message =
            "cannot read `https://u:pa/ss@host/x`: ask \"ops@example.com\", see https://host/@team";
        assert_eq!(
            without_credentials(message),
            "cannot read `https://***@host/x`: ask \"ops@example.com\", see https://host/@team"
        );
    }
}
