//! Secrets that somebody wrote into a project file, where only the names of variables and files belong.
//!
//! No complaint, in no format, shows one: [`masked`] is for lines that are quoted, [`redacted`] for messages. What is a
//! secret is told by its key (`clientSecret: hush`), by its place in an address (`https://user:password@host?token=..`),
//! or by its looks, where the name of a variable is expected (`env: sk_live_4eC39HqLyjWDarjtT1zdp7dc`).

use std::ops::Range;

/// What the keys of secrets end with, in small letters.
const KEYS: [&str; 7] = [
    "credentials",
    "secret",
    "password",
    "bearer",
    "token",
    "passphrase",
    "apikey",
];

/// The key of the addresses of webhooks in a project file, which are secrets. Addresses in manifests are for visitors.
const ADDRESS: &str = "url:";

/// The longest file that is searched as a whole: project files are far shorter, and manifests hold no secrets.
const LONGEST: usize = 64 * 1024;

/// The shortest text that is struck out wherever it occurs: shorter ones are parts of ordinary words.
const SHORTEST: usize = 4;

/// The longest part of the name of a variable, `AUTHENTICATION`.
const LONGEST_PART: usize = 14;

/// Whether a file is a project file, by its name.
fn is_project_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".yaml").or(name.strip_suffix(".yml")) == Some("campaignctl")
}

/// A line of the file at a path with its secrets struck out, of the same length. Of a manifest nothing but the line is
/// looked at: it may have thousands of complaints.
#[must_use]
pub fn masked(line: &str, path: &str, file: &str) -> String {
    let is_project = is_project_file(path);
    let mut bytes = line.as_bytes().to_vec();
    for range in in_line(line, is_project) {
        bytes[range].fill(b'*');
    }
    for text in texts(if is_project { file } else { "" }) {
        for range in whole_words(line, &text) {
            bytes[range].fill(b'*');
        }
    }
    // What was struck out were whole characters.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(line.len()))
}

/// A message about a file without the secrets that the file holds.
#[must_use]
pub fn redacted(message: &str, file: &str) -> String {
    let mut texts = texts(file);
    texts.sort_by_key(|text| std::cmp::Reverse(text.len())); // one may be a part of another
    let mut message = message.to_owned();
    for text in &texts {
        let found: Vec<_> = whole_words(&message, text).collect();
        for range in found.into_iter().rev() {
            message.replace_range(range, "********");
        }
    }
    message
}

/// Where a text occurs, not as a part of a longer word.
fn whole_words(around: &str, text: &str) -> impl Iterator<Item = Range<usize>> {
    let found = around.match_indices(text).map(|(at, it)| at..at + it.len());
    found.filter(|range| {
        let before = around[..range.start].chars().next_back();
        let behind = around[range.end..].chars().next();
        let ends = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric());
        ends(before) && ends(behind)
    })
}

/// Whether a text looks like the name of an environment variable, and not like the secret itself: words in letters of one
/// case, none of them long.
#[must_use]
pub fn is_plausible_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|it: char| it.is_ascii_digit());
        let is_one_case = letters.bytes().all(|it| it.is_ascii_uppercase())
            || letters.bytes().all(|it| it.is_ascii_lowercase());
        word.len() <= LONGEST_PART && is_one_case
    };
    !text.is_empty()
        && !text.starts_with(|it: char| it.is_ascii_digit())
        && text.split('_').all(is_word)
}

/// The secrets of a file, as they are written in it.
fn texts(file: &str) -> Vec<String> {
    if file.len() > LONGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut is_below_key = false;
    for line in file.lines() {
        let ranges = in_line(line, true);
        let text = line.trim().trim_matches(['"', '\'']);
        if is_below_key && !text.contains(':') {
            found.push(text.to_owned());
        }
        found.extend(ranges.map(|range| line[range].trim_matches(['"', '\'']).to_owned()));
        is_below_key = keys_of_secrets(line).any(|at| line[at..].trim().is_empty());
    }
    found.retain(|text| text.len() >= SHORTEST);
    found
}

/// The secrets of one line.
fn in_line(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    let of_key = values(line, keys_of_secrets(line));
    let of_webhook = is_project.then(|| behind(line, ADDRESS)).flatten();
    let of_webhook = of_webhook.and_then(|at| value(line, at));
    let named = line.match_indices("env:").filter(move |_| is_project);
    let named = values(line, named.map(|(at, key)| at + key.len()));
    let named =
        named.filter(|range| !is_plausible_name(line[range.clone()].trim_matches(['"', '\''])));
    addresses(line, is_project)
        .chain(of_key)
        .chain(of_webhook)
        .chain(named)
}

/// Users, passwords and queries of addresses.
fn addresses(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    // A line may hold thousands, each inside the one before: how far the last one goes is found once.
    let (mut end, mut query_end) = (0, 0);
    line.match_indices("://").flat_map(move |(at, scheme)| {
        let start = at + scheme.len();
        if end < start {
            let rest = &line[start..];
            let found = rest.find(['"', '\'', ' ', '\t', ',', '}']);
            end = start + found.unwrap_or(rest.len());
        }
        let address = &line[start..end];
        let host = address.find(['/', '?', '#']).unwrap_or(address.len());
        let user = address[..host].rfind('@').map(|user| start..start + user);
        let asks = is_project && query_end <= start;
        let query = asks.then(|| address.find('?')).flatten();
        let query = query.map(|query| start + query + 1..end);
        query_end = if asks { end } else { query_end };
        [user, query].into_iter().flatten()
    })
}

