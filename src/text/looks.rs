//! Secrets by their looks: what the makers of keys begin them with, and long texts of mixed letters and digits. People
//! paste one as a label, a name of an environment or a number more often than one thinks, and a complaint must not
//! repeat it.

use std::borrow::Cow;
use std::ops::Range;

use super::address::without_credentials;

/// What well-known kinds of keys and tokens begin with, as their makers document it for scanners: GitHub, GitLab, Slack, Stripe
/// and its followers, AWS, Google, npm, `PyPI`, `HashiCorp` Vault, `DigitalOcean`, and JSON web tokens (`{"` in base 64).
const PREFIXES: [&str; 26] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "sk-live-",
    "sk-test-",
    "sk-proj-",
    "sk-ant-",
    "AKIA",
    "ASIA",
    "AIza",
    "npm_",
    "pypi-",
    "hvs.",
    "dop_v1_",
    "eyJ",
];

/// How much of a secret follows such a beginning at least.
const BEHIND_PREFIX: usize = 12;

/// How much of the id of an AWS key follows its beginning.
const AWS_ID: usize = 16;

/// How much of a web token follows its beginning at least.
const WEB_TOKEN: usize = 24;

/// The shortest run of mixed letters and digits that is nobody's word.
const MIXED: usize = 20;

/// The shortest run of digits of base 16: a digest, or a key.
const HEXADECIMAL: usize = 32;

/// How long a secret key of AWS is.
const AWS_SECRET: usize = 40;

/// Whether a text, or a word of it, looks like a secret and not like a name.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    by_looks(text).next().is_some()
}

/// A message without the words that look like secrets, and without the credentials of addresses.
#[must_use]
pub fn without_secrets(message: &str) -> Cow<'_, str> {
    let message = without_credentials(message);
    let found: Vec<_> = by_looks(&message).collect();
    if found.is_empty() {
        return message;
    }
    let mut message = message.into_owned();
    for range in found.into_iter().rev() {
        message.replace_range(range, "********");
    }
    Cow::Owned(message)
}

/// The words of a line that look like secrets.
pub fn by_looks(line: &str) -> impl Iterator<Item = Range<usize>> {
    words(line).filter(|range| is_secret(&line[range.clone()]))
}

/// The words of a line, of the letters that keys and tokens are made of.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let is_between = |it: char| !(it.is_ascii_alphanumeric() || "_-+/=.~".contains(it));
    line.split(is_between).map(move |word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        start..start + word.len()
    })
}

fn is_secret(word: &str) -> bool {
    let has_prefix = |part: &str, prefix: &str| {
        let rest = part.strip_prefix(prefix);
        rest.is_some_and(|rest| is_behind(prefix, rest))
    };
    // A key may stand behind a path or the name of a parameter: `Goal/AKIA..`, `token=ghp_..`.
    let is_key = |part: &str| PREFIXES.iter().any(|prefix| has_prefix(part, prefix));
    is_key(word)
        || word.split(['/', '=']).any(is_key)
        || word
            .split(['_', '-', '.', '~', '/', '+', '='])
            .any(is_random)
        || is_base_64(word)
}

/// Whether a text is what follows the beginning of a key. Some beginnings are those of words as well (`ASIA`, `eyJ`): the
/// ids of AWS have 16 capitals and digits behind it and nothing else, and the header of a web token is longer than a name.
fn is_behind(prefix: &str, rest: &str) -> bool {
    let has_digit = rest.bytes().any(|it| it.is_ascii_digit());
    let is_id = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit();
    match prefix {
        "AKIA" | "ASIA" => {
            rest.len() >= AWS_ID && has_digit && rest.bytes().take(AWS_ID).all(is_id)
        }
        "eyJ" => rest.len() >= WEB_TOKEN && has_digit,
        _ => rest.len() >= BEHIND_PREFIX && has_digit,
    }
}

