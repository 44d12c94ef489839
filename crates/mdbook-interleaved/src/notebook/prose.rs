//! Markdown as mdBook reads it, rewritten for Jupyter, which reads each cell by
//! itself and knows no admonitions, footnotes, definition lists or ids of
//! headings.
//!
//! The text stays as its author wrote it but for the few places that are
//! edited: the parser only says where they are.

use super::anchors::Anchors;
use mdbook_markdown::pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd, html,
};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use std::ops::Range;
use std::path::Path;

/// What is needed to rewrite a chapter.
#[derive(Debug)]
pub(super) struct Translation<'a> {
    /// The chapter's file.
    pub(super) path: &'a Path,
    pub(super) anchors: &'a Anchors,
    /// Whether the book writes `\\( … \\)` for a formula.
    pub(super) mathjax: bool,
}

/// A chapter's edits.
#[derive(Debug, Default)]
pub(super) struct Edits<'a> {
    content: &'a str,
    edits: Vec<Edit>,
    /// The labels of the footnotes, in the order in which the text refers to
    /// them.
    labels: Vec<String>,
    /// The footnotes' own texts, with their labels.
    notes: Vec<(String, Range<usize>)>,
}

#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    text: String,
}

/// An element whose end has not come yet.
struct Open<'a> {
    tag: Tag<'a>,
    start: usize,
    /// Where the last thing in it ends.
    inner_end: Option<usize>,
}

impl Translation<'_> {
    /// Everything that must be edited in a chapter.
    pub(super) fn edits<'c>(&self, content: &'c str) -> Edits<'c> {
        let mut edits = Edits {
            content,
            ..Edits::default()
        };
        let parser = new_cmark_parser(content, &options());
        let definitions: Vec<_> = parser
            .reference_definitions()
            .iter()
            .map(|(_, definition)| definition.span.clone())
            .collect();
        let mut open: Vec<Open> = Vec::new();
        let mut events = parser.into_offset_iter();
        while let Some((event, range)) = events.next() {
            // An element's own end says nothing of what is in it.
            if let Some(parent) = open.last_mut()
                && !matches!(event, Event::End(_))
            {
                let end = parent.inner_end.unwrap_or(0).max(range.end);
                parent.inner_end = Some(end);
            }
            match event {
                Event::Start(Tag::DefinitionList) => {
                    let mut list = vec![event];
                    for (event, _) in events.by_ref() {
                        let is_end = event == Event::End(TagEnd::DefinitionList);
                        list.push(self.with_links(event));
                        if is_end {
                            break;
                        }
                    }
                    let mut text = String::new();
                    html::push_html(&mut text, list.into_iter());
                    edits.push(range, text);
                }
                Event::Start(tag) => {
                    edits.start(&tag, &range);
                    open.push(Open {
                        tag,
                        start: range.start,
                        inner_end: None,
                    });
                }
                Event::End(_) => {
                    if let Some(element) = open.pop() {
                        self.end(&element, range.end, &mut edits);
                    }
                }
                Event::Text(_) => {
                    let code = open.iter().find_map(|it| match &it.tag {
                        Tag::CodeBlock(kind) => Some(language(kind)),
                        _ => None,
                    });
                    match code {
                        None => self.text(&range, &mut edits),
                        Some("rust") => edits.hide_lines(&range),
                        Some(_) => {}
                    }
                }
                Event::FootnoteReference(label) => {
                    let number = edits.number(&label);
                    edits.push(range, format!("<sup>{number}</sup>"));
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    self.html(&html, &range, &mut edits);
                }
                _ => {}
            }
        }
        for range in definitions {
            edits.push(range, String::new());
        }
        edits
            .edits
            .sort_by_key(|edit| (edit.range.start, usize::MAX - edit.range.end));
        edits
    }

    fn end(&self, element: &Open, end: usize, edits: &mut Edits) {
        match &element.tag {
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => {
                let inner_end = element.inner_end.unwrap_or(element.start + "[".len());
                let target = self.anchors.link(self.path, dest_url);
                edits.link(*link_type, inner_end..end, dest_url, target, title);
            }
            Tag::Image {
                link_type,
                dest_url,
                title,
                ..
            } => {
                let inner_end = element.inner_end.unwrap_or(element.start + "![".len());
                edits.link(*link_type, inner_end..end, dest_url, None, title);
            }
            Tag::Heading {
                id, classes, attrs, ..
            } if id.is_some() || !classes.is_empty() || !attrs.is_empty() => {
                let from = element.inner_end.unwrap_or(element.start);
                let rest = &edits.content[from..end];
                let line = rest.find('\n').unwrap_or(rest.len());
                edits.push(from..from + line, String::new());
            }
            _ => {}
        }
    }

    /// `$` opens a formula in Jupyter, and is a dollar in mdBook.
    fn text(&self, range: &Range<usize>, edits: &mut Edits) {
        let source = &edits.content[range.clone()];
        let before = &edits.content[..range.start];
        if self.mathjax && before.ends_with('\\') && source.starts_with('\\') {
            let math = match edits.content[range.start + 1..].chars().next() {
                Some('(' | ')') => "$",
                Some('[' | ']') => "$$",
                _ => return,
            };
            edits.push(range.start - 1..range.start + 2, math.to_owned());
            return;
        }
        let dollars: Vec<usize> = source.match_indices('$').map(|(at, _)| at).collect();
        for at in dollars {
            let at = range.start + at;
            if !edits.content[..at].ends_with('\\') {
                edits.push(at..at, "\\".to_owned());
            }
        }
    }

    fn html(&self, html: &str, range: &Range<usize>, edits: &mut Edits) {
        for (start, _) in html.match_indices("href=\"") {
            let start = start + "href=\"".len();
            let Some(length) = html[start..].find('"') else {
                continue;
            };
            let value = start..start + length;
            // What the parser says and what the source says may differ where
            // the block is in a quotation.
            let at = range.start + value.start..range.start + value.end;
            let target = &html[value];
            if edits.content.get(at.clone()) == Some(target)
                && let Some(link) = self.anchors.link(self.path, target)
            {
                edits.push(at, link);
            }
        }
    }

    fn with_links<'e>(&self, event: Event<'e>) -> Event<'e> {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let target = self.anchors.link(self.path, &dest_url);
                Event::Start(Tag::Link {
                    link_type,
                    dest_url: target.map_or(dest_url, CowStr::from),
                    title,
                    id,
                })
            }
            event => event,
        }
    }
}

