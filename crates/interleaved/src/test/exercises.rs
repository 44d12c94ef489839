//! Whether every exercise can be checked: below it stands an answer, against
//! which the page checks what the reader made, or something to judge or to bring
//! about. And whether that check tells right from wrong: the answer passes it, and
//! the program that the reader starts from doesn't.
//!
//! What an exercise asks in words, "Why?" say, no program answers: that needs an
//! answer in words.
//!
//! The words of a program are rustc's own tokens here; the page has a reader of its
//! own.

use super::findings::Findings;
use super::outcomes::{IT_MEASURES, answer, request};
use super::runs::lines_without_figures;
use crate::chapters::Chapter;
use crate::programs::Programs;
use anyhow::{Context, Result};
use cargo_outcomes::{Modelled, NoAnswer};
use mdbook_interleaved::exercises::{Exercise, exercises};
use mdbook_interleaved::listings::{Ends, Listing};
use outcomes_protocol::Answer;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use std::collections::BTreeSet;
use std::fs;

/// Where a chapter's exercises begin.
const HEADING: &str = "## Exercises";

/// What makes an exercise one that is checked.
const CHECKS: [&str; 3] = ["{{#answer ", "{{#quiz ", "{{#goals "];

/// So many outputs at most are compared, one by one: the page has all of them.
const COMPARED: u64 = 1000;

/// Checks the exercises of a chapter, if it has any.
pub(super) fn check(chapter: &Chapter, programs: &Programs, modelled: &Modelled) -> Result<()> {
    let mut findings = Findings::new();
    let asked = asked(&chapter.text);
    if asked.is_empty() && chapter.text.lines().any(|line| line == HEADING) {
        findings.add(format!("the exercises of {} aren't numbered", chapter.file));
    }
    for exercise in asked.iter().filter(|it| !is_checked(it)) {
        findings.add(format!(
            "{} has an exercise that nothing checks: give it an answer, `{{{{#answer NAME \
             hint=\"…\"}}}}`, or ask for what can be answered. It is\n{exercise}",
            chapter.file
        ));
    }
    for exercise in asked.iter().filter(|it| lacks_words(it)) {
        if asks_the_machine(exercise, programs)? {
            continue;
        }
        findings.add(format!(
            "{} has an exercise that asks what no program answers: answer it, by \
             `{{{{#answer NAME in-words=\"…\"}}}}`. It is\n{exercise}",
            chapter.file
        ));
    }
    for exercise in exercises(&chapter.text)? {
        tells_apart(&exercise, programs, modelled, &mut findings)
            .with_context(|| format!("{{{{#answer {}}}}}", exercise.answer))?;
    }
    findings.report()
}

/// The check calls the answer right, and not the program that it is made of.
fn tells_apart(
    exercise: &Exercise,
    programs: &Programs,
    modelled: &Modelled,
    findings: &mut Findings,
) -> Result<()> {
    let name = &exercise.answer;
    let right = programs.listings.get(name)?;
    let question = right.answers.as_deref();
    let question = question.with_context(|| format!("{name} answers no listing"))?;
    let start = programs.listings.get(question)?;
    let is_comparable =
        right.is_explorable() && right.outputs.is_some_and(|count| count <= COMPARED);
    findings.hold(!exercise.same_text || is_comparable, || {
        format!(
            "{{{{#answer {name}}}}} can't have same-text, since {name} has no outputs to compare, \
             or more than {COMPARED}"
        )
    });
    findings.hold(
        has_its_words(exercise, &programs.listings.source(name)?),
        || {
            format!(
                "the answer {name} doesn't pass the check of its own exercise: correct needs= or \
             without="
            )
        },
    );
    let is_refused = !has_its_words(exercise, &programs.listings.source(question)?)
        || !comes_to_the_same(right, start, name, question, programs, modelled)?
        || exercise.same_text && prints_otherwise(right, name, question, programs, modelled)?;
    findings.hold(is_refused, || {
        format!(
            "the check below {{{{#answer {name}}}}} calls {question} right, as it stands in the \
             chapter: say what is to change, by same-text, needs=\"…\" or without=\"…\""
        )
    });
    Ok(())
}

