//! Building: cargo's examples adopted, edited sources compiled once, and
//! every way in which a build can fail.

use libtest_mimic::{Arguments, Failed, Trial};
use runner::{BuildError, Builder, CargoBuild, Ending, Event, Limits, Queued, Stop, Stream};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// This binary's first argument when it plays the server that is killed.
const BUILD: &str = "--build-examples-in";

/// The same when it plays one whose `rustup` a test has made, in the folder that
/// is named next.
const LOOK_FOR_NIGHTLY: &str = "--look-for-nightly-in";

fn main() -> ExitCode {
    runner::supervisor::hook();
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(BUILD) {
        let folder = arguments.next().unwrap();
        let _ = runner::build_examples(Path::new(&folder), "slow", &mut |_| {});
        return ExitCode::SUCCESS;
    }
    if std::env::args().nth(1).as_deref() == Some(LOOK_FOR_NIGHTLY) {
        look_for_nightly(Path::new(&std::env::args().nth(2).unwrap()));
        return ExitCode::SUCCESS;
    }
    let tests: &[(&str, fn())] = &[
        ("cargo_says_what_it_built", cargo_says_what_it_built),
        (
            "one_example_tells_the_libraries_of_all",
            one_example_tells_the_libraries_of_all,
        ),
        (
            "examples_have_the_libraries_that_the_workspace_builds_by_default",
            examples_have_the_libraries_that_the_workspace_builds_by_default,
        ),
        (
            "an_unedited_example_is_not_compiled",
            an_unedited_example_is_not_compiled,
        ),
        (
            "an_adopted_program_names_its_file_as_any_other",
            an_adopted_program_names_its_file_as_any_other,
        ),
        ("a_source_is_compiled_once", a_source_is_compiled_once),
        ("many_at_once_compile_once", many_at_once_compile_once),
        (
            "the_cache_outlives_its_builder",
            the_cache_outlives_its_builder,
        ),
        ("a_program_uses_the_libraries", a_program_uses_the_libraries),
        (
            "a_rejected_program_has_its_codes",
            a_rejected_program_has_its_codes,
        ),
        (
            "no_path_of_the_machine_is_shown",
            no_path_of_the_machine_is_shown,
        ),
        (
            "an_earlier_program_is_no_module",
            an_earlier_program_is_no_module,
        ),
        ("warnings_are_kept", warnings_are_kept),
        ("a_stop_ends_a_build", a_stop_ends_a_build),
        #[cfg(target_os = "linux")]
        (
            "a_source_takes_in_no_file_of_the_machine",
            a_source_takes_in_no_file_of_the_machine,
        ),
        ("the_compiler_has_limits", the_compiler_has_limits),
        (
            "who_waits_for_the_compiler_is_told_his_place",
            who_waits_for_the_compiler_is_told_his_place,
        ),
        (
            "a_missing_compiler_is_a_sentence",
            a_missing_compiler_is_a_sentence,
        ),
        (
            "a_compiler_that_is_killed_says_nothing_of_the_program",
            a_compiler_that_is_killed_says_nothing_of_the_program,
        ),
        (
            "what_a_linker_says_is_not_kept",
            what_a_linker_says_is_not_kept,
        ),
        (
            "killed_while_cargo_works_it_leaves_the_sources",
            killed_while_cargo_works_it_leaves_the_sources,
        ),
        (
            "libraries_are_linked_into_a_folder",
            libraries_are_linked_into_a_folder,
        ),
        (
            "a_package_has_a_crate_as_all_its_tables_want_it",
            a_package_has_a_crate_as_all_its_tables_want_it,
        ),
        (
            "a_program_may_give_itself_a_name",
            a_program_may_give_itself_a_name,
        ),
        (
            "a_package_may_be_in_a_folder_of_any_name",
            a_package_may_be_in_a_folder_of_any_name,
        ),
        (
            "a_nightly_compiler_is_found_when_it_is_there",
            a_nightly_compiler_is_found_when_it_is_there,
        ),
    ];
    let trials = tests
        .iter()
        .map(|(name, test)| Trial::test(*name, || as_result(*test)))
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn as_result(test: fn()) -> Result<(), Failed> {
    test();
    Ok(())
}

/// The package of this repository that has examples and libraries.
fn listings() -> &'static CargoBuild {
    static BUILD: OnceLock<CargoBuild> = OnceLock::new();
    BUILD.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        runner::build_examples(folder, "listings", &mut |_| {}).expect("the listings build")
    })
}

