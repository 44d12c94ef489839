//! Serves a book on this machine, with programs that run. Which book, and what its
//! programs are built with, whoever serves it says: see [`Book`].
//!
//! Pages come from memory ([`site`]), programs run through Jupyter's protocol
//! ([`jupyter`], [`channels`]), and everything passes [`guard`] first, since
//! whoever may talk to a kernel may do whatever its user can.

mod channels;
mod connections;
mod guard;
mod jupyter;
mod kernels;
mod problem;
mod reload;
mod sessions;
mod site;
mod threads;
mod ticket;
mod watch;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use cargo_outcomes::Modelled;
use cargo_outcomes::progress::Progress;
use cargo_outcomes::stderr::say;
use guard::Guard;
use kernel::{LookAlikes, Workshop};
use kernels::Kernels;
use reload::Reload;
use runner::{Builder, Limits, Stop};
use sessions::Sessions;
use site::Site;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::thread;
use std::time::Duration;
use threads::on_a_thread;
use ticket::Ticket;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// How the names of the folders begin into which sites are built, on their way
/// into memory.
const SITE: &str = "site-";

/// How old such a folder is when nobody can be building into it any more.
const ABANDONED: Duration = Duration::from_secs(600);

/// The port that is listened on unless another is asked for.
const PORT: u16 = 7878;

/// How long programs go on after their page was closed, unless told otherwise.
const KEEP: Duration = Duration::from_secs(60);

/// How long the kernels may take to end.
const END_WITHIN: Duration = Duration::from_secs(10);

/// A book, as far as a server must know it.
pub trait Book: Send + Sync + 'static {
    /// Builds its site into a folder.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with the book.
    fn build(&self, site: &Path) -> Result<()>;

    /// A folder of its own for what is on its way into memory, and may be lost.
    fn scratch(&self) -> PathBuf;

    /// What its programs are built with, as far as Run needs it.
    ///
    /// # Errors
    /// Says why that can't be had.
    fn builder(&self) -> Result<Builder>;

    /// Builds its programs while the reader reads, so that the first run of each
    /// doesn't wait for the compiler.
    fn build_programs(&self, builder: &Builder);

    /// What its programs are explored with.
    fn look_alikes(&self) -> LookAlikes;

    /// The folders that hold all that it is made from.
    ///
    /// # Errors
    /// Says which can't be found.
    fn folders(&self) -> Result<Vec<PathBuf>>;

    /// Leaves, of files in these folders that have changed, those that it is made
    /// from.
    fn retain_sources(&self, files: &mut BTreeSet<PathBuf>);

    /// Whether its pages explore programs: then what that needs is built before
    /// anybody asks.
    fn is_explored(&self) -> bool;

    /// Builds the programs in these files, which have changed. Says whether there
    /// is something to explore.
    fn changed(&self, files: &BTreeSet<PathBuf>, builder: &Builder) -> bool;

    /// Explores its programs, for the pages. `written` gets each file when it is
    /// there: its path in the site, and what it holds.
    ///
    /// # Errors
    /// When there is nothing to explore them with, or nothing can be written.
    fn explore(
        &self,
        prepare: &dyn Fn() -> Result<Modelled>,
        written: &mut dyn FnMut(String, Vec<u8>),
    ) -> Result<()>;
}

/// What `serve` may be told.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// The port to listen on; 0 takes any that is free [default: 7878]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Only print the book's address, without opening the browser
    #[arg(long)]
    no_open: bool,

    /// How long programs go on running after their page was closed
    /// [default: 60]
    #[arg(long, value_name = "SECONDS")]
    keep: Option<u64>,
}

impl Options {
    /// These, and what they leave open as in the others.
    #[must_use]
    pub fn or(self, others: Options) -> Options {
        Options {
            port: self.port.or(others.port),
            no_open: self.no_open || others.no_open,
            keep: self.keep.or(others.keep),
        }
    }

    /// The name of an option that was given, if one was.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--port", self.port.is_some()),
            ("--no-open", self.no_open),
            ("--keep", self.keep.is_some()),
        ];
        given
            .into_iter()
            .find_map(|(name, given)| given.then_some(name))
    }
}

/// What the routes share.
pub(crate) struct Server {
    guard: Guard,
    site: RwLock<Arc<Site>>,
    /// What was explored since the command began, which is newer than what is
    /// in the site.
    explored: RwLock<Site>,
    reload: Reload,
    kernels: Arc<Kernels>,
    sessions: Sessions,
    ticket: Ticket,
    /// When it was started, in ISO 8601.
    started: String,
}

