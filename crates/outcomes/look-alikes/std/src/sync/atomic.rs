//! Atomics, as in `std::sync::atomic`. The engine is told of every access, and of
//! its ordering; where memory is weak it says which value is read.

use outcomes_engine::model::{self, Access, Atomic, Case, Object, Operation, Ready, Shared};
use std::fmt;
use std::panic::{Location, RefUnwindSafe};

pub use std::sync::atomic::{Ordering, compiler_fence};

/// Panics as std does.
#[track_caller]
fn check_load(ordering: Ordering) {
    match ordering {
        Ordering::Release => panic!("there is no such thing as a release load"),
        Ordering::AcqRel => panic!("there is no such thing as an acquire-release load"),
        _ => {}
    }
}

/// Panics as std does.
#[track_caller]
fn check_store(ordering: Ordering) {
    match ordering {
        Ordering::Acquire => panic!("there is no such thing as an acquire store"),
        Ordering::AcqRel => panic!("there is no such thing as an acquire-release store"),
        _ => {}
    }
}

/// Panics as std does.
#[track_caller]
fn check_failure(ordering: Ordering) {
    match ordering {
        Ordering::Release => panic!("there is no such thing as a release failure ordering"),
        Ordering::AcqRel => panic!("there is no such thing as an acquire-release failure ordering"),
        _ => {}
    }
}

/// Orders memory.
#[track_caller]
pub fn fence(ordering: Ordering) {
    assert!(
        ordering != Ordering::Relaxed,
        "there is no such thing as a relaxed fence"
    );
    model::fence(ordering, Location::caller());
}

/// A value as the bits of a number.
trait Bits {
    fn to_bits(self) -> u64;
    fn from_bits(bits: u64) -> Self;
}

macro_rules! bits {
    ($($kind:ty)*) => { $(
        #[allow(
            clippy::cast_lossless,
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            clippy::cast_sign_loss,
            reason = "there and back it is the same"
        )]
        impl Bits for $kind {
            fn to_bits(self) -> u64 {
                self as u64
            }

            fn from_bits(bits: u64) -> $kind {
                bits as $kind
            }
        }
    )* };
}

bits! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

impl Bits for bool {
    fn to_bits(self) -> u64 {
        self.into()
    }

    fn from_bits(bits: u64) -> bool {
        bits != 0
    }
}

impl<T> Bits for *mut T {
    fn to_bits(self) -> u64 {
        self.expose_provenance().to_bits()
    }

    fn from_bits(bits: u64) -> *mut T {
        std::ptr::with_exposed_provenance_mut(usize::from_bits(bits))
    }
}

