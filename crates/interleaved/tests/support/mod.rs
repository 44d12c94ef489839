//! What the command's tests share: a small book, the command as a process, and
//! clients that can also do what a browser would not.

#![allow(dead_code, reason = "each test file uses a part of it")]

#[cfg(target_os = "linux")]
pub(crate) mod room;

use kernel::header::Header;
use kernel::websocket::{Codec, Frame, V1};
use kernel::{Channel, Message};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::marker::PhantomData;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;

/// How long to wait for anything. Only a failing test waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The same where all of the book's listings are built meanwhile, beside the
/// other tests.
const PATIENCE_WITH_BUILDS: Duration = Duration::from_secs(1200);

pub(crate) const HELLO: &str = "fn main() {\n    println!(\"Hello!\");\n}\n";

/// Prints its process's number and its own folder, and goes on forever.
pub(crate) const NEVER_ENDS: &str = "fn main() {
    println!(\"{}\", std::env::temp_dir().display());
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}";

/// A book with one chapter and one listing, outside of the workspace.
pub(crate) struct Book(TempDir);

impl Book {
    pub(crate) fn new() -> Book {
        let book = Book(TempDir::new().expect("a temporary folder"));
        book.write(
            "book/book.toml",
            "[book]\ntitle = \"Fixture\"\n[rust]\nedition = \"2024\"\n\
             [preprocessor.interleaved]\ncommand = \"false\"\nbefore = [\"links\"]\n\
             listings = \"../listings\"\n",
        );
        book.write("book/src/SUMMARY.md", "[Chapter](chapter.md)\n");
        book.write(
            "book/src/chapter.md",
            "# Chapter\n\n```rust\n{{#include ../../listings/examples/hello.rs}}\n```\n\n\
             {{#outcome hello}}\n",
        );
        book.write(
            "listings/listings.toml",
            "[hello]\ntitle = \"Hello\"\nchapter = \"chapter\"\nends = \"returns\"\n",
        );
        book.write("listings/examples/hello.rs", HELLO);
        book.write("listings/outputs/hello.txt", "Hello!\n");
        book.write("book/src/extra.rs", HELLO);
        book
    }

    /// At once, so that no server reads a half of it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        let new = self.0.path().join("new");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&new, text).unwrap();
        fs::rename(new, path).unwrap();
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("book")
    }
}

/// The command, to be run in this workspace, with this book.
pub(crate) fn command(book: &Book, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interleaved"));
    command
        .args(arguments)
        .arg("--book")
        .arg(book.folder())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null());
    command
}

/// Checks that a command failed as it should, and gives back its sentence.
pub(crate) fn failure(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!stderr.contains("backtrace"), "{stderr}");
    let errors: Vec<_> = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("error: "))
        .collect();
    assert_eq!(errors.len(), 1, "one sentence: {stderr}");
    errors[0].to_owned()
}

/// A running `interleaved serve`. Dropping it ends it. Its book must be there for as
/// long.
pub(crate) struct Server<'book> {
    child: Child,
    pub(crate) port: u16,
    pub(crate) token: String,
    /// Everything on its stderr so far.
    said: Arc<Mutex<String>>,
    book: PhantomData<&'book Book>,
}

