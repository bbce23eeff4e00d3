//! The sign-in with a browser: the platform's page, the codes that it gives, and the tokens that they are exchanged for
//! (platform.md#signing-in).
//!
//! The page asks for name and password, where the platform would send a user to the sign-in of the company. It sends a
//! browser back to loopback addresses only. A code serves once. A refresh token is replaced at each use, unless a switch
//! says otherwise: what was replaced is refused from then on.

use axum::http::{Method, StatusCode};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;

use super::Emulator;
use super::auth;
use super::call::{Body, IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::rows;

/// What a grant is, in the store.
const CODE: &str = "code";

/// The other thing that a grant can be.
const REFRESH: &str = "refresh token";

/// What the page carries from its address to its form.
const CARRIED: [&str; 4] = ["response_type", "client_id", "redirect_uri", "state"];

/// `GET` and `POST /sentinel/api/account/{acct}/authorize`: the page, and the form on it.
pub(super) fn authorize(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    let fields = if call.method == Method::POST {
        call.form()?
    } else {
        call.query.clone()
    };
    let field = |name: &str| value_of(&fields, name);
    if field("response_type") != Some("code") {
        return Err(RefusedRequest::bad_request("response_type must be code"));
    }
    if field("client_id") != Some(&emulator.settings.credentials.client_id) {
        return Err(RefusedRequest::unauthorized("the client is not known"));
    }
    let redirect = field("redirect_uri").filter(|uri| is_loopback(uri));
    let redirect = redirect.ok_or_else(|| {
        RefusedRequest::bad_request(
            "redirect_uri must be an http address of 127.0.0.1, with a port",
        )
    })?;
    let back = |name: &str, value: &str| {
        let state = field("state").unwrap_or_default();
        let query = format!("{name}={}&state={}", encoded(value), encoded(state));
        Reply::empty(StatusCode::FOUND).with("location", format!("{redirect}?{query}"))
    };
    if call.method != Method::POST {
        return Ok(page(&fields, ""));
    }
    if field("answer") == Some("deny") {
        return Ok(back("error", "access_denied"));
    }
    let known = &emulator.settings.credentials;
    if field("username") != Some(&known.username) || field("password") != Some(&known.password) {
        return Ok(page(&fields, "The name or the password is wrong."));
    }
    let lifetime = emulator.settings.code_lifetime;
    let code = emulator.store.write(|tx| {
        let code = rows::random_text(tx)?;
        let grant = (CODE, code.as_str(), redirect);
        keep(emulator, tx, grant, auth::deadline(emulator, lifetime))?;
        Ok::<_, RefusedRequest>(code)
    })?;
    Ok(back("code", &code))
}

/// `POST /sentinel/api/account/{acct}/token?v=2.0`: a code or a refresh token against tokens.
pub(super) fn token(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    auth::require_post(call)?;
    let form = call.form()?;
    let field = |name: &str| value_of(&form, name);
    let known = &emulator.settings.credentials;
    let is_wrong = field("client_secret").is_some_and(|secret| secret != known.client_secret);
    if field("client_id") != Some(&known.client_id) || is_wrong {
        return Err(RefusedRequest::unauthorized("the client is not known"));
    }
    let (kind, secret, redirect) = match field("grant_type") {
        Some("authorization_code") => (CODE, field("code"), field("redirect_uri")),
        Some("refresh_token") => (REFRESH, field("refresh_token"), Some("")),
        _ => {
            return Err(RefusedRequest::bad_request(
                "grant_type must be authorization_code or refresh_token",
            ));
        }
    };
    let grant = (
        kind,
        secret.unwrap_or_default(),
        redirect.unwrap_or_default(),
    );
    let (access, refresh) = emulator.store.write(|tx| exchange(emulator, tx, grant))?;
    Ok(Reply::ok(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": emulator.settings.app_token_lifetime.as_secs(),
        "refresh_token": refresh,
        "id_token": access,
    })))
}

/// The access token and the refresh token that a grant is exchanged for.
fn exchange(
    emulator: &Emulator,
    tx: &Transaction<'_>,
    (kind, secret, redirect): (&str, &str, &str),
) -> Result<(String, String), RefusedRequest> {
    let settings = &emulator.settings;
    let select = "SELECT expires FROM grants WHERE secret = ?1 AND account = ?2 AND kind = ?3 AND redirect = ?4";
    let expires: Option<i64> = tx
        .prepare_cached(select)?
        .query_row(params![secret, emulator.account, kind, redirect], |row| {
            row.get(0)
        })
        .optional()?;
    match expires {
        Some(expires) if expires > emulator.now().as_millisecond() => {}
        _ => {
            return Err(RefusedRequest::bad_request(format!(
                "invalid_grant: the {kind} is unknown, used or expired"
            )));
        }
    }
    let refresh = if kind == CODE || settings.rotates_refresh_tokens {
        tx.execute("DELETE FROM grants WHERE secret = ?1", [secret])?;
        let refresh = rows::random_text(tx)?;
        let deadline = auth::deadline(emulator, settings.refresh_token_lifetime);
        keep(emulator, tx, (REFRESH, &refresh, ""), deadline)?;
        refresh
    } else {
        secret.to_owned()
    };
    let access = auth::user_token(emulator, tx)?;
    Ok((access, refresh))
}

fn keep(
    emulator: &Emulator,
    tx: &Transaction<'_>,
    (kind, secret, redirect): (&str, &str, &str),
    expires: i64,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO grants VALUES (?1, ?2, ?3, ?4, ?5)",
        params![secret, emulator.account, kind, redirect, expires],
    )?;
    Ok(())
}

fn value_of<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// Whether a redirect stays on this computer. A code for anywhere else would be one for a thief.
fn is_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://127.0.0.1:") else {
        return false;
    };
    let (port, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |ch: char| ch.is_ascii_alphanumeric() || "/-_.".contains(ch);
    port.parse::<u16>().is_ok() && path.chars().all(is_plain)
}

/// A value of a query.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The page on which a user signs in.
fn page(fields: &[(String, String)], said: &str) -> Reply {
    let carried = CARRIED.iter().filter_map(|name| {
        let value = escaped(value_of(fields, name)?);
        Some(format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"
        ))
    });
    let carried = carried.collect::<Vec<_>>().concat();
    let html = include_str!("authorize.html")
        .replace("@said@", said)
        .replace("@carried@", &carried);
    Reply {
        status: StatusCode::OK,
        headers: vec![
            ("cache-control", "no-store".to_owned()),
            ("x-frame-options", "DENY".to_owned()),
        ],
        body: Body::Page(html),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_on_this_computer() {
        for (uri, is_here) in [
            ("http://127.0.0.1:4010/callback", true),
            ("http://127.0.0.1:4010", true),
            ("http://127.0.0.1/callback", false),
            ("https://127.0.0.1:4010/callback", false),
            ("http://127.0.0.1:4010@evil.example/", false),
            ("http://127.0.0.1:x/", false),
            ("http://127.0.0.1.evil.example:80/", false),
            ("http://127.0.0.1:4010/?x=1", false),
            ("http://127.0.0.1:4010/\r\nx: y", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(uri), is_here, "{uri}");
        }
    }

    #[test]
    fn what_the_page_carries_is_text() {
        let fields = [("state".to_owned(), "\"><script>&".to_owned())];
        let page = page(&fields, "");
        let html = String::from_utf8(page.bytes()).unwrap();
        assert!(html.contains("&quot;&gt;&lt;script&gt;&amp;"), "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(encoded("a b&c=é"), "a%20b%26c%3D%C3%A9");
    }
}
