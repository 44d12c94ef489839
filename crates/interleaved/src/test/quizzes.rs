//! Whether what the chapters ask about their listings is true: each output that
//! is called possible is, each other isn't, and each goal can be reached and
//! missed.

use super::findings::Findings;
use super::outcomes::{answer, is_possible, request};
use crate::chapters::Chapter;
use crate::programs::Programs;
use anyhow::Result;
use cargo_outcomes::Modelled;
use mdbook_interleaved::listings::Ends;
use mdbook_interleaved::outcomes::GRAPH;
use mdbook_interleaved::quizzes::Quiz;
use outcomes_protocol::Check;

/// Asks the engine about all that a chapter asks about one listing.
pub(super) fn check(
    programs: &Programs,
    modelled: &Modelled,
    chapter: &Chapter,
    name: &str,
    quiz: &Quiz,
) -> Result<()> {
    let file = format!("quizzes/{}.toml", chapter.name);
    let mut findings = Findings::new();
    for (directive, is_empty) in [
        ("quiz", quiz.outputs.is_empty()),
        ("goals", quiz.goals.is_empty()),
    ] {
        let line = format!("{{{{#{directive} {name}}}}}");
        findings.hold(is_empty || chapter.text.contains(&line), || {
            format!(
                "{file} asks about {name}, and {} doesn't show it: write {line} there",
                chapter.file
            )
        });
    }

    findings.hold(chapter.shows(name), || {
        format!(
            "{file} asks about {name}, which {} doesn't show: ask where it is shown",
            chapter.file
        )
    });

    let mut request = request(programs.listings.get(name)?, []);
    let asked = quiz.outputs.iter().map(|it| (&it.text, it.ends));
    let ways = quiz.goals.iter().map(|it| (&it.way, it.ends));
    request.checks = asked
        .chain(ways)
        .map(|(text, ends)| Check {
            text: text.clone(),
            ending: ends.map(Ends::to_ending),
        })
        .collect();
    request.graph = GRAPH;
    let answer = answer(programs, modelled, name, &request)?;
    findings.hold(answer.graph.is_some(), || {
        format!(
            "{file} asks about {name}, which is in too many states for a page to show why an \
             answer is wrong: ask about a smaller program"
        )
    });
    let (outputs, ways) = answer.checked.split_at(quiz.outputs.len());

    for (candidate, checked) in quiz.outputs.iter().zip(outputs) {
        let then = candidate
            .ends
            .map_or_else(String::new, |ends| format!(" (and then it {ends})"));
        findings.hold(is_possible(checked) == Some(candidate.possible), || {
            let (says, is) = match candidate.possible {
                true => ("possible", "isn't"),
                false => ("impossible", "is possible"),
            };
            format!(
                "{file} calls this output of {name} {says}, and it {is}: correct it{then}\n{}",
                candidate.text
            )
        });
    }
    for (goal, checked) in quiz.goals.iter().zip(ways) {
        let what = format!("the goal {:?} of {name} in {file}", goal.goal);
        findings.hold(is_possible(checked) == Some(true), || {
            format!(
                "{what} has a way that isn't possible: correct it\n{}",
                goal.way
            )
        });
        findings.hold(goal.holds(&goal.way, goal.ends), || {
            format!("{what} isn't reached by its own way: correct the one or the other")
        });
        let mut others = answer.listed.iter();
        findings.hold(
            others.any(|output| !goal.holds(&output.text, Ends::of(&output.ending))),
            || format!("{what} is reached whatever the reader does: ask for something else"),
        );
    }
    findings.report()
}
