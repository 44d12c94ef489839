//! Goes through every state of a program, depth first.

mod budget;
mod halt;
mod labels;
mod leaks;
mod replay;
mod reports;
mod search;
mod symmetry;

pub use replay::{NoTrace, trace};
pub use search::search;

use crate::machine::{Alternative, Machine, Setup, Snapshot, stands_for_all};
use crate::memory_model::Schedules;
use crate::places::place;
use crate::{
    Deadlock, Expectation, Labels, Leak, NotCounted, Place, PossiblePanic, Program, Progress,
    Refused, Settings, Step, Stopped, pulse,
};
use budget::Budget;
use halt::{Halt, ended, is_stuck};
use labels::label;
use outcomes_graph::{Bounds, ByName, Distinct, Edge, Graph, Outputs, Target, map_growth};
use reports::{Sightings, report};
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};
use symmetry::Symmetry;

/// How many steps pass between looks whether to call `progress`.
const STEPS_BETWEEN_LOOKS: u64 = 256;

/// How long between calls of `progress`.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The part of the memory limit that pictures of states may take.
const SNAPSHOT_SHARE: usize = 4;

/// How many different deadlocks, leaks or panics are kept.
const MOST_REPORTS: usize = 64;

/// What came of exploring a program.
pub struct Exploration {
    /// The states that were found.
    pub graph: Graph,
    /// `None` if these are all.
    pub stopped: Option<Stopped>,
    /// How many executions it took, each up to an end or a known state.
    pub executions: u64,
    /// How long it took.
    pub took: Duration,
    /// What every edge does, if that was asked for.
    pub labels: Option<Labels>,
    /// The ways in which the program can get stuck, by who waits for what; at
    /// most 64 of them.
    pub deadlocks: Vec<Deadlock>,
    /// Threads that can be stuck for good while others go on, or when the
    /// program ends, by who waits where; at most 64. Only known of a program
    /// that was explored to the end.
    pub leaks: Vec<Leak>,
    /// The panics that some schedule allows, by what they say and where; at
    /// most 64.
    pub panics: Vec<PossiblePanic>,
    /// Whether threads that are alike were taken for one another: then the graph has not
    /// every schedule, but one that prints the same.
    pub alike: bool,
    /// What the program says of its outcomes, and where, in the order of the places.
    pub expected: Vec<(Expectation, Option<Place>)>,
    /// The limits that hold for what is done with the graph.
    pub(crate) limits: Budget,
}

impl Exploration {
    /// Every distinct output.
    ///
    /// # Errors
    /// Says why they can't be counted.
    pub fn outputs(&self) -> Result<Outputs, NotCounted> {
        if let Some(stopped) = self.stopped {
            return Err(NotCounted::Incomplete(stopped));
        }
        self.graph.outputs(&self.limits)
    }

    /// The distinct outputs that were found until a limit was reached: each is possible,
    /// and there may be others.
    ///
    /// # Errors
    /// Says why they can't be counted.
    pub fn outputs_so_far(&self) -> Result<Outputs, NotCounted> {
        // What goes on for ever can't be told where some were left out.
        if self.alike
            && let Some(stopped) = self.stopped
            && self.graph.goes_round()
        {
            return Err(NotCounted::Incomplete(stopped));
        }
        self.graph.outputs_so_far(&self.limits.some_more())
    }

    /// How large the graph is when states that nobody can tell apart by what follows are
    /// one. `None` if not every state is known, or if the limits don't suffice.
    pub fn distinct(&self) -> Option<Distinct> {
        let is_complete = self.stopped.is_none();
        is_complete.then(|| self.graph.distinct(&self.limits))?
    }

    /// Seconds since exploring began.
    pub(crate) fn seconds(&self) -> f64 {
        self.limits.elapsed().as_secs_f64()
    }
}

/// One program at a time.
fn engine() -> MutexGuard<'static, ()> {
    static ENGINE: Mutex<()> = Mutex::new(());
    ENGINE.lock().unwrap_or_else(|poison| poison.into_inner())
}

fn machine(settings: &Settings) -> Machine {
    Machine::new(Setup {
        clock: settings.clock,
        stderr: settings.stderr,
        reduce: settings.reduce,
    })
}

