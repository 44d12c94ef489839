//! The book's chapters as XHTML, with their answers taken to the end.
//!
//! What leads from one place of the book to another is `paper:CHAPTER#ID` here, and
//! a picture's file `paper-picture:NAME`: an EPUB and a PDF write both in their own
//! ways.

use super::colour;
use super::timeline;
use super::xhtml::{escape, replaced, slug, with_attribute};
use anyhow::{Context, Result, bail, ensure};
use mdbook_interleaved::explored;
use mdbook_interleaved::links::{heading_ids, normal};
use mdbook_markdown::pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Tag, TagEnd, html};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use mdbook_renderer::RenderContext;
use mdbook_renderer::book::{BookItem, Chapter as Source};
use outcomes_protocol::Trace;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// How the chapter with the answers is called in the book's files.
const ANSWERS: &str = "answers";

/// The picture on the front of a book, beside its `book.toml`; and the same for
/// readers that show no drawings.
const COVER: &str = "cover.svg";
const COVER_AS_PNG: &str = "cover.png";

/// A book, ready to be put together.
pub(super) struct Paper {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) authors: Vec<String>,
    pub(super) language: String,
    /// Where it is published.
    pub(super) address: Option<String>,
    pub(super) cover: Option<String>,
    pub(super) cover_as_png: Option<Vec<u8>>,
    pub(super) parts: Vec<Part>,
    /// By name.
    pub(super) pictures: BTreeMap<String, PathBuf>,
}

/// Chapters below one title; those before the first have none.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) chapters: Vec<Chapter>,
}

/// A chapter.
pub(super) struct Chapter {
    /// How its file is called.
    pub(super) name: String,
    pub(super) title: String,
    /// `3.` or `3.1.`
    pub(super) number: Option<String>,
    /// What is between its headings: the ids and titles of those below its own.
    pub(super) sections: Vec<(String, String)>,
    pub(super) body: String,
}

impl Paper {
    /// Takes the chapters as the preprocessor made them.
    ///
    /// # Errors
    /// Says what can't be on paper, and in which chapter.
    pub(super) fn of(context: &RenderContext, address: Option<&str>) -> Result<Paper> {
        let config = &context.config;
        let source = context.root.join(&config.book.src);
        let outcomes = explored(&context.root, config)?.map(|(_, folder)| folder);
        let mut names = HashMap::new();
        for chapter in context.book.chapters() {
            for path in [&chapter.path, &chapter.source_path].into_iter().flatten() {
                names.insert(normal(path), name_of(path));
            }
        }
        let mut work = Work {
            source: &source,
            outcomes: outcomes.as_deref(),
            names,
            smart: config.html_config().is_none_or(|it| it.smart_punctuation),
            answers: Vec::new(),
            titles: HashMap::new(),
            pictures: BTreeMap::new(),
        };
        let mut parts = vec![Part::new(0, None)];
        for item in &context.book.items {
            match item {
                BookItem::PartTitle(title) => {
                    parts.push(Part::new(parts.len(), Some(title.clone())));
                }
                BookItem::Chapter(chapter) => {
                    let part = parts.last_mut().context("there is a first part")?;
                    work.add(chapter, &mut part.chapters)?;
                }
                BookItem::Separator => {}
            }
        }
        let answers = work.answers_chapter()?;
        if let Some(answers) = answers {
            let last = parts.last_mut().context("there is a first part")?;
            last.chapters.push(answers);
        }
        parts.retain(|part| !part.chapters.is_empty());
        ensure!(!parts.is_empty(), "the book has no chapters");
        let cover = context.root.join(COVER);
        Ok(Paper {
            title: config.book.title.clone().unwrap_or_default(),
            description: config.book.description.clone().unwrap_or_default(),
            authors: config.book.authors.clone(),
            language: config.book.language.clone().unwrap_or("en".to_owned()),
            address: address.map(str::to_owned),
            cover: fs::read_to_string(&cover).ok(),
            cover_as_png: fs::read(context.root.join(COVER_AS_PNG)).ok(),
            parts,
            pictures: work.pictures,
        })
    }
}

impl Part {
    fn new(index: usize, title: Option<String>) -> Part {
        Part {
            name: format!("part-{index}"),
            title,
            chapters: Vec::new(),
        }
    }
}

