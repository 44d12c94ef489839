//! What mdBook logs while it builds: it goes on after some errors, and says so
//! only there.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Everything that was complained about, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Complaints(Arc<Mutex<Vec<(Level, String)>>>);

impl Complaints {
    /// Does something, and takes down what this thread logs meanwhile.
    pub(crate) fn listen<T>(&self, what: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Listener(self.clone()), what)
    }

    /// The errors.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.of(Level::ERROR)
    }

    /// The warnings.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.of(Level::WARN)
    }

    fn of(&self, wanted: Level) -> Vec<String> {
        let complaints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = complaints.iter().filter(|(level, _)| *level == wanted);
        of.map(|(_, text)| text.clone()).collect()
    }

    fn add(&self, level: Level, text: String) {
        let mut complaints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // mdBook logs an error's cause after it, as a warning.
        if let Some(cause) = text.strip_prefix("Caused By: ")
            && let Some((_, error)) = complaints.last_mut()
        {
            let _ = write!(error, ": {cause}");
            return;
        }
        complaints.push((level, text));
    }
}

struct Listener(Complaints);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.add(*event.metadata().level(), message.0);
    }

    // There are no spans, since none is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// An event's text.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
