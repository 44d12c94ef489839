//! Builds a program, and runs it for a second at most, while it tells what
//! happens: `cargo run --example run-for-a-second`.

use runner::{Builder, Event, Limits, Stop};
use std::env;
use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;
use std::time::Duration;

const PROGRAM: &str = r#"
use std::time::Duration;

fn main() {
    for number in 1.. {
        println!("{number}");
        std::thread::sleep(Duration::from_millis(300));
    }
}
"#;

fn main() -> Result<(), Box<dyn Error>> {
    // A program's supervisor is this very binary, started again.
    runner::supervisor::hook();
    let libraries = runner::cargo::std_alone(Path::new("."), "2024")?;
    let builder = Builder::new(libraries, env::temp_dir().join("run-for-a-second"));
    let build = builder.build(PROGRAM, &Stop::new())?;
    let limits = Limits {
        wall_clock: Duration::from_secs(1),
        ..Limits::default()
    };
    for event in runner::run(&build.program, &limits, &Stop::new())? {
        match event {
            Event::Output { bytes, .. } => stdout().write_all(&bytes)?,
            Event::Ended { ending, took } => println!("{ending} ({:.1} s)", took.as_secs_f64()),
        }
    }
    Ok(())
}