fn builder() -> (TempDir, Builder) {
    let cache = tempfile::tempdir().unwrap();
    let builder = Builder::new(listings().libraries.clone(), cache.path().to_owned());
    (cache, builder)
}

fn prints(program: &Path) -> String {
    let running = runner::run(program, &Limits::default(), &Stop::new()).unwrap();
    let mut printed = Vec::new();
    for event in running {
        match event {
            Event::Output {
                stream: Stream::Stdout,
                bytes,
                ..
            } => printed.extend(bytes),
            Event::Output { .. } => {}
            Event::Ended { ending, .. } => assert_eq!(ending, Ending::Returned),
        }
    }
    String::from_utf8(printed).unwrap()
}

fn hello(word: &str) -> String {
    format!("fn main() {{ println!(\"{word}\"); }}")
}

fn cargo_says_what_it_built() {
    let mut steps = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = runner::build_examples(folder, "listings", &mut |step| steps.push(step)).unwrap();
    let program = &build.programs["two-threads"];
    assert!(program.is_file(), "{program:?}");
    assert!(build.sources["two-threads"].contains("fn main"));
    assert_eq!(build.rejected, "");
    let names: Vec<&str> = build.libraries.names().collect();
    assert!(names.contains(&"crossbeam_channel"), "{names:?}");
    assert!(names.contains(&"crossbeam_utils"), "{names:?}");
    let last = steps.last().unwrap();
    assert_eq!(last.done, last.total);
}

fn one_example_tells_the_libraries_of_all() {
    let mut steps = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tell = |step| steps.push(step);
    let libraries = runner::build_libraries_of_examples(folder, "listings", &mut tell).unwrap();
    // So that what is built for the one is known to the others' builder.
    assert_eq!(libraries.fingerprint(), listings().libraries.fingerprint());
    let last = steps.last().unwrap();
    assert_eq!(last.done, last.total);
    assert!(last.total < listings().programs.len());
}

/// One build of a library serves both: so its features are those that both want.
fn examples_have_the_libraries_that_the_workspace_builds_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    let package = |name: &str, more: &str| {
        format!("[package]\nname = {name:?}\nversion = \"1.0.0\"\nedition = \"2024\"\n\n{more}\n")
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"command\", \"shown\", \"voice\"]\n\
         default-members = [\"command\"]\n",
    );
    write(
        "voice/Cargo.toml",
        &package("voice", "[features]\nloud = []"),
    );
    write(
        "voice/src/lib.rs",
        "pub const IS_LOUD: bool = cfg!(feature = \"loud\");\n",
    );
    let loud = "[dependencies]\nvoice = { path = \"../voice\", features = [\"loud\"] }";
    write("command/Cargo.toml", &package("command", loud));
    write("command/src/main.rs", "fn main() {}\n");
    let quiet = "[dependencies]\nvoice = { path = \"../voice\" }";
    write("shown/Cargo.toml", &package("shown", quiet));
    write(
        "shown/examples/say.rs",
        "fn main() { print!(\"{}\", voice::IS_LOUD); }\n",
    );
    let built = runner::build_examples(folder.path(), "shown", &mut |_| {}).unwrap();
    assert_eq!(built.rejected, "");
    assert_eq!(prints(&built.programs["say"]), "true");
}

fn an_unedited_example_is_not_compiled() {
    let (_cache, builder) = builder();
    listings().adopt_into(&builder);
    let source = &listings().sources["two-threads"];
    let build = builder.build(source, &Stop::new()).unwrap();
    assert!(build.cached);
    assert!(prints(&build.program).ends_with("Done!\n"));
}

