//! Texts, an account and changes in; new texts out.
