//! The page that tells of a wrong address. mdBook reads it as it renders, and shows it to
//! no preprocessor: so our scripts and styles are put in once it is there.

use crate::{Settings, assets};
use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use std::fs;
use std::io::ErrorKind;

/// Puts them into that page of a book that was built; if it has one.
///
/// # Errors
/// When `book.toml` is wrong. Says which file can't be read or written.
pub(crate) fn complete(book: &MDBook) -> Result<()> {
    let settings = Settings::of(&book.config)?;
    let name = book.config.html_config().unwrap_or_default();
    let name = name.get_404_output_file();
    if name.is_empty() {
        // The book wants none.
        return Ok(());
    }
    let file = book.build_dir_for("html").join(name);
    let page = match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        page => page.with_context(|| format!("cannot read {}", file.display()))?,
    };
    let Some((before, after)) = page.split_once("<main>") else {
        // It isn't mdBook's.
        return Ok(());
    };
    // It says itself where its addresses begin, which is the site's root.
    let outcomes = settings.outcomes.folder();
    let after = assets::with_scripts(after, "", settings.theme, outcomes.as_deref());
    fs::write(&file, format!("{before}<main>\n{after}"))
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use crate::site;
    use std::fs;

    /// The page that tells of a wrong address, under this name, of a book that says this.
    fn built(book: &str, name: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("book.toml", book);
        write("src/SUMMARY.md", "- [One](one.md)\n");
        write("src/one.md", "# One\n");
        write("src/lost.md", "# Lost\n\n[One](one.md)\n");
        let config = site::read_config(folder.path()).unwrap();
        site::with_mdbook(folder.path(), config, |book| site::build(book)).unwrap();
        fs::read_to_string(folder.path().join(name)).ok()
    }

    #[test]
    fn the_page_that_tells_of_a_wrong_address_has_the_scripts() {
        let theme = "[preprocessor.interleaved]\ntheme = true\noutcomes = true\n";
        let lost = "[output.html]\ninput-404 = \"lost.md\"\nsite-url = \"/x/\"\n";
        let two = "[output.html]\n[output.markdown]\n";
        for (book, name, says, style) in [
            ("", "book/404.html", "This URL is invalid", "page.css"),
            (theme, "book/404.html", "This URL is invalid", "book.css"),
            (
                lost,
                "book/lost.html",
                "<a href=\"one.html\">One</a>",
                "page.css",
            ),
            (two, "book/html/404.html", "This URL is invalid", "page.css"),
        ] {
            let page = built(book, name).unwrap();
            let main = page.split("<main>").nth(1).unwrap();
            assert!(main.contains(says), "{main}");
            for part in [
                "link rel=\"stylesheet\" href=\"interleaved/",
                "script src=\"interleaved/",
            ] {
                assert_eq!(main.matches(part).count(), 1, "{book}: {main}");
            }
            assert!(
                main.contains(style) && page.contains("<base href=\"/"),
                "{page}"
            );
        }
        let none = "[output.html]\ninput-404 = \"\"\n";
        assert_eq!(built(none, "book/404.html"), None);
    }
}
