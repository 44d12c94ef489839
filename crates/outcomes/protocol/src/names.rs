//! What a program calls its locks and channels: the variable, field or static
//! in whose statement they are made.

use crate::{Answer, Place, Standstill};

/// What the program calls what is made at this place: `counter` in
/// `let counter = Arc::new(Mutex::new(0))`, `(tx, rx)` in
/// `let (tx, rx) = channel()`. `None` where nothing is named.
fn name_at(source: &str, place: &Place) -> Option<String> {
    let line = source.lines().nth(place.line.checked_sub(1)? as usize)?;
    let column = place.column.checked_sub(1)? as usize;
    let in_line: usize = line.chars().take(column).map(char::len_utf8).sum();
    let before_line = line.as_ptr() as usize - source.as_ptr() as usize;
    let before = &source[..before_line + in_line];
    name_before(before)
}

/// The name that what comes next is given: by a field (`left: Mutex::new(…)`),
/// or by the statement that it is in.
fn name_before(before: &str) -> Option<String> {
    // How far we are outside of where we began.
    let mut depth = 0_usize;
    for (index, letter) in before.char_indices().rev() {
        match letter {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' => depth = depth.saturating_sub(1),
            '{' if depth > 0 => depth -= 1,
            ';' if depth == 0 => return name_of_statement(&before[index + 1..]),
            '{' => {
                // A block, or a struct's fields.
                let inside = &before[index + 1..];
                return name_of_statement(inside).or_else(|| name_of_field(inside));
            }
            _ => {}
        }
    }
    name_of_statement(before)
}

/// `counter` of `let mut counter: Arc<_> = Arc::new(`, `STOP` of
/// `static STOP: Mutex<bool> = `.
fn name_of_statement(statement: &str) -> Option<String> {
    // Comments and attributes may come first.
    let lines = statement.lines().map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|line| !line.starts_with("//") && !line.starts_with("#["))
        .collect();
    let statement = lines.join(" ");
    let mut words = statement.trim_start();
    for visibility in ["pub ", "pub(crate) "] {
        words = words.strip_prefix(visibility).unwrap_or(words);
    }
    let keyword = ["let ", "static ", "const "];
    let mut pattern = keyword.iter().find_map(|word| words.strip_prefix(word))?;
    // To be something's initialiser, it must come behind the first `=`.
    pattern = pattern.split_once('=')?.0.trim();
    pattern = pattern.strip_prefix("mut ").unwrap_or(pattern);
    if let Some(tuple) = pattern.strip_prefix('(') {
        let names = tuple.split_once(')')?.0.split(',').map(str::trim);
        let names = names.map(|name| name.strip_prefix("mut ").unwrap_or(name));
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let all = names.iter().all(|name| is_name(name));
        return all.then(|| format!("({})", names.join(", ")));
    }
    let name = pattern.split(':').next()?.trim();
    (is_name(name) && name != "_").then(|| name.to_owned())
}

/// `left` of `left: Arc::new(`, behind other fields or none.
fn name_of_field(fields: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut start = 0;
    for (index, letter) in fields.char_indices().rev() {
        match letter {
            ')' | ']' | '}' | '>' => depth += 1,
            '(' | '[' | '{' | '<' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                start = index + 1;
                break;
            }
            _ => {}
        }
    }
    let (name, _) = fields[start..].split_once(':')?;
    let name = name.trim();
    is_name(name).then(|| name.to_owned())
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

impl Answer {
    /// Finds out what the program calls the things that the answer speaks of.
    /// `source` gives the text of a file that a place names, if it is the program's.
    pub fn name_things<'a>(&mut self, source: impl Fn(&str) -> Option<&'a str>) {
        let name = |created: &Option<Place>| {
            let place = created.as_ref()?;
            name_at(source(&place.file)?, place)
        };
        let name_all = |standstill: &mut Standstill| {
            for object in &mut standstill.objects {
                object.name = name(&object.created);
            }
            let waits = standstill.blocked.iter_mut();
            for wait in waits.flat_map(|blocked| &mut blocked.waits) {
                if is_thing(wait.object.as_deref()) {
                    wait.name = name(&wait.created);
                }
            }
        };
        for deadlock in &mut self.deadlocks {
            name_all(&mut deadlock.standstill);
        }
        for leak in &mut self.leaks {
            name_all(&mut leak.standstill);
        }
        if let Some(trace) = &mut self.trace {
            name_all(&mut trace.left);
            for object in &mut trace.objects {
                if is_thing(Some(&object.kind)) {
                    object.name = name(&object.created);
                }
            }
        }
        if let Some(graph) = &mut self.graph {
            for object in &mut graph.labels.objects {
                if is_thing(Some(&object.kind)) {
                    object.name = name(&object.created);
                }
            }
        }
    }
}

/// Whether what is made where it is made is the thing itself, which a thread
/// or a scope is not.
fn is_thing(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| !["thread", "scope"].contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_called_as_their_variable_field_or_static() {
        for (source, name) in [
            (
                "fn main() { let counter = Arc::new(§Mutex::new(0)); }",
                Some("counter"),
            ),
            ("let mut left: Mutex<i32> = §Mutex::new(0);", Some("left")),
            ("let (tx, rx) = §channel();", Some("(tx, rx)")),
            (
                "let (tx, mut rx): (Sender<i32>, _) =\n    §channel();",
                Some("(tx, rx)"),
            ),
            (
                "let a = 1;\n// The second.\nlet b = §Mutex::new(2);",
                Some("b"),
            ),
            (
                "static STOP: Mutex<bool> = §Mutex::new(false);",
                Some("STOP"),
            ),
            (
                "let pair = Arc::new((Mutex::new(false), §Condvar::new()));",
                Some("pair"),
            ),
            (
                "let forks: Vec<_> = (0..3).map(|_| §Mutex::new(())).collect();",
                Some("forks"),
            ),
            (
                "let table = Table { left: Mutex::new(0), right: §Mutex::new(1) };",
                Some("right"),
            ),
            ("let table = Table { left: §Mutex::new(0) };", Some("left")),
            ("fn make() -> Mutex<i32> { §Mutex::new(0) }", None),
            ("let total = { work(); §Mutex::new(0) };", None),
            ("spawn(§channel());", None),
            ("let _ = §channel();", None),
        ] {
            let before = source.split('§').next().unwrap();
            let line = before.lines().count().max(1) as u32;
            let column = before.lines().last().unwrap().chars().count() as u32 + 1;
            let place = Place {
                file: String::new(),
                line,
                column,
            };
            let source = source.replace('§', "");
            assert_eq!(name_at(&source, &place).as_deref(), name, "{source}");
        }
    }
}
