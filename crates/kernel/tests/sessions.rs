//! Whole requests through a kernel with a session: real cells, compiled by a
//! real evcxr. Run with `cargo test -p interleaved-kernel --features evcxr --test sessions`.

mod client;

use client::{Answer, Client, libraries, look_alikes};
use kernel::{Channel, Workshop};
use libtest_mimic::{Arguments, Failed, Trial};
use runner::{Builder, Limits};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

fn main() -> ExitCode {
    runner::supervisor::hook();
    kernel::session::hook();
    let tests: [(&str, fn()); 18] = [
        ("cells_share_what_they_define", cells_share_what_they_define),
        (
            "a_program_sees_what_cells_define",
            a_program_sees_what_cells_define,
        ),
        (
            "a_session_sees_what_programs_define",
            a_session_sees_what_programs_define,
        ),
        (
            "an_example_on_a_page_stands_alone",
            an_example_on_a_page_stands_alone,
        ),
        (
            "what_a_program_cannot_see_is_named",
            what_a_program_cannot_see_is_named,
        ),
        (
            "a_program_has_statements_beside_it",
            a_program_has_statements_beside_it,
        ),
        ("output_comes_as_printed", output_comes_as_printed),
        ("content_is_shown", content_is_shown),
        ("comforts_are_there", comforts_are_there),
        ("errors_are_errors", errors_are_errors),
        (
            "a_cell_that_ends_its_process_loses_nothing",
            a_cell_that_ends_its_process_loses_nothing,
        ),
        ("an_interrupt_loses_nothing", an_interrupt_loses_nothing),
        (
            "programs_that_misbehave_lose_nothing",
            programs_that_misbehave_lose_nothing,
        ),
        ("threads_outlive_their_cell", threads_outlive_their_cell),
        (
            "threads_go_on_while_no_cell_runs",
            threads_go_on_while_no_cell_runs,
        ),
        ("what_is_typed_is_read", what_is_typed_is_read),
        (
            "names_are_completed_and_explained",
            names_are_completed_and_explained,
        ),
        ("expressions_are_evaluated", expressions_are_evaluated),
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            Trial::test(name, move || {
                test();
                Ok::<(), Failed>(())
            })
        })
        .collect();
    let mut arguments = Arguments::from_args();
    // They share a session.
    arguments.test_threads.get_or_insert(1);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn workshop() -> Workshop {
    static BUILDER: OnceLock<Builder> = OnceLock::new();
    let builder = BUILDER.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs-of-sessions");
        Builder::new(libraries(), cache)
    });
    let limits = Limits {
        output: 1 << 20,
        memory: 600 << 20,
        ..Limits::default()
    };
    Workshop::new(builder.clone(), limits, look_alikes()).with_sessions()
}

/// One kernel for all tests, since starting a session takes long.
fn client() -> MutexGuard<'static, Client> {
    static CLIENT: OnceLock<Mutex<Client>> = OnceLock::new();
    let client = CLIENT.get_or_init(|| Mutex::new(Client::of(workshop())));
    // A test that failed has left nothing that another relies on.
    client.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ok(client: &Client, code: &str) -> Answer {
    let answer = client.answer_to(code);
    assert_eq!(answer.status(), "ok", "{code}: {:?}", answer.0);
    answer
}

/// The plain text of a cell's value.
fn value(client: &Client, code: &str) -> String {
    let answer = ok(client, code);
    let results = answer.of("execute_result");
    assert_eq!(results.len(), 1, "{code}: {:?}", answer.0);
    let text = &results[0].content["data"]["text/plain"];
    text.as_str().unwrap_or_default().to_owned()
}

fn cells_share_what_they_define() {
    let client = client();
    ok(
        &client,
        "let x = 40;\nfn add(a: i32, b: i32) -> i32 { a + b }",
    );
    assert_eq!(value(&client, "add(x, 2)"), "42");
    ok(&client, "let mut names = vec![String::from(\"a\")];");
    ok(&client, "names.push(\"b\".into());");
    assert_eq!(value(&client, "names"), "[\"a\", \"b\"]");
    assert!(value(&client, ":vars").contains("names: Vec<String>"));
    // Programs in between change nothing.
    assert_eq!(
        ok(&client, "fn main() { println!(\"p\"); }").printed("stdout"),
        "p\n"
    );
    assert_eq!(value(&client, "x"), "40");
    // A `;` gives no value.
    assert!(ok(&client, "x;").of("execute_result").is_empty());
    let started = Instant::now();
    assert_eq!(value(&client, "1 + 1"), "2");
    eprintln!("warm 1 + 1: {:?}", started.elapsed());
}

