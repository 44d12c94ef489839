//! Text within HTML.

use std::fmt::Write;

/// Text as HTML, on one line, in which mdBook finds no directive.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '{' => html.push_str("&#123;"),
            '\n' => html.push_str("&#10;"),
            '\r' => html.push_str("&#13;"),
            c => html.push(c),
        }
    }
    html
}

/// A sentence as HTML, in which what stands between backticks is code.
pub(crate) fn escape_sentence(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for (at, piece) in text.split('`').enumerate() {
        let piece = escape(piece);
        match at % 2 {
            0 => html += &piece,
            _ => {
                let _ = write!(html, "<code>{piece}</code>");
            }
        }
    }
    html
}

/// Characters that turn the direction of text around, and have no look of their
/// own: the name by which each is shown, and in full.
const DIRECTION_CONTROLS: [(char, &str, &str); 12] = [
    ('\u{61c}', "ALM", "Arabic letter mark"),
    ('\u{200e}', "LRM", "left-to-right mark"),
    ('\u{200f}', "RLM", "right-to-left mark"),
    ('\u{202a}', "LRE", "left-to-right embedding"),
    ('\u{202b}', "RLE", "right-to-left embedding"),
    ('\u{202c}', "PDF", "pop directional formatting"),
    ('\u{202d}', "LRO", "left-to-right override"),
    ('\u{202e}', "RLO", "right-to-left override"),
    ('\u{2066}', "LRI", "left-to-right isolate"),
    ('\u{2067}', "RLI", "right-to-left isolate"),
    ('\u{2068}', "FSI", "first strong isolate"),
    ('\u{2069}', "PDI", "pop directional isolate"),
];

/// What a program printed, as HTML: as [`escape`], and characters that turn its
/// direction around are shown by name, as `direction.js` does it.
pub(crate) fn escape_output(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| control(c).is_some()) {
        let last = piece.chars().next_back().and_then(control);
        let before = match last {
            Some((c, ..)) => &piece[..piece.len() - c.len_utf8()],
            None => piece,
        };
        html += &escape(before);
        if let Some((c, short, name)) = last {
            let _ = write!(
                html,
                "<span class=\"direction-control\" data-name=\"{short}\" \
                 title=\"{name} (U+{:04X})\" role=\"img\" aria-label=\"{name}\">{c}</span>",
                u32::from(c)
            );
        }
    }
    html
}

fn control(c: char) -> Option<(char, &'static str, &'static str)> {
    DIRECTION_CONTROLS.into_iter().find(|known| known.0 == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_text_around_is_shown_by_name() {
        assert_eq!(
            escape_output("a<\u{202e}b\u{2069}"),
            "a&lt;<span class=\"direction-control\" data-name=\"RLO\" \
             title=\"right-to-left override (U+202E)\" role=\"img\" \
             aria-label=\"right-to-left override\">\u{202e}</span>b\
             <span class=\"direction-control\" data-name=\"PDI\" \
             title=\"pop directional isolate (U+2069)\" role=\"img\" \
             aria-label=\"pop directional isolate\">\u{2069}</span>"
        );
        assert_eq!(escape_output("plain {"), escape("plain {"));
    }

    #[test]
    fn the_page_knows_the_same_characters() {
        let script = include_str!("../assets/direction.js");
        for (c, short, name) in DIRECTION_CONTROLS {
            let entry = format!("\"\\u{:04x}\": [\"{short}\", \"{name}\"],", u32::from(c));
            assert!(script.contains(&entry), "{entry}");
        }
    }
}
