//! The contents of the messages that a kernel gets and sends.
//!
//! Only the fields that the kernel uses are read; only those that the
//! specification asks for are written.
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The content of a message that the kernel sends.
pub trait Content: Serialize {
    /// The message's `msg_type`.
    const TYPE: &'static str;
}

macro_rules! contents {
    ($($name:ty = $msg_type:literal),* $(,)?) => {
        $(impl Content for $name { const TYPE: &'static str = $msg_type; })*
    };
}

contents! {
    ClearOutput = "clear_output",
    CommClose = "comm_close",
    CommInfoReply = "comm_info_reply",
    CompleteReply = "complete_reply",
    DebugReply = "debug_reply",
    DisplayData = "display_data",
    ExecuteInput<'_> = "execute_input",
    ExecuteReply = "execute_reply",
    ExecuteResult = "execute_result",
    HistoryReply = "history_reply",
    InputRequest = "input_request",
    InspectReply = "inspect_reply",
    InterruptReply = "interrupt_reply",
    IopubWelcome = "iopub_welcome",
    IsCompleteReply = "is_complete_reply",
    KernelError = "error",
    KernelInfoReply = "kernel_info_reply",
    ShutdownReply = "shutdown_reply",
    Status = "status",
    StreamOutput<'_> = "stream",
    UpdateDisplayData = "update_display_data",
}

/// The answer to a request of the Debug Adapter Protocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DebugReply(pub Value);

/// Runs a cell.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExecuteRequest {
    /// The cell's source text.
    pub code: String,
    /// Whether to run it without showing its input and without counting it.
    #[serde(default)]
    pub silent: bool,
    /// Whether it belongs in the history. Taken as false when `silent`.
    #[serde(default = "yes")]
    pub store_history: bool,
    /// Whether the cells queued behind it are given up if it fails.
    #[serde(default = "yes")]
    pub stop_on_error: bool,
    /// Expressions to evaluate afterwards, by name.
    #[serde(default)]
    pub user_expressions: Map<String, Value>,
}

fn yes() -> bool {
    true
}

/// Asks whether code is complete.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct IsCompleteRequest {
    /// The code so far.
    pub code: String,
}

/// Asks for completions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CompleteRequest {
    /// The cell's text.
    pub code: String,
    /// Where the cursor is, in Unicode characters.
    pub cursor_pos: usize,
}

/// Asks what stands at the cursor.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct InspectRequest {
    /// The cell's text.
    pub code: String,
    /// Where the cursor is, in Unicode characters.
    pub cursor_pos: usize,
}

/// What somebody typed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct InputReply {
    /// The line, without its line break.
    pub value: String,
}

/// Asks for earlier inputs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HistoryRequest {
    /// Which.
    #[serde(flatten)]
    pub access: HistoryAccess,
    /// Whether to give the output with each input.
    #[serde(default)]
    pub output: bool,
}

/// Which earlier inputs are wanted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "hist_access_type", rename_all = "lowercase")]
pub enum HistoryAccess {
    /// The last ones.
    Tail {
        /// How many.
        n: usize,
    },
    /// Those of one session, from one line up to before another.
    Range {
        /// The session: 0 is this one, -1 the one before.
        #[serde(default)]
        session: i64,
        /// The first line.
        #[serde(default)]
        start: usize,
        /// The line after the last one; none means to the end.
        stop: Option<usize>,
    },
    /// The last ones that match a pattern.
    Search {
        /// How many; none means all.
        n: Option<usize>,
        /// A pattern with `*` and `?`, of the whole input.
        pattern: String,
        /// Whether to give each input only once.
        #[serde(default)]
        unique: bool,
    },
}

/// Opens or closes a comm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Comm {
    /// The comm's id.
    pub comm_id: String,
}

/// Ends the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Shutdown {
    /// Whether it is to start again.
    #[serde(default)]
    pub restart: bool,
}

/// What the kernel is doing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Busy with a request, or idle again.
    pub execution_state: ExecutionState,
}

/// A kernel's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionState {
    /// Begins; sent once.
    Starting,
    /// Handles a request.
    Busy,
    /// Waits for one.
    Idle,
    /// Ends, to start again.
    Restarting,
    /// Is gone.
    Dead,
}

/// Shows a cell's source to everyone.
#[derive(Clone, Debug, Serialize)]
pub struct ExecuteInput<'a> {
    /// The source.
    pub code: &'a str,
    /// The cell's number.
    pub execution_count: u32,
}

/// Text that a program printed.
#[derive(Clone, Debug, Serialize)]
pub struct StreamOutput<'a> {
    /// Where it was printed.
    pub name: runner::event::Stream,
    /// The text.
    pub text: &'a str,
}

/// What went wrong. Exactly one is sent for a cell that fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelError {
    /// The kind of error, a word.
    pub ename: String,
    /// What went wrong, a sentence.
    pub evalue: String,
    /// What to show, in lines, coloured with ANSI escapes.
    pub traceback: Vec<String>,
}

/// Something to show, in several MIME types.
#[derive(Clone, Debug, Serialize)]
pub struct DisplayData {
    /// The same thing in each MIME type.
    pub data: Map<String, Value>,
    /// How to show it.
    pub metadata: Map<String, Value>,
    /// What to call it, for a later update.
    pub transient: Transient,
}

/// Shows the value of a cell.
#[derive(Clone, Debug, Serialize)]
pub struct ExecuteResult {
    /// The cell's number.
    pub execution_count: u32,
    /// The value in each MIME type.
    pub data: Map<String, Value>,
    /// How to show it.
    pub metadata: Map<String, Value>,
}

/// Clears the cell's output.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ClearOutput {
    /// Whether to wait until there is more to show.
    pub wait: bool,
}

