//! Logins, client-credential tokens and the check of the bearer (platform.md#signing-in). The sign-in with a browser is in
//! [`super::grants`].
//!
//! Tokens are opaque and live in the store, so that they survive a restart. OAuth 1.0 is not spoken.
//! A refresh or logout is recognised by its `csrf` or its bearer; the session cookie is not needed.

use axum::http::{Method, StatusCode};
use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::Emulator;
use super::call::{IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::place::CollectionPlace;
use super::rows;
use super::settings::{ApplicationRights, LoginRole, OauthPaths};

/// Checks the bearer of a call against the account, and what its login may do.
pub(super) fn check(emulator: &Emulator, call: &IncomingCall) -> Result<(), RefusedRequest> {
    let bearer = bearer(call).ok_or_else(|| {
        RefusedRequest::unauthorized("the request needs an `Authorization: Bearer` header")
    })?;
    if emulator.settings.developer_bearer.as_deref() == Some(bearer) {
        return Ok(());
    }
    let known: Option<i64> = emulator.store.read(|tx| {
        tx.prepare_cached("SELECT expires FROM tokens WHERE token = ?1 AND account = ?2")?
            .query_row(params![bearer, emulator.account], |row| row.get(0))
            .optional()
    })?;
    match known {
        Some(expires) if expires > emulator.now().as_millisecond() => check_role(emulator, call),
        Some(_) => Err(RefusedRequest::unauthorized("the token has expired")),
        None => Err(RefusedRequest::unauthorized("the token is not known")),
    }
}

fn check_role(emulator: &Emulator, call: &IncomingCall) -> Result<(), RefusedRequest> {
    match emulator.settings.role {
        LoginRole::Manager => Ok(()),
        LoginRole::Viewer if call.method == Method::GET => Ok(()),
        LoginRole::Viewer | LoginRole::None => Err(RefusedRequest::new(
            StatusCode::FORBIDDEN,
            "the login lacks the role Campaign Manager",
        )),
    }
}

/// Checks what the token of an application may read. Which collections the platform opens to client credentials is not
/// documented; the switch is about those that people need the role of campaigns for.
pub(super) fn check_application(
    emulator: &Emulator,
    call: &IncomingCall,
    place: &CollectionPlace,
) -> Result<(), RefusedRequest> {
    let status = match emulator.settings.application_rights {
        ApplicationRights::Everything => return Ok(()),
        ApplicationRights::Forbidden => StatusCode::FORBIDDEN,
        ApplicationRights::Unauthorized => StatusCode::UNAUTHORIZED,
    };
    let is_campaigns = place.collection.role == CAMPAIGN_ROLE;
    if !is_campaigns || !is_application(emulator, call)? {
        return Ok(());
    }
    Err(RefusedRequest::new(
        status,
        "the application has no privilege for this collection",
    ))
}

/// Whether the bearer is one of an application. A user's has a `csrf`.
fn is_application(emulator: &Emulator, call: &IncomingCall) -> rusqlite::Result<bool> {
    let csrf: Option<Option<String>> = emulator.store.read(|tx| {
        tx.prepare_cached("SELECT csrf FROM tokens WHERE token = ?1")?
            .query_row([bearer(call)], |row| row.get(0))
            .optional()
    })?;
    Ok(csrf == Some(None))
}

/// The role of the collections that campaigns are made of (platform.md#roles).
const CAMPAIGN_ROLE: &str = "Campaign Manager or Administrator";

fn bearer(call: &IncomingCall) -> Option<&str> {
    let (scheme, token) = call.header("authorization")?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// `POST /api/account/{acct}/login`.
pub(super) fn login(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    require_post(call)?;
    let body = call.json()?;
    let text = |key| body.get(key).and_then(Value::as_str);
    let (Some(username), Some(password)) = (text("username"), text("password")) else {
        return Err(RefusedRequest::bad_request(
            "the body needs `username` and `password`",
        ));
    };
    let credentials = &emulator.settings.credentials;
    if username != credentials.username || password != credentials.password {
        return Err(RefusedRequest::unauthorized("the credentials are wrong"));
    }
    let lifetime = emulator.settings.session_lifetime;
    let (bearer, csrf) = emulator.store.write(|tx| {
        let (bearer, csrf) = (rows::random_text(tx)?, rows::random_text(tx)?);
        keep(emulator, tx, &bearer, Some(&csrf), lifetime)?;
        Ok::<_, RefusedRequest>((bearer, csrf))
    })?;
    let reply = Reply::ok(json!({
        "csrf": csrf,
        "wsuk": "1000000001",
        "sessionId": bearer[..16],
        "config": {
            "loginName": username,
            "userId": "1000000001",
            "userPrivileges": [],
            "isLPA": false,
            "isAdmin": true,
        },
        "csdsCollectionResponse": { "baseURIs": super::csds::all(emulator, call) },
        "accountData": {},
        "sessionTTl": lifetime.as_millis().to_string(),
        "bearer": bearer,
    }));
    Ok(reply.with("set-cookie", format!("session={csrf}; Path=/; HttpOnly")))
}

/// `POST /api/account/{acct}/refresh`: the session lives for a whole lifetime again.
pub(super) fn refresh(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    let expires = deadline(emulator, emulator.settings.session_lifetime);
    on_session(
        emulator,
        call,
        "UPDATE tokens SET expires = ?4 WHERE account = ?1 AND (token = ?2 OR csrf = ?3) AND expires > ?5",
        expires,
    )
}

/// `POST /api/account/{acct}/logout`: the bearer is dead at once.
pub(super) fn logout(emulator: &Emulator, call: &IncomingCall) -> Result<Reply, RefusedRequest> {
    on_session(
        emulator,
        call,
        "DELETE FROM tokens WHERE account = ?1 AND (token = ?2 OR csrf = ?3) AND ?4 >= 0 AND expires > ?5",
        0,
    )
}

fn on_session(
    emulator: &Emulator,
    call: &IncomingCall,
    statement: &str,
    expires: i64,
) -> Result<Reply, RefusedRequest> {
    require_post(call)?;
    let body = if call.body.is_empty() {
        Value::Null
    } else {
        call.json()?
    };
    let csrf = body.get("csrf").and_then(Value::as_str);
    let now = emulator.now().as_millisecond();
    let touched = emulator.store.write(|tx| {
        tx.execute(
            statement,
            params![emulator.account, bearer(call), csrf, expires, now],
        )
    })?;
    if touched == 0 {
        return Err(RefusedRequest::unauthorized("there is no such session"));
    }
    Ok(Reply::ok(json!({})))
}

/// Ends every token of the account; the developer bearer lives on.
pub(super) fn expire_all(emulator: &Emulator) -> rusqlite::Result<()> {
    emulator.store.write(|tx| {
        tx.execute(
            "UPDATE tokens SET expires = 0 WHERE account = ?1",
            [&emulator.account],
        )
        .map(drop)
    })
}

/// The client-credential grant, by the newer path or the older one.
pub(super) fn app_token(
    emulator: &Emulator,
    call: &IncomingCall,
    newer: bool,
) -> Result<Reply, RefusedRequest> {
    match emulator.settings.oauth {
        OauthPaths::V1 if newer => return Err(RefusedRequest::no_data()),
        OauthPaths::V2 if !newer => return Err(RefusedRequest::no_data()),
        _ => {}
    }
    require_post(call)?;
    let form = call.form()?;
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if field("grant_type") != Some("client_credentials") {
        return Err(RefusedRequest::bad_request(
            "grant_type must be client_credentials",
        ));
    }
    let credentials = &emulator.settings.credentials;
    if field("client_id") != Some(&credentials.client_id)
        || field("client_secret") != Some(&credentials.client_secret)
    {
        return Err(RefusedRequest::unauthorized("the client is not known"));
    }
    let lifetime = emulator.settings.app_token_lifetime;
    let token = emulator.store.write(|tx| {
        let token = jwt(emulator, &rows::random_text(tx)?);
        keep(emulator, tx, &token, None, lifetime)?;
        Ok::<_, RefusedRequest>(token)
    })?;
    Ok(Reply::ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": lifetime.as_secs(),
    })))
}

