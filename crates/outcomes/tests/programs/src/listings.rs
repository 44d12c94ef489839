//! The book's listings, unedited.

use std::process::{ExitCode, Termination};

/// A listing with its name, and its `main` with the exit code as its result.
pub type Listing = (&'static str, fn() -> i32);

fn exit_code(result: impl Termination) -> i32 {
    i32::from(result.report() != ExitCode::SUCCESS)
}

macro_rules! listings {
    ($($module:ident: $name:literal,)*) => {
        $(
            #[allow(dead_code, unreachable_pub, reason = "it is a program of its own")]
            mod $module {
                include!(concat!("../../../../listings/examples/", $name, ".rs"));

                pub(super) fn run() -> i32 {
                    super::exit_code(main())
                }
            }
        )*

        /// Every listing that can be built modelled.
        pub const ALL: &[Listing] = &[$(($name, $module::run),)*];
    };
}

listings! {
    alone: "alone",
    both_receive: "both-receive",
    break_out: "break-out",
    channel_of_bytes: "channel-of-bytes",
    close_by_dropping: "close-by-dropping",
    cores: "cores",
    cost_of_a_switch: "cost-of-a-switch",
    cost_of_a_thread: "cost-of-a-thread",
    counter_with_a_mutex: "counter-with-a-mutex",
    foreground_and_background: "foreground-and-background",
    forgotten_drop: "forgotten-drop",
    generate_and_print: "generate-and-print",
    join_returns_a_value: "join-returns-a-value",
    kept_receiver: "kept-receiver",
    lost_update: "lost-update",
    memory_comes_back: "memory-comes-back",
    no_waiting: "no-waiting",
    one_after_the_other: "one-after-the-other",
    pam_and_jim: "pam-and-jim",
    panic_in_a_scope: "panic-in-a-scope",
    panic_is_a_value: "panic-is-a-value",
    receive_until_closed: "receive-until-closed",
    rendezvous: "rendezvous",
    room_in_a_channel: "room-in-a-channel",
    same_work_more_threads: "same-work-more-threads",
    scoped_threads: "scoped-threads",
    send_and_receive: "send-and-receive",
    six_seconds: "six-seconds",
    slept_too_short: "slept-too-short",
    three_seconds: "three-seconds",
    two_greetings: "two-greetings",
    two_locks: "two-locks",
    two_threads: "two-threads",
    unwrap_a_panic: "unwrap-a-panic",
    wait_group: "wait-group",
    which_way: "which-way",
    workers_share_a_channel: "workers-share-a-channel",
}
