//! What a reader waits for when he opens a page: as little as can be. mdBook's pages
//! bring its editor, its search and what colours code along, whether a reader edits,
//! searches or not. Here these are taken out of pages that have our scripts, which load
//! them when they are wanted; the code is coloured now, and styles that come together
//! are one file. A page that looks different from what mdBook writes stays as it is.

use super::colours::coloured;
use super::offline;
use super::published::pages;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The script of ours that is told what was left for later.
const OURS: &str = "interleaved/before-mdbook.js?";

/// How the names of mdBook's scripts begin, in the order in which it loads them.
const EDITOR: [&str; 4] = ["ace", "mode-rust", "theme-dawn", "theme-tomorrow_night"];
/// It makes editors of all code at once, which ours do one by one.
const EDITORS: &str = "editor";
const SEARCH: [&str; 3] = ["elasticlunr", "mark", "searcher"];
const HIGHLIGHT: &str = "highlight";

/// Styles that every page has, one after the other.
const STYLES: [&str; 3] = ["variables", "general", "chrome"];
const FONTS: &str = "fonts/fonts";

/// What a shell does itself: highlight.js colours it, and nothing else of a plain
/// command.
const OF_THE_SHELL: &str = " if then else elif fi for while until in do done case esac \
    function break cd continue eval exec exit export getopts hash pwd readonly return shift \
    test times trap umask unset alias bind builtin caller command declare echo enable help \
    let local logout mapfile printf read readarray source type typeset ulimit unalias set \
    true false ";

