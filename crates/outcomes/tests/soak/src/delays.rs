//! Delays real programs at random, by a library that is loaded into them: see
//! `delays/lib.rs`.

use std::process::Command;

/// Whether there is such a library: with Linux and glibc.
pub const ARE_THERE: bool = cfg!(delays);

/// Delays what is run by a command. `number` is what the delays are drawn
/// from; 0 is none.
pub fn delay(command: &mut Command, number: u64) {
    #[cfg(delays)]
    command
        .env("LD_PRELOAD", env!("DELAYS"))
        .env("OUTCOMES_DELAYS", number.to_string());
    #[cfg(not(delays))]
    let _ = (command, number);
}