/// Whether the page calls the start right by its count of outputs and its ways to
/// end; by what one run prints; or by the compiler's error.
fn comes_to_the_same(
    right: &Listing,
    start: &Listing,
    name: &str,
    question: &str,
    programs: &Programs,
    modelled: &Modelled,
) -> Result<bool> {
    if right.is_broken() || start.is_broken() {
        return Ok(right.error == start.error);
    }
    if right.unexplored.is_some() {
        let lines = |name: &str| -> Result<Vec<String>> {
            let recorded = fs::read_to_string(programs.listings.transcript_path(name))?;
            Ok(lines_without_figures(&recorded))
        };
        return Ok(right.ends == start.ends && lines(name)? == lines(question)?);
    }
    if start.unexplored.is_some() {
        return Ok(false);
    }
    let words = |ends: &[Ends]| -> BTreeSet<String> { ends.iter().map(Ends::to_string).collect() };
    if right.clock == start.clock {
        return Ok(right.outputs == start.outputs && words(&right.ends) == words(&start.ends));
    }
    let Some(found) = explored(right, question, programs, modelled)? else {
        return Ok(false);
    };
    let ends: Vec<Ends> = found
        .endings
        .iter()
        .filter_map(|ends| Ends::of(&ends.ending))
        .collect();
    Ok(found.outputs == right.outputs.map(u128::from) && words(&ends) == words(&right.ends))
}

/// What a program can print, and in which way it ends then.
type Outputs = BTreeSet<(String, Option<String>)>;

/// Whether the start has other outputs than the answer.
fn prints_otherwise(
    right: &Listing,
    name: &str,
    question: &str,
    programs: &Programs,
    modelled: &Modelled,
) -> Result<bool> {
    let outputs = |name: &str| -> Result<Option<Outputs>> {
        let Some(found) = explored(right, name, programs, modelled)? else {
            return Ok(None);
        };
        let outputs = found.listed.into_iter().map(|output| {
            let ends = Ends::of(&output.ending).map(|ends| ends.to_string());
            (output.text, ends)
        });
        Ok(Some(outputs.collect()))
    };
    Ok(outputs(name)? != outputs(question)?)
}

/// All that a listing can do, on the clock on which the page asks; `None` if the
/// engine refuses it there.
fn explored(
    right: &Listing,
    name: &str,
    programs: &Programs,
    modelled: &Modelled,
) -> Result<Option<Answer>> {
    match answer(programs, modelled, name, &request(right, [])) {
        Err(error) if matches!(error.downcast_ref(), Some(NoAnswer::Refused(_))) => Ok(None),
        other => other.map(Some),
    }
}

/// Whether a program has the words that an exercise asks for, and none of those
/// that it must do without.
fn has_its_words(exercise: &Exercise, source: &str) -> bool {
    let words = words(source);
    let times = |text: &str| {
        let wanted = self::words(text);
        words
            .windows(wanted.len().max(1))
            .filter(|there| *there == wanted)
            .count()
    };
    let needed = exercise.needed();
    let has = |choice: &Vec<_>| {
        let mut choice = choice.iter();
        choice
            .any(|wanted: &mdbook_interleaved::exercises::Words| times(wanted.text) >= wanted.times)
    };
    needed.iter().all(has) && exercise.unwanted().iter().all(|text| times(text) == 0)
}

/// A program's tokens but for white space and comments, all strings being the same.
fn words(source: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for token in tokenize(source, FrontmatterAllowed::No) {
        let text = &source[start..start + token.len as usize];
        start += token.len as usize;
        match token.kind {
            TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. } => {}
            TokenKind::Literal { .. } if text.contains(['"', '\'']) => words.push("\"\""),
            _ => words.push(text),
        }
    }
    words
}

/// What a chapter asks for, exercise by exercise, with what stands below each.
fn asked(chapter: &str) -> Vec<String> {
    let mut exercises: Vec<String> = Vec::new();
    let mut lines = chapter.lines().skip_while(|line| *line != HEADING).skip(1);
    for line in lines.by_ref().take_while(|line| !line.starts_with('#')) {
        if is_numbered(line) {
            exercises.push(String::new());
        }
        // What stands before the first belongs to none.
        if let Some(exercise) = exercises.last_mut() {
            *exercise += &format!("{line}\n");
        }
    }
    exercises
}

fn is_checked(exercise: &str) -> bool {
    CHECKS.iter().any(|check| exercise.contains(check))
}

/// Whether an exercise asks in words, and nothing below it answers so. Outputs to
/// judge have their reasons.
fn lacks_words(exercise: &str) -> bool {
    let (asks, below): (Vec<&str>, Vec<&str>) = exercise
        .lines()
        .partition(|line| !line.trim_start().starts_with("{{#"));
    let is_answered = below
        .iter()
        .any(|line| line.contains(" in-words=\"") || line.contains("{{#quiz "));
    !is_answered && asks_in_words(&asks.join(" "))
}

