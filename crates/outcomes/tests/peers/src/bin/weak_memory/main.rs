//! The engine, loom and Miri on programs whose answers the literature knows, and on
//! small things that work without a lock, in one run:
//!
//! ```console
//! cargo run --release --manifest-path crates/outcomes/tests/peers/Cargo.toml --bin weak_memory
//! ```
//!
//! Of each classic RC11 permits so many outcomes, by an enumeration that shares nothing
//! with the engine. Miri runs it 30 times, each with another seed. It needs a
//! nightly toolchain that has `miri` and `rust-src`, takes ten minutes of a processor,
//! and is left out without. loom stops after ten seconds.
//! Of each thing without a lock it is asked whether it goes wrong as it is, where it
//! can't, and with an ordering that is too weak, where it can.

#![deny(unsafe_op_in_unsafe_fn)]

mod loom_as_std;

use outcomes_litmus::{Classic, Model, Outcome, Program, classics};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long loom may take for a program.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often Miri runs each classic, and with which random choices.
const SEEDS: &str = "-Zmiri-many-seeds=0..30 -Zmiri-disable-isolation";

/// Goes on: loom may take its process down, or never come back.
const LOOM_ON: &str = "--loom-on";

mod modelled {
    outcomes_litmus::interpreter!(outcomes_std);
    outcomes_litmus::lock_free!(outcomes_std);

    pub(crate) fn cases() -> [Case; 11] {
        CASES
    }

    pub(crate) fn outcome(program: &outcomes_litmus::Program) -> String {
        run(program, &|| ()).to_string()
    }
}

mod loomed {
    use crate::loom_as_std;
    outcomes_litmus::interpreter!(loom_as_std);
    outcomes_litmus::lock_free!(loom_as_std);

    pub(crate) fn cases() -> [Case; 11] {
        CASES
    }

    pub(crate) fn outcome(program: &outcomes_litmus::Program) -> outcomes_litmus::Outcome {
        run(program, &|| ())
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [option, which, how] = arguments.as_slice()
        && option == LOOM_ON
    {
        return loom_on(which, how);
    }
    of_classics();
    without_a_lock();
}

fn of_classics() {
    let miri = miri();
    let heading = ["", "RC11", "outcomes", "loom", "Miri"];
    println!("{}", row(heading.map(str::to_owned)));
    let mut sums = [Peer::default(), Peer::default()];
    let mut all = 0;
    for Classic { name, program, .. } in classics() {
        let permitted = outcomes_litmus::outcomes(&program, &Model::RC11);
        let permitted: BTreeSet<String> = permitted.iter().map(Outcome::to_string).collect();
        let start = Instant::now();
        let found = explored(&|| {
            outcomes_std::println!("{}", modelled::outcome(&program));
        });
        let took = start.elapsed();
        assert_eq!(found, permitted, "{name}");
        let loom = loom_in_a_process(name, "classic");
        let miri = miri.get(name).map(|(seen, took)| Peer {
            seen: seen.intersection(&permitted).count(),
            forbidden: seen.difference(&permitted).count(),
            took: format!("{took:.1?}"),
            note: String::new(),
        });
        all += permitted.len();
        for (sum, peer) in sums.iter_mut().zip([Some(&loom), miri.as_ref()]) {
            sum.seen += peer.map_or(0, |it| it.seen);
            sum.forbidden += peer.map_or(0, |it| it.forbidden);
        }
        let miri = miri.map_or_else(|| "left out".to_owned(), |it| it.to_string());
        let ours = format!("{:3} {took:.1?}", found.len());
        let cells = [name.to_owned(), permitted.len().to_string(), ours];
        let [name, permitted, ours] = cells;
        println!("{}", row([name, permitted, ours, loom.to_string(), miri]));
    }
    let [loom, miri] = sums.map(|sum| sum.to_string());
    let name = "all of them".to_owned();
    println!(
        "{}\n",
        row([name, all.to_string(), format!("{all:3}"), loom, miri])
    );
}

fn row([name, permitted, ours, loom, miri]: [String; 5]) -> String {
    let row = format!("{name:28} {permitted:>4}  {ours:15} {loom:40} {miri}");
    row.trim_end().to_owned()
}

/// What a peer has found.
#[derive(Default)]
struct Peer {
    /// How many outcomes of those that RC11 permits.
    seen: usize,
    /// How many that it forbids.
    forbidden: usize,
    took: String,
    note: String,
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:3} {}", self.seen, self.took)?;
        if self.forbidden > 0 {
            write!(f, ", {} forbidden", self.forbidden)?;
        }
        match self.note.as_str() {
            "" => Ok(()),
            note => write!(f, ", {note}"),
        }
    }
}

impl Peer {
    /// Of a thing without a lock, which goes right or wrong.
    fn of_one_thing(&self) -> String {
        let what = match (self.forbidden, self.note.as_str()) {
            (1.., _) => "goes wrong",
            (0, "") => "is right",
            (0, note) => note,
        };
        format!("{what} ({})", self.took)
    }
}

