//! Who may ask for what. Anyone on this machine, and any page in the reader's
//! browser, can reach a port on loopback; a kernel does what its user can.
//!
//! - `Host` must be the address that we listen on, so that a name that someone
//!   else resolves to 127.0.0.1 (DNS rebinding) leads nowhere. `localhost` is
//!   such a name too: it may mean `[::1]`, whose port another user may hold.
//! - `Origin`, where a browser sends one, must be that same host's.
//! - Every route under `/api`, the WebSocket among them, wants the token.
//!
//! And every answer says what a page of ours may do: see [`headers`].

use super::{Server, connections};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;

/// The token, in bytes.
const TOKEN_LENGTH: usize = 32;

/// What the checks need to know.
pub(super) struct Guard {
    port: u16,
    token: String,
}

impl Guard {
    /// A guard with a new random token for a server on that port.
    pub(super) fn new(port: u16) -> Guard {
        Guard {
            port,
            token: random_hex(),
        }
    }

    /// The port that the server listens on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The book's address, with the token in its fragment: that part stays in
    /// the browser.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/#token={}", self.port, self.token)
    }

    /// What this server may be called.
    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn check_host_and_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = only(headers, header::HOST).ok_or(Refusal::Host)?;
        if host != self.host() {
            return Err(Refusal::Host);
        }
        if headers.contains_key(header::ORIGIN)
            && only(headers, header::ORIGIN) != Some(&format!("http://{host}"))
        {
            return Err(Refusal::Origin);
        }
        Ok(())
    }

    /// The token is in the query (a WebSocket of a browser can't send headers)
    /// or in `Authorization`, as `token X` or `Bearer X`.
    fn check_token(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let in_query = uri
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .filter_map(|pair| pair.strip_prefix("token="));
        let in_header = only(headers, header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| {
                scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer")
            })
            .map(|(_, token)| token.trim());
        in_query
            .chain(in_header)
            .any(|token| same(token, &self.token))
            .then_some(())
            .ok_or(Refusal::Token)
    }
}

/// 256 random bits.
///
/// # Panics
/// When the operating system has no random numbers to give.
pub(super) fn random_hex() -> String {
    let mut bytes = [0; TOKEN_LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two texts are the same, in a time that doesn't tell where they
/// differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let differing = one
        .iter()
        .zip(other)
        .fold(0, |differing, (a, b)| black_box(differing | (a ^ b)));
    differing == 0
}

/// A header's value, if it is there exactly once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    Host,
    Origin,
    Token,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = match self {
            Refusal::Host => "This server has no such name: use the address that it printed.",
            Refusal::Origin => "Only this server's own pages may ask it for anything.",
            Refusal::Token => {
                "The token is missing or wrong: open the address that the server printed."
            }
        };
        let json = json!({"message": message, "reason": format!("{self:?}")});
        (StatusCode::FORBIDDEN, Json(json)).into_response()
    }
}

/// Stands before every route.
pub(super) async fn check_every_request(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    let is_page = !request.uri().path().starts_with("/api");
    let mut response = match server.guard.check_host_and_origin(request.headers()) {
        Ok(()) => match connections::whole(request).await {
            Ok(request) => next.run(request).await,
            Err(status) => bare(status),
        },
        Err(refusal) => refusal.into_response(),
    };
    headers(&mut response);
    if !is_page {
        let no_store = HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, no_store);
    }
    response
}

/// An answer to what is no request: its status alone, and the headers.
pub(super) fn bare(status: StatusCode) -> Response {
    let mut response = status.into_response();
    headers(&mut response);
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONNECTION, "close"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The same as it goes over the wire.
pub(super) fn bare_bytes(status: StatusCode) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in bare(status).headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"content-length: 0\r\n\r\n");
    bytes
}

/// The name of a header that every answer of ours has, and none of others'.
pub(super) const MARK: &str = "cross-origin-resource-policy";

/// Stands before the routes under `/api`.
pub(super) async fn check_token(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    match server.guard.check_token(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// What browsers must not do with any answer of ours. A page brings its own
/// policy, which also allows its inline scripts: see [`policy`].
fn headers(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static(MARK), "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}

/// The content security policy of a page whose inline scripts have these
/// hashes (`sha256-…`). Styles may be inline: the editor makes its own. Whether the page
/// `has_base` is its own to say: the one that tells of a wrong address is shown at any
/// depth.
pub(super) fn policy(script_hashes: &BTreeSet<String>, has_base: bool) -> String {
    let base = if has_base { "'self'" } else { "'none'" };
    let hashes: String = script_hashes
        .iter()
        .map(|hash| format!(" '{hash}'"))
        .collect();
    format!(
        "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri {base}; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let guard = Guard::new(7878);
        let allowed = |pairs: &[_]| guard.check_host_and_origin(&headers(pairs)).is_ok();
        assert!(allowed(&[("host", "127.0.0.1:7878")]));
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:7878",
            "[::1]:7878",
            "evil.example:7878",
            "localhost.evil.example:7878",
            "",
        ] {
            assert!(!allowed(&[("host", host)]), "{host}");
        }
        assert!(!allowed(&[]));
        assert!(!allowed(&[
            ("host", "127.0.0.1:7878"),
            ("host", "127.0.0.1:7878")
        ]));
    }

    #[test]
    fn only_our_own_pages_may_ask() {
        let guard = Guard::new(7878);
        let allowed = |origin: &str| {
            let headers = headers(&[("host", "127.0.0.1:7878"), ("origin", origin)]);
            guard.check_host_and_origin(&headers).is_ok()
        };
        assert!(allowed("http://127.0.0.1:7878"));
        for origin in [
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:78780",
            "https://127.0.0.1:7878",
            "http://localhost:7878",
            "https://evil.example",
        ] {
            assert!(!allowed(origin), "{origin}");
        }
    }

    #[test]
    fn the_token_is_read_where_clients_put_it() {
        let guard = Guard::new(7878);
        let allowed = |query: &str, authorization: &str| {
            let uri = format!("/api/kernels?{query}").parse().unwrap();
            let headers = headers(&[("authorization", authorization)]);
            guard.check_token(&uri, &headers).is_ok()
        };
        let token = guard.token.clone();
        assert_eq!(token.len(), 2 * TOKEN_LENGTH);
        assert!(allowed(&format!("a=b&token={token}"), ""));
        assert!(allowed("", &format!("token {token}")));
        assert!(allowed("", &format!("Bearer {token}")));
        for wrong in ["", "x", &token[1..], &format!("{token}0")] {
            assert!(!allowed(&format!("token={wrong}"), ""), "{wrong}");
            assert!(!allowed("", &format!("token {wrong}")), "{wrong}");
        }
        assert!(!allowed("", &format!("Basic {token}")));
        assert_ne!(token, Guard::new(7878).token);
    }
}
