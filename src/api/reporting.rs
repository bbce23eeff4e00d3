//! The Outbound Reporting API: what became of messages that were sent (platform.md#outbound-reporting).
//!
//! The look-up does not name the service. Its address is a setting, or follows from that of the Proactive API: the
//! vendor's documentation has a host of each for its three regions.

use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

use super::proactive::PROACTIVE;
use super::request::Request;
use super::urls::{base_url, below};
use super::{ApiError, Client};

/// The name of the service in settings.
pub const REPORTING: &str = "reporting";

/// The zones in hosts of the Proactive API, and the hosts of reports there.
const REGIONS: [(&str, &str); 3] = [
    (".z1.", "https://va.cx-reporting.liveperson.net"),
    (".z2.", "https://lo.cx-reporting.liveperson.net"),
    (".z3.", "https://sy.cx-reporting.liveperson.net"),
];

/// The host of reports beside one of the Proactive API.
fn beside(proactive: &Url) -> Option<Url> {
    let host = proactive.host_str()?;
    let is_vendor = host.starts_with("proactive-messaging.") && host.ends_with(".liveperson.com");
    let mut regions = REGIONS.iter().filter(|_| is_vendor);
    let (_, reports) = regions.find(|(zone, _)| host.contains(zone))?;
    base_url(reports).ok()
}

impl Client {
    fn reporting(&self) -> Result<Url, ApiError> {
        let set = self.hosts.of(REPORTING).ok();
        let derived = || beside(&self.hosts.of(PROACTIVE).ok()?);
        set.or_else(derived).ok_or_else(|| {
            ApiError::Unconfigured(format!(
                "the address of the Outbound Reporting API is not known; set `hosts: {{ {REPORTING}: URL }}` for this environment, which is https://va.cx-reporting.liveperson.net in the Americas, lo. in Europe and sy. in Asia and Australia"
            ))
        })
    }

    /// Whether it is known where the service is.
    #[must_use]
    pub fn can_report(&self) -> bool {
        self.reporting().is_ok()
    }

    /// A page of the messages of a time, at most 24 hours, from an offset on.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn sent_messages(
        &self,
        (start, end): (Timestamp, Timestamp),
        offset: u64,
    ) -> Result<Value, ApiError> {
        let offset = offset.to_string();
        let more = [("offset", offset.as_str())];
        let more = if offset == "0" { &more[..0] } else { &more[..] };
        self.report("transactions", (start, end), more).await
    }

    /// The counts of a time, at most 60 days, by channel, skill and day.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn sent_counts(&self, time: (Timestamp, Timestamp)) -> Result<Value, ApiError> {
        self.report("analytics", time, &[]).await
    }

    async fn report(
        &self,
        what: &'static str,
        (start, end): (Timestamp, Timestamp),
        more: &[(&str, &str)],
    ) -> Result<Value, ApiError> {
        // The documented paths end with a slash.
        let path = ["api", "account", self.account(), "app", "prmsg", what, ""];
        let (start, end) = (start.as_millisecond(), end.as_millisecond());
        let (start, end) = (start.to_string(), end.to_string());
        let mut query = vec![
            ("attemptedStartTime", start.as_str()),
            ("attemptedEndTime", end.as_str()),
        ];
        query.extend_from_slice(more);
        let url = below(&self.reporting()?, path, &query);
        let answer = self.send(Request::get(url, what).personal()).await?;
        Ok(answer.body.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_in_the_region_of_the_sends() {
        let of = |host: &str| beside(&base_url(host).unwrap()).map(|url| url.to_string());
        let lo = "https://lo.cx-reporting.liveperson.net/".to_owned();
        assert_eq!(of("proactive-messaging.z2.fs.liveperson.com"), Some(lo));
        assert_eq!(of("proactive-messaging.z9.fs.liveperson.com"), None);
        assert_eq!(of("proactive-messaging.z1.example.com"), None);
        assert_eq!(of("127.0.0.1:4010"), None);
    }
}
