//! `interleaved add`: writes down what is known of a new listing, or of one
//! that was changed, and says what is left to do.
//!
//! Everything that the engine, rustc or a run can tell is found out and never
//! typed: how it ends, how many outputs it has, which error it gives, what it
//! prints. What is left is what only its author knows: a better title than its
//! name, and the place in the chapter.

use crate::chapters::{self, Chapter};
use crate::entry::{self, Entry};
use crate::outcomes::{self, Explored};
use crate::programs::Programs;
use crate::record;
use crate::test::why_unexplored;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use cargo_outcomes::command::clock;
use mdbook_interleaved::listings::{Ends, Listings};
use outcomes_protocol::{Answer, Clock, NotCounted, with_separators};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// What `interleaved add` may be told.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// The listing: the name of a program in the folder `examples` or `broken`
    /// of the listings, without .rs
    #[arg(value_name = "NAME")]
    name: String,

    /// What the page calls it [default: its name in words]
    #[arg(long)]
    title: Option<String>,

    /// The chapter that shows it, by its file's name [default: the one that does]
    #[arg(long)]
    chapter: Option<String>,

    /// The listing whose exercise it answers, if it is an answer
    #[arg(long, value_name = "LISTING")]
    answers: Option<String>,

    /// How time passes where its outputs are counted: `any`, or `prompt`, where a
    /// sleep lasts exactly as long as was asked for [default: any, unless the
    /// program reads the clock]
    #[arg(long, value_name = "CLOCK", value_parser = clock)]
    clock: Option<Clock>,
}

/// Adds a listing, and says what is left to do.
///
/// # Errors
/// Says what is missing. Nothing is written then, unless it could not be
/// recorded what the new listing prints.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let name = &options.name;
    let listings = workspace.listings()?;
    let chapters = chapters::read(&workspace.book)?;
    let program = Program::find(&listings, name)?;
    let known = listings.get(name).ok();
    let shown_in = chapters.iter().find(|chapter| chapter.shows(name));
    let answers = options.answers.as_ref();
    let answers = answers.or_else(|| known?.answers.as_ref()).cloned();
    let question = answers.as_ref().map(|question| listings.get(question));
    let question = question.transpose()?;
    let chapter = match (&options.chapter, known, shown_in, question) {
        (Some(chapter), ..) => chapter.trim_end_matches(".md").to_owned(),
        (None, Some(listing), ..) => listing.chapter.clone(),
        (None, None, Some(chapter), _) => chapter.name.clone(),
        (None, None, None, Some(question)) => question.chapter.clone(),
        (None, None, None, None) => bail!(
            "no chapter shows {name} yet: say with --chapter which is to ({})",
            names_of(&chapters)
        ),
    };
    let in_summary = chapters.iter().find(|it| it.name == chapter);
    let in_summary = in_summary.with_context(|| {
        format!(
            "SUMMARY.md names no chapter {chapter:?}: name it there, or choose one of {}",
            names_of(&chapters)
        )
    })?;
    let title = options.title.clone();
    let entry = Entry {
        title: title
            .or_else(|| Some(known?.title.clone()))
            .unwrap_or_else(|| in_words(name)),
        chapter,
        answers,
        needs: known.and_then(|listing| listing.needs.clone()),
        found: program.find_out(workspace, options.clock)?,
    };
    let what = entry.found.to_string();
    entry::write(&listings, name, &entry)?;
    let verb = if known.is_some() {
        "is in"
    } else {
        "was added to"
    };
    println!("{name} {verb} listings.toml: {what}.");

    let programs = Programs::build(workspace)?;
    let recorded = record::record(workspace, &programs, name)
        .with_context(|| format!("{name} could not be recorded"))?;
    record::record_machine(&programs, false)?;
    println!("{name} was recorded: {recorded}.");
    let left = left_to_do(options, known.is_some(), &program, in_summary, &entry);
    print!("{left}");
    Ok(())
}

/// What only its author can do.
fn left_to_do(
    options: &Options,
    was_known: bool,
    program: &Program,
    chapter: &Chapter,
    entry: &Entry,
) -> String {
    let name = &options.name;
    let mut left = String::new();
    if !was_known && options.title.is_none() {
        let _ = writeln!(
            left,
            "\nIts title is {:?}. If you have a better one, write it in listings.toml.",
            entry.title
        );
    }
    if !chapter.shows(name) {
        let lines = match &entry.answers {
            Some(_) => chapters::show_answer(name),
            None => chapter.show(name, &program.file),
        };
        let _ = writeln!(left, "\nShow it in {}:\n\n{lines}", chapter.file);
    }
    let _ = writeln!(left, "\nThen `cargo run -- test {name}` checks it all.");
    left
}

fn names_of(chapters: &[Chapter]) -> String {
    let names: Vec<&str> = chapters.iter().map(|it| it.name.as_str()).collect();
    names.join(", ")
}

