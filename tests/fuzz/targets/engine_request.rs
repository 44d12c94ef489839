//! What the process that explores is asked: what is read can be written, and means
//! the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use outcomes_protocol::Request;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = serde_json::from_slice::<Request>(bytes) else {
        return;
    };
    let written = serde_json::to_string(&request).expect("it is plain");
    let again: Request = serde_json::from_str(&written).expect("it was written by us");
    assert_eq!(serde_json::to_string(&again).expect("it is plain"), written);
});
