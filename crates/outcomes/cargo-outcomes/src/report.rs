//! What a person reads of a program's outcomes.

use crate::{Front, advice};
use outcomes_protocol::{
    Answer, Checked, Clock, Deadlock, Ending, Event, Membership, NotCounted, NotPossible, Place,
    Request, Standstill, Stopped, Trace, counted, duration, in_one_line, with_directions_named,
    with_separators,
};
use std::env;
use std::fmt::{self, Display, Formatter, Write};
use std::io::{IsTerminal, stdout};

/// The report on one answer: it is displayed as text of many lines.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    name: &'a str,
    edition: &'a str,
    request: &'a Request,
    answer: &'a Answer,
    ink: Ink,
}

impl<'a> Report<'a> {
    /// The report on a program that is called so, and written in this edition;
    /// with colours if it goes to a terminal.
    pub fn new(name: &'a str, edition: &'a str, request: &'a Request, answer: &'a Answer) -> Self {
        let colours = stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        Report {
            name,
            edition,
            request,
            answer,
            ink: Ink { colours },
        }
    }
}

/// Only the ways to get stuck, as plain text.
///
/// # Panics
/// Never: a string takes all text.
pub fn of_deadlocks(deadlocks: &[Deadlock]) -> String {
    let mut text = String::new();
    let ink = Ink { colours: false };
    ways_to_get_stuck(&mut text, ink, deadlocks).expect("a string takes all text");
    text.trim_start().to_owned()
}

/// How much there was to do, and how long it took.
pub fn work(answer: &Answer) -> String {
    format!(
        "{}, {}, {}{}",
        counted(answer.states as u128, "state"),
        counted(answer.executions.into(), "execution"),
        duration(answer.seconds),
        if answer.alike_threads {
            ", with threads that are alike taken for one another"
        } else {
            ""
        }
    )
}

/// What stands above a deadlock, given its index among so many.
pub fn deadlock_heading(index: usize, among: usize) -> String {
    match among {
        1 => "Deadlock: nobody can go on".to_owned(),
        several => format!("Deadlock {} of {several}: nobody can go on", index + 1),
    }
}

/// What stands above threads that are stuck for good, given their index among
/// so many.
pub fn leak_heading(index: usize, among: usize) -> String {
    let heading = "Stuck for good while others go on, or when the program ends";
    match among {
        1 => heading.to_owned(),
        several => format!("{heading}: {} of {several}", index + 1),
    }
}

/// What stands above the panics that some execution ends in: which one it is may be up
/// to the schedule, and to what memory shows to whom.
pub const PANICS_HEADING: &str = "Some executions panic";

/// With what would turn text around by name, wherever it comes from.
impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&with_directions_named(&Verbatim(self).to_string()))
    }
}

/// A report with every character as it came.
struct Verbatim<'a>(&'a Report<'a>);

impl Display for Verbatim<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