impl Edits<'_> {
    fn push(&mut self, range: Range<usize>, text: String) {
        self.edits.push(Edit { range, text });
    }

    fn start(&mut self, tag: &Tag, range: &Range<usize>) {
        match tag {
            Tag::BlockQuote(Some(kind)) => self.admonition(*kind, range),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let language = language_of(info);
                let line = self.content[range.clone()].lines().next();
                if let Some(at) = line.and_then(|line| line.find(&**info))
                    && language != &**info
                {
                    let start = range.start + at;
                    self.push(start..start + info.len(), language.to_owned());
                }
            }
            Tag::FootnoteDefinition(label) => {
                let source = &self.content[range.clone()];
                let text = source.find("]:").map_or(0, |at| at + "]:".len());
                let note = (label.to_string(), range.start + text..range.end);
                self.notes.push(note);
                self.push(range.clone(), String::new());
            }
            _ => {}
        }
    }

    /// `> [!NOTE]` on a line of its own is a word at the start of the text.
    fn admonition(&mut self, kind: BlockQuoteKind, range: &Range<usize>) {
        let word = match kind {
            BlockQuoteKind::Note => "Note",
            BlockQuoteKind::Tip => "Tip",
            BlockQuoteKind::Important => "Important",
            BlockQuoteKind::Warning => "Warning",
            BlockQuoteKind::Caution => "Caution",
        };
        let source = &self.content[range.clone()];
        if let (Some(start), Some(end)) = (source.find("[!"), source.find(']')) {
            let marker = range.start + start..range.start + end + 1;
            self.push(marker, format!("**{word}:**"));
        }
    }

    /// Writes what follows a link's text anew, where it must.
    fn link(
        &mut self,
        link_type: LinkType,
        range: Range<usize>,
        written: &str,
        target: Option<String>,
        title: &str,
    ) {
        let by_reference = match link_type {
            LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => true,
            LinkType::Inline => false,
            _ => return,
        };
        if !by_reference && target.is_none() {
            return;
        }
        // The parser leaves `[]` behind `[text]` out.
        let rest = &self.content[range.end..];
        let range = match link_type == LinkType::Collapsed && rest.starts_with("[]") {
            true => range.start..range.end + "[]".len(),
            false => range,
        };
        let target = target.as_deref().unwrap_or(written);
        let target = match target.contains([' ', '(', ')']) {
            true => format!("<{target}>"),
            false => target.to_owned(),
        };
        let title = match title {
            "" => String::new(),
            title => format!(" \"{}\"", title.replace('"', "\\\"")),
        };
        self.push(range, format!("]({target}{title})"));
    }

    /// Leaves out the lines that mdBook's page hides, as it does.
    fn hide_lines(&mut self, range: &Range<usize>) {
        let mut start = range.start;
        for line in self.content[range.clone()].split_inclusive('\n') {
            let code = line.trim_end_matches('\n');
            let text = code.trim_start();
            let text_start = start + code.len() - text.len();
            if text == "#" || text.starts_with("# ") {
                self.push(start..start + line.len(), String::new());
            } else if text.starts_with("##") {
                self.push(text_start..text_start + 1, String::new());
            }
            start += line.len();
        }
    }

    fn number(&mut self, label: &str) -> usize {
        let known = self.labels.iter().position(|it| it == label);
        let index = known.unwrap_or_else(|| {
            self.labels.push(label.to_owned());
            self.labels.len() - 1
        });
        index + 1
    }

    /// A part of the chapter, rewritten.
    pub(super) fn apply(&self, range: Range<usize>) -> String {
        let mut text = String::new();
        let mut done = range.start;
        for edit in &self.edits {
            let Range { start, end } = edit.range;
            if start < done || start >= range.end || end > range.end {
                continue;
            }
            text.push_str(&self.content[done..start]);
            text.push_str(&edit.text);
            done = end;
        }
        text.push_str(&self.content[done..range.end]);
        text
    }

    /// The footnotes, as a list; empty if there are none.
    pub(super) fn footnotes(&self) -> String {
        let numbered = self.labels.iter().enumerate().filter_map(|(index, label)| {
            let (_, range) = self.notes.iter().find(|(it, _)| it == label)?;
            let text = self.apply(range.clone());
            Some(format!("{}. {}", index + 1, text.trim()))
        });
        numbered.collect::<Vec<_>>().join("\n")
    }
}