/// Asks the reader for a line.
#[derive(Clone, Debug, Serialize)]
pub struct InputRequest {
    /// What to write before it.
    pub prompt: String,
    /// Whether to hide it.
    pub password: bool,
}

/// Replaces something shown before.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct UpdateDisplayData(pub DisplayData);

/// What is not to be stored in a notebook.
#[derive(Clone, Debug, Serialize)]
pub struct Transient {
    /// The name of what is shown.
    pub display_id: String,
}

/// The answer to `execute_request`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum ExecuteReply {
    /// The cell did what it should.
    Ok {
        /// The cell's number.
        execution_count: u32,
        /// For a pager.
        payload: Vec<Payload>,
        /// What became of the request's `user_expressions`.
        user_expressions: Map<String, Value>,
    },
    /// It failed.
    Error {
        /// The cell's number.
        execution_count: u32,
        /// The same error as on iopub.
        #[serde(flatten)]
        error: KernelError,
    },
    /// It wasn't run, since one before it failed.
    Aborted {
        /// The number of the last cell that ran.
        execution_count: u32,
    },
}

/// Something that a front end is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Payload {
    /// Show this beside the notebook.
    Page(Page),
    /// Put this in the place of the cell's text.
    NextInput(NextInput),
}

/// A cell's new text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextInput {
    source: &'static str,
    text: String,
    replace: bool,
}

impl NextInput {
    /// For the cell that asked.
    pub fn replacing(text: String) -> NextInput {
        NextInput {
            source: "set_next_input",
            text,
            replace: true,
        }
    }
}

/// Text that a front end shows beside the notebook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Always `page`.
    source: &'static str,
    /// The text in each MIME type.
    data: Map<String, Value>,
    /// The line to begin with.
    start: usize,
}

impl Page {
    /// A page that shows this.
    pub fn new(data: Map<String, Value>) -> Page {
        Page {
            source: "page",
            data,
            start: 0,
        }
    }
}

/// The answer to a request that was understood.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ok {
    /// The only one.
    Ok,
}

/// The answer to `kernel_info_request`.
#[derive(Clone, Debug, Serialize)]
pub struct KernelInfoReply {
    /// Always ok.
    pub status: Ok,
    /// The messaging protocol.
    pub protocol_version: &'static str,
    /// The kernel's name.
    pub implementation: &'static str,
    /// The kernel's version.
    pub implementation_version: &'static str,
    /// What language it runs.
    pub language_info: LanguageInfo,
    /// What a console prints first.
    pub banner: String,
    /// Where to read more.
    pub help_links: Vec<HelpLink>,
}

/// The language that a kernel runs.
#[derive(Clone, Debug, Serialize)]
pub struct LanguageInfo {
    /// Its name.
    pub name: &'static str,
    /// Its version; empty if the compiler hasn't been asked.
    pub version: String,
    /// Of a source file.
    pub mimetype: &'static str,
    /// Of a source file, with the dot.
    pub file_extension: &'static str,
    /// For Pygments.
    pub pygments_lexer: &'static str,
    /// For CodeMirror.
    pub codemirror_mode: &'static str,
}

/// A link in the front end's help menu.
#[derive(Clone, Debug, Serialize)]
pub struct HelpLink {
    /// What to call it.
    pub text: &'static str,
    /// Where it leads.
    pub url: &'static str,
}

/// The answer to `is_complete_request`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum IsCompleteReply {
    /// It can be run.
    Complete,
    /// It goes on.
    Incomplete {
        /// How far to indent the next line.
        indent: String,
    },
    /// It can never be run, whatever follows.
    Invalid,
}

/// The answer to `complete_request`.
#[derive(Clone, Debug, Serialize)]
pub struct CompleteReply {
    /// Always ok.
    pub status: Ok,
    /// What could stand there.
    pub matches: Vec<String>,
    /// Where the text that a match replaces begins, in characters.
    pub cursor_start: usize,
    /// Where it ends.
    pub cursor_end: usize,
    /// More about the matches.
    pub metadata: Map<String, Value>,
}

/// The answer to `inspect_request`.
#[derive(Clone, Debug, Serialize)]
pub struct InspectReply {
    /// Always ok.
    pub status: Ok,
    /// Whether there is something to show.
    pub found: bool,
    /// It, in several MIME types.
    pub data: Map<String, Value>,
    /// How to show it.
    pub metadata: Map<String, Value>,
}

/// The answer to `history_request`.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryReply {
    /// Always ok.
    pub status: Ok,
    /// `[session, line, input]`, or `[session, line, [input, null]]` where the
    /// output was asked for, which is not kept.
    pub history: Vec<(i64, usize, Value)>,
}

/// The answer to `comm_info_request`.
#[derive(Clone, Debug, Serialize)]
pub struct CommInfoReply {
    /// Always ok.
    pub status: Ok,
    /// The open comms by id: there are none.
    pub comms: Map<String, Value>,
}

/// Closes a comm: the answer to opening one for a target that isn't known.
#[derive(Clone, Debug, Serialize)]
pub struct CommClose {
    /// The comm's id.
    pub comm_id: String,
    /// Why: nothing.
    pub data: Map<String, Value>,
}

/// The answer to `interrupt_request`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InterruptReply {
    /// Always ok.
    pub status: Ok,
}

/// Greets whoever has just subscribed to what everyone gets to see.
#[derive(Clone, Debug, Serialize)]
pub struct IopubWelcome {
    /// The topic that was subscribed to; empty for everything.
    pub subscription: String,
}

/// The answer to `shutdown_request`, also sent to everyone.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ShutdownReply {
    /// Always ok.
    pub status: Ok,
    /// Whether the kernel starts again.
    pub restart: bool,
}