/// Serves the book until the command is told to end.
///
/// # Errors
/// Says in one sentence what keeps it from serving.
pub fn run(book: Arc<dyn Book>, options: &Options) -> Result<()> {
    // The token is in it.
    runner::hide_memory();
    runner::remove_abandoned_folders();
    let runtime = Runtime::new().context("cannot start the server's threads")?;
    // First, so that a taken port is noticed before anything is built.
    let listener = runtime.block_on(listen(options.port.unwrap_or(PORT)))?;
    let site = build_site(&*book)?;
    let builder = book.builder()?;
    let served = runtime.block_on(serve(book, options, listener, site, builder));
    // Whatever still waits for something waits for nobody.
    runtime.shutdown_timeout(Duration::from_millis(100));
    served
}

async fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "port {port} is taken, perhaps by another server of a book: \
             stop that, or choose another port with --port (0 takes any)"
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow!("port {port} is not for everyone: choose one above 1023 with --port")
        }
        _ => anyhow!("cannot listen on port {port}: {error}"),
    })
}

/// Builds the book into memory.
fn build_site(book: &dyn Book) -> Result<Site> {
    remove_abandoned(&book.scratch());
    let progress = Progress::begin("Building the book");
    match site_of(book) {
        Ok(site) => {
            progress.done();
            Ok(site)
        }
        Err(error) => {
            progress.failed();
            Err(error)
        }
    }
}

/// Removes what a command that was killed while it built has left.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_site = entry.file_name().to_string_lossy().starts_with(SITE);
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|time| time.elapsed().ok());
        if is_site && age.is_some_and(|age| age > ABANDONED) {
            // Next time, then.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn site_of(book: &dyn Book) -> Result<Site> {
    let target = book.scratch();
    let folder = fs::create_dir_all(&target)
        .and_then(|()| tempfile::Builder::new().prefix(SITE).tempdir_in(&target))
        .with_context(|| format!("cannot make a folder in {}", target.display()))?;
    book.build(folder.path())?;
    Site::read(folder.path())
}

/// Has the programs built while the reader reads, and the look-alikes after that.
fn build_programs(
    book: Arc<dyn Book>,
    builder: Builder,
    look_alikes: LookAlikes,
    explorer: Explorer,
) {
    let build = move || {
        book.build_programs(&builder);
        // Only now: cargo does one thing at a time, and Run comes first.
        if book.is_explored() {
            look_alikes.begin();
            explorer.explore();
        }
    };
    // Without a thread the first runs are a little slower.
    let _ = thread::Builder::new()
        .name("programs".to_owned())
        .spawn(build);
}

async fn serve(
    book: Arc<dyn Book>,
    options: &Options,
    listener: TcpListener,
    site: Site,
    builder: Builder,
) -> Result<()> {
    let port = listener.local_addr()?.port();
    let guard = Guard::new(port);
    let look_alikes = book.look_alikes();
    let workshop = Workshop::new(builder.clone(), Limits::default(), look_alikes.clone());
    let server = Arc::new(Server {
        ticket: Ticket::new(),
        started: kernel::header::now(),
        reload: Reload::new(site.version()),
        site: RwLock::new(Arc::new(site)),
        explored: RwLock::default(),
        kernels: Kernels::new(workshop, options.keep.map_or(KEEP, Duration::from_secs)),
        sessions: Sessions::default(),
        guard,
    });
    let explorer = Explorer::start(book.clone(), &server, look_alikes.clone())?;
    let _watcher = watch_files(book.clone(), &server, builder.clone(), explorer.clone())?;
    let mut signals = Signals::new()?;

    let address = server.guard.address();
    // On stdout, since programs read it from a pipe; or nobody does.
    let _ = writeln!(io::stdout(), "The book is at {address}").and_then(|()| io::stdout().flush());
    say("Press Ctrl-C to end.");
    if !options.no_open {
        let ticket = server.ticket.address(port);
        if open::that_detached(ticket).is_err() {
            say("There is no browser to open here: open the address above yourself.");
        }
    }

    tell_what_is_lacking();
    // Only now: a reader is not to wait for them.
    build_programs(book, builder, look_alikes, explorer);

    let serving = connections::serve(listener, routes(server.clone()), port);
    let culling = server.kernels.clone().cull_forever();
    tokio::select! {
        () = serving => unreachable!("serving never ends"),
        () = culling => unreachable!("culling never ends"),
        () = signals.any() => {}
    }
    say("Ending: stopping what runs …");
    let kernels = server.kernels.clone();
    let ending = on_a_thread(move || kernels.end());
    // What doesn't end by itself ends with us: every program has a supervisor,
    // who kills it when we are gone.
    tokio::select! {
        _ = ending => {}
        () = tokio::time::sleep(END_WITHIN) => say("Something doesn't end: leaving it."),
        () = signals.any() => say("Ending at once."),
    }
    Ok(())
}

