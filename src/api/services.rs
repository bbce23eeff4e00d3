//! The services of the platform, by the names that the look-up knows them under (platform.md#services).

/// The name under which the look-up knows account config.
pub(super) const ACCOUNT_CONFIG: &str = "accountConfigReadWrite";

/// The name under which the look-up knows the handoff service.
pub(super) const HANDOFFS: &str = "outboundConfiguration";

/// What settings call that service.
pub(super) const HANDOFFS_SETTING: &str = "handoff";

/// The service that gives tokens to applications.
pub(super) const SENTINEL: &str = "sentinel";

/// The service that users sign in to.
pub(super) const AGENT: &str = "agentVep";
