//! Prints what becomes of each stable public item of std's modules `sync`,
//! `thread`, `time`, `cell` and `collections`.

use outcomes_soak::public_items::source::{NONE, Source};
use outcomes_soak::public_items::{self, Fate};
use std::collections::BTreeMap;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(source) = Source::find() else {
        println!("There is nothing to list: {NONE}.");
        return ExitCode::SUCCESS;
    };
    let table = match public_items::table(&source) {
        Ok(table) => table,
        Err(error) => {
            eprintln!("There is no table: {error}.");
            return ExitCode::FAILURE;
        }
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (item, fate) in &table {
        println!("{:<64} {fate}", item.path);
        let kind = match fate {
            Fate::Modelled => "modelled",
            Fate::Own => "std's own",
            Fate::Refused(_) => "refused",
            Fate::Absent(_) => "absent",
            Fate::NotLookedFor => "not looked for",
        };
        *counts.entry(kind).or_default() += 1;
    }
    println!("\n{} items, by {source}:", table.len());
    for (kind, count) in counts {
        println!("{count:6} {kind}");
    }
    ExitCode::SUCCESS
}