fn a_program_sees_what_cells_define() {
    let client = client();
    ok(
        &client,
        "use std::collections::BTreeMap;\nuse std::fmt::{self, Write};\n\
         #[derive(Clone, Debug)]\nstruct Point { x: i32 }\n\
         macro_rules! double { ($x:expr) => { 2 * $x } }\nconst LIMIT: i32 = 9;",
    );
    ok(
        &client,
        "trait Twice { fn twice(&self) -> Self; }\n\
         impl Twice for Point { fn twice(&self) -> Self { Point { x: 2 * self.x } } }\n\
         impl fmt::Display for Point { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n\
         write!(f, \"<{}>\", self.x) } }\nfn made() -> BTreeMap<i32, Point> {\n\
         BTreeMap::from([(1, Point { x: 21 })]) }",
    );
    let program = "fn main() { println!(\"{} {:?} {LIMIT}\", made()[&1].twice(), made()); }";
    let printed = "<42> {1: Point { x: 21 }} 9\n";
    assert_eq!(ok(&client, program).printed("stdout"), printed);
    // The very last definition, and still a process of its own.
    ok(&client, "const LIMIT: i32 = 10;");
    assert_eq!(
        ok(&client, "main();").printed("stdout"),
        printed.replace('9', "10")
    );
    let exits = client.answer_to("fn main() { made(); std::process::exit(LIMIT) }");
    assert_eq!(exits.error().0, "Exit");
    assert_eq!(value(&client, "made().len()"), "1");
    // A trait that no name in the program stands for.
    let program =
        "fn main() { let mut s = String::new(); s.write_str(\"w\").unwrap(); print!(\"{s}\") }";
    assert_eq!(ok(&client, program).printed("stdout"), "w");
    // The engine sees them, too.
    let explored = ok(
        &client,
        "%%outcomes\nfn main() { println!(\"{}\", double!(LIMIT)) }",
    );
    // The first may say that something is being built.
    let shown = [
        explored.of("display_data"),
        explored.of("update_display_data"),
    ]
    .concat();
    let text = shown.last().unwrap().content["data"]["text/plain"].to_string();
    assert!(text.contains("1 possible output"), "{text}");
    // A program's own comes first.
    let own = "struct Point;\nimpl Point { fn x(&self) -> i32 { 7 } }\nfn main() { print!(\"{}\", Point.x()) }";
    assert_eq!(ok(&client, own).printed("stdout"), "7");
}

/// It has nothing of what others define, whether it is a program as it stands or
/// becomes one, and leaves them nothing.
fn an_example_on_a_page_stands_alone() {
    let client = client();
    ok(&client, "fn of_a_cell() -> u8 { 1 }");
    ok(&client, "fn main() { println!(\"of a cell\"); }");
    let of_a_page = |code: &str| {
        let metadata = json!({"interleaved": {"rustdoc": true, "program": false}});
        let content = json!({"code": code});
        client.answer(&client.send_with(Channel::Shell, "execute_request", content, metadata))
    };
    for example in [
        "println!(\"{}\", of_a_cell());",
        "fn main() { println!(\"{}\", of_a_cell()); }",
    ] {
        let answer = of_a_page(example);
        assert_eq!(answer.error().0, "CompileError", "{example}");
        assert!(
            answer.error().1.contains("of_a_cell"),
            "{:?}",
            answer.error()
        );
    }
    // Not the cell's, but the `main` that it becomes.
    assert_eq!(of_a_page("main();").printed("stdout"), "");
    let example = "fn of_a_page() -> u8 { 2 }\nfn main() { println!(\"{}\", of_a_page()); }";
    assert_eq!(of_a_page(example).printed("stdout"), "2\n");
    assert_eq!(ok(&client, "main();").printed("stdout"), "of a cell\n");
    let program = "fn main() { println!(\"{}\", of_a_page()); }";
    assert_eq!(client.answer_to(program).error().0, "CompileError");
}

