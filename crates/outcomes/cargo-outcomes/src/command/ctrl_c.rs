//! Ctrl-C: what is being explored is told as far as it is known. A second one ends the
//! command at once, and so does one where nothing is being explored.

use crate::interruption;
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;
use std::process;
use std::sync::Once;
use std::thread;

/// What a shell makes of a command that ends by this signal.
const ENDED: i32 = 128 + SIGINT;

/// From now on.
pub(super) fn is_heard() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        // Without it, Ctrl-C ends the command.
        let Ok(mut signals) = Signals::new([SIGINT]) else {
            return;
        };
        thread::spawn(move || {
            for _ in signals.forever() {
                if !interruption::interrupt() {
                    process::exit(ENDED);
                }
            }
        });
    });
}
