//! The colours of Rust code, put into a page when it is built: those that mdBook's
//! editor, ACE, gives it once it is there, so that nothing changes when a reader turns
//! to the code. So the classes are ACE's, and what is a keyword is what ACE takes for
//! one: see `mode-rust.js` of mdBook.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

const COMMENT: &str = "ace_comment";
const KEYWORD: &str = "ace_keyword";
const STRING: &str = "ace_string";
const CONSTANT: &str = "ace_constant";
const FUNCTION: &str = "ace_entity ace_name ace_function";
/// Types, and what stands before `::`.
const TYPE: &str = "ace_support";

const KEYWORDS: &str = " abstract alignof as become box break catch continue const crate \
    default do dyn else enum extern for final if impl in let loop macro match mod move mut \
    offsetof override priv proc pub pure ref return self sizeof static struct super trait \
    type typeof union unsafe unsized use virtual where while yield fn ";

const TYPES: &str = " Self isize usize char bool u8 u16 u32 u64 u128 f16 f32 f64 i8 i16 i32 \
    i64 i128 str option either c_float c_double c_void FILE fpos_t DIR dirent c_char c_schar \
    c_uchar c_short c_ushort c_int c_uint c_long c_ulong size_t ptrdiff_t clock_t time_t \
    c_longlong c_ulonglong intptr_t uintptr_t off_t dev_t ino_t pid_t mode_t ssize_t ";

const CONSTANTS: &str = " true false Some None Ok Err EXIT_FAILURE EXIT_SUCCESS ";

/// Code as HTML, in its colours.
pub(super) fn coloured(code: &str) -> String {
    let mut html = Coloured::default();
    let mut rest = code;
    // Whether a function's name is next.
    let mut names_function = false;
    let mut tokens = tokenize(code, FrontmatterAllowed::No).peekable();
    while let Some(token) = tokens.next() {
        let (text, after) = rest.split_at(token.len as usize);
        rest = after;
        match token.kind {
            TokenKind::Whitespace => {
                html.add("", text);
                continue;
            }
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => {
                html.add(COMMENT, text);
            }
            TokenKind::Ident if after.starts_with("::") && !names_function => {
                html.add(TYPE, text);
                for _ in 0..2 {
                    tokens.next();
                    let (colon, after) = rest.split_at(1);
                    rest = after;
                    html.add(TYPE, colon);
                }
            }
            TokenKind::Ident | TokenKind::RawIdent => {
                let class = match names_function {
                    true => FUNCTION,
                    false => class_of(text),
                };
                html.add(class, text);
                names_function = text == "fn";
                continue;
            }
            TokenKind::Literal { kind, .. } => literal(&mut html, kind, text),
            _ => html.add("", text),
        }
        names_function = false;
    }
    html.finish()
}

fn class_of(word: &str) -> &'static str {
    let is_in = |words: &str| words.split(' ').any(|it| it == word);
    if is_in(KEYWORDS) {
        KEYWORD
    } else if is_in(TYPES) {
        TYPE
    } else if is_in(CONSTANTS) {
        CONSTANT
    } else {
        ""
    }
}

fn literal(html: &mut Coloured, kind: LiteralKind, text: &str) {
    let quote = match kind {
        LiteralKind::Int { .. } | LiteralKind::Float { .. } => return html.add(CONSTANT, text),
        LiteralKind::Char { .. } | LiteralKind::Byte { .. } => '\'',
        LiteralKind::RawStr { .. }
        | LiteralKind::RawByteStr { .. }
        | LiteralKind::RawCStr { .. } => 'r',
        LiteralKind::Str { .. } | LiteralKind::ByteStr { .. } | LiteralKind::CStr { .. } => '"',
    };
    let (prefix, quoted) = text.split_at(text.find(quote).unwrap_or_default());
    html.add("", prefix);
    let mut rest = quoted;
    if quote == '"' {
        while let Some(at) = rest.find('\\') {
            let (before, escape) = rest.split_at(at);
            html.add(STRING, before);
            let length = escape_at(escape);
            let (escape, after) = escape.split_at(length.unwrap_or(1));
            html.add(length.map_or(STRING, |_| CONSTANT), escape);
            rest = after;
        }
    }
    html.add(STRING, rest);
}

/// How long the escape is with which a text begins, if ACE knows it.
fn escape_at(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let are_hex = |range: std::ops::Range<usize>| {
        let digits = bytes.get(range);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    match bytes.get(1)? {
        b'n' | b'r' | b't' | b'0' | b'\'' | b'"' | b'\\' => Some(2),
        b'x' if are_hex(2..4) => Some(4),
        b'u' if bytes.get(2) == Some(&b'{') && are_hex(3..9) && bytes.get(9) == Some(&b'}') => {
            Some(10)
        }
        _ => None,
    }
}

/// HTML in which what has one class after another has one element.
#[derive(Default)]
struct Coloured {
    html: String,
    class: &'static str,
}

impl Coloured {
    fn add(&mut self, class: &'static str, text: &str) {
        if text.is_empty() {
            return;
        }
        if class != self.class {
            self.close();
            if !class.is_empty() {
                self.html += "<span class=\"";
                self.html += class;
                self.html += "\">";
            }
            self.class = class;
        }
        for c in text.chars() {
            match c {
                '&' => self.html += "&amp;",
                '<' => self.html += "&lt;",
                '>' => self.html += "&gt;",
                c => self.html.push(c),
            }
        }
    }

    fn close(&mut self) {
        if !self.class.is_empty() {
            self.html += "</span>";
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one letter for each class.
    fn seen(code: &str) -> String {
        let mut html = coloured(code);
        let classes = [
            (COMMENT, "m"),
            (KEYWORD, "k"),
            (STRING, "s"),
            (CONSTANT, "c"),
            (FUNCTION, "f"),
            (TYPE, "t"),
        ];
        for (class, letter) in classes {
            html = html.replace(&format!("<span class=\"{class}\">"), &format!("[{letter} "));
        }
        html.replace("</span>", "]")
    }

    #[test]
    fn code_has_the_colours_of_the_editor() {
        for (code, expected) in [
            ("fn main() {}", "[k fn] [f main]() {}"),
            ("thread::spawn(|| 1u32)", "[t thread::]spawn(|| [c 1u32])"),
            ("std::thread::x", "[t std::thread::]x"),
            (
                "let x: Option<&str> = None; // y",
                "[k let] x: Option&lt;&amp;[t str]&gt; = [c None]; [m // y]",
            ),
            (r#"p("a\n{b}\q")"#, r#"p([s "a][c \n][s {b}\q"])"#),
            (
                r##"b"x" + br#"y"# + 'z' + b'\n'"##,
                r##"b[s "x"] + b[s r#"y"#] + [s 'z'] + b[s '\n']"##,
            ),
            ("&'static self.0", "&amp;'static [k self].[c 0]"),
            ("for i in 1..=3", "[k for] i [k in] [c 1]..=[c 3]"),
            ("/* a /* b */ c */ d", "[m /* a /* b */ c */] d"),
            ("async r#fn", "async r#fn"),
        ] {
            assert_eq!(seen(code), expected);
        }
    }
}
