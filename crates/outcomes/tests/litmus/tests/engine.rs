//! The engine against the memory model: whatever it explores has the outcomes
//! that RC11 permits, no fewer and no more.
//!
//! `OUTCOMES_LITMUS_PROGRAMS` says how many random programs of each kind are
//! compared.

use outcomes_engine::{Outputs, Settings};
use outcomes_litmus::{Model, Orderings, Program, Shape};
use outcomes_litmus::{classics, interleavings, outcomes};
use outcomes_std::println;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

outcomes_litmus::interpreter!(outcomes_std);

/// Whether the engine may refuse a program whose orderings can be told from
/// `SeqCst`. To be `false` once it explores them all.
const MAY_REFUSE: bool = false;

fn programs(unless_told: u64) -> u64 {
    let told = std::env::var("OUTCOMES_LITMUS_PROGRAMS").ok();
    told.map_or(unless_told, |number| number.parse().expect("a number"))
}

/// What the engine says that the program prints, and what it has found of that after half
/// of its states; `None` if it is refused for its orderings.
fn explore(program: &Program) -> Option<[BTreeSet<String>; 2]> {
    let main = || {
        println!("{}", run(program, &|| ()));
        0
    };
    let modelled = outcomes_std::program::program(&main);
    let mut settings = Settings::default();
    let explored = match outcomes_engine::explore(&modelled, &settings, &mut |_| {}) {
        Ok(explored) => explored,
        Err(refused) if MAY_REFUSE && refused.reason.contains("Ordering::") => return None,
        Err(refused) => panic!("{refused}\n{program}"),
    };
    assert!(explored.deadlocks.is_empty(), "{program}");
    let outputs = explored.outputs().expect("there is an end to it");
    settings.limits.states = (explored.graph.states() as u64 / 2).max(1);
    let half = outcomes_engine::explore(&modelled, &settings, &mut |_| {});
    let so_far = half.expect("it isn't refused").outputs_so_far();
    let texts = |outputs: &Outputs| {
        let lines = outputs.iter().map(|output| {
            let line = output.text.strip_suffix('\n');
            line.expect("it prints a line").to_owned()
        });
        lines.collect()
    };
    Some([&outputs, &so_far.expect("it is small")].map(texts))
}

/// What RC11 permits.
fn permitted(program: &Program) -> BTreeSet<String> {
    let outcomes = outcomes(program, &Model::RC11);
    outcomes.iter().map(ToString::to_string).collect()
}

#[derive(Default)]
struct Tally {
    outcomes: usize,
    /// Those among them that are found in half of the states.
    so_far: usize,
    /// Explored, and not all `SeqCst`.
    weaker: u32,
    /// Explored, with outcomes that no interleaving has.
    weak: u32,
    refused: u32,
    /// Refused, with outcomes that no interleaving has.
    rightly: u32,
}

impl Tally {
    fn compare(&mut self, program: &Program) {
        let permitted = permitted(program);
        let strong = interleavings(program)
            .iter()
            .map(ToString::to_string)
            .collect();
        if let Some([found, so_far]) = explore(program) {
            assert_eq!(found, permitted, "the engine, and RC11:\n{program}");
            assert!(so_far.is_subset(&permitted), "{so_far:?} of:\n{program}");
            self.so_far += so_far.len();
            self.outcomes += found.len();
            let orderings = program.orderings();
            self.weaker += u32::from(orderings.iter().any(|ordering| *ordering != SeqCst));
            self.weak += u32::from(permitted != strong);
        } else {
            self.refused += 1;
            self.rightly += u32::from(permitted != strong);
        }
    }
}

#[test]
fn sequentially_consistent_programs() {
    let shape = Shape {
        orderings: Orderings::SeqCst,
        ..Shape::ALL
    };
    let mut tally = Tally::default();
    let programs = programs(1_500);
    for number in 0..programs {
        tally.compare(&shape.program(number));
    }
    std::println!("{programs} programs, {} outcomes", tally.outcomes);
    assert_eq!(tally.refused, 0);
    assert!(tally.outcomes as u64 > 3 * programs, "{}", tally.outcomes);
}

#[test]
fn programs_of_all_orderings() {
    let mut tally = Tally::default();
    let programs = programs(1_500);
    for number in 0..programs {
        tally.compare(&Shape::ALL.program(number));
    }
    let Tally {
        outcomes,
        so_far,
        weaker,
        weak,
        refused,
        rightly,
    } = tally;
    std::println!(
        "{programs} programs, {weaker} explored that aren't all SeqCst, {weak} of them with \
         outcomes that no interleaving has, {outcomes} outcomes, {so_far} of them found in half \
         of the states; {refused} refused, {rightly} for good reason"
    );
    assert!(so_far > outcomes / 10, "{so_far}");
    assert!(
        u64::from(weak + rightly) > programs / 10,
        "{weak} {rightly}"
    );
    assert!(u64::from(weaker) > programs / 10, "{weaker}");
    assert!(MAY_REFUSE || refused == 0, "{refused}");
}

#[test]
fn the_classics() {
    let mut strong = Tally::default();
    for classic in classics() {
        let found = explore(&classic.program).map(|[all, _]| all);
        let says = match &found {
            None => "refused".to_owned(),
            Some(found) => format!("{} outcomes", found.len()),
        };
        std::println!("{:28} {says}", classic.name);
        if let Some(found) = found {
            assert_eq!(found, permitted(&classic.program), "{}", classic.name);
        }
        strong.compare(&classic.program.with_orderings(&mut |_| SeqCst));
    }
    assert_eq!(strong.refused, 0);
}
