//! Telling open pages that the book was built again: `GET /interleaved/reload`
//! is a stream of server-sent events, of which each `site` tells the site's
//! version. The first comes at once, so that a page that is of another version
//! learns of it however late it listens.

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

/// The site's version.
pub(super) struct Reload(watch::Sender<String>);

impl Reload {
    pub(super) fn new(version: &str) -> Reload {
        Reload(watch::Sender::new(version.to_owned()))
    }

    /// The book was built again. That is no news where it is the same as before.
    pub(super) fn send(&self, version: String) {
        self.0.send_if_modified(|now| {
            let is_new = *now != version;
            *now = version;
            is_new
        });
    }
}

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new().route("/interleaved/reload", get(reload))
}

async fn reload(
    State(server): State<Arc<Server>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut versions = server.reload.0.subscribe();
    versions.mark_changed();
    let events = stream::unfold(versions, |mut versions| async {
        versions.changed().await.ok()?;
        let version = versions.borrow_and_update().clone();
        let event = Event::default().event("site").data(version);
        Some((Ok(event), versions))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
