//! One request and one answer, free of the HTTP server around them.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;

use super::errors::RefusedRequest;
use crate::text::exact;

/// The header that tunnels PUT and DELETE through POST (platform.md#headers).
const OVERRIDE: &str = "x-http-method-override";

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(super) struct IncomingCall {
    /// The method as sent.
    pub(super) sent_method: Method,
    /// The method as meant: the one of the override header on a POST.
    pub(super) method: Method,
    /// Path and query as sent.
    pub(super) target: String,
    /// The decoded segments of the path.
    pub(super) path: Vec<String>,
    /// The decoded pairs of the query, in order.
    pub(super) query: Vec<(String, String)>,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Bytes,
}

impl IncomingCall {
    /// Takes a request apart.
    pub(super) fn new(parts: Parts, body: Bytes) -> Result<Self, RefusedRequest> {
        let path = parts.uri.path().trim_start_matches('/');
        Ok(Self {
            method: meant_method(&parts)?,
            sent_method: parts.method,
            target: parts.uri.to_string(),
            path: path.split('/').map(decode).collect(),
            query: pairs(&parts.uri)?,
            headers: parts.headers,
            body,
        })
    }

    /// A call that no server has read.
    pub(super) fn inside(
        method: &str,
        target: &str,
        body: &Value,
        bearer: &str,
    ) -> Result<Self, RefusedRequest> {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(target)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
            .body(())
            .map_err(|error| RefusedRequest::bad_request(error.to_string()))?;
        Self::new(request.into_parts().0, Bytes::from(exact::write(body)))
    }

    /// The decoded path, with a slash in front.
    pub(super) fn plain_path(&self) -> String {
        format!("/{}", self.path.join("/"))
    }

    /// The last value of a query parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a repeated query parameter.
    pub(super) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, RefusedRequest> {
        exact::read(&self.body)
            .map_err(|error| RefusedRequest::bad_request(format!("the body is not JSON: {error}")))
    }

    /// The body as form fields, followed by the query, which older docs use in place of a form.
    pub(super) fn form(&self) -> Result<Vec<(String, String)>, RefusedRequest> {
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| RefusedRequest::bad_request("the form is not UTF-8"))?;
        let uri = Uri::try_from(format!("/?{}", text.trim())).map_err(|error| {
            RefusedRequest::bad_request(format!("the form is malformed: {error}"))
        })?;
        let mut fields = pairs(&uri)?;
        fields.extend(self.query.iter().cloned());
        Ok(fields)
    }
}

fn meant_method(parts: &Parts) -> Result<Method, RefusedRequest> {
    let Some(meant) = parts.headers.get(OVERRIDE) else {
        return Ok(parts.method.clone());
    };
    match meant.as_bytes() {
        _ if parts.method != Method::POST => Ok(parts.method.clone()),
        b"PUT" => Ok(Method::PUT),
        b"DELETE" => Ok(Method::DELETE),
        _ => Err(RefusedRequest::bad_request(
            "X-HTTP-Method-Override takes PUT or DELETE",
        )),
    }
}

fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, RefusedRequest> {
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .map_err(|error| RefusedRequest::bad_request(error.to_string()))
}

/// Undoes percent-encoding; what is not encoded properly stays as it is.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (b'%', Some(code)) = (first, code) {
            bytes.push(code);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// The status.
    pub(super) status: StatusCode,
    /// The headers besides `Content-Type`.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(super) body: Body,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// None.
    Empty,
    /// JSON, as the platform answers.
    Json(Value),
    /// JSON under the media type of any bytes.
    Octets(Value),
    /// Text for people, on the sandbox's own paths.
    Text(String),
    /// A page, which no part of the platform answers.
    Html(&'static str),
    /// The page of a sign-in.
    Page(String),
}

impl Reply {
    /// An answer with a JSON body.
    pub(super) fn json(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
        }
    }

    /// 200 with a JSON body.
    pub(super) fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The body as it is sent.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Empty => Vec::new(),
            Body::Json(body) | Body::Octets(body) => exact::write(body).into_bytes(),
            Body::Text(text) | Body::Page(text) => text.clone().into_bytes(),
            Body::Html(text) => text.as_bytes().to_vec(),
        }
    }

    fn media_type(&self) -> Option<&'static str> {
        match self.body {
            Body::Empty => None,
            Body::Json(_) => Some("application/json;charset=UTF-8"),
            Body::Octets(_) => Some("application/octet-stream"),
            Body::Text(_) => Some("text/plain;charset=UTF-8"),
            Body::Html(_) | Body::Page(_) => Some("text/html;charset=UTF-8"),
        }
    }
}

impl axum::response::IntoResponse for Reply {
    fn into_response(self) -> axum::response::Response {
        let bytes = self.bytes();
        let mut builder = axum::response::Response::builder().status(self.status);
        if let Some(media_type) = self.media_type() {
            builder = builder.header(header::CONTENT_TYPE, media_type);
        }
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder
            .body(axum::body::Body::from(bytes))
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn segments_are_decoded_and_broken_ones_kept() {
        for (segment, plain) in [
            ("1%2C2", "1,2"),
            ("a%zz", "a%zz"),
            ("%", "%"),
            ("a%2", "a%2"),
            ("H%C3%A9", "Hé"),
            ("a+b", "a+b"),
        ] {
            assert_eq!(decode(segment), plain);
        }
    }
}
