//! Lets rustdoc see what it passes over: it links nothing in a macro's arguments, nor
//! in what the compiler itself makes of shorter code, which is each `for`, `while`, `?`
//! and `.await`, and the body of an `async fn`. So a program is read a second time, with
//! something else of the same types in their stead. Nobody runs it.

use super::links::Link;
use super::rustdoc::ROOT;
use super::select::{self, Arm, Operation};
use super::tokens::{between_commas, place, token, trees, within_brackets};
use std::ops::Range;

/// What stands before and behind the arguments of a macro, in place of its name and
/// its brackets.
const MACROS: [(&str, &str, &str); 19] = [
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
    ("dbg", "(", ")"),
    ("write", WRITTEN, ")); ::std::fmt::Result::Ok(())}"),
    ("writeln", WRITTEN, ")); ::std::fmt::Result::Ok(())}"),
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
const WRITTEN: &str = "{::std::mem::drop((";

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
    seen.write(source, 0..source.len());
    if !seen.is_same() {
        seen.text += "\nuse crate::Seen as _;\n";
    }
    seen
}

impl Seen {
    /// Writes a part of the program, in which what is opened is closed.
    fn write(&mut self, source: &str, within: Range<usize>) {
        // What closes each bracket that is open.
        let mut open: Vec<Option<&str>> = Vec::new();
        let mut heads: Vec<Head> = Vec::new();
        let mut position = within.start;
        while position < within.end {
            let rest = &source[position..within.end];
            let length = token(rest);
            let (token, after) = rest.split_at(length);
            if let Some(end) = self.rewrite(source, position..position + length, within.end) {
                position = end;
                continue;
            }
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
                    let is_macro = after.starts_with(['!'])
                        && after[1..].trim_start().starts_with(['(', '[', '{']);
                    let path = &source[path_before(source, position)..position];
                    let is_stds =
                        ["", "std::", "core::", "alloc::"].contains(&path.trim_start_matches("::"));
                    replaced
                        .filter(|_| is_macro && is_stds)
                        .map(|(_, before, behind)| {
                            self.forget_from(position - path.len());
                            open.push(Some(behind));
                            taken = length + after.len() - after[1..].trim_start().len() + 1;
                            *before
                        })
                }
            };
            match instead {
                Some(instead) => self.text += instead,
                None => self.copy(source, position..position + length),
            }
            position += taken;
        }
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        self.copied
            .push((self.text.len(), range.start, range.len()));
        self.text += &source[range];
    }

    /// Takes back what was copied last, from a place of the original on.
    fn forget_from(&mut self, start: usize) {
        while let Some((here, _, _)) = self.copied.pop_if(|(_, there, _)| *there >= start) {
            self.text.truncate(here);
        }
    }

    /// Writes in other words what begins with this token, if it is more than a token that
    /// has to change. Returns where it ends.
    fn rewrite(&mut self, source: &str, token: Range<usize>, end: usize) -> Option<usize> {
        match &source[token.clone()] {
            "#" => runtime(source, token, end),
            "async" => self.function(source, token, end),
            "select" | "select_biased" | "join" | "try_join" | "matches" => {
                self.invocation(source, token, end)
            }
            _ => None,
        }
    }

    /// An `async fn` becomes one that returns a block: rustdoc sees into that.
    fn function(&mut self, source: &str, token: Range<usize>, end: usize) -> Option<usize> {
        let text = |tree: &Range<usize>| &source[tree.clone()];
        let mut parts = trees(source, token.end..end);
        let first = parts.find(|it| !matches!(text(it), "unsafe" | "extern" | "\"C\""))?;
        if text(&first) != "fn" {
            return None;
        }
        let _name = parts.next()?;
        let mut part = parts.next()?;
        if text(&part) == "<" {
            let mut angles = 1;
            let mut before = "<";
            while angles > 0 {
                part = parts.next()?;
                match text(&part) {
                    "<" => angles += 1,
                    ">" if before != "-" && before != "=" => angles -= 1,
                    _ => {}
                }
                before = text(&part);
            }
            part = parts.next()?;
        }
        let arguments = part.end;
        let is_body = |tree: &Range<usize>| text(tree) == ";" || text(tree).starts_with('{');
        let mut part = parts.next()?;
        let mut output = None;
        if text(&part) == "-" {
            let start = parts.next()?.end;
            part = parts.find(|it| is_body(it) || text(it) == "where")?;
            output = Some(start..part.start);
        }
        let clauses = part.start;
        let body = match is_body(&part) {
            true => part,
            false => parts.find(is_body)?,
        };
        self.write(source, token.end..arguments);
        self.text += " -> impl ::std::future::Future<Output = ";
        match output {
            Some(output) => self.write(source, output),
            None => self.text += "()",
        }
        self.text += "> ";
        self.write(source, clauses..body.start);
        let is_there = text(&body).starts_with('{');
        self.text += if is_there { "{ async move " } else { "" };
        self.write(source, body.clone());
        self.text += if is_there { " }" } else { "" };
        Some(body.end)
    }

    /// A macro whose arguments are no list of values.
    fn invocation(&mut self, source: &str, name: Range<usize>, end: usize) -> Option<usize> {
        let mut parts = trees(source, name.end..end);
        let (mark, brackets) = (parts.next()?, parts.next()?);
        let arguments = within_brackets(source, &brackets)?;
        if source[mark.clone()] != *"!" || mark.start != name.end {
            return None;
        }
        let path = path_before(source, name.start);
        match &source[name] {
            "select" | "select_biased" => {
                let arms = select::arms(source, arguments)?;
                self.forget_from(path);
                self.select(source, &arms);
            }
            "matches" => {
                let parts = between_commas(source, arguments);
                let [value, pattern] = parts.as_slice() else {
                    return None;
                };
                self.forget_from(path);
                self.text += "match (";
                self.write(source, value.clone());
                self.text += ") { ";
                self.write(source, pattern.clone());
                self.text += " => true, _ => false }";
            }
            name => {
                let wait = match name {
                    "join" => ").seen(), ",
                    _ => ").seen().unwrap(), ",
                };
                self.forget_from(path);
                self.text += match name {
                    "join" => "(",
                    _ => "::std::result::Result::Ok((",
                };
                for future in between_commas(source, arguments) {
                    self.text += "(";
                    self.write(source, future);
                    self.text += wait;
                }
                self.text += match name {
                    "join" => ")",
                    _ => "))",
                };
            }
        }
        Some(brackets.end)
    }

    /// A `match` of all that may happen, in which each arm takes its own.
    fn select(&mut self, source: &str, arms: &[Arm]) {
        self.text += "match (";
        for arm in arms {
            match &arm.operation {
                Operation::Receive(receiver) => {
                    self.text += "(";
                    self.write(source, receiver.clone());
                    self.text += ").recv(), ";
                }
                Operation::Send(sender, value) => {
                    self.text += "(";
                    self.write(source, sender.clone());
                    self.text += ").send(";
                    self.write(source, value.clone());
                    self.text += "), ";
                }
                Operation::Wait(future, condition) => {
                    self.text += "((";
                    self.write(source, future.clone());
                    self.text += "), (";
                    self.write(source, condition.clone());
                    self.text += ")).0.seen(), ";
                }
                Operation::Else(timeout) => {
                    self.text += "(";
                    self.write(source, timeout.clone());
                    self.text += "), ";
                }
            }
        }
        self.text += ") { ";
        for (index, arm) in arms.iter().enumerate() {
            self.text += "(";
            for other in 0..arms.len() {
                match &arm.pattern {
                    Some(pattern) if other == index => self.write(source, pattern.clone()),
                    _ => self.text += "_",
                }
                self.text += ", ";
            }
            self.text += ") => ";
            self.write(source, arm.body.clone());
            self.text += ", ";
        }
        self.text += "_ => ::std::process::abort() }";
    }
}

