//! Where a program can go on forever without printing.

use crate::states::{Edge, Graph, Target};
use std::collections::HashMap;

/// The states from which the program can go on forever without printing,
/// leaving out no thread forever that could go on.
pub(crate) fn never_ending(graph: &Graph) -> Vec<bool> {
    let component = graph.components(true);
    let inside = |state: usize, edge: &Edge| {
        edge.text == 0
            && !edge.spurious
            && matches!(edge.to, Target::State(to) if component[to] == component[state])
    };
    let mut members: HashMap<u32, Vec<usize>> = HashMap::new();
    for (state, &component) in component.iter().enumerate() {
        if graph.edges_of(state).any(|edge| inside(state, &edge)) {
            members.entry(component).or_default().push(state);
        }
    }
    let mut never = vec![false; graph.states()];
    for states in members.values() {
        let actors = |edge: Edge| edge.thread.into_iter().chain(edge.with);
        let acts = |thread| {
            states.iter().any(|&state| {
                graph
                    .edges_of(state)
                    .filter(|edge| inside(state, edge))
                    .any(|edge| actors(edge).any(|actor| actor == thread))
            })
        };
        let always_could = |thread| {
            states.iter().all(|&state| {
                let real = graph.edges_of(state).filter(|edge| !edge.spurious);
                real.flat_map(actors).any(|actor| actor == thread)
            })
        };
        // Those who yield again and again don't hold up time forever.
        let passes = |edge: &Edge| edge.choice.is_some() && edge.thread.is_none();
        let could_pass = |&state: &usize| graph.edges_of(state).any(|edge| passes(&edge));
        let passes_inside = |&state: &usize| {
            let mut edges = graph.edges_of(state);
            edges.any(|edge| passes(&edge) && inside(state, &edge))
        };
        if states.iter().any(could_pass) && !states.iter().any(passes_inside) {
            continue;
        }
        let first = graph.edges_of(states[0]).filter(|edge| !edge.spurious);
        let mut could = first.flat_map(actors);
        if could.all(|thread| acts(thread) || !always_could(thread)) {
            for &state in states {
                never[state] = true;
            }
        }
    }
    never
}