macro_rules! atomic {
    ($(#[$about:meta])* $name:ident($($parameter:ident)?), $kind:ty) => {
        $(#[$about])*
        pub struct $name$(<$parameter>)? {
            value: Shared<$kind>,
        }

        impl$(<$parameter>)? $name$(<$parameter>)? {
            /// A new one.
            pub const fn new(value: $kind) -> Self {
                Self { value: Shared::new(value) }
            }

            /// What a value leaves on the stack would tell of the past.
            fn exchange(&self, change: impl FnOnce($kind) -> Option<$kind>) -> $kind {
                model::swept(|| {
                    if model::is_weak() {
                        return self.exchange_weakly(change);
                    }
                    let before = self.value.get();
                    let after = change(before);
                    model::note(|| model::show(&after.unwrap_or(before)));
                    if let Some(after) = after {
                        self.value.set(after);
                    }
                    before
                })
            }

            /// The same where threads may see older values.
            fn exchange_weakly(&self, change: impl FnOnce($kind) -> Option<$kind>) -> $kind {
                let newest = self.value.get().to_bits();
                let before = <$kind>::from_bits(model::read_atomic(newest));
                let after = change(before);
                model::note(|| model::show(&after.unwrap_or(before)));
                let newest = model::write_atomic(newest, after.map(Bits::to_bits));
                self.value.set(<$kind>::from_bits(newest));
                before
            }

            #[track_caller]
            fn access(&self, action: &'static str, access: Access) {
                self.access_at(action, access, Location::caller());
            }

            fn access_at(
                &self,
                action: &'static str,
                access: Access,
                at: &'static Location<'static>,
            ) {
                let cases = [self.case(action, Ready::Always)];
                self.perform(&cases, access, &|_| true, at);
            }

            fn perform(
                &self,
                cases: &[Case<'_>],
                access: Access,
                changes: &dyn Fn(u64) -> bool,
                at: &'static Location<'static>,
            ) -> Option<usize> {
                let value = || self.value.get().to_bits();
                let atomic = Atomic { value: &value, changes };
                model::perform(&Operation::new(cases, at).accessing(access).of(atomic))
            }

            fn case<'a>(&self, action: &'static str, ready: Ready<'a>) -> Case<'a> {
                Case {
                    action,
                    object: Some(Object::new("atomic", self, None)),
                    ready,
                }
            }

            /// The value.
            #[track_caller]
            pub fn load(&self, ordering: Ordering) -> $kind {
                check_load(ordering);
                self.access("load", Access::Load(ordering));
                self.exchange(|_| None)
            }

            /// Replaces the value.
            #[track_caller]
            pub fn store(&self, value: $kind, ordering: Ordering) {
                check_store(ordering);
                self.access("store", Access::Store(ordering));
                self.exchange(|_| Some(value));
            }

            /// Replaces the value, and returns what it was.
            #[track_caller]
            pub fn swap(&self, value: $kind, ordering: Ordering) -> $kind {
                self.access("swap", Access::Change(ordering, ordering));
                self.exchange(|_| Some(value))
            }

            #[track_caller]
            #[allow(dead_code, reason = "not every kind of atomic can calculate")]
            fn change(
                &self,
                action: &'static str,
                ordering: Ordering,
                change: impl FnOnce($kind) -> $kind,
            ) -> $kind {
                self.access(action, Access::Change(ordering, ordering));
                self.exchange(|before| Some(change(before)))
            }

            /// Replaces the value if it is `current`.
            ///
            /// # Errors
            /// The value, if it is another.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $kind,
                new: $kind,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$kind, $kind> {
                check_failure(failure);
                let cases = [self.case("compare and exchange", Ready::Always)];
                let changes = |bits| <$kind>::from_bits(bits) == current;
                let access = Access::Change(success, failure);
                self.perform(&cases, access, &changes, Location::caller());
                self.exchange_if(true, current, new)
            }

            fn exchange_if(&self, may: bool, current: $kind, new: $kind) -> Result<$kind, $kind> {
                let wanted = |before| (may && before == current).then_some(new);
                let before = self.exchange(wanted);
                if wanted(before).is_some() { Ok(before) } else { Err(before) }
            }

            /// Replaces the value if it is `current`, and perhaps not even
            /// then.
            ///
            /// # Errors
            /// The value.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $kind,
                new: $kind,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$kind, $kind> {
                check_failure(failure);
                let case = |ready| self.case("compare and perhaps exchange", ready);
                let cases = [case(Ready::Always), case(Ready::Spurious)];
                let changes = |bits| <$kind>::from_bits(bits) == current;
                let access = Access::Change(success, failure);
                let spurious = self.perform(&cases, access, &changes, Location::caller()) == Some(1);
                self.exchange_if(!spurious, current, new)
            }

            /// Replaces the value by what `change` makes of it, if anything.
            ///
            /// # Errors
            /// The value, if nothing.
            #[track_caller]
            pub fn fetch_update<F>(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut change: F,
            ) -> Result<$kind, $kind>
            where
                F: FnMut($kind) -> Option<$kind>,
            {
                let mut value = self.load(fetch);
                while let Some(new) = change(value) {
                    match self.compare_exchange_weak(value, new, set, fetch) {
                        Ok(value) => return Ok(value),
                        Err(other) => value = other,
                    }
                }
                Err(value)
            }

            /// Replaces the value by what `change` makes of it, if anything.
            ///
            /// # Errors
            /// The value, if nothing.
            #[track_caller]
            pub fn try_update<F>(
                &self,
                set: Ordering,
                fetch: Ordering,
                change: F,
            ) -> Result<$kind, $kind>
            where
                F: FnMut($kind) -> Option<$kind>,
            {
                self.fetch_update(set, fetch, change)
            }

            /// Replaces the value by what `change` makes of it; returns what
            /// it was.
            #[track_caller]
            pub fn update<F>(&self, set: Ordering, fetch: Ordering, mut change: F) -> $kind
            where
                F: FnMut($kind) -> $kind,
            {
                match self.fetch_update(set, fetch, |value| Some(change(value))) {
                    Ok(value) | Err(value) => value,
                }
            }

            /// Replaces the value if it is `current`; returns what it was.
            #[track_caller]
            #[deprecated(
                since = "1.50.0",
                note = "Use `compare_exchange` or `compare_exchange_weak` instead"
            )]
            pub fn compare_and_swap(&self, current: $kind, new: $kind, ordering: Ordering) -> $kind {
                let failure = match ordering {
                    Ordering::Release => Ordering::Relaxed,
                    Ordering::AcqRel => Ordering::Acquire,
                    ordering => ordering,
                };
                match self.compare_exchange(current, new, ordering, failure) {
                    Ok(value) | Err(value) => value,
                }
            }

            /// Never gives a pointer to the value: the program is refused.
            #[track_caller]
            pub fn as_ptr(&self) -> *mut $kind {
                model::refuse(
                    "it reaches an atomic by a pointer, which goes past the engine",
                    Location::caller(),
                )
            }

            /// Never makes an atomic of what is behind a pointer: the program
            /// is refused.
            ///
            /// # Safety
            /// Always given.
            #[track_caller]
            #[allow(unsafe_code, reason = "the original's is unsafe to call")]
            pub unsafe fn from_ptr<'a>(_: *mut $kind) -> &'a Self {
                model::refuse(
                    "it makes an atomic of what is behind a pointer, which goes past the engine",
                    Location::caller(),
                )
            }

            /// Never makes an atomic of a value where it is: the program is
            /// refused.
            #[track_caller]
            pub fn from_mut(_: &mut $kind) -> &mut Self {
                model::refuse(
                    "it makes an atomic of a value where it is, which goes past the engine",
                    Location::caller(),
                )
            }

            /// Never makes atomics of values where they are: the program is
            /// refused.
            #[track_caller]
            pub fn from_mut_slice(_: &mut [$kind]) -> &mut [Self] {
                model::refuse(
                    "it makes atomics of values where they are, which goes past the engine",
                    Location::caller(),
                )
            }

            /// Never makes values of atomics where they are: the program is
            /// refused.
            #[track_caller]
            pub fn get_mut_slice(_: &mut [Self]) -> &mut [$kind] {
                model::refuse(
                    "it makes values of atomics where they are, which goes past the engine",
                    Location::caller(),
                )
            }

            /// The value, which nobody else can reach.
            pub fn get_mut(&mut self) -> &mut $kind {
                self.value.get_mut()
            }

            /// The value.
            pub fn into_inner(self) -> $kind {
                self.value.get()
            }
        }

        impl$(<$parameter>)? RefUnwindSafe for $name$(<$parameter>)? {}

        impl$(<$parameter>)? From<$kind> for $name$(<$parameter>)? {
            fn from(value: $kind) -> Self {
                Self::new(value)
            }
        }

        impl$(<$parameter>)? fmt::Debug for $name$(<$parameter>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.access_at("load", Access::Format, model::showing());
                fmt::Debug::fmt(&self.exchange(|_| None), formatter)
            }
        }
    };
}

