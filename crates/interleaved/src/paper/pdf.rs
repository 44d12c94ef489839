//! The book as a PDF: one document of all chapters, which a browser prints. The
//! numbers of pages that stand in the text are those of a print before.

use super::chapters::Paper;
use super::front;
use super::stylesheet;
use super::xhtml::{escape, with_attribute};
use anyhow::{Context, Result, bail, ensure};
use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a browser may take for a print.
const PATIENCE: Duration = Duration::from_secs(240);

/// How often the book is printed until no number of a page changes: the first time
/// without numbers, and a number may move what comes behind it.
const PRINTS: usize = 5;

/// What a browser may be called.
const BROWSERS: [&str; 8] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// A browser that prints.
pub(super) struct Browser(PathBuf);

impl Browser {
    /// The one that is named, or the first that is there.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(named: Option<&Path>) -> Result<Browser> {
        let found = match named {
            Some(named) => {
                let named_there = there(named);
                Some(
                    named_there
                        .with_context(|| format!("there is no browser {}", named.display()))?,
                )
            }
            None => BROWSERS.iter().find_map(|name| there(Path::new(name))),
        };
        found.map(Browser).context(
            "a PDF is printed by Chromium or a browser made of it, and none was found: install \
             one, or name it with --browser",
        )
    }

    /// Prints a file of HTML.
    fn print(&self, html: &Path, pdf: &Path, folder: &Path) -> Result<Vec<u8>> {
        let said = folder.join("said");
        let mut child = Command::new(&self.0)
            .args(["--headless", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            // The page is ours, and may run no script and fetch nothing. Not every
            // machine lets a browser make a sandbox.
            .arg("--no-sandbox")
            .args(["--no-pdf-header-footer", "--generate-pdf-document-outline"])
            .arg(format!(
                "--user-data-dir={}",
                folder.join("browser").display()
            ))
            .arg(format!("--print-to-pdf={}", pdf.display()))
            .arg(format!("file://{}", html.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&said)?)
            .spawn()
            .with_context(|| format!("cannot start {}", self.0.display()))?;
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() > end {
                // It may be gone by now.
                let _ = child.kill();
                let _ = child.wait();
                bail!(
                    "{} did not print the book within {} s",
                    self.0.display(),
                    PATIENCE.as_secs()
                );
            }
            thread::sleep(Duration::from_millis(20));
        };
        let printed = fs::read(pdf).ok().filter(|_| status.success());
        printed.with_context(|| {
            let said = fs::read_to_string(&said).unwrap_or_default();
            let last = said.lines().last().unwrap_or("it says nothing");
            format!("{} printed no PDF: {last}", self.0.display())
        })
    }
}

fn there(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Prints the book.
///
/// # Errors
/// Says what the browser makes of it.
pub(super) fn make(paper: &Paper, browser: &Browser) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    // Chromium wants whole paths.
    let root = folder.path().canonicalize()?;
    let (html, pdf) = (root.join("book.html"), root.join("book.pdf"));
    let mut pages = HashMap::new();
    for _ in 0..PRINTS {
        fs::write(&html, document(paper, &pages)?)
            .with_context(|| format!("cannot write {}", html.display()))?;
        let printed = browser.print(&html, &pdf, &root)?;
        let now = destinations(&printed)
            .context("the browser's PDF doesn't tell on which pages its links end")?;
        if now == pages {
            return Ok(printed);
        }
        pages = now;
    }
    bail!("the numbers of pages in the text move the text by a page, {PRINTS} times over")
}

