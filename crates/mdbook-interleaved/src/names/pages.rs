//! What rustdoc's pages tell of each public thing.

use super::html;
use super::links::{self, Link};
use super::rustdoc::{Rustdoc, defined_at, refused};
use super::tokens::plain;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The crate that hands on what is public.
const CRATE: &str = "docs";

/// std's public modules, but for those of the processor's own instructions.
const MODULES: &str = "alloc, any, array, ascii, borrow, boxed, cell, char, clone, cmp, \
    collections, convert, default, env, error, f32, f64, fmt, fs, future, hash, hint, io, iter, \
    marker, mem, net, num, ops, option, panic, path, pin, process, ptr, rc, result, slice, str, \
    string, sync, task, thread, time, vec";

/// std's macros. Three of them have a module's name, and come with it.
const MACROS: &str = "assert, assert_eq, assert_ne, dbg, debug_assert, debug_assert_eq, \
    debug_assert_ne, eprint, eprintln, format, format_args, matches, print, println, \
    thread_local, todo, unimplemented, unreachable, write, writeln";

/// The primitive types that have methods or constants, and are handed on by no module.
const PRIMITIVES: [&str; 20] = [
    "array", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "pointer",
    "slice", "str", "u8", "u16", "u32", "u64", "u128", "usize",
];

/// Those whose methods rustdoc takes for each other's.
const INTEGERS: [&str; 12] = [
    "i64", "u64", "i8", "i16", "i32", "i128", "isize", "u8", "u16", "u32", "u128", "usize",
];

/// What stands in the name of a primitive type's page.
const PRIMITIVE: &str = "primitive";

/// Names that need an `r#` in today's editions, as parts of a path.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Where what others brought to a type begins on its page.
const OTHERS: [&str; 6] = [
    "id=\"deref-methods",
    "id=\"trait-implementations\"",
    "id=\"synthetic-implementations\"",
    "id=\"blanket-implementations\"",
    "id=\"foreign-impls\"",
    "id=\"implementors\"",
];

/// What comes before the name of a type's part, in its place on the page.
const PARTS: [&str; 5] = [
    "method.",
    "tymethod.",
    "variant.",
    "associatedconstant.",
    "associatedtype.",
];

/// What is told of one name.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub(super) struct Entry {
    /// Its place on its page: `method.join`.
    pub(super) place: String,
    pub(super) signature: String,
    pub(super) sentence: String,
}

/// The entries of a page: that of the whole is `""`, those of its parts go by their
/// names. `None` if two are called so, and aren't the same.
type Page = BTreeMap<String, Option<Entry>>;

/// All public things.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Docs {
    /// By their paths: `std/thread/fn.spawn.html`.
    pages: BTreeMap<String, Page>,
    /// The pages of what is defined elsewhere, as `std/thread/functions/fn.spawn.html`;
    /// first that which is nearest to its crate's root.
    public: BTreeMap<String, Vec<String>>,
}

/// What is known of a name.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    /// `std::thread::spawn`, `std::println!`
    pub(super) path: String,
    /// Whose it is: a crate's name.
    pub(super) owner: String,
    /// Where its owner tells more: `std/thread/fn.spawn.html`.
    pub(super) page: String,
    pub(super) entry: Entry,
}

impl Docs {
    pub(super) fn make(rustdoc: &Rustdoc<'_>) -> Result<Docs> {
        let folder = rustdoc.folder(CRATE)?;
        let file = folder.join("docs.rs");
        let mut source = format!(
            "pub mod std {{\n#[doc(inline)] pub use ::std::{{{MODULES}}};\n\
             #[doc(inline)] pub use ::std::{{{MACROS}}};\n}}\n"
        );
        for name in rustdoc.libraries.names() {
            let _ = writeln!(source, "#[doc(inline)] pub extern crate {name};");
        }
        fs::write(&file, source).context("cannot write what rustdoc is to read")?;
        let said = rustdoc.run(&file, "2021", false)?;
        if !said.is_empty() {
            return Err(refused(&said));
        }
        let root = folder.join("out").join(CRATE);
        let mut docs = Docs::default();
        for page in pages(&root, &root) {
            let text =
                fs::read_to_string(root.join(&page)).context("cannot read rustdoc's pages")?;
            let read = read(&page, &text);
            if read.contains_key("") {
                docs.pages.insert(page, read);
            }
        }
        if docs.pages.is_empty() {
            return Err(refused(&said));
        }
        docs.public = docs.definitions(rustdoc)?;
        docs.pages.extend(primitives(rustdoc)?);
        Ok(docs)
    }

