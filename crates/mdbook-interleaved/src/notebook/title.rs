//! What stands under a chapter's title: on a page, the link to its notebook, and on the
//! first to the whole book; in
//! a notebook, what the page's buttons are called there.

use super::note::Note;
use crate::escape::escape;
use mdbook_markdown::new_cmark_parser;
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};

/// A ring-bound notebook.
const ICON: &str = "<svg aria-hidden=\"true\" viewBox=\"0 0 16 16\">\
     <path d=\"M4 1.5h8.5a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4zM2 4.75h4M2 8h4M2 11.25h4M8.5 5h2.5M8.5 8h2.5\"/>\
     </svg>";

/// A page that links to its notebook. The word on the link is in the style
/// sheet: the search index of a book has no use for it.
pub(crate) fn with_link(content: &str, notebook: &str) -> String {
    let link = format!(
        "<p class=\"notebook-link\"><a href=\"{}\" download \
         aria-label=\"This chapter as a Jupyter notebook\" \
         title=\"This chapter as a Jupyter notebook\">{ICON}</a></p>",
        escape(notebook)
    );
    under_title(content, &link)
}

/// A page that links to files which hold the whole book, each called by its kind.
pub(crate) fn with_downloads(content: &str, files: &[String]) -> String {
    if files.is_empty() {
        return content.to_owned();
    }
    let links = files.iter().map(|file| {
        let kind = file.rsplit('.').next().unwrap_or(file).to_uppercase();
        let file = escape(file);
        format!("<a href=\"{file}\" download>{}</a>", escape(&kind))
    });
    let links: Vec<String> = links.collect();
    let links = links.join(", ");
    under_title(
        content,
        &format!("<p class=\"downloads\">The book to take along: {links}</p>"),
    )
}

/// A notebook that says how to use it, if there is anything to run in it. `help`
/// is the chapter that says more.
pub(crate) fn with_help(content: &str, help: Option<&str>) -> String {
    if !has_listing(content) {
        return content.to_owned();
    }
    let mut text = "> **Run** is Shift+Enter here. **Run ×100**, **All outcomes** and **Step \
                    through** are `%%run 100`, `%%outcomes` and `%%trace`, each on a line of its \
                    own above a program. Interleaved's kernel knows them."
        .to_owned();
    if let Some(help) = help {
        text += &format!(" More is in [the chapter on notebooks]({help}).");
    }
    under_title(content, &text)
}

fn has_listing(content: &str) -> bool {
    let mut parser = new_cmark_parser(content, &super::prose::options());
    parser.any(|event| matches!(event, Event::Html(html) if Note::read(&html).is_some()))
}

/// Puts a block after the first heading, or first if there is none.
fn under_title(content: &str, block: &str) -> String {
    let parser = new_cmark_parser(content, &super::prose::options());
    let mut at = 0;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::End(TagEnd::Heading(_)) => {
                at = range.end;
                break;
            }
            Event::Start(Tag::Paragraph) => break,
            _ => {}
        }
    }
    let (before, after) = content.split_at(at);
    let before = before.trim_end();
    let gap = if before.is_empty() { "" } else { "\n\n" };
    format!("{before}{gap}{block}\n\n{}", after.trim_start_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_links_to_the_whole_book() {
        let files = ["b.epub".to_owned(), "b.pdf".to_owned()];
        let text = with_downloads("# T\n\nText.\n", &files);
        let links = "<p class=\"downloads\">The book to take along: \
                     <a href=\"b.epub\" download>EPUB</a>, <a href=\"b.pdf\" download>PDF</a></p>";
        assert!(text.contains(links), "{text}");
        assert!(text.find(links) < text.find("Text."), "{text}");
        assert_eq!(with_downloads("# T\n", &[]), "# T\n");
    }

    #[test]
    fn a_block_stands_under_the_title() {
        assert_eq!(under_title("# A\n\ntext\n", "B"), "# A\n\nB\n\ntext\n");
        assert_eq!(under_title("A\n===\ntext\n", "B"), "A\n===\n\nB\n\ntext\n");
        assert_eq!(under_title("text\n\n# A\n", "B"), "B\n\ntext\n\n# A\n");
        assert_eq!(under_title("", "B"), "B\n\n");
    }

    #[test]
    fn only_a_notebook_with_a_program_says_how_to_run_it() {
        assert_eq!(with_help("# A\n", Some("b.md")), "# A\n");
    }
}
