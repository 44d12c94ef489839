//! Expands one chapter: its fences that show a listing, and its directives.

use crate::directives::{self, Directive, Fence, Part};
use crate::escape::escape;
use crate::exercises::Exercise;
use crate::listings::{Ends, Listing, Listings};
use crate::outcomes;
use crate::programs::Programs;
use crate::recorded::{self, Table};
use crate::renderer::Renderer;
use crate::shown::Shown;
use crate::spreads::Spreads;
use crate::{chart, html, markdown, notebook, paper};
use anyhow::{Context, Result, bail, ensure};
use outcomes_protocol::with_separators;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// What else the site holds, and where a chapter finds that.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// The folder that holds what can come of the listings, if there is one,
    /// relative to the chapter.
    pub(crate) outcomes: Option<String>,
    /// The listings' programs for browsers, if there are any.
    pub(crate) programs: Option<Programs>,
    /// Where the book tells of clocks, if it does, relative to the chapter.
    pub(crate) clock_help: Option<String>,
}

/// Expands a chapter for a renderer. `path` is the chapter's file, for errors;
/// `folder` is the folder that holds it.
///
/// # Errors
/// One sentence that opens with the chapter and the line.
pub(crate) fn expand(
    content: &str,
    path: &Path,
    folder: &Path,
    listings: &Listings,
    site: &Site,
    renderer: Renderer,
) -> Result<String> {
    let expansion = Expansion {
        content,
        path,
        folder,
        listings,
        site,
        renderer,
    };
    expansion
        .run()
        .map_err(|error| anyhow::anyhow!("{}: {error:#}", path.display()))
}

struct Expansion<'a> {
    content: &'a str,
    path: &'a Path,
    folder: &'a Path,
    listings: &'a Listings,
    site: &'a Site,
    renderer: Renderer,
}

/// What replaces a part of the chapter.
type Replacement = (Range<usize>, String);

