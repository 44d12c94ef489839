//! Loads for which what depends on them is ordered, as
//! `crossbeam_utils::atomic::AtomicConsume`. Where memory is weak they are refused, as
//! what doesn't depend on them isn't ordered; elsewhere nobody can tell.

use outcomes_engine::model;
use outcomes_std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8,
    AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::panic::Location;

/// Loads for which what depends on them is ordered.
pub trait AtomicConsume {
    /// The value's type.
    type Val;

    /// The value.
    fn load_consume(&self) -> Self::Val;
}

/// Ends exploring where a program could tell it from `Acquire`.
fn refuse_where_it_matters(at: &'static Location<'static>) {
    if model::is_weak() {
        model::refuse(
            "load_consume orders only what depends on what it loads, which the engine can't \
             tell from the rest; with load(Ordering::Acquire) it can be explored",
            at,
        );
    }
}

macro_rules! consume {
    ($($atomic:ident $value:ty;)*) => { $(
        impl AtomicConsume for $atomic {
            type Val = $value;

            #[track_caller]
            fn load_consume(&self) -> $value {
                refuse_where_it_matters(Location::caller());
                self.load(Ordering::Acquire)
            }
        }
    )* };
}

consume! {
    AtomicBool bool;
    AtomicI8 i8;
    AtomicI16 i16;
    AtomicI32 i32;
    AtomicI64 i64;
    AtomicIsize isize;
    AtomicU8 u8;
    AtomicU16 u16;
    AtomicU32 u32;
    AtomicU64 u64;
    AtomicUsize usize;
}

impl<T> AtomicConsume for AtomicPtr<T> {
    type Val = *mut T;

    #[track_caller]
    fn load_consume(&self) -> *mut T {
        refuse_where_it_matters(Location::caller());
        self.load(Ordering::Acquire)
    }
}
