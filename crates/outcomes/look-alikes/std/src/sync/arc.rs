//! Shared ownership, as `std::sync::Arc`.
//!
//! A type of its own, because it can matter which thread is the last to let
//! go. The price is that it can't turn into an `Arc<dyn Trait>` by itself.

use outcomes::model::{self, Object, Refinement};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc as Real;
use std::sync::Weak as RealWeak;

/// Shared ownership of a value.
pub struct Arc<T: ?Sized>(ManuallyDrop<Real<T>>);

/// Shared ownership of a value that doesn't keep it.
pub struct Weak<T: ?Sized>(RealWeak<T>);

fn object<T: ?Sized>(value: &Real<T>) -> Object {
    Object {
        kind: "arc",
        address: Real::as_ptr(value).cast(),
        size: 0,
        created: None,
    }
}

/// Asks to be told of every owner that comes and goes.
fn count<T: ?Sized>(action: &'static str, value: &Real<T>) {
    model::refine(Refinement::Counts);
    model::act(action, Some(object(value)), model::nowhere());
}

impl<T> Arc<T> {
    /// A value with one owner.
    pub fn new(value: T) -> Arc<T> {
        Arc(ManuallyDrop::new(Real::new(value)))
    }

    /// A value that can refer to itself.
    pub fn new_cyclic<F: FnOnce(&Weak<T>) -> T>(make: F) -> Arc<T> {
        Arc(ManuallyDrop::new(Real::new_cyclic(|weak| {
            make(&Weak(weak.clone()))
        })))
    }

    /// The value, if there is no other owner.
    ///
    /// # Errors
    /// Gives the arc back if there is.
    pub fn try_unwrap(this: Arc<T>) -> Result<T, Arc<T>> {
        count("take if it is the only owner", &this.0);
        Real::try_unwrap(this.into_real()).map_err(Arc::from_real)
    }

    /// The value, if there is no other owner.
    pub fn into_inner(this: Arc<T>) -> Option<T> {
        count("take if it is the only owner", &this.0);
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

impl<T: ?Sized> Arc<T> {
    fn from_real(real: Real<T>) -> Arc<T> {
        Arc(ManuallyDrop::new(real))
    }

    /// Hands the ownership over.
    fn into_real(self) -> Real<T> {
        let mut this = ManuallyDrop::new(self);
        take(&mut this.0)
    }

    /// Whether both own the same value.
    pub fn ptr_eq(this: &Arc<T>, other: &Arc<T>) -> bool {
        Real::ptr_eq(&this.0, &other.0)
    }

    /// Where the value is.
    pub fn as_ptr(this: &Arc<T>) -> *const T {
        Real::as_ptr(&this.0)
    }

    /// How many owners there are.
    pub fn strong_count(this: &Arc<T>) -> usize {
        count("count owners", &this.0);
        Real::strong_count(&this.0)
    }

    /// How many owners there are that don't keep the value.
    pub fn weak_count(this: &Arc<T>) -> usize {
        count("count weak owners", &this.0);
        Real::weak_count(&this.0)
    }

    /// An owner that doesn't keep the value.
    pub fn downgrade(this: &Arc<T>) -> Weak<T> {
        Weak(Real::downgrade(&this.0))
    }

    /// The value to change, if there is no other owner.
    pub fn get_mut(this: &mut Arc<T>) -> Option<&mut T> {
        count("change if it is the only owner", &this.0);
        Real::get_mut(&mut this.0)
    }
}

impl<T: Clone> Arc<T> {
    /// The value to change, a copy of it if there are other owners.
    pub fn make_mut(this: &mut Arc<T>) -> &mut T {
        count("change, a copy if there are other owners", &this.0);
        Real::make_mut(&mut this.0)
    }
}

/// Takes what will not be used again.
#[allow(unsafe_code)]
fn take<T: ?Sized>(real: &mut ManuallyDrop<Real<T>>) -> Real<T> {
    // SAFETY: the callers are about to go themselves.
    unsafe { ManuallyDrop::take(real) }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        let real = take(&mut self.0);
        if !model::is_modelled() {
            return;
        }
        let matters = std::mem::needs_drop::<T>();
        if matters && model::refined(Refinement::Owners) || model::refined(Refinement::Counts) {
            model::act("let go", Some(object(&real)), model::nowhere());
        }
        if matters && Real::strong_count(&real) == 1 {
            model::drop_shared(|| drop(real));
        }
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    fn clone(&self) -> Arc<T> {
        if model::refined(Refinement::Counts) {
            model::act("share", Some(object(&self.0)), model::nowhere());
        }
        Arc::from_real(Real::clone(&self.0))
    }
}

impl<T> Weak<T> {
    /// Of no value.
    pub const fn new() -> Weak<T> {
        Weak(RealWeak::new())
    }
}

impl<T: ?Sized> Weak<T> {
    /// An owner that keeps the value, if it is still there.
    pub fn upgrade(&self) -> Option<Arc<T>> {
        model::refine(Refinement::Counts);
        model::act("look whether it is still there", None, model::nowhere());
        self.0.upgrade().map(Arc::from_real)
    }

    /// How many owners there are that keep the value.
    pub fn strong_count(&self) -> usize {
        model::refine(Refinement::Counts);
        model::act("count owners", None, model::nowhere());
        self.0.strong_count()
    }

    /// Whether both are of the same value.
    pub fn ptr_eq(&self, other: &Weak<T>) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    fn clone(&self) -> Weak<T> {
        Weak(self.0.clone())
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
        &self.0
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
    fn default() -> Arc<T> {
        Arc::new(T::default())
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

impl<T> FromIterator<T> for Arc<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Arc<[T]> {
        Arc::from_real(Real::from_iter(items))
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
        self.0.fmt(formatter)
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
