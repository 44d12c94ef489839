//! What is packed is all that programs are built with.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The packages that no explored program is linked with: they test the look-alikes,
/// explore programs from outside, or are what a look-alike stands for.
const NOT_LINKED: [&str; 3] = ["annotations", "cargo-outcomes", "tests"];

#[test]
fn every_package_that_programs_are_linked_with_is_packed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wanted = BTreeSet::new();
    add_packages(&here.join(".."), Path::new(""), &mut wanted);
    assert!(wanted.len() > 20, "{wanted:?}");
    for file in wanted {
        let within = match file.strip_suffix("Cargo.toml") {
            Some(folder) => format!("{folder}manifest.toml"),
            None => file.clone(),
        };
        let packed = here.join("packed/crates/outcomes").join(within);
        let original = here.join("..").join(&file).canonicalize().unwrap();
        let linked = packed.canonicalize().unwrap_or_else(|error| {
            panic!(
                "{file} is not packed: link {} to it ({error})",
                packed.display()
            )
        });
        assert_eq!(
            linked,
            original,
            "{} links to another file",
            packed.display()
        );
    }
}

fn add_packages(outcomes: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for name in names(&outcomes.join(folder)) {
        if NOT_LINKED.contains(&name.as_str()) {
            continue;
        }
        let package = folder.join(name);
        let is_file = |name: &str| outcomes.join(&package).join(name).is_file();
        if is_file("Cargo.toml") {
            let files_of_it = ["Cargo.toml", "build.rs"].into_iter();
            let files_of_it = files_of_it.filter(|name| is_file(name));
            files.extend(files_of_it.map(|name| text(&package.join(name))));
            add_files(outcomes, &package.join("src"), files);
        } else if outcomes.join(&package).is_dir() {
            add_packages(outcomes, &package, files);
        }
    }
}

fn add_files(outcomes: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for name in names(&outcomes.join(folder)) {
        let path = folder.join(name);
        if outcomes.join(&path).is_dir() {
            add_files(outcomes, &path, files);
        } else {
            files.insert(text(&path));
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string());
    names.collect::<Result<_, _>>().unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
