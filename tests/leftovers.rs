//! Programs are started and stopped at random through the page's protocol.
//! Afterwards no process, no thread and no temporary file of theirs is left.

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Trial};
use mdbook_interleaved::listings::Listings;
use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tests::server::{Kernel, Server};

/// How many programs are run in all, and how many pages run them.
const PROGRAMS: u64 = 100;
const PAGES: u64 = 8;

fn main() -> ExitCode {
    tests::server::hook();
    // So that no server has its own compiler at work when it is killed, whose
    // temporary files are cargo's.
    if let Err(error) = interleaved::outcomes::prepare(&tests::workspace()) {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let trials = vec![
        trial("a_hundred_programs_stopped_at_random", stopped_at_random),
        trial("programs_of_a_killed_server", of_a_killed_server),
    ];
    let mut arguments = Arguments::from_args();
    // Each looks at what the other would leave in the cache.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, test: fn() -> Result<()>) -> Trial {
    Trial::test(name, move || {
        test().map_err(|error| format!("{error:#}").into())
    })
}

fn stopped_at_random() -> Result<()> {
    let before = unfinished_builds();
    let server = Server::start()?;
    // A first program, so that whatever is started only once is there.
    let mut kernel = server.kernel()?;
    let request = kernel.send("fn main() { println!(\"ready\") }")?;
    ensure!(
        kernel.finish(&request)?.stdout == "ready\n",
        "it doesn't run"
    );
    kernel.delete()?;
    let threads = threads_of(&server)?;

    let seed = RandomState::new().hash_one(0);
    eprintln!("seed {seed}");
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        let page = || -> Result<()> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= PROGRAMS {
                    return Ok(());
                }
                start_and_stop(&server, &mut Random(seed ^ (number << 32) | 1))
                    .with_context(|| format!("program {number} of seed {seed}"))?;
            }
        };
        let pages: Vec<_> = (0..PAGES).map(|_| scope.spawn(page)).collect();
        pages
            .into_iter()
            .try_for_each(|page| page.join().expect("a page doesn't panic"))
    })?;

    nothing_is_left(&server, &before)?;
    // Threads that have nothing to do end after some seconds.
    until(|| match threads_of(&server) {
        Ok(now) if now <= threads => Ok(()),
        now => Err(format!(
            "there were {threads} threads, now there are {now:?}"
        )),
    })
}

fn of_a_killed_server() -> Result<()> {
    let before = unfinished_builds();
    let mut server = Server::start()?;
    let kernels = PROGRAMS_THAT_STAY.iter().map(|program| {
        let mut kernel = server.kernel()?;
        let request = kernel.send(program)?;
        kernel.first_output(&request)?;
        Ok(kernel)
    });
    let kernels: Vec<Kernel<'_>> = kernels.collect::<Result<_>>()?;
    // One more, in the middle of being compiled.
    let mut compiling = server.kernel()?;
    compiling.send(&edited(SLOW_TO_COMPILE, &mut Random(1)))?;
    #[cfg(target_os = "linux")]
    {
        until(|| match is_compiled(&(&unfinished_builds() - &before)) {
            true => Ok(()),
            false => Err("the last program is not compiled".to_owned()),
        })?;
        ensure!(!processes_of(&server).is_empty(), "nothing runs");
    }
    drop((kernels, compiling));
    server.kill()?;

    nothing_is_left(&server, &before)
}

/// One program: started, left alone for a moment, and stopped in one of the
/// ways in which a reader can.
fn start_and_stop(server: &Server, random: &mut Random) -> Result<()> {
    let mut kernel = kernel_of(server)?;
    let program = some_program(random)?;
    let request = kernel.send(&program)?;
    let moment = Duration::from_millis(random.below(300));
    if random.below(3) == 0 {
        kernel.first_output(&request)?;
    }
    thread::sleep(moment);
    match random.below(4) {
        0 => {
            kernel.interrupt()?;
            kernel.finish(&request)?;
            // The same kernel still works.
            let request = kernel.send("fn main() { println!(\"again\") }")?;
            let executed = kernel.finish(&request)?;
            ensure!(executed.stdout == "again\n", "after a stop: {executed:?}");
        }
        1 => kernel.restart()?,
        2 => kernel.delete()?,
        // The page is closed: the connection ends.
        _ => drop(kernel),
    }
    Ok(())
}

/// A new kernel, once there is room for it: those whose pages were closed go on
/// for a second.
fn kernel_of(server: &Server) -> Result<Kernel<'_>> {
    let deadline = Instant::now() + Duration::from_secs(300);
    loop {
        match server.kernel() {
            Err(error) if error.to_string().contains(": 429 ") && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(50));
            }
            other => return other,
        }
    }
}

fn some_program(random: &mut Random) -> Result<String> {
    let listings = Listings::load(tests::workspace().root.join("crates/listings"))?;
    let stays = random.below(PROGRAMS_THAT_STAY.len() as u64) as usize;
    Ok(match random.below(8) {
        0 => listings.source("two-threads")?,
        1 => listings.source("forgotten-drop")?,
        2 => format!("%%run 100\n{}", listings.source("workers-share-a-channel")?),
        3 => edited(PROGRAMS_THAT_STAY[stays], random),
        _ => PROGRAMS_THAT_STAY[stays].to_owned(),
    })
}

