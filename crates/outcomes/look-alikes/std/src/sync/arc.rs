//! Shared ownership, as `std::sync::Arc`.
//!
//! A type of its own, because it can matter which thread is the last to let
//! go. Where the compiler lets it (see `build.rs`) it turns into an
//! `Arc<dyn Trait>` by itself, and may be a method's `self`, as the original.

use outcomes_engine::model::{self, Object, Refinement, Side};
use std::any::Any;
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::error::Error;
use std::ffi::CStr;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc as Real;
use std::sync::Weak as RealWeak;

/// Shared ownership of a value.
pub struct Arc<T: ?Sized> {
    /// From the original's `into_raw`. It owns one count.
    value: NonNull<T>,
    owns: PhantomData<T>,
}

/// Shared ownership of a value that doesn't keep it.
pub struct Weak<T: ?Sized>(RealWeak<T>);

// SAFETY: as the original, which this is.
unsafe impl<T: ?Sized + Sync + Send> Send for Arc<T> {}
// SAFETY: as the original, which this is.
unsafe impl<T: ?Sized + Sync + Send> Sync for Arc<T> {}
impl<T: ?Sized> Unpin for Arc<T> {}
impl<T: ?Sized + RefUnwindSafe> UnwindSafe for Arc<T> {}

/// What only the standard library's pointers can do on stable Rust.
#[cfg(own_pointers)]
mod as_the_originals {
    use super::{Arc, Weak};
    use std::marker::Unsize;
    use std::ops::{CoerceUnsized, DispatchFromDyn, LegacyReceiver};

    impl<T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<Arc<U>> for Arc<T> {}
    impl<T: ?Sized + Unsize<U>, U: ?Sized> DispatchFromDyn<Arc<U>> for Arc<T> {}
    impl<T: ?Sized> LegacyReceiver for Arc<T> {}
    // SAFETY: it never gives its value away while it is pinned, and always
    // leads to the same.
    #[cfg(pin_coerce_unsized)]
    unsafe impl<T: ?Sized> std::pin::PinCoerceUnsized for Arc<T> {}
    // SAFETY: the same.
    #[cfg(pin_safe_pointer)]
    unsafe impl<T: ?Sized> std::pin::PinSafePointer for Arc<T> {}
    impl<T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<Weak<U>> for Weak<T> {}
    impl<T: ?Sized + Unsize<U>, U: ?Sized> DispatchFromDyn<Weak<U>> for Weak<T> {}
}

fn object<T: ?Sized>(value: *const T) -> Object {
    Object {
        kind: "arc",
        address: value.cast(),
        size: 0,
        created: None,
    }
}

/// Asks to be told of every owner that comes and goes.
fn count<T: ?Sized>(action: &'static str, value: *const T) {
    model::refine(Refinement::Counts);
    model::act(action, Some(object(value)), model::nowhere());
}

/// Asks to be told of owners that don't keep the value, too.
fn count_weak<T: ?Sized>(action: &'static str, value: *const T) {
    model::refine(Refinement::WeakCounts);
    count(action, value);
}

/// An owner that doesn't keep the value comes or goes.
fn change_weak<T: ?Sized>(action: &'static str, value: *const T) {
    if model::is_modelled() && model::gives_up(Refinement::WeakCounts) {
        model::act(action, Some(object(value)), model::nowhere());
    }
}

impl<T> Arc<T> {
    /// A value with one owner.
    pub fn new(value: T) -> Arc<T> {
        Arc::from_real(Real::new(value))
    }

    /// A value that can refer to itself.
    pub fn new_cyclic<F: FnOnce(&Weak<T>) -> T>(make: F) -> Arc<T> {
        Arc::from_real(Real::new_cyclic(|weak| {
            make(&Weak::from_real(weak.clone()))
        }))
    }

    /// Room for a value.
    pub fn new_uninit() -> Arc<MaybeUninit<T>> {
        Arc::from_real(Real::new_uninit())
    }

    /// Room for a value, with zeros in it.
    pub fn new_zeroed() -> Arc<MaybeUninit<T>> {
        Arc::new(MaybeUninit::zeroed())
    }

    /// A value that stays where it is.
    pub fn pin(value: T) -> Pin<Arc<T>> {
        // SAFETY: nobody else has it, and it never moves.
        unsafe { Pin::new_unchecked(Arc::new(value)) }
    }

