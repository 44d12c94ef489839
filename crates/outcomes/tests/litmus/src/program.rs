//! Litmus programs, and what comes of running them.

use std::fmt;
use std::sync::atomic::Ordering;

/// The number of an atomic. All are 0 at first.
pub type Location = usize;

/// A litmus program: what each thread does.
///
/// A thread that no [`Step::Spawn`] names is started by `main` before anything
/// else happens, and joined by it. Who spawns a thread joins it later on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The threads' steps.
    pub threads: Vec<Vec<Step>>,
}

/// One thing that a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reads.
    Load(Location, Ordering),
    /// Writes.
    Store(Location, Value, Ordering),
    /// Reads, and writes this.
    Swap(Location, u32, Ordering),
    /// Reads, and writes what it read plus this.
    FetchAdd(Location, u32, Ordering),
    /// Reads, and writes `new` if it read `current`.
    CompareExchange {
        /// Where.
        location: Location,
        /// What it must find.
        current: u32,
        /// What it writes then.
        new: u32,
        /// How it accesses where it succeeds.
        success: Ordering,
        /// How it reads where it fails.
        failure: Ordering,
        /// Whether it may fail for no reason.
        weak: bool,
    },
    /// Ends the thread if what its reading step with this number, from 0, has
    /// read is 0. Nothing that spawns others has such a step.
    EndIfZero(usize),
    /// Orders what is before and after it.
    Fence(Ordering),
    /// Starts a thread.
    Spawn(usize),
    /// Waits for the end of a thread that it started.
    Join(usize),
}

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// This.
    Constant(u32),
    /// What the thread's reading step with this number, from 0, has read.
    Read(usize),
}

/// What a step has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read {
    /// The value.
    pub value: u32,
    /// Whether it was to be exchanged, and wasn't.
    pub failed: bool,
}

/// What comes of running a program: what each thread has read, step by step,
/// and what the locations hold at the end.
///
/// Shown as `0 1! | 2 ; 1 1`: the first thread read 0 and then 1, which it
/// failed to exchange, the other read 2, and both locations end as 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// By thread.
    pub read: Vec<Vec<Read>>,
    /// By location.
    pub last: Vec<u32>,
}

impl Program {
    /// How many locations there are.
    pub fn locations(&self) -> usize {
        let steps = self.threads.iter().flatten();
        let locations = steps.filter_map(Step::location);
        locations.max().map_or(0, |last| last + 1)
    }

    /// Whether some other thread spawns this one.
    pub fn is_spawned(&self, thread: usize) -> bool {
        self.threads
            .iter()
            .flatten()
            .any(|step| *step == Step::Spawn(thread))
    }

    /// The same with each ordering replaced.
    pub fn with_orderings(&self, replace: &mut dyn FnMut(Ordering) -> Ordering) -> Program {
        let mut program = self.clone();
        for ordering in program
            .threads
            .iter_mut()
            .flatten()
            .flat_map(Step::orderings_mut)
        {
            *ordering = replace(*ordering);
        }
        program
    }

    /// All orderings that it uses.
    pub fn orderings(&self) -> Vec<Ordering> {
        let mut all = Vec::new();
        self.with_orderings(&mut |ordering| {
            all.push(ordering);
            ordering
        });
        all
    }
}

impl Step {
    /// Where it reads or writes.
    pub fn location(&self) -> Option<Location> {
        match *self {
            Step::Load(location, _)
            | Step::Store(location, ..)
            | Step::Swap(location, ..)
            | Step::FetchAdd(location, ..)
            | Step::CompareExchange { location, .. } => Some(location),
            Step::EndIfZero(_) | Step::Fence(_) | Step::Spawn(_) | Step::Join(_) => None,
        }
    }

    /// Whether it gives the thread something that it has read.
    pub fn reads(&self) -> bool {
        self.location().is_some() && !matches!(self, Step::Store(..))
    }

    /// Whether it may write.
    pub fn writes(&self) -> bool {
        self.location().is_some() && !matches!(self, Step::Load(..))
    }

    fn orderings_mut(&mut self) -> Vec<&mut Ordering> {
        match self {
            Step::Load(_, ordering)
            | Step::Store(_, _, ordering)
            | Step::Swap(_, _, ordering)
            | Step::FetchAdd(_, _, ordering)
            | Step::Fence(ordering) => vec![ordering],
            Step::CompareExchange {
                success, failure, ..
            } => vec![success, failure],
            Step::EndIfZero(_) | Step::Spawn(_) | Step::Join(_) => Vec::new(),
        }
    }
}

/// As Rust, a line a thread.
impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, steps) in self.threads.iter().enumerate() {
            write!(formatter, "thread {number}:")?;
            for step in steps {
                write!(formatter, " {step};")?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = self.location() {
            match ["x", "y", "z"].get(location) {
                Some(name) => write!(formatter, "{name}.")?,
                None => write!(formatter, "x{location}.")?,
            }
        }
        match self {
            Step::Load(_, ordering) => write!(formatter, "load({ordering:?})"),
            Step::Store(_, Value::Constant(value), ordering) => {
                write!(formatter, "store({value}, {ordering:?})")
            }
            Step::Store(_, Value::Read(read), ordering) => {
                write!(formatter, "store(read[{read}], {ordering:?})")
            }
            Step::Swap(_, value, ordering) => write!(formatter, "swap({value}, {ordering:?})"),
            Step::FetchAdd(_, value, ordering) => {
                write!(formatter, "fetch_add({value}, {ordering:?})")
            }
            Step::CompareExchange {
                current,
                new,
                success,
                failure,
                weak,
                ..
            } => write!(
                formatter,
                "compare_exchange{}({current}, {new}, {success:?}, {failure:?})",
                if *weak { "_weak" } else { "" },
            ),
            Step::EndIfZero(read) => write!(formatter, "if read[{read}] == 0 {{ return }}"),
            Step::Fence(ordering) => write!(formatter, "fence({ordering:?})"),
            Step::Spawn(thread) => write!(formatter, "spawn({thread})"),
            Step::Join(thread) => write!(formatter, "join({thread})"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, read) in self.read.iter().enumerate() {
            if number > 0 {
                formatter.write_str(" |")?;
            }
            for (step, read) in read.iter().enumerate() {
                let space = if number + step > 0 { " " } else { "" };
                let failed = if read.failed { "!" } else { "" };
                write!(formatter, "{space}{}{failed}", read.value)?;
            }
        }
        formatter.write_str(" ;")?;
        for value in &self.last {
            write!(formatter, " {value}")?;
        }
        Ok(())
    }
}
