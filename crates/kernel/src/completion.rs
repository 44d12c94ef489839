//! What could stand at the cursor.
//!
//! A session's rust-analyzer knows best. Where there is none, or it takes too
//! long, there are the words that every cell can use, and the cell's own.

use crate::content::{CompleteReply, CompleteRequest, Ok as Fine};
use crate::session::Session;
use crate::session::protocol::Completions;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long to wait for the session, its start included. What comes too late
/// is there the next time.
const WAIT: Duration = Duration::from_secs(3);

/// The most completions given.
const MOST: usize = 500;

/// Keywords, and what the prelude and std bring.
/// <https://doc.rust-lang.org/reference/keywords.html>
const WORDS: &[(&str, &[&str])] = &[
    (
        "keyword",
        &[
            "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
            "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
            "move", "mut", "pub", "ref", "return", "self", "Self", "static", "struct", "super",
            "trait", "true", "type", "unsafe", "use", "where", "while",
        ],
    ),
    (
        "module",
        &[
            "std",
            "std::collections",
            "std::sync",
            "std::sync::mpsc",
            "std::thread",
            "std::time",
        ],
    ),
    (
        "macro",
        &[
            "assert!",
            "assert_eq!",
            "assert_ne!",
            "dbg!",
            "eprint!",
            "eprintln!",
            "format!",
            "matches!",
            "panic!",
            "print!",
            "println!",
            "thread_local!",
            "todo!",
            "unreachable!",
            "vec!",
            "write!",
            "writeln!",
        ],
    ),
    (
        "type",
        &[
            "bool", "char", "f32", "f64", "i16", "i32", "i64", "i128", "i8", "isize", "str",
            "String", "u16", "u32", "u64", "u128", "u8", "usize", "Box", "Option", "Result",
            "Some", "None", "Ok", "Err", "Vec",
        ],
    ),
    (
        "trait",
        &[
            "Clone", "Copy", "Drop", "Fn", "FnMut", "FnOnce", "Iterator", "Send", "Sync",
        ],
    ),
];

/// Magics, at the start of a cell.
const MAGICS: &[&str] = &["%%outcomes", "%%run", "%%trace", "%help"];

/// Completes what is before the cursor; programs can use these crates.
pub(crate) fn complete<'a>(
    request: &CompleteRequest,
    crates: impl Iterator<Item = &'a str>,
    session: &Session,
) -> CompleteReply {
    let cursor = byte_of(&request.code, request.cursor_pos);
    let found = magics(&request.code, cursor)
        .or_else(|| {
            let code = without_magic(&request.code);
            let found = session.complete(&code, cursor, WAIT)?;
            (!found.matches.is_empty()).then_some(found)
        })
        .unwrap_or_else(|| words(&request.code, cursor, crates));
    reply(found, &request.code)
}

fn reply(found: Completions, code: &str) -> CompleteReply {
    let characters = |byte: usize| {
        let before = code.get(..byte).unwrap_or(code);
        before.chars().count()
    };
    let (start, end) = (characters(found.start), characters(found.end));
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    let mut matches = Vec::new();
    for (text, kind) in found.matches {
        // Arguments are for whoever calls it to write.
        let text = match text.split_once('(') {
            Some((name, _)) if !name.is_empty() => name.to_owned(),
            _ => text,
        };
        if matches.len() < MOST && !kinds.contains_key(&text) {
            matches.push(text.clone());
            kinds.insert(text, kind);
        }
    }
    let types: Vec<Value> = matches
        .iter()
        .map(|text| json!({"text": text, "type": kinds[text], "start": start, "end": end}))
        .collect();
    let mut metadata = Map::new();
    // What IPython's kernel calls them, and front ends know.
    metadata.insert("_jupyter_types_experimental".to_owned(), types.into());
    CompleteReply {
        status: Fine::Ok,
        matches,
        cursor_start: start,
        cursor_end: end,
        metadata,
    }
}

/// Magics where they may stand.
fn magics(code: &str, cursor: usize) -> Option<Completions> {
    let before = code[..cursor].trim_start();
    if !before.starts_with('%') || before.contains(char::is_whitespace) {
        return None;
    }
    let matches = MAGICS.iter().filter(|magic| magic.starts_with(before));
    Some(Completions {
        matches: matches
            .map(|it| ((*it).to_owned(), "magic".to_owned()))
            .collect(),
        start: cursor - before.len(),
        end: cursor,
    })
}