    /// The value, if there is no other owner.
    ///
    /// # Errors
    /// Gives the arc back if there is.
    pub fn try_unwrap(this: Arc<T>) -> Result<T, Arc<T>> {
        count("take if it is the only owner", Arc::as_ptr(&this));
        Real::try_unwrap(this.into_real()).map_err(Arc::from_real)
    }

    /// The value, if there is no other owner.
    pub fn into_inner(this: Arc<T>) -> Option<T> {
        count("take if it is the only owner", Arc::as_ptr(&this));
        Real::into_inner(this.into_real())
    }

    /// The value, or a copy of it if there are other owners.
    pub fn unwrap_or_clone(this: Arc<T>) -> T
    where
        T: Clone,
    {
        Arc::try_unwrap(this).unwrap_or_else(|arc| (*arc).clone())
    }
}

impl<T> Arc<[T]> {
    /// Room for values.
    pub fn new_uninit_slice(length: usize) -> Arc<[MaybeUninit<T>]> {
        Arc::from_real(Real::new_uninit_slice(length))
    }

    /// Room for values, with zeros in it.
    pub fn new_zeroed_slice(length: usize) -> Arc<[MaybeUninit<T>]> {
        std::iter::repeat_with(MaybeUninit::zeroed)
            .take(length)
            .collect()
    }
}

impl<T> Arc<MaybeUninit<T>> {
    /// The value.
    ///
    /// # Safety
    /// There must be one.
    pub unsafe fn assume_init(self) -> Arc<T> {
        // SAFETY: the caller's.
        Arc::from_real(unsafe { self.into_real().assume_init() })
    }
}

impl<T> Arc<[MaybeUninit<T>]> {
    /// The values.
    ///
    /// # Safety
    /// They must be there.
    pub unsafe fn assume_init(self) -> Arc<[T]> {
        // SAFETY: the caller's.
        Arc::from_real(unsafe { self.into_real().assume_init() })
    }
}

impl<T: ?Sized> Arc<T> {
    pub(crate) fn from_real(real: Real<T>) -> Arc<T> {
        Arc {
            // SAFETY: the original never gives a null pointer.
            value: unsafe { NonNull::new_unchecked(Real::into_raw(real).cast_mut()) },
            owns: PhantomData,
        }
    }

    /// The original, for as long as this is borrowed.
    fn real(&self) -> ManuallyDrop<Real<T>> {
        // SAFETY: the count is still this one's, so the other is not dropped.
        ManuallyDrop::new(unsafe { Real::from_raw(self.value.as_ptr()) })
    }

    /// Hands the ownership over.
    fn into_real(self) -> Real<T> {
        let this = ManuallyDrop::new(self);
        ManuallyDrop::into_inner(this.real())
    }

    /// The pointer, to be given to [`from_raw`](Arc::from_raw) later.
    pub fn into_raw(this: Arc<T>) -> *const T {
        Real::into_raw(this.into_real())
    }

    /// From a pointer that [`into_raw`](Arc::into_raw) gave.
    ///
    /// # Safety
    /// As the original.
    pub unsafe fn from_raw(pointer: *const T) -> Arc<T> {
        // SAFETY: the caller's.
        Arc::from_real(unsafe { Real::from_raw(pointer) })
    }

    /// One owner more.
    ///
    /// # Safety
    /// As the original.
    pub unsafe fn increment_strong_count(pointer: *const T) {
        // SAFETY: the caller's, who has not given up this owner.
        let this = ManuallyDrop::new(unsafe { Arc::from_raw(pointer) });
        let _ = ManuallyDrop::new((*this).clone());
    }

    /// One owner less.
    ///
    /// # Safety
    /// As the original.
    pub unsafe fn decrement_strong_count(pointer: *const T) {
        // SAFETY: the caller's.
        drop(unsafe { Arc::from_raw(pointer) });
    }

    /// Whether both own the same value.
    pub fn ptr_eq(this: &Arc<T>, other: &Arc<T>) -> bool {
        Real::ptr_eq(&this.real(), &other.real())
    }

    /// Where the value is.
    pub fn as_ptr(this: &Arc<T>) -> *const T {
        this.value.as_ptr()
    }

    /// How many owners there are.
    pub fn strong_count(this: &Arc<T>) -> usize {
        count("count owners", Arc::as_ptr(this));
        Real::strong_count(&this.real())
    }

