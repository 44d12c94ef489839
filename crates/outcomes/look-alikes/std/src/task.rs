//! Asynchronous tasks: the original's, with wakers made of arcs of ours.

use crate::sync::Arc;
use std::mem::ManuallyDrop;

pub use std::task::*;

/// What is done to wake a task.
#[cfg(own_pointers)]
pub trait Wake {
    /// Wakes it.
    fn wake(self: Arc<Self>);

    /// Wakes it, and keeps the waker.
    fn wake_by_ref(self: &Arc<Self>) {
        Arc::clone(self).wake();
    }
}

/// What is done to wake a task. See `build.rs` for why `self` has another name.
#[cfg(not(own_pointers))]
pub trait Wake {
    /// Wakes it.
    fn wake(this: Arc<Self>);

    /// Wakes it, and keeps the waker.
    fn wake_by_ref(this: &Arc<Self>) {
        Self::wake(Arc::clone(this));
    }
}

impl<W: Wake + Send + Sync + 'static> From<Arc<W>> for Waker {
    fn from(waker: Arc<W>) -> Waker {
        // SAFETY: the functions treat the pointer as what it is, an arc.
        unsafe { Waker::from_raw(raw(waker)) }
    }
}

impl<W: Wake + Send + Sync + 'static> From<Arc<W>> for RawWaker {
    fn from(waker: Arc<W>) -> RawWaker {
        raw(waker)
    }
}

fn raw<W: Wake + Send + Sync + 'static>(waker: Arc<W>) -> RawWaker {
    RawWaker::new(
        Arc::into_raw(waker).cast(),
        const { &RawWakerVTable::new(share::<W>, wake::<W>, wake_by_ref::<W>, let_go::<W>) },
    )
}

/// The arc that a waker is.
///
/// # Safety
/// The pointer must come from [`raw`], and be given up by the caller or else
/// not dropped.
unsafe fn arc<W>(pointer: *const ()) -> Arc<W> {
    // SAFETY: the caller's.
    unsafe { Arc::from_raw(pointer.cast()) }
}

unsafe fn share<W: Wake + Send + Sync + 'static>(pointer: *const ()) -> RawWaker {
    // SAFETY: the waker calls this with its own pointer, and keeps it.
    let waker = ManuallyDrop::new(unsafe { arc::<W>(pointer) });
    raw(Arc::clone(&waker))
}

unsafe fn wake<W: Wake>(pointer: *const ()) {
    // SAFETY: the waker calls this with its own pointer, and gives it up.
    W::wake(unsafe { arc(pointer) });
}

unsafe fn wake_by_ref<W: Wake>(pointer: *const ()) {
    // SAFETY: the waker calls this with its own pointer, and keeps it.
    let waker = ManuallyDrop::new(unsafe { arc::<W>(pointer) });
    W::wake_by_ref(&waker);
}

unsafe fn let_go<W>(pointer: *const ()) {
    // SAFETY: the waker calls this with its own pointer, and gives it up.
    drop(unsafe { arc::<W>(pointer) });
}
