//! `interleaved serve` from the outside: its pages, its programs, and what it
//! refuses.

mod support;

use kernel::Channel;
use kernel::websocket::{Codec, Frame};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{
    Book, Client, HELLO, NEVER_ENDS, Server, command, folder_of, parent, wait_until,
    wait_until_gone,
};

/// A program that prints more than sockets hold, less than it may, and goes on.
const FLOODS: &str = "fn main() {
    for _ in 0..7000 { println!(\"{}\", \"x\".repeat(1000)); }
    loop { std::hint::spin_loop(); }
}";

#[test]
fn a_listing_runs_over_both_subprotocols() {
    let book = Book::new();
    let server = Server::start(&book);
    for codec in [Codec::V1, Codec::Json] {
        let mut client = server.connect(&server.kernel(), codec);
        let answer = client.answer_to(HELLO);
        assert_eq!(answer.printed("stdout"), "Hello!\n");
        assert_eq!(answer.reply().content["status"], "ok");
        let how = &answer.reply().metadata["interleaved"];
        assert_eq!(how["ending"], json!({"kind": "returned"}));

        let id = client.send(Channel::Shell, "kernel_info_request", json!({}));
        let info = client.answer(&id);
        assert_eq!(info.reply().content["implementation"], "interleaved");
        assert_eq!(
            client.answer_to("fn main() { nothing }").error(),
            "CompileError"
        );
        assert_eq!(client.answer_to("fn main() { panic!() }").error(), "Panic");
    }
}

#[test]
fn a_listing_of_the_book_is_built_before_it_is_run() {
    let book = Book::new();
    let server = Server::start(&book);
    server.wait_to_hear("The listings are built: each runs at once.");
    let mut client = server.connect(&server.kernel(), Codec::V1);
    let listing = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../listings/examples/two-threads.rs"
    );
    let source = std::fs::read_to_string(listing).unwrap();
    let reply = client.answer_to(&source).reply().clone();
    assert_eq!(reply.metadata["interleaved"]["build"]["cached"], true);
    let many = client.answer_to(&format!("%%run 3\n{source}"));
    assert_eq!(
        many.reply().metadata["interleaved"]["build"]["cached"],
        true
    );
}

