//! Random litmus programs.

use crate::program::{Program, Step, Value};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// What random programs are like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Threads, at most.
    pub threads: usize,
    /// Steps of a thread, at most, not counting spawns and joins. There are two
    /// at least, if it may have two.
    pub steps: usize,
    /// Locations, at most.
    pub locations: usize,
    /// The orderings that are used.
    pub orderings: Orderings,
    /// Whether there are fences.
    pub fences: bool,
    /// Whether threads spawn and join others.
    pub spawns: bool,
    /// Whether it depends on what was read what is stored, and whether a
    /// thread goes on.
    pub dependencies: bool,
    /// How many executions there may be about, consistent or not: bounds the
    /// time that a program takes.
    pub executions: f64,
}

/// The orderings that random programs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orderings {
    /// `SeqCst` only.
    SeqCst,
    /// `Relaxed` only.
    Relaxed,
    /// All but `SeqCst`.
    Weak,
    /// All of them.
    All,
}

impl Shape {
    /// Up to three threads of up to four steps, with all there is.
    pub const ALL: Shape = Shape {
        threads: 3,
        steps: 4,
        locations: 3,
        orderings: Orderings::All,
        fences: true,
        spawns: true,
        dependencies: true,
        executions: 10_000.0,
    };

    /// The program with this number.
    pub fn program(&self, number: u64) -> Program {
        let mut random = Random(number);
        loop {
            let program = self.draw(&mut random);
            if candidates(&program) <= self.executions {
                return program;
            }
        }
    }

    fn draw(&self, random: &mut Random) -> Program {
        let threads = random.between(2, self.threads);
        let locations = [2, 2, 2, 3, 3, 1][random.below(6)].min(self.locations);
        let mut values = Values {
            few: random.below(3) == 0,
            last: 0,
        };
        let strong = Strong {
            accesses: random.below(4),
            fences: random.below(4),
        };
        let mut threads: Vec<Vec<Step>> = (0..threads)
            .map(|_| {
                let mut steps: Vec<Step> = Vec::new();
                for _ in 0..random.between(self.steps.min(2), self.steps) {
                    let step = self.step(random, strong, locations, &steps, &mut values);
                    steps.push(step);
                    if self.dependencies && step.reads() && random.below(6) == 0 {
                        let reads = steps.iter().filter(|step| step.reads()).count();
                        steps.push(Step::EndIfZero(reads - 1));
                    }
                }
                steps
            })
            .collect();
        if self.spawns && random.below(4) == 0 {
            // One thread spawns the last, somewhere, and joins it later on.
            let last = threads.len() - 1;
            let steps = &mut threads[random.below(last)];
            steps.retain(|step| !matches!(step, Step::EndIfZero(_)));
            let spawn = random.below(steps.len() + 1);
            steps.insert(spawn, Step::Spawn(last));
            let join = random.between(spawn + 1, steps.len());
            steps.insert(join, Step::Join(last));
        }
        Program { threads }
    }

    fn step(
        &self,
        random: &mut Random,
        strong: Strong,
        locations: usize,
        before: &[Step],
        values: &mut Values,
    ) -> Step {
        // Threads hardly ever tell what goes on at one location alone.
        let last = before.iter().rev().find_map(Step::location);
        let location = match last {
            Some(last) if random.below(4) > 0 => (last + 1) % locations,
            _ => random.below(locations),
        };
        let reads = before.iter().filter(|step| step.reads()).count();
        match random.below(if self.fences { 14 } else { 12 }) {
            0..=4 => Step::Load(location, self.ordering(random, strong.accesses, &LOADS)),
            5..=8 => {
                let stored = if self.dependencies && reads > 0 && random.below(5) == 0 {
                    Value::Read(random.below(reads))
                } else {
                    Value::Constant(values.next(random))
                };
                Step::Store(
                    location,
                    stored,
                    self.ordering(random, strong.accesses, &STORES),
                )
            }
            9 => Step::Swap(
                location,
                values.next(random),
                self.ordering(random, strong.accesses, &CHANGES),
            ),
            10 => Step::FetchAdd(
                location,
                if values.few {
                    random.below(2) as u32
                } else {
                    10
                },
                self.ordering(random, strong.accesses, &CHANGES),
            ),
            11 => Step::CompareExchange {
                location,
                current: [0, random.below(4) as u32][random.below(2)],
                new: values.next(random),
                success: self.ordering(random, strong.accesses, &CHANGES),
                failure: self.ordering(random, strong.accesses, &LOADS),
                weak: random.below(3) == 0,
            },
            _ => Step::Fence(self.ordering(random, strong.fences, &FENCES)),
        }
    }

    fn ordering(&self, random: &mut Random, strong: usize, weaker: &[Ordering]) -> Ordering {
        match self.orderings {
            Orderings::SeqCst => SeqCst,
            Orderings::Relaxed => Relaxed,
            Orderings::All if random.below(4) < strong => SeqCst,
            Orderings::Weak | Orderings::All => weaker[random.below(weaker.len())],
        }
    }
}

/// Of a program, how many of its orderings are `SeqCst`, in quarters. If that
/// were the same for all programs, hardly one would have enough of them to tell.
#[derive(Clone, Copy)]
struct Strong {
    accesses: usize,
    fences: usize,
}

/// Which values a program writes: each its own, so that it tells by each value who
/// wrote it, or a few again and again. Only then does a read-modify-write write what is
/// there already.
struct Values {
    few: bool,
    last: u32,
}

impl Values {
    fn next(&mut self, random: &mut Random) -> u32 {
        if self.few {
            return random.below(3) as u32;
        }
        self.last += 1;
        self.last
    }
}

/// What else a load, a store, a read-modify-write and a fence may be.
const LOADS: [Ordering; 2] = [Relaxed, Acquire];
const STORES: [Ordering; 2] = [Relaxed, Release];
const CHANGES: [Ordering; 4] = [Relaxed, Acquire, Release, AcqRel];
const FENCES: [Ordering; 3] = [Acquire, Release, AcqRel];

/// About how many executions there are, consistent or not: each read reads
/// from some write, and each location is written in some order that keeps the
/// threads' own.
fn candidates(program: &Program) -> f64 {
    let factorial = |number: usize| (1..=number).map(|factor| factor as f64).product::<f64>();
    let at = |location| {
        let here = |step: &&Step| step.location() == Some(location);
        let writes = program.threads.iter().map(|steps| {
            let here = steps.iter().filter(here);
            here.filter(|step| step.writes()).count()
        });
        let reads = program
            .threads
            .iter()
            .flatten()
            .filter(here)
            .filter(|step| step.reads());
        let all: usize = writes.clone().sum();
        let orders = factorial(all) / writes.map(factorial).product::<f64>();
        (all as f64 + 1.0).powi(reads.count() as i32) * orders
    };
    (0..program.locations()).map(at).product()
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }
}
