//! Whether a cell's code is complete, or goes on in the next line.

use super::{Token, closes, magic, opens, tokens};
use crate::content::IsCompleteReply;
use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

/// Keywords that begin something which ends in `;` or `}`.
const UNFINISHED: [&str; 18] = [
    "async", "const", "enum", "extern", "fn", "for", "if", "impl", "let", "loop", "match", "mod",
    "pub", "static", "struct", "trait", "use", "while",
];

/// Tells whether code can be run, goes on, or can never be run.
pub fn completeness(source: &str) -> IsCompleteReply {
    let Ok((_, code)) = magic::split(source) else {
        return IsCompleteReply::Invalid;
    };
    let tokens = tokens(&code);
    let mut open = Vec::new();
    for token in &tokens {
        if goes_on(token.kind) {
            return incomplete(0);
        }
        if is_invalid(token.kind) {
            return IsCompleteReply::Invalid;
        }
        if opens(token.kind) {
            open.push(token.kind);
        }
        if let Some(expected) = closes(token.kind)
            && open.pop() != Some(expected)
        {
            return IsCompleteReply::Invalid;
        }
    }
    if !open.is_empty() || is_unfinished(&code, &tokens) {
        return incomplete(open.len());
    }
    IsCompleteReply::Complete
}

fn incomplete(depth: usize) -> IsCompleteReply {
    IsCompleteReply::Incomplete {
        indent: "    ".repeat(depth),
    }
}

/// A string or a comment that hasn't ended.
fn goes_on(kind: TokenKind) -> bool {
    match kind {
        TokenKind::BlockComment { terminated, .. } => !terminated,
        TokenKind::Literal { kind, .. } => match kind {
            LiteralKind::Str { terminated }
            | LiteralKind::ByteStr { terminated }
            | LiteralKind::CStr { terminated } => !terminated,
            LiteralKind::RawStr { n_hashes }
            | LiteralKind::RawByteStr { n_hashes }
            | LiteralKind::RawCStr { n_hashes } => n_hashes.is_none(),
            _ => false,
        },
        _ => false,
    }
}

fn is_invalid(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Unknown | TokenKind::InvalidIdent => true,
        TokenKind::Literal { kind, .. } => matches!(
            kind,
            LiteralKind::Char { terminated: false } | LiteralKind::Byte { terminated: false }
        ),
        _ => false,
    }
}

/// Whether the last statement lacks its end: an operator stands last, or what
/// it began with can't stop there.
fn is_unfinished(code: &str, tokens: &[Token]) -> bool {
    let Some(last) = tokens.last() else {
        return false;
    };
    match last.kind {
        TokenKind::Semi | TokenKind::CloseBrace => return false,
        TokenKind::Comma
        | TokenKind::Dot
        | TokenKind::Colon
        | TokenKind::Eq
        | TokenKind::Lt
        | TokenKind::Minus
        | TokenKind::And
        | TokenKind::Or
        | TokenKind::Plus
        | TokenKind::Star
        | TokenKind::Slash
        | TokenKind::Caret
        | TokenKind::Percent => return true,
        _ => {}
    }
    let before = tokens
        .iter()
        .rposition(|token| {
            token.depth == 0 && matches!(token.kind, TokenKind::Semi | TokenKind::CloseBrace)
        })
        .map_or(0, |index| index + 1);
    UNFINISHED.contains(&&code[tokens[before].at.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_code_can_be_run() {
        for code in [
            "",
            "1 + 1",
            "fn main() {}",
            "let x = 1;",
            "let c = '{';",
            "\"(\"",
            "// (\n1",
            "/* ( */ 1",
            "%%run 5\nfn main() {}",
            "fn longest<'a>(a: &'a str) -> &'a str { a }",
            "x?",
            ":dep rand",
        ] {
            assert_eq!(completeness(code), IsCompleteReply::Complete, "{code}");
        }
    }

    #[test]
    fn incomplete_code_goes_on_indented() {
        for (code, depth) in [
            ("fn main() {", 1),
            ("fn main() {\n    spawn(|| {", 3),
            ("\"abc", 0),
            ("r#\"abc\"", 0),
            ("/* abc", 0),
            ("fn main()", 0),
            ("let x = 1", 0),
            ("let x =", 0),
            ("1 +", 0),
            ("a.b().", 0),
            ("let a = 1; let b", 0),
        ] {
            assert_eq!(completeness(code), incomplete(depth), "{code}");
        }
    }

    #[test]
    fn what_nothing_can_complete_is_invalid() {
        for code in ["}", "fn main() { )", "(]", "let x = №;", "%%run nought\n"] {
            assert_eq!(completeness(code), IsCompleteReply::Invalid, "{code}");
        }
    }
}
