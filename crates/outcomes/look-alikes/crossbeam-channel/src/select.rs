//! Waiting for one of several channels.

use crate::channel::{Receiver, Sender, left};
use crossbeam_channel::{
    ReadyTimeoutError, RecvError, SelectTimeoutError, SendError, TryReadyError, TrySelectError,
};
use outcomes_engine::model::{self, Case, Operation, Otherwise, Refinement};
use outcomes_std::time::{Duration, Instant};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// What can be waited for.
trait SelectHandle {
    fn case(&self) -> Case<'_>;
}

impl<T> SelectHandle for Sender<T> {
    fn case(&self) -> Case<'_> {
        self.case("send (select)")
    }
}

impl<T> SelectHandle for Receiver<T> {
    fn case(&self) -> Case<'_> {
        self.flavor.case("receive (select)")
    }
}

/// Waits for one of several operations on channels, a list made as the
/// program runs.
#[derive(Clone)]
pub struct Select<'a> {
    handles: Vec<(&'a dyn SelectHandle, usize)>,
    next_index: usize,
    biased: bool,
}

#[allow(unsafe_code, reason = "whatever the channels hold, as the original")]
// SAFETY: as with the original: an operation is only completed with a channel's
// own end, whose thread it stays in.
unsafe impl Send for Select<'_> {}
#[allow(unsafe_code, reason = "whatever the channels hold, as the original")]
// SAFETY: as above.
unsafe impl Sync for Select<'_> {}

impl<'a> Select<'a> {
    /// An empty list, of which any ready operation is taken.
    pub fn new() -> Select<'a> {
        Select {
            handles: Vec::with_capacity(4),
            next_index: 0,
            biased: false,
        }
    }

    /// An empty list, of which the first ready operation is taken.
    pub fn new_biased() -> Select<'a> {
        Select {
            biased: true,
            ..Select::new()
        }
    }

    /// Adds a send, and returns its index.
    pub fn send<T>(&mut self, s: &'a Sender<T>) -> usize {
        self.add(s)
    }

    /// Adds a receive, and returns its index.
    pub fn recv<T>(&mut self, r: &'a Receiver<T>) -> usize {
        self.add(r)
    }

    fn add(&mut self, handle: &'a dyn SelectHandle) -> usize {
        let index = self.next_index;
        self.next_index += 1;
        self.handles.push((handle, index));
        index
    }

    /// Takes an operation off the list.
    ///
    /// # Panics
    /// If there is none with this index.
    pub fn remove(&mut self, index: usize) {
        assert!(
            index < self.next_index,
            "index out of bounds; {index} >= {}",
            self.next_index
        );
        let place = self.handles.iter().position(|(_, other)| *other == index);
        let place = place.expect("no operation with this index");
        self.handles.swap_remove(place);
    }

    fn wait(
        &self,
        otherwise: Otherwise,
        peek: bool,
        at: &'static Location<'static>,
    ) -> Option<usize> {
        let cases: Vec<Case<'_>> = self
            .handles
            .iter()
            .map(|(handle, _)| handle.case())
            .collect();
        let mut operation = Operation::new(&cases, at).or(otherwise);
        operation.peek = peek;
        if self.biased {
            model::refine(Refinement::Channels);
            let first = operation.or(Otherwise::GoOn).in_order();
            if let Some(case) = model::perform(&first) {
                return Some(self.handles[case].1);
            }
        }
        if otherwise == Otherwise::GoOn && self.biased {
            return None;
        }
        if otherwise != Otherwise::Block {
            model::refine(Refinement::Channels);
        }
        // Whoever waits takes what comes first, biased or not.
        let case = model::perform(&operation)?;
        Some(self.handles[case].1)
    }

    #[track_caller]
    fn check(&self) {
        assert!(
            !self.handles.is_empty(),
            "no operations have been added to `Select`"
        );
    }

    fn selected(&self, index: usize) -> SelectedOperation<'a> {
        SelectedOperation {
            index,
            handle: self
                .handles
                .iter()
                .find(|(_, other)| *other == index)
                .map(|(handle, _)| std::ptr::from_ref(*handle).cast()),
            lists: PhantomData,
        }
    }

    /// An operation that is ready.
    ///
    /// # Errors
    /// If none is.
    #[track_caller]
    pub fn try_select(&mut self) -> Result<SelectedOperation<'a>, TrySelectError> {
        let index = self.wait(Otherwise::GoOn, false, Location::caller());
        index
            .map(|index| self.selected(index))
            .ok_or(TrySelectError)
    }

    /// Waits until an operation is ready.
    ///
    /// # Panics
    /// If the list is empty.
    #[track_caller]
    pub fn select(&mut self) -> SelectedOperation<'a> {
        self.check();
        let index = self.wait(Otherwise::Block, false, Location::caller());
        self.selected(index.expect("one is taken"))
    }

    /// Waits until an operation is ready, for this long at most.
    ///
    /// # Errors
    /// If none is by then.
    #[track_caller]
    pub fn select_timeout(
        &mut self,
        timeout: Duration,
    ) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        let index = self.wait(Otherwise::TimeOut(timeout), false, Location::caller());
        index
            .map(|index| self.selected(index))
            .ok_or(SelectTimeoutError)
    }

    /// Waits until an operation is ready, up to this moment.
    ///
    /// # Errors
    /// If none is by then.
    #[track_caller]
    pub fn select_deadline(
        &mut self,
        deadline: Instant,
    ) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        self.select_timeout(left(deadline))
    }

    /// The index of an operation that is ready.
    ///
    /// # Errors
    /// If none is.
    #[track_caller]
    pub fn try_ready(&mut self) -> Result<usize, TryReadyError> {
        let index = self.wait(Otherwise::GoOn, true, Location::caller());
        index.ok_or(TryReadyError)
    }

    /// Waits until an operation is ready, and returns its index.
    ///
    /// # Panics
    /// If the list is empty.
    #[track_caller]
    pub fn ready(&mut self) -> usize {
        self.check();
        model::refine(Refinement::Channels);
        let index = self.wait(Otherwise::Block, true, Location::caller());
        index.expect("one is ready")
    }

    /// Waits until an operation is ready, for this long at most.
    ///
    /// # Errors
    /// If none is by then.
    #[track_caller]
    pub fn ready_timeout(&mut self, timeout: Duration) -> Result<usize, ReadyTimeoutError> {
        let index = self.wait(Otherwise::TimeOut(timeout), true, Location::caller());
        index.ok_or(ReadyTimeoutError)
    }

    /// Waits until an operation is ready, up to this moment.
    ///
    /// # Errors
    /// If none is by then.
    #[track_caller]
    pub fn ready_deadline(&mut self, deadline: Instant) -> Result<usize, ReadyTimeoutError> {
        self.ready_timeout(left(deadline))
    }
}

