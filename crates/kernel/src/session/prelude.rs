//! What a session defines before its first cell.

/// The module that cells find, and evcxr's settings.
///
/// Cells are compiled unoptimised: compiling takes longer than running what
/// people write in a notebook. `:opt 2` brings optimisation back.
pub(super) const PRELUDE: &str = r#":opt 0
pub mod interleaved {
    //! Shows rich content in a notebook.
    fn show(header: &str, content: &str) {
        use std::io::Write;
        let mut stdout = std::io::stdout().lock();
        let _ = write!(stdout, "EVCXR_BEGIN_CONTENT {header}\n{content}\nEVCXR_END_CONTENT\n");
    }
    /// Shows content of a MIME type.
    pub fn display(mime: &str, content: &str) {
        show(mime, content);
    }
    /// Shows content that `update` can replace. The name has no spaces.
    pub fn display_as(name: &str, mime: &str, content: &str) {
        show(&format!("{mime} id={name}"), content);
    }
    /// Replaces what `display_as` shows under that name.
    pub fn update(name: &str, mime: &str, content: &str) {
        show(&format!("{mime} id={name} update"), content);
    }
    /// Clears the cell's output; with `wait`, once there is more to show.
    pub fn clear_output(wait: bool) {
        println!("EVCXR_CLEAR_OUTPUT{}", if wait { " wait" } else { "" });
    }
    #[unsafe(no_mangle)]
    extern "C" fn interleaved_flush() {
        use std::io::Write;
        let _ = std::io::stdout().flush();
    }
}
"#;

/// The lines of an `evcxr` session's help that are ours.
#[cfg(test)]
mod tests {
    use super::PRELUDE;

    #[test]
    fn it_is_rust() {
        let code = PRELUDE.split_once('\n').unwrap().1;
        let crate::content::IsCompleteReply::Complete = crate::cell::completeness(code) else {
            panic!("{code}");
        };
    }
}
