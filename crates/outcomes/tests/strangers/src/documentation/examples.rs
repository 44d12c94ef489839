//! Examples in documentation comments, made programs of as rustdoc makes them.

use super::comments::{self, Comment, GENERATED};
use super::sources::Library;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use std::collections::HashMap;
use std::fs;

/// An example.
#[derive(Clone, Debug)]
pub struct Example {
    /// Library, file, item, and which of the item's examples: "std
    /// sync/barrier.rs wait 1".
    pub name: String,
    /// The line in that file where its code begins.
    pub line: usize,
    /// Its edition.
    pub edition: String,
    /// What rustdoc is told of it.
    pub meant: Meant,
    /// The whole program.
    pub program: String,
    /// Why it is not looked at.
    pub skipped: Option<Skipped>,
}

/// What an example is meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// To return.
    Return,
    /// To panic.
    Panic,
    /// To compile, and not to be run.
    Compile,
    /// Not to compile.
    NotCompile,
}

/// Why an example is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// rustdoc ignores it.
    Ignored,
    /// It needs a nightly compiler.
    Nightly,
    /// A macro writes part of it.
    Generated,
    /// It doesn't compile against the originals here, either: the source is of
    /// another version than the compiler.
    OtherVersion,
}

impl Skipped {
    /// As words.
    pub fn because(self) -> &'static str {
        match self {
            Skipped::Ignored => "rustdoc ignores it",
            Skipped::Nightly => "it needs a nightly compiler",
            Skipped::Generated => "a macro writes part of it",
            Skipped::OtherVersion => "it doesn't compile against the originals either",
        }
    }
}

/// All examples of a library, in the order of its files.
///
/// # Errors
/// When a file can't be read.
pub fn of(library: &Library) -> Result<Vec<Example>, String> {
    let mut examples = Vec::new();
    for file in &library.files {
        let source = fs::read_to_string(file)
            .map_err(|error| format!("{} can't be read: {error}", file.display()))?;
        let path = file.strip_prefix(&library.folder).unwrap_or(file);
        let path = path.to_string_lossy().replace("src/", "");
        let path = path.strip_prefix("std/").unwrap_or(&path);
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for comment in comments::find(&source) {
            let number = numbers.entry(comment.item.clone()).or_default();
            for (line, info, code) in fences(&comment) {
                let Some((meant, skipped, edition)) = tags(&info) else {
                    continue;
                };
                *number += 1;
                examples.push(Example {
                    name: format!("{} {path} {} {number}", library.name, comment.item),
                    line,
                    edition: edition.unwrap_or_else(|| library.edition.clone()),
                    meant,
                    program: program(&code),
                    skipped: skipped.or_else(|| reason_to_skip(&code)),
                });
            }
        }
    }
    Ok(examples)
}

/// Code blocks: the number of the first line, what the fence says, the code.
fn fences(comment: &Comment) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(Option<usize>, String, String)> = None;
    for (event, range) in Parser::new(&comment.text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                open = Some((None, info, String::new()));
            }
            Event::Text(text) => {
                if let Some((line, _, code)) = &mut open {
                    let before = comment.text[..range.start].matches('\n').count();
                    line.get_or_insert(comment.line + before);
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                found.extend(
                    open.take()
                        .map(|(line, info, code)| (line.unwrap_or(comment.line), info, code)),
                );
            }
            _ => {}
        }
    }
    found
}

/// What a fence says. `None` if what it holds is not Rust.
fn tags(info: &str) -> Option<(Meant, Option<Skipped>, Option<String>)> {
    let (mut meant, mut skipped, mut edition) = (Meant::Return, None, None);
    let (mut is_rust, mut is_other) = (false, false);
    let tags = info.split([',', ' ', '\t']).map(str::trim);
    for tag in tags.filter(|tag| !tag.is_empty()) {
        match tag {
            "rust" => {}
            "should_panic" => meant = Meant::Panic,
            "no_run" => meant = Meant::Compile,
            "compile_fail" => meant = Meant::NotCompile,
            "test_harness" | "standalone_crate" => skipped = Some(Skipped::Ignored),
            tag if tag == "ignore" || tag.starts_with("ignore-") => {
                skipped = Some(Skipped::Ignored);
            }
            tag if tag.starts_with("edition") => edition = tag.get(7..).map(str::to_owned),
            tag if tag.starts_with('E') && tag[1..].parse::<u32>().is_ok() => {}
            _ => {
                is_other = true;
                continue;
            }
        }
        is_rust = true;
    }
    (is_rust || !is_other).then_some((meant, skipped, edition))
}

