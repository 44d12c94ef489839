//! What takes a while to prepare, such as what cargo builds: prepared when it
//! is first needed, once for everyone.

use cargo_outcomes::{Modelled, NoAnswer};
use runner::{BuildError, Progress, Stop};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often those who wait look whether they should still, and say how far it
/// is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The look-alikes against which programs are built to be explored.
pub type LookAlikes = Prepared<Modelled>;

type Prepare<T> = dyn Fn(&mut dyn FnMut(Progress)) -> Result<T, String> + Send + Sync;

/// Something that is ready or not. Clones share it.
pub struct Prepared<T>(Arc<Shared<T>>);

struct Shared<T> {
    prepare: Box<Prepare<T>>,
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    NotBegun,
    /// How many of how many steps are done.
    Preparing(usize, usize),
    Ready(T),
    /// Why, as a sentence. Whoever needs it next tries again.
    Failed(String),
}

/// Why something is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// It can't be prepared, as a sentence.
    Failed(String),
    /// Whoever waited was told not to wait any longer.
    Stopped,
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unready::Failed(sentence) => f.write_str(sentence),
            Unready::Stopped => f.write_str("Waiting was stopped."),
        }
    }
}

impl std::error::Error for Unready {}

impl From<Unready> for NoAnswer {
    fn from(unready: Unready) -> NoAnswer {
        match unready {
            Unready::Failed(sentence) => NoAnswer::Failed(sentence),
            Unready::Stopped => NoAnswer::Stopped,
        }
    }
}

impl From<Unready> for BuildError {
    fn from(unready: Unready) -> BuildError {
        match unready {
            Unready::Failed(sentence) => BuildError::Failed(sentence),
            Unready::Stopped => BuildError::Stopped,
        }
    }
}