    /// Where the pages' things are defined: each is named by its public path.
    fn definitions(&self, rustdoc: &Rustdoc<'_>) -> Result<BTreeMap<String, Vec<String>>> {
        let folder = rustdoc.folder("definitions")?;
        let file = folder.join("definitions.rs");
        let mut pages: Vec<&String> = self.pages.keys().collect();
        // Of several public paths the shortest one is what people write.
        pages.sort_by_key(|page| (page.matches('/').count(), page.len()));
        let mut source = String::new();
        for page in &pages {
            let _ = writeln!(source, "pub use ::{} as _;", raw(&path_of(page)));
        }
        fs::write(&file, &source).context("cannot write what rustdoc is to read")?;
        let said = rustdoc.run(&file, "2021", true)?;
        if !said.is_empty() {
            return Err(refused(&said));
        }
        let page = folder.join("out/src/definitions/definitions.rs.html");
        let Ok(html) = fs::read_to_string(page) else {
            return Err(refused(&said));
        };
        let (_, links) =
            links::read(&html).context("rustdoc's page of a source is no such page")?;
        let mut public: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for link in links {
            let page = pages.get(link.line - 1);
            let (Some(page), Some(defined)) = (page, defined_at(&link.address)) else {
                continue;
            };
            // One path can name a module, a function and a macro.
            if kind_of(page) == kind_of(defined) {
                let public = public.entry(defined.to_owned()).or_default();
                // A path is one link, or one for each of its names.
                if !public.contains(page) {
                    public.push((*page).clone());
                }
            }
        }
        Ok(public)
    }

    /// What is known of what a link leads to.
    pub(super) fn find(&self, link: &Link) -> Option<Found> {
        let defined = defined_at(&link.address)?;
        let (defined, part) = defined.split_once('#').unwrap_or((defined, ""));
        let part = match part {
            "" => "",
            part => PARTS.iter().find_map(|kind| part.strip_prefix(kind))?,
        };
        let page = match primitive_of(defined, &link.owner) {
            Some("num") => return self.find_in_integers(part),
            Some(name) => primitive_page(name),
            None => self.public_page(defined, &link.text)?.to_owned(),
        };
        let entry = self.pages.get(&page)?.get(part)?.clone()?;
        let (mut path, mut address) = (path_of(&page), page.clone());
        if !part.is_empty() {
            path = format!("{path}::{part}");
            address = format!("{page}#{}", entry.place);
        }
        Some(Found {
            owner: page.split('/').next()?.to_owned(),
            path,
            page: address,
            entry,
        })
    }

    /// What is known of a part of an integer, whichever: where all that have it say the
    /// same, but for their own names.
    fn find_in_integers(&self, part: &str) -> Option<Found> {
        let of = |name: &str| self.pages.get(&primitive_page(name))?.get(part)?.clone();
        let all: Vec<_> = INTEGERS
            .iter()
            .filter_map(|name| Some((*name, of(name)?)))
            .collect();
        let (first, entry) = all.first()?;
        let as_of = |entry: &Entry, from: &str, to: &str| Entry {
            place: entry.place.clone(),
            signature: with_word(&entry.signature, from, to),
            sentence: with_word(&entry.sentence, from, to),
        };
        let general = as_of(entry, first, "Self");
        let is_same = |(name, entry): &(&str, Entry)| as_of(&general, "Self", name) == *entry;
        all.iter().all(is_same).then(|| Found {
            owner: "std".to_owned(),
            path: format!("{{integer}}::{part}"),
            page: format!("{}#{}", primitive_page(first), general.place),
            entry: general,
        })
    }

    /// Of several pages of one thing that on which it is called so, or else the first.
    fn public_page<'a>(&'a self, defined: &'a str, name: &str) -> Option<&'a str> {
        if let Some(pages) = self.public.get(defined) {
            let is_so_called = |page: &&String| path_of(page).rsplit("::").next() == Some(name);
            return pages
                .iter()
                .find(is_so_called)
                .or(pages.first())
                .map(String::as_str);
        }
        // What has one name with something else, and modules.
        let (owner, rest) = defined.split_once('/')?;
        let owner = match owner {
            "core" | "alloc" => "std",
            owner => owner,
        };
        let (page, _) = self.pages.get_key_value(&format!("{owner}/{rest}"))?;
        Some(page)
    }
}