/// The whole book, with these numbers of pages.
fn document(paper: &Paper, pages: &HashMap<String, usize>) -> Result<String> {
    let mut body = String::new();
    if let Some(cover) = &paper.cover {
        let start = cover.find("<svg").context("cover.svg holds no <svg>")?;
        let _ = writeln!(
            body,
            "<section class=\"cover\">{}</section>",
            &cover[start..]
        );
    }
    body += &front::title_page(paper);
    let _ = writeln!(
        body,
        "<nav class=\"contents\"><p class=\"contents-title\">Contents</p>{}</nav>",
        front::contents(paper)
    );
    let mut running = String::new();
    for part in &paper.parts {
        if let Some(title) = &part.title {
            let page = with_own_ids(&front::part_page(part, title), &part.name)?;
            let _ = writeln!(body, "<div id=\"{}\">{page}</div>", part.name);
        }
        for (index, chapter) in part.chapters.iter().enumerate() {
            let text = with_own_ids(&chapter.body, &chapter.name)?;
            // Chapters stand below their part.
            let (class, text) = match part.title {
                Some(_) => (" class=\"in-part\"", lowered(&text)),
                None => ("", text),
            };
            let name = format!("{}-{index}", part.name);
            let number = chapter.number.as_ref().map_or_else(String::new, |number| {
                let number = escape(number.trim_end_matches('.'));
                format!("<p class=\"chapter-number\">{number}</p>")
            });
            let _ = writeln!(
                body,
                "<article{class} id=\"{}\" style=\"page: {name}\">{number}{text}</article>",
                chapter.name
            );
            let _ = writeln!(
                running,
                "@page {name} {{ @top-center {{ content: \"{}\"; }} }}",
                in_a_string(&chapter.title)
            );
        }
    }
    let body = with_attribute(&body, "href", |href| {
        Ok(match href.strip_prefix("paper:") {
            Some(place) => format!("#{}", anchor(place)),
            None => href.to_owned(),
        })
    })?;
    let body = with_attribute(&body, "src", |src| {
        let file = src.strip_prefix("paper-picture:");
        let path = file.and_then(|name| paper.pictures.get(name));
        Ok(match path {
            Some(path) => format!("file://{}", path.canonicalize()?.display()),
            None => src.to_owned(),
        })
    })?;
    let body = with_page_numbers(&body, pages);
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"UTF-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         img-src file: data:; style-src 'unsafe-inline'\">\
         <title>{title}</title><style>{shared}{own}{running}</style></head>\n\
         <body>{body}</body></html>\n",
        language = escape(&paper.language),
        title = escape(&paper.title),
        shared = stylesheet::SHARED,
        own = stylesheet::PDF,
    ))
}

fn with_page_numbers(body: &str, pages: &HashMap<String, usize>) -> String {
    let mut text = String::with_capacity(body.len());
    for (index, piece) in body.split("data-of=\"").enumerate() {
        if index == 0 {
            text.push_str(piece);
            continue;
        }
        let place = piece.split('"').next().unwrap_or_default();
        let place = anchor(place.strip_prefix("paper:").unwrap_or(place));
        let number = match pages.get(&place) {
            Some(page) => page.to_string(),
            None => "000".to_owned(),
        };
        text.push_str("data-of=\"");
        text.push_str(&piece.replacen("></span>", &format!(">{number}</span>"), 1));
    }
    text
}

/// A chapter whose ids are no other's.
fn with_own_ids(html: &str, chapter: &str) -> Result<String> {
    let own = |id: &str| Ok(anchor(&format!("{chapter}#{id}")));
    let html = with_attribute(html, "id", own)?;
    with_attribute(&html, "aria-labelledby", |ids| {
        let ids: Result<Vec<_>> = ids.split_whitespace().map(own).collect();
        Ok(ids?.join(" "))
    })
}

/// A place as this document has it.
fn anchor(place: &str) -> String {
    place.replacen('#', "--", 1)
}

/// Each heading one lower.
fn lowered(html: &str) -> String {
    let mut text = html.to_owned();
    for level in (1..6).rev() {
        let below = level + 1;
        text = text
            .replace(&format!("<h{level}>"), &format!("<h{below}>"))
            .replace(&format!("<h{level} "), &format!("<h{below} "))
            .replace(&format!("</h{level}>"), &format!("</h{below}>"));
    }
    text
}

/// Text within a string of CSS, within an element of HTML.
fn in_a_string(text: &str) -> String {
    let mut string = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' | '<' | '&' => {
                let _ = write!(string, "\\{:x} ", c as u32);
            }
            c => string.push(c),
        }
    }
    string
}

/// On which page, from 1, each place is that a link leads to, as the PDF says. It
/// reads what Skia writes, which is how Chromium prints: nothing but the pages'
/// contents is compressed.
fn destinations(pdf: &[u8]) -> Result<HashMap<String, usize>> {
    let objects = Objects::of(pdf);
    let catalog = objects
        .all
        .values()
        .find(|it| it.contains("/Type /Catalog"));
    let catalog = catalog.context("it has no catalogue")?;
    let mut pages = Vec::new();
    let root = reference(catalog, "/Pages ").context("it has no pages")?;
    objects.pages(root, &mut pages, 0)?;
    let places = reference(catalog, "/Dests ").context("no link leads anywhere")?;
    let places = objects.get(places)?;
    let mut found = HashMap::new();
    for piece in places.split('/').skip(1) {
        // `channels--which-way [8 0 R `, before `/XYZ 6 664.17 0]`.
        let Some((name, rest)) = piece.split_once(" [") else {
            continue;
        };
        let page = rest.split(' ').next().and_then(|it| it.parse().ok());
        let page = page.and_then(|it: u32| pages.iter().position(|at| *at == it));
        let page = page.with_context(|| format!("{name} is on no page"))?;
        found.insert(decoded(name), page + 1);
    }
    ensure!(!found.is_empty(), "no link leads anywhere");
    Ok(found)
}

