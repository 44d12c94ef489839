//! Earlier inputs, as `history_request` asks for them: this kernel's, and, if
//! they are kept in a file, those of the kernels before it.

use crate::content::{HistoryAccess, HistoryRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many inputs are kept. The oldest go first.
const KEPT: usize = 1000;

/// How many bytes of inputs are kept.
const KEPT_BYTES: usize = 4 << 20;

/// How large the file may be before it is shortened, in bytes.
const FILE_BYTES: usize = 8 << 20;

/// The longest pattern that finds anything, in bytes: a search takes as long as
/// the pattern times the inputs.
const PATTERN: usize = 1 << 10;

/// The inputs of this kernel and of those before it, each with its line: the
/// cell's number. A clone shares their text, so that a search holds nobody up.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    inputs: VecDeque<Entry>,
    /// How many kernels were before this one.
    earlier: i64,
    bytes: usize,
    /// Where they are kept, and what this kernel is called there.
    kept: Option<(PathBuf, String)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// From 1 for the first kernel of which anything is kept.
    session: i64,
    line: usize,
    input: Arc<str>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    session: Cow<'a, str>,
    line: usize,
    input: Cow<'a, str>,
}

/// The file of the user who runs this process, in the folder where such data
/// belongs; `None` without a home.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
pub fn file() -> Option<PathBuf> {
    let home = env::home_dir().filter(|home| home.is_absolute())?;
    let data = if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else {
        let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
        data.filter(|data| data.is_absolute())
            .unwrap_or_else(|| home.join(".local/share"))
    };
    Some(data.join("interleaved/history.jsonl"))
}

impl History {
    /// What the file holds, which need not be there yet. This kernel adds to
    /// it as `session`.
    pub(crate) fn open(file: Option<&Path>, session: &str) -> History {
        let mut history = History::default();
        let Some(file) = file else {
            return history;
        };
        let text = fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let kept: Vec<Kept<'_>> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let mut sessions: Vec<&str> = Vec::new();
        for entry in &kept {
            if !sessions.contains(&&*entry.session) {
                sessions.push(&entry.session);
            }
        }
        for entry in &kept {
            let at = sessions.iter().position(|it| *it == entry.session);
            history.add(at.unwrap_or(0) as i64 + 1, entry.line, &entry.input);
        }
        history.earlier = sessions.len() as i64;
        if text.len() > FILE_BYTES {
            // A history that can't be shortened is still a history.
            let _ = shorten(file, &kept, history.inputs.len());
        }
        history.kept = Some((file.to_owned(), session.to_owned()));
        history
    }

    /// Adds an input.
    pub(crate) fn push(&mut self, line: usize, input: &str) {
        self.add(self.earlier + 1, line, input);
        if let Some((file, session)) = &self.kept {
            // A cell runs whether or not it can be remembered.
            let _ = append(file, session, line, input);
        }
    }

    fn add(&mut self, session: i64, line: usize, input: &str) {
        self.inputs.push_back(Entry {
            session,
            line,
            input: input.into(),
        });
        self.bytes += input.len();
        while self.inputs.len() > KEPT || self.bytes > KEPT_BYTES {
            let oldest = self.inputs.pop_front();
            self.bytes -= oldest.map_or(0, |entry| entry.input.len());
        }
    }

    /// The inputs asked for, oldest first: `(session, line, input)`.
    pub(crate) fn answer(&self, request: &HistoryRequest) -> Vec<(i64, usize, Value)> {
        let found: Vec<&Entry> = match &request.access {
            HistoryAccess::Tail { n } => self.last(*n).collect(),
            HistoryAccess::Range {
                session,
                start,
                stop,
            } => self.range(*session, *start, *stop),
            HistoryAccess::Search { n, pattern, unique } => self.search(*n, pattern, *unique),
        };
        found
            .into_iter()
            .map(|entry| {
                let input = if request.output {
                    json!([&*entry.input, null])
                } else {
                    json!(&*entry.input)
                };
                (entry.session, entry.line, input)
            })
            .collect()
    }

    fn last(&self, count: usize) -> impl Iterator<Item = &Entry> {
        let before = self.inputs.len().saturating_sub(count);
        self.inputs.iter().skip(before)
    }

    /// A request calls this kernel 0, the one before it -1, and so on; answers
    /// number them from 1, and so may a request.
    fn range(&self, session: i64, start: usize, stop: Option<usize>) -> Vec<&Entry> {
        let session = match session {
            ..=0 => self.earlier + 1 + session,
            _ => session,
        };
        self.inputs
            .iter()
            .filter(|entry| entry.session == session)
            .filter(|entry| entry.line >= start && stop.is_none_or(|stop| entry.line < stop))
            .collect()
    }

