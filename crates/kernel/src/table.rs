//! A list of structs or tuples, as `{:?}` writes it, shown as a table.

use crate::html::escaped;

/// The most rows that are shown.
const ROWS: usize = 1000;

/// The table, in HTML, if the text is a list of two or more structs with the
/// same fields, or tuples of the same length.
pub(crate) fn of(text: &str) -> Option<String> {
    let items = parts(text.strip_prefix('[')?.strip_suffix(']')?)?;
    if items.len() < 2 {
        return None;
    }
    let rows: Vec<Row<'_>> = items
        .iter()
        .map(|item| Row::read(item))
        .collect::<Option<_>>()?;
    let first = &rows[0];
    let alike = |row: &Row<'_>| {
        row.name == first.name
            && row.fields == first.fields
            && row.values.len() == first.values.len()
    };
    if first.values.len() < 2 && first.fields.is_empty() || !rows.iter().all(alike) {
        return None;
    }
    let mut html = String::from("<table><thead><tr><th></th>");
    for at in 0..first.values.len() {
        let number = at.to_string();
        let field = first.fields.get(at).copied().unwrap_or(&number);
        html += &format!("<th scope=\"col\">{}</th>", escaped(field));
    }
    html += "</tr></thead><tbody>";
    for (number, row) in rows.iter().enumerate().take(ROWS) {
        html += &format!("<tr><th scope=\"row\">{number}</th>");
        for value in &row.values {
            html += &format!("<td>{}</td>", escaped(value));
        }
        html += "</tr>";
    }
    html += "</tbody></table>";
    if rows.len() > ROWS {
        html += &format!("<p>and {} more</p>", rows.len() - ROWS);
    }
    Some(html)
}

struct Row<'a> {
    /// The struct's.
    name: &'a str,
    /// None for a tuple.
    fields: Vec<&'a str>,
    values: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn read(item: &'a str) -> Option<Row<'a>> {
        let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let open = item.find(['(', '{'])?;
        let name = item[..open].trim();
        if !is_name(name) {
            return None;
        }
        if let Some(values) = item[open..].strip_prefix('(') {
            let values = parts(values.strip_suffix(')')?)?;
            return Some(Row {
                name,
                fields: Vec::new(),
                values,
            });
        }
        let pairs = parts(item[open..].strip_prefix('{')?.strip_suffix('}')?)?;
        let pairs = pairs.iter().map(|pair| pair.split_once(": "));
        let (fields, values): (Vec<_>, Vec<_>) =
            pairs.collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let is_struct = !name.is_empty() && fields.iter().all(|field| is_name(field));
        is_struct.then_some(Row {
            name,
            fields,
            values,
        })
    }
}

/// What stands between the commas that are in no brackets and no quotes.
/// `None` if something is not closed.
fn parts(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut quote) = (0_usize, 0, None);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if let Some(end) = quote {
            match letter {
                '\\' => {
                    letters.next();
                }
                _ if letter == end => quote = None,
                _ => {}
            }
            continue;
        }
        match letter {
            '"' | '\'' => quote = Some(letter),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    (depth == 0 && quote.is_none()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_structs_and_tuples_are_tables() {
        let structs = "[Point { x: 1, name: \"a, <b>\" }, Point { x: -2, name: \"}\" }]";
        let html = of(structs).unwrap();
        for part in [
            "<th scope=\"col\">x</th>",
            "<td>\"a, &lt;b&gt;\"</td>",
            "<td>-2</td>",
            "<td>\"}\"</td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let tuples = of("[(1, 'a', Some((1, 2))), (2, '\\'', None)]").unwrap();
        for part in [
            "<th scope=\"col\">2</th>",
            "<td>Some((1, 2))</td>",
            "<td>'\\''</td>",
        ] {
            assert!(tuples.contains(part), "{part}: {tuples}");
        }
    }

    #[test]
    fn other_lists_are_none() {
        for text in [
            "[1, 2]",
            "[(1, 2)]",
            "[(1, 2), (3, 4, 5)]",
            "[A { x: 1 }, A { y: 1 }]",
            "[A { x: 1 }, B { x: 1 }]",
            "[Some(1), Some(2)]",
            "[{1: 2}, {3: 4}]",
            "[[1, 2], [3, 4]]",
            "[\"(\", \")\"]",
            "(1, 2)",
            "[(1, 2), (3",
            "[]",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
