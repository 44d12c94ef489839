//! A picture of one execution: a lane for each thread, time downward, an arrow from
//! what is given to what is taken, and beside it what happens; a hollow dot at the end
//! is a thread that waits for good. It stands still, and is made for a column of text.

use super::xhtml::escape;
use outcomes_protocol::{Event, Trace, in_one_line};
use std::fmt::Write;

/// The width of the picture, and of its words' characters, in its own units.
const WIDTH: usize = 640;
const CHARACTER: f64 = 6.1;

const ROW: usize = 20;
const RADIUS: usize = 4;

/// Beyond so many lanes, their names stand in steps, one above the other.
const NAMES_BESIDE_EACH_OTHER: usize = 4;

/// Draws an execution; `None` if a single thread does all of it, whose output says
/// as much.
pub(super) fn svg(trace: &Trace, title: &str) -> Option<String> {
    let events: Vec<&Event> = trace
        .events
        .iter()
        .filter(|it| it.action != "start")
        .collect();
    let waiting = &trace.left.blocked;
    let acting = events.iter().map(|event| event.thread);
    let mut lanes: Vec<u16> = acting
        .chain(waiting.iter().map(|it| it.who.thread))
        .collect();
    lanes.sort_unstable();
    lanes.dedup();
    if lanes.len() < 2 {
        return None;
    }
    let lane = match lanes.len() {
        few if few <= NAMES_BESIDE_EACH_OTHER => 76,
        several => (300 / several).clamp(20, 60),
    };
    let position = |thread: u16| lanes.iter().position(|it| *it == thread).unwrap_or(0);
    let x = |thread: u16| lane / 2 + 4 + lane * position(thread);
    let steps = match lanes.len() {
        few if few <= NAMES_BESIDE_EACH_OTHER => 1,
        several => several,
    };
    let top = 16 * steps + 22;
    let y = |row: usize| top + ROW * row;
    let words = lane * lanes.len() + 16;
    let rows = events.len() + waiting.len();
    let height = y(rows) - ROW / 2;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" role=\"img\" \
         viewBox=\"0 0 {WIDTH} {height}\"><title>{}</title>",
        escape(title)
    );
    for row in (1..rows).step_by(2) {
        let _ = write!(
            svg,
            "<rect class=\"timeline-row\" x=\"0\" y=\"{}\" width=\"{WIDTH}\" height=\"{ROW}\"/>",
            y(row) - ROW / 2
        );
    }
    for (index, thread) in lanes.iter().enumerate() {
        let ends = waiting.iter().map(|it| it.who.thread);
        let all = events.iter().map(|event| event.thread).chain(ends);
        let own = all.enumerate().filter(|(_, it)| it == thread);
        let own: Vec<usize> = own.map(|(row, _)| row).collect();
        let (first, last) = match own[..] {
            [] => (0, 0),
            [only] => (only, only),
            [first, .., last] => (first, last),
        };
        let x = x(*thread);
        let (name_x, name_y, anchor) = match steps {
            1 => (x, 14, "middle"),
            _ => (x - 4, 14 + 16 * (steps - 1 - index), "start"),
        };
        let name = escape(&trace.thread_name(*thread));
        let colour = index % 3;
        let _ = write!(
            svg,
            "<g class=\"timeline-lane-{colour}\">\
             <text class=\"timeline-name\" x=\"{name_x}\" y=\"{name_y}\" text-anchor=\"{anchor}\">{name}</text>\
             <path class=\"timeline-guide\" d=\"M{x} {}V{height}\"/>\
             <path class=\"timeline-line\" d=\"M{x} {}V{}\"/></g>",
            name_y + 6,
            y(first),
            y(last),
        );
    }
    for (row, event) in events.iter().enumerate() {
        draw_event(&mut svg, trace, &events, row, event, &x, &y);
        let colour = position(event.thread) % 3;
        let (x, y) = (x(event.thread), y(row));
        let printed = in_one_line(format!("{}{}", event.text, event.stderr).trim_end());
        let what = match printed.is_empty() {
            true => format!(
                "<tspan>{}</tspan>",
                escape(&cut(&trace.deed(event), words, 1.0))
            ),
            false => format!(
                "<tspan class=\"timeline-printed\">{}</tspan>",
                escape(&cut(&printed, words, 1.1))
            ),
        };
        let _ = write!(
            svg,
            "<g class=\"timeline-lane-{colour}\"><circle class=\"timeline-dot\" cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\"/></g>\
             <text class=\"timeline-words\" x=\"{words}\" y=\"{}\">{what}</text>",
            y + 4
        );
    }
    for (index, blocked) in waiting.iter().enumerate() {
        let colour = position(blocked.who.thread) % 3;
        let (x, y) = (x(blocked.who.thread), y(events.len() + index));
        let what = blocked.to_string();
        let what = what.strip_prefix(&blocked.who.to_string()).unwrap_or(&what);
        let at = blocked
            .at
            .as_ref()
            .map_or_else(String::new, |at| format!(" at {at}"));
        let what = what.replacen(&at, "", 1);
        let _ = write!(
            svg,
            "<g class=\"timeline-lane-{colour}\"><circle class=\"timeline-hollow\" cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\"/></g>\
             <text class=\"timeline-words\" x=\"{words}\" y=\"{}\">{}</text>",
            y + 4,
            escape(&cut(what.trim(), words, 1.0))
        );
    }
    Some(svg + "</svg>")
}

