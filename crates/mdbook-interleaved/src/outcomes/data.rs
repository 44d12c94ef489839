//! The form of the data that a page gets of a listing.

use outcomes_protocol::{Answer, Clock, SOURCE, Trace};
use serde::Serialize;

/// What says of which form the data are: the text of all that defines it. When
/// that changes, what was made before is made again.
pub(super) const FORM: [&str; 2] = [include_str!("data.rs"), SOURCE];

/// What the page is told of one listing: the engine's [`Answer`] (its fields and
/// all types in it are those of [`outcomes_protocol`]), and some more besides.
/// As JSON:
///
/// ```text
/// {
///   "version": "5d0c…",
///   "name": "two-threads",
///   "clock": "any",                     // or "prompt"
///   "edition": "2024",
///   "count": "140",                     // exact, with thousands separators; null where there is no end
///   "recorded": 17,                     // the recorded output's place in `listed`, from 0, or null
///   "deadlock_traces": [{ … }],         // without a graph, a Trace into each of `deadlocks`; at most 8
///   "leak_traces": [{ … }],             // the same of `leaks`
///   "panic_traces": [{ … }],            // the same of `panics`
///
///   "outputs": 140,                     // the count as a number: may be beyond 2^53
///   "not_counted": null,                // or why there is no count: "unbounded"
///   "complete": true,
///   "endings": [{ "ending": { "kind": "returned" }, "outputs": 140 }],
///   "states": 40, "executions": 34, "seconds": 0.0007,
///   "alike_threads": true,              // or left out: threads that are alike count as one
///   "listed": [{ "text": "…\n", "ending": { "kind": "returned" } }],   // the first 1000;
///                                       // 100 where there is a graph
///   "checked": [{ "known": { "possible": "1*3 2 0" } }],   // the recorded output, by a schedule
///   "deadlocks": [{ "blocked": [ … ], "objects": [ … ], "gone": [ … ], "cycle": [ … ], "schedule": "…" }],
///   "leaks": [ … ],                     // as deadlocks: threads stuck for good while others go on
///   "panics": [{ "thread": 1, "path": "1", "name": null, "message": "…", "at": { … }, "schedule": "…" }],
///   "trace": { … },                     // a Trace of an execution that prints what is recorded
///   "graph": { … }                      // a GraphData, or null beyond 40,000 edges
/// }
/// ```
///
/// Endings are `{"kind": "returned" | "aborted" | "deadlocked" | "never-ends"}`,
/// `{"kind": "exited", "code": 3}` and `{"kind": "panicked", "message": "…"}`.
/// Places (`{"file", "line", "column"}`) count lines as the page does, from 1.
#[derive(Debug, Serialize)]
pub struct Data {
    /// What it was made from: see [`version`](super::version).
    pub version: String,
    /// The listing.
    pub name: String,
    /// How time passes.
    pub clock: Clock,
    /// The edition in which it was built.
    pub edition: String,
    /// How many outputs there are, with thousands separators.
    pub count: Option<String>,
    /// The recorded output's place among those that are listed, from 0.
    pub recorded: Option<usize>,
    /// An execution for each deadlock, where the page has no graph.
    pub deadlock_traces: Vec<Trace>,
    /// The same for each leak.
    pub leak_traces: Vec<Trace>,
    /// The same for each panic.
    pub panic_traces: Vec<Trace>,
    /// What the engine says.
    #[serde(flatten)]
    pub answer: Answer,
}
