//! The original's, which doesn't tell how big what is modelled is: that is not
//! as big as the original. Where the compiler can't know a type's name (see
//! `build.rs`) it tells that of everything.

pub use std::mem::*;

#[cfg(knows_types)]
pub use checked::{align_of, align_of_val, size_of, size_of_val};

#[cfg(knows_types)]
mod checked {
    use crate::any::{names_a_model, names_a_pointer};
    use outcomes_engine::model;
    use std::any::type_name;
    use std::intrinsics::const_eval_select;
    use std::panic::Location;

    const REASON: &str = "it asks for the size or the alignment of what is modelled, which are not \
                          the original's";

    const fn at_compile_time(_: &'static Location<'static>) {
        panic!("the program asks for the size or the alignment of what is modelled");
    }

    fn at_run_time(at: &'static Location<'static>) {
        model::refuse(REASON, at)
    }

    #[track_caller]
    const fn check<T: ?Sized>() {
        let name = type_name::<T>();
        if names_a_model(name) && !names_a_pointer(name) {
            const_eval_select((Location::caller(),), at_compile_time, at_run_time);
        }
    }

    /// The size of a type. If it is modelled, the program is refused.
    #[track_caller]
    pub const fn size_of<T>() -> usize {
        check::<T>();
        std::mem::size_of::<T>()
    }

    /// The alignment of a type. If it is modelled, the program is refused.
    #[track_caller]
    pub const fn align_of<T>() -> usize {
        check::<T>();
        std::mem::align_of::<T>()
    }

    /// The size of a value. If it is modelled, the program is refused.
    #[track_caller]
    pub const fn size_of_val<T: ?Sized>(value: &T) -> usize {
        check::<T>();
        std::mem::size_of_val(value)
    }

    /// The alignment of a value. If it is modelled, the program is refused.
    #[track_caller]
    pub const fn align_of_val<T: ?Sized>(value: &T) -> usize {
        check::<T>();
        std::mem::align_of_val(value)
    }
}