/// Where the values of keys start whose values are secrets.
fn keys_of_secrets(line: &str) -> impl Iterator<Item = usize> {
    line.match_indices(':').filter_map(|(at, _)| {
        let before = line[..at].trim_end_matches(['"', '\'']).as_bytes();
        let ends_with = |key: &&str| -> bool {
            let start = before.len().checked_sub(key.len());
            start.is_some_and(|start| before[start..].eq_ignore_ascii_case(key.as_bytes()))
        };
        KEYS.iter().any(ends_with).then_some(at + 1)
    })
}

/// The values that start at places of a line. One that starts inside of the one before is a part of it.
fn values(line: &str, starts: impl Iterator<Item = usize>) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    starts.filter_map(move |at| {
        if at < end {
            return None;
        }
        let value = value(line, at)?;
        end = value.end;
        Some(value)
    })
}

fn behind(line: &str, key: &str) -> Option<usize> {
    line.find(key).map(|at| at + key.len())
}

/// The value that starts at a place of a line, unless it is a reference `{ env: NAME }`.
fn value(line: &str, at: usize) -> Option<Range<usize>> {
    let rest = &line[at..];
    let start = at + rest.len() - rest.trim_start().len();
    let value = &line[start..];
    if value.starts_with('{') {
        return None;
    }
    let end = value.find([',', '}']).unwrap_or(value.len());
    let end = value[..end].trim_end().len();
    (end > 0).then_some(start..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_struck_out_and_columns_stay() {
        for (line, shown) in [
            (
                "  ledger: https://ann:pä@x.example/a@b",
                "  ledger: https://*******@x.example/a@b",
            ),
            ("a: b://c@d e://f@g", "a: b://*@d e://*@g"),
            (
                "see https://x.example, me@x.example",
                "see https://x.example, me@x.example",
            ),
            (
                "domainApi: 'https://x.example/a?token=hush&b=c'",
                "domainApi: 'https://x.example/a?**************'",
            ),
            (
                "{ clientSecret: hush , bearer: { env: B } }",
                "{ clientSecret: **** , bearer: { env: B } }",
            ),
            (
                "credentials: { clientSecret: hush, password: word }",
                "credentials: { clientSecret: ****, password: **** }",
            ),
            ("refreshToken: \"hush\"", "refreshToken: ******"),
            ("password: { file: p }", "password: { file: p }"),
            ("password:", "password:"),
            ("{ env: LP_CLIENT_ID }", "{ env: LP_CLIENT_ID }"),
            ("{ env: SECRETLOOKINGVAR }", "{ env: **************** }"),
            ("{ env: sk_live_4eC39HqL }", "{ env: **************** }"),
            ("url: https://x.example/hook", "url: **********************"),
            (
                "notify: [{ url: https://x.example/hook }]",
                "notify: [{ url: ********************** }]",
            ),
        ] {
            assert_eq!(masked(line, "sub/campaignctl.yaml", line), shown);
        }
        let goal = "url: https://x.example/thanks?a=b";
        assert_eq!(masked(goal, "goals.yaml", goal), goal);
    }

    #[test]
    fn keys_and_addresses_inside_of_each_other_are_struck_out_once() {
        for (line, shown) in [
            ("token: token: a, token: b", "token: ********, token: *"),
            ("TOKEN: { token: a }", "TOKEN: { token: * }"),
            ("a://b?c://d?e f://g?h", "a://b?******* f://g?*"),
            ("a://b@c://d@e", "a://*@c://*@e"),
            ("env: env: a!, env: B", "env: *******, env: B"),
        ] {
            assert_eq!(masked(line, "campaignctl.yaml", ""), shown);
        }
        // Minutes, were each looked for from the start of the line or to its end.
        for part in ["token: ", "://a@b?", ":", "env: ", "token: { "] {
            let line = part.repeat(200_000);
            assert_eq!(masked(&line, "campaignctl.yaml", "").len(), line.len());
        }
    }

    #[test]
    fn a_secret_is_struck_out_wherever_it_is_repeated() {
        let file = "credentials:\n  clientSecret:\n    hunter2\n  password: 'swordfish'\n";
        assert_eq!(
            masked("    hunter2", "campaignctl.yaml", file),
            "    *******"
        );
        assert_eq!(
            redacted("`hunter2` and `swordfish` are no mappings", file),
            "`********` and `********` are no mappings"
        );
    }

    #[test]
    fn names_of_variables_look_like_names() {
        for name in [
            "LP_CLIENT_SECRET",
            "lp_token",
            "TOKEN2",
            "B",
            "CI_JOB_TOKEN",
            "_X",
        ] {
            assert!(is_plausible_name(name), "{name}");
        }
        for secret in [
            "",
            "hunter2!",
            "3f9a0c",
            "a1b2c3d4e5f6",
            "SECRETLOOKINGVAR",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "eyJhbGciOi.x.y",
        ] {
            assert!(!is_plausible_name(secret), "{secret}");
        }
    }
}
