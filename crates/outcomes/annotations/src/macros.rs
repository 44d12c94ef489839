//! The macros of the crate `outcomes`. Its look-alike has them from this very file: only
//! what they call is another.

/// Says that there is a schedule under which exactly this is everything that is
/// printed. It is written as for [`println!`]: a line break at the end may be left out.
/// `possible!("")` says that nothing may be printed.
///
/// ```
/// let name = "Pam";
/// outcomes::possible!("hello {name}\nbye");
/// println!("hello {name}\nbye");
/// ```
///
/// [`println!`]: https://doc.rust-lang.org/std/macro.println.html
#[macro_export]
macro_rules! possible {
    ($($text:tt)+) => {
        $crate::expected::possible($crate::expected::format_args!($($text)+))
    };
}

/// Says that there is no such schedule.
///
/// ```
/// outcomes::impossible!("bye\nhello");
/// println!("hello\nbye");
/// ```
#[macro_export]
macro_rules! impossible {
    ($($text:tt)+) => {
        $crate::expected::impossible($crate::expected::format_args!($($text)+))
    };
}

/// Says how many outputs there are, each counted with the way in which it ends. For a
/// test [`test`](macro@crate::test) says so, too.
///
/// ```
/// outcomes::outputs!(1);
/// println!("hello");
/// ```
#[macro_export]
macro_rules! outputs {
    ($count:expr $(,)?) => {
        $crate::expected::outputs($count)
    };
}
