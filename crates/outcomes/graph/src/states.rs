//! Every state that a program can be in, and what is printed between them.

use crate::components::strongly_connected;
use outcomes_protocol::{Blocked, Deadlock, EdgeData, Ending, GraphData, Labels, Schedule};
use std::collections::HashMap;

/// Where an edge leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a state.
    State(usize),
    /// To an end: an index into [`Graph::endings`].
    End(usize),
}

/// What can happen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it leads.
    pub to: Target,
    /// What is printed: an index into [`Graph::texts`], where 0 is nothing.
    pub text: usize,
    /// Its number among the state's alternatives, as in a [`Schedule`].
    /// `None` where nothing is chosen: the end of a program that is stuck.
    pub choice: Option<u16>,
    /// Who acts. `None` as above, and where a choice is that time passes.
    pub thread: Option<u16>,
    /// Whom it meets, if it does.
    pub with: Option<u16>,
    /// Whether it happens for no reason, so that it may as well never happen:
    /// a `Condvar` that wakes by itself.
    pub spurious: bool,
}

/// No thread, no choice.
const NONE: u16 = u16::MAX;

/// The end of a list.
const NIL: u32 = u32::MAX;

/// Set in [`Link::to`] where it leads to an ending.
const END: u32 = 1 << 31;

/// An edge as it is kept: small, since there are millions.
#[derive(Clone, Copy)]
struct Link {
    to: u32,
    text: u32,
    next: u32,
    choice: u16,
    thread: u16,
    with: u16,
    spurious: bool,
}

/// Every state that a program can be in, and what is printed between them.
/// State 0 is the start.
pub struct Graph {
    /// The first link of each state.
    states: Vec<u32>,
    links: Vec<Link>,
    texts: Vec<Box<str>>,
    text_numbers: HashMap<Box<str>, u32>,
    endings: Vec<Ending>,
    stuck: Vec<(usize, Vec<Blocked>)>,
}

/// Edges to be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edges {
    /// All that lead to states.
    All,
    /// Those of them that print nothing, and happen for a reason.
    Silent,
}

/// Numbers are kept short; the limit on states keeps them small enough.
fn short(number: usize) -> u32 {
    u32::try_from(number).expect("limited")
}

/// How many different ways of being stuck are kept.
const STUCK_LIMIT: usize = 64;

impl Default for Graph {
    fn default() -> Graph {
        Graph::new()
    }
}

impl Graph {
    /// A graph without states.
    pub fn new() -> Graph {
        let empty: Box<str> = "".into();
        Graph {
            states: Vec::new(),
            links: Vec::new(),
            texts: vec![empty.clone()],
            text_numbers: HashMap::from([(empty, 0)]),
            endings: Vec::new(),
            stuck: Vec::new(),
        }
    }

    /// Bytes that adding one state with its edges may need at most, where
    /// something has to grow.
    pub fn growth(&self) -> usize {
        let grows = |length: usize, capacity: usize, size: usize| {
            if length + 1 >= capacity {
                2 * (capacity + 8) * size
            } else {
                0
            }
        };
        grows(self.states.len(), self.states.capacity(), size_of::<u32>())
            + grows(self.links.len(), self.links.capacity(), size_of::<Link>())
    }

    /// Adds a state, and returns its number. The first is the start.
    pub fn add_state(&mut self) -> usize {
        self.states.push(NIL);
        self.states.len() - 1
    }

    /// The number of a text that edges print.
    pub fn add_text(&mut self, text: &str) -> usize {
        if let Some(&number) = self.text_numbers.get(text) {
            return number as usize;
        }
        let number = self.texts.len();
        self.texts.push(text.into());
        self.text_numbers.insert(text.into(), short(number));
        number
    }

    /// Adds what can happen in a state.
    pub fn add_edge(&mut self, from: usize, edge: Edge) {
        let link = Link {
            to: match edge.to {
                Target::State(state) => short(state),
                Target::End(ending) => END | short(ending),
            },
            text: short(edge.text),
            next: self.states[from],
            choice: edge.choice.unwrap_or(NONE),
            thread: edge.thread.unwrap_or(NONE),
            with: edge.with.unwrap_or(NONE),
            spurious: edge.spurious,
        };
        self.states[from] = short(self.links.len());
        self.links.push(link);
    }

