//! The source of the standard library on this machine.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the source is.
#[derive(Clone, Debug)]
pub struct Source {
    folder: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As the component `rust-src` has it.
    Files,
    /// As the pages that the component `rust-docs` shows it on.
    Pages,
}

/// What is told where there is none.
pub const NONE: &str = "the source of std is not on this machine: it comes with \
    `rustup component add rust-src`, or with rust-docs, or is where RUST_SRC_PATH says";

impl Source {
    /// Looks where `RUST_SRC_PATH` says, then with the compiler, then where
    /// Debian has it: for that of this compiler, since another one's std has
    /// other items.
    pub fn find() -> Option<Source> {
        let sysroot = sysroot()?;
        let files = |folder: PathBuf| Source {
            folder,
            kind: Kind::Files,
        };
        let places = [
            env::var_os("RUST_SRC_PATH").map(|folder| files(folder.into())),
            Some(files(sysroot.join("lib/rustlib/src/rust/library"))),
            Some(Source {
                folder: documentation(&sysroot).join("src"),
                kind: Kind::Pages,
            }),
            Some(files("/usr/lib/rustlib/src/rust/library".into())),
        ];
        let mut places = places.into_iter().flatten();
        places.find(|place| place.read("core", "lib.rs").is_some() && may_be_own(&place.folder))
    }

    /// The text of a file in a crate's `src`.
    pub fn read(&self, krate: &str, file: &str) -> Option<String> {
        match self.kind {
            Kind::Files => fs::read_to_string(self.folder.join(krate).join("src").join(file)).ok(),
            Kind::Pages => {
                let page = self.folder.join(krate).join(format!("{file}.html"));
                text_of_page(&fs::read_to_string(page).ok()?)
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.kind {
            Kind::Files => "the source of std",
            Kind::Pages => "the source of std as its documentation shows it",
        })
    }
}

/// Whether the folder of a std's source names no other version than this
/// compiler's: Debian's is called `rustc-1.96.0`.
pub fn may_be_own(folder: &Path) -> bool {
    let folder = fs::canonicalize(folder).unwrap_or_default();
    let mut names = folder.iter().filter_map(|name| name.to_str());
    let named = names.find_map(|name| name.strip_prefix("rustc-"));
    named.is_none_or(|version| compiler_version().is_some_and(|own| own == version))
}

/// Where the compiler's own files are.
fn sysroot() -> Option<PathBuf> {
    let text = said_by_rustc(&["--print", "sysroot"])?;
    Some(PathBuf::from(text.trim_end()))
}

/// As in `1.96.0`.
fn compiler_version() -> Option<String> {
    let text = said_by_rustc(&["--version"])?;
    text.split(' ').nth(1).map(str::to_owned)
}

fn said_by_rustc(arguments: &[&str]) -> Option<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output();
    String::from_utf8(output.ok()?.stdout).ok()
}

fn documentation(sysroot: &Path) -> PathBuf {
    sysroot.join("share/doc/rust/html")
}

/// The page of documentation on an item of std, if that is on this machine.
pub fn documentation_of(page: &str) -> Option<String> {
    fs::read_to_string(documentation(&sysroot()?).join(page)).ok()
}

/// What a page that shows a file has in it, without colours and numbers.
fn text_of_page(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<pre class=\"rust\"><code>")?;
    let (code, _) = rest.split_once("</code></pre>")?;
    let mut text = String::new();
    let mut rest = code;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = tag.split_once('>')?;
        rest = after;
        // The numbers of lines are links that one doesn't copy.
        if tag.starts_with("a ") && tag.contains("data-nosnippet") {
            rest = rest.split_once("</a>")?.1;
        }
    }
    text.push_str(rest);
    Some(plain(&text))
}

/// Text without entities.
pub fn plain(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ];
    let text = entities
        .iter()
        .fold(text.to_owned(), |text, (entity, plain)| {
            text.replace(entity, plain)
        });
    text.replace("&amp;", "&")
}
