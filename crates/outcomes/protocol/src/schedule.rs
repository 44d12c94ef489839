//! Schedules: who goes when. They name threads by their path of spawns, and so
//! mean the same on any machine that runs the program.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A thread, by the way to it from main: the second thread that main's first
/// one starts is `1.2`. Main is `0`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ThreadPath(Vec<u32>);

impl ThreadPath {
    /// Main.
    pub const MAIN: ThreadPath = ThreadPath(Vec::new());

    /// The thread that this one starts as its `nth`, counted from 1.
    #[must_use]
    pub fn child(&self, nth: u32) -> ThreadPath {
        let mut path = self.0.clone();
        path.push(nth);
        ThreadPath(path)
    }

    /// From main, which of its threads each one is, counted from 1.
    pub fn from_main(&self) -> &[u32] {
        &self.0
    }
}

impl fmt::Display for ThreadPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else {
            return formatter.write_str("0");
        };
        write!(formatter, "{first}")?;
        rest.iter().try_for_each(|nth| write!(formatter, ".{nth}"))
    }
}

impl FromStr for ThreadPath {
    type Err = String;

    fn from_str(text: &str) -> Result<ThreadPath, String> {
        if text == "0" {
            return Ok(ThreadPath::MAIN);
        }
        let numbers = text.split('.').map(|number| match number.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!("{text:?} is no thread: it is like 0, 2 or 2.1")),
        });
        numbers.collect::<Result<_, _>>().map(ThreadPath)
    }
}

/// A choice of the scheduler.
///
/// In words: `1` and `1/2` (thread 1 takes its case number 0, or number 2),
/// `1>2` or `1/0>2/3` (two threads meet), `1/otherwise` (it goes on without
/// any), `1/0/spurious` (it takes case 0 for no reason), `time` (time passes).
/// `1@2` is an access to an atomic that comes before the two newest stores:
/// it misses them, or is not the last to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(
    try_from = "String",
    into = "String",
    bound(
        serialize = "T: Clone + fmt::Display",
        deserialize = "T: FromStr<Err = String>"
    )
)]
pub enum Step<T = ThreadPath> {
    /// A thread takes a case of its operation.
    Case {
        /// Who.
        thread: T,
        /// Which.
        case: u16,
        /// Of an access to an atomic that isn't the newest, how many stores are
        /// newer.
        message: Option<u16>,
    },
    /// Two threads meet.
    Meeting {
        /// Who gives.
        from: T,
        /// By which of its cases.
        from_case: u16,
        /// Who takes.
        to: T,
        /// By which of its cases.
        to_case: u16,
    },
    /// A thread goes on without any case.
    Otherwise {
        /// Who.
        thread: T,
    },
    /// A thread takes a case for no reason.
    Spurious {
        /// Who.
        thread: T,
        /// Which.
        case: u16,
    },
    /// Time passes.
    Time,
}

impl<T> Step<T> {
    /// Who acts, and whom it meets.
    pub fn threads(&self) -> (Option<&T>, Option<&T>) {
        match self {
            Step::Case { thread, .. }
            | Step::Otherwise { thread }
            | Step::Spurious { thread, .. } => (Some(thread), None),
            Step::Meeting { from, to, .. } => (Some(from), Some(to)),
            Step::Time => (None, None),
        }
    }

    /// Whether it happens for no reason, so that it may as well never happen:
    /// so it is also where a thread misses the newest stores, which every
    /// machine shows it some day.
    pub fn is_spurious(&self) -> bool {
        matches!(
            self,
            Step::Spurious { .. }
                | Step::Case {
                    message: Some(_),
                    ..
                }
        )
    }

    /// The same with its threads called otherwise; `None` if one can't be.
    pub fn rename<U>(&self, mut name: impl FnMut(&T) -> Option<U>) -> Option<Step<U>> {
        Some(match self {
            Step::Case {
                thread,
                case,
                message,
            } => Step::Case {
                thread: name(thread)?,
                case: *case,
                message: *message,
            },
            Step::Meeting {
                from,
                from_case,
                to,
                to_case,
            } => Step::Meeting {
                from: name(from)?,
                from_case: *from_case,
                to: name(to)?,
                to_case: *to_case,
            },
            Step::Otherwise { thread } => Step::Otherwise {
                thread: name(thread)?,
            },
            Step::Spurious { thread, case } => Step::Spurious {
                thread: name(thread)?,
                case: *case,
            },
            Step::Time => Step::Time,
        })
    }
}

impl<T: fmt::Display> fmt::Display for Step<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Case {
                thread,
                case,
                message,
            } => {
                write_case(formatter, thread, *case)?;
                write_message(formatter, *message)
            }
            Step::Meeting {
                from,
                from_case,
                to,
                to_case,
            } => {
                write_case(formatter, from, *from_case)?;
                formatter.write_str(">")?;
                write_case(formatter, to, *to_case)
            }
            Step::Otherwise { thread } => write!(formatter, "{thread}/otherwise"),
            Step::Spurious { thread, case } => write!(formatter, "{thread}/{case}/spurious"),
            Step::Time => formatter.write_str("time"),
        }
    }
}

/// The first case goes without saying.
fn write_case(
    formatter: &mut fmt::Formatter<'_>,
    thread: &impl fmt::Display,
    case: u16,
) -> fmt::Result {
    match case {
        0 => write!(formatter, "{thread}"),
        case => write!(formatter, "{thread}/{case}"),
    }
}

