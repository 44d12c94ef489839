//! Asks what a program can print, and reports it:
//! `cargo run --example every-output`.

use cargo_outcomes::{Modelled, Report};
use outcomes_protocol::Request;
use runner::Stop;
use std::error::Error;

const PROGRAM: &str = r#"
use std::thread;

fn main() {
    let other = thread::spawn(|| println!("from a thread"));
    println!("from main");
    other.join().unwrap();
}
"#;

fn main() -> Result<(), Box<dyn Error>> {
    // A program's supervisor is this very binary, started again.
    runner::supervisor::hook();
    let modelled = Modelled::brought_along(&mut |step| {
        eprintln!("{} of {}: {}", step.done, step.total, step.name);
    })?;
    let request = Request {
        list: usize::MAX,
        ..Request::default()
    };
    let name = "two-threads.rs";
    let answer = modelled.ask(name, PROGRAM, &request, &mut |_| {}, &Stop::new())?;
    print!(
        "{}",
        Report::new(name, modelled.edition(), &request, &answer)
    );
    Ok(())
}
