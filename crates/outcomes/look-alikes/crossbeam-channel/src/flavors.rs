//! What a receiver can be at the end of.

use outcomes_engine::model::{self, Case, Channel, Object, Ready, Timer};
use outcomes_std::time::{Duration, Instant};
use std::panic::Location;
use std::sync::Arc;

/// The kinds of channels that can be received from.
pub(crate) enum Flavor<T> {
    /// Bounded, unbounded, or without room.
    Channel(Arc<Channel<T>>),
    /// After some time, or again and again.
    Timed(Arc<Timed<T>>),
    /// Never.
    Never,
}

impl<T> Clone for Flavor<T> {
    fn clone(&self) -> Flavor<T> {
        match self {
            Flavor::Channel(channel) => Flavor::Channel(Arc::clone(channel)),
            Flavor::Timed(timed) => Flavor::Timed(Arc::clone(timed)),
            Flavor::Never => Flavor::Never,
        }
    }
}

/// A channel that delivers the time.
pub(crate) struct Timed<T> {
    timer: Timer,
    /// `None` to deliver once.
    period: Option<Duration>,
    /// What it delivers, if not the time at which it does.
    when: Option<Instant>,
    created: &'static Location<'static>,
    /// A moment as a message. (It is one; this spares a conversion that is
    /// not safe.)
    message: fn(Instant) -> T,
}

impl Timed<Instant> {
    /// A channel that delivers after `first`, and then every `period`: `when`
    /// if that is something, else the time.
    pub(crate) fn new(
        first: Duration,
        period: Option<Duration>,
        when: Option<Instant>,
        created: &'static Location<'static>,
    ) -> Arc<Timed<Instant>> {
        let timed = Arc::new(Timed {
            timer: Timer::new(),
            period,
            when,
            created,
            message: |moment| moment,
        });
        timed.set(Some(first));
        timed
    }
}

impl<T> Timed<T> {
    /// As the original, never after a time that doesn't end.
    fn set(&self, wait: Option<Duration>) {
        match wait.filter(|wait| i64::try_from(wait.as_secs()).is_ok()) {
            Some(wait) => self.timer.set(wait),
            None => self.timer.clear(),
        }
    }

    fn take(&self) -> T {
        let due = Instant::at(self.timer.moment());
        self.set(self.period);
        (self.message)(self.when.unwrap_or(due))
    }
}

impl<T> Flavor<T> {
    pub(crate) fn object(&self) -> Option<Object> {
        match self {
            Flavor::Channel(channel) => Some(channel.object()),
            Flavor::Timed(timed) => Some(Object {
                kind: "timer channel",
                address: Arc::as_ptr(timed).cast(),
                size: 0,
                created: Some(timed.created),
            }),
            Flavor::Never => None,
        }
    }

    pub(crate) fn case(&self, action: &'static str) -> Case<'_> {
        Case {
            action,
            object: self.object(),
            ready: match self {
                Flavor::Channel(channel) => Ready::Receive(channel.level()),
                Flavor::Timed(timed) => Ready::Timer(&timed.timer),
                Flavor::Never => Ready::When(&|| false),
            },
        }
    }

    /// Receives, after the operation was taken.
    pub(crate) fn take(&self) -> Option<T> {
        let message = match self {
            Flavor::Channel(channel) => channel.take(),
            Flavor::Timed(timed) => Some(timed.take()),
            Flavor::Never => None,
        };
        model::note(|| message.as_ref().and_then(model::show));
        message
    }
}
