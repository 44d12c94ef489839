//! The chapters' notebooks: every one is what Jupyter expects, holds the
//! listings as they are, with their records, and nothing of the page. That they
//! run is for `tests/jupyter`.

use mdbook_interleaved::listings::{Ends, Listings};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

/// Every notebook, by its file.
static NOTEBOOKS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    interleaved::build::notebooks(&tests::workspace().book, folder.path()).unwrap();
    let files = fs::read_dir(folder.path()).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let notebook = serde_json::from_str(&fs::read_to_string(&file).unwrap());
            (name, notebook.unwrap())
        })
        .collect()
});

static LISTINGS: LazyLock<Listings> =
    LazyLock::new(|| Listings::load(tests::workspace().root.join("crates/listings")).unwrap());

/// Every cell of that type, with the file that holds it.
fn cells(cell_type: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    NOTEBOOKS.iter().flat_map(move |(file, notebook)| {
        let cells = notebook["cells"].as_array().unwrap().iter();
        cells
            .filter(move |cell| cell["cell_type"] == cell_type)
            .map(move |cell| (file.as_str(), cell))
    })
}

/// The cell of a listing, in each notebook that has it.
fn cells_of(name: &str) -> Vec<(&'static str, &'static Value)> {
    let id = format!("listing-{name}");
    cells("code").filter(|(_, cell)| cell["id"] == id).collect()
}

fn text(lines: &Value) -> String {
    let lines = lines.as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap()).collect()
}

/// What a stream of a cell holds.
fn stream(cell: &Value, name: &str) -> Option<String> {
    let outputs = cell["outputs"].as_array().unwrap();
    let stream = outputs.iter().find(|output| output["name"] == name)?;
    Some(text(&stream["text"]))
}

fn error(cell: &Value) -> Option<&Value> {
    let outputs = cell["outputs"].as_array().unwrap();
    outputs.iter().find(|it| it["output_type"] == "error")
}

fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .map(Map::keys)
        .unwrap()
        .map(String::as_str)
        .collect()
}

fn record(path: std::path::PathBuf) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
fn every_chapter_has_one() {
    let summary = fs::read_to_string(tests::workspace().book.join("src/SUMMARY.md")).unwrap();
    let chapters: BTreeSet<String> = summary
        .split("](")
        .skip(1)
        .map(|rest| rest.split_once(".md)").unwrap().0.to_owned() + ".ipynb")
        .collect();
    assert!(chapters.len() > 10);
    let notebooks: BTreeSet<String> = NOTEBOOKS.keys().cloned().collect();
    assert_eq!(notebooks, chapters);
}

/// <https://github.com/jupyter/nbformat/blob/main/nbformat/v4/nbformat.v4.5.schema.json>;
/// `tests/jupyter` asks nbformat itself.
#[test]
fn each_is_of_version_4_5() {
    for (file, notebook) in NOTEBOOKS.iter() {
        assert_eq!(
            keys(notebook),
            ["cells", "metadata", "nbformat", "nbformat_minor"]
        );
        assert_eq!(notebook["nbformat"], 4);
        assert_eq!(notebook["nbformat_minor"], 5);
        let mut ids = BTreeSet::new();
        for cell in notebook["cells"].as_array().unwrap() {
            let id = cell["id"].as_str().unwrap();
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            assert!(
                (1..=64).contains(&id.len()) && id.chars().all(is_allowed),
                "{file}: {id:?}"
            );
            assert!(ids.insert(id), "{file}: two cells are called {id}");
            assert!(
                !text(&cell["source"]).trim().is_empty(),
                "{file}: {id} is empty"
            );
            let expected: &[&str] = match cell["cell_type"].as_str().unwrap() {
                "markdown" => &["cell_type", "id", "metadata", "source"],
                "code" => &[
                    "cell_type",
                    "execution_count",
                    "id",
                    "metadata",
                    "outputs",
                    "source",
                ],
                other => panic!("{file}: {id} is of type {other}"),
            };
            assert_eq!(keys(cell), expected, "{file}: {id}");
        }
    }
    for (file, cell) in cells("code") {
        for output in cell["outputs"].as_array().unwrap() {
            let expected: &[&str] = match output["output_type"].as_str().unwrap() {
                "stream" => &["name", "output_type", "text"],
                "error" => &["ename", "evalue", "output_type", "traceback"],
                "execute_result" => &["data", "execution_count", "metadata", "output_type"],
                other => panic!("{file}: an output of type {other}"),
            };
            assert_eq!(keys(output), expected, "{file}: {}", cell["id"]);
        }
    }
}

