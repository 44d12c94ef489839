//! Laws that the enumerator must obey, held against random programs. The
//! first few compare it with what knows no relation at all.

use outcomes_litmus::{Axiom, Model, Orderings, Outcome, Program, Shape, Step};
use outcomes_litmus::{enumerate, interleavings, outcomes};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Programs for each law.
const PROGRAMS: u64 = 1_000;

/// Smaller than what is compared with the engine, to take less time.
const SHAPE: Shape = Shape {
    executions: 3_000.0,
    ..Shape::ALL
};

fn programs(shape: Shape) -> impl Iterator<Item = Program> {
    (0..PROGRAMS).map(move |number| shape.program(number))
}

#[test]
fn sequentially_consistent_programs_interleave() {
    let shape = Shape {
        orderings: Orderings::SeqCst,
        ..SHAPE
    };
    let mut found = 0;
    for program in programs(shape) {
        let outcomes = outcomes(&program, &Model::RC11);
        assert_eq!(outcomes, interleavings(&program), "{program}");
        found += outcomes.len();
    }
    println!("{found} outcomes");
    assert!(found > 3_000, "{found}");
}

/// Of one location all threads agree on the order of its changes, whatever
/// the orderings.
#[test]
fn one_location_interleaves() {
    let shape = Shape {
        locations: 1,
        ..SHAPE
    };
    for program in programs(shape) {
        let outcomes = outcomes(&program, &Model::RC11);
        assert_eq!(outcomes, interleavings(&program), "{program}");
    }
}

/// Where nothing orders, each location goes its own way: the outcomes are all
/// combinations of what each location alone may do. But NO-THIN-AIR speaks of
/// several at once.
#[test]
fn relaxed_locations_know_nothing_of_each_other() {
    let shape = Shape {
        orderings: Orderings::Relaxed,
        fences: false,
        spawns: false,
        dependencies: false,
        ..SHAPE
    };
    let model = Model::RC11.without(Axiom::NoThinAir);
    let mut several = 0;
    for program in programs(shape) {
        let alone: Vec<_> = (0..program.locations())
            .map(|location| interleavings(&only(&program, location)))
            .collect();
        let combined = combinations(&program, &alone);
        several += u32::from(combined != interleavings(&program));
        assert_eq!(outcomes(&program, &model), combined, "{program}");
    }
    println!("{several} aren't interleavings");
    assert!(several > 100, "{several}");
}

/// What the program does to one location.
fn only(program: &Program, location: usize) -> Program {
    let threads = program.threads.iter().map(|steps| {
        let here = steps
            .iter()
            .filter(|step| step.location() == Some(location));
        here.copied().collect()
    });
    Program {
        threads: threads.collect(),
    }
}

fn combinations(program: &Program, alone: &[BTreeSet<Outcome>]) -> BTreeSet<Outcome> {
    let mut chosen: Vec<Vec<&Outcome>> = vec![Vec::new()];
    for outcomes in alone {
        let longer = chosen.iter().flat_map(|chosen| {
            outcomes.iter().map(|outcome| {
                let mut chosen = chosen.clone();
                chosen.push(outcome);
                chosen
            })
        });
        chosen = longer.collect();
    }
    let outcome = |chosen: Vec<&Outcome>| {
        let read = program.threads.iter().enumerate().map(|(thread, steps)| {
            let mut next: Vec<_> = chosen.iter().map(|one| one.read[thread].iter()).collect();
            let reading = steps.iter().filter(|step| step.reads());
            reading
                .map(|step| *next[step.location().unwrap()].next().unwrap())
                .collect()
        });
        let last = chosen.iter().enumerate();
        Outcome {
            read: read.collect(),
            // A location that isn't used stays as it was.
            last: last
                .map(|(location, one)| one.last.get(location).copied().unwrap_or(0))
                .collect(),
        }
    };
    chosen.into_iter().map(outcome).collect()
}

/// To take turns is always consistent.
#[test]
fn interleavings_are_possible() {
    let mut weaker = 0;
    for program in programs(SHAPE) {
        let (outcomes, strong) = (outcomes(&program, &Model::RC11), interleavings(&program));
        assert!(strong.is_subset(&outcomes), "{program}");
        weaker += u32::from(strong != outcomes);
    }
    println!("{weaker} have more");
    assert!(weaker > 50, "{weaker}");
}

