//! A value as a reader of a trace sees it.

use std::any::TypeId;
use std::fmt::Debug;
use std::marker::PhantomData;

/// The value in Rust's own notation, if it is of a type that is known here:
/// numbers, characters, strings, and vectors, options and pairs of them.
/// Stable Rust can't ask any type whether it is `Debug`.
pub fn show<T: ?Sized>(value: &T) -> Option<String> {
    let known = type_id::<T>();
    let address = std::ptr::from_ref(value).cast::<()>();
    TABLE.with(|table| {
        let (_, print) = table.iter().find(|(id, _)| *id == known)?;
        Some(print(address))
    })
}

/// The identity of a type, lifetimes aside.
fn type_id<T: ?Sized>() -> TypeId {
    trait Erased {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T: ?Sized> Erased for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    let erased: &dyn Erased = &phantom;
    // SAFETY: lifetimes don't exist at run time; `id` only looks at the type.
    let erased = unsafe { std::mem::transmute::<&dyn Erased, &(dyn Erased + 'static)>(erased) };
    erased.id()
}

type Print = fn(*const ()) -> String;

fn entry<T: Debug + 'static>() -> (TypeId, Print) {
    (TypeId::of::<T>(), |address| {
        // SAFETY: `show` found this entry by the type of the value at this
        // address. A `'static` in it may be shorter than that, but is only
        // used while the value is borrowed.
        format!("{:?}", unsafe { &*address.cast::<T>() })
    })
}

macro_rules! pairs {
    ($table:ident: $($first:ty),*) => { $(
        $table.extend([
            entry::<($first, i32)>(), entry::<($first, u32)>(), entry::<($first, u64)>(),
            entry::<($first, usize)>(), entry::<($first, &'static str)>(),
            entry::<($first, String)>(),
        ]);
    )* };
}

macro_rules! containers {
    ($table:ident: $($item:ty),*) => { $(
        $table.extend([
            entry::<$item>(), entry::<Vec<$item>>(), entry::<Option<$item>>(),
            entry::<Box<$item>>(),
        ]);
    )* };
}

thread_local! {
    static TABLE: Vec<(TypeId, Print)> = {
        let mut table = Vec::new();
        containers!(table: u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32,
            f64, bool, char, String, &'static str, ());
        pairs!(table: i32, u32, u64, usize, &'static str, String);
        table
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_are_shown() {
        let text = String::from("local");
        let borrowed: &str = &text;
        assert_eq!(show(&3_u8).as_deref(), Some("3"));
        assert_eq!(show(&borrowed).as_deref(), Some("\"local\""));
        assert_eq!(show(&vec![Some(1)]), None);
        assert_eq!(
            show(&(2_usize, borrowed)).as_deref(),
            Some("(2, \"local\")")
        );
    }
}