    /// How many owners there are that don't keep the value.
    pub fn weak_count(this: &Arc<T>) -> usize {
        count_weak("count weak owners", Arc::as_ptr(this));
        Real::weak_count(&this.real())
    }

    /// An owner that doesn't keep the value.
    pub fn downgrade(this: &Arc<T>) -> Weak<T> {
        change_weak("share without keeping", Arc::as_ptr(this));
        Weak::from_real(Real::downgrade(&this.real()))
    }

    /// The value to change, if there is no other owner.
    pub fn get_mut(this: &mut Arc<T>) -> Option<&mut T> {
        count_weak("change if it is the only owner", Arc::as_ptr(this));
        let alone = Real::get_mut(&mut this.real()).is_some();
        if !alone {
            return None;
        }
        // SAFETY: there is no other owner, nor any that doesn't keep the value.
        Some(unsafe { this.value.as_mut() })
    }

    /// Runs the change on the original, which may lead elsewhere then.
    fn change(&mut self, change: impl FnOnce(&mut Real<T>)) -> &mut T {
        let mut real = self.real();
        change(&mut real);
        // SAFETY: the original never gives a null pointer.
        self.value = unsafe { NonNull::new_unchecked(Real::as_ptr(&real).cast_mut()) };
        // SAFETY: the change has made sure that there is no other owner.
        unsafe { self.value.as_mut() }
    }
}

#[cfg(own_pointers)]
impl<T: ?Sized + std::clone::CloneToUninit> Arc<T> {
    /// The value to change, a copy of it if there are other owners.
    pub fn make_mut(this: &mut Arc<T>) -> &mut T {
        count(
            "change, a copy if there are other owners",
            Arc::as_ptr(this),
        );
        this.change(|real| _ = Real::make_mut(real))
    }
}

#[cfg(not(own_pointers))]
impl<T: Clone> Arc<T> {
    /// The value to change, a copy of it if there are other owners.
    pub fn make_mut(this: &mut Arc<T>) -> &mut T {
        count(
            "change, a copy if there are other owners",
            Arc::as_ptr(this),
        );
        this.change(|real| _ = Real::make_mut(real))
    }
}

impl Arc<dyn Any + Send + Sync> {
    /// The same as an arc of this type, if it is of it.
    ///
    /// # Errors
    /// Gives the arc back if it isn't.
    pub fn downcast<T: Any + Send + Sync>(self) -> Result<Arc<T>, Self> {
        let real = self.into_real().downcast();
        real.map(Arc::from_real).map_err(Arc::from_real)
    }
}

impl<T: ?Sized> Arc<T> {
    fn let_go(&mut self) {
        let real = ManuallyDrop::into_inner(self.real());
        if !model::is_modelled() {
            return;
        }
        let shared = Arc::as_ptr(self).cast();
        let needs_drop = std::mem::needs_drop::<T>();
        let matters = needs_drop || model::is_weak();
        let is_counted = model::gives_up(Refinement::Counts);
        if is_counted || matters && model::refined(Refinement::Owners) {
            model::act("let go", Some(object(Arc::as_ptr(self))), model::nowhere());
        }
        if Real::strong_count(&real) > 1 {
            model::release(shared, Side::Owners);
            return;
        }
        // The last owner sees what the others saw when they let go.
        if model::tells(shared, Side::Owners) {
            model::refine(Refinement::Owners);
        }
        model::acquire(shared, Side::Owners);
        if needs_drop {
            model::drop_shared(|| drop(real));
        }
    }
}

// SAFETY: it drops a `T`, which `owns` says, and does nothing else with it.
#[cfg(own_pointers)]
unsafe impl<#[may_dangle] T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        self.let_go();
    }
}

#[cfg(not(own_pointers))]
impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    fn clone(&self) -> Arc<T> {
        if model::is_modelled() && model::refined(Refinement::Counts) {
            model::act("share", Some(object(Arc::as_ptr(self))), model::nowhere());
        }
        Arc::from_real(Real::clone(&self.real()))
    }
}

impl<T> Weak<T> {
    /// Of no value.
    pub const fn new() -> Weak<T> {
        Weak(RealWeak::new())
    }
}

impl<T: ?Sized> Weak<T> {
    fn from_real(real: RealWeak<T>) -> Weak<T> {
        Weak(real)
    }

