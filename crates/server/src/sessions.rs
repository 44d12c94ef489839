//! Jupyter's sessions: documents, and the kernel of each.

use super::kernels::{Kernels, Model};
use kernel::header::new_id;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All sessions. One whose kernel has ended is forgotten.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Vec<Session>>);

/// A document and its kernel.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: String,
    path: String,
    name: String,
    kind: String,
    pub(super) kernel: String,
}

/// What a client says of a session, when it makes or changes one.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wish {
    pub(super) path: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    pub(super) kernel: Option<WishedKernel>,
}

/// Which kernel a session is to have: a running one, or a new one.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct WishedKernel {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// A session as Jupyter's REST describes it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SessionModel {
    id: String,
    path: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    kernel: Model,
    /// For old clients.
    notebook: Value,
}

impl Sessions {
    /// Those whose kernels run.
    pub(super) fn models(&self, kernels: &Kernels) -> Vec<SessionModel> {
        let mut sessions = self.sessions();
        sessions.retain(|session| kernels.get(&session.kernel).is_some());
        sessions
            .iter()
            .filter_map(|session| session.model(kernels))
            .collect()
    }

    /// The session of that id, if its kernel runs.
    pub(super) fn get(&self, id: &str, kernels: &Kernels) -> Option<Session> {
        let sessions = self.sessions();
        let session = sessions.iter().find(|session| session.id == id)?;
        kernels.get(&session.kernel).map(|_| session.clone())
    }

    /// The session of that document, if its kernel runs.
    pub(super) fn of_path(&self, path: &str, kernels: &Kernels) -> Option<Session> {
        let sessions = self.sessions();
        let session = sessions
            .iter()
            .find(|session| session.path == path && kernels.get(&session.kernel).is_some())?;
        Some(session.clone())
    }

    /// Adds a session with that kernel.
    pub(super) fn add(&self, wish: Wish, kernel: String) -> Session {
        let mut session = Session {
            id: new_id(),
            path: String::new(),
            name: String::new(),
            kind: "notebook".to_owned(),
            kernel,
        };
        session.apply(wish);
        self.sessions().push(session.clone());
        session
    }

    /// Changes a session; None if there is none of that id.
    pub(super) fn change(&self, id: &str, wish: Wish, kernel: Option<String>) -> Option<Session> {
        let mut sessions = self.sessions();
        let session = sessions.iter_mut().find(|session| session.id == id)?;
        if let Some(kernel) = kernel {
            session.kernel = kernel;
        }
        session.apply(wish);
        Some(session.clone())
    }

    /// Forgets a session and gives it back.
    pub(super) fn remove(&self, id: &str) -> Option<Session> {
        let mut sessions = self.sessions();
        let index = sessions.iter().position(|session| session.id == id)?;
        Some(sessions.remove(index))
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// As REST describes it; None if its kernel has ended.
    pub(super) fn model(&self, kernels: &Kernels) -> Option<SessionModel> {
        Some(SessionModel {
            id: self.id.clone(),
            path: self.path.clone(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            kernel: kernels.get(&self.kernel)?.model(),
            notebook: json!({"path": self.path, "name": self.name}),
        })
    }

    fn apply(&mut self, wish: Wish) {
        if let Some(path) = wish.path {
            self.path = path;
        }
        if let Some(name) = wish.name {
            self.name = name;
        }
        if let Some(kind) = wish.kind {
            self.kind = kind;
        }
    }
}
