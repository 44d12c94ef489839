//! What the look-alike of std refuses to do, as its source says.

use super::parse::{self, Body, Kind};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The reasons, by the last two names in the paths of functions: of the type,
/// or else the module, and the function's own.
pub(super) type Refusals = HashMap<(String, String), String>;

/// Reads all of them.
pub(super) fn read() -> Refusals {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../look-alikes/std/src");
    let mut found = Refusals::new();
    read_folder(&folder, &mut found);
    found
}

fn read_folder(folder: &Path, found: &mut Refusals) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_folder(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path)
            && let Some(body) = parse::file(&text)
        {
            let module = path.file_stem().unwrap_or_default().to_string_lossy();
            read_body(&module, &body, found);
        }
    }
}

fn read_body(owner: &str, body: &Body, found: &mut Refusals) {
    for item in &body.items {
        match &item.kind {
            Kind::Function(name, Some(reason)) => {
                found.insert((owner.to_owned(), name.clone()), reason.clone());
            }
            Kind::Impl(implemented) if implemented.of.is_none() => {
                let owner = implemented.to.last().map_or(owner, String::as_str);
                read_body(owner, &implemented.body, found);
            }
            _ => {}
        }
    }
}
