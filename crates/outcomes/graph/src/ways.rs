//! Ways through a graph: with as few spurious wake-ups as can be, then as
//! short, then with as few changes from thread to thread.

use outcomes_protocol::Step;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::Range;

/// What was found of the nodes that can be reached from the first. Whoever
/// looks goes on from each node that [`next`](Ways::next) gives, by
/// [`reach`](Ways::reach).
#[derive(Default)]
pub(crate) struct Ways {
    nodes: Vec<Node>,
    arrivals: Vec<Arrival>,
    /// By cost, then by who came first.
    open: BinaryHeap<Reverse<(Cost, u32, u32)>>,
    came: u32,
    settled: u32,
}

/// How many spurious steps, and how many in all.
type Cost = (u32, u32);

struct Node {
    cost: Cost,
    /// The last of the equally good arrivals.
    arrivals: u32,
    /// Its place in the order of being settled.
    settled: u32,
}

/// A best way to a node, by its last step.
#[derive(Clone, Copy)]
struct Arrival {
    from: u32,
    /// `None` where nobody chooses.
    step: Option<Step<u16>>,
    /// The next of the same node.
    next: u32,
}

/// The end of a list, and what has not been settled.
const NONE: u32 = u32::MAX;

/// Beyond so many arrivals, of several equally good ones one is kept.
const ARRIVALS: usize = 1 << 21;

fn short(number: usize) -> u32 {
    u32::try_from(number).expect("limited")
}

impl Ways {
    /// A search from node 0.
    pub(crate) fn from_start() -> Ways {
        let mut ways = Ways::default();
        let start = ways.add();
        ways.nodes[start].cost = (0, 0);
        ways.open.push(Reverse(((0, 0), 0, 0)));
        ways
    }

    /// One more node, not reached yet.
    pub(crate) fn add(&mut self) -> usize {
        self.nodes.push(Node {
            cost: (u32::MAX, u32::MAX),
            arrivals: NONE,
            settled: NONE,
        });
        self.nodes.len() - 1
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// One node can be reached from another that was settled.
    pub(crate) fn reach(&mut self, from: usize, to: usize, step: Option<Step<u16>>) {
        let (mut spurious, mut length) = self.nodes[from].cost;
        if let Some(step) = step {
            spurious += u32::from(step.is_spurious());
            length += 1;
        }
        let cost = (spurious, length);
        let node = &mut self.nodes[to];
        let is_better = cost < node.cost;
        let is_as_good = cost == node.cost && node.settled == NONE && to != 0;
        let is_kept = is_better || is_as_good && self.arrivals.len() < ARRIVALS;
        if !is_kept {
            return;
        }
        let next = if is_better { NONE } else { node.arrivals };
        node.arrivals = short(self.arrivals.len());
        node.cost = cost;
        self.arrivals.push(Arrival {
            from: short(from),
            step,
            next,
        });
        if is_better {
            self.came += 1;
            self.open.push(Reverse((cost, self.came, short(to))));
        }
    }

    /// The nearest node that was not settled yet, which now is.
    pub(crate) fn next(&mut self) -> Option<usize> {
        loop {
            let Reverse((_, _, number)) = self.open.pop()?;
            let node = &mut self.nodes[number as usize];
            if node.settled == NONE {
                node.settled = self.settled;
                self.settled += 1;
                return Some(number as usize);
            }
        }
    }

    /// A best way to a settled node, of those one with the fewest changes from
    /// thread to thread.
    pub(crate) fn to(&self, target: usize) -> Vec<Step<u16>> {
        let mut stretches = vec![Stretch {
            last: None,
            changes: 0,
            step: None,
            before: None,
        }];
        let mut of_node: HashMap<u32, Range<usize>> = HashMap::from([(0, 0..1)]);
        for node in self.on_the_way_to(target) {
            let first = stretches.len();
            for arrival in self.arrivals_at(node) {
                for before in of_node[&arrival.from].clone() {
                    let new = stretches[before].and(arrival.step, before);
                    let mut here = stretches[first..].iter_mut();
                    match here.find(|other| other.last == new.last) {
                        Some(other) if new.changes < other.changes => *other = new,
                        Some(_) => {}
                        None => stretches.push(new),
                    }
                }
            }
            of_node.insert(node, first..stretches.len());
        }
        let ends = of_node[&short(target)].clone();
        let best = ends.min_by_key(|&end| stretches[end].changes);
        let mut steps = Vec::new();
        let mut stretch = &stretches[best.expect("it was reached")];
        while let Some(before) = stretch.before {
            steps.extend(stretch.step);
            stretch = &stretches[before];
        }
        steps.reverse();
        steps
    }

    fn arrivals_at(&self, node: u32) -> impl Iterator<Item = Arrival> + '_ {
        let mut next = self.nodes[node as usize].arrivals;
        std::iter::from_fn(move || {
            let arrival = *self.arrivals.get(next as usize)?;
            next = arrival.next;
            Some(arrival)
        })
    }

