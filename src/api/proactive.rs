//! The Proactive API: a send, and what became of it (platform.md#proactive-sends).
//!
//! A send is carried out at most once: it is tried again only where the platform says that it did nothing (429, 401), or
//! where no connection came up. The look-up does not name the service: its address is a setting.

use reqwest::Url;
use serde_json::Value;

use super::request::{Payload, Request};
use super::urls::below;
use super::{ApiError, Client};

/// The name of the service in settings.
pub const PROACTIVE: &str = "proactive";

impl Client {
    /// Where the service is.
    ///
    /// # Errors
    /// [`ApiError::Unconfigured`] where no setting says so.
    pub fn proactive_host(&self) -> Result<String, ApiError> {
        self.proactive().map(|url| url.to_string())
    }

    fn proactive(&self) -> Result<Url, ApiError> {
        self.hosts.of(PROACTIVE).map_err(|_| {
            ApiError::Unconfigured(format!(
                "the address of the Proactive API is not known; set `hosts: {{ {PROACTIVE}: URL }}` for this environment, which is https://proactive-messaging.z1.fs.liveperson.com in the Americas, .z2. in Europe and .z3. in Asia and Australia"
            ))
        })
    }

    /// Sends to the consumers of a request, and returns the answer as it comes.
    ///
    /// # Errors
    /// Those of any write: [`ApiError::fate`] says whether messages may have gone out.
    pub async fn send_proactive(&self, body: &Value) -> Result<Value, ApiError> {
        let path = ["api", "v2", "account", self.account(), "campaign"];
        let url = below(&self.proactive()?, path, &[]);
        let request = Request::post(url, "campaign", Payload::Json(body.clone())).personal();
        let answer = self.send(request).await?;
        let lost = || ApiError::Lost("POST campaign: the answer is empty".to_owned());
        answer.body.ok_or_else(lost)
    }

    /// What became of the messages of a send.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn proactive_conversations(&self, campaign: &str) -> Result<Value, ApiError> {
        let path = [
            "api",
            "v2",
            "account",
            self.account(),
            "campaign",
            campaign,
            "conversations",
        ];
        let url = below(&self.proactive()?, path, &[]);
        let answer = self
            .send(Request::get(url, "campaign/conversations").personal())
            .await?;
        Ok(answer.body.unwrap_or_default())
    }
}
