//! Random programs of a few atomic accesses, against the memory model itself:
//! whatever the engine explores has the outcomes that C++20 permits, no fewer
//! and no more.
//!
//! The model is RC11 (Lahav et al., *Repairing sequential consistency in
//! C/C++11*, PLDI 2017), without fences. An execution is built event by event;
//! each reads from any write that is there, and each write goes anywhere into
//! the order of its atomic's changes.

use outcomes::Settings;
use outcomes_soak::explore;
use outcomes_std::sync::atomic::AtomicU32;
use outcomes_std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use outcomes_std::{println, thread};
use std::collections::{BTreeSet, HashSet};

#[test]
fn what_is_explored_has_the_outcomes_of_the_memory_model() {
    let (mut explored, mut refused, mut rightly, mut relaxed) = (0, 0, 0, 0);
    for seed in 0..2_000 {
        let program = Program::new(seed);
        let permitted = Model::outcomes(&program);
        if let Some(found) = program.explore() {
            assert_eq!(found, permitted, "program {seed}: {program:?}");
            explored += u32::from(program.is_weak_and_shares_both());
            relaxed += u32::from(program.is_relaxed());
        } else {
            let strong = program.with(SeqCst).explore().expect("nothing to refuse");
            assert!(strong.is_subset(&permitted), "program {seed}: {program:?}");
            refused += 1;
            rightly += u32::from(strong != permitted);
        }
    }
    std::println!(
        "{explored} of interest and {relaxed} relaxed explored, {refused} refused, {rightly} for \
         good reason"
    );
    assert!(
        explored > 20 && relaxed > 20 && rightly > 20,
        "{explored} {relaxed} {refused} {rightly}"
    );
}

#[test]
fn model_knows_the_classics() {
    use Kind::{Add, Load, Store, Until};
    let step = |kind, atomic, ordering| Step {
        kind,
        atomic,
        ordering,
    };
    let buffering = |ordering: Ordering| {
        let (store, load) = match ordering {
            SeqCst => (SeqCst, SeqCst),
            _ => (Release, Acquire),
        };
        Program(vec![
            vec![step(Store(1), 0, store), step(Load, 1, load)],
            vec![step(Store(1), 1, store), step(Load, 0, load)],
        ])
    };
    assert_eq!(Model::outcomes(&buffering(SeqCst)).len(), 3);
    assert_eq!(Model::outcomes(&buffering(AcqRel)).len(), 4);
    let passing = Program(vec![
        vec![step(Store(1), 0, Release), step(Store(1), 1, Release)],
        vec![step(Until, 1, Acquire), step(Load, 0, Acquire)],
    ]);
    let outcomes = Model::outcomes(&passing);
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    let adding = Program(vec![vec![step(Add, 0, AcqRel)], vec![step(Add, 0, AcqRel)]]);
    let outcomes = Model::outcomes(&adding);
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
}

/// What each thread does. There are two atomics.
#[derive(Clone, Debug)]
struct Program(Vec<Vec<Step>>);

#[derive(Clone, Copy, Debug)]
struct Step {
    kind: Kind,
    atomic: usize,
    ordering: Ordering,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Load,
    /// Loads, and ends the thread if that is 0.
    Until,
    Store(u32),
    /// Adds 10.
    Add,
}

/// What each thread read, and what the atomics are at the end.
type Outcome = String;

