//! What a terminal shows of real runs, both streams in their order, is among what
//! the engine finds where standard error counts.
//!
//! A `main` of its own, since aborting leaves std's panic hook in use for good,
//! for which the usual harness waits.

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let trials = vec![
        #[cfg(target_os = "linux")]
        libtest_mimic::Trial::test("what_a_terminal_shows_is_possible", || {
            terminals::what_a_terminal_shows_is_possible();
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

#[cfg(target_os = "linux")]
mod terminals {
    use outcomes_engine::{Settings, without_thread_numbers};
    use outcomes_programs::semantics::{self, Program};
    use outcomes_soak::{explore, real};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::fs::File;
    use std::io::Read;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::process::{Command, Stdio};

    /// Real executions of each program.
    const RUNS: u32 = 2;

    pub(crate) fn what_a_terminal_shows_is_possible() {
        let (mut compared, mut with_stderr, mut refused) = (0, 0, 0);
        let mut wrong = Vec::new();
        for program in semantics::all().filter(|program| program.runs && program.any.is_some()) {
            let main = || {
                (program.main)();
                0
            };
            let settings = Settings {
                stderr: true,
                ..Settings::default()
            };
            let explored = match explore(&main, &settings) {
                Ok(explored) => explored,
                Err(reason) => {
                    assert!(reason.contains("backtrace"), "{}: {reason}", program.name);
                    refused += 1;
                    continue;
                }
            };
            if !real::always_ends(&explored) {
                continue;
            }
            for _ in 0..RUNS {
                let shown = on_a_terminal(program);
                let found = explored.graph.find(&shown, None);
                if !found.is_possible() {
                    let name = program.name;
                    wrong.push(format!(
                        "{name} shows\n{shown}\nwhich is impossible: {found:#?}"
                    ));
                }
                compared += 1;
                with_stderr += u32::from(shown.contains("panicked at"));
            }
        }
        println!("{compared} runs compared, {with_stderr} of them with panics; {refused} refused");
        assert!(
            compared > 200 && with_stderr > 10,
            "{compared} {with_stderr}"
        );
    }

    /// Runs a program for real on a terminal of its own. What that shows, with places
    /// as in the model.
    fn on_a_terminal(program: &Program) -> String {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("a terminal");
        unlockpt(&master).expect("a terminal");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let name = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let slave = File::options().read(true).write(true).open(name);
        let slave = slave.expect("the terminal opens");
        let mut command = Command::new(env!("CARGO_BIN_EXE_outcomes-soak"));
        command
            .args(["--real-program", program.name])
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(slave.try_clone().expect("it has two ends"))
            .stderr(slave);
        let child = runner::die_with_this_thread(&mut command).spawn();
        let mut child = child.expect("the program starts");
        // So that the terminal is gone when the program is.
        drop(command);
        let mut shown = Vec::new();
        // The end of a terminal is an error.
        let _ = File::from(master).read_to_end(&mut shown);
        child.wait().expect("the program ends");
        let shown = String::from_utf8(shown).expect("text");
        let shown = shown.replace("\r\n", "\n");
        let shown = shown.replace("/soak/src/../../programs/", "/programs/");
        without_thread_numbers(&shown)
    }
}
