//! The client of a state server.

use std::time::Duration;

use reqwest::Client;

/// Whether an answer is a page for people.
pub(super) fn says_page(response: &reqwest::Response) -> bool {
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// A client that follows no redirect.
pub(super) fn client(is_local: bool) -> Result<Client, reqwest::Error> {
    super::super::install_crypto();
    let mut builder = Client::builder()
        .user_agent(concat!("campaignctl/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_mins(2))
        .redirect(reqwest::redirect::Policy::none());
    if is_local {
        builder = builder.no_proxy(); // what is meant for this computer stays on it
    }
    builder.build()
}
