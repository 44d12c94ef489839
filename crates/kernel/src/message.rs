//! Messages and the channels that carry them, whatever the transport.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#general-message-format>

use crate::content::Content;
use crate::header::Header;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One of a kernel's channels. The heartbeat carries no messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Requests and their replies, in order.
    Shell,
    /// Requests that don't wait for a running cell.
    Control,
    /// The kernel's questions to the reader.
    Stdin,
    /// What everyone gets to see: output and status.
    Iopub,
}

impl Channel {
    /// The channel's name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Shell => "shell",
            Channel::Control => "control",
            Channel::Stdin => "stdin",
            Channel::Iopub => "iopub",
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Channel> {
        [
            Channel::Shell,
            Channel::Control,
            Channel::Stdin,
            Channel::Iopub,
        ]
        .into_iter()
        .find(|channel| channel.name() == name)
    }
}

/// A message, in or out.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who is to get the reply, as the transport chose to write it. The kernel
    /// only copies it from a request to its replies.
    pub identities: Vec<Vec<u8>>,
    /// What identifies the message.
    pub header: Header,
    /// The header of the request that caused it.
    pub parent_header: Option<Header>,
    /// What has no place in the content.
    pub metadata: Map<String, Value>,
    /// What the message says; its shape follows from `header.msg_type`.
    pub content: Value,
    /// Raw bytes that go with it.
    pub buffers: Vec<Vec<u8>>,
}

impl Message {
    /// A message from the kernel's `session`, caused by `parent`.
    ///
    /// # Panics
    /// Never: our contents have string keys and finite numbers.
    pub fn new<C: Content>(content: &C, session: &str, parent: Option<&Message>) -> Message {
        Message {
            identities: parent.map_or_else(Vec::new, |parent| parent.identities.clone()),
            header: Header::new(C::TYPE, session),
            parent_header: parent.map(|parent| parent.header.clone()),
            metadata: Map::new(),
            content: serde_json::to_value(content).expect("contents are plain JSON"),
            buffers: Vec::new(),
        }
    }

    /// The same message with one more entry in its metadata.
    pub fn with_metadata(mut self, key: &str, value: Value) -> Message {
        self.metadata.insert(key.to_owned(), value);
        self
    }

    /// What kind of message it is, for instance `execute_request`.
    pub fn msg_type(&self) -> &str {
        &self.header.msg_type
    }
}
