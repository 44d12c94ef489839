//! Lets rustdoc see what it passes over: it links nothing in a macro's arguments, nor
//! in what the compiler itself makes of shorter code, which is each `for`, `while`, `?`
//! and `.await`. So a program is read a second time, with something else of the same
//! types in their stead. Nobody runs it.

use super::links::Link;
use super::rustdoc::ROOT;

/// What stands before and behind the arguments of a macro, in place of its name and
/// its brackets.
const MACROS: [(&str, &str, &str); 16] = [
    ("print", SEEN, "))"),
    ("println", SEEN, "))"),
    ("eprint", SEEN, "))"),
    ("eprintln", SEEN, "))"),
    ("assert", SEEN, "))"),
    ("assert_eq", SEEN, "))"),
    ("assert_ne", SEEN, "))"),
    ("debug_assert", SEEN, "))"),
    ("debug_assert_eq", SEEN, "))"),
    ("debug_assert_ne", SEEN, "))"),
    ("vec", "::std::vec::Vec::from([", "])"),
    (
        "format",
        "{::std::mem::drop((",
        ")); ::std::string::String::new()}",
    ),
    (
        "panic",
        "{::std::mem::drop((",
        ")); ::std::process::abort()}",
    ),
    (
        "unreachable",
        "{::std::mem::drop((",
        ")); ::std::process::abort()}",
    ),
    (
        "todo",
        "{::std::mem::drop((",
        ")); ::std::process::abort()}",
    ),
    (
        "unimplemented",
        "{::std::mem::drop((",
        ")); ::std::process::abort()}",
    ),
];

const SEEN: &str = "::std::mem::drop((";

/// What a crate must have at its root for [`seen`] programs.
pub(super) const ROOT_OF_SEEN: &str = "pub trait Seen: ::std::future::IntoFuture + Sized {
    fn seen(self) -> Self::Output { loop {} }
}
impl<F: ::std::future::IntoFuture> Seen for F {}
";

/// A program in which all can be seen.
pub(super) struct Seen {
    pub(super) text: String,
    /// What is copied from the original: its start here and there, and its length.
    copied: Vec<(usize, usize, usize)>,
    original: String,
}

impl Seen {
    /// Whether no macro was there.
    pub(super) fn is_same(&self) -> bool {
        self.text == self.original
    }

    /// Where in the original a place is, if it is there: lines from 1, columns from 0
    /// in UTF-16 units.
    pub(super) fn original(&self, line: usize, column: usize) -> Option<(usize, usize)> {
        let start: usize = self
            .text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let mut units = 0;
        let within = self.text[start..].char_indices().find_map(|(index, c)| {
            let here = units;
            units += c.len_utf16();
            (here >= column).then_some(index)
        })?;
        let offset = start + within;
        let (here, there, _) = self
            .copied
            .iter()
            .find(|(here, _, length)| (*here..here + length).contains(&offset))?;
        Some(place(&self.original, there + offset - here))
    }
}

/// The beginning of a loop, up to its block.
struct Head {
    /// How many brackets are open there.
    depth: usize,
    /// Of a `for`, what has been read.
    pattern: Option<Pattern>,
}

#[derive(PartialEq)]
enum Pattern {
    Begun,
    Read,
}

/// A program with all in it where rustdoc sees it.
pub(super) fn seen(source: &str) -> Seen {
    let mut seen = Seen {
        text: String::new(),
        copied: Vec::new(),
        original: source.to_owned(),
    };
    // What closes each bracket that is open.
    let mut open: Vec<Option<&str>> = Vec::new();
    let mut heads: Vec<Head> = Vec::new();
    let mut position = 0;
    while position < source.len() {
        let rest = &source[position..];
        let length = token(rest);
        let (token, after) = rest.split_at(length);
        let depth = open.len();
        let mut taken = length;
        let instead = match token {
            "for" if is_loop(after) => {
                let pattern = Some(Pattern::Begun);
                heads.push(Head { depth, pattern });
                Some("loop { let")
            }
            "in" if heads.last().is_some_and(|head| {
                head.depth == depth && head.pattern == Some(Pattern::Begun)
            }) =>
            {
                if let Some(head) = heads.last_mut() {
                    head.pattern = Some(Pattern::Read);
                }
                Some("= ::std::iter::Iterator::next(&mut ::std::iter::IntoIterator::into_iter(")
            }
            "while" => {
                let pattern = None;
                heads.push(Head { depth, pattern });
                Some("loop { if")
            }
            "{" if heads.last().is_some_and(|head| head.depth == depth) => {
                let head = heads.pop();
                let is_for = head.is_some_and(|head| head.pattern.is_some());
                // rustdoc works out constants: no loop in one may go on.
                open.push(Some(if is_for { "}}" } else { "} break }" }));
                Some(if is_for { ")).unwrap(); {" } else { "{" })
            }
            "(" | "[" | "{" => {
                open.push(None);
                None
            }
            ")" | "]" | "}" => open.pop().flatten(),
            "?" if follows_a_value(&source[..position]) => Some(".unwrap()"),
            "await" if source[..position].ends_with('.') => Some("seen()"),
            name => {
                let replaced = MACROS.iter().find(|(it, ..)| *it == name);
                let is_macro = after.starts_with("!(") || after.starts_with("![");
                replaced
                    .filter(|_| is_macro && !source[..position].ends_with("::"))
                    .map(|(name, before, behind)| {
                        open.push(Some(behind));
                        taken = name.len() + "!(".len();
                        *before
                    })
            }
        };
        match instead {
            Some(instead) => seen.text += instead,
            None => {
                seen.copied.push((seen.text.len(), position, length));
                seen.text += token;
            }
        }
        position += taken;
    }
    if !seen.is_same() {
        seen.text += "\nuse crate::Seen as _;\n";
    }
    seen
}

