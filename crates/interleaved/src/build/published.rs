//! What a site has besides its pages when it is published: for each page what a
//! link to it shows elsewhere; and for search engines, if it is known where the
//! site will be, each page's address.
//!
//! The names are those of the Open Graph protocol, <https://ogp.me>, and of
//! <https://www.sitemaps.org/protocol.html>.

use anyhow::{Context, Result, bail, ensure};
use mdbook_interleaved::site::read_config;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How much of a page's first paragraph is shown: what search engines show, too.
const SHOWN: usize = 200;

/// Pages that nobody looks for.
const LEFT_OUT: [&str; 3] = ["404.html", "toc.html", "print.html"];

/// The picture that links to the site show.
const PICTURE: &str = "page.png";

/// Where a site will be. It ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(String);

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Address> {
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let Some(host) = host.filter(|host| !host.is_empty() && !host.starts_with('/')) else {
            bail!("an address begins with https:// and a host's name");
        };
        let odd = |c: char| c.is_whitespace() || "?#<>\"'&".contains(c);
        ensure!(
            !host.contains(odd),
            "the address of a site is that of its folder, with nothing after it"
        );
        Ok(Address(format!("{}/", text.trim_end_matches('/'))))
    }
}

impl Address {
    /// Its path on its host: what mdBook calls the site's URL.
    pub(super) fn path(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + "://".len());
        let path = self.0[host..].find('/').map_or(0, |at| host + at);
        &self.0[path..]
    }

    fn of(&self, page: &str) -> String {
        let name = page.rsplit('/').next().unwrap_or_default();
        let page = match name {
            "index.html" => page.strip_suffix(name).unwrap_or(page),
            _ => page,
        };
        let mut address = self.0.clone();
        for byte in page.bytes() {
            // Those that RFC 3986 reserves for nothing.
            match byte {
                b'/' | b'-' | b'.' | b'_' | b'~' => address.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
                _ => {
                    let _ = write!(address, "%{byte:02X}");
                }
            }
        }
        address
    }
}

/// Completes a site in a folder that mdBook has written.
///
/// # Errors
/// Says which file can't be read or written.
pub(super) fn complete(site: &Path, book: &Path, address: Option<&Address>) -> Result<()> {
    let picture = book.join(PICTURE);
    let has_picture = address.is_some() && picture.is_file();
    if has_picture {
        fs::copy(&picture, site.join(PICTURE))
            .with_context(|| format!("cannot copy {}", picture.display()))?;
    }
    let mut pages = pages(site)?;
    pages.retain(|page| !LEFT_OUT.contains(&page.as_str()));
    let title = read_config(book)?.book.title.unwrap_or_default();
    let read = |page: &str| fs::read_to_string(site.join(page)).ok();
    // The first chapter is there twice.
    let first = read("index.html").and_then(|html| content(&html));
    let mut listed = BTreeSet::new();
    for page in &pages {
        // What has no such part is none of mdBook's pages, or leads to another.
        let Some(html) = read(page) else {
            continue;
        };
        let Some(content) = content(&html) else {
            continue;
        };
        let own = match Some(&content) == first.as_ref() {
            true => "index.html",
            false => page,
        };
        let mut head = head_of(&html, &title);
        if let Some(address) = address {
            let address_of_page = address.of(own);
            let _ = write!(
                head,
                "<link rel=\"canonical\" href=\"{address_of_page}\">\n\
                 <meta property=\"og:url\" content=\"{address_of_page}\">\n"
            );
            if has_picture {
                let picture = address.of(PICTURE);
                let _ = writeln!(head, "<meta property=\"og:image\" content=\"{picture}\">");
            }
            listed.insert(address_of_page);
        }
        if let Some(html) = with_head(&html, &head) {
            write(&site.join(page), &html)?;
        }
    }
    if address.is_none() {
        return Ok(());
    }
    let mut map = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                   <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    for address in listed {
        let _ = writeln!(map, "<url><loc>{address}</loc></url>");
    }
    map.push_str("</urlset>\n");
    write(&site.join("sitemap.xml"), &map)
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// All pages of a site, as paths with `/` from its root.
pub(super) fn pages(site: &Path) -> Result<Vec<String>> {
    let mut pages = Vec::new();
    list(site, Path::new(""), &mut pages)?;
    Ok(pages)
}

/// The pages below a folder.
fn list(site: &Path, folder: &Path, pages: &mut Vec<String>) -> Result<()> {
    let here = site.join(folder);
    let cannot = || format!("cannot read {}", here.display());
    for entry in fs::read_dir(&here).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let path: PathBuf = folder.join(entry.file_name());
        if entry.file_type().with_context(cannot)?.is_dir() {
            list(site, &path, pages)?;
        } else if path.extension().is_some_and(|it| it == "html") {
            pages.push(path.display().to_string());
        }
    }
    pages.sort();
    Ok(())
}

