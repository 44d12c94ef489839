//! How the page checks what a reader made of an exercise: what `{{#answer}}` says
//! of that.
//!
//! A program is right if it has as many outputs as the answer and the same ways to
//! end. Besides that,
//!
//! - `same-text`: it prints what the answer prints: the sets of outputs are the same;
//! - `needs="wait_while or wait and 3 × Box::new"`: words of its code, all of them,
//!   or where there is a choice, one of these;
//! - `without="unsafe or drop(answers)"`: words that are not in its code.
//!
//! What is in comments and strings doesn't count, nor how code is set.
//!
//! What the exercise asks in words no program answers: `in-words="Since …"` does,
//! where the answer is opened.

use crate::directives::{self, Directive, Part};
use anyhow::{Context, Result, bail};

/// An exercise's check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// The listing that is the answer.
    pub answer: String,
    /// Whether a right program prints what the answer does.
    pub same_text: bool,
    /// `needs=`, as it is written.
    pub needs: Option<String>,
    /// `without=`, as it is written.
    pub without: Option<String>,
    /// What the exercise asks in words, answered in words: `in-words=`.
    pub in_words: Option<String>,
}

/// Words that follow each other, and how often a program must have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a> {
    /// How often at least.
    pub times: usize,
    /// The words.
    pub text: &'a str,
}

impl Exercise {
    pub(crate) fn read(directive: &Directive) -> Result<Exercise> {
        let (answer, same_text) = match directive.words.as_slice() {
            [answer] => (answer, false),
            [answer, word] if word == "same-text" => (answer, true),
            _ => bail!("{{{{#answer}}}} takes one name, and perhaps same-text behind it"),
        };
        Ok(Exercise {
            answer: answer.clone(),
            same_text,
            needs: directive.options.get("needs").cloned(),
            without: directive.options.get("without").cloned(),
            in_words: directive.options.get("in-words").cloned(),
        })
    }

    /// What the program must have: of each, one of these.
    pub fn needed(&self) -> Vec<Vec<Words<'_>>> {
        let all = self.needs.iter().flat_map(|needs| needs.split(" and "));
        all.map(|choice| choice.split(" or ").map(Words::read).collect())
            .collect()
    }

    /// What it must not have.
    pub fn unwanted(&self) -> Vec<&str> {
        let all = self.without.iter().flat_map(|all| all.split(" or "));
        all.collect()
    }
}

impl Words<'_> {
    fn read(words: &str) -> Words<'_> {
        let counted = words.split_once(" × ");
        let counted = counted.and_then(|(times, text)| Some((times.parse().ok()?, text)));
        let (times, text) = counted.unwrap_or((1, words));
        Words { times, text }
    }
}

/// The exercises of a chapter that have an answer, in their order.
///
/// # Errors
/// Says, with its line, which directive can't be read.
pub fn exercises(chapter: &str) -> Result<Vec<Exercise>> {
    let mut exercises = Vec::new();
    for part in directives::parts(chapter)? {
        if let Part::Directive(directive) = part
            && directive.name == "answer"
        {
            let line = directives::line_number(chapter, directive.range.start);
            let exercise = Exercise::read(&directive).with_context(|| format!("line {line}"))?;
            exercises.push(exercise);
        }
    }
    Ok(exercises)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_exercise_asks_for_is_read() {
        let chapter = "{{#answer one same-text needs=\"a or b and 3 × C::new\" \
                       without=\"x or drop(y)\" hint=\"h\" in-words=\"It’s `z`.\"}}\n\n{{#answer two}}\n";
        let found = exercises(chapter).unwrap();
        let words = |times, text| Words { times, text };
        assert_eq!(found[0].answer, "one");
        assert!(found[0].same_text && !found[1].same_text);
        assert_eq!(
            found[0].needed(),
            [vec![words(1, "a"), words(1, "b")], vec![words(3, "C::new")]]
        );
        assert_eq!(found[0].unwanted(), ["x", "drop(y)"]);
        assert_eq!(found[0].in_words.as_deref(), Some("It’s `z`."));
        assert!(found[1].needed().is_empty() && found[1].unwanted().is_empty());
        assert!(exercises("{{#answer one same}}\n").is_err());
        assert!(exercises("{{#answer}}\n").is_err());
    }
}