impl Expansion<'_> {
    fn run(&self) -> Result<String> {
        // Other preprocessors have directives, too: without listings none is ours.
        if self.listings.is_empty() {
            return Ok(self.content.to_owned());
        }
        let parts = directives::parts(self.content)?;
        let mut replacements = Vec::new();
        let mut parts = parts.iter().peekable();
        while let Some(part) = parts.next() {
            let start = part.range().start;
            match part {
                Part::Fence(fence) => {
                    let next = parts.peek().copied();
                    let (replaced, used) =
                        self.fence(fence, next).with_context(|| self.line(start))?;
                    replacements.extend(replaced);
                    if used {
                        parts.next();
                    }
                }
                Part::Directive(directive) => {
                    let text = self
                        .directive(directive)
                        .with_context(|| self.line(start))?;
                    replacements.push((directive.range.clone(), text));
                }
            }
        }
        Ok(self.replace(replacements))
    }

    fn line(&self, byte: usize) -> String {
        format!("line {}", directives::line_number(self.content, byte))
    }

    fn replace(&self, replacements: Vec<Replacement>) -> String {
        let mut text = String::with_capacity(self.content.len());
        let mut done = 0;
        for (range, replacement) in replacements {
            text.push_str(&self.content[done..range.start]);
            text.push_str(&replacement);
            done = range.end;
        }
        text.push_str(&self.content[done..]);
        text
    }

    /// Expands a fence and the `{{#outcome}}` that belongs to it. Says whether
    /// the next part was that outcome.
    fn fence(&self, fence: &Fence, next: Option<&Part>) -> Result<(Vec<Replacement>, bool)> {
        if directives::includes_part(fence) {
            return Ok((vec![self.partial(fence)], false));
        }
        if words(&fence.info).any(|word| word == notebook::SESSION) {
            return Ok((vec![self.partial(fence)], false));
        }
        let Some((name, href)) = directives::included_listing(fence) else {
            return Ok((Vec::new(), false));
        };
        let is_claimed = matches!(next, Some(Part::Directive(next))
            if next.name == "outcome" && next.words == [name]
                && self.content[fence.range.end..next.range.start].trim().is_empty());
        if !is_claimed && !self.is_listing(name, href) {
            return Ok((Vec::new(), false));
        }
        let shown = self.shown(name, href)?;
        if words(&fence.info).any(|word| word == "noplayground") {
            return Ok((vec![self.marked(fence, &shown, "")?], false));
        }

        let outcome = self.outcome_of(name, next)?;
        let indent = indentation(self.content, outcome.range.start);
        let (before, after) = match self.renderer {
            Renderer::Html => (html::listing_start(&shown), html::listing_end(&shown)),
            Renderer::Paper => (paper::listing_start(&shown), paper::listing_end(&shown)),
            Renderer::Test => (String::new(), String::new()),
            // Within a list, say: no cell can be there.
            Renderer::Notebooks if indent.is_empty() => (String::new(), self.note(&shown)?),
            Renderer::Notebooks | Renderer::Markdown => (String::new(), markdown::outcome(&shown)),
        };
        let between = &self.content[fence.range.end..outcome.range.start];
        ensure!(
            between.trim().is_empty(),
            "{{{{#outcome {name}}}}} must follow its listing's fence, with nothing between"
        );
        let before = lines_of_their_own(&before, indent);
        let after = lines_of_their_own(&after, indent);
        let replaced = vec![
            self.marked(fence, &shown, &before)?,
            (outcome.range.clone(), after),
        ];
        Ok((replaced, true))
    }

    /// Whether a file that a chapter includes is a listing, and not just any file.
    fn is_listing(&self, name: &str, href: &str) -> bool {
        let source = self.listings.source_path(name);
        source.is_ok_and(|source| same_file(&self.folder.join(href), &source))
    }

    fn outcome_of<'p>(&self, name: &str, next: Option<&'p Part>) -> Result<&'p Directive> {
        match next {
            Some(Part::Directive(directive)) if directive.name == "outcome" => {
                ensure!(
                    directive.alone,
                    "{{{{#outcome}}}} must stand on a line of its own"
                );
                let named = one_word(directive)?;
                self.listings
                    .get(named)
                    .with_context(|| self.line(directive.range.start))?;
                ensure!(
                    named == name,
                    "the listing {name} is followed by the outcome of another, {named}"
                );
                Ok(directive)
            }
            _ => bail!(
                "the listing {name} has no outcome: write {{{{#outcome {name}}}}} after its fence"
            ),
        }
    }

    fn note(&self, shown: &Shown) -> Result<String> {
        let report = read_if_there(&self.listings.deadlock_path(shown.name))?;
        notebook::Note::of(shown, self.listings, report)?.comment()
    }

    /// A fence that shows some lines of a listing, or code of a session, which
    /// can't run alone.
    fn partial(&self, fence: &Fence) -> Replacement {
        let word = match self.renderer {
            Renderer::Html => "noplayground",
            Renderer::Test => "ignore",
            Renderer::Notebooks | Renderer::Paper | Renderer::Markdown => {
                return (fence.range.clone(), self.text_of(fence).to_owned());
            }
        };
        let text = with_info(self.text_of(fence), &fence.info, &[word]);
        (fence.range.clone(), text)
    }

    /// The fence of a whole listing, with what its renderer must know.
    fn marked(&self, fence: &Fence, shown: &Shown, before: &str) -> Result<Replacement> {
        let text = self.text_of(fence);
        let text = match self.renderer {
            Renderer::Html => with_info(text, &fence.info, &["editable"]),
            Renderer::Test => {
                let text = with_info(text, &fence.info, &test_words(shown.listing));
                self.with_extern_crates(&text, shown.name)?
            }
            Renderer::Notebooks | Renderer::Paper | Renderer::Markdown => text.to_owned(),
        };
        Ok((fence.range.clone(), format!("{before}{text}")))
    }

    fn text_of(&self, fence: &Fence) -> &str {
        &self.content[fence.range.clone()]
    }

    /// rustdoc gives a program no crate but std: hidden lines name the others.
    fn with_extern_crates(&self, fence: &str, name: &str) -> Result<String> {
        let Some((first_line, rest)) = fence.split_once('\n') else {
            return Ok(fence.to_owned());
        };
        let source = self.listings.source(name)?;
        let lines: String = self
            .listings
            .crates_used_by(&source)?
            .iter()
            .map(|name| format!("# extern crate {name};\n"))
            .collect();
        Ok(format!("{first_line}\n{lines}{rest}"))
    }

    fn shown<'n>(&'n self, name: &'n str, href: &'n str) -> Result<Shown<'n>> {
        let source = self.listings.source_path(name)?;
        let included = self.folder.join(href);
        ensure!(
            same_file(&included, &source),
            "{href} is not the listing {name}, which is {}",
            source.display()
        );
        let href = self.is_in_the_book(href).then_some(href);
        self.shown_by(name, href)
    }

    /// What is shown of a listing, whose program is in this file of the book.
    fn shown_by<'n>(&'n self, name: &'n str, href: Option<&'n str>) -> Result<Shown<'n>> {
        let listing = self.listings.get(name)?;
        let folder = self.site.outcomes.as_ref();
        let outcomes = match folder.filter(|_| listing.is_explorable()) {
            None => None,
            Some(folder) => {
                let version = outcomes::version(self.listings, name)?;
                Some(format!("{folder}/{name}.json?{version}"))
            }
        };
        let program = match &self.site.programs {
            None => None,
            Some(programs) => Some(programs.of(self.listings, name)?),
        };
        Ok(Shown {
            name,
            listing,
            href,
            transcript: read_if_there(&self.listings.transcript_path(name))?,
            stderr: read_if_there(&self.listings.stderr_path(name))?,
            outcomes,
            program,
            edition: self.listings.edition(name),
            clock_help: self.site.clock_help.as_deref(),
        })
    }

    /// Whether a file that the chapter includes is in the book's `src`, and so
    /// among its pages: what is elsewhere can't be linked to.
    fn is_in_the_book(&self, href: &str) -> bool {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut depth = folder.components().count();
        Path::new(href).components().all(|part| match part {
            Component::Normal(_) => {
                depth += 1;
                true
            }
            Component::ParentDir if depth > 0 => {
                depth -= 1;
                true
            }
            Component::CurDir => true,
            _ => false,
        })
    }

    fn directive(&self, directive: &Directive) -> Result<String> {
        match directive.name.as_str() {
            "outcome" => {
                let name = one_word(directive)?;
                self.listings.get(name)?;
                bail!("{{{{#outcome {name}}}}} does not follow a fence that includes {name}")
            }
            "answer" => self.block(directive, Self::answer),
            "quiz" => self.block(directive, Self::quiz),
            "goals" => self.block(directive, Self::goals),
            "count" => self.count(directive),
            "figure" => self.figure(directive),
            "machine" => self.machine(directive),
            "chart" => self.block(directive, Self::chart),
            "deadlock" => self.block(directive, Self::deadlock),
            "picture" => self.block(directive, Self::picture),
            "listings" => self.block(directive, Self::all_listings),
            name => unreachable!("{name} is not in directives::NAMES"),
        }
    }

    fn block(
        &self,
        directive: &Directive,
        expand: fn(&Self, &Directive) -> Result<String>,
    ) -> Result<String> {
        let name = &directive.name;
        ensure!(
            directive.alone,
            "{{{{#{name}}}}} must stand on a line of its own"
        );
        let indent = indentation(self.content, directive.range.start);
        Ok(lines_of_their_own(&expand(self, directive)?, indent))
    }

    /// What an exercise's reader gets below it: a hint, an answer, each to open,
    /// and on the page a check of what he made of the listing.
    fn answer(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &["hint", "needs", "without", "in-words"])?;
        let exercise = Exercise::read(directive)?;
        let name = exercise.answer.as_str();
        let shown = self.shown_by(name, None)?;
        let question = shown.listing.answers.as_deref();
        let question = question.with_context(|| {
            format!("{name} answers no listing: say in listings.toml which, `answers = \"NAME\"`")
        })?;
        self.listings.get(question)?;
        let hint = directive.options.get("hint").map(String::as_str);
        let source = self.listings.source(name)?;
        Ok(match self.renderer {
            Renderer::Html => html::answer(&shown, question, &exercise, hint, &source),
            Renderer::Paper => paper::answer(&shown, &exercise, hint, &source),
            Renderer::Notebooks | Renderer::Markdown => {
                markdown::answer(&shown, &exercise, hint, &source)
            }
            // It is a listing, and tested as one.
            Renderer::Test => String::new(),
        })
    }

    /// Outputs of a listing for the reader to judge.
    fn quiz(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        let name = one_word(directive)?;
        let quiz = self.listings.quiz(self.name(), name)?;
        ensure!(
            !quiz.outputs.is_empty(),
            "there are no outputs of {name} to judge: write {{{{#goals {name}}}}}"
        );
        let title = &self.listings.get(name)?.title;
        Ok(match self.renderer {
            Renderer::Html => html::quiz(name, title, &quiz.outputs),
            Renderer::Paper => paper::quiz(name, title, &quiz.outputs),
            Renderer::Notebooks | Renderer::Markdown => markdown::quiz(title, &quiz.outputs),
            Renderer::Test => String::new(),
        })
    }

    /// What the reader is to bring about as a listing's scheduler.
    fn goals(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        let name = one_word(directive)?;
        let quiz = self.listings.quiz(self.name(), name)?;
        ensure!(
            !quiz.goals.is_empty(),
            "there are no goals for {name}: write {{{{#quiz {name}}}}}"
        );
        let title = &self.listings.get(name)?.title;
        match self.renderer {
            Renderer::Html => html::goals(name, title, &quiz.goals),
            Renderer::Paper => Ok(paper::goals(name, title, &quiz.goals)),
            Renderer::Notebooks | Renderer::Markdown => Ok(markdown::goals(title, &quiz.goals)),
            Renderer::Test => Ok(String::new()),
        }
    }

    /// The chapter's name: its file's, without `.md`.
    fn name(&self) -> &str {
        let stem = self.path.file_stem().and_then(|stem| stem.to_str());
        stem.unwrap_or_default()
    }

    fn count(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        let name = one_word(directive)?;
        let outputs = self.listings.get(name)?.outputs;
        let outputs = outputs.with_context(|| {
            format!("listings.toml doesn't say how many `outputs` {name} can have")
        })?;
        let count = with_separators(outputs.into());
        Ok(match self.renderer {
            Renderer::Html => html::count(name, &count),
            Renderer::Test | Renderer::Notebooks | Renderer::Paper | Renderer::Markdown => count,
        })
    }

    fn deadlock(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        let name = one_word(directive)?;
        let listing = self.listings.get(name)?;
        ensure!(
            listing.ends.contains(&Ends::Deadlocks),
            "{name} does not end in a deadlock, says listings.toml"
        );
        let Some(report) = read_if_there(&self.listings.deadlock_path(name))? else {
            return Ok(NOT_RECORDED.to_owned());
        };
        Ok(match self.renderer {
            Renderer::Html | Renderer::Paper => html::deadlock(&report),
            Renderer::Test | Renderer::Notebooks | Renderer::Markdown => {
                format!("```text\n{report}```")
            }
        })
    }

    fn figure(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &["row", "column", "line"])?;
        let name = one_word(directive)?;
        let Some(transcript) = self.transcript(name)? else {
            return Ok(NOT_RECORDED.to_owned());
        };
        let option = |key| directive.options.get(key).map(String::as_str);
        let found = match (option("row"), option("line")) {
            (Some(row), None) => Table::read(&transcript).cell(row, option("column")),
            (None, Some(line)) if option("column").is_none() => recorded::line(&transcript, line),
            _ => {
                bail!("{{{{#figure {name}}}}} needs row=\"…\" (and perhaps column=\"…\") or line=N")
            }
        };
        let text = found.with_context(|| format!("the recorded output of {name}"))?;
        Ok(match self.renderer {
            // A whole line is a part of a sentence, which may be broken.
            Renderer::Html | Renderer::Paper if option("line").is_some() => escape(&text),
            Renderer::Html => html::figure(&text),
            // XML knows no `&nbsp;`.
            Renderer::Paper => escape(&text).replace(' ', "\u{a0}"),
            Renderer::Test | Renderer::Notebooks | Renderer::Markdown => text,
        })
    }

    fn chart(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &["title", "x", "y"])?;
        let name = one_word(directive)?;
        let Some(transcript) = self.transcript(name)? else {
            return Ok(NOT_RECORDED.to_owned());
        };
        let table = Table::read(&transcript);
        let option = |key| directive.options.get(key).map(String::as_str);
        let title = match option("title") {
            Some(title) => title,
            None => &self.listings.get(name)?.title,
        };
        if Spreads::are_in(&table) {
            // Their columns and cells say what they are.
            known_options(directive, &["title"])?;
            let spreads = Spreads::of(&table, title);
            let spreads = spreads.with_context(|| format!("the recorded output of {name}"))?;
            return Ok(match self.renderer {
                Renderer::Html | Renderer::Paper => html::spreads(&spreads),
                Renderer::Notebooks | Renderer::Test | Renderer::Markdown => {
                    markdown::table(&table)
                }
            });
        }
        let labels = chart::Labels {
            title,
            x: option("x"),
            y: option("y"),
        };
        let chart = chart::Chart::of(&table, labels)
            .with_context(|| format!("the recorded output of {name}"))?;
        Ok(match self.renderer {
            Renderer::Html => html::chart(&chart, &table),
            Renderer::Paper => paper::chart(&chart, &table),
            Renderer::Notebooks => {
                let picture = notebook::svg_image(&chart.svg(), &chart.description())?;
                format!("{picture}\n\n{}", markdown::table(&table))
            }
            Renderer::Test | Renderer::Markdown => markdown::table(&table),
        })
    }

    fn machine(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        ensure!(directive.words.is_empty(), "{{{{#machine}}}} takes no name");
        let path = self.listings.machine_path();
        let Some(text) = read_if_there(&path)? else {
            return Ok(NOT_RECORDED.to_owned());
        };
        let text = recorded::machine(&text).with_context(|| path.display().to_string())?;
        Ok(match self.renderer {
            Renderer::Html | Renderer::Paper => escape(&text),
            Renderer::Test | Renderer::Notebooks | Renderer::Markdown => text,
        })
    }

    fn picture(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        let file = one_word(directive)?;
        let path = self.folder.join(file);
        let svg =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        match self.renderer {
            Renderer::Html | Renderer::Paper => {
                html::picture(&svg).with_context(|| path.display().to_string())
            }
            Renderer::Test | Renderer::Notebooks | Renderer::Markdown => {
                Ok(markdown::picture(file, &svg))
            }
        }
    }

    /// A table of all listings that aren't answers, in the order of their titles,
    /// with their chapters.
    fn all_listings(&self, directive: &Directive) -> Result<String> {
        known_options(directive, &[])?;
        ensure!(
            directive.words.is_empty(),
            "{{{{#listings}}}} takes no name"
        );
        let listings = self.listings.iter();
        let mut listings: Vec<(&str, &Listing)> = listings
            .filter(|(_, listing)| listing.answers.is_none())
            .collect();
        listings.sort_by_key(|(_, listing)| listing.title.to_lowercase());
        let rows = listings.into_iter().map(|(name, listing)| {
            let chapter = self.title_of(&listing.chapter)?;
            let link = match self.renderer {
                Renderer::Paper => paper::link_to_listing(&chapter, &listing.chapter, name),
                _ => format!("[{chapter}]({}.md)", listing.chapter),
            };
            Ok(markdown::index_row(listing, &link))
        });
        let rows: Vec<String> = rows.collect::<Result<_>>()?;
        Ok(markdown::index(&rows))
    }

    /// The title of a chapter beside this one.
    fn title_of(&self, chapter: &str) -> Result<String> {
        let path = self.folder.join(format!("{chapter}.md"));
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let title = text.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.with_context(|| format!("{} has no title", path.display()))?;
        Ok(title.trim().to_owned())
    }

    /// What a listing was recorded to print, or what was measured outside of the
    /// book, which nobody can record anew.
    fn transcript(&self, name: &str) -> Result<Option<String>> {
        if let Some(path) = self.listings.measured_path(name) {
            let text = fs::read_to_string(&path);
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Some(text));
        }
        self.listings.get(name)?;
        read_if_there(&self.listings.transcript_path(name))
    }
}