/// Whether it is about a time that is measured: there the reader's own machine has
/// the answer.
fn asks_the_machine(exercise: &str, programs: &Programs) -> Result<bool> {
    for Exercise { answer, .. } in exercises(exercise)? {
        if programs.listings.get(&answer)?.unexplored.as_deref() == Some(IT_MEASURES) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether there is a question that isn't one for a number of outputs, or a demand
/// to explain.
fn asks_in_words(exercise: &str) -> bool {
    // What is code says nothing, and may have any sign in it.
    let words: String = exercise.split('`').step_by(2).collect();
    let words = words.to_lowercase();
    let mut sentences = words.split_inclusive(['.', '?', '!', ':', ';']);
    sentences.any(|sentence| {
        let is_question = sentence.ends_with('?');
        let of_a_number = sentence.contains("how many") && !sentence.contains("why");
        is_question && !of_a_number || sentence.contains("say why") || sentence.contains("explain")
    })
}

fn is_numbered(line: &str) -> bool {
    line.split_once(". ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{Exercise, asked, has_its_words, is_checked, lacks_words};

    fn without_check(chapter: &str) -> Vec<String> {
        let mut exercises = asked(chapter);
        exercises.retain(|exercise| !is_checked(exercise));
        exercises
    }

    #[test]
    fn words_are_of_the_code_alone() {
        let exercise = |needs: &str, without: &str| Exercise {
            answer: "it".to_owned(),
            same_text: false,
            needs: Some(needs.to_owned()),
            without: Some(without.to_owned()),
            in_words: None,
        };
        let one = exercise("wait_while or recv", "drop(answers)");
        assert!(has_its_words(&one, "bell.wait_while(guard)"));
        assert!(!has_its_words(&one, "bell.wait(guard) // wait_while"));
        assert!(!has_its_words(&one, "bell.wait(\"wait_while\") /* recv */"));
        assert!(!has_its_words(&one, "bell.wait_while_timeout(guard)"));
        assert!(!has_its_words(&one, "recv(); drop( answers ) ;"));
        let three = exercise("3 × Box::new and for", "unsafe");
        assert!(has_its_words(&three, "for Box::new Box :: new (Box::new)"));
        assert!(!has_its_words(&three, "for Box::new Box::new"));
    }

    #[test]
    fn what_has_a_check_is_fine() {
        let chapter = "# One\n\n1. No exercise.\n\n## Exercises\n\nAll of them:\n\n\
                       1. Do it.\n\n   {{#answer it hint=\"x\"}}\n\n2. Judge.\n\n   {{#quiz it}}\n\n\
                       3. Make it. Then\n   rest.\n\n   {{#goals it}}\n";
        assert!(without_check(chapter).is_empty());
        assert!(without_check("# Two\n\n1. No exercise.\n").is_empty());
    }

    #[test]
    fn what_has_none_is_found() {
        let chapter =
            "## Exercises\n\n1. Do it.\n\n   {{#answer it}}\n\n2. Think.\n3. Judge {{#quiz it}}\n";
        assert_eq!(without_check(chapter), ["2. Think.\n"]);
        let last = "## Exercises\n\n1. {{#answer it}}\n2. Think.\n\n## More\n\n3. {{#quiz it}}\n";
        assert_eq!(without_check(last), ["2. Think.\n\n"]);
        assert!(asked("## Exercises\n\n- Think.\n").is_empty());
    }

    #[test]
    fn what_is_asked_in_words_wants_words() {
        let below = "\n\n   {{#answer it hint=\"Why not?\"}}\n";
        for asks in [
            "1. Do it. What comes first, and why?",
            "1. Which are possible? How many outputs are there?",
            "1. How many are left, and why?",
            "1. Say why before you\n   try it.",
            "1. Explain it to yourself.",
        ] {
            assert!(lacks_words(&format!("{asks}{below}")), "{asks}");
            let answered = below.replace("}}", " in-words=\"Since.\"}}");
            assert!(!lacks_words(&format!("{asks}{answered}")), "{asks}");
            assert!(!lacks_words(&format!("{asks}\n\n   {{{{#quiz it}}}}\n")));
        }
        for asks in [
            "1. Do it. How many outputs does it have then?",
            "1. How many does `who?` print, and how many are there?",
            "1. Replace it by `x.unwrap_or(why?)`.",
        ] {
            assert!(!lacks_words(&format!("{asks}{below}")), "{asks}");
        }
    }
}