fn a_session_sees_what_programs_define() {
    let client = client();
    let program = "use std::sync::atomic::{AtomicU8, Ordering};\n\
        static SEEN: AtomicU8 = AtomicU8::new(5);\n\
        fn seen() -> u8 { SEEN.load(Ordering::SeqCst) }\n\
        fn answer() -> i32 { 42 }\nfn main() { println!(\"{}\", answer()); }\n";
    assert_eq!(ok(&client, program).printed("stdout"), "42\n");
    assert_eq!(value(&client, "answer() + i32::from(seen())"), "47");
    assert_eq!(ok(&client, "main()").printed("stdout"), "42\n");
    let listed = value(&client, ":vars");
    assert!(listed.contains("fn answer (cell"), "{listed}");
    // A program that doesn't compile defines nothing.
    let rejected = "fn wrong() -> i32 { 1 }\nfn main() { let x: u8 = \"\"; }";
    assert_eq!(client.answer_to(rejected).error().0, "CompileError");
    assert_eq!(client.answer_to("wrong()").error().0, "CompileError");
}

fn what_a_program_cannot_see_is_named() {
    let client = client();
    ok(&client, "let only_here = vec![1]; let and_this = 2;");
    let answer = client.answer_to("fn main() { println!(\"{only_here:?}\", ); }");
    let (ename, sentence) = answer.error();
    assert_eq!(ename, "CompileError");
    assert!(
        sentence.starts_with("`only_here` is a variable of the session"),
        "{sentence}"
    );
    assert!(
        !sentence.contains('\n') && !sentence.contains("and_this"),
        "{sentence}"
    );
    let answer = client.answer_to("fn main() { let missing = nowhere; }");
    assert!(answer.error().1.contains("nowhere"), "{}", answer.error().1);
}