impl<'book> Server<'book> {
    /// Starts one that ends no kernel by itself.
    pub(crate) fn start(book: &'book Book) -> Server<'book> {
        let options = ["serve", "--no-open", "--port", "0", "--keep", "3600"];
        Server::run(book, command(book, &options))
    }

    /// Starts one by this command, for this book.
    pub(crate) fn run(_: &'book Book, mut command: Command) -> Server<'book> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = runner::spawn_to_die_with_us(command);
        let mut child = child.expect("the command starts");
        let said = Arc::new(Mutex::new(String::new()));
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let hears = said.clone();
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|length| length > 0) {
                hears.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split_once("http://127.0.0.1:");
        let Some((_, address)) = address else {
            let _ = child.kill();
            panic!("no address: {line:?}, but {}", said.lock().unwrap());
        };
        let (port, token) = address.trim().split_once("/#token=").unwrap();
        Server {
            child,
            port: port.parse().unwrap(),
            token: token.to_owned(),
            said,
            book: PhantomData,
        }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits until it has said something on stderr.
    pub(crate) fn wait_to_hear(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE_WITH_BUILDS;
        while !self.has_said(what) {
            let said = || self.said.lock().unwrap().clone();
            assert!(Instant::now() < deadline, "it says {what:?}: {}", said());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it has said something on stderr.
    pub(crate) fn has_said(&self, what: &str) -> bool {
        self.said.lock().unwrap().contains(what)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the command ends");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A request as our own page would send it.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Response {
        let token = format!("Authorization: token {}", self.token);
        self.raw_request(
            method,
            path,
            &[&format!("Host: {}", self.host()), &token],
            body,
        )
    }

    /// A request with exactly these headers.
    pub(crate) fn raw_request(
        &self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &str,
    ) -> Response {
        let mut stream = self.send_request(method, path, headers, body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        Response::parse(&bytes)
    }

    /// Sends a request whose answer is read as it comes.
    pub(crate) fn send_request(
        &self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &str,
    ) -> TcpStream {
        let length = format!("Content-Length: {}", body.len());
        let headers = [headers, &[&length]].concat();
        let mut stream = self.send_head(method, path, &headers);
        stream.write_all(body.as_bytes()).unwrap();
        stream
    }

    /// Sends the beginning of a request, with exactly these headers.
    pub(crate) fn send_head(&self, method: &str, path: &str, headers: &[&str]) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let headers: String = headers
            .iter()
            .map(|header| format!("{header}\r\n"))
            .collect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
        )
        .unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.request("GET", path, "")
    }

    /// Starts a kernel and gives back its id.
    pub(crate) fn kernel(&self) -> String {
        let response = self.request("POST", "/api/kernels", "{\"name\": \"interleaved\"}");
        assert_eq!(response.status, 201, "{}", response.body);
        response.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn connect(&self, kernel: &str, codec: Codec) -> Client {
        let address = format!(
            "ws://{}/api/kernels/{kernel}/channels?session_id=s&token={}",
            self.host(),
            self.token
        );
        Client::connect(self, &address, codec, None).expect("a WebSocket")
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "in time: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Response {
    fn parse(bytes: &[u8]) -> Response {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        Response {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A client of a kernel.
pub(crate) struct Client {
    socket: tungstenite::WebSocket<TcpStream>,
    codec: Codec,
}

/// Everything that came about a request, in order.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Vec<(Channel, Message)>);

impl Client {
    /// Connects; the error is the status of a refusal.
    pub(crate) fn connect(
        server: &Server<'_>,
        address: &str,
        codec: Codec,
        origin: Option<&str>,
    ) -> Result<Client, u16> {
        let mut request = address.into_client_request().unwrap();
        let headers = request.headers_mut();
        if codec == Codec::V1 {
            headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(V1));
        }
        if let Some(origin) = origin {
            headers.insert("Origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, response)) => {
                let protocol = response.headers().get("Sec-WebSocket-Protocol");
                assert_eq!(protocol.is_some(), codec == Codec::V1);
                Ok(Client { socket, codec })
            }
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn send(&mut self, channel: Channel, msg_type: &str, content: Value) -> String {
        let header = Header::new(msg_type, "client");
        let id = header.msg_id.clone();
        let message = Message {
            identities: Vec::new(),
            header,
            parent_header: None,
            metadata: Map::new(),
            content,
            buffers: Vec::new(),
        };
        self.send_frame(self.codec.encode(channel, &message));
        id
    }

    pub(crate) fn send_frame(&mut self, frame: Frame) {
        assert!(self.try_send_frame(frame), "is sent");
    }

    /// Sends a frame that the server may refuse to take in whole.
    pub(crate) fn try_send_frame(&mut self, frame: Frame) -> bool {
        let frame = match frame {
            Frame::Text(text) => tungstenite::Message::text(text),
            Frame::Binary(bytes) => tungstenite::Message::binary(bytes),
        };
        self.socket.send(frame).is_ok()
    }

    /// Sends a text, and gives back the code with which the server closes.
    pub(crate) fn close_code_after(&mut self, text: &str) -> Option<u16> {
        self.send_frame(Frame::Text(text.to_owned()));
        loop {
            match self.socket.read() {
                Ok(tungstenite::Message::Close(frame)) => return Some(frame?.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    pub(crate) fn run(&mut self, code: &str) -> String {
        self.send(Channel::Shell, "execute_request", json!({"code": code}))
    }

    /// The next message; None once the connection is closed.
    pub(crate) fn next(&mut self) -> Option<(Channel, Message)> {
        loop {
            let frame = match self.socket.read() {
                Ok(tungstenite::Message::Text(text)) => Frame::Text(text.to_string()),
                Ok(tungstenite::Message::Binary(bytes)) => Frame::Binary(bytes.into()),
                Ok(tungstenite::Message::Close(_)) => return None,
                Ok(_) => continue,
                Err(tungstenite::Error::Io(error)) if is_timeout(&error) => {
                    panic!("no message came in time")
                }
                Err(_) => return None,
            };
            return Some(self.codec.decode(&frame).expect("can be read"));
        }
    }

    /// Waits for the text that a request has printed first.
    pub(crate) fn first_output(&mut self, id: &str) -> String {
        loop {
            let (_, message) = self.next().expect("still connected");
            if message.msg_type() == "stream" && parent(&message) == id {
                return message.content["text"].as_str().unwrap().to_owned();
            }
        }
    }

    /// Waits until a request is done: both its reply and its idle status have
    /// come.
    pub(crate) fn answer(&mut self, id: &str) -> Answer {
        let mut messages = Vec::new();
        let (mut replied, mut idle) = (false, false);
        while !(replied && idle) {
            let (channel, message) = self.next().expect("still connected");
            if parent(&message) != id {
                continue;
            }
            replied |= channel != Channel::Iopub;
            idle |= message.content == json!({"execution_state": "idle"});
            messages.push((channel, message));
        }
        Answer(messages)
    }

    pub(crate) fn answer_to(&mut self, code: &str) -> Answer {
        let id = self.run(code);
        self.answer(&id)
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), TimedOut | WouldBlock)
}

pub(crate) fn parent(message: &Message) -> &str {
    let parent = message.parent_header.as_ref();
    parent.map_or("", |header| &header.msg_id)
}

impl Answer {
    pub(crate) fn of(&self, msg_type: &str) -> Vec<&Message> {
        let messages = self.0.iter().map(|(_, message)| message);
        messages
            .filter(|message| message.msg_type() == msg_type)
            .collect()
    }

    pub(crate) fn reply(&self) -> &Message {
        let mut replies = self
            .0
            .iter()
            .filter(|(channel, _)| *channel != Channel::Iopub);
        &replies.next().expect("a reply").1
    }

    pub(crate) fn printed(&self, name: &str) -> String {
        self.of("stream")
            .into_iter()
            .filter(|message| message.content["name"] == name)
            .map(|message| message.content["text"].as_str().unwrap())
            .collect()
    }

    /// The kind of the one error.
    pub(crate) fn error(&self) -> String {
        let errors = self.of("error");
        assert_eq!(errors.len(), 1, "exactly one error");
        assert_eq!(self.reply().content["status"], "error");
        errors[0].content["ename"].as_str().unwrap().to_owned()
    }
}

/// The folder that [`NEVER_ENDS`] printed.
pub(crate) fn folder_of(printed: &str) -> PathBuf {
    PathBuf::from(printed.trim())
}

/// Waits until neither the folder is there nor a process that was told of it:
/// the program by its environment, its supervisor as an argument.
pub(crate) fn wait_until_gone(folder: &Path) {
    wait_until("the processes are gone", || processes_told_of(folder) == 0);
    wait_until("its folder is gone", || !folder.exists());
}

pub(crate) fn processes_told_of(folder: &Path) -> usize {
    let name = folder.as_os_str().as_encoded_bytes();
    let is_told = |process: &Path| {
        ["cmdline", "environ"].iter().any(|file| {
            let text = std::fs::read(process.join(file)).unwrap_or_default();
            text.windows(name.len()).any(|part| part == name)
        })
    };
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter(|process| is_told(&process.path())).count()
}