fn reason_to_skip(code: &str) -> Option<Skipped> {
    if code.contains(GENERATED) {
        Some(Skipped::Generated)
    } else if code.contains("#![feature(") {
        Some(Skipped::Nightly)
    } else {
        None
    }
}

/// The whole program that rustdoc makes of an example.
fn program(code: &str) -> String {
    let lines: Vec<&str> = code.lines().map(shown).collect();
    let is_attribute = |line: &&&str| line.trim_start().starts_with("#![");
    let attributes: Vec<&str> = lines.iter().filter(is_attribute).copied().collect();
    let rest: Vec<&str> = lines
        .iter()
        .filter(|line| !is_attribute(line))
        .copied()
        .collect();
    let rest = rest.join("\n");
    let mut program = attributes.join("\n") + "\n#![allow(unused)]\n";
    if has_main(&rest) {
        program.push_str(&rest);
    } else if rest.trim_end().ends_with("(())") {
        program.push_str("fn main() {\nfn inner() -> Result<(), impl core::fmt::Debug> {\n");
        program.push_str(&rest);
        program.push_str("\n}\ninner().unwrap()\n}");
    } else {
        program.push_str("fn main() {\n");
        program.push_str(&rest);
        program.push_str("\n}");
    }
    program.push('\n');
    program
}

/// A line that documentation hides is part of the code all the same.
fn shown(line: &str) -> &str {
    let start = line.trim_start();
    if start == "#" {
        ""
    } else if let Some(rest) = start.strip_prefix("# ") {
        rest
    } else if start.starts_with("##") {
        &start[1..]
    } else {
        line
    }
}

fn has_main(code: &str) -> bool {
    let is_main = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        (line.strip_prefix("fn main")).is_some_and(|rest| rest.trim_start().starts_with('('))
    };
    code.lines().any(is_main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_rustdocs() {
        assert_eq!(tags(""), Some((Meant::Return, None, None)));
        assert_eq!(tags("text"), None);
        assert_eq!(tags("rust,should_panic"), Some((Meant::Panic, None, None)));
        assert_eq!(
            tags("ignore-wasm"),
            Some((Meant::Return, Some(Skipped::Ignored), None))
        );
        assert_eq!(
            tags("edition2018,no_run"),
            Some((Meant::Compile, None, Some("2018".to_owned())))
        );
    }

    #[test]
    fn programs_are_rustdocs() {
        let code = "#![allow(dead_code)]\n# use std::thread;\n#\nlet a = 1;\n##[inline]\n";
        assert_eq!(
            program(code),
            "#![allow(dead_code)]\n#![allow(unused)]\nfn main() {\nuse std::thread;\n\nlet a = \
             1;\n#[inline]\n}\n"
        );
        assert!(program("fn main () {}\n").ends_with("\nfn main () {}\n"));
        assert!(program("f()?;\nOk::<(), ()>(())\n").contains("inner().unwrap()"));
    }

    #[test]
    fn examples_know_their_lines() {
        let comment = Comment {
            item: String::new(),
            line: 10,
            text: "Text.\n\n```text\nno\n```\n\n- one\n\n  ```\n  let a = 1;\n  ```\n".to_owned(),
        };
        let found = fences(&comment);
        assert_eq!(found[0], (13, "text".to_owned(), "no\n".to_owned()));
        assert_eq!(found[1], (19, String::new(), "let a = 1;\n".to_owned()));
    }
}