/// A chapter's file, as a name without folders.
fn name_of(path: &Path) -> String {
    slug(&path.with_extension("").display().to_string())
}

struct Work<'a> {
    source: &'a Path,
    outcomes: Option<&'a Path>,
    names: HashMap<PathBuf, String>,
    smart: bool,
    answers: Vec<Answers>,
    /// The listings' titles, by name.
    titles: HashMap<String, String>,
    pictures: BTreeMap<String, PathBuf>,
}

/// The answers of one chapter.
struct Answers {
    chapter: String,
    title: String,
    all: Vec<Answer>,
}

struct Answer {
    id: String,
    asked: String,
    title: String,
    body: String,
}

impl Work<'_> {
    /// Adds a chapter and those within it.
    fn add(&mut self, source: &Source, chapters: &mut Vec<Chapter>) -> Result<()> {
        // A draft has no file, and nothing to read.
        if let Some(path) = &source.path {
            let chapter = self
                .chapter(source, path)
                .with_context(|| path.display().to_string())?;
            chapters.push(chapter);
        }
        for item in &source.sub_items {
            if let BookItem::Chapter(chapter) = item {
                self.add(chapter, chapters)?;
            }
        }
        Ok(())
    }

    fn chapter(&mut self, source: &Source, path: &Path) -> Result<Chapter> {
        let name = name_of(path);
        ensure!(
            name != ANSWERS,
            "the answers are called so: give it another name"
        );
        let (html, sections) = self.to_html(&source.content);
        let html = self.with_timelines(&html)?;
        let html = self.with_links(&html, path)?;
        self.learn_titles(&html);
        let body = self.without_answers(&html, &name, &source.name)?;
        Ok(Chapter {
            name,
            title: source.name.clone(),
            number: source.number.as_ref().map(ToString::to_string),
            sections,
            body,
        })
    }

    /// Markdown as XHTML, and the headings below the chapter's own.
    fn to_html(&self, content: &str) -> (String, Vec<(String, String)>) {
        let mut options = MarkdownOptions::default();
        options.smart_punctuation = self.smart;
        let mut ids = heading_ids(content).into_iter();
        let mut sections = Vec::new();
        let mut section: Option<(String, String)> = None;
        let mut code: Option<(String, String)> = None;
        let mut lists: Vec<Option<u64>> = Vec::new();
        let mut in_listing = false;
        let mut out = Vec::new();
        for event in new_cmark_parser(content, &options) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    code = Some((info, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, text)) = code.take() {
                        out.push(Event::Html(block(&info, &text, in_listing).into()));
                    }
                }
                Event::Text(text) if code.is_some() => {
                    if let Some((_, code)) = &mut code {
                        code.push_str(&text);
                    }
                }
                Event::Start(Tag::Heading {
                    level,
                    classes,
                    attrs,
                    ..
                }) => {
                    let id = ids.next().unwrap_or_default();
                    if level as usize == 2 {
                        section = Some((id.clone(), String::new()));
                    }
                    out.push(Event::Start(Tag::Heading {
                        level,
                        id: Some(id.into()),
                        classes,
                        attrs,
                    }));
                }
                Event::End(TagEnd::Heading(level)) => {
                    sections.extend(section.take());
                    out.push(Event::End(TagEnd::Heading(level)));
                }
                Event::Start(Tag::BlockQuote(Some(kind))) => {
                    out.push(Event::Start(Tag::BlockQuote(Some(kind))));
                    let title = format!("<p class=\"alert-title\">{}</p>", alert(kind));
                    out.push(Event::Html(title.into()));
                }
                Event::Start(Tag::List(first)) => {
                    lists.push(first.map(|first| first.saturating_sub(1)));
                    out.push(Event::Start(Tag::List(first)));
                }
                Event::End(TagEnd::List(ordered)) => {
                    lists.pop();
                    out.push(Event::End(TagEnd::List(ordered)));
                }
                Event::Start(Tag::Item) => {
                    if let Some(Some(number)) = lists.last_mut() {
                        *number += 1;
                    }
                    out.push(Event::Start(Tag::Item));
                }
                Event::Html(html) => {
                    if html.contains("<figure class=\"listing\"") {
                        in_listing = true;
                    }
                    if html.contains("</figure>") {
                        in_listing = false;
                    }
                    let number = lists.last().copied().flatten().unwrap_or(0);
                    let numbered = html.replace("<!--answer ", &format!("<!--answer {number} "));
                    out.push(Event::Html(numbered.into()));
                }
                event => {
                    if let (Some((_, title)), Event::Text(text) | Event::Code(text)) =
                        (&mut section, &event)
                    {
                        title.push_str(text);
                    }
                    out.push(event);
                }
            }
        }
        let mut html = String::new();
        html::push_html(&mut html, out.into_iter());
        // HTML's ways that are not XML's.
        let html = html
            .replace("<br>", "<br/>")
            .replace("<hr>", "<hr/>")
            .replace("&nbsp;", "\u{a0}");
        (in_its_namespace(&html), sections)
    }

    fn with_timelines(&self, html: &str) -> Result<String> {
        replaced(html, "<!--timeline ", "-->", |name| {
            let Some(folder) = self.outcomes else {
                return Ok(String::new());
            };
            let file = folder.join(format!("{name}.json"));
            // What can't be explored has been told.
            let Ok(text) = fs::read(&file) else {
                return Ok(String::new());
            };
            let wrong = || format!("{} is not what was written there", file.display());
            let mut data: Value = serde_json::from_slice(&text).with_context(wrong)?;
            let trace: Option<Trace> =
                serde_json::from_value(data["trace"].take()).with_context(wrong)?;
            let svg = trace
                .and_then(|it| timeline::svg(&it, "The same execution, step by step, by thread"));
            Ok(svg.map_or_else(String::new, |svg| {
                format!("<div class=\"listing-timeline\"><p class=\"listing-label\">Step by step</p>{svg}</div>")
            }))
        })
    }

    /// A chapter whose links lead to places of this book.
    fn with_links(&mut self, html: &str, path: &Path) -> Result<String> {
        let html = with_attribute(html, "href", |href| self.link(href, path))?;
        let html = with_attribute(&html, "data-of", |href| self.link(href, path))?;
        with_attribute(&html, "src", |src| {
            if src.contains(':') {
                return Ok(src.to_owned());
            }
            let file = self.source.join(normal(&path.with_file_name(src)));
            ensure!(file.is_file(), "there is no picture {}", file.display());
            let extension = file.extension().unwrap_or_default();
            let stem = slug(&Path::new(src).with_extension("").display().to_string());
            let name = format!("{stem}.{}", extension.display());
            self.pictures.insert(name.clone(), file);
            Ok(format!("paper-picture:{name}"))
        })
    }

    fn link(&self, href: &str, path: &Path) -> Result<String> {
        if href.contains(':') {
            return Ok(href.to_owned());
        }
        let (file, id) = match href.split_once('#') {
            Some((file, id)) => (file, format!("#{id}")),
            None => (href, String::new()),
        };
        let file = match file {
            "" => path.to_owned(),
            file => normal(&path.with_file_name(file)).with_extension("md"),
        };
        match self.names.get(&normal(&file)) {
            Some(name) => Ok(format!("paper:{name}{id}")),
            None => bail!(
                "a link leads to {href}, which is no chapter and so not on paper: say where it \
                 is on the web, or put it into <span class=\"on-page\">"
            ),
        }
    }

    fn learn_titles(&mut self, html: &str) {
        for piece in html.split(" id=\"listing-").skip(1) {
            let name = piece.split('"').next().unwrap_or_default();
            let title = piece.split_once("<span class=\"listing-title\">");
            let title = title.and_then(|(_, rest)| Some(rest.split_once("</span>")?.0));
            if let Some(title) = title {
                self.titles.insert(name.to_owned(), title.to_owned());
            }
        }
    }

    /// A chapter with links to its answers in their places.
    fn without_answers(&mut self, html: &str, chapter: &str, title: &str) -> Result<String> {
        let mut all: Vec<Answer> = Vec::new();
        let body = replaced(html, "<!--answer ", "<!--/answer-->", |text| {
            let (head, body) = text.split_once("-->").context("an answer has a head")?;
            let [number, kind, name] = head.split(' ').collect::<Vec<_>>()[..] else {
                bail!("an answer's head is {head:?}");
            };
            let listing = self.titles.get(name).map_or(name, String::as_str);
            let title = match kind {
                "exercise" => format!("Exercise {number}"),
                "quiz" => format!("Can this happen? {listing}"),
                _ => format!("If you were the scheduler: {listing}"),
            };
            let id = format!("answer-{chapter}-{kind}-{name}");
            let asked = format!("asked-{kind}-{name}");
            let link = format!(
                "<p class=\"see-answer\" id=\"{asked}\"><a href=\"paper:{ANSWERS}#{id}\">Answer\
                 <span class=\"page-of\" data-of=\"paper:{ANSWERS}#{id}\"></span></a></p>"
            );
            all.push(Answer {
                id,
                asked,
                title,
                body: body.to_owned(),
            });
            Ok(link)
        })?;
        if !all.is_empty() {
            self.answers.push(Answers {
                chapter: chapter.to_owned(),
                title: title.to_owned(),
                all,
            });
        }
        Ok(body)
    }

    /// All answers, by chapter.
    fn answers_chapter(&self) -> Result<Option<Chapter>> {
        if self.answers.is_empty() {
            return Ok(None);
        }
        let mut body = "<h1 id=\"answers\">Answers</h1>\n".to_owned();
        let mut sections = Vec::new();
        for Answers {
            chapter,
            title,
            all,
        } in &self.answers
        {
            let id = format!("answers-{chapter}");
            let _ = writeln!(body, "<h2 id=\"{id}\">{}</h2>", escape(title));
            sections.push((id, title.clone()));
            for answer in all {
                let place = format!("paper:{chapter}#{}", answer.asked);
                let _ = writeln!(
                    body,
                    "<section class=\"answer\" id=\"{id}\"><p class=\"answer-title\">\
                     <a href=\"{place}\">{title}<span class=\"page-of\" data-of=\"{place}\"></span></a></p>\n\
                     {text}</section>",
                    id = answer.id,
                    title = answer.title,
                    text = answer.body.trim(),
                );
            }
        }
        Ok(Some(Chapter {
            name: ANSWERS.to_owned(),
            title: "Answers".to_owned(),
            number: None,
            sections,
            body,
        }))
    }
}

