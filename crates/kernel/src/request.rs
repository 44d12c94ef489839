//! The requests that the kernel answers, read out of the messages that bring
//! them.

use crate::content::{
    Comm, CompleteRequest, ExecuteRequest, HistoryRequest, InspectRequest, IsCompleteRequest,
    Shutdown,
};
use crate::message::Message;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A request that the kernel answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Run a cell.
    Execute(ExecuteRequest),
    /// Say what kernel this is.
    KernelInfo,
    /// Say whether code is complete or goes on in the next line.
    IsComplete(IsCompleteRequest),
    /// Complete what is before the cursor.
    Complete(CompleteRequest),
    /// Explain what is at the cursor.
    Inspect(InspectRequest),
    /// Give earlier inputs back.
    History(HistoryRequest),
    /// List the open comms.
    CommInfo,
    /// Open a comm.
    CommOpen(Comm),
    /// A message over, or the end of, a comm that isn't open.
    CommOther,
    /// A request of the Debug Adapter Protocol.
    Debug(Value),
    /// Stop what runs.
    Interrupt,
    /// End the kernel.
    Shutdown(Shutdown),
}

impl Request {
    /// Reads a request out of a message; `None` if it isn't one that the
    /// kernel knows.
    ///
    /// # Errors
    /// Says which field of the content is missing or wrong.
    pub fn read(message: &Message) -> Result<Option<Request>, String> {
        Ok(Some(match message.msg_type() {
            "execute_request" => Request::Execute(content_of(message)?),
            "kernel_info_request" => Request::KernelInfo,
            "is_complete_request" => Request::IsComplete(content_of(message)?),
            "complete_request" => Request::Complete(content_of(message)?),
            "inspect_request" => Request::Inspect(content_of(message)?),
            "history_request" => Request::History(content_of(message)?),
            "comm_info_request" => Request::CommInfo,
            "comm_open" => Request::CommOpen(content_of(message)?),
            "comm_msg" | "comm_close" => Request::CommOther,
            "debug_request" => Request::Debug(content_of(message)?),
            "interrupt_request" => Request::Interrupt,
            "shutdown_request" => Request::Shutdown(content_of(message)?),
            _ => return Ok(None),
        }))
    }
}

fn content_of<C: DeserializeOwned>(message: &Message) -> Result<C, String> {
    // A list would do for a struct's fields in their order.
    if !message.content.is_object() {
        return Err(format!(
            "the content of this {} is no object",
            message.msg_type()
        ));
    }
    C::deserialize(&message.content)
        .map_err(|error| format!("this {} can't be read: {error}", message.msg_type()))
}
