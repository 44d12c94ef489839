//! The tokens of a program, as far as it takes to tell its code from its comments and
//! strings, and what is in brackets from what is beside them.

use ra_ap_rustc_lexer::{FrontmatterAllowed, tokenize};
use std::ops::Range;

/// What a part of a program consists of, from left to right: a token, or brackets with
/// all between them. Comments aren't among it.
pub(super) fn trees(source: &str, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut position = within.start;
    std::iter::from_fn(move || {
        let mut depth = 0_usize;
        let mut start = None;
        while position < within.end {
            let here = position;
            position += token(&source[here..within.end]);
            match &source[here..position] {
                it if it.starts_with("//") || it.starts_with("/*") || it.trim().is_empty() => {
                    continue;
                }
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let start = *start.get_or_insert(here);
            if depth == 0 {
                return Some(start..position);
            }
        }
        start.map(|start| start..position)
    })
}

/// The parts of it between commas, without those that are empty.
pub(super) fn between_commas(source: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut part: Option<Range<usize>> = None;
    // Within `::<A, B>`.
    let mut angles = 0_usize;
    let mut before = "";
    for tree in trees(source, within) {
        let text = &source[tree.clone()];
        match text {
            "<" if angles > 0 || before == ":" => angles += 1,
            ">" if before != "-" && before != "=" => angles = angles.saturating_sub(1),
            _ => {}
        }
        before = text;
        if text == "," && angles == 0 {
            parts.extend(part.take());
            continue;
        }
        part = Some(part.map_or(tree.start, |part| part.start)..tree.end);
    }
    parts.extend(part);
    parts
}

/// What is within the brackets of a tree; `None` if it is something else.
pub(super) fn within_brackets(source: &str, tree: &Range<usize>) -> Option<Range<usize>> {
    let text = &source[tree.clone()];
    let is_whole = text.starts_with(['(', '[', '{']) && text.ends_with([')', ']', '}']);
    (is_whole && text.len() > 1).then(|| tree.start + 1..tree.end - 1)
}

/// Whether a program gives something this name: `use … as name`.
pub(super) fn renames(source: &str, name: &str) -> bool {
    let mut before = "";
    code_tokens(source).any(|token| {
        let is_it = before == "as" && plain(token) == name;
        before = token;
        is_it
    })
}

/// A name without the mark of those that are keywords elsewhere.
pub(super) fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// The tokens of a program's code.
fn code_tokens(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (token, after) = rest.split_at(token(rest));
            rest = after;
            if !token.trim().is_empty() && !token.starts_with("//") && !token.starts_with("/*") {
                return Some(token);
            }
        }
        None
    })
}

/// The line from 1, and the column in UTF-16 units, of a place in a text.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let column = before.rsplit('\n').next().unwrap_or_default();
    (
        before.matches('\n').count() + 1,
        column.encode_utf16().count(),
    )
}

/// The length of the first token, as rustc reads it.
pub(super) fn token(text: &str) -> usize {
    let first = tokenize(text, FrontmatterAllowed::No).next();
    first.map_or(0, |token| token.len as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_one_token() {
        for text in [
            "r#\"a\" )\"#",
            "\"a \\\" )\"",
            "b\"(\"",
            "/* ( /* */ ) */",
            "'\\''",
            "'('",
        ] {
            assert_eq!(token(&format!("{text} x)")), text.len(), "{text}");
        }
        assert_eq!(token("'a (x)"), 2, "a lifetime");
        assert_eq!(token("r#type x"), 6, "a name");
    }

    #[test]
    fn brackets_are_one_tree_and_comments_none() {
        let source = "f /* ( */ (a, (b)) // )\n  {";
        let trees: Vec<_> = trees(source, 0..source.len())
            .map(|it| &source[it])
            .collect();
        assert_eq!(trees, ["f", "(a, (b))", "{"]);
    }

    #[test]
    fn commas_in_types_part_nothing() {
        let source = "x::<A, B<C, D>>(), |a| a => b, , c";
        let parts = between_commas(source, 0..source.len());
        let parts: Vec<_> = parts.into_iter().map(|it| &source[it]).collect();
        assert_eq!(parts, ["x::<A, B<C, D>>()", "|a| a => b", "c"]);
    }

    #[test]
    fn names_are_given_by_as() {
        let source = "use a::B as r#type; // use a::B as D\nlet x = y as u8;";
        assert!(renames(source, "type") && !renames(source, "D") && !renames(source, "B"));
    }
}
