//! Which names stand where in programs, as rustdoc's pages of their sources tell.

use super::arguments;
use super::html::{Piece, attribute, pieces, plain};
use super::rustdoc::{Rustdoc, refused};
use super::tokens::{place, plain as unmarked};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

/// A name that is a link.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// From 1.
    pub(super) line: usize,
    /// In UTF-16 units, from 0.
    pub(super) column: usize,
    /// The name alone; a macro's with its exclamation mark.
    pub(super) text: String,
    /// What stands before it in its path: `u8` of `u8::MAX`; or nothing.
    pub(super) owner: String,
    pub(super) address: String,
}

/// How often what rustdoc refuses is left out.
const ATTEMPTS: usize = 3;

/// The links in programs: names, editions and sources.
///
/// A program that the compiler refuses may have few, or none.
pub(super) fn of(
    rustdoc: &Rustdoc<'_>,
    programs: &[(String, String, String)],
) -> Result<BTreeMap<String, Vec<Link>>> {
    let editions: BTreeSet<&String> = programs.iter().map(|(_, edition, _)| edition).collect();
    let mut links = BTreeMap::new();
    for edition in editions {
        let programs: Vec<_> = programs
            .iter()
            .filter(|(_, it, _)| it == edition)
            .map(|(name, _, source)| (name.as_str(), source.as_str()))
            .collect();
        links.extend(of_edition(rustdoc, edition, &programs)?);
    }
    Ok(links)
}

fn of_edition(
    rustdoc: &Rustdoc<'_>,
    edition: &str,
    programs: &[(&str, &str)],
) -> Result<BTreeMap<String, Vec<Link>>> {
    let folder = rustdoc.folder(&format!("links{edition}"))?;
    let file = folder.join("links.rs");
    let page = |module: &str| folder.join(format!("out/src/links/{module}.rs.html"));
    // Each program as it is, and as its macros' arguments can be seen.
    let mut modules = BTreeMap::new();
    for (index, (_, source)) in programs.iter().enumerate() {
        modules.insert(format!("whole{index}"), (*source).to_owned());
        let seen = arguments::seen(source);
        if !seen.is_same() {
            modules.insert(format!("seen{index}"), seen.text);
        }
    }
    for (module, source) in &modules {
        fs::write(folder.join(format!("{module}.rs")), source)
            .context("cannot write what rustdoc is to read")?;
    }
    let mut left_out = BTreeSet::new();
    for attempt in 1..=ATTEMPTS {
        let mut source = arguments::ROOT_OF_SEEN.to_owned();
        for module in modules.keys().filter(|it| !left_out.contains(*it)) {
            let _ = writeln!(source, "pub mod {module};");
        }
        fs::write(&file, source).context("cannot write what rustdoc is to read")?;
        let said = rustdoc.run(&file, edition, true)?;
        if modules.keys().any(|module| page(module).is_file()) || modules.is_empty() {
            break;
        }
        // A name that isn't there ends it all.
        let named: BTreeSet<String> = said
            .iter()
            .filter(|line| line.contains(": error"))
            .filter_map(|line| line.split_once(".rs:"))
            .filter_map(|(file, _)| Some(file.rsplit('/').next()?.to_owned()))
            .filter(|module| modules.contains_key(module))
            .collect();
        if named.is_empty() || attempt == ATTEMPTS {
            return Err(refused(&said));
        }
        left_out.extend(named);
    }

    let mut links = BTreeMap::new();
    for (index, (name, source)) in programs.iter().enumerate() {
        let read = |module: String, expected: &str| {
            let (text, links) = read(&fs::read_to_string(page(&module)).ok()?)?;
            (text.trim_end() == expected.trim_end()).then_some(links)
        };
        let Some(mut found) = read(format!("whole{index}"), source) else {
            continue;
        };
        let seen = arguments::seen(source);
        for mut link in read(format!("seen{index}"), &seen.text).unwrap_or_default() {
            let Some((line, column)) = seen.original(link.line, link.column) else {
                continue;
            };
            (link.line, link.column) = (line, column);
            let is_there = |it: &Link| (it.line, it.column) == (line, column);
            if !found.iter().any(is_there) {
                found.push(link);
            }
        }
        // Older versions link no macro of the prelude.
        for link in arguments::macros(source) {
            let is_there = |it: &Link| (it.line, it.column) == (link.line, link.column);
            if !found.iter().any(is_there) {
                found.push(link);
            }
        }
        found.sort_by_key(|link| (link.line, link.column));
        links.insert((*name).to_owned(), found);
    }
    Ok(links)
}

