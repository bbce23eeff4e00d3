//! Environments end to end.
