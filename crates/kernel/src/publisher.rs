//! The way out: what the kernel sends on behalf of one request.

use crate::content::{Content, ExecutionState, KernelError, Status, StreamOutput};
use crate::message::{Channel, Message};
use crate::origins::Origins;
use runner::Stream;
use serde_json::Value;
use std::borrow::Cow;

/// Where a kernel's messages go: the transport's side of the kernel.
pub trait Outbox: Send + Sync {
    /// Sends a message. May block while the receivers are slower than the
    /// kernel, which slows a program that floods its output; must return once
    /// the kernel is being dropped.
    fn send(&self, channel: Channel, message: Message);

    /// The kernel has answered a `shutdown_request`: drop it, and start
    /// another in its place if `restart`.
    fn shut_down(&self, restart: bool);
}

/// Sends what answers one request.
pub(crate) struct Publisher<'a> {
    pub(crate) outbox: &'a dyn Outbox,
    pub(crate) session: &'a str,
    pub(crate) request: &'a Message,
    /// What of the program that is compiled is other cells'.
    pub(crate) origins: Option<&'a Origins>,
}

impl Publisher<'_> {
    /// The same for a program that is partly other cells'.
    pub(crate) fn for_program<'a>(&'a self, origins: &'a Origins) -> Publisher<'a> {
        Publisher {
            origins: Some(origins),
            ..*self
        }
    }

    /// A text about the program, with places in other cells called so.
    pub(crate) fn named<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.origins
            .map_or(Cow::Borrowed(text), |origins| origins.named(text))
    }

    /// Sends to everyone.
    pub(crate) fn publish<C: Content>(&self, content: &C) {
        self.broadcast(self.message(content));
    }

    /// Sends to everyone, unless a cell is to run silently: of that, nothing is
    /// seen but that the kernel is busy.
    fn broadcast(&self, message: Message) {
        let request = self.request;
        let is_silent = request.msg_type() == "execute_request"
            && request.content.get("silent").and_then(Value::as_bool) == Some(true);
        if !is_silent || message.msg_type() == "status" {
            self.outbox.send(Channel::Iopub, message);
        }
    }

    /// Sends to everyone, with one entry in the metadata.
    pub(crate) fn publish_with<C: Content>(&self, content: &C, key: &str, value: Value) {
        self.broadcast(self.message(content).with_metadata(key, value));
    }

    /// Sends to whoever asked.
    pub(crate) fn reply<C: Content>(&self, channel: Channel, content: &C) {
        self.outbox.send(channel, self.message(content));
    }

    /// Sends to whoever asked, with one entry in the metadata.
    pub(crate) fn reply_with<C: Content>(
        &self,
        channel: Channel,
        content: &C,
        key: &str,
        value: Value,
    ) {
        let message = self.message(content).with_metadata(key, value);
        self.outbox.send(channel, message);
    }

    /// Answers a request, whatever its type, with an error.
    pub(crate) fn reply_error(&self, channel: Channel, error: &KernelError) {
        let mut message = self.message(error);
        message.header.msg_type = self.request.msg_type().replace("_request", "_reply");
        message.content["status"] = "error".into();
        self.outbox.send(channel, message);
    }

    /// Tells everyone what the kernel is doing.
    pub(crate) fn status(&self, execution_state: ExecutionState) {
        self.publish(&Status { execution_state });
    }

    /// Shows text that a program printed.
    pub(crate) fn print(&self, pieces: Vec<(Stream, String)>) {
        for (name, text) in &pieces {
            let text = match name {
                Stream::Stderr => &*self.named(text),
                Stream::Stdout => text,
            };
            self.publish(&StreamOutput { name: *name, text });
        }
    }

    fn message<C: Content>(&self, content: &C) -> Message {
        Message::new(content, self.session, Some(self.request))
    }
}
