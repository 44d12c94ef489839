//! Building a book in this process: mdBook as a library, with our preprocessor in
//! place of the command that `book.toml` names for the stock `mdbook`.

mod complaints;

use crate::{Interleaved, not_found};
use anyhow::{Context, Result, anyhow, bail};
use complaints::Complaints;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use std::path::Path;

/// Does something with the book in `folder`. Returns what mdBook warns of.
///
/// # Errors
/// Says in one sentence what is wrong with the book. What mdBook only logs as an
/// error, like an include of a file that isn't there, is one too.
pub fn with_mdbook(
    folder: &Path,
    mut config: Config,
    work: impl FnOnce(&mut MDBook) -> Result<()>,
) -> Result<Vec<String>> {
    // A chapter that isn't there is a mistake in SUMMARY.md, not a wish.
    config.build.create_missing = false;
    let ((), complaints) = with_somebodys(folder, config, work)?;
    match complaints.errors().as_slice() {
        [] => Ok(complaints.warnings()),
        [error] => bail!("{error}"),
        [error, rest @ ..] => bail!("{error} (and {} more)", rest.len()),
    }
}

/// Does something with a book of which more is forgiven. Returns what became of it,
/// and all that mdBook complains of.
pub(crate) fn with_somebodys<T>(
    folder: &Path,
    config: Config,
    work: impl FnOnce(&mut MDBook) -> Result<T>,
) -> Result<(T, Complaints)> {
    let complaints = Complaints::default();
    let done = complaints.listen(|| {
        // Of the same name as the command in book.toml, so it takes its place.
        let mut book = MDBook::load_with_config(folder, config)?;
        book.with_preprocessor(Interleaved);
        work(&mut book)
    })?;
    Ok((done, complaints))
}

/// Builds a book, with the page that tells of a wrong address as one of ours.
///
/// # Errors
/// Says what is wrong with the book, or which file can't be read or written.
pub fn build(book: &MDBook) -> Result<()> {
    book.build()?;
    not_found::complete(book)
}

/// Does something, and drops what mdBook complains of meanwhile.
pub(crate) fn quietly<T>(what: impl FnOnce() -> T) -> T {
    Complaints::default().listen(what)
}

/// What `book.toml` in a folder says, and mdBook's variables.
///
/// # Errors
/// Says in one sentence what is wrong with it.
pub fn read_config(folder: &Path) -> Result<Config> {
    let file = folder.join("book.toml");
    let mut config = Config::from_disk(&file)
        .map_err(|error| anyhow!("{}: {}", file.display(), in_one_line(&format!("{error:#}"))))?;
    config
        .update_from_env()
        .context("a variable whose name begins with MDBOOK_ is no setting of a book")?;
    Ok(config)
}

/// TOML's errors quote the file over several lines; the place and the reason
/// are enough.
fn in_one_line(error: &str) -> String {
    let is_quote = |line: &&str| {
        let after_number = line.trim().trim_start_matches(|c: char| c.is_ascii_digit());
        line.trim().is_empty() || after_number.trim_start().starts_with('|')
    };
    let lines: Vec<_> = error.lines().filter(|line| !is_quote(line)).collect();
    lines.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_toml_is_one_line() {
        let error = "Invalid configuration file: TOML parse error at line 2, column 1\n  \
                     |\n2 | titel = \"x\"\n  | ^^^^^\nunknown field `titel`\n";
        assert_eq!(
            in_one_line(error),
            "Invalid configuration file: TOML parse error at line 2, column 1: \
             unknown field `titel`"
        );
    }
}