fn a_program_has_statements_beside_it() {
    let client = client();
    let cell = "let beside = 20;\nfn half(n: i32) -> i32 { n / 2 }\n\
        fn main() { println!(\"program {}\", half(4)); }\n\
        println!(\"session {beside}\");\nmain();\nbeside + half(4)";
    let answer = ok(&client, cell);
    assert_eq!(answer.printed("stdout"), "session 20\nprogram 2\n");
    let results = answer.of("execute_result");
    assert_eq!(results[0].content["data"]["text/plain"], "22");
    assert_eq!(value(&client, "beside"), "20");
    // What crates it needs is built for it. This one is in our own folder, since
    // tests have no network.
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("of-the-test");
    std::fs::create_dir_all(package.join("src")).unwrap();
    let manifest =
        "[package]\nname = \"of-the-test\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";
    std::fs::write(package.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(package.join("src/lib.rs"), "pub fn seven() -> u8 { 7 }").unwrap();
    let line = format!(
        ":dep of-the-test = {{ path = {:?} }}",
        package.to_str().unwrap()
    );
    let cell =
        format!("{line}\nuse of_the_test::seven;\nfn main() {{ println!(\"{{}}\", seven()); }}\n");
    assert_eq!(ok(&client, &cell).printed("stdout"), "7\n");
    assert_eq!(
        ok(&client, "fn main() { print!(\"{}\", seven() + 1) }").printed("stdout"),
        "8"
    );
    assert_eq!(value(&client, "seven() + 2"), "9");
    let missing = client.answer_to(
        ":dep of-the-test = { path = \"/nowhere\" }\nfn main() { of_the_test::seven(); }",
    );
    let (ename, sentence) = missing.error();
    assert_eq!(ename, "BuildError");
    assert!(sentence.contains("/nowhere"), "{sentence}");
    // What can't be had is not asked for again.
    assert_eq!(
        ok(&client, "fn main() { print!(\"{}\", seven()) }").printed("stdout"),
        "7"
    );
}

fn output_comes_as_printed() {
    let client = client();
    let answer = ok(&client, "print!(\"no line break\");");
    assert_eq!(answer.printed("stdout"), "no line break");
    let answer = ok(&client, "println!(\"out\"); eprintln!(\"err\");");
    assert_eq!(
        (
            answer.printed("stdout").as_str(),
            answer.printed("stderr").as_str()
        ),
        ("out\n", "err\n")
    );
    // What evcxr says to itself is text like any other.
    let answer = ok(
        &client,
        "println!(\"EVCXR_EXECUTION_COMPLETE\"); println!(\"more\");",
    );
    assert_eq!(answer.printed("stdout"), "EVCXR_EXECUTION_COMPLETE\nmore\n");
    assert_eq!(
        ok(&client, "println!(\"next\");").printed("stdout"),
        "next\n"
    );
    // Live: the first line is there long before the cell ends.
    let id =
        client.run("println!(\"first\"); std::thread::sleep(std::time::Duration::from_secs(600));");
    client.wait(&id, "stream");
    client.kernel.interrupt();
    assert_eq!(client.answer(&id).error().0, "Interrupted");
    // Who closes its output has none, but the next cell has.
    ok(
        &client,
        "use std::os::fd::{FromRawFd, OwnedFd};\n\
         drop(unsafe { OwnedFd::from_raw_fd(1) });\nprintln!(\"lost\");",
    );
    assert_eq!(value(&client, "6 * 7"), "42");
    let flood = client.answer_to("loop { println!(\"{}\", \"x\".repeat(99)); }");
    assert_eq!(flood.error().0, "Limit");
    assert!(flood.printed("stdout").len() <= 1 << 20);
}

fn content_is_shown() {
    let client = client();
    let bold = "println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>x</b>\\nEVCXR_END_CONTENT\");";
    let answer = ok(&client, bold);
    let data = &answer.of("display_data")[0].content["data"];
    assert_eq!(*data, json!({"text/html": "<b>x</b>"}));
    ok(
        &client,
        "struct Both;\nimpl Both { fn evcxr_display(&self) {\n\
         println!(\"EVCXR_BEGIN_CONTENT text/html\\n<i>b</i>\\nEVCXR_END_CONTENT\");\n\
         println!(\"EVCXR_BEGIN_CONTENT text/plain\\nb\\nEVCXR_END_CONTENT\"); } }",
    );
    let answer = ok(&client, "println!(\"before\");\nBoth");
    let data = &answer.of("execute_result")[0].content["data"];
    assert_eq!(*data, json!({"text/html": "<i>b</i>", "text/plain": "b"}));
    assert_eq!(answer.printed("stdout"), "before\n");
    let answer = ok(
        &client,
        "interleaved::display_as(\"a\", \"text/plain\", \"1\");\n\
         interleaved::update(\"a\", \"text/plain\", \"2\");\n\
         interleaved::clear_output(true);\nprintln!(\"end\");",
    );
    let types: Vec<&str> = answer.types();
    let shown = [
        "display_data",
        "update_display_data",
        "clear_output",
        "stream",
    ];
    let at: Vec<_> = shown
        .iter()
        .map(|kind| types.iter().position(|it| it == kind))
        .collect();
    assert!(at.is_sorted() && at[0].is_some(), "{types:?}");
    assert_eq!(
        answer.of("update_display_data")[0].content["transient"]["display_id"],
        "a"
    );
    assert_eq!(answer.of("clear_output")[0].content["wait"], true);
}

fn comforts_are_there() {
    let client = client();
    ok(
        &client,
        "#[derive(Debug)]\nstruct Row { name: String, size: u32 }",
    );
    let answer = ok(
        &client,
        "vec![Row { name: \"a\".into(), size: 1 }, Row { name: \"b\".into(), size: 2 }]",
    );
    let data = &answer.of("execute_result")[0].content["data"];
    let html = data["text/html"].as_str().unwrap();
    assert!(
        html.contains(">size</th>") && html.contains("<td>\"b\"</td>"),
        "{html}"
    );
    assert!(
        data["text/plain"].as_str().unwrap().starts_with("[Row {"),
        "{data}"
    );
    assert!(ok(&client, "[1, 2]").of("execute_result")[0].content["data"]["text/html"].is_null());
    let said = ok(&client, "%timeit (0..100u32).sum::<u32>()").printed("stdout");
    assert!(said.contains("the middle of 7 times"), "{said}");
    let timed = ok(&client, "%%time\nlet timed = 3;");
    assert!(
        timed.printed("stderr").contains("ran in "),
        "{}",
        timed.printed("stderr")
    );
    assert_eq!(value(&client, "timed"), "3");
    // Variables are in JupyterLab's panel, without a cell that runs.
    let ask = json!({"seq": 1, "type": "request", "command": "inspectVariables", "arguments": {}});
    let answer = client.answer(&client.send(Channel::Control, "debug_request", ask));
    let variables = answer.reply().content["body"]["variables"].to_string();
    assert!(variables.contains("\"name\":\"timed\""), "{variables}");
    // Progress bars draw over themselves.
    let drawn = ok(&client, "for n in 0..3 { print!(\"\\r{n} of 3\"); }").printed("stdout");
    assert_eq!(drawn, "\r0 of 3\r1 of 3\r2 of 3");
}

fn errors_are_errors() {
    let client = client();
    ok(&client, "let kept = vec![1, 2];");
    let answer = client.answer_to("let y = kept.len() + missing;");
    let (ename, evalue) = answer.error();
    assert_eq!(ename, "CompileError");
    assert_eq!(
        evalue,
        "error[E0425]: cannot find value `missing` in this scope"
    );
    let traceback = answer.of("error")[0].content["traceback"].to_string();
    assert!(traceback.contains("^^^^^^^"), "{traceback}");
    let number = answer.reply().content["execution_count"].to_string();
    assert!(
        traceback.contains(&format!("cell {number}:1:22")),
        "{traceback}"
    );
    // A panic is said once, and where it was.
    ok(&client, "fn too_few() {\n    panic!(\"too few\");\n}");
    let answer = client.answer_to("eprintln!(\"mine\");\ntoo_few();");
    assert_eq!(answer.error(), ("Panic", "too few"));
    assert_eq!(answer.printed("stderr"), "mine\n");
    let traceback = answer.of("error")[0].content["traceback"].to_string();
    let number = answer.reply().content["execution_count"].as_u64().unwrap() - 1;
    assert!(
        traceback.contains(&format!("cell {number}:2:5")),
        "{traceback}"
    );
    // One that goes no further is the cell's own affair.
    let answer = ok(
        &client,
        "let caught = std::panic::catch_unwind(too_few).is_err(); caught",
    );
    let said = answer.printed("stderr");
    assert!(
        said.contains(&format!("panicked at cell {number}:2:5:\ntoo few\n")),
        "{said}"
    );
    // In a program, too, and for whoever compiles, repeats or explores it.
    let program = "fn main() {\n    too_few();\n}";
    let place = format!("cell {number}:2:5");
    let answer = client.answer_to(program);
    assert_eq!(answer.error().0, "Panic");
    let said = answer.printed("stderr");
    assert!(
        said.contains(&format!("panicked at {place}:\ntoo few\n")),
        "{said}"
    );
    let answer = client.answer_to(&program.replace("too_few()", "panic!(\"mine\")"));
    let said = answer.printed("stderr");
    assert!(
        said.contains("panicked at listing.rs:2:5:\nmine\n"),
        "{said}"
    );
    let shown = ok(&client, &format!("%%run 2\n{program}"));
    let shown = shown
        .of("update_display_data")
        .pop()
        .unwrap()
        .content
        .to_string();
    assert!(
        shown.contains(&place) && !shown.contains("listing.rs"),
        "{shown}"
    );
    let defined = ok(&client, "fn tells() {\n    println!(\"told\");\n}");
    let number = &defined.reply().content["execution_count"];
    let traced = ok(&client, "%%trace\nfn main() { tells(); }");
    let mut shown = traced.of("display_data");
    shown.extend(traced.of("update_display_data"));
    let html = &shown.last().unwrap().content["data"]["text/html"];
    let line = format!("cell {number}:2<");
    assert!(html.as_str().unwrap().contains(&line), "{html}");
    let answer = client.answer_to("eprintln!(\"mine\"); let n: i32 = \"x\".parse()?;");
    let (ename, evalue) = answer.error();
    assert_eq!(ename, "Error");
    assert!(
        evalue.contains("InvalidDigit") || evalue.contains("invalid digit"),
        "{evalue}"
    );
    assert_eq!(answer.printed("stderr"), "mine\n");
    // Nobody but who asked hears of a silent cell.
    for code in [
        "println!(\"x\"); 1",
        "too_few();",
        "fn main() { println!(\"x\") }",
    ] {
        let content = json!({"code": code, "silent": true});
        let id = client.send(Channel::Shell, "execute_request", content);
        let answer = client.answer(&id);
        let expected = if code == "too_few();" { "error" } else { "ok" };
        assert_eq!(answer.status(), expected, "{code}");
        assert_eq!(
            answer.types(),
            ["status", "execute_reply", "status"],
            "{code}"
        );
    }
    assert_eq!(value(&client, "kept"), "[1, 2]");
    // Those queued behind are given up. All of them wait for a cell that has no
    // end and aborts nobody, so that none comes too late.
    let endless = json!({"code": "println!(\"on\"); loop {}", "stop_on_error": false});
    let first = client.send(Channel::Shell, "execute_request", endless);
    let failing = client.run("panic!(\"stop\");");
    let behind = client.run("1");
    client.wait(&first, "stream");
    client.kernel.interrupt();
    assert_eq!(client.answer(&first).status(), "error");
    assert_eq!(client.answer(&failing).status(), "error");
    assert_eq!(client.answer(&behind).status(), "aborted");
}

/// What ends a cell's process, and the error that it is.
const DEADLY: [(&str, &str); 5] = [
    ("std::process::exit(3);", "Exit"),
    ("std::process::abort();", "Signal"),
    (
        "fn deep(n: u64) -> u64 { std::hint::black_box(n) + deep(n + 1) }\ndeep(0);",
        "Signal",
    ),
    // Some more than it may, and not all that there is.
    (
        "let all: Vec<_> = (0..1000).map(|_| vec![1u8; 1 << 20]).collect(); \
         loop { std::thread::sleep(std::time::Duration::from_secs(all.len() as u64)); }",
        "Limit",
    ),
    (
        "let (send, receive) = std::sync::mpsc::channel::<i32>(); \
         let got = receive.recv().unwrap(); drop(send);",
        "Deadlock",
    ),
];

fn a_cell_that_ends_its_process_loses_nothing() {
    let client = client();
    ok(
        &client,
        "let mut kept = vec![String::from(\"kept\")];\nfn twice(n: i32) -> i32 { 2 * n }",
    );
    for (code, ename) in DEADLY {
        // Whatever it did before, the variables are as they were before it.
        let answer = client.answer_to(&format!("kept.push(\"no\".into());\n{code}"));
        let (found, sentence) = answer.error_owned();
        assert_eq!(found, ename, "{code}: {sentence}");
        assert!(
            sentence.contains("as it was before this cell"),
            "{sentence}"
        );
        assert_eq!(value(&client, "kept"), "[\"kept\"]", "{code}");
        assert_eq!(value(&client, "twice(21)"), "42", "{code}");
    }
    // While a thread runs there is no copy to go back to, and it is told so.
    ok(
        &client,
        "std::thread::spawn(|| loop { std::thread::park() });",
    );
    let (ename, sentence) = client.answer_to("std::process::exit(3);").error_owned();
    assert_eq!(ename, "Exit");
    let lost = sentence.split_once("Lost with it: the variables ");
    let (_, lost) = lost.expect("the sentence names what is lost");
    assert!(
        lost.split([',', ' ']).any(|name| name == "kept"),
        "{sentence}"
    );
    assert_eq!(value(&client, "twice(21)"), "42");
    assert_eq!(client.answer_to("kept").error().0, "CompileError");
}

fn an_interrupt_loses_nothing() {
    let client = client();
    ok(&client, "let kept = String::from(\"kept\");");
    let id = client.run("println!(\"on\"); loop {}");
    client.wait(&id, "stream");
    client.kernel.interrupt();
    let answer = client.answer(&id);
    let (ename, sentence) = answer.error();
    assert_eq!(ename, "Interrupted");
    assert!(
        sentence.contains("as it was before this cell"),
        "{sentence}"
    );
    // Before it runs, it is the compiler that is stopped.
    let id = client.run("kept.clone()");
    client.wait(&id, "execute_input");
    client.kernel.interrupt();
    assert_eq!(client.answer(&id).error().0, "Interrupted");
    assert_eq!(value(&client, "kept"), "\"kept\"");
}

/// Twelve ways for a program to misbehave.
const MISBEHAVE: [(&str, &str); 12] = [
    ("a loop", "fn main() { loop {} }"),
    (
        "a deadlock",
        "use std::sync::mpsc;\nfn main() { let (s, r) = mpsc::channel::<i32>(); \
         println!(\"{:?}\", r.recv()); drop(s); }",
    ),
    ("a panic in main", "fn main() { panic!(\"boom\") }"),
    (
        "a panic in a thread",
        "fn main() { std::thread::spawn(|| panic!(\"boom\")).join().unwrap(); }",
    ),
    ("exit", "fn main() { std::process::exit(3) }"),
    ("abort", "fn main() { std::process::abort() }"),
    (
        "a stack overflow",
        "fn deep(n: u64) -> u64 { std::hint::black_box(n) + deep(n + 1) }\n\
         fn main() { println!(\"{}\", deep(0)); }",
    ),
    (
        "4 GB of memory",
        "fn main() { let all = vec![1u8; 4 << 30]; println!(\"{}\", all.len()); }",
    ),
    (
        "10,000 threads",
        "fn main() { let all: Vec<_> = (0..10_000).map(|_| std::thread::spawn(|| \
         std::thread::park())).collect(); for one in all { one.join().unwrap(); } }",
    ),
    (
        "1 GB of output",
        "fn main() { for _ in 0..10_000_000 { println!(\"{}\", \"x\".repeat(99)); } }",
    ),
    (
        "closing stdout",
        "use std::os::fd::{FromRawFd, OwnedFd};\n\
         fn main() { drop(unsafe { OwnedFd::from_raw_fd(1) }); println!(\"lost\"); std::process::exit(1); }",
    ),
    (
        "killing its own process group",
        "fn main() { std::process::Command::new(\"sh\").arg(\"-c\").arg(\"kill -9 0\").status().unwrap(); }",
    ),
];

fn programs_that_misbehave_lose_nothing() {
    let client = client();
    for (number, (name, program)) in MISBEHAVE.into_iter().enumerate() {
        ok(&client, &format!("let kept = {number};"));
        let id = client.run(program);
        if name == "a loop" {
            client.wait(&id, "execute_input");
            client.kernel.interrupt();
        }
        let answer = client.answer(&id);
        assert_eq!(answer.status(), "error", "{name}");
        assert_eq!(value(&client, "kept"), number.to_string(), "{name}");
    }
}

fn threads_outlive_their_cell() {
    let client = client();
    let first = client.run(
        r#"let (go, wait) = std::sync::mpsc::channel::<()>();
        let late = std::thread::spawn(move || {
            let _ = wait.recv();
            println!("late");
            eprintln!("and an error");
            interleaved::display("text/html", "<b>late</b>");
            std::thread::spawn(|| println!("a thread of its own")).join().unwrap();
        });"#,
    );
    assert_eq!(client.answer(&first).status(), "ok");
    // The sender is moved into the cell and dropped with it.
    let second = client.run(
        "println!(\"second\"); drop(go); late.join().unwrap(); \
         std::thread::spawn(|| println!(\"its thread\")).join().unwrap();",
    );
    let (of_first, of_second): (Vec<_>, Vec<_>) = client
        .all_until_done(&second)
        .into_iter()
        .partition(|(_, message)| client::parent(message) == first);
    let (of_first, of_second) = (Answer(of_first), Answer(of_second));
    assert_eq!(of_first.printed("stdout"), "late\na thread of its own\n");
    assert_eq!(of_first.printed("stderr"), "and an error\n");
    assert_eq!(of_second.printed("stdout"), "second\nits thread\n");
    assert_eq!(of_second.printed("stderr"), "");
    let shown = of_first.of("display_data");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].content["data"]["text/html"], "<b>late</b>");
    assert!(of_second.of("display_data").is_empty());
}

