//! Where the services of an account are: overrides first, then the vendor's look-up, once per run.
//!
//! - Hosts are never built from region names and never stored: accounts move (wire section 1.1).
//! - Plain http is for loopback hosts, and a look-up that is not local cannot point to one.

use std::collections::BTreeMap;
use std::net::IpAddr;

use reqwest::Url;

use super::Error;
use super::http::{Http, Request};
use super::settings::Settings;

/// The services' base URLs by name.
#[derive(Debug)]
pub(super) struct Hosts(BTreeMap<String, Url>);

impl Hosts {
    /// The base URL of a service.
    pub(super) fn of(&self, service: &str) -> Result<&Url, Error> {
        self.0.get(service).ok_or_else(|| {
            Error::Unconfigured(format!(
                "the look-up names no host for the service `{service}`: set `hosts.{service}`"
            ))
        })
    }
}

/// Finds the services, without asking the look-up when every one of `needed` is overridden.
pub(super) async fn find(
    http: &Http,
    settings: &Settings,
    needed: &[&str],
) -> Result<Hosts, Error> {
    let mut hosts = Hosts(BTreeMap::new());
    if !needed
        .iter()
        .all(|service| settings.hosts.contains_key(*service))
    {
        hosts = look_up(http, settings).await?;
    }
    for (service, text) in &settings.hosts {
        hosts.0.insert(service.clone(), base_url(text)?);
    }
    Ok(hosts)
}

async fn look_up(http: &Http, settings: &Settings) -> Result<Hosts, Error> {
    let domain_api = base_url(&settings.domain_api)?;
    let account = settings.account.as_str();
    let url = below(
        &domain_api,
        ["api", "account", account, "service", "baseURI.json"],
        &[("version", "1.0")],
    );
    let answer = http.send(&Request::get(url, "service"), None).await?;
    let rows = answer
        .body
        .as_ref()
        .and_then(|body| body.get("baseURIs")?.as_array())
        .ok_or_else(|| Error::Unexpected("the service look-up holds no `baseURIs`".into()))?;
    let mut hosts = BTreeMap::new();
    for row in rows {
        if let (Some(service), Some(host)) = (row["service"].as_str(), row["baseURI"].as_str()) {
            // A host that is not usable matters only when its service is asked for.
            if let Some(url) = looked_up(&domain_api, host) {
                hosts.insert(service.to_owned(), url);
            }
        }
    }
    Ok(Hosts(hosts))
}

fn looked_up(domain_api: &Url, host: &str) -> Option<Url> {
    let url = base_url(host).ok()?;
    (is_loopback(domain_api) || !is_loopback(&url)).then_some(url)
}

/// A base URL: https, or http to a loopback host; the scheme may be left out.
pub(super) fn base_url(text: &str) -> Result<Url, Error> {
    let refuse = |why: &str| Error::Unconfigured(format!("`{text}` is not a base URL: {why}"));
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
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it must be a host and a port, and nothing else"));
    }
    Ok(url)
}

/// Whether a URL leads to this very computer.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A URL below a base, its path segments escaped.
pub(super) fn below<'a>(
    base: &Url,
    segments: impl IntoIterator<Item = &'a str>,
    query: &[(&str, &str)],
) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(segments);
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
            ("https://va.ac.example/path", None),
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
    fn ids_cannot_leave_their_segment() {
        let base = base_url("a.example").unwrap();
        let url = below(&base, ["x", "../y?z#"], &[("v", "1.0")]);
        assert_eq!(url.as_str(), "https://a.example/x/..%2Fy%3Fz%23?v=1.0");
    }
}
