//! What may go to another thread, or be shared with one, is what may with the
//! originals: else the engine would explore what nobody can build, or refuse what
//! everybody can.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;

/// Whether a type is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`: a
/// constant of the type's own, where it has one, comes before a trait's.
macro_rules! traits {
    ($type:ty) => {
        [
            traits!($type: Send),
            traits!($type: Sync),
            traits!($type: Unpin),
            traits!($type: std::panic::UnwindSafe),
            traits!($type: std::panic::RefUnwindSafe),
        ]
    };
    ($type:ty: $trait:path) => {{
        #[allow(dead_code, reason = "where the type has it")]
        trait Otherwise {
            const IS: bool = false;
        }
        struct Asked<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized> Otherwise for Asked<T> {}
        #[allow(dead_code, reason = "where the type doesn't have it")]
        impl<T: ?Sized + $trait> Asked<T> {
            const IS: bool = true;
        }
        <Asked<$type>>::IS
    }};
}

/// What is asked of each type.
type Traits = [bool; 5];

/// What is known of a type, for each of what it may hold.
type Row = (&'static str, Vec<Traits>);

/// For what may be shared and sent, sent only, shared only, and neither.
macro_rules! holding {
    ($($type:ty;)*) => {
        vec![$({
            #[allow(type_alias_bounds, reason = "none is needed")]
            type Of<T> = $type;
            let row: Row = (stringify!($type), vec![
                traits!(Of<u8>),
                traits!(Of<Cell<u8>>),
                traits!(Of<std::sync::MutexGuard<'static, u8>>),
                traits!(Of<Rc<u8>>),
            ]);
            row
        }),*]
    };
}

macro_rules! holding_nothing {
    ($($type:ty;)*) => {
        vec![$((stringify!($type), vec![traits!($type)])),*]
    };
}

/// All types that are modelled, of whatever is called so where this stands.
macro_rules! table {
    () => {
        pub(super) fn table() -> Vec<Row> {
            let mut rows: Vec<Row> = holding! {
                s::sync::Arc<T>;
                s::sync::Weak<T>;
                s::sync::Mutex<T>;
                s::sync::MutexGuard<'static, T>;
                s::sync::RwLock<T>;
                s::sync::RwLockReadGuard<'static, T>;
                s::sync::RwLockWriteGuard<'static, T>;
                s::sync::OnceLock<T>;
                s::sync::LazyLock<T>;
                s::sync::PoisonError<T>;
                s::sync::TryLockError<T>;
                s::sync::mpsc::Sender<T>;
                s::sync::mpsc::SyncSender<T>;
                s::sync::mpsc::Receiver<T>;
                s::sync::mpsc::IntoIter<T>;
                s::sync::mpsc::Iter<'static, T>;
                s::sync::mpsc::TryIter<'static, T>;
                s::sync::mpsc::SendError<T>;
                s::sync::atomic::AtomicPtr<T>;
                s::thread::JoinHandle<T>;
                s::thread::ScopedJoinHandle<'static, T>;
                c::Sender<T>;
                c::Receiver<T>;
                c::IntoIter<T>;
                c::Iter<'static, T>;
                c::TryIter<'static, T>;
                c::SendError<T>;
                u::CachePadded<T>;
                u::atomic::AtomicCell<T>;
                u::sync::ShardedLock<T>;
                u::sync::ShardedLockReadGuard<'static, T>;
                u::sync::ShardedLockWriteGuard<'static, T>;
            };
            rows.extend(holding_nothing! {
                s::sync::Condvar;
                s::sync::Barrier;
                s::sync::BarrierWaitResult;
                s::sync::WaitTimeoutResult;
                s::sync::Once;
                s::sync::OnceState;
                s::sync::atomic::AtomicBool;
                s::sync::atomic::AtomicUsize;
                s::sync::mpsc::RecvError;
                s::thread::Thread;
                s::thread::ThreadId;
                s::thread::Builder;
                s::thread::Scope<'static, 'static>;
                s::thread::LocalKey<u8>;
                s::thread::LocalKey<Rc<u8>>;
                s::time::Instant;
                s::time::Duration;
                s::io::Stdout;
                s::io::Stderr;
                s::io::StdoutLock<'static>;
                s::io::StderrLock<'static>;
                c::Select<'static>;
                c::SelectedOperation<'static>;
                u::Backoff;
                u::sync::WaitGroup;
                u::sync::Parker;
                u::sync::Unparker;
            });
            rows
        }
    };
}

mod originals {
    use super::{Cell, PhantomData, Rc, Row};
    use crossbeam_channel as c;
    use crossbeam_utils as u;
    use std as s;
    table!();
}

mod look_alikes {
    use super::{Cell, PhantomData, Rc, Row};
    use outcomes_crossbeam::channel as c;
    use outcomes_std as s;
    table!();

    /// The crate `crossbeam-utils`.
    mod u {
        pub(super) use outcomes_crossbeam::utils::{Backoff, CachePadded};
        pub(super) use outcomes_crossbeam::{atomic, sync};
    }
}

#[test]
fn what_may_go_to_another_thread_may_with_the_originals() {
    let mut wrong = Vec::new();
    for (original, look_alike) in originals::table().into_iter().zip(look_alikes::table()) {
        if original != look_alike {
            wrong.push(format!("{original:?}\n    and not {:?}", look_alike.1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_tells_one_from_another() {
    let guard = traits!(std::sync::MutexGuard<'static, u8>);
    assert_eq!(guard, [false, true, true, true, true]);
    assert_eq!(traits!(Rc<u8>)[..2], [false, false]);
    assert_eq!(traits!(Cell<u8>)[..2], [true, false]);
}
