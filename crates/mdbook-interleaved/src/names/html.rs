//! Reads rustdoc's HTML, as far as it is text.

/// A piece of HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// What is within the angle brackets.
    Tag(&'a str),
    Text(&'a str),
}

/// The pieces of HTML in which every `<` opens a tag, as it does in rustdoc's.
pub(super) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
            rest = after;
            return Some(Piece::Tag(tag));
        }
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        rest = after;
        Some(Piece::Text(text))
    })
}

/// A tag's attribute, with or without quotes around it.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once(&format!("{name}=")) {
        if before.ends_with(char::is_whitespace) {
            return match after.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => after.split(char::is_whitespace).next(),
            };
        }
        rest = after;
    }
    None
}

/// Text without its entities.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = after.split_once(';').and_then(|(name, after)| {
            let c = match name {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => ' ',
                _ => {
                    let code = name.strip_prefix('#')?;
                    let code = match code.strip_prefix(['x', 'X']) {
                        Some(code) => u32::from_str_radix(code, 16).ok()?,
                        None => code.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, after))
        });
        match entity {
            Some((c, after)) => {
                plain.push(c);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain + rest
}

/// Code as text: without notes between it, and with the line breaks that classes
/// make.
pub(super) fn code(html: &str) -> String {
    let mut text = String::new();
    let mut is_note = false;
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) => {
                let class = attribute(tag, "class").unwrap_or_default();
                let is_where = tag.starts_with("div") && class.contains("where");
                // An attribute has a line of its own.
                if tag.starts_with("br") || tag == "/div" || is_where {
                    text.push('\n');
                }
                is_note = match tag {
                    "/a" => false,
                    _ => is_note || class.contains("tooltip"),
                };
            }
            Piece::Text(piece) if !is_note => text += &plain(piece),
            Piece::Text(_) => {}
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Prose as text, with code in backticks.
pub(super) fn prose(html: &str) -> String {
    let mut text = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Tag("code" | "/code") => text.push('`'),
            Piece::Tag(_) => {}
            Piece::Text(piece) => text += &plain(piece),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of prose.
pub(super) fn first_sentence(prose: &str) -> &str {
    let mut is_code = false;
    for (index, c) in prose.char_indices() {
        let after = &prose[index + c.len_utf8()..];
        let begins_anew = || {
            let next = after.trim_start();
            after.starts_with(' ') && !next.starts_with(char::is_lowercase)
        };
        match c {
            '`' => is_code = !is_code,
            '.' | '!' | '?' if !is_code && (after.is_empty() || begins_anew()) => {
                return &prose[..=index];
            }
            _ => {}
        }
    }
    prose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_keeps_its_lines_and_loses_its_notes() {
        let html = "pub fn <a href=\"#method.map\" class=\"fn\">map</a>&lt;F&gt;(self, f: F) -&gt; Map \
                    <a href=\"#\" class=\"tooltip\">ⓘ</a><div class=\"where\">where\n    F: \
                    FnMut(),</div>";
        assert_eq!(
            code(html),
            "pub fn map<F>(self, f: F) -> Map\nwhere\n    F: FnMut(),"
        );
    }

    #[test]
    fn a_sentence_ends_where_another_begins() {
        for (prose, sentence) in [
            ("Waits for it. Then goes on.", "Waits for it."),
            ("Waits, e.g. for it. Goes on.", "Waits, e.g. for it."),
            ("Is `a. B` so? Yes.", "Is `a. B` so?"),
            ("Version 1.0 of it", "Version 1.0 of it"),
        ] {
            assert_eq!(first_sentence(prose), sentence);
        }
    }

    #[test]
    fn attributes_are_found_with_and_without_quotes() {
        let tag = "a data-href=no href=\"x.html#y\" id=3 data-nosnippet";
        assert_eq!(attribute(tag, "href"), Some("x.html#y"));
        assert_eq!(attribute(tag, "id"), Some("3"));
        assert_eq!(attribute(tag, "class"), None);
    }

    #[test]
    fn entities_are_read_and_what_is_none_stays() {
        assert_eq!(plain("&lt;&amp;&#39;&#x2014;&nbsp;&what;&"), "<&'— &what;&");
    }
}