impl Program {
    fn new(seed: u64) -> Program {
        let mut random = seed;
        let mut below = |limit: u64| {
            // SplitMix64.
            random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (random ^ (random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (mixed ^ (mixed >> 31)) % limit
        };
        let threads = 2 + below(2);
        let (shares_both, relaxes) = (seed % 4 != 3, seed % 2 == 1);
        let mut value = 0;
        let mut step = || {
            let kind = match below(8) {
                0..=1 => Kind::Load,
                2..=3 => Kind::Until,
                4..=6 => {
                    value += 1;
                    Kind::Store(value)
                }
                _ => Kind::Add,
            };
            let weak = match kind {
                Kind::Load | Kind::Until => Acquire,
                Kind::Store(_) => Release,
                Kind::Add => [AcqRel, Acquire, Release][below(3) as usize],
            };
            let atomic = below(2) as usize;
            Step {
                kind,
                atomic: if shares_both { atomic } else { 0 },
                ordering: match below(3) {
                    0 => SeqCst,
                    1 if relaxes => Relaxed,
                    _ => weak,
                },
            }
        };
        let mut length = seed;
        let threads = (0..threads).map(|_| {
            length = length
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let steps = 1 + (length >> 33) % if threads == 2 { 3 } else { 2 };
            (0..steps).map(|_| step()).collect()
        });
        Program(threads.collect())
    }

    /// The same with one ordering for all.
    fn with(&self, ordering: Ordering) -> Program {
        let threads = self.0.iter().map(|steps| {
            let steps = steps.iter().map(|step| Step { ordering, ..*step });
            steps.collect()
        });
        Program(threads.collect())
    }

    /// Whether it could have gone wrong.
    fn is_weak_and_shares_both(&self) -> bool {
        let shared = |atomic| {
            let touches = |steps: &&Vec<Step>| steps.iter().any(|step| step.atomic == atomic);
            self.0.iter().filter(touches).count() > 1
        };
        let weak = |step: &Step| step.ordering != SeqCst;
        shared(0) && shared(1) && self.0.iter().flatten().any(weak)
    }

    /// Whether some step promises nothing but coherence.
    fn is_relaxed(&self) -> bool {
        let mut steps = self.0.iter().flatten();
        steps.any(|step| step.ordering == Relaxed)
    }

    /// `None` if it is refused.
    fn explore(&self) -> Option<BTreeSet<Outcome>> {
        let main = || {
            let atomics = [AtomicU32::new(0), AtomicU32::new(0)];
            let read = thread::scope(|scope| {
                let threads: Vec<_> = self
                    .0
                    .iter()
                    .map(|steps| scope.spawn(|| run(steps, &atomics)))
                    .collect();
                let read = threads.into_iter().map(|thread| thread.join().unwrap());
                read.collect::<Vec<_>>()
            });
            let [x, y] = atomics.map(AtomicU32::into_inner);
            println!("{read:?} {:?}", [x, y]);
            0
        };
        let explored = explore(&main, &Settings::default());
        let explored = match explored {
            Ok(explored) => explored,
            Err(reason) if reason.contains("Ordering::") => return None,
            Err(reason) => panic!("{reason}"),
        };
        let outputs = explored.outputs().unwrap();
        let texts = outputs.iter().map(|output| output.text.trim().to_owned());
        Some(texts.collect())
    }
}

fn run(steps: &[Step], atomics: &[AtomicU32; 2]) -> Vec<u32> {
    let mut read = Vec::new();
    for step in steps {
        let atomic = &atomics[step.atomic];
        match step.kind {
            Kind::Load => read.push(atomic.load(step.ordering)),
            Kind::Until => {
                let value = atomic.load(step.ordering);
                read.push(value);
                if value == 0 {
                    break;
                }
            }
            Kind::Store(value) => atomic.store(value, step.ordering),
            Kind::Add => read.push(atomic.fetch_add(10, step.ordering)),
        }
    }
    read
}

/// The memory model: an execution as far as it has got.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Model {
    /// By thread, in program order: the numbers of its events.
    threads: Vec<Vec<usize>>,
    events: Vec<Event>,
    /// By atomic: the events that wrote, in the order of its changes. That it
    /// was 0 at first is no event.
    changes: [Vec<usize>; 2],
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Event {
    thread: usize,
    atomic: usize,
    ordering: Ordering,
    /// The event that wrote what this one read; the inner `None` for the 0 at
    /// first.
    source: Option<Option<usize>>,
    read: u32,
    written: Option<u32>,
}

/// By two events' numbers, whether the one comes before the other.
type Relation = Vec<Vec<bool>>;

impl Model {
    fn outcomes(program: &Program) -> BTreeSet<Outcome> {
        let start = Model {
            threads: vec![Vec::new(); program.0.len()],
            ..Model::default()
        };
        let mut known = HashSet::new();
        let mut open = vec![start];
        let mut outcomes = BTreeSet::new();
        while let Some(model) = open.pop() {
            let mut ended = true;
            for thread in 0..program.0.len() {
                let Some(step) = model.next_step(program, thread) else {
                    continue;
                };
                ended = false;
                for after in model.after(thread, step) {
                    if after.is_consistent() && known.insert(after.canonical()) {
                        open.push(after);
                    }
                }
            }
            if ended {
                outcomes.insert(model.outcome());
            }
        }
        outcomes
    }

    fn next_step(&self, program: &Program, thread: usize) -> Option<Step> {
        let steps = &program.0[thread];
        let done = &self.threads[thread];
        if let Some(&last) = done.last()
            && steps[done.len() - 1].kind == Kind::Until
            && self.events[last].read == 0
        {
            return None;
        }
        steps.get(done.len()).copied()
    }

    /// All ways in which a thread can do its next step.
    fn after(&self, thread: usize, step: Step) -> Vec<Model> {
        let changes = &self.changes[step.atomic];
        let sources = std::iter::once(None).chain(changes.iter().copied().map(Some));
        // What reads and writes in one step comes right after what it read.
        let next = |place: usize| changes.get(place).map(|&event| &self.events[event]);
        let is_free = |place: &usize| next(*place).is_none_or(|event| event.source.is_none());
        let reads = |source: Option<usize>| source.map_or(0, |event| self.written(event));
        match step.kind {
            Kind::Load | Kind::Until => sources
                .map(|source| self.with(thread, step, Some(source), reads(source), None))
                .collect(),
            Kind::Store(value) => (0..=changes.len())
                .filter(is_free)
                .map(|place| self.with(thread, step, None, 0, Some((place, value))))
                .collect(),
            Kind::Add => sources
                .enumerate()
                .filter(|(place, _)| is_free(place))
                .map(|(place, source)| {
                    let read = reads(source);
                    self.with(thread, step, Some(source), read, Some((place, read + 10)))
                })
                .collect(),
        }
    }

    fn written(&self, event: usize) -> u32 {
        self.events[event].written.expect("it wrote")
    }

    fn with(
        &self,
        thread: usize,
        step: Step,
        source: Option<Option<usize>>,
        read: u32,
        written: Option<(usize, u32)>,
    ) -> Model {
        let mut model = self.clone();
        let event = model.events.len();
        model.threads[thread].push(event);
        if let Some((place, _)) = written {
            model.changes[step.atomic].insert(place, event);
        }
        model.events.push(Event {
            thread,
            atomic: step.atomic,
            ordering: step.ordering,
            source,
            read,
            written: written.map(|(_, value)| value),
        });
        model
    }

    /// With events numbered by thread, whatever order they were added in.
    fn canonical(&self) -> Model {
        let order: Vec<usize> = self.threads.iter().flatten().copied().collect();
        let mut number = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            number[old] = new;
        }
        let renumber = |events: &Vec<usize>| events.iter().map(|&event| number[event]).collect();
        Model {
            threads: self.threads.iter().map(renumber).collect(),
            events: order
                .iter()
                .map(|&old| {
                    let mut event = self.events[old].clone();
                    event.source = event.source.map(|source| source.map(|event| number[event]));
                    event
                })
                .collect(),
            changes: self.changes.each_ref().map(renumber),
        }
    }

    fn outcome(&self) -> Outcome {
        let read: Vec<Vec<u32>> = self
            .threads
            .iter()
            .map(|events| {
                let events = events.iter().map(|&event| &self.events[event]);
                let reads = events.filter(|event| event.source.is_some());
                reads.map(|event| event.read).collect()
            })
            .collect();
        let last = self
            .changes
            .each_ref()
            .map(|changes| changes.last().map_or(0, |&event| self.written(event)));
        format!("{read:?} {last:?}")
    }

    fn is_consistent(&self) -> bool {
        let all = 0..self.events.len();
        let program = self.relation(|one, other| {
            self.events[one].thread == self.events[other].thread && one < other
        });
        let synchronizes = self.relation(|one, other| self.synchronizes(one, other));
        let before = closure(union(&program, &synchronizes));
        let change = self.relation(|one, other| {
            self.place(one) < self.place(other)
                && self.place(one).is_some()
                && self.events[one].atomic == self.events[other].atomic
        });
        let reads = self.relation(|one, other| self.events[other].source == Some(Some(one)));
        // What reads comes before whatever changes what it read.
        let overwritten = self.relation(|one, other| {
            one != other
                && self.events[one].atomic == self.events[other].atomic
                && self.events[one].source.is_some()
                && self.place(other).is_some()
                && self.source_place(one) < self.place(other)
        });
        let communication = closure(union(&union(&reads, &change), &overwritten));
        let coherent = all.clone().all(|one| {
            !before[one][one]
                && all
                    .clone()
                    .all(|other| !(before[one][other] && communication[other][one]))
        });
        coherent && self.has_one_order(&program, &before, &union(&change, &overwritten))
    }

    /// Whether there is one order of all that is sequentially consistent.
    fn has_one_order(&self, program: &Relation, before: &Relation, rest: &Relation) -> bool {
        let same = |one: usize, other: usize| self.events[one].atomic == self.events[other].atomic;
        let elsewhere = self.relation(|one, other| program[one][other] && !same(one, other));
        let around = compose(&compose(&elsewhere, before), &elsewhere);
        let here = self.relation(|one, other| before[one][other] && same(one, other));
        let order = union(&union(program, &around), &union(&here, rest));
        let strong = |event: usize| self.events[event].ordering == SeqCst;
        let order = self.relation(|one, other| order[one][other] && strong(one) && strong(other));
        let order = closure(order);
        (0..self.events.len()).all(|event| !order[event][event])
    }

    fn relation(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        let all = 0..self.events.len();
        all.clone()
            .map(|one| all.clone().map(|other| holds(one, other)).collect())
            .collect()
    }

    /// The place of a change among its atomic's, from 1.
    fn place(&self, event: usize) -> Option<usize> {
        let changes = &self.changes[self.events[event].atomic];
        let place = changes.iter().position(|&other| other == event);
        place.map(|place| place + 1)
    }

    /// The same for what an event read; 0 for the 0 at first.
    fn source_place(&self, event: usize) -> Option<usize> {
        match self.events[event].source? {
            None => Some(0),
            Some(source) => self.place(source),
        }
    }

    /// Whether `other` acquires what `one` released: directly, or by way of
    /// others that read and write in one step.
    fn synchronizes(&self, one: usize, other: usize) -> bool {
        let releases = matches!(self.events[one].ordering, Release | AcqRel | SeqCst)
            && self.events[one].written.is_some();
        let acquires = matches!(self.events[other].ordering, Acquire | AcqRel | SeqCst);
        if !releases || !acquires {
            return false;
        }
        let mut source = self.events[other].source;
        while let Some(Some(event)) = source {
            if event == one {
                return true;
            }
            source = self.events[event].source;
        }
        false
    }
}

fn union(one: &Relation, other: &Relation) -> Relation {
    let rows = one.iter().zip(other);
    rows.map(|(one, other)| {
        one.iter()
            .zip(other)
            .map(|(one, other)| *one || *other)
            .collect()
    })
    .collect()
}

fn compose(one: &Relation, other: &Relation) -> Relation {
    let all = 0..one.len();
    let path = |from: usize, to: usize| all.clone().any(|by| one[from][by] && other[by][to]);
    all.clone()
        .map(|from| all.clone().map(|to| path(from, to)).collect())
        .collect()
}

fn closure(mut relation: Relation) -> Relation {
    let all = 0..relation.len();
    for by in all.clone() {
        for from in all.clone() {
            for to in all.clone() {
                relation[from][to] |= relation[from][by] && relation[by][to];
            }
        }
    }
    relation
}