/// What a page is about, as mdBook writes it: the part that no other page has.
fn content(html: &str) -> Option<String> {
    Some(between(html, "<main>", "</main>")?.to_owned())
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// What a link to a page shows. All of it comes from the page, where it is written as
/// HTML already.
fn head_of(html: &str, book: &str) -> String {
    let book = escape(book);
    let title = between(html, "<title>", "</title>").unwrap_or_default();
    let chapter = title.strip_suffix(&format!(" - {book}")).unwrap_or(title);
    let mut head = String::new();
    let mut say = |property: &str, content: &str| {
        let content = content.trim().replace('"', "&quot;");
        let _ = writeln!(
            head,
            "<meta property=\"og:{property}\" content=\"{content}\">"
        );
    };
    say("type", "article");
    if !book.is_empty() {
        say("site_name", &book);
    }
    say("title", chapter);
    if let Some(description) = first_paragraph(html) {
        say("description", &description);
    }
    head
}

/// As mdBook writes a text into a page.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A page with more in its head, but for what its author put there; and with its own
/// description in place of the book's.
fn with_head(html: &str, more: &str) -> Option<String> {
    let (head, body) = html.split_once("</head>")?;
    let is_there = |line: &str| {
        let names = line.split_once("content=").or(line.split_once("href="));
        names.is_some_and(|(names, _)| head.contains(names))
    };
    let more: String = more
        .split_inclusive('\n')
        .filter(|line| !is_there(line))
        .collect();
    let start = "<meta name=\"description\" content=\"";
    let head = match (first_paragraph(html), head.split_once(start)) {
        (Some(own), Some((before, rest))) => {
            let (_, after) = rest.split_once('"')?;
            format!("{before}{start}{}\"{after}", own.replace('"', "&quot;"))
        }
        _ => head.to_owned(),
    };
    Some(format!("{head}{more}</head>{body}"))
}

/// The text of a page's first paragraph, or the beginning of it.
fn first_paragraph(html: &str) -> Option<String> {
    let (_, after) = between(html, "<main>", "</main>")?.split_once("</h1>")?;
    // Those with a class are none of the author's.
    let paragraph = between(after, "<p>", "</p>")?;
    let mut text = String::new();
    let mut is_tag = false;
    for c in paragraph.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => text.push(c),
            _ => {}
        }
    }
    let mut shown = String::new();
    for word in text.split_whitespace() {
        if shown.chars().count() + word.chars().count() >= SHOWN {
            return Some(format!("{shown} …"));
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdbook_interleaved::site::with_mdbook;

    /// A site as mdBook builds it, with what else may be in one.
    fn site(folder: &Path) -> PathBuf {
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "book.toml",
            "[book]\ntitle = \"Tea - & more\"\ndescription = \"All\"\n\
             [output.html.redirect]\n\"/old.html\" = \"one.html\"\n",
        );
        write(
            "src/SUMMARY.md",
            "[One](one.md)\n- [Two](more/two.md)\n- [Q&A](q&a.md)\n- [Three](reindex.md)\n",
        );
        write(
            "src/one.md",
            "# One\n\nA *short* \"one\" & `x < y`.\n\nMore.\n",
        );
        write("src/q&a.md", "# Questions\n");
        write("src/reindex.md", "# Three\n\nLast.\n");
        write("src/proof.html", "proof-for-a-search-engine\n");
        write(
            "theme/head.hbs",
            "<meta property=\"og:type\" content=\"book\">\n",
        );
        let long = "word ".repeat(100);
        write("src/more/two.md", &format!("# Two\n\n{long}\n"));
        write(PICTURE, "picture");
        let mut config = read_config(folder).unwrap();
        config.build.build_dir = folder.join("site");
        with_mdbook(folder, config, |book| book.build()).unwrap();
        folder.join("site")
    }

    #[test]
    fn a_page_has_what_a_link_to_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        complete(&site, folder.path(), None).unwrap();
        let one = fs::read_to_string(site.join("one.html")).unwrap();
        let description = "A short “one” &amp; x &lt; y.";
        for line in [
            format!("<meta name=\"description\" content=\"{description}\">"),
            format!("<meta property=\"og:description\" content=\"{description}\">"),
            "<meta property=\"og:title\" content=\"One\">".to_owned(),
            "<meta property=\"og:site_name\" content=\"Tea - &amp; more\">".to_owned(),
            "<meta property=\"og:type\" content=\"book\">".to_owned(),
        ] {
            assert_eq!(one.matches(&line).count(), 1, "{line}\n{one}");
        }
        assert!(!one.contains("canonical") && !site.join("sitemap.xml").exists());
        assert_eq!(one.matches("og:type").count(), 1, "the author's own");
        let proof = fs::read_to_string(site.join("proof.html")).unwrap();
        assert_eq!(proof, "proof-for-a-search-engine\n");
        let old = fs::read_to_string(site.join("old.html")).unwrap();
        assert!(old.contains("one.html") && !old.contains("og:"), "{old}");
        let two = fs::read_to_string(site.join("more/two.html")).unwrap();
        let shown = between(&two, "og:description\" content=\"", "\"").unwrap();
        assert!(shown.ends_with("word …") && shown.len() < 210, "{shown}");
    }

    #[test]
    fn a_site_with_an_address_has_a_map() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let address: Address = "https://example.org/tea".parse().unwrap();
        assert_eq!(address.path(), "/tea/");
        complete(&site, folder.path(), Some(&address)).unwrap();
        let map = fs::read_to_string(site.join("sitemap.xml")).unwrap();
        let all: Vec<_> = map
            .split("<loc>")
            .skip(1)
            .map(|it| it.split('<').next().unwrap())
            .collect();
        // The first chapter is the site's front page.
        let expected = ["", "more/two.html", "q%26a.html", "reindex.html"];
        let expected = expected.map(|page| format!("https://example.org/tea/{page}"));
        assert_eq!(all, expected);
        for page in ["index.html", "one.html"] {
            let html = fs::read_to_string(site.join(page)).unwrap();
            let own = "<link rel=\"canonical\" href=\"https://example.org/tea/\">";
            assert!(html.contains(own), "{page}");
            let picture = "og:image\" content=\"https://example.org/tea/page.png\">";
            assert!(html.contains(picture), "{page}");
        }
        assert!(site.join(PICTURE).is_file());
    }

    #[test]
    fn what_is_no_address_of_a_site_is_refused() {
        for text in [
            "",
            "example.org",
            "https://",
            "https:///x",
            "https://e/?x",
            "ftp://e/",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        for text in ["http://localhost:8000", "https://e.org/a/b/"] {
            assert!(text.parse::<Address>().is_ok(), "{text}");
        }
    }
}
