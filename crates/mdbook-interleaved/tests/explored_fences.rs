//! A book that anyone wrote, built by mdBook: what can come of its fences is in the
//! site.

use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Three threads in a file that a chapter includes, and what has no threads, what is
/// no example, and what can't be explored.
const CHAPTER: &str = "# One

```rust
use std::thread;
let hello = thread::spawn(|| println!(\"from a thread\"));
println!(\"from main\");
hello.join().unwrap();
```

- in a list:

  ```rust,edition2018
  # use std::thread;
  thread::spawn(|| println!(\"perhaps\"));
  ```

```rust
{{#include three.rs}}
```

```rust
println!(\"alone\");
```

```rust,ignore
std::thread::spawn(|| {});
```

```rust
let here = std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap();
std::thread::spawn(move || drop(here));
```

```rust
use std::collections::HashMap;
let all: HashMap<u8, u8> = (0..9).map(|it| (it, it)).collect();
std::thread::spawn(move || {
    for it in all.keys() {
        println!(\"{it}\");
    }
});
```
";

const THREE: &str = "use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel();
    for id in 0..3 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(id).unwrap());
    }
    drop(sender);
    for id in receiver {
        println!(\"{id}\");
    }
}
";

/// Of each fence with data: the words of its code, and the data.
fn explored(book: &Path) -> Vec<(String, Value)> {
    let html = fs::read_to_string(book.join("book/one.html")).unwrap();
    let classes = html.split("<code class=\"").skip(1);
    let words = classes.map(|it| it.split('"').next().unwrap().to_owned());
    words
        .filter_map(|words| {
            let key = words.split("outcomes-").nth(1)?.split(' ').next()?;
            let file = format!("book/interleaved/outcomes/fences/{key}.json");
            let json = fs::read(book.join(file)).unwrap();
            let data: Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(data["version"], key);
            Some((words, data))
        })
        .collect()
}

#[test]
fn a_built_book_has_what_can_come_of_its_fences() {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let build = |wants: bool| {
        // The look-alikes are built once for all runs.
        let toml = format!(
            "[preprocessor.interleaved]\noutcomes = {wants}\n\
             command = 'env XDG_CACHE_HOME=\"{}\" \"{}\"'\n",
            env!("CARGO_TARGET_TMPDIR"),
            env!("CARGO_BIN_EXE_mdbook-interleaved")
        );
        write("book.toml", &toml);
        mdbook_driver::MDBook::load(folder.path())
            .unwrap()
            .build()
            .unwrap();
    };
    write("src/SUMMARY.md", "[One](one.md)\n");
    write("src/one.md", CHAPTER);
    write("src/three.rs", THREE);
    build(true);
    let all = explored(folder.path());
    let counts: Vec<_> = all.iter().map(|(_, data)| data["count"].as_str()).collect();
    // Two orders of two lines; a thread that main doesn't wait for; six orders of three.
    let expected = [Some("2"), Some("2"), Some("6"), None, None];
    assert_eq!(counts, expected, "{all:#?}");
    assert!(all[1].0.contains("edition2018"), "{:?}", all[1].0);
    assert_eq!(all[1].1["edition"], "2018");
    assert!(all[0].1["graph"].is_object() && all[0].1["trace"].is_object());
    for (number, word) in [(3, "net"), (4, "HashMap")] {
        let refused = all[number].1["refused"].as_str().unwrap();
        assert!(refused.contains(word), "{refused}");
    }

    // Nothing of it is left where nobody wants it. What others put there stays.
    let theirs = "src/interleaved/outcomes/fences/theirs.json";
    write(theirs, "{\"version\":\"1.0\"}");
    write("src/one.md", "# One\n\n```rust\nlet x = 1;\n```\n");
    build(true);
    assert!(explored(folder.path()).is_empty());
    let left = fs::read_dir(folder.path().join("src/interleaved/outcomes/fences")).unwrap();
    let left: Vec<_> = left.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["theirs.json"]);
    write("src/one.md", CHAPTER);
    build(false);
    assert!(explored(folder.path()).is_empty());
}
