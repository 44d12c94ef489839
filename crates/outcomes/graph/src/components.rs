//! Strongly connected components, by Tarjan's algorithm (*Depth-first search
//! and linear graph algorithms*, SIAM Journal on Computing 1, 1972), with the
//! recursion on a vector: a graph may have millions of states in a row.

/// For each state, the number of its component; components are numbered so
/// that every edge leads to an equal or smaller number.
///
/// `first` has each state's first link. `follow` says of a link where it
/// leads, if it is to be followed, and which is the next; `None` behind the
/// last.
pub(crate) fn strongly_connected(
    first: &[u32],
    follow: impl Fn(u32) -> Option<(Option<usize>, u32)>,
) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let count = first.len();
    let mut order = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut component = vec![UNSEEN; count];
    let mut open = Vec::new();
    let mut path: Vec<(usize, u32)> = Vec::new();
    let (mut seen, mut components) = (0, 0);
    for root in 0..count {
        if order[root] != UNSEEN {
            continue;
        }
        let mut enter = Some(root);
        loop {
            if let Some(state) = enter.take() {
                order[state] = seen;
                low[state] = seen;
                seen += 1;
                open.push(state);
                path.push((state, first[state]));
            }
            let Some((state, link)) = path.last_mut() else {
                break;
            };
            let state = *state;
            if let Some((to, next)) = follow(*link) {
                *link = next;
                let Some(to) = to else { continue };
                if order[to] == UNSEEN {
                    enter = Some(to);
                } else if component[to] == UNSEEN {
                    low[state] = low[state].min(order[to]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[state]);
            }
            if low[state] == order[state] {
                loop {
                    let member = open.pop().expect("the state itself");
                    component[member] = components;
                    if member == state {
                        break;
                    }
                }
                components += 1;
            }
        }
    }
    component
}
