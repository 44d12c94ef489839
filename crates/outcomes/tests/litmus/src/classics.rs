//! The litmus programs that the literature knows by name, each with what it
//! asks and what the answer is.

use crate::model::Axiom;
use crate::program::{Location, Program, Step, Value};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// A litmus program that asks something.
#[derive(Clone, Debug)]
pub struct Classic {
    /// What it is called, and which orderings it uses.
    pub name: &'static str,
    /// Who says what the answer is.
    pub source: &'static str,
    /// The program.
    pub program: Program,
    /// Whether this can come of it: an [`Outcome`](crate::Outcome) as it is
    /// shown, perhaps without the locations' last values, perhaps without what
    /// was read.
    pub asks: &'static str,
    /// The answer.
    pub answer: Answer,
}

/// Whether something can come of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It can.
    Allowed,
    /// It can't, and each of these axioms alone is enough to forbid it.
    Forbidden(&'static [Axiom]),
}

/// Alglave, Maranget and Tautschnig, *Herding cats*, TOPLAS 2014: the names, and
/// what is possible where nothing orders.
const CATS: &str = "Herding cats, TOPLAS 2014";
/// Lahav et al., PLDI 2017.
const RC11: &str = "Repairing SC in C/C++11, PLDI 2017";
/// Batty et al., *Mathematizing C++ concurrency*, POPL 2011.
const BATTY: &str = "Mathematizing C++ concurrency, POPL 2011";
/// Boehm and Adve, *Foundations of the C++ concurrency memory model*, PLDI 2008.
const BOEHM: &str = "Foundations of the C++ memory model, PLDI 2008";
const RACES: &str = "C++20, [intro.races]";
const ORDER: &str = "C++20, [atomics.order]";
const FENCES: &str = "C++20, [atomics.fences]";
const SEQUENCES: &str = "P0982R1, in C++20";
const THREADS: &str = "C++20, [thread.thread.class]";

const X: Location = 0;
const Y: Location = 1;
const Z: Location = 2;

fn load(location: Location, ordering: Ordering) -> Step {
    Step::Load(location, ordering)
}

fn store(location: Location, value: u32, ordering: Ordering) -> Step {
    Step::Store(location, Value::Constant(value), ordering)
}

/// Stores what the thread has read last, if it has read once.
fn store_read(location: Location, ordering: Ordering) -> Step {
    Step::Store(location, Value::Read(0), ordering)
}

fn swap(location: Location, value: u32, ordering: Ordering) -> Step {
    Step::Swap(location, value, ordering)
}

fn add(location: Location, ordering: Ordering) -> Step {
    Step::FetchAdd(location, 1, ordering)
}

fn exchange(location: Location, current: u32, new: u32, success: Ordering) -> Step {
    Step::CompareExchange {
        location,
        current,
        new,
        success,
        failure: Relaxed,
        weak: false,
    }
}

fn fence(ordering: Ordering) -> Step {
    Step::Fence(ordering)
}