/// The newest goes without saying.
fn write_message(formatter: &mut fmt::Formatter<'_>, message: Option<u16>) -> fmt::Result {
    message.map_or(Ok(()), |message| write!(formatter, "@{message}"))
}

impl<T: FromStr<Err = String>> FromStr for Step<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Step<T>, String> {
        if text == "time" {
            return Ok(Step::Time);
        }
        if let Some((from, to)) = text.split_once('>') {
            let (from, from_case) = read_case(from)?;
            let (to, to_case) = read_case(to)?;
            return Ok(Step::Meeting {
                from,
                from_case,
                to,
                to_case,
            });
        }
        if let Some(thread) = text.strip_suffix("/otherwise") {
            let thread = thread.parse()?;
            return Ok(Step::Otherwise { thread });
        }
        if let Some(rest) = text.strip_suffix("/spurious") {
            let (thread, case) = read_case(rest)?;
            return Ok(Step::Spurious { thread, case });
        }
        let (text, message) = read_message(text)?;
        let (thread, case) = read_case(text)?;
        Ok(Step::Case {
            thread,
            case,
            message,
        })
    }
}

fn read_message(text: &str) -> Result<(&str, Option<u16>), String> {
    let Some((rest, message)) = text.split_once('@') else {
        return Ok((text, None));
    };
    match message.parse() {
        Ok(message) if message > 0 => Ok((rest, Some(message))),
        _ => Err(format!(
            "{text:?} is no step: behind the @ is how many stores are newer"
        )),
    }
}

fn read_case<T: FromStr<Err = String>>(text: &str) -> Result<(T, u16), String> {
    let (thread, case) = text.split_once('/').unwrap_or((text, "0"));
    let case = case.parse();
    let case = case.map_err(|_| format!("{text:?} is no step: its case is a number"))?;
    Ok((thread.parse()?, case))
}

/// The choices that lead to an execution, from the start.
///
/// It travels as text, and can be copied by hand: in brackets how finely the
/// program has to be looked at for these to be all its choices, then the
/// steps, `*3` standing for three times the same, and `forever` where
/// the program then goes on without end: `[locks] 1*3 2 0/1>2 forever`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    /// How finely the program is looked at: names that the engine knows.
    pub view: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Whether the program then goes on forever, and prints nothing more.
    pub forever: bool,
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if !self.view.is_empty() {
            words.push(format!("[{}]", self.view.join(" ")));
        }
        for same in self.steps.chunk_by(|one, other| one == other) {
            words.push(match same.len() {
                1 => same[0].to_string(),
                times => format!("{}*{times}", same[0]),
            });
        }
        if self.forever {
            words.push("forever".to_owned());
        }
        formatter.write_str(&words.join(" "))
    }
}

/// As many steps are read at most.
const LONGEST: usize = 10_000_000;

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Schedule, String> {
        let mut schedule = Schedule::default();
        let mut rest = text.trim();
        if let Some(behind) = rest.strip_prefix('[') {
            let (view, behind) = behind
                .split_once(']')
                .ok_or("a schedule's first bracket is never closed")?;
            schedule.view = view.split_whitespace().map(str::to_owned).collect();
            rest = behind;
        }
        for word in rest.split_whitespace() {
            if schedule.forever {
                return Err("nothing comes after forever in a schedule".to_owned());
            }
            if word == "forever" {
                schedule.forever = true;
                continue;
            }
            let (step, times) = word.split_once('*').unwrap_or((word, "1"));
            let step: Step = step.parse()?;
            let times = times
                .parse()
                .ok()
                .filter(|times| (1..=LONGEST).contains(times));
            let times = times.ok_or_else(|| format!("{word:?} doesn't say how many times"))?;
            if schedule.steps.len() + times > LONGEST {
                return Err("the schedule is too long".to_owned());
            }
            let all = schedule.steps.len() + times;
            schedule.steps.resize(all, step);
        }
        Ok(schedule)
    }
}

/// Has types that travel as text do so.
macro_rules! as_text {
    ($($type:ty),*) => { $(
        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(text: String) -> Result<$type, String> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.to_string()
            }
        }
    )* };
}

as_text!(ThreadPath, Schedule);

impl<T: FromStr<Err = String>> TryFrom<String> for Step<T> {
    type Error = String;

    fn try_from(text: String) -> Result<Step<T>, String> {
        text.parse()
    }
}

impl<T: fmt::Display> From<Step<T>> for String {
    fn from(step: Step<T>) -> String {
        step.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_survives_its_way_as_text() {
        for text in [
            "",
            "0",
            "1*3 2 0",
            "[locks channels] 1.2.3/4 time 0/1>2.1/3 1>0 2/otherwise 1/0/spurious 1/2/spurious",
            "2.1*2 forever",
            "[weak] 1@2 2/1@3*2",
        ] {
            let schedule: Schedule = text.parse().unwrap();
            assert_eq!(schedule.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "x",
            "1.0",
            "1..2",
            "1/x",
            "1/otherwise/0",
            "1*0",
            "1*x",
            "[locks 1",
            "forever 1",
            "1>",
            "1@",
            "1@0",
            "1@x",
            "1@1>2",
            "1*99999999999",
            "-1",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn threads_are_named_by_who_starts_them() {
        let second = ThreadPath::MAIN.child(2);
        assert_eq!(ThreadPath::MAIN.to_string(), "0");
        assert_eq!(second.to_string(), "2");
        assert_eq!(second.child(1).to_string(), "2.1");
        assert_eq!("2.1".parse(), Ok(second.child(1)));
    }
}
