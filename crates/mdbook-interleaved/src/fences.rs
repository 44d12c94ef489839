//! Fences of Rust, read as rustdoc reads them.
//!
//! <https://doc.rust-lang.org/rustdoc/write-documentation/documentation-tests.html>

use crate::{directives, notebook};

/// What a fence holds, and what its words say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The code, hidden lines and all.
    pub(crate) source: String,
    info: String,
    words: Vec<String>,
}

impl Fence {
    fn read(info: &str, text: &str) -> Fence {
        let words = info.split([',', ' ', '\t']).filter(|word| !word.is_empty());
        Fence {
            source: with_hidden_lines(text),
            info: info.to_owned(),
            words: words.map(str::to_owned).collect(),
        }
    }

    fn says(&self, word: &str) -> bool {
        self.words.iter().any(|it| it == word)
    }

    /// What stands behind the backticks.
    pub(crate) fn info(&self) -> &str {
        &self.info
    }

    /// Whether it is only shown.
    pub(crate) fn is_ignored(&self) -> bool {
        let mut words = self.words.iter();
        words.any(|word| word == "ignore" || word.starts_with("ignore-"))
    }

    /// Whether its page offers nothing for it.
    pub(crate) fn is_only_shown(&self) -> bool {
        self.says("noplayground") || self.says(notebook::SESSION)
    }

    /// Whether it is compiled, but doesn't run.
    pub(crate) fn is_not_run(&self) -> bool {
        self.says("no_run")
    }

    /// Whether it is a test harness, of which nothing is put into a `main`.
    pub(crate) fn is_harness(&self) -> bool {
        self.says("test_harness")
    }

    /// Whether it must fail when it runs.
    pub(crate) fn should_panic(&self) -> bool {
        self.says("should_panic")
    }

    /// The codes of the errors that it must have, if it must not compile: these, or
    /// any if there are none.
    pub(crate) fn errors(&self) -> Option<Vec<&str>> {
        let words = self.words.iter().map(String::as_str);
        let codes = words.filter(|word| is_error_code(word));
        self.says("compile_fail").then(|| codes.collect())
    }

    /// Its edition, if it names one.
    pub(crate) fn edition(&self) -> Option<&str> {
        let mut words = self.words.iter();
        words.find_map(|word| word.strip_prefix("edition"))
    }
}

/// Every fence of Rust in a chapter, with the line on which it begins.
pub(crate) fn of(chapter: &str) -> Vec<(usize, Fence)> {
    blocks_where(chapter, is_rust)
}

/// Every block of code in a chapter that rustdoc tests, with the line on which it
/// begins.
pub(crate) fn tested(chapter: &str) -> Vec<(usize, Fence)> {
    blocks_where(chapter, is_tested)
}

fn blocks_where(chapter: &str, is_wanted: fn(&str) -> bool) -> Vec<(usize, Fence)> {
    let blocks = directives::blocks_in(chapter).into_iter();
    blocks
        .filter(|block| is_wanted(&block.info))
        .map(|block| {
            let line = directives::line_number(chapter, block.range.start);
            (line, Fence::read(&block.info, &block.text))
        })
        .collect()
}

/// Whether mdBook takes it for Rust: by the first word, which is the language.
pub(crate) fn is_rust(info: &str) -> bool {
    info.split([',', ' ', '\t']).next() == Some("rust")
}

/// Whether rustdoc takes it for Rust: what says nothing else, so what says nothing,
/// too. As in `LangString::parse` of `rustdoc/html/markdown.rs`.
fn is_tested(info: &str) -> bool {
    let (mut is_rust, mut is_other) = (false, false);
    for word in info.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match word {
            "rust" => is_rust = true,
            "should_panic" | "no_run" | "ignore" => is_rust = !is_other,
            _ if word.starts_with("ignore-") => is_rust = !is_other,
            "compile_fail" | "test_harness" | "standalone_crate" => is_rust |= !is_other,
            _ if is_error_code(word) => is_rust |= !is_other,
            _ if word.starts_with("edition") => {}
            "custom" => return false,
            _ => is_other = true,
        }
    }
    is_rust || !is_other
}

fn is_error_code(word: &str) -> bool {
    let number = word.strip_prefix('E');
    number.is_some_and(|it| it.len() == 4 && it.bytes().all(|it| it.is_ascii_digit()))
}

/// The code with the lines that `#` hides, without the mark.
fn with_hidden_lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        match code.strip_prefix('#') {
            Some("") => indent.to_owned(),
            Some(rest) if rest.starts_with(' ') => format!("{indent}{}", &rest[1..]),
            Some(rest) if rest.starts_with('#') => format!("{indent}{rest}"),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_are_code() {
        let text = "# use std::fmt;\n#\n    # let x = 1;\n#[derive(Debug)]\n## raw\n#![a]\n";
        let source = "use std::fmt;\n\n    let x = 1;\n#[derive(Debug)]\n# raw\n#![a]\n";
        assert_eq!(with_hidden_lines(text), source);
    }

    #[test]
    fn words_say_what_must_become_of_it() {
        let fence = |info: &str| Fence::read(info, "");
        assert_eq!(
            fence("rust,compile_fail,E0382").errors(),
            Some(vec!["E0382"])
        );
        assert_eq!(fence("rust compile_fail").errors(), Some(Vec::new()));
        assert_eq!(fence("rust,E0382").errors(), None);
        assert_eq!(fence("rust,edition2018").edition(), Some("2018"));
        assert!(fence("rust, ignore-wasm").is_ignored());
        assert!(!fence("rust,noplayground").is_ignored());
    }

    #[test]
    fn only_rust_is_taken() {
        let chapter = "```rust\nlet a;\n```\n\n```toml\n```\n\n```text,rust\n```\n\n- ```rust,no_run\n  b();\n  ```\n";
        let fences = of(chapter);
        let sources: Vec<_> = fences
            .iter()
            .map(|(at, it)| (*at, it.source.as_str()))
            .collect();
        assert_eq!(sources, [(1, "let a;\n"), (11, "b();\n")]);
    }
}
