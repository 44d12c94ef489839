//! What `--json` prints.

use super::{Found, Program};
use outcomes_protocol::{Answer, Checked, Clock, Request, Trace};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Object<'a> {
    program: &'a str,
    edition: &'a str,
    clock: Clock,
    outputs: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_counted: Option<String>,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    so_far: Option<&'a outcomes_protocol::SoFar>,
    endings: BTreeMap<&'static str, u128>,
    states: usize,
    executions: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    alike_threads: bool,
    seconds: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    listed: &'a [outcomes_protocol::Output],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deadlocks: &'a [outcomes_protocol::Deadlock],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    leaks: &'a [outcomes_protocol::Leak],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    panics: &'a [outcomes_protocol::PossiblePanic],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    expected: &'a [outcomes_protocol::Expected],
    /// `null` if there is no telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'a Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a Trace>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_trace: Option<&'a str>,
    /// Who was still computing when time was up.
    #[serde(skip_serializing_if = "Option::is_none")]
    computing: Option<&'a outcomes_protocol::Computing>,
}

impl<'a> Object<'a> {
    pub(super) fn new(
        program: &'a Program,
        edition: &'a str,
        request: &Request,
        answer: &'a Answer,
        found: Found,
    ) -> Object<'a> {
        let mut endings = BTreeMap::new();
        for ends in &answer.endings {
            let count: &mut u128 = endings.entry(ends.ending.kind()).or_default();
            *count = count.saturating_add(ends.outputs);
        }
        let checked = answer.checked.first();
        Object {
            program: &program.name,
            edition,
            clock: request.settings.clock,
            outputs: answer.outputs,
            not_counted: answer.not_counted.as_ref().map(ToString::to_string),
            complete: answer.complete,
            so_far: answer.so_far.as_ref(),
            endings,
            states: answer.states,
            executions: answer.executions,
            alike_threads: answer.alike_threads,
            seconds: answer.seconds,
            listed: &answer.listed,
            deadlocks: &answer.deadlocks,
            leaks: &answer.leaks,
            panics: &answer.panics,
            expected: &answer.expected,
            possible: checked.map(|_| match found {
                Found::Yes => Some(true),
                Found::No => Some(false),
                Found::Unknown => None,
            }),
            checked,
            trace: answer.trace.as_ref(),
            no_trace: answer.no_trace.as_deref(),
            computing: answer.computing.as_ref(),
        }
    }
}
