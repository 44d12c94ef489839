//! What a chapter shows of a listing, whomever the chapter is made for.

use crate::listings::Listing;
use crate::programs::Program;

/// A listing with all that a chapter shows of it.
pub(crate) struct Shown<'a> {
    pub(crate) name: &'a str,
    pub(crate) listing: &'a Listing,
    /// The file that holds the program, as the chapter names it, if it is among
    /// the book's pages.
    pub(crate) href: Option<&'a str>,
    /// What it wrote to standard output when it was recorded (rustc's words for
    /// a program that must not compile), if it has been.
    pub(crate) transcript: Option<String>,
    /// What it wrote to standard error, if anything.
    pub(crate) stderr: Option<String>,
    /// The address of its outcomes, relative to the chapter.
    pub(crate) outcomes: Option<String>,
    /// Whether the page itself can run it; `None` where no page does.
    pub(crate) program: Option<Program>,
    /// Its edition, where the book gives it one.
    pub(crate) edition: Option<&'a str>,
    /// Where the book tells of clocks, relative to the chapter, if it does.
    pub(crate) clock_help: Option<&'a str>,
}

impl Shown<'_> {
    /// A sentence in which the words that say where it holds lead to where the book
    /// explains that. `link` makes a link of words and an address.
    pub(crate) fn with_clock_help(
        &self,
        sentence: &str,
        link: impl Fn(&str, &str) -> String,
    ) -> String {
        match (self.listing.clock.on(), self.clock_help) {
            (Some(on), Some(help)) => sentence.replacen(on, &link(on, help), 1),
            _ => sentence.to_owned(),
        }
    }
}
