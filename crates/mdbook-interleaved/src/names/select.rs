//! The arms of a `select!`: crossbeam's and tokio's.

use super::tokens::{between_commas, trees, within_brackets};
use std::ops::Range;

/// One arm of it. Each part is a place in the program.
#[derive(Debug, PartialEq)]
pub(super) struct Arm {
    pub(super) operation: Operation,
    /// What its value is called.
    pub(super) pattern: Option<Range<usize>>,
    pub(super) body: Range<usize>,
}

/// What an arm waits for.
#[derive(Debug, PartialEq)]
pub(super) enum Operation {
    Receive(Range<usize>),
    Send(Range<usize>, Range<usize>),
    /// A future, and the condition that it has, which may be empty.
    Wait(Range<usize>, Range<usize>),
    /// Nothing; or, in crossbeam's, a time, which may be empty.
    Else(Range<usize>),
}

/// The arms between the brackets of a `select!`; `None` if that is neither's.
pub(super) fn arms(source: &str, within: Range<usize>) -> Option<Vec<Arm>> {
    let text = |tree: &Range<usize>| &source[tree.clone()];
    let all: Vec<_> = trees(source, within).collect();
    let mut rest = all.as_slice();
    if let [first, mark, after @ ..] = rest
        && (text(first), text(mark)) == ("biased", ";")
    {
        rest = after;
    }
    let mut arms = Vec::new();
    while !rest.is_empty() {
        let arrow = rest
            .windows(2)
            .position(|pair| is_pair(source, pair, "=>"))?;
        let (head, after) = (&rest[..arrow], &rest[arrow + 2..]);
        let first = after.first()?;
        let length = match text(first).starts_with('{') {
            true => 1,
            false => {
                let end = after.last()?.end;
                let body = between_commas(source, first.start..end).first()?.clone();
                after.iter().take_while(|it| it.start < body.end).count()
            }
        };
        let body = first.start..after[length - 1].end;
        rest = &after[length..];
        if let [comma, after @ ..] = rest
            && text(comma) == ","
        {
            rest = after;
        }
        let (operation, pattern) = head_of(source, head)?;
        arms.push(Arm {
            operation,
            pattern,
            body,
        });
    }
    (!arms.is_empty()).then_some(arms)
}

/// What stands before an arm's `=>`.
fn head_of(source: &str, head: &[Range<usize>]) -> Option<(Operation, Option<Range<usize>>)> {
    let text = |tree: &Range<usize>| &source[tree.clone()];
    let (first, last) = (head.first()?, head.last()?);
    match (text(first), &head[1..]) {
        ("else" | "default", []) => return Some((Operation::Else(first.end..first.end), None)),
        ("default", [timeout]) => {
            return Some((Operation::Else(within_brackets(source, timeout)?), None));
        }
        ("recv" | "send", [brackets, arrow @ .., _])
            if matches!(arrow, [_, _, ..]) && is_pair(source, &arrow[..2], "->") =>
        {
            let arguments = within_brackets(source, brackets)?;
            let pattern = arrow[1].end..last.end;
            let operation = match (text(first), between_commas(source, arguments).as_slice()) {
                ("recv", [receiver]) => Operation::Receive(receiver.clone()),
                ("send", [sender, value]) => Operation::Send(sender.clone(), value.clone()),
                _ => return None,
            };
            return Some((operation, Some(pattern)));
        }
        _ => {}
    }
    // A pattern has no `=` but one before another character.
    let equals = head.iter().enumerate().find(|(index, tree)| {
        let is_alone = |next: &Range<usize>| next.start > tree.end || text(next) != "=";
        text(tree) == "=" && head.get(index + 1).is_some_and(is_alone)
    });
    let (equals, _) = equals?;
    let (pattern, future) = (&head[..equals], &head[equals + 1..]);
    let condition = future
        .windows(2)
        .position(|pair| (text(&pair[0]), text(&pair[1])) == (",", "if"));
    let (future, condition) = match condition {
        Some(at) => (&future[..at], future[at + 1].end..last.end),
        None => (future, last.end..last.end),
    };
    let whole = |trees: &[Range<usize>]| Some(trees.first()?.start..trees.last()?.end);
    Some((
        Operation::Wait(whole(future)?, condition),
        Some(whole(pattern)?),
    ))
}

/// Whether these are the two characters of a sign.
fn is_pair(source: &str, pair: &[Range<usize>], sign: &str) -> bool {
    let [first, second] = pair else {
        return false;
    };
    first.end == second.start && source[first.start..second.end] == *sign
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each arm as words.
    fn read(source: &str) -> Option<Vec<String>> {
        let text = |range: &Range<usize>| &source[range.clone()];
        let arms = arms(source, 0..source.len())?;
        let words = arms.iter().map(|arm| {
            let pattern = arm.pattern.as_ref().map_or("", text).trim();
            let body = text(&arm.body);
            match &arm.operation {
                Operation::Receive(from) => format!("{pattern} from {}: {body}", text(from)),
                Operation::Send(to, value) => {
                    format!("{pattern} of {} to {}: {body}", text(value), text(to))
                }
                Operation::Wait(future, condition) => format!(
                    "{pattern} awaits {} if {}: {body}",
                    text(future),
                    text(condition).trim()
                ),
                Operation::Else(timeout) => format!("else {}: {body}", text(timeout)),
            }
        });
        Some(words.collect())
    }

    #[test]
    fn crossbeams_arms_are_read() {
        let source = "recv(left) -> number => match number { Ok(_) => 1, _ => 2 },
            recv(after(x, y)) -> _ => { f() } send(to, (1, 2)) -> sent => sent.unwrap::<A, B>(),
            default(wait()) => g(),
            default => {}";
        assert_eq!(
            read(source).unwrap(),
            [
                "number from left: match number { Ok(_) => 1, _ => 2 }",
                "_ from after(x, y): { f() }",
                "sent of (1, 2) to to: sent.unwrap::<A, B>()",
                "else wait(): g()",
                "else : {}",
            ]
        );
    }

    #[test]
    fn tokios_arms_are_read() {
        let source = "biased;
            Some(x) = next(), if !done && a == b => f(x),
            () = letter() => {}
            else => break,";
        assert_eq!(
            read(source).unwrap(),
            [
                "Some(x) awaits next() if !done && a == b: f(x)",
                "() awaits letter() if : {}",
                "else : break",
            ]
        );
    }

    #[test]
    fn what_is_neithers_is_left() {
        for source in ["", "a, b", "recv(x) => y", "recv(a, b) -> c => d"] {
            assert_eq!(read(source), None, "{source}");
        }
    }
}
