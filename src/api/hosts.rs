//! Where the services of an account are: overrides first, then the vendor's look-up.
//!
//! - Hosts are never built from region names and never stored: accounts move (platform.md#regions). A service
//!   that is not found where it was is looked up again.
//! - The look-up names most services by a bare host, and some with a scheme, a port, a path or a slash at the
//!   end (platform.md#services). All of these are taken; calls go below the path.
//! - Plain http is for loopback hosts, and a look-up that is not local cannot point to one. Where the look-up
//!   says `http`, https is used: a token is never sent in the clear.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use reqwest::Url;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::ApiError;
use super::failed::Failed;
use super::http::Http;
use super::reach::AllowedHosts;
use super::request::Request;
use super::services::{HANDOFFS, HANDOFFS_SETTING};
use super::settings::ClientSettings;
use super::tries::Tries;
use super::urls::{address, base_url, below, is_below, looked_up, rebased};
use crate::text::address::shown;

/// The services' base URLs by name.
#[derive(Debug)]
pub(super) struct Hosts {
    domain_api: Url,
    reach: AllowedHosts,
    account: String,
    fixed: BTreeMap<String, Url>,
    found: RwLock<LookedUpHosts>,
    /// When the look-up was asked last. Held while it is asked, so that one asks for all.
    asked: Mutex<Option<Instant>>,
}

/// What the look-up said.
#[derive(Debug, Default)]
struct LookedUpHosts {
    /// The base URLs by service.
    now: BTreeMap<String, Url>,
    /// What it names for services that cannot be called there, and why.
    unusable: BTreeMap<String, (String, &'static str)>,
    /// The base URLs that services have left.
    left: BTreeMap<String, Vec<Url>>,
}

/// A service with the place that a setting gives it and the one that the look-up names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The name of the service.
    pub service: String,
    /// The host of the setting.
    pub set: String,
    /// The host of the look-up, where it names one.
    pub looked_up: Option<String>,
}

impl Hosts {
    /// Finds the services, without asking the look-up when every one of `needed` is overridden.
    pub(super) async fn find(
        http: &Http,
        settings: &ClientSettings,
        needed: &[&str],
    ) -> Result<Self, ApiError> {
        let fixed = settings.hosts.iter();
        let reach = settings.reach.clone();
        let fixed = fixed.map(|(name, text)| Ok((service_of(name), reachable(&reach, text)?)));
        let hosts = Self {
            domain_api: reachable(&settings.reach, &settings.domain_api)?,
            reach: reach.clone(),
            account: settings.account.clone(),
            fixed: fixed.collect::<Result<_, ApiError>>()?,
            found: RwLock::default(),
            asked: Mutex::default(),
        };
        if !needed.iter().all(|name| hosts.fixed.contains_key(*name)) {
            hosts.ask(http, &mut *hosts.asked.lock().await).await?;
        }
        Ok(hosts)
    }

    /// The base URL of a service.
    pub(super) fn of(&self, service: &str) -> Result<Url, ApiError> {
        self.known(service).ok_or_else(|| {
            let setting = setting_of(service);
            let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
            let why = match found.unusable.get(service) {
                Some((text, why)) => {
                    let text = shown(text);
                    format!("the service look-up names `{text}` for `{service}`, which {why}")
                }
                None => format!("the service look-up names no host for `{service}`"),
            };
            ApiError::Unconfigured(format!(
                "{why}; set `hosts: {{ {setting}: URL }}` for this environment"
            ))
        })
    }

    /// The base URL of a service, for which the look-up is asked if it was not asked yet.
    pub(super) async fn locate(&self, http: &Http, service: &str) -> Result<Url, ApiError> {
        if self.known(service).is_none() {
            let mut asked = self.asked.lock().await;
            if asked.is_none() {
                self.ask(http, &mut asked).await?;
            }
        }
        self.of(service)
    }

    /// Every service that is known, overrides marked.
    pub(super) fn all(&self) -> Vec<(String, Url, bool)> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let found = found.now.iter();
        let found = found
            .filter(|(name, _)| !self.fixed.contains_key(*name))
            .map(|(name, url)| (name.clone(), url.clone(), false));
        let fixed = self.fixed.iter();
        let fixed = fixed.map(|(name, url)| (name.clone(), url.clone(), true));
        let mut all: Vec<_> = found.chain(fixed).collect();
        all.sort();
        all
    }

    /// The overrides that the look-up contradicts, or does not know.
    pub(super) async fn overrides(&self, http: &Http) -> Result<Vec<Override>, ApiError> {
        if self.fixed.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = self.asked.lock().await;
        if asked.is_none() {
            self.ask(http, &mut asked).await?;
        }
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let differing = self.fixed.iter().filter_map(|(name, set)| {
            let looked_up = found.now.get(name);
            (looked_up != Some(set)).then(|| Override {
                service: name.clone(),
                set: address(set),
                looked_up: looked_up.map(address),
            })
        });
        Ok(differing.collect())
    }

    /// Whether the service of a request that failed is not where it was, so that the request goes to another host now.
    /// Asked once.
    pub(super) async fn is_elsewhere(
        &self,
        tries: &mut Tries<'_>,
        request: &mut Request,
        failed: &Failed,
    ) -> bool {
        tries.looks_moved(failed) && self.follow(tries.http, request, Instant::now()).await
    }

    /// Looks the service of a request up again that was not found where it was, and says whether it is
    /// somewhere else now. A look-up that began after `since` serves all who ask.
    async fn follow(&self, http: &Http, request: &mut Request, since: Instant) -> bool {
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
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let Some(base) = found.now.get(service) else {
            return false;
        };
        let left = found.left.get(service).into_iter().flatten();
        let made_for = left
            .chain([base])
            .filter(|old| is_below(&request.url, old))
            .max_by_key(|old| old.path().len());
        match made_for {
            Some(old) if old != base => {
                tracing::info!(host = address(base), "{service} has moved");
                request.url = rebased(&request.url, old, base);
                true
            }
            _ => false,
        }
    }

    fn known(&self, service: &str) -> Option<Url> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let known = self.fixed.get(service).or(found.now.get(service));
        known.cloned()
    }

    async fn ask(&self, http: &Http, asked: &mut Option<Instant>) -> Result<(), ApiError> {
        let now = Instant::now();
        let rows = look_up(http, &self.domain_api, &self.account).await?;
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.take(&self.domain_api, &self.reach, rows);
        *asked = Some(now);
        Ok(())
    }
}

