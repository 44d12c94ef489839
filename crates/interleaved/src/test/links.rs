//! Every link within the book leads somewhere: the pages are built, and what
//! they refer to is looked up among them.

use crate::build;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use mdbook_interleaved::links::normal;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What one page says.
#[derive(Debug, Default, PartialEq)]
struct Page {
    /// The places in it that can be linked to.
    ids: BTreeSet<String>,
    /// Where its links and pictures lead.
    targets: Vec<String>,
}

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let site = tempfile::tempdir().context("cannot make a temporary folder")?;
    build::book(&workspace.book, site.path())?;
    let broken = broken_links(site.path())?;
    ensure!(
        broken.is_empty(),
        "these links lead nowhere:\n{}",
        broken.join("\n")
    );
    Ok(())
}

fn broken_links(site: &Path) -> Result<Vec<String>> {
    let pages = read_pages(site)?;
    ensure!(!pages.is_empty(), "the book has no page");
    let mut broken = Vec::new();
    for (file, page) in &pages {
        // Shown at addresses of any depth, with absolute links.
        if file == Path::new("404.html") {
            continue;
        }
        for target in &page.targets {
            if !leads_somewhere(site, &pages, file, target) {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    Ok(broken)
}

fn leads_somewhere(
    site: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    from: &Path,
    target: &str,
) -> bool {
    let is_elsewhere = ["http:", "https:", "mailto:", "data:"];
    if is_elsewhere.iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (path, id) = target.split_once('#').unwrap_or((target, ""));
    let path = path.split('?').next().unwrap_or_default();
    let file = match path {
        "" => from.to_owned(),
        _ => normal(&from.parent().unwrap_or(Path::new("")).join(path)),
    };
    match pages.get(&file) {
        Some(page) => id.is_empty() || page.ids.contains(id),
        None => site.join(&file).exists(),
    }
}

/// Every page, by its file in the site.
fn read_pages(site: &Path) -> Result<BTreeMap<PathBuf, Page>> {
    let mut pages = BTreeMap::new();
    let mut unvisited = vec![site.to_owned()];
    while let Some(folder) = unvisited.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                unvisited.push(path);
            } else if path.extension().is_some_and(|it| it == "html") {
                let html = fs::read_to_string(&path)?;
                pages.insert(path.strip_prefix(site)?.to_owned(), Page::read(&html));
            }
        }
    }
    Ok(pages)
}

impl Page {
    /// Reads the attributes of every tag. mdBook always quotes them.
    fn read(html: &str) -> Page {
        let mut page = Page::default();
        for (name, value) in attributes(html) {
            match name {
                "id" => {
                    page.ids.insert(value);
                }
                "href" | "src" => page.targets.push(value),
                _ => {}
            }
        }
        page
    }
}

fn attributes(html: &str) -> impl Iterator<Item = (&str, String)> {
    let tags = html
        .split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        .filter_map(|tag| tag.split('>').next());
    tags.flat_map(|tag| {
        let parts: Vec<&str> = tag.split('"').collect();
        let pairs = parts.chunks_exact(2).filter_map(|pair| {
            let name = pair[0].trim_end().strip_suffix('=')?.rsplit(' ').next()?;
            Some((name.trim(), unescape(pair[1])))
        });
        pairs.collect::<Vec<_>>()
    })
}

fn unescape(value: &str) -> String {
    value.replace("&amp;", "&").replace("%20", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_leads_nowhere() {
        let site = tempfile::tempdir().unwrap();
        let write = |name: &str, html: &str| fs::write(site.path().join(name), html).unwrap();
        write(
            "one.html",
            "<h1 id=\"top\">One</h1> <a class=\"x\" href=\"two.html#here\">two</a>",
        );
        write(
            "two.html",
            "<p id=\"here\"> <a href=\"./one.html\">1</a> <a href=\"#gone\">2</a>",
        );
        write(
            "three.html",
            "<img src=\"no.svg\"> <a href=\"https://a.b/\"> <a href=\"one.html?a#top\">",
        );
        let mut broken = broken_links(site.path()).unwrap();
        broken.sort();
        assert_eq!(broken, ["three.html: no.svg", "two.html: #gone"]);
    }
}
