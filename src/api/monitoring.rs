//! The Monitoring API: which engagements an app would be served (platform.md#monitoring).
//!
//! It asks for no token: the id of the app installation is all that it wants. A first call loads the account
//! and is answered with 202; the call is then repeated with the visitor id of that answer.

use serde_json::Value;

use super::request::{Payload, Request};
use super::retry::RetrySchedule;
use super::tries::Tries;
use super::urls::below;
use super::{ApiError, Client};
use crate::name::RemoteId;

/// The name under which the look-up knows the Monitoring API.
const MONITORING: &str = "smt";

impl Client {
    /// What the platform makes of the current visit of a visitor (platform.md#visit-information); nothing where the visit
    /// is over.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn visit_state(
        &self,
        visitor: &str,
        session: &str,
    ) -> Result<Option<Value>, ApiError> {
        let path = [
            "api",
            "account",
            self.account(),
            "monitoring",
            "visitors",
            visitor,
            "visits",
            "current",
            "state",
        ];
        let url = below(
            &self.hosts.of(MONITORING)?,
            path,
            &[("v", "1"), ("sid", session)],
        );
        let request = Request {
            service: Some(MONITORING),
            ..Request::get(url, "visit")
        };
        match self.send(request).await {
            Ok(answer) => Ok(answer.body),
            Err(ApiError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the platform would serve to a visitor of an app: `body` as documented, and the answer as it comes.
    ///
    /// The call is made on behalf of the visitor, so that nothing is learnt from where this program runs. It
    /// opens a monitoring session on the account.
    ///
    /// # Errors
    /// Those of any request; [`ApiError::Unavailable`] when the account is not loaded after the four documented waits;
    /// [`ApiError::Unexpected`] when the answer is not about a visit.
    pub async fn engagements_for(
        &self,
        installation: &RemoteId,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let path = [
            "api",
            "account",
            self.account(),
            "app",
            installation.as_str(),
            "engagement",
        ];
        let base = self.hosts.of(MONITORING)?;
        let url = |visitor: Option<&str>| {
            let query = [
                ("v", "1.1"),
                ("obh", "true"),
                ("vid", visitor.unwrap_or("")),
            ];
            below(&base, path, &query[..2 + usize::from(visitor.is_some())])
        };
        let mut request = Request {
            service: Some(MONITORING),
            schedule: RetrySchedule::Monitoring,
            ..Request::ask(url(None), "engagement", Payload::Json(body.clone()))
        };
        let mut tries = Tries::new(&self.http);
        loop {
            let failed = match tries.send(&request, None).await {
                Ok(answer) => return answer.body.filter(is_of_a_visit).ok_or_else(unreadable),
                Err(failed) => failed,
            };
            if self
                .hosts
                .is_elsewhere(&mut tries, &mut request, &failed)
                .await
            {
                continue;
            }
            if let Some(visitor) = &failed.visitor {
                request.url.set_query(url(Some(visitor)).query());
            }
            tries.again(&request, failed).await?;
        }
    }
}

/// Whether an answer has what each answer to an app has: without it, nothing in it means that nothing is offered.
fn is_of_a_visit(body: &Value) -> bool {
    let details = body.get("engagementDetails");
    let has_id = ["sessionId", "visitorId"]
        .into_iter()
        .any(|key| body.get(key).is_some_and(Value::is_string));
    (has_id || details.is_some()) && details.is_none_or(|it| it.is_array() || it.is_null())
}

fn unreadable() -> ApiError {
    ApiError::Unexpected("POST engagement: it is not about a visit".to_owned())
}
