//! Magics: what a cell's first line asks for besides running it once. The one
//! place where they are read.

/// The most that `%%run` accepts.
pub const MAX_RUNS: u32 = 1000;

/// A cell's magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// `%%run N`: run the program so many times, and count its outcomes.
    Run {
        /// How many times, from 1 to [`MAX_RUNS`].
        runs: u32,
    },
}

/// Splits a cell into its magic and the code below. Lines count from the one
/// below the magic, so that the compiler's words and a panic's are the same
/// with it and without it, and a program is built once for both.
pub(super) fn split(source: &str) -> Result<(Option<Magic>, String), String> {
    let first = source.len() - source.trim_start().len();
    if !source[first..].starts_with("%%") {
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
    fn read(line: &str) -> Result<Magic, String> {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("%%run"), Some(count), None) => Ok(Magic::Run { runs: runs(count)? }),
            (Some("%%run"), ..) => Err(format!(
                "%%run takes how many times to run the program, from 1 to {MAX_RUNS}: %%run 100"
            )),
            (name, ..) => Err(format!(
                "there is no magic named {}; %%run 100 runs a program 100 times",
                name.unwrap_or_default()
            )),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_runs_is_bounded() {
        for (line, runs) in [("%%run 1", 1), ("%%run  1000 ", 1000), ("%%run 0100", 100)] {
            assert_eq!(split(line).unwrap().0, Some(Magic::Run { runs }));
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
    fn a_cell_without_a_magic_is_left_alone() {
        for source in ["", "fn main() {}", "5 %% 3", "// %%run 5\n%%run 5"] {
            assert_eq!(split(source), Ok((None, source.to_owned())));
        }
    }

    #[test]
    fn lines_count_from_the_one_below_it() {
        let (magic, code) = split("\n\n%%run 2\r\n\nfn main() {}").unwrap();
        assert_eq!(magic, Some(Magic::Run { runs: 2 }));
        assert_eq!(code, "\nfn main() {}");
        assert_eq!(split("%%run 2").unwrap().1, "");
    }
}