/// How chapters are read, here and where they are cut into cells: as written,
/// without curly quotes.
pub(super) fn options() -> MarkdownOptions {
    let mut options = MarkdownOptions::default();
    options.smart_punctuation = false;
    options
}

fn language<'k>(kind: &'k CodeBlockKind) -> &'k str {
    match kind {
        CodeBlockKind::Fenced(info) => language_of(info),
        CodeBlockKind::Indented => "",
    }
}

fn language_of(info: &str) -> &str {
    info.split([',', ' ', '\t']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdbook_renderer::book::{Book, BookItem, Chapter};

    fn translated(content: &str, mathjax: bool) -> String {
        let chapter = Chapter::new("A", "# Two words\n".to_owned(), "b.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        let anchors = Anchors::of(&book);
        let translation = Translation {
            path: Path::new("a.md"),
            anchors: &anchors,
            mathjax,
        };
        let edits = translation.edits(content);
        let mut text = edits.apply(0..content.len());
        text += &edits.footnotes();
        text
    }

    #[track_caller]
    fn check(content: &str, expected: &str) {
        assert_eq!(translated(content, false), expected);
    }

    #[test]
    fn what_jupyter_reads_too_stays() {
        let text = "A *b* `$c` \"quoted\" -- and 3 \\$.\n\n| a | b |\n|---|---|\n| 1 | \\| |\n\n\
                    > quoted\n\n1. one\n   - two\n\n```text\n# $ not hidden\n```\n\n\
                    [out](https://x.y \"t\") <https://x.y> ![i](i.png)\n";
        check(text, text);
    }

    #[test]
    fn links_lead_to_notebooks() {
        check("[b](b.md)", "[b](b.ipynb)");
        check(
            "[`b` *c*](b.md#two-words \"t\")",
            "[`b` *c*](b.ipynb#Two-words \"t\")",
        );
        check("[](b.md)", "[](b.ipynb)");
        check("<a href=\"b.md\">b</a>", "<a href=\"b.ipynb\">b</a>");
        check(
            "<p>\n<a href=\"b.md\">b</a>\n</p>\n",
            "<p>\n<a href=\"b.ipynb\">b</a>\n</p>\n",
        );
    }

    #[test]
    fn a_link_by_reference_carries_its_target() {
        check(
            "[one][r], [r][], [r].\n\n[r]: b.md 'T'\n",
            "[one](b.ipynb \"T\"), [r](b.ipynb \"T\"), [r](b.ipynb \"T\").\n\n\n",
        );
        check("![i][p]\n\n[p]: i.png\n", "![i](i.png)\n\n\n");
    }

    #[test]
    fn an_admonition_is_a_quotation() {
        check(
            "> [!NOTE]\n> Mind the *gap*.\n",
            "> **Note:**\n> Mind the *gap*.\n",
        );
        check(
            "- a\n\n  > [!WARNING]\n  > b\n",
            "- a\n\n  > **Warning:**\n  > b\n",
        );
    }

    #[test]
    fn footnotes_are_numbered_as_they_come_and_stand_last() {
        check(
            "One[^x], two[^y], again[^x].\n\n[^y]: Of [b](b.md).\n\n[^x]: First.\n\nEnd.\n",
            "One<sup>1</sup>, two<sup>2</sup>, again<sup>1</sup>.\n\nEnd.\n\
             1. First.\n2. Of [b](b.ipynb).",
        );
    }

    #[test]
    fn headings_lose_their_ids() {
        check("## A `b` {#own .c}\n\ntext\n", "## A `b`\n\ntext\n");
        check("## A\n", "## A\n");
    }

    #[test]
    fn hidden_lines_are_left_out_and_words_behind_the_language_too() {
        check(
            "```rust,ignore\n# use a;\n#\n#[b]\n## c\nlet d = 1; # e\n```\n",
            "```rust\n#[b]\n# c\nlet d = 1; # e\n```\n",
        );
    }

    #[test]
    fn a_dollar_is_a_dollar_and_a_formula_a_formula() {
        check("from $1 to $2, `$3`", "from \\$1 to \\$2, `$3`");
        assert_eq!(
            translated("\\\\(a + b\\\\) \\\\[c\\\\]", true),
            "$a + b$ $$c$$"
        );
    }

    #[test]
    fn a_definition_list_is_html() {
        let html = translated("Term\n: About [b](b.md).\n", false);
        assert!(html.contains("<dt>Term</dt>"), "{html}");
        assert!(html.contains("<a href=\"b.ipynb\">b</a>"), "{html}");
    }
}
