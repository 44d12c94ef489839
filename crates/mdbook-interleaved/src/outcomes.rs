//! What the page knows of a listing's outcomes: the data that its tools read.
//!
//! For each listing that can be explored there is a file
//! `outcomes/NAME.json` in the book's `src`, which mdBook copies into the
//! site. Listings that can't (see [`Listing::unexplored`]), and those that
//! must not compile, have none. The listing's `<figure>` names it, relative to
//! the page: `data-outcomes="outcomes/two-threads.json"`.
//!
//! # The form
//! A file holds one object ([`Data`]; all types are those of
//! [`outcomes_protocol`]):
//!
//! ```json
//! {
//!   "name": "two-threads",
//!   "clock": "any",                      // or "prompt"
//!   "count": "140",                      // exact, with thousands separators;
//!                                        // null where outcomes have no end
//!   "answer": {                          // an Answer
//!     "outputs": 140,                    // the same as a number: may be beyond 2^53
//!     "not_counted": null,               // or why: "unbounded", {"incomplete": "time"}
//!     "complete": true,
//!     "endings": [{ "ending": { "kind": "returned" }, "outputs": 140 }],
//!     "states": 40, "executions": 34, "seconds": 0.0007,
//!     "listed": [{ "text": "…\n", "ending": { "kind": "returned" } }],  // the first 1000
//!     "checked": [{ "known": { "possible": [0, 1, 0] } }],  // the recorded output, by a schedule
//!     "deadlocks": [{ "blocked": [ … ], "schedule": [ … ] }],
//!     "trace": { … },                    // a Trace of an execution that prints what is recorded
//!     "graph": { … }                     // a GraphData, or null beyond 5,000 states
//!   },
//!   "recorded": 17,                      // its place in `listed`, from 0; null if beyond, or not recorded
//!   "deadlocks": [{ … }]                 // a Trace that ends in each of answer.deadlocks; at most 8
//! }
//! ```
//!
//! Endings are `{"kind": "returned" | "aborted" | "deadlocked" | "never-ends"}`,
//! `{"kind": "exited", "code": 3}` and `{"kind": "panicked", "message": "…"}`.
//! Places (`{"file", "line", "column"}`) count lines as the page does, from 1.
