//! Every state that a program can be in, and what is printed between them.

use crate::components::strongly_connected;
use crate::ways::Ways;
use outcomes_protocol::{EdgeData, Ending, GraphData, Labels, Schedule, Step, ThreadPath};
use std::collections::{HashMap, HashSet};

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
    /// Its number among the state's alternatives. `None` where nothing is
    /// chosen: the end of a program that is stuck.
    pub choice: Option<u16>,
    /// Who acts. `None` as above, and where a choice is that time passes.
    pub thread: Option<u16>,
    /// By which case of its operation; `None` if by none.
    pub case: Option<u16>,
    /// Whom it meets, if it does.
    pub with: Option<u16>,
    /// By which case of that one's operation.
    pub with_case: Option<u16>,
    /// Of an access to an atomic that isn't the newest, how many stores are
    /// newer. Then it happens for no reason.
    pub message: Option<u16>,
    /// Whether it happens for no reason, so that it may as well never happen:
    /// a `Condvar` that wakes by itself.
    pub spurious: bool,
}

impl Edge {
    /// Where nothing is chosen, and nothing printed.
    pub fn unchosen(to: Target) -> Edge {
        Edge {
            to,
            text: 0,
            choice: None,
            thread: None,
            case: None,
            with: None,
            with_case: None,
            message: None,
            spurious: false,
        }
    }

    /// The choice, as a schedule names it.
    pub fn step(&self) -> Option<Step<u16>> {
        self.choice?;
        Some(match (self.thread, self.case, self.with) {
            (None, ..) => Step::Time,
            (Some(thread), None, _) => Step::Otherwise { thread },
            (Some(from), Some(from_case), Some(to)) => Step::Meeting {
                from,
                from_case,
                to,
                to_case: self.with_case.unwrap_or(0),
            },
            (Some(thread), Some(case), None) if self.spurious && self.message.is_none() => {
                Step::Spurious { thread, case }
            }
            (Some(thread), Some(case), None) => Step::Case {
                thread,
                case,
                message: self.message,
            },
        })
    }
}

/// No thread, no choice, no case.
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
    /// An index into [`Graph::deeds`].
    deed: u32,
    choice: u16,
}

/// Who acts, and how. There are few different ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Deed {
    thread: u16,
    case: u16,
    with: u16,
    with_case: u16,
    /// 0 for the newest.
    message: u16,
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
    deeds: Vec<Deed>,
    deed_numbers: HashMap<Deed, u32>,
    /// By number, how schedules name a thread.
    threads: Vec<ThreadPath>,
    /// How finely the program is looked at, for schedules.
    view: Vec<String>,
}

/// Edges to be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edges {
    /// All that lead to states.
    All,
    /// Those of them that happen for a reason.
    WithReason,
    /// Those of these that print nothing.
    Silent,
}

