//! 200 random programs: brute force over all schedules finds what the graph
//! holds, no more and no less.

use outcomes_soak::brute_force;

#[test]
fn brute_force_equals_the_graph() {
    let tally = brute_force::compare(0..200, 10_000, &mut |_| {});
    let tally = tally.unwrap_or_else(|error| panic!("{error}"));
    println!("{tally}");
    assert!(tally.outputs > 200, "{tally}");
}