/// A source as its page shows it, and the links in it.
pub(super) fn read(page: &str) -> Option<(String, Vec<Link>)> {
    let (_, html) = page.split_once("<pre class=\"rust\">")?;
    let (html, _) = html.split_once("</pre>")?;
    let mut text = String::new();
    let mut links = Vec::new();
    let mut line_numbers = false;
    let mut open: Option<(String, usize)> = None;
    for piece in pieces(html) {
        match piece {
            Piece::Text(_) if line_numbers => {}
            Piece::Text(piece) => text += &plain(piece),
            Piece::Tag("/a") if line_numbers => line_numbers = false,
            Piece::Tag("/a") => {
                if let Some((address, start)) = open.take() {
                    names(&text, start, &address, &mut links);
                }
            }
            Piece::Tag(tag) if tag.starts_with("a ") => {
                line_numbers = tag.contains("data-nosnippet");
                if !line_numbers {
                    let address = plain(attribute(tag, "href").unwrap_or_default());
                    open = Some((address, text.len()));
                }
            }
            Piece::Tag(_) => {}
        }
    }
    Some((text, links))
}

/// The names in a link, which began there in the text: the last name of its path;
/// and what that is a part of, where a path is one link.
fn names(text: &str, start: usize, address: &str, links: &mut Vec<Link>) {
    let path = &text[start..];
    let mut segments = Vec::new();
    let mut offset = 0;
    for segment in path.split("::") {
        segments.push((offset, segment));
        offset += segment.len() + "::".len();
    }
    let mut add = |(offset, segment): (usize, &str), address: &str| {
        // `r#` marks a name, and is none of it.
        let name = unmarked(segment);
        let offset = offset + segment.len() - name.len();
        let segment = name;
        let name = segment.strip_suffix('!').unwrap_or(segment);
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return;
        }
        let (line, column) = place(text, start + offset);
        let before = text[..start + offset].strip_suffix("::").unwrap_or("");
        let owner = before.rsplit(|c| !is_name(c)).next().unwrap_or("");
        links.push(Link {
            line,
            column,
            text: segment.to_owned(),
            owner: owner.to_owned(),
            address: address.to_owned(),
        });
    };
    if let Some((whole, _)) = address.split_once('#')
        && let [.., owner, _] = segments.as_slice()
    {
        add(*owner, whole);
    }
    if let Some(last) = segments.last() {
        add(*last, address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_keyword_elsewhere_has_its_own_place() {
        let page = "<pre class=\"rust\"><code>x.<a href=\"https://names.invalid/s/fn.f.html\">r#try</a>()</code></pre>";
        let (_, links) = read(page).unwrap();
        assert_eq!((links[0].column, links[0].text.as_str()), (4, "try"));
    }

    #[test]
    fn a_page_gives_its_text_and_its_links() {
        let page = "<pre class=\"rust\"><code><a href=#1 id=1 data-nosnippet>1</a>\
            <span class=\"kw\">fn </span><a href=\"../l.html\">f</a>() {\n\
            <a href=#2 id=2 data-nosnippet>2</a>  <span class=\"string\">\"é🦀&lt;\"</span>; \
            <a href=\"https://names.invalid/s/struct.S.html#method.new\">S::new</a>();\n}</code></pre>";
        let (text, links) = read(page).unwrap();
        assert_eq!(text, "fn f() {\n  \"é🦀<\"; S::new();\n}");
        let places: Vec<_> = links
            .iter()
            .map(|it| (it.line, it.column, it.text.as_str()))
            .collect();
        assert_eq!(places, [(1, 3, "f"), (2, 10, "S"), (2, 13, "new")]);
        assert!(links[1].address.ends_with("struct.S.html"));
    }
}
