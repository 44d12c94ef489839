//! Lines on stderr, for whoever started the kernel: a front end's log.

use std::fmt::Display;
use std::io::{Write, stderr};

/// The longest line, in characters. What is quoted may come from anyone.
const LONGEST: usize = 300;

/// Writes a warning, if anyone is there to read it, on one line without control
/// characters.
pub(crate) fn warn(sentence: impl Display) {
    let _ = writeln!(stderr(), "warning: {}", one_line(&sentence.to_string()));
}

fn one_line(text: &str) -> String {
    let shown = |character: char| {
        if character.is_control() {
            character.escape_default().collect()
        } else {
            character.to_string()
        }
    };
    let text = outcomes_protocol::with_directions_named(text);
    let mut line: String = text.chars().take(LONGEST).map(shown).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_one_short_line() {
        assert_eq!(one_line("as it is"), "as it is");
        assert_eq!(one_line("a\n\u{1b}[2Jb"), "a\\n\\u{1b}[2Jb");
        let long = one_line(&"ü".repeat(LONGEST + 1));
        assert_eq!(long, "ü".repeat(LONGEST) + "…");
    }
}