impl Report<'_> {
    fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let clock = self.request.settings.clock.on();
        let clock = clock.unwrap_or("time may pass in any way");
        let name = self.ink.bold(self.name);
        writeln!(
            f,
            "{name} {}",
            self.ink
                .faint(&format!("(edition {}, {clock})", self.edition))
        )?;
        if let Some(checked) = self.answer.checked.first() {
            self.membership(f, checked)?;
        }
        if let [
            Checked::Known(Membership::NotPossible(_)),
            Checked::Known(second),
        ] = self.answer.checked.as_slice()
            && second.is_possible()
        {
            writeln!(f, "\nWith a line break at its end it would be possible.")?;
        }
        if !self.request.search_only {
            self.outcomes(f)?;
        } else if let Some(computing) = &self.answer.computing {
            writeln!(f, "{}", self.ink.bad(&format!("Then {computing}.")))?;
        }
        if let Some(advice) = advice(self.request, self.answer, Front::Command) {
            writeln!(f, "\n{}", self.ink.faint(&advice))?;
        }
        match (&self.answer.trace, &self.answer.no_trace) {
            (Some(trace), _) => self.trace(f, trace),
            (None, Some(why)) => writeln!(f, "\n{}", self.ink.bad(why)),
            (None, None) => Ok(()),
        }
    }

    fn membership(&self, f: &mut Formatter<'_>, checked: &Checked) -> fmt::Result {
        match checked {
            Checked::Known(Membership::Possible(_)) => {
                writeln!(f, "{}", self.ink.good("Yes, it can print this."))
            }
            Checked::Known(Membership::NotPossible(not)) => self.not_possible(f, not),
            Checked::Unknown(limit) => writeln!(
                f,
                "There is no telling whether it can print this: {}.",
                reached(*limit)
            ),
        }
    }

    fn not_possible(&self, f: &mut Formatter<'_>, not: &NotPossible) -> fmt::Result {
        writeln!(f, "{}", self.ink.bad("No, it can never print this."))?;
        let text = &self.request.checks[0].text;
        let rest = text.strip_prefix(&not.prefix).unwrap_or(text);
        if not.prefix.is_empty() {
            writeln!(f, "\nNot even its beginning is possible:\n")?;
        } else {
            writeln!(f, "\nNo execution gets further than this:\n")?;
            for line in not.prefix.lines() {
                writeln!(f, "    {line}")?;
            }
        }
        let line = rest.lines().next();
        // Cut within a line: what comes is the line's other half.
        let joint = if not.prefix.is_empty() || not.prefix.ends_with('\n') {
            ""
        } else {
            "…"
        };
        let impossible = match line {
            Some(line) => format!("{joint}{line}"),
            None => "(the end)".to_owned(),
        };
        writeln!(f, "  {} {}", self.ink.bad("✗"), self.ink.bad(&impossible))?;
        if not.instead.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nWhat could come there instead:\n")?;
        for instead in &not.instead {
            writeln!(f, "  {} {}", self.ink.good("✓"), shown(instead))?;
        }
        Ok(())
    }

    fn outcomes(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.count(f)?;
        if let Some(computing) = &self.answer.computing {
            writeln!(f, "  {}", self.ink.bad(&format!("Then {computing}.")))?;
        }
        self.endings(f)?;
        writeln!(f, "{}", self.ink.faint(&work(self.answer)))?;
        self.expectations(f)?;
        self.listed(f)?;
        self.deadlocks(f)?;
        self.leaks(f)?;
        self.panics(f)
    }

    fn expectations(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.answer.expected.is_empty() {
            writeln!(f, "\nWhat it says of its outcomes:\n")?;
        }
        for (expected, told) in self.answer.expectations() {
            match expected.met {
                Some(true) => writeln!(f, "  {} {told}", self.ink.good("✓"))?,
                Some(false) => writeln!(f, "  {} {}", self.ink.bad("✗"), self.ink.bad(&told))?,
                None => writeln!(f, "  ? {told}")?,
            }
        }
        Ok(())
    }

    fn count(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sentence = match (self.answer.outputs, &self.answer.not_counted) {
            (Some(count), _) => format!("{} in all", counted(count, "possible output")),
            (None, Some(NotCounted::Unbounded)) => {
                "Infinitely many possible outputs: it can print without end".to_owned()
            }
            (None, Some(NotCounted::Incomplete(limit))) => format!(
                "How many outputs it has is not known: {} while exploring",
                reached(*limit)
            ),
            (None, Some(NotCounted::TooBig(limit))) => format!(
                "How many outputs it has is not known: {} while counting",
                reached(*limit)
            ),
            (None, None) => "How many outputs it has is not known".to_owned(),
        };
        writeln!(f, "{}", self.ink.bold(&sentence))?;
        match &self.answer.so_far {
            Some(so_far) if so_far.outputs > 0 => {
                let least = counted(so_far.outputs, "possible output");
                writeln!(f, "At least {least}: so many were found until then")
            }
            _ => Ok(()),
        }
    }

    fn endings(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let counts = self.answer.known_endings().iter();
        let counts: Vec<(String, &Ending)> = counts
            .map(|ends| (with_separators(ends.outputs), &ends.ending))
            .collect();
        let width = counts.iter().map(|(count, _)| count.len()).max();
        for (count, ending) in &counts {
            let is_well = **ending == Ending::Returned;
            let words = ending.to_string();
            let words = if is_well { words } else { self.ink.bad(&words) };
            writeln!(f, "  {count:>width$}  {words}", width = width.unwrap_or(0))?;
        }
        Ok(())
    }

    fn listed(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let listed = self.answer.known_outputs();
        let width = listed.len().to_string().len().max(2);
        for (index, output) in listed.iter().enumerate() {
            writeln!(f)?;
            let mut number = format!("{:>width$}", index + 1);
            for line in output.text.lines() {
                writeln!(f, "{}  {line}", self.ink.faint(&number))?;
                number = " ".repeat(width);
            }
            let is_open = !output.text.is_empty() && !output.text.ends_with('\n');
            let end = match (&output.ending, is_open) {
                (Ending::Returned, true) => "(and no end of the line)".to_owned(),
                (Ending::Returned, false) if !output.text.is_empty() => continue,
                (ending, _) => format!("({ending})"),
            };
            writeln!(f, "{}  {}", self.ink.faint(&number), self.ink.faint(&end))?;
        }
        let so_far = self.answer.so_far.as_ref().map(|it| it.outputs);
        let all = self.answer.outputs.or(so_far).unwrap_or(0);
        let rest = all.saturating_sub(listed.len() as u128);
        if rest > 0 && !listed.is_empty() {
            let more = format!("\nand {} more: --all shows all", with_separators(rest));
            writeln!(f, "{}", self.ink.faint(&more))?;
        }
        Ok(())
    }

    fn deadlocks(&self, f: &mut Formatter<'_>) -> fmt::Result {
        ways_to_get_stuck(f, self.ink, &self.answer.deadlocks)?;
        self.hint(f, "deadlock", self.answer.deadlocks.len())
    }

    fn leaks(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let leaks = &self.answer.leaks;
        for (index, leak) in leaks.iter().enumerate() {
            let heading = leak_heading(index, leaks.len());
            writeln!(f, "\n{}", self.ink.bad(&heading))?;
            write_standstill(f, &leak.standstill)?;
        }
        self.hint(f, "leak", leaks.len())
    }

    fn panics(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let panics = &self.answer.panics;
        if !panics.is_empty() {
            writeln!(f, "\n{}", self.ink.bad(PANICS_HEADING))?;
        }
        for possible in panics {
            writeln!(f, "  {}", possible.panic)?;
        }
        self.hint(f, "panic", panics.len())
    }

    /// How to see one of these.
    fn hint(&self, f: &mut Formatter<'_>, which: &str, count: usize) -> fmt::Result {
        if count == 0 || self.request.trace.is_some() {
            return Ok(());
        }
        let hint = format!("\n--trace {which} shows how it comes to that");
        writeln!(f, "{}", self.ink.faint(&hint))
    }

    fn trace(&self, f: &mut Formatter<'_>, trace: &Trace) -> fmt::Result {
        writeln!(f, "\nOne execution, step by step:\n")?;
        let rows: Vec<Row> = trace
            .events
            .iter()
            .filter(|event| event.action != "start")
            .map(|event| Row::of(trace, event, self.request.settings.clock))
            .collect();
        let width = |cell: fn(&Row) -> &str| {
            let widths = rows.iter().map(|row| cell(row).chars().count());
            widths.max().unwrap_or(0)
        };
        let thread = width(|row| &row.thread);
        let what = width(|row| &row.what);
        let place = width(|row| &row.place);
        let time = width(|row| &row.time);
        let digits = rows.len().to_string().len();
        for (index, row) in rows.iter().enumerate() {
            let number = format!("{:>digits$}", index + 1);
            write!(f, "  {}  ", self.ink.faint(&number))?;
            if time > 0 {
                write!(f, "{:>time$}  ", row.time)?;
            }
            let name = format!("{:thread$}", row.thread);
            write!(f, "{}  ", self.ink.thread(row.number, &name))?;
            let line = format!("{:what$}  {:place$}", row.what, row.place);
            match row.printed.as_str() {
                "" => writeln!(f, "{}", line.trim_end())?,
                printed => writeln!(f, "{line}  │ {printed}")?,
            }
        }
        match &trace.ending {
            Some(Ending::Deadlocked) => {
                writeln!(f, "\n{}", self.ink.bad("Then nobody can go on:"))?;
                write_standstill(f, &trace.left)
            }
            Some(ending) => writeln!(f, "\nThen: {ending}."),
            None => Ok(()),
        }
    }
}

