//! Addresses of ledgers behind HTTP.

use reqwest::Url;

use super::super::LedgerError;
use crate::text::address::AddressForm;

/// Reads an address.
///
/// # Errors
/// [`LedgerError::Address`] for anything but a plain HTTP address.
pub(super) fn parse(address: &str) -> Result<Url, LedgerError> {
    if AddressForm::of(address) != AddressForm::Url {
        let why = "it must be `https://`, a host, a port and a path, without credentials";
        return Err(LedgerError::address(address, why));
    }
    let url =
        Url::parse(address).map_err(|error| LedgerError::address(address, error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(LedgerError::address(
            &without_query(&url),
            "it is no HTTP address",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let why = "credentials are not allowed in an address";
        return Err(LedgerError::address(&without_query(&url), why));
    }
    Ok(url)
}

/// Where the lock is by default.
pub(super) fn lock_url(url: &Url) -> Url {
    let mut lock = url.clone();
    lock.set_path(&format!("{}/lock", url.path().trim_end_matches('/')));
    lock
}

/// An address as it may be shown.
pub(super) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username(""); // an address that cannot have a user has none
    let _ = url.set_password(None);
    url.to_string()
}

/// Whether the host is this computer.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || ip
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
