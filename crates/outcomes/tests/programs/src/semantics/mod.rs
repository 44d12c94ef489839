//! What the documentation of std and of crossbeam's crates promises, each as a
//! small program, with all that it can print.
//!
//! Where the documentation leaves no choice, there is one output.

mod atomics;
mod beside;
mod cells;
mod channels;
mod condvars;
// See its first lines.
#[cfg(not(originals))]
mod downgrade;
mod errors;
mod fairness;
mod hash_tables;
mod idioms;
mod locks;
mod mpsc;
mod once;
mod owners;
mod panics;
mod parking;
mod passing_time;
mod printing;
mod scopes;
mod select;
mod select_forms;
mod select_list;
mod stacks;
mod statics;
mod tasks;
mod thread_locals;
mod threads;
mod timers;
mod wait_groups;

/// A program that shows what is promised.
#[derive(Debug)]
pub struct Program {
    /// The name of its function.
    pub name: &'static str,
    /// The program.
    pub main: fn(),
    /// All its outputs, where time may pass in any way. One that
    /// doesn't end with `main` returning has its ending behind it, in brackets.
    pub any: Option<&'static [&'static str]>,
    /// All its outputs on a prompt machine.
    pub prompt: Option<&'static [&'static str]>,
    /// Whether real executions say anything: not if it needs a machine that is
    /// prompt.
    pub runs: bool,
}

/// Lists the programs of a module: each with its outputs on one clock or both,
/// and `modelled only` if no real machine is prompt enough for it.
macro_rules! programs {
    ($($name:ident: $(any $any:tt)? $(prompt $prompt:tt)? $(modelled $only:ident)?;)*) => {
        pub(super) const ALL: &[super::Program] = &[$(super::Program {
            name: stringify!($name),
            main: $name,
            any: programs!(@outputs $($any)?),
            prompt: programs!(@outputs $($prompt)?),
            runs: programs!(@runs $($only)?),
        },)*];
    };
    (@outputs) => { None };
    (@outputs $outputs:tt) => { Some(&$outputs) };
    (@runs) => { true };
    (@runs only) => { false };
}

use programs;

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Program> {
    let modules = [
        atomics::ALL,
        beside::ALL,
        cells::ALL,
        channels::ALL,
        condvars::ALL,
        #[cfg(not(originals))]
        downgrade::ALL,
        errors::ALL,
        fairness::ALL,
        hash_tables::ALL,
        idioms::ALL,
        locks::ALL,
        mpsc::ALL,
        once::ALL,
        owners::ALL,
        panics::ALL,
        parking::ALL,
        passing_time::ALL,
        printing::ALL,
        scopes::ALL,
        select::ALL,
        select_forms::ALL,
        select_list::ALL,
        stacks::ALL,
        tasks::ALL,
        statics::ALL,
        thread_locals::ALL,
        threads::ALL,
        timers::ALL,
        wait_groups::ALL,
    ];
    modules.into_iter().flatten()
}

/// Says when it is dropped.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        println!("{} dropped", self.0);
    }
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something else")
}
