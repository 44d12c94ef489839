//! A chapter's Markdown: what is found in it lies in it, in its order, and nothing
//! lies in two things.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::panic;
use std::sync::Once;

/// Lets panics of the Markdown parser unwind, in place of ending all of this. It is
/// mdBook's, too, so what it can't read (0.13.6: some headings with attributes in a
/// quotation) is no book.
fn let_the_parser_panic() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let ends = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map_or("", |place| place.file());
            if !place.contains("/pulldown-cmark-") {
                ends(info);
            }
        }));
    });
}

fuzz_target!(|text: &str| {
    let_the_parser_panic();
    let Ok(Ok(ranges)) = panic::catch_unwind(|| mdbook_interleaved::fuzzing::parts(text)) else {
        return;
    };
    let mut end = 0;
    for range in ranges {
        assert!(end <= range.start, "{range:?} begins before {end}");
        assert!(text.get(range.clone()).is_some(), "{range:?} is cut");
        end = range.end;
    }
});