    /// All nodes on best ways to this one but the start, nearest first.
    fn on_the_way_to(&self, target: usize) -> Vec<u32> {
        let mut seen = HashSet::from([0, short(target)]);
        let mut open = vec![short(target)];
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            if node != 0 {
                found.push(node);
            }
            let before = self.arrivals_at(node).map(|arrival| arrival.from);
            open.extend(before.filter(|&from| seen.insert(from)));
        }
        found.sort_unstable_by_key(|&node| self.nodes[node as usize].settled);
        found
    }
}

/// The end of a way that leads to some node.
#[derive(Clone, Copy)]
struct Stretch {
    /// Who acted last.
    last: Option<u16>,
    /// How often another went on than before.
    changes: u32,
    step: Option<Step<u16>>,
    /// The stretch before.
    before: Option<usize>,
}

impl Stretch {
    /// One step more.
    fn and(&self, step: Option<Step<u16>>, number: usize) -> Stretch {
        let (actor, with) = match &step {
            Some(step) => step.threads(),
            None => (None, None),
        };
        let same = self.last.is_none() || actor.is_none() || {
            let last = self.last.as_ref();
            last == actor || last == with
        };
        Stretch {
            last: actor.copied().or(self.last),
            changes: self.changes + u32::from(!same),
            step,
            before: Some(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(thread: u16) -> Step<u16> {
        Step::Case {
            thread,
            case: 0,
            message: None,
        }
    }

    /// The best way to the last of `nodes`.
    fn best(nodes: usize, edges: &[(usize, usize, Step<u16>)]) -> Vec<Step<u16>> {
        let mut ways = Ways::from_start();
        while ways.len() < nodes {
            ways.add();
        }
        while let Some(node) = ways.next() {
            for &(from, to, step) in edges.iter().filter(|(from, ..)| *from == node) {
                ways.reach(from, to, Some(step));
            }
        }
        ways.to(nodes - 1)
    }

    #[test]
    fn nobody_wakes_up_for_no_reason_without_need() {
        let wakes = Step::Spurious { thread: 1, case: 1 };
        let edges = [(0, 3, wakes), (0, 1, by(1)), (1, 2, by(2)), (2, 3, by(1))];
        assert_eq!(best(4, &edges), [by(1), by(2), by(1)]);
        assert_eq!(best(4, &edges[..2]), [wakes]);
    }

    #[test]
    fn who_is_met_goes_on_without_a_change() {
        let meets = Step::Meeting {
            from: 2,
            from_case: 0,
            to: 1,
            to_case: 0,
        };
        of_two([by(1), meets, by(2)], [by(1), by(1), by(3)]);
    }

    #[test]
    fn time_that_passes_is_no_change() {
        of_two([by(1), Step::Time, by(1)], [by(1), by(1), by(2)]);
        of_two([Step::Time, by(1), by(1)], [by(1), by(1), by(2)]);
    }

    /// The better of two ways is taken, whichever is found first.
    fn of_two(better: [Step<u16>; 3], worse: [Step<u16>; 3]) {
        for ways in [[better, worse], [worse, better]] {
            let [[a, b, c], [d, e, f]] = ways;
            let edges = [
                (0, 1, a),
                (0, 2, d),
                (1, 3, b),
                (2, 4, e),
                (3, 5, c),
                (4, 5, f),
            ];
            assert_eq!(best(6, &edges), better);
        }
    }

    #[test]
    fn of_the_shortest_ways_one_with_few_changes_is_taken() {
        let edges = [
            (0, 1, by(1)),
            (0, 2, by(2)),
            (1, 3, by(2)),
            (2, 3, by(1)),
            (3, 4, by(1)),
            (1, 5, by(1)),
            (5, 4, by(2)),
        ];
        assert_eq!(best(5, &edges[..5]), [by(2), by(1), by(1)]);
        // Node 4 is the last but one here.
        assert_eq!(best(6, &edges), [by(1), by(1)]);
    }
}
