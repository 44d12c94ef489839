//! Where a program can go on forever without printing.
//!
//! Only *fair* runs count: who is able to go on again and again goes on some
//! day (strong fairness). On the graph that is a Streett condition: of every
//! thread, if it is able to act in infinitely many states of a run, then it
//! acts infinitely often. Time is treated like a thread: where it could pass
//! again and again, it passes some day. What happens for no reason obliges
//! nobody, and keeps no run going.
//!
//! A fair run ends up going round and round in a set of states. Such sets are
//! found by the usual algorithm for Streett conditions (Emerson and Lei,
//! *Modalities for model checking*, 1987): in a strongly connected component,
//! whoever is able but never acts must not be able at all, so the states in
//! which it is are taken away, and what is left falls into smaller components.

use crate::components::strongly_connected;
use crate::states::{Edge, Edges, Graph, Target};
use std::collections::{BTreeSet, HashMap};

/// Who acts: a thread, or time itself.
type Actor = Option<u16>;

impl Graph {
    /// By state, whether a fair run can visit it again and again without
    /// printing.
    pub fn never_ending(&self) -> Vec<bool> {
        never_ending(self)
    }
}

/// The states that a fair run without output can visit again and again.
pub(crate) fn never_ending(graph: &Graph) -> Vec<bool> {
    let component = graph.components(Edges::Silent);
    let mut open = apart(graph, 0..graph.states(), &component);
    let mut never = vec![false; graph.states()];
    while let Some(states) = open.pop() {
        let held_up = held_up(graph, &states);
        if held_up.is_empty() {
            for state in states {
                never[state] = true;
            }
            continue;
        }
        let is_able = |state: usize| {
            obliging(graph, state).any(|edge| actors(edge).any(|actor| held_up.contains(&actor)))
        };
        let rest: Vec<usize> = states
            .into_iter()
            .filter(|&state| !is_able(state))
            .collect();
        open.extend(parts(graph, &rest));
    }
    never
}

/// Those who are able to act in one of these states, but never do within them.
fn held_up(graph: &Graph, states: &[usize]) -> BTreeSet<Actor> {
    let mut able = BTreeSet::new();
    let mut acting = BTreeSet::new();
    let inside = |state: usize| states.binary_search(&state).is_ok();
    for &state in states {
        for edge in obliging(graph, state) {
            able.extend(actors(edge));
            if silent_target(&edge).is_some_and(inside) {
                acting.extend(actors(edge));
            }
        }
    }
    able.retain(|actor| !acting.contains(actor));
    able
}

/// What can happen in a state for a reason.
fn obliging(graph: &Graph, state: usize) -> impl Iterator<Item = Edge> + '_ {
    let edges = graph.edges_of(state);
    edges.filter(|edge| !edge.spurious && edge.choice.is_some())
}

/// Who acts. A choice of nobody is that time passes.
fn actors(edge: Edge) -> impl Iterator<Item = Actor> {
    std::iter::once(edge.thread).chain(edge.with.map(Some))
}

/// The state that an edge leads to without output, and for a reason.
fn silent_target(edge: &Edge) -> Option<usize> {
    match edge.to {
        Target::State(to) if edge.text == 0 && !edge.spurious => Some(to),
        _ => None,
    }
}

/// The strongly connected parts of some states, each in order of its states.
fn parts(graph: &Graph, states: &[usize]) -> Vec<Vec<usize>> {
    let mut first = Vec::with_capacity(states.len());
    // Where each link leads, and which is the next.
    let mut links: Vec<(usize, u32)> = Vec::new();
    const LAST: u32 = u32::MAX;
    for &state in states {
        let mut next = LAST;
        for edge in graph.edges_of(state) {
            let to = silent_target(&edge).map(|to| states.binary_search(&to));
            if let Some(Ok(to)) = to {
                links.push((to, next));
                next = u32::try_from(links.len() - 1).expect("limited");
            }
        }
        first.push(next);
    }
    let follow = |link: u32| {
        let (to, next) = *links.get(link as usize)?;
        Some((Some(to), next))
    };
    let component = strongly_connected(&first, follow);
    apart(graph, states.iter().copied(), &component)
}