#[test]
fn each_asks_for_our_kernel() {
    let spec = kernel::kernelspec::kernelspec(&[]);
    for notebook in NOTEBOOKS.values() {
        let wanted = &notebook["metadata"]["kernelspec"];
        assert_eq!(wanted["name"], kernel::kernelspec::NAME);
        assert_eq!(wanted["display_name"], spec["display_name"]);
        assert_eq!(wanted["language"], spec["language"]);
        let language = &notebook["metadata"]["language_info"];
        assert_eq!(language["name"], "rust");
        assert_eq!(language["file_extension"], ".rs");
    }
}

#[test]
fn every_listing_is_a_cell_as_it_is() {
    // An answer is folded into the prose, below its exercise.
    let cells_for = || LISTINGS.iter().filter(|(_, it)| it.answers.is_none());
    for (name, listing) in cells_for() {
        let cells = cells_of(name);
        let chapter = format!("{}.ipynb", listing.chapter);
        assert!(
            cells.iter().any(|(file, _)| *file == chapter),
            "{name} is not in {chapter}"
        );
        let source = LISTINGS.source(name).unwrap();
        for (file, cell) in cells {
            let cell = text(&cell["source"]);
            let program = cell.strip_suffix("\n\nmain();").unwrap_or(&cell);
            assert_eq!(program, source.trim_end(), "{file}");
        }
    }
    let listings = cells_for().map(|(name, _)| format!("listing-{name}"));
    let listings: BTreeSet<String> = listings.collect();
    for (file, cell) in cells("code") {
        let id = cell["id"].as_str().unwrap();
        let is_known = id == "crates" || id.starts_with("cell-") || listings.contains(id);
        assert!(is_known, "{file}: {id} is no listing");
    }
}

/// So that the notebook runs from top to bottom on a kernel that only defines
/// `main`, and runs it in its own process.
#[test]
fn main_is_called_where_that_ends() {
    for (name, listing) in LISTINGS.iter() {
        let is_harmless = |ends: &Ends| matches!(ends, Ends::Returns | Ends::Panics);
        let fails = listing.is_broken() || listing.ends.iter().any(|it| *it != Ends::Returns);
        for (file, cell) in cells_of(name) {
            let is_called = text(&cell["source"]).ends_with("\n\nmain();");
            assert_eq!(
                is_called,
                listing.ends.iter().all(is_harmless),
                "{file}: {name}"
            );
            let tags = cell["metadata"]["tags"].as_array();
            let may_raise = tags.is_some_and(|tags| tags.contains(&"raises-exception".into()));
            assert_eq!(may_raise, fails, "{file}: {name}");
        }
    }
}

#[test]
fn outputs_are_those_recorded() {
    for (name, listing) in LISTINGS.iter() {
        let transcript = record(LISTINGS.transcript_path(name)).unwrap();
        let stderr = record(LISTINGS.stderr_path(name));
        let report = record(LISTINGS.deadlock_path(name));
        for (file, cell) in cells_of(name) {
            let failure = error(cell);
            let shown = failure.map(|it| text(&joined(&it["traceback"])));
            let name_of = failure.map(|it| it["ename"].as_str().unwrap());
            if listing.is_broken() {
                assert_eq!(
                    shown.as_deref(),
                    Some(transcript.trim_end()),
                    "{file}: {name}"
                );
                assert_eq!(name_of, Some("CompileError"));
                assert_eq!(stream(cell, "stdout"), None);
                continue;
            }
            let expected = Some(&transcript).filter(|text| !text.is_empty());
            assert_eq!(stream(cell, "stdout").as_ref(), expected, "{file}: {name}");
            assert_eq!(stream(cell, "stderr"), stderr, "{file}: {name}");
            match listing.ends.as_slice() {
                [Ends::Panics] => assert_eq!(name_of, Some("Panic")),
                [Ends::Exits(_)] => assert_eq!(name_of, Some("Exit")),
                [Ends::Deadlocks] => {
                    assert_eq!(name_of, Some("Deadlock"));
                    assert_eq!(shown.as_deref(), report.as_deref().map(str::trim_end));
                }
                _ => assert_eq!(name_of, None, "{file}: {name}"),
            }
        }
    }
}

