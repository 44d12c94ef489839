//! Whose output it is: what a thread prints belongs to the cell that started
//! it, however long ago.
//!
//! Each cell has streams of its own to the host, which are the process's
//! standard streams while it runs. A thread that outlives its cell must go on
//! with that cell's. So every thread carries its cell's streams, which it has
//! from the thread that started it, and what it writes to the standard streams
//! goes there.
//!
//! No library call tells when a thread starts or writes. So this binary defines
//! the C library's `pthread_create`, `write` and `writev` anew, as sanitizers
//! and profilers do: the dynamic linker takes a program's own definitions
//! first, also for the standard library that the cells are linked to. Only
//! with Linux and glibc: elsewhere such output belongs to the cell that runs.
//!
//! Not attributed is what a program prints that such a thread starts: it has
//! the standard streams of that moment.

#![allow(unsafe_code)]

use std::os::unix::net::UnixStream;

/// The streams of one cell.
pub(super) struct Streams {
    /// The cell's number.
    pub(super) number: u64,
    pub(super) stdout: UnixStream,
    pub(super) stderr: UnixStream,
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) use linux::begin;

/// This thread, and those that it starts, belong to this cell from now on.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn begin(_: &std::sync::Arc<Streams>) {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod linux {
    use super::Streams;
    use libc::{c_int, c_void, iovec, pthread_attr_t, pthread_t, size_t, ssize_t};
    use std::cell::Cell;
    use std::mem;
    use std::os::fd::AsRawFd;
    use std::ptr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// What a thread runs.
    type Run = extern "C" fn(*mut c_void) -> *mut c_void;

    type PthreadCreate =
        unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Run, *mut c_void) -> c_int;

    thread_local! {
        /// The streams of this thread's cell, or null. Whoever sets it keeps
        /// them for as long: a destructor here would run before others that
        /// may still write.
        static STREAMS: Cell<*const Streams> = const { Cell::new(ptr::null()) };
    }

    /// The number of the cell that runs. Its threads use the standard streams
    /// as they are, which the cell may have redirected.
    static RUNNING: AtomicU64 = AtomicU64::new(0);

    /// This thread, and those that it starts, belong to this cell from now on.
    /// The caller keeps the streams until the next cell begins.
    pub(in super::super) fn begin(streams: &Arc<Streams>) {
        RUNNING.store(streams.number, Ordering::Relaxed);
        STREAMS.set(Arc::as_ptr(streams));
    }

    /// A thread that is about to start.
    struct Start {
        run: Run,
        argument: *mut c_void,
        streams: Arc<Streams>,
    }

    extern "C" fn start(start: *mut c_void) -> *mut c_void {
        // SAFETY: `pthread_create` below made it for this thread alone.
        let start = unsafe { Box::from_raw(start.cast::<Start>()) };
        STREAMS.set(Arc::as_ptr(&start.streams));
        let result = (start.run)(start.argument);
        STREAMS.set(ptr::null());
        result
    }

    /// See pthread_create(3).
    ///
    /// # Safety
    /// As there.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn pthread_create(
        thread: *mut pthread_t,
        attributes: *const pthread_attr_t,
        run: Run,
        argument: *mut c_void,
    ) -> c_int {
        // SAFETY: the C library's own has this type, and none is null.
        let original = unsafe {
            mem::transmute::<*mut c_void, Option<PthreadCreate>>(libc::dlsym(
                libc::RTLD_NEXT,
                c"pthread_create".as_ptr(),
            ))
        };
        let Some(original) = original else {
            return libc::EAGAIN;
        };
        let streams = STREAMS.get();
        if streams.is_null() {
            // SAFETY: the caller's arguments, as they are.
            return unsafe { original(thread, attributes, run, argument) };
        }
        // SAFETY: it came from an `Arc` that this thread still holds.
        let streams = unsafe {
            Arc::increment_strong_count(streams);
            Arc::from_raw(streams)
        };
        let started = Box::into_raw(Box::new(Start {
            run,
            argument,
            streams,
        }));
        // SAFETY: `start` takes what it is given.
        let result = unsafe { original(thread, attributes, start, started.cast()) };
        if result != 0 {
            // SAFETY: no thread has started, so that it is still ours.
            drop(unsafe { Box::from_raw(started) });
        }
        result
    }

    /// See write(2).
    ///
    /// # Safety
    /// As there.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
        // SAFETY: the caller's arguments; the kernel checks them.
        unsafe { libc::syscall(libc::SYS_write, own(file), bytes, length) as ssize_t }
    }

    /// See writev(2).
    ///
    /// # Safety
    /// As there.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn writev(file: c_int, parts: *const iovec, count: c_int) -> ssize_t {
        // SAFETY: the caller's arguments; the kernel checks them.
        unsafe { libc::syscall(libc::SYS_writev, own(file), parts, count) as ssize_t }
    }

    /// Where this thread writes to if it means to write to `file`.
    fn own(file: c_int) -> c_int {
        let streams = STREAMS.get();
        if !matches!(file, libc::STDOUT_FILENO | libc::STDERR_FILENO) || streams.is_null() {
            return file;
        }
        // SAFETY: this thread still holds the `Arc` that it is from.
        let streams = unsafe { &*streams };
        if streams.number == RUNNING.load(Ordering::Relaxed) {
            return file;
        }
        match file {
            libc::STDOUT_FILENO => streams.stdout.as_raw_fd(),
            _ => streams.stderr.as_raw_fd(),
        }
    }
}
