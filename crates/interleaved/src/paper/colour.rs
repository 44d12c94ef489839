//! Colours for code, line by line: what a browser's scripts do on the page.

use super::xhtml::escape;
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

const RUST: &str = "as async await break const continue crate dyn else enum extern false fn for if \
    impl in let loop match mod move mut pub ref return self static struct super trait true type \
    union unsafe use where while";

const GO: &str = "break case chan const continue default defer else fallthrough for func go goto \
    if import interface map package range return select struct switch type var nil true false";

/// The lines of a program, as XHTML with a class for each kind of word. Code of
/// other languages is only escaped.
pub(super) fn lines(code: &str, language: &str) -> Vec<String> {
    let keywords = match language {
        "rust" => RUST,
        "go" => GO,
        _ => return code.lines().map(escape).collect(),
    };
    let mut lines = vec![String::new()];
    let mut rest = code.trim_end_matches('\n');
    for token in tokenize(rest, FrontmatterAllowed::No) {
        let (text, behind) = rest.split_at(token.len as usize);
        rest = behind;
        let class = match token.kind {
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => "c",
            TokenKind::Lifetime { .. } => "l",
            TokenKind::Literal { kind, .. } => match kind {
                LiteralKind::Int { .. } | LiteralKind::Float { .. } => "n",
                _ => "s",
            },
            TokenKind::Ident | TokenKind::RawIdent => {
                let is_macro = behind.starts_with('!') && !behind.starts_with("!=");
                if keywords.split_whitespace().any(|it| it == text) {
                    "k"
                } else if language == "rust" && is_macro {
                    "m"
                } else if behind.starts_with('(') {
                    "f"
                } else if text.starts_with(char::is_uppercase) {
                    "t"
                } else {
                    ""
                }
            }
            _ => "",
        };
        for (index, piece) in text.split('\n').enumerate() {
            if index > 0 {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                match class.is_empty() || piece.is_empty() {
                    true => line.push_str(&escape(piece)),
                    false => {
                        *line += &format!("<span class=\"{class}\">{}</span>", escape(piece));
                    }
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_coloured_line_by_line() {
        let code = "/* a\nb */ fn f<'a>(x: &'a T) {\n    println!(\"<\", 1);\n}\n";
        assert_eq!(
            lines(code, "rust"),
            [
                "<span class=\"c\">/* a</span>",
                "<span class=\"c\">b */</span> <span class=\"k\">fn</span> f&lt;\
                 <span class=\"l\">'a</span>&gt;(x: &amp;<span class=\"l\">'a</span> \
                 <span class=\"t\">T</span>) {",
                "    <span class=\"m\">println</span>!(<span class=\"s\">&quot;&lt;&quot;</span>, \
                 <span class=\"n\">1</span>);",
                "}"
            ]
        );
        assert_eq!(lines("a < b\nc", "text"), ["a &lt; b", "c"]);
    }
}