/// Says what the kernel doesn't contain programs with here.
fn tell_what_is_lacking() {
    let tell = || {
        let lacks = runner::lacks().unwrap_or_default();
        for lack in &lacks {
            say(format_args!("warning: {lack}"));
        }
        if !lacks.is_empty() {
            say("So run nothing here that you don't trust: it could do harm.");
        }
    };
    // Without a thread there is more to worry about.
    let _ = thread::Builder::new().spawn(tell);
}

fn routes(server: Arc<Server>) -> Router {
    Router::new()
        .merge(jupyter::routes(server.clone()))
        .merge(reload::routes())
        .merge(ticket::routes())
        .fallback(site::serve)
        .layer(axum::middleware::from_fn_with_state(
            server.clone(),
            guard::check_every_request,
        ))
        .with_state(server)
}

/// Rebuilds the book when a file of it changes.
fn watch_files(
    book: Arc<dyn Book>,
    server: &Arc<Server>,
    builder: Builder,
    explorer: Explorer,
) -> Result<notify::RecommendedWatcher> {
    // Not the server itself: the watcher must not keep it alive.
    let server = Arc::downgrade(server);
    let folders = book.folders()?;
    watch::watch(&folders, move |mut paths| {
        let Some(server) = server.upgrade() else {
            return;
        };
        book.retain_sources(&mut paths);
        if paths.is_empty() {
            return;
        }
        match site_of(&*book) {
            Ok(site) => {
                let version = site.version().to_owned();
                *server.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
                server.reload.send(version);
                say("Rebuilt the book.");
            }
            Err(error) => {
                say(format_args!("error: {error:#}"));
                say("The page stays as it was before this change.");
            }
        }
        if book.changed(&paths, &builder) {
            explorer.explore();
        }
    })
}

/// Explores the programs in the background, whenever it is told that there may
/// be something new. Each is served as soon as it is explored: a page asks for
/// it when its reader does, and needn't be loaded again.
#[derive(Clone)]
struct Explorer(mpsc::Sender<()>);

impl Explorer {
    fn start(
        book: Arc<dyn Book>,
        server: &Arc<Server>,
        look_alikes: LookAlikes,
    ) -> Result<Explorer> {
        let server = Arc::downgrade(server);
        let prepare = move || Ok(look_alikes.wait(&Stop::new(), &mut |_, _| {})?);
        let (sender, wishes) = mpsc::channel();
        thread::Builder::new()
            .name("explore".to_owned())
            .spawn(move || {
                while wishes.recv().is_ok() {
                    // Several wishes are as good as one.
                    while wishes.try_recv().is_ok() {}
                    let mut written = |path: String, json| {
                        if let Some(server) = server.upgrade() {
                            let mut explored = server.explored.write();
                            let explored = explored.as_mut().unwrap_or_else(|it| it.get_mut());
                            explored.put(path, json);
                        }
                    };
                    if let Err(error) = book.explore(&prepare, &mut written) {
                        say(format_args!(
                            "warning: the programs are not explored: {error:#}"
                        ));
                    }
                }
            })
            .context("cannot start a thread")?;
        Ok(Explorer(sender))
    }

    fn explore(&self) {
        // Without its thread the command is ending.
        let _ = self.0.send(());
    }
}

/// What tells the command to end: Ctrl-C, `kill`, a closed terminal.
struct Signals(Vec<tokio::signal::unix::Signal>);

impl Signals {
    fn new() -> Result<Signals> {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let signals: io::Result<Vec<_>> = kinds.into_iter().map(signal).collect();
        Ok(Signals(signals.context("cannot listen for Ctrl-C")?))
    }

    async fn any(&mut self) {
        let waits = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(waits).await;
    }
}
