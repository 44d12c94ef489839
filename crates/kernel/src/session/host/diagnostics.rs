//! What rustc says of a cell, set like rustc's own words.

use super::super::places::{self, Place};
use crate::content::KernelError;
use evcxr::CompilationError;

const BOLD: &str = "\x1b[1m";
// Not bold: of that, JupyterLab makes colours that are hard to read in its dark
// theme.
const RED: &str = "\x1b[31m";
const BLUE: &str = "\x1b[34m";
const PLAIN: &str = "\x1b[0m";

/// The errors of a cell as one.
pub(super) fn compile_error(
    errors: &[CompilationError],
    code: &str,
    label: Option<u32>,
) -> KernelError {
    let first = errors.first().map_or_else(
        || "the compiler rejected the cell".to_owned(),
        |error| headline(error).0 + &headline(error).1,
    );
    let texts: Vec<String> = errors
        .iter()
        .map(|error| render(error, code, label))
        .collect();
    let text = texts.join("\n\n");
    KernelError {
        ename: "CompileError".to_owned(),
        evalue: first,
        traceback: text.lines().map(str::to_owned).collect(),
    }
}

/// The lines that show a place, as rustc shows one.
pub(super) fn excerpt(place: &Place) -> [String; 4] {
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let before = " ".repeat(place.column - 1);
    [
        format!("{margin}{BLUE}-->{PLAIN} {place}"),
        format!("{margin} {BLUE}|{PLAIN}"),
        format!("{BLUE}{number} |{PLAIN} {}", place.text),
        format!("{margin} {BLUE}|{PLAIN} {before}{RED}^{PLAIN}"),
    ]
}

/// `error[E0425]`, and `: what it is`.
fn headline(error: &CompilationError) -> (String, String) {
    let code = error.code().map(|code| format!("[{code}]"));
    let message = error.message();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    (
        format!("error{}", code.unwrap_or_default()),
        format!(": {message}"),
    )
}

fn render(error: &CompilationError, code: &str, label: Option<u32>) -> String {
    let (kind, message) = headline(error);
    let mut text = format!("{RED}{kind}{PLAIN}{BOLD}{message}{PLAIN}");
    let lines: Vec<&str> = code.lines().collect();
    let mut spans: Vec<_> = error
        .spanned_messages()
        .iter()
        .filter_map(|it| Some((it.span?, &it.label, it.is_primary)))
        .collect();
    spans.sort_by_key(|(span, _, primary)| (span.start_line, !primary, span.start_column));
    let digits = spans
        .iter()
        .map(|(span, ..)| span.start_line)
        .max()
        .map_or(1, |line| line.to_string().len());
    let mut last = 0;
    for (span, words, primary) in spans {
        let Some(line) = lines.get(span.start_line - 1) else {
            continue;
        };
        if last == 0 {
            let at = format!("{}:{}", span.start_line, span.start_column);
            let cell = places::called(label);
            text += &format!("\n{:digits$}{BLUE}-->{PLAIN} {cell}:{at}", "");
            text += &format!("\n{:digits$} {BLUE}|{PLAIN}", "");
        }
        if last != span.start_line {
            let number = span.start_line;
            text += &format!("\n{BLUE}{number:digits$} |{PLAIN} {line}");
            last = span.start_line;
        }
        let until = if span.end_line == span.start_line {
            span.end_column
        } else {
            line.chars().count() + 1
        };
        let (mark, colour) = if primary { ("^", RED) } else { ("-", BLUE) };
        let marks = mark.repeat(until.saturating_sub(span.start_column).max(1));
        let before = " ".repeat(span.start_column - 1);
        text += &format!(
            "\n{:digits$} {BLUE}|{PLAIN} {before}{colour}{marks} {}{PLAIN}",
            "",
            words.replace('\n', " ").trim_end()
        );
    }
    for help in error.help() {
        text += &format!("\n{BOLD}help{PLAIN}: {help}");
    }
    if let Some(hint) = error.evcxr_extra_hint() {
        text += &format!("\n{BOLD}note{PLAIN}: {hint}");
    }
    text
}
