//! A program from a number. Each is made of a few of all constructs, so that
//! it has something to do with itself and stays small.

use super::language::{Construct, Dropped, Group, Program, Step};

/// A small generator of pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn dropped(&mut self) -> Dropped {
        use Dropped::{Nothing, Panics, Prints};
        self.choose(&[
            Nothing, Nothing, Nothing, Nothing, Prints, Prints, Prints, Panics,
        ])
    }
}

struct Maker {
    random: Random,
    /// What this program is about.
    groups: Vec<Group>,
    /// How many more steps it may have.
    left: usize,
    /// How many more threads it may start.
    threads: usize,
}

impl Program {
    /// The program with this number.
    pub fn new(seed: u64) -> Program {
        let mut random = Random(seed);
        let mut room = || random.choose(&[None, Some(0), Some(0), Some(1), Some(1), Some(2)]);
        let rooms = [room(), room()];
        let mpsc = random.choose(&[None, Some(0), Some(1)]);
        let mut dropped = || random.dropped();
        let [shared, messages, payloads, locals] = [(); 4].map(|()| dropped());
        // Every program has these, and is to be about something else mostly.
        let results = if random.once_in(8) {
            random.dropped()
        } else {
            Dropped::Nothing
        };
        // The first few are part of every program.
        const FIRST: usize = 4;
        let groups = (0..1 + random.below(2)).map(|_| random.choose(&Group::ALL[FIRST..]));
        let groups = groups.collect();
        let left = 3 + random.below(4);
        let threads = 1 + random.below(3);
        let mut maker = Maker {
            random,
            groups,
            left,
            threads,
        };
        let mut main = maker.main();
        // Last of all, so that the rest of the program is as it would be without.
        if maker.random.once_in(4) {
            let alike = maker.alike();
            main.insert(maker.random.below(2), alike);
        }
        Program {
            rooms,
            mpsc,
            shared,
            results,
            messages,
            payloads,
            locals,
            main,
        }
    }
}

impl Maker {
    fn main(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        let at_once = 1 + self.random.below(2);
        while steps.len() < at_once && self.threads > 0 {
            steps.push(self.start(0));
        }
        steps.extend(self.steps(0, 3));
        steps
    }

    /// A thread.
    fn start(&mut self, depth: usize) -> Step {
        use Construct::*;
        let does = self.random.choose(&[
            Spawn,
            Spawn,
            Spawn,
            Spawn,
            Spawn,
            SpawnDetached,
            SpawnDetached,
            SpawnNamed,
            Scope,
            ScopeJoined,
            ScopeOfCrossbeam,
        ]);
        self.threads -= 1;
        Step {
            does,
            with: self.random.below(2),
            inner: self.steps(depth + 1, 3),
        }
    }

    /// Threads that are alike.
    fn alike(&mut self) -> Step {
        self.left = 2;
        self.threads = 0;
        Step {
            does: Construct::SpawnAlike,
            with: self.random.below(2),
            inner: self.steps(1, 2),
        }
    }

    fn steps(&mut self, depth: usize, most: usize) -> Vec<Step> {
        let count = 1 + self.random.below(most);
        let mut steps = Vec::new();
        for _ in 0..count {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            steps.push(self.step(depth));
        }
        if steps.is_empty() {
            steps.push(Step::new(Construct::Print, 0));
        }
        steps
    }

    fn step(&mut self, depth: usize) -> Step {
        if depth > 0 && self.threads > 0 && self.random.once_in(6) {
            return self.start(depth);
        }
        let does = self.construct();
        let inner = if does.has_inner() && depth < 4 {
            self.steps(depth + 1, 2)
        } else {
            Vec::new()
        };
        Step {
            does,
            // Mostly the same, so that it has to do with other steps.
            with: usize::from(self.random.once_in(4)),
            inner,
        }
    }

    fn construct(&mut self) -> Construct {
        let group = match self.random.below(40) {
            0..=7 => {
                return self
                    .random
                    .choose(&[Construct::Print, Construct::PrintSeen]);
            }
            8..=9 => Group::Printing,
            10..=13 => Group::Branching,
            14 if self.random.once_in(3) => Group::Ending,
            _ => {
                let number = self.random.below(self.groups.len());
                self.groups[number]
            }
        };
        self.random.choose(group.constructs())
    }
}