fn an_adopted_program_names_its_file_as_any_other() {
    let (_cache, builder) = builder();
    listings().adopt_into(&builder);
    let source = &listings().sources["unwrapped-stages"];
    let edited = source.replace("fn main() {", "fn main() { ");
    assert_ne!(*source, edited);
    let places = |source: &str, cached| {
        let build = builder.build(source, &Stop::new()).unwrap();
        assert_eq!(build.cached, cached);
        let running = runner::run(&build.program, &Limits::default(), &Stop::new()).unwrap();
        let mut printed = String::new();
        for event in running.naming_its_file(&build) {
            if let Event::Output { bytes, .. } = event {
                printed += &String::from_utf8_lossy(&bytes);
            }
        }
        let panics = printed.lines().filter_map(|line| {
            let (_, place) = line.split_once(" panicked at ")?;
            Some(place.to_owned())
        });
        let mut panics: Vec<String> = panics.collect();
        panics.sort();
        panics
    };
    let adopted = places(source, true);
    assert!(!adopted.is_empty());
    assert!(
        adopted.iter().all(|place| place.starts_with("listing.rs:")),
        "{adopted:?}"
    );
    assert_eq!(adopted, places(&edited, false));
}

fn a_source_is_compiled_once() {
    let (_cache, builder) = builder();
    let first = builder.build(&hello("one"), &Stop::new()).unwrap();
    let second = builder.build(&hello("one"), &Stop::new()).unwrap();
    let other = builder.build(&hello("two"), &Stop::new()).unwrap();
    assert!(!first.cached && second.cached && !other.cached);
    assert_eq!(first.program, second.program);
    assert_eq!(prints(&first.program), "one\n");
    assert_eq!(prints(&other.program), "two\n");
}

fn many_at_once_compile_once() {
    let (_cache, builder) = builder();
    let compiled = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| builder.build(&hello("all"), &Stop::new()).unwrap()))
            .collect();
        let builds = threads.into_iter().map(|thread| thread.join().unwrap());
        builds.filter(|build| !build.cached).count()
    });
    assert_eq!(compiled, 1);
}

fn the_cache_outlives_its_builder() {
    let (cache, first) = builder();
    first.build(&hello("still"), &Stop::new()).unwrap();
    drop(first);
    let second = Builder::new(listings().libraries.clone(), cache.path().to_owned());
    assert!(second.build(&hello("still"), &Stop::new()).unwrap().cached);
}

fn a_program_uses_the_libraries() {
    let (_cache, builder) = builder();
    let source = "fn main() {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        sender.send(crossbeam_utils::CachePadded::new(7)).unwrap();
        println!(\"{}\", *receiver.recv().unwrap());
    }";
    let build = builder.build(source, &Stop::new()).unwrap();
    assert_eq!(prints(&build.program), "7\n");
}

fn a_rejected_program_has_its_codes() {
    let (_cache, builder) = builder();
    let source = "fn main() { let number: u32 = \"one\"; missing(); }";
    for _ in 0..2 {
        let Err(BuildError::Rejected { rendered, codes }) = builder.build(source, &Stop::new())
        else {
            panic!("it compiled");
        };
        let codes: BTreeSet<String> = codes.into_iter().collect();
        assert_eq!(codes, ["E0308", "E0425"].map(str::to_owned).into());
        assert!(rendered.contains("\u{1b}["), "no colour: {rendered}");
        let plain = runner::without_colours(&rendered);
        assert!(plain.contains("--> listing.rs:1:"), "{plain}");
        assert!(plain.contains("mismatched types"), "{plain}");
    }
}

fn no_path_of_the_machine_is_shown() {
    let (cache, builder) = builder();
    let source = "fn main() {
        let (sender, receiver) = crossbeam_channel::bounded::<u8>(1);
        std::thread::spawn(move || { let rc = std::rc::Rc::new(1); sender.send(*rc).unwrap() });
        receiver.send(1);
        crossbeam_channel::bounded::<u8>();
    }";
    let Err(BuildError::Rejected { rendered, .. }) =
        builder.build_as("wrong-end.rs", source, &Stop::new())
    else {
        panic!("it compiled");
    };
    let plain = runner::without_colours(&rendered);
    assert!(plain.contains("--> wrong-end.rs:"), "{plain}");
    assert!(plain.contains("--> crossbeam-channel-"), "{plain}");
    let home = std::env::var("HOME").unwrap();
    for secret in [home.as_str(), cache.path().to_str().unwrap()] {
        assert!(!plain.contains(secret), "{secret} is in {plain}");
    }
}

fn an_earlier_program_is_no_module() {
    let (_cache, builder) = builder();
    let first = builder.build_as("hello.rs", &hello("hello"), &Stop::new());
    first.unwrap();
    let source = "mod hello; fn main() {}";
    let Err(BuildError::Rejected { codes, .. }) = builder.build(source, &Stop::new()) else {
        panic!("it compiled");
    };
    assert_eq!(codes, ["E0583"]);
}

