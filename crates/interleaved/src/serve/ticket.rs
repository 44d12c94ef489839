//! How the token gets into the browser that we open.
//!
//! The command line of a browser can be read by every user of the machine, so
//! it gets an address that works once, and only that leads to the address with
//! the token. Whoever is faster than the browser is noticed: its reader sees
//! that the ticket was used.

use super::{Server, guard};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::{Arc, Mutex, PoisonError};

/// An address that works once.
pub(super) struct Ticket {
    code: String,
    used: Mutex<bool>,
}

impl Ticket {
    pub(super) fn new() -> Ticket {
        Ticket {
            code: guard::random_hex(),
            used: Mutex::new(false),
        }
    }

    pub(super) fn address(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}/interleaved/open/{}", self.code)
    }

    /// Whether this is the code, and for the first time.
    fn redeem(&self, code: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        guard::same(code, &self.code) && !std::mem::replace(&mut *used, true)
    }
}

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new().route("/interleaved/open/{code}", get(open))
}

async fn open(State(server): State<Arc<Server>>, Path(code): Path<String>) -> Response {
    if !server.ticket.redeem(&code) {
        let sentence = "This address works once: open the one that `interleaved serve` printed. \
                        If you have not used it yourself, someone else on this machine has; \
                        then end the server.";
        return (StatusCode::FORBIDDEN, sentence).into_response();
    }
    let headers = [
        (header::LOCATION, server.guard.address()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_works_once() {
        let ticket = Ticket::new();
        assert!(!ticket.redeem("something else"));
        assert!(ticket.redeem(&ticket.code));
        assert!(!ticket.redeem(&ticket.code));
    }
}