/// A token of a user who signed in with a browser.
pub(super) fn user_token(
    emulator: &Emulator,
    tx: &rusqlite::Transaction<'_>,
) -> rusqlite::Result<String> {
    let token = jwt(emulator, &rows::random_text(tx)?);
    let csrf = rows::random_text(tx)?;
    let lifetime = emulator.settings.app_token_lifetime;
    keep(emulator, tx, &token, Some(&csrf), lifetime)?;
    Ok(token)
}

pub(super) fn require_post(call: &IncomingCall) -> Result<(), RefusedRequest> {
    if call.method == Method::POST {
        Ok(())
    } else {
        Err(RefusedRequest::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "only POST is served here",
        ))
    }
}

fn keep(
    emulator: &Emulator,
    tx: &rusqlite::Transaction<'_>,
    token: &str,
    csrf: Option<&str>,
    lifetime: std::time::Duration,
) -> rusqlite::Result<()> {
    let now = emulator.now().as_millisecond();
    tx.execute("DELETE FROM tokens WHERE expires < ?1", [now - FORGET_MS])?;
    tx.execute(
        "INSERT INTO tokens VALUES (?1, ?2, ?3, ?4)",
        params![token, emulator.account, csrf, deadline(emulator, lifetime)],
    )?;
    Ok(())
}

/// Expired tokens are forgotten after a day, so that the store does not grow for ever.
const FORGET_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) fn deadline(emulator: &Emulator, lifetime: std::time::Duration) -> i64 {
    let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    emulator.now().as_millisecond().saturating_add(lifetime)
}

/// A text in the form of the platform's RS256 token; its signature is random and proves nothing.
fn jwt(emulator: &Emulator, random: &str) -> String {
    let now = emulator.now().as_second();
    let lifetime = emulator.settings.app_token_lifetime.as_secs();
    let claims = json!({
        "aud": emulator.account,
        "azp": emulator.settings.credentials.client_id,
        "scope": "msg.consumer",
        "iss": "Sentinel",
        "iat": now,
        "exp": now.saturating_add_unsigned(lifetime),
    });
    let header = json!({"alg": "RS256", "typ": "JWT"}).to_string();
    format!(
        "{}.{}.{random}",
        base64_url(header.as_bytes()),
        base64_url(claims.to_string().as_bytes())
    )
}

fn base64_url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for digit in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * digit)) & 63;
            text.push(char::from(DIGITS[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64_url;

    #[test]
    fn base64_has_no_padding_and_the_url_alphabet() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (&[0xfb, 0xff], "-_8"),
        ] {
            assert_eq!(base64_url(bytes), text);
        }
    }
}