/// Whether what follows a `for` is a loop's: there is an `in` before its block.
fn is_loop(after: &str) -> bool {
    let mut depth = 0;
    let mut position = 0;
    while position < after.len() {
        let length = token(&after[position..]);
        match &after[position..position + length] {
            "in" if depth == 0 => return true,
            "{" | ";" if depth == 0 => return false,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        position += length;
    }
    false
}

/// Whether a value ends here, so that a `?` asks for it.
fn follows_a_value(before: &str) -> bool {
    before
        .trim_end()
        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '}' | '"' | '_' | '?'))
}

/// The names of std's macros in a program, unless it has macros of its own.
pub(super) fn macros(source: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut position = 0;
    while position < source.len() && !source.contains("macro_rules!") {
        let rest = &source[position..];
        let length = token(rest);
        let name = &rest[..length];
        let is_macro = rest[length..].starts_with("!(") || rest[length..].starts_with("![");
        if is_macro && MACROS.iter().any(|(it, ..)| *it == name) {
            let (line, column) = place(source, position);
            links.push(Link {
                line,
                column,
                text: format!("{name}!"),
                address: format!("{ROOT}std/macro.{name}.html"),
            });
        }
        position += length;
    }
    links
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

/// The length of the first token: a comment, a string or a word is one, and any other
/// character.
fn token(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return comment(text);
    }
    if first.is_alphanumeric() || first == '_' {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        let end = end.unwrap_or(text.len());
        let is_prefix = ["r", "b", "br", "c", "cr"].contains(&&text[..end]);
        if is_prefix && let Some(length) = string(&text[end..], text[..end].contains('r')) {
            return end + length;
        }
        return end;
    }
    match first {
        '"' => string(text, false).unwrap_or(1),
        '\'' => character(text).unwrap_or(1),
        first => first.len_utf8(),
    }
}

/// The length of a block comment, which may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut position = 0;
    while position < text.len() {
        let rest = &text[position..];
        position += match rest {
            _ if rest.starts_with("/*") => {
                depth += 1;
                2
            }
            _ if rest.starts_with("*/") => {
                depth -= 1;
                2
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        if depth == 0 {
            break;
        }
    }
    position
}

/// The length of a string from its quote or its `#` on.
fn string(text: &str, is_raw: bool) -> Option<usize> {
    let hashes = match is_raw {
        true => text.len() - text.trim_start_matches('#').len(),
        false => 0,
    };
    let inner = text[hashes..].strip_prefix('"')?;
    if is_raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(hashes + 1 + inner.find(&end)? + end.len());
    }
    let mut is_escaped = false;
    for (index, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(1 + index + 1),
            _ => {}
        }
    }
    None
}

/// The length of a character; `None` if it is a lifetime or a label.
fn character(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let first = inner.chars().next()?;
    if first == '\\' {
        let end = inner.get(2..)?.find('\'')?;
        return Some(1 + 2 + end + 1);
    }
    inner[first.len_utf8()..]
        .starts_with('\'')
        .then_some(1 + first.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stand_in_functions_and_all_else_stays() {
        let source = "fn f<'a>() { println!(\"{} )\", g(')').x()); // println!(1)\n  vec![1; 2] }";
        let seen = seen(source);
        assert_eq!(
            seen.text,
            "fn f<'a>() { ::std::mem::drop((\"{} )\", g(')').x())); // println!(1)\n  \
             ::std::vec::Vec::from([1; 2]) }\nuse crate::Seen as _;\n"
        );
        let column = seen.text.find("x()").unwrap();
        let original = source.find("x()").unwrap();
        assert_eq!(seen.original(1, column), Some((1, original)));
        assert_eq!(seen.original(1, column + 80), None);
        let column = seen.text.lines().nth(1).unwrap().find('1').unwrap();
        assert_eq!(seen.original(2, column), Some((2, 7)));
        assert_eq!(seen.original(2, 4), None, "not in the original");
    }

    #[test]
    fn loops_and_what_is_short_are_written_out() {
        for (source, written_out) in [
            (
                "'a: for (x, y) in z({ 1 }) { x? }",
                "'a: loop { let (x, y) = \
                 ::std::iter::Iterator::next(&mut ::std::iter::IntoIterator::into_iter( \
                 z({ 1 }) )).unwrap(); { x.unwrap() }}",
            ),
            (
                "while let Some(x) = y.await { while z {} }",
                "loop { if let Some(x) = y.seen() { loop { if z {} break } } break }",
            ),
        ] {
            let seen = seen(source);
            assert_eq!(seen.text.lines().next(), Some(written_out));
        }
        for same in [
            "impl<T: ?Sized> A for B {}",
            "fn f(x: &dyn for<'a> Fn(&'a u8)) {}",
        ] {
            assert!(seen(same).is_same(), "{same}");
        }
    }

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
        assert_eq!(token("'a (x)"), 1);
    }
}
