//! The look-alikes against which programs are built to be explored: built by
//! cargo when they are first needed, once for everyone.

use runner::{Modelled, NoAnswer, Progress, Stop};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often those who wait look whether they should still, and say how far it
/// is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

type Prepare = dyn Fn(&mut dyn FnMut(Progress)) -> Result<Modelled, String> + Send + Sync;

/// The look-alikes, ready or not. Clones share them.
#[derive(Clone)]
pub struct LookAlikes(Arc<Shared>);

struct Shared {
    prepare: Box<Prepare>,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    NotBegun,
    /// Cargo is at it. How many of how many are done.
    Preparing(usize, usize),
    Ready(Modelled),
    /// Why, as a sentence. Whoever needs them next tries again.
    Failed(String),
}

impl LookAlikes {
    /// Look-alikes that are prepared by this when they are first needed:
    /// mostly by [`Modelled::prepare`]. An error is a sentence.
    pub fn new(
        prepare: impl Fn(&mut dyn FnMut(Progress)) -> Result<Modelled, String> + Send + Sync + 'static,
    ) -> LookAlikes {
        LookAlikes(Arc::new(Shared {
            prepare: Box::new(prepare),
            state: Mutex::new(State::NotBegun),
            changed: Condvar::new(),
        }))
    }

    /// None: nothing can be explored, for this reason (a sentence).
    pub fn none(reason: &str) -> LookAlikes {
        let reason = reason.to_owned();
        LookAlikes::new(move |_| Err(reason.clone()))
    }

    /// Has them prepared on a thread of its own, unless they are, or somebody
    /// did that before.
    pub fn begin(&self) {
        self.begin_from(&mut self.state());
    }

    /// Waits until they are ready. Meanwhile `tell` gets, again and again, how
    /// many of how many libraries are.
    ///
    /// # Errors
    /// When they can't be built, or `stop` says not to wait any longer. They
    /// are built on nevertheless.
    pub fn wait(
        &self,
        stop: &Stop,
        tell: &mut dyn FnMut(usize, usize),
    ) -> Result<Modelled, NoAnswer> {
        let mut state = self.state();
        self.begin_from(&mut state);
        loop {
            match &*state {
                State::Ready(modelled) => return Ok(modelled.clone()),
                State::Failed(sentence) => return Err(NoAnswer::Failed(sentence.clone())),
                State::NotBegun => {}
                &State::Preparing(done, total) => {
                    drop(state);
                    tell(done, total);
                    state = self.state();
                }
            }
            if stop.is_stopped() {
                return Err(NoAnswer::Stopped);
            }
            if matches!(&*state, State::Preparing(..)) {
                let waited = self.0.changed.wait_timeout(state, LOOK_EVERY);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn begin_from(&self, state: &mut State) {
        if matches!(state, State::Preparing(..) | State::Ready(_)) {
            return;
        }
        let this = self.clone();
        let thread = thread::Builder::new().name("look-alikes".to_owned());
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
            Ok(modelled) => State::Ready(modelled),
            Err(sentence) => State::Failed(sentence),
        };
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LookAlikes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.state() {
            State::NotBegun => "LookAlikes(not begun)",
            State::Preparing(..) => "LookAlikes(being prepared)",
            State::Ready(_) => "LookAlikes(ready)",
            State::Failed(_) => "LookAlikes(failed)",
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
        assert_eq!(answer.unwrap_err(), NoAnswer::Stopped);
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
                assert_eq!(error, NoAnswer::Failed("no such package".to_owned()));
            }
        });
        assert_eq!(builds.load(Ordering::SeqCst), 1);
    }
}
