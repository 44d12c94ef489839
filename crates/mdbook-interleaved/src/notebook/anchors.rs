//! Links between chapters, as links between notebooks. mdBook and Jupyter name
//! the places in a page differently: `#which-way`, `#Which-way`.

use super::file_name::file_of;
use crate::links::normal;
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use mdbook_renderer::book::Book;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The places that can be linked to: by chapter, then by mdBook's name, how
/// Jupyter calls it.
#[derive(Debug)]
pub(super) struct Anchors(HashMap<PathBuf, HashMap<String, String>>);

impl Anchors {
    pub(super) fn of(book: &Book) -> Anchors {
        let mut chapters = HashMap::new();
        for chapter in book.chapters() {
            let anchors: HashMap<_, _> = headings(&chapter.content).collect();
            // The same chapter: `README.md` is made an `index.md`.
            let paths = [&chapter.path, &chapter.source_path];
            for path in paths.into_iter().flatten() {
                chapters.insert(normal(path), anchors.clone());
            }
        }
        Anchors(chapters)
    }

    /// Where a link in the chapter `from` leads in its notebook; `None` if it
    /// doesn't lead into a chapter.
    pub(super) fn link(&self, from: &Path, target: &str) -> Option<String> {
        let (path, id) = match target.split_once('#') {
            Some((path, id)) => (path, Some(id)),
            None => (target, None),
        };
        if path.is_empty() {
            let anchors = self.0.get(&normal(from))?;
            return Some(format!("#{}", anchors.get(id?)?));
        }
        if path.contains(':') || path.starts_with('/') {
            return None;
        }
        let chapter = match Path::new(path).extension()?.to_str()? {
            "md" | "html" => from.with_file_name(path).with_extension("md"),
            _ => return None,
        };
        let anchors = self.0.get(&normal(&chapter))?;
        let mut link = file_of(Path::new(path)).to_str()?.to_owned();
        if let Some(id) = id {
            link.push('#');
            link += anchors.get(id).map_or(id, String::as_str);
        }
        Some(link)
    }
}

/// mdBook's name for each heading, and Jupyter's.
pub(super) fn headings(content: &str) -> impl Iterator<Item = (String, String)> {
    let mut used = HashSet::new();
    let ids = titles(content, true).map(move |(id, title)| {
        let id = id.unwrap_or_else(|| slug(&title));
        let numbered = (1..).map(|number| format!("{id}-{number}"));
        let mut candidates = std::iter::once(id.clone()).chain(numbered);
        candidates.find(|id| used.insert(id.clone())).unwrap_or(id)
    });
    ids.zip(titles(content, false).map(|(_, title)| anchor(&title)))
}

/// Each heading's own id, if it has one, and its text: with curly quotes, as
/// mdBook names it, or without, as Jupyter does.
fn titles(content: &str, smart: bool) -> impl Iterator<Item = (Option<String>, String)> {
    let mut options = MarkdownOptions::default();
    options.smart_punctuation = smart;
    let mut open = None;
    new_cmark_parser(content, &options).filter_map(move |event| {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                open = Some((id.map(|id| id.to_string()), String::new()));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut open {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => return open.take(),
            _ => {}
        }
        None
    })
}

/// As `id_from_content` in `mdbook-html/src/utils.rs` makes them.
fn slug(title: &str) -> String {
    let chars = title.trim().to_lowercase();
    let slug = chars.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || matches!(c, '_' | '-') => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    slug.collect()
}

/// As `createHeaderId` in JupyterLab makes them, and nbconvert too; fit for a
/// link in Markdown.
fn anchor(title: &str) -> String {
    let mut anchor = String::new();
    for c in title.replace(' ', "-").chars() {
        match c {
            c if c.is_alphanumeric() || "-_.!,:;@/?=".contains(c) => anchor.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(anchor, "%{byte:02X}");
                }
            }
        }
    }
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdbook_renderer::book::{BookItem, Chapter};

    fn anchors() -> Anchors {
        let chapter = |path: &str, content: &str| {
            BookItem::Chapter(Chapter::new("A", content.to_owned(), path, Vec::new()))
        };
        Anchors::of(&Book::new_with_items(vec![
            chapter("one.md", "# One\n\n## Which way?\n\n## Which way?\n"),
            chapter("deep/two.md", "# The `Two` of \"us\"\n\n## Own {#mine}\n"),
            chapter("deep/index.md", "# Index\n"),
        ]))
    }

    #[test]
    fn a_link_leads_to_the_notebook_and_its_heading() {
        let anchors = anchors();
        let from_one = |target| anchors.link(Path::new("one.md"), target);
        let from_two = |target| anchors.link(Path::new("deep/two.md"), target);
        for (link, expected) in [
            (from_one("deep/two.md"), "deep/two.ipynb"),
            (from_one("./deep/../one.md"), "./deep/../one.ipynb"),
            (from_one("deep/two.html#mine"), "deep/two.ipynb#Own"),
            (from_one("#which-way"), "#Which-way?"),
            (from_one("#which-way-1"), "#Which-way?"),
            (
                from_one("deep/two.md#the-two-of-us"),
                "deep/two.ipynb#The-Two-of-%22us%22",
            ),
            (from_two("../one.md#not-there"), "../one.ipynb#not-there"),
            (from_two("README.md"), ""),
            (from_two("index.md"), "index.ipynb"),
        ] {
            assert_eq!(link.unwrap_or_default(), expected);
        }
    }

    #[test]
    fn other_links_are_left_alone() {
        for target in [
            "https://a.b/one.md",
            "mailto:one.md",
            "/one.md",
            "one.rs",
            "three.md",
        ] {
            assert_eq!(
                anchors().link(Path::new("two.md"), target),
                None,
                "{target}"
            );
        }
    }
}
