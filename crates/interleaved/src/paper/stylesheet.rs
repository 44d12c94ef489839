//! How the book looks without a screen to press on.

/// What an EPUB and a PDF share. It uses no custom properties and nothing recent,
/// which readers of e-books don't know.
pub(super) const SHARED: &str = include_str!("../../assets/paper.css");

/// What an EPUB has besides.
pub(super) const EPUB: &str = include_str!("../../assets/paper-epub.css");

/// What a PDF has besides: its pages.
pub(super) const PDF: &str = include_str!("../../assets/paper-pdf.css");