/// The words that begin like the one before the cursor.
fn words<'a>(code: &str, cursor: usize, crates: impl Iterator<Item = &'a str>) -> Completions {
    let start = word_start(code, cursor);
    let begun = &code[start..cursor];
    let is_member = code[..start].ends_with('.');
    let mut found: Vec<(String, String)> = Vec::new();
    if !is_member {
        let known = WORDS
            .iter()
            .flat_map(|(kind, words)| words.iter().map(move |word| (*word, *kind)))
            .chain(crates.map(|name| (name, "module")));
        let known = known.filter(|(word, _)| word.starts_with(begun));
        found.extend(known.map(|(word, kind)| (word.to_owned(), kind.to_owned())));
    }
    let own = names(code, cursor).into_iter();
    let own = own.filter(|name| name.starts_with(begun) && !begun.is_empty());
    found.extend(own.map(|name| (name.to_owned(), "name".to_owned())));
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    Completions {
        matches: found,
        start,
        end: cursor,
    }
}

/// The names in the code, but for the one that is being written.
fn names(code: &str, cursor: usize) -> Vec<&str> {
    let mut start = 0;
    let mut names = Vec::new();
    for token in tokenize(code, FrontmatterAllowed::No) {
        let end = start + token.len as usize;
        if token.kind == TokenKind::Ident && end != cursor {
            names.push(&code[start..end]);
        }
        start = end;
    }
    names
}

/// Where the path that ends at a byte begins.
fn word_start(code: &str, end: usize) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let word = code[..end].chars().rev().take_while(|c| is_part(*c));
    let start = end - word.map(char::len_utf8).sum::<usize>();
    start + (code[start..end].len() - code[start..end].trim_start_matches(':').len())
}

/// The byte of so many characters.
pub(crate) fn byte_of(code: &str, characters: usize) -> usize {
    code.char_indices()
        .nth(characters)
        .map_or(code.len(), |(byte, _)| byte)
}

/// The code with a blank line in a magic's place, so that positions stay.
pub(crate) fn without_magic(code: &str) -> String {
    if !code.starts_with("%%") {
        return code.to_owned();
    }
    let end = code.find('\n').unwrap_or(code.len());
    " ".repeat(end) + &code[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete_words(code: &str) -> (Vec<String>, usize) {
        let found = words(code, code.len(), ["crossbeam_channel"].into_iter());
        let matches = found.matches.into_iter().map(|(text, _)| text).collect();
        (matches, found.start)
    }

    #[test]
    fn words_are_completed() {
        assert_eq!(complete_words("retu").0, ["return"]);
        assert_eq!(
            complete_words("use cross"),
            (vec!["crossbeam_channel".into()], 4)
        );
        assert_eq!(complete_words("let counter = 1; coun").0, ["counter"]);
        assert_eq!(
            complete_words("use std::sync::m"),
            (vec!["std::sync::mpsc".into()], 4)
        );
        assert!(
            complete_words("x.whil").0.is_empty(),
            "no keyword is a method"
        );
    }

    #[test]
    fn magics_are_completed_at_the_top() {
        let found = magics("%%r", 3).unwrap();
        assert_eq!(found.matches, [("%%run".to_owned(), "magic".to_owned())]);
        assert_eq!((found.start, found.end), (0, 3));
        assert!(magics("%%run 3\nfn", 10).is_none());
        assert!(magics("x % y", 5).is_none());
    }

    #[test]
    fn positions_are_in_characters() {
        let code = "\"🦀\"; retu";
        assert_eq!(byte_of(code, 9), code.len());
        let reply = reply(words(code, code.len(), [].into_iter()), code);
        assert_eq!((reply.cursor_start, reply.cursor_end), (5, 9));
        assert_eq!(reply.matches, ["return"]);
    }

    #[test]
    fn arguments_are_left_out() {
        let found = Completions {
            matches: vec![
                ("push(value)".to_owned(), "function".to_owned()),
                ("push_str(s)".to_owned(), "function".to_owned()),
                ("push()".to_owned(), "function".to_owned()),
            ],
            start: 0,
            end: 0,
        };
        assert_eq!(reply(found, "").matches, ["push", "push_str"]);
    }

    #[test]
    fn a_magic_is_blanked() {
        assert_eq!(without_magic("%%run 3\nfn"), "       \nfn");
        assert_eq!(without_magic("fn"), "fn");
    }
}
