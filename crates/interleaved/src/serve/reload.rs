//! Telling open pages that the book was built again: `GET /interleaved/reload`
//! is a stream of server-sent events, of which each `reload` means that.

use super::Server;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::Stream;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::watch;

/// Counts rebuilds.
pub(super) struct Reload(watch::Sender<u64>);

impl Reload {
    pub(super) fn new() -> Reload {
        Reload(watch::Sender::new(0))
    }

    /// The book was built again.
    pub(super) fn send(&self) {
        self.0.send_modify(|rebuilds| *rebuilds += 1);
    }
}

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new().route("/interleaved/reload", get(reload))
}

async fn reload(
    State(server): State<Arc<Server>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let rebuilds = server.reload.0.subscribe();
    let events = stream::unfold(rebuilds, |mut rebuilds| async {
        rebuilds.changed().await.ok()?;
        let count = rebuilds.borrow_and_update().to_string();
        let event = Event::default().event("reload").data(count);
        Some((Ok(event), rebuilds))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
