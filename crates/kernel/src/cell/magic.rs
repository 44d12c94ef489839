//! Magics: what a cell's first line asks for besides running it once. The one
//! place where they are read.

use outcomes_protocol::{Clock, Schedule};
use std::collections::BTreeMap;
use std::str::Chars;

/// The most that `%%run` accepts.
pub const MAX_RUNS: u32 = 1000;

/// The most outputs that `%%outcomes` lists.
pub const MAX_LISTED: usize = 10_000;

/// How many outputs it lists if nothing else is asked for.
const LISTED: usize = 10;

const RUN_USAGE: &str = "%%run takes how many times to run the program, and perhaps \
                         --edition 2021; the number is from 1 to";

const OUTCOMES_USAGE: &str = "%%outcomes takes --first 100, --possible \"a\\nb\\n\", \
                              --clock any or prompt, --edition 2021, and --stderr";

const TRACE_USAGE: &str = "%%trace takes one of --output 2, --deadlock 1, --possible \
                           \"a\\nb\\n\" and --schedule \"1*3 2\", and --clock any or prompt, --edition 2021, and --stderr";

/// A cell's magic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Magic {
    /// `%%run N`: run the program so many times, and count its outcomes.
    Run {
        /// How many times, from 1 to [`MAX_RUNS`].
        runs: u32,
        /// `--edition`: in which the program is built, if not in its package's.
        edition: Option<&'static str>,
    },
    /// `%%outcomes`: everything that the program can print.
    Outcomes {
        /// How to explore.
        how: How,
        /// How many outputs to list, up to [`MAX_LISTED`].
        first: usize,
        /// Only tell whether this can be printed.
        possible: Option<String>,
    },
    /// `%%trace`: one execution of the program.
    Trace {
        /// How to explore.
        how: How,
        /// Which.
        execution: Execution,
    },
    /// `%%time`: run the cell, and say how long that took.
    Time,
    /// `%timeit EXPRESSION`: run it again and again in the session, and say how
    /// long it takes.
    Timeit,
    /// `%%fmt`: format the cell instead of running it.
    Format,
    /// `%help`: what cells can do. `%help NAME` and `?NAME`: what a name is.
    Help {
        /// The name; everything if it is empty.
        name: String,
    },
}

/// How a program is explored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// `--clock`: how time passes.
    pub clock: Clock,
    /// `--stderr`: whether what is written there counts.
    pub stderr: bool,
    /// `--edition`: in which the program is built, if not in its package's.
    pub edition: Option<&'static str>,
}

/// Which execution to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// `--output`: one that prints the output with this number, counted from 1.
    Output(u64),
    /// `--deadlock`: one that ends in the deadlock with this number, counted
    /// from 1.
    Deadlock(u64),
    /// `--possible`: one that prints this.
    Of(String),
    /// `--schedule`: the one by this schedule.
    By(Schedule),
}

/// Splits a cell into its magic and the code below. Lines count from the one
/// below the magic, so that the compiler's words and a panic's are the same
/// with it and without it, and a program is built once for both.
pub(super) fn split(source: &str) -> Result<(Option<Magic>, String), String> {
    let first = source.len() - source.trim_start().len();
    if let Some(name) = help(source.trim()) {
        let name = name.to_owned();
        return Ok((Some(Magic::Help { name }), String::new()));
    }
    if let Some(split) = on_one_line(source.trim()) {
        return Ok(split);
    }
    let is_fmt = source[first..].lines().next().map(str::trim_end) == Some("%fmt");
    if !source[first..].starts_with("%%") && !is_fmt {
        return Ok((None, source.to_owned()));
    }
    let end = source[first..]
        .find('\n')
        .map_or(source.len(), |length| first + length);
    let magic = Magic::read(source[first..end].trim_end())?;
    let code = source[end..].strip_prefix('\n').unwrap_or_default();
    if code.trim_start().starts_with("%%") {
        return Err(
            "a cell has one magic at most: remove the second line that begins with %%".into(),
        );
    }
    Ok((Some(magic), code.to_owned()))
}

