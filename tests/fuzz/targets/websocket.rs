//! A frame of a Jupyter client: what is read of it can be written, and read again.

#![no_main]

use kernel::websocket::{Codec, Frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut frames = vec![
        (Codec::V1, Frame::Binary(bytes.to_vec())),
        (Codec::Json, Frame::Binary(bytes.to_vec())),
    ];
    if let Ok(text) = std::str::from_utf8(bytes) {
        frames.push((Codec::Json, Frame::Text(text.to_owned())));
    }
    for (codec, frame) in frames {
        let Ok((channel, message)) = codec.decode(&frame) else {
            continue;
        };
        for codec in [Codec::V1, Codec::Json] {
            let (same, again) = codec
                .decode(&codec.encode(channel, &message))
                .expect("it was written by us");
            assert_eq!(same, channel);
            assert_eq!(again.msg_type(), message.msg_type());
            assert_eq!(again.buffers, message.buffers);
        }
    }
});
