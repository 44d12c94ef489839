//! Asking the front end for what a cell reads from its standard input.

use crate::content::{InputReply, InputRequest};
use crate::message::{Channel, Message};
use crate::publisher::Publisher;
use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The question that is open, if one is.
#[derive(Default)]
pub(crate) struct Stdin(Mutex<Option<Answer>>);

/// Takes the line that somebody typed, line break included.
type Answer = Box<dyn FnOnce(String) + Send>;

impl Stdin {
    /// Whether whoever sent a cell answers questions.
    pub(crate) fn is_allowed(&self, request: &Message) -> bool {
        request.content["allow_stdin"].as_bool().unwrap_or(false)
    }

    /// Asks whoever sent the cell for a line.
    pub(crate) fn ask(
        &self,
        publisher: &Publisher<'_>,
        prompt: &str,
        password: bool,
        answer: impl FnOnce(String) + Send + 'static,
    ) {
        *self.open() = Some(Box::new(answer));
        let request = InputRequest {
            prompt: prompt.to_owned(),
            password,
        };
        publisher.reply(Channel::Stdin, &request);
    }

    /// Takes an answer. One that nobody waits for any more is passed over.
    pub(crate) fn answered(&self, reply: &Message) {
        let Ok(reply) = InputReply::deserialize(&reply.content) else {
            return;
        };
        let answer = self.open().take();
        if let Some(answer) = answer {
            answer(reply.value + "\n");
        }
    }

    /// The cell has ended: its question needs no answer any more.
    pub(crate) fn forget(&self) {
        *self.open() = None;
    }

    fn open(&self) -> MutexGuard<'_, Option<Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
