//! Secrets in every place of an address, and what stays readable.

use super::*;

const SECRET: &str = "xQ9zz";

/// Every way to write a user and a password that a person may have meant, the secret in each place of it.
fn users() -> Vec<String> {
    let odd = "/\\?#@:[]{}<>,;'\"`|^ %&=+~!$*()\t\u{e9}\u{ff20}\u{ff1a}";
    let mut users = vec![
        SECRET.to_owned(),
        format!("{SECRET}:hush"),
        format!("hush:{SECRET}"),
    ];
    for it in odd
        .chars()
        .map(String::from)
        .chain(["%40", "%3A", "1234/"].map(str::to_owned))
    {
        users.push(format!("hush{it}{SECRET}"));
        users.push(format!("bob:hush{it}{SECRET}"));
        users.push(format!("bob:1{it}{SECRET}"));
        users.push(format!("{SECRET}{it}hush:bob"));
    }
    users
}

#[test]
fn a_secret_is_shown_from_no_place_that_is_neither_host_nor_path() {
    let schemes = [
        "https://",
        "https:/",
        "https:",
        "https//",
        "HTTPS:\\\\",
        "s3://",
        "az://",
        "//",
        "://",
        "",
        "bob://",
        "https://https://",
        "[",
        "https://[",
    ];
    for (scheme, user) in schemes
        .iter()
        .flat_map(|it| users().into_iter().map(move |user| (it, user)))
    {
        for at in ["@", "%40", "\u{ff20}"] {
            for rest in [
                "h.example",
                "h.example:8443/p",
                "h/p?x#y",
                "[::1]:1/p",
                "10.0.0.1",
            ] {
                let address = format!("{scheme}{user}{at}{rest}");
                let shown = shown(&address);
                assert!(!shown.contains(SECRET), "{address}: {shown}");
                let is_file =
                    AddressForm::of(&address) == AddressForm::Path && matches!(*scheme, "" | "[");
                assert!(
                    is_file || AddressForm::of(&address) == AddressForm::Odd,
                    "{address}"
                );
            }
        }
    }
    // Without a host behind it, a password is no port.
    for address in [
        "https://bob:hushxQ9zz",
        "bob:hushxQ9zz",
        "https://[bob:xQ9zz]",
        "s3://key:xQ9zz/b",
        "s3://key:1/xQ9zz@b/k",
    ] {
        assert!(
            !shown(address).contains(SECRET),
            "{address}: {}",
            shown(address)
        );
        assert_eq!(AddressForm::of(address), AddressForm::Odd, "{address}");
    }
    for asks in ["?token=", "?", "#token=", "#", "?a=b#", "?a@b.example/"] {
        for base in ["https://h.example/p", "h.example:1/p", "s3://bucket/key"] {
            let address = format!("{base}{asks}{SECRET}");
            assert!(
                !shown(&address).contains(SECRET),
                "{address}: {}",
                shown(&address)
            );
        }
    }
}

#[test]
fn scheme_and_certain_host_are_shown() {
    for (address, expected) in [
        (
            "https://ann:pw@h.example:8443/p",
            "https://***@h.example***",
        ),
        ("https://ann:p/w@h.example", "https://***@h.example"),
        ("https://ann:p@w@localhost/p", "https://***@localhost***"),
        ("https://host?x=a@b.example", "https://***"),
        ("https://ann:pw@Host.example", "https://***"),
        (
            "https://bob:1234/PW@h.example/p",
            "https://***@h.example***",
        ),
        ("ann:pw@h.example", "***@h.example"),
        ("hush://xQ9zz", "***"),
        ("https://host/?token=x", "https://host/?***"),
        ("https://host/#x", "https://host/#***"),
    ] {
        assert_eq!(shown(address), expected);
    }
}

#[test]
fn what_holds_none_is_shown_whole() {
    for address in [
        "https://host",
        "https://host:8443/a/b",
        "https://[::1]:8443/a",
        "s3://bucket/a team/ledger.json",
        "gs://my_bucket/ledger.json",
        "ledgers/production.json",
        "C:\\Users\\me\\ledger.json",
        "C:/Users/me/ledger.json",
        ".campaignctl/ledger/production.json",
        "api.liveperson.net",
        "127.0.0.1:4010",
        "",
    ] {
        assert_eq!(shown(address), address);
        assert_eq!(credentials(address), None, "{address}");
    }
    for path in [
        "ledgers/me@corp/production.json",
        "C:\\Users\\me@corp\\ledger.json",
        "../C# projects/a.json",
    ] {
        assert_eq!(shown_path(path), path);
        assert!(may_be_path(path), "{path}");
    }
    assert_eq!(
        shown_path("https://ann:pw@h.example"),
        "https://***@h.example"
    );
    assert_eq!(credentials("https://host:8443/@team"), None);
    assert_eq!(credentials("https://[::1]:8443/@team"), None);
}

#[test]
fn a_password_in_a_word_of_a_message_is_found() {
    for password in [
        "word", "pa/ss", "pa?ss", "pa#ss", "p@ss", "pa:ss", "pa ss", "1/2", "pa\\ss",
    ] {
        for scheme in [
            "https://",
            "https:/",
            "https//",
            "HTTPS:\\\\",
            "s3://",
            "//",
            "",
        ] {
            let address = format!("{scheme}user:{password}@host/path");
            let found = credentials(&address);
            let end = address.rfind('@').unwrap();
            let is_port = password.starts_with('1'); // may be a port and a path
            assert_eq!(found, (!is_port).then_some(scheme.len()..end), "{address}");
        }
    }
}

#[test]
fn a_message_keeps_everything_else() {
    let message =
        "cannot read `https://u:pa/ss@host/x?y=z`: ask \"ops@example.com\", see https://host/@team";
    assert_eq!(
        without_credentials(message),
        "cannot read `https://***@host/x?***`: ask \"ops@example.com\", see https://host/@team"
    );
}
