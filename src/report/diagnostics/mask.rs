//! Secrets that somebody wrote into a file where only their names belong: no complaint shows them.

use std::ops::Range;

/// The keys of project files whose values are secrets, unless they are references.
const KEYS: [&str; 3] = ["clientSecret:", "password:", "bearer:"];

/// The key of the addresses of webhooks in a project file, which are secrets.
const ADDRESS: &str = "url:";

/// A line of a file with its secrets struck out, of the same length. It looks at nothing but the line: a file may have
/// thousands of complaints.
pub(super) fn masked(line: &str, path: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    let address = value(line, ADDRESS).filter(|_| is_project_file(path));
    let values = KEYS.iter().filter_map(|key| value(line, key));
    for range in users(line).chain(values).chain(address) {
        bytes[range].fill(b'*');
    }
    // What was struck out were whole characters.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(line.len()))
}

/// Whether a file is a project file, by its name.
fn is_project_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".yaml").or(name.strip_suffix(".yml")) == Some("campaignctl")
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
            ("url: https://x.example/hook", "url: **********************"),
            (
                "notify: [{ url: https://x.example/hook }]",
                "notify: [{ url: ********************** }]",
            ),
        ] {
            assert_eq!(masked(line, "sub/campaignctl.yaml"), shown);
        }
        let goal = "url: https://x.example/thanks";
        assert_eq!(masked(goal, "goals.yaml"), goal);
    }
}
