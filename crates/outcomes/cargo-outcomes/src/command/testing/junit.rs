//! What `--junit` writes: what came of the tests, in the XML that JUnit's task for
//! Ant began, and that continuous integration reads.

use super::{Case, Verdict};
use std::fmt::Write;

/// The document, with a suite for each target.
pub(super) fn document(package: &str, cases: &[Case]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let all = counts(cases);
    let _ = writeln!(xml, "<testsuites name=\"{}\" {all}>", escaped(package));
    for suite in cases.chunk_by(|one, next| one.target == next.target) {
        let name = escaped(&format!("{package}: {}", suite[0].target));
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" {}>", counts(suite));
        for case in suite {
            let _ = writeln!(xml, "    {}", element(package, case));
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

fn counts(cases: &[Case]) -> String {
    let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let seconds: f64 = cases.iter().map(|case| case.seconds).sum();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.6}\"",
        cases.len(),
        count(Verdict::Failed),
        count(Verdict::Unknown),
        count(Verdict::Ignored),
    )
}

fn element(package: &str, case: &Case) -> String {
    // Between tags, lines may end as they do.
    let details = escaped(&case.details).replace("&#10;", "\n");
    let why = escaped(&case.why);
    let inner = match case.verdict {
        Verdict::Ok => String::new(),
        Verdict::Failed => format!("<failure message=\"{why}\">{details}</failure>"),
        Verdict::Unknown => format!("<error message=\"{why}\">{details}</error>"),
        Verdict::Ignored if why.is_empty() => "<skipped/>".to_owned(),
        Verdict::Ignored => format!("<skipped message=\"{why}\"/>"),
    };
    format!(
        "<testcase name=\"{}\" classname=\"{}\" time=\"{:.6}\">{inner}</testcase>",
        escaped(&case.name),
        escaped(package),
        case.seconds
    )
}

/// Text for an attribute or an element. XML 1.0 has no control characters, not even
/// by their numbers (its section 2.2); in an attribute a line's end would become a
/// space.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\t' => {
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ if letter.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_has_not_is_replaced() {
        assert_eq!(
            escaped("a<b> & \"c\"\n"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;"
        );
        assert_eq!(escaped("\u{1b}[31mred\u{0}"), "\u{fffd}[31mred\u{fffd}");
    }
}
