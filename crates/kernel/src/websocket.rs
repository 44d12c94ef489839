//! How messages travel over a WebSocket: two codecs, as pure functions.
//!
//! All channels share one socket, so each frame names its channel. A client
//! chooses the codec by the subprotocol that it asks for.
//! <https://jupyter-server.readthedocs.io/en/stable/developers/websocket-protocols.html>

use crate::message::{Channel, Message, read_header, read_parent, read_part};
use serde_json::{Map, Value, json};

/// The name of the newer subprotocol, as sent in `Sec-WebSocket-Protocol`.
pub const V1: &str = "v1.kernel.websocket.jupyter.org";

/// A frame's payload.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
}

/// How messages are written in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// One JSON text; a binary frame only where a message has buffers. For
    /// clients that ask for no subprotocol.
    Json,
    /// [`V1`]: binary frames, in which the message's parts lie side by side.
    V1,
}

impl Codec {
    /// Writes a message.
    pub fn encode(self, channel: Channel, message: &Message) -> Frame {
        match self {
            Codec::Json => encode_json(channel, message),
            Codec::V1 => Frame::Binary(encode_v1(channel, message)),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with the frame.
    pub fn decode(self, frame: &Frame) -> Result<(Channel, Message), String> {
        match (self, frame) {
            (Codec::V1, Frame::Binary(bytes)) => decode_v1(bytes),
            (Codec::V1, Frame::Text(_)) => Err(format!("a text frame has no place in {V1}")),
            (Codec::Json, Frame::Text(text)) => decode_json(text.as_bytes(), Vec::new()),
            (Codec::Json, Frame::Binary(bytes)) => decode_json_with_buffers(bytes),
        }
    }
}

fn encode_json(channel: Channel, message: &Message) -> Frame {
    let text = json!({
        "channel": channel,
        // Jupyter Server repeats these two outside the header, and clients
        // have come to read them there.
        "msg_id": message.header.msg_id,
        "msg_type": message.header.msg_type,
        "header": message.header,
        "parent_header": message.parent(),
        "metadata": message.metadata,
        "content": message.content,
        "buffers": [],
    })
    .to_string();
    if message.buffers.is_empty() {
        return Frame::Text(text);
    }
    let parts: Vec<&[u8]> = std::iter::once(text.as_bytes())
        .chain(message.buffers.iter().map(Vec::as_slice))
        .collect();
    let mut offset = 4 * (parts.len() + 1);
    let mut bytes = (parts.len() as u32).to_be_bytes().to_vec();
    for part in &parts {
        bytes.extend((offset as u32).to_be_bytes());
        offset += part.len();
    }
    bytes.extend(parts.concat());
    Frame::Binary(bytes)
}

fn decode_json_with_buffers(bytes: &[u8]) -> Result<(Channel, Message), String> {
    let word = |index: usize| {
        let word = bytes.get(4 * index..4 * index + 4)?;
        Some(u32::from_be_bytes(word.try_into().ok()?) as usize)
    };
    let count = word(0).ok_or("the frame is too short to say how many parts it has")?;
    if count == 0 || count > bytes.len() / 4 {
        return Err(format!("the frame can't have {count} parts"));
    }
    let mut offsets: Vec<usize> = (1..=count).map_while(word).collect();
    offsets.push(bytes.len());
    let mut parts = split(bytes, &offsets)?.into_iter();
    let text = parts.next().unwrap_or_default();
    decode_json(text, parts.map(<[u8]>::to_vec).collect())
}

fn decode_json(text: &[u8], buffers: Vec<Vec<u8>>) -> Result<(Channel, Message), String> {
    let mut value: Map<String, Value> = read_part("message", text)?;
    let mut take = |key: &str| value.remove(key).unwrap_or(Value::Null);
    // Clients that only know requests leave the channel out.
    let channel = match take("channel") {
        Value::Null => Channel::Shell,
        name => named(name.as_str().unwrap_or_default())?,
    };
    let message = Message {
        identities: Vec::new(),
        header: read_header("header", take("header"))?,
        parent_header: read_parent(take("parent_header"))?,
        metadata: object("metadata", take("metadata"))?,
        content: Value::Object(object("content", take("content"))?),
        buffers,
    };
    Ok((channel, message))
}

fn encode_v1(channel: Channel, message: &Message) -> Vec<u8> {
    let json = message.parts();
    let parts: Vec<&[u8]> = std::iter::once(channel.name().as_bytes())
        .chain(json.iter().map(String::as_bytes))
        .chain(message.buffers.iter().map(Vec::as_slice))
        .collect();
    // One offset for the beginning of each part, and one for the end.
    let offsets = parts.len() + 1;
    let mut offset = 8 * (1 + offsets);
    let mut bytes = (offsets as u64).to_le_bytes().to_vec();
    bytes.extend((offset as u64).to_le_bytes());
    for part in &parts {
        offset += part.len();
        bytes.extend((offset as u64).to_le_bytes());
    }
    bytes.extend(parts.concat());
    bytes
}

fn decode_v1(bytes: &[u8]) -> Result<(Channel, Message), String> {
    let word = |index: usize| {
        let word = bytes.get(8 * index..8 * index + 8)?;
        usize::try_from(u64::from_le_bytes(word.try_into().ok()?)).ok()
    };
    let count = word(0).ok_or("the frame is too short to say how many parts it has")?;
    if count > bytes.len() / 8 {
        return Err(format!("the frame can't have {count} offsets"));
    }
    let offsets: Vec<usize> = (1..=count).map_while(word).collect();
    let parts = split(bytes, &offsets)?;
    let [channel, header, parent, metadata, content, buffers @ ..] = parts.as_slice() else {
        return Err(format!(
            "the frame has {} parts; a message has a channel, a header, a parent header, \
             metadata and content",
            parts.len()
        ));
    };
    let message = Message::of_parts([header, parent, metadata, content], buffers)?;
    let channel = std::str::from_utf8(channel).map_err(|_| "the channel's name is no text")?;
    Ok((named(channel)?, message))
}

/// The parts of a frame between each offset and the next.
fn split<'a>(bytes: &'a [u8], offsets: &[usize]) -> Result<Vec<&'a [u8]>, String> {
    offsets
        .windows(2)
        .map(|pair| {
            bytes.get(pair[0]..pair[1]).ok_or_else(|| {
                format!(
                    "there is no part from byte {} to {} in a frame of {} bytes",
                    pair[0],
                    pair[1],
                    bytes.len()
                )
            })
        })
        .collect()
}

