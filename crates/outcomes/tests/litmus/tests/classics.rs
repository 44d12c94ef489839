//! The classics, with the verdicts of the literature.

use outcomes_litmus::{Answer, Axiom, Classic, Model, Program, Step, Value};
use outcomes_litmus::{classics, outcomes};
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};

/// Whether what a classic asks for can come of it.
fn is_possible(classic: &Classic, model: &Model) -> bool {
    outcomes(&classic.program, model).iter().any(|outcome| {
        let text = outcome.to_string();
        let (read, last) = text.split_once(" ;").unwrap();
        match classic.asks.split_once(';') {
            None => classic.asks == read.trim(),
            Some(("", wanted)) => wanted == last,
            Some((wanted, wanted_last)) => wanted.trim() == read.trim() && wanted_last == last,
        }
    })
}

/// An axiom that is said to forbid something is what forbids it: without it,
/// or them, the same is possible. So no question is misspelt.
#[test]
fn classics_have_the_verdicts_of_the_literature() {
    let classics = classics();
    let mut wrong = Vec::new();
    for classic in &classics {
        let mut check = |model: &Model, possible: bool, of: &str| {
            if is_possible(classic, model) != possible {
                let not = if possible { "not " } else { "" };
                wrong.push(format!(
                    "{} ({}): {} is {not}possible {of}\n{}",
                    classic.name, classic.source, classic.asks, classic.program
                ));
            }
        };
        let model = Model::RC11;
        match classic.answer {
            Answer::Allowed => check(&model, true, ""),
            Answer::Forbidden(axioms) => {
                check(&model, false, "");
                let without = |but: Option<Axiom>| {
                    let all = axioms.iter().filter(|&&axiom| Some(axiom) != but);
                    all.fold(model, |model, &axiom| model.without(axiom))
                };
                check(&without(None), true, &format!("without {axioms:?}"));
                for &axiom in axioms {
                    check(&without(Some(axiom)), false, &format!("by {axiom:?} alone"));
                }
            }
        }
        println!(
            "{:28} {:12} {:?} [{}]",
            classic.name, classic.asks, classic.answer, classic.source
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn classics_have_names_of_their_own() {
    let mut names: Vec<_> = classics().iter().map(|classic| classic.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// These are what the models differ in.
#[test]
fn older_models_differ_where_they_should() {
    let differing = |model: &Model| {
        let classics = classics().into_iter();
        let differing = classics
            .filter(|classic| is_possible(classic, model) != is_possible(classic, &Model::RC11));
        differing.map(|classic| classic.name).collect::<Vec<_>>()
    };
    let until_20 = Model {
        stores_continue: true,
        ..Model::RC11
    };
    assert_eq!(
        differing(&until_20),
        ["RS, own store", "RS, a store ends it"]
    );
    let like_11 = Model {
        sc_takes_all_of_hb: true,
        ..Model::RC11
    };
    assert_eq!(differing(&like_11), ["IRIW-acq-sc", "Z6.U", "WWmerge"]);
}

/// No value comes from nowhere (LB+deps in the paper).
#[test]
fn nothing_out_of_thin_air() {
    let copy = |from, to| {
        vec![
            Step::Load(from, Relaxed),
            Step::Store(to, Value::Read(0), Relaxed),
        ]
    };
    let program = Program {
        threads: vec![copy(0, 1), copy(1, 0)],
    };
    let found = outcomes(&program, &Model::RC11);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["0 | 0 ; 0 0"]);
}

/// Only the weak one may fail for no reason, and then it reads with the
/// ordering for failure.
#[test]
fn who_may_fail() {
    let exchange = |weak, success, failure| Step::CompareExchange {
        location: 1,
        current: 0,
        new: 2,
        success,
        failure,
        weak,
    };
    let found = |weak, success, failure| -> Vec<String> {
        let threads = vec![vec![exchange(weak, success, failure)]];
        let found = outcomes(&Program { threads }, &Model::RC11);
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(found(false, SeqCst, SeqCst), ["0 ; 0 2"]);
    assert_eq!(found(true, SeqCst, SeqCst), ["0 ; 0 2", "0! ; 0 0"]);
    let passed = |failure| {
        let program = Program {
            threads: vec![
                vec![
                    Step::Store(0, Value::Constant(1), Relaxed),
                    Step::Store(1, Value::Constant(1), Release),
                ],
                vec![exchange(false, SeqCst, failure), Step::Load(0, Relaxed)],
            ],
        };
        let found = outcomes(&program, &Model::RC11);
        found
            .iter()
            .any(|outcome| outcome.to_string() == " | 1! 0 ; 1 1")
    };
    assert!(passed(Relaxed));
    assert!(!passed(std::sync::atomic::Ordering::Acquire));
}
