//! What a graph says of its edges is what a trace says of the same schedule.
//! (The test of traces holds it against all small programs.)

use outcomes_engine::{GraphData, Settings};
use outcomes_programs::table;
use outcomes_soak::labels;

#[test]
fn any_path_tells_what_its_trace_tells() {
    for main in [table::two_threads, table::detached] {
        let main = || {
            main();
            0
        };
        assert_eq!(labels::check(&main, &Settings::default()), Ok(3));
    }
}

#[test]
fn a_graph_survives_its_way_as_json() {
    let main = || {
        table::detached();
        0
    };
    let answer = labels::answer(&main, &Settings::default(), None).unwrap();
    let graph = answer.graph.expect("few edges");
    let json = serde_json::to_string(&graph).unwrap();
    assert_eq!(serde_json::from_str::<GraphData>(&json).unwrap(), graph);
    let cut = json.replace("\"does\":[", "\"does\":[0,");
    assert!(serde_json::from_str::<GraphData>(&cut).is_err());
}
