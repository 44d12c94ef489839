//! A harness that dies leaves no child, wherever it dies. It must be another
//! process, so this has a `main` of its own.

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use outcomes_soak::real::{Runs, observe};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};
    use std::{env, fs, process, thread};

    /// More than any machine needs.
    const PATIENCE: Duration = Duration::from_secs(60);

    pub(super) fn main() {
        if let Some(file) = env::args().nth(1).filter(|file| file.contains('/')) {
            return harness(&file);
        }
        let name = format!("outcomes-soak-child-{}", process::id());
        let file = env::temp_dir().join(name);
        dies_with_its_harness(&file);
        fs::remove_file(&file).expect("the file is ours");
    }

    fn dies_with_its_harness(file: &PathBuf) {
        let mut harness: Child = Command::new(env::current_exe().expect("it runs"))
            .arg(file)
            .stdin(Stdio::null())
            .spawn()
            .expect("it runs again");
        let program = until(|| {
            fs::read_to_string(file)
                .ok()?
                .strip_suffix('\n')?
                .parse()
                .ok()
        });
        // What nobody has waited for is dead, and still there.
        let is_there = || {
            let stat = fs::read_to_string(format!("/proc/{program}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z"))
        };
        assert!(is_there());
        harness.kill().expect("it runs");
        harness.wait().expect("it is ours");
        until(|| (!is_there()).then_some(0));
    }

    /// Runs a program that says who it is, and then never ends.
    fn harness(file: &str) {
        let script = "echo $$ >\"$0\"; exec sleep 600";
        let command = || {
            let mut command = Command::new("sh");
            command.args(["-c", script, file]);
            command
        };
        let runs = Runs {
            times: 1,
            at_once: 1,
            delays: None,
        };
        observe(&command, &runs, 10 * PATIENCE).expect("it can be run");
    }

    fn until(mut answer: impl FnMut() -> Option<u32>) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(answer) = answer() {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "it takes too long");
            thread::sleep(Duration::from_millis(2));
        }
    }
}