impl Default for Select<'_> {
    fn default() -> Self {
        Select::new()
    }
}

impl fmt::Debug for Select<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("Select { .. }")
    }
}

/// An operation that was taken, and must be completed.
#[must_use]
pub struct SelectedOperation<'a> {
    index: usize,
    /// Where the channel's end is; `None` once completed.
    handle: Option<*const ()>,
    lists: PhantomData<&'a ()>,
}

impl SelectedOperation<'_> {
    /// Its index in the list.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Completes a send.
    ///
    /// # Errors
    /// Gives the message back if the receivers are gone.
    ///
    /// # Panics
    /// If the operation is another.
    pub fn send<T>(mut self, s: &Sender<T>, msg: T) -> Result<(), SendError<T>> {
        self.check(
            std::ptr::from_ref(s).cast(),
            "passed a sender that wasn't selected",
        );
        self.handle = None;
        s.put(msg)
    }

    /// Completes a receive.
    ///
    /// # Errors
    /// If there is no message and the senders are gone.
    ///
    /// # Panics
    /// If the operation is another.
    pub fn recv<T>(mut self, r: &Receiver<T>) -> Result<T, RecvError> {
        self.check(
            std::ptr::from_ref(r).cast(),
            "passed a receiver that wasn't selected",
        );
        self.handle = None;
        r.flavor.take().ok_or(RecvError)
    }

    fn check(&self, handle: *const (), message: &str) {
        assert!(self.handle == Some(handle), "{message}");
    }
}

impl fmt::Debug for SelectedOperation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("SelectedOperation { .. }")
    }
}

impl Drop for SelectedOperation<'_> {
    fn drop(&mut self) {
        assert!(
            self.handle.is_none(),
            "dropped `SelectedOperation` without completing the operation"
        );
    }
}

/// How long `select!` waits.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Until an operation is ready.
    Ever,
    /// Not at all.
    Never,
    /// For this long.
    For(Duration),
}

/// What `select!` does: an operation, or `None` for its `default`.
#[track_caller]
pub fn choose<'a>(select: &mut Select<'a>, wait: Wait) -> Option<SelectedOperation<'a>> {
    let at = Location::caller();
    let otherwise = match wait {
        Wait::Ever => Otherwise::Block,
        Wait::Never => Otherwise::GoOn,
        Wait::For(duration) => Otherwise::TimeOut(duration),
    };
    let index = select.wait(otherwise, false, at)?;
    Some(select.selected(index))
}
