//! Where the services of an account are: overrides first, then the vendor's look-up.
//!
//! - Hosts are never built from region names and never stored: accounts move (wire section 1.1). A service
//!   that is not found where it was is looked up again.
//! - Plain http is for loopback hosts, and a look-up that is not local cannot point to one.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use reqwest::Url;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Error;
use super::http::Http;
use super::request::Request;
use super::settings::Settings;

/// The services' base URLs by name.
#[derive(Debug)]
pub(super) struct Hosts {
    domain_api: Url,
    account: String,
    fixed: BTreeMap<String, Url>,
    found: RwLock<BTreeMap<String, Url>>,
    /// When the look-up was asked last. Held while it is asked, so that one asks for all.
    asked: Mutex<Option<Instant>>,
}

impl Hosts {
    /// Finds the services, without asking the look-up when every one of `needed` is overridden.
    pub(super) async fn find(
        http: &Http,
        settings: &Settings,
        needed: &[&str],
    ) -> Result<Self, Error> {
        let fixed = settings.hosts.iter();
        let fixed = fixed.map(|(service, text)| Ok((service.clone(), base_url(text)?)));
        let hosts = Self {
            domain_api: base_url(&settings.domain_api)?,
            account: settings.account.clone(),
            fixed: fixed.collect::<Result<_, Error>>()?,
            found: RwLock::default(),
            asked: Mutex::default(),
        };
        if !needed.iter().all(|name| hosts.fixed.contains_key(*name)) {
            hosts.ask(http, &mut *hosts.asked.lock().await).await?;
        }
        Ok(hosts)
    }

    /// The base URL of a service.
    pub(super) fn of(&self, service: &str) -> Result<Url, Error> {
        self.known(service).ok_or_else(|| {
            Error::Unconfigured(format!(
                "the look-up names no host for the service `{service}`: set `hosts.{service}`"
            ))
        })
    }

    /// Every service that is known, overrides marked.
    pub(super) fn all(&self) -> Vec<(String, Url, bool)> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let found = found
            .iter()
            .filter(|(name, _)| !self.fixed.contains_key(*name));
        let found = found.map(|(name, url)| (name.clone(), url.clone(), false));
        let fixed = self.fixed.iter();
        let fixed = fixed.map(|(name, url)| (name.clone(), url.clone(), true));
        let mut all: Vec<_> = found.chain(fixed).collect();
        all.sort();
        all
    }

    /// Looks the service of a request up again that was not found where it was, and says whether it is
    /// somewhere else now. A look-up that began after `since` serves all who ask.
    pub(super) async fn follow(&self, http: &Http, request: &mut Request, since: Instant) -> bool {
        let Some(service) = request
            .service
            .filter(|name| !self.fixed.contains_key(*name))
        else {
            return false;
        };
        let mut asked = self.asked.lock().await;
        if asked.is_none_or(|asked| asked < since)
            && let Err(error) = self.ask(http, &mut asked).await
        {
            tracing::info!(%error, "the look-up could not be asked again");
            return false;
        }
        match self.known(service) {
            Some(base) if base.origin() != request.url.origin() => {
                tracing::info!(host = address(&base), "{service} has moved");
                request.url = rebased(&request.url, &base);
                true
            }
            _ => false,
        }
    }

    fn known(&self, service: &str) -> Option<Url> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        self.fixed.get(service).or(found.get(service)).cloned()
    }

    async fn ask(&self, http: &Http, asked: &mut Option<Instant>) -> Result<(), Error> {
        let now = Instant::now();
        let found = look_up(http, &self.domain_api, &self.account).await?;
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = found;
        *asked = Some(now);
        Ok(())
    }
}

async fn look_up(
    http: &Http,
    domain_api: &Url,
    account: &str,
) -> Result<BTreeMap<String, Url>, Error> {
    let path = ["api", "account", account, "service", "baseURI.json"];
    let url = below(domain_api, path, &[("version", "1.0")]);
    let answer = http.send(&Request::get(url, "service look-up")).await?;
    let rows = answer
        .body
        .as_ref()
        .and_then(|body| body.get("baseURIs")?.as_array())
        .ok_or_else(|| Error::Unexpected("the service look-up holds no `baseURIs`".into()))?;
    let mut hosts = BTreeMap::new();
    for row in rows {
        if let (Some(service), Some(host)) = (row["service"].as_str(), row["baseURI"].as_str()) {
            // A host that is not usable matters only when its service is asked for.
            if let Some(url) = looked_up(domain_api, host) {
                hosts.insert(service.to_owned(), url);
            }
        }
    }
    Ok(hosts)
}

/// The same path and query on another host.
fn rebased(url: &Url, base: &Url) -> Url {
    let mut moved = base.clone();
    moved.set_path(url.path());
    moved.set_query(url.query());
    moved
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
    fn a_moved_request_keeps_its_path() {
        let old = Url::parse("http://127.0.0.1:1/a/b%2Fc?v=3.4").unwrap();
        let base = base_url("va.ac.example").unwrap();
        let moved = rebased(&old, &base);
        assert_eq!(moved.as_str(), "https://va.ac.example/a/b%2Fc?v=3.4");
    }

    #[test]
    fn ids_cannot_leave_their_segment() {
        let base = base_url("a.example").unwrap();
        let url = below(&base, ["x", "../y?z#"], &[("v", "1.0")]);
        assert_eq!(url.as_str(), "https://a.example/x/..%2Fy%3Fz%23?v=1.0");
    }
}