impl<T: Clone + Send + 'static> Prepared<T> {
    /// What is prepared by this when it is first needed. An error is a
    /// sentence.
    pub fn new(
        prepare: impl Fn(&mut dyn FnMut(Progress)) -> Result<T, String> + Send + Sync + 'static,
    ) -> Prepared<T> {
        Prepared::in_state(prepare, State::NotBegun)
    }

    /// What is there already.
    pub fn ready(it: T) -> Prepared<T> {
        let unused = |_: &mut dyn FnMut(Progress)| Err("it is there already".to_owned());
        Prepared::in_state(unused, State::Ready(it))
    }

    /// What can't be had, for this reason (a sentence).
    pub fn none(reason: &str) -> Prepared<T> {
        let reason = reason.to_owned();
        Prepared::new(move |_| Err(reason.clone()))
    }

    fn in_state(
        prepare: impl Fn(&mut dyn FnMut(Progress)) -> Result<T, String> + Send + Sync + 'static,
        state: State<T>,
    ) -> Prepared<T> {
        Prepared(Arc::new(Shared {
            prepare: Box::new(prepare),
            state: Mutex::new(state),
            changed: Condvar::new(),
        }))
    }

    /// Has it prepared on a thread of its own, unless it is, or somebody did
    /// that before.
    pub fn begin(&self) {
        self.begin_from(&mut self.state());
    }

    /// Waits until it is ready. Meanwhile `tell` gets, again and again, how
    /// many of how many steps are done.
    ///
    /// # Errors
    /// When it can't be prepared, or `stop` says not to wait any longer. It is
    /// prepared nevertheless.
    pub fn wait(&self, stop: &Stop, tell: &mut dyn FnMut(usize, usize)) -> Result<T, Unready> {
        let mut state = self.state();
        self.begin_from(&mut state);
        loop {
            match &*state {
                State::Ready(it) => return Ok(it.clone()),
                State::Failed(sentence) => return Err(Unready::Failed(sentence.clone())),
                State::NotBegun => {}
                &State::Preparing(done, total) => {
                    drop(state);
                    tell(done, total);
                    state = self.state();
                }
            }
            if stop.is_stopped() {
                return Err(Unready::Stopped);
            }
            if matches!(&*state, State::Preparing(..)) {
                let waited = self.0.changed.wait_timeout(state, LOOK_EVERY);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// It, if it is ready within this time.
    pub fn within(&self, time: Duration) -> Option<T> {
        let deadline = Instant::now() + time;
        let mut state = self.state();
        self.begin_from(&mut state);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match &*state {
                State::Ready(it) => return Some(it.clone()),
                State::Preparing(..) if !left.is_zero() => {}
                _ => return None,
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn begin_from(&self, state: &mut State<T>) {
        if matches!(state, State::Preparing(..) | State::Ready(_)) {
            return;
        }
        let this = self.clone();
        let thread = thread::Builder::new().name("preparing".to_owned());
        *state = match thread.spawn(move || this.prepare()) {
            Ok(_) => State::Preparing(0, 0),
            Err(error) => State::Failed(format!("Cannot start a thread to build with: {error}.")),
        };
    }

    fn prepare(&self) {
        let mut tell = |far: Progress| {
            *self.state() = State::Preparing(far.done, far.total);
        };
        let prepared = (self.0.prepare)(&mut tell);
        *self.state() = match prepared {
            Ok(it) => State::Ready(it),
            Err(sentence) => State::Failed(sentence),
        };
        self.0.changed.notify_all();
    }
}

impl<T> Prepared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Prepared<T> {
        Prepared(self.0.clone())
    }
}

impl<T> fmt::Debug for Prepared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.state() {
            State::NotBegun => "Prepared(not begun)",
            State::Preparing(..) => "Prepared(being prepared)",
            State::Ready(_) => "Prepared(ready)",
            State::Failed(_) => "Prepared(failed)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    #[test]
    fn who_is_stopped_does_not_wait() {
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let look_alikes = LookAlikes::new(move |tell| {
            tell(Progress {
                done: 1,
                total: 2,
                name: "one".to_owned(),
                fresh: false,
            });
            let _ = held.lock().unwrap().recv();
            Err("too late".to_owned())
        });
        let stop = Stop::new();
        let mut far = (0, 0);
        let answer = look_alikes.wait(&stop, &mut |done, total| {
            far = (done, total);
            if done == 1 {
                stop.stop();
            }
        });
        assert_eq!(answer.unwrap_err(), Unready::Stopped);
        assert_eq!(far, (1, 2));
        drop(release);
    }

    #[test]
    fn they_are_built_once_for_all_who_wait() {
        let builds = Arc::new(AtomicU32::new(0));
        let counted = builds.clone();
        let (wait, waits) = mpsc::channel::<()>();
        let waits = Mutex::new(waits);
        let look_alikes = LookAlikes::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            // Not before all four wait.
            let waits = waits.lock().unwrap();
            while waits.recv().is_ok() {}
            Err("no such package".to_owned())
        });
        look_alikes.begin();
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..4)
                .map(|_| {
                    let mut wait = Some(wait.clone());
                    let look_alikes = &look_alikes;
                    let tell = move |_, _| drop(wait.take());
                    scope.spawn(move || look_alikes.wait(&Stop::new(), &mut { tell }))
                })
                .collect();
            drop(wait);
            for thread in waiting {
                let error = thread.join().unwrap().unwrap_err();
                assert_eq!(error, Unready::Failed("no such package".to_owned()));
            }
        });
        assert_eq!(builds.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_is_not_ready_in_time_is_not_waited_for() {
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let slow = Prepared::new(move |_| {
            let _ = held.lock().unwrap().recv();
            Ok(1)
        });
        assert_eq!(slow.within(Duration::from_millis(1)), None);
        drop(release);
        assert_eq!(slow.wait(&Stop::new(), &mut |_, _| {}), Ok(1));
        assert_eq!(slow.within(Duration::ZERO), Some(1));
        assert_eq!(Prepared::ready(2).within(Duration::ZERO), Some(2));
    }
}
