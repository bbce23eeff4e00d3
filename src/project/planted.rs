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

/// The longest part of the name of a variable, `PRODUCTION`.
const LONGEST_PART: usize = 12;

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
        for (at, _) in line.match_indices(&text) {
            bytes[at..at + text.len()].fill(b'*');
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
    texts.iter().fold(message.to_owned(), |message, text| {
        message.replace(text, "********")
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
        is_below_key = key_of_secret(line).is_some_and(|at| line[at..].trim().is_empty());
    }
    found.retain(|text| text.len() >= SHORTEST);
    found
}

/// The secrets of one line.
fn in_line(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    let of_key = key_of_secret(line).and_then(|at| value(line, at));
    let of_webhook = is_project.then(|| behind(line, ADDRESS)).flatten();
    let of_webhook = of_webhook.and_then(|at| value(line, at));
    let named = line.match_indices("env:").filter(move |_| is_project);
    let named = named.filter_map(|(at, key)| {
        let range = value(line, at + key.len())?;
        (!is_plausible_name(line[range.clone()].trim_matches(['"', '\'']))).then_some(range)
    });
    addresses(line, is_project)
        .chain(of_key)
        .chain(of_webhook)
        .chain(named)
}

/// Users, passwords and queries of addresses.
fn addresses(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    line.match_indices("://").flat_map(move |(at, scheme)| {
        let start = at + scheme.len();
        let rest = &line[start..];
        let end = rest
            .find(['"', '\'', ' ', '\t', ',', '}'])
            .unwrap_or(rest.len());
        let host = rest[..end].find(['/', '?', '#']).unwrap_or(end);
        let user = rest[..host].rfind('@').map(|user| start..start + user);
        let query = rest[..end]
            .find('?')
            .map(|query| start + query + 1..start + end);
        [user, query.filter(|_| is_project)].into_iter().flatten()
    })
}

/// Where the value of a key starts whose value is a secret.
fn key_of_secret(line: &str) -> Option<usize> {
    line.match_indices(':').find_map(|(at, _)| {
        let before = line[..at]
            .trim_end_matches(['"', '\''])
            .to_ascii_lowercase();
        let is_key = KEYS.iter().any(|key| before.ends_with(key));
        is_key.then_some(at + 1)
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
    let end = value.find([',', '}']).unwrap_or(value.len());
    let end = value[..end].trim_end().len();
    (end > 0 && !value.starts_with('{')).then_some(start..start + end)
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
