//! Asks the compiler what the look-alike of std has.
//!
//! Each item is named in a line of a program of its own; what rustc says of
//! that line is the answer.

use super::scan::{PublicItem, What};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The look-alike of std as cargo has built it.
pub(super) struct LookAlike {
    library: PathBuf,
}

/// What rustc says of a line: the error's code, and its words.
pub(super) type Complaints = BTreeMap<usize, (String, String)>;

/// How a trait is named whose path the source doesn't say.
const TRAITS: [(&str, &str); 12] = [
    ("borrow", "Borrow BorrowMut"),
    ("clone", "Clone"),
    ("cmp", "Eq Ord PartialEq PartialOrd"),
    ("convert", "AsMut AsRef From TryFrom"),
    ("default", "Default"),
    ("error", "Error"),
    (
        "fmt",
        "Binary Debug Display LowerExp LowerHex Octal Pointer UpperExp UpperHex",
    ),
    ("hash", "BuildHasher Hash Hasher"),
    (
        "iter",
        "DoubleEndedIterator ExactSizeIterator Extend FromIterator FusedIterator IntoIterator Iterator Sum",
    ),
    ("marker", "Copy Send Sync Unpin"),
    (
        "ops",
        "Add AddAssign BitAnd BitOr BitXor Deref DerefMut Div DivAssign Index IndexMut Mul MulAssign Sub SubAssign",
    ),
    ("panic", "RefUnwindSafe UnwindSafe"),
];

/// The path of a trait that programs can name.
pub(super) fn trait_path(name: &str) -> Option<String> {
    let mut modules = TRAITS.iter();
    let (module, _) = modules.find(|(_, names)| names.split(' ').any(|other| other == name))?;
    Some(format!("::std::{module}::{name}"))
}

impl LookAlike {
    /// Has cargo build it.
    pub(super) fn build() -> Result<LookAlike, String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([
                "build",
                "--package",
                "outcomes-std",
                "--message-format=json",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .map_err(|error| format!("cargo can't be started: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let mut library = messages.lines().filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let is_it = message["target"]["name"] == "outcomes_std";
            let files = message["filenames"].as_array().filter(|_| is_it)?.clone();
            let mut files = files.iter().filter_map(Value::as_str);
            files
                .find(|file| file.ends_with(".rlib"))
                .map(PathBuf::from)
        });
        let library = library.next_back().ok_or_else(|| {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            format!("cargo can't build outcomes-std: {words}")
        })?;
        Ok(LookAlike { library })
    }

    /// What rustc says of each line of a program. `name` is what the program
    /// calls the look-alike.
    pub(super) fn complaints(&self, name: &str, lines: &[String]) -> Result<Complaints, String> {
        let folder = env::temp_dir().join(format!("public-items-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let complaints = self.compile(name, lines, &folder);
        let _ = fs::remove_dir_all(&folder);
        complaints
    }

    fn compile(&self, name: &str, lines: &[String], folder: &Path) -> Result<Complaints, String> {
        let file = folder.join("proof.rs");
        fs::write(&file, lines.join("\n")).map_err(|error| error.to_string())?;
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let dependencies = self.library.with_file_name("deps");
        let output = Command::new(rustc)
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata"])
            .args(["--error-format=json", "--cap-lints=allow", "--extern"])
            .arg(format!("{name}={}", self.library.display()))
            .arg("-L")
            .arg(format!("dependency={}", dependencies.display()))
            .arg("--out-dir")
            .arg(folder)
            .arg(&file)
            .output()
            .map_err(|error| format!("rustc can't be started: {error}"))?;
        let mut complaints = Complaints::new();
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let message: Value = serde_json::from_str(line)
                .map_err(|_| format!("rustc says what is no JSON: {line}"))?;
            let spans = message["spans"].as_array().cloned().unwrap_or_default();
            let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else {
                continue;
            };
            let line = span["line_start"].as_u64().unwrap_or_default() as usize - 1;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let code = text(&message["code"]["code"]);
            complaints
                .entry(line)
                .or_insert((code, text(&message["message"])));
        }
        Ok(complaints)
    }
}

/// A line that compiles if the item is there, under the look-alike's name.
pub(super) fn presence(item: &PublicItem, types: &BTreeMap<&str, usize>) -> Option<String> {
    let path = &item.path;
    Some(match &item.what {
        What::Method { .. } => format!("fn _f() {{ let _ = ::{path}; }}"),
        What::Impl {
            of,
            reference,
            name,
            arguments,
        } => {
            let with = |with: &dyn Fn(usize) -> String| -> String {
                (0..*arguments).map(|number| with(number) + ",").collect()
            };
            let arguments = with(&|number| format!("A{number}"));
            let given = with(&|number| format!("A{number}"));
            let inferred = with(&|_| "_".to_owned());
            let of = type_named(of, *types.get(&**of)?, "_");
            let name = trait_path(name)?;
            format!(
                "fn _f() {{ fn has<T: {name}<{given}>, {arguments}>() {{}} \
                 has::<{reference}::{of}, {inferred}>(); }}"
            )
            .replace("<>", "")
        }
        _ => format!("pub use ::{path} as _p;"),
    })
}

/// A line that compiles if the item is std's own.
pub(super) fn sameness(item: &PublicItem) -> Option<String> {
    let look_alike = item.path.strip_prefix("std::")?;
    match &item.what {
        What::Type(parameters) => {
            let ours = type_named(
                look_alike,
                *parameters,
                "&'static dyn Fn(&mut u8, &mut u8) -> bool",
            );
            let theirs = type_named(
                &item.path,
                *parameters,
                "&'static dyn Fn(&mut u8, &mut u8) -> bool",
            );
            Some(format!(
                "fn _f(one: ::ours::{ours}) -> ::{theirs} {{ one }}"
            ))
        }
        What::Function | What::Constant => Some(format!(
            "fn _f() {{ fn same<T>(_: T, _: T) {{}} same(::ours::{look_alike}, ::{}); }}",
            item.path
        )),
        What::Module | What::Trait | What::Method { .. } | What::Impl { .. } => None,
    }
}

fn type_named(path: &str, parameters: usize, parameter: &str) -> String {
    let mut named = path.to_owned();
    if parameters > 0 {
        let parameters = vec![parameter; parameters].join(", ");
        let _ = write!(named, "<{parameters}>");
    }
    named
}

/// Puts each line in a module of its own.
pub(super) fn apart(lines: impl Iterator<Item = String>) -> Vec<String> {
    let numbered = lines.enumerate();
    numbered
        .map(|(number, line)| format!("mod m{number} {{ {line} }}"))
        .collect()
}

/// Of errors that say that a name is there, but not all about it.
pub(super) fn is_about_types(code: &str) -> bool {
    BTreeSet::from(["E0034", "E0282", "E0283", "E0284", "E0790"]).contains(code)
}
