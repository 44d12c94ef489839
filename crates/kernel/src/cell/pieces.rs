//! The pieces that a cell consists of at its top level: what it defines, and
//! what it does.
//!
//! Only tokens are looked at. What is no Rust comes out as a statement, so that
//! the compiler gets to see it.

use super::{Token, closes, opens, tokens};
use ra_ap_rustc_lexer::{LiteralKind, TokenKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// A piece of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    /// Its bytes, from the end of the piece before, so that the comments above
    /// it belong to it.
    pub(crate) at: Range<usize>,
    /// Where its first token begins.
    pub(crate) begins: usize,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// `#![feature(…)]`
    Attribute,
    /// Everything that is called by a name. A trait is also called by the names
    /// of its functions: whoever calls those needs it.
    Item {
        name: String,
        functions: Vec<String>,
    },
    /// `use`: each name that it brings, as a `use` of its own. A name of `*` or
    /// `_` is none.
    Use(Vec<(String, String)>),
    /// `extern crate`.
    ExternCrate { package: String, name: String },
    /// `impl`, with the names in its head: of the type, and of the trait.
    Impl {
        of: Vec<String>,
        for_what: Vec<String>,
    },
    /// `foreign! { … }`: nobody knows what it defines.
    MacroCall { name: String },
    /// `main();`
    CallOfMain,
    /// Anything else.
    Statement,
}

/// The macros of std that do something, and define nothing.
const STATEMENTS: [&str; 22] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "format",
    "include_str",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Cuts a cell into its pieces. What stands after the last is blank.
pub(crate) fn pieces(source: &str) -> Vec<Piece> {
    let tokens = tokens(source);
    let mut reader = Reader {
        source,
        tokens: &tokens,
        next: 0,
    };
    let mut pieces = Vec::new();
    let mut end = 0;
    while let Some(first) = tokens.get(reader.next) {
        let begins = first.at.start;
        let before = reader.next;
        let kind = reader.piece();
        // Something is read, and nothing that isn't there.
        reader.next = reader.next.clamp(before + 1, tokens.len());
        let until = tokens[reader.next - 1].at.end;
        pieces.push(Piece {
            kind,
            at: end..until,
            begins,
        });
        end = until;
    }
    pieces
}

/// The names that a text mentions, those in format strings included.
pub(crate) fn mentioned(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for token in tokens(source) {
        let text = &source[token.at.clone()];
        match token.kind {
            TokenKind::Ident => {
                names.insert(text.to_owned());
            }
            TokenKind::RawIdent => {
                names.insert(text.trim_start_matches("r#").to_owned());
            }
            TokenKind::Literal {
                kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. },
                ..
            } => names.extend(in_braces(text)),
            _ => {}
        }
    }
    names
}

/// `name` in `"{name:?}"`.
fn in_braces(text: &str) -> impl Iterator<Item = String> {
    text.split('{').skip(1).filter_map(|rest| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let starts_well = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
        starts_well.then(|| rest[..end].to_owned())
    })
}

