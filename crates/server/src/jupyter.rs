//! The slice of Jupyter Server's REST that clients call.
//!
//! <https://jupyter-server.readthedocs.io/en/stable/developers/rest-api.html>

use super::kernels::{Entry, Refused};
use super::problem::Problem;
use super::sessions::{Session, Wish, WishedKernel};
use super::threads::on_a_thread;
use super::{Server, channels, guard};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use kernel::header::now;
use kernel::kernelspec::{self, LOGO_SVG, NAME};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// The largest body of a request, in bytes. They say little.
const BODY: usize = 64 * 1024;

/// The version of Jupyter Server whose REST this is a slice of.
const VERSION: &str = "2.14.0";

pub(super) fn routes(server: Arc<Server>) -> Router<Arc<Server>> {
    let api = Router::new()
        .route("/api", get(version))
        .route("/api/", get(version))
        .route("/api/status", get(status))
        .route("/api/me", get(me))
        .route("/api/kernelspecs", get(kernelspecs))
        .route("/api/kernelspecs/{name}", get(one_kernelspec))
        .route("/api/kernels", get(kernels).post(start_kernel))
        .route("/api/kernels/{id}", get(kernel).delete(end_kernel))
        .route("/api/kernels/{id}/interrupt", post(interrupt))
        .route("/api/kernels/{id}/restart", post(restart))
        .route("/api/kernels/{id}/channels", get(channels::connect))
        .route("/api/sessions", get(sessions).post(start_session))
        .route(
            "/api/sessions/{id}",
            get(session)
                .patch(change_session)
                .merge(delete(end_session)),
        )
        .route("/api/{*path}", any(no_such_route))
        .route_layer(middleware::from_fn_with_state(server, guard::check_token))
        .layer(DefaultBodyLimit::max(BODY));
    Router::new()
        .route("/kernelspecs/{name}/{file}", get(resource))
        .merge(api)
}

type Answer<T> = Result<T, Problem>;

async fn version() -> Json<Value> {
    Json(json!({"version": VERSION}))
}

async fn status(State(server): State<Arc<Server>>) -> Json<Value> {
    let kernels = server.kernels.models();
    let connections = kernels
        .iter()
        .map(|model| model.connections())
        .sum::<usize>();
    Json(json!({
        "started": server.started,
        "last_activity": now(),
        "kernels": kernels.len(),
        "connections": connections,
    }))
}

async fn me() -> Json<Value> {
    Json(json!({
        "identity": {
            "username": "reader",
            "name": "Reader",
            "display_name": "Reader",
            "initials": "R",
            "avatar_url": null,
            "color": null,
        },
        "permissions": {},
    }))
}

/// Nobody starts our kernel by its command line: it lives in this process.
fn spec() -> Value {
    json!({
        "name": NAME,
        "spec": kernelspec::kernelspec(&[]),
        "resources": {"logo-svg": format!("/kernelspecs/{NAME}/logo-svg.svg")},
    })
}

async fn kernelspecs() -> Json<Value> {
    Json(json!({"default": NAME, "kernelspecs": {NAME: spec()}}))
}

async fn one_kernelspec(Path(name): Path<String>) -> Answer<Json<Value>> {
    check_name(Some(&name))?;
    Ok(Json(spec()))
}

async fn resource(Path((name, file)): Path<(String, String)>) -> Answer<Response> {
    check_name(Some(&name))?;
    if file != "logo-svg.svg" {
        return Err(Problem::not_found(format!("{NAME} has no file {file}")));
    }
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], LOGO_SVG).into_response())
}

async fn kernels(State(server): State<Arc<Server>>) -> Response {
    Json(server.kernels.models()).into_response()
}

async fn start_kernel(State(server): State<Arc<Server>>, body: Bytes) -> Answer<Response> {
    let wish: WishedKernel = read(&body)?;
    let entry = new_kernel(&server, wish.name.as_deref())?;
    let location = format!("/api/kernels/{}", entry.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(entry.model()),
    )
        .into_response())
}

async fn kernel(State(server): State<Arc<Server>>, Path(id): Path<String>) -> Answer<Response> {
    Ok(Json(find(&server, &id)?.model()).into_response())
}