    /// Where an edge to this ending leads.
    pub fn add_ending(&mut self, ending: &Ending) -> Target {
        let known = self.endings.iter().position(|other| other == ending);
        Target::End(known.unwrap_or_else(|| {
            self.endings.push(ending.clone());
            self.endings.len() - 1
        }))
    }

    /// Notes that the program is stuck in a state, and on what.
    pub fn add_stuck(&mut self, state: usize, blocked: Vec<Blocked>) {
        let edge = Edge {
            to: self.add_ending(&Ending::Deadlocked),
            text: 0,
            choice: None,
            thread: None,
            with: None,
            spurious: false,
        };
        self.add_edge(state, edge);
        if self.stuck.len() < STUCK_LIMIT && self.stuck.iter().all(|(_, other)| *other != blocked) {
            self.stuck.push((state, blocked));
        }
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// How many edges there are.
    pub fn edges(&self) -> usize {
        self.links.len()
    }

    /// What edges print. The first is the empty text.
    pub fn texts(&self) -> &[Box<str>] {
        &self.texts
    }

    /// How executions end.
    pub fn endings(&self) -> &[Ending] {
        &self.endings
    }

    /// What can happen in a state. In the order of a state's alternatives,
    /// last first.
    pub fn edges_of(&self, state: usize) -> impl Iterator<Item = Edge> + '_ {
        let mut next = self.states[state];
        std::iter::from_fn(move || {
            let link = self.links.get(next as usize)?;
            next = link.next;
            let some = |value| (value != NONE).then_some(value);
            Some(Edge {
                to: if link.to & END == 0 {
                    Target::State(link.to as usize)
                } else {
                    Target::End((link.to & !END) as usize)
                },
                text: link.text as usize,
                choice: some(link.choice),
                thread: some(link.thread),
                with: some(link.with),
                spurious: link.spurious,
            })
        })
    }

    /// The different ways in which the program can be stuck, by who waits for
    /// what; at most 64 of them.
    pub fn deadlocks(&self) -> Vec<Deadlock> {
        let schedules = self.ways_to(self.stuck.iter().map(|(state, _)| *state));
        let deadlocks = self.stuck.iter().zip(schedules);
        deadlocks
            .map(|((_, blocked), schedule)| Deadlock {
                blocked: blocked.clone(),
                schedule,
            })
            .collect()
    }

    /// A shortest schedule from the start to each of these states.
    fn ways_to(&self, states: impl Iterator<Item = usize>) -> Vec<Schedule> {
        let mut came: Vec<Option<(usize, u16)>> = vec![None; self.states.len()];
        let mut queue = std::collections::VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            for edge in self.edges_of(state) {
                let (Target::State(to), Some(choice)) = (edge.to, edge.choice) else {
                    continue;
                };
                if to != 0 && came[to].is_none() {
                    came[to] = Some((state, choice));
                    queue.push_back(to);
                }
            }
        }
        states
            .map(|mut state| {
                let mut choices = Vec::new();
                while let Some((from, choice)) = came[state] {
                    choices.push(choice);
                    state = from;
                }
                choices.reverse();
                Schedule(choices)
            })
            .collect()
    }

    /// The strongly connected components by these edges: for each state, the
    /// number of its component.
    pub(crate) fn components(&self, by: Edges) -> Vec<u32> {
        let follow = |link: u32| {
            let link = self.links.get(link as usize)?;
            let silent = link.text == 0 && !link.spurious;
            let counts = link.to & END == 0 && (silent || by == Edges::All);
            Some((counts.then_some(link.to as usize), link.next))
        };
        strongly_connected(&self.states, follow)
    }

    /// The graph as plain data, with what its edges do.
    pub fn to_data(&self, labels: Labels) -> GraphData {
        let mut edges = Vec::new();
        for from in 0..self.states() {
            let first = edges.len();
            edges.extend(self.edges_of(from).map(|edge| {
                let (to, ending) = match edge.to {
                    Target::State(to) => (Some(to), None),
                    Target::End(ending) => (None, Some(ending)),
                };
                EdgeData {
                    from,
                    to,
                    ending,
                    text: edge.text,
                    choice: edge.choice,
                    thread: edge.thread,
                    with: edge.with,
                    spurious: edge.spurious,
                }
            }));
            edges[first..].reverse();
        }
        GraphData {
            states: self.states(),
            texts: self.texts().iter().map(ToString::to_string).collect(),
            endings: self.endings().to_vec(),
            edges,
            labels,
        }
    }
}