/// Whether a run of letters and digits is nobody's word: both cases and several digits in no order, or all digits of
/// base 16.
fn is_random(run: &str) -> bool {
    let count = |of: fn(&u8) -> bool| run.bytes().filter(of).count();
    let (letters, digits) = (count(u8::is_ascii_alphanumeric), count(u8::is_ascii_digit));
    // A year or a number may follow a name.
    let named = run.trim_end_matches(|it: char| it.is_ascii_digit());
    let has_digits_inside = named.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let is_mixed = has_digits_inside
        && count(u8::is_ascii_uppercase) >= 2
        && count(u8::is_ascii_lowercase) >= 2;
    let is_hexadecimal =
        run.bytes().all(|it| it.is_ascii_hexdigit()) && digits >= 4 && digits < run.len();
    (letters >= MIXED && is_mixed && !is_of_words(run))
        || (run.len() >= HEXADECIMAL && is_hexadecimal)
}

/// Whether a run is words and numbers put together, as in `iPhone16ProMax256GBLaunch`: its kinds of letters change seldom,
/// and a good part of it is small letters in a row.
///
/// It is a guess either way: of texts drawn at random from letters and digits, some 80 in a hundred of 20 characters are hidden in
/// the end, 92 of 32 and nearly all of 64; model numbers such as `MakitaDHP484RTJ18V2x5Ah` are hidden, too.
fn is_of_words(run: &str) -> bool {
    let bytes = run.as_bytes();
    let changes = bytes.windows(2).filter(|pair| {
        let begins_word = pair[0].is_ascii_uppercase() && pair[1].is_ascii_lowercase();
        kind_of(pair[0]) != kind_of(pair[1]) && !begins_word
    });
    let small = run.split(|it: char| !it.is_ascii_lowercase());
    let small: usize = small.map(str::len).filter(|length| *length >= 3).sum();
    changes.count() * 100 <= (bytes.len() - 1) * 32 && small * 5 >= bytes.len()
}

/// Digits, capitals, small letters, others.
const fn kind_of(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

/// Whether a word is base 64: the 40 characters of a secret key of AWS, or whatever has a `+`, or a `=` at its end.
fn is_base_64(word: &str) -> bool {
    let content = word.trim_end_matches('=');
    let is_marked = content.contains('+') || content.len() < word.len();
    let run: String = content
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let count = |of: fn(&u8) -> bool| run.bytes().filter(of).count();
    let is_aws = word.len() == AWS_SECRET
        && !word.contains(['_', '-', '.', '~'])
        && count(u8::is_ascii_digit) >= 1
        && count(u8::is_ascii_uppercase) >= 8
        && count(u8::is_ascii_lowercase) >= 8;
    is_aws || is_marked && is_random(&run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_look_like_secrets() {
        for secret in [
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            "sk-live-51HxYzAbCdEfGhIjKlMnOpQrStUv",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AKIAIOSFODNN7EXAMPLE",
            "Goal/AKIAIOSFODNN7EXAMPLE",
            "id=AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "c2VjcmV0IHdvcmRzIGFuZCBtb3Jl1A==",
            "9b74c9897bac770ffc029102a200c5de",
            "region: xoxb-123456789012-abcdef",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
    }

    #[test]
    fn names_addresses_and_ids_do_not() {
        for name in [
            "production",
            "marlowe-finch-eu-west-1",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "https://accountCreateReadUpdate2026.example.com/v1",
            "s3://campaignctl-state-eu/production2026/ledger.json",
            "handoff-lookback-long",
            "12345678901234567890123456789012345",
            "skills: [Orders, Returns]",
            "sk-returns",
            "sk-production-01",
            "${var.shopAddressInProduction}",
            "engagementCollectionRevision",
            "Q4W51BlackFridayDeals2026",
            "iPhone16ProMax256GBLaunch",
            "Win11Pro24H2UpgradeOffer",
            "BF24XMAS25NewYear26Sales",
            "Fr4nce2Belgium3NorthSale",
            "SALE+2024+Q4+Summer=",
            "Newsletter24KW51Teil2Final",
            "Kunden2WerbenKunden3Aktion50",
            "ASIASpringCampaign2026",
            "ASIA-Pacific-Launch-2026",
            "AKIAHABARA-Popup-2026",
            "eyJoseOferta2026Verano",
            "DE_AT_CH_Newsletter_2026_KW12_Versand_01",
            "SUMMER-SALE-2026/Men/Shoes/Running-24h-X",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