/// `Two greetings` for `two-greetings`.
fn in_words(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A program in the listings' folders.
struct Program {
    name: String,
    file: PathBuf,
    is_broken: bool,
}

/// What was found out about it.
#[derive(Debug)]
pub(crate) enum Found {
    /// rustc gives this error.
    Rejected {
        /// Its code, or what it says if it has none.
        code: String,
    },
    /// It was explored.
    Explored {
        /// Every way in which it can end.
        ends: Vec<Ends>,
        /// What threads may say when they panic.
        panics: Vec<String>,
        /// How many outputs it has; `None` if there is no end of them.
        outputs: Option<u64>,
        /// How time passed.
        clock: Clock,
    },
    /// It can't be explored.
    Unexplored {
        /// How it ended.
        ends: Ends,
        /// Why.
        reason: &'static str,
    },
}

impl Program {
    fn find(listings: &Listings, name: &str) -> Result<Program> {
        let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        ensure!(
            !name.is_empty()
                && name
                    .split('-')
                    .all(|word| { !word.is_empty() && word.chars().all(is_name) }),
            "{name:?} is no name for a listing: write small letters, with `-` between words"
        );
        let file = |folder: &str| listings.root().join(folder).join(format!("{name}.rs"));
        let (example, broken) = (file("examples"), file("broken"));
        match (example.is_file(), broken.is_file()) {
            (true, true) => bail!(
                "{name}.rs is in both folders, examples/ and broken/: remove the one that it isn't"
            ),
            (false, false) => bail!(
                "there is no {}: write the program there, or into broken/ if it must not compile",
                example.display()
            ),
            (true, false) => Ok(Program {
                name: name.to_owned(),
                file: example,
                is_broken: false,
            }),
            (false, true) => Ok(Program {
                name: name.to_owned(),
                file: broken,
                is_broken: true,
            }),
        }
    }

    fn find_out(&self, workspace: &Workspace, clock: Option<Clock>) -> Result<Found> {
        if self.is_broken {
            return self.find_error(workspace);
        }
        let modelled = outcomes::prepare(workspace)?;
        let explore = |clock| outcomes::explore(workspace, &modelled, &self.file, clock);
        let first = clock.unwrap_or(Clock::Any);
        match (explore(first)?, clock) {
            (Explored::Answer(answer), _) => self.explored(&answer, first),
            (Explored::Refused(sentence), Some(_)) => Err(sentence),
            (Explored::Refused(sentence), None) => match explore(Clock::Prompt)? {
                Explored::Answer(answer) => self.explored(&answer, Clock::Prompt),
                Explored::Refused(_) => self.unexplored(workspace, sentence),
            },
        }
    }

    fn find_error(&self, workspace: &Workspace) -> Result<Found> {
        let programs = Programs::build(workspace)?;
        let source = fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let (words, mut codes) = programs.rejection_of(&self.name, &source)?;
        match (codes.pop(), codes.is_empty()) {
            (Some(code), true) => Ok(Found::Rejected { code }),
            (last, _) => {
                codes.extend(last);
                bail!(
                    "rustc must give {} one error, and it gives {codes:?}\n{words}",
                    self.name
                )
            }
        }
    }

    fn explored(&self, answer: &Answer, clock: Clock) -> Result<Found> {
        let name = &self.name;
        let unbounded = answer.not_counted == Some(NotCounted::Unbounded);
        if let Some(reason) = answer.not_counted.as_ref().filter(|_| !unbounded) {
            bail!(
                "{name} could not be explored to the end: {reason}. Make the program smaller; \
                 `cargo run -- outcomes {name}.rs --max-seconds N` tries for longer"
            );
        }
        let ends = answer.endings.iter().map(|ends| Ends::of(&ends.ending));
        let ends = ends
            .collect::<Option<Vec<Ends>>>()
            .with_context(|| format!("{name} can abort, which listings.toml has no word for"))?;
        let mut distinct: Vec<Ends> = Vec::new();
        for ends in ends {
            if !distinct.contains(&ends) {
                distinct.push(ends);
            }
        }
        let panics = answer.panics.iter();
        let panics: BTreeSet<&str> = panics.map(|it| it.panic.message.as_str()).collect();
        let outputs = answer.outputs.map(u64::try_from).transpose();
        Ok(Found::Explored {
            ends: distinct,
            panics: panics.into_iter().map(str::to_owned).collect(),
            outputs: outputs
                .with_context(|| format!("{name} has more outputs than 64 bits count"))?,
            clock,
        })
    }

    /// It can't be explored: then there must be a reason that can be checked, and
    /// a run says how it ends.
    fn unexplored(&self, workspace: &Workspace, sentence: anyhow::Error) -> Result<Found> {
        let source = fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let Some(reason) = why_unexplored(&source) else {
            return Err(sentence);
        };
        let run = Programs::build(workspace)?.run_source(&source)?;
        Ok(Found::Unexplored {
            ends: run.ends,
            reason,
        })
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Found::Rejected { code } => write!(formatter, "it does not compile, error {code}"),
            Found::Explored {
                ends,
                outputs,
                clock,
                panics,
            } => {
                let ends: Vec<String> = ends.iter().map(Ends::to_string).collect();
                write!(formatter, "it {}, and has ", ends.join(" or "))?;
                match outputs {
                    None => write!(formatter, "no end of outputs")?,
                    Some(1) => write!(formatter, "1 output")?,
                    Some(outputs) => {
                        write!(formatter, "{} outputs", with_separators((*outputs).into()))?;
                    }
                }
                if *clock == Clock::Prompt {
                    write!(formatter, " on the prompt clock")?;
                }
                for panic in panics {
                    write!(formatter, "; a thread can panic with {panic:?}")?;
                }
                Ok(())
            }
            Found::Unexplored { ends, reason } => {
                write!(
                    formatter,
                    "it {ends}, and can't be explored, since {reason}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_name_becomes_a_title() {
        assert_eq!(in_words("two-greetings"), "Two greetings");
    }
}
