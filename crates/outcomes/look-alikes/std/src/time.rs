//! Time as the model's clock tells it. A program that asks for the time of day
//! is refused.

use outcomes_engine::model;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::panic::Location;

pub use std::time::{Duration, SystemTimeError, TryFromFloatSecsError};

/// A moment.
///
/// Where time may pass in any way there is nothing to tell of it; then a
/// moment can only be waited for: to compare it with another reads the clock.
#[derive(Clone, Copy)]
pub struct Instant {
    /// Since [`EPOCH`]. Without a clock, since some moment.
    since_epoch: Duration,
    /// Whether there is a clock.
    known: bool,
}

/// How long before the start of the program time began: there are moments
/// before the start, too.
const EPOCH: Duration = Duration::from_secs(1 << 62);

impl Instant {
    /// This moment.
    pub fn now() -> Instant {
        Instant::at(model::moment())
    }

    /// The moment of this time since the program started, as told by
    /// [`model::moment`], or an unknown one.
    #[doc(hidden)]
    pub fn at(since_start: Option<Duration>) -> Instant {
        Instant {
            since_epoch: EPOCH + since_start.unwrap_or_default(),
            known: since_start.is_some(),
        }
    }

    /// Time since the program started; on a clock without time, whatever was
    /// added to a moment.
    #[doc(hidden)]
    pub fn since_start(self) -> Duration {
        if self.known {
            model::look_at_moment();
        }
        self.since_epoch.saturating_sub(EPOCH)
    }

    #[track_caller]
    fn check(self) {
        if !self.known {
            model::refuse(
                "it reads the clock, which can show anything when time may pass in any way; \
                 on a prompt machine (clock \"prompt\") it can be explored",
                Location::caller(),
            );
        }
        model::look_at_moment();
    }

    /// Time since an earlier moment; none if it is not earlier.
    #[track_caller]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.check();
        self.since_epoch.saturating_sub(earlier.since_epoch)
    }

    /// Time since an earlier moment, if it is earlier.
    #[track_caller]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.check();
        self.since_epoch.checked_sub(earlier.since_epoch)
    }

    /// Time since an earlier moment; none if it is not earlier.
    #[track_caller]
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }

    /// Time since this moment.
    #[track_caller]
    pub fn elapsed(&self) -> Duration {
        self.check();
        Instant::now().duration_since(*self)
    }

    /// A later moment, if there is one.
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        let since_epoch = self.since_epoch.checked_add(duration)?;
        Some(Instant {
            since_epoch,
            ..*self
        })
    }

    /// An earlier moment, if there is one.
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        let since_epoch = self.since_epoch.checked_sub(duration)?;
        Some(Instant {
            since_epoch,
            ..*self
        })
    }
}

impl PartialEq for Instant {
    #[track_caller]
    fn eq(&self, other: &Instant) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Instant {}

impl PartialOrd for Instant {
    #[track_caller]
    fn partial_cmp(&self, other: &Instant) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    #[track_caller]
    fn cmp(&self, other: &Instant) -> Ordering {
        self.check();
        self.since_epoch.cmp(&other.since_epoch)
    }
}

impl Hash for Instant {
    fn hash<H: Hasher>(&self, _: &mut H) {
        model::refuse(
            "it hashes a moment, which is another on every machine",
            model::nowhere(),
        )
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        model::refuse(
            "it shows a moment itself, which is another on every machine",
            model::showing(),
        )
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        self.checked_add(duration)
            .expect("overflow when adding duration to instant")
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, duration: Duration) -> Instant {
        self.checked_sub(duration)
            .expect("overflow when subtracting duration from instant")
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    #[track_caller]
    fn sub(self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }
}

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemTime(std::time::SystemTime);

/// The start of 1970.
pub const UNIX_EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

impl SystemTime {
    /// The start of 1970.
    pub const UNIX_EPOCH: SystemTime = SystemTime(std::time::SystemTime::UNIX_EPOCH);

    /// Never says what time of day it is: the program is refused.
    #[track_caller]
    pub fn now() -> SystemTime {
        model::refuse(
            "it asks for the time of day, which is another each time; with a time in its place \
             it can be explored",
            Location::caller(),
        )
    }

    /// Never says how long ago it is: the program is refused.
    ///
    /// # Errors
    /// Never.
    #[track_caller]
    pub fn elapsed(&self) -> Result<Duration, SystemTimeError> {
        model::refuse(
            "it asks how long ago a time of day is, which is another each time",
            Location::caller(),
        )
    }

    /// Time since an earlier time of day.
    ///
    /// # Errors
    /// How much later it is, if it is.
    pub fn duration_since(&self, earlier: SystemTime) -> Result<Duration, SystemTimeError> {
        self.0.duration_since(earlier.0)
    }

    /// A later time, if there is one.
    pub fn checked_add(&self, duration: Duration) -> Option<SystemTime> {
        self.0.checked_add(duration).map(SystemTime)
    }

    /// An earlier time, if there is one.
    pub fn checked_sub(&self, duration: Duration) -> Option<SystemTime> {
        self.0.checked_sub(duration).map(SystemTime)
    }
}

impl fmt::Debug for SystemTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Add<Duration> for SystemTime {
    type Output = SystemTime;

    fn add(self, duration: Duration) -> SystemTime {
        SystemTime(self.0 + duration)
    }
}

impl AddAssign<Duration> for SystemTime {
    fn add_assign(&mut self, duration: Duration) {
        self.0 += duration;
    }
}

impl Sub<Duration> for SystemTime {
    type Output = SystemTime;

    fn sub(self, duration: Duration) -> SystemTime {
        SystemTime(self.0 - duration)
    }
}

impl SubAssign<Duration> for SystemTime {
    fn sub_assign(&mut self, duration: Duration) {
        self.0 -= duration;
    }
}
