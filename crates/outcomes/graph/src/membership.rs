//! Whether a program can print a given text, and how.

use crate::never::never_ending;
use crate::states::{Graph, Target};
use outcomes_protocol::{Ending, Membership, NotPossible, Schedule};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// An output to look for.
pub struct Expected<'a> {
    /// What is printed.
    pub text: &'a str,
    /// How it ends, if that matters.
    pub ending: Option<&'a Ending>,
}

impl Expected<'_> {
    /// What is still to be printed at a position, in bytes.
    pub fn rest(&self, position: usize) -> &str {
        &self.text[position..]
    }

    /// How far it is matched after this is printed too, if it matches.
    pub fn after(&self, position: usize, printed: &str) -> Option<usize> {
        self.rest(position)
            .starts_with(printed)
            .then_some(position + printed.len())
    }

    /// Whether this end, at this position, is the one that is looked for.
    pub fn accepts(&self, ending: &Ending, position: usize) -> bool {
        position == self.text.len() && self.ending.is_none_or(|expected| ending.is(expected))
    }

    /// Keeps what could have come instead only for the furthest position.
    pub fn furthest(&self, furthest: &mut usize, instead: &mut BTreeSet<String>, position: usize) {
        if position > *furthest {
            *furthest = position;
            instead.clear();
        }
    }
}

impl Graph {
    /// Whether the program can print this text, and end like this if that
    /// matters; by a shortest schedule. For [`Ending::NeverEnds`] the schedule
    /// leads to where nothing more is printed.
    pub fn find(&self, text: &str, ending: Option<&Ending>) -> Membership {
        let expected = Expected { text, ending };
        let never = never_ending(self);
        let mut came = Came::new();
        let mut queue = VecDeque::from([(0, 0)]);
        came.insert((0, 0), None);
        let mut furthest = 0;
        let mut instead = BTreeSet::new();
        while let Some((state, position)) = queue.pop_front() {
            expected.furthest(&mut furthest, &mut instead, position);
            let way = || way_to(&came, (state, position));
            if never[state] && expected.accepts(&Ending::NeverEnds, position) {
                return Membership::Possible(way());
            }
            let mut found = None;
            for edge in self.edges_of(state) {
                let printed = &self.texts()[edge.text];
                let Some(after) = expected.after(position, printed) else {
                    if position == furthest {
                        instead.insert(printed.to_string());
                    }
                    continue;
                };
                match edge.to {
                    Target::State(to) => {
                        came.entry((to, after)).or_insert_with(|| {
                            queue.push_back((to, after));
                            edge.choice.map(|choice| (state, position, choice))
                        });
                    }
                    Target::End(end) => {
                        let ending = &self.endings()[end];
                        if expected.accepts(ending, after) {
                            found = Some(edge.choice);
                        } else {
                            expected.furthest(&mut furthest, &mut instead, after);
                            if after == furthest {
                                instead.insert(format!("[{ending}]"));
                            }
                        }
                    }
                }
            }
            if let Some(last) = found {
                let mut schedule = way_to(&came, (state, position));
                schedule.0.extend(last);
                return Membership::Possible(schedule);
            }
        }
        Membership::NotPossible(NotPossible {
            prefix: text[..furthest].to_owned(),
            instead: instead.into_iter().collect(),
        })
    }
}

/// By which choice, from which state and position, each was first reached.
type Came = HashMap<(usize, usize), Option<(usize, usize, u16)>>;

fn way_to(came: &Came, mut place: (usize, usize)) -> Schedule {
    let mut choices = Vec::new();
    while let Some(Some((state, position, choice))) = came.get(&place) {
        choices.push(*choice);
        place = (*state, *position);
    }
    choices.reverse();
    Schedule(choices)
}
