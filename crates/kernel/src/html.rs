//! Text in HTML.

use outcomes_protocol::with_directions_named;

/// Text as HTML shows it, with what would turn it around by name.
pub(crate) fn escaped(text: &str) -> String {
    with_directions_named(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What a program printed, in a table, of whose rows JupyterLab shades every
/// other, while it gives a `pre` the background of the page.
pub(crate) fn printed(text: &str) -> String {
    let text = escaped(text);
    format!("<pre style=\"background:transparent\">{text}</pre>")
}
