//! The macros that print, and `thread_local!`. Everything in their expansions
//! goes through `$crate`, since `std` means the original's at some call sites.
//!
//! `println!` goes by way of `writeln!`, which is the one stable macro that
//! puts the newline into the last piece of the text as `println!` does.

/// Prints to standard output.
#[macro_export]
macro_rules! print {
    ($($arguments:tt)*) => {
        $crate::io::print_out(::core::format_args!($($arguments)*))
    };
}

/// Prints to standard output, with a newline.
#[macro_export]
macro_rules! println {
    () => {
        $crate::io::print_out(::core::format_args!("\n"))
    };
    ($($arguments:tt)*) => {
        ::core::writeln!($crate::io::PrintLine::Out, $($arguments)*)
    };
}

/// Prints to standard error.
#[macro_export]
macro_rules! eprint {
    ($($arguments:tt)*) => {
        $crate::io::print_error(::core::format_args!($($arguments)*))
    };
}

/// Prints to standard error, with a newline.
#[macro_export]
macro_rules! eprintln {
    () => {
        $crate::io::print_error(::core::format_args!("\n"))
    };
    ($($arguments:tt)*) => {
        ::core::writeln!($crate::io::PrintLine::Error, $($arguments)*)
    };
}

/// Prints a value with its source to standard error, and returns it.
#[macro_export]
macro_rules! dbg {
    () => {
        $crate::eprintln!("[{}:{}:{}]", ::core::file!(), ::core::line!(), ::core::column!())
    };
    ($value:expr $(,)?) => {
        match $value {
            value => {
                $crate::eprintln!(
                    "[{}:{}:{}] {} = {:#?}",
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                    ::core::stringify!($value),
                    &&value as &dyn ::core::fmt::Debug,
                );
                value
            }
        }
    };
    ($($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
}

/// Declares keys whose values each thread has its own of.
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $kind:ty = const $value:block $(; $($rest:tt)*)?) => {
        $crate::thread_local!(@key new_const $(#[$attribute])* $visibility static $name: $kind = $value);
        $($crate::thread_local!($($rest)*);)?
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $kind:ty = $value:expr $(; $($rest:tt)*)?) => {
        $crate::thread_local!(@key new $(#[$attribute])* $visibility static $name: $kind = $value);
        $($crate::thread_local!($($rest)*);)?
    };
    (@key $new:ident $(#[$attribute:meta])* $visibility:vis static $name:ident: $kind:ty = $value:expr) => {
        $(#[$attribute])*
        $visibility const $name: $crate::thread::LocalKey<$kind> = {
            // A static, so that the key has an address of its own.
            static KEY: u8 = 1;
            $crate::thread::LocalKey::$new(&KEY, || $value)
        };
    };
}

/// Makes the program in this file one that can be explored, given its `main`.
///
/// When the process is started with a request in `OUTCOMES_REQUEST` (JSON;
/// `-` for standard input), the answer is written to standard output before
/// `main` would run: one line of JSON a message, as [`outcomes_engine::Message`].
#[macro_export]
macro_rules! program {
    ($main:path) => {
        const _: () = {
            extern "C" fn start() {
                let main = $main;
                $crate::program::start(&|| {
                    use $crate::program::{Returned, ViaReport as _, ViaTermination as _};
                    Returned::new(main()).code()
                });
            }

            // SAFETY: the loader calls what is in this section, once, before
            // `main`.
            #[used]
            #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
            #[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
            static START: extern "C" fn() = start;
        };
    };
}