impl LookedUpHosts {
    /// Takes over what the look-up says now.
    fn take(&mut self, domain_api: &Url, reach: &AllowedHosts, rows: Vec<(String, String)>) {
        let before = std::mem::take(&mut self.now);
        self.unusable.clear();
        for (service, text) in rows {
            // A host that is not usable matters only when its service is asked for.
            match looked_up(domain_api, &text) {
                Some(url) if reach.includes(&url) => self.now.insert(service, url).map(drop),
                Some(_) => self
                    .unusable
                    .insert(service, (text, OUT_OF_REACH))
                    .map(drop),
                None => self
                    .unusable
                    .insert(service, (text, "is not a base URL"))
                    .map(drop),
            };
        }
        for (service, url) in before {
            if self.now.get(&service) != Some(&url) {
                self.left.entry(service).or_default().push(url);
            }
        }
    }
}

/// What a host is that the caller does not allow.
const OUT_OF_REACH: &str = "is not a host that this run may send to";

/// A base URL whose host the caller allows.
fn reachable(reach: &AllowedHosts, text: &str) -> Result<Url, ApiError> {
    let url = base_url(text)?;
    if reach.includes(&url) {
        return Ok(url);
    }
    let text = shown(text);
    Err(ApiError::Unconfigured(format!("`{text}` {OUT_OF_REACH}")))
}

/// The service that a setting is about.
fn service_of(setting: &str) -> String {
    match setting {
        HANDOFFS_SETTING => HANDOFFS.to_owned(),
        service => service.to_owned(),
    }
}

/// The setting that is about a service.
fn setting_of(service: &str) -> &str {
    match service {
        HANDOFFS => HANDOFFS_SETTING,
        service => service,
    }
}

/// The services of the account, and what the look-up names for each.
async fn look_up(
    http: &Http,
    domain_api: &Url,
    account: &str,
) -> Result<Vec<(String, String)>, ApiError> {
    let path = ["api", "account", account, "service", "baseURI.json"];
    let url = below(domain_api, path, &[("version", "1.0")]);
    let sent = http.send(&Request::get(url, "service look-up")).await;
    let answer = sent.map_err(|error| match error {
        // 400 and 401 are its only documented refusals, and it asks for no credentials.
        ApiError::Refused(why) | ApiError::Unauthenticated(why) | ApiError::NotFound(why) => {
            ApiError::Unconfigured(format!(
                "{} does not know the account `{account}`: {why}",
                address(domain_api)
            ))
        }
        error => error,
    })?;
    let rows = answer
        .body
        .as_ref()
        .and_then(|body| body.get("baseURIs")?.as_array())
        .ok_or_else(|| ApiError::Unexpected("the service look-up holds no `baseURIs`".into()))?;
    let text = |row: &serde_json::Value, key| Some(row.get(key)?.as_str()?.to_owned());
    let row = |row| Some((text(row, "service")?, text(row, "baseURI")?));
    Ok(rows.iter().filter_map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_followed_from_any_base_that_its_service_had() {
        let base = |text| base_url(text).unwrap();
        let domain_api = base("api.example");
        let mut found = LookedUpHosts::default();
        let rows = |text: &str| vec![("smt".to_owned(), text.to_owned())];
        for text in ["a.example", "b.example/x", "ftp://c.example", "a.example"] {
            found.take(&domain_api, &AllowedHosts::Anywhere, rows(text));
        }
        assert_eq!(found.now["smt"], base("a.example"));
        assert_eq!(found.left["smt"], [base("a.example"), base("b.example/x")]);
        assert!(found.unusable.is_empty());
        let only = AllowedHosts::Only(vec!["b.example".parse().unwrap()]);
        found.take(&domain_api, &only, rows("a.example"));
        assert_eq!(
            found.unusable["smt"],
            ("a.example".to_owned(), OUT_OF_REACH)
        );
        assert!(found.now.is_empty(), "not followed to another host");
    }
}
