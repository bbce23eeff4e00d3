//! Base URLs: which are taken, how calls are made below one, and how a call moves from one to another. Pure.

use std::net::IpAddr;

use reqwest::Url;

use super::ApiError;
use crate::text::address::{AddressForm, shown};

/// Whether a URL lies below a base.
pub(super) fn is_below(url: &Url, base: &Url) -> bool {
    url.origin() == base.origin()
        && url
            .path()
            .strip_prefix(base.path().trim_end_matches('/'))
            .is_some_and(|tail| tail.starts_with('/'))
}

/// The same path and query below another base.
pub(super) fn rebased(url: &Url, from: &Url, to: &Url) -> Url {
    let folder = |base: &Url| base.path().trim_end_matches('/').to_owned();
    let tail = url.path().strip_prefix(&folder(from)).unwrap_or(url.path());
    let mut moved = to.clone();
    moved.set_path(&format!("{}{tail}", folder(to)));
    moved.set_query(url.query());
    moved
}

/// What the look-up names, as a base URL; `None` when it is none, or one that it must not name.
pub(super) fn looked_up(domain_api: &Url, text: &str) -> Option<Url> {
    let text = text.trim();
    let url = secured(text).or_else(|| base_url(text).ok())?;
    (is_loopback(domain_api) || !is_loopback(&url)).then_some(url)
}

/// The https form of an `http` URL that leads elsewhere, unless it names a port that speaks no TLS.
fn secured(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(|url| url.scheme() == "http")?;
    if is_loopback(&url) || url.port().is_some_and(|port| port != 443) {
        return None;
    }
    url.set_scheme("https").ok()?;
    base_url(url.as_str()).ok()
}

/// A base URL: https, or http to a loopback host; the scheme may be left out, and a path may follow.
pub(super) fn base_url(text: &str) -> Result<Url, ApiError> {
    let refuse = |why: &str| {
        let text = shown(text);
        ApiError::Unconfigured(format!("`{text}` is not a base URL: {why}"))
    };
    if !matches!(AddressForm::of(text), AddressForm::Url | AddressForm::Host) {
        return Err(refuse(
            "it must be a host, a port and a path, and nothing else",
        ));
    }
    let parse = |text: &str| Url::parse(text).map_err(|_| refuse("it does not parse"));
    let url = if text.contains("://") {
        parse(text)?
    } else {
        let plain = parse(&format!("http://{text}"))?;
        if is_loopback(&plain) {
            plain
        } else {
            parse(&format!("https://{text}"))?
        }
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => {
            return Err(refuse(
                "it must start with `https://` (`http://` for a loopback host)",
            ));
        }
    }
    let bare = url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(
            "it must be a host, a port and a path, and nothing else",
        ));
    }
    Ok(url)
}