/// A PDF's objects, by number; of those with a stream, what stands before it.
struct Objects<'a> {
    all: HashMap<u32, std::borrow::Cow<'a, str>>,
}

impl Objects<'_> {
    fn of(pdf: &[u8]) -> Objects<'_> {
        let mut all = HashMap::new();
        let mut at = 0;
        while let Some(found) = find(&pdf[at..], b" 0 obj\n") {
            let head = at + found;
            let digits = pdf[..head]
                .iter()
                .rev()
                .take_while(|it| it.is_ascii_digit());
            let digits = digits.count();
            let number = std::str::from_utf8(&pdf[head - digits..head]).ok();
            let start = head + b" 0 obj\n".len();
            let Some(end) = find(&pdf[start..], b"endobj") else {
                break;
            };
            let body = &pdf[start..start + end];
            let body = &body[..find(body, b"stream\n").unwrap_or(body.len())];
            if let Some(number) = number.and_then(|it| it.parse().ok()) {
                all.insert(number, String::from_utf8_lossy(body));
            }
            at = start + end;
        }
        Objects { all }
    }

    fn get(&self, number: u32) -> Result<&str> {
        let object = self.all.get(&number);
        Ok(object.with_context(|| format!("it has no object {number}"))?)
    }

    /// The pages below a node of their tree, in their order.
    fn pages(&self, node: u32, pages: &mut Vec<u32>, depth: usize) -> Result<()> {
        ensure!(depth < 32, "its pages have no end");
        let object = self.get(node)?;
        let Some((_, kids)) = object.split_once("/Kids [") else {
            pages.push(node);
            return Ok(());
        };
        let kids = kids.split(']').next().unwrap_or_default();
        for kid in kids.split(" 0 R") {
            if let Ok(kid) = kid.trim().parse() {
                self.pages(kid, pages, depth + 1)?;
            }
        }
        Ok(())
    }
}

fn reference(object: &str, key: &str) -> Option<u32> {
    let (_, rest) = object.split_once(key)?;
    rest.split(' ').next()?.parse().ok()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

/// A name as it was before PDF wrote `#xx` for what it has no letters for.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = (*first == b'#').then(|| behind.get(..2)).flatten();
        let code = code.and_then(|it| std::str::from_utf8(it).ok());
        match code.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_tells_where_its_links_end() {
        let pdf = b"%PDF-1.4\n1 0 obj\n<</Type /Catalog\n/Pages 2 0 R\n/Dests 6 0 R>>\nendobj\n\
            2 0 obj\n<</Type /Pages\n/Kids [3 0 R 7 0 R]>>\nendobj\n\
            3 0 obj\n<</Type /Pages\n/Kids [4 0 R]>>\nendobj\n4 0 obj\n<</Type /Page>>\nendobj\n\
            5 0 obj\n<</Length 3>> stream\n\xff\xfe 9 0 obj\nendstream\nendobj\n\
            7 0 obj\n<</Type /Page>>\nendobj\n\
            6 0 obj\n<</a--b [4 0 R /XYZ 6 664.16 0]\n/c#23d [7 0 R /XYZ 6 1 0]>>\nendobj\n";
        let found = destinations(pdf).unwrap();
        let expected = [("a--b".to_owned(), 1), ("c#d".to_owned(), 2)];
        assert_eq!(found, HashMap::from(expected));
        assert!(destinations(b"no pdf").is_err());
    }

    #[test]
    fn a_title_is_a_string_of_css() {
        assert_eq!(in_a_string("a \"b\" </c"), "a \\22 b\\22  \\3c /c");
    }

    #[test]
    fn headings_are_lowered_once() {
        assert_eq!(
            lowered("<h1 id=\"a\">A</h1><h2>B</h2>"),
            "<h2 id=\"a\">A</h2><h3>B</h3>"
        );
    }

    #[test]
    fn numbers_of_pages_stand_in_their_places() {
        let body = "<span class=\"page-of\" data-of=\"paper:a#b\"></span>";
        let pages = HashMap::from([("a--b".to_owned(), 12)]);
        assert!(with_page_numbers(body, &pages).contains(">12</span>"));
        assert!(with_page_numbers(body, &HashMap::new()).contains(">000</span>"));
    }
}