fn warnings_are_kept() {
    let (_cache, builder) = builder();
    let source = "fn main() { let unused = 1; }";
    let first = builder.build(source, &Stop::new()).unwrap();
    let second = builder.build(source, &Stop::new()).unwrap();
    assert!(first.warnings.contains("unused variable"));
    assert_eq!(first.warnings, second.warnings);
}

#[cfg(target_os = "linux")]
fn a_source_takes_in_no_file_of_the_machine() {
    let lacks = runner::lacks().unwrap().join(" ");
    if lacks.contains("read and change") {
        eprintln!("not tested here: {lacks}");
        return;
    }
    let (_cache, builder) = builder();
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("token");
    std::fs::write(&secret, "a token").unwrap();
    let own = std::env::current_exe().unwrap();
    for file in [secret.as_path(), own.as_path(), Path::new("/etc/hostname")] {
        let source = format!("fn main() {{ print!(\"{{:?}}\", include_bytes!({file:?})); }}");
        match builder.build(&source, &Stop::new()) {
            Err(BuildError::Rejected { rendered, .. }) => {
                let plain = runner::without_colours(&rendered);
                assert!(plain.contains("couldn't read"), "{plain}");
            }
            other => panic!("{}: {other:?}", file.display()),
        }
    }
}

fn a_stop_ends_a_build() {
    let (cache, builder) = builder();
    let stop = Stop::new();
    std::thread::scope(|scope| {
        let build = scope.spawn(|| builder.build(SLOW_TO_COMPILE, &stop));
        // It writes there once it has read the source.
        let memory = cache.path().join("desk-0/incremental");
        wait_until(|| std::fs::read_dir(&memory).is_ok_and(|mut it| it.next().is_some()));
        stop.stop();
        assert_eq!(build.join().unwrap(), Err(BuildError::Stopped));
    });
    assert_eq!(
        builder.build(&hello("never"), &stop),
        Err(BuildError::Stopped)
    );
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

fn who_waits_for_the_compiler_is_told_his_place() {
    let cache = tempfile::tempdir().unwrap();
    let builder = Builder::new(listings().libraries.clone(), cache.path().to_owned());
    let (stop, at_once) = (Stop::new(), std::thread::available_parallelism().unwrap());
    let (sender, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        // Two more than can be compiled at the same time, and none ends by itself.
        for number in 0..at_once.get() + 2 {
            let (builder, stop, sender) = (&builder, &stop, sender.clone());
            scope.spawn(move || {
                let source = format!("// {number}\n{SLOW_TO_COMPILE}");
                let mut tell = |queued| {
                    let _ = sender.send(queued);
                };
                builder.build_in_line("slow.rs", &source, stop, &mut tell)
            });
        }
        let wanted = [0, 1].map(|before| Queued {
            at_once: at_once.get(),
            before,
        });
        for wanted in wanted {
            assert!(told.iter().any(|queued| queued == wanted));
        }
        stop.stop();
    });
}

fn the_compiler_has_limits() {
    let cache = tempfile::tempdir().unwrap();
    let limits = Limits {
        wall_clock: Duration::from_millis(700),
        ..Limits::default()
    };
    let libraries = listings().libraries.clone();
    let builder = Builder::with_limits(libraries, cache.path().to_owned(), limits);
    match builder.build(SLOW_TO_COMPILE, &Stop::new()) {
        Err(BuildError::OverLimit(limit)) => {
            assert_eq!(limit.to_string(), "it ran for longer than 1 second");
        }
        other => panic!("{other:?}"),
    }
}

fn a_missing_compiler_is_a_sentence() {
    let cache = tempfile::tempdir().unwrap();
    let libraries = listings()
        .libraries
        .clone()
        .with_rustc(PathBuf::from("/nowhere/rustc"));
    let builder = Builder::new(libraries, cache.path().to_owned());
    match builder.build(&hello("no"), &Stop::new()) {
        Err(BuildError::Failed(sentence)) => {
            let expected = "The compiler is gone: has Rust been updated? Start again.";
            assert_eq!(sentence, expected);
        }
        other => panic!("{other:?}"),
    }
}

