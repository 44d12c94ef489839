//! Smaller programs than one that shows a mistake.
//!
//! A program is named by its number, and behind that by the reductions that
//! were made, each a number: `17/4/0`.

use super::language::{Dropped, Program, Step};

impl Program {
    /// The program with this name, if there is one.
    pub fn named(name: &str) -> Option<Program> {
        let mut numbers = name.split('/');
        let mut program = Program::new(numbers.next()?.parse().ok()?);
        for number in numbers {
            let number = number.parse().ok()?;
            program = program.reductions().into_iter().nth(number)?;
        }
        Some(program)
    }

    /// The programs that are a little smaller.
    pub fn reductions(&self) -> Vec<Program> {
        let smaller = reductions(&self.main).into_iter().map(|main| Program {
            main,
            ..self.clone()
        });
        let mut all: Vec<Program> = smaller.collect();
        let flags: [fn(&mut Program) -> &mut Dropped; 5] = [
            |program| &mut program.shared,
            |program| &mut program.results,
            |program| &mut program.messages,
            |program| &mut program.payloads,
            |program| &mut program.locals,
        ];
        for flag in flags {
            let mut quiet = self.clone();
            if *flag(&mut quiet) != Dropped::Nothing {
                *flag(&mut quiet) = Dropped::Nothing;
                all.push(quiet);
            }
        }
        all
    }
}

/// Each step left out, or replaced by what is done within it, or with less
/// done within it.
fn reductions(steps: &[Step]) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let mut with = |replacement: Vec<Step>| {
            let mut smaller = steps.to_vec();
            smaller.splice(number..=number, replacement);
            all.push(smaller);
        };
        with(Vec::new());
        if !step.inner.is_empty() {
            with(step.inner.clone());
        }
        for inner in reductions(&step.inner) {
            with(vec![Step {
                inner,
                ..step.clone()
            }]);
        }
    }
    all
}