/// The pages of primitive types, which rustdoc makes in whatever crate says that it
/// documents them. How to say so is nobody's business but std's: where that has changed,
/// there are none.
fn primitives(rustdoc: &Rustdoc<'_>) -> Result<BTreeMap<String, Page>> {
    let folder = rustdoc.folder(PRIMITIVE)?;
    let file = folder.join("primitives.rs");
    let mut source = "#![feature(rustc_attrs, rustdoc_internals)]\n".to_owned();
    for name in PRIMITIVES {
        let _ = writeln!(
            source,
            "#[rustc_doc_primitive = \"{name}\"]\n/// {name}\nmod the_{name} {{}}"
        );
    }
    fs::write(&file, source).context("cannot write what rustdoc is to read")?;
    rustdoc.run(&file, "2021", false)?;
    let mut pages = BTreeMap::new();
    for name in PRIMITIVES {
        let file = format!("{PRIMITIVE}.{name}.html");
        if let Ok(html) = fs::read_to_string(folder.join("out/primitives").join(&file)) {
            pages.insert(primitive_page(name), read(&file, &html));
        }
    }
    Ok(pages)
}

/// A path as a program writes it.
fn raw(path: &str) -> String {
    let segments = path.trim_end_matches('!').split("::");
    let raw = segments.map(|it| match KEYWORDS.contains(&it) {
        true => format!("r#{it}"),
        false => it.to_owned(),
    });
    raw.collect::<Vec<_>>().join("::")
}

/// The primitive type whose page this is, if it is one's: `num` for any integer's.
/// Versions of rustdoc differ in how they call it, and may name the module for the type.
/// `owner` is what stands before the name in the program.
fn primitive_of<'a>(page: &'a str, owner: &'a str) -> Option<&'a str> {
    let (folder, file) = page.rsplit_once('/')?;
    let name = file.strip_suffix(".html")?;
    let name = name
        .strip_prefix("primitive.")
        .or_else(|| name.strip_prefix("foreigntype."))?;
    match name {
        "num" if PRIMITIVES.contains(&owner) => Some(owner),
        "methods" if folder.ends_with("/char") => Some("char"),
        name => Some(name),
    }
}

fn primitive_page(name: &str) -> String {
    format!("std/{PRIMITIVE}.{name}.html")
}

/// A text with another word in the place of one.
fn with_word(text: &str, from: &str, to: &str) -> String {
    let is_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let is_whole = !all.ends_with(is_of_a_word) || !before.is_empty();
        let is_whole =
            is_whole && !before.ends_with(is_of_a_word) && !after.starts_with(is_of_a_word);
        all += before;
        all += if is_whole { to } else { from };
        rest = after;
    }
    all + rest
}

/// All pages in a folder, as paths from the root.
fn pages(root: &Path, folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(pages(root, &path));
        } else if let Some(page) = path.strip_prefix(root).ok().and_then(Path::to_str)
            && page.ends_with(".html")
            // The crate's own pages, and those that lead on from an older address.
            && page.contains('/')
            && !page.contains('!')
        {
            found.push(page.to_owned());
        }
    }
    found
}

/// `struct`, for a page `std/thread/struct.Thread.html`; a module's is `index`.
fn kind_of(page: &str) -> &str {
    let file = page.rsplit('/').next().unwrap_or(page);
    file.split('.').next().unwrap_or(file)
}

/// `std::thread::Thread`, for a page `std/thread/struct.Thread.html`.
fn path_of(page: &str) -> String {
    let (folder, file) = page.rsplit_once('/').unwrap_or(("", page));
    let module = folder.replace('/', "::");
    let name = file.strip_suffix(".html").unwrap_or(file);
    match name.split_once('.') {
        Some(("macro", name)) => format!("{module}::{}!", plain(name)),
        Some((PRIMITIVE, name)) => name.to_owned(),
        Some((_, name)) => format!("{module}::{}", plain(name)),
        None => module,
    }
}

