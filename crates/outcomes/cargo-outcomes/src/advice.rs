//! What to try next, where a limit was reached.

use outcomes_protocol::{Answer, Checked, Clock, NotCounted, Request, Stopped};

/// Where the reader may try it, so that it is said in words that are known
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// On a command line, whose options set the limits.
    Command,
    /// In a notebook's cell, whose magics have no options for them.
    Cell,
}

/// What to try next, as a sentence; `None` if no limit was reached.
pub fn advice(request: &Request, answer: &Answer, front: Front) -> Option<String> {
    let limit = reached(answer)?;
    let mut tries = Vec::new();
    if answer.computing.is_some() {
        tries.push("less to compute between two steps, if that ends at all".to_owned());
    }
    if front == Front::Command {
        tries.extend(raised(limit, request));
    }
    if answer.computing.is_none() {
        if request.settings.clock == Clock::Any {
            let clock = "--clock prompt, on which a sleep takes as long as it says";
            tries.push(clock.to_owned());
        }
        if request.checks.is_empty() {
            let possible = match front {
                Front::Command => "--possible FILE",
                Front::Cell => "--possible \"…\"",
            };
            tries.push(format!("{possible}, which looks for one output only"));
        }
        tries.push("smaller numbers: fewer threads, messages or rounds".to_owned());
    }
    let last = tries.pop()?;
    let before = if tries.is_empty() {
        String::new()
    } else {
        format!("{}; or ", tries.join("; "))
    };
    Some(format!("What to try: {before}{last}."))
}

/// The limit that kept something from being known.
fn reached(answer: &Answer) -> Option<Stopped> {
    if let Some(NotCounted::Incomplete(limit) | NotCounted::TooBig(limit)) = answer.not_counted {
        return Some(limit);
    }
    answer.checked.iter().find_map(|checked| match checked {
        Checked::Unknown(limit) => Some(*limit),
        Checked::Known(_) => None,
    })
}

/// The option that raises a limit, with ten times as much; of memory, which
/// there may not be, with four times.
fn raised(limit: Stopped, request: &Request) -> Option<String> {
    let limits = &request.settings.limits;
    let option = match limit {
        Stopped::Time => format!("--max-seconds {}", limits.time.as_secs().max(1) * 10),
        Stopped::States => format!("--max-states {}", limits.states.max(1).saturating_mul(10)),
        Stopped::Memory => format!("--max-memory {}", (limits.memory >> 20).max(1) * 4),
        Stopped::Asked => return None,
    };
    Some(option)
}