impl Magic {
    /// What it is called in a cell.
    pub fn name(&self) -> &'static str {
        match self {
            Magic::Run { .. } => "%%run",
            Magic::Outcomes { .. } => "%%outcomes",
            Magic::Trace { .. } => "%%trace",
            Magic::Time => "%%time",
            Magic::Timeit => "%timeit",
            Magic::Format => "%%fmt",
            Magic::Help { .. } => "%help",
        }
    }

    fn read(line: &str) -> Result<Magic, String> {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        match name {
            "%%run" => run(rest),
            "%%outcomes" => outcomes(rest),
            "%%trace" => trace(rest),
            "%%time" | "%%timeit" | "%%fmt" | "%fmt" if !rest.trim().is_empty() => Err(format!(
                "{name} takes nothing on its line: the code stands below"
            )),
            "%%time" => Ok(Magic::Time),
            "%%timeit" => Ok(Magic::Timeit),
            "%%fmt" | "%fmt" => Ok(Magic::Format),
            name => Err(format!(
                "there is no magic named {name}; %%run 100 runs a program 100 times, %%outcomes \
                 tells everything that it can print, %%trace shows one execution, and %help more"
            )),
        }
    }
}

/// `%time CODE` and `%timeit CODE`, which take the rest of their line.
fn on_one_line(cell: &str) -> Option<(Option<Magic>, String)> {
    if cell.contains('\n') {
        return None;
    }
    let (magic, code) = match cell.split_once(char::is_whitespace)? {
        ("%time" | "%%time", code) => (Magic::Time, code),
        ("%timeit" | "%%timeit", code) => (Magic::Timeit, code),
        _ => return None,
    };
    Some((Some(magic), code.to_owned()))
}

/// What a cell that is nothing but a request for help asks about.
fn help(cell: &str) -> Option<&str> {
    if cell.contains('\n') {
        return None;
    }
    if let Some(name) = cell.strip_suffix('?') {
        // `Vec?` and `std::thread::spawn?`; any other name may be a variable's.
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let is_path = name.starts_with(char::is_uppercase) || name.contains("::");
        let name = name.strip_suffix('!').unwrap_or(name);
        let is_macro = cell.ends_with("!?");
        let named = !name.is_empty() && name.chars().all(is_part) && (is_path || is_macro);
        return named.then_some(name);
    }
    if let Some(name) = cell.strip_prefix('?') {
        return Some(name.trim());
    }
    let rest = cell.trim_start_matches('%').strip_prefix("help")?;
    let is_word = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (is_word && cell.starts_with('%')).then(|| rest.trim())
}

fn run(rest: &str) -> Result<Magic, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (count, edition) = match words[..] {
        [count] => (count, None),
        [count, "--edition", name] | ["--edition", name, count] => (count, Some(name)),
        _ => return Err(format!("{RUN_USAGE} {MAX_RUNS}: %%run 100")),
    };
    Ok(Magic::Run {
        runs: runs(count)?,
        edition: edition.map(edition_called).transpose()?,
    })
}

fn edition_called(name: &str) -> Result<&'static str, String> {
    runner::libraries::edition(name)
}

fn runs(count: &str) -> Result<u32, String> {
    count
        .parse()
        .ok()
        .filter(|runs| (1..=MAX_RUNS).contains(runs))
        .ok_or_else(|| {
            format!("%%run takes a number from 1 to {MAX_RUNS}, and {count:?} is not one")
        })
}

fn outcomes(rest: &str) -> Result<Magic, String> {
    let mut options = Options::read(rest, &["--first", "--possible"], OUTCOMES_USAGE)?;
    let first = options.number("--first", 0, Some(MAX_LISTED as u64))?;
    Ok(Magic::Outcomes {
        how: options.how()?,
        first: first.map_or(LISTED, |first| first as usize),
        possible: options.take("--possible"),
    })
}

fn trace(rest: &str) -> Result<Magic, String> {
    let names = ["--output", "--deadlock", "--possible", "--schedule"];
    let mut options = Options::read(rest, &names, TRACE_USAGE)?;
    let how = options.how()?;
    let output = options.number("--output", 1, None)?;
    let deadlock = options.number("--deadlock", 1, None)?;
    let possible = options.take("--possible");
    let schedule = options.take("--schedule");
    let execution = match (output, deadlock, possible, schedule) {
        (None, None, None, None) => Execution::Output(1),
        (Some(number), None, None, None) => Execution::Output(number),
        (None, Some(number), None, None) => Execution::Deadlock(number),
        (None, None, Some(text), None) => Execution::Of(text),
        (None, None, None, Some(schedule)) => Execution::By(schedule.parse()?),
        _ => return Err(TRACE_USAGE.to_owned()),
    };
    Ok(Magic::Trace { how, execution })
}

/// What follows a magic's name: options with their values, in any order.
struct Options {
    values: BTreeMap<String, String>,
    stderr: bool,
}