fn threads_go_on_while_no_cell_runs() {
    let client = client();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("the-cell-has-ended");
    let cell = client.run(&format!(
        r#"std::thread::spawn(|| {{
            while !std::path::Path::new({file:?}).exists() {{
                std::thread::sleep(std::time::Duration::from_millis(10));
            }}
            println!("later");
            interleaved::display("text/html", "<i>later</i>");
        }});"#
    ));
    assert_eq!(client.answer(&cell).status(), "ok");
    std::fs::write(&file, "").unwrap();
    let text = client.wait(&cell, "stream");
    assert_eq!(text.content["text"], "later\n");
    client.wait(&cell, "display_data");
}

fn what_is_typed_is_read() {
    let client = client();
    let read = "let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();";
    let session = format!("{read}\nline");
    let program = format!("fn main() {{ {read} print!(\"{{line:?}}\"); }}");
    let content = |code: &str| json!({"code": code, "allow_stdin": true});
    let id = client.send(Channel::Shell, "execute_request", content(&session));
    type_line(&client, &id, "typed");
    let answer = client.answer(&id);
    assert_eq!(
        answer.of("execute_result")[0].content["data"]["text/plain"],
        "\"typed\\n\""
    );
    let id = client.send(Channel::Shell, "execute_request", content(&program));
    type_line(&client, &id, "to a program");
    assert_eq!(client.answer(&id).printed("stdout"), "\"to a program\\n\"");
    // Where nobody types, there is nothing to read.
    assert_eq!(ok(&client, &program).printed("stdout"), "\"\"");
    assert_eq!(value(&client, &session), "\"\"");
}

