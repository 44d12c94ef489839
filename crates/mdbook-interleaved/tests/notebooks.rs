//! Notebooks of small books: their cells' ids, and the renderer as a program.

use mdbook_driver::MDBook;
use mdbook_interleaved::Interleaved;
use mdbook_interleaved::notebook::{Notebooks, notebooks};
use mdbook_renderer::{RenderContext, Renderer};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const BOOK: &str = "
[book]
title = \"Small\"

[preprocessor.interleaved]
command = \"false\"
before = [\"links\"]
listings = \"listings\"
";

const REGISTRY: &str = "
[one]
title = \"One\"
chapter = \"chapter\"
ends = \"returns\"

[two]
title = \"Two\"
chapter = \"chapter\"
ends = \"exits 3\"

[three]
title = \"Three\"
chapter = \"chapter\"
ends = [\"returns\", \"never ends\"]
";

const WORKSPACE: &str = "
[workspace]
members = [\"listings\"]

[workspace.dependencies]
tokio = { version = \"1\", features = [\"rt\"] }
rayon = \"1.10\"
";

const MANIFEST: &str = "
[package]
name = \"listings\"

[dependencies]
tokio = { workspace = true, features = [\"time\"] }
rayon.workspace = true
unused = \"1\"
";

const CHAPTER: &str = "# Title

Some words.

## One

```rust
{{#include listings/one.rs}}
```

{{#outcome one}}

## A session

```rust,session
let x = 6 * 7;
```

```rust,session
# let hidden = 1;
x
```

```text,output
42
```

More words, and

```rust
let not_a_cell = 1;
```

## One

```rust
{{#include listings/two.rs}}
```

{{#outcome two}}

- in a list:

  ```rust
  {{#include listings/three.rs}}
  ```

  {{#outcome three}}
";

struct Book(TempDir);

impl Book {
    fn new(chapter: &str) -> Book {
        let book = Book(TempDir::new().unwrap());
        book.write("book.toml", BOOK);
        book.write("Cargo.toml", WORKSPACE);
        book.write(
            "src/SUMMARY.md",
            "- [Chapter](deep/chapter.md)\n- [Draft]()\n",
        );
        let chapter = chapter.replace("{{#include ", "{{#include ../../");
        let chapter = chapter.replace("../../listings", "../../listings/examples");
        book.write("src/deep/chapter.md", &chapter);
        book.write("listings/listings.toml", REGISTRY);
        book.write("listings/Cargo.toml", MANIFEST);
        book.write(
            "listings/examples/one.rs",
            "use rayon::prelude::*;\nfn main() {}\n",
        );
        book.write(
            "listings/examples/two.rs",
            "fn main() {\n    tokio::spawn(async {});\n}\n",
        );
        book.write("listings/examples/three.rs", "fn main() {}\n");
        book.write("listings/outputs/two.txt", "3\n");
        book
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What mdBook hands to the renderer.
    fn context(&self) -> RenderContext {
        let mut book = MDBook::load(self.0.path()).unwrap();
        book.with_preprocessor(Interleaved);
        let (chapters, _) = book.preprocess_book(&Notebooks).unwrap();
        let destination = self.0.path().join("out");
        RenderContext::new(self.0.path(), chapters, book.config.clone(), destination)
    }

    fn cells(&self) -> Vec<Value> {
        let notebooks = notebooks(&self.context());
        let [(file, text)] = notebooks.as_slice() else {
            panic!("one chapter, one notebook: {notebooks:?}");
        };
        assert_eq!(file.to_str(), Some("deep/chapter.ipynb"));
        let notebook: Value = serde_json::from_str(text).unwrap();
        notebook["cells"].as_array().unwrap().clone()
    }
}

fn ids(cells: &[Value]) -> Vec<&str> {
    cells.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

fn source(cells: &[Value], id: &str) -> String {
    let cell = cells.iter().find(|cell| cell["id"] == id).unwrap();
    let lines = cell["source"].as_array().unwrap().iter();
    lines.map(|line| line.as_str().unwrap()).collect()
}

#[test]
fn cells_are_called_for_what_they_hold() {
    let cells = Book::new(CHAPTER).cells();
    assert_eq!(
        ids(&cells),
        [
            "section-title",
            "section-one",
            "crates",
            "after-crates",
            "listing-one",
            "after-one",
            "section-a-session",
            "cell-a-session",
            "cell-a-session-2",
            "after-cell-a-session-2",
            "section-one-2",
            "listing-two",
            "after-two",
        ]
    );
}

#[test]
fn an_edit_elsewhere_changes_no_id() {
    let before = Book::new(CHAPTER).cells();
    let words = CHAPTER.replace("Some words.", "Other words.\n\n## New\n\nAnd more.");
    let words = words.replace("## A session", "## Newer\n\nWords.\n\n## A session");
    let after = Book::new(&words).cells();
    assert_eq!(after.len(), before.len() + 2);
    let ids: Vec<&str> = ids(&after);
    for cell in &before {
        let id = cell["id"].as_str().unwrap();
        assert!(ids.contains(&id), "{id} is gone");
        if id != "section-title" {
            assert_eq!(source(&after, id), source(&before, id));
        }
    }
}

#[test]
fn code_is_a_cell_where_a_cell_can_be() {
    let cells = Book::new(CHAPTER).cells();
    assert_eq!(
        source(&cells, "listing-one"),
        "use rayon::prelude::*;\nfn main() {}\n\nmain();"
    );
    // It would end the other kernel's session.
    let two = source(&cells, "listing-two");
    assert!(two.ends_with("});\n}"), "{two}");
    assert!(source(&cells, "section-one-2").contains("which would lose all of its variables"));
    let tags = |id: &str| &cells.iter().find(|cell| cell["id"] == id).unwrap()["metadata"]["tags"];
    assert_eq!(tags("listing-two")[0], "raises-exception");
    assert!(tags("listing-one").is_null());
    let two = cells.iter().find(|cell| cell["id"] == "listing-two");
    let outputs = two.unwrap()["outputs"].as_array().unwrap();
    assert_eq!(outputs[1]["evalue"], "The program exited with code 3.");

    let last = source(&cells, "after-two");
    assert!(last.contains("- in a list:\n\n  ```rust\n"), "{last}");
    assert!(last.contains("or it goes on forever."), "{last}");
}

#[test]
fn a_session_cell_has_its_result() {
    let cells = Book::new(CHAPTER).cells();
    assert_eq!(source(&cells, "cell-a-session"), "let x = 6 * 7;");
    let second = &cells[8];
    let result = &second["outputs"][0];
    assert_eq!(result["output_type"], "execute_result");
    assert_eq!(result["data"]["text/plain"][0], "42");
    assert!(source(&cells, "after-cell-a-session-2").contains("not_a_cell"));
}

#[test]
fn crates_are_as_the_manifests_want_them() {
    let cells = Book::new(CHAPTER).cells();
    assert_eq!(
        source(&cells, "crates"),
        ":dep rayon = \"1.10\"\n\
         :dep tokio = { features = [\"rt\", \"time\"], version = \"1\" }"
    );
}

#[test]
fn a_crate_that_is_a_folder_is_refused() {
    let book = Book::new(CHAPTER);
    let manifest = MANIFEST.replace("rayon.workspace = true", "rayon = { path = \"../rayon\" }");
    book.write("listings/Cargo.toml", &manifest);
    let mut mdbook = MDBook::load(book.0.path()).unwrap();
    mdbook.with_preprocessor(Interleaved);
    let error = mdbook.preprocess_book(&Notebooks).unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("one uses rayon, which is a folder of this machine"),
        "{error}"
    );
}

/// As the stock mdbook runs it.
#[test]
fn the_program_writes_the_same() {
    let book = Book::new(CHAPTER);
    let ctx = book.context();
    let out = TempDir::new().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_mdbook-interleaved"))
        .arg("notebooks")
        .current_dir(out.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    stdin.write_all(&serde_json::to_vec(&ctx).unwrap()).unwrap();
    drop(stdin);
    assert!(program.wait().unwrap().success());

    Notebooks.render(&ctx).unwrap();
    let here = fs::read_to_string(ctx.destination.join("deep/chapter.ipynb")).unwrap();
    let there = fs::read_to_string(out.path().join("deep/chapter.ipynb")).unwrap();
    assert_eq!(here, there);
    assert!(
        here.starts_with("{\n \"cells\": [\n"),
        "as Jupyter writes it"
    );
}