impl Options {
    /// Reads options: those by which any program is explored, and these.
    fn read(rest: &str, names: &[&str], usage: &str) -> Result<Options, String> {
        let mut words = words(rest)
            .ok_or_else(|| {
                format!(
                    "{usage}: the text in quotes has no end, or a \\ in it that is not one of \
                     \\n, \\t, \\\" and \\\\"
                )
            })?
            .into_iter();
        let mut options = Options {
            values: BTreeMap::new(),
            stderr: false,
        };
        while let Some(name) = words.next() {
            if name == "--stderr" {
                options.stderr = true;
            } else if ["--clock", "--edition"].contains(&name.as_str())
                || names.contains(&name.as_str())
            {
                let value = words.next();
                let value = value.ok_or_else(|| format!("{name} needs a value: {usage}"))?;
                if options.values.insert(name.clone(), value).is_some() {
                    return Err(format!("{name} is there twice: {usage}"));
                }
            } else {
                return Err(format!("{usage}, but not {name:?}"));
            }
        }
        Ok(options)
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    fn how(&mut self) -> Result<How, String> {
        let edition = self.take("--edition");
        let clock = match self.take("--clock").as_deref() {
            None | Some("any") => Clock::Any,
            Some("prompt") => Clock::Prompt,
            Some(other) => {
                return Err(format!(
                    "--clock is any or prompt, and {other:?} is neither"
                ));
            }
        };
        Ok(How {
            clock,
            stderr: self.stderr,
            edition: edition.as_deref().map(edition_called).transpose()?,
        })
    }

    fn number(&mut self, name: &str, least: u64, most: Option<u64>) -> Result<Option<u64>, String> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        let number = number.filter(|number| (least..=most.unwrap_or(u64::MAX)).contains(number));
        let number = number.ok_or_else(|| {
            let to = most.map_or_else(String::new, |most| format!(" to {most}"));
            format!("{name} takes a whole number from {least}{to}, and {text:?} is not one")
        })?;
        Ok(Some(number))
    }
}

/// Words, parted by white space; one that begins with `"` goes on to the next
/// `"`, with `\n`, `\t`, `\"` and `\\` in it as in Rust. `None` if it doesn't
/// end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut letters = quoted.chars();
            words.push(until_quote(&mut letters)?);
            rest = letters.as_str().trim_start();
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Some(words)
}

