//! The graph's answers to whether an output is possible against those of a
//! search, which explores on its own and no more than it has to.

use crate::traces;
use outcomes_engine::{Ending, Exploration, Membership, Settings};

/// So many outputs are asked for at most, and some that are like them.
const MOST: usize = 4;

/// Asks both for outputs that are possible, and for some that may not be. How
/// many answers were compared.
///
/// # Errors
/// Says of which output they say different things.
pub fn check(
    main: &dyn Fn() -> i32,
    settings: &Settings,
    explored: &Exploration,
) -> Result<usize, String> {
    let Ok(outputs) = explored.outputs() else {
        return Ok(0);
    };
    let program = outcomes_std::program::program(main);
    let mut compared = 0;
    for output in outputs.iter().take(MOST) {
        for (text, ending) in variants(&output.text, &output.ending) {
            // Which is not searched for.
            if ending == Ending::NeverEnds {
                continue;
            }
            let found = explored.graph.find(&text, Some(&ending));
            let searched = match outcomes_engine::search(&program, settings, &text, Some(&ending)) {
                Ok(searched) => searched,
                // Less is known of atomics than when all is explored.
                Err(Err(_)) => continue,
                Err(Ok(stopped)) => return Err(format!("searching is stopped: {stopped:?}")),
            };
            let wrong = |what: &str| {
                format!("{text:?}, {ending:?} {what}: found {found:#?}, searched {searched:#?}")
            };
            match (&found, &searched) {
                (Membership::Possible(_), Membership::Possible(schedule)) => {
                    let trace = traces::replay(main, settings, schedule)?;
                    let printed: String = trace.events.iter().map(|event| &*event.text).collect();
                    let ends = trace.ending.as_ref().is_some_and(|other| other.is(&ending));
                    if printed != text || !ends {
                        return Err(wrong("is searched for and not printed"));
                    }
                }
                (Membership::NotPossible(one), Membership::NotPossible(other)) if one == other => {}
                _ => return Err(wrong("is told differently")),
            }
            compared += 1;
        }
    }
    Ok(compared)
}

/// An output, and some that are like it.
fn variants(text: &str, ending: &Ending) -> Vec<(String, Ending)> {
    let mut variants = vec![(text.to_owned(), ending.clone())];
    for other in [Ending::Returned, Ending::Deadlocked, Ending::Aborted] {
        if other != *ending {
            variants.push((text.to_owned(), other));
        }
    }
    variants.push((format!("{text}?"), ending.clone()));
    if let Some((middle, _)) = text.char_indices().nth(text.chars().count() / 2) {
        variants.push((text[..middle].to_owned(), ending.clone()));
        variants.push((
            format!("{}?{}", &text[..middle], &text[middle..]),
            ending.clone(),
        ));
    }
    variants
}
