//! Secrets that somebody wrote into a file where only their names belong: no complaint shows them.

use std::ops::Range;

/// The keys of project files whose values are secrets, unless they are references.
const KEYS: [&str; 3] = ["clientSecret:", "password:", "bearer:"];

/// The key of the webhooks of a project file, and that of their addresses, which are secrets.
const WEBHOOKS: (&str, &str) = ("notify:", "url:");

/// A line of a file with its secrets struck out, of the same length.
pub(super) fn masked(line: &str, file: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    let (around, key) = WEBHOOKS;
    let address = value(line, key).filter(|_| file.contains(around));
    let values = KEYS.iter().filter_map(|key| value(line, key));
    for range in users(line).chain(values).chain(address) {
        bytes[range].fill(b'*');
    }
    // What was struck out were whole characters.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(line.len()))
}

/// Users and passwords in addresses: `https://USER:PASSWORD@host`.
fn users(line: &str) -> impl Iterator<Item = Range<usize>> {
    line.match_indices("://").filter_map(|(at, scheme)| {
        let start = at + scheme.len();
        let rest = &line[start..];
        let end = rest.find(|c: char| "/?#\"' \t".contains(c));
        let user = rest[..end.unwrap_or(rest.len())].rfind('@')?;
        Some(start..start + user)
    })
}

/// The value behind a key, unless it is a reference `{ env: NAME }`.
fn value(line: &str, key: &str) -> Option<Range<usize>> {
    let behind = line.find(key)? + key.len();
    let rest = &line[behind..];
    let start = behind + rest.len() - rest.trim_start().len();
    let value = &line[start..];
    let end = value.find([',', '}']).unwrap_or(value.len());
    let end = value[..end].trim_end().len();
    (!value.starts_with('{')).then_some(start..start + end)
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
                "{ clientSecret: hush , bearer: { env: B } }",
                "{ clientSecret: **** , bearer: { env: B } }",
            ),
            ("password: { file: p }", "password: { file: p }"),
            ("password:", "password:"),
            ("url: https://x.example/hook", "url: https://x.example/hook"),
            (
                "notify: [{ url: https://x.example/hook }]",
                "notify: [{ url: ********************** }]",
            ),
        ] {
            assert_eq!(masked(line, line), shown);
        }
    }
}
