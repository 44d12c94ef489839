//! Earlier inputs of this kernel, as `history_request` asks for them.

use crate::content::{HistoryAccess, HistoryRequest};
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// How many inputs are kept. The oldest go first.
const KEPT: usize = 1000;

/// How many bytes of inputs are kept.
const KEPT_BYTES: usize = 4 << 20;

/// The longest pattern that finds anything, in bytes: a search takes as long as
/// the pattern times the inputs.
const PATTERN: usize = 1 << 10;

/// The inputs of one session, each with its line: the cell's number. A clone
/// shares their text, so that a search holds nobody up.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    inputs: VecDeque<(usize, Arc<str>)>,
    bytes: usize,
}

impl History {
    /// Adds an input.
    pub(crate) fn push(&mut self, line: usize, input: &str) {
        self.inputs.push_back((line, input.into()));
        self.bytes += input.len();
        while self.inputs.len() > KEPT || self.bytes > KEPT_BYTES {
            let oldest = self.inputs.pop_front();
            self.bytes -= oldest.map_or(0, |(_, input)| input.len());
        }
    }

    /// The inputs asked for, oldest first: `(session, line, input)`.
    pub(crate) fn answer(&self, request: &HistoryRequest) -> Vec<(i64, usize, Value)> {
        let found: Vec<&(usize, Arc<str>)> = match &request.access {
            HistoryAccess::Tail { n } => self.last(*n).collect(),
            HistoryAccess::Range {
                session: 0,
                start,
                stop,
            } => self.range(*start, *stop),
            HistoryAccess::Range { .. } => Vec::new(),
            HistoryAccess::Search { n, pattern, unique } => self.search(*n, pattern, *unique),
        };
        found
            .into_iter()
            .map(|(line, input)| {
                let entry = if request.output {
                    json!([&**input, null])
                } else {
                    json!(&**input)
                };
                (0, *line, entry)
            })
            .collect()
    }

    fn last(&self, count: usize) -> impl Iterator<Item = &(usize, Arc<str>)> {
        let before = self.inputs.len().saturating_sub(count);
        self.inputs.iter().skip(before)
    }

    fn range(&self, start: usize, stop: Option<usize>) -> Vec<&(usize, Arc<str>)> {
        self.inputs
            .iter()
            .filter(|(line, _)| *line >= start && stop.is_none_or(|stop| *line < stop))
            .collect()
    }

    fn search(&self, count: Option<usize>, pattern: &str, unique: bool) -> Vec<&(usize, Arc<str>)> {
        if pattern.len() > PATTERN {
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut found: Vec<_> = self
            .inputs
            .iter()
            .rev()
            .filter(|(_, input)| matches(pattern, input))
            .filter(|(_, input)| !unique || seen.insert(input))
            .take(count.unwrap_or(usize::MAX))
            .collect();
        found.reverse();
        found
    }
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
            [(0, 1, json!(["x", null]))]
        );
    }

    #[test]
    fn the_oldest_inputs_go_first() {
        let mut history = History::default();
        for line in 0..KEPT + 5 {
            history.push(line, "x");
        }
        assert_eq!(history.last(usize::MAX).count(), KEPT);
        assert_eq!(history.last(usize::MAX).next().unwrap().0, 5);
        for line in 0..5 {
            history.push(line, &"y".repeat(KEPT_BYTES / 4));
        }
        let kept: Vec<_> = history.last(usize::MAX).map(|(line, _)| *line).collect();
        assert_eq!(kept, [1, 2, 3, 4]);
        history.push(9, &"z".repeat(KEPT_BYTES + 1));
        assert_eq!(history.last(usize::MAX).count(), 0);
        history.push(10, "x");
        assert_eq!(history.last(usize::MAX).count(), 1);
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
