//! The hosts that a client may send to. Pure.
//!
//! The vendor's look-up names hosts, and a project file may: neither is to lead a token to another host where the caller says so.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use super::urls::base_url;

/// The domains of the vendor's services (platform.md#services).
const VENDOR: [&str; 2] = ["*.liveperson.net", "*.liveperson.com"];

/// A host, or all hosts of a domain: `sandbox.example`, `127.0.0.1:4010`, `*.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// The name or the IP address, in the form of a URL.
    name: String,
    /// The port, where only that one is meant.
    port: Option<u16>,
    /// Whether the hosts below the name are meant, and not the name itself.
    is_domain: bool,
}

impl HostPattern {
    fn includes(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_host = if self.is_domain {
            host.strip_suffix(&self.name)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            host == self.name
        };
        is_host
            && self
                .port
                .is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_domain { "*." } else { "" };
        write!(f, "{star}{}", self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || {
            format!(
                "`{text}` is not a host such as `api.example.com`, `*.example.com` or `127.0.0.1:4010`"
            )
        };
        let (is_domain, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        // The parser of URLs brings names and addresses into the form that URLs have.
        let url = Url::parse(&format!("https://{name}")).map_err(|_| refused())?;
        let rest = name.strip_suffix('/').unwrap_or(name);
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || rest != name || name.contains(['@', '*', '/', '\\']) {
            return Err(refused());
        }
        let port = name
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        Ok(Self {
            name: url.host_str().ok_or_else(refused)?.to_owned(),
            port,
            is_domain,
        })
    }
}

/// Where a client may send to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedHosts {
    /// Wherever the settings and the look-up lead.
    #[default]
    Anywhere,
    /// To these hosts.
    Only(Vec<HostPattern>),
}

impl AllowedHosts {
    /// The domains of the vendor, and other hosts.
    #[must_use]
    pub fn vendor_and(others: &[HostPattern]) -> Self {
        let vendor = VENDOR.iter().filter_map(|text| text.parse().ok());
        Self::Only(vendor.chain(others.iter().cloned()).collect())
    }

    /// Whether it includes the host of a URL.
    pub(super) fn includes(&self, url: &Url) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Only(hosts) => hosts.iter().any(|host| host.includes(url)),
        }
    }

    /// Whether it includes the host of a base URL, as settings have it.
    #[must_use]
    pub fn admits(&self, address: &str) -> bool {
        *self == Self::Anywhere || base_url(address).is_ok_and(|url| self.includes(&url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_a_url_leads_to() {
        let others =
            ["lp.example", "*.corp.example", "127.0.0.1:4010"].map(|it| it.parse().unwrap());
        let reach = AllowedHosts::vendor_and(&others);
        for (address, is_admitted) in [
            ("https://api.liveperson.net", true),
            ("va.ac.liveperson.net", true),
            ("VA.AC.LivePerson.Net", true),
            ("proactive-messaging.z1.fs.liveperson.com", true),
            ("https://api.liveperson.net:8443/x", true),
            ("lp.example", true),
            ("a.corp.example", true),
            ("http://127.0.0.1:4010", true),
            ("http://127.0.0.1:4011", false),
            ("http://2130706433:4010", true), // the same address as a number
            ("http://127.0.0.1", false),
            ("http://localhost:4010", false),
            ("liveperson.net", false),
            ("liveperson.net.evil.example", false),
            ("evil-liveperson.net", false),
            ("api.liveperson.net.", false),
            ("api.liveperson.net@evil.example", false),
            ("corp.example", false),
            ("a.lp.example", false),
            ("evil.example/api.liveperson.net", false),
            ("evil.example#.liveperson.net", false),
            ("", false),
        ] {
            assert_eq!(reach.admits(address), is_admitted, "{address}");
            assert!(AllowedHosts::Anywhere.admits(address));
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "a/b",
            "a@b",
            "https://a",
            "a b",
            "*.*.a",
            "a?x",
            "a/",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        for text in ["a.example", "*.a.example", "127.0.0.1:4010", "[::1]:80"] {
            assert_eq!(text.parse::<HostPattern>().unwrap().to_string(), text);
        }
    }
}
