//! Measures all of it in a few seconds, which is worth nothing but shows that it
//! works: every file that the chapter reads is written, and nothing is missing in
//! it. It needs Go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

/// Written by hand, once: what had been measured before all shapes were.
const EARLIER: &str = "channels-earlier";

#[test]
fn all_that_the_chapter_reads_is_written() {
    let folder = env::temp_dir().join(format!("prices-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_prices"));
    command.args(["--quick", "--rounds", "1", "--dest-dir"]);
    let output = command.arg(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");

    let written = files(&folder);
    let mut expected = read_by_the_chapter();
    assert!(expected.remove(EARLIER), "{expected:?}");
    assert_eq!(written, expected);
    for name in &written {
        let (new, old) = (table(&folder, name), table(&measured(), name));
        assert_eq!(dashes(&new), dashes(&old), "{name}: what can't be measured");
    }
    fs::remove_dir_all(&folder).unwrap();
}

fn read_by_the_chapter() -> BTreeSet<String> {
    let chapter = here().join("../../../book/src/costs.md");
    let text = fs::read_to_string(chapter).unwrap();
    let names = text.split(" measured/").skip(1);
    let names = names.filter_map(|rest| rest.split([' ', '}']).next());
    names.map(str::to_owned).collect()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let stem = |file: fs::DirEntry| file.path().file_stem().unwrap().display().to_string();
    files.map(stem).collect()
}

fn table(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap()
}

/// Each cell of a table: whether it is a dash.
fn dashes(table: &str) -> Vec<Vec<bool>> {
    let rows = table.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').map(|cell| cell.trim() == "–").collect())
        .collect()
}

fn measured() -> PathBuf {
    here().join("../measured")
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
