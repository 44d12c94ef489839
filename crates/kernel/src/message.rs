//! Messages and the channels that carry them, whatever the transport.
//!
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#general-message-format>

use crate::content::Content;
use crate::header::Header;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

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

    /// Reads a message from its four JSON parts (header, parent header, metadata
    /// and content) and its buffers.
    ///
    /// # Errors
    /// Says in one sentence which part can't be read, and why.
    pub(crate) fn of_parts(parts: [&[u8]; 4], buffers: &[&[u8]]) -> Result<Message, String> {
        let [header, parent_header, metadata, content] = parts;
        Ok(Message {
            identities: Vec::new(),
            header: read_part("header", header)?,
            parent_header: read_parent(read_part("parent_header", parent_header)?)?,
            metadata: read_part("metadata", metadata)?,
            content: Value::Object(read_part("content", content)?),
            buffers: buffers.iter().map(|buffer| buffer.to_vec()).collect(),
        })
    }

    /// Its four JSON parts, in the protocol's order.
    pub(crate) fn parts(&self) -> [String; 4] {
        [
            json!(self.header).to_string(),
            self.parent().to_string(),
            json!(self.metadata).to_string(),
            self.content.to_string(),
        ]
    }

    /// The parent header as it is sent.
    pub(crate) fn parent(&self) -> Value {
        self.parent_header
            .as_ref()
            .map_or_else(|| json!({}), |header| json!(header))
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

/// Reads the part of a message that is called `what`.
pub(crate) fn read_part<T: DeserializeOwned>(what: &str, text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| format!("the {what} can't be read: {error}"))
}

/// Reads a header that is called `what`.
pub(crate) fn read_header(what: &str, value: Value) -> Result<Header, String> {
    serde_json::from_value(value).map_err(|error| format!("the {what} can't be read: {error}"))
}

/// "If there is no parent, an empty dict should be used"; `null` is seen too.
pub(crate) fn read_parent(value: Value) -> Result<Option<Header>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Object(fields) if fields.is_empty() => Ok(None),
        value => read_header("parent_header", value).map(Some),
    }
}
