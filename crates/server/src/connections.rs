//! Connections: how many there may be, how long each may keep us waiting, and
//! what hyper says by itself.
//!
//! Anyone on this machine can connect to a port on loopback. A connection that
//! sends half a request is cut; and there are only so many, of our own user's
//! and of all others' apart, so that others can't take the reader's. When there
//! are as many as may be, a new one takes the place of the one that has been
//! quiet for longest. What became a WebSocket is no longer among them: kernels
//! bound how many there are of those.

use super::guard;
use super::ticket::is_our_user;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::Response;
use cargo_outcomes::stderr::say;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower_service::Service;

/// How long a request's head may take, and the pause before it.
const HEAD: Duration = Duration::from_secs(5);

/// How long a request's body may take.
const BODY: Duration = Duration::from_secs(5);

/// The largest body of a request, in bytes.
const BODY_SIZE: usize = 2 << 20;

/// The largest head of a request, in bytes.
const HEAD_SIZE: usize = 64 << 10;

/// How many connections our own user may have.
const OURS: usize = 512;

/// How many connections all other users may have.
const OTHERS: usize = 32;

/// How long to wait when the machine has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(200);

/// How often at most to say so.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Answers every connection, forever.
pub(super) async fn serve(listener: TcpListener, routes: Router, port: u16) {
    let ours = Pool::new(OURS);
    let others = Pool::new(OTHERS);
    let mut said: Option<Instant> = None;
    loop {
        let (stream, client) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_its_own_fault(&error) => continue,
            Err(error) => {
                if said.is_none_or(|at| at.elapsed() > SAY_EVERY) {
                    say(format_args!(
                        "warning: no room for another connection: {error}"
                    ));
                    said = Some(Instant::now());
                }
                // It goes on when there is room again.
                tokio::time::sleep(NO_ROOM).await;
                continue;
            }
        };
        // A kernel sends many small messages; each must go out at once, rather
        // than wait until the one before is acknowledged (some 40 ms).
        let _ = stream.set_nodelay(true);
        let pool = match is_our_user(client, port) {
            true => &ours,
            false => &others,
        };
        let place = pool.enter();
        tokio::spawn(answer(stream, client, routes.clone(), place));
    }
}

/// Whether whoever connects has gone again.
fn is_its_own_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Answers the requests of one connection, until it ends or has to.
async fn answer(stream: TcpStream, client: SocketAddr, routes: Router, place: Place) {
    let member = place.0.clone();
    let upgraded = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Headed {
        stream,
        upgraded: upgraded.clone(),
        unsent: Vec::new(),
    });
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        member.touch();
        let (mut routes, member, upgraded) = (routes.clone(), member.clone(), upgraded.clone());
        async move {
            let mut request = request;
            request.extensions_mut().insert(ConnectInfo(client));
            let Ok(response) = routes.call(request).await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                upgraded.store(true, Ordering::Relaxed);
            }
            member.touch();
            Ok::<Response, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(io, service)
        .with_upgrades();
    tokio::select! {
        // What is wrong with a connection is its client's affair.
        _ = connection => {}
        () = place.0.asked_to_go.notified() => {}
    }
}

/// A request with all of its body, or what to answer in its place.
pub(super) async fn whole(request: Request) -> Result<Request, StatusCode> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_SIZE);
    let Ok(body) = tokio::time::timeout(BODY, body).await else {
        return Err(StatusCode::REQUEST_TIMEOUT);
    };
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    Ok(Request::from_parts(head, Body::from(body)))
}

/// Places for connections.
struct Pool {
    size: usize,
    members: Arc<Mutex<Vec<Arc<Member>>>>,
}

struct Member {
    began: Instant,
    /// When it was last heard of, in milliseconds since it began.
    heard: AtomicU64,
    asked_to_go: Notify,
}

impl Member {
    fn touch(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.store(now, Ordering::Relaxed);
    }

    fn last_heard(&self) -> Instant {
        self.began + Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }
}

/// A connection's place, which is free again when this is dropped.
struct Place(Arc<Member>, Arc<Mutex<Vec<Arc<Member>>>>);

impl Pool {
    fn new(size: usize) -> Pool {
        Pool {
            size,
            members: Arc::default(),
        }
    }

    /// Takes a place; if there is none, that of the one who was quiet for
    /// longest.
    fn enter(&self) -> Place {
        let member = Arc::new(Member {
            began: Instant::now(),
            heard: AtomicU64::new(0),
            asked_to_go: Notify::new(),
        });
        let mut members = lock(&self.members);
        if members.len() >= self.size {
            let others = members.iter().enumerate();
            let quietest = others.min_by_key(|(_, member)| member.last_heard());
            if let Some((number, _)) = quietest {
                members.swap_remove(number).asked_to_go.notify_one();
            }
        }
        members.push(member.clone());
        Place(member, self.members.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.1).retain(|member| !Arc::ptr_eq(member, &self.0));
    }
}

fn lock(members: &Mutex<Vec<Arc<Member>>>) -> MutexGuard<'_, Vec<Arc<Member>>> {
    members.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection on which no answer goes without our headers. Those that hyper
/// gives by itself, to what is no request, are replaced on their way out.
struct Headed {
    stream: TcpStream,
    /// Whether it carries frames of a WebSocket by now.
    upgraded: Arc<AtomicBool>,
    /// What stands in the place of an answer of hyper's, and is not sent yet.
    unsent: Vec<u8>,
}

impl Headed {
    fn send_ours(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let sent = Pin::new(&mut self.stream).poll_write(context, &self.unsent);
            match ready!(sent)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => self.unsent.drain(..sent),
            };
        }
        Poll::Ready(Ok(()))
    }
}

/// The answer to send in place of hyper's own, if that is what this is: an
/// error, without a body and without any header of ours.
fn in_place_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let head = std::str::from_utf8(bytes.strip_suffix(b"\r\n\r\n")?).ok()?;
    let is_plain = !head.to_ascii_lowercase().contains(guard::MARK) && !head.contains("\r\n\r\n");
    let status = StatusCode::from_bytes(status).ok()?;
    (is_plain && status.is_client_error()).then(|| guard::bare_bytes(status))
}

impl AsyncRead for Headed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Headed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.send_ours(context))?;
        if !self.upgraded.load(Ordering::Relaxed)
            && let Some(ours) = in_place_of(bytes)
        {
            self.unsent = ours;
            // The rest goes with what follows: a flush at least.
            let _ = self.send_ours(context)?;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send_ours(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send_ours(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quietest_makes_room() {
        let pool = Pool::new(2);
        let (first, second) = (pool.enter(), pool.enter());
        first.0.heard.store(50_000, Ordering::Relaxed);
        let third = pool.enter();
        let names = |place: &Place| {
            lock(&pool.members)
                .iter()
                .any(|it| Arc::ptr_eq(it, &place.0))
        };
        assert!(names(&first) && !names(&second) && names(&third));
        drop((first, second));
        assert_eq!(lock(&pool.members).len(), 1);
    }

    #[test]
    fn only_answers_of_hyper_are_replaced() {
        let hyper = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: today\r\n\r\n";
        let ours = in_place_of(hyper).unwrap();
        assert!(ours.starts_with(b"HTTP/1.1 400 Bad Request\r\n"));
        assert_eq!(in_place_of(&ours), None);
        assert_eq!(in_place_of(b"HTTP/1.1 200 OK\r\n\r\n"), None);
        assert_eq!(in_place_of(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
        assert_eq!(in_place_of(b"a page about HTTP/1.1 400\r\n\r\n"), None);
    }
}
