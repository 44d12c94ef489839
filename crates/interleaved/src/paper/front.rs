//! What stands before the first chapter, and before each part.

use super::chapters::{Paper, Part};
use super::xhtml::escape;
use std::fmt::Write;

/// The title page.
pub(super) fn title_page(paper: &Paper) -> String {
    let mut html = format!(
        "<section class=\"title-page\"><p class=\"book-title\">{}</p>",
        escape(&paper.title)
    );
    if !paper.description.is_empty() {
        let _ = write!(
            html,
            "<p class=\"book-description\">{}</p>",
            escape(&paper.description)
        );
    }
    if !paper.authors.is_empty() {
        let authors = paper.authors.join(", ");
        let _ = write!(html, "<p class=\"book-authors\">{}</p>", escape(&authors));
    }
    if let Some(address) = &paper.address {
        let address = escape(address);
        let _ = write!(
            html,
            "<p class=\"book-address\"><a href=\"{address}\">{address}</a></p>"
        );
    }
    html + "</section>"
}

/// What a part opens with: its title and its chapters.
pub(super) fn part_page(part: &Part, title: &str) -> String {
    let mut html = format!(
        "<section class=\"part-page\"><h1 id=\"part\">{}</h1><ul>",
        escape(title)
    );
    for chapter in &part.chapters {
        let _ = write!(
            html,
            "<li><a href=\"paper:{}\">{}</a></li>",
            chapter.name,
            escape(&chapter.title)
        );
    }
    html + "</ul></section>"
}

/// The table of contents: parts, chapters and their sections.
pub(super) fn contents(paper: &Paper) -> String {
    let mut html = "<ol>".to_owned();
    for part in &paper.parts {
        if let Some(title) = &part.title {
            let _ = write!(
                html,
                "<li class=\"toc-part\">{}<ol>",
                line(&part.name, title)
            );
        }
        for chapter in &part.chapters {
            let title = match &chapter.number {
                Some(number) => format!("{number} {}", chapter.title),
                None => chapter.title.clone(),
            };
            let _ = write!(
                html,
                "<li class=\"toc-chapter\">{}",
                line(&chapter.name, &title)
            );
            if !chapter.sections.is_empty() {
                html += "<ol>";
                for (id, title) in &chapter.sections {
                    let place = format!("{}#{id}", chapter.name);
                    let _ = write!(
                        html,
                        "<li class=\"toc-section\">{}</li>",
                        line(&place, title)
                    );
                }
                html += "</ol>";
            }
            html += "</li>";
        }
        if part.title.is_some() {
            html += "</ol></li>";
        }
    }
    html + "</ol>"
}

fn line(place: &str, title: &str) -> String {
    format!(
        "<a href=\"paper:{place}\"><span class=\"toc-title\">{}</span>\
         <span class=\"page-of\" data-of=\"paper:{place}\"></span></a>",
        escape(title)
    )
}
