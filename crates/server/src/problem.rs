//! What goes wrong with a request, as an answer.

use super::kernels::Refused;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer that says what was wrong, as Jupyter Server writes it.
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn not_found(message: impl Into<String>) -> Problem {
        Problem {
            status: StatusCode::NOT_FOUND,
            message: message.into(),
        }
    }

    pub(super) fn no_kernel(id: &str) -> Problem {
        Problem::not_found(format!("Kernel does not exist: {id}"))
    }

    pub(super) fn no_session(id: &str) -> Problem {
        Problem::not_found(format!("Session not found: {id}"))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let (status, message) = match refused {
            Refused::TooMany(sentence) => (StatusCode::TOO_MANY_REQUESTS, sentence),
            Refused::Gone => (StatusCode::NOT_FOUND, "The kernel has ended".to_owned()),
            Refused::Ending => {
                let sentence = "The server is ending: start it again";
                (StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned())
            }
            Refused::Failed(sentence) => (StatusCode::INTERNAL_SERVER_ERROR, sentence),
        };
        Problem { status, message }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let json = json!({"message": self.message, "reason": reason});
        (self.status, Json(json)).into_response()
    }
}