fn a_compiler_that_is_killed_says_nothing_of_the_program() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let rustc = folder.path().join("bin/rustc");
    std::fs::create_dir(rustc.parent().unwrap()).unwrap();
    std::fs::write(&rustc, "#!/bin/sh\nkill -9 $$\n").unwrap();
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    let libraries = listings().libraries.clone().with_rustc(rustc);
    let builder = Builder::new(libraries, folder.path().join("cache"));
    // And it is asked again the next time.
    for _ in 0..2 {
        match builder.build(&hello("killed"), &Stop::new()) {
            Err(BuildError::Failed(sentence)) => {
                assert!(
                    sentence.starts_with("The compiler was killed"),
                    "{sentence}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Whatever the words of the linker: that it failed is not kept.
fn what_a_linker_says_is_not_kept() {
    let cache = tempfile::tempdir().unwrap();
    let builder = Builder::new(listings().libraries.clone(), cache.path().to_owned());
    let kept = || {
        let folders = std::fs::read_dir(cache.path()).unwrap();
        let names = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|it| u64::from_str_radix(it, 16).is_ok())
            .count()
    };
    let source = "unsafe extern \"C\" { fn of_nobody(); }\nfn main() { unsafe { of_nobody() } }";
    for _ in 0..2 {
        match builder.build(source, &Stop::new()) {
            Err(BuildError::Rejected { rendered, .. }) => {
                assert!(rendered.contains("of_nobody"), "{rendered}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(kept(), 0);
    assert!(
        builder
            .build("fn main() { nonsense }", &Stop::new())
            .is_err()
    );
    assert_eq!(kept(), 1, "what rustc says is");
}

/// cargo goes with whoever started it; what it works on stays.
fn killed_while_cargo_works_it_leaves_the_sources() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("examples")).unwrap();
    write(
        "Cargo.toml",
        "[package]\nname = \"slow\"\nedition = \"2024\"\n[workspace]\n",
    );
    write("examples/hello.rs", "fn main() {}");
    write(
        "build.rs",
        "fn main() {
            std::fs::write(\"pid\", std::process::id().to_string()).unwrap();
            std::thread::sleep(std::time::Duration::from_secs(600));
        }",
    );
    let mut server = std::process::Command::new(std::env::current_exe().unwrap())
        .arg(BUILD)
        .arg(folder.path())
        .env_remove("CARGO_TARGET_DIR")
        .spawn()
        .unwrap();
    let mut pid = None;
    wait_until(|| {
        let text = std::fs::read_to_string(folder.path().join("pid")).unwrap_or_default();
        pid = text.parse().ok().and_then(rustix::process::Pid::from_raw);
        pid.is_some()
    });
    server.kill().unwrap();
    server.wait().unwrap();

    if cfg!(target_os = "linux") {
        wait_until(|| rustix::process::test_kill_process(pid.unwrap()).is_err());
        // The supervisor, which is the last to go, is done by the time that
        // nobody works in the folder any more.
        let works_there = |entry: &std::fs::DirEntry| {
            std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder.path())
                || std::fs::read(entry.path().join("cmdline")).is_ok_and(|words| {
                    String::from_utf8_lossy(&words).contains(&folder.path().display().to_string())
                })
        };
        wait_until(|| {
            !std::fs::read_dir("/proc")
                .unwrap()
                .flatten()
                .any(|it| works_there(&it))
        });
    }
    assert!(folder.path().join("Cargo.toml").exists());
    assert!(folder.path().join("examples/hello.rs").exists());
}

/// Fails when it has not become so for a long while.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn libraries_are_linked_into_a_folder() {
    linked_into(tempfile::tempdir().unwrap().path());
    // Where there is another file system, they are copied.
    if let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") {
        linked_into(elsewhere.path());
    }
}

fn linked_into(folder: &Path) {
    use std::os::unix::fs::DirEntryExt;
    let stale = folder.join("libcrossbeam_channel-0.rlib");
    std::fs::write(&stale, "old").unwrap();
    let mut linked: Option<Vec<(String, u64)>> = None;
    for _ in 0..2 {
        listings().libraries.link_into(folder).unwrap();
        let mut files: Vec<(String, u64)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.ino()))
            .collect();
        files.sort();
        for library in listings().libraries.names() {
            let start = format!("lib{library}-");
            let found = files.iter().filter(|(file, _)| file.starts_with(&start));
            assert_eq!(found.count(), 1, "{library}: {files:?}");
        }
        // The second time the very files are there: who reads them isn't disturbed.
        assert_eq!(*linked.get_or_insert_with(|| files.clone()), files);
    }
    assert!(!stale.exists());
}