/// Makes the pages of a site light.
///
/// # Errors
/// Says which file can't be read or written.
pub(super) fn lighten(site: &Path, version: &str) -> Result<()> {
    let mut bundles = BTreeMap::new();
    for page in pages(site)? {
        let file = site.join(&page);
        let html = fs::read_to_string(&file);
        let html = html.with_context(|| format!("cannot read {}", file.display()))?;
        let up = up_from(&page);
        let Some(light) = lightened(&html, &format!("{up}{}", offline::FILE), version) else {
            continue;
        };
        let light = bundled(light, &page, site, &mut bundles)?;
        fs::write(&file, light).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// A page without what it can do without at first; `None` if it isn't ours.
fn lightened(html: &str, service: &str, version: &str) -> Option<String> {
    if !html.contains(OURS) {
        return None;
    }
    let mut html = with_colours(html);
    let mut told = format!(" data-service=\"{service}\" data-version=\"{version}\"");
    let editor = EDITOR.map(|name| address_of(&html, name));
    if html.editors_are_ours
        && let [Some(_), Some(_), Some(_), Some(_)] = &editor
    {
        for name in EDITOR.iter().chain([&EDITORS]) {
            html.without_script(name);
        }
        let editor: Vec<_> = editor.into_iter().flatten().collect();
        told += &format!(" data-editor=\"{}\"", editor.join(" "));
    }
    let search = SEARCH.map(|name| address_of(&html, name));
    if let [Some(_), Some(_), Some(_)] = &search {
        for name in SEARCH {
            html.without_script(name);
        }
        let search: Vec<_> = search.into_iter().flatten().collect();
        told += &format!(" data-search=\"{}\"", search.join(" "));
    }
    if !html.wants_highlighting {
        html.without_script(HIGHLIGHT);
        told += " data-highlight=\"none\"";
    }
    Some(html.with_told(&told))
}

/// A page whose listings have their colours.
struct Page {
    html: String,
    /// Whether all code that can be edited is in listings.
    editors_are_ours: bool,
    /// Whether there is code that only highlight.js can colour.
    wants_highlighting: bool,
}

fn with_colours(html: &str) -> Page {
    const START: &str = "<code class=\"language-";
    let mut page = Page {
        html: String::with_capacity(html.len() * 5 / 4),
        editors_are_ours: true,
        wants_highlighting: false,
    };
    let mut rest = html;
    while let Some((before, found)) = rest.split_once(START) {
        page.html += before;
        let parts = found
            .split_once("\">")
            .and_then(|(words, found)| Some((words, found.split_once("</code>")?)));
        let Some((words, (code, after))) = parts else {
            page.html += START;
            rest = found;
            page.wants_highlighting = true;
            continue;
        };
        let (language, others) = words.split_once(' ').unwrap_or((words, ""));
        let is_editable = others.split(' ').any(|word| word == "editable");
        let is_listing = page.html.trim_end().ends_with("<pre class=\"playground\">")
            && page
                .html
                .trim_end()
                .trim_end_matches("<pre class=\"playground\">")
                .trim_end()
                .ends_with("</figcaption>");
        if language == "rust" && is_editable && is_listing && !code.contains('<') {
            // By this class highlight.js, if it is there, leaves it alone.
            page.html += "<code class=\"nohighlight is-coloured ";
            page.html += others;
            page.html += "\">";
            page.html += &coloured(&unescaped(code));
        } else {
            page.editors_are_ours &= !is_editable;
            page.wants_highlighting |= !is_plain(language, code);
            page.html += START;
            page.html += words;
            page.html += "\">";
            page.html += code;
        }
        page.html += "</code>";
        rest = after;
    }
    page.html += rest;
    page
}

/// Whether highlight.js would leave code as it is.
fn is_plain(language: &str, code: &str) -> bool {
    let is_command = |word: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-+._/:".contains(c);
        word.chars().all(is_plain) && !OF_THE_SHELL.split(' ').any(|it| it == word)
    };
    match language {
        "text" => true,
        "sh" => code.split_whitespace().all(is_command),
        _ => false,
    }
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// The whole element of a script of mdBook's, and its address.
fn script<'a>(html: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    const START: &str = "<script src=\"";
    html.match_indices(START).find_map(|(at, _)| {
        let (address, _) = html[at + START.len()..].split_once("\"></script>")?;
        let file = address.rsplit('/').next()?;
        is_called(file, name, ".js").then(|| {
            (
                &html[at..at + START.len() + address.len() + "\"></script>".len()],
                address,
            )
        })
    })
}

/// `ace.js`, or `ace-2a3cd908.js`, or `mark-09e88c2c.min.js`.
fn is_called(file: &str, name: &str, extension: &str) -> bool {
    let stem = file.strip_suffix(extension);
    let stem = stem.map(|stem| stem.strip_suffix(".min").unwrap_or(stem));
    let rest = stem.and_then(|stem| stem.strip_prefix(name));
    rest.is_some_and(|rest| {
        let hash = rest.strip_prefix('-');
        rest.is_empty()
            || hash
                .is_some_and(|hash| hash.len() == 8 && hash.chars().all(|c| c.is_ascii_hexdigit()))
    })
}

fn address_of(page: &Page, name: &str) -> Option<String> {
    script(&page.html, name).map(|(_, address)| address.to_owned())
}

impl Page {
    fn without_script(&mut self, name: &str) {
        if let Some((element, _)) = script(&self.html, name) {
            self.html = self.html.replacen(element, "", 1);
        }
    }

    /// With attributes for our script.
    fn with_told(self, told: &str) -> String {
        let mut all = String::with_capacity(self.html.len());
        let mut rest = self.html.as_str();
        while let Some((before, after)) = rest.split_once(OURS) {
            let (hash, after) = after.split_once('"').unwrap_or((after, ""));
            all += &format!("{before}{OURS}{hash}\"{told}");
            rest = after;
        }
        all + rest
    }
}

/// A page with one file in the place of the styles that all pages have.
fn bundled(
    html: String,
    page: &str,
    site: &Path,
    bundles: &mut BTreeMap<String, String>,
) -> Result<String> {
    let up = up_from(page);
    let Some(addresses) = STYLES
        .iter()
        .map(|name| style(&html, &format!("css/{name}")))
        .collect::<Option<Vec<_>>>()
    else {
        return Ok(html);
    };
    let read = |address: &str| {
        let file = site.join(address.strip_prefix(&up).unwrap_or(address));
        let text = fs::read_to_string(&file);
        text.with_context(|| format!("cannot read {}", file.display()))
    };
    let mut text = String::new();
    for address in &addresses {
        text += &read(address)?;
    }
    // What they name would be elsewhere.
    if text.contains("@import") || text.replace("url('data:", "").contains("url(") {
        return Ok(html);
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let name = format!("css/mdbook-{:016x}.css", hasher.finish());
    if bundles.insert(name.clone(), text.clone()).is_none() {
        let file = site.join(&name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let mut light = html.clone();
    for (index, address) in addresses.iter().enumerate() {
        let link = link_to(address);
        let instead = match index {
            0 => link_to(&format!("{up}{name}")),
            _ => String::new(),
        };
        light = light.replacen(&link, &instead, 1);
    }
    if let Some(fonts) = style(&html, FONTS)
        && without_comments(&read(&fonts)?).trim().is_empty()
    {
        light = light.replacen(&link_to(&fonts), "", 1);
    }
    Ok(light)
}

/// From a page to the site's root.
fn up_from(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

fn link_to(address: &str) -> String {
    format!("<link rel=\"stylesheet\" href=\"{address}\">")
}

/// The address of a style sheet whose path begins so.
fn style(html: &str, path: &str) -> Option<String> {
    let (folder, name) = path.split_once('/')?;
    let (before, after) = html.split_once(&format!("{folder}/{name}"))?;
    let start = before.rfind("href=\"")? + "href=\"".len();
    let (file, _) = after.split_once('"')?;
    let address = format!("{}{folder}/{name}{file}", &before[start..]);
    let is_it = is_called(&format!("{name}{file}"), name, ".css");
    (is_it && html.contains(&link_to(&address))).then_some(address)
}

fn without_comments(css: &str) -> String {
    let mut all = String::new();
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        all += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    all + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: &str = "<script src=\"../ace-2a3cd908.js\"></script>\
        <script src=\"../mode-rust-2c9d5c9a.js\"></script>\
        <script src=\"../editor-16ca416c.js\"></script>\
        <script src=\"../theme-dawn-4493f9c8.js\"></script>\
        <script src=\"../theme-tomorrow_night-9dbe62a9.js\"></script>\
        <script src=\"../highlight-abc7f01d.js\"></script>\
        <script src=\"../book-609e4cb8.js\"></script>";

    fn page(code: &str) -> String {
        let ours = "<script src=\"../interleaved/before-mdbook.js?12\" data-theme=\"\"></script>";
        lightened(
            &format!("{ours}{code}{SCRIPTS}"),
            "../service-worker.js",
            "v1",
        )
        .unwrap()
    }

    const LISTING: &str = "</figcaption>\n<pre class=\"playground\">\
        <code class=\"language-rust editable edition2024\">let x = 1 &lt; 2;</code></pre>";

    #[test]
    fn a_page_of_listings_brings_neither_editor_nor_colours() {
        let page = page(LISTING);
        let told = "before-mdbook.js?12\" data-service=\"../service-worker.js\" data-version=\"v1\" \
                    data-editor=\"../ace-2a3cd908.js ../mode-rust-2c9d5c9a.js \
                    ../theme-dawn-4493f9c8.js ../theme-tomorrow_night-9dbe62a9.js\" \
                    data-highlight=\"none\" data-theme=\"\">";
        assert!(page.contains(told), "{page}");
        assert!(!page.contains("<script src=\"../ace") && !page.contains("editor-16ca"));
        assert!(!page.contains("highlight-abc") && page.contains("book-609e4cb8.js"));
        assert!(
            page.contains("<span class=\"ace_keyword\">let</span> x"),
            "{page}"
        );
    }

    #[test]
    fn other_code_keeps_what_it_needs() {
        let not_ours =
            "<pre class=\"playground\"><code class=\"language-rust editable\">x</code></pre>";
        let edited = page(&format!("{LISTING}{not_ours}"));
        assert!(
            edited.contains("<script src=\"../ace-2a3cd908.js\">"),
            "{edited}"
        );
        assert!(edited.contains("highlight-abc7f01d.js"));
        for (code, is_coloured) in [
            ("<code class=\"language-sh\">cargo run\n</code>", false),
            ("<code class=\"language-sh\">cd there</code>", true),
            ("<code class=\"language-text\">\"quoted\"</code>", false),
            ("<code class=\"language-toml\">a = 1</code>", true),
        ] {
            let page = page(code);
            assert_eq!(
                page.contains("highlight-abc7f01d.js"),
                is_coloured,
                "{code}"
            );
        }
    }

    #[test]
    fn a_page_that_is_not_ours_stays() {
        assert_eq!(lightened(SCRIPTS, "service-worker.js", "v1"), None);
    }
}