macro_rules! integers {
    ($($name:ident: $kind:ty),* $(,)?) => { $(
        atomic! {
            /// An atomic integer.
            $name(), $kind
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(0)
            }
        }

        impl $name {
            /// Adds, wrapping around; returns what the value was.
            #[track_caller]
            pub fn fetch_add(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("add", ordering, |old| old.wrapping_add(value))
            }

            /// Subtracts, wrapping around; returns what the value was.
            #[track_caller]
            pub fn fetch_sub(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("subtract", ordering, |old| old.wrapping_sub(value))
            }

            /// Bitwise and; returns what the value was.
            #[track_caller]
            pub fn fetch_and(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("and", ordering, |old| old & value)
            }

            /// Bitwise not-and; returns what the value was.
            #[track_caller]
            pub fn fetch_nand(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("nand", ordering, |old| !(old & value))
            }

            /// Bitwise or; returns what the value was.
            #[track_caller]
            pub fn fetch_or(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("or", ordering, |old| old | value)
            }

            /// Bitwise exclusive or; returns what the value was.
            #[track_caller]
            pub fn fetch_xor(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("xor", ordering, |old| old ^ value)
            }

            /// The greater of both; returns what the value was.
            #[track_caller]
            pub fn fetch_max(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("max", ordering, |old| old.max(value))
            }

            /// The lesser of both; returns what the value was.
            #[track_caller]
            pub fn fetch_min(&self, value: $kind, ordering: Ordering) -> $kind {
                self.change("min", ordering, |old| old.min(value))
            }
        }
    )* };
}

integers! {
    AtomicI8: i8, AtomicI16: i16, AtomicI32: i32, AtomicI64: i64, AtomicIsize: isize,
    AtomicU8: u8, AtomicU16: u16, AtomicU32: u32, AtomicU64: u64, AtomicUsize: usize,
}

atomic! {
    /// An atomic truth value.
    AtomicBool(), bool
}

