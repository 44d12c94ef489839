//! The WebSocket of a kernel: frames in, messages on, and back.

use super::Server;
use super::kernels::{Connection, Sent};
use super::problem::Problem;
use axum::extract::ws::{CloseFrame, Message as WsMessage, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use cargo_outcomes::stderr::say;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use kernel::websocket::{Codec, Frame, V1};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// The largest message from a client, in bytes: a cell's text, mostly.
const MESSAGE: usize = 1024 * 1024;

/// The largest that is taken in at all, to be told that it is too large: from
/// one that is larger still, the client may only find the connection closed.
const TAKEN_IN: usize = 16 * MESSAGE;

/// The close codes of <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>.
const GOING_AWAY: u16 = 1001;
const TOO_BIG: u16 = 1009;
const TRY_LATER: u16 = 1013;

/// How long a client may take to take the last frame.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why the server closes a connection: a code and a sentence.
type Close = (u16, String);

pub(super) async fn connect(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let entry = server.kernels.get(&id);
    let entry = entry.ok_or_else(|| Problem::no_kernel(&id))?;
    let connection = entry.connect()?;
    Ok(upgrade
        .protocols([V1])
        .max_message_size(TAKEN_IN)
        .max_frame_size(TAKEN_IN)
        .on_upgrade(|socket| serve(socket, connection)))
}

/// Carries messages both ways until the client or the kernel goes.
async fn serve(socket: WebSocket, mut connection: Connection) {
    let codec = match socket.protocol() {
        Some(_) => Codec::V1,
        None => Codec::Json,
    };
    let mut ended = connection.ended();
    let (_, unused) = mpsc::channel(1);
    let messages = std::mem::replace(&mut connection.messages, unused);
    let (sink, stream) = socket.split();
    let (closing, closed) = watch::channel(None);
    // Apart, so that an interrupt gets in while the client is slow to take
    // what a program prints.
    let sending = tokio::spawn(send(sink, codec, messages, closed));
    let close = tokio::select! {
        close = receive(stream, codec, &connection) => close,
        _ = ended.wait_for(|ended| *ended) => {
            Some((GOING_AWAY, "the kernel has ended".to_owned()))
        }
    };
    // Without a reason this ends the other half just the same.
    let _ = closing.send(close);
    drop(connection);
    drop(closing);
    let _ = sending.await;
}

/// Takes frames until the client closes; gives back why it should be closed,
/// if it didn't.
async fn receive(
    mut stream: SplitStream<WebSocket>,
    codec: Codec,
    connection: &Connection,
) -> Option<Close> {
    while let Some(received) = stream.next().await {
        let message = match received {
            Ok(message) => message,
            Err(error) => return is_too_big(error).then(too_big),
        };
        let frame = match message {
            WsMessage::Text(text) if text.len() > MESSAGE => return Some(too_big()),
            WsMessage::Binary(bytes) if bytes.len() > MESSAGE => return Some(too_big()),
            WsMessage::Text(text) => Frame::Text(text.to_string()),
            WsMessage::Binary(bytes) => Frame::Binary(bytes.into()),
            WsMessage::Close(_) => return None,
            WsMessage::Ping(_) | WsMessage::Pong(_) => continue,
        };
        let (channel, message) = match codec.decode(&frame) {
            Ok(decoded) => decoded,
            // As Jupyter Server does: the client's other messages still count.
            Err(sentence) => {
                say(format_args!(
                    "warning: a message to a kernel was ignored: {sentence}"
                ));
                continue;
            }
        };
        if connection.send(channel, message).await.is_err() {
            return Some((TRY_LATER, "too many requests wait already".to_owned()));
        }
    }
    None
}

fn too_big() -> Close {
    let most = MESSAGE >> 20;
    (TOO_BIG, format!("a message may have {most} MiB at most"))
}

fn is_too_big(error: axum::Error) -> bool {
    let error = error.into_inner().downcast::<tungstenite::Error>();
    error.is_ok_and(|error| matches!(*error, tungstenite::Error::Capacity(_)))
}

/// Sends what the kernel sends, until either of them goes.
async fn send(
    mut sink: SplitSink<WebSocket, WsMessage>,
    codec: Codec,
    mut messages: mpsc::Receiver<Sent>,
    mut closed: watch::Receiver<Option<Close>>,
) {
    loop {
        let sent = tokio::select! {
            sent = messages.recv() => sent,
            _ = closed.changed() => None,
        };
        let Some(sent) = sent else { break };
        let (channel, message) = &*sent;
        let frame = match codec.encode(*channel, message) {
            Frame::Text(text) => WsMessage::Text(text.into()),
            Frame::Binary(bytes) => WsMessage::Binary(bytes.into()),
        };
        let gone = tokio::select! {
            sent = sink.send(frame) => sent.is_err(),
            _ = closed.changed() => false,
        };
        if gone {
            return;
        }
    }
    // The kernel may be waiting for room in there.
    drop(messages);
    let close = closed.borrow().clone();
    let _ = timeout(GOODBYE, say_goodbye(sink, close)).await;
}

/// Closes the connection, or answers the client who did.
async fn say_goodbye(mut sink: SplitSink<WebSocket, WsMessage>, close: Option<Close>) {
    if let Some((code, reason)) = close {
        let reason = Utf8Bytes::from(shortened(reason));
        let frame = CloseFrame { code, reason };
        let _ = sink.send(WsMessage::Close(Some(frame))).await;
    }
    // This sends the answer.
    let _ = sink.close().await;
}

/// A close frame has room for 123 bytes.
fn shortened(mut reason: String) -> String {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}
