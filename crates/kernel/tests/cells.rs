//! Whole requests through a kernel, with programs really built and run.

use kernel::header::Header;
use kernel::{Channel, Kernel, Message, Outbox, Workshop};
use libtest_mimic::{Arguments, Failed, Trial};
use runner::{Builder, Limits};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

/// How long to wait for a message. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

const PRINTS: &str = "fn main() { println!(\"one\"); eprintln!(\"two\"); }";

const NEVER_ENDS: &str = "fn main() {
    println!(\"started\");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}";

const PANICS: &str = "fn main() { panic!(\"boom\"); }";

fn main() -> ExitCode {
    runner::supervisor::hook();
    let tests: [(&str, fn()); 19] = [
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
        ("bad_requests_are_answered", bad_requests_are_answered),
        ("shutdown_stops_what_runs", shutdown_stops_what_runs),
        ("a_full_queue_takes_no_more", a_full_queue_takes_no_more),
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

/// One builder for all tests, as one server has one.
fn workshop() -> Workshop {
    static BUILDER: OnceLock<Builder> = OnceLock::new();
    let builder = BUILDER.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
        let built = runner::cargo::build_examples(workspace, "listings", &mut |_| {})
            .expect("the listings' libraries are built");
        // Empty at first: one test looks at what is in the cache.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs-of-cells");
        let _ = std::fs::remove_dir_all(&cache);
        Builder::new(built.libraries, cache)
    });
    Workshop {
        builder: builder.clone(),
        limits: Limits {
            output: 10_000,
            ..Limits::default()
        },
    }
}

/// A client that sees everything a kernel sends.
struct Client {
    kernel: Kernel,
    sent: mpsc::Receiver<(Channel, Message)>,
    shut_down: Arc<Mutex<Option<bool>>>,
}

struct Sent {
    messages: mpsc::Sender<(Channel, Message)>,
    shut_down: Arc<Mutex<Option<bool>>>,
}

impl Outbox for Sent {
    fn send(&self, channel: Channel, message: Message) {
        let _ = self.messages.send((channel, message));
    }

    fn shut_down(&self, restart: bool) {
        *self.shut_down.lock().unwrap() = Some(restart);
    }
}

/// Everything that a request brought about, in order.
#[derive(Debug)]
struct Answer(Vec<(Channel, Message)>);

impl Client {
    fn new() -> Client {
        let (messages, sent) = mpsc::channel();
        let shut_down = Arc::new(Mutex::new(None));
        let outbox = Sent {
            messages,
            shut_down: shut_down.clone(),
        };
        let client = Client {
            kernel: Kernel::start(workshop(), Arc::new(outbox)).expect("threads"),
            sent,
            shut_down,
        };
        let (_, starting) = client.next();
        assert_eq!(starting.content, json!({"execution_state": "starting"}));
        client
    }

    fn send(&self, channel: Channel, msg_type: &str, content: Value) -> String {
        let header = Header::new(msg_type, "client");
        let id = header.msg_id.clone();
        let message = Message {
            identities: vec![b"client".to_vec()],
            header,
            parent_header: None,
            metadata: Map::new(),
            content,
            buffers: Vec::new(),
        };
        self.kernel.receive(channel, message).expect("is taken");
        id
    }

    fn run(&self, code: &str) -> String {
        self.send(Channel::Shell, "execute_request", json!({"code": code}))
    }

    fn next(&self) -> (Channel, Message) {
        self.sent.recv_timeout(PATIENCE).expect("a message comes")
    }

    /// Waits for a message that the request brought about.
    fn wait(&self, id: &str, msg_type: &str) -> Message {
        loop {
            let (_, message) = self.next();
            if message.msg_type() == msg_type && parent(&message) == id {
                return message;
            }
        }
    }

    /// Waits until the request is done: its idle status comes last.
    fn answer(&self, id: &str) -> Answer {
        let mut messages = Vec::new();
        loop {
            let (channel, message) = self.next();
            if parent(&message) != id {
                continue;
            }
            let idle = message.content == json!({"execution_state": "idle"});
            messages.push((channel, message));
            if idle {
                return Answer(messages);
            }
        }
    }

    fn answer_to(&self, code: &str) -> Answer {
        self.answer(&self.run(code))
    }
}

fn parent(message: &Message) -> &str {
    let parent = message.parent_header.as_ref();
    parent.map_or("", |header| &header.msg_id)
}

impl Answer {
    fn types(&self) -> Vec<&str> {
        let messages = self.0.iter();
        messages.map(|(_, message)| message.msg_type()).collect()
    }

    fn of(&self, msg_type: &str) -> Vec<&Message> {
        let messages = self.0.iter().map(|(_, message)| message);
        messages
            .filter(|message| message.msg_type() == msg_type)
            .collect()
    }

    fn reply(&self) -> &Message {
        let replies: Vec<_> = self
            .0
            .iter()
            .filter(|(channel, _)| *channel != Channel::Iopub)
            .collect();
        assert_eq!(replies.len(), 1, "exactly one reply: {:?}", self.types());
        assert_eq!(replies[0].1.identities, [b"client".to_vec()]);
        &replies[0].1
    }

    fn status(&self) -> &str {
        self.reply().content["status"].as_str().unwrap()
    }

    fn printed(&self, name: &str) -> String {
        self.of("stream")
            .into_iter()
            .filter(|message| message.content["name"] == name)
            .map(|message| message.content["text"].as_str().unwrap())
            .collect()
    }

    /// The one error, which must be the reply's too.
    fn error(&self) -> (&str, &str) {
        let errors = self.of("error");
        assert_eq!(errors.len(), 1, "exactly one error: {:?}", self.types());
        assert_eq!(self.status(), "error");
        let content = &errors[0].content;
        for key in ["ename", "evalue", "traceback"] {
            assert_eq!(content[key], self.reply().content[key], "{key}");
        }
        (
            content["ename"].as_str().unwrap(),
            content["evalue"].as_str().unwrap(),
        )
    }
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
    assert_eq!(info["protocol_version"], "5.3");
    assert_eq!(info["language_info"]["file_extension"], ".rs");
    let version = info["language_info"]["version"].as_str().unwrap();
    assert!(version.starts_with("1."), "{version}");

    let complete = ask("is_complete_request", json!({"code": "fn main() {"}));
    assert_eq!(complete, json!({"status": "incomplete", "indent": "    "}));
    let history = json!({"hist_access_type": "tail", "n": 1, "raw": true, "output": false});
    assert_eq!(
        ask("history_request", history)["history"],
        json!([[0, 1, PRINTS]])
    );
    let completion = ask("complete_request", json!({"code": "üx", "cursor_pos": 2}));
    assert_eq!(completion["cursor_start"], 2);
    assert_eq!(completion["matches"], json!([]));
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
            "debug_request",
            json!({}),
            "UnknownRequest",
            "debug_request",
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
