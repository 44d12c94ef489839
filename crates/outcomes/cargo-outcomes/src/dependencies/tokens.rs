//! The names in a program, and on which lines they are.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

/// A file of a program.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    /// Its path, as a reader knows it.
    pub(crate) path: &'a str,
    /// All of it.
    pub(crate) text: &'a str,
}

impl<'a> File<'a> {
    /// Each name in it, without `r#`, and its line, counted from 1. What stands in
    /// comments and texts is none.
    fn names(self) -> impl Iterator<Item = (&'a str, usize)> {
        let (mut end, mut line) = (0, 1);
        let tokens = tokenize(self.text, FrontmatterAllowed::No);
        tokens.filter_map(move |token| {
            let start = end;
            end += token.len as usize;
            let (text, at) = (&self.text[start..end], line);
            line += text.bytes().filter(|byte| *byte == b'\n').count();
            match token.kind {
                TokenKind::Ident => Some((text, at)),
                TokenKind::RawIdent => Some((text.trim_start_matches("r#"), at)),
                _ => None,
            }
        })
    }
}

/// Where a program first has a name that is so, and the name.
pub(super) fn first<'a>(
    program: &[File<'a>],
    is_so: impl Fn(&str) -> bool,
) -> Option<(&'a str, String)> {
    program.iter().find_map(|file| {
        let (name, line) = file.names().find(|(name, _)| is_so(name))?;
        Some((name, format!("{}:{line}", file.path)))
    })
}

#[cfg(test)]
mod tests {
    use super::{File, first};

    #[test]
    fn names_are_told_from_texts() {
        let text = "// a\n/* a\na */ let b = \"a\na\";\nr#a + c";
        let program = [File {
            path: "one.rs",
            text,
        }];
        let at = |wanted: &str| first(&program, |name| name == wanted).map(|(_, at)| at);
        assert_eq!(at("a").as_deref(), Some("one.rs:5"));
        assert_eq!(at("b").as_deref(), Some("one.rs:3"));
        assert_eq!(at("c").as_deref(), Some("one.rs:5"));
        assert_eq!(at("d"), None);
    }
}