fn ways_to_get_stuck(f: &mut dyn Write, ink: Ink, deadlocks: &[Deadlock]) -> fmt::Result {
    for (index, deadlock) in deadlocks.iter().enumerate() {
        let heading = deadlock_heading(index, deadlocks.len());
        writeln!(f, "\n{}", ink.bad(&heading))?;
        write_standstill(f, &deadlock.standstill)?;
    }
    Ok(())
}

fn write_standstill(f: &mut dyn Write, standstill: &Standstill) -> fmt::Result {
    let sentences = standstill.sentences();
    sentences
        .iter()
        .try_for_each(|line| writeln!(f, "  {line}"))
}

/// One line of a trace.
struct Row {
    number: u16,
    thread: String,
    what: String,
    place: String,
    time: String,
    printed: String,
}

impl Row {
    fn of(trace: &Trace, event: &Event, clock: Clock) -> Row {
        Row {
            number: event.thread,
            thread: trace.thread_name(event.thread),
            what: trace.deed(event),
            place: event.at.as_ref().map_or_else(String::new, Place::to_string),
            time: match clock {
                Clock::Any => String::new(),
                Clock::Prompt => duration(event.time as f64 / 1e9),
            },
            printed: in_one_line(&event.text),
        }
    }
}

fn reached(limit: Stopped) -> &'static str {
    match limit {
        Stopped::States => "the states of --max-states were used up",
        Stopped::Time => "the time of --max-seconds was up",
        Stopped::Memory => "the memory of --max-memory was used up",
        Stopped::Asked => "it was stopped",
    }
}

/// A piece of text, on one line.
fn shown(text: &str) -> String {
    match text.strip_suffix('\n') {
        Some("") => "(an empty line)".to_owned(),
        Some(line) => line.replace('\n', "⏎"),
        None => text.replace('\n', "⏎"),
    }
}

/// Colours, where there is a terminal that wants them.
#[derive(Clone, Copy, Debug)]
struct Ink {
    colours: bool,
}

impl Ink {
    fn paint(self, text: &str, code: &str) -> String {
        if self.colours {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.paint(text, "1")
    }

    fn faint(self, text: &str) -> String {
        self.paint(text, "2")
    }

    fn good(self, text: &str) -> String {
        self.paint(text, "1;32")
    }

    fn bad(self, text: &str) -> String {
        self.paint(text, "1;31")
    }

    /// A colour for each thread, in turn.
    fn thread(self, number: u16, text: &str) -> String {
        let codes = ["36", "33", "35", "32", "34", "31"];
        self.paint(text, codes[usize::from(number) % codes.len()])
    }
}
