//! The names in a program, and on which lines they are.
//!
//! Macros may make anything of what they are given, and of what is in them; so may the
//! attributes of macros that derive something, of texts, too.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};

/// A file of a program.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    /// Its path, as a reader knows it.
    pub(crate) path: &'a str,
    /// All of it.
    pub(crate) text: &'a str,
}

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where it may name something of another's: behind a `.` and before what it is
    /// called with, behind a `::`, or in a `use`.
    Reaching,
    /// In a macro, or in what one is given.
    Macro,
    /// Anywhere else.
    Own,
}

/// A name, without `r#`.
struct Name<'a> {
    text: &'a str,
    place: Place,
    /// Counted from 1.
    line: usize,
}

struct Token<'a> {
    kind: TokenKind,
    text: &'a str,
    line: usize,
}

/// What brackets enclose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    Macro,
    Attribute,
}

/// Words behind which a `!` is no macro's.
const BEFORE_NOT: [&str; 7] = ["break", "else", "if", "in", "match", "return", "while"];

fn tokens(text: &str, first_line: usize) -> Vec<Token<'_>> {
    let (mut end, mut line) = (0, first_line);
    let mut all = Vec::new();
    for token in tokenize(text, FrontmatterAllowed::No) {
        let start = end;
        end += token.len as usize;
        let (text, at) = (&text[start..end], line);
        line += text.bytes().filter(|byte| *byte == b'\n').count();
        let is_nothing = matches!(
            token.kind,
            TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. }
        );
        if !is_nothing {
            all.push(Token {
                kind: token.kind,
                text,
                line: at,
            });
        }
    }
    all
}

/// All names in it that are none of comments and texts.
fn names(text: &str) -> Vec<Name<'_>> {
    let start = strip_shebang(text).unwrap_or(0);
    names_in(&tokens(&text[start..], 1))
}

fn names_in<'a>(tokens: &[Token<'a>]) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    let mut open: Vec<Within> = Vec::new();
    let mut is_use = false;
    for (index, token) in tokens.iter().enumerate() {
        let text_at = |back: usize| {
            let index = index.checked_sub(back)?;
            tokens.get(index).map(|token| token.text)
        };
        let is_name_at = |back: usize| {
            let token = index.checked_sub(back).and_then(|index| tokens.get(index));
            token.is_some_and(|token| is_name(token.kind))
        };
        let next = |ahead: usize| tokens.get(index + ahead).map(|token| token.text);
        let within = open.last().copied().unwrap_or(Within::Code);
        match token.text {
            "(" | "[" | "{" => {
                let negates = text_at(2).is_some_and(|word| BEFORE_NOT.contains(&word));
                let is_call = text_at(1) == Some("!") && is_name_at(2) && !negates
                    || is_name_at(1) && text_at(2) == Some("!") && is_name_at(3);
                let is_attribute =
                    text_at(1) == Some("#") || text_at(1) == Some("!") && text_at(2) == Some("#");
                open.push(match within {
                    Within::Code if is_attribute => Within::Attribute,
                    Within::Code if is_call => Within::Macro,
                    _ => within,
                });
            }
            ")" | "]" | "}" => {
                open.pop();
            }
            ";" => is_use = false,
            "use" if within == Within::Code => is_use = true,
            _ => {}
        }
        if is_name(token.kind) {
            let is_path = text_at(1) == Some(":") && text_at(2) == Some(":");
            let is_called = next(1) == Some("(") || next(1) == Some(":") && next(2) == Some(":");
            let is_method = text_at(1) == Some(".") && is_called;
            names.push(Name {
                text: token.text.trim_start_matches("r#"),
                line: token.line,
                place: match within {
                    Within::Macro | Within::Attribute => Place::Macro,
                    Within::Code if is_use || is_path || is_method => Place::Reaching,
                    Within::Code => Place::Own,
                },
            });
        } else if within == Within::Attribute
            && let Some(inner) = inner(token)
        {
            names.extend(names_in(&self::tokens(inner, token.line)));
        }
    }
    names
}

/// A name, also one that older editions don't take for the start of a text.
fn is_name(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Ident | TokenKind::RawIdent | TokenKind::UnknownPrefix | TokenKind::InvalidIdent
    )
}

/// What is between the quotes of a text.
fn inner<'a>(token: &Token<'a>) -> Option<&'a str> {
    let is_text = matches!(
        token.kind,
        TokenKind::Literal {
            kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. },
            ..
        }
    );
    is_text.then(|| {
        let text = token.text.trim_start_matches('r').trim_matches('#');
        text.trim_matches('"')
    })
}

/// Where a program first has a name that is so, and the name.
pub(super) fn first<'a>(
    program: &[File<'a>],
    is_so: impl Fn(&str, Place) -> bool,
) -> Option<(&'a str, String)> {
    program.iter().find_map(|file| {
        let mut names = names(file.text).into_iter();
        let name = names.find(|name| is_so(name.text, name.place))?;
        Some((name.text, format!("{}:{}", file.path, name.line)))
    })
}

#[cfg(test)]
mod tests {
    use super::{File, Place, first, names};

    #[test]
    fn names_are_told_from_texts() {
        let text = "#!\"\n// a\n/* a\na */ let b = \"a\na\";\nr#a + c";
        let program = [File {
            path: "one.rs",
            text,
        }];
        let at = |wanted: &str| first(&program, |name, _| name == wanted).map(|(_, at)| at);
        assert_eq!(at("a").as_deref(), Some("one.rs:6"));
        assert_eq!(at("b").as_deref(), Some("one.rs:4"));
        assert_eq!(at("c").as_deref(), Some("one.rs:6"));
        assert_eq!(at("d"), None);
    }

    #[test]
    fn what_may_be_anothers_is_told_from_ones_own() {
        let places = |text: &str| -> Vec<Place> {
            let named = names(text).into_iter().filter(|name| name.text == "a");
            named.map(|name| name.place).collect()
        };
        let reaching: &[&str] = &[
            "b.a()",
            "b.a::<C>()",
            "B::a",
            "::a",
            "use b::{c, a as d};",
            "b . a ()",
        ];
        let within: &[&str] = &[
            "m!(a)",
            "m! { b [a] }",
            "macro_rules! m { () => { a } }",
            "#[m(a)]",
            "#![m = \"b!{ a }\"]",
            "m!(b, a\"\")",
        ];
        let own: &[&str] = &[
            "fn a() {}",
            "let a: u8 = b;",
            "self.a + 1",
            "S { a: 1 }",
            "a(1)",
            "if !(a) {}",
            "use b; a",
            "#[error(\"a thing\")]",
        ];
        for (texts, place) in [
            (reaching, Place::Reaching),
            (within, Place::Macro),
            (own, Place::Own),
        ] {
            for text in texts {
                assert_eq!(places(text), [place], "{text}");
            }
        }
        assert_eq!(places("// a\n\"a\"; 'a'"), []);
    }
}
