//! Jupyter's notebook format, version 4.5, as far as it is used here.
//! <https://nbformat.readthedocs.io/en/latest/format_description.html>
//!
//! Fields are in the order of the alphabet and text is cut into lines, as
//! Jupyter itself writes them: saving a notebook changes only what its reader
//! changed.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;
use std::collections::HashSet;

/// The longest id that the format allows.
const LONGEST_ID: usize = 64;

#[derive(Debug, Serialize)]
pub(super) struct Notebook {
    cells: Vec<Cell>,
    metadata: Metadata,
    nbformat: u8,
    nbformat_minor: u8,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    Markdown(MarkdownCell),
    Code(CodeCell),
}

#[derive(Debug, Serialize)]
pub(super) struct MarkdownCell {
    cell_type: &'static str,
    id: String,
    metadata: CellMetadata,
    source: Lines,
}

#[derive(Debug, Serialize)]
pub(super) struct CodeCell {
    cell_type: &'static str,
    execution_count: Option<u32>,
    id: String,
    metadata: CellMetadata,
    outputs: Vec<Output>,
    source: Lines,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct CellMetadata {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Output {
    Stream {
        name: &'static str,
        output_type: &'static str,
        text: Lines,
    },
    Error {
        ename: String,
        evalue: String,
        output_type: &'static str,
        traceback: Vec<String>,
    },
    Result {
        data: Data,
        execution_count: Option<u32>,
        metadata: Empty,
        output_type: &'static str,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Data {
    #[serde(rename = "text/plain")]
    plain: Lines,
}

#[derive(Debug, Serialize)]
pub(super) struct Empty {}

/// A text as its lines, each but perhaps the last with its line break.
#[derive(Debug, Serialize)]
pub(super) struct Lines(Vec<String>);

#[derive(Debug, Serialize)]
struct Metadata {
    kernelspec: KernelSpec,
    language_info: LanguageInfo,
    title: String,
}

/// Whom a front end asks for. Where there is no such kernel, JupyterLab takes
/// the one that has the same language.
#[derive(Debug, Serialize)]
struct KernelSpec {
    display_name: &'static str,
    language: &'static str,
    name: &'static str,
}

/// What a front end goes by before a kernel runs: JupyterLab by
/// `codemirror_mode`, nbconvert by `pygments_lexer`, VS Code by `name`.
#[derive(Debug, Serialize)]
struct LanguageInfo {
    codemirror_mode: &'static str,
    file_extension: &'static str,
    mimetype: &'static str,
    name: &'static str,
    pygments_lexer: &'static str,
}

impl Notebook {
    pub(super) fn new(title: &str, cells: Vec<Cell>) -> Notebook {
        Notebook {
            cells,
            metadata: Metadata {
                kernelspec: KernelSpec {
                    display_name: "Rust (Interleaved)",
                    language: "rust",
                    name: "interleaved",
                },
                language_info: LanguageInfo {
                    codemirror_mode: "rust",
                    file_extension: ".rs",
                    mimetype: "text/x-rust",
                    name: "rust",
                    pygments_lexer: "rust",
                },
                title: title.to_owned(),
            },
            nbformat: 4,
            nbformat_minor: 5,
        }
    }

    /// The notebook's file.
    pub(super) fn to_json(&self) -> String {
        let mut json = Vec::new();
        let formatter = PrettyFormatter::with_indent(b" ");
        let mut serializer = Serializer::with_formatter(&mut json, formatter);
        self.serialize(&mut serializer)
            .expect("a notebook is text, and is written to memory");
        json.push(b'\n');
        String::from_utf8(json).expect("JSON is UTF-8")
    }
}

impl Cell {
    pub(super) fn markdown(id: String, source: &str) -> Cell {
        Cell::Markdown(MarkdownCell {
            cell_type: "markdown",
            id,
            metadata: CellMetadata::default(),
            source: Lines::of(source),
        })
    }

    pub(super) fn code(id: String, source: &str, outputs: Vec<Output>, may_fail: bool) -> Cell {
        let tags = may_fail.then_some("raises-exception");
        Cell::Code(CodeCell {
            cell_type: "code",
            execution_count: None,
            id,
            metadata: CellMetadata {
                tags: tags.into_iter().collect(),
            },
            outputs,
            source: Lines::of(source),
        })
    }
}

impl Output {
    /// What went to `stdout` or `stderr`.
    pub(super) fn stream(name: &'static str, text: &str) -> Output {
        Output::Stream {
            name,
            output_type: "stream",
            text: Lines::of(text),
        }
    }

    pub(super) fn error(ename: String, evalue: String, traceback: Vec<String>) -> Output {
        Output::Error {
            ename,
            evalue,
            output_type: "error",
            traceback,
        }
    }

    /// The value of a cell's last expression.
    pub(super) fn result(text: &str) -> Output {
        Output::Result {
            data: Data {
                plain: Lines::of(text),
            },
            execution_count: None,
            metadata: Empty {},
            output_type: "execute_result",
        }
    }
}

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.split_inclusive('\n').map(str::to_owned).collect())
    }
}

/// Gives each cell of a notebook an id of its own, made from what the cell
/// holds, so that it stays the same when other cells change.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    pub(super) fn id(&mut self, text: &str) -> String {
        let is_allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let text: String = text
            .chars()
            .filter(is_allowed)
            .take(LONGEST_ID - 4)
            .collect();
        let numbered = (2..).map(|number| format!("{text}-{number}"));
        let mut candidates = std::iter::once(text.clone()).chain(numbered);
        candidates
            .find(|id| self.0.insert(id.clone()))
            .expect("there is no end of numbers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_after_its_line_breaks() {
        assert_eq!(Lines::of("one\n\ntwo").0, ["one\n", "\n", "two"]);
        assert_eq!(Lines::of("one\n").0, ["one\n"]);
        assert!(Lines::of("").0.is_empty());
    }

    #[test]
    fn ids_are_unique_and_allowed() {
        let mut ids = Ids::default();
        assert_eq!(ids.id("section-a b/c?"), "section-abc");
        assert_eq!(ids.id("section-abc"), "section-abc-2");
        assert_eq!(ids.id("section-abc"), "section-abc-3");
        let long = "x".repeat(200);
        assert!(ids.id(&long).len() <= LONGEST_ID);
        assert_ne!(ids.id(&long), ids.id(&long));
    }
}
