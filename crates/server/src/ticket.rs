//! How the token gets into the browser that we open.
//!
//! The command line of a browser can be read by every user of the machine, so
//! it gets an address that works once, for a minute, and only that leads to the
//! address with the token. On Linux it works only for our own user, who is
//! known by the client's end of the connection. Elsewhere whoever is faster
//! than the browser is noticed: its reader sees that the ticket was used.

use super::{Server, guard};
use axum::Router;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the address works. A browser that isn't open yet takes seconds.
const VALID: Duration = Duration::from_secs(60);

/// An address that works once.
pub(super) struct Ticket {
    code: String,
    /// Until when it works; None once it was used.
    until: Mutex<Option<Instant>>,
}

impl Ticket {
    pub(super) fn new() -> Ticket {
        Ticket {
            code: guard::random_hex(),
            until: Mutex::new(None),
        }
    }

    /// The address, which works from now on.
    pub(super) fn address(&self, port: u16) -> String {
        *self.until() = Some(Instant::now() + VALID);
        format!("http://127.0.0.1:{port}/interleaved/open/{}", self.code)
    }

    /// Whether this is the code, in time, and for the first time.
    fn redeem(&self, code: &str, now: Instant) -> bool {
        guard::same(code, &self.code) && self.until().take().is_some_and(|until| now <= until)
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new().route("/interleaved/open/{code}", get(open))
}

async fn open(
    State(server): State<Arc<Server>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Path(code): Path<String>,
) -> Response {
    // In this order: another user can't use the ticket up.
    if !is_our_user(client, server.guard.port()) || !server.ticket.redeem(&code, Instant::now()) {
        let sentence = "This address works once, for a minute: open the one that the server printed. \
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

/// Whether the client's end of a connection to our port is this user's.
#[cfg(target_os = "linux")]
pub(super) fn is_our_user(client: SocketAddr, port: u16) -> bool {
    let us = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port));
    let connections = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    owner(&connections, client, us) == Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_our_user(_: SocketAddr, _: u16) -> bool {
    true
}

/// Whose socket at `from` is connected to `to`, according to `/proc/net/tcp`:
/// <https://docs.kernel.org/networking/proc_net_tcp.html>.
#[cfg(target_os = "linux")]
fn owner(connections: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    let (from, to) = (hex(from)?, hex(to)?);
    connections.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let is_it = fields.next()? == from && fields.next()? == to;
        // Past the state, queues, timer and retransmits.
        is_it.then(|| fields.nth(4)?.parse().ok())?
    })
}

#[cfg(target_os = "linux")]
fn hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    // As the processor holds the four bytes that are on the wire.
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_works_once() {
        let ticket = Ticket::new();
        let now = Instant::now();
        assert!(!ticket.redeem(&ticket.code, now), "nobody was given it");
        ticket.address(7878);
        assert!(!ticket.redeem("something else", now));
        assert!(ticket.redeem(&ticket.code, now));
        assert!(!ticket.redeem(&ticket.code, now));
    }

    #[test]
    fn a_ticket_expires() {
        let ticket = Ticket::new();
        ticket.address(7878);
        assert!(!ticket.redeem(&ticket.code, Instant::now() + 2 * VALID));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_endian = "little"))]
    fn the_owner_of_a_connection_is_known() {
        let connections = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1EC6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1
   1: 0100007F:1EC6 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2 1
   2: 0100007F:C350 0100007F:1EC6 01 00000000:00000000 00:00000000 00000000  1001        0 3 1
";
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(owner(connections, at(50000), at(7878)), Some(1001));
        assert_eq!(owner(connections, at(7878), at(50000)), Some(1000));
        assert_eq!(owner(connections, at(50001), at(7878)), None);
    }
}
