//! Reading what rustc says: lines of JSON, one a diagnostic.
//! <https://doc.rust-lang.org/rustc/json.html>

use serde::Deserialize;

/// What rustc said about one program.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Diagnostics {
    /// As rustc shows it to a person, coloured by ANSI sequences.
    pub(crate) rendered: String,
    /// The errors' codes in their order, each once.
    pub(crate) codes: Vec<String>,
    pub(crate) has_errors: bool,
    /// What was no JSON: rustc's last words, if it crashed.
    pub(crate) rest: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    code: Option<Code>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

impl Diagnostics {
    pub(crate) fn read(text: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(diagnostic) => diagnostics.add(diagnostic),
                Err(_) => {
                    diagnostics.rest += line;
                    diagnostics.rest.push('\n');
                }
            }
        }
        diagnostics
    }

    fn add(&mut self, diagnostic: Diagnostic) {
        self.rendered += diagnostic.rendered.as_deref().unwrap_or_default();
        if !diagnostic.level.starts_with("error") {
            return;
        }
        self.has_errors = true;
        if let Some(Code { code }) = diagnostic.code
            && !self.codes.contains(&code)
        {
            self.codes.push(code);
        }
    }
}

/// The same text without its colours (ECMA-48's CSI sequences).
pub fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        plain += before;
        let end = sequence.find(|letter| ('@'..='~').contains(&letter));
        rest = end.map_or("", |end| &sequence[end + 1..]);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collects_codes_and_words() {
        let text = r#"{"level":"warning","code":{"code":"unused"},"rendered":"w\n"}
{"level":"error","code":{"code":"E0373"},"rendered":"a\n"}
{"level":"error","code":{"code":"E0373"},"rendered":"b\n"}
{"level":"error","code":null,"rendered":"aborting\n"}
thread 'rustc' panicked"#;
        let diagnostics = Diagnostics::read(text);
        assert_eq!(diagnostics.codes, ["E0373"]);
        assert_eq!(diagnostics.rendered, "w\na\nb\naborting\n");
        assert!(diagnostics.has_errors);
        assert_eq!(diagnostics.rest, "thread 'rustc' panicked\n");
    }

    #[test]
    fn takes_colours_away() {
        let coloured = "\u{1b}[1m\u{1b}[91merror[E0373]\u{1b}[0m: plain";
        assert_eq!(without_colours(coloured), "error[E0373]: plain");
        assert_eq!(without_colours("cut \u{1b}[1"), "cut ");
    }
}