struct Reader<'a> {
    source: &'a str,
    tokens: &'a [Token],
    next: usize,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens
            .get(at)
            .map_or("", |token| &self.source[token.at.clone()])
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// Reads a piece, and goes on behind it.
    fn piece(&mut self) -> Kind {
        if self.text(self.next) == "#" && self.text(self.next + 1) == "!" {
            self.next += 2;
            self.skip_group();
            return Kind::Attribute;
        }
        let start = self.next;
        while self.text(self.next) == "#" && self.text(self.next + 1) == "[" {
            self.next += 1;
            self.skip_group();
        }
        if self.text(self.next) == "pub" {
            self.next += 1;
            if self.text(self.next) == "(" {
                self.skip_group();
            }
        }
        if let Some(kind) = self.item() {
            return kind;
        }
        self.next = start;
        self.statement()
    }

    fn item(&mut self) -> Option<Kind> {
        let mut at = self.next;
        // `const`, `unsafe`, `async` and `extern "C"` may stand before `fn`.
        while ["const", "async", "unsafe", "safe", "extern"].contains(&self.text(at))
            || matches!(self.kind(at), Some(TokenKind::Literal { .. }))
        {
            at += 1;
        }
        let word = self.text(at).to_owned();
        let qualified = at > self.next;
        let name = self.text(at + 1).to_owned();
        match word.as_str() {
            "fn" => {
                self.skip_to_end(true);
                Some(item(&name))
            }
            "struct" | "enum" | "mod" | "trait" if !self.is_name(at + 1) => None,
            "struct" | "enum" | "mod" => {
                self.skip_to_end(true);
                Some(item(&name))
            }
            "union" if self.is_name(at + 1) => {
                self.skip_to_end(true);
                Some(item(&name))
            }
            "trait" => {
                self.skip_to_end(true);
                let words = at..self.next;
                let functions = words.filter(|at| self.text(*at) == "fn");
                Some(Kind::Item {
                    name,
                    functions: functions.map(|at| self.text(at + 1).to_owned()).collect(),
                })
            }
            "impl" => {
                self.skip_to_end(true);
                Some(self.impl_of(at))
            }
            "type" | "static" => {
                self.skip_to_end(false);
                let name = if name == "mut" {
                    self.text(at + 2)
                } else {
                    &name
                };
                Some(item(name))
            }
            "use" if !qualified => {
                self.skip_to_end(false);
                let mut names = Vec::new();
                let mut tree = UseTree {
                    reader: self,
                    at: at + 1,
                    depth: 0,
                };
                tree.read("", &mut names);
                Some(Kind::Use(names))
            }
            "macro_rules" if self.text(at + 1) == "!" => {
                let name = self.text(at + 2).to_owned();
                self.next = at + 3;
                self.skip_macro_arguments();
                Some(item(&name))
            }
            "crate" if at > 0 && self.text(at - 1) == "extern" => {
                self.skip_to_end(false);
                let name = match self.text(at + 2) {
                    "as" => self.text(at + 3).to_owned(),
                    _ => name.clone(),
                };
                Some(Kind::ExternCrate {
                    package: self.text(at + 1).to_owned(),
                    name,
                })
            }
            "{" if (self.next..at).any(|at| self.text(at) == "extern") => {
                self.skip_to_end(true);
                let functions = (at..self.next).filter(|at| self.text(*at) == "fn");
                let functions: Vec<_> = functions.map(|at| self.text(at + 1).to_owned()).collect();
                Some(Kind::Item {
                    name: functions.first().cloned().unwrap_or_default(),
                    functions,
                })
            }
            _ if qualified && self.text(self.next) == "const" && word != "{" => {
                let name = word;
                self.skip_to_end(false);
                Some(item(&name))
            }
            _ => None,
        }
    }

    fn is_name(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(TokenKind::Ident | TokenKind::RawIdent))
    }

    /// What an `impl` at a token, which is read already, is for.
    fn impl_of(&self, at: usize) -> Kind {
        let depth = self.tokens[at].depth;
        let head: Vec<usize> = (at + 1..self.next)
            .take_while(|at| !(self.text(*at) == "{" && self.tokens[*at].depth == depth))
            .take_while(|at| self.text(*at) != "where")
            .collect();
        let is_for = |at: &usize| self.text(*at) == "for" && self.text(*at + 1) != "<";
        let split = head.iter().position(is_for);
        let names = |part: &[usize]| {
            let names = part.iter().filter(|at| self.is_name(**at));
            names.map(|at| self.text(*at).to_owned()).collect()
        };
        match split {
            Some(split) => Kind::Impl {
                of: names(&head[..split]),
                for_what: names(&head[split + 1..]),
            },
            None => Kind::Impl {
                of: Vec::new(),
                for_what: names(&head),
            },
        }
    }

    fn statement(&mut self) -> Kind {
        let first = self.next;
        if self.text(first) == "main" && self.text(first + 1) == "(" && self.text(first + 2) == ")"
        {
            let after = self.text(first + 3);
            if after == ";" || after.is_empty() {
                self.next = (first + 4).min(self.tokens.len());
                return Kind::CallOfMain;
            }
        }
        if let Some(name) = self.macro_call() {
            return Kind::MacroCall { name };
        }
        let is_block = |word: &str| {
            let words = [
                "if", "for", "while", "loop", "match", "unsafe", "{", "async",
            ];
            words.contains(&word)
        };
        let ends_with_block = is_block(self.text(first))
            || matches!(self.kind(first), Some(TokenKind::Lifetime { .. }));
        let depth = self.tokens[first].depth;
        while self.next < self.tokens.len() {
            let at = self.next;
            self.next += 1;
            if self.tokens[at].depth > depth {
                continue;
            }
            if self.tokens[at].kind == TokenKind::Semi {
                break;
            }
            let goes_on = ["else", ".", "?", "as", ";"].contains(&self.text(self.next));
            if ends_with_block && self.tokens[at].kind == TokenKind::CloseBrace && !goes_on {
                break;
            }
        }
        Kind::Statement
    }

    /// Reads `path::name! { … }` or `path::name!(…);`, unless that is known to
    /// define nothing. Returns the name.
    fn macro_call(&mut self) -> Option<String> {
        let mut at = self.next;
        while self.is_name(at) && self.text(at + 1) == ":" && self.text(at + 2) == ":" {
            at += 3;
        }
        let is_call =
            self.is_name(at) && self.text(at + 1) == "!" && self.kind(at + 2).is_some_and(opens);
        let name = self.text(at).to_owned();
        if !is_call || STATEMENTS.contains(&name.as_str()) {
            return None;
        }
        let before = self.next;
        self.next = at + 2;
        let has_braces = self.text(self.next) == "{";
        self.skip_group();
        let is_whole = match self.text(self.next) {
            ";" => {
                self.next += 1;
                true
            }
            after => has_braces && ![".", "?"].contains(&after),
        };
        if !is_whole {
            self.next = before;
        }
        is_whole.then_some(name)
    }

    fn skip_macro_arguments(&mut self) {
        let has_braces = self.text(self.next) == "{";
        self.skip_group();
        if !has_braces && self.text(self.next) == ";" {
            self.next += 1;
        }
    }

    /// Skips what is in parentheses, brackets or braces, which open here.
    fn skip_group(&mut self) {
        let Some(open) = self.tokens.get(self.next).filter(|token| opens(token.kind)) else {
            return;
        };
        let depth = open.depth;
        self.next += 1;
        while let Some(token) = self.tokens.get(self.next) {
            self.next += 1;
            if closes(token.kind).is_some() && token.depth == depth {
                return;
            }
        }
    }

    /// Skips to the end of an item: behind its `;`, or else, where it may end
    /// so, behind its braces.
    fn skip_to_end(&mut self, with_braces: bool) {
        let Some(depth) = self.tokens.get(self.next).map(|token| token.depth) else {
            return;
        };
        while let Some(token) = self.tokens.get(self.next) {
            self.next += 1;
            if token.depth > depth {
                continue;
            }
            // `Array<{ N }>` goes on.
            let goes_on = [">", ",", ")"].contains(&self.text(self.next));
            let is_end = token.kind == TokenKind::Semi
                || with_braces && token.kind == TokenKind::CloseBrace && !goes_on;
            if is_end {
                return;
            }
        }
    }
}

