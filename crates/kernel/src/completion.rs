//! What could stand at the cursor.
//!
//! A session's rust-analyzer knows best. Where there is none, or it takes too
//! long, there are the words that every cell can use, the most common paths and
//! methods of the standard library, and what cells have defined. After `:dep`
//! there are the crates that cargo has in its index on this machine.

use crate::content::{CompleteReply, CompleteRequest, Ok as Fine};
use crate::session::Session;
use crate::session::protocol::Completions;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait for a session that is there: whoever presses Tab doesn't
/// wait longer than a second. What comes too late is there the next time.
const WAIT: Duration = Duration::from_millis(800);

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
    ("module", &["std", "core", "interleaved"]),
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

/// What is in the modules that cells use most, by their paths.
const PATHS: &[(&str, &str)] = &[
    (
        "std",
        "cell collections env error fmt fs io iter mem net ops path process rc str string sync \
         thread time vec",
    ),
    ("std::cell", "Cell OnceCell RefCell UnsafeCell"),
    (
        "std::collections",
        "BTreeMap BTreeSet BinaryHeap HashMap HashSet LinkedList VecDeque",
    ),
    (
        "std::fmt",
        "Arguments Debug Display Error Formatter Result Write",
    ),
    (
        "std::io",
        "BufRead BufReader BufWriter Error ErrorKind Read Result Seek Write stderr stdin stdout",
    ),
    ("std::mem", "drop forget replace size_of swap take"),
    ("std::process", "Child Command ExitCode Stdio abort exit id"),
    ("std::rc", "Rc Weak"),
    (
        "std::sync",
        "Arc Barrier Condvar LazyLock Mutex MutexGuard Once OnceLock PoisonError RwLock Weak \
         atomic mpsc",
    ),
    (
        "std::sync::atomic",
        "AtomicBool AtomicI32 AtomicI64 AtomicIsize AtomicPtr AtomicU32 AtomicU64 AtomicUsize \
         Ordering fence",
    ),
    (
        "std::sync::mpsc",
        "Receiver RecvError SendError Sender SyncSender TryRecvError channel sync_channel",
    ),
    (
        "std::thread",
        "Builder JoinHandle LocalKey Scope ScopedJoinHandle Thread ThreadId \
         available_parallelism current panicking park park_timeout scope sleep spawn yield_now",
    ),
    ("std::time", "Duration Instant SystemTime UNIX_EPOCH"),
    (
        "Duration",
        "MAX ZERO from_micros from_millis from_nanos from_secs from_secs_f64",
    ),
    ("Instant", "now"),
    ("Ordering", "AcqRel Acquire Relaxed Release SeqCst"),
    ("Arc", "clone new ptr_eq strong_count try_unwrap"),
    ("Mutex", "new"),
    ("RwLock", "new"),
    ("Vec", "from new with_capacity"),
    ("String", "from from_utf8 new with_capacity"),
    ("interleaved", "clear_output display display_as update"),
];

/// Methods of what cells use most.
const METHODS: &str = "abs and_then as_bytes as_mut as_ref as_str as_slice chars chain clear clone \
    cloned cmp collect compare_exchange concat contains contains_key copied count drain elapsed \
    ends_with entry enumerate eq expect extend fetch_add fetch_sub filter filter_map find first \
    flat_map fold for_each get get_mut insert into into_iter is_empty is_err is_none is_ok is_some \
    iter iter_mut join keys last len lines load lock map map_err max min next notify_all \
    notify_one or_insert parse pop position pow product push push_str read recv recv_timeout \
    remove replace rev send skip sort sort_by sort_by_key sort_unstable split split_whitespace \
    starts_with store sum swap take to_owned to_string to_uppercase to_vec trim truncate try_lock \
    try_recv try_send unwrap unwrap_or unwrap_or_default unwrap_or_else values wait windows write \
    zip";

/// Magics, at the start of a cell.
const MAGICS: &[&str] = &[
    "%%fmt",
    "%%outcomes",
    "%%run",
    "%%time",
    "%%timeit",
    "%%trace",
    "%help",
    "%time",
    "%timeit",
];