fn type_line(client: &Client, id: &str, line: &str) {
    client.wait(id, "input_request");
    client.send(Channel::Stdin, "input_reply", json!({"value": line}));
}

/// Completes until it is there: the first time rust-analyzer may take longer
/// than a kernel waits for it.
fn complete(client: &Client, code: &str, wanted: &str) -> Value {
    let mut reply = Value::Null;
    for _ in 0..20 {
        let content = json!({"code": code, "cursor_pos": code.chars().count()});
        let id = client.send(Channel::Shell, "complete_request", content);
        reply = client.answer(&id).reply().content.clone();
        let matches = reply["matches"].as_array().unwrap();
        if matches.contains(&json!(wanted)) {
            return reply;
        }
    }
    panic!("{code} is not completed with {wanted}: {reply}");
}

/// The same for what stands there.
fn inspect(client: &Client, code: &str) -> Value {
    for _ in 0..20 {
        let content = json!({"code": code, "cursor_pos": code.len(), "detail_level": 0});
        let id = client.send(Channel::Shell, "inspect_request", content);
        let found = client.answer(&id).reply().content.clone();
        if found["found"] == true {
            return found;
        }
    }
    panic!("{code} is not explained");
}

fn names_are_completed_and_explained() {
    let client = client();
    ok(&client, "let numbers = vec![1, 2, 3];");
    let reply = complete(&client, "numbers.is_em", "is_empty");
    assert_eq!(reply["matches"], json!(["is_empty"]));
    assert_eq!(reply["cursor_start"], 8);
    assert_eq!(reply["cursor_end"], 13);
    complete(&client, "std::thread::spa", "spawn");
    let program = "fn main() {\n    let words = vec![1];\n    words.is_em";
    complete(&client, program, "is_empty");
    for (code, wanted) in [
        ("std::thread::spawn", "JoinHandle"),
        ("numbers.is_empty", "contains no elements"),
        ("fn main() { let x = std::sync::mpsc::channel", "Sender"),
    ] {
        let found = inspect(&client, code);
        let text = found["data"]["text/plain"].as_str().unwrap();
        assert!(text.contains(wanted), "{code}: {text}");
    }
    let help = ok(&client, "?std::thread::park");
    assert_eq!(help.reply().content["payload"][0]["source"], "page");
}

fn expressions_are_evaluated() {
    let client = client();
    let content = json!({"code": "let x = 3;", "user_expressions": {"good": "x + 1", "bad": "y"}});
    let id = client.send(Channel::Shell, "execute_request", content);
    let answer = client.answer(&id);
    let found = &answer.reply().content["user_expressions"];
    assert_eq!(
        found["good"],
        json!({"status": "ok", "data": {"text/plain": "4"}, "metadata": {}})
    );
    assert_eq!(found["bad"]["status"], "error");
    assert_eq!(found["bad"]["ename"], "CompileError");
}