/// Numbers are kept short; the limit on states keeps them small enough.
fn short(number: usize) -> u32 {
    u32::try_from(number).expect("limited")
}

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
            deeds: Vec::new(),
            deed_numbers: HashMap::new(),
            threads: Vec::new(),
            view: Vec::new(),
        }
    }

    /// Says how schedules are to name the threads, by number, and the view of
    /// the program.
    pub fn set_names(&mut self, threads: Vec<ThreadPath>, view: Vec<String>) {
        self.threads = threads;
        self.view = view;
    }

    /// How schedules name a thread. Where nothing was said of that, all but the
    /// first are main's.
    fn path_of(&self, thread: u16) -> ThreadPath {
        match self.threads.get(usize::from(thread)) {
            Some(path) => path.clone(),
            None if thread == 0 => ThreadPath::MAIN,
            None => ThreadPath::MAIN.child(thread.into()),
        }
    }

    fn named(&self, step: &Step<u16>) -> Step {
        let renamed = step.rename(|&thread| Some(self.path_of(thread)));
        renamed.expect("every thread has a path")
    }

    /// The schedule of these steps.
    pub(crate) fn schedule(&self, steps: &[Step<u16>]) -> Schedule {
        Schedule {
            view: self.view.clone(),
            steps: steps.iter().map(|step| self.named(step)).collect(),
            forever: false,
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
        let deed = Deed {
            thread: edge.thread.unwrap_or(NONE),
            case: edge.case.unwrap_or(NONE),
            with: edge.with.unwrap_or(NONE),
            with_case: edge.with_case.unwrap_or(NONE),
            message: edge.message.unwrap_or(0),
            spurious: edge.spurious,
        };
        let next = short(self.deeds.len());
        let deed = *self.deed_numbers.entry(deed).or_insert_with(|| {
            self.deeds.push(deed);
            next
        });
        let link = Link {
            to: match edge.to {
                Target::State(state) => short(state),
                Target::End(ending) => END | short(ending),
            },
            text: short(edge.text),
            next: self.states[from],
            deed,
            choice: edge.choice.unwrap_or(NONE),
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

    /// Notes that the program is stuck in a state.
    pub fn add_stuck(&mut self, state: usize) {
        let ending = self.add_ending(&Ending::Deadlocked);
        self.add_edge(state, Edge::unchosen(ending));
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
            let deed = self.deeds[link.deed as usize];
            Some(Edge {
                to: if link.to & END == 0 {
                    Target::State(link.to as usize)
                } else {
                    Target::End((link.to & !END) as usize)
                },
                text: link.text as usize,
                choice: some(link.choice),
                thread: some(deed.thread),
                case: some(deed.case),
                with: some(deed.with),
                with_case: some(deed.with_case),
                message: (deed.message > 0).then_some(deed.message),
                spurious: deed.spurious,
            })
        })
    }

    /// A best schedule from the start to each of these states: with as few
    /// spurious wake-ups as can be, then as short, then with as few changes from
    /// thread to thread.
    ///
    /// # Panics
    /// If one can't be reached.
    pub fn ways_to(&self, states: &[usize]) -> Vec<Schedule> {
        let mut left: HashSet<usize> = states.iter().copied().collect();
        if left.is_empty() {
            return Vec::new();
        }
        let mut ways = Ways::from_start();
        while ways.len() < self.states() {
            ways.add();
        }
        while !left.is_empty()
            && let Some(state) = ways.next()
        {
            left.remove(&state);
            for edge in self.edges_of(state) {
                if let Target::State(to) = edge.to {
                    ways.reach(state, to, edge.step());
                }
            }
        }
        assert!(left.is_empty(), "a state can't be reached");
        let ways = states.iter().map(|&state| ways.to(state));
        ways.map(|steps| self.schedule(&steps)).collect()
    }

    /// The schedule that leads nowhere.
    pub fn way_to_start(&self) -> Schedule {
        self.schedule(&[])
    }

    /// A best schedule to each of these edges, which are given by their state
    /// and choice, taking the edge.
    pub fn ways_by(&self, edges: &[(usize, u16)]) -> Vec<Schedule> {
        let states: Vec<usize> = edges.iter().map(|(state, _)| *state).collect();
        let mut schedules = self.ways_to(&states);
        for (schedule, &(state, choice)) in schedules.iter_mut().zip(edges) {
            let mut steps = self.edges_of(state);
            let edge = steps.find(|edge| edge.choice == Some(choice));
            let step = edge.and_then(|edge| edge.step());
            schedule.steps.extend(step.map(|step| self.named(&step)));
        }
        schedules
    }

    /// The strongly connected components by these edges: for each state, the
    /// number of its component.
    pub(crate) fn components(&self, by: Edges) -> Vec<u32> {
        let follow = |link: u32| {
            let link = self.links.get(link as usize)?;
            let spurious = self.deeds[link.deed as usize].spurious;
            let counts = link.to & END == 0
                && match by {
                    Edges::All => true,
                    Edges::WithReason => !spurious,
                    Edges::Silent => !spurious && link.text == 0,
                };
            Some((counts.then_some(link.to as usize), link.next))
        };
        strongly_connected(&self.states, follow)
    }

    /// The strongly connected components by what happens for a reason: for each
    /// state, the number of its component; every such edge leads to an equal or
    /// smaller number.
    pub fn components_with_reason(&self) -> Vec<u32> {
        self.components(Edges::WithReason)
    }

    /// Whether what happens for a reason can lead back to where it was.
    pub fn goes_round(&self) -> bool {
        let mut known = vec![false; self.states()];
        let components = self.components_with_reason();
        let mut components = components.into_iter().map(|component| component as usize);
        components.any(|component| std::mem::replace(&mut known[component], true))
            || (0..self.states()).any(|state| {
                let mut edges = self.edges_of(state);
                edges.any(|edge| edge.to == Target::State(state) && !edge.spurious)
            })
    }

    /// Visits states, those with the best ways there first, for as long as
    /// `visit` says so.
    pub fn nearest_first(&self, visit: &mut dyn FnMut(usize) -> bool) {
        let mut ways = Ways::from_start();
        while ways.len() < self.states() {
            ways.add();
        }
        while let Some(state) = ways.next()
            && visit(state)
        {
            for edge in self.edges_of(state) {
                if let Target::State(to) = edge.to {
                    ways.reach(state, to, edge.step());
                }
            }
        }
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
                    step: edge.step().map(|step| self.named(&step)),
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