/// What a program prints that may use what a package depends on: another, in two
/// tables, of which each wants other features of it.
fn of_two_tables(folder: &Path) -> String {
    let write = |file: &str, text: &str| {
        let file = folder.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n")
    };
    write(
        "Cargo.toml",
        &format!(
            "{}\n[dependencies]\nshared = {{ path = \"shared\", features = [\"loud\"] }}\n\n\
             [dev-dependencies]\nshared = {{ path = \"shared\", default-features = false, \
             features = [\"late\"] }}\n\n[workspace]\n",
            package("mine")
        ),
    );
    // A library would want of it what the first table says.
    write("src/main.rs", "fn main() {}\n");
    write(
        "shared/Cargo.toml",
        &format!(
            "{}\n[features]\ndefault = [\"usual\"]\nusual = []\nloud = []\nlate = []\n",
            package("shared")
        ),
    );
    let features = ["usual", "loud", "late"].map(|name| {
        let constant = name.to_uppercase();
        format!("pub const {constant}: bool = cfg!(feature = \"{name}\");\n")
    });
    write("shared/src/lib.rs", &features.concat());
    let manifest = runner::crates::Manifest::read(&folder.join("Cargo.toml")).unwrap();
    let libraries = manifest.build(&folder.join("target/ours"), &mut |_| {});
    let libraries = libraries.unwrap_or_else(|error| panic!("{error}: {}", error.details));
    let builder = Builder::new(libraries, folder.join("target/ours/programs"));
    let program =
        "fn main() { println!(\"{} {} {}\", shared::USUAL, shared::LOUD, shared::LATE); }";
    prints(&builder.build(program, &Stop::new()).unwrap().program)
}

fn a_package_has_a_crate_as_all_its_tables_want_it() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(of_two_tables(folder.path()), "true true true\n");
}

fn a_program_may_give_itself_a_name() {
    let (_cache, builder) = builder();
    let program = "#![crate_name = \"rary\"]\nfn main() { println!(\"{}\", module_path!()); }\n";
    let built = builder.build(program, &Stop::new()).unwrap();
    assert_eq!(prints(&built.program), "rary\n");
}

/// What Rust writes as an escape in a text need not be one that TOML has.
fn a_package_may_be_in_a_folder_of_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("cafe\u{301} \" '\u{1}");
    assert_eq!(of_two_tables(&odd), "true true true\n");
}

/// In a process of its own, since `rustup` is looked for by the process's `PATH`.
fn a_nightly_compiler_is_found_when_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&path);
    let path = std::env::join_paths([folder.path().to_owned()].into_iter().chain(all)).unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .arg(LOOK_FOR_NIGHTLY)
        .arg(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// That there is none is not remembered, and where it is is asked once.
fn look_for_nightly(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let script = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        file.display().to_string()
    };
    let libraries = runner::cargo::std_alone(Path::new("."), "2024").unwrap();
    let builder = Builder::new(libraries, folder.join("programs"));
    let program = "#![feature(never_type)]\nfn main() {}\n";
    let build = |builder: &Builder| match builder.build(program, &Stop::new()) {
        Err(BuildError::Failed(sentence)) => sentence,
        Err(BuildError::Rejected { codes, .. }) => codes.concat(),
        other => panic!("{other:?}"),
    };
    script("rustup", "exit 1");
    assert!(build(&builder).contains("rustup toolchain install nightly"));
    let rustc = script(
        "nightly",
        "if [ \"$1\" = -vV ]; then echo 'release: 1.0.0-nightly'; exit; fi\n\
         echo '{\"$message_type\":\"diagnostic\",\"message\":\"\",\"level\":\"error\",\
         \"code\":{\"code\":\"E0001\"},\"rendered\":\"no\"}' >&2\nexit 1",
    );
    let asked = folder.join("asked");
    let answer = format!("echo x >> '{}'; echo '{rustc}'", asked.display());
    script("rustup", &answer);
    for builder in [
        builder.clone(),
        builder.with_edition("2021"),
        builder.for_tests(),
        builder,
    ] {
        assert_eq!(build(&builder), "E0001");
    }
    assert_eq!(std::fs::read_to_string(asked).unwrap(), "x\n");
}
