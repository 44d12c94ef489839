//! Text within HTML.

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
