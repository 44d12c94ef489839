//! What a graph says of its edges against the traces of the same schedules.

use crate::explore;
use outcomes_engine::{
    Answer, GraphData, Message, ObjectInfo, Place, Position, Request, Sample, Schedule, Settings,
    Step, ThreadPath, Trace,
};

/// Larger graphs are left alone.
const EDGES: usize = 3000;

/// A schedule goes so far and no further: there may be no end.
const STEPS: usize = 200;

/// Follows some schedules through the graph, and holds what it tells on the way
/// against the traces of the same schedules. How many were compared.
///
/// # Errors
/// Says what they tell differently.
pub fn check(main: &dyn Fn() -> i32, settings: &Settings) -> Result<usize, String> {
    let Some(graph) = answer(main, settings, None)?.graph else {
        return Ok(0);
    };
    if !graph.labels.threads.is_sorted_by_key(|info| info.thread) {
        return Err(format!("out of order: {:?}", graph.labels.threads));
    }
    let mut compared = 0;
    // As finely as the graph was made.
    let view = explore(main, settings)?.graph.way_to_start().view;
    for steps in some_ways(&graph) {
        let view = view.clone();
        let schedule = Schedule {
            view,
            steps,
            forever: false,
        };
        let answer = answer(main, settings, Some(&schedule))?;
        let trace = answer
            .trace
            .ok_or_else(|| format!("{schedule} can't be traced"))?;
        let (labels, trace) = (told_by_labels(&graph, &schedule), told_by_trace(&trace));
        if labels != trace {
            let mut pairs = labels.iter().zip(&trace);
            let differing = pairs.find(|(label, event)| label != event);
            return Err(format!(
                "by {schedule} the graph tells {} events, the trace {}; they differ in\n{differing:#?}",
                labels.len(),
                trace.len()
            ));
        }
        compared += 1;
    }
    Ok(compared)
}

/// The graph, and the trace of a schedule if there is one.
///
/// # Errors
/// Says why the program can't be explored.
pub fn answer(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    schedule: Option<&Schedule>,
) -> Result<Answer, String> {
    let request = Request {
        settings: *settings,
        graph: EDGES,
        trace: schedule.cloned().map(Sample::Schedule),
        ..Request::default()
    };
    let mut last = None;
    let program = outcomes_std::program::program(main);
    outcomes_engine::answer(&program, &request, &mut |message| last = Some(message));
    match last {
        Some(Message::Answer(answer)) => Ok(*answer),
        Some(Message::Refused(refused)) => Err(refused.to_string()),
        _ => Err("there is no answer".to_owned()),
    }
}

/// By the first choice everywhere, by the last, and by turns.
fn some_ways(graph: &GraphData) -> Vec<Vec<Step>> {
    let follow = |pick: fn(usize, usize) -> usize| {
        let (mut state, mut steps) = (0, Vec::new());
        while steps.len() < STEPS {
            let edges = graph.edges.iter();
            let edges: Vec<_> = edges.filter(|edge| edge.from == state).collect();
            let edge = edges[pick(steps.len(), edges.len())];
            steps.extend(edge.step.clone());
            match edge.to {
                Some(to) => state = to,
                None => break,
            }
        }
        steps
    };
    vec![
        follow(|_, _| 0),
        follow(|_, count| count - 1),
        follow(|step, count| step % count),
    ]
}

/// An event, but for its number and the time, which are its schedule's. Threads
/// go by their paths, since their numbers depend on the machine.
#[derive(Debug, PartialEq)]
struct Told {
    thread: Option<ThreadPath>,
    action: String,
    object: Option<ObjectInfo>,
    value: Option<String>,
    otherwise: bool,
    spurious: bool,
    newer: Option<u16>,
    text: String,
    stderr: String,
    at: Option<Place>,
    /// How many events before this one the other thread did its part.
    with: Option<usize>,
    starts: Vec<Option<ThreadPath>>,
    /// Where the threads stand afterwards, after the last event of a step.
    positions: Vec<(Option<ThreadPath>, Position)>,
}

fn told_by_labels(graph: &GraphData, schedule: &Schedule) -> Vec<Told> {
    let labels = &graph.labels;
    let path = |thread: u16| {
        let mut threads = labels.threads.iter();
        threads
            .find(|info| info.thread == thread)
            .map(|info| info.path.clone())
    };
    let mut told: Vec<Told> = Vec::new();
    let mut tell = |events: &[usize], state: Option<usize>| {
        for &event in events {
            let label = &labels.events[event];
            told.push(Told {
                thread: path(label.thread),
                action: label.action.clone(),
                object: label.object.map(|object| labels.objects[object].clone()),
                value: label.value.clone(),
                otherwise: label.otherwise,
                spurious: label.spurious,
                newer: label.newer,
                text: label.text.clone(),
                stderr: label.stderr.clone(),
                at: label.at.clone(),
                with: label.with,
                starts: label.starts.iter().map(|&thread| path(thread)).collect(),
                positions: Vec::new(),
            });
        }
        if let (Some(last), Some(state)) = (told.last_mut(), state) {
            let positions = labels.states[state].iter();
            let positions = positions.map(|&position| labels.positions[position].clone());
            last.positions = placed(positions, &path);
        }
    };
    tell(&labels.begin, Some(0));
    let mut state = 0;
    for step in &schedule.steps {
        let mut edges = graph.edges.iter().enumerate();
        let (number, edge) = edges
            .find(|(_, edge)| edge.from == state && edge.step.as_ref() == Some(step))
            .expect("one of the graph's schedules");
        tell(&labels.edges[number], edge.to);
        state = edge.to.unwrap_or(state);
    }
    told
}

fn told_by_trace(trace: &Trace) -> Vec<Told> {
    let path = |thread: u16| {
        let mut threads = trace.threads.iter();
        threads
            .find(|lane| lane.thread == thread)
            .map(|lane| lane.path.clone())
    };
    let events = trace.events.iter().enumerate();
    let told = events.map(|(index, event)| {
        let started = trace.threads.iter();
        let started = started.filter(|lane| lane.parent.is_some() && lane.started == index);
        Told {
            thread: path(event.thread),
            action: event.action.clone(),
            object: event.object.map(|object| trace.objects[object].clone()),
            value: event.value.clone(),
            otherwise: event.otherwise,
            spurious: event.spurious,
            newer: event.newer,
            text: event.text.clone(),
            stderr: event.stderr.clone(),
            at: event.at.clone(),
            with: event.with.map(|with| index - with),
            starts: started.map(|lane| Some(lane.path.clone())).collect(),
            positions: placed(event.positions.iter().cloned(), &path),
        }
    });
    told.collect()
}

fn placed(
    positions: impl Iterator<Item = Position>,
    path: &dyn Fn(u16) -> Option<ThreadPath>,
) -> Vec<(Option<ThreadPath>, Position)> {
    let placed = positions.map(|position| {
        let thread = path(position.thread);
        (
            thread,
            Position {
                thread: 0,
                ..position
            },
        )
    });
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(path, _)| path.as_ref().map(ToString::to_string));
    placed
}
