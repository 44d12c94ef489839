//! Asking for a build or a run to stop, from any thread.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The byte on a supervisor's socket that means "stop everything".
pub(crate) const STOP: u8 = b's';

/// Stops whatever it was given to, at once or as soon as that starts. Its
/// clones are the same switch, and it is never switched back.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    stopped: AtomicBool,
    supervisors: Mutex<Vec<Weak<UnixStream>>>,
}

impl Stop {
    /// A switch that nobody has pressed yet.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Stops everything that was given this switch, and all that will be.
    /// Doesn't wait for it.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        for supervisor in self.supervisors().drain(..) {
            if let Some(supervisor) = supervisor.upgrade() {
                tell(&supervisor);
            }
        }
    }

    /// Whether [`stop`](Stop::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Tells this supervisor when the switch is pressed, or now if it was.
    pub(crate) fn tell_when_stopped(&self, supervisor: &Arc<UnixStream>) {
        let mut supervisors = self.supervisors();
        supervisors.retain(|other| other.strong_count() > 0);
        supervisors.push(Arc::downgrade(supervisor));
        drop(supervisors);
        // Looked at after pushing, so that a stop in between is never missed.
        if self.is_stopped() {
            tell(supervisor);
        }
    }

    fn supervisors(&self) -> std::sync::MutexGuard<'_, Vec<Weak<UnixStream>>> {
        self.0
            .supervisors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells one supervisor to stop everything.
pub(crate) fn tell(mut supervisor: &UnixStream) {
    // A supervisor that is gone has nothing left to stop.
    let _ = supervisor.write_all(&[STOP]);
}
