//! The tries of one request: whether there is another one, and when.

use std::time::Duration;

use super::ApiError;
use super::failed::Failed;
use super::http::{Http, shown};
use super::log;
use super::request::{Answer, Request};
use super::retry::{self, TryFailure};
use super::settings::Secret;

/// The tries of one request.
pub(super) struct Tries<'a> {
    pub(super) http: &'a Http,
    /// How many failed.
    failed: u32,
    waited: Duration,
    /// What an earlier try said that may have taken effect.
    doubt: Option<String>,
    /// Whether the service was looked up again.
    followed: bool,
}

impl<'a> Tries<'a> {
    /// No tries yet.
    pub(super) fn new(http: &'a Http) -> Self {
        Self {
            http,
            failed: 0,
            waited: Duration::ZERO,
            doubt: None,
            followed: false,
        }
    }

    /// Sends the request once.
    pub(super) async fn send(
        &mut self,
        request: &Request,
        token: Option<&Secret>,
    ) -> Result<Answer, Failed> {
        self.http.send_once(request, token, self.failed + 1).await
    }

    /// Whether the service may not be where it was. Said once.
    pub(super) fn looks_moved(&mut self, failed: &Failed) -> bool {
        let is_lost = matches!(
            failed.failure,
            Some(TryFailure::Connect | TryFailure::Status(404, _))
        );
        is_lost && !std::mem::replace(&mut self.followed, true)
    }

    /// Waits for the next try.
    ///
    /// # Errors
    /// That of the request, when there is no further try.
    pub(super) async fn again(
        &mut self,
        request: &Request,
        failed: Failed,
    ) -> Result<(), ApiError> {
        let Failed {
            failure,
            error,
            turn,
            visitor: _,
        } = failed;
        self.failed += 1;
        let pause = failure.and_then(|failure| {
            retry::pause(request.schedule, request.repeat, self.failed, failure)
        });
        let Some(pause) = pause else {
            return Err(self.end(request, error));
        };
        let wait = self.http.policy.lasting(pause);
        if !self.http.pay(wait) {
            return Err(self.spent(request, &error, wait));
        }
        if request.leaves_doubt(&error) {
            self.doubt = Some(error.to_string());
        }
        log::again(request, self.failed + 1, wait);
        self.waited += wait;
        match (failure, turn) {
            // The governor holds this request back, and all others.
            (Some(TryFailure::Status(429, _)), Some(turn)) => self.http.throttled(turn, wait),
            _ => tokio::time::sleep(wait).await,
        }
        Ok(())
    }

    /// The error of a request that is given up.
    pub(super) fn end(&mut self, request: &Request, error: ApiError) -> ApiError {
        let error = match self.failed {
            0 | 1 => error,
            tries if self.waited.as_secs() == 0 => error.with(&format!(" (tried {tries} times)")),
            tries => error.with(&format!(" (tried {tries} times in {})", shown(self.waited))),
        };
        request.doubted(error, self.doubt.take())
    }

    /// The error of a request for which there is no patience left.
    fn spent(&mut self, request: &Request, error: &ApiError, wait: Duration) -> ApiError {
        let (spent, _) = self.http.spent();
        let budget = self.http.policy.budget;
        let doubt = request.leaves_doubt(error).then(|| error.to_string());
        let why = error.message();
        let message = format!(
            "{why}; the next try would wait {}, and the retry budget of {} has only {} left",
            shown(wait),
            shown(budget),
            shown(budget.saturating_sub(spent)),
        );
        let doubt = doubt.or_else(|| self.doubt.take());
        request.doubted(ApiError::BudgetSpent(message), doubt)
    }
}

impl Http {
    /// Sends a request that needs no token and no look-up, as often as it takes.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, ApiError> {
        let mut tries = Tries::new(self);
        loop {
            match tries.send(request, None).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => tries.again(request, failed).await?,
            }
        }
    }
}