/// Sorts states by their component; `component` has them in the same order.
/// Those that are in no cycle are left out.
fn apart(graph: &Graph, states: impl Iterator<Item = usize>, component: &[u32]) -> Vec<Vec<usize>> {
    let count = component.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sizes = vec![0_u32; count];
    for &component in component {
        sizes[component as usize] += 1;
    }
    let mut members: HashMap<u32, Vec<usize>> = HashMap::new();
    for (state, &component) in states.zip(component) {
        if sizes[component as usize] > 1 || has_loop(graph, state) {
            members.entry(component).or_default().push(state);
        }
    }
    members.into_values().collect()
}

fn has_loop(graph: &Graph, state: usize) -> bool {
    let mut edges = graph.edges_of(state);
    edges.any(|edge| silent_target(&edge) == Some(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn random_graph(seed: u64) -> Graph {
        let mut random = Random::from_seed(seed);
        let mut graph = Graph::new();
        let states = random.below(7) + 1;
        let text = graph.add_text("x");
        for _ in 0..states {
            graph.add_state();
        }
        for state in 0..states {
            for choice in 0..random.below(5) {
                let to = random.below(states);
                let mut actor = || u16::try_from(random.below(4)).ok().filter(|&who| who < 3);
                let (thread, with) = (actor(), actor());
                let edge = Edge {
                    to: Target::State(to),
                    text: if random.below(6) == 0 { text } else { 0 },
                    choice: u16::try_from(choice).ok(),
                    thread,
                    case: thread.map(|_| 0),
                    with_case: None,
                    with: thread.and(with).filter(|_| random.below(3) == 0),
                    message: None,
                    spurious: random.below(6) == 0,
                };
                graph.add_edge(state, edge);
            }
        }
        graph
    }

    /// By the definition: every set of states that a fair run could go round
    /// in, tried one by one.
    fn by_definition(graph: &Graph) -> Vec<bool> {
        let count = graph.states();
        let mut never = vec![false; count];
        for set in 1_u32..1 << count {
            let inside = |state: usize| set >> state & 1 == 1;
            let members: Vec<usize> = (0..count).filter(|&state| inside(state)).collect();
            let inner = |state: usize| {
                graph.edges_of(state).filter(move |edge| {
                    !edge.spurious
                        && edge.text == 0
                        && matches!(edge.to, Target::State(to) if inside(to))
                })
            };
            let next = |state: usize| {
                inner(state).map(|edge| match edge.to {
                    Target::State(to) => to,
                    Target::End(_) => unreachable!("filtered"),
                })
            };
            let goes_round = members.iter().all(|&from| {
                let mut reached = BTreeSet::new();
                let mut open = vec![from];
                while let Some(state) = open.pop() {
                    open.extend(next(state).filter(|&to| reached.insert(to)));
                }
                members.iter().all(|member| reached.contains(member))
            });
            let who = |edge: Edge| {
                let mut who = vec![edge.thread];
                who.extend(edge.with.map(Some));
                who
            };
            let acting: Vec<Actor> = members
                .iter()
                .flat_map(|&s| inner(s))
                .flat_map(who)
                .collect();
            let able = members
                .iter()
                .flat_map(|&state| graph.edges_of(state))
                .filter(|edge| !edge.spurious)
                .flat_map(who);
            if goes_round && able.into_iter().all(|actor| acting.contains(&actor)) {
                for member in members {
                    never[member] = true;
                }
            }
        }
        never
    }

    #[test]
    fn fair_cycles_are_those_of_the_definition() {
        let mut both = [0, 0];
        for seed in 0..3000 {
            let graph = random_graph(seed);
            let never = never_ending(&graph);
            assert_eq!(never, by_definition(&graph), "graph number {seed}");
            for state in never {
                both[usize::from(state)] += 1;
            }
        }
        assert!(both.iter().all(|&count| count > 500), "{both:?}");
    }
}