/// As never seen before, so that it must be compiled.
fn edited(program: &str, random: &mut Random) -> String {
    format!(
        "{program}\n// {:?} {}",
        Instant::now(),
        random.below(u64::MAX)
    )
}

/// No process, no file and no half-made build, once all of it has ended.
fn nothing_is_left(server: &Server, before: &BTreeSet<String>) -> Result<()> {
    until(|| match processes_of(server) {
        left if left.is_empty() => Ok(()),
        left => Err(format!("these processes are left: {left:#?}")),
    })?;
    until(|| match files_in(server.scratch()) {
        left if left.is_empty() => Ok(()),
        left => Err(format!("these files are left: {left:#?}")),
    })?;
    until(|| match &unfinished_builds() - before {
        left if left.is_empty() => Ok(()),
        left => Err(format!("these builds are left: {left:#?}")),
    })
}

/// Whether a compiler is at work in one of these folders.
#[cfg(target_os = "linux")]
fn is_compiled(folders: &BTreeSet<String>) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut variables = processes.filter_map(|it| fs::read(it.path().join("environ")).ok());
    variables.any(|variables| {
        let variables = String::from_utf8_lossy(&variables);
        folders.iter().any(|folder| variables.contains(folder))
    })
}

/// The compiler computes this constant for longer than anyone waits.
const SLOW_TO_COMPILE: &str = "
#[allow(long_running_const_eval)]
const SLOW: u64 = {
    let mut number = 0;
    while number < u64::MAX { number += 1 }
    number
};
fn main() { println!(\"{SLOW}\") }
";

const SLEEPS: &str = "
fn main() {
    println!(\"on\");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}";

/// Each prints a line and then stays for as long as it can.
const PROGRAMS_THAT_STAY: [&str; 8] = [
    SLEEPS,
    // Computes.
    "fn main() { println!(\"on\"); loop { std::hint::spin_loop() } }",
    // Floods.
    "fn main() { loop { println!(\"on and on and on and on and on and on and on\") } }",
    // Threads.
    "fn main() {
        println!(\"on\");
        for _ in 0..200 { std::thread::spawn(|| loop { std::thread::sleep(std::time::Duration::from_secs(1)) }); }
        loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
    }",
    // Children, and their children.
    "fn main() {
        let shell = \"trap '' TERM; sleep 600 & sleep 600 & echo on; wait\";
        let child = std::process::Command::new(\"sh\").args([\"-c\", shell]).status();
        println!(\"{child:?}\");
    }",
    // A daemon.
    "unsafe extern \"C\" { fn fork() -> i32; fn setsid() -> i32; }
    fn main() {
        unsafe { if fork() == 0 && setsid() > 0 && fork() != 0 { return } }
        println!(\"on\");
        loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
    }",
    // Files.
    "fn main() {
        std::fs::create_dir_all(\"a/b/c\").unwrap();
        std::fs::write(std::env::temp_dir().join(\"left\"), \"behind\").unwrap();
        println!(\"on\");
        for n in 0.. { std::fs::write(format!(\"a/b/c/{}\", n % 50), \"left behind\").unwrap(); }
    }",
    // Ignores every signal that can be ignored.
    "unsafe extern \"C\" { fn signal(signal: i32, handler: usize) -> usize; }
    fn main() {
        for number in 1..32 { unsafe { signal(number, 1); } }
        println!(\"on\");
        loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
    }",
];

/// Every process that the server started, in whatever way it left: what runs
/// a program names the folder for temporary files.
fn processes_of(server: &Server) -> BTreeSet<String> {
    let folder = server.scratch().as_os_str().as_encoded_bytes();
    let names_folder = |process: &Path| {
        ["cmdline", "environ"].iter().any(|file| {
            let text = fs::read(process.join(file)).unwrap_or_default();
            text.windows(folder.len()).any(|part| part == folder)
        })
    };
    let this = [server.pid(), std::process::id()].map(|pid| pid.to_string());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|entry| !this.contains(&entry.file_name().to_string_lossy().into_owned()))
        .filter(|entry| names_folder(&entry.path()))
        .map(|entry| {
            let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            status.lines().take(7).collect::<Vec<_>>().join(", ")
        })
        .collect()
}

fn threads_of(server: &Server) -> Result<usize> {
    if !cfg!(target_os = "linux") {
        return Ok(0);
    }
    Ok(fs::read_dir(format!("/proc/{}/task", server.pid()))?.count())
}

fn files_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// The folders in which programs are being built.
fn unfinished_builds() -> BTreeSet<String> {
    let mut builds = files_in(&tests::workspace().programs());
    builds.retain(|folder| folder.contains("building-"));
    builds
}

/// Waits for something that must come true, though not at once.
fn until(mut is_so: impl FnMut() -> Result<(), String>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(300);
    loop {
        match is_so() {
            Ok(()) => return Ok(()),
            Err(sentence) => ensure!(Instant::now() < deadline, "{sentence}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
