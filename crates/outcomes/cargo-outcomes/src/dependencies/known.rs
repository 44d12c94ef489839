//! The crates that are known to be the same in every run, whoever is scheduled when.
//!
//! A crate that is compiled as it is runs past the engine: its atomics and locks are no
//! steps, its statics aren't put back when a state is, and what it reads of a clock or
//! of random numbers differs from run to run. In these crates nothing of that can be
//! reached from safe code, but for what [`Known::telling`] names. They are here because
//! somebody read them: a test reads those of the locked versions again, for the words by
//! which a crate could tell.
//!
//! What they know of std is the original's: programs can't name its locks and atomics,
//! so that `impl`s for those (serde has some) are never reached.

use runner::cargo::Crate;

/// A crate, and what was looked at of it.
#[derive(Debug)]
pub(super) struct Known {
    /// Its package's name in the registry.
    pub(super) package: &'static str,
    /// The starts of the versions, up to a point: `1.` is any of the first series.
    pub(super) series: &'static [&'static str],
    /// What of it can tell, by names that a program can't do without to reach it.
    pub(super) telling: &'static [&'static str],
    /// By what that can tell, as the end of a sentence.
    pub(super) by: &'static str,
}

const fn known(package: &'static str, series: &'static [&'static str]) -> Known {
    Known {
        package,
        series,
        telling: &[],
        by: "",
    }
}

/// All of them, and what they depend on. Macros write what the program itself might,
/// so that it is explored like the rest; they are here because no lint looks into what
/// they write, and `unsafe` must not be in it.
pub(super) const KNOWN: &[Known] = &[
    known("anyhow", &["1."]),
    known("arrayvec", &["0.7."]),
    known("bitflags", &["2."]),
    known("cfg-if", &["1."]),
    known("either", &["1."]),
    known("fnv", &["1."]),
    known("hex", &["0.4."]),
    Known {
        package: "itertools",
        series: &["0.10.", "0.11.", "0.12.", "0.13.", "0.14.", "0.15."],
        telling: &[
            "all_unique",
            "counts",
            "counts_by",
            "duplicates",
            "duplicates_by",
            "into_group_map",
            "into_group_map_by",
            "into_grouping_map",
            "into_grouping_map_by",
            "unique",
            "unique_by",
        ],
        by: "it hashes with random numbers",
    },
    known("itoa", &["1."]),
    known("memchr", &["2."]),
    known("ryu", &["1."]),
    known("serde", &["1."]),
    known("serde_core", &["1."]),
    known("serde_derive", &["1."]),
    known("serde_json", &["1."]),
    Known {
        package: "smallvec",
        series: &["1."],
        telling: &["alloc"],
        by: "that is the original std's",
    },
    known("thiserror", &["1.", "2."]),
    known("thiserror-impl", &["1.", "2."]),
    known("zmij", &["1."]),
];

/// What is known of a crate that a package has.
///
/// # Errors
/// Says at the end of a sentence why it isn't known.
pub(super) fn known_as(it: &Crate) -> Result<&'static Known, String> {
    let known = KNOWN.iter().find(|known| known.package == it.package);
    match known {
        Some(_) if !it.is_published => Err("isn't the registry's".to_owned()),
        Some(known)
            if !known
                .series
                .iter()
                .any(|start| it.version.starts_with(start)) =>
        {
            let all: Vec<&str> = known
                .series
                .iter()
                .map(|it| it.trim_end_matches('.'))
                .collect();
            Err(format!(
                "is of version {}, and known are {}",
                it.version,
                all.join(", ")
            ))
        }
        Some(known) => Ok(known),
        None => Err("is none of those that are known to be the same in every run".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, known_as};
    use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
    use runner::cargo::Crate;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// By what a crate could tell one run from another.
    const TELLING: [&str; 30] = [
        "Arc",
        "Backtrace",
        "Barrier",
        "Command",
        "Condvar",
        "HashMap",
        "HashSet",
        "Instant",
        "LazyLock",
        "Mutex",
        "Once",
        "OnceLock",
        "RandomState",
        "RwLock",
        "SystemTime",
        "UnsafeCell",
        "asm",
        "catch_unwind",
        "dbg",
        "env",
        "eprintln",
        "fs",
        "mpsc",
        "net",
        "print",
        "println",
        "process",
        "thread",
        "thread_local",
        "type_name",
    ];

    /// Types of the original std that have `impl`s. No program can name one.
    const OF_STD: &[&str] = &[
        "Arc",
        "AtomicBool",
        "AtomicI16",
        "AtomicI32",
        "AtomicI64",
        "AtomicI8",
        "AtomicIsize",
        "AtomicU16",
        "AtomicU32",
        "AtomicU64",
        "AtomicU8",
        "AtomicUsize",
        "HashMap",
        "HashSet",
        "Mutex",
        "RwLock",
        "SystemTime",
        "net",
    ];

    /// Where such a word stands all the same, and why that does no harm.
    fn harmless() -> BTreeMap<&'static str, BTreeSet<String>> {
        let words: &[(&str, &[&[&str]])] = &[
            // Without `RUST_BACKTRACE`, which what is explored is not told of, it is none.
            ("anyhow", &[&["Backtrace"]]),
            // In `__private`, which programs may not name.
            ("bitflags", &[&["all of std"]]),
            // By its own hasher, which is the same in every run.
            ("fnv", &[&["HashMap", "HashSet"]]),
            // In what is named in `telling`, and in tests of its.
            (
                "itertools",
                &[
                    &["HashMap", "HashSet", "RandomState"],
                    &["AtomicU16", "catch_unwind", "dbg"],
                ],
            ),
            // Which instructions there are, found out once.
            ("memchr", &[&["AtomicPtr"]]),
            // A variable is called `type_name`; `env!` is the compiler's.
            ("serde", &[OF_STD, &["env", "type_name"]]),
            ("serde_core", &[OF_STD, &["env"]]),
            // These run in rustc.
            (
                "serde_derive",
                &[&["HashSet", "env", "thread", "type_name"]],
            ),
            ("thiserror-impl", &[&["Backtrace", "HashMap", "env"]]),
            // For a map by `indexmap`, which isn't known.
            ("serde_json", &[&["RandomState"]]),
            // Named in `telling`.
            ("smallvec", &[&["all of std"]]),
            ("thiserror", &[&["Backtrace", "env"]]),
            // Nothing is in it: it keeps the optimiser from what is around it.
            ("zmij", &[&["asm"]]),
        ];
        let all = words.iter().map(|(name, words)| {
            let words = words.iter().flat_map(|it| it.iter());
            (*name, words.map(|&word| word.to_owned()).collect())
        });
        all.collect()
    }

    fn of(package: &str, version: &str, is_published: bool) -> Crate {
        Crate {
            package: package.to_owned(),
            version: version.to_owned(),
            is_published,
            names: Vec::new(),
            linked_by: Vec::new(),
        }
    }

    #[test]
    fn only_what_somebody_read_is_known() {
        assert!(known_as(&of("serde", "1.0.228", true)).is_ok());
        for (package, version, is_published, why) in [
            ("serde", "1.0.228", false, "isn't the registry's"),
            (
                "serde",
                "0.9.15",
                true,
                "is of version 0.9.15, and known are 1",
            ),
            (
                "serde",
                "10.0.0",
                true,
                "is of version 10.0.0, and known are 1",
            ),
            ("rand", "0.9.0", true, "is none of those that are known"),
        ] {
            let said = known_as(&of(package, version, is_published)).unwrap_err();
            assert!(said.starts_with(why), "{said}");
        }
    }

    /// Each word by which it could tell, of what is there besides tests.
    fn telling_words(path: &Path, found: &mut BTreeSet<String>) {
        let stem = path.file_stem().unwrap();
        if ["test", "tests", "benches"]
            .iter()
            .any(|name| stem == *name)
        {
            return;
        }
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                telling_words(&entry.unwrap().path(), found);
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let mut end = 0;
            for token in tokenize(&text, FrontmatterAllowed::No) {
                let start = end;
                end += token.len as usize;
                let word = &text[start..end];
                // All of std, handed on.
                let handed_on = [
                    "pub extern crate ",
                    "pub use core",
                    "pub use std",
                    "pub use alloc",
                ]
                .iter()
                .any(|it| text[start..].starts_with(it) && is_whole(&text[start + it.len()..]));
                if handed_on {
                    found.insert("all of std".to_owned());
                }
                let tells = TELLING.contains(&word) || word.starts_with("Atomic");
                if tells && token.kind == TokenKind::Ident {
                    found.insert(word.to_owned());
                }
            }
        }
    }

    /// Whether the end of this is a whole crate's name.
    fn is_whole(text: &str) -> bool {
        let end = text.find(|it: char| !it.is_alphanumeric() && it != '_');
        end.is_some_and(|end| text[end..].trim_start().starts_with([';', 'a']))
    }

    #[test]
    fn nothing_in_them_tells_but_what_is_named() {
        let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.toml");
        let metadata = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--all-features",
                "--locked",
                "--format-version",
                "1",
                "--manifest-path",
                workspace,
            ])
            .output()
            .unwrap();
        let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for package in metadata["packages"].as_array().unwrap() {
            let name = package["name"].as_str().unwrap();
            let it = of(name, package["version"].as_str().unwrap(), true);
            if let Ok(known) = known_as(&it) {
                let manifest = Path::new(package["manifest_path"].as_str().unwrap());
                let words = found.entry(known.package).or_default();
                let sources = match manifest.with_file_name("src") {
                    it if it.exists() => it,
                    _ => manifest.with_file_name("lib.rs"),
                };
                telling_words(&sources, words);
            }
        }
        found.retain(|_, words| !words.is_empty());
        assert_eq!(found, harmless());
    }

    #[test]
    fn each_stands_once_and_in_order() {
        assert!(KNOWN.is_sorted_by(|one, other| one.package < other.package));
        assert!(KNOWN.iter().all(|it| it.telling.is_sorted()));
        assert!(
            KNOWN
                .iter()
                .all(|it| it.telling.is_empty() == it.by.is_empty())
        );
    }
}
