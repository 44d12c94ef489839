//! What a program may use.

use crate::containment::Means;
use crate::event::Limit;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a program may use. All its processes count together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Time from start to end.
    pub wall_clock: Duration,
    /// Resident memory in bytes. Pages that processes share count for each.
    /// Linux only.
    pub memory: u64,
    /// Processes alive at once, the program's own among them. Linux only.
    pub processes: u64,
    /// Threads alive at once, the main threads among them. Linux only.
    pub threads: u64,
    /// Bytes written to stdout and stderr together.
    pub output: u64,
    /// Bytes that any one file may hold once the program has written to it.
    pub file: u64,
    /// Bytes that all its files may hold together. Linux only.
    pub disk: u64,
    /// Whether it may reach other machines, and what this one serves to them.
    /// Linux only: elsewhere it may.
    pub network: bool,
    /// What contains it, where the kernel does.
    pub means: Means,
}

/// Enough for every listing (one starts 10,000 threads), little enough that a
/// runaway program doesn't harm the machine: one minute, 1 GiB, 64 processes,
/// 20,000 threads, 8 MiB of output, 64 MiB a file, 256 MiB in all files, and no
/// network.
impl Default for Limits {
    fn default() -> Limits {
        Limits {
            wall_clock: Duration::from_secs(60),
            memory: 1 << 30,
            processes: 64,
            threads: 20_000,
            output: 8 << 20,
            file: 64 << 20,
            disk: 256 << 20,
            network: false,
            means: Means::default(),
        }
    }
}

/// What a program's source says, on a line of its own, to be let into the
/// network.
pub const ASKS_FOR_NETWORK: &str = "// interleaved: network";

impl Limits {
    /// The same for a program with this source, which may ask for the network
    /// by [`ASKS_FOR_NETWORK`].
    #[must_use]
    pub fn asked_by(&self, source: &str) -> Limits {
        let asks = source.lines().any(|line| line.trim() == ASKS_FOR_NETWORK);
        Limits {
            network: self.network || asks,
            ..self.clone()
        }
    }

    /// Bounds nothing: for what we start for ourselves.
    pub(crate) fn none() -> Limits {
        Limits {
            wall_clock: Duration::MAX,
            memory: u64::MAX,
            processes: u64::MAX,
            threads: u64::MAX,
            output: u64::MAX,
            file: u64::MAX,
            disk: u64::MAX,
            network: true,
            means: Means::none(),
        }
    }

    /// In whole seconds, rounded up: "longer than 0 seconds" says nothing.
    pub(crate) fn wall_clock_limit(&self) -> Limit {
        Limit::WallClock(self.wall_clock.as_millis().div_ceil(1000) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_asks_for_the_network() {
        let limits = Limits::default();
        assert!(!limits.asked_by("fn main() {}").network);
        assert!(
            !limits
                .asked_by("fn main() {} // interleaved: network")
                .network
        );
        assert!(
            limits
                .asked_by("  // interleaved: network\nfn main() {}")
                .network
        );
    }
}
