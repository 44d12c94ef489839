//! Waiting in line: so many are served at once, the others one after the other
//! in the order in which they came.

use runner::Stop;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often those who wait look whether they should still.
const NOTICE_STOP: Duration = Duration::from_millis(50);

/// How long one waits before being told so.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// A line. Its clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    places: usize,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    served: usize,
    /// The numbers of those who wait, the first one next.
    waiting: VecDeque<u64>,
    next_number: u64,
}

/// Being served, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Line);

impl Line {
    /// A line in which so many are served at once.
    pub(crate) fn new(places: usize) -> Line {
        Line(Arc::new(Shared {
            places: places.max(1),
            state: Mutex::default(),
            moved: Condvar::new(),
        }))
    }

    /// Waits for a place; `None` if stopped before. After a second of it,
    /// `tell` gets how many are served at once.
    pub(crate) fn wait(&self, stop: &Stop, tell: &mut dyn FnMut(usize)) -> Option<Place> {
        let came = Instant::now();
        let mut told = false;
        let mut state = self.state();
        let number = state.next_number;
        state.next_number += 1;
        state.waiting.push_back(number);
        loop {
            if stop.is_stopped() {
                state.waiting.retain(|other| *other != number);
                drop(state);
                self.0.moved.notify_all();
                return None;
            }
            if state.served < self.0.places && state.waiting.front() == Some(&number) {
                state.waiting.pop_front();
                state.served += 1;
                drop(state);
                // There may be a place for the next one, too.
                self.0.moved.notify_all();
                return Some(Place(self.clone()));
            }
            if !told && came.elapsed() > TELL_AFTER {
                told = true;
                drop(state);
                tell(self.0.places);
                state = self.state();
                continue;
            }
            state = self
                .0
                .moved
                .wait_timeout(state, NOTICE_STOP)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state().served -= 1;
        self.0.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::thread;

    fn wait(line: &Line) -> Option<Place> {
        line.wait(&Stop::new(), &mut |_| {})
    }

    #[test]
    fn no_more_than_so_many_are_served_at_once() {
        let line = Line::new(3);
        let (served, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let place = wait(&line);
                        let now = served.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        served.fetch_sub(1, Ordering::SeqCst);
                        drop(place);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(line.state().served, 0);
    }

    #[test]
    fn whoever_came_first_is_served_first() {
        let line = Line::new(1);
        let first = wait(&line);
        let (sender, order) = mpsc::channel();
        thread::scope(|scope| {
            for number in 0..5 {
                let (line, sender) = (&line, sender.clone());
                scope.spawn(move || {
                    let _place = wait(line);
                    sender.send(number).unwrap();
                });
                // In line before the next one comes.
                while line.state().waiting.len() <= number {
                    thread::yield_now();
                }
            }
            drop(first);
        });
        drop(sender);
        assert_eq!(order.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn who_is_stopped_leaves_the_line() {
        let line = Line::new(1);
        let first = wait(&line);
        let stop = Stop::new();
        let mut told = Vec::new();
        let place = line.wait(&stop, &mut |places| {
            told.push(places);
            stop.stop();
        });
        assert!(place.is_none());
        assert_eq!(told, [1]);
        drop(first);
        assert!(wait(&line).is_some(), "the next one is served");
    }
}
