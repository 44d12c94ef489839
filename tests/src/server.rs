//! A real server in a process of its own, and a client that speaks to it as
//! the page does: a little REST, and Jupyter's kernel protocol over WebSocket.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use interleaved::serve;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// The first argument of a process that is a server.
const SERVE: &str = "--serve-the-book";

/// How long a client waits for an answer before it gives up.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: serve::Options,
}

/// First call in `main` of every binary that starts a [`Server`]: if this
/// process is to be one, serves and never returns.
pub fn hook() {
    runner::supervisor::hook();
    let mut arguments = env::args();
    let name = arguments.next().unwrap_or_default();
    if arguments.next().as_deref() != Some(SERVE) {
        return;
    }
    let arguments = Arguments::parse_from([name].into_iter().chain(arguments));
    let served = serve::run(&crate::workspace(), &arguments.options);
    if let Err(error) = &served {
        eprintln!("error: {error:#}");
    }
    std::process::exit(served.is_err().into());
}

/// A server that ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    token: String,
    scratch: TempDir,
}

impl Server {
    /// Starts one on a free port, and waits until it serves.
    ///
    /// # Errors
    /// When it doesn't; it has said why on stderr.
    pub fn start() -> Result<Server> {
        let scratch = tempfile::Builder::new()
            .prefix("interleaved-tests-")
            .tempdir()?;
        let mut command = Command::new(env::current_exe()?);
        command
            .args([SERVE, "--no-open", "--port", "0", "--keep", "1"])
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::piped());
        let mut child = runner::spawn_to_die_with_us(command)?;
        let stdout = child.stdout.take().context("the server has a stdout")?;
        let address = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("http://127.0.0.1:")?.1.to_owned()))
            .context("the server didn't start")?;
        let (port, token) = address
            .split_once("/#token=")
            .with_context(|| format!("no token in {address}"))?;
        Ok(Server {
            port: port.parse()?,
            token: token.to_owned(),
            child,
            scratch,
        })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it and what it runs put their temporary files.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Kills it, as a full machine or an impatient user does.
    ///
    /// # Errors
    /// When it can't be killed.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts a kernel and connects to it.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn kernel(&self) -> Result<Kernel<'_>> {
        let started = self.request("POST", "/api/kernels")?;
        let id = started["id"].as_str().context("a kernel has an id")?;
        let stream = self.connect()?;
        let address = format!(
            "ws://127.0.0.1:{}/api/kernels/{id}/channels?token={}",
            self.port, self.token
        );
        let (socket, _) = tungstenite::client(address, stream)
            .map_err(|error| anyhow::anyhow!("no WebSocket: {error}"))?;
        Ok(Kernel {
            server: self,
            id: id.to_owned(),
            socket,
        })
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// Asks for something, and returns the answer's JSON.
    fn request(&self, method: &str, path: &str) -> Result<Value> {
        let mut stream = self.connect()?;
        write!(
            stream,
            "{method} {path}?token={} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
             Connection: close\r\nContent-Length: 0\r\n\r\n",
            self.token, self.port
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .context("an answer has a head")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status.starts_with('2'), "{method} {path}: {status} {body}");
        if body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to, it stops what runs before it ends.
        let _ = rustix::process::kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A kernel, and a connection to it. Dropping it closes the connection.
#[derive(Debug)]
pub struct Kernel<'a> {
    server: &'a Server,
    id: String,
    socket: WebSocket<TcpStream>,
}

/// What came of a cell.
#[derive(Debug, Default)]
pub struct Executed {
    /// What it printed to stdout.
    pub stdout: String,
    /// The reply's content.
    pub reply: Value,
}

impl Kernel<'_> {
    /// Sends a cell. Returns the request's id.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn send(&mut self, code: &str) -> Result<String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let message = json!({
            "channel": "shell",
            "header": {
                "msg_id": id,
                "msg_type": "execute_request",
                "session": "tests",
                "username": "reader",
                "version": "5.3",
                "date": "2026-01-01T00:00:00Z",
            },
            "parent_header": {},
            "metadata": {},
            "content": {
                "code": code,
                "silent": false,
                "store_history": false,
                "user_expressions": {},
                "allow_stdin": false,
                "stop_on_error": true,
            },
            "buffers": [],
        });
        self.socket.send(Message::text(message.to_string()))?;
        Ok(id)
    }

    /// Waits for the next message that answers this request.
    ///
    /// # Errors
    /// When the connection is gone, or nothing comes for a long time.
    pub fn next(&mut self, request: &str) -> Result<Value> {
        loop {
            let text = match self.socket.read()? {
                Message::Text(text) => text,
                Message::Close(_) => bail!("the server closed the connection"),
                _ => continue,
            };
            let message: Value = serde_json::from_str(&text)?;
            if message["parent_header"]["msg_id"] == request {
                return Ok(message);
            }
        }
    }

    /// Waits for the first that the request shows: a line that its program
    /// prints, or the table of many runs.
    ///
    /// # Errors
    /// When the program ends without.
    pub fn first_output(&mut self, request: &str) -> Result<()> {
        loop {
            let message = self.next(request)?;
            match message["header"]["msg_type"].as_str() {
                Some("stream" | "display_data") => return Ok(()),
                Some("execute_reply") => bail!("it printed nothing: {}", message["content"]),
                _ => {}
            }
        }
    }

    /// Waits until the request is done: both the reply and the idle status
    /// have come.
    ///
    /// # Errors
    /// When the connection is gone, or nothing comes for a long time.
    pub fn finish(&mut self, request: &str) -> Result<Executed> {
        let mut executed = Executed::default();
        let mut is_idle = false;
        while !is_idle || executed.reply.is_null() {
            let message = self.next(request)?;
            let content = &message["content"];
            match message["header"]["msg_type"].as_str() {
                Some("execute_reply") => executed.reply = content.clone(),
                Some("status") => is_idle |= content["execution_state"] == "idle",
                Some("stream") if content["name"] == "stdout" => {
                    executed.stdout += content["text"].as_str().unwrap_or_default();
                }
                _ => {}
            }
        }
        Ok(executed)
    }

    /// Stops what runs, as the page's Stop does.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn interrupt(&self) -> Result<()> {
        let path = format!("/api/kernels/{}/interrupt", self.id);
        self.server.request("POST", &path).map(drop)
    }

    /// Starts the kernel again.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn restart(&self) -> Result<()> {
        let path = format!("/api/kernels/{}/restart", self.id);
        self.server.request("POST", &path).map(drop)
    }

    /// Ends the kernel.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn delete(self) -> Result<()> {
        let path = format!("/api/kernels/{}", self.id);
        self.server.request("DELETE", &path).map(drop)
    }
}
