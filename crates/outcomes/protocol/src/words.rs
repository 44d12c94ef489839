//! Numbers and pieces of text as they are told to people, the same everywhere.

/// `117,120`.
pub fn with_separators(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 state`, `117,120 states`.
pub fn counted(count: u128, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {what}{s}", with_separators(count))
}

/// Kinds of which each is told in another way than by a number.
const SINGULAR: [&str; 5] = ["thread", "scope", "park token", "stdout", "stderr"];

/// What each of these is called so that it is told apart from others that have
/// all the same: "first mutex", "second mutex". Each comes with its kind. As
/// `toldApart` on the page.
pub(crate) fn told_apart<'a, K: PartialEq>(
    things: impl Iterator<Item = (&'a str, K)>,
) -> Vec<String> {
    let things: Vec<(&str, K)> = things.collect();
    let like = |all: &[(&str, K)], one: &(&str, K)| all.iter().filter(|it| *it == one).count();
    let called = things.iter().enumerate().map(|(index, thing)| {
        let (kind, _) = thing;
        if like(&things, thing) == 1 || SINGULAR.contains(kind) {
            return (*kind).to_owned();
        }
        format!("{} {kind}", ordinal(like(&things[..index], thing) + 1))
    });
    called.collect()
}

/// "first", "second", "11th".
fn ordinal(number: usize) -> String {
    let words = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ];
    if let Some(word) = words.get(number - 1) {
        return (*word).to_owned();
    }
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A time in seconds, in the unit that suits it.
pub fn duration(seconds: f64) -> String {
    match seconds {
        0.0 => "0 s".to_owned(),
        _ if seconds < 0.001 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{} s", (seconds * 100.0).round() / 100.0),
    }
}

/// What a terminal showed without what is another in every run: the numbers of
/// threads within the system, as in `thread 'main' (4711) panicked at`.
pub fn without_thread_numbers(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .map(|line| without_thread_number(line).unwrap_or_else(|| line.to_owned()));
    lines.collect()
}

fn without_thread_number(line: &str) -> Option<String> {
    line.strip_prefix("thread '")?;
    let (end, _) = line.match_indices(") panicked at ").next()?;
    let (before, number) = line[..end].rsplit_once(" (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{before}{}", &line[end + 1..]))
}

/// What was printed, on one line: a line break at its end goes without saying.
pub fn in_one_line(text: &str) -> String {
    text.trim_end_matches('\n').replace('\n', "⏎")
}

/// Characters that turn the direction of text around, by the names that the
/// Unicode standard shortens theirs to.
const DIRECTION_CONTROLS: [(char, &str); 12] = [
    ('\u{61c}', "ALM"),
    ('\u{200e}', "LRM"),
    ('\u{200f}', "RLM"),
    ('\u{202a}', "LRE"),
    ('\u{202b}', "RLE"),
    ('\u{202c}', "PDF"),
    ('\u{202d}', "LRO"),
    ('\u{202e}', "RLO"),
    ('\u{2066}', "LRI"),
    ('\u{2067}', "RLI"),
    ('\u{2068}', "FSI"),
    ('\u{2069}', "PDI"),
];

/// The text with such characters by name: they have no look of their own, and
/// with them a text seems to be another than it is.
pub fn with_directions_named(text: &str) -> String {
    let mut named = String::with_capacity(text.len());
    for character in text.chars() {
        let control = DIRECTION_CONTROLS
            .iter()
            .find(|(control, _)| *control == character);
        match control {
            Some((_, name)) => named.extend(["⟨", name, "⟩"]),
            None => named.push(character),
        }
    }
    named
}

/// The text such that it can do nothing to a terminal, nor break a line: what does is
/// written as in Rust's source text.
pub fn with_controls_escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in with_directions_named(text).chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_controlled() {
        let text = "two\nlines, \u{1b}[31mred\u{7}, \u{202e}turned, é";
        let line = r"two\nlines, \u{1b}[31mred\u{7}, ⟨RLO⟩turned, é";
        assert_eq!(with_controls_escaped(text), line);
    }

    #[test]
    fn what_is_alike_is_numbered() {
        let mutex = ("mutex", Some(7));
        let things = [
            mutex,
            ("mutex", Some(8)),
            ("channel", Some(7)),
            mutex,
            mutex,
        ];
        assert_eq!(
            told_apart(things.into_iter()),
            [
                "first mutex",
                "mutex",
                "channel",
                "second mutex",
                "third mutex"
            ]
        );
        let threads = [("thread", None::<u8>); 2];
        assert_eq!(told_apart(threads.into_iter()), ["thread", "thread"]);
        for (number, word) in [
            (10, "tenth"),
            (11, "11th"),
            (21, "21st"),
            (112, "112th"),
            (42, "42nd"),
        ] {
            assert_eq!(ordinal(number), word);
        }
    }

    #[test]
    fn thousands_are_separated() {
        for (number, text) in [
            (0, "0"),
            (140, "140"),
            (1000, "1,000"),
            (117_120, "117,120"),
            (1_234_567_890, "1,234,567,890"),
        ] {
            assert_eq!(with_separators(number), text);
        }
    }

    #[test]
    fn what_turns_text_around_has_a_name() {
        let text = with_directions_named("a\u{202e}b\u{2069} é");
        assert_eq!(text, "a⟨RLO⟩b⟨PDI⟩ é");
    }

    #[test]
    fn threads_have_no_numbers() {
        for (shown, text) in [
            (
                "\nthread 'main' (4711) panicked at a.rs:1:2:\nno (12)\n",
                "\nthread 'main' panicked at a.rs:1:2:\nno (12)\n",
            ),
            (
                "thread 'a (1)' (23) panicked at b",
                "thread 'a (1)' panicked at b",
            ),
            ("thread 'a' panicked at b", "thread 'a' panicked at b"),
            (
                "a thread 'a' (1) panicked at b",
                "a thread 'a' (1) panicked at b",
            ),
        ] {
            assert_eq!(without_thread_numbers(shown), text);
        }
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(counted(1, "state"), "1 state");
        assert_eq!(counted(1000, "state"), "1,000 states");
    }

    #[test]
    fn times_have_their_unit() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.000_25, "250 µs"),
            (0.25, "250 ms"),
            (2.0, "2 s"),
            (2.345, "2.35 s"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
