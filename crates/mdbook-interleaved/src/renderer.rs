//! The renderers that a chapter is expanded for.

use crate::{notebook, paper};

/// Whom a chapter is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renderer {
    /// mdBook's HTML renderer: the page and its tools.
    Html,
    /// `mdbook test`: fences that rustdoc can compile and run.
    Test,
    /// [`Notebooks`](notebook::Notebooks): Markdown, and notes on what becomes a cell.
    Notebooks,
    /// What has no scripts: a PDF, an e-book (see [`paper`]).
    Paper,
    /// Anything else: plain Markdown.
    Markdown,
}

impl Renderer {
    /// The one that mdBook calls so.
    pub(crate) fn named(name: &str) -> Renderer {
        match name {
            "html" => Renderer::Html,
            "test" => Renderer::Test,
            notebook::NAME => Renderer::Notebooks,
            paper::NAME => Renderer::Paper,
            _ => Renderer::Markdown,
        }
    }
}
