//! What documentation promises: the outputs that each small program can have,
//! all of them, by the model; and what it prints for real is among them.

use outcomes::{Ending, Settings};
use outcomes_programs::semantics::ALL;
use outcomes_soak::{explore, real};
use std::process::Command;

/// Everything that each program can print, in order.
const EXPECTED: &[(&str, &[&str])] = &[
    ("messages_outlive_senders", &["Ok(1) Err(RecvError)\n"]),
    (
        "send_without_receivers_fails",
        &["Err(\"SendError(..)\")\n"],
    ),
    (
        "zero_capacity_try_send_needs_a_receiver",
        &[
            "Err(\"Full(..)\")\nErr(\"Full(..)\")\nErr(RecvError)\n",
            "Err(\"Full(..)\")\nOk(())\nOk(2)\n",
            "Err(\"Full(..)\")\nOk(2)\nOk(())\n",
        ],
    ),
    (
        "full_channel_refuses",
        &["Ok(()) Err(\"Full(..)\")\ntrue 1 false\n"],
    ),
    (
        "timeout_without_message",
        &["Err(Timeout)\nErr(Disconnected)\n"],
    ),
    (
        "iterating_ends_when_senders_are_gone",
        &["[1, 2]\n", "[2, 1]\n"],
    ),
    ("any_receiver_may_win", &["1 got m\n", "2 got m\n"]),
    ("disconnected_is_ready", &["Err(RecvError)\n"]),
    ("select_takes_any_ready", &["one Ok(1)\n", "other Ok(2)\n"]),
    ("biased_select_takes_first", &["one Ok(1)\n"]),
    ("default_when_nothing_is_ready", &["timed out\n"]),
    ("never_is_never_ready", &["Ok(1)\n"]),
    ("select_list", &["1 Ok(\"one\")\n", "2 Ok(\"two\")\n"]),
    ("after_fires_once", &["true\ntrue\n"]),
    ("mutex_is_poisoned", &["true 1 true\n"]),
    (
        "try_lock_would_block",
        &[
            "free\nlocked\n",
            "held\nlocked\n",
            "locked\nfree\n",
            "locked\nheld\n",
        ],
    ),
    ("poison_can_be_cleared", &["true false true\n"]),
    ("readers_share", &["2 true\n"]),
    ("condvar_waits", &["knows\ntold\n", "told\nknows\n"]),
    (
        "barrier_has_one_leader",
        &["comes\ncomes\ncomes\ngoes\ngoes\ngoes\n1\n"],
    ),
    ("once_runs_once", &["once\ntrue\n"]),
    ("once_lock_first_wins", &["Some(1)\n", "Some(2)\n"]),
    ("lazy_lock_is_shared", &["made\n8\n"]),
    ("park_token_is_kept", &["went on\nwent on again\n"]),
    ("scope_waits", &["in the scope\n1 7\n"]),
    ("scoped_panic", &["Some(\"a scoped thread panicked\")\n"]),
    ("join_gives_the_panic", &["Some(\"panic 7\")\n"]),
    ("locals_are_each_threads_own", &["11 2\n"]),
    (
        "locals_are_dropped_at_the_end",
        &["used\ndropped\njoined\n"],
    ),
    ("arc_try_unwrap", &["false\n", "true\n"]),
    (
        "mpsc_sync_channel",
        &[
            "Ok(1)\nsent\nErr(RecvError)\n",
            "sent\nOk(1)\nErr(RecvError)\n",
        ],
    ),
    ("mpsc_disconnects", &["Err(SendError { .. })\n"]),
    (
        "exit_kills_threads",
        &["a thread\nmain\n", "main\n", "main\na thread\n"],
    ),
    ("atomics_are_in_one_order", &["01\n", "10\n", "11\n"]),
    (
        "dropped_receiver_drops_messages",
        &["dropped\nreceiver gone\n"],
    ),
];

#[test]
fn programs_can_print_what_is_promised() {
    let mut wrong = Vec::new();
    for (name, main) in ALL {
        let main = || {
            main();
            0
        };
        let explored = explore(&main, &Settings::default()).unwrap();
        let outputs = explored.outputs().unwrap();
        let texts: Vec<String> = outputs.iter().map(|output| output.text).collect();
        let expected = EXPECTED.iter().find(|(other, _)| other == name);
        let (_, expected) = expected.unwrap_or_else(|| panic!("{name} has no expectation"));
        if texts != *expected {
            wrong.push(format!("{name}: {texts:#?}, expected {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn programs_print_what_they_can() {
    for (name, main) in ALL {
        let main = || {
            main();
            0
        };
        let explored = explore(&main, &Settings::default()).unwrap();
        assert!(
            !explored.graph.endings().contains(&Ending::Deadlocked),
            "{name}"
        );
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_outcomes-soak"));
            command.args(["--real", name]);
            command
        };
        real::run_often(&command, 20, 1, &explored)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