fn until_quote(letters: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                letter @ ('"' | '\\') => letter,
                _ => return None,
            }),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_runs_is_bounded() {
        for (line, runs) in [("%%run 1", 1), ("%%run  1000 ", 1000), ("%%run 0100", 100)] {
            let edition = None;
            assert_eq!(split(line).unwrap().0, Some(Magic::Run { runs, edition }));
        }
        for line in [
            "%%run",
            "%%run 0",
            "%%run 1001",
            "%%run -1",
            "%%run ten",
            "%%run 1 2",
            "%%run 99999999999999999999",
        ] {
            let error = split(line).unwrap_err();
            assert!(error.contains("from 1 to 1000"), "{line}: {error}");
        }
    }

    #[test]
    fn runs_may_have_an_edition() {
        for line in ["%%run 7 --edition 2021", "%%run --edition 2021 7"] {
            let edition = Some("2021");
            let magic = Magic::Run { runs: 7, edition };
            assert_eq!(split(line).unwrap().0, Some(magic));
        }
    }

    #[test]
    fn outcomes_take_options_in_any_order() {
        let how = How::default();
        let cases = [
            ("%%outcomes", how, 10, None),
            ("%%outcomes --first 0", how, 0, None),
            (
                r#"%%outcomes --possible "a b\n\"\\\tc" --first 3"#,
                how,
                3,
                Some("a b\n\"\\\tc"),
            ),
            ("%%outcomes --possible a", how, 10, Some("a")),
            ("%%outcomes --possible --first", how, 10, Some("--first")),
            ("%%outcomes --possible \"\"", how, 10, Some("")),
            (
                "%%outcomes --stderr\t--clock  prompt",
                How {
                    clock: Clock::Prompt,
                    stderr: true,
                    edition: None,
                },
                10,
                None,
            ),
            (
                "%%outcomes --edition 2018",
                How {
                    edition: Some("2018"),
                    ..how
                },
                10,
                None,
            ),
        ];
        for (line, how, first, possible) in cases {
            let magic = Magic::Outcomes {
                how,
                first,
                possible: possible.map(str::to_owned),
            };
            assert_eq!(split(line).unwrap().0, Some(magic), "{line}");
        }
    }

    #[test]
    fn a_trace_is_of_one_execution() {
        let cases = [
            ("%%trace", Execution::Output(1)),
            ("%%trace --output 140", Execution::Output(140)),
            ("%%trace --deadlock 2", Execution::Deadlock(2)),
            (
                "%%trace --possible \"a\\n\"",
                Execution::Of("a\n".to_owned()),
            ),
            (
                "%%trace --schedule \"[locks] 1*3 2\"",
                Execution::By("[locks] 1 1 1 2".parse().unwrap()),
            ),
        ];
        for (line, execution) in cases {
            let how = How::default();
            let magic = Magic::Trace { how, execution };
            assert_eq!(split(line).unwrap().0, Some(magic), "{line}");
        }
    }

    #[test]
    fn wrong_options_are_named() {
        for (line, named) in [
            ("%%outcomes 5", "not \"5\""),
            ("%%outcomes --last 5", "not \"--last\""),
            ("%%outcomes --first", "--first needs a value"),
            ("%%outcomes --first many", "\"many\""),
            ("%%outcomes --first 10001", "\"10001\""),
            ("%%outcomes --first 1 --first 2", "--first is there twice"),
            ("%%outcomes --clock slow", "\"slow\" is neither"),
            ("%%outcomes --edition 2020", "2021 or 2024, and \"2020\""),
            ("%%trace --edition", "--edition needs a value"),
            ("%%run 5 --edition 1", "\"1\" is none"),
            ("%%outcomes --possible \"a", "has no end"),
            ("%%outcomes --possible \"\\x\"", "a \\ in it"),
            ("%%outcomes --output 1", "not \"--output\""),
            ("%%trace --output 0", "from 1"),
            ("%%trace --output 1 --deadlock 1", "one of"),
            ("%%trace --output 1 --schedule \"1\"", "one of"),
            ("%%trace --schedule \"1.0\"", "no thread"),
            ("%%trace --first 3", "not \"--first\""),
        ] {
            let error = split(line).unwrap_err();
            assert!(error.contains(named), "{line}: {error}");
            assert!(!error.contains('\n'), "one sentence: {error}");
        }
    }

    #[test]
    fn an_unknown_magic_is_named() {
        for name in ["%%runs", "%%outcome", "%%"] {
            let error = split(&format!("{name} 5\nfn main() {{}}")).unwrap_err();
            assert!(error.contains(&format!("named {name};")), "{error}");
        }
    }

    #[test]
    fn a_second_magic_is_refused() {
        let error = split("%%run 5\n%%run 6\nfn main() {}").unwrap_err();
        assert!(error.contains("one magic"), "{error}");
    }

    #[test]
    fn names_are_asked_about() {
        for (cell, name) in [
            ("Vec?", "Vec"),
            (" std::thread::spawn? ", "std::thread::spawn"),
            ("vec!?", "vec"),
        ] {
            let name = name.to_owned();
            assert_eq!(split(cell).unwrap().0, Some(Magic::Help { name }), "{cell}");
        }
        for cell in ["f()?", "x?", "Ok(1)?", "a::b()?", "?", "1 +?"] {
            let magic = split(cell).unwrap().0;
            assert!(magic.is_none() || cell == "?", "{cell}");
        }
    }

    #[test]
    fn time_is_taken_of_a_line_or_a_cell() {
        for (cell, magic, code) in [
            ("%%time\nf();\ng()", Magic::Time, "f();\ng()"),
            ("%time f()", Magic::Time, "f()"),
            ("%timeit f()", Magic::Timeit, "f()"),
            ("%%timeit\nf()", Magic::Timeit, "f()"),
            ("%fmt\nf( )", Magic::Format, "f( )"),
            ("%%fmt\nf( )", Magic::Format, "f( )"),
        ] {
            assert_eq!(split(cell), Ok((Some(magic), code.to_owned())), "{cell}");
        }
        assert!(split("%%time 5\nf()").unwrap_err().contains("stands below"));
        assert_eq!(split("%time\nf()").unwrap().0, None);
    }

    #[test]
    fn a_cell_without_a_magic_is_left_alone() {
        for source in ["", "fn main() {}", "5 %% 3", "// %%run 5\n%%run 5"] {
            assert_eq!(split(source), Ok((None, source.to_owned())));
        }
    }

    #[test]
    fn lines_count_from_the_one_below_it() {
        let (magic, code) = split("\n\n%%run 2\r\n\nfn main() {}").unwrap();
        let edition = None;
        assert_eq!(magic, Some(Magic::Run { runs: 2, edition }));
        assert_eq!(code, "\nfn main() {}");
        assert_eq!(split("%%run 2").unwrap().1, "");
    }
}