/// The end of an attribute with which a runtime takes a function: `#[tokio::main]`. Of
/// what it makes of that, rustdoc sees nothing.
fn runtime(source: &str, mark: Range<usize>, end: usize) -> Option<usize> {
    let brackets = trees(source, mark.end..end).next()?;
    let inner = within_brackets(source, &brackets)?;
    let path = source[inner].split('(').next()?.trim_end();
    let is_runtimes = path.ends_with("::main") || path.ends_with("::test");
    is_runtimes.then_some(brackets.end)
}

/// Where the path begins that leads to a name: `std::` in `std::println`.
fn path_before(source: &str, name: usize) -> usize {
    let mut start = name;
    while let Some(before) = source[..start].strip_suffix("::") {
        let segment = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
        start = segment.len();
    }
    start
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
                owner: String::new(),
                address: format!("{ROOT}std/macro.{name}.html"),
            });
        }
        position += length;
    }
    links
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
    fn functions_that_wait_return_blocks() {
        for (source, written_out) in [
            (
                "#[tokio::main(a)] pub async unsafe fn f<A: Fn() -> B>(x: A) -> C<D> where A: B { x?; }",
                " pub  unsafe fn f<A: Fn() -> B>(x: A) -> impl ::std::future::Future<Output =  C<D> > \
                 where A: B { async move { x.unwrap(); } }",
            ),
            (
                "async fn f(); async { g() }",
                " fn f() -> impl ::std::future::Future<Output = ()> ; async { g() }",
            ),
        ] {
            let seen = seen(source);
            assert_eq!(seen.text.lines().next(), Some(written_out));
        }
    }

    #[test]
    fn arms_become_those_of_a_match() {
        for (source, written_out) in [
            (
                "x::select! { recv(a?) -> b => c!(), send(d, e) -> _ => {} default => f }",
                "match ((a.unwrap()).recv(), (d).send(e), (), ) { ( b, _, _, ) => c!(), \
                 (_,  _, _, ) => {}, (_, _, _, ) => f, _ => ::std::process::abort() }",
            ),
            (
                "tokio::select! { Some(a) = b, if c => d.await }",
                "match (((b), ( c)).0.seen(), ) { (Some(a), ) => d.seen(), _ => ::std::process::abort() }",
            ),
            ("tokio::join!(a, b)", "((a).seen(), (b).seen(), )"),
            (
                "matches!(a?, B | C if d)",
                "match (a.unwrap()) { B | C if d => true, _ => false }",
            ),
            ("std::println!(a)", "::std::mem::drop((a))"),
        ] {
            let seen = seen(source);
            assert_eq!(seen.text.lines().next(), Some(written_out));
        }
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
            "r#async fn x() {}",
            "select! { what else }",
            "other::println!(x)",
            "#[test] fn x() {}",
            "impl<T: ?Sized> A for B {}",
            "fn f(x: &dyn for<'a> Fn(&'a u8)) {}",
        ] {
            assert!(seen(same).is_same(), "{same}");
        }
    }
}
