//! Refresh tokens: what a user's sign-in in a browser leaves, and who keeps one between two uses.
//!
//! A refresh token may be replaced whenever it is used. So one run at a time exchanges it, and the new one is kept
//! before it is used: [`TokenKeeper`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::ApiError;
use crate::name::Secret;

/// The application that users sign in to.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client id.
    pub id: String,
    /// The client secret, of an application that has one.
    pub secret: Option<Secret>,
}

/// A refresh token, and the application that it belongs to.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The application.
    pub application: Application,
    /// Who keeps the refresh token.
    pub keeper: Arc<dyn TokenKeeper>,
}

/// Keeps a refresh token from one use to the next.
pub trait TokenKeeper: fmt::Debug + Send + Sync {
    /// Takes the token for one exchange; `None` while another run has taken it.
    ///
    /// # Errors
    /// A token that is not there, or cannot be read.
    fn take(&self) -> Result<Option<Box<dyn HeldRefreshToken>>, ApiError>;

    /// Whether a new token is there for the next run.
    fn is_lasting(&self) -> bool;
}

/// A refresh token that no other run uses until this goes.
pub trait HeldRefreshToken: Send {
    /// The token.
    fn token(&self) -> &Secret;

    /// Keeps the token that replaces it.
    ///
    /// # Errors
    /// A token that cannot be kept.
    fn replace(&mut self, token: &Secret) -> Result<(), ApiError>;
}

/// A refresh token that the run was given: a new one lives as long as the run.
#[derive(Debug)]
pub struct GivenToken(Arc<Mutex<Secret>>);

impl GivenToken {
    /// Keeps this token.
    #[must_use]
    pub fn new(token: Secret) -> Self {
        Self(Arc::new(Mutex::new(token)))
    }
}

impl TokenKeeper for GivenToken {
    fn take(&self) -> Result<Option<Box<dyn HeldRefreshToken>>, ApiError> {
        let token = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Box::new(Lent {
            token: token.clone(),
            all: Arc::clone(&self.0),
        })))
    }

    fn is_lasting(&self) -> bool {
        false
    }
}

struct Lent {
    token: Secret,
    all: Arc<Mutex<Secret>>,
}

impl HeldRefreshToken for Lent {
    fn token(&self) -> &Secret {
        &self.token
    }

    fn replace(&mut self, token: &Secret) -> Result<(), ApiError> {
        *self.all.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_token_is_replaced_for_the_run() {
        let given = GivenToken::new(Secret::new("first"));
        let mut taken = given.take().unwrap().unwrap();
        taken.replace(&Secret::new("second")).unwrap();
        assert_eq!(taken.token().expose(), "first");
        assert_eq!(given.take().unwrap().unwrap().token().expose(), "second");
        assert!(!given.is_lasting());
        assert!(!format!("{given:?}").contains("second"));
    }
}