fn object(what: &str, value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(fields) => Ok(fields),
        _ => Err(format!("the {what} must be an object")),
    }
}

fn named(channel: &str) -> Result<Channel, String> {
    Channel::named(channel).ok_or_else(|| format!("there is no channel named {channel:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::Header;

    fn message(buffers: Vec<Vec<u8>>) -> Message {
        let header = |id: &str| Header {
            msg_id: id.to_owned(),
            ..Header::new("execute_request", "session")
        };
        Message {
            identities: Vec::new(),
            header: header("child"),
            parent_header: Some(header("parent")),
            metadata: serde_json::from_value(json!({"k": "ü"})).unwrap(),
            content: json!({"code": "println!(\"\\u{1F980} 🦀\")"}),
            buffers,
        }
    }

    #[test]
    fn both_codecs_read_what_they_write() {
        for codec in [Codec::Json, Codec::V1] {
            for buffers in [vec![], vec![vec![0, 255, 1]], vec![vec![], vec![7]]] {
                for channel in [Channel::Shell, Channel::Control, Channel::Iopub] {
                    let message = message(buffers.clone());
                    let frame = codec.encode(channel, &message);
                    assert_eq!(codec.decode(&frame), Ok((channel, message)));
                }
            }
        }
    }

    #[test]
    fn a_message_without_parent_says_so_with_an_empty_object() {
        let mut orphan = message(vec![]);
        orphan.parent_header = None;
        let Frame::Text(text) = Codec::Json.encode(Channel::Iopub, &orphan) else {
            panic!("no buffers, so a text frame");
        };
        assert!(text.contains(r#""parent_header":{}"#), "{text}");
        for codec in [Codec::Json, Codec::V1] {
            let frame = codec.encode(Channel::Iopub, &orphan);
            assert_eq!(codec.decode(&frame), Ok((Channel::Iopub, orphan.clone())));
        }
    }

    /// Byte for byte what Jupyter Server's `serialize_msg_to_ws_v1` makes of
    /// these parts.
    #[test]
    fn v1_is_laid_out_as_the_specification_says() {
        let parts: [&[u8]; 6] = [
            b"shell",
            br#"{"msg_id":"a","msg_type":"kernel_info_request"}"#,
            b"{}",
            b"{}",
            b"{}",
            b"\x01\x02",
        ];
        let mut frame = Vec::new();
        let mut offset = 8 * 8;
        frame.extend(7u64.to_le_bytes());
        frame.extend((offset as u64).to_le_bytes());
        for part in parts {
            offset += part.len();
            frame.extend((offset as u64).to_le_bytes());
        }
        frame.extend(parts.concat());

        let (channel, message) = Codec::V1.decode(&Frame::Binary(frame.clone())).unwrap();
        assert_eq!(channel, Channel::Shell);
        assert_eq!(message.msg_type(), "kernel_info_request");
        assert_eq!(message.buffers, [vec![1, 2]]);

        let Frame::Binary(again) = Codec::V1.encode(channel, &message) else {
            panic!("always binary");
        };
        assert_eq!(again[..8], frame[..8], "as many offsets");
        assert_eq!(again[8..16], frame[8..16], "the same first one");
        assert_eq!(again[again.len() - 2..], [1, 2], "buffers last");
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_a_sentence() {
        let huge = u64::MAX.to_le_bytes().to_vec();
        let backwards = [2, 24, 3u64]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        let cases = [
            (Codec::V1, Frame::Text("{}".into()), "text frame"),
            (Codec::V1, Frame::Binary(vec![]), "too short"),
            (Codec::V1, Frame::Binary(vec![1; 9]), "can't have"),
            (Codec::V1, Frame::Binary(huge), "can't have"),
            (Codec::V1, Frame::Binary(vec![0; 8]), "has 0 parts"),
            (Codec::V1, Frame::Binary(backwards), "no part"),
            (Codec::Json, Frame::Binary(vec![0; 8]), "0 parts"),
            (Codec::Json, Frame::Binary(vec![255; 8]), "can't have"),
            (Codec::Json, Frame::Text("[]".into()), "message can't"),
            (Codec::Json, Frame::Text("{}".into()), "header can't"),
            (
                Codec::Json,
                Frame::Text(r#"{"channel":"radio"}"#.into()),
                "radio",
            ),
            (
                Codec::Json,
                Frame::Text(r#"{"header":{"msg_id":"1","msg_type":"x"},"content":[]}"#.into()),
                "content must be an object",
            ),
        ];
        for (codec, frame, expected) in cases {
            let error = codec.decode(&frame).unwrap_err();
            assert!(error.contains(expected), "{frame:?}: {error}");
        }
    }

    #[test]
    fn cutting_or_flipping_any_byte_never_panics() {
        for codec in [Codec::Json, Codec::V1] {
            let bytes = match codec.encode(Channel::Shell, &message(vec![vec![1, 2, 3]])) {
                Frame::Text(text) => text.into_bytes(),
                Frame::Binary(bytes) => bytes,
            };
            for index in 0..bytes.len() {
                let _ = codec.decode(&Frame::Binary(bytes[..index].to_vec()));
                let mut flipped = bytes.clone();
                flipped[index] ^= 0xff;
                let _ = codec.decode(&Frame::Binary(flipped));
            }
        }
    }
}