fn draw_event(
    svg: &mut String,
    trace: &Trace,
    events: &[&Event],
    row: usize,
    event: &Event,
    x: &impl Fn(u16) -> usize,
    y: &impl Fn(usize) -> usize,
) {
    let Some(given) = event.with.and_then(|at| trace.events.get(at)) else {
        return;
    };
    let Some(at) = events.iter().position(|it| std::ptr::eq(*it, given)) else {
        return;
    };
    if given.thread == event.thread || at >= row {
        return;
    }
    let (x0, y0, x1, y1) = (x(given.thread), y(at), x(event.thread), y(row));
    // The head touches the dot.
    let (dx, dy) = (x1 as f64 - x0 as f64, y1 as f64 - y0 as f64);
    let length = dx.hypot(dy);
    let (ux, uy) = (dx / length, dy / length);
    let gap = RADIUS as f64 + 1.0;
    let (tip_x, tip_y) = (x1 as f64 - ux * gap, y1 as f64 - uy * gap);
    let (back_x, back_y) = (tip_x - ux * 8.0, tip_y - uy * 8.0);
    let _ = write!(
        svg,
        "<path class=\"timeline-arrow\" d=\"M{x0} {y0}L{back_x:.1} {back_y:.1}\"/>\
         <path class=\"timeline-head\" d=\"M{tip_x:.1} {tip_y:.1}L{:.1} {:.1}L{:.1} {:.1}z\"/>",
        back_x - uy * 3.5,
        back_y + ux * 3.5,
        back_x + uy * 3.5,
        back_y - ux * 3.5,
    );
}

/// Words that have room beside the lanes.
fn cut(text: &str, words: usize, wide: f64) -> String {
    let room = ((WIDTH - words) as f64 / (CHARACTER * wide)) as usize;
    match text.chars().count() > room {
        true => text
            .chars()
            .take(room.saturating_sub(1))
            .chain(['…'])
            .collect(),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(threads: &[u16]) -> Trace {
        let event = |thread: u16, text: &str, with: Option<usize>| {
            json!({"step": null, "thread": thread, "action": "print", "object": null,
                "value": null, "otherwise": false, "spurious": false, "text": text,
                "stderr": "", "at": null, "time": 0, "with": with, "positions": []})
        };
        let events: Vec<_> = threads
            .iter()
            .enumerate()
            .map(|(at, thread)| event(*thread, "a < b\n", at.checked_sub(1)))
            .collect();
        let lane = |thread: u16| {
            json!({"thread": thread, "path": thread.to_string(), "name": null, "parent": null,
                "spawned": null, "started": 0, "finished": null})
        };
        let blocked = json!({"thread": 1, "path": "1", "name": null, "spawned": null, "at": null,
            "waits": [{"action": "receive", "object": "channel", "on": null}]});
        serde_json::from_value(json!({
            "threads": [lane(0), lane(1)], "objects": [], "events": events, "ending": null,
            "left": {"blocked": if threads.contains(&1) { vec![blocked] } else { vec![] }},
        }))
        .unwrap()
    }

    #[test]
    fn threads_have_lanes_and_arrows_between_them() {
        let svg = svg(&trace(&[0, 1]), "t").unwrap();
        assert_eq!(svg.matches("timeline-name").count(), 2, "{svg}");
        assert_eq!(svg.matches("timeline-dot").count(), 2, "{svg}");
        assert_eq!(svg.matches("timeline-arrow").count(), 1, "{svg}");
        assert_eq!(svg.matches("timeline-hollow").count(), 1, "{svg}");
        assert!(svg.contains(">a &lt; b<"), "{svg}");
        assert!(svg.contains(">waits to receive"), "{svg}");
    }

    #[test]
    fn one_thread_needs_no_picture() {
        assert_eq!(svg(&trace(&[0, 0]), "t"), None);
    }
}
