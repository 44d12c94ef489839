//! A kernel's client, for the tests. Each of them uses some of it.

#![allow(dead_code)]

use cargo_outcomes::Modelled;
use kernel::header::Header;
use kernel::{Channel, Kernel, LookAlikes, Message, Outbox, Workshop};
use runner::{Builder, Libraries, Limits};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

/// How long to wait for a message. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(300);

/// One builder for all tests, as one server has one.
pub(crate) fn workshop() -> Workshop {
    static BUILDER: OnceLock<Builder> = OnceLock::new();
    let builder = BUILDER.get_or_init(|| {
        // Empty at first: one test looks at what is in the cache.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs-of-cells");
        let _ = std::fs::remove_dir_all(&cache);
        Builder::new(libraries(), cache)
    });
    workshop_with(builder.clone())
}

pub(crate) fn workshop_with(builder: Builder) -> Workshop {
    let limits = Limits {
        output: 10_000,
        ..Limits::default()
    };
    Workshop::new(builder, limits, look_alikes())
}

pub(crate) fn libraries() -> Libraries {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = runner::cargo::build_examples(workspace, "listings", &mut |_| {});
    built.expect("the listings' libraries are built").libraries
}

/// The same for the look-alikes.
pub(crate) fn look_alikes() -> LookAlikes {
    static LOOK_ALIKES: OnceLock<LookAlikes> = OnceLock::new();
    let look_alikes = LOOK_ALIKES.get_or_init(|| {
        LookAlikes::new(|tell| {
            let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
            Modelled::prepare(workspace, "listings", tell).map_err(|error| error.to_string())
        })
    });
    look_alikes.clone()
}

/// A client that sees everything a kernel sends.
pub(crate) struct Client {
    pub(crate) kernel: Kernel,
    pub(crate) sent: mpsc::Receiver<(Channel, Message)>,
    pub(crate) shut_down: Arc<Mutex<Option<bool>>>,
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
pub(crate) struct Answer(pub(crate) Vec<(Channel, Message)>);

impl Client {
    pub(crate) fn new() -> Client {
        Client::of(workshop())
    }

    pub(crate) fn of(workshop: Workshop) -> Client {
        let (messages, sent) = mpsc::channel();
        let shut_down = Arc::new(Mutex::new(None));
        let outbox = Sent {
            messages,
            shut_down: shut_down.clone(),
        };
        let client = Client {
            kernel: Kernel::start(workshop, Arc::new(outbox)).expect("threads"),
            sent,
            shut_down,
        };
        let (_, starting) = client.next();
        assert_eq!(starting.content, json!({"execution_state": "starting"}));
        client
    }

    pub(crate) fn send(&self, channel: Channel, msg_type: &str, content: Value) -> String {
        self.send_with(channel, msg_type, content, json!({}))
    }

    pub(crate) fn send_with(
        &self,
        channel: Channel,
        msg_type: &str,
        content: Value,
        metadata: Value,
    ) -> String {
        let header = Header::new(msg_type, "client");
        let id = header.msg_id.clone();
        let message = Message {
            identities: vec![b"client".to_vec()],
            header,
            parent_header: None,
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            content,
            buffers: Vec::new(),
        };
        self.kernel.receive(channel, message).expect("is taken");
        id
    }

    pub(crate) fn run(&self, code: &str) -> String {
        self.send(Channel::Shell, "execute_request", json!({"code": code}))
    }

    pub(crate) fn next(&self) -> (Channel, Message) {
        self.sent.recv_timeout(PATIENCE).expect("a message comes")
    }

    /// Waits for a message that the request brought about.
    pub(crate) fn wait(&self, id: &str, msg_type: &str) -> Message {
        loop {
            let (_, message) = self.next();
            if parent(&message) != id {
                continue;
            }
            if message.msg_type() == msg_type {
                return message;
            }
            let idle = message.content == json!({"execution_state": "idle"});
            assert!(!idle, "no {msg_type} came");
        }
    }

    /// Waits until the request is done.
    pub(crate) fn answer(&self, id: &str) -> Answer {
        let mut messages = self.all_until_done(id);
        messages.retain(|(_, message)| parent(message) == id);
        Answer(messages)
    }

    /// Everything that comes until the request is done: its idle status comes
    /// last.
    pub(crate) fn all_until_done(&self, id: &str) -> Vec<(Channel, Message)> {
        let mut messages = Vec::new();
        loop {
            let (channel, message) = self.next();
            let idle = message.content == json!({"execution_state": "idle"});
            let done = idle && parent(&message) == id;
            messages.push((channel, message));
            if done {
                return messages;
            }
        }
    }

    pub(crate) fn answer_to(&self, code: &str) -> Answer {
        self.answer(&self.run(code))
    }
}

pub(crate) fn parent(message: &Message) -> &str {
    let parent = message.parent_header.as_ref();
    parent.map_or("", |header| &header.msg_id)
}

impl Answer {
    pub(crate) fn types(&self) -> Vec<&str> {
        let messages = self.0.iter();
        messages.map(|(_, message)| message.msg_type()).collect()
    }

    pub(crate) fn of(&self, msg_type: &str) -> Vec<&Message> {
        let messages = self.0.iter().map(|(_, message)| message);
        messages
            .filter(|message| message.msg_type() == msg_type)
            .collect()
    }

    pub(crate) fn reply(&self) -> &Message {
        let replies: Vec<_> = self
            .0
            .iter()
            .filter(|(channel, _)| *channel != Channel::Iopub)
            .collect();
        assert_eq!(replies.len(), 1, "exactly one reply: {:?}", self.types());
        assert_eq!(replies[0].1.identities, [b"client".to_vec()]);
        &replies[0].1
    }

    pub(crate) fn status(&self) -> &str {
        self.reply().content["status"].as_str().unwrap()
    }

    pub(crate) fn printed(&self, name: &str) -> String {
        self.of("stream")
            .into_iter()
            .filter(|message| message.content["name"] == name)
            .map(|message| message.content["text"].as_str().unwrap())
            .collect()
    }

    /// The one error, which must be the reply's too.
    pub(crate) fn error(&self) -> (&str, &str) {
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

    /// The same, kept.
    pub(crate) fn error_owned(&self) -> (String, String) {
        let (ename, evalue) = self.error();
        (ename.to_owned(), evalue.to_owned())
    }
}