fn without_a_lock() {
    let row = |cells: [&str; 5]| {
        let [name, right, weak, loom_right, loom_weak] = cells;
        println!("{name:20} {right:>10} {weak:>10}   {loom_right:35} {loom_weak}");
    };
    row(["", "right", "too weak", "loom: right", "loom: too weak"]);
    for (name, case, right, weak) in modelled::cases() {
        let explore = |ordering| {
            let start = Instant::now();
            let found = explored(&|| {
                outcomes_std::println!("{}", if case(ordering) { "right" } else { "wrong" });
            });
            (found, format!("{:.1?}", start.elapsed()))
        };
        let (found, first) = explore(right);
        assert!(found.len() == 1 && found.contains("right"), "{name}");
        let (found, second) = explore(weak);
        assert!(found.contains("wrong"), "{name}");
        let [loom_right, loom_weak] =
            ["right", "weak"].map(|how| loom_in_a_process(name, how).of_one_thing());
        row([name, &first, &second, &loom_right, &loom_weak]);
    }
}

/// The lines that the engine says a program can print, each all that it prints.
fn explored(main: &dyn Fn()) -> BTreeSet<String> {
    let main = || {
        main();
        0
    };
    let program = outcomes_std::program::program(&main);
    let settings = outcomes_engine::Settings::default();
    let explored = outcomes_engine::explore(&program, &settings, &mut |_| {});
    let explored = explored.expect("it can be modelled");
    let outputs = explored.outputs().expect("there is an end to it");
    let line = |text: &str| text.strip_suffix('\n').unwrap_or(text).to_owned();
    outputs.iter().map(|output| line(&output.text)).collect()
}

fn loom_in_a_process(which: &str, how: &str) -> Peer {
    let start = Instant::now();
    let command = std::env::current_exe().expect("this program");
    let mut process = Command::new(command)
        .args([LOOM_ON, which, how])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be run");
    // A loop may keep it from looking at the time.
    let is_late = loop {
        if process.try_wait().expect("it is a child").is_some() {
            break false;
        }
        if start.elapsed() > 2 * PATIENCE {
            process.kill().expect("it is a child");
            break true;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let took = start.elapsed();
    let output = process.wait_with_output().expect("it is a child");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.splitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.trim().parse().ok());
    match (number(), number()) {
        (Some(seen), Some(forbidden)) => Peer {
            seen,
            forbidden,
            took: format!("{took:.1?}"),
            note: words.next().unwrap_or_default().trim().to_owned(),
        },
        _ => Peer {
            took: format!("{took:.1?}"),
            note: match is_late {
                true => "out of time".to_owned(),
                false => format!("takes its process down: {}", output.status),
            },
            ..Peer::default()
        },
    }
}

/// Runs one program on loom, and prints how many outcomes are right and wrong.
fn loom_on(which: &str, how: &str) {
    std::panic::set_hook(Box::new(|_| {}));
    let found: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let permitted: BTreeSet<String>;
    let run: Box<dyn Fn() -> String + Send + Sync> = if how == "classic" {
        let classic = classics().into_iter().find(|it| it.name == which);
        let program: Program = classic.expect("a classic").program;
        let outcomes = outcomes_litmus::outcomes(&program, &Model::RC11);
        permitted = outcomes.iter().map(Outcome::to_string).collect();
        Box::new(move || loomed::outcome(&program).to_string())
    } else {
        let case = loomed::cases().into_iter().find(|it| it.0 == which);
        let (_, case, right, weak) = case.expect("one of them");
        let ordering = if how == "right" { right } else { weak };
        permitted = BTreeSet::from([true.to_string()]);
        Box::new(move || case(ordering).to_string())
    };
    let start = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.max_duration = Some(PATIENCE);
    let all = Arc::clone(&found);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        builder.check(move || {
            let outcome = run();
            all.lock()
                .unwrap_or_else(|it| it.into_inner())
                .insert(outcome);
        });
    }));
    let found = found.lock().unwrap_or_else(|it| it.into_inner());
    let right = found.intersection(&permitted).count();
    let note = match &ended {
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            format!(
                "gives up: {}",
                message
                    .unwrap_or("a panic")
                    .lines()
                    .next()
                    .unwrap_or_default()
            )
        }
        Ok(()) if start.elapsed() > PATIENCE => "out of time".to_owned(),
        Ok(()) => String::new(),
    };
    println!("{right} {} {note}", found.len() - right);
    // What loom leaves behind of an execution that it gave up can't be dropped.
    std::process::exit(0);
}

/// What Miri has seen of each classic, and how long that took.
fn miri() -> BTreeMap<String, (BTreeSet<String>, Duration)> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../litmus/Cargo.toml");
    let output = Command::new("cargo")
        .args([
            "+nightly",
            "miri",
            "run",
            "--quiet",
            "--manifest-path",
            manifest,
        ])
        .args(["--", "--seen", "--times", "1"])
        .env("MIRIFLAGS", SEEDS)
        // Of the toolchain that runs this.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        other => {
            let why = match &other {
                Err(error) => error.to_string(),
                Ok(output) => String::from_utf8_lossy(&output.stderr)
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .to_owned(),
            };
            println!("Miri is left out: {why}");
            return BTreeMap::new();
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut all: BTreeMap<String, (BTreeSet<String>, Duration)> = BTreeMap::new();
    for line in text.lines() {
        let mut parts = line.split('\t');
        let (Some(name), Some(Ok(took))) = (parts.next(), parts.next().map(str::parse)) else {
            continue;
        };
        let (seen, sum) = all.entry(name.to_owned()).or_default();
        seen.extend(parts.map(str::to_owned));
        *sum += Duration::from_millis(took);
    }
    all
}