async fn end_kernel(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    find(&server, &id)?;
    remove_kernel(&server, id).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn interrupt(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    find(&server, &id)?.interrupt().await;
    Ok(StatusCode::NO_CONTENT)
}

async fn restart(State(server): State<Arc<Server>>, Path(id): Path<String>) -> Answer<Response> {
    let entry = find(&server, &id)?;
    let kernels = server.kernels.clone();
    let restarted = on_a_thread(move || kernels.restart(&id)).await;
    // It is missing only if the restart panics, which is printed then.
    let panicked = || Refused::Failed("The restart has failed".to_owned());
    restarted.ok_or_else(panicked)??;
    Ok(Json(entry.model()).into_response())
}

async fn sessions(State(server): State<Arc<Server>>) -> Response {
    Json(server.sessions.models(&server.kernels)).into_response()
}

async fn start_session(State(server): State<Arc<Server>>, body: Bytes) -> Answer<Response> {
    let wish: Wish = read(&body)?;
    let path = wish.path.clone().unwrap_or_default();
    // As Jupyter Server does: a document has one session.
    let session = match server.sessions.of_path(&path, &server.kernels) {
        Some(session) => session,
        None => {
            let kernel = wished_kernel(&server, wish.kernel.as_ref())?;
            server.sessions.add(wish, kernel.id.clone())
        }
    };
    let location = [(header::LOCATION, format!("/api/sessions/{}", session.id))];
    Ok((StatusCode::CREATED, location, model(&server, &session)?).into_response())
}

async fn session(State(server): State<Arc<Server>>, Path(id): Path<String>) -> Answer<Response> {
    let session = server.sessions.get(&id, &server.kernels);
    model(&server, &session.ok_or_else(|| Problem::no_session(&id))?)
}

async fn change_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer<Response> {
    let wish: Wish = read(&body)?;
    let old = server.sessions.get(&id, &server.kernels);
    let old = old.ok_or_else(|| Problem::no_session(&id))?;
    let kernel = match &wish.kernel {
        Some(wished) => Some(wished_kernel(&server, Some(wished))?.id.clone()),
        None => None,
    };
    let session = server.sessions.change(&id, wish, kernel);
    let session = session.ok_or_else(|| Problem::no_session(&id))?;
    if session.kernel != old.kernel {
        remove_kernel(&server, old.kernel).await;
    }
    model(&server, &session)
}

async fn end_session(
    State(server): State<Arc<Server>>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let session = server.sessions.remove(&id);
    let session = session.ok_or_else(|| Problem::no_session(&id))?;
    remove_kernel(&server, session.kernel).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn no_such_route() -> Problem {
    Problem::not_found("This server has only the part of Jupyter's API that runs kernels")
}

fn find(server: &Server, id: &str) -> Answer<Arc<Entry>> {
    server.kernels.get(id).ok_or_else(|| Problem::no_kernel(id))
}

/// The running kernel that is wished for, or else a new one.
fn wished_kernel(server: &Server, wish: Option<&WishedKernel>) -> Answer<Arc<Entry>> {
    match wish.and_then(|wish| wish.id.as_deref()) {
        Some(id) => find(server, id),
        None => new_kernel(server, wish.and_then(|wish| wish.name.as_deref())),
    }
}

fn new_kernel(server: &Server, name: Option<&str>) -> Answer<Arc<Entry>> {
    check_name(name)?;
    Ok(server.kernels.start()?)
}

fn check_name(name: Option<&str>) -> Answer<()> {
    match name {
        None | Some("" | NAME) => Ok(()),
        Some(other) => Err(Problem::not_found(format!(
            "There is no kernel named {other}, only {NAME}"
        ))),
    }
}

/// Ends a kernel, on a thread that may wait for its programs to be gone.
async fn remove_kernel(server: &Server, id: String) {
    let kernels = server.kernels.clone();
    // It is missing only if the removal panics, which is printed then.
    let _ = on_a_thread(move || kernels.remove(&id)).await;
}

fn model(server: &Server, session: &Session) -> Answer<Response> {
    let model = session.model(&server.kernels);
    let model = model.ok_or_else(|| Problem::no_session(&session.id))?;
    Ok(Json(model).into_response())
}

/// Reads a body, whatever its content type: pages of other origins can't send
/// JSON without asking, and ours don't get that far. An empty one says nothing.
fn read<T: DeserializeOwned + Default>(body: &[u8]) -> Answer<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    // A client that wishes for nothing in particular may send null.
    let wish: serde_json::Result<Option<T>> = serde_json::from_slice(body);
    wish.map(Option::unwrap_or_default)
        .map_err(|error| Problem {
            status: StatusCode::BAD_REQUEST,
            message: format!("The request can't be read: {error}"),
        })
}
