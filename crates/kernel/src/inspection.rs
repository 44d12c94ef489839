//! What stands at the cursor: its signature and documentation, as the
//! session's rust-analyzer knows them.

use crate::completion::{byte_of, without_magic};
use crate::content::{InspectReply, InspectRequest, Ok as Fine};
use crate::definitions::Definitions;
use crate::html::escaped;
use crate::session::Session;
use crate::session::protocol::Inspection;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long to wait for the session, its start included.
const WAIT: Duration = Duration::from_secs(15);

/// Explains what is at the cursor.
pub(crate) fn inspect(request: &InspectRequest, session: &Session) -> InspectReply {
    let code = without_magic(&request.code);
    let data = name_end(&code, byte_of(&code, request.cursor_pos))
        .and_then(|end| session.inspect(&code, end, WAIT))
        .map(bundle);
    InspectReply {
        status: Fine::Ok,
        found: data.is_some(),
        data: data.unwrap_or_default(),
        metadata: Map::new(),
    }
}

/// Explains a name, for example `std::thread::spawn`.
pub(crate) fn explain(name: &str, session: &Session) -> Option<Map<String, Value>> {
    session.inspect(name, name.len(), WAIT).map(bundle)
}

/// The session's variables, and what else cells have defined.
pub(crate) fn variables(definitions: &Definitions) -> Map<String, Value> {
    let (mut plain, mut html) = (String::new(), String::new());
    for (name, of) in definitions.variables() {
        plain += &format!("{name}: {of}\n");
        let (name, of) = (escaped(name), escaped(of));
        html += &format!("<tr><td>{name}</td><td style=\"text-align:left\">{of}</td></tr>");
    }
    let head =
        |what, of| format!("<tr><th scope=\"col\">{what}</th><th scope=\"col\">{of}</th></tr>");
    let table = |head: String, rows: String| match rows.is_empty() {
        true => String::new(),
        false => format!("<table><thead>{head}</thead><tbody>{rows}</tbody></table>"),
    };
    let mut html = table(head("Variable", "Type"), html);
    let mut items = String::new();
    for (name, what, cell) in definitions.items() {
        plain += &format!("{what} {name} (cell {cell})\n");
        let name = escaped(name);
        items += &format!("<tr><td>{what} {name}</td><td>{cell}</td></tr>");
    }
    html += &table(head("Item", "Cell"), items);
    if plain.is_empty() {
        plain = "No cell has defined anything.".to_owned();
        html = format!("<p>{plain}</p>");
    }
    bundle(Inspection { plain, html })
}

fn bundle(found: Inspection) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("text/plain".to_owned(), found.plain.into());
    data.insert("text/html".to_owned(), found.html.into());
    data
}

/// Where the name at, or just before, a byte ends. What stands before the
/// opening parenthesis of a call counts, too, as one types its arguments.
fn name_end(code: &str, cursor: usize) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let rest = code[cursor..].chars().take_while(|c| is_part(*c));
    let end = cursor + rest.map(char::len_utf8).sum::<usize>();
    let before = code[..end].trim_end_matches(['(', '!']);
    before.ends_with(is_part).then_some(before.len())
}

#[cfg(test)]
mod tests {
    use super::name_end;

    #[test]
    fn names_are_found_around_the_cursor() {
        for cursor in 0..=5 {
            assert_eq!(name_end("spawn(f)", cursor), Some(5), "{cursor}");
        }
        assert_eq!(name_end("spawn(", 6), Some(5));
        assert_eq!(name_end("println!(", 9), Some(7));
        assert_eq!(name_end("1 + ", 4), None);
        assert_eq!(name_end("", 0), None);
    }
}
