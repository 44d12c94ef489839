//! What a graph says of its edges is what a trace says of the same schedule.

use outcomes::{Event, GraphData, Request, Sample, Schedule, Settings, Trace};
use outcomes_programs::table;

#[test]
fn any_path_tells_what_its_trace_tells() {
    for main in [table::two_threads, table::detached] {
        let graph = answer(main, None).graph.expect("few edges");
        for schedule in some_schedules(&graph) {
            let trace = answer(main, Some(&schedule)).trace.expect("asked for");
            assert_eq!(told_by_labels(&graph, &schedule), told_by_trace(&trace));
        }
    }
}

#[test]
fn a_graph_survives_its_way_as_json() {
    let graph = answer(table::detached, None).graph.expect("few edges");
    let json = serde_json::to_string(&graph).unwrap();
    assert_eq!(serde_json::from_str::<GraphData>(&json).unwrap(), graph);
    let cut = json.replace("\"does\":[", "\"does\":[0,");
    assert!(serde_json::from_str::<GraphData>(&cut).is_err());
}

fn answer(main: fn(), schedule: Option<&Schedule>) -> outcomes::Answer {
    let main = || {
        main();
        0
    };
    let request = Request {
        settings: Settings::default(),
        graph: 3000,
        trace: schedule.cloned().map(Sample::Schedule),
        ..Request::default()
    };
    let mut answer = None;
    let program = outcomes_std::program::program(&main);
    outcomes::answer(&program, &request, &mut |message| {
        if let outcomes::Message::Answer(last) = message {
            answer = Some(*last);
        }
    });
    answer.expect("it can be explored")
}

/// To the end by the first choice everywhere, by the last, and by turns.
fn some_schedules(graph: &GraphData) -> Vec<Schedule> {
    let follow = |pick: fn(usize, usize) -> usize| {
        let (mut state, mut schedule) = (0, Schedule::default());
        loop {
            let edges: Vec<_> = graph
                .edges
                .iter()
                .filter(|edge| edge.from == state)
                .collect();
            let edge = edges[pick(schedule.steps.len(), edges.len())];
            schedule.steps.extend(edge.step.clone());
            match edge.to {
                Some(to) => state = to,
                None => return schedule,
            }
        }
    };
    vec![
        follow(|_, _| 0),
        follow(|_, count| count - 1),
        follow(|step, count| step % count),
    ]
}

type Told = (u16, String, String, Option<u32>, Option<String>);

fn told_by_labels(graph: &GraphData, schedule: &Schedule) -> Vec<Told> {
    let mut events = graph.labels.begin.clone();
    let mut state = 0;
    for step in &schedule.steps {
        let mut edges = graph.edges.iter().enumerate();
        let (number, edge) = edges
            .find(|(_, edge)| edge.from == state && edge.step.as_ref() == Some(step))
            .expect("one of the graph's schedules");
        events.extend(&graph.labels.edges[number]);
        state = edge.to.unwrap_or(state);
    }
    let labels = events.into_iter().map(|event| &graph.labels.events[event]);
    labels
        .map(|label| {
            let line = label.at.as_ref().map(|at| at.line);
            let (action, text) = (label.action.clone(), label.text.clone());
            (label.thread, action, text, line, label.value.clone())
        })
        .collect()
}

fn told_by_trace(trace: &Trace) -> Vec<Told> {
    let told = |event: &Event| {
        let line = event.at.as_ref().map(|at| at.line);
        let (action, text) = (event.action.clone(), event.text.clone());
        (event.thread, action, text, line, event.value.clone())
    };
    trace.events.iter().map(told).collect()
}