/// The host of a URL, and its port where it is not the usual one.
pub(super) fn address(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a URL leads to this very computer.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a base URL leads to this very computer.
pub(crate) fn is_loopback_address(text: &str) -> bool {
    base_url(text).is_ok_and(|url| is_loopback(&url))
}

/// A URL below a base, its path segments escaped.
pub(super) fn below<'a>(
    base: &Url,
    segments: impl IntoIterator<Item = &'a str>,
    query: &[(&str, &str)],
) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback() {
        for (text, url) in [
            ("va.ac.example", Some("https://va.ac.example/")),
            ("va.ac.example:8443", Some("https://va.ac.example:8443/")),
            ("https://va.ac.example", Some("https://va.ac.example/")),
            ("127.0.0.1:4010", Some("http://127.0.0.1:4010/")),
            ("localhost:4010", Some("http://localhost:4010/")),
            ("http://[::1]:4010", Some("http://[::1]:4010/")),
            ("http://va.ac.example", None),
            ("http://localhost.example", None),
            ("ftp://localhost", None),
            ("https://user:pw@va.ac.example", None),
            (
                "https://va.ac.example/path/",
                Some("https://va.ac.example/path/"),
            ),
            ("va.ac.example/path", Some("https://va.ac.example/path")),
            ("https://va.ac.example?x=1", None),
            ("", None),
        ] {
            let found = base_url(text).ok().map(|url| url.to_string());
            assert_eq!(found.as_deref(), url, "{text}");
        }
    }

    #[test]
    fn a_remote_look_up_cannot_point_here() {
        let remote = base_url("https://api.example").unwrap();
        let local = base_url("http://127.0.0.1:1").unwrap();
        assert!(looked_up(&remote, "127.0.0.1:80").is_none());
        assert!(looked_up(&remote, "va.ac.example").is_some());
        assert!(looked_up(&local, "127.0.0.1:80").is_some());
    }

    #[test]
    fn a_moved_request_keeps_its_path() {
        for (from, url, to, moved) in [
            (
                "127.0.0.1:1",
                "/a/b%2Fc?v=3.4",
                "b.example",
                "/a/b%2Fc?v=3.4",
            ),
            ("127.0.0.1:1/x", "/x/a?v=1", "b.example/", "/a?v=1"),
            ("127.0.0.1:1/", "/a", "b.example/y/z", "/y/z/a"),
            ("127.0.0.1:1/x/", "/x/a", "b.example/y/", "/y/a"),
        ] {
            let url = Url::parse(&format!("http://127.0.0.1:1{url}")).unwrap();
            let (from, to) = (base_url(from).unwrap(), base_url(to).unwrap());
            let moved_to = rebased(&url, &from, &to);
            assert_eq!(moved_to.as_str(), format!("https://b.example{moved}"));
        }
    }

    #[test]
    fn the_look_up_names_hosts_in_many_shapes() {
        let remote = base_url("https://api.example").unwrap();
        for (text, url) in [
            ("va.ac.example", Some("https://va.ac.example/a/b")),
            ("va.ac.example/", Some("https://va.ac.example/a/b")),
            ("va.ac.example:8443", Some("https://va.ac.example:8443/a/b")),
            ("va.ac.example:443/", Some("https://va.ac.example/a/b")),
            (
                "https://va.ac.example/rest/v2/",
                Some("https://va.ac.example/rest/v2/a/b"),
            ),
            ("va.ac.example/rest", Some("https://va.ac.example/rest/a/b")),
            (" va.ac.example ", Some("https://va.ac.example/a/b")),
            ("http://va.ac.example", Some("https://va.ac.example/a/b")),
            (
                "http://va.ac.example:80/",
                Some("https://va.ac.example/a/b"),
            ),
            ("http://va.ac.example:8080", None),
            ("http://127.0.0.1", None),
            ("wss://va.ac.example", None),
            ("https://ann:pw@va.ac.example", None),
            ("https://va.ac.example?x=1", None),
            ("", None),
        ] {
            let found = looked_up(&remote, text).map(|base| below(&base, ["a", "b"], &[]));
            let found = found.as_ref().map(Url::as_str);
            assert_eq!(found, url, "{text}");
        }
    }

    #[test]
    fn ids_cannot_leave_their_segment() {
        let base = base_url("a.example").unwrap();
        let url = below(&base, ["x", "../y?z#"], &[("v", "1.0")]);
        assert_eq!(url.as_str(), "https://a.example/x/..%2Fy%3Fz%23?v=1.0");
    }

    #[test]
    fn what_lies_below_a_base() {
        let base = |text| base_url(text).unwrap();
        let url = |text| Url::parse(text).unwrap();
        assert!(is_below(
            &url("https://a.example/x/y"),
            &base("a.example/x/")
        ));
        assert!(is_below(&url("https://a.example/x/y"), &base("a.example")));
        assert!(!is_below(
            &url("https://a.example/xy"),
            &base("a.example/x")
        ));
        assert!(!is_below(&url("https://a.example/x/y"), &base("b.example")));
    }
}
