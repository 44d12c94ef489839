//! Whole requests through a kernel, with programs really built and run.

mod client;

use client::*;
use kernel::header::Header;
use kernel::{Channel, LookAlikes, Message};
use libtest_mimic::{Arguments, Failed, Trial};
use runner::Builder;
use serde_json::{Map, Value, json};
use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

const PRINTS: &str = "fn main() { println!(\"one\"); eprintln!(\"two\"); }";

const NEVER_ENDS: &str = "fn main() {
    println!(\"started\");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}";

const PANICS: &str = "fn main() { panic!(\"boom\"); }";

fn main() -> ExitCode {
    runner::supervisor::hook();
    if let Some(disk) = env::var_os(SMALL_DISK) {
        return on_a_small_disk(Path::new(&disk));
    }
    let tests: [(&str, fn()); 40] = [
        ("a_program_prints_and_returns", a_program_prints_and_returns),
        ("the_reply_says_how_it_went", the_reply_says_how_it_went),
        ("endings_are_errors", endings_are_errors),
        (
            "a_compile_error_is_rustcs_own",
            a_compile_error_is_rustcs_own,
        ),
        (
            "warnings_are_told_from_output",
            warnings_are_told_from_output,
        ),
        ("interrupt_stops_a_program", interrupt_stops_a_program),
        ("interrupt_stops_the_compiler", interrupt_stops_the_compiler),
        (
            "interrupt_when_idle_harms_no_cell",
            interrupt_when_idle_harms_no_cell,
        ),
        (
            "a_failing_cell_aborts_the_queued",
            a_failing_cell_aborts_the_queued,
        ),
        ("unless_it_should_not", unless_it_should_not),
        (
            "control_is_answered_while_a_cell_runs",
            control_is_answered_while_a_cell_runs,
        ),
        ("many_runs_are_counted", many_runs_are_counted),
        ("many_runs_are_interrupted", many_runs_are_interrupted),
        ("a_cell_that_is_no_program", a_cell_that_is_no_program),
        ("silent_cells_are_not_counted", silent_cells_are_not_counted),
        ("other_requests_are_answered", other_requests_are_answered),
        ("a_deadlock_names_its_threads", a_deadlock_names_its_threads),
        ("help_is_a_page", help_is_a_page),
        (
            "cells_are_timed_and_formatted",
            cells_are_timed_and_formatted,
        ),
        ("a_debugger_is_answered", a_debugger_is_answered),
        ("history_outlives_the_kernel", history_outlives_the_kernel),
        ("what_is_typed_is_read", what_is_typed_is_read),
        ("bad_requests_are_answered", bad_requests_are_answered),
        ("shutdown_stops_what_runs", shutdown_stops_what_runs),
        (
            "what_comes_after_a_shutdown_is_kept",
            what_comes_after_a_shutdown_is_kept,
        ),
        ("a_full_queue_takes_no_more", a_full_queue_takes_no_more),
        ("outcomes_are_counted", outcomes_are_counted),
        ("an_edition_is_taken", an_edition_is_taken),
        (
            "a_listing_is_a_program_whatever_its_text",
            a_listing_is_a_program_whatever_its_text,
        ),
        ("deadlocks_are_told", deadlocks_are_told),
        ("an_output_is_possible_or_not", an_output_is_possible_or_not),
        ("a_trace_is_a_table", a_trace_is_a_table),
        (
            "no_such_execution_is_an_error",
            no_such_execution_is_an_error,
        ),
        ("a_clock_makes_a_difference", a_clock_makes_a_difference),
        (
            "what_cannot_be_explored_is_refused",
            what_cannot_be_explored_is_refused,
        ),
        ("a_limit_gives_no_number", a_limit_gives_no_number),
        (
            "exploring_shows_how_far_it_is",
            exploring_shows_how_far_it_is,
        ),
        ("programs_wait_in_line", programs_wait_in_line),
        ("a_full_disk_is_one_sentence", a_full_disk_is_one_sentence),
        ("a_disk_that_fills_up", a_disk_that_fills_up),
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
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn a_program_prints_and_returns() {
    let client = Client::new();
    let answer = client.answer_to(PRINTS);
    assert_eq!(answer.printed("stdout"), "one\n");
    assert_eq!(answer.printed("stderr"), "two\n");
    assert_eq!(answer.status(), "ok");
    let types = answer.types();
    assert_eq!(types[..2], ["status", "execute_input"]);
    assert_eq!(types[types.len() - 2..], ["execute_reply", "status"]);
    assert_eq!(
        answer.of("execute_input")[0].content,
        json!({"code": PRINTS, "execution_count": 1})
    );
    assert_eq!(answer.reply().content["execution_count"], 1);
    let again = client.answer_to(&format!("{PRINTS}\nmain();\n"));
    assert_eq!(again.printed("stdout"), "one\n");
    assert_eq!(again.reply().content["execution_count"], 2);
}

fn the_reply_says_how_it_went() {
    let client = Client::new();
    let code = "fn main() { println!(\"how it went\"); }";
    let first = client.answer_to(code);
    let first = &first.reply().metadata["interleaved"];
    assert_eq!(first["ending"], json!({"kind": "returned"}));
    assert_eq!(first["build"]["cached"], false);
    assert!(first["seconds"].as_f64().unwrap() > 0.0);
    assert!(first["build"]["seconds"].as_f64().unwrap() > 0.0);
    let second = client.answer_to(code);
    let second = &second.reply().metadata["interleaved"];
    assert_eq!(second["build"]["cached"], true);
}

fn endings_are_errors() {
    let client = Client::new();
    let cases = [
        (PANICS, "Panic", "panicked"),
        ("fn main() { std::process::exit(3); }", "Exit", "code 3"),
        ("fn main() { std::process::abort(); }", "Signal", "SIGABRT"),
        (
            "fn main() { loop { println!(\"again and again\"); } }",
            "Limit",
            "printed more than",
        ),
    ];
    for (code, ename, evalue) in cases {
        let answer = client.answer_to(code);
        let error = answer.error();
        assert_eq!(error.0, ename, "{code}");
        assert!(error.1.contains(evalue), "{code}: {}", error.1);
    }
    if cfg!(target_os = "linux") {
        let deadlocks = "use std::sync::mpsc;
            fn main() { let (_sender, receiver) = mpsc::channel::<()>(); receiver.recv().unwrap(); }";
        assert_eq!(client.answer_to(deadlocks).error().0, "Deadlock");
    }
    assert_eq!(
        client.answer_to(PRINTS).status(),
        "ok",
        "the next cell runs"
    );
}

fn a_compile_error_is_rustcs_own() {
    let answer = Client::new().answer_to("fn main() {\n    let x: u32 = \"one\";\n}");
    let (ename, evalue) = answer.error();
    assert_eq!(ename, "CompileError");
    assert!(evalue.starts_with("error[E0308]: "), "{evalue}");
    let traceback = answer.of("error")[0].content["traceback"].to_string();
    assert!(traceback.contains(":2:18"), "the line: {traceback}");
    assert!(traceback.contains("\\u001b["), "coloured: {traceback}");
    assert_eq!(
        answer.reply().metadata["interleaved"]["ending"],
        json!({"kind": "rejected", "codes": ["E0308"]})
    );
}

fn warnings_are_told_from_output() {
    let answer = Client::new().answer_to("fn main() { let unused = 1; eprintln!(\"mine\"); }");
    let from_rustc: Vec<_> = answer
        .of("stream")
        .into_iter()
        .filter(|message| message.metadata.get("interleaved") == Some(&json!({"from": "rustc"})))
        .map(|message| message.content["text"].as_str().unwrap())
        .collect();
    assert_eq!(from_rustc.len(), 1);
    assert!(from_rustc[0].contains("unused variable"), "{from_rustc:?}");
    assert!(answer.printed("stderr").ends_with("mine\n"));
    assert_eq!(answer.status(), "ok");
}

fn interrupt_stops_a_program() {
    let client = Client::new();
    let id = client.run(NEVER_ENDS);
    let started = client.wait(&id, "stream");
    assert_eq!(started.content["text"], "started\n", "while it runs");
    client.send(Channel::Control, "interrupt_request", json!({}));
    let answer = client.answer(&id);
    assert_eq!(answer.error().0, "Interrupted");
    assert_eq!(
        client.answer_to(PRINTS).status(),
        "ok",
        "the next cell runs"
    );
}

fn interrupt_stops_the_compiler() {
    let client = Client::new();
    let id =
        client.run("#[allow(long_running_const_eval)] const N: u32 = loop {};\nfn main() { N; }");
    client.wait(&id, "execute_input");
    client.kernel.interrupt();
    assert_eq!(client.answer(&id).error().0, "Interrupted");
}

fn interrupt_when_idle_harms_no_cell() {
    let client = Client::new();
    let interrupt = client.send(Channel::Control, "interrupt_request", json!({}));
    assert_eq!(client.answer(&interrupt).status(), "ok");
    assert_eq!(client.answer_to(PRINTS).status(), "ok");
}

fn a_failing_cell_aborts_the_queued() {
    let client = Client::new();
    let first = client.run(NEVER_ENDS);
    let second = client.run(PRINTS);
    let info = client.send(Channel::Shell, "kernel_info_request", json!({}));
    let third = client.run(PRINTS);
    client.wait(&first, "stream");
    client.send(Channel::Control, "interrupt_request", json!({}));
    assert_eq!(client.answer(&first).status(), "error");
    let aborted = client.answer(&second);
    assert_eq!(aborted.status(), "aborted");
    assert_eq!(aborted.types(), ["status", "execute_reply", "status"]);
    assert_eq!(client.answer(&info).status(), "ok", "others are answered");
    assert_eq!(client.answer(&third).status(), "aborted");
    assert_eq!(client.answer_to(PRINTS).status(), "ok", "later ones run");
}

fn unless_it_should_not() {
    let client = Client::new();
    let content = json!({"code": NEVER_ENDS, "stop_on_error": false});
    let first = client.send(Channel::Shell, "execute_request", content);
    let second = client.run(PRINTS);
    client.wait(&first, "stream");
    client.kernel.interrupt();
    assert_eq!(client.answer(&first).status(), "error");
    assert_eq!(client.answer(&second).status(), "ok");
}

fn control_is_answered_while_a_cell_runs() {
    let client = Client::new();
    let id = client.run(NEVER_ENDS);
    client.wait(&id, "stream");
    let info = client.send(Channel::Control, "kernel_info_request", json!({}));
    assert_eq!(client.answer(&info).status(), "ok");
    client.kernel.interrupt();
    client.answer(&id);
}

fn many_runs_are_counted() {
    let client = Client::new();
    // Which of the two comes first is not known: both must add up.
    let code = "%%run 40
use std::thread;
fn main() {
    let one = thread::spawn(|| println!(\"a\"));
    println!(\"b\");
    one.join().unwrap();
}";
    let answer = client.answer_to(code);
    assert_eq!(answer.status(), "ok", "{:?}", answer.of("error"));
    assert!(answer.of("stream").is_empty(), "only the table");
    let shown = answer.of("display_data");
    assert_eq!(shown.len(), 1);
    let updates = answer.of("update_display_data");
    let last = updates.last().expect("the table is updated");
    let id = &shown[0].content["transient"]["display_id"];
    assert_eq!(&last.content["transient"]["display_id"], id);

    let data = &last.content["data"]["application/vnd.interleaved.runs+json"];
    assert_eq!((&data["runs"], &data["done"]), (&json!(40), &json!(40)));
    let mut counted = 0;
    for outcome in data["outcomes"].as_array().unwrap() {
        let stdout = outcome["stdout"].as_str().unwrap();
        assert!(["a\nb\n", "b\na\n"].contains(&stdout), "{stdout:?}");
        assert_eq!(outcome["ending"], json!({"kind": "returned"}));
        counted += outcome["count"].as_u64().unwrap();
    }
    assert_eq!(counted, 40);
    for mime in ["text/plain", "text/html"] {
        let text = last.content["data"][mime].as_str().unwrap();
        assert!(text.contains("40 runs"), "{text}");
    }
    assert_eq!(answer.reply().metadata["interleaved"]["runs"], 40);
}

fn many_runs_are_interrupted() {
    let client = Client::new();
    let id = client.run(&format!("%%run 1000\n{NEVER_ENDS}"));
    client.wait(&id, "display_data");
    client.kernel.interrupt();
    let answer = client.answer(&id);
    let (ename, evalue) = answer.error();
    assert_eq!(
        (ename, evalue),
        ("Interrupted", "Stopped after 0 of 1000 runs.")
    );
}

fn a_cell_that_is_no_program() {
    let client = Client::new();
    assert_eq!(client.answer_to("1 + 1").error().0, "NotAProgram");
    assert_eq!(client.answer_to("%%run 5\n1 + 1").error().0, "NotAProgram");
    let (ename, evalue) = ("BadMagic", "from 1 to 1000");
    let answer = client.answer_to(&format!("%%run 1001\n{PRINTS}"));
    assert_eq!(answer.error().0, ename);
    assert!(answer.error().1.contains(evalue));
    let empty = client.answer_to(" // nothing\n");
    assert_eq!(empty.status(), "ok");
    assert_eq!(empty.reply().content["execution_count"], 3, "not counted");
}

fn silent_cells_are_not_counted() {
    let client = Client::new();
    let content = json!({"code": PRINTS, "silent": true});
    let id = client.send(Channel::Shell, "execute_request", content);
    let answer = client.answer(&id);
    assert_eq!(answer.status(), "ok");
    assert!(answer.of("execute_input").is_empty());
    assert_eq!(answer.reply().content["execution_count"], 0);
}

fn other_requests_are_answered() {
    let client = Client::new();
    client.answer_to(PRINTS);
    let ask = |msg_type: &str, content: Value| {
        let answer = client.answer(&client.send(Channel::Shell, msg_type, content));
        let reply = answer.reply();
        assert_eq!(
            reply.msg_type(),
            msg_type.replace("_request", "_reply"),
            "the reply that belongs to it"
        );
        reply.content.clone()
    };
    let info = ask("kernel_info_request", json!({}));
    assert_eq!(info["protocol_version"], kernel::header::PROTOCOL_VERSION);
    assert_eq!(info["language_info"]["file_extension"], ".rs");
    let version = info["language_info"]["version"].as_str().unwrap();
    assert!(version.starts_with("1."), "{version}");

    let complete = ask("is_complete_request", json!({"code": "fn main() {"}));
    assert_eq!(complete, json!({"status": "incomplete", "indent": "    "}));
    let history = json!({"hist_access_type": "tail", "n": 1, "raw": true, "output": false});
    assert_eq!(
        ask("history_request", history)["history"],
        json!([[1, 1, PRINTS]])
    );
    let completion = ask("complete_request", json!({"code": "üx", "cursor_pos": 2}));
    assert_eq!(completion["matches"], json!([]));
    let completion = ask(
        "complete_request",
        json!({"code": "üx; retu", "cursor_pos": 8}),
    );
    assert_eq!(completion["matches"], json!(["return"]));
    assert_eq!(completion["cursor_start"], 4);
    assert_eq!(completion["cursor_end"], 8);
    let nothing = ask(
        "inspect_request",
        json!({"code": "x", "cursor_pos": 1, "detail_level": 0}),
    );
    assert_eq!(nothing["found"], false);
    assert_eq!(ask("comm_info_request", json!({}))["comms"], json!({}));

    let comm = json!({"comm_id": "c", "target_name": "jupyter.widget", "data": {}});
    let answer = client.answer(&client.send(Channel::Shell, "comm_open", comm));
    assert_eq!(answer.of("comm_close")[0].content["comm_id"], "c");
}

fn a_deadlock_names_its_threads() {
    let client = Client::new();
    let code = "use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel::<i32>();
    let reader = thread::Builder::new().name(\"reader\".into());
    let reader = reader.spawn(move || println!(\"{:?}\", receiver.recv())).unwrap();
    println!(\"waiting\");
    reader.join().unwrap();
    drop(sender);
}";
    // What it is explored with is built once.
    client.answer_to("%%outcomes\nfn main() {}");
    let mut told = String::new();
    for _ in 0..20 {
        let answer = client.answer_to(code);
        let (ename, evalue) = answer.error();
        assert_eq!(ename, "Deadlock");
        assert_eq!(evalue, "Both threads wait for each other.");
        told = answer.of("error")[0].content["traceback"].to_string();
        // On a busy machine it may come too late.
        if told.contains("reader") {
            break;
        }
    }
    assert!(
        told.contains("thread \\\"reader\\\" waits at listing.rs:7"),
        "{told}"
    );
    assert!(told.contains("main waits at listing.rs:9"), "{told}");
}

fn help_is_a_page() {
    let client = Client::new();
    let page = client.answer_to("%help");
    let page = &page.reply().content["payload"][0];
    assert_eq!(
        (&page["source"], &page["start"]),
        (&json!("page"), &json!(0))
    );
    let text = page["data"]["text/plain"].as_str().unwrap();
    for magic in ["%%run", "%%outcomes", "%%trace", "%help"] {
        assert!(text.contains(magic), "{magic}");
    }
}

fn cells_are_timed_and_formatted() {
    let client = Client::new();
    let timed = client.answer_to(&format!("%%time\n{PRINTS}"));
    assert_eq!(timed.printed("stdout"), "one\n");
    let said = timed.printed("stderr");
    assert!(
        said.contains("Compiled in ") && said.contains(" s, ran for "),
        "{said}"
    );
    let formatted = client.answer_to("%%fmt\nfn  main( ) { f( ) }");
    if formatted.status() == "error" {
        assert!(
            formatted.error().1.contains("component add"),
            "{:?}",
            formatted.error()
        );
        return;
    }
    let expected = json!([{
        "source": "set_next_input",
        "text": "fn main() {\n    f()\n}",
        "replace": true,
    }]);
    assert_eq!(formatted.reply().content["payload"], expected);
    assert_eq!(formatted.printed("stdout"), "", "it is not run");
    assert_eq!(client.answer_to("%%fmt\nfn {").error().0, "NotFormatted");
}

fn a_debugger_is_answered() {
    let client = Client::new();
    let ask = json!({"seq": 1, "type": "request", "command": "debugInfo", "arguments": {}});
    let answer = client.answer(&client.send(Channel::Control, "debug_request", ask));
    let reply = answer.reply();
    assert_eq!(reply.msg_type(), "debug_reply");
    assert_eq!(reply.content["body"]["isStarted"], false);
}

fn history_outlives_the_kernel() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("history/history.jsonl");
    let _ = std::fs::remove_file(&file);
    let kernel = || Client::of(workshop().with_history(file.clone()));
    kernel().answer_to(PRINTS);
    let client = kernel();
    client.answer_to(PANICS);
    let tail = json!({"hist_access_type": "tail", "n": 5, "raw": true, "output": false});
    let answer = client.answer(&client.send(Channel::Shell, "history_request", tail));
    let expected = json!([[1, 1, PRINTS], [2, 1, PANICS]]);
    assert_eq!(answer.reply().content["history"], expected);
}

const ASKS: &str = "use std::io::{self, Write};
fn main() {
    print!(\"Name: \");
    io::stdout().flush().unwrap();
    let mut name = String::new();
    io::stdin().read_line(&mut name).unwrap();
    println!(\"Hello, {name:?}!\");
    name.clear();
    io::stdin().read_line(&mut name).unwrap();
    println!(\"And {name:?}!\");
}";

#[cfg(target_os = "linux")]
fn what_is_typed_is_read() {
    let client = Client::new();
    let content = json!({"code": ASKS, "allow_stdin": true});
    let id = client.send(Channel::Shell, "execute_request", content);
    assert_eq!(client.wait(&id, "stream").content["text"], "Name: ");
    let answer_with = |name: &str| {
        let question = client.wait(&id, "input_request");
        assert_eq!(question.content, json!({"prompt": "", "password": false}));
        client.send(Channel::Stdin, "input_reply", json!({"value": name}));
    };
    answer_with("Ünal");
    let hello = client.wait(&id, "stream").content["text"].clone();
    assert_eq!(hello, "Hello, \"Ünal\\n\"!\n");
    answer_with("");
    let answer = client.answer(&id);
    assert_eq!(answer.printed("stdout"), "And \"\\n\"!\n");
    assert_eq!(answer.status(), "ok");

    // Nobody answers: an interrupt ends the wait.
    let content = json!({"code": ASKS, "allow_stdin": true});
    let id = client.send(Channel::Shell, "execute_request", content);
    client.wait(&id, "input_request");
    client.kernel.interrupt();
    assert_eq!(client.answer(&id).error().0, "Interrupted");
    // An answer that comes too late is nobody's.
    client.send(Channel::Stdin, "input_reply", json!({"value": "late"}));

    let unasked = client.answer_to(ASKS);
    let expected = "Name: Hello, \"\"!\nAnd \"\"!\n";
    assert_eq!(
        unasked.printed("stdout"),
        expected,
        "there is nothing to read"
    );
}

/// Elsewhere nobody can tell that a program waits.
#[cfg(not(target_os = "linux"))]
fn what_is_typed_is_read() {
    assert_eq!(Client::new().answer_to(ASKS).status(), "ok");
}

fn bad_requests_are_answered() {
    let client = Client::new();
    let cases = [
        ("execute_request", json!({}), "BadRequest", "code"),
        ("execute_request", json!(["1"]), "BadRequest", "no object"),
        (
            "history_request",
            json!({"hist_access_type": "all"}),
            "BadRequest",
            "all",
        ),
        (
            "complete_request",
            json!({"code": 1}),
            "BadRequest",
            "string",
        ),
        (
            "unheard_of_request",
            json!({}),
            "UnknownRequest",
            "unheard_of_request",
        ),
    ];
    for (msg_type, content, ename, evalue) in cases {
        let answer = client.answer(&client.send(Channel::Shell, msg_type, content));
        let reply = &answer.reply().content;
        assert_eq!(reply["status"], "error");
        assert_eq!(reply["ename"], ename);
        let sentence = reply["evalue"].as_str().unwrap();
        assert!(sentence.contains(evalue), "{sentence}");
    }
    let on_control = json!({"code": PRINTS});
    let answer = client.answer(&client.send(Channel::Control, "execute_request", on_control));
    assert_eq!(answer.status(), "error");
    assert_eq!(
        client.answer_to(PRINTS).status(),
        "ok",
        "the next cell runs"
    );
}

fn shutdown_stops_what_runs() {
    let client = Client::new();
    let id = client.run(NEVER_ENDS);
    client.wait(&id, "stream");
    let content = json!({"restart": true});
    let shutdown = client.send(Channel::Control, "shutdown_request", content);
    let answer = client.answer(&shutdown);
    assert_eq!(answer.of("shutdown_reply").len(), 2, "also to everyone");
    drop(client.kernel);
    assert_eq!(*client.shut_down.lock().unwrap(), Some(true));
}

fn what_comes_after_a_shutdown_is_kept() {
    let client = Client::new();
    let content = json!({"restart": true});
    let shutdown = client.send(Channel::Control, "shutdown_request", content);
    let late = [client.run("1"), client.run("2")];
    client.answer(&shutdown);
    // Time for a kernel that serves them, so that it fails; this one may take
    // any time.
    std::thread::sleep(Duration::from_millis(300));
    let kept = client.kernel.end().into_iter();
    let kept: Vec<String> = kept.map(|(_, message)| message.header.msg_id).collect();
    assert_eq!(kept, late);
    let answered = client.sent.try_iter().map(|(_, message)| message);
    assert_eq!(answered.count(), 0, "none is served");
}

fn a_full_queue_takes_no_more() {
    let client = Client::new();
    let id = client.run(NEVER_ENDS);
    client.wait(&id, "stream");
    let message = || Message {
        identities: Vec::new(),
        header: Header::new("kernel_info_request", "client"),
        parent_header: None,
        metadata: Map::new(),
        content: json!({}),
        buffers: Vec::new(),
    };
    for _ in 0..1000 {
        client.kernel.receive(Channel::Shell, message()).unwrap();
    }
    assert!(client.kernel.receive(Channel::Shell, message()).is_err());
    client.kernel.interrupt();
    assert_eq!(client.answer(&id).error().0, "Interrupted");
}

const OUTCOMES: &str = "application/vnd.interleaved.outcomes+json";

const TWO_THREADS: &str = include_str!("../../listings/examples/two-threads.rs");
const GENERATE_AND_PRINT: &str = include_str!("../../listings/examples/generate-and-print.rs");
const FORGOTTEN_DROP: &str = include_str!("../../listings/examples/forgotten-drop.rs");

/// Four threads that print: 369,600 orders, in few states.
const MANY_OUTPUTS: &str = "use std::thread;
fn main() {
    let threads: Vec<_> = (0..4)
        .map(|n| thread::spawn(move || for step in 0..3 { println!(\"{n} {step}\") }))
        .collect();
    for thread in threads { thread.join().unwrap(); }
}";

/// More states than anybody waits for.
const TOO_BIG: &str = "use std::{sync::mpsc, thread};
fn main() {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for n in 0..10 {
            let sender = sender.clone();
            scope.spawn(move || for step in 0..10 { sender.send(10 * n + step).unwrap(); });
        }
        drop(sender);
        for number in receiver { println!(\"{number}\"); }
    });
}";

impl Answer {
    /// The one thing that is shown in the end.
    fn shown(&self) -> &Value {
        assert_eq!(self.status(), "ok", "{:?}", self.of("error"));
        let first = self.of("display_data");
        assert_eq!(first.len(), 1, "{:?}", self.types());
        let updates = self.of("update_display_data");
        &updates.last().unwrap_or(&first[0]).content["data"]
    }

    fn text(&self) -> &str {
        self.shown()["text/plain"].as_str().unwrap()
    }
}

fn outcomes_are_counted() {
    let client = Client::new();
    for (listing, count) in [(TWO_THREADS, 140), (GENERATE_AND_PRINT, 8)] {
        let answer = client.answer_to(&format!("%%outcomes --first 2\n{listing}"));
        let shown = answer.shown();
        let data = &shown[OUTCOMES];
        assert_eq!(data["outputs"], count);
        assert_eq!(data["complete"], true);
        assert_eq!(
            data["endings"],
            json!([{"ending": {"kind": "returned"}, "outputs": count}])
        );
        assert_eq!(data["listed"].as_array().unwrap().len(), 2);
        assert!(data["graph"].is_object());
        assert!(!data["trace"]["events"].as_array().unwrap().is_empty());
        for mime in ["text/plain", "text/html"] {
            let words = shown[mime].as_str().unwrap();
            assert!(
                words.contains(&format!("{count} possible outputs")),
                "{words}"
            );
            assert!(words.contains("main returns"), "{words}");
        }
        assert!(answer.text().contains(&format!("The first 2 of {count}")));
        let html = shown["text/html"].as_str().unwrap();
        assert!(
            !html.contains("<script") && !html.contains("<style"),
            "{html}"
        );
    }
    let all = client.answer_to(&format!("%%outcomes --first 8\n{GENERATE_AND_PRINT}"));
    assert!(all.text().contains("All of them"), "{}", all.text());
}

/// A magic's option, or the metadata of a page that knows, says the edition: a
/// guard in a tail expression lived on until 2024.
fn an_edition_is_taken() {
    let client = Client::new();
    let program = "use std::sync::Mutex;
fn main() {
    let slot = Mutex::new(Some(1));
    if let None = slot.lock().unwrap().take() {
        println!(\"empty\");
    } else {
        println!(\"{:?}\", slot.try_lock().is_ok());
    };
}";
    let is_free = |answer: &Answer| {
        let listed = &answer.shown()[OUTCOMES]["listed"];
        listed[0]["text"].as_str().unwrap().trim().to_owned()
    };
    for (edition, free) in [("2018", "false"), ("2021", "false"), ("2024", "true")] {
        let cell = format!("%%outcomes --edition {edition}\n{program}");
        let answer = client.answer_to(&cell);
        assert_eq!(is_free(&answer), free);
        assert_eq!(answer.shown()[OUTCOMES]["edition"], edition);
        assert!(answer.text().contains(&format!("edition {edition}")));
        let counted = client.answer_to(&format!("%%run 2 --edition {edition}\n{program}"));
        assert!(counted.text().contains(free), "{}", counted.text());
    }
    let content = json!({"code": format!("%%outcomes\n{program}")});
    let metadata = json!({"interleaved": {"edition": "2021"}});
    let id = client.send_with(Channel::Shell, "execute_request", content, metadata);
    let answer = client.answer(&id);
    assert_eq!(is_free(&answer), "false");
}

/// A page says that a listing is a program: rustc tells what is wrong with it, in
/// the program's own lines, whatever is asked.
fn a_listing_is_a_program_whatever_its_text() {
    let client = Client::new();
    let unclosed = "struct A;\nimpl A {\n    fn a() {}\n\nfn main() {}\n";
    for (program, said) in [
        (unclosed, "this file contains an unclosed delimiter"),
        ("fn mian() {}\n", "E0601"),
        ("", "E0601"),
    ] {
        for magic in ["", "%%run 3\n", "%%outcomes\n", "%%trace\n"] {
            let content = json!({"code": format!("{magic}{program}")});
            let metadata = json!({"interleaved": {"program": true}});
            let id = client.send_with(Channel::Shell, "execute_request", content, metadata);
            let answer = client.answer(&id);
            assert_eq!(answer.error().0, "CompileError", "{magic}{program}");
            let told = answer.of("error")[0].content["traceback"].to_string();
            assert!(told.contains(said), "{told}");
        }
    }
}

fn deadlocks_are_told() {
    let client = Client::new();
    let answer = client.answer_to(&format!("%%outcomes\n{FORGOTTEN_DROP}"));
    let data = &answer.shown()[OUTCOMES];
    assert_eq!(data["outputs"], 8);
    assert_eq!(
        data["endings"],
        json!([{"ending": {"kind": "deadlocked"}, "outputs": 8}])
    );
    assert_eq!(data["deadlocks"].as_array().unwrap().len(), 1);
    // Who waits, and in which line of the program below the magic.
    let line = |what: &str| {
        let mut lines = FORGOTTEN_DROP.lines();
        lines.position(|line| line.contains(what)).unwrap() + 1
    };
    let (receives, joins) = (line("for number in numbers"), line(".join()"));
    for text in [
        answer.text(),
        answer.shown()["text/html"].as_str().unwrap(),
        client
            .answer_to(&format!("%%trace --deadlock 1\n{FORGOTTEN_DROP}"))
            .text(),
    ] {
        assert!(text.contains("nobody can go on"), "{text}");
        assert!(
            text.contains(&format!("main waits at listing.rs:{joins}")),
            "{text}"
        );
        assert!(
            text.contains(&format!("waits at listing.rs:{receives} to receive")),
            "{text}"
        );
    }
}

fn an_output_is_possible_or_not() {
    let client = Client::new();
    let code = "use std::thread;
fn main() {
    let one = thread::spawn(|| println!(\"a\"));
    println!(\"b\");
    one.join().unwrap();
    println!(\"c\");
}";
    for (possible, answer) in [
        (r#""a\nb\nc\n""#, true),
        (r#""b\na\nc""#, true),
        (r#""a\nc\nb\n""#, false),
        ("a", false),
    ] {
        let asked = client.answer_to(&format!("%%outcomes --possible {possible}\n{code}"));
        let checked = asked.shown()[OUTCOMES]["checked"].as_array().unwrap();
        assert_eq!(checked.len(), 1);
        let known = &checked[0]["known"];
        assert_eq!(
            known.get("possible").is_some(),
            answer,
            "{possible}: {known}"
        );
        let word = if answer { "Yes, " } else { "No, " };
        assert!(asked.text().starts_with(word), "{}", asked.text());
        let has_trace = !asked.shown()[OUTCOMES]["trace"].is_null();
        assert_eq!(has_trace, answer);
    }
    let no = client.answer_to(&format!("%%outcomes --possible \"a\\nc\\n\"\n{code}"));
    assert!(
        no.text().contains("What can come instead: \"b\\n\"."),
        "{}",
        no.text()
    );
}

fn a_trace_is_a_table() {
    let client = Client::new();
    let answer = client.answer_to(&format!("%%trace --output 3\n{TWO_THREADS}"));
    let data = &answer.shown()[OUTCOMES]["trace"];
    let printed: String = data["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    let listed = client.answer_to(&format!("%%outcomes --first 3\n{TWO_THREADS}"));
    assert_eq!(
        listed.shown()[OUTCOMES]["listed"][2]["text"],
        printed.as_str()
    );
    let text = answer.text();
    let heading = text.lines().next().unwrap();
    let columns: Vec<_> = heading.split_whitespace().collect();
    assert_eq!(columns, ["Step", "Thread", "Event", "Line", "Output"]);
    let shown: Vec<_> = text
        .lines()
        .filter(|line| line.contains("  print"))
        .collect();
    for (row, line) in shown.iter().zip(printed.lines()) {
        assert!(row.ends_with(line), "{row}");
    }
    assert!(text.ends_with("Then: main returns."), "{text}");
    let html = answer.shown()["text/html"].as_str().unwrap();
    assert!(
        html.contains("style=\"text-align:left\">Thread</th>"),
        "{html}"
    );
    // A picture: a lane for each of the three threads, and a dot for each step.
    let dots = data["events"].as_array().unwrap().iter();
    let dots = dots.filter(|event| event["action"] != "start").count();
    assert_eq!(html.matches("<circle ").count(), dots, "{html}");
    assert_eq!(html.matches("font-weight=\"bold\"").count(), 3, "{html}");
}

fn no_such_execution_is_an_error() {
    let client = Client::new();
    for (magic, sentence) in [
        (
            "%%trace --output 141",
            "The program has 140 possible outputs, and none with the number 141.",
        ),
        (
            "%%trace --deadlock 1",
            "The program has 0 deadlocks, and none with the number 1.",
        ),
    ] {
        let answer = client.answer_to(&format!("{magic}\n{TWO_THREADS}"));
        assert_eq!(answer.error(), ("NoSuchExecution", sentence));
    }
    let answer = client.answer_to(&format!("%%trace --first 1\n{TWO_THREADS}"));
    assert_eq!(answer.error().0, "BadMagic");
    let answer = client.answer_to("%%outcomes\n1 + 1");
    assert_eq!(answer.error().0, "NotAProgram");
    assert!(answer.error().1.starts_with("%%outcomes"));
}

fn a_clock_makes_a_difference() {
    let client = Client::new();
    let code = "use std::{thread, time::Duration};
fn main() {
    let naps = thread::spawn(|| {
        thread::sleep(Duration::from_secs(1));
        println!(\"one\");
    });
    thread::sleep(Duration::from_secs(2));
    println!(\"two\");
    naps.join().unwrap();
}";
    for (clock, outputs) in [("any", 2), ("prompt", 1)] {
        let answer = client.answer_to(&format!("%%outcomes --clock {clock}\n{code}"));
        assert_eq!(answer.shown()[OUTCOMES]["outputs"], outputs);
    }
    let trace = client.answer_to(&format!("%%trace --clock prompt\n{code}"));
    let heading = trace.text().lines().next().unwrap();
    assert!(heading.contains("Time"), "{heading}");
}

fn what_cannot_be_explored_is_refused() {
    let client = Client::new();
    let files = "fn main() { println!(\"{:?}\", std::fs::read(\"a\")); }";
    let broken = "fn main() { let x: u32 = \"one\"; }";
    for magic in ["%%outcomes", "%%trace"] {
        let answer = client.answer_to(&format!("{magic}\n{files}"));
        let (ename, evalue) = answer.error();
        assert_eq!(ename, "NotExplorable");
        assert!(
            evalue.starts_with("This program can't be explored: "),
            "{evalue}"
        );
        assert!(!evalue.contains('\n'), "one sentence: {evalue}");
        let shown = [answer.of("display_data"), answer.of("update_display_data")].concat();
        let has_answer = |message: &&Message| message.content["data"].get(OUTCOMES).is_some();
        assert!(!shown.iter().any(has_answer), "at most how far it was");
        let answer = client.answer_to(&format!("{magic}\n{broken}"));
        let (ename, evalue) = answer.error();
        assert_eq!(ename, "CompileError");
        assert!(evalue.starts_with("error[E0308]: "), "{evalue}");
        // A lint denies it that doesn't know a modelled guard.
        let dropped = "fn main() { let _ = std::sync::Mutex::new(1).lock(); }";
        let answer = client.answer_to(&format!("{magic}\n{dropped}"));
        assert_eq!(answer.error().0, "CompileError", "{}", answer.error().1);
    }
    let mut nothing = workshop();
    nothing.look_alikes = LookAlikes::none("There is nothing to explore with.");
    let answer = Client::of(nothing).answer_to(&format!("%%outcomes\n{PRINTS}"));
    assert_eq!(
        answer.error(),
        ("ExploringFailed", "There is nothing to explore with.")
    );
}

fn a_limit_gives_no_number() {
    let mut workshop = workshop();
    workshop.exploring.states = 5;
    let client = Client::of(workshop);
    let answer = client.answer_to(&format!("%%outcomes\n{MANY_OUTPUTS}"));
    assert_eq!(answer.shown()[OUTCOMES]["outputs"], Value::Null);
    assert_eq!(answer.shown()[OUTCOMES]["complete"], false);
    assert!(
        answer
            .text()
            .contains("not known: it has more than 5 states."),
        "{}",
        answer.text()
    );
    let answer = client.answer_to(&format!("%%trace\n{MANY_OUTPUTS}"));
    assert_eq!(answer.error().0, "NoSuchExecution");
    assert!(answer.error().1.contains("more states than were allowed"));
}

fn exploring_shows_how_far_it_is() {
    let mut workshop = workshop();
    workshop.exploring.time = Duration::from_secs(3600);
    let client = Client::of(workshop);
    let id = client.run(&format!("%%outcomes\n{TOO_BIG}"));
    let shown = client.wait(&id, "display_data");
    let display_id = &shown.content["transient"]["display_id"];
    // Until the engine itself says how far it is, not only its build.
    let far = |message: &Message| {
        let data = &message.content["data"];
        let progress = data.get("application/vnd.interleaved.progress+json");
        progress.map(|far| far["states"].as_u64().unwrap())
    };
    let mut states = far(&shown);
    while states.is_none() {
        let update = client.wait(&id, "update_display_data");
        assert_eq!(&update.content["transient"]["display_id"], display_id);
        states = far(&update);
    }
    assert!(states > Some(0));
    client.kernel.interrupt();
    let answer = client.answer(&id);
    assert_eq!(answer.error(), ("Interrupted", "Exploring was stopped."));
    assert_eq!(
        client.answer_to(PRINTS).status(),
        "ok",
        "the next cell runs"
    );
}

fn programs_wait_in_line() {
    let workshop = workshop().at_once(1);
    let (first, second) = (Client::of(workshop.clone()), Client::of(workshop));
    let running = first.run(NEVER_ENDS);
    first.wait(&running, "stream");

    let waiting = second.run(PRINTS);
    let told = second.wait(&waiting, "stream");
    assert_eq!(told.metadata["interleaved"], json!({"from": "kernel"}));
    let text = told.content["text"].as_str().unwrap();
    let line = "Waiting in line: 1 program is running, as many as may, and yours is next.\n";
    assert_eq!(text, line);
    second.kernel.interrupt();
    assert_eq!(second.answer(&waiting).error().0, "Interrupted");

    let waiting = second.run(&format!("%%run 5\n{PRINTS}"));
    second.wait(&waiting, "display_data");
    let told = second.wait(&waiting, "stream");
    assert_eq!(told.content["text"].as_str(), Some(line));
    second.kernel.interrupt();
    assert_eq!(
        second.answer(&waiting).error().1,
        "Stopped after 0 of 5 runs."
    );

    let waiting = second.run(PRINTS);
    second.wait(&waiting, "stream");
    first.kernel.interrupt();
    assert_eq!(first.answer(&running).error().0, "Interrupted");
    let answer = second.answer(&waiting);
    assert_eq!(answer.printed("stdout"), "one\n", "{answer:?}");
}

/// Writing to /dev/full fails as on a full disk, with no need for one.
fn a_full_disk_is_one_sentence() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("full-disk");
    let _ = std::fs::remove_dir_all(&cache);
    let work = cache.join("desk-0/work");
    std::fs::create_dir_all(&work).unwrap();
    std::os::unix::fs::symlink("/dev/full", work.join("listing.rs")).unwrap();
    let builder = workshop().builder.within(Duration::ZERO);
    let libraries = builder.expect("it is ready").libraries().clone();
    let client = Client::of(workshop_with(Builder::new(libraries, cache)));
    for magic in ["", "%%run 2\n"] {
        let answer = client.answer_to(&format!("{magic}{PRINTS}"));
        let sentence = "The disk is full: make some room and try again.";
        assert_eq!(answer.error(), ("BuildError", sentence));
    }
    std::fs::remove_file(work.join("listing.rs")).unwrap();
    assert_eq!(
        client.answer_to(PRINTS).status(),
        "ok",
        "once there is room"
    );
}

/// Says to this very binary, started again, where a small disk is.
const SMALL_DISK: &str = "SMALL_DISK";

/// How large small disks are, in KiB: too small for the source, the libraries,
/// what the compiler keeps, the program, and large enough.
const SIZES: [u32; 8] = [8, 256, 1024, 2048, 4096, 6144, 8192, 65536];

/// The same with disks that are really full, in a namespace where everyone may
/// mount one. Some systems don't let everyone have a namespace.
fn a_disk_that_fills_up() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("small-disk");
    std::fs::create_dir_all(&folder).unwrap();
    let with_disk = |size: u32, then: &str| {
        let script = format!("mount -t tmpfs -o size={size}k none \"$SMALL_DISK\" && {then}");
        Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script, "sh"])
            .arg(env::current_exe().unwrap())
            .env(SMALL_DISK, &folder)
            .output()
    };
    if !with_disk(8, "true").is_ok_and(|output| output.status.success()) {
        eprintln!("a_disk_that_fills_up: not tested, since nobody may mount a disk here");
        return;
    }
    let mut said = Vec::new();
    for size in SIZES {
        let output = with_disk(size, "exec \"$1\"").unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let full = "BuildError: The disk is full: make some room and try again.\n";
        let fine = ["one\n", full].contains(&&*words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(fine, "{size} KiB: {words}{stderr}");
        said.push(words == "one\n");
    }
    assert!(!said[0], "nothing fits into the smallest");
    assert!(said[SIZES.len() - 1], "everything fits into the largest");
}

/// Runs a cell whose programs are kept there, and prints what came of it.
fn on_a_small_disk(disk: &Path) -> ExitCode {
    let small = Builder::new(libraries(), disk.join("programs"));
    let answer = Client::of(workshop_with(small)).answer_to(PRINTS);
    if answer.status() == "ok" {
        print!("{}", answer.printed("stdout"));
    } else {
        let (ename, evalue) = answer.error();
        println!("{ename}: {evalue}");
    }
    ExitCode::SUCCESS
}
