//! Whether mdBook's Markdown parser can read a chapter at all. It panics on some
//! (pulldown-cmark 0.13.6: some headings with `{}` within a quotation, among other
//! things), which would end mdBook with a backtrace that names no chapter. May use the
//! parser alone.

use anyhow::{Result, bail};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use std::cell::Cell;
use std::panic;
use std::sync::Once;

thread_local! {
    /// Whether this thread's panics are expected.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Makes sure that the parser gets through a chapter.
///
/// # Errors
/// Says from which line on it doesn't.
pub(crate) fn check(content: &str) -> Result<()> {
    if can_be_parsed(content) {
        return Ok(());
    }
    let ends = content.match_indices('\n').map(|(end, _)| end + 1);
    let ends: Vec<usize> = ends.chain([content.len()]).collect();
    let line = ends
        .iter()
        .position(|&end| !can_be_parsed(&content[..end]))
        .map_or(ends.len(), |index| index + 1);
    bail!(
        "line {line}: mdBook's Markdown parser breaks down here, which is a mistake of its own \
         (in pulldown-cmark): write this line, or what stands before it, in another way"
    )
}

fn can_be_parsed(content: &str) -> bool {
    keep_quiet_where_expected();
    QUIET.set(true);
    let parsed = panic::catch_unwind(|| {
        new_cmark_parser(content, &MarkdownOptions::default())
            .into_offset_iter()
            .count()
    });
    QUIET.set(false);
    parsed.is_ok()
}

/// The hook belongs to the whole process, so what others panic of is told as ever.
fn keep_quiet_where_expected() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                tell(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_named_on_which_the_parser_breaks_down() {
        // Found by the fuzz target `chapter`, and made as small as can be.
        let breaks = "# A chapter\n\nSome text.\n\n>}\n>  {}\n>-\n\nMore text.\n";
        let said = check(breaks).unwrap_err().to_string();
        assert!(said.starts_with("line 7: "), "{said}");
        check("# A chapter\n\n> ## A heading {#here}\n\nSome text.\n").unwrap();
    }
}
