//! What all kernels of one server share.

use crate::line::Line;
use crate::prepared::{LookAlikes, Prepared, Unready};
use crate::session::Sessions;
use cargo_outcomes::Modelled;
use runner::{Builder, Limits, Stop};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// What programs are built with, how much each may use, and how many may run
/// at once. Its clones share everything.
#[derive(Clone)]
pub struct Workshop {
    /// Builds them, once their libraries are built.
    pub builder: Prepared<Builder>,
    /// What the compiler calls itself.
    pub rustc_version: Prepared<String>,
    /// Bounds each run.
    pub limits: Limits,
    /// What they are explored with.
    pub look_alikes: LookAlikes,
    /// Bounds each exploration.
    pub exploring: outcomes_protocol::Limits,
    /// The edition of programs, where it is not that of their package.
    pub(crate) edition: Option<&'static str>,
    /// Whether it is a program's tests that are to run.
    pub(crate) tests: bool,
    /// How kernels start sessions, if they do.
    pub(crate) sessions: Option<Sessions>,
    /// Where kernels keep their history when they end, if they do.
    pub(crate) history: Option<PathBuf>,
    /// Where programs wait to run.
    pub(crate) programs: Line,
    /// Where programs wait to be explored, which keeps a processor busy.
    pub(crate) explorers: Line,
}

impl Workshop {
    /// A workshop for so many programs at once as this machine can take: most
    /// of a book's wait or sleep, but some compute.
    pub fn new(builder: Builder, limits: Limits, look_alikes: LookAlikes) -> Workshop {
        let rustc_version = builder.libraries().rustc_version().to_owned();
        Workshop::to_be_prepared(
            Prepared::ready(builder),
            Prepared::ready(rustc_version),
            limits,
            look_alikes,
        )
    }

    /// The same where what builds programs is only prepared when it is needed.
    pub fn to_be_prepared(
        builder: Prepared<Builder>,
        rustc_version: Prepared<String>,
        limits: Limits,
        look_alikes: LookAlikes,
    ) -> Workshop {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Workshop {
            builder,
            rustc_version,
            limits,
            look_alikes,
            exploring: outcomes_protocol::Limits {
                time: Duration::from_secs(20),
                memory: 512 << 20,
                ..outcomes_protocol::Limits::default()
            },
            edition: None,
            tests: false,
            sessions: None,
            history: None,
            programs: Line::new(2 * processors + 16),
            explorers: Line::new(processors),
        }
    }

    /// The same for programs in this edition, if it is given.
    pub(crate) fn in_edition(&self, edition: Option<&'static str>) -> Workshop {
        Workshop {
            edition: edition.or(self.edition),
            ..self.clone()
        }
    }

    /// The same for programs' tests.
    pub(crate) fn for_tests(&self) -> Workshop {
        Workshop {
            tests: true,
            ..self.clone()
        }
    }

    /// The same with another builder.
    pub(crate) fn with_builder(&self, builder: Prepared<Builder>) -> Workshop {
        Workshop {
            builder,
            ..self.clone()
        }
    }

    /// What programs are built with, once it is there.
    ///
    /// # Errors
    /// See [`Prepared::wait`].
    pub(crate) fn wait_for_builder(
        &self,
        stop: &Stop,
        tell: &mut dyn FnMut(usize, usize),
    ) -> Result<Builder, Unready> {
        let builder = self.builder.wait(stop, tell)?;
        let builder = match self.edition {
            Some(edition) => builder.with_edition(edition),
            None => builder,
        };
        Ok(match self.tests {
            true => builder.for_tests(),
            false => builder,
        })
    }

    /// What they are explored with, once it is there.
    ///
    /// # Errors
    /// See [`Prepared::wait`].
    pub(crate) fn wait_for_look_alikes(
        &self,
        stop: &Stop,
        tell: &mut dyn FnMut(usize, usize),
    ) -> Result<Modelled, Unready> {
        let modelled = self.look_alikes.wait(stop, tell)?;
        Ok(match self.edition {
            Some(edition) => modelled.with_edition(edition),
            None => modelled,
        })
    }

    /// The same with another bound on how many programs run at once.
    #[must_use]
    pub fn at_once(self, programs: usize) -> Workshop {
        Workshop {
            programs: Line::new(programs),
            ..self
        }
    }

    /// The same with sessions: cells that are no programs run, too. The binary's
    /// `main` calls [`session::hook`](crate::session::hook) first.
    #[cfg(feature = "evcxr")]
    #[must_use]
    pub fn with_sessions(self) -> Workshop {
        let sessions = Sessions::new(self.builder.clone(), &self.limits);
        Workshop {
            sessions: Some(sessions),
            ..self
        }
    }

    /// The same with a history that is kept in this file
    /// ([`history::file`](crate::history::file) says where a user's is).
    #[must_use]
    pub fn with_history(self, file: PathBuf) -> Workshop {
        Workshop {
            history: Some(file),
            ..self
        }
    }
}
