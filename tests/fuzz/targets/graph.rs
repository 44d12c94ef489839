//! A graph as it is packed: what is read can be written, and is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use outcomes_protocol::GraphData;

fuzz_target!(|bytes: &[u8]| {
    let Ok(graph) = serde_json::from_slice::<GraphData>(bytes) else {
        return;
    };
    let written = serde_json::to_string(&graph).expect("it is plain");
    let again: GraphData = serde_json::from_str(&written).expect("it was written by us");
    assert_eq!(again, graph);
});
