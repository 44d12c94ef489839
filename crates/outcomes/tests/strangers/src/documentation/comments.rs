//! Documentation comments in a source text, found line by line.

/// A comment, without the slashes.
#[derive(Debug, PartialEq)]
pub struct Comment {
    /// What it documents: an item's name, or "the module".
    pub item: String,
    /// The number of its first line, from 1.
    pub line: usize,
    /// Its text, with a line for each of the source's.
    pub text: String,
}

/// Stands for what a macro puts into a comment.
pub const GENERATED: &str = "\u{1a}";

/// Words before an item's name.
const ITEMS: [&str; 12] = [
    "const",
    "enum",
    "fn",
    "impl",
    "macro",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "union",
];

/// Words that may stand between those and the name, as in `const fn`.
const BETWEEN: [&str; 4] = ["fn", "unsafe", "const", "mut"];

/// How far below a comment its item is looked for: attributes may be long.
const FAR: usize = 40;

/// All documentation comments, in their order.
pub fn find(source: &str) -> Vec<Comment> {
    let lines: Vec<&str> = source.lines().collect();
    let mut comments = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some((_, is_inner)) = comment_line(lines[at]) else {
            at += 1;
            continue;
        };
        let first = at;
        let mut texts = Vec::new();
        while let Some((text, _)) = lines
            .get(at)
            .and_then(|line| comment_line(line))
            .filter(|(_, inner)| *inner == is_inner)
        {
            texts.push(text);
            at += 1;
        }
        let item = match is_inner {
            true => "the module".to_owned(),
            false => item(&lines[at..]).unwrap_or_else(|| "something".to_owned()),
        };
        comments.push(Comment {
            item,
            line: first + 1,
            text: without_indent(&texts).join("\n"),
        });
    }
    comments
}

/// The line's text, if it is part of a documentation comment, and whether that
/// is about what is around it.
fn comment_line(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start();
    if let Some(text) = line.strip_prefix("//!") {
        return Some((text, true));
    }
    if let Some(text) = line.strip_prefix("///") {
        return (!text.starts_with('/')).then_some((text, false));
    }
    if line.starts_with("#[doc = ") {
        return Some((GENERATED, false));
    }
    line.starts_with("#![doc = ").then_some((GENERATED, true))
}

/// Takes off the spaces that all lines begin with.
fn without_indent<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indents = lines
        .iter()
        .filter(|line| !line.trim().is_empty() && **line != GENERATED)
        .map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    lines
        .iter()
        .map(|line| match *line {
            GENERATED => line,
            line => line.get(indent..).unwrap_or(""),
        })
        .collect()
}

/// The name of the first item in these lines.
fn item(lines: &[&str]) -> Option<String> {
    lines.iter().take(FAR).find_map(|line| {
        let line = line.trim_start();
        if line.starts_with('#') || line.starts_with("//") {
            return None;
        }
        let mut words = line
            .split(|char: char| !char.is_alphanumeric() && char != '_')
            .filter(|word| !word.is_empty())
            .skip_while(|word| !ITEMS.contains(word));
        words.next()?;
        let name = words.find(|word| !BETWEEN.contains(word))?;
        Some(name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_their_items() {
        let source = "//! About all.\n\n/// One.\n///\n///     two\n#[must_use]\npub const fn \
                      first() {}\n    /// Three.\n    #[doc = concat!(\"x\")]\n    pub struct S;\n\
                      // no\n//// no\n";
        let found = find(source);
        let expected = [
            ("the module", 1, "About all."),
            ("first", 3, "One.\n\n    two"),
            ("S", 8, "Three.\n\u{1a}"),
        ];
        let expected = expected.map(|(item, line, text)| Comment {
            item: item.to_owned(),
            line,
            text: text.to_owned(),
        });
        assert_eq!(found, expected);
    }
}
