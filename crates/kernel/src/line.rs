//! Waiting in line: so many are served at once, the others one after the other
//! in the order in which they came.

use runner::{Queued, Stop};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often those who wait look whether they should still.
const NOTICE_STOP: Duration = Duration::from_millis(50);

/// How long one waits before being told so.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// How long he is told nothing more then, although the line moves.
const TELL_AGAIN: Duration = Duration::from_secs(5);

/// Tells somebody in a line where he is: not at once, and not every time that the line
/// moves. `doing` is what is done with those at its head; `say` gets a sentence whenever
/// it is time for one.
pub(crate) fn tell_place<'a>(
    doing: &'a str,
    mut say: impl FnMut(&str) + 'a,
) -> impl FnMut(Queued) + 'a {
    let mut notice = Notice::since(Instant::now());
    move |Queued { at_once, before }| {
        if !notice.is_due(Instant::now(), before) {
            return;
        }
        let those = match at_once {
            1 => "1 program is".to_owned(),
            _ => format!("{at_once} programs are"),
        };
        let place = match before {
            0 => "yours is next".to_owned(),
            1 => "1 waits before yours".to_owned(),
            _ => format!("{before} wait before yours"),
        };
        say(&format!("Waiting in line: {those} {doing}, and {place}."));
    }
}

/// When somebody was told, and what.
struct Notice {
    came: Instant,
    last: Option<(Instant, usize)>,
}

impl Notice {
    fn since(came: Instant) -> Notice {
        Notice { came, last: None }
    }

    /// Whether it is time to tell him how many are before him. If it is, he was.
    fn is_due(&mut self, now: Instant, before: usize) -> bool {
        let is_due = match self.last {
            None => now - self.came > TELL_AFTER,
            Some((at, told)) => told != before && now - at > TELL_AGAIN,
        };
        if is_due {
            self.last = Some((now, before));
        }
        is_due
    }
}

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

    /// Waits for a place; `None` if stopped before. Until then `tell` gets every now and
    /// then where in the line that is.
    pub(crate) fn wait(&self, stop: &Stop, tell: &mut dyn FnMut(Queued)) -> Option<Place> {
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
            let before = state.waiting.iter().take_while(|it| **it != number).count();
            // Others go on meanwhile.
            drop(state);
            tell(Queued {
                at_once: self.0.places,
                before,
            });
            state = self.state();
            if state.served < self.0.places && state.waiting.front() == Some(&number) {
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
    fn who_waits_is_told_now_and_then() {
        let came = Instant::now();
        let mut notice = Notice::since(came);
        let is_due = [(0, 9), (2, 8), (4, 7), (8, 7), (14, 7), (15, 6), (16, 5)];
        let is_due = is_due.map(|(after, before)| {
            let now = came + Duration::from_secs(after);
            notice.is_due(now, before)
        });
        assert_eq!(is_due, [false, true, false, true, false, true, false]);
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
        let place = line.wait(&stop, &mut |queued| {
            told.push(queued);
            stop.stop();
        });
        assert!(place.is_none());
        let first_of_all = Queued {
            at_once: 1,
            before: 0,
        };
        assert_eq!(told, [first_of_all]);
        drop(first);
        assert!(wait(&line).is_some(), "the next one is served");
    }
}