/// A block of code.
fn block(info: &str, text: &str, in_listing: bool) -> String {
    let mut words = info.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    let language = words.next().unwrap_or_default();
    if words.any(|word| word == "output") {
        let text = escape(text.trim_end_matches('\n'));
        return format!("<pre class=\"transcript\"><samp>{text}</samp></pre>\n");
    }
    let shown = match language {
        "rust" => without_hidden_lines(text),
        _ => text.to_owned(),
    };
    let class = if in_listing { "code numbered" } else { "code" };
    let mut html = format!("<pre class=\"{class}\"><code>");
    for line in colour::lines(&shown, language) {
        let _ = write!(html, "<span class=\"line\">{line}\n</span>");
    }
    html + "</code></pre>\n"
}

/// rustdoc's way to hide a line of a program, which mdBook follows.
fn without_hidden_lines(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    for line in code.split_inclusive('\n') {
        let trimmed = line.trim_start().trim_end_matches('\n');
        if trimmed == "#" || trimmed.starts_with("# ") {
            continue;
        }
        match trimmed.starts_with("##") {
            true => text.push_str(&line.replacen("##", "#", 1)),
            false => text.push_str(line),
        }
    }
    text
}

fn alert(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}

/// Drawings that say what they are: XML doesn't guess.
fn in_its_namespace(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for (index, piece) in html.split("<svg").enumerate() {
        if index > 0 {
            text.push_str("<svg");
            let tag = piece.split('>').next().unwrap_or_default();
            if !tag.contains("xmlns=") {
                text.push_str(" xmlns=\"http://www.w3.org/2000/svg\"");
            }
        }
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_written_line_by_line() {
        assert_eq!(
            block("rust", "# use a;\nlet b;\n", true),
            "<pre class=\"code numbered\"><code><span class=\"line\">\
             <span class=\"k\">let</span> b;\n</span></code></pre>\n"
        );
        assert_eq!(
            block("text,output", "a < b\n", false),
            "<pre class=\"transcript\"><samp>a &lt; b</samp></pre>\n"
        );
    }

    #[test]
    fn drawings_say_what_they_are() {
        assert_eq!(
            in_its_namespace("<svg a><svg xmlns=\"b\">"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" a><svg xmlns=\"b\">"
        );
    }
}
