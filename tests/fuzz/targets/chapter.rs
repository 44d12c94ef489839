//! A chapter's Markdown: what is found in it lies in it, in its order, and nothing
//! lies in two things.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(ranges) = mdbook_interleaved::fuzzing::parts(text) else {
        return;
    };
    let mut end = 0;
    for range in ranges {
        assert!(end <= range.start, "{range:?} begins before {end}");
        assert!(text.get(range.clone()).is_some(), "{range:?} is cut");
        end = range.end;
    }
});
