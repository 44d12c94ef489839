//! What a receiver can be at the end of.

use outcomes::model::{self, Case, Channel, Object, Ready, Shared, Timer};
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
    created: &'static Location<'static>,
    /// A moment as a message. (It is one; this spares a conversion that is
    /// not safe.)
    message: fn(Instant) -> T,
}

impl Timed<Instant> {
    pub(crate) fn new(
        first: Option<Duration>,
        period: Option<Duration>,
        created: &'static Location<'static>,
    ) -> Timed<Instant> {
        Timed {
            timer: Timer(Shared::new(first)),
            period,
            created,
            message: |moment| moment,
        }
    }
}

impl<T> Timed<T> {
    fn take(&self) -> T {
        let time = self.timer.0.get();
        let now = model::now();
        let next = self.period.and_then(|period| {
            let late = now.unwrap_or_default().max(time.unwrap_or_default());
            late.checked_add(period)
        });
        // Without a clock, the next time is any time.
        let next = next.map(|next| if now.is_some() { next } else { Duration::ZERO });
        self.timer.0.set(next);
        (self.message)(Instant::at(now.and(time)))
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