/// Completes what is before the cursor. These names are known besides: of
/// crates, and of what cells have defined.
pub(crate) fn complete(
    request: &CompleteRequest,
    known: &[(String, &str)],
    session: &Session,
) -> CompleteReply {
    let cursor = byte_of(&request.code, request.cursor_pos);
    let found = magics(&request.code, cursor)
        .or_else(|| packages(&request.code, cursor))
        .or_else(|| {
            let code = without_magic(&request.code);
            let found = session.complete(&code, cursor, WAIT)?;
            (!found.matches.is_empty()).then_some(found)
        })
        .unwrap_or_else(|| words(&request.code, cursor, known));
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

/// The crates after `:dep`, as far as cargo has looked at them before.
fn packages(code: &str, cursor: usize) -> Option<Completions> {
    let line = code[..cursor].rsplit('\n').next().unwrap_or_default();
    let begun = line.trim_start().strip_prefix(":dep ")?.trim_start();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if begun.is_empty() || !begun.chars().all(is_part) {
        return None;
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    let names = indexed(&home, begun).into_iter();
    Some(Completions {
        matches: names.map(|name| (name, "module".to_owned())).collect(),
        start: cursor - begun.len(),
        end: cursor,
    })
}

/// The names that begin so in cargo's indexes. Each is a file in a folder
/// that is called by its first letters.
/// <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>
fn indexed(home: &Path, begun: &str) -> BTreeSet<String> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let wanted = begun.to_lowercase();
    // Where names that begin so may be: those of three letters and fewer have
    // other folders.
    let fits = |folder: &str, letters: &str| {
        let length = folder.len().min(letters.len());
        folder[..length] == letters[..length]
    };
    let mut names = BTreeSet::new();
    for index in entries(home.join("registry/index")) {
        let mut folders = vec![(index.path().join(".cache"), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in entries(folder) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type().is_ok_and(|it| it.is_file()) {
                    if name.starts_with(&wanted) {
                        names.insert(name);
                    }
                    continue;
                }
                let letters = wanted.get(2 * depth..).unwrap_or_default();
                let is_short = name.len() == 1;
                if depth < 2 && (is_short || fits(&name, letters) || folder_of_three(depth)) {
                    folders.push((entry.path(), depth + 1));
                }
            }
        }
    }
    names
}

/// Names of three letters are in `3/` and a folder for the first of them.
fn folder_of_three(depth: usize) -> bool {
    depth == 1
}

/// The words that begin like the one before the cursor.
fn words(code: &str, cursor: usize, known: &[(String, &str)]) -> Completions {
    let path = word_start(code, cursor);
    let before = &code[path..cursor];
    let (module, begun) = match before.rsplit_once("::") {
        Some((module, begun)) => (Some(module.trim_start_matches(':')), begun),
        None => (None, before),
    };
    let start = cursor - begun.len();
    let is_member = code[..path].ends_with('.');
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |word: &str, kind: &str| {
        if word.starts_with(begun) {
            found.push((word.to_owned(), kind.to_owned()));
        }
    };
    match module {
        Some(module) => {
            let is_it = |path: &str| path == module || path.ends_with(&format!("::{module}"));
            let names = PATHS.iter().filter(|(path, _)| is_it(path));
            for name in names.flat_map(|(_, names)| names.split_whitespace()) {
                add(name, "name");
            }
        }
        None if is_member => {
            for name in METHODS.split_whitespace() {
                add(name, "function");
            }
        }
        None => {
            for (kind, words) in WORDS {
                for word in *words {
                    add(word, kind);
                }
            }
            for (name, kind) in known {
                add(name, kind);
            }
        }
    }
    if !begun.is_empty() && module.is_none() {
        for name in names(code, cursor) {
            add(name, "name");
        }
    }
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
        let known = [("crossbeam_channel".to_owned(), "module")];
        let found = words(code, code.len(), &known);
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
            (vec!["mpsc".into()], 15)
        );
        assert_eq!(complete_words("thread::spa").0, ["spawn"]);
        assert_eq!(complete_words("names.pus").0, ["push", "push_str"]);
        assert!(complete_words("nowhere::x").0.is_empty());
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
        let reply = reply(words(code, code.len(), &[]), code);
        assert_eq!((reply.cursor_start, reply.cursor_end), (5, 9));
        assert_eq!(reply.matches, ["return"]);
    }

    #[test]
    fn crates_are_those_that_cargo_knows() {
        let home = tempfile::tempdir().unwrap();
        let cache = home.path().join("registry/index/registry/.cache");
        for file in [
            "se/rd/serde",
            "se/rd/serde_json",
            "se/mv/semver",
            "3/l/log",
            "3/s/sea",
            "2/se",
        ] {
            let file = cache.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let found = |begun: &str| indexed(home.path(), begun).into_iter().collect::<Vec<_>>();
        assert_eq!(found("serde"), ["serde", "serde_json"]);
        assert_eq!(found("se"), ["se", "sea", "semver", "serde", "serde_json"]);
        assert_eq!(found("Lo"), ["log"]);
        assert!(found("none").is_empty());
        assert!(packages("dep se", 6).is_none());
        assert_eq!(packages("x\n:dep zzzzzz", 13).unwrap().start, 7);
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