/// The orderings that promise a little more, and are possible wherever this
/// one is.
fn stronger(ordering: Ordering) -> &'static [Ordering] {
    match ordering {
        Relaxed => &[Acquire, Release, SeqCst],
        Acquire | Release => &[AcqRel, SeqCst],
        AcqRel => &[SeqCst],
        _ => &[],
    }
}

/// Whether Rust has such a step.
fn is_valid(program: &Program) -> bool {
    program.threads.iter().flatten().all(|step| match *step {
        Step::Load(_, ordering) => !matches!(ordering, Release | AcqRel),
        Step::Store(_, _, ordering) => !matches!(ordering, Acquire | AcqRel),
        Step::CompareExchange { failure, .. } => !matches!(failure, Release | AcqRel),
        _ => true,
    })
}

/// Stronger orderings forbid more, and permit nothing new; and so do fences.
#[test]
fn stronger_orderings_add_nothing() {
    let (mut same, mut fewer) = (0, 0);
    for program in programs(SHAPE).take(300) {
        let weak = outcomes(&program, &Model::RC11);
        let mut compare = |strong: &Program, weak: &BTreeSet<Outcome>| {
            let strong_outcomes = outcomes(strong, &Model::RC11);
            assert!(strong_outcomes.is_subset(weak), "{program}\n{strong}");
            same += u32::from(strong_outcomes == *weak);
            fewer += u32::from(strong_outcomes != *weak);
        };
        for (number, &ordering) in program.orderings().iter().enumerate() {
            for &stronger in stronger(ordering) {
                let mut at = 0..;
                let strong = program.with_orderings(&mut |ordering| {
                    if at.next() == Some(number) {
                        stronger
                    } else {
                        ordering
                    }
                });
                if is_valid(&strong) {
                    compare(&strong, &weak);
                }
            }
        }
        let mut unfenced = program.clone();
        for steps in &mut unfenced.threads {
            steps.retain(|step| !matches!(step, Step::Fence(_)));
        }
        if unfenced != program {
            compare(&program, &outcomes(&unfenced, &Model::RC11));
        }
    }
    println!("{same} the same, {fewer} fewer");
    assert!(same > 500 && fewer > 30, "{same} {fewer}");
}

/// So does each axiom.
#[test]
fn axioms_add_nothing() {
    let axioms = [
        Axiom::Coherence,
        Axiom::Atomicity,
        Axiom::Sc,
        Axiom::NoThinAir,
    ];
    let mut fewer = [0; 4];
    for program in programs(SHAPE).take(500) {
        let all = outcomes(&program, &Model::RC11);
        for (axiom, fewer) in axioms.into_iter().zip(&mut fewer) {
            let without = outcomes(&program, &Model::RC11.without(axiom));
            assert!(all.is_subset(&without), "{axiom:?}\n{program}");
            *fewer += u32::from(all != without);
        }
    }
    println!("{fewer:?} fewer");
    assert!(fewer.iter().all(|&fewer| fewer > 2), "{fewer:?}");
}

/// To give up early on what can't become consistent loses nothing.
#[test]
fn early_and_late_judgement_agree() {
    let shape = Shape {
        executions: 200.0,
        ..SHAPE
    };
    let all = |program: &Program, early| {
        let mut found = Vec::new();
        enumerate(program, &Model::RC11, early, &mut |outcome| {
            found.push(outcome)
        });
        found
    };
    for program in programs(shape) {
        assert_eq!(all(&program, true), all(&program, false), "{program}");
    }
}

/// Threads and locations have no rank.
#[test]
fn names_make_no_difference() {
    for program in programs(SHAPE) {
        let (threads, locations) = (program.threads.len(), program.locations());
        let mut turned = program.clone();
        turned.threads.reverse();
        for step in turned.threads.iter_mut().flatten() {
            match step {
                Step::Load(location, _)
                | Step::Store(location, ..)
                | Step::Swap(location, ..)
                | Step::FetchAdd(location, ..)
                | Step::CompareExchange { location, .. } => *location = locations - 1 - *location,
                Step::Spawn(thread) | Step::Join(thread) => *thread = threads - 1 - *thread,
                Step::Fence(_) | Step::EndIfZero(_) => {}
            }
        }
        // A location that is only named by its number may be the last no more.
        if turned.locations() != locations {
            continue;
        }
        let mut back = BTreeSet::new();
        for mut outcome in outcomes(&turned, &Model::RC11) {
            outcome.read.reverse();
            outcome.last.reverse();
            back.insert(outcome);
        }
        assert_eq!(outcomes(&program, &Model::RC11), back, "{program}");
    }
}
