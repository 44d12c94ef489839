//! What rustc says of a program that it rejects, in a few words.

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
    let is_standard = ["std", "core", "alloc", "crate", "self", "super"].contains(&root);
    let is_name = root.starts_with(|first: char| first.is_lowercase());
    (is_name && !is_standard).then_some(root)
}

#[cfg(test)]
mod tests {
    use super::{first_error, missing_crate};

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
