//! What comes over a connection of ZeroMQ: the handshake, then messages and commands,
//! until it breaks a rule or ends.

#![no_main]

use kernel::zeromq;
use libfuzzer_sys::fuzz_target;
use std::io::{self, Read, Write};

/// The other end has said all that it will, and takes whatever comes.
struct Said<'a>(&'a [u8]);

impl Read for Said<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Said<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    zeromq::read_to_the_end(|| Said(bytes));
});