fn item(name: &str) -> Kind {
    Kind::Item {
        name: name.trim_start_matches("r#").to_owned(),
        functions: Vec::new(),
    }
}

struct UseTree<'a> {
    reader: &'a Reader<'a>,
    at: usize,
    /// How many braces are open around it.
    depth: usize,
}

/// How many braces a `use` may have within each other. rustc takes more, nobody needs
/// them, and reading one takes stack.
const MOST_BRACES: usize = 64;

impl UseTree<'_> {
    /// Reads a tree whose path begins so, up to what ends it.
    fn read(&mut self, prefix: &str, names: &mut Vec<(String, String)>) {
        let mut path = prefix.to_owned();
        let mut last = String::new();
        loop {
            match self.reader.text(self.at) {
                ":" => path.push(':'),
                "{" => {
                    self.at += 1;
                    self.depth += 1;
                    // What is not closed ends where the `use` does.
                    while !["}", ";", ""].contains(&self.reader.text(self.at)) {
                        if self.depth > MOST_BRACES {
                            self.at += 1;
                            continue;
                        }
                        self.read(&path, names);
                        if self.reader.text(self.at) == "," {
                            self.at += 1;
                        }
                    }
                    self.depth -= 1;
                    if self.reader.text(self.at) == "}" {
                        self.at += 1;
                    }
                    return;
                }
                "as" => {
                    let name = self.reader.text(self.at + 1).to_owned();
                    self.at += 2;
                    names.push((name.clone(), format!("{path} as {name}")));
                    return;
                }
                "," | "}" | ";" | "" => break,
                word => {
                    path.push_str(word);
                    last = word.to_owned();
                }
            }
            self.at += 1;
        }
        if last == "self" {
            let whole = path.trim_end_matches("::self");
            let name = whole.rsplit(':').next().unwrap_or_default();
            names.push((name.to_owned(), whole.to_owned()));
        } else if !last.is_empty() {
            names.push((last, path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the pieces of a cell are, and their text.
    fn cut(source: &str) -> Vec<(Kind, &str)> {
        let pieces = pieces(source).into_iter();
        pieces
            .map(|piece| (piece.kind, source[piece.at].trim()))
            .collect()
    }

    fn kinds(source: &str) -> Vec<Kind> {
        cut(source).into_iter().map(|(kind, _)| kind).collect()
    }

    fn names(source: &str) -> Vec<String> {
        let name = |kind| match kind {
            Kind::Item { name, .. } => name,
            other => panic!("{source}: {other:?}"),
        };
        kinds(source).into_iter().map(name).collect()
    }

    #[test]
    fn items_have_names() {
        let source = "/// A doc.\n#[derive(Debug)]\npub struct A { x: [u8; { 3 }] }\n\
            struct B(u8);\nstruct C;\npub(crate) enum D { E { x: u8 }, F }\n\
            const G: [u8; 2] = { [1, 2] };\nstatic mut H: u8 = 1;\ntype I = u8;\n\
            const fn j() -> u8 { 1 }\nunsafe extern \"C\" fn k() {}\nasync fn l() {}\n\
            macro_rules! m { () => { fn no() {} } }\nmacro_rules! n ( () => (1) );\n\
            mod o { fn no() {} }\nunion P { a: u8 }\nfn q() -> Array<{ 3 }> where u8: Copy { r() }\n\
            unsafe trait S {}";
        let expected = [
            "A", "B", "C", "D", "G", "H", "I", "j", "k", "l", "m", "n", "o", "P", "q", "S",
        ];
        assert_eq!(names(source), expected);
        assert!(cut(source)[0].1.starts_with("/// A doc."));
    }

    #[test]
    fn a_trait_is_called_by_its_functions() {
        assert_eq!(
            kinds("trait T: Copy { fn a(&self); fn b() { fn c() {} } }"),
            [Kind::Item {
                name: "T".into(),
                functions: vec!["a".into(), "b".into(), "c".into()]
            }]
        );
    }

    #[test]
    fn a_use_that_is_not_closed_ends() {
        let found = kinds("use a::{b, c::{d; e();");
        let expected = [("b", "a::b"), ("d", "a::c::d")];
        let expected = expected.map(|(name, path)| (name.to_owned(), path.to_owned()));
        assert_eq!(found, [Kind::Use(expected.to_vec())]);
        for source in ["use a::{", "use {;", "use a::{b; c", "use a::{b as ; c"] {
            assert!(!pieces(source).is_empty(), "{source}");
        }
        // As deep as a cell can be.
        for open in ["{", "a::{", "(", "[", "<"] {
            pieces(&format!("use {}", open.repeat(250_000)));
            pieces(&open.repeat(250_000));
        }
    }

    #[test]
    fn a_use_is_one_for_each_name() {
        let found = kinds("pub use std::{fmt::{self, Write as _, Debug as D}, io::*, sync::Arc};");
        let expected = [
            ("fmt", "std::fmt"),
            ("_", "std::fmt::Write as _"),
            ("D", "std::fmt::Debug as D"),
            ("*", "std::io::*"),
            ("Arc", "std::sync::Arc"),
        ];
        let expected = expected.map(|(name, path)| (name.to_owned(), path.to_owned()));
        assert_eq!(found, [Kind::Use(expected.into())]);
    }

    #[test]
    fn an_impl_is_of_something_for_something() {
        let found =
            kinds("impl<T> fmt::Display for Pair<T> where T: Copy { fn x() {} }\nimpl Pair<u8> {}");
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            found,
            [
                Kind::Impl {
                    of: names(&["T", "fmt", "Display"]),
                    for_what: names(&["Pair", "T"])
                },
                Kind::Impl {
                    of: Vec::new(),
                    for_what: names(&["Pair", "u8"])
                },
            ]
        );
    }

    #[test]
    fn statements_and_items_are_told_apart() {
        let source = "#![allow(unused)]\nlet x = if a { 1 } else { 2 };\nfor y in z { f(); }\n\
            fn f() {}\nprintln!(\"{x}\");\nthread_local! { static L: u8 = 1 }\n\
            if a { b } else { c }\nextern crate rand;\nmain();\nunsafe { g() }\nx + 1";
        let expected = [
            Kind::Attribute,
            Kind::Statement,
            Kind::Statement,
            item("f"),
            Kind::Statement,
            Kind::MacroCall {
                name: "thread_local".into(),
            },
            Kind::Statement,
            Kind::ExternCrate {
                package: "rand".into(),
                name: "rand".into(),
            },
            Kind::CallOfMain,
            Kind::Statement,
            Kind::Statement,
        ];
        assert_eq!(kinds(source), expected);
        assert_eq!(kinds("main().unwrap();"), [Kind::Statement]);
        assert_eq!(kinds("crate::begin();"), [Kind::Statement]);
        assert_eq!(kinds("let y = main();"), [Kind::Statement]);
        assert_eq!(kinds("main()"), [Kind::CallOfMain]);
    }

    #[test]
    fn what_is_no_rust_is_a_statement() {
        for source in [
            "fn",
            "struct",
            "use",
            "} {",
            "#[",
            "impl",
            "pub",
            "const",
            "x!(",
            "macro_rules!",
        ] {
            let pieces = pieces(source);
            assert_eq!(pieces.last().unwrap().at.end, source.len(), "{source}");
        }
        assert!(pieces("").is_empty());
    }

    #[test]
    fn names_in_format_strings_are_mentioned() {
        let names = mentioned("println!(\"{LIMIT} {x:?} {{no}} {}\", r#type);");
        for name in ["println", "LIMIT", "x", "type"] {
            assert!(names.contains(name), "{name}");
        }
        assert!(!names.contains("no}"));
    }
}