/// All of them.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn classics() -> Vec<Classic> {
    use Answer::{Allowed, Forbidden};
    use Axiom::{Atomicity, Coherence, NoThinAir, Sc};
    let classic = |name, source, asks, answer, threads| Classic {
        name,
        source,
        program: Program { threads },
        asks,
        answer,
    };
    let mut all = Vec::new();

    // Store buffering.
    let sb = |store_as, load_as| {
        vec![
            vec![store(X, 1, store_as), load(Y, load_as)],
            vec![store(Y, 1, store_as), load(X, load_as)],
        ]
    };
    let sb_fenced = |one, other| {
        vec![
            vec![store(X, 1, Relaxed), fence(one), load(Y, Relaxed)],
            vec![store(Y, 1, Relaxed), fence(other), load(X, Relaxed)],
        ]
    };
    all.extend([
        classic("SB+rlx", CATS, "0 | 0", Allowed, sb(Relaxed, Relaxed)),
        classic("SB+rel+acq", BATTY, "0 | 0", Allowed, sb(Release, Acquire)),
        classic(
            "SB+sc",
            BOEHM,
            "0 | 0",
            Forbidden(&[Sc]),
            sb(SeqCst, SeqCst),
        ),
        classic("SB+sc+acq", RC11, "0 | 0", Allowed, sb(SeqCst, Acquire)),
        classic("SB+rel+sc", RC11, "0 | 0", Allowed, sb(Release, SeqCst)),
        classic(
            "SB+scfences",
            FENCES,
            "0 | 0",
            Forbidden(&[Sc]),
            sb_fenced(SeqCst, SeqCst),
        ),
        classic(
            "SB+acqrelfences",
            FENCES,
            "0 | 0",
            Allowed,
            sb_fenced(AcqRel, AcqRel),
        ),
        classic(
            "SB+scfence+acqrelfence",
            FENCES,
            "0 | 0",
            Allowed,
            sb_fenced(SeqCst, AcqRel),
        ),
        classic(
            "SB+scfence+sc",
            ORDER,
            "0 | 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed), fence(SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
        // The swap writes what is there already; all the same it is a write.
        classic(
            "SB+rewriting swap, scfence+sc",
            RC11,
            "| 1 0 | 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed)],
                vec![swap(X, 1, Relaxed), fence(SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
        classic(
            "SB+acqrelswaps",
            RC11,
            "0 0 | 0 0",
            Allowed,
            vec![
                vec![swap(X, 1, AcqRel), load(Y, Acquire)],
                vec![swap(Y, 1, AcqRel), load(X, Acquire)],
            ],
        ),
        classic(
            "SB+scswaps",
            ORDER,
            "0 0 | 0 0",
            Forbidden(&[Sc]),
            vec![
                vec![swap(X, 1, SeqCst), load(Y, SeqCst)],
                vec![swap(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
        // It would be forbidden if psc went through reads-from as well.
        classic(
            "SB+rfis",
            RC11,
            "1 0 | 1 0",
            Allowed,
            vec![
                vec![store(X, 1, Release), load(X, SeqCst), load(Y, SeqCst)],
                vec![store(Y, 1, Release), load(Y, SeqCst), load(X, SeqCst)],
            ],
        ),
    ]);

    // Message passing.
    let mp = |store_as, load_as| {
        vec![
            vec![store(X, 1, Relaxed), store(Y, 1, store_as)],
            vec![load(Y, load_as), load(X, Relaxed)],
        ]
    };
    let mp_fenced = |one, other| {
        vec![
            vec![store(X, 1, Relaxed), fence(one), store(Y, 1, Relaxed)],
            vec![load(Y, Relaxed), fence(other), load(X, Relaxed)],
        ]
    };
    all.extend([
        classic("MP+rlx", CATS, "| 1 0", Allowed, mp(Relaxed, Relaxed)),
        classic(
            "MP+rel+acq",
            BATTY,
            "| 1 0",
            Forbidden(&[Coherence]),
            mp(Release, Acquire),
        ),
        classic("MP+rel+rlx", RACES, "| 1 0", Allowed, mp(Release, Relaxed)),
        classic("MP+rlx+acq", RACES, "| 1 0", Allowed, mp(Relaxed, Acquire)),
        classic(
            "MP+sc",
            BOEHM,
            "| 1 0",
            Forbidden(&[Coherence]),
            mp(SeqCst, SeqCst),
        ),
        classic(
            "MP+relfence+acqfence",
            FENCES,
            "| 1 0",
            Forbidden(&[Coherence]),
            mp_fenced(Release, Acquire),
        ),
        classic(
            "MP+scfences",
            FENCES,
            "| 1 0",
            Forbidden(&[Coherence, Sc]),
            mp_fenced(SeqCst, SeqCst),
        ),
        classic(
            "MP+acqfence+relfence",
            FENCES,
            "| 1 0",
            Allowed,
            mp_fenced(Acquire, Release),
        ),
        classic(
            "MP+relfence+acq",
            FENCES,
            "| 1 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), fence(Release), store(Y, 1, Relaxed)],
                vec![load(Y, Acquire), load(X, Relaxed)],
            ],
        ),
        classic(
            "MP+rel+acqfence",
            FENCES,
            "| 1 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), store(Y, 1, Release)],
                vec![load(Y, Relaxed), fence(Acquire), load(X, Relaxed)],
            ],
        ),
        // A read-modify-write that only acquires doesn't release, nor the
        // other way round.
        classic(
            "MP+acqswap+acq",
            RACES,
            "0 | 1 0",
            Allowed,
            vec![
                vec![store(X, 1, Relaxed), swap(Y, 1, Acquire)],
                vec![load(Y, Acquire), load(X, Relaxed)],
            ],
        ),
        classic(
            "MP+rel+relswap",
            RACES,
            "| 1 0",
            Allowed,
            vec![
                vec![store(X, 1, Relaxed), store(Y, 1, Release)],
                vec![swap(Y, 2, Release), load(X, Relaxed)],
            ],
        ),
        classic(
            "MP+acqrelswaps",
            RACES,
            "0 | 1 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), swap(Y, 1, AcqRel)],
                vec![swap(Y, 2, AcqRel), load(X, Relaxed)],
            ],
        ),
        // As the ordering for success says.
        classic(
            "MP+relexchange+acqexchange",
            RACES,
            "0 | 1 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), exchange(Y, 0, 1, Release)],
                vec![exchange(Y, 1, 2, Acquire), load(X, Relaxed)],
            ],
        ),
    ]);

    // Load buffering. Rust permits it where nothing orders; RC11 doesn't.
    let lb = |load_as, store_as| {
        vec![
            vec![load(X, load_as), store(Y, 1, store_as)],
            vec![load(Y, load_as), store(X, 1, store_as)],
        ]
    };
    all.extend([
        classic(
            "LB+rlx",
            RC11,
            "1 | 1",
            Forbidden(&[NoThinAir]),
            lb(Relaxed, Relaxed),
        ),
        classic(
            "LB+acq+rel",
            BATTY,
            "1 | 1",
            Forbidden(&[Coherence, NoThinAir]),
            lb(Acquire, Release),
        ),
        classic(
            "LB+data+rlx",
            RC11,
            "1 | 1",
            Forbidden(&[NoThinAir]),
            vec![
                vec![load(X, Relaxed), store_read(Y, Relaxed)],
                vec![load(Y, Relaxed), store(X, 1, Relaxed)],
            ],
        ),
    ]);

    // Independent reads of independent writes.
    let iriw = |store_as, first, second| {
        vec![
            vec![store(X, 1, store_as)],
            vec![store(Y, 1, store_as)],
            vec![load(X, first), load(Y, second)],
            vec![load(Y, first), load(X, second)],
        ]
    };
    all.extend([
        classic(
            "IRIW+rlx",
            CATS,
            "| | 1 0 | 1 0",
            Allowed,
            iriw(Relaxed, Relaxed, Relaxed),
        ),
        classic(
            "IRIW+rel+acq",
            BATTY,
            "| | 1 0 | 1 0",
            Allowed,
            iriw(Release, Acquire, Acquire),
        ),
        classic(
            "IRIW+sc",
            BOEHM,
            "| | 1 0 | 1 0",
            Forbidden(&[Sc]),
            iriw(SeqCst, SeqCst, SeqCst),
        ),
        classic(
            "IRIW-acq-sc",
            RC11,
            "| | 1 0 | 1 0",
            Allowed,
            iriw(SeqCst, Acquire, SeqCst),
        ),
        classic(
            "IRIW+scfences",
            RC11,
            "| | 1 0 | 1 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed)],
                vec![store(Y, 1, Relaxed)],
                vec![load(X, Relaxed), fence(SeqCst), load(Y, Relaxed)],
                vec![load(Y, Relaxed), fence(SeqCst), load(X, Relaxed)],
            ],
        ),
    ]);

    // Two threads that write to two locations, the other way round.
    let two_writes = |ordering| {
        vec![
            vec![store(X, 1, ordering), store(Y, 2, ordering)],
            vec![store(Y, 1, ordering), store(X, 2, ordering)],
        ]
    };
    all.extend([
        classic("2+2W+rlx", CATS, "; 1 1", Allowed, two_writes(Relaxed)),
        classic("2+2W+rel", BATTY, "; 1 1", Allowed, two_writes(Release)),
        classic(
            "2+2W+sc",
            RC11,
            "; 1 1",
            Forbidden(&[Sc]),
            two_writes(SeqCst),
        ),
        classic(
            "2+2W+scfences",
            RC11,
            "; 1 1",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed), fence(SeqCst), store(Y, 2, Relaxed)],
                vec![store(Y, 1, Relaxed), fence(SeqCst), store(X, 2, Relaxed)],
            ],
        ),
        classic(
            "2+2W+sc, read",
            RC11,
            "1 | 1",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, SeqCst), store(Y, 2, SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, SeqCst), store(X, 2, SeqCst), load(X, Relaxed)],
            ],
        ),
        classic(
            "R+rlx",
            CATS,
            "| 0 ; 1 2",
            Allowed,
            vec![
                vec![store(X, 1, Relaxed), store(Y, 1, Relaxed)],
                vec![store(Y, 2, Relaxed), load(X, Relaxed)],
            ],
        ),
        classic(
            "R+sc",
            BOEHM,
            "| 0 ; 1 2",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, SeqCst), store(Y, 1, SeqCst)],
                vec![store(Y, 2, SeqCst), load(X, SeqCst)],
            ],
        ),
        classic(
            "S+rlx",
            CATS,
            "| 1 ; 2 1",
            Allowed,
            vec![
                vec![store(X, 2, Relaxed), store(Y, 1, Relaxed)],
                vec![load(Y, Relaxed), store(X, 1, Relaxed)],
            ],
        ),
        classic(
            "S+rel+acq",
            BATTY,
            "| 1 ; 2 1",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 2, Relaxed), store(Y, 1, Release)],
                vec![load(Y, Acquire), store(X, 1, Relaxed)],
            ],
        ),
    ]);

    // One location.
    all.extend([
        classic(
            "CoRR",
            RACES,
            "| 2 1",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), store(X, 2, Relaxed)],
                vec![load(X, Relaxed), load(X, Relaxed)],
            ],
        ),
        classic(
            "CoRR, two readers",
            RACES,
            "| | 1 2 | 2 1",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed)],
                vec![store(X, 2, Relaxed)],
                vec![load(X, Relaxed), load(X, Relaxed)],
                vec![load(X, Relaxed), load(X, Relaxed)],
            ],
        ),
        classic(
            "CoWW",
            RACES,
            "; 1",
            Forbidden(&[Coherence]),
            vec![vec![store(X, 1, Relaxed), store(X, 2, Relaxed)]],
        ),
        classic(
            "CoRW1",
            RACES,
            "1",
            Forbidden(&[Coherence, NoThinAir]),
            vec![vec![load(X, Relaxed), store(X, 1, Relaxed)]],
        ),
        classic(
            "CoRW2",
            RACES,
            "2 | ; 2",
            Forbidden(&[Coherence]),
            vec![
                vec![load(X, Relaxed), store(X, 1, Relaxed)],
                vec![store(X, 2, Relaxed)],
            ],
        ),
        classic(
            "CoWR",
            RACES,
            "2 | ; 1",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), load(X, Relaxed)],
                vec![store(X, 2, Relaxed)],
            ],
        ),
        classic(
            "CoWR0",
            RACES,
            "0",
            Forbidden(&[Coherence]),
            vec![vec![store(X, 1, Relaxed), load(X, Relaxed)]],
        ),
    ]);

    // Read-modify-writes.
    all.extend([
        classic(
            "two additions",
            ORDER,
            "0 | 0",
            Forbidden(&[Atomicity]),
            vec![vec![add(X, Relaxed)], vec![add(X, Relaxed)]],
        ),
        classic(
            "two swaps",
            ORDER,
            "0 | 0",
            Forbidden(&[Atomicity]),
            vec![vec![swap(X, 1, Relaxed)], vec![swap(X, 2, Relaxed)]],
        ),
        classic(
            "two exchanges",
            ORDER,
            "0 | 0",
            Forbidden(&[Atomicity]),
            vec![
                vec![exchange(X, 0, 1, Relaxed)],
                vec![exchange(X, 0, 2, Relaxed)],
            ],
        ),
        classic(
            "one exchange",
            ORDER,
            "0 | 1!",
            Allowed,
            vec![
                vec![exchange(X, 0, 1, Relaxed)],
                vec![exchange(X, 0, 2, Relaxed)],
            ],
        ),
        classic(
            "an addition around a store",
            ORDER,
            "0 | ; 1",
            Forbidden(&[Atomicity]),
            vec![vec![add(X, Relaxed)], vec![store(X, 5, Relaxed)]],
        ),
    ]);

    // What one sees another may not see yet: causes of causes.
    let wrc = |first, second, third, fourth| {
        vec![
            vec![store(X, 1, first)],
            vec![load(X, second), store(Y, 1, third)],
            vec![load(Y, fourth), load(X, Relaxed)],
        ]
    };
    let isa2 = |release, acquire| {
        vec![
            vec![store(X, 1, Relaxed), store(Y, 1, release)],
            vec![load(Y, acquire), store(Z, 1, release)],
            vec![load(Z, acquire), load(X, Relaxed)],
        ]
    };
    all.extend([
        classic(
            "WRC+rlx",
            CATS,
            "| 1 | 1 0",
            Allowed,
            wrc(Relaxed, Relaxed, Relaxed, Relaxed),
        ),
        classic(
            "WRC+rel+acq",
            BATTY,
            "| 1 | 1 0",
            Forbidden(&[Coherence]),
            wrc(Release, Acquire, Release, Acquire),
        ),
        // Coherence needs no more than the last two to synchronise.
        classic(
            "WRC+rlx+rel+acq",
            RACES,
            "| 1 | 1 0",
            Forbidden(&[Coherence]),
            wrc(Relaxed, Relaxed, Release, Acquire),
        ),
        classic(
            "WRC+rel+acq+rlx",
            RACES,
            "| 1 | 1 0",
            Allowed,
            wrc(Release, Acquire, Relaxed, Relaxed),
        ),
        classic(
            "ISA2+rlx",
            CATS,
            "| 1 | 1 0",
            Allowed,
            isa2(Relaxed, Relaxed),
        ),
        classic(
            "ISA2+rel+acq",
            BATTY,
            "| 1 | 1 0",
            Forbidden(&[Coherence]),
            isa2(Release, Acquire),
        ),
    ]);

    // Reads that see one write, and writes that some don't see yet.
    let rwc = |ordering: Ordering, load_as| {
        vec![
            vec![store(X, 1, ordering)],
            vec![load(X, load_as), load(Y, load_as)],
            vec![store(Y, 1, ordering), load(X, load_as)],
        ]
    };
    all.extend([
        classic("RWC+rlx", CATS, "| 1 0 | 0", Allowed, rwc(Relaxed, Relaxed)),
        classic(
            "RWC+rel+acq",
            BATTY,
            "| 1 0 | 0",
            Allowed,
            rwc(Release, Acquire),
        ),
        classic(
            "RWC+sc",
            BOEHM,
            "| 1 0 | 0",
            Forbidden(&[Sc]),
            rwc(SeqCst, SeqCst),
        ),
        // C++11's fences were too weak for the next two.
        classic(
            "RWC+syncs",
            RC11,
            "| 1 0 | 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed)],
                vec![load(X, Relaxed), fence(SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, Relaxed), fence(SeqCst), load(X, Relaxed)],
            ],
        ),
        classic(
            "W+RWC",
            RC11,
            "| 1 0 | 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, Relaxed), store(Z, 1, Release)],
                vec![load(Z, Acquire), fence(SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, Relaxed), fence(SeqCst), load(X, Relaxed)],
            ],
        ),
        classic(
            "W+RWC+rlx",
            RC11,
            "| 1 0 | 0",
            Allowed,
            vec![
                vec![store(X, 1, Relaxed), store(Z, 1, Relaxed)],
                vec![load(Z, Relaxed), fence(SeqCst), load(Y, Relaxed)],
                vec![store(Y, 1, Relaxed), fence(SeqCst), load(X, Relaxed)],
            ],
        ),
        // What tells RC11 from C++11: Power does it.
        classic(
            "Z6.U",
            RC11,
            "| 1 3 | 0",
            Allowed,
            vec![
                vec![store(X, 1, SeqCst), store(Y, 1, Release)],
                vec![add(Y, SeqCst), load(Y, Relaxed)],
                vec![store(Y, 3, SeqCst), load(X, SeqCst)],
            ],
        ),
        classic(
            "Z6.U+sc",
            BOEHM,
            "| 1 3 | 0",
            Forbidden(&[Sc]),
            vec![
                vec![store(X, 1, SeqCst), store(Y, 1, SeqCst)],
                vec![add(Y, SeqCst), load(Y, Relaxed)],
                vec![store(Y, 3, SeqCst), load(X, SeqCst)],
            ],
        ),
        // Two SC writes can't be merged into one.
        classic(
            "WWmerge",
            RC11,
            "2 0 | | 0",
            Allowed,
            vec![
                vec![load(X, Acquire), load(Y, SeqCst)],
                vec![store(X, 1, SeqCst), store(X, 2, SeqCst)],
                vec![store(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
    ]);

    // Release sequences: what comes after a release and still synchronises.
    let sequence = |also: &[Step], between: &[Step]| {
        let mut writer = vec![store(X, 1, Relaxed), store(Y, 1, Release)];
        writer.extend(also);
        vec![
            writer,
            between.to_vec(),
            vec![load(Y, Acquire), load(X, Relaxed)],
        ]
    };
    all.extend([
        classic(
            "RS, another's addition",
            RACES,
            "| 1 | 2 0",
            Forbidden(&[Coherence]),
            sequence(&[], &[add(Y, Relaxed)]),
        ),
        classic(
            "RS, another's swap",
            RACES,
            "| 1 | 2 0",
            Forbidden(&[Coherence]),
            sequence(&[], &[swap(Y, 2, Relaxed)]),
        ),
        classic(
            "RS, another's two additions",
            RACES,
            "| 1 2 | 3 0",
            Forbidden(&[Coherence]),
            sequence(&[], &[add(Y, Relaxed), add(Y, Relaxed)]),
        ),
        classic(
            "RS, own addition",
            RACES,
            "1 | | 2 0",
            Forbidden(&[Coherence]),
            sequence(&[add(Y, Relaxed)], &[]),
        ),
        classic(
            "RS, own store",
            SEQUENCES,
            "| | 2 0",
            Allowed,
            sequence(&[store(Y, 2, Relaxed)], &[]),
        ),
        classic(
            "RS, another's store",
            RACES,
            "| | 2 0 ; 1 2",
            Allowed,
            sequence(&[], &[store(Y, 2, Relaxed)]),
        ),
        classic(
            "RS, a store ends it",
            SEQUENCES,
            "| 2 | 3 0",
            Allowed,
            sequence(&[store(Y, 2, Relaxed)], &[add(Y, Relaxed)]),
        ),
        classic(
            "RS, of a fence",
            FENCES,
            "| 1 | 2 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), fence(Release), store(Y, 1, Relaxed)],
                vec![add(Y, Relaxed)],
                vec![load(Y, Acquire), load(X, Relaxed)],
            ],
        ),
    ]);

    // A thread's beginning and end.
    all.extend([
        classic(
            "spawn",
            THREADS,
            "| 0",
            Forbidden(&[Coherence]),
            vec![
                vec![store(X, 1, Relaxed), Step::Spawn(1), Step::Join(1)],
                vec![load(X, Relaxed)],
            ],
        ),
        classic(
            "join",
            THREADS,
            "0 |",
            Forbidden(&[Coherence]),
            vec![
                vec![Step::Spawn(1), Step::Join(1), load(X, Relaxed)],
                vec![store(X, 1, Relaxed)],
            ],
        ),
        classic(
            "SB+join, sc",
            ORDER,
            "0 | | 0",
            Forbidden(&[Sc]),
            vec![
                vec![Step::Spawn(1), Step::Join(1), load(Y, SeqCst)],
                vec![store(X, 1, SeqCst)],
                vec![store(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
        classic(
            "SB+join, scfence+sc",
            ORDER,
            "0 | | 0",
            Forbidden(&[Sc]),
            vec![
                vec![
                    Step::Spawn(1),
                    Step::Join(1),
                    fence(SeqCst),
                    load(Y, Relaxed),
                ],
                vec![store(X, 1, SeqCst)],
                vec![store(Y, 1, SeqCst), load(X, SeqCst)],
            ],
        ),
        classic(
            "join, of another",
            THREADS,
            "| 1 0 | 1",
            Allowed,
            vec![
                vec![store(X, 1, Relaxed), store(Y, 1, Relaxed)],
                vec![
                    load(Y, Relaxed),
                    Step::Spawn(2),
                    Step::Join(2),
                    load(X, Relaxed),
                ],
                vec![load(Y, Relaxed)],
            ],
        ),
        classic(
            "before the join",
            THREADS,
            "0 |",
            Allowed,
            vec![
                vec![Step::Spawn(1), load(X, Relaxed), Step::Join(1)],
                vec![store(X, 1, Relaxed)],
            ],
        ),
    ]);
    all
}