/// A traceback's lines, as a notebook has those of a text.
fn joined(traceback: &Value) -> Value {
    let lines = traceback.as_array().unwrap().iter();
    let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    let text = lines.join("\n");
    Value::from(vec![text])
}

/// The versions are those of the workspace, so that the other kernel runs the
/// same code.
#[test]
fn the_crates_come_before_the_first_program_that_uses_them() {
    for (file, notebook) in NOTEBOOKS.iter() {
        let mut wanted = BTreeSet::new();
        for (name, _) in LISTINGS.iter() {
            if cells_of(name).iter().any(|(there, _)| there == file) {
                let source = LISTINGS.source(name).unwrap();
                wanted.extend(LISTINGS.crates_used_by(&source).unwrap());
            }
        }
        let cells = notebook["cells"].as_array().unwrap();
        let mut code = cells.iter().filter(|cell| cell["cell_type"] == "code");
        let first = code.next().filter(|cell| cell["id"] == "crates");
        assert_eq!(first.is_some(), !wanted.is_empty(), "{file}");
        let Some(first) = first else { continue };
        let source = text(&first["source"]);
        let named: BTreeSet<String> = source
            .lines()
            .map(|line| {
                let line = line.strip_prefix(":dep ").unwrap();
                let (name, version) = line.split_once(" = ").unwrap();
                assert!(
                    version.contains(|c: char| c.is_ascii_digit()),
                    "{file}: {line}"
                );
                name.replace('-', "_")
            })
            .collect();
        assert_eq!(named, wanted, "{file}");
    }
}

#[test]
fn nothing_of_the_page_is_left() {
    for (file, cell) in cells("markdown") {
        let source = text(&cell["source"]);
        for trace in [
            "{{#",
            "class=",
            "data-listing",
            "data-outcomes",
            "<!--",
            "<figure",
            "<div",
            "<script",
            "<svg",
            "[!",
        ] {
            // A drawing is one long word.
            let mut words = source
                .split(' ')
                .filter(|word| !word.starts_with("src=\"data:"));
            let there = words.find(|word| word.contains(trace));
            assert_eq!(there, None, "{file}: {} holds {trace}", cell["id"]);
        }
    }
}

#[test]
fn links_lead_to_notebooks_and_to_headings_in_them() {
    // As JupyterLab calls the places that it can be told to go to.
    let mut headings: BTreeSet<(&str, String)> = BTreeSet::new();
    for (file, cell) in cells("markdown") {
        for line in text(&cell["source"]).lines() {
            if let Some(title) = line.strip_prefix('#') {
                let title = title.trim_start_matches('#').trim();
                headings.insert((file, title.replace('`', "").replace(' ', "-")));
            }
        }
    }
    let mut seen = 0;
    for (file, cell) in cells("markdown") {
        let source = text(&cell["source"]);
        for target in source.split("](").skip(1) {
            let target = target.split([')', ' ']).next().unwrap();
            if target.starts_with("https://") {
                continue;
            }
            let (notebook, heading) = target.split_once('#').unwrap_or((target, ""));
            let notebook = if notebook.is_empty() { file } else { notebook };
            let there = NOTEBOOKS.get_key_value(notebook);
            let (notebook, _) = there.unwrap_or_else(|| panic!("{file}: {target}"));
            let heading = heading.replace("%22", "\"").replace("%27", "'");
            let is_there = headings.contains(&(notebook.as_str(), heading.clone()));
            assert!(heading.is_empty() || is_there, "{file}: {target}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} links");
}

/// A notebook is one file, so its pictures are in it.
#[test]
fn pictures_are_embedded() {
    let mut pictures = 0;
    for (file, cell) in cells("markdown") {
        let source = text(&cell["source"]);
        let mut pictures_by_name = source.split("![").skip(1);
        let is_picture = |rest: &str| {
            rest.split_once(']')
                .is_some_and(|(_, it)| it.starts_with('('))
        };
        assert!(
            !pictures_by_name.any(is_picture),
            "{file}: a picture that is a file"
        );
        pictures += source.matches("src=\"data:image/svg+xml;base64,").count();
    }
    assert!(pictures >= 2, "a drawing and a chart, at least");
}