    /// Hands the ownership over.
    fn into_real(self) -> RealWeak<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: it is neither used nor dropped again.
        unsafe { std::ptr::read(&this.0) }
    }

    /// An owner that keeps the value, if it is still there.
    pub fn upgrade(&self) -> Option<Arc<T>> {
        count("look whether it is still there", self.as_ptr());
        self.0.upgrade().map(Arc::from_real)
    }

    /// How many owners there are that keep the value.
    pub fn strong_count(&self) -> usize {
        count("count owners", self.as_ptr());
        self.0.strong_count()
    }

    /// How many owners there are that don't keep the value; none if it is gone.
    pub fn weak_count(&self) -> usize {
        count_weak("count weak owners", self.as_ptr());
        self.0.weak_count()
    }

    /// Whether both are of the same value.
    pub fn ptr_eq(&self, other: &Weak<T>) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// Where the value is, or was.
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    /// The pointer, to be given to [`from_raw`](Weak::from_raw) later.
    pub fn into_raw(self) -> *const T {
        self.into_real().into_raw()
    }

    /// From a pointer that [`into_raw`](Weak::into_raw) gave.
    ///
    /// # Safety
    /// As the original.
    pub unsafe fn from_raw(pointer: *const T) -> Weak<T> {
        // SAFETY: the caller's.
        Weak::from_real(unsafe { RealWeak::from_raw(pointer) })
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    fn clone(&self) -> Weak<T> {
        change_weak("share without keeping", self.as_ptr());
        Weak::from_real(RealWeak::clone(&self.0))
    }
}

// SAFETY: it holds no `T` that it could drop.
#[cfg(own_pointers)]
unsafe impl<#[may_dangle] T: ?Sized> Drop for Weak<T> {
    fn drop(&mut self) {
        change_weak("let go without having kept", self.as_ptr());
    }
}

#[cfg(not(own_pointers))]
impl<T: ?Sized> Drop for Weak<T> {
    fn drop(&mut self) {
        change_weak("let go without having kept", self.as_ptr());
    }
}

impl<T> Default for Weak<T> {
    fn default() -> Weak<T> {
        Weak::new()
    }
}

impl<T: ?Sized> fmt::Debug for Weak<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(Weak)")
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it owns the value.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: Default> Default for Arc<T> {
    #[track_caller]
    fn default() -> Arc<T> {
        Arc::new(T::default())
    }
}

macro_rules! empty {
    ($([$($parameter:ident)?] $kind:ty;)*) => { $(
        impl$(<$parameter>)? Default for Arc<$kind> {
            fn default() -> Arc<$kind> {
                Arc::from_real(Real::default())
            }
        }
    )* };
}

empty! {
    [] str;
    [] CStr;
    [T] [T];
}

impl<T> Default for Pin<Arc<T>>
where
    T: ?Sized,
    Arc<T>: Default,
{
    fn default() -> Pin<Arc<T>> {
        // SAFETY: nobody else has it, and it never moves.
        unsafe { Pin::new_unchecked(Arc::default()) }
    }
}

impl<T: ?Sized, From_> From<From_> for Arc<T>
where
    Real<T>: From<From_>,
{
    fn from(value: From_) -> Arc<T> {
        Arc::from_real(Real::from(value))
    }
}

impl From<Arc<str>> for Arc<[u8]> {
    fn from(text: Arc<str>) -> Arc<[u8]> {
        Arc::from_real(Real::from(text.into_real()))
    }
}

impl<T, const N: usize> TryFrom<Arc<[T]>> for Arc<[T; N]> {
    type Error = Arc<[T]>;

    fn try_from(slice: Arc<[T]>) -> Result<Arc<[T; N]>, Arc<[T]>> {
        let real = Real::try_from(slice.into_real());
        real.map(Arc::from_real).map_err(Arc::from_real)
    }
}

impl<T> FromIterator<T> for Arc<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Arc<[T]> {
        Arc::from_real(Real::from_iter(items))
    }
}

impl<T: ?Sized + Error> Error for Arc<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        (**self).source()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized> fmt::Pointer for Arc<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&Arc::as_ptr(self), formatter)
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Arc<T> {
    fn eq(&self, other: &Arc<T>) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for Arc<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for Arc<T> {
    fn partial_cmp(&self, other: &Arc<T>) -> Option<Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord> Ord for Arc<T> {
    fn cmp(&self, other: &Arc<T>) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash> Hash for Arc<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