    fn search(&self, count: Option<usize>, pattern: &str, unique: bool) -> Vec<&Entry> {
        if pattern.len() > PATTERN {
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut found: Vec<_> = self
            .inputs
            .iter()
            .rev()
            .filter(|entry| matches(pattern, &entry.input))
            .filter(|entry| !unique || seen.insert(&entry.input))
            .take(count.unwrap_or(usize::MAX))
            .collect();
        found.reverse();
        found
    }
}

/// Adds a line to the file, in one write: other kernels add theirs.
fn append(file: &Path, session: &str, line: usize, input: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut text = serde_json::to_vec(&Kept {
        session: session.into(),
        line,
        input: input.into(),
    })?;
    text.push(b'\n');
    private(OpenOptions::new().append(true), file)?.write_all(&text)
}

/// Leaves only the last inputs in the file.
fn shorten(file: &Path, kept: &[Kept<'_>], last: usize) -> io::Result<()> {
    let mut text = Vec::new();
    for entry in &kept[kept.len().saturating_sub(last)..] {
        serde_json::to_writer(&mut text, entry)?;
        text.push(b'\n');
    }
    let new = file.with_extension(format!("{}.new", std::process::id()));
    private(OpenOptions::new().write(true).truncate(true), &new)?.write_all(&text)?;
    fs::rename(new, file)
}

/// Opens a file that only its user may read.
fn private(options: &mut OpenOptions, file: &Path) -> io::Result<File> {
    options.create(true).mode(0o600).open(file)
}

/// Whether a pattern matches all of a text: `*` is any text, `?` any one
/// character.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go back to: after the last star, and the next text it may take.
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = star else {
                    return false;
                };
                star = Some((after, from + 1));
                p = after;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(history: &History, request: Value) -> Vec<usize> {
        let request = serde_json::from_value(request).unwrap();
        let answer = history.answer(&request);
        answer.into_iter().map(|(_, line, _)| line).collect()
    }

    #[test]
    fn answers_tail_range_and_search() {
        let mut history = History::default();
        for (line, input) in [(1, "let a"), (2, "1 + 1"), (3, "let b"), (4, "1 + 1")] {
            history.push(line, input);
        }
        let tail = json!({"hist_access_type": "tail", "n": 3, "raw": true, "output": false});
        assert_eq!(ask(&history, tail), [2, 3, 4]);
        let range = json!({"hist_access_type": "range", "session": 0, "start": 2, "stop": 4});
        assert_eq!(ask(&history, range), [2, 3]);
        let earlier = json!({"hist_access_type": "range", "session": -1, "start": 0, "stop": 9});
        assert!(ask(&history, earlier).is_empty());
        let search = json!({"hist_access_type": "search", "n": 1, "pattern": "let*"});
        assert_eq!(ask(&history, search), [3]);
        let unique = json!({"hist_access_type": "search", "pattern": "? + 1", "unique": true});
        assert_eq!(ask(&history, unique), [4]);
    }

    #[test]
    fn outputs_are_given_only_when_asked_for() {
        let mut history = History::default();
        history.push(1, "x");
        let request =
            serde_json::from_value(json!({"hist_access_type": "tail", "n": 1, "output": true}));
        assert_eq!(
            history.answer(&request.unwrap()),
            [(1, 1, json!(["x", null]))]
        );
    }

    #[test]
    fn the_oldest_inputs_go_first() {
        let mut history = History::default();
        for line in 0..KEPT + 5 {
            history.push(line, "x");
        }
        assert_eq!(history.last(usize::MAX).count(), KEPT);
        assert_eq!(history.last(usize::MAX).next().unwrap().line, 5);
        for line in 0..5 {
            history.push(line, &"y".repeat(KEPT_BYTES / 4));
        }
        let kept: Vec<_> = history.last(usize::MAX).map(|entry| entry.line).collect();
        assert_eq!(kept, [1, 2, 3, 4]);
        history.push(9, &"z".repeat(KEPT_BYTES + 1));
        assert_eq!(history.last(usize::MAX).count(), 0);
        history.push(10, "x");
        assert_eq!(history.last(usize::MAX).count(), 1);
    }

    #[test]
    fn a_file_outlives_a_kernel() {
        let folder = env::temp_dir().join(format!("history-{}", std::process::id()));
        let file = folder.join("deep/history.jsonl");
        let mut first = History::open(Some(&file), "first");
        first.push(1, "let a = \"🦀\";\n");
        first.push(2, "a");
        fs::write(
            &file,
            [fs::read(&file).unwrap(), b"half a li\n".to_vec()].concat(),
        )
        .unwrap();
        let mut second = History::open(Some(&file), "second");
        second.push(1, "b");
        let third = History::open(Some(&file), "third");
        let tail = json!({"hist_access_type": "tail", "n": 9});
        let found = third.answer(&serde_json::from_value(tail).unwrap());
        let expected = [
            (1, 1, json!("let a = \"🦀\";\n")),
            (1, 2, json!("a")),
            (2, 1, json!("b")),
        ];
        assert_eq!(found, expected);
        let range = json!({"hist_access_type": "range", "session": -2, "start": 2});
        assert_eq!(ask(&third, range), [2]);
        let range = json!({"hist_access_type": "range", "session": 2, "start": 1});
        assert_eq!(ask(&third, range), [1]);
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_long_file_is_shortened() {
        let folder = env::temp_dir().join(format!("long-history-{}", std::process::id()));
        let file = folder.join("history.jsonl");
        let mut history = History::open(Some(&file), "first");
        let long = "x".repeat(1 << 20);
        for line in 0..9 {
            history.push(line, &long);
        }
        let history = History::open(Some(&file), "second");
        assert_eq!(history.inputs.len(), 4);
        assert!(fs::metadata(&file).unwrap().len() < FILE_BYTES as u64);
        assert_eq!(History::open(Some(&file), "third").inputs, history.inputs);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_pattern_has_a_bound() {
        let mut history = History::default();
        history.push(1, "x");
        let search = |length| json!({"hist_access_type": "search", "pattern": "*".repeat(length)});
        assert_eq!(ask(&history, search(PATTERN)), [1]);
        assert!(ask(&history, search(PATTERN + 1)).is_empty());
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text) in [
            ("*", ""),
            ("a*c", "abbc"),
            ("*b*", "abc"),
            ("?", "ü"),
            ("**", "x"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", "ab"), ("?", ""), ("a*c", "acb")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
