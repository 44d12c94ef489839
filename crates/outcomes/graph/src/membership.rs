//! Whether a program can print a given text, and how.

use crate::never::never_ending;
use crate::states::{Graph, Target};
use crate::ways::Ways;
use outcomes_protocol::{Ending, Membership, NotPossible};
use std::collections::{BTreeSet, HashMap};

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
    /// matters; by a best schedule: with as few spurious wake-ups as can be,
    /// then as short, then with as few changes from thread to thread. For
    /// [`Ending::NeverEnds`] it leads to where nothing more is printed.
    pub fn find(&self, text: &str, ending: Option<&Ending>) -> Membership {
        let expected = Expected { text, ending };
        let never = never_ending(self);
        let mut ways = Ways::from_start();
        // The second node is the end; then come states, each with how much of
        // the text is printed.
        let end = ways.add();
        let mut places = vec![(0, 0), (usize::MAX, text.len())];
        let mut nodes = HashMap::from([((0, 0), 0)]);
        let mut furthest = 0;
        let mut instead = BTreeSet::new();
        while let Some(node) = ways.next() {
            if node == end {
                return Membership::Possible(self.schedule(&ways.to(end)));
            }
            let (state, position) = places[node];
            expected.furthest(&mut furthest, &mut instead, position);
            if never[state] && expected.accepts(&Ending::NeverEnds, position) {
                // Nothing is nearer than where it is already.
                let mut schedule = self.schedule(&ways.to(node));
                schedule.forever = true;
                return Membership::Possible(schedule);
            }
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
                        let place = (to, after);
                        let to = *nodes.entry(place).or_insert_with(|| {
                            places.push(place);
                            ways.add()
                        });
                        ways.reach(node, to, edge.step());
                    }
                    Target::End(number) => {
                        let ending = &self.endings()[number];
                        if expected.accepts(ending, after) {
                            ways.reach(node, end, edge.step());
                        } else {
                            expected.furthest(&mut furthest, &mut instead, after);
                            if after == furthest {
                                instead.insert(format!("[{ending}]"));
                            }
                        }
                    }
                }
            }
        }
        Membership::NotPossible(NotPossible {
            prefix: text[..furthest].to_owned(),
            instead: instead.into_iter().collect(),
        })
    }
}
