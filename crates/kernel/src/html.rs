//! Text in HTML.

use outcomes_protocol::with_directions_named;

/// Text as HTML shows it, with what would turn it around by name.
pub(crate) fn escaped(text: &str) -> String {
    with_directions_named(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