#[test]
fn an_edited_listing_is_explored() {
    let book = Book::new();
    let server = Server::start(&book);
    let mut client = server.connect(&server.kernel(), Codec::Json);
    let code = "use std::thread;
fn main() {
    let one = thread::spawn(|| println!(\"a\"));
    println!(\"b\");
    one.join().unwrap();
}";
    let answer = client.answer_to(&format!("%%outcomes\n{code}"));
    let reply = &answer.reply().content;
    assert_eq!(reply["status"], "ok", "{reply}");
    // If it was being built still, this was said first.
    let shown = [answer.of("display_data"), answer.of("update_display_data")].concat();
    let data = &shown.last().unwrap().content["data"];
    let data = &data["application/vnd.interleaved.outcomes+json"];
    assert_eq!(data["outputs"], 2);
    assert!(data["graph"].is_object());
}

#[test]
fn a_program_is_interrupted_either_way() {
    let book = Book::new();
    let server = Server::start(&book);
    let kernel = server.kernel();
    let mut client = server.connect(&kernel, Codec::V1);

    let id = client.run(NEVER_ENDS);
    let queued = client.run(HELLO);
    client.first_output(&id);
    client.send(Channel::Control, "interrupt_request", json!({}));
    assert_eq!(client.answer(&id).error(), "Interrupted");
    assert_eq!(client.answer(&queued).reply().content["status"], "aborted");

    let id = client.run(NEVER_ENDS);
    let folder = folder_of(&client.first_output(&id));
    let response = server.request("POST", &format!("/api/kernels/{kernel}/interrupt"), "");
    assert_eq!(response.status, 204);
    assert_eq!(client.answer(&id).error(), "Interrupted");
    wait_until_gone(&folder);
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
}

#[test]
fn an_interrupt_gets_past_output_that_nobody_takes() {
    let book = Book::new();
    let server = Server::start(&book);
    let kernel = server.kernel();
    let mut client = server.connect(&kernel, Codec::Json);
    let id = client.run(FLOODS);
    while client.next().expect("still connected").1.msg_type() != "stream" {}
    // It prints now. Not reading on, so that the socket fills up.
    client.send(Channel::Control, "interrupt_request", json!({}));
    assert_eq!(client.answer(&id).error(), "Interrupted");
}

#[test]
fn everyone_sees_the_output_and_one_gets_the_reply() {
    let book = Book::new();
    let server = Server::start(&book);
    let kernel = server.kernel();
    let mut asks = server.connect(&kernel, Codec::V1);
    let mut watches = server.connect(&kernel, Codec::Json);
    let id = asks.run(HELLO);
    assert_eq!(asks.answer(&id).printed("stdout"), "Hello!\n");
    let mut printed = String::new();
    loop {
        let (channel, message) = watches.next().unwrap();
        assert_eq!(channel, Channel::Iopub, "no reply for the other");
        if parent(&message) != id {
            continue;
        }
        if message.msg_type() == "stream" {
            printed += message.content["text"].as_str().unwrap();
        }
        if message.content == json!({"execution_state": "idle"}) {
            break;
        }
    }
    assert_eq!(printed, "Hello!\n");
}

#[test]
fn bad_messages_harm_nobody() {
    let book = Book::new();
    let server = Server::start(&book);
    let mut client = server.connect(&server.kernel(), Codec::V1);
    client.send_frame(Frame::Text("{}".into()));
    client.send_frame(Frame::Binary(vec![255; 100]));
    client.send_frame(Frame::Binary(Vec::new()));
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
    server.wait_to_hear("ignored");

    client.try_send_frame(Frame::Binary(vec![0; 2 * 1024 * 1024]));
    while client.next().is_some() {}
    let mut other = server.connect(&server.kernel(), Codec::V1);
    assert_eq!(other.answer_to(HELLO).printed("stdout"), "Hello!\n");
}

#[test]
fn kernels_are_listed_restarted_and_ended() {
    let book = Book::new();
    let server = Server::start(&book);
    assert_eq!(server.get("/api/kernels").json(), json!([]));
    let id = server.kernel();
    let path = format!("/api/kernels/{id}");
    let mut client = server.connect(&id, Codec::V1);
    client.answer_to(HELLO);
    let model = server.get(&path).json();
    assert_eq!(
        (&model["id"], &model["name"]),
        (&json!(id), &json!("interleaved"))
    );
    assert_eq!(model["execution_state"], "idle");
    assert_eq!(model["connections"], 1);
    assert_eq!(
        server.get("/api/kernels").json(),
        json!([server.get(&path).json()])
    );

    let running = client.run(NEVER_ENDS);
    let folder = folder_of(&client.first_output(&running));
    assert_eq!(server.get(&path).json()["execution_state"], "busy");
    let restarted = server.request("POST", &format!("{path}/restart"), "");
    assert_eq!(
        (restarted.status, &restarted.json()["id"]),
        (200, &json!(id))
    );
    wait_until_gone(&folder);
    let again = client.answer_to(HELLO);
    assert_eq!(again.reply().content["execution_count"], 1, "counted anew");

    let running = client.run(NEVER_ENDS);
    let folder = folder_of(&client.first_output(&running));
    assert_eq!(server.request("DELETE", &path, "").status, 204);
    wait_until_gone(&folder);
    while client.next().is_some() {}
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/interrupt")),
        ("POST", format!("{path}/restart")),
    ] {
        let response = server.request(method, &path, "");
        assert_eq!(response.status, 404, "{method} {path}");
        assert!(response.json()["message"].as_str().unwrap().contains(&id));
    }
}

#[test]
fn a_kernel_can_be_shut_down_by_message() {
    let book = Book::new();
    let server = Server::start(&book);
    let id = server.kernel();
    let mut client = server.connect(&id, Codec::V1);
    let restart = client.send(
        Channel::Control,
        "shutdown_request",
        json!({"restart": true}),
    );
    // Sent at once, it is for the kernel that comes then.
    let again = client.run(HELLO);
    client.answer(&restart);
    let again = client.answer(&again);
    assert_eq!(again.printed("stdout"), "Hello!\n");
    assert_eq!(again.reply().content["execution_count"], 1);
    client.send(
        Channel::Control,
        "shutdown_request",
        json!({"restart": false}),
    );
    while client.next().is_some() {}
    wait_until("the kernel is gone", || {
        server.get(&format!("/api/kernels/{id}")).status == 404
    });
}

#[test]
fn sessions_have_kernels() {
    let book = Book::new();
    let server = Server::start(&book);
    let wish = json!({
        "path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": "interleaved"},
    });
    let made = server.request("POST", "/api/sessions", &wish.to_string());
    assert_eq!(made.status, 201);
    let session = made.json();
    let path = format!("/api/sessions/{}", session["id"].as_str().unwrap());
    assert_eq!(
        (&session["path"], &session["type"]),
        (&wish["path"], &wish["type"])
    );
    let again = server.request("POST", "/api/sessions", &wish.to_string());
    assert_eq!(again.json()["id"], session["id"], "a document has one");
    assert_eq!(
        server.get("/api/sessions").json().as_array().unwrap().len(),
        1
    );
    assert_eq!(
        server.get(&path).json()["kernel"]["id"],
        session["kernel"]["id"]
    );

    let renamed = server
        .request("PATCH", &path, "{\"path\": \"b.ipynb\"}")
        .json();
    assert_eq!(renamed["path"], "b.ipynb");
    assert_eq!(renamed["kernel"]["id"], session["kernel"]["id"]);
    let moved = server
        .request("PATCH", &path, "{\"kernel\": {\"name\": \"interleaved\"}}")
        .json();
    assert_ne!(moved["kernel"]["id"], session["kernel"]["id"]);
    assert_eq!(
        server.get("/api/kernels").json().as_array().unwrap().len(),
        1
    );

    assert_eq!(server.request("DELETE", &path, "").status, 204);
    assert_eq!(server.get("/api/kernels").json(), json!([]));
    assert_eq!(server.get(&path).status, 404);
    for (body, status) in [("{\"kernel\": {\"name\": \"python3\"}}", 404), ("[", 400)] {
        let response = server.request("POST", "/api/sessions", body);
        assert_eq!(response.status, status, "{}", response.body);
    }
}

#[test]
fn there_are_bounds() {
    let book = Book::new();
    let server = Server::start(&book);
    let ids: Vec<_> = (0..256).map(|_| server.kernel()).collect();
    let response = server.request("POST", "/api/kernels", "");
    assert_eq!(response.status, 429);
    assert!(response.json()["message"].as_str().unwrap().contains("256"));
    server.request("DELETE", &format!("/api/kernels/{}", ids[0]), "");
    let kernel = server.kernel();

    let _connections: Vec<_> = (0..16)
        .map(|_| server.connect(&kernel, Codec::V1))
        .collect();
    let address = format!(
        "ws://{}/api/kernels/{kernel}/channels?token={}",
        server.host(),
        server.token
    );
    assert_eq!(
        Client::connect(&server, &address, Codec::V1, None).err(),
        Some(429)
    );

    // One byte too many, so that nothing is left unread when it is refused.
    let body = "x".repeat(64 * 1024 + 1);
    assert_eq!(server.request("POST", "/api/sessions", &body).status, 413);
}

#[test]
fn what_a_client_asks_first_is_answered() {
    let book = Book::new();
    let server = Server::start(&book);
    assert!(server.get("/api").json()["version"].is_string());
    let status = server.get("/api/status").json();
    assert_eq!(
        (&status["kernels"], &status["connections"]),
        (&json!(0), &json!(0))
    );
    assert!(server.get("/api/me").json()["identity"]["username"].is_string());
    let specs = server.get("/api/kernelspecs").json();
    assert_eq!(specs["default"], "interleaved");
    let spec = &specs["kernelspecs"]["interleaved"];
    assert_eq!(spec["spec"]["display_name"], "Rust (Interleaved)");
    let logo = server.get(spec["resources"]["logo-svg"].as_str().unwrap());
    assert_eq!(logo.header("content-type"), "image/svg+xml");
    assert_eq!(&server.get("/api/kernelspecs/interleaved").json(), spec);
    assert_eq!(server.get("/api/kernelspecs/python3").status, 404);
    assert_eq!(server.get("/api/contents").status, 404);
}

#[test]
fn strangers_are_refused_everywhere() {
    let book = Book::new();
    let server = Server::start(&book);
    let id = server.kernel();
    let session = server
        .request("POST", "/api/sessions", "{\"path\": \"a\"}")
        .json();
    let session = session["id"].as_str().unwrap();
    let kernel = format!("/api/kernels/{id}");
    let open = [
        ("GET", "/".to_owned()),
        ("GET", "/chapter.html".to_owned()),
        ("GET", "/no-such-page".to_owned()),
        ("GET", "/interleaved/reload".to_owned()),
        ("GET", "/interleaved/open/x".to_owned()),
        ("GET", "/kernelspecs/interleaved/logo-svg.svg".to_owned()),
    ];
    let with_token = [
        ("GET", "/api".to_owned()),
        ("GET", "/api/status".to_owned()),
        ("GET", "/api/me".to_owned()),
        ("GET", "/api/kernelspecs".to_owned()),
        ("GET", "/api/kernelspecs/interleaved".to_owned()),
        ("GET", "/api/kernels".to_owned()),
        ("POST", "/api/kernels".to_owned()),
        ("GET", kernel.clone()),
        ("POST", format!("{kernel}/interrupt")),
        ("POST", format!("{kernel}/restart")),
        ("GET", format!("{kernel}/channels")),
        ("DELETE", kernel.clone()),
        ("GET", "/api/sessions".to_owned()),
        ("POST", "/api/sessions".to_owned()),
        ("GET", format!("/api/sessions/{session}")),
        ("PATCH", format!("/api/sessions/{session}")),
        ("DELETE", format!("/api/sessions/{session}")),
        ("GET", "/api/no-such-route".to_owned()),
    ];
    let token = format!("Authorization: token {}", server.token);
    let host = format!("Host: {}", server.host());
    let port = server.port;
    let strange: [&[&str]; 7] = [
        &[&token],
        &[&token, "Host: 127.0.0.1"],
        &[&token, "Host: evil.example"],
        &[&token, &format!("Host: evil.example:{port}")],
        &[&token, &host, "Origin: http://evil.example"],
        &[&token, &host, "Origin: null"],
        &[&token, &host, &format!("Origin: http://localhost:{port}")],
    ];
    for (method, path) in open.iter().chain(&with_token) {
        for headers in strange {
            let response = server.raw_request(method, path, headers, "");
            // Without any Host it is no HTTP/1.1, and may be told so.
            assert!(
                [400, 403].contains(&response.status),
                "{method} {path} {headers:?}"
            );
        }
    }
    let wrong = format!("Authorization: token {}", "0".repeat(64));
    for (method, path) in &with_token {
        for headers in [vec![&host], vec![&host, &wrong]] {
            let headers: Vec<&str> = headers.into_iter().map(String::as_str).collect();
            let response = server.raw_request(method, path, &headers, "");
            assert_eq!(response.status, 403, "{method} {path} {headers:?}");
            assert_eq!(response.json()["reason"], "Token");
        }
    }
    assert_eq!(server.get(&kernel).status, 200, "nothing was done");

    let address = |token: &str| format!("ws://{}{kernel}/channels?token={token}", server.host());
    let ours = format!("http://{}", server.host());
    for (token, origin, refused) in [
        ("", None, Some(403)),
        ("0", None, Some(403)),
        (&*server.token, Some("http://evil.example"), Some(403)),
        (&*server.token, Some("null"), Some(403)),
        (&*server.token, Some(&*ours), None),
        (&*server.token, None, None),
    ] {
        let client = Client::connect(&server, &address(token), Codec::V1, origin);
        assert_eq!(client.err(), refused, "{token} {origin:?}");
    }
}

#[test]
fn pages_come_with_their_types_and_policies() {
    let book = Book::new();
    let server = Server::start(&book);
    let page = server.get("/");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self' 'sha256-"), "{policy}");
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    let scripts = policy
        .split(';')
        .find(|part| part.contains("script-src"))
        .unwrap();
    assert!(!scripts.contains("unsafe"), "{scripts}");
    assert_eq!(server.get("/chapter.html").body, page.body);
    assert_eq!(
        server.get("/extra.rs").header("content-type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(server.get("/no-such-page").status, 404);
    assert_eq!(server.request("POST", "/", "").status, 405);
    for response in [
        page,
        server.get("/api/kernels"),
        server.get("/no-such-page"),
    ] {
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        assert_eq!(response.header("x-frame-options"), "DENY");
        assert!(
            response
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
    }
}

/// Hyper's own among them, to what is no request.
#[test]
fn every_answer_has_the_headers() {
    let book = Book::new();
    let server = Server::start(&book);
    let host = format!("Host: {}", server.host());
    let long = format!("X-Long: {}", "x".repeat(200_000));
    let many: Vec<String> = (0..500).map(|number| format!("X-{number}: x")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push(&host);
    for (path, headers, status) in [
        ("/ HTTP/9.9 nonsense", vec![&*host], 400),
        ("/\u{1}", vec![&*host], 400),
        ("/", vec![&*host, "No colon"], 400),
        ("/", vec![&*host, &*long], 431),
        ("/", many, 431),
        ("/no-such-page", vec![&*host], 404),
        ("/api/kernels", vec![&*host], 403),
        ("/", vec!["Host: evil.example"], 403),
        ("/", vec![&*host], 200),
    ] {
        let response = server.raw_request("GET", path, &headers, "");
        assert_eq!(response.status, status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(response.header(name), value, "{path}");
        }
        assert!(!response.header("content-security-policy").is_empty());
    }
    for (path, kept) in [
        ("/api/kernels", "no-store"),
        ("/api/nothing", "no-store"),
        ("/", "no-cache"),
    ] {
        assert_eq!(server.get(path).header("cache-control"), kept, "{path}");
    }
}

#[test]
fn a_request_that_does_not_end_is_cut() {
    let book = Book::new();
    let server = Server::start(&book);
    let host = format!("Host: {}", server.host());
    let started = Instant::now();
    // A head without its end, and a body without its second half.
    let mut head = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    write!(head, "GET / HTTP/1.1\r\n{host}\r\n").unwrap();
    let token = format!("Authorization: token {}", server.token);
    let half = [&*host, &*token, "Content-Length: 10"];
    let mut body = server.send_head("POST", "/api/kernels", &half);
    write!(body, "{{").unwrap();
    let mut said = String::new();
    head.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    body.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(said.contains("nosniff"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(server.get("/").status, 200);
}

/// Neither many connections that say nothing nor a server without room for one
/// more keep the reader out for good.
#[test]
fn many_connections_lock_nobody_out() {
    let book = Book::new();
    let server = Server::start(&book);
    let mut client = server.connect(&server.kernel(), Codec::V1);
    let idle: Vec<TcpStream> = (0..700)
        .filter_map(|_| TcpStream::connect(("127.0.0.1", server.port())).ok())
        .collect();
    assert!(idle.len() > 600);
    for _ in 0..20 {
        assert_eq!(server.get("/").status, 200);
    }
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
    drop(idle);
}

/// Without open files to be had, the server says so, and goes on when there
/// are some again.
#[test]
#[cfg(target_os = "linux")]
fn it_survives_without_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
    let book = Book::new();
    let server = Server::start(&book);
    let mut client = server.connect(&server.kernel(), Codec::V1);
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
    let few = Rlimit {
        current: Some(3),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    let before = prlimit(Some(server.pid()), Resource::Nofile, few).unwrap();
    assert_eq!(client.answer_to(HELLO).error(), "BuildError");
    let late = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let later = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    server.wait_to_hear("warning: no room for another connection");
    prlimit(Some(server.pid()), Resource::Nofile, before).unwrap();
    drop((late, later));
    assert_eq!(server.get("/").status, 200);
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
}

/// Without room for another process or thread, the server says so, answers
/// everything, and goes on when there is room again.
#[test]
#[cfg(target_os = "linux")]
fn it_survives_without_threads() {
    let book = Book::new();
    let server = Server::start(&book);
    let kernel = server.kernel();
    let mut client = server.connect(&kernel, Codec::V1);
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
    let Some(room) = support::room::Room::of(&server) else {
        eprintln!("skipped: root can't be bound here, where no control group can be made");
        return;
    };
    room.bound(0);
    let answer = client.answer_to(HELLO);
    assert_eq!(answer.error(), "RunError");
    let said = answer.reply().content.to_string();
    assert!(
        said.contains("the machine has no room for another process or thread"),
        "{said}"
    );
    // One that no run of this test has built before.
    let started = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let new = HELLO.replace("Hello", &format!("New {started}"));
    assert_eq!(client.answer_to(&new).error(), "BuildError");
    assert_eq!(server.get("/").status, 200);
    let refused = server.request("POST", "/api/kernels", "{\"name\": \"interleaved\"}");
    assert_eq!(refused.status, 429);
    assert!(
        refused
            .body
            .contains("this machine can't take another kernel"),
        "{}",
        refused.body
    );
    // What must be done waits until there is room, if no thread is idle that can
    // do it.
    std::thread::scope(|scope| {
        let restart = scope.spawn(|| {
            let path = format!("/api/kernels/{kernel}/restart");
            server.request("POST", &path, "").status
        });
        support::wait_until("the restart waits for room, or is done", || {
            restart.is_finished() || server.has_said("warning: no room for another thread")
        });
        room.free();
        assert_eq!(restart.join().unwrap(), 200);
    });
    // Room for a part of what a run needs: whatever can't be, it has an end.
    for more in 1..8 {
        room.bound(more);
        let answer = client.answer_to(HELLO);
        let is_fine = answer.printed("stdout") == "Hello!\n" || answer.error() == "RunError";
        assert!(is_fine, "{more}: {:?}", answer.reply().content);
        room.free();
    }
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
    let printed = client.answer_to(&new).printed("stdout");
    assert_eq!(printed, format!("New {started}!\n"));
}

#[test]
fn a_message_that_is_too_big_is_told_so() {
    let book = Book::new();
    let server = Server::start(&book);
    let kernel = server.kernel();
    for size in [2 << 20, 15 << 20] {
        let mut client = server.connect(&kernel, Codec::Json);
        assert_eq!(client.close_code_after(&"x".repeat(size)), Some(1009));
    }
    let mut client = server.connect(&kernel, Codec::V1);
    assert_eq!(client.answer_to(HELLO).printed("stdout"), "Hello!\n");
}

#[test]
fn a_change_is_shown_and_a_mistake_is_not() {
    let book = Book::new();
    let server = Server::start(&book);
    let host = format!("Host: {}", server.host());
    let told = server.send_request("GET", "/interleaved/reload", &[&host], "");
    let mut told = BufReader::new(told).lines().map_while(Result::ok);
    let mut version = || {
        assert!(told.any(|line| line == "event: site"));
        let data = told.next().unwrap();
        data.strip_prefix("data: ").unwrap().to_owned()
    };
    let is_of = |page: &str, version: &str| {
        page.contains(&format!(
            "<meta name=\"interleaved-site\" content=\"{version}\">"
        ))
    };
    // The first is told at once: the page may have been loaded before it changed.
    let first = version();
    assert!(is_of(&server.get("/").body, &first));

    book.write("book/src/chapter.md", "# Chapter\n\nSomething new.\n");
    let second = version();
    let good = server.get("/").body;
    assert!(is_of(&good, &second) && !is_of(&good, &first));
    assert!(good.contains("Something new."));

    book.write("book/src/chapter.md", "{{#include missing.rs}}\n");
    server.wait_to_hear("missing.rs");
    server.wait_to_hear("The page stays as it was before this change.");
    assert_eq!(server.get("/").body, good);

    let toml = std::fs::read_to_string(book.folder().join("book.toml")).unwrap();
    book.write("book/book.toml", "[book\n");
    server.wait_to_hear("book.toml");
    assert_eq!(server.get("/").body, good);

    book.write("book/book.toml", &toml);
    book.write("book/src/chapter.md", "# Chapter\n\nGood again.\n");
    wait_until("the book is good again", || {
        server.get("/").body.contains("Good again.")
    });
}

#[test]
fn a_kernel_without_a_page_is_ended() {
    let book = Book::new();
    let options = ["serve", "--no-open", "--port", "0", "--keep", "1"];
    let server = Server::run(&book, command(&book, &options));
    let mut client = server.connect(&server.kernel(), Codec::V1);
    let id = client.run(NEVER_ENDS);
    let folder = folder_of(&client.first_output(&id));
    drop(client);
    wait_until_gone(&folder);
    wait_until("the kernel is gone", || {
        server.get("/api/kernels").json() == json!([])
    });
}

#[test]
fn it_serves_when_nobody_reads_its_stderr() {
    let book = Book::new();
    let mut command = command(&book, &["serve", "--no-open", "--port", "0"]);
    let (reads, writes) = std::io::pipe().unwrap();
    drop(reads);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(writes)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.contains("/#token="), "{line:?}");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn nothing_outlives_the_server() {
    let mut signals = vec![Signal::INT, Signal::TERM, Signal::HUP];
    if cfg!(target_os = "linux") {
        signals.push(Signal::KILL);
    }
    for signal in signals {
        let book = Book::new();
        let mut server = Server::start(&book);
        let mut client = server.connect(&server.kernel(), Codec::V1);
        let id = client.run(NEVER_ENDS);
        let folder = folder_of(&client.first_output(&id));
        server.signal(signal);
        let status = server.wait();
        wait_until_gone(&folder);
        let expected = (signal != Signal::KILL).then_some(0);
        assert_eq!(status.code(), expected, "{signal:?}");
    }
}

#[test]
fn the_browser_gets_an_address_that_works_once() {
    let book = Book::new();
    let opened = book.folder().join("opened");
    let browser = book.folder().join("bin/xdg-open");
    book.write(
        "book/bin/xdg-open",
        &format!("#!/bin/sh\nprintf %s \"$1\" > '{}'\n", opened.display()),
    );
    std::fs::set_permissions(&browser, PermissionsExt::from_mode(0o755)).unwrap();
    let folder = browser.parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap();
    let mut command = command(&book, &["--port", "0"]);
    command.env("PATH", format!("{folder}:{path}"));
    let server = Server::run(&book, command);

    let address = || std::fs::read_to_string(&opened).unwrap_or_default();
    wait_until("a browser is opened", || address().contains("/open/"));
    assert!(!address().contains(&server.token), "for all to read");
    let path = address().replace(&format!("http://{}", server.host()), "");
    let host = format!("Host: {}", server.host());
    let first = server.raw_request("GET", &path, &[&host], "");
    assert_eq!(first.status, 303);
    let token = format!("http://{}/#token={}", server.host(), server.token);
    assert_eq!(first.header("location"), token);
    let second = server.raw_request("GET", &path, &[&host], "");
    assert_eq!(second.status, 403);
    assert!(!second.body.contains(&server.token));
}

#[test]
fn many_runs_come_as_one_table() {
    let book = Book::new();
    let server = Server::start(&book);
    let mut client = server.connect(&server.kernel(), Codec::V1);
    let answer = client.answer_to(&format!("%%run 20\n{HELLO}"));
    let last = answer.of("update_display_data").pop().unwrap().clone();
    let data: &Value = &last.content["data"]["application/vnd.interleaved.runs+json"];
    let all = json!([{"count": 20, "stdout": "Hello!\n", "ending": {"kind": "returned"}}]);
    assert_eq!(data, &json!({"runs": 20, "done": 20, "outcomes": all}));
}