/// Stands where a recorded figure is missing.
const NOT_RECORDED: &str = "*(not recorded yet: `cargo run -- record` does it)*";

/// What rustdoc must know of a listing that it compiles and runs.
fn test_words(listing: &Listing) -> Vec<&str> {
    if listing.is_broken() {
        let code = listing.error_code();
        return std::iter::once("compile_fail").chain(code).collect();
    }
    match listing.ends.as_slice() {
        [Ends::Returns] => vec![],
        [Ends::Panics] => vec!["should_panic"],
        _ => vec!["no_run"],
    }
}

/// The fence with these words added to its first line, where it lacks them.
fn with_info(fence: &str, info: &str, add: &[&str]) -> String {
    let missing: BTreeSet<&str> = words(info).collect();
    let mut info_with = words(info).collect::<Vec<_>>();
    info_with.extend(add.iter().filter(|word| !missing.contains(**word)));
    fence.replacen(info, &info_with.join(","), 1)
}

fn words(info: &str) -> impl Iterator<Item = &str> {
    info.split([',', ' ', '\t']).filter(|word| !word.is_empty())
}

fn one_word(directive: &Directive) -> Result<&str> {
    match directive.words.as_slice() {
        [word] => Ok(word),
        _ => bail!(
            "{{{{#{0}}}}} takes one name: {{{{#{0} NAME}}}}",
            directive.name
        ),
    }
}

fn known_options(directive: &Directive, known: &[&str]) -> Result<()> {
    for key in directive.options.keys() {
        ensure!(
            known.contains(&key.as_str()),
            "{{{{#{}}}}} does not know {key}=",
            directive.name
        );
    }
    Ok(())
}

/// What stands before this byte on its line, if it is only white space.
fn indentation(content: &str, byte: usize) -> &str {
    let line = content[..byte].rsplit('\n').next().unwrap_or("");
    if line.trim().is_empty() { line } else { "" }
}

/// A block between blank lines, as Markdown wants one. The first line is
/// indented already.
fn lines_of_their_own(block: &str, indent: &str) -> String {
    if block.is_empty() {
        return String::new();
    }
    let lines = block.trim_end().replace('\n', &format!("\n{indent}"));
    format!("\n{indent}{lines}\n\n{indent}")
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    matches!((real(a), real(b)), (Some(a), Some(b)) if a == b)
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
