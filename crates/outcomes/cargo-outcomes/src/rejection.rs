//! What rustc says of a program that it rejects, in a few words.

use std::collections::BTreeSet;

/// The first error among rustc's words, without its code, and its place.
pub(crate) fn first_error(words: &str) -> String {
    let mut lines = words.lines().skip_while(|line| !line.starts_with("error"));
    let Some(error) = lines.next() else {
        return "rustc does not say what".to_owned();
    };
    let message = error.split_once(": ").map_or(error, |(_, message)| message);
    let place = lines
        .next()
        .and_then(|line| line.trim_start().strip_prefix("--> "))
        .and_then(|place| Some(place.rsplit_once(':')?.0));
    let mut rest = lines.take_while(|line| !line.is_empty());
    let explained =
        explain_receiver(message).or_else(|| rest.find_map(unsized_arc).map(explain_unsizing));
    let message = explained.as_deref().unwrap_or(message);
    match place {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    }
}

/// The `Arc<dyn …>` or `Arc<[…]>` that a line of rustc's says it expected in
/// vain. The look-alike's `Arc` must be a type of its own to notice which
/// thread lets go last, and only std's own types may turn into such by
/// themselves on stable Rust.
fn unsized_arc(line: &str) -> Option<&str> {
    let (_, expected) = line.split_once("expected struct `")?;
    let expected = expected.strip_suffix('`')?;
    let starts = [
        "Arc<dyn ",
        "Arc<(dyn ",
        "Arc<[",
        "Arc<Mutex<dyn ",
        "Arc<RwLock<dyn ",
    ];
    starts
        .iter()
        .any(|start| expected.starts_with(start))
        .then_some(expected)
}

fn explain_unsizing(arc: &str) -> String {
    let how = if arc.starts_with("Arc<[") {
        "make it by `Arc::from([…])`"
    } else if arc.starts_with("Arc<dyn ") || arc.starts_with("Arc<(dyn ") {
        "make it by `Arc::from(Box::new(…) as Box<dyn …>)`"
    } else {
        "put a `Box<dyn …>` into the lock"
    };
    format!("an `Arc` that turns into an `{arc}` by itself; {how}")
}

/// A method's `self` may only be of std's own types on stable Rust, too.
fn explain_receiver(message: &str) -> Option<String> {
    if !message.contains("`arbitrary_self_types`") {
        return None;
    }
    let receiver = message.split('`').nth(1)?;
    Some(format!(
        "a method whose `self` is an `{receiver}`; name its parameter something else, and call it \
         as a function"
    ))
}

/// The crate that rustc doesn't find, if its first error is about one: a
/// module that was forgotten to be imported is none.
pub fn missing_crate(words: &str) -> Option<&str> {
    let error = words.lines().find(|line| line.starts_with("error"))?;
    let is_about_paths = ["E0432", "E0433", "E0463"]
        .iter()
        .any(|code| error.contains(code));
    // As in: cannot find `fs` in `std`.
    let is_within = error.contains("` in `");
    if !is_about_paths || is_within || words.contains("consider importing") {
        return None;
    }
    let path = error.split('`').nth(1)?;
    let root = path.split("::").next()?;
    let is_standard = NO_CRATES.contains(&root);
    let is_name = root.starts_with(|first: char| first.is_lowercase());
    (is_name && !is_standard).then_some(root)
}

/// Those of these crates that rustc doesn't find.
pub(crate) fn missing_among(words: &str, names: &BTreeSet<String>) -> BTreeSet<String> {
    let missing = possibly_missing(words).filter(|name| names.contains(*name));
    missing.map(str::to_owned).collect()
}

/// The names that rustc doesn't find, and that may be those of crates.
pub(crate) fn possibly_missing(words: &str) -> impl Iterator<Item = &str> {
    let errors = words.lines().filter(|line| {
        let codes = ["error[E0432]", "error[E0433]", "error[E0463]"];
        // As in: cannot find `fs` in `std`.
        !line.contains("` in `") && codes.iter().any(|code| line.starts_with(code))
    });
    let quoted = errors.flat_map(|line| line.split('`').skip(1).step_by(2));
    let roots = quoted.filter_map(|path| path.trim_start_matches("::").split("::").next());
    roots.filter(|root| !NO_CRATES.contains(root))
}

/// What a path may start with besides a crate that was given to rustc.
const NO_CRATES: [&str; 6] = ["std", "core", "alloc", "crate", "self", "super"];

#[cfg(test)]
mod tests {
    use super::{first_error, missing_among, missing_crate};

    #[test]
    fn all_crates_that_are_missing_are_found() {
        let words = "error[E0432]: unresolved imports `a::b`, `c`\n\
            error[E0433]: cannot find module or crate `d` in this scope\n\
            error[E0463]: can't find crate for `e`\nerror[E0433]: cannot find `f` in `std`\n\
            error[E0308]: mismatched types: `g`\n";
        let names = ["a", "c", "d", "e", "g", "h"].map(str::to_owned).into();
        let missing: Vec<_> = missing_among(words, &names).into_iter().collect();
        assert_eq!(missing, ["a", "c", "d", "e"]);
    }

    #[test]
    fn a_crate_is_told_from_a_module() {
        let cannot_find = "error[E0433]: cannot find";
        let words = format!("{cannot_find} module or crate `rayon` in this scope\n");
        assert_eq!(missing_crate(&words), Some("rayon"));
        assert_eq!(
            missing_crate(&format!("{cannot_find} `fs` in `std`\n")),
            None
        );
        assert_eq!(
            missing_crate("error[E0432]: unresolved import `tokio::sync`\n"),
            Some("tokio")
        );
    }

    #[test]
    fn the_first_error_is_a_line() {
        let words = "warning: unused\n --> a.rs:1:1\n\nerror[E0432]: unresolved import `std::fs`\n \
                     --> a.rs:3:5\n  |\nerror: aborting\n";
        assert_eq!(first_error(words), "unresolved import `std::fs` (a.rs:3)");
        assert_eq!(first_error("error: strange\n"), "strange");
    }

    #[test]
    fn an_arc_of_a_trait_is_explained() {
        let words = |expected: &str| {
            format!(
                "error[E0308]: mismatched types\n --> a.rs:4:52\n  |\n4 |     let work = 1;\n  |\n  \
                 = note: expected struct `{expected}`\n             found struct `Arc<u8>`\n\n"
            )
        };
        assert_eq!(
            first_error(&words("Arc<dyn Fn() -> u32>")),
            "an `Arc` that turns into an `Arc<dyn Fn() -> u32>` by itself; \
             make it by `Arc::from(Box::new(…) as Box<dyn …>)` (a.rs:4)"
        );
        assert!(first_error(&words("Arc<[u32]>")).contains("Arc::from([…])"));
        assert!(first_error(&words("Arc<Mutex<dyn Work>>")).contains("into the lock"));
        assert_eq!(first_error(&words("Arc<u32>")), "mismatched types (a.rs:4)");
    }

    #[test]
    fn an_arc_as_self_is_explained() {
        let words = "error[E0658]: `Arc<S>` cannot be used as the type of `self` without the \
                     `arbitrary_self_types` feature\n --> a.rs:3:20\n";
        assert_eq!(
            first_error(words),
            "a method whose `self` is an `Arc<S>`; name its parameter something else, and call it \
             as a function (a.rs:3)"
        );
    }
}
