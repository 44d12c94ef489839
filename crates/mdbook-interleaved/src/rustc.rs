//! Colours rustc's plain words, as it would have coloured them in a terminal.
//! The classes are those of the page's own reading of ANSI colours.

use crate::escape::escape;

/// rustc's words as HTML, on one line.
pub(crate) fn coloured(text: &str) -> String {
    let lines: Vec<String> = text.trim_end_matches('\n').lines().map(line).collect();
    lines.join("&#10;")
}

fn line(line: &str) -> String {
    for (level, class) in [("error", "ansi-red"), ("warning", "ansi-yellow")] {
        if let Some(rest) = line.strip_prefix(level) {
            let (code, message) = rest.split_once(':').unwrap_or((rest, ""));
            let head = span(&format!("ansi-bold {class}"), &format!("{level}{code}"));
            return head + &span("ansi-bold", &format!(":{message}"));
        }
    }
    for (level, class) in [("note", "ansi-green"), ("help", "ansi-cyan")] {
        if let Some(rest) = line.strip_prefix(level) {
            return span(&format!("ansi-bold {class}"), level) + &escape(rest);
        }
    }
    match margin(line) {
        0 => escape(line),
        end => span("ansi-bold ansi-blue", &line[..end]) + &marks(&line[end..]),
    }
}

/// Where the margin ends: `  --> `, ` 6 | ` and `  = `, but not the code.
fn margin(line: &str) -> usize {
    let text = line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let start = line.len() - text.len();
    let sign = ["-->", ":::", "|", "="]
        .into_iter()
        .find(|sign| text.starts_with(sign));
    sign.map_or(0, |sign| start + sign.len())
}

/// What stands beside the margin: code, or marks under code with their labels.
fn marks(text: &str) -> String {
    let first = text.trim_start_matches([' ', '|', '_']).chars().next();
    match first {
        Some('^') => span("ansi-bold ansi-red", text),
        Some('-') => span("ansi-bold ansi-blue", text),
        Some('+' | '~') => span("ansi-green", text),
        _ => escape(text),
    }
}

fn span(class: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<span class=\"{class}\">{}</span>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn levels_margins_and_marks_are_told_apart() {
        let html = coloured(
            "error[E0499]: no & no\n --> a.rs:1:2\n  |\n1 |     let x = 1;\n  |         ^ here\n",
        );
        let lines: Vec<&str> = html.split("&#10;").collect();
        assert_eq!(
            lines[0],
            "<span class=\"ansi-bold ansi-red\">error[E0499]</span><span class=\"ansi-bold\">: no &amp; no</span>"
        );
        assert_eq!(
            lines[1],
            "<span class=\"ansi-bold ansi-blue\"> --&gt;</span> a.rs:1:2"
        );
        assert_eq!(
            lines[3],
            "<span class=\"ansi-bold ansi-blue\">1 |</span>     let x = 1;"
        );
        assert!(lines[4].ends_with("<span class=\"ansi-bold ansi-red\">         ^ here</span>"));
        assert!(!html.contains('\n'));
    }
}
