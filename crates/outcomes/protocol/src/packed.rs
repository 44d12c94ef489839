//! A graph as it travels: the same edges and states occur thousands of times
//! but for where they lead, so what they have in common is written once. Ten
//! times smaller than [`GraphData`] written plainly.

use crate::{EdgeData, Ending, GraphData, Label, Labels, ObjectInfo, Position, Step, ThreadInfo};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::Hash;

/// A [`GraphData`], packed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Packed {
    endings: Vec<Ending>,
    texts: Vec<String>,
    threads: Vec<ThreadInfo>,
    objects: Vec<ObjectInfo>,
    events: Vec<Label>,
    positions: Vec<Position>,
    begin: Vec<usize>,
    /// Every different deed of an edge.
    deeds: Vec<Deed>,
    /// Every different list of positions.
    standings: Vec<Vec<usize>>,
    /// By state, how many edges begin there.
    counts: Vec<usize>,
    /// By state, its place in `standings`.
    states: Vec<usize>,
    /// By edge, where it leads: a state, or an ending as -1, -2, …
    to: Vec<i64>,
    /// By edge, its place in `deeds`.
    does: Vec<usize>,
}

/// What an edge does.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Deed {
    events: Vec<usize>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    text: usize,
    /// The choice as a schedule names it. Without it, nobody chose: the program
    /// is stuck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    /// Who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    with: Option<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    spurious: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_nothing(text: &usize) -> bool {
    *text == 0
}

impl From<GraphData> for Packed {
    fn from(graph: GraphData) -> Packed {
        let labels = graph.labels;
        let mut deeds = Numbered::default();
        let mut standings = Numbered::default();
        let mut counts = vec![0; graph.states];
        let mut to = Vec::with_capacity(graph.edges.len());
        let mut does = Vec::with_capacity(graph.edges.len());
        for (edge, events) in graph.edges.iter().zip(labels.edges) {
            counts[edge.from] += 1;
            to.push(match (edge.to, edge.ending) {
                (Some(state), _) => signed(state),
                (None, ending) => -1 - signed(ending.unwrap_or(0)),
            });
            does.push(deeds.number(Deed {
                events,
                text: edge.text,
                step: edge.step.clone(),
                thread: edge.thread,
                with: edge.with,
                spurious: edge.spurious,
            }));
        }
        let states = labels.states.into_iter();
        let states = states.map(|standing| standings.number(standing)).collect();
        Packed {
            endings: graph.endings,
            texts: graph.texts,
            threads: labels.threads,
            objects: labels.objects,
            events: labels.events,
            positions: labels.positions,
            begin: labels.begin,
            deeds: deeds.items,
            standings: standings.items,
            counts,
            states,
            to,
            does,
        }
    }
}

impl TryFrom<Packed> for GraphData {
    type Error = String;

    fn try_from(packed: Packed) -> Result<GraphData, String> {
        let lengths = packed.counts.iter().sum::<usize>() == packed.to.len()
            && packed.to.len() == packed.does.len();
        if !lengths {
            return Err("the graph's lists differ in length".to_owned());
        }
        let missing = || "the graph names what it doesn't hold".to_owned();
        let mut edges = Vec::with_capacity(packed.to.len());
        let mut events = Vec::with_capacity(packed.to.len());
        for (from, &count) in packed.counts.iter().enumerate() {
            let mut next_choice = 0;
            for _ in 0..count {
                let leads = packed.to[edges.len()];
                let deed = packed.deeds.get(packed.does[edges.len()]);
                let deed = deed.ok_or_else(missing)?;
                let choice = deed.step.is_some().then_some(next_choice);
                next_choice += u16::from(choice.is_some());
                edges.push(EdgeData {
                    from,
                    to: usize::try_from(leads).ok(),
                    ending: usize::try_from(-1 - leads).ok(),
                    text: deed.text,
                    choice,
                    step: deed.step.clone(),
                    thread: deed.thread,
                    with: deed.with,
                    spurious: deed.spurious,
                });
                events.push(deed.events.clone());
            }
        }
        let standing = |&number: &usize| packed.standings.get(number).cloned();
        let states: Option<Vec<_>> = packed.states.iter().map(standing).collect();
        Ok(GraphData {
            states: packed.counts.len(),
            texts: packed.texts,
            endings: packed.endings,
            edges,
            labels: Labels {
                threads: packed.threads,
                objects: packed.objects,
                events: packed.events,
                positions: packed.positions,
                begin: packed.begin,
                edges: events,
                states: states.ok_or_else(missing)?,
            },
        })
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Different items, each with the number of its place.
struct Numbered<T> {
    items: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered {
            items: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn number(&mut self, item: T) -> usize {
        *self.numbers.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            self.items.len() - 1
        })
    }
}