/// The entries of a page.
fn read(page: &str, html: &str) -> Page {
    let mut entries = Page::new();
    let Some(start) = html.find("id=\"main-content\"") else {
        return entries;
    };
    let html = &html[start..];
    let end = OTHERS.iter().filter_map(|mark| html.find(mark)).min();
    let html = &html[..end.unwrap_or(html.len())];

    let declaration = between(
        html,
        "<pre class=\"rust item-decl\"><code>",
        "</code></pre>",
    );
    let signature = match kind_of(page) {
        "index" => Some(format!("mod {}", path_of(page))),
        // What is in them is long, and below.
        "struct" | "enum" | "union" | "trait" => declaration.map(|it| head(&html::code(it))),
        _ => declaration.map(html::code),
    };
    let (_, after) = html
        .split_once("class=\"toggle top-doc\"")
        .unwrap_or(("", ""));
    if let (Some(signature), Some(sentence)) = (signature, sentence_in(after)) {
        let entry = Entry {
            place: String::new(),
            signature,
            sentence,
        };
        entries.insert(String::new(), Some(entry));
    }

    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<section id=\"") {
        rest = after;
        let Some((place, after)) = after.split_once('"') else {
            break;
        };
        let Some(name) = PARTS.iter().find_map(|kind| place.strip_prefix(kind)) else {
            continue;
        };
        let own = &after[..after.find("<section id=\"").unwrap_or(after.len())];
        let entry = member(place, own);
        // The second of a name has a number.
        let name = match name.rsplit_once('-') {
            Some((name, number)) if number.chars().all(|c| c.is_ascii_digit()) => name,
            _ => name,
        };
        let name = plain(name).to_owned();
        let says = |entry: &Option<Entry>| entry.as_ref().map(|it| it.sentence.clone());
        match entries.get(&name) {
            None => drop(entries.insert(name, entry)),
            Some(other) if says(other) == says(&entry) => {}
            Some(_) => drop(entries.insert(name, None)),
        }
    }
    entries
}

/// The entry of a type's part, from its place to the next one's.
fn member(place: &str, html: &str) -> Option<Entry> {
    let (_, html) = html.split_once("class=\"code-header\">")?;
    let end = html.find("</h4>").or_else(|| html.find("</h3>"))?;
    let (signature, after) = html.split_at(end);
    Some(Entry {
        place: place.to_owned(),
        signature: html::code(signature),
        sentence: sentence_in(after)?,
    })
}

/// The first sentence of the first documentation in a part of a page.
fn sentence_in(html: &str) -> Option<String> {
    let (_, html) = html.split_once("<div class=\"docblock")?;
    let prose = html::prose(between(html, "<p>", "</p>")?);
    let sentence = html::first_sentence(&prose);
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// A declaration without what is in its braces.
fn head(declaration: &str) -> String {
    let head = declaration.split('{').next().unwrap_or(declaration);
    head.trim_end().trim_end_matches(',').to_owned()
}

fn between<'a>(html: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, html) = html.split_once(from)?;
    Some(html.split_once(to)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_replaced() {
        assert_eq!(
            with_word("u8 au8 u8_ (u8, u8)u8u8", "u8", "X"),
            "X au8 u8_ (X, X)u8u8"
        );
    }

    #[test]
    fn a_path_is_written_with_what_its_names_need() {
        assert_eq!(raw("a::try::Match"), "a::r#try::Match");
        assert_eq!(raw("std::println!"), "std::println");
    }

    #[test]
    fn a_page_says_what_its_path_is() {
        for (page, kind, path) in [
            ("std/thread/fn.spawn.html", "fn", "std::thread::spawn"),
            ("std/macro.println.html", "macro", "std::println!"),
            ("std/sync/mpsc/index.html", "index", "std::sync::mpsc"),
            ("std/primitive.u32.html", "primitive", "u32"),
        ] {
            assert_eq!((kind_of(page), path_of(page).as_str()), (kind, path));
        }
    }

    #[test]
    fn parts_of_one_name_that_differ_are_not_told() {
        let part = |place: &str, says: &str| {
            format!(
                "<section id=\"{place}\"><h4 class=\"code-header\">fn f()</h4></section>\
                 <div class=\"docblock\"><p>{says}</p></div>"
            )
        };
        let html = format!(
            "<section id=\"main-content\">{}{}{}{}<h2 id=\"deref-methods\">{}\
             <h2 id=\"trait-implementations\">{}",
            part("method.new", "A bool."),
            part("method.new-1", "A number."),
            part("method.get", "Same."),
            part("method.get-1", "Same."),
            part("method.len", "Another’s."),
            part("method.clone", "A trait’s."),
        );
        let page = read("std/x/struct.X.html", &html);
        let says = |name: &str| page.get(name).cloned().flatten().map(|it| it.sentence);
        assert_eq!(page.get("new"), Some(&None));
        assert_eq!(says("get").as_deref(), Some("Same."));
        assert_eq!(page.get("len"), None);
        assert_eq!(page.get("clone"), None);
    }
}
