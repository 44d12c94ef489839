//! Finds out what the compiler lets this crate do, and what its std has.
//!
//! What newer versions of std have at its root, and older ones lack, is there if
//! the original has it.
//!
//! It refuses to tell the size of what is modelled if it can know a type's name
//! when the program is compiled.
//!
//! Pointers of std's own turn into pointers to `dyn Trait`, may be a method's
//! `self`, and may outlive what they point to as long as they don't use it.
//! Those of other crates may do so only if the compiler is told by
//! `RUSTC_BOOTSTRAP=outcomes_std` to let this crate name unstable traits, and
//! if it still has them under these names. Without, all the rest works.

use std::env;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

/// What `src/sync/arc.rs` needs.
const POINTERS: &str = "
    #![feature(arbitrary_self_types, clone_to_uninit, coerce_unsized, dispatch_from_dyn)]
    #![feature(dropck_eyepatch, legacy_receiver_trait, unsize)]
    use std::marker::{PhantomData, Unsize};
    use std::ops::{CoerceUnsized, Deref, DispatchFromDyn, LegacyReceiver};
    use std::ptr::NonNull;

    pub struct Owner<T: ?Sized>(NonNull<T>, PhantomData<T>);
    impl<T: ?Sized> Deref for Owner<T> {
        type Target = T;
        fn deref(&self) -> &T {
            unsafe { self.0.as_ref() }
        }
    }
    unsafe impl<#[may_dangle] T: ?Sized> Drop for Owner<T> {
        fn drop(&mut self) {}
    }
    impl<T: ?Sized> LegacyReceiver for Owner<T> {}
    impl<T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<Owner<U>> for Owner<T> {}
    impl<T: ?Sized + Unsize<U>, U: ?Sized> DispatchFromDyn<Owner<U>> for Owner<T> {}

    pub trait Receive {
        fn receive(self: Owner<Self>);
    }
    pub fn coerce(owner: Owner<u8>) -> Owner<dyn Send> {
        owner
    }
    pub fn copy<T: ?Sized + std::clone::CloneToUninit>(owner: &mut std::sync::Arc<T>) -> &mut T {
        std::sync::Arc::make_mut(owner)
    }
";

/// What it needs besides, to be pinned: a trait of this name.
fn pinned(name: &str) -> String {
    format!(
        "
        #![feature(pin_coerce_unsized_trait)]
        pub struct Owner<T: ?Sized>(std::ptr::NonNull<T>);
        impl<T: ?Sized> std::ops::Deref for Owner<T> {{
            type Target = T;
            fn deref(&self) -> &T {{
                unsafe {{ self.0.as_ref() }}
            }}
        }}
        unsafe impl<T: ?Sized> std::pin::{name} for Owner<T> {{}}
        "
    )
}

/// The names that it has had, the latter since 1.99.
const PINNED: [(&str, &str); 2] = [
    ("pin_coerce_unsized", "PinCoerceUnsized"),
    ("pin_safe_pointer", "PinSafePointer"),
];

/// What `src/mem.rs` needs.
const TYPES: &str = "
    #![feature(const_eval_select, const_type_name, core_intrinsics)]
    const fn at_compile_time(_: &'static str) -> bool {
        false
    }
    fn at_run_time(name: &'static str) -> bool {
        name.is_empty()
    }
    pub const fn is_empty<T>() -> bool {
        let name = (std::any::type_name::<T>(),);
        std::intrinsics::const_eval_select(name, at_compile_time, at_run_time)
    }
";

/// What is at std's root, but not in the oldest version that this crate is built
/// with; see `src/lib.rs`.
const NEWER: [&str; 4] = [
    "assert_matches",
    "cfg_select",
    "debug_assert_matches",
    "range",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(quotes_locked, names_lazy_locks)");
    if quotes_locked() {
        println!("cargo::rustc-cfg=quotes_locked");
    }
    if names_lazy_locks() {
        println!("cargo::rustc-cfg=names_lazy_locks");
    }
    for name in NEWER {
        println!("cargo::rustc-check-cfg=cfg(has_{name})");
        if compiles(&format!("pub use std::{name};")) {
            println!("cargo::rustc-cfg=has_{name}");
        }
    }
    println!("cargo::rerun-if-env-changed=RUSTC_BOOTSTRAP");
    println!("cargo::rustc-check-cfg=cfg(own_pointers)");
    println!("cargo::rustc-check-cfg=cfg(knows_types)");
    if compiles(TYPES) {
        println!("cargo::rustc-cfg=knows_types");
    }
    if compiles(POINTERS) {
        println!("cargo::rustc-cfg=own_pointers");
    }
    for (cfg, name) in PINNED {
        println!("cargo::rustc-check-cfg=cfg({cfg})");
        if compiles(&pinned(name)) {
            println!("cargo::rustc-cfg={cfg}");
        }
    }
}

/// Whether a mutex that is locked is shown with `"<locked>"` in it, and not with
/// `<locked>`. This script's own std is of the version that programs have.
fn quotes_locked() -> bool {
    let mutex = Mutex::new(());
    let _guard = mutex.lock();
    format!("{mutex:?}").contains("\"<locked>\"")
}

/// Whether a lazy lock that is poisoned is called so, and not a `Once`.
fn names_lazy_locks() -> bool {
    let lazy: LazyLock<()> = LazyLock::new(|| panic!("it can't be made"));
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let force = || panic::catch_unwind(AssertUnwindSafe(|| _ = LazyLock::force(&lazy)));
    let _ = force();
    let said = force().err();
    panic::set_hook(before);
    let said = said.and_then(|said| {
        let text = said.downcast_ref::<&str>().map(|&text| text.to_owned());
        text.or_else(|| said.downcast_ref::<String>().cloned())
    });
    said.is_none_or(|said| said.starts_with("LazyLock"))
}

/// Whether the compiler takes this source as a part of this crate.
fn compiles(source: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    let compiler = Command::new(rustc)
        .args([
            "--crate-name=outcomes_std",
            "--crate-type=lib",
            "--emit=metadata",
        ])
        .args(["--edition=2024", "--cap-lints=allow", "-", "--out-dir"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut compiler) = compiler else {
        return false;
    };
    let written = compiler
        .stdin
        .take()
        .map(|mut input| input.write_all(source.as_bytes()));
    let ended = compiler.wait();
    matches!(written, Some(Ok(()))) && ended.is_ok_and(|status| status.success())
}
