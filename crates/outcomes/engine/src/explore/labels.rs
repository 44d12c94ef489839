//! Finds out what every edge of a small graph does.

use super::halt::{Halt, ended};
use crate::machine::{Machine, Snapshot};
use crate::trace::Recorder;
use crate::{Event, Label, Labels, Lane, Position, Program, ThreadInfo};
use outcomes_graph::{Graph, Target};
use std::collections::HashMap;
use std::hash::Hash;

/// Labels a graph, on the machine that explored all of it: it has the same
/// numbers for threads, and the same view of the program.
pub(super) fn label(
    machine: &mut Machine,
    program: &Program<'_>,
    graph: &Graph,
) -> Result<Labels, Halt> {
    let mut labeller = Labeller::new(machine, graph);
    labeller.begin(program)?;
    while let Some(Visit { state, snapshot }) = labeller.open.pop() {
        for (choice, edge) in labeller.edges_of(state) {
            labeller.machine.restore(&snapshot);
            labeller.take(choice, edge)?;
        }
    }
    Ok(labeller.finish())
}

/// A state to go on from.
struct Visit {
    state: usize,
    snapshot: Snapshot,
}

struct Labeller<'m> {
    machine: &'m mut Machine,
    graph: &'m Graph,
    /// The number of each state's first edge.
    first_edges: Vec<usize>,
    open: Vec<Visit>,
    known: Vec<bool>,
    labels: Labels,
    events: HashMap<Label, usize>,
    positions: HashMap<Position, usize>,
}

impl<'m> Labeller<'m> {
    fn new(machine: &'m mut Machine, graph: &'m Graph) -> Labeller<'m> {
        let mut first_edges = Vec::new();
        let mut edges = 0;
        for state in 0..graph.states() {
            first_edges.push(edges);
            edges += graph.edges_of(state).count();
        }
        Labeller {
            machine,
            graph,
            first_edges,
            open: Vec::new(),
            known: vec![false; graph.states()],
            labels: Labels {
                edges: vec![Vec::new(); edges],
                states: vec![Vec::new(); graph.states()],
                ..Labels::default()
            },
            events: HashMap::new(),
            positions: HashMap::new(),
        }
    }

    fn begin(&mut self, program: &Program<'_>) -> Result<(), Halt> {
        *self.machine.recorder() = Some(Recorder::new());
        self.machine.start(program.main, program.locals);
        let ended = ended(self.machine.interrupt())?.is_some();
        self.labels.begin = self.collect();
        if !ended {
            self.arrive(0);
        }
        Ok(())
    }

    /// The choices of a state, each with the number of its edge. The edge to
    /// being stuck is none.
    fn edges_of(&self, state: usize) -> Vec<(usize, usize)> {
        let count = self.graph.edges_of(state).count();
        let last_first = self.graph.edges_of(state).enumerate();
        last_first
            .filter_map(|(index, edge)| {
                let number = self.first_edges[state] + count - 1 - index;
                Some((usize::from(edge.choice?), number))
            })
            .collect()
    }

    fn take(&mut self, choice: usize, edge: usize) -> Result<(), Halt> {
        let alternative = self.machine.alternatives()[choice];
        let recorder = self.machine.recorder().as_mut().expect("recording");
        recorder.next_step(alternative);
        self.machine.step(alternative);
        ended(self.machine.interrupt())?;
        self.labels.edges[edge] = self.collect();
        if let Target::State(to) = self.target(edge) {
            self.arrive(to);
        }
        Ok(())
    }

    fn target(&self, edge: usize) -> Target {
        let state = self.first_edges.partition_point(|&first| first <= edge) - 1;
        let from_last = self.graph.edges_of(state).count() - 1 - (edge - self.first_edges[state]);
        let mut edges = self.graph.edges_of(state);
        edges.nth(from_last).expect("counted").to
    }

    /// Numbers the events since the last call.
    fn collect(&mut self) -> Vec<usize> {
        let recorder = self.machine.recorder().as_mut().expect("recording");
        let (events, lanes) = recorder.take_new();
        for lane in &lanes {
            let known = &mut self.labels.threads;
            if known.iter().all(|other| other.thread != lane.thread) {
                known.push(thread_info(lane));
            }
        }
        let known = &mut self.labels.events;
        let events = events.into_iter().enumerate();
        events
            .map(|(index, event)| {
                let started = lanes.iter().filter(|lane| lane.started == index);
                let starts = started.filter(|lane| lane.parent.is_some());
                let starts = starts.map(|lane| lane.thread).collect();
                number(&mut self.events, known, label_of(event, index, starts))
            })
            .collect()
    }

    /// Notes where the threads stand in the state that the machine is in.
    fn arrive(&mut self, state: usize) {
        if std::mem::replace(&mut self.known[state], true) {
            return;
        }
        let known = &mut self.labels.positions;
        self.labels.states[state] = self
            .machine
            .positions()
            .into_iter()
            .map(|position| number(&mut self.positions, known, position))
            .collect();
        let (snapshot, _) = self.machine.snapshot(Vec::new());
        self.open.push(Visit { state, snapshot });
    }

    fn finish(mut self) -> Labels {
        let recorder = self.machine.recorder().take().expect("recording");
        self.labels.objects = recorder.finish().objects;
        self.labels.threads.sort_by_key(|thread| thread.thread);
        self.labels
    }
}

/// What is left of an event that is the `index`th of its edge.
fn label_of(event: Event, index: usize, starts: Vec<u16>) -> Label {
    Label {
        thread: event.thread,
        action: event.action,
        object: event.object,
        value: event.value,
        otherwise: event.otherwise,
        spurious: event.spurious,
        newer: event.newer,
        text: event.text,
        stderr: event.stderr,
        at: event.at,
        time: event.time,
        with: event.with.map(|with| index - with),
        starts,
    }
}

fn thread_info(lane: &Lane) -> ThreadInfo {
    ThreadInfo {
        thread: lane.thread,
        path: lane.path.clone(),
        name: lane.name.clone(),
        parent: lane.parent,
        spawned: lane.spawned.clone(),
    }
}

/// The number of an item, which is added if it is new.
fn number<T: Clone + Eq + Hash>(
    numbers: &mut HashMap<T, usize>,
    items: &mut Vec<T>,
    item: T,
) -> usize {
    *numbers.entry(item).or_insert_with_key(|item| {
        items.push(item.clone());
        items.len() - 1
    })
}
