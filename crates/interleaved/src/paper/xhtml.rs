//! Text and names within XHTML.

/// Text as XHTML.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            // No character of XML.
            c if c.is_control() && !matches!(c, '\n' | '\t') => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
    html
}

/// What an attribute says.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#123;", "{")
        .replace("&amp;", "&")
}

/// A title as a part of a file's name.
pub(super) fn slug(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// Changes the value of every attribute of that name.
pub(super) fn with_attribute(
    html: &str,
    name: &str,
    mut change: impl FnMut(&str) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let opening = format!(" {name}=\"");
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(&opening) {
        let Some((value, behind)) = after.split_once('"') else {
            break;
        };
        text.push_str(before);
        text.push_str(&opening);
        // Text has no quotes but in tags.
        text.push_str(&escape(&change(&unescape(value))?));
        text.push('"');
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

/// Replaces what stands between an opening and a closing piece, with these.
pub(super) fn replaced(
    html: &str,
    open: &str,
    close: &str,
    mut by: impl FnMut(&str) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inner, behind)) = after.split_once(close) else {
            break;
        };
        text.push_str(before);
        text.push_str(&by(inner)?);
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_changed_where_they_are() {
        let html = "<a href=\"a&amp;b\">href</a><i href=\"c\"/>";
        let changed = with_attribute(html, "href", |it| Ok(format!("<{it}>")));
        assert_eq!(
            changed.unwrap(),
            "<a href=\"&lt;a&amp;b&gt;\">href</a><i href=\"&lt;c&gt;\"/>"
        );
    }

    #[test]
    fn a_title_becomes_a_name() {
        assert_eq!(slug("What \"possible\" means"), "what-possible-means");
    }
}