/// Runs the program under every schedule, within limits.
///
/// `progress` is called now and then.
///
/// # Errors
/// Says what the program does that can't be modelled.
pub fn explore(
    program: &Program<'_>,
    settings: &Settings,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Refused> {
    explore_and_label(program, settings, 0, progress)
}

/// The same, which also says what every edge does if the graph is complete
/// and has at most this many edges.
///
/// # Errors
/// As [`explore`].
pub fn explore_and_label(
    program: &Program<'_>,
    settings: &Settings,
    label_edges: usize,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Refused> {
    let _engine = engine();
    let mut machine = machine(settings);
    let started = Instant::now();
    let mut symmetry = Symmetry::at_first(settings.alike_from);
    loop {
        let explorer = Explorer::new(&mut machine, settings, &mut symmetry, started);
        match explore_once(explorer, program, label_edges, progress) {
            Ok(exploration) => return Ok(exploration),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(refused),
        }
    }
}

fn explore_once(
    mut explorer: Explorer<'_>,
    program: &Program<'_>,
    label_edges: usize,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Halt> {
    let stopped = explorer.run(program, progress)?;
    if stopped.is_none() {
        explorer.hold_to_time()?;
        if explorer.left_out {
            explorer.hold_to_symmetry()?;
        }
    }
    let machine = explorer.machine;
    let sightings = explorer.sightings;
    let mut exploration = Exploration {
        stopped,
        executions: explorer.executions,
        took: explorer.budget.elapsed(),
        limits: explorer.budget,
        graph: explorer.graph,
        labels: None,
        deadlocks: Vec::new(),
        leaks: Vec::new(),
        panics: Vec::new(),
        alike: explorer.left_out,
        expected: Vec::new(),
    };
    exploration.expected = machine.take_expected();
    exploration
        .expected
        .sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    let paths = machine.paths().to_vec();
    exploration.graph.set_names(paths, machine.view());
    report(machine, program, &mut exploration, sightings)?;
    let is_whole = stopped.is_none() && !exploration.alike;
    if is_whole && exploration.graph.edges() <= label_edges {
        exploration.labels = Some(label(machine, program, &exploration.graph)?);
    }
    Ok(exploration)
}

/// A state on the current path.
struct Frame {
    state: usize,
    /// Each with its number among all that there are.
    alternatives: Vec<(u16, Alternative)>,
    /// The next alternative to try.
    next: usize,
    /// How to get back. Some are thrown away when they take too much memory.
    snapshot: Option<Snapshot>,
}

struct Explorer<'m> {
    machine: &'m mut Machine,
    settings: Settings,
    graph: Graph,
    /// What is to be reported.
    sightings: Sightings,
    known: ByName<u32>,
    path: Vec<Frame>,
    /// The bytes of all snapshots on the path.
    snapshots: usize,
    /// Of how many frames of the path one may keep its snapshot.
    sparse: usize,
    executions: u64,
    steps: u64,
    budget: Budget,
    /// States in which a thread does nothing but watch the clock, by where it does.
    watching: BTreeMap<usize, &'static Location<'static>>,
    /// What is known of threads that are alike.
    symmetry: &'m mut Symmetry,
    /// Whether an alternative was left out for their sake.
    left_out: bool,
    /// At how many states the next look is whether it can be used.
    next_look: u64,
    /// A buffer for the next snapshot.
    spare: Vec<u8>,
    last_progress: Instant,
}

impl<'m> Explorer<'m> {
    fn new(
        machine: &'m mut Machine,
        settings: &Settings,
        symmetry: &'m mut Symmetry,
        started: Instant,
    ) -> Explorer<'m> {
        Explorer {
            machine,
            settings: *settings,
            graph: Graph::new(),
            sightings: Sightings::new(),
            known: ByName::default(),
            path: Vec::new(),
            snapshots: 0,
            sparse: 1,
            executions: 0,
            steps: 0,
            budget: Budget::new(settings, started),
            watching: BTreeMap::new(),
            symmetry,
            left_out: false,
            next_look: settings.alike_from.max(1),
            spare: Vec::new(),
            last_progress: Instant::now(),
        }
    }

    fn run(
        &mut self,
        program: &Program<'_>,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Option<Stopped>, Halt> {
        self.machine.start(program.main, program.locals);
        for panic in self.machine.take_panics() {
            self.sightings.panic(None, panic);
        }
        if let Some(ending) = ended(self.machine.interrupt())? {
            let first = self.graph.add_state();
            let to = self.graph.add_ending(&ending);
            self.graph.add_edge(first, Edge::unchosen(to));
            self.executions += 1;
            return Ok(None);
        }
        self.arrive();
        let mut here = true;
        while let Some(frame) = self.path.last_mut() {
            if frame.next == frame.alternatives.len() {
                self.leave_state();
                here = false;
                continue;
            }
            if let Some(stopped) = self.check_limits(progress) {
                return Ok(Some(stopped));
            }
            if self.graph.states() as u64 >= self.next_look {
                self.next_look *= 2;
                self.hold_to_symmetry()?;
            }
            if !here {
                self.return_to_last();
            }
            here = self.take_next()?;
        }
        Ok(None)
    }

    /// Takes the next alternative of the path's last state. Whether that led
    /// to a new state, which is then the last.
    fn take_next(&mut self) -> Result<bool, Halt> {
        let frame = self.path.last_mut().expect("a state to go on from");
        let from = frame.state;
        let (choice, alternative) = frame.alternatives[frame.next];
        frame.next += 1;
        let text = self.machine.step(alternative);
        let text = self.graph.add_text(text);
        for panic in self.machine.take_panics() {
            self.sightings.panic(Some((from, choice)), panic);
        }
        let ending = ended(self.machine.interrupt())?;
        if let Some(ending) = &ending {
            let to = self.graph.add_ending(ending);
            self.executions += 1;
            self.graph
                .add_edge(from, edge(alternative, choice, text, to));
            return Ok(false);
        }
        let schedules = if self.left_out {
            Schedules::AllButAlike
        } else {
            Schedules::All
        };
        if self.machine.is_doubtful(schedules) {
            return Err(Halt::Restart);
        }
        let new = self.graph.states();
        let to = self.arrive();
        let target = Target::State(to);
        self.graph
            .add_edge(from, edge(alternative, choice, text, target));
        Ok(to == new)
    }

    /// Starts over where it turns out that threads that are alike can be taken for one
    /// another, or can't.
    fn hold_to_symmetry(&mut self) -> Result<(), Halt> {
        match self.symmetry.decide(&self.graph) {
            true => Err(Halt::Restart),
            false => Ok(()),
        }
    }

    /// Refuses a program that goes round until the clock shows a later time: computing
    /// takes no time here, and on a machine it does.
    fn hold_to_time(&self) -> Result<(), Halt> {
        if self.watching.is_empty() {
            return Ok(());
        }
        let never = self.graph.never_ending();
        let found = self.watching.iter().find(|(state, _)| never[**state]);
        found.map_or(Ok(()), |(_, at)| {
            Err(Halt::Refused(Refused {
                reason: "it looks at the clock again and again until it is late enough, and here \
                         no time passes while a thread can go on; with a sleep in place of the \
                         yield it can be explored"
                    .to_owned(),
                at: place(at),
            }))
        })
    }

    /// The same as [`enter`](Explorer::enter), and takes down what a known state may
    /// be new in.
    fn arrive(&mut self) -> usize {
        let state = self.enter();
        if let Some(at) = self.machine.watches_the_clock() {
            self.watching.entry(state).or_insert(at);
        }
        state
    }

    /// The number of the state that the machine is in, which is put on the
    /// path if it is new.
    fn enter(&mut self) -> usize {
        let (snapshot, name) = self.machine.snapshot(std::mem::take(&mut self.spare));
        if self.settings.merge
            && let Some(&state) = self.known.get(&name)
        {
            self.executions += 1;
            self.spare = snapshot.into_buffer();
            return state as usize;
        }
        let state = self.graph.add_state();
        if self.settings.merge {
            let number = u32::try_from(state).expect("limited");
            self.known.insert(name, number);
        }
        let alternatives = self.machine.alternatives();
        self.sightings
            .waits
            .add(self.machine.waiting(&alternatives));
        if is_stuck(&alternatives) {
            self.executions += 1;
            self.graph.add_stuck(state);
            let machine = &self.machine;
            self.sightings.stuck(state, || machine.blocked());
        }
        let alternatives = self.apart_from_alike(state, alternatives);
        let keep = alternatives.len() > 1 && self.path.len().is_multiple_of(self.sparse)
            || self.path.is_empty();
        let snapshot = if keep {
            self.snapshots += snapshot.size();
            Some(snapshot)
        } else {
            self.spare = snapshot.into_buffer();
            None
        };
        self.path.push(Frame {
            state,
            alternatives,
            next: 0,
            snapshot,
        });
        self.thin_out();
        state
    }

    /// The alternatives to try in a new state, with their numbers.
    fn apart_from_alike(
        &mut self,
        state: usize,
        alternatives: Vec<Alternative>,
    ) -> Vec<(u16, Alternative)> {
        let all = alternatives.len();
        let numbered = (0..=u16::MAX).zip(alternatives);
        let from = self.settings.alike_from;
        let classes = self.symmetry.look(self.machine, state, from);
        let kept = numbered.filter(|(_, alternative)| stands_for_all(*alternative, &classes));
        let kept: Vec<_> = kept.collect();
        if kept.len() < all {
            self.left_out = true;
        }
        kept
    }

    /// Forgets every other snapshot when they take too much memory.
    fn thin_out(&mut self) {
        while self.snapshots > self.settings.limits.memory / SNAPSHOT_SHARE
            && self.sparse < self.path.len()
        {
            self.sparse *= 2;
            for (depth, frame) in self.path.iter_mut().enumerate() {
                if !depth.is_multiple_of(self.sparse)
                    && let Some(snapshot) = frame.snapshot.take()
                {
                    self.snapshots -= snapshot.size();
                }
            }
        }
    }

    fn leave_state(&mut self) {
        let frame = self.path.pop().expect("a state to leave");
        if let Some(snapshot) = frame.snapshot {
            self.snapshots -= snapshot.size();
            self.spare = snapshot.into_buffer();
        }
    }

    /// Puts the machine back into the path's last state.
    fn return_to_last(&mut self) {
        let nearest = self.path.iter().rposition(|frame| frame.snapshot.is_some());
        let nearest = nearest.expect("the first state keeps its snapshot");
        let snapshot = self.path[nearest].snapshot.as_ref().expect("just found");
        self.machine.restore(snapshot);
        let last = self.path.len() - 1;
        for frame in &self.path[nearest..last] {
            self.machine.step(frame.alternatives[frame.next - 1].1);
        }
    }

    fn check_limits(&mut self, progress: &mut dyn FnMut(&Progress)) -> Option<Stopped> {
        if self.graph.states() as u64 >= self.settings.limits.states {
            return Some(Stopped::States);
        }
        let more = self.graph.growth()
            + map_growth(&self.known)
            + self.sightings.waits.growth()
            + 2 * self.spare.capacity();
        if !self.budget.has_memory(more) {
            return Some(Stopped::Memory);
        }
        // A single step may take long.
        if !self.budget.has_time() {
            return Some(Stopped::Time);
        }
        pulse::explored(self.graph.states(), self.executions);
        self.steps += 1;
        if !self.steps.is_multiple_of(STEPS_BETWEEN_LOOKS) {
            return None;
        }
        if self.last_progress.elapsed() >= PROGRESS_INTERVAL {
            self.last_progress = Instant::now();
            progress(&Progress {
                states: self.graph.states() as u64,
                executions: self.executions,
                seconds: self.budget.elapsed().as_secs_f64(),
                memory: self.budget.allocated(),
            });
        }
        None
    }
}

/// What happens by an alternative.
fn edge(alternative: Alternative, choice: u16, text: usize, to: Target) -> Edge {
    let step = alternative.step();
    let (thread, with) = step.threads();
    let (case, with_case) = match step {
        Step::Case { case, .. } | Step::Spurious { case, .. } => (Some(case), None),
        Step::Meeting {
            from_case, to_case, ..
        } => (Some(from_case), Some(to_case)),
        Step::Otherwise { .. } | Step::Time => (None, None),
    };
    Edge {
        to,
        text,
        choice: Some(choice),
        thread: thread.copied(),
        case,
        with: with.copied(),
        with_case,
        message: alternative.message(),
        spurious: step.is_spurious(),
    }
}
