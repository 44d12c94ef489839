//! What a program reads from its standard input, where someone types it.
//!
//! The program gets a pipe. Its supervisor, which starts it, is sent the
//! pipe's end over their socket, and tells when a thread of the program waits
//! to read from it (Linux only: elsewhere nobody can tell).

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut, PipeWriter, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

/// The other end of a program's standard input, which ends when this is
/// dropped, with all its clones.
#[derive(Clone, Debug)]
pub struct Input(mpsc::Sender<Vec<u8>>);

impl Input {
    /// Writes from a thread of its own: a program may never read.
    pub(crate) fn to(mut pipe: PipeWriter) -> io::Result<Input> {
        let (sender, bytes) = mpsc::channel::<Vec<u8>>();
        thread::Builder::new().spawn(move || {
            for bytes in bytes {
                if pipe.write_all(&bytes).is_err() {
                    return;
                }
            }
        })?;
        Ok(Input(sender))
    }

    /// Gives the program something to read. Never waits for it.
    pub fn send(&self, bytes: impl Into<Vec<u8>>) {
        // Nobody reads once the program has ended.
        let _ = self.0.send(bytes.into());
    }
}

/// Sends an open file over a socket, with one byte.
pub(crate) fn pass(file: impl AsFd, socket: &UnixStream) -> io::Result<()> {
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&files));
    sendmsg(
        socket,
        &[IoSlice::new(&[0])],
        &mut control,
        SendFlags::empty(),
    )?;
    Ok(())
}

/// Takes the file that the other side passes.
pub(crate) fn take(socket: &UnixStream) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut byte)],
        &mut control,
        RecvFlags::empty(),
    )?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(mut files) = message
            && let Some(file) = files.next()
        {
            rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::CLOEXEC)?;
            return Ok(file);
        }
    }
    Err(io::Error::other("no standard input was passed"))
}