impl Default for AtomicBool {
    fn default() -> Self {
        Self::new(false)
    }
}

impl AtomicBool {
    /// And; returns what the value was.
    #[track_caller]
    pub fn fetch_and(&self, value: bool, ordering: Ordering) -> bool {
        self.change("and", ordering, |old| old & value)
    }

    /// Not-and; returns what the value was.
    #[track_caller]
    pub fn fetch_nand(&self, value: bool, ordering: Ordering) -> bool {
        self.change("nand", ordering, |old| !(old & value))
    }

    /// Or; returns what the value was.
    #[track_caller]
    pub fn fetch_or(&self, value: bool, ordering: Ordering) -> bool {
        self.change("or", ordering, |old| old | value)
    }

    /// Exclusive or; returns what the value was.
    #[track_caller]
    pub fn fetch_xor(&self, value: bool, ordering: Ordering) -> bool {
        self.change("xor", ordering, |old| old ^ value)
    }

    /// Not; returns what the value was.
    #[track_caller]
    pub fn fetch_not(&self, ordering: Ordering) -> bool {
        self.change("not", ordering, |old| !old)
    }
}

atomic! {
    /// An atomic pointer.
    AtomicPtr(T), *mut T
}

// SAFETY: it is only an address; who uses it must know what is there.
#[allow(unsafe_code, reason = "a pointer says nothing of threads")]
unsafe impl<T> Send for AtomicPtr<T> {}
// SAFETY: as above; the address itself is read and replaced whole.
#[allow(unsafe_code, reason = "a pointer says nothing of threads")]
unsafe impl<T> Sync for AtomicPtr<T> {}

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        Self::new(std::ptr::null_mut())
    }
}

impl<T> fmt::Pointer for AtomicPtr<T> {
    #[track_caller]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.load(Ordering::Relaxed), formatter)
    }
}

impl<T> AtomicPtr<T> {
    /// Moves it up by this many values; returns what it was.
    #[track_caller]
    pub fn fetch_ptr_add(&self, values: usize, ordering: Ordering) -> *mut T {
        self.change("add", ordering, |old| old.wrapping_add(values))
    }

    /// Moves it down by this many values; returns what it was.
    #[track_caller]
    pub fn fetch_ptr_sub(&self, values: usize, ordering: Ordering) -> *mut T {
        self.change("subtract", ordering, |old| old.wrapping_sub(values))
    }

    /// Moves it up by this many bytes; returns what it was.
    #[track_caller]
    pub fn fetch_byte_add(&self, bytes: usize, ordering: Ordering) -> *mut T {
        self.change("add", ordering, |old| old.wrapping_byte_add(bytes))
    }

    /// Moves it down by this many bytes; returns what it was.
    #[track_caller]
    pub fn fetch_byte_sub(&self, bytes: usize, ordering: Ordering) -> *mut T {
        self.change("subtract", ordering, |old| old.wrapping_byte_sub(bytes))
    }

    /// Bitwise or of the address; returns what it was.
    #[track_caller]
    pub fn fetch_or(&self, value: usize, ordering: Ordering) -> *mut T {
        self.change("or", ordering, |old| {
            old.map_addr(|address| address | value)
        })
    }

    /// Bitwise and of the address; returns what it was.
    #[track_caller]
    pub fn fetch_and(&self, value: usize, ordering: Ordering) -> *mut T {
        self.change("and", ordering, |old| {
            old.map_addr(|address| address & value)
        })
    }

    /// Bitwise exclusive or of the address; returns what it was.
    #[track_caller]
    pub fn fetch_xor(&self, value: usize, ordering: Ordering) -> *mut T {
        self.change("xor", ordering, |old| {
            old.map_addr(|address| address ^ value)
        })
    }
}

macro_rules! initial {
    ($($name:ident: $kind:ident, $value:expr;)*) => { $(
        /// An initial value.
        #[deprecated(since = "1.34.0", note = "the `new` function is now preferred")]
        #[allow(clippy::declare_interior_mutable_const, reason = "the original has it")]
        pub const $name: $kind = $kind::new($value);
    )* };
}

initial! {
    ATOMIC_BOOL_INIT: AtomicBool, false;
    ATOMIC_ISIZE_INIT: AtomicIsize, 0;
    ATOMIC_USIZE_INIT: AtomicUsize, 0;
}

/// Lets other threads go first, if there are any.
#[track_caller]
#[deprecated(since = "1.51.0", note = "use hint::spin_loop instead")]
pub fn spin_loop_hint() {
    crate::hint::spin_loop();
}
